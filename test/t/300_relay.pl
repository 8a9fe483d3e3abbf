# The relay and the platforms: what arrives there, and what never leaves.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use PostgreSQL::Test::Utils;
use RelayTest;
use Test::More;

my $node = start_server('relay');
my $platforms = start_platforms();
new_database($node, 'company');
prepare_workspace($node, 'company');
my $config = write_config($node, 'company', $platforms);
my ($status, $out, $err);

# ---------------------------------------------------------------------------
# Configuration
# ---------------------------------------------------------------------------
($status, $out, $err) = run_relay($config, '--check-config');
is($status, 0, 'a good configuration passes');
like($out, qr/^secret dingtalk_robot: token sign$/m, 'it is shown with the names of its secrets');
unlike("$out$err", qr/\Q$_\E/, "and without the value of $_") for sort values %RelayTest::secrets;

my %bad = (
	'poll' => [ '0', qr/poll is a whole number from 1 to 3600, not "0"/ ],
	'timeout' => [ '3x', qr/timeout is a whole number from 1 to 600, not "3x"/ ],
	'lease' => [ '8', qr/lease is 8 seconds, but a timeout of 2 needs at least 9/ ],
	'allow_http' => [ 'yes', qr/allow_http is on or off, not "yes"/ ],
	'allow_hosts' => [ ' , ', qr/allow_hosts names no host/ ],
	'no_such' => [ '1', qr/there is no setting "no_such"/ ],
	'secret.x' => [ 'env:HOME', qr/"secret.x" is neither secret.NAME.token nor secret.NAME.sign/ ],
	'secret.x.token' => [ 'env:NO_SUCH_VARIABLE', qr/environment variable NO_SUCH_VARIABLE is not set/ ],
	'secret.y.token' => [ 'file:/no/such/file', qr/could not open file "\/no\/such\/file": No such file or directory/ ],
	'secret.z.token' => [ 'credential:x', qr/there are no credentials: CREDENTIALS_DIRECTORY is not set/ ],
	'workspace' => [ '', qr/workspace and worker need names/ ]);
for my $name (sort keys %bad)
{
	my ($value, $message) = @{ $bad{$name} };
	($status, $out, $err) = run_relay(write_config($node, 'company', $platforms, $name => $value), '--check-config');
	is($status, 2, "a configuration with $name = \"$value\" is refused");
	like($err, $message, 'and says why');
}
($status, $out, $err) = run_relay(write_config($node, 'company', $platforms, 'secret.x.token' => 'hunter2hunter2'), '--check-config');
is($status, 2, 'a secret in the configuration itself is refused');
unlike($err, qr/hunter2/, 'without repeating it');
($status, $out, $err) = run_relay('/no/such/file', '--check-config');
is($status, 2, 'a configuration that is not there is refused');

my $secret_file = PostgreSQL::Test::Utils::tempdir() . '/secret';
append_to_file($secret_file, "wecom-key-&-0001\n");
chmod 0644, $secret_file or die;
($status, $out, $err) = run_relay(write_config($node, 'company', $platforms, 'secret.wecom_robot.token' => "file:$secret_file"), '--check-config');
like($err, qr/can be read by everybody/, 'a secret in a file that everybody can read is refused');
chmod 0600, $secret_file or die;
($status, $out, $err) = run_relay(write_config($node, 'company', $platforms, 'secret.wecom_robot.token' => "file:$secret_file"), '--check-config');
is($status, 0, 'in a file of its own it is fine');

# ---------------------------------------------------------------------------
# Each platform
# ---------------------------------------------------------------------------
my @kinds = qw(wecom_robot dingtalk_robot feishu_robot cloudevents);
for my $kind (@kinds)
{
	add_destination($node, 'company', $platforms, $kind, $kind, 'ok');
	announce_many($node, 'company', $kind, "$kind ", 2);
}
add_destination($node, 'company', $platforms, 'open events', 'cloudevents', 'open');
announce_many($node, 'company', 'open events', 'open ', 1);
add_destination($node, 'company', $platforms, 'wecom_app', 'wecom_app', 'ok');
$node->safe_psql(
	'company', q{
	SET search_path = perf, perf_mgmt;
	INSERT INTO department (code, name) VALUES ('D', 'Sales');
	SELECT hire('E' || n, 'Name ' || n, 'D', NULL, '2026-01-01') FROM generate_series(1, 3) AS n;
	INSERT INTO employee_address (employee_id, platform, address) SELECT employee_id, 'wecom', 'user' || employee_id FROM employee WHERE employee_no <> 'E3';
	INSERT INTO message_channel (kind, destination_id) SELECT 'test', destination_id FROM destination WHERE name = 'wecom_app';
	SELECT post_message('test', employee_id, 'app ' || employee_id, '{"n": "app"}') FROM employee;
});
($status, $out, $err) = run_relay($config, '--once', '--verbose');
is($status, 0, 'a relay sends everything there is and ends');
is(statuses($node, 'company'), 'failed 1, sent 11', 'all are sent but the one to somebody without an address');
my @requests = requests_of($platforms);
is(scalar(grep { $_->{method} eq 'POST' } @requests), 11, 'each exactly once');
is_deeply([ map { @{ $_->{problems} } } @requests ], [], 'with the keys and signatures that the platforms want');
is(scalar(grep { $_->{path} =~ /gettoken/ } @requests), 1, 'one access token serves all messages of an application');
is_deeply([ sort map { $_->{body}{touser} } grep { $_->{platform} eq 'app' && $_->{method} eq 'POST' } @requests ], [ 'user1', 'user2' ],
	'an application reaches the people it should');
