/*
 * Messages to people: what kinds there are, how each is worded, and the inbox
 * of everybody.  A message is a row written by the transaction that has the
 * reason for it; sending it further is the outbox's business.
 */

/*
 * A capability that has something to say adds its kinds, placeholders and
 * templates here as rows.
 */
CREATE TABLE message_kind (
	kind varchar(40) NOT NULL,
	severity varchar(7) NOT NULL DEFAULT 'info',
	priority smallint NOT NULL DEFAULT 5,
	push_for interval NOT NULL DEFAULT '24 hours',
	description varchar(200) NOT NULL,
	CONSTRAINT message_kind_pkey PRIMARY KEY (kind),
	CONSTRAINT message_kind_kind_check CHECK (kind ~ '^[a-z][a-z0-9_]*$'),
	CONSTRAINT message_kind_severity_check CHECK (severity IN ('info', 'warning', 'urgent')),
	CONSTRAINT message_kind_priority_check CHECK (priority BETWEEN 0 AND 9),
	CONSTRAINT message_kind_push_for_check CHECK (push_for > interval '0')
);
COMMENT ON TABLE message_kind IS 'Kinds of messages; a capability adds its own as rows here, in message_placeholder and in message_template';
COMMENT ON COLUMN message_kind.kind IS 'Name that programs use';
COMMENT ON COLUMN message_kind.severity IS 'info, warning or urgent';
COMMENT ON COLUMN message_kind.priority IS '0 (can wait) to 9 (first); which one of several waiting messages is sent first';
COMMENT ON COLUMN message_kind.push_for IS 'How long after it was made sending a copy to a chat still makes sense; the inbox keeps it';
COMMENT ON COLUMN message_kind.description IS 'What it tells, and to whom';

INSERT INTO message_kind (kind, severity, priority, push_for, description) VALUES
	('silence_reminder', 'info', 5, '24 hours', 'To somebody who has not checked in for too long'),
	('silence_escalation', 'warning', 6, '48 hours', 'Copy to the manager: a reminder was not answered'),
	('check_in_due', 'info', 5, '12 hours', 'To everybody whose weekly check-in is still open'),
	('month_review_due', 'info', 4, '48 hours', 'To a manager: the month waits for its review'),
	('goal_overdue', 'warning', 5, '24 hours', 'To the owner of a goal that is past its due day'),
	('joint_warning', 'warning', 7, '24 hours', 'To both owners and both managers of a link that is in danger'),
	('kudos_quota', 'info', 3, '24 hours', 'To a manager who still owes the team public kudos'),
	('one_to_one_due', 'info', 4, '48 hours', 'To a manager: a one-to-one talk is due'),
	('reward_earned', 'info', 4, '72 hours', 'To somebody who has earned a reward'),
	('unrouted', 'urgent', 6, '72 hours', 'To HR: an escalation found nobody to go to');

CREATE TABLE message_placeholder (
	kind varchar(40) NOT NULL,
	name varchar(40) NOT NULL,
	description varchar(200) NOT NULL,
	CONSTRAINT message_placeholder_pkey PRIMARY KEY (kind, name),
	CONSTRAINT message_placeholder_kind_fkey FOREIGN KEY (kind) REFERENCES message_kind ON DELETE CASCADE,
	CONSTRAINT message_placeholder_name_check CHECK (name ~ '^[a-z][a-z0-9_]*$' AND name <> 'recipient')
);
COMMENT ON TABLE message_placeholder IS 'What the templates of a kind may put in, beside {recipient}, the name of who gets the message';
COMMENT ON COLUMN message_placeholder.kind IS 'Kind of message';
COMMENT ON COLUMN message_placeholder.name IS 'Name of the placeholder, written {name} in a template';
COMMENT ON COLUMN message_placeholder.description IS 'What it stands for';

