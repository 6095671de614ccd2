#!/usr/bin/perl
# nginx/local/install installs missing packages only, and never asks for a password.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../nginx/local";
use File::Temp qw(tempdir);
use Provisor::Process;
use Test::More;

my $install = "$FindBin::Bin/../../nginx/local/install";
my $tools = tools_without_sudo();

# Runs it as an ordinary user.  Returns output and status.  The script is read from
# standard input, because the user may not enter its folder.
sub install {
	my @packages = @_;
	my $pid = open(my $output, '-|') // die "fork: $!\n";
	_become_user(@packages) if $pid == 0;
	my $text = do { local $/; <$output> } // '';
	close $output;
	return ($text, $? >> 8);
}

sub _become_user {
	my @packages = @_;
	open STDIN, '<', $install or POSIX::_exit(126);
	open STDERR, '>&', \*STDOUT;
	$ENV{PATH} = "$tools:$ENV{PATH}";
	Provisor::Process::become_user('nobody') if $> == 0;
	exec 'sh', '-s', '--', @packages;
}

# A folder with a sudo that always fails.
sub tools_without_sudo {
	my $folder = tempdir(CLEANUP => 1);
	open my $sudo, '>', "$folder/sudo" or die "$folder: $!\n";
	print $sudo "#!/bin/sh\nexit 1\n";
	close $sudo;
	chmod 0755, $folder, "$folder/sudo";
	return $folder;
}

is_deeply([install('perl-base', 'dpkg')], ['', 0],
	'it prints nothing if no package is missing');

subtest 'without sudo it names the missing packages' => sub {
	my ($text, $status) = install(qw(dpkg provisor-a perl-base provisor-b));
	my $line = '  sudo apt-get update && sudo apt-get install'
		. ' --no-install-recommends provisor-a provisor-b';
	like($text, qr/^\Q$line\E$/m, 'in a command to run');
	is($status, 1, 'it fails');
};

done_testing;
