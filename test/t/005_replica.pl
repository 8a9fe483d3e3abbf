# A streaming replica shows what the primary shows, view by view, and takes over when it is promoted.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = start_server('primary', allows_streaming => 1);
my $db = 'company';
new_database($primary, $db);
$primary->safe_psql($db, "SELECT perf_mgmt.create_workspace('perf')");
$primary->backup('base');

# what follows arrives by the write-ahead log
my $replica = PostgreSQL::Test::Cluster->new('replica');
$replica->init_from_backup($primary, 'base', has_streaming => 1);
$replica->start;
fill_workspace($primary, $db, 'perf');
$primary->wait_for_catchup($replica);

is($replica->safe_psql($db, 'SELECT pg_is_in_recovery()'), 't', 'the replica is one');
is(differing({ digests($replica, $db, 'perf', 'r') }, { digests($primary, $db, 'perf', 'r') }), '', 'the same rows in each table');
my %views = digests($primary, $db, 'perf', 'v');
cmp_ok($views{goal_status}, 'gt', '1', 'the views show something');
is(differing({ digests($replica, $db, 'perf', 'v') }, \%views), '', 'the same rows in each view');

my $path = 'SET search_path = perf, perf_mgmt, pg_temp;';
my %calls = (
	"goal_status_of('E2')" => 'the page of one person',
	"explain_score('E5', '2026Q3')" => 'the explanation of a score',
	"goal_status_at('2026-09-19')" => 'another day',
	"employee_scorecard_at('2026-09-30')" => 'a day to come',
	'perf_mgmt.workspaces' => 'the list of workspaces');
for my $call (sort keys %calls)
{
	my $query = "$path SELECT r FROM $call AS r ORDER BY r::text";
	my $want = $primary->safe_psql($db, $query);
	isnt($want, '', "$calls{$call}: there is something to compare");
	is($replica->safe_psql($db, $query), $want, "$calls{$call} is the same on the replica");
}
is(sqlstate_of($replica, $db, "$path SELECT check_in(goal_id_of('K5'), 700)"), '25006', 'a check-in on the replica is refused as read-only');

# more work while the replica reads
$primary->safe_psql($db, "$path SELECT check_in(goal_id_of('K5'), 800); UPDATE setting SET value = '2026-09-19' WHERE key = 'today'");
$primary->wait_for_catchup($replica);
my $k5 = "$path SELECT progress, score, light FROM goal_status WHERE goal_no = 'K5'";
is($replica->safe_psql($db, $k5), $primary->safe_psql($db, $k5), 'a new check-in changes the replica\'s views');
isnt($replica->safe_psql($db, $k5), '', 'and they show it');

my $last = $primary->safe_psql($db, "$path SELECT max(check_in_id) FROM check_in");
$primary->stop('immediate');
$replica->promote;
is($replica->safe_psql($db, "$path SELECT check_in(goal_id_of('K5'), 900) > $last"), 't', 'promoted, it takes check-ins and goes on with the numbers');
is(sqlstate_of($replica, $db, "$path UPDATE goal SET weight = 99 WHERE goal_no = 'K5'"), '23514', 'and keeps the rules');
is($replica->safe_psql($db, "$path SELECT sending_enabled()"), 't', 'it is the same cluster, so it may send');

$replica->stop;
done_testing();
