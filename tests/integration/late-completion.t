#!/usr/bin/perl
# A provision that takes longer than the marketplace waits is promised, and later
# completed or withdrawn through the marketplace's API.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::FakeHeroku;
use Provisor::Test;
use Provisor::ScriptedVendor;

my $host = new_host(
	workers => { api => 3, web => 1, jobs => 2 },
	answer_limit => '4s',
	env => { PROVISOR_REPEAT_HORIZON => '2s', PROVISOR_JOB_LIMIT => '4s' },
);
my $heroku = Provisor::FakeHeroku->new($host);
my %settings = (settings => { client_secret_file => $host->home . '/client-secret' });

{
	open my $file, '>', $host->home . '/client-secret' or die "client-secret: $!\n";
	print $file "the-client-secret\n";
	close $file;
	chmod 0600, $host->home . '/client-secret';
}

my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', %settings);
my $later = Provisor::ScriptedVendor->new($host, 'later', base_url => 'https://localhost/later/heroku/resources',
	settings => { %{ $settings{settings} }, provision => 'async' });
my $logged = addon($host, 'logged', base_url => 'https://localhost/logged/heroku/resources',
	api => { requires => ['log_input'] }, %settings);
my $template = addon($host, 'plain', base_url => 'https://localhost/plain/heroku/resources', %settings);
my $addon = $vendor->addon;

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

sub resource { return row($host, "resources WHERE id = '$_[0]'") // {} }

sub becomes {
	my ($uuid, $state, $name) = @_;

	wait_for(25, sub { resource($uuid)->{state} eq $state });
	return is(resource($uuid)->{state}, $state, $name)
		|| diag $host->psql("SELECT * FROM jobs WHERE resource = '$uuid'");
}

sub at_rest {
	my ($uuid) = @_;

	return wait_for(25, sub {
		count_of($host, "jobs WHERE resource = '$uuid' AND finished_at IS NULL") == 0
	});
}

sub events {
	my ($uuid) = @_;

	return join ' ', map { $_->{event} } rows($host, "events WHERE resource = '$uuid' ORDER BY id");
}

sub grant { return (oauth_grant => Provisor::FakeHeroku::grant(@_)) }

# The promise expires half an hour before the marketplace gives up.
sub has_deadline {
	my ($uuid) = @_;

	return is(count_of($host, "resources WHERE id = '$uuid' AND promised_at + interval '11h 30min' - promise_expires_at
		BETWEEN interval '0' AND interval '1 min'"), 1,
		'the promise expires before the marketplace gives up');
}

my $promise = sub { return { id => $_[0], message => 'The resource is being provisioned.' } };

subtest 'a hook that is not ready yet' => sub {
	my $id = uuid();

	$heroku->behave('succeeds');
	$vendor->behave(provision =>
		'if ($call->{attempt} < 3) { printf qq({"retry_after":%d}), $call->{attempt} == 1 ? 3600 : 1; exit 75 }');
	my $answer = $addon->provision(uuid => $id, grant());
	answers($answer, 202, $promise->($id), 'it is promised');
	has_deadline($id);
	same_bytes($addon->provision(uuid => $id, grant()), $answer, 'a repeated request gets the same response');
	refuses($addon->change_plan($id, 'premium'), 422, 'its plan cannot be changed yet', qr/still being/);
	is($host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND kind = 'provision'
		AND run_at > now() + interval '50 min' RETURNING 'later'"), 'later', 'the call is repeated when the hook says');
	becomes($id, 'provisioned', 'then it is provisioned');
	is_deeply([ $heroku->calls($id) ],
		[ "PATCH /addons/$id/config", "POST /addons/$id/actions/provision" ],
		'the marketplace is called');
	my ($patch) = grep { $_->{method} eq 'PATCH' } $heroku->requests;
	is_deeply([ sort { $a->{name} cmp $b->{name} } @{ JSON::PP::decode_json($patch->{body})->{config} } ],
		[ { name => 'FAST_DB_TOKEN', value => 'attempt 3' },
			{ name => 'FAST_DB_URL', value => $addon->url($id, 'basic') } ],
		'with its config');
	is(scalar(grep { $_ eq 'POST /oauth/token' } $heroku->calls), 1, 'the grant is exchanged once');
	answers($addon->provision(uuid => $id, grant()), 200, {
		id => $id, message => 'It is provision.',
		config => { FAST_DB_URL => $addon->url($id, 'basic'), FAST_DB_TOKEN => 'attempt 3' },
	}, 'a later request gets the response');
	is(events($id), 'provisioning promised created provisioned', 'the events');
	ok(at_rest($id), 'no job is left');
	$vendor->behave(provision => undef);
};

subtest 'a hook that misses its deadline' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'sleep 30 if $call->{attempt} == 1');
	answers($addon->provision(uuid => $id, grant()), 202, $promise->($id), 'it is promised');
	becomes($id, 'provisioned', 'then it is provisioned');
	$vendor->behave(provision => undef);
};

subtest 'a provision without a grant is not promised' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'print qq({"retry_after":1}); exit 75');
	refuses($addon->provision(uuid => $id), 503, 'it is answered 503', qr/again/);
	refuses($addon->provision(uuid => uuid(), grant(expires_at => '2016-03-03T18:01:31-0800')), 503,
		'also with an expired grant', qr/again/);
	becomes($id, 'abandoned', 'it is abandoned');
	$vendor->behave(provision => undef);
};

