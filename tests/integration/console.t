#!/usr/bin/perl
# The console: who is let in, what its pages show, and that input stays text.  What it
# changes is in console-acts.t.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes 'sleep';

use File::Path 'remove_tree';
use Provisor::Eventually;
use Provisor::HttpClient;
use Provisor::Test;

my $evil = q{<script>"'&</script>};
my $escaped_evil = '&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;';
my $host = new_host(operators => { jane => 'a long password' }, proxy => '127.0.0.77',
	workers => { api => 1, web => 1 });
my $https = Provisor::HttpClient->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);
my $lost = addon($host, 'lost-db', client => $https);

$host->start;

my ($id, $plain_id, $lost_id) = (uuid(), uuid(), uuid());
$addon->provision(uuid => $id, name => "postgresql-$evil", region => $evil, plan => 'basic',
	options => { $evil => $evil }, log_drain_token => "d.$evil");
$addon->provision(uuid => $plain_id, name => 'postgresql-plain-1');
$lost->provision(uuid => $lost_id, name => 'postgresql-lost-1');

# A request to the console, with jane's password unless other credentials are given.
sub ask {
	my ($path, %more) = @_;
	my $from = delete $more{from};

	return Provisor::HttpClient->new(plain => $host->console_port, from => $from)->request(
		method => 'GET', path => $path, as => 'jane:a long password', %more);
}

# A test: the response is a page with this status and text, and with the headers that
# keep it private.
sub is_page {
	my ($answer, $status, $pattern, $name) = @_;

	is($answer->status, $status, $name);
	like($answer->body, $pattern, '... with its text');
	like($answer->body, qr{\A<!DOCTYPE html>.*<h1>[^<]+</h1>.*</html>\n\z}s, '... a page');
	is($answer->header('cache-control'), 'no-store', '... that is not stored');
	like($answer->header('content-security-policy'), qr/default-src 'none'.*frame-ancestors 'none'/,
		'... without scripts and frames');
	return;
}

sub set_access {
	my ($access) = @_;

	$host->{env}{PROVISOR_CONSOLE} = $access;
	$host->stop_pool('web');
	$host->start_pool('web');
	return;
}

# The cells of the first row of a page's table, by heading, as HTML without tags.
sub first_row {
	my ($answer) = @_;
	my ($row) = $answer->body =~ m{<tbody>\s*<tr>(.*?)</tr>}s or return {};
	my %cells = $row =~ m{data-heading="([^"]+)">(.*?)</td>}gs;
	s/<[^>]+>//g for values %cells;
	return \%cells;
}

subtest 'it is off by default' => sub {
	is_page(ask('/console'), 403, qr/The console is off.*PROVISOR_CONSOLE/s, 'off');
	is_page(ask("/console/resources/$id"), 403, qr/The console is off/, '... for every page');
	is(ask('/console', as => undef)->status, 401, '... and nginx asks for a password first');
};

set_access('read');

