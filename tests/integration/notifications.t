#!/usr/bin/perl
# What DigitalOcean reports about resources: suspensions, failed deprovisions, changed
# plans.  Each notification takes effect once, in the order of their times.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::AddOn 'json';
use Provisor::Backup;
use Provisor::Eventually;
use Provisor::Notifications;
use Provisor::ScriptedVendor;
use Provisor::Test;

my %settings = (settings => { plans => { basic => {}, premium => {} } });
my ($simple, $vendor);
my $host = serving_host({ is_direct => 1, workers => { api => 4, web => 1, jobs => 1 } }, sub {
	my ($host) = @_;

	$simple = Provisor::Notifications->new(addon($host, 'simple-db',
		Provisor::Notifications::home(), %settings));
	$vendor = Provisor::ScriptedVendor->new($host, 'fast-db', Provisor::Notifications::home(),
		%settings, hooks => [qw(provision change-plan deprovision suspend resume)]);
});
my $scripted = Provisor::Notifications->new($vendor->addon);
my $eventually = Provisor::Eventually->new($host);

$host->start_jobs;

sub resource { return row($host, "resources WHERE id = '$_[0]'") }

sub events_of {
	my ($id) = @_;

	return join ' ', map { $_->{event} } rows($host, "events WHERE resource = '$id' ORDER BY id");
}

sub last_event { return (rows($host, "events WHERE resource = '$_[0]' ORDER BY id DESC LIMIT 1"))[0] }

subtest 'a suspension and its end' => sub {
	my $id = $simple->create;
	my $response = $simple->report('resources.suspended', 1000, $id);

	answers($response, 200, {}, 'a suspension');
	is(resource($id)->{state}, 'suspended', '... suspends the resource');
	is(last_event($id)->{actor}, 'digitalocean', '... on behalf of the marketplace');
	my $before = fingerprint($host);
	answers($simple->report('resources.suspended', 1000, $id), 200, {}, 'a repeat');
	is(fingerprint($host), $before, '... changes nothing');
	answers($simple->report('resources.reactivated', 1001, uc $id), 200, {}, 'a reactivation');
	is(resource($id)->{state}, 'provisioned', '... resumes it');
	$before = fingerprint($host);
	is($simple->report('resources.suspended', 1000, $id)->status, 200, 'an older suspension');
	is($simple->report('resources.reactivated', 1001, $id)->status, 200, '... and a repeat of the last');
	is(fingerprint($host), $before, '... change nothing');
	is($simple->report('resources.suspended', 1002, $id)->status, 200, 'a newer one');
	is(resource($id)->{state}, 'suspended', '... suspends it again');
};

subtest 'the same second' => sub {
	my $id = $simple->create;

	$simple->report($_, 1000, $id) for 'resources.suspended', 'resources.reactivated';
	is(resource($id)->{state}, 'provisioned', 'the order of arrival counts');
	$simple->report('resources.suspended', 1000, $id);
	is(resource($id)->{state}, 'provisioned', '... a repeat has no effect');
};

subtest 'after an operator has acted' => sub {
	my $id = $simple->create;

	$simple->report('resources.suspended', 1000, $id);
	is((ctl($host->env, 'resources', 'resume', $id))[1], 0, 'an operator resumes a resource');
	$simple->report('resources.suspended', 1000, $id);
	is(resource($id)->{state}, 'provisioned', '... a repeat does not suspend it again');
};

subtest 'an operator has suspended the resource' => sub {
	my $id = $simple->create;

	ctl($host->env, 'resources', 'suspend', $id, '--reason', 'abuse');
	is($simple->report('resources.suspended', 1000, $id)->status, 200, 'the marketplace suspends it, too');
	is($simple->report('resources.reactivated', 1001, $id)->status, 200, '... and resumes it');
	is(resource($id)->{state}, 'suspended', '... which does not end the suspension of the operator');
	like($host->log('worker'), qr/digitalocean resumes \Q$id\E, which stays suspended, because an operator/,
		'... and the log says so');
	is((ctl($host->env, 'resources', 'resume', $id))[1], 0, 'the operator');
	is(resource($id)->{state}, 'provisioned', '... does');
};

