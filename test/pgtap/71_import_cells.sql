/* How single cells are read: what people type, and what they must not. */
BEGIN;
SET client_min_messages = warning;
SET search_path = perf, perf_mgmt, public;
SELECT plan(16);

CREATE TEMP TABLE cell (value_type text, cell text, value text, fault text);

-- numbers
INSERT INTO cell VALUES
	('number', '0', '0'), ('number', '-5', '-5'), ('number', '+5', '5'), ('number', '007', '007'), ('number', '84.00', '84.00'),
	('number', '1,200', '1200'), ('number', '12,345,678.9', '12345678.9'), ('number', '１００', '100'), ('number', '１，２００', '1200'),
	('number', '－５．５', '-5.5'), ('number', '−5', '-5'), ('number', '.5', '0.5'), ('number', '5.', '5'), ('number', '1.2E+05', '120000'),
	('number', '1e-3', '0.001'), ('number', '999999999999999999', '999999999999999999'), ('number', '0.12345678901234567890', '0.12345678901234567890'),
	('percent', '100%', '100'), ('percent', '33.33', '33.33'), ('percent', '１００％', '100'), ('percent', '-20', '-20'), ('percent', '85 %', '85'),
	('fraction', '0.08', '0.08'), ('fraction', '8%', '0.08'), ('fraction', '100%', '1.00'), ('fraction', '1.2', '1.2'),
	('measure', '85%', '85%'), ('measure', '85', '85'), ('measure', '８５％', '85%'), ('measure', '-1,000', '-1000');
INSERT INTO cell VALUES
	('number', '三十', NULL, 'not_number'), ('number', 'abc', NULL, 'not_number'), ('number', '1 200', NULL, 'not_number'), ('number', '1,20', NULL, 'not_number'),
	('number', '12,34', NULL, 'not_number'), ('number', '1.2.3', NULL, 'not_number'), ('number', '-', NULL, 'not_number'), ('number', '%', NULL, 'not_number'),
	('number', '.', NULL, 'not_number'), ('number', '50%', NULL, 'not_number'), ('number', '0x1F', NULL, 'not_number'), ('number', '1_000', NULL, 'not_number'),
	('number', '٣', NULL, 'not_number'), ('number', '1e', NULL, 'not_number'),
	('number', 'NaN', NULL, 'not_finite'), ('number', 'Infinity', NULL, 'not_finite'), ('percent', '-inf', NULL, 'not_finite'), ('measure', 'ＮａＮ', NULL, 'not_finite'),
	('number', '∞', NULL, 'not_finite'),
	('number', '1e40', NULL, 'out_of_range'), ('number', '1e18', NULL, 'out_of_range'), ('number', '1000000000000000000', NULL, 'out_of_range'),
	('number', '1e999999999', NULL, 'out_of_range'), ('number', '1e-200', NULL, 'out_of_range'), ('number', repeat('9', 49), NULL, 'out_of_range'),
	('number', '=1+1', NULL, 'formula');

-- days
INSERT INTO cell VALUES
	('date', '2026-09-30', '2026-09-30'), ('date', '2026-9-3', '2026-09-03'), ('date', '2026/9/30', '2026-09-30'), ('date', '2026/09/30', '2026-09-30'),
	('date', '2026.9.30', '2026-09-30'), ('date', '2026年9月30日', '2026-09-30'), ('date', '20260930', '2026-09-30'), ('date', '２０２６－０９－３０', '2026-09-30'),
	('date', '２０２６年９月３０日', '2026-09-30'), ('date', '2024-02-29', '2024-02-29'), ('date', '2000-02-29', '2000-02-29'), ('date', '2026/9/30 0:00', '2026-09-30'),
	('date', '2026-12-31', '2026-12-31'), ('date', '1900-01-01', '1900-01-01'), ('date', '2999-12-31', '2999-12-31');
INSERT INTO cell VALUES
	('date', '2026-02-29', NULL, 'not_date'), ('date', '2026-02-30', NULL, 'not_date'), ('date', '1900-02-29', NULL, 'not_date'), ('date', '2026-04-31', NULL, 'not_date'),
	('date', '2026-13-01', NULL, 'not_date'), ('date', '2026-00-01', NULL, 'not_date'), ('date', '2026-01-00', NULL, 'not_date'), ('date', '2026年13月1日', NULL, 'not_date'),
	('date', '0026-09-30', NULL, 'not_date'), ('date', '12026-09-30', NULL, 'not_date'), ('date', '30.9.2026', NULL, 'not_date'), ('date', '9/30/2026', NULL, 'not_date'),
	('date', '2026-9/30', NULL, 'not_date'), ('date', '2026-09-30 8:00', NULL, 'not_date'), ('date', '46295', NULL, 'not_date'), ('date', 'NaN', NULL, 'not_date'),
	('date', 'infinity', NULL, 'not_date'), ('date', 'today', NULL, 'not_date'), ('date', '2026-09', NULL, 'not_date'), ('date', '=TODAY()', NULL, 'formula');

