/*
 * What if: everybody's scores with other weights, targets, curves or formulas,
 * computed beside the real ones.  Nothing is written, so it also works on a
 * standby.
 */

CREATE FUNCTION violated_check(relation regclass, candidate jsonb)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
/* the table's own constraints judge, so that no rule stands in two places */
DECLARE
	rule record;
	holds boolean;
BEGIN
	FOR rule IN
		SELECT c.conname, pg_get_expr(c.conbin, c.conrelid) AS expression
			FROM pg_constraint c WHERE c.conrelid = relation AND c.contype = 'c' ORDER BY c.conname
	LOOP
		EXECUTE format('SELECT %s FROM jsonb_populate_record(NULL::%s, $1) AS candidate', rule.expression, relation) INTO holds USING candidate;
		IF NOT holds THEN
			RETURN rule.conname;
		END IF;
	END LOOP;
	RETURN NULL;
END;
$$;
COMMENT ON FUNCTION violated_check(regclass, jsonb) IS 'Name of the first check constraint of a table that a row, given as JSON, would violate; NULL: none';

CREATE FUNCTION require_object(name text, value jsonb, allowed text[])
	RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	stray text;
BEGIN
	IF jsonb_typeof(value) IS DISTINCT FROM 'object' THEN
		RAISE EXCEPTION '% is not a JSON object', name
			USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It is %s.', coalesce(left(value::text, 100), 'NULL')),
				HINT = 'Such as {"goal": {"G-1": {"weight": 40}}, "indicator": {"SALES": {"cap": 150}}}.';
	END IF;
	SELECT k.key INTO stray FROM jsonb_object_keys(value) AS k(key) WHERE k.key <> ALL (allowed) ORDER BY k.key LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION '% cannot have "%"', name, stray
			USING ERRCODE = 'invalid_parameter_value', HINT = format('It takes %s.', array_to_string(allowed, ', '));
	END IF;
END;
$$;
COMMENT ON FUNCTION require_object(text, jsonb, text[]) IS 'Raises 22023 where a JSON value is no object or has other keys than those allowed (NULL: any)';

CREATE FUNCTION assumed_changes(changes jsonb, as_of date, states goal_state[])
	RETURNS jsonb
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path FROM CURRENT
AS $$
DECLARE
	known_at timestamptz := day_end(as_of);
	wanted record;
	present goal;
	yardstick indicator;
	version target_version;
	violated text;
	other_indicator bigint;
	goals jsonb := '{}';
	targets jsonb := '[]';
	indicators jsonb := '{}';
	result jsonb;
