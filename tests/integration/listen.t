#!/usr/bin/perl
# The life of resources whose vendor has hooks: each is created once, whatever the hook
# answers, and a resource that the marketplace does not know of is removed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::Test;
use Provisor::ScriptedVendor;

my $vendor;
my $host = serving_host(
	{
		workers => { api => 4, web => 1, jobs => 2 },
		answer_limit => '4s',
		env => { PROVISOR_REPEAT_HORIZON => '3s', PROVISOR_JOB_LIMIT => '4s' },
	},
	sub { $vendor = Provisor::ScriptedVendor->new($_[0], 'fast-db') }
);
my $addon = $vendor->addon;

sub resource {
	my ($uuid) = @_;

	return row($host, "resources WHERE id = '$uuid'");
}

sub state_of { return resource($_[0])->{state} }

sub becomes {
	my ($uuid, $state, $name) = @_;
	my $is_so = wait_for(20, sub { state_of($uuid) eq $state });

	return is(state_of($uuid), $state, $name) && $is_so;
}

sub unfinished {
	my ($uuid) = @_;

	return count_of($host, "jobs WHERE resource = '$uuid' AND finished_at IS NULL");
}

sub events {
	my ($uuid) = @_;

	return join ' ', map { $_->{event} } rows($host, "events WHERE resource = '$uuid' ORDER BY id");
}

sub config_of {
	my ($uuid, $plan, $attempt) = @_;

	return {
		FAST_DB_URL => $addon->url($uuid, $plan),
		FAST_DB_TOKEN => 'attempt ' . ($attempt // 1),
	};
}

sub made {
	my ($uuid, %more) = @_;

	return {
		id => $uuid,
		config => config_of($uuid, 'basic'),
		message => 'It is provision.',
		%more,
	};
}

# Send count requests at the same time, and return their statuses in any order.
sub at_once {
	my ($count, $request) = @_;
	my @pipes = map {
		my $pid = open(my $pipe, '-|') // die "cannot fork: $!\n";
		if ($pid == 0) {
			print $request->()->status, "\n";
			close STDOUT;
			POSIX::_exit(0);
		}
		$pipe;
	} 1 .. $count;

	return map { my $line = readline $_; close $_; 0 + $line } @pipes;
}

subtest 'hooks provision, change and remove a resource' => sub {
	my $id = uuid();
	my $answer = $addon->provision(uuid => $id, region => 'us',
		options => { colour => 'red' }, name => 'acme-inc');

	answers($answer, 200, made($id), 'it is provisioned');
	is($vendor->thing($id), 'basic', 'the vendor has it with this plan');
	my ($call) = $vendor->calls('provision', $id);
	my $key = delete $call->{key};
	my $seconds = delete $call->{seconds};
	like(delete $call->{deadline}, qr/\A20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\z/, 'the hook gets its deadline');
	is_deeply($call, {
		version => 1,
		action => 'provision',
		attempt => 1,
		resource => {
			id => $id, uuid => $id, addon => 'fast-db', marketplace => 'heroku',
			plan => 'basic', region => 'us', name => 'acme-inc',
			options => { colour => 'red' }, owner => {}, config => {}, state => 'provisioning',
		},
	}, 'the hook gets the request');
	like($key, qr/\A\Q$id\E-\d+-[0-9a-f]{16}\z/, '... with a key');
	ok($seconds >= 1 && $seconds <= 3, '... and its time limit');

	same_bytes($addon->provision(uuid => $id, region => 'us',
		options => { colour => 'red' }), $answer, 'a repeated request gets the same response');
	is(scalar $vendor->calls('provision', $id), 1, '... without a call');

	answers($addon->change_plan($id, 'premium'), 200,
		{ config => config_of($id, 'premium'), message => 'It is change-plan.' },
		'the plan is changed');
	is($vendor->thing($id), 'premium', 'the vendor has it with this plan');
	($call) = $vendor->calls('change-plan', $id);
	is_deeply([ @{ $call->{resource} }{qw(plan old_plan)}, $call->{resource}{config} ],
		[ 'premium', 'basic', config_of($id, 'basic') ], 'the hook gets both plans and the config');
	answers($addon->change_plan($id, 'premium'), 200,
		{ config => config_of($id, 'premium'), message => 'It is change-plan.' },
		'a repeated request gets the same response');
	is(scalar $vendor->calls('change-plan', $id), 1, '... without a call');
	is(unfinished($id), 0, 'no job is left');

	answers($addon->deprovision($id), 204, undef, 'it is deprovisioned');
	is(state_of($id), 'deprovisioning', 'before the hook has cleaned up');
	is($vendor->thing($id), 'premium', 'provisor-jobs does not run yet');
	answers($addon->deprovision($id), 410, { message => 'The resource is gone.' }, 'a repeated request is answered as gone');

	$host->start_jobs;
	becomes($id, 'deprovisioned', 'provisor-jobs cleans up');
	is($vendor->thing($id), undef, 'the vendor has nothing left');
	($call) = $vendor->calls('deprovision', $id);
	is_deeply($call->{resource}{config}, config_of($id, 'premium'), 'the hook gets the config');
	is(resource($id)->{config}, undef, 'the config is erased');
	is(events($id), 'provisioning provisioned plan-changed deprovisioning deprovisioned',
		'the events');
};

subtest 'a refusal is repeated' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'print encode_json({ message => "Not in that region." }); exit 65');
	refuses($addon->provision(uuid => $id), 422, 'refused', qr/\ANot in that region\.\z/);
	$vendor->behave(provision => undef);
	refuses($addon->provision(uuid => $id), 422, 'a repeated request is refused', qr/\ANot in that region\.\z/);
	is(scalar $vendor->calls('provision', $id), 1, '... without a call');
	is(unfinished($id), 0, 'no job is left');
	answers($addon->deprovision($id), 204, undef, 'it can be deprovisioned');
	becomes($id, 'deprovisioned', 'it is cleaned up');
};

