#!/usr/bin/perl
# Sign-on: every way to sign in, every refusal, and the events of both.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use POSIX ();
use Test::More;
use Time::HiRes 'time';

use Provisor::SignOnForm;
use Provisor::Test;

my ($addon, $old, $twin, $far_twin, $guarded, $outside, $cloud);
my $host = serving_host({}, sub {
	my ($new) = @_;

	$addon = addon($new, 'fast-db', settings => {
		also_valid => { salts => [ 'the salt of yesterday' ] },
	});
	$old = addon($new, 'old-db', version => undef);
	$guarded = addon($new, 'once-db', settings => { replay_guard => JSON::PP::true });
	$outside = addon($new, 'vendor-db',
		settings => { dashboard => 'https://vendor.example/${id}?from=heroku' },
		sso_url => 'https://localhost/vendor/enter');
	$cloud = addon($new, 'cloud-db', marketplace => 'cloudcontrol', version => undef,
		base_url => 'https://localhost/cloudcontrol/resources',
		sso_url => 'https://localhost/cloudcontrol/resources/sso');
	my %salt = (api => { sso_salt => $addon->{manifest}{api}{sso_salt} });
	$twin = addon($new, 'fast-db-staging', %salt);
	$far_twin = addon($new, 'far-db', marketplace => 'cloudcontrol', version => undef, %salt,
		base_url => 'https://localhost/cloudcontrol/resources',
		sso_url => 'https://localhost/cloudcontrol/resources/sso');
});
my $worker = fastcgi($host);
my $json = JSON::PP->new->utf8;

sub provisioned {
	my ($of, %members) = @_;
	my $id = uuid();

	is($of->provision(uuid => $id, %members)->status, 200, $of->name . ' is provisioned');
	return $id;
}

