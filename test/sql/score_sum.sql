-- score_sum: gathered, stored, moved, merged and asked without losing a digit.
\set VERBOSITY terse

-- the vector: weights 50/30/20, scores 90, NULL, 80
CREATE TEMPORARY TABLE item (score numeric, weight numeric);
INSERT INTO item VALUES (90, 50), (NULL, 30), (80, 20);
SELECT perf_mgmt.score_sum(score, weight) AS sum FROM item \gset
SELECT
	perf_mgmt.score(s, 'zero') AS zero,
	perf_mgmt.score(s) AS renormalise,
	perf_mgmt.score(s, missing := 'block') AS block,
	perf_mgmt.coverage(s),
	perf_mgmt.items(s),
	perf_mgmt.scored_items(s),
	s
FROM CAST(:'sum' AS perf_mgmt.score_sum) AS s;

-- the least coverage is compared as a fraction, not at six places
SELECT
	c AS min_coverage,
	perf_mgmt.score(:'sum', min_coverage := c) AS renormalise,
	perf_mgmt.score(:'sum', 'zero', c) AS zero
FROM unnest('{0, 0.6, 0.7, 0.70000000000000000000000000000000000000000001, 1}'::numeric[]) AS c;
SELECT
	perf_mgmt.coverage(s),
	perf_mgmt.score(s, min_coverage := 0.666666) AS at_six_places,
	perf_mgmt.score(s, min_coverage := 0.6666666666666666666666666666666666666666) AS below_two_thirds,
	perf_mgmt.score(s, min_coverage := 0.6666666666666666666666666666666666666667) AS above_two_thirds
FROM CAST('points 2, weight 2 of 3, items 2 of 3' AS perf_mgmt.score_sum) AS s;
SELECT
	perf_mgmt.coverage(s),
	perf_mgmt.score(s, min_coverage := 1) AS full_coverage_needed
FROM CAST('points 1, weight 9999999 of 10000000, items 2 of 3' AS perf_mgmt.score_sum) AS s;

-- places, rounded once from the fraction
SELECT places, perf_mgmt.score('points 2, weight 3 of 3, items 1 of 1', places := places) AS two_thirds
FROM unnest('{0, 1, 2, 6, 17, 18}'::integer[]) AS places;
SELECT
	perf_mgmt.score('points 0.4449, weight 1 of 1, items 1 of 1', places := 2) AS once,
	perf_mgmt.score('points -0.5, weight 1 of 1, items 1 of 1', places := 0) AS away_from_zero;

-- nothing to weigh
SELECT
	s,
	perf_mgmt.score(s) AS renormalise,
	perf_mgmt.score(s, 'zero') AS zero,
	perf_mgmt.score(s, 'block') AS block,
	perf_mgmt.coverage(s),
	perf_mgmt.items(s)
FROM unnest('{
	"points 0, weight 0 of 0, items 0 of 0",
	"points 0, weight 0 of 0, items 2 of 3",
	"points 0, weight 0 of 10, items 0 of 1",
	"points 0, weight 0 of 10, items 1 of 2",
	"points 50, weight 1 of 1, items 1 of 2",
	"points 0, weight 10 of 10, items 1 of 1"
}'::perf_mgmt.score_sum[]) AS s;
SELECT perf_mgmt.score(NULL::perf_mgmt.score_sum) AS no_sum,
	perf_mgmt.score(:'sum', NULL) AS no_policy,
	perf_mgmt.coverage(NULL) AS no_coverage,
	perf_mgmt.items(NULL) AS no_items;
SELECT
	perf_mgmt.score_sum(score, weight) FILTER (WHERE false) AS no_rows,
	perf_mgmt.score_sum(score, NULL) AS no_weights,
	perf_mgmt.score_sum(NULL, weight) AS no_scores,
	perf_mgmt.score_sum(NULL, 0) AS nothing
FROM item;

-- wrong arguments
\set VERBOSITY default
SELECT perf_mgmt.score(:'sum', 'drop');
SELECT perf_mgmt.score(:'sum', min_coverage := 60);
SELECT perf_mgmt.score(:'sum', min_coverage := -0.1);
SELECT perf_mgmt.score(:'sum', min_coverage := 'NaN');
SELECT perf_mgmt.score(:'sum', places := -1);
SELECT perf_mgmt.score(:'sum', places := 19);

