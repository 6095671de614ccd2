#!/usr/bin/perl
# A request whose client has closed the connection before a worker starts it is not
# carried out.  One whose client has closed only its own side is.

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

# Runs a function while the workers are stopped: its requests wait for them.
sub while_stopped {
	my ($function) = @_;

	kill STOP => @workers;
	wait_for(10, sub {
		@workers == grep { (read_text("/proc/$_/stat") // '') =~ /\) T / } @workers;
	}) or die "the workers do not stop\n";
	my @result = eval { $function->() };
	my $failure = $@;

	kill CONT => @workers;
	die $failure if $failure;
	return @result;
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

# The outcome in the log line of a request.
sub outcome_of {
	my ($id) = @_;
	my ($outcome) = $host->log('worker') =~ /\b\Q$id\E\b.*\boutcome=(\S+)/;

	return $outcome // 'not logged';
}

sub counted {
	my $text = $worker->request(method => 'GET', path => '/metrics')->body;
	my ($count) = $text =~ /^provisor_requests_total\{pool="[a-z]+",operation="other",outcome="hung-up"\} (\d+)$/m;

	return $count // 0;
}

subtest 'a client closes the connection while its request waits' => sub {
	my ($id, $request) = create();
	my ($stranger, $forged) = create(as => 'fast-db:wrong');
	my ($cut, $whole) = create();
	my ($before, $counted) = (fingerprint($host), counted());

	while_stopped(sub {
		close $worker->begin($_) for $request, $forged, substr $whole, 0, -20;
	});
	# The queue keeps its order, so this request is the last one.
	is($worker->request(method => 'GET', path => '/health')->status, 200, 'the next request is served');
	is(rows_of($id), 0, 'the resource is not created');
	is(fingerprint($host), $before, '... and nothing is written');
	is(outcome_of($id), 'hung-up', '... and the log has the outcome');
	is(outcome_of($stranger), 'hung-up', 'a request with wrong credentials has the same outcome');
	is(outcome_of($cut), 'hung-up', '... and an incomplete request too');
	is(counted() - $counted, 3, 'the metrics count each');
	is($addon->provision(uuid => $id)->status, 200, 'a repeat succeeds');
	is(rows_of($id), 1, '... and creates the resource');
};

subtest 'a client closes its own side and waits' => sub {
	my ($id, $request) = create();
	my ($socket) = while_stopped(sub {
		my $socket = $worker->begin($request);

		shutdown $socket, 1;
		return $socket;
	});

	is($worker->finish($socket)->status, 200, 'the request succeeds');
	is(rows_of($id), 1, '... and creates the resource');
	is(outcome_of($id), 'ok', '... and the log has the outcome');
};

subtest 'a client closes its connection to nginx' => sub {
	my $id = uuid();
	my $counted = counted();

	while_stopped(sub {
		close $https->begin($addon->provision_request(uuid => $id));
		wait_for(10, sub { $host->log('nginx-access') =~ / status=499 / })
			or die "nginx does not notice\n";
	});
	is($addon->through($https)->provision(uuid => uuid())->status, 200, 'the next request is served');
	is(rows_of($id), 0, 'the resource is not created');
	is(counted() - $counted, 1, '... and the metrics count it');
};

is_deeply([ workers($host) ], \@workers, 'the workers are the same processes');
is_unhurt($host);

done_testing;
