#!/usr/bin/perl
# The database is replaced by an older backup of itself, which has kept resources, or
# has them still, or again: nothing is removed before an operator has compared.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Backup;
use Provisor::Eventually;
use Provisor::Files 'write_text';
use Provisor::ScriptedVendor;
use Provisor::Test;

my $host = new_host(is_direct => 1, workers => { api => 1, web => 1, jobs => 2 });
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', settings => { keep => '7d' },
	hooks => [qw(provision change-plan deprovision suspend restore)]);
my $addon = $vendor->addon;
my $eventually = Provisor::Eventually->new($host);
my $list = $host->home . '/list.csv';

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

# A hook may be called again, so it finds what it has moved already.
$vendor->behave(restore => <<'PERL');
	rename "things/$call->{from}{uuid}", $thing;
	print encode_json({ config => { %{ config() }, FAST_DB_TOKEN => "of $call->{from}{uuid}" } });
	exit 0;
PERL

# Runs the code between backup and restore.  provisor-jobs runs then, too, if it did before.
sub go_back {
	my ($meanwhile) = @_;
	my $backup = Provisor::Backup->new($host);

	$meanwhile->();
	$host->stop_pool($_) for qw(api jobs);
	$backup->restore;
	$host->start_pool('api');
	$host->start_jobs;
	return;
}

sub provisor { return ctl($host->env, @_) }

sub release { return is((provisor(qw(restored --release --yes)))[1], 0, 'the jobs are released') }

sub resource { return $eventually->resource($_[0]) }

sub state_of { return resource($_[0])->{state} }

sub create {
	my $id = uuid();

	is($addon->provision(uuid => $id)->status, 200, 'there is a resource');
	return $id;
}

sub deprovisioned {
	my ($id) = @_;

	is($addon->deprovision($id)->status, 204, '... which is deprovisioned');
	ok($eventually->is_true(sub { $eventually->job($id, 'suspend')->{finished_at} }), '... and taken out of use');
	return $id;
}

sub kept { return deprovisioned(create()) }

# The time of a kept resource is over.
sub end_time {
	my ($id) = @_;

	$host->psql("UPDATE resources SET kept_until = now() WHERE id = '$id'");
	return $eventually->make_due($id, 'deprovision');
}

# A test: the clean-up of a kept resource is held, and its content stays.
sub is_held {
	my ($id) = @_;

	end_time($id);
	ok($eventually->is_true(sub {
		(provisor(qw(jobs list --kind deprovision --json --resource), $id))[0] =~ /"state":"held"/;
	}), 'when its time is over, the clean-up is held') || $eventually->_print_jobs($id);
	is(state_of($id), 'kept', '... and it stays kept');
	is(scalar $vendor->calls('deprovision', $id), 0, '... without a call of the hook');
	return;
}

sub restore {
	my ($old, $new) = @_;
	my ($output, $status) = provisor(qw(resources restore), $old, $new);

	is($status, 0, 'a restore is requested') or diag $output;
	$eventually->has_no_jobs_left($new);
	return;
}

sub is_restored {
	my ($old, $new) = @_;

	is(state_of($old), 'deprovisioned', 'the old resource is a tombstone');
	is($addon->provision(uuid => $new)->config->{FAST_DB_TOKEN}, "of $old", '... and the new one has its config vars');
	is($vendor->thing($new), 'basic', '... and its content');
	is(scalar $vendor->calls('deprovision', $old), 0, '... which no clean-up has removed');
	return;
}

# The marketplace's list: all resources that are provisioned here, except these, whose
# states are given; undef: not in the list.
sub write_list {
	my (%states) = @_;
	my %is = ((map { $_->{id} => 'provisioned' } rows($host, "resources WHERE state = 'provisioned'")), %states);

	# A change that is newer than the list is not compared.
	$host->psql("UPDATE resources SET created_at = created_at - interval '1 h', updated_at = updated_at - interval '1 h'");
	write_text($list, join '', "id,plan,state\n", map { "$_,basic,$is{$_}\n" } grep { defined $is{$_} } sort keys %is);
	return;
}

sub compare { return provisor(qw(reconcile --marketplace heroku --addon fast-db --against), $list, @_) }

