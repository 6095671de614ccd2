#!/usr/bin/perl
# A hook takes long: its create is repeated meanwhile, others are served, and a
# deprovision need not wait for it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::HTTP;
use Provisor::Test;
use Provisor::Vendor;

my $seconds = scaled(5, 10);
my $host = new_host(workers => { api => 6, web => 1, jobs => 1 });
my $https = Provisor::HTTP->new(port => $host->port);
my $vendor = Provisor::Vendor->new($host, 'fast-db', client => $https);
my $addon = $vendor->addon;
my $other = addon($host, 'other', client => $https);

$vendor->behave(provision => "sleep $seconds");
$host->start;

my $id = uuid();
my $began = time;
my $create = $https->begin($addon->provision_request(uuid => $id));

ok(wait_for(10, sub { $vendor->calls('provision', $id) }), 'the hook is begun');
my @duplicates = map { $https->begin($addon->provision_request(uuid => $id)) } 1 .. 7;
my $asked = time;

is($other->provision(uuid => uuid())->status, 200, 'another add-on is served meanwhile');
within(time - $asked, 4, '... in time');
$asked = time;
is($addon->deprovision($id)->status, 204, 'the resource is deprovisioned');
within(time - $asked, 4, '... at once, behind duplicates that hold all workers');

my @answers = map { $https->finish($_) } @duplicates;

is(join(' ', grep { $_->status !~ /\A(?:503|410)\z/ } @answers), '',
	'duplicates are told to come again, or that it is gone');
is($https->finish($create)->status, 410, 'the create itself is told that it is gone');
figure('the create was answered after %.1f s', time - $began);
ok(wait_for(20, sub { $host->psql("SELECT state FROM resources WHERE id = '$id'") eq 'deprovisioned' }),
	'the clean-up comes behind it');
is($vendor->thing($id), undef, 'nothing is left at the vendor');
is(scalar $vendor->calls('provision', $id), 1, 'the hook ran once');

$id = uuid();
$create = $https->begin($addon->provision_request(uuid => $id));
ok(wait_for(10, sub { $vendor->calls('provision', $id) }), 'another is begun');
$asked = time;
is($addon->deprovision($id)->status, 204, 'and deprovisioned');
within(time - $asked, 1, '... at once');
$https->finish($create);

is_unhurt($host);
done_testing();
