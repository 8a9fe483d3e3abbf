/*
 * Occasions for reminders beside silence: who is told of what, once, and never
 * in heaps.
 */
BEGIN;
SELECT no_plan();
\ir fixture/silence.sql
CREATE FUNCTION pg_temp.only(rule text) RETURNS void
	LANGUAGE plpgsql
AS $$
BEGIN
	UPDATE reminder_rule SET is_enabled = code = rule;
END;
$$;
SAVEPOINT start;

SELECT is_empty($$SELECT r.code FROM reminder_rule r WHERE NOT EXISTS (SELECT FROM reminder_step s WHERE s.rule_code = r.code)$$, 'Every rule that is shipped has a step');

-- ---------------------------------------------------------------------------------------
-- The weekly check-in
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.only('check_in_due') \g /dev/null
INSERT INTO week_rule (from_on, needs_task, needs_photo) VALUES ('2026-06-29', false, false);
INSERT INTO leave (employee_id, during) VALUES (employee_id_of('S3'), '[2026-07-06,2026-07-11)'), (employee_id_of('S4'), '[2026-07-10,2026-07-11)');
SELECT pg_temp.says('S2', '2026-07-07 10:00+08') \g /dev/null
SELECT is(remind('2026-07-09 17:00+08'), 0::bigint, 'Before Friday nobody is told');
SELECT is(remind('2026-07-10 08:50+08'), 0::bigint, 'nor before waking hours');
SELECT is(remind('2026-07-10 09:00+08'), 1::bigint, 'On Friday whoever has not checked in is: not S2, who has, nor S3 and S4, who are away');
SELECT is(body, 'Five, the check-in for the week of 2026-07-06 still lacks: a check-in. Please tick what is done and add a photo by the end of 2026-07-10.', 'S5 reads what is missing')
	FROM inbox WHERE employee_no = 'S5' AND kind = 'check_in_due';
SELECT is(remind('2026-07-10 09:10+08') + remind('2026-07-10 17:50+08'), 0::bigint, 'once');
SELECT pg_temp.says(who, '2026-07-15 10:00+08') FROM unnest('{S2,S3,S4}'::text[]) AS who \g /dev/null
SELECT is(remind('2026-07-13 09:00+08'), 0::bigint, 'On Monday the week is over');
SELECT is(closed_at, '2026-07-13 09:00+08', 'and the reminder, too') FROM reminder WHERE rule_code = 'check_in_due';
INSERT INTO holiday (day) VALUES ('2026-07-17');
SELECT is(remind('2026-07-15 09:00+08') + remind('2026-07-16 09:00+08'), 1::bigint, 'Where Friday is a day off, Thursday is the day');
SELECT is(remind('2026-07-17 09:00+08'), 0::bigint, 'Friday is not');
UPDATE week_rule SET needs_task = true, needs_photo = true, recorded_from = '2026-07-20' WHERE from_on = '2026-06-29';
SELECT pg_temp.says('S2', '2026-07-20 10:00+08') \g /dev/null
SELECT is(remind('2026-07-24 09:00+08'), 4::bigint, 'A week that is not valid yet is told of');
SELECT is(params ->> 'missing', 'a finished task and a photo', 'with what it lacks') FROM message WHERE kind = 'check_in_due' AND recipient_id = employee_id_of('S2');
UPDATE reminder_step SET after = '12:00' WHERE rule_code = 'check_in_due';
SELECT is(remind('2026-07-31 11:59+08'), 0::bigint, 'A rule may wait until noon');
SELECT is(remind('2026-07-31 12:00+08'), 4::bigint, 'and tells then');
ROLLBACK TO start;
SELECT pg_temp.only('check_in_due') \g /dev/null
SELECT is(remind('2026-07-10 17:00+08'), 4::bigint, 'After an outage until Friday afternoon it is told then');
ROLLBACK TO start;
SELECT pg_temp.only('check_in_due') \g /dev/null
SELECT is(remind('2026-07-13 09:00+08'), 0::bigint, 'after one until Monday no more');
ROLLBACK TO start;

