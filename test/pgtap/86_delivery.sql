/*
 * Delivery: at least once, fenced, in order, within the rate; and only from
 * the database where sending was enabled.  Time is an argument throughout.
 */
BEGIN;
SET search_path TO perf, perf_mgmt, public, pg_temp;
SET client_min_messages = error;
SELECT no_plan();
UPDATE setting SET value = 'en' WHERE key = 'locale';
INSERT INTO department (code, name) VALUES ('D86', 'Sales');
SELECT hire('D86-1', 'Wang Fang', 'D86', NULL, '2026-01-05') \g /dev/null
SELECT hire('D86-2', 'Li Ming', 'D86', 'D86-1', '2026-01-05') \g /dev/null
SELECT hire('D86-3', 'Zhao Lei', 'D86', 'D86-1', '2026-01-05') \g /dev/null
INSERT INTO destination (name, kind, secret) VALUES ('group', 'wecom_robot', 'wecom-group');
INSERT INTO message_channel (kind, destination_id) SELECT k.kind, d.destination_id FROM destination d, (VALUES ('silence_reminder'), ('joint_warning')) AS k(kind);

CREATE FUNCTION pg_temp.post(recipient text, key text, kind text DEFAULT 'silence_reminder') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	result bigint;
BEGIN
	PERFORM post_message(kind, employee_id_of(recipient), key);
	SELECT o.outbox_id INTO result FROM outbox o WHERE o.idempotency_key = key;
	RETURN result;
END $$;
/* what one claim gets, by key, in its order; minutes after the beginning */
CREATE TEMPORARY TABLE beginning AS SELECT clock_timestamp() + interval '1 second' AS at;
CREATE FUNCTION pg_temp.t(minutes numeric) RETURNS timestamptz LANGUAGE sql AS $$ SELECT at + minutes * interval '1 minute' FROM beginning $$;
CREATE FUNCTION pg_temp.claim(minutes numeric, max integer DEFAULT 10, lease interval DEFAULT '1 minute') RETURNS text[] LANGUAGE sql AS $$
	SELECT coalesce(array_agg(c.idempotency_key::text ORDER BY c.n), '{}')
	FROM claim_messages('test', max, lease, pg_temp.t(minutes)) WITH ORDINALITY
		AS c(id, token, destination, kind, endpoint, secret, settings, idempotency_key, body, attempt, lease_until, expires_at, n) $$;
CREATE FUNCTION pg_temp.row_of(key text) RETURNS outbox LANGUAGE sql AS $$ SELECT o FROM outbox o WHERE o.idempotency_key = key $$;
CREATE FUNCTION pg_temp.ack(key text, minutes numeric) RETURNS boolean LANGUAGE sql AS $$
	SELECT ack_message(outbox_id, token, at => pg_temp.t(minutes)) FROM outbox WHERE idempotency_key = key $$;
CREATE FUNCTION pg_temp.nack(key text, minutes numeric, error text DEFAULT 'refused', retryable boolean DEFAULT true,
	retry_after interval DEFAULT NULL, code text DEFAULT NULL) RETURNS boolean LANGUAGE sql AS $$
	SELECT nack_message(outbox_id, token, error, retryable, retry_after, code, pg_temp.t(minutes)) FROM outbox WHERE idempotency_key = key $$;
CREATE FUNCTION pg_temp.status(key text) RETURNS text LANGUAGE sql AS $$ SELECT status || coalesce(': ' || last_error, '') FROM outbox WHERE idempotency_key = key $$;

-- ---------------------------------------------------------------------------------------
-- The switch
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.post('D86-1', 'a') \g /dev/null
SELECT is(sending_enabled(), false, 'A new workspace sends nothing');
SELECT is(pg_temp.claim(0), '{}', 'so that a relay gets nothing');
SELECT is(enable_sending(), current_database()::text, 'Somebody enables it');
SELECT is(sending_enabled(), true, 'for this database');
UPDATE sending SET system_identifier = system_identifier + 1;
SELECT is(sending_enabled(), false, 'A copy on another cluster is not enabled');
SELECT enable_sending() \g /dev/null
UPDATE sending SET database_id = database_id + 1;
SELECT is(pg_temp.claim(0), '{}', 'nor a copy beside the original');
SELECT enable_sending() \g /dev/null
UPDATE sending SET database = 'other';
SELECT is(sending_enabled(), false, 'nor one under another name');
SELECT is(disable_sending(), true, 'It can be disabled');
SELECT is(disable_sending(), false, 'once');
SELECT enable_sending() \g /dev/null
SELECT enable_sending() \g /dev/null
SELECT is(count(*), 1::bigint, 'One row says where') FROM sending;

