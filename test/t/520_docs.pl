# Whatever README.md and docs/*.md show as SQL is run, and gives what stands below it.
#
# A block ```sql is run as one psql script in the plant of the demonstration,
# search_path set, each page in a database of its own, the blocks of a page one
# after the other.  Lines that begin with "-- => " say what the block must
# print, a line a row, columns parted by " | ", NULL for NULL; a last line
# "-- => ERROR: ..." says how it must fail.  A block ```sql not-run is left
# alone: it needs something that a test has not got.
#
# README.md begins with an empty database and makes its own workspace; only its
# blocks ```sql plant are run in the plant.  It does not tell every line that a
# block prints: those that it tells must come, in their order.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename);
use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = abs_path("$FindBin::RealBin/../..");
chdir $root or die "$root: $!";
$ENV{PGCLIENTENCODING} = 'UTF8';

# blocks(FILE): [line, SQL, expected lines, whether it is marked "plant"] of each example
sub blocks
{
	my ($file) = @_;
	my (@blocks, $block);
	my $number = 0;
	for my $line (split /\n/, slurp_file($file))
	{
		$number++;
		if ($block)
		{
			if ($line =~ /^\s*```\s*$/)
			{
				push @blocks, $block;
				undef $block;
			}
			elsif ($line =~ /^\s*-- => (.*?)\s*$/) { push @{ $block->[2] }, $1 }
			else { $block->[1] .= "$line\n" }
		}
		elsif ($line =~ /^\s*```sql(\s+plant)?\s*$/) { $block = [ $number, '', [], defined $1 ] }
	}
	die "$file: the block of line $block->[0] does not end\n" if $block;
	return @blocks;
}

# the extractor itself: a block that is run, ones that are not, one of another language, one for the plant
my $sample = PostgreSQL::Test::Utils::tempdir() . '/sample.md';
append_to_file($sample, "```sql\nSELECT 1;\n-- => 1\n```\ntext\n```sql not-run\nSELECT 2;\n```\n```bash\nls\n```\n   ```sql plant\n   SELECT 3;\n   ```\n");
is_deeply([ blocks($sample) ], [ [ 1, "SELECT 1;\n", ['1'], '' ], [ 12, "   SELECT 3;\n", [], 1 ] ], 'blocks are found, with what they must give');

my $node = start_server('docs');
new_database($node, 'plant');
$node->safe_psql('plant', q{SELECT perf_mgmt.create_workspace()});

# run(DATABASE, SQL, PATH): the lines that it prints, an error as the last
sub run
{
	my ($database, $sql, $path) = @_;
	$path //= 'perf, perf_mgmt';
	my $script = PostgreSQL::Test::Utils::tempdir() . '/block.sql';
	append_to_file($script, "SET search_path = $path;\n\\pset null NULL\n$sql");
	my ($out, $err) = run_command([ 'psql', '-XAtq', '-F', ' | ', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), '-f', $script ]);
	my @lines = map { s/\s+$//r } split /\n/, $out;
	# psql itself writes "error:", for instance where \copy finds no file
	push @lines, "ERROR: $1" if $err =~ /(?:ERROR|FATAL|error):\s+(.*)/;
	return @lines;
}
is_deeply([ run('plant', 'SELECT 1, NULL; SELECT 1/0; SELECT 2') ], [ '1 | NULL', 'ERROR: division by zero' ], 'rows and errors are told');

my ($out, $err) = run_command([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('plant'), '-f', 'demo/load.sql' ]);
is($err, '', 'the plant is loaded');

# told(LINES, EXPECTED): those of the lines that are expected
sub told
{
	my ($lines, $expected) = @_;
	my %expected = map { $_ => 1 } @$expected;
	return grep { $expected{$_} } @$lines;
}
is_deeply([ told([ 1, 2, 3, 2 ], [ 3, 2 ]) ], [ 2, 3, 2 ], 'lines that are not told are left out, others keep their order');

my $examples = 0;
for my $file ('README.md', sort glob 'docs/*.md')
{
	my $page = basename($file, '.md');
	my $is_readme = $page eq 'README';
	my @blocks = blocks($file) or next;
	$node->safe_psql('postgres', qq(CREATE DATABASE "doc_$page" TEMPLATE plant));
	$node->safe_psql('postgres', 'CREATE DATABASE doc_empty') if $is_readme;
	for my $block (@blocks)
	{
		my ($line, $sql, $expected, $in_plant) = @$block;
		my @got = $is_readme && !$in_plant ? run('doc_empty', $sql, 'perf, perf_mgmt, public') : run("doc_$page", $sql);
		my $failed = grep { /^ERROR/ } @got;
		$examples++;
		# without a word about the outcome it must succeed
		if (@$expected)
		{
			my @lines = $is_readme && !$failed ? told(\@got, $expected) : @got;
			is_deeply(\@lines, $expected, "$file, line $line") or diag(join "\n", 'it gives:', @got);
		}
		else { is($failed, 0, "$file, line $line succeeds") or diag(join "\n", @got) }
	}
	$node->safe_psql('postgres', qq(DROP DATABASE "doc_$page"));
	$node->safe_psql('postgres', 'DROP DATABASE doc_empty') if $is_readme;
	# roles belong to no database, and the next page makes them anew
	$node->safe_psql('postgres', qq(DROP ROLE "$_"))
		for split /\n/, $node->safe_psql('postgres', 'SELECT rolname FROM pg_roles WHERE oid >= 16384');
}
cmp_ok($examples, '>=', 80, "$examples examples were run");

done_testing();
