#!/usr/bin/perl
# Homes of add-ons: where they are mounted, and that an invalid one affects no
# other.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Copy 'copy';
use File::Path 'remove_tree';
use IO::Socket::UNIX;
use Test::More;
use Time::HiRes 'time';

use Provisor::CgiClient 'run';
use Provisor::Test;

my $at = 'https://localhost';

sub mounted {
	my ($path) = @_;

	return (base_url => "$at/$path/heroku/resources");
}

# The paths in the table of routes cannot be used by an add-on.
sub own_paths {
	open my $file, '<', "$FindBin::Bin/../../cgi/web/routes.c" or die "cgi/web/routes.c: $!\n";
	my %paths = map { $_ => 1 } map { m{METRICS_\w+,\s+"(/[^"]+)"} } <$file>;

	return sort keys %paths;
}

my $weak_password = qr/addon-manifest\.json: api\.password .*: use a random string/;
my $weak_salt = qr/addon-manifest\.json: api\.sso_salt .*: use a random string/;

# Faults of homes, and the log lines about them.
my @broken = (
	# home              the log says                           what is wrong
	[ 'weak-password',    $weak_password,                        api => { password => 'CHANGEME' } ],
	[ 'sample-password',  $weak_password,                        api => { password => 'super-secret' } ],
	[ 'short-password',   $weak_password,                        api => { password => '1234567' } ],
	[ 'middling',         $weak_password,                        api => { password => 'twelve chars' } ],
	[ 'printed-password', $weak_password,                        api => { password => 'GqAGAmdrnkDFcvR9' } ],
	[ 'flat-version',     qr/: version is outside api.*move it/,  version => undef, manifest => { version => 3 } ],
	[ 'flat-requires',    qr/: requires is outside api.*move it/, api => { requires => undef }, manifest => { requires => ['syslog_drain'] } ],
	[ 'both-names',       qr/has both addon_manifest\.json and addon-manifest\.json: the first is in force/,
		both => 1 ],
	[ 'empty-password',   $weak_password,                        api => { password => '' } ],
	[ 'number-password',  qr/addon-manifest.*password/,          api => { password => 1234567890 } ],
	[ 'weak-salt',        $weak_salt,                            api => { sso_salt => 'CHANGEME' } ],
	[ 'printed-salt',     $weak_salt,
		api => { sso_salt => '2f97bfa52ca102f8874716e2eb1d3b4920ad0be4' } ],
	[ 'printed-salt-too', $weak_salt,                            api => { sso_salt => 'zPzckKkGf3XiJaD0' } ],
	[ 'short-salt',       $weak_salt,                            api => { sso_salt => '1234567' } ],
	[ 'foreign-prefix',   qr/addon-manifest.*config_vars/,       api => { config_vars => ['PATH'] } ],
	[ 'undeclared',       qr/template\.json.*UNDECLARED_OTHER/,  template => { config => { UNDECLARED_OTHER => 'x' } } ],
	[ 'unknown-name',     qr/template\.json.*planet/,            template => { config => { UNKNOWN_NAME_URL => 'https://${planet}' } } ],
	[ 'unclosed-name',    qr/template\.json/,                    template => { config => { UNCLOSED_NAME_URL => 'https://${id' } } ],
	[ 'number-value',     qr/template\.json.*NUMBER_VALUE_URL/,  template => { config => { NUMBER_VALUE_URL => 1 } } ],
	[ 'template-member',  qr/template\.json.*confg/,             template => { confg => {} } ],
	[ 'template-syntax',  qr/template\.json/,                    template => '{"config":{},}' ],
	[ 'settings-member',  qr/settings\.json.*sesion/,            settings => { sesion => '8h' } ],
	[ 'settings-syntax',  qr/settings\.json/,                    settings => '{' ],
	[ 'settings-type',    qr/settings\.json.*plans/,             settings => { plans => ['basic'] } ],
	[ 'no-listener',      qr/template\.json.*hooks.*listener\.so/s, template => undef ],
	[ 'two-listeners',    qr/template\.json.*hooks/,             files => { 'hooks/provision' => "#!/bin/sh\n" } ],
	[ 'no-drain',         qr/template\.json.*log_drain_url/,     api => { requires => ['syslog_drain'] } ],
	[ 'no-provision',     qr/hooks\/provision/,                  template => undef, files => { 'hooks/deprovision' => "#!/bin/sh\n" } ],
	[ 'no-library',       qr/listener\.so: cannot be loaded/, template => undef, files => { 'listener.so' => "\x7fELF" } ],
);

