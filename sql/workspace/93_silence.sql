/*
 * Silence: who has not checked in for how long, who was told, and how it ended.
 * Only a person's own check-in counts, by the moment at which it was recorded;
 * nothing that the system does itself ever touches it.
 */

CREATE INDEX check_in_employee_id_recorded_at_idx ON check_in (employee_id, recorded_at);

/*
 * So that a tick need not look at everybody: a check-in of each person that
 * the tick has seen, the newest when it looked.  It only says whom to look at;
 * who is silent is decided from the check-ins themselves.
 */
CREATE TABLE silence_watch (
	employee_id bigint NOT NULL,
	seen_at timestamptz NOT NULL DEFAULT '-infinity',
	CONSTRAINT silence_watch_pkey PRIMARY KEY (employee_id),
	CONSTRAINT silence_watch_employee_id_fkey FOREIGN KEY (employee_id) REFERENCES employee ON DELETE CASCADE
);
CREATE INDEX silence_watch_seen_at_idx ON silence_watch (seen_at);
COMMENT ON TABLE silence_watch IS 'When the tick has to look at somebody again; kept by the system';
COMMENT ON COLUMN silence_watch.employee_id IS 'Person';
COMMENT ON COLUMN silence_watch.seen_at IS 'When one of the person''s own check-ins was recorded, the newest at the last look; -infinity: none was there';

CREATE FUNCTION watch_new_employees()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path FROM CURRENT
AS $$
BEGIN
	INSERT INTO silence_watch (employee_id) SELECT n.employee_id FROM new_employee n;
	RETURN NULL;
END;
$$;
COMMENT ON FUNCTION watch_new_employees() IS 'Trigger: everybody is watched from the beginning';

CREATE TRIGGER employee_after_watch AFTER INSERT ON employee
	REFERENCING NEW TABLE AS new_employee FOR EACH STATEMENT EXECUTE FUNCTION watch_new_employees();

CREATE TYPE silence_state AS (
	employee_id bigint, silent_since date, silent_days integer, leave_days integer, is_watched boolean, is_on_leave boolean);
COMMENT ON TYPE silence_state IS 'How long somebody has been silent';
COMMENT ON COLUMN silence_state.employee_id IS 'Person';
COMMENT ON COLUMN silence_state.silent_since IS
	'Day of the last own check-in; before the first one the earliest first day of the live goals in active cycles; NULL: neither';
COMMENT ON COLUMN silence_state.silent_days IS 'Days after it up to and including the day itself, leave left out; below 0 before the first day; NULL with silent_since';
COMMENT ON COLUMN silence_state.leave_days IS 'Days of leave among them';
COMMENT ON COLUMN silence_state.is_watched IS 'Whether the person is employed on the day and has live goals in an active cycle';
COMMENT ON COLUMN silence_state.is_on_leave IS 'Whether the person is on leave on the day';

CREATE FUNCTION silence_at(at timestamptz, people bigint[] DEFAULT NULL)
	RETURNS SETOF silence_state
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	zone text := time_zone();
	on_day date := (at AT TIME ZONE zone)::date;
	active bigint[] := ARRAY(SELECT c.cycle_id FROM cycle_as_of(at) c WHERE c.state = 'active');
BEGIN
	RETURN QUERY
	WITH past AS MATERIALIZED (
		/* goals that were changed since, as they were; for the present moment there are none */
		SELECT g.owner_id, g.starts_on
			FROM history h, jsonb_populate_record(NULL::goal, h.old_row) g
			WHERE h.table_name = 'goal' AND h.recorded_from < at AND h.recorded_until >= at
				AND g.state IN ('active', 'done') AND g.cycle_id = ANY (active)
	)
	SELECT e.employee_id, since.day, on_day - since.day - away.days, away.days,
			first_goal.starts_on IS NOT NULL AND e.hired_on <= on_day AND (e.left_on IS NULL OR e.left_on >= on_day), away.today
		FROM employee e
		LEFT JOIN LATERAL (
			SELECT (c.recorded_at AT TIME ZONE zone)::date AS day FROM check_in c
				WHERE c.employee_id = e.employee_id AND c.recorded_at < silence_at.at
				ORDER BY c.recorded_at DESC LIMIT 1) AS last ON true
		LEFT JOIN LATERAL (
			SELECT min(g.starts_on) AS starts_on
				FROM (
					SELECT g.starts_on FROM goal g
						WHERE g.owner_id = e.employee_id AND g.cycle_id = ANY (active) AND g.state IN ('active', 'done') AND g.recorded_from < at
					UNION ALL
					SELECT p.starts_on FROM past p WHERE p.owner_id = e.employee_id
				) AS g) AS first_goal ON true
		CROSS JOIN LATERAL (SELECT coalesce(last.day, greatest(first_goal.starts_on, e.hired_on)) AS day
			WHERE last.day IS NOT NULL OR first_goal.starts_on IS NOT NULL) AS since
		CROSS JOIN LATERAL (
			SELECT coalesce(sum(greatest(least(on_day + 1, upper(l.during)) - greatest(since.day + 1, lower(l.during)), 0)), 0)::integer AS days,
					coalesce(bool_or(l.during @> on_day), false) AS today
				FROM leave l
				WHERE l.employee_id = e.employee_id AND lower(l.during) <= on_day AND upper(l.during) > least(since.day, on_day) AND l.recorded_at < at) AS away
		WHERE people IS NULL OR e.employee_id = ANY (people);
