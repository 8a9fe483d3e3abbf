/*
 * From lines to records, from cells to values.
 *
 * The functions on single cells are expressions that the planner inlines;
 * what is unusual takes the slow ones.  A value is text in one form: dates
 * 2026-09-30, numbers 1200.5, moments 2026-09-30T08:00:00+08:00.  NULL means
 * that the cell is empty or is no such value; import_fault says which.
 */

CREATE FUNCTION import_trim(cell text)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN nullif(btrim(cell, E' \t\r\n\u000B\u000C\u00A0\u2002\u2003\u2009\u200B\u202F\u3000\uFEFF'), '');
COMMENT ON FUNCTION import_trim(text) IS 'A cell without blanks at its ends, half-width or full-width; NULL where nothing is left';

CREATE FUNCTION import_cells(record text)
	RETURNS text[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
	SELECT array_agg(import_trim(
			CASE WHEN position(E'\n' IN unquoted.cell) > 0 THEN regexp_replace(unquoted.cell, '\s*\n\s*', ' ', 'g') ELSE unquoted.cell END)
			ORDER BY found.n)
		FROM regexp_matches(',' || record, ',("(?:[^"]|"")*"(?!")[^,]*|[^,"][^,]*|)', 'g') WITH ORDINALITY AS found(cell, n),
			LATERAL (SELECT regexp_match(found.cell[1], '^"((?:[^"]|"")*)"(?!")(.*)$') AS part) AS quoted,
			LATERAL (SELECT CASE WHEN quoted.part IS NULL THEN found.cell[1] ELSE replace(quoted.part[1], '""', '"') || quoted.part[2] END AS cell) AS unquoted;
END;
COMMENT ON FUNCTION import_cells(text) IS
	'Cells of a CSV record with quotes, trimmed; a line break inside a cell becomes one space, a quote inside an unquoted cell stays as it is. NULL for NULL';

CREATE FUNCTION import_split(lines text[])
	RETURNS import_record[]
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
	complete_cell CONSTANT text := '(^|,)"(?:[^"]|"")*"(?!")';
	opening_quote CONSTANT text := '(^|,)"';
	quoting record;
	rest text;
	opened bigint;
	continued bigint[] := ARRAY[]::bigint[];
	result import_record[];
BEGIN
	/* which lines go on inside a quoted cell: only those with quotes change that */
	FOR quoting IN
		SELECT u.n, u.line, regexp_replace(u.line, complete_cell, '\1', 'g') ~ opening_quote AS opens
			FROM unnest(lines) WITH ORDINALITY AS u(line, n) WHERE position('"' IN u.line) > 0 ORDER BY u.n
	LOOP
		IF opened IS NULL THEN
			IF quoting.opens THEN
				opened := quoting.n;
			END IF;
		ELSE
			rest := substring(quoting.line FROM '^(?:[^"]|"")*"(?!")(.*)$');
			IF rest IS NOT NULL THEN
				continued := continued || ARRAY(SELECT s FROM generate_series(opened + 1, quoting.n) s);
				opened := CASE WHEN regexp_replace(rest, complete_cell, '\1', 'g') ~ opening_quote THEN quoting.n END;
			END IF;
		END IF;
	END LOOP;
	IF opened IS NOT NULL THEN
		RAISE EXCEPTION 'a quoted cell that begins on line % is never closed', opened
			USING ERRCODE = 'bad_copy_file_format', HINT = 'Close the quote, or write a quote inside a cell twice.';
	END IF;

	WITH numbered AS (
		SELECT u.n, ltrim(u.line, E'\uFEFF') AS line, count(*) FILTER (WHERE c.n IS NULL) OVER (ORDER BY u.n) AS record_no
			FROM unnest(lines) WITH ORDINALITY AS u(line, n) LEFT JOIN unnest(continued) AS c(n) ON c.n = u.n
	), joined AS (
		SELECT min(l.n) AS line, string_agg(l.line, E'\n' ORDER BY l.n) AS record FROM numbered l GROUP BY l.record_no
	), parted AS MATERIALIZED (
		SELECT j.line, j.record, CASE WHEN position('"' IN j.record) > 0 THEN import_cells(j.record)
				ELSE ARRAY(SELECT import_trim(c) FROM unnest(string_to_array(j.record, ',')) c) END AS cells
			FROM joined j
	)
	SELECT array_agg(ROW(f.record_no, f.line, f.record, f.cells)::import_record ORDER BY f.record_no) INTO result
		FROM (
			SELECT (row_number() OVER (ORDER BY p.line) - 1)::integer AS record_no, p.line, p.record, p.cells
				FROM parted p WHERE array_to_string(p.cells, '') <> ''
		) AS f;
	IF result IS NULL THEN
		RAISE EXCEPTION 'the file is empty'
			USING ERRCODE = 'bad_copy_file_format', HINT = 'Its first line names the columns.';
	END IF;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION import_split(text[]) IS
	'Cuts physical lines into CSV records, the header being the first, leaving blank ones out. Error: 22P04 nothing in it, or a quote that is never closed';

/*
 * Single cells.  Each takes a cell that is trimmed and not empty.
 */
CREATE FUNCTION import_code(cell text)
	RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN cell ~ '^[!-<>-~][ -~]*$' AND left(cell, 1) NOT IN ('+', '@') THEN cell
		WHEN cell ~ '^[=+@＝＋＠]|[\x01-\x1f\x7f]' THEN NULL
		ELSE btrim(normalize(cell, NFKC)) END;
COMMENT ON FUNCTION import_code(text) IS 'A code in half-width (NFKC); NULL for a formula or control characters';

CREATE FUNCTION import_is_formula(cell text, is_name boolean)
	RETURNS boolean
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE WHEN cell !~ '^[-=+@＝＋－＠]' THEN false
		WHEN cell ~ '^[=＝]' OR is_name THEN true
		ELSE cell ~ '[A-Za-z0-9_.]\s*\(|\|.*!' END;
COMMENT ON FUNCTION import_is_formula(text, boolean) IS
	'Whether a spreadsheet would run the cell: it begins with =, or with + - @ and is a name, calls a function or links to another program';

CREATE FUNCTION import_plain(cell text, is_name boolean, max_length integer)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN length(cell) > max_length THEN NULL
		WHEN import_is_formula(cell, is_name) OR cell ~ '[\x01-\x08\x0b-\x1f\x7f]' THEN NULL
		ELSE cell END;
COMMENT ON FUNCTION import_plain(text, boolean, integer) IS
	'A text as it is; NULL for a formula, for control characters other than tabs, or where longer than so many characters';

CREATE FUNCTION import_list(cell text, is_code boolean)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	result text;
BEGIN
	SELECT CASE WHEN bool_and(CASE WHEN is_code THEN import_code(c) IS NOT NULL ELSE import_plain(c, false, NULL) IS NOT NULL END)
			THEN string_agg(CASE WHEN is_code THEN import_code(c) ELSE c END, ';' ORDER BY n) END
		INTO result
		FROM regexp_split_to_table(cell, CASE WHEN is_code THEN '[;；,，、\s]' ELSE '[;；]' END) WITH ORDINALITY AS s(part, n),
			LATERAL (SELECT import_trim(s.part) AS c) AS trimmed
		WHERE c IS NOT NULL;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION import_list(text, boolean) IS 'Several codes or texts, separated by ";"; NULL where one of them is a formula or has control characters, or there is none';

CREATE FUNCTION import_day(cell text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	part integer[] := coalesce(
		regexp_match(normalize(cell, NFKC), '^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?: +0?0:00(?::00)?)?$'),
		regexp_match(normalize(cell, NFKC), '^([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})(?: +0?0:00(?::00)?)?$'),
		regexp_match(normalize(cell, NFKC), '^([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})$'),
		regexp_match(normalize(cell, NFKC), '^([0-9]{4}) ?年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?日$'),
		regexp_match(normalize(cell, NFKC), '^([0-9]{4})([0-9]{2})([0-9]{2})$'))::integer[];
BEGIN
	IF part IS NULL OR part[1] NOT BETWEEN 1900 AND 2999 OR part[2] NOT BETWEEN 1 AND 12 OR part[3] < 1
		OR part[3] > extract(day FROM make_date(part[1], part[2], 1) + interval '1 month' - interval '1 day') THEN
		RETURN NULL;
	END IF;
	RETURN format('%s-%s-%s', part[1], lpad(part[2]::text, 2, '0'), lpad(part[3]::text, 2, '0'));
END;
$$;
COMMENT ON FUNCTION import_day(text) IS
	'A day of 1900 to 2999 written 2026-9-30, 2026/9/30, 2026.9.30, 2026年9月30日 or 20260930, half-width or full-width, as 2026-09-30; NULL for what is no such day';

CREATE FUNCTION import_moment(cell text, zone text)
	RETURNS text
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	part text[] := regexp_match(normalize(cell, NFKC),
		'^(.*?[0-9日])(?:[T ] *([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})([.][0-9]{1,6})?)? *(Z|[-+][0-9]{2}(?::?[0-9]{2})?)?)?$');
	day text := import_day(part[1]);
BEGIN
	IF day IS NULL OR part[2]::integer > 23 OR part[3]::integer > 59 OR part[4]::integer > 59
		OR substr(nullif(part[6], 'Z'), 2, 2)::integer > 14 OR length(part[6]) > 3 AND right(part[6], 2) > '59' THEN
		RETURN NULL;
	END IF;
	day := format('%sT%s:%s:%s%s', day, lpad(coalesce(part[2], '0'), 2, '0'), coalesce(part[3], '00'), coalesce(part[4], '00'), part[5]);
	IF part[6] IS NOT NULL THEN
		RETURN day || part[6];
	END IF;
	RETURN to_char(day::timestamp AT TIME ZONE zone AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
END;
$$;
COMMENT ON FUNCTION import_moment(text, text) IS
	'A moment written as a day with a time (2025-10-09T09:17:03+08:00, 2025/10/9 9:17; no time: 0:00), in a zone where it names no offset; NULL for what is no moment';

CREATE FUNCTION import_number(value_type text, cell text)
	RETURNS text
	LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	part text[] := regexp_match(translate(normalize(cell, NFKC), '−', '-'),
		'^([-+]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?(?:[.][0-9]*)?(?:[Ee][-+]?[0-9]{1,3})?) *(%?)$');
	number numeric;
BEGIN
	IF part IS NULL OR part[1] !~ '^[-+]?[.]?[0-9]' OR length(part[1]) > 60 OR part[2] = '%' AND value_type = 'number' THEN
		RETURN NULL;
	END IF;
	number := replace(part[1], ',', '')::numeric;
	IF abs(number) >= 1e18 OR scale(number) > 60 THEN
		RETURN NULL;
	END IF;
	IF part[2] = '%' AND value_type = 'fraction' THEN
		number := number * 0.01;
	END IF;
	RETURN number::text || CASE WHEN value_type = 'measure' THEN part[2] ELSE '' END;
END;
$$;
COMMENT ON FUNCTION import_number(text, text) IS
	'A finite number below 1e18, half-width or full-width, with or without "," every three digits; NULL for what is none. '
	'A percent sign is dropped (percent), divides by 100 (fraction), stays (measure) or is refused (number)';

CREATE FUNCTION import_curve(cell text, OUT curve text, OUT fault text)
	RETURNS record
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	curve := cell::score_curve::text;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
	fault := SQLERRM;
END;
$$;
COMMENT ON FUNCTION import_curve(text) IS 'A scoring curve in its usual form, or what is wrong with it';

CREATE FUNCTION import_longest_cell()
	RETURNS integer
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN 100000;
COMMENT ON FUNCTION import_longest_cell() IS 'Most characters that any cell may have, so that nobody keeps the reader busy with a giant one';

CREATE FUNCTION import_value(value_type text, cell text, max_length integer, zone text)
	RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN CASE WHEN length(cell) > import_longest_cell() THEN NULL ELSE CASE value_type
		WHEN 'code' THEN CASE WHEN length(cell) > max_length THEN NULL ELSE import_code(cell) END
		WHEN 'name' THEN import_plain(cell, true, max_length)
		WHEN 'text' THEN import_plain(cell, false, max_length)
		WHEN 'date' THEN CASE WHEN cell ~ '^(?:19|2[0-9])[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])$' THEN cell ELSE import_day(cell) END
		WHEN 'moment' THEN CASE WHEN cell ~ '^(?:19|2[0-9])[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:Z|[-+](?:0[0-9]|1[0-4]):[0-5][0-9])$'
			THEN cell ELSE import_moment(cell, zone) END
		WHEN 'codes' THEN CASE WHEN cell ~ '^[A-Za-z0-9_.-]+(?:;[A-Za-z0-9_.-]+)*$' THEN cell ELSE import_list(cell, true) END
		WHEN 'list' THEN CASE WHEN cell ~ '^[A-Za-z][!-:<-~]*$' THEN cell ELSE import_list(cell, false) END
		WHEN 'curve' THEN (import_curve(cell)).curve
		ELSE CASE WHEN cell ~ '^-?[0-9]{1,18}(?:[.][0-9]{1,20})?$' THEN cell ELSE import_number(value_type, cell) END
		END END;
COMMENT ON FUNCTION import_value(text, text, integer, text) IS
	'The value of a trimmed cell by the type of its column, as text in one form; NULL for what is no such value, and for NULL';

CREATE FUNCTION import_fault(value_type text, cell text, max_length integer, OUT code text, OUT detail text)
	RETURNS record
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	IF length(cell) > least(max_length, import_longest_cell()) THEN
		code := 'too_long';
		detail := least(max_length, import_longest_cell())::text;
	ELSIF import_is_formula(cell, value_type = 'name') OR value_type = 'code' AND cell ~ '^[+@＋＠]' THEN
		code := 'formula';
		detail := left(cell, 1);
	ELSIF value_type IN ('code', 'name', 'text') THEN
		code := 'control_character';
	ELSIF value_type IN ('codes', 'list') THEN
		code := 'not_list';
	ELSIF value_type = 'date' THEN
		code := 'not_date';
	ELSIF value_type = 'moment' THEN
		code := 'not_moment';
	ELSIF value_type = 'word' THEN
		code := 'not_word';
	ELSIF value_type = 'curve' THEN
		code := 'not_curve';
		detail := (import_curve(cell)).fault;
	ELSIF normalize(cell, NFKC) ~* '^[-+]?(?:nan|inf|infinity|∞)%?$' THEN
		code := 'not_finite';
	ELSIF normalize(cell, NFKC) ~ '^[-+]?[0-9][0-9,]*(?:[.][0-9]*)?(?:[Ee][-+]?[0-9]+)?$' AND cell !~ '[,，]' THEN
		code := 'out_of_range';
	ELSE
		code := 'not_number';
	END IF;
END;
$$;
COMMENT ON FUNCTION import_fault(text, text, integer) IS 'Why a cell has no value of the type of its column: a code of import_message and a detail';
