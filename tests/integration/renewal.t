#!/usr/bin/perl
# A token that the marketplace does not accept any more is renewed, even if the
# response with a newer one was lost.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;
use Provisor::Files 'write_text';
use Provisor::FakeHeroku;

my $host = new_host(workers => { api => 1, web => 1, jobs => 1 });
my $heroku = Provisor::FakeHeroku->new($host);
my $secret = $host->home . '/client-secret';

write_text($secret, "the-client-secret\n");
chmod 0600, $secret;

my $addon = addon($host, 'fast-db', settings => { client_secret_file => $secret });

$host->start_postgres;
$host->migrate;
$host->start_pool('api');

sub grant_of { return row($host, "resources WHERE id = '$_[0]'") }

# The output of reconcile, which calls the marketplace with the token.
sub reconcile { return (ctl($host->env, 'reconcile'))[0] }

sub sent {
	my ($kind) = @_;

	return grep { /grant_type=$kind/ } map { $_->{body} // '' } $heroku->requests;
}

my $id = uuid();
my %grant = %{ Provisor::FakeHeroku::expired_grant() };

subtest 'a code that has expired' => sub {
	is($addon->provision(uuid => $id, oauth_grant => \%grant)->status, 200, 'a resource is provisioned');
	$host->psql("UPDATE resources SET grant_code_expires_at = now() - interval '1 s'");
	$heroku->behave('succeeds');
	$host->start_jobs;
	ok(wait_for(20, sub { grant_of($id)->{access_token} }), 'a token is stored');
	is(scalar(sent('authorization_code')), 2, 'the code is tried');
	is((grep { /\Q$grant{code}\E/ } (sent('authorization_code'))[1]), 0, '... then a new one');
};

subtest 'a clock of the database that is ahead' => sub {
	my $other = uuid();
	my $grant = Provisor::FakeHeroku::grant();

	$host->stop_pool('jobs');
	is($addon->provision(uuid => $other, oauth_grant => $grant)->status, 200, 'a resource is provisioned');
	$host->psql("UPDATE resources SET grant_code_expires_at = now() - interval '5 min' WHERE id = '$other'");
	$heroku->behave('no-grants');
	$host->start_jobs;
	ok(wait_for(20, sub { grant_of($other)->{access_token} }), 'a code that only seems to have expired is exchanged');
	$host->psql("UPDATE resources SET state = 'deprovisioned' WHERE id = '$other'");
};

subtest 'a new token that is not accepted' => sub {
	$heroku->behave('refreshes-then-unavailable');
	like(reconcile(), qr/ 1 unchecked$/m, 'the resource cannot be checked');
	is(scalar(sent('refresh_token')), 1, 'the token was renewed once');
	ok(grant_of($id)->{previous_refresh_token}, 'the previous refresh token is kept');
};

subtest 'a marketplace that accepts only the previous refresh token' => sub {
	$heroku->behave('forgets-refresh-token');
	like(reconcile(), qr/ 0 unchecked$/m, 'the resource is checked');
	is(scalar(sent('refresh_token')), 2, '... with the second refresh token');
	is(grant_of($id)->{previous_refresh_token}, undef, 'the previous one is deleted once a token has worked');
};

subtest 'a marketplace that accepts no token' => sub {
	$heroku->behave('unauthorized');
	like(reconcile(), qr/ 1 unchecked$/m, 'the resource cannot be checked');
	is(scalar(sent('refresh_token')), 1, 'the token was renewed once, although the list and the resource were read');
};

is_unhurt($host);
done_testing;
