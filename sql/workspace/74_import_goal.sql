/*
 * Files about goals: cycles, indicators, goals, postponements; and the cycles
 * that a file calls closed, which are closed once everything has landed.
 */

CREATE TABLE import_closing (
	cycle_id bigint NOT NULL,
	CONSTRAINT import_closing_pkey PRIMARY KEY (cycle_id),
	CONSTRAINT import_closing_cycle_id_fkey FOREIGN KEY (cycle_id) REFERENCES cycle ON DELETE CASCADE
);
COMMENT ON TABLE import_closing IS 'Cycles that an imported file calls closed; import_finish() closes them when their goals and check-ins are in';
COMMENT ON COLUMN import_closing.cycle_id IS 'Cycle, active until then';

INSERT INTO import_kind (name, kind) VALUES
	('cycle', 'cycle'), ('周期', 'cycle'),
	('indicator', 'indicator'), ('指标', 'indicator'),
	('goal', 'goal'), ('目标', 'goal'),
	('postponement', 'postponement'), ('延期', 'postponement');
INSERT INTO import_column (kind, column_no, column_name, value_type, is_required, is_key, refers_to, max_length, title_zh, title_en) VALUES
	('cycle', 1, 'code', 'code', true, true, NULL, 40, '周期编码', 'cycle code'),
	('cycle', 2, 'kind', 'word', true, false, NULL, NULL, '类型', 'cycle kind'),
	('cycle', 3, 'parent', 'code', false, false, 'cycle', NULL, '上级周期', 'parent cycle'),
	('cycle', 4, 'starts_on', 'date', true, false, NULL, NULL, '开始', 'first day'),
	('cycle', 5, 'ends_on', 'date', true, false, NULL, NULL, '结束', 'last day'),
	('cycle', 6, 'state', 'word', true, false, NULL, NULL, '状态', 'cycle state'),
	('indicator', 1, 'code', 'code', true, true, NULL, 40, '指标编码', 'indicator code'),
	('indicator', 2, 'name', 'name', true, false, NULL, 100, '指标名称', 'indicator name'),
	('indicator', 3, 'unit', 'text', false, false, NULL, 20, '单位', 'unit of measure'),
	('indicator', 4, 'direction', 'word', false, false, NULL, NULL, '方向', 'better direction'),
	('indicator', 5, 'basis', 'word', false, false, NULL, NULL, '口径', 'scoring basis'),
	('indicator', 6, 'aggregation', 'word', false, false, NULL, NULL, '汇总方式', 'aggregation of periods'),
	('indicator', 7, 'curve', 'curve', false, false, NULL, NULL, '评分曲线', 'scoring curve'),
	('indicator', 8, 'cap', 'number', false, false, NULL, NULL, '上限', 'most points'),
	('goal', 1, 'goal_no', 'code', true, true, NULL, 40, '目标编号', 'goal number'),
	('goal', 2, 'cycle', 'code', true, false, 'cycle', NULL, '周期', 'cycle code'),
	('goal', 3, 'parent', 'code', false, false, 'goal', NULL, '上级目标', 'parent goal'),
	('goal', 4, 'owner', 'code', true, false, 'employee', NULL, '负责人工号', 'owner number'),
	('goal', 5, 'department', 'code', true, false, 'department', NULL, '部门', 'department code'),
	('goal', 6, 'kind', 'word', true, false, NULL, NULL, '类型', 'goal kind'),
	('goal', 7, 'title', 'text', true, false, NULL, 200, '名称', 'goal title'),
	('goal', 8, 'indicator', 'code', false, false, 'indicator', NULL, '指标', 'indicator code'),
	('goal', 9, 'weight', 'percent', true, false, NULL, NULL, '权重', 'weight in percent'),
	('goal', 10, 'contribution', 'percent', false, false, NULL, NULL, '贡献', 'contribution to the parent'),
	('goal', 11, 'baseline', 'measure', false, false, NULL, NULL, '基线', 'baseline value'),
	('goal', 12, 'target', 'measure', false, false, NULL, NULL, '目标值', 'target value'),
	('goal', 13, 'starts_on', 'date', true, false, NULL, NULL, '开始日期', 'first day'),
	('goal', 14, 'due_on', 'date', true, false, NULL, NULL, '截止日期', 'due date'),
	('goal', 15, 'state', 'word', true, false, NULL, NULL, '状态', 'goal state'),
	('postponement', 1, 'goal', 'code', true, true, 'goal', NULL, '目标编号', 'goal number'),
	('postponement', 2, 'old_due_on', 'date', true, true, NULL, NULL, '原截止日期', 'old due date'),
	('postponement', 3, 'new_due_on', 'date', true, false, NULL, NULL, '新截止日期', 'new due date'),
	('postponement', 4, 'reason', 'text', true, false, NULL, 500, '原因', 'reason given'),
	('postponement', 5, 'recorded_at', 'moment', true, false, NULL, NULL, '登记时间', 'time recorded');
