/*
 * The status of goals: facts rolled up by the engine, with the light that is
 * shown and the reason for it.
 */

CREATE TYPE goal_state AS (
	goal_id bigint, cycle_id bigint, parent_id bigint, owner_id bigint, department_id bigint, kind varchar,
	is_own_root boolean, is_rolled_up boolean, weight numeric, share numeric, cap numeric,
	actual numeric, baseline numeric, target numeric, x numeric, curve_score numeric, blocks_total boolean, is_vetoed boolean,
	due_on date, silent_days integer, is_silent boolean, declared_light varchar,
	progress numeric, expected numeric, light varchar, score numeric, red_below bigint, yellow_below bigint,
	forecast_on date, slip_days integer, slack_days integer, held_back_by bigint,
	segments target_segment[], fault varchar);
COMMENT ON TYPE goal_state IS
	'A live goal on a day, rolled up. Functions hand arrays of it on, so that one reading of the facts serves goals, people and departments';
COMMENT ON COLUMN goal_state.goal_id IS 'Key of the goal';
COMMENT ON COLUMN goal_state.cycle_id IS 'Cycle';
COMMENT ON COLUMN goal_state.parent_id IS 'Goal that it serves';
COMMENT ON COLUMN goal_state.owner_id IS 'Owner';
COMMENT ON COLUMN goal_state.department_id IS 'Department for which it counts';
COMMENT ON COLUMN goal_state.kind IS 'objective, key_result, kpi or milestone';
COMMENT ON COLUMN goal_state.is_own_root IS 'Whether its weight counts in the owner''s total';
COMMENT ON COLUMN goal_state.is_rolled_up IS 'Whether it is made of other goals';
COMMENT ON COLUMN goal_state.weight IS 'Percent of its group';
COMMENT ON COLUMN goal_state.share IS 'Its weight in the parent''s roll-up; NULL: none';
COMMENT ON COLUMN goal_state.cap IS 'Most progress that counts';
COMMENT ON COLUMN goal_state.actual IS 'Actual value, in the indicator''s unit';
COMMENT ON COLUMN goal_state.baseline IS 'Baseline';
COMMENT ON COLUMN goal_state.target IS 'Target';
COMMENT ON COLUMN goal_state.x IS 'What the curve is asked with';
COMMENT ON COLUMN goal_state.curve_score IS 'What the curve gave, in points';
COMMENT ON COLUMN goal_state.blocks_total IS 'Whether its owner has no total without its score';
COMMENT ON COLUMN goal_state.is_vetoed IS 'Whether its curve vetoes';
COMMENT ON COLUMN goal_state.due_on IS 'Due day';
COMMENT ON COLUMN goal_state.silent_days IS 'Days since the owner''s last check-in on it';
COMMENT ON COLUMN goal_state.is_silent IS 'Whether that is too long';
COMMENT ON COLUMN goal_state.declared_light IS 'Light that somebody declared';
COMMENT ON COLUMN goal_state.progress IS 'Progress as a fraction, rolled up ones at 18 places';
COMMENT ON COLUMN goal_state.expected IS 'Progress expected, 0 to 1';
COMMENT ON COLUMN goal_state.light IS 'Light shown';
COMMENT ON COLUMN goal_state.score IS 'Score in points';
COMMENT ON COLUMN goal_state.red_below IS 'Red goals below it';
COMMENT ON COLUMN goal_state.yellow_below IS 'Yellow goals below it';
COMMENT ON COLUMN goal_state.forecast_on IS 'Forecast of the day on which it will be done';
COMMENT ON COLUMN goal_state.slip_days IS 'Days by which the forecast misses the due day';
COMMENT ON COLUMN goal_state.slack_days IS 'Days to spare against the goals that it needs';
COMMENT ON COLUMN goal_state.held_back_by IS 'Goal at which the delay begins that it suffers through links';
COMMENT ON COLUMN goal_state.segments IS 'Where its target changed: the days with each target; else NULL';
COMMENT ON COLUMN goal_state.fault IS 'Why a derived indicator gives no value (derived_value); NULL where it does, and for others';

CREATE FUNCTION goal_computed(
	as_of date, only_goals bigint[] DEFAULT NULL, only_cycles bigint[] DEFAULT NULL, known_at timestamptz DEFAULT NULL, assumed jsonb DEFAULT NULL,
	with_forecast boolean DEFAULT true)
	RETURNS SETOF goal_state
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 2000 COST 300000
	SET search_path FROM CURRENT
AS $$
DECLARE
	/* read once, and handed to the graph as they are */
	facts goal_measure[] := ARRAY(SELECT f FROM goal_fact(as_of, only_goals, only_cycles, known_at, assumed, with_forecast) f);
