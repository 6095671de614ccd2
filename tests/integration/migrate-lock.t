#!/usr/bin/perl
# A migration that needs a table which another session uses does not block the workers.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX ();
use Test::More;

use Provisor::Test;

use constant HOLD => 6; # seconds

my ($host, $addon);

$host = serving_host({ is_direct => 1, workers => { api => 2, web => 1 } },
	sub { $addon = addon($_[0], 'fast-db') });

# Migrations that were not applied yet: 0004 and the later ones.
$host->psql('DROP TABLE used_digests, retention, notifications; DROP INDEX events_request_id_resource_event_idx;
	DROP FUNCTION remove_old_jobs, remove_old_events, remove_old_event_people,
		remove_old_used_digests, remove_old_notifications, erase_old_resources, erase_resource, forget_person,
		forget_address, has_address, erase_address, address_pattern, search_text CASCADE;
	DELETE FROM migrations WHERE number >= 4');

sub in_child {
	my ($act) = @_;
	my $pid = fork // die "fork: $!\n";

	POSIX::_exit($act->()) if $pid == 0;
	return $pid;
}

my $writer = in_child(sub {
	$host->psql('BEGIN; LOCK TABLE events IN ROW EXCLUSIVE MODE; SELECT pg_sleep(' . HOLD . '); COMMIT');
	return 0;
});

ok(wait_for(10, sub { count_of($host, "pg_locks WHERE relation = 'events'::regclass
	AND mode = 'RowExclusiveLock'") > 0 }), 'a session uses a table');
my $migrate = in_child(sub {
	my ($output, $status) = ctl($host->owner_env, 'migrate');

	return $status || ($output =~ /waits for a table/ ? 0 : 9);
});

ok(wait_for(10, sub { count_of($host, "pg_locks WHERE relation = 'events'::regclass AND NOT granted") > 0 }),
	'a migration waits for it');
my @statuses;

while (count_of($host, "pg_stat_activity WHERE query LIKE '%pg_sleep(%' AND state = 'active'
		AND pid <> pg_backend_pid()") > 0) {
	push @statuses, $addon->provision(uuid => uuid())->status;
}
cmp_ok(scalar @statuses, '>', 2, 'requests meanwhile') or diag "@statuses";
is(scalar(grep { $_ != 200 } @statuses), 0, '... are all served') or diag "@statuses";
waitpid $writer, 0;
waitpid $migrate, 0;
is($? >> 8, 0, 'then the migration is applied, after a line that says what it waited for');
is(count_of($host, "pg_tables WHERE tablename = 'used_digests'"), 1, '... as a whole');

is_unhurt($host);
done_testing();
