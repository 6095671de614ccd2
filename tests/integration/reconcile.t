#!/usr/bin/perl
# provisor reconcile finds differences between us and the marketplace, and repairs them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Test;
use Provisor::ChildProcess;
use Provisor::Files qw(read_text write_text);
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

# Provision a resource that has a token; return its id and the marketplace's view.
sub make {
	my ($of, %members) = @_;
	my $id = uuid();
	my $answer = $of->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant(), %members);

	is($answer->status, 200, 'a resource is provisioned') && at_rest($id);
	my $config = $answer->json->{config};
	return ($id, { plan => { name => 'it:' . ($members{plan} // 'basic') },
		config => [ map { { name => $_, value => $config->{$_} } } sort keys %$config ] });
}

# Return findings by resource, the exit status and the output.
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

# The stored config vars, as a repeated create gets them.
sub config_of {
	my ($id) = @_;
	my ($row) = rows($host, "resources WHERE id = '$id'");
	my $of = $row->{addon} eq 'plain' ? $plain : $addon;

	return $of->provision(uuid => $id, plan => $row->{plan})->json->{config};
}

sub events_by {
	my ($uuid) = @_;

	return join ' ', map { $_->{event} }
		rows($host, "events WHERE resource = '$uuid' AND actor = 'reconcile' ORDER BY id");
}

# Resources and the marketplace's views of them.
my ($same, $gone, $removed, $plan, $waiting, $config);
my (%views, %agreeing);
$heroku->behave('succeeds');
for ([ \$same, $plain ], [ \$gone, $addon ], [ \$removed, $plain ], [ \$plan, $addon ],
	[ \$waiting, $plain ], [ \$config, $plain ]) {
	my ($name, $of) = @$_;

	($$name, my $view) = make($of);
	$agreeing{$$name} = { %$view };
	$views{$$name} = { %$view, plan => { %{ $view->{plan} } },
		config => [ map { { %$_ } } @{ $view->{config} } ] };
}
my $unreadable = uuid();
is($plain->provision(uuid => $unreadable)->status, 200, 'a resource without a grant is provisioned');

# The config vars of $config, as they are stored.
my $before = config_of($config);

$views{$unreadable} = $agreeing{$unreadable} = { no_grant => 1 };
$views{$gone}{status} = 404;
$views{$removed}{state} = 'deprovisioned';
$views{$plan}{plan}{name} = 'it:premium';
$views{$waiting}{state} = 'provisioning';
$views{$config}{config}[0]{value} = 'something else';
splice @{ $views{$config}{config} }, 1;
$views{$same}{plan}{name} = 'premium'; # no service: not compared

subtest 'without --repair nothing changes' => sub {
	my $events = count_of($host, 'events');

	$heroku->has_resources(%views);
	my ($found, $ended, $output) = reconcile();
	is($ended, 1, 'it fails');
	found_is($found, $same, [], 'a resource that agrees is not listed');
	found_is($found, $gone, [ [ 'gone', 'provisioned', 'gone', undef ] ], 'a resource that the marketplace does not know');
	found_is($found, $removed, [ [ 'gone', 'provisioned', 'gone', undef ] ], 'a resource that it has deprovisioned');
	found_is($found, $plan, [ [ 'plan', 'basic', 'premium', undef ] ], 'another plan');
	found_is($found, $waiting, [ [ 'state', 'provisioned', 'provisioning', undef ] ], 'a resource that it waits for');
	found_is($found, $config, [ [ 'config', 'PLAIN_TOKEN', 'other values', undef ],
		[ 'config', 'PLAIN_URL', 'no values', undef ] ], 'config vars by name');
	found_is($found, $unreadable, [ [ 'unchecked', undef, 'the marketplace sent no grant that can be exchanged', undef ] ], 'a resource that cannot be queried');
	like($output, qr/^provisor: 1 agree, 5 differ, 0 repaired, 0 revoked, 1 unchecked$/m, 'the numbers of all');
	unlike($output, qr/something else|attempt 1|https:/, 'no value is printed');
	is(count_of($host, 'events'), $events, 'no event is recorded');
	is(count_of($host, 'jobs WHERE finished_at IS NULL'), 0, 'no job is queued');
	is(join(' ', grep { !m{\AGET /} } $heroku->calls), '', 'nothing is sent to the marketplace');

	($output, $ended) = provisor(qw(reconcile --addon fast-db));
	like($output, qr/\AID +MARKETPLACE +ADDON +DIFFERENCE +HERE +THERE +REPAIR\n/, 'without --json it prints a table');
	like($output, qr/^$plan +heroku +fast-db +plan +basic +premium/m, '... with a line for each difference');
	unlike($output, qr/$config/, '... of the add-on alone');
};

subtest 'while a job calls the marketplace' => sub {
	$host->psql("INSERT INTO jobs (kind, lane, resource, run_at) VALUES ('push-config', 'marketplace', '$same', 'infinity')");
	my @before = $heroku->calls($same);
	my ($found) = reconcile();
	found_is($found, $same, [ [ 'busy', undef, 'a job for its marketplace is unfinished: see provisor jobs list', undef ] ], 'the resource is not checked');
	is_deeply([ $heroku->calls($same) ], \@before, '... and not queried');
	$host->psql("UPDATE jobs SET finished_at = now() WHERE finished_at IS NULL");
};

subtest 'no more removals than --most' => sub {
	$heroku->has_resources(%agreeing, map { $_ => $views{$_} } $gone, $removed);
	my ($found, $ended, $output) = reconcile(qw(--repair --most 1));

	is($ended, 1, 'it fails');
	like($output, qr/^provisor: stopped before deprovisioning more than 1 resources: .*--most/m, '... with the reason');
	is(join(' ', sort map { state_of($_) =~ s/ing\z/ed/r } $gone, $removed), 'deprovisioned provisioned',
		'one resource is deprovisioned, and one is not');
	($found, $ended, $output) = reconcile(qw(--repair --most 0));
	like($output, qr/deprovisioning more than 0/, '--most 0 allows none');
};

subtest 'with --repair' => sub {
	$heroku->has_resources(%views);
	my ($found, $ended, $output) = reconcile('--repair');

	is($ended, 1, 'it fails, as config vars still differ');
	found_is($found, $plan, [ [ 'plan', 'basic', 'premium', 'changed' ],
		[ 'config', 'FAST_DB_URL', 'other values', undef ] ], 'the plan is changed');
	found_is($found, $waiting, [ [ 'state', 'provisioned', 'provisioning', 'job complete' ] ], 'a job completes the resource');
	found_is($found, $config, [ [ 'config', 'PLAIN_TOKEN', 'other values', undef ],
		[ 'config', 'PLAIN_URL', 'no values', undef ] ], 'config vars are only shown');
	ok(at_rest($_), 'its jobs finish') for $gone, $removed, $plan, $waiting, $config;

	is(state_of($_), 'deprovisioned', 'it is deprovisioned') for $gone, $removed;
	is($vendor->thing($gone), undef, '... at the vendor too');
	is(row($host, "resources WHERE id = '$plan'")->{plan}, 'premium', 'the plan is the marketplace\'s');
	is($vendor->thing($plan), 'premium', '... at the vendor too');
	is_deeply([ grep { !/\AGET/ } $heroku->calls($_) ], [], 'no config var is sent') for $plan, $config;
	is_deeply([ grep { !/\AGET/ } $heroku->calls($waiting) ],
		[ "PATCH /addons/$waiting/config", "POST /addons/$waiting/actions/provision" ], 'the resource is completed');
	is(events_by($gone), 'deprovisioning', 'the deprovision is an event');
	is(events_by($removed), 'deprovisioned', '... of each resource');
	is(events_by($plan), 'plan-changed', 'the plan change is an event');
	is(events_by($waiting), 'reconciled', 'the completion is an event');
	is(events_by($config), '', 'config vars are not changed');
	is(events_by($same), '', 'a resource that agrees has no event');
};

subtest 'with --config theirs' => sub {
	my ($found, $ended, $output) = reconcile(qw(--repair --config theirs --addon plain));

	found_is($found, $config, [ [ 'config', 'PLAIN_TOKEN', 'other values', 'stored here' ],
		[ 'config', 'PLAIN_URL', 'no values', undef ] ], 'the marketplace\'s value is stored');
	is_deeply(config_of($config), { PLAIN_TOKEN => 'something else', PLAIN_URL => $before->{PLAIN_URL} },
		'... and a value that it lacks stays');
	is(events_by($config), 'config-set', '... with an event');
	is_deeply(row($host, "events WHERE resource = '$config' AND actor = 'reconcile'")->{after},
		{ PLAIN_TOKEN => 'set' }, '... that has the name alone');
	unlike($host->psql("SELECT config FROM resources WHERE id = '$config'"), qr/something/, '... and sealed');
	is(count_of($host, "jobs WHERE resource = '$config' AND finished_at IS NULL"), 0, '... and nothing is sent');
	($found) = reconcile(qw(--repair --config theirs --addon plain));
	found_is($found, $config, [ [ 'config', 'PLAIN_URL', 'no values', undef ] ], 'the next run does not find it again');

	my %there = %views;
	$there{$config} = { %{ $views{$config} }, config => [ map { { name => $_, value => 'of-there' } }
		qw(PLAIN_TOKEN PLAIN_URL OTHER) ] };
	$heroku->has_resources(%there);
	$host->psql("UPDATE resources SET config = NULL WHERE id = '$config'");
	($found) = reconcile(qw(--repair --config theirs --addon plain));
	found_is($found, $config, [ [ 'config', 'no values', 'PLAIN_TOKEN, PLAIN_URL', 'stored here' ] ],
		'values that are missing here are stored');
	is_deeply(config_of($config), { PLAIN_TOKEN => 'of-there', PLAIN_URL => 'of-there' }, '... if the add-on declares them');
};

subtest 'with --config ours' => sub {
	$heroku->has_resources(%views);
	my ($found, $ended, $output) = reconcile(qw(--repair --config ours));

	found_is($found, $config, [ [ 'config', 'PLAIN_TOKEN', 'other values', 'job push-config' ],
		[ 'config', 'PLAIN_URL', 'no values', 'job push-config' ] ], 'a job sends the config vars');
	ok(at_rest($_), 'its jobs finish') for $config, $plan;
	is_deeply([ grep { !/\AGET/ } $heroku->calls($config) ], [ "PATCH /addons/$config/config" ], 'they are sent');
	like(events_by($config), qr/reconciled\z/, '... with an event');
};

subtest 'a listener that is not ready to change the plan' => sub {
	my ($late, $view) = make($addon);
	my $not_ready = 'exit 75 if $call->{resource}{plan} eq "premium" && $call->{attempt} < 3';

	$heroku->has_resources($late => { %$view, plan => { name => 'it:premium' } });
	$vendor->behave('change-plan' => $not_ready);
	my ($found) = reconcile(qw(--repair --addon fast-db));

	found_is($found, $late, [ [ 'plan', 'basic', 'premium', 'job change-plan' ],
		[ 'busy', undef, 'a job for the listener is unfinished: see provisor jobs list', undef ] ], 'a job goes on');
	ok(at_rest($late), 'its jobs finish');
	is(row($host, "resources WHERE id = '$late'")->{plan}, 'premium', 'the plan is the marketplace\'s');
	is($vendor->thing($late), 'premium', '... at the vendor too');
	is_deeply([ grep { !/\AGET/ } $heroku->calls($late) ], [], 'no config var is sent');

	$vendor->behave('change-plan' => 'exit 65');
	$heroku->has_resources($late => { %$view, plan => { name => 'it:basic' } });
	($found) = reconcile(qw(--repair --addon fast-db));
	is($found->{$late}[0]{repair}, undef, 'a refusal is not repaired');
	is(count_of($host, "jobs WHERE resource = '$late' AND finished_at IS NULL"), 0, '... and leaves no job');
	$vendor->behave('change-plan' => undef);
};

# An add-on in the marketplace's list.
sub listed {
	my ($service, %members) = @_;

	return { addon_service => { name => $service }, plan => { name => "$service:premium" },
		state => 'provisioned', created_at => '2020-02-02T20:20:20Z', %members };
}

subtest 'lost resources' => sub {
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

	$heroku->has_resources(%all);
	my ($found, $ended, $output) = reconcile(qw(--addon plain --parallel 1));
	is($ended, 1, 'it fails');
	found_is($found, $_, [ [ 'lost', undef, 'provisioned', undef ] ], 'each is listed') for $lost, $nameless;
	found_is($found, $removed, [ [ 'state', 'deprovisioned', 'provisioned', undef ] ], 'a resource that is deprovisioned here is listed');
	found_is($found, $_, [], 'others are not: still provisioning, of another service, of another add-on')
		for $coming, $foreign, $there;
	is(count_of($host, "resources WHERE marketplace_id = '$lost'"), 0, 'nothing is imported without --repair');
	is(scalar(grep { $_ eq 'GET /addons' } $heroku->calls), 5, 'one token that sees all resources lists all pages');

	($found, $ended, $output) = reconcile(qw(--repair --addon plain));
	found_is($found, $_, [ [ 'lost', undef, 'provisioned', 'imported' ] ], 'each is imported') for $lost, $nameless;
	ok(at_rest($_), 'its jobs finish') for $lost, $nameless;
	my $row = row($host, "resources WHERE id = '$lost'");
	is_deeply([ @$row{qw(state plan name provider_id marketplace_id)} ],
		[ 'provisioned', 'premium', 'plain-tall-1', 'thing-7', $lost ], 'it has the marketplace\'s values');
	like($row->{created_at}, qr/\A2020-02-02/, '... and its time of creation');
	is(row($host, "resources WHERE id = '$nameless'")->{provider_id}, $nameless, 'without provider_id it has its uuid');
	is(events_by($lost), 'imported reconciled', 'each step is an event');
	my $answer = $plain->provision(uuid => $lost, plan => 'premium');
	is_deeply($answer->json->{config}, { PLAIN_URL => 'https://thing-7.example/', PLAIN_TOKEN => 'of-thing-7' },
		'a repeated create gets the config of the customer');
	is(count_of($host, "resources WHERE id = '$lost' AND access_token IS NOT NULL"), 1, 'a token was requested');

	($found) = reconcile(qw(--repair --addon plain));
	found_is($found, $lost, [], 'the next run finds no difference');
	is(count_of($host, "resources WHERE marketplace_id IN ('$coming', '$foreign')"), 0, 'no other resource is imported');
	ok(wait_for(25, sub { count_of($host, 'jobs WHERE finished_at IS NULL') == 0 }), 'all jobs finish');
};

subtest 'tokens that are refused' => sub {
	$heroku->behave('revoked');
	my ($found, $ended, $output) = reconcile(qw(--repair --addon plain --parallel 1));

	is($ended, 1, 'it fails');
	found_is($found, $same, [ [ 'revoked', 'provisioned', 'refuses its token', undef ] ], 'a resource whose token is refused for good');
	is(state_of($same), 'provisioned', '... is not removed');
	found_is($found, $unreadable, [ [ 'unchecked', undef, 'the marketplace sent no grant that can be exchanged', undef ] ],
		'one that never had a token is unchecked');
	like($output, qr/^provisor: 0 agree, 0 differ, 0 repaired, [1-9]\d* revoked, 1 unchecked$/m, 'they are counted');
	like($output, qr/^provisor: a resource whose token is refused is probably gone: .*--against/m, 'the remedy is named');
	unlike($output, qr/cannot look for lost/, '... and lists are not blamed');
};

subtest 'calls, and a run that ends early' => sub {
	$heroku->behave('succeeds');
	my %new = map { make($plain) } 1 .. 3;
	my @ids = sort keys %new;
	my %all = map { $_ => { addon_service => { name => 'plain' }, %{ $new{$_} } } } @ids;
	$host->psql("UPDATE resources SET addon = 'set-aside' WHERE addon = 'plain'
		AND id NOT IN ('$ids[0]', '$ids[1]', '$ids[2]')");

	$heroku->has_resources(%all);
	my ($found, $ended, $output) = reconcile(qw(--addon plain --parallel 1));
	is($ended, 0, 'it succeeds if all agree') or diag $output;
	is(join(' ', $heroku->calls($_)), "GET /addons/$_/config", 'one call is enough for a resource in a list') for @ids;

	$heroku->has_resources(map { $_ => { status => 404 } } @ids);
	($found, $ended, $output) = reconcile(qw(--addon plain --parallel 1 --repair --most 1));
	like($output, qr/^provisor: ended early: continue with --after \Q$ids[0]\E$/m, 'it says where it ended');
	is(state_of($ids[2]), 'provisioned', 'the last one stays');
	($found, $ended, $output) = reconcile(qw(--addon plain --repair --after), $ids[0]);
	is(join(' ', sort keys %$found), "$ids[1] $ids[2]", 'it continues there');
	ok(at_rest($_), 'its jobs finish') for @ids;

	$host->psql("UPDATE resources SET addon = 'plain' WHERE addon = 'set-aside'");
	for my $parallel (1, 3) {
		my ($held, $output) = map { $host->home . "/$_" } qw(held output);

		write_text($held, '');
		$heroku->behave('waits');
		my $run = Provisor::ChildProcess->start(sub {
			%ENV = (%ENV, %{ $host->env });
			open STDOUT, '>', $output;
			open STDERR, '>&', \*STDOUT;
			exec build() . '/provisor', qw(reconcile --addon plain --parallel), $parallel;
		});

		ok(wait_for(25, sub { $heroku->calls > 0 }), 'the marketplace does not answer yet');
		kill TERM => $run->pid;
		unlink $held;
		is($run->finish(30) >> 8, 1, "SIGTERM ends a run with $parallel processes");
		like(read_text($output), qr/^provisor: ended early: (?:start again|continue with --after \S+)$/m, '... which says where it ended');
	}
};

subtest 'a marketplace that fails' => sub {
	$heroku->behave('unavailable');
	my ($found, $ended, $output) = reconcile(qw(--repair --addon plain));
	is($found->{$same}[0]{difference}, 'unchecked', 'during an outage resources are unchecked');
	is(state_of($same), 'provisioned', '... and not removed');
	for my $way (qw(forbidden unprocessable unauthorized)) {
		$heroku->behave($way);
		($found) = reconcile(qw(--repair --addon plain));
		is($found->{$same}[0]{difference}, 'unchecked', "... and if it answers: $way");
		is(state_of($same), 'provisioned', '... and not removed');
	}

	$heroku->behave('hides-list');
	($found, $ended, $output) = reconcile(qw(--addon plain --parallel 1));
	isnt($found->{$same}[0]{difference}, 'unchecked', 'without a list, resources are still checked');
	like($output, qr{^provisor: cannot look for lost resources: GET /addons: status 403}m, '... with the reason');
	is(scalar(grep { $_ eq 'GET /addons' } $heroku->calls), 1, '... after one query');

	$heroku->behave('accepts-only-refreshed');
	($found, $ended) = reconcile(qw(--addon plain));
	isnt($found->{$same}[0]{difference}, 'unchecked', 'a rejected token is renewed');
	is(count_of($host, "resources WHERE id = '$same' AND previous_refresh_token IS NOT NULL"), 0, '... and the new one is confirmed');

	$heroku->behave('rate-limited-once');
	($found, $ended, $output) = reconcile(qw(--addon plain));
	is(join(' ', grep { $_ ne $unreadable && $found->{$_}[0]{difference} eq 'unchecked' } sort keys %$found), '',
		'it waits if the marketplace asks for that') or diag $output;
};

subtest 'more resources than a page' => sub {
	$host->psql("INSERT INTO resources (id, marketplace, addon, provider_id, plan, state)
		SELECT id, 'heroku', 'plain', id, 'basic', 'provisioned'
		FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 250)) many");
	$heroku->behave('succeeds');
	my ($found, $ended) = reconcile(qw(--addon plain));
	my @silent = grep { $_->{there} =~ /has no API/ } map { @$_ } values %$found;

	is(scalar @silent, 250, 'each is checked once');
	is($ended, 1, 'it fails if resources are unchecked');
};

subtest 'wrong options' => sub {
	for my $most ('-1', 'many') {
		my ($output, $ended) = provisor('reconcile', '--most', $most);

		is($ended, 2, "--most $most: ends with 2");
		like($output, qr/--most must be a number/, '... and says why');
	}
	my ($output, $ended) = provisor(qw(reconcile --addon), '');

	is($ended, 2, 'an empty add-on, which would select no resource: ends with 2');
	like($output, qr/--addon needs a value/, '... and says why');
};

is_unhurt($host);

done_testing;
