/*
 * Home cards: one for each thing to do, in order, for one person as for all,
 * and as it was known on other days.
 */
BEGIN;
\ir fixture/small.sql
SET search_path TO perf, perf_mgmt, public, pg_temp;
SELECT no_plan();
ALTER TABLE assignment DISABLE TRIGGER USER;
ALTER TABLE cycle DISABLE TRIGGER USER;
UPDATE assignment SET recorded_from = '-infinity';
UPDATE cycle SET recorded_from = '-infinity';
ALTER TABLE assignment ENABLE TRIGGER USER;
ALTER TABLE cycle ENABLE TRIGGER USER;
UPDATE setting SET value = '2026-09-17' WHERE key = 'introduced_on';

CREATE FUNCTION pg_temp.cards(no text, day date DEFAULT '2026-09-18') RETURNS SETOF text LANGUAGE sql AS $$
	SELECT format('%s | %s | %s | %s | %s', c.kind, c.title, c.due_on, c.light, c.count) FROM home_card_of(no, day) c ORDER BY c.rank
$$;
CREATE FUNCTION pg_temp.card(no text, kind text, day date DEFAULT '2026-09-18') RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(c.title, ' / ' ORDER BY c.rank) FROM home_card_of(no, day) c WHERE c.kind = $2
$$;
UPDATE setting SET value = '0' WHERE key = 'kudos_quota';
SELECT is_empty($$SELECT * FROM home_card$$, 'Who has nothing to do has no card');
UPDATE setting SET value = '2' WHERE key = 'kudos_quota';
SELECT throws_ok($$SELECT home_card_of('E9')$$, 'P0002', 'employee "E9" does not exist', 'An unknown number is named');

-- ---------------------------------------------------------------------------------------
-- Goals and tasks
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.goal('Late', 'E3', 'kpi', 40, due => '2026-09-10'), pg_temp.goal('Red', 'E3', 'kpi', 30), pg_temp.goal('Fine', 'E3', 'kpi', 20), pg_temp.goal('Slow', 'E3', 'kpi', 10) \g /dev/null
SELECT pg_temp.activate_all() \g /dev/null
SELECT pg_temp.goal('Idea', 'E3', 'kpi', 0), pg_temp.goal('Plan', 'E3', 'kpi', 0) \g /dev/null
INSERT INTO task (task_no, goal_id, owner_id, title, due_on) VALUES ('T1', pg_temp.id('Fine'), employee_id_of('E3'), 'Clean', '2026-09-16'),
	('T2', pg_temp.id('Fine'), employee_id_of('E3'), 'Measure', '2026-09-21'), ('T3', pg_temp.id('Fine'), employee_id_of('E3'), 'Later', '2026-09-22'),
	('T4', pg_temp.id('Fine'), employee_id_of('E4'), 'Help', '2026-09-18');
SELECT check_in(pg_temp.id('Late'), progress => 0.9), check_in(pg_temp.id('Red'), progress => 0.3), check_in(pg_temp.id('Fine'), progress => 0.95), check_in(pg_temp.id('Slow'), progress => 0.7) \g /dev/null
SELECT results_eq($$SELECT * FROM pg_temp.cards('E3')$$, $$VALUES
	('check_in_due | This week''s check-in lacks a finished task and a photo, due by the end of 2026-09-18 | 2026-09-18 | red | 1'),
	('goal_overdue | Goal 8 days overdue: Late, progress 90.0%, expected 100.0% | 2026-09-10 | yellow | 1'),
	('goal_red | Red goal: Red, progress 30.0%, expected 87.0% | 2026-09-30 | red | 1'),
	('task_overdue | Task 2 days overdue: Clean | 2026-09-16 | red | 1'),
	('task_due | Task due on 2026-09-21: Measure | 2026-09-21 | yellow | 1'),
	('goal_yellow | Yellow goal: Slow, progress 70.0%, expected 87.0% | 2026-09-30 | yellow | 1'),
	('goal_draft | Goals still in draft: 2: Idea, Plan | 2026-07-01 | grey | 2')$$,
	'What is late and red comes first, what can wait last');
SELECT results_eq($$SELECT employee_no, rank, kind::text, goal_no::text, task_id FROM home_card WHERE kind IN ('goal_red', 'task_overdue') ORDER BY rank$$,
	$$SELECT 'E3'::varchar, 3, 'goal_red', 'Red', NULL::bigint UNION ALL SELECT 'E3', 4, 'task_overdue', 'Fine', task_id FROM task WHERE task_no = 'T1'$$,
	'A card names the goal or task that it is about');
