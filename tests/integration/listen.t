#!/usr/bin/perl
# What becomes of resources whose vendor has hooks: each is made once, whatever
# the hook answers, and nothing is left of what nobody was told of.

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

# Processes that send a request each at once; the statuses, in no order.
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

subtest 'a hook makes, changes and removes' => sub {
	my $id = uuid();
	my $answer = $addon->provision(uuid => $id, region => 'us',
		options => { colour => 'red' }, name => 'acme-inc');

	answers($answer, 200, made($id), 'it is there');
	is($vendor->thing($id), 'basic', 'at the vendor too');
	my ($call) = $vendor->calls('provision', $id);
	my $key = delete $call->{key};
	my $seconds = delete $call->{seconds};
	is_deeply($call, {
		version => 1,
		action => 'provision',
		attempt => 1,
		resource => {
			id => $id, uuid => $id, addon => 'fast-db', marketplace => 'heroku',
			plan => 'basic', region => 'us', name => 'acme-inc',
			options => { colour => 'red' }, owner => {}, config => {},
		},
	}, 'the hook is told all of it');
	like($key, qr/\A\Q$id\E-\d+-[0-9a-f]{16}\z/, '... with a key');
	ok($seconds >= 1 && $seconds <= 3, '... and how long it has');

	same_bytes($addon->provision(uuid => $id, region => 'us',
		options => { colour => 'red' }), $answer, 'a repeat is the same');
	is(scalar $vendor->calls('provision', $id), 1, '... without the hook');

	answers($addon->change_plan($id, 'premium'), 200,
		{ config => config_of($id, 'premium'), message => 'It is change-plan.' },
		'the plan is changed');
	is($vendor->thing($id), 'premium', 'at the vendor too');
	($call) = $vendor->calls('change-plan', $id);
	is_deeply([ @{ $call->{resource} }{qw(plan old_plan)}, $call->{resource}{config} ],
		[ 'premium', 'basic', config_of($id, 'basic') ], 'the hook is told both plans');
	answers($addon->change_plan($id, 'premium'), 200,
		{ config => config_of($id, 'premium'), message => 'It is change-plan.' },
		'a repeat is the same');
	is(scalar $vendor->calls('change-plan', $id), 1, '... without the hook');
	is(unfinished($id), 0, 'nothing is left to do');

	answers($addon->deprovision($id), 204, undef, 'it is gone');
	is(state_of($id), 'deprovisioning', 'before the hook has cleaned up');
	is($vendor->thing($id), 'premium', 'which nobody does yet');
	answers($addon->deprovision($id), 410, { message => 'The resource is gone.' }, 'gone it is');

	$host->start_jobs;
	becomes($id, 'deprovisioned', 'provisor-jobs cleans up');
	is($vendor->thing($id), undef, 'nothing is left at the vendor');
	($call) = $vendor->calls('deprovision', $id);
	is_deeply($call->{resource}{config}, config_of($id, 'premium'), 'the hook is told the config');
	is(resource($id)->{config}, undef, 'which is erased after');
	is(events($id), 'provisioning provisioned plan-changed deprovisioning deprovisioned',
		'all of it is told');
};

subtest 'a refusal sticks' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'print encode_json({ message => "Not in that region." }); exit 65');
	refuses($addon->provision(uuid => $id), 422, 'refused', qr/\ANot in that region\.\z/);
	$vendor->behave(provision => undef);
	refuses($addon->provision(uuid => $id), 422, 'refused again', qr/\ANot in that region\.\z/);
	is(scalar $vendor->calls('provision', $id), 1, '... without the hook');
	is(unfinished($id), 0, 'nothing is left to do');
	answers($addon->deprovision($id), 204, undef, 'it can be deprovisioned');
	becomes($id, 'deprovisioned', 'and is cleaned up');
};

subtest 'what failed is tried again under the same id' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'done() if $call->{attempt} > 2; exit($call->{attempt} == 1 ? 75 : 1)');
	refuses($addon->provision(uuid => $id), 503, 'not now');
	is(state_of($id), 'provisioning', 'it is begun');
	refuses($addon->provision(uuid => $id), 503, 'nor now');
	answers($addon->provision(uuid => $id), 200,
		made($id, config => config_of($id, 'basic', 3)), 'the third time it is there');
	my @calls = $vendor->calls('provision', $id);
	is_deeply([ map { $_->{attempt} } @calls ], [ 1, 2, 3 ], 'attempts count up');
	is($calls[0]{key}, $calls[2]{key}, 'the key stays');
	is(events($id), 'provisioning provisioned', 'it is made once');
	$vendor->behave(provision => undef);
};

