-- The type score_curve: text forms, evaluation, edges, limits, binary.
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
CREATE FUNCTION pg_temp.reading(literal text) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.outcome(format('SELECT %L::score_curve', literal))
$$;

-- What is read, in its canonical form.
CREATE TEMP TABLE accepted (n int, literal text);
INSERT INTO accepted VALUES
(1, 'linear(0:0, 80:60, 100:100, 120:120)'),
(2, 'step(0:0, 80:60, 100:100)'),
(3, 'step(0:veto, 60:60, 100:100)'),
(4, 'step(0:100, 1:60, 2:veto)'),
(5, 'deduct(full 20, above 2, 5 per 1, floor 0)'),
(6, 'deduct(full 20, below 98, 0.5 per 0.1, floor -5, prorata)'),
(7, E' LINEAR\t( 0 : 0 ,\r\n80:60\f,\x0B100 : 100 ) '),
(8, 'Deduct(FULL 20,ABOVE 2,5PER 1,Floor 0,PRORATA)'),
(9, 'linear(-0:+0, .5:1., 1.50:02.500)'),
(10, 'linear(-1.25:-100, -1.2:0)'),
(11, 'step(5:7)'),
(12, 'step(5:veto)'),
(13, 'step(0:50, 10:50)'),
(14, 'step(0:veto, 10:veto, 20:1)'),
(15, 'linear(100:0, 200:100, 300:50, 400:75)'),
(16, 'linear(-999999999999999999:999999999999999999, 999999999999999999:-999999999999999999)'),
(17, 'linear(0.000000000000000001:1)'),
(18, 'linear(' || repeat('0', 1000) || '1.5' || repeat('0', 1000) || ':1)'),
(19, 'linear(0:1' || repeat(' ', 100000) || ')'),
(20, 'deduct(full 0, above -2.5, 1 per 1, floor 0)'),
(21, 'step(0:0, 60:veto)');
SELECT n, pg_temp.reading(literal) FROM accepted ORDER BY n;
SELECT count(*) AS curves,
	count(*) FILTER (WHERE literal::score_curve::text::score_curve::text <> literal::score_curve::text) AS rewritten,
	count(*) FILTER (WHERE literal::score_curve::text::score_curve <> literal::score_curve) AS differing
FROM accepted;

-- What is refused, and why.
SELECT pg_temp.reading(literal)
FROM (VALUES
	(1, ''), (2, '   '), (3, 'linear'), (4, 'linear('), (5, 'linear()'), (6, 'linear(0'), (7, 'linear(0:'), (8, 'linear(0:0'), (9, 'linear(0:0,'),
	(10, 'linear(0:0,)'), (11, 'linear(0:0))'), (12, 'linear(0:0) linear(1:1)'), (13, 'linear(0 0)'), (14, 'linear(0:0 1:1)'), (15, 'linear(0;0)'),
	(16, 'lineary(0:0)'), (17, 'spline(0:0)'), (18, '0:0, 1:1'), (19, 'linear(x:0)'), (20, 'linear(0:y)'),
	(21, 'linear(-:0)'), (22, 'linear(.:0)'), (23, 'linear(1.2.3:0)'), (24, 'linear(1e5:0)'), (25, 'linear(0x10:0)'), (26, 'linear(--1:0)'),
	(27, 'linear(NaN:0)'), (28, 'linear(0:Infinity)'), (29, 'linear(0:veto, 1:1)'), (30, 'step(veto:0)'), (31, 'step(0:vetoed)'),
	(32, 'linear(0:0, 0:1)'), (33, 'linear(0:0, 80:60, 79.9:61)'), (34, 'step(0:0, 1:1, 1.000:2)'), (35, 'linear(1:1, -1:2)'),
	(36, 'step(0:0, 50:80, 60:70)'), (37, 'step(0:100, 50:50, 60:50, 70:51)'), (39, 'step(0:veto, 1:60, 2:veto)'),
	(40, 'step(0:100, 1:veto, 2:60)'),
	(51, 'linear(1234567890123456789:0)'), (52, 'linear(0:0.0000000000000000001)'), (53, 'linear(0:0, 100000000000000000.05:1)'),
	(54, 'linear(0.5:0, 999999999999999999:1)'), (55, 'linear(0:' || repeat('9', 5000) || ')'),
	(61, 'deduct(20, above 2, 5 per 1, floor 0)'), (62, 'deduct(full 20)'), (63, 'deduct(full 20, over 2, 5 per 1, floor 0)'), (64, 'deduct(full 20, above 2, 5, floor 0)'),
	(65, 'deduct(full 20, above 2, 5 per 1)'), (66, 'deduct(full 20, above 2, 5 per 1, floor 0, pro rata)'), (67, 'deduct(full 20, above 2, 5 per 1, floor 0, prorata, prorata)'),
	(68, 'deduct(full 20, above 2, 0 per 1, floor 0)'), (69, 'deduct(full 20, above 2, -5 per 1, floor 0)'), (70, 'deduct(full 20, above 2, 5 per 0, floor 0)'),
	(71, 'deduct(full 20, above 2, 5 per -1, floor 0)'), (72, 'deduct(full 20, above 2, 5 per 1, floor 21)'), (73, 'deduct(full veto, above 2, 5 per 1, floor 0)'),
	(81, 'linear（0:0）'), (82, 'linear(0:0, 八十:60)'), (83, 'linear(0:0' || chr(1) || ')'), (84, repeat('(', 100000)), (85, repeat('linear(', 30))
) AS v (n, literal)
ORDER BY n;

