/*
 * Files about people: departments, employees, transfers, leave, holidays.
 */

INSERT INTO import_kind (name, kind) VALUES
	('department', 'department'), ('部门', 'department'),
	('employee', 'employee'), ('员工', 'employee'),
	('transfer', 'transfer'), ('调动', 'transfer'),
	('leave', 'leave'), ('请假', 'leave'),
	('holiday', 'holiday'), ('假日', 'holiday'), ('节假日', 'holiday');
INSERT INTO import_column (kind, column_no, column_name, value_type, is_required, is_key, refers_to, max_length, title_zh, title_en) VALUES
	('department', 1, 'code', 'code', true, true, NULL, 40, '部门编码', 'department code'),
	('department', 2, 'name', 'name', true, false, NULL, 100, '部门名称', 'department name'),
	('department', 3, 'parent', 'code', false, false, 'department', NULL, '上级部门', 'parent department'),
	('employee', 1, 'employee_no', 'code', true, true, NULL, 40, '工号', 'employee number'),
	('employee', 2, 'name', 'name', true, false, NULL, 100, '姓名', 'full name'),
	('employee', 3, 'department', 'code', true, false, 'department', NULL, '部门', 'department code'),
	('employee', 4, 'job_title', 'text', false, false, NULL, 100, '岗位', 'position'),
	('employee', 5, 'manager', 'code', false, false, 'employee', NULL, '上级', 'manager number'),
	('employee', 6, 'hired_on', 'date', true, false, NULL, NULL, '入职日期', 'hiring date'),
	('employee', 7, 'left_on', 'date', false, false, NULL, NULL, '离职日期', 'leaving date'),
	('transfer', 1, 'employee', 'code', true, true, 'employee', NULL, '工号', 'employee number'),
	('transfer', 2, 'department', 'code', true, false, 'department', NULL, '新部门', 'new department'),
	('transfer', 3, 'manager', 'code', false, false, 'employee', NULL, '新上级', 'new manager'),
	('transfer', 4, 'effective_on', 'date', true, true, NULL, NULL, '生效日期', 'effective date'),
	('leave', 1, 'employee', 'code', true, true, 'employee', NULL, '工号', 'employee number'),
	('leave', 2, 'starts_on', 'date', true, true, NULL, NULL, '开始', 'first day'),
	('leave', 3, 'ends_on', 'date', true, true, NULL, NULL, '结束', 'last day'),
	('leave', 4, 'reason', 'text', false, false, NULL, 200, '原因', 'leave reason'),
	('holiday', 1, 'day', 'date', true, true, NULL, NULL, '日期', 'date'),
	('holiday', 2, 'is_working', 'word', false, false, NULL, NULL, '是否上班', 'working day'),
	('holiday', 3, 'name', 'name', false, false, NULL, 100, '名称', 'holiday');
INSERT INTO import_header (kind, header, column_name) VALUES
	('department', '编码', 'code'), ('department', '名称', 'name'), ('department', '上级部门编码', 'parent'),
	('employee', '员工编号', 'employee_no'), ('employee', '部门编码', 'department'), ('employee', '职位', 'job_title'),
	('employee', '直属上级工号', 'manager'), ('employee', '直属上级', 'manager'), ('employee', '上级工号', 'manager'),
	('transfer', 'employee_no', 'employee'), ('transfer', '新部门编码', 'department'), ('transfer', '新上级工号', 'manager'),
	('leave', 'employee_no', 'employee'), ('leave', '开始日期', 'starts_on'), ('leave', '结束日期', 'ends_on');
INSERT INTO import_word (kind, column_name, word, value, locale, word_no) VALUES
	('holiday', 'is_working', '是', 'true', 'zh', 1), ('holiday', 'is_working', '否', 'false', 'zh', 2),
	('holiday', 'is_working', '上班', 'true', 'zh', 3), ('holiday', 'is_working', '休息', 'false', 'zh', 4),
	('holiday', 'is_working', 'true', 'true', 'en', 5), ('holiday', 'is_working', 'false', 'false', 'en', 6),
	('holiday', 'is_working', 'yes', 'true', 'en', 7), ('holiday', 'is_working', 'no', 'false', 'en', 8);
