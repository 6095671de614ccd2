#!/usr/bin/perl
# A worker ends, or stops for a while, at each step of a notification.  The marketplace
# repeats a notification without a response, possibly after a newer one.  In the end each
# has taken effect once, and the newest counts.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::Files 'write_text';
use Provisor::Notifications;
use Provisor::ScriptedVendor;
use Provisor::Test;

my @steps = qw(stored found carried-out);
my $host = new_host(workers => { api => 3, web => 1, jobs => 1 });
my $faults = $host->home . '/faults';
my %settings = (Provisor::Notifications::home(), settings => { plans => { basic => {}, premium => {} } });
my $simple = Provisor::Notifications->new(addon($host, 'simple-db', %settings));
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', %settings,
	hooks => [qw(provision change-plan deprovision suspend resume)]);
my $scripted = Provisor::Notifications->new($vendor->addon);
my $eventually = Provisor::Eventually->new($host);

mkdir $faults;
$host->{env}{PROVISOR_FAULTS} = $faults;
$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

sub resource { return row($host, "resources WHERE id = '$_[0]'") }

sub events_of {
	my ($id) = @_;

	return join ' ', map { $_->{event} }
		rows($host, "events WHERE resource = '$id' AND event NOT LIKE 'provision%' ORDER BY id");
}

# The pid of the process that was hit at this step.
sub hit {
	my ($step) = @_;
	my ($pid) = map { m{\.(\d+)\z} } glob "$faults/notification.$step.*";

	return $pid;
}

# Sends a notification to a worker that is killed at a step.
sub dies {
	my ($step, $send) = @_;

	unlink glob "$faults/*";
	write_text("$faults/notification.$step", '');
	isnt($send->()->status // 0, 200, "$step: a worker is killed, and there is no success");
	ok(hit($step), '... at this step');
	return;
}

for my $step (@steps) {
	subtest "killed when $step" => sub {
		for my $one ($simple, $scripted) {
			my $id = $one->create;
			my $send = sub { $one->report('resources.suspended', 1000, $id) };

			dies($step, $send);
			is($send->()->status, 200, 'the repeat succeeds') for 1 .. 2;
			is(resource($id)->{state}, 'suspended', '... the resource is suspended');
			is(events_of($id), 'suspended', '... once');

			$id = $one->create;
			dies($step, $send);
			is($one->report('resources.reactivated', 1001, $id)->status, 200, 'a newer one succeeds');
			is($send->()->status, 200, '... and the repeat of the older one');
			$eventually->has_no_jobs_left($id);
			is(resource($id)->{state}, 'provisioned', 'the newer one counts');

			$id = $one->create;
			$send = sub { $one->report_plan(1000, $id, 'premium') };
			dies($step, $send);
			is($send->()->status, 200, 'the repeat succeeds') for 1 .. 2;
			$eventually->has_no_jobs_left($id);
			is(resource($id)->{plan}, 'premium', '... and the plan is changed');
			is(events_of($id), 'plan-changed', '... once');

			$id = $one->create;
			$send = sub { $one->report('resources.deprovisioning.failed', 1000, $id) };
			dies($step, $send);
			is($send->()->status, 200, 'the repeat succeeds') for 1 .. 2;
			$eventually->has_no_jobs_left($id);
			is(resource($id)->{state}, 'deprovisioned', '... and the resource is deprovisioned');
		}
		is(join(' ', grep { defined } map { $vendor->thing($_->{id}) }
			rows($host, "resources WHERE state = 'deprovisioned'")), '', 'the vendor has nothing of those');
	};
}

# A stopped worker goes on with what it has read.
for my $step (@steps) {
	subtest "stopped when $step" => sub {
		my $id = $simple->create;

		unlink glob "$faults/*";
		write_text("$faults/notification.$step", 'stop');
		my $begun = $simple->begin('resources.suspended', 1000, $id);
		ok(wait_for(30, sub { hit($step) }), 'a worker is stopped');
		is($simple->report('resources.reactivated', 1001, $id)->status, 200, 'a newer notification');
		kill CONT => hit($step);
		is($simple->finish($begun)->status, 200, 'the worker goes on');
		is(resource($id)->{state}, 'provisioned', '... and the newer one counts');
	};
}

done_testing;
