#!/usr/bin/perl
# With "keep", a deprovisioned resource can be restored for a while: what its
# marketplace and the vendor's hooks see, and how it ends.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::ScriptedVendor;
use Provisor::SignOnForm;
use Provisor::Test;

my @hooks = qw(provision change-plan deprovision rotate suspend resume);
my $host = new_host(workers => { api => 2, web => 1, jobs => 3 });
my $heroku = Provisor::FakeHeroku->new($host);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', hooks => [ @hooks, 'restore' ],
	$heroku->settings(keep => '7d'));
my $without = Provisor::ScriptedVendor->new($host, 'no-restore', hooks => \@hooks,
	base_url => 'https://localhost/without/heroku/resources', settings => { keep => '7d' });
my $template = addon($host, 'simple', base_url => 'https://localhost/simple/heroku/resources',
	settings => { keep => '7d' }, template => { config => { SIMPLE_TOKEN => '${secret:token}', SIMPLE_URL => 'https://example.com/${plan}' } });
my $named = addon($host, 'named', base_url => 'https://localhost/named/heroku/resources',
	settings => { keep => '7d' }, template => { config => { NAMED_URL => 'https://${id}.example' } });
my $eventually = Provisor::Eventually->new($host);

$host->start_postgres;
$host->migrate;
$host->start_pool($_) for qw(api web);
$host->start_jobs;

# The content of the old resource becomes that of the new one.
$vendor->behave(restore => <<'PERL');
	rename "things/$call->{from}{uuid}", $thing;
	print encode_json({ config => { %{ config() }, FAST_DB_TOKEN => $call->{from}{config}{FAST_DB_TOKEN} } });
	exit 0;
PERL

sub create {
	my ($of, %more) = @_;
	my $id = uuid();

	is($of->provision(uuid => $id, %more)->status, 200, 'there is a resource');
	return $id;
}

sub create_granted {
	return create($vendor->addon, oauth_grant => Provisor::FakeHeroku::grant(), options => { size => '10' });
}

