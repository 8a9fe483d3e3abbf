BEGIN;
SELECT plan(5);
\ir fixture/small.sql

-- three people with one goal each, at half of it; nobody else has any
SELECT pg_temp.goal('G3', 'E3', 'kpi', 100), pg_temp.goal('G4', 'E4', 'kpi', 100), pg_temp.goal('G5', 'E5', 'kpi', 100) \gset
SELECT pg_temp.activate_all() \gset
SELECT check_in(goal_id_of(no), progress => 0.5) FROM unnest('{G3,G4,G5}'::text[]) AS no \g /dev/null

CREATE FUNCTION pg_temp.adjust(no text, given numeric) RETURNS void LANGUAGE sql
	BEGIN ATOMIC
		INSERT INTO score_adjustment (employee_id, cycle_id, points, reason, approved_by_id)
			SELECT employee_id_of(no), cycle_id_of('2026Q3'), given, 'Reason', employee_id_of('E1');
	END;
CREATE FUNCTION pg_temp.adjusted() RETURNS TABLE (employee_no varchar, bonus numeric, penalty numeric, score numeric) LANGUAGE sql
	BEGIN ATOMIC
		SELECT c.employee_no, c.bonus, c.penalty, c.score FROM employee_scorecard c WHERE c.cycle = '2026Q3';
	END;

SELECT pg_temp.adjust('E3', 3.5), pg_temp.adjust('E4', -2) \gset
SELECT set_eq('SELECT * FROM pg_temp.adjusted()',
	$$ VALUES ('E3'::varchar, 3.5, 0, 53.5), ('E4', 0, -2, 48), ('E5', 0, 0, 50) $$,
	'A bonus alone brings no penalty, a penalty alone no bonus');

SELECT pg_temp.adjust('E3', -1), pg_temp.adjust('E4', 4) \gset
SELECT set_eq('SELECT * FROM pg_temp.adjusted()',
	$$ VALUES ('E3'::varchar, 3.5, -1, 52.5), ('E4', 4, -2, 52), ('E5', 0, 0, 50) $$,
	'Bonus and penalty both count');

SELECT pg_temp.adjust('E3', 8), pg_temp.adjust('E4', -9.5) \gset
SELECT set_eq('SELECT * FROM pg_temp.adjusted()',
	$$ VALUES ('E3'::varchar, 10, -1, 59), ('E4', 4, -10, 44), ('E5', 0, 0, 50) $$,
	'Each has its own cap');

UPDATE setting SET value = '0' WHERE key IN ('bonus_cap', 'penalty_cap');
SELECT set_eq('SELECT * FROM pg_temp.adjusted()',
	$$ VALUES ('E3'::varchar, 0, 0, 50), ('E4', 0, 0, 50), ('E5', 0, 0, 50) $$,
	'A cap of 0 switches them off');

SELECT is((SELECT sum(points) FROM explain_score('E3', '2026Q3') WHERE step IN ('goal', 'bonus', 'penalty', 'rounding')), 50.00,
	'The steps of the explanation add up');

SELECT * FROM finish();
ROLLBACK;
