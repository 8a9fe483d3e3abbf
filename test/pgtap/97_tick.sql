/*
 * The tick: whenever it comes, what is due is done once, and one part that
 * fails holds up no other.
 */
BEGIN;
SET search_path TO perf, perf_mgmt, public, pg_temp;
SELECT no_plan();

DELETE FROM tick_run;
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';

-- ---------------------------------------------------------------------------------------
-- What it says and what it logs
-- ---------------------------------------------------------------------------------------
CREATE TEMPORARY TABLE first_tick AS SELECT row_number() OVER () AS part_no, t.* FROM tick() AS t;
SELECT isnt_empty($$SELECT kind, done FROM first_tick$$, 'A tick says what it did');
SELECT is_empty($$SELECT kind FROM first_tick WHERE done IS NULL$$, 'No part of it fails in an empty company');
SELECT is(count(DISTINCT kind), count(*), 'It gives one row a kind') FROM first_tick;
SELECT is(at, workspace_now(), 'Without a time it is for the workspace''s moment, on a pinned day that day') FROM tick_run;
SELECT results_eq($$SELECT part_no::bigint, kind, done FROM tick_part ORDER BY part_no$$, $$SELECT part_no, kind, done FROM first_tick ORDER BY part_no$$,
	'The log says the same');
SELECT ok(started_at <= finished_at AND finished_at <= clock_timestamp(), 'and how long it took, by the real clock') FROM tick_run;

SELECT isnt_empty($$SELECT * FROM tick('2026-09-25 09:00+08')$$, 'A tick may be for a moment ahead');
SELECT isnt_empty($$SELECT * FROM tick('2026-08-01 09:00+08')$$, 'and for one before the newest');
SELECT is(count(*), 3::bigint, 'Each tick is in the log') FROM tick_run;

SELECT throws_ok($$SELECT tick(NULL)$$, '22023', 'a tick cannot be at (null)');
SELECT throws_ok($$SELECT tick('infinity')$$, '22023', 'a tick cannot be at infinity');
SELECT throws_ok($$SELECT tick('-infinity')$$, '22023', 'a tick cannot be at -infinity');
SELECT is(count(*), 3::bigint, 'A tick that is refused leaves nothing') FROM tick_run;

-- ---------------------------------------------------------------------------------------
-- The log is kept for a while
-- ---------------------------------------------------------------------------------------
UPDATE tick_run SET started_at = started_at - interval '31 days' WHERE at = '2026-09-25 09:00+08';
UPDATE tick_run SET started_at = started_at - interval '29 days' WHERE at = '2026-08-01 09:00+08';
SELECT is(forget_ticks(), 1::bigint, 'What is older than 30 days by the real clock is forgotten');
SELECT is(count(*), 2::bigint, 'and nothing else') FROM tick_run;
UPDATE setting SET value = '10' WHERE key = 'tick_keep_days';
SELECT results_eq($$SELECT done FROM tick() WHERE kind = 'tick_log'$$, $$VALUES (1::bigint)$$, 'The tick does so by itself, after as many days as the setting says');
SELECT is_empty($$SELECT p.* FROM tick_part p WHERE NOT EXISTS (SELECT FROM tick_run r WHERE r.tick_run_id = p.tick_run_id)$$, 'with all that belongs to it');

-- ---------------------------------------------------------------------------------------
-- A part that fails
-- ---------------------------------------------------------------------------------------
UPDATE setting SET value = '1e9' WHERE key = 'tick_keep_days';
SET LOCAL client_min_messages = error;
CREATE TEMPORARY TABLE failed_tick AS SELECT * FROM tick();
SELECT is(done, NULL, 'A part that fails says so') FROM failed_tick WHERE kind = 'tick_log';
SELECT matches(error, '^22008 ', 'and the log says why') FROM tick_part WHERE done IS NULL;
SELECT is_empty($$SELECT kind FROM failed_tick WHERE kind <> 'tick_log' AND done IS NULL$$, 'The other parts are done all the same');
UPDATE setting SET value = '30' WHERE key = 'tick_keep_days';
SELECT is_empty($$SELECT kind FROM tick() WHERE done IS NULL$$, 'The next tick tries again');

-- ---------------------------------------------------------------------------------------
-- Who may
-- ---------------------------------------------------------------------------------------
CREATE ROLE m97_scheduler;
GRANT USAGE ON SCHEMA perf, perf_mgmt TO m97_scheduler;
SET ROLE m97_scheduler;
SELECT throws_ok($$SELECT tick()$$, '42501', 'permission denied for function tick', 'Not everybody may call it');
RESET ROLE;
GRANT EXECUTE ON FUNCTION tick(timestamptz) TO m97_scheduler;
GRANT SELECT ON setting TO m97_scheduler;
SET ROLE m97_scheduler;
SELECT isnt_empty($$SELECT * FROM tick()$$, 'A scheduler needs the right to call it and to read the settings, and no other');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
