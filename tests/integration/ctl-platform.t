#!/usr/bin/perl
# Operators use the token of a resource: provisor platform, token and contacts.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Test;

my $host = new_host(workers => { api => 1, web => 1, jobs => 1 });
my $heroku = Provisor::FakeHeroku->new($host);
my $addon = addon($host, 'fast-db', $heroku->settings);
my $poor = addon($host, 'poor-db', base_url => 'https://localhost/poor/heroku/resources');

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

my $eventually = Provisor::Eventually->new($host);
my $id = uuid();

$heroku->behave('has-app');
$addon->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant());
$eventually->has_no_jobs_left($id);

# Runs a command: what it prints as JSON or as text, and its exit status.
sub platform {
	my @words = @_;
	my ($output, $ended) = ctl($host->env, 'platform', $id, @words);

	return ($output, $ended);
}

sub emails { return [ map { $_->{user}{email} } @{ JSON::PP::decode_json($_[0]) } ] }

sub last_event {
	return row($host, "events WHERE resource = '$id' ORDER BY id DESC LIMIT 1");
}

# The token that is stored expires in this many seconds.
sub expires_in {
	my ($seconds) = @_;

	$host->psql("UPDATE resources SET access_token_expires_at = now() + interval '$seconds s' WHERE id = '$id'");
	return;
}

