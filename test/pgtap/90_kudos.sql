/* Kudos: who praises whom, and how much of it managers owe. */
BEGIN;
\ir fixture/small.sql
SELECT no_plan();

-- E2 heads E3 and E4, E1 heads E2 and E5; everybody has checked in on the Monday of three weeks.
UPDATE setting SET value = '2026-08-01' WHERE key = 'today';
ALTER TABLE assignment DISABLE TRIGGER USER;
UPDATE assignment SET recorded_from = '-infinity';
ALTER TABLE assignment ENABLE TRIGGER USER;
INSERT INTO cycle (code, kind, starts_on, ends_on, state, recorded_from) VALUES ('LONG', 'sprint', '2025-01-01', '2027-12-31', 'active', '-infinity');
INSERT INTO goal (goal_no, cycle_id, owner_id, department_id, kind, title, weight, starts_on, due_on, state, recorded_from)
	SELECT e.employee_no, cycle_id_of('LONG'), e.employee_id, a.department_id, 'kpi', e.name, 100, '2026-08-03', '2027-12-31', 'active', '-infinity'
	FROM employee e JOIN assignment a USING (employee_id);
INSERT INTO check_in (check_in_no, goal_id, employee_id, at, note, recorded_at)
	SELECT format('%s %s', g.goal_no, n), g.goal_id, g.owner_id, t.at, 'x', t.at
	FROM goal g, generate_series(1, 3) AS n, LATERAL (SELECT '2026-08-24 09:00+08'::timestamptz + n * interval '7 days' AS at) AS t;
CREATE FUNCTION pg_temp.c(no text) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT check_in_id FROM check_in WHERE check_in_no = no); END $$;
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';

SELECT isnt(give_kudos(pg_temp.c('E3 1'), 'Well done', 'E2', '2026-08-31 10:00+08'), NULL, 'A manager praises a check-in');
SELECT results_eq($$SELECT giver_no::text, employee_no::text, note::text, given_at, checked_in_at FROM kudos_wall$$,
	$$VALUES ('E2', 'E3', 'Well done', '2026-08-31 10:00+08'::timestamptz, '2026-08-31 09:00+08'::timestamptz)$$, 'Everybody can see it');
SELECT throws_ok($$SELECT give_kudos(pg_temp.c('E3 1'), NULL, 'E2')$$, '23505', NULL, 'Once a check-in and giver');
SELECT lives_ok($$SELECT give_kudos(pg_temp.c('E3 1'), NULL, 'E5')$$, 'Others may praise it too, also from elsewhere');
SELECT throws_ok($$SELECT give_kudos(pg_temp.c('E3 1'), NULL, 'E3')$$, '23514', 'employee "E3" cannot praise a check-in of their own', 'Nobody praises themselves');
SELECT throws_ok($$INSERT INTO kudos (check_in_id, giver_id, at) SELECT pg_temp.c('E3 1'), employee_id_of('E3'), '2026-09-01'$$, '23514', NULL, 'whoever writes it');
SELECT throws_ok($$SELECT give_kudos(pg_temp.c('E4 2'), NULL, 'E2', '2026-09-07 08:59+08')$$, '23514', NULL, 'nor what is still to come');
SELECT throws_ok($$SELECT give_kudos(pg_temp.c('E4 2'), NULL, 'E2', '2026-09-19 10:00+08')$$, '22023', NULL, 'nor in the future');
SELECT throws_ok($$SELECT give_kudos(0, NULL, 'E2')$$, 'P0002', 'check-in 0 does not exist', 'An unknown check-in is named');
SELECT throws_ok($$SELECT give_kudos(pg_temp.c('E4 2'))$$, '22023', 'nobody acts who could give kudos', 'Somebody gives them');
SELECT set_config('perf_mgmt.employee', 'E2', true) \g /dev/null
SELECT lives_ok($$SELECT give_kudos(pg_temp.c('E4 1'), at => '2026-09-01 10:00+08')$$, 'the acting employee, unless named');
SELECT set_config('perf_mgmt.employee', '', true) \g /dev/null
SELECT throws_ok($$UPDATE kudos SET note = 'no'$$, '55000', 'praise is never changed or deleted', 'Praise is not changed');
SELECT throws_ok($$DELETE FROM kudos$$, '55000', 'praise is never changed or deleted', 'nor taken back');
SELECT leave_company('E5', '2026-09-10') \g /dev/null
SELECT throws_ok($$SELECT give_kudos(pg_temp.c('E4 2'), NULL, 'E5')$$, '23514', 'employee "E5" is not employed on 2026-09-18', 'Who has left gives none');
SELECT throws_ok($$SELECT give_kudos(pg_temp.c('E5 2'), NULL, 'E1')$$, '23514', 'employee "E5" is not employed on 2026-09-18', 'and gets none');
SELECT lives_ok($$SELECT give_kudos(pg_temp.c('E5 2'), NULL, 'E1', '2026-09-10 23:59+08')$$, 'The last day still counts');

