-- The type formula: what is read and refused, limits, evaluation beside SQL, binary.
\set VERBOSITY terse
\pset format unaligned
SET search_path = perf_mgmt, public;
SET jit = off;

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
	SELECT pg_temp.outcome(format('SELECT %L::formula', literal))
$$;

-- What is read, in its canonical form.
CREATE TEMP TABLE accepted (n int, literal text);
INSERT INTO accepted VALUES
(1, '0.6 * kpi + 0.4 * coalesce(peer, manager)'),
(2, '1'), (3, 'a'), (4, '  ( ( a ) )  '), (5, 'a+b*c'), (6, '(a+b)*c'), (7, 'a-b-c'), (8, 'a-(b-c)'), (9, 'a/b/c'), (10, 'a/(b/c)'), (11, 'a+(b+c)'), (12, 'a*(b/c)'),
(13, '-a'), (14, '--a'), (15, '-(-a)'), (16, '-(a+b)'), (17, '-a*b'), (18, '-(a*b)'), (19, 'a- -b'), (20, 'a--b'), (21, '2*-3'), (22, '---1'),
(23, '.5 + 5. + 007.70'), (24, '0.60'), (25, '123456789012345678901234567890.123456789012345678901234567890'),
(26, 'if(a>b,a,b)'), (27, 'IF ( a >= b , 1 , 0 )'), (28, 'if(a<b and b<=c or not a<>c,1,if(a=b,2,3))'), (29, 'if(a<b and (b<c or a=c),1,0)'), (30, 'if(not(a<b and b<c),1,0)'),
(31, 'if(not not a<b,1,0)'), (32, 'if((a<b) and ((b<c)),1,0)'), (33, 'if(a != b, 1, 0)'), (34, 'a -- b'),
(35, 'min(a)'), (36, 'Max(a,b,c)'), (37, 'coalesce(a)'), (38, 'abs(-a)'), (39, 'round(a)'), (40, 'round(a,0)'), (41, 'round(a / b, 2)'), (42, 'round(a, -3)'), (43, 'round(a,-0)'), (44, 'round(a, 20)'),
(45, '销售额 / 目标 * 100'), (46, '_x1 + 计划2026'), (47, 'sales.q1 - sales.q2'), (48, '"KPI-01" + "a ""quoted"" name" + "if" + "（括号）"'), (49, '"plain" + plain'), (50, E'a\n+\tb'),
(51, 'Kpi + kpi + KPI'), (52, 'ä + é'), (53, '"1st" * "null"'), (54, 'kpi々 + 〇'), (55, 'a.1 + a._b'), (56, 'iff + minimum + android + nothing');
SELECT n, pg_temp.reading(literal) FROM accepted ORDER BY n;
SELECT count(*) AS formulas,
	count(*) FILTER (WHERE literal::formula::text::formula::text <> literal::formula::text) AS rewritten,
	count(*) FILTER (WHERE literal::formula::text::formula <> literal::formula) AS differing
FROM accepted;
SELECT n, variables(literal::formula) FROM accepted WHERE n IN (1, 2, 28, 45, 47, 48, 49, 51, 56) ORDER BY n;