subtest 'what its marketplace could not be told of is not promised' => sub {
	my $id = uuid();
	my %grant = (oauth_grant => { code => uuid(), type => 'authorization_code' });

	$vendor->behave(provision => 'print qq({"retry_after":1}); exit 75');
	refuses($addon->provision(uuid => $id, %grant), 503, 'for want of a client secret', qr/again/);
	$vendor->behave(provision => undef);
	is($addon->provision(uuid => $id, %grant)->status, 200, 'its repeat finds it ready');
};

subtest 'what nobody was told of is taken back' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'write_to($thing, "half"); exit 75');
	refuses($addon->provision(uuid => $id), 503, 'not now');
	is($vendor->thing($id), 'half', 'the vendor has begun');
	becomes($id, 'abandoned', 'no repeat comes');
	is($vendor->thing($id), undef, 'nothing is left at the vendor');
	$vendor->behave(provision => undef);
	answers($addon->provision(uuid => $id), 200, made($id), 'a later one may start it again');
	is(events($id), 'provisioning abandoned provisioning provisioned', 'all of it is told');

	my @calls = $vendor->calls('provision', $id);
	isnt($calls[0]{key}, $calls[1]{key}, 'with another key');
};

subtest 'what no repetition helps is refused, and cleaned up' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'write_to($thing, "half"); exit 70');
	refuses($addon->provision(uuid => $id), 422, 'it cannot be had', qr/could not be provisioned/);
	$vendor->behave(provision => undef);
	ok(wait_for(20, sub { unfinished($id) == 0 }), 'what was begun is cleaned up');
	is($vendor->thing($id), undef, 'nothing is left at the vendor');
	refuses($addon->provision(uuid => $id), 422, 'the refusal sticks', qr/could not be provisioned/);
};

subtest 'duplicates of a slow create' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'sleep 1.5');
	my @statuses = at_once(4, sub { $addon->provision(uuid => $id) });
	is_deeply([ sort @statuses ], [ 200, 200, 200, 200 ], 'all are told of the same');
	is(scalar $vendor->calls('provision', $id), 1, 'the hook ran once');
	$vendor->behave(provision => undef);
};

