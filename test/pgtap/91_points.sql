/* Points: given once, taken back as negative rows, and who leads. */
BEGIN;
\ir fixture/small.sql
SELECT no_plan();

UPDATE setting SET value = '2026-01-05' WHERE key = 'today';
ALTER TABLE assignment DISABLE TRIGGER USER;
UPDATE assignment SET recorded_from = '-infinity';
ALTER TABLE assignment ENABLE TRIGGER USER;
INSERT INTO cycle (code, kind, starts_on, ends_on, state, recorded_from) VALUES ('LONG', 'sprint', '2025-01-01', '2027-12-31', 'active', '-infinity');
ALTER TABLE cycle DISABLE TRIGGER USER;
UPDATE cycle SET state = 'active', recorded_from = '-infinity' WHERE code IN ('2026', '2026Q3', '2026-08', '2026-09');
ALTER TABLE cycle ENABLE TRIGGER USER;
-- Somebody whose weeks from 2026-08-03 on are given as letters: kept, missed, x on leave.
CREATE FUNCTION pg_temp.person(no text, weeks text, department text DEFAULT 'KS-A', manager text DEFAULT 'E1') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM hire(no, no, department, manager, '2020-01-01');
	INSERT INTO goal (goal_no, cycle_id, owner_id, department_id, kind, title, weight, starts_on, due_on, state, recorded_from)
		SELECT no, cycle_id_of('LONG'), employee_id_of(no), department_id_of(department), 'kpi', no, 100, '2026-08-03', '2027-12-31', 'active', '-infinity';
	INSERT INTO task (task_no, goal_id, owner_id, title) SELECT no, goal_id_of(no), employee_id_of(no), no;
	WITH week AS (
		SELECT c, n, '2026-08-03'::date + 7 * (n - 1)::integer AS week_on FROM string_to_table(weeks, NULL) WITH ORDINALITY AS w(c, n)
	), away AS (
		INSERT INTO leave (employee_id, during, recorded_at) SELECT employee_id_of(no), daterange(week_on, week_on + 7), '2026-08-01' FROM week WHERE c = 'x'
	), reported AS (
		INSERT INTO check_in (check_in_no, goal_id, employee_id, at, note, recorded_at)
			SELECT format('%s %s', no, n), goal_id_of(no), employee_id_of(no), at, 'x', at
				FROM week, LATERAL (SELECT (week_on + 2 + time '12:00') AT TIME ZONE 'Asia/Shanghai' AS at) AS t WHERE c = 'k'
			RETURNING check_in_id
	), ticked AS (
		INSERT INTO check_in_task SELECT r.check_in_id, t.task_id FROM reported r, task t WHERE t.task_no = no
	)
	INSERT INTO check_in_photo (check_in_id, photo_no, uri) SELECT r.check_in_id, 1, 'p' FROM reported r;
