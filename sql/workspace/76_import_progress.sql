/*
 * Files about what was done: tasks and check-ins.
 */

INSERT INTO import_kind (name, kind) VALUES
	('task', 'task'), ('任务', 'task'),
	('check_in', 'check_in'), ('打卡', 'check_in');
INSERT INTO import_column (kind, column_no, column_name, value_type, is_required, is_key, refers_to, max_length, title_zh, title_en) VALUES
	('task', 1, 'task_no', 'code', true, true, NULL, 40, '任务编号', 'task number'),
	('task', 2, 'goal', 'code', true, false, 'goal', NULL, '目标编号', 'goal number'),
	('task', 3, 'owner', 'code', true, false, 'employee', NULL, '负责人工号', 'owner number'),
	('task', 4, 'title', 'text', true, false, NULL, 200, '标题', 'task title'),
	('task', 5, 'state', 'word', true, false, NULL, NULL, '状态', 'task state'),
	('task', 6, 'due_on', 'date', false, false, NULL, NULL, '截止日期', 'due date'),
	('task', 7, 'done_at', 'moment', false, false, NULL, NULL, '完成时间', 'time done'),
	('check_in', 1, 'check_in_no', 'code', true, true, NULL, 40, '打卡编号', 'check-in number'),
	('check_in', 2, 'at', 'moment', true, false, NULL, NULL, '时间', 'time'),
	('check_in', 3, 'employee', 'code', true, false, 'employee', NULL, '工号', 'employee number'),
	('check_in', 4, 'goal', 'code', true, false, 'goal', NULL, '目标编号', 'goal number'),
	('check_in', 5, 'actual', 'measure', false, false, NULL, NULL, '实际值', 'actual value'),
	('check_in', 6, 'progress', 'fraction', false, false, NULL, NULL, '进度', 'progress as a fraction'),
	('check_in', 7, 'tasks', 'codes', false, false, 'task', NULL, '完成任务', 'tasks done'),
	('check_in', 8, 'photos', 'list', false, false, NULL, NULL, '照片', 'photo references'),
	('check_in', 9, 'note', 'text', false, false, NULL, 2000, '说明', 'what was said');
INSERT INTO import_header (kind, header, column_name) VALUES
	('task', 'goal_no', 'goal'), ('task', 'owner_no', 'owner'), ('task', '任务标题', 'title'),
	('check_in', 'goal_no', 'goal'), ('check_in', 'employee_no', 'employee'), ('check_in', '打卡时间', 'at'), ('check_in', '备注', 'note');
INSERT INTO import_word (kind, column_name, word, value, locale, word_no) VALUES
	('task', 'state', 'todo', 'todo', NULL, 1), ('task', 'state', 'doing', 'doing', NULL, 2),
	('task', 'state', 'done', 'done', NULL, 3), ('task', 'state', 'blocked', 'blocked', NULL, 4);
INSERT INTO import_message (code, locale, template) VALUES
	('done_without_time', 'zh', '状态为 done 却没有完成时间'),
	('done_without_time', 'en', 'the state is done, but there is no time'),
	('time_without_done', 'zh', '有完成时间,状态却不是 done'),
	('time_without_done', 'en', 'there is a time, but the state is not done'),
	('task_of_other_goal', 'zh', '任务 %3$s 不属于这个目标'),
	('task_of_other_goal', 'en', 'task %3$s is not one of this goal'),
	('photo_too_long', 'zh', '照片引用超过 1000 个字符'),
	('photo_too_long', 'en', 'a photo reference has more than 1000 characters');

