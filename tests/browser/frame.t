#!/usr/bin/perl
# A marketplace shows the pages of an add-on in a frame of its console, in a browser
# that blocks third-party cookies.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::SHA 'sha512_hex';
use File::Temp 'tempdir';
use Test::More;

use Provisor::CertificateAuthority;
use Provisor::Chromium;
use Provisor::Files qw(read_text write_text);
use Provisor::HttpClient;
use Provisor::HttpsServer;
use Provisor::MarketplaceDashboard;
use Provisor::SignOnForm qw(post_form cookie_header sign_on_fields);
use Provisor::Test;

my $folder = tempdir('provisor-frame-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $authority = Provisor::CertificateAuthority->new($folder);

sub respond {
	my ($socket, $page, @headers) = @_;

	print {$socket} join "\r\n", 'HTTP/1.0 200 OK', 'Content-Type: text/html', @headers,
		'Content-Length: ' . length $page, '', $page;
	return 0;
}

# Every name of this server has the page of the console, and the path /tracker a page
# that stores a cookie in the way of old.
my $sites = Provisor::HttpsServer->new("$folder/sites", $authority->issue('console', host => 'console.test'),
	behaviours => {
		succeeds => sub {
			my ($socket, $request) = @_;

			return $request->{target} eq '/tracker'
				? respond($socket, 'A tracker', 'Set-Cookie: seen=1; SameSite=None; Secure; Path=/')
				: respond($socket, read_text("$folder/page"));
		},
	});

my $console = 'https://console.test:' . $sites->port;
my $stranger = 'https://stranger.test:' . $sites->port;

my $host = new_host();
my $https = Provisor::HttpClient->new(port => $host->port);
my %clever_cloud = (
	marketplace => 'clever-cloud',
	version => undef,
	sso_url => 'https://localhost/clever/sso',
	client => $https,
);

# "requires" is a member of Heroku's manifests only.
sub clever_cloud_addon {
	my ($name, %more) = @_;
	my $addon = addon($host, $name, %clever_cloud, base_url => "https://localhost/clever/$name", %more);

	delete $addon->{manifest}{api}{requires};
	$addon->write;
	return $addon;
}

my $framed = clever_cloud_addon('fast-db', settings => { framed_by => $console });
my $default = clever_cloud_addon('slow-db', sso_url => 'https://localhost/clever/slow');
my $heroku = addon($host, 'other-db', client => $https);

$host->start;

my $id = $framed->provision(addon_id => 'addon_1', region => 'EU')->json->{id};
my $heroku_id = uuid();
$heroku->provision(uuid => $heroku_id, name => 'a-resource-of-heroku');

# The fields that Clever Cloud's console posts.
sub console_fields {
	my ($addon, $resource, %given) = @_;
	my %is = (at => 1000 * time, user => 'user_1', email => 'jane@example.com',
		salt => $addon->{manifest}{api}{sso_salt}, %given);
	my $signature = sha512_hex(join ':', $resource, $is{user}, $is{email}, '', $is{salt}, $is{at});

	return (id => $resource, timestamp => $is{at}, 'nav-data' => '', email => $is{email},
		user_id => $is{user}, signature => $signature);
}

sub policy_of {
	my ($response) = @_;
	my ($ancestors) = ($response->header('content-security-policy') // '') =~ /frame-ancestors (.*)\z/;

	return $ancestors;
}

# --- headers ----------------------------------------------------------------

subtest 'the headers name the origin' => sub {
	my $response = post_form($https, '/clever/sso', console_fields($framed, $id));

	is($response->status, 303, 'a sign-on');
	like(cookie_header($response, '__Host-provisor'),
		qr/; Secure; HttpOnly; SameSite=None; Partitioned\z/, '... has a cookie for the frame');
	is(policy_of($response), $console, '... and may be shown in it');
	is($response->header('x-frame-options'), undef, '... and no other header forbids it');

	$response = post_form($https, '/clever/sso', console_fields($framed, $id, email => 'eve@example.com',
		salt => 'guessed'));
	is($response->status . ' ' . policy_of($response), "403 $console", 'a refusal may be shown, too');
	$response = post_form($https, '/clever/sso', console_fields($framed, $id, at => 1000 * (time - 400)));
	is($response->status . ' ' . policy_of($response), "403 $console", '... if it is too late');
	$response = post_form($https, '/clever/sso', console_fields($framed, 'unknown'));
	is($response->status . ' ' . policy_of($response), "404 $console", '... or the resource is unknown');

	$response = post_form($https, '/clever/slow', console_fields($default, 'unknown'));
	is(policy_of($response), 'https://console.clever-cloud.com', "the default is Clever Cloud's console");
};

subtest 'other add-ons stay as they are' => sub {
	my $response = post_form($https, '/sso/login', sign_on_fields($heroku, $heroku_id));

	is($response->status, 303, 'a sign-on');
	like(cookie_header($response, '__Host-provisor'), qr/; Secure; HttpOnly; SameSite=Lax\z/,
		'... has a cookie for the page');
	is(policy_of($response), q{'none'}, '... that is not shown in a frame');
	$response = post_form($https, '/sso/login', sign_on_fields($heroku, $heroku_id, salt => 'guessed'));
	is($response->status . ' ' . policy_of($response), q{403 'none'}, '... and neither is a refusal');
	$response = $https->request(method => 'GET', path => '/dashboard', headers => { Accept => 'text/html' });
	is($response->status . ' ' . policy_of($response), "401 $console https://console.clever-cloud.com",
		'a page without a session can be shown by all that show one');
};

# --- in a browser -----------------------------------------------------------

my $browser = Provisor::Chromium->new(blocks_third_party_cookies => 1);

# Opens a page of an origin with a frame, to which it posts these fields; without
# fields, the frame gets the URL.
sub open_frame {
	my ($origin, $url, @fields) = @_;
	my $inputs = '';

	while (my ($name, $value) = splice @fields, 0, 2) {
		$inputs .= qq{<input type="hidden" name="$name" value="$value">\n};
	}
	write_text("$folder/page", $inputs ? <<"POSTS" : <<"SHOWS");
<!DOCTYPE html>
<iframe name="frame" width="800" height="800"></iframe>
<form method="post" action="$url" target="frame">
$inputs</form>
<script>document.forms[0].submit();</script>
POSTS
<!DOCTYPE html>
<iframe src="$url" width="800" height="800"></iframe>
SHOWS
	return $browser->open("$origin/");
}

# The text of the frame once it matches.
sub frame_text {
	my ($pattern) = @_;

	return $browser->in_frame(
		sub { ($browser->text // '') =~ $pattern },
		sub { $browser->text });
}

sub frame_submits {
	my ($action) = @_;

	return $browser->in_frame(
		sub { $browser->value(qq{!!document.querySelector("form[action='$action'] button")}) },
		sub { $browser->value(qq{document.querySelector("form[action='$action'] button").click()}) });
}

sub frame_value {
	my ($expression) = @_;

	return $browser->in_frame(sub { 1 }, sub { $browser->value($expression) });
}

# What Chromium shows in place of a page that forbids the frame.
sub is_refused {
	my ($name) = @_;

	return like($browser->in_frame(
		sub { $browser->value('location.href') =~ /\A(chrome-error|https)/ },
		sub { $browser->value('location.href') }), qr/\Achrome-error:/, $name);
}

subtest 'third-party cookies are blocked' => sub {
	open_frame($console, "$stranger/tracker");
	like(frame_text(qr/./), qr/A tracker/, 'a page of another site in a frame');
	is(frame_value('document.cookie'), '', '... stores no cookie');
};

subtest 'the console shows the page' => sub {
	open_frame($console, $host->url . '/clever/sso', console_fields($framed, $id));
	my $text = frame_text(qr/Config vars/);
	like($text, qr/Signed in as jane\@example\.com/, 'a sign-on in the frame');
	unlike($text, qr/\Q$id\E\.example/, '... at first without values');
	cmp_ok(frame_value('document.styleSheets[0].cssRules.length'), '>', 0, '... with its style sheet');
	frame_submits('/dashboard');
	like(frame_text(qr/\Q$id\E\.example/), qr/Values shown/, 'a button shows the values');
};

subtest 'signing out' => sub {
	frame_submits('/session/end');
	like(frame_text(qr/signed out/), qr/You are signed out/, 'a button in the frame');
	open_frame($console, $host->url . '/dashboard');
	like(frame_text(qr/./), qr/You are not signed in/, '... which has no session then');
	open_frame($stranger, $host->url . '/dashboard');
	is_refused('... another site cannot show that');
};

subtest 'a refusal can be read' => sub {
	open_frame($console, $host->url . '/clever/sso', console_fields($framed, 'unknown'));
	like(frame_text(qr/./), qr/does not exist/, 'an unknown resource');
	open_frame($console, $host->url . '/clever/sso', console_fields($framed, $id, salt => 'guessed'));
	like(frame_text(qr/./), qr/You could not be signed in/, 'a wrong signature');
};

subtest 'another site cannot show the page' => sub {
	open_frame($stranger, $host->url . '/clever/sso', console_fields($framed, $id));
	is_refused('... even with a valid sign-on');
	open_frame($console, $host->url . '/sso/login', sign_on_fields($heroku, $heroku_id));
	like(frame_text(qr/./), qr/You are not signed in/, 'and the console cannot show that of another add-on');
};

# The cookie would be sent with the forms of any site.
subtest 'another site cannot use the session' => sub {
	my $forms = Provisor::MarketplaceDashboard->new;
	my $shown = count_of($host, "events WHERE event = 'config-revealed'");

	is($browser->open($host->url . '/dashboard'), 401, 'the sessions of frames stay there');
	is($browser->open($forms->page_for($host->url . '/clever/sso', console_fields($framed, $id))), 200,
		'a sign-on in a window of its own');
	my %cookies = $browser->cookies;
	is($cookies{'__Host-provisor'}{sameSite}, 'None', '... has the same cookie');
	is($browser->open($forms->page_for($host->url . $_, resource => $id)), 403, "a form to $_ is refused")
		for '/dashboard', '/session/end';
	is(count_of($host, "events WHERE event = 'config-revealed'"), $shown, '... shows nothing');
	is($browser->open($host->url . '/dashboard'), 200, '... and ends no session');
};

subtest 'two add-ons in one window' => sub {
	my $forms = Provisor::MarketplaceDashboard->new;

	is($browser->open($forms->page_for($host->url . '/sso/login', sign_on_fields($heroku, $heroku_id))), 200,
		'a sign-on to an add-on without frames');
	like($browser->text, qr/a-resource-of-heroku/, '... shows its page');
	is($browser->open($forms->page_for($host->url . '/clever/sso', console_fields($framed, $id))), 200,
		'another to the first one');
	like($browser->text, qr/\Q$id\E/, '... shows that page');
	is($browser->go('document.querySelector("form[action=\'/session/end\'] button").click()'), 200,
		'signing out');
	is($browser->open($host->url . '/dashboard'), 401, '... leaves no session');
};

is_unhurt($host);

done_testing;