-- moments
INSERT INTO cell VALUES
	('moment', '2025-10-09T09:17:03+08:00', '2025-10-09T09:17:03+08:00'), ('moment', '2025-10-09T01:17:03Z', '2025-10-09T01:17:03Z'),
	('moment', '2025-10-31T09:17:03+08:00', '2025-10-31T09:17:03+08:00'), ('moment', '2025-10-09 09:17:03', '2025-10-09T01:17:03.000000Z'),
	('moment', '2025/10/9 9:17', '2025-10-09T01:17:00.000000Z'), ('moment', '2025年10月9日 9:17', '2025-10-09T01:17:00.000000Z'),
	('moment', '2025-10-09', '2025-10-08T16:00:00.000000Z'), ('moment', '2025-10-09T09:17:03.5+0800', '2025-10-09T09:17:03.5+0800'),
	('moment', '２０２５－１０－０９Ｔ０９：１７：０３', '2025-10-09T01:17:03.000000Z');
INSERT INTO cell VALUES
	('moment', '2025-10-09T24:00:00+08:00', NULL, 'not_moment'), ('moment', '2025-10-09T09:60:00+08:00', NULL, 'not_moment'), ('moment', '2025-10-09T09:00:60Z', NULL, 'not_moment'),
	('moment', '2025-02-30T09:00:00Z', NULL, 'not_moment'), ('moment', '2025-10-09T09:00:00+15:00', NULL, 'not_moment'), ('moment', '2025-10-09T09:00:00+08:60', NULL, 'not_moment'),
	('moment', '2025-10-09T09:00:00 Asia/Shanghai', NULL, 'not_moment'), ('moment', '09:17', NULL, 'not_moment'), ('moment', 'now', NULL, 'not_moment');

-- codes, names, texts
INSERT INTO cell VALUES
	('code', 'KS9002', 'KS9002'), ('code', 'ＫＳ９００２', 'KS9002'), ('code', 'ｋｓ－０１', 'ks-01'), ('code', '𠮷1', '𠮷1'), ('code', '-1', '-1'),
	('codes', 'T1;T2', 'T1;T2'), ('codes', 'T1; T2 ;', 'T1;T2'), ('codes', 'Ｔ１；T2，T3、T4', 'T1;T2;T3;T4'),
	('list', 'oss://a/1.jpg#ab;oss://b', 'oss://a/1.jpg#ab;oss://b'), ('list', ' oss://照片/1.jpg ； b', 'oss://照片/1.jpg;b'),
	('name', '王 芳', '王 芳'), ('name', '𠮷田𬀩', '𠮷田𬀩'), ('name', 'ＡＢ', 'ＡＢ'), ('name', '1-2', '1-2'),
	('text', '-5℃ 低温试验', '-5℃ 低温试验'), ('text', '+10% 产量', '+10% 产量'), ('text', '@张三 请看', '@张三 请看'), ('text', 'a=b', 'a=b'),
	('curve', 'linear( 0:0,100:100 )', 'linear(0:0, 100:100)');
INSERT INTO cell VALUES
	('code', '=A1', NULL, 'formula'), ('code', '＝A1', NULL, 'formula'), ('code', '@x', NULL, 'formula'), ('code', E'A\x01', NULL, 'control_character'),
	('code', repeat('x', 51), NULL, 'too_long'), ('codes', 'T1;=2', NULL, 'not_list'), ('codes', ';', NULL, 'not_list'), ('list', 'a;=HYPERLINK("x")', NULL, 'not_list'),
	('list', '=x', NULL, 'formula'),
	('name', '=1+1', NULL, 'formula'), ('name', '＝1', NULL, 'formula'), ('name', '+1', NULL, 'formula'), ('name', '-1', NULL, 'formula'), ('name', '@SUM(1)', NULL, 'formula'),
	('name', E'a\x07', NULL, 'control_character'), ('name', repeat('长', 51), NULL, 'too_long'),
	('text', '=1', NULL, 'formula'), ('text', '@SUM(1+1)', NULL, 'formula'), ('text', '-2+3+cmd|'' /C calc''!A0', NULL, 'formula'), ('text', '+HYPERLINK ("x")', NULL, 'formula'),
	('curve', 'linear(1:0, 0:100)', NULL, 'not_curve'), ('curve', 'version()', NULL, 'not_curve');

