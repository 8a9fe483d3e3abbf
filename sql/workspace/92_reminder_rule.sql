/*
 * Reminders are rules, and rules are rows: what counts as an occasion, who is
 * told after how long, who is told next where nothing happens.  One function
 * carries all of them out.
 */

INSERT INTO setting (key, value, value_type, description) VALUES
	('waking_from', '09:00', 'time', 'Time of day from which reminders are made, in the workspace''s time zone'),
	('waking_until', '18:00', 'time', 'Time of day at which reminders end, 24:00 for midnight; before waking_from: over midnight; the same: all day long'),
	('waking_days_off', 'false', 'boolean', 'Whether reminders are made on days off as well'),
	('hr_employee', NULL, 'text', 'Number of the employee in HR who is told where no superior is there; not set: nobody');

CREATE FUNCTION check_reminder_setting()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	IF NEW.key = 'hr_employee' THEN
		PERFORM employee_id_of(NEW.value) WHERE NEW.value IS NOT NULL;
	ELSIF NEW.value IS NULL THEN
		RAISE EXCEPTION 'setting "%" cannot be empty', NEW.key
			USING ERRCODE = 'invalid_parameter_value', HINT = NEW.description || '.';
	END IF;
	RETURN NEW;
END;
$$;
COMMENT ON FUNCTION check_reminder_setting() IS 'Trigger: waking hours are given, and whoever stands for HR is an employee';

CREATE TRIGGER setting_before_reminder BEFORE INSERT OR UPDATE ON setting
	FOR EACH ROW WHEN (NEW.key IN ('waking_from', 'waking_until', 'waking_days_off', 'hr_employee')) EXECUTE FUNCTION check_reminder_setting();

