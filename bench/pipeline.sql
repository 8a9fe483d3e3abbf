/*
 * The whole pipeline for 5 000 people, beside plain SQL that computes the same
 * rows of employee_scorecard from the same tables.
 *
 *   psql -X -f bench/pipeline.sql
 *
 * 30 000 goals in an open quarter with 250 000 check-ins: objectives of key
 * results, KPIs on three curves, a veto, three policies for what is missing,
 * bonus and penalty points, cancelled goals, declared lights, postponements,
 * silence, and people who moved and have goals in two departments.
 *
 * The plain side is written for these data alone: it knows that no objective
 * stands on another, that no row has a past (as known today is as stored) and
 * which curves there are, and it forecasts nothing.  Both sides are checked
 * to give the same rows, column by column, before they run in turn; the
 * shortest time of each counts.
 */
\set QUIET on
SET client_min_messages = warning;
SET timezone = 'Asia/Shanghai';
SELECT perf_mgmt.create_workspace('perf', 'en') AS made \gset
SET search_path = perf, perf_mgmt, public;
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';

/* triggers check rows one by one; these rows are known to be right */
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE TEMPORARY TABLE person AS
	SELECT p AS id, 2 + p % 312 AS department_id, 2 + (p + 1) % 312 AS next_department_id, p % 20 = 0 AS moved FROM generate_series(1, 5000) p;
INSERT INTO department (department_id, code, name) VALUES (1, 'C', 'Company');
INSERT INTO department (department_id, code, name, parent_id) SELECT 1 + d, 'D' || d, 'Team ' || d, 1 FROM generate_series(1, 312) d;
INSERT INTO employee (employee_id, employee_no, name, hired_on) SELECT id, 'P' || id, 'Person ' || id, CASE WHEN id % 50 = 0 THEN date '2026-07-13' ELSE date '2020-01-01' END FROM person;
INSERT INTO assignment (employee_id, department_id, manager_id, during, recorded_from)
	SELECT id, department_id, CASE WHEN id > 1 THEN greatest(id / 16, 1) END, daterange(hired_on, CASE WHEN moved THEN date '2026-08-17' END), '-infinity'::timestamptz
		FROM person JOIN employee ON employee_id = id
	UNION ALL
	SELECT id, next_department_id, CASE WHEN id > 1 THEN greatest(id / 16, 1) END, daterange('2026-08-17', NULL), '-infinity' FROM person WHERE moved;
INSERT INTO cycle (cycle_id, code, kind, starts_on, ends_on, state, recorded_from) VALUES (1, '2026Q3', 'quarter', '2026-07-01', '2026-09-30', 'active', '-infinity');
INSERT INTO indicator (indicator_id, code, name, basis, direction, curve, cap, missing, recorded_from) VALUES
	(1, 'SALES', 'Sales', 'attainment', 'up', 'linear(0:0, 80:60, 100:100, 120:120)', 110, 'renormalise', '-infinity'),
	(2, 'STAGE', 'Stage', 'progress', 'up', 'step(0:0, 60:60, 80:80, 100:100)', 120, 'renormalise', '-infinity'),
	(3, 'SAFE', 'Accidents', 'value', 'down', 'step(0:100, 1:60, 2:veto)', 100, 'zero', '-infinity'),
	(4, 'AUDIT', 'Audit', 'progress', 'up', 'linear(0:0, 100:100)', 120, 'block', '-infinity');
INSERT INTO goal (goal_id, goal_no, cycle_id, parent_id, owner_id, department_id, kind, title, weight, starts_on, due_on, state, recorded_from)
	SELECT 10 * id, 'O' || id, 1, CASE WHEN id > 1 THEN 10 * greatest(id / 16, 1) END, id, department_id, 'objective', 'Objective ' || id, 50,
			'2026-07-01', '2026-09-30', 'active', '-infinity'
		FROM person;
