#!/usr/bin/perl
# The file system of the metrics file is full: requests are served, and each process
# counts for itself.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;

plan skip_all => 'only root can mount a small file system' if $> != 0;

my $host = new_host(workers => { api => 2, web => 1 });
my $addon = addon($host, 'fast-db');
my $small = $host->home . '/small';

mkdir $small or die "$small: $!\n";
system('mount', '-t', 'tmpfs', '-o', 'size=64k,mode=0755', 'provisor-test', $small) == 0
	or plan skip_all => 'a small file system cannot be mounted';

sub unmount { system 'sh', '-c', 'umount -l "$1" 2>/dev/null', 'sh', $small if $small; return }

END { my $status = $?; unmount(); $? = $status }

$host->{env}{PROVISOR_METRICS} = "$small/metrics";
$host->start_postgres;
$host->migrate;
$host->start_pool('api');
is($addon->provision(uuid => uuid())->status, 200, 'a request is served') for 1 .. 4;
like($host->log('worker'), qr/\Q$small\E\/metrics: cannot be used for metrics \(No space left on device\)/,
	'the log has the reason');
is_unhurt($host);
unmount();
done_testing();
