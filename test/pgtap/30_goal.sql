/* Goals: what keeps nonsense out, and their life. */
BEGIN;
\ir fixture/small.sql
SELECT plan(42);

INSERT INTO indicator (code, name, basis, curve) VALUES ('SALES', 'Sales', 'attainment', 'linear(0:0, 100:100, 120:120)');

-- what a goal cannot be
SELECT throws_ok($$SELECT pg_temp.goal('G', 'E3', 'kpi', 100, baseline => 80, target => 80)$$, '23514', NULL, 'A target that equals the baseline is refused');
SELECT throws_ok($$SELECT pg_temp.goal('G', 'E3', 'kpi', 100, target => 0)$$, '23514', NULL, 'No baseline is a baseline of 0');
SELECT throws_ok($$SELECT pg_temp.goal('G', 'E3', 'kpi', 100, indicator => 'SALES', baseline => 5, target => 0)$$, '23514', 'target of goal "G" cannot be 0',
	'Attainment needs a target other than 0');
SELECT throws_ok($$SELECT pg_temp.goal('G', 'E3', 'kpi', -20)$$, '23514', NULL, 'A negative weight is refused');
SELECT throws_ok($$SELECT pg_temp.goal('G', 'E3', 'kpi', 'NaN')$$, '23514', NULL, 'NaN is no weight');
SELECT throws_ok($$SELECT pg_temp.goal('G', 'E3', 'kpi', 100, target => 'Infinity')$$, '23514', NULL, 'Infinity is no target');
SELECT throws_ok($$SELECT pg_temp.goal('G', 'E3', 'kpi', 100, target => 1e40)$$, '23514', NULL, '10^40 is no target');
SELECT throws_ok($$SELECT pg_temp.goal('G', 'E3', 'okr', 100)$$, '23514', NULL, 'A kind must be one of four');
SELECT throws_ok($$SELECT add_goal('2026Q3', 'E3', 'kpi', 'late', 100, due_on => '2026-10-01')$$, '23514', 'goal "2026Q3-9" does not lie inside cycle "2026Q3"',
	'A goal lies inside its cycle');
SELECT throws_ok($$SELECT add_goal('2026Q3', 'E3', 'kpi', 'wrong', 100, starts_on => '2026-09-10', due_on => '2026-09-01')$$, '23514', NULL, 'Dates are in order');
SELECT throws_ok($$SELECT add_goal('2026Q9', 'E3', 'kpi', 'x')$$, 'P0002', 'cycle "2026Q9" does not exist', 'An unknown cycle is named');

-- weights
SELECT pg_temp.goal('A', 'E3', 'kpi', 60), pg_temp.goal('B', 'E3', 'kpi', 30);
SELECT throws_ok($$SELECT activate_goal(pg_temp.id('A'))$$, '23514', 'the weights of the goals of E3 in 2026Q3 at KS-A total 60, not 100',
	'A group that cannot total 100 is refused at activation');
UPDATE goal SET weight = 40 WHERE goal_no = 'B';
SELECT lives_ok($$SELECT activate_goal(pg_temp.id('A'))$$, 'One whose drafts can complete it is not');
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', '23514', 'the weights of the goals of E3 in 2026Q3 at KS-A total 60, not 100',
	'but at COMMIT it is, when they did not');
SELECT lives_ok($$SELECT activate_goal(pg_temp.id('B'))$$, 'The second one');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'completes the group');
SET CONSTRAINTS ALL DEFERRED;
SELECT lives_ok($$SELECT pg_temp.goal('D', 'E3', 'kpi', 50)$$, 'A draft beside an active group');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'does not count in its total');
SET CONSTRAINTS ALL DEFERRED;
SELECT throws_ok($$SELECT activate_goal(pg_temp.id('D'))$$, '23514', 'the weights of the goals of E3 in 2026Q3 at KS-A total 150, not 100', 'until it is activated');
SELECT lives_ok($$UPDATE goal SET weight = CASE goal_no WHEN 'A' THEN 25 ELSE 75 END WHERE goal_no IN ('A', 'B'); SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED$$,
	'Weights are changed together');
