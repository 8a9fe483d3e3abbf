/*
 * How far quarters strayed from plan: the plant's history through the import,
 * its coefficient before and after the introduction, and single quarters.
 */
BEGIN;
SET client_min_messages = warning;
SET search_path = perf, perf_mgmt, public;
\encoding UTF8
SELECT plan(41);
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';

CREATE FUNCTION pg_temp.said(r record) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN format('%s %s records: %s accepted, %s unchanged, %s rejected', r.kind, r.records, r.accepted, r.unchanged, r.rejected);
END;
$$;
CREATE FUNCTION pg_temp.errors() RETURNS SETOF import_error LANGUAGE sql AS $$
	SELECT e.* FROM import_error e WHERE e.run_id = (SELECT max(l.run_id) FROM import_log l) ORDER BY e.error_no
$$;

-- ---------------------------------------------------------------------------------------
-- The plant's file
-- ---------------------------------------------------------------------------------------
\copy import_line (line) from 'demo/data/部门.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(r.rejected, 0::bigint, 'The plant''s departments are there') FROM import_run('部门') r;
\copy import_line (line) from 'demo/data/历史达成.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'attainment_history 70 records: 70 accepted, 0 unchanged, 0 rejected', 'Fourteen quarters of five departments land') FROM import_run('历史达成') r;
\copy import_line (line) from 'demo/data/历史达成.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'attainment_history 70 records: 0 accepted, 70 unchanged, 0 rejected', 'The same file again changes nothing') FROM import_run('attainment_history') r;
SELECT is((SELECT count(*) FROM cycle), 0::bigint, 'and the quarters need no cycles');

-- figures by hand: KS missed or beat its plans by 28, 45, 33, 41, 52, 22, 47, 36, 30, 39, 35, 36 percent, then by 21 and 15
SELECT results_eq($$SELECT span::text, quarters, mean_deviation, worst_deviation, bias, skipped FROM attainment_volatility WHERE department_code = 'KS' ORDER BY span$$, $$VALUES
	('2022', 1::bigint, NULL::numeric, NULL::numeric, NULL::numeric, 0::bigint),
	('2023', 4, 0.427500, 0.520000, -0.262500, 0),
	('2024', 4, 0.337500, 0.470000, -0.102500, 0),
	('2025', 3, 0.366667, 0.390000, -0.126667, 0),
	('2026', 2, 0.180000, 0.210000, -0.030000, 0)$$,
	'Years stand alone while nobody says when it was introduced; a single quarter has no volatility');
UPDATE setting SET value = '2025-10-01' WHERE key = 'introduced_on';
SELECT results_eq($$SELECT span::text, department::text, quarters, mean_deviation, worst_deviation, bias, wape, rmse FROM attainment_volatility
		WHERE department_code = 'KS' AND span IN ('before', 'after') ORDER BY span DESC$$, $$VALUES
	('before', (SELECT name::text FROM department WHERE code = 'KS'), 12::bigint, 0.370000, 0.520000, -0.176667, 0.370126, 0.378748),
	('after', (SELECT name::text FROM department WHERE code = 'KS'), 2, 0.180000, 0.210000, -0.030000, 0.178875, 0.182483)$$,
	'The plant strayed by 37 percent, at worst 52, before the introduction, and by 18 after it');
SELECT results_eq($$SELECT department_code::text, span::text, quarters, mean_deviation, worst_deviation FROM attainment_volatility
		WHERE span IN ('before', 'after') AND department_code <> 'KS' ORDER BY department_code, span DESC$$, $$VALUES
	('KS-SC', 'before', 12::bigint, 0.377909, 0.548974), ('KS-SC', 'after', 2, 0.219064, 0.221029),
	('KS-XS', 'before', 12, 0.356437, 0.540916), ('KS-XS', 'after', 2, 0.111107, 0.185065),
	('KS-YF', 'before', 12, 0.380641, 0.570000), ('KS-YF', 'after', 2, 0.206492, 0.233766),
	('KS-ZN', 'before', 12, 0.367965, 0.527027), ('KS-ZN', 'after', 2, 0.239223, 0.243506)$$,
	'Each department by its own rows');
SELECT is((SELECT count(*) FROM attainment_volatility), 35::bigint, 'One row a department and span: five of five years, before and after');
SELECT is_empty($$SELECT department_code, span FROM attainment_volatility GROUP BY 1, 2 HAVING count(*) > 1$$, 'none of them twice');

