#!/usr/bin/perl
# A resource is suspended and resumed: what its customer, its marketplace and the
# vendor's hooks see meanwhile.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::ScriptedVendor;
use Provisor::SignOnForm;
use Provisor::Test;

my ($vendor, $template, $scalingo);
my $host = serving_host({ workers => { api => 2, web => 1, jobs => 1 } }, sub {
	$vendor = Provisor::ScriptedVendor->new($_[0], 'fast-db',
		hooks => [qw(provision change-plan deprovision rotate suspend resume)]);
	$template = addon($_[0], 'simple', base_url => 'https://localhost/simple/heroku/resources');
	$scalingo = addon($_[0], 'paid-db', marketplace => 'scalingo', base_url => 'https://localhost/scalingo');
	my $api = $scalingo->{manifest}{api};
	$scalingo->write_file('addon-manifest.json', {
		name => 'A database',
		username => 'paid-user',
		plans => [ { name => 'basic' } ],
		map { $_ => $api->{$_} } qw(password sso_salt config_vars production),
	});
});
$host->start_jobs;
my $eventually = Provisor::Eventually->new($host);

sub create {
	my ($of) = @_;
	my $id = uuid();

	is($of->provision(uuid => $id)->status, 200, 'there is a resource');
	return $id;
}

sub resources {
	my (@arguments) = @_;

	return ctl($host->env, 'resources', @arguments);
}

sub state_of { return $eventually->resource($_[0])->{state} }

sub events_of {
	my ($id) = @_;

	return rows($host, "events WHERE resource = '$id' ORDER BY id");
}

subtest 'a suspended resource' => sub {
	my $addon = $vendor->addon;
	my $id = create($addon);
	my $first = $addon->provision(uuid => $id);
	my ($output, $status) = resources('suspend', $id, '--reason', 'an unpaid invoice');

	is($status, 0, 'it is suspended') or diag $output;
	like($output, qr/provisor-jobs calls the listener/, '... and the command says what follows');
	is(state_of($id), 'suspended', '... at once');
	$eventually->has_no_jobs_left($id);
	my ($call) = $vendor->calls('suspend', $id);
	is($call->{resource}{state}, 'suspended', 'the hook gets the state');
	is_deeply($call->{resource}{config}, $first->config, '... and the config vars');
	my ($event) = grep { $_->{event} eq 'suspended' } events_of($id);
	is($event->{after}{reason}, 'an unpaid invoice', 'the event has the reason');
	like($event->{actor}, qr/\Aoperator:/, '... and who did it');

	same_bytes($addon->provision(uuid => $id), $first, 'a repeat of the create gets the same response');
	my $signed = post_form(fastcgi($host), '/sso/login', sign_on_fields($addon, $id));
	is($signed->status, 303, 'the customer can sign on');
	my %cookie = (headers => { Cookie => session_of($signed) });
	is(fastcgi($host)->request(method => 'GET', path => '/session', %cookie)->header('x-provisor-state'),
		'suspended', '... and applications learn the state');
	like(fastcgi($host)->request(method => 'GET', path => '/dashboard', %cookie)->body, qr{<dd>Suspended</dd>},
		'... as the customer does');

	is($addon->change_plan($id, 'premium')->status, 200, 'the plan can be changed');
	my ($change) = $vendor->calls('change-plan', $id);
	is($change->{resource}{state}, 'suspended', '... and the hook learns that it must not resume it');
	is((ctl($host->env, qw(config rotate), $id))[1], 0, 'its credentials can be rotated');
	$eventually->has_no_jobs_left($id);
	is(scalar($vendor->calls('rotate', $id)), 1, '... by the hook');
	is((ctl($host->env, qw(config set), $id, 'FAST_DB_TOKEN=new'))[1], 0, 'its config vars can be set');
	is(state_of($id), 'suspended', 'all this leaves it suspended');
	like((resources('suspend', $id))[0], qr/suspended already/, 'as does a second suspend');

	($output, $status) = resources('resume', $id, '--reason', 'paid');
	is($status, 0, 'it is resumed') or diag $output;
	$eventually->becomes($id, 'provisioned', '... when the hook is done');
	my ($resumed) = $vendor->calls('resume', $id);
	is($resumed->{resource}{plan}, 'premium', 'the hook gets the plan of now');
	is($resumed->{resource}{config}{FAST_DB_TOKEN}, 'new', '... and the config vars of now');
	is($eventually->events($id), 'provisioning provisioned suspended signed-on plan-changed rotation-requested config-rotated '
		. 'config-set resume-requested resumed', 'the events');
	like((resources('resume', $id))[0], qr/not suspended/, 'a second resume does nothing');
	is(scalar($vendor->calls('resume', $id)), 1, '... and calls no hook');
};

