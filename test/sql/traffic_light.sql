-- The type traffic_light: words, order, indexes, aggregates, drivers' parameters.
\set VERBOSITY terse
SET search_path = perf_mgmt, public;

-- Reading: a word in any case, a Chinese character, blanks around; nothing else.
CREATE FUNCTION pg_temp.reading(literal text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	RETURN literal::traffic_light::text;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN SQLSTATE || ' ' || SQLERRM || ' (' || hint || ')';
END $$;

SELECT quote_literal(literal) AS literal, pg_temp.reading(literal) AS light
FROM (VALUES
	(1, 'grey'), (2, 'red'), (3, 'yellow'), (4, 'green'),
	(5, 'GREEN'), (6, 'Yellow'), (7, '灰'), (8, '红'), (9, '黄'), (10, '绿'),
	(11, E' \t\n red \r\f\x0B'), (12, ' 绿 '),
	(13, ''), (14, ' '), (15, 'gray'), (16, 'gre'), (17, 'greeny'), (18, 'red red'), (19, '红绿'),
	(20, '0'), (21, '3'), (22, 'NULL'), (23, '红灯'), (24, 'ＲＥＤ'), (25, '蓝'), (26, 'r' || chr(1) || 'ed')
) AS v (n, literal)
ORDER BY n;

-- An essay is refused as well.
SELECT left(pg_temp.reading(repeat('red', 100000)), 60) AS essay;
SELECT left(pg_temp.reading(repeat('红', 100000)), 60) AS essay;

-- Storage: one byte by value.
SELECT typlen, typbyval, typalign, typstorage FROM pg_type WHERE oid = 'traffic_light'::regtype;
SELECT pg_column_size('red'::traffic_light) AS bytes;

-- Order, and the rank as a number.
SELECT l AS light, l::smallint AS rank, light_rank(l)
FROM unnest('{green,red,grey,yellow}'::traffic_light[]) AS l
ORDER BY l;

SELECT a, b, a < b AS lt, a <= b AS le, a = b AS eq, a <> b AS ne, a >= b AS ge, a > b AS gt, traffic_light_cmp(a, b) AS cmp,
	traffic_light_smaller(a, b) AS smaller, traffic_light_larger(a, b) AS larger, traffic_light_worse(a, b) AS worse
FROM unnest('{grey,red,yellow,green}'::traffic_light[]) AS a, unnest('{grey,red,yellow,green}'::traffic_light[]) AS b
ORDER BY a, b;

-- Parameters as drivers send them: text, varchar, arrays of text.
PREPARE by_text(text) AS SELECT count(*) FROM unnest('{green,red,grey,yellow}'::traffic_light[]) AS l WHERE l = $1;
PREPARE by_varchar(varchar) AS SELECT count(*) FROM unnest('{green,red,grey,yellow}'::traffic_light[]) AS l WHERE l >= $1;
PREPARE by_array(text[]) AS SELECT count(*) FROM unnest('{green,red,grey,yellow}'::traffic_light[]) AS l WHERE l = ANY ($1);
EXECUTE by_text('red');
EXECUTE by_text('绿');
EXECUTE by_varchar('yellow');
EXECUTE by_array('{red,green}');
EXECUTE by_text('blue');
-- Text compares with text as ever, and there is no silent way from light to text.
SELECT 'green'::text < 'red'::text AS by_alphabet, 'green'::traffic_light < 'red'::text AS by_rank;
SELECT 'green'::varchar < 'red'::varchar AS varchars, 'green'::varchar < 'red'::text AS mixed, 'green'::text = 'GREEN'::varchar AS by_letter, 'green' < 'red' AS literals, min(w), max(w)
FROM unnest('{green,red,grey}'::varchar[]) AS w;
SELECT lower('red'::traffic_light);
SELECT castsource::regtype, casttarget::regtype, castcontext, castmethod
FROM pg_cast
WHERE 'traffic_light'::regtype IN (castsource, casttarget)
ORDER BY castsource::regtype::text, casttarget::regtype::text;

-- Rows: indexes of both kinds, grouping, distinct, joins, sets.
CREATE TABLE lamp (id int, light traffic_light);
INSERT INTO lamp SELECT i, (ARRAY['grey', 'red', 'yellow', 'green']::traffic_light[])[1 + i % 4] FROM generate_series(1, 1000) AS i;
INSERT INTO lamp VALUES (1001, NULL);
CREATE INDEX lamp_light_btree ON lamp USING btree (light, id);
CREATE INDEX lamp_light_hash ON lamp USING hash (light);
ANALYZE lamp;
SELECT light, count(*), min(id), max(id) FROM lamp GROUP BY light ORDER BY light;
SELECT count(DISTINCT light) FROM lamp;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*), sum(id) FROM lamp WHERE light = 'red';
SELECT count(*), sum(id) FROM lamp WHERE light < 'yellow';
SELECT min(light), max(light) FROM lamp;
DROP INDEX lamp_light_btree;
SELECT count(*), sum(id) FROM lamp WHERE light = 'red';
RESET enable_seqscan;
RESET enable_bitmapscan;
SELECT count(*) FROM lamp AS a JOIN lamp AS b ON a.light = b.light AND a.id = b.id;

