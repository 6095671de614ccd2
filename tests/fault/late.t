#!/usr/bin/perl
# Requests whose time is nearly up: each is answered before its end, or, when
# that cannot be, left untouched.

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

# A row that nobody else may change, for so long.
sub locked {
	my ($id, $seconds) = @_;
	my $child = Provisor::ChildProcess->start(sub {
		$host->psql("BEGIN; SELECT 1 FROM resources WHERE id = '$id' FOR UPDATE;
			SELECT pg_sleep($seconds)");
	});

	wait_for(5, sub { count_of($host, qq(pg_stat_activity
		WHERE query LIKE '%pg_sleep($seconds)' AND state = 'active')) });
	return $child;
}

subtest 'how much of the time is gone decides' => sub {
	my @requests = (
		# share gone   POST  PUT  DELETE
		[ -10,         200,  200, 204 ], # a clock ahead of ours
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

			is($answer->status, $status, "$method with $share of the time gone: $status");
			is(count_of($host, 'events') - $before, $status == 503 ? 0 : 1,
				$status == 503 ? '... untouched' : '... done');
		}
	}
};

subtest 'what is no time is now' => sub {
	my $old = ago(1.5);
	my $old_seconds = int $old;

	for my $received ('', 'yesterday', '-1', '0', 'inf', 'nan', '1e300', ' ', '.5', '9' x 400,
		"$old s", " $old", "+$old", "$old.0", "$old,0", "${old_seconds}e0",
		sprintf('0x%x', $old)) {
		is($worker->{client}->request($worker->provision_request(uuid => uuid()),
			received => $received)->status, 200, "\"$received\"");
	}
};

# Of what the lock needs there is not enough left.
subtest 'a slow database does not make an answer late' => sub {
	for my $case ([ plan => 0.4 ], [ deprovision => 0.6 ]) {
		my ($what, $share) = @$case;
		my $id = uuid();

		$worker->provision(uuid => $id);
		my $lock = locked($id, 0.75 * $limit);
		my ($began, $received) = (time, ago($share));
		my $answer = $worker->{client}->request(
			$what eq 'plan' ? $worker->plan_request($id, 'premium')
				: $worker->deprovision_request($id),
			received => $received,
		);
		my $taken = time - $began;

		refuses($answer, 503, "$what: later");
		figure('%s: with %.0f %% of the time gone told after %.2f s, at %.0f %%', $what,
			$share * 100, $taken, ($share + $taken / $limit) * 100);
		cmp_ok(time - $received, '<', $limit + scaled(4, 0), '... but not too late');
		is($worker->provision(uuid => uuid())->status, 200, '... by a worker that goes on');
		$lock->finish(20);
		my $repeat = $what eq 'plan' ? $worker->change_plan($id, 'premium')
			: $worker->deprovision($id);

		ok($repeat->status =~ /\A(?:200|204|410)\z/, '... a repeat is answered');
		is(count_of($host, "events WHERE resource = '$id'"), 2, '... and it was done once');
	}
};

# nginx has answered for them; the workers find them afterwards.
subtest 'what nobody waits for any more is not done' => sub {
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
	is(scalar(grep { faults($_, 503) } @answers), 0, 'all are told to come again');
	figure('nginx told them after %.2f s of %d s', $waited, $limit);
	cmp_ok($waited, '<', $limit + scaled(4, 1), '... in time');
	# The queue is in order, so this one comes last.
	is($marketplace->provision(uuid => uuid())->status, 200, 'the next one is served');
	is(count_of($host, 'resources WHERE marketplace_id IN ('
		. join(', ', map { "'$_'" } @ids) . ')'), 0, 'and nothing was done for the others');
};

# The clock of a request starts when its headers are there.
subtest 'a body that comes slowly borrows no time' => sub {
	my $id = uuid();
	my $request = Provisor::HttpClient::encode($marketplace->provision_request(uuid => $id));
	my ($head, $body) = $request =~ /\A(.*\r\n\r\n)(.*)\z/s;
	my $socket = $marketplace->{client}->begin(raw => $head);

	sleep 0.8 * $limit;
	syswrite $socket, $body;
	refuses($marketplace->{client}->finish($socket), 503, 'it is told to come again');
	is(count_of($host, "resources WHERE marketplace_id = '$id'"), 0, '... untouched');
};

is_unhurt($host);

done_testing;
