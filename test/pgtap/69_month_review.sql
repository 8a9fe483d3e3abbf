/*
 * Month reviews: who holds them, by when, and which department still owes one.
 */
BEGIN;
\ir fixture/small.sql
SET search_path TO perf, perf_mgmt, public, pg_temp;
SELECT no_plan();
-- HR's files carry no recording times: organisation and cycles are known from the beginning
ALTER TABLE assignment DISABLE TRIGGER USER;
ALTER TABLE cycle DISABLE TRIGGER USER;
UPDATE assignment SET recorded_from = '-infinity';
UPDATE cycle SET recorded_from = '-infinity';
ALTER TABLE assignment ENABLE TRIGGER USER;
ALTER TABLE cycle ENABLE TRIGGER USER;

-- ---------------------------------------------------------------------------------------
-- Heads and working days
-- ---------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.heads(day date) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(d.code || ' ' || e.employee_no, ', ' ORDER BY d.code)
		FROM department_head_at(day) h JOIN department d USING (department_id) JOIN employee e USING (employee_id)
$$;
SELECT is(pg_temp.heads('2026-09-18'), 'KS E1, KS-A E2, KS-B E5', 'The head works in the department for somebody outside it');
SELECT hire('E6', 'Second', 'KS-A', 'E1', '2026-02-01') \g /dev/null
SELECT is(pg_temp.heads('2026-09-18'), 'KS E1, KS-A E2, KS-B E5', 'of two the one with more members there');
SELECT transfer('E3', 'KS-A', 'E6', '2026-09-21'), transfer('E4', 'KS-A', 'E6', '2026-09-21') \g /dev/null
SELECT is(pg_temp.heads('2026-09-21'), 'KS E1, KS-A E6, KS-B E5', 'on each day');
SELECT is(pg_temp.heads('2026-09-20'), 'KS E1, KS-A E2, KS-B E5', 'as assigned then');
SELECT leave_company('E5', '2026-09-30') \g /dev/null
SELECT is(pg_temp.heads('2026-10-01'), 'KS E1, KS-A E6', 'Where nobody works there is no head');
SELECT is((SELECT count(*) FROM department_head_at('2026-09-18', known_at => '2019-01-01')), 3::bigint, 'Assignments that were always known are known at any moment');
SELECT is((SELECT count(*) FROM department_head_at('2026-09-18', ARRAY[department_id_of('KS-A')])), 1::bigint, 'Some departments are asked alone');

SELECT is(working_day_after('2026-08-31', 5), '2026-09-07'::date, 'Five working days after a Monday are the next Monday');
SELECT is(working_day_after('2026-09-18', 1), '2026-09-21'::date, 'a weekend lies between');
SELECT is(working_day_after('2026-09-18', 0), '2026-09-18'::date, 'none is the day itself');
INSERT INTO holiday (day, is_working, name) VALUES ('2026-09-21', false, 'day off'), ('2026-09-19', true, 'worked Saturday'), ('2026-09-02', false, 'day off');
SELECT is(working_day_after('2026-09-18', 2), '2026-09-22'::date, 'Holidays and worked Saturdays count as they are');

-- ---------------------------------------------------------------------------------------
-- Due
-- ---------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.due(day date) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(format('%s %s %s by %s%s', d.department_code, d.month, d.employee_no, d.due_on,
		CASE WHEN d.days_late > 0 THEN format(', %s late', d.days_late) ELSE '' END), '; ' ORDER BY d.department_code), '') FROM month_review_due(day) d
$$;
SELECT is(pg_temp.due('2026-09-18'), '', 'Without goals there is nothing to review');
UPDATE setting SET value = '2026-08-03' WHERE key = 'today';
INSERT INTO goal (goal_no, cycle_id, owner_id, department_id, kind, title, weight, starts_on, due_on, state)
	VALUES ('GA', cycle_id_of('2026Q3'), employee_id_of('E3'), department_id_of('KS-A'), 'kpi', 'A', 100, '2026-07-01', '2026-08-15', 'active'),
		('GB', cycle_id_of('2026Q3'), employee_id_of('E5'), department_id_of('KS-B'), 'kpi', 'B', 100, '2026-08-31', '2026-09-30', 'active'),
		('GK', cycle_id_of('2026Q3'), employee_id_of('E1'), department_id_of('KS'), 'kpi', 'K', 100, '2026-07-01', '2026-09-30', 'draft');
SELECT is(pg_temp.due('2026-08-31'), 'KS-A 2026-07 E2 by 2026-08-07, 24 late', 'To the month''s last day the month before is the one that is owed');
SELECT is(pg_temp.due('2026-09-01'), 'KS-A 2026-08 E2 by 2026-09-08; KS-B 2026-08 E5 by 2026-09-08',
	'From the next day on the month that ended, within five working days, where live goals were in it');
