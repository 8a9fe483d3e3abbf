/*
 * Jobs: pg_cron calls tick().  Everything else works without pg_cron, and
 * anything else may call tick() instead, so pg_cron's schema is looked up when
 * it is needed and never named in a definition.
 *
 * pg_cron of Debian 12 is 1.4.2: five fields in GMT, names cut at 63 bytes and
 * known once a role, one database.  So a job is named by oids, its times are
 * those at which nothing depends on the zone, and it knows its workspace by
 * oid: a copy restored elsewhere does not inherit one.
 */

CREATE FUNCTION find_scheduler(OUT is_here boolean, OUT database_name text)
	RETURNS record
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path FROM CURRENT
AS $$
BEGIN
	is_here := EXISTS (
		SELECT FROM pg_extension x
		JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid AND d.deptype = 'e' AND d.classid = 'pg_namespace'::regclass
		JOIN pg_namespace n ON n.oid = d.objid AND n.nspname = 'cron'
		WHERE x.extname = 'pg_cron');
	IF is_here THEN
		database_name := current_database();
		RETURN;
	END IF;
	database_name := current_setting('cron.database_name', true);
EXCEPTION WHEN insufficient_privilege THEN
	/* the setting is there, so the library is loaded; which database it names is for superusers */
	database_name := '';
END;
$$;
COMMENT ON FUNCTION find_scheduler() IS
	'Whether pg_cron is in this database, and in which database of the cluster it works; NULL: it is not loaded, empty: that is hidden from the reader';

CREATE FUNCTION workspace_job()
	RETURNS TABLE (part varchar, job_name varchar, schedule varchar, command varchar)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 2
	SET search_path FROM CURRENT
AS $$
DECLARE
	schema_key oid := (SELECT c.relnamespace FROM pg_class c WHERE c.oid = 'workspace'::regclass);
	database_key oid := (SELECT d.oid FROM pg_database d WHERE d.datname = current_database());
	stem text := format('perf_mgmt:%s:%s', database_key, schema_key);
	leave_text text := format('PERFORM cron.unschedule(j.jobid) FROM cron.job j WHERE j.jobname IN (%L, %L);', stem || ':tick', stem || ':tidy');
BEGIN
	part := 'tick';
	job_name := stem || ':tick';
	schedule := '7-59/10 * * * *';
	/* where the cron schema is out of reach the error is the sign for the other job, which can remove both */
	command := format(
		'DO $job$ DECLARE workspace name := (SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.oid = %1$s); BEGIN '
		'IF pg_catalog.to_regprocedure(pg_catalog.quote_ident(workspace) || ''.tick(pg_catalog.timestamptz)'') IS NOT NULL THEN '
		'PERFORM pg_catalog.set_config(''lock_timeout'', ''60s'', true); '
		'EXECUTE pg_catalog.format(''SELECT pg_catalog.count(*) FROM %%I.tick()'', workspace); '
		'ELSIF EXISTS (SELECT FROM pg_catalog.pg_extension x WHERE x.extname = ''pg_cron'') THEN %2$s '
		'ELSE RAISE EXCEPTION ''perf_mgmt workspace %1$s is gone'' USING ERRCODE = ''undefined_object''; END IF; END $job$',
		schema_key, leave_text);
	RETURN NEXT;
	part := 'tidy';
	job_name := stem || ':tidy';
	schedule := '53 * * * *';
	command := format(
		'DO $job$ BEGIN '
		'IF NOT EXISTS (SELECT FROM pg_catalog.pg_database d WHERE d.oid = %1$s) OR EXISTS (SELECT FROM cron.job_run_details d JOIN cron.job j ON j.jobid = d.jobid '
		'WHERE j.jobname = %2$L AND d.return_message LIKE ''%%perf_mgmt workspace %3$s is gone%%'') THEN %4$s END IF; '
		'DELETE FROM cron.job_run_details d USING cron.job j WHERE j.jobid = d.jobid AND j.jobname IN (%2$L, %5$L) '
		'AND coalesce(d.end_time, d.start_time) < pg_catalog.now() - interval ''7 days''; END $job$',
		database_key, stem || ':tick', schema_key, leave_text, stem || ':tidy');
	RETURN NEXT;
