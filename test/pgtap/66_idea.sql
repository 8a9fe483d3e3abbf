/* Ideas for improvement: handed in, decided. */
BEGIN;
\ir fixture/small.sql
SELECT no_plan();

SELECT submit_idea('A cart for the line', 'It saves steps.', 'E3') AS idea \gset
SELECT results_eq($$SELECT employee_no::text, title::text, body::text, decision::text, award, decided_by::text FROM improvement_idea$$,
	$$VALUES ('E3', 'A cart for the line', 'It saves steps.', 'open', NULL::integer, NULL)$$, 'An idea waits for its decision');
SELECT throws_ok($$SELECT submit_idea('Another')$$, '22023', 'an idea needs somebody who has it', 'Somebody hands it in');
SELECT throws_ok($$SELECT submit_idea(' ', NULL, 'E3')$$, '22023', 'an idea needs a title', 'with a title');
SELECT throws_ok($$SELECT submit_idea('Another', NULL, 'nobody')$$, 'P0002', 'employee "nobody" does not exist', 'somebody known');
SELECT set_config('perf_mgmt.employee', 'E4', true) \g /dev/null
SELECT lives_ok($$SELECT submit_idea('Paint it green')$$, 'The acting employee, unless named');
SELECT is(employee_no::text, 'E4', 'and it is theirs') FROM improvement_idea WHERE title = 'Paint it green';
SELECT throws_ok($$SELECT decide_idea((SELECT idea_id FROM idea WHERE title = 'Paint it green'), 'adopted')$$, '23514', 'nobody decides about an idea of their own', 'Nobody decides about their own');
SELECT set_config('perf_mgmt.employee', '', true) \g /dev/null
SELECT throws_ok(format('SELECT decide_idea(%s, %L)', :idea, 'adopted'), '22023', NULL, 'Somebody decides');
SELECT throws_ok(format('SELECT decide_idea(%s, %L, decider_no => %L)', :idea, 'maybe', 'E2'), '22023', 'an idea cannot be decided as "maybe"', 'adopted or rejected');
SELECT throws_ok(format('SELECT decide_idea(%s, %L, 10, decider_no => %L)', :idea, 'rejected', 'E2'), '23514', NULL, 'A rejected one brings nothing');
SELECT throws_ok(format('SELECT decide_idea(%s, %L, 0, decider_no => %L)', :idea, 'adopted', 'E2'), '23514', NULL, 'An award is above 0');
SELECT throws_ok($$SELECT decide_idea(0, 'adopted', decider_no => 'E2')$$, 'P0002', 'idea 0 does not exist', 'An unknown idea is named');
SELECT lives_ok(format('SELECT decide_idea(%s, %L, 80, %L, %L)', :idea, 'adopted', 'It does', 'E2'), 'It is adopted with an award');
SELECT results_eq($$SELECT decision::text, award, reason::text, decided_by::text FROM improvement_idea WHERE employee_no = 'E3'$$, $$VALUES ('adopted', 80, 'It does', 'Head')$$, 'as everybody can see');
SELECT lives_ok(format('SELECT decide_idea(%s, %L, reason => %L, decider_no => %L)', :idea, 'rejected', 'Too wide', 'E1'), 'It can be decided anew');
SELECT results_eq($$SELECT decision::text, award FROM improvement_idea WHERE employee_no = 'E3'$$, $$VALUES ('rejected', NULL::integer)$$, 'and the newest decision holds');
SELECT is(count(*), 2::bigint, 'Both stay') FROM idea_decision;
SELECT throws_ok($$UPDATE idea SET title = 'x'$$, '55000', 'an idea is never changed or deleted', 'Ideas are not changed');
SELECT throws_ok($$DELETE FROM idea_decision$$, '55000', 'a decision about an idea is never changed or deleted', 'nor decisions deleted');

SELECT * FROM finish();
ROLLBACK;