-- What is refused, and why.
SELECT n, pg_temp.reading(literal)
FROM (VALUES
	(1, ''), (2, '  '), (3, '+'), (4, 'a +'), (5, '* a'), (6, 'a b'), (7, '1 2'), (8, 'a + + b'), (9, '+a'), (10, '('), (11, ')'), (12, '()'), (13, '(a'), (14, 'a)'), (15, 'a,b'), (16, '(a,b)'),
	(17, '1.2.3'), (18, '1e5'), (19, '2x'), (20, '5分'), (21, '.'), (22, 'a.'), (23, '.a'), (24, '1..2'), (25, '0x10'),
	(26, 'a < b'), (27, '(a < b) + 1'), (28, 'a < b < c'), (29, 'not a'), (30, 'if(a, 1, 2)'), (31, 'if(a < b, c < d, 1)'), (32, 'if(a < b, 1, c < d)'), (33, 'a and b'), (34, 'if(a and b < 1, 1, 2)'),
	(35, '-(a < b)'), (36, 'abs(a < b)'), (37, 'coalesce(a, b = c)'), (38, 'a + not b < c'), (39, 'if(a = (b = c), 1, 2)'), (40, 'a == b'), (41, 'if(a => b, 1, 2)'), (42, 'if(a < not b = c, 1, 0)'),
	(43, 'if(a < b)'), (44, 'if(a < b, 1)'), (45, 'if(a < b, 1, 2, 3)'), (46, 'if()'), (47, 'min()'), (48, 'max(a,)'), (49, 'abs()'), (50, 'abs(a, b)'), (51, 'round(a, b)'), (52, 'round(a, 1.5)'), (53, 'round(a, 21)'),
	(54, 'round(a, -21)'), (55, 'round(a, 1, 2)'), (56, 'round(a, 99999)'), (57, 'round(a,)'), (58, 'round(a, - -1)'),
	(61, 'sqrt(a)'), (62, 'pg_read_file(a)'), (63, 'kpi(1)'), (64, '"min"(a)'), (65, 'min + 1'), (66, 'if + 1'), (67, 'null'), (68, 'coalesce(a, NULL)'), (69, 'true'), (70, 'and'), (71, 'a + or'),
	(72, 'a; DROP TABLE b'), (73, '''a'''), (74, '$1'), (75, 'a::text'), (76, 'a[1]'), (77, 'a ^ 2'), (78, 'a % 2'), (79, 'a || b'), (80, 'a /* x */'), (82, '"a'), (83, '""'), (84, 'a"b"'), (85, '"a"b'),
	(91, 'max（a，b）'), (92, 'a＋b'), (93, 'a×b'), (94, 'a　+ b'), (95, '０.６ * a'), (96, 'ＫＰＩ'), (97, 'a÷b'), (98, 'a − b'), (99, 'if(a≥b, 1, 0)'), (100, '“a”'), (101, 'a' || chr(160) || '+ b'), (102, 'a' || chr(1) || 'b'), (103, chr(65279) || 'a')
) AS v (n, literal)
ORDER BY n;

-- Limits: nesting, parts, bytes; what fits reads back.
CREATE FUNCTION pg_temp.nested(opening text, inner_text text, closing text, n int) RETURNS text LANGUAGE sql AS $$
	SELECT repeat(opening, n) || inner_text || repeat(closing, n)