-- ---------------------------------------------------------------------------------------
-- Claim and acknowledge
-- ---------------------------------------------------------------------------------------
SELECT results_eq($$SELECT destination::text, kind::text, endpoint::text, secret::text, settings, idempotency_key::text, body ->> 'msgtype', attempt, lease_until, token
		FROM claim_messages('test', 10, '1 minute', pg_temp.t(0))$$,
	$$SELECT 'group', 'wecom_robot', 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send', 'wecom-group', '{}'::jsonb, 'a', 'markdown', 1::smallint, pg_temp.t(1), 1::bigint$$,
	'A claim tells where to send what');
SELECT is(pg_temp.claim(0.5), '{}', 'What one relay has no other gets');
SELECT is(ack_message((pg_temp.row_of('a')).outbox_id, 2), false, 'A wrong token acknowledges nothing');
SELECT is(pg_temp.status('a'), 'leased', 'and changes nothing');
SELECT is(pg_temp.ack('a', 0.5), true, 'The right one does');
SELECT is(pg_temp.ack('a', 0.6), false, 'once');
SELECT is(((pg_temp.row_of('a')).status, (pg_temp.row_of('a')).done_at), ('sent'::varchar, pg_temp.t(0.5)), 'and the message is sent');
SELECT is(pg_temp.claim(60), '{}', 'It never comes back');
SELECT is(seen_at, pg_temp.t(60), 'The relay was seen') FROM relay_worker WHERE worker = 'test';

SELECT pg_temp.post('D86-1', 'b') \g /dev/null
SELECT is(pg_temp.claim(60), '{b}', 'A lease');
SELECT is(renew_message((pg_temp.row_of('b')).outbox_id, 1, '5 minutes', pg_temp.t(60.9)), true, 'can be renewed');
SELECT is(renew_message((pg_temp.row_of('b')).outbox_id, 7, '5 minutes', pg_temp.t(60.9)), false, 'by who has it');
SELECT is(pg_temp.claim(65), '{}', 'and holds so long');
SELECT is(pg_temp.claim(65.9), '{b}', 'When it has run out another gets the message');
SELECT is(ack_message((pg_temp.row_of('b')).outbox_id, 1), false, 'and the first comes too late to acknowledge');
SELECT is(nack_message((pg_temp.row_of('b')).outbox_id, 1, 'x'), false, 'or to refuse');
SELECT is(renew_message((pg_temp.row_of('b')).outbox_id, 1), false, 'or to renew');
SELECT is(release_message((pg_temp.row_of('b')).outbox_id, 1), false, 'or to release');
SELECT is(ack_message((pg_temp.row_of('b')).outbox_id, 2, 'invaliduser: x', pg_temp.t(66)), true, 'while the second acknowledges');
SELECT is(pg_temp.status('b'), 'sent: invaliduser: x', 'with a remark');
SELECT pg_temp.post('D86-1', 'c') \g /dev/null
SELECT is(pg_temp.claim(70), '{c}', 'A message taken');
SELECT is(release_message((pg_temp.row_of('c')).outbox_id, 1), true, 'and given back untouched');
SELECT is((pg_temp.row_of('c')).attempts, 0::smallint, 'has lost no attempt');
SELECT is(pg_temp.claim(70), '{c}', 'and is there at once');
SELECT is((pg_temp.row_of('c')).token, 2::bigint, 'under another token');
SELECT pg_temp.ack('c', 70) \g /dev/null

SELECT throws_ok(format('SELECT claim_messages(%s)', args), '22023', NULL, format('No claim: %s', args))
	FROM unnest(ARRAY[$$NULL$$, $$''$$, $$'x', 0$$, $$'x', NULL$$, $$'x', 1001$$, $$'x', 1, '0'$$, $$'x', 1, '-1 minute'$$, $$'x', 1, '2 hours'$$, $$'x', 1, NULL$$]) AS args;
SELECT throws_ok($$SELECT renew_message(1, 1, '2 hours')$$, '22023', 'a lease lasts from a second to an hour, not 02:00:00');

