/*
 * A temporary indicator in one statement: an INSERT into sprint_goal makes the
 * sprint, the indicator and the goal, and it is live.
 */

CREATE VIEW sprint_goal WITH (security_invoker = true) AS
	SELECT g.goal_id, g.goal_no::varchar(40) AS goal_no, c.code::varchar(40) AS sprint, e.employee_no::varchar(40) AS owner_no,
		d.code::varchar(40) AS department_code, g.title::varchar(200) AS title, c.starts_on, c.ends_on, g.weight::numeric(5, 2) AS weight,
		g.baseline::numeric(38, 12) AS baseline, g.target::numeric(38, 12) AS target, i.code::varchar(40) AS indicator_code,
		i.name::varchar(100) AS indicator, i.unit::varchar(20) AS unit, i.basis::varchar(10) AS basis, i.curve::text::varchar(4000) AS curve,
		i.formula::text::varchar(10000) AS formula, i.cap::numeric(10, 6) AS cap, g.measured_by::varchar(11) AS measured_by, g.state::varchar(9) AS state
	FROM goal g
	JOIN cycle c ON c.cycle_id = g.cycle_id
	JOIN employee e ON e.employee_id = g.owner_id
	JOIN department d ON d.department_id = g.department_id
	LEFT JOIN indicator i ON i.indicator_id = g.indicator_id
	WHERE c.kind = 'sprint';
COMMENT ON VIEW sprint_goal IS
	'One row a goal of a sprint. An INSERT makes all that it needs, in one statement: owner_no, title and ends_on are enough. Change and end what was made through goal, change_target and cancel_goal';
COMMENT ON COLUMN sprint_goal.goal_id IS 'Key of the goal; left out in an INSERT';
COMMENT ON COLUMN sprint_goal.goal_no IS 'Number that people use; made up where left out';
COMMENT ON COLUMN sprint_goal.sprint IS 'Code of the sprint, a cycle: one that runs already, with the same days, or a new one; made up where left out';
COMMENT ON COLUMN sprint_goal.owner_no IS 'Employee number of the owner';
COMMENT ON COLUMN sprint_goal.department_code IS 'Department for which it counts; left out: the owner''s on the first day';
COMMENT ON COLUMN sprint_goal.title IS 'Title';
COMMENT ON COLUMN sprint_goal.starts_on IS 'First day of the sprint; left out: today, or the running sprint''s';
COMMENT ON COLUMN sprint_goal.ends_on IS 'Last day of the sprint; left out: the running sprint''s';
COMMENT ON COLUMN sprint_goal.weight IS 'Percent of the owner''s goals in the sprint; left out: 100';
COMMENT ON COLUMN sprint_goal.baseline IS 'Value at the start; left out: 0';
COMMENT ON COLUMN sprint_goal.target IS 'Value to reach, as first agreed; left out: progress is reported directly';
COMMENT ON COLUMN sprint_goal.indicator_code IS 'Code of its indicator: one that there is, or a new one; left out: none, or where unit, basis, curve, formula or cap is given a new one named by the goal''s number';
COMMENT ON COLUMN sprint_goal.indicator IS 'Name of the indicator; left out: the title';
COMMENT ON COLUMN sprint_goal.unit IS 'Unit of a new indicator';
COMMENT ON COLUMN sprint_goal.basis IS 'Basis of a new indicator: progress, attainment or value; left out: progress';
COMMENT ON COLUMN sprint_goal.curve IS 'Curve of a new indicator; left out: 100 x progress';
COMMENT ON COLUMN sprint_goal.formula IS 'Formula of a new derived indicator; left out: it is measured itself';
COMMENT ON COLUMN sprint_goal.cap IS 'Most points with a new indicator; left out: 120';
COMMENT ON COLUMN sprint_goal.measured_by IS 'check_in or measurement; left out: check_in';
COMMENT ON COLUMN sprint_goal.state IS 'active, done, draft or cancelled; left out in an INSERT, which makes it active';

CREATE FUNCTION add_sprint_goal()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	span cycle;
	has_own_indicator boolean := num_nonnulls(NEW.indicator, NEW.unit, NEW.basis, NEW.curve, NEW.formula, NEW.cap) > 0;
