/* Targets that change inside a period. */
BEGIN;
\ir fixture/small.sql
SELECT plan(50);

/*
 * The quarter has 92 days; the target of each goal rises from 900 to 1200
 * after 31 of them, and 1000 is reached.
 */
INSERT INTO indicator (code, name, basis, curve, cap, target_mode, recorded_from)
	SELECT v.*, '-infinity' FROM (VALUES
	('SEG', 'Segmented', 'attainment', 'linear(0:0, 120:120)'::score_curve, 120, 'segmented'),
	('TW', 'Time weighted', 'attainment', 'linear(0:0, 120:120)', 120, 'time_weighted'),
	('NEW', 'Latest', 'attainment', 'linear(0:0, 120:120)', 120, 'latest'),
	('STEP', 'Tiles with a veto', 'attainment', 'step(0:veto, 50:60, 100:100)', 120, 'segmented')) AS v;
SELECT pg_temp.goal('S', 'E3', 'kpi', 40, indicator => 'SEG', target => 900), pg_temp.goal('T', 'E3', 'kpi', 30, indicator => 'TW', target => 900),
	pg_temp.goal('N', 'E3', 'kpi', 30, indicator => 'NEW', target => 900), pg_temp.goal('P', 'E4', 'kpi', 60, baseline => 100, target => 900),
	pg_temp.goal('V', 'E4', 'kpi', 40, indicator => 'STEP', target => 900), pg_temp.goal('M', 'E5', 'milestone', 50), pg_temp.goal('R', 'E5', 'kpi', 50);
SELECT pg_temp.activate_all();
ALTER TABLE goal DISABLE TRIGGER goal_before_history;
UPDATE goal SET recorded_from = '-infinity';
ALTER TABLE goal ENABLE TRIGGER goal_before_history;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
UPDATE setting SET value = '2026-09-29' WHERE key = 'today';
SELECT check_in(pg_temp.id(v.no), 1000) FROM unnest('{S,T,N,P,V,R}'::text[]) AS v(no);
UPDATE setting SET value = '2026-09-30' WHERE key = 'today';

CREATE FUNCTION pg_temp.stands(no text, as_of date DEFAULT '2026-09-30') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT concat_ws(' ', trim_scale(round(progress, 6)), trim_scale(round(score, 6))) FROM goal_status_at(as_of) WHERE goal_no = no);
END; $$;

SELECT is(pg_temp.stands('S'), '1.111111 111.111111', 'Against its first target a goal reaches 10/9');
CREATE TEMPORARY TABLE unchanged AS SELECT * FROM goal_status_at('2026-09-30') WHERE goal_no = 'R';

SELECT isnt(change_target(pg_temp.id('S'), 1200, '2026-08-01', 'the market grew', 'E2'), NULL, 'A target is changed inside the period');
SELECT isnt(change_target(pg_temp.id('T'), 1200.0, '2026-08-01', 'the market grew', 'E2'), NULL, 'also with a numeric');
SELECT change_target(pg_temp.id('N'), 1200, '2026-08-01', 'the market grew', 'E2'), change_target(pg_temp.id('P'), 1200, '2026-08-01', 'the market grew', 'E2');
SELECT is(pg_temp.stands('S'), '0.926932 92.693236', 'segmented: (31 x 10/9 + 61 x 5/6) / 92, and so with the points');
SELECT is(pg_temp.stands('T'), '0.90999 90.999011', 'time_weighted: against (31 x 900 + 61 x 1200) / 92 = 1098.913');
SELECT is(round(target, 3), 1098.913, 'which is the target shown') FROM goal_fact('2026-09-30') WHERE goal_id = pg_temp.id('T');
SELECT is(pg_temp.stands('N'), '0.833333 83.333333', 'latest: against the newest for the whole period');
SELECT is(pg_temp.stands('P'), '0.921566 92.156621', 'Without an indicator segments count: (31 x 900/800 + 61 x 900/1100) / 92, from the baseline 100');
SELECT is(target, 1200::numeric, 'The target in force is shown') FROM goal_fact('2026-09-30') WHERE goal_id = pg_temp.id('S');
SELECT is(target, 900::numeric, 'The goal itself keeps the one first agreed') FROM goal WHERE goal_no = 'S';
SELECT results_eq('SELECT * FROM unchanged', $$SELECT * FROM goal_status_at('2026-09-30') WHERE goal_no = 'R'$$, 'Other goals are as they were');

