#!/usr/bin/perl
# provisor config: new config vars are stored and pushed to the marketplace, in
# order, and several changes in one call.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::CgiClient;
use Provisor::Test;
use Provisor::Files 'write_text';
use Provisor::FakeHeroku;
use Provisor::ScriptedVendor;

my $host = new_host(
	workers => { api => 2, web => 1, jobs => 2 },
	env => { PROVISOR_JOB_LIMIT => '4s' },
);
my $heroku = Provisor::FakeHeroku->new($host);
my $secret = $host->home . '/client-secret';
my %settings = (settings => { client_secret_file => $secret });

write_text($secret, "the-client-secret\n");
chmod 0600, $secret;

my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', %settings,
	hooks => [qw(provision change-plan deprovision rotate)]);
my $rigid = Provisor::ScriptedVendor->new($host, 'rigid',
	base_url => 'https://localhost/rigid/heroku/resources', %settings);
my $template = addon($host, 'plain', base_url => 'https://localhost/plain/heroku/resources', %settings);
my $mute = addon($host, 'mute', base_url => 'https://localhost/mute/heroku/resources');
my $legacy = addon($host, 'legacy', version => '1',
	base_url => 'https://localhost/legacy/heroku/resources',
	template => { config => { LEGACY_URL => 'https://${id}.example' } }, %settings);

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

sub config {
	my ($how, @arguments) = @_;
	my ($output, $errors, $ended) = Provisor::CgiClient::run(
		program => [ build() . '/provisor', 'config', @arguments ],
		environment => $host->env,
		stdin => $how->{stdin} // '',
	);

	return ($output . $errors, $ended >> 8);
}

sub sets {
	my ($name, $words, @arguments) = @_;
	my $how = ref $arguments[0] ? shift @arguments : {};
	my ($output, $ended) = config($how, @arguments);

	return is($ended, 0, $name) && like($output, $words, "$name: the output says what follows") || diag $output;
}

sub fails {
	my ($name, $status, $words, @arguments) = @_;
	my $how = ref $arguments[0] ? shift @arguments : {};
	my ($output, $ended) = config($how, @arguments);

	is($ended, $status, "$name: exit status $status");
	return like($output, $words, "$name: the output has the reason");
}

sub jobs_finish {
	my ($uuid) = @_;

	return wait_for(25, sub {
		count_of($host, "jobs WHERE resource = '$uuid' AND finished_at IS NULL") == 0
	});
}

sub push_jobs { return rows($host, "jobs WHERE resource = '$_[0]' AND kind = 'push-config' ORDER BY id") }

sub events {
	my ($uuid, $what) = @_;

	return rows($host, "events WHERE resource = '$uuid' AND event ~ '$what' ORDER BY id");
}

sub event_names { return join ' ', map { $_->{event} } events(@_) }

# The response to a repeated provision request.
sub current_config {
	my ($addon, $uuid, %members) = @_;

	return $addon->provision(uuid => $uuid, %members)->json->{config};
}

sub provision {
	my ($addon, @members) = @_;
	my $uuid = uuid();

	$heroku->behave('succeeds');
	is($addon->provision(uuid => $uuid, @members)->status, 200, 'the resource is provisioned');
	jobs_finish($uuid);
	$heroku->behave('succeeds');
	return $uuid;
}

sub with_grant { return (oauth_grant => Provisor::FakeHeroku::grant()) }

my $addon = $vendor->addon;

subtest 'a config var that is set is pushed and in later responses' => sub {
	my $id = provision($addon, with_grant());

	sets('a value', qr/\Aconfig set: $id\nprovisor-jobs sends/, 'set', $id, 'FAST_DB_TOKEN=a=b');
	ok(jobs_finish($id), 'all jobs finish');
	is_deeply([ $heroku->calls($id) ], ["PATCH /addons/$id/config"], 'the marketplace gets one call');
	my $whole = { FAST_DB_URL => $addon->url($id, 'basic'), FAST_DB_TOKEN => 'a=b' };
	is_deeply([ $heroku->pushes($id) ], [$whole], '... with all config vars');
	is_deeply(current_config($addon, $id), $whole, 'a repeated create returns them');
	is(event_names($id, 'config'), 'config-set config-pushed', 'the set and the push are events');
	my ($event) = events($id, 'config-set');
	is_deeply($event->{after}, { FAST_DB_TOKEN => 'set' }, '... with the name of the var');
	is($event->{actor}, 'operator:' . getpwuid $>, '... and the actor');
	sets('the same value', qr/has these values already/, 'set', $id, 'FAST_DB_TOKEN=a=b');
	is(event_names($id, 'config'), 'config-set config-pushed', '... and makes no event');
	sets('an empty value', qr/sends/, 'set', $id, 'FAST_DB_TOKEN=');
	ok(jobs_finish($id), 'all jobs finish');
	is(($heroku->pushes($id))[1]{FAST_DB_TOKEN}, '', '... is pushed');
};

