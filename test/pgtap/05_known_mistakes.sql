/*
 * Mistakes that other systems for this job make, each as a test: the catalogue.
 * A mistake that has a test of its own elsewhere is here too, in its shortest form.
 */
BEGIN;
\ir fixture/small.sql
SELECT no_plan();

CREATE FUNCTION pg_temp.status(no text, as_of date DEFAULT '2026-09-18') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT concat_ws(' ', coalesce(trim_scale(progress)::text, '-'), coalesce(trim_scale(score)::text, '-'), light) FROM goal_status_at(as_of) WHERE goal_no = no);
END; $$;
CREATE FUNCTION pg_temp.card(no text, as_of date DEFAULT '2026-09-18') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT concat_ws(' ', coalesce(score::text, '-'), trim_scale(coverage), department) FROM employee_scorecard_at(as_of) WHERE employee_no = no AND cycle = '2026Q3');
END; $$;

-- ---------------------------------------------------------------------------------------
-- Progress
-- ---------------------------------------------------------------------------------------
-- mistake: "lower is better" compares with < here and with <= there, so that exactly on target is 0 percent and reached at once
SELECT is((SELECT array_agg(DISTINCT p) FROM (VALUES (progress(100, 80, 100)), (progress(80, 100, 80)), (progress(-5, 5, -5)), (progress(0, 1, 0)), (attainment(7, 7)), (attainment(-3, -3))) v(p)),
	ARRAY[1.0], 'Exactly on target is 1, rising, falling, at zero and below it');
SELECT is((SELECT array_agg(DISTINCT score(curve::score_curve, 100)) FROM unnest(ARRAY['linear(0:0, 100:100)', 'linear(100:100, 200:0)', 'step(0:0, 100:100)', 'step(100:100, 200:0)',
	'deduct(full 100, above 100, 5 per 1, floor 0)', 'deduct(full 100, below 100, 5 per 1, floor 0)']) curve), ARRAY[100.0], 'and on every kind of curve');

-- mistake: progress is actual / target although there is a start, so that 80 percent are done before any work
SELECT is(progress(80, 80, 100), 0.0, 'Where the work begins nothing is done');

-- mistake: a start that equals the target gives 50 percent, 0 percent or infinity, by system
SELECT throws_ok('SELECT progress(5, 5, 5)', '22023', NULL, 'No progress is measured from a start that is the target');
SELECT throws_ok($$SELECT pg_temp.goal('X', 'E3', 'kpi', 100, baseline => 5, target => 5)$$, '23514', NULL, 'and no such goal is taken');

-- mistake: lower is better is not to be had, nor more than the target, nor fractions
SELECT pg_temp.goal('DOWN', 'E3', 'kpi', 50, baseline => 10, target => 2.5), pg_temp.goal('UP', 'E3', 'kpi', 50, target => 3);
SELECT pg_temp.activate_all();
SELECT check_in(pg_temp.id('DOWN'), 3.25), check_in(pg_temp.id('UP'), 4);
SELECT is(pg_temp.status('DOWN'), '0.9 90 green', 'Lower is better, with fractions');
SELECT is(pg_temp.status('UP'), '1.333333 120 green', 'More than the target is kept, and clamped only where it scores');

-- mistake: a KPI is reached where value >= goal, whatever its direction
SELECT check_in(pg_temp.id('DOWN'), 2);
SELECT is(pg_temp.status('DOWN'), '1.066667 106.666667 green', 'Below a target that is to be fallen below is reached');
SELECT check_in(pg_temp.id('DOWN'), 9.9);
SELECT is(pg_temp.status('DOWN'), '0.013333 1.333333 red', 'Above it is not');

-- mistake: the points of a curve are sorted by value, which turns a falling measure around: at its start all is done, at its target nothing
SELECT is((SELECT array_agg(score('linear(50:100, 80:40, 100:0)', x) ORDER BY x) FROM unnest(ARRAY[50, 65, 80, 90, 100]::numeric[]) x), ARRAY[100, 70, 40, 20, 0]::numeric[],
	'A falling measure with a point between start and target');

