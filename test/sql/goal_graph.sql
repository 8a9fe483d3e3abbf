-- goal_graph: the tree.  Links are in goal_links.
SET client_min_messages = warning;
SET datestyle = iso;
CREATE SCHEMA goal_graph;
SET search_path = goal_graph;

-- A small tree, calculated by hand.
--   1 = (50 * 2 + 50 * 3) / 100, 2 = (60 * 0.5 + 40 * 1) / 100 with 5 clamped to
--   its cap, 3 = (1 * 0.25 + 2 * 0 + 1 * 0) / 4 with one gone back and one silent
CREATE TABLE small (goal_id bigint, parent_id bigint, weight numeric, progress numeric, cap numeric, score numeric);
INSERT INTO small VALUES
	(1, NULL, 100, 0.99, NULL, 12),
	(2, 1, 50, NULL, NULL, NULL),
	(3, 1, 50, NULL, NULL, NULL),
	(4, 2, 60, 0.5, NULL, 70),
	(5, 2, 40, 1.3, NULL, 120),
	(6, 3, 1, 0.25, NULL, 40.5),
	(7, 3, 2, -0.4, NULL, 0),
	(8, 3, 1, NULL, NULL, NULL),
	(9, NULL, NULL, 1.7, NULL, 99.9999995),
	(10, 404, 5, 0.1234565, NULL, -3);
SELECT goal_id, parent_id, depth, progress, expected, light, leaves, red_below, yellow_below, score
	FROM perf_mgmt.goal_graph('SELECT goal_id, parent_id, weight, progress, score FROM small', NULL, '2026-09-18')
	ORDER BY goal_id;

-- A cap lets a child count for more than 1, or for less; NULL is 1.
SELECT goal_id, progress
	FROM perf_mgmt.goal_graph($$
		SELECT goal_id, parent_id, weight, progress,
			CASE goal_id WHEN 5 THEN 1.2 WHEN 4 THEN 0.4 END AS cap FROM small$$, NULL, '2026-09-18')
	WHERE goal_id IN (1, 2, 4, 5)
	ORDER BY goal_id;

-- A child without a weight is in the tree, but not in its parent's progress.
SELECT goal_id, depth, progress, light, leaves, red_below, yellow_below, score
	FROM perf_mgmt.goal_graph($$
		SELECT * FROM (VALUES
			(1, NULL, 1, 0.6, 80), (2, 1, NULL, 0.1, 10), (3, 2, NULL, NULL, NULL)
		) g (goal_id, parent_id, weight, progress, score), (VALUES (0.8)) e (expected)$$, NULL, '2026-09-18')
	ORDER BY goal_id;

-- Nothing reported, or weights of 0 alone: NULL, and not the own progress.
SELECT goal_id, progress, score
	FROM perf_mgmt.goal_graph($$
		SELECT * FROM (VALUES
			(1, NULL, 1, 0.6, 80), (2, 1, 3, NULL, NULL), (3, 1, 4, NULL, NULL),
			(4, NULL, 1, 0.6, 80), (5, 4, 0, 0.5, 60), (6, 4, 0, 0.7, NULL),
			(7, NULL, 1, 0.6, 80), (8, 7, 0, 0.5, 60), (9, 7, 2, NULL, NULL)
		) g (goal_id, parent_id, weight, progress, score)$$, NULL, '2026-09-18')
	WHERE parent_id IS NULL
	ORDER BY goal_id;

-- Rounding happens once, at the end: (1/3 + 0.466667667) / 2 is 0.40000050016...,
-- but would be 0.400000 if the third had been rounded to six places first.
SELECT goal_id, progress
	FROM perf_mgmt.goal_graph($$
		SELECT * FROM (VALUES
			(1, NULL, 1, NULL), (2, 1, 0.5, NULL), (3, 1, 0.5, 0.466667667), (4, 2, 1, 1), (5, 2, 2, 0)
		) g (goal_id, parent_id, weight, progress)$$, NULL, '2026-09-18')
	WHERE goal_id <= 2
	ORDER BY goal_id;

