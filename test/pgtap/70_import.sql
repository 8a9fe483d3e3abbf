/*
 * What HR hands over: the plant's clean files, then the same company's
 * careless ones, record by record as the list beside them says
 * (demo/data/脏数据/说明.md).
 */
BEGIN;
SET client_min_messages = warning;
SET search_path = perf, perf_mgmt, public;
\encoding UTF8
SELECT plan(68);
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';

CREATE FUNCTION pg_temp.said(r record) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN format('%s %s records: %s accepted, %s unchanged, %s rejected%s', r.kind, r.records, r.accepted, r.unchanged, r.rejected,
		CASE WHEN r.dry_run THEN ' in a dry run' ELSE '' END);
END;
$$;
CREATE FUNCTION pg_temp.errors() RETURNS SETOF import_error LANGUAGE sql AS $$
	SELECT e.* FROM import_error e WHERE e.run_id = (SELECT max(l.run_id) FROM import_log l) ORDER BY e.error_no
$$;

-- ---------------------------------------------------------------------------------------
-- The clean files, streamed as they are
-- ---------------------------------------------------------------------------------------
\copy import_line (line) from 'demo/data/部门.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'department 17 records: 17 accepted, 0 unchanged, 0 rejected', 'Departments: 17 records land') FROM import_run('部门') r;
\copy import_line (line) from 'demo/data/员工.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'employee 300 records: 300 accepted, 0 unchanged, 0 rejected', 'Employees: 300 records land') FROM import_run('员工') r;
\copy import_line (line) from 'demo/data/指标.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'indicator 22 records: 22 accepted, 0 unchanged, 0 rejected', 'Indicators: 22 records land') FROM import_run('指标.csv') r;
\copy import_line (line) from 'demo/data/周期.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'cycle 34 records: 34 accepted, 0 unchanged, 0 rejected', 'Cycles: 34 records land') FROM import_run('cycle') r;
\copy import_line (line) from 'demo/data/目标.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'goal 3930 records: 3930 accepted, 0 unchanged, 0 rejected', 'Goals: 3930 records land') FROM import_run('目标') r;
SELECT is((SELECT count(*) FROM import_line), 0::bigint, 'The lines are taken away');
SELECT is((SELECT count(*) FROM goal), 3930::bigint, 'They are in the table');

-- the same again, from GB18030, found out by itself and named
\copy import_line (line) from 'demo/data/gb18030/员工.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'GB18030')
SELECT is(pg_temp.said(r), 'employee 300 records: 0 accepted, 300 unchanged, 0 rejected', 'The GB18030 copy of the employees says the same, character by character') FROM import_run('员工') r;
\lo_import demo/data/gb18030/目标.csv
SELECT is(pg_temp.said(r), 'goal 3930 records: 0 accepted, 3930 unchanged, 0 rejected', 'So does that of the goals, its encoding found out')
	FROM import_file('目标', lo_get(:LASTOID)) r;
\lo_unlink :LASTOID

-- ---------------------------------------------------------------------------------------
-- 员工.csv of the careless: 10 accepted, 16 rejected
-- ---------------------------------------------------------------------------------------
\lo_import demo/data/脏数据/员工.csv
\set staff :LASTOID
SELECT is(pg_temp.said(r), 'employee 26 records: 10 accepted, 0 unchanged, 16 rejected in a dry run', 'A dry run says what would happen: 10 would land, 16 would not')
	FROM import_file('员工', lo_get(:staff), true) r;
