/*
 * Who depends on whom: the heat map between departments, where dependencies
 * pile up, and the way of a delay from its root to whom it endangers.
 */

CREATE AGGREGATE product(numeric) (
	SFUNC = numeric_mul,
	STYPE = numeric,
	INITCOND = '1',
	COMBINEFUNC = numeric_mul,
	PARALLEL = SAFE
);
COMMENT ON AGGREGATE product(numeric) IS 'Product of numbers, exact; NULLs are left out, of none it is 1';

CREATE FUNCTION collaboration_heatmap_at(as_of date)
	RETURNS TABLE (
		from_code varchar, to_code varchar, cycle varchar, from_department varchar, to_department varchar,
		strength numeric, links bigint, lagging bigint, mean_slack_days numeric, risk numeric)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100 COST 300000
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	known_at timestamptz := day_end(as_of);
	rule lag_rule := lag_rule_as_of(known_at);
BEGIN
	RETURN QUERY
	WITH side AS MATERIALIZED (
		/* goals of open cycles as they stand, those of closed ones as they were closed */
		SELECT s.goal_id, s.cycle_id, s.department_id, s.weight, s.due_on, s.forecast_on,
				is_lagging(rule, s.light, s.kind, s.progress, s.due_on, s.forecast_on, as_of) AS lags,
				g.state = 'done' OR coalesce(s.progress >= 1, false) AS is_done
			FROM unnest(goal_states(as_of)) s JOIN goal g ON g.goal_id = s.goal_id
		UNION ALL
		SELECT r.goal_id, g.cycle_id, g.department_id, r.weight, r.due_on, r.forecast_on,
				is_lagging(rule, r.light, r.kind, r.progress, r.due_on, r.forecast_on, v.as_of),
				g.state = 'done' OR coalesce(r.progress >= 1, false)
			FROM closing_as_of(known_at) v
			JOIN goal_result r ON r.closing_id = v.closing_id
			JOIN goal g ON g.goal_id = r.goal_id
	), total AS (
		SELECT s.cycle_id, s.department_id, sum(s.weight) AS weight FROM side s GROUP BY s.cycle_id, s.department_id
	), needing AS (
		SELECT f.goal_id, f.cycle_id, f.department_id AS from_id, t.department_id AS to_id,
				f.weight * (1 - product(1 - l.strength)) AS weight, count(*) AS links, count(*) FILTER (WHERE f.lags OR t.lags) AS lagging,
				sum(slack.days) AS slack, count(slack.days) AS slacks
			FROM link_as_of(known_at) l
			JOIN side f ON f.goal_id = l.from_goal_id
			JOIN side t ON t.goal_id = l.to_goal_id AND t.department_id <> f.department_id
			CROSS JOIN LATERAL (
				SELECT CASE WHEN NOT f.is_done AND NOT t.is_done THEN f.due_on - l.buffer_days - greatest(t.due_on, t.forecast_on) END AS days) AS slack
			WHERE l.kind = 'requires'
			GROUP BY f.goal_id, f.cycle_id, f.department_id, f.weight, t.department_id
	), pair AS (
		SELECT n.cycle_id, n.from_id, n.to_id, sum(n.weight) / nullif(min(t.weight), 0) AS strength, sum(n.links)::bigint AS links,
				sum(n.lagging)::bigint AS lagging, sum(n.slack) / nullif(sum(n.slacks), 0) AS mean_slack_days
			FROM needing n JOIN total t ON t.cycle_id = n.cycle_id AND t.department_id = n.from_id
			GROUP BY n.cycle_id, n.from_id, n.to_id
	)
	SELECT fd.code, td.code, c.code, fd.name, td.name, settled(p.strength, 6), p.links, p.lagging, settled(p.mean_slack_days, 2),
			settled(p.strength * p.lagging / p.links, 6)
		FROM pair p
		JOIN department fd ON fd.department_id = p.from_id
		JOIN department td ON td.department_id = p.to_id
		JOIN cycle c ON c.cycle_id = p.cycle_id;
END;
$$;
COMMENT ON FUNCTION collaboration_heatmap_at(date) IS
	'The view collaboration_heatmap on another day, as then known: open cycles as they stand, closed ones as they were closed. NULL: no rows';

CREATE VIEW collaboration_heatmap WITH (security_invoker = true) AS
	SELECT h.from_code::varchar(40) AS from_code, h.to_code::varchar(40) AS to_code, h.cycle::varchar(40) AS cycle,
		h.from_department::varchar(100) AS from_department, h.to_department::varchar(100) AS to_department,
		h.strength::numeric(7, 6) AS strength, h.links, h.lagging, h.mean_slack_days::numeric(8, 2) AS mean_slack_days, h.risk::numeric(7, 6) AS risk
	FROM collaboration_heatmap_at(today()) AS h;
