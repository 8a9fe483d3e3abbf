/*
 * What holds for any data: properties of the engine and of a generated company,
 * the same on every run.
 */
BEGIN;
\ir fixture/small.sql
\ir fixture/generated.sql
SELECT plan(44);

CREATE TEMPORARY TABLE company AS SELECT goal_states('2026-09-18') AS states;
CREATE TEMPORARY TABLE card AS SELECT * FROM employee_scorecard_at('2026-09-18');
CREATE TEMPORARY TABLE overview AS SELECT * FROM department_overview_at('2026-09-18');
CREATE TEMPORARY TABLE status AS SELECT * FROM goal_status_at('2026-09-18');
ANALYZE;

-- the company must have every case, or what follows says little
SELECT cmp_ok(count(*) FILTER (WHERE score IS NULL), '>', 2::bigint, 'Some have no score') FROM card;
SELECT cmp_ok(count(*) FILTER (WHERE is_vetoed), '>', 2::bigint, 'some a veto') FROM card;
SELECT cmp_ok(count(*) FILTER (WHERE bonus > 0 AND penalty < 0), '>', 2::bigint, 'some bonus and penalty points') FROM card;
SELECT cmp_ok(count(*) FILTER (WHERE coverage > 0.6 AND coverage < 1), '>', 5::bigint, 'some part of their weight') FROM card;
SELECT cmp_ok(count(*), '>', 5::bigint, 'Some have goals in two departments') FROM (SELECT owner_id FROM company, unnest(states) WHERE is_own_root GROUP BY owner_id HAVING count(DISTINCT department_id) > 1) m;
SELECT is(array_agg(DISTINCT light ORDER BY light), '{green,grey,red,yellow}'::varchar[], 'There are all lights') FROM status;
SELECT cmp_ok(count(*), '>', 2::bigint, 'and delays through links') FROM status WHERE slack_days < 0;
SELECT is(count(DISTINCT i.missing), 3::bigint, 'and all that missing figures can mean') FROM company, unnest(states) s JOIN goal g USING (goal_id) JOIN indicator i USING (indicator_id) WHERE s.score IS NULL OR i.missing = 'zero';

-- ---------------------------------------------------------------------------------------
-- An explanation adds up
-- ---------------------------------------------------------------------------------------
SELECT is_empty($$SELECT c.employee_no, c.score, sum(e.points) FROM card c CROSS JOIN LATERAL explain_score(c.employee_no, c.cycle, '2026-09-18') e
	GROUP BY c.employee_no, c.score HAVING sum(e.points) IS DISTINCT FROM c.score$$, 'The explanation of every score adds up to it, to the last digit');
SELECT set_eq($$SELECT l.employee_no, l.step_no, l.step, l.goal_no, l.points FROM company, explain_live('2026-09-18', states) l$$,
	$$SELECT c.employee_no, e.step_no, e.step, e.goal_no, e.points FROM card c CROSS JOIN LATERAL explain_score(c.employee_no, c.cycle, '2026-09-18') e$$,
	'and is the same for one person from their subtree as for all from everything');
SELECT is_empty($$SELECT c.employee_no FROM card c WHERE (SELECT round(sum(e.share), 4) FROM explain_score(c.employee_no, c.cycle, '2026-09-18') e WHERE e.step = 'goal') NOT IN (0, 1)$$,
	'Its shares total the whole, or nothing where nothing scored');

