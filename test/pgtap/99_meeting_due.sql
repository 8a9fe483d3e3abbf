/*
 * Whose one-to-one is due, on which day, as known on that day.
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
UPDATE setting SET value = '2026-06-01' WHERE key = 'introduced_on';

CREATE FUNCTION pg_temp.due(day date) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(format('%s-%s %s %s %s', d.manager_no, d.employee_no, coalesce(d.last_on::text, 'never'), d.days, d.due_on), ', ' ORDER BY d.manager_no, d.employee_no), '')
		FROM meeting_due(day) d
$$;

SELECT is(pg_temp.due('2026-07-01'), '', 'Nobody is due within 30 days of the introduction');
SELECT is(pg_temp.due('2026-07-02'), 'E1-E2 never 31 2026-07-01, E1-E5 never 31 2026-07-01, E2-E3 never 31 2026-07-01, E2-E4 never 31 2026-07-01',
	'One day later everybody is who never talked');
UPDATE setting SET value = NULL WHERE key = 'introduced_on';
SELECT is(pg_temp.due('2020-01-31'), '', 'Without an introduction the time under the manager counts');
SELECT is((SELECT count(*) FROM meeting_due('2020-02-01')), 4::bigint, 'from its first day');

UPDATE setting SET value = '2026-09-18' WHERE key = 'today';
SELECT record_meeting('E2', 'E3', 'Talk', held_at => '2026-08-19 23:59:59+08'), record_meeting('E2', 'E4', 'Talk', held_at => '2026-08-18 00:00+08'),
	record_meeting('E1', 'E5', 'Talk', held_at => '2026-09-17 09:00+08'), record_meeting('E1', 'E2', 'Talk', held_at => '2026-09-17 10:00+08') \g /dev/null
SELECT is(pg_temp.due('2026-09-18'), 'E2-E4 2026-08-18 31 2026-09-17', 'A talk 31 days ago is too long ago, one 30 days ago is not');
SELECT is(pg_temp.due('2026-09-19'), 'E2-E3 2026-08-19 31 2026-09-18, E2-E4 2026-08-18 32 2026-09-17', 'A day later that one is too');
SELECT is((SELECT count(*) FROM meeting_due('2026-09-17') WHERE employee_no = 'E4'), 1::bigint, 'A talk that was recorded later was not known the day before');
SELECT is((SELECT string_agg(employee_no, ' ') FROM meeting_due('2026-09-19', employee_id_of('E2'))), 'E3 E4', 'One manager''s are the same');
SELECT is_empty($$SELECT FROM meeting_due('2026-09-19', employee_id_of('E1'))$$, 'and no others');
SELECT is_empty($$SELECT FROM meeting_due(NULL)$$, 'No day, no rows');

-- settings
UPDATE setting SET value = '31' WHERE key = 'one_to_one_days';
SELECT is(pg_temp.due('2026-09-18'), '', 'HR allows a day more');
UPDATE setting SET value = NULL WHERE key = 'one_to_one_days';
SELECT is(pg_temp.due('2030-01-01'), '', 'or asks for none at all');
UPDATE setting SET value = '30' WHERE key = 'one_to_one_days';
SELECT throws_ok($$UPDATE setting SET value = '-1' WHERE key = 'one_to_one_days'$$, '22023', 'value "-1" is out of range for setting "one_to_one_days"');

-- an agreed day
UPDATE setting SET value = '2026-09-19' WHERE key = 'today';
SELECT record_meeting('E2', 'E4', 'Talk', held_at => '2026-09-18 12:00+08', next_on => '2026-09-25') \g /dev/null
SELECT doesnt_match(pg_temp.due('2026-09-25'), 'E2-E4', 'On the day that was agreed it is not yet due');
SELECT matches(pg_temp.due('2026-09-26'), 'E2-E4 2026-09-18 8 2026-09-25', 'the day after it is');
SELECT record_meeting('E2', 'E3', 'Talk', held_at => '2026-09-18 12:00+08', next_on => '2026-12-25') \g /dev/null
SELECT matches(pg_temp.due('2026-10-19'), 'E2-E3 2026-09-18 31 2026-10-18', 'A day far off does not put it off');

-- leave, moves, leaving
INSERT INTO leave (employee_id, during) VALUES (employee_id_of('E3'), '[2026-10-19,2026-10-23)');
SELECT doesnt_match(pg_temp.due('2026-10-19'), 'E2-E3', 'Nobody is asked to talk to somebody on leave');
SELECT doesnt_match(pg_temp.due('2026-10-22'), 'E2-E3', 'to the last day of it');
SELECT matches(pg_temp.due('2026-10-23'), 'E2-E3 2026-09-18 35', 'Afterwards they are');
INSERT INTO leave (employee_id, during) VALUES (employee_id_of('E2'), '[2026-11-02,2026-11-03)');
SELECT is((SELECT count(*) FROM meeting_due('2026-11-02') WHERE manager_no = 'E2'), 0::bigint, 'nor is a manager on leave asked');
SELECT transfer('E3', 'KS-B', 'E2', '2026-11-10'), transfer('E4', 'KS-B', 'E5', '2026-11-10') \g /dev/null
SELECT matches(pg_temp.due('2026-11-12'), 'E2-E3 2026-09-18 55', 'Another department under the same manager changes nothing');
SELECT is((SELECT count(*) FROM meeting_due('2026-11-12') WHERE employee_no = 'E4'), 0::bigint, 'another manager begins anew');
SELECT matches(pg_temp.due('2026-12-11'), 'E5-E4 never 31 2026-12-10', 'and has 30 days');
SELECT matches(pg_temp.due('2026-11-09'), 'E2-E4 2026-09-18 52', 'Before the move it was the former one''s');
SELECT transfer('E4', 'KS-A', 'E2', '2026-12-15') \g /dev/null
SELECT doesnt_match(pg_temp.due('2027-01-14'), 'E2-E4', 'Who comes back is not due at once for a talk of long ago');
SELECT matches(pg_temp.due('2027-01-15'), 'E2-E4 2026-09-18 31 2027-01-14', 'but 31 days after coming back');
SELECT leave_company('E3', '2026-11-30') \g /dev/null
SELECT is((SELECT count(*) FROM meeting_due('2026-12-01') WHERE employee_no = 'E3'), 0::bigint, 'Nobody talks to who has left');

-- taken back
UPDATE setting SET value = '2026-09-20' WHERE key = 'today';
SELECT withdraw_meeting((SELECT meeting_id FROM meeting_record WHERE employee_no = 'E5'), 'Wrong person') \g /dev/null
SELECT matches(pg_temp.due('2026-09-20'), 'E1-E5 never', 'One that was taken back counts no more');
SELECT doesnt_match(pg_temp.due('2026-09-19'), 'E1-E5', 'but counted on the days before');
UPDATE setting SET value = '2026-09-21' WHERE key = 'today';
SELECT correct_meeting((SELECT meeting_id FROM meeting_record WHERE employee_no = 'E2'), held_at => '2026-08-01 10:00+08') \g /dev/null
SELECT matches(pg_temp.due('2026-09-21'), 'E1-E2 2026-08-01 51', 'A corrected day counts from the correction on');
SELECT doesnt_match(pg_temp.due('2026-09-20'), 'E1-E2', 'and not before');

SELECT * FROM finish();
ROLLBACK;