INSERT INTO message_placeholder (kind, name, description) VALUES
	('silence_reminder', 'days', 'Days of silence'),
	('silence_reminder', 'silent_since', 'Day of the last own check-in'),
	('silence_escalation', 'employee', 'Name of who is silent'),
	('silence_escalation', 'employee_no', 'Number of who is silent'),
	('silence_escalation', 'days', 'Days of silence'),
	('silence_escalation', 'silent_since', 'Day of the last own check-in'),
	('silence_escalation', 'reminded_at', 'When the person was reminded'),
	('check_in_due', 'week_on', 'Monday of the week'),
	('check_in_due', 'due_on', 'Last day on time'),
	('check_in_due', 'missing', 'What the week still lacks'),
	('month_review_due', 'month', 'Month'),
	('month_review_due', 'department', 'Department'),
	('month_review_due', 'due_on', 'Day by which it is due'),
	('goal_overdue', 'goal_no', 'Number of the goal'),
	('goal_overdue', 'goal', 'Title of the goal'),
	('goal_overdue', 'due_on', 'Due day of the goal'),
	('goal_overdue', 'days', 'Days past the due day'),
	('joint_warning', 'from_goal', 'Title of the goal that needs the other'),
	('joint_warning', 'to_goal', 'Title of the goal that is needed'),
	('joint_warning', 'from_department', 'Department of the goal that needs the other'),
	('joint_warning', 'to_department', 'Department of the goal that is needed'),
	('joint_warning', 'cause', 'Why the link is in danger'),
	('joint_warning', 'slack_days', 'Days to spare, negative where time is short'),
	('kudos_quota', 'given', 'Kudos given so far'),
	('kudos_quota', 'missing', 'Kudos still owed'),
	('kudos_quota', 'due_on', 'Day by which they are due'),
	('one_to_one_due', 'employee', 'Name of whom to talk to'),
	('one_to_one_due', 'employee_no', 'Number of whom to talk to'),
	('one_to_one_due', 'last_on', 'Day of the last talk'),
	('one_to_one_due', 'days', 'Days since the last talk'),
	('reward_earned', 'weeks', 'Weeks kept in a row'),
	('reward_earned', 'reward', 'What was earned'),
	('unrouted', 'employee', 'Name of who is silent'),
	('unrouted', 'employee_no', 'Number of who is silent'),
	('unrouted', 'days', 'Days of silence');

CREATE TABLE message_template (
	kind varchar(40) NOT NULL,
	locale varchar(10) NOT NULL,
	format varchar(8) NOT NULL DEFAULT 'plain',
	title varchar(200) NOT NULL,
	body varchar(2000) NOT NULL,
	CONSTRAINT message_template_pkey PRIMARY KEY (kind, locale, format),
	CONSTRAINT message_template_kind_fkey FOREIGN KEY (kind) REFERENCES message_kind ON DELETE CASCADE,
	CONSTRAINT message_template_locale_check CHECK (locale IN ('zh', 'en')),
	CONSTRAINT message_template_format_check CHECK (format IN ('plain', 'markdown')),
	CONSTRAINT message_template_title_check CHECK (title <> '')
);
COMMENT ON TABLE message_template IS 'How messages are worded; change a row with UPDATE, the next message follows it';
COMMENT ON COLUMN message_template.kind IS 'Kind of message';
COMMENT ON COLUMN message_template.locale IS 'Language: zh or en; the setting locale chooses';
COMMENT ON COLUMN message_template.format IS
	'plain: for the inbox, and for chats too where there is no markdown row; markdown: for chats that show markdown';
COMMENT ON COLUMN message_template.title IS 'Title, with placeholders such as {days}';
COMMENT ON COLUMN message_template.body IS 'Text, with placeholders such as {days}';

CREATE FUNCTION check_message_template()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	text_of_template text := NEW.title || E'\n' || NEW.body;
	stray text;
	known text;
