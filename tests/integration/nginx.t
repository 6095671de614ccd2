#!/usr/bin/perl
# What nginx adds: TLS, HTTP/2, JSON for its own errors, and logs without queries.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::SHA 'sha256_base64';
use File::Temp 'tempdir';
use Test::More;
use Time::HiRes 'time';

use Provisor::HttpClient;
use Provisor::Http2Client;
use Provisor::Test;
use Provisor::Files 'read_text';

my $host = new_host(answer_limit => '20s');
my $https = Provisor::HttpClient->new(port => $host->port);
my $http2 = Provisor::Http2Client->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);

$host->start;

# What the site for this version of nginx says about HTTP/2.
sub http2_directives {
	my ($version) = @_;
	my $folder = tempdir(CLEANUP => 1);
	my @names = qw(API_SOCKET WEB_SOCKET VENDOR_SOCKET OPS_LISTEN CONSOLE_LISTEN LISTEN LISTEN6 IPV6 SERVER_NAME
		CERTIFICATE CERTIFICATE_KEY ACCESS_LOG READ_TIMEOUT);

	system("$FindBin::Bin/../../nginx/fill", "$FindBin::Bin/../../nginx", $folder,
		"NGINX_VERSION=$version", map { "$_=x" } @names);
	my @lines = read_text("$folder/provisor-site.conf") =~ /^\t(listen x ssl.*|http2 .*);$/mg;
	return "@lines";
}

subtest 'TLS versions' => sub {
	my %handshakes = (TLSv1 => 0, TLSv1_1 => 0, TLSv1_2 => 1, TLSv1_3 => 1);

	for my $version (sort keys %handshakes) {
		my $socket = $https->connect(
			SSL_version => $version,
			SSL_cipher_list => 'ALL:@SECLEVEL=0',
		);

		is(defined $socket ? 1 : 0, $handshakes{$version}, $version);
	}
};

