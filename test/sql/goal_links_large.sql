-- goal_graph: 100 000 links against a plain recursive query, row by row.
SET client_min_messages = warning;
SET jit = off;
CREATE SCHEMA goal_links_large;
SET search_path = goal_links_large;

-- 21 layers of 2500 goals; each goal needs two of the layer before.  Some are
-- done, some have no date, some are forecast late, and many days are equal.
CREATE FUNCTION noise(i bigint, salt text) RETURNS bigint
	LANGUAGE sql IMMUTABLE
	RETURN ('x' || substr(md5(salt || i), 1, 8))::bit(32)::bigint;
CREATE TABLE goal AS
	SELECT i AS goal_id, NULL::bigint AS parent_id, 1 AS weight, (i - 1) / 2500 AS layer,
		CASE noise(i, 'progress') % 11 WHEN 0 THEN 1 WHEN 1 THEN NULL ELSE 0.5 END AS progress,
		CASE WHEN noise(i, 'due') % 17 > 0 THEN date '2026-09-18' + ((i - 1) / 2500 * 4 + noise(i, 'due') % 15)::integer END AS due_on,
		CASE WHEN noise(i, 'forecast') % 5 = 0 THEN date '2026-09-18' + ((i - 1) / 2500 * 4 + noise(i, 'forecast') % 30)::integer END AS forecast_on,
		noise(i, 'done') % 13 = 0 AS is_done
	FROM generate_series(1, 52500::bigint) AS i;
CREATE TABLE link AS
	SELECT i AS from_goal, 1 + 2500 * ((i - 1) / 2500 - 1) + (noise(i, 'needed') + which * 1237) % 2500 AS to_goal, (noise(i, 'buffer') + which) % 5 AS buffer_days
	FROM generate_series(2501, 52500::bigint) AS i, generate_series(0, 1) AS which;
CREATE INDEX ON link (to_goal);
ANALYZE goal;
ANALYZE link;

-- What is done neither waits nor keeps waiting; a goal is finished as forecast, else
-- when it is due, and not before what it needs; of equal pushes the root with the
-- least number is named.
CREATE TABLE settled AS
	WITH RECURSIVE own AS MATERIALIZED (
		SELECT g.goal_id, g.layer, g.due_on, NOT (g.is_done OR coalesce(g.progress >= 1, false)) AS is_open,
			CASE WHEN NOT (g.is_done OR coalesce(g.progress >= 1, false)) THEN g.forecast_on END AS forecast_on
		FROM goal g
	), step AS (
		SELECT o.goal_id, o.layer, o.is_open, o.due_on, o.forecast_on, NULL::bigint AS held_back_by, NULL::integer AS slack_days
			FROM own o WHERE o.layer = 0
		UNION ALL
		SELECT p.goal_id, p.layer, p.is_open, p.due_on, CASE WHEN p.is_later THEN p.until ELSE p.forecast_on END, CASE WHEN p.is_later THEN p.root END, p.slack_days
			FROM (
				SELECT DISTINCT ON (o.goal_id) o.goal_id, o.layer, o.is_open, o.due_on, o.forecast_on, n.until, n.root,
					n.until IS NOT NULL AND (n.until > coalesce(o.forecast_on, o.due_on)) IS NOT FALSE AS is_later,
					min(n.slack_days) OVER (PARTITION BY o.goal_id) AS slack_days
				FROM step s
				JOIN link l ON l.to_goal = s.goal_id
				JOIN own o ON o.goal_id = l.from_goal
				CROSS JOIN LATERAL (
					SELECT f.finish + l.buffer_days::integer AS until, coalesce(s.held_back_by, s.goal_id) AS root,
							CASE WHEN f.finish IS NOT NULL THEN o.due_on - l.buffer_days::integer - greatest(s.due_on, f.finish) END AS slack_days
						FROM (SELECT CASE WHEN s.is_open AND o.is_open THEN coalesce(s.forecast_on, s.due_on) END AS finish) AS f
				) AS n
				ORDER BY o.goal_id, n.until DESC NULLS LAST, n.root
			) AS p
	)
	SELECT * FROM step;

CREATE TABLE ours AS
	SELECT * FROM perf_mgmt.goal_graph('SELECT goal_id, parent_id, weight, progress, due_on, forecast_on, is_done FROM goal_links_large.goal',
		'SELECT from_goal, to_goal, buffer_days FROM goal_links_large.link', '2026-09-18');

SELECT (SELECT count(*) FROM link) AS links, count(*) AS goals, max(layer) AS layers, count(held_back_by) > 20000 AS pushes, count(DISTINCT held_back_by) > 200 AS roots,
		count(slack_days) > 30000 AS slacks, count(*) FILTER (WHERE NOT is_open) > 3000 AS done
	FROM settled;
SELECT count(*) AS differences
	FROM ours o FULL JOIN settled s USING (goal_id)
	WHERE (o.goal_id, o.forecast_on, o.slack_days, o.held_back_by, o.slip_days) IS DISTINCT FROM
		(s.goal_id, s.forecast_on, s.slack_days, s.held_back_by, CASE WHEN s.is_open THEN s.forecast_on - s.due_on WHEN s.due_on IS NOT NULL THEN 0 END);

-- In another order, the same.
SELECT count(*) AS differences
	FROM perf_mgmt.goal_graph('SELECT goal_id, parent_id, weight, progress, due_on, forecast_on, is_done FROM goal_links_large.goal ORDER BY goal_links_large.noise(goal_id, ''order'')',
		'SELECT from_goal, to_goal, buffer_days FROM goal_links_large.link ORDER BY goal_links_large.noise(from_goal + to_goal, ''order'')', '2026-09-18') n
	FULL JOIN ours o USING (goal_id)
	WHERE (n.forecast_on, n.slack_days, n.held_back_by, n.slip_days) IS DISTINCT FROM (o.forecast_on, o.slack_days, o.held_back_by, o.slip_days);

DROP SCHEMA goal_links_large CASCADE;
