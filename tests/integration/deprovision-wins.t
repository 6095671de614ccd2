#!/usr/bin/perl
# A deprovision wins over every other job of its resource: however that ends, the
# clean-up follows at once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FastCgiClient 'encode';
use Provisor::Files 'write_text';
use Provisor::FakeHeroku;
use Provisor::Test;
use Provisor::ScriptedVendor;

my $host = new_host(
	workers => { api => 3, web => 1, jobs => 2 },
	env => { PROVISOR_JOB_LIMIT => '30s' },
);
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', $heroku->settings);
my $later = Provisor::ScriptedVendor->new($host, 'later', base_url => 'https://localhost/later/heroku/resources',
	$heroku->settings(provision => 'async'));
my $template = addon($host, 'plain', base_url => 'https://localhost/plain/heroku/resources',
	$heroku->settings);
my $addon = $vendor->addon;
my $worker = fastcgi($host);

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

sub grant { return (oauth_grant => Provisor::FakeHeroku::grant(@_)) }

# Send a request; the test waits for the response later.
sub begin {
	my (%request) = @_;

	return $worker->begin(encode(%request));
}

# The hook is called for the nth time.
sub is_held {
	my ($of, $action, $uuid, $times) = (@_, 1);

	return ok($eventually->is_true(sub { (my @calls = $of->calls($action, $uuid)) == $times }),
		"$action is called");
}

sub cleans_up {
	my ($of, $uuid) = @_;

	$eventually->becomes($uuid, 'deprovisioned', 'the clean-up follows at once');
	is($of->thing($uuid), undef, '... and the vendor has removed it');
	return $eventually->has_no_jobs_left($uuid);
}

for my $status (65, 70) {
	subtest "a plan change that cannot be undone: exit $status" => sub {
		my $id = uuid();

		$heroku->behave('succeeds');
		is($addon->provision(uuid => $id)->status, 200, 'it is provisioned');
		$vendor->behave('change-plan' => 'exit 75');
		is($addon->change_plan($id, 'premium')->status, 503, 'its plan change is not ready');
		$vendor->behave('change-plan' => "wait_while_held(); exit $status");
		$vendor->hold;
		$eventually->make_due($id, 'change-plan');
		is_held($vendor, 'change-plan', $id, 2);
		answers($addon->deprovision($id), 204, undef, 'it is deprovisioned');
		$vendor->release;
		cleans_up($vendor, $id);
		$vendor->behave('change-plan' => undef);
	};
}

my $not_ready = 'write_to($thing, "half"); wait_while_held(); print qq({"retry_after":3600}); exit 75';

my @creates = (
	# name                               members of the request
	[ 'that was not promised',            sub { () } ],
	[ 'that would have been promised',    \&grant ],
);

for (@creates) {
	my ($name, $more) = @$_;

	subtest "a provision $name and is not ready for an hour" => sub {
		my $id = uuid();

		$heroku->behave('succeeds');
		$vendor->behave(provision => $not_ready);
		$vendor->hold;
		my $create = begin($addon->provision_request(uuid => $id, $more->()));
		is_held($vendor, 'provision', $id);
		answers($addon->deprovision($id), 204, undef, 'it is deprovisioned');
		$vendor->release;
		$worker->finish($create);
		cleans_up($vendor, $id);
		$vendor->behave(provision => undef);
	};
}

subtest 'a provision that was promised and is not ready for an hour' => sub {
	my $id = uuid();

	$heroku->behave('succeeds');
	$later->behave(provision => $not_ready);
	$later->hold;
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	is_held($later, 'provision', $id);
	answers($later->addon->deprovision($id), 204, undef, 'it is deprovisioned');
	$later->release;
	cleans_up($later, $id);
	$later->behave(provision => undef);
};

subtest 'a completion that the marketplace refuses' => sub {
	my $id = uuid();
	my $held = $host->home . '/held';

	write_text($held, '');
	$heroku->behave('waits-then-forbidden');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	ok($eventually->is_true(sub { $heroku->calls($id) }), 'the marketplace is called');
	answers($later->addon->deprovision($id), 204, undef, 'it is deprovisioned');
	unlink $held;
	cleans_up($later, $id);
};

# From now on a transaction that changes a grant keeps it locked until another one
# waits for it.
sub hold_grant_locks {
	$host->psql('CREATE FUNCTION wait_for_another() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			FOR i IN 1 .. 200 LOOP
				PERFORM pg_stat_clear_snapshot();
				EXIT WHEN EXISTS (SELECT FROM pg_stat_activity
					WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)));
				PERFORM pg_sleep(0.02);
			END LOOP;
			RETURN NULL;
		END $$;
		CREATE TRIGGER slow AFTER UPDATE OF grant_code, access_token ON resources
			FOR EACH ROW EXECUTE FUNCTION wait_for_another()');
	return;
}

sub release_grant_locks {
	$host->psql('DROP TRIGGER slow ON resources; DROP FUNCTION wait_for_another');
	return;
}

# A transaction has changed the grant and has not committed yet.
sub is_renewed {
	my ($uuid) = @_;

	return ok($eventually->is_true(sub {
		$host->psql("SELECT 'free' FROM resources WHERE id = '$uuid' FOR UPDATE SKIP LOCKED") !~ /free/
	}), 'its grant is being changed');
}

sub deprovision_wins {
	my ($uuid) = @_;

	answers($template->deprovision($uuid), 204, undef, 'it is deprovisioned');
	return is(count_of($host, "resources WHERE id = '$uuid' AND grant_ended_at IS NULL"), 0, 'its grant is deleted');
}

subtest 'a grant that is renewed' => sub {
	my $id = uuid();

	$heroku->behave('used-code');
	is($template->provision(uuid => $id, grant())->status, 200, 'it is provisioned');
	$eventually->has_no_jobs_left($id);
	$heroku->behave('succeeds');
	hold_grant_locks();
	my $repeat = begin($template->provision_request(uuid => $id, grant()));
	is_renewed($id);
	deprovision_wins($id);
	is($worker->finish($repeat)->status, 200, 'the repeated request is answered');
	release_grant_locks();
};

subtest 'a grant that is missed' => sub {
	my $id = uuid();

	hold_grant_locks();
	$heroku->behave('used-code');
	is($template->provision(uuid => $id, grant())->status, 200, 'it is provisioned');
	is_renewed($id);
	deprovision_wins($id);
	$eventually->has_no_jobs_left($id);
	release_grant_locks();
};

is(scalar(() = $host->log('postgres') =~ /deadlock detected/g), 0, 'there was no deadlock');
is_unhurt($host);
done_testing();