-- ---------------------------------------------------------------------------------------
-- Goals past their due day
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.only('goal_overdue') \g /dev/null
SELECT add_goal('2026Q3', 'S5', 'kpi', 'Late', 0, due_on => '2026-07-08', goal_no => 'L1'), add_goal('2026Q3', 'S5', 'kpi', 'Later', 0, due_on => '2026-07-07', goal_no => 'L2'),
	add_goal('2026Q3', 'S5', 'milestone', 'Done', 0, due_on => '2026-07-07', goal_no => 'L3'), add_goal('2026Q3', 'S5', 'kpi', 'Draft', 0, due_on => '2026-07-07', goal_no => 'L4'),
	add_goal('2026Q3', 'S4', 'objective', 'Made of others', 0, due_on => '2026-07-07', goal_no => 'O'),
	add_goal('2026Q3', 'S3', 'kpi', 'For others', 0, 'O', due_on => '2026-07-31', goal_no => 'K') \g /dev/null
SELECT activate_goal(goal_id_of(no)) FROM unnest('{L1,L2,L3,O,K}'::text[]) AS no \g /dev/null
INSERT INTO check_in (goal_id, employee_id, at, recorded_at, progress) VALUES (goal_id_of('L3'), employee_id_of('S5'), '2026-07-06 10:00+08', '2026-07-06 10:00+08', 1);
SAVEPOINT late;
SELECT is(remind('2026-07-07 17:00+08'), 0::bigint, 'On its due day a goal is not late');
SELECT is(remind('2026-07-08 09:00+08'), 1::bigint, 'the day after it is; what is done, a draft or made of others is not');
SELECT is(body, 'Goal L2, "Later", was due on 2026-07-07 and is 1 days late. Please report on it or ask for a new date.', 'The owner is told') FROM inbox WHERE kind = 'goal_overdue';
SELECT is(remind('2026-07-09 09:00+08'), 1::bigint, 'The next day the other one is late');
SELECT is(remind('2026-07-10 09:00+08'), 0::bigint, 'and nothing is said twice');
SELECT is((SELECT count(*) FROM reminder WHERE closed_at IS NULL), 2::bigint, 'Both are open');
UPDATE setting SET value = '2026-07-10' WHERE key = 'today';
SELECT postpone_goal(goal_id_of('L2'), '2026-07-13', 'Parts are missing'), complete_goal(goal_id_of('L1')) \g /dev/null
UPDATE setting SET value = '2026-07-11' WHERE key = 'today';
SELECT is(remind('2026-07-13 09:00+08'), 0::bigint, 'Postponed it is not late');
SELECT is((SELECT count(*) FROM reminder WHERE closed_at IS NULL), 0::bigint, 'and what is done is closed');
SELECT is(remind('2026-07-14 09:00+08'), 0::bigint, 'Late again it was told of already');
SELECT is((SELECT count(*) FROM reminder WHERE closed_at IS NULL), 1::bigint, 'but is open again');
ROLLBACK TO late;
SELECT is(remind('2026-07-10 09:00+08') + remind('2026-07-10 09:10+08'), 1::bigint, 'Of several goals found late at once only one is told of');
SELECT is((SELECT params ->> 'goal_no' FROM message WHERE kind = 'goal_overdue'), 'L2', 'the one that is late for longest');
SELECT is(remind('2026-07-13 09:00+08'), 1::bigint, 'the next one on another day');
ROLLBACK TO late;
UPDATE setting SET value = '2026-07-10' WHERE key = 'today';
SELECT postpone_goal(goal_id_of('L2'), '2026-07-13', 'Parts are missing'), cancel_goal(goal_id_of('L1'), 'Not needed') \g /dev/null
SELECT is(remind('2026-07-09 09:00+08'), 1::bigint, 'As then known the goals were late');
SELECT is((SELECT params ->> 'due_on' FROM message WHERE kind = 'goal_overdue'), '2026-07-07', 'by the due day of then');
ROLLBACK TO late;
INSERT INTO leave (employee_id, during) VALUES (employee_id_of('S5'), '[2026-07-08,2026-07-10)');
SELECT is(remind('2026-07-08 09:00+08') + remind('2026-07-09 09:00+08'), 0::bigint, 'On leave nobody is told');
SELECT is(remind('2026-07-10 09:00+08'), 1::bigint, 'but afterwards');
INSERT INTO reminder_step (rule_code, step_no, after, recipient, kind) VALUES ('goal_overdue', 2, '5 hours', 'manager', 'goal_overdue');
SELECT is(remind('2026-07-10 13:59+08'), 0::bigint, 'A further step is looked for');
SELECT is(remind('2026-07-10 14:00+08'), 1::bigint, 'when it is due, also within the day');
SELECT is((SELECT told FROM pg_temp.told WHERE step_no = 2), 'S4', 'and tells the manager');
ROLLBACK TO late;
UPDATE reminder_rule SET after_days = 2 WHERE code = 'goal_overdue';
SELECT is(remind('2026-07-09 09:00+08'), 0::bigint, 'A rule may wait for more than so many days:');
SELECT is(remind('2026-07-10 09:00+08'), 1::bigint, 'two here');
ROLLBACK TO late;
UPDATE cycle SET state = 'review' WHERE code = '2026Q3';
SELECT is(remind('2026-07-08 09:00+08'), 1::bigint, 'In review late goals are still told of');
ROLLBACK TO late;
UPDATE cycle SET state = 'planning' WHERE code = '2026Q3';
SELECT is(remind('2026-07-08 09:00+08'), 0::bigint, 'before the cycle is active they are not');
ROLLBACK TO start;

