/*
 * Fills a workspace, so that every table of it holds rows:
 *
 *   psql -v workspace=perf -f company.sql
 *
 * A company of six on Friday, 2026-09-18, with a sprint closed, reopened and
 * closed again.  Names hold quotes, commas, line ends and Chinese.
 */
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET search_path = :"workspace", perf_mgmt, pg_temp;
BEGIN;
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';
UPDATE setting SET value = '5' WHERE key = 'bonus_cap';

INSERT INTO department (code, name) VALUES ('K', '昆山 "工厂", 1');
INSERT INTO department (code, name, parent_id)
	SELECT v.code, v.name, department_id_of('K') FROM (VALUES ('KA', E'车\t间'), ('KB', 'O''Brien \ Co')) AS v(code, name);
SELECT hire('E1', '张伟', 'K', NULL, '2020-01-01', 'CEO') \gset
SELECT hire('E2', '李娜', 'KA', 'E1', '2021-03-01'), hire('E3', 'E3', 'KA', 'E2', '2022-01-01'), hire('E4', 'E4', 'KA', 'E2', '2022-01-01'),
	hire('E5', 'E5', 'KB', 'E1', '2023-01-01'), hire('E6', 'E6', 'KB', 'E5', '2023-01-01') \gset
SELECT transfer('E4', 'KB', 'E5', '2026-08-15'), leave_company('E6', '2026-12-31') \gset
UPDATE employee SET attributes = '{"shoe size": 43, "languages": ["zh", "en"]}' WHERE employee_no = 'E3';
INSERT INTO leave (employee_id, during, reason) VALUES (employee_id_of('E3'), '[2026-08-03,2026-08-08)', '年假');
INSERT INTO holiday (day, name) VALUES ('2026-10-01', '国庆节');
INSERT INTO employee_address (employee_id, platform, address) VALUES (employee_id_of('E3'), 'wecom', 'e3');

SELECT open_year(2026), start_cycle('2026'), start_cycle('2026Q3') \gset
INSERT INTO cycle (code, kind, starts_on, ends_on, state, recorded_from) VALUES ('S1', 'sprint', '2026-08-01', '2026-09-30', 'active', '2026-08-01');
INSERT INTO indicator (code, name, unit, basis, curve) VALUES
	('YIELD', '良率', '%', 'value', 'step(0:veto, 80:60, 95:100)'),
	('SALES', 'Sales', '万元', 'attainment', 'linear(0:0, 80:60, 100:100, 120:120)'),
	('SAFETY', 'Accidents', NULL, 'value', 'deduct(full 100, above 0, 20 per 1, floor 0)');
UPDATE indicator SET name = 'Sales, net' WHERE code = 'SALES';

SELECT add_goal('2026Q3', 'E1', 'objective', 'Grow', 100, goal_no => 'O1'),
	add_goal('2026Q3', 'E2', 'objective', 'Make it well', 60, 'O1', goal_no => 'O2'),
	add_goal('2026Q3', 'E2', 'kpi', 'Safety', 40, indicator_code => 'SAFETY', goal_no => 'K2'),
	add_goal('2026Q3', 'E5', 'kpi', 'Sell', 100, 'O1', 'SALES', 0, 1000.5, contribution => 2, goal_no => 'K5'),
	add_goal('2026Q3', 'E3', 'milestone', 'Line moved', 100, 'O2', due_on => '2026-09-10', goal_no => 'M3'),
	add_goal('S1', 'E4', 'kpi', 'Sprint', 100, indicator_code => 'SALES', target => 10, department_code => 'KB', goal_no => 'S4'),
	add_goal('2026Q3', 'E6', 'kpi', 'Draft', 30, goal_no => 'D6') \gset
SELECT add_goal('2026Q3', 'E2', 'key_result', 'Yield', 70, 'O2', 'YIELD', 90, 99, goal_no => 'R21'),
	add_goal('2026Q3', 'E2', 'key_result', 'Scrap', 30, 'O2', measured_by => 'measurement', indicator_code => 'YIELD', target => 97, goal_no => 'R22') \gset
