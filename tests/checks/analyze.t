#!/usr/bin/perl
# clang-tidy reports nothing in any source.
use strict;
use warnings;
use Test::More;

my $flags = '-std=c17 -I. -D_GNU_SOURCE -DPROVISOR_VERSION=\\"\\" '
	. `pkg-config --cflags libpq libcrypto libcjson libcurl fcgi smartcols`;
chomp $flags;
my @sources = glob 'cgi/*.c cgi/*/*.c lib/*/*.c';
my $output = `printf '%s\\n' @sources | xargs -P 2 -n 4 sh -c \\
	'clang-tidy --quiet "\$@" -- $flags' tidy 2>/dev/null`;
is($output, '', 'clang-tidy reports nothing in ' . @sources . ' sources');
done_testing;