-- ---------------------------------------------------------------------------------------
-- Order and plan make no difference
-- ---------------------------------------------------------------------------------------
CREATE TEMPORARY TABLE shuffled AS SELECT array_agg(s ORDER BY md5(s.goal_id::text)) AS states FROM company, unnest(states) s;
SELECT set_eq($$SELECT s.* FROM shuffled, employee_scorecard_live('2026-09-18', states) s$$, 'TABLE card', 'Goals in another order give the same scores of people');
SELECT set_eq($$SELECT s.* FROM shuffled, department_overview_live('2026-09-18', states) s$$, 'TABLE overview', 'and of departments');
SELECT set_eq($$SELECT goal_id, progress, score, red_below, yellow_below, forecast_on, slack_days, held_back_by FROM
	goal_graph($q$SELECT goal_id, parent_id, share AS weight, CASE WHEN NOT is_rolled_up THEN progress END AS progress, CASE WHEN NOT is_rolled_up THEN score END AS score, cap, due_on, expected, light
		FROM company, unnest(states) ORDER BY md5(goal_id::text)$q$, 'SELECT from_goal_id AS from_goal, to_goal_id AS to_goal, strength, buffer_days FROM goal_link ORDER BY md5(from_goal_id::text)', '2026-09-18', places => 18)$$,
	$$SELECT goal_id, progress, score, red_below, yellow_below, forecast_on, slack_days, held_back_by FROM
	goal_graph($q$SELECT goal_id, parent_id, share AS weight, CASE WHEN NOT is_rolled_up THEN progress END AS progress, CASE WHEN NOT is_rolled_up THEN score END AS score, cap, due_on, expected, light
		FROM company, unnest(states) ORDER BY goal_id$q$, 'SELECT from_goal_id AS from_goal, to_goal_id AS to_goal, strength, buffer_days FROM goal_link', '2026-09-18', places => 18)$$,
	'The graph does not depend on the order of its rows');
DISCARD PLANS;
SET enable_hashjoin = off; SET enable_hashagg = off;
SELECT set_eq($$SELECT * FROM employee_scorecard_at('2026-09-18')$$, 'TABLE card', 'Sorted and merged, or by nested loops: the same scores');
SET enable_mergejoin = off; SET enable_hashjoin = on; SET enable_nestloop = off; SET enable_indexscan = off; SET enable_indexonlyscan = off;
DISCARD PLANS;
SELECT set_eq($$SELECT * FROM employee_scorecard_at('2026-09-18')$$, 'TABLE card', 'Hashed, without an index: the same');
SELECT set_eq($$SELECT * FROM goal_status_at('2026-09-18')$$, 'TABLE status', 'and the same goals');
RESET enable_hashjoin; RESET enable_hashagg; RESET enable_mergejoin; RESET enable_nestloop; RESET enable_indexscan; RESET enable_indexonlyscan;
DISCARD PLANS;

/* a table of measures that workers can read, in three shards */
CREATE TABLE pile AS
	SELECT n, n % 3 AS shard, n % 5 AS team, CASE WHEN n % 7 > 0 THEN round(pg_temp.pick('score', n, 1200000) / 9999.0, (n % 20)::integer) END AS score, round(pg_temp.pick('weight', n, 1000) / 7.0, (n % 9)::integer) AS weight,
			pg_temp.pick('plan', n, 50) - 5.0 AS plan, date '2026-01-05' + 7 * n::integer AS week, pg_temp.pick('kept', n, 5) > 0 AS kept, pg_temp.pick('excused', n, 9) = 0 AS excused
		FROM generate_series(1, 3000) n;
ALTER TABLE pile SET (parallel_workers = 2);
ANALYZE pile;
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	result text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
		result := result || line || E'\n';
	END LOOP;
	RETURN result;
END;
$$;
PREPARE figures AS SELECT team, weighted_score(score, weight), score(score_sum(score, weight), 'zero', 0, 18), coverage(score_sum(score, weight)), volatility(score, plan)::text, trend(score, n)::text, streak(kept, excused, week)::text FROM pile GROUP BY team;
CREATE FUNCTION pg_temp.figures() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(f::text, E'\n' ORDER BY f.team) FROM (SELECT team, weighted_score(score, weight), score(score_sum(score, weight), 'zero', 0, 18), coverage(score_sum(score, weight)), volatility(score, plan), trend(score, n), streak(kept, excused, week) FROM pile GROUP BY team) f
$$;
SET max_parallel_workers_per_gather = 0;
CREATE TEMPORARY TABLE serial AS SELECT pg_temp.figures() AS figures;
SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SELECT matches(pg_temp.plan_of('EXECUTE figures'), 'Finalize.*Workers Launched: [12].*Partial', 'The figures can be gathered by parallel workers');
SELECT is(pg_temp.figures(), figures, 'who give the same as one alone') FROM serial;
RESET max_parallel_workers_per_gather; RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size;
SELECT set_eq('SELECT team, score(merge(part), ''renormalise'', 0, 18) FROM (SELECT team, shard, score_sum(score, weight) AS part FROM pile GROUP BY team, shard) p GROUP BY team',
	'SELECT team, score(score_sum(score, weight), ''renormalise'', 0, 18) FROM pile GROUP BY team', 'Sums of shards merge to the sum of the whole');
