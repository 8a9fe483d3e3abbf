-- evaluate(formula, jsonb) beside a plpgsql function with the same expression, over 300 000 rows.
--
--   psql -X -f bench/formula.sql
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

\pset footer off
SELECT measure, round(ours_ms, 1) AS ours_ms, round(plain_ms, 1) AS plain_ms, round(ours_ms / plain_ms, 2) AS ratio, goal
FROM bench_case, LATERAL pg_temp.race(format('SELECT count(%s) FROM bench_vars', ours), format('SELECT count(%s) FROM bench_vars', plain))
ORDER BY n;
