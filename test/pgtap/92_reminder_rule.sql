/*
 * Reminder rules: rows that HR changes, hours in which people are told, and
 * who is told where the one meant is not there.
 */
BEGIN;
SELECT no_plan();
\ir fixture/silence.sql

SELECT pg_temp.says('S' || n, '2026-07-03 17:00+08') FROM generate_series(2, 5) AS n \g /dev/null

-- ---------------------------------------------------------------------------------------
-- A rule is rows
-- ---------------------------------------------------------------------------------------
SELECT results_eq($$SELECT step_no, after, recipient::text, kind::text FROM reminder_step WHERE rule_code = 'silence' ORDER BY step_no$$,
	$$VALUES (1, interval '0', 'person', 'silence_reminder'), (2, interval '48 hours', 'manager', 'silence_escalation')$$,
	'Shipped: the person after 7 days, the manager 48 hours later');
SAVEPOINT rules;

UPDATE reminder_rule SET is_enabled = false WHERE code = 'silence';
SELECT is(remind('2026-07-13 10:00+08'), 0::bigint, 'A rule that is switched off tells nobody');
UPDATE reminder_rule SET is_enabled = true WHERE code = 'silence';
SELECT is(remind('2026-07-13 10:10+08'), 4::bigint, 'Switched on it holds with the next tick');
UPDATE reminder_rule SET is_enabled = false WHERE code = 'silence';
SELECT is(remind('2026-07-16 10:00+08'), 0::bigint, 'Switched off in between it goes no further');
UPDATE reminder_rule SET is_enabled = true WHERE code = 'silence';
SELECT is(remind('2026-07-16 10:10+08'), 4::bigint, 'and then where it stood');
INSERT INTO reminder_step (rule_code, step_no, after, recipient, kind) VALUES ('silence', 3, '96 hours', 'hr', 'silence_escalation');
UPDATE setting SET value = 'H' WHERE key = 'hr_employee';
SELECT is(remind('2026-07-17 17:00+08'), 0::bigint, 'A third step is one INSERT');
SELECT pg_temp.says('S5', '2026-07-18 10:00+08') \g /dev/null
SELECT is(remind('2026-07-20 10:09+08'), 0::bigint, 'Up to 96 hours after the second nothing is said');
SELECT is(remind('2026-07-20 10:10+08'), 3::bigint, 'then HR is told of those who are still silent');
SELECT is_empty($$SELECT * FROM pg_temp.told WHERE step_no = 3 AND (told <> 'H' OR about = 'S5')$$, 'and of nobody else');
SELECT is(last_step_no, 3, 'The episode shows how far it went') FROM reminder_episode WHERE employee_no = 'S3';
SELECT is(escalated_to, 'S2', 'and whom it was escalated to first') FROM reminder_episode WHERE employee_no = 'S3';
ROLLBACK TO rules;

SELECT remind('2026-07-13 10:00+08'), remind('2026-07-15 10:00+08') \g /dev/null
INSERT INTO reminder_step (rule_code, step_no, after, recipient, employee_id, kind) VALUES ('silence', 7, '0', 'employee', employee_id_of('H'), 'silence_escalation');
SELECT is(remind('2026-07-15 10:10+08'), 4::bigint, 'A new step holds for what is open already; numbers may have gaps, and a step may name somebody');
SELECT is((SELECT string_agg(DISTINCT told, ',') FROM pg_temp.told WHERE step_no = 7), 'H', 'who is told');
ROLLBACK TO rules;

UPDATE reminder_step SET after = '4 hours' WHERE rule_code = 'silence' AND step_no = 2;
SELECT is(remind('2026-07-13 10:00+08') + remind('2026-07-13 13:59+08'), 4::bigint, 'Steps may be hours apart:');
SELECT is(remind('2026-07-13 14:00+08'), 4::bigint, 'the second on the same day');
ROLLBACK TO rules;

