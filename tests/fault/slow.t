#!/usr/bin/perl
# A slow hook: meanwhile its create is repeated, other add-ons are served, and a
# deprovision does not wait for it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::HttpClient;
use Provisor::Test;
use Provisor::Files qw(read_text write_text);
use Provisor::ScriptedVendor;

my $host = new_host(workers => { api => 6, web => 1, jobs => 1 });
my $https = Provisor::HttpClient->new(port => $host->port);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', client => $https);
my $addon = $vendor->addon;
my $other = addon($host, 'other', client => $https);

# The hook waits while the file "held" exists, at most until its time limit.
my ($held, $running) = map { $addon->home . "/$_" } qw(held running);

$vendor->behave(provision => 'write_to("running", $$); sleep 0.05 while -e "held"; unlink "running"');
$host->start;

sub is_running {
	my $pid = -e $running && read_text($running);

	return $pid && kill 0 => $pid;
}

my $id = uuid();
my $began = time;
write_text($held, '');
my $create = $https->begin($addon->provision_request(uuid => $id));

ok(wait_for(10, \&is_running), 'the hook runs');
my @duplicates = map { $https->begin($addon->provision_request(uuid => $id)) } 1 .. 7;
my $asked = time;

is($other->provision(uuid => uuid())->status, 200, 'another add-on is served meanwhile');
within(time - $asked, 4, '... in time');
$asked = time;
is($addon->deprovision($id)->status, 204, 'the resource is deprovisioned');
within(time - $asked, 4, '... in time, although duplicates occupy all workers');
ok(is_running(), '... while its hook still runs');

my @answers = map { $https->finish($_) } @duplicates;
my $unseen = uuid();

is($addon->deprovision($unseen)->status, 410, 'an unknown resource is deprovisioned');
ok(wait_for(20, sub { $vendor->calls('deprovision', $unseen) }), '... and its clean-up runs');
is(scalar $vendor->calls('deprovision', $id), 0, 'the clean-up of the first waits for its hook');
ok(is_running(), '... which still runs');
unlink $held;

is(join(' ', grep { $_->status !~ /\A(?:503|410)\z/ } @answers), '',
	'the duplicates get 503 or 410');
is($https->finish($create)->status, 410, 'the create gets 410');
figure('the create got its response after %.1f s', time - $began);
ok(wait_for(20, sub { $host->psql("SELECT state FROM resources WHERE id = '$id'") eq 'deprovisioned' }),
	'the clean-up runs after the hook');
is($vendor->thing($id), undef, 'the vendor has nothing left');
is(scalar $vendor->calls('provision', $id), 1, 'the hook ran once');

$id = uuid();
write_text($held, '');
$create = $https->begin($addon->provision_request(uuid => $id));
ok(wait_for(10, \&is_running), 'the hook of a second resource runs');
$asked = time;
is($addon->deprovision($id)->status, 204, 'the resource is deprovisioned');
within(time - $asked, 1, '... in time');
ok(is_running(), '... while its hook still runs');
unlink $held;
$https->finish($create);

is_unhurt($host);
done_testing();
