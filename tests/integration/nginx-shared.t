#!/usr/bin/perl
# The add-on on a server that also serves another site, with Debian's nginx.conf, set
# up as README.md says.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Path 'make_path';
use IO::Socket::IP;
use Test::More;

use Provisor::HttpClient;
use Provisor::SignOnForm qw(post_form session_of sign_on_fields);
use Provisor::Test;
use Provisor::Files qw(read_text write_text);
use Provisor::Process;

use constant TOKEN => 'xyzzy-token';

my $host = new_host();
my $home = $host->home;
my $port = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 1)->sockport;
my $https = Provisor::HttpClient->new(port => $port);
my $addon = addon($host, 'fast-db', client => $https);
my $nginx = Provisor::Process->new(file => "$home/pids/shared", log => "$home/log/shared-error.log",
	folder => $home);

$host->start;
# The same log would hide which nginx has written it.
write_text($_, read_text($_) =~ s{nginx-access}{shared-provisor}gr)
	for glob "$home/nginx/provisor-*.conf";
make_path(map { "$home/nginx/$_" } qw(conf.d sites-enabled));
follow_readme();
write_text("$home/nginx/sites-enabled/default", shared_server());
write_text("$home/nginx/shared.conf", debian_configuration());
$nginx->start('/usr/sbin/nginx', '-e', "$home/log/shared-error.log", '-p', "$home/",
	'-c', 'nginx/shared.conf');
$nginx->wait_until(sub { IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port) });

# Types what the README says about a server that already exists.
sub follow_readme {
	my ($text) = read_text("$FindBin::Bin/../../README.md")
		=~ /To use a server that you have,(.*?)\n\n/s;

	for my $command ($text =~ /`(ln [^`]+)`/g) {
		is(system($command =~ s{/etc/nginx}{$home/nginx}r), 0, $command);
	}
}

# It comes before the site of provisor, which would be called "provisor".
sub shared_server {
	return <<"END";
server {
	listen 127.0.0.1:$port ssl;
	server_name localhost;
	ssl_certificate certificate.pem;
	ssl_certificate_key certificate.key;
	include provisor-locations.conf;
	include provisor-browser.conf;
	location / {
		default_type text/html;
		return 200 "the other site, which is long enough to be compressed";
	}
	location = /missing {
		return 404;
	}
}
END
}

# nginx.conf of Debian 12 without comments.
sub debian_configuration {
	my $user = $> == 0 ? 'user root;' : '';
	my $temporary = join '', map { "${_}_temp_path nginx/temporary;\n" }
		qw(client_body fastcgi proxy scgi uwsgi);

	return <<"END";
$user
worker_processes auto;
daemon off;
pid log/shared.pid;
error_log log/shared-error.log;
events {
	worker_connections 768;
}
http {
	sendfile on;
	tcp_nopush on;
	types_hash_max_size 2048;
	include /etc/nginx/mime.types;
	default_type application/octet-stream;
	ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
	ssl_prefer_server_ciphers on;
	access_log log/shared-access.log;
	gzip on;
	$temporary
	include conf.d/*.conf;
	include sites-enabled/*;
}
END
}

sub get {
	my ($path, %headers) = @_;

	return $https->request(method => 'GET', path => $path, headers => \%headers);
}

subtest 'both are served' => sub {
	my $id = uuid();

	is($addon->provision(uuid => $id)->status, 200, 'a create');
	is($addon->deprovision($id)->status, 204, 'a deprovision');
	like(get('/')->body, qr/\Athe other site/, 'the other site');
	is(get('/health')->type, 'application/json', '/health is provisor\'s');
	like(get('/missing')->body, qr/<center>nginx/, 'errors of the other site are its own');
};

subtest 'a page with secrets is not compressed' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	my $cookie = session_of(post_form($https, '/sso', sign_on_fields($addon, $id)));
	my $page = get('/dashboard', Cookie => $cookie, 'Accept-Encoding' => 'gzip');

	is($page->status, 200, 'the dashboard');
	is($page->header('content-encoding'), undef, '... is not compressed');
	is(get('/', 'Accept-Encoding' => 'gzip')->header('content-encoding'), 'gzip',
		'the other site is');
};

subtest 'no log gets a token' => sub {
	my @sign_ons = ('/sso', '/sso/login', '/heroku/resources/' . uuid());
	my @paths = (@sign_ons, qw(/session /dashboard /health /heroku/resources));
	my %refused = ('Cookie' => 'x' x 40_000);

	for my $path (@paths) {
		get("$path?token=" . TOKEN);
		get("$path?token=" . TOKEN, %refused);
		get("$path?token=" . TOKEN . 'x' x 40_000);
		$https->request(raw => "GET $path?token=" . TOKEN . " HTTP/7.1\r\n\r\n");
		$https->request(raw => "GET $path?token=" . TOKEN . " HTTP/1.1\r\n\r\n");
	}
	$host->stop_pool('web');
	get("$_?token=" . TOKEN) for @sign_ons;
	$host->start_pool('web');
	get('/other');

	$nginx->stop('TERM'); # it writes its last lines
	for my $log (qw(shared-access shared-error shared-provisor worker)) {
		unlike($host->log($log), qr/\Q${\ TOKEN}/, $log);
	}
	unlike($host->log('shared-access'), qr{/(sso|session|dashboard|health|heroku)},
		'the server\'s log has no request of provisor');
	like($host->log('shared-access'), qr{/other}, '... but has those of the other site');
};

subtest 'nginx and provisor name a request alike' => sub {
	my ($id) = $host->log('worker') =~ /\brequest_id=(\w+)/;

	like($host->log('shared-provisor'), qr/\brequest_id=\Q$id\E\b/, 'its id is in both logs');
};

is_unhurt($host);

done_testing;
