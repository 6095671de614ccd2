#!/usr/bin/perl
# The life cycle of a resource in cloudControl's API.  It is version 1 of Heroku's
# API except for the names, the statuses, and a key that may return.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;

my $addon;
my $host = serving_host({}, sub {
	my ($new) = @_;

	$addon = addon($new, 'cloud-db',
		marketplace => 'cloudcontrol',
		version => undef,
		base_url => 'https://localhost/cloudcontrol/resources',
		api => { regions => undef });
	delete $addon->{manifest}{api}{regions};
	$addon->write;
});

my %members = (
	cloudcontrol_id => 'dep1a2b3c4d@cloudcontrolled.com',
	callback_url => 'https://api.cloudcontrol.com/vendor/apps/'
		. 'dep1a2b3c4d%40cloudcontrolled.com',
	options => { flavour => 'sweet' },
);

subtest 'a resource has one life cycle' => sub {
	my $first = $addon->provision(%members);
	my $id = $first->json->{id};

	is($first->status, 201, 'a create gets the status of this platform');
	isnt($id, $members{cloudcontrol_id}, 'the id is not the key of the create');
	same_bytes($addon->provision(%members), $first, 'a repeat gets the same response');
	refuses($addon->provision(%members, plan => 'other'), 422,
		'a repeat with another plan is refused');
	is($addon->change_plan($id, 'premium')->status, 200, 'a plan change succeeds');
	is($addon->deprovision($id)->status, 204, 'a deprovision succeeds');
	is($addon->deprovision($id)->status, 204, 'a repeated deprovision gets the same status');
	refuses($addon->change_plan($id, 'basic'), 410, 'a plan change after it is refused');
};

subtest 'the key of a deprovisioned resource may return' => sub {
	my $again = $addon->provision(%members);

	is($again->status, 201, 'a create with it makes a resource');
	same_bytes($addon->provision(%members), $again, 'a repeat gets the same response');
	is($addon->deprovision($again->json->{id})->status, 204, 'the resource is deprovisioned');
	is(count_of($host, 'resources'), 2, 'each of the two resources has a row');
};

subtest 'a malformed or unknown key is refused' => sub {
	my $before = fingerprint($host);

	refuses($addon->provision(), 422, 'a create without its key',
		qr/"cloudcontrol_id" is missing/);
	refuses($addon->provision(cloudcontrol_id => 7), 422, 'a key that is a number');
	refuses($addon->provision(cloudcontrol_id => 'x' x 256), 422, 'a key too long');
	refuses($addon->deprovision('never-seen'), 404, 'an unknown id is not found');
	is(fingerprint($host), $before, 'nothing is written');
};

subtest 'one pool serves several marketplaces' => sub {
	is($addon->request(method => 'POST', path => '/cloudcontrol/resources/',
		body => '{"cloudcontrol_id":"dep2","plan":"basic"}')->status, 201,
		'a slash at the end of the path is allowed');
	refuses($addon->request(method => 'POST', path => '/heroku/resources',
		body => '{}'), 404, 'the path of a marketplace without add-ons is not found');
};

is_unhurt($host);
done_testing;
