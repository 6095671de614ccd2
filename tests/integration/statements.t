#!/usr/bin/perl
# Every embedded statement fits the tables that the migrations create, and the
# rights that they grant.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Statements;
use Provisor::Test;

my $host = new_host();
my @files = grep { !/\.inc\.sql\z/ } glob "$FindBin::Bin/../../lib/*/*.sql";

# The number of parameters that PostgreSQL finds in a statement that the worker may
# run; or the reason why it refuses.
sub prepare {
	my ($sql, $params) = @_;
	my $values = $params ? '(' . join(', ', ('NULL') x $params) . ')' : '';

	return eval { $host->psql(<<~SQL) =~ s/.*\n//sr } // $@;
		SET ROLE provisor_worker;
		SET plan_cache_mode = force_generic_plan;
		PREPARE statement AS $sql;
		EXPLAIN EXECUTE statement$values;
		SELECT cardinality(parameter_types) FROM pg_prepared_statements;
		SQL
}

$host->start_postgres;
$host->migrate;

my ($lane, @statements) = embedded();

is_deeply([ map { $_->[0] } @statements ], [ map { m{([^/]+)\.sql\z} } @files ],
	'each .sql file is a statement');
for (@statements) {
	my ($name, $params, $sql) = @$_;

	is(prepare($sql, $params), $params, "the worker can run $name");
	unlike($sql, qr/^\s|--|\\ir/m, '... which has no comment, indentation or unread file');
}

# The column lane is written by hand beside each kind.
for (@statements) {
	my ($name, undef, $sql) = @$_;
	my @queued = $sql =~ /(?:SELECT|VALUES \()\s*'([a-z-]+)', '(listener|marketplace)'/g;
	my $inserts = () = $sql =~ /INSERT INTO jobs/g or next;

	next if $name eq 'resource_reconcile_queue'; # takes both as parameters
	cmp_ok(@queued / 2, '>=', $inserts, "$name queues jobs of a kind and lane");
	while (my ($kind, $queued) = splice @queued, 0, 2) {
		is($queued, $lane->{$kind}, "... $kind in its own lane");
	}
}
done_testing;
