/*
 * Files about links, their faults, and importing them again.
 */
BEGIN;
\ir fixture/small.sql
SELECT plan(13);

/* accepted, unchanged, rejected; then record, column and code of each fault */
CREATE FUNCTION pg_temp.import(VARIADIC lines text[]) RETURNS text
	LANGUAGE plpgsql
AS $$
DECLARE
	run record;
BEGIN
	SELECT * INTO run FROM import_text('关联', array_to_string(lines, E'\n'));
	RETURN concat_ws(' ', run.accepted, run.unchanged, run.rejected,
		(SELECT string_agg(concat_ws(':', e.record_no, e.field, e.code), ' ' ORDER BY e.error_no) FROM import_error e WHERE e.run_id = run.run_id));
END;
$$;
CREATE FUNCTION pg_temp.reason(wanted integer) RETURNS text
	LANGUAGE sql STABLE
	RETURN (SELECT string_agg(e.reason, '; ' ORDER BY e.error_no) FROM import_error e WHERE e.run_id = (SELECT max(run_id) FROM import_log) AND e.record_no = wanted);
CREATE FUNCTION pg_temp.links() RETURNS text
	LANGUAGE sql STABLE
	RETURN (SELECT string_agg(concat_ws(' ', f.goal_no, t.goal_no, l.kind, l.strength, l.buffer_days), ', ' ORDER BY f.goal_no, t.goal_no)
		FROM goal_link l JOIN goal f ON f.goal_id = l.from_goal_id JOIN goal t ON t.goal_id = l.to_goal_id);

SELECT pg_temp.goal('A', 'E1', 'kpi', 100), pg_temp.goal('B', 'E2', 'kpi', 100), pg_temp.goal('C', 'E3', 'kpi', 100), pg_temp.goal('D', 'E4', 'kpi', 50),
	pg_temp.goal('X', 'E4', 'kpi', 50), pg_temp.goal('F', 'E5', 'kpi', 100);
SELECT pg_temp.activate_all();
SELECT cancel_goal(pg_temp.id('X'), 'dropped');
INSERT INTO cycle (code, kind, starts_on, ends_on, state, recorded_from) VALUES ('S1', 'sprint', '2026-08-01', '2026-08-31', 'active', '2026-08-01');
SELECT add_goal('S1', 'E2', 'kpi', 'Past', 100, goal_no => 'P');
SELECT activate_goal(pg_temp.id('P'));
SELECT close_cycle('S1');

SELECT is(pg_temp.import('目标编号,依赖目标编号,类型,强度,缓冲天数', 'A,B,requires,0.7,10', 'Ｂ,C,依赖,80%,', 'A,C,,,', 'D,A,relates,0.25,3650', 'D,B,相关,0,0'), '5 0 0',
	'Links, in the words of either language, half-width or full-width');
SELECT is(pg_temp.links(), 'A B requires 0.7 10, A C requires 1 0, B C requires 0.80 0, D A relates 0.25 3650, D B relates 0 0',
	'An empty kind is requires, an empty strength 1, an empty buffer 0');
SELECT is((SELECT count(*) FROM link_as_of('2026-07-01') l), 5::bigint, 'Imported links are known from the beginning');
SELECT is(pg_temp.import('from_goal,to_goal,kind,strength,buffer_days', 'A,B,requires,0.7,10', 'B,C,requires,0.8,0', 'A,C,,,'), '0 3 0', 'The same again changes nothing');
SELECT is(pg_temp.import('from_goal,to_goal,kind,strength,buffer_days', 'A,B,relates,0.5,10', 'A,B,requires,0.7,10'), '0 0 2 1:from_goal:exists 2:from_goal:duplicate',
	'A link that is there with other values is not overwritten, and stands in a file once');
SELECT is(pg_temp.reason(1), 'goal number A B exists already with another link kind, strength as a fraction', 'The report names what differs');
SELECT is(pg_temp.import('from_goal,to_goal,kind,strength,buffer_days', 'A,A,,,', 'A,F,,1.01,', 'B,F,,-0.1,', 'C,F,,NaN,', 'D,F,,0.5,-1', 'F,A,,0.5,1.5', 'F,B,,0.5,3651',
		'A,NONE,,,', ',F,,,', 'A,X,,,', 'X,A,,,', 'F,P,,,', 'P,F,,,', 'F,C,needs,,', 'A,F,,0.5,2'),
	'0 0 15 1:to_goal:self_link 2:strength:out_of_range 3:strength:out_of_range 4:strength:not_finite 5:buffer_days:out_of_range 6:buffer_days:out_of_range '
	'7:buffer_days:out_of_range 8:to_goal:unknown 9:from_goal:missing 10:to_goal:goal_cancelled 11:from_goal:goal_cancelled 12:to_goal:cycle_closed '
	'13:from_goal:cycle_closed 14:kind:not_word 15:from_goal:duplicate', 'Whatever cannot be a link');
SELECT is(pg_temp.import('from_goal,to_goal,kind', 'C,F,', 'F,A,', 'C,A,relates'), '2 0 1 2:refused', 'A circle is refused where it closes; what relates may go round');
SELECT is(pg_temp.reason(2), 'refused: links would form a circle: The way is F -> A -> C -> F.', 'and its way is shown');
SELECT is(pg_temp.import('from_goal,to_goal', 'F,D', 'D,C'), '1 0 1 2:refused', 'also a circle of new and old links');
SELECT throws_ok($$SELECT import_text('关联', E'from_goal,kind\nA,requires')$$, '22023', 'a file of kind "goal_link" needs the column number of the needed goal',
	'A file without the goal that is needed is refused whole');
UPDATE setting SET value = 'zh' WHERE key = 'locale';
SELECT is(pg_temp.import('from_goal,to_goal,strength', 'A,A,', 'A,F,1.5', 'A,X,'), '0 0 3 1:to_goal:self_link 2:strength:out_of_range 3:to_goal:goal_cancelled', 'The same in Chinese');
SELECT is(concat_ws(' / ', pg_temp.reason(1), pg_temp.reason(2), pg_temp.reason(3)), '目标依赖自己 / 强度 1.5 超出范围 / 目标 X 已取消', 'with Chinese reasons');

SELECT * FROM finish();
ROLLBACK;
