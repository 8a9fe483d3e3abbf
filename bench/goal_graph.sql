-- goal_graph() over a tree of goals, beside one recursive statement that gives
-- the same rows, and beside a binary COPY of the query that feeds it.
--
--   psql -X -f bench/goal_graph.sql
--
-- in any database that has the extension, as superuser (for COPY).  A million
-- goals, eight children each: numeric weights, progress on the leaves, dates.
-- The recursive statement goes down once for the depths and up once a level
-- with aggregates, the fastest way found; it is timed with work_mem at 256 MB,
-- which it needs, and goal_graph() at the server's default, because the rows of
-- a function then go through a file, which is as good.  Every statement is run
-- several times, timed inside the server, and its shortest time counts.  ratio
-- of the last row is bytes a goal, not counting what the server keeps of the
-- result.  Leaves nothing behind.

\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
SET jit = off;

DROP SCHEMA IF EXISTS bench_goal_graph CASCADE;
BEGIN;
CREATE SCHEMA bench_goal_graph;
SET search_path = bench_goal_graph;
CREATE UNLOGGED TABLE goal_1000000 AS
	SELECT i AS goal_id,
		CASE WHEN i > 1 THEN (i + 6) / 8 END AS parent_id,
		round(((i * 7919) % 9700 + 300) / 100.0, 2) AS weight,
		CASE WHEN i > (1000000 + 6) / 8 AND i % 50 <> 0 THEN round(((i * 104729) % 1200) / 1000.0, 3) END AS progress,
		date '2026-07-01' + (i % 10)::integer AS starts_on,
		date '2026-09-30' - (i % 7)::integer AS due_on
	FROM generate_series(1, 1000000::bigint) AS i;
CREATE UNLOGGED TABLE goal_100000 AS
	SELECT goal_id, parent_id, weight,
		CASE WHEN goal_id > (100000 + 6) / 8 AND goal_id % 50 <> 0 THEN round(((goal_id * 104729) % 1200) / 1000.0, 3) END AS progress,
		starts_on, due_on
	FROM goal_1000000 WHERE goal_id <= 100000;
ALTER TABLE goal_1000000 ADD PRIMARY KEY (goal_id);
ALTER TABLE goal_100000 ADD PRIMARY KEY (goal_id);
CREATE INDEX ON goal_1000000 (parent_id);
CREATE INDEX ON goal_100000 (parent_id);
CREATE TABLE timing (statement text, goals integer, ms numeric);
COMMIT;
VACUUM (ANALYZE, FREEZE) goal_1000000;
VACUUM (ANALYZE, FREEZE) goal_100000;

-- %1$s is the table.  level counts down: at each step the goals of that depth
-- are added up to their parents, and those above wait.
CREATE FUNCTION plain_query(source text) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN format($$
	WITH RECURSIVE goal AS NOT MATERIALIZED (
		SELECT goal_id, parent_id, weight, progress,
			round(least(greatest(date '2026-08-15' - starts_on + 1, 0), due_on - starts_on + 1)::numeric / (due_on - starts_on + 1), 6) AS expected
		FROM %1$s
	),
	tree AS (
		SELECT goal_id, parent_id, weight, progress, expected, 0 AS depth
			FROM goal WHERE parent_id IS NULL
		UNION ALL
		SELECT g.goal_id, g.parent_id, g.weight, g.progress, g.expected, t.depth + 1
			FROM tree t JOIN goal g ON g.parent_id = t.goal_id
	),
	up AS (
		SELECT t.goal_id, t.parent_id, t.weight, t.progress, t.expected, t.depth, m.level,
				CASE
					WHEN progress IS NULL THEN CASE WHEN expected >= 0.5 THEN 'red' ELSE 'grey' END
					WHEN round(progress, 6) >= 1 THEN 'green'
					WHEN expected < 0.10 THEN 'grey'
					WHEN expected - round(progress, 6) < 0.02 OR round(progress, 6) >= 0.95 * expected THEN 'green'
					WHEN round(progress, 6) >= 0.75 * expected THEN 'yellow'
					ELSE 'red'
				END AS light,
				1::bigint AS leaves, 0::bigint AS red_below, 0::bigint AS yellow_below
			FROM tree t CROSS JOIN (SELECT max(depth) AS level FROM tree) m
			WHERE NOT EXISTS (SELECT FROM %1$s c WHERE c.parent_id = t.goal_id)
		UNION ALL
		SELECT p.goal_id, p.parent_id, p.weight, s.progress, p.expected, p.depth, s.level,
				CASE
					WHEN NOT s.is_sum THEN s.light
					WHEN s.progress IS NULL THEN CASE WHEN p.expected >= 0.5 THEN 'red' ELSE 'grey' END
					WHEN round(s.progress, 6) >= 1 THEN 'green'
					WHEN p.expected < 0.10 THEN 'grey'
					WHEN p.expected - round(s.progress, 6) < 0.02 OR round(s.progress, 6) >= 0.95 * p.expected THEN 'green'
					WHEN round(s.progress, 6) >= 0.75 * p.expected THEN 'yellow'
					ELSE 'red'
				END,
				s.leaves, s.red_below, s.yellow_below
			FROM (
				SELECT CASE WHEN depth = level THEN parent_id ELSE goal_id END AS goal_id,
						level - 1 AS level, depth = level AS is_sum,
						CASE WHEN depth = level THEN
							CASE WHEN count(progress) > 0 THEN
								round(sum(weight * least(greatest(progress, 0), 1)) / nullif(sum(weight), 0), 18)
							END
						ELSE max(progress) END AS progress,
						max(light) AS light,
						sum(leaves)::bigint AS leaves,
						sum(red_below)::bigint + count(*) FILTER (WHERE depth = level AND light = 'red') AS red_below,
						sum(yellow_below)::bigint + count(*) FILTER (WHERE depth = level AND light = 'yellow') AS yellow_below
					FROM (SELECT * FROM up OFFSET 0) u
					WHERE level > 0
					GROUP BY 1, 2, 3) s
				JOIN tree p ON p.goal_id = s.goal_id
	)
	SELECT goal_id, parent_id, depth, round(progress, 6) AS progress, expected, light, leaves, red_below, yellow_below
	FROM up WHERE depth = level$$, source);

