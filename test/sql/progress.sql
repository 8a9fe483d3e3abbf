-- progress(), attainment(), expected_progress(): SQL's own quotients, refusals, calendar.
\set VERBOSITY terse
SET datestyle = iso;
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

-- Expected progress: both ends count, the day itself is finished.
SELECT as_of, round(expected_progress('2026-01-01', '2026-03-31', as_of), 4) AS expected
FROM unnest('{2025-06-01,2025-12-31,2026-01-01,2026-02-14,2026-03-30,2026-03-31,2026-04-01,2027-01-01}'::date[]) AS as_of;
SELECT expected_progress('2026-01-01', '2026-03-31', '2026-01-01') AS first_day, expected_progress('2026-01-01', '2026-03-31', '2026-03-31') AS last_day,
	expected_progress('2026-07-01', '2026-07-01', '2026-06-30') AS day_before, expected_progress('2026-07-01', '2026-07-01', '2026-07-01') AS one_day;
-- Every day of a leap year, and a century: the share of SQL itself.
SELECT count(*) AS days, count(*) FILTER (WHERE expected_progress('2024-01-01', '2024-12-31', d::date)::text <>
	CASE WHEN d = '2024-12-31' THEN '1' ELSE ((d::date - '2024-01-01'::date + 1)::numeric / 366)::text END) AS differing
FROM generate_series('2024-01-01'::date, '2024-12-31', '1 day') AS d;
SELECT expected_progress('1950-01-01', '2049-12-31', '1999-12-31') = 18262 / 36525.0 AS century,
	round(expected_progress('4713-01-01 BC', '5874897-12-31', '2026-01-01'), 9) AS longest;
-- Along a plan: x and y in percent.
SELECT as_of, expected_progress('2026-01-01', '2026-03-31', as_of, 'linear(0:0, 50:20, 100:100)') AS slow_start,
	expected_progress('2026-01-01', '2026-03-31', as_of, 'step(0:0, 50:40, 100:100)') AS milestones,
	expected_progress('2026-01-01', '2026-03-31', as_of, 'linear(0:-50, 100:150)') AS kept_in_range,
	expected_progress('2026-01-01', '2026-03-31', as_of, 'step(0:veto, 50:100)') AS veto
FROM unnest('{2025-12-31,2026-01-01,2026-01-31,2026-02-13,2026-02-14,2026-03-30,2026-03-31,2026-04-01}'::date[]) AS as_of;
SELECT query, pg_temp.outcome('SELECT ' || query)
FROM (VALUES
	(1, $$expected_progress(NULL, '2026-03-31', '2026-02-01')$$), (2, $$expected_progress('2026-01-01', NULL, '2026-02-01')$$), (3, $$expected_progress('2026-01-01', '2026-03-31', NULL)$$),
	(4, $$round(expected_progress('2026-01-01', '2026-03-31', '2026-02-14', NULL), 2)$$), (5, $$expected_progress(NULL, 'infinity', '2026-02-01')$$),
	(11, $$expected_progress('2026-03-31', '2026-01-01', '2026-02-01')$$), (12, $$expected_progress('2026-03-31', '2026-03-30', '2026-03-31', 'linear(0:0)')$$),
	(13, $$expected_progress('-infinity', '2026-01-01', '2026-02-01')$$), (14, $$expected_progress('2026-01-01', 'infinity', '2026-02-01')$$), (15, $$expected_progress('2026-01-01', '2026-03-31', 'infinity')$$),
	(16, $$expected_progress('2026-01-01', '2026-03-31', '2026-02-01', 'linear')$$)
) AS v (n, query)
ORDER BY n;
