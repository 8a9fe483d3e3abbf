/*
 * Files about links: which goal needs which.
 */

INSERT INTO import_kind (name, kind) VALUES
	('goal_link', 'goal_link'), ('link', 'goal_link'), ('关联', 'goal_link');
INSERT INTO import_column (kind, column_no, column_name, value_type, is_required, is_key, refers_to, max_length, title_zh, title_en) VALUES
	('goal_link', 1, 'from_goal', 'code', true, true, 'goal', NULL, '目标编号', 'goal number'),
	('goal_link', 2, 'to_goal', 'code', true, true, 'goal', NULL, '依赖目标编号', 'number of the needed goal'),
	('goal_link', 3, 'kind', 'word', false, false, NULL, NULL, '类型', 'link kind'),
	('goal_link', 4, 'strength', 'fraction', false, false, NULL, NULL, '强度', 'strength as a fraction'),
	('goal_link', 5, 'buffer_days', 'number', false, false, NULL, NULL, '缓冲天数', 'days of buffer');
INSERT INTO import_header (kind, header, column_name) VALUES
	('goal_link', 'goal_no', 'from_goal'), ('goal_link', 'needed_goal_no', 'to_goal'),
	('goal_link', '依赖目标', 'to_goal'), ('goal_link', '关联目标编号', 'to_goal');
INSERT INTO import_word (kind, column_name, word, value, locale, word_no) VALUES
	('goal_link', 'kind', '依赖', 'requires', 'zh', 1), ('goal_link', 'kind', '相关', 'relates', 'zh', 2),
	('goal_link', 'kind', 'requires', 'requires', NULL, 3), ('goal_link', 'kind', 'relates', 'relates', NULL, 4);
INSERT INTO import_message (code, locale, template) VALUES
	('self_link', 'zh', '目标依赖自己'),
	('self_link', 'en', '%1$s %2$s is the goal itself'),
	('goal_cancelled', 'zh', '目标 %3$s 已取消'),
	('goal_cancelled', 'en', 'goal %3$s is cancelled');

CREATE FUNCTION import_check_goal_link(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
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
			SELECT ROW(r.record_no, 'from_goal', 'exists', format('%s %s', r.cells[1], r.cells[2]), concat_ws(',',
					CASE WHEN l.kind <> coalesce(r.cells[3], 'requires') THEN 'kind' END,
					CASE WHEN l.strength <> coalesce(r.cells[4]::numeric, 1) THEN 'strength' END,
					CASE WHEN l.buffer_days <> coalesce(r.cells[5]::numeric, 0) THEN 'buffer_days' END))::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN goal f ON f.goal_no = r.cells[1]
				JOIN goal t ON t.goal_no = r.cells[2]
				JOIN goal_link l ON l.from_goal_id = f.goal_id AND l.to_goal_id = t.goal_id), problems) s;
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, rule.column_name, rule.code, NULL, rule.detail)::import_problem
			FROM unnest(fresh) r
			JOIN goal f ON f.goal_no = r.cells[1]
			JOIN cycle fc ON fc.cycle_id = f.cycle_id
			JOIN goal t ON t.goal_no = r.cells[2]
			JOIN cycle tc ON tc.cycle_id = t.cycle_id,
			LATERAL (VALUES
				('to_goal', 'self_link', f.goal_id = t.goal_id, NULL::text),
				('from_goal', 'cycle_closed', fc.state = 'closed', fc.code),
				('to_goal', 'cycle_closed', tc.state = 'closed', tc.code),
				('from_goal', 'goal_cancelled', f.state = 'cancelled', f.goal_no),
				('to_goal', 'goal_cancelled', t.state = 'cancelled', t.goal_no),
				('strength', 'out_of_range', r.cells[4]::numeric NOT BETWEEN 0 AND 1, NULL),
				('buffer_days', 'out_of_range', r.cells[5]::numeric NOT BETWEEN 0 AND 3650 OR r.cells[5]::numeric <> trunc(r.cells[5]::numeric), NULL)
			) AS rule(column_name, code, is_broken, detail)
			WHERE rule.is_broken);
END;
$$;
COMMENT ON FUNCTION import_check_goal_link(import_record[], import_problem[]) IS
	'Import of links: what is there already, open cycles, goals that are not cancelled, and ranges; circles are found when the records land';

CREATE FUNCTION import_land_goal_link(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	landed bigint;
BEGIN
	INSERT INTO goal_link (from_goal_id, to_goal_id, kind, strength, buffer_days, recorded_from)
		SELECT f.goal_id, t.goal_id, coalesce(r.cells[3], 'requires'), coalesce(r.cells[4]::numeric, 1), coalesce(r.cells[5]::numeric, 0), '-infinity'
			FROM unnest(records) r
			JOIN goal f ON f.goal_no = r.cells[1]
			JOIN goal t ON t.goal_no = r.cells[2]
			ORDER BY r.record_no;
	GET DIAGNOSTICS landed = ROW_COUNT;
	PERFORM import_landed(landed, records);
END;
$$;
COMMENT ON FUNCTION import_land_goal_link(import_record[]) IS
	'Import of links: the checked records become rows, known from the beginning; of those that form a circle the last one is refused, with its way';
