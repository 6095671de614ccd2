#!/usr/bin/perl
# What a deprovisioned resource leaves in the database: its ids, its plan and its
# history, but nothing that its customer has entered, and no secret.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Test;
use Provisor::FakeHeroku;
use Provisor::Files 'write_text';
use Provisor::ScriptedVendor;

my ($addon, $old, $vendor);
my $host = serving_host({ workers => { api => 2, web => 1, jobs => 1 } }, sub {
	my ($new) = @_;

	$addon = addon($new, 'fast-db');
	$old = addon($new, 'old-db', version => undef);
	$vendor = Provisor::ScriptedVendor->new($new, 'slow-db');
});
$host->start_jobs;

my %request = (
	options => { admin_password => 'hunter2' },
	callback_url => 'https://api.heroku.com/x',
	log_input_url => 'https://token:t.x@1.us.logplex.io/logs',
);

sub resource { return row($host, "resources WHERE marketplace_id = '$_[0]'") }

sub is_erased {
	my ($id) = @_;
	my $resource = resource($id);

	is($resource->{state}, 'deprovisioned', 'the resource is gone');
	is($resource->{$_}, undef, "$_ is erased")
		for qw(options request_digest owner config callback_url log_input_url log_drain_url log_drain_token
			message plan_message former_marketplace_id);
	is(count_of($host, "resources WHERE id = '$resource->{id}' AND grant_ended_at IS NULL"), 0, 'its grant is erased');
	return;
}

sub is_gone_for {
	my ($of, $id, %more) = @_;

	refuses($of->provision(uuid => $id, %request, %more), 410, 'a late create is refused');
	refuses($of->provision(uuid => $id, plan => 'other'), 410, '... also another one');
	refuses($of->change_plan($id, 'premium'), 410, 'a late plan change is refused');
	return;
}

sub provision {
	my ($of, %more) = @_;
	my $id = uuid();

	is($of->provision(uuid => $id, %request, %more)->status, 200, 'a resource is created') or die;
	like(resource($id)->{options}, qr/^1\.[^.]+\.[\w-]+$/, '... with its options, sealed');
	return $id;
}

subtest 'an add-on with a template' => sub {
	my $id = provision($addon, oauth_grant => Provisor::FakeHeroku::grant());

	is($addon->deprovision($id)->status, 204, 'a deprovision succeeds');
	is_erased($id);
	is($addon->deprovision($id)->status, 410, 'a repeated deprovision is answered');
	is_gone_for($addon, $id);
};

subtest 'an owner of version 1' => sub {
	my $id = provision($old, heroku_id => 'app123@heroku.com');

	ok(resource($id)->{owner}, 'the owner is stored');
	is($old->deprovision($id)->status, 200, 'a deprovision succeeds');
	is_erased($id);
	is($old->deprovision($id)->status, 200, 'a repeated deprovision is answered');
	is_gone_for($old, $id, heroku_id => 'app123@heroku.com');
};

subtest 'an add-on with hooks' => sub {
	my $id = provision($vendor->addon);

	$vendor->behave(deprovision => 'exit 75');
	is($vendor->addon->deprovision($id)->status, 204, 'a deprovision succeeds');
	ok(wait_for(20, sub { $vendor->calls('deprovision', $id) }), 'the clean-up is tried');
	my ($call) = $vendor->calls('deprovision', $id);

	is_deeply($call->{resource}{options}, $request{options}, '... with the options');
	$vendor->behave(deprovision => undef);
	ok(wait_for(40, sub { resource($id)->{state} eq 'deprovisioned' }), 'the clean-up ends');
	is_erased($id);
	is_gone_for($vendor->addon, $id);
};

subtest 'a clean-up that is cancelled' => sub {
	my $id = provision($vendor->addon);

	$vendor->behave(deprovision => 'exit 70');
	is($vendor->addon->deprovision($id)->status, 204, 'a deprovision succeeds');
	ok(wait_for(20, sub { $vendor->calls('deprovision', $id) }), 'the clean-up is tried');
	my $job;

	ok(wait_for(20, sub {
		$job = row($host, "jobs WHERE kind = 'deprovision' AND finished_at IS NULL AND lease_until IS NULL");
	}), '... and fails');
	my (undef, $status) = ctl($host->env, 'jobs', 'cancel', $job->{id}, '--yes');

	is($status, 0, 'it is cancelled');
	is_erased($id);
};

subtest 'an imported resource that is gone' => sub {
	my $id = uuid();
	my $file = $host->home . '/gone.jsonl';

	write_text($file, JSON::PP::encode_json({ marketplace_id => $id,
		state => 'deprovisioned', plan => 'basic', options => $request{options}, owner => { email => 'jane@example.com' } })
		. "\n");
	for my $run (1 .. 2) {
		my ($output, $status) = ctl($host->env, qw(resources import --marketplace heroku --addon fast-db), $file);

		is($status, 0, "an import, time $run") or diag $output;
	}
	is_erased($id);
	is_gone_for($addon, $id);
};

is_unhurt($host);
done_testing;