subtest 'a failed provision is repeated with the same id' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'done() if $call->{attempt} > 2; exit($call->{attempt} == 1 ? 75 : 1)');
	refuses($addon->provision(uuid => $id), 503, 'the first attempt fails');
	is(state_of($id), 'provisioning', 'it has begun');
	refuses($addon->provision(uuid => $id), 503, 'the second attempt fails');
	answers($addon->provision(uuid => $id), 200,
		made($id, config => config_of($id, 'basic', 3)), 'the third attempt succeeds');
	my @calls = $vendor->calls('provision', $id);
	is_deeply([ map { $_->{attempt} } @calls ], [ 1, 2, 3 ], 'attempts count up');
	is($calls[0]{key}, $calls[2]{key}, 'the key stays');
	is(events($id), 'provisioning provisioned', 'it is provisioned once');
	$vendor->behave(provision => undef);
};

subtest 'a provision is not promised if the marketplace cannot be called' => sub {
	my $id = uuid();
	my %grant = (oauth_grant => { code => uuid(), type => 'authorization_code' });

	$vendor->behave(provision => 'print qq({"retry_after":1}); exit 75');
	refuses($addon->provision(uuid => $id, %grant), 503, 'without a client secret', qr/again/);
	$vendor->behave(provision => undef);
	is($addon->provision(uuid => $id, %grant)->status, 200, 'a repeated request succeeds');
};

subtest 'a provision that the marketplace was not told of is undone' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'write_to($thing, "half"); exit 75');
	refuses($addon->provision(uuid => $id), 503, 'it is not ready');
	is($vendor->thing($id), 'half', 'the vendor has begun');
	becomes($id, 'abandoned', 'without a repeated request it is abandoned');
	is($vendor->thing($id), undef, 'the vendor has nothing left');
	$vendor->behave(provision => undef);
	answers($addon->provision(uuid => $id), 200, made($id), 'a later request starts it again');
	is(events($id), 'provisioning abandoned provisioning provisioned', 'the events');

	my @calls = $vendor->calls('provision', $id);
	isnt($calls[0]{key}, $calls[1]{key}, 'with another key');
};

