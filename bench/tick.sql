/*
 * Reminders over a million goals: what a tick costs where nothing is due, and
 * where 1 % and 10 % of the people are silent, beside the plain query of a
 * nightly job, which looks at everybody.
 *
 * 100 000 people have ten goals each in the open quarter and three check-ins,
 * the newest on one of the five days before.  A tick costs what is due: the
 * people who are silent, not the goals or people that there are.
 */
\set QUIET on
SET client_min_messages = warning;

CREATE TEMPORARY TABLE timing (place serial, measure text, ours_ms numeric, plain_ms numeric, goal numeric, blocks bigint, messages bigint);

CREATE FUNCTION pg_temp.fill(people integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE setting SET value = '2026-09-15' WHERE key = 'today';
	/* no talk is due: this is about reminders, not about talks */
	UPDATE setting SET value = NULL WHERE key = 'one_to_one_days';
	INSERT INTO department (department_id, code, name) VALUES (1, 'C', 'Company');
	INSERT INTO employee (employee_id, employee_no, name, hired_on) SELECT p, 'P' || p, 'Person ' || p, '2020-01-01' FROM generate_series(1, people) p;
	ALTER TABLE assignment DISABLE TRIGGER USER;
	INSERT INTO assignment (employee_id, department_id, manager_id, during, recorded_from)
		SELECT p, 1, CASE WHEN p > 1 THEN greatest(p / 16, 1) END, '[2020-01-01,)', '-infinity' FROM generate_series(1, people) p;
	ALTER TABLE assignment ENABLE TRIGGER USER;
	INSERT INTO cycle (cycle_id, code, kind, starts_on, ends_on, state, recorded_from) VALUES (1, '2026Q3', 'quarter', '2026-07-01', '2026-09-30', 'active', '-infinity');
	/* what triggers would refuse is not in here */
	ALTER TABLE goal DISABLE TRIGGER USER;
	INSERT INTO goal (goal_no, cycle_id, owner_id, department_id, kind, title, weight, starts_on, due_on, state, recorded_from)
		SELECT format('K%s-%s', p, k), 1, p, 1, 'kpi', 'Goal', 10, '2026-07-01', '2026-09-30', 'active', '-infinity'
		FROM generate_series(1, people) p, generate_series(1, 10) k;
	ALTER TABLE goal ENABLE TRIGGER USER;
	ALTER TABLE check_in DISABLE TRIGGER USER;
	INSERT INTO check_in (goal_id, employee_id, at, recorded_at, note)
		SELECT g.goal_id, g.owner_id, day, day, 'x'
		FROM generate_series(0, 2) w,
			(SELECT g.owner_id, min(g.goal_id) AS goal_id FROM goal g GROUP BY g.owner_id) g,
			LATERAL (SELECT timestamptz '2026-09-10 09:00+08' - (w * 7 - g.owner_id % 5) * interval '1 day' + (g.owner_id % 400) * interval '1 minute' AS day) d;
	ALTER TABLE check_in ENABLE TRIGGER USER;
END;
$$;

/* everybody up to a number has said nothing since August: a share of the people is silent */
CREATE FUNCTION pg_temp.silence(share numeric, people integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	ALTER TABLE check_in DISABLE TRIGGER USER;
	DELETE FROM check_in WHERE employee_id <= share * people AND recorded_at >= '2026-09-02';
	UPDATE silence_watch SET seen_at = '2026-08-28' WHERE employee_id <= share * people;
	ALTER TABLE check_in ENABLE TRIGGER USER;
END;
$$;

CREATE FUNCTION pg_temp.clock(label text, at timestamptz, goal numeric) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	plan json;
	plain json;
	before bigint := (SELECT count(*) FROM message);
BEGIN
	EXECUTE format('EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT json) SELECT remind(%L)', at) INTO plan;
	/* a nightly job: the newest check-in of everybody with a live goal, and who is over the limit */
	EXECUTE format($q$EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT json)
		SELECT g.owner_id, max(c.recorded_at) FROM (SELECT DISTINCT owner_id FROM goal WHERE state IN ('active', 'done')) g
			LEFT JOIN check_in c ON c.employee_id = g.owner_id
			GROUP BY g.owner_id HAVING max(c.recorded_at) < %L::timestamptz - interval '8 days'$q$, at) INTO plain;
	INSERT INTO timing (measure, ours_ms, plain_ms, goal, blocks, messages)
		SELECT label, (plan -> 0 ->> 'Execution Time')::numeric, (plain -> 0 ->> 'Execution Time')::numeric, clock.goal,
			(plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint,
			(SELECT count(*) FROM message) - before;
END;
$$;

SELECT perf_mgmt.create_workspace('small', 'en') AS small, perf_mgmt.create_workspace('large', 'en') AS large \gset
SET search_path = small, perf_mgmt, public;
SELECT pg_temp.fill(10000) AS filled \gset
VACUUM ANALYZE;
SELECT pg_temp.clock('100 k goals: first tick of the day', '2026-09-15 09:00+08', NULL) AS x \gset
/* as autovacuum does after such a tick */
VACUUM ANALYZE silence_watch;
SELECT remind('2026-09-15 09:05+08') AS warm \gset
SELECT pg_temp.clock('100 k goals: nothing due', '2026-09-15 09:10+08', 0.1) AS x \gset
DISCARD PLANS;
SET search_path = large, perf_mgmt, public;
SELECT pg_temp.fill(100000) AS filled \gset
VACUUM ANALYZE;
SELECT pg_temp.clock('1 M goals: first tick of the day', '2026-09-15 09:00+08', NULL) AS x \gset
VACUUM ANALYZE silence_watch;
SELECT remind('2026-09-15 09:05+08') AS warm \gset
SELECT pg_temp.clock('1 M goals: nothing due', '2026-09-15 09:10+08', 0.01) AS x \gset
SELECT pg_temp.clock('1 M goals: outside waking hours', '2026-09-15 20:00+08', 0.01) AS x \gset
SELECT pg_temp.silence(0.01, 100000) AS silenced \gset
ANALYZE;
SELECT pg_temp.clock('1 M goals: 1 % silent, told now', '2026-09-15 10:00+08', NULL) AS x \gset
SELECT pg_temp.clock('1 M goals: 1 % silent, told before', '2026-09-15 10:10+08', 0.05) AS x \gset
SELECT pg_temp.silence(0.1, 100000) AS silenced \gset
ANALYZE;
SELECT pg_temp.clock('1 M goals: 10 % silent, told now', '2026-09-15 11:00+08', NULL) AS x \gset
SELECT pg_temp.clock('1 M goals: 10 % silent, told before', '2026-09-15 11:10+08', 0.2) AS x \gset

SELECT measure, round(ours_ms, 1) AS ours_ms, round(plain_ms, 1) AS plain_ms, round(ours_ms / plain_ms, 3) AS ratio, goal FROM timing ORDER BY place;
\echo
SELECT format('%s: %s messages, %s blocks read', measure, messages, blocks) AS told FROM timing ORDER BY place;
