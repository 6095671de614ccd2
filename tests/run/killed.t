#!/usr/bin/perl
# However a test ends, its processes end and its folders go.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Path qw(remove_tree);
use File::Temp 'tempdir';
use Provisor::Test;
use Test::More;

# A test with a host, a child process, and endless output.
my $test = <<'EOT';
	use Provisor::Test;
	use Provisor::ChildProcess;
	$| = 1;
	my $host = new_host();
	Provisor::ChildProcess->start(sub { chdir $host->home; sleep 1000 });
	$host->start;
	print "$host->{home} $host->{base}\n";
	while (1) {
		print "# more\n";
		select undef, undef, undef, 0.05;
	}
EOT

sub processes_in {
	my @folders = @_;
	return grep {
		my $folder = readlink("/proc/$_/cwd") // '';
		grep { index($folder, $_) == 0 } @folders;
	} map { m{(\d+)} } glob '/proc/[0-9]*';
}

sub ends_all {
	my ($name, $end) = @_;
	# The process that started this test may ignore these signals.
	local @SIG{qw(INT TERM HUP PIPE)} = ('DEFAULT') x 4;
	my $pid = open my $output, '-|', $^X, "-I$FindBin::Bin/../lib", '-e', $test
		or die "$^X: $!\n";
	my @folders = split ' ', readline $output;
	cmp_ok(scalar processes_in(@folders), '>', 4, "$name: the test runs several processes");
	$end->($pid, $output);
	# Waits for the end of the test.
	close $output;
	my @left = processes_in(@folders);
	is("@left", '', '... and all of them end');
	is(join(' ', grep { -e } @folders), '', '... and its folders are removed');
	kill 'KILL', @left;
	remove_tree(@folders);
}

# A test with a child process and a program, but without a host, which only the test
# itself can stop.
my $children = <<'EOT';
	use Provisor::ChildProcess;
	$| = 1;
	chdir $ARGV[0];
	Provisor::ChildProcess->start(sub { sleep 1000 });
	my $output = Provisor::ChildProcess::open_program('sh', '-c', 'echo begins >&2; exec sleep 1000');
	print scalar readline $output;
	sleep 1000;
EOT

for my $signal (qw(INT TERM KILL)) {
	my $folder = tempdir('provisor-killed-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	local @SIG{qw(INT TERM)} = ('DEFAULT') x 2;
	my $pid = open my $output, '-|', $^X, "-I$FindBin::Bin/../lib", '-e', $children, $folder
		or die "$^X: $!\n";
	readline $output;
	is(scalar processes_in($folder), 3, "SIG$signal: the test runs a child and a program");
	kill $signal, $pid;
	waitpid $pid, 0;
	ok(wait_for(5, sub { !processes_in($folder) }), '... and both end with it');
	kill 'KILL', processes_in($folder);
}

for my $signal (qw(INT TERM HUP)) {
	ends_all("SIG$signal", sub {
		my ($pid, $output) = @_;
		kill $signal, $pid;
		1 while defined readline $output;
	});
}

ends_all('a closed pipe at standard output', sub { });

done_testing;