SELECT is((SELECT count(*) FROM employee WHERE employee_no LIKE 'KS9%'), 0::bigint, 'and changes nothing');
CREATE TEMP TABLE foretold AS SELECT * FROM pg_temp.errors();
\copy import_line (line) from program 'tr -d "\r" < demo/data/脏数据/员工.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'employee 26 records: 10 accepted, 0 unchanged, 16 rejected', '员工: 10 accepted, 16 rejected') FROM import_run('员工') r;
SELECT results_eq($$SELECT line, record_no, column_name::text, value::text, reason::text FROM pg_temp.errors()$$, $$VALUES
	(13::bigint, 11, '部门编码', 'KS-99', '部门 KS-99 不存在'),
	(14, 12, '直属上级工号', 'KS9999', '上级 KS9999 不存在'),
	(15, 13, '入职日期', '2026-02-30', '入职日期 2026-02-30 不是日期'),
	(16, 14, '入职日期', '2026年13月1日', '入职日期 2026年13月1日 不是日期'),
	(17, 15, '工号', 'KS9001', '工号 KS9001 与本文件第 1 条记录重复(保留先出现的)'),
	(18, 16, '工号', 'KS0006', '工号 KS0006 已存在,姓名、岗位、上级、入职日期 不同'),
	(19, 17, '姓名', NULL, '缺必填:姓名'),
	(20, 18, '工号', NULL, '缺必填:工号'),
	(21, 19, '入职日期', NULL, '缺必填:入职日期'),
	(22, 20, '离职日期', '2026-08-31', '离职日期早于入职日期'),
	(23, 21, '直属上级工号', 'KS9022', '上级成环:KS9021 → KS9022 → KS9021'),
	(24, 22, '直属上级工号', 'KS9021', '上级成环:KS9022 → KS9021 → KS9022'),
	(25, 23, '直属上级工号', 'KS9023', '上级是自己'),
	(26, 24, '姓名', '=cmd|''/C calc''!A0', '姓名以 = 开头,是公式注入'),
	(27, 25, '入职日期', 'NaN', '入职日期 NaN 不是日期'),
	(28, 26, NULL, NULL, '8 列,应为 7 列')$$,
	'Each rejected one with line, column, value and reason');
SELECT results_eq($$SELECT line, column_name, value, reason, code, field, record FROM pg_temp.errors()$$,
	$$SELECT line, column_name, value, reason, code, field, record FROM foretold ORDER BY error_no$$, 'as the dry run foretold');
SELECT is((SELECT record::text FROM pg_temp.errors() WHERE line = 28), 'KS9026,赵多列,KS-SC-01,磨工,KS0006,2026-09-01,,备注', 'with the record itself');
SELECT results_eq($$
	SELECT e.employee_no::text, e.name::text, d.code::text, e.job_title::text, m.employee_no::text, e.hired_on, e.left_on
		FROM employee e
		JOIN assignment a ON a.employee_id = e.employee_id AND a.during = daterange(e.hired_on, e.left_on + 1)
		JOIN department d ON d.department_id = a.department_id
		JOIN employee m ON m.employee_id = a.manager_id
		WHERE e.employee_no LIKE 'KS9%' ORDER BY e.employee_no$$, $$VALUES
	('KS9001', '李小明', 'KS-SC-01', '数控车工', 'KS0006', '2026-09-01'::date, NULL::date),
	('KS9002', '李小明', 'KS-SC-01', '数控车工', 'KS0006', '2026-09-01', NULL),
	('KS9003', '李小明', 'KS-SC-01', '数控车工', 'KS0006', '2026-09-30', NULL),
	('KS9004', '李小明', 'KS-SC-01', '数控车工', 'KS0006', '2026-09-30', NULL),
	('KS9005', '王 芳', 'KS-SC-01', '数控车工', 'KS0006', '2026-09-01', NULL),
	('KS9006', '李小明', 'KS-SC-01', '高级 数控车工', 'KS0006', '2026-09-01', NULL),
	('KS9007', '李小明', 'KS-SC-01', '数控车工', 'KS9008', '2026-09-01', NULL),
	('KS9008', '欧阳,Peter', 'KS-SC-01', '班组长', 'KS0006', '2026-09-01', NULL),
	('KS9009', '𠮷田𬀩', 'KS-SC-01', '数控车工', 'KS0006', '2026-09-01', NULL),
	('KS9010', '李小明', 'KS-SC-01', '数控车工', 'KS0006', '2026-09-01', '2026-09-15')$$,
	'Each accepted one with the values that the list names');
SELECT is(pg_temp.said(r), 'employee 26 records: 0 accepted, 10 unchanged, 16 rejected', 'Again: the 10 are unchanged, the 16 rejected again')
	FROM import_file('员工', lo_get(:staff)) r;
SELECT results_eq($$SELECT line, column_name, value, reason FROM pg_temp.errors()$$,
	$$SELECT line, column_name, value, reason FROM foretold ORDER BY error_no$$, 'for the same reasons');
SELECT is((SELECT count(*) FROM employee), 310::bigint, 'Nobody is there twice');

