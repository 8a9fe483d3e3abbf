/*
 * Further occasions for reminders: a check-in week still open, a goal past its
 * due day, a joint warning that nobody has dealt with, praise that is owed, a talk or
 * a review that is due.  Each is computed from
 * the facts as known at a moment; 92 says who is told of it, and when.
 */

CREATE FUNCTION last_working_day(from_day date, until_day date)
	RETURNS date
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	day date := until_day;
BEGIN
	IF NOT isfinite(day) THEN
		RETURN NULL;
	END IF;
	/* from the end: a few steps, however long the span is */
	WHILE day >= from_day LOOP
		IF is_working_day(day) THEN
			RETURN day;
		END IF;
		day := day - 1;
	END LOOP;
	RETURN NULL;
END;
$$;
COMMENT ON FUNCTION last_working_day(date, date) IS 'Last working day of a span of days; NULL where it has none or no end, and for NULL';

CREATE FUNCTION check_in_due_occasion(rule reminder_rule, at timestamptz)
	RETURNS SETOF reminder_occasion
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	zone text := time_zone();
	present_day date := (at AT TIME ZONE zone)::date;
	weeks record;
BEGIN
	/* the day to tell is the due day, or where nobody works on it the last day before it on which somebody does */
	SELECT week_of(present_day) AS week_on, week_of(present_day) + coalesce(max(r.due_weekday), 5) - 1 AS due_on INTO weeks
		FROM (SELECT r.due_weekday FROM week_rule_as_of(at) r WHERE r.from_on <= week_of(present_day) ORDER BY r.from_on DESC LIMIT 1) AS r;
	IF present_day NOT BETWEEN coalesce(last_working_day(weeks.week_on, weeks.due_on), 'infinity') AND weeks.due_on THEN
		RETURN;
	END IF;
	RETURN QUERY
	WITH open AS MATERIALIZED (
		SELECT w.employee_id, w.week_on, w.due_on, w.missing
			FROM check_in_week_at(present_day, NULL, at, at) w
			WHERE w.week_on = weeks.week_on AND w.is_open AND NOT w.is_excused AND w.kept IS NULL
	)
	SELECT o.employee_id, o.week_on::text::varchar, o.week_on, present_day::timestamp AT TIME ZONE zone, s.is_on_leave,
			jsonb_build_object('week_on', o.week_on, 'due_on', o.due_on, 'missing', missing_text(o.missing))
		FROM open o
		JOIN silence_at(at, ARRAY(SELECT o.employee_id FROM open o)) s ON s.employee_id = o.employee_id
		WHERE s.is_watched;
END;
$$;
COMMENT ON FUNCTION check_in_due_occasion(reminder_rule, timestamptz) IS
	'Occasions of kind check_in_due: on the due day of the check-in week (or the last working day before it), people with live goals whose week is not valid yet';

/*
 * Few of all goals are late: the index holds those that are not done, by their due day.
 */
CREATE INDEX goal_late_idx ON goal (cycle_id, due_on) WHERE state = 'active';

CREATE FUNCTION goal_overdue_occasion(rule reminder_rule, at timestamptz)
	RETURNS SETOF reminder_occasion
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	zone text := time_zone();
	present_day date := (at AT TIME ZONE zone)::date;
	last_day date := present_day - coalesce(rule.after_days, 0);
	open_cycles bigint[] := ARRAY(SELECT c.cycle_id FROM cycle_as_of(at) c WHERE c.state IN ('active', 'review'));
	candidates bigint[];
