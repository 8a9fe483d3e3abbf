/*
 * Looking back: whatever is written, the days before it stay as they were
 * then known.  A generated company lives through a month of writes of every
 * kind, one day each; what each day showed at its end is kept, and compared
 * with what it shows after all of them.
 */
BEGIN;
\ir fixture/small.sql
\ir fixture/generated.sql
SELECT no_plan();

/* all that goals, people and departments show on a day, in one figure each; names are shown as they are now, so they are left out */
CREATE FUNCTION pg_temp.shown(day date) RETURNS TABLE (what text, figure text) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY
	SELECT 'goals', md5(string_agg(concat_ws('|', s.goal_id, s.cycle, s.department, s.owner_no, s.parent_id, s.kind, s.weight, coalesce(s.progress::text, '-'), s.expected, s.light, coalesce(s.score::text, '-'), s.due_on, coalesce(s.forecast_on::text, '-'),
			coalesce(s.slip_days::text, '-'), coalesce(s.slack_days::text, '-'), coalesce(s.silent_days::text, '-'), s.red_below, s.yellow_below, s.reason), E'\n' ORDER BY s.goal_id))
		FROM goal_status_at(day) s
	UNION ALL
	SELECT 'people', md5(string_agg(s::text, E'\n' ORDER BY s.employee_no, s.cycle)) FROM employee_scorecard_at(day) s
	UNION ALL
	SELECT 'departments', md5(string_agg(s::text, E'\n' ORDER BY s.department_code, s.cycle)) FROM department_overview_at(day) s
	UNION ALL
	SELECT 'explanations', md5(string_agg(e::text, E'\n' ORDER BY p, e.step_no)) FROM unnest('{P3,P4,P21}'::text[]) p, explain_score(p, '2026Q3', day) e;
END;
$$;
CREATE TEMPORARY TABLE day_shown (day date, what text, figure text, write text);

