#!/usr/bin/perl
# Calls to a marketplace through platform.h: what each sends, what each response
# means, and what the client never does, whatever the response says.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::PlatformClient;

my $server = https_server('server', $authority->issue('here'));
my $client = client_of($server);

# --- requests ---------------------------------------------------------------

subtest 'a grant is exchanged for tokens' => sub {
	my $answer = check_call($client, 'tokens', 'done', qr/\A\z/, 'the exchange succeeds',
		ENOUGH, 'exchange', CODE, SECRET);
	my ($request, @others) = $server->requests;

	is_deeply([@$answer{qw(access refresh expires_in)}], [TOKEN, 'r-1', 28799], 'the tokens are those of the response');
	is(scalar @others, 0, 'one request is sent');
	is("$request->{method} $request->{target}", 'POST /oauth/token', '... to the token endpoint');
	is($request->{body}, 'grant_type=authorization_code&code=7c0de7-grant'
		. '&client_secret=s3cr3t%2B%2F%3D%20%26%25%C3%BC', '... with a form as its body');
	is($request->{headers}{'content-type'}, 'application/x-www-form-urlencoded', '... and the type of a form');
	is($request->{headers}{accept}, 'application/vnd.heroku+json; version=3', '... and the version of the API');
	like($request->{headers}{'user-agent'}, qr{\Aprovisor/\d+\.\d+\.\d+\z}, '... and our name and version');
	is($request->{headers}{authorization}, undef, '... and no credentials from a netrc file');
};

subtest 'a token is refreshed' => sub {
	check_call($client, 'tokens', 'done', qr/\A\z/, 'the refresh succeeds', ENOUGH, 'refresh', 'r-0', SECRET);
	is(($server->requests)[0]{body}, 'grant_type=refresh_token&refresh_token=r-0'
		. '&client_secret=s3cr3t%2B%2F%3D%20%26%25%C3%BC', '... with a form as its body');
	check_call($client, 'no-tokens', 'later', qr/\Arefresh of a token: status 200 without an access token\z/,
		'a response without a token is a temporary failure', ENOUGH, 'refresh', 'r-0', SECRET);
};

