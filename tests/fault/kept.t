#!/usr/bin/perl
# What was made or given elsewhere is kept, though the connection to the database
# breaks just when it is to be stored.

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
	subtest "what a hook has made: the $lost is lost" => sub {
		my $id = uuid();

		$proxy->lose($lost => 'settle_provisioned');
		my $made = $addon->provision(uuid => $id);
		ok($proxy->has_lost, 'a create loses it');
		is($made->status, 200, '... and is answered');
		is_deeply($made->json->{config}, config_for($id, 'basic'), '... with its config');
		is(scalar $vendor->calls('provision', $id), 1, '... and made once');
		is($eventually->events($id), 'provisioning provisioned', '... and told once');

		$proxy->lose($lost => 'settle_plan');
		my $changed = $addon->change_plan($id, 'premium');
		ok($proxy->has_lost, 'a plan change loses it');
		is($changed->status, 200, '... and is answered');
		is_deeply($changed->json->{config}, config_for($id, 'premium'), '... with its config');
		is(scalar $vendor->calls('change-plan', $id), 1, '... and made once');
	};

	subtest "what a hook refuses: the $lost is lost" => sub {
		my $id = uuid();

		$vendor->behave(provision => 'print qq({"message":"No room."}); exit 65');
		$proxy->lose($lost => 'settle_refused');
		refuses($addon->provision(uuid => $id), 422, 'a create is refused', qr/\ANo room\.\z/);
		ok($proxy->has_lost, '... though it loses it');
		is(scalar $vendor->calls('provision', $id), 1, '... by the hook that was asked once');
		$vendor->behave(provision => undef);
	};
}

subtest 'a token that was given for a code' => sub {
	my $id = uuid();

	$heroku->behave('no-grants');
	$proxy->lose(request => 'grant_take', 4);
	is($template->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant())->status, 200,
		'a resource is provisioned');
	$eventually->has_no_jobs_left($id);
	ok($proxy->has_lost, 'the database is away when the token comes');
	ok(row($host, "grants WHERE resource = '$id'")->{access_token}, 'it is kept all the same');
	is(scalar $heroku->codes, 1, '... as the only one that was asked for');
};

is_unhurt($host);
done_testing;