-- mistake: values are cut to integers
SELECT check_in(pg_temp.id('UP'), 0.333);
SELECT is((SELECT actual FROM goal_states('2026-09-18') s, unnest(s) WHERE goal_id = pg_temp.id('UP')), 0.333, 'A value keeps its fraction');

-- mistake: 0 counts as not given ("required"), or not given counts as 0
SELECT check_in(pg_temp.id('UP'), 0);
SELECT is(pg_temp.status('UP'), '0 0 red', 'A reported 0 is a value');
SELECT throws_ok($$SELECT check_in(pg_temp.id('UP'))$$, '22023', NULL, 'and nothing is not 0');
SELECT lives_ok($$UPDATE setting SET value = '0' WHERE key = 'bonus_cap'$$, 'A cap of 0 is a cap');
UPDATE setting SET value = '10' WHERE key = 'bonus_cap';

-- ---------------------------------------------------------------------------------------
-- Weights and totals
-- ---------------------------------------------------------------------------------------
-- mistake: three equal weights of 33.33 are refused, since they total 99.99
SELECT pg_temp.goal('T' || i, 'E4', 'kpi', 33.33) FROM generate_series(1, 3) i;
SELECT lives_ok('SELECT pg_temp.activate_all()', 'Three times 33.33 will do');
SELECT is(normalise_weights(ARRAY[1, 1, 1]), ARRAY[33.34, 33.33, 33.33], 'and can be made to total 100');

-- mistake: what nobody has reported counts as 0 in the total
SELECT check_in(pg_temp.id('T1'), progress => 0.9), check_in(pg_temp.id('T2'), progress => 0.7);
SELECT is(pg_temp.card('E4'), '80.00 0.666667 Workshop', 'What is missing is left out, and the coverage says so');

-- mistake: a sum of weights of 0 gives NaN or stops the page
SELECT is(weighted_score(80, 0), NULL, 'Nothing that weighs has no mean') FROM (VALUES (1)) v;
SELECT pg_temp.goal('O0', 'E5', 'objective', 100), pg_temp.goal('O0K', 'E5', 'key_result', 100, 'O0'), pg_temp.goal('O0C', 'E2', 'objective', 100), pg_temp.goal('O0D', 'E1', 'kpi', 100, 'O0C', contribution => 0);
SELECT pg_temp.activate_all();
SELECT check_in(pg_temp.id('O0D'), progress => 0.5);
SELECT is(pg_temp.status('O0C'), '- - red', 'An objective of parts that weigh nothing is not known');
SELECT is(score_before_veto, NULL, 'and neither is its owner''s total') FROM employee_scorecard WHERE employee_no = 'E2' AND cycle = '2026Q3';

-- mistake: the first award of bonus points counts twice, and again whenever its record is saved
INSERT INTO score_adjustment (employee_id, cycle_id, points, reason, approved_by_id) VALUES (employee_id_of('E4'), cycle_id_of('2026Q3'), 2, 'x', employee_id_of('E2'));
SELECT is(pg_temp.card('E4'), '82.00 0.666667 Workshop', 'A bonus counts once');
UPDATE goal SET title = 'saved again' WHERE goal_no IN ('T1', 'T2', 'T3');
UPDATE goal SET title = title;
SELECT is(pg_temp.card('E4'), '82.00 0.666667 Workshop', 'however often anything is saved');

-- mistake: buckets [i, i + 0.99] lose what lies between them and below 1; bands that share an edge, or leave one out
SELECT is((SELECT count(*) FROM generate_series(-1, 121, 0.01) s WHERE grade_of(s) IS NULL), 0::bigint, 'Every total has a grade');
SELECT is((SELECT array_agg(grade_of(s) ORDER BY s) FROM unnest(ARRAY[59.99, 60, 79.99, 80, 89.99, 90]) s), '{D,C,C,B,B,A}'::varchar[], 'and only one: a floor belongs to the grade above');
SELECT is((SELECT count(*) FROM (SELECT light(p / 1000.0, 1)::text AS l, lag(light(p / 1000.0, 1)) OVER (ORDER BY p)::text AS before, p FROM generate_series(0, 1200) p) b
	WHERE l IS NULL OR (l <> before) <> (p IN (750, 950))), 0::bigint, 'Every progress has a light, which changes at its two thresholds alone, and on them');
