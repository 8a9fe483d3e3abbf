/* Why a score is what it is: every step a row, rows that add up, moves, joiners and leavers. */
BEGIN;
\ir fixture/small.sql
SELECT plan(32);

CREATE FUNCTION pg_temp.says(no text, step_name text, day date DEFAULT today()) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(concat_ws(' | ', goal_no, title, trim_scale(score), trim_scale(share), points, note), '; ' ORDER BY step_no) FROM explain_score(no, '2026Q3', day) WHERE step = step_name);
END; $$;
CREATE FUNCTION pg_temp.steps(no text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(step, ' ' ORDER BY step_no) FROM explain_score(no, '2026Q3'));
END; $$;
CREATE FUNCTION pg_temp.on_day(day date) RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE setting SET value = day WHERE key = 'today'; END; $$;
-- whoever's rows do not add up to the score, in whatever cycle
CREATE FUNCTION pg_temp.unexplained() RETURNS TABLE (employee_no varchar, cycle varchar, score numeric, points numeric) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY
	SELECT s.employee_no, s.cycle, s.score, e.points
		FROM employee_scorecard s, LATERAL (SELECT sum(x.points) AS points FROM explain_score(s.employee_no, s.cycle) x) AS e
		WHERE s.score IS DISTINCT FROM e.points;
END; $$;

INSERT INTO indicator (code, name, basis, curve, cap, missing) VALUES
	('HIGH', 'High', 'attainment', 'linear(0:0, 80:60, 100:100, 120:120)', 110, 'renormalise'), ('LOW', 'Low', 'value', 'linear(0:-50, 100:100)', 120, 'renormalise'),
	('ZERO', 'Zero', 'progress', 'linear(0:0, 100:100)', 120, 'zero'), ('BLOCK', 'Block', 'progress', NULL, 120, 'block');

-- ---------------------------------------------------------------------------------------
-- One who moved: 61 days at 80, 31 days at 95
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.goal('M1', 'E3', 'kpi', 100) \gset
SELECT transfer('E3', 'KS-B', 'E5', '2026-08-31') \gset
SELECT add_goal('2026Q3', 'E3', 'kpi', 'M2', 100, starts_on => '2026-08-31', goal_no => 'M2') \gset
SELECT pg_temp.activate_all() \gset
SELECT check_in(pg_temp.id('M1'), progress => 0.8), check_in(pg_temp.id('M2'), progress => 0.95) \gset
SELECT pg_temp.on_day('2026-09-30');
SELECT is(score, 85.05, 'By days in each department: (61 x 80 + 31 x 95) / 92') FROM employee_scorecard WHERE employee_no = 'E3' AND cycle = '2026Q3';
SELECT is(pg_temp.says('E3', 'sum'), '85.054348 | weighted total of the goals', 'which is 85.054348');
SELECT is(pg_temp.says('E3', 'department'),
	'Workshop | 80 | 0.663043 | 61 of 92 days so far; its goals score 80.000000 and count for 0.663043 of the total; '
	'Development | 95 | 0.336957 | 31 of 92 days so far; its goals score 95.000000 and count for 0.336957 of the total', 'Each department says its days and its part');
SELECT is(pg_temp.says('E3', 'goal'), 'M1 | M1 | 80 | 0.663043 | 53.043478; M2 | M2 | 95 | 0.336957 | 32.010870', 'and each goal its points');
SELECT is(pg_temp.steps('E3'), 'department goal department goal sum coverage rounding', 'Goals stand below their department');
SELECT is((SELECT score FROM department_overview WHERE department_code = 'KS-B' AND cycle = '2026Q3'), 85.05, 'Each department counts the person''s total by the days there');
SELECT is(pg_temp.says('E3', 'department', '2026-08-30'), NULL, 'Before the move nothing of it was known');
SELECT pg_temp.on_day('2026-10-20');
SELECT is(pg_temp.says('E3', 'sum'), '85.054348 | weighted total of the goals', 'Days after the cycle do not count');