CREATE FUNCTION import_check_task(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	fresh import_record[];
	end_of_today timestamptz := day_end(today());
BEGIN
	SELECT s.problems, s.unchanged, s.fresh INTO problems, unchanged, fresh
		FROM import_settle(records, ARRAY(
			SELECT ROW(r.record_no, 'task_no', 'exists', t.task_no, concat_ws(',',
					CASE WHEN g.goal_no <> r.cells[2] THEN 'goal' END,
					CASE WHEN e.employee_no <> r.cells[3] THEN 'owner' END,
					CASE WHEN t.title <> r.cells[4] THEN 'title' END,
					CASE WHEN t.state <> r.cells[5] THEN 'state' END,
					CASE WHEN t.due_on IS DISTINCT FROM r.cells[6]::date THEN 'due_on' END,
					CASE WHEN t.done_at IS DISTINCT FROM r.cells[7]::timestamptz THEN 'done_at' END))::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN task t ON t.task_no = r.cells[1]
				JOIN goal g ON g.goal_id = t.goal_id
				JOIN employee e ON e.employee_id = t.owner_id), problems) s;
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, rule.column_name, rule.code, NULL, rule.detail)::import_problem
			FROM unnest(fresh) r
			JOIN goal g ON g.goal_no = r.cells[2]
			JOIN cycle c ON c.cycle_id = g.cycle_id,
			LATERAL (VALUES
				('goal', 'cycle_closed', c.state = 'closed', c.code::text),
				('done_at', 'done_without_time', r.cells[5] = 'done' AND r.cells[7] IS NULL, NULL),
				('state', 'time_without_done', r.cells[5] <> 'done' AND r.cells[7] IS NOT NULL, NULL),
				('done_at', 'future', r.cells[7]::timestamptz >= end_of_today, NULL)) AS rule(column_name, code, is_broken, detail)
			WHERE rule.is_broken);
END;
$$;
COMMENT ON FUNCTION import_check_task(import_record[], import_problem[]) IS 'Import of tasks: what is there already, open cycles, and a time exactly where a task is done';

CREATE FUNCTION import_land_task(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	landed bigint;
BEGIN
	INSERT INTO task (task_no, goal_id, owner_id, title, state, due_on, done_at)
		SELECT r.cells[1], g.goal_id, e.employee_id, r.cells[4], r.cells[5], r.cells[6]::date, r.cells[7]::timestamptz
			FROM unnest(records) r
			JOIN goal g ON g.goal_no = r.cells[2]
			JOIN employee e ON e.employee_no = r.cells[3]
			ORDER BY r.record_no;
	GET DIAGNOSTICS landed = ROW_COUNT;
	PERFORM import_landed(landed, records);
END;
$$;
COMMENT ON FUNCTION import_land_task(import_record[]) IS 'Import of tasks: the checked records become rows';

CREATE FUNCTION import_photos(photos text)
	RETURNS TABLE (photo_no bigint, uri text, sha256 text, bytes bigint)
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 2
BEGIN ATOMIC
	SELECT u.photo_no, p.uri, p.sha256, p.bytes
		FROM unnest(string_to_array(photos, ';')) WITH ORDINALITY AS u(reference, photo_no), photo_of(u.reference) AS p;
END;
COMMENT ON FUNCTION import_photos(text) IS 'The photos of a cell of references separated by ";", each "URI", "URI#sha256" or "URI#sha256#bytes"';

CREATE FUNCTION import_check_check_in(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	fresh import_record[];
	end_of_today timestamptz := day_end(today());
BEGIN
	SELECT s.problems, s.unchanged, s.fresh INTO problems, unchanged, fresh
		FROM import_settle(records, ARRAY(
			SELECT ROW(r.record_no, 'check_in_no', 'exists', c.check_in_no, concat_ws(',',
					CASE WHEN c.at <> r.cells[2]::timestamptz THEN 'at' END,
					CASE WHEN e.employee_no <> r.cells[3] THEN 'employee' END,
					CASE WHEN g.goal_no <> r.cells[4] THEN 'goal' END,
					CASE WHEN c.actual IS DISTINCT FROM import_measure(r.cells[5]) THEN 'actual' END,
					CASE WHEN c.progress IS DISTINCT FROM r.cells[6]::numeric THEN 'progress' END,
					CASE WHEN t.tasks IS DISTINCT FROM (
							SELECT array_agg(DISTINCT u.task_no ORDER BY u.task_no) FROM unnest(string_to_array(r.cells[7], ';')) AS u(task_no))
						THEN 'tasks' END,
					CASE WHEN p.photos IS DISTINCT FROM (
							SELECT array_agg(ARRAY[i.uri, i.sha256, i.bytes::text] ORDER BY i.photo_no) FROM import_photos(r.cells[8]) AS i)
						THEN 'photos' END,
					CASE WHEN c.note IS DISTINCT FROM r.cells[9] THEN 'note' END))::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN check_in c ON c.check_in_no = r.cells[1]
				JOIN goal g ON g.goal_id = c.goal_id
				JOIN employee e ON e.employee_id = c.employee_id
				LEFT JOIN (
					SELECT x.check_in_id, array_agg(t.task_no::text ORDER BY t.task_no::text) AS tasks
						FROM check_in_task x JOIN task t ON t.task_id = x.task_id GROUP BY x.check_in_id
				) AS t ON t.check_in_id = c.check_in_id
				LEFT JOIN (
					SELECT x.check_in_id, array_agg(ARRAY[x.uri::text, x.sha256::text, x.bytes::text] ORDER BY x.photo_no) AS photos
						FROM check_in_photo x GROUP BY x.check_in_id
				) AS p ON p.check_in_id = c.check_in_id), problems) s;
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, rule.column_name, rule.code, NULL, rule.detail)::import_problem
			FROM unnest(fresh) r
			JOIN goal g ON g.goal_no = r.cells[4]
			JOIN cycle c ON c.cycle_id = g.cycle_id
			LEFT JOIN indicator i ON i.indicator_id = g.indicator_id,
			LATERAL (VALUES
				('goal', 'cycle_closed', c.state = 'closed', c.code::text),
				('goal', 'goal_draft', g.state = 'draft', g.goal_no::text),
				('at', 'future', r.cells[2]::timestamptz >= end_of_today, NULL),
				('actual', 'other_unit', import_has_other_unit(r.cells[5], i.unit), i.unit::text),
				('progress', 'out_of_range', abs(r.cells[6]::numeric) >= 1e6, NULL),
				('photos', 'photo_too_long', EXISTS (SELECT FROM import_photos(r.cells[8]) p WHERE length(p.uri) > 1000), NULL)
			) AS rule(column_name, code, is_broken, detail)
			WHERE rule.is_broken);
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, 'tasks', 'task_of_other_goal', NULL, t.task_no)::import_problem
			FROM unnest(fresh) r
			CROSS JOIN unnest(string_to_array(r.cells[7], ';')) AS u(task_no)
			JOIN task t ON t.task_no = u.task_no
			JOIN goal g ON g.goal_id = t.goal_id
			WHERE g.goal_no <> r.cells[4]);
