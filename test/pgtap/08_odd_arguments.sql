/*
 * Odd arguments: every function, aggregate, operator and cast of the engine is
 * called with NULL, NaN, infinities, 0, negative and huge numbers, and text
 * that nobody meant.  Each call gives a defined value or a clear error: no
 * internal error, no NaN, no infinity, no crash.
 */
BEGIN;
\ir fixture/small.sql
SELECT no_plan();
SELECT pg_temp.goal('A', 'E3', 'kpi', 100, target => 10), pg_temp.goal('O', 'E4', 'objective', 100), pg_temp.goal('K', 'E4', 'key_result', 100, 'O') \gset
SELECT pg_temp.activate_all() \gset
SELECT check_in(pg_temp.id('A'), 5) \gset

/* values by type, as literals */
CREATE TEMPORARY TABLE odd (type text, value text);
INSERT INTO odd SELECT 'numeric', v FROM unnest('{NULL,NaN,Infinity,-Infinity,0,-0.0,1,-1,0.5,100,1e30,-1e30,1e-30,1e-16383,1e131071,99999999999999999999999999999999999999.999999999999999999,0.333333333333333333,10.000000}'::text[]) v;
INSERT INTO odd SELECT 'integer', v FROM unnest('{NULL,0,1,-1,4,6,18,19,38,1000,2147483647,-2147483648}'::text[]) v;
INSERT INTO odd SELECT 'bigint', v FROM unnest('{NULL,0,1,-1,7,100,9223372036854775807,-9223372036854775808}'::text[]) v;
INSERT INTO odd SELECT 'boolean', v FROM unnest('{NULL,true,false}'::text[]) v;
INSERT INTO odd SELECT 'date', v FROM unnest('{NULL,infinity,-infinity,2026-01-01,2026-02-29,2026-12-31,4713-01-01 BC,5874897-12-31,2000-02-29}'::text[]) v WHERE v <> '2026-02-29';
INSERT INTO odd SELECT 'text', v FROM unnest(ARRAY[NULL, '', ' ', 'zero', 'renormalise', 'block', 'green', 'RED', '绿', '绿绿', 'NaN', '0', '{', '\x00', 'SELECT 1', E'\n', repeat('x', 10000), '💥', 'a' || chr(8238) || 'b']) v;
INSERT INTO odd SELECT 'character varying', value FROM odd WHERE type = 'text';
INSERT INTO odd SELECT 'jsonb', v FROM unnest(ARRAY[NULL, '{}', '[]', 'null', '1', '"x"', '{"kpi": 1}', '{"kpi": 1e30, "peer": -1e30}', '{"kpi": null, "peer": true}', '{"kpi": "NaN", "peer": [1]}', '{"": {}}', '{"kpi": 1e1000}']) v;
INSERT INTO odd SELECT 'traffic_light', v FROM unnest('{NULL,grey,red,yellow,green}'::text[]) v;
INSERT INTO odd SELECT 'score_curve', v FROM unnest(ARRAY[NULL, 'linear(0:0, 80:60, 100:100, 120:120)', 'linear(-999999999999999999:999999999999999999, 999999999999999999:-999999999999999999)', 'linear(0:0, 0.000000000000000001:1)', 'linear(5:7)',
	'step(0:0, 80:60, 100:100)', 'step(0:100, 1:60, 2:veto)', 'step(0:veto, 1:1)', 'deduct(full 20, above 2, 5 per 1, floor 0)', 'deduct(full 20, below -2, 0.000001 per 999999, floor -5, prorata)']) v;
