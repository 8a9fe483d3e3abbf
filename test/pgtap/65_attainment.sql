/* Quarters closed in the system: what was reached of what had been committed, not capped, and how far it strayed. */
BEGIN;
\ir fixture/small.sql
SELECT plan(25);

CREATE FUNCTION pg_temp.on_day(day date) RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE setting SET value = day WHERE key = 'today'; END; $$;
CREATE FUNCTION pg_temp.goal_in(cycle text, no text, owner text, kind text, weight numeric, parent text DEFAULT NULL, indicator text DEFAULT NULL,
	baseline numeric DEFAULT NULL, target numeric DEFAULT NULL, department text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	RETURN add_goal(cycle, owner, kind, no, weight, parent, indicator, baseline, target, department_code => department, goal_no => no);
END; $$;
CREATE FUNCTION pg_temp.reached(quarter text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(format('%s %s/%s of %s', d.code, round(r.actual, 6), r.plan, r.goals), ', ' ORDER BY d.code)
		FROM attainment_result r
		JOIN department d ON d.department_id = r.department_id
		JOIN cycle_closing v ON v.closing_id = r.closing_id AND v.reopened_at IS NULL
		JOIN cycle c ON c.cycle_id = v.cycle_id
		WHERE c.code = quarter);
END; $$;
CREATE FUNCTION pg_temp.strayed(code text, day date DEFAULT today()) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT concat_ws(' ', s.quarters, coalesce(round(s.mean_deviation, 6)::text, '-'), round(s.worst_deviation, 6), round(s.bias, 6), coalesce(round(s.wape, 6)::text, '-'))
		FROM attainment_volatility_at(day) s WHERE s.department_code = code AND s.span = '2026');
END; $$;

INSERT INTO indicator (code, name, basis, direction, curve, cap, recorded_from) VALUES
	('DOWN', 'Cost', 'attainment', 'down', 'linear(0:200, 200:0)', 120, '2026-01-01'),
	('VALUE', 'Accidents', 'value', 'down', 'step(0:100, 1:0)', 100, '2026-01-01');
INSERT INTO cycle (code, kind, starts_on, ends_on, state, recorded_from) VALUES
	('V1', 'quarter', '2026-01-01', '2026-03-31', 'active', '2026-01-01 00:00+08'), ('V2', 'quarter', '2026-04-01', '2026-06-30', 'active', '2026-01-01 00:00+08'),
	('W2', 'sprint', '2026-04-01', '2026-06-30', 'active', '2026-01-01 00:00+08');

-- ---------------------------------------------------------------------------------------
-- A first quarter: weights changed, a goal late, a goal dropped
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.on_day('2026-01-01');
SELECT pg_temp.goal_in('V1', 'A', 'E3', 'kpi', 60, target => 900), pg_temp.goal_in('V1', 'B', 'E3', 'kpi', 40), pg_temp.goal_in('V1', 'D', 'E5', 'kpi', 100, target => 100),
	pg_temp.goal_in('V1', 'X', 'E2', 'kpi', 100), pg_temp.goal_in('V1', 'C', 'E4', 'kpi', 100) \gset
UPDATE goal SET state = 'active' WHERE state = 'draft' AND goal_no <> 'C';
SELECT pg_temp.on_day('2026-02-01');
UPDATE goal SET weight = 100 - weight WHERE goal_no IN ('A', 'B');
SELECT is((SELECT string_agg(format('%s %s', goal_no, weight), ', ' ORDER BY goal_no) FROM committed_goal(cycle_id_of('V1'), day_end('2026-02-01'))),
	'A 60, B 40, D 100, X 100', 'What was committed keeps the weights of the first day');
SELECT pg_temp.on_day('2026-02-15');
UPDATE goal SET state = 'active' WHERE goal_no = 'C';
SELECT cancel_goal(goal_id_of('X'), 'Dropped') \gset
SELECT is((SELECT string_agg(goal_no, ', ' ORDER BY goal_no) FROM committed_goal(cycle_id_of('V1'), day_end('2026-02-15'))), 'A, B, C, D, X', 'A goal that comes later is committed when it becomes active');
SELECT pg_temp.on_day('2026-03-31');
SELECT is((SELECT count(*) FROM attained('2026-03-31', cycle_id_of('V1'))), 0::bigint, 'Nothing reported, nothing known');
SELECT check_in(goal_id_of('A'), 1000), check_in(goal_id_of('B'), progress => 0.5), check_in(goal_id_of('D'), 150) \gset
SELECT pg_temp.on_day('2026-04-01');
SELECT is(pg_temp.strayed('KS'), NULL, 'A quarter that is not closed does not count');
SELECT close_cycle('V1') \gset
SELECT is(pg_temp.reached('V1'), 'KS 0.788889/1 of 4, KS-A 0.433333/1 of 3, KS-B 1.500000/1 of 1',
	'By the weights of the first day, over-delivery counts whole, one not reported counts 0, one cancelled not at all');
SELECT is(pg_temp.strayed('KS'), '1 - -', 'One quarter has no volatility');

-- ---------------------------------------------------------------------------------------
-- A second: an objective, less is better, no plan, a milestone
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.goal_in('V2', 'O', 'E5', 'objective', 100), pg_temp.goal_in('V2', 'S', 'E3', 'kpi', 100, indicator => 'DOWN', target => 100),
	pg_temp.goal_in('V2', 'N', 'E4', 'kpi', 100, indicator => 'VALUE'), pg_temp.goal_in('V2', 'M', 'E2', 'milestone', 100), pg_temp.goal_in('W2', 'W', 'E2', 'kpi', 100) \gset
