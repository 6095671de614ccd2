#!/usr/bin/perl
# What the statements of the marketplace's requests read from the database does not
# depend on statistics: a new or restored database has none.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util 'sum';
use Test::More;

use Provisor::Statements;
use Provisor::Test;

use constant RESOURCES => 20_000;

# A resource of the filled tables.  Those of other statements begin with other digits.
my $id = '00000000-0000-4000-8000-000000000123';
my ($lane, @embedded) = embedded();
my %statement = map { $_->[0] => $_ } @embedded;

sub create {
	my ($new) = @_;

	return (q('heroku'), q('fast-db'), "'$new'", "'$new'", q('00'), q('name'), q('basic'), q('us'),
		q('{}'), ('NULL') x 6, q('config'), 'NULL', 'NULL', 'NULL', q('heroku'), q('create'), q('{}'));
}

# Each statement with its values, and how many pages it may read: some levels of each
# index that it uses, and a page of the table.  A write reads all indexes of its table.
my @calls = (
	[ 'resource_find_by_key', 8, q('heroku'), q('fast-db'), "'$id'" ],
	[ 'resource_find_by_provider_id', 8, q('heroku'), q('fast-db'), "'$id'" ],
	[ 'resource_get', 10, "'$id'" ],
	[ 'resource_create', 100, q('10000000-0000-4000-8000-000000000001'),
		create('10000000-0000-4000-8000-000000000001') ],
	[ 'resource_create', 15, "'$id'", create($id) ],
	[ 'resource_change_plan', 60, "'$id'", 1, q('premium'), q('config'), 'NULL', 'NULL', q('heroku'),
		q('plan'), q('{}'), q('{}'), 'NULL' ],
	[ 'sign_on_begin_at_once', 60, q('heroku'), q('fast-db'), "'$id'", 'true', q('at once'),
		q('user'), q('jane@example.com'), q('192.0.2.1') ],
	[ 'sign_on_begin', 60, "'$id'", q('step by step'), q('user'), q('jane@example.com'), q('192.0.2.1') ],
	[ 'sign_on_find', 15, "'$id'", q('heroku'), q('fast-db'), 123 ],
);

my $fill = <<~SQL;
	INSERT INTO resources (id, marketplace, addon, marketplace_id, provider_id,
		request_digest, name, plan, config, state)
	SELECT id::uuid, 'heroku', 'fast-db', id, id, '', 'name', 'basic', repeat('x', 300), 'provisioned'
	FROM generate_series(1, @{[ RESOURCES ]}) n,
		concat('00000000-0000-4000-8000-', lpad(n::text, 12, '0')) id;
	INSERT INTO events (resource, event, actor, request_id, after)
	SELECT id, unnest(ARRAY['provisioned', 'signed-on']), 'heroku', id, '{}' FROM resources;
	SQL

# The statements explained, as the worker runs them.
sub explained {
	return join "\n", 'SET LOCAL ROLE provisor_worker;', (map {
		my ($name, undef, @values) = @$_;
		"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF)
			EXECUTE $name(" . join(', ', @values) . "); SELECT '--';"
	} @calls), 'RESET ROLE;';
}

# The plans of the statements, prepared while the tables are empty: at that time, in
# filled tables without statistics, and in filled tables with statistics.  All is undone.
sub plans {
	my ($host) = @_;
	my %used = map { $_->[0] => $statement{ $_->[0] } } @calls;
	my @plans = split /^--\n?/m, $host->psql(join "\n",
		'BEGIN; SET LOCAL plan_cache_mode = force_generic_plan;',
		(map { "PREPARE $_ AS $used{$_}[2];" } sort keys %used),
		'SAVEPOINT empty;', explained(), 'ROLLBACK TO empty;',
		$fill,
		'SAVEPOINT filled;', explained(), 'ROLLBACK TO filled;',
		'ANALYZE;', explained(), 'ROLLBACK;');

	return map { [ splice @plans, 0, scalar @calls ] } 1 .. 3;
}

# The pages that a plan has read: the counts of its first line with any.
sub pages {
	my ($plan) = @_;
	my ($counts) = $plan =~ /Buffers: shared (.*)/;

	return sum(0, ($counts // '') =~ /(?:hit|read)=(\d+)/g);
}

my $host = new_host(postgres => { autovacuum => 'off' });
$host->start_postgres;
$host->migrate;

my ($empty, $without, $with) = plans($host);

for my $i (0 .. $#calls) {
	my ($name, $most) = @{ $calls[$i] };

	cmp_ok(pages($without->[$i]), '<=', $most, "$name reads few pages without statistics")
		|| diag $without->[$i];
	cmp_ok(pages($with->[$i]), '<=', $most, '... and with them') || diag $with->[$i];
	cmp_ok(pages($without->[$i]), '<=', 1.5 * pages($with->[$i]) + 2, '... about as many')
		|| diag $without->[$i], $with->[$i];
	unlike($_, qr/Seq Scan on (?:resources|events)/, '... and no table as a whole')
		for $without->[$i], $with->[$i];
}
done_testing;
