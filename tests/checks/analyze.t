#!/usr/bin/perl
# clang-tidy reports nothing in any source.
#
# Its analyzer follows the paths through a function until it has seen a number of
# states: its own limit in make analyze, fewer in make test, which takes a fifth of the
# time.
use strict;
use warnings;
use Test::More;

use constant FEWER_STATES => 40_000; # of 225,000

my $flags = '-std=c17 -I. -D_GNU_SOURCE -DPROVISOR_VERSION=\\"\\" '
	. `pkg-config --cflags libpq libcrypto libcjson libcurl fcgi smartcols`;
chomp $flags;
$flags .= ' -Xclang -analyzer-config -Xclang max-nodes=' . FEWER_STATES unless $ENV{PROVISOR_SOAK};
my @sources = glob 'cgi/*.c cgi/*/*.c lib/*/*.c';
my $output = `printf '%s\\n' @sources | xargs -P 2 -n 4 sh -c \\
	'clang-tidy --quiet "\$@" -- $flags' tidy 2>/dev/null`;
is($output, '', 'clang-tidy reports nothing in ' . @sources . ' sources');
done_testing;
