#!/usr/bin/perl
# Why did it fail?  The history of a resource has the reason of each refusal and of each
# attempt that did not finish, and the lines that a hook writes name their call.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Test;
use Provisor::ScriptedVendor;
use Provisor::SignOnForm;

my $vendor;
my $host = serving_host(
	{
		workers => { api => 2, web => 1, jobs => 1 },
		answer_limit => '4s',
		env => { PROVISOR_REPEAT_HORIZON => '3s', PROVISOR_JOB_LIMIT => '4s' },
	},
	sub {
		$vendor = Provisor::ScriptedVendor->new($_[0], 'fast-db',
			hooks => [qw(provision change-plan deprovision rotate)]);
	}
);
my $addon = $vendor->addon;
my $worker = fastcgi($host);

# The history of a resource, without times, request ids and numbers of rows.
sub history {
	my ($id) = @_;
	my ($output) = ctl($host->env, qw(resources history --json), $id);
	my @events = map { JSON::PP->new->utf8->decode($_) } split /\n/, $output;

	delete @$_{qw(at id request_id before)} for @events;
	delete $_->{after}{job} for grep { ref $_->{after} } @events;
	return @events;
}

# The events with this name.
sub named {
	my ($id, $name) = @_;

	return grep { $_->{event} eq $name } history($id);
}

my $failed = $addon->home . '/hooks/%s: ended with exit status %d: the log has what it wrote';

subtest 'a provision that fails twice and then succeeds' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'exit 1 + $call->{attempt} if $call->{attempt} < 3');
	refuses($addon->provision(uuid => $id), 503, 'the first attempt fails') for 1 .. 2;
	is($addon->provision(uuid => $id)->status, 200, 'the third succeeds');
	$vendor->behave(provision => undef);

	is_deeply(
		[ map { { event => $_->{event}, actor => $_->{actor}, after => $_->{after} } }
			grep { $_->{event} =~ /\Ajob-/ } history($id) ],
		[
			map { {
				event => 'job-put-off',
				actor => 'heroku',
				after => {
					kind => 'provision',
					attempt => $_,
					reason => sprintf($failed, 'provision', 1 + $_),
				},
			} } 1, 2
		],
		'the history has both attempts with their reasons'
	);
	is(join(' ', map { $_->{event} } history($id)), 'provisioning job-put-off job-put-off provisioned',
		'... in their order');
	like(row($host, "jobs WHERE resource = '$id'")->{last_error}, qr/exit status 3/,
		'success does not erase the last reason');
	ok((grep { $_->{request_id} } rows($host, "job_attempts WHERE resource = '$id'")),
		'an attempt has its request id');
};

$host->start_jobs;

subtest 'the reason of each end' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'exit 70');
	$addon->provision(uuid => $id);
	like((named($id, 'refused'))[0]{after}{reason}, qr/exit status 70/, 'a refusal after a failure for good');

	$id = uuid();
	$vendor->behave(provision => 'print encode_json({ message => "No." }); exit 65');
	$addon->provision(uuid => $id);
	is_deeply((named($id, 'refused'))[0]{after}, { message => 'No.' }, 'a refusal has its message');

	$id = uuid();
	$vendor->behave(provision => 'exit 9');
	$addon->provision(uuid => $id);
	ok(wait_for(20, sub { named($id, 'abandoned') }), 'a provision that is not repeated is abandoned');
	like((named($id, 'abandoned'))[0]{after}{reason}, qr/exit status 9/, '... for the reason of its last attempt');
	$vendor->behave(provision => undef);

	$id = uuid();
	$addon->provision(uuid => $id);
	$vendor->behave('change-plan' => 'print encode_json({ message => "Too much data." }); exit 65');
	$addon->change_plan($id, 'premium');
	is_deeply((named($id, 'plan-change-refused'))[0]{after}, { plan => 'premium', message => 'Too much data.' },
		'a refused plan change has its message');
	$vendor->behave('change-plan' => 'exit 70');
	$addon->change_plan($id, 'premium');
	like((named($id, 'plan-change-refused'))[1]{after}{reason}, qr/exit status 70/, '... or its reason');
	$vendor->behave('change-plan' => undef);

	$vendor->behave(rotate => 'exit 70');
	ctl($host->env, qw(config rotate), $id);
	ok(wait_for(20, sub { named($id, 'rotation-refused') }), 'a refused rotation');
	like((named($id, 'rotation-refused'))[0]{after}{reason}, qr/exit status 70/, '... has its reason');
	$vendor->behave(rotate => undef);
};

subtest 'a clean-up that gives up' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$vendor->behave(deprovision => 'print STDERR "no route\n"; exit 70');
	$addon->deprovision($id);
	ok(wait_for(20, sub { named($id, 'job-gave-up') }), 'the history says so');
	like((named($id, 'job-gave-up'))[0]{after}{reason}, qr/exit status 70/, '... with the reason');
	my ($job) = rows($host, "jobs WHERE resource = '$id' AND kind = 'deprovision'");
	my $call = "job=$job->{id} action=deprovision attempt=1 addon=fast-db resource=$id";
	like($host->log('worker'), qr/level=info $call hook=\S+ msg="no route"/,
		'the lines of the hook name job, action, attempt, add-on and resource');
	like($host->log('worker'), qr/level=error $call msg=/, '... and so does that about its end');
	$vendor->behave(deprovision => undef);
};

subtest 'a job that fails for long keeps a part of its attempts' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$vendor->behave(deprovision => 'exit 1');
	$addon->deprovision($id);
	for my $attempt (2 .. 40) {
		$host->psql("UPDATE jobs SET run_at = now(), attempts = greatest(attempts, $attempt - 1)
			WHERE resource = '$id' AND finished_at IS NULL");
		wait_for(20, sub { count_of($host, "jobs WHERE resource = '$id' AND attempts >= $attempt
			AND lease_until IS NULL AND finished_at IS NULL") });
	}
	my @kept = map { $_->{attempt} } rows($host, "job_attempts WHERE resource = '$id' ORDER BY attempt");
	is_deeply([ @kept[ -3 .. -1 ] ], [ 10, 16, 32 ], 'the first ten, and then powers of two') or diag "@kept";
	$vendor->behave(deprovision => undef);
};

subtest 'customers do not see attempts' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'exit 1 if $call->{attempt} == 1');
	$addon->provision(uuid => $id) for 1 .. 2;
	$vendor->behave(provision => undef);
	my $cookie = session_of(post_form($worker, '/sso/login', sign_on_fields($addon, $id)));
	my $page = $worker->request(method => 'GET', path => '/dashboard',
		headers => { Cookie => $cookie });
	like($page->body, qr/Requested/, 'their page has the history');
	unlike($page->body, qr/job-put-off|exit status/, '... without attempts');
	is(count_of($host, "job_attempts WHERE resource = '$id'"), 1, 'there is one');
};

is_unhurt($host);
done_testing;
