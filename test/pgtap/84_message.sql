/*
 * Messages to people: one for each occasion, worded by templates that HR may
 * change, harmless whatever people type.
 */
BEGIN;
SET search_path TO perf, perf_mgmt, public, pg_temp;
SELECT no_plan();

INSERT INTO department (code, name) VALUES ('M84', 'Sales');
SELECT hire('M84-1', 'Wang Fang', 'M84', NULL, '2026-01-05') \g /dev/null
SELECT hire('M84-2', 'Li Ming', 'M84', 'M84-1', '2026-01-05', login_role => 'm84_li') \g /dev/null
UPDATE setting SET value = 'en' WHERE key = 'locale';

-- ---------------------------------------------------------------------------------------
-- One occasion, one message
-- ---------------------------------------------------------------------------------------
SELECT isnt(post_message('silence_reminder', employee_id_of('M84-2'), 'm84 silence', '{"days": 8, "silent_since": "2026-09-10"}',
		'2026-09-18 09:00+08'), NULL, 'A message gets a key');
SELECT is(post_message('silence_reminder', employee_id_of('M84-2'), 'm84 silence', '{"days": 9}', '2026-09-19 09:00+08'), NULL,
	'The same occasion gives no second message');
SELECT is(post_message('goal_overdue', employee_id_of('M84-1'), 'm84 silence'), NULL,
	'An occasion is one whatever kind and recipient a second attempt names');
SELECT results_eq(
	$$SELECT employee_no, employee, kind, title, body, created_at, read_at, is_read, severity FROM inbox WHERE employee_no LIKE 'M84%'$$,
	$$VALUES ('M84-2'::varchar, 'Li Ming'::varchar, 'silence_reminder'::varchar, 'Please update your goals'::varchar,
		'Li Ming, your last check-in was 8 days ago, on 2026-09-10. Please report where your goals stand and what holds you up.'::varchar,
		'2026-09-18 09:00+08'::timestamptz, NULL::timestamptz, false, 'info'::varchar)$$,
	'The inbox shows the message as it was worded first');
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';
SELECT post_message('unrouted', employee_id_of('M84-1'), 'm84 pinned') \g /dev/null
SELECT is(day_of(created_at), '2026-09-18'::date, 'Without a time the message is made at the workspace''s moment')
	FROM message WHERE dedup_key = 'm84 pinned';
SELECT is(title, 'Nobody to escalate to: ?', 'A parameter that is not given reads ?')
	FROM message WHERE dedup_key = 'm84 pinned';

-- ---------------------------------------------------------------------------------------
-- Wording
-- ---------------------------------------------------------------------------------------
SELECT is_empty($$
	SELECT k.kind, l.locale FROM message_kind k CROSS JOIN (VALUES ('zh'), ('en')) AS l(locale)
	WHERE NOT EXISTS (SELECT FROM message_template t WHERE t.kind = k.kind AND t.locale = l.locale AND t.format = 'plain')
$$, 'Every kind is worded in both languages');
SELECT is_empty($$
	SELECT p.kind, p.name FROM message_placeholder p
	WHERE EXISTS (SELECT FROM message_template t WHERE t.kind = p.kind AND t.locale = 'zh' AND strpos(t.title || t.body, '{' || p.name || '}') > 0)
		<> EXISTS (SELECT FROM message_template t WHERE t.kind = p.kind AND t.locale = 'en' AND strpos(t.title || t.body, '{' || p.name || '}') > 0)
$$, 'Both languages tell the same facts');

