#!/usr/bin/perl
# Both compilers, every warning an error.
use strict;
use warnings;
use Test::More;

for my $compiler (qw(gcc clang)) {
	my $output = `make --no-print-directory -s -j2 CC=$compiler \\
		build=build/$compiler all unit-programs 2>&1`;
	is($output, '', "$compiler has nothing to warn of");
}
done_testing;