subtest 'each call sends its request to the Platform API' => sub {
	my @calls = (
		['read', 'succeeds', 'GET', '', undef],
		['read-config', 'list', 'GET', '/config', undef],
		['write-config', 'list', 'PATCH', '/config',
			'{"config":[{"name":"A_URL","value":"x\u0026\\"y"},{"name":"B","value":null}]}'],
		['provisioned', 'succeeds', 'POST', '/actions/provision', ''],
		['deprovisioned', 'succeeds', 'POST', '/actions/deprovision', ''],
	);

	for my $row (@calls) {
		my ($call, $way, $method, $path, $body) = @$row;

		check_call($client, $way, 'done', qr/\A\z/, $call, ENOUGH, $call, uc ID, TOKEN,
			'{"A_URL":"x&\\"y","B":null}');
		my ($request) = $server->requests;
		my $headers = $request->{headers};

		is("$request->{method} $request->{target}", "$method /addons/" . ID . $path, '... method and path');
		is($headers->{authorization}, 'Bearer ' . TOKEN, '... with the token');
		is($headers->{accept}, 'application/vnd.heroku+json; version=3', '... for version 3 of the API');
		is_deeply(length $request->{body} ? JSON::PP::decode_json($request->{body}) : '',
			length $body // '' ? JSON::PP::decode_json($body) : '', '... with its body');
		is($headers->{'content-length'}, defined $body ? length $request->{body} : undef,
			'... and the length of the body');
		is($headers->{'content-type'}, defined $body ? 'application/json' : undef,
			'... and the type of the body');
	}
};

subtest 'a call with unusable arguments sends nothing' => sub {
	check_call($client, 'succeeds', 'refused', qr/is not a UUID/, "the id '$_' is refused", ENOUGH, 'read', $_, TOKEN)
		for '../apps', 'my-addon', '', ID . '/config';
	check_call($client, 'succeeds', 'unauthorized', qr/token is not valid/, 'a malformed token is refused', ENOUGH, 'read', ID, $_)
		for '', 'a b', "a\rHost: b", "\xc3\xa4";
	check_call($client, 'succeeds', 'later', qr/no time is left/, 'a call without time left fails', 0, 'read', ID, TOKEN);
	is(scalar $server->requests, 0, 'no request is sent');
};

# --- responses --------------------------------------------------------------

subtest 'each response has its verdict' => sub {
	my $read = check_call($client, 'succeeds', 'done', qr/\A\z/, 'status 200 succeeds');

	is_deeply($read->{body}, $addon, '... with its body');
	is($read->{remaining}, 4499, '... and the remaining requests of the rate limit');
	check_call($client, 'chunked', 'done', qr/\A\z/, 'a chunked response succeeds');
	check_call($client, 'error', 'unauthorized', qr{\AGET /addons/@{[ID]}: status 401, unauthorized, request 0a1b-2c3d\z},
		'status 401 means that the token is not accepted');
	check_call($client, 'error', 'unauthorized', qr/\Aexchange of a grant: status 401, unauthorized, request 0a1b-2c3d\z/,
		'status 401 to an exchange means the same', ENOUGH, 'exchange', CODE, SECRET);
	check_call($client, 'unknown', 'gone', qr/status 404, not_found\z/, 'status 404 means that the resource is gone');
	check_call($client, 'unprocessable', 'refused', qr/status 422, invalid_params\z/, 'status 422 means that the call is refused');
	my $limited = check_call($client, 'limited', 'later', qr/status 429, rate_limit\z/, 'status 429 is a temporary failure');

	is($limited->{retry_after}, 17, '... with the seconds of Retry-After');
	is($limited->{remaining}, 0, '... and no remaining requests');
	is(check_call($client, 'dated', 'later', qr/status 503\z/, 'status 503 is a temporary failure')->{retry_after}, 86400,
		'... and a date in Retry-After counts for a day at most');
	my $page = check_call($client, 'page', 'later', qr/status 500\z/, 'status 500 is a temporary failure');

	is($page->{retry_after}, 0, '... with no Retry-After left from the call before');
	is($page->{remaining}, -1, '... and no remaining requests left from it');
	check_call($client, 'html-page', 'later', qr/status 200 without JSON\z/, 'an HTML page is a temporary failure');
	check_call($client, 'html-page', 'later', qr/without JSON\z/, 'an HTML page as the response to POST is too', ENOUGH, 'provisioned', ID, TOKEN);
	check_call($client, 'list', 'later', qr/without the expected body\z/, 'so is a list instead of an add-on');
	check_call($client, 'empty', 'later', qr/without the expected body\z/, 'so is an empty body instead of an add-on');
	check_call($client, 'empty', 'done', qr/\A\z/, 'an empty body is a valid response to POST', ENOUGH, 'provisioned', ID, TOKEN);
	check_call($client, 'full-size', 'done', qr/\A\z/, 'a body of 256 KiB is accepted');
	check_call($client, 'over-size', 'later', qr/too long\z/, 'a body one byte longer is not');
};

subtest 'a redirect is not followed' => sub {
	check_call($client, 'redirect', 'later', qr/status 302\z/, 'status 302 is a temporary failure');
	is(scalar $server->requests, 1, '... and causes no second request');
};

subtest 'a call ends at its time limit' => sub {
	my $unanswered = client_of(silent_listener());

	check_call($client, $_, 'later', qr/timed? ?out/i, "a server with behaviour \"$_\"", SHORT, 'read', ID, TOKEN) for qw(hang drip);
	check_verdict(call($unanswered, SHORT, 'read', ID, TOKEN), 'later', qr/timed? ?out/i,
		'a handshake that gets no answer');
	is(finish($unanswered), 0, 'the client ends successfully');
	check_call($client, 'endless', 'later', qr/too long\z/, 'a body without an end');
	check_call($client, 'endless-head', 'later', qr/Too large/, 'a head without an end');
	check_call($client, 'long-line', 'later', qr/too long\z/, 'a line of the head without an end');
	check_call($client, 'succeeds', 'done', qr/\A\z/, 'the next call succeeds');
};

subtest 'an incomplete response is a temporary failure' => sub {
	check_call($client, 'short', 'later', qr/./, 'part of a body');
	check_call($client, 'noise', 'later', qr/./, 'bytes that are not HTTP');
	check_call($client, 'slam', 'later', qr/./, 'a connection that is reset', ENOUGH, 'write-config', ID, TOKEN,
		json({ A => 'x' x 200_000 }));
	check_call($client, 'succeeds', 'done', qr/\A\z/, 'the next call succeeds');
	my $unconnected = client_of($server, api => 'https://localhost:1');

	check_verdict(call($unconnected, ENOUGH, 'read', ID, TOKEN), 'later', qr/connect/i,
		'a port on which no server listens');
	is(finish($unconnected), 0, 'the client ends successfully');
};

# --- connections ------------------------------------------------------------

subtest 'a connection is reused' => sub {
	$server->behave('succeeds');
	is(call($client, ENOUGH, 'read', ID, TOKEN)->{verdict}, 'done', 'a call succeeds') for 1 .. 3;
	is($server->connections, 1, 'three calls use one connection');
	my $descriptors = call($client, ENOUGH, 'descriptors');

	cmp_ok($descriptors->{open}, '>', 0, 'the connection stays open');
	is($descriptors->{inherited}, 0, '... and a program that we run does not inherit it');
};

subtest 'a call succeeds although the server closed the kept connection' => sub {
	check_call($client, 'closes-connection', 'done', qr/\A\z/, 'a call succeeds') for 1 .. 3;
};

subtest 'a request for tokens is sent once' => sub {
	check_call($client, 'succeeds', 'done', qr/\A\z/, 'a connection stays open');
	check_call($client, 'hang-up', 'later', qr/./, 'a lost response is a temporary failure', ENOUGH, 'refresh', 'r-0', SECRET);
	is(scalar $server->requests, 1, '... and the request is not repeated');
};

check_end($client);
done_testing;
