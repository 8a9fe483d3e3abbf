/* Lights, silence, roll-up, and looking back. */
BEGIN;
\ir fixture/small.sql
SELECT plan(44);

/* what a goal shows today: progress, light, reason */
CREATE FUNCTION pg_temp.shows(no text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT concat_ws(' ', coalesce(trim_scale(progress)::text, '-'), light, reason) FROM goal_status WHERE goal_no = no);
END; $$;
CREATE FUNCTION pg_temp.showed(no text, as_of date) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT concat_ws(' ', coalesce(trim_scale(progress)::text, '-'), light, reason) FROM goal_status_at(as_of) WHERE goal_no = no);
END; $$;

-- the quarter has 92 days, of which 80 are over: expected is 80 / 92 = 0.869565
SELECT pg_temp.goal('A', 'E3', 'kpi', 50, baseline => 100, target => 50), pg_temp.goal('M', 'E3', 'milestone', 50, due => '2026-09-18');
SELECT pg_temp.activate_all();
SELECT is(expected, 0.869565, 'Days count inclusively, today is over') FROM goal_status WHERE goal_no = 'A';
SELECT is(expected, 1.000000, 'A milestone is expected on its due day') FROM goal_status WHERE goal_no = 'M';
SELECT is(pg_temp.shows('A'), '- red nothing reported yet', 'Nothing reported is not 0, and red after half the time');
SELECT is(pg_temp.shows('M'), '0 red due today and not done', 'A milestone is 0 until it is done');
SELECT check_in(pg_temp.id('A'), 60), check_in(pg_temp.id('M'), progress => 0.9);
SELECT is(pg_temp.shows('A'), '0.8 yellow progress 80.0%, expected 87.0%', 'Less is more where the target lies below the baseline');
SELECT is(pg_temp.shows('M'), '0 red due today and not done', 'A milestone nine tenths done is not done');
SELECT check_in(pg_temp.id('A'), 55), check_in(pg_temp.id('M'), progress => 1);
SELECT is(pg_temp.shows('A'), '0.9 green', 'Green from 95 % of what is expected');
SELECT is(pg_temp.shows('M'), '1 green', 'Reported done is done');
SELECT check_in(pg_temp.id('A'), 110);
SELECT is(pg_temp.shows('A'), '-0.2 red progress -20.0%, expected 87.0%', 'Going backwards is shown as it is');
SELECT check_in(pg_temp.id('A'), 20);
SELECT is(pg_temp.shows('A'), '1.6 green', 'and over-fulfilment too');

-- silence
SELECT pg_temp.goal('S7', 'E4', 'kpi', 40), pg_temp.goal('S8', 'E4', 'kpi', 30), pg_temp.goal('S9', 'E4', 'kpi', 30);
SELECT pg_temp.activate_all();
SELECT check_in(pg_temp.id('S7'), progress => 0.95, at => '2026-09-11 00:00+08'), check_in(pg_temp.id('S8'), progress => 0.95, at => '2026-09-10 23:59+08'),
	check_in(pg_temp.id('S9'), progress => 0.5, at => '2026-09-01 12:00+08');
SELECT is(pg_temp.shows('S7'), '0.95 green', 'Seven days of silence are not too many');
SELECT is(pg_temp.shows('S8'), '0.95 yellow no check-in for 8 days', 'Eight make green yellow');
SELECT is(pg_temp.shows('S9'), '0.5 red progress 50.0%, expected 87.0%', 'and red stays red');
SET perf_mgmt.employee = 'E2';
SELECT check_in(pg_temp.id('S8'), progress => 0.96);
RESET perf_mgmt.employee;
SELECT is(pg_temp.shows('S8'), '0.96 yellow no check-in for 8 days', 'A manager''s report does not break the owner''s silence');
INSERT INTO light_override (goal_id, light, reason, author_id, from_on, until_on)
	SELECT pg_temp.id(v.no), v.light, 'agreed', employee_id_of('E2'), '2026-09-18', '2026-09-25' FROM (VALUES ('S7', 'red'), ('S8', 'green'), ('S9', 'green')) AS v(no, light);
SELECT is(pg_temp.shows('S7'), '0.95 red declared', 'A declared light holds');
SELECT is(pg_temp.shows('S8'), '0.96 yellow no check-in for 8 days', 'but silence is never green');
SELECT is(pg_temp.showed('S7', '2026-09-17'), NULL, 'Yesterday nobody knew of goals made today');
SELECT check_in(pg_temp.id('S8'), note => 'here');
SELECT is(pg_temp.shows('S8'), '0.96 green declared', 'A word by the owner ends the silence');
UPDATE cycle SET state = 'review' WHERE code = '2026Q3';
SELECT is(pg_temp.shows('S9'), '0.5 green declared', 'In review nobody is silent');
UPDATE cycle SET state = 'active' WHERE code = '2026Q3';
SELECT throws_ok($$UPDATE light_override SET light = 'red'$$, '55000', NULL, 'A declared light is not rewritten');

-- thresholds are data
INSERT INTO indicator (code, name, green, yellow) VALUES ('EASY', 'Easy', 0.5, 0.3);
UPDATE goal SET indicator_id = indicator_id_of('EASY') WHERE goal_no = 'S9';
INSERT INTO light_override (goal_id, light, reason, author_id, from_on, until_on) SELECT pg_temp.id('S7'), 'green', 'over', employee_id_of('E2'), '2026-09-18', '2026-09-18';
SELECT is(pg_temp.shows('S7'), '0.95 green declared', 'The declaration recorded last holds');

