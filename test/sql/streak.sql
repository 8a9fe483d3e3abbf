-- streak(): runs, blocks, weeks, order, merging, windows, forged states.
\set VERBOSITY terse
\pset format unaligned
SET datestyle = iso;
SET search_path = perf_mgmt, public;

CREATE FUNCTION pg_temp.outcome(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
	detail text;
	hint text;
BEGIN
	EXECUTE query INTO result;
	RETURN coalesce(result, 'NULL');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE || ' ' || SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;

CREATE AGGREGATE pg_temp.gather(boolean, boolean, date) (SFUNC = _streak_add, STYPE = streak_state);
CREATE AGGREGATE pg_temp.merge_all(streak_state) (SFUNC = _streak_merge, STYPE = streak_state);
-- a week a letter from 2026-01-05: kept, missed, excused, open, no row (-)
CREATE FUNCTION pg_temp.streak_of(weeks text, block int DEFAULT 4) RETURNS streak_result LANGUAGE sql
	RETURN (SELECT streak(CASE c WHEN 'k' THEN true WHEN 'm' THEN false WHEN 'x' THEN false END, c = 'x', '2026-01-05'::date + 7 * (i - 1)::int, block)
		FROM string_to_table(weeks, NULL) WITH ORDINALITY AS w (c, i) WHERE c <> '-');

-- Runs and blocks: weeks 4, 5 and 6 in a row earn once, week 8 again; excused and open weeks neither count nor break.
SELECT title, weeks, (pg_temp.streak_of(weeks)).*
FROM (VALUES
	(1, 'nothing', ''), (2, 'one kept', 'k'), (3, 'one missed', 'm'), (4, 'three', 'kkk'), (5, 'four', 'kkkk'), (6, 'five', 'kkkkk'), (7, 'six', 'kkkkkk'), (8, 'seven', 'kkkkkkk'), (9, 'eight', 'kkkkkkkk'),
	(10, 'nine', 'kkkkkkkkk'), (11, 'broken after four', 'kkkkm'), (12, 'broken, begun anew', 'kkkkmkk'), (13, 'broken at three', 'kkkmkkkk'), (14, 'three and three make no block', 'kkkmkkk'),
	(15, 'two blocks apart', 'kkkkmkkkk'), (16, 'the longest is an older one', 'kkkkkkmkkk'), (17, 'excused in between', 'kkxk'), (18, 'four around excuses', 'xkxkkxxkx'), (19, 'only excused', 'xxx'),
	(20, 'excused does not mend', 'kkkmxk'), (21, 'running week open', 'kkkk?'), (22, 'open in between', 'kk?kk'), (23, 'no row in between', 'kk--kk'), (24, 'only open', '??'), (25, 'missed, then excused', 'kkmx')
) AS v (no, title, weeks)
ORDER BY no;
SELECT block, weeks, (pg_temp.streak_of(weeks, block)).*
FROM (VALUES (1, 'kkmk'), (2, 'kkkkk'), (3, 'kkkkkkk'), (2147483647, 'kkkkk')) AS v (block, weeks)
ORDER BY block;
-- The block is 4 unless said.
SELECT streak(true, false, d::date) AS three_arguments, streak(true, false, d::date, 4) AS block_4, streak(true, false, d::date, 6) AS block_6
FROM generate_series('2026-01-05'::date, '2026-03-23', '7 days') AS d;

-- NULLs: no week is ignored, no excuse is none, an excuse holds whatever was kept; no row at all is a streak of 0.
SELECT title, (s).*
FROM (VALUES
	(1, 'no rows', (SELECT streak(true, false, '2026-01-05') FROM generate_series(1, 0))),
	(2, 'all NULL', (SELECT streak(NULL, NULL, NULL::date) FROM generate_series(1, 3))),
	(3, 'no week', (SELECT streak(k, false, w) FROM (VALUES (true, '2026-01-05'::date), (false, NULL), (true, '2026-01-12')) AS r (k, w))),
	(4, 'excuse not known', (SELECT streak(k, NULL, w) FROM (VALUES (true, '2026-01-05'::date), (false, '2026-01-12'), (true, '2026-01-19')) AS r (k, w))),
	(5, 'kept not known, excused', (SELECT streak(k, e, w) FROM (VALUES (true, NULL, '2026-01-05'::date), (NULL, true, '2026-01-12'), (false, NULL, '2026-01-12'), (true, NULL, '2026-01-19')) AS r (k, e, w))),
	(6, 'kept although excused', (SELECT streak(true, i = 2, '2026-01-05'::date + 7 * i) FROM generate_series(1, 3) AS i)),
	(7, 'all arguments NULL but the block', (SELECT streak(NULL, NULL, NULL::date, 3) FROM generate_series(1, 3)))
) AS t (no, title, s)
ORDER BY no;

-- A week is Monday to Sunday; where its rows differ, excused beats kept and kept beats missed, in any order.
SELECT streak(true, false, '2026-01-05'::date + i) AS seven_days_are_one_week FROM generate_series(0, 6) AS i;
SELECT streak(true, false, d) AS sunday_and_monday_are_two FROM unnest('{2026-01-11,2026-01-12}'::date[]) AS d;
SELECT DISTINCT pg_temp.gather(k, e, w ORDER BY random()) ::text AS state
FROM generate_series(1, 60) AS g, (VALUES (true, false, '2026-01-05'::date), (false, false, '2026-01-07'), (NULL, false, '2026-01-08'),
	(true, true, '2026-01-12'), (false, false, '2026-01-13'), (true, false, '2026-01-14'), (false, false, '2026-01-19'), (NULL, NULL, '2026-01-20')) AS r (k, e, w)
GROUP BY g;
-- Weeks go on over a new year, after 52 weeks and after 53, before 2000 too.
SELECT y, streak(true, false, d) AS streak, to_char(min(d), 'IYYY-IW') AS first_week, to_char(max(d), 'IYYY-IW') AS last_week
FROM (SELECT y, make_date(y, 12, 1) + i AS d FROM unnest('{1899,1999,2004,2020,2025,2026}'::int[]) AS y, generate_series(0, 60) AS i) AS days GROUP BY y ORDER BY y;
-- The same numbers of weeks as the calendar has.
SELECT count(*) AS differing
FROM (SELECT y, streak(true, false, make_date(y, 1, 1) + i) AS s, count(DISTINCT to_char(make_date(y, 1, 1) + i, 'IYYY-IW')) AS weeks FROM generate_series(1890, 2120) AS y, generate_series(0, 364) AS i GROUP BY y) AS x
WHERE (s).current <> weeks;

-- Refused: dates out of range, spans out of reason, blocks that are none.
SELECT query, pg_temp.outcome(format('SELECT streak(%s) FROM generate_series(1, 2) AS i', query))
FROM (VALUES
	(1, $$true, false, 'infinity'$$), (2, $$true, false, '-infinity'$$), (3, $$true, false, '0001-12-31 BC'$$), (4, $$true, false, '10000-01-01'$$), (5, $$true, false, '5874897-12-31'$$),
	(6, $$true, false, '0001-01-01'$$), (7, $$true, false, '9999-12-31'$$), (8, $$NULL, NULL, 'infinity'$$),
	(11, $$true, false, '2026-01-05', 0$$), (12, $$true, false, '2026-01-05', -4$$), (13, $$true, false, '2026-01-05', NULL$$), (14, $$true, false, NULL, 0$$), (15, $$true, false, '2026-01-05', i$$), (16, $$true, false, '2026-01-05', 5 - i$$),
	(21, $$true, false, CASE i WHEN 1 THEN '2026-01-05' ELSE '2026-01-05'::date + 7 * 9999 END$$), (22, $$true, false, CASE i WHEN 1 THEN '2026-01-05' ELSE '2026-01-05'::date + 7 * 10000 END$$),
	(23, $$true, false, CASE i WHEN 2 THEN '0202-01-05' ELSE '2026-01-05'::date END$$)
) AS v (n, query)
ORDER BY n;

-- Row by row what gaps and islands say in SQL.
SELECT setseed(0.5);
CREATE TABLE streak_row AS
SELECT g, i, CASE WHEN random() < 0.05 THEN NULL ELSE random() < 0.85 END AS kept, CASE WHEN random() < 0.1 THEN NULL ELSE random() < 0.12 END AS excused,
	'2019-12-30'::date + (random() * 7 * (5 + g % 60))::int AS week
FROM generate_series(1, 800) AS g, generate_series(1, 1 + g % 70) AS i;
ANALYZE streak_row;
WITH week AS (
	SELECT g, week - (extract(isodow FROM week)::int - 1) AS monday, coalesce(bool_or(excused), false) AS excused, bool_or(kept) AS kept FROM streak_row GROUP BY 1, 2
), known AS (
	SELECT g, monday, kept, count(*) FILTER (WHERE NOT kept) OVER (PARTITION BY g ORDER BY monday) AS run, count(*) FILTER (WHERE NOT kept) OVER (PARTITION BY g) AS last_run
	FROM week WHERE NOT excused AND kept IS NOT NULL
), run AS (
	SELECT g, run = last_run AS is_last, count(*) FILTER (WHERE kept) AS weeks FROM known GROUP BY g, run, last_run
), plain AS (
	SELECT g, max(weeks) FILTER (WHERE is_last) AS current, max(weeks) AS longest, sum(weeks / 4) AS blocks, sum(weeks / 3) AS blocks_of_3 FROM run GROUP BY g
)
SELECT count(*) AS groups, sum((s).blocks) > 500 AS many_blocks, count(*) FILTER (WHERE (s).current <> (s).longest) > 100 AS many_broken,
	count(*) FILTER (WHERE ((s).current, (s).longest, (s).blocks) IS DISTINCT FROM (coalesce(p.current, 0), coalesce(p.longest, 0), coalesce(p.blocks, 0))) AS differing,
	count(*) FILTER (WHERE ((t).current, (t).longest, (t).blocks) IS DISTINCT FROM ((s).current, (s).longest, coalesce(p.blocks_of_3, 0))) AS of_3
FROM (SELECT g, streak(kept, excused, week) AS s, streak(kept, excused, week, 3) AS t FROM streak_row GROUP BY g) AS o LEFT JOIN plain AS p USING (g);

-- Any order gives the same state, digit for digit; so do shards whose states travel as text, and some of them twice.
SELECT count(*) AS groups, count(*) FILTER (WHERE upward <> downward) AS up_and_down, count(*) FILTER (WHERE upward <> shuffled) AS shuffled
FROM (SELECT g, pg_temp.gather(kept, excused, week ORDER BY week, i)::text AS upward, pg_temp.gather(kept, excused, week ORDER BY week DESC, i DESC)::text AS downward,
		pg_temp.gather(kept, excused, week ORDER BY md5(g || '/' || i))::text AS shuffled
	FROM streak_row GROUP BY 1) AS s;
CREATE TABLE streak_shard AS SELECT g, i % 4 AS shard, pg_temp.gather(kept, excused, week) AS state FROM streak_row GROUP BY 1, 2;
SELECT count(*) AS groups, count(*) FILTER (WHERE _streak_final(m.forth) IS DISTINCT FROM whole) AS forth, count(*) FILTER (WHERE _streak_final(m.back) IS DISTINCT FROM whole) AS back,
	count(*) FILTER (WHERE m.forth::text IS DISTINCT FROM m.back::text) AS states, count(*) FILTER (WHERE m.forth::text IS DISTINCT FROM m.doubled::text) AS doubled
FROM (SELECT g, pg_temp.merge_all(state::text::streak_state ORDER BY shard) AS forth, pg_temp.merge_all(state ORDER BY shard DESC) AS back, pg_temp.merge_all(state ORDER BY shard, again) AS doubled
		FROM streak_shard, generate_series(1, 2) AS again GROUP BY g) AS m
	JOIN (SELECT g, streak(kept, excused, week) AS whole FROM streak_row GROUP BY g) AS w USING (g);

-- Parallel, in groups and over all.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET enable_sort = off;
CREATE FUNCTION pg_temp.is_parallel(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	plan text;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan LIKE '%"Partial Mode": "Partial"%';
END $$;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE streak_serial AS SELECT g % 90 AS k, streak(kept, excused, week) AS s, streak(kept, excused, week, 3) AS t FROM streak_row GROUP BY 1 UNION ALL SELECT -1, streak(kept, excused, week), streak(kept, excused, week, 3) FROM streak_row;
SET max_parallel_workers_per_gather = 2;
SELECT pg_temp.is_parallel('SELECT g % 90 AS k, streak(kept, excused, week) AS s, streak(kept, excused, week, 3) AS t FROM streak_row GROUP BY 1') AS in_groups,
	pg_temp.is_parallel('SELECT streak(kept, excused, week), streak(kept, excused, week, 3) FROM streak_row') AS over_all;
CREATE TABLE streak_parallel AS SELECT g % 90 AS k, streak(kept, excused, week) AS s, streak(kept, excused, week, 3) AS t FROM streak_row GROUP BY 1;
INSERT INTO streak_parallel SELECT -1, s, t FROM (SELECT streak(kept, excused, week) AS s, streak(kept, excused, week, 3) AS t FROM streak_row) AS x;
SELECT count(*) AS groups, count(*) FILTER (WHERE (a.s, a.t) IS DISTINCT FROM (b.s, b.t)) AS differing FROM streak_serial AS a FULL JOIN streak_parallel AS b USING (k);
SELECT pg_temp.outcome('SELECT streak(kept, excused, week, 3 + g % 2) FROM streak_row') AS two_blocks;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
RESET enable_sort;

-- As a window aggregate: the streak as it stood each week.
SELECT string_agg(c, '') AS weeks, string_agg((s).current::text, '' ORDER BY i) AS current, string_agg((s).longest::text, '' ORDER BY i) AS longest, string_agg((s).blocks::text, '' ORDER BY i) AS blocks
FROM (SELECT i, c, streak(c = 'k', c = 'x', '2026-01-05'::date + 7 * i::int) OVER (ORDER BY i) AS s FROM string_to_table('kkxkkkmkkkkk', NULL) WITH ORDINALITY AS w (c, i)) AS x;
SELECT count(*) AS rows, count(*) FILTER (WHERE running IS DISTINCT FROM again) AS differing
FROM (SELECT g, i, streak(kept, excused, week) OVER (PARTITION BY g ORDER BY i) AS running FROM streak_row WHERE g <= 60) AS w
	JOIN (SELECT a.g, a.i, streak(b.kept, b.excused, b.week) AS again FROM streak_row AS a JOIN streak_row AS b ON b.g = a.g AND b.i <= a.i WHERE a.g <= 60 GROUP BY 1, 2) AS x USING (g, i);

-- Called directly, the functions leave their arguments alone, stored states included.
CREATE TABLE streak_kept (id int, state streak_state);
INSERT INTO streak_kept VALUES (1, 'streak(block 4, from 2026-01-05, kkk)'), (2, ('streak(block 4, from 1999-01-04, ' || repeat('kkmkkkkx', 1000) || ')')::streak_state);
CREATE TEMP TABLE before AS SELECT id, state::text AS text FROM streak_kept;
SELECT id, _streak_final(state) AS now, _streak_final(_streak_add(state, true, false, '2026-01-26')) AS one_more, _streak_final(_streak_merge(state, 'streak(block 4, from 2025-12-15, mkk)')) AS merged,
	_streak_final(_streak_add(state, true, true, '2026-01-05')) AS excused, _streak_add(state, NULL, false, '2026-01-26')::text = state::text AS open, _streak_merge(state, NULL) IS NULL AS strict
FROM streak_kept ORDER BY id;
SELECT count(*) AS unchanged FROM streak_kept JOIN before USING (id) WHERE state::text = text;
SELECT query, pg_temp.outcome('SELECT ' || query)
FROM (VALUES
	(1, $$_streak_add(NULL, true, false, '2026-01-07')$$), (2, $$_streak_add(NULL, NULL, false, '2026-01-07')$$), (3, $$_streak_final(NULL)$$),
	(4, $$_streak_add('streak(block 4, from 2026-01-05, k)', true, false, '2026-01-12', 3)$$), (5, $$_streak_merge('streak(block 4, from 2026-01-05, k)', 'streak(block 3, from 2026-01-05, k)')$$),
	(6, $$_streak_merge('streak(block 4, from 2026-01-05, k)', 'streak(block 4, from 1726-01-07, k)')$$)
) AS v (n, query)
ORDER BY n;

-- The literal: the first week's Monday and a letter a week.
SELECT pg_temp.gather(k, false, w) AS state FROM (VALUES (true, '2026-02-01'::date), (false, '2026-01-08'), (NULL, '2026-01-01')) AS r (k, w);
SELECT n, left(literal, 60) AS literal, regexp_replace(pg_temp.outcome(format('SELECT %L::streak_state', literal)), 'k{20,}(\.{3})?', 'k...') AS outcome
FROM (VALUES
	(1, 'streak(block 4, from 2026-01-05, k.mx)'), (2, 'streak(block 1, from 0001-01-01, m)'), (3, 'streak(block 2147483647, from 9999-12-27, x)'), (4, ''), (5, 'streak'), (6, 'streak()'),
	(7, 'streak(block 4, from 2026-01-05, k'), (8, 'streak(block 4, from 2026-01-05, k) '), (9, 'streak(block 4, from 2026-01-05, )'), (10, 'streak(block 4, from 2026-01-05, .k)'), (11, 'streak(block 4, from 2026-01-05, k.)'),
	(12, 'streak(block 4, from 2026-01-05, kq)'), (13, 'streak(block 4, from 2026-01-05, K)'), (14, 'streak(block 4, from 2026-01-06, k)'), (15, 'streak(block 4, from 2026-02-30, k)'), (16, 'streak(block 4, from 2026-13-05, k)'),
	(17, 'streak(block 4, from 2026-00-05, k)'), (18, 'streak(block 4, from 0000-01-05, k)'), (19, 'streak(block 4, from 10000-01-03, k)'), (20, 'streak(block 4, from 99999999999999999999-01-03, k)'), (21, 'streak(block 0, from 2026-01-05, k)'),
	(22, 'streak(block -1, from 2026-01-05, k)'), (23, 'streak(block 2147483648, from 2026-01-05, k)'), (24, 'streak(block 4, from 9999-12-27, kk)'), (25, 'streak(block 4, from infinity, k)'),
	(26, 'streak(block 4, from 2026-01-05, ' || repeat('k', 10000) || ')'), (27, 'streak(block 4, from 2026-01-05, ' || repeat('k', 10001) || ')')
) AS t (n, literal)
ORDER BY n;

-- Binary there and back, and binary that is none.
SELECT current_setting('data_directory') || '/streak.bin' AS file \gset
CREATE TABLE streak_back (LIKE streak_shard);
COPY streak_shard TO :'file' (FORMAT binary);
COPY streak_back FROM :'file' (FORMAT binary);
SELECT count(*) AS states, count(*) FILTER (WHERE a.state::text IS DISTINCT FROM b.state::text) AS differing FROM streak_shard AS a JOIN streak_back AS b USING (g, shard);
SELECT get_byte(sent, 0) AS version, convert_from(substr(sent, 2), 'UTF8') AS text FROM (SELECT streak_state_send('streak(block 4, from 2026-01-05, k.mx)') AS sent) AS s;
CREATE TABLE streak_raw (bytes bytea);
CREATE FUNCTION pg_temp.receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file text := current_setting('data_directory') || '/streak_raw.bin';
	detail text;
	hint text;
BEGIN
	TRUNCATE streak_raw, streak_kept;
	INSERT INTO streak_raw VALUES (bytes);
	EXECUTE format('COPY streak_raw TO %L (FORMAT binary)', file);
	EXECUTE format('COPY streak_kept (state) FROM %L (FORMAT binary)', file);
	RETURN (SELECT state FROM streak_kept);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE || ' ' || SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;
SELECT n, pg_temp.receive(bytes::bytea)
FROM (VALUES
	(1, '\001streak(block 4, from 2026-01-05, k)'), (2, '\002streak(block 4, from 2026-01-05, k)'), (3, ''), (4, '\001'), (5, '\001streak(block 4, from 2026-01-05, k)\000'),
	(6, '\001streak(block 4, from 2026-01-06, k)'), (7, '\001streak(block 0, from 2026-01-05, k)')
) AS t (n, bytes)
ORDER BY n;

DROP TABLE streak_row, streak_shard, streak_serial, streak_parallel, streak_kept, streak_back, streak_raw;
