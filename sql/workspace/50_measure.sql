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

CREATE FUNCTION measured_value(
	indicator_key bigint, goal_key bigint, owner_key bigint, department_key bigint,
	first_day date, last_day date, known_at timestamptz)
	RETURNS numeric
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	yardstick record;
	result numeric;
BEGIN
	SELECT i.aggregation, CASE i.unit WHEN '%' THEN 100 WHEN '‰' THEN 1000 WHEN 'PPM' THEN 1000000 ELSE 1 END AS unit_factor
		INTO yardstick FROM indicator_as_of(known_at) i WHERE i.indicator_id = indicator_key;
	WITH candidate AS (
		/* the newest record of a day holds; a series of the goal itself comes before its owner's, that before the department's */
		SELECT DISTINCT ON (subject, m.measured_on) subject, m.measured_on, m.value, m.numerator, m.denominator
			FROM measurement m,
				LATERAL (SELECT CASE WHEN m.goal_id IS NOT NULL THEN 1 WHEN m.employee_id IS NOT NULL THEN 2 ELSE 3 END AS subject) AS s
			WHERE m.indicator_id = indicator_key AND m.measured_on BETWEEN first_day AND last_day AND m.recorded_at < known_at
				AND (m.goal_id = goal_key OR m.employee_id = owner_key OR m.department_id = department_key)
			ORDER BY subject, m.measured_on, m.recorded_at DESC, m.measurement_id DESC
	), chosen AS (
		SELECT c.*, CASE WHEN c.denominator IS NOT NULL THEN yardstick.unit_factor * c.numerator / c.denominator ELSE c.value END AS amount
			FROM candidate c WHERE c.subject = (SELECT min(c2.subject) FROM candidate c2)
	)
	SELECT CASE yardstick.aggregation
			WHEN 'sum' THEN sum(c.amount)
			WHEN 'avg' THEN avg(c.amount)
			WHEN 'max' THEN max(c.amount)
			WHEN 'min' THEN min(c.amount)
			WHEN 'count' THEN nullif(count(c.amount), 0)
			WHEN 'last' THEN (array_agg(c.amount ORDER BY c.measured_on DESC) FILTER (WHERE c.amount IS NOT NULL))[1]
			WHEN 'ratio' THEN coalesce(yardstick.unit_factor * sum(c.numerator) / sum(c.denominator), avg(c.amount))
		END INTO result
		FROM chosen c;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION measured_value(bigint, bigint, bigint, bigint, date, date, timestamptz) IS
	'Measurements of an indicator over a span of days, combined by its aggregation, as known just before a moment: the goal''s own series, else its owner''s, '
	'else its department''s. A ratio is summed numerators over summed denominators (times 100, 1000 or 1000000 where the unit is %, ‰ or PPM). NULL where nothing was measured';

CREATE FUNCTION reached(actual numeric, reported numeric, baseline numeric, target numeric)
	RETURNS numeric
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN actual IS NOT NULL AND target IS NOT NULL THEN progress(actual, coalesce(baseline, 0), target) ELSE reported END;
COMMENT ON FUNCTION reached(numeric, numeric, numeric, numeric) IS
	'Progress of a report as a fraction: from the actual value where there is a target, else as reported; NULL: not known';

CREATE TYPE goal_measure AS (
	goal_id bigint, cycle_id bigint, parent_id bigint, owner_id bigint, department_id bigint, kind varchar, state varchar,
	is_shown boolean, is_own_root boolean, is_rolled_up boolean, weight numeric, share numeric, cap numeric,
	actual numeric, baseline numeric, target numeric, progress numeric, x numeric, curve_score numeric, score numeric,
	blocks_total boolean, is_vetoed boolean, starts_on date, due_on date, expected numeric,
	green numeric, yellow numeric, grace numeric, slack numeric,
	silent_days integer, is_silent boolean, declared_light varchar, light varchar, forecast_on date);
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

