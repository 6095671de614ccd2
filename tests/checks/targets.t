#!/usr/bin/perl
# The targets of the Makefile for those who change the code.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;

# The variables of a make that runs this test are not for the ones below.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};

sub make {
	my ($arguments) = @_;
	my $output = `make --no-print-directory $arguments 2>&1`;
	return ($output, $?);
}

subtest 'make check runs one test' => sub {
	my ($output, $status) = make('-s check T=unit/uuid');
	is($status, 0, 'it succeeds');
	like($output, qr/\A1\.\.\d+\nok 1 - /, 'and prints TAP');
	my ($same) = make('-s check T=tests/unit/test_uuid.c');
	is($same, $output, 'the path of a source is a name too');
};

subtest 'make check fails where there is no such test' => sub {
	my ($output, $status) = make('-s check T=integration/ssso');
	isnt($status, 0, 'it fails');
	like($output, qr{^  integration/sso$}m, 'and lists similar names');
	($output, $status) = make('-s check T=sso');
	like($output, qr{^  integration/sso\n.*^  unit/sso\n}ms, '... all of one subject without a folder');
	($output, $status) = make('-s check');
	isnt($status, 0, 'it fails without a name');
	like($output, qr{needs T=NAME}, '... and asks for one');
};

subtest 'make compile_commands.json' => sub {
	make('-s compile_commands.json V=1 CPPFLAGS=-DX=1');
	open my $file, '<', 'compile_commands.json' or die "compile_commands.json: $!\n";
	my $commands = decode_json(do { local $/; <$file> });
	my %command = map { $_->{file} => $_->{command} } @$commands;
	my @sources = (glob('cgi/*.c'), glob('cgi/*/*.c'), glob('lib/*/*.c'), glob('tests/*/*.c'));
	is(join(' ', grep { !$command{$_} } @sources), '', 'has every source');
	my $one = $command{'lib/base/clock.c'};
	my $checks = $one =~ s/ -MMD -MP / -fsyntax-only /r =~ s/ -o \S+//r;
	is(`$checks 2>&1`, '', 'a command in it compiles its source');
	like($one, qr/ -DX=1 /, 'with the flags of the command line');
	is(system('grep', '-qx', '/compile_commands.json', '.gitignore'), 0, 'git ignores it');
	make('-s compile_commands.json');
};

my ($debug) = make('--dry-run debug');
like($debug, qr{^echo .*build/debug.*^echo .*gdb}ms, 'make debug prints where the programs are and how to debug them');
my ($compile) = make('--dry-run --always-make DEBUG=1 build/debug/lib/base/clock.o');
like($compile, qr/ -O0 -g3 /, '... which are built for a debugger');

done_testing;