subtest 'with hooks' => sub {
	my $id = $scripted->create;

	is($scripted->report('resources.suspended', 1000, $id)->status, 200, 'a suspension');
	$eventually->has_no_jobs_left($id);
	is(scalar($vendor->calls('suspend', $id)), 1, '... calls the hook');
	is($scripted->report('resources.reactivated', 1001, $id)->status, 200, 'a reactivation');
	is($scripted->report('resources.reactivated', 1001, $id)->status, 200, '... twice');
	$eventually->has_no_jobs_left($id);
	is(scalar($vendor->calls('resume', $id)), 1, '... calls the hook once');
	unlike($host->log('worker'), qr/digitalocean resumes \Q$id\E/, '... and is no warning');
};

subtest 'a changed plan' => sub {
	for my $one ($simple, $scripted) {
		my $id = $one->create;

		answers($one->report_plan(1000, $id, 'premium'), 200, {}, 'a plan that was changed');
		is(resource($id)->{plan}, 'premium', '... is changed here, too');
		is(last_event($id)->{event}, 'plan-changed', '... with an event');
		is($one->report_plan(999, $id, 'basic')->status, 200, 'an older change');
		is(resource($id)->{plan}, 'premium', '... changes nothing');
		my $before = events_of($id);
		is($one->report_plan(1001, $id, 'premium')->status, 200, 'a notification with the same plan');
		is(events_of($id), $before, '... changes nothing');
		is($one->report_plan(1002, $id, 'huge')->status, 200, 'a plan that does not exist');
		is(resource($id)->{plan}, 'premium', '... changes nothing');
		is_deeply(last_event($id)->{after}, { plan => 'huge', message => 'There is no such plan.' },
			'... and the history has it');
		like($host->log('worker'), qr/changed the plan of \Q$id\E to huge, but here it stays premium/,
			'... and the log');
	}
};

subtest 'a plan that takes long' => sub {
	my $id = $scripted->create;

	$vendor->behave('change-plan', q(if (!-e "ready") { print qq({"message":"Wait."}); exit 75 }));
	is($scripted->report_plan(1000, $id, 'premium')->status, 200, 'the hook is not ready');
	is(resource($id)->{plan}, 'basic', '... and the plan is not changed');
	$vendor->addon->write_file('ready', '');
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
	$eventually->has_no_jobs_left($id);
	is(resource($id)->{plan}, 'premium', 'a job changes it');
	$vendor->behave('change-plan', undef);
};

subtest 'a failed deprovision' => sub {
	my $id = $scripted->create;

	is($scripted->report('resources.deprovisioning.failed', 1000, $id)->status, 200, 'the marketplace goes on');
	$eventually->has_no_jobs_left($id);
	is(resource($id)->{state}, 'deprovisioned', '... and the resource is deprovisioned');
	is($vendor->thing($id), undef, '... with what the vendor has');
	is($scripted->report($_, 2000, $id)->status, 200, "... and $_ changes nothing")
		for 'resources.deprovisioning.failed', 'resources.suspended';
	is(resource($id)->{state}, 'deprovisioned', '... of it');
	my $late = uuid();
	is($scripted->report('resources.deprovisioning.failed', 1000, $late)->status, 200, 'before a late create');
	is($scripted->create_with($late)->status, 410, '... nothing is created');
};

