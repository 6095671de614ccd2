#!/usr/bin/perl
# Many requests for one resource at the same moment, through nginx.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(shuffle uniq);
use Test::More;

use Provisor::HTTP;
use Provisor::Test;

my $seed = $ENV{SEED} // time;

srand $seed;
note "SEED=$seed repeats this order";

my $host = new_host(workers => { api => 6, web => 1 });
my $https = Provisor::HTTP->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);

$host->start;

# Send all of these requests, and only then read the answers.
sub all_at_once
{
	my @under_way = map { $https->begin(%$_) } @_;

	return map { $https->finish($_) } @under_way;
}

sub statuses
{
	return join ' ', sort { $a <=> $b } uniq map { $_->status } @_;
}

subtest '200 equal creates make one resource' => sub {
	my $id = uuid();
	my %create = $addon->provision_request(
		uuid => $id,
		region => 'eu',
		options => { size => '10' },
	);
	my @answers = all_at_once((\%create) x 200);

	is(statuses(@answers), '200', 'all are answered');
	is(scalar(uniq map { $_->text } @answers), 1, 'with the same bytes');
	is($answers[0]->json->{id}, $id, '... which name it');
	is(count_of($host, "resources WHERE marketplace_id = '$id'"), 1, 'there is one row');
	is(count_of($host, "events WHERE resource = '$id'"), 1, 'there is one event');
};

subtest 'a deprovision wins, whenever it comes' => sub {
	my @ids = map { uuid() } 1 .. 50;
	my @requests = map {
		my $id = $_;
		(
			map({ { $addon->provision_request(uuid => $id) } } 1 .. 3),
			{ $addon->plan_request($id, 'premium') },
			{ $addon->plan_request($id, 'basic') },
			{ $addon->deprovision_request($id) },
		);
	} @ids;
	my @answers;

	# nginx takes 256 connections at a time.
	@requests = shuffle @requests;
	push @answers, all_at_once(splice @requests, 0, 150) while @requests;

	is(statuses(@answers), '200 204 404 410', 'every answer is one of the contract');
	is(count_of($host, q(resources WHERE state = 'deprovisioned' AND config IS NULL)), 50,
		'fifty end as tombstones');
	is(statuses(all_at_once(map { { $addon->provision_request(uuid => $_) } } @ids)), '410',
		'none is revived');
};

subtest 'of several deprovisions one is the first' => sub {
	my @ids = map { uuid() } 1 .. 50;

	all_at_once(map { { $addon->provision_request(uuid => $_) } } @ids);
	my @requests = shuffle map { ({ $addon->deprovision_request($_) }) x 4 } @ids;
	my (%first, %others);

	for my $part ([ @requests[ 0 .. 99 ] ], [ @requests[ 100 .. 199 ] ]) {
		my @answers = all_at_once(@$part);

		for my $i (0 .. $#answers) {
			my $status = $answers[$i]->status;
			$status == 204 ? $first{ $part->[$i]{path} }++ : $others{$status}++;
		}
	}
	is_deeply([ map { $first{ $addon->path . "/$_" } } @ids ], [ (1) x 50 ],
		'exactly one 204 each');
	is_deeply(\%others, { 410 => 150 }, 'and 410 for all others');
	my $list = join ', ', map { "'$_'" } @ids;
	is(count_of($host, "events WHERE resource IN ($list)"), 100, 'two events each');
};

subtest 'concurrent plan changes all end as they say' => sub {
	my $id = uuid();
	my @plans = map { "plan-$_" } 1 .. 30;

	$addon->provision(uuid => $id);
	my @answers = all_at_once(map { { $addon->plan_request($id, $_) } } @plans);
	my $row = row($host, "resources WHERE marketplace_id = '$id'");

	is(statuses(@answers), '200', 'all are answered');
	is_deeply([ map { $_->config->{FAST_DB_URL} } @answers ],
		[ map { "https://$id.example/$_" } @plans ], 'each with its own config');
	is($addon->provision(uuid => $id)->config->{FAST_DB_URL},
		"https://$id.example/$row->{plan}", 'the last one is kept whole');
	is($row->{version}, 31, 'each went up by one');
	is(count_of($host, "events WHERE resource = '$id'"), 31, 'each has its event');
};

subtest 'more calls than nginx takes at a time are told to come again' => sub {
	my %create = $addon->provision_request(uuid => uuid());
	my @workers = workers($host);

	kill STOP => @workers;
	my @under_way = map { $https->begin(%create) } 1 .. 260;
	kill CONT => @workers;
	my @answers = map { $https->finish($_) } @under_way;

	is(scalar(grep { $_->status == 200 } @answers), 256, '256 are served');
	refuses($_, 503, undef, 'one is not') for grep { $_->status != 200 } @answers;
};

unlike($host->log('worker'), qr/Sanitizer|runtime error:/, 'no sanitizer has spoken');

done_testing;
