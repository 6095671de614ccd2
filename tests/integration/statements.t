#!/usr/bin/perl
# Every embedded statement fits the tables that the migrations create, and the
# rights that they grant.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;

my $host = new_host();
my @files = grep { !/\.inc\.sql\z/ } glob "$FindBin::Bin/../../lib/*/*.sql";

sub statements {
	open my $output, '-|', Provisor::Test::build() . '/tests/integration/statements'
		or die "statements: $!\n";
	local $/ = '';
	return map { chomp; [ /\A(\w+)\t(\d+)\n(.*)\z/s ] } <$output>;
}

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

my @statements = statements();

is_deeply([ map { $_->[0] } @statements ], [ map { m{([^/]+)\.sql\z} } @files ],
	'each .sql file is a statement');
for (@statements) {
	my ($name, $params, $sql) = @$_;

	is(prepare($sql, $params), $params, "the worker can run $name");
	unlike($sql, qr/^\s|--|\\ir/m, '... which has no comment, indentation or unread file');
}
done_testing;
