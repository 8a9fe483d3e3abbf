/*
 * Silence: who is told after how many days, who next, and what ends it, with
 * the clock at the edges.
 */
BEGIN;
SELECT no_plan();
\ir fixture/silence.sql

SELECT pg_temp.says('S' || n, '2026-07-03 17:00+08') FROM generate_series(2, 5) AS n \g /dev/null

-- ---------------------------------------------------------------------------------------
-- Days of silence
-- ---------------------------------------------------------------------------------------
SELECT is(silence_days('S3', '2026-07-03 23:59+08'), 0, 'On the day of the check-in the silence is 0 days');
SELECT is(silence_days('S3', '2026-07-10 17:00:00+08'), 7, 'Exactly 7 days and 0 seconds later 7');
SELECT is(silence_days('S3', '2026-07-10 23:59:59.999999+08'), 7, 'and so to the end of that day');
SELECT is(silence_days('S3', '2026-07-11 00:00+08'), 8, 'From midnight on it is 8');
SELECT is(silence_days('S3', '2026-07-03 17:00+08'), 2, 'A check-in counts from just after its moment: before, the goal''s first day does');
SELECT is(silence_days('S3', '2026-07-03 17:00:00.000001+08'), 0, 'and then not any more');
SELECT is(silence_days('S3', '2026-07-01 00:00+08'), 0, 'On the first day of the first goal it is 0');
SELECT is(silence_days('S3', '2026-06-29 12:00+08'), NULL, 'Before the goal was known nobody waited');
SELECT is(silence_days('H', '2026-07-10 12:00+08'), NULL, 'Without live goals nobody is silent');
SELECT throws_ok($$SELECT silence_days('S9')$$, 'P0002', 'employee "S9" does not exist');
SELECT pg_temp.says('S2', '2026-07-09 10:00+08', 'G3') \g /dev/null
SELECT is(silence_days('S3', '2026-07-10 12:00+08'), 7, 'What the manager writes on the goal breaks no silence');
SELECT is(silence_days('S2', '2026-07-10 12:00+08'), 1, 'but the manager''s own');

-- a check-in at 00:30 in Shanghai is of the day before in UTC
SELECT pg_temp.says('S5', '2026-07-08 00:30+08') \g /dev/null
SELECT is(silence_days('S5', '2026-07-15 23:30+08'), 7, 'The workspace''s zone decides on the day, not UTC: 7 days');
SELECT is(silence_days('S5', '2026-07-16 00:30+08'), 8, 'become 8 at midnight there');

-- ---------------------------------------------------------------------------------------
-- The person, then the manager
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.says('S4', '2026-07-10 18:00+08') \g /dev/null
SELECT is(remind('2026-07-10 17:00+08'), 0::bigint, 'At 7 days nobody is told, though it is 17:00 again');
SELECT is(remind('2026-07-10 17:59+08'), 0::bigint, 'nor whoever checks in every Friday an hour later');
SELECT is(remind('2026-07-11 10:00+08'), 0::bigint, 'On Saturday nobody is told');
SELECT is(remind('2026-07-13 08:59:59+08'), 0::bigint, 'nor before waking hours');
SELECT is(remind('2026-07-13 10:00+08'), 1::bigint, 'The first tick in waking hours tells the person, who has been silent for 10 days by then');
SELECT is(pg_temp.told(), '07-13 10:00 S3>S3', 'and nobody else');
SELECT is(body, 'Three, your last check-in was 10 days ago, on 2026-07-03. Please report where your goals stand and what holds you up.', 'It says how long')
	FROM inbox WHERE kind = 'silence_reminder';
SELECT is(remind('2026-07-13 10:00+08'), 0::bigint, 'The same tick again tells nobody');
SELECT is(remind('2026-07-13 10:10+08'), 0::bigint, 'nor the next one');
SELECT is(silence_days('S3', '2026-07-13 11:00+08'), 10, 'The reminder does not reset the clock');
SELECT is(remind('2026-07-15 09:59:59.999999+08'), 0::bigint, 'Up to 48 hours nothing more is said');
SELECT is(remind('2026-07-15 10:00+08'), 1::bigint, 'At 48 hours exactly the manager is');
SELECT is(pg_temp.told(), '07-13 10:00 S3>S3, 07-15 10:00 S3>S2', 'the direct one; that nobody has logged in for weeks changes nothing');
SELECT is(body, 'Three (S3) has not checked in for 12 days and has not answered the reminder of 2026-07-13 10:00. Please ask whether help is needed.', 'with all that has to be known')
	FROM inbox WHERE kind = 'silence_escalation';
SELECT is(remind('2026-07-15 17:59+08'), 0::bigint, 'Then nothing more is said');
SELECT results_eq($$SELECT employee_no, employee, silent_since, reminded_at, escalated_at, escalated_to, closed_at FROM reminder_episode$$,
	$$VALUES ('S3'::varchar, 'Three'::varchar, '2026-07-03'::date, '2026-07-13 10:00+08'::timestamptz, '2026-07-15 10:00+08'::timestamptz, 'S2'::varchar, NULL::timestamptz)$$,
	'The episode shows it');
