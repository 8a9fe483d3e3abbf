/*
 * What the plant looks like on its day: lights by department, how far its
 * quarters strayed from plan, the goals most in trouble, and one person's score
 * explained.
 *
 * Lines are put together in SQL, because psql's own tables show escape
 * sequences as text.
 */
\set QUIET on
\set ON_ERROR_STOP on
\pset pager off
\pset format unaligned
\pset tuples_only on
SET search_path = perf, perf_mgmt, public;

/* Chinese characters take two columns of a terminal. */
CREATE FUNCTION pg_temp.pad(content text, columns integer) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN content || repeat(' ', greatest(columns - octet_length(convert_to(regexp_replace(content, '[^\x01-\x7f]', 'xx', 'g'), 'UTF8')), 0));

CREATE FUNCTION pg_temp.lamp(light text) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN E'\x1b[' || CASE light WHEN 'red' THEN '41;97m 红' WHEN 'yellow' THEN '43;30m 黄' WHEN 'green' THEN '42;30m 绿' ELSE '100;97m 灰' END || E' \x1b[0m';

CREATE FUNCTION pg_temp.count_of(light text, goals bigint) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN CASE WHEN goals = 0 THEN '     .' ELSE E'\x1b[' || CASE light WHEN 'red' THEN '31' WHEN 'yellow' THEN '33' ELSE '32' END || 'm' || lpad(goals::text, 6) || E'\x1b[0m' END;

\echo
SELECT E'\x1b[1m' || format('%s  %s  各部门红黄绿灯', d.name, today()) || E'\x1b[0m' FROM department d WHERE d.parent_id IS NULL;
SELECT pg_temp.pad('部门', 34) || pg_temp.pad('灯', 6) || pg_temp.pad('人数', 8) || pg_temp.pad('得分', 9) || pg_temp.pad('进度/应达', 16) || '    红    黄    绿';
WITH RECURSIVE tree AS (
	SELECT d.department_id, d.code, d.name, 0 AS depth FROM department d WHERE d.parent_id IS NULL
	UNION ALL
	SELECT d.department_id, d.code, d.name, t.depth + 1 FROM tree t JOIN department d ON d.parent_id = t.department_id
)
SELECT pg_temp.pad(repeat('  ', t.depth) || t.name, 34) || pg_temp.lamp(o.light) || '  ' || pg_temp.pad(o.headcount::text, 8)
		|| pg_temp.pad(coalesce(o.score::text, '-'), 9)
		|| pg_temp.pad(coalesce(round(100 * o.progress, 1) || '% / ' || round(100 * o.expected, 1) || '%', '-'), 16)
		|| pg_temp.count_of('red', o.red) || pg_temp.count_of('yellow', o.yellow) || pg_temp.count_of('green', o.green)
	FROM tree t JOIN department_overview o ON o.department_code = t.code
	WHERE o.cycle = '2026Q3'
	ORDER BY t.code;

\echo
SELECT format(E'\x1b[1m目标达成率波动系数\x1b[0m  %s', string_agg(
		format('%s %s(%s 个季度,最大 %s)', CASE v.span WHEN 'before' THEN '推行前' ELSE '推行后' END,
			coalesce(round(v.mean_deviation, 2)::text, '-'), v.quarters, coalesce(round(v.worst_deviation, 2)::text, '-')),
		' → ' ORDER BY v.span DESC))
	FROM attainment_volatility v JOIN department d ON d.code = v.department_code
	WHERE d.parent_id IS NULL AND v.span IN ('before', 'after')
	GROUP BY d.code ORDER BY d.code;

\ir show_links.sql

\echo
SELECT E'\x1b[1m最需要帮助的十个目标(2026Q3)\x1b[0m';
SELECT pg_temp.lamp(s.light) || '  ' || pg_temp.pad(s.goal_no, 13) || pg_temp.pad(s.department || ' ' || s.owner, 26)
		|| pg_temp.pad(s.title, 46) || coalesce(s.reason, '')
	FROM goal_status s
	WHERE s.cycle = '2026Q3' AND s.kind <> 'objective'
	ORDER BY s.light_rank = 1 DESC, s.expected - coalesce(s.progress, 0) DESC, s.weight DESC, s.goal_no
	LIMIT 10;

\echo
SELECT s.employee_no AS no FROM employee_scorecard s
	WHERE s.cycle = '2026Q3' AND s.score IS NOT NULL AND s.light = 'yellow'
	ORDER BY s.goals DESC, s.employee_no LIMIT 1 \gset
SELECT E'\x1b[1m' || format('%s %s 2026Q3 得分 %s(%s)是这样算出来的:', s.employee_no, s.employee, s.score, s.grade) || E'\x1b[0m'
	FROM employee_scorecard s WHERE s.employee_no = :'no' AND s.cycle = '2026Q3';
SELECT pg_temp.pad('步骤', 10) || pg_temp.pad('目标', 13) || pg_temp.pad('名称', 44) || pg_temp.pad('实际', 10) || pg_temp.pad('目标值', 10)
	|| pg_temp.pad('得分', 12) || pg_temp.pad('权重', 8) || pg_temp.pad('计入总分', 11) || '说明';
SELECT pg_temp.pad(CASE e.step WHEN 'part' THEN '  ' || e.step ELSE e.step END, 10) || pg_temp.pad(coalesce(e.goal_no, ''), 13)
		|| pg_temp.pad(coalesce(e.title, ''), 44) || pg_temp.pad(coalesce(trim_scale(e.actual)::text, ''), 10)
		|| pg_temp.pad(coalesce(trim_scale(e.target)::text, ''), 10) || pg_temp.pad(coalesce(trim_scale(e.score)::text, ''), 12)
		|| pg_temp.pad(coalesce(e.weight::text, ''), 8) || pg_temp.pad(coalesce(e.points::text, ''), 11) || coalesce(e.note, '')
	FROM explain_score(:'no', '2026Q3') e ORDER BY e.step_no;
SELECT format('各行「计入总分」相加 = %s', trim_scale(sum(e.points))) FROM explain_score(:'no', '2026Q3') e;
\echo
\ir show_rhythm.sql
\echo
