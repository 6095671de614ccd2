#!/usr/bin/perl
# PostgreSQL is stopped, killed, and cut off, while clients are served.

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

# What was answered is there as it was answered, and was made once.
sub nothing_is_lost {
	my (@answered) = @_;
	my %first = map { $_->{id} => $_->{answer} }
		grep { $_->{answer}->status == 200 } @answered;
	my @replayed = Provisor::LoadGenerator->once_more($host, $addon, keys %first);

	is(unexpected([ 200, 503 ], @answered), '', 'answers are good, or ask to come again');
	cmp_ok(scalar keys %first, '>', 50, 'creates were answered');
	is(scalar @replayed, scalar keys %first, 'each is asked for again');
	is(scalar(grep { $_->{answer}->text ne $first{ $_->{id} }->text } @replayed), 0,
		'... and answered with the same bytes');
	is($host->psql('SELECT count(*) FROM (SELECT resource FROM events GROUP BY resource
		HAVING count(*) > 1) twice'), 0, 'none was made twice');
	is_deeply([ workers($host) ], \@workers, 'the workers are the same');
	return;
}

# How long after the moment the first good answer came.
sub first_after {
	my ($moment, @answered) = @_;
	my $good = first { $_->{answer}->status == 200 && $_->{ended} > $moment } @answered;

	return $good ? $good->{ended} - $moment : 999;
}

sub come_back {
	my $limit = time + 60;

	# What is left of the one that was killed must be gone first.
	until (eval { $host->start_postgres; 1 }) {
		die $@ if time > $limit;
		sleep 0.2;
	}
	# The one that was killed has left word that it is ready.
	ok(wait_for(60, sub { eval { $host->psql('SELECT 1') } }), 'it comes back');
	return time;
}

sub postmaster {
	my ($pid) = split ' ', read_text($host->{database}->process->{file});

	return $pid;
}

subtest 'stopped under load' => sub {
	my $load = Provisor::LoadGenerator->under_way($host, $addon);

	$host->stop_postgres;
	my $gone = time;

	sleep scaled(3, 10);
	my $wants_back = time;
	my $back = come_back();

	sleep scaled(1.2, 3);
	my @answered = $load->finish;
	my @meanwhile = grep { $_->{started} > $gone && $_->{ended} < $wants_back } @answered;
	my @refused = grep { $_->{answer}->status == 503 } @meanwhile;

	figure('%d answers of 503 in %.1f s', scalar @refused, $wants_back - $gone);
	cmp_ok(scalar @refused, '>', 20, 'meanwhile all are told to come again');
	is(scalar @meanwhile, scalar @refused, '... and nothing else');
	within(slowest(@refused), 2, '... at once, the slowest');
	within(first_after($back, @answered), 1, 'the first success after its return');
	nothing_is_lost(@answered);
};

subtest 'the postmaster is killed under load' => sub {
	for my $round (1 .. scaled(1, 5)) {
		my $load = Provisor::LoadGenerator->under_way($host, $addon);

		kill KILL => postmaster();
		sleep 1;
		my $back = come_back();

		sleep 1;
		my @answered = $load->finish;

		within(first_after($back, @answered), 1, 'the first success after its return');
		nothing_is_lost(@answered);
	}
};

# Then PostgreSQL ends all others, recovers, and refuses to serve meanwhile.
subtest 'a server process is killed under load' => sub {
	for my $round (1 .. scaled(1, 5)) {
		my $load = Provisor::LoadGenerator->under_way($host, $addon);
		my $victim = $host->psql(q(SELECT pid FROM pg_stat_activity
			WHERE usename = 'provisor_worker' LIMIT 1));

		ok(kill(KILL => $victim), 'it is killed');
		my $killed = time;

		ok(wait_for(30, sub { eval { $host->psql('SELECT 1') } }), 'it recovers');
		sleep 1;
		my @answered = $load->finish;

		figure('served again after %.2f s', first_after($killed + 0.2, @answered) + 0.2);
		nothing_is_lost(@answered);
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

	is(unexpected([200], @answered), '', 'no client notices');
	nothing_is_lost(@answered);
};

subtest 'no connection is left for us' => sub {
	my $id = uuid();
	my $client = $addon->through(fastcgi($host));

	$host->psql('ALTER ROLE provisor_worker CONNECTION LIMIT 0');
	$host->psql(q(SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
		WHERE usename = 'provisor_worker'));
	my $began = time;

	refuses($client->provision(uuid => $id), 503, 'a create: later');
	within(time - $began, 2, 'told at once');
	$host->psql('ALTER ROLE provisor_worker CONNECTION LIMIT -1');
	ok(wait_for(10, sub { $client->provision(uuid => $id)->status == 200 }),
		'then it is served');
};

subtest 'a locked row holds up nobody else' => sub {
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

	# As many as there are workers wait for it.
	my $began = time;
	my @waiting = map {
		my $plan = "plan-$_";

		Provisor::ChildProcess->start(sub {
			my @faults = faults($client->change_plan($id, $plan), 503);

			die "@faults\n" if @faults;
		});
	} 1 .. 3;

	is($_->finish(20), 0, 'a plan change: later') for @waiting;
	within(time - $began, 3, 'told in time');
	is($client->provision(uuid => $_)->status, 200, 'a worker that has waited serves others')
		for @others;
	same_bytes($client->provision(uuid => $id), $client->provision(uuid => $id),
		'a repeat needs no lock');
	$host->psql(q(SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()));
	$holder->finish;
	is($client->change_plan($id, 'premium')->status, 200, 'then it is changed');
	is_deeply([ workers($host) ], \@workers, 'the workers are the same');
};

is_unhurt($host);

done_testing;
