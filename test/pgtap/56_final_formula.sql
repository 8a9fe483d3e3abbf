/* The final score of a cycle as a formula over the goals and components that people supply. */
BEGIN;
\ir fixture/small.sql
SELECT plan(69);

SELECT pg_temp.goal('A', 'E3', 'kpi', 50), pg_temp.goal('B', 'E3', 'kpi', 50), pg_temp.goal('C', 'E4', 'kpi', 100), pg_temp.goal('D', 'E5', 'kpi', 100) \gset
SELECT pg_temp.activate_all() \gset
SELECT check_in(pg_temp.id('A'), progress => 0.874449), check_in(pg_temp.id('B'), progress => 0.8), check_in(pg_temp.id('C'), progress => 0.6) \gset

CREATE FUNCTION pg_temp.card(no text, day date DEFAULT today()) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT concat_ws(' ', coalesce(score::text, '-'), coalesce(grade, '-')) FROM employee_scorecard_at(day) WHERE employee_no = no AND cycle = '2026Q3');
END; $$;
CREATE FUNCTION pg_temp.adds_up(no text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT sum(points) FROM explain_score(no, '2026Q3')) IS NOT DISTINCT FROM (SELECT score FROM employee_scorecard WHERE employee_no = no AND cycle = '2026Q3');
END; $$;
CREATE FUNCTION pg_temp.says(no text, step_name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(concat_ws(' | ', goal_no, title, curve, trim_scale(score), points, note), '; ' ORDER BY step_no) FROM explain_score(no, '2026Q3') WHERE step = step_name);
END; $$;
CREATE FUNCTION pg_temp.set_formula(f text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO cycle_formula (cycle_id, final_formula) VALUES (cycle_id_of('2026Q3'), f::formula)
		ON CONFLICT ON CONSTRAINT cycle_formula_pkey DO UPDATE SET final_formula = EXCLUDED.final_formula;
END; $$;

-- ---------------------------------------------------------------------------------------
-- From psql, in three statements
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.card('E3'), '83.72 B', 'Without a formula the goals are the score');
INSERT INTO cycle_formula (cycle_id, final_formula) VALUES (cycle_id_of('2026Q3'), '0.7 * goals + 0.3 * review');
SELECT is(pg_temp.card('E3'), '- -', 'A component that nobody supplied leaves no total');
SELECT ok(pg_temp.adds_up('E3'), 'and nothing to add up');
SELECT is(pg_temp.says('E3', 'formula'), '0.7 * goals + 0.3 * review | 0.7 * 83.72245 + 0.3 * NULL: review is not known, so there is no total', 'The explanation says which');
SELECT is(pg_temp.says('E3', 'variable'), 'goals | 83.72245 | weighted total of the goals; review | not supplied', 'name by name');
SELECT record_component('E3', '2026Q3', 'review', 95, 'Meeting of 14 September') \gset
SELECT is(pg_temp.card('E3'), '87.11 B', 'With it there is one: 0.7 x 83.72245 + 0.3 x 95');
SELECT is(pg_temp.says('E3', 'variable'), 'goals | 83.72245 | weighted total of the goals; review | 95 | Meeting of 14 September, 2026-09-18', 'Each variable is a row');
SELECT is(pg_temp.says('E3', 'formula'), '0.7 * goals + 0.3 * review | 87.105715 | 3.383265 | 0.7 * 83.72245 + 0.3 * 95 = 87.105715', 'the formula with the numbers put in is another, with what it adds');
SELECT ok(pg_temp.adds_up('E3'), 'and all adds up');
SELECT is((SELECT string_agg(step, ' ' ORDER BY step_no) FROM explain_score('E3', '2026Q3')), 'goal goal sum coverage variable variable formula rounding', 'in the order of the calculation');