-- explained
SELECT results_eq($$SELECT step::text, goal_no::text, target, score, points IS NULL, note::text FROM explain_score('E3', '2026Q3') WHERE goal_no = 'S' ORDER BY step_no$$,
	$$VALUES ('goal', 'S', 1200::numeric, 92.693236, false, 'the target changed: mean of its segments by days'),
		('segment', 'S', 900, 111.111111, true, '2026-07-01 to 2026-07-31, 31 days'), ('segment', 'S', 1200, 83.333333, true, '2026-08-01 to 2026-09-30, 61 days')$$,
	'The explanation lists the segments');
SELECT is((SELECT sum(points) FROM explain_score('E3', '2026Q3')), (SELECT score FROM employee_scorecard WHERE employee_no = 'E3'), 'and still adds up');
SELECT is(note::text, 'the target changed: its mean by days counts', 'Other modes say what counts') FROM explain_score('E3', '2026Q3') WHERE goal_no = 'T' AND step = 'goal';

-- as then known
SELECT is(pg_temp.stands('S', '2026-09-29'), '1.111111 111.111111', 'Yesterday the old target held');
SELECT change_target(pg_temp.id('S'), 2000, '2026-09-30', 'once more', 'E2');
SELECT is(pg_temp.stands('S'), '0.923309 92.330918', 'A third target takes its days from the second one: (31 x 10/9 + 60 x 5/6 + 1/2) / 92');
SELECT throws_ok($$SELECT change_target(pg_temp.id('S'), 2100, '2026-09-30', 'typing error', 'E2')$$, '23505', 'goal "S" already has a target from 2026-09-30',
	'Two targets from one day overlap');
SELECT throws_ok($$INSERT INTO target_version (goal_id, effective_on, target, reason, approved_by_id) SELECT pg_temp.id('S'), '2026-08-01', 5, 'x', employee_id_of('E2')$$,
	'23505', 'goal "S" already has a target from 2026-08-01', 'whoever writes');
SELECT isnt(withdraw_target(pg_temp.id('S'), '2026-09-30', 'typing error'), NULL, 'A wrong one is withdrawn');
SELECT is(pg_temp.stands('S'), '0.926932 92.693236', 'and it is as though it had never been');
UPDATE setting SET value = '2026-10-01' WHERE key = 'today';
SELECT isnt(change_target(pg_temp.id('S'), 1000, '2026-09-30', 'in fact', 'E2'), NULL, 'The right one may take its day');
SELECT is(pg_temp.stands('S', '2026-09-30'), '0.926932 92.693236', 'What is recorded tomorrow was not known today');
SELECT withdraw_target(pg_temp.id('S'), '2026-08-01', 'never agreed');
SELECT is(pg_temp.stands('S', '2026-09-30'), '0.926932 92.693236', 'nor what is withdrawn tomorrow');
SELECT is(pg_temp.stands('S', '2026-10-01'), '1.109903 110.990338', 'Tomorrow it is: (91 x 10/9 + 1) / 92');
SELECT throws_ok($$SELECT withdraw_target(pg_temp.id('S'), '2026-08-01', 'again')$$, 'P0002', 'goal "S" has no target from 2026-08-01', 'Withdrawn is withdrawn');
SELECT throws_ok($$SELECT withdraw_target(pg_temp.id('S'), '2026-09-30', ' ')$$, '22023', 'withdrawing a target of goal "S" needs a reason', 'Withdrawing needs a reason');

-- the first day, days to come, the veto
SELECT change_target(pg_temp.id('V'), 4000, '2026-07-01', 'it was meant so', 'E2');
SELECT is(pg_temp.stands('V', '2026-10-01'), '0.25 0', 'From the first day on it holds for the whole period');
SELECT is(is_vetoed, true, 'and may veto') FROM goal_fact('2026-10-01') WHERE goal_id = pg_temp.id('V');
SELECT change_target(pg_temp.id('V'), 1600, '2026-09-01', 'too hard', 'E2');
SELECT is(is_vetoed, false, 'Of several targets the newest decides on the veto') FROM goal_fact('2026-10-01') WHERE goal_id = pg_temp.id('V');
SELECT change_target(pg_temp.id('R'), 500, '2026-09-20', 'now it can be counted', 'E1');
SELECT is(target, NULL, 'A target yet to come counts for nothing') FROM goal_fact('2026-09-19', known_at => 'infinity') WHERE goal_id = pg_temp.id('R');
SELECT is(target, 500::numeric, 'and holds from its day on') FROM goal_fact('2026-09-20', known_at => 'infinity') WHERE goal_id = pg_temp.id('R');