UPDATE reminder_step SET after = '34 hours' WHERE rule_code = 'silence' AND step_no = 1;
INSERT INTO leave (employee_id, during) VALUES (employee_id_of('S4'), '[2026-07-07,2026-07-09)'), (employee_id_of('S5'), '[2026-07-11,2026-07-12)');
SELECT is(remind('2026-07-13 09:00+08'), 2::bigint, 'The first step may wait too: S2 and S3, silent from Saturday on, are told on Monday');
SELECT is(remind('2026-07-13 10:00+08') + remind('2026-07-14 09:59+08') + remind('2026-07-14 10:00+08'), 2::bigint, 'S5 and S4, who were away, later');
SELECT is(pg_temp.told(), '07-13 09:00 S2>S2, 07-13 09:00 S3>S3, 07-13 10:00 S5>S5, 07-14 10:00 S4>S4',
	'S5 became silent on Sunday, S4 on Monday, and then 34 hours pass');
ROLLBACK TO rules;

UPDATE reminder_rule SET after_days = 3 WHERE code = 'silence';
SELECT is(remind('2026-07-06 10:00+08') + remind('2026-07-07 10:00+08'), 4::bigint, 'A rule may have other days than the setting');
SELECT is((SELECT min(made::date) FROM pg_temp.told), '2026-07-07'::date, 'more than those');
ROLLBACK TO rules;
UPDATE setting SET value = '4' WHERE key = 'silence_days';
SELECT is(remind('2026-07-07 10:00+08') + remind('2026-07-08 10:00+08'), 4::bigint, 'and without them follows it');
SELECT is((SELECT min(made::date) FROM pg_temp.told), '2026-07-08'::date, 'when it changes');
ROLLBACK TO rules;

INSERT INTO reminder_rule (code, occasion, after_days, description) VALUES ('long_silence', 'silence', 14, 'A second rule');
INSERT INTO reminder_step (rule_code, step_no, recipient, kind) VALUES ('long_silence', 1, 'upper_manager', 'silence_escalation');
SELECT remind('2026-07-13 10:00+08'), remind('2026-07-15 10:00+08') \g /dev/null
UPDATE setting SET value = 'H' WHERE key = 'hr_employee';
SELECT is(remind('2026-07-20 10:00+08'), 4::bigint, 'Two rules go their own ways');
SELECT is((SELECT string_agg(about || '>' || told, ' ' ORDER BY about) FROM pg_temp.told WHERE rule = 'long_silence'), 'S2>S1 S3>S1 S4>S1 S5>S2',
	'The one above the manager is told, or the manager where there is none');
SELECT is(count(*), 8::bigint, 'A check-in will close') FROM reminder WHERE closed_at IS NULL;
SELECT pg_temp.says('S3', '2026-07-21 10:00+08') \g /dev/null
SELECT is(count(*), 6::bigint, 'both') FROM reminder WHERE closed_at IS NULL;
ROLLBACK TO rules;

-- ---------------------------------------------------------------------------------------
-- Who is not there
-- ---------------------------------------------------------------------------------------
SELECT remind('2026-07-13 10:00+08') \g /dev/null
INSERT INTO leave (employee_id, during) VALUES (employee_id_of('S2'), '[2026-07-15,2026-07-16)');
SELECT leave_company('S4', '2026-07-14') \g /dev/null
SELECT is(remind('2026-07-15 10:00+08'), 2::bigint, 'S2 on leave and S4 gone are not told, and not told of');
SELECT is((SELECT string_agg(about || '>' || told, ' ' ORDER BY about) FROM pg_temp.told WHERE step_no = 2), 'S3>S1 S5>S1',
	'S3''s manager S2 is on leave, S5''s manager S4 has left and S2 above is on leave: the next level is told');
