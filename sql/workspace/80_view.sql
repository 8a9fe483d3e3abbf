/*
 * What BI tools read: plain types, key column first, one grain a view.
 */

CREATE VIEW goal_status WITH (security_invoker = true) AS
	SELECT s.goal_id, s.goal_no::varchar(40) AS goal_no, s.cycle::varchar(40) AS cycle, s.department::varchar(100) AS department,
		s.owner_no::varchar(40) AS owner_no, s.owner::varchar(100) AS owner, s.parent_id, s.kind::varchar(10) AS kind,
		s.title::varchar(200) AS title, s.weight::numeric(5, 2) AS weight, s.progress::numeric(24, 6) AS progress,
		s.expected::numeric(7, 6) AS expected, s.light::varchar(6) AS light, s.light_rank, s.score::numeric(10, 6) AS score,
		s.due_on, s.forecast_on, s.slip_days, s.slack_days, s.silent_days, s.joint_warning, s.red_below, s.yellow_below,
		s.reason::varchar(500) AS reason
	FROM goal_status_at(today()) AS s;
COMMENT ON VIEW goal_status IS 'One row a live goal of every cycle that is active, in review or closed, as of today';
COMMENT ON COLUMN goal_status.goal_id IS 'Key of the goal';
COMMENT ON COLUMN goal_status.goal_no IS 'Number that people use';
COMMENT ON COLUMN goal_status.cycle IS 'Code of the cycle';
COMMENT ON COLUMN goal_status.department IS 'Department for which it counts';
COMMENT ON COLUMN goal_status.owner_no IS 'Employee number of the owner';
COMMENT ON COLUMN goal_status.owner IS 'Name of the owner';
COMMENT ON COLUMN goal_status.parent_id IS 'Key of the goal that it serves; NULL for none';
COMMENT ON COLUMN goal_status.kind IS 'objective, key_result, kpi or milestone';
COMMENT ON COLUMN goal_status.title IS 'Title';
COMMENT ON COLUMN goal_status.weight IS 'Percent of its group';
COMMENT ON COLUMN goal_status.progress IS 'Progress as a fraction, 1 = target met, not clamped, 6 places; NULL: not known';
COMMENT ON COLUMN goal_status.expected IS 'Progress expected by today, 0 to 1, 6 places';
COMMENT ON COLUMN goal_status.light IS 'grey, red, yellow or green';
COMMENT ON COLUMN goal_status.light_rank IS 'The light as a number: 0 grey, 1 red, 2 yellow, 3 green';
COMMENT ON COLUMN goal_status.score IS 'Score in points, 100 = target met, 6 places; NULL: no measure';
COMMENT ON COLUMN goal_status.due_on IS 'Due day, as postponed so far';
COMMENT ON COLUMN goal_status.forecast_on IS 'Day on which it will be done at the present pace; NULL: no forecast';
COMMENT ON COLUMN goal_status.slip_days IS 'Days by which the forecast misses the due day; NULL: no forecast';
COMMENT ON COLUMN goal_status.slack_days IS 'Days to spare against the goals that it needs; NULL: needs none';
COMMENT ON COLUMN goal_status.silent_days IS 'Days since the owner''s last check-in on it (or its start); NULL for an objective that is made of others';
COMMENT ON COLUMN goal_status.joint_warning IS 'Whether a link of it is under joint warning; NULL: links are not watched';
COMMENT ON COLUMN goal_status.red_below IS 'Red goals below it, at any depth';
COMMENT ON COLUMN goal_status.yellow_below IS 'Yellow goals below it, at any depth';
COMMENT ON COLUMN goal_status.reason IS 'Why it is red or yellow, in the workspace''s language; NULL: nothing to say';

