/*
 * What every module stands on: the workspace's mark, its settings, its clock,
 * the history of changed rows, and locks that hold in every isolation level.
 */

CREATE TABLE workspace (
	only_row boolean NOT NULL DEFAULT true CONSTRAINT workspace_only_row_check CHECK (only_row),
	version varchar(20) NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	CONSTRAINT workspace_pkey PRIMARY KEY (only_row)
);
COMMENT ON TABLE workspace IS 'perf_mgmt workspace: one row, with the version of the extension that made it';
COMMENT ON COLUMN workspace.only_row IS 'Key of the only row';
COMMENT ON COLUMN workspace.version IS 'Version of the extension that made or last upgraded the workspace';
COMMENT ON COLUMN workspace.created_at IS 'When the workspace was made';

/*
 * Settings: shipped as rows, changed by HR with UPDATE, in force at once.
 */
CREATE TABLE setting (
	key varchar(60) NOT NULL,
	value varchar(200),
	value_type varchar(10) NOT NULL,
	description varchar(300) NOT NULL,
	recorded_from timestamptz NOT NULL DEFAULT '-infinity',
	CONSTRAINT setting_pkey PRIMARY KEY (key),
	CONSTRAINT setting_value_type_check CHECK (value_type IN ('text', 'number', 'date', 'boolean', 'time'))
);
COMMENT ON TABLE setting IS 'Parameters of the workspace; change a value with UPDATE, it holds at once';
COMMENT ON COLUMN setting.key IS 'Name of the setting';
COMMENT ON COLUMN setting.value IS 'Its value as text; NULL means not set';
COMMENT ON COLUMN setting.value_type IS 'How the value is read: text, number, date, boolean or time';
COMMENT ON COLUMN setting.description IS 'What it does, with its unit';
COMMENT ON COLUMN setting.recorded_from IS 'Since when this value has been known; set by the system';

INSERT INTO setting (key, value, value_type, description) VALUES
	('locale', 'zh', 'text', 'Language of messages to people: zh or en'),
	('time_zone', 'Asia/Shanghai', 'text', 'Time zone that decides which day it is'),
	('today', NULL, 'date', 'Day on which the workspace is pinned, for demonstrations and training; not set: the real day'),
	('min_coverage', '0.6', 'number', 'Least share of the weight that must have a score; below it a total is NULL; 0 to 1'),
	('weight_tolerance', '0.01', 'number', 'By how many percent the weights of a group may miss 100'),
	('silence_days', '7', 'number', 'A goal or person is silent after more than so many days without an own check-in'),
	('bonus_cap', '10', 'number', 'Most bonus points that a person can get in a cycle'),
	('penalty_cap', '10', 'number', 'Most penalty points that a person can lose in a cycle');

/* a small table would be read from end to end; comparing all its keys takes longer than the index */
CREATE FUNCTION setting_text(key text)
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET enable_seqscan = off
AS $$
DECLARE
	result text;
BEGIN
	SELECT s.value INTO result FROM setting s WHERE s.key = setting_text.key;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'setting "%" does not exist', key
			USING ERRCODE = 'undefined_object', HINT = 'The table setting lists the settings.';
	END IF;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION setting_text(text) IS 'Value of a setting, NULL where it is not set; 42704 for an unknown key';

/*
 * The clock.  Nothing inside a rule calls now(): a demonstration pins the day.
 */
CREATE FUNCTION time_zone()
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN setting_text('time_zone');
END;
$$;
COMMENT ON FUNCTION time_zone() IS 'Time zone of the workspace';

CREATE FUNCTION workspace_now()
	RETURNS timestamptz
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
	SET enable_seqscan = off
AS $$
DECLARE
	zone text;
	pinned date;
BEGIN
	SELECT s.value INTO pinned FROM setting s WHERE s.key = 'today';
	IF pinned IS NULL THEN
		RETURN now();
	END IF;
	SELECT s.value INTO zone FROM setting s WHERE s.key = 'time_zone';
	RETURN (pinned + (now() AT TIME ZONE zone)::time) AT TIME ZONE zone;
END;
$$;
COMMENT ON FUNCTION workspace_now() IS
	'The workspace''s moment: now, or the same time of day on the day that the setting today pins';

CREATE FUNCTION today()
	RETURNS date
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN (workspace_now() AT TIME ZONE time_zone())::date;
END;
$$;
COMMENT ON FUNCTION today() IS 'Today in the workspace''s time zone, or the day that the setting today pins';

CREATE FUNCTION day_of(moment timestamptz)
	RETURNS date
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN (moment AT TIME ZONE time_zone())::date;
END;
$$;
COMMENT ON FUNCTION day_of(timestamptz) IS 'Day of a moment in the workspace''s time zone; NULL for NULL';

CREATE FUNCTION day_end(day date)
	RETURNS timestamptz
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN (day + 1)::timestamp AT TIME ZONE time_zone();
END;
$$;
COMMENT ON FUNCTION day_end(date) IS 'First moment after a day in the workspace''s time zone; NULL for NULL';

