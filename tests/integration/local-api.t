#!/usr/bin/perl
# The local API, through nginx and its socket: every call of provisor-api(7), every
# refusal, and that nobody else gets in.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use IO::Socket::UNIX;
use JSON::PP ();
use Socket qw(SOL_SOCKET SO_RCVBUF);
use Test::More;
use Time::HiRes 'sleep';

use Provisor::Test;
use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Files qw(read_text write_text);
use Provisor::HttpClient;
use Provisor::ScriptedVendor;

my ($plain, $vendor, $heroku, $granted, $careful);
my $host = serving_host(
	{ workers => { api => 1, web => 2, jobs => 1 } },
	sub {
		$heroku = Provisor::FakeHeroku->new($_[0]);
		$plain = addon($_[0], 'fast-db');
		$granted = addon($_[0], 'rich-db', base_url => 'https://localhost/rich/heroku/resources', $heroku->settings);
		$careful = addon($_[0], 'safe-db', base_url => 'https://localhost/safe/heroku/resources',
			settings => { keep => '7d' }, template => { config => { SAFE_DB_TOKEN => '${secret:token}' } });
		$vendor = Provisor::ScriptedVendor->new($_[0], 'slow-db',
			base_url => 'https://localhost/slow/heroku/resources',
			hooks => [qw(provision change-plan deprovision rotate)]);
	},
);
$host->start_pool('web');
$host->start_nginx;

my $local = Provisor::HttpClient->new(socket => $host->vendor_socket);
my %made;

sub call {
	my ($method, $path, $body, %headers) = @_;

	return $local->request(method => $method, path => $path, body => $body, headers => \%headers);
}

sub get { return call('GET', @_) }

sub events_of {
	my ($id) = @_;

	return map { "$_->{event} by $_->{actor}" } rows($host, "events WHERE resource = '$id' ORDER BY id");
}

for my $name (qw(first second third)) {
	$made{$name} = uuid();
	$plain->provision(uuid => $made{$name}, plan => $name eq 'third' ? 'premium' : 'basic');
}
$made{slow} = uuid();
$vendor->addon->provision(uuid => $made{slow});