END;
$$;
COMMENT ON FUNCTION silence_at(timestamptz, bigint[]) IS
	'How long each of the people given (NULL: everybody) has been silent at a moment, as known just before it; nobody without check-ins and live goals is among them';

CREATE FUNCTION silence_days(employee_no text, at timestamptz DEFAULT workspace_now())
	RETURNS integer
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	employee_key bigint := employee_id_of(employee_no);
BEGIN
	RETURN (SELECT greatest(s.silent_days, 0) FROM silence_at(at, ARRAY[employee_key]) s WHERE s.is_watched);
END;
$$;
COMMENT ON FUNCTION silence_days(text, timestamptz) IS
	'Silence of somebody in days: the calendar days after the last own check-in up to and including the day of the moment, leave left out, as known just before it. '
	'Before the first check-in: since the earliest first day of the live goals in active cycles (not before the hiring). '
	'NULL where nobody is waited for: not employed on that day, or no live goal in an active cycle. Error: P0002 no such employee';

CREATE FUNCTION silence_occasion(rule reminder_rule, at timestamptz)
	RETURNS SETOF reminder_occasion
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	zone text := time_zone();
	present_day date := (at AT TIME ZONE zone)::date;
	most_days integer := coalesce(rule.after_days, setting_number('silence_days', at)::integer);
	/* whoever checked in from here on is not silent yet */
	horizon timestamptz := (present_day - most_days)::timestamp AT TIME ZONE zone;
BEGIN
	/* whoever was seen before may have checked in since; who has is left alone until that is long ago too */
	UPDATE silence_watch w SET seen_at = newer.recorded_at
		FROM silence_watch o
		CROSS JOIN LATERAL (
			SELECT c.recorded_at FROM check_in c
				WHERE c.employee_id = o.employee_id AND c.recorded_at >= o.seen_at AND c.recorded_at < silence_occasion.at
				ORDER BY c.recorded_at DESC LIMIT 1) AS newer
		WHERE o.seen_at < horizon AND w.employee_id = o.employee_id AND newer.recorded_at > o.seen_at;
	RETURN QUERY
	SELECT s.employee_id, coalesce(open.subject, s.silent_since::text::varchar), coalesce(open.since_on, s.silent_since),
			begun.day::timestamp AT TIME ZONE zone, s.is_on_leave,
			jsonb_build_object('days', s.silent_days, 'silent_since', s.silent_since)
		FROM silence_at(at, ARRAY(
				/* whoever was told needs no look before the next step can be due */
				SELECT w.employee_id FROM silence_watch w
					JOIN employee e ON e.employee_id = w.employee_id AND e.hired_on <= present_day AND (e.left_on IS NULL OR e.left_on >= present_day)
					LEFT JOIN reminder r ON r.rule_code = rule.code AND r.employee_id = w.employee_id AND r.closed_at IS NULL
					WHERE w.seen_at < horizon AND (r.reminder_id IS NULL OR r.is_unrouted OR EXISTS (SELECT FROM reminder_step n
						WHERE n.rule_code = rule.code AND n.step_no > r.last_step_no AND r.last_step_at + n.after <= silence_occasion.at))
				UNION ALL
				/* seen after the moment, which lies in the past: what was before it tells */
				SELECT w.employee_id FROM silence_watch w
					WHERE w.seen_at >= silence_occasion.at AND NOT EXISTS (SELECT FROM check_in c
						WHERE c.employee_id = w.employee_id AND c.recorded_at >= horizon AND c.recorded_at < silence_occasion.at))) s
		/* a person's silence is one for as long as there is no own check-in, also where another day comes to be the first */
		LEFT JOIN LATERAL (
			SELECT r.subject, r.since_on FROM reminder r
				WHERE r.rule_code = rule.code AND r.employee_id = s.employee_id AND r.closed_at IS NULL AND r.opened_at < at
				LIMIT 1) AS open ON true
		CROSS JOIN LATERAL (
			SELECT CASE WHEN s.leave_days = 0 THEN s.silent_since + most_days + 1 ELSE (
				SELECT d::date FROM generate_series(s.silent_since + 1, present_day, interval '1 day') AS d
					WHERE NOT EXISTS (SELECT FROM leave l WHERE l.employee_id = s.employee_id AND l.during @> d::date AND l.recorded_at < at)
					ORDER BY d OFFSET most_days LIMIT 1) END AS day) AS begun
		WHERE s.is_watched AND s.silent_days > most_days;
