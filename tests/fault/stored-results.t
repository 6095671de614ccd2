#!/usr/bin/perl
# The result of a hook or of a marketplace is stored although the connection to the
# database breaks at that moment.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::DatabaseProxy;
use Provisor::Test;
use Provisor::ScriptedVendor;

my $host = new_host(is_direct => 1, workers => { api => 2, web => 1, jobs => 1 });
my $heroku = Provisor::FakeHeroku->new($host);
my $proxy = Provisor::DatabaseProxy->new($host);
my $eventually = Provisor::Eventually->new($host);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', $heroku->settings);
my $template = addon($host, 'plain', base_url => 'https://localhost/plain/heroku/resources',
	$heroku->settings);
my $addon = $vendor->addon;

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

sub config_for {
	my ($uuid, $plan) = @_;

	return { FAST_DB_URL => $addon->url($uuid, $plan), FAST_DB_TOKEN => 'attempt 1' };
}

for my $lost (qw(request reply)) {
	subtest "the $lost is lost when the result of a hook is stored" => sub {
		my $id = uuid();

		$proxy->lose($lost => 'job_result_provisioned');
		my $created = $addon->provision(uuid => $id);
		ok($proxy->has_lost, 'the statement of a create is lost');
		is($created->status, 200, '... and the create succeeds');
		is_deeply($created->json->{config}, config_for($id, 'basic'), '... with the config of the hook');
		is(scalar $vendor->calls('provision', $id), 1, '... after one call of the hook');
		is($eventually->events($id), 'provisioning provisioned', '... and with one event');

		$proxy->lose($lost => 'job_result_plan_changed');
		my $changed = $addon->change_plan($id, 'premium');
		ok($proxy->has_lost, 'the statement of a plan change is lost');
		is($changed->status, 200, '... and the plan change succeeds');
		is_deeply($changed->json->{config}, config_for($id, 'premium'), '... with the config of the hook');
		is(scalar $vendor->calls('change-plan', $id), 1, '... after one call of the hook');
	};

	subtest "the $lost is lost when a plan change is promised" => sub {
		my $id = uuid();

		$addon->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant());
		$vendor->behave('change-plan' => 'if ($call->{attempt} == 1) { print qq({"retry_after":0}); exit 75 }');
		$proxy->lose($lost => 'job_result_plan_promised');
		is($addon->change_plan($id, 'premium')->status, 202, 'it is promised');
		ok($proxy->has_lost, '... although the statement is lost');
		$eventually->has_no_jobs_left($id);
		is($eventually->resource($id)->{plan}, 'premium', '... and carried out');
		is(() = $eventually->events($id) =~ /plan-change-promised/g, 1, '... and with one event');
		$vendor->behave('change-plan' => undef);
	};

	subtest "the $lost is lost when the refusal of a hook is stored" => sub {
		my $id = uuid();

		$vendor->behave(provision => 'print qq({"message":"No room."}); exit 65');
		$proxy->lose($lost => 'job_result_refused');
		refuses($addon->provision(uuid => $id), 422, 'a create is refused', qr/\ANo room\.\z/);
		ok($proxy->has_lost, '... although its statement is lost');
		is(scalar $vendor->calls('provision', $id), 1, '... after one call of the hook');
		$vendor->behave(provision => undef);
	};
}

subtest 'the database fails when a token is stored' => sub {
	my $id = uuid();

	$heroku->behave('no-grants');
	$proxy->lose(request => 'grant_store_tokens', 4);
	is($template->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant())->status, 200,
		'a resource is provisioned');
	$eventually->has_no_jobs_left($id);
	ok($proxy->has_lost, 'four attempts to store the token are lost');
	ok(row($host, "resources WHERE id = '$id'")->{access_token}, 'the token is stored');
	is(scalar $heroku->codes, 1, '... and was requested once');
};

is_unhurt($host);
done_testing;