$$;
SELECT n, left(pg_temp.reading(literal), 250) AS outcome
FROM (VALUES
	(1, pg_temp.nested('(', 'a', ')', 64)), (2, pg_temp.nested('(', 'a', ')', 65)), (3, pg_temp.nested('(', 'a', ')', 4000)), (4, pg_temp.nested('(', 'a', ')', 10000)), (5, repeat('(', 10000)), (6, repeat('(', 1000000)),
	(7, pg_temp.nested('-', 'a', '', 64)), (8, pg_temp.nested('-', 'a', '', 65)), (9, pg_temp.nested('abs(', 'a', ')', 65)), (10, 'if(' || pg_temp.nested('not ', 'a<b', '', 64) || ', 1, 2)'),
	(11, 'a' || repeat('+a', 500)), (12, 'min(' || repeat('a,', 999) || 'a)'), (13, repeat('(', 65) || 'a'), (14, 'a' || repeat(' ', 10000)), (15, repeat('x', 10001)), (16, repeat('目', 5000)), (17, repeat('9', 10001)),
	(18, repeat('a', 1000000)), (19, '1' || repeat(',', 9999)), (20, repeat('if(', 3000))
) AS v (n, literal)
ORDER BY n;
-- At the limits: 1000 parts, 64 levels, 10000 bytes, and all of it evaluated.
CREATE TEMP TABLE large (n int, f formula);
INSERT INTO large VALUES
(1, ('a' || repeat('+a', 498) || '-1')::formula), (2, ('min(' || repeat('a,', 998) || 'a)')::formula), (3, pg_temp.nested('abs(', 'a', ')', 64)::formula), (4, pg_temp.nested('1-(', 'a', ')', 64)::formula),
(5, ('coalesce(' || repeat('x,', 998) || 'a)')::formula), (6, pg_temp.nested('if(a>0,', 'a', ',1)', 64)::formula), (7, (repeat('9', 9996) || '*a')::formula), (8, ('"' || repeat('目', 3332) || '"')::formula),
(9, pg_temp.nested('- ', 'a', '', 64)::formula), (10, pg_temp.nested('-(', 'a+1', ')', 32)::formula), (11, ('if(' || pg_temp.nested('not(', 'a<1', ')', 31) || ',1,0)')::formula),
(12, ('a' || repeat('*a', 332) || repeat('-a', 167))::formula);
SELECT n, length(f::text) AS length, f::text::formula = f AS reads_back, left(evaluate(f, '{"a": 2}')::text, 30) AS value, length(evaluate(f, '{"a": 2}')::text) AS value_length FROM large ORDER BY n;
-- A formula whose canonical text is over the limit could not be restored from a dump.
SELECT pg_temp.reading('"' || repeat('x', 9000) || '"' || repeat('+1', 490));

-- Evaluation: precedence, NULL, division by 0.
SELECT n, f::text, evaluate(f::formula, '{"a": 10, "b": 4, "c": -2.50, "n": null, "z": 0, "x.y": 1e3, "目标": 5, "q\"q": 7, "": 1}')
FROM (VALUES
	(1, 'a + b * c'), (2, '(a + b) * c'), (3, 'a - b - c'), (4, 'a / b / c'), (5, 'a / (b / c)'), (6, '-a + b'), (7, '2 - -3'), (8, '-(a - b) * 2'), (9, 'a * 0.10'), (10, 'a / 3'), (11, '1.50 + 1.5'), (12, '1.50'), (13, 'c'),
	(14, 'a / z'), (15, 'a / (b - 4)'), (16, '0 / 0'), (17, 'coalesce(a / z, -1)'), (18, 'a + n'), (19, 'missing'), (20, 'n'), (21, '-n'), (22, 'abs(n)'), (23, 'round(n, 2)'), (24, 'a * n / z'),
	(25, 'coalesce(n, missing, b, a)'), (26, 'coalesce(n, missing)'), (27, 'min(a, n, b)'), (28, 'max(n, c, missing)'), (29, 'min(n, missing)'), (30, 'min(c, -2.5)'), (31, 'max(-2.5, c)'),
	(32, 'if(a > b, 1, 2)'), (33, 'if(a < b, 1, 2)'), (34, 'if(n < 1, 1, 2)'), (35, 'if(not n < 1, 1, 2)'), (36, 'if(n < 1 or a > b, 1, 2)'), (37, 'if(a > b or n < 1, 1, 2)'), (38, 'if(n < 1 and a > b, 1, 2)'),
	(39, 'if(not (n < 1 and a < b), 1, 2)'), (40, 'if(not (n < 1 or a < b), 1, 2)'), (41, 'if(a = 10.00, 1, 2)'), (42, 'if(a <> 10, 1, 2)'), (43, 'if(a >= 10 and a <= 10, 1, 2)'), (44, 'if(a > b, n, 5)'), (45, 'if(a > b and b > c or z < -1, 1, 2)'),
	(46, 'abs(c)'), (47, 'round(c)'), (48, 'round(-0.5)'), (49, 'round(2.675, 2)'), (50, 'round(1249.5, -2)'), (51, 'round(a, 3)'), (52, '"x.y" + x.y'), (53, '目标 * 2'), (54, '"q""q"'), (55, 'A'), (56, '12345678901234567890 * 12345678901234567890'),
	(57, 'max(a, b) - min(a, b)'), (58, 'round(100 * b / a, 1)'), (59, 'not_here + 1'), (60, 'if(a / z > 1, 1, 0)'), (61, '0 - 0 * c')
) AS v (n, f)
ORDER BY n;

