/*
 * From facts to measures: what is known of each live goal on a day, before
 * anything is rolled up.
 */

CREATE FUNCTION settled(value numeric, places integer)
	RETURNS numeric
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN round(round(value, 12), places);
COMMENT ON FUNCTION settled(numeric, integer) IS
	'A sum of quotients as it is shown. Quotients are carried at 18 places or more, so a sum that is exactly a half may be a hair below it: '
	'12 places first make it the half that it is';

CREATE TYPE goal_measure AS (
	goal_id bigint, cycle_id bigint, parent_id bigint, owner_id bigint, department_id bigint, kind varchar, state varchar,
	is_shown boolean, is_own_root boolean, is_rolled_up boolean, weight numeric, share numeric, cap numeric,
	actual numeric, baseline numeric, target numeric, progress numeric, x numeric, curve_score numeric, score numeric,
	blocks_total boolean, is_vetoed boolean, starts_on date, due_on date, expected numeric,
	green numeric, yellow numeric, grace numeric, slack numeric,
	silent_days integer, is_silent boolean, declared_light varchar, light varchar, forecast_on date,
	segments target_segment[], fault varchar);
COMMENT ON TYPE goal_measure IS 'What is known of a live goal on a day before anything is rolled up';
COMMENT ON COLUMN goal_measure.goal_id IS 'Key of the goal';
COMMENT ON COLUMN goal_measure.cycle_id IS 'Cycle';
COMMENT ON COLUMN goal_measure.parent_id IS 'Goal that it serves';
COMMENT ON COLUMN goal_measure.owner_id IS 'Owner';
COMMENT ON COLUMN goal_measure.department_id IS 'Department for which it counts';
COMMENT ON COLUMN goal_measure.kind IS 'objective, key_result, kpi or milestone';
COMMENT ON COLUMN goal_measure.state IS 'active or done';
COMMENT ON COLUMN goal_measure.is_shown IS 'False: a child in a closed cycle, with what it was closed with';
COMMENT ON COLUMN goal_measure.is_own_root IS 'Whether its weight counts in the owner''s total';
COMMENT ON COLUMN goal_measure.is_rolled_up IS 'Whether it is made of other goals; own measures are NULL then';
COMMENT ON COLUMN goal_measure.weight IS 'Percent of its group';
COMMENT ON COLUMN goal_measure.share IS 'Its weight in the parent''s roll-up; NULL: none';
COMMENT ON COLUMN goal_measure.cap IS 'Most progress that counts';
COMMENT ON COLUMN goal_measure.actual IS 'Actual value, in the indicator''s unit';
COMMENT ON COLUMN goal_measure.baseline IS 'Baseline';
COMMENT ON COLUMN goal_measure.target IS 'Target';
COMMENT ON COLUMN goal_measure.progress IS 'Own progress as a fraction';
COMMENT ON COLUMN goal_measure.x IS 'What the curve is asked with';
COMMENT ON COLUMN goal_measure.curve_score IS 'What the curve gives, in points';
COMMENT ON COLUMN goal_measure.score IS 'Own score in points, clamped';
COMMENT ON COLUMN goal_measure.blocks_total IS 'Whether its owner has no total without its score';
COMMENT ON COLUMN goal_measure.is_vetoed IS 'Whether its curve vetoes';
COMMENT ON COLUMN goal_measure.starts_on IS 'First day, not before the owner was hired';
COMMENT ON COLUMN goal_measure.due_on IS 'Due day, as postponed by then';
COMMENT ON COLUMN goal_measure.expected IS 'Progress expected, 0 to 1';
COMMENT ON COLUMN goal_measure.green IS 'Threshold of its indicator; NULL: the default';
COMMENT ON COLUMN goal_measure.yellow IS 'Threshold of its indicator; NULL: the default';
COMMENT ON COLUMN goal_measure.grace IS 'Threshold of its indicator; NULL: the default';
COMMENT ON COLUMN goal_measure.slack IS 'Threshold of its indicator; NULL: the default';
COMMENT ON COLUMN goal_measure.silent_days IS 'Days since the owner''s last check-in on it, or its start';
COMMENT ON COLUMN goal_measure.is_silent IS 'Whether that is too long';
COMMENT ON COLUMN goal_measure.declared_light IS 'Light that somebody declared';
COMMENT ON COLUMN goal_measure.light IS 'Light that is shown whatever the progress; NULL: the computed one';
COMMENT ON COLUMN goal_measure.forecast_on IS 'Day on which it will be done at the pace so far; NULL: no forecast';
COMMENT ON COLUMN goal_measure.segments IS 'Where its target changed: the days with each target; else NULL';
COMMENT ON COLUMN goal_measure.fault IS 'Why a derived indicator gives no value (derived_value); NULL where it does, and for others';

