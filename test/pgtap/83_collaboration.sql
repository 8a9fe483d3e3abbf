/*
 * Heat map, bottlenecks, and the way of a delay, by hand.
 */
BEGIN;
\ir fixture/small.sql
SELECT plan(33);

/*
 * Workshop KS-A: A1 (E2, weight 100), A2 and A3 (E3, 60 and 40), A4 (E4, 100).  Development KS-B: B1 and B2 (E5, 70 and 30).
 * Company KS: T (E1, 100).  Total weight of KS-A 300, of KS 100.
 */
UPDATE setting SET value = '2026-07-10' WHERE key = 'today';
INSERT INTO cycle (code, kind, starts_on, ends_on, state) VALUES ('W', 'sprint', '2026-07-01', '2026-09-30', 'active');
SELECT add_goal('W', v.owner, 'milestone', v.no, v.weight, due_on => v.due_on, goal_no => v.no)
	FROM (VALUES ('A1', 'E2', 100, date '2026-09-20'), ('A2', 'E3', 60, '2026-09-25'), ('A3', 'E3', 40, '2026-09-25'), ('A4', 'E4', 100, '2026-09-28'),
		('B1', 'E5', 70, '2026-09-05'), ('B2', 'E5', 30, '2026-09-20'), ('T', 'E1', 100, '2026-09-30')) AS v(no, owner, weight, due_on);
SELECT pg_temp.activate_all();
CREATE FUNCTION pg_temp.heat(as_of date DEFAULT today()) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(concat_ws(' ', h.from_code || '>' || h.to_code, h.strength, h.links, h.lagging, coalesce(h.mean_slack_days::text, '-'), h.risk), ', ' ORDER BY h.from_code, h.to_code)
		FROM collaboration_heatmap_at(as_of) h);
END; $$;

SELECT is(pg_temp.heat(), NULL, 'Without links no heat');
SELECT link_goals(pg_temp.id('A2'), pg_temp.id('B1'), strength => 0.5, buffer_days => 2);
SELECT is(pg_temp.heat(), 'KS-A>KS-B 0.100000 1 0 18.00 0.000000', 'Half of 60 of 300; 25 September - 2 days - 5 September leaves 18');
SELECT link_goals(pg_temp.id('A2'), pg_temp.id('B2'), strength => 0.4);
SELECT is(pg_temp.heat(), 'KS-A>KS-B 0.140000 2 0 11.50 0.000000', 'Two links of one goal into one department: 60 x (1 - 0.5 x 0.6) = 42 of 300');
SELECT link_goals(pg_temp.id('A1'), pg_temp.id('B1'), strength => 0.3);
SELECT is(pg_temp.heat(), 'KS-A>KS-B 0.240000 3 0 12.67 0.000000', 'and a second goal: 72 of 300');
SELECT link_goals(pg_temp.id('A4'), pg_temp.id('A1')), link_goals(pg_temp.id('A3'), pg_temp.id('B1'), 'relates', 1);
SELECT is(pg_temp.heat(), 'KS-A>KS-B 0.240000 3 0 12.67 0.000000', 'Within a department there is no heat, nor from what only relates');
SELECT link_goals(pg_temp.id('T'), pg_temp.id('A4'), buffer_days => 1);
SELECT is(pg_temp.heat(), 'KS>KS-A 1.000000 1 0 1.00 0.000000, KS-A>KS-B 0.240000 3 0 12.67 0.000000', 'The company needs the workshop whole');

-- B1 is not done in time: the pace of half in 70 days gives 70 more
UPDATE setting SET value = '2026-09-08' WHERE key = 'today';
SELECT is(pg_temp.heat(), 'KS>KS-A 1.000000 1 0 1.00 0.000000, KS-A>KS-B 0.240000 3 2 12.67 0.160000', 'Two of three links lag: two thirds of the strength are at risk');
SELECT is((SELECT risk FROM collaboration_heatmap WHERE from_code = 'KS-A'), 0.160000, 'The view shows today');
SELECT is(pg_temp.heat('2026-09-04'), 'KS>KS-A 1.000000 1 0 1.00 0.000000, KS-A>KS-B 0.240000 3 0 12.67 0.000000', 'The day before it was due nothing was at risk');
SELECT check_in(pg_temp.id('B1'), progress => 0.7, at => '2026-09-08 00:00+08');
SELECT is(pg_temp.heat(), 'KS>KS-A 1.000000 1 1 -9.00 1.000000, KS-A>KS-B 0.240000 3 3 -9.33 0.240000', 'A forecast of 8 October reaches everybody: slacks -15, 5 and -18 and, at the end of the chain, -9');
SELECT is((SELECT string_agg(s.goal_no || ' ' || s.slip_days, ', ' ORDER BY s.goal_no) FROM goal_status s WHERE s.slip_days > 0), 'A1 18, A2 15, A4 10, B1 33, T 9',
	'by so many days each');

-- what piles up
SELECT results_eq($$SELECT place, code::text, lags, dependents, reach, reach_lagging, reach_departments, worst_slack_days FROM bottleneck WHERE kind = 'goal' ORDER BY place, code$$,
	$$VALUES (1::bigint, 'B1', true, 2::bigint, 4::bigint, 4::bigint, 2::bigint, -18), (2, 'A1', true, 1, 2, 2, 2, -10), (3, 'A4', true, 1, 1, 1, 1, -9), (4, 'B2', false, 1, 1, 1, 1, 5)$$,
	'Goals by who waits for them, the ones that lag first');
