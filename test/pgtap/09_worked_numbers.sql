/*
 * Numbers that somebody worked out independently of this code, from the
 * formulas alone: each rule gives exactly them.
 */
BEGIN;
\ir fixture/small.sql
SELECT plan(27);

-- how much of a span is over: both ends count, and the day counts as finished
SELECT is(ARRAY(SELECT round(expected_progress('2026-01-01', '2026-03-31', d), 4) FROM unnest('{2026-01-01,2026-02-14,2026-03-31}'::date[]) d), ARRAY[0.0111, 0.5000, 1.0000], 'The first, the 45th and the last of 90 days');
-- progress 5, 40, 75 and 50 percent where 10, 50, 90 and 50 are expected
SELECT is(ARRAY(SELECT light(p, e)::text FROM (VALUES (1, 0.05, 0.10), (2, 0.40, 0.50), (3, 0.75, 0.90), (4, 0.50, 0.50)) v(n, p, e) ORDER BY n), '{red,yellow,yellow,green}'::text[], 'Half of what is expected is red, 80 and 83 percent of it yellow, all of it green');

-- weights 50, 30 and 20; scores 90, none and 80
CREATE TEMPORARY TABLE scored AS SELECT score_sum(score, weight) AS s FROM (VALUES (90, 50), (NULL, 30), (80, 20)) v(score, weight);
SELECT is(score(s, 'zero'), 61.0, 'What is missing counts 0: 61') FROM scored;
SELECT is(score(s, 'renormalise'), 87.142857, 'is left out: 87.142857') FROM scored;
SELECT is(coverage(s), 0.70, 'at a coverage of 0.70') FROM scored;
SELECT is(score(s, 'block'), NULL, 'or blocks the total') FROM scored;
SELECT is(score(s, 'renormalise', 0.71), NULL, 'as does too little coverage') FROM scored;
SELECT is(weighted_score(s, 1), 5.0, 'Of three raters of equal weight one is silent: the mean of 5 and 5 is 5, not 3.33') FROM (VALUES (5), (5), (NULL)) v(s);

-- curves: an actual to points
SELECT is(ARRAY(SELECT score('step(0:0, 80:60, 100:100, 120:120)', x) FROM unnest(ARRAY[79, 90, 110, 125]) x), ARRAY[0, 60, 100, 120]::numeric[], 'A table in steps');
SELECT is(ARRAY(SELECT score('linear(79.999999:60, 80:60, 100:100, 120:120)', x) FROM unnest(ARRAY[79, 90, 110, 125]) x), ARRAY[60, 80, 110, 120]::numeric[], 'A table with lines between: 79 gives 60, 90 gives 80, 110 gives 110, 125 gives 120');
SELECT is(ARRAY(SELECT score('deduct(full 20, above 2, 5 per 1, floor 0)', x) FROM unnest(ARRAY[2, 2.1, 5, 9]) x), ARRAY[20, 15, 5, 0]::numeric[], 'Five points for each started unit above 2');
SELECT is(ARRAY(SELECT score('linear(4:0.5, 8:1, 12:1, 20:0)', x) FROM unnest(ARRAY[4, 6, 10, 16, 20]) x), ARRAY[0.5, 0.75, 1, 0.5, 0], 'A band from 8 to 12');
SELECT is(ARRAY(SELECT evaluate('(x - bad) / (good - bad) * 40 + 60', jsonb_build_object('x', x, 'bad', 80, 'good', 120)) FROM unnest(ARRAY[70, 80, 120, 130]) x), ARRAY[50, 60, 100, 110]::numeric[], 'Efficacy points, not clamped');
-- less is more, with target 5 and baseline 10, at 4, 6 and 10
SELECT is(ARRAY(SELECT round(evaluate('target / x', jsonb_build_object('x', x, 'target', 5)), 4) FROM unnest(ARRAY[4, 6, 10]) x), ARRAY[1.25, 0.8333, 0.50], 'The inverse ratio never comes to 0');
SELECT is(ARRAY(SELECT evaluate('2 - x / target', jsonb_build_object('x', x, 'target', 5)) FROM unnest(ARRAY[4, 6, 10]) x), ARRAY[1.20, 0.80, 0.00], 'the mirrored one does at twice the target');
SELECT is(ARRAY(SELECT round(progress(x, 10, 5), 4) FROM unnest(ARRAY[4, 6, 10]) x), ARRAY[1.20, 0.80, 0.00], 'and progress from the baseline at the baseline');

