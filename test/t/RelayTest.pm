# What the tests of the relay share: platforms that are played, a workspace
# that sends to them, and relays that are started and ended.
package RelayTest;

use strict;
use warnings;

use Exporter 'import';
use FindBin;
use IPC::Run ();
use JSON::PP ();
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(start_platforms requests_of prepare_workspace add_destination write_config run_relay start_relay relay_log stop_relays wait_until
  announce_many statuses);

my @relays;
my $counter = 0;

# What the platforms expect: see fake_platform.py
our %secrets = (
	'RELAY_WECOM' => 'wecom-key-&-0001',
	'RELAY_APP' => 'corp-secret+0001',
	'RELAY_DING' => 'ding-token-0001',
	'RELAY_DING_SIGN' => 'SECding-sign-0001',
	'RELAY_FEISHU' => 'feishu-hook-0001',
	'RELAY_FEISHU_SIGN' => 'feishu-sign-0001',
	'RELAY_EVENTS' => 'bearer-token-0001',
	'RELAY_EVENTS_SIGN' => 'event-sign-0001');
@ENV{ keys %secrets } = values %secrets;

# start_platforms(TLS certificate, key): {port, log, ...}
sub start_platforms
{
	my @tls = @_;
	my $platforms = { log => PostgreSQL::Test::Utils::tempdir() . '/requests' };
	my ($in, $out) = ('', '');
	append_to_file($platforms->{log}, '');
	$platforms->{in} = \$in;
	$platforms->{handle} = IPC::Run::start([ '/usr/bin/python3', "$FindBin::RealBin/fake_platform.py", $platforms->{log}, @tls ],
		'<pipe', my $stdin = IO::Handle->new, '>', \$out);
	$platforms->{stdin} = $stdin;
	my $until = time + 60;
	while ($out !~ /^(\d+)\n/ && time < $until)
	{
		$platforms->{handle}->pump_nb;
		sleep 0.02;
	}
	($platforms->{port}) = $out =~ /^(\d+)\n/ or die "the platforms did not start\n";
	return $platforms;
}

# requests_of(PLATFORMS, MODE): what arrived, in the order of arrival
sub requests_of
{
	my ($platforms, $mode) = @_;
	return grep { !defined $mode || $_->{mode} eq $mode } map { JSON::PP::decode_json($_) } split /\n/, slurp_file($platforms->{log});
}

# prepare_workspace(NODE, DATABASE): a workspace with a relay's role, that may send
sub prepare_workspace
{
	my ($node, $database) = @_;
	$node->safe_psql(
		$database, q{
		SET client_min_messages = warning;
		SELECT perf_mgmt.create_workspace('perf', 'en');
		SET search_path = perf, perf_mgmt;
		DO $$ BEGIN CREATE ROLE relay LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
		GRANT USAGE ON SCHEMA perf TO relay;
		GRANT EXECUTE ON FUNCTION claim_messages, ack_message, nack_message, renew_message, release_message, tidy_outbox, sending_enabled TO relay;
		INSERT INTO message_kind (kind, description) VALUES ('test', 'Test');
		INSERT INTO message_placeholder (kind, name, description) VALUES ('test', 'n', 'Number');
		INSERT INTO message_template (kind, locale, title, body) VALUES ('test', 'en', 'Test {n}', 'Number <{n}>');
		SELECT enable_sending();
	});
	return;
}

# add_destination(NODE, DATABASE, PLATFORMS, NAME, KIND, MODE, [SCHEME])
sub add_destination
{
	my ($node, $database, $platforms, $name, $kind, $mode, $scheme) = @_;
	my %path = (
		wecom_robot => 'wecom/cgi-bin/webhook/send',
		wecom_app => 'app/cgi-bin',
		dingtalk_robot => 'ding/robot/send',
		feishu_robot => 'feishu/open-apis/bot/v2/hook',
		cloudevents => 'events');
	my $secret = $mode eq 'open' ? 'NULL' : "'$kind'";
	$scheme ||= 'http';
	$node->safe_psql(
		$database, qq{INSERT INTO perf.destination (name, kind, endpoint, secret, settings, rate_per_min, burst)
		VALUES ('$name', '$kind', '$scheme://127.0.0.1:$platforms->{port}/$mode/$path{$kind}', $secret, '{"corp_id": "ww-corp", "agent_id": 1000002}', 60000, 1000)});
	return;
}