INSERT INTO import_message (code, locale, template) VALUES
	('left_before_hired', 'zh', '离职日期早于入职日期'),
	('left_before_hired', 'en', '%1$s %2$s is before the hiring'),
	('not_employed', 'zh', '%3$s 在 %2$s 不在职'),
	('not_employed', 'en', '%3$s is not employed on %2$s'),
	('ends_before_start', 'zh', '%1$s早于开始日期'),
	('ends_before_start', 'en', '%1$s %2$s is before the first day');

CREATE FUNCTION import_check_department(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
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
			SELECT ROW(r.record_no, 'code', 'exists', d.code, concat_ws(',',
					CASE WHEN d.name <> r.cells[2] THEN 'name' END,
					CASE WHEN p.code IS DISTINCT FROM r.cells[3] THEN 'parent' END))::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN department d ON d.code = r.cells[1]
				LEFT JOIN department p ON p.department_id = d.parent_id), problems) s;
	problems := problems || import_tree('department', records, fresh, 1, 3, 'parent');
END;
$$;
COMMENT ON FUNCTION import_check_department(import_record[], import_problem[]) IS 'Import of departments: what is there already, and the tree';

CREATE FUNCTION import_land_department(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
	WITH numbered AS MATERIALIZED (
		SELECT r.*, nextval(pg_get_serial_sequence('department', 'department_id')) AS key FROM unnest(records) r
	)
	INSERT INTO department (department_id, code, name, parent_id)
		SELECT n.key, n.cells[1], n.cells[2], CASE WHEN n.cells[3] IS NOT NULL THEN coalesce(p.key, department_id_of(n.cells[3])) END
			FROM numbered n LEFT JOIN numbered p ON p.cells[1] = n.cells[3];
END;
$$;
COMMENT ON FUNCTION import_land_department(import_record[]) IS 'Import of departments: the checked records become rows';

CREATE FUNCTION import_check_employee(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	fresh import_record[];
BEGIN
	/* the file says where people began: transfers since then make no difference */
	SELECT s.problems, s.unchanged, s.fresh INTO problems, unchanged, fresh
		FROM import_settle(records, ARRAY(
			SELECT ROW(r.record_no, 'employee_no', 'exists', e.employee_no, concat_ws(',',
					CASE WHEN e.name <> r.cells[2] THEN 'name' END,
					CASE WHEN d.code IS DISTINCT FROM r.cells[3] THEN 'department' END,
					CASE WHEN e.job_title IS DISTINCT FROM r.cells[4] THEN 'job_title' END,
					CASE WHEN m.employee_no IS DISTINCT FROM r.cells[5] THEN 'manager' END,
					CASE WHEN e.hired_on <> r.cells[6]::date THEN 'hired_on' END,
					CASE WHEN e.left_on IS DISTINCT FROM r.cells[7]::date THEN 'left_on' END))::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN employee e ON e.employee_no = r.cells[1]
				LEFT JOIN (
					SELECT DISTINCT ON (v.employee_id) v.employee_id, v.department_id, v.manager_id
						FROM (
							SELECT a.employee_id, a.department_id, a.manager_id, a.during, a.recorded_from FROM assignment a
							UNION ALL
							SELECT a.employee_id, a.department_id, a.manager_id, a.during, h.recorded_from
								FROM history h, jsonb_populate_record(NULL::assignment, h.old_row) a WHERE h.table_name = 'assignment'
						) AS v
						ORDER BY v.employee_id, lower(v.during), v.recorded_from
				) AS began ON began.employee_id = e.employee_id
				LEFT JOIN department d ON d.department_id = began.department_id
				LEFT JOIN employee m ON m.employee_id = began.manager_id), problems) s;
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, 'left_on', 'left_before_hired', NULL, NULL)::import_problem
			FROM unnest(fresh) r WHERE r.cells[7]::date < r.cells[6]::date);
	problems := problems || import_tree('employee', records, import_clean(fresh, problems), 1, 5, 'manager');