-- what is refused
SELECT throws_ok($$UPDATE goal SET target = 10 WHERE goal_no = 'P'$$, '55000', 'target and baseline of live goal "P" cannot be overwritten', 'A live target is not overwritten');
SELECT throws_ok($$UPDATE goal SET baseline = 10 WHERE goal_no = 'P'$$, '55000', 'target and baseline of live goal "P" cannot be overwritten', 'nor a baseline');
SELECT throws_ok($$SELECT change_target(pg_temp.id('P'), 1000, '2026-09-01', ' ', 'E2')$$, '22023', 'changing the target of goal "P" needs a reason', 'A change needs a reason');
SELECT throws_ok($$SELECT change_target(pg_temp.id('P'), NULL::numeric, '2026-09-01', 'x', 'E2')$$, '22023', NULL, 'and a target');
SELECT throws_ok($$SELECT change_target(pg_temp.id('P'), 1000, '2026-09-01', 'x', 'E9')$$, 'P0002', 'employee "E9" does not exist', 'and somebody who approved it');
SELECT throws_ok($$SELECT change_target(pg_temp.id('P'), 1000, '2026-09-01', 'x', 'E4')$$, '23514', 'the owner of goal "P" cannot approve a change of its target', 'who is not the owner');
SELECT throws_ok($$SELECT change_target(pg_temp.id('P'), 1000, '2026-10-01', 'x', 'E2')$$, '23514', 'target of goal "P" cannot change on 2026-10-01', 'Days lie inside the goal');
SELECT throws_ok($$SELECT change_target(pg_temp.id('P'), 100, '2026-09-01', 'x', 'E2')$$, '23514', 'target 100 of goal "P" equals its baseline', 'A target is no baseline');
SELECT throws_ok($$SELECT change_target(pg_temp.id('P'), 50, '2026-09-01', 'x', 'E2')$$, '23514', 'target 50 of goal "P" would turn its direction', 'and keeps the direction');
SELECT throws_ok($$SELECT change_target(pg_temp.id('V'), 0, '2026-09-02', 'x', 'E2', -5)$$, '23514', 'target of goal "V" cannot be 0', 'Nobody attains 0');
SELECT throws_ok($$SELECT change_target(pg_temp.id('P'), 'Infinity'::numeric, '2026-09-01', 'x', 'E2')$$, '23514', NULL, 'Infinity is no target');
SELECT throws_ok($$SELECT change_target(pg_temp.id('M'), 5, '2026-09-01', 'x', 'E2')$$, '23514', 'goal "M" is a milestone and has no target', 'A milestone has none');
SELECT throws_ok($$SELECT change_target(-1, 5, '2026-09-01', 'x', 'E2')$$, 'P0002', 'goal -1 does not exist', 'An unknown goal is named');
SELECT throws_ok($$UPDATE target_version SET target = 1$$, '55000', 'a target version is never changed or deleted', 'Versions are not rewritten');
SELECT throws_ok($$DELETE FROM target_version$$, '55000', 'a target version is never changed or deleted', 'nor deleted');

-- closed is closed
SELECT add_goal('2026', 'E1', 'kpi', 'Year', 100, target => 100, goal_no => 'Y');
SELECT pg_temp.activate_all();
DELETE FROM cycle WHERE code IN ('2026-07', '2026-08');
SELECT close_cycle('2026-09'), close_cycle('2026Q3');
SELECT throws_ok($$SELECT change_target(pg_temp.id('P'), 1000, '2026-09-01', 'x', 'E2')$$, '55000', 'cycle "2026Q3" is closed', 'A closed quarter keeps its targets');
SELECT throws_ok($$SELECT change_target(pg_temp.id('Y'), 120, '2026-09-30', 'x', 'E2')$$, '55000', 'a target cannot change on 2026-09-30: cycle "2026Q3" is closed',
	'and the year''s do not change in the part of it that is closed');
SELECT isnt(change_target(pg_temp.id('Y'), 120, '2026-10-01', 'x', 'E2'), NULL, 'but after it');
SELECT is(count(*), 2::bigint, 'Segments are frozen with the explanation') FROM explain_score('E4', '2026Q3') WHERE step = 'segment' AND goal_no = 'P';

SELECT * FROM finish();
ROLLBACK;