INSERT INTO import_header (kind, header, column_name) VALUES
	('cycle', '编码', 'code'), ('cycle', '开始日期', 'starts_on'), ('cycle', '结束日期', 'ends_on'),
	('indicator', '编码', 'code'), ('indicator', '名称', 'name'),
	('goal', '编号', 'goal_no'), ('goal', '周期编码', 'cycle'), ('goal', '上级目标编号', 'parent'), ('goal', '负责人', 'owner'),
	('goal', '部门编码', 'department'), ('goal', '目标名称', 'title'), ('goal', '指标编码', 'indicator'),
	('postponement', 'goal_no', 'goal');
INSERT INTO import_word (kind, column_name, word, value, locale, word_no) VALUES
	('cycle', 'kind', '年', 'year', 'zh', 1), ('cycle', 'kind', '半年', 'half', 'zh', 2), ('cycle', 'kind', '季', 'quarter', 'zh', 3),
	('cycle', 'kind', '月', 'month', 'zh', 4), ('cycle', 'kind', '冲刺', 'sprint', 'zh', 5),
	('cycle', 'kind', 'year', 'year', 'en', 6), ('cycle', 'kind', 'half', 'half', 'en', 7), ('cycle', 'kind', 'quarter', 'quarter', 'en', 8),
	('cycle', 'kind', 'month', 'month', 'en', 9), ('cycle', 'kind', 'sprint', 'sprint', 'en', 10),
	('cycle', 'state', 'planning', 'planning', NULL, 1), ('cycle', 'state', 'active', 'active', NULL, 2),
	('cycle', 'state', 'review', 'review', NULL, 3), ('cycle', 'state', 'closed', 'closed', NULL, 4),
	('indicator', 'direction', '越大越好', 'up', 'zh', 1), ('indicator', 'direction', '越小越好', 'down', 'zh', 2), ('indicator', 'direction', '区间', 'band', 'zh', 3),
	('indicator', 'direction', 'up', 'up', 'en', 4), ('indicator', 'direction', 'down', 'down', 'en', 5), ('indicator', 'direction', 'band', 'band', 'en', 6),
	('indicator', 'basis', 'progress', 'progress', NULL, 1), ('indicator', 'basis', 'attainment', 'attainment', NULL, 2), ('indicator', 'basis', 'value', 'value', NULL, 3),
	('indicator', 'aggregation', 'sum', 'sum', NULL, 1), ('indicator', 'aggregation', 'avg', 'avg', NULL, 2), ('indicator', 'aggregation', 'ratio', 'ratio', NULL, 3),
	('indicator', 'aggregation', 'last', 'last', NULL, 4), ('indicator', 'aggregation', 'max', 'max', NULL, 5), ('indicator', 'aggregation', 'min', 'min', NULL, 6),
	('indicator', 'aggregation', 'count', 'count', NULL, 7),
	('goal', 'kind', '目标', 'objective', 'zh', 1), ('goal', 'kind', '关键结果', 'key_result', 'zh', 2), ('goal', 'kind', 'KPI', 'kpi', NULL, 3),
	('goal', 'kind', '里程碑', 'milestone', 'zh', 4),
	('goal', 'kind', 'objective', 'objective', 'en', 1), ('goal', 'kind', 'key_result', 'key_result', 'en', 2), ('goal', 'kind', 'milestone', 'milestone', 'en', 4),
	('goal', 'state', 'draft', 'draft', NULL, 1), ('goal', 'state', 'active', 'active', NULL, 2), ('goal', 'state', 'done', 'done', NULL, 3),
	('goal', 'state', 'cancelled', 'cancelled', NULL, 4);