-- Size: up to 1000 points.
CREATE FUNCTION pg_temp.points(kind text, n int) RETURNS text LANGUAGE sql AS $$
	SELECT kind || '(' || string_agg(i || ':' || i * 2, ', ' ORDER BY i) || ')' FROM generate_series(1, n) AS i
$$;
SELECT length(pg_temp.points('linear', 1000)::score_curve::text) AS length, pg_temp.points('linear', 1000)::score_curve::text = pg_temp.points('linear', 1000) AS same,
	score(pg_temp.points('linear', 1000)::score_curve, 500.25) AS linear, score(pg_temp.points('step', 1000)::score_curve, 500.25) AS step;
SELECT pg_temp.reading(pg_temp.points('linear', 1001));
SELECT pg_temp.reading(pg_temp.points('step', 10000));

-- Vectors.
SELECT curve::text, string_agg(x || ' -> ' || score(curve, x) || CASE WHEN is_veto(curve, x) THEN ' veto' ELSE '' END, ', ' ORDER BY i) AS scores
FROM (VALUES
	(1, 'linear(80:60, 100:100, 120:120)'::score_curve, '{79,80,90,100,110,120,125}'::numeric[]),
	(2, 'linear(0:100, 50:40, 100:0)', '{-1,0,25,50,60,75,100,101}'),			-- falling
	(3, 'linear(4:0, 8:100, 12:100, 20:0)', '{4,6,8,10,16,20,21}'),			-- a band
	(4, 'linear(7:55)', '{-1000,7,1000}'),										-- one point
	(5, 'linear(0:5, 10:5)', '{-1,3.3,11}'),									-- constant
	(6, 'linear(0:0, 3:1)', '{1,2,1.5,0.0000015,0.0000014}'),					-- rounded at the 6th place
	(7, 'linear(0:0, 3:-1)', '{1,2,1.5,0.0000015,0.0000014}'),					-- half away from zero
	(8, 'linear(0:0, 1:0.0000005)', '{0.5,0.999999,1,2}'),
	(11, 'step(0:0, 60:60, 80:80, 100:100)', '{-5,0,59.999999,60,79.9,80,99.99,100,1000}'),	-- a point opens its tile
	(12, 'step(0:100, 1:60, 2:veto)', '{-1,0,0.000001,1,1.5,2,3}'),			-- a point closes its tile
	(13, 'step(0:veto, 60:60, 100:100)', '{-1,0,59.999,60,99,100}'),
	(14, 'step(0:100, 3:80, 5:0)', '{0,0.1,3,3.1,5,6}'),
	(15, 'step(0:100, 0.0001:0)', '{0,0.0001,1}'),								-- zero tolerance
	(16, 'step(7:55)', '{6,7,8}'), (17, 'step(7:veto)', '{6,7,8}'),			-- one point
	(18, 'step(0:50, 10:50)', '{-1,0,5,10,11}'),								-- constant
	(19, 'step(1:20, 2:50, 3:80, 4:100)', '{1,2,3,4}'),						-- zones
	(21, 'deduct(full 20, above 2, 5 per 1, floor 0)', '{0,2,2.1,3,3.000001,5,6,9}'),
	(22, 'deduct(full 20, above 2, 5 per 1, floor 0, prorata)', '{2,2.1,5,6,9}'),
	(23, 'deduct(full 20, below 98, 1 per 0.5, floor 10)', '{100,98,97.9,97.5,97.4,95,93,90}'),
	(24, 'deduct(full 100, below 98, 1 per 3, floor -100, prorata)', '{98,97,96,0,-1000}'),
	(25, 'deduct(full 20, above 0, 0.1 per 7, floor 0, prorata)', '{1,2,3}')
) AS v (n, curve, xs), unnest(xs) WITH ORDINALITY AS u (x, i)
GROUP BY n, curve::text
ORDER BY n;