-- ---------------------------------------------------------------------------------------
-- Order and rate
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.post(r, k) FROM (VALUES ('D86-1', 'o1'), ('D86-1', 'o2'), ('D86-2', 'p1'), ('D86-1', 'o3'), ('D86-2', 'p2')) AS v(r, k) \g /dev/null
SELECT pg_temp.post('D86-3', 'urgent', 'joint_warning') \g /dev/null
SELECT is(pg_temp.claim(100), '{urgent,o1,p1}', 'The most urgent comes first, and of each person the eldest');
SELECT is(pg_temp.claim(100), '{}', 'Nothing overtakes what is on its way');
SELECT pg_temp.nack('o1', 100) \g /dev/null
SELECT pg_temp.ack('p1', 100) \g /dev/null
SELECT is(pg_temp.claim(100), '{p2}', 'nor what waits for its next attempt');
SELECT is(pg_temp.claim(100.2), '{o1}', 'which comes first again');
SELECT pg_temp.nack('o1', 100.2, 'no such user', false) \g /dev/null
SELECT is(pg_temp.claim(100.2), '{o2}', 'A message that is given up lets the next one pass');
SELECT pg_temp.ack(k, 100.3) FROM unnest(ARRAY['o2', 'p2', 'urgent']) AS k \g /dev/null
SELECT pg_temp.claim(110) \g /dev/null
SELECT pg_temp.ack('o3', 110) \g /dev/null

UPDATE message_kind SET push_for = '10 days' WHERE kind = 'joint_warning';
INSERT INTO destination (name, kind, secret, rate_per_min, burst) VALUES ('slow', 'wecom_robot', 's', 15, 5);
SELECT announce('joint_warning', 'slow', 'r' || n) FROM generate_series(1, 60) AS n \g /dev/null
CREATE TEMPORARY TABLE flow AS
	SELECT s.second, (SELECT count(*) FROM claim_messages('flow', 100, '1 hour', pg_temp.t(200) + s.second * interval '1 second')) AS claimed
	FROM generate_series(0, 300) AS s(second);
SELECT is(sum(claimed), 60::numeric, 'All are sent in the end') FROM flow;
SELECT is(max(n), 20::numeric, 'In no minute more than 20')
	FROM (SELECT sum(claimed) OVER (ORDER BY second RANGE BETWEEN CURRENT ROW AND 60 FOLLOWING) AS n FROM flow) AS f;
SELECT is(max(second), 220, 'and not slower than the rate: (60 - 5) / 15 a minute') FROM flow WHERE claimed > 0;
DELETE FROM outbox WHERE idempotency_key LIKE 'r%';

-- ---------------------------------------------------------------------------------------
-- Failures
-- ---------------------------------------------------------------------------------------
SELECT results_eq($$SELECT min(extract(epoch FROM retry_delay(n, s))) >= w / 2.0 AND max(extract(epoch FROM retry_delay(n, s))) <= w AND count(DISTINCT retry_delay(n, s)) > 50
	FROM (VALUES (1, 5), (2, 10), (5, 80), (10, 2560), (11, 3600), (16, 3600), (30000, 3600)) AS v(n, w), generate_series(1, 200) AS s GROUP BY n, w$$,
	$$SELECT true FROM generate_series(1, 7)$$, 'Waits double up to an hour and are spread over their second half');
SELECT is(retry_delay(3, 7), retry_delay(3, 7), 'always the same way');

SELECT pg_temp.post('D86-1', 'f') \g /dev/null
SELECT pg_temp.claim(300) \g /dev/null
SELECT is(pg_temp.nack('f', 300, 'connect to https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-def failed, key=abc'), true, 'A failed attempt');
SELECT is(pg_temp.status('f'), 'queued: connect to https://qyapi.weixin.qq.com/cgi-bin/webhook/send?... failed, key=...', 'leaves no secret in the error');
SELECT is((pg_temp.row_of('f')).not_before, pg_temp.t(300) + retry_delay(1, (pg_temp.row_of('f')).outbox_id), 'and waits as computed');
SELECT is(pg_temp.claim(310), '{f}', 'before it is tried again');
SELECT is(pg_temp.nack('f', 310, 'slow down', true, '3 minutes'), true, 'A receiver that asks for time');
SELECT pg_temp.post('D86-2', 'g') \g /dev/null
SELECT is(pg_temp.claim(312.9), '{}', 'gets it for all its messages');
SELECT is(pg_temp.claim(313), '{g,f}', 'and no more');
SELECT pg_temp.nack('f', 313, 'x', true, '10 years') \g /dev/null
SELECT is(paused_until, pg_temp.t(313) + interval '1 day', 'but not for ever') FROM destination WHERE name = 'group';
UPDATE destination SET paused_until = '-infinity';
SELECT pg_temp.ack('g', 313) \g /dev/null

