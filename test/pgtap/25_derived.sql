/* Indicators computed from others. */
BEGIN;
\ir fixture/small.sql
SELECT plan(35);

INSERT INTO indicator (code, name, unit, aggregation, basis, curve, recorded_from) VALUES
	('SALES', 'Sales', '万元', 'sum', 'progress', NULL, '-infinity'), ('STAFF', 'Staff', NULL, 'avg', 'progress', NULL, '-infinity'),
	('良率', 'Yield', '%', 'ratio', 'progress', NULL, '-infinity'), ('OEE-1', 'Equipment', '%', 'last', 'progress', NULL, '-infinity');
INSERT INTO indicator (code, name, basis, curve, formula, recorded_from) VALUES
	('人均', 'Sales per head', 'value', 'linear(0:0, 50:100)', 'SALES / STAFF', '-infinity'),
	('QUALITY', 'Of both', 'value', 'linear(0:0, 100:100)', '0.6 * 良率 + 0.4 * "OEE-1"', '-infinity');
SELECT pg_temp.goal('A', 'E3', 'kpi', 50, indicator => '人均'), pg_temp.goal('Q', 'E3', 'kpi', 50, indicator => 'QUALITY'),
	pg_temp.goal('B', 'E4', 'kpi', 100, indicator => '人均', target => 40);
SELECT pg_temp.activate_all();
CREATE FUNCTION pg_temp.stands(no text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT concat_ws(' ', trim_scale(f.actual), trim_scale(s.score), CASE WHEN f.actual IS NULL THEN s.reason END) FROM goal_status s JOIN goal_fact(today()) f USING (goal_id) WHERE goal_no = no);
END; $$;

SELECT is(pg_temp.stands('A'), 'the formula lacks a value of SALES, STAFF', 'Without measures there is no value, and it is said what is missing');
INSERT INTO measurement (indicator_id, employee_id, measured_on, value) SELECT indicator_id_of(v.code), employee_id_of('E3'), v.day::date, v.value
	FROM (VALUES ('SALES', '2026-07-31', 100), ('SALES', '2026-08-31', 110), ('STAFF', '2026-07-31', 4), ('STAFF', '2026-08-31', 6), ('OEE-1', '2026-08-31', 80)) AS v(code, day, value);
INSERT INTO measurement (indicator_id, department_id, measured_on, numerator, denominator) SELECT indicator_id_of('良率'), department_id_of('KS-A'), v.day::date, v.good, v.made
	FROM (VALUES ('2026-07-31', 90, 100), ('2026-08-31', 855, 900)) AS v(day, good, made);
SELECT is(pg_temp.stands('A'), '42 84', 'Inputs combine by their own aggregation, then the formula holds: (100 + 110) / avg(4, 6)');
SELECT is(pg_temp.stands('Q'), '88.7 88.7', 'Each input comes from the owner or the department, a ratio of sums: 0.6 x 94.5 + 0.4 x 80; codes that are no names stand in quotes');
SELECT is(pg_temp.stands('B'), 'the formula lacks a value of SALES, STAFF', 'Somebody else''s series is not one''s own');
SELECT check_in(pg_temp.id('B'), 39, note => 'here');
SELECT is(pg_temp.stands('B'), 'the formula lacks a value of SALES, STAFF', 'A derived indicator is not reported');
INSERT INTO measurement (indicator_id, goal_id, measured_on, value) SELECT indicator_id_of(v.code), pg_temp.id('B'), '2026-09-01', v.value FROM (VALUES ('SALES', 90), ('STAFF', 3)) AS v(code, value);
SELECT is(progress, 0.75, 'With a target it is measured against the target') FROM goal_status WHERE goal_no = 'B';
SELECT is(coverage, 1.000000, 'The score counts in the person''s') FROM employee_scorecard WHERE employee_no = 'E3';

-- division by zero
INSERT INTO measurement (indicator_id, goal_id, measured_on, value) SELECT indicator_id_of('STAFF'), pg_temp.id('B'), '2026-09-01', 0;
SELECT is(pg_temp.stands('B'), 'the formula divides by zero', 'Division by zero gives no value and says so');
SELECT is(note::text, 'the formula divides by zero', 'also in the explanation') FROM explain_score('E4', '2026Q3') WHERE goal_no = 'B';
SELECT is(score, NULL, 'Nothing is scored') FROM employee_scorecard WHERE employee_no = 'E4';
UPDATE setting SET value = 'zh' WHERE key = 'locale';
SELECT is(reason::text, '公式除数为零', 'in the language of the workspace') FROM goal_status WHERE goal_no = 'B';
UPDATE setting SET value = 'en' WHERE key = 'locale';
UPDATE indicator SET formula = 'coalesce(SALES / STAFF, 7)' WHERE code = '人均';
SELECT is(pg_temp.stands('B'), '7 14', 'A formula may provide for it');

