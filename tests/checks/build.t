#!/usr/bin/perl
# Both compilers, every warning an error.
use strict;
use warnings;
use Test::More;

my %folder = (gcc => 'build/release', clang => 'build/clang');

for my $compiler (sort keys %folder) {
	my $output = `make --no-print-directory -s -j2 WERROR=1 CC=$compiler \\
		build=$folder{$compiler} all unit-programs helper-programs 2>&1`;
	is($output, '', "$compiler has nothing to warn of");
}
done_testing;
