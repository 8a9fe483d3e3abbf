-- volatility(), trend() and streak() beside plain SQL, over a million rows.
--
--   psql -X -f bench/statistics.sql
--
-- Prints measure, ours_ms, plain_ms, ratio (ours / plain) and the goal.  Each
-- time is the best of three, taken on the server; what takes above 5 s runs
-- once.  Both sides read the same table, give the same figures and are checked
-- to agree first, as far as plain SQL is exact.  The last row, which has no
-- goal, sets all figures of a trend beside the float slope alone.
\set QUIET on
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '256MB';
SET jit = off;
CREATE EXTENSION IF NOT EXISTS perf_mgmt;
SELECT setseed(0.5) AS seed \gset
CREATE TEMP TABLE bench_quarter AS
SELECT i / 10 AS series, i % 10 + 1 AS period, round((50 + 50 * random())::numeric, 1) AS value, round((1 + 100 * random())::numeric, 2) AS plan
FROM generate_series(0, 999999) AS i;
CREATE TEMP TABLE bench_week AS
SELECT i / 50 AS person, '2025-01-06'::date + 7 * (i % 50) AS week, random() < 0.9 AS kept, random() < 0.1 AS excused
FROM generate_series(0, 999999) AS i;
CREATE TEMP TABLE bench_long AS SELECT i AS period, round((50 + 50 * random())::numeric, 1) AS value FROM generate_series(1, 1000) AS i;
ANALYZE bench_quarter;
ANALYZE bench_week;
ANALYZE bench_long;