-- ---------------------------------------------------------------------------------------
-- 目标.csv of the careless: 14 accepted, 24 rejected
-- ---------------------------------------------------------------------------------------
\lo_import demo/data/脏数据/目标.csv
\set goals :LASTOID
SELECT is(pg_temp.said(r), 'goal 38 records: 14 accepted, 0 unchanged, 24 rejected in a dry run', 'A dry run of the goals') FROM import_file('目标', lo_get(:goals), true) r;
SELECT is((SELECT count(*) FROM goal), 3930::bigint, 'changes nothing');
TRUNCATE foretold;
INSERT INTO foretold SELECT * FROM pg_temp.errors();
\copy import_line (line) from program 'tr -d "\r" < demo/data/脏数据/目标.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'goal 38 records: 14 accepted, 0 unchanged, 24 rejected', '目标: 14 accepted, 24 rejected') FROM import_run('目标') r;
SELECT results_eq($$SELECT line, record_no, column_name::text, value::text, reason::text FROM pg_temp.errors()$$, $$VALUES
	(17::bigint, 15, '负责人工号', 'KS9999', '负责人工号 KS9999 不存在'),
	(18, 16, '截止日期', '2026-02-30', '截止日期 2026-02-30 不是日期'),
	(19, 17, '权重', '三十', '权重 三十 不是数字'),
	(20, 18, '权重', '-20', '权重 -20 为负'),
	(21, 19, '目标值', '80', '目标值等于基线(80),完成度无定义'),
	(22, 20, '目标编号', 'D26Q4-001', '目标编号 D26Q4-001 与本文件第 1 条记录重复(保留先出现的)'),
	(23, 21, '目标编号', 'G26Q3-0001', '目标编号 G26Q3-0001 已存在,周期、负责人工号、部门、类型、名称、指标、权重、基线、目标值、开始日期、截止日期、状态 不同'),
	(24, 22, '上级目标编号', 'D26Q4-023', '上级成环:D26Q4-022 → D26Q4-023 → D26Q4-022'),
	(25, 23, '上级目标编号', 'D26Q4-022', '上级成环:D26Q4-023 → D26Q4-022 → D26Q4-023'),
	(26, 24, '上级目标编号', 'D26Q4-024', '上级是自己'),
	(27, 25, '名称', NULL, '缺必填:名称'),
	(28, 26, '负责人工号', NULL, '缺必填:负责人工号'),
	(29, 27, '目标值', '1e40', '目标值 1e40 超出范围'),
	(30, 28, '目标值', 'NaN', '目标值 NaN 不是有限的数'),
	(31, 29, '权重', 'Infinity', '权重 Infinity 不是有限的数'),
	(32, 30, '名称', '=cmd|''/C calc''!A0', '名称以 = 开头,是公式注入'),
	(33, 31, '周期', '2026Q5', '周期 2026Q5 不存在'),
	(34, 32, '指标编码', 'ZB99', '指标 ZB99 不存在'),
	(35, 33, '上级目标编号', 'D26Q4-999', '上级目标 D26Q4-999 不存在'),
	(36, 34, '部门编码', 'KS-XX', '部门 KS-XX 不存在'),
	(37, 35, '截止日期', '2026-10-01', '截止日期早于开始日期'),
	(38, 36, '类型', 'OKR', '类型 OKR 不在 目标、关键结果、KPI、里程碑 之内'),
	(39, 37, '状态', '进行中', '状态 进行中 不在 draft、active、done、cancelled 之内'),
	(40, 38, NULL, NULL, '只有 9 列,应为 15 列')$$,
	'Each rejected one with line, column, value and reason');
SELECT results_eq($$SELECT line, column_name, value, reason, code, field, record FROM pg_temp.errors()$$,
	$$SELECT line, column_name, value, reason, code, field, record FROM foretold ORDER BY error_no$$, 'as the dry run foretold');