-- ---------------------------------------------------------------------------------------
-- Days
-- ---------------------------------------------------------------------------------------
SELECT is((SELECT quarters FROM attainment_volatility_at('2026-06-29') WHERE department_code = 'KS' AND span = 'after'), 1::bigint, 'A quarter does not count before its last day');
SELECT is((SELECT mean_deviation FROM attainment_volatility_at('2026-06-29') WHERE department_code = 'KS' AND span = 'after'), NULL, 'one quarter has no volatility');
SELECT is((SELECT quarters FROM attainment_volatility_at('2026-06-30') WHERE department_code = 'KS' AND span = 'after'), 2::bigint, 'from its last day on it does');
SELECT is_empty($$SELECT * FROM attainment_volatility_at('2022-12-30')$$, 'Before the first quarter was over there is nothing');
SELECT is_empty($$SELECT * FROM attainment_volatility_at(NULL)$$, 'Nor is there without a day');
UPDATE setting SET value = '2025-09-30' WHERE key = 'introduced_on';
SELECT results_eq($$SELECT span::text, quarters FROM attainment_volatility WHERE department_code = 'KS' AND span IN ('before', 'after') ORDER BY span$$,
	$$VALUES ('after', 2::bigint), ('before', 11)$$, 'A quarter in which it was introduced is neither before nor after');
UPDATE setting SET value = '2026-01-01' WHERE key = 'introduced_on';
SELECT results_eq($$SELECT span::text, quarters FROM attainment_volatility WHERE department_code = 'KS' AND span IN ('before', 'after') ORDER BY span$$,
	$$VALUES ('after', 2::bigint), ('before', 12)$$, 'A quarter that begins with it is after it');
SELECT throws_ok($$UPDATE setting SET value = '2025-13-01' WHERE key = 'introduced_on'$$, '22008', NULL, 'It is a day');
SELECT throws_ok($$UPDATE setting SET value = 'infinity' WHERE key = 'introduced_on'$$, '22023', 'value "infinity" is out of range for setting "introduced_on"', 'of the calendar');

-- as then known
UPDATE setting SET value = '2025-10-01' WHERE key = 'introduced_on';
UPDATE attainment_history SET actual = 8300 WHERE quarter = '2026Q2' AND department_id = department_id_of('KS');
SELECT is((SELECT mean_deviation FROM attainment_volatility WHERE department_code = 'KS' AND span = 'after'), 0.105000, 'A corrected actual holds from today on');
SELECT is((SELECT mean_deviation FROM attainment_volatility_at('2026-09-17') WHERE department_code = 'KS' AND span = 'after'), 0.18, 'and not for days on which it was not known');
DELETE FROM attainment_history WHERE quarter = '2026Q1' AND department_id = department_id_of('KS');
SELECT is((SELECT quarters FROM attainment_volatility WHERE department_code = 'KS' AND span = 'after'), 1::bigint, 'So does a deleted one');
SELECT is((SELECT quarters FROM attainment_volatility_at('2026-09-17') WHERE department_code = 'KS' AND span = 'after'), 2::bigint, 'which was still known yesterday');

-- ---------------------------------------------------------------------------------------
-- Plans of 0, and numbers at the edges
-- ---------------------------------------------------------------------------------------
INSERT INTO department (code, name) VALUES ('T1', 'T1'), ('T2', 'T2'), ('T3', 'T3');
INSERT INTO attainment_history (quarter, department_id, plan, actual, recorded_from)
	SELECT v.quarter, department_id_of(v.code), v.plan, v.actual, '-infinity'
		FROM (VALUES ('2024Q1', 'T1', 0, 5), ('2024Q2', 'T1', 100, 63), ('2024Q3', 'T1', 100, 152), ('2024Q4', 'T1', -100, -80),
			('2024Q1', 'T2', 0, 0), ('2024Q2', 'T2', 10, 11)) AS v(quarter, code, plan, actual);
SELECT results_eq($$SELECT quarters, mean_deviation, worst_deviation, bias, skipped FROM attainment_volatility WHERE department_code = 'T1' AND span = '2024'$$,
	$$VALUES (3::bigint, 0.363333, 0.520000, 0.116667, 1::bigint)$$, 'A plan of 0 is skipped and counted beside; a negative one counts by its size');
SELECT results_eq($$SELECT quarters, mean_deviation, wape, skipped FROM attainment_volatility WHERE department_code = 'T2' AND span = '2024'$$,
	$$VALUES (1::bigint, NULL::numeric, NULL::numeric, 1::bigint)$$, 'A skipped quarter is none of the two that it takes');
INSERT INTO attainment_history (quarter, department_id, plan, actual, recorded_from)
	SELECT q, department_id_of('T3'), 0.000001, -999999999999999999.999999, '-infinity' FROM unnest(ARRAY['2024Q1', '2024Q2']) q;
SELECT is(worst_deviation, 1000000000000000000000000.000000, 'The largest deviation that can be fits into the view') FROM attainment_volatility WHERE department_code = 'T3' AND span = '2024';

