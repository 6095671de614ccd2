#!/usr/bin/perl
# Signing on: every way in, every way of being turned away, and what is left of
# either.

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

my ($addon, $old, $twin, $guarded, $outside, $cloud);
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
});
my $worker = fastcgi($host);
my $json = JSON::PP->new->utf8;

sub provisioned {
	my ($of, %members) = @_;
	my $id = uuid();

	is($of->provision(uuid => $id, %members)->status, 200, $of->name . ' is provisioned');
	return $id;
}

sub page_says {
	my ($answer, $status, $words, $name) = @_;

	is($answer->status, $status, $name);
	like($answer->header('content-type') // '', qr{\Atext/html}, '... as a page');
	like($answer->body, $words, '... in words');
	return;
}

# A browser with this cookie.
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

	return rows($host, "events WHERE resource = '$id' ORDER BY id");
}

my $id = provisioned($addon, name => 'my-db', region => 'eu');

subtest 'a good form leads to the dashboard' => sub {
	for my $path ('/sso', '/sso/login', '/sso/login/') {
		my $answer = post_form($worker, $path, sign_on_fields($addon, $id));

		is($answer->status, 303, $path);
		is($answer->header('location'), '/dashboard', '... leads on');
		like(cookie_header($answer, '__Host-provisor'),
			qr/\A__Host-provisor=1\.1\.[\w-]+; Path=\/; Max-Age=28800; Secure; HttpOnly; SameSite=Lax\z/,
			'... with a session');
		is(cookie_header($answer, 'heroku-nav-data'), undef, '... and no more');
		is($answer->header('cache-control'), 'no-store', '... that nobody keeps');
	}
};

subtest 'the page shows the resource' => sub {
	my $cookie = session_of(post_form($worker, '/sso/login', sign_on_fields($addon, $id)));
	my $page = browse('GET', '/dashboard', $cookie);

	page_says($page, 200, qr{<h1>my-db</h1>}, 'the page');
	like($page->body, qr/<dd>basic</, 'the plan');
	like($page->body, qr/<dd>eu</, 'the region');
	like($page->body, qr/<dd>provisioned</, 'the state');
	like($page->body, qr/FAST_DB_TOKEN/, 'the names of its config');
	unlike($page->body, qr/\Q$id\E\.example/, 'and no value');
	like($page->body, qr/Signed in as jane/, 'who is signed in');
	unlike($page->body, qr/<script|javascript:| on\w+=/i, 'no script');
	unlike($page->body, qr/heroku-header/, 'no place for a header of old');
	like($page->header('content-security-policy'), qr/default-src 'none'/, 'strict rules');
	like($page->header('content-security-policy'), qr/frame-ancestors 'none'/, 'no frames');
	is($page->header('referrer-policy'), 'same-origin', 'referrers stay here');
	is($page->header('x-content-type-options'), 'nosniff', 'types are what they are');
	is(browse('HEAD', '/dashboard', $cookie)->body, '', 'HEAD has no body');
	is(browse('GET', '/dashboard.css')->type, 'text/css', 'the style sheet is there');
};

subtest 'values are shown to who asks, and that is written down' => sub {
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $id)));
	my @asks = ('/dashboard', $cookie, 'https://localhost', resource => $id);
	my $before = events_of($id);
	my $page = submit(@asks);

	page_says($page, 200, qr{https://\Q$id\E\.example/basic}, 'the values');
	my ($event) = (events_of($id))[-1];
	is($event->{what}, 'revealed', 'the event');
	is($event->{actor}, 'customer:jane.doe+heroku@example.com', '... says who');

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
		unlike($answer->body, qr/\.example\/basic/, '... shows nothing');
	}
	is(submit('/dashboard', undef, 'https://localhost', resource => $id)->status, 401,
		'nobody');
	is(scalar(events_of($id)), $after, 'nothing is written down');
};

subtest 'the form of another site is told for what it is' => sub {
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $id)));

	for my $path ('/dashboard', '/session/end') {
		my $answer = submit($path, $cookie, 'https://evil.example', resource => $id);

		page_says($answer, 403, qr/did not come from a page of ours/, $path);
		like($answer->body, qr/<h1>Nothing was changed/, '... by its title, too');
	}
	is(browse('GET', '/session', $cookie)->status, 204, 'the session goes on');
};