SELECT is(remind('2026-07-16 09:59+08'), 0::bigint, 'The day of leave does not count');
SELECT is(remind('2026-07-16 10:00+08'), 1::bigint, 'among the 48 hours of S2');
SELECT is(escalated_to, 'S1', 'whose manager is told then') FROM reminder_episode WHERE employee_no = 'S2';
SELECT is(closed_at, NULL, 'Whoever has left stays unanswered') FROM reminder_episode WHERE employee_no = 'S4';
ROLLBACK TO rules;

SELECT remind('2026-07-13 10:00+08') \g /dev/null
SELECT leave_company('S1', '2026-07-14') \g /dev/null
SELECT is(remind('2026-07-15 10:00+08'), 3::bigint, 'S2 has nobody above any more');
SELECT results_eq($$SELECT employee_no::text, found_at, since_on, rule::text, step_no FROM unrouted_escalation$$,
	$$VALUES ('S2', '2026-07-15 10:00+08'::timestamptz, '2026-07-03'::date, 'silence', 2)$$, 'and no HR: unrouted_escalation shows it');
SELECT is(escalated_at, NULL, 'and no escalation is claimed') FROM reminder_episode WHERE employee_no = 'S2';
SELECT is(remind('2026-07-15 10:10+08'), 0::bigint, 'As long as nobody is there nothing is said');
SELECT is(found_at, '2026-07-15 10:00+08', 'and it stays as it was found') FROM unrouted_escalation;
UPDATE setting SET value = 'H' WHERE key = 'hr_employee';
INSERT INTO leave (employee_id, during) VALUES (employee_id_of('H'), '[2026-07-15,2026-07-16)');
SELECT is(remind('2026-07-15 11:00+08'), 0::bigint, 'HR on leave is not there either');
SELECT is(remind('2026-07-16 09:00+08'), 1::bigint, 'Once somebody is, the step is taken');
SELECT is(escalated_to, 'H', 'by HR') FROM reminder_episode WHERE employee_no = 'S2';
SELECT is(title, 'Nobody to escalate to: Two', 'who reads why') FROM inbox WHERE employee_no = 'H';
SELECT is_empty($$SELECT * FROM unrouted_escalation$$, 'and it is unrouted no more');
ROLLBACK TO rules;

SELECT remind('2026-07-13 10:00+08') \g /dev/null
SELECT leave_company('S1', '2026-07-14') \g /dev/null
UPDATE setting SET value = 'S2' WHERE key = 'hr_employee';
SELECT is(remind('2026-07-15 10:00+08'), 3::bigint, 'HR is not told of their own silence');
SELECT is(employee_no, 'S2', 'but the row is there') FROM unrouted_escalation;
INSERT INTO reminder_step (rule_code, step_no, after, recipient, employee_id, kind) VALUES ('silence', 3, '24 hours', 'employee', employee_id_of('H'), 'silence_escalation');
SELECT is(remind('2026-07-16 10:00+08'), 4::bigint, 'A step that went nowhere does not hold up the next');
SELECT pg_temp.says('S2', '2026-07-17 10:00+08') \g /dev/null
SELECT is_empty($$SELECT * FROM unrouted_escalation$$, 'and an answer ends it');
ROLLBACK TO rules;

SELECT transfer('S5', 'S-A', 'S3', '2026-07-15') \g /dev/null
SELECT remind('2026-07-13 10:00+08'), remind('2026-07-15 10:00+08') \g /dev/null
SELECT is(escalated_to, 'S3', 'The manager of the day is told') FROM reminder_episode WHERE employee_no = 'S5';
ROLLBACK TO rules;
UPDATE setting SET value = '2026-07-20' WHERE key = 'today';
SELECT transfer('S5', 'S-A', 'S3', '2026-07-14') \g /dev/null
SELECT remind('2026-07-13 10:00+08'), remind('2026-07-15 10:00+08') \g /dev/null
SELECT is(escalated_to, 'S4', 'as then known') FROM reminder_episode WHERE employee_no = 'S5';
ROLLBACK TO rules;