subtest 'values come from files and from standard input' => sub {
	my $id = provision($addon, with_grant());
	my $file = $host->home . '/value';

	write_text($file, "from a\nfile\n");
	sets('one of each', qr/sends/, { stdin => "\@from input\nnot read\n" },
		'set', $id, 'FAST_DB_URL', "FAST_DB_TOKEN=\@$file");
	is_deeply(current_config($addon, $id),
		{ FAST_DB_URL => '@from input', FAST_DB_TOKEN => "from a\nfile" }, '... and both are stored');
	sets('lines in the order of names', qr/sends/, { stdin => "first\nsecond" },
		'set', $id, 'FAST_DB_TOKEN', 'FAST_DB_URL');
	is_deeply(current_config($addon, $id), { FAST_DB_TOKEN => 'first', FAST_DB_URL => 'second' },
		'... and both are stored');
	fails('no line', 2, qr/FAST_DB_URL: standard input/, 'set', $id, 'FAST_DB_URL');
	fails('a NUL byte', 2, qr/FAST_DB_URL: .*NUL/, { stdin => "a\0b\n" }, 'set', $id, 'FAST_DB_URL');
	write_text($file, "a\0b");
	fails('one in a file', 2, qr/FAST_DB_URL: .*NUL/, 'set', $id, "FAST_DB_URL=\@$file");
	fails('no file', 2, qr/FAST_DB_URL: .*none cannot be read/, 'set', $id, "FAST_DB_URL=\@$file-none");
	write_text($file, 'x' x (32 * 1024 + 1));
	fails('a long one', 2, qr/FAST_DB_URL: .*32 KiB/, 'set', $id, "FAST_DB_URL=\@$file");
	is_deeply(current_config($addon, $id), { FAST_DB_TOKEN => 'first', FAST_DB_URL => 'second' },
		'no config var has changed');
	jobs_finish($id);
};

subtest 'a config var that is unset is removed at the marketplace' => sub {
	my $id = provision($addon, with_grant());

	$heroku->behave('has-config');
	sets('unset', qr/sends/, 'set', $id, '--unset', 'FAST_DB_TOKEN');
	ok(jobs_finish($id), 'all jobs finish');
	is_deeply([ $heroku->pushes($id) ],
		[ { FAST_DB_URL => $addon->url($id, 'basic'), FAST_DB_TOKEN => undef } ],
		'null is pushed for a declared var that the marketplace has and the resource has not');
	is_deeply(current_config($addon, $id), { FAST_DB_URL => $addon->url($id, 'basic') }, 'later responses lack it');
	is_deeply((events($id, 'config-set'))[0]{after}, { FAST_DB_TOKEN => 'unset' }, 'the unset is an event');
	$heroku->behave('succeeds');
	sets('another', qr/sends/, 'set', $id, 'FAST_DB_URL=x');
	ok(jobs_finish($id), 'all jobs finish');
	is_deeply([ $heroku->pushes($id) ], [ { FAST_DB_URL => 'x' } ], 'the next push has no null');
};

