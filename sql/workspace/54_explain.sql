/*
 * Why a score is what it is: the calculation as rows that add up to it.
 */

CREATE FUNCTION explain_live(as_of date, states goal_state[])
	RETURNS TABLE (
		employee_no varchar, cycle_id bigint, step_no bigint, step varchar, goal_no varchar, part_of varchar, title varchar,
		actual numeric, baseline numeric, target numeric, progress numeric, x numeric, curve varchar, curve_score numeric, score numeric,
		weight numeric, share numeric, points numeric, note varchar)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 2000 COST 300000
	SET search_path FROM CURRENT
AS $$
DECLARE
	zh boolean := setting_text('locale') = 'zh';
	known_at timestamptz := day_end(as_of);
	min_coverage numeric := setting_number('min_coverage', known_at);
BEGIN
	RETURN QUERY
	WITH total AS MATERIALIZED (
		SELECT t.*, e.employee_no FROM person_total(as_of, states) t JOIN employee e ON e.employee_id = t.employee_id
	), root AS MATERIALIZED (
		SELECT r.*, CASE WHEN r.score IS NULL THEN 0 ELSE p.part_share * r.weight / nullif(p.weight_scored, 0) END AS part_of_total
			FROM unnest(states) r
			JOIN goal_part(as_of, states) p ON p.owner_id = r.owner_id AND p.cycle_id = r.cycle_id AND p.department_id = r.department_id
			WHERE r.is_own_root
	), listed AS (
		SELECT 1 AS place, 'goal' AS step, r.owner_id, r.cycle_id, r.goal_id, r.goal_id AS family, NULL::bigint AS within, r.weight, r.part_of_total,
				coalesce(r.score * r.part_of_total, 0) AS points
			FROM root r
		UNION ALL
		SELECT 2, 'part', r.owner_id, r.cycle_id, c.goal_id, r.goal_id, r.goal_id, c.share, NULL, NULL
			FROM unnest(states) c JOIN root r ON r.goal_id = c.parent_id
			WHERE c.share IS NOT NULL
	), goal_row AS MATERIALIZED (
		SELECT l.owner_id, l.cycle_id, 2 AS block, f.goal_no AS family, l.place, l.step, g.goal_no, w.goal_no AS part_of, g.title,
				s.actual, s.baseline, s.target, settled(s.progress, 6) AS progress, trim_scale(settled(s.x, 6)) AS x, i.curve::text AS curve,
				round(s.curve_score, 6) AS curve_score, settled(s.score, 6) AS score, l.weight,
				round(l.part_of_total, 6) AS share, round(l.points, 6) AS points,
				CASE
					WHEN s.fault IS NOT NULL THEN fault_reason(s.fault, CASE WHEN zh THEN 'zh' ELSE 'en' END)
					WHEN s.score IS NULL THEN CASE WHEN zh THEN '尚无得分,不计入,其余按权重折算' ELSE 'no score yet: left out, the others renormalise' END
					WHEN s.is_vetoed THEN CASE WHEN zh THEN '触发一票否决' ELSE 'triggers the veto' END
					WHEN s.is_rolled_up THEN CASE WHEN zh THEN '由下级按权重汇总' ELSE 'weighted mean of its parts' END
					WHEN cardinality(s.segments) > 1 THEN CASE coalesce(i.target_mode, 'segmented')
						WHEN 'latest' THEN CASE WHEN zh THEN '目标有变更,全期按最新目标计' ELSE 'the target changed: the newest counts for all days' END
						WHEN 'time_weighted' THEN CASE WHEN zh THEN '目标有变更,按天数加权平均目标计' ELSE 'the target changed: its mean by days counts' END
						ELSE CASE WHEN zh THEN '目标有变更,各段得分按天数加权' ELSE 'the target changed: mean of its segments by days' END END
				END AS note, 0 AS segment_no
			FROM listed l
			JOIN unnest(states) s ON s.goal_id = l.goal_id
			JOIN goal g ON g.goal_id = l.goal_id
			JOIN goal f ON f.goal_id = l.family
			LEFT JOIN goal w ON w.goal_id = l.within
			LEFT JOIN indicator_as_of(known_at) i ON i.indicator_id = g.indicator_id
	), summed AS (
		SELECT t.*, coalesce(s.points, 0) AS goal_points
			FROM total t
			LEFT JOIN (SELECT r.owner_id, r.cycle_id, sum(r.points) AS points FROM goal_row r GROUP BY r.owner_id, r.cycle_id) s
				ON s.owner_id = t.employee_id AND s.cycle_id = t.cycle_id
	), every_row AS (
		SELECT * FROM goal_row
		UNION ALL
		/* the days with each target, after the goal that they belong to */
		SELECT r.owner_id, r.cycle_id, r.block, r.family, r.place, 'segment', r.goal_no, r.goal_no, r.title, r.actual, t.baseline, t.target,
				settled(t.progress, 6), trim_scale(settled(t.x, 6)), r.curve, round(t.curve_score, 6), settled(t.score, 6), NULL, NULL, NULL,
				CASE WHEN zh THEN format('%s 至 %s,%s 天', t.from_on, t.until_on, t.days) ELSE format('%s to %s, %s days', t.from_on, t.until_on, t.days) END,
				t.segment_no
			FROM goal_row r
			JOIN goal g ON g.goal_no = r.goal_no
			JOIN unnest(states) s ON s.goal_id = g.goal_id
			CROSS JOIN unnest(s.segments) t
			WHERE cardinality(s.segments) > 1
		UNION ALL
		SELECT t.employee_id, t.cycle_id, s.block, NULL, 0, s.step, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, s.points, s.note, 0
			FROM summed t, LATERAL (VALUES
				(3, 'coverage', NULL::numeric,
					CASE WHEN zh THEN format('有得分的权重占 %s,不低于 %s 才有总分', round(t.coverage, 4), min_coverage)
						ELSE format('%s of the weight has a score; a total needs %s', round(t.coverage, 4), min_coverage) END, true),
				(4, 'bonus', t.bonus, CASE WHEN zh THEN '加分,封顶后' ELSE 'bonus points, capped' END, t.bonus <> 0),
				(5, 'penalty', t.penalty, CASE WHEN zh THEN '扣分,封顶后' ELSE 'penalty points, capped' END, t.penalty <> 0),
				(6, 'veto', -(t.goal_points + t.bonus + t.penalty),
					CASE WHEN zh THEN format('一票否决:总分 0,否决前 %s', coalesce(settled(t.unvetoed, 2)::text, '无'))
						ELSE format('veto: the total is 0, before it %s', coalesce(settled(t.unvetoed, 2)::text, 'none')) END, t.is_vetoed),
				(7, 'rounding', CASE WHEN t.is_vetoed THEN 0 ELSE t.score - (t.goal_points + t.bonus + t.penalty) END,
					CASE WHEN zh THEN format('四舍五入到两位,总分 %s,等级 %s', t.score, t.grade)
						ELSE format('rounded to 2 places: %s, grade %s', t.score, t.grade) END, t.score IS NOT NULL)
				) AS s(block, step, points, note, is_shown)
			WHERE s.is_shown
	)
	SELECT t.employee_no, r.cycle_id,
			row_number() OVER (PARTITION BY r.owner_id, r.cycle_id ORDER BY r.block, r.family, r.place, r.goal_no, r.segment_no),
			r.step::varchar, r.goal_no, r.part_of, r.title, r.actual, r.baseline, r.target, r.progress, r.x, r.curve::varchar, r.curve_score,
			r.score, r.weight, r.share, CASE WHEN t.score IS NOT NULL THEN r.points END, r.note::varchar
		FROM every_row r
		JOIN total t ON t.employee_id = r.owner_id AND t.cycle_id = r.cycle_id;
END;
$$;
COMMENT ON FUNCTION explain_live(date, goal_state[]) IS 'Rows of explain_score for every person and cycle of computed goals';

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
			FROM explain_live(as_of, goal_states(as_of, subtree_of(employee_key), ARRAY[cycle_key])) l
			WHERE l.employee_no = explain_score.employee_no
			ORDER BY l.step_no;
	END IF;
END;
$$;
COMMENT ON FUNCTION explain_score(text, text, date) IS
	'The whole calculation of a person''s score in a cycle, as known on a day (default: today); a closed cycle as it was frozen. '
	'The column points adds up to the score of employee_scorecard to the last digit (NULL throughout where there is no score): a row for each own goal, '
	'for bonus, penalty and veto, and one for the rounding to 2 places; rows of step "part" show what an objective is made of, rows of step "segment" the days with each target where it changed. '
	'share is the part of the total that a goal decides. Errors: P0002 unknown number or code';
