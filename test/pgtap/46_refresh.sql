/* Measured series under closed cycles, and registered functions that measure. */
BEGIN;
\ir fixture/small.sql
SELECT plan(48);

INSERT INTO indicator (code, name, aggregation, recorded_from) VALUES ('SALES', 'Sales', 'sum', '-infinity'), ('STAFF', 'Staff', 'last', '-infinity'), ('HEAD', 'Heads', 'last', '-infinity');
UPDATE indicator SET formula = 'SALES / STAFF' WHERE code = 'HEAD';
CREATE ROLE pm_test_reader;
CREATE ROLE pm_test_owner;
CREATE ROLE pm_test_hr;
CREATE SCHEMA shop;
CREATE TABLE shop.receipt (seller text, day date, amount numeric);
GRANT USAGE, CREATE ON SCHEMA shop TO pm_test_reader;
GRANT SELECT ON shop.receipt TO pm_test_reader;
INSERT INTO shop.receipt VALUES ('E3', '2026-09-01', 10), ('E3', '2026-09-01', 5), ('E4', '2026-09-02', 7), ('E9', '2026-09-02', 1), ('E4', '2026-09-30', 9);
CREATE FUNCTION pg_temp.make(name text, body text, options text DEFAULT 'STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE OR REPLACE FUNCTION shop.%I(as_of date) RETURNS TABLE (subject_no text, measured_on date, value numeric, numerator numeric, denominator numeric) LANGUAGE plpgsql %s AS %L',
		name, options, body);
	EXECUTE format('ALTER FUNCTION shop.%I(date) OWNER TO pm_test_reader', name);
END; $$;
SELECT pg_temp.make('sales', 'BEGIN RETURN QUERY SELECT seller, day, sum(amount), NULL::numeric, NULL::numeric FROM shop.receipt GROUP BY seller, day; END');
INSERT INTO measurement_query (code, indicator_id, subject, source) VALUES ('SALES', indicator_id_of('SALES'), 'employee', 'shop.sales');

SELECT results_eq('SELECT query::text, rows_read, rows_added, rows_unchanged, rows_refused, remark::text, error::text FROM refresh_measurements()',
	$$VALUES ('SALES', 4::bigint, 2::bigint, 0::bigint, 2::bigint, '2026-09-30 for "E4" is no day up to 2026-09-18', NULL)$$, 'A registered function measures; what it cannot know is refused, the rest taken');
SELECT results_eq($$SELECT e.employee_no::text, m.value, m.source::text FROM measurement m JOIN employee e USING (employee_id) ORDER BY 1$$,
	format($$VALUES ('E3', 15::numeric, 'query SALES, refresh %1$s'), ('E4', 7, 'query SALES, refresh %1$s')$$, (SELECT refresh_id FROM measurement_refresh)), 'Each measurement says whence it comes');
SELECT results_eq('SELECT rows_added, rows_unchanged FROM refresh_measurements()', 'VALUES (0::bigint, 2::bigint)', 'What is known already adds no row');
UPDATE shop.receipt SET amount = 11 WHERE amount = 10;
SELECT results_eq('SELECT rows_added, rows_unchanged FROM refresh_measurements($$SALES$$)', 'VALUES (1::bigint, 1::bigint)', 'what changed adds one');
SELECT is(array_agg(value ORDER BY measurement_id), '{15,16}', 'and the old value stays') FROM measurement WHERE employee_id = employee_id_of('E3');
SELECT is(count(*), 3::bigint, 'Each run is on record') FROM measurement_refresh
	WHERE run_as = 'pm_test_reader' AND definition_hash = md5(pg_get_functiondef('shop.sales(date)'::regprocedure)) AND duration_ms > 0 AND recorded_by = session_user;

-- once a day by itself
SELECT is(refresh_daily(workspace_now()), 0::bigint, 'What has run for the day does not run again by itself');
UPDATE setting SET value = '2026-09-19' WHERE key = 'today';
UPDATE shop.receipt SET amount = 12 WHERE amount = 11;
SELECT is(refresh_daily('2026-09-18 12:00+08'), 0::bigint, 'nor for a day that is over');
SELECT is((SELECT done FROM tick() WHERE kind = 'measurement'), 1::bigint, 'The first tick of the next day runs it');
SELECT is((SELECT done FROM tick() WHERE kind = 'measurement'), 0::bigint, 'and the second does not');
UPDATE setting SET value = '2026-09-18' WHERE key = 'today';

