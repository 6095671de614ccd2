#!/usr/bin/perl
# Which job comes next: what customers wait for, and no add-on more than its share.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Test;
use Provisor::ScriptedVendor;

my $host = new_host(is_direct => 1, workers => { api => 2, web => 1, jobs => 2 });
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $noisy = Provisor::ScriptedVendor->new($host, 'noisy');
my $quiet = Provisor::ScriptedVendor->new($host, 'quiet', $heroku->settings(provision => 'async'));

$host->start_postgres;
$host->migrate;
$host->start_pool('api');

# The jobs of a resource as "KIND" or "(KIND)", which follows another.
sub order_of {
	my ($id) = @_;

	return join ' ', map { $_->{follows} ? "($_->{kind})" : $_->{kind} }
		rows($host, "jobs WHERE resource = '$id' AND finished_at IS NULL ORDER BY id");
}

sub add {
	my ($id, $kind, $lane) = (@_, 'marketplace');

	return $host->psql("INSERT INTO jobs (kind, lane, resource, run_at)
		VALUES ('$kind', '$lane', '$id', 'infinity') RETURNING id");
}

sub finish {
	my ($job) = @_;

	$host->psql("UPDATE jobs SET finished_at = now() WHERE id = $job");
	return;
}

subtest 'the jobs of a resource in a lane follow one another' => sub {
	my $id = uuid();

	$noisy->addon->provision(uuid => $id);
	my $first = add($id, 'write-log');
	my $second = add($id, 'push-config');
	is(order_of($id), 'write-log (push-config)', 'in the order of their numbers');
	my $other = add($id, 'rotate', 'listener');
	is(order_of($id), 'write-log (push-config) rotate', '... in each lane');
	my $exchange = add($id, 'exchange');
	is(order_of($id), '(write-log) (push-config) rotate exchange', 'an exchange comes first');
	finish($second);
	is(order_of($id), '(write-log) rotate exchange', 'one behind it ends');
	finish($exchange);
	is(order_of($id), 'write-log rotate', 'the next one is woken');
	finish($first);
	is(order_of($id), 'rotate', 'nothing is left');
	finish($other);
	is($host->psql("SELECT DISTINCT addon FROM jobs WHERE resource = '$id'"), 'heroku/noisy',
		'a job has the add-on of its resource');
};

subtest 'a check of config vars comes last' => sub {
	my $id = uuid();

	$noisy->addon->provision(uuid => $id);
	my $check = add($id, 'check-config');
	is(order_of($id), 'check-config', 'nothing comes before it');
	my $later = add($id, 'write-log');
	is(order_of($id), '(check-config) write-log', 'a later job does');
	like((ctl($host->env, qw(jobs list --json --resource), $id))[0], qr/"blocked_by":"?$later\b/,
		'... and blocks it');
	finish($later);
	is(order_of($id), 'check-config', 'then it is woken');
	finish($check);
};

subtest 'jobs are added and finished at the same time' => sub {
	my @ids = map { uuid() } 1 .. 3;
	my $list = join ',', map { "'$_'" } @ids;

	$noisy->addon->provision(uuid => $_) for @ids;
	my @children = map {
		my $pid = fork // die "fork: $!\n";
		if ($pid == 0) {
			$host->psql("DO \$\$ BEGIN FOR i IN 1 .. 60 LOOP
				INSERT INTO jobs (kind, lane, resource, run_at)
					SELECT CASE WHEN random() < 0.2 THEN 'exchange' ELSE 'write-log' END,
						'marketplace', id, 'infinity'
					FROM resources WHERE id IN ($list) ORDER BY random() LIMIT 1;
				COMMIT;
				PERFORM FROM resources WHERE id IN ($list) ORDER BY id FOR NO KEY UPDATE;
				UPDATE jobs SET finished_at = now() WHERE id = (SELECT id FROM jobs
					WHERE resource IN ($list) AND finished_at IS NULL
					ORDER BY random() LIMIT 1) AND random() < 0.8;
				COMMIT;
			END LOOP; END \$\$");
			POSIX::_exit(0);
		}
		$pid;
	} 1 .. 4;

	waitpid $_, 0 for @children;
	cmp_ok(count_of($host, "jobs WHERE resource IN ($list) AND finished_at IS NULL"), '>', 3,
		'some are left');
	is($host->psql("SELECT count(*) FROM (SELECT FROM jobs
		WHERE resource IN ($list) AND finished_at IS NULL
		GROUP BY resource HAVING count(*) FILTER (WHERE NOT follows) <> 1) wrong"), 0,
		'of each resource, exactly one is next');
	$host->psql("UPDATE jobs SET finished_at = now() WHERE resource IN ($list) AND finished_at IS NULL");
};

subtest 'an add-on whose listener hangs' => sub {
	my @hanging = map { uuid() } 1 .. 10;
	my $leased = "jobs WHERE addon = 'heroku/noisy' AND finished_at IS NULL AND lease_until >= now()";

	$noisy->addon->provision(uuid => $_) for @hanging;
	$noisy->hold;
	$noisy->behave(deprovision => 'wait_while_held()');
	is($noisy->addon->deprovision($_)->status, 204, 'a clean-up is queued') for @hanging;
	$host->start_jobs;
	ok($eventually->is_true(sub { count_of($host, $leased) > 0 }), 'a clean-up hangs');

	$heroku->behave('succeeds');
	for my $id (map { uuid() } 1 .. 3) {
		is($quiet->addon->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant())->status,
			202, 'another add-on promises a resource');
		$eventually->becomes($id, 'provisioned', '... and it is provisioned meanwhile');
	}
	is(count_of($host, $leased), 1, 'one of the two processes hangs');
	$noisy->release;
	$eventually->has_no_jobs_left($_) for @hanging;
};

subtest 'a process that was killed takes nothing from its add-on' => sub {
	my @ids = map { uuid() } 1 .. 4;
	my ($killed, @others) = @ids;

	$noisy->addon->provision(uuid => $_) for @ids;
	$noisy->behave(deprovision => 'wait_while_held()');
	$noisy->hold;
	is($noisy->addon->deprovision($killed)->status, 204, 'a clean-up is queued');
	ok($eventually->is_true(sub { count_of($host, "jobs WHERE resource = '$killed'
		AND finished_at IS NULL AND lease_until >= now()") }), '... and claimed');
	kill KILL => $host->psql("SELECT process FROM jobs WHERE resource = '$killed' AND finished_at IS NULL");
	$noisy->behave(deprovision => undef);
	is($noisy->addon->deprovision($_)->status, 204, 'another clean-up is queued') for @others;
	$eventually->has_no_jobs_left($_) for @others;
	is(count_of($host, "jobs WHERE resource = '$killed' AND finished_at IS NULL AND lease_until >= now()"),
		1, 'they are done while the lease of the killed process goes on');
	$noisy->release;
	$host->psql("UPDATE jobs SET lease_until = now() WHERE resource = '$killed' AND finished_at IS NULL");
	$eventually->has_no_jobs_left($killed);
};

subtest 'what customers wait for comes first' => sub {
	my @ids = map { uuid() } 1 .. 12;

	$noisy->addon->provision(uuid => $_) for @ids;
	$host->stop_pool('jobs');
	is($noisy->addon->deprovision($_)->status, 204, 'a clean-up is queued') for @ids[0 .. 9];
	$noisy->behave(deprovision => undef);
	add($_, 'rotate', 'listener') for @ids[10, 11];
	$host->psql("UPDATE jobs SET run_at = now() WHERE kind = 'rotate' AND finished_at IS NULL");
	$host->start_jobs;
	$eventually->has_no_jobs_left($_) for @ids;
	my @kinds = map { $_->{kind} } rows($host, "jobs WHERE resource IN ("
		. join(',', map { "'$_'" } @ids) . ") AND kind <> 'provision' ORDER BY finished_at LIMIT 4");
	is(scalar(grep { $_ eq 'rotate' } @kinds), 2, 'the rotations are among the first') or diag "@kinds";
};

is_unhurt($host);
done_testing();
