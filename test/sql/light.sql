-- light(): the rules in their order, half-open tiles, thresholds.
\set VERBOSITY terse
SET search_path = perf_mgmt, public;

CREATE FUNCTION pg_temp.outcome(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE query INTO result;
	RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

-- Each rule with its edge, and the state just before it.
SELECT rule, progress, expected, light(progress, expected)
FROM (VALUES
	(1, 'done is green', 1, 1), (2, 'done is green early', 1, 0.05), (3, 'done is green, expected not known', 1, NULL),
	(4, 'more than done', 1.2, 1), (5, 'almost done', 0.999999, NULL), (6, 'done at 6 places', 0.9999995, NULL),
	(7, 'not done at 6 places', 0.9999994999, NULL),
	(11, 'silent', NULL, 0), (12, 'silent', NULL, 0.499999), (13, 'silent at 6 places', NULL, 0.4999995), (14, 'silent at half time', NULL, 0.5),
	(15, 'silent at the end', NULL, 1), (16, 'silent, expected not known', NULL, NULL),
	(21, 'grace', 0, 0.099999), (22, 'grace is over', 0, 0.1), (23, 'grace', -5, 0.05), (24, 'before the start', 0.5, 0), (25, 'expected not known', 0.99, NULL),
	(31, 'gap below slack', 0.080001, 0.1), (32, 'gap of slack: ratio 0.8', 0.08, 0.1), (33, 'ahead', 0.9, 0.2),
	(41, 'ratio green', 0.475, 0.5), (42, 'ratio below green', 0.474999, 0.5), (43, 'ratio yellow', 0.375, 0.5), (44, 'ratio below yellow', 0.374999, 0.5),
	(45, 'gone backwards', -0.3, 0.5), (46, 'nothing done', 0, 1),
	(51, 'seventh place counts in rounding only', 0.4749996, 0.5), (52, 'seventh place', 0.4749994, 0.5),
	-- the ratio itself is not rounded: 0.633333 / 0.666667 is 0.94999902...
	(53, 'exact ratio', 0.633333, 0.666667), (54, 'exact ratio', 0.633334, 0.666667)
) AS v (n, rule, progress, expected)
ORDER BY n;

-- Four states that systems of the field judge in conflicting ways.
SELECT progress, expected, round(progress / expected, 3) AS ratio, expected - progress AS gap, light(progress, expected)
FROM (VALUES (0.05, 0.10), (0.40, 0.50), (0.75, 0.90), (0.50, 0.50)) AS v (progress, expected);

-- Defaults, and a NULL threshold that stands for its default.
SELECT light(0.4, 0.5) AS plain, light(0.4, 0.5, NULL, NULL, NULL, NULL) AS nulls,
	light(0.4, 0.5, 0.95, 0.75, 0.10, 0.02) AS stated, light(progress => 0.4, expected => 0.5, green => 0.8) AS green_from_80,
	light(0.4, 0.5, yellow => 0.81) AS yellow_from_81, light(0.4, 0.5, grace => 0.51) AS later, light(0.4, 0.5, slack => 0.11) AS slack_11;
-- With no grace there is still no ratio to nothing.
SELECT light(0, 0, grace => 0) AS at_start, light(-0.02, 0, grace => 0) AS backwards, light(-0.019999, 0, grace => 0) AS a_hair_backwards,
	light(0, -0.5, grace => 0) AS ahead_of_a_negative_plan;

-- Huge and tiny arguments are compared, not overflowed.
SELECT query, pg_temp.outcome('SELECT ' || query)
FROM (VALUES
	(1, $$light(1e40, 0.5)$$), (51, $$light(1e38, 0.5)$$), (52, $$light(-1e38, 0.5)$$), (2, $$light(-1e40, 0.5)$$), (3, $$light(0.9, 1e40)$$), (4, $$light(0.9, -1e40)$$),
	(5, $$light(1e1000, 1e1000)$$), (6, $$light(-1e1000, -1e1000)$$), (7, $$light(0.5 + 1e-1000, 0.5)$$), (8, $$light(0.475 - 1e-40, 0.5)$$),
	(9, $$light(0.9, 0.95, green => 10)$$), (10, $$light(9223372036854.775807, 1)$$), (11, $$light(-9223372036854.775809, 1)$$),
	(12, $$light(0.999999, 9223372036854.775807, green => 10, yellow => 0.000001)$$),
	(21, $$light('NaN', 0.5)$$), (22, $$light('Infinity', 0.5)$$), (23, $$light(0.5, '-Infinity')$$), (24, $$light(0.5, 'NaN')$$),
	(25, $$light(0.5, 0.5, green => 'NaN')$$), (26, $$light(0.5, 0.5, slack => 'Infinity')$$),
	(31, $$light(0.5, 0.5, green => 0.75)$$), (32, $$light(0.5, 0.5, green => 0.9, yellow => 0.9)$$), (33, $$light(0.5, 0.5, yellow => 0)$$),
	(34, $$light(0.5, 0.5, yellow => -0.1)$$), (35, $$light(0.5, 0.5, green => 0.7500004)$$), (36, $$light(0.5, 0.5, yellow => 75, green => 95)$$), (44, $$light(0.5, 0.5, green => 1e30)$$), (45, $$light(0.5, 0.5, green => 10.000001)$$), (46, $$light(0.5, 0.5, green => -1)$$),
	(37, $$light(0.5, 0.5, grace => -0.01)$$), (38, $$light(0.5, 0.5, grace => 10)$$), (39, $$light(0.5, 0.5, slack => 2)$$), (40, $$light(0.5, 0.5, slack => -0.000001)$$),
	(41, $$light(NULL, 0.6, green => 0.5)$$), (42, $$light(0.5, 0.5, grace => 1, slack => 1)$$), (43, $$light(0.5, 0.5, grace => 0, slack => 0)$$)
) AS v (n, query)
ORDER BY n;

-- Every state of a fine grid has exactly one light, and it is that of the rules written as SQL.
CREATE TEMP TABLE state AS
SELECT p / 100.0 + dp AS p, e / 100.0 AS e
FROM generate_series(-20, 120) AS p, generate_series(-5, 110) AS e, (VALUES (0), (-0.000001)) AS d (dp)
UNION ALL SELECT NULL, e / 100.0 FROM generate_series(-5, 110) AS e
UNION ALL SELECT p / 100.0, NULL FROM generate_series(-20, 120) AS p;

CREATE FUNCTION pg_temp.differing(green numeric, yellow numeric, grace numeric, slack numeric)
	RETURNS TABLE (states bigint, in_one_tile bigint, differing bigint, lights bigint) LANGUAGE sql AS $$
	SELECT count(*),
		count(*) FILTER (WHERE is_grey::int + is_red::int + is_yellow::int + is_green::int = 1),
		count(*) FILTER (WHERE light(p, e, green, yellow, grace, slack) IS DISTINCT FROM
			CASE WHEN is_green THEN 'green' WHEN is_yellow THEN 'yellow' WHEN is_red THEN 'red' WHEN is_grey THEN 'grey' END::traffic_light),
		count(DISTINCT light(p, e, green, yellow, grace, slack))
	FROM (SELECT p, e,
			coalesce(p >= 1, false)
				OR coalesce(e >= grace AND e - p < slack, false)
				OR coalesce(e >= grace AND e > 0 AND p / e >= green, false) AS is_green,
			coalesce(p < 1 AND e >= grace AND e - p >= slack AND e > 0 AND p / e >= yellow AND p / e < green, false) AS is_yellow,
			coalesce(p < 1 AND e >= grace AND e - p >= slack AND e > 0 AND p / e < yellow, false)
				OR (p IS NULL AND coalesce(e >= 0.5, false)) AS is_red,
			(p IS NULL AND coalesce(e < 0.5, true))
				OR coalesce(p < 1, false) AND (e IS NULL OR e < grace OR (e <= 0 AND e - p >= slack)) AS is_grey
		FROM state) AS s
$$;
SELECT r.*, d.*
FROM (VALUES (1, 0.95, 0.75, 0.10, 0.02), (2, 0.9, 0.7, 0, 0), (3, 1.1, 0.000001, 0.3, 0.2), (4, 0.5, 0.25, 1, 1), (5, 0.95, 0.75, 0, 0.02)) AS r (n, green, yellow, grace, slack),
	LATERAL pg_temp.differing(green, yellow, grace, slack) AS d
ORDER BY n;

-- More progress never gives a worse light (grey and silence apart).
SELECT count(*) AS worse
FROM (SELECT light(p, e) AS l, lag(light(p, e)) OVER (PARTITION BY e ORDER BY p) AS before FROM state WHERE p IS NOT NULL) AS s
WHERE l < before;