END;
$$;
COMMENT ON FUNCTION workspace_job() IS
	'The two jobs of this workspace as pg_cron knows them: tick, every ten minutes off the full hours, in the workspace''s database; tidy, every hour, in pg_cron''s, which deletes '
	'what pg_cron wrote down about them more than 7 days ago. Both are gone once the workspace or its database is';

CREATE FUNCTION scheduling_statement()
	RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path FROM CURRENT
AS $$
BEGIN
	RETURN (
		SELECT format('SELECT cron.unschedule(j.jobid) FROM cron.job j WHERE j.jobname IN (%s);', string_agg(quote_literal(j.job_name), ', ' ORDER BY j.part))
			|| string_agg(CASE j.part
				WHEN 'tick' THEN format(' SELECT cron.schedule_in_database(%L, %L, %L, %L, %L);', j.job_name, j.schedule, j.command, current_database(), current_user)
				ELSE format(' SELECT cron.schedule(%L, %L, %L);', j.job_name, j.schedule, j.command) END, '' ORDER BY j.part)
		FROM workspace_job() j);
END;
$$;
COMMENT ON FUNCTION scheduling_statement() IS
	'What a superuser runs in the database in which pg_cron works, where that is not this one, to have this workspace''s jobs run as the role that asks';

CREATE FUNCTION require_scheduler()
	RETURNS void
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED
	SET search_path FROM CURRENT
AS $$
DECLARE
	scheduler record := find_scheduler();
BEGIN
	IF scheduler.is_here THEN
		IF NOT has_schema_privilege('cron', 'USAGE') THEN
			RAISE EXCEPTION 'role "%" cannot use pg_cron', current_user
				USING ERRCODE = 'insufficient_privilege', HINT = format('A superuser runs GRANT USAGE ON SCHEMA cron TO %I.', current_user);
		END IF;
		RETURN;
	END IF;
	IF scheduler.database_name IS NULL THEN
		RAISE EXCEPTION 'pg_cron is not loaded'
			USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'Everything but scheduling works without it.',
				HINT = format('On Debian, install postgresql-%s-cron. In postgresql.conf set shared_preload_libraries = ''pg_cron'', cron.database_name = %L and cron.use_background_workers = on, and restart. Then run CREATE EXTENSION pg_cron here. Or have any other scheduler run SELECT * FROM %I.tick() every ten minutes.',
					current_setting('server_version_num')::integer / 10000, current_database(), current_schema());
	ELSIF scheduler.database_name = current_database() THEN
		RAISE EXCEPTION 'pg_cron is loaded, but this database does not have its extension'
			USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'A superuser runs CREATE EXTENSION pg_cron here.';
	END IF;
	RAISE EXCEPTION 'pg_cron works in another database%', CASE WHEN scheduler.database_name <> '' THEN format(', "%s"', scheduler.database_name) ELSE '' END
		USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'A database cannot write into another one.',
			HINT = format('A superuser runs in database %s: %s This is what scheduling_statement() gives.',
				CASE WHEN scheduler.database_name <> '' THEN format('"%s"', scheduler.database_name) ELSE 'that the setting cron.database_name names' END, scheduling_statement());
END;
$$;
COMMENT ON FUNCTION require_scheduler() IS
	'Raises an error that says what to do where pg_cron cannot be used from here: 55000 not loaded, not created, or in another database (with the statement to run there); 42501 not granted';

CREATE FUNCTION schedule_jobs()
	RETURNS TABLE (job_id bigint, job_name varchar, schedule varchar)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 2
	SET search_path FROM CURRENT
AS $$
DECLARE
	job record;
	present_id bigint;
	is_right boolean;
