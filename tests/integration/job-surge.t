#!/usr/bin/perl
# Many jobs come at once after a quiet time, in which PostgreSQL has counted the rows: its
# statistics say that no job is unfinished, so any index of unfinished jobs seems equally
# cheap.  A statement still reads only the jobs that it needs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP 'decode_json';
use Test::More;

use Provisor::Test;
use Provisor::Files 'read_text';

use constant MOST_ROWS => 40;

my $host = new_host(workers => { api => 1, web => 1 }, postgres => { autovacuum => 'off' });
my $count = scaled(3_000, 100_000);
my $resource = uuid();

$host->start_postgres;
$host->migrate;

sub add_jobs {
	my ($number, $age) = @_;

	$host->psql("INSERT INTO jobs (kind, lane, resource, run_at)
		SELECT 'write-log', 'marketplace', id, now() - interval '$age'
		FROM resources WHERE addon = 'busy' LIMIT $number");
	return;
}

# A statement of lib/store, as PostgreSQL gets it.
sub statement {
	my ($name) = @_;
	my $sql = read_text("lib/store/$name.sql");

	1 while $sql =~ s{^\\ir (\S+)$}{read_text("lib/store/$1")}gme;
	return $sql;
}

# The rows of jobs that a statement reads.
sub rows_of {
	my (@sql) = @_;

	return (split /\n/, $host->psql(join ';', 'BEGIN', @sql, 'SELECT seq_tup_read + idx_tup_fetch
		FROM pg_stat_xact_user_tables WHERE relname = \'jobs\'', 'ROLLBACK'))[-1];
}

sub reads_few {
	my ($name, @sql) = @_;

	return cmp_ok(rows_of(@sql), '<', MOST_ROWS, $name);
}

$host->psql("INSERT INTO resources (id, marketplace, addon, provider_id, state, plan)
	SELECT gen_random_uuid(), 'heroku', 'busy', i::text, 'provisioned', 'basic'
	FROM generate_series(1, $count) i
	UNION ALL SELECT '$resource', 'heroku', 'other', 'other', 'provisioned', 'basic'");
add_jobs($count, '1 day');
$host->psql("UPDATE jobs SET lease_until = now() - interval '1 h'");
$host->psql('UPDATE jobs SET finished_at = now()');
$host->psql('ANALYZE');
add_jobs($count, '1 h');

my $claim = 'PREPARE claim (uuid, float8, text, text[], integer, boolean, integer[], integer) AS '
	. statement('job_claim_next');
my $execute = sub { "EXECUTE claim ('" . uuid() . "', 1, 'host', '{$_[0]}', $_[1], false, NULL, 1)" };
my $add = "INSERT INTO jobs (kind, lane, resource) VALUES ('write-log', 'marketplace', '$resource')";

reads_few('a search claims the first job', $claim, $execute->('write-log', 'NULL'));
reads_few('so does a search while an add-on has its share',
	"UPDATE jobs SET lease_until = now() + interval '1 h', host = 'host' WHERE id = (SELECT max(id) FROM jobs)",
	$claim, $execute->('write-log', 1));
reads_few('a job is added', $add);
reads_few('... and finished', $add, 'UPDATE jobs SET finished_at = now() WHERE id = (SELECT max(id) FROM jobs)');
reads_few('the times of jobs are not corrected', statement('job_correct_times'));

# ---- every statement ----

# These read all unfinished jobs, addon_* those of many resources, and retention_read
# the oldest jobs, to a limit.
my %reads_many = map { $_ => 1 } qw(epoch_accept epoch_get epoch_list_held epoch_list_unanswered
	epoch_release inventory_jobs job_list job_list_count job_list_total retention_read);

# The plan of a statement whose parameters are not known.
sub plan_of {
	my ($sql) = @_;
	my ($count) = sort { $b <=> $a } $sql =~ /\$(\d+)/g, 0;
	my $values = $count > 0 ? '(' . join(', ', ('NULL') x $count) . ')' : '';

	return decode_json($host->psql("SET plan_cache_mode = force_generic_plan; PREPARE statement AS $sql;
		EXPLAIN (FORMAT JSON) EXECUTE statement$values"))->[0]{Plan};
}

# How a plan searches jobs without a condition on the first column of an index.
sub aimless_scans {
	my ($plan) = @_;
	my $is_aimless = ($plan->{'Relation Name'} // '') eq 'jobs' && $plan->{'Node Type'} =~ /Scan\z/
		&& $plan->{'Node Type'} !~ /Bitmap/ && !defined $plan->{'Index Cond'};

	return ($is_aimless ? join ' ', grep { defined } @$plan{'Node Type', 'Index Name', 'Alias'} : (),
		map { aimless_scans($_) } @{ $plan->{Plans} // [] });
}

for my $name (map { m{/(\w+)\.sql\z} } glob 'lib/store/*.sql') {
	my $sql = statement($name);

	next if $reads_many{$name} || $name =~ /\Aaddon_/ || $sql !~ /\bjobs\b/;
	is_deeply([ aimless_scans(plan_of($sql)) ], [], "$name searches jobs by an index");
}

is_unhurt($host);
done_testing;