subtest 'a hook that fails' => sub {
	my $id = create($vendor->addon);

	$vendor->behave(resume => 'exit 9');
	resources('suspend', $id);
	$eventually->has_no_jobs_left($id);
	resources('resume', $id);
	ok($eventually->waits_for_retry($id, 'resume'), 'is called again later');
	is(state_of($id), 'suspended', '... and the resource stays suspended');
	resources('suspend', $id);
	$eventually->has_no_jobs_left($id);
	ok($eventually->job($id, 'resume')->{finished_at}, 'another suspend overtakes it');
	is(scalar($vendor->calls('suspend', $id)), 2, '... and calls the hook once more');
	is(state_of($id), 'suspended', '... so that it stays suspended');
	$vendor->behave(resume => undef);
	$vendor->behave(suspend => 'exit 65');
	resources('resume', $id);
	$eventually->becomes($id, 'provisioned', 'it can be resumed');
	resources('suspend', $id);
	ok($eventually->is_true(sub { ($eventually->job($id, 'suspend')->{run_at} // '') eq 'infinity' }),
		'a suspend that the hook refuses waits for an operator');
	like($eventually->job($id, 'suspend')->{last_error}, qr/refused to suspend, which it must not do/, '... who learns why');
	$vendor->behave(suspend => undef);
	resources('resume', $id);
	$eventually->becomes($id, 'provisioned', 'and does not keep it from being resumed');
};

subtest 'a suspend while the resume hook runs' => sub {
	my $id = create($vendor->addon);

	resources('suspend', $id);
	$eventually->has_no_jobs_left($id);
	$vendor->behave(resume => 'wait_while_held()');
	$vendor->hold;
	resources('resume', $id);
	ok($eventually->is_true(sub { scalar $vendor->calls('resume', $id) }), 'the hook runs');
	like((resources('suspend', $id))[0], qr/provisor-jobs calls the listener/, 'the resource is suspended again');
	like((resources('suspend', $id))[0], qr/suspended already/, '... once');
	$vendor->release;
	$eventually->has_no_jobs_left($id);
	is(state_of($id), 'suspended', '... and the end of the hook does not change that');
	is(scalar($vendor->calls('suspend', $id)), 2, '... as the hook learns');
	$vendor->behave(resume => undef);
};

subtest 'a suspend while the resume hook fails' => sub {
	my $id = create($vendor->addon);

	resources('suspend', $id);
	$eventually->has_no_jobs_left($id);
	$vendor->behave(resume => 'wait_while_held(); exit 9');
	$vendor->hold;
	resources('resume', $id);
	ok($eventually->is_true(sub { scalar $vendor->calls('resume', $id) }), 'the hook runs');
	resources('suspend', $id);
	$vendor->release;
	$eventually->has_no_jobs_left($id);
	is(scalar($vendor->calls('suspend', $id)), 2, '... and its failure does not hold up the suspend');
	is(state_of($id), 'suspended', '... so that it stays suspended');
	$vendor->behave(resume => undef);
};

subtest 'a deprovision' => sub {
	my $id = create($vendor->addon);

	resources('suspend', $id);
	is($vendor->addon->deprovision($id)->status, 204, 'overtakes a suspend');
	$eventually->becomes($id, 'deprovisioned', '... and cleans up');
	my ($output, $status) = resources('resume', $id);
	is($status, 1, 'then it cannot be resumed');
	like($output, qr/nothing is changed: it is deprovisioned/, '... as the command says');
};

subtest 'a template' => sub {
	my $id = create($template);

	like((resources('suspend', $id))[0], qr/no code to call/, 'has nothing to call');
	is(state_of($id), 'suspended', '... and is suspended');
	is($template->change_plan($id, 'premium')->status, 200, '... and can get another plan');
	resources('resume', $id);
	is(state_of($id), 'provisioned', '... and is provisioned at once when it is resumed');
	is($eventually->events($id), 'provisioned suspended plan-changed resumed', 'the events');
};

# A request of Scalingo.
sub scalingo {
	my ($method, $path, @body) = @_;

	return $scalingo->request(method => $method, path => "/scalingo$path",
		as => 'paid-user:' . $scalingo->password, @body);
}

subtest 'the marketplace suspends' => sub {
	my $id = scalingo('POST', '', body => '{"plan":"basic","app_id":"app"}')->json->{id};

	is(scalingo('POST', "/$id/suspend")->status, 204, 'a suspension') for 1 .. 2;
	is(state_of($id), 'suspended', '... suspends the resource');
	is(scalingo('POST', "/$id/resume")->status, 204, 'a resumption') for 1 .. 2;
	is(state_of($id), 'provisioned', '... resumes it');
	is($eventually->events($id), 'provisioned suspended resumed', '... each once');
	is((events_of($id))[-1]{actor}, 'scalingo', '... on behalf of the marketplace');

	resources('suspend', $id, '--reason', 'abuse');
	is(scalingo('POST', "/$id/resume")->status, 204, 'a resumption after an operator has suspended it');
	is(state_of($id), 'suspended', '... does not end that');
	like($host->log('worker'), qr/scalingo resumes \Q$id\E, which stays suspended, because an operator/,
		'... and the log says so');
	resources('resume', $id);
	is(state_of($id), 'provisioned', '... as the operator does');

	scalingo('POST', "/$id/suspend");
	resources('resume', $id);
	is(state_of($id), 'provisioned', 'an operator ends a suspension of the marketplace');
};

is_unhurt($host);
done_testing;