sub kept {
	my ($of, @more) = @_;
	my $id = create($of, @more);

	is($of->deprovision($id)->status, 204, '... which is deprovisioned');
	$eventually->is_true(sub { count_of($host, "jobs WHERE resource = '$id' AND kind = 'suspend' AND finished_at IS NULL") == 0 });
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

sub end_time {
	my ($id) = @_;

	$host->psql("UPDATE resources SET kept_until = now() WHERE id = '$id'");
	return $eventually->make_due($id, 'deprovision');
}

subtest 'a deprovisioned resource' => sub {
	my $addon = $vendor->addon;
	my $id = create_granted();
	my $session = session_of(post_form(fastcgi($host), '/sso/login', sign_on_fields($addon, $id)));

	is($addon->deprovision($id)->status, 204, 'is deprovisioned for the marketplace');
	is(state_of($id), 'kept', '... and kept here');
	refuses($addon->deprovision($id), 410, 'a repeated deprovision');
	refuses($addon->provision(uuid => $id), 410, 'its id is spent');
	refuses($addon->change_plan($id, 'premium'), 410, 'a plan change');
	is(fastcgi($host)->request(method => 'GET', path => '/session', headers => { Cookie => $session })->status, 401,
		'its sessions have ended');
	is(post_form(fastcgi($host), '/sso/login', sign_on_fields($addon, $id))->status, 404, 'nobody can sign on');
	ok($eventually->is_true(sub { scalar $vendor->calls('suspend', $id) }), 'the hook takes it out of use');
	is(($vendor->calls('suspend', $id))[0]{resource}{state}, 'kept', '... and learns why');
	ok(defined $vendor->thing($id), 'the vendor still has its content');

	my $row = $eventually->resource($id);
	is(scalar(grep { defined $row->{$_} } qw(access_token refresh_token grant_code callback_url log_input_url message)), 0,
		'grant, URLs and messages are erased');
	ok($row->{grant_ended_at}, '... for good');
	ok(defined $row->{$_}, "a restore can use $_") for qw(config options);
	my ($output) = resources(qw(list --state kept));
	like($output, qr/^\Q$id\E .* \d{4}-\d\d-\d\dT/m, 'a list shows until when it can be restored');
	like((resources('show', $id))[0], qr/^kept_until +2/m, '... as does the resource');
	like((ctl($host->env, qw(jobs list --resource), $id))[0], qr/deprovision +waiting/, '... and its clean-up');
	($output) = resources('deprovision', $id, '--yes');
	like($output, qr/already deprovisioned: .*It can be restored until .*; --now ends that/s, 'a deprovision leaves it so');
	like((resources('suspend', $id))[0], qr/it is deprovisioned/, 'it cannot be suspended');

	is((ctl($host->env, qw(jobs retry), $eventually->job($id, 'deprovision')->{id}))[1], 0, 'a retry of the clean-up');
	ok($eventually->is_true(sub { ($eventually->job($id, 'deprovision')->{attempts} // 0) > 0 }), '... is carried out');
	is(state_of($id), 'kept', '... and does not end its time');
	end_time($id);
	$eventually->becomes($id, 'deprovisioned', 'in the end it is removed');
	is($vendor->thing($id), undef, '... by the hook');
	is($eventually->resource($id)->{config}, undef, '... and the rest is erased');
	is($eventually->events($id) =~ s/.*(?=kept)//r, 'kept sign-on-refused job-retried deprovisioning deprovisioned', 'the events');
};

subtest 'a restore' => sub {
	my $old = create_granted();
	my $config = $vendor->addon->provision(uuid => $old, options => { size => '10' })->config;
	$vendor->addon->deprovision($old);
	ok($eventually->is_true(sub { $eventually->job($old, 'suspend')->{finished_at} }), '... which is kept');
	my $new = create_granted();
	$eventually->has_no_jobs_left($new);
	my ($output, $status) = resources('restore', $old, $new);

	is($status, 0, 'is requested') or diag $output;
	$eventually->has_no_jobs_left($new);
	my ($call) = $vendor->calls('restore', $new);
	is($call->{from}{uuid}, $old, 'the hook gets the old resource');
	is($call->{from}{state}, 'kept', '... with its state');
	is_deeply($call->{from}{config}, $config, '... and its config vars');
	is_deeply($call->{from}{options}, { size => '10' }, '... and its options');
	is($call->{resource}{uuid}, $new, '... and the new resource');
	is($vendor->addon->provision(uuid => $new, options => { size => '10' })->config->{FAST_DB_TOKEN}, $config->{FAST_DB_TOKEN},
		'the new resource has the config vars of the answer');
	is((reverse $heroku->pushes($new))[0]{FAST_DB_TOKEN}, $config->{FAST_DB_TOKEN}, '... and the marketplace, too');
	is(state_of($old), 'deprovisioned', 'the old resource is a tombstone');
	is($eventually->resource($old)->{config}, undef, '... without secrets');
	$eventually->has_no_jobs_left($old);
	is(scalar($vendor->calls('deprovision', $old)), 0, '... for which no clean-up is called');
	is((events_of($old))[-1]{after}{restored_as}, $new, 'an event of each names the other');
	is((grep { $_->{event} eq 'restored' } events_of($new))[0]{after}{from}, $old, '...');
	($output, $status) = resources('restore', $old, $new);
	is($status, 1, 'a second restore is refused');
	like($output, qr/is not kept any more/, '... with the reason');
};

subtest 'what cannot be restored' => sub {
	my $old = kept($vendor->addon);
	my $live = create($vendor->addon);

	for ([ $live, $old, qr/the old resource is not deprovisioned/ ],
		[ $old, $old, qr/the new resource is not provisioned/ ],
		[ $old, kept($vendor->addon), qr/the new resource is not provisioned/ ],
		(map { [ $old, create($_), qr/another add-on/ ] } $template, $named),
		[ kept($without->addon), create($without->addon), qr{hooks/restore: is missing: put a program there} ],
		[ kept($named), create($named), qr/has \$\{id\} in its config/ ]) {
		my ($from, $to, $words) = @$_;
		my ($output, $status) = resources('restore', $from, $to);

		is($status, 1, 'it is refused');
		like($output, $words, '... with the reason');
	}
	is(count_of($host, "jobs WHERE kind = 'restore' AND finished_at IS NULL"), 0, 'nothing is queued');
};

subtest 'while it is being restored' => sub {
	my $old = kept($vendor->addon);
	my $new = create($vendor->addon);

	$vendor->hold;
	$vendor->behave(restore => 'wait_while_held(); exit 65');
	resources('restore', $old, $new);
	ok($eventually->is_true(sub { scalar $vendor->calls('restore', $new) }), 'the hook runs');
	end_time($old);
	ok($eventually->is_true(sub { ($eventually->job($old, 'deprovision')->{last_error} // '') =~ /being restored/ }),
		'the clean-up waits');
	like((resources('restore', $old, create($vendor->addon)))[0], qr/is being restored already/, 'another restore is refused');
	my ($output, $status) = resources(qw(deprovision --now --yes), $old);
	is($status, 1, 'its time cannot be ended');
	like($output, qr/is not deprovisioned: it is being restored/, '... and the command says why');
	$vendor->release;
	$eventually->has_no_jobs_left($new);
	is((events_of($new))[-1]{event}, 'restore-refused', 'the hook refuses');
	is(state_of($old), 'kept', '... so it is still kept');
	ok(defined $vendor->thing($old), '... with its content');
	is((resources(qw(deprovision --now --yes), $old))[1], 0, 'now its time can be ended');
	$eventually->becomes($old, 'deprovisioned', '... and it is removed');
};

subtest 'the new resource is deprovisioned during the restore' => sub {
	my $old = kept($vendor->addon);
	my $new = create($vendor->addon);

	$vendor->behave(restore => 'exit 9');
	resources('restore', $old, $new);
	ok($eventually->waits_for_retry($new, 'restore'), 'the hook fails');
	is($vendor->addon->deprovision($new)->status, 204, 'the deprovision overtakes it');
	ok($eventually->job($new, 'restore')->{finished_at}, '... and ends the job');
	end_time($old);
	$eventually->becomes($old, 'deprovisioned', 'the old resource ends as if there had been no restore');
};

subtest 'the suspend hook fails' => sub {
	$vendor->behave(suspend => 'exit 70');
	my $id = create($vendor->addon);

	is($vendor->addon->deprovision($id)->status, 204, 'the marketplace does not see that');
	ok($eventually->waits_for_retry($id, 'suspend'), 'the hook is called again later');
	$host->psql("UPDATE resources SET kept_until = now() WHERE id = '$id'");
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
	$eventually->becomes($id, 'deprovisioned', '... and the clean-up does not wait for it');
	$vendor->behave(suspend => undef);
};

subtest 'a suspended resource, and one that is not ready' => sub {
	my $id = create($vendor->addon);

	resources('suspend', $id);
	$vendor->addon->deprovision($id);
	is(state_of($id), 'kept', 'a suspended one is kept');
	is((resources(qw(deprovision --now --yes), create($vendor->addon)))[1], 0, 'an operator can do without');
	$vendor->behave(provision => 'exit 70');
	my $refused = uuid();
	$vendor->addon->provision(uuid => $refused);
	$vendor->addon->deprovision($refused);
	isnt(state_of($refused), 'kept', 'one that was never provisioned is not');
	$vendor->behave(provision => undef);
};

subtest 'a template' => sub {
	my $old = kept($template);
	my $new = create($template, plan => 'premium');
	my $before = $template->provision(uuid => $new, plan => 'premium')->config;
	my ($output, $status) = resources('restore', $old, $new);

	is($status, 0, 'whose resources consist of secrets can restore them') or diag $output;
	$eventually->has_no_jobs_left($new);
	my $config = $template->provision(uuid => $new, plan => 'premium')->config;
	isnt($config->{SIMPLE_TOKEN}, $before->{SIMPLE_TOKEN}, 'the new resource gets the secrets of the old one');
	is($config->{SIMPLE_URL}, 'https://example.com/premium', '... and keeps its plan');
	is(state_of($old), 'deprovisioned', 'the old one is a tombstone');
	my $other = kept($template);
	end_time($other);
	$eventually->becomes($other, 'deprovisioned', 'another one is erased in the end');
};

my $files = 0;

# Exports the kept resources of an add-on and removes this one, as if the database were
# another one.
sub moved {
	my ($of, $id) = @_;
	my $file = $host->home . '/kept' . ++$files . '.jsonl';

	is((resources('export', $file, '--addon', $of->name, qw(--state kept --reveal)))[1], 0, 'it is exported');
	$host->psql("DELETE FROM jobs WHERE resource = '$id'; DELETE FROM events WHERE resource = '$id';
		DELETE FROM resources WHERE id = '$id'");
	return $file;
}

sub import_kept {
	my ($of, $file) = @_;

	return resources('import', $file, qw(--marketplace heroku --addon), $of->name);
}

subtest 'a kept resource that moves to another database' => sub {
	my $addon = $vendor->addon;
	my $old = kept($addon, options => { size => '10' });
	my @members = qw(state plan marketplace_id provider_id kept_until deprovisioned_at grant_ended_at);
	my %before = map { $_ => ($eventually->resource($old)->{$_} // '') =~ s/\.\d+//r } @members;
	my $suspended = scalar $vendor->calls('suspend', $old);
	my $file = moved($addon, $old);
	my ($output, $status) = import_kept($addon, $file);

	is($status, 0, 'it is imported') or diag $output;
	my $row = $eventually->resource($old);
	delete $before{grant_ended_at};
	is_deeply({ map { $_ => $row->{$_} =~ s/\.\d+//r } keys %before }, \%before, '... as it was');
	ok($row->{grant_ended_at}, '... without a grant');
	is($eventually->job($old, 'deprovision')->{run_at}, $row->{kept_until}, 'its clean-up is due when its time is over');
	is(scalar($vendor->calls('suspend', $old)), $suspended, 'no listener is called');
	refuses($addon->provision(uuid => $old), 410, 'its id is spent');
	like((import_kept($addon, $file))[0], qr/^0 imported, 0 differ/m, 'a second import finds it');

	$vendor->behave(restore => 'rename "things/$call->{from}{uuid}", $thing; print encode_json({ config => $call->{from}{config} }); exit 0');
	my $new = create($addon);
	is((resources('restore', $old, $new))[1], 0, 'it can be restored');
	$eventually->has_no_jobs_left($new);
	my ($call) = $vendor->calls('restore', $new);
	like($call->{from}{config}{FAST_DB_URL}, qr/\Q$old\E/, '... with its config vars');
	is_deeply($call->{from}{options}, { size => '10' }, '... and its options');
	is(state_of($old), 'deprovisioned', '... once');
	($output, $status) = import_kept($addon, $file);
	is($status, 1, 'an import of what has ended');
	like($output, qr/\bstate\b/, '... is a difference of its state');
};

subtest 'a moved resource whose time ends' => sub {
	my $id = kept($vendor->addon);

	import_kept($vendor->addon, moved($vendor->addon, $id));
	end_time($id);
	$eventually->becomes($id, 'deprovisioned', 'it is removed');
	is(scalar($vendor->calls('deprovision', $id)), 1, '... by the hook');
	$id = kept($template);
	import_kept($template, moved($template, $id));
	ok(defined $eventually->resource($id)->{config}, 'with a template, it keeps its secrets');
	end_time($id);
	$eventually->becomes($id, 'deprovisioned', '... until then');
};

is_unhurt($host);
done_testing;