END;
$$;
COMMENT ON FUNCTION import_check_employee(import_record[], import_problem[]) IS 'Import of employees: what is there already, days in order, and the tree of managers';

CREATE FUNCTION import_land_employee(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	landed bigint;
BEGIN
	INSERT INTO employee (employee_no, name, job_title, hired_on, left_on)
		SELECT r.cells[1], r.cells[2], r.cells[4], r.cells[6]::date, r.cells[7]::date
			FROM unnest(records) r ORDER BY r.record_no;
	INSERT INTO assignment (employee_id, department_id, manager_id, during, recorded_from)
		SELECT e.employee_id, d.department_id, CASE WHEN r.cells[5] IS NOT NULL THEN coalesce(m.employee_id, employee_id_of(r.cells[5])) END,
				daterange(e.hired_on, e.left_on + 1), '-infinity'
			FROM unnest(records) r
			JOIN employee e ON e.employee_no = r.cells[1]
			JOIN department d ON d.code = r.cells[3]
			LEFT JOIN employee m ON m.employee_no = r.cells[5]
			ORDER BY r.record_no;
	GET DIAGNOSTICS landed = ROW_COUNT;
	PERFORM import_landed(landed, records);
END;
$$;
COMMENT ON FUNCTION import_land_employee(import_record[]) IS 'Import of employees: the checked records become rows, each with a first assignment that is known from the beginning';

/*
 * Transfers.  Each one is known from the day on which it takes effect.
 */
CREATE FUNCTION import_check_transfer(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	fresh import_record[];
	circles import_problem[];
BEGIN
	SELECT s.problems, s.unchanged, s.fresh INTO problems, unchanged, fresh
		FROM import_settle(records, ARRAY(
			SELECT ROW(r.record_no, 'employee', 'exists', format('%s %s', r.cells[1], r.cells[4]), concat_ws(',',
					CASE WHEN d.code <> r.cells[2] THEN 'department' END,
					CASE WHEN m.employee_no IS DISTINCT FROM r.cells[3] THEN 'manager' END))::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN employee e ON e.employee_no = r.cells[1]
				JOIN assignment a ON a.employee_id = e.employee_id AND lower(a.during) = r.cells[4]::date
				JOIN department d ON d.department_id = a.department_id
				LEFT JOIN employee m ON m.employee_id = a.manager_id), problems) s;
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, rule.column_name, rule.code, NULL, r.cells[1])::import_problem
			FROM unnest(fresh) r
			JOIN employee e ON e.employee_no = r.cells[1]
			LEFT JOIN assignment a ON a.employee_id = e.employee_id AND a.during @> r.cells[4]::date,
				LATERAL (VALUES
					('effective_on', 'not_employed', a.assignment_id IS NULL),
					('manager', 'self_parent', r.cells[3] = r.cells[1])) AS rule(column_name, code, is_broken)
			WHERE rule.is_broken);
	/* whom everybody works for once the file has landed; rejecting some may mend or break others */
	LOOP
		WITH RECURSIVE move AS MATERIALIZED (
			SELECT r.record_no, r.cells[4]::date AS starts_on, e.employee_id, m.employee_id AS manager_id
				FROM unnest(import_clean(fresh, problems)) r
				JOIN employee e ON e.employee_no = r.cells[1]
				LEFT JOIN employee m ON m.employee_no = r.cells[3]
		), span AS MATERIALIZED (
			SELECT s.record_no, s.employee_id, s.manager_id,
					daterange(s.starts_on, least(s.until, lead(s.starts_on) OVER (PARTITION BY s.employee_id ORDER BY s.starts_on))) AS during
				FROM (
					SELECT NULL AS record_no, a.employee_id, a.manager_id, lower(a.during) AS starts_on, upper(a.during) AS until FROM assignment a
					UNION ALL
					SELECT m.record_no, m.employee_id, m.manager_id, m.starts_on, upper(a.during)
						FROM move m JOIN assignment a ON a.employee_id = m.employee_id AND a.during @> m.starts_on
				) AS s
		), up AS (
			SELECT s.record_no, s.employee_id, s.during, s.manager_id AS reached, ARRAY[e.employee_no::text, b.employee_no::text] AS path
				FROM span s
				JOIN employee e ON e.employee_id = s.employee_id
				JOIN employee b ON b.employee_id = s.manager_id
				WHERE s.record_no IS NOT NULL
			UNION ALL
			SELECT u.record_no, u.employee_id, u.during * s.during, s.manager_id, u.path || b.employee_no::text
				FROM up u
				JOIN span s ON s.employee_id = u.reached AND s.during && u.during
				JOIN employee b ON b.employee_id = s.manager_id
				WHERE u.reached <> u.employee_id AND cardinality(u.path) < 100
		)
		SELECT array_agg(ROW(c.record_no, 'manager', 'parent_cycle', NULL, c.path)::import_problem ORDER BY c.record_no)
			INTO circles
			FROM (
				SELECT DISTINCT ON (u.record_no) u.record_no, array_to_string(u.path, ' → ') AS path
					FROM up u WHERE u.reached = u.employee_id ORDER BY u.record_no, lower(u.during)
			) AS c;
		EXIT WHEN circles IS NULL;
		problems := problems || circles;
	END LOOP;
