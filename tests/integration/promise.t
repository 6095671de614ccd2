#!/usr/bin/perl
# What takes longer than a marketplace waits: it is promised, made, completed
# with the marketplace's own API; or withdrawn.

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

# Half an hour before the marketplace gives up.
sub has_deadline {
	my ($uuid) = @_;

	return is(count_of($host, "resources WHERE id = '$uuid' AND promised_at + interval '11h 30min' - promise_expires_at
		BETWEEN interval '0' AND interval '1 min'"), 1,
		'for as long as the marketplace waits, and a little less');
}

my $promise = sub { return { id => $_[0], message => 'It is being made ready.' } };

subtest 'a hook that is not ready yet' => sub {
	my $id = uuid();

	$heroku->behave('good');
	$vendor->behave(provision =>
		'if ($call->{attempt} < 3) { printf qq({"retry_after":%d}), $call->{attempt} == 1 ? 3600 : 1; exit 75 }');
	my $answer = $addon->provision(uuid => $id, grant());
	answers($answer, 202, $promise->($id), 'it is promised');
	has_deadline($id);
	same_bytes($addon->provision(uuid => $id, grant()), $answer, 'a repeat is promised the same');
	refuses($addon->change_plan($id, 'premium'), 422, 'its plan cannot be changed yet', qr/still being/);
	is($host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND kind = 'provision'
		AND run_at > now() + interval '50 min' RETURNING 'later'"), 'later', 'it is asked again when it says');
	becomes($id, 'provisioned', 'in the end it is there');
	is_deeply([ $heroku->calls($id) ],
		[ "PATCH /addons/$id/config", "POST /addons/$id/actions/provision" ],
		'and the marketplace was told');
	my ($patch) = grep { $_->{method} eq 'PATCH' } $heroku->requests;
	is_deeply([ sort { $a->{name} cmp $b->{name} } @{ JSON::PP::decode_json($patch->{body})->{config} } ],
		[ { name => 'FAST_DB_TOKEN', value => 'attempt 3' },
			{ name => 'FAST_DB_URL', value => $addon->url($id, 'basic') } ],
		'with its config');
	is(scalar(grep { $_ eq 'POST /oauth/token' } $heroku->calls), 1, 'for a grant that was exchanged once');
	answers($addon->provision(uuid => $id, grant()), 200, {
		id => $id, message => 'It is provision.',
		config => { FAST_DB_URL => $addon->url($id, 'basic'), FAST_DB_TOKEN => 'attempt 3' },
	}, 'from now on it is replayed');
	is(events($id), 'provisioning promised created provisioned', 'all of it is told');
	ok(at_rest($id), 'nothing is left to do');
	$vendor->behave(provision => undef);
};

subtest 'a hook that is late' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'sleep 30 if $call->{attempt} == 1');
	answers($addon->provision(uuid => $id, grant()), 202, $promise->($id), 'it is promised');
	becomes($id, 'provisioned', 'in the end it is there');
	$vendor->behave(provision => undef);
};

subtest 'without a grant nothing can be promised' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'print qq({"retry_after":1}); exit 75');
	refuses($addon->provision(uuid => $id), 503, 'it is told to come again', qr/again/);
	refuses($addon->provision(uuid => uuid(), grant(expires_at => '2016-03-03T18:01:31-0800')), 503,
		'nor with one that has expired', qr/again/);
	becomes($id, 'abandoned', 'and is taken back');
	$vendor->behave(provision => undef);
};

subtest 'an add-on that always takes its time' => sub {
	my $id = uuid();

	answers($later->addon->provision(uuid => $id, grant()), 202, $promise->($id), 'it is promised at once');
	has_deadline($id);
	becomes($id, 'provisioned', 'and made by provisor-jobs');
	is(scalar $later->calls('provision', $id), 1, 'the hook ran once');
	is(events($id), 'provisioning created provisioned', 'all of it is told');
};

