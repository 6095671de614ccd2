#!/usr/bin/perl
# Attacks from the network by strangers without credentials: each must leave a
# marketplace's creates alone, and must not grow nginx.  tests/soak measures more
# creates during each.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Errno;
use IO::Socket::INET;
use List::Util qw(max sum0);
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::ChildProcess;
use Provisor::Files qw(read_text);
use Provisor::Http2Attacker;
use Provisor::Http2Client;
use Provisor::HttpClient;
use Provisor::LoadGenerator;
use Provisor::Test;

use constant {
	PROMISED => 3,		# seconds, for a create
	CREATES => scaled(20, 100),
	MIB => 1 << 20,
};

# The test says with a header which address it comes from.
my $host = new_host(answer_limit => '25s', workers => { api => 4, web => 2 },
	locations => "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Test-Address;\n");
my $https = Provisor::HttpClient->new(port => $host->port);
my $http2 = Provisor::Http2Client->new(port => $host->port);
my $stranger = Provisor::HttpClient->new(port => $host->port, from => '127.0.0.2');
my $addon = addon($host, 'fast-db', client => $https);

$host->start;

# --- what the attacks do ----------------------------------------------------

# Requests whose bodies lack their last byte.  Returns the connections.
sub half_sent {
	my ($client, $count, $path, %headers) = @_;
	my $head = join '', map { "$_: $headers{$_}\r\n" } sort keys %headers;

	return map { $client->begin(raw => "POST $path HTTP/1.1\r\nHost: localhost\r\n"
		. "${head}Content-Length: 100\r\n\r\n{") } 1 .. $count;
}

# HTTP/2 connections with as many such requests each.
sub half_sent_streams {
	my ($client, $connections, $streams, $path, $length) = @_;
	my @attackers = map { Provisor::Http2Attacker->new($client) } 1 .. $connections;

	for my $attacker (@attackers) {
		$attacker->open_stream(POST => $path, $length) for 1 .. $streams;
	}
	return @attackers;
}

# As many requests as 300 connections can send.
sub flood {
	my ($method, $path) = @_;
	my %request = (method => $method, path => $path, body => 'x=1', as => 'fast-db:wrong');

	return Provisor::LoadGenerator->start(port => $host->port, clients => 300, pause => 0,
		repeats => 0, next => sub { { id => '-', request => \%request } });
}

# Connections whose handshake never ends.
sub half_handshakes {
	my ($count) = @_;
	my @sockets = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1',
		PeerPort => $host->port) // () } 1 .. $count;

	syswrite $_, "\x16" for @sockets;
	return @sockets;
}

sub reset_for_ever {
	while (1) {
		my $attacker = Provisor::Http2Attacker->new($stranger);
		for (1 .. 20) {
			$attacker->open_stream(POST => '/heroku/resources', 2) for 1 .. 50;
			$attacker->reset_streams;
		}
	}
	return;
}

# --- what the marketplace gets meanwhile ------------------------------------

sub creates_are_served {
	my ($name) = @_;
	my ($slowest, %statuses) = (0);

	for (1 .. CREATES) {
		my $began = time;

		$statuses{ $addon->provision(uuid => uuid())->status }++;
		$slowest = max($slowest, time - $began);
	}
	is_deeply(\%statuses, { 200 => CREATES }, "$name: every create is served");
	cmp_ok($slowest, '<', PROMISED, '... in time');
	figure("$name: the slowest create took %.2f s", $slowest);
	return;
}

# Resident memory of nginx's workers, in bytes.
sub nginx_memory {
	my ($master) = split ' ', read_text($host->home . '/pids/nginx');
	my @workers = split ' ', read_text("/proc/$master/task/$master/children");

	return 1024 * sum0 map { read_text("/proc/$_/status") =~ /^VmRSS:\s+(\d+)/m } @workers;
}

# --- the attacks ------------------------------------------------------------

# These end by nginx's time limits, which the last subtest looks at.
my $silent_since = time;
my @silent = (half_handshakes(300), half_sent($stranger, 20, '/heroku/resources'));

subtest 'bodies that are never sent whole' => sub {
	for my $client ([ 'the same address', $https, 256 ], [ 'a stranger', $stranger, 600 ]) {
		my ($name, $from, $count) = @$client;
		my @held = half_sent($from, $count, '/heroku/resources');

		creates_are_served("HTTP/1.1, $name");
		close $_ for @held;
		@held = half_sent_streams($from, 2, 128, '/heroku/resources', 100);
		creates_are_served("HTTP/2, $name");
	}
};

subtest 'a stranger holds half of the queue at most' => sub {
	my $stranger = Provisor::HttpClient->new(port => $host->port, from => '127.0.0.3');
	my @held = half_sent($stranger, 520, '/heroku/resources');

	ok(becomes(503, sub { $addon->through($stranger)->provision(uuid => uuid()) }),
		'it gets no more than that');
	creates_are_served('beside it');
};

