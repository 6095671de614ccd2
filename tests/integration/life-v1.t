#!/usr/bin/perl
# The life of a resource as Heroku's first API has it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::AddOn 'json';
use Provisor::Life;
use Provisor::Test;

my ($addon, $numbered);
my $host = serving_host({}, sub {
	my ($new) = @_;

	$addon = addon($new, 'old-db', version => undef);
	$numbered = addon($new, 'older-db', version => '1');
});

subtest 'a resource lives once' => sub {
	lives_once($host, $addon, 200, 200, 200, 200, 200, 422, 200, 200, 410);
};

subtest 'version "1" in a manifest is the same' => sub {
	lives_once($host, $numbered, 200, 200, 200, 200, 200, 422, 200, 200, 410);
};

subtest 'what is answered depends on the state' => sub {
	answers_by_state($host, $addon,
		# state            POST  PUT  DELETE
		[ 'never seen',      200, 404, 404 ],
		[ 'provisioned',     200, 200, 200 ],
		[ 'provisioning',    '-', 422, 200 ],
		[ 'refused',         422, 422, 200 ],
		[ 'abandoned',       '-', 422, 200 ],
		[ 'deprovisioning',  410, 410, 200 ],
		[ 'deprovisioned',   410, 410, 200 ],
	);
};

subtest 'a repeat is compared with what was first asked' => sub {
	digests_what_was_asked($addon);
};

subtest 'a deprovision of what was never seen leaves nothing' => sub {
	my $id = uuid();
	my $before = fingerprint($host);

	refuses($addon->deprovision($id), 404, 'a uuid is not found');
	refuses($addon->deprovision('4711'), 404, 'nor is any other id');
	is(fingerprint($host), $before, 'no row is made');
	is($addon->provision(uuid => $id)->status, 200, 'so a create may still come');
};

subtest 'without a uuid every create is a new one' => sub {
	my @asked = (heroku_id => 'app123@heroku.com', region => 'eu');
	my $first = $addon->provision(@asked)->json;
	my $second = $addon->provision(@asked, uuid => undef)->json;

	isnt($second->{id}, $first->{id}, 'two creates, two ids');
	for my $id ($first->{id}, $second->{id}) {
		like($id, qr/\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z/, 'a uuid of ours');
		is($addon->change_plan($id, 'premium')->status, 200, 'it is found');
		is($addon->deprovision($id)->status, 200, 'it goes');
		is($addon->deprovision($id)->status, 200, 'it goes again');
	}
};

subtest 'a resource is found by either id' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$host->psql("UPDATE resources SET provider_id = 'db/47 11'
		WHERE marketplace_id = '$id'");
	is($addon->change_plan('db%2F47%2011', 'premium')->status, 200, 'ours, escaped');
	is($addon->change_plan($id, 'basic')->status, 200, "the marketplace's");
	is($addon->change_plan(uc $id, 'premium')->status, 200, '... in any case');
	is($addon->provision(uuid => $id)->json->{id}, 'db/47 11', 'ours is answered');
};

subtest "our id wins over the marketplace's" => sub {
	my ($one, $other) = (uuid(), uuid());

	$addon->provision(uuid => $_) for $one, $other;
	$host->psql("UPDATE resources SET provider_id = 'another'
		WHERE marketplace_id = '$one'");
	$host->psql("UPDATE resources SET provider_id = '$one'
		WHERE marketplace_id = '$other'");
	$addon->change_plan($one, 'premium');
	is_deeply([ map { row($host, "resources WHERE marketplace_id = '$_'")->{plan} }
		$one, $other ], [ 'basic', 'premium' ], 'the other is changed');
};

subtest 'everything that was ever sent is taken' => sub {
	my $id = uuid();
	my %kensa = (
		heroku_id => 'app7386@kensa.heroku.com',
		callback_url => 'http://localhost:7779/callback/999',
		logplex_token => undef,
		options => {},
		region => 'amazon-web-services::us-east-1',
		log_input_url => 'https://token:t.lxq1@1.us.logplex.io/logs',
		log_drain_token => 'd.0fb1',
		syslog_token => 't.old',
	);

	is($addon->provision(uuid => $id, %kensa)->status, 200, 'as kensa sends it');
	my $row = row($host, "resources WHERE marketplace_id = '$id'");

	is($row->{callback_url}, $kensa{callback_url}, 'the callback is kept');
	is($row->{log_drain_token}, 'd.0fb1', 'so is the drain token');
	ok(index(json($row), 't.lxq1') < 0 && $row->{log_input_url},
		'so is the log URL, sealed');
	is($addon->request(
		method => 'PUT',
		path => $addon->path . "/$id",
		body => json({ heroku_id => 'app1@kensa.heroku.com', plan => 'foo',
			uuid => uuid() }),
	)->status, 200, "only the path names a plan change's resource");
	is($addon->provision(heroku_id => 'app1@kensa.heroku.com',
		logplex_token => 't.d5c14c65')->status, 200, 'a token may be a text');
};

is_unhurt($host);

done_testing;
