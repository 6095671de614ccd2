#!/usr/bin/perl
# The rules of the house that a program can check.
use strict;
use warnings;
use Test::More;

sub output_of {
	my ($command) = @_;
	return scalar `$command 2>&1`;
}

sub text_of {
	my ($path) = @_;
	local (@ARGV, $/) = $path;
	return scalar <>;
}

is(output_of('tests/layers'), '', 'every #include respects the layers');

is(output_of('clang-format --dry-run -Werror cgi/*.[ch] cgi/*/*.[ch] lib/*/*.[ch] '
		. 'tests/unit/*.[ch] tests/integration/*.[ch]'),
	'', 'every source file has the house format');

my %rooms = map { $_ => 1 }
	qw(cgi lib nginx migrations tests build Makefile README.md LICENSE compile_commands.json);
is(join(' ', grep { !$rooms{$_} } glob '*'), '',
	'the top level has no other rooms');

my $readme = text_of('README.md');
cmp_ok(scalar split(/\n/, $readme), '<=', 250, 'README.md is short');

my ($lists) = text_of('Makefile') =~ /^(run_packages.*?)\n\n/ms;
$lists =~ s/\\\n/ /g;
my @packages = map { split ' ' } $lists =~ /:=\s*(.*)/g;
is(join(' ', grep { !/\$/ && $readme !~ /`\Q$_\E`/ } @packages), '',
	'README.md gives a reason for every package');

my ($targets) = text_of('Makefile') =~ /^\.PHONY: ((?:.*\\\n)*.*)/m;
my @targets = grep { $_ ne '\\' } split ' ', $targets;
my $help = output_of('make help');
is(join(' ', grep { $help !~ /^\Q$_\E /m } @targets), '',
	'make help lists every target');
done_testing;