SELECT is(pg_temp.due('2026-09-08'), 'KS-A 2026-08 E2 by 2026-09-08; KS-B 2026-08 E5 by 2026-09-08', 'On the fifth it is in time');
SELECT is(pg_temp.due('2026-09-10'), 'KS-A 2026-08 E2 by 2026-09-08, 2 late; KS-B 2026-08 E5 by 2026-09-08, 2 late', 'then late');
SELECT is(pg_temp.due('2026-08-02'), '', 'Goals that were not known then were not owed then');
SELECT is((SELECT string_agg(department_code, ' ') FROM month_review_due('2026-09-10', employee_id_of('E2'))), 'KS-A', 'One head''s are the same');
SELECT is_empty($$SELECT FROM month_review_due('2026-09-10', employee_id_of('E3'))$$, 'Who is no head owes none');
SELECT is_empty($$SELECT FROM month_review_due(NULL)$$, 'No day, no rows');
UPDATE setting SET value = '0' WHERE key = 'month_review_days';
SELECT matches(pg_temp.due('2026-09-01'), 'by 2026-08-31, 1 late', 'HR may ask for it on the last day');
UPDATE setting SET value = NULL WHERE key = 'month_review_days';
SELECT is(pg_temp.due('2026-09-10'), '', 'or never');
UPDATE setting SET value = '5' WHERE key = 'month_review_days';
UPDATE setting SET value = '2026-09-01' WHERE key = 'introduced_on';
SELECT is(pg_temp.due('2026-09-10'), '', 'Months before the introduction are not asked for');
UPDATE setting SET value = NULL WHERE key = 'introduced_on';

-- ---------------------------------------------------------------------------------------
-- Recording
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = '2026-09-03' WHERE key = 'today';
SELECT record_month_review('KS-A', '2026-08', 'Scrap is down') AS review \gset
SELECT results_eq($$SELECT department_code, department, month, held_on, held_by_no, held_by, minutes FROM month_review_record$$,
	$$VALUES ('KS-A'::varchar, 'Workshop'::varchar, '2026-08'::varchar, '2026-09-03'::date, 'E2'::varchar, 'Head'::varchar, 'Scrap is down'::varchar)$$,
	'A review is recorded, the head held it unless said otherwise');
SELECT is(pg_temp.due('2026-09-03'), 'KS-B 2026-08 E5 by 2026-09-08', 'and owed no more');
SELECT is(pg_temp.due('2026-09-02'), 'KS-A 2026-08 E2 by 2026-09-08; KS-B 2026-08 E5 by 2026-09-08', 'though the day before it was');
SELECT record_month_review('KS-A', '2026-08', 'Scrap is down 5 %', '2026-09-02', 'E3') \g /dev/null
SELECT results_eq($$SELECT held_on, held_by_no, minutes FROM month_review_record$$,
	$$VALUES ('2026-09-02'::date, 'E3'::varchar, 'Scrap is down 5 %'::varchar)$$, 'Again is a correction, the newest holds');
SELECT is((SELECT count(*) FROM month_review), 2::bigint, 'both are kept');
SELECT throws_ok($$UPDATE month_review SET minutes = NULL$$, '55000', 'a month review is never changed or deleted');
SELECT throws_ok($$DELETE FROM month_review$$, '55000', 'a month review is never changed or deleted');
SET perf_mgmt.employee = 'E5';
SELECT record_month_review('KS-B', '2026-08') \g /dev/null
SET perf_mgmt.employee = '';
SELECT is(held_by_no, 'E5', 'Who acts held it') FROM month_review_record WHERE department_code = 'KS-B';
SELECT is(pg_temp.due('2026-09-03'), '', 'Nothing is owed any more');
SELECT throws_ok($$SELECT record_month_review('KS-A', '2026Q3')$$, '22023', 'cycle "2026Q3" is a quarter, not a month');
SELECT throws_ok($$SELECT record_month_review('KS-A', '2026-09', held_on => '2026-08-31')$$, '22023', 'a review of 2026-09 cannot have been held on 2026-08-31');
SELECT throws_ok($$SELECT record_month_review('KS-A', '2026-08', held_on => '2026-09-04')$$, '22023', 'a review of 2026-08 cannot have been held on 2026-09-04');
SELECT throws_ok($$SELECT record_month_review('KS-A', '2026-08', held_on => NULL)$$, '22023', 'a month review needs the day on which it was held, not (null)');
SELECT throws_ok($$SELECT record_month_review('KS-X', '2026-08')$$, 'P0002', 'department "KS-X" does not exist');
SELECT throws_ok($$SELECT record_month_review('KS-A', '2099-08')$$, 'P0002', 'cycle "2099-08" does not exist');
INSERT INTO department (code, name) VALUES ('KS-C', 'Empty');
SELECT throws_ok($$SELECT record_month_review('KS-C', '2026-08')$$, '22023', 'department "KS-C" had no head on 2026-09-03');

-- a closed month is reviewed as well
UPDATE setting SET value = '2026-10-02' WHERE key = 'today';
SELECT close_cycle('2026-09') \g /dev/null
SELECT lives_ok($$SELECT record_month_review('KS-B', '2026-09', held_by_no => 'E1')$$, 'A month that is closed can still be reviewed');

SELECT * FROM finish();
ROLLBACK;
