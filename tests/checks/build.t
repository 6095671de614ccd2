#!/usr/bin/perl
# The Makefile: compilers, flags of the command line, packages.
use strict;
use warnings;
use Test::More;

# If make runs this test, its variables must not reach the makes below.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};

sub make {
	my ($arguments) = @_;
	my $output = `make --no-print-directory $arguments 2>&1`;
	return ($output, $?);
}

my %folder = (gcc => 'build/release', clang => 'build/clang');

for my $compiler (sort keys %folder) {
	my ($output) = make("-s -j2 WERROR=1 CC=$compiler build=$folder{$compiler} all unit-programs helper-programs");
	is($output, '', "$compiler compiles every source without a warning");
}

my ($commands) = make('--dry-run --always-make build/release/cgi/main-ctl.o');
like($commands, qr/ -Wall /, 'a build prints the command lines that it would run');
unlike($commands, qr/-Werror/, '... in which warnings are not errors');

subtest 'flags of the command line are added to those of the Makefile' => sub {
	my $object = 'build/release/cgi/main-ctl.o';
	for my $variable (qw(CPPFLAGS CFLAGS)) {
		my ($output, $status) = make("-s build=build/flags $variable=-DX=1 build/flags/cgi/main-ctl.o");
		is($output, '', "$variable=-DX=1 builds");
		is($status, 0, '... successfully');
		my ($lines) = make("--dry-run --always-make $variable=-DX=1 $object");
		like($lines, qr/ -I\. .* -DX=1 .*-c -o \Q$object\E/, '... with both');
	}
	system 'rm', '-r', 'build/flags';
};

my ($unit) = make('--dry-run unit');
like($unit, qr{nginx/local/install .*\blibcmocka-dev\b}, 'make unit installs the library of the unit tests first');
unlike($unit, qr/postgresql|chromium/, '... and none of the packages of other suites');

done_testing;