PREPARE bad(text, numeric, numeric) AS INSERT INTO attainment_history (quarter, department_id, plan, actual) VALUES ($1, department_id_of('T3'), $2, $3);
SELECT throws_ok($$EXECUTE bad('2025Q1', 'NaN', 1)$$, '23514', NULL, 'NaN is no plan');
SELECT throws_ok($$EXECUTE bad('2025Q1', '-Infinity', 1)$$, '23514', NULL, 'nor is the infinite');
SELECT throws_ok($$EXECUTE bad('2025Q1', 1, 'NaN')$$, '23514', NULL, 'NaN is no actual');
SELECT throws_ok($$EXECUTE bad('2025Q1', 1, 'Infinity')$$, '23514', NULL, 'nor is the infinite');
SELECT throws_ok($$EXECUTE bad('2025Q1', 0.0000001, 1)$$, '23514', NULL, 'A plan next to 0 is none');
SELECT throws_ok($$EXECUTE bad('2025Q5', 1, 1)$$, '23514', NULL, 'A year has four quarters');
SELECT throws_ok($$EXECUTE bad('2024Q1', 1, 1)$$, '23505', NULL, 'Each of them once a department');

SELECT results_eq($$SELECT q, quarter_days(q) FROM unnest(ARRAY['2026Q1', '2025Q4', '2024Q0', '2024q1', ' 2024Q1', '2024Q11', '1899Q1', '']) WITH ORDINALITY AS u(q, n) ORDER BY n$$,
	$$VALUES ('2026Q1', daterange('2026-01-01', '2026-04-01')), ('2025Q4', daterange('2025-10-01', '2026-01-01')),
		('2024Q0', NULL), ('2024q1', NULL), (' 2024Q1', NULL), ('2024Q11', NULL), ('1899Q1', NULL), ('', NULL)$$,
	'Quarters have days, what is none has not');

-- ---------------------------------------------------------------------------------------
-- A careless file
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.said(r), 'attainment_history 11 records: 2 accepted, 1 unchanged, 8 rejected', 'Of a careless file, the good records land')
	FROM import_text('历史达成', E'季度,部门编码,计划,实际\n2027Q1,KS,"1,000",９００\n2022Q5,KS,1,1\n2027Q2,XX,1,1\n2027Q2,KS,many,1\n2027Q2,KS-SC,1,NaN\n'
		'2027Q1,KS,1000,901\n2022Q4,KS,6600,4753\n2022Q4,KS-SC,3432.0,2429\n2027Q3,KS,,1\n2027Q3,KS-SC,0.0000001,1\n2027Q4,KS,0,-3') r;
SELECT results_eq($$SELECT line, column_name::text, value::text, reason::text FROM pg_temp.errors()$$, $$VALUES
	(3::bigint, '季度', '2022Q5', '季度 2022Q5 不是季度(应如 2026Q3)'),
	(4, '部门编码', 'XX', '部门 XX 不存在'),
	(5, '计划', 'many', '计划 many 不是数字'),
	(6, '实际', 'NaN', '实际 NaN 不是有限的数'),
	(7, '季度', '2027Q1', '季度 2027Q1 KS 与本文件第 1 条记录重复(保留先出现的)'),
	(8, '季度', '2022Q4', '季度 2022Q4 KS 已存在,实际 不同'),
	(10, '计划', NULL, '缺必填:计划'),
	(11, '计划', '0.0000001', '计划 0.0000001 超出范围')$$,
	'and the others are listed with line, column and reason');
SELECT results_eq($$SELECT quarter::text, plan, actual FROM attainment_history WHERE quarter > '2027' ORDER BY quarter$$,
	$$VALUES ('2027Q1', 1000::numeric, 900::numeric), ('2027Q4', 0, -3)$$, 'What landed is what was meant');
SELECT is_empty($$SELECT * FROM attainment_volatility WHERE span = '2027'$$, 'but does not count before its time');
UPDATE setting SET value = 'en' WHERE key = 'locale';
SELECT is(pg_temp.said(r), 'attainment_history 1 records: 0 accepted, 0 unchanged, 1 rejected', 'An English file')
	FROM import_text('attainment_history', E'quarter,department_code,plan,actual\n2026-Q3,KS,1,1') r;
SELECT is(reason::text, 'quarter 2026-Q3 is not a quarter such as 2026Q3', 'gets English reasons') FROM pg_temp.errors();

-- ---------------------------------------------------------------------------------------
-- Readers
-- ---------------------------------------------------------------------------------------
SELECT columns_are('perf', 'attainment_volatility', ARRAY['department_code', 'span', 'department', 'quarters', 'mean_deviation', 'worst_deviation', 'bias', 'wape', 'rmse', 'skipped'],
	'The view has its columns');
SELECT throws_ok($$DELETE FROM department WHERE code = 'KS-XS'$$, '23503', NULL, 'A department with a history stays');

SELECT * FROM finish();
ROLLBACK;
