# pg_upgrade carries the engine and its workspaces over to another cluster.
use strict;
use warnings;

use Cwd;
use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use PostgreSQL::Test::Utils;
use Test::More;

my $old = start_server('old');
my $db = 'company';
new_database($old, $db);
$old->safe_psql($db, "SELECT perf_mgmt.create_workspace('perf')");
fill_workspace($old, $db, 'perf');
my %tables = digests($old, $db, 'perf', 'r');
my %views = digests($old, $db, 'perf', 'v');
my $sequences = 'SELECT sequencename, last_value FROM pg_sequences ORDER BY 1';
my $numbers = $old->safe_psql($db, $sequences);
$old->stop;

my $new = PostgreSQL::Test::Cluster->new('new');
$new->init(
	extra => [ '--locale=C.UTF-8', '--encoding=UTF8', '--username=postgres' ],
	auth_extra => [ '--user', 'postgres' ]);

my $here = getcwd;
my $bindir = $new->config_data('--bindir');
chomp $bindir;
chdir $new->basedir or die $!;
$ENV{PGHOST} = $new->host;
command_ok(
	[
		'pg_upgrade', '--no-sync', '-U', 'postgres', '-d', $old->data_dir, '-D', $new->data_dir, '-b', $bindir, '-B', $bindir,
		'-s', $new->host, '-p', $old->port, '-P', $new->port
	],
	'pg_upgrade runs');
chdir $here or die $!;

$new->start;
is(differing({ digests($new, $db, 'perf', 'r') }, \%tables), '', 'the same rows in each table');
is(differing({ digests($new, $db, 'perf', 'v') }, \%views), '', 'the same rows in each view');
is($new->safe_psql($db, $sequences), $numbers, 'the same next numbers');
my $path = 'SET search_path = perf, perf_mgmt, pg_temp;';
is(sqlstate_of($new, $db, "$path SELECT check_in(goal_id_of('K5'), 700)"), '00000', 'check-ins go on');
is(sqlstate_of($new, $db, "$path UPDATE goal SET weight = 99 WHERE goal_no = 'K5'"), '23514', 'the rules hold');
is($new->safe_psql($db, "$path SELECT sending_enabled()"), 'f', 'nothing is sent from the new cluster until somebody says so');

$new->stop;
done_testing();
