#!/usr/bin/perl
# A request costs no more instructions and system calls than tests/bench/figures says,
# and no more system calls with many add-ons than with one.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::RequestCosts qw(read_figures scenarios);
use Provisor::Test;

use constant {
	TOLERANCE => 1.03, # of instructions: compilers and libraries get updates
	MANY => 200,       # add-ons
};

my $remedy = 'if it is worth the price, record it: make bench RECORD=1';
my $recorded = read_figures();
my $measured = Provisor::RequestCosts->measure;
my $of_many = Provisor::RequestCosts->measure(addons => MANY);

for my $scenario (scenarios()) {
	my ($is, $was) = map { $_->{$scenario} } $measured, $recorded;

	figure('%s: %.0f instructions (%d recorded), %.2f system calls (%d recorded)', $scenario,
		map { $is->{$_}, $was->{$_} } 'instructions', 'system calls');
	cmp_ok($is->{instructions}, '<=', $was->{instructions} * TOLERANCE, "$scenario: instructions") or diag $remedy;
	cmp_ok(sprintf('%.0f', $is->{'system calls'}), '<=', $was->{'system calls'}, "$scenario: system calls")
		or diag $remedy;
	cmp_ok(sprintf('%.0f', $of_many->{$scenario}{'system calls'}), '<=', $was->{'system calls'},
		"$scenario: system calls with @{[ MANY ]} more add-ons");
}
done_testing();
