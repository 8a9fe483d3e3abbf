# The relay and platforms that fail: each way of failing, and what comes of it.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use PostgreSQL::Test::Utils;
use RelayTest;
use Test::More;

my $node = start_server('faults');
my $platforms = start_platforms();
new_database($node, 'company');
prepare_workspace($node, 'company');
# none of these failures is to pause what is tested next
$node->safe_psql('company', "UPDATE perf.setting SET value = '1000' WHERE key = 'breaker_failures'");

# kind, mode, what the message becomes, what the error says, seconds for which the destination is paused, whether it stays enabled
my @faults = (
	[ 'wecom_robot', 'code-45009', 'queued', '45009 as told', 65, 1 ],
	[ 'wecom_robot', 'code-93000', 'queued', '93000 as told', 0, 0 ],
	[ 'wecom_robot', 'code-40058', 'failed', '40058 as told', 0, 1 ],
	[ 'wecom_robot', 'code--1', 'queued', '-1 as told', 0, 1 ],
	[ 'wecom_robot', 'code-77777', 'queued', '77777 as told', 0, 1 ],
	[ 'wecom_robot', 'garbage', 'queued', "the answer is not the platform's: <html>Please log in: key=...", 0, 1 ],
	[ 'wecom_robot', 'nocode', 'queued', 'the answer has no errcode', 0, 1 ],
	[ 'wecom_robot', 'twice', 'queued', qr/^the answer is not the platform's/, 0, 1 ],
	[ 'wecom_robot', 'liar', 'queued', 'HTTP status 500', 0, 1 ],
	[ 'wecom_robot', 'echo', 'queued', qr{^99 cannot deliver /echo/wecom/cgi-bin/webhook/send\?key=\.\.\.$}, 0, 1 ],
	[ 'wecom_robot', 'huge', 'queued', 'the answer is longer than 65536 bytes', 0, 1 ],
	[ 'dingtalk_robot', 'code-130101', 'queued', '130101 as told', 600, 1 ],
	[ 'dingtalk_robot', 'code-310000', 'queued', '310000 as told', 0, 0 ],
	[ 'dingtalk_robot', 'code-40035', 'failed', '40035 as told', 0, 1 ],
	[ 'feishu_robot', 'code-11232', 'queued', '11232 as told', 60, 1 ],
	[ 'feishu_robot', 'code-9499', 'failed', '9499 as told', 0, 1 ],
	[ 'feishu_robot', 'code-19024', 'queued', '19024 as told', 0, 0 ],
	[ 'feishu_robot', 'nocode', 'queued', 'the answer has no code', 0, 1 ],
	[ 'cloudevents', 'retry-30', 'queued', 'HTTP status 429', 30, 1 ],
	[ 'cloudevents', 'retry-99999999', 'queued', 'HTTP status 429', 86400, 1 ],
	[ 'cloudevents', 'retrydate', 'queued', 'HTTP status 503', [ 40, 46 ], 1 ],
	[ 'cloudevents', 'status-500', 'queued', 'HTTP status 500', 0, 1 ],
	[ 'cloudevents', 'status-404', 'failed', 'HTTP status 404', 0, 1 ],
	[ 'cloudevents', 'status-410', 'queued', 'HTTP status 410', 0, 0 ],
	[ 'cloudevents', 'status-202', 'sent', '', 0, 1 ],
	[ 'cloudevents', 'redirect', 'failed', 'HTTP status 302: redirections are not followed', 0, 1 ],
	[ 'cloudevents', 'hang', 'queued', qr/^Operation timed out after \d+ milliseconds/, 0, 1 ],
	[ 'cloudevents', 'drip', 'queued', qr/^Operation timed out after \d+ milliseconds/, 0, 1 ],
	[ 'cloudevents', 'reset', 'queued', qr/^(Recv failure: Connection reset by peer|Empty reply from server)/, 0, 1 ]);

for my $fault (@faults)
{
	my ($kind, $mode) = @$fault;
	add_destination($node, 'company', $platforms, "$kind $mode", $kind, $mode);
	$node->safe_psql('company', "SELECT perf.announce('test', '$kind $mode', 'once', '{\"n\": 1}')");
}
# nobody listens there
$node->safe_psql('company', q{
	INSERT INTO perf.destination (name, kind, endpoint) VALUES ('cloudevents nobody', 'cloudevents', 'http://127.0.0.1:1/events'), ('cloudevents nowhere', 'cloudevents', 'http://no-such-host.invalid/events');
	SELECT perf.announce('test', 'cloudevents ' || n, 'once', '{"n": 1}') FROM unnest(ARRAY['nobody', 'nowhere']) AS n;
});
push @faults, [ 'cloudevents', 'nobody', 'queued', qr/^Failed to connect to 127\.0\.0\.1 port 1 /, 0, 1 ],
  [ 'cloudevents', 'nowhere', 'queued', qr/^(Could not resolve host: no-such-host\.invalid|Resolving timed out)/, 0, 1 ];

my $config = write_config($node, 'company', $platforms, max_in_flight => 50,
	allow_hosts => "127.0.0.1:$platforms->{port}, 127.0.0.1:1, no-such-host.invalid");
my $before = $node->safe_psql('company', 'SELECT clock_timestamp()');
my ($status, $out, $err) = run_relay($config, '--once', '--verbose');
is($status, 0, 'a relay meets every kind of failure and lives');
my $after = $node->safe_psql('company', 'SELECT clock_timestamp()');

for my $fault (@faults)
{
	my ($kind, $mode, $becomes, $error, $pause, $enabled) = @$fault;
	my ($is, $is_enabled, $pause_fits, $last_error) = split /\|/,
	  $node->safe_psql('company', sprintf q{
		SELECT o.status, d.is_enabled::integer,
			CASE WHEN %1$s = 0 THEN d.paused_until = '-infinity'
				ELSE d.paused_until BETWEEN '%3$s'::timestamptz + %1$s * interval '1 second' AND '%4$s'::timestamptz + %2$s * interval '1 second' END,
			o.last_error
		FROM perf.outbox o JOIN perf.destination d USING (destination_id) WHERE d.name = '%5$s'},
		ref $pause ? @$pause : ($pause, $pause), $before, $after, "$kind $mode");
	is($is, $becomes, "$kind, $mode: the message is $becomes");
	$last_error = '' unless defined $last_error;
	ref $error ? like($last_error, $error, 'with the reason') : is($last_error, $error, 'with the reason');
	is($pause_fits, 't', ref $pause || $pause ? 'the destination is paused as asked' : 'the destination is not paused');
	is($is_enabled, $enabled, $enabled ? 'and stays enabled' : 'and disabled');
}
my %arrived;
$arrived{"$_->{platform} $_->{mode}"}++ for requests_of($platforms);
is_deeply([ grep { $arrived{$_} != 1 } sort keys %arrived ], [], 'each was tried once, none at once again');
is(scalar(keys %arrived), @faults - 2, 'and all that exist were tried');
ok(!exists $arrived{'events target'}, 'nobody followed the redirection');
unlike($err, qr/\Q$_\E/, "the log shows no secret: $_") for sort values %RelayTest::secrets;
unlike($err, qr/wecom-key-%26/, 'nor one as it stands in a URL');
is($node->safe_psql('company', q{SELECT count(*) FROM perf.message_delivery WHERE last_error ~ '(-0001|SEC)'}), '0', 'nor do the errors that are kept');

# ---------------------------------------------------------------------------
# It goes on by itself when the platform does
# ---------------------------------------------------------------------------
$node->safe_psql('company', "SELECT perf.discard_messages('done')");
add_destination($node, 'company', $platforms, 'flaky', 'cloudevents', 'flaky-2');
announce_many($node, 'company', 'flaky', 'flaky ', 1);
my $relay = start_relay(write_config($node, 'company', $platforms));
ok(wait_until(60, sub { statuses($node, 'company', "destination = 'flaky'") eq 'sent 1' }), 'a message that fails twice is sent at the third attempt');
my @at = map { $_->{at} } requests_of($platforms, 'flaky-2');
is(scalar @at, 3, 'with three requests');
cmp_ok($at[1] - $at[0], '>=', 2.5, 'the second waits 2.5 to 5 seconds');
cmp_ok($at[2] - $at[1], '>=', 5, 'the third 5 to 10');
is(stop_relays('TERM', $relay), 0, 'the relay ends when asked to');

# ---------------------------------------------------------------------------
# The breaker, and the admin who is told
# ---------------------------------------------------------------------------
$node->safe_psql('company', q{
	SET search_path = perf, perf_mgmt;
	UPDATE setting SET value = '3' WHERE key = 'breaker_failures';
	INSERT INTO department (code, name) VALUES ('D', 'Sales');
	SELECT hire('E1', 'Admin', 'D', NULL, '2026-01-01');
	UPDATE setting SET value = 'E1' WHERE key = 'message_admin';
});
add_destination($node, 'company', $platforms, 'down', 'cloudevents', 'status-503');
announce_many($node, 'company', 'down', 'down ', 10);
($status, $out, $err) = run_relay(write_config($node, 'company', $platforms, max_in_flight => 3), '--once');
my $tried = () = requests_of($platforms, 'status-503');
# the first to fail makes room for another before the third has failed
ok($tried >= 3 && $tried <= 5, "after three failures nothing more is begun ($tried of 10 were tried)");
is($node->safe_psql('company', q{SELECT paused_until > clock_timestamp() + interval '30 seconds' FROM perf.destination WHERE name = 'down'}), 't', 'for a minute');

add_destination($node, 'company', $platforms, 'gone', 'wecom_robot', 'code-93000');
announce_many($node, 'company', 'gone', 'gone ', 1);
run_relay($config, '--once');
is($node->safe_psql('company', q{SELECT employee_no || ': ' || body FROM perf.inbox WHERE kind = 'destination_disabled'}),
	q(E1: The destination gone answered: 93000 as told. The robot's key is wrong, or the robot was removed. Then set destination.is_enabled to true.),
	'the admin is told of a destination that is gone');

# ---------------------------------------------------------------------------
# A message that kills whoever touches it
# ---------------------------------------------------------------------------
add_destination($node, 'company', $platforms, 'poison', 'cloudevents', 'hang');
announce_many($node, 'company', 'poison', 'poison ', 1);
$node->safe_psql('company', "UPDATE perf.outbox SET max_attempts = 2 WHERE idempotency_key = 'poison 1'");
for my $attempt (1, 2)
{
	my $victim = start_relay(write_config($node, 'company', $platforms));
	ok(wait_until(60, sub { scalar(grep { $_->{body}{id} eq 'poison 1' } requests_of($platforms, 'hang')) == $attempt }), "attempt $attempt is under way");
	is(stop_relays('KILL', $victim), 'signal 9', 'when its relay is killed');
	$node->safe_psql('company', "UPDATE perf.outbox SET lease_until = clock_timestamp() WHERE idempotency_key = 'poison 1'");
}
run_relay($config, '--once');
is($node->safe_psql('company', q{SELECT status || ': ' || last_error FROM perf.outbox WHERE idempotency_key = 'poison 1'}),
	'failed: given up: the lease ran out at attempt 2', 'It is given up after its attempts');

done_testing();