SELECT is((SELECT array_agg(score('step(0:0, 60:60, 80:80, 100:100)', x) ORDER BY x) FROM unnest(ARRAY[59.999999, 60, 79.999999, 80, 99.999999, 100]) x), ARRAY[0, 60, 60, 80, 80, 100]::numeric[],
	'Tiles of a step meet without gap or overlap, and the better one owns its edge');
SELECT throws_ok($$SELECT 'step(0:0, 60:60, 60:80)'::score_curve$$, '22P02', NULL, 'Two tiles cannot begin at one place');

-- mistake: a share of people is rounded grade by grade, and does not total everybody
SELECT is((SELECT count(*) FROM generate_series(0, 200) n WHERE (SELECT sum(c) FROM unnest(apportion(n, ARRAY[0.2, 0.7, 0.1])) c) <> n), 0::bigint, 'Shares of any number total that number');

-- mistake: the thirds of a scale leave open where 2.333 belongs
SELECT is((SELECT array_agg(score('step(1:1, 2.333:2, 3.667:3)', x) ORDER BY x) FROM unnest(ARRAY[1, 2.332, 2.333, 3.666, 3.667, 5]) x), ARRAY[1, 1, 2, 2, 3, 3]::numeric[], 'A scale is cut where its map says, explicitly');

-- mistake: of two variants of one rule one has its sign turned round
SELECT is((SELECT count(*) FROM generate_series(-30, 30) d WHERE score('deduct(full 20, above 5, 2 per 3, floor 0)', 5 + d / 2.0) <> score('deduct(full 20, below 5, 2 per 3, floor 0)', 5 - d / 2.0)), 0::bigint,
	'Deductions above and below a standard mirror each other');
SELECT is((SELECT count(*) FROM generate_series(-30, 30) d WHERE score('linear(0:0, 10:100)', d / 2.0) <> score('linear(-10:100, 0:0)', -d / 2.0)), 0::bigint, 'and so do rising and falling lines');

-- mistake: formulas are run as code
SELECT throws_ok($$SELECT 'pg_backend_pid()'::formula$$, '22P02', NULL, 'A formula calls nothing');
SELECT throws_ok($$SELECT '1; DROP TABLE goal'::formula$$, '22P02', NULL, 'and holds one expression');
SELECT is(evaluate('kpi / target', '{"kpi": 1, "target": 0}'), NULL, 'Divided by 0 is not known');

-- ---------------------------------------------------------------------------------------
-- Facts and their order
-- ---------------------------------------------------------------------------------------
-- mistake: the newest check-in is the one changed last, so that correcting an old one makes it current; and its editor replaces its author
SELECT check_in(pg_temp.id('UP'), 2, at => '2026-09-10 10:00+08');
SELECT is(pg_temp.status('UP'), '0 0 red', 'A late entry for an earlier day changes nothing today');
SELECT throws_ok($$UPDATE check_in SET actual = 5$$, '55000', NULL, 'A check-in is not edited');
SELECT throws_ok($$UPDATE check_in SET recorded_by = 'somebody'$$, '55000', NULL, 'and keeps its author');

-- mistake: the first instead of the last row of a history is compared
UPDATE setting SET value = '2026-09-19' WHERE key = 'today';
UPDATE goal SET contribution = 6 WHERE goal_no = 'O0D';
UPDATE setting SET value = '2026-09-20' WHERE key = 'today';
UPDATE goal SET contribution = 4 WHERE goal_no = 'O0D';
SELECT is((SELECT array_agg(s.share ORDER BY d) FROM generate_series(date '2026-09-18', '2026-09-20', '1 day') d, LATERAL unnest(goal_states(d::date)) s WHERE s.goal_id = pg_temp.id('O0D')), ARRAY[0, 6, 4]::numeric[],
	'Of three versions each holds on its days');
SELECT check_in(pg_temp.id('UP'), v.actual, at => v.at) FROM (VALUES (1.5, timestamptz '2026-09-20 00:03+08'), (2.5, '2026-09-20 00:01+08'), (2.1, '2026-09-20 00:02+08')) v(actual, at);
SELECT is((SELECT actual FROM unnest(goal_states('2026-09-20')) WHERE goal_id = pg_temp.id('UP')), 1.5, 'Of check-ins in any order the one for the latest moment holds');

