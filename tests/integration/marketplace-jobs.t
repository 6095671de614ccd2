#!/usr/bin/perl
# Jobs that call the marketplace are repeated until it accepts the call, or until
# the promise expires.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Test;
use Provisor::ScriptedVendor;

my $host = new_host(
	workers => { api => 2, web => 1, jobs => 1 },
	env => { PROVISOR_JOB_LIMIT => '30s' },
);
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $later = Provisor::ScriptedVendor->new($host, 'later', base_url => 'https://localhost/later/heroku/resources',
	$heroku->settings(provision => 'async'));
my $logged = addon($host, 'logged', base_url => 'https://localhost/logged/heroku/resources',
	api => { requires => ['log_input'] }, $heroku->settings);
my $addon = $later->addon;

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

sub grant { return (oauth_grant => Provisor::FakeHeroku::grant()) }

# A promised resource that is created; the call that completes it has failed.
sub promise {
	my ($uuid) = @_;

	is($addon->provision(uuid => $uuid, grant())->status, 202, 'it is promised');
	return ok($eventually->waits_for_retry($uuid, 'complete'), 'its completion waits for a retry');
}

# Let 12 hours pass for a resource.
sub later_that_day {
	my ($uuid) = @_;

	$host->psql("UPDATE jobs SET run_at = run_at - interval '12 hours'
			WHERE resource = '$uuid' AND finished_at IS NULL;
		UPDATE resources SET promise_expires_at = promise_expires_at - interval '12 hours' WHERE id = '$uuid'");
	return;
}

sub is_due_in_time {
	my ($uuid, $name) = @_;
	my $due = "jobs j JOIN resources r ON r.id = j.resource WHERE r.id = '$uuid'
		AND j.kind = 'complete' AND j.run_at > now() AND j.run_at <= r.promise_expires_at";

	return is(count_of($host, $due), 1, $name) || diag $host->psql(
		"SELECT run_at, promise_expires_at FROM jobs JOIN resources r ON r.id = resource WHERE r.id = '$uuid'");
}

subtest 'a marketplace that refuses the completion' => sub {
	my $id = uuid();

	$heroku->behave('forbidden');
	promise($id);
	is_due_in_time($id, 'it is repeated');
	$host->psql("UPDATE resources SET promise_expires_at = now() + interval '10 minutes' WHERE id = '$id';
		UPDATE jobs SET attempts = 30, run_at = now() WHERE resource = '$id' AND kind = 'complete'");
	ok($eventually->waits_for_retry($id, 'complete', 31), 'after many attempts');
	is_due_in_time($id, '... once more before the promise expires');
	$heroku->behave('succeeds');
	later_that_day($id);
	$eventually->becomes($id, 'refused', 'then the resource is refused');
	$eventually->has_no_jobs_left($id);
	is($later->thing($id), undef, '... and removed by the vendor');
	is_deeply([ $heroku->calls($id) ], [ "POST /addons/$id/actions/deprovision" ],
		'... and withdrawn from the marketplace');
};

subtest 'a gateway that answers 404' => sub {
	my $id = uuid();

	$heroku->behave('foreign-404');
	promise($id);
	is($eventually->resource($id)->{state}, 'provisioning', 'is not the marketplace');
	is($later->thing($id), 'basic', 'the resource stays');
	is_due_in_time($id, 'it is repeated');
	$heroku->behave('succeeds');
	$eventually->make_due($id, 'complete');
	$eventually->becomes($id, 'provisioned', '... and completes it');
};

# Move a home while provisor-jobs does not run.  Return the new worker.
sub moves {
	my ($from, $to) = @_;

	$host->stop_pool('jobs');
	rename $from, $to or die "$to: $!\n";
	$host->start_jobs;
	my @workers;
	ok($eventually->is_true(sub { (@workers = workers($host, 'provisor-jobs')) == 1 }), 'provisor-jobs runs');
	return @workers;
}

subtest 'a home that is missing for a while' => sub {
	my $id = uuid();
	my ($home, $elsewhere) = ($addon->home, $host->home . '/elsewhere');
	my $steps = sub { grep { /\bkind=complete\b.*\b\Q$id\E\b/ } split /\n/, $host->log('worker') };

	$heroku->behave('forbidden');
	promise($id);
	my $tried = $steps->();
	$host->psql("UPDATE jobs SET run_at = 'infinity' WHERE resource = '$id' AND finished_at IS NULL");
	$heroku->behave('succeeds');
	my @before = moves($home, $elsewhere);
	$eventually->make_due($id, 'complete');
	ok($eventually->is_true(sub { ($eventually->job($id, 'complete')->{last_error} // '') =~ /no valid home/ }),
		'its completion waits for the home');
	ok($eventually->is_true(sub { $steps->() > $tried }), 'the attempt is logged');
	like(($steps->())[-1] // '', qr/\boutcome=unavailable\b/, '... as unavailable');
	is_deeply([ workers($host, 'provisor-jobs') ], \@before, 'the same process runs');
	moves($elsewhere, $home);
	$eventually->make_due($id, 'complete');
	$eventually->becomes($id, 'provisioned', 'with the home it is completed');
};

for my $way (qw(log-rate-limited log-unavailable)) {
	subtest "a log that is unavailable for a day: $way" => sub {
		my $id = uuid();

		$heroku->behave($way);
		is($logged->provision(uuid => $id, grant(), $heroku->log_input($id))->status, 200,
			'it is provisioned');
		ok($eventually->is_true(sub { ($eventually->job($id, 'write-log')->{attempts} // 0) > 0 }),
			'provisor has tried to write its log');
		my ($output, $ended) = ctl($host->env, qw(config set), $id, 'LOGGED_TOKEN=new');
		is($ended, 0, 'a config var is set') || diag $output;
		ok($eventually->is_true(sub { $heroku->pushes($id) }), '... and pushed at once');
		is((($heroku->pushes($id))[0] // {})->{LOGGED_TOKEN}, 'new', '... with its value');
	};
}

is_unhurt($host);
done_testing();
