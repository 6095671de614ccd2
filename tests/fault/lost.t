#!/usr/bin/perl
# The connection to the database breaks at the worst moments: the server has
# committed and nobody hears of it, or nobody knows that it has not.

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

# Until their connections and statements are there, workers do other things.
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
			my $made = $v3->provision(uuid => $id);

			ok($proxy->has_lost, 'a create loses it');
			is($made->status, 200, '... and is answered');
			is($made->config->{FAST_DB_URL}, $v3->url($id, 'basic'), '... with its config');
			is(events($id), 'provisioned', '... and made once');
			same_bytes($v3->provision(uuid => $id), $made, '... as a repeat tells');

			$proxy->lose($lost => 'resource_change_plan');
			my $changed = $v3->change_plan($id, 'premium');

			ok($proxy->has_lost, 'a plan change loses it');
			is($changed->status, 200, '... and is answered');
			is($changed->config->{FAST_DB_URL}, $v3->url($id, 'premium'), '... with the new config');
			is($changed->message, 'Now on plan premium.', '... and its message');
			is(events($id), 'provisioned plan-changed', '... and made once');
			same_bytes($v3->change_plan($id, 'premium'), $changed, '... as a repeat tells');

			$proxy->lose($lost => 'resource_deprovision');
			my $gone = $v3->deprovision($id);

			ok($proxy->has_lost, 'a deprovision loses it');
			is($gone->status, 204, '... and is answered');
			is(events($id), 'provisioned plan-changed deprovisioned', '... and made once');
			refuses($v3->deprovision($id), 410, '... as a repeat tells');
		}
	};

	subtest "the $lost is lost, and there is no uuid" => sub {
		for my $round (1 .. $rounds) {
			my $before = total();

			$proxy->lose($lost => 'resource_create');
			my $made = $v1->provision;
			my $id = $made->json->{id} // '';

			ok($proxy->has_lost, 'a create loses it');
			is($made->status, 200, '... and is answered');
			is(total() - $before, 1, '... there is one more row');
			is($made->config->{OLD_DB_URL}, $v1->url($id, 'basic'), '... which is told of');
			is(events($id), 'provisioned', '... and made once');

			$proxy->lose($lost => 'resource_change_plan');
			is($v1->change_plan($id, 'premium')->config->{OLD_DB_URL},
				$v1->url($id, 'premium'), 'a plan change is answered');

			$proxy->lose($lost => 'resource_deprovision');
			is($v1->deprovision($id)->status, 200, 'so is a deprovision');
			is(events($id), 'provisioned plan-changed deprovisioned', '... each made once');
		}
	};

	subtest "the $lost of a look-up is lost" => sub {
		my $id = uuid();
		my $made = $v3->provision(uuid => $id);

		$proxy->lose($lost => 'resource_find');
		same_bytes($v3->provision(uuid => $id), $made, 'a repeat is answered');
		ok($proxy->has_lost, '... by another connection');
		$proxy->lose($lost => 'resource_find');
		refuses($v3->change_plan(uuid(), 'premium'), 404, 'what is not there is not');
		$proxy->lose($lost => 'resource_bury');
		refuses($v3->deprovision($id = uuid()), 410, 'what was never seen is gone');
		ok($proxy->has_lost, '... and buried');
		is(events($id), 'tombstone-created', '... once');
	};

	subtest "the $lost is lost twice" => sub {
		my $id = uuid();

		$proxy->lose($lost => 'resource_create', 2);
		refuses($v3->provision(uuid => $id), 503, 'a create: later');
		ok($proxy->has_lost, '... as there was no connection that worked');
		my $made = $v3->provision(uuid => $id);

		is($made->config->{FAST_DB_URL}, $v3->url($id, 'basic'), 'then it is answered');
		is(events($id), 'provisioned', '... and made once');

		$proxy->lose($lost => 'resource_deprovision', 2);
		refuses($v3->deprovision($id), 503, 'a deprovision: later');
		my $status = $v3->deprovision($id)->status;

		is($status, $lost eq 'reply' ? 410 : 204, "then it is answered: $status");
		is(events($id), 'provisioned deprovisioned', '... and made once');
	};
}

subtest 'the reply never comes' => sub {
	my $id = uuid();
	my $began = time;

	$proxy->lose(answer => 'resource_create');
	refuses($v3->provision(uuid => $id), 503, 'a create: later');
	within(time - $began, 4, 'told in time');
	ok($proxy->has_lost, '... though the server had done it');
	my $made = $v3->provision(uuid => $id);

	is($made->status, 200, 'a repeat is answered');
	is($made->config->{FAST_DB_URL}, $v3->url($id, 'basic'), '... with its config');
	is(events($id), 'provisioned', '... and was made once');
};

is_unhurt($host);

done_testing;
