/*
 * The life of a goal: added, activated, postponed, completed, cancelled.
 */

CREATE FUNCTION goal_of(goal_key bigint)
	RETURNS goal
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	result goal;
BEGIN
	SELECT g.* INTO result FROM goal g WHERE g.goal_id = goal_key FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'goal % does not exist', coalesce(goal_key::text, '(null)')
			USING ERRCODE = 'no_data_found', HINT = 'goal_id_of(goal_no) finds the key of a goal number.';
	END IF;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION goal_of(bigint) IS 'A goal, locked against other writers; P0002 where there is none';

CREATE FUNCTION goal_id_of(goal_no text)
	RETURNS bigint
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	result bigint;
BEGIN
	SELECT g.goal_id INTO result FROM goal g WHERE g.goal_no = goal_id_of.goal_no;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'goal "%" does not exist', coalesce(goal_no, '(null)')
			USING ERRCODE = 'no_data_found', HINT = 'The table goal lists the numbers.';
	END IF;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION goal_id_of(text) IS 'Key of a goal by its number; P0002 where there is none';

CREATE FUNCTION department_on(employee_key bigint, day date)
	RETURNS bigint
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN (SELECT a.department_id FROM assignment a WHERE a.employee_id = employee_key AND a.during @> day);
END;
$$;
COMMENT ON FUNCTION department_on(bigint, date) IS 'Key of the department in which somebody works on a day; NULL where not employed';

CREATE FUNCTION add_goal(
	cycle_code text,
	owner_no text,
	kind text,
	title text,
	weight numeric DEFAULT 0,
	parent_no text DEFAULT NULL,
	indicator_code text DEFAULT NULL,
	baseline numeric DEFAULT NULL,
	target numeric DEFAULT NULL,
	starts_on date DEFAULT NULL,
	due_on date DEFAULT NULL,
	department_code text DEFAULT NULL,
	contribution numeric DEFAULT NULL,
	goal_no text DEFAULT NULL,
	measured_by text DEFAULT 'check_in',
	visibility text DEFAULT 'everybody',
	attributes jsonb DEFAULT '{}')
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	span cycle;
	owner_key bigint := employee_id_of(owner_no);
	hired date;
	department_key bigint;
	parent_key bigint;
	indicator_key bigint;
	result bigint;
BEGIN
	SELECT c.* INTO span FROM cycle c WHERE c.cycle_id = cycle_id_of(cycle_code);
	SELECT e.hired_on INTO hired FROM employee e WHERE e.employee_id = owner_key;
	add_goal.starts_on := coalesce(add_goal.starts_on, greatest(span.starts_on, hired));
	add_goal.due_on := coalesce(add_goal.due_on, span.ends_on);
	IF department_code IS NOT NULL THEN
		department_key := department_id_of(department_code);
	ELSE
		department_key := department_on(owner_key, add_goal.starts_on);
		IF department_key IS NULL THEN
			RAISE EXCEPTION 'employee "%" has no department on %', owner_no, add_goal.starts_on
				USING ERRCODE = 'invalid_parameter_value', HINT = 'Name the department for which the goal counts, or another first day.';
		END IF;
	END IF;
	IF parent_no IS NOT NULL THEN
		parent_key := goal_id_of(parent_no);
	END IF;
	IF indicator_code IS NOT NULL THEN
		indicator_key := indicator_id_of(indicator_code);
	END IF;
	result := nextval(pg_get_serial_sequence('goal', 'goal_id'));
	INSERT INTO goal (goal_id, goal_no, cycle_id, parent_id, owner_id, department_id, kind, title, indicator_id, weight, contribution,
			baseline, target, starts_on, due_on, measured_by, visibility, attributes)
		SELECT result, coalesce(add_goal.goal_no, format('%s-%s', cycle_code, result)), span.cycle_id, parent_key, owner_key, department_key,
			add_goal.kind, add_goal.title, indicator_key, add_goal.weight, add_goal.contribution, add_goal.baseline, add_goal.target,
			add_goal.starts_on, add_goal.due_on, add_goal.measured_by, add_goal.visibility, add_goal.attributes;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION add_goal(text, text, text, text, numeric, text, text, numeric, numeric, date, date, text, numeric, text, text, text, jsonb) IS
	'Adds a draft goal: kind objective, key_result, kpi or milestone; weight in percent of its group. '
	'Dates default to the cycle''s (not before the hiring), the department to the owner''s on the first day, the number to cycle and key. '
	'Returns goal_id. Errors: P0002 an unknown code or number, 23514 a value out of range, 55000 a closed cycle';