subtest 'another tab is told' => sub {
	my $other = provisioned($addon);
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $other)));

	for my $path ('/dashboard', '/session/end') {
		page_says(submit($path, $cookie, 'https://localhost', resource => $id), 403,
			qr/signed in to another/, $path);
	}
	is(browse('GET', '/session', $cookie)->status, 204, 'the session goes on');
};

subtest 'GET /session says who it is' => sub {
	my $answer = post_form($worker, '/sso', sign_on_fields($addon, $id, app => "my app\n\x{c3}\x{bc}"));
	my $session = browse('GET', '/session', session_of($answer));
	my %expected = (
		resource => $id,
		addon => 'fast-db',
		marketplace => 'heroku',
		plan => 'basic',
		user => $Provisor::SignOnForm::user,
		email => 'jane.doe%2Bheroku%40example.com',
		app => 'my%20app%0A%C3%BC',
		session => 'e30',
	);

	is($session->status, 204, 'signed in');
	is($session->body, '', '... without a body');
	is_deeply({ map { /\Ax-provisor-(.*)/ ? ($1 => $session->header($_)) : () }
			map { $_->[0] } @{ $session->{headers} } },
		\%expected, '... eight headers, and no other');

	for my $nobody (browse('GET', '/session'), browse('GET', '/session', 'a=b'),
		browse('GET', '/session', '__Host-provisor=1.1.AAAA')) {
		is($nobody->status, 401, 'nobody');
		is($nobody->header('www-authenticate'), undef, '... is asked for no password');
		is(scalar(grep { $_->[0] =~ /x-provisor/ } @{ $nobody->{headers} }), 0,
			'... and is told nothing');
	}
};

subtest 'what a weaker token does not sign is not believed' => sub {
	my @fields = sign_on_fields($addon, $id);
	my $answer = post_form($worker, '/sso',
		changed([ without(\@fields, 'user_scoped_resource_token') ],
			email => 'boss@example.com', user_id => uuid()));
	my $session = browse('GET', '/session', session_of($answer));

	is($answer->status, 303, 'it is good');
	is($session->header('x-provisor-email'), '', '... for nobody in particular');
	is($session->header('x-provisor-user'), '', '... at all');
};

subtest 'signing off' => sub {
	my @fields = sign_on_fields($addon, $id);
	my ($here, $there) = map { session_of(post_form($worker, '/sso', @fields)) } 1 .. 2;
	my $bye = submit('/session/end', $here, 'https://localhost', resource => $id);

	page_says($bye, 200, qr/signed out/, 'here');
	like(cookie_header($bye, '__Host-provisor'), qr/\A__Host-provisor=; Path=\/; Max-Age=0; Secure/,
		'... the browser forgets');
	is(browse('GET', '/session', $there)->status, 204, 'elsewhere it goes on');
	is(submit('/session/end', $here, 'https://evil.example', resource => $id, everywhere => 1)
			->status, 403, 'another site ends nothing');
	is(browse('GET', '/session', $there)->status, 204, '... indeed');
	page_says(submit('/session/end', $here, 'https://localhost', resource => $id, everywhere => 1),
		200, qr/All browsers/, 'everywhere');
	is(browse('GET', '/session', $_)->status, 401, '... it has ended') for $here, $there;
	is((events_of($id))[-1]{what}, 'sessions-ended', '... as an event');
	page_says(submit('/session/end', $here, 'https://localhost', resource => $id), 200,
		qr/signed out/, 'again');
	my $new = session_of(post_form($worker, '/sso', @fields));
	is(browse('GET', '/session', $new)->status, 204, 'a later sign-on is a session again');

	my ($said, $ended) = ctl($host->env, qw(sessions end), $id);
	is($ended, 0, 'provisor sessions end') or diag $said;
	is(browse('GET', '/session', $new)->status, 401, '... has ended it');
	like((events_of($id))[-1]{actor}, qr/\Aoperator:/, '... and says who did');
	is((ctl($host->env, qw(sessions end), uuid()))[1], 1, 'an unknown resource is an error');
};