INSERT INTO odd SELECT 'formula', v FROM unnest(ARRAY[NULL, '1', 'kpi', '0.6 * kpi + 0.4 * coalesce(peer, manager)', 'if(kpi > 0, 1 / (kpi - kpi), -peer)', 'kpi * kpi * kpi * kpi * kpi * kpi * kpi * kpi', 'round(kpi / 3, 2) + abs(min(kpi, peer)) - max(kpi, peer, 0)', '1e30 * 1e30']) v;
INSERT INTO odd SELECT 'score_sum', v FROM unnest(ARRAY[NULL, 'points 6100, weight 70 of 100, items 2 of 3', 'points 0, weight 0 of 0, items 0 of 1', 'points -1, weight 0.00000000000001 of 1, items 1 of 9']) v;
INSERT INTO odd SELECT 'bytea', v FROM unnest(ARRAY[NULL, '\x', '\x00', '\x01', '\xffffffffffffffff', '\x0100000000', '\x015374']) v;
INSERT INTO odd SELECT 'cstring', value FROM odd WHERE type IN ('text', 'score_curve', 'formula', 'score_sum');
INSERT INTO odd SELECT 'numeric[]', v FROM unnest(ARRAY[NULL, '{}', '{NULL}', '{1}', '{1,2,3}', '{0,0}', '{NaN}', '{1,NULL,2}', '{Infinity,1}', '{-1,1}', '{1e30,1e-30}', '{{1,2},{3,4}}', '[5:6]={1,2}', '{1e131071,1e131071}']) v;
INSERT INTO odd SELECT 'double precision', value FROM odd WHERE type = 'numeric' AND value NOT IN ('1e131071', '1e-16383');
INSERT INTO odd SELECT 'smallint', v FROM unnest('{NULL,0,1,-1,32767}'::text[]) v;
INSERT INTO odd SELECT 'timestamp with time zone', v FROM unnest('{NULL,infinity,-infinity,2026-09-18 12:00+08,4713-01-01 00:00+00 BC,294276-12-31 00:00+00}'::text[]) v;
INSERT INTO odd SELECT 'bigint[]', v FROM unnest(ARRAY[NULL, '{}', '{NULL}', '{1}', '{-1}', '{1,1}']) v;
INSERT INTO odd SELECT 'text[]', v FROM unnest(ARRAY[NULL, '{}', '{NULL}', '{""}', '{https://example.org/1.jpg}']) v;
INSERT INTO odd SELECT t, v FROM unnest('{volatility_state,trend_state,streak_state}'::text[]) t, unnest(ARRAY[NULL, '', '0', 'n 1, 1, 1, 1, 1, 1, 1', '(1,2,3)']) v;
INSERT INTO odd SELECT 'interval', v FROM unnest(ARRAY[NULL, '0', '1 day', '-1 day', '178000000 years']) v;
/* numbers that people use */
INSERT INTO odd SELECT 'text', v FROM unnest('{E3,KS-A,2026Q3,A,kpi}'::text[]) v;
UPDATE odd SET value = NULL WHERE value = 'NULL';

CREATE TEMPORARY TABLE callable AS
	SELECT p.oid, p.pronamespace::regnamespace::text AS place, p.oid::regprocedure::text AS signature, p.proname, p.prokind, p.provolatile, p.pronargs,
			ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY u(t, n) ORDER BY n) AS types
		FROM pg_proc p
		WHERE p.pronamespace IN ('perf_mgmt'::regnamespace, 'perf'::regnamespace) AND p.prorettype <> 'trigger'::regtype AND NOT p.proargtypes::oid[] && ARRAY['internal'::regtype::oid, 'anyarray'::regtype::oid]
			AND p.proname NOT IN ('create_workspace', 'upgrade_workspace', 'drop_workspace');

CREATE TEMPORARY TABLE outcome (place text, signature text, call text, state text, message text, result text);

