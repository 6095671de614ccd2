#!/usr/bin/perl
# The clock of the database is set forward or back by an hour, as when NTP corrects
# it, or when another server takes over.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::DatabaseClock;
use Provisor::FakeHeroku;
use Provisor::ScriptedVendor;
use Provisor::SignOnForm;
use Provisor::Test;

use constant {
	HOUR => 3600,
	SOON => 40, # seconds; provisor-jobs looks every ten
};

my ($addon, $careful, $guarded, $heroku, $vendor);
my $host = serving_host({ answer_limit => '3s' }, sub {
	my ($new) = @_;

	$heroku = Provisor::FakeHeroku->new($new);
	$vendor = Provisor::ScriptedVendor->new($new, 'slow-db', $heroku->settings(provision => 'async'));
	$addon = addon($new, 'fast-db');
	$careful = addon($new, 'safe-db', settings => { keep => '24h' });
	$guarded = addon($new, 'once-db', settings => { replay_guard => JSON::PP::true });
});
my $worker = fastcgi($host);

sub provisioned {
	my ($of) = @_;
	my $id = uuid();

	is($of->provision(uuid => $id)->status, 200, 'a resource is provisioned');
	return $id;
}

# --- sign-on ------------------------------------------------------------------

sub signed_on {
	my ($of, $id) = @_;

	return session_of(post_form($worker, '/sso', sign_on_fields($of, $id)));
}

sub submit {
	my ($path, $cookie, @fields) = @_;

	return $worker->request(method => 'POST', path => $path, body => encode_form(@fields),
		type => 'application/x-www-form-urlencoded',
		headers => { Host => 'localhost', Cookie => $cookie, Origin => 'https://localhost' });
}

sub status_of {
	my ($cookie) = @_;

	return $worker->request(method => 'GET', path => '/session',
		headers => { Host => 'localhost', Cookie => $cookie })->status;
}

sub ends_all_sessions {
	my ($id) = @_;

	is((ctl($host->env, qw(sessions end), $id))[1], 0, 'all sessions are ended');
	return;
}

# An hour too early and corrected, and the reverse.
for my $by ('-1 hour', '+1 hour') {
	subtest "sessions, and the clock is set by $by" => sub {
		my $id = provisioned($addon);
		my ($first, $second) = map { signed_on($addon, $id) } 1 .. 2;

		set_clock($host, $by);
		is(status_of($first), 204, 'a session continues');
		ends_all_sessions($id);
		is(status_of($first), 401, '... and has ended');
		is(status_of($second), 401, '... with the other one');
		set_clock($host, $by);
		my $third = signed_on($addon, $id);
		is(status_of($third), 204, 'a later sign-on begins one');
		is(submit('/session/end', $third, resource => $id)->status, 200, '... which the customer ends');
		set_clock($host, $by);
		my $fourth = signed_on($guarded, provisioned($guarded));
		is(status_of($fourth), 204, 'another one begins');
		is(status_of($third), 401, '... and a copy of the ended one stays ended');
	};

	subtest "a token that was used, and the clock is set by $by" => sub {
		my $id = provisioned($guarded);
		my $now = time;
		my @fields = sign_on_fields($guarded, $id, at => $now);

		is(post_form($worker, '/sso', @fields)->status, 303, 'the sign-on is accepted');
		set_clock($host, $by);
		is(post_form($worker, '/sso', sign_on_fields($guarded, $id, at => $now - 1))->status, 303, 'another is accepted');
		is(post_form($worker, '/sso', @fields)->status, 403, 'the first one is not accepted again');
	};
}

subtest 'config vars that a customer was shown, and the clock is set back' => sub {
	my $id = provisioned($addon);
	my $cookie = signed_on($addon, $id);
	my $shows = sub {
		my $page = $worker->request(method => 'GET', path => '/dashboard?values=shown',
			headers => { Host => 'localhost', Cookie => $cookie })->body;

		return $page =~ /\.example\/basic/ ? 1 : 0;
	};

	is(submit('/dashboard', $cookie, resource => $id)->status, 303, 'the customer asks for them');
	is($shows->(), 1, '... and sees them');
	set_clock($host, '-1 hour');
	is($shows->(), 0, 'afterwards they are hidden');
	is(submit('/dashboard', $cookie, resource => $id)->status, 303, 'the customer asks again');
	is($shows->(), 1, '... and sees them');
	is(count_of($host, "events WHERE resource = '$id' AND event = 'config-revealed'"), 2, '... with an event each time');
};

# --- jobs ---------------------------------------------------------------------

