#!/usr/bin/perl
# The database is replaced by an older backup of itself: jobs that could remove or
# overwrite what the marketplace has got are held until an operator releases them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Backup;
use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Files qw(write_text);
use Provisor::SignOnForm qw(post_form session_of sign_on_fields);
use Provisor::Test;
use Provisor::ScriptedVendor;

my $host = new_host(is_direct => 1, workers => { api => 2, web => 1, jobs => 1 });
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $silent = Provisor::ScriptedVendor->new($host, 'no-api',
	hooks => [qw(provision change-plan deprovision rotate)]);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', $heroku->settings(provision => 'async'));
my $addon = $silent->addon;

$host->start_postgres;
$host->migrate;

# Runs the code between backup and restore, without jobs; then provisor-jobs starts.
sub go_back {
	my ($meanwhile) = @_;
	my $backup = Provisor::Backup->new($host);

	$meanwhile->();
	$host->stop_pool('api');
	$backup->restore;
	$host->start_pool('api');
	$host->start_jobs;
	return;
}

sub restored { return ctl($host->env, 'restored', @_) }

# A test: the resource's job of this kind is held.
sub is_held {
	my ($id, $kind, $name) = @_;

	$eventually->make_due($id, $kind);
	return ok($eventually->is_true(sub {
		(ctl($host->env, 'jobs', 'list', '--resource', $id, '--kind', $kind, '--json'))[0]
			=~ /"state":"held"/;
	}), $name) || $eventually->_print_jobs($id);
}

sub get {
	my ($path, $session) = @_;

	return fastcgi($host)->request(method => 'GET', path => $path, headers => { Cookie => $session });
}

# A test: a page with 503 says that the records are being checked.
sub is_being_checked {
	my ($answer, $what) = @_;

	is($answer->status, 503, "$what gets 503");
	is($answer->type, 'text/html', '... with a page');
	return like($answer->body, qr{<h1>Not available right now</h1>\s*<p>The records of this add-on are being checked\.},
		'... that says why');
}

# Provisions a resource whose first call of the hook fails.
sub provision_later {
	my ($vendor, $id) = @_;

	$vendor->behave(provision => 'exit 75');
	is($vendor->addon->provision(uuid => $id)->status, 503, 'a provision is not ready');
	$vendor->behave(provision => undef);
	return;
}

$host->start_pool('api');

is_deeply([ restored() ],
	[ "The database has been neither restored nor failed over since its epoch was accepted.\n", 0 ],
	'nothing is held at first');

subtest 'a provision whose result is not in the backup' => sub {
	my ($kept, $repeated, $undone) = map { uuid() } 1 .. 3;

	provision_later($silent, $_) for $kept, $repeated, $undone;
	go_back(sub {
		is($addon->provision(uuid => $_)->status, 200, 'a repeat succeeds')
			for $kept, $repeated, $undone;
	});
	is_held($_, 'provision', 'its job is held') for $kept, $undone;
	is($silent->thing($kept), 'basic', '... and the vendor keeps its database');
	is(scalar(my @calls = $silent->calls('deprovision')), 0, '... as nothing was removed');
	is($addon->provision(uuid => $repeated)->status, 200, 'a repeat of the marketplace succeeds');

	my ($output, $status) = restored();
	is($status, 1, 'provisor restored exits with 1');
	like($output, qr/began a new epoch.*newest event.*Held jobs.*heroku +no-api +provision +2 /s,
		'... and lists held jobs');
	like($output, qr/may\s+have got one.*\Q$kept\E/s, '... and what may have got a response');
	like((ctl($host->env, 'check'))[0], qr/^error +PROVISOR_DATABASE: was restored.*provisor restored/m,
		'check names it');
	unlike((ctl($host->env, 'check'))[0], qr/gave up/, '... and not as jobs that gave up');
	like($host->log('worker'), qr/level=error.*was restored or has failed over/, 'so does the log');

	my ($job) = $eventually->job($kept, 'provision')->{id};
	like((ctl($host->env, 'jobs', 'retry', $job))[0], qr/is held.*provisor restored/,
		'a held job cannot be retried');
	is((restored('--release'))[1], 2, 'a release without --yes explains only');
	is((restored('--release', '--unanswered', 'maybe', '--yes'))[1], 2, 'a wrong choice is refused');
	is_deeply([ restored('--release', '--addon', 'fast-db', '--yes') ],
		[ "released: 0 jobs\nJobs of other add-ons are still held: provisor restored lists them.\n", 0 ],
		'another add-on has no held jobs');
	$host->psql("UPDATE jobs SET epoch = database_epoch() WHERE resource = '$undone'");
	is_deeply([ restored('--release', '--yes') ],
		[ "released: 1 jobs\nNo job is held, and the epoch is accepted.\n", 0 ], 'a release');
	$eventually->becomes($kept, 'provisioned', 'completes the provision');
	is($silent->thing($kept), 'basic', '... and the vendor keeps its database');
	is((restored())[1], 0, 'nothing is held any more');
};