INSERT INTO goal (goal_id, goal_no, cycle_id, parent_id, owner_id, department_id, kind, title, indicator_id, weight, target, starts_on, due_on, state, recorded_from)
	SELECT 10 * id + k, format('K%s-%s', id, k), 1, CASE WHEN k <= 3 THEN 10 * id END, id, CASE WHEN moved AND k = 5 THEN next_department_id ELSE department_id END,
			CASE WHEN k <= 3 THEN 'key_result' ELSE 'kpi' END, 'Goal ' || k,
			CASE WHEN k = 5 AND id % 7 = 0 THEN 3 WHEN k = 5 AND id % 19 = 0 THEN 4 WHEN k <> 3 THEN 1 + k % 2 END,
			CASE WHEN k <= 3 THEN (ARRAY[40, 30, 30])[k] WHEN NOT moved THEN 25 WHEN k = 4 THEN 50 ELSE 100 END, CASE WHEN k < 5 OR id % 7 > 0 THEN 100 END,
			'2026-07-01', CASE WHEN k = 4 AND id % 17 < 2 THEN date '2026-09-15' + 10 * (id % 17) ELSE date '2026-09-30' END,
			CASE WHEN k = 3 AND id % 31 = 0 THEN 'cancelled' WHEN k = 2 AND id % 37 = 0 THEN 'done' ELSE 'active' END, '-infinity'
		FROM person, generate_series(1, 5) k;
INSERT INTO postponement (goal_id, old_due_on, new_due_on, reason, recorded_at)
	SELECT 10 * id + 4, '2026-09-15', '2026-09-25', 'Parts are late', '2026-09-01 10:00+08' FROM person WHERE id % 17 = 1;
INSERT INTO check_in (goal_id, employee_id, at, recorded_at, actual)
	SELECT goal_id, owner_id, day, day, CASE WHEN indicator_id = 3 THEN (owner_id % 21 = 0)::integer + (owner_id % 210 = 0)::integer ELSE w * (7 + (owner_id * 7 + goal_id % 10 * 3) % 5) END
		FROM goal, generate_series(1, 10) w,
			LATERAL (SELECT timestamptz '2026-07-03 16:00+08' + w * interval '7 days' + (owner_id % 100) * interval '1 minute' AS day) d
		WHERE kind <> 'objective' AND owner_id % 97 > 0 AND NOT (goal_id % 10 = 5 AND owner_id % 11 = 0) AND NOT (w > 8 AND owner_id % 5 = 0);
INSERT INTO score_adjustment (employee_id, cycle_id, points, reason, approved_by_id, recorded_at)
	SELECT id, 1, a.points, 'Reason', greatest(id / 16, 1), '2026-09-01 10:00+08'
		FROM person, LATERAL (VALUES (3.5, id % 9 = 0), (8, id % 45 = 0), (-2, id % 13 = 0)) AS a(points, given) WHERE a.given;
INSERT INTO light_override (goal_id, light, reason, author_id, from_on, until_on, recorded_at)
	SELECT 10 * id + 1, CASE WHEN id % 2 = 0 THEN 'green' ELSE 'red' END, 'Reason', greatest(id / 16, 1), '2026-09-01', '2026-09-30', '2026-09-01 10:00+08' FROM person WHERE id % 101 = 0;
COMMIT;
VACUUM ANALYZE;

CREATE TEMPORARY VIEW ours AS
	SELECT employee_no, employee, cycle, department, score, coverage, light, light_rank, goals, red, yellow, green,
			progress, expected, bonus, penalty, score_before_veto, is_vetoed, grade
		FROM employee_scorecard;

