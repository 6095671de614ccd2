#!/usr/bin/perl
# A plan change that takes longer than the marketplace waits continues: the marketplace
# gets 202 and the config vars later, or gets 503 and finds the change done when it
# repeats its request.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Backup;
use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::FastCgiClient 'encode';
use Provisor::ScriptedVendor;
use Provisor::SignOnForm;
use Provisor::Test;

use constant PENDING => 'print qq({"retry_after":1}); exit 75';

my @hooks = (hooks => [qw(provision change-plan deprovision rotate)]);
my $host = new_host(
	is_direct => 1,
	workers => { api => 3, web => 1, jobs => 2 },
	answer_limit => '4s',
	env => { PROVISOR_REPEAT_HORIZON => '5s', PROVISOR_JOB_LIMIT => '10s' },
);
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', @hooks, $heroku->settings,
	api => { requires => ['log_input'] });
my $legacy = Provisor::ScriptedVendor->new($host, 'old-db', @hooks, $heroku->settings, version => undef);
my $addon = $vendor->addon;

$host->start_postgres;
$host->migrate;
$host->start_pool($_) for qw(api web);
$host->start_jobs;
$heroku->behave('succeeds');

# --- helpers ----------------------------------------------------------------

sub resource { return $eventually->resource($_[0]) }
sub events { return join ' ', grep { !/\A(?:provision|signed-on)/ } split / /, $eventually->events($_[0]) }
sub grant { return (oauth_grant => Provisor::FakeHeroku::grant()) }
sub fulfils { return $eventually->is_true($_[0]) }

sub provisor {
	my (@arguments) = @_;

	return (ctl($host->env, @arguments))[0];
}

