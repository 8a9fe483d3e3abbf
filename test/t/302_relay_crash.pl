# The relay and crashes: its own, the database's, and copies of the database.
# Whatever happens, each message arrives, in order for each recipient, and
# twice only where a relay died between sending and reporting.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use PostgreSQL::Test::Utils;
use RelayTest;
use Test::More;
use Time::HiRes qw(sleep time);

# with the default wal_level: under "minimal" a server that crashes forgets how far
# it had got in sequences that were made and used in one transaction
my $node = start_server('crash', allows_streaming => 1);
my $platforms = start_platforms();
new_database($node, 'company');
prepare_workspace($node, 'company');
$node->safe_psql(
	'company', q{
	SET search_path = perf, perf_mgmt;
	UPDATE setting SET value = '1000' WHERE key = 'breaker_failures';
	INSERT INTO department (code, name) VALUES ('D', 'Sales');
	SELECT hire('E' || n, 'Name ' || n, 'D', NULL, '2026-01-01') FROM generate_series(1, 20) AS n;
});

# post(DESTINATION, PREFIX, PEOPLE, MESSAGES): for each person so many, in turn; a message is "PREFIX PERSON NUMBER"
sub post
{
	my ($destination, $prefix, $people, $messages) = @_;
	$node->safe_psql(
		'company', qq{
		SET search_path = perf, perf_mgmt;
		DELETE FROM message_channel;
		INSERT INTO message_channel (kind, destination_id) SELECT 'test', destination_id FROM destination WHERE name = '$destination';
		SELECT post_message('test', employee_id_of('E' || p), format('$prefix %s %s', p, m), '{}')
			FROM generate_series(1, $messages) AS m, generate_series(1, $people) AS p ORDER BY m, p;
	});
	return;
}

# arrivals(MODE): how often each message arrived, and whether the first arrivals of each person are in order
sub arrivals
{
	my ($mode) = @_;
	my (%times, %last);
	my $in_order = 1;
	for my $request (requests_of($platforms, $mode))
	{
		my $id = $request->{body}{id};
		my ($prefix, $person, $number) = split / /, $id;
		next if $times{$id}++;
		$in_order = 0 if $number <= ($last{$person} || 0);
		$last{$person} = $number;
	}
	return (\%times, $in_order);
}

# ---------------------------------------------------------------------------
# A relay is killed while it sends
# ---------------------------------------------------------------------------
add_destination($node, 'company', $platforms, 'killed', 'cloudevents', 'slow-700');
post('killed', 'killed', 4, 4);
my $victim = start_relay(write_config($node, 'company', $platforms, max_in_flight => 4));
ok(wait_until(60, sub { scalar(requests_of($platforms, 'slow-700')) >= 6 }), 'some messages are sent, some are under way');
is(stop_relays('KILL', $victim), 'signal 9', 'when the relay is killed');
my @leased = split /\n/, $node->safe_psql('company', "SELECT idempotency_key FROM perf.outbox WHERE status = 'leased'");
cmp_ok(scalar(@leased), '>', 0, 'their leases remain');
my $next = start_relay(write_config($node, 'company', $platforms, max_in_flight => 4));
ok(wait_until(90, sub { statuses($node, 'company') eq 'sent 16' }), 'when they run out another relay sends what is left');
my ($times, $in_order) = arrivals('slow-700');
is(scalar(keys %$times), 16, 'all have arrived');
my %leased = map { $_ => 1 } @leased;
is_deeply([ grep { $times->{$_} > 1 && !$leased{$_} } sort keys %$times ], [], 'twice only what was under way');
is_deeply([ grep { $times->{$_} > 2 } sort keys %$times ], [], 'and nothing more often');
ok($in_order, 'and each person\'s in order');

# ---------------------------------------------------------------------------
# A relay is asked to end while it sends
# ---------------------------------------------------------------------------
stop_relays('TERM', $next);
add_destination($node, 'company', $platforms, 'stopped', 'cloudevents', 'slow-900');
post('stopped', 'stopped', 3, 3);
my $polite = start_relay(write_config($node, 'company', $platforms));
ok(wait_until(60, sub { scalar(requests_of($platforms, 'slow-900')) >= 3 }), 'messages are under way');
is(stop_relays('TERM', $polite), 0, 'when the relay is asked to end');
my $sent = scalar(requests_of($platforms, 'slow-900'));
is(statuses($node, 'company', "destination = 'stopped'"), 'queued ' . (9 - $sent) . ", sent $sent", 'it reports them and leaves no lease behind');
run_relay(write_config($node, 'company', $platforms), '--once');
($times, $in_order) = arrivals('slow-900');
is_deeply([ scalar(keys %$times), grep { $times->{$_} != 1 } keys %$times ], [9], 'each arrives exactly once');

# ---------------------------------------------------------------------------
# The database goes away and comes back
# ---------------------------------------------------------------------------
add_destination($node, 'company', $platforms, 'restarted', 'cloudevents', 'slow-1200');
my $patient = start_relay(write_config($node, 'company', $platforms, lease => 60));
post('restarted', 'restarted', 5, 3);
ok(wait_until(60, sub { scalar(requests_of($platforms, 'slow-1200')) >= 5 }), 'messages are under way');
$node->stop('immediate');
# their answers come while there is nobody to report to
sleep 1.5;
$node->start;
ok(wait_until(90, sub { statuses($node, 'company', "destination = 'restarted'") eq 'sent 15' }), 'when the database crashes and is started again, and all are sent');
($times, $in_order) = arrivals('slow-1200');
is_deeply([ scalar(keys %$times), grep { $times->{$_} != 1 } keys %$times ], [15], 'exactly once: the relay reports what it sent meanwhile');
ok($in_order, 'in order');
like(relay_log($patient), qr/the connection to the database broke.*trying again in 1 s/, 'the log tells that the connection broke');
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'perf_mgmt_relay'");
post('restarted', 'again', 1, 1);
ok(wait_until(60, sub { statuses($node, 'company', "destination = 'restarted'") eq 'sent 16' }), 'A backend that is terminated does no harm either');

