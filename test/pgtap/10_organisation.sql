/* Hiring, moving, leaving: dated, without overlap, without circles. */
BEGIN;
\ir fixture/small.sql
SELECT plan(22);

SELECT throws_ok($$SELECT hire('E1', 'Again', 'KS')$$, '23505', 'employee "E1" already exists', 'A number is given once');
SELECT throws_ok($$SELECT hire('E9', 'Nine', 'XX')$$, 'P0002', 'department "XX" does not exist', 'An unknown department is named');
SELECT throws_ok($$SELECT hire('E9', 'Nine', 'KS', 'E8')$$, 'P0002', 'employee "E8" does not exist', 'An unknown manager is named');
SELECT throws_ok($$SELECT hire('', 'Nine', 'KS')$$, '23514', NULL, 'A number is not empty');

SELECT lives_ok($$SELECT transfer('E3', 'KS-B', 'E5', '2026-08-01')$$, 'Somebody moves');
SELECT results_eq(
	$$SELECT d.code::text, a.during::text FROM assignment a JOIN department d USING (department_id)
		WHERE a.employee_id = employee_id_of('E3') ORDER BY a.during$$,
	$$VALUES ('KS-A', '[2020-01-01,2026-08-01)'), ('KS-B', '[2026-08-01,)')$$,
	'The old assignment ends the day before the new one begins');
SELECT throws_ok($$SELECT transfer('E3', 'KS-A', 'E2', '2026-07-15')$$, '22023', 'employee "E3" is already transferred again on 2026-08-01',
	'Transfers are entered in order');
SELECT throws_ok($$SELECT transfer('E3', 'KS-A', 'E2', '2019-07-15')$$, '22023', 'employee "E3" has no assignment on 2019-07-15',
	'Nobody moves before being hired');
SELECT lives_ok($$SELECT transfer('E3', 'KS-A', 'E2', '2026-08-20')$$, 'And back');
SELECT results_eq(
	$$SELECT w.days FROM days_worked('2026-09-18') w JOIN department d USING (department_id) JOIN cycle c USING (cycle_id)
		WHERE w.employee_id = employee_id_of('E3') AND c.code = '2026Q3' ORDER BY d.code$$,
	$$VALUES (61::bigint), (19)$$,
	'Days in the quarter: 31 + 30 in the one, 19 in the other');

SELECT throws_ok($$SELECT transfer('E2', 'KS-A', 'E3', '2026-09-01')$$, '23514', 'nobody can be above themselves', 'A manager does not work for his own people');
SELECT throws_ok($$SELECT transfer('E2', 'KS-A', 'E2', '2026-09-01')$$, '23514', NULL, 'Nobody is their own manager');
SELECT throws_ok($$INSERT INTO assignment (employee_id, department_id, during)
	SELECT employee_id_of('E4'), department_id_of('KS-B'), daterange('2026-01-01', '2026-02-01')$$,
	'23P01', NULL, 'Assignments of one person do not overlap, whoever writes them');

SELECT throws_ok($$UPDATE department SET parent_id = department_id_of('KS-A') WHERE code = 'KS'$$, '23514', 'a department cannot be below itself',
	'Departments form a tree');

SELECT throws_ok($$SELECT leave_company('E4', '2019-12-31')$$, '22023', NULL, 'Nobody leaves before being hired');
SELECT lives_ok($$SELECT leave_company('E4', '2026-09-30')$$, 'Somebody leaves ahead');
SELECT is(department_on(employee_id_of('E4'), '2026-09-30'), department_id_of('KS-A'), 'The day given is the last one employed');
SELECT is(department_on(employee_id_of('E4'), '2026-10-01'), NULL, 'And the day after is not');

SELECT ok(is_working_day('2026-09-18'), 'Friday is a working day');
SELECT ok(NOT is_working_day('2026-09-19'), 'Saturday is not');
INSERT INTO holiday (day, is_working) VALUES ('2026-09-18', false), ('2026-09-19', true);
SELECT ok(NOT is_working_day('2026-09-18'), 'Unless the table holiday says it is off');
SELECT ok(is_working_day('2026-09-19'), 'Or that it is made up for');

SELECT * FROM finish();
ROLLBACK;