-- ---------------------------------------------------------------------------------------
-- The quota of managers
-- ---------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.owed(no text, day date, known timestamptz DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
	RETURN (SELECT format('%s of %s, team %s, missing %s, %s', q.praised, q.quota, q.team_size, q.missing, CASE WHEN q.is_met THEN 'met' ELSE 'owed' END)
		FROM kudos_quota_at(day, employee_id_of(no), known) q);
END $$;
SELECT is(pg_temp.owed('E2', '2026-09-04', '2026-10-01'), '2 of 2, team 2, missing 0, met', 'Two different members in the week meet the quota');
SELECT give_kudos(pg_temp.c('E3 2'), NULL, 'E2', '2026-09-08 10:00+08') \g /dev/null
SELECT is(pg_temp.owed('E2', '2026-09-11', '2026-10-01'), '1 of 2, team 2, missing 1, owed', 'One does not');
SELECT give_kudos(pg_temp.c('E3 3'), NULL, 'E2', '2026-09-14 10:00+08') \g /dev/null
SELECT give_kudos(pg_temp.c('E3 1'), NULL, 'E1', '2026-09-14 10:00+08'), give_kudos(pg_temp.c('E4 3'), NULL, 'E1', '2026-09-14 10:00+08') \g /dev/null
SELECT is(pg_temp.owed('E1', '2026-09-18'), '0 of 1, team 1, missing 1, owed', 'Praise for people of other teams does not count; the quota is not above the team''s size, leavers gone');
SELECT is(pg_temp.owed('E1', '2026-09-09', '2026-10-01'), '1 of 2, team 2, missing 1, owed', 'By Wednesday the team still was of two');
SELECT is(pg_temp.owed('E1', '2026-09-11', '2026-10-01'), '1 of 1, team 1, missing 0, met', 'A member counts who was one when praised');
SELECT is(pg_temp.owed('E3', '2026-09-18'), NULL, 'Who leads nobody owes nothing');
INSERT INTO check_in (check_in_no, goal_id, employee_id, at, note, recorded_at) SELECT 'E3 4', goal_id_of('E3'), employee_id_of('E3'), '2026-09-13 23:59+08', 'x', '2026-09-13 23:59+08';
SELECT give_kudos(pg_temp.c('E4 2'), NULL, 'E2', '2026-09-13 23:59:59+08') \g /dev/null
SELECT is(pg_temp.owed('E2', '2026-09-11', '2026-10-01'), '2 of 2, team 2, missing 0, met', 'Sunday night belongs to the week');
SELECT is(pg_temp.owed('E2', '2026-09-11'), '0 of 2, team 2, missing 2, owed', 'What was recorded later was not known then');
SELECT transfer('E4', 'KS-B', 'E1', '2026-09-17') \g /dev/null
SELECT is(pg_temp.owed('E2', '2026-09-04', '2026-10-01'), '2 of 2, team 2, missing 0, met', 'Who moves later was a member of the old team');
SELECT is(pg_temp.owed('E2', '2026-09-18'), '1 of 1, team 1, missing 0, met', 'and is none of it now');
UPDATE setting SET value = '3' WHERE key = 'kudos_quota';
SELECT is(pg_temp.owed('E1', '2026-09-18'), '0 of 2, team 2, missing 2, owed', 'The quota is data, but never above the team');
UPDATE setting SET value = '0' WHERE key = 'kudos_quota';
SELECT is(pg_temp.owed('E1', '2026-09-18'), '0 of 0, team 2, missing 0, met', 'Without a quota nothing is owed');
UPDATE setting SET value = '2' WHERE key = 'kudos_quota';
SELECT results_eq($$SELECT week_on, manager_no::text, praised, quota, is_met, due_on FROM kudos_quota WHERE manager_no = 'E2' ORDER BY 1$$,
	$$VALUES ('2026-08-31'::date, 'E2', 2, 2, true, '2026-09-06'::date), ('2026-09-07', 'E2', 2, 2, true, '2026-09-13'), ('2026-09-14', 'E2', 1, 1, true, '2026-09-20')$$, 'The view has a row a manager and week');
SELECT is_empty($$SELECT * FROM kudos_quota_at(NULL)$$, 'No day, no rows');

-- ---------------------------------------------------------------------------------------
-- Import
-- ---------------------------------------------------------------------------------------
SELECT results_eq($$SELECT accepted, unchanged, rejected FROM import_text('点赞', E'时间,工号,打卡编号\n2026-09-14T10:00:00+08:00,E4,E3 1\n2026-08-31T10:00:00+08:00,E2,E3 1\n2026-09-14T10:00:00+08:00,E3,E3 2\n2026-09-01T10:00:00+08:00,E4,E3 2\n2026-09-14T10:00:00+08:00,E5,E3 2\n2026-09-19T00:00:00+08:00,E4,E3 3\n2026-09-14T10:00:00+08:00,E4,C9\n')$$,
	$$VALUES (1::bigint, 0::bigint, 6::bigint)$$, 'Good records land, others do not');
SELECT results_eq($$SELECT record_no, code::text FROM import_error ORDER BY record_no$$,
	$$VALUES (2, 'exists'), (3, 'own_check_in'), (4, 'before_check_in'), (5, 'not_employed'), (6, 'future'), (7, 'unknown')$$, 'each for its reason');
SELECT results_eq($$SELECT accepted, unchanged, rejected FROM import_text('kudos', E'time,employee number,check-in number\n2026-09-14T10:00:00+08:00,E4,E3 1\n')$$,
	$$VALUES (0::bigint, 1::bigint, 0::bigint)$$, 'What is there already is unchanged');
SELECT is(recorded_at, '2026-09-14 10:00+08'::timestamptz, 'It is recorded at its own time') FROM kudos WHERE giver_id = employee_id_of('E4');

SELECT * FROM finish();
ROLLBACK;
