#!/usr/bin/perl
# Jobs that keep failing while others of their add-on succeed: provisor check and
# /metrics report them by add-on and kind.  The dead rows of finished jobs are reported
# if they are many.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;

my $host = new_host(workers => { api => 1, web => 1 });
my $addon = addon($host, 'fast-db');
my $other = addon($host, 'slow-db');
my ($gone, $live) = (uuid(), uuid());

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
is($addon->provision(uuid => $gone)->status, 200, 'a resource is provisioned');
is($other->provision(uuid => $live)->status, 200, '... of another add-on too');
$host->psql("INSERT INTO jobs (kind, lane, resource) VALUES
	('deprovision', 'listener', '$gone'), ('push-config', 'marketplace', '$live')");

# The jobs of $kind have been tried so often, and are as old.
sub have_failed {
	my ($kind, $attempts, $age) = @_;

	$host->psql("UPDATE jobs SET attempts = $attempts, created_at = now() - interval '$age',
		run_at = now() + interval '50 min', last_error = 'disk broken' WHERE kind = '$kind'");
	return;
}

# What check finds about them.
sub findings {
	return grep { /keeps failing/ } split /\n/, (ctl($host->env, 'check'))[0];
}

# The gauges of failing jobs, by name, add-on and kind.
sub gauges {
	my $text = fastcgi($host)->request(method => 'GET', path => '/metrics')->body;
	my %gauges;

	$gauges{"$1 $2 $3"} = $4
		while $text =~ /^provisor_failing_(\w+)\{marketplace="heroku",addon="([^"]+)",kind="([^"]+)"\} (\d+)$/mg;
	return \%gauges;
}

have_failed('deprovision', 9, '3 days');
have_failed('push-config', 9, '3 days');
is_deeply([ findings() ], [], 'few attempts are not reported');
is_deeply(gauges(), {}, '... nor counted');

have_failed('deprovision', 60, '50 min');
is_deeply([ findings() ], [], 'a listener may not be ready for an hour');

have_failed('deprovision', 60, '2 h');
have_failed('push-config', 10, '2 min');
my @found = findings();
is(@found, 2, 'both add-ons have failing jobs') or diag explain \@found;
like($found[0], qr{^warning +jobs: heroku/fast-db: deprovision keeps failing \(jobs: 1, attempts: up to 60, since 20\S+Z\): provisor jobs list --addon fast-db --kind deprovision shows why; correct .* a hook that fails$},
	'a clean-up that keeps failing is reported');
like($found[1], qr{^warning +jobs: heroku/slow-db: push-config keeps failing \(jobs: 1, attempts: up to 10, .*client secret},
	'... and a call of the marketplace, at once');
like((ctl($host->env, qw(jobs list --addon fast-db --kind deprovision)))[0], qr/disk broken$/m,
	'the command that it names shows why');

my $gauges = gauges();
my $seconds = delete $gauges->{'jobs_seconds fast-db deprovision'};

cmp_ok($seconds, '>=', 7200, 'the age is that of the job');
delete $gauges->{'jobs_seconds slow-db push-config'};
is_deeply($gauges, {
	'jobs fast-db deprovision' => 1, 'jobs_attempts fast-db deprovision' => 60,
	'jobs slow-db push-config' => 1, 'jobs_attempts slow-db push-config' => 10,
}, '/metrics counts them');

have_failed('deprovision', 60, '3 days');
like((findings())[0], qr{^error +jobs: heroku/fast-db: deprovision}, 'one that is older than a day is an error');
$host->psql("UPDATE jobs SET run_at = 'infinity'");
is_deeply([ findings() ], [], 'jobs that gave up are another finding');

# The dead rows of many jobs, which no vacuum removes.
sub dead_row_findings {
	return grep { /dead rows/ } split /\n/, (ctl($host->env, 'check'))[0];
}

$host->psql('ALTER TABLE jobs SET (autovacuum_enabled = false); ALTER TABLE jobs DISABLE TRIGGER USER');
is_deeply([ dead_row_findings() ], [], 'few dead rows are no finding');
$host->psql("INSERT INTO jobs (kind, lane, resource, addon) SELECT 'push-config', 'marketplace', '$live', 'heroku/slow-db'
	FROM generate_series(1, 110000)");
$host->psql('DELETE FROM jobs');
$host->psql('ANALYZE jobs');
like((dead_row_findings())[0], qr/^warning +jobs: their table has 11\d\d\d\d dead rows, .*: as a superuser, find it with SELECT/,
	'many are, with a remedy');
$host->psql('VACUUM ANALYZE jobs');
is_deeply([ dead_row_findings() ], [], '... until they are removed');

is_unhurt($host);
done_testing;