BEGIN
	candidates := ARRAY(
		SELECT g.goal_id FROM goal g WHERE g.cycle_id = ANY (open_cycles) AND g.state = 'active' AND g.due_on < last_day
		UNION
		/* those that have been changed or postponed since: for the present moment there are none */
		SELECT h.row_key::bigint FROM history h
			WHERE h.table_name = 'goal' AND h.recorded_from < at AND h.recorded_until >= at AND h.old_row ->> 'state' = 'active'
		UNION
		SELECT p.goal_id FROM postponement p WHERE p.recorded_at >= at AND p.old_due_on < last_day);
	IF cardinality(candidates) = 0 THEN
		RETURN;
	END IF;
	RETURN QUERY
	SELECT f.owner_id, f.goal_id::text::varchar, f.due_on, (f.due_on + coalesce(rule.after_days, 0) + 1)::timestamp AT TIME ZONE zone,
			NOT is_present(f.owner_id, present_day, at),
			jsonb_build_object('goal_no', g.goal_no, 'goal', g.title, 'due_on', f.due_on, 'days', present_day - f.due_on)
		/* with what they are made of: of an objective that is made of others those are late */
		FROM goal_fact(present_day, candidates || ARRAY(SELECT c.goal_id FROM goal c WHERE c.parent_id = ANY (candidates)), open_cycles, at) f
		JOIN goal g ON g.goal_id = f.goal_id
		WHERE f.goal_id = ANY (candidates) AND f.state = 'active' AND f.due_on < last_day AND NOT f.is_rolled_up AND coalesce(f.progress, 0) < 1;
END;
$$;
COMMENT ON FUNCTION goal_overdue_occasion(reminder_rule, timestamptz) IS
	'Occasions of kind goal_overdue: active goals of cycles active or in review, more than so many days past their due day and not at progress 1, as known just before a moment; objectives that are made of others left out';

CREATE FUNCTION joint_warning_occasion(rule reminder_rule, at timestamptz)
	RETURNS SETOF reminder_occasion
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	zone text := time_zone();
	present_day date := (at AT TIME ZONE zone)::date;
	own_locale text := setting_text('locale');
BEGIN
	RETURN QUERY
	SELECT lagging.owner_id, w.warning_id::text::varchar, (w.opened_at AT TIME ZONE zone)::date,
			w.opened_at + make_interval(days => coalesce(rule.after_days, 0)), NOT is_present(lagging.owner_id, present_day, at),
			jsonb_build_object('from_goal', f.title, 'to_goal', t.title, 'from_department', fd.name, 'to_department', td.name,
				'cause', cause_in_words(w.cause, own_locale), 'slack_days', coalesce(w.slack_days::text, '-'),
				'from_goal_no', f.goal_no, 'to_goal_no', t.goal_no, 'warning_id', w.warning_id)
		FROM link_warning w
		JOIN goal f ON f.goal_id = w.from_goal_id
		JOIN department fd ON fd.department_id = f.department_id
		JOIN goal t ON t.goal_id = w.to_goal_id
		JOIN department td ON td.department_id = t.department_id
		CROSS JOIN LATERAL (
			SELECT t.owner_id WHERE w.cause IN ('upstream', 'both')
			UNION SELECT f.owner_id WHERE w.cause IN ('downstream', 'both')) AS lagging
		WHERE w.opened_at < at AND (w.closed_at IS NULL OR w.closed_at >= at);
END;
$$;
COMMENT ON FUNCTION joint_warning_occasion(reminder_rule, timestamptz) IS
	'Occasions of kind joint_warning: open joint warnings, of the owner of each goal that lags. Their opening is told by the warning itself';

CREATE FUNCTION kudos_quota_occasion(rule reminder_rule, at timestamptz)
	RETURNS SETOF reminder_occasion
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20
	SET search_path FROM CURRENT
AS $$
DECLARE
	zone text := time_zone();
	present_day date := (at AT TIME ZONE zone)::date;
	monday date := week_of(present_day);
BEGIN
	IF present_day < coalesce(last_working_day(monday, monday + 4), 'infinity') THEN
		RETURN;
	END IF;
	RETURN QUERY
	SELECT q.manager_id, q.week_on::text::varchar, q.week_on, present_day::timestamp AT TIME ZONE zone, NOT is_present(q.manager_id, present_day, at),
			jsonb_build_object('given', q.praised, 'missing', q.missing, 'due_on', q.due_on)
		FROM kudos_quota_at(present_day, NULL, at) q
		WHERE NOT q.is_met;
END;
$$;
COMMENT ON FUNCTION kudos_quota_occasion(reminder_rule, timestamptz) IS
	'Occasions of kind kudos_quota: from Friday (or the last working day before it) to the end of the week, managers who still owe their team praise';

CREATE FUNCTION month_review_due_occasion(rule reminder_rule, at timestamptz)
	RETURNS SETOF reminder_occasion
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 20
	SET search_path FROM CURRENT
AS $$
DECLARE
	zone text := time_zone();
	present_day date := (at AT TIME ZONE zone)::date;