subtest 'a session ends with its resource' => sub {
	my $gone = provisioned($addon);
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $gone)));

	is(browse('GET', '/session', $cookie)->status, 204, 'it is there');
	is($addon->deprovision($gone)->status, 204, 'it goes');
	is(browse('GET', '/session', $cookie)->status, 401, 'so does the session');
	page_says(browse('GET', '/dashboard', $cookie), 401, qr/not signed in/, 'the page');
	page_says(post_form($worker, '/sso', sign_on_fields($addon, $gone)), 404,
		qr/not there/, 'the next click');
	is((events_of($gone))[-1]{after}{reason}, 'resource-gone', '... is an event');
	page_says(post_form($worker, '/sso', sign_on_fields($addon, uuid())), 404,
		qr/not there/, 'what was never there');
};

subtest 'only what lives is signed on to' => sub {
	my %expected = (provisioning => 303, provisioned => 303, deprovisioning => 404,
		refused => 404, abandoned => 404);

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
			'... brings its cookie');
		like(browse('GET', '/dashboard', session_of($answer))->body,
			qr{<div id="heroku-header">}, '... and there is a place for its header');
		is($ways{$way}->(changed(\@fields, token => 'bad'))->status, 403, '... a bad token');
		is($ways{$way}->(sign_on_fields($old, $one, at => int(time) - 360))->status, 403,
			'... six minutes ago');
		for my $bad ('a;Domain=evil', "a\r\nX: y", 'a b', '', 'x' x 3073) {
			my $odd = $ways{$way}->(changed(\@fields, 'nav-data' => $bad));

			is($odd->status, 303, '... odd nav-data');
			is(cookie_header($odd, 'heroku-nav-data'), undef, '... makes no cookie');
		}
	}
	is(browse('GET', "/heroku/resources/$one")->status, 403, 'nothing else is answered there');
	is(browse('GET', "/heroku/resources/$id?$query")->status, 403, 'nor for another resource');
	is(browse('HEAD', "/heroku/resources/$one?$query")->status, 405, 'nor to HEAD');
	my $session = browse('GET', '/session', session_of($ways{'a form'}->(@fields)));
	is($session->header('x-provisor-email'), 'jane.doe%2Bheroku%40example.com',
		'its e-mail is what there is');
};

subtest 'cloudControl' => sub {
	my $made = $cloud->provision(cloudcontrol_id => 'dep1')->json->{id};
	my @fields = sign_on_fields($cloud, $made);

	is(post_form($worker, '/cloudcontrol/resources/sso', @fields)->status, 303, 'its own path');
	is(post_form($worker, '/vendor/enter', @fields)->status, 403, "not another's");
	is(browse('GET', "/cloudcontrol/resources/$made?" . encode_form(@fields))->status, 405, 'no GET');
};

subtest "a vendor's own dashboard" => sub {
	my $one = provisioned($outside);
	my @fields = sign_on_fields($outside, $one);

	for my $path ('/vendor/enter', '/sso') {
		is(post_form($worker, $path, @fields)->header('location'),
			"https://vendor.example/$one?from=heroku", $path);
	}
	refuses($worker->request(method => 'GET', path => '/vendor/enter'), 405, 'only by POST');
	$host->psql("UPDATE resources SET provider_id = 'a/b\"c' WHERE id = '$one'");
	is(post_form($worker, '/sso', @fields)->header('location'),
		'https://vendor.example/a%2Fb%22c?from=heroku', 'its id is encoded');
};

subtest 'a salt that is rotated out still counts' => sub {
	my @fields = sign_on_fields($addon, $id, salt => 'the salt of yesterday');

	is(post_form($worker, '/sso', @fields)->status, 303, 'it is good');
	like($worker->request(method => 'GET', path => '/metrics')->body,
		qr/^provisor_old_secret\w*\{[^}]*fast-db[^}]*\} [1-9]/m, '... and counted');
};

