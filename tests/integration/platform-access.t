#!/usr/bin/perl
# A hook gets the token of its resource for the marketplace's API, if settings.json
# wants it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::ScriptedVendor;
use Provisor::SignOnForm;
use Provisor::Test;

my @hooks = qw(provision change-plan deprovision sign-on rotate suspend resume);
my $host = new_host(workers => { api => 2, web => 1, jobs => 2 }, env => { PROVISOR_JOB_LIMIT => '10s' });
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);

sub vendor {
	my ($name, %settings) = @_;

	return Provisor::ScriptedVendor->new($host, $name, hooks => \@hooks,
		base_url => "https://localhost/$name/heroku/resources", $heroku->settings(%settings));
}

my $vendor = vendor('with-token', platform => JSON::PP::true());
my $plain = vendor('without-token');

$host->start_postgres;
$host->migrate;
$host->start_pool($_) for qw(api web);
$host->start_jobs;

sub grant { return (oauth_grant => Provisor::FakeHeroku::grant(@_)) }

# The newest call of an action about a resource.
sub last_call {
	my ($action, $uuid) = @_;

	return ($vendor->calls($action, $uuid))[-1] // {};
}

sub left_is {
	my ($uuid, $time) = @_;

	$host->psql("UPDATE resources SET access_token_expires_at = now() + interval '$time' WHERE id = '$uuid'");
	return;
}

sub make {
	my $uuid = uuid();

	is($vendor->addon->provision(uuid => $uuid, grant())->status, 200, 'a resource with a grant is provisioned');
	$eventually->has_no_jobs_left($uuid);
	return $uuid;
}

# The tokens that were exchanged and refreshed since behave().
sub token_requests {
	return map { $_->{body} =~ /grant_type=(\w+)/ } grep { $_->{target} eq '/oauth/token' } $heroku->requests;
}

sub has_platform {
	my ($platform, $name) = @_;

	is(join(' ', sort keys %{ $platform // {} }), 'access_token expires_at url', "$name gets the platform");
	is($platform->{url}, $host->env->{PROVISOR_PLATFORM_URL}, '... its URL');
	like($platform->{access_token}, qr/\Aaccess-\d/, '... a token');
	return like($platform->{expires_at}, qr/\A20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\z/, '... and a time');
}

subtest 'a create' => sub {
	$heroku->behave('succeeds');
	my $uuid = make();

	has_platform(last_call(provision => $uuid)->{platform}, 'the hook');
	is_deeply([ token_requests() ], ['authorization_code'], 'the grant is exchanged once, although two processes want it');
};

subtest 'a create without a grant' => sub {
	my $uuid = uuid();

	is($vendor->addon->provision(uuid => $uuid)->status, 200, 'it is provisioned');
	is(last_call(provision => $uuid)->{platform}, undef, 'without the platform');
};

subtest 'an add-on that does not want tokens' => sub {
	my $uuid = uuid();

	is($plain->addon->provision(uuid => $uuid, grant())->status, 200, 'its resource is provisioned');
	is(($plain->calls('provision', $uuid))[0]{platform}, undef, 'without the platform');
	$eventually->has_no_jobs_left($uuid);
};

subtest 'a token that is valid for long enough' => sub {
	$heroku->behave('succeeds');
	my $uuid = make();
	my $token = last_call(provision => $uuid)->{platform}{access_token};

	left_is($uuid, '11 minutes');
	is($vendor->addon->change_plan($uuid, 'premium')->status, 200, 'a plan is changed');
	is(last_call('change-plan', $uuid)->{platform}{access_token}, $token, 'with the same token');
	is_deeply([ token_requests() ], ['authorization_code'], 'it is not refreshed');
};

subtest 'a token that is valid for less than 10 minutes' => sub {
	$heroku->behave('succeeds');
	my $uuid = make();
	my $token = last_call(provision => $uuid)->{platform}{access_token};

	left_is($uuid, '9 minutes');
	is($vendor->addon->change_plan($uuid, 'premium')->status, 200, 'a plan is changed');
	has_platform(last_call('change-plan', $uuid)->{platform}, 'the hook');
	isnt(last_call('change-plan', $uuid)->{platform}{access_token}, $token, 'with another token');
	is_deeply([ token_requests() ], [qw(authorization_code refresh_token)], 'it was refreshed once');
};

subtest 'jobs' => sub {
	$heroku->behave('succeeds');
	my $uuid = make();

	for my $command ([qw(config rotate), $uuid], [qw(resources suspend), $uuid, qw(--reason unpaid)],
			[qw(resources resume), $uuid]) {
		my ($action) = $command->[1];
		left_is($uuid, '9 minutes');
		is((ctl($host->env, @$command))[1], 0, "$action is queued");
		$eventually->has_no_jobs_left($uuid);
		has_platform(last_call($action, $uuid)->{platform}, $action);
	}
};

subtest 'a sign-on' => sub {
	$heroku->behave('succeeds');
	my $uuid = make();

	left_is($uuid, '9 minutes');
	is(post_form(fastcgi($host), '/sso/login', sign_on_fields($vendor->addon, $uuid))->status, 303,
		'a customer signs on');
	has_platform(last_call('sign-on', $uuid)->{platform}, 'the hook');
	is_deeply([ token_requests() ], [qw(authorization_code refresh_token)], 'its token was refreshed');
};

subtest 'a marketplace that gives no token now' => sub {
	$heroku->behave('succeeds');
	my $uuid = make();

	left_is($uuid, '9 minutes');
	$heroku->behave('unavailable');
	is($vendor->addon->change_plan($uuid, 'premium')->status, 200, 'a plan is changed');
	is(last_call('change-plan', $uuid)->{platform}, undef, 'without the platform');
	like($host->log('worker'), qr/$uuid: the listener gets no token: refresh of a token: status 503/, 'the log says why');
};

subtest 'a deprovision' => sub {
	$heroku->behave('succeeds');
	my $uuid = make();

	is($vendor->addon->deprovision($uuid)->status, 204, 'it is deprovisioned');
	$eventually->has_no_jobs_left($uuid);
	is(last_call(deprovision => $uuid)->{platform}, undef, 'its grant has ended: the hook gets no platform');
};

subtest 'a hook that writes its token' => sub {
	$heroku->behave('succeeds');
	$vendor->behave(provision => <<'PERL');
my $token = $call->{platform}{access_token};
print STDERR "token <$token> and again $token\n", 'x' x (1024 - length($token) + 1), "$token\n";
PERL
	my $uuid = make();
	my $token = last_call(provision => $uuid)->{platform}{access_token};

	ok($token, 'it has one');
	like($host->log('worker'), qr/token <\*+> and again \*+"/, 'the log has asterisks instead');
	unlike($host->log('worker'), qr/\Q$token\E/, '... and never the token');
	my $cut = substr $token, 0, -1;
	unlike($host->log('worker'), qr/\Q$cut\E/, '... nor most of it, at the end of a long line');
};

unlike($host->log('worker'), qr/access-\d|refresh-\d/, 'no token is in the log');
is_unhurt($host);
done_testing;