/*
 * History: the earlier versions of rows that change.  A version is in force
 * from recorded_from up to, not including, recorded_until.
 */
CREATE TABLE history (
	history_id bigint GENERATED ALWAYS AS IDENTITY,
	table_name varchar(63) NOT NULL,
	row_key varchar(60) NOT NULL,
	recorded_from timestamptz NOT NULL,
	recorded_until timestamptz NOT NULL,
	changed_by varchar(63) NOT NULL DEFAULT session_user,
	old_row jsonb NOT NULL,
	CONSTRAINT history_pkey PRIMARY KEY (history_id),
	CONSTRAINT history_recorded_check CHECK (recorded_from < recorded_until)
);
CREATE INDEX history_table_name_recorded_until_idx ON history (table_name, recorded_until);
CREATE INDEX history_table_name_row_key_idx ON history (table_name, row_key);
COMMENT ON TABLE history IS 'Earlier versions of changed rows; written by triggers, read by everything that looks back ("as then known")';
COMMENT ON COLUMN history.history_id IS 'Key';
COMMENT ON COLUMN history.table_name IS 'Table of the row';
COMMENT ON COLUMN history.row_key IS 'Primary key of the row as text';
COMMENT ON COLUMN history.recorded_from IS 'Since when this version was known';
COMMENT ON COLUMN history.recorded_until IS 'When it was replaced or deleted';
COMMENT ON COLUMN history.changed_by IS 'Login role that replaced or deleted it';
COMMENT ON COLUMN history.old_row IS 'The version, column by column';

CREATE FUNCTION keep_history()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
/* arguments: the table's name and the column of its primary key (a shard has another name) */
DECLARE
	ends_at timestamptz;
BEGIN
	IF TG_OP = 'DELETE' THEN
		ends_at := workspace_now();
	ELSE
		IF NEW IS NOT DISTINCT FROM OLD THEN
			RETURN NEW;
		END IF;
		IF NEW.recorded_from IS NOT DISTINCT FROM OLD.recorded_from THEN
			NEW.recorded_from := greatest(workspace_now(), OLD.recorded_from);
		ELSIF NEW.recorded_from IS NULL OR NEW.recorded_from < OLD.recorded_from THEN
			RAISE EXCEPTION 'a change of % cannot be recorded before the version that it replaces', TG_ARGV[0]
				USING ERRCODE = 'invalid_parameter_value',
					DETAIL = format('That version has been known since %s.', OLD.recorded_from);
		END IF;
		ends_at := NEW.recorded_from;
	END IF;
	/* several changes at one moment are one change */
	IF OLD.recorded_from < ends_at THEN
		INSERT INTO history (table_name, row_key, recorded_from, recorded_until, old_row)
			SELECT TG_ARGV[0], to_jsonb(OLD) ->> TG_ARGV[1], OLD.recorded_from, ends_at, to_jsonb(OLD);
	END IF;
	RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END;
$$;
COMMENT ON FUNCTION keep_history() IS 'Trigger: keeps the version of a row that an UPDATE or DELETE ends, and stamps the new one';

CREATE FUNCTION refuse_change()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
/* arguments: what the table's rows are called, what to do instead, and what is refused */
BEGIN
	RAISE EXCEPTION '% is never %', TG_ARGV[0], CASE WHEN TG_NARGS > 2 THEN TG_ARGV[2] ELSE 'changed or deleted' END
		USING ERRCODE = 'object_not_in_prerequisite_state', HINT = TG_ARGV[1];
END;
$$;
COMMENT ON FUNCTION refuse_change() IS 'Trigger: rows are only added';

CREATE FUNCTION check_setting()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	number_value numeric;
	allowed boolean := true;
BEGIN
	IF NEW.value IS NULL THEN
		allowed := NEW.key NOT IN ('locale', 'time_zone', 'min_coverage', 'weight_tolerance', 'silence_days', 'bonus_cap', 'penalty_cap',
			'lag_red', 'lag_overdue', 'joint_warning_hours');
	ELSIF NEW.value_type = 'number' THEN
		number_value := NEW.value::numeric;
		allowed := number_value >= 0 AND number_value < 'Infinity'
			AND (NEW.key <> 'min_coverage' OR number_value <= 1)
			AND (NEW.key <> 'joint_warning_hours' OR number_value <= 8760)
			AND (NEW.key <> 'silence_days' OR number_value = trunc(number_value));
	ELSIF NEW.value_type = 'date' THEN
		allowed := isfinite(NEW.value::date);
	ELSIF NEW.value_type = 'time' THEN
		PERFORM NEW.value::time;
	ELSIF NEW.value_type = 'boolean' THEN
		PERFORM NEW.value::boolean;
	ELSIF NEW.key = 'locale' THEN
		allowed := NEW.value IN ('zh', 'en');
	ELSIF NEW.key = 'time_zone' THEN
		allowed := EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = NEW.value);
	END IF;
	IF NOT allowed THEN
		RAISE EXCEPTION 'value "%" is out of range for setting "%"', coalesce(NEW.value, '(null)'), NEW.key
			USING ERRCODE = 'invalid_parameter_value', HINT = NEW.description || '.';
	END IF;
	RETURN NEW;
