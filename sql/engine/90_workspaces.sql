/*
 * Workspaces: a schema of ordinary objects for one company or subsidiary.
 *
 * The objects are deliberately not members of the extension: they dump and
 * restore whole, keep what their users add, and make DROP EXTENSION refuse.
 */

CREATE FUNCTION perf_mgmt._workspace_versions(OUT name name, OUT version text, OUT created_at timestamptz, OUT owner name)
	RETURNS SETOF record
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 5
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	workspace_schema record;
BEGIN
	/* a workspace is a schema whose table "workspace" carries our mark in its comment */
	FOR workspace_schema IN
		SELECT n.nspname, n.nspowner, c.oid
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
		WHERE c.relname = 'workspace' AND c.relkind = 'r' AND d.description LIKE 'perf_mgmt workspace:%'
		ORDER BY n.nspname
	LOOP
		name := workspace_schema.nspname;
		owner := pg_get_userbyid(workspace_schema.nspowner);
		version := NULL;
		created_at := NULL;
		IF has_schema_privilege(workspace_schema.nspname, 'USAGE') AND has_table_privilege(workspace_schema.oid, 'SELECT') THEN
			EXECUTE format('SELECT w.version, w.created_at FROM %I.workspace w', workspace_schema.nspname)
				INTO version, created_at;
		END IF;
		RETURN NEXT;
	END LOOP;
END;
$$;
COMMENT ON FUNCTION perf_mgmt._workspace_versions() IS
	'Workspaces of this database; version and created_at are NULL for one that the reader may not look into';

CREATE VIEW perf_mgmt.workspaces
	WITH (security_invoker = true)
AS
	SELECT w.name::varchar(63) AS name, w.version::varchar(20) AS version, w.created_at, w.owner::varchar(63) AS owner
	FROM perf_mgmt._workspace_versions() AS w;
COMMENT ON VIEW perf_mgmt.workspaces IS 'One row a workspace of this database';
COMMENT ON COLUMN perf_mgmt.workspaces.name IS 'Schema of the workspace';
COMMENT ON COLUMN perf_mgmt.workspaces.version IS 'Version of the extension that made or last upgraded it; NULL where the reader may not look into it';
COMMENT ON COLUMN perf_mgmt.workspaces.created_at IS 'When it was made; NULL where the reader may not look into it';
COMMENT ON COLUMN perf_mgmt.workspaces.owner IS 'Role that owns it';
GRANT SELECT ON perf_mgmt.workspaces TO PUBLIC;

CREATE FUNCTION perf_mgmt._installed_version()
	RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname OPERATOR(pg_catalog.=) 'perf_mgmt'::name;
END;
COMMENT ON FUNCTION perf_mgmt._installed_version() IS 'Installed version of the extension';

CREATE FUNCTION perf_mgmt._require_workspace(name text)
	RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM perf_mgmt._workspace_versions() w WHERE w.name = _require_workspace.name) THEN
		RAISE EXCEPTION 'workspace "%" does not exist', name
			USING ERRCODE = 'invalid_schema_name',
				HINT = 'The view perf_mgmt.workspaces lists the workspaces of this database.';
	END IF;
END;
$$;
COMMENT ON FUNCTION perf_mgmt._require_workspace(text) IS 'Raises 3F000 where there is no workspace of that name';

CREATE FUNCTION perf_mgmt.create_workspace(
	name text DEFAULT 'perf',
	locale text DEFAULT 'zh',
	time_zone text DEFAULT 'Asia/Shanghai')
	RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
	SET client_min_messages = warning