-- a cell changed
UPDATE cycle_formula SET final_formula = '0.5 * goals + 0.5 * coalesce(review, goals)';
SELECT is(pg_temp.card('E3'), '89.36 B', 'A formula changed in its cell holds at once');
SELECT is(pg_temp.card('E4'), '60.00 C', 'and says itself what stands in for what is missing');
SELECT is(pg_temp.card('E5'), '- -', 'Who has no score of goals has none of this');
SELECT record_component('E3', '2026Q3', 'review', 90.5::double precision, 'Corrected minutes') \gset
SELECT is(pg_temp.card('E3'), '87.11 B', 'Of several reviews the newest holds');
SELECT is((SELECT count(*) FROM score_component), 2::bigint, 'and the older one stays');
SELECT record_component('E3', '2026Q3', 'review', NULL, 'Withdrawn') \gset
SELECT is(pg_temp.card('E3'), '83.72 B', 'NULL takes it back');
SELECT record_component('E3', '2026Q3', 'review', 90, 'Meeting') \gset

-- who has no goals, and too little of them
SELECT record_component('E2', '2026Q3', 'review', 77.777, 'Meeting') \gset
SELECT is(pg_temp.card('E2'), '- -', 'Without goals the formula decides: goals is NULL');
SELECT is((SELECT concat_ws(' ', goals, light, trim_scale(coverage), department) FROM employee_scorecard WHERE employee_no = 'E2' AND cycle = '2026Q3'), '0 grey 0 Workshop', 'The person is listed');
SELECT pg_temp.set_formula('coalesce(0.5 * goals + 0.5 * review, review)');
SELECT is(pg_temp.card('E2'), '77.78 C', 'and has a score where the formula gives one');
SELECT ok(pg_temp.adds_up('E2'), 'which adds up');
SELECT is((SELECT score FROM department_overview WHERE department_code = 'KS-A' AND cycle = '2026Q3'),
	round((77.777 + (83.72245 + 90) / 2) / 2, 2), 'A department counts them; who has no review and no coalesce has none');
SELECT is(pg_temp.card('E4'), '- -', 'namely this one');

-- bonus, penalty, coverage
INSERT INTO score_adjustment (employee_id, cycle_id, points, reason, approved_by_id)
	SELECT employee_id_of('E3'), cycle_id_of('2026Q3'), v.points, 'x', employee_id_of('E2') FROM (VALUES (4), (-1)) AS v(points);
SELECT is(pg_temp.card('E3'), '89.86 B', 'Bonus and penalty come after the formula: 86.861225 + 4 - 1');
SELECT pg_temp.set_formula('if(goals >= 60, goals + bonus, goals)');
SELECT is(pg_temp.card('E3'), '86.72 B', 'One that the formula names is not added again: 83.72245 + 4, then - 1');
SELECT is(pg_temp.says('E3', 'bonus'), '0 | bonus points, capped; the formula takes them in', 'and says so');
SELECT ok(pg_temp.adds_up('E3'), 'adding up');
SELECT pg_temp.set_formula('goals + 10 * (1 - coverage) + penalty');
SELECT is(pg_temp.card('E3'), '86.72 B', 'coverage and penalty are names as well: 83.72245 - 1, then + 4');
SELECT ok(pg_temp.adds_up('E3'), 'adding up');
SELECT is(pg_temp.card('E5'), '- -', 'Too little coverage makes goals NULL');