-- text: what is printed is read again, spaces and zeros that say nothing go
SELECT ' points   00.50 ,weight 5.0 of 007,  items 1 of 2 '::perf_mgmt.score_sum;
SELECT 'points -0, weight 1 of 1, items 1 of 1'::perf_mgmt.score_sum;
SELECT 'points -12345678901234567890.00001, weight 0.00000000000000000000000000000000000000001 of 1e'::perf_mgmt.score_sum;
SELECT 'points -12345678901234567890.00001, weight 0.00000000000000000000000000000000000000001 of 1, items 9223372036854775806 of 9223372036854775807'::perf_mgmt.score_sum;

-- and nothing else
CREATE FUNCTION pg_temp.outcome(query text) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	result text;
	detail text;
BEGIN
	EXECUTE query INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN SQLSTATE || ' ' || detail;
END
$$;
SELECT t, pg_temp.outcome(format('SELECT %L::perf_mgmt.score_sum', t))
FROM unnest(ARRAY[
	'',
	'6100',
	'points',
	'points , weight 1 of 1, items 1 of 1',
	'points 1',
	'points 1, weight 1 of 1',
	'points 1, weight 1 of 1, items 1',
	'points 1, weight 1 of 1, items 1 of',
	'points 1, weight 1 of 1, items 1 of 1 x',
	'points 1, weight 1 of 1, items 1 of 1.0',
	'points 1 weight 1 of 1, items 1 of 1',
	'points +1, weight 1 of 1, items 1 of 1',
	'points .5, weight 1 of 1, items 1 of 1',
	'points 5., weight 1 of 1, items 1 of 1',
	'points 1e3, weight 1 of 1, items 1 of 1',
	'points NaN, weight 1 of 1, items 1 of 1',
	'points 0x1, weight 1 of 1, items 1 of 1',
	'points --1, weight 1 of 1, items 1 of 1',
	'points 1, weight 1 of 1, items 1 of 9223372036854775808',
	'points 1, weight 1 of 1, items -1 of 1',
	'points 1, weight 2 of 1, items 1 of 1',
	'points 1, weight 1.0001 of 1.00009, items 1 of 1',
	'points 1, weight -1 of 1, items 1 of 1',
	'points 1, weight 1 of 2, items 2 of 1',
	'points 0, weight 1 of 1, items 0 of 1',
	'points 1, weight 1 of 2, items 1 of 1',
	'points 1, weight 0 of 1, items 1 of 2'
]) AS t;
SELECT
	length(huge::perf_mgmt.score_sum::text) = length(huge) AS largest,
	pg_temp.outcome(format('SELECT %L::perf_mgmt.score_sum', replace(huge, 'points ', 'points 10000'))) AS larger
FROM (SELECT format('points 1%s, weight 0.%s1 of 1, items 1 of 2', repeat('0', 4 * 65540), repeat('0', 4 * 8192 - 1))) AS h (huge);
SELECT pg_temp.outcome(format('SELECT %L::perf_mgmt.score_sum', format('points 1, weight 0.%s1 of 1, items 1 of 2', repeat('0', 4 * 8192)))) AS smaller;
SELECT left(pg_temp.outcome(format('SELECT %L::perf_mgmt.score_sum', 'points ' || repeat('0', 1000000))), 5) AS too_long;
SELECT perf_mgmt.score(format('points 1%s, weight 1 of 1, items 1 of 1', repeat('0', 131072))::perf_mgmt.score_sum);

SELECT call, pg_temp.outcome('SELECT perf_mgmt.' || call) AS outcome
FROM unnest(ARRAY[
	$$score('points 1, weight 1 of 1, items 1 of 1', 'drop')$$,
	$$score('points 1, weight 1 of 1, items 1 of 1', 'ZERO')$$,
	$$score('points 1, weight 1 of 1, items 1 of 1', min_coverage := 1.00000000000000000000001)$$,
	$$score('points 1, weight 1 of 1, items 1 of 1', min_coverage := -1e-50)$$,
	$$score('points 1, weight 1 of 1, items 1 of 1', min_coverage := 'Infinity')$$,
	$$score('points 1, weight 1 of 1, items 1 of 1', places := 19)$$,
	$$score('points 1, weight 1 of 1, items 1 of 1', 'zero', 1.000, 18)$$
]) AS call;

-- stored, packed short, compressed and out of line
CREATE TEMPORARY TABLE stored (
	part integer,
	one "char",
	sum perf_mgmt.score_sum,
	apart perf_mgmt.score_sum
);
ALTER TABLE stored ALTER apart SET STORAGE external;
INSERT INTO stored
	SELECT part, 'x', perf_mgmt.score_sum(score, weight), perf_mgmt.score_sum(score, weight)
	FROM (
		SELECT i % 7, i * 1.25, i % 10
		FROM generate_series(1, 100) AS i
		UNION ALL
		SELECT 7, repeat((i + 10)::text, 6000)::numeric, 1
		FROM generate_series(1, 10) AS i
	) AS v (part, score, weight)
	GROUP BY part;
