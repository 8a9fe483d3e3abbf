-- goal_graph() with links: beside the binary COPYs of its two queries, and beside
-- one recursive statement that carries the delays along.
--
--   psql -X -f bench/goal_links.sql
--
-- in any database that has the extension, as superuser (for COPY).  A million
-- goals in a tree, and 200 000 links among 100 000 of them, in 20 layers: each
-- goal needs two of the layer below.  The recursive statement works for those
-- 100 000 alone, and only finds the dates: a longest path in rounds, one a
-- layer, with the latest date a goal and round (paths one by one would be 2^20
-- of them).  goal_graph() over the same 100 000 goals reads them, rolls them up
-- and finds slack and culprits as well.
-- work_mem as in goal_graph.sql.  Every statement is run several times, timed
-- inside the server, and its shortest time counts.  Leaves nothing behind.

\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
SET jit = off;

DROP SCHEMA IF EXISTS bench_goal_links CASCADE;
BEGIN;
CREATE SCHEMA bench_goal_links;
SET search_path = bench_goal_links;
CREATE UNLOGGED TABLE goal AS
	SELECT i AS goal_id,
		CASE WHEN i > 1 THEN (i + 6) / 8 END AS parent_id,
		round(((i * 7919) % 9700 + 300) / 100.0, 2) AS weight,
		CASE WHEN i > (1000000 + 6) / 8 AND i % 50 <> 0 THEN round(((i * 104729) % 950) / 1000.0, 3) END AS progress,
		date '2026-07-01' + (i % 10)::integer AS starts_on,
		date '2026-09-01' + (i / 50000 * 7 + (i * 31) % 11)::integer AS due_on,
		CASE WHEN i % 7 = 0 THEN date '2026-09-01' + (i / 50000 * 7 + (i * 17) % 23)::integer END AS forecast_on
	FROM generate_series(1, 1000000::bigint) AS i;
-- every tenth goal takes part: number k of layer k / 5000
CREATE UNLOGGED TABLE link AS
	SELECT 10 * (k + 1) AS from_goal,
		10 * ((k / 5000 - 1) * 5000 + (k * (7 + 4 * which) + 1237 * which) % 5000 + 1) AS to_goal,
		1.0 AS strength,
		((k + which) % 6)::integer AS buffer_days
	FROM generate_series(5000, 99999::bigint) AS k, generate_series(1, 2) AS which
	UNION ALL
	SELECT 10 * (k + 1), 10 * (k % 5000 + 1), 0.5, 3
	FROM generate_series(90000, 99999::bigint) AS k;
-- the goals that take part, and no parents, which have no say in their dates
CREATE UNLOGGED TABLE linked AS
	SELECT goal_id, NULL::bigint AS parent_id, weight, progress, starts_on, due_on, forecast_on
	FROM goal WHERE goal_id % 10 = 0;
ALTER TABLE goal ADD PRIMARY KEY (goal_id);
ALTER TABLE linked ADD PRIMARY KEY (goal_id);
CREATE INDEX ON link (to_goal);
CREATE TABLE timing (statement text, ms numeric);
COMMIT;
VACUUM (ANALYZE, FREEZE) goal;
VACUUM (ANALYZE, FREEZE) link;
VACUUM (ANALYZE, FREEZE) linked;

-- No goal is done, and all dates lie ahead.  A goal is finished as forecast, else
-- when it is due.
CREATE VIEW plain AS
	WITH RECURSIVE push AS (
		SELECT goal_id, coalesce(forecast_on, due_on) AS finish, 0 AS round
			FROM linked
		UNION ALL
		SELECT l.from_goal, max(p.finish + l.buffer_days), p.round + 1
			FROM (SELECT * FROM push OFFSET 0) p JOIN link l ON l.to_goal = p.goal_id
			GROUP BY l.from_goal, p.round
	),
	latest AS (
		SELECT goal_id, max(finish) AS finish FROM push GROUP BY goal_id
	)
	SELECT g.goal_id,
			CASE WHEN g.forecast_on IS NOT NULL OR n.finish > g.due_on THEN n.finish END AS forecast_on
		FROM latest n JOIN linked g USING (goal_id);

CREATE VIEW ours AS
	SELECT goal_id, forecast_on, slack_days
		FROM perf_mgmt.goal_graph('TABLE bench_goal_links.linked', 'TABLE bench_goal_links.link', '2026-08-15');

