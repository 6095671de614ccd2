#!/usr/bin/perl
# Each marketplace other than Heroku, with all faults at the same time, while the host's
# processes are killed and an operator rotates credentials: marketplace, database and
# vendor agree on what exists.
#
#	perl tests/marketplace/marketplaces.t [MARKETPLACE [SEED...]]

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes 'time';

use Marketplace::Compare 'nothing';
use Marketplace::SeededRandom;
use Marketplace::Wire;
use Provisor::Disturbances;
use Provisor::SimulatedHost;
use Provisor::Test;

use constant {
	CUSTOMERS => scaled(40, 300),
	RATE => scaled(0.3, 0.2), # so that few customers meet every fault
	LIMIT => 3,         # seconds, the marketplace's
	ROTATE_EVERY => 1,  # seconds
	KILLS => 2,         # at least
};

# Kills one process after the other.
my ($killing) = grep { $_->{name} =~ /\Aprocesses are killed/ } Provisor::Disturbances::table();

# Rotates the credentials of one resource after the other.
sub rotate {
	my ($run) = @_;

	return if time < $run->{rotate_at};
	$run->{rotate_at} = time + ROTATE_EVERY;
	my @ids = map { $_->{id} } rows($run->{host}, q(resources WHERE state = 'provisioned'
		AND created_at < now() - interval '1 s' ORDER BY md5(id::text)));

	return unless @ids;
	my (undef, $status) = ctl($run->{host}->env, qw(config rotate), $ids[ ++$run->{rotations} % @ids ]);

	$run->{rotated}++ if $status == 0;
	return;
}

# Customers are busy until the simulator has settled.
sub disturb {
	my ($run, $is_done) = @_;

	return if $is_done || $run->{simulation}->output =~ /^settled:/m;
	$killing->{during}->($run->{place}, $run->{state});
	rotate($run);
	return;
}

sub check_books {
	my ($run, $books) = @_;
	my $simulation = $run->{simulation};
	my $differences = $simulation->compare($books);

	is($books->{status}, 0, 'the simulator finds no fault') or diag $simulation->output;
	is($books->{number}{customers}, CUSTOMERS, '... and serves every customer');
	is_deeply($books->{left}, [], 'all jobs finish') or diag explain $books->{left};
	return if is_deeply($differences, nothing(), 'marketplace, database and vendor agree on what exists');
	diag explain $differences;
	$simulation->print_histories(map { /\A(\S+):/ } map { @$_ } values %$differences);
	return;
}

sub check_marketplace {
	my ($marketplace, $seed) = @_;
	my $simulation = Provisor::SimulatedHost->new(
		marketplace => $marketplace,
		limit => LIMIT,
		workers => { api => 8, web => 2, jobs => 6 },
		retries_soon => 1,
		may_overlap => 1,
		env => { PROVISOR_REPEAT_HORIZON => '6s' },
	);
	my $host = $simulation->host;
	my $place = Provisor::Disturbances->new(host => $host,
		random => Marketplace::SeededRandom->new($seed, 'kills'));
	my $run = { simulation => $simulation, host => $host, place => $place,
		state => $killing->{begin}->($place), rotate_at => 0, rotations => 0, rotated => 0 };

	$host->start;
	my $books = $simulation->simulate(sub { disturb($run, @_) },
		'--seed' => $seed, '--customers' => CUSTOMERS, '--rate' => RATE, '--pace' => '1s',
		'--concurrency' => scaled(10, 20));

	check_books($run, $books);
	cmp_ok($run->{state}{kills}, '>=', KILLS, 'processes were killed');
	cmp_ok($run->{rotated}, '>', 0, '... and credentials rotated');
	cmp_ok($books->{number}{"fault: $_"} // 0, '>', 0, "the fault \"$_\" happened") for qw(repeat lost delay skew);
	is_unhurt($host);
	ok(!defined $host->casualty, 'every process of the host still runs') or diag $host->casualty;
	figure('%s: %d resources, %d billed at the end, %d kills, %d rotations, %.0f s', $marketplace,
		scalar @{ $books->{resource} }, scalar(grep { $_->{billed} } @{ $books->{resource} }),
		$run->{state}{kills}, $run->{rotated}, $books->{run}[0]{seconds});
	figure('%d %s', $books->{number}{$_}, $_) for grep { /\A(?:answers|api): |contradictions/ } sort keys %{ $books->{number} };
	return;
}

my ($chosen, @seeds) = @ARGV;

for my $marketplace (grep { $_ ne 'heroku' } $chosen // Marketplace::Wire::names()) {
	for my $seed (@seeds ? @seeds : scaled([ 1 ], [ 1 .. 3 ])->@*) {
		subtest "$marketplace, seed $seed" => sub { check_marketplace($marketplace, $seed) };
	}
}
done_testing;