subtest 'a permanent failure is a refusal and is cleaned up' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'write_to($thing, "half"); exit 70');
	refuses($addon->provision(uuid => $id), 422, 'it is refused', qr/could not be provisioned/);
	$vendor->behave(provision => undef);
	ok(wait_for(20, sub { unfinished($id) == 0 }), 'it is cleaned up');
	is($vendor->thing($id), undef, 'the vendor has nothing left');
	refuses($addon->provision(uuid => $id), 422, 'a repeated request is refused', qr/could not be provisioned/);
};

subtest 'simultaneous requests for a slow provision' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'sleep 1.5');
	my @statuses = at_once(4, sub { $addon->provision(uuid => $id) });
	is_deeply([ sort @statuses ], [ 200, 200, 200, 200 ], 'all are answered');
	is(scalar $vendor->calls('provision', $id), 1, 'the hook ran once');
	$vendor->behave(provision => undef);
};

subtest 'a hook whose job another process has claimed meanwhile' => sub {
	for my $meanwhile ('claim = gen_random_uuid()', 'claim = NULL, finished_at = now()') {
		my $id = uuid();

		$addon->write_file('held', '');
		$vendor->behave(provision => 'sleep 0.05 while -e "held"');
		my $pid = open(my $pipe, '-|') // die "cannot fork: $!\n";
		if ($pid == 0) {
			print $addon->provision(uuid => $id)->status;
			close STDOUT;
			POSIX::_exit(0);
		}
		wait_for(10, sub { $vendor->calls('provision', $id) }) or fail 'the hook has started';
		$host->psql("UPDATE jobs SET $meanwhile, lease_until = NULL, run_at = 'infinity'
			WHERE resource = '$id'");
		unlink $addon->home . '/held';
		is(readline $pipe, 503, "$meanwhile: it is answered 503");
		close $pipe;
		is(state_of($id), 'provisioning', '... and nothing has changed');
		is(resource($id)->{config}, undef, '... nor is a config stored');
		$addon->deprovision($id);
		becomes($id, 'deprovisioned', '... and it can be cleaned up');
	}
	$vendor->behave(provision => undef);
};

subtest 'a deprovision wins' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'sleep 1.5');
	my $pid = open(my $pipe, '-|') // die "cannot fork: $!\n";
	if ($pid == 0) {
		print $addon->provision(uuid => $id)->status;
		close STDOUT;
		POSIX::_exit(0);
	}
	wait_for(10, sub { $vendor->calls('provision', $id) }) or fail 'the hook has started';
	answers($addon->deprovision($id), 204, undef, 'during a provision');
	is(state_of($id), 'deprovisioning', '... at once');
	is(readline $pipe, 410, 'the provision is answered as gone');
	close $pipe;
	becomes($id, 'deprovisioned', 'the clean-up follows it');
	is($vendor->thing($id), undef, 'the vendor has nothing left');
	is_deeply(($vendor->calls('deprovision', $id))[0]{resource}{config}, config_of($id, 'basic'),
		'the clean-up gets the config of the provision');
	$vendor->behave(provision => undef);
	refuses($addon->provision(uuid => $id), 410, 'it cannot be provisioned again');
};

subtest 'a deprovision does not wait for a job that has given up' => sub {
	my $id = uuid();

	is($addon->provision(uuid => $id)->status, 200, 'it is provisioned');
	$host->psql("INSERT INTO jobs (kind, lane, resource, run_at, payload)
		VALUES ('change-plan', 'listener', '$id', 'infinity', '{\"plan\": \"premium\"}')");
	answers($addon->deprovision($id), 204, undef, 'it is deprovisioned');
	becomes($id, 'deprovisioned', 'it is cleaned up');
};

subtest 'a plan change that is refused' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$vendor->behave('change-plan' => 'print encode_json({ message => "Too much data." }); exit 65');
	refuses($addon->change_plan($id, 'tiny'), 422, 'with the message of the hook', qr/\AToo much data\.\z/);
	is(resource($id)->{plan}, 'basic', 'its plan is unchanged');
	$vendor->behave('change-plan' => undef);
	is($addon->change_plan($id, 'tiny')->status, 200, 'a later request succeeds');
	is(events($id), 'provisioning provisioned plan-change-refused plan-changed', 'the events');
};