INSERT INTO import_message (code, locale, template) VALUES
	('outside_parent', 'zh', '%1$s %2$s 不在上级周期之内:%3$s'),
	('outside_parent', 'en', '%1$s %2$s is not inside the parent cycle: %3$s'),
	('not_ended', 'zh', '周期尚未结束,不能是 closed'),
	('not_ended', 'en', 'a cycle that has not ended cannot be closed'),
	('value_without_curve', 'zh', '口径为 value 的指标必须有评分曲线'),
	('value_without_curve', 'en', 'an indicator scored by its value needs a curve'),
	('negative', 'zh', '%1$s %2$s 为负'),
	('negative', 'en', '%1$s %2$s is negative'),
	('other_unit', 'zh', '%1$s %2$s 带百分号,指标的单位却是 %3$s'),
	('other_unit', 'en', '%1$s %2$s has a percent sign, but the unit of its indicator is %3$s'),
	('target_is_baseline', 'zh', '目标值等于基线(%3$s),完成度无定义'),
	('target_is_baseline', 'en', '%1$s equals the baseline (%3$s), progress is not defined'),
	('target_is_zero', 'zh', '目标值为 0,按达成率(实际/目标)计分的指标无定义'),
	('target_is_zero', 'en', '%1$s is 0, attainment (actual / target) is not defined'),
	('due_before_start', 'zh', '截止日期早于开始日期'),
	('due_before_start', 'en', '%1$s %2$s is before the first day'),
	('outside_cycle', 'zh', '%1$s %2$s 不在周期之内:%3$s'),
	('outside_cycle', 'en', '%1$s %2$s is not inside the cycle: %3$s'),
	('no_parent', 'zh', '关键结果必须有上级目标'),
	('no_parent', 'en', 'a key result needs a parent goal'),
	('must_be_key_result', 'zh', '上级 %3$s 是同一负责人、同一周期的目标,它的下级只能是关键结果'),
	('must_be_key_result', 'en', 'parent %3$s has the same owner and cycle, so only its key results stand below it'),
	('cannot_be_key_result', 'zh', '关键结果的上级必须是同一负责人、同一周期的目标,%3$s 不是'),
	('cannot_be_key_result', 'en', 'a key result stands below an objective of its owner and cycle, and %3$s is none'),
	('group_weight', 'zh', '同组权重合计应为 100:%3$s'),
	('group_weight', 'en', 'the weights of a group must total 100: %3$s'),
	('goal_draft', 'zh', '目标 %3$s 还是草稿'),
	('goal_draft', 'en', 'goal %3$s is still a draft'),
	('not_later', 'zh', '新截止日期不晚于原截止日期'),
	('not_later', 'en', '%1$s %2$s is not after the old one'),
	('not_due_then', 'zh', '%1$s %2$s 与目标当时的截止日期 %3$s 不符'),
	('not_due_then', 'en', '%1$s %2$s is not the due day at that time, %3$s');

