#!/usr/bin/perl
# FastCGI records inside the body of a request stay part of the body, whatever the
# response to that request.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 'encode_base64';
use Test::More;

use Provisor::AddOn 'json';
use Provisor::FastCgiClient 'encode';
use Provisor::HttpClient;
use Provisor::Test;

my $addon;
my $host = serving_host({ workers => { api => 1, web => 1 } }, sub {
	$addon = addon($_[0], 'fast-db');
});
my $worker = fastcgi($host);
my $forged = uuid();
my $forgery = encode($addon->provision_request(uuid => $forged), id => 'forgery');

# A body of 250 KiB, full of requests.
my $body = substr $forgery x 1000, 0, 250 * 1024;
my %post = (method => 'POST', path => '/heroku/resources', as => $addon->login);
my @carriers = (
	# name                        status  request
	[ 'wrong credentials',          401, %post, as => 'fast-db:wrong' ],
	[ 'no credentials',             401, %post, as => undef ],
	[ 'an unknown path',            404, %post, path => '/nowhere' ],
	[ 'a malformed path',           400, %post, path => '/%zz' ],
	[ 'another method',             405, %post, method => 'GET' ],
	[ 'invalid JSON',               400, %post ],
	[ 'a body that is too large',   413, %post, body => $body x 2 ],
	[ 'a length that is too short', 400, %post, variables => { CONTENT_LENGTH => 10 } ],
	[ 'a length of 0',              400, %post, variables => { CONTENT_LENGTH => 0 } ],
	[ 'a malformed length',         400, %post, variables => { CONTENT_LENGTH => 'x' } ],
	[ 'a length that is too long',  400, %post, variables => { CONTENT_LENGTH => 256_010 } ],
	[ 'a deprovision',              410, %post, method => 'DELETE', path => '/heroku/resources/' . uuid() ],
);

my @before = workers($host);

for my $keep (0, 1) {
	my $kept = $keep ? ', on a connection to keep' : '';

	for (@carriers) {
		my ($name, $status, %request) = @$_;

		refuses($worker->request(body => $body, keep => $keep, %request), $status,
			"$name with forged records$kept: $status");
		is($addon->provision(uuid => uuid())->status, 200, '... and the next request is served');
	}
}

subtest 'records after the end of a body' => sub {
	for my $keep (0, 1) {
		my %request = (%post, as => 'fast-db:wrong', body => '{}', keep => $keep);

		refuses($worker->exchange(encode(%request) . "\0" x 7 . $forgery), 401,
			'records without framing are ignored');
	}
	is($addon->provision(uuid => uuid())->status, 200, 'the next request is served');
};

subtest 'through nginx' => sub {
	$host->start_pool('web');
	$host->start_nginx;
	my $https = Provisor::HttpClient->new(port => $host->port);

	refuses($https->request(%post, as => 'fast-db:wrong', body => $body), 401,
		'wrong credentials with 250 KiB of records');
	is($addon->through($https)->provision(uuid => uuid())->status, 200,
		'the next request is served');
};

is(count_of($host, "resources WHERE marketplace_id = '$forged'"), 0,
	'no forged record has become a request');
unlike($host->log('worker'), qr/forgery/, '... or a log line');
is_deeply([ grep { my $pid = $_; grep { $_ == $pid } @before } workers($host) ], \@before,
	'no worker has died');

is_unhurt($host);

done_testing;
