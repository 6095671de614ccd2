#!/usr/bin/perl
# Customers use an add-on while its host and its database are disturbed: processes pause
# longer than their leases or are killed, clocks are wrong, the database stops, crashes
# and fails over, also to a standby that lags, and another add-on hangs.  At the end the
# database loses its last changes, by a restore or by such a failover.  Each time, an
# operator does what provisor-operate(7) says.  Then marketplace, database and vendor
# agree, nothing that a customer has is removed, every customer's credentials work, no
# secret has leaked, and all jobs have finished.
#
# A failover while customers are busy may lose a promise with its request.  The
# marketplace then gives the promise up, as Heroku does after twelve hours.
#
# make test takes one disturbance of each lane (Provisor::Disturbances), make soak all.
# What happens, in which order and when depends on the seed alone:
#
#	perl tests/marketplace/campaign.t [SEED...]

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes 'time';

use Marketplace::Books;
use Marketplace::Compare 'nothing';
use Marketplace::SeededRandom;
use Provisor::Backup;
use Provisor::Campaign;
use Provisor::Disturbances;
use Provisor::FakeClock;
use Provisor::PostgresServer;
use Provisor::Recovery;
use Provisor::SecretSearch;
use Provisor::SimulatedHost;
use Provisor::Test;

use constant {
	CUSTOMERS => scaled(20, 150), # busy until the last disturbance
	AT_WORK => scaled(5, 10), # customers at the same time
	LIMIT => 3,               # seconds, the marketplace's
	LEASE => 10,              # seconds: that limit, and what is needed to store a result
};

# What a database that has lost its last changes cannot avoid: it has tokens and codes
# that have been used since, and codes are tried even if they seem to have expired.
my %is_expected = map { $_ => 1 } qw(old-refresh code-reused code-expired);

# How the database loses its last changes: what happens at some time while customers
# are busy, and after they have finished.
my @losses = (
	{
		name => 'a backup is restored',
		begin => sub { $_[0]{backup} = Provisor::Backup->new($_[0]{host}) },
		strike => sub {
			my ($run) = @_;

			$run->{host}->stop_pool($_) for qw(api web jobs);
			$run->{backup}->restore;
			$run->{host}->start_jobs;
		},
		after => sub {
			my ($run) = @_;

			$run->{host}->start_pool($_) for qw(web api);
		},
	}, {
		name => 'a lagging standby takes over',
		begin => sub { $_[0]{place}{standby}->lose_primary },
		strike => sub { $_[0]{place}->promote_standby },
	},
);

my $hanging_hook = <<'SH';
#!/bin/sh
cat >/dev/null
while test -e hangs; do sleep 0.2; done
case $0 in *deprovision) echo '{}' ;; *) echo '{"config":{"NOISY_URL":"https://noisy.example"}}' ;; esac
SH

# A host that is about to serve, with what disturbs it.
sub prepare {
	my ($seed) = @_;
	my $simulation = Provisor::SimulatedHost->new(
		limit => LIMIT,
		workers => { api => 8, web => 2, jobs => 6 },
		retries_soon => 1,
		may_overlap => 1,
		# An operator might log as much.
		postgres => { log_statement => 'all', log_parameter_max_length_on_error => -1 },
		is_direct => 1,
		env => { PROVISOR_REPEAT_HORIZON => '6s' },
	);
	my $host = $simulation->host;
	my %clock = map { $_ => Provisor::FakeClock->new($host->home . "/$_-clock") } qw(host database);
	my $primary = Provisor::PostgresServer->new($host, 'one');
	my $neighbour = addon($host, 'noisy', template => undef,
		files => { map { ("hooks/$_" => $hanging_hook) } qw(provision deprovision) });

	my $standby = $clock{database}->run(sub {
		$host->start_postgres;
		$host->migrate;
		return $primary->standby('two');
	});
	$host->{env} = { %{ $host->{env} }, $clock{host}->environment,
		PROVISOR_DATABASE => $primary->together($standby) };
	$host->start_pool($_) for qw(api web);
	$host->start_jobs;
	$clock{host}->run(sub { $host->start_nginx });
	my $random = Marketplace::SeededRandom->new($seed, 'campaign');
	my $recovery = Provisor::Recovery->new($simulation);
	my $place = Provisor::Disturbances->new(host => $host, random => $random, lease => LEASE,
		primary => $primary, standby => $standby, neighbour => $neighbour,
		host_clock => $clock{host}, database_clock => $clock{database}, recovery => $recovery);

	return {
		simulation => $simulation, host => $host, place => $place,
		loss => $losses[ $seed % @losses ],
		campaign => Provisor::Campaign->new(place => $place, random => $random,
			of_each_lane => scaled(1, undef)),
		search => Provisor::SecretSearch->new($host),
		recovery => $recovery,
	};
}

