/*
 * What the system catalogs say about the engine and about a workspace: rules
 * that hold for every object, whoever adds it.
 */
BEGIN;
CREATE EXTENSION IF NOT EXISTS plpgsql_check;
SELECT no_plan();

CREATE TEMPORARY VIEW our_function AS
	SELECT p.*, n.nspname, p.oid::regprocedure::text AS signature
	FROM pg_proc p
	JOIN pg_namespace n ON n.oid = p.pronamespace
	WHERE n.nspname IN ('perf_mgmt', 'perf');

CREATE TEMPORARY VIEW our_relation AS
	SELECT c.*, n.nspname
	FROM pg_class c
	JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname IN ('perf_mgmt', 'perf');

SELECT cmp_ok(count(*), '>', 0::bigint, 'The engine has functions to look at') FROM our_function WHERE nspname = 'perf_mgmt';
SELECT cmp_ok(count(*), '>', 0::bigint, 'The workspace has tables to look at')
	FROM our_relation WHERE nspname = 'perf' AND relkind = 'r';

-- ---------------------------------------------------------------------------------------
-- Comments: BI tools show them, \d+ shows them
-- ---------------------------------------------------------------------------------------
SELECT is_empty($$
	SELECT signature FROM our_function f WHERE obj_description(f.oid, 'pg_proc') IS NULL
$$, 'Every function and aggregate has a comment');

SELECT is_empty($$
	SELECT n.nspname, t.typname
	FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
	WHERE n.nspname IN ('perf_mgmt', 'perf')
		AND t.typelem = 0										-- no array types
		AND (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_class c WHERE c.oid = t.typrelid))	-- no row types of tables
		AND obj_description(t.oid, 'pg_type') IS NULL
$$, 'Every type has a comment');

SELECT is_empty($$
	SELECT o.oid::regoperator FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
	WHERE n.nspname IN ('perf_mgmt', 'perf') AND obj_description(o.oid, 'pg_operator') IS NULL
$$, 'Every operator has a comment');

SELECT is_empty($$
	SELECT nspname, relname, relkind FROM our_relation r
	WHERE relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition AND obj_description(r.oid, 'pg_class') IS NULL
$$, 'Every table and view has a comment');

SELECT is_empty($$
	SELECT r.nspname, r.relname, a.attname
	FROM our_relation r JOIN pg_attribute a ON a.attrelid = r.oid
	WHERE r.relkind IN ('r', 'p', 'v', 'm') AND NOT r.relispartition AND a.attnum > 0 AND NOT a.attisdropped
		AND col_description(r.oid, a.attnum) IS NULL
$$, 'Every column of a table or view has a comment');

-- ---------------------------------------------------------------------------------------
-- Functions
-- ---------------------------------------------------------------------------------------
SELECT is_empty($$
	SELECT signature FROM our_function WHERE proparallel = 'u' AND provolatile <> 'v' AND prokind IN ('f', 'a', 'w')
$$, 'No function that only reads forbids a parallel plan');

SELECT is_empty($$
	SELECT signature FROM our_function f JOIN pg_language l ON l.oid = f.prolang
	WHERE l.lanname = 'plpgsql'
		AND NOT EXISTS (SELECT FROM unnest(f.proconfig) AS setting WHERE setting LIKE 'search\_path=%pg\_temp')
$$, 'Every plpgsql function pins a search_path that ends with pg_temp');

SELECT is_empty($$
	SELECT signature FROM our_function f JOIN pg_language l ON l.oid = f.prolang
	WHERE l.lanname = 'sql' AND f.prosqlbody IS NULL
$$, 'Every SQL function has a body that was parsed when it was made');

SELECT is_empty($$
	SELECT signature FROM our_function
	WHERE prosecdef AND prorettype <> 'trigger'::regtype
		AND EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0 AND a.privilege_type = 'EXECUTE')
$$, 'Not everybody may call what runs with its owner''s rights');

SELECT is_empty($$
	SELECT f.signature, checked.level, checked.lineno, checked.message
	FROM our_function f
	JOIN pg_language l ON l.oid = f.prolang
	CROSS JOIN LATERAL plpgsql_check_function_tb(f.oid, fatal_errors => false, other_warnings => false, extra_warnings => false,
		performance_warnings => false) AS checked
	WHERE l.lanname = 'plpgsql' AND f.prorettype <> 'trigger'::regtype
		AND checked.level = 'error'
		-- these name the tables of the workspace that they are about to make
		AND NOT (f.nspname = 'perf_mgmt' AND f.proname IN ('create_workspace', 'upgrade_workspace')
			AND checked.message ~ '^relation "(workspace|setting)" does not exist$')
$$, 'plpgsql_check finds no error in a function');

SELECT is_empty($$
	SELECT DISTINCT f.signature, t.tgrelid::regclass, checked.level, checked.lineno, checked.message
	FROM our_function f
	JOIN pg_trigger t ON t.tgfoid = f.oid AND NOT t.tgisinternal
	CROSS JOIN LATERAL plpgsql_check_function_tb(f.oid, t.tgrelid, oldtable => t.tgoldtable, newtable => t.tgnewtable, fatal_errors => false, other_warnings => false, extra_warnings => false,
		performance_warnings => false) AS checked
	WHERE checked.level = 'error'
$$, 'plpgsql_check finds no error in a trigger function on its tables');

SELECT is_empty($$
	SELECT signature FROM our_function f
	WHERE prorettype = 'trigger'::regtype AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = f.oid)
$$, 'Every trigger function is used by a trigger');

