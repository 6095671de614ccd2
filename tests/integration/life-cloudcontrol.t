#!/usr/bin/perl
# The life of a resource as cloudControl's API has it: Heroku's first one, but
# for the names, the statuses, and a key that comes again.

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

my %asked = (
	cloudcontrol_id => 'dep1a2b3c4d@cloudcontrolled.com',
	callback_url => 'https://api.cloudcontrol.com/vendor/apps/'
		. 'dep1a2b3c4d%40cloudcontrolled.com',
	options => { flavour => 'sweet' },
);

subtest 'a resource lives once' => sub {
	my $first = $addon->provision(%asked);
	my $id = $first->json->{id};

	is($first->status, 201, 'a create is answered as the platform does');
	isnt($id, $asked{cloudcontrol_id}, 'the id is ours');
	same_bytes($addon->provision(%asked), $first, 'a repeat');
	refuses($addon->provision(%asked, plan => 'other'), 422,
		'a repeat with another plan');
	is($addon->change_plan($id, 'premium')->status, 200, 'a plan change');
	is($addon->deprovision($id)->status, 204, 'a deprovision');
	is($addon->deprovision($id)->status, 204, 'once more, as if nothing was');
	refuses($addon->change_plan($id, 'basic'), 410, 'what is gone stays gone');
};

subtest 'the same deployment may come again' => sub {
	my $again = $addon->provision(%asked);

	is($again->status, 201, 'and gets a resource');
	same_bytes($addon->provision(%asked), $again, 'of which a repeat is one');
	is($addon->deprovision($again->json->{id})->status, 204, 'until it goes');
	is(count_of($host, 'resources'), 2, 'a row each');
};

subtest 'what is refused' => sub {
	my $before = fingerprint($host);

	refuses($addon->provision(), 422, 'a create without its key',
		qr/"cloudcontrol_id" is missing/);
	refuses($addon->provision(cloudcontrol_id => 7), 422, 'a key that is a number');
	refuses($addon->provision(cloudcontrol_id => 'x' x 256), 422, 'a key too long');
	refuses($addon->deprovision('never-seen'), 404, 'an id that was never seen');
	is(fingerprint($host), $before, 'and nothing is written');
};

subtest 'both marketplaces are served by one pool' => sub {
	is($addon->request(method => 'POST', path => '/cloudcontrol/resources/',
		body => '{"cloudcontrol_id":"dep2","plan":"basic"}')->status, 201,
		'a slash behind the resources is allowed');
	refuses($addon->request(method => 'POST', path => '/heroku/resources',
		body => '{}'), 404, 'nobody else is mounted');
};

is_unhurt($host);
done_testing;
