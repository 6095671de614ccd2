#!/usr/bin/perl
# Calls to the APIs of marketplaces other than Heroku: what each call sends, and
# config vars that provisor pushes through them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 'encode_base64';
use Test::More;

use Provisor::CgiClient;
use Provisor::FakeHeroku;
use Provisor::Files 'write_text';
use Provisor::PlatformClient;
use Provisor::Test;

my $server = https_server('server', $authority->issue('here'));
my %client = map { $_ => client_of($server, marketplace => $_) } qw(digitalocean clever-cloud scalingo);
my $basic = 'Basic ' . encode_base64('fast-db:sesame-of-fast-db', '');
my $bearer = 'Bearer ' . TOKEN;
my $config = '{"A_URL":"x&\\"y","B":null}';
my $written = { config => { A_URL => 'x&"y', B => undef } };

# --- calls ------------------------------------------------------------------

subtest 'each call sends its request' => sub {
	my @calls = (
		[ 'digitalocean', 'write-config', ID, 'succeeds', 'PATCH /resources/' . ID . '/config', $bearer, $written ],
		[ 'clever-cloud', 'write-config', 'addon_1', 'succeeds', 'PUT /v2/vendor/apps/addon_1', $basic, $written ],
		[ 'clever-cloud', 'read', 'addon_1', 'app', 'GET /v2/vendor/apps/addon_1', $basic, undef ],
		[ 'clever-cloud', 'read-config', 'a/b c', 'app', 'GET /v2/vendor/apps/a%2Fb%20c', $basic, undef ],
		[ 'scalingo', 'write-config', 'app-1', 'succeeds', 'PATCH /v1/provider/apps/app-1', $basic, $written ],
		[ 'scalingo', 'read', 'app-1', 'app', 'GET /v1/provider/apps/app-1', $basic, undef ],
	);

	for my $row (@calls) {
		my ($marketplace, $call, $id, $way, $expected, $authorization, $body) = @$row;

		check_call($client{$marketplace}, $way, 'done', qr/\A\z/, "$marketplace: $call", ENOUGH, $call, $id, TOKEN, $config);
		my ($request) = $server->requests;

		is("$request->{method} $request->{target}", $expected, '... method and path');
		is($request->{headers}{authorization}, $authorization, '... authorization');
		is_deeply($body && JSON::PP::decode_json($request->{body}), $body, '... body');
	}
};

subtest 'a response has the same form as that of Heroku' => sub {
	for my $marketplace (qw(clever-cloud scalingo)) {
		my $list = check_call($client{$marketplace}, 'app', 'done', qr/\A\z/, "$marketplace: config vars", ENOUGH,
			'read-config', 'app-1', TOKEN);

		is_deeply($list->{body}, [ { name => 'A', value => 'b' } ], '... are a list');
		my $addon = check_call($client{$marketplace}, 'app', 'done', qr/\A\z/, "$marketplace: an app", ENOUGH,
			'read', 'app-1', TOKEN);

		is($addon->{body}{state}, 'provisioned', '... that can be read is provisioned');
		check_call($client{$marketplace}, 'list', 'later', qr/without the expected body/,
			"$marketplace: another body is refused", ENOUGH, 'read-config', 'app-1', TOKEN);
	}
};

subtest 'a call that a marketplace does not have sends nothing' => sub {
	my @missing = (
		[ 'digitalocean', ID, qw(read read-config provisioned deprovisioned) ],
		[ 'clever-cloud', 'addon_1', qw(provisioned deprovisioned) ],
		[ 'scalingo', 'app-1', qw(provisioned deprovisioned) ],
	);

	for my $row (@missing) {
		my ($marketplace, $id, @calls) = @$row;

		check_call($client{$marketplace}, 'succeeds', 'refused', qr/the marketplace has no API for this/,
			"$marketplace: $_", ENOUGH, $_, $id, TOKEN) for @calls;
	}
	check_call($client{digitalocean}, 'succeeds', 'refused', qr/is not a UUID/, 'an id that is not a UUID', ENOUGH,
		'write-config', '../x', TOKEN);
	check_call($client{scalingo}, 'succeeds', 'refused', qr/id of the resource is not known/, 'no id', ENOUGH,
		'read', '', TOKEN);
	check_call($client{digitalocean}, 'succeeds', 'unauthorized', qr/token is not valid/, 'no token', ENOUGH,
		'write-config', ID, '');
	is(scalar $server->requests, 0, 'no request is sent');
};

