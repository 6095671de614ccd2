#!/usr/bin/perl
# provisor check: what befalls an operator, each for real, and the one line that
# names the cause and the remedy.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Path 'make_path';
use JSON::PP ();
use MIME::Base64 'encode_base64';
use Test::More;
use Time::HiRes 'sleep';

use Provisor::Pooler;
use Provisor::Test;

# Without the pooler that other tests may be run with.
my $host = Provisor::Host->new(build => build(), answer_limit => '2s',
	workers => { api => 2, web => 1, jobs => 1 });
my $addon = addon($host, 'fast-db');

$host->start;
$addon->provision(uuid => uuid()) for 1 .. 3;

my %healthy = %{ $host->env };
my $database = $healthy{PROVISOR_DATABASE};
my $owner = $host->owner_env->{PROVISOR_DATABASE_DIRECT};
my $told = '';
my $folders = 0;

# How check ends, and its lines by verdict.
sub check {
	my ($environment, @before) = @_; # --env FILE
	my ($output, $status) = ctl({ %healthy, %$environment }, @before, 'check',
		'--ops', $host->ops_socket);
	my %lines = (ok => [], warning => [], error => []);

	$told .= $output;
	for (split /\n/, $output) {
		my ($verdict, $line) = /\A(ok|warning|error) +(.+)\z/;

		defined $verdict ? push @{ $lines{$verdict} }, $line : fail("check says: $_");
	}
	return ($status, \%lines);
}

# A folder that nobody has used yet.
sub folder {
	my $path = $host->home . '/unlucky-' . ++$folders;

	make_path($path);
	return $path;
}

sub written {
	my ($content, $mode) = @_;
	my $path = folder() . '/file';

	open my $file, '>', $path or die "$path: $!\n";
	print {$file} $content;
	close $file;
	chmod $mode // 0600, $path;
	return $path;
}

# --- a host whose keys are these --------------------------------------------

sub keys_of_host {
	open my $file, '<', $healthy{PROVISOR_KEYS} or die "$healthy{PROVISOR_KEYS}: $!\n";
	return do { local $/; <$file> };
}

sub with_keys {
	return { PROVISOR_KEYS => written(@_) };
}

my $other_key = encode_base64(pack('C*', map { int rand 256 } 1 .. 32), '');

# What nobody but its owner can read: of another one, or without any right.
sub unreadable_keys {
	my $environment = with_keys(keys_of_host());
	my $path = $environment->{PROVISOR_KEYS};

	$> == 0 ? chown 65_534, 65_534, $path : chmod 0, $path;
	return $environment;
}

# --- a host whose one add-on is this ----------------------------------------

sub with_addon {
	my ($change, %what) = @_;
	my $addon = addon($host, 'slow-db', folder => folder(), %what);

	$change->($addon->home) if $change;
	return { PROVISOR_ADDONS => $addon->{folder} };
}

my %hook = (template => undef, files => { 'hooks/provision' => "#!/bin/sh\n" });
my %so = (template => undef, files => { 'listener.so' => "\x7fELF" });

sub mode {
	my ($mode, $name) = @_;

	return sub { chmod $mode, "$_[0]/$name" };
}

sub twins {
	my $folder = folder();

	addon($host, $_, folder => $folder, manifest => { id => 'same' }) for qw(twin-a twin-b);
	return { PROVISOR_ADDONS => $folder };
}

sub foreign_marketplace {
	my $folder = folder();

	addon($host, 'slow-db', folder => $folder);
	make_path("$folder/nobody/slow-db");
	return { PROVISOR_ADDONS => $folder };
}

# --- a host whose database is this ------------------------------------------

sub with_database {
	my ($part, $instead) = @_;

	return { PROVISOR_DATABASE => $database =~ s/$part/$instead/r };
}

# A setting of the server's, in force.
sub with_setting {
	my ($name, $value) = @_;

	$host->psql("ALTER SYSTEM SET $name = $value");
	$host->psql('SELECT pg_reload_conf()');
	wait_for(5, sub { $host->psql("SHOW $name") eq $value });
	return {};
}

sub without_settings {
	$host->psql('ALTER SYSTEM RESET ALL');
	$host->psql('SELECT pg_reload_conf()');
	sleep 0.2;
	return;
}

sub with_sql {
	$host->psql($_) for @_;
	return {};
}

