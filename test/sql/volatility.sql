-- volatility(): vectors, edges, exactness, merging, windows, forged states.
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

-- What the aggregate gathers, and its merging as an aggregate.
CREATE AGGREGATE pg_temp.gather(numeric, numeric) (
	SFUNC = _volatility_add, STYPE = volatility_state,
	INITCOND = 'volatility(n 0, skipped 0, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0)');
CREATE AGGREGATE pg_temp.merge_all(volatility_state) (
	SFUNC = _volatility_merge, STYPE = volatility_state,
	INITCOND = 'volatility(n 0, skipped 0, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0)');

-- One of each: noise, tiny plans, always too high a plan, exactly on plan, signs of plan and actual.
SELECT series, (v).*
FROM (SELECT no, series, volatility(actual, plan) AS v
	FROM (VALUES
		(1, 'noise', 63, 100), (1, 'noise', 152, 100), (1, 'noise', 80, 100), (1, 'noise', 125, 100),
		(2, 'tiny plan', 20, 10), (2, 'tiny plan', 1000, 1000),
		(3, 'plan too high', 75, 100), (3, 'plan too high', 150, 200), (3, 'plan too high', 0.75, 1),
		(4, 'on plan', 7, 7), (4, 'on plan', -7.00, -7), (4, 'on plan', 1e-30, 1e-30),
		(5, 'better than a loss', -50, -100), (6, 'worse than a loss', -150, -100), (7, 'nothing done', 0, 100), (8, 'loss instead of gain', -100, 100),
		(9, 'single', 4752, 6600)
	) AS s (no, series, actual, plan)
	GROUP BY no, series) AS x
ORDER BY no;

-- Twelve quarters before and two quarters after: 37 % on average and 52 % at worst, then 18 %.
WITH quarter (quarter, plan, actual) AS (VALUES
	('2022Q4', 6600, 4752), ('2023Q1', 6100, 3355), ('2023Q2', 6900, 9177), ('2023Q3', 7200, 4248), ('2023Q4', 7400, 3552), ('2024Q1', 6800, 5304),
	('2024Q2', 7500, 11025), ('2024Q3', 7900, 5056), ('2024Q4', 8000, 5600), ('2025Q1', 7100, 4331), ('2025Q2', 7800, 5070), ('2025Q3', 8200, 11152),
	('2026Q1', 7700, 6083), ('2026Q2', 8300, 9545))
SELECT quarter >= '2026' AS after, (volatility(actual, plan)).*
FROM quarter GROUP BY 1 ORDER BY 1;

-- A row with a NULL is ignored, a plan of 0 skipped and counted whatever the actual; no rows are no figures.
SELECT title, (v).*
FROM (VALUES
	(1, 'no rows', (SELECT volatility(1, 1) FROM generate_series(1, 0))),
	(2, 'all NULL', (SELECT volatility(a, p) FROM (VALUES (NULL::numeric, 1::numeric), (1, NULL), (NULL, NULL), (NULL, 0)) AS r (a, p))),
	(3, 'plan 0 only', (SELECT volatility(a, p) FROM (VALUES (0, 0), (5, 0.000), (NULL, 0)) AS r (a, p))),
	(4, 'plan 0 among others', (SELECT volatility(a, p) FROM (VALUES (0, 0), (1e40, 0), (NULL, 5), (3, 4), (5, 4)) AS r (a, p)))
) AS t (no, title, v)
ORDER BY no;

-- Rounded once, half away from zero: means of x.5 millionths, thirds, roots on either side of a half.
SELECT title, (v).mean_deviation, (v).worst_deviation, (v).bias, (v).rmse, (v).wape
FROM (VALUES
	(1, 'half a millionth up', (SELECT volatility(1.0000005, 1))),
	(2, 'half a millionth down', (SELECT volatility(0.9999995, 1))),
	(3, 'a hair less', (SELECT volatility(1.000000499999999999, 1))),
	(4, 'mean is a half', (SELECT volatility(a, 1) FROM (VALUES (1.000001), (1)) AS r (a))),
	(5, 'three thirds', (SELECT volatility(a, 3) FROM (VALUES (4), (4), (4)) AS r (a))),
	(6, 'two thirds', (SELECT volatility(5, 3))),
	-- the root of the mean of 0.6^2 and 0.8^2 is that of 0.5; that of 1^2 and 7^2 is exactly 5
	(7, 'root of a half', (SELECT volatility(a, 10) FROM (VALUES (16), (2)) AS r (a))),
	(8, 'root of a square', (SELECT volatility(a, 1) FROM (VALUES (2), (8)) AS r (a))),
	-- 1, 7 and 5 times a tenth and a bit: the root is just half a millionth above 0.5; then a hair less
	(9, 'root is a half', (SELECT volatility(a, 1) FROM (VALUES (1.1000001), (0.2999993)) AS r (a))),
	(10, 'root below a half', (SELECT volatility(a, 1) FROM (VALUES (1.1000001), (0.299999300000000001)) AS r (a)))
) AS t (no, title, v)
ORDER BY no;