CREATE FUNCTION import_check_cycle(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	fresh import_record[];
	moment timestamptz := workspace_now();
BEGIN
	SELECT s.problems, s.unchanged, s.fresh INTO problems, unchanged, fresh
		FROM import_settle(records, ARRAY(
			SELECT ROW(r.record_no, 'code', 'exists', c.code, concat_ws(',',
					CASE WHEN c.kind <> r.cells[2] THEN 'kind' END,
					CASE WHEN p.code IS DISTINCT FROM r.cells[3] THEN 'parent' END,
					CASE WHEN c.starts_on <> r.cells[4]::date THEN 'starts_on' END,
					CASE WHEN c.ends_on <> r.cells[5]::date THEN 'ends_on' END,
					CASE WHEN CASE WHEN i.cycle_id IS NULL THEN c.state ELSE 'closed' END <> r.cells[6] THEN 'state' END))::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN cycle c ON c.code = r.cells[1]
				LEFT JOIN cycle p ON p.cycle_id = c.parent_id
				LEFT JOIN import_closing i ON i.cycle_id = c.cycle_id), problems) s;
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, rule.column_name, rule.code, NULL, rule.detail)::import_problem
			FROM unnest(fresh) r
			LEFT JOIN unnest(fresh) f ON f.cells[1] = r.cells[3]
			LEFT JOIN cycle p ON p.code = r.cells[3]
			CROSS JOIN LATERAL (SELECT r.cells[4]::date AS starts_on, r.cells[5]::date AS ends_on,
				coalesce(p.starts_on, f.cells[4]::date) AS first_day, coalesce(p.ends_on, f.cells[5]::date) AS last_day) AS x,
			LATERAL (VALUES
				('ends_on', 'ends_before_start', x.ends_on < x.starts_on, NULL),
				('starts_on', 'outside_parent', x.starts_on < x.first_day, format('%s–%s', x.first_day, x.last_day)),
				('ends_on', 'outside_parent', x.ends_on > x.last_day, format('%s–%s', x.first_day, x.last_day)),
				('state', 'not_ended', r.cells[6] = 'closed' AND day_end(x.ends_on) > moment, NULL)) AS rule(column_name, code, is_broken, detail)
			WHERE rule.is_broken);
	problems := problems || import_tree('cycle', records, import_clean(fresh, problems), 1, 3, 'parent');
END;
$$;
COMMENT ON FUNCTION import_check_cycle(import_record[], import_problem[]) IS 'Import of cycles: what is there already, days inside the parent''s, and the tree';

