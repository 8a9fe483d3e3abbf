# Hostile input: texts and binary images of every type of the engine, mutated at random.  Whatever comes in is
# either refused with a proper SQLSTATE or kept as a value that reads back to itself; the server stays up.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use Test::More;

my $seed = $ENV{FUZZ_SEED} // 20260918;
my $texts = $ENV{FUZZ_TEXTS} // 3000;
my $images = $ENV{FUZZ_IMAGES} // 400;
srand($seed);
note("FUZZ_SEED=$seed FUZZ_TEXTS=$texts FUZZ_IMAGES=$images");

# What a literal may be refused with: malformed, out of range, too large, not UTF-8, or a value that makes no sense.
my %refusal = map { $_ => 1 } qw(22P02 22003 54000 54001 22021 22023);
# And a binary image: also as ill-formed, or as ending too early or too late.
my %refusal_binary = (%refusal, map { $_ => 1 } qw(22P03 08P01 22P04));

my $node = start_server('literals');
new_database($node, 'fuzz');

my %seeds = (
	traffic_light => [ 'grey', 'red', 'yellow', 'green', '红', '黄', '绿', '灰', 'GREEN', 'Red' ],
	score_curve => [
		'linear(0:0, 80:60, 100:100, 120:120)', 'linear(-10.5:0, 0:100)', 'step(0:0, 80:60, 100:100)', 'step(0:veto, 1:50, 2:100)',
		'step(0:100, 1:60, 3:veto)', 'deduct(full 20, above 2, 5 per 1, floor 0)', 'deduct(full 100, below 95, 2.5 per 0.5, floor 10, prorata)',
		'linear(' . join(', ', map { "$_:" . 2 * $_ } 1 .. 200) . ')', 'linear(999999999999999999:0.000001, 1e3:1)'
	],
	formula => [
		'0.6 * kpi + 0.4 * coalesce(peer, manager)', 'if(a >= 1 , min(a, b, 3), -max(b, abs(c)))', 'round(a / b, 2)', '((((((a))))))',
		'1 - -1 + +2', 'a <> b', 'a <= 0.0000000000000001', '得分 + 1', ('(' x 200) . 'a' . (')' x 200), join(' + ', map { "x$_" } 1 .. 100)
	],
);

# Types that gather rows take their seeds from the aggregates that make them.
$node->safe_psql(
	'fuzz', q{
	CREATE TABLE sample AS
		SELECT i AS n, (i * 7919 % 24000 - 2000)::numeric / 100 AS a, (i * 104729 % 10000)::numeric / 100 AS b, i % 3 <> 0 AS kept, i % 7 = 0 AS excused,
			date '2026-01-05' + 7 * i AS week, (ARRAY['grey', 'red', 'yellow', 'green'])[i % 4 + 1]::perf_mgmt.traffic_light AS light
		FROM generate_series(1, 40) AS i});
my @states = map { [ split /\t/ ] } split /\n/, $node->safe_psql(
	'fuzz', q{
	SELECT DISTINCT ON (t.typname) t.typname, pg_get_function_identity_arguments(p.oid), a.aggtransfn::regproc, a.aggtranstype::regtype, coalesce(a.agginitval, ''),
		(SELECT string_agg(CASE format_type(u.type, NULL)
				WHEN 'numeric' THEN CASE row_number WHEN 1 THEN 'a' ELSE 'b' END
				WHEN 'boolean' THEN CASE row_number WHEN 1 THEN 'kept' ELSE 'excused' END
				WHEN 'double precision' THEN 'a::float8' WHEN 'date' THEN 'week' WHEN 'integer' THEN '4' WHEN 'text' THEN 'light::text'
				ELSE 'no sample' END, ', ' ORDER BY u.n)
			FROM (SELECT x.type, x.n, row_number() OVER (PARTITION BY x.type ORDER BY x.n) FROM unnest(p.proargtypes) WITH ORDINALITY AS x(type, n)) AS u)
	FROM pg_aggregate a
	JOIN pg_proc p ON p.oid = a.aggfnoid
	JOIN pg_type t ON t.oid = a.aggtranstype AND t.typnamespace = 'perf_mgmt'::regnamespace
	WHERE NOT (a.aggtranstype = ANY (p.proargtypes)) AND NOT ('double precision'::regtype = ANY (p.proargtypes))
	ORDER BY t.typname, p.oid}, extra_params => [ '-F', "\t" ]);
for my $state (@states)
{
	my ($type, $arguments, $transition, $stored, $initial, $call) = @$state;
	my $init = $initial eq '' ? '' : ", INITCOND = '$initial'";
	$node->safe_psql('fuzz', "CREATE AGGREGATE public.state_of($arguments) (SFUNC = $transition, STYPE = $stored$init)");
	push @{ $seeds{$type} }, grep { $_ ne '' } split /\n/,
	  $node->safe_psql('fuzz', "SELECT public.state_of($call)::text FROM generate_series(1, 7) AS k, sample WHERE n BETWEEN k AND k * k GROUP BY k");
	$node->safe_psql('fuzz', "DROP AGGREGATE public.state_of($arguments)");
}