END;
$$;
COMMENT ON FUNCTION import_check_check_in(import_record[], import_problem[]) IS
	'Import of check-ins: what is there already, open cycles, no future, tasks of the same goal';

CREATE FUNCTION import_land_check_in(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	landed bigint;
BEGIN
	INSERT INTO check_in (check_in_no, goal_id, employee_id, at, actual, progress, note, recorded_at)
		SELECT r.cells[1], g.goal_id, e.employee_id, r.cells[2]::timestamptz, import_measure(r.cells[5]), r.cells[6]::numeric, r.cells[9],
				r.cells[2]::timestamptz
			FROM unnest(records) r
			JOIN goal g ON g.goal_no = r.cells[4]
			JOIN employee e ON e.employee_no = r.cells[3]
			ORDER BY r.record_no;
	GET DIAGNOSTICS landed = ROW_COUNT;
	PERFORM import_landed(landed, records);
	INSERT INTO check_in_task (check_in_id, task_id)
		SELECT DISTINCT c.check_in_id, t.task_id
			FROM unnest(records) r
			JOIN check_in c ON c.check_in_no = r.cells[1]
			CROSS JOIN unnest(string_to_array(r.cells[7], ';')) AS u(task_no)
			JOIN task t ON t.task_no = u.task_no;
	INSERT INTO check_in_photo (check_in_id, photo_no, uri, sha256, bytes)
		SELECT c.check_in_id, p.photo_no, p.uri, p.sha256, p.bytes
			FROM unnest(records) r
			JOIN check_in c ON c.check_in_no = r.cells[1]
			CROSS JOIN import_photos(r.cells[8]) p;
	/* as check_in() does: what was ticked is done */
	UPDATE task t SET state = 'done', done_at = ticked.at
		FROM (
			SELECT u.task_no, min(r.cells[2]::timestamptz) AS at
				FROM unnest(records) r CROSS JOIN unnest(string_to_array(r.cells[7], ';')) AS u(task_no)
				GROUP BY u.task_no
		) AS ticked
		WHERE t.task_no = ticked.task_no AND t.state <> 'done';
END;
$$;
COMMENT ON FUNCTION import_land_check_in(import_record[]) IS
	'Import of check-ins: the checked records become rows with their tasks and photos, recorded at their own time; open tasks that they tick are done';
