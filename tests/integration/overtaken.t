#!/usr/bin/perl
# A deprovision wins over whatever is in hand: however that ends, its clean-up comes
# at once.

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

# A request that is answered when the test asks for it.
sub begin {
	my (%request) = @_;

	return $worker->begin(encode(%request));
}

# The hook is in hand for the nth time.
sub is_held {
	my ($of, $action, $uuid, $times) = (@_, 1);

	return ok($eventually->is_true(sub { (my @calls = $of->calls($action, $uuid)) == $times }),
		"$action is in hand");
}

sub cleans_up {
	my ($of, $uuid) = @_;

	$eventually->becomes($uuid, 'deprovisioned', 'the clean-up comes at once');
	is($of->thing($uuid), undef, '... and leaves nothing');
	return $eventually->has_no_jobs_left($uuid);
}

for my $status (65, 70) {
	subtest "a plan change that cannot be taken back: exit $status" => sub {
		my $id = uuid();

		$heroku->behave('good');
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
	# name                               how it was asked for
	[ 'that was not promised',            sub { () } ],
	[ 'that would have been promised',    \&grant ],
);

for (@creates) {
	my ($name, $more) = @$_;

	subtest "a create $name and is not ready for an hour" => sub {
		my $id = uuid();

		$heroku->behave('good');
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

subtest 'a create that was promised and is not ready for an hour' => sub {
	my $id = uuid();

	$heroku->behave('good');
	$later->behave(provision => $not_ready);
	$later->hold;
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	is_held($later, 'provision', $id);
	answers($later->addon->deprovision($id), 204, undef, 'it is deprovisioned');
	$later->release;
	cleans_up($later, $id);
	$later->behave(provision => undef);
};

subtest 'a completion that is forbidden' => sub {
	my $id = uuid();
	my $held = $host->home . '/held';

	write_text($held, '');
	$heroku->behave('waits-then-forbidden');
	is($later->addon->provision(uuid => $id, grant())->status, 202, 'it is promised');
	ok($eventually->is_true(sub { $heroku->calls($id) }), 'the marketplace is being told');
	answers($later->addon->deprovision($id), 204, undef, 'it is deprovisioned');
	unlink $held;
	cleans_up($later, $id);
};

# From now on whoever changes a grant has it locked until somebody waits for that.
sub widen {
	$host->psql('CREATE FUNCTION wait_for_another() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			FOR i IN 1 .. 200 LOOP
				PERFORM pg_stat_clear_snapshot();
				EXIT WHEN EXISTS (SELECT FROM pg_stat_activity
					WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)));
				PERFORM pg_sleep(0.02);
			END LOOP;
			RETURN NULL;
		END $$;
		CREATE TRIGGER slow AFTER UPDATE ON grants
			FOR EACH ROW EXECUTE FUNCTION wait_for_another()');
	return;
}

sub narrow {
	$host->psql('DROP TRIGGER slow ON grants; DROP FUNCTION wait_for_another');
	return;
}

# Has somebody changed its grant, and not committed yet?
sub is_renewed {
	my ($uuid) = @_;

	return ok($eventually->is_true(sub {
		$host->psql("SELECT 'free' FROM grants WHERE resource = '$uuid' FOR UPDATE SKIP LOCKED") !~ /free/
	}), 'its grant is being changed');
}

sub deprovision_wins {
	my ($uuid) = @_;

	answers($template->deprovision($uuid), 204, undef, 'it is deprovisioned');
	return is(count_of($host, "grants WHERE resource = '$uuid'"), 0, 'its grant is forgotten');
}

subtest 'a grant that is renewed' => sub {
	my $id = uuid();

	$heroku->behave('used-code');
	is($template->provision(uuid => $id, grant())->status, 200, 'it is provisioned');
	$eventually->has_no_jobs_left($id);
	$heroku->behave('good');
	widen();
	my $repeat = begin($template->provision_request(uuid => $id, grant()));
	is_renewed($id);
	deprovision_wins($id);
	is($worker->finish($repeat)->status, 200, 'the repeat that came first is answered');
	narrow();
};

subtest 'a grant that is missed' => sub {
	my $id = uuid();

	widen();
	$heroku->behave('used-code');
	is($template->provision(uuid => $id, grant())->status, 200, 'it is provisioned');
	is_renewed($id);
	deprovision_wins($id);
	$eventually->has_no_jobs_left($id);
	narrow();
};

is(scalar(() = $host->log('postgres') =~ /deadlock detected/g), 0, 'no two have waited for each other');
is_unhurt($host);
done_testing();