BEGIN
	PERFORM require_scheduler();
	IF NOT (has_schema_privilege(current_schema(), 'USAGE') AND has_function_privilege('tick(timestamptz)', 'EXECUTE') AND has_table_privilege('setting', 'SELECT')) THEN
		RAISE EXCEPTION 'role "%" cannot run the ticks of workspace "%"', current_user, current_schema()
			USING ERRCODE = 'insufficient_privilege', DETAIL = 'A job runs with the rights of the role that scheduled it.',
				HINT = format('The workspace''s owner runs: GRANT USAGE ON SCHEMA %1$I TO %2$I; GRANT EXECUTE ON FUNCTION %1$I.tick(timestamptz) TO %2$I; GRANT SELECT ON %1$I.setting TO %2$I.',
					current_schema(), current_user);
	END IF;
	IF NOT (SELECT r.rolcanlogin FROM pg_roles r WHERE r.rolname = current_user) THEN
		RAISE EXCEPTION 'role "%" cannot log in, so pg_cron cannot run jobs as it', current_user
			USING ERRCODE = 'insufficient_privilege', HINT = 'Schedule the jobs as a role that can log in.';
	END IF;
	/* hidden from most roles */
	IF EXISTS (SELECT FROM pg_settings s WHERE s.name = 'cron.use_background_workers' AND s.setting = 'off') THEN
		RAISE NOTICE 'pg_cron connects to the server for each job, as role "%"', current_user
			USING HINT = 'Where that takes a password, set cron.use_background_workers = on in postgresql.conf and restart.';
	END IF;
	FOR job IN SELECT w.* FROM workspace_job() w ORDER BY w.part LOOP
		/* Since 1.4 a second schedule of the same name is a change, which up to 1.6.2 keeps the former database. */
		EXECUTE format(
			'SELECT j.jobid, j.active AND j.schedule = $2 AND j.command = $3 AND j.database = current_database()'
			' FROM %I.job j WHERE j.jobname = $1 AND j.username = current_user', 'cron')
			INTO present_id, is_right USING job.job_name, job.schedule, job.command;
		IF is_right THEN
			job_id := present_id;
		ELSE
			IF present_id IS NOT NULL THEN
				EXECUTE format('SELECT %I.unschedule($1)', 'cron') USING present_id;
			END IF;
			EXECUTE format('SELECT %I.schedule(%L, %L, %L)', 'cron', job.job_name, job.schedule, job.command) INTO job_id;
		END IF;
		job_name := job.job_name;
		schedule := job.schedule;
		RETURN NEXT;
	END LOOP;
END;
$$;
COMMENT ON FUNCTION schedule_jobs() IS
	'Has pg_cron call tick() of this workspace every ten minutes, as the role that asks; again: what is right stays, what was changed is put right. Returns the jobs. '
	'Errors: 55000 pg_cron is not loaded, not created here, or works in another database (the hint is what to run there); 42501 the role may not use pg_cron, run tick() or log in';

CREATE FUNCTION unschedule_jobs()
	RETURNS bigint
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
	SET search_path FROM CURRENT
AS $$
DECLARE
	scheduler record := find_scheduler();
	names text[] := ARRAY(SELECT w.job_name FROM workspace_job() w);
	result bigint;
BEGIN
	IF scheduler.database_name IS NULL THEN
		RETURN 0;
	END IF;
	IF NOT scheduler.is_here AND scheduler.database_name IS DISTINCT FROM current_database() THEN
		RAISE EXCEPTION 'pg_cron works in another database%', CASE WHEN scheduler.database_name <> '' THEN format(', "%s"', scheduler.database_name) ELSE '' END
			USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = 'A database cannot write into another one.',
				HINT = format('There, run SELECT cron.unschedule(j.jobid) FROM cron.job j WHERE j.jobname IN (%L, %L).', names[1], names[2]);
	END IF;
	IF NOT scheduler.is_here OR NOT has_schema_privilege('cron', 'USAGE') THEN
		RETURN 0;
	END IF;
	/* a superuser sees, and removes, those of all roles */
	EXECUTE format('DELETE FROM %1$I.job_run_details d USING %1$I.job j WHERE j.jobid = d.jobid AND j.jobname = ANY ($1)', 'cron') USING names;
	EXECUTE format('SELECT count(%1$I.unschedule(j.jobid)) FROM %1$I.job j WHERE j.jobname = ANY ($1)', 'cron') INTO result USING names;
	RETURN result;
END;
$$;
COMMENT ON FUNCTION unschedule_jobs() IS
	'Takes this workspace''s jobs away from pg_cron, with what it wrote down about them: those of the role that asks, for a superuser those of all roles. Returns how many; 0 where pg_cron is not there. '
	'Error: 55000 it works in another database (the hint is what to run there)';

CREATE FUNCTION job_health_at(at timestamptz DEFAULT clock_timestamp())
	RETURNS TABLE (
		workspace varchar, is_scheduled boolean, is_late boolean, last_tick_at timestamptz, last_tick_error varchar, scheduler_is_alive boolean,
		job_id bigint, run_as varchar, last_run_at timestamptz, last_status varchar, last_message varchar)
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED ROWS 1
	SET search_path FROM CURRENT