CREATE FUNCTION pg_temp.reply(destination_name text, code text, minutes numeric) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	key text := 'reply ' || destination_name || ' ' || code;
	result text;
BEGIN
	PERFORM announce('joint_warning', destination_name, key);
	PERFORM claim_messages('test', 1000, '1 hour', pg_temp.t(minutes));
	PERFORM pg_temp.nack(key, minutes, 'code ' || code, true, NULL, code);
	SELECT format('%s, %s%s', o.status, CASE WHEN d.is_enabled THEN 'enabled' ELSE 'disabled' END,
			CASE WHEN d.paused_until > pg_temp.t(minutes) THEN format(', paused %s', round(extract(epoch FROM d.paused_until - pg_temp.t(minutes)))) END)
		INTO result FROM outbox o JOIN destination d USING (destination_id) WHERE o.idempotency_key = key;
	DELETE FROM outbox WHERE idempotency_key = key;
	UPDATE destination SET is_enabled = true, paused_until = '-infinity', failures = 0, tokens = burst WHERE name = destination_name;
	RETURN result;
END $$;
UPDATE outbox SET status = 'failed', done_at = pg_temp.t(313), lease_until = NULL WHERE idempotency_key = 'f';
INSERT INTO destination (name, kind, secret) VALUES ('ding', 'dingtalk_robot', 's'), ('fei', 'feishu_robot', 's');
INSERT INTO destination (name, kind, endpoint) VALUES ('events', 'cloudevents', 'https://x.example/');
SELECT is(pg_temp.reply(d, c, 400), expected, format('%s answers %s', d, c)) FROM (VALUES
	('group', '45009', 'queued, enabled, paused 65'), ('group', '93000', 'queued, disabled'), ('group', '40058', 'failed, enabled'), ('group', '-1', 'queued, enabled'),
	('group', '99999', 'queued, enabled'), ('ding', '130101', 'queued, enabled, paused 600'), ('ding', '310000', 'queued, disabled'),
	('ding', '310000 timestamp', 'queued, enabled'), ('ding', '40035', 'failed, enabled'), ('fei', '11232', 'queued, enabled, paused 60'), ('fei', '9499', 'failed, enabled'),
	('fei', '19021', 'queued, disabled'), ('events', 'http 410', 'queued, disabled'), ('events', 'http 500', 'queued, enabled')) AS v(d, c, expected);

-- a destination that is disabled tells somebody, once
UPDATE setting SET value = 'D86-1' WHERE key = 'message_admin';
SELECT announce('joint_warning', 'group', 'gone 1') \g /dev/null
SELECT announce('joint_warning', 'group', 'gone 2') \g /dev/null
SELECT is(pg_temp.claim(500), '{"gone 1","gone 2"}', 'Two messages on their way');
SELECT pg_temp.nack('gone 1', 500, '93000 invalid webhook url', true, NULL, '93000') \g /dev/null
SELECT pg_temp.nack('gone 2', 500, '93000 invalid webhook url', true, NULL, '93000') \g /dev/null
SELECT results_eq($$SELECT employee_no::text, title::text, body::text FROM inbox WHERE kind = 'destination_disabled'$$,
	$$VALUES ('D86-1', 'Destination disabled: group', 'The destination group answered: 93000 invalid webhook url. The robot''s key is wrong, or the robot was removed. Then set destination.is_enabled to true.')$$,
	'The admin is told once');
SELECT is(pg_temp.claim(501), '{}', 'Nothing goes there any more');
SELECT is((pg_temp.row_of('gone 1')).attempts, 0::smallint, 'The messages wait unharmed');
UPDATE destination SET is_enabled = true WHERE name = 'group';
SELECT is(pg_temp.claim(501), '{"gone 1","gone 2"}', 'till somebody has put it right');
SELECT pg_temp.ack('gone ' || n, 501) FROM generate_series(1, 2) AS n \g /dev/null

