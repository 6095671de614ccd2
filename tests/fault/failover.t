#!/usr/bin/perl
# A primary and its synchronous standby: one is lost and the other takes over, while
# clients send requests and the workers stay.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Errno 'ETIMEDOUT';
use IO::Socket::INET;
use List::Util 'first';
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::LoadGenerator qw(unexpected slowest);
use Provisor::PostgresServer;
use Provisor::Test;

my $limit = scaled(3, 5);
my $host = new_host(is_direct => 1, workers => { api => 2, web => 1 }, answer_limit => "${limit}s");
my $addon = addon($host, 'fast-db');
my $one = Provisor::PostgresServer->new($host, 'one');

$host->start_postgres;
$host->migrate;
my $two = $one->standby('two');

$one->waits_for_standby;
$host->{env}{PROVISOR_DATABASE} = $one->together($two);
$host->start_pool('api');
$host->start_nginx;
my @workers = workers($host);

# The promoted server has every resource whose create got status 200.
sub check_answers {
	my ($promoted, @answered) = @_;
	my %first = map { $_->{id} => $_->{answer} }
		grep { $_->{answer}->status == 200 } @answered;
	my @replayed = Provisor::LoadGenerator->once_more($host, $addon, keys %first);
	my $good = first { $_->{answer}->status == 200 && $_->{ended} > $promoted } @answered;

	ok($good, 'requests succeed after the promotion') or return;
	figure('success %.2f s after the promotion; %d requests got 503, the slowest in %.2f s',
		$good->{ended} - $promoted, @answered - keys %first,
		slowest(grep { $_->{answer}->status == 503 } @answered));
	is(unexpected([ 200, 503 ], @answered), '', 'every response has status 200 or 503');
	cmp_ok(slowest(@answered), '<', $limit + scaled(4, 1), '... in time');
	is(scalar(grep { $_->{answer}->text ne $first{ $_->{id} }->text } @replayed), 0,
		'a repeat of each success gets the same bytes');
	is($host->psql('SELECT count(*) FROM (SELECT resource FROM events GROUP BY resource
		HAVING count(*) > 1) twice'), 0, 'no resource has two events');
	is_deeply([ workers($host) ], \@workers, 'the workers are the same processes');
	return;
}

# A request succeeds within the promised seconds; those before it get 503.
sub succeeds_within {
	my ($promised, $name) = @_;
	my ($began, @answered) = (time);
	my $client = fastcgi($host);
	my $good = wait_for(20, sub {
		my $id = uuid();
		my $started = time;
		my $answer = $client->request($addon->provision_request(uuid => $id));

		push @answered, { started => $started, ended => time, answer => $answer };
		return $answer->status == 200;
	});

	ok($good, $name);
	is(unexpected([ 200, 503 ], @answered), '', '... and requests before that get 503');
	within(time - $began, $promised, '... in time');
	return;
}

subtest 'the standby is stopped' => sub {
	my $id = uuid();
	my $client = $addon->through(fastcgi($host));
	my $began = time;

	$two->stop;
	refuses($client->provision(uuid => $id), 503, 'a create gets 503');
	within(time - $began, $limit, '... in time');
	$two->start(undef);
	ok(wait_for(20, sub { $client->provision(uuid => $id)->status == 200 }),
		'with the standby the create succeeds');
	is(count_of($host, "events WHERE resource = '$id'"), 1, '... and the resource has one event');
	ok(wait_for(20, sub { $one->psql(q(SELECT count(*) FROM pg_stat_replication
		WHERE sync_state = 'sync')) > 0 }), 'the standby is synchronous again');
};

subtest 'the primary is killed and the standby promoted' => sub {
	my $load = Provisor::LoadGenerator->under_way($host, $addon);

	$one->kill;
	sleep 1;
	$two->promote;
	my $promoted = time;

	sleep scaled(1.5, 4);
	check_answers($promoted, $load->finish);
};

# The first host accepts connections and sends nothing.
sub silent_host {
	my ($queue) = @_;

	return IO::Socket::INET->new(
		LocalAddr => '127.0.0.1',
		LocalPort => $one->{port},
		Listen => $queue // 100,
		ReuseAddr => 1,
	) || die "port $one->{port}: $!\n";
}

# While a listener's queue is full, the kernel drops packets of new connections, as a
# broken network does.
sub dropping_host {
	my @held = silent_host(1);

	while (my $socket = IO::Socket::INET->new(
		PeerAddr => '127.0.0.1',
		PeerPort => $one->{port},
		Timeout => 0.5,
	)) {
		push @held, $socket;
	}
	die "port $one->{port}: $!\n" if $! != ETIMEDOUT;
	return \@held;
}

my %silent = (
	'sends nothing' => \&silent_host,
	'drops packets' => \&dropping_host,
);

for my $what (sort keys %silent) {
	subtest "a first host that $what" => sub {
		my $held = $silent{$what}->();

		$host->stop_pool('api');
		$host->start_pool('api');
		succeeds_within(3, 'the second host answers');
		@workers = workers($host);
		my $client = $addon->through(fastcgi($host));

		# Until both workers are connected to the second host.
		my $load = Provisor::LoadGenerator->under_way($host, $addon);

		ok(wait_for(20, sub { count_of($host, q(pg_stat_activity
			WHERE usename = 'provisor_worker')) >= 2 }), 'every worker connects to the second host');
		is(unexpected([ 200, 503 ], $load->finish), '',
			'... and requests get 200 or 503');
		$host->psql(q(SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity
			WHERE usename = 'provisor_worker'));
		my $began = time;

		is($client->provision(uuid => uuid())->status, 200, 'a lost connection is replaced');
		within(time - $began, 1, '... by one to the host that worked last');
	};
}

# A frozen server looks like one whose network is down.
subtest 'the primary freezes and its standby is promoted' => sub {
	$one->follow($two);
	$two->waits_for_standby;
	my $load = Provisor::LoadGenerator->under_way($host, $addon);

	$two->freeze;
	sleep 0.5;
	$one->promote;
	my $promoted = time;

	sleep 10;
	check_answers($promoted, $load->finish);
	$two->kill;
} if scaled(0, 1);

is_unhurt($host);

done_testing;
