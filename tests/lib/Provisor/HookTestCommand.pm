package Provisor::HookTestCommand;

# "provisor hook test": homes with a vendor's code, what the command says of it, and
# what is left of it.
#
#	my $home = home_with('echo {}');
#	my ($output, $errors, $ended) = test_hook($home, 'provision', '--plan', 'big');
#	is_deserted($home, 'nothing is left');

use strict;
use warnings;

use Exporter 'import';
use Test::More;

use Provisor::CgiClient 'run';
use Provisor::Test;

our @EXPORT = qw($host $homes $patience $provisor
	home_with mode test_hook text_of living is_deserted);

our $host = new_host();
our $homes = 0; # so many; the last is hook-N
our $provisor = build() . '/provisor';
our $patience = 20; # seconds, for what takes the grace of two

# Whatever we were started with.
$SIG{PIPE} = 'DEFAULT';

# A home with this shell script as its hooks/provision.
sub home_with {
	my ($script, %what) = @_;

	return addon($host, 'hook-' . ++$homes, template => undef,
		files => { 'hooks/provision' => "#!/bin/sh\n$script\n" }, %what)->home;
}

# What the test of a hook prints, what it logs, and its exit status; -1, if it
# has none.
sub test_hook {
	my ($home, @arguments) = @_;
	my ($output, $errors, $ended) = run(
		program => [ $provisor, 'hook', 'test', $home,
			@arguments ? @arguments : 'provision' ],
		environment => {},
	);

	return ($output, $errors, $ended & 127 ? -1 : $ended >> 8);
}

sub text_of {
	my ($path) = @_;

	open my $file, '<', $path or return '';
	local $/;
	return scalar <$file> // '';
}

# The processes that a home's code has started, or that run it.
sub living {
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

sub is_deserted {
	my ($home, $name) = @_;

	return ok(wait_for($patience, sub { !living($home) }), $name)
		|| diag(join "\n", living($home));
}

sub mode {
	my ($home, $mode, $name) = @_;

	chmod $mode, "$home/$name" or die "$name: $!\n";
	return $home;
}

1;
