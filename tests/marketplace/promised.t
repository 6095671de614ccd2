#!/usr/bin/perl
# All faults of the marketplace, with slow and failing hooks, while processes are
# killed: promised creates are completed; marketplace, database and vendor agree on
# what exists; and no secret gets into a log, the database or a command line.
#
#	perl tests/marketplace/promised.t [SEED...]

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes 'time';

use Marketplace::Compare 'nothing';
use Provisor::SecretSearch;
use Provisor::SimulatedHost;
use Provisor::Test;

use constant KILL_EVERY => 0.4; # seconds

# Every log is as verbose as an operator might set it.
my $simulation = Provisor::SimulatedHost->new(
	limit => 5,
	# A run takes as long as its slowest customer.
	retries_soon => scaled(0, 1),
	workers => { api => 8, web => 1, jobs => 3 },
	env => { PROVISOR_REPEAT_HORIZON => '20s' },
	postgres => { log_statement => 'all', log_error_verbosity => 'verbose',
		log_parameter_max_length_on_error => -1 },
	locations => "error_log log/nginx-info.log info;\n",
);
my $host = $simulation->host;
my $search = Provisor::SecretSearch->new($host);

$host->start;

# The processes that may be killed.
sub pids {
	return grep {
		(readlink "/proc/$_/exe" // '') =~ m{/provisor(?:\.fcgi|-jobs)\z}
			&& (readlink "/proc/$_/cwd" // '') eq $host->home
	} map { m{(\d+)\z} } glob '/proc/[0-9]*';
}

my ($killed, $next_kill) = (0, 0);

# Kills one process now and then.
sub kill_sometimes {
	my @alive = time < $next_kill ? () : pids();

	if (@alive) {
		$killed += kill KILL => $alive[ rand @alive ];
		$next_kill = time + KILL_EVERY;
	}
	$search->see_processes;
	return;
}

# The search finds values that are not secret in every place that it searches.
sub check_search {
	my ($books) = @_;
	my %found = map { $_ => 1 } split /, /, $search->found((map { $_->{uuid} => 'id' } @{ $books->{resource} }),
		map { $_ => 'word' } 'provisor-jobs', 'hooks/provision', 'level=debug', 'parameters: $1 = ',
		'server: localhost');

	is(join(', ', grep { !$found{$_} } 'id in dump', 'id in nginx-access.log', 'id in postgres.log',
		'id in worker.log', 'word in command-lines', 'word in dump', 'word in nginx-info.log',
		'word in postgres.log', 'word in worker.log'), '', 'the search finds values that are not secret in every place');
	is(scalar(grep { !$search->has_seen($_) } qr{/provisor\.fcgi }, qr{/provisor-jobs }, qr{hooks/provision },
		qr{hooks/deprovision }, qr{\Anginx: }, qr{\Apostgres: provisor_worker }, qr{multiwatch }), 0,
		'... and has seen the command line of every kind of process');
	return;
}

my $customers = scaled(100, 1_000);

for my $seed (@ARGV ? @ARGV : 1 .. scaled(1, 10)) {
	$killed = 0;
	my $books = $simulation->simulate(\&kill_sometimes, '--customers' => $customers, '--seed' => $seed,
		'--fault' => 'slow=0.3', '--longest-change' => scaled('5s', '1min'));
	my $differences = $simulation->compare($books);
	my %secrets = $simulation->secrets($books);

	figure('%d plan changes promised', $books->{number}{'plan changes promised'} // 0);

	figure('seed %d: %d customers, %d kills, %.0f s, slowest create %.2f s', $seed, $customers,
		$killed, $books->{run}[0]{seconds}, $books->{number}{'slowest answer: create, s'});
	is($books->{status}, 0, 'the simulator finds no fault') or diag $simulation->output;
	is_deeply($books->{left}, [], 'all jobs finish') or diag explain $books->{left};
	unless (is_deeply($differences, nothing(), 'marketplace, database and vendor agree on what exists')) {
		diag explain $differences;
		$simulation->print_histories(map { substr $_, 0, 36 } map { @$_ } values %$differences);
	}
	cmp_ok(scalar keys %secrets, '>', $customers, 'there are more secrets than customers');
	is($search->found(%secrets), '', 'no secret is in a log, the database or a command line');
	check_search($books);
}

is_unhurt($host);
ok(!defined $host->casualty, 'every process of the host still runs') or diag $host->casualty;
done_testing();