SELECT results_eq($$
	SELECT g.goal_no::text, c.code::text, p.goal_no::text, e.employee_no::text, g.kind::text, g.title::text, i.code::text,
			g.weight, g.baseline, g.target, g.starts_on, g.due_on, g.state::text
		FROM goal g
		JOIN cycle c ON c.cycle_id = g.cycle_id
		JOIN employee e ON e.employee_id = g.owner_id
		LEFT JOIN goal p ON p.goal_id = g.parent_id
		LEFT JOIN indicator i ON i.indicator_id = g.indicator_id
		WHERE g.goal_no LIKE 'D%' ORDER BY g.goal_no$$, $$VALUES
	('D26Q4-001', '2026Q4', NULL, 'KS0006', 'objective', '四季度准时交付', NULL, 100::numeric, NULL::numeric, NULL::numeric, '2026-10-01'::date, '2026-12-31'::date, 'draft'),
	('D26Q4-002', '2026Q4', 'D26Q4-001', 'KS0018', 'kpi', '合格品产量达标', 'ZB14', 100, 0, 3600, '2026-10-01', '2026-12-31', 'draft'),
	('D26Q4-003', '2026Q4', NULL, 'KS0019', 'kpi', '合格品产量达标', 'ZB14', 50, 0, 1200, '2026-10-01', '2026-12-31', 'draft'),
	('D26Q4-004', '2026Q4', NULL, 'KS0019', 'kpi', '交付准时率', 'ZB05', 50, 70, 85, '2026-10-01', '2026-12-31', 'draft'),
	('D26Q4-005', '2026Q4', NULL, 'KS0020', 'kpi', '合格品产量达标', 'ZB14', 33.33, 0, 3600, '2026-10-08', '2026-12-31', 'draft'),
	('D26Q4-006', '2026Q4', NULL, 'KS0020', 'kpi', '5S评分', 'ZB11', 33.33, 70, 90, '2026-10-01', '2026-12-31', 'draft'),
	('D26Q4-007', '2026Q4', NULL, 'KS0020', 'kpi', 'OEE 稳定', 'ZB07', 33.34, 60, 76, '2026-10-01', '2026-12-31', 'draft'),
	('D26Q4-008', '2026Q4', NULL, 'KS0022', 'kpi', '合格品产量 达标', 'ZB14', 100, 0, 3600, '2026-10-01', '2026-12-31', 'draft'),
	('D26Q4-009', '2026Q4', NULL, 'KS0023', 'kpi', '合格品产量达标', 'ZB14', 100, 0, 3600, '2026-10-01', '2026-12-31', 'draft'),
	('D26Q4-010', '2026Q4', NULL, 'KS0024', 'kpi', '合格品产量达标', 'ZB14', 100, 0, 3600, '2026-10-01', '2026-12-31', 'draft'),
	('D26Q4-011', '2026Q4', NULL, 'KS0026', 'kpi', '合格品产量达标', 'ZB14', 100, 0, 1200, '2026-10-01', '2026-12-31', 'draft'),
	('D26Q4-012', '2026Q3', NULL, 'KS0027', 'kpi', '合格品产量达标', 'ZB14', 100, 0, 3600, '2026-09-21', '2026-09-30', 'draft'),
	('D26Q4-013', '2026Q4', 'D26Q4-014', 'KS0028', 'kpi', '合格品产量达标', 'ZB14', 50, 0, 3600, '2026-10-01', '2026-12-31', 'draft'),
	('D26Q4-014', '2026Q4', NULL, 'KS0028', 'kpi', '产量,含"加急"单', NULL, 50, -5, 20, '2026-10-01', '2026-12-31', 'draft')$$,
	'Each accepted one with the values that the list names');
SELECT is(pg_temp.said(r), 'goal 38 records: 0 accepted, 14 unchanged, 24 rejected', 'Again: the 14 are unchanged, the 24 rejected again')
	FROM import_file('目标', lo_get(:goals)) r;
SELECT results_eq($$SELECT line, column_name, value, reason FROM pg_temp.errors()$$,
	$$SELECT line, column_name, value, reason FROM foretold ORDER BY error_no$$, 'for the same reasons');
\lo_unlink :staff
\lo_unlink :goals

-- ---------------------------------------------------------------------------------------
-- Headers
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.said(r), 'employee 1 records: 1 accepted, 0 unchanged, 0 rejected', 'English headers, in another order')
	FROM import_text('Employee', E'hired_on,department,Full Name,EMPLOYEE NO\n2026-01-05,KS-ZN-01,Ann Lee,KS9100\n') r;
SELECT is(pg_temp.said(r), 'employee 1 records: 0 accepted, 1 unchanged, 0 rejected', 'The same record under Chinese headers, full-width, marked as required')
	FROM import_text('员工', E'\uFEFF工号＊,姓名*,　部门 编码,入职日期\r\nKS9100,Ann Lee,KS-ZN-01,２０２６／１／５\r\n') r;
SELECT is(pg_temp.said(r), 'employee 1 records: 0 accepted, 1 unchanged, 0 rejected', 'Empty columns behind the last one, as spreadsheets leave them')
	FROM import_text('员工', E'工号,姓名,部门编码,入职日期,,\nKS9100,Ann Lee,KS-ZN-01,2026-01-05,,\n,,,,,\n\n') r;
SELECT throws_ok($$SELECT import_text('员工', E'工号,姓名,部门编码,入职日期,血型,\nKS9101,A,KS,2026-01-05,O,\n')$$, '22023', 'kind "employee" has no column "血型"',
	'A header that means nothing is named');
