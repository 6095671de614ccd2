#!/usr/bin/perl
# The rules of the house that a program can check.
use strict;
use warnings;
use Test::More;

use lib 'nginx/local';
use Provisor::Files 'read_text';

sub output_of {
	my ($command) = @_;
	return scalar `$command 2>&1`;
}

is(output_of('tests/layers'), '', 'every #include respects the layers');

is(output_of('clang-format --dry-run -Werror cgi/*.[ch] cgi/*/*.[ch] lib/*/*.[ch] '
		. 'tests/unit/*.[ch] tests/integration/*.[ch]'),
	'', 'every source file has the house format');

my %rooms = map { $_ => 1 }
	qw(cgi lib nginx migrations tests build Makefile README.md LICENSE compile_commands.json);
is(join(' ', grep { !$rooms{$_} } glob '*'), '',
	'the top level has no other rooms');

my $readme = read_text('README.md');
cmp_ok(scalar split(/\n/, $readme), '<=', 250, 'README.md is short');

is(output_of(q{grep -rnE '^(<{7} |>{7} |[|]{7} )' cgi lib nginx migrations tests Makefile README.md}), '',
	'no file has a marker of a merge conflict');

# NAME and default of each line of a settings file, commented out or not.
sub defaults_in {
	my ($text) = @_;
	return map { /^#?(PROVISOR_\w+)=(.*)/ ? [$1, $2] : () } split /\n/, $text;
}

my @settings = map { /^(PROVISOR_\w+) +(\S+)/ ? [$1, $2 eq '-' ? '' : $2] : () }
	split /\n/, output_of('build/release/provisor settings');
my @samples = defaults_in(read_text('nginx/host/provisor.env') =~ s/\@SYSCONFDIR\@/\/etc/gr);
is(join(' ', map { $_->[0] } @samples), join(' ', map { $_->[0] } @settings),
	'provisor.env has every setting');
shift @$_ for \@samples, \@settings; # PROVISOR_DATABASE shows an example
is(join(' ', map { $_->[1] } @samples), join(' ', map { $_->[1] } @settings),
	'provisor.env shows the defaults');

# The functions that ctags finds, each with the files that define it.
sub tagged_functions {
	my %files;
	for (split /\n/, output_of('ctags -R --languages=C --langmap=C:.c.h --kinds-C=f -f - cgi lib')) {
		my ($name, $file) = split /\t/;
		$files{$name}{$file} = 1;
	}
	return \%files;
}

# [FILE, FUNCTION] for each function that the compiled objects contain.  The
# compiler names parts and copies of a function NAME.SUFFIX, and names that begin
# with _ come from the headers of a library.
sub compiled_functions {
	my %found;
	for (split /\n/, output_of('nm -A build/release/cgi/*.o build/release/cgi/*/*.o build/release/lib/*/*.o')) {
		my ($object, $name) = m{^build/release/(.*)\.o:\S* [Tt] ([a-z]\w*)} or next;
		$found{"$object.c $name"} = 1 if -e "$object.c";
	}
	return map { [split / /] } sort keys %found;
}

# True if ctags leads from the function to its file, or to a header.
sub is_tagged {
	my ($tagged, $file, $name) = @_;
	return grep { $_ eq $file || /\.h$/ } keys %{ $tagged->{$name} };
}

my $tagged = tagged_functions();
my @compiled = compiled_functions();
cmp_ok(scalar @compiled, '>', 500, 'nm lists the functions');
is(join("\n", map { "$_->[1] of $_->[0]" } grep { !is_tagged($tagged, @$_) } @compiled), '',
	'ctags finds every function');

# The names that two files define.  Each program has a main(), and the skeleton of a
# listener is not part of the programs.
sub shared_names {
	my ($tagged) = @_;
	return grep {
		my @files = grep { !m{/skeleton/} } keys %{ $tagged->{$_} };
		@files > 1 && $_ ne 'main';
	} sort keys %$tagged;
}

is(join(' ', shared_names($tagged)), '', 'no two files define functions of one name');

my ($lists) = read_text('Makefile') =~ /^(run_packages.*?)\n\n/ms;
$lists =~ s/\\\n/ /g;
my @packages = map { split ' ' } $lists =~ /:=\s*(.*)/g;
is(join(' ', grep { !/\$/ && $readme !~ /`\Q$_\E`/ } @packages), '',
	'README.md gives a reason for every package');

my ($targets) = read_text('Makefile') =~ /^\.PHONY: ((?:.*\\\n)*.*)/m;
my @targets = grep { $_ ne '\\' } split ' ', $targets;
my $help = output_of('make help');
is(join(' ', grep { $help !~ /^\Q$_\E /m } @targets), '',
	'make help lists every target');
done_testing;