SELECT is_empty($$
	SELECT c.value_type, c.cell, c.value AS wanted, import_value(c.value_type, c.cell, 50, 'Asia/Shanghai') AS got
		FROM cell c WHERE import_value(c.value_type, c.cell, 50, 'Asia/Shanghai') IS DISTINCT FROM c.value
$$, 'Every cell has the value it means, or none');
SELECT is_empty($$
	SELECT c.value_type, c.cell, c.fault AS wanted, (import_fault(c.value_type, c.cell, 50)).code AS got
		FROM cell c WHERE c.fault IS NOT NULL AND (import_fault(c.value_type, c.cell, 50)).code <> c.fault
$$, 'and where none, the right reason');
SELECT is_empty($$SELECT c.fault FROM cell c WHERE c.fault IS NOT NULL AND NOT EXISTS (SELECT FROM import_message m WHERE m.code = c.fault)$$, 'for which there is a message');
SELECT is((SELECT count(*) FROM cell WHERE value IS NULL) > 50 AND (SELECT count(*) FROM cell WHERE value IS NOT NULL) > 50, true, 'There was something to look at');
SELECT is_empty($$SELECT c.cell FROM cell c WHERE c.value_type IN ('number', 'percent', 'fraction') AND c.value IS NOT NULL AND c.value::numeric IS NULL$$, 'Numbers are numbers');
SELECT is_empty($$SELECT c.cell, c.value::timestamptz FROM cell c WHERE c.value_type = 'moment' AND c.value LIKE '%T01:17:03%' AND c.value::timestamptz <> '2025-10-09 09:17:03+08'$$,
	'A moment without an offset is one in the workspace''s zone');
SELECT is(import_value('name', repeat('x', 100001), NULL, 'UTC'), NULL, 'No cell is longer than 100000 characters');

-- splitting
CREATE FUNCTION pg_temp.records(VARIADIC lines text[]) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s@%s%s', r.record_no, r.line, r.cells::text), ' ' ORDER BY r.record_no) FROM unnest(import_split(lines)) r
$$;
SELECT is(pg_temp.records('a,b', '1,2'), '0@1{a,b} 1@2{1,2}', 'Plain lines');
SELECT is(pg_temp.records(E'\uFEFFa,b', ' 1 ,　2　', ',', '', '3,'), '0@1{a,b} 1@2{1,2} 2@5{3,NULL}', 'A byte order mark, blanks of both widths, blank records');
SELECT is(pg_temp.records('a', '"x,""y"""'), '0@1{a} 1@2{"x,\"y\""}', 'Quotes');
SELECT is(pg_temp.records('a,b', '"x', 'y","z', '', '""w"""', '5,6'), '0@1{a,b} 1@2{"x y","z \"w\""} 2@6{5,6}', 'Cells over several lines, one closing where the next opens');
SELECT is(pg_temp.records('a,b', '5" pipe,6"', '"7"" pipe" ,8'), E'0@1{a,b} 1@2{"5\\" pipe","6\\""} 2@3{"7\\" pipe",8}', 'Stray quotes and blanks behind a quote are kept or trimmed');
SELECT is(pg_temp.records('"a","b"', '"",""""', '"x"y,z'), E'0@1{a,b} 1@2{NULL,"\\""} 2@3{xy,z}', 'Empty quotes, a lone quote, text behind a quote');
SELECT throws_ok($$SELECT import_split(ARRAY['a', '"x""'])$$, '22P04', 'a quoted cell that begins on line 2 is never closed', 'A doubled quote closes nothing');
SELECT throws_ok($$SELECT import_split(NULL)$$, '22P04', 'the file is empty', 'No lines, no file');
SELECT is((SELECT count(*) FROM unnest(import_split(ARRAY(SELECT CASE WHEN n % 2 = 1 THEN '"a' ELSE 'b"' END FROM generate_series(1, 20000) n)))), 10000::bigint,
	'Ten thousand cells over two lines each');

SELECT * FROM finish();
ROLLBACK;
