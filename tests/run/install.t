#!/usr/bin/perl
# Packages are installed only where some are missing, and nobody is asked for a
# password.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../../nginx/local";
use File::Temp qw(tempdir);
use Provisor::Process;
use Test::More;

my $install = "$FindBin::Bin/../../nginx/local/install";
my $tools = tools_without_sudo();

# Output and status for an ordinary user.  The script is opened beforehand: the
# user may not reach the folder it is in.
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

# A folder with a sudo that lets nobody do anything.
sub tools_without_sudo {
	my $folder = tempdir(CLEANUP => 1);
	open my $sudo, '>', "$folder/sudo" or die "$folder: $!\n";
	print $sudo "#!/bin/sh\nexit 1\n";
	close $sudo;
	chmod 0755, $folder, "$folder/sudo";
	return $folder;
}

is_deeply([install('perl-base', 'dpkg')], ['', 0],
	'nothing is said where nothing is missing');

subtest 'without sudo the missing ones are named' => sub {
	my ($text, $status) = install(qw(dpkg provisor-a perl-base provisor-b));
	my $line = '  sudo apt-get update && sudo apt-get install'
		. ' --no-install-recommends provisor-a provisor-b';
	like($text, qr/^\Q$line\E$/m, 'in the line to type');
	is($status, 1, 'it fails');
};

done_testing;
