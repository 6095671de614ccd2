#!/usr/bin/perl
# The home of an add-on that has customers is missing: while it is replaced, after its
# add-on was renamed, or for good.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::ScriptedVendor;
use Provisor::SignOnForm qw(changed post_form sign_on_fields without);
use Provisor::Test;

my $host = new_host(workers => { api => 2, web => 1, jobs => 1 });
my $eventually = Provisor::Eventually->new($host);
my $fast = addon($host, 'fast-db');
my $vendor = Provisor::ScriptedVendor->new($host, 'hook-db');
my $hooks = $vendor->addon;
my $heroku = $host->addons_dir . '/heroku';

$host->start_postgres;
$host->migrate;
$host->start_hooks;
$host->start_pool('api');
$host->start_jobs;

# Do something while the file or folder at $path is missing.
sub without_path {
	my ($path, $do) = @_;
	my $aside = $host->home . '/aside';

	rename $path, $aside or die "$path: $!\n";
	$do->();
	rename $aside, $path or die "$path: $!\n";
	return;
}

sub create {
	my ($addon) = @_;
	my $id = uuid();

	is($addon->provision(uuid => $id)->status, 200, 'a resource is provisioned');
	return $id;
}

subtest 'provisor-jobs has read the homes' => sub {
	my $id = create($hooks);

	$hooks->deprovision($id);
	$eventually->becomes($id, 'deprovisioned', 'it cleans up');
};

my %away = (
	'the home' => $fast->home,
	'the folder of the marketplace' => $heroku,
	'the folder of all homes' => $host->addons_dir,
	'the manifest' => $fast->home . '/addon-manifest.json',
);

for my $what (sort keys %away) {
	subtest "$what is missing for a moment" => sub {
		my $id = create($fast);
		my $first = $fast->provision(uuid => $id);

		without_path($away{$what}, sub {
			same_bytes($fast->provision(uuid => $id), $first, 'a repeat gets the first response');
			is($fast->change_plan($id, 'premium')->status, 200, 'a plan changes');
			is($fast->deprovision($id)->status, 204, 'a resource is deprovisioned');
			refuses($fast->deprovision($id), 410, '... once');
			refuses(fastcgi($host)->request($fast->deprovision_request($id), as => 'fast-db:wrong'), 401, 'a wrong password is still refused');
		});
		is($fast->provision(uuid => uuid())->status, 200, 'it serves when it is back');
	};
}

