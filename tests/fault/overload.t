#!/usr/bin/perl
# Many more clients than the pool can serve: they are served or told to come
# again, in time, and nothing of it is left afterwards.

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

# A create takes so much longer.
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

# From nginx's access log: what it was asked after a place in the log, and how
# long it took.
sub seconds_after {
	my ($place) = @_;
	my $log = substr $host->log('nginx-access'), $place;

	return sort { $a <=> $b } $log =~ /\bduration_seconds=([\d.]+)/g;
}

sub overload {
	my ($seconds) = @_;
	my $place = length $host->log('nginx-access');
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
	my $slowest = (seconds_after($place))[-1];

	figure('%d good, %d told to come again; half within %.2f s, the slowest good one %.2f s',
		scalar @good, @answered - @good, median(@answered), slowest(@good));
	figure('health: %d times, the slowest %.2f s', scalar @health, slowest(@health));
	cmp_ok(scalar @answered, '>=', 512, 'all are answered');
	is(unexpected([ 200, 503 ], @answered), '', '... by a 200 or the JSON of a 503');
	figure('none is slower than %s s: %.2f s by nginx, %.2f s by the clients', $limit,
		$slowest, slowest(@answered));
	cmp_ok($slowest, '<=', $limit + scaled(4, 0), '... none later than the limit');
	# The clients are one busy process.
	cmp_ok(slowest(@answered), '<', $limit + scaled(4, 1), '... nor for the clients');
	is(unexpected([200], @health), '', 'health is answered meanwhile');
	within(slowest(@health), 1, '... at once, the slowest');
	return @answered;
}

sub is_healthy {
	sleep 1;
	my $began = time;
	my $answer = $addon->provision(uuid => uuid());

	is($answer->status, 200, 'a second later the pool is healthy');
	within(time - $began, 1, '... and as fast as ever');
	is((() = workers($host)), 5, '... with all its workers');
	is(count_of($host, q(resources r WHERE NOT EXISTS
		(SELECT FROM events WHERE resource = r.id))), 0, '... and its tables whole');
	return;
}

# Who was refused has cost nothing: but at the limit a create may be under way
# with nobody left to tell.
sub makes_no_more_than {
	my ($before, $more, @good) = @_;
	my $made = count_of($host, 'resources') - $before;

	figure('%d made, %d answered', $made, scalar @good);
	cmp_ok($made, '>=', scalar @good, 'what is answered is there');
	cmp_ok($made - @good, '<=', $more, '... and little else');
	return;
}

# 50 ms: 512 wait for 6 s, longer than the limit; those at the end of the queue get 503.
subtest '512 clients, and 50 ms a statement' => sub {
	my $before = count_of($host, 'resources');

	delay(0.05);
	my @answered = overload(scaled(2, 30));
	my @good = grep { $_->{answer}->status == 200 } @answered;

	cmp_ok(scalar @good, '>', 100, 'the pool goes on serving');
	makes_no_more_than($before, 8, @good);
	is_healthy();
};

# Of those let in most wait for too long: they must not cost the others' time.
subtest 'more than can be served in time' => sub {
	my $before = count_of($host, 'resources');

	delay(0.2);
	my @answered = overload(30);
	my @good = grep { $_->{answer}->status == 200 } @answered;

	cmp_ok(scalar @good, '>', 20, 'the pool goes on serving');
	makes_no_more_than($before, 40, @good);
	is_healthy();
} if scaled(0, 1);

# What they have left in the queue is dropped.
subtest 'clients that hang up' => sub {
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

	ok($is_served, 'the next one is served');
	is(unexpected([ 200, 503 ], @answered), '', '... or told to come again');
	within(slowest(@answered), $limit, '... in time');
	within(time - $began, 1, 'served at once');
	is_healthy();
};

is_unhurt($host);

done_testing;