END;
$$;
COMMENT ON FUNCTION check_setting() IS 'Trigger: refuses a value that its setting cannot take';

CREATE TRIGGER setting_before_check BEFORE INSERT OR UPDATE ON setting
	FOR EACH ROW EXECUTE FUNCTION check_setting();
CREATE TRIGGER setting_before_history BEFORE UPDATE OR DELETE ON setting
	FOR EACH ROW EXECUTE FUNCTION keep_history('setting', 'key');

CREATE FUNCTION setting_number(key text, known_at timestamptz DEFAULT 'infinity')
	RETURNS numeric
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	result text := setting_text(key);
BEGIN
	SELECT h.old_row ->> 'value' INTO result
		FROM history h
		WHERE h.table_name = 'setting' AND h.row_key = setting_number.key
			AND h.recorded_from < known_at AND h.recorded_until >= known_at;
	IF NOT FOUND THEN
		result := setting_text(key);
	END IF;
	RETURN result::numeric;
END;
$$;
COMMENT ON FUNCTION setting_number(text, timestamptz) IS
	'Value of a numeric setting as it was known just before a moment; 42704 for an unknown key';

/*
 * A lock that also holds under REPEATABLE READ: whoever comes second sees
 * what the first did, or fails with 40001 and may try again.
 */
CREATE TABLE mutex (
	name varchar(60) NOT NULL,
	taken bigint NOT NULL DEFAULT 0,
	CONSTRAINT mutex_pkey PRIMARY KEY (name)
);
COMMENT ON TABLE mutex IS 'Rows that writers of one structure update so that they go one after the other';
COMMENT ON COLUMN mutex.name IS 'Structure that is guarded';
COMMENT ON COLUMN mutex.taken IS 'How often it was taken';

CREATE FUNCTION take_mutex(name text)
	RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	/* once a transaction is enough; a thousand versions of one row would slow a bulk load down */
	IF EXISTS (SELECT FROM mutex m WHERE m.name = take_mutex.name AND m.xmin = pg_current_xact_id()::xid) THEN
		RETURN;
	END IF;
	UPDATE mutex SET taken = taken + 1 WHERE mutex.name = take_mutex.name;
	IF NOT FOUND THEN
		INSERT INTO mutex (name, taken) VALUES (take_mutex.name, 1)
			ON CONFLICT ON CONSTRAINT mutex_pkey DO UPDATE SET taken = mutex.taken + 1;
	END IF;
END;
$$;
COMMENT ON FUNCTION take_mutex(text) IS 'Makes later callers wait for this transaction''s end';

CREATE FUNCTION refuse_parent_cycle()
	RETURNS trigger
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
/*
 * Arguments: the table's name, the column of its key and the column that
 * people know a row by.  Only giving a parent to a row that others can see
 * closes a cycle between sessions, so only that waits for the mutex.
 */
DECLARE
	key_of_new bigint := (to_jsonb(NEW) ->> TG_ARGV[1])::bigint;
	path text;
BEGIN
	IF NEW.parent_id IS NULL THEN
		RETURN NULL;
	END IF;
	IF TG_OP = 'UPDATE' THEN
		PERFORM take_mutex(TG_ARGV[0] || ' tree');
	END IF;
	EXECUTE format(
		'WITH RECURSIVE up(id, parent_id, path, closes) AS ('
		'  SELECT t.%2$I, t.parent_id, ARRAY[t.%3$I::text], false FROM %1$I t WHERE t.%2$I = $1'
		'  UNION ALL'
		'  SELECT t.%2$I, t.parent_id, CASE WHEN cardinality(u.path) < 100 THEN u.path || t.%3$I::text ELSE u.path END, t.%2$I = $1'
		'  FROM up u JOIN %1$I t ON t.%2$I = u.parent_id WHERE NOT u.closes)'
		' SELECT array_to_string(u.path, '' -> '') FROM up u WHERE u.closes LIMIT 1',
		TG_ARGV[0], TG_ARGV[1], TG_ARGV[2])
		INTO path USING key_of_new;
	IF path IS NOT NULL THEN
		RAISE EXCEPTION 'a % cannot be below itself', TG_ARGV[0]
			USING ERRCODE = 'check_violation', DETAIL = format('The way up is %s.', path),
				HINT = 'Choose another parent.';
	END IF;
	RETURN NULL;
END;
$$;
COMMENT ON FUNCTION refuse_parent_cycle() IS 'Trigger: refuses a parent that closes a cycle, also between two sessions at once';
