/* Cycles and the workspace's clock. */
BEGIN;
\ir fixture/small.sql
SELECT plan(19);

SELECT results_eq($$SELECT kind::text, count(*) FROM cycle GROUP BY kind ORDER BY kind$$,
	$$VALUES ('month', 12::bigint), ('quarter', 4), ('year', 1)$$, 'open_year makes a year, its quarters and its months');
SELECT results_eq($$SELECT c.code::text, c.starts_on, c.ends_on, p.code::text FROM cycle c JOIN cycle p ON p.cycle_id = c.parent_id WHERE c.code IN ('2026Q1', '2026-02') ORDER BY 1$$,
	$$VALUES ('2026-02', '2026-02-01'::date, '2026-02-28'::date, '2026Q1'), ('2026Q1', '2026-01-01', '2026-03-31', '2026')$$,
	'With their dates and places');
SELECT is(open_year(2026), cycle_id_of('2026'), 'open_year again changes nothing');
SELECT is(count(*), 17::bigint, 'and adds nothing') FROM cycle;
SELECT throws_ok('SELECT open_year(26)', '22023', 'year 26 is out of range', 'A year has four digits');
SELECT throws_ok($$INSERT INTO cycle (code, kind, parent_id, starts_on, ends_on) SELECT 'S', 'sprint', cycle_id_of('2026Q3'), '2026-09-01', '2026-10-15'$$,
	'23514', 'cycle "S" does not lie inside cycle "2026Q3"', 'A cycle lies inside its parent');
SELECT lives_ok($$INSERT INTO cycle (code, kind, parent_id, starts_on, ends_on, state) SELECT 'S', 'sprint', cycle_id_of('2026'), '2026-09-01', '2026-10-15', 'active'$$,
	'A sprint has dates of its own');
SELECT throws_ok($$UPDATE cycle SET parent_id = cycle_id_of('2026-09') WHERE code = '2026Q3'$$, '23514', NULL, 'No circle of cycles');
SELECT throws_ok($$UPDATE cycle SET state = 'closed' WHERE code = '2026Q3'$$, '55000', 'cycle "2026Q3" cannot be closed by writing its state',
	'Closing has one door');
SELECT throws_ok($$INSERT INTO cycle (code, kind, starts_on, ends_on, state) VALUES ('X', 'sprint', '2026-01-01', '2026-01-02', 'closed')$$, '55000', NULL,
	'Also for a new cycle');
SELECT throws_ok($$INSERT INTO cycle (code, kind, starts_on, ends_on) VALUES ('X', 'sprint', '2026-01-03', '2026-01-02')$$, '23514', NULL, 'Dates are in order');

SELECT is(today(), '2026-09-18'::date, 'The workspace lives on the pinned day');
SELECT is(day_of(workspace_now()), '2026-09-18'::date, 'and its moment lies on it');
SELECT is(day_of('2026-09-17 15:30+00'), '2026-09-17'::date, 'Half past eleven at night in Shanghai is still the same day');
SELECT is(day_of('2026-09-17 16:00+00'), '2026-09-18'::date, 'and midnight is the next');
SELECT is(day_end('2026-09-17'), '2026-09-17 16:00+00'::timestamptz, 'A day ends at midnight in the workspace''s zone');

SELECT throws_ok($$UPDATE setting SET value = '1.5' WHERE key = 'min_coverage'$$, '22023', 'value "1.5" is out of range for setting "min_coverage"',
	'Settings refuse nonsense');
SELECT throws_ok($$UPDATE setting SET value = 'Mars/Olympus' WHERE key = 'time_zone'$$, '22023', NULL, 'Also an unknown time zone');
SELECT throws_ok($$SELECT setting_text('no such')$$, '42704', 'setting "no such" does not exist', 'An unknown setting is an error');

SELECT * FROM finish();
ROLLBACK;