CREATE FUNCTION add_goal(
	cycle_code text,
	owner_no text,
	kind text,
	title text,
	weight double precision,
	parent_no text DEFAULT NULL,
	indicator_code text DEFAULT NULL,
	baseline double precision DEFAULT NULL,
	target double precision DEFAULT NULL,
	starts_on date DEFAULT NULL,
	due_on date DEFAULT NULL,
	department_code text DEFAULT NULL,
	contribution double precision DEFAULT NULL,
	goal_no text DEFAULT NULL,
	measured_by text DEFAULT 'check_in',
	visibility text DEFAULT 'everybody',
	attributes jsonb DEFAULT '{}')
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	/* by way of text: the shortest decimal that means this double, not its first 15 digits */
	RETURN add_goal(cycle_code, owner_no, kind, title, weight::text::numeric, parent_no, indicator_code, baseline::text::numeric,
		target::text::numeric, starts_on, due_on, department_code, contribution::text::numeric, goal_no, measured_by, visibility, attributes);
END;
$$;
COMMENT ON FUNCTION add_goal(text, text, text, text, double precision, text, text, double precision, double precision, date, date, text,
	double precision, text, text, text, jsonb) IS
	'The same for clients that send double precision numbers';

CREATE FUNCTION activate_goal(goal_id bigint)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	draft goal := goal_of(activate_goal.goal_id);
	tolerance numeric := setting_number('weight_tolerance');
	checked record;
	touched record;
BEGIN
	IF draft.state = 'active' THEN
		RETURN draft.goal_id;
	END IF;
	UPDATE goal g SET state = 'active'
		WHERE g.goal_id = draft.goal_id
			OR (draft.kind = 'objective' AND g.parent_id = draft.goal_id AND g.kind = 'key_result' AND g.state = 'draft');

	/* what no further activation can mend is refused here, the rest at COMMIT */
	FOR checked IN
		SELECT draft.goal_id AS member
		UNION ALL
		(SELECT g.goal_id FROM goal g WHERE g.parent_id = draft.goal_id AND g.kind = 'key_result' AND g.state = 'active' LIMIT 1)
	LOOP
		SELECT * INTO touched FROM goal_group_total(checked.member);
		IF touched.total > 100 + tolerance OR touched.total + touched.drafts < 100 - tolerance THEN
			RAISE EXCEPTION 'the weights of % total %, not 100', touched.name, touched.total
				USING ERRCODE = 'check_violation',
					DETAIL = format('Drafts of the group weigh another %s.', touched.drafts),
					HINT = 'Change the weights before activating; normalise_weights() makes them total 100.';
		END IF;
	END LOOP;
	RETURN draft.goal_id;
END;
$$;
COMMENT ON FUNCTION activate_goal(bigint) IS
	'Makes a draft active, an objective together with its draft key results; activate all goals of a group in one transaction. Returns goal_id. '
	'Errors: P0002 no such goal, 23514 weights of its group do not total 100 (at COMMIT where further drafts could complete them), 55000 state or closed cycle';

CREATE FUNCTION activate_goals(owner_no text, cycle_code text)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	owner_key bigint := employee_id_of(owner_no);
	cycle_key bigint := cycle_id_of(cycle_code);
	result bigint;