subtest 'a hook that refuses at once' => sub {
	my $id = uuid();

	$heroku->behave('good');
	$vendor->behave(provision => 'print qq({"message":"No room."}); exit 65');
	refuses($addon->provision(uuid => $id, grant()), 422, 'its answer tells', qr/\ANo room\.\z/);
	ok(at_rest($id), 'nothing is left to do');
	is_deeply([ $heroku->calls($id) ], [], 'and nothing else to be told');
	$vendor->behave(provision => undef);
};

subtest 'a hook that refuses what was promised' => sub {
	my $id = uuid();

	$heroku->behave('good');
	$later->behave(provision => 'print qq({"message":"No room."}); exit 65');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	becomes($id, 'refused', 'and refused');
	ok(at_rest($id), 'nothing is left to do');
	is_deeply([ $heroku->calls($id) ], [ "POST /addons/$id/actions/deprovision" ],
		'the marketplace was told');
	refuses($later->addon->provision(uuid => $id), 422, 'so is a repeat', qr/\ANo room\.\z/);
	$later->behave(provision => undef);
};

subtest 'what is not ready in time' => sub {
	my $id = uuid();

	$heroku->behave('good');
	$later->behave(provision => 'write_to($thing, "half"); print qq({"retry_after":1}); exit 75');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	wait_for(10, sub { $later->calls('provision', $id) });
	$host->psql("UPDATE resources SET promise_expires_at = now() - interval '1 s' WHERE id = '$id'");
	becomes($id, 'refused', 'it is given up');
	ok(at_rest($id), 'nothing is left to do');
	is($later->thing($id), undef, 'nor at the vendor');
	is_deeply([ $heroku->calls($id) ], [ "POST /addons/$id/actions/deprovision" ],
		'the marketplace was told');
	$later->behave(provision => undef);
};

subtest 'what is ready, and cannot be told in time' => sub {
	my $id = uuid();

	$heroku->behave('good');
	$later->behave(provision => 'unless (-e "ready") { print qq({"retry_after":1}); exit 75 }');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	ok(wait_for(20, sub { row($host, "grants WHERE resource = '$id'")->{access_token} }), 'there is a token');
	$heroku->behave('unavailable');
	$later->addon->write_file('ready', '');
	ok(wait_for(20, sub { events($id) =~ /created/ }), 'it is made');
	$host->psql("UPDATE resources SET promise_expires_at = now() - interval '1 s' WHERE id = '$id'");
	becomes($id, 'refused', 'it is given up');
	$heroku->behave('good');
	ok(at_rest($id), 'nothing is left to do');
	is($later->thing($id), undef, 'nor at the vendor');
	is_deeply([ $heroku->calls($id) ], [ "POST /addons/$id/actions/deprovision" ],
		'the marketplace was told');
	$later->behave(provision => undef);
};

subtest 'a deprovision in the middle' => sub {
	my $id = uuid();

	$heroku->behave('unavailable');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	ok(wait_for(20, sub { events($id) =~ /created/ }), 'it is made');
	answers($later->addon->deprovision($id), 204, undef, 'it is deprovisioned');
	$heroku->behave('good');
	becomes($id, 'deprovisioned', 'and gone');
	ok(at_rest($id), 'nothing is left to do');
	is($later->thing($id), undef, 'nor at the vendor');
	is(join(' ', grep { m{/actions/provision} } $heroku->calls($id)), '', 'it is never completed');
	is(count_of($host, "grants WHERE resource = '$id'"), 0, 'its grant is forgotten');
};

subtest 'a marketplace that is away for a while' => sub {
	my $id = uuid();

	$heroku->behave('unavailable');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	ok(wait_for(20, sub { count_of($host, "jobs WHERE resource = '$id' AND kind IN ('exchange', 'complete')"
		. ' AND attempts > 1') }), 'it is tried again');
	is(resource($id)->{state}, 'provisioning', 'it waits');
	$heroku->behave('good');
	becomes($id, 'provisioned', 'and is completed');
};