BEGIN
	SELECT string_agg(format('{%s}', n.name), ' ' ORDER BY n.name) INTO known
		FROM (SELECT p.name FROM message_placeholder p WHERE p.kind = NEW.kind UNION ALL SELECT 'recipient') AS n;
	SELECT m.found[1] INTO stray
		FROM regexp_matches(text_of_template, '\{[^{}]*\}', 'g') AS m(found)
		WHERE NOT m.found[1] = ANY (string_to_array(known, ' '))
		LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'placeholder "%" does not exist for messages of kind "%"', stray, NEW.kind
			USING ERRCODE = 'invalid_parameter_value', HINT = format('There are %s.', known);
	END IF;
	IF regexp_replace(text_of_template, '\{[^{}]*\}', '', 'g') ~ '[{}]' THEN
		RAISE EXCEPTION 'the template of kind "%" has a brace without its counterpart', NEW.kind
			USING ERRCODE = 'invalid_parameter_value', HINT = 'A placeholder is written {name}; other braces cannot be used.';
	END IF;
	RETURN NEW;
END;
$$;
COMMENT ON FUNCTION check_message_template() IS 'Trigger: refuses a template with a placeholder that its kind does not have';

CREATE TRIGGER message_template_before_check BEFORE INSERT OR UPDATE ON message_template
	FOR EACH ROW EXECUTE FUNCTION check_message_template();

INSERT INTO message_template (kind, locale, title, body) VALUES
	('silence_reminder', 'zh', '请更新目标进展', '{recipient}，您已 {days} 天没有打卡（上次：{silent_since}）。请更新目标进展，说明遇到的困难。'),
	('silence_reminder', 'en', 'Please update your goals', '{recipient}, your last check-in was {days} days ago, on {silent_since}. Please report where your goals stand and what holds you up.'),
	('silence_escalation', 'zh', '{employee} 尚未回应提醒', '{employee}（{employee_no}）已 {days} 天没有打卡，{reminded_at} 提醒后仍未更新。请了解是否需要支持。'),
	('silence_escalation', 'en', '{employee} has not answered a reminder', '{employee} ({employee_no}) has not checked in for {days} days and has not answered the reminder of {reminded_at}. Please ask whether help is needed.'),
	('check_in_due', 'zh', '本周打卡尚未完成', '{recipient}，{week_on} 这一周的打卡尚缺：{missing}。请在 {due_on} 24:00 前勾选完成的任务并上传照片。'),
	('check_in_due', 'en', 'Your weekly check-in is open', '{recipient}, the check-in for the week of {week_on} still lacks: {missing}. Please tick what is done and add a photo by the end of {due_on}.'),
	('month_review_due', 'zh', '{month} 月度复盘待完成', '{department} 的 {month} 月度复盘尚未完成，请于 {due_on} 前完成。'),
	('month_review_due', 'en', 'The review of {month} is due', 'The review of {month} for {department} is still open. Please hold it by {due_on}.'),
	('goal_overdue', 'zh', '目标逾期：{goal}', '目标 {goal_no}「{goal}」应于 {due_on} 完成，已逾期 {days} 天。请更新进展或申请延期。'),
	('goal_overdue', 'en', 'Goal overdue: {goal}', 'Goal {goal_no}, "{goal}", was due on {due_on} and is {days} days late. Please report on it or ask for a new date.'),
	('joint_warning', 'zh', '联合预警：{from_department} 与 {to_department}', '「{from_goal}」依赖「{to_goal}」，进度有风险：{cause}（余量 {slack_days} 天）。请双方协商对策。'),
	('joint_warning', 'en', 'Joint warning: {from_department} and {to_department}', '"{from_goal}" needs "{to_goal}", which is in danger: {cause} ({slack_days} days to spare). Please agree on what to do.'),
	('kudos_quota', 'zh', '还需公开点赞 {missing} 人', '{recipient}，本期已公开点赞 {given} 人，还需 {missing} 人，请于 {due_on} 前完成。'),
	('kudos_quota', 'en', 'Kudos still owed: {missing}', '{recipient}, you have praised {given} people of your team in public; {missing} more are due by {due_on}.'),
	('one_to_one_due', 'zh', '请安排与 {employee} 的一对一沟通', '距上次与 {employee}（{employee_no}）的一对一沟通（{last_on}）已 {days} 天。'),
	('one_to_one_due', 'en', 'A one-to-one with {employee} is due', 'Your last talk with {employee} ({employee_no}) was on {last_on}, {days} days ago.'),
	('reward_earned', 'zh', '恭喜获得奖励：{reward}', '{recipient}，您已连续 {weeks} 周按时打卡，获得：{reward}。'),
	('reward_earned', 'en', 'You have earned: {reward}', '{recipient}, you have checked in on time {weeks} weeks in a row and earned: {reward}.'),
	('unrouted', 'zh', '无人可抄送：{employee}', '{employee}（{employee_no}）已 {days} 天没有打卡，但没有可抄送的在岗上级。请指定负责人。'),
	('unrouted', 'en', 'Nobody to escalate to: {employee}', '{employee} ({employee_no}) has not checked in for {days} days, and no superior is there to be told. Please name somebody.');

