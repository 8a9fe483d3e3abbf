# Every aggregate of the engine gives the same result, digit by digit, whatever the plan: serial, parallel,
# partition by partition, hashed to disk, as a window, in another order, or merged from states in any shape.
use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use PerfMgmt;
use Test::More;

my $node = start_server('aggregates', max_parallel_workers_per_gather => 3, max_worker_processes => 8);
new_database($node, 'postgres_aggregates');
my $db = 'postgres_aggregates';

# One row a week; NULLs, negative numbers, many digits and few, and values far apart.
$node->safe_psql(
	$db, q{
	CREATE TABLE sample AS
	SELECT i AS sample_id,
		i % 7 AS part,
		CASE WHEN i % 11 = 0 THEN NULL WHEN i % 13 = 0 THEN (i * 37 % 1000)::numeric / 7 ELSE (i * 7919 % 24000 - 2000)::numeric / 100 END AS a,
		CASE WHEN i % 17 = 0 THEN NULL WHEN i % 19 = 0 THEN 0 ELSE (i * 104729 % 10000)::numeric / 100 END AS b,
		CASE WHEN i % 23 = 0 THEN NULL ELSE i * 31 % 10 < 7 END AS kept,
		i * 29 % 20 = 0 AS excused,
		date '1000-01-06' + 7 * i AS week,
		(ARRAY['grey', 'red', 'yellow', 'green', NULL])[i % 5 + 1]::perf_mgmt.traffic_light AS light
	FROM generate_series(1, 2000) AS i;
	ALTER TABLE sample SET (parallel_workers = 3);
	CREATE TABLE shuffled AS SELECT * FROM sample ORDER BY md5(sample_id::text);
	CREATE TABLE divided (LIKE sample) PARTITION BY LIST (part);
	SELECT format('CREATE TABLE divided_%s PARTITION OF divided FOR VALUES IN (%s)', p, p) FROM generate_series(0, 6) AS p \gexec
	INSERT INTO divided SELECT * FROM shuffled;
	ANALYZE;
});

# The aggregates, each with an argument from the sample for every type that it takes.
my @aggregates = map { [ split /\t/ ] } split /\n/, $node->safe_psql(
	$db, q{
	SELECT p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
		format('perf_mgmt.%I(%s)', p.proname,
			(SELECT string_agg(CASE WHEN p.proargnames[n] = 'slope_limit' THEN '2.5' ELSE CASE format_type(t.type, NULL)
					WHEN 'numeric' THEN CASE row_number WHEN 1 THEN 'a' ELSE 'b' END
					WHEN 'boolean' THEN CASE row_number WHEN 1 THEN 'kept' ELSE 'excused' END
					WHEN 'double precision' THEN CASE row_number WHEN 1 THEN 'a::float8' ELSE 'b::float8' END
					WHEN 'date' THEN 'week'
					WHEN 'integer' THEN '4'
					WHEN 'text' THEN 'light::text'
					WHEN 'perf_mgmt.traffic_light' THEN 'light'
					WHEN 'perf_mgmt.score_sum' THEN 'state_of_score_sum'
					ELSE 'no sample for type ' || format_type(t.type, NULL) END END, ', ' ORDER BY n)
				FROM (SELECT u.type, u.n, row_number() OVER (PARTITION BY u.type ORDER BY u.n)
					FROM unnest(p.proargtypes) WITH ORDINALITY AS u(type, n)) AS t)),
		a.aggtransfn::regproc, a.aggtranstype::regtype, a.aggcombinefn::regproc, coalesce(a.agginitval, ''), a.aggfinalfn::regproc,
		pg_get_function_identity_arguments(p.oid)
	FROM pg_proc p JOIN pg_aggregate a ON a.aggfnoid = p.oid
	WHERE p.pronamespace = 'perf_mgmt'::regnamespace
	ORDER BY 1}, extra_params => [ '-F', "\t" ]);
cmp_ok(scalar @aggregates, '>=', 2, 'the engine has aggregates: ' . join(' ', map { $_->[0] } @aggregates));