CREATE VIEW employee_scorecard WITH (security_invoker = true) AS
	SELECT s.employee_no::varchar(40) AS employee_no, s.employee::varchar(100) AS employee, s.cycle::varchar(40) AS cycle,
		s.department::varchar(100) AS department, s.score::numeric(7, 2) AS score, s.coverage::numeric(7, 6) AS coverage,
		s.light::varchar(6) AS light, s.light_rank, s.goals, s.red, s.yellow, s.green, s.progress::numeric(10, 6) AS progress,
		s.expected::numeric(7, 6) AS expected, s.bonus::numeric(5, 2) AS bonus, s.penalty::numeric(5, 2) AS penalty,
		s.score_before_veto::numeric(7, 2) AS score_before_veto, s.is_vetoed, s.grade::varchar(10) AS grade
	FROM employee_scorecard_at(today()) AS s;
COMMENT ON VIEW employee_scorecard IS 'One row an employee and cycle in which the person has live goals, a veto, or a component of the final formula, as of today';
COMMENT ON COLUMN employee_scorecard.employee_no IS 'Employee number';
COMMENT ON COLUMN employee_scorecard.employee IS 'Name';
COMMENT ON COLUMN employee_scorecard.cycle IS 'Code of the cycle';
COMMENT ON COLUMN employee_scorecard.department IS 'Department on that day, on the cycle''s last day if that is earlier, or the last one worked in';
COMMENT ON COLUMN employee_scorecard.score IS 'Total in points, 2 places; NULL: too little is known (see coverage)';
COMMENT ON COLUMN employee_scorecard.coverage IS 'Share of the weight that has a score, 0 to 1';
COMMENT ON COLUMN employee_scorecard.light IS 'grey, red, yellow or green';
COMMENT ON COLUMN employee_scorecard.light_rank IS 'The light as a number: 0 grey, 1 red, 2 yellow, 3 green';
COMMENT ON COLUMN employee_scorecard.goals IS 'Live goals owned';
COMMENT ON COLUMN employee_scorecard.red IS 'Red ones among them';
COMMENT ON COLUMN employee_scorecard.yellow IS 'Yellow ones among them';
COMMENT ON COLUMN employee_scorecard.green IS 'Green ones among them';
COMMENT ON COLUMN employee_scorecard.progress IS 'Weighted progress of the own roots, clamped, as a fraction; NULL: nothing reported';
COMMENT ON COLUMN employee_scorecard.expected IS 'Weighted progress expected by today, 0 to 1';
COMMENT ON COLUMN employee_scorecard.bonus IS 'Bonus points, capped';
COMMENT ON COLUMN employee_scorecard.penalty IS 'Penalty points, capped, 0 or below';
COMMENT ON COLUMN employee_scorecard.score_before_veto IS 'Total before the veto; the same as score without one';
COMMENT ON COLUMN employee_scorecard.is_vetoed IS 'Whether a veto is in force: of a curve, or declared and approved';
COMMENT ON COLUMN employee_scorecard.grade IS 'Grade of the score; NULL without one';

CREATE VIEW department_overview WITH (security_invoker = true) AS
	SELECT s.department_code::varchar(40) AS department_code, s.cycle::varchar(40) AS cycle, s.department::varchar(100) AS department,
		s.parent_department::varchar(100) AS parent_department, s.headcount, s.score::numeric(7, 2) AS score,
		s.progress::numeric(10, 6) AS progress, s.light::varchar(6) AS light, s.light_rank, s.goals, s.red, s.yellow, s.green,
		s.joint_warnings, s.expected::numeric(7, 6) AS expected
	FROM department_overview_at(today()) AS s;