SELECT set_eq('SELECT team, score(merge(part::text::score_sum), ''renormalise'', 0, 18) FROM (SELECT team, shard, score_sum(score, weight) AS part FROM pile GROUP BY team, shard) p GROUP BY team',
	'SELECT team, score(score_sum(score, weight ORDER BY md5(n::text)), ''renormalise'', 0, 18) FROM pile GROUP BY team', 'also when they were stored as text, in any order of the rows');
SELECT is((SELECT string_agg(f::text, E'\n' ORDER BY f.team) FROM (SELECT team, weighted_score(score, weight ORDER BY md5(n::text)), score(score_sum(score, weight ORDER BY n DESC), 'zero', 0, 18), coverage(score_sum(score, weight)),
	volatility(score, plan ORDER BY md5(n::text)), trend(score, n ORDER BY md5(n::text)), streak(kept, excused, week ORDER BY md5(n::text)) FROM pile GROUP BY team) f), figures, 'No figure depends on the order of its rows') FROM serial;

-- ---------------------------------------------------------------------------------------
-- The scale of weights makes no difference
-- ---------------------------------------------------------------------------------------
SELECT is_empty($$SELECT c, team FROM pile, unnest(ARRAY[1e-9, 0.5, 3, 1e12]) c GROUP BY c, team
	HAVING score(score_sum(score, weight), 'renormalise', 0, 18) <> score(score_sum(score, weight * c), 'renormalise', 0, 18) OR coverage(score_sum(score, weight)) <> coverage(score_sum(score, weight * c))$$,
	'Weights times anything give the same mean and coverage');
CREATE FUNCTION pg_temp.scaled(c numeric) RETURNS goal_state[] LANGUAGE sql AS $$
	SELECT array_agg(jsonb_populate_record(s, jsonb_build_object('weight', s.weight * c))) FROM company, unnest(states) s
$$;
SELECT set_eq(format('SELECT * FROM employee_scorecard_live(''2026-09-18'', pg_temp.scaled(%s))', c), 'TABLE card', format('Weights times %s give the same scorecards', c)) FROM unnest(ARRAY[0.001, 7]) c;
SELECT set_eq(format('SELECT goal_id, progress, score FROM goal_graph($q$SELECT goal_id, parent_id, share * %s AS weight, CASE WHEN NOT is_rolled_up THEN progress END AS progress, CASE WHEN NOT is_rolled_up THEN score END AS score, cap, due_on, expected FROM company, unnest(states)$q$, NULL, ''2026-09-18'', places => 18)', c),
	'SELECT goal_id, progress, score FROM company, unnest(states)', format('Shares times %s roll up to the same', c)) FROM unnest(ARRAY[0.000001, 13]) c;

-- ---------------------------------------------------------------------------------------
-- More is never less
-- ---------------------------------------------------------------------------------------
/* 120 curves of each sort: points at growing x, y that grows or falls by any amount, 0 included */
CREATE TEMPORARY TABLE curve AS
	SELECT sort, n, direction, (sort || '(' || string_agg(format('%s:%s', x, y), ', ' ORDER BY i) || ')')::score_curve AS curve
	FROM (SELECT sort, n, i, direction, sum(1 + pg_temp.pick(sort || 'x', 100 * n + i, 9000)) OVER upward / 100.0 - 50 AS x, direction * sum(pg_temp.pick(sort || 'y', 100 * n + i, 4000) * (i % 3)) OVER upward / 100.0 AS y
		FROM unnest('{linear,step}'::text[]) sort, generate_series(1, 120) n, LATERAL (SELECT CASE WHEN n % 2 = 0 THEN 1 ELSE -1 END AS direction) d, generate_series(1, 2 + n % 7) i
		WINDOW upward AS (PARTITION BY sort, n ORDER BY i)) p
	GROUP BY sort, n, direction
	UNION ALL
	SELECT 'deduct', n, CASE WHEN n % 2 = 0 THEN 1 ELSE -1 END, format('deduct(full %s, %s %s, %s per %s, floor %s%s)', 100 + n, CASE WHEN n % 2 = 0 THEN 'below' ELSE 'above' END, n % 50, 1 + n % 7, (1 + n % 5) / 2.0, n % 30, CASE WHEN n % 3 = 0 THEN ', prorata' ELSE '' END)::score_curve
	FROM generate_series(1, 120) n;