SELECT throws_ok($$UPDATE goal SET weight = 26 WHERE goal_no = 'A'; SET CONSTRAINTS ALL IMMEDIATE$$, '23514', NULL, 'not one alone');
SELECT lives_ok($$SELECT pg_temp.goal('C1', 'E4', 'kpi', 33.33), pg_temp.goal('C2', 'E4', 'kpi', 33.33), pg_temp.goal('C3', 'E4', 'kpi', 33.33);
	SELECT activate_goals('E4', '2026Q3'); SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED$$, 'Three thirds of 33.33 are 100');

-- families
SELECT pg_temp.goal('O', 'E5', 'objective', 100), pg_temp.goal('K1', 'E5', 'key_result', 50, 'O'), pg_temp.goal('K2', 'E5', 'key_result', 50, 'O');
SELECT lives_ok($$SELECT activate_goal(pg_temp.id('O')); SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED$$, 'An objective is activated with its key results');
SELECT is(state::text, 'active', 'They are active') FROM goal WHERE goal_no = 'K2';
SELECT throws_ok($$SELECT pg_temp.goal('K3', 'E5', 'kpi', 10, 'O'); UPDATE goal SET state = 'active' WHERE goal_no = 'K3'; SET CONSTRAINTS ALL IMMEDIATE$$, '23514', 'goal "K3" does not fit below goal "O"',
	'Below one''s own objective stand key results only');
SELECT throws_ok($$SELECT pg_temp.goal('K4', 'E4', 'key_result', 10, 'O'); UPDATE goal SET state = 'active' WHERE goal_no = 'K4'; SET CONSTRAINTS ALL IMMEDIATE$$, '23514', 'goal "K4" does not fit below goal "O"',
	'and key results are of the objective''s owner');
SELECT lives_ok($$SELECT pg_temp.goal('K5', 'E5', 'kpi', 10, 'O'); SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED$$, 'A draft may still be out of place');
SELECT lives_ok($$SELECT pg_temp.goal('H', 'E4', 'kpi', 10, 'O'); SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED$$, 'Somebody else serves it with a goal of another kind');
SELECT throws_ok($$UPDATE goal SET parent_id = pg_temp.id('H') WHERE goal_no = 'O'$$, '23514', 'a goal cannot be below itself', 'No circle of goals');
SELECT throws_ok($$UPDATE goal SET parent_id = goal_id WHERE goal_no = 'O'$$, '23514', NULL, 'nor one below itself');

-- life
SELECT throws_ok($$DELETE FROM goal WHERE goal_no = 'A'$$, '55000', 'goal "A" is in state "active" and cannot be deleted', 'A live goal is not deleted');
SELECT lives_ok($$DELETE FROM goal WHERE goal_no = 'D'$$, 'a draft is');
SELECT throws_ok($$UPDATE goal SET due_on = '2026-09-29' WHERE goal_no = 'A'$$, '55000', NULL, 'A live goal''s due day is not overwritten');
SELECT throws_ok($$SELECT postpone_goal(pg_temp.id('A'), '2026-09-30', 'late')$$, '22023', NULL, 'Postponing moves later');
SELECT throws_ok($$SELECT postpone_goal(pg_temp.id('A'), '2026-10-05', 'late')$$, '23514', NULL, 'and stays inside the cycle');
SELECT throws_ok($$SELECT cancel_goal(pg_temp.id('A'), ' ')$$, '22023', 'cancelling goal "A" needs a reason', 'Cancelling needs a reason');
SELECT lives_ok($$SELECT cancel_goal(pg_temp.id('A'), 'no market'); SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED$$,
	'and leaves the others at a total below 100');
SELECT lives_ok($$SELECT cancel_goal(pg_temp.id('O'), 'merged')$$, 'An objective is cancelled');
SELECT is(state::text, 'cancelled', 'with its key results') FROM goal WHERE goal_no = 'K1';
SELECT throws_ok($$SELECT complete_goal(pg_temp.id('B'), '2026-09-19')$$, '22023', NULL, 'Nothing is done in the future');
SELECT lives_ok($$SELECT complete_goal(pg_temp.id('B'))$$, 'A goal is done today');
SELECT throws_ok($$UPDATE goal SET state = 'draft' WHERE goal_no = 'B'$$, '55000', 'goal "B" cannot go from state "done" to "draft"', 'and does not become a draft again');

SELECT * FROM finish();
ROLLBACK;