CREATE TABLE reminder_rule (
	code varchar(40) NOT NULL,
	occasion varchar(40) NOT NULL,
	after_days integer,
	waking_from varchar(5),
	waking_until varchar(5),
	waking_days_off boolean,
	is_enabled boolean NOT NULL DEFAULT true,
	description varchar(200) NOT NULL,
	CONSTRAINT reminder_rule_pkey PRIMARY KEY (code),
	CONSTRAINT reminder_rule_code_check CHECK (code ~ '^[a-z][a-z0-9_]*$'),
	CONSTRAINT reminder_rule_occasion_check CHECK (occasion IN
		('silence', 'check_in_due', 'goal_overdue', 'joint_warning', 'kudos_quota', 'month_review_due', 'one_to_one_due')),
	CONSTRAINT reminder_rule_after_days_check CHECK (after_days BETWEEN 0 AND 3650),
	CONSTRAINT reminder_rule_waking_from_check CHECK (waking_from ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
	CONSTRAINT reminder_rule_waking_until_check CHECK (waking_until ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$')
);
COMMENT ON TABLE reminder_rule IS 'What people are reminded of; change, add or switch off rules as rows, the next tick follows them';
COMMENT ON COLUMN reminder_rule.code IS 'Name of the rule';
COMMENT ON COLUMN reminder_rule.occasion IS
	'What counts: silence (somebody has not checked in), check_in_due (the week''s check-in is still open on its last day), goal_overdue, joint_warning (open), '
	'kudos_quota (a manager owes praise), month_review_due, one_to_one_due. Silence is looked at by each tick, the others by the first tick of a day in waking hours, and whenever a further step is due';
COMMENT ON COLUMN reminder_rule.after_days IS 'The occasion begins after more than so many days; NULL: for silence the setting silence_days, else 0';
COMMENT ON COLUMN reminder_rule.waking_from IS 'Time of day, such as 09:00, from which its messages are made; NULL: the setting waking_from';
COMMENT ON COLUMN reminder_rule.waking_until IS 'Time of day at which that ends; NULL: the setting waking_until';
COMMENT ON COLUMN reminder_rule.waking_days_off IS 'Whether they are made on days off as well; NULL: the setting waking_days_off';
COMMENT ON COLUMN reminder_rule.is_enabled IS 'False: nobody is reminded';
COMMENT ON COLUMN reminder_rule.description IS 'What it is for';

CREATE TABLE reminder_step (
	rule_code varchar(40) NOT NULL,
	step_no integer NOT NULL,
	after interval NOT NULL DEFAULT '0',
	recipient varchar(13) NOT NULL,
	employee_id bigint,
	kind varchar(40) NOT NULL,
	CONSTRAINT reminder_step_pkey PRIMARY KEY (rule_code, step_no),
	CONSTRAINT reminder_step_rule_code_fkey FOREIGN KEY (rule_code) REFERENCES reminder_rule ON DELETE CASCADE,
	CONSTRAINT reminder_step_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employee,
	CONSTRAINT reminder_step_kind_fkey FOREIGN KEY (kind) REFERENCES message_kind,
	CONSTRAINT reminder_step_step_no_check CHECK (step_no BETWEEN 1 AND 100),
	CONSTRAINT reminder_step_after_check CHECK (after >= interval '0'),
	CONSTRAINT reminder_step_recipient_check CHECK (recipient IN ('person', 'manager', 'upper_manager', 'hr', 'employee')),
	CONSTRAINT reminder_step_employee_id_check CHECK ((recipient = 'employee') = (employee_id IS NOT NULL))
);
CREATE INDEX reminder_step_employee_id_idx ON reminder_step (employee_id);
CREATE INDEX reminder_step_kind_idx ON reminder_step (kind);
COMMENT ON TABLE reminder_step IS 'Who is told what, one row a step; a step follows where the occasion still lasts. Which chats get a copy says message_channel, by kind';
COMMENT ON COLUMN reminder_step.rule_code IS 'Rule';
COMMENT ON COLUMN reminder_step.step_no IS 'Order; gaps are fine';
COMMENT ON COLUMN reminder_step.after IS
	'How long after the occasion began (first step) or after the message of the step before was made; leave of the person does not count';
COMMENT ON COLUMN reminder_step.recipient IS
	'person: whom the occasion concerns; manager, upper_manager: the direct manager, the one above (at the top the direct one); where absent the next level; hr: the setting hr_employee; employee: the one named here. '
	'Where none of them is there HR is told instead';
COMMENT ON COLUMN reminder_step.employee_id IS 'The employee that is named; only with recipient employee';
COMMENT ON COLUMN reminder_step.kind IS 'Kind of message';

CREATE TABLE reminder_look (
	rule_code varchar(40) NOT NULL,
	looked_at timestamptz NOT NULL,
	CONSTRAINT reminder_look_pkey PRIMARY KEY (rule_code),
	CONSTRAINT reminder_look_rule_code_fkey FOREIGN KEY (rule_code) REFERENCES reminder_rule ON DELETE CASCADE
);
COMMENT ON TABLE reminder_look IS 'When the tick last looked for the occasions of a rule that change by the day; kept by the system, forgotten when the rule changes';
COMMENT ON COLUMN reminder_look.rule_code IS 'Rule';
COMMENT ON COLUMN reminder_look.looked_at IS 'Moment of the tick that looked';

CREATE FUNCTION forget_look()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path FROM CURRENT
AS $$
BEGIN
	DELETE FROM reminder_look;
	RETURN NULL;
END;
$$;
COMMENT ON FUNCTION forget_look() IS 'Trigger: a changed rule holds with the next tick';

CREATE TRIGGER reminder_rule_after_change AFTER INSERT OR UPDATE ON reminder_rule
	FOR EACH STATEMENT EXECUTE FUNCTION forget_look();
CREATE TRIGGER reminder_step_after_change AFTER INSERT OR UPDATE OR DELETE ON reminder_step
	FOR EACH STATEMENT EXECUTE FUNCTION forget_look();

/*
 * What was carried out: an occasion of a person with its messages.
 */
CREATE TABLE reminder (
	reminder_id bigint GENERATED BY DEFAULT AS IDENTITY,
	rule_code varchar(40) NOT NULL,
	employee_id bigint NOT NULL,
	subject varchar(60) NOT NULL,
	since_on date NOT NULL,
	opened_at timestamptz NOT NULL,
	last_step_no integer NOT NULL,
	last_step_at timestamptz NOT NULL,
	is_unrouted boolean NOT NULL,
	closed_at timestamptz,
	CONSTRAINT reminder_pkey PRIMARY KEY (reminder_id),
	CONSTRAINT reminder_rule_code_employee_id_subject_key UNIQUE (rule_code, employee_id, subject),
	CONSTRAINT reminder_rule_code_fkey FOREIGN KEY (rule_code) REFERENCES reminder_rule,
	CONSTRAINT reminder_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employee,
	CONSTRAINT reminder_since_on_check CHECK (isfinite(since_on)),
	CONSTRAINT reminder_closed_at_check CHECK (isfinite(opened_at) AND isfinite(closed_at) AND opened_at <= closed_at)
);
CREATE INDEX reminder_employee_id_idx ON reminder (employee_id, opened_at);
CREATE INDEX reminder_open_idx ON reminder (rule_code, employee_id) WHERE closed_at IS NULL;
COMMENT ON TABLE reminder IS 'Occasions of which somebody was told, one row each, with how far its rule has gone; the messages are in reminder_message';
COMMENT ON COLUMN reminder.reminder_id IS 'Key';
COMMENT ON COLUMN reminder.rule_code IS 'Rule';
COMMENT ON COLUMN reminder.employee_id IS 'Person whom it concerns';
COMMENT ON COLUMN reminder.subject IS 'Which occasion of the person: the day of the last check-in for silence; the rule never speaks of the same one again';
COMMENT ON COLUMN reminder.since_on IS 'Day on which the occasion has its beginning; for silence the day of the last check-in';
COMMENT ON COLUMN reminder.opened_at IS 'When its first step was taken';
COMMENT ON COLUMN reminder.last_step_no IS 'Last step that was taken';
COMMENT ON COLUMN reminder.last_step_at IS 'When it was; the next step counts from here';
COMMENT ON COLUMN reminder.is_unrouted IS 'Whether nobody was there to be told in it; each tick tries again';
COMMENT ON COLUMN reminder.closed_at IS 'When the occasion was over; NULL: it still lasts';

CREATE TABLE reminder_message (
	reminder_id bigint NOT NULL,
	step_no integer NOT NULL,
	made_at timestamptz NOT NULL,
	recipient_id bigint NOT NULL,
	message_id bigint NOT NULL,
	CONSTRAINT reminder_message_pkey PRIMARY KEY (reminder_id, step_no),
	CONSTRAINT reminder_message_reminder_id_fkey FOREIGN KEY (reminder_id) REFERENCES reminder,
	CONSTRAINT reminder_message_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES employee,
	CONSTRAINT reminder_message_message_id_fkey FOREIGN KEY (message_id) REFERENCES message
);
CREATE INDEX reminder_message_recipient_id_idx ON reminder_message (recipient_id);
CREATE INDEX reminder_message_message_id_idx ON reminder_message (message_id);
COMMENT ON TABLE reminder_message IS 'Messages that reminders made, one row a step';
COMMENT ON COLUMN reminder_message.reminder_id IS 'Reminder';
COMMENT ON COLUMN reminder_message.step_no IS 'Step of the rule';
COMMENT ON COLUMN reminder_message.made_at IS 'When it was made; the next step counts from here';
COMMENT ON COLUMN reminder_message.recipient_id IS 'Who was told';
COMMENT ON COLUMN reminder_message.message_id IS 'The message';

CREATE TABLE reminder_unrouted (
	reminder_id bigint NOT NULL,
	step_no integer NOT NULL,
	found_at timestamptz NOT NULL,
	CONSTRAINT reminder_unrouted_pkey PRIMARY KEY (reminder_id, step_no),
	CONSTRAINT reminder_unrouted_reminder_id_fkey FOREIGN KEY (reminder_id) REFERENCES reminder
);
COMMENT ON TABLE reminder_unrouted IS 'Steps that were due when nobody was there to be told; each tick tries again';
COMMENT ON COLUMN reminder_unrouted.reminder_id IS 'Reminder';
COMMENT ON COLUMN reminder_unrouted.step_no IS 'Step of the rule';
COMMENT ON COLUMN reminder_unrouted.found_at IS 'When that was found first; the next step counts from here';

/*
 * Who is there, and who is above whom.
 */
CREATE FUNCTION is_present(employee_key bigint, day date, known_at timestamptz)
	RETURNS boolean
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM employee e
			WHERE e.employee_id = employee_key AND e.hired_on <= day AND (e.left_on IS NULL OR e.left_on >= day))
		AND NOT EXISTS (SELECT FROM leave l
			WHERE l.employee_id = employee_key AND l.during @> day AND l.recorded_at < known_at);
END;
$$;
COMMENT ON FUNCTION is_present(bigint, date, timestamptz) IS 'Whether somebody is employed and not on leave on a day, by the leave known just before a moment. NULL for NULL';

CREATE FUNCTION manager_on(employee_key bigint, day date, known_at timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN (
		SELECT v.manager_id
			FROM (
				SELECT a.manager_id, a.during FROM assignment a
					WHERE a.employee_id = employee_key AND a.recorded_from < known_at
				UNION ALL
				SELECT a.manager_id, a.during FROM history h, jsonb_populate_record(NULL::assignment, h.old_row) a
					WHERE h.table_name = 'assignment' AND h.recorded_from < known_at AND h.recorded_until >= known_at
						AND a.employee_id = employee_key
			) AS v
			WHERE lower(v.during) <= day
			ORDER BY lower(v.during) DESC
			LIMIT 1);
END;
$$;
COMMENT ON FUNCTION manager_on(bigint, date, timestamptz) IS
	'Direct manager of somebody on a day, as known just before a moment; of somebody who has left, the last one. NULL at the top and for NULL';

CREATE FUNCTION superior_present(employee_key bigint, levels integer, at timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	day date := day_of(at);
	result bigint := employee_key;
	level integer := 0;
BEGIN
	LOOP
		result := manager_on(result, day, at);
		level := level + 1;
		/* nobody is above themselves on one day, but last assignments are of different days */
		IF result IS NULL OR level > 100 THEN
			RETURN NULL;
		END IF;
		IF level >= levels AND result <> employee_key AND is_present(result, day, at) THEN
			RETURN result;
		END IF;
	END LOOP;
END;
$$;
COMMENT ON FUNCTION superior_present(bigint, integer, timestamptz) IS
	'The nearest superior, at least so many levels up (1: the direct manager), who is employed and not on leave at a moment. NULL for nobody and for NULL';

CREATE FUNCTION reminder_recipient(employee_key bigint, recipient text, named_key bigint, at timestamptz, OUT recipient_key bigint, OUT is_substitute boolean)
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	day date := day_of(at);
BEGIN
	recipient_key := CASE recipient
		WHEN 'person' THEN employee_key
		WHEN 'manager' THEN superior_present(employee_key, 1, at)
		WHEN 'upper_manager' THEN coalesce(superior_present(employee_key, 2, at), superior_present(employee_key, 1, at))
		WHEN 'employee' THEN named_key
	END;
	is_substitute := false;
	IF recipient_key IS NULL OR NOT is_present(recipient_key, day, at) THEN
		SELECT e.employee_id INTO recipient_key FROM employee e WHERE e.employee_no = setting_text('hr_employee');
		is_substitute := recipient <> 'hr';
		IF recipient_key = employee_key OR NOT is_present(recipient_key, day, at) THEN
			recipient_key := NULL;
		END IF;
	END IF;
END;
$$;
COMMENT ON FUNCTION reminder_recipient(bigint, text, bigint, timestamptz) IS
	'Who is told in a step about somebody at a moment: the one meant, else the setting hr_employee (is_substitute), else NULL; never somebody who is absent, and of HR never the person';

CREATE FUNCTION is_within_hours(moment time, hours_from time, hours_until time)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN hours_from < hours_until THEN moment >= hours_from AND moment < hours_until
		ELSE moment >= hours_from OR moment < hours_until END;
COMMENT ON FUNCTION is_within_hours(time, time, time) IS
	'Whether a time of day lies in hours from one (included) until the other (not included), over midnight where that is earlier; the same: always. NULL for NULL';

/*
 * Occasions: each kind is a function that gives those that last at a moment.
 */
CREATE TYPE reminder_occasion AS (
	employee_id bigint, subject varchar, since_on date, began_at timestamptz, is_paused boolean, params jsonb);
COMMENT ON TYPE reminder_occasion IS 'Something of which somebody is to be reminded';
COMMENT ON COLUMN reminder_occasion.employee_id IS 'Person whom it concerns';
COMMENT ON COLUMN reminder_occasion.subject IS 'Name of the occasion, the same for as long as it lasts';
COMMENT ON COLUMN reminder_occasion.since_on IS 'Day on which it has its beginning';
COMMENT ON COLUMN reminder_occasion.began_at IS 'From when on the first step counts';
COMMENT ON COLUMN reminder_occasion.is_paused IS 'It lasts, but nobody is told for now';
COMMENT ON COLUMN reminder_occasion.params IS 'What fills the templates of its messages, beside employee, employee_no and reminded_at';

CREATE FUNCTION time_at_work(employee_key bigint, from_at timestamptz, until_at timestamptz, zone text)
	RETURNS interval
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN until_at - from_at - coalesce((
		SELECT sum(least(until_at, upper(l.during)::timestamp AT TIME ZONE zone) - greatest(from_at, lower(l.during)::timestamp AT TIME ZONE zone))
			FROM leave l
			WHERE l.employee_id = employee_key AND l.recorded_at < until_at
				AND lower(l.during)::timestamp AT TIME ZONE zone < until_at AND upper(l.during)::timestamp AT TIME ZONE zone > from_at), interval '0');
END;
$$;
COMMENT ON FUNCTION time_at_work(bigint, timestamptz, timestamptz, text) IS
	'Time from one moment until another, days on leave left out, by the leave known just before the second. NULL for NULL';

CREATE FUNCTION remind_of(rule reminder_rule, at timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	zone text := time_zone();
	occasions reminder_occasion[] := ARRAY(SELECT o FROM reminder_occasion_at(rule, at) o);
	due record;
	way record;
	key bigint;
	message_key bigint;
	name_of_message text;
	result bigint := 0;
BEGIN
	/* a silence ends with an own check-in, whatever else is over when it is over */
	UPDATE reminder r SET closed_at = at
		WHERE rule.occasion <> 'silence' AND r.rule_code = rule.code AND r.closed_at IS NULL AND r.opened_at < at
			AND NOT EXISTS (SELECT FROM unnest(occasions) o WHERE o.employee_id = r.employee_id AND o.subject = r.subject);
	/* and goes on where it comes back, without its first step being taken again */
	UPDATE reminder r SET closed_at = NULL
		WHERE rule.occasion <> 'silence' AND r.rule_code = rule.code AND r.closed_at < at
			AND (r.employee_id, r.subject) IN (SELECT o.employee_id, o.subject FROM unnest(occasions) o);
	FOR due IN
		WITH occasion AS MATERIALIZED (
			SELECT o.* FROM unnest(occasions) o WHERE NOT o.is_paused
		), fresh AS (
			/* of several occasions of a person the oldest comes first, the next one on another day */
			SELECT DISTINCT ON (o.employee_id) NULL::bigint AS reminder_id, o.employee_id, o.subject, o.since_on, o.params, NULL::timestamptz AS reminded_at, NULL::integer AS last_step_no,
					s.step_no, s.recipient, s.employee_id AS named_id, s.kind, 0 AS rank
				FROM occasion o
				CROSS JOIN (SELECT s.* FROM reminder_step s WHERE s.rule_code = rule.code ORDER BY s.step_no LIMIT 1) AS s
				WHERE NOT EXISTS (SELECT FROM reminder r
						WHERE r.rule_code = rule.code AND r.employee_id = o.employee_id AND r.subject = o.subject)
					/* a tick for an earlier moment leaves alone whoever was reminded later */
					AND NOT EXISTS (SELECT FROM reminder r
						WHERE r.rule_code = rule.code AND r.employee_id = o.employee_id
							AND r.opened_at >= (at AT TIME ZONE zone)::date::timestamp AT TIME ZONE zone)
					AND o.began_at <= at AND (s.after = interval '0' OR time_at_work(o.employee_id, o.began_at, at, zone) >= s.after)
				ORDER BY o.employee_id, o.began_at, o.subject
		), further AS (
			/* steps are taken in their order; one that found nobody is tried again until the next one is due */
			SELECT DISTINCT ON (o.employee_id) r.reminder_id, o.employee_id, r.subject, r.since_on, o.params,
					(SELECT min(m.made_at) FROM reminder_message m WHERE m.reminder_id = r.reminder_id) AS reminded_at, r.last_step_no,
					s.step_no, s.recipient, s.employee_id AS named_id, s.kind, 1 AS rank
				FROM occasion o
				JOIN reminder r ON r.rule_code = rule.code AND r.employee_id = o.employee_id AND r.subject = o.subject
				CROSS JOIN LATERAL (
					SELECT n.* FROM (
						SELECT b.* FROM reminder_step b WHERE b.rule_code = rule.code AND b.step_no > r.last_step_no ORDER BY b.step_no LIMIT 1) AS n
						WHERE r.last_step_at + n.after <= at AND time_at_work(o.employee_id, r.last_step_at, at, zone) >= n.after
					UNION ALL
					SELECT b.* FROM reminder_step b WHERE r.is_unrouted AND b.rule_code = rule.code AND b.step_no = r.last_step_no
					ORDER BY step_no DESC LIMIT 1) AS s
				WHERE r.closed_at IS NULL AND r.last_step_at < at
				ORDER BY o.employee_id, r.last_step_at, r.since_on, r.subject
		)
		/* one message a person at once */
		SELECT DISTINCT ON (d.employee_id) d.*, e.name, e.employee_no
			FROM (SELECT * FROM fresh UNION ALL SELECT * FROM further) d
			JOIN employee e ON e.employee_id = d.employee_id
			ORDER BY d.employee_id, d.rank DESC
	LOOP
		/* whoever is checking in right now is not told on; the next tick sees what became of it */
		IF due.reminder_id IS NOT NULL THEN
			PERFORM FROM reminder r WHERE r.reminder_id = due.reminder_id AND r.closed_at IS NULL FOR NO KEY UPDATE SKIP LOCKED;
			CONTINUE WHEN NOT FOUND;
		END IF;
		way := reminder_recipient(due.employee_id, due.recipient, due.named_id, at);
		key := due.reminder_id;
		IF key IS NULL THEN
			INSERT INTO reminder (rule_code, employee_id, subject, since_on, opened_at, last_step_no, last_step_at, is_unrouted)
				SELECT rule.code, due.employee_id, due.subject, due.since_on, at, due.step_no, at, way.recipient_key IS NULL
				RETURNING reminder_id INTO key;
		ELSIF way.recipient_key IS NOT NULL OR due.step_no > due.last_step_no THEN
			UPDATE reminder SET last_step_no = due.step_no, last_step_at = at, is_unrouted = way.recipient_key IS NULL WHERE reminder_id = key;
		END IF;
		IF way.recipient_key IS NULL THEN
			INSERT INTO reminder_unrouted (reminder_id, step_no, found_at) SELECT key, due.step_no, at
				ON CONFLICT ON CONSTRAINT reminder_unrouted_pkey DO NOTHING;
			CONTINUE;
		END IF;
		name_of_message := format('%s:%s:%s:%s', rule.code, due.employee_id, due.subject, due.step_no);
		message_key := post_message(CASE WHEN way.is_substitute AND rule.occasion = 'silence' THEN 'unrouted' ELSE due.kind END, way.recipient_key, name_of_message,
			jsonb_build_object('employee', due.name, 'employee_no', due.employee_no,
				'reminded_at', to_char(due.reminded_at AT TIME ZONE zone, 'YYYY-MM-DD HH24:MI')) || due.params, at);
		IF message_key IS NULL THEN
			SELECT m.message_id INTO message_key FROM message m WHERE m.dedup_key = name_of_message;
		ELSE
			result := result + 1;
		END IF;
		INSERT INTO reminder_message (reminder_id, step_no, made_at, recipient_id, message_id)
			SELECT key, due.step_no, at, way.recipient_key, message_key;
	END LOOP;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION remind_of(reminder_rule, timestamptz) IS
	'Takes the steps of a rule that are due at a moment, as known just before it: at most one a person; closes what is over. Returns how many messages were made';

CREATE FUNCTION may_rest(rule reminder_rule, at timestamptz)
	RETURNS boolean
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN rule.occasion <> 'silence'
		/* looked at today */
		AND EXISTS (SELECT FROM reminder_look k WHERE k.rule_code = rule.code AND k.looked_at <= at AND day_of(k.looked_at) = day_of(at))
		/* and nothing that becomes due within a day */
		AND NOT EXISTS (SELECT FROM reminder_step s
			WHERE s.rule_code = rule.code AND date_trunc('day', s.after) <> s.after
				AND s.step_no = (SELECT min(b.step_no) FROM reminder_step b WHERE b.rule_code = rule.code))
		AND NOT EXISTS (SELECT FROM reminder r
			WHERE r.rule_code = rule.code AND r.closed_at IS NULL AND (r.is_unrouted OR EXISTS (SELECT FROM reminder_step s
				WHERE s.rule_code = rule.code AND s.step_no > r.last_step_no AND r.last_step_at + s.after <= at)));
END;
$$;
COMMENT ON FUNCTION may_rest(reminder_rule, timestamptz) IS
	'Whether a rule need not be looked at: its occasions change by the day, a tick has looked at them on this one, and no further step is due';

CREATE FUNCTION remind(at timestamptz DEFAULT workspace_now())
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	local_time time := (at AT TIME ZONE time_zone())::time;
	is_day_off boolean := NOT is_working_day(day_of(at));
	usual_from time := setting_text('waking_from')::time;
	usual_until time := setting_text('waking_until')::time;
	usual_days_off boolean := setting_text('waking_days_off')::boolean;
	rule reminder_rule;
	result bigint := 0;
BEGIN
	IF at IS NULL OR NOT isfinite(at) THEN
		RAISE EXCEPTION 'nobody can be reminded at %', coalesce(at::text, '(null)')
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave the time out for the present moment.';
	END IF;
	PERFORM close_reminders(at);
	FOR rule IN
		SELECT r.* FROM reminder_rule r
			WHERE r.is_enabled
				AND is_within_hours(local_time, coalesce(r.waking_from::time, usual_from), coalesce(r.waking_until::time, usual_until))
				AND (coalesce(r.waking_days_off, usual_days_off) OR NOT is_day_off)
			ORDER BY r.code
	LOOP
		CONTINUE WHEN may_rest(rule, at);
		result := result + remind_of(rule, at);
		INSERT INTO reminder_look AS k (rule_code, looked_at) SELECT rule.code, at WHERE rule.occasion <> 'silence'
			ON CONFLICT ON CONSTRAINT reminder_look_pkey DO UPDATE SET looked_at = greatest(k.looked_at, EXCLUDED.looked_at);
	END LOOP;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION remind(timestamptz) IS
	'Carries out the reminder rules for a moment, as known just before it, and returns how many messages were made. Idempotent; after an outage a person gets at most one message a rule. '
	'tick() calls it; error: 22023 for NULL or infinity';