sub job_of {
	my ($id, $kind) = @_;

	return row($host, "(SELECT *, CASE WHEN isfinite(run_at) THEN extract(epoch FROM run_at - now()) END AS run_in,
			extract(epoch FROM lease_until - now()) AS lease
		FROM jobs) j WHERE resource = '$id' AND kind = '$kind' ORDER BY id DESC LIMIT 1");
}

sub becomes {
	my ($name, $condition) = @_;

	return ok(wait_for(SOON, $condition), $name);
}

sub promised {
	my $id = uuid();

	is($vendor->addon->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant())->status, 202,
		'a resource is promised');
	return $id;
}

subtest 'jobs whose times are ahead, because the clock is set back' => sub {
	my ($due, $leased, $given_up) = map { promised() } 1 .. 3;
	my $promise = sub {
		return row($host, "(SELECT id, extract(epoch FROM promise_expires_at - now()) AS left FROM resources) r
			WHERE id = '$leased'")->{left};
	};
	my $before = $promise->();

	# Of a process that was killed, and of a job that gave up.
	$host->psql("UPDATE jobs SET claim = gen_random_uuid(), host = 'elsewhere', attempts = 1,
			lease_until = now() + interval '70 s' WHERE resource = '$leased' AND kind = 'provision';
		UPDATE jobs SET run_at = 'infinity' WHERE resource = '$given_up'");
	set_clock($host, '-1 hour');
	cmp_ok(job_of($due, 'exchange')->{run_in}, '>', HOUR - 60, 'a due job would wait for an hour');
	cmp_ok(job_of($leased, 'provision')->{lease}, '>', HOUR, '... and a lease last as long');
	$host->start_jobs;
	becomes('the due job is carried out', sub { job_of($due, 'exchange')->{finished_at} });
	becomes('... with those that follow', sub {
		row($host, "resources WHERE id = '$due'")->{state} eq 'provisioned';
	});
	cmp_ok(job_of($leased, 'provision')->{lease}, '<=', 70, 'the lease lasts for what was left of it');
	is(job_of($leased, 'provision')->{finished_at}, undef, '... and is not over');
	cmp_ok($promise->(), '<=', $before, 'the promise expires when it would have');
	is(job_of($given_up, 'provision')->{run_at}, 'infinity', 'the job that gave up waits for an operator');
	becomes('the log has a warning', sub {
		$host->log('worker') =~ /level=warning .*the clock of the database was set back by 3[56]\d\d s or more: jobs whose times were corrected: [1-6]\b/;
	});
	$host->stop_pool('jobs');
};

subtest 'a kept resource, and the clock is set back' => sub {
	my ($id, $untouched, $held) = map { provisioned($careful) } 1 .. 3;
	my $left = sub {
		return row($host, "(SELECT id, extract(epoch FROM kept_until - now()) AS left FROM resources) r
			WHERE id = '$_[0]'")->{left};
	};

	is($careful->deprovision($_)->status, 204, 'it is deprovisioned') for $id, $untouched, $held;
	# The one was deprovisioned before the clock was wrong, and its clean-up was retried since; that of the other is held.
	$host->psql("UPDATE resources SET deprovisioned_at = now() - interval '2 hours',
			kept_until = now() + interval '22 hours' WHERE id = '$untouched';
		UPDATE jobs SET run_at = now() + interval '22 hours' WHERE resource = '$untouched' AND finished_at IS NULL;
		UPDATE jobs SET run_at = 'infinity', epoch = 'of another database' WHERE resource = '$held' AND finished_at IS NULL");
	my $warnings = () = $host->log('worker') =~ /was set back by/g;
	set_clock($host, '-1 hour');
	cmp_ok($left->($id), '>', 24 * HOUR, 'it would be kept for an hour longer');
	$host->start_jobs;
	becomes('the clock is noticed', sub { (() = $host->log('worker') =~ /was set back by/g) > $warnings });
	for ($id, $held) {
		cmp_ok($left->($_), '<=', 24 * HOUR, 'it is kept as long as its add-on says');
		cmp_ok($left->($_), '>', 24 * HOUR - 600, '... and no shorter');
	}
	cmp_ok(abs(job_of($id, 'deprovision')->{run_in} - $left->($id)), '<', 1, '... and its clean-up is due then');
	is(job_of($held, 'deprovision')->{run_at}, 'infinity', 'a clean-up that is held stays so');
	cmp_ok(abs($left->($untouched) - 23 * HOUR), '<', 600, 'the time of one from before was not wrong');
	is(row($host, "resources WHERE id = '$_'")->{state}, 'kept', 'all are kept') for $id, $untouched, $held;
	$host->stop_pool('jobs');
};

is_unhurt($host);
done_testing;
