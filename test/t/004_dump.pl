# A dump holds a workspace whole: every row, rule, comment and next number, also what its users added to it.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use PostgreSQL::Test::Utils;
use Test::More;

my @workspaces = ('perf', 'East "2", 东区');
my $node = start_server('dump');
$node->safe_psql('postgres', 'CREATE ROLE reader');
new_database($node, 'source');
for my $name (@workspaces)
{
	(my $literal = $name) =~ s/'/''/g;
	$node->safe_psql('source', "SELECT perf_mgmt.create_workspace('$literal')");
	fill_workspace($node, 'source', $name);
}

# what users add
$node->safe_psql(
	'source', q{
	SET search_path = perf, perf_mgmt, pg_temp;
	ALTER TABLE goal ADD strategy text DEFAULT 'none';
	UPDATE goal SET strategy = 'lean' WHERE goal_no = 'O2';
	CREATE INDEX goal_strategy_idx ON goal (strategy);
	CREATE VIEW our_red WITH (security_invoker = true) AS SELECT goal_no FROM goal_status WHERE light = 'red';
	GRANT USAGE ON SCHEMA perf TO reader;
	GRANT SELECT ON goal_status TO reader;
	CREATE TABLE extra (light perf_mgmt.traffic_light PRIMARY KEY, curve perf_mgmt.score_curve, total perf_mgmt.score_sum);
	INSERT INTO extra SELECT 'green', 'linear(0:0, 1:1)', perf_mgmt.score_sum(s, w) FROM (VALUES (80.5, 3), (NULL, 2)) AS v(s, w);
});

my (%tables, %views, %definitions);
for my $name (@workspaces)
{
	$tables{$name} = { digests($node, 'source', quoted($name), 'r') };
	$views{$name} = { digests($node, 'source', quoted($name), 'v') };
	$definitions{$name} = definitions('source', $name);
	cmp_ok(scalar keys %{ $tables{$name} }, '>', 20, "$name: there are tables");
	my @empty = grep { $tables{$name}{$_} =~ /^0\|/ } sort keys %{ $tables{$name} };
	is("@empty", '', "$name: every table holds rows; otherwise company.sql has to fill it");
}

my $folder = $node->basedir;
my $dump = "$folder/source";
$node->command_ok([ 'pg_dump', '--no-sync', '-f', "$dump.sql", 'source' ], 'dump as plain text');
$node->command_ok([ 'pg_dump', '--no-sync', '-Fc', '-f', "$dump.custom", 'source' ], 'dump in custom format');
$node->command_ok([ 'pg_dump', '--no-sync', '-Fd', '-j', '2', '-f', "$dump.directory", 'source' ], 'dump as a directory, in parallel');

