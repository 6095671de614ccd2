#!/usr/bin/perl
# The commands of operators, with many resources, events and jobs: what a page costs
# does not depend on their number.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::MD5 'md5_hex';
use Test::More;
use Time::HiRes 'time';

use Provisor::Test;

# In make soak: a million resources, ten million events, a million jobs.
use constant MANY => scaled(40_000, 1_000_000);

my $addon;
# Autovacuum would read pages too.
my $host = serving_host({ is_direct => 1, workers => { api => 1, web => 1 }, postgres => { autovacuum => 'off' } },
	sub { $addon = addon($_[0], 'fast-db') });
my $id = '00000000' . substr uuid(), 8;
my $app = 'app-' . substr md5_hex(77), 0, 12; # of the 77th resource

# Each resource has ten events and a finished job; every thousandth has an unfinished one.
sub fill {
	my ($first, $last) = @_;
	my $numbers = "generate_series($first, $last) i";
	my $from = "FROM resources WHERE provider_id LIKE 'many-%' AND version BETWEEN $first AND $last";

	$host->psql("SET session_replication_role = replica; SET statement_timeout = 0;
		INSERT INTO resources (id, marketplace, addon, marketplace_id, provider_id, name, plan, owner,
			log_drain_token, state, created_at, version, request_digest)
		SELECT gen_random_uuid(), 'heroku', CASE WHEN i % 100 = 0 THEN 'slow-db' ELSE 'fast-db' END,
			'theirs-' || i, 'many-' || i, 'app-' || substr(md5(i::text), 1, 12), 'basic',
			jsonb_build_object('email', 'user' || i || '\@example.com'), 'd.' || md5(i::text),
			CASE WHEN i % 4000 = 1 THEN 'refused' ELSE 'provisioned' END,
			now() - interval '400 days' + i * interval '30 s', i, 'x'
		FROM $numbers;
		INSERT INTO events (resource, event, actor, at)
		SELECT id, CASE WHEN e = 7 THEN 'plan-changed' ELSE 'signed-on' END, 'heroku',
			created_at + e * interval '1 min'
		$from ORDER BY version" =~ s/FROM resources/FROM generate_series(0, 9) e, resources/r . ";
		INSERT INTO jobs (kind, lane, resource, addon, finished_at)
		SELECT 'push-config', 'marketplace', id, marketplace || '/' || addon, created_at $from ORDER BY version;
		INSERT INTO jobs (kind, lane, resource, addon, run_at)
		SELECT 'push-config', 'marketplace', id, marketplace || '/' || addon, now() + interval '1 day'
		$from AND version % 1000 = 0");
	$host->psql("VACUUM ANALYZE $_") for qw(resources events jobs);
	return;
}

sub blocks {
	return $host->psql("SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = 'provisor'");
}

# The pages of the database that a command reads, and the seconds that it takes; its
# session reports them when it ends.
sub cost {
	my (@command) = @_;
	my $before = blocks();
	my $start = time;
	my ($output, $status) = ctl($host->env, @command);
	my $seconds = time - $start;

	$status == 0 or $command[0] eq 'check' or diag $output;
	return (blocks() - $before, $seconds);
}

# The pages that a scrape of a new session reads, its seconds, and its text.
sub cost_of_scrape {
	my $before = blocks();
	my $start = time;
	my $text = fastcgi($host)->request(method => 'GET', path => '/metrics')->body;
	my $seconds = time - $start;

	# The worker's session reports its pages when it ends.
	$host->stop_pool('api');
	my $pages = blocks() - $before;
	$host->start_pool('api');
	return ($pages, $seconds, $text);
}

my @commands = (
	# name                         the promised seconds, and the command
	[ 'the newest resources',      0.1, qw(resources list) ],
	[ '... of an add-on',          0.1, qw(resources list --marketplace heroku --addon slow-db) ],
	[ '... that were refused',     0.1, qw(resources list --state refused --limit 3) ],
	[ 'a part that all have',      0.1, qw(resources find example.com) ],
	[ 'a resource by its id',      0.1, 'resources', 'find', $id ],
	[ '... by the beginning of it', 0.1, 'resources', 'find', substr $id, 0, 13 ],
	[ '... by the name of an app', 0.1, 'resources', 'find', $app ],
	[ '... by its owner',          0.1, qw(resources find user77@example.com) ],
	[ 'a resource',                0.1, 'resources', 'show', $id ],
	[ 'its history',               0.1, 'resources', 'history', $id ],
	[ 'its events',                0.1, 'events', 'list', '--resource', $id ],
	[ 'the newest events',         0.1, qw(events list) ],
	[ 'an absent event',           0.1, qw(events list --what config-revealed) ],
	[ 'unfinished jobs',           0.1, qw(jobs list) ],
	[ 'all jobs',                  0.1, qw(jobs list --all) ],
);

$addon->provision(uuid => $id);
fill(1, MANY / 10);
my ($scraped) = cost_of_scrape();
my @few = map { [ cost(@$_[2 .. $#$_]) ] } @commands;
fill(MANY / 10 + 1, MANY);

subtest 'ten times as many rows cost no more' => sub {
	for my $i (0 .. $#commands) {
		my ($name, $promised, @command) = @{ $commands[$i] };
		my ($pages, $seconds) = cost(@command);
		my $few = $few[$i][0];

		# An index of ten times as many rows can have one level more, and a list of
		# a hundred rows looks up each of them.
		cmp_ok($pages, '<', $few + 1000, $name) or diag "@command: $few and $pages pages";
		figure('%s: %d pages, %.3f s with %d resources, promised %s s', $name, $pages, $seconds, MANY, $promised);
	}
};

subtest 'a search does not depend on statistics' => sub {
	my ($few) = cost('resources', 'find', $id);
	$host->psql("DELETE FROM pg_statistic WHERE starelid IN ('resources'::regclass, 'resources_search'::regclass)");
	my ($pages, $seconds) = cost('resources', 'find', $id);

	cmp_ok($pages, '<', $few + 1000, 'without any') or diag "$few and $pages pages";
	figure('a resource by its id, without statistics: %d pages, %.3f s with %d resources', $pages, $seconds, MANY);
	$host->psql('ANALYZE resources');
};

subtest 'check reads a sample of sealed values' => sub {
	my (undef, $seconds) = cost('check');
	my ($output) = ctl($host->env, 'check');

	like($output, qr/values sealed with "\w+": 1 in 10000 of about \d{5,} resources \(provisor keys list/,
		'and says so') or diag $output;
	figure('check: %.2f s with %d resources, promised 2 s', $seconds, MANY);
};

subtest 'a scrape reads an index and not the resources' => sub {
	my ($pages, $seconds, $text) = cost_of_scrape();

	like($text, qr/^provisor_plan_resources\{[^}]*addon="slow-db",state="provisioned",plan="basic"\} [1-9]/m,
		'it counts the resources by plan');
	cmp_ok($pages, '<', $scraped + 500 + MANY / 500, '... and reads few pages more than with few');
	figure('a scrape that counts: %d pages, %.2f s with %d resources', $pages, $seconds, MANY);
};

subtest 'export needs no more memory for many' => sub {
	my $file = $host->home . '/resources.jsonl';
	local %ENV = (%ENV, %{ $host->env });
	my $start = time;

	is(system('sh', '-c', "ulimit -v 200000; exec @{[build()]}/provisor resources export $file"), 0,
		'an export within 200 MB of addresses');
	figure('export: %.0f resources per second', MANY / (time - $start));
	open my $lines, '<', $file or die "$file: $!\n";
	my $count = () = <$lines>;
	is($count, count_of($host, "resources WHERE state = 'provisioned'"), 'each provisioned resource is in it');
};

subtest 'report needs no more memory for many days' => sub {
	my ($output, $seconds);

	$host->psql("SET session_replication_role = replica; SET statement_timeout = 0;
		UPDATE resources SET provisioned_at = created_at + interval '2 s' WHERE state = 'provisioned'");
	$host->psql('VACUUM ANALYZE resources');
	for my $command ([qw(report)], [qw(report --by plan)]) {
		(undef, $seconds) = cost(@$command);
		figure('%s: %.2f s with %d resources, promised 10 s', "@$command", $seconds, MANY);
	}
	local %ENV = (%ENV, %{ $host->env });
	$output = qx(ulimit -v 200000; exec @{[build()]}/provisor report --since 400d --by addon --csv);
	is($?, 0, 'a report of 400 days within 200 MB of addresses');
	my ($row) = $output =~ /^(\S+,fast-db,true,.*)$/m;
	is((split /,/, $row // '')[4], count_of($host, "resources WHERE state = 'provisioned' AND addon = 'fast-db'"),
		'... counts all resources that are live');
};

is_unhurt($host);
done_testing();