-- Values that are no numbers are refused where they are needed, and only there.
SELECT query, pg_temp.outcome('SELECT ' || query)
FROM (VALUES
	(1, $$evaluate('a', '{"a": "12"}')$$), (2, $$evaluate('a', '{"a": "NaN"}')$$), (3, $$evaluate('a', '{"a": true}')$$), (4, $$evaluate('a', '{"a": [1]}')$$), (5, $$evaluate('a', '{"a": {"b": 1}}')$$),
	(6, $$evaluate('b', '{"a": "12", "b": 1}')$$), (7, $$evaluate('if(b > 0, b, a)', '{"a": "12", "b": 1}')$$), (8, $$evaluate('coalesce(b, a)', '{"a": "12", "b": 1}')$$), (9, $$evaluate('if(b > 0 or a > 0, b, 0)', '{"a": "12", "b": 1}')$$),
	(10, $$evaluate('if(b < 0 and a > 0, b, 0)', '{"a": "12", "b": 1}')$$), (11, $$evaluate('if(b > 0 and a > 0, b, 0)', '{"a": "12", "b": 1}')$$), (12, $$evaluate('min(b, a)', '{"a": "12", "b": 1}')$$),
	(13, $$evaluate('a', to_jsonb(row ('NaN'::numeric)) || '{"a": null}')$$), (14, $$evaluate('f1', to_jsonb(row ('NaN'::numeric)))$$), (15, $$evaluate('f1', to_jsonb(row ('Infinity'::float8)))$$),
	(21, $$evaluate('a', '[1, 2]')$$), (22, $$evaluate('a', '5')$$), (23, $$evaluate('1', '"text"')$$), (24, $$evaluate('a', 'null')$$), (25, $$evaluate('1 + 1', '{}')$$), (26, $$evaluate(NULL, '{}')$$), (27, $$evaluate('1', NULL)$$), (28, $$variables(NULL)$$),
	(31, $$evaluate('a * a', '{"a": 1e100000}')$$), (32, $$evaluate('a / b', '{"a": 1e131071, "b": 1e-100}')$$), (33, $$length(evaluate('a * a', '{"a": 1e60000}')::text)$$), (34, $$evaluate('a - a', '{"a": 1e131071}')$$)
) AS v (n, query)
ORDER BY n;

-- Random formulas beside the same expression in SQL, digit for digit.  Each
-- is generated twice at once: as a formula, and as SQL.
CREATE TYPE pair AS (formula text, sql text);
CREATE FUNCTION pg_temp.comparison(depth int) RETURNS pair LANGUAGE plpgsql AS $$
DECLARE
	kind int := floor(random() * CASE WHEN depth > 0 THEN 9 ELSE 6 END);
	op text;
	a pair;
	b pair;
BEGIN
	IF kind < 6 THEN
		a := pg_temp.number(depth - 1);
		b := pg_temp.number(depth - 1);
		op := (ARRAY['<', '<=', '=', '<>', '>=', '>'])[kind + 1];
		RETURN ROW (format('%s%s%s', a.formula, op, b.formula), format('(%s %s %s)', a.sql, op, b.sql))::pair;
	END IF;
	a := pg_temp.comparison(depth - 1);
	IF kind = 6 THEN
		RETURN ROW (format('(not (%s))', a.formula), format('(NOT %s)', a.sql))::pair;
	END IF;
	b := pg_temp.comparison(depth - 1);
	op := CASE kind WHEN 7 THEN 'and' ELSE 'or' END;
	RETURN ROW (format('((%s) %s (%s))', a.formula, op, b.formula), format('(%s %s %s)', a.sql, op, b.sql))::pair;
