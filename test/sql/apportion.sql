-- apportion(total, shares) and normalise_weights(weights, total, scale): whole
-- units by largest remainder that total exactly.
\set VERBOSITY terse

-- 20/70/10 at every size that was worked out by hand
SELECT n, perf_mgmt.apportion(n, '{20, 70, 10}')
FROM unnest('{0, 1, 2, 3, 5, 7, 10, 19, 100}'::bigint[]) AS n;

-- ties go to the earlier
SELECT
	perf_mgmt.apportion(1, '{1, 1, 1}') AS one,
	perf_mgmt.apportion(2, '{1, 1, 1}') AS two,
	perf_mgmt.apportion(5, '{1, 1, 1}') AS five,
	perf_mgmt.apportion(1, '{0, 1, 1}') AS nothing_for_0,
	perf_mgmt.apportion(7, '{0, 3}') AS all_for_one;

-- shares need not sum to anything, and may be fractions of any size
SELECT
	perf_mgmt.apportion(10, '{0.2, 0.7, 0.1}') AS fractions,
	perf_mgmt.apportion(10, '{2e-30, 7e-30, 1e-30}') AS tiny,
	perf_mgmt.apportion(10, '{2e200, 7e200, 1e200}') AS huge,
	perf_mgmt.apportion(10, '{7e200, 2e-200, 3e200}') AS both;

-- a remainder is told from a half, and from another, by its last digit
SELECT
	perf_mgmt.apportion(1, '{0.5, 0.5}') AS equal,
	perf_mgmt.apportion(1, '{0.5, 0.500000000000000000000000000000000001}') AS in_128_bits,
	perf_mgmt.apportion(1, '{0.5, 0.5000000000000000000000000000000000000000000000000001}') AS in_numeric,
	perf_mgmt.apportion(9223372036854775807, '{1, 1}') AS large,
	perf_mgmt.apportion(9223372036854775807, '{1e30, 1e30, 1e30, 1e-30}') AS large_and_long,
	perf_mgmt.apportion(9223372036854775807, '{99999999999999999999, 1}') AS lopsided;

-- two shares that fit in 128 bits, and their sum does not
SELECT
	perf_mgmt.apportion(1, '{170141183460469231731687303715884105727, 170141183460469231731687303715884105727}') AS one,
	perf_mgmt.apportion(9, '{170141183460469231731687303715884105727, 85070591730234615865843651857942052863}') AS nine;

-- exact floors: a third of 3e18 is 1e18, however it is written
SELECT
	perf_mgmt.apportion(3000000000000000000, '{1, 1, 1}') AS short,
	perf_mgmt.apportion(3000000000000000000, '{1e100, 1e100, 1e100}') AS long;

-- properties: sums, bounds, and the same result in 128 bits and beyond
CREATE TEMPORARY TABLE quota AS
	SELECT
		n,
		k,
		array_agg((i * i * n + 7 * k) % 101 * 0.01) AS shares
	FROM generate_series(1, 60) AS n, generate_series(2, 9) AS k, LATERAL generate_series(1, k) AS i
	GROUP BY n, k
	HAVING sum((i * i * n + 7 * k) % 101) > 0;
SELECT
	count(*) AS quotas,
	count(*) FILTER (WHERE (SELECT sum(p) FROM unnest(parts) AS p) = n) AS that_total,
	count(*) FILTER (WHERE parts = long_parts) AS the_same_in_numeric,
	count(*) FILTER (WHERE EXISTS (
		SELECT FROM unnest(parts, shares) AS u (p, s)
		WHERE abs(p - n * s / (SELECT sum(t) FROM unnest(shares) AS t)) >= 1
	)) AS off_by_one_or_more
FROM quota,
	LATERAL (SELECT perf_mgmt.apportion(n, shares) AS parts) AS a,
	LATERAL (SELECT perf_mgmt.apportion(n, array_agg(s * 1e60)) AS long_parts FROM unnest(shares) AS s) AS b;

-- no unit goes to a smaller remainder while a larger one has none
SELECT count(*) AS unjust
FROM quota,
	LATERAL (SELECT sum(s) AS sum FROM unnest(shares) AS s) AS t,
	LATERAL (
		SELECT u.place, p - div(n * s, sum) AS extra, n * s - div(n * s, sum) * sum AS remainder
		FROM unnest(perf_mgmt.apportion(n, shares), shares) WITH ORDINALITY AS u (p, s, place)
	) AS a,
	LATERAL (
		SELECT u.place, p - div(n * s, sum) AS extra, n * s - div(n * s, sum) * sum AS remainder
		FROM unnest(perf_mgmt.apportion(n, shares), shares) WITH ORDINALITY AS u (p, s, place)
	) AS b
WHERE a.extra < b.extra
	AND (a.remainder > b.remainder OR a.remainder = b.remainder AND a.place < b.place);