push @broken, map { [ 'own' . tr{/.}{--}r, qr/addon-manifest.*sso_url/, sso_url => "$at$_" ] } own_paths();

# Valid homes and their paths.
my @good = (
	# home              at                                     because of
	[ 'fast-db',          '/heroku/resources' ],
	[ 'fast-db-staging',  '/heroku/resources' ],
	[ 'slashed',          '/heroku/resources',                   base_url => "$at/heroku/resources/" ],
	[ 'rooted',           '/heroku/resources',                   base_url => $at ],
	[ 'rooted-too',       '/heroku/resources',                   base_url => "$at/" ],
	[ 'deep',             '/a/b/heroku/resources',               base_url => "$at/a/b" ],
	[ 'deeper',           '/a/b/c/heroku/resources',             base_url => "$at/a/b/c/heroku/resources" ],
	[ 'string-url',       '/heroku/resources',                   version => undef, api => { production => $at } ],
	[ 'tested-too',       '/heroku/resources',                   version => '1',
		api => { test => { base_url => 'http://localhost:4567/heroku/resources' } } ],
	[ 'number-version',   '/heroku/resources',                   version => 3 ],
	[ 'one-url',          '/one-url/heroku/resources',           base_url => "$at/one-url/heroku/resources",
		sso_url => "$at/one-url/heroku/resources/" ],
	[ 'empty-segments',   '/a//heroku/resources',                base_url => "$at/a//heroku/resources//" ],
	[ 'capitals',         '/Capitals/heroku/resources',          base_url => 'https://LOCALHOST:443/Capitals' ],
	[ 'annotated',        '/heroku/resources',                   manifest => { '$base' => 152951532282013, more => {} } ],
);

my (%addon, $host);

$host = serving_host({}, sub {
	my ($new) = @_;

	for (@good) {
		my ($name, $path, %more) = @$_;
		$addon{$name} = addon($new, $name, path => $path, %more);
	}
	for (@broken) {
		my ($name, undef, %more) = @$_;
		$addon{$name} = addon($new, $name, mounted($name), %more);
		copy(map { $addon{$name}->home . "/$_" } 'addon-manifest.json', 'addon_manifest.json')
			if $more{both};
	}
	$addon{$_} = addon($new, $_, mounted('twins'), manifest => { id => 'same' })
		for qw(twin-a twin-b);
});

subtest 'a valid home serves at the path in its manifest' => sub {
	for (@good) {
		my ($name, $path) = @$_;

		is($addon{$name}->provision(uuid => uuid())->status, 200, "$name at $path");
		my $elsewhere = $addon{$name}->through(fastcgi($host));
		$elsewhere->{path} = $path eq '/heroku/resources'
			? '/a/b/heroku/resources' : '/heroku/resources';
		refuses($elsewhere->provision(uuid => uuid()), 401,
			"$name is unknown elsewhere");
	}
};

subtest 'an invalid home affects only its own requests' => sub {
	for my $name ((map { $_->[0] } @broken), 'twin-a') {
		my $id = uuid();

		refuses($addon{$name}->provision(uuid => $id), 503, "$name: create");
		refuses($addon{$name}->change_plan($id, 'premium'), 503,
			"$name: plan change");
		refuses($addon{$name}->deprovision($id), 503, "$name: deprovision");
	}
	is(count_of($host, "resources WHERE addon IN ("
		. join(', ', map { "'$_->[0]'" } @broken) . ')'), 0, 'no row is made');
};