subtest 'a hook whose call is somebody else\'s by the time it ends' => sub {
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
		wait_for(10, sub { $vendor->calls('provision', $id) }) or fail 'the hook is begun';
		$host->psql("UPDATE jobs SET $meanwhile, lease_until = NULL, run_at = 'infinity'
			WHERE resource = '$id'");
		unlink $addon->home . '/held';
		is(readline $pipe, 503, "$meanwhile: it is told to come again");
		close $pipe;
		is(state_of($id), 'provisioning', '... and nothing has happened');
		is(resource($id)->{config}, undef, '... of what it brought');
		$addon->deprovision($id);
		becomes($id, 'deprovisioned', '... but that it is cleaned up');
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
	wait_for(10, sub { $vendor->calls('provision', $id) }) or fail 'the hook is begun';
	answers($addon->deprovision($id), 204, undef, 'over a create that is under way');
	is(state_of($id), 'deprovisioning', '... at once');
	is(readline $pipe, 410, 'which is answered as gone');
	close $pipe;
	becomes($id, 'deprovisioned', 'the clean-up comes behind it');
	is($vendor->thing($id), undef, 'nothing is left at the vendor');
	is_deeply(($vendor->calls('deprovision', $id))[0]{resource}{config}, config_of($id, 'basic'),
		'the clean-up was told what the create had made');
	$vendor->behave(provision => undef);
	refuses($addon->provision(uuid => $id), 410, 'it never comes back');
};

subtest 'a deprovision waits for nothing that waits' => sub {
	my $id = uuid();

	is($addon->provision(uuid => $id)->status, 200, 'it is there');
	$host->psql("INSERT INTO jobs (kind, lane, resource, run_at, payload)
		VALUES ('change-plan', 'listener', '$id', 'infinity', '{\"plan\": \"premium\"}')");
	answers($addon->deprovision($id), 204, undef, 'it is deprovisioned');
	becomes($id, 'deprovisioned', 'and cleaned up');
};

subtest 'a plan change that is refused' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$vendor->behave('change-plan' => 'print encode_json({ message => "Too much data." }); exit 65');
	refuses($addon->change_plan($id, 'tiny'), 422, 'in the words of the hook', qr/\AToo much data\.\z/);
	is(resource($id)->{plan}, 'basic', 'it has the plan it had');
	$vendor->behave('change-plan' => undef);
	is($addon->change_plan($id, 'tiny')->status, 200, 'another time it may go');
	is(events($id), 'provisioning provisioned plan-change-refused plan-changed', 'both are told');
};

subtest 'a plan change that fails' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$vendor->behave('change-plan' =>
		'write_to($thing, "half $call->{resource}{plan}") if $call->{resource}{plan} ne "basic"; '
		. 'exit 75 if $call->{resource}{plan} ne "basic"');
	refuses($addon->change_plan($id, 'premium'), 503, 'not now');
	is(resource($id)->{plan}, 'basic', 'it has the plan it had');
	ok(wait_for(20, sub { unfinished($id) == 0 }), 'no repeat comes');
	is($vendor->thing($id), 'basic', 'the vendor is back at that plan');
	is(events($id), 'provisioning provisioned plan-change-reverted', 'it is told');

	refuses($addon->change_plan($id, 'premium'), 503, 'another one begins');
	answers($addon->change_plan($id, 'basic'), 200,
		{ config => config_of($id, 'basic', 2), message => 'It is change-plan.' },
		'and the marketplace itself goes back');
	is($vendor->thing($id), 'basic', 'as the vendor does');
	refuses($addon->change_plan($id, 'premium'), 503, 'another one begins');
	$vendor->behave('change-plan' => undef);
	is($addon->change_plan($id, 'huge')->status, 200, 'and a third plan overtakes it');
	is($vendor->thing($id), 'huge', 'at the vendor too');
	is(unfinished($id), 0, 'nothing is left to do');
};

subtest 'a clean-up that fails is repeated until it succeeds' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$vendor->behave(deprovision => 'print STDERR "no disk\n"; exit($call->{attempt} < 3 ? 1 : 0) '
		. 'if $call->{attempt} < 3');
	answers($addon->deprovision($id), 204, undef, 'the marketplace is told at once');
	becomes($id, 'deprovisioned', 'the third time it succeeds');
	is(scalar $vendor->calls('deprovision', $id), 3, 'after two failures');
	like($host->log('worker'), qr/no disk/, 'what the hook said is in the log');
};

subtest 'a clean-up that goes on failing is repeated less often' => sub {
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
	ok($after->('exit 1', '15 min'), 'after ten failures not for a quarter of an hour');
	ok($after->('print qq({"retry_after":3500}); exit 75', '50 min'), '... or for as long as it says');
	$vendor->behave(deprovision => undef);
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id'");
	becomes($id, 'deprovisioned', 'and in the end it succeeds');
};

subtest 'a clean-up that no repetition helps waits for an operator' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$vendor->behave(deprovision => 'exit 70');
	$addon->deprovision($id);
	ok(wait_for(10, sub { count_of($host, "jobs WHERE resource = '$id' AND run_at = 'infinity'") }),
		'it has given up');
	is(state_of($id), 'deprovisioning', 'the resource is not forgotten');
	$vendor->behave(deprovision => undef);
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
	becomes($id, 'deprovisioned', 'told to try again, it succeeds');
};

subtest 'what was never seen is cleaned up by its id' => sub {
	my $id = uuid();

	refuses($addon->deprovision($id), 410, 'gone');
	becomes($id, 'deprovisioned', 'it is cleaned up');
	is(scalar $vendor->calls('deprovision', $id), 1, 'by the hook');
	refuses($addon->provision(uuid => $id), 410, 'it never comes');
};

is(join(' ', sort { $a cmp $b } grep { state_of($_) ne 'provisioned' } $vendor->things), '',
	'the vendor has nothing but what is provisioned');
is_unhurt($host);
done_testing();