sub with_role {
	my ($role, @sql) = @_;

	with_sql("CREATE ROLE $role LOGIN PASSWORD 'a password'",
		"GRANT CONNECT ON DATABASE provisor TO $role");
	return with_database('user=\S+ password=\S+', "user=$role password='a password'");
}

# A server that is told it is a standby is one, even of nobody.
sub make_standby {
	my $data = $host->home . '/postgres';

	$host->stop_postgres;
	open my $signal, '>', "$data/standby.signal" or die "$data: $!\n";
	close $signal;
	chown +(stat $data)[ 4, 5 ], "$data/standby.signal" if $> == 0;
	$host->start_postgres;
	return {};
}

sub promote {
	$host->psql('SELECT pg_promote()');
	return;
}

# --- a host that has this left to do -----------------------------------------

# Each of a resource of its own: they do not wait for one another.
sub with_job {
	my ($run_at) = @_;

	return with_sql("INSERT INTO jobs (kind, resource, run_at)
		SELECT 'deprovision', id, $run_at FROM resources
		WHERE id NOT IN (SELECT resource FROM jobs) LIMIT 1");
}

sub without_jobs {
	$host->psql('DELETE FROM jobs');
	return;
}

# --- a host whose pools and nginx are this ----------------------------------

sub without_pools {
	$host->stop_pool($_) for qw(api web);
	return {};
}

sub start_pools {
	$host->start_pool($_) for qw(api web);
	wait_for(5, sub { (() = workers($host)) == 3 });
	return;
}

sub with_broken_home_in_pools {
	my $folder = folder();

	addon($host, 'fast-db', folder => $folder);
	addon($host, 'broken', template => '{');
	wait_for(5, sub { $addon->provision(uuid => uuid())->status == 200 });
	return { PROVISOR_ADDONS => $folder };
}

sub unbreak {
	my $home = $host->addons_dir . '/heroku/broken';

	unlink "$home/$_" for qw(addon-manifest.json template.json);
	rmdir $home;
	return;
}

# --- the table --------------------------------------------------------------

my $migration = $host->psql('SELECT max(number) FROM migrations');

my @unlucky = (
	# what befell                               the line, up to its remedy                                 how                       what undoes it
	# Settings
	[ 'a duration that is none',                 qr/PROVISOR_ANSWER_LIMIT: "soon".*: write a duration/,      sub { { PROVISOR_ANSWER_LIMIT => 'soon' } } ],
	[ 'a log level that is none',                qr/PROVISOR_LOG_LEVEL: "loud".*: write error, warning/,     sub { { PROVISOR_LOG_LEVEL => 'loud' } } ],
	[ 'a log without a folder',                  qr{PROVISOR_LOG: .*/nowhere/log: make it},                  sub { { PROVISOR_LOG => '/nowhere/log' } } ],
	[ 'settings that are not there',             qr{/nowhere: cannot be read .*: .*--env},                   sub { {}, '--env', '/nowhere' } ],
	[ 'settings with a line of prose',           qr{/file: line 2 .*: correct it},                           sub { {}, '--env', written("# mine\nuse the force\n") } ],
	[ 'settings that everybody can change',      qr{/file: every user.*change it.*: chmod},                  sub { {}, '--env', written('', 0666) } ],

	# Keys
	[ 'no keys file',                            qr{/nowhere: cannot be read .*: .*provisor keys add},       sub { { PROVISOR_KEYS => '/nowhere' } } ],
	[ 'a keys file the pools cannot read',       qr{/file: (belongs to .*: chown|cannot be read .*: bring)}, \&unreadable_keys ],
	[ 'a keys file that everybody can read',     qr{/file: others .*: chmod 600},                            sub { with_keys(keys_of_host(), 0604) } ],
	[ 'a keys file that its group can read',     qr{/file: others .*: chmod 600},                            sub { with_keys(keys_of_host(), 0640) } ],
	[ 'an empty keys file',                      qr{/file: holds no key: bring back},                        sub { with_keys('') } ],
	[ 'a keys file with a line of prose',        qr{/file: line 2 is not ID:BASE64: correct},                sub { with_keys(keys_of_host() . "hush\n") } ],
	[ 'a key cut short',                         qr{/file: line 2 .*32 bytes: correct},                      sub { with_keys(keys_of_host() . "2:AAAA\n") } ],
	[ 'two keys of one id',                      qr{/file: line 2 repeats .*: correct},                      sub { with_keys(keys_of_host() . "1:$other_key\n") } ],
	[ 'keys that are not those of the rows',     qr{/file: lacks the key "1", .*\b3\b.*: bring its line back}, sub { with_keys("2:$other_key\n") } ],
	[ 'a key that was made anew under its id',   qr{/file: its key "1" does not open.*: bring back},         sub { with_keys("1:$other_key\n") } ],

	# Add-ons
	[ 'no folder of add-ons',                    qr{/nowhere: cannot be read .*: make it},                   sub { { PROVISOR_ADDONS => '/nowhere' } } ],
	[ 'no add-on',                               qr{/unlucky-\d+: holds no add-on: .*provisor init},         sub { { PROVISOR_ADDONS => folder() } } ],
	[ 'a marketplace that nobody knows',         qr{/nobody: .*: rename or remove},                          \&foreign_marketplace ],
	[ 'no manifest',                             qr{addon-manifest\.json: cannot be read .*: put it there},  sub { with_addon(undef, manifest => undef) } ],
	[ 'a manifest with broken JSON at line 3',   qr{addon-manifest\.json: is not proper JSON: line 3: .*: correct}, sub { with_addon(undef, manifest => "{\n\"id\":\n!}") } ],
	[ 'a template with broken JSON at line 2',   qr{template\.json: is not proper JSON: line 2: .*: correct}, sub { with_addon(undef, template => "{\n\"config\" {}}") } ],
	[ 'a misspelled member of the settings',     qr{settings\.json: sesion is unknown: correct its spelling}, sub { with_addon(undef, settings => { sesion => '8h' }) } ],
	[ 'a misspelled member of the template',     qr{template\.json: confg is unknown: correct its spelling}, sub { with_addon(undef, template => { config => {}, confg => {} }) } ],
	[ 'a password that everybody knows',         qr{addon-manifest\.json: api\.password .*: put a random},   sub { with_addon(undef, api => { password => 'CHANGEME' }) } ],
	[ 'sign-on at the path of the resources',    qr{addon-manifest\.json: .*sso_url .*: give it one},        sub { with_addon(undef, sso_url => 'https://localhost/heroku/resources') } ],
	[ 'two kinds of listener',                   qr{slow-db: has both template\.json and hooks: .*remove},   sub { with_addon(undef, files => $hook{files}) } ],
	[ 'no listener',                             qr{slow-db: has no listener: add template\.json},           sub { with_addon(undef, template => undef) } ],
	[ 'two add-ons of one id',                   qr{twin-a and .*twin-b: both are "same": .*remove one},     \&twins ],
	[ 'a hook that everybody can change',        qr{hooks/provision: others .*\(mode 0757\): chmod go-w},    sub { with_addon(mode(0757, 'hooks/provision'), %hook) } ],
	[ 'a folder of hooks its group can change',  qr{/hooks: others .*: chmod go-w},                          sub { with_addon(mode(0775, 'hooks'), %hook) } ],
	[ 'a home with hooks its group can change',  qr{slow-db: others .*: chmod go-w},                    sub { with_addon(sub { chmod 0775, $_[0] }, %hook) } ],
	[ 'a listener.so that its group can change', qr{listener\.so: others .*: chmod go-w},                    sub { with_addon(mode(0775, 'listener.so'), %so) } ],
	[ 'a manifest that everybody can change',    qr{addon-manifest\.json: every user .*: chmod o-w},         sub { with_addon(mode(0602, 'addon-manifest.json')) } ],

	# The database
	[ 'a wrong password',                        qr/PROVISOR_DATABASE: .*28P01.*: correct user and password/, sub { with_database('password=\S+', 'password=wrong') } ],
	[ 'no password',                             qr/PROVISOR_DATABASE: .*no password.*: correct/,            sub { with_database('password=\S+', '') } ],
	[ 'a role that is missing',                  qr/PROVISOR_DATABASE: .*"nobody".*: .*make the role/,       sub { with_database('user=\S+', 'user=nobody') } ],
	[ 'a database that is missing',              qr/PROVISOR_DATABASE: .*3D000.*: .*make the database/,      sub { with_database('dbname=\S+', 'dbname=nowhere') } ],
	[ 'no server there',                         qr/PROVISOR_DATABASE: .*: .*start PostgreSQL/,              sub { with_database('host=\S+', 'host=/nowhere') } ],
	[ 'no server at that port',                  qr/PROVISOR_DATABASE: .*refused.*: .*start PostgreSQL/,     sub { with_database('host=\S+', 'host=127.0.0.1 port=1') } ],
	[ 'a connection string with a stray quote',  qr/PROVISOR_DATABASE: the connection string.*: quote/,      sub { { PROVISOR_DATABASE => "password='no end" } } ],
	[ 'a URI whose password has an @',           qr/PROVISOR_DATABASE: the connection string.*percent/,      sub { { PROVISOR_DATABASE => 'postgres://me:pass@word/1@127.0.0.1/x' } } ],
	[ 'a role without rights',                   qr/PROVISOR_DATABASE: .*permission denied.*: log in with/,  sub { with_role('stranger') } ],
	[ 'a database that was never migrated',      qr/PROVISOR_DATABASE: lacks \d+ .*: run provisor migrate/,  sub { with_sql('CREATE DATABASE empty'); with_database('dbname=\S+', 'dbname=empty') } ],
	[ 'a migration that is missing',             qr/PROVISOR_DATABASE: lacks 1 .*: run provisor migrate/,
		sub { with_sql("DELETE FROM migrations WHERE number = $migration") },
		sub { with_sql("INSERT INTO migrations (number, name) VALUES ($migration, 'again')") } ],
	[ 'a newer database',                        qr/PROVISOR_DATABASE: is newer .*: install the newer/,
		sub { with_sql("INSERT INTO migrations (number, name) VALUES ($migration + 1, 'next')") },
		sub { with_sql("DELETE FROM migrations WHERE number > $migration") } ],
	[ 'fsync off',                               qr/PROVISOR_DATABASE: fsync is off.*: switch it on/,        sub { with_setting(fsync => 'off') }, \&without_settings ],
	[ 'full_page_writes off',                    qr/PROVISOR_DATABASE: full_page_writes is off.*: switch/,   sub { with_setting(full_page_writes => 'off') }, \&without_settings ],
	[ 'synchronous_commit off for the role',     qr/PROVISOR_DATABASE: synchronous_commit is off.*: switch/,
		sub { with_sql('ALTER ROLE provisor_worker SET synchronous_commit = off') },
		sub { with_sql('ALTER ROLE provisor_worker RESET synchronous_commit') } ],
	[ 'a standby in place of the primary',       qr/PROVISOR_DATABASE: the server is a standby.*: name/,     \&make_standby, \&promote ],
	[ 'a wrong password past the pooler',        qr/PROVISOR_DATABASE_DIRECT: .*28P01.*: correct/,           sub { { PROVISOR_DATABASE_DIRECT => $owner =~ s/password=\S+/password=wrong/r } } ],

	# What is left to do
	[ 'a job that gave up',                      qr/jobs: 1 gave up, .*: provisor jobs list --gave-up .*retry ID/, sub { with_job(q('infinity')) }, \&without_jobs ],
	[ 'jobs that nobody does',                   qr/jobs: 2 are overdue, the first since \d{4}-\S+Z, .*: start it/,
		sub { $host->stop_pool('jobs'); with_job(q(now() - interval '61 s')) for 1, 2; {} },
		sub { without_jobs(); $host->start_jobs } ],

	# Pools and nginx
	[ 'no folder of sockets and metrics',        qr{/nowhere: the folder .* is missing: systemd-tmpfiles},   sub { { PROVISOR_METRICS => '/nowhere/metrics' } } ],
	[ 'no metrics file',                         qr{/metrics: is missing.*: start the pools},                sub { { PROVISOR_METRICS => folder() . '/metrics' } } ],
	[ 'a metrics file that is a folder',         qr{unlucky-\d+: cannot be used \(.*: .*PROVISOR_METRICS},   sub { { PROVISOR_METRICS => folder() } } ],
	[ 'pools that do not run',                   qr{/metrics: no worker .*: start them},                     \&without_pools, \&start_pools ],
	[ 'a pool that nginx does not reach',        qr{ops\.sock: nginx does not reach .*: .*sockets},
		sub { $host->stop_pool('web'); {} }, sub { $host->start_pool('web') } ],
	[ 'pools that have other add-ons',           qr{ops\.sock: the pools see trouble .*addons: .*: let},        \&with_broken_home_in_pools, \&unbreak ],
	[ 'no nginx',                                qr{ops\.sock: nginx cannot be asked .*: start it},
		sub { $host->stop_nginx; {} }, sub { $host->start_nginx } ],
);

if ($> == 0) {
	push @unlucky, [ 'a hook of a foreign user', qr{hooks/provision: its owner, user 65534, .*: chown},
		sub { with_addon(sub { chown 65_534, 65_534, "$_[0]/hooks/provision" }, %hook) } ];
}

# What works, and might not for ever.
my @risky = (
	# what may befall                           the line                                                   how                       what undoes it
	[ 'settings that everybody can read',        qr{/file: every user.*read the database's password.*: chmod}, sub { {}, '--env', written('', 0644) } ],
	[ 'a manifest that everybody can read',      qr{addon-manifest\.json: every user .*: chmod},             sub { with_addon(mode(0644, 'addon-manifest.json')) } ],
	[ 'a short password',                        qr{addon-manifest\.json: api\.password .*: better},         sub { with_addon(undef, api => { password => 'twelve chars' }) } ],
	[ 'a host that is a name',                   qr/PROVISOR_DATABASE: the host db\.example .*: write/,      sub { with_database('host=(\S+)', "host=" . ($database =~ /host=(\S+)/)[0] . ',db.example') } ],
	[ 'the owner\'s role in the pools',          qr/PROVISOR_DATABASE: logs in as provisor_owner.*: use/,    sub { { PROVISOR_DATABASE => $owner } } ],
	[ 'a superuser in the pools',                qr/PROVISOR_DATABASE: logs in as postgres, a superuser: use/, sub { with_database('user=\S+ password=\S+', 'user=postgres') } ],
	[ 'a role without statement_timeout',        qr/PROVISOR_DATABASE: statement_timeout is 0.*: ALTER ROLE/,
		sub { with_sql('ALTER ROLE provisor_worker SET statement_timeout = 0') },
		sub { with_sql("ALTER ROLE provisor_worker SET statement_timeout = '5s'") } ],
	[ 'a role without lock_timeout',             qr/PROVISOR_DATABASE: lock_timeout is 0.*: ALTER ROLE/,
		sub { with_sql('ALTER ROLE provisor_worker SET lock_timeout = 0') },
		sub { with_sql("ALTER ROLE provisor_worker SET lock_timeout = '3s'") } ],
	[ 'a role that does not look after clients', qr/PROVISOR_DATABASE: client_connection_check_interval is 0.*: ALTER ROLE/,
		sub { with_sql('ALTER ROLE provisor_worker SET client_connection_check_interval = 0') },
		sub { with_sql("ALTER ROLE provisor_worker SET client_connection_check_interval = '1s'") } ],
	[ 'a standby without synchronous names',     qr/PROVISOR_DATABASE: has a standby .*failover.*: set them/,
		sub { with_sql(q(SELECT pg_create_physical_replication_slot('standby'))) },
		sub { with_sql(q(SELECT pg_drop_replication_slot('standby'))) } ],
);

# --- all of it --------------------------------------------------------------

subtest 'a healthy host has nothing to tell but that' => sub {
	my ($status, $lines) = check({});

	is($status, 0, 'check ends with 0');
	is_deeply([ @$lines{qw(warning error)} ], [ [], [] ], 'without an error or a warning');
	for my $place ('settings', 'metrics', 'keys', 'fast-db', 'PROVISOR_DATABASE', 'jobs',
			'ops.sock') {
		ok((grep { /\Q$place\E: / } @{ $lines->{ok} }), "it has looked at $place");
	}
	like("@{ $lines->{ok} }", qr/values sealed with "1": 3\b/, '... and at the rows');
	like("@{ $lines->{ok} }", qr/workers that live: 3, as \S+; processes of provisor-jobs: 1\b/,
		'... and at who counts');
};

subtest 'jobs in hand, behind others or not yet overdue are no trouble' => sub {
	$host->stop_pool('jobs');
	with_job("now() + interval '1 h'");
	$host->psql("INSERT INTO jobs (kind, resource, run_at, lease_until)
		SELECT 'deprovision', id, now() - interval '2 min', now() + interval '1 min'
		FROM resources WHERE id NOT IN (SELECT resource FROM jobs) LIMIT 1");
	with_job("now() - interval '30 s'");
	$host->psql("INSERT INTO jobs (kind, resource, run_at)
		SELECT 'deprovision', resource, now() - interval '1 h' FROM jobs");
	my ($status, $lines) = check({});

	is($status, 0, 'check ends with 0');
	ok((grep { /jobs: left to do: 6; none/ } @{ $lines->{ok} }), 'and tells how many')
		or diag explain $lines;
	without_jobs();
	$host->start_jobs;
};

subtest 'the role of the pools is right for provisor-jobs' => sub {
	my ($status, $lines) = check({ PROVISOR_DATABASE_DIRECT => "$database connect_timeout=2" });

	is($status, 0, 'check ends with 0');
	is_deeply($lines->{warning}, [], 'without a warning');
	ok((grep { /PROVISOR_DATABASE_DIRECT: logs in as provisor_worker, .*migrate needs the owner/ }
		@{ $lines->{ok} }), 'it tells what needs another');
};

cmp_ok(scalar @unlucky, '>=', 30, 'an operator can be unlucky in ' . @unlucky . ' ways');

for (@unlucky) {
	my ($name, $line, $befall, $undo) = @$_;
	my ($environment, @before) = $befall->();
	my ($status, $lines) = check($environment, @before);

	subtest $name => sub {
		is($status, 1, 'check ends with 1');
		is(scalar @{ $lines->{error} }, 1, 'one error') or diag explain $lines->{error};
		like($lines->{error}[0] // '', $line, 'its cause and remedy');
	};
	$undo->() if $undo;
}

for (@risky) {
	my ($name, $line, $befall, $undo) = @$_;
	my ($status, $lines) = check($befall->());

	subtest "$name: a warning" => sub {
		is($status, 0, 'check ends with 0');
		is(scalar @{ $lines->{warning} }, 1, 'one warning') or diag explain $lines->{warning};
		like($lines->{warning}[0] // '', $line, 'its cause and remedy');
	};
	$undo->() if $undo;
}

subtest 'who still uses an old password is told' => sub {
	my $old = 'a password that was good';
	my $home = addon($host, 'fast-db', settings => { also_valid => { passwords => [$old] } });
	my $says = sub { join "\n", grep { /also_valid/ } map { @$_ } values %{ (check({}))[1] } };

	like($says->(), qr/nobody has used what is also_valid/, 'nobody');
	for (1, 2) {
		$home->request(method => 'POST', path => $home->path, as => "fast-db:$old",
			body => Provisor::AddOn::json({ uuid => uuid(), plan => 'basic' }));
	}
	like($says->(), qr/used 2 times, last at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: remove it/,
		'how often, and when last');
	unlink $home->home . '/settings.json';
};

subtest 'for programs it is an object a line' => sub {
	my ($output, $status) = ctl({ %healthy, PROVISOR_LOG_LEVEL => 'loud' }, 'check', '--json',
		'--ops', $host->ops_socket);
	my @objects = map { JSON::PP->new->utf8->decode($_) } split /\n/, $output;
	my ($error) = grep { $_->{verdict} eq 'error' } @objects;

	is($status, 1, 'check ends with 1');
	is_deeply([ sort keys %$error ], [qw(place text verdict)], 'verdict, place and text');
	is($error->{place}, 'PROVISOR_LOG_LEVEL', 'the place stands apart');
	like($error->{text}, qr/\A"loud".*: write/, '... from cause and remedy');
};

SKIP: {
	skip 'pgbouncer is not installed', 1 unless Provisor::Pooler::is_installed();
	my $pooler = Provisor::Pooler->new($host);
	my %pooled = (PROVISOR_DATABASE => $host->env->{PROVISOR_DATABASE});

	subtest 'a pooler is noticed, and fine' => sub {
		my ($status, $lines) = check({ %pooled, PROVISOR_DATABASE_DIRECT => $owner });

		is($status, 0, 'check ends with 0');
		ok((grep { /PROVISOR_DATABASE: a pooler is between, which is fine/ } @{ $lines->{ok} }),
			'with another way for migrate');
		(undef, $lines) = check(\%pooled);
		like("@{ $lines->{warning} }", qr/PROVISOR_DATABASE: a pooler .*: have PROVISOR_DATABASE_DIRECT/,
			'without one that is asked for');
	};
}

subtest 'no secret is told' => sub {
	my %secrets = (
		'the worker\'s password' => ($database =~ /password=(\S+)/)[0],
		'the owner\'s password' => ($owner =~ /password=(\S+)/)[0],
		'a key' => (keys_of_host() =~ /:(.+)/)[0],
		'another key' => $other_key,
		'an add-on\'s password' => $addon->password,
		'the end of a password with an @' => 'word/1',
		'a password without its end' => 'no end',
		'an old password' => 'a password that was good',
	);

	for (sort keys %secrets) {
		ok(index($told, $secrets{$_}) < 0, $_);
	}
};

is_unhurt($host);

done_testing;