sub config_of {
	my ($id, $plan, $attempt) = @_;

	return { FAST_DB_URL => $addon->url($id, $plan), FAST_DB_TOKEN => 'attempt ' . ($attempt // 1) };
}

# A resource with its token, about which nothing is left to do.
sub provisioned {
	my (%members) = @_;
	my $id = uuid();

	is($addon->provision(uuid => $id, %members)->status, 200, 'a resource is provisioned');
	$eventually->has_no_jobs_left($id);
	return $id;
}

sub provisioned_with_grant {
	my $id = uuid();

	is($addon->provision(uuid => $id, grant(), $heroku->log_input($id))->status, 200, 'a resource is provisioned');
	$eventually->has_no_jobs_left($id);
	$heroku->behave('succeeds');
	return $id;
}

sub promise_to {
	my ($plan) = @_;

	return { message => "The plan is being changed to $plan." };
}

# Change the plan; the hook is pending until it gets the code.
sub promised {
	my ($code) = @_;
	my $id = provisioned_with_grant();

	$vendor->behave('change-plan' => ($code // '') . PENDING);
	answers($addon->change_plan($id, 'premium'), 202, promise_to('premium'), 'a plan change is promised');
	return $id;
}

# Does the job become one that waits for an hour?
sub waits {
	my ($job) = @_;

	return fulfils(sub {
		count_of($host, "jobs WHERE id = $job AND lease_until IS NULL AND run_at > now() + interval '50 min'");
	});
}

sub patches { return grep { /\APATCH/ } $heroku->calls($_[0]) }

sub log_lines {
	my ($id) = @_;

	return map { $_->{body} =~ / - - (.*)/ } grep { $_->{target} eq "/logs/$id" } $heroku->requests;
}

sub page_of {
	my ($id) = @_;
	my $web = fastcgi($host, 'web');
	my $cookie = session_of(post_form($web, '/sso/login', sign_on_fields($addon, $id)));

	return $web->request(method => 'GET', path => '/dashboard',
		headers => { Host => 'localhost', Cookie => $cookie })->body;
}

sub metric {
	my $answer = fastcgi($host, 'web')->request(method => 'GET', path => '/metrics');

	return $answer->body =~ /^provisor_broken_plan_promises (\d+)$/m ? $1 : undef;
}

# --- promised ---------------------------------------------------------------

subtest 'a hook that is not ready yet' => sub {
	my $id = promised('done() if -e "ready"; ');
	my $held = 'The plan is being changed to premium; it can be changed again once that is complete.';

	answers($addon->change_plan($id, 'premium'), 202, promise_to('premium'), 'a repeated request gets the same response');
	answers($addon->change_plan($id, $_), 422, { message => $held }, "a change to $_ is refused") for qw(huge basic);
	is_deeply($addon->provision(uuid => $id)->json->{config}, config_of($id, 'basic'),
		'a repeated create gets the config of the old plan');
	like(provisor('resources', 'show', $id), qr/^plan +basic\nchanging_to +premium\nchanging_since +20\S+Z$/m,
		'resources show says what the plan is being changed to');
	like(page_of($id), qr{<dd>basic, changing to premium since 20[-\d]+ [\d:]+ UTC</dd>}, 'so does the page of the customer');
	like(provisor(qw(config rotate), $id), qr/its listener has something to do for it/, 'a rotation has to wait');
	is(join(' ', patches($id)), '', 'the marketplace is not called yet');
	$addon->write_file('ready', '');
	$eventually->has_no_jobs_left($id);
	is(resource($id)->{plan}, 'premium', 'then the resource has the plan');
	is_deeply([ $heroku->pushes($id) ], [ $addon->provision(uuid => $id)->json->{config} ],
		'... and the marketplace its config vars');
	is($addon->change_plan($id, 'premium')->json->{message}, 'It is change-plan.',
		'... and a later request gets the message of the plan');
	is_deeply([ log_lines($id) ], ['plan changed to premium'], '... and the log of the customer says so');
	is(events($id), 'plan-change-promised plan-changed config-pushed', 'the events')
		or diag events($id);
	unlike(provisor('resources', 'show', $id), qr/changing/, 'the change is over');
	is((map { $_->{key} } $vendor->calls('change-plan', $id))[0], (map { $_->{key} } $vendor->calls('change-plan', $id))[-1],
		'all calls of the hook have the same key');
	unlink $addon->home . '/ready';
};

subtest 'a hook that misses its deadline' => sub {
	my $id = provisioned_with_grant();

	$vendor->behave('change-plan' => 'sleep 30 if $call->{attempt} == 1');
	answers($addon->change_plan($id, 'premium'), 202, promise_to('premium'), 'its plan change is promised');
	$eventually->has_no_jobs_left($id);
	is(resource($id)->{plan}, 'premium', 'then the resource has the plan');
	is_deeply([ $heroku->pushes($id) ], [ config_of($id, 'premium', 2) ], '... and the marketplace its config vars');
};

subtest 'two requests at the same time' => sub {
	my $id = provisioned_with_grant();

	$vendor->behave('change-plan' => 'sleep 1; ' . PENDING);
	my $worker = fastcgi($host);
	my @pending = map { $worker->begin(encode($addon->plan_request($id, $_))) } qw(premium huge);
	is(join(' ', sort map { $worker->finish($_)->status } @pending), '202 422', 'one of them is promised');
	is(count_of($host, "jobs WHERE resource = '$id' AND kind = 'change-plan'"), 1, '... and there is one job');
	is($addon->deprovision($id)->status, 204, 'the resource is deprovisioned');
};

subtest 'a deprovision' => sub {
	my $id = promised();

	answers($addon->deprovision($id), 204, undef, 'comes first');
	$eventually->becomes($id, 'deprovisioned', 'the resource is cleaned up');
	$eventually->has_no_jobs_left($id);
	is($vendor->thing($id), undef, 'the vendor has removed it');
	is(join(' ', patches($id)), '', 'the marketplace gets no config vars');
	refuses($addon->change_plan($id, 'premium'), 410, 'its plan cannot be changed any more');
};

subtest 'a rotation under way' => sub {
	my $id = provisioned_with_grant();

	$vendor->behave(rotate => 'print qq({"retry_after":3600}); exit 75');
	provisor(qw(config rotate), $id);
	ok($eventually->waits_for_retry($id, 'rotate'), 'a rotation is not ready');
	refuses($addon->change_plan($id, 'premium'), 503, 'a plan change has to wait', qr/Another change/);
	$vendor->behave(rotate => undef);
};

# --- broken promises --------------------------------------------------------

subtest 'a refusal' => sub {
	my $id = promised('if (-e "full") { print qq({"message":"Too much data."}); exit 65 } ');

	$heroku->has_resources($id => { plan => { name => 'fast-db:premium' } });
	is(metric(), 0, 'no promise is broken yet');
	$addon->write_file('full', '');
	$eventually->has_no_jobs_left($id);
	is(resource($id)->{plan}, 'basic', 'the plan stays');
	is(events($id), 'plan-change-promised plan-change-refused', 'the events');
	is_deeply((rows($host, "events WHERE resource = '$id' AND event = 'plan-change-refused'"))[0]{after},
		{ plan => 'premium', message => 'Too much data.', is_promised => JSON::PP::true }, '... say why');
	is_deeply([ log_lines($id) ], ['plan not changed to premium: Too much data.'], '... so does the log of the customer');
	is(join(' ', patches($id)), '', 'the marketplace gets no config vars');
	like(page_of($id), qr/Plan change refused, from basic to premium/, 'the page shows it');
	like(provisor('check'), qr/^error +plans: 1 resources have another plan .*\Q$id\E: .*reconcile --repair/m, 'check reports it');
	like(provisor('resources', 'show', $id), qr/^plan +basic\nmarketplace_plan +premium$/m, 'resources show says which plans');
	is(metric(), 1, 'a metric counts it');
	like(provisor(qw(reconcile --addon fast-db)), qr/^\Q$id\E .*plan +basic +premium/m, 'reconcile shows it')
		or diag provisor(qw(reconcile --addon fast-db));

	refuses($addon->change_plan($id, 'huge'), 422, 'another plan change is refused', qr/\AToo much data\.\z/);
	is(resource($id)->{marketplace_plan}, 'premium', '... and the marketplace still has the plan of the promise');
	is($addon->change_plan($id, 'basic')->status, 200, 'the customer chooses the old plan');
	is(events($id), 'plan-change-promised plan-change-refused plan-change-refused plan-change-withdrawn', 'the events');
	is(metric(), 0, 'the plans agree again');
	unlike(provisor('check'), qr/^error +plans:/m, '... and check reports nothing');
	$addon->change_plan($id, 'basic');
	is(() = events($id) =~ /withdrawn/g, 1, '... after one event');
	unlink $addon->home . '/full';
};

subtest 'a failure that no retry can mend' => sub {
	my $id = promised('exit 70 if $call->{attempt} > 1; ');

	$heroku->has_resources($id => { plan => { name => 'fast-db:premium' } });
	$eventually->has_no_jobs_left($id);
	is(resource($id)->{marketplace_plan}, 'premium', 'the marketplace has another plan');
	is_deeply([ log_lines($id) ],
		['plan not changed to premium: The plan could not be changed. The provider has been notified.'],
		'the log of the customer says that it failed');
	$vendor->behave('change-plan' => undef);
	like(provisor(qw(reconcile --repair)), qr/^\Q$id\E .*plan +basic +premium +changed/m, 'reconcile changes the plan');
	is(resource($id)->{plan}, 'premium', 'the resource has it');
	is(resource($id)->{marketplace_plan}, undef, '... and the plans agree');
};

subtest 'a marketplace that has the old plan again' => sub {
	my $id = promised('exit 70 if $call->{attempt} > 1; ');

	$heroku->has_resources($id => { plan => { name => 'fast-db:basic' } });
	$eventually->has_no_jobs_left($id);
	provisor(qw(reconcile));
	is(resource($id)->{marketplace_plan}, 'premium', 'a comparison changes nothing');
	provisor(qw(reconcile --repair));
	is(resource($id)->{marketplace_plan}, undef, 'a repair notices that the plans agree');
};

subtest 'an operator who cancels the job' => sub {
	my $id = promised();
	my $job = $eventually->job($id, 'change-plan')->{id};

	$vendor->behave('change-plan' => 'print qq({"retry_after":3600}); exit 75');
	ok(waits($job), 'the job waits');
	like(provisor(qw(jobs retry), $job), qr/^due now.*promised.*called\s+again/s, 'jobs retry says what follows');
	ok(waits($job), 'the job waits again');
	like(provisor(qw(jobs cancel), $job), qr/the marketplace has the new plan/s, 'jobs cancel explains what follows');
	like(provisor(qw(jobs cancel --yes), $job), qr/^cancelled:/, 'it is cancelled');
	is(resource($id)->{plan}, 'basic', 'the plan stays');
	is(resource($id)->{marketplace_plan}, 'premium', '... and the marketplace has another');
	$vendor->behave('change-plan' => undef);
	is($addon->change_plan($id, 'premium')->status, 200, 'a later request changes it');
	is(resource($id)->{marketplace_plan}, undef, '... and the plans agree');
};

# --- not promised -----------------------------------------------------------

subtest 'a resource without a grant' => sub {
	my $id = provisioned();

	$vendor->behave('change-plan' => 'done() if -e "ready"; ' . PENDING);
	refuses($addon->change_plan($id, 'premium'), 503, 'a plan change is not ready', qr/being changed/);
	ok(fulfils(sub { $vendor->calls('change-plan', $id) > 1 }), 'the job goes on');
	$addon->write_file('ready', '');
	ok(fulfils(sub { ($vendor->thing($id) // '') eq 'premium' }), '... until the vendor has changed the plan');
	is(resource($id)->{plan}, 'basic', 'the resource keeps its plan, since nobody was told');
	is_deeply($addon->provision(uuid => $id)->json->{config}, config_of($id, 'basic'), '... and its config');
	answers($addon->change_plan($id, 'premium'), 200, {
		config => config_of($id, 'premium', scalar $vendor->calls('change-plan', $id)),
		message => 'It is change-plan.',
	}, 'a repeated request finds the change done');
	$eventually->has_no_jobs_left($id);
	is(events($id), 'plan-changed', 'the events');
	unlink $addon->home . '/ready';
};

subtest 'a change that nobody asks for again' => sub {
	my $id = provisioned();

	$vendor->behave('change-plan' => 'if ($call->{attempt} == 1) { ' . PENDING . ' }');
	refuses($addon->change_plan($id, 'premium'), 503, 'a plan change is not ready');
	ok(fulfils(sub { ($vendor->thing($id) // '') eq 'premium' }), 'the vendor changes the plan');
	like($eventually->job($id, 'change-plan')->{last_error} // '', qr/has not repeated|\A\z/, '... and the job waits for a repeat');
	$eventually->has_no_jobs_left($id);
	is($vendor->thing($id), 'basic', '... which does not come, so it is undone');
	is(resource($id)->{plan}, 'basic', 'the resource keeps its plan');
	is(events($id), 'plan-change-reverted', 'the events');
};

subtest 'a change that never gets ready' => sub {
	my $id = provisioned();

	$vendor->behave('change-plan' => 'if ($call->{resource}{plan} ne "basic") { ' . PENDING . ' }');
	refuses($addon->change_plan($id, 'premium'), 503, 'a plan change is not ready');
	$eventually->has_no_jobs_left($id);
	is(events($id), 'plan-change-reverted', 'it is undone after a while');
	my @calls = map { $_->{resource}{plan} } $vendor->calls('change-plan', $id);
	like("@calls", qr/\A(premium ){2,}basic\z/, '... and the hook is called until then');
};

subtest 'a refusal without a promise' => sub {
	my $id = provisioned();

	$vendor->behave('change-plan' => 'if ($call->{attempt} == 1) { ' . PENDING . ' } print qq({"message":"No."}); exit 65');
	refuses($addon->change_plan($id, 'premium'), 503, 'a plan change is not ready');
	$eventually->has_no_jobs_left($id);
	is(events($id), 'plan-change-refused', 'then it is refused');
	is(resource($id)->{marketplace_plan}, undef, '... and no promise is broken');
	is_deeply([ log_lines($id) ], [], '... and the log of the customer says nothing');
};

subtest 'a marketplace without 202' => sub {
	my $response = $legacy->addon->provision(heroku_id => 'app1@heroku.com');
	my $id = $response->json->{id};

	$legacy->behave('change-plan' => PENDING);
	refuses($legacy->addon->change_plan($id, 'premium'), 503, 'a plan change is not ready');
	$legacy->behave('change-plan' => undef);
	is($legacy->addon->change_plan($id, 'premium')->status, 200, 'a repeated request succeeds');
};

# --- after a restore --------------------------------------------------------

# Promise plan changes, and restore a backup from after that.
sub restore_after_promises {
	my (@ids) = @_;

	$host->stop_pool('jobs');
	$vendor->behave('change-plan' => PENDING);
	is($addon->change_plan($_, 'premium')->status, 202, 'a plan change is promised') for @ids;
	my $backup = Provisor::Backup->new($host);
	$host->stop_pool($_) for qw(api web);
	$backup->restore;
	$host->start_pool($_) for qw(api web);
	$vendor->behave('change-plan' => undef);
	$host->start_jobs;
	for my $id (@ids) {
		fulfils(sub { $eventually->job($id, 'change-plan')->{run_at} eq 'infinity' }) or diag 'it is not held';
	}
	return;
}

subtest 'a restored database' => sub {
	my ($wanted, $left, $repeated, $other, $behind) = map { provisioned_with_grant() } 1 .. 5;
	my $old = $addon->provision(uuid => $behind)->config;

	restore_after_promises($wanted, $left, $repeated, $other, $behind);
	is(scalar(my @calls = map { $vendor->calls('change-plan', $_) } $wanted, $left, $repeated, $other, $behind), 5,
		'promised changes are held');
	unlike(provisor('restored'), qr/have no result here/, '... and are not listed as requests without a result');
	is($addon->change_plan($repeated, 'premium')->status, 200, 'the same request is carried out');
	is($addon->change_plan($other, 'huge')->status, 200, 'so is one for another plan');
	$heroku->has_resources($wanted => { plan => { name => 'fast-db:premium' } },
		$left => { plan => { name => 'fast-db:huge' } },
		$behind => { plan => { name => 'fast-db:premium' }, config => [ map { { name => $_, value => $old->{$_} } } sort keys %$old ] });
	is((ctl($host->env, qw(restored --release --yes)))[1], 0, 'the others are released');
	$eventually->has_no_jobs_left($_) for $wanted, $left, $repeated, $other, $behind;
	is(resource($wanted)->{plan}, 'premium', 'one is completed, because the marketplace has its plan');
	is(join(' ', patches($wanted)), '', '... without a change of what the marketplace has');
	is(resource($behind)->{plan}, 'premium', 'so is one whose old config vars the marketplace still has');
	is_deeply([ $heroku->pushes($behind) ], [ $addon->provision(uuid => $behind)->config ], '... and it gets the new ones');
	is(resource($left)->{plan}, 'basic', 'the other is not, because the marketplace has a third plan');
	is(scalar $vendor->calls('change-plan', $left), 1, '... and the hook is not called');
	is(resource($repeated)->{plan} . ' ' . resource($other)->{plan}, 'premium huge', 'requests came first');
};

# As for a resource whose deprovision was lost.
subtest 'a restored database, and a marketplace that refuses the token' => sub {
	my $id = provisioned_with_grant();

	restore_after_promises($id);
	$heroku->behave('revoked');
	is((ctl($host->env, qw(restored --release --yes)))[1], 0, 'the change is released');
	$eventually->has_no_jobs_left($id);
	is($eventually->job($id, 'change-plan')->{last_error},
		"the marketplace refuses the resource's token: provisor reconcile", 'it ends, so that the resource can be compared');
	is(scalar $vendor->calls('change-plan', $id), 1, '... and the hook is not called');
	is(resource($id)->{plan}, 'basic', '... and the plan stays');
};

is_unhurt($host);
done_testing;