-- places: as many as are carried, none, and the default where NULL.
SELECT places, progress, expected, score
	FROM (VALUES (18), (3), (0), (NULL)) p (places),
		perf_mgmt.goal_graph($$
			SELECT * FROM (VALUES
				(1, NULL, 1, NULL, NULL), (2, 1, 1, 1, 100), (3, 1, 2, 0.5, 99.5), (4, 1, 3, 0, -1)
			) g (goal_id, parent_id, weight, progress, score), (SELECT 0.5 AS expected) e$$, NULL, '2026-09-18', places)
	WHERE goal_id = 1
	ORDER BY places DESC NULLS LAST;
SELECT goal_id, progress
	FROM perf_mgmt.goal_graph($$
		SELECT g AS goal_id, NULL::int AS parent_id, 1 AS weight, power(10::numeric, 40) * -1.5 / g AS progress FROM generate_series(1, 2) g$$,
		NULL, '2026-09-18', 1)
	ORDER BY goal_id;

-- Expected progress: both days count; given, it wins over the dates.
SELECT goal_id, progress, expected, light
	FROM perf_mgmt.goal_graph($$
		SELECT g.*, date '2026-01-01' AS starts_on FROM (VALUES
			(1, NULL::int, 1, 0.5, date '2026-03-31', NULL::numeric), (2, NULL, 1, 0.01, '2026-12-31', NULL),
			(3, NULL, 1, 0.4, '2026-03-31', 1), (4, NULL, 1, 0.4, NULL, NULL), (5, NULL, 1, 0.45, NULL, 0.4999995)
		) g (goal_id, parent_id, weight, progress, due_on, expected)$$, NULL, '2026-02-14')
	ORDER BY goal_id;

-- The light: forced, by thresholds of its own, silent.
SELECT goal_id, light, red_below, yellow_below
	FROM perf_mgmt.goal_graph($$
		SELECT * FROM (VALUES
			(1, NULL, 0.5, NULL, NULL::text, NULL::boolean), (2, 1, 0.5, NULL, '红', NULL), (3, 1, 0.5, NULL, 'Yellow', true),
			(4, 1, 0.5, 0.99, NULL, NULL), (5, 1, 0.4, NULL, NULL, true), (6, 1, 0.5, NULL, NULL, true), (7, 1, 0.5, NULL, 'green', true)
		) g (goal_id, parent_id, progress, green, light, is_silent),
		(SELECT 0.505 AS expected, NULL::numeric AS weight, 0.0001 AS slack) e$$, NULL, '2026-02-14')
	ORDER BY goal_id;
SELECT light FROM perf_mgmt.goal_graph($$
	SELECT 1 AS goal_id, NULL::int AS parent_id, 1 AS weight, 0.5 AS progress, perf_mgmt.best('yellow'::perf_mgmt.traffic_light) AS light
	$$, NULL, '2026-02-14');

-- Any type that says the same will do, through domains too; $1 is as_of.
CREATE DOMAIN percent AS double precision CHECK (VALUE >= 0);
SELECT goal_id, parent_id, progress, expected, score
	FROM perf_mgmt.goal_graph($$
		SELECT 1::smallint AS goal_id, 7.0::numeric AS parent_id, 25.5::percent AS weight, 0.1::real AS progress,
			$1 AS starts_on, $1 + 3 AS due_on, 0.1::float8 AS score
		UNION ALL SELECT 9223372036854775807, -9223372036854775808, 1, 1, $1 - 3, $1, 2$$, NULL, '2026-02-14');
SELECT goal_id, progress, score
	FROM perf_mgmt.goal_graph('SELECT 1 AS goal_id, NULL::int AS parent_id, 3::smallint AS weight, 2::smallint AS progress, 85::bigint AS score', NULL, '2026-02-14');
SELECT count(*) FROM perf_mgmt.goal_graph('TABLE small', NULL, '2026-02-14');
SELECT count(*) FROM perf_mgmt.goal_graph('VALUES (1)', NULL, '2026-02-14');
SELECT count(*) FROM perf_mgmt.goal_graph('SELECT * FROM small WHERE false', NULL, '2026-02-14');