sub is_page {
	my ($answer, $status, $words, $name) = @_;

	is($answer->status, $status, $name);
	like($answer->header('content-type') // '', qr{\Atext/html}, '... as a page');
	like($answer->body, $words, '... with a sentence');
	return;
}

# A request of a browser with this cookie.
sub browse {
	my ($method, $path, $cookie, %more) = @_;

	return $worker->request(method => $method, path => $path,
		headers => { Host => 'localhost', defined $cookie ? (Cookie => $cookie) : () },
		%more);
}

sub submit {
	my ($path, $cookie, $origin, @fields) = @_;

	return browse('POST', $path, $cookie,
		type => 'application/x-www-form-urlencoded',
		body => encode_form(@fields),
		headers => {
			Host => 'localhost',
			defined $cookie ? (Cookie => $cookie) : (),
			defined $origin ? (Origin => $origin) : (),
		});
}

sub events_of {
	my ($id) = @_;

	return rows($host, "history WHERE resource = '$id' ORDER BY id");
}

my $id = provisioned($addon, name => 'my-db', region => 'eu');

subtest 'a valid form leads to the dashboard' => sub {
	for my $path ('/sso', '/sso/login', '/sso/login/') {
		my $answer = post_form($worker, $path, sign_on_fields($addon, $id));

		is($answer->status, 303, $path);
		is($answer->header('location'), '/dashboard', '... redirects to it');
		like(cookie_header($answer, '__Host-provisor'),
			qr/\A__Host-provisor=1\.[\w-]+\.[\w-]+; Path=\/; Max-Age=28800; Secure; HttpOnly; SameSite=Lax\z/,
			'... with a session');
		is(cookie_header($answer, 'heroku-nav-data'), undef, '... and no other cookie');
		is($answer->header('cache-control'), 'no-store', '... that no cache stores');
	}
};

subtest 'of add-ons that share a salt, the one that has the resource' => sub {
	for my $one ($addon, $twin) {
		my $own = provisioned($one);
		my $answer = post_form($worker, '/sso/login', sign_on_fields($one, $own));

		is($answer->status, 303, $one->name);
		is(browse('GET', '/session', session_of($answer))->header('x-provisor-addon'), $one->name,
			'... is the one that the browser signs on to');
	}
	my $own = $far_twin->provision(cloudcontrol_id => 'dep9')->json->{id};
	is(post_form($worker, '/cloudcontrol/resources/sso', sign_on_fields($far_twin, $own))->status, 303,
		'an add-on of another marketplace');
	is(post_form($worker, '/sso/login', sign_on_fields($addon, uuid()))->status, 404,
		'no add-on has the resource');

	my ($output) = ctl($host->env, qw(addons list));
	like($output, qr{heroku/fast-db and \S+/heroku/fast-db-staging: have the same api\.sso_salt},
		'addons list names both homes');
};

subtest 'a resource that two add-ons with one salt have' => sub {
	my ($mine, $theirs) = map { provisioned($_) } $addon, $twin;
	my @fields = sign_on_fields($addon, $mine);

	$host->psql("UPDATE resources SET marketplace = 'cloudcontrol', addon = 'far-db', provider_id = '$mine'
		WHERE id = '$theirs'");
	is(post_form($worker, '/sso/login', @fields)->status, 403, 'accepts no sign-on');
	like($host->log('worker'), qr/reason=two-addons/, '... and the log says why');
};

subtest 'the page shows the resource' => sub {
	my $cookie = session_of(post_form($worker, '/sso/login', sign_on_fields($addon, $id)));
	my $page = browse('GET', '/dashboard', $cookie);

	is_page($page, 200, qr{<h1>my-db</h1>}, 'the page');
	like($page->body, qr/<dd>basic</, 'the plan');
	like($page->body, qr/<dd>Europe</, 'the region');
	like($page->body, qr/<dd>Ready</, 'the state');
	unlike($page->body, qr/Ready since|Last changed/, 'one date, because all are equal');
	like($page->body, qr/FAST_DB_TOKEN/, 'the names of its config');
	unlike($page->body, qr/\Q$id\E\.example/, 'but no value');
	like($page->body, qr/Signed in as jane/, 'the signed-in user');
	unlike($page->body, qr/<script|javascript:| on\w+=/i, 'no script');
	unlike($page->body, qr/heroku-header/, 'no place for the header of version 1');
	like($page->header('content-security-policy'), qr/default-src 'none'/, 'a strict policy');
	like($page->header('content-security-policy'), qr/frame-ancestors 'none'/, 'no frames');
	is($page->header('referrer-policy'), 'same-origin', 'referrers stay on this host');
	is($page->header('x-content-type-options'), 'nosniff', 'no type sniffing');
	is(browse('HEAD', '/dashboard', $cookie)->body, '', 'HEAD has no body');
	is(browse('GET', '/dashboard.css')->type, 'text/css', 'the style sheet is served');
};

subtest 'showing values is recorded' => sub {
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $id)));
	my @asks = ('/dashboard', $cookie, 'https://localhost', resource => $id);
	my $before = events_of($id);
	my $hidden = browse('GET', '/dashboard?values=shown', $cookie);

	unlike($hidden->body, qr/\.example\/basic/, 'a GET alone shows no value');
	my $answer = submit(@asks);
	is($answer->status, 303, 'the form');
	is($answer->header('location'), '/dashboard?values=shown', '... leads to a page that can be reloaded');
	is_page(browse('GET', '/dashboard?values=shown', $cookie), 200, qr{https://\Q$id\E\.example/basic},
		'... with the values') for 1 .. 2;
	unlike(browse('GET', '/dashboard', $cookie)->body, qr/\.example\/basic/, 'the other page does not have them');
	my ($event) = (events_of($id))[-1];
	is($event->{event}, 'config-revealed', 'an event records it');
	is($event->{actor}, 'customer:jane.doe+heroku@example.com', '... with the customer');
	is($event->{after}{address}, '127.0.0.1', '... the address');
	ok($event->{request_id}, '... and the request');

	is(submit(@asks)->status, 303, 'another time') for 1 .. 20;
	is(scalar(events_of($id)), $before + 1, '... is one event a minute');
	my $joe = session_of(post_form($worker, '/sso', sign_on_fields($addon, $id, email => 'joe@example.com')));
	unlike(browse('GET', '/dashboard?values=shown', $joe)->body, qr/\.example\/basic/, 'nothing is shown to another user');
	is(submit('/dashboard', $joe, @asks[ 2 .. 4 ])->status, 303, '... who');
	is((events_of($id))[-1]{actor}, 'customer:joe@example.com', '... has an event');
	$host->psql("UPDATE used_digests SET expires_at = now() - interval '70s'");
	unlike(browse('GET', '/dashboard?values=shown', $cookie)->body, qr/\.example\/basic/, 'a minute later they are hidden');
	$before = events_of($id);
	is(submit(@asks)->status, 303, '... and shown again');
	is(scalar(events_of($id)), $before + 1, '... with an event');

	my $after = events_of($id);
	my @refused = (
		[ 'another origin',   $cookie, 'https://evil.example',   resource => $id ],
		[ 'no origin',        $cookie, undef,                    resource => $id ],
		[ 'a hidden origin',  $cookie, 'null',                   resource => $id ],
		[ 'a longer host',    $cookie, 'https://localhost.evil', resource => $id ],
		[ 'another scheme',   $cookie, 'http://localhost',       resource => $id ],
		[ 'another port',     $cookie, 'https://localhost:1',    resource => $id ],
		[ 'another resource', $cookie, 'https://localhost',      resource => uuid() ],
		[ 'no resource',      $cookie, 'https://localhost' ],
	);
	for (@refused) {
		my ($name, @rest) = @$_;
		my $answer = submit('/dashboard', @rest);

		is($answer->status, 403, $name);
		unlike($answer->body, qr/\.example\/basic/, '... shows no value');
	}
	is(submit('/dashboard', undef, 'https://localhost', resource => $id)->status, 401,
		'no cookie');
	is(scalar(events_of($id)), $after, 'no event is recorded');
};