subtest 'a marketplace that wants us to slow down' => sub {
	my $id = uuid();

	$heroku->behave('rate-limited');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	ok(wait_for(20, sub { count_of($host, "jobs WHERE resource = '$id' AND run_at > now() + interval '50 min'") }),
		'it is left alone for as long as it wants');
	$heroku->behave('good');
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
	becomes($id, 'provisioned', 'and then it is completed');
};

subtest 'a marketplace that has heard it before' => sub {
	my $id = uuid();

	$heroku->behave('rejects-actions');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	becomes($id, 'provisioned', 'what it calls provisioned is so');
};

subtest 'a marketplace that has removed what it waited for' => sub {
	for my $way (qw(gone deprovisioned)) {
		my $id = uuid();

		$heroku->behave($way);
		is($later->addon->provision(uuid => $id, grant())->status, 202, "$way: it is promised");
		becomes($id, 'deprovisioned', 'it is deprovisioned here too');
		is($later->thing($id), undef, 'nothing is left at the vendor');
	}
};

subtest 'a token that is no longer trusted' => sub {
	my $id = uuid();

	$heroku->behave('accepts-only-refreshed');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	becomes($id, 'provisioned', 'and completed with another');
	is(scalar(grep { ($_->{body} // '') =~ /grant_type=refresh_token/ } $heroku->requests), 1,
		'that was asked for once');
	is(row($host, "grants WHERE resource = '$id'")->{previous_refresh_token}, undef,
		'the one before is forgotten, now that it has worked');
};

subtest 'a grant that can no longer be exchanged' => sub {
	my $id = uuid();

	$heroku->behave('used-code');
	is($template->provision(uuid => $id, grant())->status, 200, 'the resource is provisioned all the same');
	ok(at_rest($id), 'it is tried');
	like(events($id), qr/grant-missed/, 'and told');
	is(row($host, "grants WHERE resource = '$id'")->{code}, undef, 'the code is forgotten');
};

subtest 'a grant of what is there at once' => sub {
	my $id = uuid();

	$heroku->behave('good');
	is($template->provision(uuid => $id, grant())->status, 200, 'it is provisioned');
	ok(at_rest($id), 'its grant is exchanged');
	ok(row($host, "grants WHERE resource = '$id'")->{access_token}, 'and a token kept');
	is(row($host, "grants WHERE resource = '$id'")->{code}, undef, '... but no code');
	is_deeply([ $heroku->calls($id) ], [], 'nothing else is asked');
};

subtest 'a customer reads of it in the log of the app' => sub {
	my $id = uuid();

	$heroku->behave('good');
	$logged->provision(uuid => $id, $heroku->log_input($id));
	$logged->change_plan($id, 'premium');
	ok(at_rest($id), 'nothing is left to do');
	my @frames = map { $_->{body} } grep { $_->{target} eq "/logs/$id" } $heroku->requests;
	is(scalar @frames, 2, 'two lines are written');
	like($frames[0], qr/\A(\d+) <190>1 \S+ \S+ logged provisor - - provisioned\z/, 'the create');
	like($frames[1], qr/ - - plan changed to premium\z/, 'the plan change');
	is(length $frames[0], $frames[0] =~ /\A(\d+) / ? $1 + 1 + length $1 : 0, 'counted right');
	my ($quiet, $away) = (uuid(), uuid());
	$template->provision(uuid => $quiet, $heroku->log_input($quiet));
	ok(at_rest($quiet), 'and none');
	is(scalar(grep { $_->{target} eq "/logs/$quiet" } $heroku->requests), 0,
		'where the manifest does not ask for it');
	$heroku->behave('unavailable');
	is($logged->provision(uuid => $away, $heroku->log_input($away))->status, 200,
		'a log that is away is nobody\'s trouble');
	$host->psql("UPDATE jobs SET attempts = 2, run_at = now() WHERE resource = '$away'");
	ok(at_rest($away), '... and not tried for ever');
};

is(join(' ', grep { /the-client-secret|access-\d|refresh-\d/ } $host->log('worker')), '',
	'no secret is in the log');
is_unhurt($host);
done_testing();
