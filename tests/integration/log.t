#!/usr/bin/perl
# The log: one line per request, which cannot be forged and contains no secret.
# Also /health and /ready.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 'encode_base64';
use Test::More;

use Provisor::AddOn 'json';
use Provisor::HttpClient;
use Provisor::Test;

# PostgreSQL logs everything, so its log would show a secret.
my $host = new_host(postgres => {
	log_statement => 'all',
	log_parameter_max_length => -1,
	log_parameter_max_length_on_error => -1,
});
my $ops = Provisor::HttpClient->new(plain => $host->ops_port);
my $https = Provisor::HttpClient->new(port => $host->port);
my $addon = addon($host, 'fast-db');
my $worker = fastcgi($host);

sub ready {
	return $ops->request(method => 'GET', path => '/ready');
}

# Return true if the response names the fault.
sub is_not_ready {
	my ($part, $words, $name) = @_;
	my $answer = ready();

	is($answer->status, 503, "$name: /ready gets 503");
	like($answer->json->{$part}, $words, "... and $part has the reason");
	return;
}

$host->start_postgres;
$host->start_pool($_) for qw(api web);
$host->start_nginx;

subtest 'a host is not ready before the first migration' => sub {
	is_not_ready(database => qr/provisor migrate/, 'no tables');
	is($https->request(method => 'GET', path => '/health')->status, 200, '/health gets 200');
	refuses($addon->provision(uuid => uuid()), 503, 'a create gets 503');
};

$host->migrate;

subtest 'a host is ready with database, migrations and homes' => sub {
	ok(wait_for(5, sub { ready()->status == 200 }), '/ready gets 200');
	for my $method (qw(GET HEAD)) {
		is($https->request(method => $method, path => '/health')->status, 200, "$method /health gets 200");
	}
	is_deeply(ready()->json, { status => 'ok', database => 'ok', settings => 'ok', addons => 'ok',
		keys => 'ok', listeners => 'ok', jobs => 'ok' },
		'/ready names the parts that it checks');
};

subtest 'both releases are ready during an upgrade' => sub {
	my $last = $host->psql('SELECT max(number) FROM migrations');

	$host->psql("INSERT INTO migrations (number, name) VALUES ($last + 1, 'next')");
	is(ready()->status, 200, 'the old release is ready after the new one has migrated the database');
	is(ready()->json->{database}, 'ok', '... which has all that it needs');
	is($addon->provision(uuid => uuid())->status, 200, '... and a create succeeds');
	$host->psql("DELETE FROM migrations WHERE number >= $last");
	is_not_ready(database => qr/provisor migrate/, 'the new release before the migration');
	$host->psql("INSERT INTO migrations (number, name) VALUES ($last, 'again')");
	is(ready()->status, 200, 'after the migration it is ready');
};

