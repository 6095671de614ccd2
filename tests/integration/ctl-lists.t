#!/usr/bin/perl
# provisor events list, resources count, and the pages of lists.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Test;

my ($fast, $slow);
my $host = serving_host({}, sub {
	$fast = addon($_[0], 'fast-db');
	$slow = addon($_[0], 'slow-db');
});
my @fast = map { uuid() } 1 .. 5;
my $slow_id = uuid();

$fast->provision(uuid => $_, region => 'us') for @fast;
$fast->change_plan($fast[0], 'premium');
$slow->provision(uuid => $slow_id);
$slow->deprovision($slow_id);

# Returns the objects, the exit status and the errors of a command with --json.
sub objects {
	my ($output, $status) = ctl($host->env, @_, '--json');
	my @objects = map { JSON::PP->new->utf8->decode($_) } $output =~ /^(\{.*)$/mg;

	return (\@objects, $status, join "\n", $output =~ /^(provisor: .*)$/mg);
}

sub ids { return join ' ', map { $_->{id} } @{ (objects(@_))[0] } }

# All rows of a list, page by page.
sub pages {
	my (@command) = @_;
	my (@all, @after);

	while (@all < 100) {
		my ($page, undef, $errors) = objects(@command, '--limit', 2, @after);
		push @all, map { $_->{id} } @$page;
		my ($next) = $errors =~ /--after (\S+) shows the next/ or last;
		@after = ('--after', $next);
	}
	return "@all";
}

subtest 'events list: all resources, newest first' => sub {
	my ($events, $status) = objects(qw(events list));

	is($status, 0, 'exits with 0');
	is(join(' ', map { $_->{event} } @$events),
		'deprovisioned provisioned plan-changed' . ' provisioned' x 5, 'the events');
	is_deeply([ @{ $events->[0] }{qw(marketplace addon resource actor)} ],
		[ 'heroku', 'slow-db', $slow_id, 'heroku' ], 'each has its resource and actor');
	is_deeply($events->[2]{after}, { plan => 'premium' }, '... and what changed');
	my ($table) = ctl($host->env, qw(events list --limit 1));
	like($table, qr/\AID +AT +ADDON +RESOURCE +EVENT +ACTOR +BEFORE +AFTER\n/, 'prints a table');
};

subtest 'events list: options' => sub {
	my $count = sub { scalar @{ (objects(qw(events list), @_))[0] } };

	is($count->(qw(--addon slow-db)), 2, '--addon');
	is($count->(qw(--addon slow-db --marketplace cloudcontrol)), 0, '--marketplace');
	is($count->(qw(--what plan-changed)), 1, '--what');
	is($count->(qw(--actor heroku)), 8, '--actor');
	is($count->(qw(--actor nobody)), 0, '... of nobody');
	is($count->('--resource', $fast[0]), 2, '--resource');
	is($count->(qw(--since 1h)), 8, '--since');
	$host->psql("UPDATE events SET at = at - interval '2 hours' WHERE event = 'plan-changed'");
	is($count->(qw(--since 1h)), 7, '... leaves out what is older');
	is($count->(qw(--since 3h)), 8, '... and no more');
	$host->psql("INSERT INTO jobs (kind, lane, resource) VALUES ('deprovision', 'listener', '$fast[1]')");
	$host->psql("INSERT INTO job_attempts (job, attempt, resource, kind, actor, gave_up, reason)
		SELECT id, 1, resource, kind, 'provisor-jobs', false, 'no route' FROM jobs");
	my ($found) = objects(qw(events list --what job-put-off));
	is_deeply([ map { $_->{after}{reason} } @$found ], ['no route'], 'attempts are events');

	my ($output, $status) = ctl($host->env, qw(events list --after last));
	is($status, 2, 'a wrong --after exits with 2');
	like($output, qr/--after must be the number of an event/, '... and is explained');
};

subtest 'the id of a resource that is another id of another' => sub {
	my $other = uuid();

	$slow->provision(uuid => $other);
	$host->psql("UPDATE resources SET marketplace_id = '$fast[2]' WHERE id = '$other';
		INSERT INTO jobs (kind, lane, resource) SELECT 'suspend', 'listener', id FROM resources
			WHERE id IN ('$fast[2]', '$other')");
	for my $list ('events list', 'jobs list') {
		my @command = (split(' ', $list), '--resource', $fast[2]);
		my $of = sub { join ' ', map { $_->{resource} } @{ (objects(@command, @_))[0] } };
		my ($output, $status) = ctl($host->env, @command);

		is($status, 1, "$list: is refused");
		like($output, qr/more than one resource has the id \Q$fast[2]\E: .*add\s+--marketplace\s+or\s+--addon/s,
			'... with the remedy');
		like($output, qr/^\Q$_\E /m, '... and both resources') for $fast[2], $other;
		is($of->('--addon', 'fast-db'), $fast[2], '... unless its add-on decides');
		is($of->('--addon', 'slow-db'), $other, '... or that of the other');
	}
	is((ctl($host->env, qw(events list --resource no-such-id)))[1], 0, 'an unknown id is no error');
	$host->psql("DELETE FROM jobs WHERE kind = 'suspend'; DELETE FROM events WHERE resource = '$other';
		DELETE FROM resources WHERE id = '$other'");
};

subtest 'pages' => sub {
	my $jobs = join ', ', map { "('deprovision', 'listener', '$_')" } @fast;
	$host->psql("INSERT INTO jobs (kind, lane, resource) VALUES $jobs");

	for my $list ('events list', 'resources list', 'jobs list') {
		my @command = split ' ', $list;

		cmp_ok(scalar(split ' ', ids(@command)), '>=', 5, "$list: there are some");
		is(pages(@command), ids(@command), "$list: the pages are the list");
	}
	my (undef, undef, $errors) = objects(qw(resources list --limit 2));
	like($errors, qr/only 2 of 6 are shown; --after \S+ shows the next, and --limit N/, 'the total is printed');
	(undef, undef, $errors) = objects(qw(resources list --addon fast-db --limit 2));
	like($errors, qr/only 2 of 5 are shown/, '... of what is selected');
	is(pages(qw(resources find), 'fast'), ids(qw(resources find), 'fast'), 'resources find has pages, too');
	for my $list ('resources list', 'jobs list') {
		my ($output, $status) = ctl($host->env, split(' ', $list), qw(--after no-id));
		is($status, 2, "$list: a wrong --after exits with 2");
		like($output, qr/--after must be the/, '... and is explained');
	}
};

subtest 'resources created at the same moment are on one page each' => sub {
	$host->psql(q(UPDATE resources SET created_at = '2026-01-01'));
	is(pages(qw(resources list)), ids(qw(resources list)), 'the pages are the list');
};

subtest 'resources count' => sub {
	my $by = sub { (objects(qw(resources count --by), @_))[0] };

	is((ctl($host->env, qw(resources count)))[0], "6\n", 'all');
	is_deeply((objects(qw(resources count --addon slow-db)))[0], [ { resources => 1 } ], 'with options, as JSON');
	is_deeply($by->('addon'), [ { addon => 'fast-db', resources => 5 }, { addon => 'slow-db', resources => 1 } ],
		'by addon, the most frequent first');
	is_deeply($by->('state'), [ { state => 'provisioned', resources => 5 }, { state => 'deprovisioned', resources => 1 } ],
		'by state');
	is_deeply($by->(qw(plan --state provisioned)), [ { plan => 'basic', resources => 4 }, { plan => 'premium', resources => 1 } ],
		'by plan, of a state');
	is_deeply($by->(qw(region --addon slow-db)), [ { region => undef, resources => 1 } ], 'by a region that is not known');
	is_deeply($by->('marketplace'), [ { marketplace => 'heroku', resources => 6 } ], 'by marketplace');
	like((ctl($host->env, qw(resources count --by plan)))[0], qr/\APLAN +RESOURCES\nbasic +5\n/, 'prints a table');
	my ($output, $status) = ctl($host->env, qw(resources count --by owner));
	is($status, 2, 'another column exits with 2');
	like($output, qr/--by must be addon, marketplace, plan, region or state/, '... and is explained');
};

subtest 'rows are counted up to ten thousand' => sub {
	my $add = sub { $host->psql("INSERT INTO events (resource, event, actor)
		SELECT '$slow_id', 'many', 'test' FROM generate_series(1, $_[0])") };
	my @list = qw(events list --what many --limit 1);

	$add->(10_000);
	like((objects(@list))[2], qr/only 1 of 10000 are shown/, 'so many');
	$add->(1);
	like((objects(@list))[2], qr/only 1 of more than 10000 are shown/, 'one more');
};

is_unhurt($host);
done_testing;
