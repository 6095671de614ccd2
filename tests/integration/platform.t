#!/usr/bin/perl
# Calls to a marketplace, made by platform.h: what each asks, what each answer
# means, and what is not done whatever the other side says.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Asking;

my $there = counterpart('there', $authority->issue('here'));
my $caller = caller_of($there);

# --- what is asked ----------------------------------------------------------

subtest 'a grant is exchanged' => sub {
	my $answer = goes($caller, 'tokens', 'done', qr/\A\z/, 'exchange',
		ENOUGH, 'exchange', CODE, SECRET);
	my ($request, @others) = $there->requests;

	is_deeply([@$answer{qw(access refresh expires_in)}], [TOKEN, 'r-1', 28799], 'tokens');
	is(scalar @others, 0, 'one request');
	is("$request->{method} $request->{target}", 'POST /oauth/token', 'there');
	is($request->{body}, 'grant_type=authorization_code&code=7c0de7-grant'
		. '&client_secret=s3cr3t%2B%2F%3D%20%26%25%C3%BC', 'as a form');
	is($request->{headers}{'content-type'}, 'application/x-www-form-urlencoded', '... which it says');
	is($request->{headers}{accept}, 'application/vnd.heroku+json; version=3', 'the version');
	like($request->{headers}{'user-agent'}, qr{\Aprovisor/\d+\.\d+\.\d+\z}, 'who asks');
	is($request->{headers}{authorization}, undef, 'nothing from netrc');
};

subtest 'a token is refreshed' => sub {
	goes($caller, 'tokens', 'done', qr/\A\z/, 'refresh', ENOUGH, 'refresh', 'r-0', SECRET);
	is(($there->requests)[0]{body}, 'grant_type=refresh_token&refresh_token=r-0'
		. '&client_secret=s3cr3t%2B%2F%3D%20%26%25%C3%BC', 'as a form');
	goes($caller, 'no-tokens', 'later', qr/\Arefresh of a token: status 200 without an access token\z/,
		'an answer without one', ENOUGH, 'refresh', 'r-0', SECRET);
};