CREATE TEMPORARY VIEW plain AS
WITH live AS (
	SELECT g.goal_id, g.owner_id, g.department_id, g.cycle_id, g.parent_id, g.kind, g.state, g.weight, g.indicator_id, i.basis, i.missing, i.cap AS points_cap,
			CASE g.kind WHEN 'kpi' THEN coalesce(i.cap / 100, 1.2) ELSE 1 END AS cap,
			n.actual, CASE WHEN n.actual IS NOT NULL AND g.target IS NOT NULL THEN (n.actual - coalesce(g.baseline, 0)) / (g.target - coalesce(g.baseline, 0)) ELSE n.progress END AS progress,
			CASE WHEN n.actual IS NOT NULL AND g.target <> 0 THEN n.actual / g.target END AS attainment,
			least(greatest((date '2026-09-18' - least(greatest(g.starts_on, e.hired_on), g.due_on) + 1)::numeric / (g.due_on - least(greatest(g.starts_on, e.hired_on), g.due_on) + 1), 0), 1) AS expected,
			date '2026-09-18' - coalesce((own.at AT TIME ZONE 'Asia/Shanghai')::date, g.starts_on) AS silent_days,
			c.state AS cycle_state, d.light AS declared
		FROM goal g
		JOIN cycle c ON c.cycle_id = g.cycle_id AND c.state IN ('active', 'review')
		JOIN employee e ON e.employee_id = g.owner_id
		LEFT JOIN indicator i ON i.indicator_id = g.indicator_id
		LEFT JOIN (SELECT DISTINCT ON (k.goal_id) k.goal_id, k.actual, k.progress FROM check_in k
			WHERE (k.actual IS NOT NULL OR k.progress IS NOT NULL) AND k.at < timestamptz '2026-09-19 00:00+08' AND k.recorded_at < timestamptz '2026-09-19 00:00+08'
			ORDER BY k.goal_id, k.at DESC, k.recorded_at DESC, k.check_in_id DESC) n ON n.goal_id = g.goal_id
		LEFT JOIN (SELECT k.goal_id, k.employee_id, max(k.at) AS at FROM check_in k
			WHERE k.at < timestamptz '2026-09-19 00:00+08' AND k.recorded_at < timestamptz '2026-09-19 00:00+08'
			GROUP BY k.goal_id, k.employee_id) own ON own.goal_id = g.goal_id AND own.employee_id = g.owner_id
		LEFT JOIN (SELECT DISTINCT ON (o.goal_id) o.goal_id, o.light FROM light_override o
			WHERE date '2026-09-18' BETWEEN o.from_on AND o.until_on
			ORDER BY o.goal_id, o.recorded_at DESC, o.light_override_id DESC) d ON d.goal_id = g.goal_id
		WHERE g.state IN ('active', 'done')
), asked AS (
	SELECT l.*, CASE l.basis WHEN 'progress' THEN 100 * l.progress WHEN 'attainment' THEN 100 * l.attainment WHEN 'value' THEN l.actual END AS x
		FROM live l
), curved AS (
	SELECT a.*, coalesce(a.indicator_id = 3 AND a.x > 1, false) AS is_vetoed,
			CASE a.indicator_id
				WHEN 1 THEN CASE WHEN a.x <= 0 THEN 0 WHEN a.x < 80 THEN a.x * 60 / 80 WHEN a.x < 100 THEN 60 + (a.x - 80) * 2 WHEN a.x < 120 THEN a.x WHEN a.x >= 120 THEN 120 END
				WHEN 2 THEN CASE WHEN a.x < 60 THEN 0 WHEN a.x < 80 THEN 60 WHEN a.x < 100 THEN 80 WHEN a.x >= 100 THEN 100 END
				WHEN 3 THEN CASE WHEN a.x <= 0 THEN 100 WHEN a.x <= 1 THEN 60 WHEN a.x > 1 THEN 0 END
				WHEN 4 THEN CASE WHEN a.x <= 0 THEN 0 WHEN a.x < 100 THEN a.x WHEN a.x >= 100 THEN 100 END
			END AS curve_score
		FROM asked a
), scored AS (
	SELECT c.*,
			CASE WHEN c.indicator_id IS NULL THEN CASE WHEN c.progress IS NOT NULL THEN 100 * least(greatest(c.progress, 0), c.cap) END
				WHEN c.curve_score IS NOT NULL THEN least(greatest(round(c.curve_score, 6), 0), c.points_cap)
				WHEN c.missing = 'zero' THEN 0 END AS score
		FROM curved c
), family AS (
	SELECT s.parent_id,
			CASE WHEN count(s.progress) > 0 THEN sum(s.weight * least(greatest(coalesce(s.progress, 0), 0), s.cap)) / nullif(sum(s.weight), 0) END AS progress,
			sum(s.weight * s.score) / nullif(sum(s.weight) FILTER (WHERE s.score IS NOT NULL), 0) AS score
		FROM scored s WHERE s.kind = 'key_result'
		GROUP BY s.parent_id
), rolled AS (
	SELECT s.goal_id, s.owner_id, s.cycle_id, s.department_id, s.weight, s.cap, s.expected, s.declared, s.kind <> 'key_result' AS is_own_root,
			CASE WHEN f.parent_id IS NULL THEN s.progress ELSE f.progress END AS progress,
			CASE WHEN f.parent_id IS NULL THEN s.score ELSE f.score END AS score,
			s.is_vetoed AND f.parent_id IS NULL AS is_vetoed, s.missing = 'block' AND f.parent_id IS NULL AS blocks,
			f.parent_id IS NULL AND s.state = 'active' AND s.cycle_state = 'active' AND s.silent_days > 7 AS is_silent
		FROM scored s
		LEFT JOIN family f ON s.kind = 'objective' AND f.parent_id = s.goal_id
), lit AS (
	SELECT r.*, round(r.progress, 6) AS p, round(r.expected, 6) AS e FROM rolled r
), lamp AS (
	SELECT l.*,
			CASE WHEN l.is_vetoed THEN 'red'
				WHEN l.is_silent AND l.declared = 'green' THEN 'yellow'
				WHEN l.declared IS NOT NULL THEN l.declared
				WHEN l.is_silent AND l.computed = 'green' THEN 'yellow'
				ELSE l.computed END AS light
		FROM (SELECT l.*,
				CASE WHEN l.p >= 1 THEN 'green'
					WHEN l.p IS NULL THEN CASE WHEN l.e >= 0.5 THEN 'red' ELSE 'grey' END
					WHEN l.e IS NULL OR l.e < 0.10 THEN 'grey'
					WHEN l.e - l.p < 0.02 THEN 'green'
					WHEN l.p >= 0.95 * l.e THEN 'green'
					WHEN l.p >= 0.75 * l.e THEN 'yellow'
					ELSE 'red' END AS computed
			FROM lit l) l
), part AS (
	SELECT m.owner_id, m.cycle_id, m.department_id, count(*) AS goals, count(*) FILTER (WHERE m.light = 'red') AS red,
			count(*) FILTER (WHERE m.light = 'yellow') AS yellow, count(*) FILTER (WHERE m.light = 'green') AS green, bool_or(m.is_vetoed) AS is_vetoed,
			bool_or(m.progress IS NOT NULL) FILTER (WHERE m.is_own_root) AS is_known,
			sum(m.weight * least(greatest(coalesce(m.progress, 0), 0), m.cap)) FILTER (WHERE m.is_own_root) AS weighted_progress,
			sum(m.weight * m.expected) FILTER (WHERE m.is_own_root) AS weighted_expected,
			sum(m.weight) FILTER (WHERE m.is_own_root) AS weight,
			coalesce(sum(m.weight) FILTER (WHERE m.is_own_root AND m.score IS NOT NULL), 0) AS weight_scored,
			sum(m.weight * m.score) FILTER (WHERE m.is_own_root) / nullif(sum(m.weight) FILTER (WHERE m.is_own_root AND m.score IS NOT NULL), 0) AS score,
			bool_or(m.blocks AND m.score IS NULL) FILTER (WHERE m.is_own_root) AS blocks
		FROM lamp m
		GROUP BY m.owner_id, m.cycle_id, m.department_id
), worked AS (
	SELECT a.employee_id, c.cycle_id, a.department_id, sum(least(upper(a.during), least(c.ends_on, date '2026-09-18') + 1) - greatest(lower(a.during), c.starts_on)) AS days
		FROM cycle c JOIN assignment a ON a.during && daterange(c.starts_on, least(c.ends_on, date '2026-09-18'), '[]')
		GROUP BY a.employee_id, c.cycle_id, a.department_id
), dated AS (
	SELECT p.*, coalesce(w.days, 0) AS days,
			sum(coalesce(w.days, 0)) FILTER (WHERE p.weight_scored > 0) OVER person AS scored_days,
			count(*) FILTER (WHERE p.weight_scored > 0) OVER person AS scored_parts
		FROM part p LEFT JOIN worked w ON w.employee_id = p.owner_id AND w.cycle_id = p.cycle_id AND w.department_id = p.department_id
		WINDOW person AS (PARTITION BY p.owner_id, p.cycle_id)
), person_sum AS MATERIALIZED (
	SELECT d.owner_id, d.cycle_id, sum(d.goals) AS goals, sum(d.red) AS red, sum(d.yellow) AS yellow, sum(d.green) AS green, bool_or(d.is_vetoed) AS is_vetoed,
			CASE WHEN bool_or(d.is_known) THEN round(round(sum(d.weighted_progress) / nullif(sum(d.weight), 0), 12), 6) END AS progress,
			round(round(sum(d.weighted_expected) / nullif(sum(d.weight), 0), 12), 6) AS expected,
			sum(CASE WHEN d.weight_scored = 0 THEN 0 WHEN d.scored_days > 0 THEN d.days / d.scored_days ELSE 1.0 / d.scored_parts END * d.score) AS weighted,
			CASE WHEN count(*) = 1 OR sum(d.days) = 0 THEN sum(d.weight_scored) / nullif(sum(d.weight), 0) ELSE sum(d.days * d.weight_scored / nullif(d.weight, 0)) / sum(d.days) END AS coverage,
			bool_or(d.blocks) AS blocks
		FROM dated d
		GROUP BY d.owner_id, d.cycle_id
), adjusted AS MATERIALIZED (
	SELECT a.employee_id, a.cycle_id, least(coalesce(sum(a.points) FILTER (WHERE a.points > 0), 0), 10) AS bonus, greatest(coalesce(sum(a.points) FILTER (WHERE a.points < 0), 0), -10) AS penalty
		FROM score_adjustment a
		GROUP BY a.employee_id, a.cycle_id
), place AS MATERIALIZED (
	SELECT DISTINCT ON (a.employee_id, c.cycle_id) a.employee_id, c.cycle_id, a.department_id
		FROM cycle c JOIN assignment a ON lower(a.during) <= least(date '2026-09-18', c.ends_on)
		ORDER BY a.employee_id, c.cycle_id, lower(a.during) DESC
), total AS (
	SELECT s.*, coalesce(a.bonus, 0) AS bonus, coalesce(a.penalty, 0) AS penalty,
			CASE WHEN NOT s.blocks AND s.coverage >= 0.6 THEN s.weighted + coalesce(a.bonus, 0) + coalesce(a.penalty, 0) END AS unvetoed
		FROM person_sum s LEFT JOIN adjusted a ON a.employee_id = s.owner_id AND a.cycle_id = s.cycle_id
), graded AS (
	SELECT t.*, CASE WHEN t.is_vetoed THEN 0.00 ELSE round(round(t.unvetoed, 12), 2) END AS score,
			CASE WHEN t.progress >= 1 THEN 'green'
				WHEN t.progress IS NULL THEN CASE WHEN t.expected >= 0.5 THEN 'red' ELSE 'grey' END
				WHEN t.expected IS NULL OR t.expected < 0.10 THEN 'grey'
				WHEN t.expected - t.progress < 0.02 OR t.progress >= 0.95 * t.expected THEN 'green'
				WHEN t.progress >= 0.75 * t.expected THEN 'yellow'
				ELSE 'red' END AS light
		FROM total t
)
SELECT e.employee_no, e.name AS employee, c.code AS cycle, d.name AS department, g.score, round(round(coalesce(g.coverage, 0), 12), 6) AS coverage,
		g.light, CASE g.light WHEN 'grey' THEN 0 WHEN 'red' THEN 1 WHEN 'yellow' THEN 2 ELSE 3 END AS light_rank, g.goals, g.red, g.yellow, g.green,
		g.progress, g.expected, g.bonus, g.penalty, round(round(g.unvetoed, 12), 2) AS score_before_veto, g.is_vetoed,
		CASE WHEN g.score >= 90 THEN 'A' WHEN g.score >= 80 THEN 'B' WHEN g.score >= 60 THEN 'C' WHEN g.score IS NOT NULL THEN 'D' END AS grade
	FROM graded g
	JOIN employee e ON e.employee_id = g.owner_id
	JOIN cycle c ON c.cycle_id = g.cycle_id
	LEFT JOIN place p ON p.employee_id = g.owner_id AND p.cycle_id = g.cycle_id
	LEFT JOIN department d ON d.department_id = p.department_id;

