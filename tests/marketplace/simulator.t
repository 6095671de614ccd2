#!/usr/bin/perl
# The marketplace simulator against provisor with a template: it finds no violation of
# the contract, and it bills exactly the resources in the database.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use List::Util 'uniq';
use Test::More;

use Marketplace::Books;
use Marketplace::Compare qw(compare nothing rows_of);
use Provisor::ChildProcess;
use Provisor::Test;

my $limit = '3s';
my $host = new_host(workers => { api => 6, web => 2 }, answer_limit => $limit);
my $origin = 'https://localhost:' . $host->port;
my $addon = addon($host, 'fast-db',
	base_url => "$origin/heroku/resources",
	sso_url => "$origin/sso/login",
);
my $books = $host->home . '/books';

$host->start;

# Returns output, exit status and books.
sub simulate {
	my (@arguments) = @_;

	my $output = Provisor::ChildProcess::open_program("$FindBin::Bin/simulate",
		'--manifest' => $addon->home . '/addon-manifest.json', '--ca' => $host->certificate,
		'--answer-limit' => $limit, '--time-limit' => '4min', '--books' => $books,
		@arguments);
	my $text = do { local $/; <$output> } // '';

	close $output;
	return ($text, $? >> 8, Marketplace::Books->read($books));
}

# Compares the books with the rows of their resources; earlier runs have left others.
sub differences_in {
	my ($recorded) = @_;
	my %is_ours = map { $_->{uuid} => 1 } @{ $recorded->{resource} };

	return compare(books => $recorded, rows => [ grep { $is_ours{ $_->{uuid} } }
		rows_of(sub { $host->psql($_[0]) }, 'fast-db') ]);
}

sub check_consistency {
	my ($customers, @arguments) = @_;
	my ($text, $status, $recorded) = simulate('--customers' => $customers, @arguments);
	my %count = map { $_->{what} => $_->{number} } @{ $recorded->{count} };

	is($status, 0, 'the simulator finds no violation') or diag $text;
	is($count{customers}, $customers, '... and serves every customer');
	is_deeply(differences_in($recorded), nothing(), 'the database has exactly the billed resources') or diag explain differences_in($recorded);
	return ($recorded, %count);
}

for my $fault (qw(repeat lost overtake delay)) {
	subtest "only the fault \"$fault\"" => sub {
		my (undef, %count) = check_consistency(12, '--only' => $fault, '--rate' => 0.5);

		cmp_ok($count{"fault: $fault"} // 0, '>', 0, 'the fault happens');
		is(join(' ', grep { /^fault: / && !/$fault/ } sort keys %count), '', '... and no other');
	};
}

subtest 'all faults' => sub {
	my $customers = scaled(100, 1_000);
	my ($recorded, %count) = check_consistency($customers, '--seed' => 1);
	my @billed = grep { $_->{billed} } @{ $recorded->{resource} };

	figure('%d customers, %.1f s, slowest create %.2f s', $customers, $recorded->{run}[0]{seconds},
		$count{'slowest answer: create, s'});
	cmp_ok(scalar @billed, '>', 0, 'resources are left at the end');
	is(scalar(uniq map { $_->{config}{FAST_DB_TOKEN} } @billed), scalar @billed,
		'... each with a secret that no other has');
	is(scalar(grep { $_->{config}{FAST_DB_URL} ne $addon->url($_->{uuid}, $_->{plan}) } @billed), 0,
		'... and with the config of its plan');
	is($host->psql('SELECT count(*) FROM (SELECT resource FROM events
		WHERE event = \'provisioned\' GROUP BY resource HAVING count(*) > 1) twice'), 0,
		'no resource was provisioned twice');

	# The comparison finds planted differences.
	my ($first, $second) = map { $_->{uuid} } @billed;
	my ($gone) = map { $_->{uuid} } grep { $_->{state} eq 'deprovisioned' && $_->{provider_id} }
		@{ $recorded->{resource} };

	$host->psql("UPDATE resources SET state = 'deprovisioned' WHERE id = '$first';
		UPDATE resources SET plan = 'other' WHERE id = '$second';
		UPDATE resources SET plan = 'basic' WHERE id = '$gone'");
	force_state($host, 'provisioned', "id = '$gone'");
	is_deeply(differences_in($recorded), {
		%{ nothing() },
		lost => ["$first: no live row"],
		differing => [ grep { /plan/ } @{ differences_in($recorded)->{differing} } ],
		revived => ["$gone: deprovisioned, and its row is provisioned"],
	}, 'the comparison finds rows that are changed in the database');
	is(scalar @{ differences_in($recorded)->{differing} }, 1, '... also a changed plan');
};

is_unhurt($host);
ok(!defined $host->casualty, 'every process of the host still runs') or diag $host->casualty;

done_testing;