BEGIN
	SELECT count(activate_goal(g.goal_id)) INTO result
		FROM goal g WHERE g.owner_id = owner_key AND g.cycle_id = cycle_key AND g.state = 'draft';
	RETURN result;
END;
$$;
COMMENT ON FUNCTION activate_goals(text, text) IS
	'Activates all drafts of a person in a cycle. Returns how many. Errors: those of activate_goal, P0002 an unknown number or code';

CREATE FUNCTION complete_goal(goal_id bigint, "on" date DEFAULT today())
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	present goal := goal_of(complete_goal.goal_id);
BEGIN
	IF complete_goal."on" IS NULL OR complete_goal."on" > today() OR complete_goal."on" < present.starts_on THEN
		RAISE EXCEPTION 'goal "%" cannot be done on %', present.goal_no, coalesce(complete_goal."on"::text, '(null)')
			USING ERRCODE = 'invalid_parameter_value',
				HINT = format('Give a day from %s to %s.', present.starts_on, today());
	END IF;
	UPDATE goal g SET state = 'done', done_on = complete_goal."on" WHERE g.goal_id = present.goal_id;
	RETURN present.goal_id;
END;
$$;
COMMENT ON FUNCTION complete_goal(bigint, date) IS
	'Marks an active goal done, today or on an earlier day. Returns goal_id. Errors: P0002 no such goal, 22023 day in the future or before its start, 55000 state or closed cycle';

CREATE FUNCTION cancel_goal(goal_id bigint, reason text)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	present goal := goal_of(cancel_goal.goal_id);
BEGIN
	IF coalesce(btrim(reason), '') = '' THEN
		RAISE EXCEPTION 'cancelling goal "%" needs a reason', present.goal_no
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Say why it is dropped.';
	END IF;
	UPDATE goal g SET state = 'cancelled', done_on = NULL,
			attributes = g.attributes || jsonb_build_object('cancelled_because', reason, 'cancelled_on', today())
		WHERE g.goal_id = present.goal_id
			OR (g.parent_id = present.goal_id AND g.kind = 'key_result' AND g.state IN ('draft', 'active'));
	RETURN present.goal_id;
END;
$$;
COMMENT ON FUNCTION cancel_goal(bigint, text) IS
	'Cancels a draft or active goal, an objective with its key results; the weights of the rest of its group renormalise. Returns goal_id. '
	'Errors: P0002 no such goal, 22023 no reason, 55000 state or closed cycle';

CREATE FUNCTION postpone_goal(goal_id bigint, due_on date, reason text)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	present goal := goal_of(postpone_goal.goal_id);
BEGIN
	IF present.state <> 'active' THEN
		RAISE EXCEPTION 'goal "%" is in state "%" and cannot be postponed', present.goal_no, present.state
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Only an active goal is postponed; change a draft with UPDATE.';
	END IF;
	IF postpone_goal.due_on IS NULL OR postpone_goal.due_on <= present.due_on THEN
		RAISE EXCEPTION 'goal "%" cannot be postponed from % to %', present.goal_no, present.due_on, coalesce(postpone_goal.due_on::text, '(null)')
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Give a day after the present one.';
	END IF;
	IF coalesce(btrim(reason), '') = '' THEN
		RAISE EXCEPTION 'postponing goal "%" needs a reason', present.goal_no
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Say why it is late.';
	END IF;
	INSERT INTO postponement (goal_id, old_due_on, new_due_on, reason)
		SELECT present.goal_id, present.due_on, postpone_goal.due_on, postpone_goal.reason;
	UPDATE goal g SET due_on = postpone_goal.due_on WHERE g.goal_id = present.goal_id;
	RETURN present.goal_id;
END;
$$;
COMMENT ON FUNCTION postpone_goal(bigint, date, text) IS
	'Moves the due day of an active goal to a later day inside its cycle and keeps both. Returns goal_id. '
	'Errors: P0002 no such goal, 22023 day not later or no reason, 23514 outside the cycle, 55000 state or closed cycle';