-- roll-up
SELECT pg_temp.goal('O', 'E5', 'objective', 100), pg_temp.goal('K1', 'E5', 'key_result', 70, 'O'), pg_temp.goal('K2', 'E5', 'key_result', 30, 'O');
SELECT pg_temp.goal('T', 'E1', 'objective', 100);
SELECT pg_temp.goal('C1', 'E2', 'kpi', 60, 'T', contribution => 3), pg_temp.goal('C2', 'E2', 'kpi', 40, 'T');
SELECT pg_temp.activate_all();
SELECT is(pg_temp.shows('O'), '- red nothing reported yet', 'An objective of which nothing is reported is not known');
SELECT check_in(pg_temp.id('K1'), progress => 1.5);
SELECT is(pg_temp.shows('O'), '0.7 yellow progress 70.0%, expected 87.0%', 'Children are clamped, the silent one counts 0');
SELECT check_in(pg_temp.id('K2'), progress => -3);
SELECT is(pg_temp.shows('O'), '0.7 yellow progress 70.0%, expected 87.0%', 'and one that went backwards too');
SELECT is(score, 70.000000, 'The score rolls up by the same weights') FROM goal_status WHERE goal_no = 'O';
SELECT is(red_below, 1::bigint, 'Red ones below are counted') FROM goal_status WHERE goal_no = 'O';
SELECT check_in(pg_temp.id('C1'), progress => 1.1), check_in(pg_temp.id('C2'), progress => 0.3);
SELECT is(pg_temp.shows('T'), '0.9 green', 'Without key results all children count by contribution: (3 x 1.1 + 0.3) / 4, a KPI''s cap is 1.2');
SELECT is(silent_days, NULL, 'An objective made of others is never silent') FROM goal_status WHERE goal_no = 'T';
SELECT cancel_goal(pg_temp.id('C2'), 'dropped');
SELECT is(pg_temp.shows('T'), '1.1 green', 'A cancelled child no longer counts');

-- as then known
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE goal DISABLE TRIGGER goal_before_history;
UPDATE goal SET recorded_from = '-infinity';
ALTER TABLE goal ENABLE TRIGGER goal_before_history;
UPDATE setting SET value = '2026-09-21' WHERE key = 'today';
SELECT check_in(pg_temp.id('K2'), progress => 0.8, at => '2026-09-16 12:00+08');
SELECT is(pg_temp.showed('O', '2026-09-18'), '0.7 yellow progress 70.0%, expected 87.0%', 'A late entry does not change what was known then');
SELECT is(progress, -3::numeric, 'nor the newest report today, which holds for a later moment') FROM goal_status WHERE goal_no = 'K2';
SELECT check_in(pg_temp.id('K2'), progress => 0.8);
SELECT is(pg_temp.shows('O'), '0.94 green', 'A new one does');
SELECT is(pg_temp.showed('O', '2026-09-20'), '0.7 yellow progress 70.0%, expected 89.1%', 'and yesterday is as it was');
UPDATE goal SET weight = CASE goal_no WHEN 'K1' THEN 50 ELSE 50 END WHERE goal_no IN ('K1', 'K2');
SELECT is(pg_temp.shows('O'), '0.9 green', 'Changed weights hold at once');
SELECT is(pg_temp.showed('O', '2026-09-20'), '0.7 yellow progress 70.0%, expected 89.1%', 'and not in the past');
SELECT postpone_goal(pg_temp.id('M'), '2026-09-25', 'supplier');
SELECT is(due_on, '2026-09-25'::date, 'A postponed goal has its new due day') FROM goal_status WHERE goal_no = 'M';
SELECT is(due_on, '2026-09-18'::date, 'and had its old one before') FROM goal_status_at('2026-09-20') WHERE goal_no = 'M';
SELECT complete_goal(pg_temp.id('S9'));
SELECT is(pg_temp.showed('S9', '2026-09-18'), '0.5 yellow no check-in for 17 days', 'What is done today was silent then');

-- one person's page
SELECT results_eq($$SELECT goal_no::text, progress, light::text, red_below FROM goal_status_of('E5') ORDER BY 1$$,
	$$SELECT goal_no::text, progress, light::text, red_below FROM goal_status WHERE owner_no = 'E5' ORDER BY 1$$, 'One''s own page shows the same');
SELECT results_eq($$SELECT goal_no::text, progress, light::text FROM goal_status_of('E1')$$,
	$$SELECT goal_no::text, progress, light::text FROM goal_status WHERE owner_no = 'E1'$$, 'also for somebody whose objective others carry');
SELECT throws_ok($$SELECT * FROM goal_status_of('E99')$$, 'P0002', 'employee "E99" does not exist', 'An unknown number is named');
SELECT is_empty($$SELECT * FROM goal_status_at(NULL)$$, 'No day, no rows');

-- tasks
INSERT INTO task (goal_id, owner_id, title, state, due_on, done_at) SELECT pg_temp.id('A'), employee_id_of('E3'), v.title, v.state, v.due, v.done
	FROM (VALUES ('late', 'doing', '2026-09-20'::date, NULL::timestamptz), ('soon', 'todo', '2026-09-23', NULL), ('far', 'todo', '2026-09-30', NULL),
		('stuck', 'blocked', '2026-09-30', NULL), ('over', 'done', '2026-09-01', '2026-09-19 12:00+08'), ('some day', 'todo', NULL, NULL)) AS v(title, state, due, done);
SELECT results_eq($$SELECT task::text, light::text FROM task_board WHERE goal_no = 'A' ORDER BY 1$$,
	$$VALUES ('far', 'green'), ('late', 'red'), ('over', 'green'), ('some day', 'grey'), ('soon', 'yellow'), ('stuck', 'yellow')$$, 'The board has its own lights');
SELECT is(state::text, 'doing', 'A task done later was not done before') FROM task_board_at('2026-09-18') WHERE task = 'over';

SELECT * FROM finish();
ROLLBACK;