SELECT throws_ok($$SELECT import_text('员工', E'工号,姓名,入职日期\nKS9101,A,2026-01-05\n')$$, '22023', 'a file of kind "employee" needs the column 部门',
	'So is a required column that is missing');
SELECT throws_ok($$SELECT import_text('员工', E'工号,姓名,部门,部门编码,入职日期\nKS9101,A,KS,KS,2026-01-05\n')$$, '22023', NULL, 'A column stands there once');
SELECT throws_ok($$SELECT import_text('员工', E'a,b,c\n1,2,3\n')$$, '22023', 'the first line names no column of kind "employee"', 'A file without headers is none');
SELECT throws_ok($$SELECT import_text('员工', E'工号,,姓名,部门编码,入职日期\n')$$, '22023', 'kind "employee" has no column ""', 'A column in the middle has a header');
INSERT INTO import_header (kind, header, column_name) VALUES ('employee', '人员号码', 'employee_no');
SELECT is(pg_temp.said(r), 'employee 1 records: 0 accepted, 1 unchanged, 0 rejected', 'A header of HR''s own is a row in a table')
	FROM import_text('员工', E'人员号码,姓名,部门编码,入职日期\nKS9100,Ann Lee,KS-ZN-01,2026-01-05') r;
SELECT throws_ok($$SELECT import_text('工资', 'x')$$, '22023', 'kind of file "工资" does not exist', 'A kind that is none is named');
SELECT throws_ok($$SELECT import_text(NULL, 'x')$$, '22023', NULL, 'also where it is NULL');
SELECT throws_ok($$SELECT import_text('员工', NULL)$$, '22004', NULL, 'No content is an error');
SELECT throws_ok($$SELECT import_run('员工')$$, '22023', 'this session has streamed no lines', 'So is a run without lines');

INSERT INTO import_line (line, session_pid, staged_at) VALUES
	('工号,姓名,部门编码,入职日期', pg_backend_pid(), '2000-01-01'), ('KS9105,Old,KS,2026-01-05', pg_backend_pid(), '2000-01-01'), ('of nobody', 0, now());
INSERT INTO import_line (line) VALUES ('工号,姓名,部门编码,入职日期'), (NULL), (E'KS9106,New,KS,2026-01-05\r');
SELECT is(pg_temp.said(r), 'employee 1 records: 1 accepted, 0 unchanged, 0 rejected', 'Lines of an earlier session with the same process number are not this one''s')
	FROM import_run('员工') r;
SELECT is((SELECT count(*) FROM import_line), 0::bigint, 'and lines of sessions that are gone are cleared away');

-- ---------------------------------------------------------------------------------------
-- Files that are none
-- ---------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT import_text('员工', '')$$, '22P04', 'the file is empty', 'An empty file');
SELECT throws_ok($$SELECT import_text('员工', E'\uFEFF\n,,\n')$$, '22P04', 'the file is empty', 'One of blank lines');
SELECT is(pg_temp.said(r), 'employee 0 records: 0 accepted, 0 unchanged, 0 rejected', 'A header alone is a file without records')
	FROM import_text('员工', '工号,姓名,部门编码,入职日期') r;
SELECT throws_ok($$SELECT import_text('员工', E'工号,姓名,部门编码,入职日期\nKS9101,"A\nB",KS,2026-01-05\nKS9102,"C,KS,2026-01-05\nKS9103,D,KS,2026-01-05\n')$$,
	'22P04', 'a quoted cell that begins on line 4 is never closed', 'A quote that is never closed is reported where it opens');
SELECT is((SELECT count(*) FROM employee WHERE employee_no LIKE 'KS910_'), 2::bigint, 'and nothing of that file lands');
SELECT throws_ok($$SELECT import_file('员工', '\xfffe5d4e'::bytea)$$, '22021', 'the file is in UTF-16', 'UTF-16 is recognised');
SELECT throws_ok($$SELECT import_file('员工', '\xff00'::bytea)$$, '22021', NULL, 'Bytes that are no text are refused');
SELECT throws_ok($$SELECT import_file('员工', convert_to(E'工号,姓名', 'GB18030'), false, 'UTF8')$$, '22021', NULL, 'An encoding that was named is kept to');
SELECT is(r.accepted, 1::bigint, 'CR alone ends lines too, and a stray quote inside a cell is a character')
	FROM import_text('员工', E'工号,姓名,部门编码,岗位,入职日期\rKS9104,5" Lee,KS,"12"" ""Mon""",2026-01-05\r') r;
