#!/usr/bin/perl
# PostgreSQL is stopped, killed and disconnected while clients send requests.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util 'first';
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::ChildProcess;
use Provisor::Test;
use Provisor::Files 'read_text';
use Provisor::LoadGenerator qw(unexpected slowest);

my $host = new_host(workers => { api => 3, web => 1 }, answer_limit => '3s');
my $addon = addon($host, 'fast-db');

$host->start;
my @workers = workers($host);

# Every response with status 200 can be repeated, and its resource has one event.
sub check_answers {
	my (@answered) = @_;
	my %first = map { $_->{id} => $_->{answer} }
		grep { $_->{answer}->status == 200 } @answered;
	my @replayed = Provisor::LoadGenerator->once_more($host, $addon, keys %first);

	is(unexpected([ 200, 503 ], @answered), '', 'every response has status 200 or 503');
	cmp_ok(scalar keys %first, '>', 50, 'more than 50 creates succeed');
	is(scalar @replayed, scalar keys %first, 'each of them is repeated');
	is(scalar(grep { $_->{answer}->text ne $first{ $_->{id} }->text } @replayed), 0,
		'... and gets the same bytes');
	is($host->psql('SELECT count(*) FROM (SELECT resource FROM events GROUP BY resource
		HAVING count(*) > 1) twice'), 0, 'no resource has two events');
	is_deeply([ workers($host) ], \@workers, 'the workers are the same processes');
	return;
}

# Seconds from a moment to the first success after it.
sub seconds_to_success {
	my ($moment, @answered) = @_;
	my $good = first { $_->{answer}->status == 200 && $_->{ended} > $moment } @answered;

	return $good ? $good->{ended} - $moment : 999;
}

# Starts PostgreSQL again and returns the time at which it answers.
sub restart_postgres {
	my $limit = time + 60;

	# It starts once the processes of the killed one are gone.
	until (eval { $host->start_postgres; 1 }) {
		die $@ if time > $limit;
		sleep 0.2;
	}
	# The file of the killed one may say that it is ready.
	ok(wait_for(60, sub { eval { $host->psql('SELECT 1') } }), 'PostgreSQL starts again');
	return time;
}

sub postmaster {
	my ($pid) = split ' ', read_text($host->{database}->process->{file});

	return $pid;
}

subtest 'PostgreSQL is stopped under load' => sub {
	my $load = Provisor::LoadGenerator->under_way($host, $addon);

	$host->stop_postgres;
	my $gone = time;

	sleep scaled(3, 10);
	my $restarted = time;
	my $back = restart_postgres();

	sleep scaled(1.2, 3);
	my @answered = $load->finish;
	my @meanwhile = grep { $_->{started} > $gone && $_->{ended} < $restarted } @answered;
	my @refused = grep { $_->{answer}->status == 503 } @meanwhile;

	figure('%d answers of 503 in %.1f s', scalar @refused, $restarted - $gone);
	cmp_ok(scalar @refused, '>', 20, 'meanwhile requests get 503');
	is(scalar @meanwhile, scalar @refused, '... and no other status');
	within(slowest(@refused), 2, '... the slowest of them');
	within(seconds_to_success($back, @answered), 1, 'the first success after the restart');
	check_answers(@answered);
};

subtest 'the postmaster is killed under load' => sub {
	for my $round (1 .. scaled(1, 5)) {
		my $load = Provisor::LoadGenerator->under_way($host, $addon);

		kill KILL => postmaster();
		sleep 1;
		my $back = restart_postgres();

		sleep 1;
		my @answered = $load->finish;

		within(seconds_to_success($back, @answered), 1, 'the first success after the restart');
		check_answers(@answered);
	}
};

# PostgreSQL then ends the other processes and recovers; meanwhile it refuses
# connections.
subtest 'a server process is killed under load' => sub {
	for my $round (1 .. scaled(1, 5)) {
		my $load = Provisor::LoadGenerator->under_way($host, $addon);
		my $victim = $host->psql(q(SELECT pid FROM pg_stat_activity
			WHERE usename = 'provisor_worker' LIMIT 1));

		ok(kill(KILL => $victim), 'the process is killed');
		my $killed = time;

		ok(wait_for(30, sub { eval { $host->psql('SELECT 1') } }), 'PostgreSQL recovers');
		sleep 1;
		my @answered = $load->finish;

		figure('served again after %.2f s', seconds_to_success($killed + 0.2, @answered) + 0.2);
		check_answers(@answered);
	}
};

subtest 'connections are terminated under load' => sub {
	my $load = Provisor::LoadGenerator->under_way($host, $addon);

	for (1 .. scaled(8, 100)) {
		$host->psql(q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE usename = 'provisor_worker' ORDER BY random() LIMIT 1));
		sleep 0.1;
	}
	my @answered = $load->finish;

	is(unexpected([200], @answered), '', 'every request succeeds');
	check_answers(@answered);
};

