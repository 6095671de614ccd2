#!/usr/bin/perl
# Nothing of a vendor's own code is left behind, whoever is killed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Fcntl 'F_SETFD';
use Test::More;

use Provisor::ChildProcess;
use Provisor::HookTestCommand;
use Provisor::Test;

# They all hold the pipes of the hook open, and the stubborn ones ignore SIGTERM.
my $children = <<'SH';
sleep 1000 &
setsid sleep 1000 &
(setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' &)
perl -MPOSIX -e 'fork and exit; setsid; fork and exit; chdir "/"; sleep 1000'
cat /dev/zero | sleep 1000 &
SH

subtest 'children that go on when the hook has ended' => sub {
	my $home = home_with("$children echo {}");
	my ($output, undef, $ended) = test_hook($home);

	is($ended, 0, 'do not keep the answer');
	like($output, qr/^processes +some still run/m, 'are told');
	has_no_processes($home, 'and ended');
};

subtest 'children of a hook that is late' => sub {
	my $home = home_with("$children trap '' TERM; while :; do sleep 1; done");
	my ($output, undef, $ended) = test_hook($home, qw(provision --seconds 1));

	like($output, qr/took too long/, 'it is told');
	has_no_processes($home, 'all are ended');
};

subtest 'before they are killed they are told' => sub {
	my $home = home_with(<<'SH');
setsid sh -c 'trap "echo > stray; exit" TERM; echo > ready; while :; do sleep 0.1; done' &
trap 'echo > hook; exit' TERM
while :; do sleep 0.1; done
SH
	test_hook($home, qw(provision --seconds 1));
	has_no_processes($home, 'and end');
	ok(-e "$home/$_", "the $_ has heard it") for qw(ready hook stray);
};

subtest 'a hook that forks and forks' => sub {
	my $home = home_with(<<'SH');
bomb() { i=0; while [ $i -lt 6 ]; do setsid "$0" $((${1:-0} + 1)) & i=$((i + 1)); done; }
trap '' TERM
[ "${1:-0}" -lt 3 ] && bomb "$1"
while :; do sleep 1; done
SH
	like((test_hook($home, qw(provision --seconds 1)))[0], qr/took too long/, 'is late');
	has_no_processes($home, 'and gone with all its 259 kind');
};

# Starts a test of a hook that writes its parent into "started", and waits for
# that.  Returns the process of the test, and the hook's supervisor.
sub begin {
	my ($home) = @_;
	my $caller = Provisor::ChildProcess->start(sub {
		open STDOUT, '>', "$home/output";
		open STDERR, '>', "$home/errors";
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

	isnt($supervisor, $caller->pid, 'there is one');
	kill KILL => $supervisor;
	is($caller->finish($patience) >> 8, 1, 'the caller notices');
	like(text_of("$home/output"), qr/since its supervisor was killed/, 'says so');
	has_no_processes($home, 'and ends the hook and its children');
};

subtest 'both are killed' => sub {
	my $home = home_with('echo $PPID > started; exec sleep 1000');
	my ($caller, $supervisor) = begin($home);

	kill STOP => $caller->pid;
	kill KILL => $supervisor;
	$caller->stop('KILL');
	has_no_processes($home, 'the hook itself is ended even so');
};

subtest 'the supervisor holds nothing of its caller' => sub {
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
	}), 'but a lifeline and a way to report');
	open my $go, '>', "$home/go";
	is($caller->finish($patience), 0, 'and the hook ends well');
};

subtest 'the supervisor is told to end' => sub {
	my $home = home_with('echo $PPID > started; while [ ! -e go ]; do sleep 0.1; done; echo {}');
	my ($caller, $supervisor) = begin($home);

	kill $_ => $supervisor for qw(TERM INT HUP QUIT USR1);
	open my $go, '>', "$home/go";
	is($caller->finish($patience), 0, 'it does not, and the hook ends well');
};

done_testing;