sub refreshes { return scalar grep { ($_->{body} // '') =~ /grant_type=refresh_token/ } $heroku->requests }

subtest 'a call prints the JSON of its response' => sub {
	my ($output, $ended) = platform('GET', '/addons/{addon}');

	is($ended, 0, 'it succeeds') or diag $output;
	is(JSON::PP::decode_json($output)->{app}{name}, 'acme', 'the response is printed');
	is(($heroku->calls($id))[-1], "GET /addons/$id", "{addon} is the marketplace's id");
	my $event = last_event();
	is($event->{event}, 'marketplace-called', 'it is an event');
	like($event->{actor}, qr/\Aoperator:/, "... with the operator's name");
	is_deeply($event->{after}, { method => 'GET', path => '/addons/{addon}' }, '... and what was called');
	is(count_of($host, "jobs WHERE resource = '$id' AND finished_at IS NULL"), 0, 'no job is left');
};

subtest 'a list has pages' => sub {
	my ($output, $ended) = platform('GET', '/apps/{app}/collaborators');

	is($ended, 0, 'a page is printed');
	like($output, qr/"owner\@example\.com".*"1\@example.com"/, '... the first one');
	unlike($output, qr/2\@example/, '... and no other');
	like($output, qr/warning: the list has more pages: add --all/, 'it says that there are more');
	($output, $ended) = platform('GET', '/apps/{app}/collaborators', '--all');
	is($ended, 0, 'with --all');
	is_deeply(emails($output), [ 'owner@example.com', map { "$_\@example.com" } 1 .. 5 ], '... all are printed, once each');
};

subtest 'a body is sent' => sub {
	my $file = $host->home . '/body.json';

	open my $body, '>', $file or die;
	print $body '{"url": "https://logs.example"}';
	close $body;
	my ($output, $ended) = platform('POST', '/apps/{app}/log-drains', '--body', $file);
	is($ended, 0, 'it succeeds');
	like($output, qr/"url":"https:\/\/logs\.example"/, 'the marketplace has got it');
	is((grep { $_->{method} eq 'POST' && $_->{target} =~ /drains/ } $heroku->requests)[-1]{headers}{'content-type'},
		'application/json', '... as JSON');
};

subtest 'a wrong path' => sub {
	my ($output, $ended) = platform('GET', '/apps/{app}/colaborators');

	is($ended, 1, 'fails');
	is(JSON::PP::decode_json((split /\n/, $output)[0])->{message}, "Couldn't find that path.", "the marketplace's answer is printed");
	like($output, qr/status 404, not_found: Couldn't find that path\./, '... and the status');
};

subtest 'wrong arguments' => sub {
	my @wrong = (
		[ qr/"FETCH" is not a method/, 'FETCH', '/apps' ],
		[ qr/"apps" is not a path/, 'GET', 'apps' ],
		[ qr/"\/apps x" is not a path/, 'GET', '/apps x' ],
		[ qr/--all is for GET/, 'POST', '/apps', '--all' ],
		[ qr/--body: \/dev\/null is not valid JSON/, 'POST', '/apps', '--body', '/dev/null' ],
	);

	for (@wrong) {
		my ($words, @words) = @$_;
		my ($output, $ended) = platform(@words);
		like($output, $words, "@words");
		is($ended, 2, '... the exit status');
	}
};

subtest 'a token that expires soon is refreshed before the call' => sub {
	$heroku->behave('has-app');
	expires_in(60);
	is((platform('GET', '/addons/{addon}'))[1], 0, 'the call succeeds');
	is(refreshes(), 1, '... with a new token');
};

subtest 'a token that is refused is refreshed' => sub {
	$heroku->behave('has-app-refreshed');
	my ($output, $ended) = platform('GET', '/apps/{app}/collaborators', '--all');

	is($ended, 0, 'the call succeeds');
	is(scalar @{ emails($output) }, 6, '... to the end');
	is(refreshes(), 1, 'one refresh was enough');
};

subtest 'the limit of calls is honoured' => sub {
	$heroku->behave('has-app-later');
	my ($output, $ended) = platform('GET', '/apps/{app}');

	is($ended, 0, 'a call waits and is repeated');
	like($output, qr/owner\@example/, '... and gets its response');
	$heroku->behave('has-app-tomorrow');
	($output, $ended) = platform('GET', '/addons/{addon}');
	is($ended, 1, 'it does not wait for a day');
	like($output, qr/status 429$/m, '... and says why');
	is(scalar(grep { $_ eq "GET /addons/$id" } $heroku->calls($id)), 1, '... after one call');
};

subtest 'a token' => sub {
	$heroku->behave('has-app');
	expires_in(700);
	my ($output, $ended) = ctl($host->env, 'token', $id);
	is($ended, 0, 'is printed');
	my ($first) = $output =~ /\A(\S+)\n\z/;
	ok($first, '... alone');
	is(refreshes(), 0, 'one that is valid for ten minutes is not refreshed');
	is(last_event()->{event}, 'token-revealed', 'it is an event');
	expires_in(500);
	($output) = ctl($host->env, 'token', $id, '--json');
	my $token = JSON::PP::decode_json($output);
	like($token->{access_token}, qr/\Aaccess-/, 'one that is not is refreshed');
	isnt($token->{access_token}, $first, '... so it is another one');
	is(refreshes(), 1, '... once');
	like($token->{expires_at}, qr/\A20..-..-..T..:..:..Z\z/, 'the time when it expires is printed');
	like($token->{url}, qr{\Ahttps://localhost:}, '... and the address of the API');
	for my $log (qw(worker jobs postgres)) {
		unlike($host->log($log), qr/\Q$first\E|\Q$token->{access_token}\E/, "the log of $log has none of them");
	}
	unlike($host->psql("SELECT json_agg(e) FROM events e"), qr/\Q$first\E/, 'nor has an event');
};

subtest 'contacts' => sub {
	my ($output, $ended) = ctl($host->env, 'contacts', $id);

	is($ended, 0, 'are printed');
	like($output, qr/^owner\@example\.com +owner$/m, 'the owner');
	like($output, qr/^2\@example\.com +collaborator$/m, '... a collaborator without a role');
	like($output, qr/^5\@example\.com +member$/m, '... and one of the last page');
	is(scalar(() = $output =~ /owner\@example/g), 1, 'the owner is not listed twice');
	is(last_event()->{event}, 'contacts-revealed', 'it is an event');
	($output) = ctl($host->env, 'contacts', $id, '--json');
	is_deeply(JSON::PP::decode_json((split /\n/, $output)[0]), { email => 'owner@example.com', role => 'owner' },
		'as JSON');
};

subtest 'a running job comes first' => sub {
	$host->psql("INSERT INTO jobs (kind, lane, resource, claim, lease_until, run_at)
		VALUES ('write-log', 'marketplace', '$id', gen_random_uuid(), now() + interval '2 s', 'infinity')");
	is((platform('GET', '/addons/{addon}'))[1], 0, 'a call waits for its end');
	$host->psql("UPDATE jobs SET finished_at = now() WHERE resource = '$id' AND finished_at IS NULL");
};

subtest 'resources without a token' => sub {
	my ($bare, $none) = (uuid(), uuid());

	$addon->provision(uuid => $bare);
	$poor->provision(uuid => $none);
	my ($output, $ended) = ctl($host->env, 'token', $bare);
	is($ended, 1, 'without a grant');
	like($output, qr/$bare: the resource has no grant/, '... it says so');
	($output, $ended) = ctl($host->env, 'contacts', $none);
	is($ended, 1, 'without a client secret');
	like($output, qr/settings\.json has no client_secret_file/, '... it says so');
	is(count_of($host, "events WHERE event LIKE '%-revealed' AND resource IN ('$bare', '$none')"), 0, 'that is no event');
};

is_unhurt($host);
done_testing;
