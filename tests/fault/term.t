#!/usr/bin/perl
# Workers get SIGTERM, one by one and many at the same time, while clients send
# requests: every request succeeds.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::ChildProcess;
use Provisor::Test;
use Provisor::Files 'read_text';
use Provisor::LoadGenerator qw(unexpected slowest);

my $workers = 4;
my $host = new_host(workers => { api => $workers, web => 2 });
my $addon = addon($host, 'fast-db');
my $all = $workers + 2;

$host->start;

sub load {
	my (%how) = @_;

	return Provisor::LoadGenerator->under_way($host, $addon, clients => 8, think => 0.01, %how);
}

# The workers of one pool.
sub workers_of {
	my ($pool) = @_;
	my ($multiwatch) = split ' ', read_text($host->_pool($pool)->{file});

	return grep { (status_of($_))[1] == $multiwatch } workers($host);
}

# The fields of /proc/PID/stat from the state on.
sub status_of {
	my ($pid) = @_;
	my $line = read_text("/proc/$pid/stat") // return (0) x 20;

	return split ' ', $line =~ s/.*\)//sr;
}

# Processor seconds that a process has used.
sub used {
	my ($pid) = @_;

	my ($user, $system) = (status_of($pid))[ 11, 12 ];

	return ($user + $system) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

sub all_succeed {
	my ($load) = @_;

	wait_for(30, sub { $load->count > 100 });
	my @answered = $load->finish;

	figure('%d answered, the slowest in %.2f s', scalar @answered, slowest(@answered));
	cmp_ok(scalar @answered, '>', 100, 'more than 100 requests are sent');
	is(unexpected([200], @answered), '', '... and all succeed');
	return;
}

# A worker that has just started may be busy for a moment; one that spins stays busy.
sub none_spins {
	ok(wait_for(10, sub { (() = workers($host)) == $all }), 'all workers run');
	ok(wait_for(10, sub {
		my %before = map { $_ => used($_) } workers($host);

		sleep scaled(0.5, 2);
		!grep { used($_) - $before{$_} > 0.1 } keys %before;
	}), '... and idle');
	return;
}

subtest 'workers at random get SIGTERM' => sub {
	my $load = load();
	my ($count, $seconds) = (scaled(40, 200), scaled(2, 10));
	my ($sent, $began) = (0, time);

	while ($sent < $count && time < $began + 120) {
		my @workers = workers($host);

		$sent += kill TERM => $workers[ rand @workers ] if @workers;
		sleep $seconds / $count * 0.6;
	}
	figure('%d times SIGTERM in %.1f s', $sent, time - $began);
	is($sent, $count, 'all signals are sent');
	all_succeed($load);
	none_spins();
};

subtest 'all workers get SIGTERM at the same time' => sub {
	my $load = load();

	for (1 .. scaled(3, 20)) {
		kill TERM => workers($host);
		sleep 0.3;
	}
	all_succeed($load);
	none_spins();
};

subtest 'provisor reload in a loop' => sub {
	my $load = load();
	my ($end, $reloads) = (time + scaled(2, 60), 0);
	my $pool = $host->_pool('api')->{file};
	my $failure = '';

	until (time > $end || $failure) {
		my %before = map { $_ => 1 } workers($host);
		my ($output, $status) = ctl($host->env, 'reload');

		$failure = "status $status: $output" if $status != 0;
		$failure ||= 'a worker was not replaced' if grep { $before{$_} } workers($host);
		$reloads++;
	}
	figure('%d reloads', $reloads);
	is($failure, '', 'each reload replaces every worker');
	all_succeed($load);
	none_spins();
	ok(-e $pool && !defined $host->casualty, 'the pools are the same processes');
};

subtest 'two reloads at the same time' => sub {
	my $load = load();
	my $other = Provisor::ChildProcess->start(sub {
		(ctl($host->env, 'reload'))[1] == 0 or die "a reload has failed\n";
	});
	my ($output, $status) = ctl($host->env, 'reload');

	is($status, 0, 'one succeeds') or diag $output;
	is($other->finish(60), 0, '... and the other too');
	all_succeed($load);
	none_spins();
};

# From here on a create takes at least 50 ms.
$host->psql(q(
	CREATE FUNCTION delay() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END';
	CREATE TRIGGER delay BEFORE INSERT ON resources
		FOR EACH ROW EXECUTE FUNCTION delay()));

subtest 'under full load a worker ends after its current request' => sub {
	my $load = load(clients => 64, think => 0);
	my @seconds;

	for (1 .. scaled(5, 20)) {
		my @workers = workers_of('api');
		my $worker = $workers[ rand @workers ];
		my $began = time;

		kill TERM => $worker;
		sleep 0.002 while -e "/proc/$worker" && time < $began + 20;
		push @seconds, time - $began;
		sleep 0.2;
	}
	within((sort { $a <=> $b } @seconds)[-1], 1, 'each worker ends, the slowest');
	all_succeed($load);
	none_spins();
};

subtest 'a worker finishes a long request before it ends' => sub {
	my $id = uuid();
	my $client = addon($host, 'fast-db', client => fastcgi($host));

	$client->provision(uuid => $id);
	my $lock = Provisor::ChildProcess->start(sub {
		$host->psql("BEGIN; SELECT 1 FROM resources WHERE id = '$id' FOR UPDATE;
			SELECT pg_sleep(1.5)");
	});

	wait_for(5, sub { count_of($host, q(pg_stat_activity WHERE query LIKE '%pg_sleep(1.5)%'
		AND query NOT LIKE '%pg_stat_activity%')) });
	my $killer = Provisor::ChildProcess->start(sub { sleep 0.5; kill TERM => workers($host) });

	is($client->change_plan($id, 'premium')->status, 200, 'the request succeeds');
	$_->finish for $lock, $killer;
	none_spins();
};

is_unhurt($host);

done_testing;