DO $$
DECLARE
	people integer;
	figures record;
	sample record;
BEGIN
	CREATE TEMPORARY TABLE our_row AS SELECT * FROM ours;
	CREATE TEMPORARY TABLE plain_row AS SELECT * FROM plain;
	SELECT count(*) INTO people FROM our_row o JOIN plain_row p USING (employee_no, cycle)
		WHERE (o.employee, o.department, o.score, o.coverage, o.light, o.light_rank, o.goals, o.red, o.yellow, o.green, o.progress, o.expected, o.bonus, o.penalty, o.score_before_veto, o.is_vetoed, o.grade)
			IS NOT DISTINCT FROM (p.employee, p.department, p.score, p.coverage, p.light, p.light_rank, p.goals, p.red, p.yellow, p.green, p.progress, p.expected, p.bonus, p.penalty, p.score_before_veto, p.is_vetoed, p.grade);
	IF people <> 5000 OR (SELECT count(*) FROM our_row) <> 5000 OR (SELECT count(*) FROM plain_row) <> 5000 THEN
		SELECT * INTO sample FROM our_row o JOIN plain_row p USING (employee_no, cycle)
			WHERE (o.score, o.coverage, o.light, o.goals, o.red, o.yellow, o.green, o.progress, o.expected, o.bonus, o.penalty, o.score_before_veto, o.is_vetoed, o.grade, o.department)
				IS DISTINCT FROM (p.score, p.coverage, p.light, p.goals, p.red, p.yellow, p.green, p.progress, p.expected, p.bonus, p.penalty, p.score_before_veto, p.is_vetoed, p.grade, p.department)
			ORDER BY o.employee_no LIMIT 1;
		RAISE EXCEPTION 'only % of 5000 rows agree with plain SQL', people USING DETAIL = sample::text;
	END IF;
	/* the data must hold every case, or the comparison says little */
	SELECT count(*) FILTER (WHERE score IS NULL) AS unscored, count(*) FILTER (WHERE is_vetoed) AS vetoed, count(*) FILTER (WHERE bonus > 0 AND penalty < 0) AS adjusted,
			count(DISTINCT grade) AS grades, count(DISTINCT light) AS lights, count(*) FILTER (WHERE coverage > 0 AND coverage < 1) AS partly INTO figures FROM our_row;
	IF least(figures.unscored, figures.vetoed, figures.adjusted, figures.partly, figures.grades - 3, figures.lights - 2) < 1 THEN
		RAISE EXCEPTION 'the data lack a case: %', figures;
	END IF;
