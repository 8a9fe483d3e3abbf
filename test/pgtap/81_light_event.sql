/*
 * Changes of lights, found once each.
 */
BEGIN;
\ir fixture/small.sql
SELECT plan(17);

UPDATE setting SET value = '2026-07-10' WHERE key = 'today';
INSERT INTO cycle (code, kind, starts_on, ends_on, state) VALUES ('W', 'sprint', '2026-07-01', '2026-09-30', 'active');
SELECT add_goal('W', 'E1', 'objective', 'O', 100, goal_no => 'O'), add_goal('W', 'E2', 'milestone', 'M', 100, 'O', due_on => '2026-09-10', goal_no => 'M'),
	add_goal('W', 'E3', 'kpi', 'K', 100, goal_no => 'K');
SELECT pg_temp.activate_all();
CREATE FUNCTION pg_temp.events(since timestamptz DEFAULT '-infinity') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(concat_ws(' ', g.goal_no, coalesce(e.old_light, '-'), e.new_light, CASE WHEN e.computed_light <> e.new_light THEN '(' || e.computed_light || ')' END),
			', ' ORDER BY e.at, g.goal_no)
		FROM light_event e JOIN goal g ON g.goal_id = e.goal_id WHERE e.at >= since);
END; $$;
CREATE FUNCTION pg_temp.pin(day date) RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE setting SET value = day::text WHERE key = 'today'; END; $$;

SELECT is(watch_lights(day_end('2026-07-10')), 3::bigint, 'Whoever is seen first has an event');
SELECT is(pg_temp.events(), 'K - grey, M - grey, O - red', 'with no light before');
SELECT is(watch_lights(day_end('2026-07-10')), 0::bigint, 'Looking twice changes nothing');
SELECT is(watch_lights(day_end('2026-07-09')), 0::bigint, 'nor does looking back');
SELECT is(watch_lights(day_end('2026-07-11')), 0::bigint, 'A day on which nothing changes leaves no trace');
SELECT pg_temp.pin('2026-07-20');
SELECT check_in(pg_temp.id('K'), progress => 0.5);
SELECT is(watch_lights(workspace_now()), 0::bigint, 'What is recorded at a moment is not known before it');
SELECT is(watch_lights(workspace_now() + interval '1 minute'), 1::bigint, 'and then is');
SELECT is(pg_temp.events(workspace_now()), 'K grey green', 'a goal turned green');
SELECT is(watch_lights(day_end('2026-07-28')), 1::bigint, 'Silence turns it yellow');
SELECT is(pg_temp.events('2026-07-25'), 'K green yellow (green)', 'though its progress would do');
SELECT is(watch_lights(day_end('2026-09-10') - interval '1 second'), 2::bigint, 'On a due day the milestone turns red');
SELECT is(pg_temp.events('2026-09-01'), 'K yellow red, M grey red', 'and a goal that stood still');
SELECT pg_temp.pin('2026-09-11');
SELECT complete_goal(pg_temp.id('M'), '2026-09-11'), cancel_goal(pg_temp.id('K'), 'Dropped');
SELECT is(watch_lights(workspace_now() + interval '1 minute'), 3::bigint, 'All lights change');
SELECT is(pg_temp.events(workspace_now()), 'K red grey, M red green, O red green', 'done green, cancelled grey');
SELECT is((SELECT count(*) FROM light_event e WHERE e.old_light IS DISTINCT FROM (
		SELECT p.new_light FROM light_event p WHERE p.goal_id = e.goal_id AND p.at < e.at ORDER BY p.at DESC LIMIT 1)), 0::bigint, 'Each event begins where the one before ended');
SELECT throws_ok($$DELETE FROM light_event$$, '55000', 'a change of a light is never changed or deleted', 'They stay');
SELECT throws_ok($$SELECT watch_lights(NULL)$$, '22023', 'nothing can be watched at (null)', 'A moment is needed');

SELECT * FROM finish();
ROLLBACK;