-- it runs as its owner, and leaves nothing
CREATE TABLE shop.secret (amount numeric);
SELECT pg_temp.make('thief', 'BEGIN RETURN QUERY SELECT ''E3''::text, as_of, amount, NULL::numeric, NULL::numeric FROM shop.secret; END');
SELECT pg_temp.make('writer', 'BEGIN PERFORM shop.write(); RETURN; END');
CREATE FUNCTION shop.write() RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO shop.receipt VALUES ('E3', '2026-09-03', 1000); END $$;
GRANT INSERT ON shop.receipt TO pm_test_reader;
SELECT pg_temp.make('climber', 'BEGIN PERFORM set_config(''role'', ''postgres'', false); RETURN; END');
SELECT pg_temp.make('lifter', 'BEGIN PERFORM set_config(''transaction_read_only'', ''off'', true); RETURN; END');
SELECT pg_temp.make('setter', 'BEGIN PERFORM set_config(''search_path'', ''shop'', false); PERFORM set_config(''application_name'', ''mine'', false); RETURN; END');
SELECT pg_temp.make('sleeper', 'BEGIN LOOP PERFORM 1; END LOOP; END');
SELECT pg_temp.make('stubborn', 'BEGIN FOR i IN 1 .. 3 LOOP BEGIN LOOP PERFORM 1; END LOOP; EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; RETURN; END');
SELECT pg_temp.make('twice', 'BEGIN RETURN QUERY SELECT ''E3''::text, as_of, n::numeric, NULL::numeric, NULL::numeric FROM generate_series(1, 2) n; END');
SELECT pg_temp.make('huge', 'BEGIN RETURN QUERY SELECT v.no, as_of, v.n, NULL::numeric, NULL::numeric FROM (VALUES (''E3'', 1), (''E4'', ''NaN''::numeric)) v(no, n); END');
SELECT pg_temp.make('failing', 'BEGIN RAISE division_by_zero; END');
INSERT INTO measurement_query (code, indicator_id, subject, source, timeout_ms)
	SELECT n, indicator_id_of('STAFF'), 'employee', 'shop.' || n, 200 FROM unnest('{thief,writer,climber,lifter,setter,sleeper,stubborn,twice,huge,failing}'::text[]) n;
CREATE TEMPORARY TABLE ran AS SELECT * FROM refresh_measurements();
SELECT is(count(*), 11::bigint, 'One that fails does not stop the others') FROM ran;
SELECT is(error::text, wanted, label) FROM ran JOIN (VALUES
	('thief', 'permission denied for table secret', 'It reads what its owner may read'),
	('writer', 'cannot execute INSERT in a read-only transaction', 'writes nothing'),
	('climber', 'cannot set parameter "role" within security-definer function', 'becomes nobody else'),
	('lifter', 'cannot set transaction read-write mode inside a read-only transaction', 'cannot allow itself to write'),
	('setter', NULL, 'may change settings'),
	('sleeper', 'cancelled after 200 ms', 'has its time'),
	('stubborn', NULL, 'and no more of it'),
	('twice', 'it gives "E3" more than one value on 2026-09-18', 'gives one value a day'),
	('huge', 'new row for relation "measurement" violates check constraint "measurement_value_check"', 'that a measurement can hold'),
	('failing', 'division_by_zero', 'or fails with its own words')) AS v(code, wanted, label) ON v.code = ran.query;
SELECT is_empty($$SELECT * FROM measurement WHERE indicator_id = indicator_id_of('STAFF')$$, 'What failed left nothing half-done');
SELECT ok(current_setting('application_name') <> 'mine' AND current_setting('search_path') NOT LIKE 'shop%', 'Settings that one changed are as they were');
SELECT is(current_setting('transaction_read_only'), 'off', 'and this transaction may write');
SELECT cmp_ok(sum(duration_ms), '<', 100000::numeric, 'The sleepers were woken') FROM measurement_refresh;
SELECT is(count(*), 0::bigint, 'Nothing was written') FROM shop.receipt WHERE amount = 1000;

-- what may be registered
SELECT throws_ok(format($$INSERT INTO measurement_query (code, indicator_id, subject, source) VALUES ('X', indicator_id_of('STAFF'), 'employee', %L)$$, source), state, message, label) FROM (VALUES
	('shop.nothing', '42883', 'function shop.nothing(date) does not exist', 'What there is'),
	('sales', '42883', 'function sales(date) does not exist', 'by its full name'),
	('shop.sales; DROP TABLE goal', '22023', NULL, 'and nothing but a name'),
	('pg_catalog.date_part', '42883', NULL, 'with one day')) AS v(source, state, message, label);
SELECT pg_temp.make('volatile', 'BEGIN RETURN; END', 'VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp'), pg_temp.make('invoker', 'BEGIN RETURN; END', 'STABLE SET search_path = pg_catalog, pg_temp'),
	pg_temp.make('pathless', 'BEGIN RETURN; END', 'STABLE SECURITY DEFINER');
CREATE FUNCTION shop.other(as_of date) RETURNS TABLE (subject_no text, measured_on date, value double precision, numerator numeric, denominator numeric)
	LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN; END $$;