-- ---------------------------------------------------------------------------------------
-- Giving up
-- ---------------------------------------------------------------------------------------
SELECT announce('joint_warning', 'events', 'poison') \g /dev/null
SELECT is((SELECT count(*) FROM generate_series(1, 40) AS n WHERE pg_temp.claim(600 + 2 * n) = '{poison}'), 16::bigint,
	'A message at which every relay dies is tried 16 times');
SELECT is(pg_temp.status('poison'), 'failed: given up: the lease ran out at attempt 16', 'and then given up');
SELECT announce('joint_warning', 'events', 'hopeless') \g /dev/null
UPDATE setting SET value = '1000' WHERE key = 'breaker_failures';
SELECT is((SELECT count(*) FROM generate_series(1, 40) AS n WHERE CASE WHEN pg_temp.claim(700 + 61 * n) = '{hopeless}' THEN pg_temp.nack('hopeless', 700 + 61 * n, 'http 500') END), 16::bigint,
	'A message that always fails is tried 16 times');
SELECT is(pg_temp.status('hopeless'), 'failed: http 500', 'and then given up');
SELECT is(requeue_message((pg_temp.row_of('hopeless')).outbox_id, pg_temp.t(4000)), (pg_temp.row_of('hopeless')).outbox_id, 'Somebody queues it again');
SELECT is(pg_temp.claim(4000), '{hopeless}', 'and it goes out');
SELECT throws_ok(format('SELECT requeue_message(%s)', (pg_temp.row_of('hopeless')).outbox_id), '55000', format('message %s is leased, so it cannot be queued again', (pg_temp.row_of('hopeless')).outbox_id));
SELECT throws_ok('SELECT requeue_message(-1)', 'P0002', 'no message -1 is in the outbox');
SELECT pg_temp.ack('hopeless', 4000) \g /dev/null

INSERT INTO destination (name, kind, secret, settings) VALUES ('app', 'wecom_app', 's', '{"corp_id": "w", "agent_id": 1}');
INSERT INTO message_channel (kind, destination_id) SELECT 'goal_overdue', destination_id FROM destination WHERE name = 'app';
SELECT pg_temp.post('D86-2', 'unaddressed', 'goal_overdue') \g /dev/null
SELECT throws_ok(format('SELECT requeue_message(%s)', (pg_temp.row_of('unaddressed')).outbox_id), '55000',
	format('message %s cannot be sent: employee D86-2 has no address on wecom', (pg_temp.row_of('unaddressed')).outbox_id));
INSERT INTO employee_address (employee_id, platform, address) VALUES (employee_id_of('D86-2'), 'wecom', 'liming');
SELECT requeue_message((pg_temp.row_of('unaddressed')).outbox_id, pg_temp.t(4000)) \g /dev/null
SELECT is(pg_temp.claim(4000), '{unaddressed}', 'With the address the message can be queued');
SELECT is((pg_temp.row_of('unaddressed')).body ->> 'touser', 'liming', 'worded anew');
SELECT pg_temp.ack('unaddressed', 4000) \g /dev/null

-- ---------------------------------------------------------------------------------------
-- The breaker
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = '3' WHERE key = 'breaker_failures';
UPDATE destination SET failures = 0, rate_per_min = 1000, burst = 100, tokens = 100 WHERE name = 'events';
SELECT announce('joint_warning', 'events', 'br' || n) FROM generate_series(1, 6) AS n \g /dev/null
SELECT is(cardinality(pg_temp.claim(5000, 3)), 3, 'Three messages on their way');
SELECT pg_temp.nack('br' || n, 5000, 'connection refused') FROM generate_series(1, 3) AS n \g /dev/null
SELECT is(paused_until, pg_temp.t(5001), 'After three that reached nobody the destination is paused for a minute') FROM destination WHERE name = 'events';
SELECT announce('joint_warning', 'group', 'beside') \g /dev/null
SELECT is(pg_temp.claim(5000.9), '{beside}', 'and others are not');
SELECT pg_temp.ack('beside', 5000.9) \g /dev/null
SELECT is(cardinality(pg_temp.claim(5001)), 1, 'Then one message finds out');
SELECT is(pg_temp.claim(5001), '{}', 'and no second');
SELECT nack_message(outbox_id, token, 'connection refused', at => pg_temp.t(5001)) FROM outbox WHERE status = 'leased' AND idempotency_key LIKE 'br%' \g /dev/null
SELECT is(paused_until, pg_temp.t(5003), 'It fails: two minutes') FROM destination WHERE name = 'events';
UPDATE destination SET failures = 50 WHERE name = 'events';
SELECT is(cardinality(pg_temp.claim(5003)), 1, 'One again');
SELECT nack_message(outbox_id, token, 'connection refused', at => pg_temp.t(5003)) FROM outbox WHERE status = 'leased' AND idempotency_key LIKE 'br%' \g /dev/null
SELECT is(paused_until, pg_temp.t(5063), 'never more than an hour') FROM destination WHERE name = 'events';
SELECT is(cardinality(pg_temp.claim(5063)), 1, 'One again');
SELECT ack_message(outbox_id, token, at => pg_temp.t(5063)) FROM outbox WHERE status = 'leased' AND idempotency_key LIKE 'br%' \g /dev/null
SELECT is(cardinality(pg_temp.claim(5063)), 5, 'It succeeds: all others follow');
SELECT ack_message(outbox_id, token, at => pg_temp.t(5063)) FROM outbox WHERE status = 'leased' \g /dev/null

