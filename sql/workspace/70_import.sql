/*
 * Importing what HR hands over: CSV files as spreadsheets write them.
 *
 * Lines reach the table import_line from any client (COPY), or a whole file
 * comes as one argument.  A run cuts the lines into records, reads the cells
 * by the headers' names, checks every record, lands the good ones and lists
 * the bad ones in import_error, with line, column and reason.  All of it in
 * one transaction.
 *
 * A kind of file is data: rows in import_kind, import_column and
 * import_header, and two functions, import_check_KIND and import_land_KIND.
 */

CREATE TABLE import_kind (
	name varchar(60) NOT NULL,
	kind varchar(30) NOT NULL,
	CONSTRAINT import_kind_pkey PRIMARY KEY (name),
	CONSTRAINT import_kind_kind_check CHECK (kind ~ '^[a-z][a-z_0-9]*$')
);
COMMENT ON TABLE import_kind IS 'Kinds of files that can be imported, under every name that import_run takes';
COMMENT ON COLUMN import_kind.name IS 'Name in lower case, such as goal or 目标';
COMMENT ON COLUMN import_kind.kind IS 'Kind; the functions import_check_KIND and import_land_KIND read it';

CREATE TABLE import_column (
	kind varchar(30) NOT NULL,
	column_no integer NOT NULL,
	column_name varchar(60) NOT NULL,
	value_type varchar(10) NOT NULL,
	is_required boolean NOT NULL,
	is_key boolean NOT NULL DEFAULT false,
	refers_to varchar(30),
	max_length integer,
	title_zh varchar(60) NOT NULL,
	title_en varchar(60) NOT NULL,
	CONSTRAINT import_column_pkey PRIMARY KEY (kind, column_no),
	CONSTRAINT import_column_kind_column_name_key UNIQUE (kind, column_name),
	CONSTRAINT import_column_column_no_check CHECK (column_no > 0),
	CONSTRAINT import_column_value_type_check CHECK (value_type IN
		('code', 'codes', 'name', 'text', 'list', 'word', 'number', 'percent', 'fraction', 'measure', 'date', 'moment', 'curve')),
	CONSTRAINT import_column_refers_to_check CHECK (refers_to IN ('department', 'employee', 'cycle', 'indicator', 'goal', 'task', 'check_in'))
);
COMMENT ON TABLE import_column IS 'Columns of each kind of file';
COMMENT ON COLUMN import_column.kind IS 'Kind of file';
COMMENT ON COLUMN import_column.column_no IS 'Place in the cells that the functions of the kind read, from 1 without gaps';
COMMENT ON COLUMN import_column.column_name IS 'Name of the column; like both titles always accepted as a header';
COMMENT ON COLUMN import_column.value_type IS
	'How a cell is read: code (full-width becomes half-width), codes (several, separated by ;), name and text (kept, at most max_length characters), '
	'list (several, separated by ;), word (one of import_word), number, percent (100% is 100), fraction (8% is 0.08), measure (85% keeps its sign), date, moment, curve';
COMMENT ON COLUMN import_column.is_required IS 'True: a file without the column is refused, a record without a value rejected';
COMMENT ON COLUMN import_column.is_key IS 'True: a record is known by this column, or by all such columns together';
COMMENT ON COLUMN import_column.refers_to IS 'Table in which the value must be known; the kind itself: records of the file may refer to each other';
COMMENT ON COLUMN import_column.max_length IS 'Most characters; NULL for no limit';
COMMENT ON COLUMN import_column.title_zh IS 'How Chinese messages call it';
COMMENT ON COLUMN import_column.title_en IS 'How English messages call it';

CREATE FUNCTION import_header_key(header text)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN lower(regexp_replace(normalize(header, NFKC), '[\s_*:\-\uFEFF\u200B]', '', 'g'));
COMMENT ON FUNCTION import_header_key(text) IS
	'What counts of a header: full-width or not, case, blanks, "_", "-", ":" and the "*" of required columns do not. NULL for NULL';