# Tries each text in the type: which SQLSTATE, and whether an accepted value reads back to itself.
$node->safe_psql(
	'fuzz', q{
	CREATE TABLE trial (n serial, input text);
	CREATE FUNCTION try_texts(type text) RETURNS TABLE (outcome text, tries bigint, example text) LANGUAGE plpgsql AS $$
	DECLARE
		input text;
		once text;
		again text;
	BEGIN
		CREATE TEMPORARY TABLE result (outcome text, input text) ON COMMIT DROP;
		FOR input IN SELECT t.input FROM trial t ORDER BY n LOOP
			BEGIN
				EXECUTE format('SELECT $1::perf_mgmt.%I::text', type) INTO once USING input;
				EXECUTE format('SELECT $1::perf_mgmt.%I::text', type) INTO again USING once;
				INSERT INTO result VALUES (CASE WHEN once = again THEN 'kept' ELSE 'changed on the way back' END, input);
			EXCEPTION WHEN OTHERS THEN
				INSERT INTO result VALUES (CASE WHEN once IS NULL THEN SQLSTATE ELSE 'not read back: ' || SQLSTATE END, input);
			END;
			once := NULL;
		END LOOP;
		RETURN QUERY SELECT r.outcome, count(*), min(r.input) FROM result r GROUP BY r.outcome;
	END $$;

	CREATE FUNCTION try_images(type text, folder text, files integer) RETURNS TABLE (outcome text, tries bigint, example text) LANGUAGE plpgsql AS $$
	DECLARE
		kept text;
	BEGIN
		CREATE TEMPORARY TABLE result (outcome text, file integer) ON COMMIT DROP;
		EXECUTE format('CREATE TEMPORARY TABLE image (value perf_mgmt.%I) ON COMMIT DROP', type);
		FOR i IN 1 .. files LOOP
			BEGIN
				EXECUTE format('COPY image FROM %L (FORMAT binary)', folder || '/' || i);
				SELECT value::text INTO kept FROM image;
				EXECUTE format('SELECT $1::perf_mgmt.%I', type) USING kept;
				DELETE FROM image;
				INSERT INTO result VALUES ('kept', i);
			EXCEPTION WHEN OTHERS THEN
				INSERT INTO result VALUES (SQLSTATE, i);
			END;
		END LOOP;
		RETURN QUERY SELECT r.outcome, count(*), min(r.file)::text FROM result r GROUP BY r.outcome;
	END $$;
});