END $$;
CREATE FUNCTION pg_temp.number(depth int) RETURNS pair LANGUAGE plpgsql AS $$
DECLARE
	kind int := CASE WHEN depth > 0 THEN floor(random() * 13) ELSE 11 + floor(random() * 2) END;
	op text;
	a pair;
	b pair;
	c pair;
BEGIN
	IF kind = 11 THEN
		op := (ARRAY['a', 'b', 'c', 'd', 'n', 'z'])[1 + floor(random() * 6)];
		RETURN ROW (op, op)::pair;
	ELSIF kind = 12 THEN
		op := round((random() * 20)::numeric, floor(random() * 3)::int)::text;
		RETURN ROW (op, op || '::numeric')::pair;
	END IF;
	a := pg_temp.number(depth - 1);
	b := pg_temp.number(depth - 1);
	IF kind < 3 THEN
		op := (ARRAY['+', '-', '*'])[kind + 1];
		-- without brackets, so that precedence is the parser's, in both
		RETURN ROW (format('%s %s %s', a.formula, op, b.formula), format('%s %s %s', a.sql, op, b.sql))::pair;
	ELSIF kind = 3 THEN
		RETURN ROW (format('(%s) / (%s)', a.formula, b.formula), format('(%s) / nullif((%s), 0)', a.sql, b.sql))::pair;
	ELSIF kind = 4 THEN
		RETURN ROW (format('((%s) - (%s))', a.formula, b.formula), format('((%s) - (%s))', a.sql, b.sql))::pair;
	ELSIF kind = 5 THEN
		RETURN ROW (format('-(%s)', a.formula), format('(- (%s))', a.sql))::pair;
	ELSIF kind = 6 THEN
		RETURN ROW (format('min(%s, %s)', a.formula, b.formula), format('least(%s, %s)', a.sql, b.sql))::pair;
	ELSIF kind = 7 THEN
		RETURN ROW (format('max(%s, %s, 3)', a.formula, b.formula), format('greatest(%s, %s, 3::numeric)', a.sql, b.sql))::pair;
	ELSIF kind = 8 THEN
		RETURN ROW (format('coalesce(%s, %s)', a.formula, b.formula), format('coalesce(%s, %s)', a.sql, b.sql))::pair;
	ELSIF kind = 9 THEN
		RETURN ROW (format('round(abs(%s), 3)', a.formula), format('round(abs(%s), 3)', a.sql))::pair;
	END IF;
	c := pg_temp.comparison(depth - 1);
	RETURN ROW (format('if(%s, %s, %s)', c.formula, a.formula, b.formula), format('(CASE WHEN %s THEN %s ELSE %s END)', c.sql, a.sql, b.sql))::pair;
