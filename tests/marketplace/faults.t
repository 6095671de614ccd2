#!/usr/bin/perl
# Each fault of the marketplace by itself, against hooks that take their time:
# what is promised is kept, and who is billed for what exists is the same here,
# there and at the vendor.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use Test::More;

use Marketplace::Compare 'nothing';
use Marketplace::Faults;
use Provisor::Simulated;
use Provisor::Test;

use constant CUSTOMERS => 10;

my $trial = Provisor::Simulated->new(
	limit => 3,
	workers => { api => 8, web => 1, jobs => 6 },
	hurries => 1,
	env => { PROVISOR_REPEAT_HORIZON => '6s' },
);
my $host = $trial->host;
my ($seed) = (@ARGV, 1);

$host->start;

# Some customers, through what these arguments bring about.
sub simulate {
	my ($meanwhile, @arguments) = @_;

	return $trial->simulate($meanwhile, '--customers' => CUSTOMERS, '--pace' => '200ms',
		'--seed' => $seed, @arguments);
}

sub happened {
	my ($told, $fault) = @_;
	my @faults = grep { /\Afault: / } sort keys %{ $told->{number} };

	cmp_ok(scalar(grep { /\b$fault\z/ } @faults), '>', 0, "$fault happened");
	is(join(', ', grep { !/\b$fault\z/ } @faults), '', '... and nothing else');
	return;
}

sub is_well {
	my ($told) = @_;
	my $found = $trial->compared($told);

	is($told->{status}, 0, 'the marketplace finds nothing wrong') or diag $trial->text;
	is($told->{number}{customers}, CUSTOMERS, '... nor does a customer stay away');
	is_deeply($told->{left}, [], 'nothing is left to do') or diag explain $told->{left};
	is_deeply($found, nothing(), 'who is billed has it, here and at the vendor') or diag explain $found;
	figure('%.1f s', $told->{run}[0]{seconds});
	return;
}

# First, as reconcile asks for all there is.
subtest 'silence: creates whose answer nobody hears' => sub {
	my ($said, $status);
	my $told = simulate(sub {
		my ($is_done) = @_;

		($said, $status) = ctl($host->env, qw(reconcile --repair)) if $is_done;
	}, '--only' => 'silence', '--rate' => 0.5);

	happened($told, 'silence');
	is($status, 0, 'reconcile mends it') or diag $said;
	like($said, qr/ 0 differ, \d+ mended, 0 unasked$/m, '... all of it') or diag $said;
	is_well($told);
};

my @faults = (
	# kind          rate   what it is
	[ 'repeat',      0.5,   'requests that come twice' ],
	[ 'lost',        0.5,   'answers that are lost, on either side' ],
	[ 'overtake',    0.5,   'requests that overtake each other' ],
	[ 'delay',       0.3,   'requests and answers that come too late' ],
	[ 'error',       0.3,   'an API that answers 500, 502 and 503, several times in a row' ],
	[ 'throttle',    0.3,   'an API that answers 429, several times in a row' ],
	[ 'revoke',      0.5,   'access tokens that are void before their time' ],
	[ 'skew',        0.5,   'clocks that are wrong' ],
);

for (@faults) {
	my ($fault, $rate, $words) = @$_;

	subtest "$fault: $words" => sub {
		my $told = simulate(sub { }, '--only' => $fault, '--rate' => $rate);

		happened($told, $fault);
		is_well($told);
	};
}

is(join(' ', sort 'silence', map { $_->[0] } @faults), join(' ', Marketplace::Faults::kinds()),
	'these are all faults there are');
is_unhurt($host);
ok(!defined $host->casualty, 'all of it still runs') or diag $host->casualty;
done_testing;