subtest 'released to be undone' => sub {
	my $id = uuid();

	$host->stop_pool('jobs');
	provision_later($silent, $id);
	go_back(sub { is($addon->provision(uuid => $id)->status, 200, 'a repeat succeeds') });
	is_held($id, 'provision', 'its job is held');
	is((restored('--release', '--unanswered', 'undo', '--yes'))[1], 0, 'it is released with undo');
	$eventually->becomes($id, 'abandoned', 'it is undone');
	ok($eventually->is_true(sub { !defined $silent->thing($id) }), '... by the vendor, too');
};

subtest 'other kinds' => sub {
	my ($changing, $gone, $rotating) = map { uuid() } 1 .. 3;

	$addon->provision(uuid => $_) for $changing, $gone, $rotating;
	$host->stop_pool('jobs');
	$silent->behave('change-plan' => 'exit 75');
	is($addon->change_plan($changing, 'premium')->status, 503, 'a plan change is not ready');
	$silent->behave('change-plan' => undef);
	is((ctl($host->env, qw(config rotate), $rotating))[1], 0, 'a rotation is queued');
	is($addon->deprovision($gone)->status, 204, 'a clean-up is queued');
	go_back(sub {
		is($addon->change_plan($changing, 'premium')->status, 200, 'the plan change is repeated');
	});
	is_held($changing, 'change-plan', 'the plan change is held');
	is($silent->thing($changing), 'premium', '... and not undone');
	is_held($gone, 'deprovision', 'the clean-up is held');
	is_held($rotating, 'rotate', 'the rotation is held');
	is((restored('--release', '--yes'))[1], 0, 'they are released');
	$eventually->has_no_jobs_left($_) for $changing, $gone, $rotating;
	is($eventually->resource($changing)->{plan}, 'premium', 'the plan change is completed');
	is($eventually->resource($gone)->{state}, 'deprovisioned', 'the clean-up is done');
	is(scalar $silent->calls('rotate', $rotating), 1, 'the credentials are rotated');
};

subtest 'promised resources' => sub {
	my ($waiting, $ready) = map { uuid() } 1 .. 2;

	$host->stop_pool('jobs');
	$heroku->behave('succeeds');
	$heroku->has_resources($waiting => { state => 'provisioning' }, $ready => { state => 'provisioned' });
	is($vendor->addon->provision(uuid => $_, oauth_grant => Provisor::FakeHeroku::grant())->status,
		202, 'a provision is promised') for $waiting, $ready;
	go_back(sub { });
	$eventually->make_due($waiting, 'provision');
	$eventually->becomes($waiting, 'provisioned', 'goes on if the marketplace waits for it');
	is_held($ready, 'provision', 'is held if the marketplace has it');
	is((restored('--release', '--yes'))[1], 0, 'it is released');
	$eventually->becomes($ready, 'provisioned', '... and provisioned');
	is(join(' ', grep { !/\AGET / } $heroku->calls($ready)), '', '... without a change of what the marketplace has');
};

subtest 'a promise that the database has lost' => sub {
	my ($waiting, $ready) = map { uuid() } 1 .. 2;
	my %there = ($waiting => { state => 'provisioning' }, $ready => { state => 'provisioned' });

	$host->stop_pool('jobs');
	$heroku->has_resources(%there);
	is($vendor->addon->provision(uuid => $_, oauth_grant => Provisor::FakeHeroku::grant())->status,
		202, 'a provision is promised') for $waiting, $ready;
	$host->psql("UPDATE resources SET promised_at = NULL, promise_expires_at = NULL WHERE id IN ('$waiting', '$ready')");
	go_back(sub { $heroku->behave('unavailable') });
	is((restored('--release', '--yes'))[1], 0, 'its job is released before the marketplace can be asked');
	is($eventually->resource($_)->{state}, 'provisioning', '... and waits for that') for $waiting, $ready;
	$heroku->has_resources(%there);
	$eventually->make_due($_, 'provision') for $waiting, $ready;
	$eventually->becomes($waiting, 'provisioned', 'it is provisioned');
	is(join(' ', grep { m{/actions/} } $heroku->calls($waiting)), "POST /addons/$waiting/actions/provision",
		'... and the marketplace, which waits for it, is notified');
	$eventually->becomes($ready, 'provisioned', 'so is one that the marketplace has');
	is(join(' ', grep { !/\AGET / } $heroku->calls($ready)), '', '... without a change of what it has');
};