SELECT pg_temp.goal_in('V2', 'K1', 'E5', 'key_result', 30, 'O'), pg_temp.goal_in('V2', 'K2', 'E5', 'key_result', 70, 'O', baseline => 20, target => 10) \gset
SELECT pg_temp.activate_all() \gset
SELECT pg_temp.on_day('2026-06-30');
SELECT check_in(goal_id_of('K1'), progress => 1.2), check_in(goal_id_of('K2'), 8), check_in(goal_id_of('S'), 120), check_in(goal_id_of('N'), 3), check_in(goal_id_of('W'), progress => 0.1),
	complete_goal(goal_id_of('M')) \gset
SELECT close_cycle('V2'), close_cycle('W2') \gset
SELECT is(pg_temp.reached('V2'), 'KS 1.000000/1 of 4, KS-A 0.900000/1 of 2, KS-B 1.200000/1 of 2', 'An objective by its key results uncapped, less mirrored, no plan left out');
SELECT is(pg_temp.reached('W2'), NULL, 'Quarters alone are quarters');
SELECT is(pg_temp.strayed('KS'), '2 0.105556 0.211111 -0.105556 0.105556', 'Two quarters have one');
SELECT is(pg_temp.strayed('KS-A'), '2 0.333333 0.566667 -0.333333 0.333333', 'each department its own');
SELECT is(pg_temp.strayed('KS-B'), '2 0.350000 0.500000 0.350000 0.350000', 'above plan as well as below');
SELECT is(pg_temp.strayed('KS', '2026-06-29'), '1 - -', 'The day before, the second was not closed');
UPDATE setting SET value = '2026-04-01' WHERE key = 'introduced_on';
SELECT is((SELECT string_agg(span || ' ' || quarters, ', ' ORDER BY span) FROM attainment_volatility WHERE department_code = 'KS'), '2026 2, after 1, before 1', 'They part at the introduction like the others');
SELECT throws_ok('UPDATE attainment_result SET actual = 1', '55000', NULL, 'What was frozen stays');

-- ---------------------------------------------------------------------------------------
-- What is given goes before what is computed; as then known
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.on_day('2026-07-02');
INSERT INTO attainment_history (quarter, department_id, plan, actual) VALUES ('2026Q1', department_id_of('KS'), 6600, 4158);
SELECT is(pg_temp.strayed('KS'), '2 0.185000 0.370000 -0.185000 -', 'The file''s figure holds for its quarter; 万元 and fractions have no common WAPE');
SELECT is(pg_temp.strayed('KS-A'), '2 0.333333 0.566667 -0.333333 0.333333', 'Other departments keep theirs');
SELECT is(pg_temp.strayed('KS', '2026-07-01'), '2 0.105556 0.211111 -0.105556 0.105556', 'Yesterday it was not known');
SELECT reopen_cycle('V2', 'A figure was wrong') \gset
SELECT is(pg_temp.strayed('KS'), '1 - -', 'A reopened quarter waits');
SELECT check_in(goal_id_of('K2'), 10, at => '2026-06-30 18:00+08') \gset
SELECT check_in(goal_id_of('S'), 100) \gset
SELECT close_cycle('V2') \gset
SELECT is(pg_temp.reached('V2'), 'KS 1.020000/1 of 4, KS-A 1.000000/1 of 2, KS-B 1.060000/1 of 2', 'Closed again, it has new figures');
SELECT is(pg_temp.strayed('KS-A'), '2 0.283333 0.566667 -0.283333 0.283333', 'which count');
SELECT is(pg_temp.strayed('KS-A', '2026-07-01'), '2 0.333333 0.566667 -0.333333 0.333333', 'from then on');

-- ---------------------------------------------------------------------------------------
-- Figures beyond all reason break nothing
-- ---------------------------------------------------------------------------------------
INSERT INTO cycle (code, kind, starts_on, ends_on, state, recorded_from) VALUES
	('V0', 'quarter', '2025-07-01', '2025-09-30', 'active', '2025-07-01'), ('V9', 'quarter', '2025-10-01', '2025-12-31', 'active', '2025-07-01');
SELECT pg_temp.goal_in(c, 'T' || c, 'E3', 'kpi', 100, target => 0.000000000000000000000001, department => 'KS-A') FROM unnest(ARRAY['V0', 'V9']) c \g /dev/null
SELECT pg_temp.activate_all() \gset
SELECT check_in(goal_id_of('T' || c), 999999999999999999::numeric) FROM unnest(ARRAY['V0', 'V9']) c \g /dev/null
SELECT lives_ok($$SELECT close_cycle('V0'), close_cycle('V9')$$, 'A tiny plan closes');
SELECT is((SELECT mean_deviation FROM attainment_volatility WHERE department_code = 'KS-A' AND span = '2025'), 999999999.000000, 'and is bounded');
SELECT is((SELECT count(*) FROM attainment_volatility v WHERE v.department_code = 'KS-A'), 4::bigint, 'The view stays readable');

-- given figures end on a day; computed ones go on after it
INSERT INTO attainment_history (quarter, department_id, plan, actual) VALUES ('2025Q4', department_id_of('KS-A'), 10, 9), ('2030Q1', department_id_of('KS-A'), 10, 9);
SELECT is((SELECT string_agg(format('%s %s %s', span, quarters, coalesce(round(mean_deviation, 6)::text, '-')), ', ' ORDER BY span) FROM attainment_volatility WHERE department_code = 'KS-A'),
	'2025 1 -, 2026 2 0.283333, after 1 -, before 2 0.333333', 'A quarter before the last given one stays out, those after it count; one given ahead hides nothing');

SELECT * FROM finish();
ROLLBACK;
