#!/usr/bin/perl
# Requests whose time limit is near: each gets a response in time or changes nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::ChildProcess;
use Provisor::HttpClient;
use Provisor::Test;

my $limit = scaled(4, 8); # seconds
my $host = new_host(workers => { api => 2, web => 1 }, answer_limit => "${limit}s");
my $worker = addon($host, 'fast-db');
my $marketplace = $worker->through(Provisor::HttpClient->new(port => $host->port));

$host->start;

sub ago {
	my ($share) = @_;

	return sprintf '%.3f', time - $share * $limit;
}

# Locks a row for some seconds.
sub lock_row {
	my ($id, $seconds) = @_;
	my $child = Provisor::ChildProcess->start(sub {
		$host->psql("BEGIN; SELECT 1 FROM resources WHERE id = '$id' FOR UPDATE;
			SELECT pg_sleep($seconds)");
	});

	wait_for(5, sub { count_of($host, qq(pg_stat_activity
		WHERE query LIKE '%pg_sleep($seconds)' AND state = 'active')) });
	return $child;
}

subtest 'the elapsed share of the time limit decides' => sub {
	my @requests = (
		# share        POST  PUT  DELETE
		[ -10,         200,  200, 204 ], # nginx's clock is ahead of ours
		[ 0.4,         200,  200, 204 ],
		[ 0.77,        503,  503, 503 ],
		[ 0.99,        503,  503, 503 ],
		[ 1.5,         503,  503, 503 ],
		[ 1e6,         503,  503, 503 ],
	);

	for (@requests) {
		my ($share, @statuses) = @$_;
		my ($new, $id) = (uuid(), uuid());
		my %request = (
			POST => { $worker->provision_request(uuid => $new) },
			PUT => { $worker->plan_request($id, 'premium') },
			DELETE => { $worker->deprovision_request($id) },
		);

		$worker->provision(uuid => $id);
		for my $method (qw(POST PUT DELETE)) {
			my $before = count_of($host, 'events');
			my $status = shift @statuses;
			my $answer = $worker->{client}->request(%{ $request{$method} },
				received => ago($share));

			is($answer->status, $status, "$method after $share of the time limit gets $status");
			is(count_of($host, 'events') - $before, $status == 503 ? 0 : 1,
				$status == 503 ? '... and changes nothing' : '... and is carried out');
		}
	}
};

subtest 'a time of receipt that cannot be read counts as now' => sub {
	my $old = ago(1.5);
	my $old_seconds = int $old;

	for my $received ('', 'yesterday', '-1', '0', 'inf', 'nan', '1e300', ' ', '.5', '9' x 400,
		"$old s", " $old", "+$old", "$old.0", "$old,0", "${old_seconds}e0",
		sprintf('0x%x', $old)) {
		is($worker->{client}->request($worker->provision_request(uuid => uuid()),
			received => $received)->status, 200, "\"$received\"");
	}
};

# The lock lasts longer than the rest of the time limit.
subtest 'a slow database does not delay a response beyond its limit' => sub {
	for my $case ([ plan => 0.4 ], [ deprovision => 0.6 ]) {
		my ($what, $share) = @$case;
		my $id = uuid();

		$worker->provision(uuid => $id);
		my $locker = lock_row($id, 0.75 * $limit);
		my ($began, $received) = (time, ago($share));
		my $answer = $worker->{client}->request(
			$what eq 'plan' ? $worker->plan_request($id, 'premium')
				: $worker->deprovision_request($id),
			received => $received,
		);
		my $taken = time - $began;

		refuses($answer, 503, "$what gets 503");
		figure('%s after %.0f %% of the time limit: response after %.2f s, at %.0f %%', $what,
			$share * 100, $taken, ($share + $taken / $limit) * 100);
		cmp_ok(time - $received, '<', $limit + scaled(4, 0), '... within the time limit');
		is($worker->provision(uuid => uuid())->status, 200, '... and the worker serves the next request');
		$locker->finish(20);
		my $repeat = $what eq 'plan' ? $worker->change_plan($id, 'premium')
			: $worker->deprovision($id);

		ok($repeat->status =~ /\A(?:200|204|410)\z/, 'a repeat succeeds');
		is(count_of($host, "events WHERE resource = '$id'"), 2, '... and the request is carried out once');
	}
};

# nginx responds while the workers are stopped; they find the requests later.
subtest 'a worker does not carry out a request whose client has got a response' => sub {
	my @ids = map { uuid() } 1 .. 20;
	my @workers = workers($host);
	my $began = time;

	kill STOP => @workers;
	my @under_way = map {
		$marketplace->{client}->begin($marketplace->provision_request(uuid => $_))
	} @ids;
	my @answers = map { $marketplace->{client}->finish($_) } @under_way;
	my $waited = time - $began;

	kill CONT => @workers;
	is(scalar(grep { faults($_, 503) } @answers), 0, 'all requests get 503');
	figure('nginx responds after %.2f s of %d s', $waited, $limit);
	cmp_ok($waited, '<', $limit + scaled(4, 1), '... in time');
	# The queue keeps its order, so this request is the last one.
	is($marketplace->provision(uuid => uuid())->status, 200, 'the next request succeeds');
	is(count_of($host, 'resources WHERE marketplace_id IN ('
		. join(', ', map { "'$_'" } @ids) . ')'), 0, '... and none of the others created a resource');
};

# The time limit starts when nginx has the headers.
subtest 'a slow body does not extend the time limit' => sub {
	my $id = uuid();
	my $request = Provisor::HttpClient::encode($marketplace->provision_request(uuid => $id));
	my ($head, $body) = $request =~ /\A(.*\r\n\r\n)(.*)\z/s;
	my $socket = $marketplace->{client}->begin(raw => $head);

	sleep 0.8 * $limit;
	syswrite $socket, $body;
	refuses($marketplace->{client}->finish($socket), 503, 'the request gets 503');
	is(count_of($host, "resources WHERE marketplace_id = '$id'"), 0, '... and creates no resource');
};

is_unhurt($host);

done_testing;
