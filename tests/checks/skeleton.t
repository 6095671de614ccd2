#!/usr/bin/perl
# Shell scripts, and the code that a new add-on's home begins with, have no fault
# that shellcheck or the compiler finds.
use strict;
use warnings;
use File::Temp 'tempdir';
use Test::More;

sub is_shell_script {
	my ($path) = @_;
	open my $file, '<', $path or return 0;
	my $line = readline($file) // '';
	return $line =~ m{^#!.*\b(?:sh|bash)$};
}

my @scripts = grep { -f && is_shell_script($_) } split /\n/, qx(git ls-files --cached --others --exclude-standard);
for my $folder (qw(.ci cgi/cli/skeleton nginx/host nginx/local)) {
	ok((grep { m{^\Q$folder\E/} } @scripts), "$folder has a script");
}
# SC2119 refuses functions whose arguments are optional.
for my $script (@scripts) {
	is(scalar qx(shellcheck --exclude=SC2119 --external-sources --source-path=SCRIPTDIR/.. $script 2>&1), '', "$script has no fault");
}

my $include = tempdir(CLEANUP => 1);
mkdir "$include/provisor" or die "$include: $!\n";
symlink "$ENV{PWD}/lib/listener/provisor_listener.h", "$include/provisor/listener.h" or die "$include: $!\n";
for my $compiler (qw(gcc clang)) {
	is(scalar qx($compiler -std=c99 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I$include cgi/cli/skeleton/listener.c 2>&1),
		'', "$compiler compiles the skeleton of a library without a warning");
}
is(system(qw(clang-format --dry-run -Werror cgi/cli/skeleton/listener.c)), 0, '... which has the house format');
for my $document (glob 'cgi/cli/skeleton/*.json') {
	is(system("jq . $document >/dev/null"), 0, "$document is JSON");
}
done_testing;