-- short spells count by their days like others
SELECT pg_temp.on_day('2026-09-30');
SELECT pg_temp.goal('S1', 'E4', 'kpi', 100) \gset
SELECT transfer('E4', 'KS-B', 'E5', '2026-09-20') \gset
SELECT add_goal('2026Q3', 'E4', 'kpi', 'S2', 100, starts_on => '2026-09-20', goal_no => 'S2') \gset
SELECT pg_temp.activate_all() \gset
SELECT check_in(pg_temp.id('S1'), progress => 0.5), check_in(pg_temp.id('S2'), progress => 1) \gset
SELECT is(score, 55.98, 'A spell of 11 days counts for 11 days: (81 x 50 + 11 x 100) / 92') FROM employee_scorecard WHERE employee_no = 'E4' AND cycle = '2026Q3';
INSERT INTO leave (employee_id, during, reason) VALUES (employee_id_of('E4'), '[2026-07-01,2026-08-01)', 'Parental');
SELECT is(score, 55.98, 'Leave takes no days away') FROM employee_scorecard WHERE employee_no = 'E4' AND cycle = '2026Q3';

-- who moved and kept the goals of the old department
SELECT hire('E6', 'Six', 'KS-A', 'E2', '2026-01-01'), pg_temp.goal('K', 'E6', 'kpi', 100) \gset
SELECT transfer('E6', 'KS-B', 'E5', '2026-09-01') \gset
SELECT pg_temp.activate_all() \gset
SELECT check_in(pg_temp.id('K'), progress => 0.7) \gset
SELECT is(score, 70.00, 'Goals of one department count whole') FROM employee_scorecard WHERE employee_no = 'E6' AND cycle = '2026Q3';
SELECT is(pg_temp.says('E6', 'department'), 'Workshop | 70 | 1 | 62 of 92 days so far; its goals score 70.000000 and count for 1.000000 of the total; '
	'Development | 0 | 30 of 92 days so far; no own goals here, so it does not count', 'and the other department says why it does not');
SELECT is((SELECT trim_scale(round(score, 2)) FROM department_overview WHERE department_code = 'KS-B' AND cycle = '2026Q3'),
	round((31 * (61 * 80 + 31 * 95) / 92.0 + 11 * (81 * 50 + 11 * 100) / 92.0 + 30 * 70) / 72, 2), 'The new department counts the person by the days there');

-- a joiner, and a leaver whose goals were partly dropped
SELECT hire('E7', 'Seven', 'KS-A', 'E2', '2026-09-25'), pg_temp.goal('J', 'E7', 'kpi', 100) \gset
SELECT pg_temp.goal('L1', 'E2', 'kpi', 40), pg_temp.goal('L2', 'E2', 'kpi', 60) \gset
SELECT pg_temp.activate_all() \gset
SELECT check_in(pg_temp.id('J'), progress => 0.9), check_in(pg_temp.id('L1'), progress => 0.65) \gset
SELECT is(score, 90.00, 'Who joined for the last six days is scored like others') FROM employee_scorecard WHERE employee_no = 'E7' AND cycle = '2026Q3';
SELECT is(expected, 1.000000, 'and expected from the hiring on') FROM employee_scorecard WHERE employee_no = 'E7' AND cycle = '2026Q3';
SELECT is(score, NULL, 'Too little of the leaver is known') FROM employee_scorecard WHERE employee_no = 'E2' AND cycle = '2026Q3';
SELECT leave_company('E2', '2026-08-15') IS NOT NULL AND cancel_goal(pg_temp.id('L2'), 'Left') IS NOT NULL AS left_company \gset
SELECT is(score, 65.00, 'A leaver''s cancelled goal counts nowhere, the rest renormalises') FROM employee_scorecard WHERE employee_no = 'E2' AND cycle = '2026Q3';
SELECT is((SELECT days FROM days_worked('2026-09-30') WHERE employee_id = employee_id_of('E2') AND cycle_id = cycle_id_of('2026Q3')), 46::bigint, 'Days end with the employment');
SELECT is((SELECT score FROM department_overview WHERE department_code = 'KS-A' AND cycle = '2026Q3'),
	round((61 * (61 * 80 + 31 * 95) / 92.0 + 81 * (81 * 50 + 11 * 100) / 92.0 + 62 * 70 + 6 * 90 + 46 * 65) / 256, 2), 'The department counts each for the days in it');
SELECT is_empty('SELECT * FROM pg_temp.unexplained()', 'Movers, joiners and leavers add up');

-- ---------------------------------------------------------------------------------------
-- Every step says what it does
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.goal('H', 'E5', 'kpi', 30, indicator => 'HIGH', target => 10), pg_temp.goal('L', 'E5', 'kpi', 30, indicator => 'LOW', target => 100), pg_temp.goal('Z', 'E5', 'kpi', 20, indicator => 'ZERO'),
	pg_temp.goal('P', 'E5', 'kpi', 20), pg_temp.goal('W', 'E5', 'kpi', 0) \gset