SELECT pg_temp.says('S3', '2026-07-16 08:30+08') \g /dev/null
SELECT is(closed_at, '2026-07-16 08:30+08', 'An own check-in closes it in the same transaction') FROM reminder_episode;

-- the others: S2 has been silent since 07-09, S4 since 07-10, S5 since 07-08
SELECT is(remind('2026-07-16 09:00+08'), 1::bigint, 'S5 is silent for 8 days');
SELECT is(pg_temp.silences(), 'S3 07-03 07-13 07-15>S2 07-16 08:30, S5 07-08 07-16 - open', 'the check-in at 00:30 being of the 8th');
SELECT pg_temp.says('S5', '2026-07-17 20:00+08') \g /dev/null
SELECT is(remind('2026-07-20 09:00+08'), 2::bigint, 'On Monday S2 and S4 are silent, and S5 has answered');
SELECT is(pg_temp.silences(),
	'S2 07-09 07-20 - open, S3 07-03 07-13 07-15>S2 07-16 08:30, S4 07-10 07-20 - open, S5 07-08 07-16 - 07-17 20:00', 'so that nobody is told of S5');

-- ---------------------------------------------------------------------------------------
-- An outage of days
-- ---------------------------------------------------------------------------------------
SELECT is(remind('2026-07-24 14:00+08'), 3::bigint, 'After four days without a tick: S2 and S4 are escalated, S3 is reminded');
SELECT is((SELECT count(*) FROM pg_temp.told WHERE made = '2026-07-24 14:00' AND about = 'S3'), 1::bigint, 'and each of them makes one message');
SELECT is(remind('2026-07-24 14:10+08'), 0::bigint, 'Nothing follows');
SELECT is(remind('2026-07-25 14:00+08') + remind('2026-07-27 09:00+08'), 2::bigint, 'S3 is escalated two days after the message, not after the silence; S5 is silent again and reminded anew');
SELECT is(pg_temp.silences(),
	'S2 07-09 07-20 07-24>S1 open, S3 07-03 07-13 07-15>S2 07-16 08:30, S3 07-16 07-24 07-27>S2 open, S4 07-10 07-20 07-24>S2 open, S5 07-08 07-16 - 07-17 20:00, S5 07-17 07-27 - open',
	'A new silence is an episode of its own');

-- ---------------------------------------------------------------------------------------
-- A tick for an earlier moment
-- ---------------------------------------------------------------------------------------
CREATE TEMPORARY TABLE before AS SELECT pg_temp.silences() AS silences, pg_temp.told() AS told;
SELECT is(remind('2026-07-21 10:00+08') + remind('2026-07-13 10:00+08') + remind('2026-07-22 10:00+08'), 0::bigint, 'Earlier moments make no messages for whoever was reminded later');
SELECT is(pg_temp.silences(), silences, 'and undo nothing') FROM before;
SELECT is(pg_temp.told(), told, 'at all') FROM before;
SELECT is(remind('2026-07-27 09:00+08'), 0::bigint, 'Nor does the newest one come again');

-- ---------------------------------------------------------------------------------------
-- Answers that come late into the system
-- ---------------------------------------------------------------------------------------
INSERT INTO check_in (goal_id, employee_id, at, recorded_at, progress)
	SELECT goal_id_of('G2'), employee_id_of('S2'), '2026-07-14 10:00+08', '2026-07-28 08:00+08', 0.2;
SELECT is(closed_at, '2026-07-28 08:00+08', 'A back-dated check-in is an act of the day on which it is made') FROM reminder_episode WHERE employee_no = 'S2';
SELECT is(silence_days('S2', '2026-07-28 09:00+08'), 0, 'so that nobody who has just answered is told again');
SELECT pg_temp.says('S4', '2026-07-19 10:00+08') \g /dev/null
SELECT is(closed_at, opened_at, 'A check-in of before that was missing closes an episode at its beginning') FROM reminder WHERE employee_id = employee_id_of('S4');
SELECT is(remind('2026-07-28 09:00+08'), 1::bigint, 'The silence since then is another one, and S4 is told of it');

-- closing by the tick: the check-in was there before the episode, but the tick did not know it yet
UPDATE reminder SET closed_at = NULL WHERE employee_id = employee_id_of('S2');
SELECT is(remind('2026-07-28 23:00+08'), 0::bigint, 'A tick at night says nothing');
SELECT is(closed_at, '2026-07-28 08:00+08', 'but closes what a check-in answered') FROM reminder_episode WHERE employee_no = 'S2';

SELECT throws_ok($$SELECT remind(NULL)$$, '22023', 'nobody can be reminded at (null)');
SELECT throws_ok($$SELECT remind('infinity')$$, '22023', 'nobody can be reminded at infinity');

SELECT * FROM finish();
ROLLBACK;