-- Numbers that need more than 128 bits.
SELECT goal_id, progress, score, light
	FROM perf_mgmt.goal_graph($$
		SELECT * FROM (VALUES
			(1, NULL::int, 1::numeric, NULL::numeric, NULL::numeric, NULL::numeric),
			(2, 1, 1e60, 0.5, 1e50, NULL), (3, 1, 3e60, 1e40, -3e50, 1.5),
			(4, NULL, 1, NULL, NULL, NULL), (5, 4, 1, 1e40, 1e-40, 1e30), (6, 4, 1, 3e40, 3e-40, 1e41), (7, 4, 2, -1e40, 0, 1e41),
			(8, NULL, 1, 12345678901234567890.5, 0, 1), (9, NULL, 1, -1e40, 0, NULL)
		) g (goal_id, parent_id, weight, progress, score, cap), (SELECT 0.9 AS expected) e$$, NULL, '2026-02-14')
	ORDER BY goal_id;

-- Weights that fit one by one, but not their sum, or not at one scale.
SELECT goal_id, progress
	FROM perf_mgmt.goal_graph($$
		SELECT * FROM (VALUES
			(1, NULL::int, 1::numeric, NULL::numeric), (2, 1, 9000000000000000000, 1), (3, 1, 9000000000000000000, 0),
			(4, NULL, 1, NULL), (5, 4, 0.00000000000000000003, 0), (6, 4, 9000000000000000000, 1), (7, 4, 0.00000000000000000001, 0.5),
			(8, NULL, 1, NULL), (9, 8, 9000000000000000000, 0.25), (10, 8, 0.00000000000000000003, 0),
			(11, NULL, 1, NULL), (12, 11, 0.000000000000000003, 0.25), (13, 11, 0.00000000000000000001, 0.75)
		) g (goal_id, parent_id, weight, progress)$$, NULL, '2026-02-14')
	WHERE parent_id IS NULL
	ORDER BY goal_id;

-- 100 000 levels.
SELECT max(depth), min(progress), max(leaves), sum(red_below)
	FROM perf_mgmt.goal_graph($$
		SELECT g AS goal_id, g - 1 AS parent_id, 1 AS weight, CASE g WHEN 100000 THEN 0.123456789 END AS progress, 'red'::text AS light
		FROM generate_series(1, 100000) g ORDER BY (g * 7919) % 100003$$, NULL, '2026-02-14');

--
-- Row by row against plain SQL, level by level.
--
CREATE FUNCTION noise(i bigint, salt text) RETURNS bigint
	LANGUAGE sql IMMUTABLE
	RETURN ('x' || substr(md5(salt || i), 1, 8))::bit(32)::bigint;

CREATE TABLE forest AS
SELECT 1000003 * i AS goal_id,
	CASE WHEN noise(i, 'root') % 20 > 0 THEN 1000003 * (noise(i, 'parent') % i) END AS parent_id,
	CASE noise(i, 'weighted') % 10 WHEN 0 THEN NULL WHEN 1 THEN 0 WHEN 2 THEN noise(i, 'w') / 7.0
		WHEN 3 THEN noise(i, 'w') * 1e25 WHEN 4 THEN noise(i, 'w') * 1e-25
		ELSE round(noise(i, 'w') % 10000 / 100.0, 2) END AS weight,
	CASE noise(i, 'reported') % 10 WHEN 0 THEN NULL WHEN 1 THEN -0.5 WHEN 2 THEN noise(i, 'p') / 4294967296.0
		WHEN 3 THEN noise(i, 'p') * 1e25 WHEN 4 THEN noise(i, 'p') * 1e-30 WHEN 5 THEN -noise(i, 'p') * 1e25
		ELSE round(noise(i, 'p') % 1300 / 1000.0, 3) END AS progress,
	CASE noise(i, 'capped') % 4 WHEN 0 THEN 1.2 WHEN 1 THEN noise(i, 'cap') * 1e-9 WHEN 2 THEN noise(i, 'cap') * 1e20 END AS cap,
	CASE noise(i, 'scored') % 5 WHEN 0 THEN NULL WHEN 1 THEN -noise(i, 's') / 3.0 WHEN 2 THEN noise(i, 's') * 1e30
		ELSE noise(i, 's') % 120000 / 1000.0 END AS score,
	date '2026-01-01' + (noise(i, 'start') % 100)::int AS starts_on,
	CASE WHEN noise(i, 'due') % 30 > 0 THEN date '2026-04-11' + (noise(i, 'due') % 200)::int END AS due_on,
	noise(i, 'silent') % 8 = 0 AS is_silent,
	CASE noise(i, 'light') % 20 WHEN 0 THEN 'green' WHEN 1 THEN 'red' END AS light,
	CASE WHEN noise(i, 'green') % 5 = 0 THEN 0.8 + noise(i, 'green') % 1000 / 1000.0 END AS green,
	CASE WHEN noise(i, 'grace') % 5 = 0 THEN 0.4 END AS grace
