/*
 * Copies of messages for chats: who gets them, what they look like, and that
 * nothing secret or harmful gets in.
 */
BEGIN;
SET search_path TO perf, perf_mgmt, public, pg_temp;
SELECT no_plan();
UPDATE setting SET value = 'en' WHERE key = 'locale';
INSERT INTO department (code, name) VALUES ('O85', 'Sales');
SELECT hire('O85-1', 'Wang Fang', 'O85', NULL, '2026-01-05') \g /dev/null
SELECT hire('O85-2', 'Li Ming', 'O85', 'O85-1', '2026-01-05') \g /dev/null
INSERT INTO employee_address (employee_id, platform, address) VALUES
	(employee_id_of('O85-1'), 'wecom', 'wangfang'), (employee_id_of('O85-1'), 'dingtalk', 'ding01'), (employee_id_of('O85-1'), 'feishu', 'ou_1');

-- ---------------------------------------------------------------------------------------
-- Destinations
-- ---------------------------------------------------------------------------------------
SELECT lives_ok($$INSERT INTO destination (name, kind, secret) VALUES
	('wecom group', 'wecom_robot', 'wecom-group'), ('dingtalk group', 'dingtalk_robot', 'dingtalk-group'), ('feishu group', 'feishu_robot', 'feishu-group')$$,
	'A destination of a known platform needs a name and the name of its secret');
SELECT results_eq($$SELECT name::text, endpoint::text, rate_per_min, burst, tokens, is_enabled FROM destination WHERE name = 'dingtalk group'$$,
	$$VALUES ('dingtalk group', 'https://oapi.dingtalk.com/robot/send', 15::numeric, 5, 5::numeric, true)$$,
	'It takes address and limits from its kind');
SELECT is_empty($$SELECT kind FROM destination_kind WHERE platform IN ('wecom', 'dingtalk') AND kind LIKE '%robot' AND rate_per_min + burst > 20$$,
	'No minute can see more than the 20 messages that WeCom and DingTalk allow a robot');
SELECT lives_ok($$INSERT INTO destination (name, kind, endpoint, settings) VALUES ('hr system', 'cloudevents', 'https://hr.example.org:8443/events', '{"source": "/plant"}')$$,
	'A receiver of events names its address');
SELECT throws_ok($$INSERT INTO destination (name, kind) VALUES ('x', 'cloudevents')$$, '23502');
SELECT throws_ok($$INSERT INTO destination (name, kind, secret) VALUES ('x', 'wecom_app', 's')$$, '23514', NULL, 'An application needs its agent_id and corp_id');
SELECT lives_ok($$INSERT INTO destination (name, kind, secret, settings) VALUES ('wecom app', 'wecom_app', 'wecom-app', '{"corp_id": "ww1", "agent_id": 1000002}')$$,
	'and is made with it');
SELECT throws_ok(format('INSERT INTO destination (name, kind, endpoint) VALUES (%L, %L, %L)', 'x', 'cloudevents', bad), '23514', NULL, 'No address: ' || quote_literal(bad))
	FROM unnest(ARRAY['https://hr.example.org/hook?key=1', 'https://user:pw@hr.example.org/', 'https://hr.example.org/#x', 'ftp://hr.example.org/', 'hr.example.org', 'https://',
		'file:///etc/passwd', 'https://hr.example.org/a b']) AS bad;
SELECT throws_ok(format('INSERT INTO destination (name, kind, secret) VALUES (%L, %L, %L)', 'x', 'wecom_robot', bad), '23514', NULL, 'No name of a secret: ' || bad)
	FROM unnest(ARRAY['693a91f6-7b5c-4bc4-97a0-0ec2a1b2c3d4', 'SEC0123456789abcdef', '../etc/passwd', 'a b', '']) AS bad;
SELECT throws_ok(format('INSERT INTO employee_address (employee_id, platform, address) VALUES (%s, %L, %L)', employee_id_of('O85-2'), 'wecom', bad), '23514', NULL,
		'No account of one person: ' || bad)
	FROM unnest(ARRAY['@all', 'all', 'ALL', 'a|b', '<@x>', 'a b', '', 'a@b@c']) AS bad;

-- ---------------------------------------------------------------------------------------
-- Which messages are copied
-- ---------------------------------------------------------------------------------------
INSERT INTO message_channel (kind, destination_id) SELECT 'silence_reminder', destination_id FROM destination;
UPDATE message_channel c SET is_enabled = false FROM destination d WHERE d.destination_id = c.destination_id AND d.name = 'feishu group';
SELECT post_message('silence_reminder', employee_id_of('O85-1'), 'o85 one', '{"days": 8, "silent_since": "2026-09-10"}', '2026-09-18 09:00+08') \g /dev/null
SELECT post_message('goal_overdue', employee_id_of('O85-1'), 'o85 other kind') \g /dev/null
SELECT post_message('silence_reminder', employee_id_of('O85-1'), 'o85 one', '{"days": 9}') \g /dev/null
SELECT set_eq($$SELECT d.name::text, o.status::text FROM outbox o JOIN destination d USING (destination_id) WHERE o.idempotency_key = 'o85 one'$$,
	$$VALUES ('wecom group', 'queued'), ('dingtalk group', 'queued'), ('hr system', 'queued'), ('wecom app', 'queued')$$,
	'A message is copied once to every destination that is named and enabled for its kind');
