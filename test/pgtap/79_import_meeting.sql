/*
 * The plant's one-to-ones, and careless ones.
 */
BEGIN;
SET client_min_messages = warning;
SET search_path = perf, perf_mgmt, public, pg_temp;
\encoding UTF8
SELECT no_plan();
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';
UPDATE setting SET value = '2025-10-01' WHERE key = 'introduced_on';
CREATE FUNCTION pg_temp.said(r record) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN format('%s %s records: %s accepted, %s unchanged, %s rejected', r.kind, r.records, r.accepted, r.unchanged, r.rejected);
END;
$$;
\copy import_line (line) from 'demo/data/部门.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT import_run('部门') \g /dev/null
\copy import_line (line) from 'demo/data/员工.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT import_run('员工') \g /dev/null
\copy import_line (line) from 'demo/data/调动.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT import_run('调动') \g /dev/null

\copy import_line (line) from 'demo/data/一对一.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'meeting 464 records: 464 accepted, 0 unchanged, 0 rejected', 'The plant''s 464 one-to-ones land') FROM import_run('一对一') r;
SELECT is((SELECT count(*) FROM meeting_action a JOIN meeting m USING (meeting_id) WHERE a.owner_id = m.employee_id AND a.due_on IS NULL AND a.task_id IS NULL), 371::bigint,
	'with their 371 actions, each the member''s');
SELECT results_eq($$SELECT manager_no, employee_no, topic, minutes, recorded_at FROM meeting_record WHERE held_at = '2025-10-10 17:00+08'$$,
	$$VALUES ('KS0004'::varchar, 'KS0014'::varchar, '工作负荷'::varchar, '指出节奏偏慢,供应商来料晚到3天'::varchar, '2025-10-10 17:00+08'::timestamptz)$$,
	'as they stand in the file, known from when they took place');
\copy import_line (line) from 'demo/data/一对一.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'meeting 464 records: 0 accepted, 464 unchanged, 0 rejected', 'The same file again changes nothing') FROM import_run('一对一.csv') r;

-- counted once more, in another way: the last talk of everybody with the manager of that day
CREATE TEMP TABLE owed AS
	SELECT e.employee_no FROM employee e
		WHERE (SELECT a.manager_id FROM assignment a WHERE a.employee_id = e.employee_id AND a.during @> '2026-09-18'::date) IS NOT NULL
			AND coalesce(e.left_on, '2026-09-18') >= '2026-09-18'
			AND NOT EXISTS (
				SELECT FROM meeting m WHERE m.employee_id = e.employee_id AND m.held_at >= '2026-08-19 00:00+08'
					AND m.manager_id = (SELECT a.manager_id FROM assignment a WHERE a.employee_id = e.employee_id AND a.during @> '2026-09-18'::date))
			AND (SELECT lower(a.during) FROM assignment a WHERE a.employee_id = e.employee_id AND a.during @> '2026-09-18'::date) < '2026-08-19';
SELECT cmp_ok((SELECT count(*) FROM owed), '>', 100::bigint, 'In the plant many one-to-ones are due');
SELECT set_eq($$SELECT employee_no FROM meeting_due('2026-09-18')$$, $$SELECT employee_no FROM owed$$, 'and meeting_due names exactly those');
SELECT set_eq($$SELECT employee_no FROM meeting_due('2026-09-18') WHERE manager_no = 'KS0003'$$, $$SELECT employee_no FROM meeting_due('2026-09-18', employee_id_of('KS0003'))$$,
	'for one manager too');

-- ---------------------------------------------------------------------------------------
-- Careless files
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.said(r), 'meeting 10 records: 1 accepted, 0 unchanged, 9 rejected', 'Good records land, bad ones do not') FROM import_text('meeting', $csv$时间,上级工号,下属工号,主题,纪要,待办事项
2026-09-01 10:00,KS0003,KS0012,进度,,一；二; 三
2026-09-01 11:00,KS0012,KS0003,进度,,
2026-09-01 11:00,KS0003,KS9999,进度,,
2026-09-01 11:00,KS0003,KS0003,进度,,
2026-09-19 11:00,KS0003,KS0012,进度,,
2001-01-01 11:00,KS0003,KS0012,进度,,
2026-09-01 11:00,KS0003,KS0012,,,
2026-09-01 11:30,KS0003,KS0012,进度,=1+1,
2025-10-10 17:00,KS0004,KS0014,别的,,
someday,KS0003,KS0012,进度,,
$csv$) r;
SELECT results_eq($$SELECT line, column_name::text, code::text FROM import_error WHERE run_id = (SELECT max(run_id) FROM import_log) ORDER BY error_no$$, $$VALUES
	(3::bigint, '上级工号', 'not_manager'), (4, '下属工号', 'unknown'), (5, '上级工号', 'not_manager'), (6, '时间', 'future'),
	(7, '时间', 'not_employed'), (7, '时间', 'not_employed'), (7, '上级工号', 'not_manager'), (8, '主题', 'missing'), (9, '纪要', 'formula'), (10, '时间', 'exists'), (11, '时间', 'not_moment')$$,
	'each with its line, column and reason');
SELECT results_eq($$SELECT a.action_no, a.title FROM meeting_action a JOIN meeting m USING (meeting_id) WHERE m.held_at = '2026-09-01 10:00+08' ORDER BY 1$$,
	$$VALUES (1, '一'::varchar), (2, '二'), (3, '三')$$, 'Several actions are separated by semicolons');
SELECT is(reason, 'KS0012 当日不是 KS0003 的直属上级', 'The reason is said') FROM import_error WHERE code = 'not_manager' ORDER BY error_no LIMIT 1;

-- corrections and what was taken back survive the next delivery of the file
SELECT correct_meeting((SELECT meeting_id FROM meeting_record WHERE held_at = '2025-10-10 17:00+08'), topic => '产能'),
	withdraw_meeting((SELECT meeting_id FROM meeting_record WHERE held_at = '2025-10-14 10:45+08'), '重复') \g /dev/null
\copy import_line (line) from 'demo/data/一对一.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
SELECT is(pg_temp.said(r), 'meeting 464 records: 0 accepted, 464 unchanged, 0 rejected', 'A later delivery undoes no correction') FROM import_run('meeting') r;
SELECT is(topic, '产能', 'which still holds') FROM meeting_record WHERE held_at = '2025-10-10 17:00+08';

SELECT * FROM finish();
ROLLBACK;