subtest 'floods of 300 connections' => sub {
	for my $target ([ POST => '/heroku/resources' ], [ POST => '/sso/login' ],
			[ POST => '/session/end' ], [ GET => '/' ]) {
		my $load = flood(@$target);

		ok(wait_for(20, sub { $load->count > 300 }), "a flood of @$target");
		creates_are_served("@$target");
		$load->finish;
	}
};

subtest 'streams that are cancelled at once' => sub {
	my @children = map { Provisor::ChildProcess->start(\&reset_for_ever) } 1 .. 3;

	sleep 1;
	creates_are_served('meanwhile');
	$_->stop('KILL') for @children;
	creates_are_served('afterwards');
};

subtest 'half-sent bodies do not grow nginx' => sub {
	for my $path ('/session/end', '/heroku/resources') {
		my $before = nginx_memory();
		my @attackers = half_sent_streams($stranger, 6, 128, $path, 261_001);

		$_->send_bodies(scaled(1, 6)) for @attackers;
		my $grown = (nginx_memory() - $before) / MIB;

		cmp_ok($grown, '<', 40, "HTTP/2, $path: less than 40 MiB");
		creates_are_served("meanwhile, $path");
		figure("$path: nginx has grown by %.0f MiB", $grown);
	}
};

# --- limits by location -----------------------------------------------------

subtest 'each location has a limit for bodies' => sub {
	my @forms = map { [ POST => $_, 65_536 ] } qw(/sso/login /sso /session/end /dashboard /other);
	my @pages = map { [ GET => $_, 1 ] } qw(/health /session /dashboard.css),
		'/heroku/resources', '/heroku/resources/' . uuid();

	for my $case (@forms, @pages, [ POST => '/heroku/resources', 256 * 1024 ]) {
		my ($method, $path, $longest) = @$case;
		my $ask = sub { $_[1]->request(method => $method, path => $path,
			type => 'application/x-www-form-urlencoded', body => 'x' x $_[0]) };

		isnt($ask->($longest, $https)->status, 413, "$method $path: $longest bytes");
		refuses($ask->($longest + 1, $_), 413, '... and not one more, ' . $_->name)
			for $https, $http2;
	}
};

subtest 'a client is an IPv4 address or 64 bits of IPv6' => sub {
	my $ask = sub { $https->request(method => 'GET', path => '/dashboard.css',
		headers => { 'X-Test-Address' => $_[0] }) };
	my @cases = (
		# attacker            the same client               another one
		[ '192.0.2.1',         [ '192.0.2.1' ],              [ '192.0.2.2', '2001:db8::1' ] ],
		[ '2001:db8:1:2::1',   [ '2001:db8:1:2:ffff::9' ],   [ '2001:db8:1:3::1', '2001:db8:2:2::1' ] ],
	);

	for (@cases) {
		my ($address, $same, $others) = @$_;
		my @held = half_sent($https, 70, '/session/end', 'X-Test-Address' => $address);

		for my $other (@$same) {
			ok(becomes(503, sub { $ask->($other) }), "$address occupies what $other may have");
		}
		is($ask->($_)->status, 200, "... but not what $_ may have") for @$others;
		close $_ for @held;
	}
};

subtest 'large bodies are few' => sub {
	my %from = ('X-Test-Address' => '192.0.2.7');
	my $ask = sub { $https->request(method => 'POST', path => '/heroku/resources',
		body => 'x' x $_[0], headers => \%from) };
	my @held = map { $https->begin(raw => join "\r\n", 'POST /heroku/resources HTTP/1.1',
		'Host: localhost', 'X-Test-Address: 192.0.2.7', 'Content-Length: 200000', '', '{')
	} 1 .. 36;

	ok(becomes(503, sub { $ask->(10_000) }), 'no more than 32 of a client');
	is($ask->($_)->status, 401, "but any of $_ bytes") for 1, 9_999;
	is($https->request(method => 'DELETE', path => '/heroku/resources/x',
		headers => \%from)->status, 401, '... or without one');
	close $_ for @held;
};

subtest 'who stays silent is hung up on' => sub {
	my $left = $silent_since + 12 - time;

	ok(wait_for(max(2, $left), sub { @silent = grep { !is_closed($_) } @silent; !@silent }),
		'within 12 s');
};

# Does an answer with this status arrive soon?  nginx may not have read yet what was sent
# before.
sub becomes {
	my ($status, $ask) = @_;

	return wait_for(5, sub { $ask->()->status == $status });
}

# Has nginx closed it, with or without an answer?
sub is_closed {
	my ($socket) = @_;

	$socket->blocking(0);
	my $count = sysread $socket, my $bytes, 65_536;
	return defined $count || !($!{EAGAIN} || $!{EWOULDBLOCK});
}

# A socket file would be left, and nginx could not listen there again.
subtest 'nginx starts again after it was killed' => sub {
	my ($master) = split ' ', read_text($host->home . '/pids/nginx');

	kill KILL => $master, split ' ', read_text("/proc/$master/task/$master/children");
	$host->start_nginx;
	creates_are_served('by the next one');
};

creates_are_served('after all of it');
is_unhurt($host);

done_testing;