COMMENT ON VIEW collaboration_heatmap IS
	'How much departments need each other: one row a pair of departments and cycle with links of kind requires from goals of the one to goals of the other, as of today';
COMMENT ON COLUMN collaboration_heatmap.from_code IS 'Code of the department that needs the other, as on its goals';
COMMENT ON COLUMN collaboration_heatmap.to_code IS 'Code of the department that is needed, as on its goals';
COMMENT ON COLUMN collaboration_heatmap.cycle IS 'Code of the cycle of the goals that need others';
COMMENT ON COLUMN collaboration_heatmap.from_department IS 'Name of the department that needs the other';
COMMENT ON COLUMN collaboration_heatmap.to_department IS 'Name of the department that is needed';
COMMENT ON COLUMN collaboration_heatmap.strength IS
	'Share of the department''s weight that depends on the other, 0 to 1, 6 places: each goal''s weight times 1 - the product of (1 - strength) over its links; NULL: its goals weigh nothing';
COMMENT ON COLUMN collaboration_heatmap.links IS 'Links';
COMMENT ON COLUMN collaboration_heatmap.lagging IS 'Links of which a side lags';
COMMENT ON COLUMN collaboration_heatmap.mean_slack_days IS 'Mean days to spare of the links between goals that are not done, negative where time is short, 2 places; NULL: there is none';
COMMENT ON COLUMN collaboration_heatmap.risk IS 'strength times the share of its links that lag, 0 to 1, 6 places; NULL: its goals weigh nothing';

/*
 * Where dependencies pile up.
 */
CREATE FUNCTION bottleneck_at(as_of date)
	RETURNS TABLE (
		place bigint, kind varchar, code varchar, name varchar, department varchar, lags boolean, dependents bigint, reach bigint,
		reach_lagging bigint, reach_departments bigint, worst_slack_days integer)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 100 COST 300000
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	states goal_state[] := goal_states(as_of);
BEGIN
	RETURN QUERY
	WITH RECURSIVE judged AS MATERIALIZED (
		SELECT * FROM judged_links(as_of, states)
	), side AS MATERIALIZED (
		SELECT DISTINCT e.goal_id, e.lags FROM judged j, LATERAL (VALUES (j.from_goal_id, j.from_lags), (j.to_goal_id, j.to_lags)) AS e(goal_id, lags)
	), reached(root_id, goal_id) AS (
		SELECT j.to_goal_id, j.from_goal_id FROM judged j
		UNION
		SELECT r.root_id, j.from_goal_id FROM reached r JOIN judged j ON j.to_goal_id = r.goal_id
	), needed AS (
		SELECT j.to_goal_id AS goal_id, count(*) AS dependents, min(j.slack_days) AS worst_slack FROM judged j GROUP BY j.to_goal_id
	), counted AS (
		SELECT 'goal'::varchar AS kind, g.goal_no AS code, g.title AS name, d.name AS department, s.lags, n.dependents,
				r.reach, r.reach_lagging, r.reach_departments, n.worst_slack
			FROM needed n
			JOIN side s ON s.goal_id = n.goal_id
			JOIN goal g ON g.goal_id = n.goal_id
			JOIN department d ON d.department_id = g.department_id
			JOIN (
				SELECT r.root_id, count(*) AS reach, count(*) FILTER (WHERE t.lags) AS reach_lagging, count(DISTINCT tg.department_id) AS reach_departments
					FROM reached r JOIN side t ON t.goal_id = r.goal_id JOIN goal tg ON tg.goal_id = r.goal_id
					GROUP BY r.root_id
			) AS r ON r.root_id = n.goal_id
		UNION ALL
		SELECT 'department', d.code, d.name, d.name, n.lags, n.dependents, coalesce(r.reach, 0), coalesce(r.reach_lagging, 0), coalesce(r.reach_departments, 0), n.worst_slack
			FROM (
				/* what the department's own goals need of each other is its own business */
				SELECT tg.department_id, bool_or(j.to_lags) AS lags, count(*) AS dependents, min(j.slack_days) AS worst_slack
					FROM judged j JOIN goal tg ON tg.goal_id = j.to_goal_id JOIN goal fg ON fg.goal_id = j.from_goal_id
					WHERE fg.department_id <> tg.department_id
					GROUP BY tg.department_id
			) AS n
			JOIN department d ON d.department_id = n.department_id
			LEFT JOIN (
				SELECT rg.department_id, count(DISTINCT r.goal_id) AS reach, count(DISTINCT r.goal_id) FILTER (WHERE t.lags) AS reach_lagging,
						count(DISTINCT tg.department_id) AS reach_departments
					FROM reached r
					JOIN side s ON s.goal_id = r.root_id AND s.lags
					JOIN goal rg ON rg.goal_id = r.root_id
					JOIN goal tg ON tg.goal_id = r.goal_id AND tg.department_id <> rg.department_id
					JOIN side t ON t.goal_id = r.goal_id
					GROUP BY rg.department_id
			) AS r ON r.department_id = n.department_id
	)
	SELECT rank() OVER (PARTITION BY c.kind ORDER BY c.lags DESC, c.reach_lagging DESC, c.reach DESC, c.dependents DESC, c.worst_slack NULLS LAST),
			c.kind, c.code, c.name, c.department, c.lags, c.dependents, c.reach, c.reach_lagging, c.reach_departments, c.worst_slack
		FROM counted c;