CREATE TEMPORARY TABLE point AS SELECT (i - 150) * 7 / 13.0 AS x FROM generate_series(1, 400) i;
SELECT is(count(DISTINCT curve::text), 360::bigint, 'There are many curves') FROM curve;
SELECT is_empty($$SELECT sort, n FROM (SELECT sort, n, direction, score(curve, x) - lag(score(curve, x)) OVER (PARTITION BY sort, n ORDER BY x) AS gain FROM curve, point) g WHERE gain * direction < 0$$,
	'More of what is to rise never costs a point, more of what is to fall never gives one');
SELECT is_empty($$SELECT s, t, a FROM (SELECT s, t, a, progress(a, s, t) - lag(progress(a, s, t)) OVER (PARTITION BY s, t ORDER BY a) AS gain FROM (SELECT x AS s FROM point WHERE x::integer % 9 = 0) s, (SELECT x + 0.5 AS t FROM point WHERE x::integer % 11 = 0) t,
	(SELECT x AS a FROM point WHERE x::integer % 7 = 0) a WHERE s <> t) g WHERE gain * sign(t - s) < 0$$, 'Nearer the target is never less progress, upward and downward');
SELECT is_empty($$SELECT p, e FROM (SELECT p, e, light(p / 50.0, e / 20.0)::smallint - lag(light(p / 50.0, e / 20.0)::smallint) OVER (PARTITION BY e ORDER BY p) AS gain FROM generate_series(-10, 70) p, generate_series(0, 20) e) g WHERE gain < 0$$,
	'More progress never gives a worse light');

/* everybody who reported does better: what is to rise rises, what is to fall falls */
UPDATE setting SET value = '2026-09-19' WHERE key = 'today';
CREATE TEMPORARY TABLE yesterday AS SELECT goal_id, owner_id, progress, score, is_rolled_up, direction, x FROM unnest(goal_states('2026-09-19')) s JOIN goal g USING (goal_id, owner_id) LEFT JOIN indicator i USING (indicator_id);
CREATE TEMPORARY TABLE card_before AS SELECT * FROM employee_scorecard_at('2026-09-19');
CREATE TEMPORARY TABLE overview_before AS SELECT * FROM department_overview_at('2026-09-19');
SELECT cmp_ok(count(check_in(s.goal_id, CASE WHEN i.code IN ('DOWN', 'TAKE', 'VETO') THEN s.actual - pg_temp.pick('better' || g.goal_no, 0, 50) / 3.0 WHEN s.target IS NOT NULL THEN s.actual + pg_temp.pick('better' || g.goal_no, 0, 50) * s.target / 300 END::numeric,
		CASE WHEN s.target IS NULL AND i.code IS NULL THEN s.progress + pg_temp.pick('better' || g.goal_no, 0, 50) / 300.0 END)), '>', 100::bigint, 'Many report that they are further on')
	FROM company, unnest(states) s JOIN goal g USING (goal_id) LEFT JOIN indicator i USING (indicator_id)
	WHERE NOT s.is_rolled_up AND (s.actual IS NOT NULL OR s.progress IS NOT NULL) AND s.kind <> 'milestone';
SELECT is_empty($$SELECT a.goal_id, b.progress, a.progress, b.score, a.score FROM unnest(goal_states('2026-09-19')) a JOIN yesterday b USING (goal_id)
	WHERE a.progress < b.progress OR a.score < b.score OR (a.progress IS NULL) <> (b.progress IS NULL)$$, 'No goal has less for it, none above them either');
