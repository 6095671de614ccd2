#!/usr/bin/perl
# The life cycle of a resource in version 1 of Heroku's API.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::AddOn 'json';
use Provisor::LifeCycle;
use Provisor::Test;

my ($addon, $numbered);
my $host = serving_host({}, sub {
	my ($new) = @_;

	$addon = addon($new, 'old-db', version => undef);
	$numbered = addon($new, 'older-db', version => '1');
});

subtest 'a resource has one life cycle' => sub {
	check_life_cycle($host, $addon, 200, 200, 200, 200, 200, 422, 200, 200, 410);
};

subtest 'version "1" in a manifest means the same as no version' => sub {
	check_life_cycle($host, $numbered, 200, 200, 200, 200, 200, 422, 200, 200, 410);
};

subtest 'the status depends on the state of the resource' => sub {
	check_statuses_by_state($host, $addon,
		# state            POST  PUT  DELETE
		[ 'never seen',      200, 404, 404 ],
		[ 'provisioned',     200, 200, 200 ],
		[ 'suspended',       200, 200, 200 ],
		[ 'provisioning',    '-', 422, 200 ],
		[ 'refused',         422, 422, 200 ],
		[ 'abandoned',       '-', 422, 200 ],
		[ 'kept',            410, 410, 200 ],
		[ 'deprovisioning',  410, 410, 200 ],
		[ 'deprovisioned',   410, 410, 200 ],
	);
};

subtest 'a repeated create is compared with the first' => sub {
	check_repeats($addon);
};

subtest 'a deprovision of an unknown resource leaves no tombstone' => sub {
	my $id = uuid();
	my $before = fingerprint($host);

	refuses($addon->deprovision($id), 404, 'an unknown uuid is not found');
	refuses($addon->deprovision('4711'), 404, 'nor is an id that is not a uuid');
	is(fingerprint($host), $before, '... and nothing is written');
	is($addon->provision(uuid => $id)->status, 200, 'a later create succeeds');
};

subtest 'each create without a uuid makes a new resource' => sub {
	my @members = (heroku_id => 'app123@heroku.com', region => 'eu');
	my $first = $addon->provision(@members)->json;
	my $second = $addon->provision(@members, uuid => undef)->json;

	isnt($second->{id}, $first->{id}, 'two creates return two ids');
	for my $id ($first->{id}, $second->{id}) {
		like($id, qr/\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z/, 'the id is a uuid');
		is($addon->change_plan($id, 'premium')->status, 200, 'a plan change finds the resource');
		is($addon->deprovision($id)->status, 200, 'it is deprovisioned');
		is($addon->deprovision($id)->status, 200, 'a repeated deprovision gets the same status');
	}
};

subtest "a request may name a resource by the marketplace's id or by ours" => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	change_ids($host, "marketplace_id = '$id'", provider_id => 'db/47 11');
	is($addon->change_plan('db%2F47%2011', 'premium')->status, 200, 'by our id, percent-encoded');
	is($addon->change_plan($id, 'basic')->status, 200, "by the marketplace's id");
	is($addon->change_plan(uc $id, 'premium')->status, 200, '... also in upper case');
	is($addon->provision(uuid => $id)->json->{id}, 'db/47 11', 'the response has our id');
};

subtest "our id takes precedence over the marketplace's" => sub {
	my ($one, $other) = (uuid(), uuid());

	$addon->provision(uuid => $_) for $one, $other;
	change_ids($host, "marketplace_id = '$one'", provider_id => 'another');
	change_ids($host, "marketplace_id = '$other'", provider_id => $one);
	$addon->change_plan($one, 'premium');
	is_deeply([ map { row($host, "resources WHERE marketplace_id = '$_'")->{plan} }
		$one, $other ], [ 'basic', 'premium' ], 'the resource that has this id as ours is changed');
};

subtest 'every member that a client is known to send is accepted' => sub {
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

	is($addon->provision(uuid => $id, %kensa)->status, 200, 'the members that kensa sends are accepted');
	my $row = row($host, "resources WHERE marketplace_id = '$id'");

	is($row->{callback_url}, $kensa{callback_url}, 'the callback URL is stored');
	is($row->{log_drain_token}, 'd.0fb1', 'the drain token is stored');
	ok(index(json($row), 't.lxq1') < 0 && $row->{log_input_url},
		'the log URL is stored sealed');
	is($addon->request(
		method => 'PUT',
		path => $addon->path . "/$id",
		body => json({ heroku_id => 'app1@kensa.heroku.com', plan => 'foo',
			uuid => uuid() }),
	)->status, 200, 'a plan change identifies the resource by its path only');
	is($addon->provision(heroku_id => 'app1@kensa.heroku.com',
		logplex_token => 't.d5c14c65')->status, 200, 'a logplex token may be a string');
};

is_unhurt($host);

done_testing;