-- NULL in, NULL out; NaN and the infinities are refused; huge and tiny are not.
SELECT query, pg_temp.outcome('SELECT ' || query)
FROM (VALUES
	(1, $$score(NULL::score_curve, 1)$$), (2, $$score('linear(0:0)'::score_curve, NULL)$$), (3, $$is_veto(NULL, 1)$$), (4, $$is_veto('step(0:veto)', NULL)$$),
	(11, $$score('linear(0:0, 1:1)'::score_curve, 'NaN')$$), (12, $$score('step(0:0)'::score_curve, 'Infinity')$$),
	(13, $$score('deduct(full 20, above 2, 5 per 1, floor 0)'::score_curve, '-Infinity')$$), (14, $$is_veto('linear(0:0)', 'NaN')$$),
	(21, $$score('linear(0:5, 1:6)'::score_curve, 1e40)$$), (22, $$score('linear(0:5, 1:6)'::score_curve, -1e40)$$), (23, $$score('linear(0.001:5, 1:6)'::score_curve, 1e37)$$),
	(24, $$score('step(0:5, 1:6)'::score_curve, 1e40)$$), (25, $$score('step(0:6, 1:5)'::score_curve, 1e40)$$), (26, $$score('step(0.000000000000000001:6, 0.1:5)'::score_curve, -9e131071)$$),
	(27, $$score('step(0.000000000000000001:6, 0.1:5)'::score_curve, 9e131071)$$), (28, $$is_veto('step(0:6, 1:veto)', 1e100)$$), (29, $$is_veto('step(0:veto, 1:6)', -1e100)$$),
	(31, $$score('step(0:5, 1:6)'::score_curve, 1 - 1e-100)$$), (32, $$score('step(0:5, 1:6)'::score_curve, 1 + 1e-100)$$), (33, $$score('step(0:6, 1:5)'::score_curve, 0 + 1e-100)$$),
	(34, $$score('step(0:6, 1:5)'::score_curve, -1e-100)$$), (35, $$score('step(-1:6, 0:5)'::score_curve, -1 - 1e-100)$$), (36, $$score('step(-1:6, 0:5)'::score_curve, -1 + 1e-30)$$),
	(37, $$score('step(-1:5, 0:6)'::score_curve, -1e-30)$$), (38, $$score('step(-1:5, 0:6)'::score_curve, -1 - 1e-30)$$), (39, $$score('step(-1:5, 0:6)'::score_curve, -1)$$),
	-- the ends of 128 bits
	(71, $$score('step(0:5, 1:6)'::score_curve, 170141183460469231731687303715884105727)$$), (72, $$score('step(0:5, 1:6)'::score_curve, 170141183460469231731687303715884105728)$$),
	(73, $$score('linear(0:5, 1:6)'::score_curve, -170141183460469231731687303715884105727)$$), (74, $$score('step(0:6, 1:5)'::score_curve, -170141183460469231731687303715884105728)$$),
	(75, $$score('linear(0:5, 1:6)'::score_curve, 17014118346046923173168730371588410.5727)$$), (76, $$score('deduct(full 20, below 0.5, 5 per 1, floor -7)'::score_curve, -17014118346046923173168730371588410572.7)$$),
	(77, $$score('deduct(full 20, above -999999999999999999, 5 per 1, floor -7)'::score_curve, 170141183460469231731687303715884105727)$$),
	-- decimals that 128 bits hold, but not every step with them
	(81, $$score('linear(-999999999999999999:999999999999999999, 999999999999999999:-999999999999999999)'::score_curve, 5)$$),
	(82, $$score('linear(-999999999999999999:999999999999999999, 999999999999999999:-999999999999999999)'::score_curve, 123.4567890123456)$$),
	(83, $$score('linear(-999999999999999999:0, 999999999999999999:0.900000000000000001)'::score_curve, 0.12345678)$$),
	(84, $$score('deduct(full 20, above 0.1, 5 per 1, floor 0)'::score_curve, 1e38)$$),
	(85, $$score('deduct(full 20, below 999999999999999999, 5 per 999999999999999999, floor 0)'::score_curve, 0.000000000000000000001)$$),
	(86, $$score('deduct(full 999999999999999999, above 0, 1 per 999999999999999999, floor 0, prorata)'::score_curve, 499999999999999999.5)$$),
	(41, $$score('linear(0:0, 1:0.000001)'::score_curve, 0.5)$$), (42, $$score('linear(0:0, 1:0.000001)'::score_curve, 0.5 - 1e-100)$$), (43, $$score('linear(0:0, 1:-0.000001)'::score_curve, 0.5 - 1e-100)$$),
	(44, $$score('linear(0:0, 1:-0.000001)'::score_curve, 0.5 + 1e-100)$$),
	(45, $$score('linear(-999999999999999999:999999999999999999, 999999999999999999:-999999999999999999)'::score_curve, 0.123456789012345678901234567890123)$$),
	(46, $$score('linear(0:0.999999999999999999, 0.999999999999999999:0)'::score_curve, 0.3)$$),
	(51, $$score('deduct(full 20, above 2, 5 per 1, floor 0)'::score_curve, 1e40)$$), (52, $$score('deduct(full 20, above 2, 5 per 1, floor 0)'::score_curve, 9e131071)$$),
	(53, $$score('deduct(full 20, above 2, 5 per 1, floor 0)'::score_curve, -9e131071)$$), (54, $$score('deduct(full 20, below 2, 5 per 1, floor 0, prorata)'::score_curve, -9e131071)$$),
	(55, $$score('deduct(full 20, above 2, 5 per 1, floor 0)'::score_curve, 2 + 1e-100)$$), (56, $$score('deduct(full 20, above 2, 5 per 1, floor 0)'::score_curve, 3 - 1e-100)$$),
	(57, $$score('deduct(full 20, above 2, 5 per 1, floor 0)'::score_curve, 3 + 1e-100)$$), (58, $$score('deduct(full 20, below 2, 5 per 1, floor 0)'::score_curve, 2 - 1e-100)$$),
	(59, $$score('deduct(full 20, above 2, 1 per 1, floor 0, prorata)'::score_curve, 2 + 0.0000005)$$), (60, $$score('deduct(full 20, above 2, 1 per 1, floor 0, prorata)'::score_curve, 2 + 0.0000005 + 1e-100)$$),
	(61, $$score('deduct(full 999999999999999999, above 0, 1 per 1, floor -999999999999999999)'::score_curve, 1999999999999999997)$$),
	(62, $$score('deduct(full 999999999999999999, above 0, 1 per 1, floor -999999999999999999)'::score_curve, 1999999999999999999)$$),
	(63, $$score('deduct(full 0.3, above 0, 0.000000000000000001 per 0.000000000000000001, floor -0.9, prorata)'::score_curve, 0.6)$$)
) AS v (n, query)
ORDER BY n;

