-- progress(), attainment(), expected_progress(): SQL's own quotients, refusals, calendar.
\set VERBOSITY terse
SET search_path = perf_mgmt, public;

CREATE FUNCTION pg_temp.outcome(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	hint text;
BEGIN
	EXECUTE query INTO result;
	RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN SQLSTATE || ' ' || SQLERRM || coalesce(' (' || nullif(hint, '') || ')', '');
END $$;

-- Rising, falling and signed targets; meeting the target is 1 in every direction.
SELECT actual, baseline, target, trim_scale(progress(actual, baseline, target)) AS progress
FROM (VALUES
	(1, 80, 80, 100), (2, 90, 80, 100), (3, 100, 80, 100), (4, 110, 80, 100), (5, 70, 80, 100),
	(6, 100, 100, 50), (7, 50, 100, 50), (8, 75, 100, 50), (9, 40, 100, 50), (10, 110, 100, 50),
	(11, 0, -10, 10), (12, 0, 10, -10), (13, 0.5, 0, 1), (14, 0, 5, 0), (15, 5, 5, 0)
) AS v (n, actual, baseline, target)
ORDER BY n;
SELECT trim_scale(attainment(80, 100)) AS a, trim_scale(attainment(120, 100)) AS b, trim_scale(attainment(-5, 100)) AS c,
	trim_scale(attainment(5, -2)) AS d, trim_scale(attainment(0, 7)) AS e, attainment(1, 3) AS f;

-- NULL in, NULL out; everything else that cannot be answered is refused.
SELECT query, pg_temp.outcome('SELECT ' || query)
FROM (VALUES
	(1, $$progress(NULL, 0, 1)$$), (2, $$progress(1, NULL, 1)$$), (3, $$progress(1, 1, NULL)$$), (4, $$attainment(NULL, 1)$$), (5, $$attainment(1, NULL)$$),
	(11, $$progress(1, 5, 5)$$), (12, $$progress(1, 0, 0.000)$$), (13, $$progress(1, 1e40, 1e40)$$), (14, $$attainment(1, 0)$$), (15, $$attainment(0, 0.00)$$),
	(21, $$progress('NaN', 0, 1)$$), (22, $$progress(0, 'Infinity', 1)$$), (23, $$progress(0, 0, '-Infinity')$$), (24, $$attainment('Infinity', 1)$$),
	(25, $$attainment(1, 'NaN')$$), (26, $$progress('NaN', 1, 1)$$),
	(31, $$progress(1e40, 0, 1e40)$$), (32, $$progress(1e-40, 0, 1)$$), (33, $$attainment(1e40, 1e39)$$), (34, $$attainment(1, 1e-40) = 1e40$$),
	(35, $$progress(-9e131071, 9e131071, 1)$$)
) AS v (n, query)
ORDER BY n;

-- Digit for digit what SQL says.
SELECT setseed(0.25);
CREATE TEMP TABLE triple AS
SELECT round(((random() - 0.5) * 10 ^ (random() * 12))::numeric, (random() * 8)::int) AS a,
	round(((random() - 0.5) * 10 ^ (random() * 12))::numeric, (random() * 8)::int) AS s,
	round(((random() - 0.5) * 10 ^ (random() * 12))::numeric, (random() * 8)::int) AS t
FROM generate_series(1, 5000);
DELETE FROM triple WHERE t = s OR t = 0;
INSERT INTO triple
SELECT a, s, t
FROM (VALUES (1e40), (-1e40), (0), (1e-40), (12345678901234567890123456789012345678901234567890.123)) AS a (a),
	(VALUES (1e40), (0), (3e-30)) AS s (s), (VALUES (-1e45), (7e-20), (1e41 + 1)) AS t (t);
SELECT count(*) > 4900 AS enough,
	count(*) FILTER (WHERE progress(a, s, t)::text IS DISTINCT FROM ((a - s) / (t - s))::text) AS progress_differs,
	count(*) FILTER (WHERE attainment(a, t)::text IS DISTINCT FROM (a / t)::text) AS attainment_differs
FROM triple;
