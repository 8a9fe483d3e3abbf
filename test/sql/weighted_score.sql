-- weighted_score(score, weight): sum of weight * score / sum of weight, exact,
-- rounded once, the same in every order and plan.
\set VERBOSITY terse

-- The reference: integer division of exact numerics, rounded once.
CREATE FUNCTION pg_temp.quotient(points numeric, weight numeric, places integer DEFAULT 6)
	RETURNS numeric
	LANGUAGE sql IMMUTABLE
	RETURN CASE WHEN weight <> 0 THEN
		round(sign(points) * div(2 * abs(points) * ('1e' || places)::numeric + weight, 2 * weight)
			* ('1e-' || places)::numeric, places)
	END;

-- vectors
SELECT perf_mgmt.weighted_score(score, weight)
FROM (VALUES (90, 50), (NULL, 30), (80, 20)) AS v (score, weight);
SELECT perf_mgmt.weighted_score(score, weight)
FROM (VALUES (100, 33.33), (100, 33.33), (100, 33.33)) AS v (score, weight);
SELECT perf_mgmt.weighted_score(score, weight)
FROM (VALUES (1, 1), (0, 2)) AS v (score, weight);
SELECT perf_mgmt.weighted_score(score, weight)
FROM (VALUES (2, 1), (0, 2)) AS v (score, weight);
SELECT perf_mgmt.weighted_score(score, weight)
FROM (VALUES (-2, 1), (0, 2)) AS v (score, weight);

-- one rounding: the quotient is 0.4999994999999999999999, which SQL's division
-- first makes 0.49999950000000000000 and round() then 0.500000
SELECT
	perf_mgmt.weighted_score(score, weight) AS ours,
	round(sum(score * weight) / sum(weight), 6) AS twice_rounded
FROM (VALUES (1, 4999994999999999999999), (0, 5000005000000000000001)) AS v (score, weight);

-- halves away from zero
SELECT
	perf_mgmt.weighted_score(0.0000005, 1) AS half,
	perf_mgmt.weighted_score(-0.0000005, 1) AS minus_half,
	perf_mgmt.weighted_score(0.00000049, 1) AS below,
	perf_mgmt.weighted_score(-0.00000049, 1) AS minus_below;

-- nothing to weigh
SELECT perf_mgmt.weighted_score(score, weight) AS no_rows
FROM (VALUES (1, 1)) AS v (score, weight) WHERE false;
SELECT perf_mgmt.weighted_score(NULL, 5) AS no_score;
SELECT perf_mgmt.weighted_score(5, NULL) AS no_weight;
SELECT perf_mgmt.weighted_score(5, 0) AS weight_0;
SELECT perf_mgmt.weighted_score(score, weight) AS weight_0_is_shown_not_counted
FROM (VALUES (1000, 0), (60, 10)) AS v (score, weight);
SELECT perf_mgmt.weighted_score(score, weight) AS rows_without_either_do_not_count
FROM (VALUES (1000, NULL), (60, 10), (NULL, 90), (NULL, NULL)) AS v (score, weight);

-- refused
SELECT perf_mgmt.weighted_score(1, -1);
SELECT perf_mgmt.weighted_score(NULL, -0.01);
SELECT perf_mgmt.weighted_score('NaN', NULL);
SELECT perf_mgmt.weighted_score(NULL, 'NaN');
\set VERBOSITY default
\set SHOW_CONTEXT never
SELECT perf_mgmt.weighted_score(1, -1);
SELECT perf_mgmt.weighted_score('NaN', 1);
\set VERBOSITY terse

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
	$$weighted_score(1, -1)$$,
	$$weighted_score(NULL, -1)$$,
	$$weighted_score('NaN', NULL)$$,
	$$weighted_score(NULL, '-Infinity')$$,
	$$score_sum('Infinity', 0)$$,
	$$score_sum(1, -1e-1000)$$,
	$$_score_sum_add(NULL, 1, 1)$$
]) AS call;

