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
sub text_of {
	local (@ARGV, $/) = @_;
	return join '', <>;
}

# The parts of the interface that a vendor must know, and the places where work is left.
my %skeletons = (
	'in shell' => text_of(glob 'cgi/cli/skeleton/*.sh'),
	'in C' => text_of('cgi/cli/skeleton/listener.c'),
);
for my $language (sort keys %skeletons) {
	my $text = $skeletons{$language};
	is(join(' ', grep { $text !~ /(?:"|\.|->)$_\b/ } qw(id plan old_plan state message pending_message log_drain_token
		log_drain_url retry_after config keep from platform)), '', "the skeletons $language know the members of calls and results");
	is(scalar(() = $text =~ /"not implemented: /g), $language eq 'in C' ? 6 : 7,
		"... and what is left to write says so");
}
my ($names) = text_of('lib/listener/listener.c') =~ /action_names\[LISTENER_ACTIONS\] = \{(.*?)\};/s;
# A hook that does not rotate would break credentials, and one that refuses to move would
# keep a new resource from getting what the old one has.
my @actions = grep { $_ ne 'rotate' && $_ ne 'move' } $names =~ /"([a-z-]+)"/g;
cmp_ok(scalar @actions, '>=', 7, 'there are actions');
is(join(' ', grep { !-e "cgi/cli/skeleton/$_.sh" } @actions), '', 'there is a skeleton of each hook');
is(join(' ', grep { $skeletons{'in C'} !~ /^\t\.$_ = $_,$/m } map { tr/-/_/r } grep { $_ ne 'sign-on' } @actions), '',
	'... and a function of the library');
for my $document (glob 'cgi/cli/skeleton/*.json') {
	is(system("jq . $document >/dev/null"), 0, "$document is JSON");
}
done_testing;
