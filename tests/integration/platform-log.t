#!/usr/bin/perl
# A customer's log, written to by platform.h: in the form of a log, and nowhere but
# where the operator allows it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 'encode_base64';
use Test::More;

use Provisor::Asking;

my $there = counterpart('there', $authority->issue('here'));
my $caller = caller_of($there);
my $place = 'localhost:' . $there->port;

sub writes {
	my ($verdict, $why, $name, $to, $allowed) = @_;

	$there->behave('empty');
	my $answer = call($caller, ENOUGH, 'log', $to, $allowed, 'app', "one\x07", 'two ✓');

	verdict_is($answer, $verdict, $why, $name);
	return $there->requests;
}

my $credentials = 'token:t.' . ID;
my $log = "https://$credentials\@$place/logs?x=1";

subtest 'lines are written to a log' => sub {
	my ($request, @others) = writes('done', qr/\A\z/, 'two lines', $log, "logplex.io, $place");
	my @frames = map { "<190>1 TIME @{[ID]} app provisor - - $_" } 'one ', 'two ✓';
	my $body = $request->{body};
	my $time = qr/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00/;

	is("$request->{method} $request->{target}", 'POST /logs?x=1', 'there');
	is($request->{headers}{authorization}, 'Basic ' . encode_base64($credentials, ''), 'by its credentials');
	is($request->{headers}{'content-type'}, 'application/logplex-1', 'the type');
	is(scalar @others, 0, 'at once');
	like($body, qr/\A\d+ <190>1 $time /, 'a time');
	$body =~ s/$time/TIME/g;
	is($body, join('', map { length($_) + 21 . " $_" } @frames), 'frames');
};

subtest 'a log elsewhere is not written to' => sub {
	my $port = $there->port;
	my @places = (
		['another host', qr/lacks its host/, $log, 'logplex.io'],
		['another port', qr/lacks its host/, $log, 'localhost:443'],
		['no host', qr/lacks its host/, $log, ''],
		['a private address', qr/no public address/, $log, 'localhost'],
		['one in figures', qr/no public address/, "https://127.0.0.1:$port/", '127.0.0.1'],
		['one in other figures', qr/no public address/, "https://0x7f.1:$port/", '127.0.0.1'],
		['one of IPv6', qr/no public address/, "https://[::1]:$port/", '[::1]'],
		['one mapped', qr/no public address/, "https://[::ffff:127.0.0.1]:$port/",
			'[::ffff:127.0.0.1]'],
		['a host in the credentials', qr/lacks its host/, "https://logplex.io\@$place/", 'logplex.io'],
		['a host in the path', qr/lacks its host/, "https://$place/\@logplex.io", 'logplex.io'],
		['no TLS', qr/begins with https/, "http://$credentials\@$place/logs", $place],
		['no URL', qr/begins with https/, 'logs', $place],
		['nothing', qr/begins with https/, '', $place],
	);

	for my $row (@places) {
		my ($name, $why, $to, $allowed) = @$row;

		is(scalar writes('refused', $why, $name, $to, $allowed), 0, '... and nothing sent');
	}
};

subtest 'a connection for another purpose opens no way' => sub {
	$there->behave('good');
	is(call($caller, ENOUGH, 'read', ID, TOKEN)->{verdict}, 'done', 'one is kept');
	is(scalar writes('refused', qr/no public address/, 'a log', $log, 'localhost'), 0,
		'... and nothing sent');
};

ends_well($caller, 't.' . ID, $credentials);
done_testing;