-- Beyond 128 bits: rows, sums and both together. Refused: what is no number.
SELECT title, pg_temp.outcome(format('SELECT volatility(a, p) FROM (VALUES %s) AS r (a, p)', rows))
FROM (VALUES
	(1, 'actual', '(1e40, 10)'), (2, 'plan', '(0, 1e40), (3e40, 1e40)'), (3, 'both', '(1e40 + 1, 1e40)'), (4, 'quotient', '(1, 1e-30)'), (5, 'square', '(1e20, 1), (0, 1)'),
	(6, 'deviation of nothing', '(1e-30, 1)'), (8, 'no common scale', '(1e-30, 1e30)'),
	(9, 'sum of amounts', '(1.5e38, 1e38), (0.5e38, 1e38)'), (10, 'sum of deviations', '(1.5e20, 1), (1.5e20, 1), (1, 1)'),
	(11, 'huge and ordinary', '(1e40, 1e40), (3, 2), (1, 2)'), (12, 'many places', '(2e-38, 1e-38), (1, 1), (1, 2)'),
	(13, 'digits of quotients', '(100 / 3.0, 200 / 3.0), (1 / 3.0, 1 / 7.0)'), (15, 'gap', '(1.5e38, -1.5e38)'), (16, 'figures of sums that fit', '(1e14, 1), (1e14, 1)'), (14, 'plan of 0 in many digits', '(1, 0e-1000), (1, 1)'),
	(21, 'NaN', $$(1, 1), ('NaN'::numeric, 1)$$), (22, 'NaN', $$(1, 'NaN'::numeric)$$), (23, 'Infinity', $$('Infinity'::numeric, 0)$$), (24, '-Infinity', $$(0, '-Infinity'::numeric)$$),
	(25, 'NaN beside NULL', $$('NaN'::numeric, NULL::numeric)$$), (26, 'no result in numeric', '(9e131071, 1), (-9e131071, 2)')
) AS t (n, title, rows)
ORDER BY n;

-- Row by row what the definitions say in SQL, over ordinary and over wild numbers.
SELECT setseed(0.5);
CREATE TABLE volatility_row AS
SELECT g, i, CASE WHEN random() < 0.02 THEN NULL WHEN random() < 0.01 THEN 0 ELSE
		round(((random() - 0.3) * 10 ^ (random() * CASE WHEN g % 10 = 0 THEN 45 ELSE 7 END))::numeric, (random() * CASE WHEN g % 10 = 0 THEN 30 ELSE 4 END)::int) END AS actual,
	CASE WHEN random() < 0.02 THEN NULL WHEN random() < 0.05 THEN 0 ELSE
		round(((random() - 0.3) * 10 ^ (random() * CASE WHEN g % 10 = 5 THEN 45 ELSE 7 END))::numeric, (random() * CASE WHEN g % 10 = 5 THEN 30 ELSE 4 END)::int) END AS plan
FROM generate_series(1, 800) AS g, generate_series(1, 12) AS i;
ANALYZE volatility_row;

-- a / b at so many places, rounded once: numeric's own quotient has too few places for what is huge or tiny
CREATE FUNCTION pg_temp.quotient(a numeric, b numeric, places int) RETURNS numeric LANGUAGE sql IMMUTABLE
	RETURN sign(a) * sign(b) * div(2 * abs(a) * 10::numeric ^ places + abs(b), 2 * abs(b)) / 10::numeric ^ places;