/*
 * Rendering.  A value that people typed never gets to mean anything: in plain
 * text it cannot start a line, in markdown it cannot mention, link or mark up.
 * Chats differ in what a backslash or an entity does, so the characters that
 * mean something become their full-width forms, which mean nothing anywhere.
 */
CREATE FUNCTION escape_text(value text, format text)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (
		SELECT CASE WHEN format = 'plain' THEN clean.value
			ELSE translate(clean.value, '<>@[]*`#&|\~', U&'\FF1C\FF1E\FF20\FF3B\FF3D\FF0A\FF40\FF03\FF06\FF5C\FF3C\FF5E') END
		/* control characters, line separators, marks that turn the direction of writing */
		FROM (SELECT regexp_replace(escape_text.value, '[\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+', ' ', 'g') AS value) AS clean);
COMMENT ON FUNCTION escape_text(text, text) IS
	'Makes a value harmless inside a message: for plain one line without control characters; for chat and markdown also without mentions, links and marks. NULL for NULL';

CREATE FUNCTION render_template(template text, params jsonb, format text)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (
		/* in one pass: a value that looks like a placeholder stays as it is */
		SELECT string_agg(CASE WHEN m.part[1] LIKE '{_%}' THEN escape_text(coalesce(params ->> btrim(m.part[1], '{}'), '?'), format)
				ELSE m.part[1] END, '' ORDER BY m.n)
		FROM regexp_matches(template, '\{[a-z0-9_]+\}|[^{]+|\{', 'g') WITH ORDINALITY AS m(part, n));
COMMENT ON FUNCTION render_template(text, jsonb, text) IS
	'Text of a template with its {placeholders} filled from params, escaped for the format (plain, chat or markdown); one that is not given reads ?. NULL for NULL or an empty template';

CREATE TABLE message (
	message_id bigint GENERATED BY DEFAULT AS IDENTITY,
	kind varchar(40) NOT NULL,
	recipient_id bigint NOT NULL,
	dedup_key varchar(200) NOT NULL,
	severity varchar(7) NOT NULL,
	title varchar(500) NOT NULL,
	body varchar(4000) NOT NULL,
	params jsonb NOT NULL DEFAULT '{}',
	created_at timestamptz NOT NULL,
	read_at timestamptz,
	CONSTRAINT message_pkey PRIMARY KEY (message_id),
	CONSTRAINT message_dedup_key_key UNIQUE (dedup_key),
	CONSTRAINT message_kind_fkey FOREIGN KEY (kind) REFERENCES message_kind,
	CONSTRAINT message_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES employee,
	CONSTRAINT message_severity_check CHECK (severity IN ('info', 'warning', 'urgent')),
	CONSTRAINT message_params_check CHECK (jsonb_typeof(params) = 'object'),
	CONSTRAINT message_created_at_check CHECK (isfinite(created_at))
);
CREATE INDEX message_kind_idx ON message (kind);
CREATE INDEX message_recipient_id_created_at_idx ON message (recipient_id, created_at DESC);
COMMENT ON TABLE message IS 'Messages to people, one row each, worded when they were made; only read_at changes';
COMMENT ON COLUMN message.message_id IS 'Key';
COMMENT ON COLUMN message.kind IS 'Kind of message';
COMMENT ON COLUMN message.recipient_id IS 'Who gets it';
COMMENT ON COLUMN message.dedup_key IS 'Name of the occasion; no second message is made for the same one';
COMMENT ON COLUMN message.severity IS 'info, warning or urgent';
COMMENT ON COLUMN message.title IS 'Title, plain text';
COMMENT ON COLUMN message.body IS 'Text, plain';
COMMENT ON COLUMN message.params IS 'What its template was filled with';
COMMENT ON COLUMN message.created_at IS 'When it was made, in the workspace''s time';
COMMENT ON COLUMN message.read_at IS 'When it was first marked as read; NULL: not yet';