subtest 'an invalid config var is refused' => sub {
	my $id = provision($addon, with_grant());
	my @cases = (
		# name                   status words                                arguments
		[ 'an undeclared name',    2, qr/FAST_DB_ULR: .*config_vars/,          $id, 'FAST_DB_ULR=secret-x' ],
		[ 'one to unset',          2, qr/FOREIGN: .*config_vars/,              $id, '--unset', 'FOREIGN' ],
		[ 'no name',               2, qr/NAME=VALUE/,                          $id, '=secret-x' ],
		[ 'a name twice',          2, qr/each NAME once/,                      $id, 'FAST_DB_URL=secret-x', '--unset', 'FAST_DB_URL' ],
		[ 'nothing',               2, qr/no change is given/,            $id ],
		[ 'what is not UTF-8',     2, qr/FAST_DB_URL: must be UTF-8/,          $id, "FAST_DB_URL=secret-x\xff" ],
		[ 'an empty URL',          2, qr/FAST_DB_URL: must not be empty.*unset it/, $id, 'FAST_DB_URL=' ],
		[ 'an unknown resource',   1, qr/no resource has the id/,              uuid(), 'FAST_DB_URL=secret-x' ],
	);

	for (@cases) {
		my ($name, $status, $words, @arguments) = @$_;
		my ($output) = config({}, 'set', @arguments);

		fails($name, $status, $words, 'set', @arguments);
		unlike($output, qr/secret-x/, "$name: the value is not shown");
	}
	$addon->deprovision($id);
	fails('what is deprovisioned', 1, qr/is deprovisioned/, 'set', $id, 'FAST_DB_URL=x');
	jobs_finish($id);
};

