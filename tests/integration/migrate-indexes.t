#!/usr/bin/perl
# A migration that builds indexes does not stop requests, waits for open transactions,
# and continues after an interruption.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX ();
use Test::More;

use Provisor::Test;

my $addon;
my $host = serving_host({ is_direct => 1, workers => { api => 2, web => 1 } },
	sub { $addon = addon($_[0], 'fast-db') });
my $building = "pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND state = 'active'";
my $indexes = "pg_index WHERE indexrelid::regclass::text IN ('resources_search', 'resources_log_drain_token')";

# As if the migration and later ones were not applied yet.
sub take_back {
	$host->psql('DROP INDEX IF EXISTS resources_search');
	$host->psql('DROP INDEX IF EXISTS resources_log_drain_token');
	$host->psql("DROP FUNCTION IF EXISTS remove_old_notifications;
		DROP TABLE IF EXISTS notifications; DELETE FROM retention WHERE subject = 'notifications'");
	$host->psql("DELETE FROM migrations
		WHERE number >= (SELECT number FROM migrations WHERE name LIKE '%_search.indexes')");
	return;
}

sub in_child {
	my ($act) = @_;
	my $pid = fork // die "fork: $!\n";

	POSIX::_exit($act->()) if $pid == 0;
	return $pid;
}

# Another session's transaction that can see the rows of its beginning, like that of
# a dump; it ends with end_dump().
sub begin_dump {
	my $pid = in_child(sub {
		eval { $host->psql('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM resources;
			SELECT pg_sleep(600)') };
		return 0;
	});

	wait_for(10, sub { count_of($host, "pg_stat_activity WHERE query LIKE '%pg_sleep(600)%'
		AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()") > 0 }) or die "no dump\n";
	return $pid;
}

sub end_dump {
	my ($pid) = @_;

	$host->psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()");
	waitpid $pid, 0;
	return;
}

sub migrate_in_child {
	return in_child(sub { (ctl($host->owner_env, 'migrate'))[1] });
}

sub status_of {
	my ($pid) = @_;

	waitpid $pid, 0;
	return $? >> 8;
}

is(count_of($host, "$indexes AND indisvalid"), 2, 'a new database has the indexes');

subtest 'requests are served while an index waits for a dump' => sub {
	take_back();
	my $dump = begin_dump();
	my $migrate = migrate_in_child();

	ok(wait_for(10, sub { count_of($host, $building) > 0 }), 'the migration waits');
	my @statuses = map { $addon->provision(uuid => uuid())->status } 1 .. 5;
	is("@statuses", '200 200 200 200 200', 'requests are served');
	is(count_of($host, $building), 1, '... while it waits');
	end_dump($dump);
	is(status_of($migrate), 0, 'then the migration ends');
	is(count_of($host, "$indexes AND indisvalid"), 2, '... with both indexes');
};

subtest 'an interrupted migration continues' => sub {
	take_back();
	my $dump = begin_dump();
	my $migrate = migrate_in_child();

	wait_for(10, sub { count_of($host, $building) > 0 });
	$host->psql("SELECT pg_terminate_backend(pid) FROM $building");
	is(status_of($migrate), 1, 'the migration fails');
	is(count_of($host, "$indexes AND NOT indisvalid"), 1, '... and leaves an index that is not complete');
	is(count_of($host, "migrations WHERE name LIKE '%_search.indexes'"), 0, '... and is not recorded');
	end_dump($dump);
	my ($output, $status) = ctl($host->owner_env, 'migrate');
	is($status, 0, 'the next one succeeds');
	like($output, qr/\d+_search\.indexes/, '... and is printed');
	like($output, qr/the index \w+ is not complete, .* it is built again/, '... after the reason');
	is(count_of($host, "$indexes AND indisvalid"), 2, '... with both indexes');
};

subtest 'a migration whose program was killed continues' => sub {
	take_back();
	my $dump = begin_dump();
	my $migrate = in_child(sub {
		local %ENV = (%ENV, %{ $host->owner_env });
		exec build() . '/provisor', 'migrate' or return 9;
	});

	wait_for(10, sub { count_of($host, $building) > 0 });
	kill 'KILL', $migrate;
	waitpid $migrate, 0;
	ok(wait_for(20, sub { count_of($host, $building) == 0 }), 'the server ends its statement');
	end_dump($dump);
	is((ctl($host->owner_env, 'migrate'))[1], 0, 'the next one succeeds');
	is(count_of($host, "$indexes AND indisvalid"), 2, '... with both indexes');
};

subtest 'several programs at a time' => sub {
	take_back();
	is_deeply([ map { status_of($_) } map { migrate_in_child() } 1 .. 3 ], [ 0, 0, 0 ], 'all succeed');
	is(count_of($host, "$indexes AND indisvalid"), 2, '... with both indexes');
	is(count_of($host, "migrations WHERE name LIKE '%_search.indexes'"), 1, '... and record it once');
};

# As if the server had no module pg_trgm when the database was migrated.
sub take_module_away {
	$host->psql('DROP EXTENSION pg_trgm CASCADE; CREATE INDEX resources_search ON resources
		(search_text(name, owner) text_pattern_ops)');
	$host->psql('ALTER INDEX resources_search OWNER TO provisor_owner');
	return;
}

sub found {
	my ($output) = ctl($host->env, qw(resources find --json), @_);
	my $count = () = $output =~ /^\{/mg;

	return $count;
}

subtest 'a module that is installed later' => sub {
	take_module_away();
	$addon->provision(uuid => uuid(), name => 'first-middle-last');
	is(found('middle'), 0, 'without the module, a part of a name is not found');
	is(found('first-m'), 1, '... but the beginning is');
	like((ctl($host->env, 'check'))[0], qr/^warning .* only the beginning of names.* run provisor migrate again/m,
		'check says what to do');

	my ($output, $status) = ctl($host->owner_env, 'migrate');
	is($status, 0, 'migrate runs again');
	like($output, qr/^\d+_search\.indexes$/m, '... and prints what builds the index');
	is(found('middle'), 1, '... which finds a part');
	unlike((ctl($host->env, 'check'))[0], qr/beginning of names/, 'check has nothing to say');
	is((ctl($host->owner_env, 'migrate'))[0], "no migration is pending\n", 'then migrate builds nothing');
};

is_unhurt($host);
done_testing();