-- ---------------------------------------------------------------------------------------
-- Leave
-- ---------------------------------------------------------------------------------------
INSERT INTO leave (employee_id, during) VALUES (employee_id_of('S3'), '[2026-07-06,2026-07-09)'), (employee_id_of('S4'), '[2026-07-13,2026-07-15)');
SELECT is(silence_days('S3', '2026-07-13 12:00+08'), 7, 'Days on leave are left out');
SELECT is(silence_days('S4', '2026-07-14 12:00+08'), 9, 'also the present one');
SELECT is(remind('2026-07-13 10:00+08'), 2::bigint, 'On leave nobody is told, and S3''s silence is not long enough yet');
SELECT is(pg_temp.told(), '07-13 10:00 S2>S2, 07-13 10:00 S5>S5', 'S2 and S5 are');
SELECT is(remind('2026-07-14 10:00+08'), 1::bigint, 'S3 is a day later');
SELECT is(remind('2026-07-15 09:00+08'), 1::bigint, 'S4 when the leave is over');
INSERT INTO leave (employee_id, during, recorded_at) VALUES (employee_id_of('S5'), '[2026-07-05,2026-07-08)', '2026-07-15 09:30+08');
SELECT is(silence_days('S5', '2026-07-15 09:30+08'), 12, 'Leave counts from just after it was recorded:');
SELECT is(silence_days('S5', '2026-07-15 10:00+08'), 9, 'the day is another then');
INSERT INTO leave (employee_id, during, recorded_at) VALUES (employee_id_of('S5'), '[2026-07-08,2026-07-12)', '2026-07-15 09:40+08');
SELECT is(remind('2026-07-15 10:00+08'), 1::bigint, 'Whoever turns out to have been away is not escalated');
SELECT is(closed_at, NULL, 'and the episode stays open') FROM reminder_episode WHERE employee_no = 'S5';
SELECT is(remind('2026-07-17 10:00+08') + remind('2026-07-17 10:10+08'), 2::bigint, 'until the silence is long enough again: S3 and S4 are escalated');
SELECT is(remind('2026-07-20 10:00+08'), 1::bigint, 'S5 now, without a second reminder');
SELECT is(pg_temp.silences(), 'S2 07-03 07-13 07-15>S1 open, S3 07-03 07-14 07-17>S2 open, S4 07-03 07-15 07-17>S2 open, S5 07-03 07-13 07-20>S4 open', 'That is all');
ROLLBACK TO rules;

-- ---------------------------------------------------------------------------------------
-- Whom nobody waits for
-- ---------------------------------------------------------------------------------------
SELECT leave_company('S3', '2026-07-12'), leave_company('S4', '2026-07-13'), cancel_goal(goal_id_of('G5'), 'Not needed any more') \g /dev/null
SELECT is(remind('2026-07-13 10:00+08'), 2::bigint, 'Nobody waits for those who left or have no live goal; the last day counts');
SELECT is(pg_temp.told(), '07-13 10:00 S2>S2, 07-13 10:00 S4>S4', 'S4 leaves tomorrow');
SELECT is(silence_days('S3', '2026-07-13 10:00+08'), NULL, 'Who has left is not silent');
ROLLBACK TO rules;
UPDATE setting SET value = '2026-07-06' WHERE key = 'today';
SELECT complete_goal(goal_id_of('G5')) \g /dev/null
SELECT is(remind('2026-07-13 10:00+08'), 4::bigint, 'A goal that is done is live');
ROLLBACK TO rules;
UPDATE cycle SET state = 'review' WHERE code = '2026Q3';
SELECT is(remind('2026-07-13 10:00+08'), 0::bigint, 'In review nobody waits');
ROLLBACK TO rules;
UPDATE setting SET value = '2026-07-14' WHERE key = 'today';
UPDATE cycle SET state = 'review' WHERE code = '2026Q3';
SELECT cancel_goal(goal_id_of('G5'), 'Not needed any more') \g /dev/null
SELECT is(remind('2026-07-13 10:00+08'), 4::bigint, 'but as then known the goals were live and the cycle active');
SELECT is(remind('2026-07-16 10:00+08'), 0::bigint, 'and now they are not');
ROLLBACK TO rules;
UPDATE setting SET value = '2026-07-06' WHERE key = 'today';
SELECT hire('S7', 'Seven', 'S-A', 'S2', '2026-07-06') \g /dev/null
SELECT add_goal('2026Q3', 'S7', 'kpi', 'From before', 100, starts_on => '2026-07-01', department_code => 'S-A', goal_no => 'G7'), activate_goals('S7', '2026Q3') \g /dev/null
SELECT is(silence_days('S7', '2026-07-14 10:00+08'), 8, 'Before the first check-in the first day of the goals counts, not before the hiring');
SELECT is(silence_days('S7', '2026-07-06 23:59:59+08'), 0, 'from its end on');
SELECT remind('2026-07-13 10:00+08') \g /dev/null
SELECT is(remind('2026-07-14 10:00+08'), 1::bigint, 'A new colleague is told like everybody else');
SELECT is(silent_since, '2026-07-06', 'since that day') FROM reminder_episode WHERE employee_no = 'S7';
ROLLBACK TO rules;