FROM generate_series(1, 5000::bigint) i;

CREATE TABLE expected_row (
	goal_id bigint PRIMARY KEY, parent_id bigint, parent bigint, weight numeric, cap numeric, depth integer,
	progress numeric, expected numeric, light text, leaves bigint, red_below bigint, yellow_below bigint, score numeric);

-- Quotients get 60 places before they are rounded to the 18 that are carried.
CREATE FUNCTION roll_up_plainly(as_of date) RETURNS void
	LANGUAGE plpgsql
AS $$
DECLARE
	zero CONSTANT numeric := 0::numeric(70, 60);
BEGIN
	TRUNCATE expected_row;

	INSERT INTO expected_row (goal_id, parent_id, parent, weight, cap, depth, progress, expected, score)
	WITH RECURSIVE tree AS (
		SELECT f.goal_id, 0 AS depth FROM forest f
			WHERE NOT EXISTS (SELECT FROM forest p WHERE p.goal_id = f.parent_id)
		UNION ALL
		SELECT f.goal_id, t.depth + 1 FROM tree t JOIN forest f ON f.parent_id = t.goal_id)
	SELECT f.goal_id, f.parent_id, p.goal_id, f.weight, round(coalesce(f.cap, 1), 18), t.depth, round(f.progress, 18),
			CASE WHEN f.due_on IS NOT NULL
				THEN round(least(greatest((as_of - f.starts_on + 1)::numeric / (f.due_on - f.starts_on + 1), 0), 1), 6) END,
			round(f.score, 18)
		FROM tree t JOIN forest f USING (goal_id) LEFT JOIN forest p ON p.goal_id = f.parent_id;

	FOR level IN REVERSE (SELECT max(depth) FROM expected_row) .. 0 LOOP
		UPDATE expected_row r SET progress = c.progress, score = c.score
			FROM (SELECT parent,
					round((sum(weight * coalesce(least(greatest(progress, 0), cap), 0)) + zero)
						/ nullif(sum(weight), 0), 18)
						* CASE WHEN count(progress) > 0 THEN 1 END AS progress,
					round((sum(weight * score) + zero) / nullif(sum(weight) FILTER (WHERE score IS NOT NULL), 0), 18) AS score
				FROM expected_row WHERE depth = level + 1 AND weight IS NOT NULL GROUP BY parent) c
			WHERE r.goal_id = c.parent AND r.depth = level;
	END LOOP;

	UPDATE expected_row r SET light = CASE
			WHEN f.light IS NOT NULL THEN f.light
			WHEN f.is_silent AND l.light = 'green' THEN 'yellow'
			ELSE l.light END
		FROM forest f JOIN expected_row e USING (goal_id),
			LATERAL (SELECT perf_mgmt.light(e.progress, e.expected, coalesce(f.green, 0.95), 0.75, coalesce(f.grace, 0.10))::text AS light) l
		WHERE r.goal_id = f.goal_id;

	UPDATE expected_row r SET leaves = c.leaves, red_below = c.red, yellow_below = c.yellow
		FROM (WITH RECURSIVE below AS (
				SELECT goal_id AS top, goal_id, light, false AS is_below FROM expected_row
				UNION ALL
				SELECT b.top, c.goal_id, c.light, true FROM below b JOIN expected_row c ON c.parent = b.goal_id)
			SELECT top, count(*) FILTER (WHERE NOT EXISTS (SELECT FROM expected_row c WHERE c.parent = b.goal_id)) AS leaves,
				count(*) FILTER (WHERE is_below AND light = 'red') AS red,
				count(*) FILTER (WHERE is_below AND light = 'yellow') AS yellow
			FROM below b GROUP BY top) c
		WHERE r.goal_id = c.top;
END;
$$;

