#!/usr/bin/perl
# A worker looks first for a resource that its host has seen: the responses are those of
# a worker that tries to create it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Backup;
use Provisor::Test;

my $addon;
my $host = serving_host({ is_direct => 1, workers => { api => 2, web => 1 } }, sub { $addon = addon($_[0], 'fast-db') });

sub restart {
	$host->stop_pool('api');
	unlink $host->env->{PROVISOR_METRICS} or die "the metrics: $!\n";
	$host->start_pool('api');
	return;
}

subtest 'a repeated create has the same response, seen or not' => sub {
	my $id = uuid();
	my $first = $addon->provision(uuid => $id);

	is($first->status, 200, 'a resource is provisioned');
	same_bytes($addon->provision(uuid => $id), $first, 'a host that has seen it repeats the response');
	restart();
	same_bytes($addon->provision(uuid => $id), $first, '... and so does one that has not');
	same_bytes($addon->provision(uuid => $id), $first, '... and one that has found it');
	is(count_of($host, "events WHERE resource = '$id'"), 1, 'there is one event');
};

subtest 'the database is an older one, without a resource that was seen' => sub {
	my $id = uuid();
	my $backup = Provisor::Backup->new($host);

	is($addon->provision(uuid => $id)->status, 200, 'a resource is provisioned after the backup');
	$backup->restore;
	is(count_of($host, "resources WHERE id = '$id'"), 0, 'the restored database does not have it');
	is($addon->provision(uuid => $id)->status, 200, 'the repeated request provisions it again');
	is(row($host, "resources WHERE marketplace_id = '$id'")->{id}, $id, '... with its own id');
	is(count_of($host, "events WHERE resource = '$id'"), 1, '... and one event');
};

subtest 'a deprovisioned resource that was seen' => sub {
	my $id = uuid();

	is($addon->provision(uuid => $id)->status, 200, 'a resource is provisioned');
	is($addon->deprovision($id)->status, 204, '... and deprovisioned');
	is($addon->provision(uuid => $id)->status, 410, 'a late create is answered 410');
};

is_unhurt($host);
done_testing;
