/* Vetoes that somebody declares, and objections to the veto of a curve: evidence, approval, revocation. */
BEGIN;
\ir fixture/small.sql
SELECT plan(58);

INSERT INTO indicator (code, name, basis, direction, curve, cap) VALUES ('SAFE', 'Accidents', 'value', 'down', 'step(0:100, 1:60, 2:veto)', 100);
SELECT pg_temp.goal('A', 'E3', 'kpi', 100), pg_temp.goal('B', 'E4', 'kpi', 60), pg_temp.goal('S', 'E4', 'kpi', 40, indicator => 'SAFE') \gset
SELECT pg_temp.activate_all() \gset
SELECT check_in(pg_temp.id('A'), progress => 0.874449), check_in(pg_temp.id('B'), progress => 0.9), check_in(pg_temp.id('S'), 0) \gset

CREATE FUNCTION pg_temp.card(no text, day date DEFAULT today()) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT concat_ws(' ', coalesce(score::text, '-'), coalesce(grade, '-'), coalesce(score_before_veto::text, '-'), CASE WHEN is_vetoed THEN 'vetoed' END)
		FROM employee_scorecard_at(day) WHERE employee_no = no AND cycle = '2026Q3');
END; $$;
CREATE FUNCTION pg_temp.adds_up(no text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT sum(points) FROM explain_score(no, '2026Q3')) IS NOT DISTINCT FROM (SELECT score FROM employee_scorecard WHERE employee_no = no AND cycle = '2026Q3');
END; $$;
CREATE FUNCTION pg_temp.says(no text, step_name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(concat_ws(' | ', goal_no, title, points, note), '; ' ORDER BY step_no) FROM explain_score(no, '2026Q3') WHERE step = step_name);
END; $$;
CREATE FUNCTION pg_temp.on_day(day date) RETURNS void LANGUAGE plpgsql AS $$ BEGIN UPDATE setting SET value = day WHERE key = 'today'; END; $$;

-- ---------------------------------------------------------------------------------------
-- Reported, approved, revoked
-- ---------------------------------------------------------------------------------------
SELECT is(pg_temp.card('E3'), '87.44 B 87.44', 'Before anything happened');
SELECT declare_veto('E3', '2026Q3', 'Signed for a check that was not done', 'E4', evidence => 'Log of gate 3, 2026-09-16') AS v \gset
SELECT is(pg_temp.card('E3'), '87.44 B 87.44', 'What is only reported does not count');
SELECT is(state || ' ' || effect || ' ' || reported_by_no, 'reported zero E4', 'but is listed') FROM veto_record WHERE veto_case_id = :v;
SELECT throws_ok(format('SELECT approve_veto(%s, ''E3'')', :v), '23514', 'employee "E3" cannot approve this veto case', 'The person does not approve it');
SELECT throws_ok(format('SELECT approve_veto(%s, ''E4'')', :v), '23514', 'employee "E4" cannot approve this veto case', 'nor who reported it');
SELECT throws_ok(format('SELECT approve_veto(%s, ''E99'')', :v), 'P0002', 'employee "E99" does not exist', 'nor somebody unknown');
SELECT throws_ok('SELECT approve_veto(-1, ''E2'')', 'P0002', 'veto case -1 does not exist', 'An unknown case is named');
SELECT lives_ok(format('SELECT approve_veto(%s, ''E2'')', :v), 'Somebody else approves it');
SELECT is(pg_temp.card('E3'), '0.00 D 87.44 vetoed', 'Then the total is 0, and the one before it is kept');
SELECT is(pg_temp.says('E3', 'case'), 'Signed for a check that was not done | total 0; reported by E4, approved by E2 on 2026-09-18; Log of gate 3, 2026-09-16', 'The explanation names the case');
SELECT is(pg_temp.says('E3', 'veto'), '-87.444900 | veto: the total is 0, before it 87.44', 'and what it takes');
SELECT ok(pg_temp.adds_up('E3'), 'and adds up');
SELECT is((SELECT score FROM department_overview WHERE department_code = 'KS-A' AND cycle = '2026Q3'), 47.00, 'The department counts 0 for it: (0 + 94) / 2');
SELECT throws_ok(format('SELECT approve_veto(%s, ''E1'')', :v), '55000', format('veto case %s was already approved on 2026-09-18', :v), 'It is approved once');
SELECT throws_ok(format('SELECT revoke_veto(%s, ''E3'', ''It was not so'')', :v), '23514', 'employee "E3" cannot revoke a veto case of their own', 'The person does not revoke it');
SELECT throws_ok(format('SELECT revoke_veto(%s, ''E1'', '' '')', :v), '22023', format('revoking veto case %s needs a reason', :v), 'Revoking needs a reason');

