/*
 * How the plant's seven weeks went: who was reminded, whose manager was told,
 * half days earned, the leaderboard, and what the chats were really sent.  The
 * variable requests names the file in which the played platforms wrote that
 * down; without it the outbox tells.  Included by show.sql.
 */
\if :{?requests}
	\set lines `cat :'requests'`
\else
	\set lines ''
\endif

\echo
SELECT E'\x1b[1m' || format('%s 次提醒(%s 人),%s 次抄送上级,%s 人至今未回应', count(*), count(DISTINCT e.employee_no),
		count(e.escalated_at), count(*) FILTER (WHERE e.closed_at IS NULL)) || E'\x1b[0m  最久未打卡的十二次:'
	FROM reminder_episode e;
SELECT pg_temp.pad('姓名', 18) || pg_temp.pad('上次打卡', 12) || pg_temp.pad('提醒', 14) || pg_temp.pad('抄送', 14) || pg_temp.pad('抄送给', 18) || '回应';
SELECT pg_temp.pad(e.employee_no || ' ' || e.employee, 18) || pg_temp.pad(to_char(e.silent_since, 'MM-DD'), 12)
		|| pg_temp.pad(to_char(e.reminded_at AT TIME ZONE time_zone(), 'MM-DD HH24:MI'), 14)
		|| pg_temp.pad(coalesce(to_char(e.escalated_at AT TIME ZONE time_zone(), 'MM-DD HH24:MI'), '-'), 14)
		|| pg_temp.pad(coalesce(m.employee_no || ' ' || m.name, '-'), 18)
		|| coalesce(to_char(e.closed_at AT TIME ZONE time_zone(), 'MM-DD HH24:MI'), E'\x1b[31m尚无\x1b[0m')
	FROM reminder_episode e
	LEFT JOIN employee m ON m.employee_no = e.escalated_to
	ORDER BY coalesce(day_of(e.closed_at), today()) - e.silent_since DESC, e.employee_no, e.silent_since
	LIMIT 12;

\echo
SELECT E'\x1b[1m' || format('%s 人坚持按时打卡,共挣得 %s 天假', count(*), trim_scale(sum(r.days))) || E'\x1b[0m  最多的六人:'
	FROM streak_reward_total r WHERE r.days > 0;
SELECT pg_temp.pad(r.employee_no || ' ' || r.employee, 18) || pg_temp.pad(r.department, 26) || pg_temp.pad(trim_scale(r.days) || ' 天', 10)
		|| format('最近一次挣得于 %s 那一周', r.last_week_on)
	FROM streak_reward_total r
	WHERE r.days > 0
	ORDER BY r.days DESC, r.last_week_on DESC, r.employee_no LIMIT 6;

\echo
SELECT E'\x1b[1m2026Q3 排行榜\x1b[0m';
SELECT pg_temp.pad(CASE l.kind WHEN 'team' THEN '团队' ELSE '个人' END, 6) || lpad(l.place::text, 3) || '  ' || pg_temp.pad(l.name, 30)
		|| lpad(l.points::text, 6) || ' 分' || coalesce(format('   按时率 %s%%', lpad(round(100 * l.on_time_rate, 1)::text, 5)), '')
	FROM (SELECT b.*, row_number() OVER (PARTITION BY b.kind ORDER BY b.place, b.name, b.code) AS n FROM leaderboard b WHERE b.cycle = '2026Q3') AS l
	WHERE l.n <= 5
	ORDER BY l.kind DESC, l.place, l.name, l.code;

\echo
SELECT E'\x1b[1m实际发出的消息\x1b[0m(企业微信、钉钉、飞书由本机程序扮演,签名由其自行核验)';
CREATE TEMPORARY TABLE request AS
	SELECT r.n, r.line ->> 'platform' AS platform, r.line -> 'body' AS body, jsonb_array_length(r.line -> 'problems') AS problems
	FROM (SELECT l.n, l.line::jsonb AS line FROM string_to_table(:'lines', E'\n') WITH ORDINALITY AS l(line, n) WHERE l.line <> '') AS r
	WHERE r.line ->> 'method' = 'POST';
SELECT format('%s  %s 条,%s', pg_temp.pad(d.destination, 16), count(*), string_agg(DISTINCT d.status, ' '))
		|| CASE WHEN :'lines' = '' THEN '' ELSE format(',收到 %s 条,有误 %s 条', (SELECT count(*) FROM request r WHERE r.platform = p.platform),
			(SELECT count(*) FROM request r WHERE r.platform = p.platform AND r.problems > 0)) END
	FROM message_delivery d
	JOIN (VALUES ('wecom_app', 'app'), ('wecom_robot', 'wecom'), ('dingtalk_robot', 'ding'), ('feishu_robot', 'feishu')) AS p(kind, platform)
		ON p.kind = d.destination_kind
	GROUP BY d.destination, p.platform ORDER BY d.destination;
SELECT format(E'\n\x1b[1m%s\x1b[0m %s', r.platform, jsonb_pretty(r.body - 'sign' - 'timestamp'))
	FROM (SELECT r.*, row_number() OVER (PARTITION BY r.platform ORDER BY r.n DESC) AS place FROM request r) AS r
	WHERE r.place = 1 ORDER BY r.platform;
