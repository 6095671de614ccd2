package Provisor::HookTestCommand;

# Runs "provisor hook test" on homes with a vendor's code, and finds processes that it
# leaves.
#
#	my $home = home_with('echo {}');
#	my ($output, $errors, $ended) = test_hook($home, 'provision', '--plan', 'big');
#	has_no_processes($home, 'the hook leaves no process');

use strict;
use warnings;

use Exporter 'import';
use Test::More;

use Provisor::CgiClient 'run';
use Provisor::Test;

our @EXPORT = qw($host $homes $patience $provisor
	home_with mode test_hook text_of processes_of has_no_processes);

our $host = new_host();
$host->start_hooks;
our $homes = 0; # their number; the last one is hook-N
our $provisor = build() . '/provisor';
our $patience = 20; # seconds for a hook to end, of which its grace takes two

# The process that started the test may ignore it.
$SIG{PIPE} = 'DEFAULT';

# A home with this shell script as its hooks/provision.
sub home_with {
	my ($script, %what) = @_;

	return addon($host, 'hook-' . ++$homes, template => undef,
		files => { 'hooks/provision' => "#!/bin/sh\n$script\n" }, %what)->home;
}

# Returns standard output, standard error and exit status; -1 for a signal.
sub test_hook {
	my ($home, @arguments) = @_;
	my ($output, $errors, $ended) = run(
		program => [ $provisor, 'hook', 'test', $home,
			@arguments ? @arguments : 'provision' ],
		environment => $host->env,
	);

	return ($output, $errors, $ended & 127 ? -1 : $ended >> 8);
}

sub text_of {
	my ($path) = @_;

	open my $file, '<', $path or return '';
	local $/;
	return scalar <$file> // '';
}

# The command lines of the processes that run a home's code or were started by it.
sub processes_of {
	my ($home) = @_;
	my @found;

	for my $process (glob '/proc/[0-9]*') {
		next if $process eq "/proc/$$";
		next if text_of("$process/stat") =~ /\A\d+ \(.*\) [ZX]/s;
		my $environment = "\0" . text_of("$process/environ");
		my $words = text_of("$process/cmdline");

		push @found, $words =~ tr/\0/ /r
			if index("$environment\0", "\0HOME=$home\0") >= 0
			|| index($words, $home) >= 0;
	}
	return @found;
}

# A test: all of them end within $patience.
sub has_no_processes {
	my ($home, $name) = @_;

	return ok(wait_for($patience, sub { !processes_of($home) }), $name)
		|| diag(join "\n", processes_of($home));
}

sub mode {
	my ($home, $mode, $name) = @_;

	chmod $mode, "$home/$name" or die "$name: $!\n";
	return $home;
}

1;
