#!/usr/bin/perl
# A marketplace that misbehaves, against provisor as it is installed: nobody may
# find anything wrong, and who is billed for what exists is the same on each side.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use List::Util 'uniq';
use Test::More;

use Marketplace::Books;
use Marketplace::Compare qw(compare nothing rows_of);
use Provisor::Test;

my $limit = '3s';
my $host = new_host(workers => { api => 6, web => 2 }, answer_limit => $limit);
my $place = 'https://localhost:' . $host->port;
my $addon = addon($host, 'fast-db',
	base_url => "$place/heroku/resources",
	sso_url => "$place/sso/login",
);
my $books = $host->home . '/books';

$host->start;

# What it prints, its status and the books.
sub simulate {
	my (@arguments) = @_;

	open my $output, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', "$FindBin::Bin/simulate",
		'--manifest' => $addon->home . '/addon-manifest.json', '--ca' => $host->certificate,
		'--answer-limit' => $limit, '--time-limit' => '4min', '--books' => $books,
		@arguments or die "simulate: $!\n";
	my $text = do { local $/; <$output> } // '';

	close $output;
	return ($text, $? >> 8, Marketplace::Books->read($books));
}

# The rows of these books, as earlier ones have left theirs.
sub found_in {
	my ($told) = @_;
	my %ours = map { $_->{uuid} => 1 } @{ $told->{resource} };

	return compare(books => $told, rows => [ grep { $ours{ $_->{uuid} } }
		rows_of(sub { $host->psql($_[0]) }, 'fast-db') ]);
}

sub is_consistent {
	my ($customers, @arguments) = @_;
	my ($text, $status, $told) = simulate('--customers' => $customers, @arguments);
	my %count = map { $_->{what} => $_->{number} } @{ $told->{count} };

	is($status, 0, 'nothing is found wrong') or diag $text;
	is($count{customers}, $customers, '... by all the customers');
	is_deeply(found_in($told), nothing(), '... and who is billed has it') or diag explain found_in($told);
	return ($told, %count);
}

for my $fault (qw(repeat lost overtake delay)) {
	subtest "only $fault" => sub {
		my (undef, %count) = is_consistent(12, '--only' => $fault, '--rate' => 0.5);

		cmp_ok($count{"fault: $fault"} // 0, '>', 0, '... which happened');
		is(join(' ', grep { /^fault: / && !/$fault/ } sort keys %count), '', '... and nothing else');
	};
}

subtest 'all faults' => sub {
	my $customers = scaled(100, 1_000);
	my ($told, %count) = is_consistent($customers, '--seed' => 1);
	my @billed = grep { $_->{billed} } @{ $told->{resource} };

	figure('%d customers, %.1f s, slowest create %.2f s', $customers, $told->{run}[0]{seconds},
		$count{'slowest answer: create, s'});
	cmp_ok(scalar @billed, '>', 0, 'there are customers in the end');
	is(scalar(uniq map { $_->{config}{FAST_DB_TOKEN} } @billed), scalar @billed,
		'... each with a secret of their own');
	is(scalar(grep { $_->{config}{FAST_DB_URL} ne $addon->url($_->{uuid}, $_->{plan}) } @billed), 0,
		'... and a config of their plan');
	is($host->psql('SELECT count(*) FROM (SELECT resource FROM events
		WHERE event = \'provisioned\' GROUP BY resource HAVING count(*) > 1) twice'), 0,
		'none was made twice');

	# The comparison can tell.
	my ($first, $second) = map { $_->{uuid} } @billed;
	my ($gone) = map { $_->{uuid} } grep { $_->{state} eq 'deprovisioned' && $_->{provider_id} }
		@{ $told->{resource} };

	$host->psql("UPDATE resources SET state = 'deprovisioned' WHERE id = '$first';
		UPDATE resources SET plan = 'other' WHERE id = '$second';
		UPDATE resources SET plan = 'basic' WHERE id = '$gone'");
	force_state($host, 'provisioned', "id = '$gone'");
	is_deeply(found_in($told), {
		%{ nothing() },
		lost => ["$first: no live row"],
		differing => [ grep { /plan/ } @{ found_in($told)->{differing} } ],
		revived => ["$gone: deprovisioned, and its row is provisioned"],
	}, 'a row that is changed behind its back shows');
	is(scalar @{ found_in($told)->{differing} }, 1, '... a plan, too');
};

is_unhurt($host);
ok(!defined $host->casualty, 'all of it still runs') or diag $host->casualty;

done_testing;