SELECT results_eq($$SELECT name::text, job_title::text FROM employee WHERE employee_no = 'KS9104'$$, $$VALUES ('5" Lee', '12" "Mon"')$$, 'as it stands there');

-- physical lines
SELECT is(pg_temp.said(r), 'department 4 records: 2 accepted, 0 unchanged, 2 rejected', 'Breaks inside cells')
	FROM import_text('部门', E'编码,名称\nA1,"one\n\ntwo"\n\nA2,\nA3,"x\n=y"\n,,\n"A\n4","=1\n2"\n') r;
SELECT results_eq($$SELECT record_no, line, code::text FROM pg_temp.errors()$$, $$VALUES (2, 6::bigint, 'missing'), (4, 10, 'formula')$$,
	'Lines count as in the file: breaks inside cells and blank lines too, blank records do not count as records');
SELECT results_eq($$SELECT code::text, name::text FROM department WHERE code LIKE 'A_' ORDER BY code$$, $$VALUES ('A1', 'one two'), ('A3', 'x =y')$$,
	'Each run of line breaks is one space');

-- hostile sizes
SELECT is(r.rejected, 1::bigint, 'A cell of ten megabytes is too long') FROM import_text('部门', E'编码,名称\nB1,' || repeat('长', 3500000)) r;
SELECT results_eq($$SELECT code::text, reason::text, length(value), length(record) FROM pg_temp.errors()$$, $$VALUES ('too_long', '部门名称超过 100 个字符', 200, 2000)$$,
	'and cut in the report');
SELECT is(r.rejected, 1::bigint, 'also between quotes, with quotes') FROM import_text('部门', E'编码,名称\nB1,"' || repeat('"",', 1000000) || '"') r;
SELECT is(r.rejected, 1::bigint, 'A record of 10000 cells') FROM import_text('部门', E'编码,名称\n' || repeat('x,', 9999) || 'x') r;
SELECT is(reason::text, '10000 列,应为 2 列', 'has too many') FROM pg_temp.errors();
SELECT throws_ok($$SELECT import_text('部门', repeat('x,', 9999) || 'x')$$, '22023', NULL, 'A header of 10000 columns names none of them');

-- ---------------------------------------------------------------------------------------
-- In English
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = 'en' WHERE key = 'locale';
SELECT is(pg_temp.said(r), 'goal 1 records: 0 accepted, 0 unchanged, 1 rejected', 'An English file')
	FROM import_text('goal', E'goal_no,cycle,owner,department,kind,title,weight,starts_on,due_on,state\nE1,2026Q4,KS0006,KS-SC-01,okr,T,30%,2026-10-01,2026-13-01,draft') r;
SELECT results_eq($$SELECT column_name::text, reason::text FROM pg_temp.errors()$$, $$VALUES
	('kind', 'goal kind okr is not one of objective, key_result, KPI, milestone'), ('due_on', 'due date 2026-13-01 is not a date')$$,
	'Reasons are in the language of the workspace; a record may have several');
SELECT is_empty($$SELECT code FROM import_message GROUP BY code HAVING count(*) <> 2$$, 'Every reason has both languages');
SELECT is_empty($$SELECT l.run_id FROM import_log l WHERE l.rejected <> (SELECT count(DISTINCT e.record_no) FROM import_error e WHERE e.run_id = l.run_id)$$,
	'The log counts what the reports list');
SELECT is_empty($$SELECT c.kind FROM import_column c WHERE to_regproc('import_check_' || c.kind) IS NULL OR to_regproc('import_land_' || c.kind) IS NULL$$,
	'Every kind has its two functions');
SELECT is_empty($$
	SELECT c.kind, import_header_key(s.header)
		FROM import_column c, LATERAL (
			VALUES (c.column_name), (c.title_zh), (c.title_en)
			UNION ALL
			SELECT h.header FROM import_header h WHERE h.kind = c.kind AND h.column_name = c.column_name) AS s(header)
		GROUP BY c.kind, import_header_key(s.header) HAVING count(DISTINCT c.column_no) > 1$$, 'A header means one column');
SELECT is_empty($$SELECT kind, array_agg(column_no ORDER BY column_no) FROM import_column GROUP BY kind HAVING max(column_no) <> count(*) OR NOT bool_or(is_key)$$,
	'and columns without gaps, one of them the key');

SELECT * FROM finish();
ROLLBACK;
