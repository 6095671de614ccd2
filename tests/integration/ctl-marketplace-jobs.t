#!/usr/bin/perl
# provisor jobs with jobs of both lanes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Test;
use Provisor::ScriptedVendor;

my $host = new_host(workers => { api => 2, web => 1, jobs => 1 });
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', $heroku->settings(provision => 'async'));
my $addon = $vendor->addon;

$host->start_postgres;
$host->migrate;
$host->start_pool('api');

sub provisor { return ctl($host->env, 'jobs', @_) }

sub shown {
	my ($output) = provisor('show', @_, '--json');

	return JSON::PP->new->utf8->decode($output);
}

sub promise {
	my ($uuid) = @_;

	return is($addon->provision(uuid => $uuid, oauth_grant => Provisor::FakeHeroku::grant())->status, 202,
		'the create is promised');
}

sub make_job {
	my ($uuid, $kind) = @_;
	my $lane = $kind eq 'deprovision' ? 'listener' : 'marketplace';

	return $host->psql("INSERT INTO jobs (kind, lane, resource)
		VALUES ('$kind', '$lane', '$uuid') RETURNING id");
}

subtest 'two lanes' => sub {
	my $id = uuid();

	promise($id);
	my %job = map { $_ => $eventually->job($id, $_)->{id} } qw(provision exchange);
	$job{$_} = make_job($id, $_) for qw(deprovision withdraw);
	my ($first) = sort { $a <=> $b } values %job;
	is($first, $job{provision}, 'of four jobs, the listener runs the first');

	for (
		# job            state     blocked by
		[ 'provision',   'due',    undef ],
		[ 'exchange',    'due',    undef ],
		[ 'deprovision', 'blocked', $job{provision} ],
		[ 'withdraw',    'blocked', $job{exchange} ],
	) {
		my ($kind, $state, $blocker) = @$_;
		my $shown = shown($job{$kind});

		is($shown->{state}, $state, "$kind is $state");
		is($shown->{blocked_by}, $blocker, '... blocked by ' . ($blocker // 'none'));
	}
	my ($output, $ended) = provisor('retry', $job{exchange});
	is($ended, 0, 'a marketplace job can be retried') || diag $output;
	like($output, qr/^due now: job $job{exchange}$/m, '... and is due');
	($output, $ended) = provisor('retry', $job{withdraw});
	is($ended, 1, 'a job behind another one cannot');
	like($output, qr/job $job{exchange} of the same resource comes first/, '... and the error names the other one');
	$host->psql("UPDATE jobs SET finished_at = now() WHERE resource = '$id'");
};

# Cancel a job while no process runs it; then let provisor-jobs run the rest.
sub cancel {
	my ($uuid, $kind) = @_;

	$host->stop_pool('jobs');
	my $job = $eventually->job($uuid, $kind)->{id};
	my ($output, $ended) = provisor('cancel', $job, '--yes');
	is($ended, 0, 'cancel exits with 0') || diag $output;
	like($output, qr/^cancelled: job $job; its resource $uuid is refused$/m, '... and prints that the resource is refused');
	is($eventually->resource($uuid)->{state}, 'refused', 'the resource is refused');
	refuses($addon->provision(uuid => $uuid), 422, 'a repeated create is refused');
	$heroku->behave('succeeds');
	$host->start_jobs;
	$eventually->has_no_jobs_left($uuid);
	return is_deeply([ $heroku->calls($uuid) ], [ "POST /addons/$uuid/actions/deprovision" ],
		'the marketplace gets one call');
}

subtest 'a cancelled completion' => sub {
	my $id = uuid();

	$heroku->behave('forbidden');
	$host->start_jobs;
	promise($id);
	ok($eventually->waits_for_retry($id, 'complete'), 'the completion is postponed');
	cancel($id, 'complete');
	is($vendor->thing($id), undef, 'the vendor has removed the resource');
	$host->stop_pool('jobs');
};

subtest 'a cancelled promised create' => sub {
	my $id = uuid();

	$heroku->behave('succeeds');
	$vendor->behave(provision => 'exit 75');
	$host->start_jobs;
	promise($id);
	ok($eventually->waits_for_retry($id, 'provision'), 'the create is postponed');
	cancel($id, 'provision');
	$vendor->behave(provision => undef);
	$host->stop_pool('jobs');
};

is_unhurt($host);
done_testing();