-- ---------------------------------------------------------------------------------------
-- Joint warnings that stay open
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.only('joint_warning') \g /dev/null
INSERT INTO link_warning (link_id, from_goal_id, to_goal_id, cause, slack_days, opened_at, recorded_from)
	SELECT link_goals(goal_id_of('G3'), goal_id_of('G5')), goal_id_of('G3'), goal_id_of('G5'), 'upstream', -4, '2026-07-06 15:00+08', '2026-07-06 15:00+08';
DELETE FROM message;
SELECT is(remind('2026-07-09 09:00+08') + remind('2026-07-09 17:00+08'), 0::bigint, 'For three days a joint warning is left to both sides');
SELECT is(remind('2026-07-10 09:00+08'), 1::bigint, 'then the next morning it goes up');
SELECT is((SELECT about || '>' || told FROM pg_temp.told), 'S5>S2', 'to the one above the manager of who lags');
SELECT is(body, '"Goal 3" needs "Goal 5", which is in danger: the goal that is needed lags (-4 days to spare). Please agree on what to do.', 'who reads what it is about') FROM inbox;
SELECT is(remind('2026-07-13 09:00+08'), 0::bigint, 'once');
SAVEPOINT told;
INSERT INTO reminder_step (rule_code, step_no, recipient, kind) VALUES ('joint_warning', 2, 'manager', 'joint_warning');
SELECT leave_company(no, '2026-07-10') FROM unnest('{S1,S2,S4}'::text[]) AS no \g /dev/null
SELECT is(remind('2026-07-13 09:10+08'), 0::bigint, 'Where nobody is above any more');
SELECT is(employee_no || rule, 'S5joint_warning', 'that is shown') FROM unrouted_escalation;
UPDATE setting SET value = 'H' WHERE key = 'hr_employee';
SELECT is(remind('2026-07-13 09:20+08'), 1::bigint, 'and the next tick tells HR when there is one,');
SELECT is(kind, 'joint_warning', 'in the words of the warning') FROM inbox WHERE employee_no = 'H';
ROLLBACK TO told;
UPDATE link_warning SET closed_at = '2026-07-13 15:00+08', closed_because = 'calm', recorded_from = '2026-07-13 15:00+08';
SELECT remind('2026-07-14 09:00+08') \g /dev/null
SELECT is(closed_at, '2026-07-14 09:00+08', 'The warning over, the reminder is, too') FROM reminder;
ROLLBACK TO start;

-- ---------------------------------------------------------------------------------------
-- Praise that is owed
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.only('kudos_quota') \g /dev/null
INSERT INTO check_in (goal_id, employee_id, at, recorded_at, note)
	SELECT goal_id_of('G' || n), employee_id_of('S' || n), '2026-07-07 10:00+08', '2026-07-07 10:00+08', 'x' FROM generate_series(3, 5) AS n;
