/*
 * What every kind of file needs: columns found by their headers, cells read,
 * references looked up, double records and trees checked, records landed,
 * faults reported.
 */

CREATE FUNCTION import_fields(kind text, headers text[])
	RETURNS import_field[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	language text := setting_text('locale');
	known text;
	strays text;
	doubled text;
	result import_field[];
	missing text;
BEGIN
	SELECT string_agg(CASE language WHEN 'zh' THEN c.title_zh ELSE c.title_en END || CASE WHEN c.is_required THEN '*' ELSE '' END, ', ' ORDER BY c.column_no)
		INTO known FROM import_column c WHERE c.kind = import_fields.kind;
	WITH synonym AS (
		SELECT import_header_key(s.header) AS header_key, c.column_no
			FROM import_column c, LATERAL (
				VALUES (c.column_name), (c.title_zh), (c.title_en)
				UNION ALL
				SELECT h.header FROM import_header h WHERE h.kind = c.kind AND h.column_name = c.column_name) AS s(header)
			WHERE c.kind = import_fields.kind
	), named AS (
		SELECT u.header, u.place::integer, min(s.column_no) AS column_no
			FROM unnest(headers) WITH ORDINALITY AS u(header, place)
			LEFT JOIN synonym s ON s.header_key = import_header_key(u.header)
			WHERE u.place <= (SELECT max(w.place) FROM unnest(headers) WITH ORDINALITY AS w(header, place) WHERE w.header IS NOT NULL)
			GROUP BY u.header, u.place
	)
	SELECT (SELECT string_agg(format('"%s"', coalesce(left(s.header, 60), '')), ', ' ORDER BY s.place)
				FROM (SELECT n.header, n.place FROM named n WHERE n.column_no IS NULL ORDER BY n.place LIMIT 20) AS s),
			(SELECT min(n.header) FROM named n GROUP BY n.column_no HAVING n.column_no IS NOT NULL AND count(*) > 1 LIMIT 1),
			array_agg(ROW(c.column_no, c.column_name, c.value_type, c.is_required, c.is_key, c.refers_to, c.max_length,
				CASE language WHEN 'zh' THEN c.title_zh ELSE c.title_en END, n.header, n.place)::import_field ORDER BY c.column_no)
		INTO strays, doubled, result
		FROM import_column c LEFT JOIN named n ON n.column_no = c.column_no
		WHERE c.kind = import_fields.kind;
	IF NOT EXISTS (SELECT FROM unnest(result) f WHERE f.place IS NOT NULL) THEN
		RAISE EXCEPTION 'the first line names no column of kind "%"', kind
			USING ERRCODE = 'invalid_parameter_value', DETAIL = format('It begins with %s.', strays),
				HINT = format('Columns are %s (* required). Where the text looks garbled, name the encoding of the file.', known);
	END IF;
	IF strays IS NOT NULL THEN
		RAISE EXCEPTION 'kind "%" has no column %', kind, strays
			USING ERRCODE = 'invalid_parameter_value',
				HINT = format('Columns are %s (* required). The table import_header takes further headers for them.', known);
	END IF;
	IF doubled IS NOT NULL THEN
		RAISE EXCEPTION 'column "%" stands in the first line twice', doubled USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT string_agg(f.title, ', ' ORDER BY f.column_no) INTO missing FROM unnest(result) f WHERE f.is_required AND f.place IS NULL;
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION 'a file of kind "%" needs the column %', kind, missing
			USING ERRCODE = 'invalid_parameter_value', HINT = format('Columns are %s (* required).', known);
	END IF;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION import_fields(text, text[]) IS
	'The columns of a kind with their places in a file, found by its header cells in any order. Error: 22023 a header that means no column, one that stands twice, or a required one missing';

CREATE FUNCTION import_clean(records import_record[], problems import_problem[])
	RETURNS import_record[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
	IF coalesce(cardinality(problems), 0) = 0 THEN
		RETURN records;
	END IF;
	RETURN ARRAY(
		SELECT r FROM unnest(records) r
			WHERE NOT EXISTS (SELECT FROM unnest(problems) p WHERE p.record_no = r.record_no)
			ORDER BY r.record_no);
END;
$$;
COMMENT ON FUNCTION import_clean(import_record[], import_problem[]) IS 'The records without a problem';

CREATE FUNCTION import_ragged(records import_record[], fields import_field[])
	RETURNS import_problem[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	width integer := (SELECT max(f.place) FROM unnest(fields) f);
BEGIN
	/* a spreadsheet may put empty cells behind the last column */
	RETURN ARRAY(
		SELECT ROW(r.record_no, NULL, CASE WHEN cardinality(r.cells) < width THEN 'too_few_cells' ELSE 'too_many_cells' END,
				cardinality(r.cells), width)::import_problem
			FROM unnest(records) r
			WHERE cardinality(r.cells) <> width
				AND (cardinality(r.cells) < width OR EXISTS (SELECT FROM unnest(r.cells[width + 1:]) c WHERE c IS NOT NULL))
			ORDER BY r.record_no);
END;
$$;
COMMENT ON FUNCTION import_ragged(import_record[], import_field[]) IS 'Records with more or fewer cells than the header';

CREATE FUNCTION import_parse(kind text, records import_record[], fields import_field[])
	RETURNS import_record[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	zone text := time_zone();
BEGIN
	RETURN ARRAY(
		SELECT ROW(r.record_no, r.line, NULL,
				ARRAY(SELECT CASE WHEN r.cells[f.place] IS NULL THEN NULL
						WHEN f.value_type = 'word' THEN (
							SELECT w.value FROM import_word w
							WHERE w.kind = import_parse.kind AND w.column_name = f.column_name AND lower(w.word) = lower(normalize(r.cells[f.place], NFKC)))
						ELSE import_value(f.value_type, r.cells[f.place], f.max_length, zone) END
					FROM unnest(fields) f))::import_record
			FROM unnest(records) r);
END;
$$;
COMMENT ON FUNCTION import_parse(text, import_record[], import_field[]) IS 'The records with their cells read as values, in the order of import_column; NULL for an empty cell or one that cannot be read';

CREATE FUNCTION import_faults(kind text, raw import_record[], parsed import_record[], fields import_field[])
	RETURNS import_problem[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	language text := setting_text('locale');
BEGIN
	RETURN ARRAY(
		SELECT ROW(r.record_no, f.column_name, CASE WHEN r.cells[f.place] IS NULL THEN 'missing' ELSE fault.code END, NULL,
				CASE WHEN fault.code = 'not_word' THEN (
					SELECT string_agg(w.word, CASE language WHEN 'zh' THEN '、' ELSE ', ' END ORDER BY w.word_no)
						FROM import_word w
						WHERE w.kind = import_faults.kind AND w.column_name = f.column_name AND coalesce(w.locale, language) = language)
					ELSE fault.detail END)::import_problem
			FROM unnest(parsed) p
			JOIN unnest(raw) r ON r.record_no = p.record_no
			CROSS JOIN unnest(fields) f
			LEFT JOIN LATERAL import_fault(f.value_type, r.cells[f.place], f.max_length) AS fault ON r.cells[f.place] IS NOT NULL
			WHERE p.cells[f.column_no] IS NULL AND (r.cells[f.place] IS NOT NULL OR f.is_required)
			ORDER BY r.record_no, f.column_no);
END;
$$;
COMMENT ON FUNCTION import_faults(text, import_record[], import_record[], import_field[]) IS 'Cells that could not be read, and required ones that are empty';

CREATE FUNCTION import_settle(
	records import_record[], present import_problem[], INOUT problems import_problem[], OUT unchanged integer[], OUT fresh import_record[])
	RETURNS record
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
	fresh := import_clean(records, problems || present);
	unchanged := ARRAY(SELECT f.record_no FROM unnest(present) f WHERE f.detail = '');
	problems := problems || ARRAY(SELECT f FROM unnest(present) f WHERE f.detail <> '' ORDER BY f.record_no);
END;
$$;
COMMENT ON FUNCTION import_settle(import_record[], import_problem[], import_problem[]) IS
	'Parts records without a problem: present are those that the tables hold already, with the columns in which they differ as detail (none: unchanged), fresh are the others';

CREATE FUNCTION import_landed(rows_landed bigint, records import_record[])
	RETURNS void
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	IF rows_landed <> cardinality(records) THEN
		RAISE EXCEPTION 'a row that is referred to has changed meanwhile' USING ERRCODE = 'no_data_found';
	END IF;
END;
$$;
COMMENT ON FUNCTION import_landed(bigint, import_record[]) IS 'Raises P0002 where not every record has become a row: what it refers to was there when it was checked';

CREATE FUNCTION import_present(target text, codes text[])
	RETURNS SETOF text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
	CASE target
		WHEN 'department' THEN RETURN QUERY SELECT t.code::text FROM department t WHERE t.code = ANY (codes);
		WHEN 'employee' THEN RETURN QUERY SELECT t.employee_no::text FROM employee t WHERE t.employee_no = ANY (codes);
		WHEN 'cycle' THEN RETURN QUERY SELECT t.code::text FROM cycle t WHERE t.code = ANY (codes);
		WHEN 'indicator' THEN RETURN QUERY SELECT t.code::text FROM indicator t WHERE t.code = ANY (codes);
		WHEN 'goal' THEN RETURN QUERY SELECT t.goal_no::text FROM goal t WHERE t.goal_no = ANY (codes);
		WHEN 'task' THEN RETURN QUERY SELECT t.task_no::text FROM task t WHERE t.task_no = ANY (codes);
		WHEN 'check_in' THEN RETURN QUERY SELECT t.check_in_no::text FROM check_in t WHERE t.check_in_no = ANY (codes);
	END CASE;
END;
$$;
COMMENT ON FUNCTION import_present(text, text[]) IS 'Those of some codes or numbers that are known in a table, named as in import_column.refers_to';

CREATE FUNCTION import_unknown(kind text, records import_record[], fields import_field[])
	RETURNS import_problem[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	f import_field;
	separator text;
	result import_problem[];
BEGIN
	FOREACH f IN ARRAY fields LOOP
		CONTINUE WHEN f.refers_to IS NULL OR f.refers_to = kind OR f.place IS NULL;
		separator := CASE f.value_type WHEN 'codes' THEN ';' END;
		/* without a separator, string_to_array would give characters */
		WITH used AS MATERIALIZED (
			SELECT r.record_no, c.code
				FROM unnest(records) r,
					unnest(CASE WHEN separator IS NULL THEN ARRAY[r.cells[f.column_no]] ELSE string_to_array(r.cells[f.column_no], separator) END) AS c(code)
				WHERE r.cells[f.column_no] IS NOT NULL
		)
		SELECT result || array_agg(ROW(u.record_no, f.column_name, 'unknown', u.code, NULL)::import_problem ORDER BY u.record_no)
			INTO result
			FROM used u
			LEFT JOIN import_present(f.refers_to, ARRAY(SELECT DISTINCT u2.code FROM used u2)) AS t(code) ON t.code = u.code
			WHERE t.code IS NULL;
	END LOOP;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION import_unknown(text, import_record[], import_field[]) IS 'Values that refer to nothing known; references among the records of the file itself are left to import_tree';

CREATE FUNCTION import_duplicates(records import_record[], fields import_field[])
	RETURNS import_problem[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	key_columns integer[] := ARRAY(SELECT f.column_no FROM unnest(fields) f WHERE f.is_key ORDER BY f.column_no);
	first_name text := (SELECT f.column_name FROM unnest(fields) f WHERE f.is_key ORDER BY f.column_no LIMIT 1);
BEGIN
	RETURN ARRAY(
		SELECT ROW(k.record_no, first_name, 'duplicate', array_to_string(k.record_key, ' '), k.first_no)::import_problem
			FROM (
				SELECT r.record_no, s.record_key, min(r.record_no) OVER (PARTITION BY s.record_key) AS first_no
					FROM unnest(records) r,
						LATERAL (SELECT ARRAY(SELECT r.cells[c] FROM unnest(key_columns) c) AS record_key) AS s
					WHERE array_position(s.record_key, NULL) IS NULL
			) AS k
			WHERE k.record_no > k.first_no
			ORDER BY k.record_no);
END;
$$;
COMMENT ON FUNCTION import_duplicates(import_record[], import_field[]) IS 'Records whose key stands further up in the file: the first one is kept';

/*
 * Trees: parents may stand in the table or anywhere in the file.
 */
CREATE FUNCTION import_tree(kind text, records import_record[], fresh import_record[], key_no integer, parent_no integer, column_name text)
	RETURNS import_problem[]
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	result import_problem[];
	nodes text[];
	nexts text[];
	ahead text[];
BEGIN
	/* parents that are not among the fresh records and not in the table, and everything below them */
	WITH RECURSIVE node AS MATERIALIZED (
		SELECT r.record_no, r.cells[key_no] AS own, r.cells[parent_no] AS parent FROM unnest(fresh) r
	), broken AS (
		SELECT n.record_no, n.own, n.parent, CASE
				WHEN n.parent = n.own THEN 'self_parent'
				WHEN EXISTS (SELECT FROM unnest(records) r WHERE r.cells[key_no] = n.parent) THEN 'parent_rejected'
				ELSE 'unknown' END AS code
			FROM node n
			LEFT JOIN node p ON p.own = n.parent AND p.own <> n.own
			LEFT JOIN import_present(kind, ARRAY(SELECT DISTINCT n2.parent FROM node n2)) AS t(code) ON t.code = n.parent
			WHERE n.parent IS NOT NULL AND p.own IS NULL AND t.code IS NULL
		UNION ALL
		SELECT n.record_no, n.own, n.parent, 'parent_rejected'
			FROM broken b JOIN node n ON n.parent = b.own AND n.parent <> n.own
	)
	SELECT array_agg(ROW(b.record_no, column_name, b.code, b.parent, NULL)::import_problem ORDER BY b.record_no) INTO result FROM broken b;

	/* what is left and not reached from above hangs on a cycle */
	WITH RECURSIVE node AS MATERIALIZED (
		SELECT r.record_no, r.cells[key_no] AS own, r.cells[parent_no] AS parent FROM unnest(import_clean(fresh, result)) r
	), reached AS (
		SELECT n.own FROM node n WHERE NOT EXISTS (SELECT FROM node p WHERE p.own = n.parent)
		UNION ALL
		SELECT n.own FROM reached a JOIN node n ON n.parent = a.own
	)
	SELECT array_agg(n.own ORDER BY n.own), array_agg(n.parent ORDER BY n.own) INTO nodes, nexts
		FROM node n WHERE NOT EXISTS (SELECT FROM reached a WHERE a.own = n.own);
	IF nodes IS NULL THEN
		RETURN result;
	END IF;

	/* so many steps up as there are nodes, by doubling, end on a cycle and nowhere else */
	ahead := nexts;
	FOR step IN 0 .. ceil(log(2, cardinality(nodes)))::integer LOOP
		SELECT array_agg(b.next ORDER BY a.own) INTO ahead
			FROM unnest(nodes, ahead) AS a(own, next) JOIN unnest(nodes, ahead) AS b(own, next) ON b.own = a.next;
	END LOOP;
	WITH RECURSIVE edge AS MATERIALIZED (
		SELECT e.own, e.next, e.own IN (SELECT unnest(ahead)) AS on_cycle FROM unnest(nodes, nexts) AS e(own, next)
	), walk AS (
		SELECT e.own, e.next, ARRAY[e.own, e.next] AS path FROM edge e WHERE e.on_cycle
		UNION ALL
		SELECT w.own, e.next, w.path || e.next FROM walk w JOIN edge e ON e.own = w.next WHERE w.next <> w.own AND cardinality(w.path) <= 10
	)
	SELECT result || array_agg(
			CASE WHEN e.on_cycle THEN ROW(r.record_no, column_name, 'parent_cycle', e.next, w.path)::import_problem
				ELSE ROW(r.record_no, column_name, 'parent_rejected', e.next, NULL)::import_problem END ORDER BY r.record_no)
		INTO result
		FROM edge e
		JOIN unnest(fresh) r ON r.cells[key_no] = e.own
		LEFT JOIN (
			SELECT DISTINCT ON (v.own) v.own, array_to_string(v.path, ' → ') || CASE WHEN v.next <> v.own THEN ' → …' ELSE '' END AS path
				FROM walk v ORDER BY v.own, cardinality(v.path) DESC
		) AS w ON w.own = e.own;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION import_tree(text, import_record[], import_record[], integer, integer, text) IS
	'Fresh records (clean so far and not in the table yet) whose parent is unknown, rejected in the same file, the record itself, or above it in a circle';

/*
 * Landing: all at once; where a trigger or constraint still objects, by halves
 * until the records at fault stand alone.
 */
CREATE FUNCTION import_land(kind text, records import_record[])
	RETURNS import_problem[]
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	waiting import_record[] := records;
	refused import_record[];
	/* ranges of waiting records; the last one is next */
	firsts integer[];
	lasts integer[];
	top integer;
	middle integer;
	landed boolean;
	message text;
	explanation text;
	result import_problem[];
BEGIN
	WHILE cardinality(waiting) > 0 LOOP
		firsts := ARRAY[1];
		lasts := ARRAY[cardinality(waiting)];
		top := 1;
		landed := false;
		refused := '{}';
		result := '{}';
		WHILE top > 0 LOOP
			BEGIN
				EXECUTE format('SELECT %I($1)', 'import_land_' || kind) USING waiting[firsts[top]:lasts[top]];
				landed := true;
				top := top - 1;
			EXCEPTION WHEN integrity_constraint_violation OR data_exception OR object_not_in_prerequisite_state OR no_data_found OR raise_exception THEN
				IF firsts[top] = lasts[top] THEN
					GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, explanation = PG_EXCEPTION_DETAIL;
					refused := refused || waiting[lasts[top]];
					result := result || ROW((waiting[lasts[top]]).record_no, NULL, 'refused', NULL, concat_ws(': ', message, nullif(explanation, '')))::import_problem;
					top := top - 1;
				ELSE
					middle := (firsts[top] + lasts[top]) / 2;
					firsts[top + 1] := firsts[top];
					lasts[top + 1] := middle;
					firsts[top] := middle + 1;
					top := top + 1;
				END IF;
			END;
		END LOOP;
		/* one that waited for another further down may land in a second round */
		EXIT WHEN NOT landed;
		waiting := refused;
	END LOOP;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION import_land(text, import_record[]) IS 'Lands checked records; those that the tables still refuse come back as problems with the tables'' own words';

/*
 * The report.
 */
CREATE FUNCTION import_report(run_key bigint, kind text, raw import_record[], fields import_field[], problems import_problem[])
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	language text := setting_text('locale');
	comma text := CASE language WHEN 'zh' THEN '、' ELSE ', ' END;
BEGIN
	INSERT INTO import_error (run_id, error_no, kind, line, record_no, column_name, value, reason, code, field, record)
		SELECT run_key, row_number() OVER (ORDER BY r.record_no, f.column_no NULLS FIRST, p.code, p.value), import_report.kind, r.line, r.record_no,
				f.header, left(r.cells[f.place], 200),
				left(coalesce(
					format(m.template, f.title, left(coalesce(p.value, r.cells[f.place]), 60), CASE WHEN p.code = 'exists'
						THEN (SELECT string_agg(g.title, comma ORDER BY g.column_no) FROM unnest(fields) g WHERE g.column_name = ANY (string_to_array(p.detail, ',')))
						ELSE p.detail END),
					p.code), 500),
				p.code, f.column_name, left(r.record, 2000)
			FROM unnest(problems) p
			JOIN unnest(raw) r ON r.record_no = p.record_no
			LEFT JOIN unnest(fields) f ON f.column_name = p.column_name
			LEFT JOIN import_message m ON m.code = p.code AND m.locale = language;
END;
$$;
COMMENT ON FUNCTION import_report(bigint, text, import_record[], import_field[], import_problem[]) IS 'Writes the problems of a run into import_error, in the language of the workspace';

INSERT INTO import_message (code, locale, template) VALUES
	('missing', 'zh', '缺必填:%1$s'),
	('missing', 'en', '%1$s is missing'),
	('too_few_cells', 'zh', '只有 %2$s 列,应为 %3$s 列'),
	('too_few_cells', 'en', 'only %2$s columns, not %3$s'),
	('too_many_cells', 'zh', '%2$s 列,应为 %3$s 列'),
	('too_many_cells', 'en', '%2$s columns, not %3$s'),
	('formula', 'zh', '%1$s以 %3$s 开头,是公式注入'),
	('formula', 'en', '%1$s begins with %3$s, a spreadsheet would run it'),
	('too_long', 'zh', '%1$s超过 %3$s 个字符'),
	('too_long', 'en', '%1$s has more than %3$s characters'),
	('control_character', 'zh', '%1$s含有控制字符'),
	('control_character', 'en', '%1$s contains control characters'),
	('not_date', 'zh', '%1$s %2$s 不是日期'),
	('not_date', 'en', '%1$s %2$s is not a date'),
	('not_moment', 'zh', '%1$s %2$s 不是时间'),
	('not_moment', 'en', '%1$s %2$s is not a moment'),
	('not_number', 'zh', '%1$s %2$s 不是数字'),
	('not_number', 'en', '%1$s %2$s is not a number'),
	('not_finite', 'zh', '%1$s %2$s 不是有限的数'),
	('not_finite', 'en', '%1$s %2$s is not a finite number'),
	('out_of_range', 'zh', '%1$s %2$s 超出范围'),
	('out_of_range', 'en', '%1$s %2$s is out of range'),
	('not_list', 'zh', '%1$s %2$s 不是以 ; 分隔的列表'),
	('not_list', 'en', '%1$s %2$s is not a list separated by ";"'),
	('not_word', 'zh', '%1$s %2$s 不在 %3$s 之内'),
	('not_word', 'en', '%1$s %2$s is not one of %3$s'),
	('not_curve', 'zh', '%1$s %2$s 读不懂:%3$s'),
	('not_curve', 'en', '%1$s %2$s cannot be read: %3$s'),
	('unknown', 'zh', '%1$s %2$s 不存在'),
	('unknown', 'en', '%1$s %2$s does not exist'),
	('duplicate', 'zh', '%1$s %2$s 与本文件第 %3$s 条记录重复(保留先出现的)'),
	('duplicate', 'en', '%1$s %2$s stands in record %3$s already (the first one is kept)'),
	('exists', 'zh', '%1$s %2$s 已存在,%3$s 不同'),
	('exists', 'en', '%1$s %2$s exists already with another %3$s'),
	('self_parent', 'zh', '上级是自己'),
	('self_parent', 'en', '%1$s is the record itself'),
	('parent_cycle', 'zh', '上级成环:%3$s'),
	('parent_cycle', 'en', '%1$s goes in a circle: %3$s'),
	('parent_rejected', 'zh', '%1$s %2$s 在本文件中被拒绝'),
	('parent_rejected', 'en', '%1$s %2$s was rejected in this file'),
	('future', 'zh', '%1$s %2$s 晚于今天'),
	('future', 'en', '%1$s %2$s lies in the future'),
	('cycle_closed', 'zh', '周期 %3$s 已关闭'),
	('cycle_closed', 'en', 'cycle %3$s is closed'),
	('overlap', 'zh', '%1$s %2$s 与 %3$s 重叠'),
	('overlap', 'en', '%1$s %2$s overlaps %3$s'),
	('refused', 'zh', '数据库拒绝:%3$s'),
	('refused', 'en', 'refused: %3$s');