subtest 'promised resources whose token is refused' => sub {
	my ($kept, $gone) = map { uuid() } 1 .. 2;
	my $list = $host->home . '/list.csv';

	$vendor->behave(provision => 'exit 75');
	$heroku->has_resources(map { $_ => { state => 'provisioning' } } $kept, $gone);
	is($vendor->addon->provision(uuid => $_, oauth_grant => Provisor::FakeHeroku::grant())->status,
		202, 'a provision is promised') for $kept, $gone;
	ok($eventually->is_true(sub { count_of($host, "resources WHERE id IN ('$kept', '$gone')
		AND access_token IS NOT NULL") == 2 }), 'they have tokens');
	# Not while it runs: its result would set another time, or be a success below.
	ok($eventually->is_true(sub {
		$host->psql("UPDATE jobs SET run_at = now() + interval '1 h'
			WHERE resource = '$kept' AND kind = 'provision' AND lease_until IS NULL RETURNING 1") =~ /^1$/m;
	}), 'one is not created for an hour');
	$heroku->behave('unavailable');
	$vendor->behave(provision => undef);
	$eventually->make_due($gone, 'provision');
	ok($eventually->waits_for_retry($gone, 'complete'), 'one is created, and not reported yet');
	$host->stop_pool('jobs');
	go_back(sub { $heroku->behave('revoked') });
	is_held($kept, 'provision', 'its provision is held');
	is_held($gone, 'complete', 'its completion is held');

	is((restored('--release', '--yes'))[1], 0, 'they are released');
	for my $id ($kept, $gone) {
		ok($eventually->is_true(sub { ($eventually->job($id, 'complete')->{last_error} // '') =~ /reconcile --against/ }),
			'the completion is left to an operator') or $eventually->_print_jobs($id);
	}
	$host->psql("UPDATE resources SET promise_expires_at = now() - interval '1 h', created_at = created_at - interval '1 h'
		WHERE id IN ('$kept', '$gone')");
	$eventually->make_due($_, 'complete') for $kept, $gone;
	ok($eventually->waits_for_retry($kept, 'complete', 2), 'it is tried again after the promise has expired');
	is($eventually->resource($kept)->{state}, 'provisioning', '... and not refused');
	is($vendor->thing($kept), 'basic', '... and the vendor keeps its database');

	write_text($list, "id,state\n$kept,provisioned\n");
	my @command = (qw(reconcile --marketplace heroku --addon fast-db --repair --most 99 --against), $list);
	my ($output) = ctl($host->env, @command);

	like($output, qr/^$kept +heroku +fast-db +state +provisioning +provisioned +provisioned$/m, 'a list completes one that it has');
	is($eventually->resource($kept)->{state}, 'provisioned', '... without a call');
	is($eventually->resource($gone)->{state} =~ s/ing\z/ed/r, 'deprovisioned', '... and one that it does not have is deprovisioned');
	$eventually->has_no_jobs_left($_) for $kept, $gone;
	is($vendor->thing($kept), 'basic', 'the vendor keeps the one');
	is($vendor->thing($gone), undef, '... and removes the other');
};

subtest 'resources that the database has lost' => sub {
	my $list = $host->home . '/lost.csv';
	my ($lost, $repeated, $kept) = map { uuid() } 1 .. 3;
	my $session;

	$host->stop_pool('jobs');
	is($addon->provision(uuid => $kept)->status, 200, 'a resource that will not be lost');
	my $ended = session_of(post_form(fastcgi($host), '/sso', sign_on_fields($addon, $kept)));
	is((ctl($host->env, qw(sessions end), $kept))[1], 0, 'its sessions are ended');
	go_back(sub {
		is($addon->provision(uuid => $_)->status, 200, 'it is provisioned') for $lost, $repeated;
		$session = session_of(post_form(fastcgi($host), '/sso', sign_on_fields($addon, $lost)));
		is(get('/session', $session)->status, 204, 'its customer signs on');
	});
	refuses($addon->change_plan($lost, 'premium'), 503, 'a plan change gets 503');
	refuses($addon->deprovision($lost), 503, '... and so does a deprovision');
	is_being_checked(post_form(fastcgi($host), '/sso', sign_on_fields($addon, $lost)), 'a sign-on');
	is_being_checked(get('/dashboard', $session), 'the page of a session');
	is(get('/session', $session)->status, 503, '... which applications see, too');
	is(get('/session', $ended)->status, 401, 'a session that has ended stays so');
	is(count_of($host, "resources WHERE id = '$lost'"), 0, '... which leaves no tombstone');
	like($host->log('worker'), qr/no-api has no resource \Q$lost\E, but the database was restored/, 'the log has the reason');
	write_text($list, "id,state\n$lost,provisioning\n");
	my @compare = (qw(reconcile --marketplace heroku --addon no-api --against), $list);

	like((ctl($host->env, @compare))[0], qr/^$lost +heroku +no-api +lost +provisioning +$/m,
		'a list shows one for which the marketplace still waits');
	is($addon->provision(uuid => $repeated)->status, 200, 'a repeated provision succeeds');
	is($addon->deprovision($repeated)->status, 204, '... and its deprovision');
	$eventually->has_no_jobs_left($repeated);

	is((restored('--release', '--yes'))[1], 0, 'the epoch is accepted');
	unlike((ctl($host->env, @compare))[0], qr/^$lost/m, 'now its request may be on its way');
	refuses($addon->change_plan($lost, 'premium'), 404, '... a plan change gets 404');
	is(post_form(fastcgi($host), '/sso', sign_on_fields($addon, $lost))->status, 404, '... and a sign-on, too');
	is(get('/session', $session)->status, 401, '... and its session has ended');
	refuses($addon->deprovision($lost), 410, '... and a deprovision 410');
	$eventually->has_no_jobs_left($lost);
	is($silent->thing($lost), undef, '... which removes what the vendor has');
};

is_unhurt($host);
done_testing();
