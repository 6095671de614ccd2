#!/usr/bin/perl
# Databases and roles whose defaults differ from ours: statements do not depend on most of
# them, and provisor migrate and provisor check report the others before they cause
# errors.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX 'strftime';
use Test::More;

use Provisor::CheckCommand;
use Provisor::ChildProcess;
use Provisor::Test;
use Provisor::Files 'read_text';
use Provisor::SignOnForm;

# Runs a statement as superuser, in the database postgres.
sub admin {
	my ($on, $sql) = @_;

	local %ENV = (%ENV, PGHOST => $on->{database}{folder}, PGUSER => 'postgres',
		PGOPTIONS => '-c client_min_messages=error');
	return is(system('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres', '-c', $sql), 0, $sql);
}

# --- harmless ----------------------------------------------------------------

# A life cycle whose responses, rows and pages must not depend on defaults.
sub lives {
	my ($name, @statements) = @_;
	my $other = new_host(is_direct => 1, workers => { api => 1, web => 1, jobs => 1 });
	my $fast = addon($other, 'fast-db', settings => { plans => { basic => {}, premium => {} } });

	subtest "harmless: $name" => sub {
		$other->start_postgres;
		admin($other, $_) for @statements;
		$other->migrate;
		$other->start_pool($_) for qw(api web);
		$other->start_jobs;

		my ($id, $second) = (uuid(), uuid());
		my $made = $fast->provision(uuid => $id, name => "caf\x{c3}\x{a9}-\\'-1", options => { a => '\\x41' },
			oauth_grant => { code => uuid(), type => 'authorization_code', expires_at => '2031-02-03T04:05:06-0800' });
		is($made->status, 200, 'a create');
		same_bytes($fast->provision(uuid => $id, name => "caf\x{c3}\x{a9}-\\'-1", options => { a => '\\x41' }), $made, '... repeated');
		is($fast->change_plan($id, 'premium')->status, 200, 'a plan change');
		is($fast->provision(uuid => $second)->status, 200, 'another create');
		is($fast->deprovision($second)->status, 204, 'a deprovision');
		is($fast->deprovision($second)->status, 410, '... repeated');

		my $web = fastcgi($other, 'web');
		my $cookie = session_of(post_form($web, '/sso', sign_on_fields($fast, $id)));
		my $page = $web->request(method => 'GET', path => '/dashboard', headers => { Cookie => $cookie });
		my $now = strftime('%Y-%m-%d %H:', gmtime);
		is($page->status, 200, 'the page');
		like($page->body, qr/Provisioned.*\Q$now\E\d\d UTC/s, '... with times in UTC');
		like($page->body, qr/Created.{0,20}\d{4}-\d\d-\d\d/s, '... in ISO 8601');

		my ($list, $status) = ctl($other->env, qw(resources list --json));
		is($status, 0, 'resources list');
		like($list, qr/"created_at": ?"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.]\d+Z"/, '... in ISO 8601');
		is((ctl($other->env, 'resources', 'export'))[1], 0, 'resources export');
		is(count_of($other, "resources WHERE grant_code_expires_at = '2031-02-03T12:05:06Z'"), 1,
			'the time of a grant is stored as it was sent');
		my $sessions = "SELECT coalesce(string_agg(pid::text, ','), '0') FROM pg_stat_activity WHERE usename = 'provisor_worker'";
		my $idle = $other->psql($sessions);
		ok($name !~ /idle/ || wait_for(10, sub { !$other->psql("SELECT 1 FROM pg_stat_activity WHERE pid IN ($idle)") }),
			'idle sessions end if they have a timeout');
		is($fast->change_plan($id, 'basic')->status, 200, '... and the workers continue');
		is_unhurt($other);
	};
	return;
}

lives('formats, time zone and strings', map { "ALTER DATABASE provisor SET $_" }
	q(TimeZone = 'Asia/Kathmandu'), q(DateStyle = 'SQL, DMY'), q(IntervalStyle = 'sql_standard'),
	q(bytea_output = 'escape'), q(standard_conforming_strings = off), q(backslash_quote = on),
	q(extra_float_digits = -15), q(array_nulls = off), q(transform_null_equals = on),
	q(lc_messages = 'C'), q(lc_numeric = 'C'), q(xmlbinary = 'hex'), q(quote_all_identifiers = on));
lives('timeouts of idle sessions, and of the owner', map { "ALTER DATABASE provisor SET $_" }
	q(idle_in_transaction_session_timeout = '50ms'), q(idle_session_timeout = '300ms'),
	q(default_transaction_deferrable = on), q(jit = on));