END $$;
CREATE FUNCTION pg_temp.plain(expression text, vars jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result numeric;
BEGIN
	EXECUTE format('SELECT (%s)::numeric FROM jsonb_to_record($1) AS v (a numeric, b numeric, c numeric, d numeric, n numeric, z numeric)', expression)
		INTO result USING vars;
	RETURN result::text;
END $$;
SELECT setseed(0.125);
CREATE TEMP TABLE random_formula AS
SELECT i, (p).formula, (p).sql FROM (SELECT i, pg_temp.number(1 + i % 4) AS p FROM generate_series(1, 1000) AS i OFFSET 0) AS g;
CREATE TEMP TABLE random_vars AS
SELECT jsonb_build_object('a', round((random() * 200 - 100)::numeric, 2), 'b', floor(random() * 10)::int, 'c', round((random() * 2 - 1)::numeric, 8), 'd', 1e10 * round(random()::numeric, 3), 'n', NULL, 'z', 0) AS vars
FROM generate_series(1, 3);
SELECT count(*) AS cases, count(*) FILTER (WHERE value IS NOT NULL) > 1500 AS many_values, count(*) FILTER (WHERE value IS DISTINCT FROM plain) AS differing, count(*) FILTER (WHERE again IS DISTINCT FROM plain) AS differing_when_printed
FROM (SELECT evaluate(formula::formula, vars)::text AS value, evaluate(formula::formula::text::formula, vars)::text AS again, pg_temp.plain(sql, vars) AS plain
	FROM random_formula, random_vars) AS r;
SELECT count(*) FILTER (WHERE formula::formula::text::formula <> formula::formula) AS not_read_back, count(*) FILTER (WHERE formula::formula::text::formula::text <> formula::formula::text) AS rewritten FROM random_formula;

-- In tables: parameters, stored and toasted formulas, change detection.
CREATE TABLE rule (id int PRIMARY KEY, f formula);
PREPARE fill(int, text) AS INSERT INTO rule VALUES ($1, $2);
EXECUTE fill(1, '0.6*kpi+0.4*peer');
PREPARE fill_varchar(int, varchar) AS INSERT INTO rule VALUES ($1, $2);
EXECUTE fill_varchar(2, '(0.6 * "kpi") + 0.4*peer');
EXECUTE fill_varchar(3, 'kpi +');
INSERT INTO rule VALUES (3, 'kpi'), (4, NULL);
INSERT INTO rule SELECT 5, f FROM large WHERE n = 7;
SELECT id, left(evaluate(f, '{"kpi": 90, "peer": 80.5, "a": 1}')::text, 20) AS value FROM rule ORDER BY id;
SELECT min(id) AS id, count(*) FROM rule GROUP BY f ORDER BY id;
SELECT a.id, b.id FROM rule AS a JOIN rule AS b ON a.f = b.f AND a.id < b.id;
SELECT 'a + b'::formula = 'b + a' AS swapped, 'a + 1'::formula = 'a + 1.0' AS scale, 'a != b'::text <> 'a <> b' AS text, ROW ('a+b'::formula) IS DISTINCT FROM ROW ('(a) + b'::formula) AS row_differs;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcintype = 'formula'::regtype;

-- Binary there and back.
CREATE TABLE rule_back (LIKE rule);
SELECT current_setting('data_directory') || '/rule.bin' AS file \gset
COPY rule TO :'file' (FORMAT binary);
COPY rule_back FROM :'file' (FORMAT binary);
SELECT count(*) AS rows, count(*) FILTER (WHERE a.f::text <> b.f::text OR a.f <> b.f) AS differing FROM rule AS a JOIN rule_back AS b USING (id);
-- Forged binary.
CREATE TABLE raw (bytes bytea);
CREATE TABLE received (f formula);
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file text := current_setting('data_directory') || '/raw_formula.bin';
	detail text;
BEGIN
	TRUNCATE raw, received;
	INSERT INTO raw VALUES (bytes);
	EXECUTE format('COPY raw TO %L (FORMAT binary)', file);
	EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
	RETURN (SELECT f FROM received);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' | ', SQLSTATE || ' ' || SQLERRM, nullif(detail, ''));
END $$;
SELECT n, pg_temp.receive(bytes)
FROM (VALUES
	(1, '\x01'::bytea || 'a+b'), (2, ''::bytea), (3, '\x01'::bytea), (4, '\x02'::bytea || 'a'), (5, 'a'::bytea), (6, '\x01'::bytea || 'a +'), (7, '\x01'::bytea || convert_to(repeat('(', 5000), 'UTF8')),
	(8, '\x01'::bytea || convert_to('a' || repeat('+a', 4000), 'UTF8')), (9, '\x01'::bytea || convert_to(repeat('a', 20000), 'UTF8')), (10, '\x01ff'::bytea), (11, '\x0161002b62'::bytea)
) AS v (n, bytes)
ORDER BY n;

DROP TABLE rule, rule_back, raw, received;
DROP TYPE pair CASCADE;