SELECT is_empty($$SELECT a.employee_no FROM employee_scorecard_at('2026-09-19') a JOIN card_before b USING (employee_no, cycle) WHERE a.score < b.score OR a.progress < b.progress OR a.coverage <> b.coverage$$, 'No person');
SELECT is_empty($$SELECT a.department_code FROM department_overview_at('2026-09-19') a JOIN overview_before b USING (department_code, cycle) WHERE a.score < b.score OR a.progress < b.progress$$, 'and no department');
SELECT cmp_ok(count(*), '>', 25::bigint, 'Most have more') FROM employee_scorecard_at('2026-09-19') a JOIN card_before b USING (employee_no, cycle) WHERE a.score > b.score;

-- ---------------------------------------------------------------------------------------
-- A target met is exactly 1, before caps
-- ---------------------------------------------------------------------------------------
SELECT is_empty($$SELECT s, t FROM (SELECT (pg_temp.pick('s', n, 2000000000) - 1000000000)::numeric / 10 ^ (n % 13)::numeric AS s, (pg_temp.pick('t', n, 2000000000) - 1000000000)::numeric / 10 ^ (n % 11)::numeric AS t FROM generate_series(1, 2000) n) v
	WHERE progress(t, s, t) <> 1 OR progress(s, s, t) <> 0 OR attainment(t, t) <> 1$$, 'Met is 1 and begun is 0, whatever the numbers');
UPDATE setting SET value = '2026-09-20' WHERE key = 'today';
SELECT cmp_ok(count(check_in(goal_id, target)), '>', 100::bigint, 'Everybody with a target meets it') FROM company, unnest(states) s WHERE target IS NOT NULL AND NOT is_rolled_up;
SELECT is_empty($$SELECT goal_no, progress, x FROM unnest(goal_states('2026-09-20')) s JOIN goal g USING (goal_id) WHERE s.target IS NOT NULL AND NOT is_rolled_up AND (progress <> 1 OR x <> 100 OR x IS NULL AND indicator_id IS NOT NULL OR light <> 'green' AND declared_light IS NULL)$$,
	'Each of them has progress 1, 100 for its curve, and is green');
SELECT is_empty($$SELECT goal_no, progress FROM unnest(goal_states('2026-09-20')) s JOIN goal g USING (goal_id) WHERE is_rolled_up AND progress <> 1
	AND NOT EXISTS (SELECT FROM goal c JOIN unnest(goal_states('2026-09-20')) k ON k.goal_id = c.goal_id WHERE c.parent_id = s.goal_id AND k.share > 0 AND k.progress IS DISTINCT FROM 1)$$, 'and so has every objective of such goals');

-- ---------------------------------------------------------------------------------------
-- Sums and counts hang together
-- ---------------------------------------------------------------------------------------
SELECT is_empty($$SELECT c.employee_no FROM card c JOIN (SELECT owner_no, cycle, count(*) AS goals, count(*) FILTER (WHERE light = 'red') AS red, count(*) FILTER (WHERE light = 'yellow') AS yellow, count(*) FILTER (WHERE light = 'green') AS green FROM status GROUP BY 1, 2) s
	ON s.owner_no = c.employee_no AND s.cycle = c.cycle WHERE (c.goals, c.red, c.yellow, c.green) <> (s.goals, s.red, s.yellow, s.green)$$, 'A person''s counts are those of their goals');
SELECT is((SELECT (goals, red, yellow, green) FROM overview WHERE department_code = 'KS' AND cycle = '2026Q3'), (SELECT (sum(goals)::bigint, sum(red)::bigint, sum(yellow)::bigint, sum(green)::bigint) FROM card WHERE cycle = '2026Q3'),
	'and the company''s those of its people');
SELECT is((SELECT score FROM overview WHERE department_code = 'KS' AND cycle = '2026Q3'),
	(SELECT settled(sum(t.total * w.days) / sum(w.days), 2) FROM company, person_total('2026-09-18', states) t JOIN (SELECT employee_id, cycle_id, sum(days) AS days FROM days_worked('2026-09-18') GROUP BY 1, 2) w USING (employee_id, cycle_id) WHERE t.total IS NOT NULL),
	'The company''s score is the mean of its people''s by days');
SELECT is_empty($$SELECT team FROM pile GROUP BY team HAVING abs(weighted_score(score, weight) - sum(score * weight) / sum(weight) FILTER (WHERE score IS NOT NULL)) > 0.0000005$$, 'A weighted score is what plain arithmetic gives');

SELECT * FROM finish();
ROLLBACK;
