-- goal_graph: forecasts, and delays that travel along links.
SET client_min_messages = warning;
SET datestyle = iso;
CREATE SCHEMA goal_links;
SET search_path = goal_links;

-- Forecasts of goals by themselves, on 2026-09-18.
--   1 given, 2 given but past: not before today, 3 from the pace: 0.4 / 0.03 is
--   13.33 days, 4 exactly 8 days, 5 given wins over the pace, 6 no pace, 7 falling
--   behind, 8 nothing reported, 9 done by flag, 10 done by progress, 11 behind the
--   start, 12 not before the calendar ends, 13 done without a due date
CREATE TABLE own (goal_id, parent_id, weight, progress, due_on, forecast_on, pace, is_done) AS VALUES
	(1, NULL::int, NULL::int, 0.5, date '2026-09-30', date '2026-10-05', NULL::numeric, NULL::boolean),
	(2, NULL, NULL, 0.5, '2026-09-30', '2026-09-01', NULL, false),
	(3, NULL, NULL, 0.6, '2026-09-30', NULL, 0.03, NULL),
	(4, NULL, NULL, 0.6, '2026-09-30', NULL, 0.05, NULL),
	(5, NULL, NULL, 0.6, '2026-09-30', '2026-09-20', 0.05, NULL),
	(6, NULL, NULL, 0.6, '2026-09-30', NULL, 0, NULL),
	(7, NULL, NULL, 0.6, '2026-09-30', NULL, -0.01, NULL),
	(8, NULL, NULL, NULL, '2026-09-30', NULL, 0.01, NULL),
	(9, NULL, NULL, 0.6, '2026-09-30', '2026-12-31', 0.01, true),
	(10, NULL, NULL, 1, '2026-09-30', '2026-12-31', 0.01, NULL),
	(11, NULL, NULL, -0.5, NULL, NULL, 0.5, NULL),
	(12, NULL, NULL, 0.5, '2026-09-30', NULL, 1e-60, NULL),
	(13, NULL, NULL, 0.5, NULL, NULL, 0.5, true);
SELECT goal_id, n.progress, g.due_on, n.forecast_on, slip_days, slack_days, held_back_by
	FROM perf_mgmt.goal_graph('TABLE own', NULL, '2026-09-18') n JOIN own g USING (goal_id)
	ORDER BY goal_id;

-- Paces of many digits, and progress that 128 bits do not hold: a hair more than
-- ten days are eleven.  4 is done at six places; 10 would end after the calendar.
SELECT goal_id, forecast_on - date '2026-09-18' AS days
	FROM perf_mgmt.goal_graph($$
		SELECT * FROM (VALUES
			(1, NULL::int, 1, 0::numeric, 0.1), (2, NULL, 1, 0, 0.1 + 1e-30), (3, NULL, 1, 0, 0.1 - 1e-30),
			(4, NULL, 1, 1 - 1e-18, 1e-18), (5, NULL, 1, 0.99, 1e-20), (6, NULL, 1, 1 - 1e40, 1e39), (7, NULL, 1, 1 - 1e40, 1e39 - 1),
			(8, NULL, 1, 0, 1e-9), (9, NULL, 1, 0, 4.662e-10), (10, NULL, 1, 0, 4.66e-10), (11, NULL, 1, 0, 1e50), (12, NULL, 1, 0, -1e-60)
		) g (goal_id, parent_id, weight, progress, pace)$$, NULL, '2026-09-18')
	ORDER BY goal_id;

-- A goal that rolls up takes the latest of the children that count in it, unless
-- it has a forecast of its own: 3 and 4 do not count in 1, 10 is done.
SELECT goal_id, progress, forecast_on, slip_days
	FROM perf_mgmt.goal_graph($$
		SELECT *, date '2026-10-01' AS due_on FROM (VALUES
			(1, NULL::int, 1, NULL, NULL::date), (2, 1, 50, 0.5, '2026-10-03'), (3, 1, NULL, 0.5, '2026-12-03'), (4, 1, 0, 0.5, '2026-12-04'),
			(5, 1, 50, NULL, NULL), (6, 5, 1, 0.5, '2026-10-02'), (7, 5, 1, 0.5, '2026-10-07'),
			(8, NULL, 1, NULL, '2026-09-25'), (9, 8, 1, 0.5, '2026-10-08'),
			(10, NULL, 1, NULL, NULL), (11, 10, 1, 1.0, '2026-10-08')
		) g (goal_id, parent_id, weight, progress, forecast_on)$$, NULL, '2026-09-18')
	ORDER BY goal_id;

