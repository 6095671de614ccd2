#!/usr/bin/perl
# Sign-on through nginx: applications that its snippet protects, and logs without
# secrets.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;
use Provisor::Files qw(read_text write_text);
use Provisor::HttpClient;
use Provisor::ProtectedApplication;
use Provisor::SignOnForm;

# PostgreSQL logs everything, so a secret in a parameter would show.
my $host = new_host(postgres => {
	log_statement => 'all',
	log_parameter_max_length => -1,
	log_parameter_max_length_on_error => -1,
});
my $application = Provisor::ProtectedApplication->new($host);
my $https = Provisor::HttpClient->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);
my $old = addon($host, 'old-db', version => undef, client => $https);
addon($host, 'slow-db', client => $https, settings => { framed_by => 'https://console.example' });
my $one_url = 'https://localhost/cloudcontrol/resources';
my $cloud = addon($host, 'cloud-db', marketplace => 'cloudcontrol', version => undef,
	base_url => $one_url, sso_url => "$one_url/", client => $https);

$host->start;
my ($id, $old_id) = (uuid(), uuid());
$addon->provision(uuid => $id, plan => 'basic');
$old->provision(uuid => $old_id);

my @fields = sign_on_fields($addon, $id);
my $cookie = session_of(post_form($https, '/sso/login', @fields));
my @names = qw(Resource Addon Marketplace Plan State Signed User Email App Session);

# Forged headers: all ten, and some with similar names.
sub forged {
	return map { ($_ => 'forged') } (map { "X-Provisor-$_" } @names),
		qw(X_Provisor_Resource X-Provisor_Email x-provisor-plan);
}

sub ask {
	my ($method, $path, %more) = @_;

	return $https->request(method => $method, path => $path, %more);
}

my %shown = (resource => $id, addon => 'fast-db', marketplace => 'heroku', plan => 'basic', state => 'provisioned', signed => 'true',
	user => $Provisor::SignOnForm::user, email => 'jane.doe%2Bheroku%40example.com',
	app => 'myapp', session => 'e30');