SELECT roll_up_plainly('2026-05-20');
CREATE VIEW computed AS
	SELECT * FROM perf_mgmt.goal_graph('SELECT * FROM forest', NULL, '2026-05-20');
CREATE FUNCTION differences() RETURNS bigint
	LANGUAGE sql STABLE
	RETURN (SELECT count(*)
		FROM computed c FULL JOIN expected_row e USING (goal_id)
		WHERE (c.parent_id, c.depth, c.progress, c.expected, c.light::text, c.leaves, c.red_below, c.yellow_below, c.score)
			IS DISTINCT FROM
			(e.parent_id, e.depth, round(e.progress, 6), e.expected, e.light, e.leaves, e.red_below, e.yellow_below, round(e.score, 6)));
SELECT count(*) AS goals, count(DISTINCT depth) > 8 AS is_deep, count(*) FILTER (WHERE leaves > 1) > 1000 AS is_wide,
		count(progress) < 5000 AS has_nulls, max(progress) > 1e30 AS has_large, min(progress) < -1e30 AS has_small,
		count(DISTINCT light) AS lights
	FROM expected_row;
SELECT differences();

-- Neither the order of the rows nor the kind of index makes a difference.
CREATE OR REPLACE VIEW computed AS
	SELECT * FROM perf_mgmt.goal_graph('SELECT * FROM forest ORDER BY noise(goal_id, ''order'')', NULL, '2026-05-20');
SELECT differences();
UPDATE forest SET goal_id = goal_id / 1000003, parent_id = parent_id / 1000003;
SELECT roll_up_plainly('2026-05-20');
SELECT differences();

--
-- Errors
--
CREATE FUNCTION graph_of(goals text, links text DEFAULT NULL) RETURNS bigint
	LANGUAGE sql STABLE
	RETURN (SELECT count(*) FROM perf_mgmt.goal_graph(goals, links, '2026-02-14'));

-- the row at fault is named below the message
SELECT graph_of('SELECT 5 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress, ''blau'' AS light');
\set SHOW_CONTEXT never

-- cycles; the path does not depend on the order of rows
SELECT graph_of('SELECT 1 AS goal_id, 1 AS parent_id, 1 AS weight, 1 AS progress');
SELECT graph_of('SELECT g AS goal_id, g % 3 + 1 AS parent_id, 1 AS weight, 1 AS progress FROM generate_series(1, 3) g');
SELECT graph_of('SELECT g AS goal_id, g % 3 + 1 AS parent_id, 1 AS weight, 1 AS progress FROM generate_series(3, 1, -1) g');
SELECT graph_of($$SELECT * FROM (VALUES (9, 8, 1, 1), (8, 9, 1, 1), (5, 9, 1, 1), (7, 4, 1, 1), (4, 7, 1, 1), (1, 9, 1, 1)) g (goal_id, parent_id, weight, progress)$$);
SELECT graph_of('SELECT g AS goal_id, g % 100000 + 1 AS parent_id, 1 AS weight, 1 AS progress FROM generate_series(1, 100000) g');

-- columns
SELECT graph_of('SELECT 1 AS goal_id, 2 AS parent_id, 3 AS progress');
SELECT graph_of('SELECT ''1'' AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress');
SELECT graph_of('SELECT 1 AS goal_id, 2 AS parent_id, ''1''::varchar AS weight, 3 AS progress');
SELECT graph_of('SELECT 1 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress, now() AS due_on');
SELECT graph_of('SELECT 1 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress, 1 AS is_done');
SELECT graph_of('SELECT 1 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress, 1 AS light');
SELECT graph_of('SELECT 1 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress, 3 AS progress');