WITH deviation AS (
	SELECT g, actual, plan, pg_temp.quotient(actual - plan, abs(plan), 18) AS d
	FROM volatility_row WHERE plan <> 0 AND actual IS NOT NULL
), plain AS (
	SELECT g, count(*) AS n, pg_temp.quotient(sum(abs(d)), count(*), 6) AS mean, round(max(abs(d)), 6) AS worst, pg_temp.quotient(sum(d), count(*), 6) AS bias,
		sum(d * d) AS square, pg_temp.quotient(sum(abs(actual - plan)), sum(abs(plan)), 6) AS wape
	FROM deviation GROUP BY g
), skipped AS (
	SELECT g, count(*) FILTER (WHERE plan = 0 AND actual IS NOT NULL) AS skipped FROM volatility_row GROUP BY g
), ours AS (
	SELECT g, volatility(actual, plan) AS v FROM volatility_row GROUP BY g
)
SELECT count(*) AS groups, count(*) FILTER (WHERE (v).worst_deviation > 1e20) AS huge,
	count(*) FILTER (WHERE ((v).n, (v).skipped) IS DISTINCT FROM (p.n, s.skipped)) AS counts_differ,
	count(*) FILTER (WHERE ((v).mean_deviation, (v).worst_deviation, (v).bias, (v).wape) IS DISTINCT FROM (mean, worst, bias, wape)) AS figures_differ,
	-- the root, squared again: within half a millionth, the lower bound included
	count(*) FILTER (WHERE NOT (((v).rmse - 5e-7) ^ 2 * p.n <= square AND square < ((v).rmse + 5e-7) ^ 2 * p.n)) AS roots_differ
FROM ours JOIN plain AS p USING (g) JOIN skipped AS s USING (g);

-- Any order gives the same state, digit for digit; so do shards whose states travel as text.
SELECT count(*) AS groups, count(*) FILTER (WHERE upward <> downward) AS up_and_down, count(*) FILTER (WHERE upward <> shuffled) AS shuffled
FROM (SELECT g % 50 AS k, pg_temp.gather(actual, plan ORDER BY g, i)::text AS upward, pg_temp.gather(actual, plan ORDER BY g DESC, i DESC)::text AS downward,
		pg_temp.gather(actual, plan ORDER BY md5(g || '/' || i))::text AS shuffled
	FROM volatility_row GROUP BY 1) AS s;
CREATE TABLE volatility_shard AS
SELECT g % 50 AS k, i % 5 AS shard, pg_temp.gather(actual, plan) AS state FROM volatility_row GROUP BY 1, 2;
SELECT count(*) AS groups,
	count(*) FILTER (WHERE _volatility_final(m.forth) IS DISTINCT FROM whole) AS forth, count(*) FILTER (WHERE _volatility_final(m.back) IS DISTINCT FROM whole) AS back,
	count(*) FILTER (WHERE m.forth::text <> m.back::text) AS states
FROM (SELECT k, pg_temp.merge_all(state::text::volatility_state ORDER BY shard) AS forth, pg_temp.merge_all(state ORDER BY shard DESC) AS back
		FROM volatility_shard GROUP BY k) AS m
	JOIN (SELECT g % 50 AS k, volatility(actual, plan) AS whole FROM volatility_row GROUP BY 1) AS w USING (k);

-- Parallel, in groups and over all.
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
CREATE TABLE volatility_serial AS SELECT g % 50 AS k, volatility(actual, plan) AS v FROM volatility_row GROUP BY 1 UNION ALL SELECT -1, volatility(actual, plan) FROM volatility_row;
SET max_parallel_workers_per_gather = 2;
SELECT pg_temp.is_parallel('SELECT g % 50 AS k, volatility(actual, plan) AS v FROM volatility_row GROUP BY 1') AS in_groups,
	pg_temp.is_parallel('SELECT volatility(actual, plan) FROM volatility_row') AS over_all;
CREATE TABLE volatility_parallel AS SELECT g % 50 AS k, volatility(actual, plan) AS v FROM volatility_row GROUP BY 1;
INSERT INTO volatility_parallel SELECT -1, v FROM (SELECT volatility(actual, plan) AS v FROM volatility_row) AS x;
SELECT count(*) AS groups, count(*) FILTER (WHERE s.v IS DISTINCT FROM p.v) AS differing FROM volatility_serial AS s FULL JOIN volatility_parallel AS p USING (k);
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
RESET enable_sort;