SELECT amname, opcname, amvalidate(c.oid)
FROM pg_opclass AS c JOIN pg_am AS a ON a.oid = c.opcmethod
WHERE opcintype = 'traffic_light'::regtype
ORDER BY amname;

-- Equal lights hash equally, different ones differently; seed 0 agrees with the plain hash.
SELECT count(DISTINCT traffic_light_hash(l)) AS hashes, count(DISTINCT traffic_light_hash_extended(l, 1)) AS seeded,
	bool_and(traffic_light_hash(l)::bit(32) = traffic_light_hash_extended(l, 0)::bit(32)) AS agrees
FROM unnest('{grey,red,yellow,green}'::traffic_light[]) AS l;

-- Only what cannot raise is leakproof.
SELECT proname, proleakproof
FROM pg_proc
WHERE pronamespace = 'perf_mgmt'::regnamespace AND proname LIKE 'traffic_light\_%'
ORDER BY proname;

-- worst() and best(): grey counts only where nothing else is there.
SELECT n, worst(l), best(l), min(l), max(l)
FROM (VALUES
	(1, '{grey,grey}'::traffic_light[]), (2, '{grey,green}'), (3, '{green,grey,yellow}'), (4, '{yellow,red,green}'),
	(5, '{red,NULL,grey}'), (6, '{NULL}'), (7, '{}'), (8, '{green}')
) AS v (n, lights) LEFT JOIN LATERAL unnest(lights) AS l ON true
GROUP BY n
ORDER BY n;
-- In any order, and over a moving frame.
SELECT DISTINCT worst(l ORDER BY o), best(l ORDER BY o)
FROM (SELECT l, h.seed, hashtext(l::text || h.seed) AS o
	FROM unnest('{grey,yellow,green,grey,red,green}'::traffic_light[]) AS l, generate_series(1, 50) AS h (seed)) AS shuffled
GROUP BY seed;
SELECT i, l, worst(l) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
FROM unnest('{grey,yellow,green,grey,red,green}'::traffic_light[]) WITH ORDINALITY AS v (l, i);
-- In parallel.
CREATE TABLE many AS SELECT (ARRAY['grey', 'green', 'yellow']::traffic_light[])[1 + i % 3] AS light FROM generate_series(1, 20000) AS i;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT worst(light), best(light), min(light), max(light) FROM many;
CREATE FUNCTION pg_temp.is_parallel(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	plan text;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan LIKE '%"Finalize"%"Gather"%"Partial"%';
END $$;
SELECT pg_temp.is_parallel('SELECT worst(light), best(light), min(light), max(light) FROM many') AS is_parallel;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;

-- Binary: the word goes out and comes in.
SELECT convert_from(traffic_light_send(l), 'UTF8') AS sent FROM unnest('{grey,red,yellow,green}'::traffic_light[]) AS l;
CREATE TABLE lamp_back (LIKE lamp);
SELECT current_setting('data_directory') || '/lamp.bin' AS file \gset
COPY lamp TO :'file' (FORMAT binary);
COPY lamp_back FROM :'file' (FORMAT binary);
SELECT count(*) AS differing FROM (TABLE lamp EXCEPT TABLE lamp_back UNION ALL TABLE lamp_back EXCEPT TABLE lamp) AS d;
-- Binary that is none: the same bytes claimed to be lights.
CREATE TABLE words (word text);
CREATE TABLE lamps (light traffic_light);
CREATE FUNCTION pg_temp.receive(word text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file text := current_setting('data_directory') || '/word.bin';
BEGIN
	TRUNCATE words, lamps;
	INSERT INTO words VALUES (word);
	EXECUTE format('COPY words TO %L (FORMAT binary)', file);
	EXECUTE format('COPY lamps FROM %L (FORMAT binary)', file);
	RETURN (SELECT light FROM lamps);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT quote_literal(word) AS word, pg_temp.receive(word) AS received
FROM (VALUES (1, 'red'), (2, 'Green'), (3, '黄'), (4, ''), (5, 'blue'), (6, E'\x01'), (7, 'redred')) AS v (n, word)
ORDER BY n;

-- A byte forged through a cast without function raises where its value matters, and only there.
CREATE CAST ("char" AS traffic_light) WITHOUT FUNCTION;
CREATE FUNCTION pg_temp.outcome(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE query INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT query, pg_temp.outcome(query)
FROM (VALUES
	(1, $$SELECT 3::"char"::traffic_light$$),
	(2, $$SELECT 4::"char"::traffic_light$$),
	(3, $$SELECT (-1)::"char"::traffic_light$$),
	(4, $$SELECT traffic_light_send(4::"char"::traffic_light)$$),
	(5, $$SELECT light_rank(4::"char"::traffic_light)$$),
	(6, $$SELECT traffic_light_worse(4::"char"::traffic_light, 'red')$$),
	(7, $$SELECT 4::"char"::traffic_light > 'green'$$),
	(8, $$SELECT (-1)::"char"::traffic_light > 4::"char"::traffic_light$$)
) AS v (n, query)
ORDER BY n;
DROP CAST ("char" AS traffic_light);

DROP TABLE lamp, lamp_back, words, lamps, many;