SELECT is_empty($$SELECT 1 FROM outbox WHERE kind = 'goal_overdue'$$, 'and to none where nobody asked for its kind');
SELECT is(queue_copies((SELECT message_id FROM message WHERE dedup_key = 'o85 one')), 0, 'Queueing again queues nothing');
SELECT results_eq($$SELECT DISTINCT expires_at - not_before, priority::integer, ordering_key::text FROM outbox WHERE idempotency_key = 'o85 one'$$,
	$$SELECT interval '24 hours', 5, 'to:' || employee_id_of('O85-1')$$, 'Priority and time to live come from the kind, order from the recipient');
SELECT throws_ok($$UPDATE destination SET kind = 'no_such'$$, '23503');

SELECT post_message('silence_reminder', employee_id_of('O85-2'), 'o85 nowhere') \g /dev/null
SELECT results_eq($$SELECT o.status::text, o.last_error::text, o.body FROM outbox o JOIN destination d USING (destination_id) WHERE idempotency_key = 'o85 nowhere' AND d.name = 'wecom app'$$,
	$$VALUES ('failed', 'employee O85-2 has no address on wecom', NULL::jsonb)$$, 'A copy for somebody without an address fails and says why');
SELECT results_eq($$SELECT body -> 'markdown' ->> 'content' FROM outbox o JOIN destination d USING (destination_id) WHERE idempotency_key = 'o85 nowhere' AND d.name = 'wecom group'$$,
	$$SELECT E'**Please update your goals**\nLi Ming, your last check-in was ? days ago, on ?. Please report where your goals stand and what holds you up.\n' || message_mark('o85 nowhere')$$,
	'while in a group it mentions nobody');

-- ---------------------------------------------------------------------------------------
-- What is posted
-- ---------------------------------------------------------------------------------------
PREPARE body(text) AS SELECT body FROM outbox o JOIN destination d USING (destination_id) WHERE o.idempotency_key = 'o85 one' AND d.name = $1;
CREATE TEMPORARY TABLE wording AS
	SELECT 'Wang Fang, your last check-in was 8 days ago, on 2026-09-10. Please report where your goals stand and what holds you up.'::text AS said,
		'(#' || substr(encode(sha256('o85 one'), 'hex'), 1, 6) || ')' AS mark;
SELECT results_eq($$EXECUTE body('wecom group')$$, $$SELECT jsonb_build_object('msgtype', 'markdown', 'markdown',
	jsonb_build_object('content', E'**Please update your goals**\n' || said || E'\n' || mark || ' <@wangfang>')) FROM wording$$, 'WeCom''s robot gets markdown that mentions the person');
SELECT results_eq($$EXECUTE body('wecom app')$$, $$SELECT jsonb_build_object('msgtype', 'text', 'touser', 'wangfang', 'agentid', 1000002,
	'text', jsonb_build_object('content', E'Please update your goals\n' || said || E'\n' || mark), 'enable_duplicate_check', 1, 'duplicate_check_interval', 1800) FROM wording$$,
	'WeCom''s application gets text to the person and is asked to drop repetitions');
SELECT results_eq($$EXECUTE body('dingtalk group')$$, $$SELECT jsonb_build_object('msgtype', 'markdown', 'at', '{"atUserIds": ["ding01"], "isAtAll": false}'::jsonb, 'markdown',
	jsonb_build_object('title', 'Please update your goals', 'text', E'**Please update your goals**  \n' || said || E'  \n' || mark || ' @ding01')) FROM wording$$,
	'DingTalk''s robot gets markdown and the person''s account');
SELECT results_eq($$EXECUTE body('hr system')$$, $$SELECT jsonb_build_object('specversion', '1.0', 'id', 'o85 one', 'source', '/plant', 'type', 'perf_mgmt.message.silence_reminder.v1',
	'subject', 'O85-1', 'time', '2026-09-18T01:00:00.000Z', 'datacontenttype', 'application/json', 'data', jsonb_build_object('kind', 'silence_reminder', 'severity', 'info',
	'employee_no', 'O85-1', 'title', 'Please update your goals', 'body', said, 'params', '{"days": 8, "silent_since": "2026-09-10", "recipient": "Wang Fang"}'::jsonb)) FROM wording$$,
	'A receiver of events gets a CloudEvent');
SELECT is(chat_body('feishu_robot', '{}', 'T', 'C', '(#m)', 'ou_1', 4096), '{"msg_type": "interactive", "card": {"config": {"wide_screen_mode": true}, "header": {"title": {"tag": "plain_text",
	"content": "T"}}, "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": "C\n(#m) <at id=ou_1></at>"}}]}}'::jsonb, 'Feishu''s robot gets a card');
