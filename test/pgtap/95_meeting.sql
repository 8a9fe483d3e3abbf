/*
 * One-to-ones: who may hold and record them, who reads what was said, what
 * stays known after corrections, what is agreed to do, and who is due.
 */
BEGIN;
\ir fixture/small.sql
SET search_path TO perf, perf_mgmt, public, pg_temp;
SELECT no_plan();
SET timezone = 'Asia/Shanghai';

-- ---------------------------------------------------------------------------------------
-- Recording
-- ---------------------------------------------------------------------------------------
SELECT record_meeting('E2', 'E3', 'Progress', 'Samples are late', '2026-08-10 10:00+08') AS first \gset
SELECT results_eq(
	$$SELECT held_at, manager_no, manager, employee_no, employee, topic, minutes, is_confirmed, version_no, next_on, exception_reason FROM meeting_record$$,
	$$VALUES ('2026-08-10 10:00+08'::timestamptz, 'E2'::varchar, 'Head'::varchar, 'E3'::varchar, 'Three'::varchar, 'Progress'::varchar, 'Samples are late'::varchar,
		false, 1, NULL::date, NULL::varchar)$$,
	'A one-to-one of a manager and a member is recorded');
SELECT record_meeting('E2', 'E4', 'Workload') AS today \gset
SELECT is(day_of(held_at), '2026-09-18'::date, 'Without a time it was just now') FROM meeting WHERE meeting_id = :today;

SELECT throws_ok($$SELECT record_meeting('E1', 'E3', 'Progress')$$, '22023', 'employee "E1" was not the manager of "E3" on 2026-09-18',
	'The manager''s manager is not the manager');
SELECT throws_ok($$SELECT record_meeting('E3', 'E2', 'Progress')$$, '22023', 'employee "E3" was not the manager of "E2" on 2026-09-18',
	'nor is the member the manager''s');
SELECT throws_ok($$SELECT record_meeting('E3', 'E1', 'Progress')$$, '22023', 'employee "E3" was not the manager of "E1" on 2026-09-18',
	'nobody manages the one at the top');
SELECT throws_ok($$SELECT record_meeting('E2', 'E2', 'Progress')$$, '22023', 'employee "E2" cannot have a one-to-one alone', 'It takes two');
SELECT throws_ok($$SELECT record_meeting('E2', 'E9', 'Progress')$$, 'P0002', 'employee "E9" does not exist', 'whom the company knows');
SELECT throws_ok($$SELECT record_meeting('E2', 'E3', '')$$, '22023', 'a one-to-one needs a topic', 'and something to talk about');
SELECT throws_ok($$SELECT record_meeting('E2', 'E3', 'Progress', held_at => '2026-09-20 10:00+08')$$, '22023',
	'a one-to-one cannot have been held at 2026-09-20 10:00:00+08', 'It is not recorded before it took place');
SELECT throws_ok($$SELECT record_meeting('E2', 'E3', 'Progress', held_at => 'infinity')$$, '22023', 'a one-to-one cannot have been held at infinity',
	'nor for ever');
SELECT throws_ok($$SELECT record_meeting('E2', 'E3', 'Progress', held_at => '2019-12-31 10:00+08')$$, '22023',
	'employees "E2" and "E3" were not both employed on 2019-12-31', 'nor before both were employed');
SELECT throws_ok($$SELECT record_meeting('E2', 'E3', 'Again', held_at => '2026-08-10 10:00+08')$$, '23505',
	'a one-to-one of "E2" and "E3" at 2026-08-10 10:00:00+08 is already recorded', 'The same one is not recorded twice');
SELECT throws_ok($$SELECT record_meeting('E2', 'E3', 'Progress', held_at => '2026-09-01 10:00+08', next_on => '2026-09-01')$$, '22023',
	'the next one-to-one cannot be on 2026-09-01, the day of this one or earlier', 'The next one lies after this one');
SELECT is(count(*), 2::bigint, 'What was refused left nothing behind') FROM meeting;

SELECT transfer('E3', 'KS-B', 'E5', '2026-09-01') \g /dev/null
SELECT lives_ok($$SELECT record_meeting('E2', 'E3', 'Before the move', held_at => '2026-08-31 23:59+08')$$,
	'Who was the manager on the day of the talk decides');
SELECT throws_ok($$SELECT record_meeting('E2', 'E3', 'After the move', held_at => '2026-09-01 00:00+08')$$, '22023',
	'employee "E2" was not the manager of "E3" on 2026-09-01', 'and that is so from the first moment of the day of a move');
