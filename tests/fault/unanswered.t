#!/usr/bin/perl
# A create or a plan change of an add-on with a template gets 503, because the database
# does not confirm it, and takes effect all the same.  The request is not repeated.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::DatabaseProxy;
use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Test;

my $host = new_host(
	is_direct => 1,
	workers => { api => 2, web => 1, jobs => 1 },
	answer_limit => '4s',
	env => { PROVISOR_REPEAT_HORIZON => '2s' },
);
my $heroku = Provisor::FakeHeroku->new($host);
my $proxy = Provisor::DatabaseProxy->new($host);
my $eventually = Provisor::Eventually->new($host);
my $addon = addon($host, 'fast-db', $heroku->settings);
my $mute = addon($host, 'mute-db', base_url => 'https://localhost/mute/heroku/resources');

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

my %at_heroku;

# From now on Heroku has the resource, in this state and with this plan.
sub has {
	my ($id, $state, $plan) = @_;

	$at_heroku{$id} = { id => $id, state => $state, plan => { name => "fast-db:$plan" } };
	return $heroku->has_resources(%at_heroku);
}

sub create {
	my ($of, $id) = @_;

	return $of->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant());
}

sub existing {
	my ($of) = @_;
	my $id = uuid();

	has($id, 'provisioned', 'basic');
	is(create($of, $id)->status, 200, 'a resource is provisioned');
	$eventually->has_no_jobs_left($id);
	return $id;
}

sub loses_create {
	my ($of, $id) = @_;

	$proxy->lose(answer => 'resource_create');
	refuses(create($of, $id), 503, 'a create gets 503');
	return is($eventually->resource($id)->{state}, 'provisioned', '... and has taken effect');
}

sub loses_plan_change {
	my ($of, $id) = @_;

	$proxy->lose(answer => 'resource_change_plan');
	refuses($of->change_plan($id, 'premium'), 503, 'a plan change gets 503');
	return is($eventually->resource($id)->{plan}, 'premium', '... and has taken effect');
}

sub is_confirmed {
	my ($id) = @_;

	ok($eventually->is_true(sub { $eventually->job($id, 'confirm')->{finished_at} }), 'the marketplace is asked')
		or diag $host->log('jobs'), $host->psql('SELECT * FROM jobs');
	return;
}

subtest 'a create that the marketplace has given up' => sub {
	my $id = uuid();

	has($id, 'deprovisioned', 'basic');
	loses_create($addon, $id);
	$eventually->becomes($id, 'deprovisioned', '... and is undone');
	refuses(create($addon, $id), 410, '... for good');
};

subtest 'a create that the marketplace has repeated' => sub {
	my $id = uuid();

	has($id, 'provisioned', 'basic');
	loses_create($addon, $id);
	is(create($addon, $id)->status, 200, 'its repeat succeeds');
	is_confirmed($id);
	is($eventually->resource($id)->{state}, 'provisioned', '... and stays');
};

subtest 'a plan change that the marketplace has given up' => sub {
	my $id = existing($addon);
	my $first = create($addon, $id);

	loses_plan_change($addon, $id);
	ok($eventually->is_true(sub { $eventually->resource($id)->{plan} eq 'basic' }), '... and is undone');
	is_confirmed($id);
	is(create($addon, $id)->config->{FAST_DB_URL}, $addon->url($id, 'basic'), '... with its config vars');
	is(create($addon, $id)->config->{FAST_DB_TOKEN}, $first->config->{FAST_DB_TOKEN}, '... and the same secret');
};

subtest 'a plan change that the marketplace has repeated' => sub {
	my $id = existing($addon);

	loses_plan_change($addon, $id);
	has($id, 'provisioned', 'premium');
	is($addon->change_plan($id, 'premium')->status, 200, 'its repeat succeeds');
	is_confirmed($id);
	is($eventually->resource($id)->{plan}, 'premium', '... and the plan stays');
};

subtest 'a marketplace that does not respond' => sub {
	my $id = existing($addon);

	$heroku->behave('unavailable');
	loses_plan_change($addon, $id);
	ok($eventually->is_true(sub { ($eventually->job($id, 'confirm')->{attempts} // 0) > 1 }), 'it is asked again');
	is($eventually->resource($id)->{plan}, 'premium', '... and the plan stays meanwhile');
	has($id, 'provisioned', 'basic');
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id'");
	is_confirmed($id);
	is($eventually->resource($id)->{plan}, 'basic', '... and the plan is undone');
};

subtest 'a marketplace that cannot be asked' => sub {
	my ($created, $changed) = (uuid(), existing($mute));

	unlike((ctl($host->env, 'check'))[0], qr/may be unknown to the/, 'check finds nothing before');
	loses_create($mute, $created);
	loses_plan_change($mute, $changed);
	is_confirmed($_) for $created, $changed;
	like($eventually->events($_), qr/ unconfirmed\z/, 'the history says that it was not') for $created, $changed;
	like((ctl($host->env, 'check'))[0], qr/^warning +resources: 2 may be unknown to the marketplace/m, 'check counts both');
	is($mute->deprovision($created)->status, 204, 'a resource is deprovisioned');
	is($mute->change_plan($changed, 'basic')->status, 200, 'a plan changes');
	unlike((ctl($host->env, 'check'))[0], qr/may be unknown to the/, 'check does not warn');
};

subtest 'a commit that takes long' => sub {
	my ($created, $changed) = (uuid(), existing($addon));
	my $set = sub {
		$host->psql($_) for @_, 'SELECT pg_reload_conf()';
	};

	has($created, 'deprovisioned', 'basic');
	$set->(q(ALTER SYSTEM SET synchronous_standby_names = 'nowhere'));
	sleep 1;
	refuses(create($addon, $created), 503, 'a create gets 503');
	refuses($addon->change_plan($changed, 'premium'), 503, 'a plan change gets 503');
	is(count_of($host, "resources WHERE id = '$created'"), 0, 'nothing has taken effect');
	$set->('ALTER SYSTEM RESET synchronous_standby_names');
	$eventually->becomes($created, 'deprovisioned', 'the create is undone after the commit');
	ok($eventually->is_true(sub { $eventually->job($changed, 'confirm')->{finished_at} }), 'the marketplace is asked about the plan after the commit');
	is($eventually->resource($changed)->{plan}, 'basic', '... and undone');
};

subtest 'a request that has no effect' => sub {
	my $id = uuid();

	$proxy->lose(request => 'resource_create', 2);
	refuses(create($addon, $id), 503, 'a create gets 503');
	is(create($addon, $id)->status, 200, 'its repeat succeeds');
	is(count_of($host, "jobs WHERE resource = '$id' AND kind = 'confirm'"), 0, '... and needs no confirmation');
};

is_unhurt($host);

done_testing;
