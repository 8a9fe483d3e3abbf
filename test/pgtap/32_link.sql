/*
 * Links between goals: what is refused, circles, mandatory links, looking back.
 */
BEGIN;
\ir fixture/small.sql
SELECT plan(38);

SELECT pg_temp.goal('A', 'E1', 'kpi', 100), pg_temp.goal('B', 'E2', 'kpi', 100), pg_temp.goal('C', 'E3', 'kpi', 100), pg_temp.goal('D', 'E4', 'milestone', 50),
	pg_temp.goal('X', 'E4', 'kpi', 50), pg_temp.goal('F', 'E5', 'milestone', 100);
SELECT pg_temp.activate_all();
SELECT cancel_goal(pg_temp.id('X'), 'Dropped');
INSERT INTO cycle (code, kind, starts_on, ends_on, state, recorded_from) VALUES ('S1', 'sprint', '2026-08-01', '2026-08-31', 'active', '2026-08-01');
SELECT add_goal('S1', 'E2', 'kpi', 'Past', 100, goal_no => 'P'), add_goal('S1', 'E3', 'kpi', 'Past', 100, goal_no => 'Q');
SELECT activate_goal(pg_temp.id('P')), activate_goal(pg_temp.id('Q'));
SELECT link_goals(pg_temp.id('P'), pg_temp.id('Q'));
SELECT close_cycle('S1');
CREATE FUNCTION pg_temp.links() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(concat_ws(' ', f.goal_no || t.goal_no, l.kind, l.strength, l.buffer_days), ', ' ORDER BY f.goal_no, t.goal_no)
		FROM goal_link l JOIN goal f ON f.goal_id = l.from_goal_id JOIN goal t ON t.goal_id = l.to_goal_id WHERE f.goal_no <> 'P');
END; $$;

-- ---------------------------------------------------------------------------------------
-- Making and dropping
-- ---------------------------------------------------------------------------------------
SELECT isnt(link_goals(pg_temp.id('A'), pg_temp.id('B')), NULL, 'A link gets a key');
SELECT is(pg_temp.links(), 'AB requires 1 0', 'By default it is needed, wholly and at once');
SELECT is(link_goals(pg_temp.id('A'), pg_temp.id('B'), 'requires', 0.1, 5), (SELECT max(link_id) FROM goal_link), 'The same link again keeps its key');
SELECT is(pg_temp.links(), 'AB requires 0.1 5', 'and takes the new values, a double as it is written');
SELECT is(unlink_goals(pg_temp.id('A'), pg_temp.id('B')), true, 'It is dropped');
SELECT is(unlink_goals(pg_temp.id('A'), pg_temp.id('B')), false, 'once');

-- ---------------------------------------------------------------------------------------
-- What is refused, and leaves nothing behind
-- ---------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT link_goals(0, pg_temp.id('B'))$$, 'P0002', 'goal 0 does not exist', 'A goal that does not exist');
SELECT throws_ok($$SELECT link_goals(pg_temp.id('A'), NULL)$$, 'P0002', 'goal (null) does not exist', 'no goal');
SELECT throws_ok($$SELECT link_goals(pg_temp.id('A'), pg_temp.id('A'))$$, '22023', 'goal "A" cannot be linked to itself', 'the goal itself');
SELECT throws_ok($$SELECT link_goals(pg_temp.id('A'), pg_temp.id('X'))$$, '55000', 'goal "X" is cancelled and cannot be linked', 'a cancelled goal');
SELECT throws_ok($$SELECT link_goals(pg_temp.id('X'), pg_temp.id('A'))$$, '55000', 'goal "X" is cancelled and cannot be linked', 'from either end');
SELECT throws_ok($$SELECT link_goals(pg_temp.id('A'), pg_temp.id('P'))$$, '55000', 'cycle "S1" is closed', 'a goal of a closed cycle');
SELECT throws_ok($$SELECT link_goals(pg_temp.id('P'), pg_temp.id('A'))$$, '55000', 'cycle "S1" is closed', 'from either end');
SELECT throws_ok($$SELECT unlink_goals(pg_temp.id('P'), pg_temp.id('Q'))$$, '55000', 'cycle "S1" is closed', 'where links stay too');
SELECT throws_ok(format('SELECT link_goals(%s, %s, strength => %L)', pg_temp.id('A'), pg_temp.id('B'), s), '22023', format('strength %s is out of range', coalesce(s, '(null)')),
		format('strength %s', coalesce(s, 'NULL')))
	FROM (VALUES ('-0.01'), ('1.01'), ('NaN'), ('Infinity'), (NULL)) AS v(s);