END;
$$;
COMMENT ON FUNCTION bottleneck_at(date) IS 'The view bottleneck on another day, as then known, for the cycles that were open. NULL: no rows';

CREATE VIEW bottleneck WITH (security_invoker = true) AS
	SELECT b.place, b.kind::varchar(10) AS kind, b.code::varchar(40) AS code, b.name::varchar(200) AS name, b.department::varchar(100) AS department,
		b.lags, b.dependents, b.reach, b.reach_lagging, b.reach_departments, b.worst_slack_days
	FROM bottleneck_at(today()) AS b;
COMMENT ON VIEW bottleneck IS
	'What others wait for: one row a goal that is needed, and one a department whose goals others need, in open cycles, the worst first, as of today';
COMMENT ON COLUMN bottleneck.place IS 'Rank within its kind, from 1: lagging ones first, then by lagging goals that depend on them, then by all goals that do; equal ones share a place';
COMMENT ON COLUMN bottleneck.kind IS 'goal or department';
COMMENT ON COLUMN bottleneck.code IS 'Number of the goal or code of the department';
COMMENT ON COLUMN bottleneck.name IS 'Title of the goal or name of the department';
COMMENT ON COLUMN bottleneck.department IS 'Department, as on the goal';
COMMENT ON COLUMN bottleneck.lags IS 'Whether it lags; a department does while one of the goals does that others need';
COMMENT ON COLUMN bottleneck.dependents IS 'Links into it; for a department those from other departments';
COMMENT ON COLUMN bottleneck.reach IS 'Goals that depend on it, directly or through others; for a department those of other departments that depend on its lagging goals';
COMMENT ON COLUMN bottleneck.reach_lagging IS 'Those of them that lag';
COMMENT ON COLUMN bottleneck.reach_departments IS 'Departments of those goals';
COMMENT ON COLUMN bottleneck.worst_slack_days IS 'Least days to spare of the links into it, negative where time is short; NULL: not known';

/*
 * One goal: what holds it up, whom it holds up.
 */
CREATE FUNCTION goal_dependencies(goal_id bigint, as_of date DEFAULT today())
	RETURNS TABLE (
		direction varchar, depth integer, goal_no varchar, title varchar, department varchar, owner_no varchar, owner varchar,
		progress numeric, light varchar, light_rank smallint, lags boolean, due_on date, forecast_on date,
		slip_days integer, slack_days integer, delay_days integer, path varchar, link_id bigint, dependency_id bigint)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 20 COST 100000
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	known_at timestamptz := day_end(as_of);
	rule lag_rule := lag_rule_as_of(known_at);
	froms bigint[];
	tos bigint[];
	chain bigint[];
	states goal_state[];
	judged judged_link[];
	upwards boolean;
	/* the way there: goals, how far, by which link, from which goal; each goal once and by the shortest way, of several the one with least time to spare */
	ids bigint[];
	depths integer[];
	links bigint[];
	paths text[];
	level integer;
	next_ids bigint[];
	next_links bigint[];
	next_paths text[];
	start_no text;
