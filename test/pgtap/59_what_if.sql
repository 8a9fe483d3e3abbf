/* What if: scores with other weights, targets, curves and formulas. */
BEGIN;
\ir fixture/small.sql
SELECT plan(37);

INSERT INTO indicator (code, name, basis, aggregation, curve) VALUES ('SALES', 'Sales', 'attainment', 'last', 'linear(0:0, 120:120)'),
	('COST', 'Cost', 'progress', 'sum', NULL), ('HEADS', 'Heads', 'progress', 'last', NULL);
INSERT INTO indicator (code, name, basis, curve, formula) VALUES ('RATE', 'Cost per head', 'value', 'linear(0:100, 10:0)', 'COST / HEADS');
SELECT pg_temp.goal('A', 'E3', 'kpi', 60, indicator => 'SALES', target => 100), pg_temp.goal('B', 'E3', 'kpi', 40, target => 10),
	pg_temp.goal('C', 'E4', 'kpi', 100, indicator => 'RATE'), pg_temp.goal('O', 'E2', 'objective', 100),
	pg_temp.goal('K1', 'E2', 'key_result', 50, 'O'), pg_temp.goal('K2', 'E2', 'key_result', 50, 'O'), pg_temp.goal('D', 'E5', 'kpi', 10), pg_temp.goal('F', 'E5', 'kpi', 100);
UPDATE goal SET state = 'active' WHERE goal_no <> 'D';
SELECT check_in(pg_temp.id('A'), 90), check_in(pg_temp.id('B'), 5), check_in(pg_temp.id('K1'), progress => 1), check_in(pg_temp.id('K2'), progress => 0.5), check_in(pg_temp.id('F'), progress => 0.5);
INSERT INTO measurement (indicator_id, employee_id, measured_on, value) SELECT indicator_id_of(v.code), employee_id_of('E4'), '2026-09-01', v.value
	FROM (VALUES ('COST', 12), ('HEADS', 4)) AS v(code, value);

CREATE FUNCTION pg_temp.scores(changes jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(format('%s %s>%s', employee_no, old_score, new_score), ', ' ORDER BY employee_no) FROM what_if(changes) WHERE change <> 0);
END; $$;

SELECT results_eq($$SELECT employee_no, cycle, old_score, old_grade, old_light, old_progress FROM what_if('{}') ORDER BY 1, 2$$,
	$$SELECT employee_no::varchar, cycle::varchar, score::numeric, grade::varchar, light::varchar, progress::numeric FROM employee_scorecard ORDER BY 1, 2$$, 'What is, is what the scorecard shows');