-- Beside an independent calculation in SQL, on random curves and measures;
-- one x in four carries more digits than 128 bits hold.
SELECT setseed(0.5);
CREATE TEMP TABLE random_curve AS
SELECT id, xs, places, ARRAY(SELECT round((random() * 300 - 100)::numeric, places) FROM unnest(xs) AS x WHERE x IS NOT NULL) AS ys
FROM (SELECT id, array_agg(x ORDER BY x) AS xs, places
	FROM (SELECT DISTINCT id, places, round((random() * 400 - 200)::numeric, places) AS x
		FROM (SELECT id, (random() * 4)::int AS places, 1 + (random() * 6)::int AS points FROM generate_series(1, 200) AS id) AS c, generate_series(1, points)) AS p
	GROUP BY id, places) AS a;
CREATE TEMP TABLE random_x AS
SELECT c.*, x, array_position(xs, (SELECT max(p) FROM unnest(xs) AS p WHERE p <= x)) AS at
FROM random_curve AS c,
	LATERAL (SELECT CASE i % 4 WHEN 0 THEN xs[1 + i % cardinality(xs)] WHEN 1 THEN round((random() * 500 - 250)::numeric, 5) + 1e-60
			ELSE round((random() * 500 - 250)::numeric, i % 7) END AS x
		FROM generate_series(1, 40) AS i) AS u;