-- how far actuals stray from plan
CREATE TEMPORARY TABLE strayed AS SELECT (volatility(a, 100)).* FROM unnest(ARRAY[63, 152, 80, 125]) a;
SELECT is((mean_deviation, worst_deviation, bias, round(rmse, 3))::text, '(0.335000,0.520000,0.050000,0.357)', 'Plans of 100, actuals of 63, 152, 80 and 125') FROM strayed;
SELECT is((SELECT (round(mean_deviation, 2), round(wape, 4))::text FROM (SELECT (volatility(a, p)).* FROM (VALUES (20, 10), (1000, 1000)) v(a, p)) v), '(0.50,0.0099)', 'A tiny plan blows the mean up, not the weighted one');
SELECT is(round(evaluate('1 - after / before', '{"before": 37, "after": 18}'), 4), 0.5135, 'From 37 to 18 percent is an improvement by 51 percent');
-- a decline
SELECT is((SELECT (n, round(slope, 1), round(next_value, 1), falls, is_declining)::text FROM (SELECT (trend(v, n)).* FROM unnest(ARRAY[90, 88, 85, 79]) WITH ORDINALITY u(v, n)) t), '(4,-3.6,76.5,3,t)', '90, 88, 85, 79 fall by 3.6 a time, to 76.5 next');
-- shares by largest remainder
SELECT is(apportion(19, ARRAY[10, 20, 40, 20, 10]), ARRAY[2, 4, 7, 4, 2]::bigint[], '10, 20, 40, 20 and 10 percent of 19');
SELECT is(normalise_weights(ARRAY[1, 1, 1]), ARRAY[33.34, 33.33, 33.33], 'Three alike total 100');
-- attainment of what was planned: actual 1000 against 900, 1200 and the mean of both by days
SELECT is(ARRAY(SELECT round(attainment(1000, t), 4) FROM unnest(ARRAY[900, 1200, (900 * 31 + 1200 * 61) / 92.0]) t), ARRAY[1.1111, 0.8333, 0.9100], 'Against the old target, the new one, and both by days');

-- 61 days at 80 in one department, 31 days at 95 in another
SELECT pg_temp.goal('A', 'E3', 'kpi', 100) \gset
SELECT pg_temp.activate_all() \gset
SELECT check_in(pg_temp.id('A'), progress => 0.8) \gset
SELECT transfer('E3', 'KS-B', 'E5', '2026-08-31') \gset
SELECT add_goal('2026Q3', 'E3', 'kpi', 'New place', 100, starts_on => '2026-08-31', goal_no => 'N') \gset
SELECT pg_temp.activate_all() \gset
SELECT check_in(pg_temp.id('N'), progress => 0.95) \gset
UPDATE setting SET value = '2026-09-30' WHERE key = 'today';
SELECT is(round(total, 4), 85.0543, 'Each part of a quarter by its days') FROM person_total('2026-09-30', goal_states('2026-09-30')) WHERE employee_id = employee_id_of('E3') AND cycle_id = cycle_id_of('2026Q3');
SELECT is(score, 85.05, 'rounded once') FROM employee_scorecard WHERE employee_no = 'E3' AND cycle = '2026Q3';
-- a third, a seventh and a half: one rounding, half away from zero
SELECT is(ARRAY(SELECT settled(v, 2) FROM unnest(ARRAY[84.445, -84.445, 84.4449999, 1.0 / 3 * 3 * 0.005]) v), ARRAY[84.45, -84.45, 84.44, 0.01], 'A half goes away from zero, and nothing else does');
SELECT is(settled(sum(w * s) / sum(w), 2), 84.45, 'also where a quotient came between') FROM (VALUES (1.0 / 3, 84.445), (2.0 / 3, 84.445)) v(w, s);

SELECT * FROM finish();
ROLLBACK;