SELECT pg_temp.activate_all() \gset
SELECT check_in(pg_temp.id('H'), 12), check_in(pg_temp.id('L'), 10), check_in(pg_temp.id('P'), progress => 2), check_in(pg_temp.id('W'), progress => 0.3) \gset
SELECT is((SELECT concat_ws(' ', actual, target, trim_scale(x), curve, trim_scale(curve_score), trim_scale(score), weight, share, points) FROM explain_score('E5', '2026Q3') WHERE goal_no = 'H'),
	'12 10 120 linear(0:0, 80:60, 100:100, 120:120) 120 110 30 0.300000 33.000000', 'Raw, curve, clamp, weight, share and points of a goal are one row');
SELECT is(pg_temp.says('E5', 'goal'), 'H | H | 110 | 0.3 | 33.000000 | 120 before it is clamped to 0..110; L | L | 0 | 0.3 | 0.000000 | -35 before it is clamped to 0..120; '
	'P | P | 120 | 0.2 | 24.000000 | 200 before it is clamped to 0..120; W | W | 30 | 0 | 0.000000 | weight 0: shown, not counted; Z | Z | 0 | 0.2 | 0.000000 | no measure: counts 0', 'What a step changed is said');
SELECT is(score, 57.00, 'The sum') FROM employee_scorecard WHERE employee_no = 'E5' AND cycle = '2026Q3';
SELECT is_empty('SELECT * FROM pg_temp.unexplained()', 'adds up');
UPDATE goal SET indicator_id = indicator_id_of('BLOCK') WHERE goal_no = 'Z';
SELECT is(pg_temp.says('E5', 'goal') LIKE '%Z | Z | 0 | no score yet, and without it there is no total', true, 'A goal that blocks says so');
SELECT is_empty('SELECT * FROM pg_temp.unexplained()', 'and nobody has points');
UPDATE goal SET indicator_id = NULL WHERE goal_no = 'Z';
INSERT INTO score_adjustment (employee_id, cycle_id, points, reason, approved_by_id) SELECT employee_id_of('E5'), cycle_id_of('2026Q3'), v, 'x', employee_id_of('E1') FROM unnest(ARRAY[3.33, -7.77, 12]) v;
INSERT INTO cycle_formula (cycle_id, final_formula) VALUES (cycle_id_of('2026Q3'), 'goals / 3 + coalesce(review, goals) * 2 / 3');
SELECT record_component('E5', '2026Q3', 'review', 71.234567891, 'x'), record_component('E1', '2026Q3', 'peer', 50, 'x'), record_component('E6', '2026Q3', 'review', -3, 'x') \gset
SELECT approve_veto(declare_veto('E3', '2026Q3', 'x', 'E4', 33.33, evidence => 'y'), 'E5') \gset
SELECT is_empty('SELECT * FROM pg_temp.unexplained()', 'Thirds, bonus, penalty, formula and veto add up to the last digit');
SELECT is((SELECT string_agg(employee_no || ' ' || coalesce(score::text, '-'), ', ' ORDER BY employee_no) FROM employee_scorecard WHERE cycle = '2026Q3'),
	'E1 -, E2 65.00, E3 33.33, E4 55.98, E5 73.47, E6 21.33, E7 90.00', 'to these scores');

-- ---------------------------------------------------------------------------------------
-- Frozen
-- ---------------------------------------------------------------------------------------
DELETE FROM cycle WHERE code IN ('2026-07', '2026-08');
CREATE TEMPORARY TABLE live AS SELECT x.* FROM unnest(ARRAY['E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E7']) no, LATERAL explain_score(no, '2026Q3') x;
SELECT close_cycle('2026-09'), close_cycle('2026Q3') \gset
SELECT set_eq($$SELECT x.* FROM unnest(ARRAY['E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'E7']) no, LATERAL explain_score(no, '2026Q3') x$$, 'TABLE live', 'Closing keeps the explanations as they were');
SELECT is_empty('SELECT * FROM pg_temp.unexplained()', 'and they still add up');
UPDATE setting SET value = 'zh' WHERE key = 'locale';
SELECT is(pg_temp.says('E3', 'sum'), '85.054348 | weighted total of the goals', 'in the language that they were closed in');
SELECT reopen_cycle('2026Q3', 'x') \gset
SELECT is(pg_temp.says('E3', 'sum'), '85.054348 | 目标加权合计', 'Reopened they are computed again, in today''s');
SELECT * FROM finish();
ROLLBACK;