BEGIN
	SELECT g.goal_no INTO start_no FROM goal g WHERE g.goal_id = goal_dependencies.goal_id;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'goal % does not exist', coalesce(goal_dependencies.goal_id::text, '(null)')
			USING ERRCODE = 'no_data_found', HINT = 'goal_id_of(goal_no) finds the key of a goal number.';
	END IF;
	SELECT array_agg(l.from_goal_id), array_agg(l.to_goal_id) INTO froms, tos FROM link_as_of(known_at) l WHERE l.kind = 'requires';
	chain := ARRAY(
		WITH RECURSIVE edge AS MATERIALIZED (
			SELECT e.a, e.b FROM unnest(froms || tos, tos || froms) AS e(a, b)
		), chained(id) AS (
			SELECT goal_dependencies.goal_id
			UNION
			SELECT e.b FROM chained c JOIN edge e ON e.a = c.id
		)
		SELECT c.id FROM chained c);
	states := goal_states(as_of, goals_deciding(chain));
	judged := ARRAY(SELECT j FROM judged_links(as_of, states) j);
	FOR direction, upwards IN VALUES ('upstream'::varchar, true), ('downstream', false) LOOP
		ids := ARRAY[goal_dependencies.goal_id];
		depths := ARRAY[0];
		links := ARRAY[NULL::bigint];
		paths := ARRAY[start_no];
		next_ids := ids;
		level := 0;
		LOOP
			level := level + 1;
			SELECT array_agg(n.id), array_agg(n.link), array_agg(n.path) INTO next_ids, next_links, next_paths
				FROM (
					SELECT DISTINCT ON (far.id) far.id, l.link_id AS link, left(p.path || CASE WHEN upwards THEN ' ← ' ELSE ' → ' END || g.goal_no, 2000) AS path
						FROM link_as_of(known_at) l
						CROSS JOIN LATERAL (SELECT CASE WHEN upwards THEN l.from_goal_id ELSE l.to_goal_id END AS near_id,
							CASE WHEN upwards THEN l.to_goal_id ELSE l.from_goal_id END AS id) AS far
						JOIN unnest(ids, paths, depths) AS p(id, path, depth) ON p.id = far.near_id AND p.depth = level - 1
						JOIN goal g ON g.goal_id = far.id
						LEFT JOIN unnest(judged) j ON j.link_id = l.link_id
						WHERE l.kind = 'requires' AND NOT EXISTS (SELECT FROM unnest(ids) AS seen(id) WHERE seen.id = far.id)
						ORDER BY far.id, j.slack_days NULLS LAST, l.link_id
				) AS n;
			EXIT WHEN next_ids IS NULL;
			ids := ids || next_ids;
			links := links || next_links;
			paths := paths || next_paths;
			depths := depths || array_fill(level, ARRAY[cardinality(next_ids)]);
		END LOOP;
		RETURN QUERY
		SELECT CASE WHEN w.depth = 0 THEN 'self'::varchar ELSE goal_dependencies.direction END, w.depth, g.goal_no, g.title, d.name, e.employee_no, e.name,
				settled(k.progress, 6), k.light, (k.light::traffic_light)::smallint,
				is_lagging(rule, k.light, g.kind, k.progress, k.due_on, k.forecast_on, as_of), k.due_on, k.forecast_on, k.slip_days,
				j.slack_days, CASE WHEN j.slack_days < 0 THEN -j.slack_days WHEN j.slack_days >= 0 THEN 0 END, w.path::varchar, w.link_id, w.id
			FROM unnest(ids, depths, links, paths) AS w(id, depth, link_id, path)
			JOIN goal g ON g.goal_id = w.id
			JOIN department d ON d.department_id = g.department_id
			JOIN employee e ON e.employee_id = g.owner_id
			LEFT JOIN unnest(judged) j ON j.link_id = w.link_id
			LEFT JOIN (
				SELECT s.goal_id, s.progress, s.light, s.due_on, s.forecast_on, s.slip_days FROM unnest(states) s
				UNION ALL
				SELECT r.goal_id, r.progress, r.light, r.due_on, r.forecast_on, r.slip_days FROM goal_result_as_of(known_at) r WHERE r.goal_id = ANY (chain)
			) AS k ON k.goal_id = w.id
			WHERE w.depth > 0 OR upwards
			ORDER BY w.depth, w.path;
	END LOOP;
END;
$$;
COMMENT ON FUNCTION goal_dependencies(bigint, date) IS
	'What holds a goal up and whom it holds up, as of a day and as then known: direction self (the goal, depth 0), upstream (what it needs) or downstream (what needs it), depth in links, and path, the numbers '
	'on the way, with ← before what is needed and → before what needs. slip_days: by how many days the forecast misses the due day; slack_days: days to spare of the link on the way; delay_days: days by which '
	'the one at the near end of that link has too few, 0 for none; NULL: not known, or done. Each goal comes once, by the shortest way. lags: it shows red, is a milestone past due and not done, or its forecast is '
	'after its due day. dependency_id is the key of the goal in the row. Error: P0002 no such goal';