subtest 'a form of another site is refused' => sub {
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $id)));

	for my $path ('/dashboard', '/session/end') {
		my $answer = submit($path, $cookie, 'https://evil.example', resource => $id);

		is_page($answer, 403, qr/was not sent from our page/, $path);
		like($answer->body, qr/<h1>Nothing was changed/, '... with its own title');
	}
	is(browse('GET', '/session', $cookie)->status, 204, 'the session stays valid');
};

subtest 'a form of another resource is refused' => sub {
	my $other = provisioned($addon);
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $other)));

	for my $path ('/dashboard', '/session/end') {
		is_page(submit($path, $cookie, 'https://localhost', resource => $id), 403,
			qr/signed in to another/, $path);
	}
	is(browse('GET', '/session', $cookie)->status, 204, 'the session stays valid');
};

subtest 'GET /session describes the session' => sub {
	my $answer = post_form($worker, '/sso', sign_on_fields($addon, $id, app => "my app\n\x{c3}\x{bc}"));
	my $session = browse('GET', '/session', session_of($answer));
	my %expected = (
		resource => $id,
		addon => 'fast-db',
		marketplace => 'heroku',
		plan => 'basic',
		state => 'provisioned',
		signed => 'true',
		user => $Provisor::SignOnForm::user,
		email => 'jane.doe%2Bheroku%40example.com',
		app => 'my%20app%0A%C3%BC',
		session => 'e30',
	);

	is($session->status, 204, 'signed in');
	is($session->body, '', '... without a body');
	is_deeply({ map { /\Ax-provisor-(.*)/ ? ($1 => $session->header($_)) : () }
			map { $_->[0] } @{ $session->{headers} } },
		\%expected, '... with exactly ten headers');

	for my $nobody (browse('GET', '/session'), browse('GET', '/session', 'a=b'),
		browse('GET', '/session', '__Host-provisor=1.1.AAAA')) {
		is($nobody->status, 401, 'no session');
		like($nobody->header('www-authenticate'), qr/\ACookie /, '... without a password prompt');
		is(scalar(grep { $_->[0] =~ /x-provisor/ } @{ $nobody->{headers} }), 0,
			'... and no header');
	}
};

subtest 'fields that a weaker token does not sign are ignored' => sub {
	my @fields = sign_on_fields($addon, $id);
	my $answer = post_form($worker, '/sso',
		changed([ without(\@fields, 'user_scoped_resource_token') ],
			email => 'boss@example.com', user_id => uuid()));
	my $session = browse('GET', '/session', session_of($answer));

	is($answer->status, 303, 'the token is valid');
	is($session->header('x-provisor-email'), '', '... without an e-mail');
	is($session->header('x-provisor-user'), '', '... or a user');
};