SELECT lives_ok($$SELECT record_meeting('E5', 'E3', 'Welcome', held_at => '2026-09-01 00:00+08')$$, 'on which the new manager is');
SELECT lives_ok($$SELECT record_meeting('E1', 'E3', 'Exit talk', held_at => '2026-09-02 09:00+08', exception_reason => 'E5 is ill')$$,
	'HR may say that somebody else held it');
SELECT is(exception_reason, 'E5 is ill', 'and why') FROM meeting_record WHERE topic = 'Exit talk';
SELECT throws_ok($$INSERT INTO meeting (manager_id, employee_id, held_at) VALUES (employee_id_of('E2'), employee_id_of('E3'), '2026-09-03 09:00+08')$$, '22023',
	'employee "E2" was not the manager of "E3" on 2026-09-03', 'The table itself keeps the rule');
SELECT throws_ok($$DELETE FROM meeting$$, '55000', 'a one-to-one is never deleted', 'and its rows');

-- ---------------------------------------------------------------------------------------
-- Corrections
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = '2026-09-19' WHERE key = 'today';
SELECT lives_ok(format($$SELECT correct_meeting(%s, minutes => 'Samples were late')$$, :first), 'Minutes are corrected');
SELECT results_eq(format($$SELECT topic, minutes, version_no FROM meeting_record WHERE meeting_id = %s$$, :first),
	$$VALUES ('Progress'::varchar, 'Samples were late'::varchar, 2)$$, 'what is not given stays');
SELECT results_eq(format($$SELECT version_no, minutes FROM meeting_minutes WHERE meeting_id = %s ORDER BY 1$$, :first),
	$$VALUES (1, 'Samples are late'::varchar), (2, 'Samples were late')$$, 'and the earlier version is still there');
SELECT throws_ok($$UPDATE meeting_minutes SET minutes = 'nothing'$$, '55000', 'minutes and their confirmations are never changed or deleted',
	'because versions are never overwritten');
SELECT lives_ok(format($$SELECT correct_meeting(%s, held_at => '2026-08-11 10:00+08', next_on => '2026-09-10')$$, :first), 'So is the time');
SELECT is((SELECT held_at FROM meeting_as_of(day_end('2026-09-18')) WHERE meeting_id = :first), '2026-08-10 10:00+08'::timestamptz,
	'The day before the correction knows it as it was');
SELECT is((SELECT held_at FROM meeting_as_of(day_end('2026-09-19')) WHERE meeting_id = :first), '2026-08-11 10:00+08'::timestamptz, 'the day after as it is');
SELECT throws_ok(format($$SELECT correct_meeting(%s, held_at => '2026-09-05 10:00+08')$$, :first), '22023',
	'employee "E2" was not the manager of "E3" on 2026-09-05', 'A correction obeys the same rules');
SELECT throws_ok($$SELECT correct_meeting(-1, topic => 'x')$$, 'P0002', 'one-to-one -1 does not exist', 'and needs something to correct');
SELECT throws_ok(format($$SELECT withdraw_meeting(%s, '')$$, :today), '22023', format('taking back one-to-one %s needs a reason', :today), 'Taking back needs a reason');
SELECT lives_ok(format($$SELECT withdraw_meeting(%s, 'It was a phone call')$$, :today), 'One that did not take place is taken back');
SELECT is_empty(format($$SELECT FROM meeting_record WHERE meeting_id = %s$$, :today), 'and shown no more');
SELECT throws_ok(format($$SELECT correct_meeting(%s, topic => 'Call')$$, :today), '55000', format('one-to-one %s was taken back', :today), 'or corrected');

-- ---------------------------------------------------------------------------------------
-- Actions
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.goal('G4', 'E4', 'kpi', 100) \g /dev/null
SELECT pg_temp.activate_all() \g /dev/null
SELECT record_meeting('E2', 'E4', 'Actions', held_at => '2026-09-18 09:00+08') AS acted \gset
SELECT add_meeting_action(:acted, 'Find a mentor') AS plain, add_meeting_action(:acted, 'Send samples', due_on => '2026-09-25', goal_no => 'G4') AS tasked,
	add_meeting_action(:acted, 'Order parts', 'E5') AS others \gset
SELECT results_eq(format($$SELECT owner_no, title, due_on, is_done, goal_no FROM meeting_action_item WHERE meeting_id = %s ORDER BY meeting_action_id$$, :acted),
	$$VALUES ('E4'::varchar, 'Find a mentor'::varchar, NULL::date, false, NULL::varchar), ('E4', 'Send samples', '2026-09-25', false, 'G4'), ('E5', 'Order parts', NULL, false, NULL)$$,
	'Actions are the member''s unless said otherwise');