CREATE FUNCTION pg_temp.best_ms(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz;
	best numeric;
BEGIN
	FOR i IN 1..3 LOOP
		started := clock_timestamp();
		EXECUTE query;
		best := least(best, 1000 * extract(epoch FROM clock_timestamp() - started));
		EXIT WHEN best > 5000;
	END LOOP;
	RETURN best;
END $$;

-- The figures of volatility() in plain SQL.
CREATE FUNCTION pg_temp.plain_volatility(grouped text) RETURNS text LANGUAGE sql RETURN format($$
	SELECT %1$s AS key, count(*) AS n, round(avg(d), 6) AS mean_deviation, round(max(d), 6) AS worst_deviation, round(avg(s), 6) AS bias, round(sqrt(avg(s * s)), 6) AS rmse,
		round(sum(gap) / sum(size), 6) AS wape
	FROM (SELECT series, abs(value - plan) / abs(plan) AS d, (value - plan) / abs(plan) AS s, abs(value - plan) AS gap, abs(plan) AS size FROM bench_quarter WHERE plan <> 0 AND value IS NOT NULL) AS deviation
	GROUP BY 1$$, grouped);
CREATE FUNCTION pg_temp.our_volatility(grouped text) RETURNS text LANGUAGE sql RETURN format($$
	SELECT key, (v).n, (v).mean_deviation, (v).worst_deviation, (v).bias, (v).rmse, (v).wape
	FROM (SELECT %1$s AS key, perf_mgmt.volatility(value, plan) AS v FROM bench_quarter GROUP BY 1) AS x$$, grouped);

-- Those of trend().
CREATE FUNCTION pg_temp.plain_trend() RETURNS text LANGUAGE sql RETURN $$
	WITH pair AS (
		SELECT a.series, (b.value - a.value) / (b.period - a.period) AS slope
		FROM bench_quarter AS a JOIN bench_quarter AS b ON b.series = a.series AND b.period > a.period
	), ranked AS (
		SELECT series, slope, row_number() OVER (PARTITION BY series ORDER BY slope) AS rank, count(*) OVER (PARTITION BY series) AS slopes FROM pair
	), middle AS (
		SELECT series, avg(slope) AS slope FROM ranked WHERE rank IN ((slopes + 1) / 2, slopes / 2 + 1) GROUP BY series
	), step AS (
		SELECT series, period, value, value < lag(value) OVER (PARTITION BY series ORDER BY period) AS falls,
			row_number() OVER (PARTITION BY series ORDER BY period DESC) AS from_end
		FROM bench_quarter
	), line AS (
		SELECT series, count(*) AS n, regr_slope(value, period) AS slope, regr_intercept(value, period) AS base, max(period) + (max(period) - min(period))::float8 / nullif(count(*) - 1, 0) AS next,
			coalesce(min(from_end) FILTER (WHERE falls IS NOT TRUE), 0) - 1 AS falls, max(value) FILTER (WHERE from_end = 1) AS last, array_agg(value ORDER BY from_end) AS backwards,
			avg(value) FILTER (WHERE from_end > 1) AS mean, stddev_samp(value) FILTER (WHERE from_end > 1) AS deviation
		FROM step GROUP BY series
	)
	SELECT l.series AS key, n, l.slope, m.slope AS theil_sen, base + l.slope * next AS next_value, falls,
		((n >= 4 AND l.slope::numeric <= -3 AND last < mean - 0.5 * greatest(deviation, 2)) OR (falls >= 3 AND backwards[falls + 1] - last >= 10))::int AS is_declining
	FROM line AS l JOIN middle AS m USING (series)$$;
CREATE FUNCTION pg_temp.our_trend() RETURNS text LANGUAGE sql RETURN $$
	SELECT key, (t).n, (t).slope, (t).theil_sen, (t).next_value, (t).falls, (t).is_declining::int AS is_declining
	FROM (SELECT series AS key, perf_mgmt.trend(value, period) AS t FROM bench_quarter GROUP BY 1) AS x$$;
CREATE FUNCTION pg_temp.plain_median() RETURNS text LANGUAGE sql RETURN $$
	SELECT 1 AS key, percentile_cont(0.5) WITHIN GROUP (ORDER BY (b.value - a.value) / (b.period - a.period)) AS theil_sen
	FROM bench_long AS a JOIN bench_long AS b ON b.period > a.period$$;
CREATE FUNCTION pg_temp.our_median() RETURNS text LANGUAGE sql RETURN $$
	SELECT 1 AS key, (perf_mgmt.trend(value, period)).theil_sen FROM bench_long$$;
CREATE FUNCTION pg_temp.plain_slope() RETURNS text LANGUAGE sql RETURN $$
	SELECT series AS key, regr_slope(value, period) AS slope FROM bench_quarter GROUP BY 1$$;
CREATE FUNCTION pg_temp.our_slope() RETURNS text LANGUAGE sql RETURN $$
	SELECT series AS key, (perf_mgmt.trend(value, period)).slope FROM bench_quarter GROUP BY 1$$;

-- Those of streak().
CREATE FUNCTION pg_temp.plain_streak() RETURNS text LANGUAGE sql RETURN $$
	WITH known AS (
		SELECT person, kept, count(*) FILTER (WHERE NOT kept) OVER (PARTITION BY person ORDER BY week) AS run,
			count(*) FILTER (WHERE NOT kept) OVER (PARTITION BY person) AS last_run
		FROM bench_week WHERE NOT excused
	), run AS (
		SELECT person, run = last_run AS is_last, count(*) FILTER (WHERE kept) AS weeks FROM known GROUP BY person, run, last_run
	)
	SELECT person AS key, max(weeks) FILTER (WHERE is_last) AS current, max(weeks) AS longest, sum(weeks / 4) AS blocks FROM run GROUP BY person$$;
CREATE FUNCTION pg_temp.our_streak() RETURNS text LANGUAGE sql RETURN $$
	SELECT key, (s).current, (s).longest, (s).blocks
	FROM (SELECT person AS key, perf_mgmt.streak(kept, excused, week) AS s FROM bench_week GROUP BY 1) AS x$$;

CREATE TEMP TABLE bench_case (no int, measure text, figures text[], ours text, plain text, goal text);
INSERT INTO bench_case VALUES
(1, 'volatility, 1 M rows', '{n, mean_deviation, worst_deviation, bias, rmse, wape}', pg_temp.our_volatility('1'), pg_temp.plain_volatility('1'), '<= 1.00'),
(2, 'volatility, 100 000 groups of 10', '{n, mean_deviation, worst_deviation, bias, rmse, wape}', pg_temp.our_volatility('series'), pg_temp.plain_volatility('series'), '<= 1.00'),
(3, 'trend, 100 000 groups of 10', '{n, slope, theil_sen, next_value, falls, is_declining}', pg_temp.our_trend(), pg_temp.plain_trend(), '<= 1.00'),
(4, 'trend: median slope of 1 000 points', '{theil_sen}', pg_temp.our_median(), pg_temp.plain_median(), '<= 1.00'),
(5, 'streak, 20 000 people of 50 weeks', '{current, longest, blocks}', pg_temp.our_streak(), pg_temp.plain_streak(), '<= 1.00'),
(6, 'all of trend beside regr_slope alone', '{slope}', pg_temp.our_slope(), pg_temp.plain_slope(), 'none');

-- Every figure within a millionth and a bit: plain SQL rounds its quotients to 16 digits, or is double precision.
DO $$
DECLARE
	c record;
	differing bigint;
	groups bigint;
BEGIN
	FOR c IN TABLE bench_case LOOP
		EXECUTE format('WITH ours AS MATERIALIZED (%s), plain AS MATERIALIZED (%s) SELECT count(*), count(*) FILTER (WHERE EXISTS ('
			'SELECT FROM unnest(ARRAY[o.%s]::numeric[], ARRAY[p.%s]::numeric[]) AS f (a, b) WHERE abs(a - b) <= 0.0000011 IS NOT TRUE)) FROM ours AS o FULL JOIN plain AS p USING (key)',
			c.ours, c.plain, array_to_string(c.figures, ', o.'), array_to_string(c.figures, ', p.')) INTO groups, differing;
		IF differing > 0 OR groups = 0 THEN
			RAISE EXCEPTION '% disagrees with plain SQL in % of % groups', c.measure, differing, groups;
		END IF;
	END LOOP;
END $$;

SELECT measure, round(ours_ms) AS ours_ms, round(plain_ms) AS plain_ms, round(ours_ms / plain_ms, 2) AS ratio, goal
FROM (SELECT no, measure, goal,
		pg_temp.best_ms(format('SELECT count(o) FROM (%s OFFSET 0) AS o', ours)) AS ours_ms,
		pg_temp.best_ms(format('SELECT count(o) FROM (%s OFFSET 0) AS o', plain)) AS plain_ms
	FROM bench_case OFFSET 0) AS timed
ORDER BY no;