subtest 'PostgreSQL has no connection for the workers' => sub {
	my $id = uuid();
	my $client = $addon->through(fastcgi($host));

	$host->psql('ALTER ROLE provisor_worker CONNECTION LIMIT 0');
	$host->psql(q(SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
		WHERE usename = 'provisor_worker'));
	my $began = time;

	refuses($client->provision(uuid => $id), 503, 'a create gets 503');
	within(time - $began, 2, '... in time');
	$host->psql('ALTER ROLE provisor_worker CONNECTION LIMIT -1');
	ok(wait_for(10, sub { $client->provision(uuid => $id)->status == 200 }),
		'with connections it succeeds');
};

subtest 'a locked row delays only requests for its resource' => sub {
	my ($id, @others) = map { uuid() } 1 .. 6;
	my $client = $addon->through(fastcgi($host));
	my $lock = "SELECT 1 FROM resources WHERE id = '$id' FOR UPDATE";

	$client->provision(uuid => $id);
	my $holder = Provisor::ChildProcess->start(sub {
		eval { $host->psql("BEGIN; $lock; SELECT pg_sleep(60)") };
	});

	wait_for(5, sub {
		!eval { $host->psql("BEGIN; $lock NOWAIT; ROLLBACK"); 1 };
	});

	# Every worker waits for the lock.
	my $began = time;
	my @waiting = map {
		my $plan = "plan-$_";

		Provisor::ChildProcess->start(sub {
			my @faults = faults($client->change_plan($id, $plan), 503);

			die "@faults\n" if @faults;
		});
	} 1 .. 3;

	is($_->finish(20), 0, 'a plan change gets 503') for @waiting;
	within(time - $began, 3, '... in time');
	is($client->provision(uuid => $_)->status, 200, 'a worker that waited serves another resource')
		for @others;
	same_bytes($client->provision(uuid => $id), $client->provision(uuid => $id),
		'a repeated create needs no lock');
	$host->psql(q(SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()));
	$holder->finish;
	is($client->change_plan($id, 'premium')->status, 200, 'after the lock the plan change succeeds');
	is_deeply([ workers($host) ], \@workers, 'the workers are the same processes');
};

# A worker asks each new connection for the server's timeline, also in this table.
subtest 'a connection whose server does not tell its timeline is not used' => sub {
	my $client = $addon->through(fastcgi($host));
	my $lock = 'LOCK TABLE epochs IN ACCESS EXCLUSIVE MODE';
	my $holder = Provisor::ChildProcess->start(sub {
		eval { $host->psql("BEGIN; $lock; SELECT pg_sleep(60)") };
	});

	wait_for(5, sub { !eval { $host->psql("BEGIN; $lock NOWAIT; ROLLBACK"); 1 } });
	$host->psql(q(SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
		WHERE usename = 'provisor_worker'));
	refuses($client->provision(uuid => uuid()), 503, 'a create gets 503');
	$host->psql(q(SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()));
	$holder->finish;
	ok(wait_for(10, sub { $client->provision(uuid => uuid())->status == 200 }), 'then it succeeds');
	like($host->log('worker'), qr/cannot connect to the database: the server does not tell its timeline/,
		'the log says why');
	unlike($host->log('worker'), qr/another command is already in progress/, '... and nothing else');
};

is_unhurt($host);

done_testing;