subtest 'a plan change that fails' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$vendor->behave('change-plan' =>
		'write_to($thing, "half $call->{resource}{plan}") if $call->{resource}{plan} ne "basic"; '
		. 'exit 75 if $call->{resource}{plan} ne "basic"');
	refuses($addon->change_plan($id, 'premium'), 503, 'it is not ready');
	is(resource($id)->{plan}, 'basic', 'its plan is unchanged');
	ok(wait_for(20, sub { unfinished($id) == 0 }), 'without a repeated request it is undone');
	is($vendor->thing($id), 'basic', 'the vendor has the old plan again');
	is(events($id), 'provisioning provisioned plan-change-reverted', 'the events');

	refuses($addon->change_plan($id, 'premium'), 503, 'another plan change is not ready');
	answers($addon->change_plan($id, 'basic'), 200,
		{ config => config_of($id, 'basic', 2), message => 'It is change-plan.' },
		'the marketplace changes back');
	is($vendor->thing($id), 'basic', 'the vendor has the old plan again');
	refuses($addon->change_plan($id, 'premium'), 503, 'another plan change is not ready');
	$vendor->behave('change-plan' => undef);
	is($addon->change_plan($id, 'huge')->status, 200, 'a change to a third plan succeeds');
	is($vendor->thing($id), 'huge', 'the vendor has it with this plan');
	is(unfinished($id), 0, 'no job is left');
};

subtest 'a failed clean-up is repeated until it succeeds' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$vendor->behave(deprovision => 'print STDERR "no disk\n"; exit($call->{attempt} < 3 ? 1 : 0) '
		. 'if $call->{attempt} < 3');
	answers($addon->deprovision($id), 204, undef, 'the marketplace gets its response at once');
	becomes($id, 'deprovisioned', 'the third attempt succeeds');
	is(scalar $vendor->calls('deprovision', $id), 3, 'after two failures');
	like($host->log('worker'), qr/no disk/, 'the output of the hook is logged');
};

subtest 'a clean-up that keeps failing is repeated at growing intervals' => sub {
	my $id = uuid();
	my $after = sub {
		my ($behaviour, $least) = @_;

		$vendor->behave(deprovision => $behaviour);
		$host->psql("UPDATE jobs SET attempts = 10, run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
		return wait_for(20, sub { count_of($host, "jobs WHERE resource = '$id' AND attempts > 10
			AND run_at > now() + interval '$least'") });
	};

	$addon->provision(uuid => $id);
	$vendor->behave(deprovision => 'exit 1');
	answers($addon->deprovision($id), 204, undef, 'it is deprovisioned');
	ok($after->('exit 1', '15 min'), 'after ten failures it waits for 15 minutes');
	ok($after->('print qq({"retry_after":3500}); exit 75', '50 min'), '... or for as long as the hook says');
	$vendor->behave(deprovision => undef);
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id'");
	becomes($id, 'deprovisioned', 'then it succeeds');
};

subtest 'a clean-up that failed for good waits for an operator' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$vendor->behave(deprovision => 'exit 70');
	$addon->deprovision($id);
	ok(wait_for(10, sub { count_of($host, "jobs WHERE resource = '$id' AND run_at = 'infinity'") }),
		'it has given up');
	is(state_of($id), 'deprovisioning', 'the resource is still being deprovisioned');
	$vendor->behave(deprovision => undef);
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
	becomes($id, 'deprovisioned', 'a retry succeeds');
};

subtest 'an unknown id is cleaned up' => sub {
	my $id = uuid();

	refuses($addon->deprovision($id), 410, 'it is answered as gone');
	becomes($id, 'deprovisioned', 'it is cleaned up');
	is(scalar $vendor->calls('deprovision', $id), 1, 'by the hook');
	refuses($addon->provision(uuid => $id), 410, 'it cannot be provisioned');
};

is(join(' ', sort { $a cmp $b } grep { state_of($_) ne 'provisioned' } $vendor->things), '',
	'the vendor has only provisioned resources');
is_unhurt($host);
done_testing();