my %restored = (
	'plain text' => [ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dump.sql", '-d' ],
	'custom format' => [ 'pg_restore', '--exit-on-error', "$dump.custom", '-d' ],
	'directory, in parallel' => [ 'pg_restore', '--exit-on-error', '-j', '2', "$dump.directory", '-d' ]);
my $number = 0;
for my $how (sort keys %restored)
{
	my $database = 'restored_' . ++$number;
	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0");
	$node->command_ok([ @{ $restored{$how} }, $database ], "$how: restores without an error");
	compare($how, $database, @workspaces);
}

# a workspace of its own, where the extension is there already
$node->safe_psql('postgres', 'CREATE DATABASE moved TEMPLATE template0');
$node->safe_psql('moved', 'CREATE EXTENSION perf_mgmt');
$node->command_ok([ 'pg_dump', '--no-sync', '-n', 'perf', '-f', "$dump.one", 'source' ], 'dump one workspace alone');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dump.one", '-d', 'moved' ], 'and restore it into another database');
compare('one workspace', 'moved', 'perf');

# a copy of the database
$node->safe_psql('postgres', 'CREATE DATABASE copied TEMPLATE source');
compare('copy', 'copied', @workspaces);

# the rules work in the restored workspace
my $db = 'restored_1';
my $path = 'SET search_path = perf, perf_mgmt, pg_temp;';
is(sqlstate_of($node, $db, "$path UPDATE goal SET weight = 50 WHERE goal_no = 'K2'"), '23514', 'weights still have to total 100');
is(sqlstate_of($node, $db, "$path UPDATE goal SET parent_id = goal_id_of('M3') WHERE goal_no = 'O1'"), '23514', 'circles are still refused');
is(sqlstate_of($node, $db, "$path UPDATE check_in SET progress = 1"), '55000', 'facts still cannot be changed');
is(sqlstate_of($node, $db, "$path SELECT check_in(goal_id_of('S4'), 3)"), '55000', 'a closed cycle is still frozen');
is( $node->safe_psql($db, "$path SELECT check_in(goal_id_of('K5'), 700) > (SELECT max(check_in_id) FROM check_in WHERE actual <> 700)"),
	't', 'a new check-in gets the next number');
is( $node->safe_psql($db, "$path UPDATE setting SET value = '8' WHERE key = 'bonus_cap'; SELECT old_row ->> 'value' FROM history WHERE row_key = 'bonus_cap' ORDER BY history_id DESC LIMIT 1"),
	'5', 'history goes on');
is($node->safe_psql($db, "$path SELECT sending_enabled()"), 'f', 'and nothing is sent from the copy');
is($node->safe_psql('source', "$path SELECT sending_enabled()"), 't', 'while the original may');
is(sqlstate_of($node, $db, 'DROP EXTENSION perf_mgmt'), '2BP01', 'DROP EXTENSION still refuses');

# what users had added
is($node->safe_psql($db, 'SELECT strategy FROM perf.goal WHERE goal_no = \'O2\''), 'lean', 'a column that users added is there');
is($node->safe_psql($db, "SELECT count(*) FROM pg_indexes WHERE indexname = 'goal_strategy_idx'"), '1', 'so is their index');
is($node->safe_psql($db, "SELECT has_table_privilege('reader', 'perf.goal_status', 'SELECT')"), 't', 'and what they granted');

# every function that plpgsql runs later can still find what it names
$node->safe_psql($db, 'CREATE EXTENSION plpgsql_check SCHEMA public');
is( $node->safe_psql(
		$db, q{
		SELECT p.oid::regprocedure, c.message
		FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'plpgsql',
			LATERAL public.plpgsql_check_function_tb(p.oid, fatal_errors => false, other_warnings => false, extra_warnings => false, performance_warnings => false) AS c
		WHERE p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'public', 'perf_mgmt') AND p.prorettype <> 'trigger'::regtype AND c.level = 'error'}),
	'',
	'plpgsql_check finds no error in a restored function');

$node->stop;
done_testing();

sub quoted
{
	my ($name) = @_;
	(my $quoted = $name) =~ s/"/""/g;
	return qq("$quoted");
}

# compare(HOW, DATABASE, WORKSPACE...): tables, views, sequences and definitions against the source
sub compare
{
	my ($how, $database, @names) = @_;
	for my $name (@names)
	{
		my $schema = quoted($name);
		is(differing({ digests($node, $database, $schema, 'r') }, $tables{$name}), '', "$how, $name: the same rows in each table");
		is(differing({ digests($node, $database, $schema, 'v') }, $views{$name}), '', "$how, $name: the same rows in each view");
		my $sequences = "SELECT sequencename, last_value, start_value, increment_by FROM pg_sequences WHERE schemaname = \$q\$$name\$q\$ ORDER BY 1";
		is($node->safe_psql($database, $sequences), $node->safe_psql('source', $sequences), "$how, $name: the same next numbers");
		is(line_difference(definitions($database, $name), $definitions{$name}), '', "$how, $name: the same definitions");
	}
	my $list = 'SELECT name, version FROM perf_mgmt.workspaces WHERE name IN (' . join(', ', map { "\$q\$$_\$q\$" } @names) . ') ORDER BY name';
	is($node->safe_psql($database, $list), $node->safe_psql('source', $list), "$how: the workspaces are known as such");
	return;
}

# line_difference(TEXT, TEXT): the lines that only one of them has
sub line_difference
{
	my ($left, $right) = @_;
	my %count;
	$count{$_}++ for split /\n/, $left;
	$count{$_}-- for split /\n/, $right;
	return join "\n", map { ($count{$_} > 0 ? '+ ' : '- ') . $_ } grep { $count{$_} } sort keys %count;
}

# definitions(DATABASE, WORKSPACE): its dump without data
sub definitions
{
	my ($database, $name) = @_;
	(my $pattern = $name) =~ s/"/""/g;
	my ($out, $err) = run_command([ 'pg_dump', '--schema-only', '-h', $node->host, '-p', $node->port, '-n', qq("$pattern"), $database ]);
	die "pg_dump: $err" if $err ne '' || $out eq '';
	$out =~ s/^\\(un)?restrict .*$//mg;
	# a list of varchar is written back with its casts elsewhere, and means the same
	$out =~ s/::(character varying|text)(\[\])?//g;
	$out =~ tr/()//d;
	return $out;
}
