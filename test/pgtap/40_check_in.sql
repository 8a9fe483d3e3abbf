/* Check-ins, tasks and measurements: appended, never changed. */
BEGIN;
\ir fixture/small.sql
SELECT plan(36);

SELECT pg_temp.goal('A', 'E3', 'kpi', 100, target => 200), pg_temp.goal('D', 'E4', 'kpi', 100);
SELECT activate_goal(pg_temp.id('A'));
INSERT INTO task (task_id, goal_id, owner_id, title) SELECT 11, pg_temp.id('A'), employee_id_of('E3'), 'one';
INSERT INTO task (task_id, goal_id, owner_id, title) SELECT 12, pg_temp.id('D'), employee_id_of('E4'), 'another''s';

SELECT throws_ok($$SELECT check_in(0, 5)$$, 'P0002', 'goal 0 does not exist', 'An unknown goal is named');
SELECT throws_ok($$SELECT check_in(pg_temp.id('D'), 5)$$, '55000', 'goal "D" is in state "draft" and takes no check-in', 'A draft takes none');
SELECT throws_ok($$SELECT check_in(pg_temp.id('A'))$$, '22023', 'a check-in on goal "A" says nothing', 'An empty one is refused');
SELECT throws_ok($$SELECT check_in(pg_temp.id('A'), 'NaN'::numeric)$$, '22003', 'a check-in takes finite numbers, not NaN', 'NaN is refused');
SELECT throws_ok($$SELECT check_in(pg_temp.id('A'), progress => '-Infinity')$$, '22003', 'a check-in takes finite numbers, not -Infinity', 'and minus infinity');
SELECT throws_ok($$SELECT check_in(pg_temp.id('A'), 1e40)$$, '23514', NULL, '10^40 is out of range');
SELECT throws_ok($$SELECT check_in(pg_temp.id('A'), 5, at => '2026-09-19 10:00+08')$$, '22023', NULL, 'Nothing is reported for the future');
SELECT throws_ok($$SELECT check_in(pg_temp.id('A'), done_tasks => ARRAY[12])$$, '22023', 'task 12 is not a task of goal "A"', 'Tasks of other goals are not ticked');
SELECT is(count(*), 0::bigint, 'Nothing was half done') FROM check_in;

SELECT lives_ok($$SELECT check_in(pg_temp.id('A'), 60, note => 'half way', done_tasks => ARRAY[11],
	photos => ARRAY['oss://p/1.jpg#' || repeat('Ab', 32), 'https://x/2.png'])$$, 'One call reports everything');
SELECT results_eq($$SELECT photo_no, uri::text, sha256::text FROM check_in_photo ORDER BY photo_no$$,
	$$VALUES (1, 'oss://p/1.jpg', repeat('ab', 32)), (2, 'https://x/2.png', NULL)$$, 'Photos are references, with their hash where given');
SELECT is(photo_of('oss://p/1.jpg#' || repeat('Ab', 32) || '#204800'), ROW ('oss://p/1.jpg'::text, repeat('ab', 32), 204800::bigint), 'A photo may have its size behind its hash');
SELECT is(photo_of('https://x/#' || repeat('a', 63) || '#12'), ROW ('https://x/#' || repeat('a', 63) || '#12', NULL::text, NULL::bigint), 'What is no hash belongs to the URI');
SELECT throws_ok($$SELECT check_in(pg_temp.id('A'), photos => ARRAY['p#' || repeat('a', 64) || '#0'])$$, '23514', NULL, 'A photo of no bytes is refused');
SELECT is(state::text, 'done', 'The task is ticked') FROM task WHERE task_id = 11;
SELECT is(done_at, (SELECT at FROM check_in), 'at the check-in''s moment') FROM task WHERE task_id = 11;
SELECT results_eq($$SELECT employee_id, actual, progress, note::text FROM check_in$$, $$SELECT employee_id_of('E3'), 60::numeric, NULL::numeric, 'half way'$$,
	'The owner reports where nobody else is named');
SET perf_mgmt.employee = 'E2';
SELECT check_in(pg_temp.id('A'), note => 'seen');
SELECT is(employee_id, employee_id_of('E2'), 'The acting employee reports where one is named') FROM check_in WHERE note = 'seen';
RESET perf_mgmt.employee;

SELECT throws_ok($$UPDATE check_in SET actual = 1$$, '55000', 'a check-in is never changed or deleted', 'A check-in is not changed');
SELECT throws_ok($$DELETE FROM check_in$$, '55000', 'a check-in is never changed or deleted', 'nor deleted');