CREATE FUNCTION message_text(kind text, params jsonb, format text, OUT title text, OUT body text)
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	own_locale text := setting_text('locale');
BEGIN
	SELECT render_template(t.title, params, message_text.format), coalesce(render_template(t.body, params, message_text.format), '')
		INTO title, body
		FROM message_template t
		WHERE t.kind = message_text.kind AND (t.format = message_text.format OR t.format = 'plain')
		ORDER BY t.locale = own_locale DESC, t.format = message_text.format DESC, t.locale
		LIMIT 1;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'messages of kind "%" have no template', kind
			USING ERRCODE = 'undefined_object', HINT = 'Add one to the table message_template.';
	END IF;
END;
$$;
COMMENT ON FUNCTION message_text(text, jsonb, text) IS
	'Title and text of a message in the workspace''s language, for a format: plain for the inbox, markdown for chats that show it, chat for those that do not (worded as plain). '
	'Another language''s template serves where the own one is missing; 42704 for none at all';

CREATE FUNCTION post_message(
	kind text,
	recipient_id bigint,
	dedup_key text,
	params jsonb DEFAULT '{}',
	at timestamptz DEFAULT workspace_now())
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	severity_of_kind text;
	recipient_name text;
	filled jsonb;
	wording record;
	result bigint;
BEGIN
	SELECT k.severity INTO severity_of_kind FROM message_kind k WHERE k.kind = post_message.kind;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'message kind "%" does not exist', coalesce(kind, '(null)')
			USING ERRCODE = 'undefined_object', HINT = 'The table message_kind lists the kinds; add a row for a new one.';
	END IF;
	SELECT e.name INTO recipient_name FROM employee e WHERE e.employee_id = post_message.recipient_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'employee % does not exist', coalesce(recipient_id::text, '(null)')
			USING ERRCODE = 'no_data_found', HINT = 'employee_id_of(employee_no) finds the key of a number.';
	END IF;
	IF dedup_key IS NULL OR dedup_key = '' OR length(dedup_key) > 200 THEN
		RAISE EXCEPTION 'a message needs a dedup_key of 1 to 200 characters, not "%"', coalesce(left(dedup_key, 40), '(null)')
			USING ERRCODE = 'invalid_parameter_value', HINT = 'It names the occasion, such as goal_overdue:42:2026-09-18.';
	END IF;
	IF params IS NULL OR jsonb_typeof(params) <> 'object' THEN
		RAISE EXCEPTION 'the parameters of a message are an object, not %', coalesce(left(params::text, 40), '(null)')
			USING ERRCODE = 'invalid_parameter_value', HINT = 'For example {"days": 8}.';
	END IF;
	IF at IS NULL OR NOT isfinite(at) THEN
		RAISE EXCEPTION 'a message cannot be made at %', coalesce(at::text, '(null)')
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave the time out for the present moment.';
	END IF;

	filled := params || jsonb_build_object('recipient', recipient_name);
	wording := message_text(kind, filled, 'plain');
	INSERT INTO message AS m (kind, recipient_id, dedup_key, severity, title, body, params, created_at)
		SELECT post_message.kind, post_message.recipient_id, post_message.dedup_key, severity_of_kind,
			left(wording.title, 500), left(wording.body, 4000), filled, post_message.at
		ON CONFLICT ON CONSTRAINT message_dedup_key_key DO NOTHING
		RETURNING m.message_id INTO result;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION post_message(text, bigint, text, jsonb, timestamptz) IS
	'Puts a message into somebody''s inbox, worded by the template of its kind in the workspace''s language. dedup_key names the occasion: returns message_id, or NULL where '
	'the occasion has its message already. params fill the template; one that is not given reads ?. Where the table message_channel asks for it, copies to chats are queued too. '
	'Errors: 42704 no such kind or no template, P0002 no such employee, 22023 no dedup_key, params not an object, time infinite';