SELECT is(pg_temp.card('E4', 'task_due'), 'Task due on 2026-09-18: Help', 'Tasks belong to who does them');
SELECT results_eq($$SELECT employee_no::text, rank, kind, title, due_on, light, light_rank, count, goal_no, task_id FROM home_card ORDER BY employee_no, rank$$,
	$$SELECT c.employee_no, c.rank, c.kind, c.title, c.due_on, c.light, c.light_rank, c.count, c.goal_no, c.task_id
		FROM unnest('{E1,E2,E3,E4,E5}'::text[]) AS n(no), home_card_of(n.no) c ORDER BY 1, 2$$,
	'The view shows for everybody what each sees');
UPDATE setting SET value = '4' WHERE key = 'card_days_ahead';
SELECT is(pg_temp.card('E3', 'task_due'), 'Task due on 2026-09-21: Measure / Task due on 2026-09-22: Later', 'HR looks further ahead');
UPDATE setting SET value = '3' WHERE key = 'card_days_ahead';

-- what is done is no card
SELECT check_in(pg_temp.id('Fine'), progress => 0.95, done_tasks => ARRAY(SELECT task_id FROM task WHERE task_no IN ('T1', 'T2')), photos => '{oss://1.jpg}'),
	complete_goal(pg_temp.id('Late')) \g /dev/null
SELECT is(pg_temp.card('E3', 'task_overdue'), NULL, 'A task that is done goes away');
SELECT is(pg_temp.card('E3', 'check_in_due'), NULL, 'so does the check-in that is complete');
SELECT is(pg_temp.card('E3', 'goal_overdue'), NULL, 'and the goal that is done');

-- ---------------------------------------------------------------------------------------
-- Weeks
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.card('E3', 'check_in_due', '2026-09-25'), 'This week''s check-in lacks a finished task and a photo, due by the end of 2026-09-25',
	'The next week asks anew, to the end of Friday');
SELECT is(pg_temp.card('E3', 'check_in_due', '2026-09-26'), NULL, 'on Saturday it is too late to ask');
SELECT is((SELECT light::text FROM home_card_of('E3', '2026-09-24') WHERE kind = 'check_in_due'), 'yellow', 'before Friday it is not red');
INSERT INTO leave (employee_id, during) VALUES (employee_id_of('E3'), '[2026-09-21,2026-09-26)');
SELECT is(pg_temp.card('E3', 'check_in_due', '2026-09-24'), NULL, 'Nobody on leave all week is asked');

-- ---------------------------------------------------------------------------------------
-- People
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.card('E2', 'one_to_one_due', '2026-10-17'), NULL, 'One-to-ones are not due within 30 days');
SELECT is(pg_temp.card('E2', 'one_to_one_due', '2026-10-18'), 'One-to-ones due with 2: Three, Four', 'then one card names everybody');
SELECT is(pg_temp.card('E2', 'month_review_due', '2026-10-05'), 'The review of Workshop 2026-09 is due by 2026-10-07', 'The head owes the month''s review');
SELECT is(pg_temp.card('E3', 'month_review_due', '2026-10-05'), NULL, 'and nobody else');
SELECT is((SELECT light::text FROM home_card_of('E2', '2026-10-08') WHERE kind = 'month_review_due'), 'red', 'late it is red');

SELECT record_meeting('E2', 'E3', 'Talk') AS talk \gset
SELECT add_meeting_action(:talk, 'Find a mentor', due_on => '2026-09-20') AS mentor, add_meeting_action(:talk, 'Some time') \gset
SELECT is(pg_temp.card('E3', 'action_due'), 'Agreed in a one-to-one, due on 2026-09-20: Find a mentor', 'What a one-to-one agreed is asked for when it has a day');
SELECT finish_meeting_action(:mentor) \g /dev/null
SELECT is(pg_temp.card('E3', 'action_due'), NULL, 'until it is done');

SELECT post_message('goal_overdue', employee_id_of('E4'), 'm96 1'), post_message('unrouted', employee_id_of('E4'), 'm96 2') \g /dev/null
SELECT results_eq($$SELECT title::text, light::text, count FROM home_card_of('E4') WHERE kind = 'unread'$$, $$VALUES ('Unread messages: 2', 'red', 2::bigint)$$,
	'Unread messages are one card, red where one is urgent');
UPDATE setting SET value = '2026-09-19' WHERE key = 'today';
SELECT mark_all_read('E4') \g /dev/null
SELECT is(pg_temp.card('E4', 'unread', '2026-09-19'), NULL, 'Read ones are none');
SELECT is(pg_temp.card('E4', 'unread', '2026-09-18'), 'Unread messages: 2', 'but the day before they were unread');
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';