subtest 'an add-on that always provisions later' => sub {
	my $id = uuid();

	answers($later->addon->provision(uuid => $id, grant()), 202, $promise->($id), 'it is promised at once');
	has_deadline($id);
	becomes($id, 'provisioned', 'provisor-jobs provisions it');
	is(scalar $later->calls('provision', $id), 1, 'the hook ran once');
	is(events($id), 'provisioning created provisioned', 'the events');
};

subtest 'a hook that refuses at once' => sub {
	my $id = uuid();

	$heroku->behave('succeeds');
	$vendor->behave(provision => 'print qq({"message":"No room."}); exit 65');
	refuses($addon->provision(uuid => $id, grant()), 422, 'the response has the message', qr/\ANo room\.\z/);
	ok(at_rest($id), 'no job is left');
	is_deeply([ $heroku->calls($id) ], [], 'the marketplace is not called');
	$vendor->behave(provision => undef);
};

subtest 'a hook that refuses a promised resource' => sub {
	my $id = uuid();

	$heroku->behave('succeeds');
	$later->behave(provision => 'print qq({"message":"No room."}); exit 65');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	becomes($id, 'refused', 'it is refused');
	ok(at_rest($id), 'no job is left');
	is_deeply([ $heroku->calls($id) ], [ "POST /addons/$id/actions/deprovision" ],
		'the marketplace is called');
	refuses($later->addon->provision(uuid => $id), 422, 'a repeated request is refused', qr/\ANo room\.\z/);
	$later->behave(provision => undef);
};

subtest 'a resource that is not ready in time' => sub {
	my $id = uuid();

	$heroku->behave('succeeds');
	$later->behave(provision => 'write_to($thing, "half"); print qq({"retry_after":1}); exit 75');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	wait_for(10, sub { $later->calls('provision', $id) });
	$host->psql("UPDATE resources SET promise_expires_at = now() - interval '1 s' WHERE id = '$id'");
	becomes($id, 'refused', 'it is refused');
	ok(at_rest($id), 'no job is left');
	is($later->thing($id), undef, 'the vendor has removed it');
	is_deeply([ $heroku->calls($id) ], [ "POST /addons/$id/actions/deprovision" ],
		'the marketplace is called');
	$later->behave(provision => undef);
};

subtest 'a marketplace that cannot be called in time' => sub {
	my $id = uuid();

	$heroku->behave('succeeds');
	$later->behave(provision => 'unless (-e "ready") { print qq({"retry_after":1}); exit 75 }');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	ok(wait_for(20, sub { row($host, "resources WHERE id = '$id'")->{access_token} }), 'there is a token');
	$heroku->behave('unavailable');
	$later->addon->write_file('ready', '');
	ok(wait_for(20, sub { events($id) =~ /created/ }), 'it is created');
	$host->psql("UPDATE resources SET promise_expires_at = now() - interval '1 s' WHERE id = '$id'");
	becomes($id, 'refused', 'it is refused');
	$heroku->behave('succeeds');
	ok(at_rest($id), 'no job is left');
	is($later->thing($id), undef, 'the vendor has removed it');
	is_deeply([ $heroku->calls($id) ], [ "POST /addons/$id/actions/deprovision" ],
		'the marketplace is called');
	$later->behave(provision => undef);
};

subtest 'a deprovision before the completion' => sub {
	my $id = uuid();

	$heroku->behave('unavailable');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	ok(wait_for(20, sub { events($id) =~ /created/ }), 'it is created');
	answers($later->addon->deprovision($id), 204, undef, 'it is deprovisioned');
	$heroku->behave('succeeds');
	becomes($id, 'deprovisioned', 'it is cleaned up');
	ok(at_rest($id), 'no job is left');
	is($later->thing($id), undef, 'the vendor has removed it');
	is(join(' ', grep { m{/actions/provision} } $heroku->calls($id)), '', 'it is never completed');
	is(count_of($host, "resources WHERE id = '$id' AND grant_ended_at IS NULL"), 0, 'its grant is deleted');
};