END $$;

CREATE FUNCTION pg_temp.race(ours text, plain text, OUT ours_ms numeric, OUT plain_ms numeric) LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz;
BEGIN
	FOR round IN 0 .. 5 LOOP
		started := clock_timestamp();
		EXECUTE ours;
		-- the first round only warms up
		ours_ms := CASE WHEN round > 0 THEN least(ours_ms, 1000 * extract(epoch FROM clock_timestamp() - started)) END;
		started := clock_timestamp();
		IF plain IS NOT NULL THEN
			EXECUTE plain;
			plain_ms := CASE WHEN round > 0 THEN least(plain_ms, 1000 * extract(epoch FROM clock_timestamp() - started)) END;
		END IF;
	END LOOP;
END $$;

CREATE TEMPORARY TABLE bench_case (no integer, measure text, ours text, plain text, goal numeric);
INSERT INTO bench_case VALUES
	(1, 'employee_scorecard', 'SELECT count(o) FROM (TABLE ours OFFSET 0) o', 'SELECT count(p) FROM (TABLE plain OFFSET 0) p', 1.00),
	(2, 'its facts', $$SELECT count(f) FROM goal_fact('2026-09-18') f$$, NULL, NULL),
	(3, 'its facts, rolled up', $$SELECT cardinality(goal_states('2026-09-18'))$$, NULL, NULL);
SELECT format('%s: %s%s ms a person', measure, round(ours_ms / 5000, 3), ' and ' || round(plain_ms / 5000, 3)) AS measure,
		round(ours_ms) AS ours_ms, round(plain_ms) AS plain_ms, round(ours_ms / plain_ms, 2) AS ratio, goal
	FROM bench_case, LATERAL pg_temp.race(ours, plain)
	ORDER BY no;