-- the cap of the total, and the veto after all
SELECT pg_temp.set_formula('goals * 1.5');
SELECT is(pg_temp.card('E3'), '128.58 A', 'Without a cap of the total: 125.583675 + 3');
UPDATE setting SET value = '120' WHERE key = 'total_cap';
SELECT is(pg_temp.card('E3'), '120.00 A', 'With one');
SELECT is(pg_temp.says('E3', 'cap'), '-8.583675 | the total is capped at 120', 'The cap is a row');
SELECT ok(pg_temp.adds_up('E3'), 'and adds up');
SELECT approve_veto(declare_veto('E3', '2026Q3', 'x', 'E4', 50, evidence => 'y'), 'E2') \gset
SELECT is(pg_temp.card('E3'), '50.00 D', 'The veto comes last');
SELECT is((SELECT score_before_veto FROM employee_scorecard WHERE employee_no = 'E3' AND cycle = '2026Q3'), 120.00, 'The total before it is the capped one');
SELECT is((SELECT string_agg(step, ' ' ORDER BY step_no) FROM explain_score('E3', '2026Q3')),
	'goal goal sum coverage variable formula bonus penalty cap case veto rounding', 'Every step stands in its place');
SELECT ok(pg_temp.adds_up('E3'), 'and they add up');
SELECT is((SELECT count(*) FROM explain_score('E3', '2026Q3')), 12::bigint, 'None is missing');
UPDATE setting SET value = NULL WHERE key = 'total_cap';

-- ---------------------------------------------------------------------------------------
-- As then known
-- ---------------------------------------------------------------------------------------
SELECT pg_temp.set_formula('0.7 * goals + 0.3 * review') \gset
SELECT pg_temp.card('E3') AS friday \gset
UPDATE setting SET value = '2026-09-21' WHERE key = 'today';
UPDATE cycle_formula SET final_formula = 'review';
SELECT is(pg_temp.card('E3'), '50.00 D', 'On Monday the formula is another') FROM (SELECT 1) AS x;
SELECT is(score_before_veto, 93.00, 'as the total before the veto shows: 90 + 3') FROM employee_scorecard WHERE employee_no = 'E3' AND cycle = '2026Q3';
SELECT is((SELECT score_before_veto FROM employee_scorecard_at('2026-09-20') WHERE employee_no = 'E3' AND cycle = '2026Q3'), 88.61, 'Sunday keeps the one of Friday');
SELECT record_component('E3', '2026Q3', 'review', 40, 'Second thoughts') \gset
SELECT is((SELECT score_before_veto FROM employee_scorecard_at('2026-09-20') WHERE employee_no = 'E3' AND cycle = '2026Q3'), 88.61, 'and its review');
DELETE FROM cycle_formula;
SELECT is((SELECT score_before_veto FROM employee_scorecard WHERE employee_no = 'E3' AND cycle = '2026Q3'), 86.72, 'Deleted, the goals are the score again');
SELECT is((SELECT score_before_veto FROM employee_scorecard_at('2026-09-20') WHERE employee_no = 'E3' AND cycle = '2026Q3'), 88.61, 'from then on');