subtest 'who is let in' => sub {
	my %other = (method => 'GET', path => '/console', headers => { 'X-Forwarded-User' => 'jane',
		'PROVISOR_OPERATOR' => 'jane', 'PROVISOR-SERVER' => 'console', Accept => 'text/html' });

	is_page(ask('/console'), 200, qr/jane, read-only/, 'a name with its password');
	for my $wrong ('jane:a wrong password', 'joe:a long password', undef) {
		my $answer = ask('/console', as => $wrong, headers => { Accept => 'text/html' });
		is($answer->status, 401, 'not ' . ($wrong // 'without credentials'));
		like($answer->header('www-authenticate'), qr/\ABasic realm="provisor console"/,
			'... the browser asks for a password');
		like($answer->body, qr{<h1>You have not logged in</h1>}, '... and has a page');
	}
	is(ask('/console', as => undef, headers => $other{headers})->status, 401,
		'a forged header does nothing');
	is(ask('/console', as => undef, headers => $other{headers}, from => '127.0.0.78')->status, 401,
		'... from no other address');
	is_page(ask('/console', as => undef, headers => $other{headers}, from => '127.0.0.77'), 200,
		qr/jane, read-only/, 'the proxy names the user');
	is_page(ask('/console', headers => { Accept => 'text/html' }, from => '127.0.0.77'), 403,
		qr/You have not logged in/, '... and a password instead does not');
	for my $name ("ja\x01ne", "\xff", 'x' x 129) {
		is(ask('/console', as => undef, headers => { 'X-Forwarded-User' => $name },
			from => '127.0.0.77')->status, 403, '... not every name');
	}
	for my $path ('/console', '/console/jobs', "/console/resources/$id", '/console.css') {
		is($https->request(%other, path => $path)->status, 404, "the public server has no $path");
		is(fastcgi($host, 'web')->request(%other, path => $path)->status, 404, '... nor has the pool');
	}
	is(ask($_)->status, 404, "the console has no $_") for '/dashboard', '/heroku/resources', '/health',
		'/metrics', '/consoles', '/console.js';
	is(ask('/')->header('location'), '/console', '/ leads to it');
	unlike($host->log('worker') . $host->log('nginx-access') . $host->log('nginx-error'),
		qr/long password|bG9uZyBwYXNz/, 'no log has the password');
	like($host->log('worker'), qr{route=/console status=200 .*actor=console:jane}, 'the log names the operator');
};

subtest 'finding' => sub {
	for my $text ($id, substr($id, 0, 9), uc $id, "  $id ", 'plain-1', 'PLAIN', substr "d.$evil", 0, 9) {
		my $escaped = join '', map { sprintf '%%%02x', ord } split //, $text;
		my $wanted = $text =~ /plain/i ? $plain_id : $id;
		is_page(ask("/console?q=$escaped"), 200, qr{href="/console/resources/\Q$wanted\E"}, "by '$text'");
	}
	is_page(ask('/console?q=nobody-has-this'), 200, qr/No resource is found/, 'nothing');
	is_page(ask('/console?state=provisioned'), 200, qr/\Q$plain_id\E/, 'by state');
	unlike(ask('/console?state=refused')->body, qr/\Q$plain_id\E/, '... and by another');
	is_page(ask("/console?$_"), 404, qr/state, or no id|nothing at this address/, "not with $_")
		for 'state=none', 'after=x', 'q=%zz', 'q=%00';
	is_page(ask('/console', method => 'POST'), 405, qr/not possible/, 'not with POST');
};

subtest 'finding page by page' => sub {
	$host->psql("INSERT INTO resources (id, marketplace, addon, marketplace_id, provider_id, name, plan, state,
			request_digest, created_at, updated_at)
		SELECT gen_random_uuid(), 'heroku', 'fast-db', 'many-' || n, 'many-' || n, 'many-' || n, 'basic',
			'provisioned', '', now(), now() FROM generate_series(1, 60) n");
	my ($path, %seen) = '/console?q=many-';
	my $pages = 0;
	while (defined $path) {
		my $body = ask($path)->body;
		$seen{$_}++ for $body =~ m{href="/console/resources/([\w-]{36})"}g;
		$path = $body =~ m{href="([^"]+)">Next page} ? $1 =~ s/&amp;/&/gr : undef;
		like($body, qr/25 of \d+ are shown/, 'a page tells how many there are') if defined $path;
		last if ++$pages > 9;
	}
	is($pages, 3, 'all pages');
	is(join(',', values %seen), join(',', (1) x 60), '... have each resource once');
};

subtest 'a resource' => sub {
	my $answer = ask("/console/resources/$plain_id");

	is_page($answer, 200, qr{<h1>postgresql-plain-1</h1>}, 'its page');
	like($answer->body, qr{<dt>plan</dt><dd>basic</dd>}, '... its plan');
	like($answer->body, qr{<dt>$_ id</dt>}, "... its $_ id") for qw(marketplace provider);
	like($answer->body, qr{<code>FAST_DB_URL</code>}, '... its config vars');
	unlike($answer->body, qr{https?://\Q$plain_id\E\.example}, '... without values');
	like($answer->body, qr{provisioned</span>}, '... its state');
	like($answer->body, qr{<td class="word" data-heading="Event">provisioned</td>}, '... its history');
	my $event = first_row(ask("/console/resources/$plain_id/history"));
	is("@{$event}{'Event', 'Actor'}", 'provisioned heroku', '... with their actors');
	like($event->{At}, qr/\d{4}/, '... and times');
	is(ask('/console/resources/' . uc $plain_id)->status, 200, 'by an id in capitals');
	is_page(ask('/console/resources/' . uuid()), 404, qr/No resource has this id/, 'not by another');
	is_page(ask('/console/resources/%3Cscript%3E'), 404, qr/No resource has this id/, 'nor by markup');
	unlike($answer->body, qr/<form method="post"|class="acts"/, 'there is nothing to change');
};

subtest 'input stays text' => sub {
	$host->psql("UPDATE resources SET message = \$\$$evil\$\$, plan_message = \$\$$evil\$\$,
		plan = \$\$$evil\$\$, callback_url = \$\$https://$evil\$\$,
		owner = jsonb_build_object('id', \$\$$evil\$\$, 'email', \$\$$evil\$\$) WHERE id = '$id';
		INSERT INTO events (resource, event, actor, request_id, before, after)
			VALUES ('$id', \$\$$evil\$\$, \$\$customer:$evil\$\$, \$\$$evil\$\$,
				jsonb_build_object(\$\$$evil\$\$, \$\$$evil\$\$), jsonb_build_object('x', \$\$$evil\$\$));
		INSERT INTO jobs (kind, lane, resource, run_at, last_error, payload)
			VALUES ('rotate', 'listener', '$id', 'infinity', \$\$$evil\$\$,
				jsonb_build_object('plan', \$\$$evil\$\$))");
	my $job = $host->psql("SELECT max(id) FROM jobs WHERE resource = '$id'") =~ s/\s//gr;
	for my $path ("/console/resources/$id", "/console/resources/$id/history", "/console/resources/$id/jobs",
			"/console/jobs/$job", '/console/jobs', '/console/jobs?unfinished=1',
			'/console?q=' . join '', map { sprintf '%%%02x', ord } split //, $evil) {
		my $body = ask($path)->body;
		unlike($body, qr/<script|"'&</, "no markup in $path");
		like($body, qr/\Q$escaped_evil\E/, '... but text');
	}
};

subtest 'jobs' => sub {
	my $job = $host->psql("SELECT max(id) FROM jobs WHERE resource = '$id'") =~ s/\s//gr;

	is_page(ask('/console/jobs'), 200, qr{href="/console/jobs/$job"}, 'those that gave up');
	is_deeply({ %{ first_row(ask('/console/jobs')) }, At => 'never' }, {
		Job => $job, Kind => "rotate to $escaped_evil", State => 'gave-up', At => 'never', Attempts => 0,
		'Add-on' => 'heroku/fast-db', Resource => $id, 'Last error' => $escaped_evil,
	}, '... with what is known of each');
	is_page(ask("/console/jobs/$job"), 200, qr/gave-up.*The listener creates new credentials/s, 'one');
	like(ask("/console/jobs/$job")->body, qr/If it is cancelled.*keeps its config vars/s,
		'... with the consequence of cancelling it');
	is_page(ask("/console/jobs/$_"), 404, qr/No job has this number/, "no job $_")
		for 999_999, 'x', '-1', '9' x 30;
	is_page(ask('/console/jobs?after=x'), 404, qr/not a number/, 'no page after x');
	$host->psql("DELETE FROM jobs WHERE id = $job");
};

subtest 'a very long history' => sub {
	$host->psql("INSERT INTO events (resource, event, actor, after)
		SELECT '$plain_id', 'signed-on', 'customer:jane', jsonb_build_object('n', n)
		FROM generate_series(1, 10500) n");
	my $page = ask("/console/resources/$plain_id");
	is_page($page, 200, qr/The whole history/, 'the page of the resource');
	cmp_ok(length $page->body, '<', 30_000, '... stays small');
	my ($path, %seen) = "/console/resources/$plain_id/history";
	my $pages = 0;
	while (defined $path) {
		my $body = ask($path)->body;
		$seen{$1}++ while $body =~ m{<li>n (\d+)</li>}g;
		$path = $body =~ m{href="([^"]+)">Next page} ? $1 =~ s/&amp;/&/gr : undef;
		last if ++$pages > 200;
		sleep 0.06; # nginx allows a client 20 requests a second
	}
	is(scalar keys %seen, 10_500, 'all its pages have all events');
	is(scalar(grep { $_ > 1 } values %seen), 0, '... each once');
	like(ask("/console/resources/$plain_id/history")->body, qr/100 of more than 10000 are shown/,
		'... and tell how many there are');
};

subtest 'an id that two resources have' => sub {
	$host->psql("INSERT INTO resources (id, marketplace, addon, marketplace_id, provider_id, name, plan, state,
			request_digest, created_at, updated_at)
		VALUES ('" . uuid() . "', 'heroku', 'other-db', '$plain_id', 'other', 'other-1', 'basic',
			'provisioned', '', now(), now())");
	my $answer = ask("/console/resources/$plain_id");

	is_page($answer, 200, qr{<h1>postgresql-plain-1</h1>}, 'our own id decides');
	$host->psql("INSERT INTO events (resource, event, actor) SELECT id, 'of-the-other', 'test'
			FROM resources, generate_series(1, 150) WHERE name = 'other-1';
		INSERT INTO jobs (kind, lane, resource, run_at) VALUES ('rotate', 'listener', '$plain_id', 'infinity');
		INSERT INTO jobs (kind, lane, resource, run_at) SELECT 'rotate', 'listener', id, 'infinity'
			FROM resources, generate_series(1, 150) WHERE name = 'other-1'");
	my ($job) = $host->psql("SELECT id FROM jobs WHERE resource = '$plain_id'") =~ /(\d+)/;
	my %page = map { $_ => ask("/console/resources/$plain_id$_")->body } '', '/history', '/jobs';
	like($page{$_}, qr{<li>n 10500</li>}, "... for the events at '$_'") for '', '/history';
	like($page{$_}, qr{href="/console/jobs/$job"}, "... for the jobs at '$_'") for '', '/jobs';
	unlike($page{$_}, qr/of-the-other/, "... and '$_' has no event of the other") for sort keys %page;
	$host->psql('DELETE FROM jobs WHERE run_at = \'infinity\'');
	$host->psql("UPDATE resources SET marketplace_id = 'shared-1' WHERE id = '$id' OR name = 'other-1'");
	is_page(ask('/console/resources/shared-1'), 404, qr/More than one resource.*other-1/s,
		'otherwise both are listed');
};

subtest 'without a home' => sub {
	remove_tree($host->addons_dir . '/heroku/lost-db');
	set_access('read');
	my $answer = ask("/console/resources/$lost_id");

	is_page($answer, 200, qr/no valid home for lost-db at heroku/, 'a resource can be seen');
	like($answer->body, qr{<code>LOST_DB_URL</code>}, '... with its config vars');
};

subtest 'provisor check' => sub {
	my $says = sub {
		my ($output) = ctl($host->env, 'check', '--ops', $host->ops_address, '--console', $_[0] // $host->console_address);
		return join "\n", grep { /console/i } split /\n/, $output;
	};
	like((ctl({ %{ $host->env }, PROVISOR_CONSOLE => 'read', PROVISOR_SERVER_KEY => '' }, 'check', '--ops', $host->ops_address))[0],
		qr/^warning +PROVISOR_CONSOLE: the pools refuse the console, .*: create the key/m, 'no key of nginx');
	my $restart = sub {
		my (%changes) = @_;
		$host->{$_} = $changes{$_} for keys %changes;
		$host->stop_nginx;
		$host->start_nginx;
	};

	like($says->(), qr/^ok +127\.0\.0\.1:\d+: nginx lets nobody use the console without a password$/m, 'a closed console');
	like($says->('127.0.0.1:1'), qr/^ok +127\.0\.0\.1:1: nginx does not serve the console here \(Connection refused\)$/m,
		'none');
	like($says->('127.0.0.1:' . $host->port), qr/^warning +\S+: cannot be examined, because .* TLS/m, 'one with TLS');
	$restart->(operators => {});
	is(ask('/console')->status, 403, 'without a file of users, nobody can log in');
	like($says->(), qr/^ok .*without a password$/m, '... which is closed');
	$restart->(proxy => '127.0.0.1');
	like($says->(), qr/^error +\S+: nginx passes on a request to the console without a valid password \(status 200\): write/m,
		'a proxy on this host, which every program here could be');
	$restart->(proxy => '127.0.0.77', operators => { jane => 'a long password' });
};

subtest 'without the database' => sub {
	$host->stop_postgres;
	is_page(ask("/console/resources/$id"), 503, qr/The database does not respond/, 'a page says so');
};

is_unhurt($host);

done_testing;