subtest 'lists resources page by page' => sub {
	my $page = get('/v1/resources?addon=fast-db&limit=2');
	my @ids = map { $_->{id} } @{ $page->json->{resources} };

	is($page->status, 200, 'responds');
	is_deeply(\@ids, [ @made{qw(third second)} ], 'the newest first');
	is($page->json->{next}, $made{second}, 'next names the last');
	is(($page->header('cache-control') // ''), 'no-store', 'nobody may store it');
	my $rest = get("/v1/resources?addon=fast-db&limit=2&after=$made{second}")->json;
	is_deeply([ map { $_->{id} } @{ $rest->{resources} } ], [ $made{first} ], 'the next page continues');
	is($rest->{next}, undef, 'the last page has no next');
	is_deeply([ map { $_->{id} } @{ get('/v1/resources?plan=premium')->json->{resources} } ],
		[ $made{third} ], 'selects by plan');
	is(scalar @{ get('/v1/resources?state=deprovisioned')->json->{resources} }, 0, '... and by state');
	is_deeply([ map { $_->{id} } @{ get("/v1/resources?text=" . substr $made{first}, 0, 8)->json->{resources} } ],
		[ $made{first} ], '... and by a text');
	is(scalar @{ get('/v1/resources?marketplace=elsewhere')->json->{resources} }, 0, '... and by marketplace');
};

subtest 'shows a resource' => sub {
	my $shown = get("/v1/resources/$made{first}")->json;
	my ($name) = sort keys %{ $shown->{config} };

	is($shown->{plan}, 'basic', 'its members');
	ok(defined $name && !defined $shown->{config}{$name}, 'the names of config vars without values');
	ok(!grep({ /revealed/ } events_of($made{first})), '... which is no event');
	my $values = get("/v1/resources/\U$made{first}\E?reveal=1", undef, 'X-Provisor-Actor' => 'ann@crm')->json;
	like($values->{config}{$name} // '', qr/./, 'the values on demand, also by an id in upper case');
	is((events_of($made{first}))[-1], 'config-revealed by vendor:ann@crm', '... which is an event of the caller');
	like((rows($host, "events WHERE event = 'config-revealed'"))[0]{request_id}, qr/\A[0-9a-f]{32}\z/,
		'... with the request id of nginx');
};

subtest 'changes config vars' => sub {
	my $id = $made{first};
	my ($name) = sort keys %{ get("/v1/resources/$id")->json->{config} };
	my $answer = call('PATCH', "/v1/resources/$id/config", qq({"$name":"new"}));

	answers($answer, 200, { id => $id, effect => 'not-pushed' }, 'sets a value');
	is(get("/v1/resources/$id?reveal=1")->json->{config}{$name}, 'new', '... which is stored');
	is((events_of($id))[-2], 'config-set by vendor:local', '... by the default actor');
	answers(call('PATCH', "/v1/resources/$id/config", qq({"$name":"new"})), 200,
		{ id => $id, effect => 'unchanged' }, 'a repeated change changes nothing');
	is(call('PATCH', "/v1/resources/$id/config", qq({"$name":null}))->status, 200, 'null unsets it');
	ok(!exists get("/v1/resources/$id")->json->{config}{$name}, '... and it is gone');
};

subtest 'rotates' => sub {
	is(call('POST', "/v1/resources/$made{second}/rotate")->json->{effect}, 'not-pushed', 'a template at once');
	$vendor->hold;
	answers(call('POST', "/v1/resources/$made{slow}/rotate", '{"overlap":"1h"}', 'X-Provisor-Actor' => 'crm'),
		202, { id => $made{slow}, effect => 'rotating' }, 'a hook by a job');
	is((events_of($made{slow}))[-1] =~ s/.* by //r, 'vendor:crm', '... of the caller');
	$vendor->release;
};

subtest 'suspends and resumes' => sub {
	my $path = "/v1/resources/$made{second}";

	answers(call('POST', "$path/suspend", '{"reason":"unpaid"}', 'X-Provisor-Actor' => 'billing'), 200,
		{ id => $made{second}, effect => 'done' }, 'suspends');
	is(get($path)->json->{state}, 'suspended', '... and shows it');
	is((events_of($made{second}))[-1], 'suspended by vendor:billing', '... which is an event of the caller');
	is((rows($host, "events WHERE event = 'suspended'"))[0]{after}{reason}, 'unpaid', '... with the reason');
	is(call('POST', "$path/suspend")->json->{effect}, 'unchanged', 'a second time changes nothing');
	answers(call('POST', "$path/resume"), 200, { id => $made{second}, effect => 'done' }, 'resumes');
	is(get($path)->json->{state}, 'provisioned', '... and shows it');
};

# Runs provisor-jobs until a resource has no jobs left.
sub run_jobs {
	my ($of) = @_;

	$host->start_jobs;
	Provisor::Eventually->new($host)->has_no_jobs_left($of);
	$host->stop_pool('jobs');
	return;
}

sub careful {
	my $new = uuid();

	$careful->provision(uuid => $new);
	return $new;
}

subtest 'deprovisions, restores and removes' => sub {
	my ($old, $new, $other) = map { careful() } 1 .. 3;
	my $token = sub { get("/v1/resources/$_[0]?reveal=1")->json->{config}{SAFE_DB_TOKEN} };
	my $before = $token->($old);
	my @keep = ('POST', "/v1/resources/$old/deprovision");
	my @restore = ('POST', "/v1/resources/$old/restore", qq({"to":"$new"}));

	answers(call(@keep, undef, 'X-Provisor-Actor' => 'crm'), 200, { id => $old, effect => 'done' }, 'deprovisions');
	is((events_of($old))[-1], 'kept by vendor:crm', '... which is an event of the caller');
	my $shown = get("/v1/resources/$old")->json;
	is($shown->{state}, 'kept', 'an add-on with "keep" keeps it');
	like($shown->{kept_until}, qr/\A20/, '... and shows until when');
	answers(call(@keep), 200, { id => $old, effect => 'unchanged' }, 'a second time changes nothing');
	answers(call(@restore, 'X-Provisor-Actor' => 'crm'), 202, { id => $old, effect => 'begun' }, 'restores by a job');
	is((events_of($new))[-1], 'restore-requested by vendor:crm', '... which is an event of the caller');
	my $print = fingerprint($host);
	refuses(call(@restore), 422, 'not twice', qr/Nothing is changed: the old resource is being restored already/);
	refuses(call(@keep, '{"now":true}'), 422, '... and it cannot be removed meanwhile',
		qr/Nothing is changed: it is being restored/);
	is(fingerprint($host), $print, '... which changes nothing');
	run_jobs($new);
	is($token->($new), $before, 'the new resource has the config vars of the old one');
	is(get("/v1/resources/$old")->json->{state}, 'deprovisioned', '... which is gone');
	refuses(call(@restore), 410, '... so there is nothing to restore', qr/not kept any more/);
	call('POST', "/v1/resources/$other/deprovision", '{"now":false}');
	answers(call('POST', "/v1/resources/$other/deprovision", '{"now":true}'), 200,
		{ id => $other, effect => 'done' }, 'removes a kept one before its time');
	is((events_of($other))[-1], 'deprovisioned by vendor:local', '... with an event');
	answers(call('POST', "/v1/resources/$other/deprovision", '{"now":true}'), 200,
		{ id => $other, effect => 'unchanged' }, 'a second time changes nothing');
};

# A resource with a token, which expires in so many seconds.
sub with_token {
	my ($seconds) = @_;
	my $new = uuid();

	$heroku->behave('succeeds');
	$granted->provision(uuid => $new, oauth_grant => Provisor::FakeHeroku::grant());
	run_jobs($new);
	$host->psql("UPDATE resources SET access_token_expires_at = now() + interval '$seconds s' WHERE id = '$new'");
	$heroku->behave('succeeds');
	return $new;
}

sub reveal { return call('POST', "/v1/resources/$_[0]/token", @_[1 .. $#_]) }

subtest 'reveals a token' => sub {
	my $new = with_token(700);
	my $first = reveal($new, undef, 'X-Provisor-Actor' => 'crm');

	is($first->status, 200, 'responds') or diag $first->body;
	is_deeply([ sort keys %{ $first->json } ], [qw(access_token expires_at url)], 'with the members of the command');
	is($first->json->{url}, $host->env->{PROVISOR_PLATFORM_URL}, 'the address of the API');
	is_deeply([ $heroku->calls ], [], 'a token that is valid for ten minutes is not refreshed');
	is((events_of($new))[-1], 'token-revealed by vendor:crm', 'it is an event of the caller');
	is((rows($host, "events WHERE event = 'token-revealed'"))[0]{request_id} =~ s/[0-9a-f]{32}//r, '',
		'... with the request id of nginx');
	$host->psql("UPDATE resources SET access_token_expires_at = now() + interval '590 s' WHERE id = '$new'");
	my $second = reveal($new);
	is_deeply([ $heroku->calls ], ['POST /oauth/token'], 'one that is not valid so long is refreshed');
	isnt($second->json->{access_token}, $first->json->{access_token}, '... so it is another one');
	is(count_of($host, "resources WHERE id = '$new' AND access_token_expires_at > now() + interval '7 hours'"), 1,
		'... which is stored');
	ok(!count_of($host, "jobs WHERE resource = '$new' AND finished_at IS NULL"), 'the marketplace can be called again');
	my $secrets = join '|', map { quotemeta $_->json->{access_token} } $first, $second;
	unlike($host->log($_), qr/$secrets/, "the log of $_ has none of them") for qw(worker postgres);
	unlike($host->psql('SELECT json_agg(e) FROM events e'), qr/$secrets/, 'nor has an event');
};

subtest 'refuses a token' => sub {
	my ($bare, $gone, $new) = (uuid(), uuid(), with_token(60));

	$granted->provision(uuid => $_) for $bare, $gone;
	$granted->deprovision($gone);
	my $before = fingerprint($host);
	refuses(reveal($bare), 422, 'without a grant', qr/no grant/);
	refuses(reveal($gone), 422, 'of a deprovisioned resource', qr/no grant/);
	refuses(reveal($made{first}), 422, 'without a client secret', qr/client_secret_file/);
	refuses(reveal(uuid()), 404, 'of an unknown resource', qr/no resource/i);
	refuses(reveal($new, '{"least":"1h"}'), 422, 'with a body', qr/must be empty/);
	refuses(reveal($new, undef, 'X-Provisor-Actor' => 'a b'), 400, 'to a caller without a valid name', qr/X-Provisor-Actor/);
	refuses(get("/v1/resources/$new/token"), 405, 'a GET');
	is(fingerprint($host), $before, 'nothing of this changes anything, or is an event');
	is_deeply([ $heroku->calls ], [], '... or calls the marketplace');
	$heroku->behave('unavailable');
	refuses(reveal($new), 503, 'that cannot be refreshed now', qr/There is no token: refresh of a token: status 503/);
	$heroku->behave('refresh-and-grants-refused');
	refuses(reveal($new), 422, 'that cannot be refreshed', qr/There is no token: refresh of a token: status 400/);
	$heroku->behave('succeeds');
	is(reveal($new)->status, 200, 'then it succeeds');
};

subtest 'a marketplace that does not respond' => sub {
	my ($new, $other) = (with_token(60), with_token(60));
	my $held = $host->home . '/held';

	write_text($held, '');
	$heroku->behave('waits');
	my $waiting = $local->begin(method => 'POST', path => "/v1/resources/$new/token");
	ok(wait_for(20, sub { $heroku->calls }), 'it is called');
	refuses(reveal($other), 503, 'half of the pool may wait', qr/too many requests.*wait/i);
	refuses(call('POST', "/v1/resources/$other/suspend"), 503, '... with a change of any kind',
		qr/too many requests.*wait/i);
	is(get('/v1/resources?limit=1')->status, 200, '... and the other worker serves');
	unlink $held;
	is($local->finish($waiting)->status, 200, 'the first gets its token in the end');
	is(reveal($other)->status, 200, '... and then the next');
	my $last = get('/v1/events?limit=1000')->json->{next};
	my @following = map { $local->begin(method => 'GET', path => "/v1/events?after=$last&wait=25") } 1 .. 2;
	ok(wait_for(20, sub { grep { defined ready_within($_, 0.1) } @following }), 'one of two requests for events waits');
	my $token = reveal($other);
	is($token->status, 200, '... and takes no place from tokens') or diag $token->body;
	close $_ for @following;
};

subtest 'an id that two resources have' => sub {
	my $other = careful();

	$host->psql("UPDATE resources SET marketplace_id = '$made{first}' WHERE id = '$other'");
	my $path = "/v1/resources/$made{first}";
	refuses(get($path), 422, 'is refused', qr/More than one resource has the id .*: add addon= or marketplace= to the query\./);
	is(get("$path?addon=fast-db")->json->{id}, $made{first}, 'its add-on decides');
	is(call('POST', "$path/suspend?addon=safe-db")->json->{id}, $other, '... or that of the other');
	refuses(get("$path?addon=slow-db"), 404, '... or of none', qr/no resource/i);
	call('POST', "/v1/resources/$other/deprovision");
	refuses(call('POST', "/v1/resources/$other/restore", qq({"to":"$made{first}"})), 422, 'also as the new resource',
		qr/More than one resource .*: add addon=/);
	$host->psql("UPDATE resources SET marketplace_id = id::text WHERE id = '$other'");
};

my $id = $made{third};
my ($kept, $live) = (careful(), careful());
call('POST', "/v1/resources/$kept/deprovision");
my $config = "/v1/resources/$id/config";

subtest 'refuses' => sub {
	my $before = fingerprint($host);
	my $long = 'x' x 65;
	# Method, path, body, headers; status, and what the message contains.
	my @refused = (
		[ 'GET', '/v1', undef, {}, 404 ],
		[ 'GET', '/v1/', undef, {}, 404 ],
		[ 'GET', '/', undef, {}, 404 ],
		[ 'GET', '/health', undef, {}, 404 ],
		[ 'GET', '/metrics', undef, {}, 404 ],
		[ 'GET', '/heroku/resources', undef, {}, 404 ],
		[ 'GET', '/v1/resources/', undef, {}, 404 ],
		[ 'GET', '/v1//resources', undef, {}, 404 ],
		[ 'GET', '/v1/Resources', undef, {}, 404 ],
		[ 'GET', '/v1/resources/../events', undef, {}, 404 ],
		[ 'GET', '/v1/resources/..%2fevents', undef, {}, 404, qr/no resource/i ],
		[ 'GET', '/v1/resources/%2e%2e/events', undef, {}, 404 ],
		[ 'GET', "/v1/resources/$id/config/x", undef, {}, 404 ],
		[ 'GET', '/v1/resources/%00', undef, {}, 400, qr/./ ],
		[ 'GET', '/v1/resources/%zz', undef, {}, 400, qr/./ ],
		[ 'GET', '/v1/resources/%ff', undef, {}, 404, qr/no resource/i ],
		[ 'GET', '/v1/resources/' . uuid(), undef, {}, 404, qr/no resource/i ],
		[ 'GET', "/v1/resources/'%20OR%201=1", undef, {}, 404, qr/no resource/i ],
		[ 'PUT', '/v1/resources', '{}', {}, 405 ],
		[ 'DELETE', "/v1/resources/$id", undef, {}, 405 ],
		[ 'GET', $config, undef, {}, 405 ],
		[ 'POST', $config, '{"A":"b"}', {}, 405 ],
		[ 'GET', "/v1/resources/$id/rotate", undef, {}, 405 ],
		[ 'POST', '/v1/events', '{}', {}, 405 ],
		[ 'BREW', '/v1/events', undef, {}, 405 ],
		(map { [ 'GET', "/v1/resources?$_", undef, {}, 422, qr/parameter|state|after/i ] }
			qw(limit=0 limit=1001 limit=-1 limit=1e3 limit= limit=99999999999999999999 limit=1&limit=2
				after=1 state=gone colour=red)),
		(map { [ 'GET', "/v1/events?$_", undef, {}, 422, qr/parameter/ ] }
			qw(after=-1 after=x after=9007199254740993 after=18446744073709551616 limit=0 limit=1001
				wait=26 wait=-1 wait=1.5 wait=x state=x)),
		[ 'GET', '/v1/events?after=%zz', undef, {}, 400, qr/./ ],
		[ 'GET', "/v1/resources/$id?reveal=2", undef, {}, 422, qr/reveal/ ],
		[ 'GET', "/v1/resources/$id?reveal=yes", undef, {}, 422, qr/reveal/ ],
		[ 'PATCH', $config, '', {}, 422, qr/config vars/ ],
		[ 'PATCH', $config, '{}', {}, 422, qr/config vars/ ],
		[ 'PATCH', $config, '[]', {}, 400, qr/object/ ],
		[ 'PATCH', $config, '{"A":1}', {}, 422, qr/config vars/ ],
		[ 'PATCH', $config, '{"A":{}}', {}, 422, qr/config vars/ ],
		[ 'PATCH', $config, '{"A":"b"', {}, 400, qr/JSON/ ],
		[ 'PATCH', $config, '{"A":"b","A":"c"}', {}, 400, qr/JSON/ ],
		[ 'PATCH', $config, "{\"A\":\"\xff\"}", {}, 400, qr/JSON/ ],
		[ 'PATCH', $config, 'A=b', { 'Content-Type' => 'application/x-www-form-urlencoded' }, 400, qr/JSON/ ],
		[ 'PATCH', $config, '<a/>', { 'Content-Type' => 'text/xml' }, 400, qr/JSON/ ],
		[ 'PATCH', $config, '{"not a name":"b"}', {}, 422, qr/Nothing is changed/ ],
		[ 'PATCH', "$config?reveal=1", '{"A":"b"}', {}, 422, qr/reveal/ ],
		[ 'PATCH', $config, '{"A":"' . 'x' x 262_144 . '"}', {}, 413 ],
		[ 'POST', "/v1/resources/$id/rotate", '{"overlap":7}', {}, 422, qr/overlap/ ],
		[ 'POST', "/v1/resources/$id/rotate", '{"overlap":"8d"}', {}, 422, qr/overlap/ ],
		[ 'POST', "/v1/resources/$id/rotate", '{"later":true}', {}, 422, qr/overlap/ ],
		[ 'POST', "/v1/resources/$id/rotate", 'x', {}, 400, qr/JSON/ ],
		[ 'GET', "/v1/resources/$id/suspend", undef, {}, 405 ],
		[ 'GET', "/v1/resources/$id/token", undef, {}, 405 ],
		[ 'GET', "/v1/resources/$id/deprovision", undef, {}, 405 ],
		[ 'GET', "/v1/resources/$id/restore", undef, {}, 405 ],
		(map { [ 'POST', "/v1/resources/$id/deprovision", $_, {}, 422, qr/member now/ ] }
			'{"now":1}', '{"now":"true"}', '{"now":null}', '{"later":true}', '{"now":true,"later":1}'),
		[ 'POST', '/v1/resources/' . uuid() . '/deprovision', undef, {}, 404, qr/no resource/i ],
		(map { [ 'POST', "/v1/resources/$kept/restore", $_, {}, 422, qr/member to/ ] }
			'', '{}', '{"to":7}', qq({"from":"$live"}), qq({"to":"$live","now":true})),
		[ 'POST', "/v1/resources/$kept/restore", '{"to":"' . uuid() . '"}', {}, 404, qr/no resource/i ],
		[ 'POST', "/v1/resources/$kept/restore", qq({"to":"$id"}), {}, 422, qr/another add-on/ ],
		[ 'POST', "/v1/resources/$kept/restore?addon=safe-db", qq({"to":"$id"}), {}, 404, qr/no resource/i ],
		[ 'POST', "/v1/resources/$kept/restore", qq({"to":"$kept"}), {}, 422, qr/not provisioned/ ],
		[ 'POST', "/v1/resources/$live/restore", qq({"to":"$live"}), {}, 422, qr/not deprovisioned/ ],
		[ 'POST', "/v1/resources/$kept/restore", qq({"to":"$live"}), { 'X-Provisor-Actor' => 'a b' }, 400,
			qr/X-Provisor-Actor/ ],
		(map { [ 'POST', "/v1/resources/$id/suspend", $_, {}, 422, qr/reason/ ] }
			'{"reason":7}', '{"why":"x"}', '{"reason":"' . 'x' x 256 . '"}'),
		(map { [ 'PATCH', $config, '{"A":"b"}', { 'X-Provisor-Actor' => $_ }, 400, qr/X-Provisor-Actor/ ] }
			$long, 'a b', 'a:b', "\xc3\xa9", '<b>', 'a"b', '../a'),
	);

	for my $case (@refused) {
		my ($method, $path, $body, $headers, @expected) = @$case;
		my $name = join ' ', $method, substr($path, 0, 60), substr($body // '', 0, 30) =~ s/[^ -~]/?/gr,
			map { substr s/[^ -~]/?/gr, 0, 20 } values %$headers;

		refuses(call($method, $path, $body, %$headers), $expected[0], $name, $expected[1]);
	}
	is(fingerprint($host), $before, 'nothing of this changes anything');
};

subtest 'an API for this socket alone' => sub {
	my %server = (
		'the public side' => Provisor::HttpClient->new(port => $host->port),
		'the operations side' => Provisor::HttpClient->new(plain => $host->ops_port),
		'the socket of the web pool' => fastcgi($host, 'web'),
	);
	my %headers = ('X-Provisor-Actor' => 'root', 'X-Provisor-Side' => 'local', 'Provisor-Side' => 'local',
		PROVISOR_SIDE => 'local');

	for my $side (sort keys %server) {
		refuses($server{$side}->request(method => 'GET', path => '/v1/resources', headers => \%headers), 404,
			"$side: no resources");
		refuses($server{$side}->request(method => 'GET', path => '/v1/events', headers => \%headers), 404,
			"$side: no events");
	}
	my $public = Provisor::HttpClient->new(port => $host->port);
	my $new = uuid();
	$public->request(method => 'POST', path => '/heroku/resources', as => $plain->login,
		body => JSON::PP::encode_json({ uuid => $new, plan => 'basic' }), headers => \%headers);
	is((events_of($new))[0], 'provisioned by heroku', 'a forged actor of a marketplace does nothing');
	my @mode = stat $host->vendor_socket =~ s{/[^/]*\z}{}r;
	is($mode[2] & 0007, 0, 'other users cannot enter the folder of the socket');
};

subtest 'waits for events' => sub {
	my $last = get('/v1/events?limit=1000')->json->{next};
	my $waiting;

	# Those of earlier tests may still have their places for a moment.
	ok(wait_for(20, sub {
		$waiting = $local->begin(method => 'GET', path => "/v1/events?after=$last&wait=25");
		!defined ready_within($waiting, 1);
	}), 'a request waits');
	ok(!count_of($host, "pg_stat_activity WHERE state LIKE 'idle in transaction%'"),
		'no transaction is open meanwhile');
	my $other = get("/v1/events?after=$last&wait=25");
	is_deeply($other->json->{events}, [], 'half of the pool may wait: a second one gets an answer at once');
	ok($local->request(method => 'GET', path => '/v1/resources?limit=1')->status == 200,
		'... and the other worker serves');
	my $new = uuid();
	$plain->provision(uuid => $new);
	my $page = $local->finish($waiting)->json;
	is_deeply([ map { "$_->{event} $_->{resource} $_->{addon}" } @{ $page->{events} } ],
		[ "provisioned $new fast-db" ], 'the event that comes ends the wait');
	is($page->{next}, $page->{events}[0]{id}, '... and next is its number');
	like($page->{epoch}, qr/\A\d+:[0-9A-F]{8}:\d+\z/, 'the page names the epoch');

	my $gone = $local->begin(method => 'GET', path => "/v1/events?after=$page->{next}&wait=25");
	sleep 1;
	close $gone;
	ok(wait_for(20, sub {
		my $slot = $local->begin(method => 'GET', path => "/v1/events?after=$page->{next}&wait=25");
		my $has_waited = !defined ready_within($slot, 2);
		close $slot;
		$has_waited;
	}), 'a client that goes gives its place back');
};

# The socket if a response arrives within some seconds.
sub ready_within {
	my ($socket, $seconds) = @_;
	my $bits = '';

	vec($bits, fileno $socket, 1) = 1;
	return select($bits, undef, undef, $seconds) ? $socket : undef;
}

subtest 'events of one add-on' => sub {
	my $last = get('/v1/events?limit=1000')->json->{next};
	my $new = uuid();
	$plain->provision(uuid => uuid());
	$vendor->addon->provision(uuid => $new);
	my $page = get("/v1/events?after=$last&addon=slow-db")->json;
	is_deeply([ map { $_->{resource} } @{ $page->{events} } ], [ ($new) x @{ $page->{events} } ], 'only those');
	ok($page->{next} >= $page->{events}[-1]{id}, 'next is beyond them');
};

sub children_of {
	my ($parent) = @_;

	return map { m{/(\d+)/} } grep { (read_text($_) // '') =~ /\) \S $parent / }
		glob '/proc/[0-9]*/stat';
}

subtest 'the examples' => sub {
	my $examples = "$FindBin::Bin/../../nginx/host/examples";

	$host->psql(qq(UPDATE resources SET owner = '{"email":"ann\@example.com"}' WHERE id = '$made{second}'));
	is(qx($examples/list-resources.php --socket ${\$host->vendor_socket} ann\@example.com),
		"$made{second} fast-db basic provisioned\n", 'the one in PHP lists the resources of a customer');
	my $state = $host->home . '/follow';
	my $count = count_of($host, 'history');
	open my $output, '-|', "exec $examples/follow-events.py --socket ${\$host->vendor_socket} $state" or die "$!\n";
	my @lines = map { scalar <$output> } 1 .. $count;
	is_deeply([ map { JSON::PP::decode_json($_)->{id} } @lines ],
		[ map { $_->{id} } rows($host, 'history ORDER BY id') ], 'the one in Python prints all events');
	my $new = uuid();
	$plain->provision(uuid => $new);
	like(scalar <$output>, qr/"resource": "$new"/, '... and the next one');
	ok(wait_for(10, sub { (read_text($state) // '') =~ /"next": \d/ }), '... and stores its number');
	kill 'TERM', (grep { (read_text("/proc/$_/cmdline") // '') =~ /follow-events\.py/ } children_of($$));
	close $output;
};

subtest 'a slow reader holds no worker' => sub {
	my $slow = $local->connect;
	setsockopt $slow, SOL_SOCKET, SO_RCVBUF, pack 'l', 2048;
	syswrite $slow, Provisor::HttpClient::encode(method => 'GET', path => '/v1/events?limit=1000');
	my @more = map { $local->begin(method => 'GET', path => '/v1/events?limit=1000') } 1 .. 8;
	is(get('/v1/resources?limit=1')->status, 200, 'others are served meanwhile');
	close $_ for $slow, @more;
};

subtest 'provisor check' => sub {
	my $folder = $host->vendor_socket =~ s{/[^/]*\z}{}r;
	my $check = sub { (ctl($host->env, 'check', '--ops', $host->ops_address))[0] };

	like($check->(), qr{\Q$folder\E: no other user can call the local API}, 'finds the folder in order');
	chmod 0755, $folder;
	like($check->(), qr{\Q$folder\E: can be changed, or entered by every user.*chmod 0750}, '... or open');
	chmod 0700, $folder;
	like((ctl({ %{ $host->env }, PROVISOR_SERVER_KEY => '' }, 'check', '--ops', $host->ops_address))[0],
		qr{^warning +\Q$folder\E/api\.sock: the pools refuse the local API, .*: create the key}m, '... or that a key is missing');
};

subtest 'a killed nginx can start again' => sub {
	my ($pid) = read_text($host->home . '/pids/nginx') =~ /(\d+)/;
	kill 'KILL', $pid, children_of($pid);
	ok(wait_for(20, sub { !IO::Socket::UNIX->new(Peer => $host->vendor_socket) }), 'it ends');
	ok(-S $host->vendor_socket, '... and its socket is left');
	like((ctl($host->env, 'check', '--ops', $host->ops_address))[0],
		qr{api\.sock: no process listens on it, and nginx cannot start}, '... which provisor check reports');
	$host->stop_nginx;
	ok(eval { $host->start_nginx; 1 }, 'it starts') or diag($@);
	is(get('/v1/resources?limit=1')->status, 200, '... and serves the API');
};

is_unhurt($host);
done_testing;