-- values
SELECT graph_of('SELECT NULL::int AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress');
SELECT graph_of('SELECT g / 2 AS goal_id, NULL::int AS parent_id, 1 AS weight, 3 AS progress FROM generate_series(2, 5) g');
SELECT graph_of('SELECT g / 2 * 1000000 AS goal_id, NULL::int AS parent_id, 1 AS weight, 3 AS progress FROM generate_series(2, 5) g');
SELECT graph_of('SELECT 1.5 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress');
SELECT graph_of('SELECT 1e30 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress');
SELECT graph_of('SELECT 5 AS goal_id, 2 AS parent_id, -0.50 AS weight, 3 AS progress');
SELECT graph_of('SELECT 5 AS goal_id, 2 AS parent_id, -1e50 AS weight, 3 AS progress');
SELECT graph_of('SELECT 5 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress, -1 AS cap');
SELECT graph_of('SELECT 5 AS goal_id, 2 AS parent_id, ''NaN''::numeric AS weight, 3 AS progress');
SELECT graph_of('SELECT 5 AS goal_id, 2 AS parent_id, 1 AS weight, ''-Infinity''::float8 AS progress');
SELECT graph_of('SELECT 5 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress, ''infinity''::numeric AS score');
SELECT graph_of('SELECT 5 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress, 1e20 AS expected');
SELECT graph_of('SELECT 5 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress, 0.5 AS green');
SELECT graph_of('SELECT 5 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress, date ''infinity'' AS due_on');
SELECT graph_of('SELECT 5 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress, $1 AS starts_on, $1 - 1 AS due_on');

-- arguments, and queries that do not only read
SELECT graph_of(NULL);
SELECT * FROM perf_mgmt.goal_graph('TABLE small', NULL, NULL);
SELECT * FROM perf_mgmt.goal_graph('TABLE small', NULL, '-infinity');
SELECT * FROM perf_mgmt.goal_graph('TABLE small', NULL, '2026-09-18', -1);
SELECT * FROM perf_mgmt.goal_graph('TABLE small', NULL, '2026-09-18', 19);
SELECT graph_of('');
SELECT graph_of('TABLE small; TABLE small');
SELECT graph_of('DELETE FROM small RETURNING *');
SELECT graph_of('WITH gone AS (DELETE FROM small RETURNING *) SELECT * FROM gone');
SELECT graph_of('SELECT * FROM small FOR UPDATE');
SELECT graph_of('EXPLAIN SELECT * FROM small');
SELECT graph_of('SELECT * FROM smaller');
SELECT graph_of('SELECT $2 AS goal_id');
SELECT count(*) FROM small;

-- The queries run with the rights of the caller.
CREATE ROLE regress_goal_reader;
GRANT USAGE ON SCHEMA goal_graph TO regress_goal_reader;
SET ROLE regress_goal_reader;
SELECT graph_of('TABLE small');
SELECT count(*) FROM perf_mgmt.goal_graph('SELECT 1 AS goal_id, 2 AS parent_id, 1 AS weight, 3 AS progress', NULL, '2026-02-14');
RESET ROLE;
DROP OWNED BY regress_goal_reader;
DROP ROLE regress_goal_reader;

-- Rows that stand in no table come as an array, which is $2; the form and the
-- values are the same.
SELECT goal_id, progress, score
	FROM perf_mgmt.goal_graph('SELECT goal_id, parent_id, weight, progress, score FROM unnest($2) WHERE $1 = date ''2026-09-18''', NULL, '2026-09-18', 6,
		ARRAY(SELECT s FROM small s))
	ORDER BY goal_id;
SELECT goal_id, slack_days
	FROM perf_mgmt.goal_graph('SELECT n AS goal_id, NULL::bigint AS parent_id, NULL::numeric AS weight, NULL::numeric AS progress, $1 + n AS due_on FROM unnest($2) n',
		'SELECT n AS from_goal, n - 1 AS to_goal FROM unnest($2) n', '2026-09-18', NULL, ARRAY[1, 2, 5])
	ORDER BY goal_id;
SELECT count(*) FROM perf_mgmt.goal_graph('SELECT n AS goal_id, n AS parent_id, n AS weight, n AS progress FROM unnest($2) n', NULL, '2026-09-18', 6, NULL::integer[]);
SELECT count(*) FROM perf_mgmt.goal_graph('SELECT n AS goal_id, n AS parent_id, n AS weight, n AS progress FROM unnest($2) n', NULL, '2026-09-18', 6, '{}'::numeric[]);
SELECT * FROM perf_mgmt.goal_graph('SELECT n AS goal_id, n AS parent_id, n AS weight, n AS progress FROM unnest($2) n', NULL, '2026-09-18', 6, '{a}'::text[]);
SELECT * FROM perf_mgmt.goal_graph('SELECT n AS goal_id FROM unnest($3) n', NULL, '2026-09-18', 6, '{1}'::integer[]);
