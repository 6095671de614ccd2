#!/usr/bin/perl
# What PostgreSQL sees of us: statements, commits, migrations, rights; and what
# a marketplace sees while PostgreSQL is away.

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

subtest 'migrate does each migration once' => sub {
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
	is_deeply([ map { waitpid $_, 0; $? } @children ], [ (0) x 5 ], 'five at once succeed');
	is($host->psql($tables), 'events grants jobs migrations resources state_transitions used_sign_on_tokens', 'the tables are there');
	is(count_of($host, 'migrations'), scalar @migrations, 'each is noted once');

	my @noted = rows($host, 'migrations');

	($output, $status) = ctl($host->owner_env, 'migrate');
	is($status, 0, 'a second run succeeds');
	is_deeply([ rows($host, 'migrations') ], \@noted, '... and does nothing');
	($output) = ctl($host->owner_env, 'migrate', '--dry-run');
	unlike($output, qr/\b\Q$_\E\b/, "... nor is $_ listed any more") for @migrations;
};

subtest 'the worker may not rewrite history' => sub {
	my @denied = (
		'DELETE FROM resources',
		'UPDATE events SET event = NULL',
		'DELETE FROM events',
		'DELETE FROM jobs',
		'TRUNCATE resources',
		'DELETE FROM migrations',
		"INSERT INTO state_transitions VALUES ('deprovisioned', 'provisioned')",
		'CREATE TABLE mine ()',
	);

	for my $sql (@denied) {
		my $allowed = eval { $host->psql("SET ROLE provisor_worker; $sql"); 1 };

		ok(!$allowed && $@ =~ /permission denied/, $sql) or diag $@;
	}
};

# What PostgreSQL says when a resource goes from one state to another.
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

subtest 'a resource changes its state only as allowed' => sub {
	my %allowed = (
		provisioning   => [qw(provisioned refused abandoned deprovisioning deprovisioned)],
		provisioned    => [qw(deprovisioning deprovisioned)],
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
		'whatever role writes');
	$host->psql("DELETE FROM resources WHERE addon = 'states'");
};

$host->start_pool('api');

# Looks at PostgreSQL's counters from another database, so as not to be counted.
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

# A server process tells its counters once a second at most.
sub create_and_tell {
	sleep 1.2;
	return $addon->provision(uuid => uuid());
}

observe('CREATE EXTENSION pg_stat_statements');

subtest 'a create is one statement and one commit' => sub {
	my $creates = 50;

	$addon->provision(uuid => uuid()); # connects and prepares
	create_and_tell();
	my ($calls, $commits) = (calls(), commits());

	$addon->provision(uuid => uuid(), options => { size => "$_" }) for 2 .. $creates;
	is(create_and_tell()->status, 200, "$creates creates");
	is(calls() - $calls, $creates, 'make as many calls');
	is(commits() - $commits, $creates, 'and as many commits');
	is(observe(q(SELECT count(*) FROM pg_stat_statements
		WHERE userid = 'provisor_worker'::regrole
		AND query ILIKE '%INTO resources%' AND query ILIKE '%INTO events%')), 1,
		'of one statement, with its event');
};

subtest 'replays write nothing' => sub {
	my $id = uuid();
	my $xmax = sub { $host->psql('SELECT pg_snapshot_xmax(pg_current_snapshot())') };

	$addon->provision(uuid => $id);
	my $before = $xmax->();
	my %seen;

	$seen{ $addon->provision(uuid => $id)->text }++ for 1 .. 100;
	is($xmax->(), $before, 'no transaction of 100 replays got a number');
	is(keys %seen, 1, 'all are the same');
	$addon->provision(uuid => uuid());
	isnt($xmax->(), $before, 'that of a create does');
};

subtest 'without a database nothing is gone' => sub {
	my $id = uuid();
	my @workers = workers($host);
	my $first = $addon->provision(uuid => $id);

	$host->stop_postgres;
	for my $round (1, 2) {
		refuses($addon->provision(uuid => $id), 503, "create: later ($round)");
		refuses($addon->provision(uuid => uuid()), 503, "a new one: later ($round)");
		refuses($addon->change_plan($id, 'premium'), 503, "plan change: later ($round)");
		refuses($addon->deprovision($id), 503, "deprovision: later ($round)");
		refuses($addon->request(method => 'POST', path => $addon->path, as => 'fast-db:wrong',
			body => '{}'), 401, "a stranger stays one ($round)");
	}
	$host->start_postgres;
	ok(wait_for(5, sub { $addon->provision(uuid => $id)->status == 200 }),
		'when it is back all is served');
	same_bytes($addon->provision(uuid => $id), $first, '... as before');
	is_deeply([ workers($host) ], \@workers, '... by the same workers');
};

subtest 'a lost connection is replaced unseen' => sub {
	my $id = uuid();
	my $first = $addon->provision(uuid => $id);
	my $kill = sub {
		$host->psql(q(SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity
			WHERE usename = 'provisor_worker'));
	};

	$kill->();
	same_bytes($addon->provision(uuid => $id), $first, 'by a repeat');
	$kill->();
	is($addon->provision(uuid => uuid())->status, 200, 'by a create');
	$kill->();
	is($addon->change_plan($id, 'premium')->status, 200, 'by a plan change');
	$kill->();
	is($addon->deprovision($id)->status, 204, 'by a deprovision');
};

subtest 'a locked row is waited for, but not for ever' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	my $child = fork // die "cannot fork: $!\n";
	if ($child == 0) {
		$host->psql("SELECT 1 FROM resources WHERE id = '$id' FOR UPDATE; SELECT pg_sleep(5)");
		POSIX::_exit(0);
	}
	sleep 0.5;
	my $began = time;

	refuses($addon->change_plan($id, 'premium'), 503, 'a plan change: later');
	cmp_ok(time - $began, '<', 4.5, '... and before the lock is gone');
	same_bytes($addon->provision(uuid => $id), $addon->provision(uuid => $id),
		'a repeat needs no lock');
	waitpid $child, 0;
	is($addon->change_plan($id, 'premium')->status, 200, 'then it is changed');
};

subtest 'migrate leaves a newer database alone' => sub {
	$host->psql("INSERT INTO migrations (number, name) VALUES (9999, '9999_future')");
	for my $arguments ([], ['--dry-run']) {
		my ($output, $status) = ctl($host->owner_env, 'migrate', @$arguments);

		isnt($status, 0, "it fails: migrate @$arguments");
		like($output, qr/newer/, 'and says why');
	}
};

is_unhurt($host);

done_testing;
