#!/usr/bin/perl
# Processes end at each step of a plan change that takes longer than the marketplace
# waits.  In the end database, marketplace and vendor have the plan that the marketplace
# was promised, unless the vendor refuses it or the resource is deprovisioned.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes 'time';

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::FastCgiClient 'encode';
use Provisor::Files 'write_text';
use Provisor::ScriptedVendor;
use Provisor::Test;

use constant PATIENCE => 60; # seconds

my $began = time;
my $host = new_host(
	workers => { api => 4, web => 1, jobs => 6 },
	answer_limit => '4s',
	# The test makes jobs due when nobody has repeated a request.
	env => { PROVISOR_JOB_LIMIT => '2s', PROVISOR_REPEAT_HORIZON => '10min' },
);
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', $heroku->settings, api => { requires => ['log_input'] });
my $addon = $vendor->addon;
my $faults = $host->home . '/faults';

mkdir $faults;
$host->{env}{PROVISOR_FAULTS} = $faults;

# A change of the plan is begun at once, and done when the test says so; the way back
# takes no time.
$vendor->behave('change-plan' => <<'PERL');
	my $uuid = $call->{resource}{uuid};
	print(qq({"message":"Too much data."})), exit 65 if -e "refuses-$uuid";
	print(qq({"retry_after":1})), exit 75 if $call->{resource}{plan} ne 'basic' && !-e "ready-$uuid";
PERL
$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;
$heroku->behave('succeeds');

# --- steps ------------------------------------------------------------------

sub list { return join ', ', map { "'$_->{id}'" } @_ }

# A check of config vars, which is a precaution, is due minutes later.
sub no_job_is_left {
	my (@all) = @_;
	my $left = "jobs WHERE finished_at IS NULL AND kind <> 'check-config' AND resource IN (" . list(@all) . ')';

	return ok(wait_for(PATIENCE, sub { undo_is_due(@all); count_of($host, $left) == 0 }), 'no job is left')
		|| diag explain [ rows($host, $left) ];
}

