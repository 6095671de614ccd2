#!/usr/bin/perl
# Each fault of a host is named: by check with its exit status, by /ready, and by a
# metric.  The parts are killed, the database's disk is filled, a hook fails, and a
# home and a setting are broken.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes 'sleep';

use Provisor::HttpClient;
use Provisor::ScriptedVendor;
use Provisor::Test;
use Provisor::Files qw(read_text write_text);

# A full disk needs a small one.  It is mounted for this process and its children, so
# that nothing is left of it.
my $mounts = 'OWN_MOUNTS';
if ($> == 0 && !$ENV{$mounts}) {
	$ENV{$mounts} = 1;
	exec 'unshare', '--mount', $^X, $0, @ARGV or die "unshare: $!\n";
}
delete $ENV{$mounts};

my $host = Provisor::Host->new(build => build(), answer_limit => '4s',
	workers => { api => 2, web => 1, jobs => 1 }, reads_file => 1,
	env => { PROVISOR_REPEAT_HORIZON => '1h', PROVISOR_JOB_LIMIT => '4s' });
my $ops = Provisor::HttpClient->new(plain => $host->ops_port);
my $addon = addon($host, 'fast-db');
my $vendor = Provisor::ScriptedVendor->new($host, 'slow-db');
my $seconds = 20;
my $settings = $host->home . '/provisor.env';

$host->start;
$host->wait_until_ready;
$addon->provision(uuid => uuid());

# Returns the exit status of check and its lines of a verdict.
sub check {
	my ($verdict) = @_;
	my ($output, $status) = ctl({}, '--env', $settings, 'check', '--ops', $host->ops_address);

	return ($status, join "\n", $output =~ /^($verdict .*)$/mg);
}

sub ready { return $ops->request(method => 'GET', path => '/ready') }

# The value of a sample of /metrics, or undef.  While the pool web does not run, a
# worker of the pool api is asked.
sub metric {
	my ($sample) = @_;
	my $answer = $ops->request(method => 'GET', path => '/metrics');

	$answer = fastcgi($host)->request(method => 'GET', path => '/metrics') if $answer->status != 200;
	return ($answer->body =~ /^\Q$sample\E (\S+)$/m)[0];
}