-- numbers of all clients
SELECT check_in(pg_temp.id('A'), 0.1::double precision);
SELECT is(actual, 0.1, 'A double means its shortest decimal') FROM check_in ORDER BY check_in_id DESC LIMIT 1;
SELECT check_in(goal_id => pg_temp.id('A'), progress => 0.7::double precision);
SELECT is(progress, 0.7, 'also as progress, alone') FROM check_in ORDER BY check_in_id DESC LIMIT 1;
SELECT check_in(pg_temp.id('A'), 123456789012345.678901);
SELECT is(actual, 123456789012345.678901, 'A numeric stays exact') FROM check_in ORDER BY check_in_id DESC LIMIT 1;
SELECT throws_ok($$SELECT check_in(pg_temp.id('A'), 1e16::double precision)$$, '22003', NULL, 'A double beyond 2^53 is refused');

-- the newest holds
SELECT check_in(pg_temp.id('A'), 100, at => '2026-09-18 00:00+08');
SELECT check_in(pg_temp.id('A'), 50, at => '2026-09-17 12:00+08');
CREATE FUNCTION pg_temp.actual() RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT actual FROM goal_fact('2026-09-18') WHERE goal_id = pg_temp.id('A')); END; $$;
SELECT is(pg_temp.actual(), 123456789012345.678901, 'A report for an earlier moment does not become the current one');
SELECT check_in(pg_temp.id('A'), note => 'no value');
SELECT is(pg_temp.actual(), 123456789012345.678901, 'nor does one without a value');
SELECT check_in(pg_temp.id('A'), 61);
SELECT is(pg_temp.actual(), 61::numeric, 'The newest does; of two at one moment the one recorded later');

-- measured series
INSERT INTO indicator (code, name, unit, basis, aggregation, curve) VALUES
	('DEFECT', 'Defects', 'PPM', 'value', 'ratio', 'linear(0:120, 1000:0)'), ('OUTPUT', 'Output', 'pcs', 'progress', 'sum', NULL);
SELECT throws_ok($$INSERT INTO measurement (indicator_id, measured_on, value) SELECT indicator_id_of('OUTPUT'), '2026-08-01', 5$$, '23514', NULL,
	'A measurement has one subject');
INSERT INTO measurement (indicator_id, employee_id, measured_on, numerator, denominator)
	SELECT indicator_id_of('DEFECT'), employee_id_of('E4'), v.day, v.n, v.d
	FROM (VALUES ('2026-07-31'::date, 3, 10000), ('2026-08-31', 1, 40000), ('2026-06-30', 50, 100)) AS v(day, n, d);
UPDATE goal SET indicator_id = indicator_id_of('DEFECT'), measured_by = 'measurement' WHERE goal_no = 'D';
SELECT activate_goal(pg_temp.id('D'));
CREATE FUNCTION pg_temp.measured(as_of date) RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT actual FROM goal_fact(as_of) WHERE goal_id = pg_temp.id('D')); END; $$;
SELECT is(pg_temp.measured('2026-09-18'), 80::numeric, 'A ratio is summed numerators over summed denominators inside the goal''s dates: 4 / 50 000 = 80 PPM');
INSERT INTO measurement (indicator_id, employee_id, measured_on, numerator, denominator)
	SELECT indicator_id_of('DEFECT'), employee_id_of('E4'), '2026-08-31', 6, 40000;
SELECT is(pg_temp.measured('2026-09-18'), 180::numeric, 'A correction holds from then on: 9 / 50 000');
SELECT is(count(*), 4::bigint, 'and the earlier figure stays') FROM measurement WHERE indicator_id = indicator_id_of('DEFECT');
SELECT throws_ok($$UPDATE measurement SET numerator = 0$$, '55000', 'a measurement is never changed or deleted', 'Measurements are not changed');
UPDATE indicator SET aggregation = 'max' WHERE code = 'DEFECT';
SELECT is(pg_temp.measured('2026-09-18'), 300::numeric, 'Another aggregation holds at once: the worst month, 300 PPM');
UPDATE indicator SET aggregation = 'last' WHERE code = 'DEFECT';
SELECT is(pg_temp.measured('2026-09-18'), 150::numeric, 'the last, 150 PPM');
UPDATE indicator SET aggregation = 'count' WHERE code = 'DEFECT';
SELECT is(pg_temp.measured('2026-09-18'), 2::numeric, 'their number');
INSERT INTO measurement (indicator_id, goal_id, measured_on, value) SELECT indicator_id_of('DEFECT'), pg_temp.id('D'), '2026-08-15', 77;
UPDATE indicator SET aggregation = 'avg' WHERE code = 'DEFECT';
SELECT is(pg_temp.measured('2026-09-18'), 77::numeric, 'A series of the goal itself comes before its owner''s');

SELECT * FROM finish();
ROLLBACK;