BEGIN
	PERFORM require_object('changes', changes, '{goal,indicator}');
	IF changes ? 'indicator' THEN
		PERFORM require_object('"indicator"', changes -> 'indicator', NULL);
		FOR wanted IN SELECT e.key AS code, e.value AS fields FROM jsonb_each(changes -> 'indicator') e LOOP
			SELECT i.* INTO yardstick FROM indicator_as_of(known_at) i WHERE i.code = wanted.code;
			IF NOT FOUND THEN
				RAISE EXCEPTION 'indicator "%" does not exist', wanted.code
					USING ERRCODE = 'no_data_found', HINT = 'The table indicator lists the codes.';
			END IF;
			PERFORM require_object(format('indicator "%s"', wanted.code), wanted.fields,
				'{curve,cap,basis,formula,aggregation,missing,target_mode,green,yellow,grace,slack}');
			violated := violated_check('indicator', to_jsonb(yardstick) || wanted.fields);
			IF violated IS NOT NULL THEN
				RAISE EXCEPTION 'indicator "%" cannot be %', wanted.code, wanted.fields
					USING ERRCODE = 'check_violation', DETAIL = format('It would violate "%s".', violated);
			END IF;
			indicators := indicators || jsonb_build_object(wanted.code, wanted.fields);
		END LOOP;
	END IF;
	IF changes ? 'goal' THEN
		PERFORM require_object('"goal"', changes -> 'goal', NULL);
		FOR wanted IN SELECT e.key AS goal_no, e.value AS fields FROM jsonb_each(changes -> 'goal') e LOOP
			SELECT g.* INTO present FROM goal g WHERE g.goal_id = goal_id_of(wanted.goal_no);
			IF NOT EXISTS (SELECT FROM unnest(states) s WHERE s.goal_id = present.goal_id) THEN
				RAISE EXCEPTION 'goal "%" is not live in an open cycle on %', wanted.goal_no, as_of
					USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Drafts count nowhere, and closed cycles are frozen.';
			END IF;
			PERFORM require_object(format('goal "%s"', wanted.goal_no), wanted.fields, '{weight,contribution,indicator,target,baseline,effective_on}');
			violated := violated_check('goal', to_jsonb(present) || (wanted.fields - 'indicator'));
			IF violated IS NOT NULL OR wanted.fields -> 'weight' = 'null' THEN
				RAISE EXCEPTION 'goal "%" cannot be %', wanted.goal_no, wanted.fields
					USING ERRCODE = 'check_violation', DETAIL = format('It would violate "%s".', coalesce(violated, 'goal_weight_check'));
			END IF;
			other_indicator := NULL;
			IF wanted.fields ? 'indicator' THEN
				other_indicator := indicator_id_of(wanted.fields ->> 'indicator');
			END IF;
			goals := goals || jsonb_build_object(present.goal_id, jsonb_strip_nulls(
				jsonb_build_object('weight', wanted.fields -> 'weight', 'contribution', wanted.fields -> 'contribution', 'indicator_id', other_indicator)));
			IF wanted.fields ?| '{baseline,effective_on}' AND NOT wanted.fields ? 'target' THEN
				RAISE EXCEPTION 'goal "%" needs a target beside its baseline or day', wanted.goal_no
					USING ERRCODE = 'invalid_parameter_value', HINT = 'Give "target" too.';
			END IF;
			IF wanted.fields ? 'target' THEN
				version := jsonb_populate_record(NULL::target_version, wanted.fields - '{weight,contribution,indicator}'::text[]);
				version.goal_id := present.goal_id;
				version.effective_on := coalesce(version.effective_on, present.starts_on);
				present.indicator_id := coalesce(other_indicator, present.indicator_id);
				PERFORM require_target(present, version);
				targets := targets || to_jsonb(version);
			END IF;
		END LOOP;
	END IF;
	result := jsonb_build_object('goal', goals, 'target', targets, 'indicator', indicators);
	PERFORM require_sound_formula(i.indicator_id, known_at, result) FROM indicator i WHERE indicators -> i.code ? 'formula';
	RETURN result;
END;
$$;
COMMENT ON FUNCTION assumed_changes(jsonb, date, goal_state[]) IS
	'The changes of what_if, checked against the goals of the day, in the form that goal_fact takes. Errors: those of what_if';

CREATE FUNCTION unbalanced_groups(states goal_state[])
	RETURNS TABLE (owner_id bigint, cycle_id bigint, group_key bigint, name varchar, total numeric)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
	SET search_path FROM CURRENT
AS $$
DECLARE
	tolerance numeric := setting_number('weight_tolerance');
BEGIN
	RETURN QUERY
	SELECT s.owner_id, s.cycle_id, -s.department_id, d.code, sum(s.weight)
		FROM unnest(states) s JOIN department d ON d.department_id = s.department_id
		WHERE s.is_own_root
		GROUP BY s.owner_id, s.cycle_id, s.department_id, d.code
		HAVING abs(sum(s.weight) - 100) > tolerance
	UNION ALL
	SELECT s.owner_id, s.cycle_id, s.parent_id, g.goal_no, sum(s.weight)
		FROM unnest(states) s JOIN goal g ON g.goal_id = s.parent_id
		WHERE s.kind = 'key_result'
		GROUP BY s.owner_id, s.cycle_id, s.parent_id, g.goal_no
		HAVING abs(sum(s.weight) - 100) > tolerance;
END;
$$;
COMMENT ON FUNCTION unbalanced_groups(goal_state[]) IS
	'Groups of computed goals whose weights do not total 100: the own roots of a person in a department (by its code), the key results of an objective (by its number)';