UPDATE setting SET value = 'zh' WHERE key = 'locale';
SELECT post_message('silence_reminder', employee_id_of('M84-2'), 'm84 zh', '{"days": 8, "silent_since": "2026-09-10"}') \g /dev/null
SELECT is(title, '请更新目标进展', 'The setting locale chooses the language') FROM message WHERE dedup_key = 'm84 zh';
UPDATE message_template SET title = '{recipient}：{days} 天' WHERE kind = 'silence_reminder' AND locale = 'zh';
SELECT post_message('silence_reminder', employee_id_of('M84-2'), 'm84 reworded', '{"days": 8}') \g /dev/null
SELECT is(title, 'Li Ming：8 天', 'A changed template words the next message') FROM message WHERE dedup_key = 'm84 reworded';
SELECT is(title, '请更新目标进展', 'and leaves the messages there are as they were') FROM message WHERE dedup_key = 'm84 zh';
DELETE FROM message_template WHERE kind = 'silence_reminder' AND locale = 'zh';
SELECT post_message('silence_reminder', employee_id_of('M84-2'), 'm84 other language', '{"days": 8}') \g /dev/null
SELECT is(title, 'Please update your goals', 'Where the own language is missing the other serves') FROM message WHERE dedup_key = 'm84 other language';
DELETE FROM message_template WHERE kind = 'silence_reminder';
SELECT throws_ok($$SELECT post_message('silence_reminder', employee_id_of('M84-2'), 'm84 wordless')$$, '42704',
	'messages of kind "silence_reminder" have no template');

SELECT throws_ok($$UPDATE message_template SET body = 'since {when}' WHERE kind = 'goal_overdue'$$, '22023',
	'placeholder "{when}" does not exist for messages of kind "goal_overdue"');
SELECT throws_ok($$UPDATE message_template SET title = '{Goal}' WHERE kind = 'goal_overdue'$$, '22023',
	'placeholder "{Goal}" does not exist for messages of kind "goal_overdue"');
SELECT throws_ok($$INSERT INTO message_template (kind, locale, format, title, body) VALUES ('goal_overdue', 'en', 'markdown', 'x', '{}')$$, '22023',
	'placeholder "{}" does not exist for messages of kind "goal_overdue"');
SELECT throws_ok($$UPDATE message_template SET body = '{goal is late' WHERE kind = 'goal_overdue'$$, '22023',
	'the template of kind "goal_overdue" has a brace without its counterpart');
SELECT lives_ok($$UPDATE message_template SET body = '{recipient}{goal}{goal}' WHERE kind = 'goal_overdue' AND locale = 'zh'$$,
	'Known placeholders can stand anywhere and more than once');

INSERT INTO message_kind (kind, description) VALUES ('m84_party', 'Invitation');
INSERT INTO message_placeholder (kind, name, description) VALUES ('m84_party', 'place', 'Where');
INSERT INTO message_template (kind, locale, title, body) VALUES ('m84_party', 'zh', '聚会', '{place}');
INSERT INTO message_template (kind, locale, format, title, body) VALUES ('m84_party', 'zh', 'markdown', '**聚会**', '> {place}');
SELECT isnt(post_message('m84_party', employee_id_of('M84-1'), 'm84 party', '{"place": "Kunshan"}'), NULL, 'A new kind is rows alone');
SELECT is(message_text('m84_party', '{"place": "Kunshan"}', 'markdown'), ROW ('**聚会**'::text, '> Kunshan'::text), 'A format may have wording of its own');
SELECT is(message_text('m84_party', '{"place": "Kunshan"}', 'plain'), ROW ('聚会'::text, 'Kunshan'::text), 'beside the plain one');

-- ---------------------------------------------------------------------------------------
-- Whatever people type stays text
-- ---------------------------------------------------------------------------------------
SELECT is(render_template('{a}{b} {a}', '{"a": "{b}", "b": "x"}', 'plain'), '{b}x {b}', 'A value that looks like a placeholder stays a value');
SELECT is(render_template('{a}, {b}', '{"a": null, "b": false}', 'plain'), '?, false', 'A value of null is not known');
SELECT is(render_template('{n}', '{"n": 1.50}', 'plain'), '1.50', 'A number keeps its digits');
SELECT is(render_template('', '{}', 'plain'), NULL, 'An empty template gives NULL');
SELECT is(escape_text(E'a\n# b\r\n\u2028\u202Ec', 'plain'), 'a # b c', 'A plain value stays on its line and keeps its direction');
SELECT is(escape_text('<@all> & [x](y) | `c` *b* # ~ \ @all', 'plain'), '<@all> & [x](y) | `c` *b* # ~ \ @all',
	'A plain value keeps its marks');
