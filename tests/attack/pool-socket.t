#!/usr/bin/perl
# Attacks by a program that can open the socket of a pool, as every program of nginx's
# group can: requests that never end, lengths that no request has, and requests in the
# name of nginx's private sites.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util 'max';
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::FastCgiClient 'encode';
use Provisor::Test;

use constant {
	PROMISED => 3,		# seconds, for a create
	CREATES => scaled(20, 100),
	WAITING => 10,		# connections for each worker
};

my $host = new_host(workers => { api => 2, web => 1 }, env => { PROVISOR_CONSOLE => 'read' });
my $addon = addon($host, 'fast-db');
my $worker = fastcgi($host);

$host->start;
$host->stop_pool('jobs');

sub record {
	my ($type, $content) = @_;

	return pack('C C n n x x', 1, $type, 1, length $content) . $content;
}

my $begin = record(1, pack 'n C x5', 1, 0);
my $method = record(4, "\x0e\x03REQUEST_METHODPUT");
my %halves = (
	'half a header' => substr($begin, 0, 4),
	'half a record of parameters' => $begin . substr($method, 0, 12),
	'parameters without an end' => $begin . $method,
	'a parameter of 2 GiB' => $begin . record(4, pack('N N', 0xffffffff, 0xffffffff) . 'A' x 60_000),
	'a body without an end' => $begin
		. record(4, "\x0e\x04REQUEST_METHODPOST\x0b\x11REQUEST_URI/heroku/resources\x0e\x03CONTENT_LENGTH100")
		. record(4, '') . record(5, '{'),
);

for my $name (sort keys %halves) {
	subtest $name => sub {
		my @held = map { $worker->begin($halves{$name}) } workers($host);

		creates_are_served('while the connections are open');
		close $_ for @held;
		creates_are_served('afterwards');
	};
}

sub creates_are_served {
	my ($when) = @_;
	my ($slowest, %statuses) = (0);

	for (1 .. CREATES) {
		my $began = time;

		$statuses{ $addon->provision(uuid => uuid())->status }++;
		$slowest = max($slowest, time - $began);
	}
	is_deeply(\%statuses, { 200 => CREATES }, "every create is served $when");
	cmp_ok($slowest, '<', PROMISED, '... in time');
	figure("$when: the slowest create took %.2f s", $slowest);
	return;
}

# nginx's sites for the console and the local API have a key, which other programs of
# its group cannot read.
subtest 'another program cannot pose as a private site of nginx' => sub {
	my $key = $host->env->{PROVISOR_SERVER_KEY};
	my $web = fastcgi($host, 'web');
	my %path = (local => '/v1/resources', console => '/console');

	for my $site (sort keys %path) {
		for my $client ([ api => $worker ], [ web => $web ]) {
			my ($pool, $socket) = @$client;
			my $ask = sub { $socket->request(method => 'GET', path => $path{$site}, variables => {
				PROVISOR_SERVER => $site, PROVISOR_OPERATOR => 'jane', @_ }) };
			my $name = "$site, in the pool $pool:";

			is($ask->()->status, 403, "$name without a key");
			is($ask->(PROVISOR_SERVER_KEY => $_)->status, 403, "$name with a wrong one")
				for '', 'x' x 32, substr($key, 1), "$key ";
			is($ask->(HTTP_PROVISOR_SERVER_KEY => $key)->status, 403, "$name with the key in a header");
			is($ask->(PROVISOR_SERVER_KEY => $key)->status, 200, "$name with the key");
		}
	}
	like($host->log('worker'), qr/ status=403 [^\n]*reason=wrong-server-key/, 'the log says why');
	unlike($host->log('worker'), qr/\Q$key/, '... and does not have the key');
	$host->{env}{PROVISOR_SERVER_KEY} = '';
	$host->stop_pool('web');
	$host->start_pool('web');
	is($web->request(method => 'GET', path => '/v1/resources', variables => { PROVISOR_SERVER => 'local',
		PROVISOR_SERVER_KEY => $_ })->status, 403, 'without a setting, no key is right') for '', $key;
};

# A worker keeps the timer of an earlier request, which runs out in the middle of these.
subtest 'requests that arrive slowly, but in time' => sub {
	my $request = encode(method => 'GET', path => '/health');
	my ($half, $rest) = unpack "a20 a*", $request;
	my @slow;

	creates_are_served('at first');
	sleep 1;
	@slow = map { $worker->begin($half) } workers($host);
	sleep 1.5;
	syswrite $_, $rest for @slow;
	is($worker->finish($_)->status, 200, 'a request is served') for @slow;
};

# More connections wait than the workers could end one after the other.
subtest 'held workers end on SIGTERM' => sub {
	my @before = workers($host);
	my @held = map { $worker->begin($halves{'half a header'}) } map { ($_) x WAITING } @before;

	sleep 0.5;
	kill TERM => @before;
	ok(wait_for(20, sub { !grep { kill 0, $_ } @before }), 'all of them end');
	close $_ for @held;
	is($addon->provision(uuid => uuid())->status, 200, 'and others take their place');
};

done_testing;