my ($event) = grep { $_->{mode} eq 'open' } @requests;
is($event->{body}{id}, 'open 1', 'an event carries its idempotency key');
is($event->{body}{data}{body}, 'Number <open 1>', 'and what was typed as it was');
is($event->{agent}, 'perf_mgmt_relay/0.1.0', 'the relay says who it is');
my ($robot) = grep { $_->{platform} eq 'wecom' && $_->{text} =~ /wecom_robot 1/ } @requests;
like($robot->{body}{markdown}{content}, qr/^\*\*Test wecom_robot 1\*\*\nNumber <wecom_robot 1>\n\(#[0-9a-f]{6}\)$/, 'a chat gets the text with its mark');
like($err, qr/message \d+ to "wecom_robot" sent/, 'the log tells what was sent');
unlike($err, qr/\Q$_\E/, "but not the secret $_") for sort values %RelayTest::secrets;
unlike($err, qr/access-token-/, 'nor an access token');

# A token that the platform withdrew is fetched again, once
for my $mode (qw(withdrawn useless partly))
{
	add_destination($node, 'company', $platforms, "app $mode", 'wecom_app', $mode);
	$node->safe_psql(
		'company', qq{
		SET search_path = perf, perf_mgmt;
		UPDATE message_channel SET destination_id = (SELECT destination_id FROM destination WHERE name = 'app $mode');
		SELECT post_message('test', employee_id_of('E1'), 'app $mode', '{"n": "$mode"}');
	});
}
# "withdrawn" looks at the first token ever given: play a platform that starts anew
my $fresh = start_platforms();
$node->safe_psql('company', "UPDATE perf.destination SET endpoint = 'http://127.0.0.1:$fresh->{port}/withdrawn/app/cgi-bin' WHERE name = 'app withdrawn'");
($status, $out, $err) = run_relay(write_config($node, 'company', $platforms, allow_hosts => "127.0.0.1:$platforms->{port}, 127.0.0.1:$fresh->{port}"), '--once', '-v');
is(join(' ', map { $_->{path} =~ /([a-z]+)$/ } requests_of($fresh)), 'gettoken send gettoken send', 'an access token that has ended is fetched again');
is(join(' ', map { $_->{path} =~ /([a-z]+)$/ } requests_of($platforms, 'useless')), 'gettoken send gettoken send', 'once');
is($node->safe_psql('company', q{SELECT string_agg(concat_ws(' ', destination, status, last_error), ', ' ORDER BY destination) FROM perf.message_delivery WHERE destination LIKE 'app %'}),
	'app partly sent not reached: user1, app useless queued 40014 invalid access_token, app withdrawn sent', 'and the reports say what came of it');
unlike($err, qr/access-token-/, 'an access token that the platform repeats is not logged');
is($node->safe_psql('company', q{SELECT count(*) FROM perf.message_delivery WHERE last_error LIKE '%access-token-%'}), '0', 'nor kept');
$node->safe_psql('company', "SELECT perf.discard_messages('done')");

# ---------------------------------------------------------------------------
# Connections are kept
# ---------------------------------------------------------------------------
announce_many($node, 'company', 'open events', 'kept ', 60);
($status, $out, $err) = run_relay(write_config($node, 'company', $platforms, max_in_flight => 4), '--once');
my %connections = map { $_->{connection} => 1 } grep { $_->{body}{id} =~ /^kept / } requests_of($platforms, 'open');
cmp_ok(scalar(keys %connections), '<=', 4, 'sixty messages take no more connections than may be in flight');
is(statuses($node, 'company', "title LIKE 'Test kept%'"), 'sent 60', 'and all are sent');

# ---------------------------------------------------------------------------
# Where nothing may go
# ---------------------------------------------------------------------------
sub refused
{
	my ($what, $pattern, $endpoint, %settings) = @_;
	$node->safe_psql('company', "UPDATE perf.destination SET endpoint = '$endpoint', failures = 0, paused_until = '-infinity' WHERE name = 'open events'") if $endpoint;
	announce_many($node, 'company', 'open events', "refused $what ", 1);
	my $before = () = requests_of($platforms);
	my ($status, $out, $err) = run_relay(write_config($node, 'company', $platforms, %settings), '--once');
	is(statuses($node, 'company', "title LIKE 'Test refused $what%'"), 'queued 1', "$what: nothing is sent");
	like($err, $pattern, 'the log says why');
	my $after = () = requests_of($platforms);
	is($after, $before, 'and nothing arrives');
	$node->safe_psql('company', "SELECT perf.discard_messages('done')");
	return;
}
my $port = $platforms->{port};
refused('a host that is not listed', qr/host 127\.0\.0\.1:$port is not in allow_hosts/, undef, allow_hosts => 'example.org');
refused('a port that is not listed', qr/host 127\.0\.0\.1:$port is not in allow_hosts/, undef, allow_hosts => '127.0.0.1');
refused('a host like one that is listed', qr/host localhost:$port is not in allow_hosts/, "http://localhost:$port/open/events", allow_hosts => "calhost:$port, xlocalhost:$port");
refused('http where https is wanted', qr/scheme "http" is not allowed/, "http://127.0.0.1:$port/open/events", allow_http => 'off');
refused('an inner address', qr/the host's address is an inner one/, undef, allow_private => 'off');
refused('an inner address behind a name', qr/the host's address is an inner one/, "http://localhost:$port/open/events", allow_private => 'off', allow_hosts => "localhost:$port");
refused('an inner address in IPv6', qr/the host's address is an inner one/, "http://[::ffff:127.0.0.1]:$port/open/events", allow_private => 'off',
	allow_hosts => "[::ffff:127.0.0.1]:$port, [::ffff:7f00:1]:$port");
$node->safe_psql('company', "UPDATE perf.destination SET secret = 'unheard-of' WHERE name = 'open events'");
refused('a secret that the relay does not have', qr/this relay has no secret "unheard-of"/, "http://127.0.0.1:$port/open/events");

# ---------------------------------------------------------------------------
# TLS
# ---------------------------------------------------------------------------
my $dir = PostgreSQL::Test::Utils::tempdir();
system_or_bail('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=platforms', '-addext', 'subjectAltName=IP:127.0.0.1',
	'-keyout', "$dir/key.pem", '-out', "$dir/cert.pem");
my $secure = start_platforms("$dir/cert.pem", "$dir/key.pem");
add_destination($node, 'company', $secure, 'secure', 'cloudevents', 'ok', 'https');
announce_many($node, 'company', 'secure', 'secure ', 1);
($status, $out, $err) = run_relay(write_config($node, 'company', $secure, allow_http => 'off'), '--once');
is(statuses($node, 'company', "destination = 'secure'"), 'queued 1', 'nothing is sent to a host whose certificate nobody vouches for');
like($err, qr/not sent: SSL certificate problem: self.signed certificate/, 'the log says why');
$node->safe_psql('company', "UPDATE perf.outbox SET not_before = '-infinity' WHERE status = 'queued'");
($status, $out, $err) = run_relay(write_config($node, 'company', $secure, allow_http => 'off', ca_file => "$dir/cert.pem"), '--once');
is(statuses($node, 'company', "destination = 'secure'"), 'sent 1', 'with its certificate in ca_file it is sent');
is_deeply([ map { @{ $_->{problems} } } requests_of($secure) ], [], 'and arrives as it should');
add_destination($node, 'company', $secure, 'other name', 'cloudevents', 'ok', 'https');
$node->safe_psql('company', "UPDATE perf.destination SET endpoint = replace(endpoint, '127.0.0.1', 'localhost') WHERE name = 'other name'");
announce_many($node, 'company', 'other name', 'other name ', 1);
($status, $out, $err) = run_relay(write_config($node, 'company', $secure, allow_hosts => "localhost:$secure->{port}", ca_file => "$dir/cert.pem"), '--once');
like($err, qr/not sent: SSL: no alternative certificate subject name matches target host name 'localhost'/, 'a certificate for another name does not do');

# ---------------------------------------------------------------------------
# Without a database
# ---------------------------------------------------------------------------
($status, $out, $err) = run_relay(write_config($node, 'no_such_database', $platforms), '--once');
is($status, 1, 'without its database a relay that runs once fails');
like($err, qr/database "no_such_database" does not exist/, 'and says why');
($status, $out, $err) = run_relay(write_config($node, 'company', $platforms, workspace => 'no such "workspace'), '--once');
is($status, 1, 'without its workspace, too');
like($err, qr/schema "no such "workspace" does not exist/, 'and says why');

done_testing();
