# HR's files from end to end: the plant streamed by psql, COMMIT and all, and
# again; another way in; a role that owns nothing.
use strict;
use warnings;

use Cwd qw(abs_path);
use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = abs_path("$FindBin::RealBin/../..");
my $data = "$root/demo/data";
my $copy = q{with (format csv, delimiter E'\x01', quote E'\x02', encoding 'UTF8')};
chdir $root or die "$root: $!";

my $node = start_server('import');
new_database($node, 'plant');
$node->safe_psql('plant', "SELECT perf_mgmt.create_workspace()");

sub psql
{
	my (@arguments) = @_;
	local $ENV{PGCLIENTENCODING} = 'UTF8';
	return run_command([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('plant'), @arguments ]);
}
sub plant { return $node->safe_psql('plant', "SET search_path = perf, perf_mgmt; $_[0]") }

# fields(FILE): its records without the header, each an array; the files have no line breaks inside cells
sub fields
{
	my ($name) = @_;
	open my $file, '<:raw', "$data/$name.csv" or die "$name: $!";
	my @lines = <$file>;
	shift @lines;
	s/\r?\n\z// for @lines;
	return map { [ /(?:^|,)("(?:[^"]|"")*"|[^,]*)/g ] } @lines;
}

# ---------------------------------------------------------------------------
# The plant
# ---------------------------------------------------------------------------
my ($out, $err) = psql('-f', 'demo/load.sql');
is($err, '', 'the plant loads without a complaint');
# each kind of file that the script loads is a \set of its own
my $files = () = slurp_file('demo/load.sql') =~ /^\\set kind /mg;
cmp_ok($files, '>=', 10, 'the script loads every kind of file');
is(scalar(() = $out =~ /, 0 rejected, /g), $files, 'nothing is rejected');
like($out, qr/^27 cycles closed/m, 'the closed cycles are closed');
is(plant("SELECT count(*) || ' ' || sum(records - accepted) FROM import_log"), "$files 0", 'every record lands');

my %table = (
	'部门' => 'department', '员工' => 'employee', '指标' => 'indicator', '周期' => 'cycle', '目标' => 'goal', '任务' => 'task',
	'打卡' => 'check_in', '延期' => 'postponement', '关联' => 'goal_link', '请假' => 'leave');
for my $file (sort keys %table)
{
	is(plant("SELECT count(*) FROM $table{$file}"), scalar(fields($file)), "as many rows in $table{$file} as records in the file");
}
is(plant('SELECT count(*) FROM assignment'), fields('员工') + fields('调动'), 'an assignment a person, and one a transfer');

my @reports = fields('打卡');
my @ticks = map { split /;/, $_->[6] } @reports;
my @photos = map { split /;/, $_->[7] } @reports;
is(plant('SELECT count(*) FROM check_in_task'), scalar(@ticks), 'every task that was ticked');
is(plant('SELECT count(*) FROM check_in_photo WHERE sha256 IS NOT NULL'), scalar(@photos), 'every photo with its checksum');
is(plant("SELECT string_agg(check_in_no, ' ' ORDER BY check_in_no) FROM check_in WHERE actual IS NOT NULL"),
	join(' ', sort map { $_->[0] } grep { $_->[4] ne '' } @reports), 'actual values where the file has them');
is(plant("SELECT count(*) FROM check_in WHERE recorded_at <> at"), '0', 'check-ins are recorded at their own time');
is(plant("SELECT count(*) FROM goal g WHERE g.due_on <> (SELECT max(p.new_due_on) FROM postponement p WHERE p.goal_id = g.goal_id)"), '0',
	'postponed goals are due on the last day that was agreed');
is(plant("SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM cycle"), 'active closed planning', 'cycles have the states of the file');
is(plant("SELECT count(*) FROM cycle c, cycle_closing v WHERE v.cycle_id = c.cycle_id AND v.closed_at = day_end(c.ends_on)"), '27', 'and were closed at their ends');

# ---------------------------------------------------------------------------
# The same again
# ---------------------------------------------------------------------------
($out, $err) = psql('-f', 'demo/load.sql', '-v', "folder=$data");
is($err, '', 'the same again, from a folder that is named');
is(plant("SELECT sum(accepted) || ' ' || sum(rejected) || ' ' || bool_and(records = unchanged) FROM import_log WHERE run_id > $files"), '0 0 true',
	'changes nothing, also after the cycles were closed and goals postponed');

# ---------------------------------------------------------------------------
# Other ways in
# ---------------------------------------------------------------------------
my ($status, $stdout, $stderr) = $node->psql('plant', "\\copy perf.import_line (line) from '$data/脏数据/员工.csv' $copy");
like($stderr, qr/unquoted newline found in data/, 'COPY itself refuses a line feed inside a cell of a file with CRLF');
is(plant('SELECT count(*) FROM import_line'), '0', 'and takes nothing of it');
($out, $err) = psql('-c', "\\lo_import '$data/脏数据/员工.csv'", '-c', q{SELECT accepted, rejected FROM perf.import_file('员工', (SELECT lo_get(max(oid)) FROM pg_largeobject_metadata))});
like($out, qr/^10\|16$/m, 'a file as it is, by way of a large object');
run_command([ 'sh', '-c', "tr -d '\\r' < '$data/脏数据/员工.csv' | psql -XAtq -d '" . $node->connstr('plant')
		. "' -c \"\\copy perf.import_line (line) from pstdin $copy\" -c \"SELECT 1 FROM perf.import_run('员工')\"" ]);
is(plant("SELECT concat_ws(' ', accepted, unchanged, rejected) FROM import_log ORDER BY run_id DESC LIMIT 1"), '0 10 16', 'a file through a pipe');

($out, $err) = psql('-c', "\\lo_import '$data/脏数据/目标.csv'", '-c', q{SELECT accepted, rejected FROM perf.import_file('目标', (SELECT lo_get(max(oid)) FROM pg_largeobject_metadata))});
like($out, qr/^14\|24$/m, 'the careless goals land, as many as the list beside them says, COMMIT and all');
is($err, '', 'which has nothing to say against them');

# ---------------------------------------------------------------------------
# A role that owns nothing
# ---------------------------------------------------------------------------
$node->safe_psql('plant',
	'CREATE ROLE hr LOGIN; GRANT USAGE ON SCHEMA perf, perf_mgmt TO hr; GRANT USAGE ON ALL SEQUENCES IN SCHEMA perf TO hr;'
	  . ' GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA perf TO hr');
my $other = $node->background_psql('plant');
$other->query_safe("INSERT INTO perf.import_line (line) VALUES ('code,name'), ('ZZ,of the other session')");
is( $node->safe_psql(
		'plant',
		"INSERT INTO perf.import_line (line) VALUES ('code,name'), ('ZA,of HR'); SELECT accepted FROM perf.import_run('department')",
		extra_params => [ '-U', 'hr' ]),
	'1',
	'imports with rights on tables and sequences alone');
is($other->query_safe("SELECT accepted FROM perf.import_run('department')"), '1', 'and leaves the lines of sessions that it may not look into');
$other->quit;
is(plant("SELECT string_agg(code, ' ' ORDER BY code) FROM department WHERE code LIKE 'Z_'"), 'ZA ZZ', 'each session lands its own');

$node->stop;
done_testing();