CREATE TABLE import_header (
	kind varchar(30) NOT NULL,
	header varchar(60) NOT NULL,
	column_name varchar(60) NOT NULL,
	CONSTRAINT import_header_pkey PRIMARY KEY (kind, header),
	CONSTRAINT import_header_kind_column_name_fkey FOREIGN KEY (kind, column_name) REFERENCES import_column (kind, column_name)
);
CREATE UNIQUE INDEX import_header_kind_header_key_idx ON import_header (kind, import_header_key(header));
CREATE INDEX import_header_kind_column_name_idx ON import_header (kind, column_name);
COMMENT ON TABLE import_header IS 'Headers by which columns are found, in any language; add a row for a header of your own';
COMMENT ON COLUMN import_header.kind IS 'Kind of file';
COMMENT ON COLUMN import_header.header IS 'Header as it stands in files';
COMMENT ON COLUMN import_header.column_name IS 'Column that it means';

CREATE TABLE import_word (
	kind varchar(30) NOT NULL,
	column_name varchar(60) NOT NULL,
	word varchar(60) NOT NULL,
	value varchar(30) NOT NULL,
	locale varchar(2),
	word_no integer NOT NULL,
	CONSTRAINT import_word_pkey PRIMARY KEY (kind, column_name, word),
	CONSTRAINT import_word_kind_column_name_fkey FOREIGN KEY (kind, column_name) REFERENCES import_column (kind, column_name)
);
COMMENT ON TABLE import_word IS 'Words that stand for a value in columns of type word';
COMMENT ON COLUMN import_word.kind IS 'Kind of file';
COMMENT ON COLUMN import_word.column_name IS 'Column';
COMMENT ON COLUMN import_word.word IS 'Word; in a file, case and width do not count';
COMMENT ON COLUMN import_word.value IS 'Value that it means';
COMMENT ON COLUMN import_word.locale IS 'Language in whose messages it is listed; NULL for all. It is understood in every language';
COMMENT ON COLUMN import_word.word_no IS 'Order in messages';

CREATE TABLE import_message (
	code varchar(30) NOT NULL,
	locale varchar(2) NOT NULL,
	template varchar(200) NOT NULL,
	CONSTRAINT import_message_pkey PRIMARY KEY (code, locale)
);
COMMENT ON TABLE import_message IS 'How the reasons in import_error read';
COMMENT ON COLUMN import_message.code IS 'Code of the reason';
COMMENT ON COLUMN import_message.locale IS 'Language: zh or en';
COMMENT ON COLUMN import_message.template IS 'Text for format(): %1$s is the column''s title, %2$s the value, %3$s a detail';

/*
 * Lines on their way in.
 */
CREATE TABLE import_line (
	line_id bigint GENERATED ALWAYS AS IDENTITY,
	line text,
	session_pid integer NOT NULL DEFAULT pg_backend_pid(),
	staged_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT import_line_pkey PRIMARY KEY (line_id)
);
CREATE INDEX import_line_session_pid_idx ON import_line (session_pid);
COMMENT ON TABLE import_line IS
	'Lines of a file on their way in: a client streams them (column line alone), and import_run in the same session takes them. '
	'In psql: \copy import_line (line) from ''file.csv'' with (format csv, delimiter E''\x01'', quote E''\x02'', encoding ''UTF8'')';
COMMENT ON COLUMN import_line.line_id IS 'Key, in the order of arrival';
COMMENT ON COLUMN import_line.line IS 'One physical line; NULL for an empty one';
COMMENT ON COLUMN import_line.session_pid IS 'Server process of the session that streamed it; sessions do not see each other''s lines';
COMMENT ON COLUMN import_line.staged_at IS 'When it came; tells a session from an earlier one with the same process number';

CREATE TABLE import_log (
	run_id bigint GENERATED BY DEFAULT AS IDENTITY,
	kind varchar(30) NOT NULL,
	records bigint NOT NULL,
	accepted bigint NOT NULL,
	unchanged bigint NOT NULL,
	rejected bigint NOT NULL,
	dry_run boolean NOT NULL,
	run_at timestamptz NOT NULL DEFAULT workspace_now(),
	run_by varchar(63) NOT NULL DEFAULT session_user,
	CONSTRAINT import_log_pkey PRIMARY KEY (run_id),
	CONSTRAINT import_log_records_check CHECK (records = accepted + unchanged + rejected)
);
COMMENT ON TABLE import_log IS 'Imports, one row a run';
COMMENT ON COLUMN import_log.run_id IS 'Key';
COMMENT ON COLUMN import_log.kind IS 'Kind of file';
COMMENT ON COLUMN import_log.records IS 'Records of the file, without its header and blank lines';
COMMENT ON COLUMN import_log.accepted IS 'Records that landed, or would have in a dry run';
COMMENT ON COLUMN import_log.unchanged IS 'Records that were there already, with the same values';
COMMENT ON COLUMN import_log.rejected IS 'Records that were rejected; import_error says why';
COMMENT ON COLUMN import_log.dry_run IS 'True: nothing was changed';
COMMENT ON COLUMN import_log.run_at IS 'When it ran';
COMMENT ON COLUMN import_log.run_by IS 'Login role that ran it';

