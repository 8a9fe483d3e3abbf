/*
 * Loads the plant's files into a workspace that is still empty, as HR would:
 *
 *   psql -v ON_ERROR_STOP=1 -f demo/load.sql                      from the root of the project
 *   psql -v folder=... -v workspace=... -v ON_ERROR_STOP=1 -f ...  files or workspace elsewhere
 *
 * Each file is streamed as it is: tr takes the carriage returns away, because
 * COPY refuses a bare line feed inside a cell of a file with CRLF line ends.
 */
\set QUIET on
\pset tuples_only on
\pset format unaligned
\pset pager off
\encoding UTF8
\if :{?folder}
\else
	\set folder demo/data
\endif
\if :{?workspace}
\else
	\set workspace perf
\endif
\cd :folder
SET client_min_messages = warning;
SET search_path = :"workspace", perf_mgmt;

\set begin 'SELECT clock_timestamp() AS began \\gset'
\set run 'SELECT format(''%s %s records, %s accepted, %s rejected, %s ms'', rpad(:''kind'', 8 - length(:''kind'')), r.records, r.accepted, r.rejected, round(extract(epoch FROM clock_timestamp() - :''began''::timestamptz) * 1000)) FROM import_run(:''kind'') r;'

-- the files are of this day
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';
-- the plant's first quarter with performance management was 2025Q4
UPDATE setting SET value = '2025-10-01' WHERE key = 'introduced_on';
SELECT coalesce(max(run_id), 0) AS last_run FROM import_log \gset

\set kind 部门
:begin
\copy import_line (line) from program 'tr -d "\r" < 部门.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 员工
:begin
\copy import_line (line) from program 'tr -d "\r" < 员工.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 调动
:begin
\copy import_line (line) from program 'tr -d "\r" < 调动.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 指标
:begin
\copy import_line (line) from program 'tr -d "\r" < 指标.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 周期
:begin
\copy import_line (line) from program 'tr -d "\r" < 周期.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 目标
:begin
\copy import_line (line) from program 'tr -d "\r" < 目标.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 任务
:begin
\copy import_line (line) from program 'tr -d "\r" < 任务.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 打卡
:begin
\copy import_line (line) from program 'tr -d "\r" < 打卡.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 点赞
:begin
\copy import_line (line) from program 'tr -d "\r" < 点赞.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 延期
:begin
\copy import_line (line) from program 'tr -d "\r" < 延期.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 关联
:begin
\copy import_line (line) from program 'tr -d "\r" < 关联.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 请假
:begin
\copy import_line (line) from program 'tr -d "\r" < 请假.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 历史达成
:begin
\copy import_line (line) from program 'tr -d "\r" < 历史达成.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

\set kind 一对一
:begin
\copy import_line (line) from program 'tr -d "\r" < 一对一.csv' with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')
:run

-- what was rejected, if anything
SELECT format('%s.csv line %s, %s: %s', e.kind, e.line, coalesce(e.column_name, 'the record'), e.reason)
	FROM import_error e WHERE e.run_id > :last_run ORDER BY e.run_id, e.error_no;

:begin
SELECT format('%s cycles closed, %s ms', f.closed, round(extract(epoch FROM clock_timestamp() - :'began'::timestamptz) * 1000))
	FROM (SELECT import_finish() AS closed) AS f;
