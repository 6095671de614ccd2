#!/usr/bin/perl
# However make run ends, all that it started ends too, or does next time.
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
	ok($clone->falls_silent, $name) or diag($clone->processes);
}

for my $signal (qw(INT TERM HUP)) {
	ends_all("SIG$signal at the terminal stops everything",
		sub { kill $signal, -$_[0]->pid });
	ends_all("SIG$signal to make stops everything",
		sub { $_[0]->signal($signal) });
	ends_all("SIG$signal to make's child stops everything",
		sub { kill $signal, $clone->runner_pid });
}

ends_all('the death of make stops everything', sub { $_[0]->signal('KILL') });

subtest 'the end of the shell that started make does not' => sub {
	my $folder = $clone->folder;
	system "cd $folder && make run PORT=$port >$folder/output 2>&1 &";
	ok($clone->gets_ready, 'it gets ready without the shell');
	sleep 1;
	ok($clone->processes > 4, '... and stays');
	$clone->make_to_the_end('stop');
	ok($clone->falls_silent, 'make stop ends it');
};

subtest 'two signals are no more than one' => sub {
	ends_all('everything stops', sub {
		kill 'INT', $clone->runner_pid;
		kill 'TERM', $clone->runner_pid;
	});
};

subtest 'a reader that goes away stops everything' => sub {
	my $make = $clone->running("PORT=$port");
	$make->stop_reading;
	system "curl -ks https://localhost:$port/health >/dev/null";
	ok($clone->falls_silent, 'at the next line of the log');
};

subtest 'what a killed one left is cleaned up by the next' => sub {
	my $make = $clone->running("PORT=$port");
	kill 'KILL', $clone->runner_pid;
	$make->end;
	my @left = $clone->processes;
	cmp_ok(scalar @left, '>', 4, 'much is left');
	my $next = $clone->running("PORT=$port");
	pass('the next one starts');
	$next->signal('TERM');
	$next->end;
	ok($clone->falls_silent, '... and stops everything');
};

subtest 'what a killed one left is cleaned up by make stop' => sub {
	my $make = $clone->running("PORT=$port");
	kill 'KILL', $clone->runner_pid, $clone->pids_of(qr/multiwatch/);
	$make->end;
	$clone->make_to_the_end('stop');
	ok($clone->falls_silent, 'workers without a parent, too')
		or diag($clone->processes);
};

for my $part (['nginx', qr/nginx: master/],
		['the jobs pool', qr/multiwatch .*provisor-jobs/]) {
	my ($name, $command) = @$part;
	subtest "a part that dies ends the whole: $name" => sub {
		my $make = $clone->running("PORT=$port");
		kill 'KILL', $clone->pids_of($command);
		isnt($make->end, 0, 'as a failure');
		like($make->text, qr/$name has stopped unexpectedly/, '... that says which it was');
		ok($clone->falls_silent, '... and leaves nothing');
	};
}

done_testing;
