#!/usr/bin/perl
# Every command declares the options that it reads, and reads those that it
# declares.  The compiler knows every option, but not which command reads it: the
# functions that each command can call are found in the source text.
use strict;
use warnings;
use Test::More;

use lib 'nginx/local';
use Provisor::Files 'read_text';

my (%function, %command);

# Names of static functions are unique, so one table has the functions of all files.
# A string can have a word that is a function's name.
sub read_functions {
	my ($text) = @_;
	$text =~ s/"(?:[^"\\\n]|\\.)*"/""/g;
	$function{$1} = $2 while $text =~ /^(?:[a-z][^;{}=\n]*[ *])?(\w+)\([^;{}]*\)\n\{\n(.*?)^\}/msg;
	return;
}

sub read_commands {
	my ($text) = @_;
	my %id = $text =~ /^\t(\w+)\s*= \{ \.id = (OPTION_\w+)/mg;
	while ($text =~ /\{ \.name = "([^"]+)".*?\.run = (\w+)(.*?)(?=\n\t\{)/sg) {
		my ($name, $run, $rest) = ($1, $2, $3);
		my ($declared) = $rest =~ /\.options = \{(.*?)\}/s;
		$command{$name} = { run => $run, declared => [ map { $id{$_} } ($declared // '') =~ /&(\w+)/g ] };
	}
	return;
}

# The options that a function reads, or that functions named in it read.
sub options_of {
	my ($name, $seen) = @_;
	return if $seen->{$name}++ || !$function{$name};
	my %named = map { $_ => 1 } $function{$name} =~ /\b(\w+)\b/g;
	return grep({ /^OPTION_(?!COUNT)/ } keys %named), map { options_of($_, $seen) } keys %named;
}

sub sorted {
	my %names = map { $_ => 1 } @_;
	return join ' ', sort keys %names;
}

read_functions(read_text($_)) for glob 'cgi/cli/*.c';
read_commands(read_text('cgi/cli/options.h') . read_text('cgi/cli/commands.c'));
cmp_ok(scalar keys %command, '>', 25, 'the commands can be found');
ok($function{ $command{$_}{run} }, "... and the function of $_") for sort keys %command;
for my $name (sort keys %command) {
	is(sorted(options_of($command{$name}{run}, {})), sorted(@{ $command{$name}{declared} }),
		"$name reads the options that it declares");
}
done_testing;