SELECT is_empty($$SELECT * FROM what_if('{}') WHERE change <> 0 OR note IS NOT NULL$$, 'Nothing assumed changes nothing');
SELECT is_empty($$SELECT * FROM what_if_goal('{}')$$, 'No goal either');
SELECT is(pg_temp.scores('{"goal": {"A": {"weight": 50}, "B": {"weight": 50}}}'), 'E3 74.00>70.00', 'Other weights');
SELECT is(pg_temp.scores('{"goal": {"A": {"target": 120}}}'), 'E3 74.00>65.00', 'Another target');
SELECT is(pg_temp.scores('{"goal": {"A": {"target": 120, "effective_on": "2026-08-01"}}}'), 'E3 74.00>68.03', 'or one from a day on: 60 x (31 x 90 + 61 x 75) / 92 + 40 x 50');
SELECT is(pg_temp.scores('{"goal": {"B": {"target": 10, "baseline": 4}}}'), 'E3 74.00>60.67', 'Another baseline');
SELECT is(pg_temp.scores('{"goal": {"B": {"indicator": "SALES"}}, "indicator": {"SALES": {"curve": "step(0:0, 80:80)"}}}'), 'E3 74.00>48.00', 'Another indicator and another curve');
SELECT is(pg_temp.scores('{"indicator": {"SALES": {"cap": 50}}}'), 'E3 74.00>50.00', 'another cap');
SELECT is(pg_temp.scores('{"indicator": {"RATE": {"formula": "COST / (HEADS + 2)"}}}'), 'E4 70.00>80.00', 'another formula');
SELECT is(pg_temp.scores('{"goal": {"K1": {"weight": 80}, "K2": {"weight": 20}}}'), 'E2 75.00>90.00', 'Key results of an objective');
SELECT is(note::text, 'weights of KS-A total 140 %, renormalised', 'Weights that do not total 100 renormalise, and it is said') FROM what_if('{"goal": {"A": {"weight": 100}}}') WHERE employee_no = 'E3';
SELECT is(pg_temp.scores('{"goal": {"A": {"weight": 100}}}'), 'E3 74.00>78.57', 'with (100 x 90 + 40 x 50) / 140');
SELECT is(note::text, 'weights of O total 70 %, renormalised', 'Those of key results too') FROM what_if('{"goal": {"K1": {"weight": 20}}}') WHERE employee_no = 'E2';
SELECT results_eq($$SELECT goal_no::text, old_score, new_score FROM what_if_goal('{"goal": {"K1": {"weight": 80}, "K2": {"weight": 20}}}') ORDER BY 1$$,
	$$VALUES ('K1', 100.000000, 100.000000), ('K2', 50.000000, 50.000000), ('O', 75.000000, 90.000000)$$, 'The goals that stand otherwise are listed, those above too');
SELECT is_empty($$SELECT * FROM history WHERE table_name IN ('goal', 'indicator') AND recorded_until > (SELECT max(recorded_from) FROM goal)$$, 'Nothing is written');

