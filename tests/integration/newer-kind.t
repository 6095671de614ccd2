#!/usr/bin/perl
# A newer release on another host has queued a job of a kind that this one does not know:
# provisor-jobs leaves it alone, and carries out the others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::Test;

my $addon;
my $host = serving_host({ workers => { api => 1, web => 1, jobs => 1 } }, sub { $addon = addon($_[0], 'fast-db',
	template => undef, files => { map { ("hooks/$_" => "#!/bin/sh\necho {}\n") } qw(provision deprovision) }) });
my $eventually = Provisor::Eventually->new($host);
my ($newer, $known) = (uuid(), uuid());

is($addon->provision(uuid => $_)->status, 200, 'a resource is provisioned') for $newer, $known;
$host->psql("INSERT INTO jobs (kind, lane, resource) VALUES ('dance', 'listener', '$newer')");
is($addon->deprovision($known)->status, 204, 'another one is deprovisioned');
$host->start_jobs;
$eventually->becomes($known, 'deprovisioned', 'its clean-up does not wait');
is(row($host, "jobs WHERE kind = 'dance'")->{attempts}, 0, 'the job of the unknown kind was not tried');
is($addon->deprovision($newer)->status, 204, 'its resource is deprovisioned');
$eventually->becomes($newer, 'deprovisioned', '... and cleaned up');

is_unhurt($host);
done_testing;