SELECT results_eq($$SELECT owner_no, goal_no, task, state, due_on FROM task_board$$,
	$$VALUES ('E4'::varchar, 'G4'::varchar, 'Send samples'::varchar, 'todo'::varchar, '2026-09-25'::date)$$, 'One that serves a goal is a task on the board');
SELECT check_in(goal_id_of('G4'), progress => 0.5, done_tasks => ARRAY[(SELECT task_id FROM meeting_action WHERE meeting_action_id = :tasked)]) \g /dev/null
SELECT ok(is_done, 'and done when a check-in ticks it') FROM meeting_action_item WHERE meeting_action_id = :tasked;
SELECT is(finish_meeting_action(:plain), workspace_now(), 'One that serves none is marked as done');
SELECT is(finish_meeting_action(:plain), workspace_now(), 'once');
SELECT ok(is_done, 'and shown so') FROM meeting_action_item WHERE meeting_action_id = :plain;
SELECT throws_ok($$SELECT finish_meeting_action(-1)$$, 'P0002', 'action -1 does not exist');
SELECT throws_ok(format($$SELECT add_meeting_action(%s, 'x', goal_no => 'G9')$$, :acted), 'P0002', 'goal "G9" does not exist', 'A goal that is named must exist');
SELECT throws_ok(format($$SELECT add_meeting_action(%s, '')$$, :acted), '22023', format('an action of one-to-one %s needs a title', :acted));

-- ---------------------------------------------------------------------------------------
-- Who reads what: a pooled application, and logins of their own
-- ---------------------------------------------------------------------------------------
CREATE ROLE m95_app;
GRANT USAGE ON SCHEMA perf, perf_mgmt TO m95_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA perf TO m95_app;
CREATE ROLE m95_owner;

SET perf_mgmt.employee = 'E2';
SET ROLE m95_app;
SELECT record_meeting('E2', 'E4', 'Salary', 'Wants more', private_note => 'Might leave', held_at => '2026-09-17 09:00+08') AS secret \gset
SELECT is(minutes, 'Wants more', 'The manager reads the minutes') FROM meeting_record WHERE meeting_id = :secret;
SELECT is((SELECT array_agg(note::text) FROM meeting_note), '{Might leave}', 'and the own private note');
RESET ROLE;
SET perf_mgmt.employee = 'E4';
SET ROLE m95_app;
SELECT is(minutes, 'Wants more', 'The member reads the minutes too') FROM meeting_record WHERE meeting_id = :secret;
SELECT is_empty($$SELECT FROM meeting_note$$, 'but not the manager''s private note');
SELECT lives_ok(format($$SELECT add_meeting_note(%s, 'Says I am greedy')$$, :secret), 'The member writes a private note');
SELECT is((SELECT array_agg(note::text) FROM meeting_note), '{Says I am greedy}', 'and reads that one alone');
SELECT throws_ok(format($$INSERT INTO meeting_note (meeting_id, author_id, note) SELECT %s, employee_id_of('E2'), 'I am a fool'$$, :secret), '42501',
	'new row violates row-level security policy for table "meeting_note"', 'Nobody writes in another''s name');
SELECT is((SELECT count(*) FROM meeting_record WHERE topic IS NOT NULL), (SELECT count(*) FROM meeting_record WHERE 'E4' IN (manager_no, employee_no)),
	'Of other talks the member reads no topic');