SELECT pg_temp.on_day('2026-09-21');
SELECT lives_ok(format('SELECT revoke_veto(%s, ''E1'', ''The check was done by somebody else'')', :v), 'It is revoked');
SELECT is(pg_temp.card('E3'), '87.44 B 87.44', 'and no longer counts');
SELECT is(pg_temp.card('E3', '2026-09-20'), '0.00 D 87.44 vetoed', 'Earlier days still show it, as then known');
SELECT is(pg_temp.card('E3', '2026-09-17'), NULL, 'and those before it know nothing');
SELECT is(state || ' ' || revoked_by_no || ' ' || revoke_reason, 'revoked E1 The check was done by somebody else', 'The record says who and why') FROM veto_record WHERE veto_case_id = :v;
SELECT throws_ok(format('SELECT revoke_veto(%s, ''E1'', ''Again'')', :v), '55000', format('veto case %s was already revoked on 2026-09-21', :v), 'It is revoked once');
SELECT throws_ok(format('SELECT approve_veto(%s, ''E1'')', :v), '55000', format('veto case %s was already revoked on 2026-09-21', :v), 'and not approved again');
SELECT throws_ok(format('UPDATE veto_case SET reason = ''x'' WHERE veto_case_id = %s', :v), '55000', format('what veto case %s says is never changed', :v), 'Nobody rewrites a case');
SELECT throws_ok(format('DELETE FROM veto_case WHERE veto_case_id = %s', :v), '55000', format('veto case %s is never deleted', :v), 'or deletes it');
SELECT is((SELECT count(*) FROM history WHERE table_name = 'veto_case'), 1::bigint, 'The version before the revocation is in the history');

SELECT declare_veto('E3', '2026Q3', 'A mistake', 'E4', evidence => 'x') AS w \gset
SELECT revoke_veto(:w, 'E4', 'Wrong person') \gset
SELECT is(state::text, 'withdrawn', 'Who reported it may withdraw it') FROM veto_record WHERE veto_case_id = :w;

-- ---------------------------------------------------------------------------------------
-- What a veto does
-- ---------------------------------------------------------------------------------------
SELECT declare_veto('E3', '2026Q3', 'Customer lost', 'E4', 59.5, evidence_uri => 'https://files/8d.pdf', evidence_sha256 => repeat('AB', 32)) AS c \gset
SELECT approve_veto(:c, 'E2') \gset
SELECT is(pg_temp.card('E3'), '59.50 D 87.44 vetoed', 'A cap takes what is above it');
SELECT is(pg_temp.says('E3', 'veto'), '-27.944900 | veto: the total is at most 59.5, before it 87.44', 'and says so');
SELECT ok(pg_temp.adds_up('E3'), 'adding up');
SELECT declare_veto('E3', '2026Q3', 'Another', 'E4', 70::double precision, evidence => 'y') AS c2 \gset
SELECT approve_veto(:c2, 'E2') \gset
SELECT is(pg_temp.card('E3'), '59.50 D 87.44 vetoed', 'Of two caps the lower holds');
SELECT revoke_veto(:c, 'E2', 'Settled') \gset
SELECT is(pg_temp.card('E3'), '70.00 C 87.44 vetoed', 'then the other');
SELECT declare_veto('E3', '2026Q3', 'Fraud', 'E4', evidence => 'z', effect => 'grade') AS g \gset
SELECT approve_veto(:g, 'E2') \gset
SELECT is(pg_temp.card('E3'), '70.00 D 87.44 vetoed', 'The lowest grade leaves the points');
SELECT is(pg_temp.says('E3', 'veto'), '-17.444900 | veto: the total is at most 70, before it 87.44; veto: the grade is D', 'All that is in force is told');
SELECT revoke_veto(:c2, 'E2', 'Settled') \gset
SELECT is(pg_temp.card('E3'), '87.44 D 87.44 vetoed', 'A grade alone');
SELECT ok(pg_temp.adds_up('E3'), 'adds up as well');
SELECT declare_veto('E4', '2026Q3', 'Below anyway', 'E3', 99, evidence => 'z') AS c3 \gset
SELECT approve_veto(:c3, 'E2') \gset
SELECT is(pg_temp.card('E4'), '94.00 A 94.00 vetoed', 'A cap above the total takes nothing');
SELECT ok(pg_temp.adds_up('E4'), 'which adds up');
SELECT revoke_veto(:c3, 'E2', 'Settled') \gset
SELECT declare_veto('E5', '2026Q3', 'No goals at all', 'E2', evidence => 'z') AS n \gset
SELECT is(pg_temp.card('E5'), NULL, 'Who has no goals is not listed');
SELECT approve_veto(:n, 'E1') \gset
SELECT is(pg_temp.card('E5'), '0.00 D - vetoed', 'but for a veto');
SELECT ok(pg_temp.adds_up('E5'), 'and the explanation says why');

