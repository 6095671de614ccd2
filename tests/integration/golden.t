#!/usr/bin/perl
# The golden files of all marketplaces, against one pool that serves all of them
# through nginx.
#
#	perl tests/integration/golden.t [FOLDER...]

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Golden;
use Provisor::HttpClient;
use Provisor::Test;

my $host = new_host();
my @all = map { Provisor::Golden->new($_, $host->addons_dir) } @ARGV ? @ARGV : Provisor::Golden::folders();

$host->start;

my $https = Provisor::HttpClient->new(port => $host->port);
my $list = (ctl($host->env, qw(addons list)))[0];

is(scalar(() = $list =~ /^.* valid$/mg), scalar @all, 'all homes are valid') or diag($list);
unlike($list, qr/warning/, '... without a warning');

for my $golden (@all) {
	subtest 'the dialect ' . $golden->name => sub {
		for my $exchange ($golden->exchanges) {
			is(join('; ', $golden->play($exchange, $https)), '', $exchange->{name});
		}
	};
}

is_unhurt($host);
done_testing;
