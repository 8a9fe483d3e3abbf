/* Check-in weeks: valid, on time, excused, open, in a row; as known at any moment. */
BEGIN;
\ir fixture/small.sql
SELECT no_plan();

-- Everybody's goals run for two years, in a sprint; the day is early.
UPDATE setting SET value = '2026-01-05' WHERE key = 'today';
INSERT INTO cycle (code, kind, starts_on, ends_on, state, recorded_from) VALUES ('LONG', 'sprint', '2025-01-01', '2027-12-31', 'active', '-infinity');
CREATE FUNCTION pg_temp.person(no text, hired date DEFAULT '2020-01-01', starts date DEFAULT '2026-08-03', department text DEFAULT 'KS-A') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM hire(no, no, department, 'E1', hired);
	INSERT INTO goal (goal_no, cycle_id, owner_id, department_id, kind, title, weight, starts_on, due_on, state, recorded_from)
		SELECT no, cycle_id_of('LONG'), employee_id_of(no), department_id_of(department), 'kpi', no, 100, starts, '2027-12-31', 'active', '-infinity';
	INSERT INTO task (task_no, goal_id, owner_id, title) SELECT no, goal_id_of(no), employee_id_of(no), no;
END $$;
CREATE FUNCTION pg_temp.report(no text, at timestamptz, task boolean DEFAULT true, photo boolean DEFAULT true, recorded timestamptz DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	key bigint;
BEGIN
	INSERT INTO check_in (goal_id, employee_id, at, note, recorded_at) SELECT goal_id_of(no), employee_id_of(no), report.at, 'x', coalesce(recorded, report.at)
		RETURNING check_in_id INTO key;
	IF task THEN
		INSERT INTO check_in_task SELECT key, t.task_id FROM task t WHERE t.task_no = no;
	END IF;
	IF photo THEN
		INSERT INTO check_in_photo (check_in_id, photo_no, uri) SELECT key, 1, 'p';
	END IF;
	RETURN key;
END $$;
-- A person's weeks from the first on, a letter each: kept, missed, x excused, ? open.
CREATE FUNCTION pg_temp.weeks(no text, as_of date, known timestamptz DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN (SELECT string_agg(CASE WHEN w.is_excused THEN 'x' WHEN w.kept THEN 'k' WHEN NOT w.kept THEN 'm' WHEN w.is_open THEN '?' ELSE '!' END, '' ORDER BY w.week_on)
		FROM check_in_week_at(as_of, employee_id_of(no), known) w);
END $$;
CREATE FUNCTION pg_temp.streaks(no text, as_of date) RETURNS integer[] LANGUAGE plpgsql AS $$ BEGIN
	RETURN (SELECT array_agg(w.streak ORDER BY w.week_on) FROM check_in_week_at(as_of, employee_id_of(no)) w);
END $$;
CREATE FUNCTION pg_temp.week(no text, on_day date, as_of date DEFAULT '2026-09-18', known timestamptz DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN (SELECT concat_ws(' ', CASE WHEN w.is_valid THEN 'valid' END, CASE WHEN w.is_on_time THEN 'on time' END, CASE WHEN w.is_late THEN 'late' END,
			CASE WHEN w.is_excused THEN 'excused' END, CASE WHEN w.is_open THEN 'open' END, CASE WHEN w.kept THEN 'kept' WHEN NOT w.kept THEN 'missed' END, 'lacks ' || w.missing)
		FROM check_in_week_at(as_of, employee_id_of(no), known) w WHERE w.week_on = week_of(on_day));
END $$;

-- ---------------------------------------------------------------------------------------
-- A valid week
-- ---------------------------------------------------------------------------------------
SELECT is(week_of('2026-09-14'), '2026-09-14'::date, 'Monday begins a week');
SELECT is(week_of('2026-09-20'), '2026-09-14'::date, 'Sunday ends it');
SELECT is(week_of('2027-01-03'), '2026-12-28'::date, 'A week does not end with the year');
SELECT is(week_of(NULL), NULL, 'NULL stays NULL');
SELECT pg_temp.person('A') \g /dev/null
SELECT is(pg_temp.week('A', '2026-09-14'), 'missed lacks task, photo', 'A week without check-ins is missed once it is due');
SELECT pg_temp.report('A', '2026-09-14 09:00+08', true, false) \g /dev/null
SELECT is(pg_temp.week('A', '2026-09-14'), 'missed lacks photo', 'A task alone is not enough');
SELECT pg_temp.report('A', '2026-09-07 09:00+08', false, true) \g /dev/null
SELECT is(pg_temp.week('A', '2026-09-07'), 'missed lacks task', 'nor is a photo');
SELECT pg_temp.report('A', '2026-09-16 09:00+08', false, true) \g /dev/null
SELECT is(pg_temp.week('A', '2026-09-14'), 'valid on time kept', 'A task in one check-in and a photo in another of the same week are');
SELECT is(w.check_ins, 2::bigint, 'Check-ins are counted') FROM check_in_week_at('2026-09-18', employee_id_of('A')) w WHERE week_on = '2026-09-14';
SELECT pg_temp.report('A', '2026-08-03 09:00+08', true, false), pg_temp.report('A', '2026-08-10 09:00+08', false, true) \g /dev/null
SELECT is(pg_temp.weeks('A', '2026-08-14'), 'mm', 'A task in one week and a photo in the next make neither valid');
INSERT INTO check_in (goal_id, employee_id, at, note, recorded_at)
	SELECT goal_id_of('A'), employee_id_of('E1'), '2026-08-19 09:00+08', 'for A', '2026-08-19 09:00+08' RETURNING check_in_id \gset
INSERT INTO check_in_task SELECT :check_in_id, task_id FROM task WHERE task_no = 'A';
INSERT INTO check_in_photo (check_in_id, photo_no, uri) SELECT :check_in_id, 1, 'p';
SELECT is(pg_temp.week('A', '2026-08-17'), 'missed lacks task, photo', 'What somebody else reports is not the person''s own');

-- ---------------------------------------------------------------------------------------
-- On time: by when it was recorded
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.person('B') \g /dev/null
SELECT pg_temp.report('B', '2026-08-07 23:59:59.999999+08'), pg_temp.report('B', '2026-08-15 00:00+08'),
	pg_temp.report('B', '2026-08-19 10:00+08', recorded => '2026-08-22 00:00+08'),
	pg_temp.report('B', '2026-08-28 10:00+08', true, false), pg_temp.report('B', '2026-08-30 23:59:59+08', false, true),
	pg_temp.report('B', '2026-08-31 00:00+08') \g /dev/null
SELECT is(pg_temp.week('B', '2026-08-03'), 'valid on time kept', 'The last moment of Friday is on time');
SELECT is(pg_temp.week('B', '2026-08-10'), 'valid late missed', 'Friday 24:00 is Saturday: late');
SELECT is(pg_temp.week('B', '2026-08-17'), 'valid late missed', 'What was recorded after Friday is late, whatever moment it holds for');
SELECT is(pg_temp.week('B', '2026-08-24'), 'valid late missed', 'A week whose photo comes on Sunday night is valid, but late');
SELECT is(pg_temp.week('B', '2026-08-31'), 'valid on time kept', 'Monday 0:00 begins the next week');
SELECT is(pg_temp.streaks('B', '2026-09-04'), '{1,0,0,0,1}', 'Late weeks break the streak');
SELECT is(pg_temp.weeks('B', '2026-08-21'), 'kmm', 'At the end of its Friday a week is decided');
SELECT pg_temp.report('B', '2026-08-12 10:00+08', recorded => '2026-09-10 10:00+08') \g /dev/null
SELECT is(pg_temp.streaks('B', '2026-09-10'), '{1,0,0,0,1,1}', 'An entry dated back mends nothing');

-- ---------------------------------------------------------------------------------------
-- The running week
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.person('C') \g /dev/null
SELECT pg_temp.report('C', '2026-08-05 10:00+08'), pg_temp.report('C', '2026-08-12 10:00+08'), pg_temp.report('C', '2026-08-21 18:00+08') \g /dev/null
SELECT is(pg_temp.week('C', '2026-08-17', '2026-08-20'), 'open lacks task, photo', 'The running week is open');
SELECT is(pg_temp.streaks('C', '2026-08-20'), '{1,2,2}', 'and does not break the streak');
SELECT is(pg_temp.weeks('C', '2026-08-21', '2026-08-21 18:00+08'), 'kk?', 'just before a check-in');
SELECT is(pg_temp.week('C', '2026-08-17', '2026-08-21', '2026-08-21 18:00:01+08'), 'valid on time open kept', 'A week that is valid counts before it is due');
SELECT is(w.streak, 3, 'also in the streak') FROM check_in_week_at('2026-08-21', employee_id_of('C'), '2026-08-21 18:00:01+08') w WHERE week_on = '2026-08-17';
SELECT is(pg_temp.weeks('C', '2026-08-28', '2026-08-28 23:59:59.999999+08'), 'kkk?', 'Until Friday 24:00 a week is open');
SELECT is(pg_temp.weeks('C', '2026-08-28', '2026-08-29 00:00+08'), 'kkkm', 'and then missed');
SELECT is(w.is_open, true, 'Seen at an earlier moment of the day it is open')
	FROM check_in_week_at('2026-08-28', employee_id_of('C'), '2026-08-29 00:00+08', '2026-08-28 10:00+08') w WHERE week_on = '2026-08-24';

-- ---------------------------------------------------------------------------------------
-- As then known
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.weeks('B', '2026-08-21', '2026-08-15 00:00+08'), 'km?', 'What was recorded later was not known');
SELECT is(pg_temp.week('B', '2026-08-10', '2026-08-14'), 'missed lacks task, photo', 'A late week was not valid in time');
SELECT is(pg_temp.weeks('B', '2026-07-31'), NULL, 'Before somebody''s first goal there is no week');
SELECT is(pg_temp.weeks('B', NULL), NULL, 'No day, no weeks');

-- ---------------------------------------------------------------------------------------
-- Excused
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.person('D') \g /dev/null
INSERT INTO leave (employee_id, during, recorded_at) VALUES
	(employee_id_of('D'), '[2026-08-10,2026-08-15)', '2026-08-01'), (employee_id_of('D'), '[2026-08-17,2026-08-21)', '2026-08-01'),
	(employee_id_of('D'), '[2026-08-24,2026-08-26)', '2026-08-01'), (employee_id_of('D'), '[2026-08-26,2026-08-29)', '2026-09-02');
SELECT pg_temp.report('D', '2026-08-05 10:00+08') \g /dev/null
SELECT is(pg_temp.weeks('D', '2026-08-21'), 'kxm', 'Leave on every working day excuses, on four of five it does not');
SELECT is(pg_temp.streaks('D', '2026-08-14'), '{1,1}', 'An excused week neither counts nor breaks');
SELECT is(pg_temp.weeks('D', '2026-08-28'), 'kxmm', 'Leave that nobody knew of excused nobody');
SELECT is(pg_temp.weeks('D', '2026-08-28', '2026-09-03 00:00+08'), 'kxmx', 'two that follow each other excuse together, from when they were recorded');
SELECT pg_temp.report('D', '2026-08-11 10:00+08') \g /dev/null
SELECT is(pg_temp.week('D', '2026-08-10', '2026-08-14'), 'valid on time excused', 'A check-in during such a leave does not count either');
INSERT INTO holiday (day, is_working, name) VALUES ('2026-08-22', true, 'made up for');
INSERT INTO leave (employee_id, during, recorded_at) VALUES (employee_id_of('D'), '[2026-08-21,2026-08-22)', '2026-08-01');
SELECT is(pg_temp.weeks('D', '2026-08-21'), 'kxm', 'A Saturday that is worked is a working day: five days of leave are not all six');
UPDATE holiday SET is_working = false;
SELECT is(pg_temp.weeks('D', '2026-08-21'), 'kxx', 'a Saturday off is none');
INSERT INTO holiday (day, name) SELECT '2026-08-31'::date + n, 'closed' FROM generate_series(0, 4) AS n;
SELECT is(pg_temp.weeks('D', '2026-09-11', '2026-09-12 00:00+08'), 'kxxxxm', 'A week without a working day excuses everybody');
UPDATE holiday SET is_working = true WHERE day = '2026-09-04';
SELECT is(pg_temp.weeks('D', '2026-09-04', '2026-09-12 00:00+08'), 'kxxxm', 'one working day in it is enough to check in on');
DELETE FROM holiday;

-- hired and left
SELECT pg_temp.person('H1', '2026-08-12'), pg_temp.person('H2', '2026-08-15'), pg_temp.person('H3', '2026-08-14'), pg_temp.person('L1'), pg_temp.person('L2') \g /dev/null
INSERT INTO leave (employee_id, during, recorded_at) VALUES (employee_id_of('H1'), '[2026-08-12,2026-08-15)', '2026-08-01');
SELECT is(pg_temp.weeks('H3', '2026-08-21'), 'xmm', 'Before the hiring all is excused; who starts on a Friday can check in on it');
SELECT is(pg_temp.weeks('H2', '2026-08-21'), 'xxm', 'Who starts on a Saturday has no working day in that week');
SELECT is(pg_temp.weeks('H1', '2026-08-21'), 'xxm', 'Leave on every day that is left of the week excuses');
UPDATE setting SET value = '2026-08-20' WHERE key = 'today';
SELECT leave_company('L1', '2026-08-26'), leave_company('L2', '2026-08-16') \g /dev/null
SELECT is(pg_temp.weeks('L1', '2026-09-11'), 'mmmmxx', 'After the last day all is excused, the week of it is not');
SELECT is(pg_temp.weeks('L2', '2026-08-28'), 'mmxx', 'Who left on a Sunday is gone on Monday');
SELECT is(pg_temp.weeks('L2', '2026-08-19'), 'mm?', 'As long as nobody knew of it the weeks went on');
SELECT pg_temp.person('G', starts => '2026-08-19') \g /dev/null
SELECT is(pg_temp.weeks('G', '2026-08-28'), 'mm', 'Weeks count from the first with a live goal, also where that begins on a Wednesday');
SELECT results_eq($$SELECT week_on FROM check_in_week_at('2026-08-21', employee_id_of('G'))$$, $$VALUES ('2026-08-17'::date)$$, 'from Monday on');

-- drafts, cancelled ones, late activation
SELECT hire('X', 'X', 'KS-A', 'E1', '2020-01-01'), add_goal('LONG', 'X', 'kpi', 'X', 100, starts_on => '2026-08-03', goal_no => 'X') \g /dev/null
SELECT is(pg_temp.weeks('X', '2026-09-11'), NULL, 'A draft is no live goal');
SELECT activate_goal(goal_id_of('X')) \g /dev/null
SELECT is(pg_temp.weeks('X', '2026-09-04'), 'mmmmm', 'A goal counts from its first day, also where it was activated later');
SELECT is(pg_temp.weeks('X', '2026-08-19'), NULL, 'and was not known before');
UPDATE setting SET value = '2026-09-10' WHERE key = 'today';
SELECT cancel_goal(goal_id_of('X'), 'no more') \g /dev/null
SELECT is(pg_temp.weeks('X', '2026-09-11'), 'mmmmmm', 'Cancelling it does not undo the weeks that there were');
SELECT add_goal('LONG', 'E2', 'kpi', 'Y', 100, starts_on => '2026-11-02', goal_no => 'Y') \g /dev/null
SELECT activate_goal(goal_id_of('Y')) \g /dev/null
SELECT cancel_goal(goal_id_of('Y'), 'dropped') \g /dev/null
SELECT is(pg_temp.weeks('E2', '2026-12-04'), NULL, 'A goal cancelled before it began makes no weeks');

-- ---------------------------------------------------------------------------------------
-- Where the person worked
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = '2026-08-01' WHERE key = 'today';
SELECT pg_temp.person('M') \g /dev/null
UPDATE setting SET value = '2026-09-10' WHERE key = 'today';
SELECT transfer('M', 'KS-B', 'E1', '2026-08-21') \g /dev/null
SELECT results_eq($$SELECT w.week_on, d.code::text FROM check_in_week_at('2026-09-10', employee_id_of('M')) w LEFT JOIN department d USING (department_id) WHERE w.week_on < '2026-08-31' ORDER BY 1$$,
	$$VALUES ('2026-08-03'::date, 'KS-A'), ('2026-08-10', 'KS-A'), ('2026-08-17', 'KS-B'), ('2026-08-24', 'KS-B')$$, 'The department of a week is the one on its due day');
SELECT results_eq($$SELECT w.week_on, d.code::text FROM check_in_week_at('2026-08-21', employee_id_of('M'), '2026-09-01 00:00+08') w LEFT JOIN department d USING (department_id) ORDER BY 1$$,
	$$VALUES ('2026-08-03'::date, 'KS-A'), ('2026-08-10', 'KS-A'), ('2026-08-17', 'KS-A')$$, 'as then known');
SELECT results_eq($$SELECT w.week_on, d.code::text FROM check_in_week_at('2026-09-04', employee_id_of('L1'), '2026-09-11 00:00+08') w LEFT JOIN department d USING (department_id) WHERE w.week_on > '2026-08-17' ORDER BY 1$$,
	$$VALUES ('2026-08-24'::date, 'KS-A'), ('2026-08-31', NULL)$$, 'in the week of the last day the last one, after it none');
SELECT results_eq($$SELECT w.week_on, d.code::text FROM check_in_week_at('2026-08-14', employee_id_of('H2'), '2026-09-11') w LEFT JOIN department d USING (department_id) ORDER BY 1$$,
	$$VALUES ('2026-08-03'::date, NULL), ('2026-08-10', 'KS-A')$$, 'and in the week of the first day the first one');

-- ---------------------------------------------------------------------------------------
-- Rules are rows
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.person('R') \g /dev/null
SELECT pg_temp.report('R', '2026-08-05 10:00+08', true, false), pg_temp.report('R', '2026-08-12 10:00+08', true, false),
	pg_temp.report('R', '2026-08-22 10:00+08', true, false), pg_temp.report('R', '2026-08-26 10:00+08', false, true), pg_temp.report('R', '2026-09-02 10:00+08', false, false) \g /dev/null
SELECT is(pg_temp.weeks('R', '2026-09-11', '2026-09-12 00:00+08'), 'mmmmmm', 'By the default rule none of them is valid');
INSERT INTO week_rule (from_on, needs_photo, recorded_from) VALUES ('2026-08-10', false, '2026-08-09');
SELECT is(pg_temp.weeks('R', '2026-09-11', '2026-09-12 00:00+08'), 'mkmmmm', 'Without photos a task is enough, from that week on');
INSERT INTO week_rule (from_on, needs_task, needs_photo, due_weekday, recorded_from) VALUES
	('2026-08-17', true, false, 7, '2026-08-09'), ('2026-08-24', false, true, 5, '2026-08-09'), ('2026-08-31', false, false, 5, '2026-08-09');
SELECT is(pg_temp.weeks('R', '2026-09-11', '2026-09-12 00:00+08'), 'mkkkkm', 'Sunday as the due day, without tasks, without both: each from its week on');
SELECT is(w.missing::text, 'check_in', 'Where nothing is needed a check-in still is') FROM check_in_week_at('2026-09-11', employee_id_of('R')) w WHERE week_on = '2026-09-07';
SELECT is(w.due_on, '2026-08-23'::date, 'The due day is the rule''s') FROM check_in_week_at('2026-09-11', employee_id_of('R')) w WHERE week_on = '2026-08-17';
SELECT is(pg_temp.weeks('R', '2026-08-22', '2026-08-22 10:00+08'), 'mk?', 'and until then the week is open');
UPDATE week_rule SET needs_photo = true, recorded_from = '2026-09-05 12:00+08' WHERE from_on = '2026-08-10';
SELECT is(pg_temp.weeks('R', '2026-09-04'), 'mkkkk', 'A rule changed later was another one before');
SELECT is(pg_temp.weeks('R', '2026-09-05'), 'mmkkk', 'and is the new one now');
DELETE FROM week_rule;
SELECT is(pg_temp.week('A', '2026-09-14', '2026-09-20'), 'valid on time kept', 'Without any rule the default holds');
INSERT INTO week_rule (from_on, recorded_from) VALUES ('2000-01-03', '-infinity');
SELECT throws_ok($$INSERT INTO week_rule (from_on) VALUES ('2026-09-15')$$, '23514', NULL, 'A rule begins on a Monday');
SELECT throws_ok($$INSERT INTO week_rule (from_on, due_weekday) VALUES ('2026-09-14', 8)$$, '23514', NULL, 'and is due on a day of the week');

-- ---------------------------------------------------------------------------------------
-- What an approver decides
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.person('Z') \g /dev/null
SELECT pg_temp.report('Z', d) FROM unnest('{2026-08-05 10:00+08,2026-08-15 10:00+08,2026-08-19 10:00+08,2026-08-26 10:00+08}'::timestamptz[]) AS d \g /dev/null
UPDATE setting SET value = '2026-09-01' WHERE key = 'today';
SELECT is(pg_temp.weeks('Z', '2026-08-28'), 'kmkk', 'One of four is late');
SELECT isnt(decide_week('Z', '2026-08-12', 'kept', 'Network was down', 'E1'), NULL, 'An approver accepts it');
SELECT is(pg_temp.weeks('Z', '2026-08-28', '2026-09-02 00:00+08'), 'kkkk', 'It counts as kept then');
SELECT is(pg_temp.week('Z', '2026-08-12', '2026-08-28', '2026-09-02 00:00+08'), 'valid late kept', 'and is late all the same');
SELECT is(pg_temp.weeks('Z', '2026-08-28'), 'kmkk', 'As then known it was missed');
UPDATE setting SET value = '2026-09-02' WHERE key = 'today';
SELECT decide_week('Z', '2026-08-12', 'none', 'It was not', 'E1') \g /dev/null
SELECT is(pg_temp.weeks('Z', '2026-08-28', '2026-09-03 00:00+08'), 'kmkk', 'The decision is taken back');
SELECT is(pg_temp.weeks('Z', '2026-08-28', '2026-09-02 00:00+08'), 'kkkk', 'and had held until then');
UPDATE setting SET value = '2026-09-03' WHERE key = 'today';
SELECT decide_week('Z', '2026-08-12', 'excused', 'Flood', 'E1'), decide_week('Z', '2026-08-19', 'withdrawn', 'The photo was an old one', 'E1') \g /dev/null
SELECT is(pg_temp.weeks('Z', '2026-08-28', '2026-09-04 00:00+08'), 'kxmk', 'A week can be excused, and one that was kept withdrawn');
SELECT is(pg_temp.week('Z', '2026-08-19', '2026-08-28', '2026-09-04 00:00+08'), 'valid on time missed', 'What was recorded stays recorded');
SELECT decide_week('D', '2026-08-11', 'kept', 'Came in although on leave', 'E1') \g /dev/null
SELECT is(pg_temp.weeks('D', '2026-08-14', '2026-09-04 00:00+08'), 'kk', 'Somebody on leave who checked in can be given the week');
SELECT lives_ok($$SELECT decide_week('Z', '2026-12-24', 'excused', 'Plant closed', 'E1')$$, 'An excuse may lie ahead');
SELECT throws_ok($$SELECT decide_week('Z', '2026-09-07', 'kept', 'x', 'E1')$$, '22023', 'the week of 2026-09-07 cannot be decided as "kept"', 'a kept week may not');
SELECT throws_ok($$SELECT decide_week('Z', '2026-08-12', 'kept', 'x', 'Z')$$, '22023', 'a week of employee "Z" is decided by themselves', 'Nobody approves their own');
SELECT throws_ok($$SELECT decide_week('Z', '2026-08-12', 'kept', 'x')$$, '22023', 'a week of employee "Z" is decided by nobody', 'An approver is named, or acts');
SELECT set_config('perf_mgmt.employee', 'E2', true) \g /dev/null
SELECT decide_week('Z', '2026-08-05', 'none', 'x') \g /dev/null
SELECT is(approver_id, employee_id_of('E2'), 'The acting employee is the approver where none is named') FROM week_exception ORDER BY week_exception_id DESC LIMIT 1;
SELECT set_config('perf_mgmt.employee', '', true) \g /dev/null
SELECT throws_ok($$SELECT decide_week('Z', '2026-08-12', 'fine', 'x', 'E1')$$, '22023', 'a week cannot be decided as "fine"', 'The effects are four');
SELECT throws_ok($$SELECT decide_week('Z', '2026-08-12', 'kept', ' ', 'E1')$$, '22023', 'deciding a week of employee "Z" needs a reason', 'It takes a reason');
SELECT throws_ok($$SELECT decide_week('nobody', '2026-08-12', 'kept', 'x', 'E1')$$, 'P0002', 'employee "nobody" does not exist', 'an employee');
SELECT throws_ok($$SELECT decide_week('Z', NULL, 'kept', 'x', 'E1')$$, '22023', 'the week of (null) cannot be decided as "kept"', 'and a day');
SELECT throws_ok($$UPDATE week_exception SET reason = 'y'$$, '55000', 'a decision about a week is never changed or deleted', 'Decisions stay');
SELECT throws_ok($$DELETE FROM week_exception$$, '55000', 'a decision about a week is never changed or deleted', 'all of them');

-- ---------------------------------------------------------------------------------------
-- The year's end: 2026 has 53 ISO weeks
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.person('Y53', starts => '2026-12-21') \g /dev/null
SELECT pg_temp.report('Y53', d) FROM unnest('{2026-12-27 23:59+08,2026-12-28 00:00+08,2027-01-08 23:59+08}'::timestamptz[]) AS d \g /dev/null
SELECT results_eq($$SELECT week_on, is_valid, is_on_time, due_on FROM check_in_week_at('2027-01-10', employee_id_of('Y53')) ORDER BY 1$$,
	$$VALUES ('2026-12-21'::date, true, false, '2026-12-25'::date), ('2026-12-28', true, true, '2027-01-01'), ('2027-01-04', true, true, '2027-01-08')$$,
	'Weeks 52, 53 and 1 follow each other, none is lost or doubled');

-- ---------------------------------------------------------------------------------------
-- A zone whose clock changes
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = 'Europe/Berlin' WHERE key = 'time_zone';
SELECT pg_temp.person('S1', starts => '2026-03-16'), pg_temp.person('S2', starts => '2026-10-12'), pg_temp.person('S3', starts => '2026-03-16') \g /dev/null
-- 29 March is a day of 23 hours, 25 October one of 25
SELECT pg_temp.report('S1', d) FROM unnest('{2026-03-20 22:59:59Z,2026-03-27 22:59:59Z,2026-04-03 21:59:59Z}'::timestamptz[]) AS d \g /dev/null
SELECT is(pg_temp.weeks('S1', '2026-04-03'), 'kkk', 'Friday 23:59:59 is on time before and after the clock goes forward');
SELECT pg_temp.report('S3', d) FROM unnest('{2026-03-20 23:00Z,2026-03-27 23:00Z,2026-04-03 22:00Z}'::timestamptz[]) AS d \g /dev/null
SELECT is(pg_temp.weeks('S3', '2026-04-03', '2026-04-05 00:00+08'), 'mmm', 'Friday 24:00 is not');
SELECT pg_temp.report('S2', d) FROM unnest('{2026-10-16 21:59:59Z,2026-10-25 22:59:59Z,2026-10-25 23:00Z,2026-10-30 22:59:59Z}'::timestamptz[]) AS d \g /dev/null
SELECT is(pg_temp.weeks('S2', '2026-10-30'), 'kmk', 'The long Sunday belongs to the week that it ends');
SELECT results_eq($$SELECT check_ins FROM check_in_week_at('2026-10-30', employee_id_of('S2')) ORDER BY week_on$$, $$VALUES (1::bigint), (1), (2)$$, 'up to its last second');
UPDATE setting SET value = 'Asia/Shanghai' WHERE key = 'time_zone';

-- ---------------------------------------------------------------------------------------
-- Together
-- ---------------------------------------------------------------------------------------
SELECT results_eq($$SELECT w.employee_id, (streak(w.kept, w.is_excused, w.week_on)).current, (streak(w.kept, w.is_excused, w.week_on)).longest FROM check_in_week_at('2026-09-11') w GROUP BY 1 ORDER BY 1$$,
	$$SELECT w.employee_id, (array_agg(w.streak ORDER BY w.week_on DESC))[1], max(w.streak) FROM check_in_week_at('2026-09-11') w GROUP BY 1 ORDER BY 1$$,
	'The streaks are those of the aggregate streak()');
SELECT is_empty($$
	SELECT e.employee_no FROM employee e WHERE EXISTS (
		SELECT FROM (SELECT w.* FROM check_in_week_at('2026-09-11') w WHERE w.employee_id = e.employee_id) a
		FULL JOIN check_in_week_at('2026-09-11', e.employee_id) b ON b.week_on = a.week_on
		WHERE a IS DISTINCT FROM b)
$$, 'One person''s weeks are the same rows as in everybody''s');
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';
SELECT results_eq($$SELECT week_on, employee_no::text, employee::text, department::text, is_valid, is_on_time, is_excused, streak, kept, is_open, missing::text, iso_week::text
		FROM weekly_check_in WHERE employee_no = 'A' AND week_on >= '2026-09-07' ORDER BY week_on$$,
	$$VALUES ('2026-09-07'::date, 'A', 'A', 'Workshop', false, false, false, 0, false, false, 'task', '2026-W37'),
		('2026-09-14', 'A', 'A', 'Workshop', true, true, false, 1, true, true, NULL, '2026-W38')$$, 'The view shows them as of now');
SELECT is(is_open, true, 'On the due day a week is still open') FROM weekly_check_in WHERE employee_no = 'B' AND week_on = '2026-09-14';
SELECT is(missing_text('task, photo'), 'a finished task and a photo', 'What is missing is said in English');
UPDATE setting SET value = 'zh' WHERE key = 'locale';
SELECT is(missing_text('task, photo'), '完成的任务、照片', 'and in Chinese');
SELECT is(missing_text('check_in'), '打卡', 'also a mere check-in');

SELECT * FROM finish();
ROLLBACK;