subtest 'the log names file, field and fault' => sub {
	my $log = $host->log('worker');

	for (@broken) {
		my ($name, $words) = @$_;
		my @lines = grep { /\Q$name\E/ } split /\n/, $log;

		ok((grep { /$words/ } @lines), $name) or diag @lines ? @lines : 'not in the log';
	}
	ok((grep { /twin-a/ && /twin-b/ } split /\n/, $log),
		'of two with one path and user name, both are named');
};

subtest 'the log has no secrets' => sub {
	my $log = $host->log('worker');

	ok(index($log, $_) < 0, "not '$_'") for 'CHANGEME', 'super-secret', '1234567',
		'zPzckKkGf3XiJaD0', 'password of ', 'salt of ', 'twelve chars';
};

subtest 'an unknown user gets 401 while all manifests are readable' => sub {
	my %stranger = (method => 'DELETE', as => 'stranger:and a password');

	refuses(fastcgi($host)->request(%stranger, path => '/heroku/resources/' . uuid()),
		401, 'an unknown user');
	refuses(fastcgi($host)->request(%stranger, path => '/nowhere/resources/' . uuid()),
		404, 'an unknown path');
};

# Faults that leave a home without a user name or a path.
my @unreadable = (
	# name                     the log says                      manifest
	[ 'a manifest cut short',    qr/addon-manifest\.json/,         manifest => '{"id":"stranger",' ],
	[ 'a manifest of no object', qr/addon-manifest\.json/,         manifest => '[]' ],
	[ 'no manifest',             qr/addon-manifest\.json/,         manifest => undef ],
	[ 'no id',                   qr/addon-manifest\.json.*\bid\b/, manifest => { id => undef } ],
	[ 'a version of no dialect', qr/addon-manifest\.json.*version/, version => '7' ],
	[ 'no URLs',                 qr/addon-manifest\.json.*production/, api => { production => undef } ],
);

for (@unreadable) {
	my ($case, $words, %what) = @$_;

	subtest "$case: it may be anyone's" => sub {
		my $client = fastcgi($host);
		my $home = $host->addons_dir . '/heroku/unreadable';
		my $delete = sub {
			my ($path, $login) = @_;

			return $client->request(method => 'DELETE', path => $path, as => $login);
		};
		my $stranger = 'stranger:and a password';
		my $logged = length $host->log('worker');

		$host->stop_pool('api');
		remove_tree($home);
		addon($host, 'unreadable', %what);
		$host->start_pool('api');

		refuses($delete->('/heroku/resources/' . uuid(), $stranger), 503,
			'an unknown user may be its');
		refuses($delete->('/nowhere/resources/' . uuid(), $stranger), 503,
			'an unknown path to a resource may be its');
		refuses($client->request(method => 'POST', path => '/nowhere/resources',
			as => $stranger, body => '{}'), 503, 'so may one to a collection');
		refuses($delete->('/heroku/resources/' . uuid(), 'fast-db:wrong'), 401,
			'a wrong password of a known add-on is still refused');
		refuses($delete->('/nowhere/else', $stranger), 404,
			'another path stays unknown');
		is($addon{'fast-db'}->provision(uuid => uuid())->status, 200,
			'a valid home still serves');
		like(substr($host->log('worker'), $logged), qr/unreadable.*$words/,
			'the log names it');
	};
}

subtest 'a worker does not start without a valid home' => sub {
	my $nobody = new_host();
	my $path = $nobody->home . '/listener';
	my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 5);
	my $refuse = sub {
		my ($what) = @_;
		my $began = time;
		my ($output, $errors, $ended) = run(
			program => [ plain_cgi($nobody)->{program} ],
			environment => { %{ $nobody->env }, PROVISOR_LOG => 'stderr' },
			stdin => $listener,
		);
		my $took = time - $began;

		cmp_ok($ended >> 8, '>', 0, "$what: it fails");
		ok($took > 0.8 && $took < 5, "$what: not before a second has passed")
			or diag "$took s";
		return $errors;
	};

	like($refuse->('no home at all'), qr/add-on/i, 'the log says that no add-on exists');
	addon($nobody, 'only-one', api => { password => 'CHANGEME' });
	like($refuse->('a broken one'), qr/only-one.*password/, 'it says what is wrong');
};

is_unhurt($host);

done_testing;
