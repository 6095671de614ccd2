#!/usr/bin/perl
# provisor people: all that is stored about a person is found by the e-mail address,
# regardless of case, and erased, except what a live resource needs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Test;
use Provisor::Files qw(read_text write_text);
use Provisor::SecretSearch;
use Provisor::SignOnForm;

my $jane = 'jane.doe+x@example.com';
my $other = 'mary.jane.doe+x@example.com';
my $addon;
my $host = serving_host({ workers => { api => 1, web => 1 } }, sub { $addon = addon($_[0], 'fast-db') });
my $search = Provisor::SecretSearch->new($host);
my %id;

sub sign_on {
	my ($name, @fields) = @_;

	return post_form(fastcgi($host), '/sso/login', sign_on_fields($addon, $id{$name}, @fields))->status;
}

sub of { return row($host, "resources WHERE marketplace_id = '$id{$_[0]}'") }

sub people { return ctl($host->env, 'people', @_) }

# What an export finds: the kind of each row and its resource or job.
sub exported {
	my ($address) = @_;
	my ($output, $status) = people('export', $address);
	my @rows = map { JSON::PP->new->utf8->decode($_) } grep { /^\{/ } split /\n/, $output;

	is($status, 0, "people export $address") or diag $output;
	return @rows;
}

sub kinds { return join ' ', map { "$_->{kind}" . ($_->{event} ? ":$_->{event}" : '') } exported(@_) }

# The lines of a dump and of the logs that mention the address.
sub places_of_address {
	my $text = join '', map { read_text($_) // '' } $search->dump, glob($host->home . '/log/*');

	$text =~ s/\Q$other\E//g;
	return join '', $text =~ /^(.*\Q$jane\E.*\n)/gim;
}

# A listener's reason can have an address, too.
sub put_into_texts {
	my ($id) = @_;

	$host->psql("WITH job AS (
			INSERT INTO jobs (kind, lane, resource, finished_at, last_error, payload)
			VALUES ('push-config', 'marketplace', '$id', now(), 'no user \U$jane\E.', '{\"line\": \"for $jane, $other\"}')
			RETURNING id)
		INSERT INTO job_attempts (job, attempt, resource, kind, actor, request_id, gave_up, reason)
		SELECT id, 1, '$id', 'push-config', 'provisor-jobs', 'for:$jane', false, 'no user <$jane>' FROM job;
		INSERT INTO events (resource, event, actor, request_id, before, after)
		VALUES ('$id', 'noted', 'operator:$jane', '$jane', '{\"who\": \"$other\"}',
			jsonb_build_object('reason', E'asked\\nby\\n\u$jane (\U$jane\E)'));
		INSERT INTO events (resource, event, actor, after) VALUES ('$id', 'noted', 'test', '{\"who\": \"$other\"}')");
	return;
}

for my $name (qw(live gone refused)) {
	$id{$name} = uuid();
	$addon->provision(uuid => $id{$name}, options => { password => 'hunter2' }, name => "$name of $jane");
}
is(sign_on(live => (email => 'Jane.Doe+X@Example.com')), 303, 'a person signs on');
is(sign_on(live => (email => $other)), 303, '... and another');
is(sign_on(gone => (email => $jane)), 303, '... to another resource');

# The owner of the second one has the address, as another system's file may have it.
write_text($host->home . '/owners.jsonl', join '', map { JSON::PP::encode_json({ marketplace_id => $id{$_},
	plan => 'basic', name => "app-$_", owner => { email => uc $jane } }) . "\n" } qw(live gone));
my ($output, $status) = ctl($host->env, qw(resources import --update --marketplace heroku --addon fast-db),
	$host->home . '/owners.jsonl');
is($status, 0, 'owners are imported') or diag $output;
$addon->deprovision($id{gone});
$host->psql("UPDATE resources SET name = '$jane' WHERE id = '$id{gone}';
	ALTER TABLE resources DISABLE TRIGGER USER;
	UPDATE resources SET state = 'refused' WHERE id = '$id{refused}';
	ALTER TABLE resources ENABLE TRIGGER USER");
put_into_texts(of('gone')->{id});

subtest 'a request for access' => sub {
	my @rows = exported(uc $jane);

	is_deeply([ sort map { $_->{id} } grep { $_->{kind} eq 'resource' } @rows ], [ sort @id{qw(live gone refused)} ],
		'the resources, in any case of the address');
	my ($live) = grep { $_->{id} eq $id{live} } @rows;
	is_deeply($live->{owner}, { email => uc $jane }, '... with the owner');
	is_deeply($live->{options}, { password => 'hunter2' }, '... and the options that were chosen');
	is_deeply([ map { $_->{resource} } grep { ($_->{event} // '') eq 'signed-on' } @rows ], [ @id{qw(live gone)} ],
		'sign-ons');
	is((grep { $_->{kind} eq 'event' && $_->{event} eq 'noted' } @rows), 1, 'a text of an event');
	is((grep { $_->{kind} eq 'attempt' } @rows), 1, '... of an attempt');
	is((grep { $_->{kind} eq 'job' } @rows), 1, '... and of a job');
	is(kinds($other), 'event:signed-on event:noted event:noted job', 'another person');
	is(kinds('e@example.com'), '', 'a part of an address is another one');
	is(count_of($host, "events WHERE event = 'config-revealed' AND actor LIKE 'operator:%'"), 2,
		'what is opened is recorded');
};

subtest 'erasing needs a decision' => sub {
	my $before = places_of_address();
	my ($output, $status) = people('forget', $jane);

	is($status, 2, 'without --yes');
	like($output, qr/^kept: $id{live} of heroku\/fast-db is provisioned: the marketplace and its listener need/m,
		'a live resource is named, with the reason');
	like($output, qr/^found: resources that are gone 2, events of the person 2, other events 2, jobs 1$/m, '... and the rest is counted');
	is(places_of_address(), $before, '... and nothing is erased');
	for my $wrong ('jane', '@example.com', 'jane@', 'a b@example.com', 'jane@example.com,joe@example.com') {
		is((people('forget', $wrong, '--yes'))[1], 2, "not an address: $wrong");
	}
	is((people('forget', 'nobody@example.com'))[1], 0, 'there may be nothing to erase');
};

subtest 'a request for erasure' => sub {
	my $events = count_of($host, 'events');
	my ($output, $status) = people('forget', 'JANE.Doe+x@example.com', '--yes');

	is($status, 0, 'exits with 0') or diag $output;
	is(count_of($host, 'events'), $events + 4, 'an event of each resource and of its sign-ons is written');
	like($output, qr/^erased: resources that are gone 2, events of the person 2, other events 2, jobs 1$/m, 'prints how much');
	is(kinds($jane), 'resource', 'only the live resource is left');
	is(of('live')->{owner}{email}, uc $jane, '... with its owner');
	is(of('refused')->{state}, 'deprovisioned', 'one that was refused ends');
	is_deeply([ of('refused')->@{qw(name options)} ], [ undef, undef ], '... and loses what it had');
	is(count_of($host, "events WHERE event = 'signed-on'"), 3, 'the sign-ons stay');
	is_deeply([ map { $_->{after} } rows($host, "events WHERE event = 'person-forgotten' AND resource = '$id{live}'") ],
		[ { events => 1 } ], 'an event has the number');
	is_deeply(row($host, "events WHERE event = 'noted' AND actor <> 'test'")->{after}, { reason => "asked\nby\n[erased] ([erased])" },
		'the rest of a text stays');
	is(kinds($other), 'event:signed-on event:noted event:noted job', 'another person stays');
};

subtest 'nothing is left once the resource is gone' => sub {
	like(places_of_address(), qr/\Q$id{live}\E/, 'the live one has the address');
	$addon->deprovision($id{live});
	is((people('forget', $jane, '--yes'))[1], 0, 'a repetition');
	is(places_of_address(), '', 'a dump and the logs do not have the address');
	is(kinds($jane), '', 'an export finds nothing');
};

subtest "the worker's role can erase addresses only" => sub {
	my $before = count_of($host, "events WHERE event = 'provisioned'");

	$host->psql("SET ROLE provisor_worker; SELECT forget_address('provisioned', 0, 1000000), forget_address('', 0, 1000000)");
	is(count_of($host, "events WHERE event = 'provisioned'"), $before, 'a word is no address');
	is(count_of($host, "events WHERE actor LIKE '%[erased]%'"), 1, 'and changes nothing');
};

# The planner may try one of two conditions first, and the expression takes ten times as
# long as the other.
like($host->psql(q(EXPLAIN SELECT FROM events WHERE has_address(actor, 'a@example.com'))),
	qr/CASE WHEN .*position.* THEN .*~\*/is, 'only texts with the address are compared with its expression');

is_unhurt($host);
done_testing;
