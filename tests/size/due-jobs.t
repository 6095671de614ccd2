#!/usr/bin/perl
# A search for a due job reads few pages, however many jobs stand behind others that gave
# up.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;
use Provisor::Files 'read_text';

use constant SEARCHES => 51;

my $host = new_host(is_direct => 1);

$host->start_postgres;
$host->migrate;

# The pages that a search for a job reads, and its milliseconds, half of the times, with
# the settings of the workers: nothing is claimed, because the release knows no kind.
sub cost_of_search {
	my $sql = read_text('lib/store/job_claim_next.sql');
	my $columns = read_text('lib/store/job_columns.inc.sql');

	$sql =~ s/^\\ir job_columns.inc.sql$/$columns/m;
	my $search = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, TIMING off)
		EXECUTE search ('" . uuid() . "', 1, 'host', '{unknown}', 1, false, NULL, 1);";
	my $plans = $host->psql("SET jit = off; PREPARE search (uuid, float8, text, text[], integer, boolean, integer[], integer) AS $sql;"
		. $search x SEARCHES);

	my ($hits, $reads) = map { $plans =~ /"Shared $_ Blocks": (\d+)/ } qw(Hit Read);
	my @times = sort { $a <=> $b } $plans =~ /"Execution Time": ([\d.]+)/g;
	return ($hits + $reads, $times[ @times / 2 ]);
}

my $count = scaled(3_000, 700_000);
my ($before, $time_before) = cost_of_search();

$host->psql("INSERT INTO resources (id, marketplace, addon, provider_id, state, plan)
		SELECT gen_random_uuid(), 'heroku', 'noisy', 'gave-up-' || i, 'provisioned', 'basic'
		FROM generate_series(1, $count / 3) i;
	-- What the triggers would do, whose work for each row is not the matter here.
	ALTER TABLE jobs DISABLE TRIGGER USER;
	INSERT INTO jobs (kind, lane, resource, addon, run_at)
		SELECT 'push-config', 'marketplace', id, 'heroku/noisy', 'infinity'
		FROM resources WHERE provider_id LIKE 'gave-up-%';
	INSERT INTO jobs (kind, lane, resource, addon, run_at, follows)
		SELECT 'write-log', 'marketplace', id, 'heroku/noisy', now() - interval '1 day', true
		FROM resources, generate_series(1, 3) WHERE provider_id LIKE 'gave-up-%';
	ALTER TABLE jobs ENABLE TRIGGER USER");
$host->psql('VACUUM ANALYZE jobs');
my ($after, $time_after) = cost_of_search();

figure('a search reads %d pages in %.2f ms, and %d in %.2f ms with %d jobs behind others',
	$before, $time_before, $after, $time_after, $count);
cmp_ok($after, '<', $before + 40, 'a search reads few pages more');
is($host->psql("SELECT 'jit=off' = ANY (setconfig) FROM pg_db_role_setting
	WHERE setrole = 'provisor_worker'::regrole"), 't', 'the statements of the workers are not compiled');

is_unhurt($host);
done_testing();