for my $way (qw(proxy fastcgi)) {
	subtest "an application behind $way\_pass" => sub {
		my $path = "/$way/page?a=b";

		for my $case ([ 'no cookie' ], [ 'a bad cookie', Cookie => '__Host-provisor=1.1.x' ],
			[ 'forged headers', forged() ]) {
			my ($name, %headers) = @$case;

			for my $method (qw(GET HEAD POST)) {
				my $answer = ask($method, $path, headers => \%headers,
					$method eq 'POST' ? (body => 'x' x 100_000) : ());

				is($answer->status, 401, "$name, $method");
				like($answer->header('www-authenticate'), qr/\ACookie /, '... without a password prompt');
				like($answer->header('strict-transport-security'), qr/max-age/, '... with HSTS');
				like($answer->header('content-security-policy'), qr{; frame-ancestors https://console\.example\z},
					'... which a site may show in a frame');
				like($answer->body, qr/<h1>You are not signed in/, '... with a sign-in page')
					if $method ne 'HEAD';
			}
		}
		is($application->count($way), 0, 'the application has received none of them');

		for my $method (qw(GET POST)) {
			my $body = $method eq 'POST' ? 'posted ' x 20_000 : undef;
			my $answer = ask($method, $path, body => $body,
				headers => { forged(), Cookie => $cookie });
			my $seen = $answer->json;

			is($answer->status, 200, "signed in, $method");
			is_deeply($seen->{provisor}, \%shown, '... the ten headers are the real ones');
			is($seen->{method}, $method, '... with its method');
			is($seen->{path}, $path, '... at its path');
			is($seen->{length}, length($body // ''), '... with its whole body');
		}
		is(ask('HEAD', $path, headers => { Cookie => $cookie })->status, 200, 'signed in, HEAD');
	};
}

subtest 'files' => sub {
	is(ask('GET', '/files/resources/page.txt')->status, 401, 'no cookie');
	is(ask('GET', '/files/resources/page.txt', headers => { Cookie => $cookie })->body, "a file\n",
		'signed in');
};

subtest 'an upload is as large as its location allows' => sub {
	my @statuses = map { ask('POST', '/proxy/upload', headers => { Cookie => $cookie },
		body => 'x' x $_)->status } 1_000, 2_000_000, 5_000_001;

	is("@statuses", '200 200 413', '1 KB, 2 MB, and more than 5 MB');
	is(ask('POST', '/proxy/upload', body => 'x' x 2_000_000)->status, 401, 'only signed in');
};

subtest 'a protected location admits only customers of its add-ons' => sub {
	my $other = session_of(post_form($https, '/sso/login', sign_on_fields($old, $old_id)));
	my $before = $application->count('proxy');

	is(ask('GET', '/session', headers => { Cookie => $other })->status, 204, 'signed in to another add-on');
	for my $path (qw(/proxy/ /fastcgi/ /files/resources/page.txt)) {
		my $answer = ask('GET', $path, headers => { Cookie => $other });

		is($answer->status, 401, "... is not admitted to $path");
		like($answer->body, qr/<h1>You are not signed in/, '... and gets a sign-in page');
	}
	for my $path (qw(/unnamed/ /misspelled/)) {
		for my $one ($cookie, $other, 'a=b') {
			is(ask('GET', $path, headers => { Cookie => $one })->status, 503, "$path gets 503");
		}
	}
	is($application->count('proxy'), $before, 'the application has received none of them');
	for my $name ('', 'heroku/fats-db') {
		like($host->log('worker'), qr{admits \\?"\Q$name\E\\?", which is not an add-on.*provisor_admits},
			"the log names \"$name\"");
	}
};

subtest 'internal locations are not public' => sub {
	for my $path (qw(/.provisor-session /.provisor-signed-out /.provisor-away)) {
		refuses(ask('GET', $path, headers => { Cookie => $cookie }), 404, $path);
	}
};

subtest 'the session of a deprovisioned resource' => sub {
	my $one = uuid();

	$addon->provision(uuid => $one);
	my $short = session_of(post_form($https, '/sso', sign_on_fields($addon, $one)));
	is(ask('GET', '/proxy/', headers => { Cookie => $short })->status, 200, 'is valid before');
	$addon->deprovision($one);
	is(ask('GET', '/proxy/', headers => { Cookie => $short })->status, 401, 'ends with it');
};

subtest 'while the database is down, no request reaches the application' => sub {
	my $before = $application->count('proxy');

	$host->stop_postgres;
	for my $method (qw(GET POST)) {
		my $away = ask($method, '/proxy/', headers => { Cookie => $cookie },
			$method eq 'POST' ? (body => 'x' x 100_000) : ());

		is($away->status, 503, "a valid cookie, $method");
		like($away->body, qr/<h1>Not available right now/, '... gets a page that says so');
		is($away->header('retry-after'), 2, '... and a time to retry');
	}
	my $nobody = ask('GET', '/proxy/');
	is($nobody->status, 401, 'no cookie');
	like($nobody->body, qr/<h1>You are not signed in/, '... with a sign-in page');
	is($application->count('proxy'), $before, 'the application has received none of them');
	$host->start_postgres;
	ok(wait_for(5, sub { ask('GET', '/proxy/', headers => { Cookie => $cookie })->status == 200 }),
		'the session is valid again');
};

subtest 'Sec-Fetch-Site reaches the worker' => sub {
	for my $case ([ 'same-origin', 303 ], [ 'cross-site', 403 ]) {
		is(ask('POST', '/dashboard', type => 'application/x-www-form-urlencoded',
			body => encode_form(resource => $id), headers => { Host => 'localhost:' . $host->port,
				Origin => 'null', Cookie => $cookie, 'Sec-Fetch-Site' => $case->[0] })->status,
			$case->[1], $case->[0]);
	}
};

subtest 'base_url and sso_url may be the same' => sub {
	my $made = $cloud->provision(cloudcontrol_id => 'dep1@cloudcontrolled.com');
	my @form = sign_on_fields($cloud, ($made->json // {})->{id});
	my $path = '/cloudcontrol/resources';

	is($made->status, 201, 'a resource is provisioned there');
	for my $at ($path, "$path/") {
		is(post_form($https, $at, @form)->status, 303, "... and its customer signs on, $at");
		is(post_form($https, $at, changed(\@form, token => 'x'))->status, 403,
			'... but not with a wrong token');
	}
	refuses(ask('POST', $path, body => '{}'), 401, 'JSON without credentials gets 401');
	refuses(ask('POST', $path, body => '{}', as => 'cloud-db:wrong password'), 401,
		'... as does JSON with wrong credentials');
	refuses(ask('POST', $path, body => '{}', as => 'cloud-db:wrong password',
		type => 'application/x-www-form-urlencoded'), 401, '... even if it is called a form');
	refuses(post_form($https, '/heroku/resources', @form), 401,
		'elsewhere, a form is a call without credentials');
};

subtest 'the origin of our own page' => sub {
	my $own = 'https://localhost:' . $host->port;
	my %form = (type => 'application/x-www-form-urlencoded',
		body => encode_form(resource => $id));

	is(ask('POST', '/dashboard', %form,
		headers => { Host => 'localhost:' . $host->port, Origin => $own, Cookie => $cookie })->status,
		303, 'with the port');
	is(ask('POST', '/dashboard', %form, headers => { Host => 'localhost:' . $host->port,
		Origin => 'https://localhost', Cookie => $cookie })->status, 403, 'without the port');
};

# All secrets, in every form.
sub secrets {
	my %sent = (@fields, sign_on_fields($old, $old_id, at => 1_700_000_000));

	return (
		@sent{qw(token resource_token user_scoped_resource_token)},
		$fields[3], $fields[-3],
		map({ $_->{manifest}{api}{sso_salt} } $addon, $old),
		(split /=/, $cookie, 2)[1],
	);
}

# The statuses of count requests at once from one address.
sub at_once {
	my ($count, $method, $path) = @_;
	my @sockets = map { $https->begin(method => $method, path => $path) } 1 .. $count;
	my %statuses;

	$statuses{ $https->finish($_)->status }++ for @sockets;
	return join ' ', sort keys %statuses;
}

subtest 'no log contains a secret' => sub {
	my $query = encode_form(sign_on_fields($old, $old_id, at => 1_700_000_000));
	my @requests = (
		sub { post_form($https, '/sso/login', @fields) },
		sub { post_form($https, '/odd/path', @fields) },
		sub { ask('GET', "/heroku/resources/$old_id?$query") },
		sub { ask('GET', "/sso?$query") },
		sub { ask('GET', "/anywhere?$query") },
		sub { ask('GET', '/dashboard', headers => { Cookie => $cookie }) },
		sub { ask('GET', '/session', headers => { Cookie => $cookie }) },
		sub { ask('GET', '/proxy/', headers => { Cookie => $cookie }) },
	);

	$_->() for @requests;
	$host->stop_pool('web');
	my $away = ask('GET', '/proxy/', headers => { Cookie => $cookie });
	is($away->status, 503, 'without a pool, the application is closed');
	like($away->body, qr/try again/, '... with a page that says so');
	is($away->header('retry-after'), 2, '... and a time to retry');
	for my $request (@requests) {
		like($request->()->status, qr/\A(503|405|404)\z/, 'without a pool');
	}
	$host->start_pool('web');

	for my $case ([ GET => '/sso', 405 ], [ GET => "/heroku/resources/$old_id", 403 ],
		[ GET => '/anywhere', 404 ], [ POST => '/anywhere', 404 ]) {
		my ($method, $path, $status) = @$case;

		is(at_once(300, $method, "$path?$query"), "$status 503",
			"of many requests at once, some are refused: $method $path");
	}
	is(at_once(200, @$_), 401, "all calls of a marketplace are served: @$_")
		for [ POST => '/heroku/resources' ], [ PUT => "/heroku/resources/$old_id" ],
		[ DELETE => "/heroku/resources/$old_id" ], [ DELETE => '/heroku/resources/a%2Fb' ];

	$host->stop_nginx; # it writes its last lines
	for my $log (qw(worker nginx-access nginx-error postgres)) {
		my $text = $host->log($log);

		cmp_ok(length $text, '>', 0, "$log has lines") if $log ne 'nginx-error';
		is(scalar(grep { index($text, $_) >= 0 } secrets()), 0, "... without a secret");
	}
};

is_unhurt($host);

done_testing;