-- ---------------------------------------------------------------------------------------
-- Too late, and thrown away
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.post('D86-3', 'old') \g /dev/null
SELECT pg_temp.post('D86-3', 'newer') \g /dev/null
UPDATE outbox SET expires_at = pg_temp.t(6000) WHERE idempotency_key = 'old';
UPDATE outbox SET expires_at = pg_temp.t(7000) WHERE idempotency_key = 'newer';
SELECT is(pg_temp.claim(6000), '{newer}', 'What is too late is not sent and holds nobody up');
SELECT is(pg_temp.status('old'), 'expired: not sent in time', 'It says so');
SELECT is(is_read, false, 'and still stands in the inbox') FROM inbox WHERE message_id = (pg_temp.row_of('old')).message_id;
SELECT is(pg_temp.claim(7001), '{}', 'A lease that ends too late');
SELECT is(pg_temp.status('newer'), 'expired: the lease of test ran out', 'expires its message');
SELECT announce('joint_warning', 'group', 'unwanted') \g /dev/null
SELECT is(discard_messages('restored from a backup', pg_temp.t(7001)), 1::bigint, 'What waits can be thrown away');
SELECT is(pg_temp.status('unwanted'), 'expired: restored from a backup', 'with the reason');

SELECT announce('joint_warning', 'group', 'waiting') \g /dev/null
UPDATE destination SET is_enabled = false WHERE name = 'group';
UPDATE outbox SET expires_at = pg_temp.t(50000) WHERE idempotency_key = 'waiting';
CREATE TEMPORARY TABLE finished AS SELECT count(*) FILTER (WHERE status <> 'failed') AS fine, count(*) FILTER (WHERE status = 'failed') AS failed FROM outbox WHERE done_at IS NOT NULL;
SELECT is(tidy_outbox(1000, pg_temp.t(60 * 24 * 30)), 0::bigint, 'Nothing is deleted before its time');
SELECT is(tidy_outbox(3, pg_temp.t(7001 + 60 * 24 * 30) + interval '1 second'), 3::bigint, 'Upkeep deletes in batches');
SELECT is(tidy_outbox(1000, pg_temp.t(7001 + 60 * 24 * 30) + interval '1 second'), fine - 3, 'what was finished 30 days ago') FROM finished;
SELECT is(pg_temp.status('waiting'), NULL, 'Nothing stays queued for a destination that is disabled') FROM finished WHERE false;
SELECT is(count(*), failed, 'What was given up') FROM finished, outbox WHERE status = 'failed' GROUP BY failed;
SELECT is(tidy_outbox(1000, pg_temp.t(7001 + 60 * 24 * 180) + interval '1 second'), failed + 1, 'goes after 180, with what expired meanwhile') FROM finished;
SELECT is_empty('SELECT 1 FROM outbox WHERE done_at IS NOT NULL', 'and then nothing finished is left');