END;
$$;
COMMENT ON FUNCTION silence_occasion(reminder_rule, timestamptz) IS
	'Occasions of kind silence: people with live goals who have not checked in for more than so many days, as known just before a moment; paused while on leave. '
	'Notes whom it need not look at again for a while';

/*
 * An own check-in ends the silence, whatever was said about it so far.
 */
CREATE FUNCTION close_reminders(at timestamptz)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	zone text := time_zone();
	result bigint;
BEGIN
	UPDATE reminder r SET closed_at = greatest(r.opened_at, answer.recorded_at)
		FROM (
			SELECT o.reminder_id, c.recorded_at
				FROM reminder o
				JOIN reminder_rule u ON u.code = o.rule_code AND u.occasion = 'silence'
				CROSS JOIN LATERAL (
					SELECT c.recorded_at FROM check_in c
						WHERE c.employee_id = o.employee_id AND c.recorded_at >= (o.since_on + 1)::timestamp AT TIME ZONE zone AND c.recorded_at < close_reminders.at
						ORDER BY c.recorded_at LIMIT 1) AS c
				WHERE o.closed_at IS NULL AND o.opened_at < at
		) AS answer
		WHERE r.reminder_id = answer.reminder_id;
	GET DIAGNOSTICS result = ROW_COUNT;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION close_reminders(timestamptz) IS
	'Closes the reminders of silence that an own check-in has answered, as known just before a moment, and returns how many: those that were opened when the check-in was not known yet';

CREATE FUNCTION close_silence()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path FROM CURRENT
AS $$
BEGIN
	/* the usual case by a look-up: nobody was told anything */
	IF NOT EXISTS (
		SELECT FROM new_check_in n
			CROSS JOIN LATERAL (SELECT FROM reminder o WHERE o.employee_id = n.employee_id AND o.closed_at IS NULL LIMIT 1) AS o) THEN
		RETURN NULL;
	END IF;
	UPDATE reminder r SET closed_at = greatest(r.opened_at, answer.recorded_at)
		FROM (
			SELECT o.reminder_id, min(n.recorded_at) AS recorded_at
				FROM new_check_in n
				JOIN reminder o ON o.employee_id = n.employee_id AND o.closed_at IS NULL AND day_of(n.recorded_at) > o.since_on
				JOIN reminder_rule u ON u.code = o.rule_code AND u.occasion = 'silence'
				GROUP BY o.reminder_id
		) AS answer
		WHERE r.reminder_id = answer.reminder_id;
	RETURN NULL;
END;
$$;
COMMENT ON FUNCTION close_silence() IS 'Trigger: an own check-in ends the silence in the same transaction';

CREATE TRIGGER check_in_after_silence AFTER INSERT ON check_in
	REFERENCING NEW TABLE AS new_check_in FOR EACH STATEMENT EXECUTE FUNCTION close_silence();

INSERT INTO reminder_rule (code, occasion, description) VALUES
	('silence', 'silence', 'Nobody keeps silent about their goals for more than a week');
INSERT INTO reminder_step (rule_code, step_no, after, recipient, kind) VALUES
	('silence', 1, '0', 'person', 'silence_reminder'),
	('silence', 2, '48 hours', 'manager', 'silence_escalation');