CREATE FUNCTION ours_query(source text) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN format('SELECT goal_id, parent_id, depth, progress, expected, light::text, leaves, red_below, yellow_below'
		' FROM perf_mgmt.goal_graph(%L, NULL, ''2026-08-15'')', 'SELECT goal_id, parent_id, weight, progress, starts_on, due_on FROM ' || source);

-- the same rows, or there is nothing to compare
DO $$
DECLARE
	differences bigint;
BEGIN
	SET LOCAL work_mem = '256MB';
	EXECUTE format('SELECT count(*) FROM ((%1$s) EXCEPT (%2$s)) d', ours_query('goal_100000'), plain_query('goal_100000')) INTO differences;
	IF differences > 0 THEN
		RAISE EXCEPTION '% goals differ', differences;
	END IF;
END
$$;

DO $$
DECLARE
	goals integer;
	name text;
	query text;
	memory text;
	every integer;
	started timestamptz;
BEGIN
	FOREACH goals IN ARRAY ARRAY[100000, 1000000] LOOP
		FOR round IN 1 .. 7 LOOP
			FOR name, query, memory, every IN VALUES
				('copy', format('COPY (SELECT goal_id, parent_id, weight, progress, starts_on, due_on FROM goal_%s) TO ''/dev/null'' (FORMAT binary)', goals), '4MB', 1),
				('ours', format('SELECT count(*) FROM (%s) q', ours_query('goal_' || goals)), '4MB', 1),
				('plain', format('SELECT count(*) FROM (%s) q', plain_query('goal_' || goals)), '256MB', 3)
			LOOP
				CONTINUE WHEN round % every <> 0;
				PERFORM set_config('work_mem', memory, true);
				started := clock_timestamp();
				EXECUTE query;
				INSERT INTO timing VALUES (name, goals, extract(epoch FROM clock_timestamp() - started) * 1000);
			END LOOP;
		END LOOP;
	END LOOP;
END
$$;

-- goal_graph says at DEBUG1 what it took; a notice is seen by a client alone
\set bytes `psql -X -At -h :'HOST' -p :'PORT' -U :'USER' -d :'DBNAME' -c "SET client_min_messages = debug1" -c "SELECT count(*) FROM perf_mgmt.goal_graph('TABLE bench_goal_graph.goal_1000000', NULL, '2026-08-15')" 2>&1 | sed -n 's/.*goals, .*, \([0-9]*\) bytes$/\1/p'`

\pset footer off
\pset null ''
WITH best AS (
	SELECT goals,
		min(ms) FILTER (WHERE statement = 'copy') AS copy,
		min(ms) FILTER (WHERE statement = 'ours') AS ours,
		min(ms) FILTER (WHERE statement = 'plain') AS plain
	FROM timing GROUP BY goals
)
SELECT measure, round(ours, 1) AS ours_ms, round(plain, 1) AS plain_ms, round(ratio, 3) AS ratio, goal
FROM (
	SELECT 1 AS place, goals, 'goal_graph, ' || goals || ' goals, beside a recursive statement' AS measure,
			ours, plain, ours / plain AS ratio, CASE goals WHEN 1000000 THEN 0.07 END AS goal
		FROM best
	UNION ALL
	SELECT 2, goals, 'goal_graph, ' || goals || ' goals, beside a binary COPY', ours, copy, ours / copy, CASE goals WHEN 1000000 THEN 2.5 END
		FROM best
	UNION ALL
	SELECT 3, 0, 'goal_graph, 1000000 goals, bytes a goal', NULL, NULL, :bytes / 1000000.0, 200
) AS m
ORDER BY place, goals DESC;

DROP SCHEMA bench_goal_graph CASCADE;