subtest 'DigitalOcean gets JSON for tokens' => sub {
	my $answer = check_call($client{digitalocean}, 'tokens', 'done', qr/\A\z/, 'an exchange succeeds',
		ENOUGH, 'exchange', CODE, 'the-secret');
	my ($request) = $server->requests;

	is_deeply(JSON::PP::decode_json($request->{body}),
		{ grant_type => 'authorization_code', code => CODE, client_secret => 'the-secret' }, '... with its body');
	is($request->{headers}{'content-type'}, 'application/json', '... and type');
	is($answer->{refresh}, 'r-1', '... and the refresh token is read');
	check_call($client{digitalocean}, 'tokens', 'done', qr/\A\z/, 'a refresh succeeds', ENOUGH, 'refresh', 'r-0', 'the-secret');
	is_deeply(JSON::PP::decode_json(($server->requests)[0]{body}),
		{ grant_type => 'refresh_token', refresh_token => 'r-0', client_secret => 'the-secret' }, '... with its body');
};

finish($client{$_}) for sort keys %client;

# --- config vars ------------------------------------------------------------

my $host = new_host(workers => { api => 2, web => 1, jobs => 1 }, env => { PROVISOR_JOB_LIMIT => '4s' });
my $fake = Provisor::FakeHeroku->new($host);
my $url = $host->env->{PROVISOR_PLATFORM_URL};
my $secret = $host->home . '/client-secret';
my %secrets = (password => 'a password of 32 characters, say', sso_salt => 'a salt of at least 32 characters');

write_text($secret, "the-client-secret\n");
chmod 0600, $secret;

sub member_of {
	my ($marketplace, $path, %members) = @_;

	return addon($host, 'fast-db',
		marketplace => $marketplace,
		path => $path,
		template => { config => { FAST_DB_URL => 'https://${id}.example' } },
		manifest => Provisor::AddOn::json(\%members),
		settings => {
			platform_url => $url,
			$marketplace eq 'digitalocean'
				? (token_url => "$url/oauth/token", client_secret_file => $secret) : (),
		});
}

my %production = (base_url => 'https://localhost/do', sso_url => 'https://localhost/do/sso');
my %addon = (
	'digitalocean' => member_of('digitalocean', '/do/digitalocean/resources', slug => 'fast-db', %secrets,
		config_vars => ['FAST_DB_URL'], production => \%production),
	'clever-cloud' => member_of('clever-cloud', '/clever', id => 'fast-db', api => { %secrets,
		config_vars => ['FAST_DB_URL'], regions => ['eu'],
		production => { base_url => 'https://localhost/clever', sso_url => 'https://localhost/clever/sso' } }),
	'scalingo' => member_of('scalingo', '/scalingo', username => 'fast-db-user', %secrets,
		config_vars => ['FAST_DB_URL'], plans => [ { name => 'basic' } ],
		production => { base_url => 'https://localhost/scalingo', sso_url => 'https://localhost/scalingo/sso' }),
);

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

sub provision {
	my ($marketplace, %members) = @_;
	my $addon = $addon{$marketplace};
	my $user = $marketplace eq 'scalingo' ? 'fast-db-user' : 'fast-db';
	my $answer = $addon->{client}->request(method => 'POST', path => $addon->path, as => "$user:$secrets{password}",
		body => Provisor::AddOn::json(\%members));

	like($answer->status, qr/\A20[01]\z/, "$marketplace: a resource is provisioned") or diag $answer->body;
	return row($host, 'resources WHERE provider_id = \'' . $answer->json->{id} . "'")->{id};
}

