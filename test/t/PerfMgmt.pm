# What the TAP tests share: a server with the extension, and small helpers.
package PerfMgmt;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(start_server new_database fill_workspace sqlstate_of digests differing);

# start_server(NAME, SETTING => VALUE, ...): a running server
sub start_server
{
	my ($name, %settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $streaming = delete $settings{allows_streaming};
	$node->init(
		extra => [ '--locale=C.UTF-8', '--encoding=UTF8', '--username=postgres' ],
		auth_extra => [ '--user', 'postgres' ],
		defined $streaming ? (allows_streaming => $streaming) : ());
	$ENV{PGUSER} = 'postgres';
	$node->append_conf('postgresql.conf', "log_statement = none\nshared_buffers = 64MB\n");
	$node->append_conf('postgresql.conf', "$_ = '$settings{$_}'") for sort keys %settings;
	$node->start;
	return $node;
}

# new_database(NODE, NAME): a database with the extension
sub new_database
{
	my ($node, $name) = @_;
	$node->safe_psql('postgres', qq(CREATE DATABASE "$name"));
	$node->safe_psql($name, 'CREATE EXTENSION perf_mgmt');
	return;
}

# fill_workspace(NODE, DATABASE, NAME): rows in every table of a workspace
sub fill_workspace
{
	my ($node, $database, $name) = @_;
	my $file = __FILE__;
	$file =~ s/[^\/]*$/company.sql/;
	PostgreSQL::Test::Utils::run_log([ 'psql', '-Xq', '-d', $node->connstr($database), '-v', "workspace=$name", '-f', $file ])
	  or die "company.sql could not fill $name\n";
	return;
}

# sqlstate_of(NODE, DATABASE, SQL): the SQLSTATE that a script ends with, 00000 for success
sub sqlstate_of
{
	my ($node, $database, $sql) = @_;
	my ($status, $out, $err) = $node->psql($database, $sql, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	return '00000' if $status == 0;
	return $err =~ /(?:ERROR|FATAL):\s+([0-9A-Z]{5}):/ ? $1 : "status $status: $err";
}

# digests(NODE, DATABASE, SCHEMA, KIND): a digest of the rows of each table (r) or view (v), whatever their order
sub digests
{
	my ($node, $database, $schema, $kind) = @_;
	my $statements = $node->safe_psql(
		$database, qq{
		SELECT format('SELECT %L, count(*), md5(string_agg(r::text, chr(10) ORDER BY r::text COLLATE "C")) FROM %s AS r;', relname, oid::regclass)
		FROM pg_class WHERE relnamespace = '$schema'::regnamespace AND relkind = '$kind' ORDER BY relname COLLATE "C"});
	return map { /^([^|]*)\|(.*)$/ ? ($1 => $2) : () } split /\n/, $node->safe_psql($database, $statements);
}

# differing(HASH, HASH): the keys whose values differ, or that one side lacks
sub differing
{
	my ($left, $right) = @_;
	my %all = (%$left, %$right);
	return join ' ', grep { ($left->{$_} // '') ne ($right->{$_} // '') } sort keys %all;
}

1;