-- ---------------------------------------------------------------------------------------
-- Aggregates, operator classes, casts
-- ---------------------------------------------------------------------------------------
SELECT is_empty($$
	SELECT signature FROM our_function f JOIN pg_aggregate a ON a.aggfnoid = f.oid
	WHERE a.aggcombinefn = 0 OR f.proparallel <> 's' OR a.aggtranstype = 'internal'::regtype
$$, 'Every aggregate is parallel safe and merges states of a concrete type');

SELECT is_empty($$
	SELECT c.opcname FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace
	WHERE n.nspname IN ('perf_mgmt', 'perf') AND NOT amvalidate(c.oid)
$$, 'Every operator class is complete');

SELECT is_empty($$
	SELECT t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
	WHERE n.nspname = 'perf_mgmt' AND t.typtype = 'b' AND t.typelem = 0 AND (t.typsend = 0 OR t.typreceive = 0)
$$, 'Every base type has a binary form');

SELECT is_empty($$
	SELECT c.castsource::regtype, c.casttarget::regtype FROM pg_cast c JOIN pg_type t ON t.oid = c.castsource
	JOIN pg_namespace n ON n.oid = t.typnamespace
	WHERE n.nspname = 'perf_mgmt' AND c.castcontext = 'i'
$$, 'No type of the engine turns into another by itself');

-- ---------------------------------------------------------------------------------------
-- Tables
-- ---------------------------------------------------------------------------------------
SELECT is_empty($$
	SELECT relname FROM our_relation r WHERE relkind IN ('r', 'p') AND nspname = 'perf_mgmt'
$$, 'The engine has no tables');

SELECT is_empty($$
	SELECT relname FROM our_relation r
	WHERE relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = r.oid AND c.contype = 'p')
$$, 'Every table has a primary key');

SELECT is_empty($$
	SELECT c.conrelid::regclass, c.conname
	FROM pg_constraint c JOIN our_relation r ON r.oid = c.conrelid
	WHERE c.contype = 'f' AND NOT EXISTS (
		SELECT FROM pg_index i
		WHERE i.indrelid = c.conrelid AND i.indisvalid
			AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)
$$, 'Every foreign key can be followed backwards by an index');

SELECT is_empty($$
	SELECT r.relname, a.attname, pg_get_expr(d.adbin, d.adrelid)
	FROM our_relation r
	JOIN pg_attribute a ON a.attrelid = r.oid
	JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	WHERE a.attidentity = '' AND pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%'
$$, 'Keys are identities, not serial columns');

SELECT is_empty($$
	SELECT r.relname, a.attname, format_type(a.atttypid, a.atttypmod)
	FROM our_relation r
	JOIN pg_attribute a ON a.attrelid = r.oid
	JOIN pg_type t ON t.oid = a.atttypid
	WHERE r.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
		AND t.typname IN ('timestamp', 'time', 'timetz', 'money', 'json', 'float4', 'float8', 'bpchar')
$$, 'No column loses its zone or its digits');

SELECT is_empty($$
	SELECT r.relname, a.attname FROM our_relation r JOIN pg_attribute a ON a.attrelid = r.oid
	WHERE r.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped
		AND (a.attname LIKE '%\_at' AND a.atttypid <> 'timestamptz'::regtype OR a.attname LIKE '%\_on' AND a.atttypid <> 'date'::regtype)
$$, 'A column _at is a moment, a column _on is a day');

-- ---------------------------------------------------------------------------------------
-- Views: what any client can read
-- ---------------------------------------------------------------------------------------
SELECT is_empty($$
	SELECT nspname, relname FROM our_relation
	WHERE relkind = 'v' AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)
$$, 'Every view runs with its reader''s rights');

SELECT is_empty($$
	SELECT r.relname, a.attname, format_type(a.atttypid, a.atttypmod)
	FROM our_relation r JOIN pg_attribute a ON a.attrelid = r.oid
	WHERE r.relkind = 'v' AND a.attnum > 0
		AND NOT (a.atttypid IN ('boolean'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'date'::regtype, 'timestamptz'::regtype)
			OR a.atttypid IN ('varchar'::regtype, 'numeric'::regtype) AND a.atttypmod >= 0)
$$, 'View columns have plain types, text and numbers with their size');

SELECT is_empty($$
	SELECT r.relname, a.attname
	FROM our_relation r JOIN pg_attribute a ON a.attrelid = r.oid
	WHERE r.relkind = 'v' AND a.attname = 'light' AND NOT EXISTS (
		SELECT FROM pg_attribute k WHERE k.attrelid = r.oid AND k.attname = 'light_rank' AND k.atttypid = 'smallint'::regtype)
$$, 'Beside a light stands its rank');

-- ---------------------------------------------------------------------------------------
-- Who owns what
-- ---------------------------------------------------------------------------------------
SELECT is_empty($$
	SELECT f.signature FROM our_function f
	WHERE f.nspname = 'perf_mgmt' AND NOT EXISTS (
		SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
$$, 'Every function of the engine belongs to the extension');

SELECT is_empty($$
	SELECT pg_describe_object(d.classid, d.objid, d.objsubid)
	FROM pg_depend d
	WHERE d.deptype = 'e'
		AND (d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM our_relation WHERE nspname = 'perf')
			OR d.classid = 'pg_proc'::regclass AND d.objid IN (SELECT oid FROM our_function WHERE nspname = 'perf'))
$$, 'Nothing of the workspace belongs to the extension');

SELECT * FROM finish();
ROLLBACK;
