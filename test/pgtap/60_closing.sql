/* Closing a cycle freezes it; reopening makes a new version. */
BEGIN;
\ir fixture/small.sql
SELECT plan(25);

SELECT pg_temp.goal('A', 'E3', 'kpi', 100), pg_temp.goal('O', 'E1', 'objective', 100), pg_temp.goal('C', 'E2', 'kpi', 100, 'O');
SELECT pg_temp.activate_all();
SELECT check_in(pg_temp.id('A'), progress => 0.953, at => '2026-09-01 09:00+08'), check_in(pg_temp.id('C'), progress => 0.5);
CREATE FUNCTION pg_temp.card() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(employee_no || ' ' || score || ' ' || light, ', ' ORDER BY employee_no) FROM employee_scorecard WHERE cycle = '2026Q3');
END; $$;
CREATE FUNCTION pg_temp.light_of(no text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT light FROM goal_status WHERE goal_no = no); END; $$;

SELECT is(pg_temp.light_of('A'), 'yellow', 'Silent while the cycle is active');
SELECT throws_ok($$SELECT close_cycle('2026Q3')$$, '55000', 'cycle "2026Q3" has cycles that are not closed', 'Months are closed before their quarter');
SELECT throws_ok($$SELECT close_cycle('2026Q4')$$, '55000', 'cycle "2026Q4" has not been started', 'A planned cycle is not closed');
DELETE FROM cycle WHERE code IN ('2026-07', '2026-08');
SELECT lives_ok($$SELECT close_cycle('2026-09')$$, 'An empty month closes');
CREATE TEMPORARY TABLE before AS SELECT * FROM employee_scorecard WHERE cycle = '2026Q3';
SELECT throws_ok($$SELECT close_cycle('2026Q3', '2027-01-01')$$, '22023', NULL, 'Nothing is closed in the future');
SELECT lives_ok($$SELECT close_cycle('2026Q3')$$, 'The quarter closes');
SELECT is(pg_temp.light_of('A'), 'green', 'Closed, nothing is silent');
SELECT results_eq($$SELECT employee_no, score, coverage, goals FROM employee_scorecard WHERE cycle = '2026Q3' ORDER BY 1$$,
	'SELECT employee_no, score, coverage, goals FROM before ORDER BY 1', 'The scores are those of the day');
SELECT is(sum(points), 95.30, 'Explanations are frozen too') FROM explain_score('E3', '2026Q3');
SELECT is(count(*), 3::bigint, 'and departments') FROM department_overview WHERE cycle = '2026Q3';
SELECT is(parameters -> 'setting' ->> 'min_coverage', '0.6', 'with the parameters used') FROM cycle_closing v WHERE v.cycle_id = cycle_id_of('2026Q3');

-- frozen
SELECT throws_ok($$SELECT check_in(pg_temp.id('A'), progress => 1)$$, '55000', 'cycle "2026Q3" is closed', 'No check-in');
SELECT throws_ok($$UPDATE goal SET weight = 50 WHERE goal_no = 'A'$$, '55000', 'cycle "2026Q3" is closed', 'no change of a goal');
SELECT throws_ok($$SELECT pg_temp.goal('X', 'E4', 'kpi', 100)$$, '55000', 'cycle "2026Q3" is closed', 'no new goal');
SELECT throws_ok($$UPDATE cycle SET state = 'active' WHERE code = '2026Q3'$$, '55000', 'cycle "2026Q3" is closed', 'no opening by writing the state');
SELECT throws_ok($$UPDATE employee_result SET score = 100$$, '55000', NULL, 'no change of a result');
SELECT throws_ok($$SELECT close_cycle('2026Q3')$$, '55000', 'cycle "2026Q3" is already closed', 'no second closing');
UPDATE setting SET value = '0' WHERE key = 'bonus_cap';
UPDATE department SET name = 'Renamed' WHERE code = 'KS-A';
SELECT is(department::text, 'Workshop', 'A closed quarter keeps the names it was closed with') FROM employee_scorecard WHERE employee_no = 'E3';

-- reopened
SELECT throws_ok($$SELECT reopen_cycle('2026Q3', '')$$, '22023', 'reopening cycle "2026Q3" needs a reason', 'Reopening needs a reason');
UPDATE setting SET value = '2026-09-21' WHERE key = 'today';
SELECT lives_ok($$SELECT reopen_cycle('2026Q3', 'a figure was wrong')$$, 'A closed cycle is opened again');
SELECT check_in(pg_temp.id('A'), progress => 1);
SELECT is(pg_temp.card(), 'E1 50.00 red, E2 50.00 red, E3 100.00 green', 'and takes the correction');
SELECT lives_ok($$SELECT close_cycle('2026Q3')$$, 'It is closed again');
SELECT results_eq($$SELECT version, reopened_at IS NULL FROM cycle_closing v WHERE v.cycle_id = cycle_id_of('2026Q3') ORDER BY 1$$, $$VALUES (1, false), (2, true)$$,
	'as a second version');
SELECT is(score, 95.30, 'The first one still stands for its days') FROM employee_scorecard_at('2026-09-20') WHERE employee_no = 'E3' AND cycle = '2026Q3';
SELECT is(score, 100.00, 'and the second for today') FROM employee_scorecard WHERE employee_no = 'E3' AND cycle = '2026Q3';

SELECT * FROM finish();
ROLLBACK;