# Return the key=value pairs of the only line about this request.
sub line_of {
	my ($id) = @_;
	my @lines = grep { /\b\Q$id\E\b/ } split /\n/, $host->log('worker');
	my %pairs;

	is(scalar @lines, 1, "the request $id has one line") or diag @lines;
	while (($lines[0] // '') =~ /(?:^|\s)([a-z_]+)=("(?:[^"\\]|\\.)*"|\S*)/g) {
		$pairs{$1} = $2;
	}
	return \%pairs;
}

subtest 'every request has one line' => sub {
	my $id = uuid();
	my %create = $addon->provision_request(uuid => $id);
	my %stranger = (%create, as => 'fast-db:wrong');
	my @requests = (
		# status  route                   add-on     resource  request
		[ 200, '/heroku/resources',       'fast-db', $id,   %create ],
		[ 200, '/heroku/resources',       'fast-db', $id,   %create ],
		[ 200, '/heroku/resources/:id',   'fast-db', $id,   $addon->plan_request($id, 'premium') ],
		[ 204, '/heroku/resources/:id',   'fast-db', $id,   $addon->deprovision_request($id) ],
		[ 401, '/heroku/resources',       undef,     undef, %stranger ],
		[ 405, '/heroku/resources',       undef,     undef, %create, method => 'GET' ],
		[ 400, '/heroku/resources',       'fast-db', undef, %create, body => '{' ],
		[ 404, undef,                     undef,     undef, %create, path => '/nowhere' ],
	);

	for my $i (0 .. $#requests) {
		my ($status, $route, $name, $resource, %request) = @{ $requests[$i] };

		$worker->request(%request, id => "line-$i");
		my $pairs = line_of("line-$i");

		is($pairs->{status}, $status, "a request with status $status has its status");
		like($pairs->{duration_seconds}, qr/\A\d+\.\d{3}\z/, '... and duration');
		is($pairs->{route}, $route, '... and route') if defined $route;
		is($pairs->{addon}, $name, '... and add-on') if defined $name;
		is($pairs->{resource}, $resource, '... and resource') if defined $resource;
	}
};

subtest 'nginx and the worker log the same request id' => sub {
	my $id = uuid();

	$addon->through($https)->provision(uuid => $id);
	my ($line) = grep { /\Q$id\E/ } split /\n/, $host->log('worker');
	my ($name) = ($line // '') =~ /\b([0-9a-f]{32})\b/;

	ok($name, 'the worker logs an id') or diag $line;
	ok(wait_for(5, sub { $host->log('nginx-access') =~ /\b$name\b/ }), 'nginx logs the same');
};

subtest 'no input can forge a line' => sub {
	my $forgery = "\nforged=1 status=500";
	my %create = $addon->provision_request(uuid => uuid());
	my %forged = (
		'a path' => { path => "/heroku/resources/%0Aforged=1%20status=500" },
		'a raw path' => { path => "/nowhere$forgery" },
		'a quote in a path' => { path => '/nowhere" forged=1 x="' },
		'a method' => { method => "POST$forgery" },
		'a user name' => { as => "fast-db$forgery:wrong" },
		'a quoted user name' => { as => 'fast-db" forged=1 x=":wrong' },
		'a content type' => { type => "application/json$forgery" },
		'an Accept header' => { headers => { Accept => "application/json$forgery" } },
		'a name' => { body => json({ uuid => uuid(), plan => 'basic', name => $forgery }) },
		'a plan' => { body => json({ uuid => uuid(), plan => $forgery }) },
		'a request id' => { id => "name-$forgery" },
		'bytes past ASCII' => { path => "/nowhere\x{9b}31m\e[31m" },
	);

	for my $name (sort keys %forged) {
		$worker->request(%create, id => 'forging', %{ $forged{$name} });
	}
	my $log = $host->log('worker');

	unlike($log, qr/^\s*forged=/m, 'no line begins with the forged pair');
	unlike($log, qr/^[^"]*("(?:[^"\\]|\\.)*"[^"]*)*\sforged=1/m, 'no forged pair is outside of quotes');
	unlike($log, qr/[^\n\x20-\x7e]/, 'the log has printable ASCII only');
};

subtest 'no secret is logged' => sub {
	my $id = uuid();
	my %secret = (
		'the grant code' => '8f2c3ab1-grant-code',
		'the log URL' => 't.5a1b-log-input',
		'the password' => $addon->password,
		'a wrong password' => 'wrong-xyzzy-password',
		'the salt' => 'salt of fast-db',
	);
	my %create = $addon->provision_request(
		uuid => $id,
		log_input_url => "https://token:$secret{'the log URL'}\@1.us.logplex.io/logs",
		oauth_grant => {
			code => $secret{'the grant code'},
			expires_at => '2031-03-03T18:01:31Z',
			type => 'authorization_code',
		},
	);
	my $first = $https->request(%create);

	$secret{'a config value'} = $first->config->{FAST_DB_TOKEN};
	is($first->status, 200, 'a create with secrets succeeds');
	$https->request(%create);
	$addon->through($https)->change_plan($id, 'premium');
	$https->request(%create, body => $create{body} =~ s/basic/other/r);
	$https->request(%create, body => $create{body} . 'x');
	$https->request(%create, as => "fast-db:$secret{'a wrong password'}");
	$host->stop_postgres;
	$https->request(%create);
	is_not_ready(database => qr/away/, 'no database');
	$host->start_postgres;
	wait_for(5, sub { ready()->status == 200 });
	$addon->through($https)->deprovision($id);

	$secret{'the header'} = encode_base64($addon->login, '');
	$secret{'a wrong header'} = encode_base64("fast-db:$secret{'a wrong password'}", '');
	$secret{"the database's password"} = $1
		if $host->env->{PROVISOR_DATABASE} =~ /password=(\S+)/;
	$host->stop_nginx; # it writes its last lines
	$host->start_nginx;
	for my $log (qw(worker nginx-access nginx-error postgres)) {
		my $text = $host->log($log);
		my @told = grep { index($text, $secret{$_}) >= 0 } sort keys %secret;

		is("@told", '', "no secret is in the log $log");
	}
};

subtest 'an invalid home does not affect others' => sub {
	$host->stop_pool($_) for qw(api web);
	addon($host, 'broken', template => undef);
	$host->start_pool($_) for qw(api web);
	is_not_ready(addons => qr/1 of 2/, 'a home that is not valid');
	is($addon->provision(uuid => uuid())->status, 200, 'the other add-on is served');
};

is_unhurt($host);

done_testing;