SELECT is(chat_body('no_such', '{}', 'T', 'C', '(#m)', NULL, 4096), NULL, 'No other kind has a body');

SELECT post_message('silence_reminder', employee_id_of('O85-1'), 'o85 hostile', '{"days": "<@all> [x](http://x.example) @all", "silent_since": "</at><at id=all></at>\n# big"}') \g /dev/null
SELECT is_empty($$SELECT body FROM outbox o JOIN destination d USING (destination_id) WHERE o.idempotency_key = 'o85 hostile' AND d.kind <> 'cloudevents'
	AND (body::text ~ '@all|<at id=all|\]\(' OR body::text ~ '\\n# big')$$, 'What people typed mentions and links nothing in any chat');
SELECT isnt_empty($$SELECT body FROM outbox o JOIN destination d USING (destination_id) WHERE o.idempotency_key = 'o85 hostile' AND d.kind = 'cloudevents'
	AND body -> 'data' -> 'params' ->> 'days' = '<@all> [x](http://x.example) @all'$$, 'An event carries it as it was typed');

-- ---------------------------------------------------------------------------------------
-- Length
-- ---------------------------------------------------------------------------------------
SELECT is(cut_text('abcdef', 6), 'abcdef', 'What fits is not cut');
SELECT is(cut_text('abcdefg', 6), 'abc...', 'What does not fit ends with dots');
SELECT is(cut_text(repeat('目', 4), 12), '目目目目', 'A Chinese character counts 3 bytes');
SELECT is(cut_text(repeat('目', 5), n), e, format('and is never halved, at %s bytes', n))
	FROM (VALUES (12, '目目目...'), (13, '目目目...'), (14, '目目目...')) AS v(n, e);
SELECT is(cut_text(repeat('𠮷', 5), n), e, format('nor one of 4 bytes, at %s', n))
	FROM (VALUES (15, '𠮷𠮷𠮷...'), (16, '𠮷𠮷𠮷...'), (18, '𠮷𠮷𠮷...'), (19, '𠮷𠮷𠮷𠮷...')) AS v(n, e);
SELECT is_empty($$SELECT k.kind, octet_length(convert_to(b.content, 'UTF8')) FROM destination_kind k,
	LATERAL (SELECT chat_body(k.kind, '{}', repeat('题', 500), repeat('目', 20000), '(#123456)', repeat('x', 64), k.text_bytes) AS body) AS c,
	LATERAL (SELECT coalesce(c.body -> 'markdown' ->> 'content', c.body -> 'markdown' ->> 'text', c.body -> 'text' ->> 'content',
		c.body -> 'card' -> 'elements' -> 0 -> 'text' ->> 'content') AS content) AS b
	WHERE k.kind <> 'cloudevents' AND NOT (octet_length(convert_to(b.content, 'UTF8')) BETWEEN k.text_bytes - 100 AND k.text_bytes
		AND octet_length(convert_to(c.body::text, 'UTF8')) < 20000 AND b.content LIKE '%(#123456)%')$$,
	'The longest message keeps the platform''s limits, and its mark and mention');
SELECT cmp_ok(octet_length(event_body('{}', repeat('k', 200), 'k', 'info', 'E', repeat('题', 500), repeat('目', 4000), jsonb_build_object('x', repeat('y', 70000)), now())::text),
	'<', 65536, 'An event is never longer than whoever passes it on must take');

-- ---------------------------------------------------------------------------------------
-- Announcements
-- ---------------------------------------------------------------------------------------
SELECT isnt(announce('joint_warning', 'wecom group', 'o85 announced', '{"from_department": "Sales", "to_department": "R&D"}'), NULL, 'A group can be told something');
SELECT is(announce('joint_warning', 'wecom group', 'o85 announced', '{"from_department": "Sales"}'), NULL, 'once for each occasion');
SELECT isnt(announce('joint_warning', 'dingtalk group', 'o85 announced'), NULL, 'and each destination');
SELECT is(title::text, U&'Joint warning: Sales and R\FF06D', 'It is worded like any message') FROM outbox WHERE idempotency_key = 'o85 announced' ORDER BY outbox_id LIMIT 1;
SELECT is_empty($$SELECT 1 FROM message WHERE dedup_key = 'o85 announced'$$, 'but stands in no inbox');
SELECT throws_ok($$SELECT announce('joint_warning', 'nowhere', 'x')$$, 'P0002', 'destination "nowhere" does not exist');
SELECT throws_ok($$SELECT announce('joint_warning', 'wecom app', 'x')$$, '22023', 'destination "wecom app" takes no announcements');
SELECT throws_ok($$SELECT announce('no_such', 'wecom group', 'x')$$, '42704', 'message kind "no_such" does not exist');
SELECT throws_ok($$SELECT announce('joint_warning', 'wecom group', '')$$, '22023', 'an announcement needs a dedup_key of 1 to 200 characters, not ""');
SELECT throws_ok($$SELECT announce('joint_warning', 'wecom group', 'x', '3')$$, '22023', 'the parameters of an announcement are an object, not 3');

SELECT * FROM finish();
ROLLBACK;
