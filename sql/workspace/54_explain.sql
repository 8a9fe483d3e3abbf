/*
 * Why a score is what it is: the calculation as rows that add up to it.
 */

CREATE FUNCTION explain_live(as_of date, states goal_state[], only_cycles bigint[] DEFAULT NULL, only_employee bigint DEFAULT NULL)
	RETURNS TABLE (
		employee_no varchar, cycle_id bigint, step_no bigint, step varchar, goal_no varchar, part_of varchar, title varchar,
		actual numeric, baseline numeric, target numeric, progress numeric, x numeric, curve varchar, curve_score numeric, score numeric,
		weight numeric, share numeric, points numeric, note varchar)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 2000 COST 300000
	SET search_path FROM CURRENT
	SET jit = off
AS $$
DECLARE
	zh boolean := setting_text('locale') = 'zh';
	known_at timestamptz := day_end(as_of);
	min_coverage numeric := setting_number('min_coverage', known_at);
	lifted bigint[] := ARRAY(SELECT v.goal_id FROM veto_in_force(known_at) v WHERE v.effect = 'lift');
BEGIN
	RETURN QUERY
	WITH total AS MATERIALIZED (
		SELECT t.*, e.employee_no, c.starts_on, c.ends_on
			FROM person_total(as_of, states, only_cycles) t
			JOIN employee e ON e.employee_id = t.employee_id
			JOIN cycle c ON c.cycle_id = t.cycle_id
			WHERE only_employee IS NULL OR t.employee_id = only_employee
	), part AS MATERIALIZED (
		SELECT p.*, d.code AS department_code FROM goal_part(as_of, states) p JOIN department d ON d.department_id = p.department_id
	), place AS (
		/* whoever worked, or has own roots, in several departments sees each of them */
		SELECT p.owner_id, p.cycle_id, p.department_id, p.days, p.part_share, score(p.items, 'renormalise', 0, 18) AS score, p.weight_scored > 0 AS is_scored, true AS has_goals
			FROM part p
		UNION ALL
		SELECT w.employee_id, w.cycle_id, w.department_id, w.days, 0, NULL, false, false
			FROM days_worked(as_of) w
			WHERE NOT EXISTS (SELECT FROM part p WHERE p.owner_id = w.employee_id AND p.cycle_id = w.cycle_id AND p.department_id = w.department_id)
	), place_row AS (
		SELECT p.owner_id, p.cycle_id, d.code, d.name, p.score, p.part_share, n.note
			FROM (SELECT p.*, count(*) OVER (PARTITION BY p.owner_id, p.cycle_id) AS places FROM place p) p
			JOIN total t ON t.employee_id = p.owner_id AND t.cycle_id = p.cycle_id
			JOIN department d ON d.department_id = p.department_id,
				LATERAL (SELECT least(as_of, t.ends_on) - t.starts_on + 1 AS days) AS span,
				LATERAL (SELECT CASE WHEN zh THEN format('周期至今 %s 天中在此 %s 天;', span.days, p.days) || CASE
						WHEN NOT p.has_goals THEN '此处无自有目标,不计入'
						WHEN NOT p.is_scored THEN '目标尚无得分,不计入'
						ELSE format('此处目标得分 %s,占总分 %s', settled(p.score, 6), round(p.part_share, 6)) END
					ELSE format('%s of %s days so far; ', p.days, span.days) || CASE
						WHEN NOT p.has_goals THEN 'no own goals here, so it does not count'
						WHEN NOT p.is_scored THEN 'its goals have no score yet, so it does not count'
						ELSE format('its goals score %s and count for %s of the total', settled(p.score, 6), round(p.part_share, 6)) END END AS note) AS n
			WHERE p.places > 1
	), root AS MATERIALIZED (
		SELECT r.*, p.department_code, CASE WHEN r.score IS NULL THEN 0 ELSE p.part_share * r.weight / nullif(p.weight_scored, 0) END AS part_of_total
			FROM unnest(states) r
			JOIN part p ON p.owner_id = r.owner_id AND p.cycle_id = r.cycle_id AND p.department_id = r.department_id
			WHERE r.is_own_root AND (only_employee IS NULL OR r.owner_id = only_employee)
	), listed AS (
		SELECT 1 AS place, 'goal' AS step, r.owner_id, r.cycle_id, r.department_code, r.goal_id, r.goal_id AS family, NULL::bigint AS within, r.weight, r.part_of_total,
				coalesce(r.score * r.part_of_total, 0) AS points
			FROM root r
		UNION ALL
		SELECT 2, 'part', r.owner_id, r.cycle_id, r.department_code, c.goal_id, r.goal_id, r.goal_id, c.share, NULL, NULL
			FROM unnest(states) c JOIN root r ON r.goal_id = c.parent_id
			WHERE c.share IS NOT NULL
	), goal_row AS MATERIALIZED (
		SELECT l.owner_id, l.cycle_id, 2 AS block, l.department_code, f.goal_no AS family, l.place, l.step, g.goal_no, w.goal_no AS part_of, g.title,
				s.actual, s.baseline, s.target, settled(s.progress, 6) AS progress, trim_scale(settled(s.x, 6)) AS x, i.curve::text AS curve,
				round(s.curve_score, 6) AS curve_score, settled(s.score, 6) AS score, l.weight,
				round(l.part_of_total, 6) AS share, round(l.points, 6) AS points,
				CASE
					WHEN s.fault IS NOT NULL THEN fault_reason(s.fault, CASE WHEN zh THEN 'zh' ELSE 'en' END)
					WHEN s.score IS NULL AND s.blocks_total THEN CASE WHEN zh THEN '尚无得分,按规定不出总分' ELSE 'no score yet, and without it there is no total' END
					WHEN s.score IS NULL THEN CASE WHEN zh THEN '尚无得分,不计入,其余按权重折算' ELSE 'no score yet: left out, the others renormalise' END
					WHEN s.is_vetoed AND s.goal_id = ANY (lifted) THEN CASE WHEN zh THEN '触发一票否决,经申诉撤销' ELSE 'triggers the veto, which an objection lifted' END
					WHEN s.is_vetoed THEN CASE WHEN zh THEN '触发一票否决' ELSE 'triggers the veto' END
					WHEN s.is_rolled_up THEN CASE WHEN zh THEN '由下级按权重汇总' ELSE 'weighted mean of its parts' END
					WHEN cardinality(s.segments) > 1 THEN CASE coalesce(i.target_mode, 'segmented')
						WHEN 'latest' THEN CASE WHEN zh THEN '目标有变更,全期按最新目标计' ELSE 'the target changed: the newest counts for all days' END
						WHEN 'time_weighted' THEN CASE WHEN zh THEN '目标有变更,按天数加权平均目标计' ELSE 'the target changed: its mean by days counts' END
						ELSE CASE WHEN zh THEN '目标有变更,各段得分按天数加权' ELSE 'the target changed: mean of its segments by days' END END
					WHEN i.missing = 'zero' AND CASE WHEN i.curve IS NULL THEN s.progress ELSE s.curve_score END IS NULL THEN
						CASE WHEN zh THEN '尚未填报,按 0 分计' ELSE 'no measure: counts 0' END
					WHEN s.score <> coalesce(s.curve_score, 100 * s.progress) THEN CASE WHEN zh
						THEN format('原为 %s,限于 0 至 %s', trim_scale(settled(coalesce(s.curve_score, 100 * s.progress), 6)), trim_scale(CASE WHEN i.curve IS NULL THEN 100 * s.cap ELSE i.cap END))
						ELSE format('%s before it is clamped to 0..%s', trim_scale(settled(coalesce(s.curve_score, 100 * s.progress), 6)), trim_scale(CASE WHEN i.curve IS NULL THEN 100 * s.cap ELSE i.cap END)) END
					WHEN l.weight = 0 THEN CASE WHEN zh THEN '权重 0,只展示' ELSE 'weight 0: shown, not counted' END
				END AS note, 0 AS segment_no
			FROM listed l
			JOIN unnest(states) s ON s.goal_id = l.goal_id
			JOIN goal g ON g.goal_id = l.goal_id
			JOIN goal f ON f.goal_id = l.family
			LEFT JOIN goal w ON w.goal_id = l.within
			LEFT JOIN indicator_as_of(known_at) i ON i.indicator_id = g.indicator_id
	), summed AS (
		/* what has come together after each step, at 6 places; a row's points are the difference that its step makes */
		SELECT t.*, u.after_goals, v.after_formula, w.after_points, x.after_cap, y.after_veto,
				w.bonus_named, w.penalty_named
			FROM total t
			LEFT JOIN (SELECT r.owner_id, r.cycle_id, sum(r.points) AS points FROM goal_row r GROUP BY r.owner_id, r.cycle_id) s
				ON s.owner_id = t.employee_id AND s.cycle_id = t.cycle_id,
				LATERAL (SELECT coalesce(s.points, 0) AS after_goals) AS u,
				LATERAL (SELECT CASE WHEN t.final_formula IS NULL THEN u.after_goals ELSE coalesce(round(t.final, 6), u.after_goals) END AS after_formula) AS v,
				LATERAL (SELECT n.bonus_named, n.penalty_named,
						v.after_formula + CASE WHEN n.bonus_named THEN 0 ELSE t.bonus END + CASE WHEN n.penalty_named THEN 0 ELSE t.penalty END AS after_points
					FROM (SELECT coalesce('bonus' = ANY (variables(t.final_formula)), false) AS bonus_named,
						coalesce('penalty' = ANY (variables(t.final_formula)), false) AS penalty_named) AS n) AS w,
				LATERAL (SELECT CASE WHEN t.adjusted > t.unvetoed THEN round(t.unvetoed, 6) ELSE w.after_points END AS after_cap) AS x,
				LATERAL (SELECT CASE WHEN t.total IS DISTINCT FROM t.unvetoed THEN t.total ELSE x.after_cap END AS after_veto) AS y
	), component AS MATERIALIZED (
		SELECT s.* FROM score_component_as_of(known_at) s
	), step_row AS (
		SELECT t.employee_id, t.cycle_id, s.block, s.step, NULL::varchar AS goal_no, NULL::varchar AS title, s.curve, s.score, s.points, s.note
			FROM summed t, LATERAL (VALUES
				(3, 'sum', NULL::text, settled(t.weighted, 6), NULL::numeric,
					CASE WHEN zh THEN '目标加权合计' ELSE 'weighted total of the goals' END, t.weighted IS NOT NULL),
				(4, 'coverage', NULL, NULL, NULL,
					CASE WHEN zh THEN format('有得分的权重占 %s,不低于 %s 才有总分', round(t.coverage, 4), min_coverage)
						ELSE format('%s of the weight has a score; a total needs %s', round(t.coverage, 4), min_coverage) END, t.goals > 0),
				(6, 'formula', t.final_formula::text, settled(t.final, 6), t.after_formula - t.after_goals,
					CASE
						WHEN t.final IS NOT NULL THEN format('%s = %s', formula_filled(t.final_formula, t.vars), trim_scale(settled(t.final, 6)))
						WHEN evaluate(t.final_formula, t.vars) IS NOT NULL THEN CASE WHEN zh THEN '结果超出 ±10000,无总分' ELSE 'the result is beyond 10000 points: no total' END
						ELSE format(CASE WHEN zh THEN '%s:%s,无总分' ELSE '%s: %s, so there is no total' END, formula_filled(t.final_formula, t.vars),
							coalesce((SELECT format(CASE WHEN zh THEN '%s 未知' ELSE '%s is not known' END, string_agg(n.name, ', ' ORDER BY n.name))
									FROM unnest(variables(t.final_formula)) AS n(name) WHERE t.vars ->> n.name IS NULL HAVING count(*) > 0),
								CASE WHEN zh THEN '除数为 0' ELSE 'a division by 0' END)) END, t.final_formula IS NOT NULL),
				(7, 'bonus', NULL, NULL, CASE WHEN t.bonus_named THEN 0 ELSE t.bonus END,
					CASE WHEN zh THEN '加分,封顶后' ELSE 'bonus points, capped' END
						|| CASE WHEN NOT t.bonus_named THEN '' WHEN zh THEN ';已在公式中计入' ELSE '; the formula takes them in' END, t.bonus <> 0),
				(8, 'penalty', NULL, NULL, CASE WHEN t.penalty_named THEN 0 ELSE t.penalty END,
					CASE WHEN zh THEN '扣分,封顶后' ELSE 'penalty points, capped' END
						|| CASE WHEN NOT t.penalty_named THEN '' WHEN zh THEN ';已在公式中计入' ELSE '; the formula takes them in' END, t.penalty <> 0),
				(9, 'cap', NULL, NULL, t.after_cap - t.after_points,
					CASE WHEN zh THEN format('总分封顶 %s', trim_scale(t.unvetoed)) ELSE format('the total is capped at %s', trim_scale(t.unvetoed)) END,
					t.adjusted > t.unvetoed),
				(11, 'veto', NULL, NULL, t.after_veto - t.after_cap,
					concat_ws(CASE WHEN zh THEN ';' ELSE '; ' END,
						CASE
							WHEN t.veto_cap = 0 THEN CASE WHEN zh THEN format('一票否决:总分 0,否决前 %s', coalesce(settled(t.unvetoed, 2)::text, '无'))
								ELSE format('veto: the total is 0, before it %s', coalesce(settled(t.unvetoed, 2)::text, 'none')) END
							WHEN t.veto_cap IS NOT NULL THEN CASE WHEN zh THEN format('一票否决:总分不超过 %s,否决前 %s', trim_scale(t.veto_cap), coalesce(settled(t.unvetoed, 2)::text, '无'))
								ELSE format('veto: the total is at most %s, before it %s', trim_scale(t.veto_cap), coalesce(settled(t.unvetoed, 2)::text, 'none')) END
						END,
						CASE WHEN t.veto_grade IS NOT NULL THEN CASE WHEN zh THEN format('一票否决:等级 %s', t.veto_grade) ELSE format('veto: the grade is %s', t.veto_grade) END END),
					t.is_vetoed),
				(12, 'rounding', NULL, NULL, t.score - t.after_veto,
					CASE WHEN zh THEN format('四舍五入到两位,总分 %s,等级 %s', t.score, t.grade)
						ELSE format('rounded to 2 places: %s, grade %s', t.score, t.grade) END, t.score IS NOT NULL)
				) AS s(block, step, curve, score, points, note, is_shown)
			WHERE s.is_shown
		UNION ALL
		SELECT t.employee_id, t.cycle_id, 5, 'variable', NULL, v.name, NULL, settled((t.vars ->> v.name)::numeric, 6), NULL,
				CASE v.name
					WHEN 'goals' THEN CASE WHEN zh THEN '目标加权合计' ELSE 'weighted total of the goals' END
					WHEN 'coverage' THEN CASE WHEN zh THEN '有得分的权重占比' ELSE 'share of the weight that has a score' END
					WHEN 'bonus' THEN CASE WHEN zh THEN '加分,封顶后' ELSE 'bonus points, capped' END
					WHEN 'penalty' THEN CASE WHEN zh THEN '扣分,封顶后' ELSE 'penalty points, capped' END
					ELSE coalesce(s.source || ', ' || day_of(s.recorded_at), CASE WHEN zh THEN '未提供' ELSE 'not supplied' END)
				END
			FROM total t
			CROSS JOIN unnest(variables(t.final_formula)) AS v(name)
			LEFT JOIN component s ON s.employee_id = t.employee_id AND s.cycle_id = t.cycle_id AND s.name = v.name
		UNION ALL
		SELECT v.employee_id, v.cycle_id, 10, 'case', g.goal_no, left(v.reason, 200), NULL, v.max_score, NULL,
				concat_ws('; ',
					CASE v.effect
						WHEN 'zero' THEN CASE WHEN zh THEN '总分 0' ELSE 'total 0' END
						WHEN 'cap' THEN CASE WHEN zh THEN format('总分不超过 %s', trim_scale(v.max_score)) ELSE format('total at most %s', trim_scale(v.max_score)) END
						WHEN 'grade' THEN CASE WHEN zh THEN '最低等级' ELSE 'lowest grade' END
						ELSE CASE WHEN zh THEN '撤销该目标的一票否决' ELSE 'lifts the veto of the goal' END END,
					format(CASE WHEN zh THEN '%s 上报,%s 批准于 %s' ELSE 'reported by %s, approved by %s on %s' END, r.employee_no, a.employee_no, day_of(v.decided_at)),
					v.evidence_uri, left(v.evidence, 300))
			FROM veto_in_force(known_at) v
			JOIN total t ON t.employee_id = v.employee_id AND t.cycle_id = v.cycle_id
			JOIN employee r ON r.employee_id = v.reported_by_id
			JOIN employee a ON a.employee_id = v.approved_by_id
			LEFT JOIN goal g ON g.goal_id = v.goal_id
	), every_row AS (
		SELECT * FROM goal_row
		UNION ALL
		/* the days with each target, after the goal that they belong to */
		SELECT r.owner_id, r.cycle_id, r.block, r.department_code, r.family, r.place, 'segment', r.goal_no, r.goal_no, r.title, r.actual, t.baseline, t.target,
				settled(t.progress, 6), trim_scale(settled(t.x, 6)), r.curve, round(t.curve_score, 6), settled(t.score, 6), NULL, NULL, NULL,
				CASE WHEN zh THEN format('%s 至 %s,%s 天', t.from_on, t.until_on, t.days) ELSE format('%s to %s, %s days', t.from_on, t.until_on, t.days) END,
				t.segment_no
			FROM goal_row r
			JOIN goal g ON g.goal_no = r.goal_no
			JOIN unnest(states) s ON s.goal_id = g.goal_id
			CROSS JOIN unnest(s.segments) t
			WHERE cardinality(s.segments) > 1
		UNION ALL
		SELECT p.owner_id, p.cycle_id, 2, p.code, NULL, 0, 'department', NULL, NULL, p.name, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
				settled(p.score, 6), NULL, round(p.part_share, 6), NULL, p.note, 0
			FROM place_row p
		UNION ALL
		SELECT s.employee_id, s.cycle_id, s.block, NULL, NULL, 0, s.step, s.goal_no, NULL, s.title, NULL, NULL, NULL, NULL, NULL, s.curve, NULL,
				s.score, NULL, NULL, s.points, s.note, 0
			FROM step_row s
	)
	SELECT t.employee_no, r.cycle_id,
			row_number() OVER (PARTITION BY r.owner_id, r.cycle_id
				ORDER BY r.block, r.department_code, r.family NULLS FIRST, r.place, r.goal_no, r.title, r.segment_no),
			r.step::varchar, r.goal_no, r.part_of, r.title, r.actual, r.baseline, r.target, r.progress, r.x, r.curve::varchar, r.curve_score,
			r.score, r.weight, r.share, CASE WHEN t.score IS NOT NULL THEN r.points END, left(r.note, 2000)::varchar
		FROM every_row r
		JOIN total t ON t.employee_id = r.owner_id AND t.cycle_id = r.cycle_id;
