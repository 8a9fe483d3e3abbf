# The weekly rhythm while plugs are pulled: the plant lives through some weeks
# hour by hour in peace; then again while its server is killed in the middle of
# ticks and relays die while they send; with two drivers at once; and with no
# tick at all for three days.  The rows are the same.
use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib $FindBin::RealBin;
use IPC::Run ();
use PerfMgmt;
use PostgreSQL::Test::Utils;
use RelayTest;
use Test::More;

my $root = abs_path("$FindBin::RealBin/../..");
chdir $root or die "$root: $!";
my ($first, $last) = ('2026-08-16', '2026-08-29');
my $path = 'SET search_path = perf, perf_mgmt, public, pg_temp; SET client_min_messages = warning;';

# with the default wal_level: under "minimal" a server that crashes forgets how far
# it had got in sequences that were made and used in one transaction
my $node = start_server('plugs', allows_streaming => 1, timezone => 'Asia/Shanghai');
my $platforms = start_platforms();

new_database($node, 'plant');
$node->safe_psql('plant', "SELECT perf_mgmt.create_workspace('perf')");
{
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	my ($out, $err) = run_command([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('plant'), '-f', 'demo/load.sql' ]);
	like($out, qr/^27 cycles closed/m, 'the plant loads');
}
# A driver is whoever calls tick(): it notes the hour that is next, after the tick was committed.
$node->safe_psql(
	'plant', qq{$path
	CREATE TABLE public.driver (name text PRIMARY KEY, next_at timestamptz NOT NULL);
	INSERT INTO driver SELECT n, day_end('$first'::date - 1) FROM unnest('{one,two}'::text[]) AS n;
	CREATE PROCEDURE public.drive(driver text, last_at timestamptz, beside text DEFAULT NULL) LANGUAGE plpgsql AS \$\$
	DECLARE
		at timestamptz;
	BEGIN
		LOOP
			SELECT d.next_at INTO at FROM driver d WHERE d.name = drive.driver;
			EXIT WHEN at > last_at;
			/* two drivers begin the same hour together */
			WHILE EXISTS (SELECT FROM driver d WHERE d.name = beside AND d.next_at < at) LOOP
				PERFORM pg_sleep(0.001);
			END LOOP;
			PERFORM FROM tick(at) t WHERE t.done IS NULL;
			IF FOUND THEN
				RAISE EXCEPTION 'the tick of % failed in part', at;
			END IF;
			COMMIT;
			UPDATE driver d SET next_at = at + interval '1 hour' WHERE d.name = drive.driver;
			COMMIT;
		END LOOP;
	END \$\$;
	/* stands still in the middle of a tick, with messages made and not committed */
	CREATE FUNCTION public.stand_still() RETURNS trigger LANGUAGE plpgsql AS \$\$
	BEGIN
		IF (SELECT count(*) FROM perf.message m WHERE m.created_at = NEW.created_at) >= 3 THEN
			PERFORM pg_sleep(600);
		END IF;
		RETURN NULL;
	END \$\$;
});
my $ends = $node->safe_psql('plant', "$path SELECT day_end('$last')");
for my $copy (qw(calm killed twice gap))
{
	$node->safe_psql('postgres', "CREATE DATABASE $copy TEMPLATE plant STRATEGY file_copy");
}

# driver(DATABASE, NAME, UNTIL, [BESIDE]): one that runs
sub driver
{
	my ($database, $name, $until, $beside) = @_;
	my %driver = (in => '', out => '', err => '');
	$beside = defined $beside ? ", '$beside'" : '';
	$driver{run} = IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), '-c', $path, '-c', "CALL drive('$name', '$until'$beside)" ],
		'<', \undef, '>', \$driver{out}, '2>', \$driver{err});
	return \%driver;
}

# finish(DRIVER): what it complained about
sub finish
{
	my ($driver) = @_;
	$driver->{run}->finish;
	return $driver->{err};
}

# What time made, without keys that a sequence gave out.
my %made = (
	episodes => 'SELECT employee_no, silent_since, reminded_at, escalated_at, escalated_to, closed_at FROM reminder_episode',
	rewards => 'SELECT employee_no, block_on, last_week_on, days, status, earned_at FROM streak_reward',
	points => 'SELECT cycle, kind, place, name, points, on_time_rate FROM leaderboard',
	warnings => 'SELECT from_goal, to_goal, cause, opened_at, closed_at, slack_days FROM joint_warning',
	messages => 'SELECT m.kind, e.employee_no, m.created_at, m.title, m.body FROM message m JOIN employee e ON e.employee_id = m.recipient_id');

# made(DATABASE): a digest of each
sub made
{
	my ($database) = @_;
	return { map { $_ => $node->safe_psql($database,
		"$path SELECT count(*) || ' ' || md5(string_agg(r::text, chr(10) ORDER BY r::text COLLATE \"C\")) FROM ($made{$_}) AS r") } keys %made };
}

