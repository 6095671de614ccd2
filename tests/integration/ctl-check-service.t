#!/usr/bin/perl
# provisor check: real problems with the database, jobs, pools and nginx, and the one
# line for each that names cause and remedy.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Basename 'dirname';
use Test::More;
use Time::HiRes 'sleep';

use Provisor::CheckCommand;
use Provisor::Pooler;
use Provisor::Test;

# --- the database ------------------------------------------

sub with_database {
	my ($part, $instead) = @_;

	return { PROVISOR_DATABASE => $database =~ s/$part/$instead/r };
}

# Change a setting of the server, and wait until it applies.
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

# With this file a server is a standby, even without a primary.
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
	ctl($host->env, 'restored', '--release', '--yes');
	return;
}

# --- jobs -----------------------------------------

# Each job has another resource, so none waits for another.
sub with_job {
	my ($run_at) = @_;

	return with_sql("INSERT INTO jobs (kind, lane, resource, run_at)
		SELECT 'deprovision', 'listener', id, $run_at FROM resources
		WHERE id NOT IN (SELECT resource FROM jobs) LIMIT 1");
}

sub without_jobs {
	$host->psql('DELETE FROM jobs');
	return;
}

# --- pools and nginx ----------------------------------

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

my @problems = (
	# problem                                    finding                                                      set-up, clean-up
	# The database
	[ 'a wrong password',                        qr/PROVISOR_DATABASE: .*28P01.*: correct user and password/, sub { with_database('password=\S+', 'password=wrong') } ],
	[ 'no password',                             qr/PROVISOR_DATABASE: .*no password.*: correct/,             sub { with_database('password=\S+', '') } ],
	[ 'a role that is missing',                  qr/PROVISOR_DATABASE: .*"nobody".*: .*create the role/,        sub { with_database('user=\S+', 'user=nobody') } ],
	[ 'a database that is missing',              qr/PROVISOR_DATABASE: .*3D000.*: .*create the database/,       sub { with_database('dbname=\S+', 'dbname=nowhere') } ],
	[ 'no server there',                         qr/PROVISOR_DATABASE: .*: .*start PostgreSQL/,               sub { with_database('host=\S+', 'host=/nowhere') } ],
	[ 'no server at that port',                  qr/PROVISOR_DATABASE: .*refused.*: .*start PostgreSQL/,      sub { with_database('host=\S+', 'host=127.0.0.1 port=1') } ],
	[ 'a connection string with a stray quote',  qr/PROVISOR_DATABASE: the connection string.*: quote/,       sub { { PROVISOR_DATABASE => "password='no end" } } ],
	[ 'a URI whose password has an @',           qr/PROVISOR_DATABASE: the connection string.*percent/,       sub { { PROVISOR_DATABASE => 'postgres://me:pass@word/1@127.0.0.1/x' } } ],
	[ 'a role without rights',                   qr/PROVISOR_DATABASE: .* stranger has no rights.*: log in as/, sub { with_role('stranger') } ],
	[ 'a database that was never migrated',      qr/PROVISOR_DATABASE: lacks \d+ .*: run provisor migrate/,   sub { with_sql('CREATE DATABASE empty'); with_database('dbname=\S+', 'dbname=empty') } ],
	[ 'a migration that is missing',             qr/PROVISOR_DATABASE: lacks 1 .*: run provisor migrate/,
		sub { with_sql("DELETE FROM migrations WHERE number = $migration") },
		sub { with_sql("INSERT INTO migrations (number, name) VALUES ($migration, 'again')") } ],
	[ 'fsync off',                               qr/PROVISOR_DATABASE: fsync is off.*: switch it on/,         sub { with_setting(fsync => 'off') }, \&without_settings ],
	[ 'full_page_writes off',                    qr/PROVISOR_DATABASE: full_page_writes is off.*: switch/,    sub { with_setting(full_page_writes => 'off') }, \&without_settings ],
	[ 'synchronous_commit off for the role',     qr/PROVISOR_DATABASE: synchronous_commit is off.*: switch/,
		sub { with_sql('ALTER ROLE provisor_worker SET synchronous_commit = off') },
		sub { with_sql('ALTER ROLE provisor_worker RESET synchronous_commit') } ],
	[ 'a standby in place of the primary',       qr/PROVISOR_DATABASE: the server is a standby.*: name/,      \&make_standby, \&promote ],
	[ 'a wrong password past the pooler',        qr/PROVISOR_DATABASE_DIRECT: .*28P01.*: correct/,            sub { { PROVISOR_DATABASE_DIRECT => $owner =~ s/password=\S+/password=wrong/r } } ],

	# Jobs
	[ 'a job that gave up',                      qr/jobs: 1 gave up, .*: provisor jobs list --gave-up .*retry ID/, sub { with_job(q('infinity')) }, \&without_jobs ],
	[ 'overdue jobs',                            qr/jobs: 2 are overdue, the first since \d{4}-\S+Z, .*: start it/,
		sub { $host->stop_pool('jobs'); with_job(q(now() - interval '61 s')) for 1, 2; {} },
		sub { without_jobs(); $host->start_jobs } ],

	# Pools and nginx
	[ 'no folder of the metrics',                qr{/nowhere: the folder .* does not exist: run systemd-tmpfiles}, sub { { PROVISOR_METRICS => '/nowhere/metrics' } } ],
	[ 'no metrics file',                         qr{/metrics: does not exist.*: start the pools},             sub { { PROVISOR_METRICS => folder() . '/metrics' } } ],
	[ 'a metrics file that is a folder',         qr{folder-\d+: cannot be used \(.*: .*PROVISOR_METRICS},     sub { { PROVISOR_METRICS => folder() } } ],
	[ 'pools that do not run',                   qr{/metrics: has no worker.*: start them},                   \&without_pools, \&start_pools ],
	[ 'a pool that nginx does not reach',        qr{127\.0\.0\.1:\d+: nginx does not reach the pool web .*: start it, .*socket},
		sub { $host->stop_pool('web'); {} }, sub { $host->start_pool('web') } ],
	[ 'pools that have other add-ons',           qr{127\.0\.0\.1:\d+: the pool api reports an error .*addons: .*: start}, \&with_broken_home_in_pools, \&unbreak ],
	[ 'no nginx',                                qr{127\.0\.0\.1:\d+: cannot connect to nginx .*: start it},
		sub { $host->stop_nginx; {} }, sub { $host->start_nginx } ],
);

# Warnings.
my @risks = (
	# problem                                    finding                                                      set-up, clean-up
	[ 'a host that is a name',                   qr/PROVISOR_DATABASE: the host db\.example .*: write/,       sub { with_database('host=(\S+)', "host=" . ($database =~ /host=(\S+)/)[0] . ',db.example sslmode=verify-full') } ],
	[ 'a host whose certificate is not verified', qr/PROVISOR_DATABASE: the host 192\.0\.2\.1 is another host.*: add sslmode=verify-full/,
		sub { with_database('host=(\S+)', 'host=' . ($database =~ /host=(\S+)/)[0] . ',192.0.2.1') } ],
	[ 'the owner\'s role in the pools',          qr/PROVISOR_DATABASE: logs in as provisor_owner.*: use/,     sub { { PROVISOR_DATABASE => $owner } } ],
	[ 'a superuser in the pools',                qr/PROVISOR_DATABASE: logs in as postgres, a superuser: use/, sub { with_database('user=\S+ password=\S+', 'user=postgres') } ],
	[ 'a role without statement_timeout',        qr/PROVISOR_DATABASE: statement_timeout is 0.*: ALTER ROLE/,
		sub { with_sql('ALTER ROLE provisor_worker SET statement_timeout = 0') },
		sub { with_sql("ALTER ROLE provisor_worker SET statement_timeout = '5s'") } ],
	[ 'a role without lock_timeout',             qr/PROVISOR_DATABASE: lock_timeout is 0.*: ALTER ROLE/,
		sub { with_sql('ALTER ROLE provisor_worker SET lock_timeout = 0') },
		sub { with_sql("ALTER ROLE provisor_worker SET lock_timeout = '3s'") } ],
	[ 'a role that does not check its clients',  qr/PROVISOR_DATABASE: client_connection_check_interval is 0.*: ALTER ROLE/,
		sub { with_sql('ALTER ROLE provisor_worker SET client_connection_check_interval = 0') },
		sub { with_sql("ALTER ROLE provisor_worker SET client_connection_check_interval = '1s'") } ],
	[ 'a role whose statements are compiled',    qr/PROVISOR_DATABASE: jit is on.*: ALTER ROLE/,
		sub { with_sql('ALTER ROLE provisor_worker SET jit = on') },
		sub { with_sql('ALTER ROLE provisor_worker SET jit = off') } ],
	[ 'no file of the timelines',                qr{/nowhere/timeline: the pools cannot use it \(No such file.*: let PROVISOR_TIMELINE name}, sub { { PROVISOR_TIMELINE => '/nowhere/timeline' } } ],
	[ 'a folder in its place',                   qr{folder-\d+: the pools cannot use it \(it is not a regular file\).*: let}, sub { { PROVISOR_TIMELINE => folder() } } ],
	[ 'a standby without synchronous names',     qr/PROVISOR_DATABASE: has a standby .*failover.*: set them/,
		sub { with_sql(q(SELECT pg_create_physical_replication_slot('standby'))) },
		sub { with_sql(q(SELECT pg_drop_replication_slot('standby'))) } ],
);

# A folder on the way to the sockets that another user could change.
sub with_socket_folder {
	my ($change) = @_;

	$change->(dirname($host->socket('api')));
	return {};
}

sub restore_socket_folder {
	my $folder = dirname($host->socket('api'));

	chown $>, -1, $folder;
	chmod 0700, $folder;
	return;
}

check_error('a socket folder that others can write to',
	qr{/sockets: users other than root can write to it \(mode 0770\): chmod go-w},
	sub { with_socket_folder(sub { chmod 0770, $_[0] }) }, \&restore_socket_folder);
check_error('a socket that everyone can write to',
	qr{/api\.sock: users other than root can write to it \(mode 0666\): chmod o=},
	sub { chmod 0666, $host->socket('api'); {} },
	sub { chmod 0660, $host->socket('api') });
SKIP: {
	skip 'only root can give a folder away', 1 if $> != 0;
	check_error('a socket folder of the pools\' user',
		qr{/sockets: belongs to nobody, who can replace .*: chown root},
		sub { with_socket_folder(sub { chown +(getpwnam 'nobody')[2], -1, $_[0] }) },
		\&restore_socket_folder);
}

# --- the tests --------------------------------------------------------------

subtest 'an operations address' => sub {
	my $finding = sub { (ctl(\%healthy, 'check', '--ops', $_[0]))[0] };

	for my $address ('nowhere', '/run/provisor/ops.sock', '127.0.0.1:', ':918') {
		like($finding->($address), qr/\Q$address\E: .*not an address and a port/, $address);
	}
	like($finding->('[::1]:1'), qr/\[::1\]:1: cannot connect .*: start it/, '[::1]:1');
	like($finding->('localhost:' . $host->ops_port), qr/^ok +localhost:\d+: nginx reaches/m,
		'a name');
};

subtest 'jobs that run, wait or are not overdue yet' => sub {
	$host->stop_pool('jobs');
	with_job("now() + interval '1 h'");
	$host->psql("INSERT INTO jobs (kind, lane, resource, run_at, lease_until)
		SELECT 'deprovision', 'listener', id, now() - interval '2 min', now() + interval '1 min'
		FROM resources WHERE id NOT IN (SELECT resource FROM jobs) LIMIT 1");
	with_job("now() - interval '30 s'");
	$host->psql("INSERT INTO jobs (kind, lane, resource, run_at)
		SELECT 'deprovision', 'listener', resource, now() - interval '1 h' FROM jobs");
	my ($status, $lines) = check({});

	is($status, 0, 'exits with 0');
	ok((grep { /jobs: unfinished: 6; none/ } @{ $lines->{ok} }), 'prints how many')
		or diag explain $lines;
	without_jobs();
	$host->start_jobs;
	ok(wait_for(10, sub { !@{ (check({}))[1]{warning} } }), 'no warning remains');
};

subtest 'the pools\' role suits provisor-jobs' => sub {
	my ($status, $lines) = check({ PROVISOR_DATABASE_DIRECT => "$database connect_timeout=2" });

	is($status, 0, 'exits with 0');
	is_deeply($lines->{warning}, [], 'finds no warning');
	ok((grep { /PROVISOR_DATABASE_DIRECT: logs in as provisor_worker, .*migrate needs the owner/ }
		@{ $lines->{ok} }), 'prints what needs another role');
};

subtest 'a database that a newer release has migrated' => sub {
	with_sql("INSERT INTO migrations (number, name) VALUES ($migration + 1, 'next')");
	my ($status, $lines) = check({});

	is($status, 0, 'exits with 0');
	is_deeply($lines->{warning}, [], 'finds no warning');
	ok((grep { /PROVISOR_DATABASE: is newer .* by 1 migration/ } @{ $lines->{ok} }), 'prints by how many migrations')
		or diag explain $lines;
	ok((grep { /values sealed/ } @{ $lines->{ok} }), 'counts its values');
	with_sql("DELETE FROM migrations WHERE number > $migration");
};

cmp_ok(scalar @problems, '>=', 25, @problems . ' problems are tested');
check_error(@$_) for @problems;
check_warning(@$_) for @risks;

SKIP: {
	skip 'pgbouncer is not installed', 1 unless Provisor::Pooler::is_installed();
	my $pooler = Provisor::Pooler->new($host);
	my %pooled = (PROVISOR_DATABASE => $host->env->{PROVISOR_DATABASE});

	subtest 'a pooler' => sub {
		my ($status, $lines) = check({ %pooled, PROVISOR_DATABASE_DIRECT => $owner });

		is($status, 0, 'exits with 0');
		ok((grep { /PROVISOR_DATABASE: connects through a pooler$/ } @{ $lines->{ok} }),
			'is in order with a direct connection for migrate');
		(undef, $lines) = check(\%pooled);
		like("@{ $lines->{warning} }", qr/PROVISOR_DATABASE: connects through a pooler.*: set PROVISOR_DATABASE_DIRECT/,
			'is a warning without one');
	};
}

check_secrets(
	'the end of a password with an @' => 'word/1',
	'a password without its end' => 'no end',
);
is_unhurt($host);
done_testing;