-- the same dates, or there is nothing to compare; slack follows from them
SET work_mem = '256MB';
CREATE TEMPORARY TABLE finish AS
	SELECT g.goal_id, p.forecast_on, g.due_on, coalesce(p.forecast_on, g.due_on) AS finish
	FROM plain p JOIN linked g USING (goal_id);
ANALYZE finish;
DO $$
DECLARE
	goals bigint;
	differences bigint;
	pushed bigint;
BEGIN
	SELECT count(*), count(*) FILTER (WHERE (o.forecast_on, o.slack_days) IS DISTINCT FROM (p.forecast_on, s.slack_days)),
			count(*) FILTER (WHERE o.forecast_on IS DISTINCT FROM g.forecast_on)
		INTO goals, differences, pushed
		FROM ours o FULL JOIN finish p USING (goal_id) FULL JOIN linked g USING (goal_id)
		LEFT JOIN (
			SELECT l.from_goal AS goal_id, min(f.due_on - l.buffer_days - greatest(n.due_on, n.finish)) AS slack_days
			FROM link l JOIN finish f ON f.goal_id = l.from_goal JOIN finish n ON n.goal_id = l.to_goal
			GROUP BY l.from_goal) s USING (goal_id);
	IF goals <> 100000 OR differences > 0 OR pushed < 40000 THEN
		RAISE EXCEPTION '% of % goals differ, % are pushed', differences, goals, pushed;
	END IF;
END
$$;

DO $$
DECLARE
	name text;
	query text;
	memory text;
	every integer;
	started timestamptz;
BEGIN
	FOR round IN 1 .. 7 LOOP
		FOR name, query, memory, every IN VALUES
			('copy goals', 'COPY (SELECT goal_id, parent_id, weight, progress, starts_on, due_on, forecast_on FROM goal) TO ''/dev/null'' (FORMAT binary)', '4MB', 1),
			('copy links', 'COPY (SELECT * FROM link) TO ''/dev/null'' (FORMAT binary)', '4MB', 1),
			('all', 'SELECT count(*) FROM perf_mgmt.goal_graph(''TABLE bench_goal_links.goal'', ''TABLE bench_goal_links.link'', ''2026-08-15'')', '4MB', 1),
			('part', 'SELECT count(*) FROM ours', '4MB', 1),
			('plain', 'SELECT count(*) FROM plain', '256MB', 3)
		LOOP
			CONTINUE WHEN round % every <> 0;
			PERFORM set_config('work_mem', memory, true);
			started := clock_timestamp();
			EXECUTE query;
			INSERT INTO timing VALUES (name, extract(epoch FROM clock_timestamp() - started) * 1000);
		END LOOP;
	END LOOP;
END
$$;

\set bytes `psql -X -At -h :'HOST' -p :'PORT' -U :'USER' -d :'DBNAME' -c "SET client_min_messages = debug1" -c "SELECT count(*) FROM perf_mgmt.goal_graph('TABLE bench_goal_links.goal', 'TABLE bench_goal_links.link', '2026-08-15')" 2>&1 | sed -n 's/.*goals, .*, \([0-9]*\) bytes$/\1/p'`

\pset footer off
\pset null ''
WITH best AS (
	SELECT
		min(ms) FILTER (WHERE statement = 'copy goals') + min(ms) FILTER (WHERE statement = 'copy links') AS copies,
		min(ms) FILTER (WHERE statement = 'all') AS "all",
		min(ms) FILTER (WHERE statement = 'part') AS part,
		min(ms) FILTER (WHERE statement = 'plain') AS plain
	FROM timing
)
SELECT measure, round(m.ours, 1) AS ours_ms, round(m.plain, 1) AS plain_ms, round(m.ratio, 3) AS ratio, goal
FROM best AS b
CROSS JOIN LATERAL (
	VALUES
		(1, '1000000 goals and 200000 links, beside binary COPYs', b.all, b.copies, b.all / b.copies, 3),
		(2, '100000 goals and 200000 links, beside a recursive statement', b.part, b.plain, b.part / b.plain, 0.05),
		(3, '1000000 goals and 200000 links, bytes a goal', NULL, NULL, :bytes / 1000000.0, 200)
) AS m (place, measure, ours, plain, ratio, goal)
ORDER BY place;

DROP SCHEMA bench_goal_links CASCADE;