BEGIN
	RETURN QUERY
	SELECT d.employee_id, format('%s:%s', d.department_id, d.month)::varchar, c.ends_on,
			(c.ends_on + coalesce(rule.after_days, 0) + 1)::timestamp AT TIME ZONE zone, NOT is_present(d.employee_id, present_day, at),
			jsonb_build_object('month', d.month, 'department', d.department, 'due_on', d.due_on)
		FROM month_review_due(present_day) d
		JOIN cycle c ON c.cycle_id = d.cycle_id;
END;
$$;
COMMENT ON FUNCTION month_review_due_occasion(reminder_rule, timestamptz) IS
	'Occasions of kind month_review_due: heads of departments that have not reviewed the last month, from the day after it on';

CREATE FUNCTION one_to_one_due_occasion(rule reminder_rule, at timestamptz)
	RETURNS SETOF reminder_occasion
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
	SET search_path FROM CURRENT
AS $$
DECLARE
	zone text := time_zone();
	present_day date := (at AT TIME ZONE zone)::date;
BEGIN
	RETURN QUERY
	SELECT d.manager_id, format('%s:%s', d.employee_id, d.due_on)::varchar, d.due_on,
			(d.due_on + coalesce(rule.after_days, 0) + 1)::timestamp AT TIME ZONE zone, false,
			jsonb_build_object('employee', d.employee, 'employee_no', d.employee_no, 'last_on', coalesce(d.last_on::text, '-'), 'days', d.days)
		FROM meeting_due(present_day) d;
END;
$$;
COMMENT ON FUNCTION one_to_one_due_occasion(reminder_rule, timestamptz) IS
	'Occasions of kind one_to_one_due: managers whose talk with a member is due; nobody who is on leave';

CREATE FUNCTION reminder_occasion_at(rule reminder_rule, at timestamptz)
	RETURNS SETOF reminder_occasion
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 100
	SET search_path FROM CURRENT
AS $$
BEGIN
	CASE rule.occasion
		WHEN 'silence' THEN RETURN QUERY SELECT * FROM silence_occasion(rule, at);
		WHEN 'check_in_due' THEN RETURN QUERY SELECT * FROM check_in_due_occasion(rule, at);
		WHEN 'goal_overdue' THEN RETURN QUERY SELECT * FROM goal_overdue_occasion(rule, at);
		WHEN 'joint_warning' THEN RETURN QUERY SELECT * FROM joint_warning_occasion(rule, at);
		WHEN 'kudos_quota' THEN RETURN QUERY SELECT * FROM kudos_quota_occasion(rule, at);
		WHEN 'month_review_due' THEN RETURN QUERY SELECT * FROM month_review_due_occasion(rule, at);
		WHEN 'one_to_one_due' THEN RETURN QUERY SELECT * FROM one_to_one_due_occasion(rule, at);
	END CASE;
END;
$$;
COMMENT ON FUNCTION reminder_occasion_at(reminder_rule, timestamptz) IS 'Occasions of a rule that last at a moment, as known just before it';

INSERT INTO reminder_rule (code, occasion, description) VALUES
	('check_in_due', 'check_in_due', 'On the due day whoever has not checked in for the week is told what is missing'),
	('goal_overdue', 'goal_overdue', 'The owner of a goal is told the day after it was due'),
	('joint_warning', 'joint_warning', 'A joint warning that is open for three days goes one level higher'),
	('kudos_quota', 'kudos_quota', 'A manager who still owes the team praise is told on Friday'),
	('month_review_due', 'month_review_due', 'The head of a department is told when a month is over that has to be reviewed'),
	('one_to_one_due', 'one_to_one_due', 'A manager is told when a one-to-one is due');
INSERT INTO reminder_step (rule_code, step_no, after, recipient, kind) VALUES
	('check_in_due', 1, '0', 'person', 'check_in_due'),
	('goal_overdue', 1, '0', 'person', 'goal_overdue'),
	('joint_warning', 1, '3 days', 'upper_manager', 'joint_warning'),
	('kudos_quota', 1, '0', 'person', 'kudos_quota'),
	('month_review_due', 1, '0', 'person', 'month_review_due'),
	('one_to_one_due', 1, '0', 'person', 'one_to_one_due');
