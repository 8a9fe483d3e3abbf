# What the TAP tests share: a server with the extension, and small helpers.
package PerfMgmt;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(start_server new_database sqlstate_of same_rows tables_of rows_of);

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

# sqlstate_of(NODE, DATABASE, SQL): the SQLSTATE that a script ends with, 00000 for success
sub sqlstate_of
{
	my ($node, $database, $sql) = @_;
	my ($status, $out, $err) = $node->psql($database, $sql, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	return '00000' if $status == 0;
	return $err =~ /(?:ERROR|FATAL):\s+([0-9A-Z]{5}):/ ? $1 : "status $status: $err";
}

# tables_of(NODE, DATABASE, SCHEMA): its tables, by name
sub tables_of
{
	my ($node, $database, $schema) = @_;
	return split /\n/,
	  $node->safe_psql($database,
		"SELECT relname FROM pg_class WHERE relnamespace = '$schema'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname COLLATE \"C\"");
}

# rows_of(NODE, DATABASE, RELATION): every row as text, in an order of its own
sub rows_of
{
	my ($node, $database, $relation) = @_;
	return $node->safe_psql($database, "SELECT r::text FROM $relation AS r ORDER BY r::text COLLATE \"C\"");
}

1;