/* what changes really give is what was foretold, whatever is drawn */
CREATE FUNCTION pg_temp.foretold(seed integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	drawn jsonb;
	expected jsonb;
	actual jsonb;
	w integer;
	k integer;
BEGIN
	PERFORM setseed(seed / 100.0);
	w := floor(random() * 101);
	k := floor(random() * 101);
	drawn := jsonb_build_object(
		'goal', jsonb_build_object('A', jsonb_build_object('weight', w, 'target', 50 + floor(random() * 100), 'effective_on', date '2026-07-01' + floor(random() * 60)::integer),
			'B', jsonb_build_object('weight', 100 - w, 'target', 1 + floor(random() * 20), 'baseline', -floor(random() * 20)),
			'K1', jsonb_build_object('weight', k), 'K2', jsonb_build_object('weight', 100 - k)),
		'indicator', jsonb_build_object('SALES', jsonb_build_object('curve', format('linear(0:0, %s:100)', 60 + floor(random() * 60)), 'target_mode', (ARRAY['latest', 'time_weighted', 'segmented'])[1 + floor(random() * 3)]),
			'RATE', jsonb_build_object('formula', format('COST / (HEADS + %s)', floor(random() * 5)))));
	expected := (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.employee_no) FROM (SELECT f.employee_no, f.cycle, f.new_score AS score, f.new_progress AS progress, f.new_light AS light FROM what_if(drawn) f) x);
	BEGIN
		UPDATE goal g SET weight = (drawn -> 'goal' -> g.goal_no ->> 'weight')::numeric WHERE drawn -> 'goal' ? g.goal_no;
		UPDATE indicator i SET curve = (drawn #>> '{indicator,SALES,curve}')::score_curve, target_mode = drawn #>> '{indicator,SALES,target_mode}' WHERE i.code = 'SALES';
		UPDATE indicator i SET formula = (drawn #>> '{indicator,RATE,formula}')::formula WHERE i.code = 'RATE';
		PERFORM change_target(pg_temp.id('A'), (drawn #>> '{goal,A,target}')::numeric, (drawn #>> '{goal,A,effective_on}')::date, 'drawn', 'E1'),
			change_target(pg_temp.id('B'), (drawn #>> '{goal,B,target}')::numeric, '2026-07-01', 'drawn', 'E1', (drawn #>> '{goal,B,baseline}')::numeric);
		SET CONSTRAINTS ALL IMMEDIATE;
		actual := (SELECT jsonb_agg(to_jsonb(x) ORDER BY x.employee_no) FROM (SELECT s.employee_no, s.cycle, s.score, s.progress, s.light FROM employee_scorecard_at(today()) s) x);
		RAISE EXCEPTION USING ERRCODE = 'PMTST', MESSAGE = 'undone';
	EXCEPTION WHEN SQLSTATE 'PMTST' THEN
		RETURN expected = actual;
	END;
END; $$;
SELECT is(array_agg(seed) FILTER (WHERE NOT pg_temp.foretold(seed)), NULL, 'Twenty-five drawn changes, once made, give what was foretold') FROM generate_series(1, 25) AS seed;

-- looking back, and where nothing can be written
UPDATE setting SET value = '2026-09-25' WHERE key = 'today';
SELECT check_in(pg_temp.id('A'), 120);
SELECT is(new_score, 65.00, 'On another day, as then known') FROM what_if('{"goal": {"A": {"target": 120}}}', '2026-09-18') WHERE employee_no = 'E3';
SAVEPOINT read_only;
SET TRANSACTION READ ONLY;
SELECT is(count(*), 4::bigint, 'It works where nothing can be written') FROM what_if('{"goal": {"A": {"weight": 10}}}') WHERE cycle = '2026Q3';
ROLLBACK TO read_only;

-- what is refused
SELECT throws_ok(format('SELECT * FROM what_if(%L)', changes), state, message, label) FROM (VALUES
	('[]', '22023', 'changes is not a JSON object', 'An array is no object'),
	('{"goals": {}}', '22023', 'changes cannot have "goals"', 'An unknown key is named'),
	('{"goal": 5}', '22023', '"goal" is not a JSON object', 'Goals come by number'),
	('{"goal": {"A": 5}}', '22023', 'goal "A" is not a JSON object', 'with their fields'),
	('{"goal": {"X": {"weight": 5}}}', 'P0002', 'goal "X" does not exist', 'An unknown goal'),
	('{"goal": {"D": {"weight": 5}}}', '55000', 'goal "D" is not live in an open cycle on 2026-09-25', 'a draft'),
	('{"goal": {"A": {"wieght": 5}}}', '22023', 'goal "A" cannot have "wieght"', 'an unknown field'),
	('{"goal": {"A": {"weight": -5}}}', '23514', 'goal "A" cannot be {"weight": -5}', 'a weight below 0'),
	('{"goal": {"A": {"weight": "NaN"}}}', '23514', 'goal "A" cannot be {"weight": "NaN"}', 'no number'),
	('{"goal": {"A": {"weight": "much"}}}', '22P02', NULL, 'a word'),
	('{"goal": {"A": {"target": 0}}}', '23514', NULL, 'a target that equals the baseline'),
	('{"goal": {"A": {"baseline": 5}}}', '22023', 'goal "A" needs a target beside its baseline or day', 'a baseline alone'),
	('{"goal": {"A": {"target": 5, "effective_on": "2027-01-01"}}}', '23514', 'target of goal "A" cannot change on 2027-01-01', 'a day outside'),
	('{"indicator": {"X": {"cap": 5}}}', 'P0002', 'indicator "X" does not exist', 'An unknown indicator'),
	('{"indicator": {"SALES": {"cap": -1}}}', '23514', 'indicator "SALES" cannot be {"cap": -1}', 'a cap below 0'),
	('{"indicator": {"SALES": {"curve": "linear(0"}}}', '22P02', NULL, 'a malformed curve'),
	('{"indicator": {"RATE": {"formula": "COST / STAFF"}}}', '42704', 'formula of indicator "RATE" names "STAFF", which is no indicator', 'a formula with an unknown name'),
	('{"indicator": {"COST": {"formula": "RATE + 1"}}}', '23514', NULL, 'a circle')) AS v(changes, state, message, label);

SELECT * FROM finish();
ROLLBACK;
