#!/usr/bin/perl
# The console in a real browser: with the keyboard alone, on wide and narrow screens,
# light and dark, and examined by axe.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Axe;
use Provisor::Chromium;
use Provisor::Files 'write_text';
use Provisor::HttpClient;
use Provisor::MarketplaceDashboard;
use Provisor::Test;

my $host = new_host(operators => { jane => 'secret' }, env => { PROVISOR_CONSOLE => 'write' });
my $https = Provisor::HttpClient->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);
my $careful = addon($host, 'safe-db', client => $https, base_url => 'https://localhost/safe/heroku/resources',
	settings => { keep => '7d' });
my $evil = q{<img src=x onerror="document.title='evil'"><script>document.title='evil'</script>"'};

$host->start;
my ($id, $evil_id, $doomed_id, $kept_id) = map { uuid() } 1 .. 4;
$addon->provision(uuid => $id, name => 'postgresql-curved-12345', region => 'amazon-web-services::us-east-1',
	options => { version => '15' });
$addon->provision(uuid => $evil_id, name => $evil, region => $evil, plan => substr($evil, 0, 64),
	options => { $evil => $evil }, log_drain_token => $evil);
$addon->provision(uuid => $doomed_id, name => $evil);
$addon->change_plan($id, 'premium');
$careful->provision(uuid => $kept_id, name => $evil);
$careful->deprovision($kept_id);
$host->psql("INSERT INTO jobs (kind, lane, resource, run_at, attempts, last_error)
		VALUES ('rotate', 'listener', '$id', 'infinity', 12, 'exit status 1: no connection to db7'),
			('rotate', 'listener', '$evil_id', 'infinity', 12, '" . 'x' x 400 . "');
	UPDATE resources SET owner = '{\"id\":\"u-77\",\"email\":\"jane.doe\@example.com\"}' WHERE id = '$id';
	INSERT INTO events (resource, event, actor, after)
		SELECT '$id', 'signed-on', 'customer:jane.doe\@example.com', jsonb_build_object('n', n)
		FROM generate_series(1, 300) n");
my $evil_job = $host->psql("SELECT max(id) FROM jobs WHERE run_at = 'infinity'") =~ s/\s//gr;
my $job = $host->psql("SELECT min(id) FROM jobs WHERE run_at = 'infinity'") =~ s/\s//gr;

my $browser = Provisor::Chromium->new;
my $axe = Provisor::Axe->new($browser);
my $url = 'http://localhost:' . $host->console_port;
my $with_password = $url =~ s{//}{//jane:secret@}r;

# Presses Tab until the element has the focus.  Returns false if it never gets it.
sub tab_to {
	my ($selector) = @_;

	for (1 .. 60) {
		$browser->press('Tab');
		return 1 if $browser->value("document.activeElement.matches(`$selector`)");
	}
	return 0;
}

subtest 'with the keyboard alone' => sub {
	is($browser->open("$with_password/console"), 200, 'the console');
	ok(tab_to('input[type=search]'), 'the search field');
	$browser->type('curved');
	is($browser->enter, 200, '... finds');
	ok(tab_to("a[href='/console/resources/$id']"), '... a resource');
	isnt($browser->value('getComputedStyle(document.activeElement).outlineStyle'), 'none',
		'... whose link shows that it has the focus');
	is($browser->enter, 200, '... which can be opened');
	is($browser->value('location.pathname'), "/console/resources/$id", '... at its address');
	like($browser->text, qr/postgresql-curved-12345.*premium.*FAST_DB_URL/s, '... and has a page');
	ok(tab_to("a[href='/console/jobs/$job']"), 'its job');
	is($browser->enter, 200, '... can be opened');
	like($browser->text, qr/exit status 1.*If it is cancelled/s, '... and explains itself');
	ok(tab_to("a[href='/console/resources/$id']"), 'its resource');
	is($browser->enter, 200, '... is one link away');
	ok(tab_to("a[href='/console/resources/$id/history']"), 'its whole history');
	is($browser->enter, 200, '... can be opened');
	ok(tab_to('a[href*="after="]'), '... and its next page');
	is($browser->enter, 200, '... too');
};

subtest 'acts with the keyboard alone' => sub {
	$browser->open("$url/console/jobs/$job");
	ok(tab_to('a[href$="/retry"]'), 'a link');
	is($browser->enter, 200, '... leads to a form');
	like($browser->text, qr/The listener creates new credentials/, '... which says what happens');
	ok(tab_to('main button'), 'its button');
	is($browser->enter, 200, '... can be pressed');
	is($browser->value('document.querySelector("[role=status]").innerText'), 'The job is due now.',
		'... and the page says what was done');
	is($browser->reload, 200, 'a reload');
	is(count_of($host, "events WHERE event = 'job-retried' AND actor = 'console:jane'"), 1,
		'... does not do it again');
	$browser->open("$url/console/resources/$doomed_id");
	ok(tab_to('a[href$="/deprovision"]'), 'a resource');
	is($browser->enter, 200, '... has a form for its end');
	ok(tab_to('#name'), '... a field');
	$browser->type('another name');
	is($browser->enter, 422, '... that refuses a wrong name');
	$browser->open("$url/console/resources/$doomed_id/deprovision");
	tab_to('#name');
	$browser->type($evil);
	is($browser->enter, 200, '... and takes the right one');
	like(row($host, "resources WHERE id = '$doomed_id'")->{state}, qr/\Adeprovision/, '... the resource is gone');
};

subtest 'another site' => sub {
	my $before = fingerprint($host);
	my $page = Provisor::MarketplaceDashboard->new->page_for("$url/console/resources/$id/rotate", overlap => '1h');
	is($browser->open($page), 403, 'cannot post a form');
	like($browser->text, qr/not sent from a page of the console/, '... as the console says');
	is(fingerprint($host), $before, '... and nothing changes');
};

my %pages = (
	find => '/console',
	found => '/console?q=postgresql',
	resource => "/console/resources/$id",
	evil => "/console/resources/$evil_id",
	history => "/console/resources/$id/history",
	jobs => '/console/jobs',
	job => "/console/jobs/$job",
	rotate => "/console/resources/$id/rotate",
	deprovision => "/console/resources/$evil_id/deprovision",
	kept => "/console/resources/$kept_id",
	restore => "/console/resources/$kept_id/restore",
	remove => "/console/resources/$kept_id/remove",
	cancel => "/console/jobs/$evil_job/cancel",
	unknown => '/console/resources/' . uuid(),
);

# With PICTURES=FOLDER, the screenshots are kept there.
for my $name (sort keys %pages) {
	subtest "the page $name is readable" => sub {
		for my $scheme (qw(light dark)) {
			for my $width (1280, 390) {
				$browser->set_appearance(scheme => $scheme, width => $width);
				$browser->open($url . $pages{$name});
				is($axe->faults, '', "$scheme, $width: axe finds nothing serious");
				cmp_ok($browser->value('document.documentElement.scrollWidth'), '<=', $width,
					'... nothing is wider than the window');
				write_text("$ENV{PICTURES}/$name-$scheme-$width.png", $browser->screenshot)
					if $ENV{PICTURES};
			}
		}
		like($browser->text, qr/Restore\b.*Remove for good/s, 'both acts are offered') if $name eq 'kept';
		is($browser->value('document.querySelectorAll("img, script").length'), 0,
			'no element comes from input');
		isnt($browser->value('document.title'), 'evil', '... and no script runs');
	};
}

is_unhurt($host);

done_testing;
