#!/usr/bin/perl
# /metrics counts each kind of job under its name.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util 'uniq';
use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Test;

my $host = new_host(workers => { api => 1, web => 1, jobs => 1 });
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $addon = addon($host, 'fast-db', $heroku->settings);
my %lane = (
	(map { $_ => 'listener' } qw(provision change-plan deprovision rotate)),
	map { $_ => 'marketplace' } qw(exchange complete withdraw push-config write-log),
);
my @kinds = keys %lane;
my %resource = map { $_ => uuid() } @kinds;

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
is($addon->provision(uuid => $_)->status, 200, 'the resource is provisioned') for values %resource;

# Return the kinds of jobs that /metrics has counted.
sub kinds {
	my $text = fastcgi($host)->request(method => 'GET', path => '/metrics')->body;

	return sort(uniq($text =~ /^provisor_job_attempts_total\{kind="([^"]+)"/mg));
}

# The outcome does not matter: every attempt is counted.
$host->psql("INSERT INTO jobs (kind, lane, resource, payload) VALUES ('$_', '$lane{$_}', '$resource{$_}', '{\"plan\": \"basic\"}')")
	for @kinds;
$host->start_jobs;
$eventually->is_true(sub { (my @found = kinds()) >= @kinds });
is_deeply([ kinds() ], [ sort @kinds ], 'each kind has a count');

is_unhurt($host);
done_testing();