# A process that was running in time_is_over() has put its job off until the time that
# it had read before.
sub undo_is_due {
	my (@all) = @_;

	$host->psql('UPDATE jobs SET run_at = now() WHERE finished_at IS NULL AND lease_until IS NULL
		AND undo_at < now() AND run_at > now() AND resource IN (' . list(@all) . ')');
	return;
}

# The leases of processes that have been killed are over, and what is left is due.  A
# worker has no pid in its jobs; all workers have sent their responses.
sub leases_end {
	my (@all) = @_;
	my $killed = join ', ', 0, map { m{\.(\d+)\z} } glob "$faults/*";
	my $left = 'finished_at IS NULL AND resource IN (' . list(@all) . ')';

	$host->psql("UPDATE jobs SET lease_until = now()
			WHERE lease_until > now() AND coalesce(process, 0) IN ($killed) AND $left;
		UPDATE jobs SET run_at = now() WHERE $left");
	return;
}

sub change_plans {
	my (@all) = @_;
	my $worker = fastcgi($host);

	$_->{pending} = $worker->begin(encode($addon->plan_request($_->{id}, 'premium'))) for @all;
	$_->{status} = $worker->finish(delete $_->{pending})->status // 0 for @all;
	return;
}

# Repeat each request until it has this response.
sub have_response {
	my ($status, @all) = @_;

	return ok(wait_for(PATIENCE, sub {
		change_plans(grep { $_->{status} != $status } @all);
		return !grep { $_->{status} != $status } @all;
	}), "all requests have the response $status") || diag join ' ', map { $_->{status} } @all;
}

# Ends the change of each resource, one way or the other.
sub vendor_is_ready { $addon->write_file("ready-$_->{id}", '') for @_; return }
sub vendor_refuses { $addon->write_file("refuses-$_->{id}", '') for @_; return }

sub deprovision { is($addon->deprovision($_->{id})->status, 204, 'one is deprovisioned') for @_; return }

# Do something, after which a process ends at each of these places.
sub processes_end {
	my ($kind, $places, $do, @all) = @_;

	write_text("$faults/$kind.$_", '') for @$places;
	$do->(@all);
	return ok(wait_for(PATIENCE, sub { !grep { -e "$faults/$kind.$_" } @$places }),
		"a process ends at each of: @$places") || unlink map { "$faults/$kind.$_" } @$places;
}

# --- what there is in the end -----------------------------------------------

sub events { return join ' ', grep { /\Aplan-change/ } split / /, $eventually->events($_[0]{id}) }

# The last line in the log of the customer's app.
sub last_line {
	my ($one) = @_;
	my @lines = map { $_->{body} =~ / - - (.*)/ } grep { $_->{target} eq "/logs/$one->{id}" } $heroku->requests;

	return $lines[-1];
}

sub config_of { return $addon->provision(uuid => $_[0]{id})->json->{config} }

sub has_plan {
	my ($one, $plan) = @_;

	is($eventually->resource($one->{id})->{plan}, $plan, "the resource has the plan $plan");
	is($vendor->thing($one->{id}), $plan, '... as the vendor does');
	return is(config_of($one)->{FAST_DB_URL}, $addon->url($one->{id}, $plan), '... and its config vars');
}

sub is_changed {
	my ($one) = @_;

	has_plan($one, 'premium');
	my ($last) = reverse $heroku->pushes($one->{id});
	is_deeply($last, config_of($one), 'the marketplace has its config vars');
	is(events($one), 'plan-change-promised plan-changed', '... after one promise');
	return is(last_line($one), 'plan changed to premium', '... and the customer reads it');
}

sub is_refused {
	my ($one) = @_;

	has_plan($one, 'basic');
	is($eventually->resource($one->{id})->{marketplace_plan}, 'premium', 'the marketplace has another');
	is_deeply([ $heroku->pushes($one->{id}) ], [], '... and gets no config vars');
	is(events($one), 'plan-change-promised plan-change-refused', '... after one refusal');
	return is(last_line($one), 'plan not changed to premium: Too much data.', '... which the customer reads');
}

sub is_gone {
	my ($one) = @_;

	is($eventually->resource($one->{id})->{state}, 'deprovisioned', 'the resource is deprovisioned');
	return is($vendor->thing($one->{id}), undef, '... and the vendor has nothing');
}

sub is_undone {
	my ($one) = @_;

	has_plan($one, 'basic');
	is(events($one), 'plan-change-reverted', 'the change is undone');
	return is($eventually->resource($one->{id})->{marketplace_plan}, undef, 'the marketplace has no other plan');
}

# A request without a response: if its promise is stored, it is kept.
sub is_kept_or_undone {
	my ($one) = @_;

	return events($one) =~ /promised/ ? is_changed($one) : is_undone($one);
}

sub is_answered {
	my ($one) = @_;

	has_plan($one, 'premium');
	return is(events($one), 'plan-changed', 'without a promise');
}

# --- the cases --------------------------------------------------------------

my @worker = qw(asking asked settled);
my @pending = qw(claimed asking asked put-off);
my @done = qw(claimed asking asked settled);
my @push = qw(claimed calling called settled);

sub promised { have_response(202, @_) }
sub nothing { return }

# The request of each resource has no grant and gets 503, and the vendor goes on.
sub unpromised {
	change_plans(@_);
	return is(join(' ', map { $_->{status} } @_), join(' ', map { 503 } @_), 'all requests have the response 503');
}

# Nobody has repeated a request in time.
sub time_is_over {
	$eventually->make_due($_->{id}, 'change-plan') for @_;
	return;
}

# Each row: what happens before; the kind of job and the places at which processes end,
# during what; what follows; and how each resource ends.
my @cases = (
	# name                                       before       kind            places     during              then                            end
	[ 'a request that is repeated',              \&nothing,   'change-plan',  \@worker,  \&change_plans,     [ \&promised, \&vendor_is_ready ], \&is_changed ],
	[ 'a request that is not repeated',          \&nothing,   'change-plan',  \@worker,  \&change_plans,     [ \&vendor_is_ready, \&time_is_over ], \&is_kept_or_undone ],
	[ 'a promised change, not done yet',         \&promised,  'change-plan',  \@pending, \&leases_end,          [ \&vendor_is_ready ],          \&is_changed ],
	[ 'a promised change, done',                 \&promised,  'change-plan',  \@done,    \&vendor_is_ready,  [],                             \&is_changed ],
	[ 'a promised change, not done, then refused', \&promised, 'change-plan', \@pending, \&leases_end,        [ \&vendor_refuses ],           \&is_refused ],
	[ 'a promised change, refused',              \&promised,  'change-plan',  \@done,    \&vendor_refuses,   [],                             \&is_refused ],
	[ 'a promised change, then a DELETE',        \&promised,  'change-plan',  \@pending, \&leases_end,          [ \&deprovision ],              \&is_gone ],
	[ 'a promised change, done, then a DELETE',  \&promised,  'change-plan',  \@done,    \&vendor_is_ready,  [ \&deprovision ],              \&is_gone ],
	[ 'the config vars of a promised change',    \&promised,  'push-config',  \@push,    \&vendor_is_ready,  [],                             \&is_changed ],
	[ 'the config vars, then a DELETE',          \&promised,  'push-config',  \@push,    \&vendor_is_ready,  [ \&deprovision ],              \&is_gone ],
	[ 'without a grant, repeated',               \&unpromised, 'change-plan', \@pending, \&nothing,          [ \&vendor_is_ready, sub { have_response(200, @_) } ], \&is_answered, 1 ],
	[ 'without a grant, done, repeated',         \&unpromised, 'change-plan', [qw(claimed asking asked)], \&vendor_is_ready, [ sub { have_response(200, @_) } ], \&is_answered, 1 ],
	[ 'without a grant, not repeated',           \&unpromised, 'change-plan', \@done,    \&time_is_over,     [],                             \&is_undone, 1 ],
);

sub create {
	my ($has_grant) = @_;
	my %one = (id => uuid(), status => 0);

	$addon->provision(uuid => $one{id}, $heroku->log_input($one{id}),
		$has_grant ? (oauth_grant => Provisor::FakeHeroku::grant()) : ())->status == 200 or die "not provisioned\n";
	return \%one;
}

for (@cases) {
	my ($name, $before, $kind, $places, $do, $then, $end, $has_no_grant) = @$_;

	subtest $name => sub {
		my @all = map { create(!$has_no_grant) } @$places;

		no_job_is_left(@all);
		$before->(@all);
		processes_end($kind, $places, $do, @all);
		for my $step (@$then, \&nothing) {
			leases_end(@all);
			$step->(@all);
		}
		no_job_is_left(@all);
		$end->($_) for @all;
	};
}

figure('%d cases in %.0f s', scalar @cases, time - $began);
is_unhurt($host);
done_testing;
