/*
 * Joint warnings: opened by what causes them, told to both sides once, closed
 * when both are well for a day, kept for ever.
 */
BEGIN;
\ir fixture/small.sql
SELECT plan(75);

/* S (E4) needs P (E3), which needs M (E5); all are milestones, so that nothing else moves their lights */
UPDATE setting SET value = '2026-07-10' WHERE key = 'today';
INSERT INTO cycle (code, kind, starts_on, ends_on, state) VALUES ('W', 'sprint', '2026-07-01', '2026-09-30', 'active');
SELECT add_goal('W', v.owner, 'milestone', v.no, 100, due_on => v.due_on, goal_no => v.no)
	FROM (VALUES ('M', 'E5', date '2026-09-10'), ('P', 'E3', '2026-09-20'), ('S', 'E4', '2026-09-30'), ('L', 'E2', '2026-09-30')) AS v(no, owner, due_on);
SELECT pg_temp.activate_all();
SELECT link_goals(pg_temp.id('P'), pg_temp.id('M'), buffer_days => 3), link_goals(pg_temp.id('S'), pg_temp.id('P'), strength => 0.5);

CREATE FUNCTION pg_temp.pin(day date) RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE setting SET value = day::text WHERE key = 'today'; END; $$;
CREATE FUNCTION pg_temp.evening(day date) RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RETURN day_end(day); END; $$;
CREATE FUNCTION pg_temp.warnings(only_open boolean DEFAULT true) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(concat_ws(' ', w.from_goal_no || w.to_goal_no, w.cause, coalesce(w.slack_days::text, '-'), w.closed_because), ', ' ORDER BY w.warning_id)
		FROM joint_warning w WHERE NOT only_open OR w.closed_at IS NULL);
END; $$;
CREATE FUNCTION pg_temp.told(which text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(e.employee_no, ' ' ORDER BY e.employee_no)
		FROM message m JOIN employee e ON e.employee_id = m.recipient_id
		WHERE m.kind = 'joint_warning' AND m.dedup_key LIKE format('joint\_warning:%s:%%',
			(SELECT max(w.warning_id) FROM joint_warning w WHERE w.from_goal_no || w.to_goal_no = which)));
END; $$;
CREATE FUNCTION pg_temp.warned(as_of date) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(s.goal_no || CASE WHEN s.joint_warning THEN '!' WHEN s.joint_warning IS NULL THEN '?' ELSE '' END, ' ' ORDER BY s.goal_no) FROM goal_status_at(as_of) s);
END; $$;
CREATE FUNCTION pg_temp.counted(as_of date) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(o.department_code || coalesce(o.joint_warnings::text, '?'), ' ' ORDER BY o.department_code)
		FROM department_overview_at(as_of) o WHERE o.cycle = 'W');
END; $$;

-- ---------------------------------------------------------------------------------------
-- Opening
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.warned('2026-09-09'), 'L? M? P? S?', 'As long as nobody watches, nothing is known about warnings');
SELECT is(pg_temp.counted('2026-09-09'), 'KS? KS-A? KS-B?', 'nor are there counts');
SELECT pg_temp.pin('2026-09-09');
SELECT is(watch_links(pg_temp.evening('2026-09-09')), 0::bigint, 'Nobody lags before the first due day');
SELECT is(pg_temp.warned('2026-09-09'), 'L M P S', 'which is known now');
SELECT pg_temp.pin('2026-09-11');
SELECT is(watch_links(pg_temp.evening('2026-09-10') - interval '1 second'), 1::bigint, 'On its due day the milestone is red, and its link under warning');
SELECT is(pg_temp.warnings(), 'PM upstream 7', 'The goal that is needed lags; 20 September - 3 days - 10 September leaves 7');
SELECT is(watch_links(pg_temp.evening('2026-09-10') - interval '1 second'), 0::bigint, 'Looking twice changes nothing');
SELECT is(watch_links(pg_temp.evening('2026-08-10')), 0::bigint, 'nor does looking back');
SELECT is((SELECT opened_at FROM joint_warning), pg_temp.evening('2026-09-10') - interval '1 second', 'It opened when it was seen');
SELECT is(pg_temp.told('PM'), 'E1 E2 E3 E5', 'Both owners and both managers are told');
SELECT is((SELECT count(*) FROM message), 4::bigint, 'once each');
SELECT results_eq($$SELECT title::text, body::text FROM inbox WHERE employee_no = 'E3'$$, $$VALUES ('Joint warning: Workshop and Development',
	'"P" needs "M", which is in danger: the goal that is needed lags (7 days to spare). Please agree on what to do.')$$, 'in words that say what is the matter');