CREATE FUNCTION goal_fact(
	as_of date, only_goals bigint[] DEFAULT NULL, only_cycles bigint[] DEFAULT NULL, known_at timestamptz DEFAULT NULL, assumed jsonb DEFAULT NULL,
	with_forecast boolean DEFAULT true)
	RETURNS SETOF goal_measure
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 2000 COST 100000
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	zone text := time_zone();
	silence_days numeric;
BEGIN
	known_at := coalesce(known_at, day_end(as_of));
	silence_days := setting_number('silence_days', known_at);
	RETURN QUERY
	WITH span AS MATERIALIZED (
		/* a cycle that is just being closed is as in review: nothing is silent any more */
		SELECT c.cycle_id, CASE WHEN v.closing_id IS NULL THEN c.state ELSE 'review' END AS state
			FROM cycle_as_of(known_at) c
			LEFT JOIN closing_as_of(known_at) v ON v.cycle_id = c.cycle_id
			WHERE c.state IN ('active', 'review') AND (only_cycles IS NULL OR c.cycle_id = ANY (only_cycles))
	), patch AS MATERIALIZED (
		/* what_if: other values of columns of some goals */
		SELECT o.key::bigint AS goal_id, p.weight, p.contribution, p.indicator_id
			FROM jsonb_each(assumed -> 'goal') o, jsonb_populate_record(NULL::goal, o.value) p
	), live AS MATERIALIZED (
		SELECT g.goal_id, g.cycle_id, g.parent_id, g.owner_id, g.department_id, g.kind, g.state, g.indicator_id, g.weight, g.contribution,
				g.baseline, g.target, g.starts_on, g.due_on, g.measured_by, s.state AS cycle_state
			FROM goal g JOIN span s ON s.cycle_id = g.cycle_id
			WHERE g.recorded_from < known_at AND g.state IN ('active', 'done') AND (only_goals IS NULL OR g.goal_id = ANY (only_goals))
		UNION ALL
		SELECT g.goal_id, g.cycle_id, g.parent_id, g.owner_id, g.department_id, g.kind, g.state, g.indicator_id, g.weight, g.contribution,
				g.baseline, g.target, g.starts_on, g.due_on, g.measured_by, s.state
			FROM history h, jsonb_populate_record(NULL::goal, h.old_row) g JOIN span s ON s.cycle_id = g.cycle_id
			WHERE h.table_name = 'goal' AND h.recorded_from < known_at AND h.recorded_until >= known_at
				AND g.state IN ('active', 'done') AND (only_goals IS NULL OR g.goal_id = ANY (only_goals))
	), aim AS (
		/* targets that changed; most goals keep theirs */
		SELECT v.goal_id, array_agg(v ORDER BY v.effective_on) AS versions,
				(array_agg(v.target ORDER BY v.effective_on DESC))[1] AS target, (array_agg(v.baseline ORDER BY v.effective_on DESC))[1] AS baseline
			FROM target_version_as_of(as_of, known_at, assumed) v
			GROUP BY v.goal_id
	), frozen AS MATERIALIZED (
		/* children in closed cycles go on contributing what they were closed with */
		SELECT g.goal_id, g.parent_id, g.kind, g.weight, g.contribution, r.progress, r.score, r.light
			/* OFFSET 0: the results are looked up for these children alone */
			FROM (SELECT g.* FROM live p JOIN goal g ON g.parent_id = p.goal_id AND g.cycle_id <> p.cycle_id OFFSET 0) g
			JOIN LATERAL (
				SELECT r.progress, r.score, r.light FROM goal_result r
					WHERE r.goal_id = g.goal_id AND r.closing_id IN (SELECT v.closing_id FROM closing_as_of(known_at) v)
					LIMIT 1) AS r ON true
	), family AS NOT MATERIALIZED (
		/* not materialised, like those below: the planner then knows that a goal is in it once */
		SELECT c.parent_id, bool_or(p.kind = 'objective') AS is_objective, bool_or(c.kind = 'key_result') AS has_key_results
			FROM (SELECT l.parent_id, l.kind FROM live l WHERE l.parent_id IS NOT NULL UNION ALL SELECT f.parent_id, f.kind FROM frozen f) c
			JOIN live p ON p.goal_id = c.parent_id
			GROUP BY c.parent_id
	), moved AS (
		SELECT p.goal_id, coalesce((array_agg(p.new_due_on ORDER BY p.old_due_on DESC) FILTER (WHERE p.recorded_at < known_at))[1], min(p.old_due_on)) AS due_on
			FROM postponement p WHERE p.goal_id IN (SELECT l.goal_id FROM live l)
			GROUP BY p.goal_id
	), declared AS (
		SELECT DISTINCT ON (o.goal_id) o.goal_id, o.light FROM light_override o
			WHERE o.goal_id IN (SELECT l.goal_id FROM live l) AND as_of BETWEEN o.from_on AND o.until_on AND o.recorded_at < known_at
			ORDER BY o.goal_id, o.recorded_at DESC, o.light_override_id DESC
	), newest AS (
		/* of all goals at once: one by one they take three times as long, and of few goals the plan reads these alone */
		SELECT DISTINCT ON (c.goal_id) c.goal_id, c.actual, c.progress
			FROM live l JOIN check_in c ON c.goal_id = l.goal_id
			WHERE (c.actual IS NOT NULL OR c.progress IS NOT NULL) AND c.at < known_at AND c.recorded_at < known_at
			ORDER BY c.goal_id, c.at DESC, c.recorded_at DESC, c.check_in_id DESC
	), own AS (
		SELECT c.goal_id, max(c.at) FILTER (WHERE c.employee_id = l.owner_id) AS at
			FROM live l JOIN check_in c ON c.goal_id = l.goal_id
			WHERE c.at < known_at AND c.recorded_at < known_at
			GROUP BY c.goal_id
	), yardstick AS MATERIALIZED (
		SELECT i.*, r.steps FROM indicator_as_of(known_at, assumed) i LEFT JOIN formula_recipe(known_at, assumed) r ON r.indicator_id = i.indicator_id
	), measured AS (
		SELECT l.goal_id, l.cycle_id, l.parent_id, l.owner_id, l.department_id, l.kind, l.state, coalesce(patch.weight, l.weight) AS weight,
				coalesce(aim.baseline, l.baseline) AS baseline, coalesce(aim.target, l.target) AS target,
				l.baseline AS first_baseline, l.target AS first_target, aim.versions, l.starts_on AS first_day, l.cycle_state,
				NOT EXISTS (SELECT FROM goal p WHERE p.goal_id = l.parent_id AND p.owner_id = l.owner_id AND p.cycle_id = l.cycle_id) AS is_own_root,
				l.kind = 'objective' AND f.parent_id IS NOT NULL AS is_rolled_up,
				CASE WHEN upf.is_objective THEN
					CASE WHEN NOT upf.has_key_results THEN coalesce(patch.contribution, l.contribution, 1)
						WHEN l.kind = 'key_result' THEN coalesce(patch.weight, l.weight) END END AS share,
				CASE WHEN l.kind = 'kpi' THEN coalesce(i.cap / 100, 1.2) ELSE 1.0 END AS cap,
				greatest(l.starts_on, e.hired_on) AS starts_on,
				coalesce(moved.due_on, l.due_on) AS due_on,
				i.curve, i.basis, i.cap AS points_cap, i.missing, i.green, i.yellow, i.grace, i.slack, coalesce(i.target_mode, 'segmented') AS target_mode,
				reported.actual, reported.progress AS reported, (computed.result).fault,
				CASE
					WHEN l.kind = 'milestone' THEN (l.state = 'done' OR coalesce(reported.progress >= 1, false))::integer::numeric
					ELSE reached(reported.actual, reported.progress, coalesce(aim.baseline, l.baseline), coalesce(aim.target, l.target))
				END AS progress,
				as_of - coalesce((own.at AT TIME ZONE zone)::date, l.starts_on) AS silent_days,
				declared.light AS declared_light,
				/* the first day on which what is missing will be made up at the pace so far, within ten years; the pace is a rounded quotient, and a hair more than ten days are ten */
				CASE WHEN l.state = 'active' AND reported.reached < 1 AND rhythm.pace > 0 AND 1 - reported.reached <= 3650 * rhythm.pace
					THEN as_of + ceil(round((1 - reported.reached) / rhythm.pace, 4))::integer END AS forecast_on
			FROM live l
			JOIN employee e ON e.employee_id = l.owner_id
			LEFT JOIN family f ON f.parent_id = l.goal_id
			LEFT JOIN family upf ON upf.parent_id = l.parent_id
			LEFT JOIN patch ON patch.goal_id = l.goal_id
			LEFT JOIN aim ON aim.goal_id = l.goal_id
			LEFT JOIN yardstick i ON i.indicator_id = coalesce(patch.indicator_id, l.indicator_id)
			LEFT JOIN moved ON moved.goal_id = l.goal_id
			LEFT JOIN newest AS by_check_in ON by_check_in.goal_id = l.goal_id AND l.measured_by = 'check_in' AND i.formula IS NULL
			LEFT JOIN own ON own.goal_id = l.goal_id
			LEFT JOIN declared ON declared.goal_id = l.goal_id
			LEFT JOIN LATERAL (
				/* a derived indicator is computed, whatever feeds its goals otherwise */
				SELECT CASE WHEN i.formula IS NOT NULL THEN derived_value(i.steps, l.goal_id, l.owner_id, l.department_id, l.starts_on,
						least(coalesce(moved.due_on, l.due_on), as_of), known_at) END AS result
				) AS computed ON true
			LEFT JOIN LATERAL (
				SELECT CASE
						WHEN i.formula IS NOT NULL THEN (computed.result).value
						WHEN l.measured_by = 'measurement' THEN measured_value(i.indicator_id, i.aggregation, unit_factor(i.unit),
							l.goal_id, l.owner_id, l.department_id, l.starts_on, least(coalesce(moved.due_on, l.due_on), as_of), known_at)
						ELSE by_check_in.actual END AS actual,
					by_check_in.progress,
					reached(by_check_in.actual, by_check_in.progress, coalesce(aim.baseline, l.baseline), coalesce(aim.target, l.target)) AS reached
				) AS reported ON true
			LEFT JOIN LATERAL (
				/* progress a day: the median of all slopes between the goal's start, at 0, and its reports */
				SELECT (trend(1000000 * p.reached, p.day)).theil_sen / 1000000 AS pace
					FROM (
						SELECT 0::numeric AS reached, (l.starts_on - 1 - date '2000-01-01')::numeric AS day
						UNION ALL
						SELECT reached(c.actual, c.progress, coalesce(aim.baseline, l.baseline), coalesce(aim.target, l.target)), ((c.at AT TIME ZONE zone)::date - date '2000-01-01')::numeric
							FROM check_in c
							WHERE c.goal_id = l.goal_id AND (c.actual IS NOT NULL OR c.progress IS NOT NULL)
								AND c.at < known_at AND c.recorded_at < known_at
						) AS p
					WHERE with_forecast AND l.state = 'active' AND l.measured_by = 'check_in' AND i.formula IS NULL AND reported.reached < 1
				) AS rhythm ON true
	), asked AS (
		/* OFFSET 0: what is computed here is computed once, not wherever it is named */
		SELECT m.*, curve_x(m.basis, m.progress, m.actual, m.target) AS x,
				NOT m.is_rolled_up AND m.state = 'active' AND m.cycle_state = 'active' AND m.silent_days > silence_days AS is_silent
			FROM measured m
			OFFSET 0
	), scored AS (
		SELECT a.*,
				score(a.curve, a.x) AS curve_score, is_veto(a.curve, a.x) AS is_veto,
				own_points(a.curve, score(a.curve, a.x), a.progress, a.cap, a.points_cap) AS points
			FROM asked a
			OFFSET 0
	), weighed AS (
		/* where the target changed inside the period, its versions decide; nothing of an objective made of others is its own */
		SELECT s.*, c.effect, s.versions IS NOT NULL AS has_versions,
				NOT s.is_rolled_up AND coalesce(CASE WHEN s.versions IS NULL THEN s.is_veto ELSE (c.effect).is_veto END, false) AS is_vetoed
			FROM scored s
			LEFT JOIN LATERAL (
				SELECT CASE WHEN s.versions IS NOT NULL THEN target_effect(s.target_mode, s.first_day, s.due_on, s.first_baseline, s.first_target, s.versions,
						s.actual, s.reported, s.basis, s.curve, s.cap, s.points_cap) END AS effect
				) AS c ON true
	)
	SELECT w.goal_id, w.cycle_id, w.parent_id, w.owner_id, w.department_id, w.kind, w.state,
			true, w.is_own_root, w.is_rolled_up, w.weight, w.share, w.cap, w.actual,
			CASE WHEN w.has_versions THEN (w.effect).baseline ELSE w.baseline END,
			CASE WHEN w.has_versions THEN (w.effect).target ELSE w.target END,
			CASE WHEN NOT w.is_rolled_up THEN CASE WHEN w.has_versions THEN (w.effect).progress ELSE w.progress END END,
			CASE WHEN NOT w.is_rolled_up THEN CASE WHEN w.has_versions THEN (w.effect).x ELSE w.x END END,
			CASE WHEN NOT w.is_rolled_up THEN CASE WHEN w.has_versions THEN (w.effect).curve_score ELSE w.curve_score END END,
			CASE WHEN NOT w.is_rolled_up THEN
				coalesce(CASE WHEN w.has_versions THEN (w.effect).points ELSE w.points END, CASE WHEN w.missing = 'zero' THEN 0 END) END,
			coalesce(w.missing = 'block', false) AND NOT w.is_rolled_up,
			w.is_vetoed, least(w.starts_on, w.due_on), w.due_on,
			CASE WHEN w.kind = 'milestone' THEN (as_of >= w.due_on)::integer::numeric
				ELSE expected_progress(least(w.starts_on, w.due_on), w.due_on, as_of) END,
			w.green, w.yellow, w.grace, w.slack,
			CASE WHEN NOT w.is_rolled_up THEN greatest(w.silent_days, 0) END, w.is_silent, w.declared_light,
			CASE WHEN w.is_vetoed THEN 'red'::varchar WHEN w.is_silent AND w.declared_light = 'green' THEN 'yellow' ELSE w.declared_light END,
			CASE WHEN NOT w.is_rolled_up THEN w.forecast_on END,
			CASE WHEN NOT w.is_rolled_up THEN (w.effect).segments END,
			CASE WHEN NOT w.is_rolled_up THEN w.fault END::varchar
		FROM weighed w
	UNION ALL
	SELECT f.goal_id, NULL, f.parent_id, NULL, NULL, f.kind, NULL,
			false, false, false, f.weight,
			CASE WHEN upf.is_objective THEN
				CASE WHEN NOT upf.has_key_results THEN coalesce(f.contribution, 1) WHEN f.kind = 'key_result' THEN f.weight END END, NULL,
			NULL, NULL, NULL, f.progress, NULL, NULL, f.score,
			false, false, NULL, NULL, NULL,
			NULL, NULL, NULL, NULL,
			NULL, false, NULL, f.light, NULL, NULL, NULL
		FROM frozen f
		JOIN family upf ON upf.parent_id = f.parent_id;
END;
$$;
COMMENT ON FUNCTION goal_fact(date, bigint[], bigint[], timestamptz, jsonb, boolean) IS
	'What is known of each live goal of the cycles open on a day, as then known, before roll-up: its measure, score, veto, silence and place. '
	'only_goals and only_cycles restrict it by key; NULL: all. known_at: what was recorded before it counts; NULL: to the end of the day. assumed holds what what_if puts in the place of recorded values. Without with_forecast there are no forecasts, which take their time and do not bear on scores. Rows with is_shown = false are children in closed cycles, with what they were closed with';
