#!/usr/bin/perl
# Jobs of either lane are an operator's to see, to hurry, to end.

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
		'it is promised');
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
	is($first, $job{provision}, 'of four jobs the listener has the first');

	for (
		# job            state     behind
		[ 'provision',   'due',    undef ],
		[ 'exchange',    'due',    undef ],
		[ 'deprovision', 'behind', $job{provision} ],
		[ 'withdraw',    'behind', $job{exchange} ],
	) {
		my ($kind, $state, $behind) = @$_;
		my $shown = shown($job{$kind});

		is($shown->{state}, $state, "$kind is $state");
		is($shown->{behind}, $behind, '... behind ' . ($behind // 'none'));
	}
	my ($output, $ended) = provisor('retry', $job{exchange});
	is($ended, 0, 'an errand can be retried') || diag $output;
	like($output, qr/^due now: job $job{exchange}$/m, '... and is due');
	($output, $ended) = provisor('retry', $job{withdraw});
	is($ended, 1, 'one behind another cannot');
	like($output, qr/job $job{exchange} of the same resource comes first/, '... and which that is');
	$host->psql("UPDATE jobs SET finished_at = now() WHERE resource = '$id'");
};

# Cancelled while nobody is at it; what that leaves is done, and told.
sub cancel {
	my ($uuid, $kind) = @_;

	$host->stop_pool('jobs');
	my $job = $eventually->job($uuid, $kind)->{id};
	my ($output, $ended) = provisor('cancel', $job, '--yes');
	is($ended, 0, 'its job is cancelled') || diag $output;
	like($output, qr/^cancelled: job $job; its resource $uuid is refused$/m, '... which refuses it');
	is($eventually->resource($uuid)->{state}, 'refused', '... as everybody can see');
	refuses($addon->provision(uuid => $uuid), 422, 'a repeat is told so');
	$heroku->behave('good');
	$host->start_jobs;
	$eventually->has_no_jobs_left($uuid);
	return is_deeply([ $heroku->calls($uuid) ], [ "POST /addons/$uuid/actions/deprovision" ],
		'the marketplace was told');
}

subtest 'a completion that is cancelled' => sub {
	my $id = uuid();

	$heroku->behave('forbids');
	$host->start_jobs;
	promise($id);
	ok($eventually->waits_for_retry($id, 'complete'), 'its completion is put off');
	cancel($id, 'complete');
	is($vendor->thing($id), undef, 'nothing is left at the vendor');
	$host->stop_pool('jobs');
};

subtest 'a promised create that is cancelled' => sub {
	my $id = uuid();

	$heroku->behave('good');
	$vendor->behave(provision => 'exit 75');
	$host->start_jobs;
	promise($id);
	ok($eventually->waits_for_retry($id, 'provision'), 'it is put off');
	cancel($id, 'provision');
	$vendor->behave(provision => undef);
	$host->stop_pool('jobs');
};

is_unhurt($host);
done_testing();
