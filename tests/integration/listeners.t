#!/usr/bin/perl
# The example listeners in tests/listeners/ do what they are for.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Path 'make_path';
use Test::More;

use Provisor::CgiClient 'run';
use Provisor::ChildProcess;
use Provisor::Test;
use Provisor::Files 'read_text';

my $examples = "$FindBin::Bin/../listeners";
my $host = new_host();

$host->start_postgres;
$host->start_hooks;
my ($socket) = $host->env->{PROVISOR_DATABASE} =~ /host=(\S+)/;
$host->psql("CREATE ROLE vendor LOGIN CREATEDB CREATEROLE PASSWORD 'of the vendor'");
$host->psql("ALTER SYSTEM SET log_statement = 'all'");
$host->psql('SELECT pg_reload_conf()');

# Return a home with these files and with the address of the server.
sub postgres_home {
	my ($name, %files) = @_;
	my $addon = addon($host, $name, template => undef, files => \%files,
		api => { config_vars_prefix => 'FAST_DB', config_vars => ['FAST_DB_URL'] });

	$addon->write_file('pg_service.conf',
		"[admin]\nhost=$socket\ndbname=postgres\nuser=vendor\n");
	$addon->write_file('.pgpass', "*:*:*:vendor:of the vendor\n");
	$addon->write_file('host', $socket =~ s{/}{%2F}gr . "\n");
	$addon->write_file('plans', "basic 5\npremium 50\n");
	return $addon->home;
}

sub hooks_home {
	my $folder = "$examples/postgres/hooks";

	my $home = postgres_home('by-hooks', map { ("hooks/$_" => read_text("$folder/$_")) }
		qw(provision change-plan deprovision suspend resume restore common.sh));
	chmod 0644, "$home/hooks/common.sh";
	return $home;
}

sub library_home {
	my $home = postgres_home('by-library', 'listener.so' => '');
	my $headers = $host->home . '/include';
	chomp(my $libpq = `pkg-config --cflags libpq`);

	make_path("$headers/provisor");
	symlink "$FindBin::Bin/../../lib/listener/provisor_listener.h", "$headers/provisor/listener.h" or die "$!\n";
	is(scalar `cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -shared -fPIC -I$headers $libpq \\
		-o $home/listener.so $examples/postgres-c/listener.c -lpq 2>&1`, '', 'the library is built');
	chmod 0755, "$home/listener.so";
	return $home;
}

sub ask {
	my ($home, $action, $id, @options) = @_;

	return ctl($host->env, 'hook', 'test', $home, $action, '--id', $id, '--reveal', @options);
}

# Connect as a customer, and return the output.
sub as_customer {
	my ($url, $sql) = @_;
	my ($output, $errors) = run(
		program => [ 'psql', '-XqAtw', '-d', $url, '-c', $sql ],
		environment => { PATH => $ENV{PATH} },
	);

	return "$output$errors" =~ s/\n\z//r;
}

sub limit_of {
	return $host->psql("SELECT rolconnlimit FROM pg_roles WHERE rolname = '$_[0]'");
}

