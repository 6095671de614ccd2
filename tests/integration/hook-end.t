#!/usr/bin/perl
# No process of a hook outlives its call, even if the caller or a process of the hooks
# pool is killed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Fcntl 'F_SETFD';
use Test::More;

use Provisor::ChildProcess;
use Provisor::HookTestCommand;
use Provisor::Test;

# All of them keep the pipes of the hook open, and some ignore SIGTERM.
my $children = <<'SH';
sleep 1000 &
setsid sleep 1000 &
(setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' &)
perl -MPOSIX -e 'fork and exit; setsid; fork and exit; chdir "/"; sleep 1000'
cat /dev/zero | sleep 1000 &
SH

subtest 'children that outlive their hook' => sub {
	my $home = home_with("$children echo {}");
	my ($output, undef, $ended) = test_hook($home);

	is($ended, 0, 'do not delay the answer');
	like($output, qr/^processes +some still run/m, 'are reported');
	has_no_processes($home, 'are ended');
};

subtest 'children of a hook that misses its deadline' => sub {
	my $home = home_with("$children trap '' TERM; while :; do sleep 1; done");
	my ($output, undef, $ended) = test_hook($home, qw(provision --seconds 1));

	like($output, qr/took too long/, 'the output explains it');
	has_no_processes($home, 'all are ended');
};

subtest 'processes get SIGTERM before SIGKILL' => sub {
	my $home = home_with(<<'SH');
setsid sh -c 'trap "echo > stray; exit" TERM; echo > ready; while :; do sleep 0.1; done' &
trap 'echo > hook; exit' TERM
while :; do sleep 0.1; done
SH
	test_hook($home, qw(provision --seconds 1));
	has_no_processes($home, 'they are gone');
	ok(-e "$home/$_", "SIGTERM: $_") for qw(ready hook stray);
};

subtest 'a hook that is a fork bomb' => sub {
	my $home = home_with(<<'SH');
bomb() { i=0; while [ $i -lt 6 ]; do setsid "$0" $((${1:-0} + 1)) & i=$((i + 1)); done; }
trap '' TERM
[ "${1:-0}" -lt 3 ] && bomb "$1"
while :; do sleep 1; done
SH
	like((test_hook($home, qw(provision --seconds 1)))[0], qr/took too long/, 'misses its deadline');
	has_no_processes($home, 'all of its 259 processes are gone');
};

# Start a test of a hook, and wait until the hook has written its parent to the file
# "started".  Return the process of the test and the pid of the hook's supervisor.
sub begin {
	my ($home) = @_;
	my $caller = Provisor::ChildProcess->start(sub {
		open STDOUT, '>', "$home/output";
		open STDERR, '>', "$home/errors";
		%ENV = (%ENV, %{ $host->env });
		exec $provisor, 'hook', 'test', $home, 'provision', '--seconds', 3600;
	});

	wait_for($patience, sub { text_of("$home/started") =~ /\n/ })
		or die "the hook does not start\n";
	my ($supervisor) = text_of("$home/started") =~ /(\d+)/;
	return ($caller, $supervisor);
}

my $endless = "$children echo \$PPID > started; trap '' TERM; while :; do sleep 1; done";

subtest 'the caller is killed' => sub {
	my $home = home_with($endless);
	my ($caller) = begin($home);

	$caller->stop('KILL');
	has_no_processes($home, 'the hook and its children are ended');
};

subtest 'the supervisor is killed' => sub {
	my $home = home_with($endless);
	my ($caller, $supervisor) = begin($home);

	isnt($supervisor, $caller->pid, 'the supervisor is another process');
	kill KILL => $supervisor;
	is($caller->finish($patience) >> 8, 1, 'the caller notices');
	like(text_of("$home/output"), qr/because its supervisor was killed/, 'the output explains it');
	has_no_processes($home, 'it ends the hook and its children');
};

sub parent_of {
	my ($pid) = @_;

	return (split ' ', text_of("/proc/$pid/stat") =~ s/.*\)//sr)[1];
}

subtest 'the call process is killed' => sub {
	my $home = home_with($endless);
	my ($caller, $supervisor) = begin($home);

	kill KILL => parent_of($supervisor);
	is($caller->finish($patience) >> 8, 1, 'the caller notices');
	like(text_of("$home/output"), qr/because its supervisor was killed/, 'the output explains it');
	unlike(text_of("$home/output"), qr/^processes/m, '... when no process is left');
	is(join("\n", processes_of($home)), '', 'the pool has ended the hook and its children');
};

subtest 'the caller and the supervisor are killed' => sub {
	my $home = home_with($endless);
	my ($caller, $supervisor) = begin($home);

	kill STOP => $caller->pid;
	kill KILL => $supervisor;
	$caller->stop('KILL');
	has_no_processes($home, 'the hook and its children are ended too');
};

subtest 'all processes of a call are killed' => sub {
	my $home = home_with($endless);
	my ($caller, $supervisor) = begin($home);
	my $process = parent_of($supervisor);

	kill STOP => $process, $supervisor;
	kill KILL => $process, $supervisor;
	$caller->stop('KILL');
	has_no_processes($home, 'the pool ends the hook and its children');
};

subtest 'the supervisor is stopped' => sub {
	# The caller stops waiting at about the time at which the supervisor is killed.
	my $home = home_with("$children echo \$PPID > started; trap '' TERM; kill -STOP \$PPID; "
		. 'while :; do sleep 1; done');

	like((test_hook($home, qw(provision --seconds 1)))[0], qr/^reason .*(?:took too long|its supervisor was killed)/m,
		'the hook is ended');
	has_no_processes($home, 'the call process ends it and its children');
};

subtest 'the caller and the supervisor are killed, the call process is stopped' => sub {
	my $home = home_with($endless);
	my ($caller, $supervisor) = begin($home);

	kill STOP => parent_of($supervisor), $supervisor;
	kill KILL => $supervisor;
	$caller->stop('KILL');
	has_no_processes($home, 'the pool continues the call process, which ends the others');
};

subtest 'the supervisor is stopped, and then the caller is killed' => sub {
	my $home = home_with($endless);
	my ($caller, $supervisor) = begin($home);

	kill STOP => $supervisor;
	$caller->stop('KILL');
	has_no_processes($home, 'the call process ends the hook and its children');
};

subtest 'the pool is killed' => sub {
	my $home = home_with('echo $PPID > started; while [ ! -e go ]; do sleep 0.1; done; echo {}');
	my ($caller, $supervisor) = begin($home);
	my $server = parent_of(parent_of($supervisor));

	kill KILL => $server;
	ok(wait_for($patience, sub { parent_of(parent_of($supervisor)) != $server }), 'its process ends');
	like((test_hook(home_with('echo {}')))[0], qr/the hooks pool does not listen at \S+ .*: start provisor-hooks/,
		'a new call fails, and says why');
	open my $go, '>', "$home/go";
	is($caller->finish($patience), 0, 'a call that was running continues and succeeds');
	wait_for($patience, sub { eval { $host->start_hooks; 1 } });
	is((test_hook(home_with('echo {}')))[2], 0, 'the next pool serves calls');
};

subtest 'the supervisor inherits nothing from its caller' => sub {
	my $home = home_with('echo $PPID > started; while [ ! -e go ]; do sleep 0.1; done; echo {}');
	pipe my $in, my $out or die "$!\n";
	fcntl $_, F_SETFD, 0 for $in, $out;
	my ($caller, $supervisor) = begin($home);
	my $ours;

	ok(wait_for($patience, sub {
		my %held = map { $_ => readlink("/proc/$supervisor/fd/$_") // '' }
			map { m{(\d+)\z} } glob "/proc/$supervisor/fd/*";
		$ours = readlink '/proc/self/fd/' . fileno $in;
		join(' ', @held{0 .. 2}) eq '/dev/null /dev/null /dev/null'
			&& keys %held <= 6 && !grep { $_ eq $ours } values %held;
	}), 'except a lifeline and a pipe for its report');
	open my $go, '>', "$home/go";
	is($caller->finish($patience), 0, 'the hook succeeds');
};

subtest 'the supervisor gets signals that end a process' => sub {
	my $home = home_with('echo $PPID > started; while [ ! -e go ]; do sleep 0.1; done; echo {}');
	my ($caller, $supervisor) = begin($home);

	kill $_ => $supervisor for qw(TERM INT HUP QUIT USR1);
	open my $go, '>', "$home/go";
	is($caller->finish($patience), 0, 'it ignores them, and the hook succeeds');
};

done_testing;