-- rows of every kind, the same on every run
CREATE TABLE weighted_score_item (
	item_id integer PRIMARY KEY,
	part integer GENERATED ALWAYS AS (item_id % 7) STORED,
	kind text NOT NULL,
	score numeric,
	weight numeric
);
SELECT setseed(0.25);
INSERT INTO weighted_score_item (item_id, kind, score, weight)
	SELECT i, 'points', round((random() * 120)::numeric, 2), round((random() * 100)::numeric, 2)
	FROM generate_series(1, 5000) AS i;
INSERT INTO weighted_score_item (item_id, kind, score, weight)
	SELECT i, 'missing', nullif(i % 3, 0) * 7.7, nullif(i % 11, 0) * 0.01
	FROM generate_series(5001, 7000) AS i;
INSERT INTO weighted_score_item (item_id, kind, score, weight)
	SELECT i, 'quotients', (i % 120 - 20)::numeric / 7, 100::numeric / (i % 13 + 1)
	FROM generate_series(7001, 9000) AS i;
INSERT INTO weighted_score_item (item_id, kind, score, weight)
	SELECT i, 'huge', (1 - 2 * (i % 2)) * (i % 997) * ('1e' || i % 60)::numeric, (i % 101) * ('1e' || i % 47)::numeric
	FROM generate_series(9001, 10000) AS i;
INSERT INTO weighted_score_item (item_id, kind, score, weight)
	SELECT i, 'tiny', (i % 997 - 300) * ('1e-' || i % 60)::numeric, (i % 101) * ('1e-' || i % 47)::numeric
	FROM generate_series(10001, 11000) AS i;
INSERT INTO weighted_score_item (item_id, kind, score, weight)
	SELECT i, 'long', (repeat(i::text, 200) || '.' || repeat((i * 7)::text, 50))::numeric * (1 - 2 * (i % 2)), repeat((i * 3)::text, i % 9)::numeric
	FROM generate_series(11101, 11200) AS i WHERE i % 9 <> 0;
ANALYZE weighted_score_item;

-- against the reference, kind by kind and together
SELECT
	coalesce(kind, 'all') AS kind,
	count(*) AS rows,
	perf_mgmt.weighted_score(score, weight)
		= pg_temp.quotient(sum(score * weight), sum(weight) FILTER (WHERE score IS NOT NULL)) AS exact
FROM weighted_score_item
GROUP BY ROLLUP (kind)
ORDER BY kind;
SELECT
	count(*) AS groups,
	count(*) FILTER (WHERE ours IS NOT DISTINCT FROM reference) AS exact,
	count(ours) AS not_null
FROM (
	SELECT
		perf_mgmt.weighted_score(score, weight) AS ours,
		pg_temp.quotient(sum(score * weight), sum(weight) FILTER (WHERE score IS NOT NULL)) AS reference
	FROM weighted_score_item
	GROUP BY kind, item_id % 17
) AS g;

-- order does not matter, not even for a digit
SELECT
	kind,
	count(DISTINCT score) AS scores,
	count(DISTINCT sum) AS sums
FROM (
	SELECT
		kind,
		shuffle,
		perf_mgmt.weighted_score(score, weight ORDER BY md5(item_id::text || shuffle)) AS score,
		perf_mgmt.score_sum(score, weight ORDER BY md5(shuffle || item_id::text))::text AS sum
	FROM weighted_score_item, generate_series(1, 8) AS shuffle
	GROUP BY kind, shuffle
) AS s
GROUP BY kind
ORDER BY kind;

-- nor does the unit of the weights
SELECT
	kind,
	count(DISTINCT score) AS scores
FROM (
	SELECT kind, perf_mgmt.weighted_score(score, weight * c) AS score
	FROM weighted_score_item,
		unnest('{1, 3, 0.01, 1e10, 1e-50, 1e100, 0.142857}'::numeric[]) AS c
	GROUP BY kind, c
) AS s
GROUP BY kind
ORDER BY kind;

