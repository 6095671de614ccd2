#!/usr/bin/perl
# Attacks by a customer, who may sign on as often as browsers can: those who wait for the
# vendor's hooks leave half of the pool to the pages of others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use IO::Select;
use Test::More;

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

$vendor->behave('sign-on' => 'wait_while_held(); done()');
$vendor->hold;
my @begun = map { $web->begin($request) } 1 .. SIGN_ONS;
my $select = IO::Select->new(@begun);
my %is_refused;

ok(wait_for(20, sub {
	$is_refused{$_} = 1 for map { fileno $_ } $select->can_read(0);
	return keys %is_refused == SIGN_ONS - WORKERS / 2;
}), 'all sign-ons but those of half of the workers end at once');
is((() = $vendor->calls('sign-on')), WORKERS / 2, '... and no others have called the hook');
is(post_form($web, '/sso/login', sign_on_fields($addon, $theirs))->status, 303,
	'another customer can sign on meanwhile');
$vendor->release;
for my $socket (@begun) {
	my $was_refused = $is_refused{ fileno $socket };
	my $answer = $web->finish($socket);

	is($answer->status, 503, 'one was refused') if $was_refused;
}
like($host->log('worker'), qr/ status=503 [^\n]*reason=busy/, 'the log says why');
$vendor->behave('sign-on' => undef);
is(post_form($web, '/sso/login', sign_on_fields($vendor->addon, $attackers))->status, 303,
	'afterwards, a sign-on succeeds');
is_unhurt($host);
done_testing;