-- weights
SELECT
	perf_mgmt.normalise_weights('{1, 1, 1}') AS thirds,
	perf_mgmt.normalise_weights('{1, 1, 1, 1, 1, 1, 1}') AS sevenths,
	perf_mgmt.normalise_weights('{50, 30, 20}') AS unchanged,
	perf_mgmt.normalise_weights('{33.33, 33.33, 33.33}') AS repaired,
	perf_mgmt.normalise_weights('{50, 30}') AS one_has_left;
SELECT
	perf_mgmt.normalise_weights('{1, 1, 1}', 1, 4) AS of_one,
	perf_mgmt.normalise_weights('{1, 1, 1}', 100, 0) AS whole,
	perf_mgmt.normalise_weights('{1, 2}', 0.01) AS one_unit,
	perf_mgmt.normalise_weights('{1, 2}', 0) AS of_nothing,
	perf_mgmt.normalise_weights('{1, 2, 0}', 1, 18) AS at_18_places;
SELECT
	(SELECT sum(w) FROM unnest(perf_mgmt.normalise_weights('{1, 1, 1}', 1e50, 18)) AS w) = 1e50 AS beyond_128_bits,
	(SELECT sum(w) FROM unnest(perf_mgmt.normalise_weights(ARRAY[1, 2e-60, 3e60], 100.00, 2)) AS w) AS long_weights,
	perf_mgmt.normalise_weights('{1e60, 1e60, 1e60}') AS long_thirds;
SELECT
	count(*) AS lists,
	count(*) FILTER (WHERE (SELECT sum(w) FROM unnest(weights) AS w) = 100) AS that_total,
	count(*) FILTER (WHERE (SELECT bool_and(scale(w) = 2) FROM unnest(weights) AS w)) AS at_two_places,
	count(*) FILTER (WHERE perf_mgmt.normalise_weights(weights) = weights) AS that_stay
FROM quota, LATERAL (SELECT perf_mgmt.normalise_weights(shares) AS weights) AS w;

-- NULL in, NULL out
SELECT
	perf_mgmt.apportion(NULL, '{1}') AS no_total,
	perf_mgmt.apportion(1, NULL) AS no_shares,
	perf_mgmt.normalise_weights(NULL) AS no_weights,
	perf_mgmt.normalise_weights('{1}', NULL) AS no_total_weight;

-- refused
\set VERBOSITY default
SELECT perf_mgmt.apportion(-1, '{1}');
SELECT perf_mgmt.apportion(1, '{}');
SELECT perf_mgmt.apportion(0, '{0, 0.00}');
SELECT perf_mgmt.apportion(1, '{1, -0.5}');
SELECT perf_mgmt.apportion(1, '{1, NULL}');
SELECT perf_mgmt.apportion(1, '{1, NaN}');
SELECT perf_mgmt.apportion(1, '{Infinity, 1}');
SELECT perf_mgmt.apportion(1, '{{1, 2}, {3, 4}}');
SELECT perf_mgmt.apportion(1, array_fill(1::numeric, ARRAY[1000001]));
SELECT perf_mgmt.normalise_weights('{}');
SELECT perf_mgmt.normalise_weights('{0}');
SELECT perf_mgmt.normalise_weights('{-1}');
SELECT perf_mgmt.normalise_weights('{1}', -1);
SELECT perf_mgmt.normalise_weights('{1}', 'NaN');
SELECT perf_mgmt.normalise_weights('{1}', 0.001);
SELECT perf_mgmt.normalise_weights('{1}', 1e60 + 0.001);
SELECT perf_mgmt.normalise_weights('{1}', 100, -1);
SELECT perf_mgmt.normalise_weights('{1}', 100, 19);

-- each with its SQLSTATE
CREATE FUNCTION pg_temp.state_of(query text) RETURNS text
	LANGUAGE plpgsql
AS $$
BEGIN
	EXECUTE query;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
SELECT call, pg_temp.state_of('SELECT perf_mgmt.' || call) AS state
FROM unnest(ARRAY[
	$$apportion(-1, '{1}')$$,
	$$apportion(1, '{}')$$,
	$$apportion(0, '{0}')$$,
	$$apportion(1, '{1, -0.5}')$$,
	$$apportion(1, '{1, NULL}')$$,
	$$apportion(1, '{1, NaN}')$$,
	$$apportion(1, '{-Infinity}')$$,
	$$apportion(1, '{{1, 2}, {3, 4}}')$$,
	$$apportion(1, array_fill(1::numeric, ARRAY[1000001]))$$,
	$$normalise_weights('{1}', -1)$$,
	$$normalise_weights('{1}', 'Infinity')$$,
	$$normalise_weights('{1}', 0.001)$$,
	$$normalise_weights('{1}', 1e60 + 0.001)$$,
	$$normalise_weights('{1}', 100, 19)$$,
	$$normalise_weights('{1}', 1e131071)$$
]) AS call;

-- as many as there may be, from another lower bound
SELECT sum(p) AS total, min(p), max(p), count(*) FILTER (WHERE p = 2) AS twos
FROM unnest(perf_mgmt.apportion(1000003, array_fill(0.1, ARRAY[1000000]))) AS p;
SELECT perf_mgmt.apportion(5, '[0:1]={1, 1}'::numeric[]);
