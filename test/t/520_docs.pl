# Whatever docs/*.md shows as SQL is run, and gives what stands below it.
#
# A block ```sql is run as one psql script in the plant of the demonstration,
# search_path set, each page in a database of its own, the blocks of a page one
# after the other.  Lines that begin with "-- => " say what the block must
# print, a line a row, columns parted by " | ", NULL for NULL; a last line
# "-- => ERROR: ..." says how it must fail.  A block ```sql not-run is left
# alone: it needs something that a test has not got.
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

# blocks(FILE): [line, SQL, expected lines] of each example
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
		elsif ($line =~ /^\s*```sql\s*$/) { $block = [ $number, '', [] ] }
	}
	die "$file: the block of line $block->[0] does not end\n" if $block;
	return @blocks;
}

# the extractor itself: a block that is run, one that is not, one of another language
my $sample = PostgreSQL::Test::Utils::tempdir() . '/sample.md';
append_to_file($sample, "```sql\nSELECT 1;\n-- => 1\n```\ntext\n```sql not-run\nSELECT 2;\n```\n```bash\nls\n```\n   ```sql\n   SELECT 3;\n   ```\n");
is_deeply([ blocks($sample) ], [ [ 1, "SELECT 1;\n", ['1'] ], [ 12, "   SELECT 3;\n", [] ] ], 'blocks are found, with what they must give');

my $node = start_server('docs');
new_database($node, 'plant');
$node->safe_psql('plant', q{SELECT perf_mgmt.create_workspace()});

# run(DATABASE, SQL): the lines that it prints, an error as the last
sub run
{
	my ($database, $sql) = @_;
	my $script = PostgreSQL::Test::Utils::tempdir() . '/block.sql';
	append_to_file($script, "SET search_path = perf, perf_mgmt;\n\\pset null NULL\n$sql");
	my ($out, $err) = run_command([ 'psql', '-XAtq', '-F', ' | ', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database), '-f', $script ]);
	my @lines = map { s/\s+$//r } split /\n/, $out;
	push @lines, "ERROR: $1" if $err =~ /ERROR:\s+(.*)/;
	return @lines;
}
is_deeply([ run('plant', 'SELECT 1, NULL; SELECT 1/0; SELECT 2') ], [ '1 | NULL', 'ERROR: division by zero' ], 'rows and errors are told');

my ($out, $err) = run_command([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('plant'), '-f', 'demo/load.sql' ]);
is($err, '', 'the plant is loaded');

my $examples = 0;
for my $file (sort glob 'docs/*.md')
{
	my $page = basename($file, '.md');
	my @blocks = blocks($file) or next;
	$node->safe_psql('postgres', qq(CREATE DATABASE "doc_$page" TEMPLATE plant));
	for my $block (@blocks)
	{
		my ($line, $sql, $expected) = @$block;
		my @got = run("doc_$page", $sql);
		$examples++;
		# without a word about the outcome it must succeed
		if (@$expected) { is_deeply(\@got, $expected, "$file, line $line") or diag(join "\n", 'it gives:', @got) }
		else { is(scalar(grep { /^ERROR/ } @got), 0, "$file, line $line succeeds") or diag(join "\n", @got) }
	}
	$node->safe_psql('postgres', qq(DROP DATABASE "doc_$page"));
}
cmp_ok($examples, '>=', 20, "$examples examples were run");

done_testing();