subtest 'a sign-on without a signed user' => sub {
	my @fields = sign_on_fields($addon, $id);

	$addon->write_file('settings.json', { require_user => JSON::PP::true });
	is_page(post_form($worker, '/sso', without(\@fields, 'user_scoped_resource_token')), 403, qr/not valid/,
		'is refused if the add-on requires the user');
	is((events_of($id))[-1]{after}{reason}, 'user-not-signed', '... with an event');
	is(post_form($worker, '/sso', @fields)->status, 303, 'the user is signed');
	$addon->write_file('settings.json', { also_valid => { salts => [ 'the salt of yesterday' ] } });
	is(post_form($worker, '/sso', without(\@fields, 'user_scoped_resource_token'))->status, 303, 'by default');

	$old->write_file('settings.json', { require_user => JSON::PP::true });
	like((ctl($host->env, qw(addons list)))[0], qr{old-db/settings.json: require_user must be false},
		'version 1 never signs one');
	unlink $old->home . '/settings.json';
};

subtest 'a session is for certain add-ons' => sub {
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $id)));
	my %statuses = (
		'heroku/fast-db' => 204, 'cloudcontrol/cloud-db,heroku/fast-db' => 204,
		'heroku/fast-db,heroku/old-db' => 204, 'heroku/old-db' => 401,
		'cloudcontrol/cloud-db,heroku/old-db' => 401, '' => 503, 'heroku/fast' => 503,
		'fast-db' => 503, 'cloudcontrol/fast-db' => 503, 'heroku/fast-db,' => 503,
		'heroku/fast-db,heroku/none' => 503, '%zz' => 503,
	);

	for my $list (sort keys %statuses) {
		my $answer = $worker->request(method => 'GET', path => "/session?addon=$list",
			headers => { Cookie => $cookie });

		is($answer->status, $statuses{$list}, "\"$list\"");
		is(defined $answer->header('x-provisor-resource'), $answer->status == 204, '... with headers if admitted');
	}
	is(browse('GET', '/session?addon=heroku/fast-db')->status, 401, 'no session');
	is(browse('GET', '/session?addon=heroku/none')->status, 503, 'no session, and no such add-on');
	like($host->log('worker'), qr{admits \\"heroku/none\\", which is not an add-on}, 'the log has the reason');
};

subtest 'Sec-Fetch-Site decides whether a form is from our page' => sub {
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $id)));

	for my $case ([ 'same-origin', 'null', 200 ], [ 'same-origin', 'https://rewritten.example', 200 ],
		[ 'cross-site', 'null', 403 ], [ 'cross-site', 'https://localhost', 403 ],
		[ 'same-site', 'https://localhost', 403 ], [ 'none', 'https://localhost', 403 ]) {
		my ($site, $origin, $status) = @$case;
		my $answer = $worker->request(method => 'POST', path => '/session/end',
			type => 'application/x-www-form-urlencoded', body => encode_form(resource => $id),
			headers => { Host => 'localhost', Cookie => session_of(post_form($worker, '/sso',
				sign_on_fields($addon, $id))), Origin => $origin, 'Sec-Fetch-Site' => $site });

		is($answer->status, $status, "$site, from $origin");
	}
};

subtest 'a browser gets pages' => sub {
	my $html = 'text/html,application/xhtml+xml,*/*;q=0.8';
	my %cases = (
		'GET /' => [ 404, qr/does not exist/ ],
		'GET /anything' => [ 404, qr/does not exist/ ],
		'GET /sso/login' => [ 405, qr/cannot be opened directly/ ],
		'GET /session/end' => [ 405, qr/cannot be opened directly/ ],
		'GET /heroku/resources' => [ 405, qr/cannot be opened directly/ ],
	);

	for my $case (sort keys %cases) {
		my ($method, $path) = split / /, $case;
		my ($status, $words) = @{ $cases{$case} };
		my $page = $worker->request(method => $method, path => $path, headers => { Accept => $html });

		is_page($page, $status, $words, $case);
		ok($page->header('allow'), '... with the methods') if $status == 405;
		for my $accept ('*/*', 'application/json') {
			refuses($worker->request(method => $method, path => $path, headers => { Accept => $accept }),
				$status, "$case, $accept");
		}
	}
	my $call = $worker->request(method => 'POST', path => '/heroku/resources', body => '{}',
		headers => { Accept => $html });
	refuses($call, 401, 'calls of a marketplace get JSON');
	like($call->header('www-authenticate'), qr/Basic/, '... with a password prompt');
	like($host->log('worker'), qr/status=401 [^\n]*reason=no-authorization-header/, 'the log says that it had no credentials');
	is($worker->request(method => 'POST', path => '/heroku/resources', body => '{}',
		as => 'fast-db:wrong')->status, 401, 'a wrong password');
	unlike((split /\n/, $host->log('worker'))[-1], qr/no-authorization-header/, '... has credentials');
};

