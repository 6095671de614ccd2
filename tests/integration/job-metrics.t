#!/usr/bin/perl
# /metrics counts each kind of job under its name.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util 'uniq';
use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Test;

my $host = new_host(workers => { api => 1, web => 1, jobs => 1 });
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $addon = addon($host, 'fast-db', $heroku->settings);
my %lane = (
	(map { $_ => 'listener' } qw(provision change-plan deprovision rotate verify)),
	map { $_ => 'marketplace' } qw(exchange complete withdraw push-config write-log confirm check-config),
);
my @kinds = keys %lane;
my %resource = map { $_ => uuid() } @kinds;

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
is($addon->provision(uuid => $_)->status, 200, 'the resource is provisioned') for values %resource;

# Return the kinds of jobs that /metrics has counted.
sub kinds {
	my $text = fastcgi($host)->request(method => 'GET', path => '/metrics')->body;

	return sort(uniq($text =~ /^provisor_job_attempts_total\{kind="([^"]+)",outcome="[^"]+"\} [1-9]/mg));
}

# The outcome does not matter: every attempt is counted.
$host->psql("INSERT INTO jobs (kind, lane, resource, payload) VALUES ('$_', '$lane{$_}', '$resource{$_}', '{\"plan\": \"basic\"}')")
	for @kinds;

# Return the number of jobs of a kind in a state.
sub jobs_in {
	my ($kind, $state) = @_;

	return (fastcgi($host)->request(method => 'GET', path => '/metrics')->body
		=~ /^provisor_jobs\{kind="$kind",state="$state"\} (\d+)$/m)[0];
}

subtest 'the unfinished jobs of the database are listed by state' => sub {
	my %columns = (
		waiting => "run_at = now() + interval '1 h'",
		running => "lease_until = now() + interval '1 h'",
		'gave-up' => "run_at = 'infinity'",
		held => "run_at = 'infinity', epoch = 'another'",
	);

	is(jobs_in('rotate', 'due'), 1, 'due');
	for my $state (sort keys %columns) {
		$host->psql("UPDATE jobs SET $columns{$state} WHERE kind = 'rotate'");
		is(jobs_in('rotate', $state), 1, $state);
		is(jobs_in('rotate', 'due'), 0, '... and not due');
		$host->psql("UPDATE jobs SET run_at = now(), lease_until = NULL, epoch = database_epoch()
			WHERE kind = 'rotate'");
	}
	$host->psql("INSERT INTO jobs (kind, lane, resource) VALUES ('rotate', 'listener', '$resource{rotate}')");
	is(jobs_in('rotate', 'blocked'), 1, 'blocked by an earlier one');
	is(jobs_in('rotate', 'due'), 1, '... which is due');
};

$host->start_jobs;
$eventually->is_true(sub { (my @found = kinds()) >= @kinds });
is_deeply([ kinds() ], [ sort @kinds ], 'each kind has a count');

is_unhurt($host);
done_testing();