# ---------------------------------------------------------------------------
# In peace
# ---------------------------------------------------------------------------
# beside it, in a database of its own, one that pauses; see below
my @drivers = (driver('calm', 'one', $ends), driver('gap', 'one', '2026-08-24 23:00+08'));
is(finish($drivers[0]), '', 'In peace a driver ticks every hour');
my $calm = made('calm');
note(explain($calm));
my ($oracle, $problems) = run_command([ '/usr/bin/python3', 'test/oracle/check_rhythm.py', '--database', 'calm', '--from', $first, '--to', $last,
	'--host', $node->host, '--port', $node->port ]);
unlike($oracle, qr/^not ok/m, 'and makes what the simulation makes') or diag($oracle, $problems);

# ---------------------------------------------------------------------------
# The server is killed in the middle of ticks, relays are killed while they send
# ---------------------------------------------------------------------------
run_command([ 'psql', '-Xq', '-d', $node->connstr('killed'), '-v', "port=$platforms->{port}", '-f', 'demo/channels.sql' ]);
$node->safe_psql('killed', "$path UPDATE destination SET endpoint = replace(endpoint, '/ok/', '/slow-100/')");
sub relay_config
{
	return write_config($node, 'killed', $platforms, connection => 'host=' . $node->host . ' port=' . $node->port . ' dbname=killed user=perf_relay');
}
my $relay = start_relay(relay_config());
my $victims = 0;
for my $moment ('2026-08-17 09:00', '2026-08-24 09:00', '2026-08-26 09:00')
{
	$node->safe_psql('killed', "CREATE TRIGGER message_after_stand_still AFTER INSERT ON perf.message FOR EACH ROW WHEN (NEW.created_at = '$moment+08') EXECUTE FUNCTION public.stand_still()");
	my $driver = driver('killed', 'one', $ends);
	ok($node->poll_query_until('killed', "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = 'killed'"), "a tick of $moment is half done");
	if ($victims++ == 1)
	{
		is(stop_relays('KILL', $relay), 'signal 9', 'a relay is killed');
		$relay = start_relay(relay_config());
	}
	$node->stop('immediate');
	like(finish($driver), qr/server closed the connection|terminating connection/, 'when the server is killed');
	$node->start;
	is($node->safe_psql('killed', "SELECT count(*) FROM perf.message WHERE created_at = '$moment+08'"), '0', 'nothing of it is left');
	$node->safe_psql('killed', 'DROP TRIGGER message_after_stand_still ON perf.message');
}
is(finish(driver('killed', 'one', $ends)), '', 'A driver that goes on where the last one was');
is_deeply(made('killed'), $calm, 'makes the same rows as in peace');

ok(wait_until(120, sub { $node->safe_psql('killed', "SELECT count(*) FROM perf.outbox WHERE status IN ('queued', 'leased')") eq '0' }), 'The relay sends what waits');
is($node->safe_psql('killed', "SELECT string_agg(DISTINCT status, ' ') FROM perf.outbox"), 'sent', 'every copy');
stop_relays('TERM');
my @arrived = requests_of($platforms, 'slow-100');
my %arrivals;
$arrivals{ $_->{text} =~ /\(#([0-9a-f]{6})\)/ ? $1 : 'unmarked' }++ for grep { $_->{method} eq 'POST' } @arrived;
is(join(' ', sort keys %arrivals), $node->safe_psql('killed', "SELECT string_agg(DISTINCT substr(perf.message_mark(idempotency_key), 3, 6), ' ' ORDER BY substr(perf.message_mark(idempotency_key), 3, 6)) FROM perf.outbox"),
	'and each has arrived, none from a tick that was undone');
is_deeply([ grep { @{ $_->{problems} } } @arrived ], [], 'well signed');

# ---------------------------------------------------------------------------
# Two drivers at once
# ---------------------------------------------------------------------------
my @twice = (driver('twice', 'one', $ends, 'two'), driver('twice', 'two', $ends, 'one'));
is(join('', map { finish($_) } @twice), '', 'Two drivers that tick at the same hours at once do not disturb each other');
is_deeply(made('twice'), $calm, 'and make the same rows as one');

# ---------------------------------------------------------------------------
# No tick for three days
# ---------------------------------------------------------------------------
is(finish($drivers[1]), '', 'A driver ends on a Monday');
$node->safe_psql('gap', "UPDATE driver SET next_at = '2026-08-28 00:00+08' WHERE name = 'one'");
is(finish(driver('gap', 'one', $ends)), '', 'and another begins on the Friday');
($oracle, $problems) = run_command([ '/usr/bin/python3', 'test/oracle/check_rhythm.py', '--database', 'gap', '--from', $first, '--to', $last,
	'--without', '2026-08-25', '2026-08-28', '--host', $node->host, '--port', $node->port ]);
unlike($oracle, qr/^not ok/m, 'which makes what the simulation makes with the same ticks left out') or diag($oracle, $problems);
is($node->safe_psql('gap', "SELECT count(*) FROM perf.message WHERE created_at >= '2026-08-25 00:00+08' AND created_at < '2026-08-28 00:00+08'"), '0', 'nothing is made for the time between');
is($node->safe_psql('gap', "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM perf.message WHERE created_at >= '2026-08-28 00:00+08' AND created_at < '2026-08-29 00:00+08' AND kind = 'silence_reminder' GROUP BY recipient_id) AS m"), '1',
	'and nobody is reminded twice');

$node->stop;
done_testing();
