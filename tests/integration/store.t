#!/usr/bin/perl
# Statements, commits, migrations and rights in PostgreSQL, and the responses to a
# marketplace while PostgreSQL is down.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::CgiClient 'run';
use Provisor::Test;

my $host = new_host(
	workers => { api => 1, web => 1 },
	postgres => {
		autovacuum => 'off',
		shared_preload_libraries => 'pg_stat_statements',
	},
);
my $addon = addon($host, 'fast-db');
my $tables = q(SELECT string_agg(tablename, ' ' ORDER BY tablename)
	FROM pg_tables WHERE schemaname = 'public');

$host->start_postgres;

subtest 'migrate applies each migration once' => sub {
	my @migrations = map { m{/([^/]+)\.sql\z} } sort glob "$FindBin::Bin/../../migrations/0*.sql";
	my ($output, $status) = ctl($host->owner_env, 'migrate', '--dry-run');

	is($status, 0, 'a dry run succeeds');
	like($output, qr/\b\Q$_\E\b/, "... and lists $_") for @migrations;
	is($host->psql($tables), '', '... and changes nothing');

	my @children = map {
		my $pid = fork // die "cannot fork: $!\n";
		POSIX::_exit((ctl($host->owner_env, 'migrate'))[1]) if $pid == 0;
		$pid;
	} 1 .. 5;
	is_deeply([ map { waitpid $_, 0; $? } @children ], [ (0) x 5 ], 'five processes succeed at the same time');
	is($host->psql($tables), 'epochs event_people events job_attempts jobs key_fingerprints migrations notifications resources retention state_transitions used_digests', 'the tables exist');
	is(count_of($host, 'migrations'), scalar @migrations, 'each migration is recorded once');

	my @recorded = rows($host, 'migrations');

	($output, $status) = ctl($host->owner_env, 'migrate');
	is($status, 0, 'a second run succeeds');
	is_deeply([ rows($host, 'migrations') ], \@recorded, '... and changes nothing');
	($output) = ctl($host->owner_env, 'migrate', '--dry-run');
	unlike($output, qr/\b\Q$_\E\b/, "... and a dry run does not list $_") for @migrations;
};

subtest 'the role of the workers cannot rewrite the history' => sub {
	my @denied = (
		'DELETE FROM resources',
		'UPDATE events SET event = NULL',
		'DELETE FROM events',
		"INSERT INTO events (resource, event, actor, at)
			SELECT id, 'provisioned', 'customer', '2020-01-01' FROM resources",
		"INSERT INTO events (id, resource, event, actor) OVERRIDING SYSTEM VALUE
			SELECT 1, id, 'provisioned', 'customer' FROM resources",
		"UPDATE event_people SET email = 'joe\@example.com'",
		'DELETE FROM event_people',
		'DELETE FROM jobs',
		'UPDATE job_attempts SET reason = NULL',
		'DELETE FROM job_attempts',
		'TRUNCATE resources',
		'DELETE FROM migrations',
		"INSERT INTO state_transitions VALUES ('deprovisioned', 'provisioned')",
		'DELETE FROM retention',
		'CREATE TABLE mine ()',
	);

	for my $sql (@denied) {
		my $allowed = eval { $host->psql("SET ROLE provisor_worker; $sql"); 1 };

		ok(!$allowed && $@ =~ /permission denied/, $sql) or diag $@;
	}
};

# Changes the state of a new resource and returns PostgreSQL's errors.
sub transition {
	my ($role, $from, $to) = @_;
	my $id = uuid();

	return eval { $host->psql(<<~SQL) } // $@;
		SET ROLE $role;
		INSERT INTO resources (id, marketplace, addon, provider_id, plan, state)
			VALUES ('$id', 'heroku', 'states', '$id', 'basic', '$from');
		UPDATE resources SET state = '$to' WHERE id = '$id';
		SQL
}

subtest 'PostgreSQL refuses a change of state that is not allowed' => sub {
	my %allowed = (
		provisioning   => [qw(provisioned refused abandoned deprovisioning deprovisioned)],
		provisioned    => [qw(suspended kept deprovisioning deprovisioned)],
		suspended      => [qw(provisioned kept deprovisioning deprovisioned)],
		kept           => [qw(deprovisioning deprovisioned)],
		refused        => [qw(deprovisioning deprovisioned)],
		abandoned      => [qw(provisioning deprovisioning deprovisioned)],
		deprovisioning => [qw(deprovisioned)],
		deprovisioned  => [],
	);

	for my $from (sort keys %allowed) {
		my %reachable = map { $_ => 1 } $from, @{ $allowed{$from} };

		for my $to (sort keys %allowed) {
			my $refusal = $reachable{$to} ? qr/\A\z/
				: qr/ERROR:  resource \S+ cannot change from $from to $to$/m;

			like(transition('provisor_worker', $from, $to), $refusal, "$from to $to");
		}
	}
	like(transition('provisor_owner', 'deprovisioned', 'provisioned'), qr/cannot change/,
		'the owner of the tables gets the same error');
	$host->psql("DELETE FROM resources WHERE addon = 'states'");
};

$host->start_pool('api');

