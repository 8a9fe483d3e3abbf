/*
 * Files of goals: the rules that the table goal holds at every row and at
 * COMMIT, asked for the whole file at once.
 */

CREATE FUNCTION import_goal_rules(fresh import_record[])
	RETURNS import_problem[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
	RETURN ARRAY(
		SELECT ROW(x.record_no, rule.column_name, rule.code, NULL, rule.detail)::import_problem
			FROM (
				SELECT r.record_no, c.code AS cycle, c.state AS cycle_state, c.starts_on AS first_day, c.ends_on AS last_day,
						format('%s (%s–%s)', c.code, c.starts_on, c.ends_on) AS span,
						r.cells[3] AS parent_no, r.cells[6] AS kind, r.cells[9]::numeric AS weight, r.cells[10]::numeric AS contribution,
						r.cells[11] AS baseline_cell, r.cells[12] AS target_cell,
						coalesce(import_measure(r.cells[11]), 0) AS baseline, import_measure(r.cells[12]) AS target,
						r.cells[13]::date AS starts_on, r.cells[14]::date AS due_on, i.unit, i.basis
					FROM unnest(fresh) r
					JOIN cycle c ON c.code = r.cells[2]
					LEFT JOIN indicator i ON i.code = r.cells[8]
			) AS x,
			LATERAL (VALUES
				('cycle', 'cycle_closed', x.cycle_state = 'closed', x.cycle),
				('parent', 'no_parent', x.kind = 'key_result' AND x.parent_no IS NULL, NULL),
				('weight', 'negative', x.weight < 0, NULL),
				('weight', 'out_of_range', x.weight > 100, NULL),
				('contribution', 'negative', x.contribution < 0, NULL),
				('contribution', 'out_of_range', x.contribution >= 1e9, NULL),
				('baseline', 'other_unit', import_has_other_unit(x.baseline_cell, x.unit), x.unit),
				('target', 'other_unit', import_has_other_unit(x.target_cell, x.unit), x.unit),
				('target', 'target_is_baseline', x.target = x.baseline, trim_scale(x.baseline)::text),
				('target', 'target_is_zero', x.target = 0 AND x.baseline <> 0 AND x.basis = 'attainment', NULL),
				('due_on', 'due_before_start', x.due_on < x.starts_on, NULL),
				('starts_on', 'outside_cycle', x.due_on >= x.starts_on AND x.starts_on NOT BETWEEN x.first_day AND x.last_day, x.span),
				('due_on', 'outside_cycle', x.due_on >= x.starts_on AND x.due_on NOT BETWEEN x.first_day AND x.last_day, x.span)
			) AS rule(column_name, code, is_broken, detail)
			WHERE rule.is_broken);
END;
$$;
COMMENT ON FUNCTION import_goal_rules(import_record[]) IS 'What the rows themselves get wrong: ranges, days, units, closed cycles';

CREATE FUNCTION import_goal_families(fresh import_record[])
	RETURNS import_problem[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	tolerance numeric := setting_number('weight_tolerance');
	result import_problem[];
BEGIN
	/* key results stand below an objective of their owner and cycle, and nothing else does */
	SELECT array_agg(ROW(x.record_no, 'parent', CASE WHEN x.is_key_result THEN 'cannot_be_key_result' ELSE 'must_be_key_result' END,
				NULL, x.parent_no)::import_problem)
		INTO result
		FROM (
			SELECT r.record_no, r.cells[3] AS parent_no, r.cells[6] = 'key_result' AS is_key_result,
					coalesce(e.employee_no = r.cells[4] AND c.code = r.cells[2], f.cells[4] = r.cells[4] AND f.cells[2] = r.cells[2]) AS is_own,
					coalesce(p.kind, f.cells[6]) AS parent_kind
				FROM unnest(fresh) r
				LEFT JOIN unnest(fresh) f ON f.cells[1] = r.cells[3]
				LEFT JOIN goal p ON p.goal_no = r.cells[3]
				LEFT JOIN employee e ON e.employee_id = p.owner_id
				LEFT JOIN cycle c ON c.cycle_id = p.cycle_id
				WHERE r.cells[3] IS NOT NULL AND r.cells[15] IN ('active', 'done')
		) AS x
		WHERE x.is_own <> x.is_key_result OR x.is_key_result AND x.parent_kind <> 'objective';
	IF result IS NOT NULL THEN
		RETURN result;
	END IF;

	/* live groups total 100, with the live goals that are there already */
	RETURN ARRAY(
		WITH newcomer AS MATERIALIZED (
			SELECT r.record_no, r.cells[9]::numeric AS weight, s.is_key_result,
					CASE WHEN s.is_key_result THEN ARRAY[r.cells[3]] ELSE ARRAY[r.cells[4], r.cells[2], r.cells[5]] END AS name
				FROM unnest(fresh) r, LATERAL (SELECT r.cells[6] = 'key_result' AS is_key_result) AS s
				WHERE r.cells[15] IN ('active', 'done')
		), present AS (
			SELECT g.weight, CASE WHEN g.kind = 'key_result' THEN ARRAY[p.goal_no::text] ELSE ARRAY[e.employee_no::text, c.code::text, d.code::text] END AS name
				FROM goal g
				JOIN employee e ON e.employee_id = g.owner_id
				JOIN cycle c ON c.cycle_id = g.cycle_id
				JOIN department d ON d.department_id = g.department_id
				LEFT JOIN goal p ON p.goal_id = g.parent_id
				WHERE g.state IN ('active', 'done')
		), total AS (
			SELECT m.name, sum(m.weight) AS weight
				FROM (SELECT n.name, n.weight FROM newcomer n UNION ALL SELECT p.name, p.weight FROM present p) AS m
				WHERE m.name IN (SELECT n.name FROM newcomer n)
				GROUP BY m.name
				HAVING abs(sum(m.weight) - 100) > tolerance
		)
		SELECT ROW(n.record_no, 'weight', 'group_weight', NULL, format('%s = %s', array_to_string(t.name, ' '), t.weight))::import_problem
			FROM newcomer n JOIN total t ON t.name = n.name);
END;
$$;
COMMENT ON FUNCTION import_goal_families(import_record[]) IS 'What live goals get wrong together: key results out of place, groups whose weights do not total 100';

CREATE FUNCTION import_check_goal(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	fresh import_record[];
	broken import_problem[];
BEGIN
	SELECT s.problems, s.unchanged, s.fresh INTO problems, unchanged, fresh
		FROM import_settle(records, ARRAY(
			SELECT ROW(r.record_no, 'goal_no', 'exists', g.goal_no, concat_ws(',',
					CASE WHEN c.code <> r.cells[2] THEN 'cycle' END,
					CASE WHEN p.goal_no IS DISTINCT FROM r.cells[3] THEN 'parent' END,
					CASE WHEN e.employee_no <> r.cells[4] THEN 'owner' END,
					CASE WHEN d.code <> r.cells[5] THEN 'department' END,
					CASE WHEN g.kind <> r.cells[6] THEN 'kind' END,
					CASE WHEN g.title <> r.cells[7] THEN 'title' END,
					CASE WHEN i.code IS DISTINCT FROM r.cells[8] THEN 'indicator' END,
					CASE WHEN g.weight <> r.cells[9]::numeric THEN 'weight' END,
					CASE WHEN g.contribution IS DISTINCT FROM r.cells[10]::numeric THEN 'contribution' END,
					CASE WHEN g.baseline IS DISTINCT FROM import_measure(r.cells[11]) THEN 'baseline' END,
					CASE WHEN g.target IS DISTINCT FROM import_measure(r.cells[12]) THEN 'target' END,
					CASE WHEN g.starts_on <> r.cells[13]::date THEN 'starts_on' END,
					/* the file says what was agreed first */
					CASE WHEN coalesce(f.first_due_on, g.due_on) <> r.cells[14]::date THEN 'due_on' END,
					CASE WHEN g.state <> r.cells[15] THEN 'state' END))::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN goal g ON g.goal_no = r.cells[1]
				JOIN cycle c ON c.cycle_id = g.cycle_id
				JOIN employee e ON e.employee_id = g.owner_id
				JOIN department d ON d.department_id = g.department_id
				LEFT JOIN goal p ON p.goal_id = g.parent_id
				LEFT JOIN indicator i ON i.indicator_id = g.indicator_id
				LEFT JOIN (SELECT x.goal_id, min(x.old_due_on) AS first_due_on FROM postponement x GROUP BY x.goal_id) AS f ON f.goal_id = g.goal_id), problems) s;
	problems := problems || import_goal_rules(fresh);
	/* each rejection may leave children without a parent and groups without a member */
	LOOP
		fresh := import_clean(fresh, problems);
		broken := import_tree('goal', records, fresh, 1, 3, 'parent');
		broken := broken || import_goal_families(import_clean(fresh, broken));
		EXIT WHEN coalesce(cardinality(broken), 0) = 0;
		problems := problems || broken;
	END LOOP;
END;
$$;
COMMENT ON FUNCTION import_check_goal(import_record[], import_problem[]) IS
	'Import of goals: what is there already, the rules of single goals, the tree, key results and the weights of groups';

CREATE FUNCTION import_land_goal(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	landed bigint;
BEGIN
	WITH numbered AS MATERIALIZED (
		SELECT r.*, nextval(pg_get_serial_sequence('goal', 'goal_id')) AS key FROM unnest(records) r
	)
	INSERT INTO goal (goal_id, goal_no, cycle_id, parent_id, owner_id, department_id, kind, title, indicator_id, weight, contribution,
			baseline, target, starts_on, due_on, state, recorded_from)
		SELECT n.key, n.cells[1], c.cycle_id, CASE WHEN n.cells[3] IS NOT NULL THEN coalesce(p.key, goal_id_of(n.cells[3])) END,
				e.employee_id, d.department_id, n.cells[6], n.cells[7],
				CASE WHEN n.cells[8] IS NOT NULL THEN coalesce(i.indicator_id, indicator_id_of(n.cells[8])) END, n.cells[9]::numeric, n.cells[10]::numeric,
				import_measure(n.cells[11]), import_measure(n.cells[12]), n.cells[13]::date, n.cells[14]::date, n.cells[15], '-infinity'
			FROM numbered n
			JOIN cycle c ON c.code = n.cells[2]
			JOIN employee e ON e.employee_no = n.cells[4]
			JOIN department d ON d.code = n.cells[5]
			LEFT JOIN indicator i ON i.code = n.cells[8]
			LEFT JOIN numbered p ON p.cells[1] = n.cells[3];
	GET DIAGNOSTICS landed = ROW_COUNT;
	PERFORM import_landed(landed, records);
END;
$$;
COMMENT ON FUNCTION import_land_goal(import_record[]) IS 'Import of goals: the checked records become rows, known from the beginning';

CREATE FUNCTION import_check_postponement(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	fresh import_record[];
	last_day date := today();
BEGIN
	SELECT s.problems, s.unchanged, s.fresh INTO problems, unchanged, fresh
		FROM import_settle(records, ARRAY(
			SELECT ROW(r.record_no, 'goal', 'exists', format('%s %s', r.cells[1], r.cells[2]), concat_ws(',',
					CASE WHEN p.new_due_on <> r.cells[3]::date THEN 'new_due_on' END,
					CASE WHEN p.reason <> r.cells[4] THEN 'reason' END,
					CASE WHEN p.recorded_at <> r.cells[5]::timestamptz THEN 'recorded_at' END))::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN goal g ON g.goal_no = r.cells[1]
				JOIN postponement p ON p.goal_id = g.goal_id AND p.old_due_on = r.cells[2]::date), problems) s;
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, rule.column_name, rule.code, NULL, rule.detail)::import_problem
			FROM unnest(fresh) r
			JOIN goal g ON g.goal_no = r.cells[1]
			JOIN cycle c ON c.cycle_id = g.cycle_id,
			LATERAL (VALUES
				('goal', 'cycle_closed', c.state = 'closed', c.code::text),
				('goal', 'goal_draft', g.state = 'draft', g.goal_no::text),
				('new_due_on', 'not_later', r.cells[3]::date <= r.cells[2]::date, NULL),
				('new_due_on', 'outside_cycle', r.cells[3]::date > c.ends_on, format('%s (%s–%s)', c.code, c.starts_on, c.ends_on)),
				('recorded_at', 'future', day_of(r.cells[5]::timestamptz) > last_day, NULL)) AS rule(column_name, code, is_broken, detail)
			WHERE rule.is_broken);
	/* one move after the other, from the due day that holds now */
	fresh := import_clean(fresh, problems);
	problems := problems || ARRAY(
		WITH RECURSIVE move AS MATERIALIZED (
			SELECT r.record_no, r.cells[1] AS goal_no, r.cells[2]::date AS old_due_on, r.cells[3]::date AS new_due_on, g.due_on
				FROM unnest(fresh) r JOIN goal g ON g.goal_no = r.cells[1]
		), reached AS (
			SELECT m.record_no, m.goal_no, m.new_due_on FROM move m WHERE m.old_due_on = m.due_on
			UNION ALL
			SELECT m.record_no, m.goal_no, m.new_due_on
				FROM reached a JOIN move m ON m.goal_no = a.goal_no AND m.old_due_on = a.new_due_on
		)
		SELECT ROW(m.record_no, 'old_due_on', 'not_due_then', NULL, coalesce(latest.due_on, m.due_on))::import_problem
			FROM move m
			LEFT JOIN (SELECT a.goal_no, max(a.new_due_on) AS due_on FROM reached a GROUP BY a.goal_no) AS latest ON latest.goal_no = m.goal_no
			WHERE NOT EXISTS (SELECT FROM reached a WHERE a.record_no = m.record_no));
END;
$$;
COMMENT ON FUNCTION import_check_postponement(import_record[], import_problem[]) IS
	'Import of postponements: what is there already, and that each one moves the day on which the goal was due by then';

CREATE FUNCTION import_land_postponement(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	moved bigint;
	landed bigint := 0;
BEGIN
	INSERT INTO postponement (goal_id, old_due_on, new_due_on, reason, recorded_at)
		SELECT g.goal_id, r.cells[2]::date, r.cells[3]::date, r.cells[4], r.cells[5]::timestamptz
			FROM unnest(records) r JOIN goal g ON g.goal_no = r.cells[1]
			ORDER BY r.record_no;
	/* step by step, so that every due day in between is kept with the time it held */
	LOOP
		UPDATE goal g SET due_on = r.cells[3]::date, recorded_from = greatest(g.recorded_from, r.cells[5]::timestamptz)
			FROM unnest(records) r WHERE g.goal_no = r.cells[1] AND g.due_on = r.cells[2]::date;
		GET DIAGNOSTICS moved = ROW_COUNT;
		EXIT WHEN moved = 0;
		landed := landed + moved;
	END LOOP;
	PERFORM import_landed(landed, records);
END;
$$;
COMMENT ON FUNCTION import_land_postponement(import_record[]) IS 'Import of postponements: the checked records become rows and move the due days, each known from when it was recorded';