--
-- Links.  As of 2026-09-18; open goals at 0.5.
--
CREATE TABLE linked (goal_id bigint, parent_id bigint, weight numeric, progress numeric, due_on date, forecast_on date, is_done boolean);
CREATE TABLE link (from_goal bigint, to_goal bigint, strength numeric, buffer_days integer);
CREATE VIEW linked_now AS
	SELECT goal_id, g.due_on, n.forecast_on, n.slip_days, n.slack_days, n.held_back_by
	FROM perf_mgmt.goal_graph('TABLE linked', 'TABLE link', '2026-09-18') n JOIN linked g USING (goal_id);

-- A chain: 3 needs 2 needs 1.  1 is 10 days late; 2 cannot be finished before
-- that and 3 days, 3 not before 2 and 5 days.  4 needs 3 and has the time: not held back.
INSERT INTO linked VALUES
	(1, NULL, 1, 0.5, '2026-10-01', '2026-10-11'), (2, NULL, 1, 0.5, '2026-10-10', '2026-10-08'),
	(3, NULL, 1, 0.5, '2026-10-15', NULL), (4, NULL, 1, 0.5, '2026-11-01', NULL);
INSERT INTO link VALUES (2, 1, 1, 3), (3, 2, 0.5, 5), (4, 3, NULL, NULL);
SELECT * FROM linked_now ORDER BY goal_id;

-- A diamond: 4 needs 2 and 3, which need 1.  2 is late by 1, 3 by itself and more.
TRUNCATE linked, link;
INSERT INTO linked VALUES
	(1, NULL, 1, 0.5, '2026-10-01', '2026-10-06'), (2, NULL, 1, 0.5, '2026-10-05', '2026-10-05'),
	(3, NULL, 1, 0.5, '2026-10-05', '2026-10-09'), (4, NULL, 1, 0.5, '2026-10-08', '2026-10-08');
INSERT INTO link VALUES (4, 2, 1, 0), (4, 3, 1, 0), (2, 1, 1, 1), (3, 1, 1, 1);
SELECT * FROM linked_now ORDER BY goal_id;

-- The same with both ways equally long: the goal with the least number is named.
UPDATE linked SET forecast_on = CASE goal_id WHEN 3 THEN date '2026-10-07' ELSE '2026-10-06' END WHERE goal_id IN (3, 4);
SELECT * FROM linked_now ORDER BY goal_id;
INSERT INTO linked VALUES (0, NULL, 1, 0.5, '2026-10-01', '2026-10-07');
INSERT INTO link VALUES (4, 0, 1, 0);
SELECT * FROM linked_now WHERE goal_id = 4;

-- Two links between the same goals: the stricter one counts.
TRUNCATE linked, link;
INSERT INTO linked VALUES (1, NULL, 1, 0.5, '2026-10-01', NULL), (2, NULL, 1, 0.5, '2026-10-10', NULL);
INSERT INTO link VALUES (2, 1, 1, 2), (2, 1, 1, 4);
SELECT * FROM linked_now ORDER BY goal_id;
UPDATE link SET buffer_days = 12 WHERE buffer_days = 4;
SELECT * FROM linked_now ORDER BY goal_id;

-- What is done neither waits nor keeps anybody waiting; 5 has no date, 6 needs
-- it, 7 has no due date but a forecast, 8 no due date and needs 7, 9 is due before what it needs.
TRUNCATE linked, link;
INSERT INTO linked VALUES
	(1, NULL, 1, 0.5, '2026-09-01', '2026-12-01', true), (2, NULL, 1, 0.5, '2026-10-10', NULL, false),
	(3, NULL, 1, 1, '2026-09-20', NULL, NULL), (4, NULL, 1, 0.5, '2026-12-24', NULL, NULL),
	(5, NULL, 1, 0.5, NULL, NULL, NULL), (6, NULL, 1, 0.5, '2026-10-10', NULL, NULL),
	(7, NULL, 1, 0.5, NULL, '2026-10-20', NULL), (8, NULL, 1, 0.5, NULL, NULL, NULL), (9, NULL, 1, 0.5, '2026-12-20', NULL, NULL);
INSERT INTO link VALUES (2, 1, 1, 30), (3, 4, 1, 30), (6, 5, 1, 0), (8, 7, 1, 1), (9, 4, 1, 0);
SELECT * FROM linked_now ORDER BY goal_id;

-- Links with an end elsewhere are left out; so is everything without links.
TRUNCATE linked, link;
INSERT INTO linked VALUES (1, NULL, 1, 0.5, '2026-10-01', '2026-10-11'), (2, NULL, 1, 0.5, '2026-10-05', NULL);
INSERT INTO link VALUES (2, 3, 1, 0), (3, 1, 1, 0), (404, 405, 1, 0);
SELECT * FROM linked_now ORDER BY goal_id;
SELECT count(*), count(slack_days) FROM perf_mgmt.goal_graph('TABLE linked', 'TABLE link LIMIT 0', '2026-09-18');
SELECT count(*) FROM perf_mgmt.goal_graph('SELECT * FROM linked WHERE false', 'TABLE link', '2026-09-18');

