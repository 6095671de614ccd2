#!/usr/bin/perl
# The life cycle of a resource in version 3 of Heroku's API.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::AddOn 'json';
use Provisor::LifeCycle;
use Provisor::Test;

my ($addon, $twin, $drain);
my $host = serving_host({}, sub {
	my ($new) = @_;

	$addon = addon($new, 'fast-db');
	$twin = addon($new, 'fast-db-staging');
	$drain = addon($new, 'drained',
		api => { requires => [qw(log_input syslog_drain)] },
		template => {
			config => { DRAINED_TOKEN => '${secret:token}' },
			log_drain_url => 'https://drain.example/${id}',
		});
});

sub resource {
	my ($uuid, $of) = @_;
	my $name = ($of // $addon)->name;

	return row($host, "resources WHERE marketplace_id = '$uuid' AND addon = '$name'");
}

subtest 'a resource has one life cycle' => sub {
	check_life_cycle($host, $addon, 200, 200, 200, 200, 200, 422, 204, 410, 410);
};

subtest 'the status depends on the state of the resource' => sub {
	check_statuses_by_state($host, $addon,
		# state            POST  PUT  DELETE
		[ 'never seen',      200, 404, 410 ],
		[ 'provisioned',     200, 200, 204 ],
		[ 'suspended',       200, 200, 204 ],
		[ 'provisioning',    '-', 422, 204 ],
		[ 'refused',         422, 422, 204 ],
		[ 'abandoned',       '-', 422, 204 ],
		[ 'kept',            410, 410, 410 ],
		[ 'deprovisioning',  410, 410, 410 ],
		[ 'deprovisioned',   410, 410, 410 ],
	);
};

subtest 'a repeated create is compared with the first' => sub {
	check_repeats($addon);
};

subtest 'a repeated request writes nothing' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	my $before = fingerprint($host);
	$addon->provision(uuid => $id);
	is(fingerprint($host), $before, 'a repeated create');
	$addon->change_plan($id, 'basic');
	is(fingerprint($host), $before, 'a change to the plan that the resource has');

	$addon->change_plan($id, 'premium');
	$before = fingerprint($host);
	my $first = $addon->provision(uuid => $id);
	is(fingerprint($host), $before, 'a repeated create after a plan change');
	$addon->change_plan($id, 'premium');
	is(fingerprint($host), $before, 'a repeated plan change');

	$addon->deprovision($id);
	$before = fingerprint($host);
	$addon->deprovision($id);
	$addon->provision(uuid => $id);
	$addon->change_plan($id, 'basic');
	is(fingerprint($host), $before, 'anything after a deprovision');
};

subtest 'a deprovision may arrive before its create' => sub {
	my $id = uuid();

	refuses($addon->deprovision($id), 410, 'the resource is gone');
	is(resource($id)->{state}, 'deprovisioned', 'the deprovision leaves a tombstone');
	refuses($addon->provision(uuid => $id), 410, 'the late create is refused');
	refuses($addon->deprovision($id), 410, 'a repeated deprovision gets the same status');
	is(count_of($host, "resources WHERE marketplace_id = '$id'"), 1, 'the resource has one row');
};

subtest 'two add-ons may have a resource with the same uuid' => sub {
	my $id = uuid();
	my $ours = $addon->provision(uuid => $id)->json;
	my $second = $twin->provision(uuid => $id)->json;

	is($ours->{id}, $id, "the first gets the marketplace's id");
	like($second->{id}, qr/\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z/,
		'the second gets a uuid');
	isnt($second->{id}, $id, '... that differs from the first');
	is($second->{config}{FAST_DB_STAGING_URL}, "https://$second->{id}.example/basic",
		'its config contains its own id');
	is_deeply($twin->provision(uuid => $id)->json, $second, 'a repeat returns the same resource');
	is($twin->deprovision($id)->status, 204, 'the second is deprovisioned');
	is($addon->change_plan($id, 'premium')->status, 200, '... and the first still exists');
};

subtest "a request may name a resource by the marketplace's id or by ours" => sub {
	my $id = uuid();
	my $imported = uuid();

	$addon->provision(uuid => $id);
	change_ids($host, "marketplace_id = '$id'", provider_id => $imported);
	is($addon->change_plan($id, 'premium')->status, 200, "a plan change by the marketplace's id");
	is($addon->change_plan($imported, 'basic')->status, 200, 'a plan change by our id');
	is($addon->provision(uuid => $id)->json->{id}, $imported, 'the response has our id');
	is($addon->deprovision($imported)->status, 204, 'a deprovision by our id');
	is($addon->deprovision($id)->status, 410, '... counts for both ids');
};

subtest "the marketplace's id takes precedence over ours" => sub {
	my ($one, $other) = (uuid(), uuid());

	$addon->provision(uuid => $_) for $one, $other;
	change_ids($host, "marketplace_id = '$one'", provider_id => uuid());
	change_ids($host, "marketplace_id = '$other'", provider_id => $one);
	$addon->change_plan($one, 'premium');
	is(resource($one)->{plan}, 'premium', "the resource with this marketplace's id is changed");
	is(resource($other)->{plan}, 'basic', 'the one that has it as our id is not');
};

