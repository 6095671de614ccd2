#!/usr/bin/perl
# Attacks by a customer, who may sign on as often as browsers can: those who wait for the
# vendor's hooks leave half of the pool to the pages of others.  Together with changes of
# the local API, they leave a quarter of it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use IO::Select;
use Test::More;

use Provisor::ChildProcess;
use Provisor::FastCgiClient 'encode';
use Provisor::ScriptedVendor;
use Provisor::SignOnForm;
use Provisor::Test;

use constant {
	WORKERS => 4,
	SIGN_ONS => 12,
};

my $host = new_host(workers => { api => 1, web => WORKERS });
my $vendor = Provisor::ScriptedVendor->new($host, 'slow-db', hooks => [qw(provision sign-on)]);
my $addon = addon($host, 'fast-db');
my $web = fastcgi($host, 'web');
my ($attackers, $theirs) = (uuid(), uuid());

$host->start;
ok(wait_for(20, sub { (() = workers($host)) == 1 + WORKERS }), 'all workers run');
is($vendor->addon->provision(uuid => $attackers)->status, 200, 'a customer has a resource');
is($addon->provision(uuid => $theirs)->status, 200, '... and another one, too');

my $request = encode(method => 'POST', path => '/sso/login', type => 'application/x-www-form-urlencoded',
	body => encode_form(sign_on_fields($vendor->addon, $attackers)));
my $is_in_sleep = "pg_stat_activity WHERE wait_event = 'PgSleep'";

# Begins a request of the local API.
sub begin_local {
	my ($method, $path, %request) = @_;

	return $web->begin(encode(method => $method, path => $path, variables => {
		PROVISOR_SERVER => 'local', PROVISOR_SERVER_KEY => $host->env->{PROVISOR_SERVER_KEY} }, %request));
}

# Begins sign-ons.  Returns the sockets, and whether each has ended at once.
sub begin_sign_ons {
	my @begun = map { $web->begin($request) } 1 .. SIGN_ONS;
	my $select = IO::Select->new(@begun);
	my %is_refused;

	ok(wait_for(20, sub {
		$is_refused{$_} = 1 for map { fileno $_ } $select->can_read(0);
		return keys %is_refused == SIGN_ONS - WORKERS / 2;
	}), 'all sign-ons but those of half of the workers end at once');
	return (\@begun, \%is_refused);
}

$vendor->behave('sign-on' => 'wait_while_held(); done()');

subtest 'sign-ons that wait' => sub {
	$vendor->hold;
	my ($begun, $is_refused) = begin_sign_ons();

	ok(wait_for(20, sub { (() = $vendor->calls('sign-on')) == WORKERS / 2 }), '... which call the hook');
	is(post_form($web, '/sso/login', sign_on_fields($addon, $theirs))->status, 303,
		'another customer can sign on meanwhile');
	$vendor->release;
	for my $socket (@$begun) {
		my $answer = $web->finish($socket);

		is($answer->status, 503, 'one was refused') if $is_refused->{ fileno $socket };
	}
	like($host->log('worker'), qr/ status=503 [^\n]*reason=busy/, 'the log says why');
};

subtest 'together with changes' => sub {
	my $lock = Provisor::ChildProcess->start(sub {
		eval { $host->psql("BEGIN; SELECT FROM resources WHERE marketplace_id = '$theirs' FOR UPDATE; SELECT pg_sleep(60)") };
	});

	$vendor->hold;
	my ($begun) = begin_sign_ons();
	ok(wait_for(20, sub { count_of($host, $is_in_sleep) }), 'a resource is locked');
	my @changes = map { begin_local(POST => "/v1/resources/$theirs/suspend") } 1 .. 2;
	my $select = IO::Select->new(@changes);
	my ($refused) = $select->can_read(20);

	ok($refused, 'of two changes that wait for it, one ends at once');
	like($refused && $web->finish($refused)->body, qr/too many requests wait/i, '... and is refused');
	is(post_form($web, '/sso/login', sign_on_fields($addon, $theirs))->status, 303,
		'another customer can sign on meanwhile');
	$host->psql("SELECT pg_terminate_backend(pid) FROM $is_in_sleep");
	$vendor->release;
	is($web->finish($_)->status, 200, 'the other change succeeds') for grep { $_ != $refused } @changes;
	$web->finish($_) for @$begun;
	$lock->finish;
};

subtest 'requests that wait for events' => sub {
	my ($last) = $web->finish(begin_local(GET => '/v1/events?limit=1000'))->body =~ /"next":(\d+)/;
	my @following = map { begin_local(GET => "/v1/events?after=$last&addon=fast-db&wait=25") } 1 .. WORKERS / 2;
	my $select = IO::Select->new(@following);

	is((() = $select->can_read(1)), 0, 'they wait in half of the workers');
	$vendor->hold;
	my @sign_ons = map { $web->begin($request) } 1 .. WORKERS / 2;
	$select->add(@sign_ons);
	my ($ended) = $select->can_read(20);
	ok((grep { $_ == $ended } @following), 'while sign-ons wait, one of them ends');
	like($web->finish($ended)->body, qr/"events":\[\]/, '... without an event');
	$vendor->release;
	is($web->finish($_)->status, 303, '... and a sign-on succeeds') for @sign_ons;
	close $_ for @following;
};

$vendor->behave('sign-on' => undef);
is(post_form($web, '/sso/login', sign_on_fields($vendor->addon, $attackers))->status, 303,
	'afterwards, a sign-on succeeds');
is_unhurt($host);
done_testing;
