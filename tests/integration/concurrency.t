#!/usr/bin/perl
# Many requests for one resource at the same time, through nginx.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(shuffle uniq);
use Test::More;

use Provisor::HttpClient;
use Provisor::Test;

my $seed = $ENV{SEED} // time;

srand $seed;
my $most = 240; # nginx accepts 512 requests of a client at a time

note "SEED=$seed repeats this order";

my $host = new_host(workers => { api => 6, web => 1 });
my $https = Provisor::HttpClient->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);
my $planned = addon($host, 'planned', client => $https, settings => {
	plans => {
		basic => { to => [qw(small large)] },
		small => { to => [] },
		large => { to => [] },
	},
});

$host->start;

# All requests are sent before the workers start the first one.
sub all_at_once {
	my @workers = workers($host);

	kill STOP => @workers;
	my @under_way = map { $https->begin(%$_) } @_;
	kill CONT => @workers;
	return map { $https->finish($_) } @under_way;
}

sub statuses {
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

	is(statuses(@answers), '200', 'all of them succeed');
	is(scalar(uniq map { $_->text } @answers), 1, '... with the same bytes');
	is($answers[0]->json->{id}, $id, '... and its id');
	is(count_of($host, "resources WHERE marketplace_id = '$id'"), 1, 'the resource has one row');
	is(count_of($host, "events WHERE resource = '$id'"), 1, '... and one event');
};

subtest 'a deprovision takes precedence, whatever its order' => sub {
	my @ids = map { uuid() } 1 .. 50;
	my @requests = map {
		my $id = $_;
		shuffle(
			map({ { $addon->provision_request(uuid => $id) } } 1 .. 3),
			{ $addon->plan_request($id, 'premium') },
			{ $addon->plan_request($id, 'basic') },
			{ $addon->deprovision_request($id) },
		);
	} @ids;
	my @answers;

	push @answers, all_at_once(splice @requests, 0, $most) while @requests;

	is(statuses(@answers), '200 204 404 410', 'every response has a status of the contract');
	is(count_of($host, q(resources WHERE state = 'deprovisioned' AND config IS NULL)), 50,
		'all fifty resources end as tombstones');
	is(statuses(all_at_once(map { { $addon->provision_request(uuid => $_) } } @ids)), '410',
		'no later create revives one');
};

subtest 'exactly one of several deprovisions gets 204' => sub {
	my @ids = map { uuid() } 1 .. 50;
	my $list = join ', ', map { "'$_'" } @ids;
	my @answers;

	all_at_once(map { { $addon->provision_request(uuid => $_) } } @ids);
	my @requests = map { ({ $addon->deprovision_request($_) }) x 4 } @ids;

	push @answers, all_at_once(splice @requests, 0, $most) while @requests;
	is_deeply(
		[ map { join ' ', sort map { $_->status } splice @answers, 0, 4 } @ids ],
		[ ('204 410 410 410') x 50 ],
		'one 204 and three 410 for each resource');
	is(count_of($host, "events WHERE resource IN ($list)"), 100, 'each resource has two events');
};

subtest 'one of two plan changes that exclude each other succeeds' => sub {
	my @ids = map { uuid() } 1 .. 50;

	$planned->provision(uuid => $_) for @ids;
	my @answers = all_at_once(map {
		({ $planned->plan_request($_, 'small') }, { $planned->plan_request($_, 'large') })
	} @ids);

	is_deeply(
		[ map { join ' ', sort map { $_->status } splice @answers, 0, 2 } @ids ],
		[ ('200 422') x 50 ],
		'the other is refused');
};

subtest 'all of 30 concurrent plan changes take effect' => sub {
	my $id = uuid();
	my @plans = map { "plan-$_" } 1 .. 30;

	$addon->provision(uuid => $id);
	my @answers = all_at_once(map { { $addon->plan_request($id, $_) } } @plans);
	my $row = row($host, "resources WHERE marketplace_id = '$id'");

	is(statuses(@answers), '200', 'all of them succeed');
	is_deeply([ map { $_->config->{FAST_DB_URL} } @answers ],
		[ map { "https://$id.example/$_" } @plans ], '... each with the config of its plan');
	is($addon->provision(uuid => $id)->config->{FAST_DB_URL},
		"https://$id.example/$row->{plan}", 'the config is that of the last one');
	is($row->{version}, 31, 'each increases the version by one');
	is(count_of($host, "events WHERE resource = '$id'"), 31, 'each has its event');
};

subtest 'nginx responds 503 to requests beyond its limit' => sub {
	my %create = $addon->provision_request(uuid => uuid());
	my @workers = workers($host);

	# No request ends before the last one has begun.
	kill STOP => @workers;
	my @under_way = map { $https->begin(%create) } 1 .. 516;
	wait_for(60, sub { (() = $host->log('nginx-access') =~ /status=503/g) == 4 });
	kill CONT => @workers;
	my @answers = map { $https->finish($_) } @under_way;

	is(scalar(grep { $_->status == 200 } @answers), 512, '512 requests succeed');
	refuses($_, 503, 'one more gets 503') for grep { $_->status != 200 } @answers;
};

is_unhurt($host);

done_testing;
