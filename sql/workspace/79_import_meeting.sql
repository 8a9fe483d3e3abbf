/*
 * Files about talks: one-to-ones, with what was agreed to do.
 */

INSERT INTO import_kind (name, kind) VALUES
	('meeting', 'meeting'), ('one_to_one', 'meeting'), ('一对一', 'meeting');
INSERT INTO import_column (kind, column_no, column_name, value_type, is_required, is_key, refers_to, max_length, title_zh, title_en) VALUES
	('meeting', 1, 'held_at', 'moment', true, true, NULL, NULL, '时间', 'time'),
	('meeting', 2, 'manager', 'code', true, true, 'employee', NULL, '上级工号', 'manager number'),
	('meeting', 3, 'employee', 'code', true, true, 'employee', NULL, '下属工号', 'employee number'),
	('meeting', 4, 'topic', 'text', true, false, NULL, 200, '议题', 'topic'),
	('meeting', 5, 'minutes', 'text', false, false, NULL, 4000, '纪要', 'minutes'),
	('meeting', 6, 'actions', 'list', false, false, NULL, NULL, '待办', 'actions');
INSERT INTO import_header (kind, header, column_name) VALUES
	('meeting', 'manager_no', 'manager'), ('meeting', 'employee_no', 'employee'), ('meeting', '主题', 'topic'), ('meeting', '会议纪要', 'minutes'),
	('meeting', '待办事项', 'actions');
INSERT INTO import_message (code, locale, template) VALUES
	('not_manager', 'zh', '%2$s 当日不是 %3$s 的直属上级'),
	('not_manager', 'en', '%2$s was not the manager of %3$s on that day'),
	('action_too_long', 'zh', '一条待办超过 200 个字符'),
	('action_too_long', 'en', 'an action has more than 200 characters');

CREATE FUNCTION import_check_meeting(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	fresh import_record[];
	zone text := time_zone();
	end_of_today timestamptz := day_end(today());
BEGIN
	SELECT s.problems, s.unchanged, s.fresh INTO problems, unchanged, fresh
		FROM import_settle(records, ARRAY(
			/* minutes that were corrected later are not news; neither is a talk that was taken back */
			SELECT ROW(r.record_no, 'held_at', 'exists', format('%s %s %s', r.cells[1], r.cells[2], r.cells[3]), concat_ws(',',
					CASE WHEN v.topic <> r.cells[4] THEN 'topic' END,
					CASE WHEN v.minutes IS DISTINCT FROM r.cells[5] THEN 'minutes' END))::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN employee b ON b.employee_no = r.cells[2]
				JOIN employee e ON e.employee_no = r.cells[3]
				JOIN meeting m ON m.manager_id = b.employee_id AND m.employee_id = e.employee_id AND m.held_at = r.cells[1]::timestamptz
				JOIN meeting_minutes v ON v.meeting_id = m.meeting_id AND v.version_no = 1), problems) s;
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, rule.column_name, rule.code, NULL, rule.detail)::import_problem
			FROM unnest(fresh) r
			JOIN employee b ON b.employee_no = r.cells[2]
			JOIN employee e ON e.employee_no = r.cells[3],
			LATERAL (SELECT (r.cells[1]::timestamptz AT TIME ZONE zone)::date AS day) AS held,
			LATERAL (VALUES
				('held_at', 'future', r.cells[1]::timestamptz >= end_of_today, NULL),
				('held_at', 'not_employed', held.day NOT BETWEEN b.hired_on AND coalesce(b.left_on, held.day), b.employee_no::text),
				('held_at', 'not_employed', held.day NOT BETWEEN e.hired_on AND coalesce(e.left_on, held.day), e.employee_no::text),
				('manager', 'not_manager', NOT EXISTS (
					SELECT FROM assignment a WHERE a.employee_id = e.employee_id AND a.manager_id = b.employee_id AND a.during @> held.day), r.cells[3]),
				('actions', 'action_too_long', EXISTS (SELECT FROM unnest(string_to_array(r.cells[6], ';')) AS u(title) WHERE length(u.title) > 200), NULL)
			) AS rule(column_name, code, is_broken, detail)
			WHERE rule.is_broken);
END;
$$;
COMMENT ON FUNCTION import_check_meeting(import_record[], import_problem[]) IS
	'Import of one-to-ones: what is there already, both employed and the one the manager of the other on that day, no future';

CREATE FUNCTION import_land_meeting(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	landed bigint;
BEGIN
	WITH talk AS (
		INSERT INTO meeting AS m (manager_id, employee_id, held_at, recorded_from)
			SELECT b.employee_id, e.employee_id, r.cells[1]::timestamptz, r.cells[1]::timestamptz
				FROM unnest(records) r
				JOIN employee b ON b.employee_no = r.cells[2]
				JOIN employee e ON e.employee_no = r.cells[3]
				ORDER BY r.record_no
			RETURNING m.meeting_id, m.manager_id, m.employee_id, m.held_at
	), said AS MATERIALIZED (
		SELECT t.meeting_id, t.employee_id, t.held_at, r.cells
			FROM talk t
			JOIN employee b ON b.employee_id = t.manager_id
			JOIN employee e ON e.employee_id = t.employee_id
			JOIN unnest(records) r ON r.cells[2] = b.employee_no AND r.cells[3] = e.employee_no AND r.cells[1]::timestamptz = t.held_at
	), written AS (
		INSERT INTO meeting_minutes (meeting_id, version_no, topic, minutes, recorded_at)
			SELECT s.meeting_id, 1, s.cells[4], s.cells[5], s.held_at FROM said s
			RETURNING meeting_id
	), agreed AS (
		INSERT INTO meeting_action (meeting_id, action_no, owner_id, title, recorded_at)
			SELECT s.meeting_id, u.action_no, s.employee_id, u.title, s.held_at
				FROM said s CROSS JOIN unnest(string_to_array(s.cells[6], ';')) WITH ORDINALITY AS u(title, action_no)
	)
	SELECT count(*) INTO landed FROM written;
	PERFORM import_landed(landed, records);
END;
$$;
COMMENT ON FUNCTION import_land_meeting(import_record[]) IS
	'Import of one-to-ones: the checked records become rows, recorded at their own time; each action is the member''s, without a due day';