END;
$$;
COMMENT ON FUNCTION explain_live(date, goal_state[], bigint[], bigint) IS
	'Rows of explain_score for every person (or only_employee) and cycle of computed goals; only_cycles as in person_total';

CREATE FUNCTION explain_score(employee_no text, cycle_code text, as_of date DEFAULT today())
	RETURNS TABLE (
		step_no bigint, step varchar, goal_no varchar, part_of varchar, title varchar, actual numeric, baseline numeric, target numeric,
		progress numeric, x numeric, curve varchar, curve_score numeric, score numeric, weight numeric, share numeric, points numeric, note varchar)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 20 COST 100000
	SET search_path FROM CURRENT
AS $$
DECLARE
	employee_key bigint := employee_id_of(employee_no);
	cycle_key bigint := cycle_id_of(cycle_code);
	frozen bigint;
BEGIN
	SELECT v.closing_id INTO frozen FROM closing_as_of(day_end(as_of)) v WHERE v.cycle_id = cycle_key;
	IF FOUND THEN
		RETURN QUERY
		SELECT r.step_no, r.step, r.goal_no, r.part_of, r.title, r.actual, r.baseline, r.target, r.progress, r.x, r.curve, r.curve_score,
				r.score, r.weight, r.share, r.points, r.note
			FROM score_step_result r WHERE r.closing_id = frozen AND r.employee_no = explain_score.employee_no
			ORDER BY r.step_no;
	ELSE
		RETURN QUERY
		SELECT l.step_no, l.step, l.goal_no, l.part_of, l.title, l.actual, l.baseline, l.target, l.progress, l.x, l.curve, l.curve_score,
				l.score, l.weight, l.share, l.points, l.note
			FROM explain_live(as_of, goal_states(as_of, subtree_of(employee_key), ARRAY[cycle_key], with_forecast => false), ARRAY[cycle_key], employee_key) l
			WHERE l.employee_no = explain_score.employee_no
			ORDER BY l.step_no;
	END IF;
END;
$$;
COMMENT ON FUNCTION explain_score(text, text, date) IS
	'The whole calculation of a person''s score in a cycle, as known on a day (default: today); a closed cycle as it was frozen. '
	'The column points adds up to the score of employee_scorecard to the last digit (NULL throughout where there is no score). Rows in the order of the calculation: department '
	'(for who worked in several: days and share), goal (raw values, curve, clamped score, weight, share, points), part (what an objective is made of), segment (the days with each target, where it changed), sum, coverage, variable and formula '
	'(of the final formula, which stands in the column curve), bonus, penalty, cap, case (of a veto), veto, and the rounding to 2 places with the grade. '
	'share is the part of the total of the goals that a row decides. Errors: P0002 unknown number or code';
