/*
 * Files about quarters that are over: plan and actual of departments.
 */

INSERT INTO import_kind (name, kind) VALUES
	('attainment_history', 'attainment_history'), ('历史达成', 'attainment_history');
INSERT INTO import_column (kind, column_no, column_name, value_type, is_required, is_key, refers_to, max_length, title_zh, title_en) VALUES
	('attainment_history', 1, 'quarter', 'code', true, true, NULL, 40, '季度', 'quarter'),
	('attainment_history', 2, 'department', 'code', true, true, 'department', NULL, '部门', 'department code'),
	('attainment_history', 3, 'plan', 'number', true, false, NULL, NULL, '计划', 'plan'),
	('attainment_history', 4, 'actual', 'number', true, false, NULL, NULL, '实际', 'actual');
INSERT INTO import_header (kind, header, column_name) VALUES
	('attainment_history', '部门编码', 'department'), ('attainment_history', '计划值', 'plan'), ('attainment_history', '实际值', 'actual');
INSERT INTO import_message (code, locale, template) VALUES
	('not_quarter', 'zh', '%1$s %2$s 不是季度(应如 2026Q3)'),
	('not_quarter', 'en', '%1$s %2$s is not a quarter such as 2026Q3');

CREATE FUNCTION import_check_attainment_history(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
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
			SELECT ROW(r.record_no, 'quarter', 'exists', format('%s %s', r.cells[1], r.cells[2]), concat_ws(',',
					CASE WHEN q.plan <> r.cells[3]::numeric THEN 'plan' END,
					CASE WHEN q.actual <> r.cells[4]::numeric THEN 'actual' END))::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN department d ON d.code = r.cells[2]
				JOIN attainment_history q ON q.department_id = d.department_id AND q.quarter = r.cells[1]), problems) s;
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, rule.column_name, rule.code, NULL, NULL)::import_problem
			FROM unnest(fresh) r,
				LATERAL (VALUES
					('quarter', 'not_quarter', quarter_days(r.cells[1]) IS NULL),
					('plan', 'out_of_range', r.cells[3]::numeric <> 0 AND abs(r.cells[3]::numeric) < 0.000001)) AS rule(column_name, code, is_broken)
			WHERE rule.is_broken);
END;
$$;
COMMENT ON FUNCTION import_check_attainment_history(import_record[], import_problem[]) IS
	'Import of quarters that are over: what is there already, quarters of the calendar, and no plan next to 0';

CREATE FUNCTION import_land_attainment_history(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	landed bigint;
BEGIN
	INSERT INTO attainment_history (quarter, department_id, plan, actual, recorded_from)
		SELECT r.cells[1], d.department_id, r.cells[3]::numeric, r.cells[4]::numeric, '-infinity'
			FROM unnest(records) r JOIN department d ON d.code = r.cells[2]
			ORDER BY r.record_no;
	GET DIAGNOSTICS landed = ROW_COUNT;
	PERFORM import_landed(landed, records);
END;
$$;
COMMENT ON FUNCTION import_land_attainment_history(import_record[]) IS 'Import of quarters that are over: the checked records become rows, known from the beginning';
