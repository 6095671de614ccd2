#!/usr/bin/perl
# Every response follows the rules of HTTP (RFC 9110, RFC 9112), and a browser gets a
# page: all paths with all methods, with and without credentials, while all pools run and
# while a part of the host is down.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::AddOn 'json';
use Provisor::Http2Client;
use Provisor::HttpClient;
use Provisor::ProtectedApplication;
use Provisor::SignOnForm;
use Provisor::Test;
use Provisor::Files 'read_text';

my $host = new_host();
my $application = Provisor::ProtectedApplication->new($host);
my $https = Provisor::HttpClient->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);
my $old = addon($host, 'old-db', version => undef, client => $https,
	base_url => 'https://localhost/old/heroku/resources');
my $broken = addon($host, 'broken-db', client => $https, api => { password => 'short' });
my ($live, $old_live, $gone) = (uuid(), uuid(), uuid());

addon($host, 'slow-db', client => $https);
$host->start;
$addon->provision(uuid => $live);
$addon->provision(uuid => $gone);
$addon->deprovision($gone);
my $old_id = ($old->provision(uuid => $old_live)->json // {})->{id};
my $cookie = session_of(post_form($https, '/sso', sign_on_fields($addon, $live)));

# nginx limits how often one address may ask.
my $asked = 0;

sub ask {
	my (%request) = @_;
	my $from = sprintf '127.0.%d.%d', 1 + $asked / 200, 1 + $asked % 200;

	$asked++;
	return Provisor::HttpClient->new(%$https, from => $from)->request(%request);
}

# --- the rules ---------------------------------------------------------------

my @once = qw(allow cache-control content-length content-type date location retry-after
	server www-authenticate);
my %required = (
	303 => [ location => qr{\A(https://|/)} ],
	401 => [ 'www-authenticate' => qr/\A(Basic|Cookie) realm="[^"]+"/ ],
	405 => [ allow => qr/\A[A-Z]+(, [A-Z]+)*\z/ ],
	429 => [ 'retry-after' => qr/\A[1-9]\d*\z/ ],
	503 => [ 'retry-after' => qr/\A[1-9]\d*\z/ ],
);

sub faults_of_body {
	my ($method, $answer) = @_;
	my ($type, $body) = ($answer->header('content-type'), $answer->body);
	my $length = $answer->header('content-length');
	my $coding = $answer->header('transfer-encoding');
	my @faults;

	if ($answer->status == 204 || $answer->status == 304) {
		push @faults, 'has a body' if length $body;
		push @faults, 'has Content-Length' if defined $length && $answer->status == 204;
		push @faults, 'has Transfer-Encoding' if defined $coding;
		push @faults, 'has Content-Type' if defined $type;
		return @faults;
	}
	push @faults, 'has two lengths' if defined $length && defined $coding;
	push @faults, 'has no Content-Type' unless defined $type;
	push @faults, "has no charset: $type" if ($type // '') =~ m{\Atext/} && $type !~ /; ?charset=utf-8/i
		&& $answer->status < 300;
	return (@faults, length $body ? 'has a body' : ()) if $method eq 'HEAD';
	push @faults, "has Content-Length $length for " . length $body
		if defined $length && $length != length $body;
	push @faults, 'is not JSON' if ($type // '') =~ m{\Aapplication/json} && !$answer->json;
	if (($type // '') =~ m{\Atext/html}) {
		push @faults, 'is not a page' if $body !~ m{\A<!DOCTYPE html>\n<html lang="en">.*<h1>.*</html>\n\z}s;
		push @faults, 'has no charset' if $type !~ /; ?charset=utf-8/i;
		push @faults, 'may be sniffed' if ($answer->header('x-content-type-options') // '') ne 'nosniff';
		push @faults, 'has no policy' if ($answer->header('content-security-policy') // '') !~ /default-src 'none'/;
	}
	return @faults;
}

sub faults_of_rules {
	my ($method, $answer) = @_;
	my $status = $answer->status;
	my %count;
	my @faults;

	return "gets no response" if !$status;
	$count{ $_->[0] }++ for @{ $answer->{headers} };
	push @faults, 'has a malformed status line' if $answer->head !~ m{\AHTTP/1\.1 \d{3} [ -~]*(\r|\z)};
	push @faults, map { "has two $_" } grep { ($count{$_} // 0) > 1 } @once;
	push @faults, 'has no Date' if !$count{date};
	push @faults, 'may be cached' if ($answer->header('cache-control') // '') !~ /no-store/;
	push @faults, 'names a version' if ($answer->header('server') // '') =~ /\d/;
	push @faults, 'has a Status header' if $count{status};
	if (my $rule = $required{$status}) {
		my ($name, $value) = @$rule;
		push @faults, "has no $name" if ($answer->header($name) // '') !~ $value;
	}
	return (@faults, faults_of_body($method, $answer));
}

# A customer cannot read JSON, and has no password.
sub faults_for_browser {
	my ($answer) = @_;
	my @faults;

	return if $answer->status < 400;
	push @faults, 'is not a page for a browser' if $answer->type ne 'text/html';
	push @faults, 'asks a browser for a password'
		if ($answer->header('www-authenticate') // '') =~ /\b(Basic|Digest)\b/i;
	return @faults;
}

# --- the walk ----------------------------------------------------------------

sub fixed_paths {
	my $routes = read_text("$FindBin::Bin/../../cgi/web/routes.c");

	return $routes =~ m{METRICS_\w+,\s+"(/[^"]+)"}g;
}

my @paths = (
	fixed_paths(), '/', '/sso', '/sso/', '/sso/login', '/nowhere', '/dashboard?values=shown', '/session?addon=x',
	'/heroku/resources', '/heroku/resources/', map({ "/heroku/resources/$_" } $live, $gone, uuid(), 'a%2Fb', 'x'),
	'/old/heroku/resources', "/old/heroku/resources/$old_id",
	'/proxy/page', '/unnamed/', '/.error.json', '/.error.html', '/.provisor-away', '/.provisor-session', '/%zz',
);
my @methods = qw(GET HEAD POST PUT DELETE PATCH OPTIONS TRACE BREW);
my $create = json({ uuid => uuid(), plan => 'basic' });
my %right = (as => $addon->login);
my %form = (type => 'application/x-www-form-urlencoded', body => encode_form(resource => $live));
my $html = 'text/html,application/xhtml+xml,*/*;q=0.8';

# Each gets the path and the method.
my %clients = (
	'a program'              => sub { () },
	'a browser'              => sub { (headers => { Accept => $html }, $_[1] eq 'POST' ? %form : ()) },
	'a signed-in browser'    => sub { (headers => { Accept => $html, Cookie => $cookie,
		'Sec-Fetch-Site' => 'same-origin' }, $_[1] eq 'POST' && $_[0] !~ /end/ ? %form : ()) },
	'the marketplace'        => sub { (as => ($_[0] =~ /^.old/ ? $old : $addon)->login,
		$_[1] =~ /^P/ ? (body => $create) : ()) },
	'the marketplace, badly' => sub { (%right, $_[1] =~ /^P/ ? (body => '{') : ()) },
	'the marketplace, in part' => sub { (%right, $_[1] =~ /^P/ ? (body => '{"plan":""}') : ()) },
	'a broken add-on'        => sub { (as => $broken->login, $_[1] =~ /^P/ ? (body => $create) : ()) },
	'a wrong password'       => sub { (as => 'fast-db:wrong', $_[1] =~ /^P/ ? (body => $create) : ()) },
);
# Browsers send no other methods, no calls of the marketplace, and no forms to a
# malformed address, and do not look at the paths for monitoring.
sub is_for_customers {
	my ($client, $method, $path) = @_;

	return $client =~ /browser/ && $path !~ m{\A/(health|ready|metrics)}
		&& ($method =~ /\A(GET|HEAD)\z/ || $method eq 'POST' && $path !~ m{/resources\b|%zz});
}

my %seen;   # statuses
my %first;  # the first request of each fault
my %allows; # path => method => Allow, or 1 if it is not 405

sub look {
	my ($what, $is_browser, $method, $answer) = @_;

	$seen{ $answer->status }++;
	for my $fault (faults_of_rules($method, $answer),
			$is_browser ? faults_for_browser($answer) : ()) {
		$first{ $answer->status . " $fault" } //= $what;
	}
	return;
}

sub walk {
	my ($state, $clients, $methods) = @_;

	for my $path (@paths) {
		for my $method (@$methods) {
			for my $client (@$clients) {
				my $answer = ask(method => $method, path => $path, $clients{$client}->($path, $method));

				look("$client, $method $path, $state", is_for_customers($client, $method, $path), $method, $answer);
				$allows{$path}{$method} = $answer->header('allow') // 1
					if $state eq 'up' && $client eq 'a program';
			}
		}
	}
	return;
}

sub has_no_faults {
	my ($name) = @_;

	is(join("\n", map { "$_: $first{$_}" } sort keys %first), '', $name);
	%first = ();
	return;
}

walk('up', [ sort keys %clients ], \@methods);
has_no_faults('every response follows the rules of HTTP');

subtest 'Allow has the methods of a path and no others' => sub {
	for my $path (sort keys %allows) {
		my $methods = $allows{$path};
		my ($allow) = grep { $_ ne '1' } @$methods{ grep { $_ ne 'TRACE' } @methods };
		my %listed = map { $_ => 1 } split /, /, $allow // '';
		my @wrong = grep { ($methods->{$_} eq '1') != !!$listed{$_} } grep { $_ ne 'TRACE' } sort keys %$methods;

		is("@wrong", '', "$path: " . ($allow // 'none is refused')) if $allow;
	}
};

# --- what the walk does not meet ---------------------------------------------

my $host_line = "Host: localhost\r\nConnection: close\r\n";
my $browser_lines = $host_line . "Accept: $html\r\n";
my @raw = (
	# name                            status         request
	[ 'a malformed request line',       400,           "GET\r\n\r\n" ],
	[ 'no Host',                        400,           "GET / HTTP/1.1\r\nConnection: close\r\n\r\n" ],
	[ 'two Hosts',                      400,           "GET / HTTP/1.1\r\n${host_line}Host: x\r\n\r\n" ],
	[ 'a header without a name',        qr/400|404/,   "GET / HTTP/1.1\r\n${host_line}: x\r\n\r\n" ],
	[ 'an unknown transfer coding',     501,           "POST /sso HTTP/1.1\r\n${host_line}Transfer-Encoding: x\r\n\r\n" ],
	[ 'a version of HTTP to come',      505,           "GET / HTTP/7.0\r\n$host_line\r\n" ],
	[ 'HTTP/1.0',                       405,           "GET /sso HTTP/1.0\r\n\r\n" ],
	[ 'CONNECT',                        qr/400|405/,   "CONNECT localhost:443 HTTP/1.1\r\n$host_line\r\n" ],
	[ 'OPTIONS *',                      qr/40[045]/,   "OPTIONS * HTTP/1.1\r\n$host_line\r\n" ],
	[ 'a long body',                    413,           "POST /heroku/resources HTTP/1.1\r\n${host_line}Content-Length: 9999999\r\n\r\n" ],
	[ 'a long form',                    413,           "POST /sso HTTP/1.1\r\n${host_line}Content-Length: 99999\r\n\r\n" ],
	[ 'a long address',                 414,           'GET /' . 'x' x 40_000 . " HTTP/1.1\r\n$host_line\r\n" ],
	[ 'one long cookie',                431,           "GET /dashboard HTTP/1.1\r\n${host_line}Cookie: a=" . 'x' x 40_000 . "\r\n\r\n" ],
	[ 'many cookies',                   431,           "GET /dashboard HTTP/1.1\r\n$host_line" . join('', map { "Cookie: a$_=" . 'x' x 4_000 . "\r\n" } 1 .. 20) . "\r\n" ],
);

for (@raw) {
	my ($name, $status, $bytes) = @$_;
	my $answer = ask(raw => $bytes);

	like($answer->status, qr/\A(?:$status)\z/, $name);
	look($name, 0, $bytes =~ /\A(\w+)/, $answer);
	# nginx stops reading at a long header, so Accept must come before it.
	next unless $bytes =~ /\A(GET|POST) .* HTTP.1\.1\r/ && $bytes =~ s/\Q$host_line/$browser_lines/;
	look("$name, a browser", 1, 'GET', ask(raw => $bytes));
}
my $plain = Provisor::HttpClient->new(plain => $host->port);
look('HTTP on the port of HTTPS', 0, 'GET', $plain->request(method => 'GET', path => '/'));
look('HTTP on the port of HTTPS, a browser', 1, 'GET',
	$plain->request(method => 'GET', path => '/', headers => { Accept => $html }));
is(Provisor::Http2Client->new(port => $host->port)->request(method => 'GET', path => '/%zz')->type,
	'text/html', 'over HTTP/2 too, a malformed address gets a page');
has_no_faults('so does each request that nginx refuses');

subtest 'HEAD is GET without the body' => sub {
	for my $path ('/dashboard', '/dashboard.css', '/session', '/health', '/nowhere', '/proxy/page') {
		my ($get, $head) = map { ask(method => $_, path => $path, headers => { Accept => $html, Cookie => $cookie }) } qw(GET HEAD);
		my @kept = grep { !/\A(?:date|content-length|transfer-encoding)\z/ } map { $_->[0] } @{ $get->{headers} };

		is($head->status, $get->status, "$path: the same status");
		is_deeply({ map { $_ => $head->header($_) } @kept }, { map { $_ => $get->header($_) } @kept },
			'... and the same headers');
	}
};

# --- a part of the host is down ----------------------------------------------

my @few = ('a program', 'a signed-in browser', 'the marketplace');
my @common = qw(GET HEAD POST PUT DELETE);
my $ops = Provisor::HttpClient->new(plain => $host->ops_port);

sub walk_ops {
	my ($state) = @_;

	for my $path (qw(/ready /ready/api /ready/web /metrics /nowhere /%zz)) {
		for my $method (qw(GET HEAD POST DELETE TRACE)) {
			look("$method $path of operations, $state", 0, $method, $ops->request(method => $method, path => $path));
		}
	}
	return;
}

walk_ops('up');
has_no_faults('so does the operations server');
$host->stop_postgres;
walk('without the database', \@few, \@common);
walk_ops('without the database');
$host->start_postgres;
has_no_faults('... without the database');
for my $pool (qw(api web)) {
	$host->stop_pool($pool);
	walk("without the pool $pool", \@few, \@common);
	walk_ops("without the pool $pool");
	$host->start_pool($pool);
	has_no_faults("... without the pool $pool");
}

for my $status (200, 204, 303, 400, 401, 403, 404, 405, 410, 413, 414, 422, 431, 501, 503, 505) {
	ok($seen{$status}, "$status is among the responses");
}
note 'statuses: ', join ', ', map { "$_ $seen{$_} times" } sort keys %seen;
is_unhurt($host);

done_testing;
