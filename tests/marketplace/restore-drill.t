#!/usr/bin/perl
# A restore drill: customers create, change, rotate and remove resources while a backup is
# taken, and afterwards.  The backup is restored, and the operator does what
# provisor-operate(7) says.  At the end marketplace, database and vendor agree, nothing
# that a customer has is removed, and every customer's credentials work.
#
#	perl tests/marketplace/restore-drill.t [SEED]

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use Test::More;

use Marketplace::Books;
use Marketplace::Compare 'nothing';
use Provisor::Backup;
use Provisor::Recovery;
use Provisor::SimulatedHost;
use Provisor::Test;

use constant {
	CUSTOMERS => scaled(16, 40),
	AT_WORK => scaled(4, 6),  # customers at the same time
	BEFORE => scaled(3, 8),   # resources that the backup has; the others are lost
	ROTATIONS => scaled(3, 5),
};

# Findings that a restored database cannot avoid: it has tokens and codes that have been
# used since the backup.
my %is_expected = map { $_ => 1 } qw(old-refresh code-reused);

# Without another grant, a code that is not exchanged in time is lost, and a promised
# resource could never be completed.
my @no_lost_codes = map { ('--fault' => "$_=0") } qw(lost delay error throttle);

my ($simulation, $host);

# --- before the disaster ----------------------------------------------------

# Takes the backup when enough resources exist, and rotates credentials afterwards.
sub live_on {
	my ($drill) = @_;
	my @ids = map { $_->{id} } rows($host, "resources WHERE state = 'provisioned'");

	if (!$drill->{backup}) {
		return if count_of($host, 'resources') < BEFORE;
		$drill->{backup} = Provisor::Backup->new($host);
		$drill->{known} = count_of($host, 'resources');
	} elsif (($drill->{rotations} // 0) < ROTATIONS && @ids) {
		my ($output, $status) = ctl($host->env, 'config', 'rotate',
			$ids[ $drill->{looks}++ % @ids ], '--overlap', '1h');

		$drill->{rotations}++ if $status == 0;
	}
	return;
}

# The database is lost, and the backup restored.
sub recover {
	my ($drill, $books) = @_;

	$host->stop_pool($_) for qw(api web jobs);
	$drill->{backup}->restore;
	$host->start_jobs;
	$drill->{recovery}->recover($books);
	$host->start_pool($_) for qw(web api);
	return;
}

sub print_figures {
	my ($drill, $books) = @_;

	figure('%d of %d resources in the backup, %d billed at the end', $drill->{known},
		scalar @{ $books->{resource} }, scalar Provisor::Recovery::billed($books));
	$drill->{recovery}->print_figures;
	return;
}

sub drill {
	my ($seed) = @_;
	my $gives_grants = $seed % 2 == 0;
	my %drill = (looks => 0);

	$simulation = Provisor::SimulatedHost->new(
		limit => 3,
		workers => { api => 6, web => 1, jobs => 4 },
		retries_soon => 1,
		env => { PROVISOR_REPEAT_HORIZON => '6s' },
	);
	$host = $simulation->host;
	$host->start;
	$drill{recovery} = Provisor::Recovery->new($simulation);
	my $books = $simulation->simulate(sub {
		my ($is_done) = @_;

		return live_on(\%drill) unless $is_done;
		ok($drill{backup}, 'a backup was taken') or return;
		my $before = Marketplace::Books->read($host->home . '/books');

		eval {
			recover(\%drill, $before);
			my $without_token = $drill{recovery}->check_findings;

			is($without_token, 0, 'every resource has a token again') if $gives_grants;
			1;
		} or fail("the drill failed: $@");
	}, '--seed' => $seed, '--customers' => CUSTOMERS, '--pace' => '1s', '--concurrency' => AT_WORK, '--rate' => 0.1, '--code-life' => '20s',
		'--revoke-at-end', $gives_grants ? () : ('--no-new-grants', @no_lost_codes));
	my @findings = grep { !$is_expected{ $_->{kind} } } @{ $books->{finding} };
	my $differences = $simulation->compare($books);

	is_deeply(\@findings, [], 'the simulator finds no fault') or diag explain \@findings;
	is($books->{number}{customers}, CUSTOMERS, '... and serves every customer');
	is_deeply($books->{left}, [], 'all jobs finish') or diag explain $books->{left};
	is_deeply($differences, nothing(), 'marketplace, database and vendor agree') or diag explain $differences;
	$drill{recovery}->check_credentials($books);
	print_figures(\%drill, $books);
	is_unhurt($host);
	ok(!defined $host->casualty, 'every process still runs') or diag $host->casualty;
	return;
}

for my $seed (@ARGV ? @ARGV : 1 .. scaled(1, 10)) {
	subtest "seed $seed: " . ($seed % 2 ? 'the marketplace gives no new grants' : 'it gives new grants')
		=> sub { drill($seed) };
}
done_testing;