subtest 'changes while the marketplace is unavailable are one call with the last values' => sub {
	my $id = provision($addon, with_grant());

	$heroku->behave('unavailable');
	sets('the first', qr/sends/, 'set', $id, 'FAST_DB_TOKEN=first');
	ok(wait_for(20, sub { $heroku->pushes($id) }), 'the push is attempted');
	$host->psql("UPDATE jobs SET attempts = 10, run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
	ok(wait_for(20, sub { count_of($host, "jobs WHERE resource = '$id' AND attempts > 10
		AND run_at BETWEEN now() + interval '1 min' AND now() + interval '5 min'") }),
		'... and repeated after some minutes at most');
	sets("set $_", qr/sends/, 'set', $id, "FAST_DB_TOKEN=$_") for qw(second third last);
	is(scalar(push_jobs($id)), 1, 'all changes share one job');
	$heroku->behave('succeeds');
	# late-push.t tests the check that follows some minutes later.
	$host->psql("UPDATE jobs SET finished_at = now() WHERE resource = '$id' AND kind = 'check-config'");
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
	ok(jobs_finish($id), 'all jobs finish');
	is_deeply([ map { $_->{FAST_DB_TOKEN} } $heroku->pushes($id) ], ['last'], 'one push has the last value');
	is((split ' ', event_names($id, 'config'))[-1], 'config-pushed', '... and is the last event');
};

subtest 'a change during a push is pushed after it' => sub {
	my $id = provision($addon, with_grant());
	my $held = $host->home . '/held';

	write_text($held, '');
	$heroku->behave('waits');
	sets('a value', qr/sends/, 'set', $id, 'FAST_DB_TOKEN=first');
	ok(wait_for(20, sub { $heroku->pushes($id) }), 'the first push is under way');
	sets('another', qr/sends/, 'set', $id, 'FAST_DB_TOKEN=second');
	is(scalar(push_jobs($id)), 1, 'both changes share one job');
	unlink $held;
	ok(jobs_finish($id), 'all jobs finish');
	is_deeply([ map { $_->{FAST_DB_TOKEN} } $heroku->pushes($id) ], [qw(first second)], 'both values are pushed in order');
};

subtest 'the next change retries a push that gave up' => sub {
	my $id = provision($addon, with_grant());

	$host->psql("INSERT INTO jobs (kind, lane, resource, run_at, attempts)
		VALUES ('push-config', 'marketplace', '$id', 'infinity', 3)");
	sets('another', qr/sends/, 'set', $id, 'FAST_DB_TOKEN=other');
	ok(jobs_finish($id), 'all jobs finish');
	is_deeply([ map { $_->{FAST_DB_TOKEN} } $heroku->pushes($id) ], ['other'], '... with one push');
};

subtest 'a token that is refused during a push is renewed' => sub {
	my $id = provision($addon, with_grant());

	$heroku->behave('accepts-only-refreshed');
	sets('a value', qr/sends/, 'set', $id, 'FAST_DB_TOKEN=trusted');
	ok(jobs_finish($id), 'all jobs finish');
	is_deeply([ $heroku->calls ],
		[ "PATCH /addons/$id/config", 'POST /oauth/token', "PATCH /addons/$id/config" ],
		'a new token is requested once, and the push repeated');
	is(event_names($id, 'config-pushed'), 'config-pushed', 'the push is one event');
};

subtest 'a push waits if the marketplace limits the rate' => sub {
	my $id = provision($addon, with_grant());

	$heroku->behave('rate-limited');
	sets('a value', qr/sends/, 'set', $id, 'FAST_DB_TOKEN=slow');
	ok(wait_for(20, sub { count_of($host, "jobs WHERE resource = '$id' AND last_error ~ '429'
		AND run_at > now() + interval '50 min'") }), 'it waits as long as the marketplace asks');
	my $before = join ' ', map { $_->{run_at} } push_jobs($id);
	sets('another', qr/sends/, 'set', $id, 'FAST_DB_TOKEN=slower');
	is(join(' ', map { $_->{run_at} } push_jobs($id)), $before, '... also after another change');
	$heroku->behave('succeeds');
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
	ok(jobs_finish($id), 'all jobs finish');
	is_deeply([ map { $_->{FAST_DB_TOKEN} } $heroku->pushes($id) ], ['slower'], 'one push has the last value');
};

subtest 'a marketplace that cannot be called gets a change in the next response' => sub {
	my @cases = (
		[ 'without a grant',         $addon,  'FAST_DB_TOKEN' ],
		[ 'without a client secret', $mute,   'MUTE_TOKEN', with_grant() ],
		[ 'without such an API',     $legacy, 'LEGACY_TOKEN' ],
	);

	for (@cases) {
		my ($name, $where, $var, @members) = @$_;
		my $answer = $where->provision(uuid => uuid(), @members);
		my $id = $answer->json->{id};

		sets($name, qr/response to its next request/, 'set', $id, "$var=value");
		is(scalar(push_jobs($id)), 0, "$name: no job is created");
		my $uuid = $host->psql("SELECT id FROM resources WHERE provider_id = '$id'") =~ s/\s//gr;
		is(event_names($uuid, 'config'), 'config-set', "$name: the change is an event");
	}
	is(current_config($mute, row($host, "resources WHERE addon = 'mute'")->{id})->{MUTE_TOKEN}, 'value',
		'a repeated create returns the value');
};

subtest 'a change is refused while the listener has a job' => sub {
	my $id = provision($addon, with_grant());

	$host->psql("INSERT INTO jobs (kind, lane, resource, run_at, payload)
		VALUES ('change-plan', 'listener', '$id', now() + interval '1 h', '{\"plan\": \"premium\"}')");
	fails('to set', 1, qr/listener has something to do.*jobs list/, 'set', $id, 'FAST_DB_TOKEN=x');
	fails('to rotate', 1, qr/listener has something to do/, 'rotate', $id);
	is(event_names($id, 'config|rotation'), '', 'no event is recorded');
	$host->psql("UPDATE jobs SET finished_at = now() WHERE resource = '$id'");
};

subtest 'a hook creates new credentials and gets the overlap of the old ones' => sub {
	my $id = provision($addon, with_grant());

	sets('an hour', qr/\Aconfig rotate: $id\nprovisor-jobs calls the listener/, 'rotate', $id,
		'--overlap', '1h');
	ok(wait_for(25, sub { event_names($id, 'config') =~ /config-rotated/ }), 'the credentials are created');
	ok(jobs_finish($id), 'all jobs finish');
	my ($call) = $vendor->calls('rotate', $id);
	is($call->{overlap}, 3600, 'the hook gets the overlap in seconds');
	is($call->{resource}{config}{FAST_DB_TOKEN}, 'attempt 1', '... and the old credentials');
	my $whole = { FAST_DB_URL => $addon->url($id, 'basic'), FAST_DB_TOKEN => 'rotated attempt 1' };
	is_deeply([ $heroku->pushes($id) ], [$whole], 'the marketplace gets the new ones');
	is_deeply(current_config($addon, $id), $whole, '... and a repeated create returns them');
	is(event_names($id, 'config|rotation'), 'rotation-requested config-rotated config-pushed', 'request, rotation and push are events');
	sets('as usual', qr/config rotate/, 'rotate', $id);
	ok(wait_for(25, sub { scalar $vendor->calls('rotate', $id) > 1 }), 'without an option the hook runs again');
	is(($vendor->calls('rotate', $id))[1]{overlap}, 7200, '... with an overlap of two hours');
	ok(jobs_finish($id), 'all jobs finish');
};

subtest 'a failed hook is retried with the same key' => sub {
	my $id = provision($addon, with_grant());

	$vendor->behave(rotate => 'exit 1 if $call->{attempt} == 1');
	sets('rotate', qr/config rotate/, 'rotate', $id);
	ok(wait_for(25, sub { event_names($id, 'config') =~ /config-rotated/ }), 'the credentials are created');
	my @keys = map { $_->{key} } $vendor->calls('rotate', $id);
	is(scalar(@keys), 2, 'the second attempt succeeds');
	is($keys[0], $keys[1], '... with the same key');
	ok(jobs_finish($id), 'all jobs finish');
	$vendor->behave(rotate => undef);
};

subtest 'a hook that refuses or returns no config' => sub {
	my $id = provision($addon, with_grant());

	$vendor->behave(rotate => 'print qq({"message":"Not today."}); exit 65');
	sets('rotate', qr/config rotate/, 'rotate', $id);
	ok(jobs_finish($id), 'all jobs finish');
	is(event_names($id, 'config|rotation'), 'rotation-requested rotation-refused', 'the refusal is an event');
	is_deeply((events($id, 'rotation-refused'))[0]{after}, { reason => 'Not today.' }, '... with the reason');
	is(current_config($addon, $id)->{FAST_DB_TOKEN}, 'attempt 1', 'the config vars stay');
	is($addon->change_plan($id, 'premium')->status, 200, '... and the plan can be changed');
	$vendor->behave(rotate => 'print "{}"; exit 0');
	sets('rotate', qr/config rotate/, 'rotate', $id);
	ok(wait_for(20, sub { ((row($host, "jobs WHERE resource = '$id' AND kind = 'rotate'
		AND finished_at IS NULL") // { last_error => '' })->{last_error} // '') =~ /config is missing/ }),
		'a result without config vars is a failure');
	$vendor->behave(rotate => undef);
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id' AND finished_at IS NULL");
	ok(jobs_finish($id), 'the job finishes once the hook returns some');
};

subtest 'a deprovision cancels a rotation' => sub {
	my $id = provision($addon, with_grant());

	$vendor->behave(rotate => 'exit 1');
	sets('rotate', qr/config rotate/, 'rotate', $id);
	is($addon->deprovision($id)->status, 204, 'the resource is deprovisioned');
	ok(jobs_finish($id), 'all jobs finish');
	is(event_names($id, 'config'), '', 'no rotation is recorded');
	is($vendor->thing($id), undef, '... and the vendor has nothing left');
	$vendor->behave(rotate => undef);
};

subtest 'a template creates new secrets at once' => sub {
	my $id = provision($template, with_grant());
	my $before = current_config($template, $id);

	sets('rotate', qr/\Aconfig rotate: $id\nprovisor-jobs sends/, 'rotate', $id);
	my $after = current_config($template, $id);
	isnt($after->{PLAIN_TOKEN}, $before->{PLAIN_TOKEN}, 'the secret is new');
	like($after->{PLAIN_TOKEN}, qr/\A[A-Za-z0-9_-]{32}\z/, '... and has the same form');
	is($after->{PLAIN_URL}, $before->{PLAIN_URL}, 'other config vars stay');
	ok(jobs_finish($id), 'all jobs finish');
	is_deeply([ $heroku->pushes($id) ], [$after], 'the marketplace gets the new secret');
	is(event_names($id, 'config'), 'config-rotated config-pushed', 'the rotation and the push are events');
	is($template->change_plan($id, 'premium')->json->{config}{PLAIN_TOKEN}, $after->{PLAIN_TOKEN},
		'a plan change keeps the new secret');
};

subtest 'a rotation that is not possible is refused' => sub {
	my $id = provision($rigid->addon, with_grant());
	my $old = $legacy->provision(uuid => uuid())->json->{id};

	fails('without the hook', 1, qr{hooks/rotate: is missing: put a program there}, 'rotate', $id);
	fails('without a secret', 1, qr{template.json: has no \$\{secret:.*nothing to rotate}, 'rotate', $old);
	fails('for no time', 2, qr/--overlap must be a duration/, 'rotate', $id, '--overlap', '0s');
	fails('for too long', 2, qr/--overlap must be .* at most 168h/, 'rotate', $id, '--overlap', '169h');
	is(event_names($id, 'config|rotation'), '', 'no event is recorded');
	is(count_of($host, "jobs WHERE kind = 'rotate' AND resource = '$id'"), 0, '... and no job is created');
};

is(join(' ', grep { /the-client-secret|access-\d|refresh-\d|secret-x|a=b|from input/ } $host->log('worker')),
	'', 'no secret is in the log');
# Makes the values of a resource look sealed by a key that is lost.
sub lose_key {
	my ($uuid) = @_;

	$host->psql("UPDATE resources SET $_ = regexp_replace($_, '^1\\.[^.]+', '1.lost')
		WHERE id = '$uuid'") for qw(config log_drain_url log_input_url options);
}

subtest 'the key is lost' => sub {
	for my $case ([$addon, 'FAST_DB_TOKEN', 'hooks'], [$template, 'PLAIN_TOKEN', 'a template']) {
		my ($sold, $name, $kind) = @$case;
		my %request = (log_input_url => 'https://1.us.logplex.io/logs', options => { size => '10' });
		my $id = provision($sold, %request);

		lose_key($id);
		my $before = row($host, "resources WHERE id = '$id'");
		my $refusal = qr/nothing is changed: its config or options cannot be opened.*--replace-unreadable/;

		fails("$kind: config set", 1, $refusal, 'set', $id, "$name=new");
		fails("$kind: config rotate", 1, $refusal, 'rotate', $id);
		is_deeply(row($host, "resources WHERE id = '$id'"), $before, '... and nothing is changed');
		is($sold->provision(uuid => $id, %request)->status, 503,
			 "$kind: a repeated request is not answered");

		sets("$kind: config set --replace-unreadable", qr/config set: $id/,
			'set', '--replace-unreadable', $id, "$name=new");
		is_deeply(current_config($sold, $id, %request), { $name => 'new' }, '... leaves what it sets');
		is_deeply(row($host, "events WHERE resource = '$id' AND event = 'unreadable-erased'")->{after},
			{ config => JSON::PP::true, log_drain_url => JSON::PP::false,
				log_input_url => JSON::PP::true, logplex_token => JSON::PP::false,
				options => JSON::PP::true }, '... and an event names what is lost');
		sets("$kind: the next change", qr/config set: $id/, 'set', $id, "$name=newer");

		lose_key($id);
		sets("$kind: config rotate --replace-unreadable", qr/config rotate: $id/,
			'rotate', '--replace-unreadable', $id);
		jobs_finish($id);
		ok(current_config($sold, $id, %request)->{ $sold->prefix . '_URL' }, '... gets all config vars again');
		is($sold->change_plan($id, 'premium')->status, 200, "$kind: the plan can be changed again");
	}
};

# Types an answer on a terminal.
sub answers_question {
	my ($answer, @arguments) = @_;
	my ($output, $errors, $ended) = Provisor::CgiClient::run(
		program => [ qw(script -qec), join(' ', build() . '/provisor', 'config', @arguments), '/dev/null' ],
		environment => { %{ $host->env }, PATH => $ENV{PATH} },
		stdin => "$answer\n",
	);

	return ($output . $errors, $ended >> 8);
}

subtest 'the key is lost, on a terminal' => sub {
	my $id = provision($template);

	lose_key($id);
	my ($output, $status) = answers_question('n', 'set', $id, 'PLAIN_TOKEN=new');
	like($output, qr/No key .*Replace them\?\s+\[y\/N\]/s, 'there is a question');
	is($status, 1, 'no leaves the values');
	fails('they', 1, qr/cannot be opened/, 'set', $id, 'PLAIN_TOKEN=new');
	($output, $status) = answers_question('y', 'set', $id, 'PLAIN_TOKEN=new');
	is($status, 0, 'yes replaces them') or diag $output;
	is_deeply(current_config($template, $id), { PLAIN_TOKEN => 'new' }, '... with the new ones');
};

is_unhurt($host);
done_testing();
