#!/usr/bin/perl
# Workers are killed at random while clients create resources and repeat requests
# without a response.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util 'uniq';
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::LoadGenerator 'unexpected';
use Provisor::Test;

my $workers = 6;
my $kills = scaled(15, 50);
my $provisions = scaled(400, 2_000);
my $host = new_host(workers => { api => $workers, web => 1 });
my $addon = addon($host, 'fast-db');

$host->start;
my $pool = $host->_pool('api')->{file};
my $multiwatch = do { open my $file, '<', $pool or die "$pool: $!\n"; <$file> };

my $load = Provisor::LoadGenerator->under_way($host, $addon, clients => 12);
my %killed;
my $began = time;

# Until there are enough kills and enough provisions.
until (keys %killed >= $kills && $load->count >= $provisions || time > $began + 240) {
	my @alive = grep { !$killed{$_} } workers($host);
	my $victim = $alive[ rand @alive ];

	next unless $victim && kill KILL => $victim;
	$killed{$victim} = 1;
	sleep 0.05 + rand 0.1;
}

my @answered = $load->finish;
my @good = grep { $_->{answer}->status == 200 } @answered;

figure('%d kills, %d provisions answered, %d answers of 503, in %.1f s', scalar keys %killed,
	scalar @good, @answered - @good, time - $began);
cmp_ok(scalar keys %killed, '>=', $kills, 'enough workers are killed');
cmp_ok(scalar @good, '>=', $provisions, 'enough provisions succeed');
is(unexpected([ 200, 503 ], @answered), '', 'every response has status 200 or 503');
ok(wait_for(10, sub { (() = workers($host)) == $workers + 1 }), 'all workers run again');
is(do { open my $file, '<', $pool; <$file> }, $multiwatch, 'multiwatch is the same process');
ok(!defined $host->casualty, 'every process of the host still runs') or diag $host->casualty;

# A client repeats its request until it succeeds, so each resource succeeds once.
my %first = map { $_->{id} => $_->{answer} } @good;

is(scalar keys %first, scalar @good, 'each provision succeeds once');
is(scalar(grep { $first{$_}->config->{FAST_DB_URL} ne $addon->url($_, 'basic') } keys %first),
	0, '... with the config of its resource');
is(scalar(uniq map { $_->config->{FAST_DB_TOKEN} } values %first), scalar @good,
	'... and a secret that no other has');

my %rows = map { $_ => 1 } split /\n/, $host->psql(
	q(SELECT marketplace_id FROM resources WHERE state = 'provisioned'));

is(scalar(grep { !$rows{$_} } keys %first), 0,
	'the table has all of them');
is($host->psql('SELECT count(*) FROM (SELECT resource FROM events GROUP BY resource
	HAVING count(*) > 1) twice'), 0, 'no resource has two events');
is(count_of($host, 'resources r WHERE NOT EXISTS (SELECT FROM events WHERE resource = r.id)'), 0,
	'each resource has an event');

my @replayed = Provisor::LoadGenerator->once_more($host, $addon, keys %first);

is(scalar @replayed, scalar @good, 'each create is repeated');
is(scalar(grep { $_->{answer}->text ne $first{ $_->{id} }->text } @replayed), 0,
	'... and gets the same bytes');
is(count_of($host, 'resources'), scalar keys %rows, '... and no new row');
ok(wait_for(10, sub { count_of($host, q(pg_stat_activity
	WHERE usename = 'provisor_worker')) <= $workers + 1 }),
	'killed workers leave no connection open');
is_unhurt($host);

done_testing;