sub left_of {
	my ($id) = @_;

	return $host->psql("SELECT (SELECT count(*) FROM pg_roles WHERE rolname = '$id')
		+ (SELECT count(*) FROM pg_database WHERE datname = '$id')");
}

for ([ 'hooks', hooks_home() ], [ 'a library', library_home() ]) {
	my ($kind, $home) = @$_;

	subtest "a database by $kind" => sub {
		my $id = uuid();
		my ($output, $ended) = ask($home, 'provision', $id, qw(--plan basic));
		my ($url) = $output =~ /^config +FAST_DB_URL=(\S+)$/m;
		my ($password) = $url =~ m{:(\w+)@};

		is($ended, 0, 'is created') or diag $output;
		is(as_customer($url, 'SELECT current_user, current_database()'), "$id|$id", 'a customer can use it');
		is(limit_of($id), 5, 'it has the limit of its plan');
		like(as_customer($url =~ s{/[^/]*\z}{/provisor}r, 'TABLE resources'), qr/permission|does not/i,
			'its user can use no other');

		as_customer($url, 'CREATE TABLE kept (a int)');
		($output, $ended) = ask($home, 'provision', $id, qw(--plan basic));
		is($ended, 0, 'a second attempt succeeds') or diag $output;
		my ($again) = $output =~ /^config +FAST_DB_URL=(\S+)$/m;
		is(as_customer($again, 'SELECT count(*) FROM kept'), 0, 'it finds the same database');

		is((ask($home, 'change-plan', $id, qw(--from basic --plan premium)))[1], 0, 'its plan is changed');
		is(limit_of($id), 50, 'its limit is changed');
		($output, $ended) = ask($home, 'change-plan', $id, qw(--plan huge));
		like($output, qr/refused.*There is no such plan\./s, 'an unknown plan is refused');
		like((ask($home, 'provision', uuid(), qw(--plan huge)))[0], qr/refused.*no such plan/s, 'also for a new database');

		my $busy = Provisor::ChildProcess->start(sub { as_customer($again, 'SELECT pg_sleep(100)') });
		wait_for(20, sub { $host->psql("SELECT count(*) FROM pg_stat_activity WHERE usename = '$id'") });
		is((ask($home, 'deprovision', $id))[1], 0, 'it is removed while it is in use');
		is(left_of($id), 0, 'its role and database are gone');
		is((ask($home, 'deprovision', $id))[1], 0, 'removing it again succeeds');
		$busy->finish;

		my $log = $host->log('postgres');
		like($log, qr/ALTER (?:ROLE|USER) "?\Q$id\E"? PASSWORD/i, 'the server logs statements');
		ok(index($log, $password) < 0, 'they contain no password');
	};

	subtest "a database by $kind, suspended and restored" => sub {
		my ($old, $new) = (uuid(), uuid());
		my ($url) = (ask($home, 'provision', $old, qw(--plan basic)))[0] =~ /^config +FAST_DB_URL=(\S+)$/m;

		as_customer($url, 'CREATE TABLE kept AS SELECT 42 AS a');
		is((ask($home, 'suspend', $old))[1], 0, 'it is suspended') for 1, 2;
		like(as_customer($url, 'TABLE kept'), qr/not permitted to log in/, 'its customer cannot use it');
		is((ask($home, 'resume', $old))[1], 0, 'it is resumed') for 1, 2;
		is(as_customer($url, 'TABLE kept'), 42, 'its customer can use it as before');

		is((ask($home, 'suspend', $old))[1], 0, 'it is kept');
		my ($other) = (ask($home, 'provision', $new, qw(--plan premium)))[0] =~ /^config +FAST_DB_URL=(\S+)$/m;
		as_customer($other, 'CREATE TABLE lost (a int)');
		for my $attempt (1, 2) {
			my ($output, $ended) = ask($home, 'restore', $new, '--old', $old, qw(--plan premium));
			my ($restored) = $output =~ /^config +FAST_DB_URL=(\S+)$/m;

			is($ended, 0, "it is restored, attempt $attempt") or diag $output;
			is(as_customer($restored // '', 'SELECT current_user, a FROM kept'), "$new|42", '... with what it had');
		}
		is(left_of($old), 0, 'nothing is left under its old id');
		is(limit_of($new), 50, 'it has the plan of the new resource');
		is((ask($home, 'suspend', $old))[1], 0, 'suspending what is not there is done');
		is((ask($home, 'deprovision', $new))[1], 0, 'it is removed');
		is(left_of($new), 0, 'nothing is left at all');
	};

	subtest "a database by $kind, killed at any time" => sub {
		for my $delay (map { $_ * 0.03 } 1 .. scaled(6, 30)) {
			my $id = uuid();
			my $first = Provisor::ChildProcess->start(sub {
				open STDOUT, '>', '/dev/null';
				open STDERR, '>', '/dev/null';
				%ENV = (%ENV, %{ $host->env });
				exec build() . '/provisor', 'hook', 'test', $home, 'provision',
					'--id', $id, '--plan', 'basic';
			});

			select undef, undef, undef, $delay;
			$first->stop('KILL');
			my ($output, $ended);
			wait_for(20, sub {
				($output, $ended) = ask($home, 'provision', $id, qw(--plan basic));
				return $ended == 0;
			});
			my ($url) = ($output // '') =~ /^config +FAST_DB_URL=(\S+)$/m;
			is(as_customer($url // '', 'SELECT current_user'), $id, "after $delay s: the next attempt creates it")
				or diag $output;
			ask($home, 'deprovision', $id);
			is(left_of($id), 0, '... and it can be removed');
		}
	};
}

subtest 'a folder by hooks in Perl' => sub {
	my $folder = "$examples/files/hooks";
	my $home = addon($host, 'files', template => undef,
		files => { map { ("hooks/$_" => read_text("$folder/$_")) } qw(provision deprovision) })->home;
	my $id = uuid();

	for my $attempt (1, 2) {
		my ($output, $ended) = ask($home, 'provision', $id);
		my ($token) = $output =~ /^config +FILES_URL=\S+token=(\w{48})$/m;

		is($ended, 0, "attempt $attempt succeeds") or diag $output;
		is(read_text("$home/files/$id/token"), $token, '... and the stored token is that of the answer');
	}
	is((ask($home, 'deprovision', $id))[1], 0, 'it is removed') for 1, 2;
	ok(!-e "$home/files/$id", '... with its files');
};

done_testing;