-- ---------------------------------------------------------------------------------------
-- Bad input
-- ---------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT pg_temp.set_formula('0.7 * goals + 0.3 * reveiw + 0 * peer + x')$$, '22023', 'final formula of cycle "2026Q3" uses names that do not exist: "reveiw", "x"', 'Unknown names are refused when it is saved');
SELECT throws_ok($$SELECT pg_temp.set_formula('goals +')$$, '22P02', NULL, 'and what is no formula');
SELECT throws_ok($$SELECT pg_temp.set_formula(repeat('1 + ', 250000) || '1')$$, '54000', NULL, 'A formula of 1 MB is too long');
SELECT throws_ok($$SELECT pg_temp.set_formula(repeat('(', 10000) || 'goals' || repeat(')', 10000))$$, '54000', NULL, 'Ten thousand brackets are too many');
SELECT throws_ok($$SELECT pg_temp.set_formula('goals' || repeat(' * goals', 125))$$, '54000', 'final formula is too long', 'What could grow beyond numeric is too long');
SELECT record_component('E4', '2026Q3', 'peer', 0.00000000000000000001, 'x') \gset
SELECT pg_temp.set_formula('goals / peer' || repeat(' * goals / peer', 60)) \gset
SELECT is(pg_temp.card('E4'), '- -', 'and what is not stays inside it');
SELECT lives_ok($$SELECT pg_temp.set_formula('goals / (goals - goals)')$$, 'x / 0 can be saved');
SELECT is(pg_temp.card('E4'), '- -', 'and gives no total');
SELECT is(pg_temp.says('E4', 'formula'), 'goals / (goals - goals) | 60 / (60 - 60): a division by 0, so there is no total', 'with the reason');
SELECT pg_temp.set_formula('goals * 1000' || repeat(' * goals', 80)) \gset
SELECT is(pg_temp.card('E4'), '- -', 'A result beyond all reason is no total, and breaks no view');
SELECT ok(pg_temp.says('E4', 'formula') LIKE 'goals * 1000 * goals % | the result is beyond 10000 points: no total', 'with the reason');
SELECT throws_ok($$SELECT record_component('E3', '2026Q3', 'mood', 5, 'x')$$, 'P0002', 'score component "mood" does not exist', 'A component is registered first');
SELECT throws_ok($$SELECT record_component('E3', '2026Q3', 'review', 'NaN'::numeric, 'x')$$, '23514', NULL, 'NaN is no points');
SELECT throws_ok($$SELECT record_component('E3', '2026Q3', 'review', 'Infinity'::double precision, 'x')$$, '23514', NULL, 'nor is the infinite');
SELECT throws_ok($$UPDATE score_component SET points = 100$$, '55000', 'a score component is never changed or deleted', 'Components are only added');
SELECT throws_ok($$INSERT INTO score_component_kind VALUES ('goals', 'x')$$, '22023', '"goals" cannot be the name of a score component', 'A name that formulas know is taken');
SELECT throws_ok($$INSERT INTO score_component_kind VALUES ('a b', 'x')$$, '22P02', NULL, 'and must be one name');
INSERT INTO score_component_kind VALUES ('民主评议', '0 to 100');
SELECT pg_temp.set_formula('if(民主评议 > 80, goals, min(goals, 民主评议))') \gset
SELECT record_component('E4', '2026Q3', '民主评议', 55.25, 'Ballot') \gset
SELECT is(pg_temp.says('E4', 'formula'), 'if(民主评议 > 80, goals, min(goals, 民主评议)) | 55.25 | -4.750000 | if(55.25 > 80, 60, min(60, 55.25)) = 55.25', 'Names may be Chinese');
SELECT throws_ok($$UPDATE score_component_kind SET name = 'vote' WHERE name = '民主评议'$$, '55006', 'score component "民主评议" is used by the final formula of cycle "2026Q3"', 'A name in use stays');

-- ---------------------------------------------------------------------------------------
-- Closed cycles
-- ---------------------------------------------------------------------------------------
DELETE FROM cycle WHERE code IN ('2026-07', '2026-08');
SELECT close_cycle('2026-09'), close_cycle('2026Q3') \gset
SELECT is(v.parameters ->> 'final_formula', 'if(民主评议 > 80, goals, min(goals, 民主评议))', 'The formula is frozen with the cycle') FROM cycle_closing v WHERE v.cycle_id = cycle_id_of('2026Q3');
SELECT is((SELECT count(*) FROM cycle_closing v JOIN employee_result r USING (closing_id) WHERE v.cycle_id = cycle_id_of('2026-09')), 0::bigint, 'and people stand in the cycle for which they have components');
SELECT throws_ok($$UPDATE cycle_formula SET final_formula = 'goals'$$, '55000', 'cycle "2026Q3" is closed', 'It is not changed there');
SELECT throws_ok($$SELECT record_component('E3', '2026Q3', 'review', 5, 'x')$$, '55000', 'cycle "2026Q3" is closed', 'nor is anything supplied');
SELECT is(pg_temp.card('E4'), '55.25 D', 'The score is as it was closed');
SELECT ok(pg_temp.adds_up('E4'), 'and its explanation');

SELECT * FROM finish();
ROLLBACK;