/* the day's write, and what the day shows at its end */
CREATE FUNCTION pg_temp.write(title text, statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	this_day date := (SELECT max(s.day) + 1 FROM day_shown s);
BEGIN
	UPDATE setting SET value = this_day::text WHERE key = 'today';
	EXECUTE statement;
	SET CONSTRAINTS ALL IMMEDIATE;
	SET CONSTRAINTS ALL DEFERRED;
	INSERT INTO day_shown SELECT this_day, n.what, n.figure, title FROM pg_temp.shown(this_day) n;
END;
$$;

INSERT INTO day_shown SELECT '2026-09-18', n.what, n.figure, 'the start' FROM pg_temp.shown('2026-09-18') n;
/* the calendar alone changes what is shown, and must */
SELECT pg_temp.write('Nothing', 'SELECT 1');
SELECT isnt(array_agg(figure ORDER BY day), array_agg(figure ORDER BY day DESC), 'A day on which nothing is written shows other figures than the one before') FROM day_shown WHERE what = 'goals';

SELECT pg_temp.write('A transfer', $$SELECT transfer('P4', 'KS-B', 'E5', today()), transfer('P21', 'KS-A2', 'E2', today() - 5)$$);
SELECT pg_temp.write('A hiring', $$SELECT hire('NEW', 'New', 'KS-A', 'E2', today() - 3)$$);
SELECT pg_temp.write('A leaving', $$SELECT leave_company('P8', today() - 2)$$);
SELECT pg_temp.write('A check-in', $$SELECT check_in(goal_id, target * 0.77) FROM goal WHERE goal_no ~ '^P(4|21)-1-1$'$$);
SELECT pg_temp.write('A late check-in', $$SELECT check_in(goal_id, target * 0.11, at => '2026-09-19 12:00+08') FROM goal WHERE goal_no ~ '^P[0-9]+-1-1$'$$);
SELECT pg_temp.write('A check-in by somebody else', $$SELECT set_config('perf_mgmt.employee', 'E1', true), check_in(goal_id_of('P4-1-1'), 3), set_config('perf_mgmt.employee', '', true)$$);
SELECT pg_temp.write('A postponement', $$SELECT postpone_goal(goal_id, '2026-09-29', 'Late') FROM goal WHERE goal_no LIKE 'P%' AND state = 'active' AND due_on < '2026-09-29'$$);
SELECT pg_temp.write('A change of weights', $$UPDATE goal SET weight = (SELECT CASE goal.goal_id WHEN a THEN wb ELSE wa END FROM (SELECT min(goal_id) AS a, max(weight) FILTER (WHERE n = 1) AS wa, max(weight) FILTER (WHERE n = 2) AS wb
	FROM (SELECT goal_id, weight, row_number() OVER (ORDER BY goal_id) AS n FROM goal WHERE goal_no IN ('P4-1-1', 'P4-1-2')) p) q) WHERE goal_no IN ('P4-1-1', 'P4-1-2')$$);
SELECT pg_temp.write('A change of a curve', $$UPDATE indicator SET curve = 'linear(0:5, 90:60, 100:100)' WHERE code = 'LIN'$$);
SELECT pg_temp.write('A change of a cap and a missing policy', $$UPDATE indicator SET cap = 101, missing = 'zero' WHERE code IN ('STEP', 'LIN')$$);
SELECT pg_temp.write('A change of thresholds', $$UPDATE indicator SET green = 0.6, yellow = 0.5 WHERE code IN ('STEP', 'LIN', 'ATT')$$);
SELECT pg_temp.write('A change of targets', $$SELECT change_target(goal_id, target * 1.25, least(today(), due_on), 'More', 'E1') FROM goal WHERE goal_no ~ '^P(3|4|21)-' AND target IS NOT NULL AND state = 'active'$$);
SELECT pg_temp.write('A change of a contribution', $$UPDATE goal SET contribution = 9 WHERE parent_id IS NOT NULL AND kind <> 'key_result' AND state = 'active'$$);
SELECT pg_temp.write('Another parent', $$UPDATE goal SET parent_id = goal_id_of('P5-1') WHERE goal_no ~ '^P[0-9]+-3$' AND parent_id IS NOT NULL AND NOT EXISTS (SELECT FROM goal c WHERE c.owner_id = goal.owner_id AND c.state = 'cancelled')$$);
SELECT pg_temp.write('A declared light', $$INSERT INTO light_override (goal_id, light, reason, author_id, from_on, until_on) SELECT goal_id, 'red', 'x', employee_id_of('E1'), '2026-09-18', '2026-10-30' FROM goal WHERE goal_no ~ '^P[0-9]+-2$'$$);
SELECT pg_temp.write('A link', $$SELECT link_goals(f.goal_id, t.goal_id) FROM goal f, goal t WHERE f.department_id <> t.department_id AND f.goal_no = 'P21-3' AND t.goal_no = 'P4-3'
	UNION ALL SELECT link_goals(f.goal_id, t.goal_id) FROM goal f, goal t WHERE f.goal_no ~ '^P3[0-9]-2$' AND t.goal_no ~ '^P[3-9]-2$' AND f.department_id <> t.department_id AND f.state = 'active' AND t.state = 'active' AND f.due_on >= t.due_on
		AND NOT EXISTS (SELECT FROM goal_link l WHERE l.from_goal_id = f.goal_id AND l.to_goal_id = t.goal_id)$$);
SELECT pg_temp.write('A link taken away', $$SELECT unlink_goals(from_goal_id, to_goal_id) FROM goal_link$$);
SELECT pg_temp.write('A new goal beside others', $$UPDATE goal SET weight = weight / 2 WHERE owner_id = employee_id_of('P7') AND kind <> 'key_result' AND state IN ('active', 'done');
	SELECT add_goal('2026Q3', 'P7', 'kpi', 'More', 100 - sum(weight), goal_no => 'P7-M') FROM goal WHERE owner_id = employee_id_of('P7') AND kind <> 'key_result' AND state IN ('active', 'done');
	SELECT activate_goal(goal_id_of('P7-M')), check_in(goal_id_of('P7-M'), progress => 0.4)$$);
SELECT pg_temp.write('A goal done', $$SELECT complete_goal(goal_id, today() - 4) FROM goal WHERE goal_no IN ('P3-1', 'P4-2', 'P21-2') OR goal_no LIKE 'P4-1-%' AND state = 'active'$$);
SELECT pg_temp.write('A goal cancelled', $$SELECT cancel_goal(goal_id, 'x') FROM goal WHERE goal_no ~ '^P(3|21|22)-3$' AND state = 'active'$$);
SELECT pg_temp.write('Bonus and penalty points', $$INSERT INTO score_adjustment (employee_id, cycle_id, points, reason, approved_by_id) SELECT employee_id, cycle_id_of('2026Q3'), v.points, 'x', employee_id_of('E1') FROM employee, (VALUES (6), (-3)) v(points) WHERE employee_no LIKE 'P%'$$);
SELECT pg_temp.write('A change of the settings', $$UPDATE setting SET value = v.value FROM (VALUES ('min_coverage', '0.2'), ('silence_days', '3'), ('bonus_cap', '2'), ('penalty_cap', '1')) v(key, value) WHERE v.key = setting.key$$);
SELECT pg_temp.write('A measurement', $$INSERT INTO indicator (code, name, aggregation) VALUES ('MEASURED', 'Measured', 'sum');
	SELECT add_goal('2026Q3', 'P7', 'kpi', 'Measured', 0, indicator_code => 'MEASURED', target => 9::numeric, measured_by => 'measurement', goal_no => 'P7-S', due_on => '2026-09-30');
	SELECT activate_goal(goal_id_of('P7-S'));
	INSERT INTO measurement (indicator_id, goal_id, measured_on, value) VALUES (indicator_id_of('MEASURED'), goal_id_of('P7-S'), '2026-09-20', 2)$$);
SELECT pg_temp.write('A correction of a measurement', $$INSERT INTO measurement (indicator_id, goal_id, measured_on, value) VALUES (indicator_id_of('MEASURED'), goal_id_of('P7-S'), '2026-09-20', 5)$$);
SELECT pg_temp.write('The closing of a cycle', $$DELETE FROM cycle WHERE code IN ('2026-07', '2026-08'); SELECT close_cycle('2026-09'), close_cycle('2026Q3')$$);
SELECT pg_temp.write('Its reopening', $$SELECT reopen_cycle('2026Q3', 'x')$$);
SELECT pg_temp.write('A correction in a reopened cycle', $$SELECT check_in(goal_id_of('P9-2'), progress => 0.99)$$);
SELECT pg_temp.write('Its second closing', $$SELECT close_cycle('2026Q3')$$);
SELECT pg_temp.write('What comes after a closing', $$UPDATE indicator SET curve = 'linear(0:0, 100:50)'; UPDATE setting SET value = '9' WHERE key = 'bonus_cap'; SELECT transfer('P5', 'KS-B', 'E5', today())$$);

/* what a write spoils is the day before it, and any earlier one */
CREATE TEMPORARY TABLE spoilt AS
	SELECT s.day, s.what FROM (SELECT DISTINCT day FROM day_shown) d CROSS JOIN LATERAL pg_temp.shown(d.day) n JOIN day_shown s ON s.day = d.day AND s.what = n.what WHERE s.figure IS DISTINCT FROM n.figure;
SELECT is(string_agg(DISTINCT s.what, ', '), NULL, w.write || ' changes nothing that the day before it showed')
	FROM day_shown w LEFT JOIN spoilt s ON s.day = w.day - 1
	WHERE w.what = 'goals' AND w.day > '2026-09-18'
	GROUP BY w.day, w.write ORDER BY w.day;
SELECT is_empty('TABLE spoilt', 'After all of them every day shows what it showed');
SELECT cmp_ok(count(DISTINCT figure), '>', 27::bigint, 'and almost every write was to be seen on its day') FROM day_shown WHERE what = 'goals';

SELECT * FROM finish();
ROLLBACK;