lives('an ICU collation', 'DROP DATABASE provisor',
	q(CREATE DATABASE provisor OWNER provisor_owner ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'sv-SE-u-kn' TEMPLATE template0),
	'GRANT CONNECT ON DATABASE provisor TO provisor_worker');
lives('defaults of the owner only', map { "ALTER ROLE provisor_owner SET $_" }
	q(default_transaction_read_only = on), q(default_transaction_isolation = 'serializable'),
	q(statement_timeout = '1s'));

subtest 'a migration may take longer than the timeout of its role' => sub {
	my $slow = new_host(is_direct => 1);

	$slow->start_postgres;
	admin($slow, q(ALTER ROLE provisor_owner SET statement_timeout = '1s'));
	# migrate waits for this lock.
	my $lock = Provisor::ChildProcess->start(sub {
		$slow->psql('SELECT pg_advisory_lock(7206714910481), pg_sleep(2)') });

	ok(wait_for(10, sub { $slow->psql("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'") }), 'another program migrates');
	is((ctl($slow->owner_env, 'migrate'))[1], 0, 'migrate waits for it');
};

# --- named -------------------------------------------------------------------

# For the role and the database, default => the words of the finding.
my @defaults = (
	[ 'default_transaction_read_only = on',   qr/transactions are read-only: .*reset it for the role or database/ ],
	[ q(default_transaction_isolation = 'serializable'), qr/default_transaction_isolation is serializable, .*: RESET it/ ],
	[ q(default_transaction_isolation = 'repeatable read'), qr/default_transaction_isolation is repeatable read, .*: RESET it/ ],
	[ 'search_path = elsewhere',              qr/tables are in the schema public, .*search_path of provisor_worker \(elsewhere\).*: RESET search_path/ ],
	[ q(search_path = ''),                    qr/tables are in the schema public, .*: RESET search_path/ ],
);