-- ---------------------------------------------------------------------------------------
-- Digests
-- ---------------------------------------------------------------------------------------
UPDATE destination SET is_enabled = true, tokens = burst, claimed_at = '-infinity' WHERE name = 'group';
UPDATE message_channel SET digest_minutes = 30;
DELETE FROM outbox;
SELECT pg_temp.post(r, k) FROM (VALUES ('D86-1', 'd1'), ('D86-2', 'e1'), ('D86-1', 'd2'), ('D86-1', 'd3')) AS v(r, k) \g /dev/null
UPDATE outbox SET queued_at = pg_temp.t(0), not_before = pg_temp.t(30), expires_at = pg_temp.t(1000);
SELECT is(pg_temp.claim(29), '{}', 'Messages for a digest wait for its end');
SELECT is(pg_temp.claim(30), '{d1,e1}', 'and then each person gets one');
SELECT results_eq($$SELECT body -> 'markdown' ->> 'content' FROM outbox WHERE idempotency_key = 'd1'$$,
	$$SELECT E'**3 messages for you**\n' || string_agg(format(E'%s\n%s', title, body), E'\n' ORDER BY message_id) || E'\n' || message_mark('d1')
		FROM message WHERE dedup_key IN ('d1', 'd2', 'd3')$$, 'made of all of theirs');
SELECT results_eq($$SELECT idempotency_key::text, joined_to FROM outbox WHERE status = 'joined' ORDER BY 1$$,
	$$SELECT k, (pg_temp.row_of('d1')).outbox_id FROM unnest(ARRAY['d2', 'd3']) AS k$$, 'which say where they went');
CREATE TEMPORARY TABLE first_body AS SELECT body FROM outbox WHERE idempotency_key = 'd1';
SELECT pg_temp.post('D86-1', 'd4') \g /dev/null
UPDATE outbox SET not_before = pg_temp.t(30), expires_at = pg_temp.t(1000) WHERE idempotency_key = 'd4';
SELECT pg_temp.nack('d1', 30) \g /dev/null
SELECT is(pg_temp.claim(40), '{e1,d1}', 'Another attempt');
SELECT results_eq($$SELECT body FROM outbox WHERE idempotency_key = 'd1'$$, $$SELECT body FROM first_body$$, 'is byte for byte the same');
SELECT is(pg_temp.ack('d1', 40), true, 'Sent');
SELECT is(pg_temp.claim(40), '{d4}', 'a later one follows by itself');
SELECT is((SELECT body -> 'markdown' ->> 'content' LIKE '**Please update your goals**%' FROM outbox WHERE idempotency_key = 'd4'), true, 'as what it is');
SELECT is(extract(minute FROM date_bin('30 minutes', t, '2000-01-03 00:07+00'))::integer % 30, 7, 'Digests never end at the full or half hour') FROM (SELECT queued_at AS t FROM outbox LIMIT 1) AS q;

-- ---------------------------------------------------------------------------------------
-- What one sees
-- ---------------------------------------------------------------------------------------
SELECT results_eq($$SELECT destination::text, employee_no::text, status::text, attempts FROM message_delivery WHERE title = '3 messages for you'$$,
	$$VALUES ('group', 'D86-1', 'sent', 2::smallint)$$, 'message_delivery shows what became of each');
SELECT results_eq($$SELECT queued, leased, failed, last_sent_at, paused_until FROM destination_status WHERE destination = 'group'$$,
	$$SELECT 0::bigint, 2::bigint, 0::bigint, pg_temp.t(40), NULL::timestamptz$$, 'destination_status shows how each fares');

-- ---------------------------------------------------------------------------------------
-- The relay's role
-- ---------------------------------------------------------------------------------------
CREATE ROLE d86_relay;
CREATE ROLE d86_nobody;
GRANT USAGE ON SCHEMA perf TO d86_relay, d86_nobody;
GRANT EXECUTE ON FUNCTION claim_messages, ack_message, nack_message, renew_message, release_message, tidy_outbox, sending_enabled TO d86_relay;
INSERT INTO destination (name, kind, endpoint) VALUES ('fresh', 'cloudevents', 'https://y.example/');
SELECT announce('joint_warning', 'fresh', 'by role') \g /dev/null
SET ROLE d86_relay;
SELECT is((SELECT count(*) FROM perf.claim_messages('r', 10, '1 minute', clock_timestamp() + interval '3 minutes')), 1::bigint, 'A role with nothing but EXECUTE can relay');
SELECT throws_ok('SELECT * FROM perf.outbox', '42501');
SELECT throws_ok('SELECT * FROM perf.destination', '42501');
SET ROLE d86_nobody;
SELECT throws_ok(format('SELECT perf.%s', f), '42501', NULL, 'Not everybody may call ' || f)
	FROM unnest(ARRAY['claim_messages(''x'')', 'ack_message(1, 1)', 'nack_message(1, 1, ''x'')', 'renew_message(1, 1)', 'release_message(1, 1)', 'tidy_outbox()', 'sending_enabled()']) AS f;
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
