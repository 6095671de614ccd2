#!/usr/bin/perl
# Two provisor-jobs with many jobs: each is done once.  Then one of them is killed
# every second, and each is done all the same.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::Test;
use Provisor::ScriptedVendor;

my $count = scaled(150, 1_000);
my $vendor;
my $host = serving_host(
	{
		workers => { api => 1, web => 1, jobs => 2 },
		env => { PROVISOR_JOB_LIMIT => '2s' },
	},
	sub { $vendor = Provisor::ScriptedVendor->new($_[0], 'fast-db') }
);

# Resources that are gone, as far as the marketplace knows; their ids.
sub bury {
	my @ids = map { uuid() } 1 .. $count;
	my $list = join ', ', map { "('$_'::uuid)" } @ids;

	$host->psql("WITH made AS (INSERT INTO resources (id, marketplace, addon, marketplace_id,
		provider_id, state) SELECT id, 'heroku', 'fast-db', id, id, 'deprovisioning'
		FROM (VALUES $list) AS given (id) RETURNING id)
		INSERT INTO jobs (kind, lane, resource) SELECT 'deprovision', 'listener', id FROM made");
	return @ids;
}

sub left { return count_of($host, 'jobs WHERE finished_at IS NULL') }

sub jobs_processes {
	return grep { (readlink "/proc/$_/exe" // '') =~ m{/provisor-jobs\z}
			&& (readlink "/proc/$_/cwd" // '') eq $host->home
			&& do { open my $file, '<', "/proc/$_/cmdline"; (<$file> // '') !~ /listener/ } }
		map { m{(\d+)\z} } glob '/proc/[0-9]*';
}

subtest 'two at once' => sub {
	my @ids = bury();
	my $began = time;

	$host->start_jobs;
	ok(wait_for(240, sub { left() == 0 }), 'all are done');
	figure('%d jobs in %.1f s', $count, time - $began);
	is(scalar $vendor->calls('deprovision'), $count, '... once each');
	is(count_of($host, 'jobs WHERE attempts <> 1'), 0, '... in one attempt');
	is(count_of($host, "resources WHERE state <> 'deprovisioned'"), 0, 'all are gone');
};

subtest 'one is killed every second' => sub {
	my @ids = bury();
	my ($began, $kills) = (time, 0);

	until (left() == 0 || time > $began + 240) {
		my @alive = jobs_processes();

		$kills += kill KILL => $alive[ rand @alive ] if @alive;
		sleep 1;
	}
	is(left(), 0, 'all are done');
	figure('%d jobs and %d kills in %.1f s', $count, $kills, time - $began);
	my %calls;

	$calls{ $_->{resource}{uuid} }++ for $vendor->calls('deprovision');
	is(scalar(grep { !$calls{$_} } @ids), 0, 'the vendor was told of each');
	is(count_of($host, "resources WHERE state <> 'deprovisioned'"), 0, 'all are gone');
	is($host->psql("SELECT count(*) FROM (SELECT resource FROM events WHERE event = 'deprovisioned'
		GROUP BY resource HAVING count(*) > 1) twice"), 0, 'none was settled twice');
	cmp_ok(count_of($host, 'jobs WHERE attempts > 1'), '<=', $kills,
		'only what was killed was begun again');
};

is_unhurt($host);
done_testing();