# write_config(NODE, DATABASE, PLATFORMS, NAME => VALUE, ...): path of a configuration; undef leaves a setting out
sub write_config
{
	my ($node, $database, $platforms, %settings) = @_;
	my $path = PostgreSQL::Test::Utils::tempdir() . '/relay' . ++$counter . '.conf';
	my %all = (
		connection => 'host=' . $node->host . ' port=' . $node->port . " dbname=$database user=relay",
		worker => "relay-$counter",
		poll => 1,
		timeout => 2,
		connect_timeout => 1,
		lease => 9,
		allow_hosts => "127.0.0.1:$platforms->{port}",
		allow_http => 'on',
		allow_private => 'on',
		'secret.wecom_robot.token' => 'env:RELAY_WECOM',
		'secret.wecom_app.token' => 'env:RELAY_APP',
		'secret.dingtalk_robot.token' => 'env:RELAY_DING',
		'secret.dingtalk_robot.sign' => 'env:RELAY_DING_SIGN',
		'secret.feishu_robot.token' => 'env:RELAY_FEISHU',
		'secret.feishu_robot.sign' => 'env:RELAY_FEISHU_SIGN',
		'secret.cloudevents.token' => 'env:RELAY_EVENTS',
		'secret.cloudevents.sign' => 'env:RELAY_EVENTS_SIGN',
		%settings);
	append_to_file($path, "# for a test\n\n" . join('', map { defined $all{$_} ? "$_ = $all{$_}\n" : '' } sort keys %all));
	return $path;
}

# run_relay(CONFIG, OPTION...): (status, what it printed, what it logged)
sub run_relay
{
	my ($config, @options) = @_;
	my ($out, $err);
	IPC::Run::run([ 'perf_mgmt_relay', "--config=$config", @options ], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(120));
	my $status = $? >> 8;
	$status = "signal $?" if $? & 127;
	return ($status, $out, $err);
}

# start_relay(CONFIG, OPTION...): {pid, log}
sub start_relay
{
	my ($config, @options) = @_;
	my $log = "$config.log";
	my $pid = fork;
	die "fork: $!" unless defined $pid;
	if ($pid == 0)
	{
		open STDERR, '>>', $log or die;
		open STDIN, '<', '/dev/null' or die;
		exec 'perf_mgmt_relay', "--config=$config", '--verbose', @options or die;
	}
	my $relay = { pid => $pid, log => $log };
	push @relays, $relay;
	return $relay;
}

sub relay_log
{
	my ($relay) = @_;
	return -e $relay->{log} ? slurp_file($relay->{log}) : '';
}

# stop_relays(SIGNAL, RELAY...): ends these, or all; the status of the last one
sub stop_relays
{
	my ($signal, @which) = @_;
	my $status;
	@which = grep { defined $_->{pid} } @relays unless @which;
	kill $signal, $_->{pid} for @which;
	for my $relay (@which)
	{
		waitpid $relay->{pid}, 0;
		$status = $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
		delete $relay->{pid};
	}
	return $status;
}

END
{
	# a test that dies leaves no relay behind; the status of the test stays
	my $status = $?;
	for my $relay (@relays)
	{
		next unless defined $relay->{pid};
		kill 'KILL', $relay->{pid};
		waitpid $relay->{pid}, 0;
	}
	$? = $status;
}

# wait_until(SECONDS, CODE): whether it became true
sub wait_until
{
	my ($seconds, $code) = @_;
	my $until = time + $seconds;
	until ($code->())
	{
		return 0 if time > $until;
		sleep 0.05;
	}
	return 1;
}

# announce_many(NODE, DATABASE, DESTINATION, PREFIX, COUNT)
sub announce_many
{
	my ($node, $database, $destination, $prefix, $count) = @_;
	$node->safe_psql($database,
		"SELECT perf.announce('test', '$destination', '$prefix' || n, jsonb_build_object('n', '$prefix' || n)) FROM generate_series(1, $count) AS n");
	return;
}

# statuses(NODE, DATABASE, [WHERE]): "sent 3, queued 1"
sub statuses
{
	my ($node, $database, $where) = @_;
	$where ||= 'true';
	return $node->safe_psql($database,
		"SELECT string_agg(format('%s %s', status, n), ', ' ORDER BY status) FROM (SELECT status, count(*) AS n FROM perf.message_delivery WHERE $where GROUP BY status) AS s");
}

1;