SELECT
	min(pg_column_size(sum)) < 127 AS short,
	max(pg_column_size(sum)) < 2000 AS compressed,
	max(pg_column_size(apart)) > 20000 AS out_of_line,
	count(*) AS sums,
	count(*) FILTER (WHERE sum::text::perf_mgmt.score_sum::text = apart::text) AS round_trips
FROM stored;

-- merged shards are the whole, by text and in any order; NULLs add nothing
SELECT
	perf_mgmt.merge(sum)::text = perf_mgmt.merge(apart)::text AS same,
	length(perf_mgmt.merge(sum)::text) AS length
FROM stored;
SELECT
	(SELECT perf_mgmt.merge(sum) FROM stored WHERE part < 7) AS merged,
	(SELECT perf_mgmt.score_sum(i * 1.25, i % 10) FROM generate_series(1, 100) AS i) AS whole;
SELECT
	count(DISTINCT merged::text) AS results
FROM (
	SELECT perf_mgmt.merge(sum::text::perf_mgmt.score_sum ORDER BY md5(shuffle || part::text)) AS merged
	FROM stored, generate_series(1, 20) AS shuffle
	GROUP BY shuffle
) AS m;
SELECT
	perf_mgmt.merge(sum) FILTER (WHERE false) AS of_none,
	perf_mgmt.merge(NULL) AS of_nulls,
	perf_mgmt.merge('points 0, weight 0 of 0, items 0 of 0') AS of_empty,
	perf_mgmt.merge(CASE WHEN part = 3 THEN 'points 1, weight 1 of 2, items 1 of 2'::perf_mgmt.score_sum END) AS of_one
FROM stored;
SELECT perf_mgmt.merge(s)
FROM unnest('{
	"points 1, weight 1 of 1, items 1 of 9223372036854775807",
	"points 1, weight 1 of 1, items 1 of 1"
}'::perf_mgmt.score_sum[]) AS s;
SELECT left(pg_temp.outcome(format($$
	SELECT perf_mgmt.merge(%L::perf_mgmt.score_sum) FROM generate_series(1, 10001)
$$, format('points %s, weight 1 of 1, items 1 of 1', repeat('9', 4 * 65541)))), 5) AS merged_too_far;

-- many merges and many carries, below zero too
SELECT
	perf_mgmt.merge(s) AS positive,
	perf_mgmt.merge(m) AS negative
FROM generate_series(1, 1000),
	CAST('points 9999999999999999.99999999, weight 99999999.9999 of 199999999.9998, items 1 of 2' AS perf_mgmt.score_sum) AS s,
	CAST('points -9999999999999999.99999999, weight 0.00000001 of 99999999, items 1 of 2' AS perf_mgmt.score_sum) AS m;
SELECT perf_mgmt.merge(s) AS cancelled
FROM unnest('{
	"points 1000000000000000000000000000000000000000000000000000000000000, weight 1 of 1, items 1 of 1",
	"points -999999999999999999999999999999999999999999999999999999999999.9999, weight 1 of 1, items 1 of 1"
}'::perf_mgmt.score_sum[]) AS s;

-- equality is that of the numbers
SELECT
	a OPERATOR(perf_mgmt.=) b AS equal,
	a OPERATOR(perf_mgmt.<>) b AS unequal,
	perf_mgmt.score_sum_hash(a) = perf_mgmt.score_sum_hash(b) AS same_hash,
	perf_mgmt.score_sum_hash_extended(a, 7) = perf_mgmt.score_sum_hash_extended(b, 7) AS same_long_hash
FROM (VALUES
	('points 0.50, weight 1 of 1, items 1 of 1', 'points 00.5, weight 1.0 of 1.00, items 1 of 1'),
	('points 0.50, weight 1 of 1, items 1 of 1', 'points -0.5, weight 1 of 1, items 1 of 1'),
	('points 0.50, weight 1 of 1, items 1 of 2', 'points 0.5, weight 1 of 1, items 1 of 1'),
	('points 0.50, weight 1 of 1, items 1 of 2', 'points 0.5, weight 1 of 2, items 1 of 2'),
	('points 10000, weight 1 of 1, items 1 of 2', 'points 1, weight 1 of 1, items 1 of 2')
) AS v (x, y), CAST(x AS perf_mgmt.score_sum) AS a, CAST(y AS perf_mgmt.score_sum) AS b;
SELECT count(DISTINCT sum::text) AS texts, count(*) AS groups
FROM (SELECT sum FROM (SELECT sum FROM stored UNION ALL SELECT sum::text::perf_mgmt.score_sum FROM stored) AS twice GROUP BY sum) AS g;