SELECT results_eq($$SELECT place, code::text, lags, dependents, reach, reach_lagging, reach_departments FROM bottleneck WHERE kind = 'department' ORDER BY place$$,
	$$VALUES (1::bigint, 'KS-B', true, 3::bigint, 4::bigint, 4::bigint, 2::bigint), (2, 'KS-A', true, 1, 1, 1, 1)$$, 'Departments by other departments'' goals that wait for lagging ones');

-- the way of the delay
SELECT results_eq($$SELECT direction::text, depth, goal_no::text, slip_days, slack_days, delay_days, path::text, lags FROM goal_dependencies(pg_temp.id('B1'))$$,
	$$VALUES ('self', 0, 'B1', 33, NULL::integer, NULL::integer, 'B1', true), ('downstream', 1, 'A1', 18, -18, 18, 'B1 → A1', true), ('downstream', 1, 'A2', 15, -15, 15, 'B1 → A2', true),
		('downstream', 2, 'A4', 10, -10, 10, 'B1 → A1 → A4', true), ('downstream', 3, 'T', 9, -9, 9, 'B1 → A1 → A4 → T', true)$$, 'Whom the goal at the root holds up');
SELECT results_eq($$SELECT direction::text, depth, goal_no::text, path::text FROM goal_dependencies(pg_temp.id('A1'))$$,
	$$VALUES ('self', 0, 'A1', 'A1'), ('upstream', 1, 'B1', 'A1 ← B1'), ('downstream', 1, 'A4', 'A1 → A4'), ('downstream', 2, 'T', 'A1 → A4 → T')$$, 'One in the middle looks both ways');
SELECT is((SELECT count(*) FROM goal_dependencies(pg_temp.id('A3'))), 1::bigint, 'A goal that only relates stands alone');
SELECT is((SELECT string_agg(d.goal_no || coalesce(d.slip_days::text, '-'), ' ' ORDER BY d.depth, d.goal_no) FROM goal_dependencies(pg_temp.id('B1'), '2026-09-04') d), 'B1- A1- A2- A4- T-',
	'Before the report nothing was forecast');
SELECT results_eq($$SELECT place, delay_days, root_no::text, goal_no::text, hops, chain::text FROM worst_chains()$$,
	$$VALUES (1, 15, 'B1', 'A2', 1, 'Development B1 "B1" 33 days late → Workshop A2 "A2" 15 days late'),
		(2, 9, 'B1', 'T', 3, 'Development B1 "B1" 33 days late → Workshop A1 "A1" 18 days late → Workshop A4 "A4" 10 days late → Company T "T" 9 days late')$$, 'The chains from the root to whom nobody needs');
SELECT is((SELECT count(*) FROM worst_chains(1)), 1::bigint, 'The worst one');
SELECT is((SELECT count(*) FROM worst_chains(0)), 0::bigint, 'or none');
SELECT is((SELECT count(*) FROM worst_chains(3, '2026-09-04')), 0::bigint, 'On the day before nobody was late');
UPDATE setting SET value = 'zh' WHERE key = 'locale';
SELECT is((SELECT chain::text FROM worst_chains(1)), 'Development B1「B1」晚 33 天 → Workshop A2「A2」晚 15 天', 'In Chinese too');

-- a diamond: T also needs A1 itself; A2 in between is the slower way
SELECT link_goals(pg_temp.id('T'), pg_temp.id('A1'), buffer_days => 30), link_goals(pg_temp.id('T'), pg_temp.id('A2'));
SELECT is((SELECT string_agg(d.goal_no || ':' || d.depth || ':' || d.slack_days, ' ' ORDER BY d.depth, d.goal_no) FROM goal_dependencies(pg_temp.id('B1')) d WHERE d.depth > 0),
	'A1:1:-18 A2:1:-15 A4:2:-10 T:2:-38', 'Each goal once, by the shortest way, of two such ways by the one with least time');
SELECT is((SELECT path::text FROM goal_dependencies(pg_temp.id('B1')) d WHERE d.goal_no = 'T'), 'B1 → A1 → T', 'which is shown');
SELECT is((SELECT chain_.hops FROM worst_chains(1) chain_), 2, 'The chain follows what really delays');

-- frozen
UPDATE setting SET value = '2026-09-30' WHERE key = 'today';
CREATE TEMPORARY TABLE before AS SELECT * FROM collaboration_heatmap;
SELECT close_cycle('W');
SELECT results_eq('SELECT * FROM collaboration_heatmap ORDER BY 1, 2', 'SELECT * FROM before ORDER BY 1, 2', 'A closed cycle keeps its heat');
UPDATE setting SET value = '2027-03-01' WHERE key = 'today';
SELECT results_eq('SELECT * FROM collaboration_heatmap ORDER BY 1, 2', 'SELECT * FROM before ORDER BY 1, 2', 'as of its end');
SELECT is((SELECT count(*) FROM bottleneck), 0::bigint, 'and blocks nobody any more');
SELECT is((SELECT count(*) FROM goal_dependencies(pg_temp.id('B1')) WHERE light IS NOT NULL), 5::bigint, 'Its goals can still be followed, as they were closed');

-- bad input
SELECT throws_ok($$SELECT goal_dependencies(0)$$, 'P0002', 'goal 0 does not exist', 'No such goal');
SELECT throws_ok($$SELECT worst_chains(-1)$$, '22023', '-1 chains cannot be shown', 'No negative number of chains');
SELECT is((SELECT count(*) FROM collaboration_heatmap_at(NULL)), 0::bigint, 'No day, no heat');
SELECT is(product(v), 0.12::numeric, 'A product is exact and leaves out what is not known') FROM (VALUES (0.3), (NULL), (0.4)) AS p(v);

SELECT * FROM finish();
ROLLBACK;