BEGIN
	RETURN QUERY
	SELECT f.goal_id, f.cycle_id, f.parent_id, f.owner_id, f.department_id, f.kind,
			f.is_own_root, f.is_rolled_up, f.weight, f.share, f.cap,
			f.actual, f.baseline, f.target, f.x, f.curve_score, f.blocks_total, f.is_vetoed,
			f.due_on, f.silent_days, f.is_silent, f.declared_light,
			n.progress, f.expected, n.light::varchar, n.score, n.red_below, n.yellow_below,
			n.forecast_on, n.slip_days, n.slack_days, n.held_back_by, f.segments, f.fault
		FROM unnest(facts) f
		JOIN goal_graph('SELECT goal_id, parent_id, share AS weight, progress, score, cap, due_on, expected, green, yellow, grace, slack,'
				' light, is_silent, forecast_on, state = ''done'' AS is_done FROM unnest($2)',
				format('SELECT from_goal_id AS from_goal, to_goal_id AS to_goal, strength, buffer_days FROM link_as_of(%L) WHERE kind = ''requires''',
					coalesce(known_at, day_end(as_of))),
				as_of, 18, facts) n ON n.goal_id = f.goal_id
		WHERE f.is_shown;
END;
$$;
COMMENT ON FUNCTION goal_computed(date, bigint[], bigint[], timestamptz, jsonb, boolean) IS
	'Live goals of the cycles open on a day, rolled up; only_goals must hold whole subtrees. known_at: what was recorded before it counts; NULL: to the end of the day. assumed and with_forecast: as in goal_fact';

CREATE FUNCTION goal_states(
	as_of date, only_goals bigint[] DEFAULT NULL, only_cycles bigint[] DEFAULT NULL, known_at timestamptz DEFAULT NULL, assumed jsonb DEFAULT NULL,
	with_forecast boolean DEFAULT true)
	RETURNS goal_state[]
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED COST 300000
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN ARRAY(SELECT s FROM goal_computed(as_of, only_goals, only_cycles, known_at, assumed, with_forecast) s);
END;
$$;
COMMENT ON FUNCTION goal_states(date, bigint[], bigint[], timestamptz, jsonb, boolean) IS 'goal_computed as one array';

CREATE FUNCTION light_reason(
	light text, progress numeric, expected numeric, kind text, due_on date, as_of date,
	actual numeric, is_vetoed boolean, is_silent boolean, silent_days integer, declared_light text, locale text, fault text DEFAULT NULL)
	RETURNS varchar
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN is_vetoed THEN CASE locale WHEN 'zh' THEN format('一票否决:实际值 %s', trim_scale(actual)) ELSE format('veto: the actual value is %s', trim_scale(actual)) END
		WHEN fault IS NOT NULL THEN fault_reason(fault, locale)
		WHEN is_silent AND light = 'yellow' THEN CASE locale WHEN 'zh' THEN format('%s 天未更新', silent_days) ELSE format('no check-in for %s days', silent_days) END
		WHEN declared_light IS NOT NULL THEN CASE locale WHEN 'zh' THEN '人工声明' ELSE 'declared' END
		WHEN light NOT IN ('red', 'yellow') THEN NULL
		WHEN progress IS NULL AND actual IS NOT NULL THEN CASE locale WHEN 'zh' THEN '没有目标值,进度未知' ELSE 'no target, so progress is not known' END
		WHEN progress IS NULL THEN CASE locale WHEN 'zh' THEN '尚未填报' ELSE 'nothing reported yet' END
		WHEN kind = 'milestone' THEN CASE locale
			WHEN 'zh' THEN CASE WHEN as_of > due_on THEN format('逾期 %s 天未完成', as_of - due_on) ELSE '今日到期,尚未完成' END
			ELSE CASE WHEN as_of > due_on THEN format('%s days past due and not done', as_of - due_on) ELSE 'due today and not done' END END
		ELSE CASE locale
			WHEN 'zh' THEN format('进度 %s%%,应达 %s%%', round(100 * progress, 1), round(100 * expected, 1))
			ELSE format('progress %s%%, expected %s%%', round(100 * progress, 1), round(100 * expected, 1)) END
	END;
COMMENT ON FUNCTION light_reason(text, numeric, numeric, text, date, date, numeric, boolean, boolean, integer, text, text, text) IS
	'Why a light is red or yellow, or why a derived indicator gives no value, in the language of the locale (zh or en); NULL where there is nothing to say';

CREATE FUNCTION goal_status_live(as_of date, states goal_state[])
	RETURNS TABLE (
		goal_id bigint, goal_no varchar, cycle varchar, department varchar, owner_no varchar, owner varchar, parent_id bigint,
		kind varchar, title varchar, weight numeric, progress numeric, expected numeric, light varchar, light_rank smallint,
		score numeric, due_on date, forecast_on date, slip_days integer, slack_days integer, silent_days integer,
		joint_warning boolean, red_below bigint, yellow_below bigint, reason varchar)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 2000 COST 300000
	SET search_path FROM CURRENT
AS $$
DECLARE
	locale text := setting_text('locale');
	known_at timestamptz := day_end(as_of);
	is_watched boolean := links_are_watched(known_at);