CREATE TABLE import_error (
	run_id bigint NOT NULL,
	error_no integer NOT NULL,
	kind varchar(30) NOT NULL,
	line bigint NOT NULL,
	record_no integer NOT NULL,
	column_name varchar(60),
	value varchar(200),
	reason varchar(500) NOT NULL,
	code varchar(30) NOT NULL,
	field varchar(60),
	record varchar(2000) NOT NULL,
	CONSTRAINT import_error_pkey PRIMARY KEY (run_id, error_no),
	CONSTRAINT import_error_run_id_fkey FOREIGN KEY (run_id) REFERENCES import_log ON DELETE CASCADE
);
COMMENT ON TABLE import_error IS 'Why records were rejected: one row a fault, in the order of the file';
COMMENT ON COLUMN import_error.run_id IS 'Run';
COMMENT ON COLUMN import_error.error_no IS 'Number within the run, from 1';
COMMENT ON COLUMN import_error.kind IS 'Kind of file';
COMMENT ON COLUMN import_error.line IS 'Physical line on which the record begins; the header is line 1';
COMMENT ON COLUMN import_error.record_no IS 'Number of the record, from 1, without the header and blank lines';
COMMENT ON COLUMN import_error.column_name IS 'Header of the column as in the file; NULL where the whole record is at fault';
COMMENT ON COLUMN import_error.value IS 'Cell at fault, its first 200 characters; NULL where empty';
COMMENT ON COLUMN import_error.reason IS 'Why, in the language of the workspace';
COMMENT ON COLUMN import_error.code IS 'Why, for programs; import_message lists the codes';
COMMENT ON COLUMN import_error.field IS 'Column as import_column names it; NULL where the whole record is at fault';
COMMENT ON COLUMN import_error.record IS 'The record as in the file, its first 2000 characters';

/*
 * What the functions hand to each other.
 */
CREATE TYPE import_record AS (record_no integer, line bigint, record text, cells text[]);
COMMENT ON TYPE import_record IS 'A record of a file';
COMMENT ON COLUMN import_record.record_no IS 'Number, from 1; 0 for the header';
COMMENT ON COLUMN import_record.line IS 'Physical line on which it begins, from 1';
COMMENT ON COLUMN import_record.record IS 'As it stands in the file';
COMMENT ON COLUMN import_record.cells IS 'Its cells: trimmed, in the order of the file; once read: values, in the order of import_column';

CREATE TYPE import_field AS (
	column_no integer, column_name text, value_type text, is_required boolean, is_key boolean, refers_to text, max_length integer,
	title text, header text, place integer);
COMMENT ON TYPE import_field IS 'A column of a kind as found in one file';
COMMENT ON COLUMN import_field.column_no IS 'As in import_column';
COMMENT ON COLUMN import_field.column_name IS 'As in import_column';
COMMENT ON COLUMN import_field.value_type IS 'As in import_column';
COMMENT ON COLUMN import_field.is_required IS 'As in import_column';
COMMENT ON COLUMN import_field.is_key IS 'As in import_column';
COMMENT ON COLUMN import_field.refers_to IS 'As in import_column';
COMMENT ON COLUMN import_field.max_length IS 'As in import_column';
COMMENT ON COLUMN import_field.title IS 'Title in the language of the workspace';
COMMENT ON COLUMN import_field.header IS 'Header in this file; NULL where the file has no such column';
COMMENT ON COLUMN import_field.place IS 'Place in this file, from 1; NULL where the file has no such column';

