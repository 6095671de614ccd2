#!/usr/bin/perl
# The life of a resource as Heroku's API version 3 has it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::AddOn 'json';
use Provisor::Life;
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

subtest 'a resource lives once' => sub {
	lives_once($host, $addon, 200, 200, 200, 200, 200, 422, 204, 410, 410);
};

subtest 'what is answered depends on the state' => sub {
	answers_by_state($host, $addon,
		# state            POST  PUT  DELETE
		[ 'never seen',      200, 404, 410 ],
		[ 'provisioned',     200, 200, 204 ],
		[ 'provisioning',    '-', 422, 204 ],
		[ 'refused',         422, 422, 204 ],
		[ 'abandoned',       '-', 422, 204 ],
		[ 'deprovisioning',  410, 410, 410 ],
		[ 'deprovisioned',   410, 410, 410 ],
	);
};

subtest 'a repeat is compared with what was first asked' => sub {
	digests_what_was_asked($addon);
};

subtest 'repeats write nothing' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	my $before = fingerprint($host);
	$addon->provision(uuid => $id);
	is(fingerprint($host), $before, 'a repeated create');
	$addon->change_plan($id, 'basic');
	is(fingerprint($host), $before, 'a change to the plan it has');

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

subtest 'a deprovision may come before its create' => sub {
	my $id = uuid();

	refuses($addon->deprovision($id), 410, 'it is gone');
	is(resource($id)->{state}, 'deprovisioned', 'a tombstone remembers it');
	refuses($addon->provision(uuid => $id), 410, 'the late create is refused');
	refuses($addon->deprovision($id), 410, 'a repeat is gone as well');
	is(count_of($host, "resources WHERE marketplace_id = '$id'"), 1, 'one row, no more');
};

subtest 'one uuid may exist at two add-ons' => sub {
	my $id = uuid();
	my $ours = $addon->provision(uuid => $id)->json;
	my $second = $twin->provision(uuid => $id)->json;

	is($ours->{id}, $id, "the first gets the marketplace's id");
	like($second->{id}, qr/\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z/,
		'the second gets another');
	isnt($second->{id}, $id, '... of its own');
	is($second->{config}{FAST_DB_STAGING_URL}, "https://$second->{id}.example/basic",
		'its config knows it by that');
	is_deeply($twin->provision(uuid => $id)->json, $second, 'its repeat gets the same');
	is($twin->deprovision($id)->status, 204, 'the second goes');
	is($addon->change_plan($id, 'premium')->status, 200, 'the first stays');
};