-- binary: through a file and back
SELECT current_setting('data_directory') || '/score_sum.bin' AS file \gset
COPY stored TO :'file' (FORMAT binary);
CREATE TEMPORARY TABLE received (LIKE stored);
COPY received FROM :'file' (FORMAT binary);
SELECT count(*) AS sums, count(*) FILTER (WHERE s.sum::text = r.sum::text) AS unchanged
FROM stored AS s JOIN received AS r USING (part);
SELECT perf_mgmt.score_sum_send('points -6100.5, weight 70 of 100, items 2 of 3');

-- binary: forged
CREATE TEMPORARY TABLE forged (sum perf_mgmt.score_sum);
CREATE FUNCTION pg_temp.receive(value bytea, file text) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	header CONSTANT bytea := '\x5047434f50590aff0d0a0000000000000000000001';
	trailer CONSTANT bytea := '\xffff';
	lo oid := lo_from_bytea(0, header || int4send(length(value)) || value || trailer);
	result text;
	message text;
	detail text;
BEGIN
	PERFORM lo_export(lo, file);
	PERFORM lo_unlink(lo);
	EXECUTE format('COPY forged FROM %L (FORMAT binary)', file);
	DELETE FROM forged RETURNING sum::text INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN SQLSTATE || ' ' || coalesce(nullif(detail, ''), message);
END
$$;
-- version 1, 3 items, 2 scored; each number: sign, power, digits
\set good '0001 0000000000000003 0000000000000002 01 00000000 00000002 17d41388 00 00000000 00000001 0046 00 00000000 00000001 001e'
SELECT what, pg_temp.receive(decode(replace(hex, ' ', ''), 'hex'), :'file') AS received
FROM (VALUES
	('good', :'good'),
	('nothing', ''),
	('half a header', '0001 0000000000'),
	('header alone', '0001 0000000000000003 0000000000000002'),
	('last digit missing', left(:'good', -5)),
	('half a digit', left(:'good', -2)),
	('more behind', :'good' || ' 00'),
	('version 0', overlay(:'good' placing '0000' from 1)),
	('version 2', overlay(:'good' placing '0002' from 1)),
	('sign 2', replace(:'good', ' 01 00000000', ' 02 00000000')),
	('negative weight', replace(:'good', ' 00 00000000 00000001 0046', ' 01 00000000 00000001 0046')),
	('negative missing', replace(:'good', ' 00 00000000 00000001 001e', ' 01 00000000 00000001 001e')),
	('negative zero', replace(:'good', ' 01 00000000 00000002 17d41388', ' 01 00000000 00000000')),
	('zero far away', replace(:'good', ' 01 00000000 00000002 17d41388', ' 00 00000005 00000000')),
	('digit 10000', replace(:'good', '17d41388', '27101388')),
	('digit 65535', replace(:'good', '17d41388', '17d4ffff')),
	('leading zero', replace(:'good', '17d41388', '00001388')),
	('trailing zero', replace(:'good', '17d41388', '17d40000')),
	('2^31 - 1 digits', replace(:'good', '00000002 17d4', '7fffffff 17d4')),
	('-1 digits', replace(:'good', '00000002 17d4', 'ffffffff 17d4')),
	('power 2^31 - 1', replace(:'good', ' 01 00000000', ' 01 7fffffff')),
	('power -2^31', replace(:'good', ' 01 00000000', ' 01 80000000')),
	('power just too high', replace(:'good', ' 01 00000000', ' 01 00010005')),
	('power highest', replace(:'good', '01 00000000 00000002 17d41388', '00 00000000 00000001 17d4')),
	('power just too low', replace(:'good', ' 01 00000000', ' 01 ffffe000')),
	('more scored than items', replace(:'good', '0000000000000002', '0000000000000004')),
	('negative count', replace(:'good', '0000000000000002', 'ffffffffffffffff')),
	('negative items', replace(:'good', '0000000000000003', '8000000000000000')),
	('weight without a scored item', replace(:'good', '0000000000000002', '0000000000000000')),
	('missing without an item', replace(:'good', '0000000000000002', '0000000000000003')),
	('points without weight', replace(:'good', '00 00000000 00000001 0046', '00 00000000 00000000'))
) AS v (what, hex);
SELECT format('rm -f %s', quote_literal(:'file')) AS remove \gset
COPY (SELECT) TO PROGRAM :'remove';