SELECT link_goals(goal_id_of('K5'), goal_id_of('O2'), strength => 0.5, buffer_days => 3), link_goals(goal_id_of('M3'), goal_id_of('R21'), 'relates') \gset
INSERT INTO link_rule (name, from_kind, from_department_id, to_department_id)
	VALUES ('sales need the workshop', 'kpi', department_id_of('KB'), department_id_of('KA'));
COMMIT;
BEGIN;
UPDATE link_rule SET is_enabled = false;
SELECT count(activate_goals(no, '2026Q3')) FROM unnest('{E1,E2,E3,E5}'::text[]) AS no \gset
SELECT activate_goals('E4', 'S1') \gset
COMMIT;

INSERT INTO task (task_no, goal_id, owner_id, title, due_on) VALUES
	('T1', goal_id_of('R21'), employee_id_of('E3'), 'Clean', '2026-09-15'), ('T2', goal_id_of('K5'), employee_id_of('E5'), 'Call', NULL);
SELECT check_in(goal_id_of('R21'), 93.25, note => E'first line\nsecond, "quoted"', done_tasks => ARRAY[(SELECT task_id FROM task WHERE task_no = 'T1')],
		photos => ARRAY['https://photos/1.jpg#' || repeat('0f', 32) || '#81920'], at => '2026-09-11 10:00+08'),
	check_in(goal_id_of('K5'), 612.333333, at => '2026-09-17 23:59:59.999999+08'),
	check_in(goal_id_of('K2'), 1, at => '2026-09-01 08:00+08'),
	check_in(goal_id_of('S4'), 9, at => '2026-09-02 08:00+08') \gset
SELECT decide_week('E3', '2026-09-09', 'kept', E'Flood;\n"no network"', 'E2') \gset
INSERT INTO measurement (indicator_id, goal_id, measured_on, value) VALUES (indicator_id_of('YIELD'), goal_id_of('R22'), '2026-09-15', 96.2);
INSERT INTO measurement (indicator_id, department_id, measured_on, numerator, denominator)
	VALUES (indicator_id_of('YIELD'), department_id_of('KA'), '2026-09-15', 950, 1000);
SELECT change_target(goal_id_of('K5'), 1200.25, '2026-09-01', 'The "market" grew', 'E1') \gset
SELECT postpone_goal(goal_id_of('M3'), '2026-09-25', 'Crane is late') \gset
INSERT INTO light_override (goal_id, light, reason, author_id, from_on, until_on)
	VALUES (goal_id_of('O1'), 'yellow', 'Watch it', employee_id_of('E1'), '2026-09-01', '2026-09-30');
INSERT INTO score_adjustment (employee_id, cycle_id, points, reason, approved_by_id)
	VALUES (employee_id_of('E3'), cycle_id_of('2026Q3'), 3.5, 'Helped out', employee_id_of('E2'));
