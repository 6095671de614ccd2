#!/usr/bin/perl
# provisor resources list, find, show, history and deprovision; addons list.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Test;

my $user = getpwuid $>;
my (%addon, %id);
my $host = serving_host({}, sub {
	my ($new) = @_;

	%addon = (
		'fast-db' => addon($new, 'fast-db'),
		'slow-db' => addon($new, 'slow-db', version => '1'),
	);
});

sub provisor {
	my (@arguments) = @_;

	return ctl($host->env, @arguments);
}

# The objects that the command prints with --json.
sub objects {
	my ($output, $ended) = provisor(@_, '--json');

	return map { JSON::PP->new->utf8->decode($_) } grep { /\A\{/ }
		split /\n/, $output;
}

sub ids { return join ' ', map { $_->{id} } objects(@_) }

sub make {
	my ($name, $addon, %members) = @_;

	$id{$name} = uuid();
	$addon{$addon}->provision(uuid => $id{$name}, name => $name, %members);
	return;
}

make('old-one', 'fast-db', region => 'eu');
make('plan-b', 'fast-db', plan => 'premium', options => { size => '10' },
	log_drain_token => 'd.0815-Drain');
make('foreign', 'slow-db', heroku_id => 'app4711@heroku.com');
make('gone', 'slow-db');
$addon{'slow-db'}->deprovision($id{gone});
$host->psql("UPDATE resources SET created_at = now() - interval '3 hours'
	WHERE id = '$id{'old-one'}'");

subtest 'list: newest first, filtered by options' => sub {
	my @cases = (
		# name                    arguments                      which
		[ 'all',                    [],                            qw(gone foreign plan-b old-one) ],
		[ 'of one add-on',          [qw(--addon fast-db)],         qw(plan-b old-one) ],
		[ 'of one marketplace',     [qw(--marketplace heroku)],    qw(gone foreign plan-b old-one) ],
		[ 'of another marketplace', [qw(--marketplace elsewhere)], () ],
		[ 'in one state',           [qw(--state deprovisioned)],   qw(gone) ],
		[ 'on one plan',            [qw(--plan premium)],          qw(plan-b) ],
		[ 'made lately',            [qw(--since 2h)],              qw(gone foreign plan-b) ],
		[ 'both at once',           [qw(--addon slow-db --state provisioned)], qw(foreign) ],
	);

	for (@cases) {
		my ($name, $arguments, @expected) = @$_;

		is(ids('resources', 'list', @$arguments), "@id{@expected}", $name);
	}
	my ($output, $ended) = provisor(qw(resources list));
	is($ended, 0, 'exits with 0');
	like($output, qr/\AID +MARKETPLACE +ADDON +NAME +PLAN +STATE +CREATED AT\n/,
		'prints headings');
	like($output, qr/^$id{'plan-b'} +heroku +fast-db +plan-b +premium +provisioned +20/m,
		'prints columns');
};

subtest 'list: a limit applies and is mentioned' => sub {
	my ($output, $ended) = provisor(qw(resources list --limit 2 --json));

	is($ended, 0, 'exits with 0');
	like($output, qr/^provisor: only 2 of \d+ are shown/m, 'prints that there are more');
	is(() = $output =~ /^\{/mg, 2, 'two of four');
	($output) = provisor(qw(resources list --limit 4));
	unlike($output, qr/only the newest/, 'prints nothing about more when there are none');
};

subtest 'usage errors' => sub {
	my @cases = (
		[ [qw(list --limit 0)],        qr/--limit/ ],
		[ [qw(list --limit 10001)],    qr/--limit/ ],
		[ [qw(list --limit 9x)],       qr/--limit/ ],
		[ [qw(list --since yesterday)], qr/--since/ ],
		[ [qw(list --state happy)],    qr/--state.*provisioned/ ],
		[ [qw(history x --limit -1)],  qr/--limit/ ],
		[ [qw(list fast-db)],          qr/usage/ ],
		[ [qw(show)],                  qr/usage/ ],
	);

	for (@cases) {
		my ($arguments, $words) = @$_;
		my ($output, $ended) = provisor('resources', @$arguments);

		is($ended, 2, "@$arguments: exits with 2");
		like($output, $words, "@$arguments: prints the reason");
	}
};

subtest 'find: in any case' => sub {
	my @cases = (
		[ 'a part of the name',                   'LAN-',                             'plan-b' ],
		[ 'a part of the owner',                  'PP4711',                           'foreign' ],
		[ 'the beginning of the id',              uc substr($id{'plan-b'}, 0, 20),    'plan-b' ],
		[ 'the whole id',                         $id{'plan-b'},                      'plan-b' ],
		[ 'the beginning of the log drain token', 'd.0815-D',                         'plan-b' ],
		[ 'two letters: the beginning',           'PL',                               'plan-b' ],
		[ '... and no other part',                'LA',                               () ],
	);

	for (@cases) {
		my ($name, $text, @expected) = @$_;

		is(ids('resources', 'find', $text), "@id{@expected}", $name);
	}
	is(ids(qw(resources find heroku_id)), '', 'no name of a member matches');
	is(ids('resources', 'find', "' OR true --"), '', 'SQL does not match');
	is(ids('resources', 'find', $_), '', "a pattern does not match: $_") for qw(% plan_b plan\\-b);
};

subtest 'find: without the module pg_trgm' => sub {
	my ($definition) = $host->psql("SELECT pg_get_indexdef('resources_search'::regclass)");

	$host->psql('DROP INDEX resources_search; CREATE INDEX resources_search ON resources
		(search_text(name, owner) text_pattern_ops)');
	is(ids(qw(resources find PLAN-)), $id{'plan-b'}, 'the beginning of the name');
	is(ids(qw(resources find LAN-)), '', '... and no other part');
	is(ids('resources', 'find', substr $id{'plan-b'}, 0, 20), $id{'plan-b'}, 'the beginning of the id');
	$host->psql("DROP INDEX resources_search; $definition");
};

subtest 'find: by other ids' => sub {
	my $id = $id{'old-one'};

	change_ids($host, "id = '$id'", marketplace_id => 'Theirs-7', provider_id => 'ours-8');
	for my $text (qw(Theirs Theirs-7 OURS ours-8), substr $id, 0, 9) {
		is(ids('resources', 'find', $text), $id, $text);
	}
	change_ids($host, "id = '$id'", marketplace_id => $id, provider_id => $id);
};

subtest 'show: by any id, without values of config vars' => sub {
	change_ids($host, "id = '$id{'old-one'}'", marketplace_id => 'theirs-1', provider_id => 'ours-1');
	for my $given ($id{'old-one'}, uc $id{'old-one'}, 'theirs-1', 'ours-1') {
		my ($shown) = objects(qw(resources show), $given);

		is($shown->{id}, $id{'old-one'}, "by $given");
	}
	my ($shown) = objects('resources', 'show', $id{'plan-b'});
	is_deeply(
		{ map { $_ => $shown->{$_} } qw(addon plan options owner config) },
		{
			addon => 'fast-db',
			plan => 'premium',
			options => { size => undef },
			owner => undef,
			config => { FAST_DB_URL => undef, FAST_DB_TOKEN => undef },
		},
		'shows all members, and the names of options and config vars'
	);
	my ($output) = provisor('resources', 'show', $id{'plan-b'});
	like($output, qr/^plan +premium$/m, 'prints a line for each member');
	like($output, qr/^config FAST_DB_URL +$/m, '... and for each config var');
	like($output, qr/^options size +$/m, '... and for each option');
	unlike($output, qr/https:/, 'prints no value');
	is(count_of($host, "events WHERE event = 'config-revealed'"), 0,
		'writes no event');
};

subtest 'show --reveal: values, and an event' => sub {
	my ($output, $ended) = provisor('resources', 'show', $id{'plan-b'}, '--reveal');

	is($ended, 0, 'exits with 0');
	like($output, qr{^config FAST_DB_URL +https://$id{'plan-b'}\.example/premium$}m,
		'prints the values');
	my ($shown) = objects('resources', 'show', $id{'plan-b'}, '--reveal');
	is_deeply($shown->{options}, { size => '10' }, 'prints options');
	like($shown->{config}{FAST_DB_TOKEN}, qr/\A[\w-]{32}\z/, 'prints them as JSON');
	is_deeply([ map { $_->{actor} } rows($host, "events WHERE event = 'config-revealed'") ],
		[ ("operator:$user") x 2 ], 'each call writes an event with the operator');

	SKIP: {
		skip 'only root can become another', 2 if $> != 0;
		my @show = ('resources', 'show', $id{'plan-b'}, '--reveal');

		ctl({ %{ $host->env }, SUDO_USER => 'nobody' }, @show);
		is(count_of($host, "events WHERE actor = 'operator:nobody'"), 1,
			'with sudo, the event names the caller');
		Provisor::CgiClient::run(
			program => [ $^X, '-e', '$< = getpwnam "nobody"; exec @ARGV', build() . '/provisor', @show ],
			environment => { %{ $host->env }, SUDO_USER => 'daemon' },
		);
		is(count_of($host, "events WHERE actor = 'operator:nobody'"), 2,
			'without root, SUDO_USER is ignored');
	}
	ctl({ %{ $host->env }, SUDO_USER => 'No such user' },
		'resources', 'show', $id{'plan-b'}, '--reveal');
	is(count_of($host, "events WHERE actor = 'operator:$user'"), 3,
		'an unknown SUDO_USER is ignored');
};

subtest 'show without keys: prints the rest' => sub {
	my ($output, $ended) = ctl({ %{ $host->env }, PROVISOR_KEYS => '/nowhere' },
		'resources', 'show', $id{'plan-b'}, '--reveal');

	is($ended, 1, 'fails');
	like($output, qr{/nowhere}, 'prints the reason');
	like($output, qr/^plan +premium$/m, 'prints the other members');
	is(count_of($host, "events WHERE event = 'config-revealed'"), $> == 0 ? 5 : 3,
		'writes no event');
};

subtest 'an id of several resources' => sub {
	$host->psql("UPDATE resources SET provider_id = '$id{'old-one'}'
		WHERE id = '$id{foreign}'");
	for my $command (qw(show history deprovision)) {
		my ($output, $ended) = provisor('resources', $command, $id{'old-one'});

		is($ended, 1, "$command: fails");
		like($output, qr/more than one/, "$command: prints the reason");
		like($output, qr/^$id{foreign} .* slow-db /m, "$command: lists one resource");
		like($output, qr/^$id{'old-one'} .* fast-db /m, "$command: lists the other");
	}
	is(ids(qw(resources show), $id{'old-one'}, qw(--addon slow-db)), $id{foreign},
		'--addon chooses');
	is(ids(qw(resources show), $id{foreign}), $id{foreign}, 'another id chooses');

	my ($output, $ended) = provisor(qw(resources show no-such-id));
	is($ended, 1, 'an unknown id fails');
	like($output, qr/no resource has the id no-such-id/, '... and is printed');
};

subtest 'history: all events, in order' => sub {
	my $name = 'gone';
	my @events = objects(qw(resources history), $id{$name});

	is(join(' ', map { $_->{event} } @events), 'provisioned deprovisioned',
		'the events');
	is_deeply([ map { $_->{before} } @events ],
		[ undef, { plan => 'basic', state => 'provisioned' } ], 'from what');
	is($events[0]{actor}, 'heroku', 'by whom');
	like($events[0]{at}, qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z/, 'when');

	my ($output) = provisor(qw(resources history), $id{$name});
	like($output, qr/\AAT +EVENT +ACTOR +REQUEST ID +BEFORE +AFTER\n/,
		'prints a table');
	($output) = provisor(qw(resources history), $id{$name}, qw(--limit 1));
	like($output, qr/ deprovisioned .*only the newest 1/s, '--limit shows the newest event');
	unlike($output, qr/ provisioned /, '... and no other');
};

subtest 'deprovision: explained first, with --yes carried out' => sub {
	my $before = fingerprint($host);
	my ($output, $ended) = provisor('resources', 'deprovision', $id{'plan-b'});

	is($ended, 2, 'without --yes, exits with 2');
	like($output, qr/^$id{'plan-b'} +heroku +fast-db .*would be deprovisioned/ms,
		'explains what would be done');
	is(fingerprint($host), $before, 'changes nothing');

	($output, $ended) = provisor('resources', 'deprovision', $id{'plan-b'}, '--yes');
	is($ended, 0, 'with --yes, exits with 0');
	my $row = row($host, "resources WHERE id = '$id{'plan-b'}'");
	is($row->{state}, 'deprovisioned', 'the resource is deprovisioned');
	is($row->{config}, undef, 'its config is erased');
	is(count_of($host, "resources WHERE id = '$id{'plan-b'}' AND grant_ended_at IS NULL"), 0,
		'its grant is erased');
	my $event = row($host, "events WHERE resource = '$id{'plan-b'}'
		AND event = 'deprovisioned'");
	is($event->{actor}, "operator:$user", 'the event names the operator');
	is_deeply($event->{before}, { plan => 'premium', state => 'provisioned' },
		'... and the state before');

	$before = fingerprint($host);
	($output, $ended) = provisor('resources', 'deprovision', $id{'plan-b'}, '--yes');
	is($ended, 0, 'a repetition exits with 0');
	like($output, qr/already/, '... and prints that');
	is(fingerprint($host), $before, '... and changes nothing');
	refuses($addon{'fast-db'}->change_plan($id{gone}, 'premium'), 404,
		'another add-on cannot see it');
	my ($shown) = objects('resources', 'show', $id{'plan-b'}, '--reveal');
	is($shown->{config}, undef, 'no config is left');
};

subtest 'deprovision: fails while the home is invalid' => sub {
	$addon{'slow-db'}->write_file('template.json', '{');
	my ($output, $ended) = provisor(qw(resources deprovision), $id{foreign}, '--yes');

	is($ended, 1, 'fails');
	like($output, qr/slow-db .*no valid home/, 'prints the reason');
	is(row($host, "resources WHERE id = '$id{foreign}'")->{state}, 'provisioned',
		'the resource is unchanged');
};

subtest 'addons list: valid and invalid homes' => sub {
	my ($output, $ended) = provisor(qw(addons list));

	is($ended, 1, 'an invalid home makes it exit with 1');
	like($output, qr{^heroku +fast-db +/heroku/resources +3 +template\.json +valid$}m,
		'a valid home');
	like($output, qr{^heroku +slow-db +/heroku/resources +1 +template\.json +invalid$}m,
		'an invalid home');
	like($output, qr/^provisor: .*slow-db\/template\.json/m, 'prints what is wrong');
	is(join(' ', map { $_->{state} } objects(qw(addons list))), 'valid invalid',
		'prints objects with --json');
};

subtest 'without a database' => sub {
	my ($output, $ended) = ctl(
		{ %{ $host->env }, PROVISOR_DATABASE => 'host=/nowhere' },
		qw(resources list));

	is($ended, 1, 'fails');
	like($output, qr{/nowhere.*database failed}s, 'prints the reason');
};

is_unhurt($host);

done_testing;
