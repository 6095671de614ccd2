#!/usr/bin/perl
# What nginx adds: TLS, HTTP/2, JSON on its own errors, and silence about queries.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes 'time';

use Provisor::HttpClient;
use Provisor::Http2Client;
use Provisor::Test;

my $host = new_host(answer_limit => '20s');
my $https = Provisor::HttpClient->new(port => $host->port);
my $http2 = Provisor::Http2Client->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);

$host->start;

subtest 'TLS is 1.2 or better' => sub {
	my %handshakes = (TLSv1 => 0, TLSv1_1 => 0, TLSv1_2 => 1, TLSv1_3 => 1);

	for my $version (sort keys %handshakes) {
		my $socket = $https->connect(
			SSL_version => $version,
			SSL_cipher_list => 'ALL:@SECLEVEL=0',
		);

		is(defined $socket ? 1 : 0, $handshakes{$version}, $version);
	}
};

subtest 'every answer keeps browsers on HTTPS' => sub {
	my %paths = ('/health' => 200, '/nowhere' => 404, '/%zz' => 400);

	for my $path (sort keys %paths) {
		my $answer = $https->request(method => 'GET', path => $path);

		is($answer->status, $paths{$path}, $path);
		like($answer->header('strict-transport-security'), qr/\Amax-age=\d{7,}/, '... says so');
		unlike($answer->header('server') // '', qr/\d/, '... and no version');
	}
};

subtest 'HTTP/2 is spoken' => sub {
	my $id = uuid();
	my $answer = $addon->through($http2)->provision(uuid => $id);

	is($answer->status, 200, 'a create');
	same_bytes($addon->provision(uuid => $id), $answer, 'the same as over HTTP/1.1');
	is($addon->through($http2)->deprovision($id)->status, 204, 'a deprovision');
	like($host->log('nginx-access'), qr{HTTP/2}, 'the log knows it');
};

subtest 'the page of errors is nobody\'s' => sub {
	for my $path ('/.error.json', '/%2eerror.json', '/x/../.error.json') {
		for my $method (qw(GET POST)) {
			refuses($https->request(method => $method, path => $path), 404,
				"$method $path");
		}
	}
};

subtest 'what is for the operator is not for the public' => sub {
	for my $path (qw(/ready /metrics)) {
		refuses($https->request(method => 'GET', path => $path), 404, $path);
	}
};

subtest 'a pool that is away is answered for' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$host->stop_pool('api');
	refuses($addon->provision(uuid => $id), 503, 'create');
	refuses($addon->deprovision($id), 503, 'deprovision');
	refuses($addon->through($http2)->provision(uuid => $id), 503, 'HTTP/2');
	is($https->request(method => 'GET', path => '/health')->status, 200,
		'the other pool serves on');
	$host->start_pool('api');
	ok(wait_for(5, sub { $addon->provision(uuid => $id)->status == 200 }), 'it comes back');
};

subtest 'no log has anything of a query' => sub {
	my @requests = (
		[ GET => '/heroku/resources/' . uuid() ],
		[ GET => '/sso/login' ],
		[ GET => '/nowhere' ],
		[ GET => '/.error.json' ],
		[ GET => '/%zz' ],
		[ POST => '/heroku/resources' ],
	);
	my $ask = sub {
		for (@requests) {
			my ($method, $path) = @$_;

			$https->request(method => $method, path => "$path?token=xyzzy");
		}
	};

	$ask->();
	$host->stop_pool($_) for qw(api web);
	pop @requests; # nginx names a request that it cannot pass on
	$ask->();
	$host->start_pool($_) for qw(api web);
	ok(index($host->log($_), 'xyzzy') < 0, $_) for qw(nginx-access nginx-error worker);
	like($host->log('nginx-access'), qr{/nowhere}, 'but the path is there');
};

subtest 'a request that waited too long is left untouched' => sub {
	my $worker = fastcgi($host);
	my @waits = (
		# seconds ago, of 20   status
		[ 0,                     200 ],
		[ 12,                    200 ],
		[ 15.1,                  503 ],
		[ 21,                    503 ],
		[ 3600,                  503 ],
	);

	for (@waits) {
		my ($ago, $status) = @$_;
		my $id = uuid();
		my $answer = $worker->request(
			$addon->provision_request(uuid => $id),
			received => sprintf('%.3f', time - $ago),
		);

		$status == 200 ? is($answer->status, 200, "$ago s ago: in time")
			: refuses($answer, 503, "$ago s ago: too late");
		is(count_of($host, "resources WHERE marketplace_id = '$id'"), $status == 200 ? 1 : 0,
			'... and so are the tables');
	}
};

subtest 'a marketplace cannot forge what nginx tells the worker' => sub {
	my $id = uuid();

	is($https->request($addon->provision_request(uuid => $id), headers => {
		'Provisor-Received' => '1.000',
		'Provisor-Request-Id' => 'forged-by-a-header',
		Proxy => 'http://localhost:1',
	})->status, 200, 'it is served');
	unlike($host->log('worker'), qr/forged-by-a-header/, 'under a name of nginx');
};

is_unhurt($host);

done_testing;
