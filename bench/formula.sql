-- evaluate(formula, jsonb) beside a plpgsql function with the same expression, over 300 000 rows.
--
--   psql -X -f bench/formula.sql
--
-- Prints measure, ours_ms, plain_ms, ratio (ours / plain) and the goal.  Each
-- time is the best of three, taken on the server; both sides read the same
-- table and are checked to agree first.
\set QUIET on
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
CREATE EXTENSION IF NOT EXISTS perf_mgmt;
CREATE TEMP TABLE bench_vars AS
SELECT jsonb_build_object('kpi', i % 1200 / 10.0, 'peer', CASE WHEN i % 3 > 0 THEN i % 1000 / 10.0 END, 'manager', i % 900 / 10.0, 'sales', i % 7919 + 0.5, 'target', i % 10 * 500) AS vars
FROM generate_series(1, 300000) AS i;
ANALYZE bench_vars;

CREATE FUNCTION pg_temp.mean_of_two(vars jsonb) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN 0.6 * (vars->'kpi')::numeric + 0.4 * (vars->'manager')::numeric;
END $$;
CREATE FUNCTION pg_temp.with_coalesce(vars jsonb) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN 0.6 * (vars->>'kpi')::numeric + 0.4 * coalesce((vars->>'peer')::numeric, (vars->>'manager')::numeric);
END $$;
CREATE FUNCTION pg_temp.with_case(vars jsonb) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN CASE WHEN (vars->>'sales')::numeric >= (vars->>'target')::numeric AND (vars->>'kpi')::numeric > 60
		THEN least(120, round(100 * (vars->>'sales')::numeric / nullif((vars->>'target')::numeric, 0), 2))
		ELSE greatest(0, (vars->>'kpi')::numeric - 20) END;
END $$;

CREATE FUNCTION pg_temp.best_ms(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz;
	took numeric;
	best numeric;
BEGIN
	FOR i IN 1..3 LOOP
		started := clock_timestamp();
		EXECUTE query;
		took := 1000 * extract(epoch FROM clock_timestamp() - started);
		best := least(best, took);
	END LOOP;
	RETURN best;
END $$;

CREATE TEMP TABLE bench_case (n int, measure text, ours text, plain text);
INSERT INTO bench_case VALUES
(1, 'evaluate(weighted sum)', $$perf_mgmt.evaluate('0.6 * kpi + 0.4 * manager', vars)$$, $$pg_temp.mean_of_two(vars)$$),
(2, 'evaluate(with coalesce)', $$perf_mgmt.evaluate('0.6 * kpi + 0.4 * coalesce(peer, manager)', vars)$$, $$pg_temp.with_coalesce(vars)$$),
(3, 'evaluate(with if, min, max, round)', $$perf_mgmt.evaluate('if(sales >= target and kpi > 60, min(120, round(100 * sales / target, 2)), max(0, kpi - 20))', vars)$$, $$pg_temp.with_case(vars)$$);

DO $$
DECLARE
	c record;
	differing bigint;
BEGIN
	FOR c IN TABLE bench_case LOOP
		EXECUTE format('SELECT count(*) FROM bench_vars WHERE %s IS DISTINCT FROM %s', c.ours, c.plain) INTO differing;
		IF differing > 0 THEN
			RAISE EXCEPTION '% disagrees with plpgsql on % rows', c.measure, differing;
		END IF;
	END LOOP;
END $$;

SELECT measure, round(ours_ms) AS ours_ms, round(plain_ms) AS plain_ms, round(ours_ms / plain_ms, 2) AS ratio, '<= 1.00' AS goal
FROM (SELECT n, measure,
		pg_temp.best_ms(format('SELECT count(%s) FROM bench_vars', ours)) AS ours_ms,
		pg_temp.best_ms(format('SELECT count(%s) FROM bench_vars', plain)) AS plain_ms
	FROM bench_case OFFSET 0) AS timed
ORDER BY n;