SELECT throws_ok($$SELECT link_goals(pg_temp.id('A'), pg_temp.id('B'), buffer_days => -1)$$, '23514', NULL, 'a negative buffer');
SELECT throws_ok($$SELECT link_goals(pg_temp.id('A'), pg_temp.id('B'), buffer_days => 3651)$$, '23514', NULL, 'one of more than ten years');
SELECT throws_ok($$SELECT link_goals(pg_temp.id('A'), pg_temp.id('B'), 'blocks')$$, '23514', NULL, 'an unknown kind');
SELECT throws_ok($$INSERT INTO goal_link (from_goal_id, to_goal_id, strength) SELECT pg_temp.id('A'), pg_temp.id('B'), 'NaN'$$, '23514', NULL, 'and whoever writes the table');
SELECT is(pg_temp.links(), NULL, 'Nothing of it is left');

-- ---------------------------------------------------------------------------------------
-- Circles
-- ---------------------------------------------------------------------------------------
SELECT link_goals(pg_temp.id('A'), pg_temp.id('B')), link_goals(pg_temp.id('B'), pg_temp.id('C')), link_goals(pg_temp.id('A'), pg_temp.id('C')), link_goals(pg_temp.id('C'), pg_temp.id('D'));
SELECT throws_ok($$SELECT link_goals(pg_temp.id('B'), pg_temp.id('A'))$$, '23514', 'links would form a circle', 'Two goals cannot need each other');
SELECT throws_ok($$SELECT link_goals(pg_temp.id('D'), pg_temp.id('A'))$$, '23514', 'links would form a circle', 'nor four go round');
DO $$
DECLARE
	told text;
BEGIN
	PERFORM link_goals(goal_id_of('D'), goal_id_of('B'));
EXCEPTION WHEN check_violation THEN
	GET STACKED DIAGNOSTICS told = PG_EXCEPTION_DETAIL;
	PERFORM set_config('test.told', told, true);
END $$;
SELECT is(current_setting('test.told'), 'The way is D -> B -> C -> D.', 'The error names the way');
SELECT lives_ok($$SELECT link_goals(pg_temp.id('D'), pg_temp.id('A'), 'relates')$$, 'What only relates may go round');
SELECT throws_ok($$UPDATE goal_link SET kind = 'requires' WHERE kind = 'relates'$$, '23514', 'links would form a circle', 'and not be turned into what may not');
SELECT lives_ok($$SELECT link_goals(pg_temp.id('F'), pg_temp.id('A')), link_goals(pg_temp.id('F'), pg_temp.id('D'))$$, 'Several ways to one goal are no circle');

-- ---------------------------------------------------------------------------------------
-- Mandatory links
-- ---------------------------------------------------------------------------------------
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO link_rule (name, from_kind, from_department_id, to_kind, to_department_id)
	VALUES ('a delivery of the workshop needs a milestone of development', 'kpi', department_id_of('KS-A'), 'milestone', department_id_of('KS-B'));
SELECT throws_ok($$
	UPDATE goal SET state = 'cancelled' WHERE goal_no = 'B';
	UPDATE goal SET state = 'draft' WHERE goal_no = 'B';
	SELECT activate_goal(pg_temp.id('B'));
	SET CONSTRAINTS ALL IMMEDIATE$$, '23514', 'goal "B" lacks a mandatory link', 'A goal without its mandatory link is not activated');
SET CONSTRAINTS ALL DEFERRED;
SELECT is(missing_link(pg_temp.id('B')), 'a delivery of the workshop needs a milestone of development', 'the rule has a name');
SELECT is(missing_link(pg_temp.id('A')), NULL, 'and does not hold for other departments');
SELECT throws_ok($$SELECT link_goals(pg_temp.id('B'), pg_temp.id('F'))$$, '23514', 'links would form a circle', 'A mandatory link may not go round either');
SELECT unlink_goals(pg_temp.id('F'), pg_temp.id('A'));
SELECT unlink_goals(pg_temp.id('F'), pg_temp.id('D'));
SELECT lives_ok($$SELECT link_goals(pg_temp.id('B'), pg_temp.id('F')); SET CONSTRAINTS ALL IMMEDIATE$$, 'With the link it may');
SET CONSTRAINTS ALL DEFERRED;
SELECT throws_ok($$SELECT unlink_goals(pg_temp.id('B'), pg_temp.id('F')); SET CONSTRAINTS ALL IMMEDIATE$$, '23514', 'goal "B" lacks a mandatory link', 'The last one is not dropped');
SET CONSTRAINTS ALL DEFERRED;
SELECT throws_ok($$SELECT cancel_goal(pg_temp.id('F'), 'Dropped'); SET CONSTRAINTS ALL IMMEDIATE$$, '23514', 'goal "B" lacks a mandatory link', 'nor the goal cancelled that it leads to');
SET CONSTRAINTS ALL DEFERRED;

-- ---------------------------------------------------------------------------------------
-- Looking back
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = '2026-09-20' WHERE key = 'today';
SELECT unlink_goals(pg_temp.id('A'), pg_temp.id('B'));
SELECT is((SELECT count(*) FROM link_as_of(day_end('2026-09-19')) l WHERE l.from_goal_id = pg_temp.id('A') AND l.to_goal_id = pg_temp.id('B')), 1::bigint,
	'A link that was dropped is still there the day before');

SELECT * FROM finish();
ROLLBACK;
