#!/usr/bin/perl
# Lines that platform.h writes to a customer's log: their format, and that it sends
# them only to hosts that the operator allows.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 'encode_base64';
use Test::More;

use Provisor::PlatformClient;

my $server = https_server('server', $authority->issue('here'));
my $client = client_of($server);
my $host = 'localhost:' . $server->port;

sub writes {
	my ($verdict, $why, $name, $url, $allowed) = @_;

	$server->behave('empty');
	my $report = call($client, ENOUGH, 'log', $url, $allowed, 'app', "one\x07", 'two ✓');

	check_verdict($report, $verdict, $why, $name);
	return $server->requests;
}

my $credentials = 'token:t.' . ID;
my $log = "https://$credentials\@$host/logs?x=1";

subtest 'lines are sent to an allowed host' => sub {
	my ($request, @others) = writes('done', qr/\A\z/, 'two lines are accepted', $log, "logplex.io, $host");
	my @frames = map { "<190>1 TIME @{[ID]} app provisor - - $_" } 'one ', 'two ✓';
	my $body = $request->{body};
	my $time = qr/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00/;

	is("$request->{method} $request->{target}", 'POST /logs?x=1', 'the request goes to the path of the URL');
	is($request->{headers}{authorization}, 'Basic ' . encode_base64($credentials, ''), '... with the credentials of the URL');
	is($request->{headers}{'content-type'}, 'application/logplex-1', '... and the type of log frames');
	is(scalar @others, 0, '... and is the only one');
	like($body, qr/\A\d+ <190>1 $time /, 'a frame has a time');
	$body =~ s/$time/TIME/g;
	is($body, join('', map { length($_) + 21 . " $_" } @frames), 'the body is one frame for each line');
};

subtest 'no line is sent to another host' => sub {
	my $port = $server->port;
	my @logs = (
		['another host', qr/its host is not in/, $log, 'logplex.io'],
		['another port', qr/its host is not in/, $log, 'localhost:443'],
		['no host', qr/its host is not in/, $log, ''],
		['a private address', qr/no public address/, $log, 'localhost'],
		['a private IPv4 address', qr/no public address/, "https://127.0.0.1:$port/", '127.0.0.1'],
		['an IPv4 address in hexadecimal', qr/no public address/, "https://0x7f.1:$port/", '127.0.0.1'],
		['a private IPv6 address', qr/no public address/, "https://[::1]:$port/", '[::1]'],
		['an IPv4 address in an IPv6 address', qr/no public address/, "https://[::ffff:127.0.0.1]:$port/",
			'[::ffff:127.0.0.1]'],
		['an allowed host in the credentials', qr/its host is not in/, "https://logplex.io\@$host/", 'logplex.io'],
		['an allowed host in the path', qr/its host is not in/, "https://$host/\@logplex.io", 'logplex.io'],
		['a URL without TLS', qr/begins with https/, "http://$credentials\@$host/logs", $host],
		['a text that is not a URL', qr/begins with https/, 'logs', $host],
		['an empty text', qr/begins with https/, '', $host],
	);

	for my $row (@logs) {
		my ($name, $why, $url, $allowed) = @$row;

		is(scalar writes('refused', $why, $name, $url, $allowed), 0, '... and no request is sent');
	}
};

subtest 'a connection that was opened for another call does not allow a host' => sub {
	$server->behave('succeeds');
	is(call($client, ENOUGH, 'read', ID, TOKEN)->{verdict}, 'done', 'a call leaves a connection open');
	is(scalar writes('refused', qr/no public address/, 'the log at the same address is refused', $log, 'localhost'), 0,
		'... and no request is sent');
};

check_end($client, 't.' . ID, $credentials);
done_testing;
