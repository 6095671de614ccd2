#!/usr/bin/perl
# Workers are killed at random, again and again, while clients create resources
# and repeat what was not answered.

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

# As many as there are to be, spread over the provisions there are to be.
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
cmp_ok(scalar keys %killed, '>=', $kills, 'workers were killed');
cmp_ok(scalar @good, '>=', $provisions, 'provisions were answered');
is(unexpected([ 200, 503 ], @answered), '', 'answers are good, or ask to come again');
ok(wait_for(10, sub { (() = workers($host)) == $workers + 1 }), 'all workers are back');
is(do { open my $file, '<', $pool; <$file> }, $multiwatch, 'multiwatch is the same');
ok(!defined $host->casualty, '... and alive') or diag $host->casualty;

# Each client repeats until it is answered, so none is answered twice.
my %first = map { $_->{id} => $_->{answer} } @good;

is(scalar keys %first, scalar @good, 'each is answered once');
is(scalar(grep { $first{$_}->config->{FAST_DB_URL} ne $addon->url($_, 'basic') } keys %first),
	0, '... with its own config');
is(scalar(uniq map { $_->config->{FAST_DB_TOKEN} } values %first), scalar @good,
	'... and its own secret');

my %rows = map { $_ => 1 } split /\n/, $host->psql(
	q(SELECT marketplace_id FROM resources WHERE state = 'provisioned'));

is(scalar(grep { !$rows{$_} } keys %first), 0,
	'all of them are in the table');
is($host->psql('SELECT count(*) FROM (SELECT resource FROM events GROUP BY resource
	HAVING count(*) > 1) twice'), 0, 'none was made twice');
is(count_of($host, 'resources r WHERE NOT EXISTS (SELECT FROM events WHERE resource = r.id)'), 0,
	'each has its event');

my @replayed = Provisor::LoadGenerator->once_more($host, $addon, keys %first);

is(scalar @replayed, scalar @good, 'each is asked for again');
is(scalar(grep { $_->{answer}->text ne $first{ $_->{id} }->text } @replayed), 0,
	'... and answered with the same bytes');
is(count_of($host, 'resources'), scalar keys %rows, '... which makes nothing');
ok(wait_for(10, sub { count_of($host, q(pg_stat_activity
	WHERE usename = 'provisor_worker')) <= $workers + 1 }),
	'the killed have left no connection behind');
is_unhurt($host);

done_testing;