SELECT is(escape_text('<@all> & [x](y) | `c` *b* # ~ \ @all', 'markdown'), U&'\FF1C\FF20all\FF1E \FF06 \FF3Bx\FF3D(y) \FF5C \FF40c\FF40 \FF0Ab\FF0A \FF03 \FF5E \FF3C \FF20all',
	'In markdown marks become their full-width forms');
SELECT is_empty($$
	SELECT hostile FROM unnest(ARRAY['@all', '@所有人', '<@all>', '<@zhangsan>', '<at user_id="all">x</at>', '<at id=all></at>', '&lt;at id=all&gt;',
		'<font color="warning">x</font>', '[link](https://example.org)', '![i](https://example.org/i.png)', E'x\n# title', E'x\r> quote',
		'**bold', '`code', 'a\', '| a | b |', '~~gone~~']) AS hostile
	WHERE render_template('{goal}', jsonb_build_object('goal', hostile), 'markdown') ~ '[][<>@*`#&|~\\\n\r]'
$$, 'No value mentions, links, quotes or marks up in markdown');
SELECT is(escape_text(NULL, 'plain'), NULL, 'NULL stays NULL');

-- ---------------------------------------------------------------------------------------
-- Read and unread
-- ---------------------------------------------------------------------------------------
SELECT is(mark_read(message_id), workspace_now(), 'Marking a message as read says when') FROM message WHERE dedup_key = 'm84 silence';
UPDATE message SET read_at = '2026-09-18 10:00+08' WHERE dedup_key = 'm84 silence';
SELECT is(mark_read(message_id), '2026-09-18 10:00+08'::timestamptz, 'and the first time stays') FROM message WHERE dedup_key = 'm84 silence';
SELECT is(mark_all_read('M84-2'), 3::bigint, 'All others of one person are marked at once');
SELECT is(mark_all_read('M84-2'), 0::bigint, 'and then none is left');
SELECT is_empty($$SELECT 1 FROM inbox WHERE employee_no = 'M84-2' AND NOT is_read$$, 'The inbox shows them as read');
SELECT isnt_empty($$SELECT 1 FROM inbox WHERE employee_no = 'M84-1' AND NOT is_read$$, 'and leaves other people''s alone');
SELECT set_config('perf_mgmt.employee', 'M84-1', true) \g /dev/null
SELECT throws_ok($$SELECT mark_all_read('M84-2')$$, '42501', 'the inbox belongs to somebody else');
SELECT throws_ok($$SELECT mark_read((SELECT message_id FROM message WHERE dedup_key = 'm84 zh'))$$, '42501', 'the inbox belongs to somebody else');
SELECT lives_ok($$SELECT mark_all_read('M84-1')$$, 'Everybody marks their own');

-- ---------------------------------------------------------------------------------------
-- Errors
-- ---------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT post_message('no_such', 1, 'x')$$, '42704', 'message kind "no_such" does not exist');
SELECT throws_ok($$SELECT post_message(NULL, 1, 'x')$$, '42704', 'message kind "(null)" does not exist');
SELECT throws_ok($$SELECT post_message('unrouted', -1, 'x')$$, 'P0002', 'employee -1 does not exist');
SELECT throws_ok($$SELECT post_message('unrouted', NULL, 'x')$$, 'P0002', 'employee (null) does not exist');
SELECT throws_ok($$SELECT post_message('unrouted', employee_id_of('M84-1'), NULL)$$, '22023',
	'a message needs a dedup_key of 1 to 200 characters, not "(null)"');
SELECT throws_ok($$SELECT post_message('unrouted', employee_id_of('M84-1'), '')$$, '22023',
	'a message needs a dedup_key of 1 to 200 characters, not ""');
SELECT throws_ok($$SELECT post_message('unrouted', employee_id_of('M84-1'), 'x', '[1]')$$, '22023',
	'the parameters of a message are an object, not [1]');
SELECT throws_ok($$SELECT post_message('unrouted', employee_id_of('M84-1'), 'x', '{}', 'infinity')$$, '22023',
	'a message cannot be made at infinity');
SELECT throws_ok($$SELECT mark_read(-1)$$, 'P0002', 'message -1 does not exist');
SELECT throws_ok($$SELECT mark_all_read('nobody')$$, 'P0002', 'employee "nobody" does not exist');

SELECT * FROM finish();
ROLLBACK;