CREATE FUNCTION what_if(changes jsonb, as_of date DEFAULT today())
	RETURNS TABLE (
		employee_no varchar, employee varchar, cycle varchar, department varchar, old_score numeric, new_score numeric, change numeric,
		old_grade varchar, new_grade varchar, old_light varchar, new_light varchar, old_progress numeric, new_progress numeric, note varchar)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 500 COST 1000000
	SET search_path FROM CURRENT
AS $$
DECLARE
	old_states goal_state[] := goal_states(as_of);
	new_states goal_state[] := goal_states(as_of, assumed => assumed_changes(changes, as_of, old_states));
	zh boolean := setting_text('locale') = 'zh';
BEGIN
	RETURN QUERY
	WITH unbalanced AS (
		SELECT n.owner_id, n.cycle_id, string_agg(CASE
				WHEN zh THEN format('%s 的权重合计 %s%%,已折算', n.name, trim_scale(n.total))
				ELSE format('weights of %s total %s %%, renormalised', n.name, trim_scale(n.total)) END, '; ' ORDER BY n.group_key) AS note
			FROM unbalanced_groups(new_states) n
			WHERE NOT EXISTS (SELECT FROM unbalanced_groups(old_states) o
				WHERE o.owner_id = n.owner_id AND o.cycle_id = n.cycle_id AND o.group_key = n.group_key AND o.total = n.total)
			GROUP BY n.owner_id, n.cycle_id
	)
	SELECT o.employee_no, o.employee, o.cycle, o.department, o.score, n.score, n.score - o.score, o.grade, n.grade, o.light, n.light,
			o.progress, n.progress, u.note::varchar
		FROM employee_scorecard_live(as_of, old_states) o
		JOIN employee_scorecard_live(as_of, new_states) n ON n.employee_no = o.employee_no AND n.cycle = o.cycle
		LEFT JOIN unbalanced u ON u.owner_id = employee_id_of(o.employee_no) AND u.cycle_id = cycle_id_of(o.cycle);
END;
$$;
COMMENT ON FUNCTION what_if(jsonb, date) IS
	'Scores of everybody in the cycles open on a day (default: today) as they are and as they would be: changes holds other values, '
	'{"goal": {goal_no: {"weight", "contribution", "indicator", "target", "baseline", "effective_on"}}, "indicator": {code: {"curve", "cap", "basis", "formula", ...}}}. '
	'A target holds as change_target would make it, without a day from the goal''s first one on. change is NULL where either score is. Weights that no longer total 100 renormalise, and the note says so. '
	'Writes nothing. Errors: 22023 not such an object, or an unknown key, P0002 an unknown goal or indicator, 23514 a value that its table would refuse, 22P02 malformed, 42704 a formula with an unknown name, 55000 a goal that is not live or whose cycle is closed';

CREATE FUNCTION what_if_goal(changes jsonb, as_of date DEFAULT today())
	RETURNS TABLE (
		goal_id bigint, goal_no varchar, cycle varchar, owner_no varchar, title varchar, old_weight numeric, new_weight numeric,
		old_progress numeric, new_progress numeric, old_score numeric, new_score numeric, old_light varchar, new_light varchar)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100 COST 1000000
	SET search_path FROM CURRENT
AS $$
DECLARE
	old_states goal_state[] := goal_states(as_of);
	new_states goal_state[] := goal_states(as_of, assumed => assumed_changes(changes, as_of, old_states));
BEGIN
	RETURN QUERY
	SELECT g.goal_id, g.goal_no, c.code, e.employee_no, g.title, o.weight, n.weight,
			settled(o.progress, 6), settled(n.progress, 6), settled(o.score, 6), settled(n.score, 6), o.light, n.light
		FROM unnest(old_states) o
		JOIN unnest(new_states) n ON n.goal_id = o.goal_id
		JOIN goal g ON g.goal_id = o.goal_id
		JOIN cycle c ON c.cycle_id = o.cycle_id
		JOIN employee e ON e.employee_id = o.owner_id
		WHERE (o.weight, o.progress, o.score, o.light) IS DISTINCT FROM (n.weight, n.progress, n.score, n.light);
END;
$$;
COMMENT ON FUNCTION what_if_goal(jsonb, date) IS 'The goals that would stand otherwise, also those above; changes and errors as in what_if';