-- Types, and the parameter.
SELECT goal_id, forecast_on, slack_days, held_back_by
	FROM perf_mgmt.goal_graph('TABLE linked', $$SELECT 2::smallint AS from_goal, 1.0 AS to_goal, 0.3::float8 AS strength, 7::bigint AS buffer_days WHERE $1 = '2026-09-18'$$,
		'2026-09-18')
	ORDER BY goal_id;

--
-- Row by row against plain SQL, which settles one level of goals after another.
--
CREATE FUNCTION noise(i bigint, salt text) RETURNS bigint
	LANGUAGE sql IMMUTABLE
	RETURN ('x' || substr(md5(salt || i), 1, 8))::bit(32)::bigint;

TRUNCATE linked, link;
INSERT INTO linked
	SELECT 977 * i, 977 * (noise(i, 'parent') % i), 1, CASE noise(i, 'p') % 9 WHEN 0 THEN 1 WHEN 1 THEN NULL ELSE 0.5 END,
		CASE WHEN noise(i, 'due') % 9 > 0 THEN date '2026-06-01' + (i / 10 + noise(i, 'due') % 60)::int END,
		CASE WHEN noise(i, 'forecast') % 3 = 0 THEN date '2026-08-01' + (i / 10 + noise(i, 'forecast') % 60)::int END,
		noise(i, 'done') % 15 = 0
	FROM generate_series(1, 3000::bigint) i;
INSERT INTO link
	SELECT 977 * greatest(a, b), 977 * least(a, b), NULL, CASE WHEN noise(i, 'buffer') % 4 > 0 THEN noise(i, 'buffer') % 10 END
	FROM generate_series(1, 5000::bigint) i,
		LATERAL (SELECT 1 + noise(i, 'from') % 3000 AS a, 1 + noise(i, 'to') % 3100 AS b) e
	WHERE a <> b;

CREATE TABLE settled (goal_id bigint PRIMARY KEY, is_open boolean, due_on date, finish date, forecast_on date, slack_days integer, root bigint, held_back_by bigint);
CREATE FUNCTION propagate_plainly(as_of date) RETURNS integer
	LANGUAGE plpgsql
AS $$
DECLARE
	rounds integer := 0;
BEGIN
	-- forecasts and what is done, as without links
	CREATE TEMP TABLE todo ON COMMIT DROP AS
		SELECT g.goal_id, NOT (coalesce(g.is_done, false) OR coalesce(n.progress >= 1, false)) AS is_open, g.due_on, n.forecast_on
		FROM perf_mgmt.goal_graph('TABLE linked', NULL, as_of) n JOIN linked g USING (goal_id);
	CREATE TEMP TABLE inner_link ON COMMIT DROP AS
		SELECT from_goal, to_goal, coalesce(buffer_days, 0) AS buffer_days FROM link
		WHERE from_goal IN (SELECT goal_id FROM linked) AND to_goal IN (SELECT goal_id FROM linked);

	LOOP
		INSERT INTO settled
		SELECT t.goal_id, t.is_open, t.due_on, coalesce(f.forecast_on, t.due_on), f.forecast_on, s.slack_days, coalesce(f.held_back_by, t.goal_id), f.held_back_by
			FROM todo t
			LEFT JOIN LATERAL (
				SELECT s.finish + l.buffer_days AS until, s.root
				FROM inner_link l JOIN settled s ON s.goal_id = l.to_goal
				WHERE l.from_goal = t.goal_id AND s.is_open AND t.is_open AND s.finish IS NOT NULL
				ORDER BY until DESC, s.root LIMIT 1) p ON true
			LEFT JOIN LATERAL (
				SELECT min(t.due_on - l.buffer_days - greatest(s.due_on, s.finish)) AS slack_days
				FROM inner_link l JOIN settled s ON s.goal_id = l.to_goal
				WHERE l.from_goal = t.goal_id AND s.is_open AND t.is_open) s ON true
			CROSS JOIN LATERAL (
				SELECT p.until IS NOT NULL AND (p.until > coalesce(t.forecast_on, t.due_on)) IS NOT FALSE AS is_pushed) b
			CROSS JOIN LATERAL (
				SELECT CASE WHEN b.is_pushed THEN p.until ELSE t.forecast_on END AS forecast_on,
					CASE WHEN b.is_pushed THEN p.root END AS held_back_by) f
			WHERE NOT EXISTS (SELECT FROM settled d WHERE d.goal_id = t.goal_id)
				AND NOT EXISTS (SELECT FROM inner_link l WHERE l.from_goal = t.goal_id
					AND NOT EXISTS (SELECT FROM settled d WHERE d.goal_id = l.to_goal));
		EXIT WHEN NOT FOUND;
		rounds := rounds + 1;
	END LOOP;
	RETURN rounds;