AS $$
DECLARE
	scheduler record := find_scheduler();
	last_tick record;
BEGIN
	workspace := current_schema();
	SELECT r.tick_run_id, r.started_at INTO last_tick FROM tick_run r WHERE r.started_at <= job_health_at.at ORDER BY r.started_at DESC LIMIT 1;
	last_tick_at := last_tick.started_at;
	SELECT string_agg(format('%s: %s', p.kind, p.error), '; ' ORDER BY p.part_no) INTO last_tick_error
		FROM tick_part p WHERE p.tick_run_id = last_tick.tick_run_id AND p.error IS NOT NULL;
	is_late := job_health_at.at - coalesce(last_tick_at, (SELECT w.created_at FROM workspace w)) > interval '30 minutes';
	SELECT CASE WHEN bool_or(a.backend_type = 'pg_cron launcher') THEN true WHEN bool_and(a.backend_type IS NOT NULL) THEN false END INTO scheduler_is_alive
		FROM pg_stat_activity a;
	IF scheduler.is_here AND has_schema_privilege('cron', 'USAGE') THEN
		EXECUTE format('SELECT j.jobid, j.username FROM %I.job j WHERE j.active AND j.jobname = $1 ORDER BY j.jobid LIMIT 1', 'cron')
			INTO job_id, run_as USING (SELECT w.job_name FROM workspace_job() w WHERE w.part = 'tick');
		is_scheduled := job_id IS NOT NULL;
		IF is_scheduled THEN
			EXECUTE format('SELECT d.start_time, d.status, left(d.return_message, 500) FROM %I.job_run_details d WHERE d.jobid = $1 ORDER BY d.runid DESC LIMIT 1', 'cron')
				INTO last_run_at, last_status, last_message USING job_id;
		END IF;
	ELSIF scheduler.database_name IS NULL THEN
		is_scheduled := false;
	END IF;
	RETURN NEXT;
END;
$$;
COMMENT ON FUNCTION job_health_at(timestamptz) IS 'The view job_health at another moment of the server''s clock';

CREATE VIEW job_health WITH (security_invoker = true) AS
	SELECT h.workspace::varchar(63) AS workspace, h.is_scheduled, h.is_late, h.last_tick_at, h.last_tick_error::varchar(2000) AS last_tick_error, h.scheduler_is_alive,
		h.job_id, h.run_as::varchar(63) AS run_as, h.last_run_at, h.last_status::varchar(20) AS last_status, h.last_message::varchar(500) AS last_message
	FROM job_health_at() AS h;
COMMENT ON VIEW job_health IS 'One row: whether this workspace''s ticks come, whoever calls them, and what pg_cron knows of them';
COMMENT ON COLUMN job_health.workspace IS 'Schema of the workspace';
COMMENT ON COLUMN job_health.is_scheduled IS 'Whether pg_cron of this database has an active job for it (of the reader''s role; superusers see those of all); NULL: not known, pg_cron works in another database or is closed to the reader';
COMMENT ON COLUMN job_health.is_late IS 'Whether the last tick began more than 30 minutes ago, three periods of the job; without a tick, whether the workspace is that old';
COMMENT ON COLUMN job_health.last_tick_at IS 'When the last tick began, by the server''s clock; NULL: none in the time that is kept';
COMMENT ON COLUMN job_health.last_tick_error IS 'What failed in the last tick; NULL: nothing';
COMMENT ON COLUMN job_health.scheduler_is_alive IS 'Whether pg_cron''s launcher runs in this cluster; NULL: the reader may not know (pg_read_all_stats)';
COMMENT ON COLUMN job_health.job_id IS 'Key of the job in pg_cron; NULL: none that the reader sees';
COMMENT ON COLUMN job_health.run_as IS 'Role with whose rights it runs';
COMMENT ON COLUMN job_health.last_run_at IS 'When pg_cron began it last; NULL: never in the time that is kept';
COMMENT ON COLUMN job_health.last_status IS 'How that went, as pg_cron says: starting, running, sending, connecting, succeeded or failed';
COMMENT ON COLUMN job_health.last_message IS 'What it answered, such as the error';
