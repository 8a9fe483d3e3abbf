/*
 * Where the plant's messages go besides the inbox: reminders to the person in
 * WeCom, copies to managers into a group of DingTalk, rewards into one of
 * Feishu, and joint warnings into a group of WeCom.  All four are played by a
 * program on the loopback interface, at the port that the variable names:
 *
 *   psql -v port=12345 -f demo/channels.sql
 *
 * The platforms' own limits (15 messages a minute and robot) would make the
 * demonstration last an hour; the played ones take a thousand at once.
 */
\set QUIET on
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = perf, perf_mgmt;

DO $$ BEGIN CREATE ROLE perf_relay LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT USAGE ON SCHEMA perf TO perf_relay;
GRANT EXECUTE ON FUNCTION claim_messages, ack_message, nack_message, renew_message, release_message, tidy_outbox, sending_enabled TO perf_relay;

INSERT INTO destination (name, kind, endpoint, secret, settings, rate_per_min, burst)
	SELECT d.name, d.kind, format('http://127.0.0.1:%s/ok/%s', :'port', d.path), d.kind, d.settings::jsonb, 60000, 5000
	FROM (VALUES
		('企业微信应用', 'wecom_app', 'app/cgi-bin', '{"corp_id": "ww-corp", "agent_id": 1000002}'),
		('企业微信协作群', 'wecom_robot', 'wecom/cgi-bin/webhook/send', '{}'),
		('钉钉主管群', 'dingtalk_robot', 'ding/robot/send', '{}'),
		('飞书荣誉群', 'feishu_robot', 'feishu/open-apis/bot/v2/hook', '{}')) AS d(name, kind, path, settings);

INSERT INTO message_channel (kind, destination_id)
	SELECT c.kind, d.destination_id
	FROM (VALUES
		('silence_reminder', '企业微信应用'),
		('silence_escalation', '钉钉主管群'),
		('reward_earned', '飞书荣誉群'),
		('joint_warning', '企业微信协作群')) AS c(kind, name)
	JOIN destination d ON d.name = c.name;

INSERT INTO employee_address (employee_id, platform, address)
	SELECT e.employee_id, p.platform, p.prefix || lower(e.employee_no)
	FROM employee e
	CROSS JOIN (VALUES ('wecom', ''), ('dingtalk', 'dt.'), ('feishu', 'ou_')) AS p(platform, prefix);

SELECT enable_sending() \g /dev/null