-- ---------------------------------------------------------------------------------------
-- Waking hours
-- ---------------------------------------------------------------------------------------
SELECT is((SELECT string_agg(is_within_hours(t::time, '09:00', '18:00')::text, ' ' ORDER BY t) FROM unnest('{08:59:59.999999,09:00,17:59:59.999999,18:00}'::text[]) AS t),
	'false true true false', 'The first moment belongs to the hours, the last does not');
SELECT is((SELECT string_agg(is_within_hours(t::time, '22:00', '06:00')::text, ' ' ORDER BY t) FROM unnest('{05:59,06:00,21:59,22:00}'::text[]) AS t),
	'true false false true', 'They may go over midnight');
SELECT ok(is_within_hours('03:00', '09:00', '09:00') AND is_within_hours('23:59:59', '09:00', '24:00'), 'or all day long');
INSERT INTO holiday (day, is_working, name) VALUES ('2026-07-13', false, 'Day off'), ('2026-07-12', true, 'Sunday worked');
SELECT is(remind('2026-07-13 10:00+08'), 0::bigint, 'On a holiday nobody is told');
SELECT is(remind('2026-07-12 10:00+08'), 4::bigint, 'on a Sunday that is worked they are');
ROLLBACK TO rules;
UPDATE setting SET value = 'true' WHERE key = 'waking_days_off';
SELECT is(remind('2026-07-11 10:00+08'), 4::bigint, 'Days off can be included');
ROLLBACK TO rules;
UPDATE setting SET value = '07:30' WHERE key = 'waking_from';
SELECT is(remind('2026-07-13 07:29:59+08') + remind('2026-07-13 07:30+08'), 4::bigint, 'The hours are settings');
ROLLBACK TO rules;
UPDATE reminder_rule SET waking_from = '20:00', waking_until = '24:00', waking_days_off = true WHERE code = 'silence';
SELECT is(remind('2026-07-11 19:59+08'), 0::bigint, 'and a rule can have its own');
SELECT is(remind('2026-07-11 23:59+08'), 4::bigint, 'in the evening of a Saturday');
ROLLBACK TO rules;

