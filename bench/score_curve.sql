-- score(curve, x) beside the CASE expression that says the same, over a million rows.
--
--   psql -X -f bench/score_curve.sql
--
-- Prints measure, ours_ms, plain_ms, ratio (ours / plain) and the goal.  Both
-- sides read the same table and are checked to agree first; then they run in
-- turn, timed on the server, and the shortest time of each counts.  Goals are
-- upper bounds of the ratio.
\set QUIET on
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS perf_mgmt;
CREATE TEMP TABLE bench_x AS SELECT (i::bigint * 7919 % 1400000)::numeric / 10000 AS x FROM generate_series(1, 1000000) AS i;
ANALYZE bench_x;

CREATE FUNCTION pg_temp.race(ours text, plain text, OUT ours_ms numeric, OUT plain_ms numeric) LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz;
BEGIN
	FOR round IN 0..7 LOOP
		started := clock_timestamp();
		EXECUTE ours;
		-- the first round only warms up
		ours_ms := CASE WHEN round > 0 THEN least(ours_ms, 1000 * extract(epoch FROM clock_timestamp() - started)) END;
		started := clock_timestamp();
		EXECUTE plain;
		plain_ms := CASE WHEN round > 0 THEN least(plain_ms, 1000 * extract(epoch FROM clock_timestamp() - started)) END;
	END LOOP;
END $$;

CREATE TEMP TABLE bench_case (n int, measure text, ours text, plain text, goal numeric DEFAULT 1.00);
INSERT INTO bench_case (n, measure, ours, plain) VALUES
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

\pset footer off
SELECT measure, round(ours_ms, 1) AS ours_ms, round(plain_ms, 1) AS plain_ms, round(ours_ms / plain_ms, 2) AS ratio, goal
FROM bench_case, LATERAL pg_temp.race(format('SELECT count(%s) FROM bench_x', ours), format('SELECT count(%s) FROM bench_x', plain))
ORDER BY n;