COMMENT ON VIEW department_overview IS 'One row a department and cycle with live goals, departments below included, as of today';
COMMENT ON COLUMN department_overview.department_code IS 'Code of the department';
COMMENT ON COLUMN department_overview.cycle IS 'Code of the cycle';
COMMENT ON COLUMN department_overview.department IS 'Name of the department';
COMMENT ON COLUMN department_overview.parent_department IS 'Name of the department above; NULL at the top';
COMMENT ON COLUMN department_overview.headcount IS 'People assigned that day, or on the cycle''s last day if that is earlier';
COMMENT ON COLUMN department_overview.score IS 'Mean of its people''s totals, weighted by their days in it, in points, 2 places';
COMMENT ON COLUMN department_overview.progress IS 'Weighted progress of the own roots that count for it, clamped, as a fraction; NULL: nothing reported';
COMMENT ON COLUMN department_overview.light IS 'grey, red, yellow or green';
COMMENT ON COLUMN department_overview.light_rank IS 'The light as a number: 0 grey, 1 red, 2 yellow, 3 green';
COMMENT ON COLUMN department_overview.goals IS 'Live goals that count for it';
COMMENT ON COLUMN department_overview.red IS 'Red ones among them';
COMMENT ON COLUMN department_overview.yellow IS 'Yellow ones among them';
COMMENT ON COLUMN department_overview.green IS 'Green ones among them';
COMMENT ON COLUMN department_overview.joint_warnings IS 'Open joint warnings of its goals; NULL: links are not watched';
COMMENT ON COLUMN department_overview.expected IS 'Weighted progress expected by today, 0 to 1';

CREATE FUNCTION task_board_at(as_of date)
	RETURNS TABLE (
		task_id bigint, department varchar, owner_no varchar, owner varchar, goal_no varchar, goal varchar, task varchar, state varchar,
		due_on date, light varchar, light_rank smallint, cycle varchar, done_at timestamptz)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10000
	SET search_path FROM CURRENT
AS $$
DECLARE
	known_at timestamptz := day_end(as_of);
BEGIN
	RETURN QUERY
	SELECT t.task_id, d.name, e.employee_no, e.name, g.goal_no, g.title, t.title, s.state,
			t.due_on, l.light, (l.light::traffic_light)::smallint, c.code, CASE WHEN s.state = 'done' THEN t.done_at END
		FROM task t
		JOIN goal g ON g.goal_id = t.goal_id
		JOIN cycle c ON c.cycle_id = g.cycle_id
		JOIN department d ON d.department_id = g.department_id
		JOIN employee e ON e.employee_id = t.owner_id,
			LATERAL (SELECT CASE WHEN t.done_at >= known_at THEN 'doing' ELSE t.state END AS state) AS s,
			LATERAL (SELECT CASE
				WHEN s.state = 'done' THEN 'green'
				WHEN t.due_on < as_of THEN 'red'
				WHEN s.state = 'blocked' OR t.due_on <= as_of + 2 THEN 'yellow'
				WHEN t.due_on IS NULL THEN 'grey'
				ELSE 'green' END::varchar AS light) AS l
		WHERE g.state IN ('active', 'done') AND c.state <> 'planning';
END;
$$;
COMMENT ON FUNCTION task_board_at(date) IS
	'The view task_board on another day: a task finished later was still being done; other states are those of now. NULL: no lights';

CREATE VIEW task_board WITH (security_invoker = true) AS
	SELECT s.task_id, s.department::varchar(100) AS department, s.owner_no::varchar(40) AS owner_no, s.owner::varchar(100) AS owner,
		s.goal_no::varchar(40) AS goal_no, s.goal::varchar(200) AS goal, s.task::varchar(200) AS task, s.state::varchar(7) AS state,
		s.due_on, s.light::varchar(6) AS light, s.light_rank, s.cycle::varchar(40) AS cycle, s.done_at
	FROM task_board_at(today()) AS s;