SELECT is(pg_temp.warned('2026-09-10'), 'L M! P! S', 'Both goals show it');
SELECT is(pg_temp.warned('2026-09-09'), 'L M P S', 'but not on the day before');
SELECT is(pg_temp.counted('2026-09-10'), 'KS1 KS-A1 KS-B1', 'Departments count it, the one above both once');
SELECT results_eq($$SELECT link::text, from_goal::text, to_goal::text, from_department::text, to_department::text, cause::text, closed_at, slack_days, cycle::text, from_owner_no::text, to_owner_no::text
	FROM joint_warning$$, $$VALUES ('P → M', 'P', 'M', 'Workshop', 'Development', 'upstream', NULL::timestamptz, 7, 'W', 'E3', 'E5')$$, 'The view has it in words');

-- the check-in that causes it: 0.7 in 70 days leave 30 days, 11 October, and 3 days of buffer
SELECT is((SELECT count(*) FROM watch_recall), 0::bigint, 'Nothing is to be looked at again');
SELECT check_in(pg_temp.id('L'), progress => 0.1);
SELECT is(pg_temp.warnings(), 'PM upstream 7', 'A check-in on a goal without links causes none');
SELECT check_in(pg_temp.id('M'), progress => 0.7, at => '2026-09-08 12:00+08');
SELECT is(pg_temp.warnings(), 'PM both -24, SP both -14', 'A forecast that delays the whole chain opens warnings along it, in the same transaction');
SELECT is((SELECT string_agg(s.goal_no || s.forecast_on, ' ' ORDER BY s.goal_no) FROM goal_status s WHERE s.goal_no IN ('M', 'P', 'S')), 'M2026-10-11 P2026-10-14 S2026-10-14',
	'as the forecasts say');
SELECT is(pg_temp.told('SP'), 'E2 E3 E4', 'Two owners of one manager are three people');
SELECT is((SELECT count(*) FROM message), 7::bigint, 'The warning that was open already is not told again');
SELECT is(pg_temp.warned('2026-09-11'), 'L M! P! S!', 'All three show it');
SELECT is(pg_temp.counted('2026-09-11'), 'KS2 KS-A2 KS-B1', 'and departments count links, not goals');
SELECT is(watch_links(workspace_now() + interval '1 minute'), 0::bigint, 'The next to watch has nothing to add');

-- ---------------------------------------------------------------------------------------
-- Closing
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.pin('2026-09-12');
SELECT watch_links(workspace_now() - interval '1 minute');
SELECT complete_goal(pg_temp.id('M'), '2026-09-12');
SELECT is(pg_temp.warnings(), 'PM both -, SP both 10', 'Done, nobody lags any more; the warnings stay for the time being');
SELECT is((SELECT count(*) FROM link_warning WHERE calm_since_at = workspace_now()), 2::bigint, 'from now on');
SELECT is(watch_links(workspace_now() + interval '24 hours' - interval '1 microsecond'), 0::bigint, 'Not yet after a day but a microsecond');
SELECT is(watch_links(workspace_now() + interval '24 hours'), 2::bigint, 'Closed after 24 hours exactly');
SELECT is(pg_temp.warnings(false), 'PM both - calm, SP both 10 calm', 'and kept');
SELECT is((SELECT min(closed_at) FROM joint_warning), workspace_now() + interval '24 hours', 'with the moment');
SELECT is(pg_temp.warned('2026-09-12'), 'L M! P! S!', 'On that day they were still open');
SELECT is(pg_temp.warned('2026-09-14'), 'L M P S', 'later no more');
SELECT is(pg_temp.counted('2026-09-14'), 'KS0 KS-A0 KS-B0', 'and nobody counts them');

