#!/usr/bin/perl
# provisor-jobs removes finished jobs, events, the people of events, the names of
# resources that are gone and used sign-on tokens once they are old, and nothing else.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::SignOnForm;
use Provisor::Test;

my $addon;
my $host = serving_host({ is_direct => 1, workers => { api => 1, web => 1, jobs => 2 },
	env => { PROVISOR_KEEP_EVENTS => '400d' } }, sub { $addon = addon($_[0], 'fast-db') });
my $id = uuid();

$addon->provision(uuid => $id);

# Adds count jobs that were finished, if at all, so many days ago, each with an attempt.
sub add_jobs {
	my ($count, $days) = @_;
	my $finished = defined $days ? "now() - interval '$days days'" : 'NULL';

	$host->psql("WITH added AS (
			INSERT INTO jobs (kind, lane, resource, run_at, created_at, finished_at)
			SELECT 'push-config', 'marketplace', '$id', 'infinity', now() - interval '100 days', $finished
			FROM generate_series(1, $count)
			RETURNING id)
		INSERT INTO job_attempts (job, attempt, resource, kind, actor, gave_up, reason)
		SELECT id, 1, '$id', 'push-config', 'test', false, 'a test' FROM added");
	return;
}

sub add_events {
	my ($count, $days) = @_;

	$host->psql("INSERT INTO events (resource, event, actor, at)
		SELECT '$id', 'old-$days', 'test', now() - interval '$days days' FROM generate_series(1, $count)");
	return;
}

sub state_of {
	my ($subject) = @_;

	return row($host, "retention WHERE subject = '$subject'");
}

sub gauges {
	my $text = fastcgi($host)->request(method => 'GET', path => '/metrics')->body;

	return { $text =~ /^(provisor_retention_\w+\{table="\w+"\}) (-?\d+)$/mg };
}

subtest 'only what is old is removed' => sub {
	add_jobs(2500, 31);
	add_jobs(40, 29);
	add_jobs(3, undef);
	# Events are in the order of time.
	$host->psql("UPDATE events SET at = now() - interval '500 days'");
	add_events(1200, 401);
	add_events(10, 399);
	$host->psql("INSERT INTO used_digests SELECT 'digest-' || i, 'test', now() - i * interval '1 hour'
		FROM generate_series(-10, 40) i");
	$host->psql("INSERT INTO notifications SELECT gen_random_uuid(), 'plan', 0, '{basic}',
		now() - i * interval '1 day' FROM generate_series(1, 40) i");
	$host->start_jobs;
	ok(wait_for(30, sub { !grep { !defined state_of($_)->{done_at} } qw(jobs events used_digests notifications) }),
		'all is done');
	is(count_of($host, "jobs WHERE finished_at < now() - interval '30 days'"), 0, 'no old job is left');
	is(count_of($host, 'jobs WHERE finished_at IS NOT NULL'), 40, 'later ones are');
	is(count_of($host, 'jobs WHERE finished_at IS NULL'), 3, 'unfinished ones are');
	is(count_of($host, 'job_attempts'), 43, '... with their attempts');
	is(count_of($host, "events WHERE event = 'old-401'"), 0, 'no old event is left');
	is(count_of($host, "events WHERE event = 'old-399'"), 10, 'later ones are');
	is(count_of($host, 'used_digests'), 34, 'digests are kept for a day after they have expired');
	is(count_of($host, 'notifications'), 29, 'notifications are kept for 30 days');
	is(count_of($host, "resources WHERE id = '$id'"), 1, 'the resource is left');
	is(state_of('jobs')->{removed}, 2500, 'the jobs are counted');
};

subtest 'the functions keep what is not old' => sub {
	add_jobs(1, 0);
	$host->psql("SET ROLE provisor_worker; SELECT remove_old_jobs('-1 year', 1000)");
	is(count_of($host, "jobs WHERE finished_at > now() - interval '1 day'"), 1, 'a job of the last day');
	add_events(1, 29);
	$host->psql("SET ROLE provisor_worker; SELECT remove_old_events('-1 year', 1000)");
	is(count_of($host, "events WHERE event = 'old-29'"), 1, 'an event of the last 30 days');
};

subtest 'metrics and check' => sub {
	my $gauges = gauges();

	is($gauges->{'provisor_retention_removed_total{table="jobs"}'}, 2500, 'rows removed');
	cmp_ok($gauges->{'provisor_retention_done_seconds{table="jobs"}'}, '>=', 0, 'when it was done');
	is(int($gauges->{'provisor_retention_oldest_seconds{table="events"}'} / 86400), 29, 'the oldest event');
	is($gauges->{'provisor_retention_keep_seconds{table="events"}'}, 400 * 86400, '... and how long events are kept');
	is($gauges->{'provisor_retention_keep_seconds{table="resources"}'}, 90 * 86400, '... names');
	my ($output) = ctl($host->env, 'check');
	like($output, qr/PROVISOR_KEEP_JOBS: finished jobs: kept for 30 days; oldest: /, 'check: jobs');
	like($output, qr/PROVISOR_KEEP_EVENTS: events: kept for 400 days; oldest: 29 days/, 'check: events');
	$host->stop_pool('jobs');
	add_jobs(1, 33);
	$host->psql("DELETE FROM job_attempts; DELETE FROM jobs WHERE finished_at > now() - interval '32 days'");
	($output) = ctl($host->env, 'check');
	like($output, qr/warning.*PROVISOR_KEEP_JOBS: finished jobs: the oldest is from 33 days ago, .* provisor-jobs/,
		'... and jobs that were not removed');
};

subtest 'people and names' => sub {
	my ($gone, $fresh, $refused, $abandoned) = map { my $new = uuid(); $addon->provision(uuid => $new,
		name => "acme-$new", options => { size => '1' }); $new } 1 .. 4;
	my $state = sub { row($host, "resources WHERE id = '$_[0]'") };
	my $history = sub { [ map { [ $_->{actor}, $_->{after} ] } rows($host, "history WHERE resource = '$_[0]' AND event = 'signed-on'") ] };

	for my $signed ($gone, $fresh) {
		is(post_form(fastcgi($host), '/sso/login', sign_on_fields($addon, $signed))->status, 303, 'a sign-on');
	}
	$addon->deprovision($_) for $gone, $fresh;
	my $person = $history->($fresh);

	like($person->[0][0], qr/^customer:.+@/, '... has its person in the history');
	is(count_of($host, "events WHERE resource = '$fresh' AND event = 'signed-on' AND actor = 'customer' AND after IS NULL"), 1,
		'... and nowhere in the event');
	$host->psql("ALTER TABLE resources DISABLE TRIGGER USER;
		UPDATE resources SET state = 'refused' WHERE id = '$refused';
		UPDATE resources SET state = 'abandoned' WHERE id = '$abandoned';
		ALTER TABLE resources ENABLE TRIGGER USER;
		UPDATE resources SET created_at = now() - interval '91 days', updated_at = now() - interval '91 days'
			WHERE id IN ('$refused', '$abandoned');
		UPDATE resources SET deprovisioned_at = now() - interval '91 days' WHERE id = '$gone';
		UPDATE event_people SET at = now() - interval '91 days'
			WHERE event IN (SELECT id FROM events WHERE resource = '$gone');
		INSERT INTO jobs (kind, lane, resource, run_at) VALUES ('withdraw', 'marketplace', '$abandoned', 'infinity');
		SET ROLE provisor_worker;
		SELECT remove_old_event_people('90 days', 1000), erase_old_resources('90 days', 1000)");
	is_deeply($history->($gone), [ [ 'customer', undef ] ], 'an old sign-on stays, without its person');
	is($state->($gone)->{name}, undef, 'the name of a resource that has been gone for long is erased');
	is_deeply($history->($fresh), $person, 'a later person stays');
	is($state->($fresh)->{name}, "acme-$fresh", '... and a later name');
	is_deeply([ $state->($refused)->@{qw(state name options)} ], [ 'deprovisioned', undef, undef ],
		'a resource that was refused long ago ends');
	is(count_of($host, "events WHERE resource = '$refused' AND event = 'deprovisioned' AND actor = 'provisor-jobs'"), 1,
		'... with an event');
	is($state->($abandoned)->{state}, 'abandoned', 'not one with an unfinished job');
	$host->psql("SET ROLE provisor_worker; SELECT remove_old_event_people('-1 year', 1000)");
	is(count_of($host, 'event_people WHERE at > now() - interval \'1 day\''), 1, 'the function keeps the last day');
	$host->psql("UPDATE event_people SET at = now() - interval '92 days'; UPDATE resources SET deprovisioned_at = now() - interval '93 days'
		WHERE id = '$fresh'");
	my ($output) = ctl($host->env, 'check');
	like($output, qr/warning.*PROVISOR_PERSONAL_DATA: people of events: the oldest is from 92 days ago/, 'check: people');
	like($output, qr/warning.*PROVISOR_PERSONAL_DATA: names of .*: the oldest is from 93 days ago/, '... and names');
	is(int(gauges()->{'provisor_retention_oldest_seconds{table="event_people"}'} / 86400), 92, 'metrics');
};

# The pages that a step reads which removes nothing.
sub pages_of_step {
	my ($subject) = @_;
	my $plan = $host->psql("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, TIMING off)
		SELECT remove_old_$subject('40 days', 10)");
	my ($pages) = $plan =~ /"Shared Hit Blocks": (\d+)/;

	return $pages;
}

subtest 'a step reads few pages of large tables' => sub {
	my $count = scaled(20_000, 200_000);

	$host->psql('TRUNCATE jobs, job_attempts');
	for my $subject (qw(jobs events)) {
		my $add = $subject eq 'jobs' ? \&add_jobs : \&add_events;

		$add->(100, 2);
		$host->psql("VACUUM ANALYZE $subject");
		my $before = pages_of_step($subject);
		$add->($count, 2);
		$host->psql("VACUUM ANALYZE $subject");
		cmp_ok(pages_of_step($subject), '<', $before + 40, "$subject: with $count more");
	}
};

is_unhurt($host);
done_testing();
