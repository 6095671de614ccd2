#!/usr/bin/perl
# Each fault of the marketplace alone, with slow and failing hooks: promised creates
# are completed, and marketplace, database and vendor agree on what exists.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use Test::More;

use Marketplace::Compare 'nothing';
use Marketplace::Faults;
use Provisor::SimulatedHost;
use Provisor::Test;

use constant CUSTOMERS => 10;

my $simulation = Provisor::SimulatedHost->new(
	limit => 3,
	workers => { api => 8, web => 1, jobs => 6 },
	retries_soon => 1,
	env => { PROVISOR_REPEAT_HORIZON => '6s' },
);
my $host = $simulation->host;
my ($seed) = (@ARGV, 1);

$host->start;

# Runs customers with these arguments of the simulator.
sub simulate {
	my ($meanwhile, @arguments) = @_;

	return $simulation->simulate($meanwhile, '--customers' => CUSTOMERS, '--pace' => '200ms',
		'--seed' => $seed, @arguments);
}

sub check_faults {
	my ($books, $fault) = @_;
	my @faults = grep { /\Afault: / } sort keys %{ $books->{number} };

	cmp_ok(scalar(grep { /\b$fault\z/ } @faults), '>', 0, "the fault \"$fault\" happens");
	is(join(', ', grep { !/\b$fault\z/ } @faults), '', '... and no other fault');
	return;
}

sub check_books {
	my ($books) = @_;
	my $differences = $simulation->compare($books);

	is($books->{status}, 0, 'the simulator finds no fault') or diag $simulation->output;
	is($books->{number}{customers}, CUSTOMERS, '... and serves every customer');
	is_deeply($books->{left}, [], 'all jobs finish') or diag explain $books->{left};
	is_deeply($differences, nothing(), 'marketplace, database and vendor agree on what exists')
		or diag explain $differences;
	figure('%.1f s', $books->{run}[0]{seconds});
	return;
}

# The first test: reconcile compares all resources of the database.
subtest 'silence: creates whose response the marketplace never gets' => sub {
	my ($output, $status);
	my $books = simulate(sub {
		my ($is_done) = @_;

		($output, $status) = ctl($host->env, qw(reconcile --repair)) if $is_done;
	}, '--only' => 'silence', '--rate' => 0.5);

	check_faults($books, 'silence');
	is($status, 0, 'reconcile --repair succeeds') or diag $output;
	like($output, qr/ 0 differ, \d+ repaired, 0 revoked, 0 unchecked$/m, '... and repairs every difference') or diag $output;
	check_books($books);
};

my @faults = (
	# kind          rate   in words
	[ 'repeat',      0.5,   'requests that are sent twice' ],
	[ 'lost',        0.5,   'responses that are lost, in both directions' ],
	[ 'overtake',    0.5,   'requests that overtake each other' ],
	[ 'delay',       0.3,   'requests and responses that arrive too late' ],
	[ 'error',       0.3,   'an API that returns 500, 502 and 503, several times in a row' ],
	[ 'throttle',    0.3,   'an API that returns 429, several times in a row' ],
	[ 'revoke',      0.5,   'access tokens that are revoked before they expire' ],
	[ 'skew',        0.5,   'clocks that are wrong' ],
	[ 'slow',        0.5,   'plan changes that take longer than their requests' ],
);

for (@faults) {
	my ($fault, $rate, $words) = @$_;

	subtest "$fault: $words" => sub {
		my $books = simulate(sub { }, '--only' => $fault, '--rate' => $rate);

		check_faults($books, $fault);
		check_books($books);
	};
}

is(join(' ', sort 'silence', map { $_->[0] } @faults), join(' ', Marketplace::Faults::kinds()),
	'the file tests every kind of fault');
is_unhurt($host);
ok(!defined $host->casualty, 'every process of the host still runs') or diag $host->casualty;
done_testing;
