#!/usr/bin/perl
# What operators change in the console: every act writes an event with their name, needs
# a form of the console, and is refused while the console is read-only.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use File::Path 'remove_tree';
use Provisor::ChildProcess;
use Provisor::Eventually;
use Provisor::HttpClient;
use Provisor::Test;

my $host = new_host(operators => { jane => 'secret', joe => 'secret' }, workers => { api => 1, web => 2 },
	env => { PROVISOR_CONSOLE => 'write' });
my $https = Provisor::HttpClient->new(port => $host->port);
my $addon = addon($host, 'fast-db', client => $https);
my $lost = addon($host, 'lost-db', client => $https);
my $careful = addon($host, 'safe-db', client => $https, base_url => 'https://localhost/safe/heroku/resources',
	settings => { keep => '7d' }, template => { config => { SAFE_DB_TOKEN => '\${secret:token}' } });
$host->start;

my ($id, $other_id, $lost_id) = (uuid(), uuid(), uuid());
$addon->provision(uuid => $_->[0], name => $_->[1]) for [ $id, 'postgresql-1' ], [ $other_id, 'postgresql-2' ];
$lost->provision(uuid => $lost_id, name => 'postgresql-lost');

my $origin = 'http://localhost:' . $host->console_port;

sub ask {
	my ($path, %more) = @_;

	return Provisor::HttpClient->new(plain => $host->console_port)->request(
		method => 'GET', path => $path, as => 'jane:secret', %more);
}

# The token in the form at path.
sub token_at {
	my ($path, %more) = @_;

	return ask($path, %more)->body =~ /name="token" value="([^"]+)"/ ? $1 : '';
}

