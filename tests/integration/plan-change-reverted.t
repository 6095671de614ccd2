#!/usr/bin/perl
# Config vars that differ after a plan change was undone are pushed to the
# marketplace.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Test;
use Provisor::ScriptedVendor;

my $host = new_host(workers => { api => 2, web => 1, jobs => 1 });
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', $heroku->settings);
my $addon = $vendor->addon;

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

subtest 'a reverted plan change with other config vars' => sub {
	my $id = uuid();
	my $old = { FAST_DB_URL => $addon->url($id, 'basic'), FAST_DB_TOKEN => 'attempt 1' };
	my $new = { %$old, FAST_DB_TOKEN => 'attempt 2' };

	$heroku->behave('succeeds');
	my $response = $addon->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant());
	is_deeply($response->json->{config}, $old, 'it is provisioned');
	$eventually->has_no_jobs_left($id);
	$heroku->behave('succeeds');
	$vendor->behave('change-plan' => 'exit 75');
	is($addon->change_plan($id, 'premium')->status, 503, 'its plan change is not ready');
	$vendor->behave('change-plan' => undef);
	$eventually->make_due($id, 'change-plan');
	ok($eventually->is_true(sub { $eventually->events($id) =~ /plan-change-reverted/ }), 'it is undone');
	is($vendor->thing($id), 'basic', '... by the vendor, too');
	is_deeply($addon->provision(uuid => $id)->json->{config}, $new, 'the resource has other config vars');
	$eventually->has_no_jobs_left($id);
	is_deeply([ $heroku->pushes($id) ], [$new], '... which are pushed to the marketplace');
};

is_unhurt($host);
done_testing();