SELECT is(pg_temp.card('E2', 'kudos_due'), 'Public praise still owed to 2 of your team this week', 'A manager who owes the team praise is told');
SELECT give_kudos((SELECT max(check_in_id) FROM check_in WHERE goal_id = pg_temp.id('Fine')), giver_no => 'E2') \g /dev/null
SELECT is(pg_temp.card('E2', 'kudos_due'), 'Public praise still owed to 1 of your team this week', 'and how much is left');
UPDATE setting SET value = '1' WHERE key = 'kudos_quota';
SELECT is(pg_temp.card('E2', 'kudos_due'), NULL, 'until nothing is');

-- silence
SELECT is(pg_temp.card('E3', 'silence'), NULL, 'Who has checked in is not silent');
INSERT INTO reminder (rule_code, employee_id, subject, since_on, opened_at, last_step_no, last_step_at, is_unrouted)
	SELECT r.code, employee_id_of('E4'), '2026-09-01', '2026-09-01', '2026-09-09 09:00+08', 1, '2026-09-09 09:00+08', false FROM reminder_rule r WHERE r.occasion = 'silence' LIMIT 1;
SELECT is(pg_temp.card('E4', 'silence'), 'No check-in for 17 days, and a reminder waits for your answer', 'Who does not answer a reminder sees that first');
SELECT is((SELECT rank FROM home_card_of('E4') WHERE kind = 'silence'), 1, 'of all');
UPDATE reminder SET closed_at = '2026-09-18 12:00+08';
SELECT is(pg_temp.card('E4', 'silence'), NULL, 'until it is answered');
SELECT is(pg_temp.card('E4', 'silence', '2026-09-17'), 'No check-in for 16 days, and a reminder waits for your answer', 'as it was the day before');

-- joint warnings
SELECT pg_temp.goal('Sell', 'E5', 'kpi', 100) \g /dev/null
SELECT pg_temp.activate_all() \g /dev/null
SELECT link_goals(pg_temp.id('Sell'), pg_temp.id('Red')) AS link \gset
INSERT INTO link_warning (link_id, from_goal_id, to_goal_id, cause, opened_at, recorded_from)
	SELECT :link, pg_temp.id('Sell'), pg_temp.id('Red'), 'upstream', '2026-09-18 08:00+08', '2026-09-18 08:00+08'
	WHERE NOT EXISTS (SELECT FROM link_warning w WHERE w.link_id = :link);
SELECT is((SELECT string_agg(employee_no || ' ' || goal_no || ' ' || title, ', ' ORDER BY employee_no) FROM home_card WHERE kind = 'joint_warning'),
	'E1 Sell Joint warning: Sell → Red, E2 Red Joint warning: Sell → Red, E3 Red Joint warning: Sell → Red, E5 Sell Joint warning: Sell → Red',
	'A joint warning is a card of both owners and both managers');
SELECT is((SELECT count(*) FROM home_card_at('2026-09-17') WHERE kind = 'joint_warning'), 0::bigint, 'from the day on which it was opened');

-- ---------------------------------------------------------------------------------------
-- Rows decide
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.goal('Next', 'E3', 'kpi', 0) \g /dev/null
UPDATE home_card_kind SET urgency = 1 WHERE kind = 'goal_draft';
SELECT is((SELECT kind::text FROM home_card_of('E3') WHERE rank = 1), 'goal_draft', 'HR changes the order');
UPDATE home_card_kind SET is_shown = false WHERE kind = 'goal_draft';
SELECT is(pg_temp.card('E3', 'goal_draft'), NULL, 'and what is shown');
UPDATE home_card_kind SET title_en = 'Red alert! {subject}' WHERE kind = 'goal_red';
SELECT matches(pg_temp.card('E3', 'goal_red'), '(^| / )Red alert! Red, progress 30.0%, expected 87.0%$', 'and how it is worded');
SELECT throws_ok($$UPDATE home_card_kind SET title_en = '{goal}' WHERE kind = 'goal_red'$$, '22023', 'placeholder "{goal}" does not exist for home cards');
SELECT throws_ok($$UPDATE home_card_kind SET title_zh = '{subject' WHERE kind = 'goal_red'$$, '22023', 'placeholder "{" does not exist for home cards');
UPDATE setting SET value = 'zh' WHERE key = 'locale';
SELECT matches(pg_temp.card('E3', 'goal_yellow'), '^黄灯目标：Slow，进度', 'Titles are in the workspace''s language');

SELECT leave_company('E3', '2026-09-17') \g /dev/null
SELECT is_empty($$SELECT FROM home_card_of('E3')$$, 'Who has left has no cards');
SELECT is_empty($$SELECT FROM home_card_at(NULL)$$, 'No day, no cards');

SELECT * FROM finish();
ROLLBACK;