-- ---------------------------------------------------------------------------------------
-- The veto of a curve, and an objection to it
-- ---------------------------------------------------------------------------------------
SELECT check_in(pg_temp.id('S'), 2) \gset
SELECT is(pg_temp.card('E4'), '0.00 D 54.00 vetoed', 'A curve vetoes by itself');
SELECT declare_veto('E4', '2026Q3', 'The accident was not on our site', 'E4', evidence => 'Report of the insurer', goal_no => 'S', effect => 'lift') AS l \gset
SELECT is(pg_temp.card('E4'), '0.00 D 54.00 vetoed', 'The person objects, which is only an objection');
SELECT throws_ok(format('SELECT approve_veto(%s, ''E4'')', :l), '23514', NULL, 'Nobody grants their own');
SELECT approve_veto(:l, 'E1') \gset
SELECT is(pg_temp.card('E4'), '54.00 D 54.00', 'Granted, the total stands; the goal keeps its 0 points');
SELECT is(pg_temp.says('E4', 'goal'), 'B | B | 54.000000; S | S | 0.000000 | triggers the veto, which an objection lifted', 'The goal says so');
SELECT ok(pg_temp.adds_up('E4'), 'and it adds up');
SELECT pg_temp.on_day('2026-09-22');
SELECT revoke_veto(:l, 'E1', 'The report was forged') \gset
SELECT is(pg_temp.card('E4'), '0.00 D 54.00 vetoed', 'An objection can be revoked too');
SELECT is(pg_temp.card('E4', '2026-09-21'), '54.00 D 54.00', 'It held until then');

-- ---------------------------------------------------------------------------------------
-- Bad input
-- ---------------------------------------------------------------------------------------
SELECT throws_ok($$SELECT declare_veto('E3', '2026Q3', 'x', 'E4')$$, '22023', 'a veto for employee "E3" needs evidence', 'No veto without evidence');
SELECT throws_ok($$SELECT declare_veto('E3', '2026Q3', 'x', 'E4', evidence_uri => 'https://files/1')$$, '22023', 'a veto for employee "E3" needs evidence', 'A document needs its checksum');
SELECT throws_ok($$SELECT declare_veto('E3', '2026Q3', ' ', 'E4', evidence => 'x')$$, '22023', 'a veto for employee "E3" needs a reason', 'nor without a reason');
SELECT throws_ok($$SELECT declare_veto('E3', '2026Q3', 'x', 'E4', evidence => 'x', goal_no => 'B')$$, '23514', 'goal "B" is not a goal of employee "E3" in cycle "2026Q3"', 'nor about somebody else''s goal');
SELECT throws_ok($$SELECT declare_veto('E3', '2026Q3', 'x', 'E4', 'NaN'::numeric, evidence => 'x')$$, '23514', NULL, 'NaN is no cap');
SELECT throws_ok($$INSERT INTO veto_case (employee_id, cycle_id, reason, reported_by_id) SELECT employee_id_of('E3'), cycle_id_of('2026Q3'), 'x', employee_id_of('E4')$$,
	'23514', NULL, 'Whoever writes the table is held to the same');
SELECT throws_ok($$INSERT INTO veto_case (employee_id, cycle_id, reason, evidence, reported_by_id, reported_at) SELECT employee_id_of('E3'), cycle_id_of('2026Q3'), 'x', 'x', employee_id_of('E4'), '2027-01-01'$$,
	'22023', NULL, 'and to the clock');

-- ---------------------------------------------------------------------------------------
-- Closed cycles
-- ---------------------------------------------------------------------------------------
SELECT declare_veto('E3', '2026Q3', 'Late', 'E4', evidence => 'x') AS late \gset
DELETE FROM cycle WHERE code IN ('2026-07', '2026-08');
SELECT close_cycle('2026-09'), close_cycle('2026Q3') \gset
SELECT throws_ok(format('SELECT approve_veto(%s, ''E2'')', :late), '55000', 'cycle "2026Q3" is closed', 'A closed cycle takes no veto');
SELECT is(pg_temp.says('E4', 'veto'), '-54.000000 | veto: the total is 0, before it 54.00', 'and keeps the explanation that it was closed with');

SELECT * FROM finish();
ROLLBACK;
