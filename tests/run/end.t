#!/usr/bin/perl
# However make run ends, its processes end too, at the latest at the next start.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Clone;
use Provisor::Process;
use Test::More;

$ENV{no_proxy} = 'localhost';

my $clone = Clone->new;
my $port = Clone::free_port();

sub ends_all {
	my ($name, $end) = @_;
	my $make = $clone->running("PORT=$port");
	$end->($make);
	$make->end;
	ok($clone->all_end, $name) or diag($clone->processes);
}

for my $signal (qw(INT TERM HUP)) {
	ends_all("SIG$signal at the terminal ends all processes",
		sub { kill $signal, -$_[0]->pid });
	ends_all("SIG$signal to make ends all processes",
		sub { $_[0]->signal($signal) });
	ends_all("SIG$signal to make's child ends all processes",
		sub { kill $signal, $clone->runner_pid });
}

ends_all('SIGKILL to make ends all processes', sub { $_[0]->signal('KILL') });

subtest 'make run survives the shell that started it' => sub {
	my $folder = $clone->folder;
	system "cd $folder && make run PORT=$port >$folder/output 2>&1 &";
	ok($clone->gets_ready('output'), 'it gets ready without the shell');
	sleep 1;
	ok($clone->processes > 4, '... and stays');
	$clone->make_to_the_end('stop');
	ok($clone->all_end, 'make stop ends it');
};

subtest 'two signals count as one' => sub {
	ends_all('all processes end', sub {
		kill 'INT', $clone->runner_pid;
		kill 'TERM', $clone->runner_pid;
	});
};

subtest 'a closed pipe at standard output ends all processes' => sub {
	my $make = $clone->running("PORT=$port");
	$make->stop_reading;
	system "curl -ks https://localhost:$port/health >/dev/null";
	ok($clone->all_end, 'at the next line of the log');
};

subtest 'the next make run stops the processes of a killed one' => sub {
	my $make = $clone->running("PORT=$port");
	kill 'KILL', $clone->runner_pid;
	$make->end;
	my @left = $clone->processes;
	cmp_ok(scalar @left, '>', 4, 'processes are left');
	my $next = $clone->running("PORT=$port");
	pass('the next make run starts');
	$next->signal('TERM');
	$next->end;
	ok($clone->all_end, '... and leaves none');
};

subtest 'make stop stops the processes of a killed make run' => sub {
	my $make = $clone->running("PORT=$port");
	kill 'KILL', $clone->runner_pid, $clone->pids_of(qr/multiwatch/);
	$make->end;
	$clone->make_to_the_end('stop');
	ok($clone->all_end, 'also workers without a parent')
		or diag($clone->processes);
};

for my $part (['nginx', qr/nginx: master/],
		['the jobs pool', qr/multiwatch .*provisor-jobs/]) {
	my ($name, $command) = @$part;
	subtest "make run ends if a part dies: $name" => sub {
		my $make = $clone->running("PORT=$port");
		kill 'KILL', $clone->pids_of($command);
		isnt($make->end, 0, 'it fails');
		like($make->text, qr/$name has stopped unexpectedly/, '... names the part');
		ok($clone->all_end, '... and leaves no process');
	};
}

done_testing;