subtest 'its time goes on' => sub {
	my $id = kept();
	my $until = resource($id)->{kept_until};

	go_back(sub { });
	like((provisor('restored'))[0], qr/heroku +fast-db +deprovision +1 /, 'its clean-up is held');
	release();
	ok($eventually->is_true(sub { $eventually->job($id, 'deprovision')->{attempts} }), 'which is tried once');
	ok($eventually->is_true(sub { !$eventually->job($id, 'deprovision')->{lease_until} }), '...');
	is(state_of($id), 'kept', '... and does not end its time');
	is($eventually->job($id, 'deprovision')->{run_at}, resource($id)->{kept_until}, '... but waits for that');
	is(resource($id)->{kept_until}, $until, '... which is as it was');
	is($vendor->thing($id), 'basic', '... with its content');
	end_time($id);
	$eventually->becomes($id, 'deprovisioned', 'in the end it is removed');
	is($vendor->thing($id), undef, '... by the hook');
};

subtest 'removed since the backup' => sub {
	my $id = kept();

	go_back(sub {
		end_time($id);
		$eventually->becomes($id, 'deprovisioned', 'it is removed');
	});
	is(state_of($id), 'kept', 'it is kept again');
	end_time($id);
	ok($eventually->is_true(sub { $eventually->job($id, 'deprovision')->{run_at} eq 'infinity' }), 'its clean-up is held');
	is((provisor(qw(resources deprovision --now --yes), $id))[1], 0, 'an operator can end that');
	$eventually->becomes($id, 'deprovisioned', '... at once');
	is(scalar $vendor->calls('deprovision', $id), 2, '... with another call of the hook');
	is(count_of($host, "jobs WHERE resource = '$id' AND finished_at IS NULL"), 0, '... and no job is held any more');
	release();
};

subtest 'restored since the backup' => sub {
	my ($old, $new) = (kept(), create());

	go_back(sub {
		restore($old, $new);
		is_restored($old, $new);
	});
	is($addon->provision(uuid => $new)->config->{FAST_DB_TOKEN}, 'attempt 1', 'the new one has its first config vars');
	is_held($old);
	restore($old, $new);
	is_restored($old, $new);
	like((provisor('restored'))[0], qr/No job is held|release the jobs/i, 'and nothing is left to release');
	release();
	is_restored($old, $new);
};

subtest 'being restored in the backup' => sub {
	my ($old, $new) = (kept(), create());

	$host->stop_pool('jobs');
	provisor(qw(resources restore), $old, $new);
	go_back(sub {
		$host->start_jobs;
		$eventually->has_no_jobs_left($new);
		is_restored($old, $new);
	});
	end_time($old);
	ok($eventually->is_true(sub {
		(provisor(qw(jobs list --json --resource), $new))[0] =~ /"kind":"restore","state":"held"/
	}), 'the restore is held');
	is(state_of($old), 'kept', '... and the old one is kept');
	release();
	$eventually->has_no_jobs_left($new);
	is_restored($old, $new);
};

subtest 'deprovisioned since the backup' => sub {
	my ($id, $live) = (create(), create());

	go_back(sub { deprovisioned($id) });
	is(state_of($id), 'provisioned', 'it is provisioned again');
	write_list($id => undef);
	like((compare())[0], qr/^$id +heroku +fast-db +gone +provisioned +not in the list *$/m, 'a list shows that');
	like((compare('--repair'))[0], qr/^$id .*not in the list +deprovisioned$/m, '... and repairs it');
	is(state_of($id), 'kept', 'it is kept again');
	ok($eventually->is_true(sub { $vendor->calls('suspend', $id) == 2 }), '... and taken out of use');
	is($vendor->thing($id), 'basic', '... with its content');
	is((compare())[1], 0, '... and differs no more');
	release();
	restore($id, $live);
	is_restored($id, $live);
};

subtest 'a list of the marketplace and kept resources' => sub {
	my ($theirs, $ours) = (kept(), create());

	is((provisor(qw(resources deprovision --yes), $ours))[1], 0, 'an operator deprovisions one');
	is(state_of($ours), 'kept', '... which is kept');
	ok($eventually->is_true(sub { $eventually->job($ours, 'suspend')->{finished_at} }), '... and taken out of use');
	write_list($theirs => 'deprovisioned', $ours => 'provisioned');
	my $before = fingerprint($host);
	my ($output, $status) = compare('--repair');
	is($status, 1, 'there is a difference');
	unlike($output, qr/^$theirs/m, 'not one that is kept, and gone there');
	like($output, qr/^$ours +heroku +fast-db +state +kept +provisioned *$/m, 'but one that is still provisioned there');
	like($output, qr/ 1 differ, 0 repaired/, 'and no other');
	is(fingerprint($host), $before, 'nothing is repaired');
};

is_unhurt($host);
done_testing;
