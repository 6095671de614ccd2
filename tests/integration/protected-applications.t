#!/usr/bin/perl
# The examples of protected applications, each with its own runtime: a customer who is
# signed in sees the resource, and nobody else sees anything.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use IO::Socket::INET;
use Test::More;

use Provisor::ChildProcess;
use Provisor::HttpClient;
use Provisor::SignOnForm;
use Provisor::Test;

my $examples = "$FindBin::Bin/../../nginx/host/examples";

# How each is started, on a port of this host.
my %command = (
	php    => sub { ('/usr/bin/php', '-S', "127.0.0.1:$_[0]", "$examples/protected.php") },
	node   => sub { ('/usr/bin/node', "$examples/protected.js") },
	rails  => sub { ('/usr/bin/rackup', '-E', 'production', '-o', '127.0.0.1', '-p', $_[0], "$examples/protected.ru") },
	django => sub { ('/usr/bin/python3', "$examples/protected.py", 'runserver', '--noreload', "127.0.0.1:$_[0]") },
);

sub free_port { return IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)->sockport }

my $host = new_host();
my $https = Provisor::HttpClient->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);
my %port = map { $_ => free_port() } sort keys %command;

$host->{locations} = join '', map { <<"END" } sort keys %port;
	location /$_/ {
		set \$provisor_admits heroku/fast-db;
		include provisor-protect.conf;
		proxy_pass http://127.0.0.1:$port{$_};
	}
END
$host->start;

my %log = map { $_ => $host->home . "/$_.log" } keys %command;

sub start {
	my ($name) = @_;

	return Provisor::ChildProcess->start(sub {
		open STDOUT, '>', $log{$name};
		open STDERR, '>&', \*STDOUT;
		chdir $host->home;
		$ENV{PORT} = $port{$name};
		exec $command{$name}->($port{$name}) or die "$name: $!\n";
	});
}

my %process = map { $_ => start($_) } sort keys %command;

my $id = uuid();
$addon->provision(uuid => $id, plan => 'basic');
my $cookie = session_of(post_form($https, '/sso/login', sign_on_fields($addon, $id)));

sub ask {
	my ($name, %headers) = @_;

	return $https->request(method => 'GET', path => "/$name/page", headers => \%headers);
}

sub log_of {
	open my $file, '<', $log{ $_[0] } or return '';
	return join '', <$file>;
}

for my $name (sort keys %command) {
	ok(wait_for(60, sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port{$name}) }), "$name runs")
		or diag log_of($name);
	is(ask($name)->status, 401, '... and nginx admits nobody without a session');
	my $page = ask($name, Cookie => $cookie, 'X-Provisor-Plan' => 'forged');

	is($page->status, 200, '... but whoever is signed in') or diag log_of($name);
	is($page->body, "jane.doe+heroku\@example.com uses the resource $id on the plan basic.\n",
		'... who sees the resource');
	like($page->header('content-type'), qr{\Atext/plain; charset=utf-8\z}i, '... as text');
}

is((ctl($host->env, qw(resources suspend), $id))[1], 0, 'the resource is suspended');
for my $name (sort keys %command) {
	my $page = ask($name, Cookie => $cookie);

	is($page->status, 403, "$name refuses to work for it");
	is($page->body, "This resource is suspended.\n", '... and says why');
}

is_unhurt($host);
done_testing;