sub set_config {
	my ($id, $value) = @_;
	my ($output, $errors, $ended) = Provisor::CgiClient::run(
		program => [ build() . '/provisor', 'config', 'set', $id, 'FAST_DB_URL' ],
		environment => $host->env, stdin => "$value\n");

	is($ended >> 8, 0, 'a config var is set') or diag $output . $errors;
	return wait_for(25, sub { count_of($host, "jobs WHERE resource = '$id' AND finished_at IS NULL") == 0 });
}

my $uuid = uuid();
my @customers = (
	[ 'digitalocean', "PATCH /resources/$uuid/config", uuid => $uuid, plan_slug => 'basic',
		oauth_grant => { type => 'authorization_code', code => 'a-code', expires_at => time + 300 } ],
	[ 'clever-cloud', 'PUT /v2/vendor/apps/addon_7', addon_id => 'addon_7', plan => 'basic', region => 'EU' ],
	[ 'scalingo', 'PATCH /v1/provider/apps/app-9', uuid => 'u-1', app_id => 'app-9', plan => 'basic' ],
);

for my $customer (@customers) {
	my ($marketplace, $expected, %members) = @$customer;

	subtest "$marketplace gets config vars" => sub {
		$fake->behave('succeeds');
		my $id = provision($marketplace, %members);

		ok(set_config($id, "https://new.example"), '... and the job ends');
		is(join(' ', grep { !/oauth/ } $fake->calls), $expected, '... and pushed by the call of this marketplace');
	};
}

subtest 'a resource whose marketplace cannot be called' => sub {
	my $id = provision('scalingo', uuid => 'u-2', plan => 'basic');

	$fake->behave('succeeds');
	set_config($id, 'https://other.example');
	is(join(' ', $fake->calls), '', 'nothing is sent without the id of the app');
};

# --- reconcile --------------------------------------------------------------

sub reconcile {
	my ($output, $errors, $ended) = Provisor::CgiClient::run(
		program => [ build() . '/provisor', 'reconcile', @_ ], environment => $host->env);

	return ($output =~ s/^\S+-\S+-\S+-\S+-\S+/ID/gmr =~ s/ +/ /gr, $ended >> 8, $errors);
}

subtest 'reconcile compares what each marketplace can be asked' => sub {
	$fake->behave('other-marketplace');
	my ($table, $ended, $errors) = reconcile();

	is($ended, 1, 'it finds differences');
	like($table, qr/^ID $_ fast-db config FAST_DB_URL other values/m, "$_: other config vars")
		for 'clever-cloud', 'scalingo';
	like($table, qr/^ID digitalocean fast-db unchecked its marketplace has no API for this: add --against/m,
		'DigitalOcean cannot be asked');
	like($errors, qr/cannot look for lost resources/, 'an unreadable list is named');
};

subtest 'Clever Cloud lists all resources' => sub {
	$fake->behave('clever-cloud');
	my ($table, $ended, $errors) = reconcile(qw(--addon fast-db --marketplace clever-cloud));

	like($table, qr/^ID clever-cloud fast-db plan basic premium/m, 'a resource has another plan there');
	like($table, qr/^addon_$_ clever-cloud fast-db lost provisioned/m, "addon_$_ is lost here") for 8, 9;
	is($ended, 1, 'the exit status is that of differences') or diag $errors;

	($table, $ended, $errors) = reconcile(qw(--repair --addon fast-db --marketplace clever-cloud));
	like($table, qr/^addon_8 clever-cloud fast-db lost provisioned imported/m, 'a lost resource is imported');
	is(row($host, "resources WHERE marketplace_id = 'addon_8'")->{plan}, 'basic', '... with its plan');
	is(row($host, "resources WHERE marketplace_id = 'addon_7'")->{plan}, 'premium', 'the plan is changed here');
	is(count_of($host, "jobs WHERE kind = 'exchange' AND addon LIKE 'clever%' AND finished_at IS NULL"), 0,
		'no token is asked for');
};

is_unhurt($host);
done_testing;