subtest 'signing out' => sub {
	my @fields = sign_on_fields($addon, $id);
	my ($here, $there) = map { session_of(post_form($worker, '/sso', @fields)) } 1 .. 2;
	my $bye = submit('/session/end', $here, 'https://localhost', resource => $id);

	is_page($bye, 200, qr/signed out/, 'in this browser');
	like(cookie_header($bye, '__Host-provisor'), qr/\A__Host-provisor=; Path=\/; Max-Age=0; Secure/,
		'... deletes the cookie');
	is(browse('GET', '/session', $here)->status, 401, '... and a copy of it has ended too');
	is(browse('GET', '/session', $there)->status, 204, 'the other browser stays signed in');
	$here = session_of(post_form($worker, '/sso', @fields));
	is(submit('/session/end', $here, 'https://evil.example', resource => $id, everywhere => 1)
			->status, 403, 'another site cannot sign out');
	is(browse('GET', '/session', $there)->status, 204, '... the session is valid');
	is_page(submit('/session/end', $here, 'https://localhost', resource => $id, everywhere => 1),
		200, qr/All browsers/, 'in all browsers');
	is(browse('GET', '/session', $_)->status, 401, '... ends each session') for $here, $there;
	is((events_of($id))[-1]{event}, 'sessions-ended', '... as an event');
	is_page(submit('/session/end', $here, 'https://localhost', resource => $id), 200,
		qr/signed out/, 'without a session');
	my $new = session_of(post_form($worker, '/sso', @fields));
	is(browse('GET', '/session', $new)->status, 204, 'a later sign-on is valid');

	my ($said, $ended) = ctl($host->env, qw(sessions end), $id);
	is($ended, 0, 'provisor sessions end') or diag $said;
	is(browse('GET', '/session', $new)->status, 401, '... ends it');
	like((events_of($id))[-1]{actor}, qr/\Aoperator:/, '... and records the operator');
	is((ctl($host->env, qw(sessions end), uuid()))[1], 1, 'an unknown resource is an error');
};

subtest 'a session ends with its resource' => sub {
	my $gone = provisioned($addon);
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $gone)));

	is(browse('GET', '/session', $cookie)->status, 204, 'the session is valid');
	is($addon->deprovision($gone)->status, 204, 'the resource is deprovisioned');
	is(browse('GET', '/session', $cookie)->status, 401, 'the session has ended');
	is_page(browse('GET', '/dashboard', $cookie), 401, qr/not signed in/, '... for the page');
	is_page(post_form($worker, '/sso', sign_on_fields($addon, $gone)), 404,
		qr/does not exist/, 'the next sign-on');
	is((events_of($gone))[-1]{after}{reason}, 'resource-gone', '... is an event');
	is_page(post_form($worker, '/sso', sign_on_fields($addon, uuid())), 404,
		qr/does not exist/, 'an unknown resource');
};

subtest 'the states that accept a sign-on' => sub {
	my %expected = (provisioning => 303, provisioned => 303, suspended => 303, kept => 404,
		deprovisioning => 404, refused => 404, abandoned => 404);

	for my $state (sort keys %expected) {
		my $one = provisioned($addon);

		force_state($host, $state, "id = '$one'");
		is(post_form($worker, '/sso', sign_on_fields($addon, $one))->status,
			$expected{$state}, $state);
	}
};