subtest 'a resource is found by either id' => sub {
	my $id = uuid();
	my $imported = uuid();

	$addon->provision(uuid => $id);
	$host->psql("UPDATE resources SET provider_id = '$imported'
		WHERE marketplace_id = '$id'");
	is($addon->change_plan($id, 'premium')->status, 200, "the marketplace's");
	is($addon->change_plan($imported, 'basic')->status, 200, 'ours');
	is($addon->provision(uuid => $id)->json->{id}, $imported, 'ours is answered');
	is($addon->deprovision($imported)->status, 204, 'either deprovisions');
	is($addon->deprovision($id)->status, 410, '... for both');
};

subtest "the marketplace's id wins over ours" => sub {
	my ($one, $other) = (uuid(), uuid());

	$addon->provision(uuid => $_) for $one, $other;
	$host->psql("UPDATE resources SET provider_id = '" . uuid() . "'
		WHERE marketplace_id = '$one'");
	$host->psql("UPDATE resources SET provider_id = '$one'
		WHERE marketplace_id = '$other'");
	$addon->change_plan($one, 'premium');
	is(resource($one)->{plan}, 'premium', 'the one is changed');
	is(resource($other)->{plan}, 'basic', 'the other is not');
};

subtest 'the case of a uuid means nothing' => sub {
	my $id = uuid();
	my $first = $addon->provision(uuid => uc $id);

	is($first->json->{id}, $id, 'it is answered in lower case');
	same_bytes($addon->provision(uuid => $id), $first, 'a repeat in lower case is one');
	is($addon->change_plan(uc $id, 'premium')->status, 200, 'a path in upper case finds it');
	is($addon->deprovision(uc $id)->status, 204, 'and deprovisions it');
	is($addon->provision(uuid => $id)->status, 410, 'a tombstone has no case either');
};

subtest 'what the marketplace tells is kept' => sub {
	my $id = uuid();
	my $log_input = 'https://token:t.lxq1@1.us.logplex.io/logs';
	my $answer = $drain->provision(
		uuid => $id,
		name => 'acme-primary',
		region => 'amazon-web-services::mars-1',
		options => { foo => 'bar', baz => 'true' },
		callback_url => "https://api.heroku.com/addons/$id",
		log_input_url => $log_input,
		log_drain_token => 'd.0fb1',
		no_one => { knows => [ 'this', undef, 1.5e3 ] },
	);
	my $row = resource($id, $drain);
	my %kept = (
		id => $id,
		marketplace => 'heroku',
		addon => 'drained',
		marketplace_id => $id,
		provider_id => $id,
		name => 'acme-primary',
		plan => 'basic',
		region => 'amazon-web-services::mars-1',
		options => { foo => 'bar', baz => 'true' },
		callback_url => "https://api.heroku.com/addons/$id",
		log_drain_token => 'd.0fb1',
		state => 'provisioned',
		version => 1,
	);

	answers($answer, 200, {
		id => $id,
		config => $answer->config,
		log_drain_url => "https://drain.example/$id",
	}, 'the drain is answered, and no message where there is none');
	is_deeply({ map { $_ => $row->{$_} } keys %kept }, \%kept, 'every column is right');
	ok($row->{provisioned_at} && !$row->{deprovisioned_at}, 'it was provisioned');

	my $secret = $answer->config->{DRAINED_TOKEN};
	my $all = join "\n", map { json($_) } map { rows($host, $_) }
		qw(resources events jobs grants);

	ok($row->{config} && $row->{log_input_url} && $row->{log_drain_url},
		'secrets are kept');
	ok(index($all, $_) < 0, 'and sealed')
		for $secret, 't.lxq1', 'drain.example';

	$drain->deprovision($id);
	$row = resource($id, $drain);
	is_deeply([ grep { defined $row->{$_} }
		qw(config callback_url log_input_url log_drain_url message
			plan_message) ], [],
		'a deprovision erases them');
	ok($row->{deprovisioned_at}, 'and says when');
};

sub grant {
	my ($code, $expires_at) = @_;

	return { code => $code, expires_at => $expires_at, type => 'authorization_code' };
}

sub kept_grant {
	my ($uuid) = @_;

	return row($host, "grants WHERE resource = '$uuid'");
}

subtest 'a grant comes with every form of date' => sub {
	my @forms = (
		# as sent                         as kept
		[ '2031-03-03T18:01:31-0800',     '2031-03-04 02:01:31' ],
		[ '2031-03-03T18:01:31-08:00',    '2031-03-04 02:01:31' ],
		[ '2031-03-03T18:01:31+0530',     '2031-03-03 12:31:31' ],
		[ '2031-03-03T18:01:31Z',         '2031-03-03 18:01:31' ],
		[ '2031-03-03T18:01:31.250Z',     '2031-03-03 18:01:31' ],
		[ '2031-03-03T18:01:31.5-08:00',  '2031-03-04 02:01:31' ],
		[ '2032-02-29T23:59:59-0000',     '2032-02-29 23:59:59' ],
	);

	for my $form (@forms) {
		my ($sent, $kept) = @$form;
		my $id = uuid();
		my $code = uuid();

		$addon->provision(uuid => $id, oauth_grant => grant($code, $sent));
		is($host->psql("SELECT date_trunc('second',
			code_expires_at AT TIME ZONE 'UTC')
			FROM grants WHERE resource = '$id'") =~ s/\s+\z//r, $kept, $sent);
		ok(index(json(kept_grant($id)), $code) < 0, 'the code is sealed');
	}
};

subtest 'a grant may be missing' => sub {
	my $id = uuid();

	is($addon->provision(uuid => $id, oauth_grant => undef)->status, 200, 'null is none');
	is(kept_grant($id)->{code}, undef, 'nothing is kept');
	$addon->provision(uuid => $id, oauth_grant => grant(uuid(), '2031-03-03T18:01:31Z'));
	ok(kept_grant($id)->{code}, 'a repeat may bring one');
	$addon->deprovision($id);
	is(kept_grant($id), undef, 'a deprovision leaves none');
};

subtest 'a repeat may bring a newer grant' => sub {
	my ($id, $code) = (uuid(), uuid());
	my $bring = sub {
		my ($with, $minute) = @_;

		$addon->provision(uuid => $id,
			oauth_grant => grant($with, "2031-03-03T18:$minute:00Z"));
		return kept_grant($id)->{code};
	};
	my $first = $bring->($code, '05');
	my $before = fingerprint($host);

	$bring->($code, '05');
	is(fingerprint($host), $before, 'the same one writes nothing');
	is($bring->(uuid(), '01'), $first, 'an older one is left');
	isnt($bring->(uuid(), '07'), $first, 'a newer one is kept');

	$addon->deprovision($id);
	is((kept_grant($id) // {})->{code}, undef, 'a deprovision erases it');
};

is_unhurt($host);

done_testing;
