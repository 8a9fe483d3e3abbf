/* A temporary indicator in one statement. */
BEGIN;
\ir fixture/small.sql
SELECT plan(28);

SELECT lives_ok($$INSERT INTO sprint_goal (owner_no, title, ends_on, target) VALUES ('E5', 'Sell the old stock', '2026-10-29', 40)$$, 'Sales adds a sprint target for six weeks');
SELECT is(cycle::text || ' ' || title || ' ' || light || ' ' || due_on, (SELECT code FROM cycle WHERE kind = 'sprint') || ' Sell the old stock grey 2026-10-29', 'It shows among the goals')
	FROM goal_status WHERE owner_no = 'E5';
SELECT is(goals, 1::bigint, 'on the scorecard') FROM employee_scorecard WHERE employee_no = 'E5';
SELECT is(goals, 1::bigint, 'and in the department') FROM department_overview WHERE department_code = 'KS-B' AND cycle LIKE 'SPRINT-%';
SELECT check_in((SELECT goal_id FROM goal_status WHERE owner_no = 'E5'), 30);
SELECT is(score, 75.00, 'as what is reported does') FROM employee_scorecard WHERE employee_no = 'E5';
SELECT results_eq('SELECT kind::text, starts_on, ends_on, state::text FROM cycle WHERE kind = $$sprint$$', $$VALUES ('sprint', '2026-09-18'::date, '2026-10-29'::date, 'active')$$,
	'The sprint has its own days, across the quarter''s end');
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

-- a new indicator comes with it
SELECT lives_ok($$INSERT INTO sprint_goal (sprint, owner_no, title, starts_on, ends_on, weight, indicator_code, indicator, unit, basis, curve, cap, target)
	VALUES ('DASH', 'E3', 'Calls', '2026-09-01', '2026-10-12', 60, 'CALLS', 'Calls made', '次', 'attainment', 'step(0:0, 80:60, 100:100, 120:150)', 150, 200),
		('DASH', 'E3', 'Visits', NULL, NULL, 40, NULL, NULL, NULL, NULL, NULL, NULL, NULL)$$, 'Two goals, one sprint, one statement');
SELECT results_eq($$SELECT title::text, starts_on, weight, state::text FROM sprint_goal WHERE sprint = 'DASH' ORDER BY 1$$,
	$$VALUES ('Calls', '2026-09-01'::date, 60::numeric, 'active'), ('Visits', '2026-09-01', 40, 'active')$$, 'Both are live');
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
SELECT check_in(goal_id, CASE title WHEN 'Calls' THEN 240 END, CASE title WHEN 'Visits' THEN 0.5 END) FROM goal WHERE cycle_id = cycle_id_of('DASH');
SELECT is(score, 110.00, 'scored by the new curve up to the new cap: 60 % of 150 and 40 % of 50') FROM employee_scorecard WHERE employee_no = 'E3';
SELECT results_eq($$SELECT name::text, unit::text, basis::text, cap FROM indicator WHERE code = 'CALLS'$$, $$VALUES ('Calls made', '次', 'attainment', 150::numeric)$$, 'The indicator is there');
SELECT lives_ok($$INSERT INTO sprint_goal (sprint, owner_no, title, indicator_code, target) SELECT 'DASH', v.no, 'Calls', 'CALLS', 100 FROM (VALUES ('E2'), ('E4')) AS v(no)$$,
	'A whole team joins with one more statement');
SELECT lives_ok($$INSERT INTO sprint_goal (owner_no, title, ends_on, curve, basis) VALUES ('E1', 'No accident', '2026-09-30', 'step(0:100, 1:0)', 'value')$$, 'An indicator needs no code');
SELECT is(i.code, g.goal_no, 'it is named by the goal') FROM goal g JOIN indicator i ON i.indicator_id = g.indicator_id WHERE g.title = 'No accident';
SELECT lives_ok($$INSERT INTO sprint_goal (owner_no, title, ends_on, indicator_code, formula, target) VALUES ('E4', 'Half', '2026-09-30', 'HALF', 'CALLS / 2', 9)$$, 'or is derived from others');
SELECT is(count(*), 7::bigint, 'All are listed') FROM sprint_goal;
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and every group totals 100');
SET CONSTRAINTS ALL DEFERRED;

-- what is refused leaves nothing
CREATE TEMPORARY TABLE before AS SELECT (SELECT count(*) FROM goal) AS goals, (SELECT count(*) FROM cycle) AS cycles, (SELECT count(*) FROM indicator) AS indicators;
SELECT throws_ok($$INSERT INTO sprint_goal (owner_no, title) VALUES ('E5', 'x')$$, '22023', 'a sprint that begins on 2026-09-18 cannot end on (null)', 'A sprint has an end');
SELECT throws_ok($$INSERT INTO sprint_goal (title, ends_on) VALUES ('x', '2026-10-01')$$, '22023', 'a sprint goal needs an owner and a title', 'A goal has an owner');
SELECT throws_ok($$INSERT INTO sprint_goal (owner_no, title, ends_on) VALUES ('E9', 'x', '2026-10-01')$$, 'P0002', 'employee "E9" does not exist', 'who exists');
SELECT throws_ok($$INSERT INTO sprint_goal (owner_no, title, starts_on, ends_on) VALUES ('E5', 'x', '2026-10-01', '2026-09-20')$$, '22023', 'a sprint that begins on 2026-10-01 cannot end on 2026-09-20',
	'It ends after it begins');
SELECT throws_ok($$INSERT INTO sprint_goal (sprint, owner_no, title, ends_on) VALUES ('DASH', 'E5', 'x', '2026-10-01')$$, '22023', 'sprint "DASH" is a sprint from 2026-09-01 to 2026-10-12',
	'A running sprint keeps its days');
SELECT throws_ok($$INSERT INTO sprint_goal (sprint, owner_no, title) VALUES ('2026Q3', 'E5', 'x')$$, '22023', 'sprint "2026Q3" is a quarter from 2026-07-01 to 2026-09-30', 'A quarter is no sprint');
SELECT throws_ok($$INSERT INTO sprint_goal (owner_no, title, ends_on, indicator_code, cap) VALUES ('E5', 'x', '2026-10-01', 'CALLS', 10)$$, '23505', 'indicator "CALLS" exists already',
	'An indicator that exists is not redefined');
SELECT throws_ok($$INSERT INTO sprint_goal (owner_no, title, ends_on, curve) VALUES ('E5', 'x', '2026-10-01', 'zigzag')$$, '22P02', NULL, 'A curve is a curve');
SELECT throws_ok($$INSERT INTO sprint_goal (owner_no, title, ends_on, target) VALUES ('E5', 'x', '2026-10-01', 0)$$, '23514', NULL, 'A target is not 0');
SELECT throws_ok($$INSERT INTO sprint_goal (goal_id, owner_no, title, ends_on) VALUES (5, 'E5', 'x', '2026-10-01')$$, '22023', NULL, 'Keys are given by the system');
SELECT throws_ok($$INSERT INTO sprint_goal (owner_no, title, ends_on, weight) VALUES ('E5', 'x', '2026-10-01', 60); SET CONSTRAINTS ALL IMMEDIATE$$, '23514', NULL, 'A group totals 100');
SELECT results_eq('SELECT (SELECT count(*) FROM goal) AS goals, (SELECT count(*) FROM cycle) AS cycles, (SELECT count(*) FROM indicator) AS indicators', 'SELECT * FROM before',
	'Nothing is left of what was refused');

SELECT * FROM finish();
ROLLBACK;
