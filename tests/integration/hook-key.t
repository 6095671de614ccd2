#!/usr/bin/perl
# All attempts at one call of a hook have one key, and different calls have
# different keys.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util 'uniq';
use Test::More;

use Provisor::Eventually;
use Provisor::Test;
use Provisor::ScriptedVendor;

my $host = new_host(workers => { api => 2, web => 1, jobs => 1 });
my $eventually = Provisor::Eventually->new($host);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db');
my $addon = $vendor->addon;

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

# The keys of the calls of a hook for a resource and a plan, in order.
sub keys_for {
	my ($uuid, $action, $plan) = @_;

	return map { $_->{key} } grep { $_->{resource}{plan} eq $plan } $vendor->calls($action, $uuid);
}

sub is_same_key {
	my ($times, @keys) = @_;

	is(scalar @keys, $times, "the hook was called $times times");
	return is(scalar(uniq @keys), 1, '... with one key') || diag "@keys";
}

sub differ {
	my ($name, @keys) = @_;

	return is(scalar(uniq @keys), scalar @keys, $name) || diag "@keys";
}

subtest 'a plan change, one to another plan, and back' => sub {
	my $id = uuid();

	is($addon->provision(uuid => $id)->status, 200, 'a resource is provisioned');
	$vendor->behave('change-plan' => 'exit 75');
	is($addon->change_plan($id, $_)->status, 503, "the change to $_ is not ready")
		for qw(premium premium huge huge);
	$eventually->make_due($id, 'change-plan');
	ok($eventually->waits_for_retry($id, 'change-plan', 5), 'the change back is not ready either');
	$vendor->behave('change-plan' => undef);
	$eventually->make_due($id, 'change-plan');
	$eventually->has_no_jobs_left($id);
	my %key = map { $_ => [ keys_for($id, 'change-plan', $_) ] } qw(premium huge basic);
	is_same_key(2, @{ $key{$_} }) for qw(premium huge basic);
	differ('each call has another key', keys_for($id, 'provision', 'basic'), map { $_->[0] } values %key);
};

subtest 'a provision and its deprovision' => sub {
	my $id = uuid();

	$vendor->behave(provision => 'exit 75');
	$vendor->behave(deprovision => 'exit 75');
	is($addon->provision(uuid => $id)->status, 503, 'the provision is not ready') for 1, 2;
	$eventually->make_due($id, 'provision');
	ok($eventually->waits_for_retry($id, 'provision', 3), 'its deprovision is not ready either');
	$vendor->behave($_ => undef) for qw(provision deprovision);
	$eventually->make_due($id, 'provision');
	$eventually->becomes($id, 'abandoned', 'the resource is abandoned');
	my @provisioned = keys_for($id, 'provision', 'basic');
	my @removed = keys_for($id, 'deprovision', 'basic');
	is_same_key(2, @$_) for \@provisioned, \@removed;
	differ('each call has another key', $provisioned[0], $removed[0]);
};

is_unhurt($host);
done_testing();
