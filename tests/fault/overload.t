#!/usr/bin/perl
# More clients than the pool can serve: each gets a success or 503 in time, and the pool
# recovers at once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::HttpClient;
use Provisor::LoadGenerator qw(creates unexpected slowest median);
use Provisor::Test;

my $limit = 5;
my $host = new_host(workers => { api => 4, web => 1 }, answer_limit => "${limit}s");
my $https = Provisor::HttpClient->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);

$host->start;

# Makes each create take this much longer.
sub delay {
	my ($seconds) = @_;

	$host->psql('DROP TRIGGER IF EXISTS delay ON resources');
	$host->psql(qq(
		CREATE OR REPLACE FUNCTION delay() RETURNS trigger LANGUAGE plpgsql AS
			'BEGIN PERFORM pg_sleep($seconds); RETURN NEW; END';
		CREATE TRIGGER delay BEFORE INSERT ON resources
			FOR EACH ROW EXECUTE FUNCTION delay())) if $seconds;
	return;
}

# The sorted durations in nginx's access log from an offset on: at least so many.
sub durations_after {
	my ($offset, $count) = @_;
	my @durations;

	wait_for(10, sub {
		@durations = substr($host->log('nginx-access'), $offset) =~ /\bduration_seconds=([\d.]+)/g;
		return @durations >= $count;
	}) or die "nginx has not logged all requests\n";
	return sort { $a <=> $b } @durations;
}

sub overload {
	my ($seconds) = @_;
	my $offset = length $host->log('nginx-access');
	my $load = Provisor::LoadGenerator->start(
		port => $host->port,
		clients => 512,
		pause => 1,
		repeats => 0,
		next => creates($addon),
	);
	my (@health, $end);

	wait_for(60, sub { $load->count > 0 });
	$end = time + $seconds;
	while (time < $end) {
		my $began = time;
		my $answer = $https->request(method => 'GET', path => '/health');

		push @health, { started => $began, ended => time, answer => $answer };
		sleep 0.1;
	}
	my @answered = $load->finish;
	my @good = grep { $_->{answer}->status == 200 } @answered;
	my $slowest = (durations_after($offset, @answered + @health))[-1];

	figure('%d successes, %d times 503; median %.2f s, slowest success %.2f s',
		scalar @good, @answered - @good, median(@answered), slowest(@good));
	figure('/health: %d times, slowest %.2f s', scalar @health, slowest(@health));
	cmp_ok(scalar @answered, '>=', 512, 'every client gets a response');
	is(unexpected([ 200, 503 ], @answered), '', '... with status 200 or 503');
	figure('limit %s s; slowest %.2f s for nginx, %.2f s for the clients', $limit,
		$slowest, slowest(@answered));
	cmp_ok($slowest, '<=', $limit + scaled(4, 0), '... within the limit, as nginx measures it');
	# All clients are one busy process.
	cmp_ok(slowest(@answered), '<', $limit + scaled(4, 1), '... and as the clients measure it');
	is(unexpected([200], @health), '', '/health succeeds meanwhile');
	within(slowest(@health), 1, '... in time');
	return @answered;
}

sub is_healthy {
	sleep 1;
	my $began = time;
	my $answer = $addon->provision(uuid => uuid());

	is($answer->status, 200, 'a second later a create succeeds');
	within(time - $began, 1, '... in time');
	is((() = workers($host)), 5, 'all workers run');
	is(count_of($host, q(resources r WHERE NOT EXISTS
		(SELECT FROM events WHERE resource = r.id))), 0, 'each resource has an event');
	return;
}

# A create that got 503 has created no resource, except a few that ended just at the limit.
sub creates_no_more_than {
	my ($before, $more, @good) = @_;
	my $created = count_of($host, 'resources') - $before;

	figure('%d resources, %d successes', $created, scalar @good);
	cmp_ok($created, '>=', scalar @good, 'each success has a resource');
	cmp_ok($created - @good, '<=', $more, '... and few others have one');
	return;
}

# With 50 ms for a create the last of 512 clients waits 6 s, longer than the limit.
subtest '512 clients, 50 ms for each create' => sub {
	my $before = count_of($host, 'resources');

	delay(0.05);
	my @answered = overload(scaled(2, 30));
	my @good = grep { $_->{answer}->status == 200 } @answered;

	cmp_ok(scalar @good, '>', 100, 'more than 100 creates succeed');
	creates_no_more_than($before, 8, @good);
	is_healthy();
};

# Most requests wait for too long; they must not take time from the others.
subtest '512 clients, 200 ms for each create' => sub {
	my $before = count_of($host, 'resources');

	delay(0.2);
	my @answered = overload(30);
	my @good = grep { $_->{answer}->status == 200 } @answered;

	cmp_ok(scalar @good, '>', 20, 'more than 20 creates succeed');
	creates_no_more_than($before, 40, @good);
	is_healthy();
} if scaled(0, 1);

# Their requests are dropped from the queue.
subtest 'clients close their connections' => sub {
	delay(0.05);
	for (1 .. scaled(1, 10)) {
		my @sockets = map {
			$https->begin($addon->provision_request(uuid => uuid()))
		} 1 .. 100;

		close $_ for @sockets;
	}
	my ($began, @answered) = (time);
	my $is_served = wait_for(4 * $limit, sub {
		my $started = time;
		my $answer = $addon->provision(uuid => uuid());

		push @answered, { started => $started, ended => time, answer => $answer };
		return $answer->status == 200;
	});

	ok($is_served, 'the next request succeeds');
	is(unexpected([ 200, 503 ], @answered), '', '... after responses with 503 at most');
	within(slowest(@answered), $limit, '... each within the limit');
	within(time - $began, 1, 'the success');
	is_healthy();
};

is_unhurt($host);

done_testing;