subtest 'a marketplace that does not respond for a while' => sub {
	my $id = uuid();

	$heroku->behave('unavailable');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	ok(wait_for(20, sub { count_of($host, "jobs WHERE resource = '$id' AND kind IN ('exchange', 'complete')"
		. ' AND attempts > 1') }), 'the calls are repeated');
	is(resource($id)->{state}, 'provisioning', 'it is still promised');
	$heroku->behave('succeeds');
	becomes($id, 'provisioned', 'then it is completed');
};

subtest 'a marketplace that limits requests' => sub {
	my $id = uuid();

	$heroku->behave('rate-limited');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	ok(wait_for(20, sub { count_of($host, "jobs WHERE resource = '$id' AND run_at > now() + interval '50 min'") }),
		'it is not called before its Retry-After');
	$heroku->behave('succeeds');
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
	becomes($id, 'provisioned', 'then it is completed');
};

subtest 'a marketplace that has the completion already' => sub {
	my $id = uuid();

	$heroku->behave('rejects-actions');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	becomes($id, 'provisioned', 'it is provisioned');
};

subtest 'a marketplace that has removed the resource' => sub {
	for my $way (qw(gone deprovisioned)) {
		my $id = uuid();

		$heroku->behave($way);
		is($later->addon->provision(uuid => $id, grant())->status, 202, "$way: it is promised");
		becomes($id, 'deprovisioned', 'it is deprovisioned');
		is($later->thing($id), undef, 'the vendor has removed it');
	}
};

subtest 'a token that the marketplace does not accept any more' => sub {
	my $id = uuid();

	$heroku->behave('accepts-only-refreshed');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	becomes($id, 'provisioned', 'it is completed with a new one');
	is(scalar(grep { ($_->{body} // '') =~ /grant_type=refresh_token/ } $heroku->requests), 1,
		'which is requested once');
	is(row($host, "resources WHERE id = '$id'")->{previous_refresh_token}, undef,
		'the previous refresh token is deleted once the new one has worked');
};

subtest 'a grant that cannot be exchanged any more' => sub {
	my $id = uuid();

	$heroku->behave('used-code');
	is($template->provision(uuid => $id, grant())->status, 200, 'the resource is provisioned');
	ok(at_rest($id), 'no job is left');
	like(events($id), qr/grant-missed/, 'the event');
	is(row($host, "resources WHERE id = '$id'")->{grant_code}, undef, 'the code is deleted');
};

subtest 'a grant of a resource that is provisioned at once' => sub {
	my $id = uuid();

	$heroku->behave('succeeds');
	is($template->provision(uuid => $id, grant())->status, 200, 'it is provisioned');
	ok(at_rest($id), 'its grant is exchanged');
	ok(row($host, "resources WHERE id = '$id'")->{access_token}, 'a token is stored');
	is(row($host, "resources WHERE id = '$id'")->{grant_code}, undef, '... and the code is deleted');
	is_deeply([ $heroku->calls($id) ], [], 'there is no other call');
};

subtest 'lines in the log of the customer\'s app' => sub {
	my $id = uuid();

	$heroku->behave('succeeds');
	$logged->provision(uuid => $id, $heroku->log_input($id));
	$logged->change_plan($id, 'premium');
	ok(at_rest($id), 'no job is left');
	my @frames = map { $_->{body} } grep { $_->{target} eq "/logs/$id" } $heroku->requests;
	is(scalar @frames, 2, 'two lines are written');
	like($frames[0], qr/\A(\d+) <190>1 \S+ \S+ logged provisor - - provisioned\z/, 'the provision');
	like($frames[1], qr/ - - plan changed to premium\z/, 'the plan change');
	is(length $frames[0], $frames[0] =~ /\A(\d+) / ? $1 + 1 + length $1 : 0, 'the length of a frame');
	my ($quiet, $away) = (uuid(), uuid());
	$template->provision(uuid => $quiet, $heroku->log_input($quiet));
	ok(at_rest($quiet), 'no line is written');
	is(scalar(grep { $_->{target} eq "/logs/$quiet" } $heroku->requests), 0,
		'unless the manifest requires it');
	$heroku->behave('unavailable');
	is($logged->provision(uuid => $away, $heroku->log_input($away))->status, 200,
		'a log that does not respond delays nothing');
	$host->psql("UPDATE jobs SET attempts = 2, run_at = now() WHERE resource = '$away'");
	ok(at_rest($away), '... and is given up');
};

is(join(' ', grep { /the-client-secret|access-\d|refresh-\d/ } $host->log('worker')), '',
	'no secret is in the log');
is_unhurt($host);
done_testing();