-- As a window aggregate: a running total, and a moving frame.
SELECT q, (volatility(actual, 100) OVER (ORDER BY q)).mean_deviation AS so_far,
	(volatility(actual, 100) OVER (ORDER BY q ROWS 1 PRECEDING)).mean_deviation AS last_two,
	(volatility(actual, 100) OVER ()).worst_deviation AS worst_of_all
FROM (VALUES (1, 63), (2, 152), (3, 80), (4, 125)) AS s (q, actual) ORDER BY q;
SELECT count(*) AS rows, count(*) FILTER (WHERE running IS DISTINCT FROM again) AS differing
FROM (SELECT g, i, volatility(actual, plan) OVER (PARTITION BY g ORDER BY i) AS running FROM volatility_row WHERE g <= 20) AS w
	JOIN (SELECT a.g, a.i, volatility(b.actual, b.plan) AS again FROM volatility_row AS a JOIN volatility_row AS b ON b.g = a.g AND b.i <= a.i WHERE a.g <= 20 GROUP BY 1, 2) AS x USING (g, i);

-- Called directly, the functions leave their arguments alone, stored states included.
CREATE TABLE volatility_kept (id int, state volatility_state);
INSERT INTO volatility_kept SELECT g, pg_temp.gather(actual, plan) FROM volatility_row WHERE g IN (1, 10) GROUP BY g;
-- one that is stored out of line
INSERT INTO volatility_kept SELECT 3, pg_temp.gather((SELECT string_agg((i * i)::text, '') FROM generate_series(1, 1500) AS i)::numeric, 7);
CREATE TEMP TABLE before AS SELECT id, state::text AS text FROM volatility_kept;
SELECT id, (_volatility_final(_volatility_add(state, 2, 1))).n - (_volatility_final(state)).n AS one_more,
	(_volatility_final(_volatility_merge(state, state))).n - 2 * (_volatility_final(state)).n AS twice,
	(_volatility_final(_volatility_merge(state, state))).rmse - (_volatility_final(state)).rmse AS same,
	_volatility_add(state, NULL, 1) IS NULL AS strict
FROM volatility_kept ORDER BY id;
SELECT count(*) AS unchanged FROM volatility_kept JOIN before USING (id) WHERE state::text = text;