-- ---------------------------------------------------------------------------------------
-- Again, with the managers of that time; flapping
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.pin('2026-09-15');
SELECT transfer('E3', 'KS-B', 'E5', '2026-09-16');
SELECT pg_temp.pin('2026-09-20');
SELECT is(watch_links(), 2::bigint, 'Eight days later the next milestone is due');
SELECT is(pg_temp.warnings(), 'PM downstream -, SP upstream 10', 'A new warning: the one that needs the other lags');
SELECT is(pg_temp.told('PM'), 'E1 E3 E5', 'Told are the managers of the day; who is owner and manager is told once');
SELECT is((SELECT count(*) FROM joint_warning WHERE closed_at IS NULL), 2::bigint, 'One open a link');
SELECT throws_ok($$INSERT INTO link_warning (link_id, from_goal_id, to_goal_id, cause, opened_at, recorded_from)
	SELECT link_id, from_goal_id, to_goal_id, cause, opened_at, recorded_from FROM link_warning WHERE closed_at IS NULL LIMIT 1$$, '23505', NULL, 'and no second one, whoever writes');
SELECT complete_goal(pg_temp.id('P'), '2026-09-20');
SELECT is((SELECT count(*) FROM link_warning WHERE closed_at IS NULL AND calm_since_at IS NOT NULL), 2::bigint, 'Done late, calm from then on');
INSERT INTO light_override (goal_id, light, reason, author_id, from_on, until_on, recorded_at)
	SELECT pg_temp.id('P'), 'red', 'Came back', employee_id_of('E5'), '2026-09-20', '2026-09-22', workspace_now() + interval '12 hours';
SELECT is(watch_links(workspace_now() + interval '11 hours'), 0::bigint, 'A light that is declared later does not count yet');
SELECT is(watch_links(workspace_now() + interval '13 hours'), 0::bigint, 'Lagging again within the day opens nothing');
SELECT is((SELECT count(*) FROM link_warning WHERE closed_at IS NULL AND calm_since_at IS NULL), 2::bigint, 'but the day begins anew');
SELECT is(watch_links(workspace_now() + interval '25 hours'), 0::bigint, 'so that nothing closes a day after the first calm');
SELECT is((SELECT count(*) FROM message), 14::bigint, 'and nobody is told again');
SELECT is(watch_links(pg_temp.evening('2026-09-23')), 0::bigint, 'Calm again');
SELECT is(watch_links(pg_temp.evening('2026-09-24')), 2::bigint, 'for 24 hours: closed');
SELECT is((SELECT string_agg(l.link_id || ':' || l.n, ' ' ORDER BY l.link_id) FROM (SELECT link_id, count(*) AS n FROM link_warning GROUP BY link_id) l),
	(SELECT string_agg(l.link_id || ':2', ' ' ORDER BY l.link_id) FROM goal_link l), 'Each link has two warnings in its history');
SELECT throws_ok($$UPDATE link_warning SET closed_at = NULL, closed_because = NULL$$, '55000', 'a joint warning that is closed is never changed, and none is deleted', 'which nobody opens again');
SELECT throws_ok($$DELETE FROM link_warning$$, '55000', NULL, 'or takes away');

-- ---------------------------------------------------------------------------------------
-- An outage is made up for day by day
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.pin('2026-09-25');
INSERT INTO light_override (goal_id, light, reason, author_id, from_on, until_on)
	SELECT pg_temp.id('S'), 'red', 'Customer waits', employee_id_of('E5'), '2026-09-27', '2026-09-27';
SELECT is(watch_links(pg_temp.evening('2026-09-29')), 2::bigint, 'Opened on the 27th, closed on the 29th, seen at once');
SELECT results_eq($$SELECT opened_at, closed_at, cause::text FROM joint_warning ORDER BY warning_id DESC LIMIT 1$$,
	$$VALUES (pg_temp.evening('2026-09-27'), pg_temp.evening('2026-09-29'), 'downstream')$$, 'as it would have been');