subtest 'every response keeps browsers on HTTPS' => sub {
	my %paths = ('/health' => 200, '/nowhere' => 404, '/%zz' => 400);

	for my $path (sort keys %paths) {
		my $answer = $https->request(method => 'GET', path => $path);

		is($answer->status, $paths{$path}, $path);
		like($answer->header('strict-transport-security'), qr/\Amax-age=\d{7,}/, '... with HSTS');
		unlike($answer->header('server') // '', qr/\d/, '... without a version of nginx');
	}
};

subtest 'the status line has a reason phrase' => sub {
	my %lines = (
		'/health' => 'HTTP/1.1 200 OK',
		'/nowhere' => 'HTTP/1.1 404 Not Found',
		'/%zz' => 'HTTP/1.1 400 Bad Request',
		'/session' => 'HTTP/1.1 401 Unauthorized',
	);

	for my $path (sort keys %lines) {
		my $socket = $https->connect;

		print {$socket} "GET $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
		is(scalar <$socket>, "$lines{$path}\r\n", $path);
	}
};

subtest 'the site fits the version of nginx' => sub {
	unlike($host->log('nginx-error'), qr/\[warn\]/, 'the installed one prints no warning');
	my %lines = ((map { $_ => 'listen x ssl http2' } qw(1.9.15 1.22.1 1.25.0)),
		map { $_ => 'listen x ssl http2 on' } qw(1.25.1 1.26.3 2.0));

	is(http2_directives($_), $lines{$_}, $_) for sort keys %lines;
};

subtest 'browsers get pages' => sub {
	my $ask = sub { $https->request(method => 'GET', path => $_[0], @_[1 .. $#_],
		headers => { Accept => 'text/html,*/*;q=0.8' }) };

	$host->stop_pool('web');
	my @pages = (
		[ $ask->('/ready'), 404, 'There is nothing here' ],
		[ $ask->('/health', body => 'xx'), 413, 'This request is not possible' ],
		[ $ask->('/dashboard'), 503, 'Not available right now' ],
	);

	$host->start_pool('web');
	is($pages[2][0]->header('retry-after'), 2, 'a 503 says when to try again');
	for (@pages) {
		my ($page, $status, $title) = @$_;
		my ($style) = $page->body =~ m{<style>(.*)</style>}s;

		is($page->status, $status, $title);
		is($page->type, 'text/html', '... as a page');
		like($page->body, qr{<html lang="en">.*<title>$title</title>.*<main>\n<h1>$title</h1>\n<p>.*[.]</p>\n</main>}s,
			'... with language, title and landmark');
		like($style, qr/^\@media \(prefers-color-scheme: dark\) .*^main /ms, '... in light and dark');
		is($page->header('x-content-type-options'), 'nosniff', '... is what it says it is');
		like($page->header('strict-transport-security'), qr/max-age/, '... keeps to HTTPS');
		like($page->header('content-security-policy'), qr{default-src 'none'; style-src '\Qsha256-${\ sha256_base64($style)}=\E';},
			'... and runs nothing but its style');
	}
	refuses($https->request(method => 'GET', path => '/ready', headers => { Accept => '*/*' }), 404,
		'programs get JSON');
};

subtest 'HTTP/2' => sub {
	my $id = uuid();
	my $answer = $addon->through($http2)->provision(uuid => $id);

	is($answer->status, 200, 'a create');
	same_bytes($addon->provision(uuid => $id), $answer, 'the response equals that of HTTP/1.1');
	is($addon->through($http2)->deprovision($id)->status, 204, 'a deprovision');
	ok(wait_for(5, sub { $host->log('nginx-access') =~ m{HTTP/2} }), 'the log has the protocol');
};

# The lines of the access log about a path.
sub access_lines {
	my ($path) = @_;

	return grep { m{ path="\Q$path\E" } } split /\n/, $host->log('nginx-access');
}

subtest 'nginx writes the access log within a second, and when it stops' => sub {
	$https->request(method => 'GET', path => '/first?query');
	ok(wait_for(5, sub { access_lines('/first') }), 'a line arrives without another request');
	$https->request(method => 'PUT', path => '/last');
	$host->stop_nginx;
	is(scalar access_lines('/last'), 1, 'nginx writes its last lines when it stops');
	$host->start_nginx;
	$https->request(raw => "GET https://me:secret\@localhost/absolute?query HTTP/1.1\r\nHost: localhost\r\n\r\n");
	ok(wait_for(5, sub { access_lines('/absolute') }), 'of an absolute address, it has only the path');
	like((access_lines('/last'))[0], qr/ method=PUT path="\/last" protocol=HTTP\S+ status=404 /, 'a line has the method of the client');
};

subtest 'the error page is internal' => sub {
	for my $path ('/.error.json', '/%2eerror.json', '/x/../.error.json') {
		for my $method (qw(GET POST)) {
			refuses($https->request(method => $method, path => $path), 404,
				"$method $path");
		}
	}
};

subtest 'paths of the operator are not public' => sub {
	for my $path (qw(/ready /metrics)) {
		refuses($https->request(method => 'GET', path => $path), 404, $path);
	}
};

subtest 'while the api pool is down' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	$host->stop_pool('api');
	refuses($addon->provision(uuid => $id), 503, 'create');
	refuses($addon->deprovision($id), 503, 'deprovision');
	refuses($addon->through($http2)->provision(uuid => $id), 503, 'HTTP/2');
	refuses($https->request(method => 'POST', path => "/$_", body => '{}'), 503, $_)
		for 'digitalocean/notifications', "scalingo/resources/$id/suspend", "scalingo/resources/$id/resume";
	is($https->request(method => 'GET', path => '/health')->status, 503, '/health');
	is($https->request(method => 'GET', path => '/session')->status, 401,
		'the web pool still serves');
	$host->start_pool('api');
	ok(wait_for(5, sub { $addon->provision(uuid => $id)->status == 200 }), 'the pool serves again');
};

subtest 'no log contains a query' => sub {
	my @requests = (
		[ GET => '/heroku/resources/' . uuid() ],
		[ GET => '/sso/login' ],
		[ GET => '/nowhere' ],
		[ GET => '/.error.json' ],
		[ GET => '/%zz' ],
		[ POST => '/heroku/resources' ],
	);
	my $ask = sub {
		for (@requests) {
			my ($method, $path) = @$_;

			$https->request(method => $method, path => "$path?token=xyzzy");
		}
	};

	$ask->();
	$host->stop_pool($_) for qw(api web);
	pop @requests; # nginx logs a request that it cannot pass on
	$ask->();
	$host->start_pool($_) for qw(api web);
	$host->stop_nginx; # it writes its last lines
	$host->start_nginx;
	ok(index($host->log($_), 'xyzzy') < 0, $_) for qw(nginx-access nginx-error worker);
	like($host->log('nginx-access'), qr{/nowhere}, 'the access log has the path');
};

subtest 'a request that has waited too long is not executed' => sub {
	my $worker = fastcgi($host);
	my @waits = (
		# seconds ago, of 20   status
		[ 0,                     200 ],
		[ 12,                    200 ],
		[ 15.1,                  503 ],
		[ 21,                    503 ],
		[ 3600,                  503 ],
	);

	for (@waits) {
		my ($ago, $status) = @$_;
		my $id = uuid();
		my $answer = $worker->request(
			$addon->provision_request(uuid => $id),
			received => sprintf('%.3f', time - $ago),
		);

		$status == 200 ? is($answer->status, 200, "$ago s ago: served")
			: refuses($answer, 503, "$ago s ago: too late");
		is(count_of($host, "resources WHERE marketplace_id = '$id'"), $status == 200 ? 1 : 0,
			'... and the resource is there, or not');
	}
};

subtest 'a client cannot forge the parameters of nginx' => sub {
	my $id = uuid();

	is($https->request($addon->provision_request(uuid => $id), headers => {
		'Provisor-Received' => '1.000',
		'Provisor-Request-Id' => 'forged-by-a-header',
		Proxy => 'http://localhost:1',
	})->status, 200, 'the request is served');
	unlike($host->log('worker'), qr/forged-by-a-header/, '... under the request id of nginx');
};

is_unhurt($host);

done_testing;
