/* From goals to the total of a person and a department, and why. */
BEGIN;
\ir fixture/small.sql
SELECT plan(41);

CREATE FUNCTION pg_temp.card(no text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT concat_ws(' ', coalesce(score::text, '-'), grade, trim_scale(coverage), light) FROM employee_scorecard WHERE employee_no = no AND cycle = '2026Q3');
END; $$;
/* the sum of the explanation, and whether it is the score to the last digit */
CREATE FUNCTION pg_temp.adds_up(no text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT sum(points) FROM explain_score(no, '2026Q3')) IS NOT DISTINCT FROM (SELECT score FROM employee_scorecard WHERE employee_no = no AND cycle = '2026Q3');
END; $$;
CREATE FUNCTION pg_temp.says(no text, step_name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(concat_ws(' ', goal_no, points, note), '; ' ORDER BY step_no) FROM explain_score(no, '2026Q3') WHERE step = step_name);
END; $$;

INSERT INTO indicator (code, name, unit, basis, direction, curve, cap) VALUES
	('SALES', 'Sales', '万元', 'attainment', 'up', 'linear(0:0, 80:60, 100:100, 120:120)', 110),
	('SAFE', 'Accidents', '起', 'value', 'down', 'step(0:100, 1:60, 2:veto)', 100),
	('COST', 'Cost', '元', 'progress', 'down', 'linear(0:0, 100:100)', 120);

-- vector of the missing-data policies: weights 50 / 30 / 20, scores 90, none, 80
SELECT pg_temp.goal('A', 'E3', 'kpi', 50), pg_temp.goal('B', 'E3', 'kpi', 30), pg_temp.goal('C', 'E3', 'kpi', 20);
SELECT pg_temp.activate_all();
SELECT is(pg_temp.card('E3'), '- 0 red', 'Nothing known, no score');
SELECT ok(pg_temp.adds_up('E3'), 'and nothing to add up');
SELECT check_in(pg_temp.id('A'), progress => 0.9), check_in(pg_temp.id('C'), progress => 0.8);
SELECT is(pg_temp.card('E3'), '87.14 B 0.7 red', 'Missing ones are left out and the rest renormalises: (50 x 90 + 20 x 80) / 70; in progress they count 0');
SELECT ok(pg_temp.adds_up('E3'), 'The explanation adds up');
SELECT is(pg_temp.says('E3', 'goal'), 'A 64.285714; B 0.000000 no score yet: left out, the others renormalise; C 22.857143', 'goal by goal');
SELECT is(pg_temp.says('E3', 'rounding'), '-0.002857 rounded to 2 places: 87.14, grade B', 'with one rounding');
UPDATE setting SET value = '0.71' WHERE key = 'min_coverage';
SELECT is(pg_temp.card('E3'), '- 0.7 red', 'Below the least coverage there is no score');
SELECT ok(pg_temp.adds_up('E3'), 'and the explanation gives none');
UPDATE setting SET value = '0.7' WHERE key = 'min_coverage';
SELECT is(pg_temp.card('E3'), '87.14 B 0.7 red', 'At the least coverage there is one');
INSERT INTO indicator (code, name, missing) VALUES ('ZERO', 'Zero', 'zero'), ('BLOCK', 'Block', 'block');
UPDATE goal SET indicator_id = indicator_id_of('ZERO') WHERE goal_no = 'B';
SELECT is(pg_temp.card('E3'), '61.00 C 1 red', 'Counted as 0: 61');
UPDATE goal SET indicator_id = indicator_id_of('BLOCK') WHERE goal_no = 'B';
SELECT is(pg_temp.card('E3'), '- 0.7 red', 'or blocking the total');
UPDATE goal SET indicator_id = NULL WHERE goal_no = 'B';

-- bonus and penalty points
INSERT INTO score_adjustment (employee_id, cycle_id, points, reason, approved_by_id)
	SELECT employee_id_of('E3'), cycle_id_of('2026Q3'), v.points, 'x', employee_id_of('E2') FROM (VALUES (7), (6), (-2.5)) AS v(points);
SELECT is(pg_temp.card('E3'), '94.64 A 0.7 red', 'Bonus is capped at 10, penalty comes off: 87.142857 + 10 - 2.5');
SELECT is(pg_temp.says('E3', 'bonus'), '10 bonus points, capped', 'The bonus is a row');
SELECT ok(pg_temp.adds_up('E3'), 'and all adds up');
SELECT throws_ok($$INSERT INTO score_adjustment (employee_id, cycle_id, points, reason, approved_by_id)
	SELECT employee_id_of('E3'), cycle_id_of('2026Q3'), 1, 'x', employee_id_of('E3')$$, '23514', NULL, 'Nobody approves their own');
SELECT throws_ok($$DELETE FROM score_adjustment$$, '55000', NULL, 'They are not deleted');