SELECT approve_veto(declare_veto('E5', '2026Q3', 'Orders booked twice', 'E6', 80, evidence => E'Audit\nof "August"', goal_no => 'K5'), 'E1') \gset
SELECT revoke_veto(declare_veto('E3', '2026Q3', 'Wrong person', 'E4', evidence_uri => 'https://files/1.pdf', evidence_sha256 => repeat('0e', 32)), 'E4', 'Mistaken') \gset
INSERT INTO score_component_kind (name, description) VALUES ('民主评议', '0 to 100');
INSERT INTO cycle_formula (cycle_id, final_formula) VALUES (cycle_id_of('2026Q3'), '0.7 * goals + 0.3 * coalesce(民主评议, review, goals)');
SELECT record_component('E5', '2026Q3', '民主评议', 91.25, 'Ballot of 10 September') \gset
SELECT watch_lights(), watch_links() \gset
INSERT INTO cycle (code, kind, starts_on, ends_on, state, recorded_from) VALUES ('2026Q3-KB', 'quarter', '2026-07-01', '2026-09-30', 'active', '2026-07-01');
SELECT add_goal('2026Q3-KB', 'E5', 'kpi', 'A quarter of its own', 100, goal_no => 'Q5') \gset
SELECT activate_goals('E5', '2026Q3-KB') \gset
SELECT check_in(goal_id_of('Q5'), progress => 1.25) \gset
SELECT close_cycle('2026Q3-KB') \gset
INSERT INTO measurement_query (code, indicator_id, subject, source, is_enabled) VALUES ('YIELD', indicator_id_of('YIELD'), 'department', 'mes.yield', false);
INSERT INTO measurement_refresh (code, as_of, rows_read, rows_added, rows_unchanged, rows_refused, error) VALUES ('YIELD', '2026-09-18', 0, 0, 0, 0, 'function "mes.yield"	(date) does not exist');
SELECT close_cycle('S1') \gset
SELECT reopen_cycle('S1', 'A late check-in') \gset
SELECT check_in(goal_id_of('S4'), 10) \gset
SELECT close_cycle('S1') \gset

INSERT INTO destination (name, kind, secret) VALUES ('Workshop chat', 'wecom_robot', 'workshop');
INSERT INTO message_channel (kind, destination_id) SELECT 'goal_overdue', destination_id FROM destination;
SELECT post_message('goal_overdue', employee_id_of('E3'), 'M3 overdue', '{"goal_no": "M3", "goal": "Line moved", "days": 8}') \gset
SELECT enable_sending() \gset
SELECT count(*) FROM claim_messages('relay', 1, '1 minute') \gset

-- talks, one of them taken back, and a month that was looked back on
SELECT record_meeting('E2', 'E3', 'Progress, "late"', E'samples\nare late', '2026-09-11 09:00+08', next_on => '2026-10-09') AS talk \gset
SELECT correct_meeting(:talk, minutes => '样件晚到'), add_meeting_action(:talk, 'Find a mentor'), add_meeting_action(:talk, 'Send samples', due_on => '2026-09-25', goal_no => 'R21'),
	withdraw_meeting(record_meeting('E1', 'E2', 'Salary'), 'By mistake') \gset
SET perf_mgmt.employee = 'E3';
SELECT confirm_meeting(:talk), add_meeting_note(:talk, 'Private: "no more"') \gset
RESET perf_mgmt.employee;
SELECT record_month_review('KA', '2026-08', 'Scrap is down', '2026-09-03') \gset

-- a file with one good record, one bad; and one that is only on its way
INSERT INTO import_line (line) VALUES ('周期编码,类型,上级周期,开始,结束,状态'), ('2025,年,,2025-01-01,2025-12-31,closed'), ('2024,年,,2024-13-01,2024-12-31,closed');
SELECT accepted, rejected FROM import_run('周期') \gset
INSERT INTO import_line (line) VALUES ('left behind, "unfinished');
INSERT INTO attainment_history (quarter, department_id, plan, actual) VALUES
	('2026Q1', department_id_of('K'), 100, 91.5), ('2026Q2', department_id_of('K'), 120.25, 131);

SELECT give_kudos(check_in_id, E'Great,\n"really"', 'E1', '2026-09-12 08:00+08') FROM check_in WHERE goal_id = goal_id_of('R21') \gset
SELECT submit_idea('A cart, "light"', NULL, 'E3') AS idea \gset
SELECT decide_idea(:idea, 'adopted', 80, 'Saves steps', 'E2') \gset
INSERT INTO reward_rule (code, title_zh, title_en, block_weeks, days, from_on) VALUES ('one_week', '一周', 'One week, "kept"', 1, 0.25, '2026-09-07');
-- everybody is silent by then, and nobody is above E1
SELECT sum(t.done) FROM unnest('{2026-09-28 10:00+08,2026-09-30 10:00+08}'::timestamptz[]) AS moment, tick(moment) t \gset
INSERT INTO watch_recall (name) VALUES ('links');
