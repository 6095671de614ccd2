#!/usr/bin/perl
# The clean-ups of an add-on hang until their limit, many at a time.  Another add-on
# promises resources meanwhile: they become ready about as soon as in quiet times.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::ScriptedVendor;
use Provisor::Test;

use constant {
	HANGING => scaled(20, 100), # clean-ups
	PROMISED => scaled(5, 25),  # resources
	PROCESSES => 4,             # of provisor-jobs
};

my $host = new_host(is_direct => 1, workers => { api => 2, web => 1, jobs => PROCESSES },
	env => { PROVISOR_JOB_LIMIT => '2s' });
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $noisy = Provisor::ScriptedVendor->new($host, 'noisy');
my $quiet = Provisor::ScriptedVendor->new($host, 'quiet', $heroku->settings(provision => 'async'));

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;
$heroku->behave('succeeds');

my $leased = "jobs WHERE addon = 'heroku/noisy' AND finished_at IS NULL AND lease_until >= now()";

# Tests: promised resources become ready, one after the other.  Returns the median of
# the seconds that it took, as the database recorded them, and the largest number of
# processes that the noisy add-on had.
sub promise {
	my ($when) = @_;
	my ($most, @ids) = (0, map { uuid() } 1 .. PROMISED);
	my $are_ready = 0;

	for my $id (@ids) {
		$quiet->addon->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant());
		$are_ready++ if $eventually->is_true(sub {
			my $hanging = count_of($host, $leased);

			$most = $hanging if $hanging > $most;
			return $eventually->resource($id)->{state} eq 'provisioned';
		});
	}
	is($are_ready, PROMISED, "$when, promised resources become ready");
	my $list = join ',', map { "'$_'" } @ids;

	return ($host->psql("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY
		extract(epoch FROM provisioned_at - created_at)) FROM resources WHERE id IN ($list)"), $most);
}

my @gone = map { uuid() } 1 .. HANGING;

$noisy->addon->provision(uuid => $_) for @gone;
promise('first'); # every process opens its connections
my ($before) = promise('in quiet times');

$noisy->behave(deprovision => 'wait_while_held()');
$noisy->hold;
$noisy->addon->deprovision($_) for @gone;
ok($eventually->is_true(sub { count_of($host, $leased) > 0 }), 'clean-ups hang');
my ($meanwhile, $most) = promise('while they hang');

is($most, PROCESSES / 2, 'they get half of the processes, at most');
cmp_ok(count_of($host, "jobs WHERE addon = 'heroku/noisy' AND finished_at IS NULL"), '>', 0, '... and still hang');
figure('%d clean-ups of another add-on hang: a promised resource is ready after %.2f s, %.2f times the %.2f s of quiet times',
	HANGING, $meanwhile, $meanwhile / $before, $before);
$noisy->release;
$host->psql("UPDATE jobs SET run_at = now() WHERE finished_at IS NULL AND run_at > now()");
$eventually->has_no_jobs_left($_) for @gone;
is_unhurt($host);
done_testing;