# A state for each row, for aggregates that merge states.
if (grep { $_->[1] =~ /state_of_score_sum/ } @aggregates)
{
	for my $table (qw(sample shuffled divided))
	{
		$node->safe_psql($db, "ALTER TABLE $table ADD state_of_score_sum perf_mgmt.score_sum");
		$node->safe_psql($db, "UPDATE $table AS t SET state_of_score_sum = s.state
			FROM (SELECT sample_id, perf_mgmt.score_sum(a, abs(b)) AS state FROM sample GROUP BY sample_id) AS s WHERE s.sample_id = t.sample_id");
	}
}

my $serial = 'SET max_parallel_workers_per_gather = 0;';
my $parallel = 'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET enable_partitionwise_aggregate = off;';
my $partitionwise = "SET enable_partitionwise_aggregate = on; $serial";

for my $aggregate (@aggregates)
{
	my ($name, $call, $transition, $type, $combine, $initial, $final, $arguments) = @$aggregate;
	unlike($call, qr/no sample/, "$name: there is a sample of its arguments") or next;
	my $whole = "SELECT ($call)::text FROM";
	my $want = $node->safe_psql($db, "$serial $whole sample");
	isnt($want, '', "$name gives something");
	is($node->safe_psql($db, "$serial $whole shuffled"), $want, "$name: the order of rows does not matter");

	like($node->safe_psql($db, "$parallel EXPLAIN (COSTS OFF) $whole sample"), qr/Finalize Aggregate.*Gather.*Partial Aggregate/s, "$name can run in parallel");
	is($node->safe_psql($db, "$parallel $whole sample"), $want, "$name: parallel workers agree");
	is($node->safe_psql($db, "$parallel SET parallel_leader_participation = off; $whole sample"), $want, "$name: so do workers without their leader");

	like($node->safe_psql($db, "$partitionwise EXPLAIN (COSTS OFF) $whole divided"), qr/Finalize Aggregate.*Append.*Partial Aggregate/s, "$name can run partition by partition");
	is($node->safe_psql($db, "$partitionwise $whole divided"), $want, "$name: partitions agree");

	my $grouped = "SELECT part, ($call)::text FROM %s GROUP BY part ORDER BY part";
	my $want_grouped = $node->safe_psql($db, "$serial SET enable_hashagg = off; " . sprintf($grouped, 'sample'));
	is($node->safe_psql($db, "$serial SET enable_sort = off; " . sprintf($grouped, 'shuffled')), $want_grouped, "$name: groups hashed and sorted agree");
	is($node->safe_psql($db, "$parallel " . sprintf($grouped, 'divided')), $want_grouped, "$name: groups in parallel agree");

	# a moving frame starts the aggregate anew; a growing frame asks one state for its result again and again
	my $window = q{SELECT count(*) FROM (SELECT sample_id, (%s OVER (ORDER BY sample_id ROWS BETWEEN %s AND CURRENT ROW))::text AS got
			FROM sample WHERE sample_id <= 60) AS w
		WHERE got IS DISTINCT FROM (SELECT (%s)::text FROM sample AS s WHERE s.sample_id BETWEEN greatest(w.sample_id - %s, 1) AND w.sample_id)};
	is($node->safe_psql($db, sprintf($window, $call, 'UNBOUNDED PRECEDING', $call, 60)), '0', "$name: every result of a growing window is right");
	is($node->safe_psql($db, sprintf($window, $call, '5 PRECEDING', $call, 5)), '0', "$name: every result of a moving window is right");

	is($node->safe_psql($db, "$whole sample WHERE false"), $node->safe_psql($db, "$parallel $whole sample WHERE sample_id < 0"), "$name: no rows give the same in parallel");

	# states merged in the shape of a chain, of a tree, and through their text
	my $init = $initial eq '' ? '' : ", INITCOND = '$initial'";
	my $finalise = $final eq '-' ? '%s' : "$final(%s)";
	$node->safe_psql(
		$db, qq{
		CREATE AGGREGATE public.state_of($arguments) (SFUNC = $transition, STYPE = $type$init);
		CREATE AGGREGATE public.merge_states($type) (SFUNC = $combine, STYPE = $type);
	});
	(my $state_call = $call) =~ s/^perf_mgmt\.[^(]+/public.state_of/;
	my $states = "(SELECT k, $state_call AS state FROM sample, LATERAL (SELECT mod(sample_id, %d) AS k) AS x GROUP BY k) AS s";
	my $result = sprintf($finalise, 'public.merge_states(state ORDER BY md5(k::text))');
	is($node->safe_psql($db, "SELECT ($result)::text FROM " . sprintf($states, $_)), $want, "$name: $_ states merge to the whole") for (2, 7, 300);
	my $tree = 'SELECT ' . sprintf($finalise, 'public.merge_states(state)') . "::text FROM (SELECT public.merge_states(state) AS state FROM "
	  . sprintf($states, 64) . ' GROUP BY k / 8) AS t';
	is($node->safe_psql($db, $tree), $want, "$name: states merge as a tree");
	my $by_text = sprintf($finalise, "public.merge_states(state::text::$type)");
	is($node->safe_psql($db, "SELECT ($by_text)::text FROM " . sprintf($states, 9)), $want, "$name: states survive their text form");
	is( $node->safe_psql(
			$db, qq{
			CREATE TABLE stored AS SELECT k, state FROM } . sprintf($states, 9) . q{;
			COPY stored TO '} . $node->basedir . qq{/states' (FORMAT binary);
			TRUNCATE stored;
			COPY stored FROM '} . $node->basedir . q{/states' (FORMAT binary);
			SELECT (} . sprintf($finalise, 'public.merge_states(state)') . q{)::text FROM stored;
			DROP TABLE stored;}),
		$want,
		"$name: and their binary form");
	$node->safe_psql($db, "DROP AGGREGATE public.state_of($arguments); DROP AGGREGATE public.merge_states($type)");
}

$node->stop;
done_testing();
