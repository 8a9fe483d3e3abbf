/*
 * Where the plant's departments depend on each other: the heat map of the
 * quarter, what piles up, and the worst delays from their roots to the
 * customers.  Included by show.sql, whose pad() and lamp() it uses.
 */

/* A cell of the heat map: the strength in percent, the redder the riskier. */
CREATE FUNCTION pg_temp.heat(strength numeric, risk numeric, links bigint, lagging bigint) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN CASE WHEN links IS NULL THEN pg_temp.pad('       .', 12)
		ELSE E'\x1b[' || CASE WHEN risk >= 0.1 THEN '48;5;160;97' WHEN risk >= 0.04 THEN '48;5;202;97' WHEN risk >= 0.015 THEN '48;5;214;30' WHEN risk > 0 THEN '48;5;228;30'
			ELSE '48;5;194;30' END || 'm' || lpad(round(100 * strength, 1)::text, 5) || '% ' || lpad(lagging::text, 2) || '/' || rpad(links::text, 2) || E'\x1b[0m ' END;

\echo
SELECT E'\x1b[1m协作热度图(2026Q3)\x1b[0m  行依赖列:依赖强度 滞后/关联,颜色越红风险越大';
WITH heat AS (
	SELECT * FROM collaboration_heatmap h WHERE h.cycle = '2026Q3'
), target AS (
	SELECT DISTINCT h.to_code, h.to_department FROM heat h
)
SELECT pg_temp.pad('依赖方 \ 被依赖方', 24) || string_agg(pg_temp.pad(t.to_department, 12), '' ORDER BY t.to_code) FROM target t;
WITH heat AS (
	SELECT * FROM collaboration_heatmap h WHERE h.cycle = '2026Q3'
), target AS (
	SELECT DISTINCT h.to_code FROM heat h
), origin AS (
	SELECT DISTINCT h.from_code, h.from_department FROM heat h
)
SELECT pg_temp.pad(o.from_department, 24) || string_agg(pg_temp.heat(h.strength, h.risk, h.links, h.lagging), '' ORDER BY t.to_code)
	FROM origin o CROSS JOIN target t
	LEFT JOIN heat h ON h.from_code = o.from_code AND h.to_code = t.to_code
	GROUP BY o.from_code, o.from_department
	ORDER BY o.from_code;

\echo
SELECT E'\x1b[1m最堵的三个部门\x1b[0m';
SELECT pg_temp.pad(b.place || '. ' || b.name, 24) || format('被 %s 条关联依赖,滞后波及其他部门 %s 个目标(其中 %s 个已滞后)', b.dependents, b.reach, b.reach_lagging)
	FROM bottleneck b WHERE b.kind = 'department' AND b.lags AND b.reach > 0 ORDER BY b.place, b.code LIMIT 3;

\echo
SELECT E'\x1b[1m最严重的三条依赖链(从根因到客户交付)\x1b[0m';
SELECT c.place || '. ' || c.chain FROM worst_chains(3) c ORDER BY c.place;

\echo
SELECT format(E'\x1b[1m联合预警\x1b[0m  未关闭 %s 条,已关闭 %s 条;双方负责人与上级收件箱共 %s 条消息', count(*) FILTER (WHERE w.closed_at IS NULL), count(w.closed_at),
		(SELECT count(*) FROM inbox i WHERE i.kind = 'joint_warning'))
	FROM joint_warning w;