CREATE VIEW inbox WITH (security_invoker = true) AS
	SELECT m.message_id, e.employee_no::varchar(40) AS employee_no, e.name::varchar(100) AS employee, m.kind::varchar(40) AS kind,
		m.title::varchar(500) AS title, m.body::varchar(4000) AS body, m.created_at, m.read_at, m.read_at IS NOT NULL AS is_read,
		m.severity::varchar(7) AS severity
	FROM message m
	JOIN employee e ON e.employee_id = m.recipient_id;
COMMENT ON VIEW inbox IS 'One row a message to a person';
COMMENT ON COLUMN inbox.message_id IS 'Key of the message';
COMMENT ON COLUMN inbox.employee_no IS 'Employee number of who gets it';
COMMENT ON COLUMN inbox.employee IS 'Name of who gets it';
COMMENT ON COLUMN inbox.kind IS 'Kind, such as silence_reminder';
COMMENT ON COLUMN inbox.title IS 'Title, plain text';
COMMENT ON COLUMN inbox.body IS 'Text, plain';
COMMENT ON COLUMN inbox.created_at IS 'When it was made';
COMMENT ON COLUMN inbox.read_at IS 'When it was first marked as read; NULL: not yet';
COMMENT ON COLUMN inbox.is_read IS 'Whether it was marked as read';
COMMENT ON COLUMN inbox.severity IS 'info, warning or urgent';

CREATE FUNCTION require_own_inbox(recipient_id bigint)
	RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path FROM CURRENT
AS $$
BEGIN
	IF current_employee_id() <> recipient_id THEN
		RAISE EXCEPTION 'the inbox belongs to somebody else'
			USING ERRCODE = 'insufficient_privilege',
				HINT = 'Everybody marks their own messages as read.';
	END IF;
END;
$$;
COMMENT ON FUNCTION require_own_inbox(bigint) IS 'Raises 42501 where an employee acts who is not the given one; a session that acts for no employee passes';

CREATE FUNCTION mark_read(message_id bigint)
	RETURNS timestamptz
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	recipient bigint;
	moment timestamptz := workspace_now();
	result timestamptz;
BEGIN
	SELECT m.recipient_id INTO recipient FROM message m WHERE m.message_id = mark_read.message_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'message % does not exist', coalesce(message_id::text, '(null)')
			USING ERRCODE = 'no_data_found', HINT = 'The view inbox lists the messages.';
	END IF;
	PERFORM require_own_inbox(recipient);
	UPDATE message m SET read_at = moment WHERE m.message_id = mark_read.message_id AND m.read_at IS NULL;
	SELECT m.read_at INTO result FROM message m WHERE m.message_id = mark_read.message_id;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION mark_read(bigint) IS
	'Marks a message as read and returns when that happened first; again: nothing changes. Errors: P0002 no such message, 42501 somebody else''s';

CREATE FUNCTION mark_all_read(employee_no text)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	recipient bigint := employee_id_of(employee_no);
	moment timestamptz := workspace_now();
	result bigint;
BEGIN
	PERFORM require_own_inbox(recipient);
	UPDATE message m SET read_at = moment WHERE m.recipient_id = recipient AND m.read_at IS NULL;
	GET DIAGNOSTICS result = ROW_COUNT;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION mark_all_read(text) IS
	'Marks all messages of an employee as read and returns how many were not before. Errors: P0002 no such employee, 42501 somebody else''s inbox';
