# Installing and removing: nothing of somebody else's is adopted, captured or lost.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use Test::More;

my $node = start_server('install');

# ---------------------------------------------------------------------------
# A schema that is there already is not adopted
# ---------------------------------------------------------------------------
$node->safe_psql('postgres', 'CREATE ROLE intruder LOGIN');
$node->safe_psql('postgres', 'CREATE DATABASE taken');
$node->safe_psql('taken', 'CREATE SCHEMA perf_mgmt AUTHORIZATION intruder');
is(sqlstate_of($node, 'taken', 'CREATE EXTENSION perf_mgmt'), '42P06', 'a schema perf_mgmt of somebody else prevents the installation');
is($node->safe_psql('taken', "SELECT count(*) FROM pg_extension WHERE extname = 'perf_mgmt'"), '0', 'nothing is left of the attempt');
is($node->safe_psql('taken', "SELECT count(*) FROM pg_proc WHERE pronamespace = 'perf_mgmt'::regnamespace"), '0', 'the schema stays as it was');

is(sqlstate_of($node, 'postgres', 'SET ROLE intruder; CREATE EXTENSION perf_mgmt'), '42501', 'only a superuser installs it');
new_database($node, 'moved');
is(sqlstate_of($node, 'moved', 'CREATE SCHEMA other; ALTER EXTENSION perf_mgmt SET SCHEMA other'), '0A000', 'it cannot be moved to another schema');

# ---------------------------------------------------------------------------
# Objects that match better than the system's own are waiting in schema public
# ---------------------------------------------------------------------------
# Every operator on pairs of common types that the system does not have, and
# every function on text once more on varchar and on name.  Whoever calls one
# of them by an unqualified name fails, and whoever refers to one depends on it.
$node->safe_psql('postgres', 'CREATE DATABASE hostile');
$node->safe_psql(
	'hostile', q{
	CREATE TABLE public.trap_statement (n serial, statement text);
	-- all statements first: a trap that is set catches the next query too
	INSERT INTO public.trap_statement (statement)
	WITH types(t) AS (
		SELECT unnest('{text,varchar,bpchar,name,"\"char\"",boolean,smallint,integer,bigint,oid,regclass,numeric,date,timestamptz,timestamp,interval}'::text[])
	), operators(op, result) AS (
		VALUES ('=', 'boolean'), ('<>', 'boolean'), ('<', 'boolean'), ('>', 'boolean'), ('<=', 'boolean'), ('>=', 'boolean'),
			('~', 'boolean'), ('~~', 'boolean'), ('||', 'text'), ('+', 'numeric'), ('-', 'numeric'), ('*', 'numeric'), ('/', 'numeric')
	), missing AS (
		SELECT op, result, l.t AS l, r.t AS r
		FROM types AS l, types AS r, operators
		WHERE NOT EXISTS (
			SELECT FROM pg_operator x
			WHERE x.oprname = op AND x.oprnamespace = 'pg_catalog'::regnamespace AND x.oprleft = l.t::regtype AND x.oprright = r.t::regtype)
	), functions AS (
		SELECT DISTINCT format('public.%I(%s)', p.proname,
				(SELECT string_agg(CASE WHEN a.type = 'text'::regtype THEN replacement ELSE format_type(a.type, NULL) END, ', ' ORDER BY a.n)
					FROM unnest(p.proargtypes) WITH ORDINALITY AS a(type, n))) AS signature,
			min(format_type(p.prorettype, NULL)) AS result
		FROM pg_proc p, unnest('{varchar,name}'::text[]) AS replacement
		WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset
			AND 'text'::regtype = ANY (p.proargtypes) AND p.pronargs <= 4 AND p.provariadic = 0
			AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) AS a(type) JOIN pg_type t ON t.oid = a.type WHERE t.typtype = 'p')
			AND NOT EXISTS (SELECT FROM pg_type t WHERE t.oid = p.prorettype AND t.typtype = 'p')
		GROUP BY p.oid, p.proname, p.proargtypes, replacement
	)
	SELECT format('CREATE FUNCTION %s RETURNS %s LANGUAGE plpgsql AS %L', signature, min(result), 'BEGIN RAISE EXCEPTION ''trapped''; END')
	FROM functions GROUP BY signature
	UNION ALL
	SELECT DISTINCT format('CREATE FUNCTION public.trap_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L', result, l, r, result,
		'BEGIN RAISE EXCEPTION ''trapped''; END') FROM missing
	UNION ALL
	SELECT format('CREATE OPERATOR public.%s (FUNCTION = public.trap_%s, LEFTARG = %s, RIGHTARG = %s)', op, result, l, r) FROM missing;

	CREATE FUNCTION public.set_traps() RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog AS $make$
	DECLARE
		statements text[] := array(SELECT t.statement FROM public.trap_statement t ORDER BY t.n);
		statement text;
	BEGIN
		FOREACH statement IN ARRAY statements LOOP
			EXECUTE statement;
		END LOOP;
		RETURN cardinality(statements);
	END $make$;
});
cmp_ok($node->safe_psql('hostile', 'SELECT set_traps()'), '>', 2000, 'traps are set in schema public');
is(sqlstate_of($node, 'hostile', "SELECT 1::oid = 'pg_class'::regclass"), 'P0001', 'and the traps work');