-- HR changes a cell, every view follows
UPDATE indicator SET formula = 'SALES - STAFF' WHERE code = '人均';
SELECT is(pg_temp.stands('A'), '205 100', 'A changed formula holds at once');
UPDATE setting SET value = '2026-09-19' WHERE key = 'today';
UPDATE indicator SET formula = 'STAFF' WHERE code = '人均';
SELECT is(pg_temp.stands('A'), '5 10', 'and tomorrow''s tomorrow');
SELECT is(actual, 205.0000000000000000, 'while the day before keeps its own') FROM goal_fact('2026-09-18') WHERE goal_id = pg_temp.id('A');

-- of each other
INSERT INTO indicator (code, name, formula) VALUES ('D1', 'One', 'SALES'), ('D2', 'Two', 'D1 + D1'), ('D3', 'Three', 'D2 + D1 + STAFF');
UPDATE indicator SET formula = 'D3 - D2' WHERE code = '人均';
SELECT is(pg_temp.stands('A'), '215 100', 'Derived indicators may need derived ones: (2 x 210 + 210 + 5) - 420');
SELECT throws_ok($$UPDATE indicator SET formula = 'D3 / 2' WHERE code = 'D1'$$, '23514', 'indicator "D1" cannot be computed from itself', 'A circle is refused');
CREATE FUNCTION pg_temp.detail(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE statement;
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS result = PG_EXCEPTION_DETAIL;
	RETURN result;
END; $$;
SELECT matches(pg_temp.detail($$UPDATE indicator SET formula = 'SALES + D3' WHERE code = 'D1'$$), '^The way is D1 -> D3 -> (D2 -> )?D1\.$', 'and its path named');
SELECT is(pg_temp.detail($$INSERT INTO indicator (code, name, formula) VALUES ('SELF', 'Self', 'SELF + 1')$$), 'The way is SELF -> SELF.', 'also one of itself alone');
SELECT throws_ok($$INSERT INTO indicator (code, name, formula) VALUES ('U', 'Unknown', 'SALES / HEADS')$$, '42704', 'formula of indicator "U" names "HEADS", which is no indicator',
	'An unknown name is refused');
SELECT throws_ok($$UPDATE indicator SET formula = 'sales' WHERE code = 'D1'$$, '42704', 'formula of indicator "D1" names "sales", which is no indicator', 'Case counts');
SELECT throws_ok($$DELETE FROM indicator WHERE code = 'D2'$$, '2BP01', 'the formula of indicator "D3" needs indicator "D2"', 'What a formula needs is not deleted');
SELECT throws_ok($$UPDATE indicator SET code = 'D4' WHERE code = 'D2'$$, '2BP01', 'the formula of indicator "D3" needs indicator "D2"', 'nor renamed');
SELECT throws_ok($$INSERT INTO measurement (indicator_id, employee_id, measured_on, value) SELECT indicator_id_of('D1'), employee_id_of('E3'), '2026-09-01', 1$$, '23514',
	'indicator "D1" is computed, not measured', 'What is computed is not measured');

-- bad formulas
SELECT throws_ok(format($$INSERT INTO indicator (code, name, formula) VALUES ('BAD', 'Bad', %L)$$, formula), state, NULL, label)
	FROM (VALUES
		('SALES +', '22P02', 'A formula that stops is refused'),
		('SALES; DROP TABLE goal', '22P02', 'and one that would be SQL'),
		('version()', '22P02', 'and one that calls'),
		(repeat('1+', 500000) || '1', '54000', 'and one of a megabyte'),
		(repeat('(', 10000) || '1' || repeat(')', 10000), '54000', 'and one of ten thousand parentheses'),
		(repeat('(', 4000) || '1' || repeat(')', 4000), '54001', 'also where it is short enough')) AS v(formula, state, label);
DO $$ BEGIN
	FOR n IN 1 .. 16 LOOP INSERT INTO indicator (code, name, formula) VALUES ('C' || n, 'Chain', CASE n WHEN 1 THEN 'SALES' ELSE 'C' || n - 1 END::formula); END LOOP;
END $$;
SELECT throws_ok($$INSERT INTO indicator (code, name, formula) VALUES ('C17', 'Chain', 'C16')$$, '54000', 'formula of indicator "C17" makes a chain of more than 16 derived indicators',
	'A chain has an end');
SELECT throws_ok($$UPDATE indicator SET formula = 'D2' WHERE code = 'C1'$$, '54000', NULL, 'at its other end too');
UPDATE indicator SET formula = 'C15' WHERE code = '人均';
SELECT is(pg_temp.stands('A'), '210 100', 'The longest chain computes');
DO $$ BEGIN
	FOR n IN 2 .. 16 LOOP UPDATE indicator SET formula = format('C%1$s + C%1$s - C%1$s + C%2$s * 0', n - 1, greatest(n - 2, 1))::formula WHERE code = 'C' || n; END LOOP;
END $$;
SELECT is(pg_temp.stands('A'), '210 100', 'and one that doubles at each step');
UPDATE indicator SET formula = 'SALES * 1000000000000000000' WHERE code = '人均';
SELECT is(pg_temp.stands('A'), 'the result of the formula is out of range', 'What no goal could hold is out of range');

SELECT * FROM finish();
ROLLBACK;