END $$;
CREATE FUNCTION pg_temp.c(no text) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT check_in_id FROM check_in WHERE check_in_no = no); END $$;
CREATE FUNCTION pg_temp.points(no text, rule text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN
	RETURN (SELECT sum(points) FROM point_entry WHERE employee_id = employee_id_of(no) AND rule_code = coalesce(rule, rule_code));
END $$;

-- in A 8 of 10 person-weeks are kept by September, in B 3 of 3, in C 4 of 5, in D 8 of 10
INSERT INTO department (code, name, parent_id) VALUES ('KS-C', 'Third', department_id_of('KS')), ('KS-D', 'Fourth', department_id_of('KS'));
SELECT pg_temp.person('A1', 'kkkkk'), pg_temp.person('A2', 'kkkmm'), pg_temp.person('B1', 'kkkxx', 'KS-B'), pg_temp.person('C1', 'kkkkm', 'KS-C'),
	pg_temp.person('D1', 'kkkkk', 'KS-D'), pg_temp.person('D2', 'kkkmm', 'KS-D', 'D1') \g /dev/null
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';

-- ---------------------------------------------------------------------------------------
-- Given once
-- ---------------------------------------------------------------------------------------
SELECT is(award_points('2026-08-07 23:00+08'), 0::bigint, 'A week that is not over earns nothing');
SELECT is(award_points('2026-08-08 00:00+08'), 6::bigint, 'The first week kept earns everybody points');
SELECT results_eq($$SELECT rule_code::text, source_key::text, turn, points, earned_on, recorded_at FROM point_entry WHERE employee_id = employee_id_of('A1')$$,
	$$VALUES ('on_time_week', '2026-08-03', 1, 10, '2026-08-07'::date, '2026-08-08 00:00+08'::timestamptz)$$, 'The first gain is not doubled');
SELECT is(award_points('2026-08-08 00:00+08'), 0::bigint, 'nor given again by a second run');
DELETE FROM award_run;
SELECT is(award_points('2026-08-08 00:00+08'), 0::bigint, 'that does not know of the first');
SET LOCAL datestyle = 'German';
DELETE FROM award_run;
SELECT is(award_points('2026-08-08 00:00+08'), 0::bigint, 'or of a client that writes days otherwise');
SET LOCAL datestyle = 'ISO';
SELECT reward_streaks('2026-09-06 00:00+08') \g /dev/null
SELECT is(award_points('2026-09-06 00:00+08'), 22::bigint, 'A run after an outage catches up: 17 weeks, 3 blocks, 2 teams');
SELECT is(pg_temp.points('A1'), 70::bigint, 'Five weeks and a block') ;
SELECT is(pg_temp.points('C1', 'streak'), 20::bigint, 'The block is one gain');
SELECT is(pg_temp.points('A2', 'streak'), NULL, 'Three weeks are none');
SELECT results_eq($$SELECT d.code::text, p.source_key::text, p.points FROM point_entry p JOIN department d USING (department_id) ORDER BY 1$$,
	$$VALUES ('KS-A', '2026-08', 100), ('KS-D', '2026-08', 100)$$, 'Teams that tie are rewarded alike; a better rate of too few weeks is none');
SELECT throws_ok($$INSERT INTO point_entry (rule_code, employee_id, source_key, points, earned_on, recorded_at) SELECT rule_code, employee_id, source_key, points, earned_on, recorded_at FROM point_entry LIMIT 1$$,
	'23505', NULL, 'Nothing is given twice, whoever writes it');
SELECT throws_ok($$UPDATE point_entry SET points = 20$$, '55000', 'an entry of points is never changed or deleted', 'The ledger is not changed');
SELECT throws_ok($$DELETE FROM point_entry$$, '55000', 'an entry of points is never changed or deleted', 'nor shortened');

-- ---------------------------------------------------------------------------------------
-- Taken back
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = '2026-09-07' WHERE key = 'today';
SELECT decide_week('A1', '2026-08-05', 'withdrawn', 'Old photo', 'E1') \g /dev/null
SELECT reward_streaks('2026-09-08 00:00+08') \g /dev/null
SELECT is(award_points('2026-09-08 00:00+08'), 4::bigint, 'A week withdrawn takes back its points and moves the block, and its team no longer is first');
SELECT results_eq($$SELECT rule_code::text, source_key::text, turn, points FROM point_entry WHERE recorded_at = '2026-09-08 00:00+08' ORDER BY 1, 2$$,
	$$VALUES ('on_time_week', '2026-08-03', 2, -10), ('streak', 'four_weeks 2026-08-03', 2, -20), ('streak', 'four_weeks 2026-08-10', 1, 20), ('team_on_time', '2026-08', 2, -100)$$,
	'by negative entries');
SELECT is(pg_temp.points('A1'), 60::bigint, 'The balance is the sum');
UPDATE setting SET value = '2026-09-09' WHERE key = 'today';
SELECT decide_week('A1', '2026-08-05', 'none', 'The right one', 'E1') \g /dev/null
SELECT reward_streaks('2026-09-10 00:00+08'), award_points('2026-09-10 00:00+08') \g /dev/null
SELECT is(pg_temp.points('A1'), 70::bigint, 'and given again when it counts again');
SELECT results_eq($$SELECT turn, points FROM point_entry WHERE employee_id = employee_id_of('A1') AND source_key = '2026-08-03' ORDER BY 1$$, $$VALUES (1, 10), (2, -10), (3, 10)$$, 'in three entries');
SELECT is(award_points('2026-09-10 00:00+08'), 0::bigint, 'once');
SELECT is(award_points('2026-08-20 00:00+08'), 0::bigint, 'A run for an earlier moment takes nothing back');
SELECT results_eq($$SELECT points, gains, reversals FROM point_balance WHERE employee_no = 'A1'$$, $$VALUES (70::bigint, 9, 3)$$, 'The view sums up');

-- ---------------------------------------------------------------------------------------
-- Kudos, quotas, ideas
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = '2026-09-10' WHERE key = 'today';
SELECT give_kudos(pg_temp.c('D2 1'), NULL, 'D1'), give_kudos(pg_temp.c('D2 1'), NULL, 'A1'), give_kudos(pg_temp.c('A1 1'), NULL, 'E1') \g /dev/null
SELECT is(award_points('2026-09-11 12:00+08'), 3::bigint, 'Praise earns points at the next run');
SELECT is(pg_temp.points('D2', 'kudos'), 4::bigint, 'each');
SELECT is(award_points('2026-09-11 12:00+08'), 0::bigint, 'once');
SELECT is(award_points('2026-09-13 23:00+08'), 0::bigint, 'A quota is counted when the week is over');
SELECT is(award_points('2026-09-14 00:00+08'), 1::bigint, 'and then');
SELECT results_eq($$SELECT employee_id, points, earned_on FROM point_entry WHERE rule_code = 'kudos_quota'$$, $$SELECT employee_id_of('D1'), 5, '2026-09-13'::date$$,
	'the manager of one has praised all the team; the one who praised one of many has not');
UPDATE setting SET value = '2026-09-14' WHERE key = 'today';
SELECT submit_idea('Cart', NULL, 'A2') AS idea \gset
SELECT submit_idea('Paint', NULL, 'B1') AS other \gset
SELECT decide_idea(:idea, 'adopted', 80, decider_no => 'E1'), decide_idea(:other, 'adopted', decider_no => 'E1') \g /dev/null
SELECT is(award_points('2026-09-15 00:00+08'), 2::bigint, 'Ideas that are adopted earn points');
SELECT is(pg_temp.points('A2', 'idea'), 80::bigint, 'the award, where there is one');
SELECT is(pg_temp.points('B1', 'idea'), 50::bigint, 'or what the rule says');
UPDATE setting SET value = '2026-09-15' WHERE key = 'today';
SELECT decide_idea(:idea, 'adopted', 30, decider_no => 'E1'), decide_idea(:other, 'rejected', decider_no => 'E1') \g /dev/null
SELECT is(award_points('2026-09-16 00:00+08'), 3::bigint, 'Deciding anew takes back and gives');
SELECT is(pg_temp.points('A2', 'idea'), 30::bigint, 'what was decided last');
SELECT is(pg_temp.points('B1', 'idea'), 0::bigint, 'or nothing');

-- ---------------------------------------------------------------------------------------
-- The leaderboard
-- ---------------------------------------------------------------------------------------
SELECT results_eq($$SELECT place, name::text, points, on_time_rate FROM leaderboard_at('2026-09-06') WHERE cycle = '2026Q3' AND kind = 'person'$$,
	$$VALUES (1::bigint, 'A1', 70::bigint, 1.000000), (1, 'D1', 70, 1.000000), (3, 'C1', 60, 0.800000), (4, 'A2', 30, 0.600000), (4, 'B1', 30, 1.000000), (4, 'D2', 30, 0.600000)$$,
	'Who ties shares a place, and the next is left out');
SELECT results_eq($$SELECT place, name::text, points, on_time_rate, weeks FROM leaderboard_at('2026-09-06') WHERE cycle = '2026Q3' AND kind = 'team'$$,
	$$VALUES (1::bigint, 'Fourth', 100::bigint, 0.800000, 10::bigint), (1, 'Workshop', 100, 0.800000, 10)$$, 'Teams rank by on-time rate, from eight weeks of their people on');
UPDATE setting SET value = '3' WHERE key = 'on_time_min_weeks';
SELECT results_eq($$SELECT place, name::text, on_time_rate, round(on_time_floor, 4) FROM leaderboard_at('2026-09-06', '2026-09-19 00:00+08') WHERE cycle = 'LONG' AND kind = 'team'$$,
	$$VALUES (1::bigint, 'Development', 1.000000, 0.4385), (2, 'Fourth', 0.800000, 0.4902), (2, 'Third', 0.800000, 0.3755), (2, 'Workshop', 0.800000, 0.4902)$$, 'The minimum is data; the floor of the rate says what few weeks are worth');
SELECT is(round(wilson_lower(3, 3), 4), 0.4385, 'Wilson, 3 of 3');
SELECT is(round(wilson_lower(48, 50), 4), 0.8654, 'and 48 of 50');
SELECT is(wilson_lower(0, 5), 0.000000, 'none of five');
SELECT is(wilson_lower(0, 0), NULL, 'and none at all');
SELECT results_eq($$SELECT place, name::text FROM leaderboard_at('2026-09-06') WHERE cycle = '2026-08' AND kind = 'person' AND place = 1$$,
	$$VALUES (1::bigint, 'A1'), (1, 'C1'), (1, 'D1')$$, 'A month has a board of its own');
SELECT is_empty($$SELECT * FROM leaderboard_at('2026-09-06') WHERE cycle = '2026-10'$$, 'A cycle that has not begun has none');
SELECT is(count(*), 6::bigint, 'As then known: before the week was withdrawn') FROM leaderboard_at('2026-08-08') WHERE cycle = '2026Q3' AND kind = 'person';

-- where somebody worked that week
SELECT transfer('C1', 'KS-B', 'E1', '2026-09-14') \g /dev/null
SELECT is(weeks, 6::bigint, 'Weeks count for the team of that week') FROM leaderboard_at('2026-09-16') WHERE cycle = 'LONG' AND kind = 'team' AND code = 'KS-C';
SELECT leave_company('D1', '2026-09-15') \g /dev/null
SELECT is_empty($$SELECT * FROM leaderboard_at('2026-09-16') WHERE name = 'D1' AND cycle <> '2026-08'$$, 'Who has left is left out');
SELECT isnt_empty($$SELECT * FROM leaderboard_at('2026-09-15') WHERE name = 'D1'$$, 'from the day after the last');
SELECT isnt_empty($$SELECT * FROM leaderboard_at('2026-09-16') WHERE cycle = '2026-08' AND name = 'D1'$$, 'but not of what was over by then');
SELECT results_eq($$SELECT cycle::text, kind::text, place, name::text, points FROM leaderboard WHERE cycle = '2026-09' AND kind = 'person' ORDER BY place, name$$,
	$$SELECT cycle::text, kind::text, place::integer, name::text, points FROM leaderboard_at('2026-09-15') WHERE cycle = '2026-09' AND kind = 'person'$$, 'The view is as of now');

-- ---------------------------------------------------------------------------------------
-- A closed cycle keeps its board
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = '2026-09-16' WHERE key = 'today';
CREATE TEMPORARY TABLE board AS SELECT * FROM leaderboard_at('2026-09-16', '2026-09-16 00:00+08') WHERE cycle = '2026-08';
UPDATE setting SET value = '2026-09-17' WHERE key = 'today';
SELECT close_cycle('2026-08') \g /dev/null
SELECT decide_week('C1', '2026-08-05', 'withdrawn', 'Too late', 'E1'), decide_week('A2', '2026-08-26', 'kept', 'Too late', 'E1') \g /dev/null
SELECT reward_streaks('2026-09-18 12:00+08'), award_points('2026-09-18 12:00+08') \g /dev/null
SELECT results_eq($$SELECT place, code::text, points, on_time_rate, kept, weeks FROM leaderboard_at('2026-09-18') WHERE cycle = '2026-08' AND kind = 'team' ORDER BY place, code$$,
	$$SELECT place, code::text, points, on_time_rate, kept, weeks FROM board WHERE kind = 'team' ORDER BY place, code$$, 'What is decided after the closing changes neither its rates');
SELECT results_eq($$SELECT place, code::text, points, on_time_rate FROM leaderboard_at('2026-09-18') WHERE cycle = '2026-08' AND kind = 'person' ORDER BY place, code$$,
	$$SELECT place, code::text, points, on_time_rate FROM board WHERE kind = 'person' ORDER BY place, code$$, 'nor its points');
SELECT is(kept, 3::bigint, 'while an open cycle shows it') FROM leaderboard_at('2026-09-18') WHERE cycle = '2026Q3' AND code = 'C1';
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';
SELECT reopen_cycle('2026-08', 'Wrong photo') \g /dev/null
SELECT is(kept, 3::bigint, 'as does a reopened one') FROM leaderboard_at('2026-09-18') WHERE cycle = '2026-08' AND code = 'C1';

-- ---------------------------------------------------------------------------------------
-- Rules are rows
-- ---------------------------------------------------------------------------------------
INSERT INTO point_rule (code, event, title_zh, title_en, points, from_on) VALUES ('extra', 'week_kept', '加分', 'Extra', 1, '2026-08-31');
SELECT is(award_points('2026-09-18 12:00+08'), 2::bigint, 'A new rule gives from its first day on');
UPDATE point_rule SET until_on = '2026-09-01' WHERE code = 'extra';
SELECT is(award_points('2026-09-18 12:00+08'), 2::bigint, 'Ending it before takes back');
UPDATE point_rule SET points = 99 WHERE code = 'on_time_week';
SELECT is(award_points('2026-09-18 12:00+08'), 0::bigint, 'What was given stays when the points of a rule change');
SELECT throws_ok($$SELECT award_points(NULL)$$, '22023', 'points cannot be awarded at (null)', 'A run needs a moment');

SELECT * FROM finish();
ROLLBACK;
