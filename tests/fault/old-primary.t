#!/usr/bin/perl
# After a failover, the old primary comes back without becoming a standby.  No process
# of a host that has seen the new primary uses it: neither over a new connection nor
# over one that was open all the time.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::ChildProcess;
use Provisor::PostgresServer;
use Provisor::Test;
use Provisor::Files qw(read_text write_text);

use constant {
	PATIENCE => 30,
	LIMIT => 10, # seconds, of a request
};

my $host = new_host(is_direct => 1, workers => { api => 1, web => 1, jobs => 1 }, answer_limit => LIMIT . 's');
my $addon = addon($host, 'fast-db');
my $through_web = $addon->through(fastcgi($host, 'web'));
my $one = Provisor::PostgresServer->new($host, 'one');

$host->start_postgres;
$host->migrate;
my $two = $one->standby('two');

$host->{env}{PROVISOR_DATABASE} = $one->together($two);
my $file = $host->env->{PROVISOR_TIMELINE};

sub provisions {
	my ($addon, $id) = @_;

	return $addon->provision(uuid => $id // uuid())->status == 200;
}

# Does the server have the resource?
sub has {
	my ($server, $id) = @_;

	return $server->psql("SELECT count(*) FROM resources WHERE id = '$id'") == 1;
}

# A file with another timeline of the same database replaces that of the host.
sub replace_timeline {
	my ($number) = @_;
	my $content = read_text($file);

	substr $content, 24, 8, pack 'Q', $number; # after signature and cluster
	write_text($file, $content);
	return;
}

subtest 'a connection that was open all the time' => sub {
	my $id = uuid();

	$host->start_pool('web');
	ok(provisions($through_web), 'the primary serves');
	my @workers = workers($host);

	$one->freeze;
	$two->promote;
	# The request gets no reply before the old primary continues.
	my $request = Provisor::ChildProcess->start(sub { provisions($through_web, $id) or die "no success\n" });

	$host->start_pool('api');
	ok(wait_for(PATIENCE, sub { provisions($addon) }), 'another worker finds the promoted server');
	unlike($host->log('worker'), qr/and this host has seen timeline/, '... which is not refused');
	$one->thaw;
	my $has_succeeded = $request->finish(PATIENCE) == 0;

	note 'the waiting request gets ', $has_succeeded ? 'success' : 'no success';
	ok(!$has_succeeded || has($two, $id), 'the reply of the old primary does not count');
	ok(wait_for(PATIENCE, sub { provisions($through_web, $id) }), 'a repeat succeeds');
	ok(has($two, $id), '... and the promoted server has the resource');
	is((grep { $_ == $workers[0] } workers($host)), 1, '... through the same worker');
};

subtest 'a new connection' => sub {
	my @before = workers($host);
	my @ids = map { uuid() } 1 .. 8;

	kill TERM => @before;
	ok(wait_for(20, sub { !grep { kill 0, $_ } @before }), 'the workers end');
	ok(wait_for(PATIENCE, sub { provisions($addon, $ids[0]) }), 'new workers serve');
	ok(provisions($addon, $_), '... every request') for @ids;
	is((grep { has($two, $_) } @ids), @ids, 'the promoted server has the resources');
	is((grep { has($one, $_) } @ids), 0, '... and the old primary none');
	like($host->log('worker'), qr/timeline 1, and this host has seen timeline 2: stop it if it is an old primary/,
		'the log names the old primary');
	like((ctl($host->env, 'check'))[0],
		qr/^error +PROVISOR_DATABASE: 2 of its hosts are primaries.*: stop all but the one/m,
		'provisor check names both');
};

subtest 'the file is removed while both are primaries' => sub {
	my $id;

	$host->stop_pool('web');
	$host->stop_pool('api');
	$host->start_jobs;
	ok(wait_for(PATIENCE, sub {
		$two->psql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'provisor_worker'") > 0;
	}), 'provisor-jobs uses the promoted server');
	unlink $file;
	$host->start_pool('web');
	ok(wait_for(PATIENCE, sub {
		return provisions($through_web, $id = uuid()) && has($two, $id);
	}), 'new workers find the promoted server, although the old primary is first');
	ok(provisions($through_web, $id = uuid()) && has($two, $id), '... and stay there') for 1 .. 4;
	$host->stop_pool('jobs');
	$host->start_pool('api');
};

subtest 'a host for which the old primary was never away' => sub {
	$one->kill;
	$one->follow($two);
	local $host->{env}{PROVISOR_TIMELINE} = "$file-of-another-host";
	$host->stop_pool('web');
	$host->start_pool('web');
	ok(provisions($through_web), 'the primary serves');
	my @workers = workers($host);

	$one->promote;
	$host->start_jobs;
	ok(wait_for(PATIENCE, sub {
		my $id = uuid();

		return provisions($through_web, $id) && has($one, $id);
	}), 'provisor-jobs finds the promoted server, and workers use it');
	like($host->log('worker'), qr/another server has taken over, so the connection to this one is closed/,
		'the log says why a connection was closed');
	is_deeply([ workers($host) ], \@workers, 'no worker has ended');
	$host->stop_pool($_) for qw(jobs web);
};

subtest 'a restored server may have an older timeline' => sub {
	$two->kill;
	ok(wait_for(PATIENCE, sub { provisions($addon) }), 'a server serves');
	replace_timeline(7);
	my $id;

	ok(wait_for(PATIENCE, sub { !provisions($addon, $id = uuid()) }), 'it is refused at first');
	ok(!has($one, $id), '... before it gets a statement over an open connection');
	like($host->log('worker'), qr/if it was restored, accept it with provisor restored, or remove \Q$file\E/,
		'... with the remedy');
	is((ctl($host->env, qw(restored --release --yes)))[1], 0, 'an operator accepts it');
	ok(wait_for(PATIENCE, sub { provisions($addon) }), '... and it serves');
	replace_timeline(7);
	ok(wait_for(PATIENCE, sub { !provisions($addon) }), 'a timeline from later is in force again');
	unlink $file;
	ok(wait_for(PATIENCE, sub { provisions($addon) }), '... until the operator removes the file');
	ok(-e $file, '... which is created again');
};

subtest 'a file that cannot be used' => sub {
	unlink $file;
	symlink '/etc/passwd', $file or die "$file: $!\n";
	kill TERM => workers($host);
	ok(wait_for(PATIENCE, sub {
		provisions($addon) && $host->log('worker') =~ /\Q$file\E: cannot be used/;
	}), 'is named in the log, and requests are served');
	unlink $file;
	write_text($file, "of another program\n");
	kill TERM => workers($host);
	ok(wait_for(PATIENCE, sub {
		provisions($addon) && $host->log('worker') =~ /\Q$file\E: cannot be used \(Invalid argument\)/;
	}), '... also that of another program');
	is(read_text($file), "of another program\n", '... which stays as it is');
};

is_unhurt($host);
done_testing();
