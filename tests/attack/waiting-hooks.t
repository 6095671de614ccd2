#!/usr/bin/perl
# Hooks of one add-on that take long, for which marketplaces wait: other add-ons keep a
# part of the pool.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use IO::Select;
use Test::More;

use Provisor::FastCgiClient 'encode';
use Provisor::ScriptedVendor;
use Provisor::Test;

use constant {
	WORKERS => 4,
	SHARE => 3,		# of the workers, for each of several add-ons
	CREATES => 12,
};

# A host whose workers run, and slow-db, whose hooks wait.
sub slow_host {
	my ($add_others) = @_;
	my $host = new_host(workers => { api => WORKERS, web => 1 });
	my $vendor = Provisor::ScriptedVendor->new($host, 'slow-db');

	$add_others->($host);
	$host->start;
	ok(wait_for(20, sub { (() = workers($host)) == WORKERS + 1 }), 'all workers run');
	return ($host, $vendor);
}

# Begins requests for slow-db.  All but some of them end at once.  Returns the sockets
# of those that wait, and of those that have ended.
sub begin_slow {
	my ($host, $vendor, $waiting, @requests) = @_;
	my @sockets = map { fastcgi($host)->begin(encode(%$_)) } @requests;
	my $select = IO::Select->new(@sockets);
	my %has_ended;

	ok(wait_for(20, sub {
		$has_ended{$_} = 1 for map { fileno $_ } $select->can_read(0);
		return keys %has_ended == @requests - $waiting;
	}), "all but $waiting end at once") or diag(keys(%has_ended) . ' have ended');
	return ([ grep { !$has_ended{ fileno $_ } } @sockets ], [ grep { $has_ended{ fileno $_ } } @sockets ]);
}

subtest 'one of several add-ons' => sub {
	my ($other, $next);
	my ($host, $vendor) = slow_host(sub {
		$other = addon($_[0], 'fast-db');
		$next = Provisor::ScriptedVendor->new($_[0], 'next-db');
	});
	my $slow = $vendor->addon;
	my @ids = map { uuid() } 1 .. CREATES;
	my $old = uuid();
	my $client = fastcgi($host);

	is($slow->provision(uuid => $old)->status, 200, 'it has a resource');
	$vendor->behave($_ => 'wait_while_held(); done()') for qw(provision change-plan);
	$vendor->hold;
	my ($waiting, $refused) = begin_slow($host, $vendor, SHARE, map { { $slow->provision_request(uuid => $_) } } @ids);
	ok(wait_for(20, sub { (() = $vendor->calls('provision')) == 1 + SHARE }), 'the others call the hook');
	for my $answer (map { $client->finish($_) } @$refused) {
		refuses($answer, 503, 'one was refused', qr/Too many requests for this add-on/);
		ok($answer->header('Retry-After'), '... for a moment');
	}
	is(count_of($host, 'resources'), 1 + SHARE, '... and nothing was stored for it');
	refuses($slow->change_plan($old, 'premium'), 503, 'a change of a plan is refused, too',
		qr/Too many requests for this add-on/);
	is($slow->provision(uuid => $old)->status, 200, 'a repeated create needs no hook');
	is($other->provision(uuid => uuid())->status, 200, 'another add-on is served');
	is($next->addon->provision(uuid => uuid())->status, 200, '... also one with hooks');
	is($slow->deprovision($old)->status, 204, 'what does not wait is served');
	like($host->log('worker'), qr/ status=503 [^\n]* addon=slow-db [^\n]*reason=busy/, 'the log says why');
	$vendor->release;
	is($client->finish($_)->status, 200, 'one that has waited succeeds') for @$waiting;
	is($slow->provision(uuid => $_)->status, 200, 'then all succeed') for @ids;
	is_unhurt($host);
};

subtest 'the only add-on' => sub {
	my ($host, $vendor) = slow_host(sub { });

	$vendor->behave(provision => 'wait_while_held(); done()');
	$vendor->hold;
	my @requests = map { { $vendor->addon->provision_request(uuid => uuid()) } } 1 .. CREATES;
	my @sockets = map { fastcgi($host)->begin(encode(%$_)) } @requests;

	ok(wait_for(20, sub { (() = $vendor->calls('provision')) == WORKERS }), 'it may have the whole pool');
	$vendor->release;
	is(fastcgi($host)->finish($_)->status, 200, 'a create succeeds') for @sockets;
	is_unhurt($host);
};

done_testing;