CREATE TYPE import_problem AS (record_no integer, column_name text, code text, value text, detail text);
COMMENT ON TYPE import_problem IS 'Why a record is rejected';
COMMENT ON COLUMN import_problem.record_no IS 'Record';
COMMENT ON COLUMN import_problem.column_name IS 'Column at fault, as import_column names it; NULL for the whole record';
COMMENT ON COLUMN import_problem.code IS 'Code in import_message';
COMMENT ON COLUMN import_problem.value IS 'Value for the message; NULL: the cell itself';
COMMENT ON COLUMN import_problem.detail IS 'Detail for the message';

/*
 * The core: one file, cut into lines.
 */
CREATE FUNCTION import_lines(kind text, lines text[], dry_run boolean)
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	raw import_record[];
	fields import_field[];
	parsed import_record[];
	ready import_record[];
	problems import_problem[];
	unchanged integer[];
	total bigint;
	rejected bigint;
	result bigint;
BEGIN
	raw := import_split(lines);
	fields := import_fields(kind, raw[1].cells);
	raw := raw[2:];
	problems := import_ragged(raw, fields);
	parsed := import_parse(kind, import_clean(raw, problems), fields);
	problems := problems || import_faults(kind, raw, parsed, fields);
	problems := problems || import_unknown(kind, parsed, fields);
	problems := problems || import_duplicates(parsed, fields);
	EXECUTE format('SELECT c.problems, c.unchanged FROM %I($1, $2) c', 'import_check_' || kind)
		INTO problems, unchanged USING parsed, problems;
	unchanged := coalesce(unchanged, '{}');

	SELECT array_agg(r ORDER BY r.record_no) INTO ready
		FROM unnest(import_clean(parsed, problems)) r WHERE NOT EXISTS (SELECT FROM unnest(unchanged) u(record_no) WHERE u.record_no = r.record_no);
	BEGIN
		problems := problems || import_land(kind, ready);
		IF dry_run THEN
			RAISE EXCEPTION USING ERRCODE = 'PMDRY', MESSAGE = 'a dry run changes nothing';
		END IF;
	EXCEPTION WHEN SQLSTATE 'PMDRY' THEN
		/* what landed is gone again, what was found out stays */
		NULL;
	END;

	total := cardinality(raw);
	SELECT count(DISTINCT p.record_no) INTO rejected FROM unnest(problems) p;
	INSERT INTO import_log (kind, records, accepted, unchanged, rejected, dry_run)
		SELECT import_lines.kind, total, total - cardinality(unchanged) - rejected, cardinality(unchanged), rejected, import_lines.dry_run
		RETURNING run_id INTO result;
	PERFORM import_report(result, kind, raw, fields, problems);
	RETURN result;
END;
$$;
COMMENT ON FUNCTION import_lines(text, text[], boolean) IS 'Imports the physical lines of one file of a kind (as in import_kind.kind) and returns run_id';

CREATE FUNCTION import_kind_of(name text)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	result text;
BEGIN
	SELECT k.kind INTO result FROM import_kind k
		WHERE k.name = lower(regexp_replace(normalize(import_kind_of.name, NFKC), '^\s+|(\.csv)?\s*$', '', 'gi'));
	IF NOT FOUND THEN
		RAISE EXCEPTION 'kind of file "%" does not exist', coalesce(name, '(null)')
			USING ERRCODE = 'invalid_parameter_value',
				HINT = format('Kinds are %s.', (SELECT string_agg(k.name, ', ' ORDER BY k.kind, k.name) FROM import_kind k));
	END IF;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION import_kind_of(text) IS 'The kind of file that a name means, such as goal for 目标 or 目标.csv; 22023 for an unknown one';

/*
 * The doors.
 */
CREATE FUNCTION import_run(
	OUT run_id bigint, INOUT kind text, OUT records bigint, OUT accepted bigint, OUT unchanged bigint, OUT rejected bigint,
	INOUT dry_run boolean DEFAULT false)
	RETURNS record
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	session_began timestamptz;
	lines text[];
