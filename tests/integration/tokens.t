#!/usr/bin/perl
# Lost, expired and refused grants and tokens: what becomes of the calls that need
# them, and where the operator sees it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Test;
use Provisor::Files 'write_text';
use Provisor::FakeHeroku;
use Provisor::ScriptedVendor;

use constant PATIENCE => 30; # seconds until a wait fails

my $host = new_host(
	workers => { api => 3, web => 1, jobs => 2 },
	answer_limit => '4s',
	env => { PROVISOR_JOB_LIMIT => '4s' },
);
my $heroku = Provisor::FakeHeroku->new($host);
my $secret = $host->home . '/client-secret';

write_text($secret, "the-client-secret\n");

my %settings = (client_secret_file => $secret);
my $plain = addon($host, 'plain', settings => \%settings);
my $later = Provisor::ScriptedVendor->new($host, 'later', base_url => 'https://localhost/later/heroku/resources',
	settings => { %settings, provision => 'async' })->addon;

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

# --- what the operator sees -------------------------------------------------

sub ctl_output {
	my (@command) = @_;
	my ($output) = ctl($host->env, @command);

	return $output;
}

# The listed jobs of a resource, each as "KIND STATE REASON".
sub jobs {
	my ($id, @options) = @_;

	return map { my $job = JSON::PP::decode_json($_);
			join ' ', @$job{qw(kind state)}, $job->{last_error} // () }
		grep { /\A\{/ } split /\n/, ctl_output(qw(jobs list --json --resource), $id, @options);
}

sub history {
	my ($id) = @_;

	return join ' ', map { JSON::PP::decode_json($_)->{event} }
		grep { /\A\{/ } split /\n/, ctl_output(qw(resources history --json), $id);
}

# The lines of provisor check about a subject, each with its verdict.
sub check {
	my ($matter) = @_;

	return join "\n", grep { /\A\w+ +\Q$matter\E: / } split /\n/, ctl_output('check');
}

sub steps {
	my ($kind, $outcome) = @_;
	my ($count) = fastcgi($host)->request(method => 'GET', path => '/metrics')->body
		=~ /^provisor_job_attempts_total\{kind="$kind",outcome="$outcome"\} (\d+)$/m;

	return $count // 0;
}

# The calls of the marketplace about the add-on plain.
sub marketplace_calls {
	my ($result) = @_;
	my ($count) = fastcgi($host)->request(method => 'GET', path => '/metrics')->body
		=~ /^provisor_marketplace_calls_total\{marketplace="heroku",addon="plain",result="$result"\} (\d+)$/m;

	return $count // 'none';
}

sub missed_grants {
	my ($count) = fastcgi($host)->request(method => 'GET', path => '/metrics')->body
		=~ /^provisor_missed_grants (\d+)$/m;

	return $count;
}

sub log_of {
	my ($id, $kind) = @_;

	return join "\n", grep { /\bkind=$kind\b/ && /\bresource=$id\b/ } split /\n/, $host->log('worker');
}

# --- what happens -----------------------------------------------------------

sub grant { return (oauth_grant => Provisor::FakeHeroku::grant(@_)) }

sub resource { return row($host, "resources WHERE id = '$_[0]'") }
sub grant_of { return row($host, "resources WHERE id = '$_[0]'") }

sub left {
	my ($id) = @_;

	return row($host, "jobs WHERE resource = '$id' AND finished_at IS NULL ORDER BY id LIMIT 1");
}

sub at_rest {
	my ($id) = @_;

	return ok(wait_for(PATIENCE, sub { !left($id) }), 'no job is left')
		|| diag join "\n", jobs($id);
}

# An attempt has failed for this reason.
sub is_put_off {
	my ($id, $why) = @_;

	return ok(wait_for(PATIENCE, sub { ((left($id) // {})->{last_error} // '') =~ $why }), 'an attempt fails')
		|| diag join "\n", jobs($id);
}

# Let time pass.  A job that becomes due is due from now on.
sub passes {
	my ($time) = @_;

	$host->psql("UPDATE jobs SET run_at = least(run_at, greatest(run_at - interval '$time', now()))
			WHERE finished_at IS NULL;
		UPDATE resources SET grant_code_expires_at = grant_code_expires_at - interval '$time',
			access_token_expires_at = access_token_expires_at - interval '$time',
			promise_expires_at = promise_expires_at - interval '$time',
			promised_at = promised_at - interval '$time'");
	return;
}

# Provision a resource with tokens.
sub make {
	my $id = uuid();

	$heroku->behave('succeeds');
	$plain->provision(uuid => $id, grant());
	wait_for(PATIENCE, sub { grant_of($id)->{access_token} }) or die "there is no token\n";
	return $id;
}

sub set_config {
	my ($id, $value) = @_;

	ctl_output('config', 'set', $id, "PLAIN_TOKEN=$value");
	return;
}

sub pushed { return [ map { $_->{PLAIN_TOKEN} } $heroku->pushes($_[0]) ] }

# The refresh tokens that were used since the last call of behave().
sub refreshes {
	return map { $_->{body} =~ /\brefresh_token=([^&]+)/ } $heroku->requests;
}

subtest 'a grant that expires unused' => sub {
	my $id = uuid();
	my $missed = steps(exchange => 'invalid');

	$heroku->behave('no-grants');
	$host->stop_pool('jobs');
	is($plain->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::expired_grant())->status, 200,
		'it is provisioned while provisor-jobs does not run or is too slow');
	passes('10 minutes');
	$host->psql("UPDATE jobs SET run_at = now() - interval '10 minutes' WHERE resource = '$id'");
	like(check('jobs'), qr/\Aerror +jobs: 1 are overdue.*provisor-jobs does not run or is too slow/, 'check reports it');
	$host->start_jobs;
	at_rest($id);
	is(scalar(grep { $_ eq 'POST /oauth/token' } $heroku->calls), 1,
		'the code is tried once, because the clock of the database may be wrong');
	is(resource($id)->{state}, 'provisioned', 'the resource stays provisioned');
	is(grant_of($id)->{grant_code}, undef, 'the code is deleted');
	like(history($id), qr/\bgrant-missed\b/, 'history shows it');
	like((jobs($id, '--all'))[0], qr/\Aexchange done the grant expired before it was exchanged\z/, '... jobs');
	like(check('grants'), qr/\Awarning +grants: 1 were not exchanged/, '... check');
	is(steps(exchange => 'invalid'), $missed + 1, '... the metrics');
	is(missed_grants(), 1, '... also as long as the grant is missed');
	like(log_of($id, 'exchange'), qr/outcome=invalid .*reason="the grant expired/, '... and the log');

	is($plain->provision(uuid => $id, grant())->status, 200, 'a repeated request brings another grant');
	at_rest($id);
	ok(grant_of($id)->{access_token}, 'its code is exchanged');
	is(check('grants'), '', '... and check does not report it any more');
	is(missed_grants(), 0, '... nor do the metrics');
	is(join(' ', map { "$_ " . marketplace_calls($_) } qw(done refused forbidden later)),
		'done 1 refused 1 forbidden 1 later 0', 'the calls of the marketplace are counted');
};

subtest 'a code that the marketplace refuses' => sub {
	my $id = uuid();

	$heroku->behave('codes-refused');
	is($plain->provision(uuid => $id, grant())->status, 200, 'a resource is provisioned');
	at_rest($id);
	is(grant_of($id)->{code}, undef, 'the code is deleted');
	like((jobs($id, '--all'))[0], qr/\Aexchange done exchange of a grant: status 400, invalid_grant\b/,
		'jobs shows the refusal of the code, not of a new grant');
	like(check('grants'), qr/\Awarning +grants: 1 were not exchanged/, '... and check reports it');
	is($plain->deprovision($id)->status, 204, 'the resource is deprovisioned');
	is(check('grants'), '', '... and check does not report it any more');
};

subtest 'a code that the marketplace does not know' => sub {
	my $id = uuid();

	$heroku->behave('codes-unauthorized');
	is($plain->provision(uuid => $id, grant())->status, 200, 'a resource is provisioned');
	is_put_off($id, qr/exchange of a grant: status 401/);
	ok(grant_of($id)->{grant_code}, 'another client secret might help, so the code stays');
	passes('10 minutes');
	at_rest($id);
	is(grant_of($id)->{grant_code}, undef, 'once it has expired, the code is deleted');
	like(history($id), qr/\bgrant-missed\b/, 'history shows it');
};

subtest 'a refresh whose response with a new refresh token is lost' => sub {
	my $id = make();

	$heroku->behave('loses-refresh');
	passes('8 hours');
	set_config($id, 'lost');
	is_put_off($id, qr/refresh/);
	my ($refresh) = refreshes();
	like((jobs($id))[0], qr/\Apush-config \w+ refresh of a token: /, 'jobs list shows the reason');
	like(log_of($id, 'push-config'), qr/outcome=unavailable .*reason="refresh of a token: /, '... and the log');

	$heroku->behave('succeeds');
	at_rest($id);
	is_deeply([ refreshes() ], [$refresh], 'the stored refresh token is used again, once');
	is_deeply(pushed($id), ['lost'], 'the config is pushed');
	is(grant_of($id)->{previous_refresh_token}, undef, 'the previous refresh token is deleted once the new one has worked');
	like(history($id), qr/\bconfig-pushed\b/, 'history shows it');
};

for my $answer (qw(refresh-refused refresh-unauthorized)) {
	subtest "a lost refresh, after which the old refresh token is not accepted: $answer" => sub {
		my $id = make();

		$heroku->behave($answer);
		passes('8 hours');
		set_config($id, 'anew');
		at_rest($id);
		is_deeply([ grep { !/config\z/ } $heroku->calls ],
			[ 'POST /oauth/token', "GET /vendor/resources/$id/oauth-grant", 'POST /oauth/token' ],
			'another grant is requested');
		is_deeply(pushed($id), ['anew'], 'the config is pushed');
		like(history($id), qr/\bconfig-pushed\b/, 'history shows it');
	};
}

subtest 'a lost refresh, and no other grant' => sub {
	my $id = make();

	$heroku->behave('refresh-and-grants-refused');
	passes('8 hours');
	set_config($id, 'in vain');
	ok(wait_for(PATIENCE, sub { join("\n", jobs($id)) =~ /gave-up/ }), 'the job gives up');
	is_deeply(pushed($id), [], 'nothing is pushed');
	like((jobs($id, '--gave-up'))[0], qr/\Apush-config gave-up refresh of a token: status 400, invalid_grant\z/,
		'jobs list shows the reason');
	like(check('jobs'), qr/\Aerror +jobs: 1 gave up.*provisor jobs retry/, '... check, with the remedy');
	like(log_of($id, 'push-config'), qr/outcome=unavailable .*reason="refresh of a token: status 400/, '... and the log');

	$heroku->behave('succeeds');
	ctl_output('jobs', 'retry', left($id)->{id});
	at_rest($id);
	is_deeply(pushed($id), ['in vain'], 'the config is pushed');
	like(check('jobs'), qr/\Aok /, 'check reports no problem');
};

subtest 'a 401 during a push, and no other token for now' => sub {
	my $id = make();

	$heroku->behave('unauthorized-without-refresh');
	set_config($id, 'distrusted');
	is_put_off($id, qr/refresh/);
	like((jobs($id))[0], qr/\Apush-config \w+ refresh of a token: status 503, unavailable\z/, 'jobs list shows the reason');
	like(log_of($id, 'push-config'), qr/outcome=unavailable .*reason="refresh of a token: status 503/, '... and the log');
	unlike(history($id), qr/config-pushed/, 'history shows no push');

	$heroku->behave('accepts-only-refreshed');
	at_rest($id);
	is_deeply([ grep { $_ eq 'POST /oauth/token' } $heroku->calls ], ['POST /oauth/token'], 'a token is requested once');
	is_deeply([ @{ pushed($id) }[-1] ], ['distrusted'], 'the config is pushed');
	is(scalar(() = history($id) =~ /config-pushed/g), 1, 'history shows one push');
};

subtest 'many responses with 429' => sub {
	my @ids = map { make() } 1 .. 8;
	my $promised = uuid();

	$heroku->behave('rate-limited');
	set_config($_, 'stormy') for @ids;
	is($later->provision(uuid => $promised, grant())->status, 202, 'another resource is promised');
	is_put_off($_, qr/429/) for @ids, $promised;
	is(scalar(grep { $heroku->calls($_) > 1 } @ids), 0, 'no call is repeated');
	is(count_of($host, "jobs WHERE kind = 'push-config' AND finished_at IS NULL
		AND run_at < now() + interval '50 minutes'"), 0, 'before its Retry-After');
	is(join("\n", grep { !/\Apush-config waiting PATCH \S+ status 429, rate_limit\z/ } map { jobs($_) } @ids), '',
		'jobs list shows the reason');
	is(scalar(grep { log_of($_, 'push-config') =~ /outcome=unavailable .*status 429/ } @ids), 8, '... and the log');
	like(check('jobs'), qr/\Aok +jobs: unfinished: \d+; none has given up, and none is overdue/, 'check reports no problem');

	$heroku->behave('succeeds');
	passes('2 hours');
	at_rest($_) for @ids, $promised;
	is_deeply([ map { @{ pushed($_) } } @ids ], [ ('stormy') x 8 ], 'then each config is pushed once');
	is(resource($promised)->{state}, 'provisioned', 'the promised resource is provisioned');
	is(scalar(grep { history($_) =~ /config-pushed/ } @ids), 8, 'history shows it');
};

subtest 'a Platform API that does not respond for an hour' => sub {
	my ($pushed, $promised, $plain_one) = (make(), uuid(), uuid());

	$heroku->behave('unavailable');
	set_config($pushed, 'away');
	is($later->provision(uuid => $promised, grant())->status, 202, 'one resource is promised');
	is($plain->provision(uuid => $plain_one, grant())->status, 200, 'one resource is provisioned at once');
	for my $time (1 .. 4) {
		is_put_off($_, qr/status 503/) for $pushed, $promised, $plain_one;
		passes('15 minutes');
	}
	is(resource($promised)->{state}, 'provisioning', 'the promise stays');
	is_deeply([ sort map { (split ' ')[0] } map { jobs($_) } $pushed, $promised, $plain_one ],
		[qw(check-config complete exchange exchange push-config)], 'jobs list shows the unfinished jobs');
	is(join("\n", grep { !/\A\S+ (?:waiting|due|running|blocked)\b/ } map { jobs($_) } $pushed, $promised, $plain_one),
		'', '... none of which gave up');
	like(check('jobs'), qr/none has given up, and none is overdue/, 'check agrees');
	unlike(history($plain_one), qr/grant-missed/, 'no grant is lost');

	$heroku->behave('succeeds');
	# late-push.t tests the check of what the marketplace has.
	$host->psql("UPDATE jobs SET finished_at = now() WHERE kind = 'check-config' AND finished_at IS NULL");
	passes('15 minutes');
	at_rest($_) for $pushed, $promised, $plain_one;
	is(resource($promised)->{state}, 'provisioned', 'the promised resource is provisioned');
	is_deeply(pushed($pushed), ['away'], 'the config is pushed once');
	ok(grant_of($_)->{access_token}, 'a token is stored, although the code had expired') for $promised, $plain_one;
	like(history($promised), qr/\bcreated (?:job-put-off )+provisioned\z/, 'history shows it');
};

subtest 'a Platform API that does not respond until the code expires, and no other grant' => sub {
	my $id = uuid();

	$heroku->behave('unavailable');
	is($later->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::expired_grant())->status, 202,
		'it is promised');
	is_put_off($id, qr/status 503/);
	ok(wait_for(PATIENCE, sub { history($id) =~ /created/ }), 'it is created');
	passes('1 hour');
	$heroku->behave('no-grants');
	is_put_off($id, qr/the marketplace sent no grant that can be exchanged\z/);
	like(join("\n", jobs($id)), qr/\Acomplete (?:waiting|due) the marketplace sent no grant/,
		'the completion is repeated until the promise expires; jobs list shows the reason');
	like(check('grants'), qr/\Awarning +grants: \d+ were not exchanged/, 'check reports the lost grant');
	$host->psql("UPDATE jobs SET attempts = 10 WHERE resource = '$id' AND finished_at IS NULL");
	like(check('jobs'), qr{^warning +jobs: heroku/\S+: complete keeps failing \(jobs: 1, attempts: up to \d+, since .*secret}m, '... and, after ten attempts, the failures');
	like(history($id), qr/\bgrant-missed\b/, '... as history');
	is(resource($id)->{state}, 'provisioning', 'the resource is still promised');

	is($later->provision(uuid => $id, grant())->status, 202, 'a repeated request brings another grant');
	at_rest($id);
	is(resource($id)->{state}, 'provisioned', 'it is completed with that grant');
	is_deeply([ grep { m{/actions/} } $heroku->calls($id) ], ["POST /addons/$id/actions/provision"],
		'the marketplace is called once');
};

is(join(' ', grep { /the-client-secret|access-\d|refresh-\d/ } $host->log('worker')), '',
	'no secret is in the log');
is_unhurt($host);
done_testing;
