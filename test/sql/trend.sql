-- trend(): vectors, declines, edges, exactness, long series, merging, windows, forged states.
\set VERBOSITY terse
\pset format unaligned
SET search_path = perf_mgmt, public;

CREATE FUNCTION pg_temp.outcome(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	detail text;
	hint text;
BEGIN
	EXECUTE query INTO result;
	RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE || ' ' || SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;

CREATE AGGREGATE pg_temp.gather(numeric, numeric) (SFUNC = _trend_add, STYPE = trend_state, INITCOND = 'trend(slope_limit 3)');
CREATE AGGREGATE pg_temp.merge_all(trend_state) (SFUNC = _trend_merge, STYPE = trend_state, INITCOND = 'trend(slope_limit 3)');
-- values at 1, 2, 3 ...
CREATE FUNCTION pg_temp.trend_of(series numeric[], slope_limit numeric DEFAULT 3) RETURNS trend_result LANGUAGE sql
	RETURN (SELECT trend(v, i, slope_limit) FROM unnest(series) WITH ORDINALITY AS s (v, i));

-- Slopes, the next value and the falls at the end. One outlier moves the line, the median of slopes hardly.
SELECT series, (t).*
FROM (VALUES
	(1, '{90,88,85,79}'::numeric[]), (2, '{79,85,88,90}'), (3, '{80,80,80}'), (4, '{1,2,3,4,100}'), (5, '{1,2,3,4,5}'), (6, '{50,40}'), (7, '{-3,-1.5,0}'),
	(8, '{70,60,65,64,63}'), (9, '{5,4,4}')
) AS s (no, series), LATERAL (SELECT trend(v, i) AS t FROM unnest(series) WITH ORDINALITY AS u (v, i)) AS x
ORDER BY no;

-- Rows with a NULL are not there, a missing period is not 0, values at one place are averaged, a single place has no slope.
SELECT title, (t).*
FROM (VALUES
	(1, 'no rows', (SELECT trend(1, 1) FROM generate_series(1, 0))),
	(2, 'all NULL', (SELECT trend(v, p) FROM (VALUES (NULL::numeric, 1::numeric), (1, NULL), (NULL, NULL)) AS r (v, p))),
	(3, 'one', (SELECT trend(90, 1))),
	(4, 'one and NULLs', (SELECT trend(v, p) FROM (VALUES (NULL::numeric, 1::numeric), (1, NULL), (80, 3)) AS r (v, p))),
	(5, 'one place', (SELECT trend(v, p) FROM (VALUES (70, 5), (80, 5), (60, 5.0)) AS r (v, p))),
	(6, 'periods missing', (SELECT trend(v, p) FROM (VALUES (60, 6), (10, 1), (50, 5), (20, 2)) AS r (v, p))),
	(7, 'one place twice', (SELECT trend(v, p) FROM (VALUES (20, 1), (20, 2), (30, 3), (10, 1)) AS r (v, p))),
	(8, 'a third', (SELECT trend(v, p) FROM (VALUES (1, 1), (1, 2), (1, 1), (2, 1)) AS r (v, p))),
	(9, 'before 0', (SELECT trend(v, p) FROM (VALUES (30, -1), (20, -3), (10, -5)) AS r (v, p))),
	(11, 'averaged to 18 places', (SELECT trend(v, p) FROM (VALUES (3.3e-18, 1), (3.5e-18, 1), (0, 1 + 1e-13)) AS r (v, p))),
	(10, 'parts of periods', (SELECT trend(v, p) FROM (VALUES (30, 0.25), (20, 0.5), (10, 0.75), (0, 1)) AS r (v, p)))
) AS t (no, title, t)
ORDER BY no;

-- A decline, and one that is not quite.
SELECT title, (t).slope, (t).falls, (t).is_declining
FROM (VALUES
	(1, 'slope is the limit', pg_temp.trend_of('{100,97,94,91}')), (2, 'slope a hair flatter', pg_temp.trend_of('{100,97.000001,94.000001,91.000001}')),
	(3, 'three points are too few', pg_temp.trend_of('{100,80,60}')), (4, 'four points', pg_temp.trend_of('{100,80,60,40}')),
	(5, 'it recovers', pg_temp.trend_of('{100,60,60,85}')),
	(6, 'half a deviation below the mean', pg_temp.trend_of('{106,100,94,97}')), (7, 'and a hair', pg_temp.trend_of('{106,100,94,96.999999}')),
	(8, 'three falls of 10', pg_temp.trend_of('{100,100,97,94,90}')), (9, 'of 9.99', pg_temp.trend_of('{100,100,97,94,90.01}')), (10, 'two falls of 10', pg_temp.trend_of('{100,100,100,100,100,95,90}')),
	(11, 'four falls of 10', pg_temp.trend_of('{100,97.5,95,92.5,90}')), (12, 'rise between falls', pg_temp.trend_of('{100,92,92,90,87,90}')),
	(13, 'limit of 2.5', pg_temp.trend_of('{100,98,95,92.5}', 2.5)), (14, 'limit of 2.56', pg_temp.trend_of('{100,98,95,92.5}', 2.56)),
	(15, '1 point below a flat mean', pg_temp.trend_of('{100,100,100,99}', 0.3)), (16, 'and a hair', pg_temp.trend_of('{100,100,100,98.999999}', 0.3)),
	(17, 'limit of 0, flat', pg_temp.trend_of('{100,100,100,100}', 0)), (18, 'limit of 0, rising', pg_temp.trend_of('{1,2,3,4}', 0)),
	(19, 'one fall', pg_temp.trend_of('{100,60,60,30}')), (20, 'limit beyond 128 bits', pg_temp.trend_of('{100,60,60,30}', 1e40)),
	(21, 'slow falls', pg_temp.trend_of('{100,99,98,96}')), (22, 'limit of next to nothing', pg_temp.trend_of('{100,99,98,96}', 1e-40))
) AS t (no, title, t)
ORDER BY no;

-- Beyond 128 bits, and refused.
SELECT query, pg_temp.outcome(format('SELECT trend(%s) FROM generate_series(1, 4) AS i', query))
FROM (VALUES
	(1, '1e40 * (5 - i), i'), (2, 'i, 1e40 * i'), (3, 'i * 1e-40, i'), (4, 'i, i * 1e-40'), (5, '1e40 - i, 1e40 + i'), (6, '-3.6 * i + 1e-30, i'), (7, 'i * 1e25, i * 1e25'), (8, 'i, i * 10 ^ 19::numeric + 1e-8'),
	(9, '1e30 * i, 1'), (13, 'i * 1e28, i * 1e-5'), (14, '6000000000000000000 * sign(4 - i)::numeric, i'), (15, 'i, i * 3e18'), (16, '1e13 + i, i * 1e12'), (17, '(5 - i) * 1000, i, 1e-36'), (10, '(10::numeric ^ 37) * (i % 2), i * 100'), (11, 'i * 1e37, i'), (12, 'i, i * 1e37'),
	(21, $$CASE WHEN i = 3 THEN 'NaN'::numeric ELSE i END, i$$), (22, $$i, CASE WHEN i = 3 THEN 'Infinity'::numeric ELSE i END$$), (23, $$'-Infinity'::numeric, i$$), (24, $$'NaN', NULL$$),
	(25, 'repeat($$7$$, 3000)::numeric, i'), (26, 'i, (i || repeat($$7$$, 3000))::numeric'), (27, 'i, i * 1e-5000'), (28, 'i * 1e100000, i * 1e100000'),
	(31, 'i, i, -0.5'), (32, $$i, i, 'NaN'$$), (33, 'i, i, i'), (34, 'i, i, NULL'), (35, 'i, i, repeat($$7$$, 3000)::numeric'), (36, 'i, i, 3 + i / 1e20')
) AS v (n, query)
ORDER BY n;
SELECT pg_temp.outcome('SELECT trend(-1e-36 * i, i, 0) FROM generate_series(1, 200) AS i') AS many_places;
SELECT pg_temp.outcome('SELECT (trend(v, v)).n FROM generate_series(1, 10000) AS v') AS most, pg_temp.outcome('SELECT trend(v, v) FROM generate_series(1, 10001) AS v') AS too_many;

-- Row by row what the definitions say in SQL, over ordinary and over wild numbers, places met twice included.
SELECT setseed(0.5);
CREATE TABLE trend_row AS
SELECT g, i, CASE WHEN random() < 0.02 THEN NULL ELSE
		round((CASE WHEN g % 4 = 1 THEN 100 - i * (g % 7) ELSE 50 END + (random() - 0.5) * 10 ^ (random() * CASE WHEN g % 10 = 0 THEN 45 WHEN g % 4 = 1 THEN 1 ELSE 3 END))::numeric, CASE WHEN g % 10 = 0 THEN 20 ELSE g % 3 END) END AS value,
	CASE WHEN random() < 0.02 THEN NULL WHEN g % 5 = 3 THEN round((random() * 20)::numeric) WHEN g % 10 = 5 THEN round((random() * 1e40)::numeric, 5) WHEN g % 5 = 1 THEN 1767225600 + 604800 * i ELSE i END AS at
FROM generate_series(1, 600) AS g, generate_series(1, 1 + g % 14) AS i;
ANALYZE trend_row;

-- a / b at so many places, rounded once, half away from zero
CREATE FUNCTION pg_temp.quotient(a numeric, b numeric, places int) RETURNS numeric LANGUAGE sql IMMUTABLE
	RETURN sign(a) * sign(b) * div(2 * abs(a) * 10::numeric ^ places + abs(b), 2 * abs(b)) / 10::numeric ^ places;
CREATE VIEW pg_temp.plain_trend AS
WITH point AS (
	SELECT g, at, CASE WHEN count(*) = 1 THEN min(value) ELSE pg_temp.quotient(sum(value), count(*), 18) END AS value
	FROM trend_row WHERE value IS NOT NULL AND at IS NOT NULL GROUP BY g, at
), line AS (
	SELECT g, count(*) AS n, sum(at) AS x, sum(value) AS y, count(*) * sum(at * value) - sum(at) * sum(value) AS rise, count(*) * sum(at * at) - sum(at) ^ 2 AS run,
		count(*) * max(at) - min(at) AS reach
	FROM point GROUP BY g
), pair AS (
	SELECT a.g, (b.value - a.value + 0e-120) / (b.at - a.at) AS slope FROM point AS a JOIN point AS b ON b.g = a.g AND b.at > a.at
), ranked AS (
	SELECT g, slope, row_number() OVER (PARTITION BY g ORDER BY slope) AS rank, count(*) OVER (PARTITION BY g) AS slopes FROM pair
), middle AS (
	SELECT g, round(avg(slope), 6) AS slope FROM ranked WHERE rank IN ((slopes + 1) / 2, slopes / 2 + 1) GROUP BY g
), step AS (
	SELECT g, at, value, value < lag(value) OVER w AS falls, row_number() OVER (PARTITION BY g ORDER BY at DESC) AS from_end
	FROM point WINDOW w AS (PARTITION BY g ORDER BY at)
), falling AS (
	SELECT g, coalesce(min(from_end) FILTER (WHERE falls IS NOT TRUE), 0) - 1 AS falls FROM step GROUP BY g
), ending AS (
	SELECT s.g, f.falls, max(value) FILTER (WHERE from_end = f.falls + 1) - max(value) FILTER (WHERE from_end = 1) AS loss,
		max(value) FILTER (WHERE from_end = 1) < avg(value) FILTER (WHERE from_end > 1) - 0.5 * greatest(stddev_samp(value) FILTER (WHERE from_end > 1), 2) AS is_low
	FROM step AS s JOIN falling AS f USING (g) GROUP BY s.g, f.falls
)
SELECT g, n, CASE WHEN n > 1 THEN pg_temp.quotient(rise, run, 6) END AS slope, m.slope AS theil_sen,
	CASE WHEN n > 1 THEN pg_temp.quotient(y * run * (n - 1) + rise * (n * reach - x * (n - 1)), n * run * (n - 1), 6) END AS next_value, falls,
	coalesce(n >= 4 AND rise <= -3 * run AND is_low, false) OR (falls >= 3 AND loss >= 10) AS is_declining
FROM line JOIN ending USING (g) LEFT JOIN middle AS m USING (g);
SELECT count(*) AS groups, count(*) FILTER (WHERE (t).is_declining) AS declining, count(*) FILTER (WHERE abs((t).slope) > 1e20) AS huge, count(*) FILTER (WHERE (t).n = 1) AS of_one,
	count(*) FILTER (WHERE (t).n IS DISTINCT FROM p.n) AS n, count(*) FILTER (WHERE (t).slope IS DISTINCT FROM p.slope) AS slope,
	count(*) FILTER (WHERE (t).theil_sen IS DISTINCT FROM p.theil_sen) AS theil_sen, count(*) FILTER (WHERE (t).next_value IS DISTINCT FROM p.next_value) AS next_value,
	count(*) FILTER (WHERE (t).falls IS DISTINCT FROM p.falls) AS falls, count(*) FILTER (WHERE (t).is_declining IS DISTINCT FROM p.is_declining) AS is_declining
FROM (SELECT g, trend(value, at) AS t FROM trend_row WHERE value IS NOT NULL AND at IS NOT NULL GROUP BY g) AS o FULL JOIN pg_temp.plain_trend AS p USING (g);
-- The same slope as regr_slope, as far as that is exact.
SELECT count(*) > 200 AS enough, count(*) FILTER (WHERE abs((t).slope - slope::numeric) > 0.000001) AS differing
FROM (SELECT g, trend(value, at) AS t, regr_slope(value, at) AS slope FROM trend_row WHERE g % 10 NOT IN (0, 3, 5, 8) GROUP BY g) AS s;

-- Long series, whose slopes are too many to list: all different, few different, and beyond 128 bits.
CREATE TABLE trend_long AS
SELECT s, i, CASE s WHEN 1 THEN round((random() * 100)::numeric, 2) WHEN 2 THEN i % 3 WHEN 3 THEN i WHEN 4 THEN round((random() * 1e50)::numeric) WHEN 5 THEN (random() * 3)::int - i / 2 END AS value
FROM generate_series(1, 5) AS s, generate_series(1, 240) AS i;
WITH ours AS (SELECT s, trend(value, i) AS t FROM trend_long GROUP BY s
), pair AS (SELECT s, (b.value - a.value + 0e-40) / (b.i - a.i) AS slope FROM trend_long AS a JOIN trend_long AS b USING (s) WHERE b.i > a.i
), middle AS (SELECT s, round(avg(slope), 6) AS slope FROM (SELECT s, slope, row_number() OVER (PARTITION BY s ORDER BY slope) AS rank FROM pair) AS r WHERE rank IN (240 * 239 / 4, 240 * 239 / 4 + 1) GROUP BY s
)
SELECT s, (t).n, CASE WHEN s IN (2, 3) THEN (t).theil_sen END AS theil_sen, (t).theil_sen = slope AS is_median FROM ours JOIN middle USING (s) ORDER BY s;

-- Any order and any shards give the same, states having travelled as text.
SELECT count(*) AS groups, count(*) FILTER (WHERE upward IS DISTINCT FROM downward) AS up_and_down, count(*) FILTER (WHERE upward IS DISTINCT FROM shuffled) AS shuffled
FROM (SELECT g, trend(value, at ORDER BY at, i) AS upward, trend(value, at ORDER BY at DESC, i DESC) AS downward, trend(value, at ORDER BY md5(g || '/' || i)) AS shuffled FROM trend_row GROUP BY g) AS s;
CREATE TABLE trend_shard AS SELECT g, i % 3 AS shard, pg_temp.gather(value, at) AS state FROM trend_row GROUP BY 1, 2;
SELECT count(*) AS groups, count(*) FILTER (WHERE _trend_final(m.forth) IS DISTINCT FROM whole) AS forth, count(*) FILTER (WHERE _trend_final(m.back) IS DISTINCT FROM whole) AS back
FROM (SELECT g, pg_temp.merge_all(state::text::trend_state ORDER BY shard) AS forth, pg_temp.merge_all(state ORDER BY shard DESC) AS back FROM trend_shard GROUP BY g) AS m
	JOIN (SELECT g, trend(value, at) AS whole FROM trend_row GROUP BY g) AS w USING (g);

-- Parallel, in groups and over all, with a limit of its own too.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET enable_sort = off;
CREATE FUNCTION pg_temp.is_parallel(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	plan text;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan LIKE '%"Partial Mode": "Partial"%';
END $$;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE trend_serial AS SELECT g % 60 AS k, trend(value, at) AS t, trend(value, at, 0.5) AS half FROM trend_row GROUP BY 1 UNION ALL SELECT -1, trend(value, at), trend(value, at, 0.5) FROM trend_row;
SET max_parallel_workers_per_gather = 2;
SELECT pg_temp.is_parallel('SELECT g % 60 AS k, trend(value, at) AS t, trend(value, at, 0.5) AS half FROM trend_row GROUP BY 1') AS in_groups,
	pg_temp.is_parallel('SELECT trend(value, at), trend(value, at, 0.5) FROM trend_row') AS over_all;
CREATE TABLE trend_parallel AS SELECT g % 60 AS k, trend(value, at) AS t, trend(value, at, 0.5) AS half FROM trend_row GROUP BY 1;
INSERT INTO trend_parallel SELECT -1, t, half FROM (SELECT trend(value, at) AS t, trend(value, at, 0.5) AS half FROM trend_row) AS x;
SELECT count(*) AS groups, count(*) FILTER (WHERE (s.t, s.half) IS DISTINCT FROM (p.t, p.half)) AS differing, count(*) FILTER (WHERE (p.t).is_declining IS DISTINCT FROM (p.half).is_declining) > 0 AS limit_matters
FROM trend_serial AS s FULL JOIN trend_parallel AS p USING (k);
SELECT pg_temp.outcome('SELECT trend(value, at, g % 2) FROM trend_row') AS two_limits;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
RESET enable_sort;

-- As a window aggregate: a running trend, and that of the last three.
SELECT i, (trend(v, i) OVER (ORDER BY i)).slope AS so_far, (trend(v, i) OVER (ORDER BY i)).is_declining AS declining, (trend(v, i) OVER (ORDER BY i ROWS 2 PRECEDING)).next_value AS next_from_three
FROM unnest('{90,88,85,79,80}'::numeric[]) WITH ORDINALITY AS s (v, i) ORDER BY i;
SELECT count(*) AS rows, count(*) FILTER (WHERE running IS DISTINCT FROM again) AS differing
FROM (SELECT g, i, trend(value, at) OVER (PARTITION BY g ORDER BY i) AS running FROM trend_row WHERE g <= 60) AS w
	JOIN (SELECT a.g, a.i, trend(b.value, b.at) AS again FROM trend_row AS a JOIN trend_row AS b ON b.g = a.g AND b.i <= a.i WHERE a.g <= 60 GROUP BY 1, 2) AS x USING (g, i);

-- Called directly, the functions leave their arguments alone, stored states included.
CREATE TABLE trend_kept (id int, state trend_state);
INSERT INTO trend_kept SELECT 1, pg_temp.gather(v, i) FROM unnest('{90,88,85,79}'::numeric[]) WITH ORDINALITY AS s (v, i);
INSERT INTO trend_kept SELECT 2, pg_temp.gather((i * 7919)::numeric ^ 3, i) FROM generate_series(1, 1000) AS i;
INSERT INTO trend_kept VALUES (3, 'trend(slope_limit 0.5)');
CREATE TEMP TABLE before AS SELECT id, state::text AS text FROM trend_kept;
SELECT id, (_trend_final(_trend_add(state, 2, -1))).n - (_trend_final(state)).n AS one_more, (_trend_final(_trend_merge(state, state))).n - (_trend_final(state)).n AS same,
	_trend_add(state, NULL, 1) IS NULL AS strict
FROM trend_kept ORDER BY id;
SELECT count(*) AS unchanged FROM trend_kept JOIN before USING (id) WHERE state::text = text;

-- Limits that meet in a merge: an empty state has none of its own.
SELECT query, pg_temp.outcome('SELECT ' || query)
FROM (VALUES
	(1, $$_trend_merge('trend(slope_limit 3)', 'trend(slope_limit 5, 1:2)')$$), (2, $$_trend_merge('trend(slope_limit 5, 1:2)', 'trend(slope_limit 3)')$$),
	(3, $$_trend_merge('trend(slope_limit 5.0, 1:2)', 'trend(slope_limit 5, 3:4, 5:6)')$$), (4, $$_trend_merge('trend(slope_limit 5, 1:2)', 'trend(slope_limit 3, 1:2)')$$),
	(5, $$_trend_add('trend(slope_limit 3)', 7, 8, 2)$$), (6, $$_trend_add('trend(slope_limit 2.00, 1:1)', 7, 8, 2)$$), (7, $$_trend_add('trend(slope_limit 3, 1:1)', 7, 8, 2)$$)
) AS v (n, query)
ORDER BY n;

-- The literal: points in order of arrival.
SELECT pg_temp.gather(v, p) AS state FROM (VALUES (90.0, 3), (-0.50, 1.10), (NULL, 2), (1e20, 0)) AS r (v, p);
SELECT n, left(literal, 40) AS literal, regexp_replace(regexp_replace(pg_temp.outcome(format('SELECT %L::trend_state', literal)), '1:1(, 1:1){20,},?(\.{3})?', '1:1...'), '7{20,}(\.{3})?', '7...') AS outcome
FROM (VALUES
	(1, 'trend(slope_limit 3)'), (2, 'trend(slope_limit 0.50, 1.0:90, -2:-0.5)'), (3, ''), (4, 'trend'), (5, 'trend()'), (6, 'trend(slope_limit 3'), (7, 'trend(slope_limit 3) '), (8, 'trend(slope_limit -1)'),
	(9, 'trend(slope_limit NaN)'), (10, 'trend(slope_limit 3, )'), (11, 'trend(slope_limit 3, 1)'), (12, 'trend(slope_limit 3, 1:)'), (13, 'trend(slope_limit 3, 1:2,3:4)'), (14, 'trend(slope_limit 3, 1:NaN)'),
	(15, 'trend(slope_limit 3, 1e3:2)'), (16, 'trend(slope_limit 3, 1:Infinity)'), (17, 'trend(slope_limit 3, 1:2 , 3:4)'), (18, 'trend(slope_limit 3, 1:' || repeat('7', 3000) || ')'),
	(19, 'trend(slope_limit 3, 1:0.' || repeat('7', 20000) || ')'), (20, 'trend(slope_limit 3, ' || repeat('7', 140000) || ':1)'), (21, 'trend(slope_limit ' || repeat('7', 3000) || ')'),
	(22, 'trend(slope_limit 3' || repeat(', 1:1', 10000) || ')'), (23, 'trend(slope_limit 3' || repeat(', 1:1', 10001) || ')')
) AS t (n, literal)
ORDER BY n;
SELECT pg_temp.outcome(format('SELECT _trend_merge(%L, %L)', 'trend(slope_limit 3' || repeat(', 1:1', 9000) || ')', 'trend(slope_limit 3' || repeat(', 1:1', 1001) || ')')) AS merged_too_many;

-- Binary there and back, and binary that is none.
SELECT current_setting('data_directory') || '/trend.bin' AS file \gset
CREATE TABLE trend_back (LIKE trend_shard);
COPY trend_shard TO :'file' (FORMAT binary);
COPY trend_back FROM :'file' (FORMAT binary);
SELECT count(*) AS states, count(*) FILTER (WHERE a.state::text <> b.state::text) AS differing FROM trend_shard AS a JOIN trend_back AS b USING (g, shard);
SELECT get_byte(sent, 0) AS version, convert_from(substr(sent, 2), 'UTF8') AS text FROM (SELECT trend_state_send('trend(slope_limit 3, 1:90)') AS sent) AS s;
CREATE TABLE trend_raw (bytes bytea);
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file text := current_setting('data_directory') || '/trend_raw.bin';
	detail text;
	hint text;
BEGIN
	TRUNCATE trend_raw, trend_kept;
	INSERT INTO trend_raw VALUES (bytes);
	EXECUTE format('COPY trend_raw TO %L (FORMAT binary)', file);
	EXECUTE format('COPY trend_kept (state) FROM %L (FORMAT binary)', file);
	RETURN (SELECT state FROM trend_kept);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE || ' ' || SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;
SELECT n, pg_temp.receive(bytes::bytea)
FROM (VALUES
	(1, '\001trend(slope_limit 3, 1:90)'), (2, '\002trend(slope_limit 3, 1:90)'), (3, ''), (4, '\001'), (5, '\001trend(slope_limit 3, 1:90)\000'), (6, '\001trend(slope_limit -3)'), (7, '\001trend(slope_limit 3, 1:')
) AS t (n, bytes)
ORDER BY n;

DROP VIEW pg_temp.plain_trend;
DROP TABLE trend_row, trend_long, trend_shard, trend_serial, trend_parallel, trend_kept, trend_back, trend_raw;