END;
$$;
SELECT propagate_plainly('2026-09-18') > 8 AS is_deep;
SELECT count(*) AS goals, count(held_back_by) > 300 AS pushes, count(DISTINCT held_back_by) > 100 AS roots, count(slack_days) > 1000 AS slacks,
		count(*) FILTER (WHERE held_back_by IS NOT NULL AND due_on IS NULL) > 10 AS without_due
	FROM settled;
SELECT count(*) AS differences
	FROM linked_now c FULL JOIN settled s USING (goal_id)
	WHERE (c.forecast_on, c.slack_days, c.held_back_by, c.slip_days) IS DISTINCT FROM
		(s.forecast_on, s.slack_days, s.held_back_by, CASE WHEN s.is_open THEN s.forecast_on - s.due_on WHEN s.due_on IS NOT NULL THEN 0 END);
CREATE OR REPLACE VIEW linked_now AS
	SELECT goal_id, g.due_on, n.forecast_on, n.slip_days, n.slack_days, n.held_back_by
	FROM perf_mgmt.goal_graph('SELECT * FROM linked ORDER BY noise(goal_id, ''order'')', 'SELECT * FROM link ORDER BY noise(from_goal + to_goal, ''order'')',
		'2026-09-18') n JOIN linked g USING (goal_id);
SELECT count(*) AS differences
	FROM linked_now c FULL JOIN settled s USING (goal_id)
	WHERE (c.forecast_on, c.slack_days, c.held_back_by) IS DISTINCT FROM (s.forecast_on, s.slack_days, s.held_back_by);

-- 100 000 goals in one chain, each a day after the one before.
SELECT count(*), max(forecast_on) - min(forecast_on) AS days, min(slack_days), count(DISTINCT held_back_by)
	FROM perf_mgmt.goal_graph('SELECT g AS goal_id, NULL::int AS parent_id, 1 AS weight, 0.5 AS progress, $1 AS due_on FROM generate_series(1, 100000) g',
		'SELECT g + 1 AS from_goal, g AS to_goal, 1 AS buffer_days FROM generate_series(1, 99999) g', '2026-09-18');

--
-- Errors
--
\set SHOW_CONTEXT never
CREATE FUNCTION links_of(links text) RETURNS bigint
	LANGUAGE sql STABLE
	RETURN (SELECT count(*)
		FROM perf_mgmt.goal_graph('SELECT g AS goal_id, NULL::int AS parent_id, 1 AS weight, 0.5 AS progress, $1 AS due_on FROM generate_series(1, 50) g', links, '2026-09-18'));

SELECT links_of('SELECT g AS from_goal, g % 3 + 1 AS to_goal FROM generate_series(1, 3) g');
SELECT links_of('SELECT g AS from_goal, g % 3 + 1 AS to_goal FROM generate_series(3, 1, -1) g');
-- 2 -> 3 -> 2 is the one with the least number; 1 only needs it, 9 is needed by it
SELECT links_of('SELECT * FROM (VALUES (1, 2), (2, 3), (3, 2), (3, 9), (20, 21), (21, 20), (2, 30), (30, 2)) l (from_goal, to_goal)');
SELECT links_of('SELECT g AS from_goal, g % 50 + 1 AS to_goal FROM generate_series(1, 50) g');
SELECT links_of('SELECT 7 AS from_goal, 7 AS to_goal');
SELECT links_of('SELECT NULL::int AS from_goal, 7 AS to_goal');
SELECT links_of('SELECT 7 AS from_goal, NULL::int AS to_goal');
SELECT links_of('SELECT 7 AS from_goal');
SELECT links_of('SELECT 1 AS from_goal, 2 AS to_goal, 1.01 AS strength');
SELECT links_of('SELECT 1 AS from_goal, 2 AS to_goal, -0.1 AS strength');
SELECT links_of('SELECT 1 AS from_goal, 2 AS to_goal, 1e100 AS strength');
SELECT links_of('SELECT 1 AS from_goal, 2 AS to_goal, ''NaN''::numeric AS strength');
SELECT links_of('SELECT 1 AS from_goal, 2 AS to_goal, -1 AS buffer_days');
SELECT links_of('SELECT 1 AS from_goal, 2 AS to_goal, 0.5 AS buffer_days');
SELECT links_of('SELECT 1 AS from_goal, 2 AS to_goal, 3000000000 AS buffer_days');
SELECT links_of('SELECT 1 AS from_goal, 2 AS to_goal, 2147483647 AS buffer_days');
SELECT links_of('UPDATE link SET strength = 1');
\set SHOW_CONTEXT always
SELECT links_of('SELECT 1 AS from_goal, 2 AS to_goal, ''NaN''::numeric AS strength');
