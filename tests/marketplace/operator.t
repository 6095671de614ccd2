#!/usr/bin/perl
# An operator suspends, resumes and restores resources while the marketplace misbehaves
# and plans change slowly; deprovisioned resources are kept for some seconds.  At the end
# marketplace, database and vendor agree on what exists, and each content is where it
# was restored to.
#
#	perl tests/marketplace/operator.t [SEED...]

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes 'time';

use Marketplace::Compare 'nothing';
use Provisor::SimulatedHost;
use Provisor::Test;
use Provisor::Files 'read_text';

use constant ACT_EVERY => 0.3; # seconds

my $simulation = Provisor::SimulatedHost->new(
	limit => 5,
	# With many customers, it takes longer until a kept resource is out of use.
	keep => scaled('6s', '1min'),
	retries_soon => 1,
	workers => { api => 8, web => 1, jobs => scaled(4, 12) },
	env => { PROVISOR_REPEAT_HORIZON => '20s' },
);
my $host = $simulation->host;
my $things = $simulation->addon->home . '/things';

$host->start;

# --- the operator -----------------------------------------------------------

my (%done, @suspended, $next_act);

sub provisor_succeeds {
	my (@arguments) = @_;

	return (ctl($host->env, @arguments))[1] == 0;
}

# Up to this many resources with nothing left to do, in no order.
sub some {
	my ($number, $condition) = @_;

	return split /\n/, $host->psql("SELECT id FROM resources r WHERE $condition
		AND NOT EXISTS (SELECT FROM jobs WHERE resource = r.id AND finished_at IS NULL
			AND run_at < now() + interval '1 s')
		ORDER BY random() LIMIT $number");
}

# The customer or the marketplace may have been faster; then the command refuses.
sub suspend_one {
	for my $id (some(1, "state = 'provisioned'")) {
		push @suspended, $id;
		$done{suspended}++ if provisor_succeeds(qw(resources suspend), $id, '--reason', 'a test');
	}
	return;
}

sub resume_one {
	my $id = shift @suspended or return;

	$done{resumed}++ if provisor_succeeds(qw(resources resume), $id);
	return;
}

sub restore_one {
	my ($old) = some(1, "state = 'kept' AND kept_until > now() + interval '3 s'") or return;
	my ($new) = some(1, "state = 'provisioned'") or return;

	$done{'restores begun'}++ if defined $new && provisor_succeeds(qw(resources restore), $old, $new);
	return;
}

# Acts until the marketplace has settled; then nothing stays suspended.
sub act_sometimes {
	my ($is_done) = @_;

	return if !$is_done && time < ($next_act // 0);
	$next_act = time + ACT_EVERY;
	if ($is_done || $simulation->output =~ /^settled:/m) {
		resume_one() while @suspended;
		return;
	}
	suspend_one();
	resume_one() if @suspended > 3;
	restore_one() for 1 .. 2;
	return;
}

# --- what there is in the end -----------------------------------------------

# The resource from which each restored one has its content, the last one in a row.
sub restored_from {
	return map { split / / } split /\n/, $host->psql("SELECT resource || ' ' || (after->>'from')
		FROM events WHERE event = 'restored' ORDER BY id");
}

sub check_vendor {
	my %from = restored_from();
	my @wrong;

	for my $id (split /\n/, $host->psql("SELECT id FROM resources WHERE state = 'provisioned'")) {
		my $content = $id;

		$content = $from{$content} while $from{$content};
		push @wrong, $id if (read_text("$things/$id/content") // '') ne $content;
	}
	is("@wrong", '', 'each resource has its content, or what was restored to it');
	return is(join(' ', glob "$things/*/off"), '', 'nothing is out of use');
}

for my $seed (@ARGV ? @ARGV : 1 .. scaled(1, 10)) {
	(%done, @suspended) = ();
	my $customers = scaled(60, 500);
	my $books = $simulation->simulate(\&act_sometimes, '--customers' => $customers, '--seed' => $seed,
		'--pace' => '2s', '--fault' => 'slow=0.3', '--longest-change' => scaled('5s', '1min'));
	my $differences = $simulation->compare($books);

	figure('seed %d: %d customers, %.0f s; %s', $seed, $customers, $books->{run}[0]{seconds},
		join ', ', map { "$done{$_} $_" } sort keys %done);
	is($books->{status}, 0, 'the simulator finds no fault') or diag $simulation->output;
	is_deeply($books->{left}, [], 'all jobs finish') or diag explain $books->{left};
	unless (is_deeply($differences, nothing(), 'marketplace, database and vendor agree on what exists')) {
		diag explain $differences;
		$simulation->print_histories(map { substr $_, 0, 36 } map { @$_ } values %$differences);
	}
	check_vendor();
	cmp_ok($done{$_} // 0, '>', 0, "some were $_") for 'suspended', 'resumed', 'restores begun';
	cmp_ok(count_of($host, "events WHERE event = 'restored'"), '>', 0, 'some were restored');
}

is_unhurt($host);
ok(!defined $host->casualty, 'every process of the host still runs') or diag $host->casualty;
done_testing;