for (@defaults) {
	my ($default, $words) = @$_;

	for my $whose ('ROLE provisor_worker', 'DATABASE provisor') {
		check_error("ALTER $whose SET $default", $words,
			sub { admin($host, "ALTER $whose SET $default"); return {} },
			sub { admin($host, "ALTER $whose RESET " . $default =~ s/ .*//r) });
	}
}
check_warning('a short statement_timeout', qr/statements of provisor_worker end after 900 ms.*: ALTER ROLE/,
	sub { admin($host, q(ALTER ROLE provisor_worker SET statement_timeout = '900ms')); return {} },
	sub { admin($host, q(ALTER ROLE provisor_worker SET statement_timeout = '5s')) });

my @rights = (
	[ 'SELECT ON epochs', qr/lacks SELECT on epochs: run provisor migrate, .*grant/ ],
	[ 'DELETE ON used_digests', qr/lacks DELETE on used_digests: / ],
	[ 'INSERT, UPDATE ON jobs', qr/lacks INSERT on jobs, UPDATE on jobs: / ],
	[ 'USAGE ON SEQUENCE events_id_seq', qr/lacks USAGE on events_id_seq: / ],
);

for (@rights) {
	my ($right, $words) = @$_;

	check_error("without $right", qr/PROVISOR_DATABASE: the role provisor_worker $words/,
		sub { $host->psql("REVOKE $right FROM provisor_worker"); return {} },
		sub { $host->psql("GRANT $right TO provisor_worker") });
}
check_error('without USAGE on the schema', qr/tables are in the schema public, .*grant USAGE/,
	sub { $host->psql('REVOKE USAGE ON SCHEMA public FROM PUBLIC'); return {} },
	sub { $host->psql('GRANT USAGE ON SCHEMA public TO PUBLIC') });

# 4 processes and the command itself.
for (
	[ 'the role',     'ROLE provisor_worker CONNECTION LIMIT',  qr/CONNECTION LIMIT of the role is 40, but the 50 processes .*: raise it, or run fewer workers/ ],
	[ 'the database', 'DATABASE provisor CONNECTION LIMIT',     qr/CONNECTION LIMIT of the database is 40, but the 50 processes/ ],
) {
	my ($name, $limit, $words) = @$_;

	check_error("$name allows fewer connections than the pools need", $words,
		sub { admin($host, "ALTER $limit 40"); return { PROVISOR_API_WORKERS => 48 } },
		sub { admin($host, "ALTER $limit -1") });
}
check_error('the server allows fewer connections than the pools need',
	qr/max_connections, without those reserved, is \d+, but the 202 processes/,
	sub { return { PROVISOR_API_WORKERS => 200 } });

subtest 'the list of rights is that of the migrations' => sub {
	my %needed = map { /\('(\w+)', '([A-Z, ]+)'\)/ ? ($1 => $2) : () }
		split /\n/, read_text("$FindBin::Bin/../../lib/db/suitability.sql");
	my %granted;

	for my $path (glob "$FindBin::Bin/../../migrations/0*.sql") {
		my $text = read_text($path);

		while ($text =~ /^GRANT ([^;]*?)\sON (?:SEQUENCE |FUNCTION )?([^;]*?)\s+TO provisor_worker;/msg) {
			my ($rights, $tables) = ($1, $2);

			$granted{$_} = $rights =~ s/\s*\([^)]*\)|\s+\z//gr for split /,\s+/, $tables;
		}
	}
	is_deeply(\%needed, \%granted, 'each has every GRANT');
};

# A server that reports an old version: its own function is found before PostgreSQL's.
$host->psql(<<'SQL');
CREATE SCHEMA old;
CREATE FUNCTION old.current_setting(text) RETURNS text LANGUAGE sql STABLE AS
	$$ SELECT CASE $1 WHEN 'server_version_num' THEN '140011' ELSE pg_catalog.current_setting($1) END $$;
GRANT USAGE ON SCHEMA old TO PUBLIC;
SQL
my $path = 'search_path = old, pg_catalog, public';

check_error('an old server', qr/PostgreSQL 14 is too old: upgrade the server to 15/,
	sub { admin($host, "ALTER ROLE provisor_worker SET $path"); return {} },
	sub { admin($host, 'ALTER ROLE provisor_worker RESET search_path') });

# A server whose clock is wrong, by the same means.
for my $clock ([ 'ahead', '+', qr/is (?:59\d|60\d) s ahead of this host's.*: synchronize both/ ],
		[ 'behind', '-', qr/is (?:59\d|60\d) s behind this host's.*: synchronize both/ ]) {
	my ($name, $sign, $words) = @$clock;

	$host->psql("CREATE SCHEMA IF NOT EXISTS $name;
		GRANT USAGE ON SCHEMA $name TO PUBLIC;
		CREATE FUNCTION $name.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
			\$\$ SELECT pg_catalog.clock_timestamp() $sign interval '10 min' \$\$");
	check_warning("a clock that is $name", $words,
		sub { admin($host, "ALTER ROLE provisor_worker SET search_path = $name, pg_catalog, public"); return {} },
		sub { admin($host, 'ALTER ROLE provisor_worker RESET search_path') });
}

# --- migrate -----------------------------------------------------------------

sub migrates {
	my ($name, $words, $conninfo) = @_;
	my ($output, $status) = ctl({ %{ $host->owner_env }, PROVISOR_DATABASE_DIRECT => $conninfo // $owner }, 'migrate');

	subtest "provisor migrate: $name" => sub {
		is($status, 1, 'it fails');
		like($output, $words, '... with cause and remedy');
	};
	return;
}

admin($host, "ALTER ROLE provisor_owner SET $path");
migrates('an old server', qr/migrate: PostgreSQL 14 is too old: upgrade/);
admin($host, 'ALTER ROLE provisor_owner SET search_path = old');
migrates('another schema', qr/migrate: the tables are in the schema public, .*: RESET search_path/);
is($host->psql("SELECT to_regclass('old.migrations') IS NULL"), 't', '... which gets no second set of tables');
admin($host, 'ALTER ROLE provisor_owner RESET search_path');
for my $encoding (qw(LATIN1 SQL_ASCII)) {
	my $name = lc $encoding;

	admin($host, "CREATE DATABASE $name OWNER provisor_owner ENCODING '$encoding' LOCALE 'C' TEMPLATE template0");
	migrates($encoding, qr/migrate: the encoding of the database $name is $encoding, .*: create it with ENCODING 'UTF8'/,
		$owner =~ s/dbname=\w+/dbname=$name/r);
	check_error("the encoding $encoding", qr/PROVISOR_DATABASE: the encoding of the database $name is $encoding/,
		sub { return { PROVISOR_DATABASE => $database =~ s/dbname=\w+/dbname=$name/r,
			PROVISOR_DATABASE_DIRECT => $database =~ s/dbname=\w+/dbname=$name/r } });
}
check_secrets();

done_testing;