# Posts a form as a browser does.
sub form_request {
	my ($path, %is) = @_;
	my $token = delete $is{token} // token_at($path);
	my $fields = delete $is{fields} // {};
	my %fields = (token => $token, %$fields);
	my $body = join '&', map { "$_=" . join '', map { sprintf '%%%02x', ord } split //, $fields{$_} }
		sort keys %fields;

	return (method => 'POST', path => $path, as => 'jane:secret', type => 'application/x-www-form-urlencoded',
		body => $body, headers => { Host => 'localhost:' . $host->console_port, Origin => $origin }, %is);
}

sub post { return Provisor::HttpClient->new(plain => $host->console_port)->request(form_request(@_)) }

# A test: a form redirects to a page that says what was done.
sub done {
	my ($answer, $path, $pattern, $name) = @_;
	my $location = $answer->header('location') // '';

	is($answer->status, 303, $name) or diag $answer->body;
	like($location, qr/\A\Q$path\E\?said=/, '... with a redirect');
	like(ask($location)->body, qr/role="status">[^<]*$pattern/, '... to a page that says so');
	return $location;
}

# A test: a form is refused, and changes nothing.
sub refused {
	my ($path, $status, $pattern, $name, %is) = @_;
	my $token = $is{token} // token_at($path);
	my $before = fingerprint($host);
	my $answer = post($path, %is, token => $token);

	is($answer->status, $status, $name);
	like($answer->body, $pattern, '... with a sentence');
	is(fingerprint($host), $before, '... and changes nothing');
	return;
}

sub add_job {
	my ($resource, $run_at) = @_;

	return $host->psql("INSERT INTO jobs (kind, lane, resource, run_at, attempts)
		VALUES ('rotate', 'listener', '$resource', '$run_at', 12) RETURNING id") =~ s/\s//gr;
}

sub last_event {
	my ($resource) = @_;

	return row($host, "events WHERE resource = '$resource' ORDER BY id DESC LIMIT 1");
}

my $rotate = "/console/resources/$id/rotate";

subtest 'the form of an act says what it does' => sub {
	my $body = ask("/console/resources/$id")->body;
	like($body, qr{<a href="$rotate">Rotate the credentials</a>}, 'a page offers an act');
	like(ask($rotate)->body, qr/postgresql-1.*would get new credentials.*<button>Rotate/s, 'its form explains it');
	my ($said) = ctl($host->env, 'resources', 'deprovision', $id);
	my ($sentence) = $said =~ /^(This resource would.*?)\n\n?To deprovision/ms;
	$sentence =~ s/\s+/ /g;
	my $page = ask("/console/resources/$id/deprovision")->body =~ s/\s+/ /gr;
	$page =~ s/&quot;/"/g;
	$page =~ s/&#39;/'/g;
	like($page, qr/\Q$sentence\E/, '... in the words of the command');
};

subtest 'a form of another site' => sub {
	my %page = (Host => 'localhost:' . $host->console_port);

	refused($rotate, 403, qr/not sent from a page of the console/, $_->[0], headers => { %page, %{ $_->[1] } })
		for [ 'without an origin', {} ],
			[ 'from another origin', { Origin => 'http://evil.example' } ],
			[ 'from another port', { Origin => 'http://localhost:1' } ],
			[ 'from a null origin', { Origin => 'null' } ],
			[ 'from another site', { Origin => $origin, 'Sec-Fetch-Site' => 'cross-site' } ],
			[ 'from another host of this site', { Origin => $origin, 'Sec-Fetch-Site' => 'same-site' } ];
	my $token = token_at($rotate);
	refused($rotate, 403, qr/has expired, or was made for another/, $_->[0], token => $_->[1])
		for [ 'without a token', '' ],
			[ 'with an altered token', $token =~ s/.{4}\z/AAAA/r ],
			[ 'for another act', token_at("/console/resources/$id/deprovision") ],
			[ 'for another resource', token_at("/console/resources/$other_id/rotate") ],
			[ 'of another operator', token_at($rotate, as => 'joe:secret') ];
	refused($rotate, 401, qr/log in/, 'without a password', as => undef);
	refused($rotate, 403, qr/cannot be read/, 'with a body that is not a form',
		body => 'token=%zz');
};

subtest 'rotate' => sub {
	refused($rotate, 422, qr/The overlap is not a duration/, "not with an overlap of '$_'",
		fields => { overlap => $_ }) for '', '2', '8d', '-1h';
	done(post($rotate, fields => { overlap => '30min' }), "/console/resources/$id", 'The credentials are rotated',
		'with an overlap');
	my $event = last_event($id);
	is($event->{actor}, 'console:jane', 'the event names the operator');
	like($event->{request_id}, qr/\A[0-9a-f]{32}\z/, '... and the request');
	like(ask("/console/resources/$id")->body, qr/>console:jane</, '... and the page shows it');
};

subtest 'what a page says was done comes from this host' => sub {
	my $said = done(post($rotate, fields => { overlap => '1h' }), "/console/resources/$id", 'rotated', 'rotated');
	my ($sealed) = $said =~ /said=(.+)/;
	unlike(ask("/console/resources/$other_id?said=$sealed")->body, qr/role="status"/, 'not on another page');
	unlike(ask($said, as => 'joe:secret')->body, qr/role="status"/, 'not to another operator');
	unlike(ask("/console/resources/$id?said=deprovisioned")->body, qr/role="status"/, 'not from a link');
};

subtest 'retry a job' => sub {
	my $job = add_job($id, 'infinity');
	like(ask("/console/jobs/$job/retry")->body, qr/The listener creates new credentials/, 'the form explains it');
	done(post("/console/jobs/$job/retry"), "/console/jobs/$job", 'The job is due now', 'is possible');
	my $event = last_event($id);
	is("$event->{event} $event->{actor}", 'job-retried console:jane', '... with an event');
	refused("/console/jobs/$job/retry", 422, qr/The job is due/, 'a job that is due', token => 'x');
	$host->psql("DELETE FROM jobs WHERE id = $job");
};

subtest 'cancel a job' => sub {
	my $job = add_job($id, 'infinity');
	my $path = "/console/jobs/$job/cancel";
	my $token = token_at($path);
	like(ask($path)->body, qr/keeps its config vars.*<button>Cancel the job/s, 'the form has the consequence');
	$host->psql("UPDATE jobs SET lease_until = now() + interval '1 hour', claim = gen_random_uuid(), run_at = now()
		WHERE id = $job");
	refused($path, 422, qr/The job is running/, 'not while it runs', token => $token);
	$host->psql("UPDATE jobs SET lease_until = NULL, claim = NULL, run_at = 'infinity' WHERE id = $job");
	done(post($path), "/console/jobs/$job", 'The job is cancelled. Its resource is provisioned', 'is possible');
	my $event = last_event($id);
	is("$event->{event} $event->{actor}", 'job-cancelled console:jane', '... with an event');
	refused($path, 422, qr/The job is done/, 'a job that is done', token => $token);
};

subtest 'suspend and resume' => sub {
	my $page = "/console/resources/$id";
	refused("$page/resume", 422, qr/The resource is provisioned/, 'no resume at first', token => 'x');
	refused("$page/suspend", 422, qr/longer than 200/, 'no endless reason', fields => { reason => 'x' x 201 });
	done(post("$page/suspend", fields => { reason => 'unpaid <b>' }), $page, 'It is suspended', 'suspend');
	my $event = last_event($id);
	is("$event->{event} $event->{actor}", 'suspended console:jane', '... with an event');
	like(ask($page)->body, qr/reason unpaid &lt;b&gt;/, '... and its reason');
	like(ask($page)->body, qr{href="\Q$page\E/resume"}, '... after which resume is offered');
	done(post("$page/resume"), $page, 'It is provisioned', 'resume');
	is(row($host, "resources WHERE id = '$id'")->{state}, 'provisioned', '... it is');
};

subtest 'deprovision' => sub {
	my $path = "/console/resources/$other_id/deprovision";
	refused($path, 422, qr/not that of the resource/, "not with the name '$_'", fields => { name => $_ })
		for '', 'postgresql-1', 'POSTGRESQL-2';
	my $token = token_at($path);
	done(post($path, token => $token, fields => { name => 'postgresql-2' }), "/console/resources/$other_id",
		'The resource is deprovisioned', 'with its name');
	like(row($host, "resources WHERE id = '$other_id'")->{state}, qr/\Adeprovision/, '... it is');
	is(count_of($host, "events WHERE resource = '$other_id' AND actor = 'console:jane'"), 1, '... with an event');
	refused($path, 422, qr/The resource is deprovision/, 'not twice', token => $token, fields => { name => 'postgresql-2' });
	unlike(ask("/console/resources/$other_id")->body, qr/class="acts"/, 'then nothing is offered');
};

subtest 'a kept resource' => sub {
	my ($old, $new, $other) = map { uuid() } 1 .. 3;
	$careful->provision(uuid => $old, name => 'postgresql-old');
	$careful->provision(uuid => $new, name => 'postgresql-new');
	$careful->provision(uuid => $other, name => 'postgresql-other');
	my $page = "/console/resources/$old";

	refused("$page/$_", 422, qr/The resource is provisioned/, "no $_ at first", token => 'x') for qw(restore remove);
	done(post("$page/deprovision", fields => { name => 'postgresql-old' }), $page, 'The resource is deprovisioned',
		'deprovision');
	my $body = ask($page)->body;
	like($body, qr/class="stopped">kept</, '... which keeps it');
	like($body, qr{href="\Q$page\E/$_"}, "... and offers $_") for qw(restore remove);
	like($body, qr{kept until</dt><dd><time datetime="\d}, '... and until when');
	like($body, qr{<li>until <time datetime="\d}, '... also in its history');
	unlike($body, qr{href="\Q$page\E/deprovision"}, '... instead of a second deprovision');
	like(ask("$page/restore")->body, qr/postgresql-old.*The present content of the new resource is lost.*<button>Restore/s,
		'the form of a restore explains it');
	refused("$page/restore", 422, qr/No resource of this add-on has the id/, "not to '$_'", fields => { to => $_ })
		for '', uuid(), $id, "' OR 1=1";
	refused("$page/restore", 422, qr/The new resource is not provisioned/, 'not to itself', fields => { to => $old });
	my %token = map { ($_ => token_at("$page/$_")) } qw(restore remove);
	done(post("$page/restore", fields => { to => $new }), $page, 'provisor-jobs calls the listener', 'restore');
	my $event = last_event($new);
	is("$event->{event} $event->{actor}", 'restore-requested console:jane', '... with an event');
	is($event->{after}{from}, $old, '... that names the old resource');
	refused("$page/restore", 422, qr/is being restored already/, 'not twice', token => $token{restore}, fields => { to => $new });
	refused("$page/remove", 422, qr/It is being restored/, 'no remove meanwhile', token => $token{remove},
		fields => { name => 'postgresql-old' });

	$page = "/console/resources/$other";
	done(post("$page/deprovision", fields => { name => 'postgresql-other' }), $page, 'deprovisioned', 'another one is kept');
	my ($said) = ctl($host->env, 'resources', 'deprovision', '--now', $other);
	my ($sentence) = $said =~ /^(This resource would be removed.*?)\n\n?To deprovision/ms;
	$sentence =~ s/\s+/ /g;
	like(ask("$page/remove")->body =~ s/\s+/ /gr, qr/\Q$sentence\E/, 'the form of a remove has the words of the command');
	refused("$page/remove", 422, qr/not that of the resource/, 'not with another name', fields => { name => 'postgresql-old' });
	done(post("$page/remove", fields => { name => 'postgresql-other' }), $page, 'cannot be restored any more', 'remove');
	is(row($host, "resources WHERE id = '$other'")->{state}, 'deprovisioned', '... it is gone');
	$event = last_event($other);
	is("$event->{event} $event->{actor}", 'deprovisioned console:jane', '... with an event');
	unlike(ask($page)->body, qr/class="acts"/, 'then nothing is offered');
};

subtest 'without a home' => sub {
	my $path = "/console/resources/$lost_id/rotate";
	my $token = token_at($path);
	remove_tree($host->addons_dir . '/heroku/lost-db');
	$host->stop_pool('web');
	$host->start_pool('web');
	unlike(ask("/console/resources/$lost_id")->body, qr/class="acts"/, 'nothing is offered');
	refused($path, 503, qr/no valid home/, 'a form is refused', token => $token, fields => { overlap => '1h' });
};

subtest 'an act that waits' => sub {
	my $locked_id = uuid();
	my %form = form_request($rotate, fields => { overlap => '1h' });
	$addon->provision(uuid => $locked_id);
	my $client = Provisor::HttpClient->new(plain => $host->console_port);
	my $lock = Provisor::ChildProcess->start(sub {
		eval { $host->psql("BEGIN; SELECT FROM resources WHERE marketplace_id = '$locked_id' FOR UPDATE; SELECT pg_sleep(60)") };
	});
	my $sleeping = "pg_stat_activity WHERE wait_event = 'PgSleep'";
	my $locked = "pg_stat_activity WHERE wait_event_type = 'Lock'";
	my $path = "/console/resources/$locked_id";

	ok(wait_for(20, sub { count_of($host, $sleeping) }), 'a resource is locked');
	my $waiting = $client->begin(form_request("$path/suspend", fields => { reason => 'unpaid' }));
	ok(wait_for(20, sub { count_of($host, $locked) }), 'a change waits for it');
	my $answer = post($rotate, %form);
	is($answer->status, 503, 'half of the pool is taken');
	like($answer->body, qr/Nothing was changed.*Too many requests wait/s, '... and a page says so');
	is(ask("/console/resources/$id")->status, 200, '... and the other worker serves');
	$host->psql("SELECT pg_terminate_backend(pid) FROM $sleeping");
	done($client->finish($waiting), $path, qr/suspended/, 'the change succeeds in the end');
	done(post($rotate, %form), "/console/resources/$id", qr/rotated/, '... and then the next');
	$lock->finish;
};

subtest 'acts that do not exist' => sub {
	is(ask($_)->status, 404, $_) for "/console/resources/$id/drop", "/console/jobs/1/delete",
		"/console/resources/$id/rotate/now", '/console/jobs/999999/retry',
		'/console/resources/' . uuid() . '/rotate';
};

subtest 'read-only' => sub {
	my $job = add_job($id, 'infinity');
	my %token = map { ($_ => token_at($_)) } $rotate, "/console/resources/$id/deprovision",
		"/console/jobs/$job/retry", "/console/jobs/$job/cancel";

	$host->{env}{PROVISOR_CONSOLE} = 'read';
	$host->stop_pool('web');
	$host->start_pool('web');
	for my $path (sort keys %token) {
		is(ask($path)->status, 403, "no form at $path");
		refused($path, 403, qr/The console is read-only/, '... and no act', token => $token{$path},
			fields => { overlap => '1h', name => 'postgresql-1' });
	}
	unlike(ask($_)->body, qr/class="acts"|method="post"/, "$_ offers nothing")
		for "/console/resources/$id", "/console/jobs/$job";
};

is_unhurt($host);

done_testing;
