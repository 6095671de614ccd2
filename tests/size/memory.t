#!/usr/bin/perl
# The memory of a worker does not grow with the requests that it has answered.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util 'sum';
use Test::More;
use Time::HiRes 'time';

use Provisor::Test;
use Provisor::Files 'read_text';
use Provisor::RequestCosts qw(request_of scenarios);

use constant {
	REQUESTS => scaled(2_500, 1_000_000), # of all kinds together
	WARM_UP => 500,
	GROWTH => 32,                         # KiB that may be added after that
	SEEDED => 20,                         # resources, as request_of() names them
};

# The worker is asked directly: nginx limits the sign-ons of a client.
my $addon;
my $host = serving_host({ is_direct => 1, workers => { api => 1, web => 1 } },
	sub { $addon = addon($_[0], 'bench') });
my $client = fastcgi($host);
my @kinds = scenarios();
my $sent = 0;

# The memory of a process that is not that of a mapped file, in KiB.  Pages of a file
# would count or not, as other processes map it.
sub private_memory {
	my ($pid) = @_;

	return sum((read_text("/proc/$pid/smaps_rollup") // '') =~ /^(?:Anonymous|Swap): +(\d+) kB$/mg);
}

# Sends requests of each kind in turn; returns the statuses and their numbers.
sub send_requests {
	my ($count) = @_;
	my %count_of;

	for (1 .. $count) {
		my $kind = $kinds[ $sent % @kinds ];
		my %request = request_of($kind, $addon, int $sent++ / @kinds);
		$count_of{ $kind . ' ' . $client->request(%request)->status }++;
	}
	return join ', ', map { "$_: $count_of{$_}" } sort keys %count_of;
}

sub expected {
	my ($count) = @_;

	return join ', ', map { "$_: $count" } 'health 200', 'plan 200', 'provision 200', 'replay 200', 'sign-on 303';
}

$client->request(request_of('replay', $addon, $_)) for 0 .. SEEDED - 1;
my ($worker) = workers($host);

is(send_requests(WARM_UP), expected(WARM_UP / @kinds), 'requests of each kind');
my $before = private_memory($worker);
my $start = time;
is(send_requests(REQUESTS), expected(REQUESTS / @kinds), '... and many more');
my $seconds = time - $start;
my $after = private_memory($worker);

is((workers($host))[0], $worker, 'one worker has answered them');
cmp_ok($after, '<=', $before + GROWTH, 'its memory has not grown');
figure('%d KiB of private memory after %d requests, %d KiB after %d; %.0f requests per second', $before, WARM_UP,
	$after, WARM_UP + REQUESTS, REQUESTS / $seconds);
is_unhurt($host);
done_testing();