END;
$$;
COMMENT ON FUNCTION import_check_transfer(import_record[], import_problem[]) IS
	'Import of transfers: what is there already, employment on that day, and nobody above themselves';

CREATE FUNCTION import_land_transfer(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	moment timestamptz := workspace_now();
	landed bigint;
BEGIN
	/* the assignment in force on the day is cut there; several days in one make a chain */
	WITH move AS MATERIALIZED (
		SELECT a.assignment_id, a.employee_id, d.department_id, CASE WHEN r.cells[3] IS NOT NULL THEN employee_id_of(r.cells[3]) END AS manager_id,
				a.during, day.starts_on, greatest(a.recorded_from, least(day_end(day.starts_on - 1), moment)) AS known_from,
				row_number() OVER piece AS place, lead(day.starts_on) OVER piece AS next_on
			FROM unnest(records) r
			JOIN employee e ON e.employee_no = r.cells[1]
			JOIN department d ON d.code = r.cells[2]
			CROSS JOIN LATERAL (SELECT r.cells[4]::date AS starts_on) AS day
			JOIN assignment a ON a.employee_id = e.employee_id AND a.during @> day.starts_on AND lower(a.during) < day.starts_on
			WINDOW piece AS (PARTITION BY a.assignment_id ORDER BY day.starts_on)
	), cut AS (
		UPDATE assignment a SET during = daterange(lower(a.during), m.starts_on), recorded_from = m.known_from
			FROM move m WHERE m.assignment_id = a.assignment_id AND m.place = 1
	)
	INSERT INTO assignment (employee_id, department_id, manager_id, during, recorded_from)
		SELECT m.employee_id, m.department_id, m.manager_id, daterange(m.starts_on, coalesce(m.next_on, upper(m.during))), m.known_from
			FROM move m ORDER BY m.starts_on, m.employee_id;
	GET DIAGNOSTICS landed = ROW_COUNT;
	PERFORM import_landed(landed, records);
END;
$$;
COMMENT ON FUNCTION import_land_transfer(import_record[]) IS 'Import of transfers: assignments are cut at the days of the checked records; each cut is known from its day on';

CREATE FUNCTION import_check_leave(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	fresh import_record[];
	entry record;
	present_no text;
	taken datemultirange;
	shared datemultirange;
BEGIN
	SELECT s.problems, s.unchanged, s.fresh INTO problems, unchanged, fresh
		FROM import_settle(records, ARRAY(
			SELECT ROW(r.record_no, 'employee', 'exists', format('%s %s', r.cells[1], r.cells[2]),
					CASE WHEN l.reason IS DISTINCT FROM r.cells[4] THEN 'reason' ELSE '' END)::import_problem
				FROM unnest(import_clean(records, problems)) r
				JOIN employee e ON e.employee_no = r.cells[1]
				JOIN leave l ON l.employee_id = e.employee_id AND lower(l.during) = r.cells[2]::date AND upper(l.during) - 1 = r.cells[3]::date), problems) s;
	problems := problems || ARRAY(
		SELECT ROW(r.record_no, 'ends_on', 'ends_before_start', NULL, NULL)::import_problem
			FROM unnest(fresh) r WHERE r.cells[3]::date < r.cells[2]::date);
	/* the first record to claim a day keeps it */
	FOR entry IN
		SELECT r.record_no, r.cells[1] AS employee_no, r.cells[2] AS starts_on, datemultirange(daterange(r.cells[2]::date, r.cells[3]::date, '[]')) AS days
			FROM unnest(import_clean(fresh, problems)) r ORDER BY r.cells[1], r.record_no
	LOOP
		IF present_no IS DISTINCT FROM entry.employee_no THEN
			present_no := entry.employee_no;
			SELECT coalesce(range_agg(l.during), '{}') INTO taken
				FROM leave l JOIN employee e ON e.employee_id = l.employee_id WHERE e.employee_no = present_no;
		END IF;
		shared := taken * entry.days;
		IF isempty(shared) THEN
			taken := taken + entry.days;
		ELSE
			problems := problems || ROW(entry.record_no, 'starts_on', 'overlap', NULL,
				format('%s–%s', lower(shared), upper(shared) - 1))::import_problem;
		END IF;
	END LOOP;
END;
$$;
COMMENT ON FUNCTION import_check_leave(import_record[], import_problem[]) IS 'Import of leave: what is there already, days in order, and none taken twice';

CREATE FUNCTION import_land_leave(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	landed bigint;
BEGIN
	INSERT INTO leave (employee_id, during, reason, recorded_at)
		SELECT e.employee_id, daterange(r.cells[2]::date, r.cells[3]::date, '[]'), r.cells[4], '-infinity'
			FROM unnest(records) r JOIN employee e ON e.employee_no = r.cells[1]
			ORDER BY r.record_no;
	GET DIAGNOSTICS landed = ROW_COUNT;
	PERFORM import_landed(landed, records);
END;
$$;
COMMENT ON FUNCTION import_land_leave(import_record[]) IS 'Import of leave: the checked records become rows, known from the beginning';

CREATE FUNCTION import_check_holiday(records import_record[], INOUT problems import_problem[], OUT unchanged integer[])
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
	SELECT s.problems, s.unchanged INTO problems, unchanged
		FROM import_settle(records, ARRAY(
			SELECT ROW(r.record_no, 'day', 'exists', r.cells[1], concat_ws(',',
					CASE WHEN h.is_working <> coalesce(r.cells[2]::boolean, false) THEN 'is_working' END,
					CASE WHEN h.name IS DISTINCT FROM r.cells[3] THEN 'name' END))::import_problem
				FROM unnest(import_clean(records, problems)) r JOIN holiday h ON h.day = r.cells[1]::date), problems) s;
END;
$$;
COMMENT ON FUNCTION import_check_holiday(import_record[], import_problem[]) IS 'Import of holidays: what is there already';

CREATE FUNCTION import_land_holiday(records import_record[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
	INSERT INTO holiday (day, is_working, name)
		SELECT r.cells[1]::date, coalesce(r.cells[2]::boolean, false), r.cells[3] FROM unnest(records) r ORDER BY r.record_no;
END;
$$;
COMMENT ON FUNCTION import_land_holiday(import_record[]) IS 'Import of holidays: the checked records become rows; without a word for it a day off';