subtest 'missing hooks are not taken for hooks that were never there' => sub {
	my ($changed, $removed) = (create($hooks), create($hooks));

	without_path($hooks->home, sub {
		refuses($hooks->change_plan($changed, 'premium'), 503, 'a plan change has to wait');
		is($hooks->deprovision($removed)->status, 204, 'a resource is deprovisioned');
		ok($eventually->is_true(sub { ($eventually->job($removed, 'deprovision')->{last_error} // '')
			=~ m{hooks/deprovision: is missing: put a program there} }), '... its clean-up has to wait')
			or diag explain $eventually->job($removed, 'deprovision');
		is($eventually->resource($removed)->{state}, 'deprovisioning', '... and is not taken as done');
	});
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$removed'");
	$eventually->becomes($removed, 'deprovisioned', 'it is cleaned up when they are back');
	is($hooks->change_plan($changed, 'premium')->status, 200, 'the plan changes');
};

# Workers that start now do not know the missing homes.
sub restart {
	$host->stop_pool('api');
	$host->start_pool('api');
	return;
}

subtest 'workers that start while a home is missing' => sub {
	my $id = create($fast);
	my $first = $fast->provision(uuid => $id);
	my $client = fastcgi($host);
	my $login = 'stranger:and a password';
	my $elsewhere = '/nowhere/heroku/resources';
	my $waits = sub {
		my ($response, $name) = @_;

		refuses($response, 503, $name);
		return ok($response->header('Retry-After'), '... for a moment');
	};

	without_path($fast->home, sub {
		restart();
		$waits->($fast->provision(uuid => uuid()), 'a create has to wait');
		$waits->($fast->change_plan($id, 'premium'), 'so has a plan change');
		$waits->($fast->deprovision($id), 'so has a deprovision');
		same_bytes($client->request($fast->deprovision_request($id), as => $login),
			$fast->deprovision($id), 'a stranger gets the same response');
		$waits->($client->request(method => 'DELETE', path => "$elsewhere/$id", as => $login),
			'so does an unknown path to a resource');
		refuses($client->request(method => 'DELETE', path => "/nowhere/$id", as => $login), 404,
			'any other path is unknown');
		refuses($client->request($hooks->deprovision_request($id), as => 'hook-db:wrong'), 401,
			'a wrong password of another add-on stays wrong');
		is($hooks->provision(uuid => uuid())->status, 200, 'other add-ons are served');
		is(count_of($host, "resources WHERE id = '$id' AND state = 'provisioned'"), 1,
			'the resource is as it was');
		like($host->log('worker'), qr/status=503 .*reason=missing-home/, 'the log has the reason');

		like($client->request(method => 'GET', path => '/metrics')->body, qr/^provisor_missing_homes 1$/m,
			'/metrics counts the home');
		like($client->request(method => 'GET', path => '/ready')->json->{addons},
			qr/^ok, but an add-on that has resources has no home on this host/, '... and /ready reports it');

		my ($output, $status) = ctl($host->env, 'addons', 'list');
		is($status, 1, 'addons list fails');
		like($output, qr/^heroku +fast-db .*missing$/m, '... and lists the add-on');
		like($output, qr{heroku/fast-db: has no home on this host \(live resources: \d+, .*addons forget fast-db},
			'... with the remedies');
		($output) = ctl($host->env, 'check');
		like($output, qr{^error +heroku/fast-db: has no home on this host \(live resources: \d+,}m,
			'check reports it');
	});
	is($fast->deprovision(uuid())->status, 410, 'an unknown resource is gone when the home is back');
	same_bytes($fast->provision(uuid => $id), $first, 'a repeat gets the first response');
};

subtest 'sign-ons while a home is missing' => sub {
	my ($id, $other) = (create($fast), create($hooks));
	my @signed = sign_on_fields($fast, $id);
	my @strong = without(\@signed, 'token');	# which a version 1 would read
	my $client = fastcgi($host);
	my %forms = (
		'without a token' => [ id => $id, timestamp => time ],
		'with a token that is no digest' => [ changed(\@strong, user_scoped_resource_token => 'x') ],
		'without a signed field' => [ without(\@strong, 'user_id') ],
		'with a signed field twice' => [ @strong, user_id => 'someone' ],
		'with an old time' => [ sign_on_fields($fast, $id, at => time - 3600) ],
		'for a resource that does not exist' => [ sign_on_fields($fast, uuid()) ],
		'for a resource of another add-on, with a wrong token' => [ sign_on_fields($fast, $other) ],
	);

	without_path($fast->home, sub {
		restart();
		is(post_form($client, '/sso', @signed)->status, 503, 'a form that its marketplace may have signed has to wait');
		is(post_form($client, '/sso', @{ $forms{$_} })->status, 403, "a form $_ is refused") for sort keys %forms;
		is(post_form($client, '/sso', sign_on_fields($hooks, $other))->status, 303, 'other add-ons are served');
	});
	restart();
	is(post_form($client, '/sso', @signed)->status, 303, 'it succeeds when the home is back');
};

subtest 'jobs of an add-on without a home' => sub {
	my $id = create($hooks);

	without_path($hooks->home, sub {
		$hooks->deprovision($id);
		$host->psql("UPDATE jobs SET created_at = now() - interval '3 days' WHERE resource = '$id'");
		my ($output) = ctl($host->env, 'check');
		like($output, qr{heroku/hook-db: has no home .*not cleaned up: 1, unfinished jobs: 1, the oldest for 3 days},
			'check says how many there are, and since when');
	});
	$host->psql("UPDATE jobs SET run_at = now() WHERE resource = '$id'");
	$eventually->becomes($id, 'deprovisioned', 'they are carried out when it is back');
};

subtest 'an unknown user is refused while no home is missing' => sub {
	restart();
	refuses(fastcgi($host)->request($fast->deprovision_request(uuid()), as => 'stranger:and a password'),
		401, 'an unknown user gets 401');
	refuses(fastcgi($host)->request(method => 'DELETE', path => '/nowhere/resources/' . uuid(),
		as => 'stranger:and a password'), 404, 'an unknown path 404');
};

# The same add-on with another id in its manifest and another folder.
sub renamed {
	my ($addon, $name) = @_;
	my $home = $addon->home;
	my $new = bless { %$addon, name => $name, manifest => { %{ $addon->{manifest} }, id => $name } }, ref $addon;

	rename $home, $new->home or die "$home: $!\n";
	$new->write;
	return $new;
}

sub fails {
	my ($name, $status, $says, @arguments) = @_;
	my ($output, $ended) = ctl($host->env, qw(addons rename), @arguments);

	is($ended, $status, "$name: exit status $status");
	return like($output, $says, '... with the reason');
}

subtest 'a renamed add-on' => sub {
	my $grant = Provisor::FakeHeroku::grant();
	my %id = map { $_ => uuid() } qw(repeated changed removed buried);
	my %first = map { $_ => $fast->provision(uuid => $id{$_}, oauth_grant => $grant,
		log_input_url => 'https://token@1.eu.logplex.io/logs') } sort keys %id;
	my $gone = create($fast);
	$fast->deprovision($gone);
	my $count = count_of($host, q(resources WHERE addon = 'fast-db'));
	my $quick = renamed($fast, 'quick-db');
	my $has_to_wait = sub {
		refuses($quick->provision(uuid => $id{repeated}), 503, 'a repeated create has to wait');
		refuses($quick->change_plan($id{changed}, 'premium'), 503, 'so has a plan change');
		refuses($quick->deprovision($id{removed}), 503, 'so has a deprovision');
		is(count_of($host, q(resources WHERE addon = 'quick-db' AND marketplace_id IN (')
			. join(q(','), values %id) . q('))), 0, 'nothing is stored for the new name');
	};

	$has_to_wait->();
	like($host->log('worker'), qr/belongs to fast-db at heroku, .*provisor addons rename fast-db quick-db/,
		'the log has the remedy');
	refuses($quick->deprovision(uuid()), 410, 'an unknown resource is gone');
	refuses($quick->provision(uuid => $gone), 410, 'so is one that was deprovisioned under the old name');
	refuses($quick->change_plan($gone, 'premium'), 410, '... for every request');
	same_bytes($fast->provision(uuid => $id{repeated}), $first{repeated},
		'a worker that has the old name serves it');
	restart();
	$has_to_wait->();
	is(post_form(fastcgi($host), '/sso', sign_on_fields($quick, $id{changed}))->status, 503, 'a sign-on has to wait, too');

	$host->psql("INSERT INTO jobs (kind, lane, resource, run_at)
		VALUES ('push-config', 'marketplace', '$id{repeated}', 'infinity')");
	$host->psql("INSERT INTO resources (id, marketplace, addon, marketplace_id, provider_id, state,
			deprovisioned_at)
		SELECT gen_random_uuid(), 'heroku', 'quick-db', '$id{buried}', gen_random_uuid(), 'deprovisioned',
			now()");
	fails('an add-on that has a home', 1, qr/is the home of hook-db, so the add-on is sold/, qw(hook-db quick-db --yes));
	fails('an unknown new name', 1, qr/other-db has no valid home at heroku/, qw(fast-db other-db --yes));
	fails('an unknown old name', 1, qr/no resource belongs to an add-on nobody/, qw(nobody quick-db --yes));
	fails('without --yes', 2, qr/^fast-db at heroku: $count resources \(live: \d+\), 1 unfinished jobs \(running: 0\)\n.*deprovisioned\s1\sof\sthem\s.*add --yes$/ms,
		qw(fast-db quick-db));
	is(count_of($host, q(resources WHERE addon = 'fast-db')), $count, '... and nothing is renamed');

	my ($output, $status) = ctl($host->env, qw(addons rename fast-db quick-db --yes));

	is($status, 0, 'addons rename exits with 0') or diag $output;
	like($output, qr/^renamed: fast-db at heroku is now quick-db, $count resources$/m, '... and says how many');
	is(count_of($host, q(resources WHERE addon = 'fast-db')), 0, 'all are renamed');
	is(row($host, "jobs WHERE resource = '$id{repeated}' AND kind = 'push-config'")->{addon}, 'heroku/quick-db',
		'... with their jobs');
	is_deeply([ @{ row($host, "events WHERE resource = '$id{changed}' AND event = 'addon-renamed'") }{qw(before after)} ],
		[ { addon => 'fast-db' }, { addon => 'quick-db' } ], '... and the history has it');
	same_bytes($quick->provision(uuid => $id{repeated}, oauth_grant => $grant), $first{repeated},
		'a repeat gets the first response');
	is($quick->change_plan($id{changed}, 'premium')->config->{FAST_DB_TOKEN},
		$first{changed}->config->{FAST_DB_TOKEN}, 'a plan changes, and the secret stays');
	is($quick->deprovision($id{removed})->status, 204, 'a resource is deprovisioned');
	is($quick->deprovision($id{buried})->status, 204, '... also one that had a tombstone');
	unlike($host->log('worker'), qr/cannot be opened/, 'all secrets can be opened');
	unlike((ctl($host->env, 'check'))[0], qr/has no home/, 'check finds no add-on without a home');

	my ($live, $same) = (uuid(), uuid());
	$quick->provision(uuid => $_) for $live, $same;
	$fast = renamed($quick, 'fast-db');
	restart();
	$fast->provision(uuid => uuid());
	$host->psql("UPDATE resources SET marketplace_id = '$same' WHERE addon = 'fast-db'");
	fails('a resource of both', 1, qr/1 resources of quick-db have an id that a resource of fast-db has too, such as $same/,
		qw(quick-db fast-db --yes));
	is(row($host, "resources WHERE id = '$live'")->{addon}, 'quick-db', '... and nothing is renamed');
	is($fast->deprovision($same)->status, 204, 'if it is deprovisioned');
	fails('a resource of both', 1, qr/1 resources of quick-db have an id that a resource of fast-db has too, such as $same/,
		qw(quick-db fast-db --yes));
};

is_unhurt($host);

done_testing;