SELECT cmp_ok((SELECT count(*) FROM meeting_record WHERE topic IS NULL AND minutes IS NULL), '>', 0::bigint, 'but sees that they took place');
RESET ROLE;
SET perf_mgmt.employee = 'E2';
SET ROLE m95_app;
SELECT is((SELECT array_agg(note::text) FROM meeting_note), '{Might leave}', 'The manager does not read the member''s private note either');
SELECT is_empty($$UPDATE meeting_note SET note = 'x' WHERE note LIKE 'Says%' RETURNING 1$$, 'nor changes it');
SELECT is((SELECT count(*) FROM history WHERE old_row::text ~ 'Wants more|Might leave|Samples are late'), 0::bigint, 'The history tells nothing of what was said');
RESET ROLE;
SET perf_mgmt.employee = 'E3';
SET ROLE m95_app;
SELECT is_empty(format($$SELECT FROM meeting_minutes WHERE meeting_id = %s$$, :secret), 'A third person reads nothing');
SELECT throws_ok(format($$SELECT correct_meeting(%s, minutes => 'x')$$, :secret), '42501', format('one-to-one %s is between two other people', :secret), 'corrects nothing');
SELECT throws_ok(format($$SELECT withdraw_meeting(%s, 'x')$$, :secret), '42501', format('one-to-one %s is between two other people', :secret), 'takes nothing back');
SELECT throws_ok(format($$SELECT confirm_meeting(%s)$$, :secret), '42501', format('one-to-one %s is between two other people', :secret), 'confirms nothing');
SELECT throws_ok(format($$SELECT add_meeting_action(%s, 'x')$$, :secret), '42501', format('one-to-one %s is between two other people', :secret), 'adds nothing');
SELECT throws_ok($$SELECT record_meeting('E2', 'E4', 'Rumour', held_at => '2026-09-16 09:00+08')$$, '42501', NULL, 'and records nothing for others');
SELECT is((SELECT count(*) FROM meeting WHERE held_at = '2026-09-16 09:00+08'), 0::bigint, 'not even half');
RESET ROLE;
SET perf_mgmt.employee = 'E5';
SET ROLE m95_app;
SELECT results_eq($$SELECT title FROM meeting_action_item$$, $$VALUES ('Order parts'::varchar)$$, 'Who has an action of others'' talk sees it, and not the others');
SELECT isnt(finish_meeting_action(:others), NULL, 'and marks it as done');
SELECT throws_ok(format($$SELECT finish_meeting_action(%s)$$, :plain), 'P0002', format('action %s does not exist', :plain), 'Those of others are not there');
RESET ROLE;
SET perf_mgmt.employee = '';
SET ROLE m95_app;
SELECT is_empty($$SELECT FROM meeting_minutes$$, 'An application that says for nobody reads no minutes');
SELECT is_empty($$SELECT FROM meeting_note$$, 'and no notes');
SELECT throws_ok(format($$SELECT add_meeting_note(%s, 'x')$$, :secret), '42501', 'this session acts for no employee', 'It writes no note');
SELECT throws_ok(format($$SELECT confirm_meeting(%s)$$, :secret), '42501', 'this session acts for no employee', 'and confirms nothing');
RESET ROLE;

-- the owner of the workspace, not a superuser
ALTER TABLE meeting_note OWNER TO m95_owner;
ALTER TABLE meeting_minutes OWNER TO m95_owner;
GRANT USAGE ON SCHEMA perf, perf_mgmt TO m95_owner;
GRANT SELECT ON meeting, employee TO m95_owner;
SET ROLE m95_owner;
SELECT cmp_ok(count(*), '>', 0::bigint, 'The workspace''s owner reads the minutes') FROM meeting_minutes;
SELECT is_empty($$SELECT FROM meeting_note$$, 'but no private note');
RESET ROLE;

-- ---------------------------------------------------------------------------------------
-- Both confirm
-- ---------------------------------------------------------------------------------------
SELECT is(is_confirmed, false, 'Minutes that one of the two wrote wait for the other') FROM meeting_record WHERE meeting_id = :secret;
SET perf_mgmt.employee = 'E4';
SELECT is(confirm_meeting(:secret), workspace_now(), 'who confirms them');
SELECT is(confirm_meeting(:secret), workspace_now(), 'once');
SELECT ok(is_confirmed, 'Then both have') FROM meeting_record WHERE meeting_id = :secret;
SELECT correct_meeting(:secret, minutes => 'Wants much more') \g /dev/null
SELECT is(is_confirmed, false, 'A new version waits again') FROM meeting_record WHERE meeting_id = :secret;
SELECT throws_ok($$SELECT record_meeting('E5', 'E4', 'Own exception', exception_reason => 'I like it')$$, '42501',
	'the two of a one-to-one cannot make the exception for it themselves', 'Nobody of the two makes an exception for themselves');
SET perf_mgmt.employee = '';
SELECT throws_ok(format($$INSERT INTO meeting_confirmation (meeting_id, version_no, employee_id) SELECT %s, 1, employee_id_of('E1')$$, :secret), '42501',
	format('employee "E1" is not one of the two of one-to-one %s', :secret), 'Nobody else confirms');

-- a login of one's own
UPDATE employee SET login_role = session_user WHERE employee_no = 'E2';
SELECT record_meeting('E2', 'E4', 'By login', held_at => '2026-09-15 09:00+08') \g /dev/null
SELECT is((SELECT c.employee_id FROM meeting_confirmation c JOIN meeting_minutes v USING (meeting_id, version_no) WHERE v.topic = 'By login'), employee_id_of('E2'),
	'A login of one''s own acts as its employee, and confirms what it writes');
UPDATE employee SET login_role = NULL WHERE employee_no = 'E2';

SELECT * FROM finish();
ROLLBACK;