CREATE FUNCTION import_land_cycle(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	moment timestamptz := workspace_now();
BEGIN
	WITH numbered AS MATERIALIZED (
		SELECT r.*, nextval(pg_get_serial_sequence('cycle', 'cycle_id')) AS key FROM unnest(records) r
	)
	INSERT INTO cycle (cycle_id, code, kind, parent_id, starts_on, ends_on, state, recorded_from)
		SELECT n.key, n.cells[1], n.cells[2], CASE WHEN n.cells[3] IS NOT NULL THEN coalesce(p.key, cycle_id_of(n.cells[3])) END,
				n.cells[4]::date, n.cells[5]::date, 'planning', '-infinity'
			FROM numbered n LEFT JOIN numbered p ON p.cells[1] = n.cells[3];
	/* looking back, each was planned until it began; closing freezes results, which come later (import_finish) */
	UPDATE cycle c SET state = 'active', recorded_from = least(day_end(c.starts_on - 1), moment)
		FROM unnest(records) r WHERE c.code = r.cells[1] AND r.cells[6] <> 'planning';
	UPDATE cycle c SET state = 'review', recorded_from = greatest(c.recorded_from, least(day_end(c.ends_on), moment))
		FROM unnest(records) r WHERE c.code = r.cells[1] AND r.cells[6] = 'review';
	INSERT INTO import_closing (cycle_id)
		SELECT c.cycle_id FROM unnest(records) r JOIN cycle c ON c.code = r.cells[1] WHERE r.cells[6] = 'closed';
END;
$$;
COMMENT ON FUNCTION import_land_cycle(import_record[]) IS 'Import of cycles: the checked records become rows; a closed one is active and noted in import_closing';

CREATE FUNCTION import_finish()
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	span record;
	result bigint := 0;
BEGIN
	PERFORM take_mutex('import');
	FOR span IN
		SELECT c.cycle_id, c.code, c.ends_on
			FROM import_closing i JOIN cycle c ON c.cycle_id = i.cycle_id
			ORDER BY array_position(ARRAY['sprint', 'month', 'quarter', 'half', 'year']::varchar[], c.kind), c.starts_on, c.code
	LOOP
		PERFORM close_cycle(span.code, day_end(span.ends_on));
		DELETE FROM import_closing i WHERE i.cycle_id = span.cycle_id;
		result := result + 1;
	END LOOP;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION import_finish() IS
	'Closes the cycles that imported files call closed, months first, then quarters, then years, each as of its end. Call it when goals, check-ins and everything else '
	'of theirs is in: a closed cycle takes nothing more. Returns how many. Errors: those of close_cycle';

CREATE FUNCTION import_check_indicator(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	fresh import_record[];
BEGIN
	SELECT s.problems, s.unchanged, s.fresh INTO problems, unchanged, fresh
		FROM import_settle(records, ARRAY(
			SELECT ROW(r.record_no, 'code', 'exists', i.code, concat_ws(',',
					CASE WHEN i.name <> r.cells[2] THEN 'name' END,
					CASE WHEN i.unit IS DISTINCT FROM r.cells[3] THEN 'unit' END,
					CASE WHEN i.direction <> coalesce(r.cells[4], 'up') THEN 'direction' END,
					CASE WHEN i.basis <> coalesce(r.cells[5], 'progress') THEN 'basis' END,
					CASE WHEN i.aggregation <> coalesce(r.cells[6], 'last') THEN 'aggregation' END,
					CASE WHEN i.curve::text IS DISTINCT FROM r.cells[7] THEN 'curve' END,
					CASE WHEN i.cap <> coalesce(r.cells[8]::numeric, 120) THEN 'cap' END))::import_problem
				FROM unnest(import_clean(records, problems)) r JOIN indicator i ON i.code = r.cells[1]), problems) s;
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, rule.column_name, rule.code, NULL, NULL)::import_problem
			FROM unnest(fresh) r,
				LATERAL (VALUES
					('curve', 'value_without_curve', r.cells[5] = 'value' AND r.cells[7] IS NULL),
					('cap', 'out_of_range', r.cells[8]::numeric <= 0 OR r.cells[8]::numeric > 1000)) AS rule(column_name, code, is_broken)
			WHERE rule.is_broken);
END;
$$;
COMMENT ON FUNCTION import_check_indicator(import_record[], import_problem[]) IS 'Import of indicators: what is there already, and ranges';

CREATE FUNCTION import_land_indicator(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
	INSERT INTO indicator (code, name, unit, direction, basis, aggregation, curve, cap, recorded_from)
		SELECT r.cells[1], r.cells[2], r.cells[3], coalesce(r.cells[4], 'up'), coalesce(r.cells[5], 'progress'), coalesce(r.cells[6], 'last'),
				r.cells[7]::score_curve, coalesce(r.cells[8]::numeric, 120), '-infinity'
			FROM unnest(records) r ORDER BY r.record_no;
END;
$$;
COMMENT ON FUNCTION import_land_indicator(import_record[]) IS 'Import of indicators: the checked records become rows, known from the beginning';

CREATE FUNCTION import_has_other_unit(measure text, unit text)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN coalesce(measure LIKE '%\%' AND normalize(unit, NFKC) <> '%', false);
COMMENT ON FUNCTION import_has_other_unit(text, text) IS 'Whether a value has a percent sign although its indicator''s unit is another; without an indicator or unit false';

CREATE FUNCTION import_measure(measure text)
	RETURNS numeric
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN rtrim(measure, '%')::numeric;
COMMENT ON FUNCTION import_measure(text) IS 'Number of a value of type measure: 85 for 85%, as percent indicators are kept. NULL for NULL';
