-- weighted_score(score, weight) beside sum(score * weight) / sum(weight).
--
--   psql -X -f bench/weighted_score.sql
--
-- in any database that has the extension.  One million rows with two decimal
-- places, in cache; every statement is run several times in turn with the
-- others, timed inside the server, and its shortest time counts.  Prints one
-- row a measurement; goals are upper bounds of the ratio.  Leaves nothing behind.

\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
SET jit = off;

BEGIN;
CREATE SCHEMA bench_weighted_score;
CREATE UNLOGGED TABLE bench_weighted_score.item (
	item_id bigint,
	employee integer,
	score numeric,
	weight numeric,
	quotient numeric
);
CREATE TEMPORARY TABLE timing (statement text, ms numeric);

SELECT setseed(0.618) \gset
INSERT INTO bench_weighted_score.item
	SELECT
		i,
		i % 5000,
		round((random() * 120)::numeric, 2),
		round((random() * 100)::numeric, 2),
		round((random() * 120)::numeric, 2) / 7
	FROM generate_series(1, 1000000) AS i;
COMMIT;
VACUUM (ANALYZE, FREEZE) bench_weighted_score.item;

DO $$
DECLARE
	rounds CONSTANT integer := 7;
	name text;
	query text;
	started timestamptz;
BEGIN
	FOR round IN 0 .. rounds LOOP
		FOR name, query IN VALUES
			('count', 'SELECT count(*) FROM bench_weighted_score.item'),
			('ours', 'SELECT perf_mgmt.weighted_score(score, weight) FROM bench_weighted_score.item'),
			('plain', 'SELECT sum(score * weight) / sum(weight) FROM bench_weighted_score.item'),
			('ours by group', 'SELECT employee, perf_mgmt.weighted_score(score, weight) FROM bench_weighted_score.item GROUP BY employee'),
			('plain by group', 'SELECT employee, sum(score * weight) / sum(weight) FROM bench_weighted_score.item GROUP BY employee'),
			('ours long', 'SELECT perf_mgmt.weighted_score(quotient, weight) FROM bench_weighted_score.item'),
			('plain long', 'SELECT sum(quotient * weight) / sum(weight) FROM bench_weighted_score.item'),
			('ours parallel', 'SELECT perf_mgmt.weighted_score(score, weight) FROM bench_weighted_score.item'),
			('plain parallel', 'SELECT sum(score * weight) / sum(weight) FROM bench_weighted_score.item')
		LOOP
			PERFORM set_config('max_parallel_workers_per_gather',
				CASE WHEN name LIKE '% parallel' THEN '2' ELSE '0' END, true);
			started := clock_timestamp();
			EXECUTE query;
			-- the first round only warms up
			IF round > 0 THEN
				INSERT INTO timing
					VALUES (name, extract(epoch FROM clock_timestamp() - started) * 1000);
			END IF;
		END LOOP;
	END LOOP;
END
$$;

\pset footer off
\pset null ''
WITH best AS (
	SELECT
		min(ms) FILTER (WHERE statement = 'count') AS count,
		min(ms) FILTER (WHERE statement = 'ours') AS ours,
		min(ms) FILTER (WHERE statement = 'plain') AS plain,
		min(ms) FILTER (WHERE statement = 'ours by group') AS ours_by_group,
		min(ms) FILTER (WHERE statement = 'plain by group') AS plain_by_group,
		min(ms) FILTER (WHERE statement = 'ours long') AS ours_long,
		min(ms) FILTER (WHERE statement = 'plain long') AS plain_long,
		min(ms) FILTER (WHERE statement = 'ours parallel') AS ours_parallel,
		min(ms) FILTER (WHERE statement = 'plain parallel') AS plain_parallel
	FROM timing
)
SELECT
	measure,
	round(m.ours, 1) AS ours_ms,
	round(m.plain, 1) AS plain_ms,
	round(m.ours / m.plain, 3) AS ratio,
	goal
FROM best AS b
CROSS JOIN LATERAL (
	VALUES
		(1, 'weighted_score, 1 M rows', b.ours, b.plain, 0.50),
		(2, 'weighted_score, cost above count(*)', b.ours - b.count, b.plain - b.count, 0.35),
		(3, 'weighted_score, 5000 groups', b.ours_by_group, b.plain_by_group, NULL),
		(4, 'weighted_score, scores of 16 places', b.ours_long, b.plain_long, NULL),
		(5, 'weighted_score, 2 parallel workers', b.ours_parallel, b.plain_parallel, NULL)
) AS m (place, measure, ours, plain, goal)
ORDER BY place;

DROP SCHEMA bench_weighted_score CASCADE;
