-- Numerics read and written exactly, whatever their length and place in memory.
-- score_sum prints all digits of what was read; the other functions go through
-- 128-bit integers and back.
\set VERBOSITY terse

CREATE TEMPORARY TABLE hostile (place integer, x numeric);
INSERT INTO hostile VALUES
	(1, 0),
	(2, -0.0),
	(3, 0.000),
	(4, 1),
	(5, 87.25),
	(6, 9999.9999),
	(7, 10000),
	(8, 100000000),
	(9, 0.0001),
	(10, 0.00001),
	(11, 1e-20),
	(12, 123456789.987654321),
	(13, 9999999999999999),
	(14, 10000000000000000),
	(15, 1e37),
	(16, 99999999999999999999999999999999999999),
	(17, 170141183460469231731687303715884105727),
	(18, 170141183460469231731687303715884105728),
	(19, 0.99999999999999999999999999999999999999),
	(20, 1e-36),
	(21, 1e-37),
	(22, 12345678901234567890.12345678901234567890),
	(23, 1e252),
	(24, 1e256),
	(25, 1e-252),
	(26, 1e-256),
	(27, 1e131071),
	(28, '1e-16383'),
	(29, repeat('9', 131072)::numeric),
	(30, (repeat('9', 1000) || '.' || repeat('9', 1000))::numeric);
INSERT INTO hostile SELECT place + 100, -x FROM hostile;

-- whatever was read is what is printed
SELECT place, left(perf_mgmt.score_sum(x, 1)::text, 80) AS sum
FROM hostile
WHERE place < 23 OR place BETWEEN 101 AND 110
GROUP BY place
ORDER BY place;

SELECT
	count(*) AS numbers,
	bool_and(sum = format('points %s, weight 1 of 1, items 1 of 1', trim_scale(x))) AS as_printed,
	bool_and(sum::perf_mgmt.score_sum::text = sum) AS as_read_again
FROM (SELECT x, perf_mgmt.score_sum(x, 1)::text AS sum FROM hostile GROUP BY place, x) AS s;

-- the quotient by 1 is the number, at 18 places
SELECT
	count(*) AS numbers,
	bool_and(q = round(x, 18)) AS as_rounded,
	bool_and(scale(q) = 18) AS places
FROM (
	SELECT x, perf_mgmt.score(perf_mgmt.score_sum(x, 1), places := 18) AS q
	FROM hostile
	GROUP BY place, x
) AS s;

-- and so is the only part, in 128 bits or beyond, at every scale that holds it
SELECT
	count(*) AS parts,
	bool_and(part = x) AS unchanged,
	bool_and(scale(part) = s) AS scales
FROM (
	SELECT x, s, (perf_mgmt.normalise_weights('{1}', x, s))[1] AS part
	FROM hostile, generate_series(0, 18) AS s
	WHERE x BETWEEN 0 AND 1e131000 AND scale(trim_scale(x)) <= s
) AS n;

-- halves go away from zero on both sides, and nothing less than a half does
SELECT
	x,
	perf_mgmt.score(perf_mgmt.score_sum(x, 1), places := 0) AS to_units,
	perf_mgmt.score(perf_mgmt.score_sum(x, 1), places := 1) AS to_tenths
FROM unnest('{0.5, 1.5, 2.5, 0.05, 0.15, 0.25, 0.49999999999999999999999999999999999999999}'::numeric[]) AS h,
	unnest(ARRAY[h, -h]) AS x
GROUP BY x
ORDER BY abs(x), x DESC;

-- the same in 128 bits and beyond: the half is told from its neighbours
SELECT
	e AS exponent,
	perf_mgmt.score(perf_mgmt.score_sum(half, 1), places := 0) = floor(half) + 1 AS half,
	perf_mgmt.score(perf_mgmt.score_sum(-half, 1), places := 0) = -floor(half) - 1 AS minus_half,
	perf_mgmt.score(perf_mgmt.score_sum(half - little, 1), places := 0) = floor(half) AS below,
	perf_mgmt.score(perf_mgmt.score_sum(little - half, 1), places := 0) = -floor(half) AS minus_below
FROM unnest('{0, 10, 30, 37, 38, 39, 40, 100, 1000}'::integer[]) AS e,
	LATERAL (SELECT ('1e' || e)::numeric + 0.5 AS half, ('1e-' || e + 1)::numeric AS little) AS l
GROUP BY e, half, little
ORDER BY e;

-- numerics lie in tuples at any alignment, packed, compressed and out of line
CREATE TEMPORARY TABLE laid_out (
	one "char",
	short numeric,
	two "char",
	long numeric,
	compressed numeric,
	apart numeric
);
ALTER TABLE laid_out ALTER apart SET STORAGE external;
INSERT INTO laid_out
	SELECT
		'x',
		n + 0.25,
		'y',
		n + repeat('7', 200)::numeric,
		n + repeat('12345678', 8000)::numeric,
		n + repeat('12345678', 8000)::numeric
	FROM generate_series(1, 5) AS n;
SELECT
	max(pg_column_size(short)) AS short,
	max(pg_column_size(compressed)) < 2000 AS is_compressed,
	max(pg_column_size(apart)) AS apart
FROM laid_out;
SELECT
	name,
	left(perf_mgmt.score_sum(score, short)::text, 16) AS sum,
	perf_mgmt.score_sum(score, short)::text
		= format('points %s, weight 16.25 of 16.25, items 5 of 5', trim_scale(sum(score * short))) AS exact
FROM laid_out,
	LATERAL (VALUES ('short', short), ('long', long), ('compressed', compressed), ('apart', apart)) AS v (name, score)
GROUP BY name
ORDER BY name;

-- what is no number is refused by name
SELECT perf_mgmt.weighted_score('NaN', 1);
SELECT perf_mgmt.weighted_score('Infinity', 1);
SELECT perf_mgmt.weighted_score('-Infinity', 1);
SELECT perf_mgmt.weighted_score(1, 'NaN');
SELECT perf_mgmt.weighted_score(1, 'Infinity');
SELECT perf_mgmt.weighted_score(1, '-Infinity');