# Runs a query in another database, so that the counters do not include it.
sub observe {
	my ($sql) = @_;
	my ($folder) = $host->owner_env->{PROVISOR_DATABASE_DIRECT} =~ /host=(\S+)/;
	my ($output, $errors) = run(
		program => [ 'psql', '-XqAt', '-h', $folder, '-U', 'postgres',
			'-d', 'postgres', '-c', $sql ],
		environment => { PATH => $ENV{PATH} },
	);

	die $errors if $errors;
	return $output =~ s/\n\z//r;
}

sub calls {
	return observe(q(SELECT coalesce(sum(calls), 0) FROM pg_stat_statements
		WHERE userid = 'provisor_worker'::regrole));
}

sub commits {
	return observe(q(SELECT xact_commit + xact_rollback FROM pg_stat_database
		WHERE datname = 'provisor'));
}

# A server process reports its counters at most once a second.
sub create_after_pause {
	sleep 1.2;
	return $addon->provision(uuid => uuid());
}

observe('CREATE EXTENSION pg_stat_statements');

subtest 'a create is one statement and one commit' => sub {
	my $creates = 50;

	$addon->provision(uuid => uuid()); # connects and prepares
	create_after_pause();
	my ($calls, $commits) = (calls(), commits());

	$addon->provision(uuid => uuid(), options => { size => "$_" }) for 2 .. $creates;
	is(create_after_pause()->status, 200, "$creates creates succeed");
	is(calls() - $calls, $creates, '... with as many calls');
	is(commits() - $commits, $creates, '... and as many commits');
	is(observe(q(SELECT count(*) FROM pg_stat_statements
		WHERE userid = 'provisor_worker'::regrole
		AND query ILIKE '%INTO resources%' AND query ILIKE '%INTO events%')), 1,
		'... of one statement, which also inserts the event');
};

subtest 'repeated creates write nothing' => sub {
	my $id = uuid();
	my $xmax = sub { $host->psql('SELECT pg_snapshot_xmax(pg_current_snapshot())') };

	$addon->provision(uuid => $id);
	my $before = $xmax->();
	my %seen;

	$seen{ $addon->provision(uuid => $id)->text }++ for 1 .. 100;
	is($xmax->(), $before, '100 repeats use no transaction id');
	is(keys %seen, 1, '... and get the same response');
	$addon->provision(uuid => uuid());
	isnt($xmax->(), $before, 'a create uses one');
};

subtest 'a stopped database loses nothing' => sub {
	my $id = uuid();
	my @workers = workers($host);
	my $first = $addon->provision(uuid => $id);

	$host->stop_postgres;
	for my $round (1, 2) {
		refuses($addon->provision(uuid => $id), 503, "a repeated create gets 503 (round $round)");
		refuses($addon->provision(uuid => uuid()), 503, "a create gets 503 (round $round)");
		refuses($addon->change_plan($id, 'premium'), 503, "a plan change gets 503 (round $round)");
		refuses($addon->deprovision($id), 503, "a deprovision gets 503 (round $round)");
		refuses($addon->request(method => 'POST', path => $addon->path, as => 'fast-db:wrong',
			body => '{}'), 401, "a wrong password gets 401 (round $round)");
	}
	$host->start_postgres;
	ok(wait_for(5, sub { $addon->provision(uuid => $id)->status == 200 }),
		'a repeated create succeeds after the restart');
	same_bytes($addon->provision(uuid => $id), $first, '... with the same response');
	is_deeply([ workers($host) ], \@workers, '... by the same workers');
};

subtest 'a lost connection is replaced within the request' => sub {
	my $id = uuid();
	my $first = $addon->provision(uuid => $id);
	my $kill = sub {
		$host->psql(q(SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity
			WHERE usename = 'provisor_worker'));
	};

	$kill->();
	same_bytes($addon->provision(uuid => $id), $first, 'a repeated create');
	$kill->();
	is($addon->provision(uuid => uuid())->status, 200, 'a create');
	$kill->();
	is($addon->change_plan($id, 'premium')->status, 200, 'a plan change');
	$kill->();
	is($addon->deprovision($id)->status, 204, 'a deprovision');
};

subtest 'the wait for a locked row is limited' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	my $child = fork // die "cannot fork: $!\n";
	if ($child == 0) {
		$host->psql("SELECT 1 FROM resources WHERE id = '$id' FOR UPDATE; SELECT pg_sleep(5)");
		POSIX::_exit(0);
	}
	wait_for(10, sub { $host->psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") > 0 });
	my $began = time;

	refuses($addon->change_plan($id, 'premium'), 503, 'a plan change gets 503');
	cmp_ok(time - $began, '<', 4.5, '... before the lock is released');
	same_bytes($addon->provision(uuid => $id), $addon->provision(uuid => $id),
		'a repeated create needs no lock');
	waitpid $child, 0;
	is($addon->change_plan($id, 'premium')->status, 200, 'the plan change succeeds without the lock');
};

subtest 'migrate refuses a newer database' => sub {
	$host->psql("INSERT INTO migrations (number, name) VALUES (9999, '9999_future')");
	for my $arguments ([], ['--dry-run']) {
		my ($output, $status) = ctl($host->owner_env, 'migrate', @$arguments);

		isnt($status, 0, "migrate @$arguments fails");
		like($output, qr/newer/, '... with the reason');
	}
};

is_unhurt($host);

done_testing;