my @alphabet = (
	split(//, q{ ,:.()-+*/<>=_'"0123456789aefilnortuv}), "\t", "\n", "\x{1}", "\x{feff}", "\x{7ea2}", "\x{1f600}", 'e9', '1e999', 'NaN', 'Infinity',
	'999999999999999999', '0.000000000000000001', '-0', '((', '))', ', ', 'veto', 'prorata', '1' x 40, 'red', ' ' x 30);

# mutate(TEXT, OTHER): one to four small changes
sub mutate
{
	my ($text, $other) = @_;
	for (1 .. 1 + int(rand 4))
	{
		my $at = int(rand(length($text) + 1));
		my $size = int(rand 6);
		my $kind = int(rand 10);
		if ($kind == 0) { substr($text, $at, $size) = ''; }
		elsif ($kind == 1) { substr($text, $at, 0) = $alphabet[ rand @alphabet ]; }
		elsif ($kind == 2) { substr($text, $at, 1) = $alphabet[ rand @alphabet ] if $at < length $text; }
		elsif ($kind == 3) { substr($text, $at, 0) = substr($text, int(rand(length($text) + 1)), $size); }
		elsif ($kind == 4) { $text = substr($text, 0, $at); }
		elsif ($kind == 5) { $text = substr($text, 0, $at) . substr($other, int(rand(length($other) + 1))); }
		elsif ($kind == 6) { substr($text, $at, 1) = chr(1 + int(rand 0x300)) if $at < length $text; }
		else
		{
			# another number in the place of one
			my @numbers;
			push @numbers, [ $-[0], $+[0] - $-[0] ] while $text =~ /-?\d+(?:\.\d+)?/g;
			next unless @numbers;
			my ($from, $length) = @{ $numbers[ rand @numbers ] };
			substr($text, $from, $length) =
			  (int(rand 200), -int(rand 1000), sprintf('%.3f', rand 100), '0', '999999999999999999', '-0.000000000000000001', '1e18', '00012.500')[ rand 8 ];
		}
	}
	return $text;
}

# results(SQL): (outcome => [tries, example])
sub results
{
	my ($sql) = @_;
	my %found;
	for my $line (split /\x1e/, $node->safe_psql('fuzz', $sql, extra_params => [ '-F', "\x1f", '-R', "\x1e" ]))
	{
		my ($outcome, $tries, $example) = split /\x1f/, $line, 3;
		$found{$outcome} = [ $tries, $example ];
	}
	return %found;
}

sub judge
{
	my ($what, $refusals, %found) = @_;
	my @wrong = grep { $_ ne 'kept' && !$refusals->{$_} } sort keys %found;
	is(join('; ', map { "$_, as for: $found{$_}[1]" } @wrong), '', "$what: what is refused is refused properly, what is kept reads back");
	note("$what: " . join(', ', map { "$_ x $found{$_}[0]" } sort keys %found));
	ok(exists $found{kept}, "$what: something was kept");
	ok((grep { $refusals->{$_} } keys %found) > 0, "$what: something was refused");
	return;
}

my @types = split /\n/,
  $node->safe_psql('fuzz', q{
	SELECT typname FROM pg_type WHERE typnamespace = 'perf_mgmt'::regnamespace AND typtype = 'b' AND typelem = 0 ORDER BY typname});
cmp_ok(scalar @types, '>=', 2, "the engine has types: @types");

for my $type (@types)
{
	my @seeds = @{ $seeds{$type} // [] };
	cmp_ok(scalar @seeds, '>', 0, "$type: there are texts to begin with") or next;
	utf8::decode($_) for @seeds;

	my $copy = "TRUNCATE trial; COPY trial (input) FROM STDIN;\n";
	for my $i (1 .. $texts)
	{
		my $input = $i <= @seeds ? $seeds[ $i - 1 ] : mutate($seeds[ rand @seeds ], $seeds[ rand @seeds ]);
		$input =~ s/([\\\t\n\r\x08\x0b\x0c])/sprintf('\\x%02x', ord $1)/ge;
		$copy .= "$input\n";
	}
	utf8::encode($copy);
	$node->safe_psql('fuzz', "$copy\\.\n");
	is($node->safe_psql('fuzz', 'SELECT count(*) FROM trial'), $texts, "$type: $texts texts to try");
	my %found = results("SELECT outcome, tries, example FROM try_texts('$type')");
	judge("$type as text", \%refusal, %found);

	# binary images: that of a seed, with bytes of the value changed
	my $folder = $node->basedir . "/$type";
	mkdir $folder or die "$folder: $!";
	my @pictures;
	for my $i (0 .. $#seeds)
	{
		my $literal = $seeds[$i];
		utf8::encode($literal);
		$literal =~ s/'/''/g;
		$node->psql('fuzz', "COPY (SELECT '$literal'::perf_mgmt.$type) TO '$folder/seed' (FORMAT binary)") == 0 or next;
		my $image = slurp_image("$folder/seed");
		push @pictures, $image;
		unlink "$folder/seed";
	}
	for my $i (1 .. $images)
	{
		# signature, flags and length of the header: 19 bytes; number of fields: 2; length of the field: 4; value; end: 2
		my $picture = $pictures[ $i <= @pictures ? $i - 1 : rand @pictures ];
		my $value = substr($picture, 25, -2);
		if ($i > @pictures)
		{
			for (1 .. 1 + int(rand 3))
			{
				my $at = int(rand(length($value) + 1));
				my $kind = int(rand 4);
				if ($kind == 0) { substr($value, $at, 1) = chr(int(rand 256)) if $at < length $value; }
				elsif ($kind == 1) { $value = substr($value, 0, $at); }
				elsif ($kind == 2) { substr($value, $at, 0) = chr(int(rand 256)) x (1 + int(rand 4)); }
				else { substr($value, $at, 4) = pack('N', (0xffffffff, 0x7fffffff, 0x80000000, 0)[ rand 4 ]) if $at + 4 <= length $value; }
			}
		}
		open my $out, '>:raw', "$folder/$i" or die "$folder/$i: $!";
		print $out substr($picture, 0, 21), pack('N', length $value), $value, "\xff\xff";
		close $out or die "$folder/$i: $!";
	}
	%found = results("SELECT outcome, tries, example FROM try_images('$type', '$folder', $images)");
	judge("$type as binary", \%refusal_binary, %found);
}

is($node->safe_psql('fuzz', 'SELECT 1'), '1', 'the server is up');
my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile);
unlike($log, qr/TRAP: |was terminated by signal|PANIC: /, 'no crash on the way');

sub slurp_image
{
	my ($file) = @_;
	open my $in, '<:raw', $file or die "$file: $!";
	local $/;
	my $image = <$in>;
	close $in;
	return $image;
}

$node->stop;
done_testing();