INSERT INTO kudos (check_in_id, giver_id, at, recorded_at)
	SELECT c.check_in_id, e.manager_id, '2026-07-08 10:00+08', '2026-07-08 10:00+08' FROM check_in c JOIN assignment e USING (employee_id) WHERE c.goal_id <> goal_id_of('G4');
SELECT is(remind('2026-07-09 09:00+08'), 0::bigint, 'Until Friday praise can wait');
SELECT is(remind('2026-07-10 09:00+08') + remind('2026-07-10 12:00+08'), 2::bigint, 'Then S1 and S2 owe some, S4, who has a team of one, does not');
SELECT is(body, 'Two, you have praised 1 people of your team in public; 1 more are due by 2026-07-12.', 'They read how much') FROM inbox WHERE employee_no = 'S2';
SELECT remind('2026-07-13 09:00+08') \g /dev/null
SELECT is((SELECT count(*) FROM reminder WHERE closed_at IS NULL), 0::bigint, 'On Monday that is over');
ROLLBACK TO start;

-- ---------------------------------------------------------------------------------------
-- Month reviews
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.only('month_review_due') \g /dev/null
SELECT is(remind('2026-07-31 09:00+08'), 0::bigint, 'A month that lasts has no review');
SELECT is(remind('2026-08-03 09:00+08'), 1::bigint, 'On the first working day after it the head is told');
SELECT is(body, 'The review of 2026-07 for Workshop is still open. Please hold it by 2026-08-07.', 'of the department that has goals') FROM inbox WHERE employee_no = 'S2';
SELECT is(remind('2026-08-04 09:00+08'), 0::bigint, 'once');
UPDATE setting SET value = '2026-08-04' WHERE key = 'today';
SELECT record_month_review('S-A', '2026-07') \g /dev/null
SELECT remind('2026-08-05 09:00+08') \g /dev/null
SELECT is(closed_at, '2026-08-05 09:00+08', 'With the review it is closed') FROM reminder;
ROLLBACK TO start;

-- ---------------------------------------------------------------------------------------
-- One-to-ones
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.only('one_to_one_due') \g /dev/null
SELECT is(remind('2026-07-06 09:00+08') + remind('2026-07-06 09:10+08'), 3::bigint, 'Each of three managers is told of one member whose talk is due');
SELECT is(remind('2026-07-07 09:00+08'), 2::bigint, 'the next day of the next one');
SELECT is(remind('2026-07-08 09:00+08'), 0::bigint, 'and then of nobody');
SELECT matches(body, '^Your last talk with Five \(S5\) was on -, [0-9]+ days ago.$', 'The message names the member') FROM inbox WHERE employee_no = 'S4';
UPDATE setting SET value = '2026-07-08' WHERE key = 'today';
SELECT record_meeting('S4', 'S5', '2026-07-08 00:00+08') \g /dev/null
SELECT is(remind('2026-08-07 09:00+08'), 0::bigint, 'Thirty days after a talk nothing is due');
SELECT is(remind('2026-08-10 09:00+08'), 1::bigint, 'then it is, and that is another occasion');
SELECT is((SELECT params ->> 'last_on' FROM message WHERE recipient_id = employee_id_of('S4') AND created_at = '2026-08-10 09:00+08'), '2026-07-08', 'counted from the talk');
ROLLBACK TO start;

-- ---------------------------------------------------------------------------------------
-- All together
-- ---------------------------------------------------------------------------------------
UPDATE reminder_rule SET is_enabled = true;
SELECT isnt(remind('2026-08-14 09:00+08'), 0::bigint, 'All rules at once');
SELECT is_empty($$SELECT about, rule FROM pg_temp.told GROUP BY about, rule HAVING count(*) > 1$$, 'make one message a person and rule, however long nothing was looked at');
SELECT is(remind('2026-08-14 09:00+08') + remind('2026-08-14 09:10+08') + remind('2026-08-03 10:00+08'), 0::bigint, 'and the same again none');

SELECT * FROM finish();
ROLLBACK;
