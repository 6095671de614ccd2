#!/usr/bin/perl
# Sign-on, pages and sign-out in a real browser, from a click on the marketplace's
# dashboard.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Chromium;
use Provisor::MarketplaceDashboard;
use Provisor::Test;
use Provisor::Files 'write_text';
use Provisor::HttpClient;
use Provisor::ProtectedApplication;
use Provisor::SignOnForm;

my $host = new_host();
my $application = Provisor::ProtectedApplication->new($host);
my $https = Provisor::HttpClient->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);
my $old = addon($host, 'old-db', version => undef, client => $https);
addon($host, 'slow-db', client => $https);

$host->start;
my ($id, $old_id) = (uuid(), uuid());
$addon->provision(uuid => $id, name => 'postgresql-curved-12345', region => 'eu');
$addon->change_plan($id, 'premium');
$old->provision(uuid => $old_id, region => 'us');

my $dashboard = Provisor::MarketplaceDashboard->new;
my $browser = Provisor::Chromium->new;

sub click {
	my (@fields) = @_;

	return $browser->open($dashboard->page_for($host->url . '/sso/login', @fields));
}

subtest 'without a session' => sub {
	is($browser->open($host->url . '/dashboard'), 401, 'the page is refused');
	like($browser->text, qr/You are not signed in/, '... with a sign-in page');
	is($browser->open($host->url . '/proxy/'), 401, 'an application is refused');
	like($browser->text, qr/You are not signed in/, '... with a sign-in page');
};

subtest 'a click signs in' => sub {
	is(click(sign_on_fields($addon, $id)), 200, 'the page');
	is($browser->value('location.href'), $host->url . '/dashboard', '... at its address');
	like($browser->text, qr/postgresql-curved-12345/, '... with the name');
	like($browser->text, qr/premium/, '... and the plan');

	my %cookies = $browser->cookies;
	my $cookie = $cookies{'__Host-provisor'};
	is_deeply([ sort keys %cookies ], ['__Host-provisor'], 'one cookie');
	ok($cookie->{secure} && $cookie->{httpOnly}, '... Secure and HttpOnly');
	is($cookie->{sameSite}, 'Lax', '... Lax');
	is($cookie->{path}, '/', '... for all paths');
	is($cookie->{domain}, 'localhost', '... of this host');
	is($browser->value('document.cookie'), '', '... hidden from scripts');
	is($browser->reload, 200, 'a reload');
	like($browser->text, qr/postgresql-curved-12345/, '... shows the page again');
};

# With PICTURES=FOLDER, the screenshots are kept there.
sub picture_of {
	my ($name, %how) = @_;

	$browser->set_appearance(%how);
	my $picture = $browser->screenshot;
	like($picture, qr/\A\x89PNG/, "a picture: $name");
	write_text("$ENV{PICTURES}/$name.png", $picture) if $ENV{PICTURES};
	return;
}

# The lowest contrast of any text, as WCAG 2.1 defines it.
my $contrast = <<'JS';
(() => {
	const shine = colour => {
		const [r, g, b] = colour.match(/[\d.]+/g).map(Number).map(v => v / 255)
			.map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
		return .2126 * r + .7152 * g + .0722 * b;
	};
	const ground = node => {
		for (; node; node = node.parentElement) {
			const colour = getComputedStyle(node).backgroundColor;
			if (!/, 0\)$/.test(colour)) return colour;
		}
		return getComputedStyle(document.body).backgroundColor;
	};
	let worst = 21;
	for (const node of document.querySelectorAll('h1,h2,p,dt,dd,li,time,code,button,label,span')) {
		const a = shine(getComputedStyle(node).color), b = shine(ground(node));
		worst = Math.min(worst, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
	}
	return worst;
})()
JS