COMMENT ON VIEW task_board IS 'One row a task of a live goal, as of today';
COMMENT ON COLUMN task_board.task_id IS 'Key of the task';
COMMENT ON COLUMN task_board.department IS 'Department of its goal';
COMMENT ON COLUMN task_board.owner_no IS 'Employee number of who does it';
COMMENT ON COLUMN task_board.owner IS 'Name of who does it';
COMMENT ON COLUMN task_board.goal_no IS 'Number of its goal';
COMMENT ON COLUMN task_board.goal IS 'Title of its goal';
COMMENT ON COLUMN task_board.task IS 'What is to be done';
COMMENT ON COLUMN task_board.state IS 'todo, doing, done or blocked';
COMMENT ON COLUMN task_board.due_on IS 'Due day; NULL for none';
COMMENT ON COLUMN task_board.light IS 'green: done or in time; yellow: blocked or due within 2 days; red: past due; grey: no due day';
COMMENT ON COLUMN task_board.light_rank IS 'The light as a number: 0 grey, 1 red, 2 yellow, 3 green';
COMMENT ON COLUMN task_board.cycle IS 'Code of the cycle of its goal';
COMMENT ON COLUMN task_board.done_at IS 'When it was done; NULL where it is not';

/* Frozen results have the columns of what they freeze, and say the same of them. */
DO $$
DECLARE
	described record;
BEGIN
	FOR described IN
		SELECT r.frozen, a.attname, coalesce(col_description(r.source::regclass, v.attnum), r.own ->> a.attname) AS description
			FROM (VALUES
				('goal_result', 'goal_status', '{"owner_id": "Key of the owner"}'::jsonb),
				('employee_result', 'employee_scorecard', '{}'),
				('department_result', 'department_overview', '{}')) AS r(frozen, source, own)
			JOIN pg_attribute a ON a.attrelid = r.frozen::regclass AND a.attnum > 0 AND NOT a.attisdropped
			LEFT JOIN pg_attribute v ON v.attrelid = r.source::regclass AND v.attname = a.attname
	LOOP
		EXECUTE format('COMMENT ON COLUMN %I.%I IS %L', described.frozen, described.attname,
			CASE described.attname WHEN 'closing_id' THEN 'Closing that froze it' ELSE described.description END);
	END LOOP;
END;
$$;
COMMENT ON COLUMN score_step_result.closing_id IS 'Closing that froze it';
COMMENT ON COLUMN score_step_result.employee_no IS 'Employee number';
COMMENT ON COLUMN score_step_result.step_no IS 'Order of the row';
COMMENT ON COLUMN score_step_result.step IS 'department, goal, part (of an objective), segment (days with one target), sum, coverage, variable, formula, bonus, penalty, cap, case (of a veto), veto or rounding';
COMMENT ON COLUMN score_step_result.goal_no IS 'Goal; NULL for steps that concern the total';
COMMENT ON COLUMN score_step_result.part_of IS 'Objective of which a part is part';
COMMENT ON COLUMN score_step_result.title IS 'Title of the goal, name of the department or variable, reason of the veto';
COMMENT ON COLUMN score_step_result.actual IS 'Actual value, in the indicator''s unit';
COMMENT ON COLUMN score_step_result.baseline IS 'Baseline';
COMMENT ON COLUMN score_step_result.target IS 'Target';
COMMENT ON COLUMN score_step_result.progress IS 'Progress as a fraction, 6 places';
COMMENT ON COLUMN score_step_result.x IS 'What the curve was asked with';
COMMENT ON COLUMN score_step_result.curve IS 'Curve of the indicator; NULL: 100 x progress. In step formula: the final formula';
COMMENT ON COLUMN score_step_result.curve_score IS 'What the curve gave, in points, before clamping';
COMMENT ON COLUMN score_step_result.score IS 'Score of the goal in points, clamped; of the department, the sum, the variable or the formula';
COMMENT ON COLUMN score_step_result.weight IS 'Percent of its group';
COMMENT ON COLUMN score_step_result.share IS 'Part of the total that the goal decides, 0 to 1';
COMMENT ON COLUMN score_step_result.points IS 'What the row adds to the total; NULL where it adds nothing';
COMMENT ON COLUMN score_step_result.note IS 'What happened, in the workspace''s language';