BEGIN
	RETURN QUERY
	SELECT n.goal_id, g.goal_no, c.code, d.name, e.employee_no, e.name, n.parent_id,
			n.kind, g.title, n.weight, settled(n.progress, 6), settled(n.expected, 6), n.light, (n.light::traffic_light)::smallint,
			settled(n.score, 6), n.due_on, n.forecast_on, n.slip_days, n.slack_days, n.silent_days,
			CASE WHEN is_watched THEN warned.goal_id IS NOT NULL END, n.red_below, n.yellow_below,
			light_reason(n.light, n.progress, n.expected, n.kind, n.due_on, as_of, n.actual, n.is_vetoed, n.is_silent, n.silent_days, n.declared_light, locale, n.fault)
		FROM unnest(states) n
		JOIN goal g ON g.goal_id = n.goal_id
		JOIN cycle c ON c.cycle_id = n.cycle_id
		JOIN department d ON d.department_id = n.department_id
		JOIN employee e ON e.employee_id = n.owner_id
		LEFT JOIN (
			SELECT DISTINCT side.goal_id FROM open_warning(known_at) w, LATERAL (VALUES (w.from_goal_id), (w.to_goal_id)) AS side(goal_id)
		) AS warned ON warned.goal_id = n.goal_id;
END;
$$;
COMMENT ON FUNCTION goal_status_live(date, goal_state[]) IS 'Rows of goal_status for computed goals';

CREATE FUNCTION goal_status_at(as_of date)
	RETURNS TABLE (
		goal_id bigint, goal_no varchar, cycle varchar, department varchar, owner_no varchar, owner varchar, parent_id bigint,
		kind varchar, title varchar, weight numeric, progress numeric, expected numeric, light varchar, light_rank smallint,
		score numeric, due_on date, forecast_on date, slip_days integer, slack_days integer, silent_days integer,
		joint_warning boolean, red_below bigint, yellow_below bigint, reason varchar)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 2000 COST 300000
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN QUERY
	SELECT s.* FROM goal_status_live(as_of, goal_states(as_of)) s
	UNION ALL
	SELECT r.goal_id, r.goal_no, r.cycle, r.department, r.owner_no, r.owner, r.parent_id, r.kind, r.title, r.weight,
			r.progress, r.expected, r.light, r.light_rank, r.score, r.due_on, r.forecast_on, r.slip_days, r.slack_days,
			r.silent_days, r.joint_warning, r.red_below, r.yellow_below, r.reason
		FROM goal_result_as_of(day_end(as_of)) r;
END;
$$;
COMMENT ON FUNCTION goal_status_at(date) IS
	'The view goal_status on another day, as then known: open cycles computed, closed ones as they were frozen. NULL: no rows';

CREATE FUNCTION subtree_of(employee_key bigint)
	RETURNS bigint[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN ARRAY(
		WITH RECURSIVE below(goal_id) AS (
			SELECT g.goal_id FROM goal g WHERE g.owner_id = employee_key
			UNION
			SELECT n.goal_id FROM below b, LATERAL (
				SELECT g.goal_id FROM goal g WHERE g.parent_id = b.goal_id
				UNION ALL
				SELECT l.to_goal_id FROM goal_link l WHERE l.from_goal_id = b.goal_id AND l.kind = 'requires') AS n
		)
		SELECT b.goal_id FROM below b);
END;
$$;
COMMENT ON FUNCTION subtree_of(bigint) IS 'Keys of a person''s goals and of everything that decides how they stand: the goals below them and those that they need';

CREATE FUNCTION goal_status_of(employee_no text, as_of date DEFAULT today())
	RETURNS TABLE (
		goal_id bigint, goal_no varchar, cycle varchar, department varchar, owner_no varchar, owner varchar, parent_id bigint,
		kind varchar, title varchar, weight numeric, progress numeric, expected numeric, light varchar, light_rank smallint,
		score numeric, due_on date, forecast_on date, slip_days integer, slack_days integer, silent_days integer,
		joint_warning boolean, red_below bigint, yellow_below bigint, reason varchar)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10 COST 10000
	SET search_path FROM CURRENT
AS $$
DECLARE
	employee_key bigint := employee_id_of(employee_no);
BEGIN
	RETURN QUERY
	SELECT s.* FROM goal_status_live(as_of, goal_states(as_of, subtree_of(employee_key))) s
		WHERE s.owner_no = goal_status_of.employee_no
	UNION ALL
	SELECT r.goal_id, r.goal_no, r.cycle, r.department, r.owner_no, r.owner, r.parent_id, r.kind, r.title, r.weight,
			r.progress, r.expected, r.light, r.light_rank, r.score, r.due_on, r.forecast_on, r.slip_days, r.slack_days,
			r.silent_days, r.joint_warning, r.red_below, r.yellow_below, r.reason
		FROM goal_result_as_of(day_end(as_of), employee_key) r;
END;
$$;
COMMENT ON FUNCTION goal_status_of(text, date) IS
	'One person''s rows of goal_status, read from that person''s goals and those below them, not from the whole company. Error: P0002 unknown number';
