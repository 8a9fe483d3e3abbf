# A server that crashes comes back with everything that was committed and nothing that was not.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_server('crash', fsync => 'on', restart_after_crash => 'on', max_prepared_transactions => 2);
my $db = 'company';
new_database($node, $db);
$node->safe_psql($db, "SELECT perf_mgmt.create_workspace('perf')");
fill_workspace($node, $db, 'perf');
my $path = 'SET search_path = perf, perf_mgmt, pg_temp;';

my %tables = digests($node, $db, 'perf', 'r');
my %views = digests($node, $db, 'perf', 'v');

# half a transaction, on disk but not committed
my ($in, $out, $err) = ('', '', '');
my $session = $node->background_psql($db);
$session->query_safe("$path BEGIN; SELECT check_in(goal_id_of('K5'), 999); INSERT INTO department (code, name) SELECT 'X' || i, 'X' FROM generate_series(1, 2000) AS i;");
# and one that two phases promise
$node->safe_psql($db, "$path BEGIN; SELECT check_in(goal_id_of('K2'), 2); PREPARE TRANSACTION 'promised'");

$node->stop('immediate');
$session->{run}->finish if ref $session && $session->{run};
$node->start;
is(differing({ digests($node, $db, 'perf', 'r') }, \%tables), '', 'after a crash every table holds what was committed');
is(differing({ digests($node, $db, 'perf', 'v') }, \%views), '', 'and every view shows it');
my $before = $node->safe_psql($db, "$path SELECT count(*) FROM check_in");
$node->safe_psql($db, "COMMIT PREPARED 'promised'");
is($node->safe_psql($db, "$path SELECT count(*) FROM check_in"), $before + 1, 'a prepared check-in can still be committed');

# a backend that is killed in the middle of a status query takes the others along, and all come back
my $pid = $node->safe_psql($db, 'SELECT pg_postmaster_start_time()');
my $victim = $node->background_psql($db, on_error_stop => 0);
my $victim_pid = $victim->query_safe("$path SELECT pg_backend_pid()");
$victim_pid =~ s/\D//g;
kill 'KILL', $victim_pid or die "cannot kill backend $victim_pid: $!";
eval { $victim->{run}->finish; 1 };
ok($node->poll_query_until($db, 'SELECT true'), 'the server comes back by itself');
is($node->safe_psql($db, 'SELECT pg_postmaster_start_time()'), $pid, 'under the same postmaster');
is($node->safe_psql($db, "$path SELECT count(*) FROM goal_status"), $views{goal_status} =~ /^(\d+)/ ? $1 : '?', 'and shows the same goals');
is(sqlstate_of($node, $db, "$path SELECT check_in(goal_id_of('K5'), 700)"), '00000', 'and takes check-ins');

$node->stop;
done_testing();
