#!/usr/bin/perl
# A pool that does not work is named by /ready, /ready/api, /ready/web, the metrics and
# provisor check.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::CheckCommand;
use Provisor::HttpClient;
use Provisor::Test;

my $ops = Provisor::HttpClient->new(plain => $host->ops_port);
my $https = Provisor::HttpClient->new(port => $host->port);

sub status_of {
	my ($path) = @_;

	return $ops->request(method => 'GET', path => $path)->status;
}

sub pool_in {
	my ($path) = @_;

	return $ops->request(method => 'GET', path => $path)->json->{pool};
}

sub metric {
	my ($sample) = @_;
	my ($value) = $ops->request(method => 'GET', path => '/metrics')->body
		=~ /^\Q$sample\E (\S+)$/m;

	return $value;
}

sub all_are_ready {
	return !grep { status_of($_) != 200 } qw(/ready /ready/api /ready/web);
}

# Stops a pool and starts it with another setting.
sub restart_pool {
	my ($pool, %setting) = @_;

	$host->stop_pool($pool);
	local $host->{env} = \%setting;
	$host->start_pool($pool);
	return;
}

ok(wait_for(5, \&all_are_ready), 'both pools are ready');

subtest 'the api pool is dead' => sub {
	$host->stop_pool('api');
	is(status_of($_), 503, $_) for qw(/ready /ready/api);
	is(pool_in($_), 'api', "$_ names it") for qw(/ready /ready/api);
	is(status_of('/ready/web'), 200, '/ready/web is ready');
	is(metric('provisor_workers{pool="api"}'), 0, 'it has no worker');
	is(metric('provisor_workers{pool="web"}'), 1, '... and web has one');
	is($https->request(method => 'GET', path => '/health')->status, 503, '/health');
	my ($status, $lines) = check({});
	is($status, 1, 'check fails');
	is(scalar @{ $lines->{error} }, 1, '... with one error');
	like($lines->{error}[0], qr/does not reach the pool api .*: start it/, '... that names it');
	$host->start_pool('api');
	ok(wait_for(5, \&all_are_ready), 'it runs again');
};

subtest 'the api pool has a wrong password' => sub {
	restart_pool('api', PROVISOR_DATABASE => $database =~ s/password=\S+/password=wrong/r);
	ok(wait_for(5, sub { (pool_in('/ready') // '') eq 'api' && status_of('/ready') == 503 }),
		'/ready names the pool');
	is($ops->request(method => 'GET', path => '/ready')->json->{database}, 'away', '... and the database');
	is(status_of('/ready/web'), 200, '/ready/web is ready');
	my ($status, $lines) = check({});
	is($status, 1, 'check fails');
	like("@{ $lines->{error} }", qr/the pool api reports an error .*database: away/, '... and names it');
	restart_pool('api');
	ok(wait_for(5, \&all_are_ready), 'it runs again');
};

subtest 'the web pool is dead' => sub {
	$host->stop_pool('web');
	is(status_of($_), 503, $_) for qw(/ready /ready/web);
	is(pool_in($_), 'web', "$_ names it") for qw(/ready /ready/web);
	is(status_of('/ready/api'), 200, '/ready/api is ready');
	$host->start_pool('web');
	ok(wait_for(5, \&all_are_ready), 'it runs again');
};
done_testing;