-- ---------------------------------------------------------------------------------------
-- Other ends: the link, a goal, a cycle
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.pin('2026-09-30');
SELECT is(pg_temp.warnings(), NULL, 'Nothing is open');
SELECT watch_links();
SELECT is(pg_temp.warnings(), 'SP downstream -', 'The last milestone is due');
SELECT check_in(pg_temp.id('L'), progress => 0.5, at => '2026-09-29 12:00+08');
SELECT lives_ok($$SELECT link_goals(pg_temp.id('S'), pg_temp.id('L'))$$, 'A link to a goal that lags');
SELECT is(pg_temp.warnings(), 'SP downstream -, SL both -91', 'is under warning as soon as it is made');
SELECT lives_ok($$SELECT link_goals(pg_temp.id('S'), pg_temp.id('L'), 'relates')$$, 'One that only relates');
SELECT is(pg_temp.warnings(), 'SP downstream -', 'is not any more');
SELECT unlink_goals(pg_temp.id('S'), pg_temp.id('P'));
SELECT is(pg_temp.warnings(), NULL, 'nor is one that is dropped');
SELECT link_goals(pg_temp.id('S'), pg_temp.id('L'));
SELECT link_goals(pg_temp.id('S'), pg_temp.id('P'));
SELECT is(pg_temp.warnings(), 'SL both -91, SP downstream -', 'Linked again, a new warning');
SELECT cancel_goal(pg_temp.id('L'), 'Dropped');
SELECT is(pg_temp.warnings(), 'SP downstream -', 'A cancelled goal ends its warnings');
SELECT is((SELECT string_agg(closed_because, ' ' ORDER BY warning_id) FROM (SELECT warning_id, closed_because FROM link_warning ORDER BY warning_id DESC LIMIT 4) w),
	'unlinked unlinked ended', 'The reasons are kept');
SELECT close_cycle('W');
SELECT is(watch_links(workspace_now() + interval '1 minute'), 1::bigint, 'A closed cycle ends the rest');
SELECT is(pg_temp.warnings(), NULL, 'Nothing is open');
SELECT is((SELECT closed_because::text FROM link_warning ORDER BY warning_id DESC LIMIT 1), 'ended', 'because it ended');
SELECT is(pg_temp.warned('2026-09-30'), 'M P! S!', 'Frozen results keep the warning');
SELECT is(pg_temp.counted('2026-09-30'), 'KS1 KS-A1 KS-B0', 'and so do departments');

-- ---------------------------------------------------------------------------------------
-- A report on a key result moves its objective, and with it the objective's links
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.pin('2026-10-10');
INSERT INTO cycle (code, kind, starts_on, ends_on, state) VALUES ('X', 'sprint', '2026-10-01', '2026-10-31', 'active');
SELECT add_goal('X', 'E3', 'objective', 'O', 100, goal_no => 'O'), add_goal('X', 'E3', 'key_result', 'K', 100, 'O', target => 100, goal_no => 'K'),
	add_goal('X', 'E4', 'milestone', 'T', 100, goal_no => 'T'), add_goal('X', 'E5', 'kpi', 'Z', 100, target => 100, goal_no => 'Z');
SELECT pg_temp.activate_all();
SELECT check_in(pg_temp.id('K'), 50::numeric);
SELECT link_goals(pg_temp.id('T'), pg_temp.id('O'));
SELECT is(pg_temp.warnings(), NULL, 'An objective whose key result is ahead is well');
SELECT check_in(pg_temp.id('Z'), 1::numeric);
SELECT is(pg_temp.warnings(), NULL, 'A report on a goal that stands in no chain opens nothing');
SELECT check_in(pg_temp.id('K'), 1::numeric);
SELECT matches(pg_temp.warnings(), '^TO (upstream|both) ', 'one on its key result does, in the same transaction');
SELECT check_in(pg_temp.id('K'), 90::numeric);
SELECT isnt((SELECT calm_since_at FROM link_warning WHERE closed_at IS NULL), NULL, 'and the next one calms it');

-- ---------------------------------------------------------------------------------------
-- Bad input
-- ---------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT watch_links(NULL)$$, '22023', 'nothing can be watched at (null)', 'Not at no moment');
SELECT throws_ok($$SELECT watch_links('infinity')$$, '22023', 'nothing can be watched at infinity', 'nor for ever');
SELECT throws_ok($$UPDATE setting SET value = NULL WHERE key = 'joint_warning_hours'$$, '22023', NULL, 'The hours cannot be left out');
SELECT throws_ok($$UPDATE setting SET value = '-1' WHERE key = 'lag_forecast_days'$$, '22023', NULL, 'nor the days be negative');

SELECT * FROM finish();
ROLLBACK;