CREATE FUNCTION pg_temp.curve(kind text, xs numeric[], ys numeric[]) RETURNS score_curve LANGUAGE sql AS $$
	SELECT (kind || '(' || string_agg(x || ':' || y, ',' ORDER BY i) || ')')::score_curve FROM unnest(xs, ys) WITH ORDINALITY AS p (x, y, i)
$$;
SELECT count(*) AS states, count(*) FILTER (WHERE score(pg_temp.curve('linear', xs, ys), x) IS DISTINCT FROM
	CASE WHEN at IS NULL THEN ys[1]
		WHEN at = cardinality(xs) THEN ys[at]
		ELSE round((ys[at] * (xs[at + 1] - xs[at]) + (ys[at + 1] - ys[at]) * (x - xs[at])) / (xs[at + 1] - xs[at]), 6) END) AS linear_differs
FROM random_x;
SELECT count(*) AS states,
	count(*) FILTER (WHERE score(pg_temp.curve('step', xs, up), x) IS DISTINCT FROM up[coalesce(at, 1)]) AS rising_differs,
	count(*) FILTER (WHERE score(pg_temp.curve('step', xs, down), x) IS DISTINCT FROM
		coalesce((SELECT down[i] FROM unnest(xs) WITH ORDINALITY AS p (px, i) WHERE x <= px ORDER BY i LIMIT 1), down[cardinality(down)])) AS falling_differs
FROM (SELECT x, at, xs, (SELECT array_agg(y ORDER BY y) FROM unnest(ys) AS y) AS up, (SELECT array_agg(y ORDER BY y DESC) FROM unnest(ys) AS y) AS down
	FROM random_x) AS s
WHERE up[1] <> up[cardinality(up)];
SELECT count(*) AS states,
	count(*) FILTER (WHERE score(format('deduct(full 20, above %s, %s per %s, floor -7.5)', std, rate, per)::score_curve, x) <> greatest(20 - rate * ceil(greatest(x - std, 0) / per), -7.5)) AS above_differs,
	count(*) FILTER (WHERE score(format('deduct(full 20, below %s, %s per %s, floor -7.5)', std, rate, per)::score_curve, x) <> greatest(20 - rate * ceil(greatest(std - x, 0) / per), -7.5)) AS below_differs,
	count(*) FILTER (WHERE score(format('deduct(full 20, above %s, %s per %s, floor -7.5, prorata)', std, rate, per)::score_curve, x) <>
		greatest(round((20 * per - rate * greatest(x - std, 0)) / per, 6), -7.5)) AS prorata_differs
FROM (SELECT x, xs[1] AS std, abs(ys[1]) + 0.01 AS rate, round(abs(xs[cardinality(xs)]) / 100 + 0.01, 3) AS per FROM random_x) AS s;
-- A rising curve never punishes more, a falling one never less.
SELECT count(*) FILTER (WHERE s < before) AS falls
FROM (SELECT score('step(-100:veto, -50:-10.5, 0:0, 33.3:50, 100:120)'::score_curve, i / 10.0) AS s,
		lag(score('step(-100:veto, -50:-10.5, 0:0, 33.3:50, 100:120)'::score_curve, i / 10.0)) OVER (ORDER BY i) AS before
	FROM generate_series(-490, 1100) AS i) AS t;