SELECT check_in(pg_temp.id('UP'), 3, at => '2026-09-19 10:00+08');
SELECT is(pg_temp.status('UP', '2026-09-19'), '0 0 red', 'What is entered late was not known on its day');

-- mistake: the record of a change names the author of the oldest entry
CREATE ROLE first_hand;
CREATE ROLE second_hand;
GRANT USAGE ON SCHEMA perf TO first_hand, second_hand;
GRANT ALL ON ALL TABLES IN SCHEMA perf TO first_hand, second_hand;
UPDATE setting SET value = '2026-09-21' WHERE key = 'today';
SET SESSION AUTHORIZATION first_hand;
UPDATE goal SET title = 'by one' WHERE goal_no = 'UP';
RESET SESSION AUTHORIZATION;
UPDATE setting SET value = '2026-09-22' WHERE key = 'today';
SET SESSION AUTHORIZATION second_hand;
UPDATE goal SET title = 'by another' WHERE goal_no = 'UP';
RESET SESSION AUTHORIZATION;
SELECT is((SELECT array_agg(h.changed_by ORDER BY h.history_id DESC) FROM history h WHERE h.table_name = 'goal' AND h.row_key = pg_temp.id('UP')::text AND h.changed_by LIKE '%_hand'),
	'{second_hand,first_hand}'::varchar[], 'Each change names who made it');

-- mistake: two records of one period count twice
INSERT INTO indicator (code, name, aggregation) VALUES ('SUM', 'Sum', 'sum');
SELECT add_goal('2026Q3', 'E3', 'kpi', 'measured', 0, indicator_code => 'SUM', target => 10, measured_by => 'measurement', goal_no => 'MEASURED');
SELECT pg_temp.activate_all();
INSERT INTO measurement (indicator_id, goal_id, measured_on, value) SELECT indicator_id_of('SUM'), pg_temp.id('MEASURED'), d, 4 FROM unnest('{2026-08-01,2026-08-01,2026-09-01}'::date[]) d;
SELECT is((SELECT actual FROM unnest(goal_states('2026-09-22')) WHERE goal_id = pg_temp.id('MEASURED')), 8.0, 'The same day recorded twice is a correction, not another amount');

-- ---------------------------------------------------------------------------------------
-- Lights and days
-- ---------------------------------------------------------------------------------------
-- mistake: what others write, the reminder itself included, resets the clock of a silence
SELECT pg_temp.goal('QUIET', 'E4', 'kpi', 0);
SELECT pg_temp.activate_all();
SELECT check_in(pg_temp.id('QUIET'), progress => 1, at => '2026-09-01 10:00+08');
UPDATE goal SET attributes = '{"to_update": true}' WHERE goal_no = 'QUIET';
SET perf_mgmt.employee = 'E2';
SELECT check_in(pg_temp.id('QUIET'), note => 'What about this?');
RESET perf_mgmt.employee;
SELECT is(silent_days, 21, 'A goal stays silent, whoever else writes about it') FROM goal_status WHERE goal_no = 'QUIET';
SELECT is(light, 'yellow', 'and a silent goal is not green') FROM goal_status WHERE goal_no = 'QUIET';

-- mistake: the thresholds can be changed, but one page goes on with its own
INSERT INTO indicator (code, name, green, yellow) VALUES ('STRICT', 'Strict', 0.99, 0.98);
SELECT pg_temp.goal('STRICT', 'E4', 'kpi', 0, indicator => 'STRICT');
SELECT pg_temp.activate_all();
SELECT check_in(pg_temp.id('STRICT'), progress => 0.93 * expected) FROM goal_status WHERE goal_no = 'STRICT';
CREATE TEMPORARY TABLE counted AS SELECT (SELECT red FROM employee_scorecard WHERE employee_no = 'E4' AND cycle = '2026Q3') AS person, (SELECT red FROM department_overview WHERE department_code = 'KS' AND cycle = '2026Q3') AS company;
SELECT is(light, 'red', 'A strict indicator is red at 93 percent of what is expected') FROM goal_status WHERE goal_no = 'STRICT';
UPDATE indicator SET green = 0.92, yellow = 0.5 WHERE code = 'STRICT';
SELECT is(ARRAY[(SELECT light::text FROM goal_status WHERE goal_no = 'STRICT'), (SELECT person - red FROM employee_scorecard, counted WHERE employee_no = 'E4' AND cycle = '2026Q3')::text,
	(SELECT company - red FROM department_overview, counted WHERE department_code = 'KS' AND cycle = '2026Q3')::text], '{green,1,1}'::text[], 'A changed threshold holds for the goal, the person and the department at once');