-- The literal, which is the same for the same numbers, however they are written.
SELECT pg_temp.gather(a, p) AS state FROM (VALUES (63, 100), (152, 100.00), (80, 100), (125.0, 100), (3, 0)) AS r (a, p);
SELECT pg_temp.gather(a, p) AS state FROM (VALUES (1e25, 3), (1, 7)) AS r (a, p);
-- half of the last place kept of a deviation, to either side
SELECT pg_temp.gather(a, p) AS state FROM (VALUES (1 + 5e-19, 1), (1 - 5e-19, 1), (1 + 4e-19, 1)) AS r (a, p);
SELECT n, pg_temp.outcome(format('SELECT %L::volatility_state', literal))
FROM (VALUES
	(1, 'volatility(n 2, skipped 0, absolute 0.5, signed -0.10, square 0.13, worst 0.30, gap 5, plan 10)'), (2, 'volatility(n 0, skipped 7, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0)'),
	(3, ''), (4, 'volatility'), (5, 'volatility()'), (6, 'volatility(n 0, skipped 0, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0'),
	(7, 'volatility(n 0, skipped 0, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0) '), (8, 'volatility(n -1, skipped 0, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0)'),
	(9, 'volatility(n 9223372036854775808, skipped 0, absolute 0, signed 0, square 0, worst 0, gap 0, plan 1)'), (10, 'volatility(n 1, skipped 0, absolute NaN, signed 0, square 0, worst 0, gap 0, plan 1)'),
	(11, 'volatility(n 1, skipped 0, absolute 1e2, signed 0, square 0, worst 0, gap 0, plan 1)'), (12, 'volatility(n 1, skipped 0, absolute .5, signed 0, square 0, worst 0, gap 0, plan 1)'),
	(13, 'volatility(n 1, skipped 0, absolute 5., signed 0, square 0, worst 0, gap 0, plan 1)'),
	(21, 'volatility(n 1, skipped 0, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0)'), (22, 'volatility(n 0, skipped 0, absolute 0, signed 0, square 0, worst 0, gap 0, plan 1)'),
	(23, 'volatility(n 0, skipped 0, absolute 0, signed 0, square 0, worst 0, gap 1, plan 0)'), (24, 'volatility(n 1, skipped 0, absolute 1, signed -2, square 1, worst 1, gap 1, plan 1)'),
	(25, 'volatility(n 1, skipped 0, absolute 2, signed 1, square 1, worst 1, gap 1, plan 1)'), (26, 'volatility(n 2, skipped 0, absolute 1, signed 1, square 4, worst 2, gap 1, plan 1)'),
	(27, 'volatility(n 2, skipped 0, absolute 2, signed 1, square 0.9, worst 1, gap 1, plan 1)'), (28, 'volatility(n 2, skipped 0, absolute 2, signed 1, square 2.1, worst 1, gap 1, plan 1)'),
	(29, 'volatility(n 1, skipped 0, absolute -1, signed -1, square 1, worst -1, gap 1, plan 1)'), (30, 'volatility(n 1, skipped 0, absolute 1, signed 1, square 1, worst 1, gap -1, plan 1)'),
	(31, 'volatility(n 1, skipped 0, absolute 1, signed 1, square 1, worst 1, gap 1, plan -1)'), (32, 'volatility(n 1, skipped 0, absolute 0.0000000000000000001, signed 0, square 0, worst 0, gap 0, plan 1)'),
	(34, 'volatility(n 1, skipped 0, absolute 1, signed 1, square 1, worst 1, gap 100000000000000000000000000000000000000, plan 0.0001)'),
	(33, 'volatility(n 9223372036854775807, skipped 0, absolute 1, signed 1, square 1, worst 1, gap 1, plan 1)')
) AS t (n, literal)
ORDER BY n;
SELECT pg_temp.outcome($$SELECT _volatility_add('volatility(n 9223372036854775807, skipped 0, absolute 1, signed 1, square 1, worst 1, gap 1, plan 1)', 1, 1)$$) AS count_overflows;

-- Binary there and back, and binary that is none.
SELECT current_setting('data_directory') || '/volatility.bin' AS file \gset
CREATE TABLE volatility_back (LIKE volatility_shard);
COPY volatility_shard TO :'file' (FORMAT binary);
COPY volatility_back FROM :'file' (FORMAT binary);
SELECT count(*) AS states, count(*) FILTER (WHERE a.state::text <> b.state::text) AS differing FROM volatility_shard AS a JOIN volatility_back AS b USING (k, shard);
SELECT get_byte(sent, 0) AS version, convert_from(substr(sent, 2), 'UTF8') AS text
FROM (SELECT volatility_state_send('volatility(n 0, skipped 7, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0)') AS sent) AS s;
CREATE TABLE volatility_raw (bytes bytea);
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file text := current_setting('data_directory') || '/volatility_raw.bin';
	detail text;
	hint text;
BEGIN
	TRUNCATE volatility_raw, volatility_kept;
	INSERT INTO volatility_raw VALUES (bytes);
	EXECUTE format('COPY volatility_raw TO %L (FORMAT binary)', file);
	EXECUTE format('COPY volatility_kept (state) FROM %L (FORMAT binary)', file);
	RETURN (SELECT state FROM volatility_kept);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE || ' ' || SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;
SELECT n, pg_temp.receive(bytes::bytea)
FROM (VALUES
	(1, '\001volatility(n 0, skipped 7, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0)'), (2, '\002volatility(n 0, skipped 7, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0)'),
	(3, ''), (4, '\001'), (5, '\001volatility(n 0, skipped 7, absolute 0, signed 0, square 0, worst 0, gap 0, plan 0)\000'),
	(6, '\001volatility(n 1, skipped 0, absolute 2, signed 1, square 1, worst 1, gap 1, plan 1)'), (7, '\377\377\377\377')
) AS t (n, bytes)
ORDER BY n;

DROP TABLE volatility_row, volatility_shard, volatility_serial, volatility_parallel, volatility_kept, volatility_back, volatility_raw;