BEGIN
	kind := import_kind_of(kind);
	PERFORM take_mutex('import');
	/* lines that a session of old left behind; backend_start is hidden from some roles, then they stay */
	DELETE FROM import_line l
		WHERE NOT EXISTS (
			SELECT FROM pg_stat_get_activity(NULL) a
			WHERE a.pid = l.session_pid AND (a.backend_start IS NULL OR a.backend_start <= l.staged_at));
	SELECT a.backend_start INTO session_began FROM pg_stat_get_activity(pg_backend_pid()) a;
	WITH taken AS (
		DELETE FROM import_line l
			WHERE l.session_pid = pg_backend_pid() AND l.staged_at >= session_began
			RETURNING l.line_id, l.line
	)
	SELECT array_agg(coalesce(rtrim(t.line, E'\r'), '') ORDER BY t.line_id) INTO lines FROM taken t;
	IF lines IS NULL THEN
		RAISE EXCEPTION 'this session has streamed no lines'
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Stream the file into import_line (line) first, in the same session, or use import_file(kind, content).';
	END IF;
	run_id := import_lines(kind, lines, coalesce(dry_run, false));
	SELECT l.records, l.accepted, l.unchanged, l.rejected, l.dry_run INTO records, accepted, unchanged, rejected, dry_run
		FROM import_log l WHERE l.run_id = import_run.run_id;
END;
$$;
COMMENT ON FUNCTION import_run(text, boolean) IS
	'Imports the lines that this session has streamed into import_line as one file of a kind (goal, 目标, ...; import_kind lists them), and takes them away. '
	'Good records land, bad ones are listed in import_error; what is there already with the same values counts as unchanged. dry_run: everything is checked, nothing changed. '
	'Returns run_id and the counts. Errors: 22023 no such kind, no lines, an unknown or missing column; 22P04 not a CSV file';

CREATE FUNCTION import_text(
	OUT run_id bigint, INOUT kind text, IN content text, OUT records bigint, OUT accepted bigint, OUT unchanged bigint, OUT rejected bigint,
	INOUT dry_run boolean DEFAULT false)
	RETURNS record
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	kind := import_kind_of(kind);
	IF content IS NULL THEN
		RAISE EXCEPTION 'the content of a file cannot be NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	PERFORM take_mutex('import');
	run_id := import_lines(kind, string_to_array(replace(replace(content, E'\r\n', E'\n'), E'\r', E'\n'), E'\n'), coalesce(dry_run, false));
	SELECT l.records, l.accepted, l.unchanged, l.rejected, l.dry_run INTO records, accepted, unchanged, rejected, dry_run
		FROM import_log l WHERE l.run_id = import_text.run_id;
END;
$$;
COMMENT ON FUNCTION import_text(text, text, boolean) IS
	'Imports a file given as one text, as import_run does: for applications in any language. Errors: those of import_run, 22004 NULL';

CREATE FUNCTION import_file(
	OUT run_id bigint, INOUT kind text, IN content bytea, OUT records bigint, OUT accepted bigint, OUT unchanged bigint, OUT rejected bigint,
	INOUT dry_run boolean DEFAULT false, IN encoding text DEFAULT NULL)
	RETURNS record
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	read_as text := encoding;
	file_text text;
BEGIN
	IF substr(content, 1, 2) IN ('\xfffe', '\xfeff') THEN
		RAISE EXCEPTION 'the file is in UTF-16'
			USING ERRCODE = 'character_not_in_repertoire', HINT = 'Save it as "CSV UTF-8".';
	END IF;
	BEGIN
		file_text := convert_from(content, coalesce(read_as, 'UTF8'));
	EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
		IF read_as IS NOT NULL THEN
			RAISE;
		END IF;
		read_as := 'GB18030';
		file_text := convert_from(content, read_as);
	END;
	SELECT t.run_id, t.kind, t.records, t.accepted, t.unchanged, t.rejected, t.dry_run
		INTO run_id, kind, records, accepted, unchanged, rejected, dry_run
		FROM import_text(kind, file_text, dry_run) t;
END;
$$;
COMMENT ON FUNCTION import_file(text, bytea, boolean, text) IS
	'Imports a file given as its bytes, as import_run does. encoding: the file''s; NULL: UTF-8 where it is valid UTF-8, with or without a byte order mark, else GB18030. '
	'In psql, for a file as it is: \lo_import file.csv, then import_file(kind, lo_get(:LASTOID)), then \lo_unlink :LASTOID. '
	'Errors: those of import_text, 22021 bytes that are not text in that encoding';

CREATE FUNCTION import_discard()
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	result bigint;
BEGIN
	DELETE FROM import_line l WHERE l.session_pid = pg_backend_pid();
	GET DIAGNOSTICS result = ROW_COUNT;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION import_discard() IS 'Drops the lines that this session has streamed and not yet imported; returns how many';