# Does a sample get this value?
sub shows {
	my ($sample, $value, $name) = @_;
	my $found;

	wait_for($seconds, sub { ($found = metric($sample) // 'missing') eq $value });
	return is($found, $value, $name // "$sample is $value");
}

# check has a line with this verdict like the pattern, and its exit status matches.
sub names {
	my ($verdict, $pattern) = @_;
	my ($status, $lines);

	wait_for($seconds, sub { ($status, $lines) = check($verdict); $lines =~ $pattern });
	like($lines, $pattern, "check names it: $verdict");
	return is($status, $verdict eq 'error' ? 1 : 0, '... and its exit status matches');
}

sub is_ready {
	ok(wait_for($seconds, sub { ready()->status == 200 }), '/ready gets 200');
	my ($status, $lines) = check('(?:error|warning)');
	is($lines, '', 'check finds nothing') or diag $host->log('worker') =~ s/.*(.{4000})\z/$1/sr;
	return is($status, 0, '... and exits with 0');
}

# Within some seconds /ready gets 503, with a member like the pattern.
sub is_not_ready {
	my ($member, $pattern) = @_;
	my $answer;

	wait_for($seconds, sub { ($answer = ready())->status == 503
		&& (($answer->json // {})->{$member} // '') =~ $pattern });
	is($answer->status, 503, '/ready gets 503');
	return like(($answer->json // {})->{$member}, $pattern, "... and $member names it");
}

# /ready gets 200, but a member is like the pattern.
sub is_ready_but {
	my ($part, $pattern) = @_;
	my $answer;

	wait_for($seconds, sub { ((($answer = ready())->json // {})->{$part} // '') =~ $pattern });
	is($answer->status, 200, '/ready gets 200, because requests are answered');
	return like($answer->json->{$part}, $pattern, "... and $part names it");
}

# The same for a file, and a metric counts its errors.
sub has_invalid_file {
	my ($part, $pattern) = @_;

	is_ready_but($part, $pattern);
	return shows(qq(provisor_file_errors{part="$part"}), 1);
}

# Changes a file that the programs read, runs code, and restores it as it was.
sub with_file {
	my ($path, $content, $code) = @_;
	my $valid = read_text($path);
	my ($read, $written) = (stat $path)[8, 9];

	write_text($path, $content);
	$code->();
	write_text($path, $valid);
	utime $read, $written, $path;
	return is_ready();
}

# Kills all processes of a program of the host, and what would start them again.
sub kill_pool {
	my ($pool) = @_;

	kill KILL => split ' ', read_text($host->home . "/pids/$pool") =~ s/\s.*//sr;
	$host->stop_pool($pool);
	return;
}

subtest 'nothing' => sub {
	is_ready();
	shows('provisor_database_up', 1);
	shows('provisor_database_writable', 1);
	shows('provisor_addons{state="valid"}', 2);
	shows('provisor_addons{state="invalid"}', 0);
	shows('provisor_workers{pool="api"}', 2);
	shows('provisor_workers{pool="web"}', 1);
	shows('provisor_job_workers', 1);
	shows('provisor_hooks_up', 1);
	shows('provisor_resources{marketplace="heroku",addon="fast-db",state="provisioned"}', 1);
	shows('provisor_resources{marketplace="heroku",addon="slow-db",state="abandoned"}', 0);
	shows('provisor_jobs{kind="deprovision",state="gave-up"}', 0);
	shows('provisor_jobs_due_seconds{kind="exchange"}', 0);
	shows('provisor_listener_calls_total{marketplace="heroku",addon="slow-db",action="rotate",result="failed"}', 0);
	like($ops->request(method => 'GET', path => '/metrics')->body,
		qr/^provisor_build_info\{version="[\d.]+[^"]*"\} 1$/m, 'provisor_build_info has the version');
};

for my $pool (qw(api web)) {
	subtest "the pool $pool is dead" => sub {
		kill_pool($pool);
		names(error => qr/does not reach the pool $pool .*: start it/);
		is(ready()->status =~ /\A50[234]\z/, 1, '/ready fails');
		shows(qq(provisor_workers{pool="$pool"}), 0) if $pool eq 'api';
		$host->start_pool($pool);
		is_ready();
	};
}

subtest 'provisor-jobs is dead' => sub {
	kill_pool('jobs');
	names(warning => qr/provisor-jobs has run on this host and does not run now: start it/);
	shows('provisor_job_workers', 0);
	is_ready_but(jobs => qr/\Aok, but provisor-jobs .* does not run now: start it/);

	my $id = uuid();
	$vendor->addon->provision(uuid => $id);
	$vendor->addon->deprovision($id);
	$host->psql("UPDATE jobs SET run_at = now() - interval '90 s' WHERE finished_at IS NULL");
	names(error => qr/jobs: 1 are overdue/);
	shows('provisor_jobs{kind="deprovision",state="due"}', 1);
	cmp_ok(metric('provisor_jobs_due_seconds{kind="deprovision"}'), '>=', 90, 'the metric has its age');
	$host->start_jobs;
	ok(wait_for($seconds, sub { count_of($host, 'jobs WHERE finished_at IS NULL') == 0 }), 'it is carried out');
	is_ready();
};

subtest 'the hooks pool is dead' => sub {
	kill_pool('hooks');
	names(error => qr/the hooks pool does not listen at .*hooks\.sock .*: start provisor-hooks/);
	is_not_ready(hooks => qr/\Athe hooks pool does not listen at/);
	shows('provisor_hooks_up', 0);
	is($addon->provision(uuid => uuid())->status, 200, 'a create without hooks succeeds');
	$host->start_hooks;
	is_ready();
	shows('provisor_hooks_up', 1);
};

subtest 'PostgreSQL is dead' => sub {
	my ($postmaster) = read_text($host->home . '/pids/postgres') =~ /(\d+)/;

	kill KILL => $postmaster;
	$host->stop_postgres;
	is_not_ready(database => qr/\Aaway\z/);
	names(error => qr/PROVISOR_DATABASE: .*: .*start PostgreSQL/);
	shows('provisor_database_up', 0);
	shows('provisor_database_writable', 0);
	$host->start_postgres;
	is_ready();
	shows('provisor_database_up', 1);
};

subtest 'nginx is dead' => sub {
	my ($master) = read_text($host->home . '/pids/nginx') =~ /(\d+)/;

	kill KILL => $master;
	$host->stop_nginx;
	names(error => qr/cannot connect to nginx .*: start it/);
	$host->start_nginx;
	is_ready();
};

subtest 'a hook always fails' => sub {
	$vendor->behave('change-plan' => 'exit 1');
	my $id = uuid();
	$vendor->addon->provision(uuid => $id);
	refuses($vendor->addon->change_plan($id, 'premium'), 503, 'the first change of plan of all');
	names(warning => qr{slow-db: change-plan has always failed \(calls: 1\), since \d{4}-.*: .* say why});
	is_ready_but(listeners => qr{\Aok, but heroku/slow-db: change-plan has always failed \(calls: 1\)\z});
	$vendor->behave('change-plan' => undef);
	is($vendor->addon->change_plan($id, 'premium')->status, 200, 'the next one succeeds');
	is_ready();

	$vendor->behave(provision => 'exit 1');
	refuses($vendor->addon->provision(uuid => uuid()), 503, 'a create') for 1 .. 2;
	is_ready();
	refuses($vendor->addon->provision(uuid => uuid()), 503, 'a create');
	names(warning => qr{slow-db: provision has failed 3 times in a row, since \d{4}-.*: .* say why});
	is_ready_but(listeners => qr{\Aok, but heroku/slow-db: provision has failed 3 times in a row\z});
	shows('provisor_listener_calls_total{marketplace="heroku",addon="slow-db",action="provision",result="failed"}', 3);
	shows('provisor_listener_failures_in_row{marketplace="heroku",addon="slow-db",action="provision"}', 3);
	shows('provisor_addon_requests_total{marketplace="heroku",addon="slow-db",operation="provision",status="5xx"}', 3);
	$vendor->behave(provision => undef);
	is($vendor->addon->provision(uuid => uuid())->status, 200, 'one success');
	shows('provisor_listener_failures_in_row{marketplace="heroku",addon="slow-db",action="provision"}', 0);
	is_ready();
};

subtest 'a home is broken' => sub {
	my $manifest = $addon->home . '/addon-manifest.json';

	with_file($manifest, '{', sub {
		names(error => qr/fast-db.*addon-manifest\.json/);
		has_invalid_file(addons => qr/\Aok, but a change is not in force: \Q$manifest\E: /);
		is($addon->provision(uuid => uuid())->status, 200, 'a create still succeeds');
	});
	shows('provisor_file_errors{part="addons"}', 0);
};

subtest 'the keys file is broken' => sub {
	my $keys = $host->home . '/keys';

	with_file($keys, read_text($keys) . "no key\n", sub {
		names(error => qr/\Q$keys\E: line 2 /);
		has_invalid_file(keys => qr/\Aok, but a change is not in force: \Q$keys\E: line 2 /);
	});
	shows('provisor_file_errors{part="keys"}', 0);
};

subtest 'a setting is broken' => sub {
	mkdir my $empty = "$host->{base}/empty";
	my %broken = (
		'PROVISOR_ANSWER_LIMIT=soon' => qr/PROVISOR_ANSWER_LIMIT: "soon" cannot be read: /,
		"PROVISOR_LOG_LEVEL=\e[1m\xff" => qr/PROVISOR_LOG_LEVEL: "\?\[1m\?" cannot be read: /,
		'PROVISOR_JOB_LIMITS=1s' => qr/\Q$settings\E: line \d+: there is no setting PROVISOR_JOB_LIMITS/,
		'export PROVISOR_JOB_LIMIT=1s' => qr/\Q$settings\E: line \d+ is not NAME=VALUE/,
		"PROVISOR_LOG=$empty/missing/log" => qr/PROVISOR_LOG: .*$empty\/missing/,
		"PROVISOR_KEYS=$empty/keys" => qr/$empty\/keys: /,
		"PROVISOR_ADDONS=$empty" => qr/$empty(?: has no valid add-on|: .*\bhome)/,
	);
	for my $line (sort keys %broken) {
		subtest $line =~ s/[^ -~]/?/gr => sub {
			with_file($settings, read_text($settings) . "$line\n", sub {
				names(error => $broken{$line});
				has_invalid_file(settings => qr/\Aok, but no process could start again: .*$broken{$line}/);
			});
			shows('provisor_file_errors{part="settings"}', 0);
		};
	}
	my ($output, $status) = ctl({ %{ $host->env }, PROVISOR_ANSWER_LIMIT => 'soon' }, 'check',
		'--ops', $host->ops_address);
	is($status, 1, 'check exits with 1 for one in the environment');
	like($output, qr/^error .*PROVISOR_ANSWER_LIMIT.*soon/m, '... and names it');
};

# Runs SQL in the database postgres, because no session may use the database provisor.
sub administrate {
	my ($sql) = @_;
	local %ENV = (%ENV, %{ $host->{database}->_superuser });

	return system('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres', '-c', $sql) == 0;
}

SKIP: {
	skip 'only root can mount a small disk', 1 if $> != 0;
	subtest 'the disk of the database is full' => sub {
		my $disk = "$host->{base}/small";
		my $tables = "$disk/tables";
		my $owner = (getpwnam 'postgres')[2];

		$host->stop_pool($_) for qw(jobs web api);
		mkdir $disk;
		system('mount', '-t', 'tmpfs', '-o', 'size=32m', 'small', $disk) == 0 or die "mount failed\n";
		mkdir $tables;
		chown $owner, -1, $disk, $tables;
		ok(administrate("CREATE TABLESPACE small LOCATION '$tables'"), 'there is a small disk')
			&& ok(administrate('ALTER DATABASE provisor SET TABLESPACE small'), '... with the database');
		$host->start_pool($_) for qw(api web);
		$host->start_jobs;
		is_ready();

		system("dd if=/dev/zero of=$disk/full bs=64k status=none 2>/dev/null");
		my $plain = 'x' x 100;
		my ($created, $answer) = (0);
		for (1 .. 400) {
			$answer = $addon->provision(uuid => uuid(), name => $plain);
			last if $answer->status != 200;
			$created++;
		}
		note "$created resources found room in the last pages";
		refuses($answer, 503, 'a create gets 503');
		is_not_ready(database => qr/\Awrites fail: no space is left/);
		names(error => qr/PROVISOR_DATABASE: .*No space left on device: free space/);
		shows('provisor_database_up', 1);
		shows('provisor_database_writable', 0);
		cmp_ok(metric('provisor_database_write_failures_total'), '>', 0, 'failures are counted');

		my $before = count_of($host, 'resources');
		unlink "$disk/full";
		is_ready();
		shows('provisor_database_writable', 1);
		is(count_of($host, 'resources'), $before, 'no probe has written a row');
		is($addon->provision(uuid => uuid())->status, 200, 'a create succeeds');
	};
}

is_unhurt($host);
$host->stop;
system('umount', "$host->{base}/small") if $> == 0;
done_testing;
