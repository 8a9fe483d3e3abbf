BEGIN;
SELECT plan(6);
\ir fixture/small.sql

SELECT throws_ok($$ SELECT transfer('E1', 'KS', 'E3', '2026-09-01') $$, '23514', 'nobody can be above themselves',
	'Nobody works for somebody who works for them');
SELECT throws_ok($$ SELECT transfer('E1', 'KS', 'E1', '2026-09-01') $$, '23514', NULL, 'Nobody is their own manager');

-- E5 comes below E4 in October; until then E4 could work for E5, but not from October on
SELECT lives_ok($$ SELECT transfer('E5', 'KS-B', 'E4', '2026-10-01') $$, 'A transfer can lie ahead');
SELECT throws_ok($$ SELECT transfer('E2', 'KS-A', 'E5', '2026-09-01') $$, '23514', 'nobody can be above themselves',
	'A circle that would only close on a later day is refused too');
SELECT lives_ok($$ UPDATE assignment SET manager_id = employee_id_of('E5'), during = daterange('2020-01-01', '2026-10-01')
		WHERE employee_id = employee_id_of('E4') $$,
	'Two people can be each other''s manager one after the other');
SELECT throws_ok($$ UPDATE assignment SET during = daterange('2020-01-01', '2026-10-02') WHERE employee_id = employee_id_of('E4') $$,
	'23514', 'nobody can be above themselves', 'but not on the same day');

SELECT * FROM finish();
ROLLBACK;