SELECT pg_temp.make('super', 'BEGIN RETURN; END'), pg_temp.make('hr', 'BEGIN RETURN; END');
ALTER FUNCTION shop.super(date) OWNER TO CURRENT_USER;
GRANT CREATE ON SCHEMA shop TO pm_test_hr;
GRANT INSERT ON measurement TO pm_test_hr;
ALTER FUNCTION shop.hr(date) OWNER TO pm_test_hr;
SELECT throws_like(format($$INSERT INTO measurement_query (code, indicator_id, subject, source) VALUES ('X', indicator_id_of('STAFF'), 'employee', 'shop.%s')$$, name), format('function shop.%s(date) %s', name, wanted), label)
	FROM (VALUES ('volatile', 'is VOLATILE%', 'not one that may write'), ('invoker', 'is not SECURITY DEFINER%', 'nor one that takes the caller''s rights'),
		('pathless', 'does not pin its search_path', 'nor one that looks anywhere'), ('other', 'does not return TABLE%', 'nor of another shape'),
		('super', 'belongs to "%", a superuser%', 'nor one of a superuser'), ('hr', 'belongs to "pm_test_hr", which may write to the workspace', 'nor of somebody who writes measurements anyway')) AS v(name, wanted, label);
SELECT throws_ok($$INSERT INTO measurement_query (code, indicator_id, subject, source) VALUES ('X', indicator_id_of('HEAD'), 'employee', 'shop.sales')$$, '23514', 'indicator "HEAD" is computed, not measured', 'What is computed is not measured');
GRANT USAGE ON SCHEMA perf, perf_mgmt TO pm_test_hr;
GRANT SELECT ON ALL TABLES IN SCHEMA perf TO pm_test_hr;
GRANT INSERT ON measurement_query TO pm_test_hr;
SET ROLE pm_test_hr;
SELECT throws_ok($$INSERT INTO measurement_query (code, indicator_id, subject, source) VALUES ('X', 1, 'employee', 'shop.sales')$$, '42501', 'permission denied to register query "X"', 'Only the owner registers, whatever is granted');
RESET ROLE;
ALTER FUNCTION shop.sales(date) OWNER TO CURRENT_USER;
SELECT alike(error, 'function shop.sales(date) belongs to "%", a superuser%', 'One that has become unfit is not run') FROM refresh_measurements('SALES');
ALTER FUNCTION shop.sales(date) OWNER TO pm_test_reader;
SELECT throws_ok($$SELECT * FROM refresh_measurements('NONE')$$, 'P0002', 'query "NONE" does not exist or is not enabled', 'An unknown query is named');
SELECT throws_ok($$SELECT * FROM refresh_measurements(as_of => '2026-09-19')$$, '22023', 'measurements cannot be refreshed for 2026-09-19', 'Tomorrow is not measured');

-- series and closed cycles
SELECT throws_ok($$INSERT INTO measurement (indicator_id, employee_id, measured_on, value) SELECT indicator_id_of('SALES'), employee_id_of('E3'), '2026-09-19', 1$$, '22023',
	'a measurement cannot hold for the future, 2026-09-19', 'Nothing is measured in the future');
SELECT add_goal('2026Q3', 'E3', 'kpi', 'G', 100, indicator_code => 'HEAD', target => 10, goal_no => 'G'), add_goal('2026Q3', 'E4', 'kpi', 'S', 100, indicator_code => 'SALES', target => 10, goal_no => 'S', measured_by => 'measurement');
SELECT pg_temp.activate_all();
INSERT INTO measurement (indicator_id, department_id, measured_on, value) SELECT indicator_id_of('STAFF'), department_id_of('KS-A'), '2026-09-01', 2;
DELETE FROM cycle WHERE code IN ('2026-07', '2026-08');
SELECT close_cycle('2026-09'), close_cycle('2026Q3');
CREATE TEMPORARY TABLE frozen AS SELECT employee_no, score FROM employee_scorecard;
SELECT throws_ok(format($$INSERT INTO measurement (indicator_id, goal_id, employee_id, department_id, measured_on, value) SELECT indicator_id_of(%L), %s, '2026-09-02', 100$$, code, subject), '55000', 'cycle "2026Q3" is closed', label)
	FROM (VALUES ('SALES', 'goal_id_of($$S$$), NULL::bigint, NULL::bigint', 'A correction for a closed cycle is refused: the goal''s own'),
		('SALES', 'NULL::bigint, employee_id_of($$E4$$), NULL::bigint', 'its owner''s'), ('STAFF', 'NULL::bigint, NULL::bigint, department_id_of($$KS-A$$)', 'and one by way of a formula')) AS v(code, subject, label);
SELECT lives_ok($$INSERT INTO measurement (indicator_id, employee_id, measured_on, value) SELECT indicator_id_of('SALES'), employee_id_of('E5'), '2026-09-02', 100$$, 'Series that no frozen result rests on go on');
UPDATE shop.receipt SET amount = amount + 1;
SELECT results_eq('SELECT rows_added, rows_refused, remark LIKE $$%%closed%%$$ OR remark LIKE $$%%no day%%$$ FROM refresh_measurements($$SALES$$)', 'VALUES (0::bigint, 4::bigint, true)', 'and a refresh leaves closed ones alone');
SELECT results_eq('SELECT employee_no, score FROM employee_scorecard ORDER BY 1', 'SELECT * FROM frozen ORDER BY 1', 'The frozen results stand');

SELECT * FROM finish();
ROLLBACK;
