#!/usr/bin/perl
# Two processes of provisor-jobs carry out many jobs: each job runs once.  When one of
# the processes is killed every second, all jobs finish.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::Test;
use Provisor::Files 'read_text';
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

# Inserts resources in state "deprovisioning" with their jobs and returns the ids.
sub insert_jobs {
	my @ids = map { uuid() } 1 .. $count;
	my $list = join ', ', map { "('$_'::uuid)" } @ids;

	$host->psql("WITH inserted AS (INSERT INTO resources (id, marketplace, addon, marketplace_id,
		provider_id, plan, state) SELECT id, 'heroku', 'fast-db', id, id, 'basic', 'deprovisioning'
		FROM (VALUES $list) AS given (id) RETURNING id)
		INSERT INTO jobs (kind, lane, resource) SELECT 'deprovision', 'listener', id FROM inserted");
	return @ids;
}

sub jobs_left { return count_of($host, 'jobs WHERE finished_at IS NULL') }

sub jobs_processes {
	return grep { (readlink "/proc/$_/exe" // '') =~ m{/provisor-jobs\z}
			&& (readlink "/proc/$_/cwd" // '') eq $host->home
			&& (read_text("/proc/$_/cmdline") // 'listener') !~ /listener/ }
		map { m{(\d+)\z} } glob '/proc/[0-9]*';
}

subtest 'two processes' => sub {
	my @ids = insert_jobs();
	my $began = time;

	$host->start_jobs;
	ok(wait_for(240, sub { jobs_left() == 0 }), 'all jobs finish');
	figure('%d jobs in %.1f s', $count, time - $began);
	is(scalar $vendor->calls('deprovision'), $count, '... after one call of the hook each');
	is(count_of($host, 'jobs WHERE attempts <> 1'), 0, '... and one attempt each');
	is(count_of($host, "resources WHERE state <> 'deprovisioned'"), 0, 'all resources are deprovisioned');
};

subtest 'a process is killed every second' => sub {
	my @ids = insert_jobs();
	my ($began, $kills) = (time, 0);

	until (jobs_left() == 0 || time > $began + 240) {
		my @alive = jobs_processes();

		$kills += kill KILL => $alive[ rand @alive ] if @alive;
		sleep 1;
	}
	is(jobs_left(), 0, 'all jobs finish');
	figure('%d jobs and %d kills in %.1f s', $count, $kills, time - $began);
	my %calls;

	$calls{ $_->{resource}{uuid} }++ for $vendor->calls('deprovision');
	is(scalar(grep { !$calls{$_} } @ids), 0, 'the hook was called for each');
	is(count_of($host, "resources WHERE state <> 'deprovisioned'"), 0, 'all resources are deprovisioned');
	is($host->psql("SELECT count(*) FROM (SELECT resource FROM events WHERE event = 'deprovisioned'
		GROUP BY resource HAVING count(*) > 1) twice"), 0, 'no result was stored twice');
	cmp_ok(count_of($host, 'jobs WHERE attempts > 1'), '<=', $kills,
		'only killed jobs had another attempt');
};

is_unhurt($host);
done_testing();
