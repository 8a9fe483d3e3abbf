/* Rewards for weeks kept in a row: blocks, never twice, revoked and given back. */
BEGIN;
\ir fixture/small.sql
SELECT no_plan();

UPDATE setting SET value = '2026-01-05' WHERE key = 'today';
INSERT INTO cycle (code, kind, starts_on, ends_on, state, recorded_from) VALUES ('LONG', 'sprint', '2025-01-01', '2027-12-31', 'active', '-infinity');
-- Somebody whose weeks from 2026-08-03 on are given as letters: kept, missed, late, x on leave.
CREATE FUNCTION pg_temp.person(no text, weeks text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM hire(no, no, 'KS-A', 'E1', '2020-01-01');
	INSERT INTO goal (goal_no, cycle_id, owner_id, department_id, kind, title, weight, starts_on, due_on, state, recorded_from)
		SELECT no, cycle_id_of('LONG'), employee_id_of(no), department_id_of('KS-A'), 'kpi', no, 100, '2026-08-03', '2027-12-31', 'active', '-infinity';
	INSERT INTO task (task_no, goal_id, owner_id, title) SELECT no, goal_id_of(no), employee_id_of(no), no;
	WITH week AS (
		SELECT c, '2026-08-03'::date + 7 * (n - 1)::integer AS week_on FROM string_to_table(weeks, NULL) WITH ORDINALITY AS w(c, n)
	), away AS (
		INSERT INTO leave (employee_id, during, recorded_at) SELECT employee_id_of(no), daterange(week_on, week_on + 7), '2026-08-01' FROM week WHERE c = 'x'
	), reported AS (
		INSERT INTO check_in (goal_id, employee_id, at, note, recorded_at)
			SELECT goal_id_of(no), employee_id_of(no), at, 'x', at
				FROM week, LATERAL (SELECT (week_on + CASE c WHEN 'l' THEN 5 ELSE 2 END + time '12:00') AT TIME ZONE 'Asia/Shanghai' AS at) AS t WHERE c IN ('k', 'l')
			RETURNING check_in_id
	), ticked AS (
		INSERT INTO check_in_task SELECT r.check_in_id, t.task_id FROM reported r, task t WHERE t.task_no = no
	)
	INSERT INTO check_in_photo (check_in_id, photo_no, uri) SELECT r.check_in_id, 1, 'p' FROM reported r;
END $$;
-- The blocks of somebody's rewards that hold, as numbers of weeks from 2026-08-03 on.
CREATE FUNCTION pg_temp.blocks(no text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN (SELECT string_agg(format('%s-%s', (block_on - '2026-08-03'::date) / 7 + 1, (last_week_on - '2026-08-03'::date) / 7 + 1), ' ' ORDER BY block_on)
		FROM reward WHERE employee_id = employee_id_of(no) AND status = 'earned');
END $$;

SELECT pg_temp.person(v.no, v.weeks) FROM (VALUES ('K3', 'kkk'), ('K4', 'kkkk'), ('K5', 'kkkkk'), ('K8', 'kkkkkkkk'), ('K9', 'kkkkkkkkk'), ('B3', 'kkkmkkkk'), ('B33', 'kkkmkkkm'),
	('LATE', 'kkklkkkk'), ('X1', 'kkxkk'), ('X2', 'xkxkxkxk'), ('X3', 'kkxmkk'), ('B44', 'kkkkmkkkk')) AS v(no, weeks) \g /dev/null

-- ---------------------------------------------------------------------------------------
-- Blocks
-- ---------------------------------------------------------------------------------------
-- the fourth week is that of 2026-08-24, due on the 28th
SELECT is(reward_streaks('2026-08-28 23:59:59+08'), 0::bigint, 'Three weeks and a running one earn nothing yet');
SELECT is(reward_streaks('2026-08-29 00:00+08'), 5::bigint, 'When the fourth week is over, four in a row are rewarded');
SELECT results_eq($$SELECT e.employee_no::text, w.block_on, w.last_week_on, w.days, w.status::text, w.earned_at FROM reward w JOIN employee e USING (employee_id) WHERE e.employee_no IN ('K4', 'K9') ORDER BY 1$$,
	$$VALUES ('K4', '2026-08-03'::date, '2026-08-24'::date, 0.50, 'earned', '2026-08-29 00:00+08'::timestamptz), ('K9', '2026-08-03', '2026-08-24', 0.50, 'earned', '2026-08-29 00:00+08')$$, 'with half a day each');
SELECT is(count(*), 5::bigint, 'One row is one reward: the first is not doubled') FROM reward;
SELECT is(reward_streaks('2026-08-29 00:00+08'), 0::bigint, 'A second run gives nothing');
DELETE FROM award_run;
SELECT is(reward_streaks('2026-08-29 00:00+08'), 0::bigint, 'also where it does not know of the first');
SELECT is(reward_streaks('2026-09-05 00:00+08'), 1::bigint, 'The excused week moves one person''s fourth week to the fifth, and the fifth week of the others earns nothing');
SELECT is(pg_temp.blocks('X1'), '1-5', 'its block spans the excused week');
SELECT is(reward_streaks('2026-09-18 12:00+08'), 0::bigint, 'Weeks six and seven earn nothing');
SELECT is(reward_streaks('2026-10-17 00:00+08'), 6::bigint, 'The eighth and ninth do');
SELECT results_eq($$SELECT no, pg_temp.blocks(no) FROM unnest('{K3,K4,K5,K8,K9,B3,B33,LATE,X1,X2,X3,B44}'::text[]) AS no$$,
	$$VALUES ('K3', NULL), ('K4', '1-4'), ('K5', '1-4'), ('K8', '1-4 5-8'), ('K9', '1-4 5-8'), ('B3', '5-8'), ('B33', NULL), ('LATE', '5-8'), ('X1', '1-5'), ('X2', '2-8'), ('X3', NULL), ('B44', '1-4 6-9')$$,
	'Blocks do not overlap, begin anew after a missed or late week, and step over excused ones');
SELECT results_eq($$SELECT employee_id, (streak(kept, is_excused, week_on)).blocks FROM check_in_week_at('2026-10-16') GROUP BY 1 HAVING (streak(kept, is_excused, week_on)).blocks > 0 ORDER BY 1$$,
	$$SELECT employee_id, count(*)::integer FROM reward WHERE status = 'earned' GROUP BY 1 ORDER BY 1$$, 'There are as many as the aggregate streak() counts blocks');
SELECT throws_ok($$INSERT INTO reward (reward_rule_id, employee_id, block_on, last_week_on, days, earned_at, recorded_from)
	SELECT reward_rule_id, employee_id, '2026-08-24', '2026-09-14', 0.5, '2026-10-01', '2026-10-01' FROM reward WHERE employee_id = employee_id_of('K4')$$, '23P01', NULL,
	'Blocks of one person that share a week are refused, whoever writes them');

-- ---------------------------------------------------------------------------------------
-- Messages
-- ---------------------------------------------------------------------------------------
SELECT results_eq($$SELECT body::text, created_at FROM message WHERE kind = 'reward_earned' AND recipient_id = employee_id_of('K4')$$,
	$$VALUES ('K4, you have checked in on time 4 weeks in a row and earned: half a day off.', '2026-08-29 00:00+08'::timestamptz)$$, 'The person is told once');
SELECT is(count(*), 2::bigint, 'and again for another block') FROM message WHERE kind = 'reward_earned' AND recipient_id = employee_id_of('K8');

-- ---------------------------------------------------------------------------------------
-- Revoked, given back
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = '2026-10-20' WHERE key = 'today';
SELECT decide_week('K8', '2026-08-12', 'withdrawn', 'An old photo', 'E1') \g /dev/null
SET LOCAL datestyle = 'German';
SELECT is(reward_streaks('2026-10-21 00:00+08'), 3::bigint, 'A week withdrawn changes every block after it');
SET LOCAL datestyle = 'ISO';
SELECT is(pg_temp.blocks('K8'), '3-6', 'The blocks are counted anew from the week after it');
SELECT results_eq($$SELECT block_on, status::text, revoked_at, revoked_because::text FROM reward WHERE employee_id = employee_id_of('K8') ORDER BY 1$$,
	$$VALUES ('2026-08-03'::date, 'revoked', '2026-10-21 00:00+08'::timestamptz, 'the week of 2026-08-10 no longer counts (An old photo)'), ('2026-08-17', 'earned', NULL, NULL),
		('2026-08-31', 'revoked', '2026-10-21 00:00+08', 'its weeks are no longer a block of weeks kept in a row')$$, 'Those that no longer hold are revoked, with the reason, not deleted');
SELECT is(count(*), 2::bigint, 'and the person is told') FROM message WHERE kind = 'reward_revoked' AND recipient_id = employee_id_of('K8');
SELECT is(reward_streaks('2026-10-21 00:00+08'), 0::bigint, 'once');
SELECT results_eq($$SELECT block_on, status::text FROM reward_as_of('2026-10-18') WHERE employee_id = employee_id_of('K8') ORDER BY 1$$,
	$$VALUES ('2026-08-03'::date, 'earned'), ('2026-08-31', 'earned')$$, 'What had been earned before can still be read');
UPDATE setting SET value = '2026-10-22' WHERE key = 'today';
SELECT decide_week('K8', '2026-08-12', 'none', 'It was the right one', 'E1') \g /dev/null
SELECT is(reward_streaks('2026-10-23 00:00+08'), 3::bigint, 'When the week counts again');
SELECT is(pg_temp.blocks('K8'), '1-4 5-8', 'the rewards are given back, and the one in between is revoked');
SELECT is(count(*), 3::bigint, 'in the same rows') FROM reward WHERE employee_id = employee_id_of('K8');
SELECT is(count(*), 3::bigint, 'Nobody is told a second time of the same reward') FROM message WHERE kind = 'reward_earned' AND recipient_id = employee_id_of('K8');
SELECT decide_week('B33', '2026-08-26', 'kept', 'The line was down', 'E1') \g /dev/null
SELECT is(reward_streaks('2026-10-24 00:00+08'), 1::bigint, 'An approver''s exception mends a streak');
SELECT is(pg_temp.blocks('B33'), '1-4', 'and earns the reward');
UPDATE setting SET value = '2026-10-24' WHERE key = 'today';
SELECT decide_week('B33', '2026-08-26', 'none', 'It was not', 'E2') \g /dev/null
SELECT is(reward_streaks('2026-10-25 00:00+08'), 1::bigint, 'Withdrawing the exception');
SELECT is(pg_temp.blocks('B33'), NULL, 'revokes it');
SELECT decide_week('K5', '2026-08-12', 'excused', 'Was ill after all', 'E1') \g /dev/null
SELECT is(reward_streaks('2026-10-26 00:00+08'), 1::bigint, 'A week excused afterwards');
SELECT is(pg_temp.blocks('K5'), '1-5', 'is no part of the block, which the next one completes');

-- ---------------------------------------------------------------------------------------
-- Any order, any time
-- ---------------------------------------------------------------------------------------
SELECT is(reward_streaks('2026-08-30 00:00+08'), 0::bigint, 'A run for an earlier moment takes nothing back');
DELETE FROM award_run;
CREATE TEMPORARY TABLE given AS SELECT reward_rule_id, employee_id, block_on, last_week_on, days, status FROM reward;
ALTER TABLE reward DISABLE TRIGGER USER;
DELETE FROM reward;
ALTER TABLE reward ENABLE TRIGGER USER;
SELECT is(reward_streaks('2026-10-26 00:00+08'), 12::bigint, 'One run after a long outage');
SELECT results_eq($$SELECT * FROM given WHERE status = 'earned' ORDER BY employee_id, block_on$$,
	$$SELECT reward_rule_id, employee_id, block_on, last_week_on, days, status FROM reward ORDER BY employee_id, block_on$$, 'gives what all the runs had given');
SELECT pg_temp.person('OUT', 'kkkkkkkkkkkk') \g /dev/null
INSERT INTO import_log (kind, records, accepted, unchanged, rejected, dry_run) VALUES ('check_in', 12, 12, 0, 0, false);
SELECT is(reward_streaks('2026-10-26 00:00+08'), 3::bigint, 'Weeks that an import brings are found although nothing else has changed');
SELECT results_eq($$SELECT body::text FROM message WHERE recipient_id = employee_id_of('OUT')$$,
	$$VALUES ('OUT, you have checked in on time 4 weeks in a row and earned: half a day off × 3.')$$, 'Several at once are one message');

-- ---------------------------------------------------------------------------------------
-- Rules are rows
-- ---------------------------------------------------------------------------------------
SELECT throws_ok($$UPDATE reward_rule SET days = 1$$, '55000', 'rule "four_weeks" has given rewards, so its terms cannot change', 'The terms of a rule that has given rewards stay');
UPDATE reward_rule SET until_on = '2026-09-06' WHERE code = 'four_weeks';
INSERT INTO reward_rule (code, title_zh, title_en, block_weeks, days, from_on) VALUES ('three', '三周', 'a day off', 3, 1, '2026-09-07');
SELECT is(reward_streaks('2026-10-27 00:00+08'), 15::bigint, 'A new rule counts from its first week, an ended one to its last');
SELECT results_eq($$SELECT r.code::text, w.block_on, w.days, w.status::text FROM reward w JOIN reward_rule r USING (reward_rule_id) WHERE employee_id = employee_id_of('OUT') ORDER BY 1, 2$$,
	$$VALUES ('four_weeks', '2026-08-03'::date, 0.50, 'earned'), ('four_weeks', '2026-08-31', 0.50, 'revoked'), ('four_weeks', '2026-09-28', 0.50, 'revoked'),
		('three', '2026-09-07', 1.00, 'earned'), ('three', '2026-09-28', 1.00, 'earned')$$, 'each with its own terms');
SELECT throws_ok($$DELETE FROM reward$$, '55000', 'a reward is never deleted', 'Rewards are not deleted');
SELECT throws_ok($$SELECT reward_streaks(NULL)$$, '22023', 'streaks cannot be rewarded at (null)', 'A run needs a moment');
SELECT throws_ok($$SELECT reward_streaks('infinity')$$, '22023', 'streaks cannot be rewarded at infinity', 'that comes');

-- ---------------------------------------------------------------------------------------
-- Leavers, and what HR sees
-- ---------------------------------------------------------------------------------------
SELECT results_eq($$SELECT employee_no::text, employee::text, department::text, rewards, days, revoked, last_week_on FROM streak_reward_total WHERE employee_no IN ('OUT', 'X1') ORDER BY 1$$,
	$$VALUES ('OUT', 'OUT', 'Workshop', 3, 2.50, 2, '2026-10-12'::date), ('X1', 'X1', 'Workshop', 1, 0.50, 0, '2026-08-31'::date)$$, 'HR sees how many days everybody has earned');
SELECT results_eq($$SELECT rule::text, block_on, status::text FROM streak_reward WHERE employee_no = 'K4'$$, $$VALUES ('four_weeks', '2026-08-03'::date, 'earned')$$, 'and each reward');
SELECT pg_temp.person('GONE', 'kkkkkk') \g /dev/null
SELECT leave_company('GONE', '2026-09-12') \g /dev/null
SELECT is(reward_streaks('2026-10-28 00:00+08'), 1::bigint, 'Somebody who left keeps what was earned');
SELECT is(count(*), 0::bigint, 'and gets no message') FROM message WHERE recipient_id = employee_id_of('GONE');
UPDATE setting SET value = 'zh' WHERE key = 'locale';
SELECT pg_temp.person('ZH', 'kkkk') \g /dev/null
SELECT reward_streaks('2026-10-29 00:00+08') \g /dev/null
SELECT is(title::text, '恭喜获得奖励：额外休假半天', 'Rewards are told of in Chinese too') FROM message WHERE recipient_id = employee_id_of('ZH');

SELECT * FROM finish();
ROLLBACK;