subtest 'the page is readable' => sub {
	for my $scheme (qw(light dark)) {
		for my $width (1280, 360) {
			picture_of("$scheme-$width", scheme => $scheme, width => $width);
			cmp_ok($browser->value('document.documentElement.scrollWidth'), '<=', $width,
				"$scheme, $width: nothing is wider than the window");
			cmp_ok($browser->value($contrast), '>=', 4.5, '... every text has contrast');
		}
	}
	cmp_ok($browser->value('Math.min(...[...document.querySelectorAll("button")]
		.map(b => b.getBoundingClientRect().height))'), '>=', 44, 'buttons are large enough');
	is($browser->value('[...document.querySelectorAll("input:not([type=hidden])")]
		.filter(i => !i.labels.length).length'), 0, 'all inputs have labels');
	is($browser->value('document.documentElement.lang'), 'en', 'the page has its language');
	$browser->set_appearance(scheme => 'light', width => 1280);
};

subtest 'showing values' => sub {
	unlike($browser->text, qr{https://\Q$id\E}, 'at first they are hidden');
	is($browser->go('document.querySelector("form[action=\'/dashboard\'] button").click()'), 200,
		'a button');
	like($browser->text, qr{https://\Q$id\E\.example/premium}, '... shows them');
	like($browser->text, qr/Values shown: jane/, '... and the history records it');
};

subtest 'an application gets the session' => sub {
	is($browser->open($host->url . '/proxy/page'), 200, 'signed in');
	like($browser->text, qr/"resource":"\Q$id\E"/, '... with the resource');
	like($browser->text, qr/"email":"jane\.doe%2Bheroku%40example\.com"/, '... and the e-mail');
	is($browser->go(<<'JS'), 200, 'a form of the application');
(() => {
	document.body.innerHTML = '<form method="post" action="/fastcgi/x"><input name="a" value="b"></form>';
	document.forms[0].submit();
})()
JS
	like($browser->text, qr/"method":"POST"/, '... arrives');
	like($browser->text, qr/"length":3/, '... with its body');
	$browser->value(<<'JS');
fetch('/proxy/fetched', { headers: { 'X-Provisor-Plan': 'forged', 'X-Provisor-User': 'forged' } })
	.then(a => a.text()).then(t => { document.title = t })
JS
	ok(wait_for(10, sub { $browser->value('document.title') =~ /"plan":"premium"/ }),
		'forged headers are replaced');
	unlike($browser->value('document.title'), qr/forged"/, '... all of them');
};

subtest 'another site cannot use the session' => sub {
	my $before = count_of($host, "events WHERE event = 'config-revealed'");

	is($browser->open($dashboard->page_for($host->url . '/dashboard', resource => $id)), 403,
		'a form of another site');
	is(count_of($host, "events WHERE event = 'config-revealed'"), $before, '... shows nothing');
	is($browser->open($dashboard->page_for($host->url . '/session/end', resource => $id,
		everywhere => 1)), 403, '... and ends no session');
	is($browser->open($host->url . '/dashboard'), 200, '... the session is valid');
};

subtest 'another resource in another tab' => sub {
	is($browser->open($host->url . '/dashboard'), 200, 'a page of the first resource');
	my $page = $browser->value('document.documentElement.outerHTML');
	is(click(sign_on_fields($old, $old_id)), 200, 'a click for the second resource');
	like($browser->text, qr/old-db/, '... leads to its page');
	ok($browser->value('!!document.getElementById("heroku-header")'), 'it has its header');
	like($browser->value('document.cookie'), qr/\bheroku-nav-data=eyJ[\w-]+/,
		'... and a script can read its cookie');
	is($browser->go(<<"JS"), 403, 'a form of the first page');
(() => {
	document.querySelector("input[name=resource]").value = "$id";
	document.querySelector("form[action='/dashboard'] button").click();
})()
JS
	like($browser->text, qr/signed in to another add-on/, '... is refused');
};

subtest 'input is shown as text' => sub {
	my $evil = q{<img src=x onerror="document.title='evil'"><script>document.title='evil'</script>"'};
	my $victim = uuid();

	$addon->provision(uuid => $victim, name => $evil, region => $evil, plan => substr($evil, 0, 64),
		options => { $evil => $evil });
	is(click(sign_on_fields($addon, $victim, email => $evil, app => $evil, user => uuid())), 200,
		'the page');
	is($browser->go('document.querySelector("form[action=\'/dashboard\'] button").click()'), 200,
		'... and its values');
	is($browser->value('document.querySelectorAll("img, script").length'), 0, 'no element comes from input');
	is($browser->value('document.title'), $evil, 'the title is text');
	like($browser->text, qr/\Q$evil\E.*\Q$evil\E/s, 'the page has the whole input');
};

subtest 'signing out' => sub {
	click(sign_on_fields($addon, $id));
	is($browser->go('document.querySelector("form[action=\'/session/end\'] button").click()'), 200,
		'a button');
	like($browser->text, qr/You are signed out/, '... signs out');
	my %cookies = $browser->cookies;
	is($cookies{'__Host-provisor'}, undef, '... and deletes the cookie');
	is($browser->open($host->url . '/dashboard'), 401, '... and the page is refused');
};

# A page with a heading, and the only thing that a customer may meet.
sub is_page {
	my ($status, $expected, $name) = @_;

	is($status, $expected, $name);
	is($browser->value('document.contentType + " " + document.querySelectorAll("main h1").length'),
		'text/html 1', '... is a page');
	return;
}

subtest 'every way to return ends in a page' => sub {
	click(sign_on_fields($addon, $id));
	is_page($browser->go('document.querySelector("form[action=\'/dashboard\'] button").click()'), 200,
		'the values');
	is_page($browser->reload, 200, '... reloaded');
	like($browser->text, qr{https://\Q$id\E\.example}, '... and still shown');
	is_page($browser->go('document.querySelector("form[action=\'/session/end\'] button").click()'), 200,
		'signed out');
	is_page($browser->go('history.back()'), 401, 'back');
	unlike($browser->text, qr{https://\Q$id\E\.example}, '... the values are gone');
	is_page($browser->reload, 401, '... reloaded');
	is_page($browser->open($host->url . $_->[0]), $_->[1], $_->[0])
		for [ '/sso', 405 ], [ '/sso/login', 405 ], [ '/session', 401 ], [ '/session/end', 405 ],
		[ '/dashboard?values=shown', 401 ], [ '/heroku/resources', 405 ], [ "/heroku/resources/$old_id", 403 ],
		[ '/', 404 ], [ '/a%00b', 400 ], [ '/%zz', 400 ], [ '/?' . 'x' x 10_000, 404 ], [ '/proxy/page', 401 ];
};

subtest 'many cookies of the vendor' => sub {
	my $each = '(c => { for (let i = 0; i < 12; i++) document.cookie = `c${i}=` + c })';

	click(sign_on_fields($addon, $id));
	$browser->value("$each('x'.repeat(4000) + '; Secure; Path=/')");
	is_page($browser->open($host->url . '/dashboard'), 200, 'do not matter');
	is($browser->open($host->url . '/proxy/page'), 200, '... nor to an application');
	$browser->value("$each('; Secure; Path=/; Max-Age=0')");
};

subtest 'after a deprovision' => sub {
	click(sign_on_fields($addon, $id));
	is($addon->deprovision($id)->status, 204, 'the marketplace deprovisions the resource');
	is($browser->reload, 401, 'the session has ended');
	is(click(sign_on_fields($addon, $id)), 404, 'the next click is refused');
	like($browser->text, qr/does not exist/, '... with a sentence');
};

subtest 'a wrong token' => sub {
	is(click(sign_on_fields($addon, uuid(), salt => 'guessed')), 403, 'is refused');
	like($browser->text, qr/You could not be signed in/, '... with a sentence');
};

is_unhurt($host);

done_testing;