CREATE FUNCTION goal_fact(as_of date, only_goals bigint[] DEFAULT NULL, only_cycles bigint[] DEFAULT NULL, known_at timestamptz DEFAULT NULL)
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
	), live AS MATERIALIZED (
		SELECT g.*, s.state AS cycle_state FROM goal g JOIN span s ON s.cycle_id = g.cycle_id
			WHERE g.recorded_from < known_at AND g.state IN ('active', 'done') AND (only_goals IS NULL OR g.goal_id = ANY (only_goals))
		UNION ALL
		SELECT g.*, s.state FROM history h, jsonb_populate_record(NULL::goal, h.old_row) g JOIN span s ON s.cycle_id = g.cycle_id
			WHERE h.table_name = 'goal' AND h.recorded_from < known_at AND h.recorded_until >= known_at
				AND g.state IN ('active', 'done') AND (only_goals IS NULL OR g.goal_id = ANY (only_goals))
	), frozen AS MATERIALIZED (
		/* children in closed cycles go on contributing what they were closed with */
		SELECT g.goal_id, g.parent_id, g.kind, g.weight, g.contribution, r.progress, r.score, r.light
			FROM live p
			JOIN goal g ON g.parent_id = p.goal_id AND g.cycle_id <> p.cycle_id
			JOIN LATERAL (
				SELECT r.progress, r.score, r.light FROM goal_result r
					WHERE r.goal_id = g.goal_id AND r.closing_id IN (SELECT v.closing_id FROM closing_as_of(known_at) v)
					LIMIT 1) AS r ON true
	), family AS (
		SELECT c.parent_id, bool_or(c.kind = 'key_result') AS has_key_results
			FROM (SELECT l.parent_id, l.kind FROM live l UNION ALL SELECT f.parent_id, f.kind FROM frozen f) c
			WHERE c.parent_id IS NOT NULL
			GROUP BY c.parent_id
	), measured AS (
		SELECT l.goal_id, l.cycle_id, l.parent_id, l.owner_id, l.department_id, l.kind, l.state, l.weight,
				l.baseline, l.target, l.starts_on AS first_day, l.cycle_state,
				NOT EXISTS (SELECT FROM goal p WHERE p.goal_id = l.parent_id AND p.owner_id = l.owner_id AND p.cycle_id = l.cycle_id) AS is_own_root,
				l.kind = 'objective' AND f.parent_id IS NOT NULL AS is_rolled_up,
				CASE WHEN up.kind = 'objective' THEN
					CASE WHEN NOT upf.has_key_results THEN coalesce(l.contribution, 1) WHEN l.kind = 'key_result' THEN l.weight END END AS share,
				CASE WHEN l.kind = 'kpi' THEN coalesce(i.cap / 100, 1.2) ELSE 1.0 END AS cap,
				greatest(l.starts_on, e.hired_on) AS starts_on,
				coalesce(moved.due_on, l.due_on) AS due_on,
				i.curve, i.basis, i.cap AS points_cap, i.missing, i.green, i.yellow, i.grace, i.slack,
				reported.actual,
				CASE
					WHEN l.kind = 'milestone' THEN (l.state = 'done' OR coalesce(reported.progress >= 1, false))::integer::numeric
					ELSE reached(reported.actual, reported.progress, l.baseline, l.target)
				END AS progress,
				as_of - coalesce((own.at AT TIME ZONE zone)::date, l.starts_on) AS silent_days,
				declared.light AS declared_light,
				/* the first day on which what is missing will be made up at the pace so far, within ten years; the pace is a rounded quotient, and a hair more than ten days are ten */
				CASE WHEN l.state = 'active' AND reported.reached < 1 AND rhythm.pace > 0 AND 1 - reported.reached <= 3650 * rhythm.pace
					THEN as_of + ceil(round((1 - reported.reached) / rhythm.pace, 4))::integer END AS forecast_on
			FROM live l
			JOIN employee e ON e.employee_id = l.owner_id
			LEFT JOIN family f ON f.parent_id = l.goal_id
			LEFT JOIN live up ON up.goal_id = l.parent_id
			LEFT JOIN family upf ON upf.parent_id = l.parent_id
			LEFT JOIN indicator_as_of(known_at) i ON i.indicator_id = l.indicator_id
			LEFT JOIN LATERAL (
				SELECT CASE WHEN last_move.postponement_id IS NOT NULL THEN last_move.new_due_on ELSE first_move.old_due_on END AS due_on
					FROM (SELECT p.old_due_on FROM postponement p WHERE p.goal_id = l.goal_id ORDER BY p.old_due_on LIMIT 1) AS first_move
					LEFT JOIN (SELECT p.postponement_id, p.new_due_on FROM postponement p
						WHERE p.goal_id = l.goal_id AND p.recorded_at < known_at ORDER BY p.old_due_on DESC LIMIT 1) AS last_move ON true
				) AS moved ON true
			LEFT JOIN LATERAL (
				SELECT c.actual, c.progress FROM check_in c
					WHERE l.measured_by = 'check_in' AND c.goal_id = l.goal_id AND (c.actual IS NOT NULL OR c.progress IS NOT NULL)
						AND c.at < known_at AND c.recorded_at < known_at
					ORDER BY c.at DESC, c.recorded_at DESC, c.check_in_id DESC LIMIT 1
				) AS by_check_in ON true
			LEFT JOIN LATERAL (
				SELECT CASE WHEN l.measured_by = 'measurement'
						THEN measured_value(l.indicator_id, l.goal_id, l.owner_id, l.department_id, l.starts_on,
							least(coalesce(moved.due_on, l.due_on), as_of), known_at)
						ELSE by_check_in.actual END AS actual,
					by_check_in.progress,
					reached(by_check_in.actual, by_check_in.progress, l.baseline, l.target) AS reached
				) AS reported ON true
			LEFT JOIN LATERAL (
				/* progress a day: the median of all slopes between the goal's start, at 0, and its reports */
				SELECT (trend(1000000 * p.reached, p.day)).theil_sen / 1000000 AS pace
					FROM (
						SELECT 0::numeric AS reached, (l.starts_on - 1 - date '2000-01-01')::numeric AS day
						UNION ALL
						SELECT reached(c.actual, c.progress, l.baseline, l.target), ((c.at AT TIME ZONE zone)::date - date '2000-01-01')::numeric
							FROM check_in c
							WHERE c.goal_id = l.goal_id AND (c.actual IS NOT NULL OR c.progress IS NOT NULL)
								AND c.at < known_at AND c.recorded_at < known_at
						) AS p
					WHERE l.state = 'active' AND l.measured_by = 'check_in'
				) AS rhythm ON true
			LEFT JOIN LATERAL (
				SELECT max(c.at) AS at FROM check_in c
					WHERE c.goal_id = l.goal_id AND c.employee_id = l.owner_id AND c.at < known_at AND c.recorded_at < known_at
				) AS own ON true
			LEFT JOIN LATERAL (
				SELECT o.light FROM light_override o
					WHERE o.goal_id = l.goal_id AND as_of BETWEEN o.from_on AND o.until_on AND o.recorded_at < known_at
					ORDER BY o.recorded_at DESC, o.light_override_id DESC LIMIT 1
				) AS declared ON true
	), asked AS (
		SELECT m.*,
				CASE m.basis WHEN 'progress' THEN 100 * m.progress WHEN 'attainment' THEN 100 * attainment(m.actual, nullif(m.target, 0)) WHEN 'value' THEN m.actual END AS x,
				NOT m.is_rolled_up AND m.state = 'active' AND m.cycle_state = 'active' AND m.silent_days > silence_days AS is_silent
			FROM measured m
	), scored AS (
		SELECT a.*,
				score(a.curve, a.x) AS curve_score,
				NOT a.is_rolled_up AND coalesce(is_veto(a.curve, a.x), false) AS is_vetoed
			FROM asked a
	)
	SELECT s.goal_id, s.cycle_id, s.parent_id, s.owner_id, s.department_id, s.kind, s.state,
			true, s.is_own_root, s.is_rolled_up, s.weight, s.share, s.cap,
			s.actual, s.baseline, s.target, CASE WHEN NOT s.is_rolled_up THEN s.progress END,
			CASE WHEN NOT s.is_rolled_up THEN s.x END, CASE WHEN NOT s.is_rolled_up THEN s.curve_score END,
			CASE
				WHEN s.is_rolled_up THEN NULL
				WHEN s.curve IS NULL AND s.progress IS NOT NULL THEN 100 * least(greatest(s.progress, 0), s.cap)
				WHEN s.curve_score IS NOT NULL THEN least(greatest(s.curve_score, 0), s.points_cap)
				WHEN s.missing = 'zero' THEN 0
			END,
			coalesce(s.missing = 'block', false) AND NOT s.is_rolled_up,
			s.is_vetoed, least(s.starts_on, s.due_on), s.due_on,
			CASE WHEN s.kind = 'milestone' THEN (as_of >= s.due_on)::integer::numeric
				ELSE expected_progress(least(s.starts_on, s.due_on), s.due_on, as_of) END,
			s.green, s.yellow, s.grace, s.slack,
			CASE WHEN NOT s.is_rolled_up THEN greatest(s.silent_days, 0) END, s.is_silent, s.declared_light,
			CASE WHEN s.is_vetoed THEN 'red'::varchar WHEN s.is_silent AND s.declared_light = 'green' THEN 'yellow' ELSE s.declared_light END,
			CASE WHEN NOT s.is_rolled_up THEN s.forecast_on END
		FROM scored s
	UNION ALL
	SELECT f.goal_id, NULL, f.parent_id, NULL, NULL, f.kind, NULL,
			false, false, false, f.weight,
			CASE WHEN up.kind = 'objective' THEN
				CASE WHEN NOT upf.has_key_results THEN coalesce(f.contribution, 1) WHEN f.kind = 'key_result' THEN f.weight END END, NULL,
			NULL, NULL, NULL, f.progress, NULL, NULL, f.score,
			false, false, NULL, NULL, NULL,
			NULL, NULL, NULL, NULL,
			NULL, false, NULL, f.light, NULL
		FROM frozen f
		JOIN live up ON up.goal_id = f.parent_id
		LEFT JOIN family upf ON upf.parent_id = f.parent_id;
END;
$$;
COMMENT ON FUNCTION goal_fact(date, bigint[], bigint[], timestamptz) IS
	'What is known of each live goal of the cycles open on a day, as then known, before roll-up: its measure, score, veto, silence and place. '
	'only_goals and only_cycles restrict it by key; NULL: all. known_at: what was recorded before it counts; NULL: to the end of the day. Rows with is_shown = false are children in closed cycles, with what they were closed with';
