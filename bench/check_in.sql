-- check_in() beside what an application written by hand would do, by pgbench.
--
--   psql -X -f bench/check_in.sql         from the top of the checkout
--
-- "ours" is one call of check_in().  "plain" is the bare INSERT of a report
-- and the UPDATE of its goal's row in one transaction, with the INSERT of a
-- photo and the UPDATE of a task where the report has them; its tables have
-- keys, foreign keys and the index by which a goal's reports are found, and
-- nothing else.  Times are for 1000 reports.
\set QUIET on
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS perf_mgmt;
SELECT perf_mgmt.create_workspace('perf', 'en') \g /dev/null
SET search_path TO perf, perf_mgmt;

-- 200 people with 5 goals each and 20 tasks a goal
INSERT INTO department (code, name) VALUES ('B', 'Bench');
SELECT hire('B' || n, 'Name ' || n, 'B', NULL, '2020-01-01') FROM generate_series(1, 200) AS n \g /dev/null
INSERT INTO cycle (code, kind, starts_on, ends_on, state) VALUES ('B', 'sprint', '2020-01-01', '2099-12-31', 'active');
BEGIN;
INSERT INTO goal (goal_id, goal_no, cycle_id, owner_id, department_id, kind, title, weight, target, starts_on, due_on, state)
	SELECT row_number() OVER (), format('%s-%s', e.employee_no, n), c.cycle_id, e.employee_id, d.department_id, 'kpi', 'Goal', 20, 100, c.starts_on, c.ends_on, 'active'
	FROM employee e, cycle c, department d, generate_series(1, 5) AS n;
COMMIT;
INSERT INTO task (task_id, goal_id, owner_id, title)
	SELECT 20 * (g.goal_id - 1) + n, g.goal_id, g.owner_id, 'Task' FROM goal g, generate_series(1, 20) AS n;

CREATE SCHEMA plain;
CREATE TABLE plain.goal AS SELECT goal_id, owner_id, title, target, NULL::numeric AS actual, now() AS updated_at FROM goal;
ALTER TABLE plain.goal ADD PRIMARY KEY (goal_id);
CREATE TABLE plain.task AS SELECT task_id, goal_id, title, 'todo'::varchar(7) AS state, NULL::timestamptz AS done_at FROM task;
ALTER TABLE plain.task ADD PRIMARY KEY (task_id);
CREATE TABLE plain.check_in (
	check_in_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	goal_id bigint NOT NULL REFERENCES plain.goal,
	employee_id bigint NOT NULL REFERENCES employee,
	actual numeric,
	note varchar(2000),
	at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON plain.check_in (goal_id, at);
CREATE TABLE plain.photo (
	check_in_id bigint REFERENCES plain.check_in,
	photo_no integer,
	uri varchar(1000) NOT NULL,
	sha256 varchar(64),
	PRIMARY KEY (check_in_id, photo_no));
VACUUM ANALYZE;

\set folder `mktemp -d`
\setenv FOLDER :folder
\setenv DBNAME :DBNAME
\! printf '%s\n' '\set goal random(1, 1000)' '\set value random(1, 120)' "SELECT perf.check_in(:goal, :value, note => 'as planned');" > "$FOLDER/ours_value"
\! printf '%s\n' '\set goal random(1, 1000)' '\set value random(1, 120)' 'BEGIN;' "INSERT INTO plain.check_in (goal_id, employee_id, actual, note) SELECT goal_id, owner_id, :value, 'as planned' FROM plain.goal WHERE goal_id = :goal;" 'UPDATE plain.goal SET actual = :value, updated_at = now() WHERE goal_id = :goal;' 'COMMIT;' > "$FOLDER/plain_value"
\! printf '%s\n' '\set goal random(1, 1000)' '\set value random(1, 120)' '\set task 20 * (:goal - 1) + random(1, 20)' "SELECT perf.check_in(:goal, :value, note => 'as planned', done_tasks => ARRAY[:task::bigint], photos => ARRAY['oss://photos/20260918/B1.jpg#ca9c3b54c50a7fd248713d532e2ed89f57d0aea11f8551e3f8bbfd310c9ef8ee']);" > "$FOLDER/ours_whole"
\! printf '%s\n' '\set goal random(1, 1000)' '\set value random(1, 120)' '\set task 20 * (:goal - 1) + random(1, 20)' 'BEGIN;' "INSERT INTO plain.check_in (goal_id, employee_id, actual, note) SELECT goal_id, owner_id, :value, 'as planned' FROM plain.goal WHERE goal_id = :goal RETURNING check_in_id \\gset" "INSERT INTO plain.photo VALUES (:check_in_id, 1, 'oss://photos/20260918/B1.jpg', 'ca9c3b54c50a7fd248713d532e2ed89f57d0aea11f8551e3f8bbfd310c9ef8ee');" "UPDATE plain.task SET state = 'done', done_at = now() WHERE task_id = :task;" 'UPDATE plain.goal SET actual = :value, updated_at = now() WHERE goal_id = :goal;' 'COMMIT;' > "$FOLDER/plain_whole"
-- each in turn with the other, the best of three; latency in ms is seconds for 1000
\! for what in value whole; do for clients in 1 4; do for round in 1 2 3; do for which in ours plain; do ms=$(pgbench -n -M prepared -c $clients -j 2 -t $((2000 / clients)) -f "$FOLDER/${which}_$what" "$DBNAME" 2>/dev/null | sed -n 's/^latency average = \([0-9.]*\) ms/\1/p'); echo "$which $what $clients $ms"; done; done; done; done > "$FOLDER/times"

CREATE TEMPORARY TABLE timing (which text, what text, clients integer, latency numeric);
\copy timing from program 'cat "$FOLDER/times"' with (delimiter ' ')
\! rm -r "$FOLDER"

\pset footer off
SELECT format('1000 %s, %s at once: %s/s', CASE o.what WHEN 'value' THEN 'values reported' ELSE 'values with a task and a photo' END, o.clients, round(1000 * o.clients / o.latency)) AS measure,
		round(1000 * o.latency / o.clients, 1) AS ours_ms, round(1000 * p.latency / p.clients, 1) AS plain_ms, round(o.latency / p.latency, 2) AS ratio, 2 AS goal
	FROM (SELECT what, clients, min(latency) AS latency FROM timing WHERE which = 'ours' GROUP BY 1, 2) AS o
	JOIN (SELECT what, clients, min(latency) AS latency FROM timing WHERE which = 'plain' GROUP BY 1, 2) AS p USING (what, clients)
	ORDER BY 1;