# ---------------------------------------------------------------------------
# A notification wakes it
# ---------------------------------------------------------------------------
stop_relays('TERM');
add_destination($node, 'company', $platforms, 'woken', 'cloudevents', 'open');
my $sleeper = start_relay(write_config($node, 'company', $platforms, poll => 3600));
ok(wait_until(60, sub { relay_log($sleeper) =~ /connected/ }), 'A relay that looks once an hour');
sleep 1;
post('woken', 'woken', 1, 1);
ok(wait_until(60, sub { statuses($node, 'company', "destination = 'woken'") eq 'sent 1' }), 'sends at once what is queued');
stop_relays('TERM');
$node->safe_psql('company', "UPDATE perf.setting SET value = 'false' WHERE key = 'relay_notify'");
my $poller = start_relay(write_config($node, 'company', $platforms, poll => 1));
ok(wait_until(60, sub { relay_log($poller) =~ /connected/ }), 'A relay that is not told');
post('woken', 'polled', 1, 1);
ok(wait_until(60, sub { statuses($node, 'company', "destination = 'woken'") eq 'sent 2' }), 'finds it when it looks');
stop_relays('TERM');

# ---------------------------------------------------------------------------
# Six relays at once
# ---------------------------------------------------------------------------
add_destination($node, 'company', $platforms, 'six', 'cloudevents', 'slow-5');
add_destination($node, 'company', $platforms, 'limited', 'cloudevents', 'slow-6');
$node->safe_psql('company', "UPDATE perf.destination SET burst = 7, tokens = 7, rate_per_min = 0.01 WHERE name = 'limited'");
announce_many($node, 'company', 'limited', 'limited ', 20);
start_relay(write_config($node, 'company', $platforms, lease => 60, max_in_flight => 5)) for 1 .. 6;
post('six', 'six', 20, 15);
ok(wait_until(120, sub { statuses($node, 'company', "destination = 'six'") eq 'sent 300' }), 'Six relays send 300 messages');
($times, $in_order) = arrivals('slow-5');
is_deeply([ scalar(keys %$times), grep { $times->{$_} != 1 } keys %$times ], [300], 'each exactly once');
ok($in_order, 'each person\'s in order');
cmp_ok($node->safe_psql('company', "SELECT count(DISTINCT lease_owner) FROM perf.outbox WHERE idempotency_key LIKE 'six %'"), '>', 1, 'more than one relay had its part');
is(scalar(requests_of($platforms, 'slow-6')), 7, 'and together they keep the rate of a destination');
is(stop_relays('TERM'), 0, 'All end when asked to');

# ---------------------------------------------------------------------------
# A copy of the database sends nothing
# ---------------------------------------------------------------------------
$node->safe_psql('company', "SELECT perf.discard_messages('done')");
announce_many($node, 'company', 'woken', 'copied ', 3);
my $before = () = requests_of($platforms, 'open');
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('company') ], 'The workspace is dumped');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_restore', '-d', $node->connstr('restored'), $dump ], 'and restored beside itself');
$node->safe_psql('postgres', 'CREATE DATABASE cloned TEMPLATE company');
my $other = start_server('other');
$other->safe_psql('postgres', 'CREATE ROLE relay LOGIN');
$other->safe_psql('postgres', 'CREATE DATABASE company');
$other->command_ok([ 'pg_restore', '-d', $other->connstr('company'), $dump ], 'and on another server under its own name');
for my $copy ([ $node, 'restored' ], [ $node, 'cloned' ], [ $other, 'company' ])
{
	my ($status, $out, $err) = run_relay(write_config(@$copy, $platforms), '--once');
	is($status, 1, 'a relay of a copy fails');
	like($err, qr/sending is not enabled in this database/, 'and says why');
	is(statuses(@$copy, "status = 'queued'"), 'queued 3', 'nothing changes there');
}
is(scalar(requests_of($platforms, 'open')), $before, 'and nothing arrives');
my $watcher = start_relay(write_config($other, 'company', $platforms));
ok(wait_until(60, sub { relay_log($watcher) =~ /sending is not enabled/ }), 'A relay that runs says so and waits');
is($other->safe_psql('company', "SELECT perf.discard_messages('a copy')"), '3', 'What the original sends is thrown away there');
$other->safe_psql('company', "SELECT perf.enable_sending(); SELECT perf.announce('test', 'woken', 'own', '{\"n\": \"own\"}')");
ok(wait_until(60, sub { statuses($other, 'company', "status = 'sent' AND title = 'Test own'") eq 'sent 1' }), 'and once somebody enables it the copy sends its own');
is(stop_relays('TERM', $watcher), 0, 'It ends when asked to');
my ($status) = run_relay(write_config($node, 'company', $platforms), '--once');
is($status, 0, 'The original sends meanwhile');
is(join(' ', sort map { $_->{body}{id} } grep { $_->{body}{id} =~ /copied|own/ } requests_of($platforms, 'open')), 'copied 1 copied 2 copied 3 own', 'each message once');

done_testing();