CREATE FUNCTION chain_link_in_words(department text, goal_no text, title text, slip_days integer, locale text)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE locale
		WHEN 'zh' THEN format('%s %s「%s」', department, goal_no, title) || CASE WHEN slip_days > 0 THEN format('晚 %s 天', slip_days) ELSE '' END
		ELSE format('%s %s "%s"', department, goal_no, title) || CASE WHEN slip_days > 0 THEN format(' %s days late', slip_days) ELSE '' END
	END;
COMMENT ON FUNCTION chain_link_in_words(text, text, text, integer, text) IS 'A goal in a chain, in the language of the locale (zh or en), with the days by which it will be late';

CREATE FUNCTION worst_chains(n integer DEFAULT 3, as_of date DEFAULT today())
	RETURNS TABLE (
		place integer, chain varchar, delay_days integer, root_no varchar, root varchar, root_department varchar, root_owner_no varchar,
		goal_no varchar, goal varchar, department varchar, owner_no varchar, hops integer, due_on date, forecast_on date)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 10 COST 300000
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
	SET jit = off
AS $$
DECLARE
	locale text := setting_text('locale');
	known_at timestamptz := day_end(as_of);
	states goal_state[];
	target record;
	step record;
	ends bigint[];
	words text[];
BEGIN
	IF n IS NULL OR n < 0 THEN
		RAISE EXCEPTION '% chains cannot be shown', coalesce(n::text, '(null)')
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Say how many, 0 or more.';
	END IF;
	ends := ARRAY(SELECT e.goal_id FROM link_as_of(known_at) l, LATERAL (VALUES (l.from_goal_id), (l.to_goal_id)) AS e(goal_id) WHERE l.kind = 'requires');
	states := goal_states(as_of, goals_deciding(ends));
	place := 0;
	/* at the far end of a chain stands a goal that is late because of others, and that nobody needs */
	FOR target IN
		SELECT s.goal_id, s.held_back_by, s.slip_days, s.due_on, s.forecast_on
			FROM unnest(states) s
			WHERE s.held_back_by IS NOT NULL AND s.slip_days > 0
				AND NOT EXISTS (
					SELECT FROM link_as_of(known_at) l JOIN unnest(states) f ON f.goal_id = l.from_goal_id
						WHERE l.to_goal_id = s.goal_id AND l.kind = 'requires')
			ORDER BY s.slip_days DESC, s.goal_id LIMIT n
	LOOP
		place := place + 1;
		delay_days := target.slip_days;
		due_on := target.due_on;
		forecast_on := target.forecast_on;
		hops := 0;
		words := '{}';
		step := target;
		LOOP
			SELECT g.goal_no, g.title, d.name AS department, e.employee_no INTO root_no, root, root_department, root_owner_no
				FROM goal g JOIN department d ON d.department_id = g.department_id JOIN employee e ON e.employee_id = g.owner_id
				WHERE g.goal_id = step.goal_id;
			IF hops = 0 THEN
				goal_no := root_no;
				goal := root;
				department := root_department;
				owner_no := root_owner_no;
			END IF;
			words := chain_link_in_words(root_department, root_no, root, step.slip_days, locale) || words;
			EXIT WHEN step.goal_id = target.held_back_by;
			/* the needed goal that pushes it to its day, delayed by the same root */
			SELECT t.goal_id, t.held_back_by, t.slip_days, t.due_on, t.forecast_on INTO step
				FROM link_as_of(known_at) l JOIN unnest(states) t ON t.goal_id = l.to_goal_id
				WHERE l.from_goal_id = step.goal_id AND l.kind = 'requires'
					AND (t.goal_id = target.held_back_by OR t.held_back_by = target.held_back_by)
					AND coalesce(t.forecast_on, t.due_on) + l.buffer_days = step.forecast_on
				ORDER BY t.goal_id LIMIT 1;
			EXIT WHEN NOT FOUND;
			hops := hops + 1;
		END LOOP;
		chain := left(array_to_string(words, ' → '), 4000);
		RETURN NEXT;
	END LOOP;
END;
$$;
COMMENT ON FUNCTION worst_chains(integer, date) IS
	'The n chains that will delay most, as of a day and as then known, the worst first: each in one line, from the goal at which the delay begins (root) to the one that it endangers and that nobody else needs, '
	'in the workspace''s language; delay_days: days by which that one will miss its due day; hops: links on the way. Error: 22023 n NULL or negative';