subtest 'version 1, by POST and by GET' => sub {
	my $one = provisioned($old, region => 'us');
	my @fields = sign_on_fields($old, $one);
	my $query = encode_form(without(\@fields, 'id'));
	my %ways = (
		'a form' => sub { post_form($worker, '/sso/login', @_) },
		'a query' => sub {
			browse('GET', "/heroku/resources/$one?" . encode_form(without([@_], 'id')));
		},
	);

	for my $way (sort keys %ways) {
		my $answer = $ways{$way}->(@fields);

		is($answer->status, 303, $way);
		is(cookie_header($answer, 'heroku-nav-data'),
			'heroku-nav-data=eyJhZGRvbiI6IllvdXIgQWRkb24ifQ; Path=/; Secure; SameSite=Lax',
			'... sets its cookie');
		like(browse('GET', '/dashboard', session_of($answer))->body,
			qr{<div id="heroku-header">}, '... and leaves a place for its header');
		is($ways{$way}->(changed(\@fields, token => 'bad'))->status, 403, '... a bad token');
		is($ways{$way}->(sign_on_fields($old, $one, at => int(time) - 360))->status, 403,
			'... six minutes ago');
		for my $bad ('a;Domain=evil', "a\r\nX: y", 'a b', '', 'x' x 3073) {
			my $odd = $ways{$way}->(changed(\@fields, 'nav-data' => $bad));

			is($odd->status, 303, '... with odd nav-data');
			is(cookie_header($odd, 'heroku-nav-data'), undef, '... sets no cookie');
		}
	}
	is(browse('GET', "/heroku/resources/$one")->status, 403, 'a GET without a token is refused');
	is(browse('GET', "/heroku/resources/$id?$query")->status, 403, 'a GET for another resource is refused');
	is(browse('HEAD', "/heroku/resources/$one?$query")->status, 405, 'HEAD is refused');
	my $session = browse('GET', '/session', session_of($ways{'a form'}->(@fields)));
	is($session->header('x-provisor-email'), '', 'the unsigned e-mail is not used');
	my $came = (grep { $_->{event} eq 'signed-on' } events_of($one))[-1];
	is($came->{actor}, 'customer', '... as the actor of the event');
	is($came->{after}{email}, undef, '... or in it');
};

subtest 'cloudControl' => sub {
	my $made = $cloud->provision(cloudcontrol_id => 'dep1')->json->{id};
	my @fields = sign_on_fields($cloud, $made);

	is(post_form($worker, '/cloudcontrol/resources/sso', @fields)->status, 303, 'at its own path');
	is(post_form($worker, '/vendor/enter', @fields)->status, 403, "not at another path");
	is(browse('GET', "/cloudcontrol/resources/$made?" . encode_form(@fields))->status, 405, 'no GET');
};

subtest "a vendor's own dashboard" => sub {
	my $one = provisioned($outside);
	my @fields = sign_on_fields($outside, $one);

	for my $path ('/vendor/enter', '/sso') {
		is(post_form($worker, $path, @fields)->header('location'),
			"https://vendor.example/$one?from=heroku", $path);
	}
	refuses($worker->request(method => 'GET', path => '/vendor/enter'), 405, 'GET is refused');
	change_ids($host, "id = '$one'", provider_id => 'a/b"c');
	is(post_form($worker, '/sso', @fields)->header('location'),
		'https://vendor.example/a%2Fb%22c?from=heroku', 'the id is encoded');
};

subtest 'a salt that is being rotated out' => sub {
	my @fields = sign_on_fields($addon, $id, salt => 'the salt of yesterday');

	is(post_form($worker, '/sso', @fields)->status, 303, 'the token is valid');
	like($worker->request(method => 'GET', path => '/metrics')->body,
		qr/^provisor_old_secret\w*\{[^}]*fast-db[^}]*\} [1-9]/m, '... and counted');
};