-- curves, caps, veto
SELECT pg_temp.goal('S', 'E4', 'kpi', 60, indicator => 'SALES', target => 200), pg_temp.goal('V', 'E4', 'kpi', 40, indicator => 'SAFE', target => NULL);
SELECT pg_temp.activate_all();
SELECT check_in(pg_temp.id('S'), 180), check_in(pg_temp.id('V'), 0);
SELECT is(pg_temp.card('E4'), '88.00 B 1 red', 'Attainment 90 % gives 80 points, no accident 100: 48 + 40');
SELECT is(score, 80.000000, 'Points by the curve') FROM goal_status WHERE goal_no = 'S';
SELECT check_in(pg_temp.id('S'), 250);
SELECT is(score, 110.000000, 'clamped to the indicator''s cap') FROM goal_status WHERE goal_no = 'S';
SELECT check_in(pg_temp.id('V'), 1);
SELECT is(pg_temp.card('E4'), '90.00 A 1 yellow', 'One accident costs 40 of its points: 66 + 24');
SELECT check_in(pg_temp.id('V'), 2);
SELECT is(pg_temp.card('E4'), '0.00 D 1 yellow', 'Two take everything');
SELECT is(score_before_veto, 66.00, 'The total before the veto is kept') FROM employee_scorecard WHERE employee_no = 'E4';
SELECT is(pg_temp.says('E4', 'veto'), '-66.000000 veto: the total is 0, before it 66.00', 'and explained');
SELECT ok(pg_temp.adds_up('E4'), 'to the last digit');
SELECT is(light || ' ' || reason, 'red veto: the actual value is 2', 'The light says so') FROM goal_status WHERE goal_no = 'V';
UPDATE indicator SET curve = 'step(0:100, 1:60, 3:veto)' WHERE code = 'SAFE';
SELECT is(is_vetoed, true, 'The tile (1, 3] vetoes') FROM employee_scorecard WHERE employee_no = 'E4';
UPDATE indicator SET curve = 'step(0:100, 2:60, 3:veto)' WHERE code = 'SAFE';
SELECT is(pg_temp.card('E4'), '90.00 A 1 yellow', 'A curve changed in its cell holds at once');

-- objectives
SELECT pg_temp.goal('O', 'E5', 'objective', 100), pg_temp.goal('K1', 'E5', 'key_result', 33.33, 'O'), pg_temp.goal('K2', 'E5', 'key_result', 33.33, 'O'),
	pg_temp.goal('K3', 'E5', 'key_result', 33.34, 'O');
SELECT pg_temp.activate_all();
SELECT check_in(pg_temp.id('K1'), progress => 1), check_in(pg_temp.id('K2'), progress => 0.5);
SELECT is(pg_temp.card('E5'), '75.00 C 1 red', 'An objective''s score leaves out what has none, its progress counts it 0');
SELECT is(progress, 0.499950, 'progress 0.49995') FROM employee_scorecard WHERE employee_no = 'E5';
SELECT is(pg_temp.says('E5', 'part'), 'K1; K2; K3 no score yet: left out, the others renormalise', 'Its parts are listed below it');
SELECT ok(pg_temp.adds_up('E5'), 'and do not count twice');

-- two departments
SELECT transfer('E3', 'KS-B', 'E5', '2026-08-31');
SELECT add_goal('2026Q3', 'E3', 'kpi', 'new place', 100, starts_on => '2026-08-31', goal_no => 'N') > 0 AS added;
SELECT pg_temp.activate_all();
SELECT check_in(pg_temp.id('N'), progress => 0.5);
SELECT is(score_before_veto, round((61 * (50 * 90 + 20 * 80) / 70.0 + 19 * 50) / 80 + 7.5, 2), 'Each department''s group by itself, then by days: 61 and 19')
	FROM employee_scorecard WHERE employee_no = 'E3';
SELECT is(coverage, 0.771250, 'coverage too: (61 x 0.7 + 19 x 1) / 80') FROM employee_scorecard WHERE employee_no = 'E3';
SELECT ok(pg_temp.adds_up('E3'), 'and it adds up');

-- departments
CREATE TEMPORARY TABLE s AS SELECT (61 * (50 * 90 + 20 * 80) / 70.0 + 19 * 50) / 80 + 7.5 AS total;
SELECT results_eq($$SELECT department_code::text, headcount, score, goals FROM department_overview ORDER BY 1$$,
	$$SELECT 'KS', 5::bigint, round((80 * 90 + 80 * 75 + 80 * s.total) / 240, 2), 10::bigint FROM s
		UNION ALL SELECT 'KS-A', 2, round((80 * 90 + 61 * s.total) / 141, 2), 5 FROM s
		UNION ALL SELECT 'KS-B', 2, round((80 * 75 + 19 * s.total) / 99, 2), 5 FROM s$$, 'A department is the mean of its people by days worked in it');

-- independent of where it is asked
SELECT throws_ok($$SELECT * FROM explain_score('E99', '2026Q3')$$, 'P0002', NULL, 'An unknown number is named');
SELECT throws_ok($$SELECT * FROM explain_score('E3', '2026Q9')$$, 'P0002', NULL, 'and an unknown cycle');
SELECT is_empty($$SELECT * FROM explain_score('E1', '2026Q3')$$, 'Nobody''s goals, no rows');
SELECT is_empty($$SELECT * FROM employee_scorecard_at('2026-09-17') s WHERE s.goals > 0 AND s.score IS NOT NULL$$, 'Yesterday nothing of this was known');
SELECT is(grade_of(-3), 'D', 'Below the lowest grade it is still the lowest');
SELECT is(grade_of(90) || grade_of(89.99), 'AB', 'A grade begins at its floor');

SELECT * FROM finish();
ROLLBACK;
