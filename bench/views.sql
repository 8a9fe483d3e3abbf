/*
 * The views of a workspace on 300 and on 5 000 generated people, and how
 * little one person's page reads.
 *
 * A company of N people has N / 16 teams; everybody has an objective with
 * three key results, two KPIs and ten check-ins on each measured goal, so
 * 5 000 people have 30 000 goals and 250 000 check-ins in the open quarter.
 */
\set QUIET on
SET client_min_messages = warning;

CREATE TEMPORARY TABLE timing (place serial, measure text, ours_ms numeric);

CREATE FUNCTION pg_temp.fill(people integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE setting SET value = '2026-09-18' WHERE key = 'today';
	INSERT INTO department (department_id, code, name) VALUES (1, 'C', 'Company');
	INSERT INTO department (department_id, code, name, parent_id) SELECT 1 + d, 'D' || d, 'Team ' || d, 1 FROM generate_series(1, greatest(people / 16, 1)) d;
	INSERT INTO employee (employee_id, employee_no, name, hired_on) SELECT p, 'P' || p, 'Person ' || p, '2020-01-01' FROM generate_series(1, people) p;
	INSERT INTO assignment (employee_id, department_id, manager_id, during, recorded_from)
		SELECT p, 2 + p % greatest(people / 16, 1), CASE WHEN p > 1 THEN greatest(p / 16, 1) END, '[2020-01-01,)', '-infinity' FROM generate_series(1, people) p;
	INSERT INTO cycle (cycle_id, code, kind, starts_on, ends_on, state, recorded_from) VALUES (1, '2026Q3', 'quarter', '2026-07-01', '2026-09-30', 'active', '-infinity');
	INSERT INTO indicator (indicator_id, code, name, basis, curve, recorded_from) VALUES
		(1, 'I1', 'one', 'attainment', 'linear(0:0, 80:60, 100:100, 120:120)', '-infinity'),
		(2, 'I2', 'two', 'progress', 'step(0:0, 60:60, 80:80, 100:100)', '-infinity');
	/* the objective of somebody serves the one of the manager */
	INSERT INTO goal (goal_id, goal_no, cycle_id, parent_id, owner_id, department_id, kind, title, weight, starts_on, due_on, state, recorded_from)
		SELECT 10 * p, 'O' || p, 1, CASE WHEN p > 1 THEN 10 * greatest(p / 16, 1) END, p, 2 + p % greatest(people / 16, 1), 'objective', 'Objective ' || p, 50,
			'2026-07-01', '2026-09-30', 'active', '-infinity'
		FROM generate_series(1, people) p;
	INSERT INTO goal (goal_id, goal_no, cycle_id, parent_id, owner_id, department_id, kind, title, indicator_id, weight, target, starts_on, due_on, state, recorded_from)
		SELECT 10 * p + k, format('K%s-%s', p, k), 1, CASE WHEN k <= 3 THEN 10 * p END, p, 2 + p % greatest(people / 16, 1), CASE WHEN k <= 3 THEN 'key_result' ELSE 'kpi' END,
			'Goal', CASE WHEN k <> 3 THEN 1 + k % 2 END, CASE k WHEN 1 THEN 40 WHEN 2 THEN 30 WHEN 3 THEN 30 ELSE 25 END, 100, '2026-07-01', '2026-09-30', 'active', '-infinity'
		FROM generate_series(1, people) p, generate_series(1, 5) k;
	INSERT INTO check_in (goal_id, employee_id, at, recorded_at, actual)
		SELECT 10 * p + k, p, day, day, w * (7 + (p * 7 + k * 3) % 5)
		FROM generate_series(1, people) p, generate_series(1, 5) k, generate_series(1, 10) w,
			LATERAL (SELECT timestamptz '2026-07-03 16:00+08' + w * interval '7 days' + (p % 100) * interval '1 minute' AS day) d;
	INSERT INTO task (goal_id, owner_id, title, state, due_on, done_at)
		SELECT 10 * p + 1, p, 'Task', CASE WHEN w < 5 THEN 'done' ELSE 'todo' END, '2026-09-01'::date + w, CASE WHEN w < 5 THEN timestamptz '2026-09-01 12:00+08' END
		FROM generate_series(1, people) p, generate_series(1, 8) w;
END;
$$;

/* the shortest of three */
CREATE FUNCTION pg_temp.clock(label text, query text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	began timestamptz;
	shortest numeric;
BEGIN
	FOR i IN 1 .. 3 LOOP
		began := clock_timestamp();
		EXECUTE query;
		shortest := least(shortest, 1000 * extract(epoch FROM clock_timestamp() - began));
	END LOOP;
	INSERT INTO timing (measure, ours_ms) VALUES (label, shortest);
END;
$$;

CREATE FUNCTION pg_temp.look(people integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.clock(people || ' people: goal_status', 'SELECT count(reason), sum(score) FROM goal_status');
	PERFORM pg_temp.clock(people || ' people: employee_scorecard', 'SELECT sum(score) FROM employee_scorecard');
	PERFORM pg_temp.clock(people || ' people: department_overview', 'SELECT sum(score) FROM department_overview');
	PERFORM pg_temp.clock(people || ' people: task_board', 'SELECT count(light) FROM task_board');
	PERFORM pg_temp.clock(people || ' people: goal_status_at, two weeks ago', $q$SELECT sum(score) FROM goal_status_at('2026-09-04')$q$);
	PERFORM pg_temp.clock(people || ' people: explain_score of one', format($q$SELECT count(*) FROM explain_score('P%s', '2026Q3')$q$, people));
	PERFORM pg_temp.clock(people || ' people: goal_status_of one', format($q$SELECT count(*) FROM goal_status_of('P%s')$q$, people));
END;
$$;

/* blocks read by a query, as EXPLAIN counts them */
CREATE FUNCTION pg_temp.blocks(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE query;
	EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT json) ' || query INTO plan;
	RETURN (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint;
END;
$$;

SELECT perf_mgmt.create_workspace('small', 'en') AS small, perf_mgmt.create_workspace('large', 'en') AS large \gset
SET search_path = small, perf_mgmt, public;
SELECT pg_temp.fill(300) AS filled \gset
ANALYZE;
SELECT pg_temp.look(300) AS looked \gset
SELECT pg_temp.blocks($$SELECT count(*) FROM goal_status$$) AS small_all, pg_temp.blocks($$SELECT count(*) FROM goal_status_of('P300')$$) AS small_one \gset
DISCARD PLANS;
SET search_path = large, perf_mgmt, public;
SELECT pg_temp.fill(5000) AS filled \gset
ANALYZE;
SELECT pg_temp.look(5000) AS looked \gset
SELECT pg_temp.blocks($$SELECT count(*) FROM goal_status$$) AS large_all, pg_temp.blocks($$SELECT count(*) FROM goal_status_of('P5000')$$) AS large_one \gset

SELECT measure, round(ours_ms, 1) AS ours_ms, NULL AS plain_ms, NULL AS ratio, NULL AS goal FROM timing ORDER BY place;
\echo
\echo blocks read: 300 people, goal_status :small_all, goal_status_of one :small_one
\echo blocks read: 5000 people, goal_status :large_all, goal_status_of one :large_one