subtest 'a token is used once, where that is wanted' => sub {
	my $one = provisioned($guarded);
	my $now = int time;
	my @fields = sign_on_fields($guarded, $one, at => $now);

	is(post_form($worker, '/sso', @fields)->status, 303, 'the first time');
	page_says(post_form($worker, '/sso', @fields), 403, qr/not valid/, 'the second time');
	is(post_form($worker, '/sso', without(\@fields, 'user_scoped_resource_token'))->status, 403,
		'its weaker token is used up with it');
	is((events_of($one))[-1]{after}{reason}, 'token-used-before', '... as an event');
	is(post_form($worker, '/sso', sign_on_fields($guarded, $one, at => $now - 1))->status,
		303, 'another token');
	like($host->psql('SELECT digest FROM used_tokens LIMIT 1'), qr/\A[0-9a-f]{64}\s*\z/,
		'digests are kept');
	$host->psql("UPDATE used_tokens SET good_until = now() - interval '1 hour'");
	is(post_form($worker, '/sso', sign_on_fields($guarded, $one, at => $now - 2))->status,
		303, 'and another');
	is(count_of($host, 'used_tokens'), 2, 'what has expired is thrown away');
	is(post_form($worker, '/sso', sign_on_fields($addon, $id, at => 5 + int time))->status, 303,
		'elsewhere')
		for 1 .. 2;
};

subtest 'of many at once one is the first' => sub {
	my $one = provisioned($guarded);
	my @fields = sign_on_fields($guarded, $one);
	my @pipes;

	for (1 .. 6) {
		my $pid = open my $pipe, '-|';
		if ($pid == 0) {
			print STDOUT post_form($worker, '/sso', @fields)->status;
			STDOUT->flush;
			POSIX::_exit(0);
		}
		push @pipes, $pipe;
	}
	is(join(' ', sort map { local $/; scalar <$_> } @pipes), '303 403 403 403 403 403',
		'one is let in');
};

subtest 'who signed on is an event' => sub {
	my $one = provisioned($addon);

	post_form($worker, '/sso', sign_on_fields($addon, $one));
	my ($event) = (events_of($one))[-1];
	is($event->{what}, 'signed-on', 'what');
	is($event->{actor}, 'customer:jane.doe+heroku@example.com', 'who');
	is_deeply($event->{after}, { user => $Provisor::SignOnForm::user,
		email => 'jane.doe+heroku@example.com', address => '127.0.0.1' }, 'and from where');
};

subtest 'without a database nobody is let in, and nobody is told wrong' => sub {
	my $cookie = session_of(post_form($worker, '/sso', sign_on_fields($addon, $id)));

	$host->stop_postgres;
	page_says(post_form($worker, '/sso', sign_on_fields($addon, $id)), 503, qr/try again/, 'a good token');
	page_says(post_form($worker, '/sso', changed([ sign_on_fields($addon, $id) ],
		user_scoped_resource_token => 'x')), 403, qr/not valid/, 'a bad one');
	page_says(browse('GET', '/dashboard', $cookie), 503, qr/try again/, 'the page');
	is(browse('GET', '/session', $cookie)->status, 503, 'whether a session is there');
	is(browse('GET', '/session')->status, 401, 'none is needed to tell that there is no cookie');
	$host->start_postgres;
	ok(wait_for(5, sub { browse('GET', '/session', $cookie)->status == 204 }), 'it is back');
};

subtest 'the log knows why, and no secret' => sub {
	my @fields = sign_on_fields($addon, $id, at => int(time) - 400);
	my %sent = @fields;

	post_form($worker, '/sso', @fields);
	my $log = $host->log('worker');
	like($log, qr/reason=too-old/, 'why');
	like($log, qr/route=\/sso /, 'where');
	like($log, qr/user=\S*j\*\*\*\@example\.com/, 'who, but for a name');
	unlike($log, qr/jane\.doe/, '... no address');
	unlike($log, qr/$sent{token}|$sent{user_scoped_resource_token}/, 'no token');
	unlike($log, qr/salt of/, 'no salt');
	unlike($log, qr/__Host-provisor|\b1\.1\.[\w-]{40}/, 'no cookie');
};

is_unhurt($host);

done_testing;
