# Jobs with a real pg_cron: missing, not created, here, in another database;
# ticks that it runs; jobs whose workspace or database is gone.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_server('cron');
new_database($node, $_) for qw(main other third);
$node->safe_psql('main', qq(SELECT perf_mgmt.create_workspace('a')));
$node->safe_psql($_, qq(SELECT perf_mgmt.create_workspace('c "x"'))) for qw(other third);

# as(ROLE, DATABASE, SQL): its output; error_of(...): its error
sub as
{
	my ($role, $database, $sql) = @_;
	return $node->safe_psql($database, $sql, connstr => $node->connstr($database) . " user=$role");
}
sub error_of
{
	my ($role, $database, $sql) = @_;
	my ($status, $out, $err) = $node->psql($database, $sql, connstr => $node->connstr($database) . " user=$role", extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	return $err;
}
# soon(DATABASE, QUERY, WHAT): becomes true within two minutes
sub soon { local $Test::Builder::Level = $Test::Builder::Level + 1; return ok($node->poll_query_until($_[0], $_[1]), $_[2]); }

my $health = 'SELECT is_scheduled, is_late, last_tick_at IS NOT NULL, scheduler_is_alive, last_status FROM %s.job_health';

# ---------------------------------------------------------------------------
# Without pg_cron
# ---------------------------------------------------------------------------
my $error = error_of('postgres', 'main', 'SELECT a.schedule_jobs()');
like($error, qr/ERROR:  55000: pg_cron is not loaded/, 'without pg_cron nothing can be scheduled');
like($error, qr/HINT:  On Debian, install postgresql-\d+-cron\..*shared_preload_libraries = 'pg_cron', cron\.database_name = 'main' and cron\.use_background_workers = on, and restart\..*CREATE EXTENSION pg_cron/,
	'the hint names the package and the settings');
is($node->safe_psql('main', 'SELECT a.unschedule_jobs()'), '0', 'there is nothing to unschedule');
is($node->safe_psql('main', sprintf $health, 'a'), 'f|f|f|f|', 'the health can be read');
is($node->safe_psql('main', "SELECT is_late FROM a.job_health_at(clock_timestamp() + interval '31 minutes')"), 't', 'and says when ticks do not come');
$node->safe_psql('main', 'SELECT a.tick()');
is($node->safe_psql('main', sprintf $health, 'a'), 'f|f|t|f|', 'whoever calls tick, it is seen');
is($node->safe_psql('main', "SELECT is_late FROM a.job_health_at(clock_timestamp() + interval '29 minutes')"), 'f', 'three periods long');

$node->append_conf('postgresql.conf', "shared_preload_libraries = 'pg_cron'\ncron.database_name = 'main'\ncron.use_background_workers = on\nmax_worker_processes = 16\n");
$node->restart;
like(error_of('postgres', 'main', 'SELECT a.schedule_jobs()'), qr/ERROR:  55000: pg_cron is loaded, but this database does not have its extension.*HINT:  A superuser runs CREATE EXTENSION pg_cron here\./s,
	'loaded but not created: the hint says so');
is($node->safe_psql('main', 'SELECT a.unschedule_jobs()'), '0', 'and there is nothing to unschedule');
$node->safe_psql('main', 'CREATE EXTENSION pg_cron');

# ---------------------------------------------------------------------------
# Scheduling: two workspaces, one of them with an owner who is no superuser
# ---------------------------------------------------------------------------
$node->safe_psql('main', qq(
	CREATE ROLE boss LOGIN; CREATE ROLE clerk LOGIN; CREATE ROLE nobody;
	GRANT CREATE ON DATABASE main TO boss;
	GRANT USAGE ON SCHEMA perf_mgmt TO boss, clerk;
	GRANT EXECUTE ON FUNCTION perf_mgmt.create_workspace(text, text, text), perf_mgmt.drop_workspace(text, text) TO boss;));
as('boss', 'main', qq(SELECT perf_mgmt.create_workspace('b')));
as('boss', 'main', 'GRANT USAGE ON SCHEMA b TO clerk, nobody; GRANT SELECT ON b.setting TO clerk');

like(error_of('boss', 'main', 'SELECT b.schedule_jobs()'), qr/ERROR:  42501: role "boss" cannot use pg_cron.*HINT:  A superuser runs GRANT USAGE ON SCHEMA cron TO boss\./s,
	'a role that may not use pg_cron is told what is missing');
is(as('boss', 'main', 'SELECT b.unschedule_jobs()'), '0', 'and has nothing to unschedule');
$node->safe_psql('main', 'GRANT USAGE ON SCHEMA cron TO boss, clerk, nobody');
like(error_of('clerk', 'main', 'SELECT b.schedule_jobs()'), qr/ERROR:  42501: role "clerk" cannot run the ticks of workspace "b".*GRANT EXECUTE ON FUNCTION b\.tick\(timestamptz\) TO clerk;/s,
	'so is one that may not run ticks');
$node->safe_psql('main', 'GRANT USAGE ON SCHEMA a TO nobody; GRANT EXECUTE ON FUNCTION a.tick TO nobody; GRANT SELECT ON ALL TABLES IN SCHEMA a TO nobody');
like(error_of('postgres', 'main', 'SET ROLE nobody; SELECT a.schedule_jobs()'),
	qr/ERROR:  42501: role "nobody" cannot log in/, 'and one that cannot log in');

my $jobs = 'SELECT job_id, job_name, schedule FROM %s.schedule_jobs() ORDER BY job_name';
my $of_a = $node->safe_psql('main', sprintf $jobs, 'a');
like($of_a, qr/^\d+\|perf_mgmt:\d+:\d+:tick\|7-59\/10 \* \* \* \*$/m, 'one job ticks, every ten minutes off the full hours');
like($of_a, qr/^\d+\|perf_mgmt:\d+:\d+:tidy\|53 \* \* \* \*$/m, 'one tidies up');
is($node->safe_psql('main', sprintf $jobs, 'a'), $of_a, 'scheduling again changes nothing');
my $of_b = as('boss', 'main', sprintf $jobs, 'b');
isnt($of_b, $of_a, 'another workspace has jobs of its own');
is($node->safe_psql('main', "SELECT string_agg(DISTINCT username || ' ' || database, ', ') FROM cron.job WHERE jobid IN ($1, $2)"), 'boss main', 'run as its owner')
	if $of_b =~ /^(\d+)\|.*\n(\d+)\|/;
is($node->safe_psql('main', 'SELECT count(*) FROM cron.job'), '4', 'two for each workspace, no more');
is($node->safe_psql('main', 'SELECT max(octet_length(jobname)) < 63 FROM cron.job'), 't', 'with names that pg_cron does not cut');
is(as('boss', 'main', 'SELECT is_scheduled, run_as, last_run_at IS NULL FROM b.job_health'), 't|boss|t', 'the health shows it');
$node->safe_psql('main', 'BEGIN; SELECT a.unschedule_jobs(); ROLLBACK');
is($node->safe_psql('main', 'SELECT count(*) FROM cron.job'), '4', 'a rollback takes the change back');

# elsewhere
for my $database (qw(other third))
{
	my $there = error_of('postgres', $database, qq(SELECT "c ""x""".schedule_jobs()));
	like($there, qr/ERROR:  55000: pg_cron works in another database, "main"/, "$database: pg_cron is in another database");
	my $statement = $node->safe_psql($database, qq(SELECT "c ""x""".scheduling_statement()));
	ok(index($there, $statement) >= 0, 'the hint holds the statement');
	$node->safe_psql('main', $statement);
	$node->safe_psql('main', $statement);
	is($node->safe_psql('main', "SELECT count(*), count(DISTINCT jobname) FROM cron.job WHERE database = '$database' OR jobname LIKE 'perf_mgmt:' || (SELECT oid FROM pg_database WHERE datname = '$database') || ':%'"), '2|2',
		'which schedules both jobs, and can be run again');
	is($node->safe_psql($database, qq(SELECT is_scheduled IS NULL, scheduler_is_alive FROM "c ""x""".job_health)), 't|t', 'from there nobody can tell whether it is scheduled');
	like(error_of('postgres', $database, qq(SELECT "c ""x""".unschedule_jobs())), qr/ERROR:  55000: .*HINT:  There, run SELECT cron\.unschedule/s, 'unscheduling says what to run too');
}
is($node->safe_psql('other', 'SELECT current_setting($$cron.database_name$$)'), 'main', 'a superuser reads where pg_cron works');
$node->safe_psql('other', 'GRANT USAGE ON SCHEMA "c ""x""" TO clerk; GRANT USAGE ON SCHEMA perf_mgmt TO clerk');
like(error_of('clerk', 'other', 'SELECT "c ""x""".schedule_jobs()'), qr/ERROR:  55000: pg_cron works in another database.*schedule_in_database/s, 'others are told as well');

# ---------------------------------------------------------------------------
# Ticks: at the start of the server, and in the next minute
# ---------------------------------------------------------------------------
my $ticks = 'SELECT count(*) FROM %s.tick_run';
$node->safe_psql('main', q{SELECT cron.alter_job(jobid, schedule := '@reboot') FROM cron.job WHERE jobname LIKE '%:tick' AND database = 'main'});
my $before = $node->safe_psql('main', sprintf $ticks, 'a');
$node->restart;
is($node->safe_psql('main', 'SELECT count(*) FROM cron.job'), '8', 'the jobs are there after a restart');
soon('main', "SELECT (SELECT count(*) FROM a.tick_run) > $before AND (SELECT count(*) FROM b.tick_run) > 0", 'pg_cron runs the ticks of both workspaces');
soon('main', q{SELECT count(*) = 2 AND bool_and(status = 'succeeded') FROM cron.job_run_details}, 'and they succeed');
is(as('boss', 'main', sprintf $health, 'b'), 't|f|t||succeeded', 'the health tells the owner');
is($node->safe_psql('main', sprintf $health, 'a'), 't|f|t|t|succeeded', 'and a superuser that the launcher lives');

# a tick must have its rights: what pg_cron says is shown
as('boss', 'main', 'ALTER FUNCTION b.tick(timestamptz) RENAME TO tock');
as('boss', 'main', q{CREATE FUNCTION b.tick(timestamptz DEFAULT now()) RETURNS SETOF int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'out of order'; END $$});
$node->safe_psql('main', q{UPDATE cron.job_run_details SET end_time = end_time - interval '8 days', start_time = start_time - interval '8 days'});
$node->safe_psql('main', q{SELECT cron.alter_job(jobid, schedule := '* * * * *') FROM cron.job});
my $old_ticks = $node->safe_psql('main', sprintf $ticks, 'a');
my $other_ticks = $node->safe_psql('other', sprintf $ticks, '"c ""x"""');
soon('main', "SELECT count(*) > $old_ticks FROM a.tick_run", 'a tick comes with the next minute');
soon('other', qq(SELECT count(*) > $other_ticks FROM "c ""x""".tick_run), 'also in another database');
soon('main', q{SELECT EXISTS (SELECT FROM b.job_health WHERE last_status = 'failed' AND last_message LIKE '%out of order%')}, 'the health shows what went wrong');
soon('main', q{SELECT NOT EXISTS (SELECT FROM cron.job_run_details WHERE end_time < now() - interval '7 days')}, 'what was written down long ago is deleted');
my $again = $node->safe_psql('main', sprintf $jobs, 'a');
is($again =~ s/^\d+//gmr, $of_a =~ s/^\d+//gmr, 'a schedule that somebody changed is put right');

# ---------------------------------------------------------------------------
# Gone
# ---------------------------------------------------------------------------
$node->safe_psql('main', "SELECT perf_mgmt.drop_workspace('a', 'a')");
is($node->safe_psql('main', "SELECT count(*) FROM cron.job WHERE database = 'main' AND username = 'postgres' AND jobname LIKE '%:tick'"), '0', 'dropping a workspace unschedules its jobs');
as('boss', 'main', 'DROP SCHEMA b CASCADE');
$node->safe_psql('other', q{SELECT perf_mgmt.drop_workspace('c "x"', 'c "x"')});
soon('main', "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'third')", 'no job is at work in the third database');
$node->safe_psql('main', 'DROP DATABASE third WITH (FORCE)');
soon('main', "SELECT NOT EXISTS (SELECT FROM cron.job WHERE username = 'boss')", 'a job whose workspace was dropped behind its back removes itself');
soon('main', 'SELECT NOT EXISTS (SELECT FROM cron.job)', 'so do those in another database, and those whose database is gone');

# ---------------------------------------------------------------------------
# Off and on
# ---------------------------------------------------------------------------
$node->safe_psql('main', "SELECT perf_mgmt.create_workspace('d')");
$node->safe_psql('main', 'SELECT d.schedule_jobs()');
is($node->safe_psql('main', 'SELECT d.unschedule_jobs()'), '2', 'both jobs are unscheduled');
is($node->safe_psql('main', 'SELECT count(*) FROM cron.job'), '0', 'and gone');
is($node->safe_psql('main', 'SELECT d.unschedule_jobs()'), '0', 'again there is nothing left');
is($node->safe_psql('main', sprintf $health, 'd'), 'f|f|f|t|', 'the health says so');
unlike(slurp_file($node->logfile), qr/PANIC|terminated by signal/, 'the server came to no harm');

$node->stop;
done_testing();
