#!/usr/bin/perl
# A token that a marketplace no longer takes is renewed, whatever was lost of the
# answer that brought it.

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

sub grant_of { return row($host, "grants WHERE resource = '$_[0]'") }

# What reconcile, which asks for it, says in the end.
sub asked { return (ctl($host->env, 'reconcile'))[0] }

sub sent {
	my ($kind) = @_;

	return grep { /grant_type=$kind/ } map { $_->{body} // '' } $heroku->requests;
}

my $id = uuid();
my %grant = %{ Provisor::FakeHeroku::grant() };

subtest 'a code that has expired meanwhile' => sub {
	is($addon->provision(uuid => $id, oauth_grant => \%grant)->status, 200, 'there is a resource');
	$host->psql("UPDATE grants SET code_expires_at = now() - interval '1 s'");
	$heroku->behave('good');
	$host->start_jobs;
	ok(wait_for(20, sub { grant_of($id)->{access_token} }), 'there is a token in the end');
	is(scalar(sent('authorization_code')), 1, 'for one code');
	is((grep { /\Q$grant{code}\E/ } sent('authorization_code')), 0, '... which is another');
};

subtest 'a token that is new, and no use yet' => sub {
	$heroku->behave('refreshes-then-unavailable');
	like(asked(), qr/ 1 unchecked$/m, 'nothing can be asked with it');
	is(scalar(sent('refresh_token')), 1, 'it is renewed once');
	ok(grant_of($id)->{previous_refresh_token}, 'the way that led to it is kept');
};

subtest 'a marketplace that knows the one before alone' => sub {
	$heroku->behave('forgets-refresh-token');
	like(asked(), qr/ 0 unchecked$/m, 'that is a way to another');
	is(scalar(sent('refresh_token')), 2, '... which was the second to be tried');
	is(grant_of($id)->{previous_refresh_token}, undef, 'and is forgotten once it has worked');
};

subtest 'no token that it gives is good enough' => sub {
	$heroku->behave('unauthorized');
	like(asked(), qr/ 1 unchecked$/m, 'nothing can be asked');
	is(scalar(sent('refresh_token')), 1, 'one more was tried');
};

is_unhurt($host);
done_testing;