/* calls one function so many times at most, each time with other arguments; whatever it writes is undone */
CREATE FUNCTION pg_temp.provoke(callee callable, calls integer, salt text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	arguments text;
	call text;
	result text;
	given integer;
BEGIN
	FOR given IN 1 .. CASE WHEN callee.pronargs = 0 THEN 1 WHEN callee.pronargs = 1 AND callee.prokind = 'f' THEN greatest(1, least(calls, (SELECT count(*) FROM odd o WHERE o.type = callee.types[1]) + 1)) ELSE calls END LOOP
		/* the first call gives NULL throughout; one argument takes each value in turn, several any combination */
		SELECT string_agg(format('(%s)', r.list), ', ' ORDER BY r.row_no) INTO arguments
			FROM (SELECT row_no, string_agg(format('%L::%s', v.value, t.type), ', ' ORDER BY t.n) AS list
				FROM generate_series(1, CASE WHEN callee.prokind = 'a' THEN 1 + given % 4 ELSE 1 END) row_no,
					unnest(callee.types) WITH ORDINALITY t(type, n)
					LEFT JOIN LATERAL (SELECT o.value FROM odd o WHERE o.type = t.type AND given > 1
						ORDER BY md5(concat_ws('/', salt, CASE WHEN callee.pronargs > 1 OR callee.prokind = 'a' THEN given END, row_no, t.n, o.value))
						OFFSET CASE WHEN callee.pronargs > 1 OR callee.prokind = 'a' THEN 0 ELSE greatest(given - 2, 0) END LIMIT 1) v ON true
				GROUP BY row_no) r;
		call := CASE WHEN callee.prokind = 'a'
			THEN format('SELECT %s.%I(%s) FROM (VALUES %s) v(%s)', callee.place, callee.proname,
				(SELECT string_agg(CASE WHEN n > 2 AND t = 'integer' THEN '4' ELSE 'a' || n END, ', ' ORDER BY n) FROM unnest(callee.types) WITH ORDINALITY u(t, n)), arguments,
				(SELECT string_agg('a' || n, ', ' ORDER BY n) FROM generate_series(1, callee.pronargs) n))
			ELSE format('SELECT string_agg(r::text, chr(10)) FROM (SELECT * FROM %s.%I%s LIMIT 100) r', callee.place, callee.proname, coalesce(arguments, '()')) END;
		BEGIN
			EXECUTE call INTO result;
			SET CONSTRAINTS ALL IMMEDIATE;
			RAISE EXCEPTION USING ERRCODE = 'ZZ000';
		EXCEPTION
			WHEN SQLSTATE 'ZZ000' THEN
				INSERT INTO outcome VALUES (callee.place, callee.signature, call, 'ok', NULL, result);
			WHEN query_canceled THEN
				INSERT INTO outcome VALUES (callee.place, callee.signature, call, 'slow', NULL, NULL);
				RETURN;
			WHEN OTHERS THEN
				INSERT INTO outcome VALUES (callee.place, callee.signature, call, SQLSTATE, SQLERRM, NULL);
		END;
	END LOOP;
END;
$$;

/* a statement for each function, so that none can run away */
SET statement_timeout = '120s';
SELECT format('SELECT pg_temp.provoke(c, %s, ''a'') FROM callable c WHERE oid = %s', CASE WHEN place = 'perf_mgmt' THEN 100 ELSE 12 END, oid) FROM callable ORDER BY signature \gexec
RESET statement_timeout;

-- the loop did what it says
SELECT is_empty($$SELECT signature FROM callable EXCEPT SELECT signature FROM outcome$$, 'Every function and aggregate was called');
SELECT is_empty($$SELECT DISTINCT t FROM callable, unnest(types) t WHERE place = 'perf_mgmt' AND t NOT IN (SELECT type FROM odd) $$, 'with values of every type');
SELECT cmp_ok(count(*), '>', 3000::bigint, 'Many calls of the engine gave a result') FROM outcome WHERE place = 'perf_mgmt' AND state = 'ok' AND result IS NOT NULL;
SELECT cmp_ok(count(DISTINCT state), '>', 8::bigint, 'many were refused, for many reasons') FROM outcome WHERE place = 'perf_mgmt';

-- refused or defined
SELECT is_empty($$SELECT call FROM outcome WHERE state = 'slow'$$, 'No function runs away');
SELECT is_empty($$SELECT call, state, message FROM outcome WHERE state ~ '^(XX|57|58|53|40|F0|P0000|P0004)' OR message ~* 'unexpected|cache lookup|should not'$$, 'Nothing meets an error that is ours and not the caller''s');
SELECT is_empty($$SELECT call, state, message FROM outcome WHERE place = 'perf_mgmt' AND state <> 'ok' AND state !~ '^(22|0A000|3F000|42601|42703|42804|42P|54|23)'$$, 'Errors of the engine say what is wrong with the arguments');
SELECT is_empty($$SELECT call, result FROM outcome WHERE place = 'perf_mgmt' AND result ~* 'nan|infinity' AND signature !~ '^(formula_|score_curve_|_workspace_script|variables)'$$, 'No result is NaN or infinite');

-- queries for the graph that nobody meant
CREATE TEMPORARY TABLE odd_query AS SELECT row_number() OVER () AS n, q FROM unnest(ARRAY[NULL, '', ';', 'SELECT', 'SELECT 1', 'TABLE goal', 'SELECT 1; SELECT 2', 'DELETE FROM goal', 'DROP TABLE goal', 'SELECT * FROM nowhere', 'COPY goal TO STDOUT',
	'SELECT NULL::bigint AS goal_id, NULL::bigint AS parent_id', 'SELECT 1 AS goal_id, 1 AS parent_id', 'SELECT 1 AS goal_id, 2 AS parent_id', 'SELECT 1 AS goal_id FROM generate_series(1, 3)', 'SELECT ''a'' AS goal_id, NULL AS parent_id, 1 AS weight',
	'SELECT 1::bigint AS goal_id, NULL::bigint AS parent_id, ''NaN''::numeric AS progress, 1 AS weight', 'SELECT 1 AS goal_id, NULL::bigint AS parent_id, ''Infinity''::numeric AS progress, 1 AS weight', 'SELECT g AS goal_id, nullif(g / 2, 0) AS parent_id, -1 AS weight, 0.5 AS progress FROM generate_series(1, 5) g',
	'SELECT g AS goal_id, nullif(g / 2, 0) AS parent_id, 1e30 AS weight, 1e30 AS progress, 1e30 AS cap FROM generate_series(1, 5) g', 'SELECT g AS goal_id, nullif(g / 2, 0) AS parent_id, 0 AS weight, -1e17 AS progress FROM generate_series(1, 5) g',
	'SELECT g AS goal_id, nullif(g / 2, 0) AS parent_id, 1 AS weight, 0.5 AS progress, date ''infinity'' AS due_on FROM generate_series(1, 5) g', 'SELECT g AS goal_id, nullif(g / 2, 0) AS parent_id, 1 AS weight, 0.5 AS progress, date ''2026-01-01'' AS starts_on, date ''2025-01-01'' AS due_on FROM generate_series(1, 5) g',
	'SELECT g AS goal_id, g % 5 + 1 AS parent_id, 1 AS weight, 0.5 AS progress FROM generate_series(1, 5) g', 'SELECT g AS goal_id, g - 1 AS parent_id, 1 AS weight, 0.5 AS progress FROM generate_series(1, 20000) g', 'SELECT 9223372036854775807 AS goal_id, -9223372036854775808 AS parent_id',
	'SELECT 1.5 AS goal_id, NULL::bigint AS parent_id', 'SELECT 1 AS from_goal, 2 AS to_goal', 'SELECT 1 AS from_goal, 1 AS to_goal', 'SELECT g AS from_goal, g % 5 + 1 AS to_goal FROM generate_series(1, 5) g', 'SELECT 1 AS from_goal, 99 AS to_goal, 2 AS strength, -5 AS buffer_days',
	'SELECT 1 AS from_goal, 2 AS to_goal, ''NaN''::numeric AS strength, 2147483647 AS buffer_days', 'SELECT g AS from_goal, h AS to_goal FROM generate_series(1, 5) g, generate_series(1, 5) h WHERE g < h', 'SELECT pg_notify(''a'', ''b'')', 'SELECT 1/0 AS goal_id']) q;
CREATE FUNCTION pg_temp.ask_graph(goals text, links text, day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	SELECT string_agg(g::text, E'\n') INTO result FROM goal_graph(goals, links, day) g;
	INSERT INTO outcome VALUES ('graph', 'goal_graph', format('%s / %s / %s', goals, links, day), 'ok', NULL, result);
EXCEPTION WHEN OTHERS THEN
	INSERT INTO outcome VALUES ('graph', 'goal_graph', format('%s / %s / %s', goals, links, day), SQLSTATE, SQLERRM, NULL);
END;
$$;
SELECT count(pg_temp.ask_graph(g.q, l.q, d)) FROM odd_query g, odd_query l, unnest('{2026-09-18,infinity,NULL}'::date[]) d WHERE (d = '2026-09-18' OR (g.n + l.n) % 9 = 0) AND (g.q NOT LIKE '%20000%' OR l.n % 5 = 0) \gset
SELECT cmp_ok(count(*), '>', 4::bigint, 'The graph answers some odd queries') FROM outcome WHERE place = 'graph' AND state = 'ok' AND result IS NOT NULL;
SELECT is_empty($$SELECT call, state, message FROM outcome WHERE place = 'graph' AND state <> 'ok' AND state !~ '^(22|0A000|3F000|42|54|23)' OR place = 'graph' AND message ~* 'unexpected|cache lookup'$$, 'and refuses the others with what is wrong with them');
SELECT is_empty($$SELECT call, result FROM outcome WHERE place = 'graph' AND result ~* 'nan|infinity'$$, 'Nothing that it gives is NaN or infinite');
SELECT is((SELECT count(*) FROM goal), 3::bigint, 'No query for the graph changed anything');

SELECT * FROM finish();
ROLLBACK;