my $depending = q{
	SET search_path = pg_catalog;
	SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid)
	FROM pg_depend d
	WHERE d.refobjid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
			UNION ALL SELECT oid FROM pg_operator WHERE oprnamespace = 'public'::regnamespace)
		AND NOT (d.classid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
			AND d.objid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
				UNION ALL SELECT oid FROM pg_operator WHERE oprnamespace = 'public'::regnamespace))
	ORDER BY 1
};
is(sqlstate_of($node, 'hostile', 'CREATE EXTENSION perf_mgmt'), '00000', 'the extension installs beside them');
is($node->safe_psql('hostile', $depending), '', 'nothing of the extension refers to them');
is(sqlstate_of($node, 'hostile', "SELECT perf_mgmt.create_workspace('perf')"), '00000', 'a workspace is made beside them');
is($node->safe_psql('hostile', $depending), '', 'nothing of the workspace refers to them');
is( sqlstate_of(
		$node, 'hostile', q{
		INSERT INTO perf.department (code, name) VALUES ('K', 'Company');
		SELECT perf.hire('P1', 'One', 'K', NULL, '2026-01-05');
		SELECT perf.hire('P2', 'Two', 'K', 'P1', '2026-01-05');
		SELECT perf.open_year(2026);
		SELECT count(*) FROM perf_mgmt.workspaces;}),
	'00000',
	'and used beside them');

# ---------------------------------------------------------------------------
# Removing
# ---------------------------------------------------------------------------
new_database($node, 'used');
$node->safe_psql('used', "SELECT perf_mgmt.create_workspace('perf')");
is(sqlstate_of($node, 'used', 'DROP EXTENSION perf_mgmt'), '2BP01', 'DROP EXTENSION refuses while a workspace exists');
is($node->safe_psql('used', 'SELECT count(*) FROM perf.workspace'), '1', 'the workspace is still there');
is(sqlstate_of($node, 'used', "SELECT perf_mgmt.drop_workspace('perf', 'perf')"), '00000', 'a workspace is dropped');
is(sqlstate_of($node, 'used', 'DROP EXTENSION perf_mgmt'), '00000', 'then the extension goes');
is( $node->safe_psql(
		'used', q{
		SELECT count(*) FROM pg_namespace WHERE nspname IN ('perf', 'perf_mgmt')}),
	'0',
	'and leaves no schema behind');
is(sqlstate_of($node, 'used', 'CREATE EXTENSION perf_mgmt'), '00000', 'and can come back');

$node->stop;
done_testing();
