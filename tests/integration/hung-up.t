#!/usr/bin/perl
# Who hangs up before a worker takes up the request costs it nothing; who has only
# ended its own side is served.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::FastCgiClient 'encode';
use Provisor::HttpClient;
use Provisor::Test;
use Provisor::Files 'read_text';

my $host = new_host(workers => { api => 1, web => 1 });
my $https = Provisor::HttpClient->new(port => $host->port);
my $addon = addon($host, 'fast-db');
my $worker = fastcgi($host);

$host->start;
my @workers = workers($host);

# What is asked meanwhile waits for the workers.
sub while_stopped {
	my ($ask) = @_;

	kill STOP => @workers;
	wait_for(10, sub {
		@workers == grep { (read_text("/proc/$_/stat") // '') =~ /\) T / } @workers;
	}) or die "the workers do not stop\n";
	my @asked = eval { $ask->() };
	my $failure = $@;

	kill CONT => @workers;
	die $failure if $failure;
	return @asked;
}

sub create {
	my (%more) = @_;
	my $id = uuid();

	return ($id, encode($addon->provision_request(uuid => $id), id => $id, %more));
}

sub rows_of {
	my ($id) = @_;

	return count_of($host, "resources WHERE marketplace_id = '$id'");
}

# How the log says that it ended.
sub outcome_of {
	my ($id) = @_;
	my ($outcome) = $host->log('worker') =~ /\b\Q$id\E\b.*\boutcome=(\S+)/;

	return $outcome // 'not logged';
}

sub counted {
	my $text = $worker->request(method => 'GET', path => '/metrics')->body;
	my ($count) = $text =~ /^provisor_requests_total\{operation="other",outcome="hung-up"\} (\d+)$/m;

	return $count // 0;
}

subtest 'who hangs up in the queue' => sub {
	my ($id, $request) = create();
	my ($stranger, $forged) = create(as => 'fast-db:wrong');
	my ($cut, $whole) = create();
	my ($before, $counted) = (fingerprint($host), counted());

	while_stopped(sub {
		close $worker->begin($_) for $request, $forged, substr $whole, 0, -20;
	});
	# The queue is in order, so this one comes last.
	is($worker->request(method => 'GET', path => '/health')->status, 200, 'the next is served');
	is(rows_of($id), 0, 'is not provisioned');
	is(fingerprint($host), $before, '... nor is anything written');
	is(outcome_of($id), 'hung-up', '... as the log tells');
	is(outcome_of($stranger), 'hung-up', 'nor are credentials looked at');
	is(outcome_of($cut), 'hung-up', 'nor what came of a request');
	is(counted() - $counted, 3, 'each is counted');
	is($addon->provision(uuid => $id)->status, 200, 'a repeat is served');
	is(rows_of($id), 1, '... and makes it');
};

subtest 'who ends its own side and waits' => sub {
	my ($id, $request) = create();
	my ($socket) = while_stopped(sub {
		my $socket = $worker->begin($request);

		shutdown $socket, 1;
		return $socket;
	});

	is($worker->finish($socket)->status, 200, 'is answered');
	is(rows_of($id), 1, '... and provisioned');
	is(outcome_of($id), 'ok', '... as the log tells');
};

subtest 'who hangs up on nginx' => sub {
	my $id = uuid();
	my $counted = counted();

	while_stopped(sub {
		close $https->begin($addon->provision_request(uuid => $id));
		wait_for(10, sub { $host->log('nginx-access') =~ / status=499 / })
			or die "nginx does not notice\n";
	});
	is($addon->through($https)->provision(uuid => uuid())->status, 200, 'the next is served');
	is(rows_of($id), 0, 'is not provisioned');
	is(counted() - $counted, 1, '... and counted');
};

is_deeply([ workers($host) ], \@workers, 'the workers are the same');
is_unhurt($host);

done_testing;