subtest 'a uuid is compared without regard to case' => sub {
	my $id = uuid();
	my $first = $addon->provision(uuid => uc $id);

	is($first->json->{id}, $id, 'the response has it in lower case');
	same_bytes($addon->provision(uuid => $id), $first, 'a create in lower case is a repeat');
	is($addon->change_plan(uc $id, 'premium')->status, 200, 'a plan change finds the resource in upper case');
	is($addon->deprovision(uc $id)->status, 204, 'so does a deprovision');
	is($addon->provision(uuid => $id)->status, 410, 'a create finds the tombstone in lower case');
};

subtest 'the members of a create are stored' => sub {
	my $id = uuid();
	my $log_input = 'https://token:t.lxq1@1.us.logplex.io/logs';
	my $answer = $drain->provision(
		uuid => $id,
		name => 'acme-primary',
		region => 'amazon-web-services::mars-1',
		options => { foo => 'bar', baz => 'a chosen value' },
		callback_url => "https://api.heroku.com/addons/$id",
		log_input_url => $log_input,
		log_drain_token => 'd.0fb1',
		unknown => { member => [ 'this', undef, 1.5e3 ] },
	);
	my $row = resource($id, $drain);
	my %stored = (
		id => $id,
		marketplace => 'heroku',
		addon => 'drained',
		marketplace_id => $id,
		provider_id => $id,
		name => 'acme-primary',
		plan => 'basic',
		region => 'amazon-web-services::mars-1',
		callback_url => "https://api.heroku.com/addons/$id",
		log_drain_token => 'd.0fb1',
		state => 'provisioned',
		version => 1,
	);

	answers($answer, 200, {
		id => $id,
		config => $answer->config,
		log_drain_url => "https://drain.example/$id",
	}, 'the response has the drain, and no message if the template has none');
	is_deeply({ map { $_ => $row->{$_} } keys %stored }, \%stored, 'every column has its value');
	ok($row->{provisioned_at} && !$row->{deprovisioned_at}, 'the row has the time of the provision');

	my $secret = $answer->config->{DRAINED_TOKEN};
	my $all = join "\n", map { json($_) } map { rows($host, $_) }
		qw(resources events jobs);

	ok($row->{config} && $row->{log_input_url} && $row->{log_drain_url},
		'secrets are stored');
	ok(index($all, $_) < 0, '... and sealed')
		for $secret, 't.lxq1', 'drain.example', 'a chosen value';

	$drain->deprovision($id);
	$row = resource($id, $drain);
	is_deeply([ grep { defined $row->{$_} }
		qw(config callback_url log_input_url log_drain_url message
			plan_message) ], [],
		'a deprovision erases them');
	ok($row->{deprovisioned_at}, '... and stores its time');
};

sub grant {
	my ($code, $expires_at) = @_;

	return { code => $code, expires_at => $expires_at, type => 'authorization_code' };
}

sub stored_grant {
	my ($uuid) = @_;

	return row($host, "resources WHERE id = '$uuid'");
}

subtest 'the expiry of a grant may have any format of date' => sub {
	my @forms = (
		# as sent                         as stored
		[ '2031-03-03T18:01:31-0800',     '2031-03-04 02:01:31' ],
		[ '2031-03-03T18:01:31-08:00',    '2031-03-04 02:01:31' ],
		[ '2031-03-03T18:01:31+0530',     '2031-03-03 12:31:31' ],
		[ '2031-03-03T18:01:31Z',         '2031-03-03 18:01:31' ],
		[ '2031-03-03T18:01:31.250Z',     '2031-03-03 18:01:31' ],
		[ '2031-03-03T18:01:31.5-08:00',  '2031-03-04 02:01:31' ],
		[ '2032-02-29T23:59:59-0000',     '2032-02-29 23:59:59' ],
	);

	for my $form (@forms) {
		my ($sent, $stored) = @$form;
		my $id = uuid();
		my $code = uuid();

		$addon->provision(uuid => $id, oauth_grant => grant($code, $sent));
		is($host->psql("SELECT date_trunc('second',
			grant_code_expires_at AT TIME ZONE 'UTC')
			FROM resources WHERE id = '$id'") =~ s/\s+\z//r, $stored, $sent);
		ok(index(json(stored_grant($id)), $code) < 0, 'the code is sealed');
	}
};

subtest 'a create may have no grant' => sub {
	my $id = uuid();

	is($addon->provision(uuid => $id, oauth_grant => undef)->status, 200, 'null means no grant');
	is(stored_grant($id)->{grant_code}, undef, 'no code is stored');
	$addon->provision(uuid => $id, oauth_grant => grant(uuid(), '2031-03-03T18:01:31Z'));
	ok(stored_grant($id)->{grant_code}, 'a repeat with a grant adds it');
	$addon->deprovision($id);
	is(stored_grant($id)->{grant_code}, undef, 'a deprovision deletes it');
};

subtest 'a repeat may replace the grant' => sub {
	my ($id, $code) = (uuid(), uuid());
	my $code_after = sub {
		my ($with, $minute) = @_;

		$addon->provision(uuid => $id,
			oauth_grant => grant($with, "2031-03-03T18:$minute:00Z"));
		return stored_grant($id)->{grant_code};
	};
	my $first = $code_after->($code, '05');
	my $before = fingerprint($host);

	$code_after->($code, '05');
	is(fingerprint($host), $before, 'the same grant writes nothing');
	is($code_after->(uuid(), '01'), $first, 'an older grant does not replace it');
	isnt($code_after->(uuid(), '07'), $first, 'a newer grant does');

	$addon->deprovision($id);
	is((stored_grant($id) // {})->{grant_code}, undef, 'a deprovision deletes it');
};

is_unhurt($host);

done_testing;