# The changes that will be lost begin when nothing else happens to the database.
sub disturb {
	my ($run) = @_;

	$run->{campaign}->go_on;
	$run->{search}->see_processes;
	return if defined $run->{kept} || !$run->{campaign}->is_over('database');
	$run->{loss}{begin}->($run);
	$run->{kept} = count_of($run->{host}, "resources WHERE addon = 'fast-db'");
	$run->{kept_events} = count_of($run->{host}, 'events');
	return;
}

# After all customers have finished.
sub lose_and_recover {
	my ($run) = @_;
	my $books = Marketplace::Books->read($run->{host}->home . '/books');
	my $after = $run->{loss}{after} // sub { };

	$run->{campaign}->run_out;
	my $began = time;

	$run->{lost_claims} = count_of($run->{host}, "events WHERE event = 'claim-lost'");
	cmp_ok($run->{kept_events} // 'inf', '<', count_of($run->{host}, 'events'), "$run->{loss}{name}: changes are lost");
	$run->{loss}{strike}->($run);
	$run->{recovery}->recover($books);
	$run->{recovery}->check_findings;
	$after->($run);
	$run->{recovery_took} = time - $began;
	return;
}

sub check_findings {
	my ($run, $books) = @_;
	my @findings = grep { !$is_expected{ $_->{kind} } && !$run->{campaign}->excuses($_)
		&& !$run->{recovery}->excuses($_) } @{ $books->{finding} };

	return if is_deeply(\@findings, [], 'the simulator finds no fault that was not inevitable');
	diag explain \@findings;
	$run->{simulation}->print_histories(grep { defined } map { $_->{uuid} } @findings);
	return;
}

sub check_books {
	my ($run, $books) = @_;
	my $simulation = $run->{simulation};
	my $differences = $run->{recovery}->without_forgotten($simulation->compare($books));

	check_findings($run, $books);
	is($books->{number}{customers}, CUSTOMERS, '... and serves every customer');
	is_deeply($books->{left}, [], 'all jobs finish') or diag explain $books->{left};
	unless (is_deeply($differences, nothing(), 'marketplace, database and vendor agree')) {
		diag explain $differences;
		$simulation->print_histories(map { substr $_, 0, 36 } map { @$_ } values %$differences);
	}
	$run->{recovery}->check_credentials($books);
	is($run->{search}->found($simulation->secrets($books)), '', 'no secret is in a log, the database or a command line');
	return;
}

sub print_figures {
	my ($run, $books) = @_;

	figure('%d resources, %d billed at the end, %d before changes were lost; %d overlapping calls of hooks; %.0f s, of which recovery %.0f s',
		scalar @{ $books->{resource} }, scalar Provisor::Recovery::billed($books), $run->{kept},
		$run->{simulation}->overlaps, $books->{run}[0]{seconds}, $run->{recovery_took});
	figure('%d jobs whose claim was lost during a call of the listener', $run->{lost_claims});
	figure('%d %s', $books->{number}{$_}, $_) for grep { /\Aanswers: / } sort keys %{ $books->{number} };
	$run->{recovery}->print_figures;
	return;
}

sub campaign {
	my ($seed) = @_;
	my $run = prepare($seed);

	note "planned: $_" for $run->{campaign}->names;
	my $books = $run->{simulation}->simulate(sub {
		my ($is_done) = @_;

		return disturb($run) unless $is_done;
		eval { lose_and_recover($run); 1 } or fail("the recovery failed: $@");
	}, '--seed' => $seed, '--customers' => CUSTOMERS, '--pace' => '1s', '--concurrency' => AT_WORK,
		'--rate' => 0.1, '--code-life' => scaled('20s', '60s'), '--revoke-at-end',
		'--provision-limit' => scaled('1min', '3min'));

	check_books($run, $books);
	print_figures($run, $books);
	is_unhurt($run->{host});
	ok(!defined $run->{host}->casualty, 'every process still runs') or diag $run->{host}->casualty;
	return;
}

# With the seed of make test, half of the processes are paused while the clock of the
# database is fast.
for my $seed (@ARGV ? @ARGV : scaled([ 27 ], [ 1 .. 10 ])->@*) {
	subtest "seed $seed: at last, $losses[ $seed % @losses ]{name}" => sub { campaign($seed) };
}
done_testing;
