#!/usr/bin/perl
# provisor reconcile finds differences between us and the marketplace, and repairs them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Test;
use Provisor::Files qw(write_text);
use Provisor::FakeHeroku;
use Provisor::ScriptedVendor;

my $host = new_host(
	workers => { api => 3, web => 1, jobs => 1 },
	answer_limit => '4s',
	env => { PROVISOR_JOB_LIMIT => '4s' },
);
my $heroku = Provisor::FakeHeroku->new($host);
my $secret = $host->home . '/client-secret';

write_text($secret, "the-client-secret\n");
chmod 0600, $secret;

my %settings = (settings => { client_secret_file => $secret });
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', %settings);
my $plain = addon($host, 'plain', base_url => 'https://localhost/plain/heroku/resources', %settings);
my $addon = $vendor->addon;

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

sub provisor { return ctl($host->env, @_) }

sub state_of { return row($host, "resources WHERE id = '$_[0]'")->{state} }

sub at_rest {
	my ($uuid) = @_;

	return wait_for(25, sub { count_of($host, "jobs WHERE resource = '$uuid' AND finished_at IS NULL") == 0 });
}

# A resource with a token; in the marketplace's view.
sub make {
	my ($of, %members) = @_;
	my $id = uuid();
	my $answer = $of->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant(), %members);

	is($answer->status, 200, 'there is a resource') && at_rest($id);
	my $config = $answer->json->{config};
	return ($id, { plan => { name => 'it:' . ($members{plan} // 'basic') },
		config => [ map { { name => $_, value => $config->{$_} } } sort keys %$config ] });
}

# Findings by resource, how it ended, and what was said.
sub reconcile {
	my ($output, $ended) = provisor('reconcile', '--json', @_);
	my %found;

	push @{ $found{ $_->{id} } }, $_
		for map { JSON::PP->new->utf8->decode($_) } grep { /\A\{/ } split /\n/, $output;
	return (\%found, $ended, $output);
}

sub found_is {
	my ($found, $id, $expected, $name) = @_;

	return is_deeply([ map { [ @$_{qw(difference here there repair)} ] } @{ $found->{$id} // [] } ], $expected, $name);
}

sub events_by {
	my ($uuid) = @_;

	return join ' ', map { $_->{what} }
		rows($host, "events WHERE resource = '$uuid' AND actor = 'reconcile' ORDER BY id");
}

# Each with the view of it.
my ($same, $gone, $removed, $plan, $waiting, $config);
my (%views, %agreeing);
$heroku->behave('good');
for ([ \$same, $plain ], [ \$gone, $addon ], [ \$removed, $plain ], [ \$plan, $addon ],
	[ \$waiting, $plain ], [ \$config, $plain ]) {
	my ($name, $of) = @$_;

	($$name, my $view) = make($of);
	$agreeing{$$name} = { %$view };
	$views{$$name} = { %$view, plan => { %{ $view->{plan} } },
		config => [ map { { %$_ } } @{ $view->{config} } ] };
}
my $unreadable = uuid();
is($plain->provision(uuid => $unreadable)->status, 200, 'there is one without a grant');

$views{$unreadable} = $agreeing{$unreadable} = { no_grant => 1 };
$views{$gone}{status} = 404;
$views{$removed}{state} = 'deprovisioned';
$views{$plan}{plan}{name} = 'it:premium';
$views{$waiting}{state} = 'provisioning';
$views{$config}{config}[0]{value} = 'something else';
splice @{ $views{$config}{config} }, 1;
$views{$same}{plan}{name} = 'premium'; # of which service?

subtest 'without --repair nothing changes' => sub {
	my $events = count_of($host, 'events');

	$heroku->tells(%views);
	my ($found, $ended, $output) = reconcile();
	is($ended, 1, 'it is a failure');
	found_is($found, $same, [], 'what agrees is not told');
	found_is($found, $gone, [ [ 'gone', 'provisioned', 'gone', undef ] ], 'what the marketplace does not know');
	found_is($found, $removed, [ [ 'gone', 'provisioned', 'gone', undef ] ], 'what it has deprovisioned');
	found_is($found, $plan, [ [ 'plan', 'basic', 'premium', undef ] ], 'another plan');
	found_is($found, $waiting, [ [ 'state', 'provisioned', 'provisioning', undef ] ], 'what it waits for');
	found_is($found, $config, [ [ 'config', 'PLAIN_TOKEN, PLAIN_URL', 'other values, or none', undef ] ], 'config vars by name');
	found_is($found, $unreadable, [ [ 'unchecked', undef, 'the marketplace has sent no grant that can be exchanged', undef ] ], 'what cannot be asked');
	like($output, qr/^provisor: 1 agree, 5 differ, 0 repaired, 1 unchecked$/m, 'and all of it in numbers');
	unlike($output, qr/something else|attempt 1|https:/, 'no value is told');
	is(count_of($host, 'events'), $events, 'nothing has happened');
	is(count_of($host, 'jobs WHERE finished_at IS NULL'), 0, 'nor is to happen');
	is(join(' ', grep { !m{\AGET /} } $heroku->calls), '', 'there neither');

	($output, $ended) = provisor(qw(reconcile --addon fast-db));
	like($output, qr/\AID +MARKETPLACE +ADDON +DIFFERENCE +HERE +THERE +REPAIR\n/, 'people get a table');
	like($output, qr/^$plan +heroku +fast-db +plan +basic +premium/m, 'with a line for each');
	unlike($output, qr/$config/, 'of one add-on, if wanted');
};

subtest 'while somebody else calls the marketplace' => sub {
	$host->psql("INSERT INTO jobs (kind, lane, resource, run_at) VALUES ('push-config', 'marketplace', '$same', 'infinity')");
	my @before = $heroku->calls($same);
	my ($found) = reconcile();
	found_is($found, $same, [ [ 'unchecked', undef, 'a job for its marketplace is unfinished: see provisor jobs list', undef ] ], 'it is left');
	is_deeply([ $heroku->calls($same) ], \@before, 'and not asked for again');
	$host->psql("UPDATE jobs SET finished_at = now() WHERE finished_at IS NULL");
};

subtest 'no more is removed than may be' => sub {
	$heroku->tells(%agreeing, map { $_ => $views{$_} } $gone, $removed);
	my ($found, $ended, $output) = reconcile(qw(--repair --most 1));

	is($ended, 1, 'it is a failure');
	like($output, qr/^provisor: stopped before deprovisioning more than 1 resources: .*--most/m, 'and said');
	is(join(' ', sort map { state_of($_) =~ s/ing\z/ed/r } $gone, $removed), 'deprovisioned provisioned',
		'one is gone, and one is not');
	($found, $ended, $output) = reconcile(qw(--repair --most 0));
	like($output, qr/deprovisioning more than 0/, 'not even one, if so wanted');
};

subtest 'with --repair' => sub {
	$heroku->tells(%views);
	my ($found, $ended, $output) = reconcile('--repair');

	is($ended, 0, 'it ends well') or diag $output;
	found_is($found, $plan, [ [ 'plan', 'basic', 'premium', 'changed' ] ], 'the plan is changed');
	found_is($found, $waiting, [ [ 'state', 'provisioned', 'provisioning', 'job complete' ] ], 'what is waited for is told');
	found_is($found, $config, [ [ 'config', 'PLAIN_TOKEN, PLAIN_URL', 'other values, or none', 'job push-config' ] ],
		'the config is passed on');
	ok(at_rest($_), 'its jobs are done') for $gone, $removed, $plan, $waiting, $config;

	is(state_of($_), 'deprovisioned', 'what is gone there is gone here') for $gone, $removed;
	is($vendor->thing($gone), undef, 'at the vendor too');
	is(row($host, "resources WHERE id = '$plan'")->{plan}, 'premium', 'the plan is the one there');
	is($vendor->thing($plan), 'premium', 'at the vendor too');
	is_deeply([ grep { !/\AGET/ } $heroku->calls($plan) ], [ "PATCH /addons/$plan/config" ], 'which has the new config');
	is_deeply([ grep { !/\AGET/ } $heroku->calls($waiting) ],
		[ "PATCH /addons/$waiting/config", "POST /addons/$waiting/actions/provision" ], 'it was completed');
	is_deeply([ grep { !/\AGET/ } $heroku->calls($config) ], [ "PATCH /addons/$config/config" ], 'and it was pushed');
	is(events_by($gone), 'deprovisioning', 'what is gone is an event');
	is(events_by($removed), 'deprovisioned', 'each');
	is(events_by($plan), 'plan-changed reconciled', 'so is the plan');
	is(events_by($waiting), 'reconciled', 'the completion');
	is(events_by($config), 'reconciled', 'and the config');
	is(events_by($same), '', 'and nothing else is');
};

# As a marketplace lists it.
sub listed {
	my ($service, %members) = @_;

	return { addon_service => { name => $service }, plan => { name => "$service:premium" },
		state => 'provisioned', created_at => '2020-02-02T20:20:20Z', %members };
}

subtest 'what the marketplace has and we lost' => sub {
	my ($lost, $nameless, $coming, $foreign, $there) = map { uuid() } 1 .. 5;
	my ($kept) = make($plain);
	my %all = (
		$lost => listed('plain', name => 'plain-tall-1', provider_id => 'thing-7', config => [
			{ name => 'PLAIN_URL', value => 'https://thing-7.example/' },
			{ name => 'PLAIN_TOKEN', value => 'of-thing-7' }, { name => 'FOREIGN', value => 'x' } ]),
		$nameless => listed('plain', provider_id => ''),
		$coming => listed('plain', state => 'provisioning', provider_id => ''),
		$foreign => listed('plain', addon_service => { name => 'somebody-else' }),
		$there => listed('fast-db', config => []),
		$removed => listed('plain'),
		$kept => listed('plain', plan => { name => 'plain:basic' }, no_grant => 1),
		$unreadable => { no_grant => 1 },
		map { $_ => { addon_service => { name => 'plain' }, %{ $agreeing{$_} } } } $same, $waiting, $config,
	);

	$heroku->tells(%all);
	my ($found, $ended, $output) = reconcile(qw(--addon plain));
	is($ended, 1, 'it is a failure');
	found_is($found, $_, [ [ 'lost', undef, 'provisioned', undef ] ], 'each is told') for $lost, $nameless;
	found_is($found, $removed, [ [ 'state', 'deprovisioned', 'provisioned', undef ] ], 'as is what is gone here');
	found_is($found, $_, [], 'what is on its way, and what is not ours, is not')
		for $coming, $foreign, $there;
	is(count_of($host, "resources WHERE marketplace_id = '$lost'"), 0, 'nothing is imported without --repair');
	is(scalar(grep { $_ eq 'GET /addons' } $heroku->calls), 5, 'one token that sees all is asked for all pages');

	($found, $ended, $output) = reconcile(qw(--repair --addon plain));
	found_is($found, $_, [ [ 'lost', undef, 'provisioned', 'imported' ] ], 'it is taken in') for $lost, $nameless;
	ok(at_rest($_), 'all is done') for $lost, $nameless;
	my $row = row($host, "resources WHERE id = '$lost'");
	is_deeply([ @$row{qw(state plan name provider_id marketplace_id)} ],
		[ 'provisioned', 'premium', 'plain-tall-1', 'thing-7', $lost ], 'it is what it was');
	like($row->{created_at}, qr/\A2020-02-02/, '... since when it was');
	is(row($host, "resources WHERE id = '$nameless'")->{provider_id}, $nameless, 'without a name of ours it has its uuid');
	is(events_by($lost), 'imported reconciled', 'each step is an event');
	my $answer = $plain->provision(uuid => $lost, plan => 'premium');
	is_deeply($answer->json->{config}, { PLAIN_URL => 'https://thing-7.example/', PLAIN_TOKEN => 'of-thing-7' },
		'a repeated create is answered with the config that customers have');
	is(count_of($host, "grants WHERE resource = '$lost' AND access IS NOT NULL"), 1, 'there is a token for it');

	($found) = reconcile(qw(--repair --addon plain));
	found_is($found, $lost, [], 'another time it agrees');
	is(count_of($host, "resources WHERE marketplace_id IN ('$coming', '$foreign')"), 0, 'and nothing else came');
	ok(wait_for(25, sub { count_of($host, 'jobs WHERE finished_at IS NULL') == 0 }), 'and nothing is left to do');
};

subtest 'a marketplace that is not well' => sub {
	$heroku->behave('away');
	my ($found, $ended, $output) = reconcile(qw(--repair --addon plain));
	is($found->{$same}[0]{difference}, 'unchecked', 'while it is away, nothing is known');
	is(state_of($same), 'provisioned', 'and nothing removed');
	for my $way (qw(forbids refuses trusts-none)) {
		$heroku->behave($way);
		($found) = reconcile(qw(--repair --addon plain));
		is($found->{$same}[0]{difference}, 'unchecked', "nor is it while it $way");
		is(state_of($same), 'provisioned', '... and nothing removed');
	}

	$heroku->behave('lists-nothing');
	($found, $ended, $output) = reconcile(qw(--addon plain));
	isnt($found->{$same}[0]{difference}, 'unchecked', 'what it does not list is asked for all the same');
	like($output, qr{^provisor: cannot look for lost resources: GET /addons: status 403}m, '... and said');
	is(scalar(grep { $_ eq 'GET /addons' } $heroku->calls), 1, '... once');

	$heroku->behave('distrusts');
	($found, $ended) = reconcile(qw(--addon plain));
	isnt($found->{$same}[0]{difference}, 'unchecked', 'a token that it no longer trusts is renewed');
	is(count_of($host, "grants WHERE resource = '$same' AND previous_refresh IS NOT NULL"), 0, 'and confirmed');

	$heroku->behave('hurried');
	($found, $ended, $output) = reconcile(qw(--addon plain));
	is(join(' ', grep { $_ ne $unreadable && $found->{$_}[0]{difference} eq 'unchecked' } sort keys %$found), '',
		'one that wants us to wait is waited for') or diag $output;
};

subtest 'however many there are' => sub {
	$host->psql("INSERT INTO resources (id, marketplace, addon, provider_id, plan, state)
		SELECT id, 'heroku', 'plain', id, 'basic', 'provisioned'
		FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 250)) many");
	$heroku->behave('good');
	my ($found) = reconcile(qw(--addon plain));
	my @silent = grep { $_->{there} =~ /has no API/ } map { @$_ } values %$found;

	is(scalar @silent, 250, 'each is looked at, once');
};

subtest 'what is not said right' => sub {
	for my $most ('-1', 'many', '') {
		my ($output, $ended) = provisor('reconcile', '--most', $most);

		is($ended, 2, "--most $most: ends with 2");
		like($output, qr/--most must be a number/, 'says why');
	}
};

is_unhurt($host);

done_testing;