AS $$
BEGIN
	IF name IS NULL OR name = '' OR octet_length(name) > 63 OR name LIKE 'pg\_%' OR name IN ('perf_mgmt', 'information_schema') THEN
		RAISE EXCEPTION 'a workspace cannot be named "%"', coalesce(name, '(null)')
			USING ERRCODE = 'invalid_name',
				HINT = 'Choose a schema name of 1 to 63 bytes that does not begin with "pg_".';
	END IF;
	IF locale IS NULL OR locale NOT IN ('zh', 'en') THEN
		RAISE EXCEPTION 'locale "%" is not supported', coalesce(locale, '(null)')
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Use ''zh'' or ''en''.';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = create_workspace.time_zone) THEN
		RAISE EXCEPTION 'time zone "%" does not exist', coalesce(time_zone, '(null)')
			USING ERRCODE = 'invalid_parameter_value', HINT = 'The view pg_timezone_names lists the time zones, such as Asia/Shanghai.';
	END IF;
	IF EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = create_workspace.name) THEN
		RAISE EXCEPTION 'schema "%" already exists', name
			USING ERRCODE = 'duplicate_schema', HINT = 'A workspace needs a schema of its own.';
	END IF;

	EXECUTE format('CREATE SCHEMA %I', name);
	EXECUTE format('COMMENT ON SCHEMA %I IS %L', name, 'Performance management of one company');
	PERFORM set_config('search_path', format('%I, perf_mgmt, pg_temp', name), true);
	EXECUTE perf_mgmt._workspace_script();
	EXECUTE 'INSERT INTO workspace (version) VALUES ($1)' USING perf_mgmt._installed_version();
	EXECUTE 'UPDATE setting SET value = $1 WHERE key = ''locale''' USING locale;
	EXECUTE 'UPDATE setting SET value = $1 WHERE key = ''time_zone''' USING time_zone;
	RETURN name;
END;
$$;
COMMENT ON FUNCTION perf_mgmt.create_workspace(text, text, text) IS
	'Makes a workspace: a schema with the tables, views and functions of performance management. '
	'locale (zh or en) is the language of messages to people, time_zone decides which day it is. '
	'Returns the name. Errors: 42602 unusable name, 42P06 schema exists, 22023 unsupported locale or time zone';
REVOKE ALL ON FUNCTION perf_mgmt.create_workspace(text, text, text) FROM PUBLIC;

CREATE FUNCTION perf_mgmt.drop_workspace(name text, confirm text)
	RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
	SET client_min_messages = warning
AS $$
BEGIN
	PERFORM perf_mgmt._require_workspace(name);
	IF confirm IS DISTINCT FROM name THEN
		RAISE EXCEPTION 'dropping workspace "%" is not confirmed', name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('The confirmation is "%s".', coalesce(confirm, '(null)')),
				HINT = 'All its data would be gone. Give its name twice.';
	END IF;
	/* pg_cron may work in another database, or the jobs be another role's: then they find the workspace gone and remove themselves */
	BEGIN
		EXECUTE format('SELECT %I.unschedule_jobs()', name);
	EXCEPTION WHEN object_not_in_prerequisite_state OR undefined_function THEN
		NULL;
	END;
	EXECUTE format('DROP SCHEMA %I CASCADE', name);
	RETURN name;
END;
$$;
COMMENT ON FUNCTION perf_mgmt.drop_workspace(text, text) IS
	'Drops a workspace with all its data; confirm must repeat the name. Returns the name. Errors: 3F000 no such workspace, 22023 not confirmed';
REVOKE ALL ON FUNCTION perf_mgmt.drop_workspace(text, text) FROM PUBLIC;

CREATE FUNCTION perf_mgmt.upgrade_workspace(name text)
	RETURNS text
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	installed text := perf_mgmt._installed_version();
	present text;
BEGIN
	PERFORM perf_mgmt._require_workspace(name);
	EXECUTE format('SELECT w.version FROM %I.workspace w FOR UPDATE', name) INTO present;
	IF present <> installed THEN
		RAISE EXCEPTION 'workspace "%" has version %, from which no way leads to %', name, present, installed
			USING ERRCODE = 'feature_not_supported',
				HINT = 'A workspace is upgraded by an extension of its own version or a newer one.';
	END IF;
	RETURN installed;
END;
$$;
COMMENT ON FUNCTION perf_mgmt.upgrade_workspace(text) IS
	'Brings a workspace to the installed version of the extension and returns that version; one that has it is left as it is. '
	'Errors: 3F000 no such workspace, 0A000 no migration from its version';
REVOKE ALL ON FUNCTION perf_mgmt.upgrade_workspace(text) FROM PUBLIC;