BEGIN
	IF NEW.goal_id IS NOT NULL OR NEW.state <> 'active' THEN
		RAISE EXCEPTION 'a sprint goal is made with its own key and active'
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave goal_id and state out.';
	END IF;
	IF NEW.owner_no IS NULL OR coalesce(btrim(NEW.title), '') = '' THEN
		RAISE EXCEPTION 'a sprint goal needs an owner and a title'
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Give owner_no and title.';
	END IF;

	SELECT c.* INTO span FROM cycle c WHERE c.code = NEW.sprint;
	IF FOUND THEN
		IF span.kind <> 'sprint' OR span.starts_on <> NEW.starts_on OR span.ends_on <> NEW.ends_on THEN
			RAISE EXCEPTION 'sprint "%" is a % from % to %', NEW.sprint, span.kind, span.starts_on, span.ends_on
				USING ERRCODE = 'invalid_parameter_value', HINT = 'Choose another code, or leave its days out.';
		END IF;
	ELSE
		NEW.starts_on := coalesce(NEW.starts_on, today());
		IF NEW.ends_on IS NULL OR NEW.ends_on < NEW.starts_on THEN
			RAISE EXCEPTION 'a sprint that begins on % cannot end on %', NEW.starts_on, coalesce(NEW.ends_on::text, '(null)')
				USING ERRCODE = 'invalid_parameter_value', HINT = 'Give ends_on, its last day.';
		END IF;
		span.cycle_id := nextval(pg_get_serial_sequence('cycle', 'cycle_id'));
		span.code := coalesce(NEW.sprint, format('SPRINT-%s', span.cycle_id));
		INSERT INTO cycle (cycle_id, code, kind, starts_on, ends_on, state)
			SELECT span.cycle_id, span.code, 'sprint', NEW.starts_on, NEW.ends_on, 'active'
			RETURNING * INTO span;
	END IF;
	IF span.state = 'planning' THEN
		PERFORM start_cycle(span.code);
	END IF;
	NEW.sprint := span.code;
	NEW.starts_on := span.starts_on;
	NEW.ends_on := span.ends_on;

	IF NEW.goal_no IS NULL AND has_own_indicator AND NEW.indicator_code IS NULL THEN
		NEW.goal_no := format('%s-%s', span.code, nextval(pg_get_serial_sequence('goal', 'goal_id')));
	END IF;
	IF has_own_indicator OR NOT EXISTS (SELECT FROM indicator i WHERE i.code = NEW.indicator_code) AND NEW.indicator_code IS NOT NULL THEN
		NEW.indicator_code := coalesce(NEW.indicator_code, NEW.goal_no);
		NEW.indicator := coalesce(NEW.indicator, left(NEW.title, 100));
		IF EXISTS (SELECT FROM indicator i WHERE i.code = NEW.indicator_code) THEN
			RAISE EXCEPTION 'indicator "%" exists already', NEW.indicator_code
				USING ERRCODE = 'unique_violation', HINT = 'Leave out its name, unit, basis, curve, formula and cap, or choose another code.';
		END IF;
		INSERT INTO indicator (code, name, unit, basis, curve, formula, cap)
			SELECT NEW.indicator_code, NEW.indicator, NEW.unit, coalesce(NEW.basis, 'progress'), NEW.curve::score_curve, NEW.formula::formula, coalesce(NEW.cap, 120);
	END IF;

	NEW.weight := coalesce(NEW.weight, 100);
	NEW.measured_by := coalesce(NEW.measured_by, 'check_in');
	NEW.goal_id := add_goal(span.code, NEW.owner_no, 'kpi', NEW.title, NEW.weight, indicator_code => NEW.indicator_code, baseline => NEW.baseline,
		target => NEW.target, department_code => NEW.department_code, goal_no => NEW.goal_no, measured_by => NEW.measured_by);
	/* its group is looked at when the transaction commits, so that several goals may come in one statement */
	UPDATE goal g SET state = 'active' WHERE g.goal_id = NEW.goal_id RETURNING g.goal_no, g.state INTO NEW.goal_no, NEW.state;
	RETURN NEW;
END;
$$;
COMMENT ON FUNCTION add_sprint_goal() IS
	'Trigger: an INSERT into sprint_goal makes the sprint and the indicator where they are new, and the goal, active. Errors: 22023 something missing or other days than the sprint''s, 23505 an indicator of that code, 23514 weights that do not total 100 (at COMMIT), those of add_goal';

CREATE TRIGGER sprint_goal_instead_insert INSTEAD OF INSERT ON sprint_goal
	FOR EACH ROW EXECUTE FUNCTION add_sprint_goal();