-- a weighted score lies between the smallest and the largest score
SELECT
	bool_and(ours BETWEEN round(lowest, 6) AND round(highest, 6)) AS between
FROM (
	SELECT
		perf_mgmt.weighted_score(score, weight) AS ours,
		min(score) FILTER (WHERE weight > 0) AS lowest,
		max(score) FILTER (WHERE weight > 0) AS highest
	FROM weighted_score_item
	GROUP BY kind, item_id % 17
) AS g
WHERE ours IS NOT NULL;

-- parallel plans
CREATE FUNCTION pg_temp.nodes(query text) RETURNS text[]
	LANGUAGE plpgsql
AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json, COSTS off) ' || query INTO plan;
	RETURN ARRAY(
		SELECT DISTINCT m[1]
		FROM regexp_matches(plan::text, '"(Gather|Gather Merge|Partial|Finalize)"', 'g') AS m
		ORDER BY 1);
END
$$;
CREATE TABLE weighted_score_serial AS
	SELECT
		kind,
		part,
		perf_mgmt.weighted_score(score, weight) AS score,
		perf_mgmt.score_sum(score, weight) AS sum
	FROM weighted_score_item
	GROUP BY kind, part;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 3;
ALTER TABLE weighted_score_item SET (parallel_workers = 3);
SELECT pg_temp.nodes('SELECT perf_mgmt.weighted_score(score, weight), perf_mgmt.score_sum(score, weight) FROM weighted_score_item');
SELECT
	perf_mgmt.weighted_score(score, weight)
		= pg_temp.quotient(sum(score * weight), sum(weight) FILTER (WHERE score IS NOT NULL)) AS parallel_is_exact
FROM weighted_score_item;
SELECT pg_temp.nodes('SELECT kind, part, perf_mgmt.score_sum(score, weight) FROM weighted_score_item GROUP BY 1, 2');
SELECT
	count(*) AS groups,
	count(*) FILTER (WHERE p.score IS NOT DISTINCT FROM s.score) AS same_score,
	count(*) FILTER (WHERE p.sum::text IS NOT DISTINCT FROM s.sum::text) AS same_sum
FROM (
	SELECT
		kind,
		part,
		perf_mgmt.weighted_score(score, weight) AS score,
		perf_mgmt.score_sum(score, weight) AS sum
	FROM weighted_score_item
	GROUP BY kind, part
) AS p
FULL JOIN weighted_score_serial AS s USING (kind, part);
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;

-- sorted and hashed groups, spilled ones too
SET work_mem = '64kB';
SET enable_sort = off;
SELECT count(*) AS groups, count(*) FILTER (WHERE score IS DISTINCT FROM reference) AS wrong
FROM (
	SELECT
		perf_mgmt.weighted_score(score, weight) AS score,
		pg_temp.quotient(sum(score * weight), sum(weight) FILTER (WHERE score IS NOT NULL)) AS reference
	FROM weighted_score_item
	GROUP BY item_id / 3
) AS g;
RESET enable_sort;
SET enable_hashagg = off;
SELECT count(*) AS groups, count(*) FILTER (WHERE score IS DISTINCT FROM reference) AS wrong
FROM (
	SELECT
		perf_mgmt.weighted_score(score, weight) AS score,
		pg_temp.quotient(sum(score * weight), sum(weight) FILTER (WHERE score IS NOT NULL)) AS reference
	FROM weighted_score_item
	GROUP BY item_id / 3
) AS g;
RESET enable_hashagg;
RESET work_mem;

-- moving windows: rows leave as exactly as they came
SELECT
	kind,
	count(*) AS rows,
	count(*) FILTER (WHERE w.score IS DISTINCT FROM r.score) AS wrong_scores,
	count(*) FILTER (WHERE w.sum IS DISTINCT FROM r.sum) AS wrong_sums