-- mistake: the day is that of Greenwich
SELECT is(ARRAY[day_of('2026-09-18 23:30+08'), day_of('2026-09-19 00:30+08'), day_of('2026-09-18 16:30+00')], '{2026-09-18,2026-09-19,2026-09-19}'::date[], 'Half an hour before midnight it is still today here');
SELECT is(day_end('2026-09-18'), '2026-09-19 00:00+08'::timestamptz, 'and today ends at midnight here');
SELECT pg_temp.goal('LATE', 'E4', 'kpi', 0);
SELECT pg_temp.activate_all();
SELECT check_in(pg_temp.id('LATE'), progress => 0.1, at => '2026-09-20 23:30+08'), check_in(pg_temp.id('LATE'), progress => 0.2, at => '2026-09-21 00:30+08');
SELECT is(silent_days, 1, 'A check-in half an hour past midnight was made on the new day') FROM goal_status WHERE goal_no = 'LATE';

-- mistake: a week runs from Monday to the Monday after it, so that one day belongs to two weeks
SELECT is_empty($$SELECT d FROM generate_series(timestamp '2024-12-01', '2027-02-01', '1 day') d
	WHERE d::date - date_trunc('week', d)::date NOT BETWEEN 0 AND 6 OR (extract(isodow FROM d) = 1) <> (date_trunc('week', d) <> date_trunc('week', d - interval '1 day'))$$,
	'Every day belongs to one week, across years too');

-- ---------------------------------------------------------------------------------------
-- People who move and leave, trees
-- ---------------------------------------------------------------------------------------
-- mistake: the department of past results moves on with the person
CREATE TEMPORARY TABLE earlier AS SELECT * FROM department_overview_at('2026-09-20');
SELECT transfer('E4', 'KS-B', 'E5', '2026-09-22');
SELECT is(pg_temp.card('E4', '2026-09-20'), '82.00 0.666667 Workshop', 'Before the move somebody was where they were');
SELECT is((SELECT department::text FROM employee_scorecard WHERE employee_no = 'E4' AND cycle = '2026Q3'), 'Development', 'and is now where they are');
SELECT set_eq('SELECT * FROM department_overview_at(''2026-09-20'')', 'SELECT * FROM earlier', 'No figure of an earlier day moves with them');

-- mistake: nothing of somebody who left can be saved, so that their goals stay open for ever
SELECT leave_company('E3', '2026-09-21');
SELECT lives_ok($$SELECT check_in(pg_temp.id('DOWN'), 3)$$, 'The last figures of somebody who left are taken');
SELECT lives_ok($$SELECT complete_goal(pg_temp.id('UP'))$$, 'their goals can be done');
SELECT lives_ok($$SELECT cancel_goal(pg_temp.id('DOWN'), 'left')$$, 'or cancelled');
SELECT isnt(score_before_veto, NULL, 'and they have a score') FROM employee_scorecard WHERE employee_no = 'E3' AND cycle = '2026Q3';

-- mistake: progress goes up a tree that may be a ring
SELECT throws_ok($$UPDATE goal SET parent_id = pg_temp.id('O0D') WHERE goal_no = 'O0C'$$, '23514', NULL, 'A goal cannot be below itself');
SELECT throws_ok($$SELECT * FROM goal_graph('VALUES (1, 2), (2, 1)', NULL, '2026-09-18')$$, NULL, NULL, 'and goals of anybody''s tables cannot either');

SELECT * FROM finish();
ROLLBACK;