-- In tables: stored curves, also toasted ones, parameters, change detection.
CREATE TABLE scale (id int PRIMARY KEY, curve score_curve NOT NULL);
INSERT INTO scale VALUES (1, 'linear(0:0, 100:100)'), (2, 'step(0:0, 60:60)'), (3, 'deduct(full 20, above 2, 5 per 1, floor 0)'), (4, 'linear( 0.0:0,100:100.00)');
INSERT INTO scale SELECT 5, pg_temp.points('linear', 1000)::score_curve;
PREPARE fill(int, text) AS INSERT INTO scale VALUES ($1, $2);
EXECUTE fill(6, 'linear(0:1)');
PREPARE fill_varchar(int, varchar) AS INSERT INTO scale VALUES ($1, $2);
EXECUTE fill_varchar(7, 'linear(0:2)');
EXECUTE fill_varchar(8, 'linear(0:2');
SELECT id, x, score(curve, x) FROM scale, (VALUES (3), (70)) AS v (x) ORDER BY id, x;
PREPARE scored(score_curve, numeric) AS SELECT score($1, $2);
SET plan_cache_mode = force_generic_plan;
EXECUTE scored('linear(0:0, 10:100)', 5);
EXECUTE scored('linear(0:0, 20:100)', 5);
RESET plan_cache_mode;
SELECT min(id) AS id, count(*), left(curve::text, 50) AS curve FROM scale GROUP BY curve ORDER BY id;
SELECT count(*) FROM (SELECT DISTINCT curve FROM scale) AS d;
SELECT a.id, b.id FROM scale AS a JOIN scale AS b ON a.curve = b.curve AND a.id < b.id;
SELECT 'step(0:1)'::score_curve = 'linear(0:1)' AS kinds, 'linear(0:1)'::score_curve <> 'linear(0.0:1.)' AS zeros, 'step(0:veto)'::score_curve = 'step(0:0)' AS veto,
	'deduct(full 20, above 2, 5 per 1, floor 0)'::score_curve = 'deduct(full 20, below 2, 5 per 1, floor 0)' AS side,
	'linear(1:10)'::score_curve = 'linear(10:1)' AS scale, ROW ('linear(0:1)'::score_curve) IS DISTINCT FROM ROW ('linear(0:1.0)'::score_curve) AS row_differs;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcintype = 'score_curve'::regtype;

-- Binary there and back.
CREATE TABLE scale_back (LIKE scale);
SELECT current_setting('data_directory') || '/scale.bin' AS file \gset
COPY scale TO :'file' (FORMAT binary);
COPY scale_back FROM :'file' (FORMAT binary);
SELECT count(*) AS rows, count(*) FILTER (WHERE a.curve::text <> b.curve::text OR a.curve <> b.curve) AS differing FROM scale AS a JOIN scale_back AS b USING (id);
-- Forged binary.
CREATE TABLE raw (bytes bytea);
CREATE TABLE curves (curve score_curve);
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file text := current_setting('data_directory') || '/raw.bin';
	detail text;
BEGIN
	TRUNCATE raw, curves;
	INSERT INTO raw VALUES (bytes);
	EXECUTE format('COPY raw TO %L (FORMAT binary)', file);
	EXECUTE format('COPY curves FROM %L (FORMAT binary)', file);
	RETURN (SELECT curve FROM curves);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' | ', SQLSTATE || ' ' || SQLERRM, nullif(detail, ''));
END $$;
SELECT encode(score_curve_send('linear(0:1)'), 'escape') AS sent;
SELECT n, pg_temp.receive(bytes)
FROM (VALUES
	(1, '\x01'::bytea || 'linear(0:0, 1:1)'), (2, '\x01'::bytea || ' STEP(0:VETO)'), (3, ''::bytea), (4, '\x01'::bytea), (5, '\x00'::bytea || 'linear(0:0)'),
	(6, '\x02'::bytea || 'linear(0:0)'), (7, 'linear(0:0)'::bytea), (8, '\x01'::bytea || 'linear(0:0, 0:1)'), (9, '\x01'::bytea || convert_to(pg_temp.points('step', 1001), 'UTF8')),
	(10, '\x01'::bytea || 'linear(0:' || convert_to(repeat('9', 100), 'UTF8') || ')'), (11, '\x01ff'::bytea), (12, '\x01'::bytea || 'linear(0:0' || '\x00'::bytea || ')'),
	(13, '\x01'::bytea || 'step(0:1, 1:2, 2:1)'), (14, '\x01'::bytea || 'linear(0:0'), (15, '\x01'::bytea || 'deduct(full 1, above 0, 1 per 0, floor 0)')
) AS v (n, bytes)
ORDER BY n;

DROP TABLE scale, scale_back, raw, curves;