-- ---------------------------------------------------------------------------------------
-- Clocks that are put back, and the year's end
-- ---------------------------------------------------------------------------------------
SELECT start_cycle('2026Q4') \g /dev/null
UPDATE setting SET value = 'Europe/Berlin' WHERE key = 'time_zone';
UPDATE setting SET value = 'true' WHERE key = 'waking_days_off';
SELECT pg_temp.says('S' || n, '2026-10-16 17:00 Europe/Berlin') FROM unnest('{2,4,5}'::integer[]) AS n \g /dev/null
SELECT pg_temp.says('S3', '2026-10-15 00:30 Europe/Berlin') \g /dev/null
SELECT is(silence_days('S3', '2026-10-22 23:59 Europe/Berlin'), 7, 'The day in Berlin counts');
SELECT is(remind('2026-10-23 17:30 Europe/Berlin'), 1::bigint, 'S3 is told on Friday, in summer time');
SELECT is(remind('2026-10-25 16:29:59 Europe/Berlin'), 3::bigint, 'On Sunday, in winter time, the others are, who are silent for 9 days of which one has 25 hours');
SELECT is((SELECT string_agg(DISTINCT params ->> 'days', ',') FROM message WHERE kind = 'silence_reminder' AND created_at = '2026-10-25 16:29:59 Europe/Berlin'), '9', 'which is one day');
SELECT is(remind('2026-10-25 16:30 Europe/Berlin'), 1::bigint, '48 hours are over an hour earlier by the clock on the wall');
SELECT is(pg_temp.told(), '10-23 17:30 S3>S3, 10-25 16:29 S2>S2, 10-25 16:29 S4>S4, 10-25 16:29 S5>S5, 10-25 16:30 S3>S2', 'so that S2 is told of S3');
SELECT pg_temp.says('S' || n, '2026-12-28 23:30 Europe/Berlin') FROM generate_series(2, 5) AS n \g /dev/null
SELECT is(silence_days('S5', '2027-01-04 23:30 Europe/Berlin'), 7, 'Over the year''s end days are counted like any others');
SELECT is(remind('2027-01-04 10:00 Europe/Berlin'), 0::bigint, 'At 7 nobody is told');
SELECT is(remind('2027-01-05 09:00 Europe/Berlin'), 4::bigint, 'at 8 they are');
ROLLBACK TO rules;

-- ---------------------------------------------------------------------------------------
-- What is refused
-- ---------------------------------------------------------------------------------------
SELECT throws_ok($$UPDATE setting SET value = 'nobody' WHERE key = 'hr_employee'$$, 'P0002', 'employee "nobody" does not exist');
SELECT throws_ok($$UPDATE setting SET value = NULL WHERE key = 'waking_from'$$, '22023', 'setting "waking_from" cannot be empty');
SELECT throws_ok($$UPDATE setting SET value = 'noon' WHERE key = 'waking_from'$$, '22007', 'invalid input syntax for type time: "noon"');
SELECT throws_ok($$INSERT INTO reminder_rule (code, occasion, description) VALUES ('x', 'full_moon', 'x')$$, '23514');
SELECT throws_ok($$UPDATE reminder_rule SET waking_from = '9:00'$$, '23514');
SELECT throws_ok($$UPDATE reminder_rule SET after_days = -1$$, '23514');
SELECT throws_ok($$INSERT INTO reminder_step (rule_code, step_no, recipient, kind) VALUES ('silence', 3, 'employee', 'silence_escalation')$$, '23514', NULL, 'Who is named has to be named');
SELECT throws_ok($$INSERT INTO reminder_step (rule_code, step_no, recipient, kind) VALUES ('silence', 3, 'hr', 'telegram')$$, '23503');
SELECT throws_ok($$INSERT INTO reminder_step (rule_code, step_no, after, recipient, kind) VALUES ('silence', 3, '-1 hour', 'hr', 'unrouted')$$, '23514');
SELECT throws_ok($$INSERT INTO reminder_step (rule_code, step_no, recipient, kind) VALUES ('silence', 2, 'hr', 'unrouted')$$, '23505');
SELECT is(reminder_recipient(NULL, 'manager', NULL, '2026-07-15')::text, '(,t)', 'Of nobody nobody is told');
DELETE FROM reminder_step;
SELECT is(remind('2026-07-13 10:00+08'), 0::bigint, 'A rule without steps says nothing');

SELECT * FROM finish();
ROLLBACK;
