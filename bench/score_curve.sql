-- score(curve, x) beside the CASE expression that says the same, over a million rows.
--
--   psql -X -f bench/score_curve.sql
--
-- Prints measure, ours_ms, plain_ms, ratio (ours / plain) and the goal.  Each
-- time is the best of five, taken on the server; both sides read the same
-- table and feed the same aggregate, and both are checked to agree first.
\set QUIET on
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS perf_mgmt;
CREATE TEMP TABLE bench_x AS SELECT (i::bigint * 7919 % 1400000)::numeric / 10000 AS x FROM generate_series(1, 1000000) AS i;
ANALYZE bench_x;

CREATE FUNCTION pg_temp.best_ms(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz;
	took numeric;
	best numeric;
BEGIN
	FOR i IN 1..5 LOOP
		started := clock_timestamp();
		EXECUTE query;
		took := 1000 * extract(epoch FROM clock_timestamp() - started);
		best := least(best, took);
	END LOOP;
	RETURN best;
END $$;

CREATE TEMP TABLE bench_case (n int, measure text, ours text, plain text);
INSERT INTO bench_case VALUES
(1, 'score(linear, 4 points)',
	$$perf_mgmt.score('linear(0:0, 80:60, 100:100, 120:120)', x)$$,
	$$CASE WHEN x < 0 THEN 0 WHEN x < 80 THEN round(60 * x / 80, 6) WHEN x < 100 THEN round(60 + 40 * (x - 80) / 20, 6)
		WHEN x < 120 THEN round(100 + 20 * (x - 100) / 20, 6) ELSE 120 END$$),
(2, 'score(step, 4 points)',
	$$perf_mgmt.score('step(0:0, 60:60, 80:80, 100:100)', x)$$,
	$$CASE WHEN x >= 100 THEN 100::numeric WHEN x >= 80 THEN 80 WHEN x >= 60 THEN 60 ELSE 0 END$$),
(3, 'score(deduct)',
	$$perf_mgmt.score('deduct(full 20, above 2, 5 per 1, floor 0)', x)$$,
	$$greatest(20 - 5 * ceil(greatest(x - 2, 0) / 1), 0)$$),
(4, 'score(column of curves)',
	$$perf_mgmt.score(CASE WHEN x < 70 THEN 'linear(0:0, 80:60, 100:100, 120:120)'::perf_mgmt.score_curve ELSE 'linear(0:0, 80:60, 100:90, 120:120)'::perf_mgmt.score_curve END, x)$$,
	$$CASE WHEN x < 70 THEN
		CASE WHEN x < 0 THEN 0 WHEN x < 80 THEN round(60 * x / 80, 6) WHEN x < 100 THEN round(60 + 40 * (x - 80) / 20, 6)
			WHEN x < 120 THEN round(100 + 20 * (x - 100) / 20, 6) ELSE 120 END
	ELSE
		CASE WHEN x < 0 THEN 0 WHEN x < 80 THEN round(60 * x / 80, 6) WHEN x < 100 THEN round(60 + 30 * (x - 80) / 20, 6)
			WHEN x < 120 THEN round(90 + 30 * (x - 100) / 20, 6) ELSE 120 END
	END$$);

DO $$
DECLARE
	c record;
	differing bigint;
BEGIN
	FOR c IN TABLE bench_case LOOP
		EXECUTE format('SELECT count(*) FROM bench_x WHERE %s <> %s', c.ours, c.plain) INTO differing;
		IF differing > 0 THEN
			RAISE EXCEPTION '% disagrees with plain SQL on % rows', c.measure, differing;
		END IF;
	END LOOP;
END $$;

SELECT measure, round(ours_ms) AS ours_ms, round(plain_ms) AS plain_ms, round(ours_ms / plain_ms, 2) AS ratio, '<= 1.00' AS goal
FROM (SELECT n, measure,
		pg_temp.best_ms(format('SELECT count(%s) FROM bench_x', ours)) AS ours_ms,
		pg_temp.best_ms(format('SELECT count(%s) FROM bench_x', plain)) AS plain_ms
	FROM bench_case OFFSET 0) AS timed
ORDER BY n;
