/*
 * Departments: the progress of their own roots, the scores of their people
 * by days worked, counts of lights.
 */

CREATE FUNCTION department_below()
	RETURNS TABLE (department_id bigint, below_id bigint)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 200
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN QUERY
	WITH RECURSIVE pair(department_id, below_id) AS (
		SELECT d.department_id, d.department_id FROM department d
		UNION ALL
		SELECT p.department_id, d.department_id FROM pair p JOIN department d ON d.parent_id = p.below_id
	)
	SELECT p.department_id, p.below_id FROM pair p;
END;
$$;
COMMENT ON FUNCTION department_below() IS 'Each department with itself and every department below it';

CREATE FUNCTION department_overview_live(as_of date, states goal_state[])
	RETURNS TABLE (
		department_code varchar, cycle varchar, department varchar, parent_department varchar, headcount bigint,
		score numeric, progress numeric, light varchar, light_rank smallint,
		goals bigint, red bigint, yellow bigint, green bigint, joint_warnings bigint, expected numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100 COST 600000
	SET search_path FROM CURRENT
AS $$
DECLARE
	known_at timestamptz := day_end(as_of);
	is_watched boolean := links_are_watched(known_at);
BEGIN
	RETURN QUERY
	WITH below AS MATERIALIZED (
		SELECT * FROM department_below()
	), by_goal AS (
		SELECT b.department_id, g.cycle_id, count(*) AS goals, count(*) FILTER (WHERE g.light = 'red') AS red,
				count(*) FILTER (WHERE g.light = 'yellow') AS yellow, count(*) FILTER (WHERE g.light = 'green') AS green,
				CASE WHEN bool_or(g.progress IS NOT NULL) FILTER (WHERE g.is_own_root)
					THEN settled(score(score_sum(least(greatest(coalesce(g.progress, 0), 0), g.cap), g.weight) FILTER (WHERE g.is_own_root), places => 18), 6) END AS progress,
				settled(score(score_sum(g.expected, g.weight) FILTER (WHERE g.is_own_root), places => 18), 6) AS expected
			FROM unnest(states) g JOIN below b ON b.below_id = g.department_id
			GROUP BY b.department_id, g.cycle_id
	), by_person AS (
		SELECT b.department_id, t.cycle_id, settled(score(score_sum(t.total, w.days), places => 18), 2) AS score
			FROM person_total(as_of, states) t
			JOIN days_worked(as_of) w ON w.cycle_id = t.cycle_id AND w.employee_id = t.employee_id
			JOIN below b ON b.below_id = w.department_id
			GROUP BY b.department_id, t.cycle_id
	), warned AS (
		SELECT b.department_id, g.cycle_id, count(DISTINCT w.warning_id) AS warnings
			FROM open_warning(known_at) w
			CROSS JOIN LATERAL (VALUES (w.from_goal_id), (w.to_goal_id)) AS side(goal_id)
			JOIN unnest(states) g ON g.goal_id = side.goal_id
			JOIN below b ON b.below_id = g.department_id
			GROUP BY b.department_id, g.cycle_id
	), shown AS (
		SELECT c.cycle_id, c.code, least(as_of, c.ends_on) AS day
			FROM cycle c WHERE c.cycle_id IN (SELECT g.cycle_id FROM unnest(states) g)
	), heads AS (
		SELECT b.department_id, s.cycle_id, count(*) AS headcount
			FROM shown s
			JOIN assignment_as_of(known_at) a ON a.during @> s.day
			JOIN below b ON b.below_id = a.department_id
			GROUP BY b.department_id, s.cycle_id
	)
	SELECT d.code, s.code, d.name, up.name, coalesce(h.headcount, 0), p.score, g.progress,
			l.light, (l.light::traffic_light)::smallint,
			coalesce(g.goals, 0), coalesce(g.red, 0), coalesce(g.yellow, 0), coalesce(g.green, 0), CASE WHEN is_watched THEN coalesce(j.warnings, 0) END, g.expected
		FROM department d
		CROSS JOIN shown s
		LEFT JOIN department up ON up.department_id = d.parent_id
		LEFT JOIN heads h ON h.department_id = d.department_id AND h.cycle_id = s.cycle_id
		LEFT JOIN by_goal g ON g.department_id = d.department_id AND g.cycle_id = s.cycle_id
		LEFT JOIN warned j ON j.department_id = d.department_id AND j.cycle_id = s.cycle_id
		LEFT JOIN by_person p ON p.department_id = d.department_id AND p.cycle_id = s.cycle_id,
		LATERAL (SELECT CASE WHEN g.goals > 0 THEN light(g.progress, g.expected)::varchar ELSE 'grey' END AS light) AS l;
END;
$$;
COMMENT ON FUNCTION department_overview_live(date, goal_state[]) IS 'Rows of department_overview for computed goals';

CREATE FUNCTION department_overview_at(as_of date)
	RETURNS TABLE (
		department_code varchar, cycle varchar, department varchar, parent_department varchar, headcount bigint,
		score numeric, progress numeric, light varchar, light_rank smallint,
		goals bigint, red bigint, yellow bigint, green bigint, joint_warnings bigint, expected numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100 COST 600000
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN QUERY
	SELECT o.* FROM department_overview_live(as_of, goal_states(as_of, with_forecast => false)) o
	UNION ALL
	SELECT r.department_code, r.cycle, r.department, r.parent_department, r.headcount, r.score, r.progress, r.light, r.light_rank,
			r.goals, r.red, r.yellow, r.green, r.joint_warnings, r.expected
		FROM closing_as_of(day_end(as_of)) v
		JOIN department_result r ON r.closing_id = v.closing_id;
END;
$$;
COMMENT ON FUNCTION department_overview_at(date) IS
	'The view department_overview on another day, as then known: open cycles computed, closed ones as they were frozen. NULL: no rows';
