#!/usr/bin/perl
# The connection to the database breaks before or after a commit, and the worker cannot
# know which.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes 'time';

use Provisor::DatabaseProxy;
use Provisor::Test;

my $host = new_host(is_direct => 1, workers => { api => 2, web => 1 }, answer_limit => '4s');
my $proxy = Provisor::DatabaseProxy->new($host);
my $v3 = addon($host, 'fast-db');
my $v1 = addon($host, 'old-db',
	version => undef,
	base_url => 'https://localhost/old',
	path => '/old/heroku/resources',
);

$host->start_postgres;
$host->migrate;
$host->start_pool('api');

sub events {
	my ($id) = @_;

	return $host->psql("SELECT string_agg(event, ' ' ORDER BY id) FROM events
		WHERE resource = '$id'");
}

sub total { return count_of($host, 'resources') }

# First each worker connects and prepares its statements.
for my $addon ($v3, $v1) {
	for (1 .. 10) {
		my $id = $addon->provision(uuid => uuid())->json->{id};

		$addon->change_plan($id, 'premium');
		$addon->deprovision($id);
	}
}

for my $lost (qw(request reply)) {
	my $rounds = scaled(2, 50);

	subtest "the $lost is lost" => sub {
		for my $round (1 .. $rounds) {
			my $id = uuid();

			$proxy->lose($lost => 'resource_create');
			my $created = $v3->provision(uuid => $id);

			ok($proxy->has_lost, 'the statement of a create is lost');
			is($created->status, 200, '... and the create succeeds');
			is($created->config->{FAST_DB_URL}, $v3->url($id, 'basic'), '... with its config');
			is(events($id), 'provisioned', '... and with one event');
			same_bytes($v3->provision(uuid => $id), $created, '... and a repeat gets the same response');

			$proxy->lose($lost => 'resource_change_plan');
			my $changed = $v3->change_plan($id, 'premium');

			ok($proxy->has_lost, 'the statement of a plan change is lost');
			is($changed->status, 200, '... and the plan change succeeds');
			is($changed->config->{FAST_DB_URL}, $v3->url($id, 'premium'), '... with the new config');
			is($changed->message, 'Now on plan premium.', '... and the plan message');
			is(events($id), 'provisioned plan-changed', '... and with one event');
			same_bytes($v3->change_plan($id, 'premium'), $changed, '... and a repeat gets the same response');

			$proxy->lose($lost => 'resource_deprovision');
			my $gone = $v3->deprovision($id);

			ok($proxy->has_lost, 'the statement of a deprovision is lost');
			is($gone->status, 204, '... and the deprovision succeeds');
			is(events($id), 'provisioned plan-changed deprovisioned', '... with one event');
			refuses($v3->deprovision($id), 410, '... and a repeat gets 410');
		}
	};

	subtest "the $lost is lost, and the create has no uuid" => sub {
		for my $round (1 .. $rounds) {
			my $before = total();

			$proxy->lose($lost => 'resource_create');
			my $created = $v1->provision;
			my $id = $created->json->{id} // '';

			ok($proxy->has_lost, 'the statement of a create is lost');
			is($created->status, 200, '... and the create succeeds');
			is(total() - $before, 1, '... with one more row');
			is($created->config->{OLD_DB_URL}, $v1->url($id, 'basic'), '... whose config it returns');
			is(events($id), 'provisioned', '... and with one event');

			$proxy->lose($lost => 'resource_change_plan');
			is($v1->change_plan($id, 'premium')->config->{OLD_DB_URL},
				$v1->url($id, 'premium'), 'a plan change succeeds');

			$proxy->lose($lost => 'resource_deprovision');
			is($v1->deprovision($id)->status, 200, 'a deprovision succeeds');
			is(events($id), 'provisioned plan-changed deprovisioned', '... and each has one event');
		}
	};

	subtest "the $lost of a query is lost" => sub {
		my $id = uuid();
		my $created = $v3->provision(uuid => $id);

		$proxy->lose($lost => 'resource_find');
		same_bytes($v3->provision(uuid => $id), $created, 'a repeated create gets the same response');
		ok($proxy->has_lost, '... although its query is lost');
		$proxy->lose($lost => 'resource_find');
		refuses($v3->change_plan(uuid(), 'premium'), 404, 'an unknown resource is not found');
		$proxy->lose($lost => 'resource_create_tombstone');
		refuses($v3->deprovision($id = uuid()), 410, 'an early deprovision gets 410');
		ok($proxy->has_lost, '... although its statement is lost');
		is(events($id), 'tombstone-created', '... and leaves one tombstone');
	};

	subtest "the $lost is lost twice" => sub {
		my $id = uuid();

		$proxy->lose($lost => 'resource_create', 2);
		refuses($v3->provision(uuid => $id), 503, 'a create gets 503');
		ok($proxy->has_lost, '... after two lost statements');
		my $created = $v3->provision(uuid => $id);

		is($created->config->{FAST_DB_URL}, $v3->url($id, 'basic'), 'its repeat succeeds');
		is(events($id), 'provisioned', '... and the resource has one event');

		$proxy->lose($lost => 'resource_deprovision', 2);
		refuses($v3->deprovision($id), 503, 'a deprovision gets 503');
		my $status = $v3->deprovision($id)->status;

		is($status, $lost eq 'reply' ? 410 : 204, "its repeat gets $status");
		is(events($id), 'provisioned deprovisioned', '... and the resource has one event more');
	};
}

subtest 'the reply never arrives' => sub {
	my $id = uuid();
	my $began = time;

	$proxy->lose(answer => 'resource_create');
	refuses($v3->provision(uuid => $id), 503, 'a create gets 503');
	within(time - $began, 4, '... in time');
	ok($proxy->has_lost, '... although the server committed the statement');
	my $created = $v3->provision(uuid => $id);

	is($created->status, 200, 'its repeat succeeds');
	is($created->config->{FAST_DB_URL}, $v3->url($id, 'basic'), '... with its config');
	is(events($id), 'provisioned', '... and the resource has one event');
};

is_unhurt($host);

done_testing;