FROM (
	SELECT
		kind,
		item_id,
		perf_mgmt.weighted_score(score, weight) OVER moving AS score,
		(perf_mgmt.score_sum(score, weight) OVER moving)::text AS sum
	FROM weighted_score_item
	WHERE item_id % 10 < 3
	WINDOW moving AS (PARTITION BY kind ORDER BY item_id ROWS BETWEEN 4 PRECEDING AND 2 FOLLOWING)
) AS w
JOIN LATERAL (
	SELECT
		perf_mgmt.weighted_score(score, weight) AS score,
		perf_mgmt.score_sum(score, weight)::text AS sum
	FROM (
		(SELECT * FROM weighted_score_item AS i
			WHERE i.kind = w.kind AND i.item_id <= w.item_id AND item_id % 10 < 3
			ORDER BY item_id DESC LIMIT 5)
		UNION ALL
		(SELECT * FROM weighted_score_item AS i
			WHERE i.kind = w.kind AND i.item_id > w.item_id AND item_id % 10 < 3
			ORDER BY item_id LIMIT 2)
	) AS frame
) AS r ON true
GROUP BY kind
ORDER BY kind;
SELECT
	item_id,
	perf_mgmt.weighted_score(score, weight) OVER (ORDER BY item_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS of_two,
	perf_mgmt.score_sum(score, weight) OVER (ORDER BY item_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS sum
FROM (VALUES (1, 10, 1), (2, NULL, 2), (3, NULL, NULL), (4, NULL, NULL), (5, 5, 0), (6, 6, 2)) AS v (item_id, score, weight);

-- what moves is the inverse transition: it takes out the only large row exactly
SELECT
	item_id,
	perf_mgmt.weighted_score(score, weight) OVER (ORDER BY item_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
FROM (VALUES (1, 1e60, 1e60), (2, 1, 3), (3, 2, 1e-60), (4, 3, 1e-60)) AS v (item_id, score, weight);

-- only an aggregate may call the transition functions
SELECT perf_mgmt._score_sum_add(NULL, 1, 1);
SELECT perf_mgmt._score_sum_add('points 1, weight 1 of 1, items 1 of 1', 1, 1);
SELECT perf_mgmt._score_sum_remove(NULL, 1, 1);
SELECT perf_mgmt._score_sum_merge(NULL, NULL);
SELECT perf_mgmt._score_sum_merge('points 1, weight 1 of 1, items 1 of 1', 'points 1, weight 1 of 1, items 1 of 1');
SELECT perf_mgmt._score_sum_final(NULL) IS NULL AS final_of_null,
	perf_mgmt._weighted_score_final(NULL) IS NULL AS score_of_null,
	perf_mgmt._score_sum_final('points 1, weight 1 of 1, items 1 of 1'),
	perf_mgmt._weighted_score_final('points 1, weight 3 of 3, items 1 of 1');

-- an aggregate that takes out what it never put in has no result
CREATE AGGREGATE pg_temp.only_remove(score numeric, weight numeric) (
	SFUNC = perf_mgmt._score_sum_remove,
	STYPE = perf_mgmt.score_sum,
	FINALFUNC = perf_mgmt._weighted_score_final
);
SELECT pg_temp.only_remove(1, 1);
SELECT pg_temp.only_remove(NULL, 1);
CREATE AGGREGATE pg_temp.remove_from(score numeric, weight numeric) (
	SFUNC = perf_mgmt._score_sum_remove,
	STYPE = perf_mgmt.score_sum,
	INITCOND = 'points 10, weight 2 of 5, items 2 of 4'
);
SELECT pg_temp.remove_from(4, 1);
SELECT pg_temp.remove_from(4, 3);
SELECT pg_temp.remove_from(NULL, 4);

DROP TABLE weighted_score_item, weighted_score_serial;