subtest 'unknown resources and types' => sub {
	my $id = $simple->create;
	my $before = resource($id);
	my $events = events_of($id);

	is($simple->report('resources.suspended', 1000, uuid(), 'no-uuid')->status, 200, 'unknown ids');
	like($host->log('worker'), qr/2 of the resources in a notification of digitalocean/, '... are logged');
	is($simple->report('resources.renamed', 1000, $id)->status, 200, 'an unknown type');
	like($host->log('worker'), qr/does not know the type ."resources\.renamed/, '... is logged');
	is($simple->post({ type => 'resources.updated', created_at => 1000, payload => { resource => { uuid => $id } } })
		->status, 200, 'an update without a plan');
	is_deeply(resource($id), $before, 'nothing is changed');
	is(events_of($id), $events, '... and no event is written');
	is($simple->report('resources.suspended', 1000, uuid(), $id)->status, 200, 'a known one beside it');
	is(resource($id)->{state}, 'suspended', '... is suspended');
	is($scripted->report('resources.reactivated', 1001, $id)->status, 200, 'an id of another add-on');
	is(resource($id)->{state}, 'suspended', '... is unknown');
};

subtest 'a resource that is being provisioned' => sub {
	my $id = uuid();

	$vendor->behave('provision', q(print qq({"message":"Wait."}); exit 75));
	is($scripted->create_with($id)->status, 503, 'a resource is not ready');
	refuses($scripted->report('resources.suspended', 1000, $id), 503, '... a notification is repeated');
	$vendor->behave('provision', undef);
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
	is($scripted->create_with($id)->status, 201, '... until it is');
	is($scripted->report('resources.suspended', 1000, $id)->status, 200, 'the repeat');
	is(resource($id)->{state}, 'suspended', '... suspends it');
};

subtest 'many resources' => sub {
	my $body = $simple->body('resources.suspended', 1000, map { uuid() } 1 .. 998);
	my @ids = map { $simple->create } 1 .. 2;

	push @{ $body->{payload}{resources_uuids} }, @ids;
	is($simple->post($body)->status, 200, 'a thousand');
	is(resource($_)->{state}, 'suspended', '... down to the last') for @ids;
	push @{ $body->{payload}{resources_uuids} }, uuid();
	refuses($simple->post($body), 422, 'one more', qr/at most 1000/);
};

sub plan_of { return $simple->plan_body(1000, @_) }

subtest 'what cannot be read' => sub {
	my $id = $simple->create;
	my $body = sub { my %members = @_; return { %{ $simple->body('resources.suspended', 1000, $id) }, %members } };

	for my $case (
		[ 'a number',             \'7',                                           400 ],
		[ 'an array',             \'[]',                                          400 ],
		[ 'nothing',              \'',                                            400 ],
		[ 'no type',              $body->(type => undef),                         422, qr/"type"/ ],
		[ 'no time',              $body->(created_at => undef),                   422, qr/"created_at"/ ],
		[ 'a time as text',       $body->(created_at => 'now'),                   422, qr/"created_at"/ ],
		[ 'a time in the future', $body->(created_at => time + 90_000),           422, qr/in the future/ ],
		[ 'no payload',           $body->(payload => undef),                      422, qr/"payload"/ ],
		[ 'no ids',               $body->(payload => {}),                         422, qr/"payload"/ ],
		[ 'ids that are not',     $body->(payload => { resources_uuids => [7] }), 422, qr/"payload"/ ],
		[ 'a long id',            $body->(payload => { resources_uuids => ['x' x 256] }), 422, qr/"payload"/ ],
		[ 'an empty plan',        plan_of($id, ''),                               422, qr/"slug"/ ],
		[ 'a long plan',          plan_of($id, 'x' x 65),                         422, qr/"slug"/ ],
	) {
		my ($name, $what, $status, $pattern) = @$case;

		refuses($simple->post(ref $what eq 'SCALAR' ? $$what : $what), $status, $name, $pattern // qr/./);
	}
	is(resource($id)->{state}, 'provisioned', 'none has an effect');
};

subtest 'where they go' => sub {
	my $path = $simple->path;

	refuses($simple->request(method => 'POST', path => $path, as => 'simple-db:wrong password'), 401, 'a wrong password');
	refuses($simple->request(method => $_, path => $path), 405, $_) for qw(GET PUT DELETE);
	refuses($simple->request(method => 'POST', path => "$path/" . uuid()), 404, 'nothing is below the path');
};

subtest 'at the same time' => sub {
	my $id = $simple->create;
	my @requests = map { my $at = $_; map { [ $at, $_ ] } 1 .. 3 } 1000 .. 1007;

	for my $round (1 .. 3) {
		my @begun = map { $simple->begin($_->[0] % 2 ? 'resources.reactivated' : 'resources.suspended',
			$round * 100 + $_->[0], $id) } sort { rand > 0.5 ? 1 : -1 } @requests;
		my %statuses = map { $_->status => 1 } map { $simple->finish($_) } @begun;

		is(join(' ', sort keys %statuses), '200', 'notifications in any order');
		is(resource($id)->{state}, 'provisioned', '... end with the newest');
	}
};

subtest 'after a restore' => sub {
	my $id = $simple->create;
	my $backup = Provisor::Backup->new($host);
	my $lost = $simple->create;

	$host->stop_pool('api');
	$backup->restore;
	$host->start_pool('api');
	refuses($simple->report('resources.suspended', 1000, $lost, $id), 503, 'the database may have lost a resource');
	is(resource($id)->{state}, 'suspended', '... the other one is suspended');
	is((ctl($host->env, qw(restored --release --yes)))[1], 0, 'an operator has checked the records');
	is($simple->report('resources.suspended', 1000, $lost, $id)->status, 200, 'the repeat');
};

is_unhurt($host);

done_testing;