CREATE VIEW reminder_episode WITH (security_invoker = true) AS
	SELECT e.employee_no::varchar(40) AS employee_no, e.name::varchar(100) AS employee, r.since_on AS silent_since,
		first.made_at AS reminded_at, escalated.made_at AS escalated_at, escalated.employee_no::varchar(40) AS escalated_to, r.closed_at,
		escalated.name::varchar(100) AS escalated_to_name, last.step_no AS last_step_no, last.made_at AS last_message_at,
		r.rule_code::varchar(40) AS rule, r.reminder_id
	FROM reminder r
	JOIN reminder_rule u ON u.code = r.rule_code AND u.occasion = 'silence'
	JOIN employee e ON e.employee_id = r.employee_id
	LEFT JOIN LATERAL (
		SELECT m.made_at FROM reminder_message m
			WHERE m.reminder_id = r.reminder_id AND m.recipient_id = r.employee_id
			ORDER BY m.step_no LIMIT 1) AS first ON true
	LEFT JOIN LATERAL (
		SELECT m.made_at, s.employee_no, s.name FROM reminder_message m JOIN employee s ON s.employee_id = m.recipient_id
			WHERE m.reminder_id = r.reminder_id AND m.recipient_id <> r.employee_id
			ORDER BY m.step_no LIMIT 1) AS escalated ON true
	LEFT JOIN LATERAL (
		SELECT m.made_at, m.step_no FROM reminder_message m
			WHERE m.reminder_id = r.reminder_id
			ORDER BY m.step_no DESC LIMIT 1) AS last ON true;
COMMENT ON VIEW reminder_episode IS 'One row a silence of a person that somebody was told of';
COMMENT ON COLUMN reminder_episode.employee_no IS 'Employee number of who is silent';
COMMENT ON COLUMN reminder_episode.employee IS 'Name of who is silent';
COMMENT ON COLUMN reminder_episode.silent_since IS 'Day of the last own check-in; before the first one the earliest first day of the live goals';
COMMENT ON COLUMN reminder_episode.reminded_at IS 'When the person''s message was made; NULL: the person was not told';
COMMENT ON COLUMN reminder_episode.escalated_at IS 'When somebody else was told first; NULL: nobody so far';
COMMENT ON COLUMN reminder_episode.escalated_to IS 'Employee number of who was told then; NULL: nobody so far';
COMMENT ON COLUMN reminder_episode.closed_at IS 'When an own check-in ended the silence; NULL: it lasts';
COMMENT ON COLUMN reminder_episode.escalated_to_name IS 'Name of who was told then';
COMMENT ON COLUMN reminder_episode.last_step_no IS 'Last step of the rule of which a message was made';
COMMENT ON COLUMN reminder_episode.last_message_at IS 'When that message was made';
COMMENT ON COLUMN reminder_episode.rule IS 'Code of the rule';
COMMENT ON COLUMN reminder_episode.reminder_id IS 'Key of the reminder';

CREATE VIEW unrouted_escalation WITH (security_invoker = true) AS
	SELECT r.reminder_id, e.employee_no::varchar(40) AS employee_no, e.name::varchar(100) AS employee, u.found_at, r.since_on,
		r.rule_code::varchar(40) AS rule, u.step_no
	FROM reminder_unrouted u
	JOIN reminder r ON r.reminder_id = u.reminder_id
	JOIN employee e ON e.employee_id = r.employee_id
	WHERE r.closed_at IS NULL AND r.is_unrouted AND u.step_no = r.last_step_no;
COMMENT ON VIEW unrouted_escalation IS
	'One row a step that nobody could be told of, as no superior is there and the setting hr_employee names nobody who is; gone once somebody was told or the occasion is over';
COMMENT ON COLUMN unrouted_escalation.reminder_id IS 'Key of the reminder';
COMMENT ON COLUMN unrouted_escalation.employee_no IS 'Employee number of whom it concerns';
COMMENT ON COLUMN unrouted_escalation.employee IS 'Name of whom it concerns';
COMMENT ON COLUMN unrouted_escalation.found_at IS 'When that was found';
COMMENT ON COLUMN unrouted_escalation.since_on IS 'Since when the occasion lasts; for silence the day of the last own check-in';
COMMENT ON COLUMN unrouted_escalation.rule IS 'Code of the rule';
COMMENT ON COLUMN unrouted_escalation.step_no IS 'Step of the rule';