subtest 'with replay_guard, a token is used once' => sub {
	my $one = provisioned($guarded);
	my $now = int time;
	my @fields = sign_on_fields($guarded, $one, at => $now);

	is(post_form($worker, '/sso', @fields)->status, 303, 'it is accepted once');
	is_page(post_form($worker, '/sso', @fields), 403, qr/not valid/, 'it is refused then');
	is(post_form($worker, '/sso', without(\@fields, 'user_scoped_resource_token'))->status, 403,
		'... and so is its weaker token');
	is((events_of($one))[-1]{after}{reason}, 'token-used-before', '... as an event');
	is(post_form($worker, '/sso', sign_on_fields($guarded, $one, at => $now - 1))->status,
		303, 'another token is accepted');
	like($host->psql('SELECT digest FROM used_digests LIMIT 1'), qr/\A[0-9a-f]{64}\s*\z/,
		'the database has digests');
	is(post_form($worker, '/sso', sign_on_fields($addon, $id, at => 5 + int time))->status, 303,
		'without it, a token is accepted again')
		for 1 .. 2;
};

# The sorted statuses of six simultaneous requests.
sub six_statuses {
	my ($request) = @_;
	my @pipes;

	for (1 .. 6) {
		my $pid = open my $pipe, '-|';
		if ($pid == 0) {
			print STDOUT $request->()->status;
			STDOUT->flush;
			POSIX::_exit(0);
		}
		push @pipes, $pipe;
	}
	return join ' ', sort map { local $/; scalar <$_> } @pipes;
}

subtest 'one of many simultaneous sign-ons uses the token' => sub {
	my $one = provisioned($guarded);
	my @fields = sign_on_fields($guarded, $one);

	is(six_statuses(sub { post_form($worker, '/sso', @fields) }), '303 403 403 403 403 403',
		'one is accepted');
};

subtest 'many simultaneous requests to show values are one event' => sub {
	my $one = provisioned($addon);
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $one)));

	is(six_statuses(sub { submit('/dashboard', $cookie, 'https://localhost', resource => $one) }),
		'303 303 303 303 303 303', 'all are accepted');
	is(scalar(grep { $_->{event} eq 'config-revealed' } events_of($one)), 1, 'one event');
};

subtest 'a sign-on is an event' => sub {
	my $one = provisioned($addon);

	post_form($worker, '/sso', sign_on_fields($addon, $one));
	my ($event) = (events_of($one))[-1];
	is($event->{event}, 'signed-on', 'its kind');
	is($event->{actor}, 'customer:jane.doe+heroku@example.com', '... with the customer');
	is_deeply($event->{after}, { user => $Provisor::SignOnForm::user,
		email => 'jane.doe+heroku@example.com', address => '127.0.0.1' }, '... and the address');
};

subtest 'while the database is down' => sub {
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $id)));

	my @wrong = changed([ sign_on_fields($addon, $id) ], user_scoped_resource_token => 'x', token => 'x');

	# A refusal needs to know that no home is missing, which is remembered for 10 s.
	is_page(post_form($worker, '/sso', @wrong), 403, qr/not valid/, 'a wrong token, before');
	$host->stop_postgres;
	is_page(post_form($worker, '/sso', @wrong), 403, qr/not valid/, 'a wrong token');
	is_page(post_form($worker, '/sso', sign_on_fields($addon, $id)), 503, qr/try again/, 'a valid token');
	is_page(browse('GET', '/dashboard', $cookie), 503, qr/try again/, 'the page');
	is(browse('GET', '/session', $cookie)->status, 503, 'a session');
	is(browse('GET', '/session')->status, 401, 'no cookie');
	$host->start_postgres;
	ok(wait_for(5, sub { browse('GET', '/session', $cookie)->status == 204 }), 'the session is valid again');
};

subtest 'the log has the reason, and no secret' => sub {
	my @fields = sign_on_fields($addon, $id, at => int(time) - 400);
	my %sent = @fields;

	post_form($worker, '/sso', @fields);
	my $log = $host->log('worker');
	like($log, qr/reason=too-old/, 'the reason');
	like($log, qr/route=\/sso /, 'the route');
	like($log, qr/user=\S*j\*\*\*\@example\.com/, 'the masked user');
	unlike($log, qr/jane\.doe/, '... not the address');
	unlike($log, qr/$sent{token}|$sent{user_scoped_resource_token}/, 'no token');
	unlike($log, qr/salt of/, 'no salt');
	unlike($log, qr/__Host-provisor|\b1\.k\d+\.[\w-]{40}/, 'no cookie');
};

is_unhurt($host);

done_testing;