subtest 'the Platform API is asked' => sub {
	my @calls = (
		['read', 'good', 'GET', '', undef],
		['read-config', 'list', 'GET', '/config', undef],
		['write-config', 'list', 'PATCH', '/config',
			'{"config":[{"name":"A_URL","value":"x\u0026\\"y"},{"name":"B","value":null}]}'],
		['provisioned', 'good', 'POST', '/actions/provision', ''],
		['deprovisioned', 'good', 'POST', '/actions/deprovision', ''],
	);

	for my $row (@calls) {
		my ($call, $way, $method, $path, $body) = @$row;

		goes($caller, $way, 'done', qr/\A\z/, $call, ENOUGH, $call, uc ID, TOKEN,
			'{"A_URL":"x&\\"y","B":null}');
		my ($request) = $there->requests;
		my $headers = $request->{headers};

		is("$request->{method} $request->{target}", "$method /addons/" . ID . $path, '... there');
		is($headers->{authorization}, 'Bearer ' . TOKEN, '... with its token');
		is($headers->{accept}, 'application/vnd.heroku+json; version=3', '... in version 3');
		is_deeply(length $request->{body} ? JSON::PP::decode_json($request->{body}) : '',
			length $body // '' ? JSON::PP::decode_json($body) : '', '... with that body');
		is($headers->{'content-length'}, defined $body ? length $request->{body} : undef,
			'... of that length');
		is($headers->{'content-type'}, defined $body ? 'application/json' : undef,
			'... of that type');
	}
};

subtest 'what cannot be asked is not' => sub {
	goes($caller, 'good', 'refused', qr/no UUID/, "an id $_", ENOUGH, 'read', $_, TOKEN)
		for '../apps', 'my-addon', '', ID . '/config';
	goes($caller, 'good', 'unauthorized', qr/no token/, 'an unfit token', ENOUGH, 'read', ID, $_)
		for '', 'a b', "a\rHost: b", "\xc3\xa4";
	goes($caller, 'good', 'later', qr/no time left/, 'no time', 0, 'read', ID, TOKEN);
	is(scalar $there->requests, 0, 'nothing was sent');
};

# --- what the answers mean --------------------------------------------------

subtest 'answers are understood' => sub {
	my $read = goes($caller, 'good', 'done', qr/\A\z/, 'a good answer');

	is_deeply($read->{body}, $addon, 'its body');
	is($read->{remaining}, 4499, 'what remains');
	goes($caller, 'chunked', 'done', qr/\A\z/, 'one in pieces');
	goes($caller, 'error', 'unauthorized', qr{\AGET /addons/@{[ID]}: status 401, unauthorized, request 0a1b-2c3d\z},
		'status 401');
	goes($caller, 'error', 'unauthorized', qr/\Aexchange of a grant: status 401, unauthorized, request 0a1b-2c3d\z/,
		'401 to an exchange', ENOUGH, 'exchange', CODE, SECRET);
	goes($caller, 'unknown', 'gone', qr/status 404, not_found\z/, 'status 404');
	goes($caller, 'unprocessable', 'refused', qr/status 422, invalid_params\z/, 'status 422');
	my $limited = goes($caller, 'limited', 'later', qr/status 429, rate_limit\z/, 'status 429');

	is($limited->{retry_after}, 17, 'when again');
	is($limited->{remaining}, 0, 'nothing remains');
	is(goes($caller, 'dated', 'later', qr/status 503\z/, 'status 503')->{retry_after}, 86400, 'a day at most');
	my $page = goes($caller, 'page', 'later', qr/status 500\z/, 'status 500');

	is($page->{retry_after}, 0, 'forgets what was told before');
	is($page->{remaining}, -1, '... all of it');
	goes($caller, 'good-page', 'later', qr/status 200 without JSON\z/, 'a page');
	goes($caller, 'good-page', 'later', qr/without JSON\z/, 'a page to POST', ENOUGH, 'provisioned', ID, TOKEN);
	goes($caller, 'list', 'later', qr/without what was asked for\z/, 'a list instead of an add-on');
	goes($caller, 'empty', 'later', qr/without what was asked for\z/, 'nothing instead of one');
	goes($caller, 'empty', 'done', qr/\A\z/, 'nothing to POST', ENOUGH, 'provisioned', ID, TOKEN);
	goes($caller, 'full-size', 'done', qr/\A\z/, '256 KiB');
	goes($caller, 'over-size', 'later', qr/too long\z/, '256 KiB and a byte');
};

subtest 'a redirect is not followed' => sub {
	goes($caller, 'redirect', 'later', qr/status 302\z/, 'the answer');
	is(scalar $there->requests, 1, 'one request');
};

subtest 'nobody takes longer than he may' => sub {
	my $mute = caller_of(nobody());

	goes($caller, $_, 'later', qr/timed? ?out/i, $_, SHORT, 'read', ID, TOKEN) for qw(hang drip);
	verdict_is(call($mute, SHORT, 'read', ID, TOKEN), 'later', qr/timed? ?out/i, 'no handshake');
	is(finish($mute), 0, 'ends well');
	goes($caller, 'endless', 'later', qr/too long\z/, 'an endless body');
	goes($caller, 'endless-head', 'later', qr/./, 'an endless head');
	goes($caller, 'good', 'done', qr/\A\z/, 'the next one is as good as any');
};

subtest 'what breaks off is no answer' => sub {
	goes($caller, 'short', 'later', qr/./, 'half a body');
	goes($caller, 'noise', 'later', qr/./, 'noise');
	goes($caller, 'slam', 'later', qr/./, 'a reset', ENOUGH, 'write-config', ID, TOKEN,
		json({ A => 'x' x 200_000 }));
	goes($caller, 'good', 'done', qr/\A\z/, 'the next one is as good as any');
	my $away = caller_of($there, api => 'https://localhost:1');

	verdict_is(call($away, ENOUGH, 'read', ID, TOKEN), 'later', qr/connect/i, 'nobody there');
	is(finish($away), 0, 'ends well');
};

# --- connections ------------------------------------------------------------

subtest 'a connection is used again' => sub {
	$there->behave('good');
	is(call($caller, ENOUGH, 'read', ID, TOKEN)->{verdict}, 'done', 'a call') for 1 .. 3;
	is($there->connections, 1, 'three over one connection');
	my $descriptors = call($caller, ENOUGH, 'descriptors');

	cmp_ok($descriptors->{open}, '>', 0, 'it is kept');
	is($descriptors->{inherited}, 0, 'no program would inherit it');
};

subtest 'a connection that was closed meanwhile does no harm' => sub {
	goes($caller, 'goodbye', 'done', qr/\A\z/, 'a call') for 1 .. 3;
};

subtest 'what gives tokens is asked once' => sub {
	goes($caller, 'good', 'done', qr/\A\z/, 'a connection is kept');
	goes($caller, 'hang-up', 'later', qr/./, 'an answer that is lost', ENOUGH, 'refresh', 'r-0', SECRET);
	is(scalar $there->requests, 1, 'one request');
};

ends_well($caller);
done_testing;
