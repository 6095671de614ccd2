#!/usr/bin/perl
# provisor start, stop, restart and status: pools on a host without systemd, and what
# is left to systemctl on a host with it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX ();
use Test::More;
use Time::HiRes 'sleep';

use Provisor::ChildProcess;
use Provisor::Files 'read_text';
use Provisor::Test;
use Provisor::UnbootedHost;

plan skip_all => 'only root can start pools as another user' if $> != 0;

my $database = new_host();

$database->start_postgres;
$database->migrate;

my $host = Provisor::UnbootedHost->new($database, PROVISOR_ANSWER_LIMIT => '4s');
my $addon = Provisor::AddOn->new(folder => $host->addons_dir, name => 'fast-db',
	template => undef, client => $host->fastcgi('api'), files => {
		'hooks/provision' => <<'SH',
#!/bin/sh
sleep 1
printf '{"config":{"FAST_DB_URL":"postgres://db.example/1"}}\n'
SH
		'hooks/deprovision' => "#!/bin/sh\n",
	});

$host->own;

# The pool, state, number of processes and pid in each line of status.
sub states {
	my ($output) = $host->ctl('status');

	return join '', map { my @word = split ' '; "$word[0] $word[1] $word[2] $word[3]\n" }
		grep { !/^pool/i && /running/ } split /\n/, $output;
}

# Returns it once all processes have started.
sub running {
	my $expected = join '', map { "$_->[0] running $_->[1] " . $host->pid($_->[0]) . "\n" }
		['hooks', 1], ['api', 2], ['web', 1], ['jobs', 1];

	wait_for(10, sub { states() eq $expected });
	return $expected;
}

sub provisions {
	my $child = Provisor::ChildProcess->start(sub {
		POSIX::_exit($addon->provision(uuid => uuid())->status == 200 ? 0 : 1);
	});

	sleep 0.4;
	return $child;
}

subtest 'keys add on a new host' => sub {
	my $keys = $host->folder . '/keys';

	$host->in('mv', $keys, "$keys.kept");
	my ($output, $status) = $host->ctl(qw(keys add));
	is($status, 0, 'creates the keys') or diag $output;
	like($output, qr/^k\d{8} added; it seals/, '... the id is the date');
	is(($host->in('stat', '-c', '%a %U', $keys))[0], "600 provisor\n",
		'... and the file belongs to the user of the pools');
	$host->in('mv', "$keys.kept", $keys);
};

subtest 'init on a new host' => sub {
	my ($keys, $home) = map { $host->folder . "/$_" } 'keys', 'addons/heroku/new-db';

	$host->in('mv', $keys, "$keys.kept");
	$host->in('chown', 'root', $host->addons_dir);
	is(($host->ctl(qw(init heroku new-db)))[1], 0, 'creates a home before there are keys');
	is(($host->in('stat', '-c', '%a %U %G', "$home/addon-manifest.json"))[0],
		"640 root provisor\n", '... which the pools can read');

	$host->in('sh', '-c', 'grep -v ^provisor: /etc/passwd >' . $host->folder . '/nobody &&
		mount --bind ' . $host->folder . '/nobody /etc/passwd');
	my ($output, $status) = $host->ctl(qw(init heroku newer-db));
	is($status, 1, 'refuses before there is a user, too');
	like($output, qr/only root could read the home: create both first/, '... with the remedy');
	$host->in('umount', '/etc/passwd');
	$host->in('mv', "$keys.kept", $keys);

	$host->in('chgrp', '-R', 'root', $home);
	my $error = qr{^error .*\Q$home\E/addon-manifest\.json: the pools' user provisor cannot read it .*: (chgrp -R provisor \Q$home\E && chmod .*)$}m;
	($output) = $host->ctl('check');
	like($output, $error, 'check finds a home that the pools cannot read');
	my ($remedy) = $output =~ $error;
	$host->in('sh', '-c', $remedy // 'false');
	unlike(($host->ctl('check'))[0], qr/cannot read it/, '... and the remedy works');
	$host->in('rm', '-r', $home);
	$host->own;
};

subtest 'status of a host on which nothing runs' => sub {
	my ($output, $status) = $host->ctl('status');

	is($status, 3, 'exits with 3');
	is(() = $output =~ /^\w+ +stopped +0\b/gm, 4, 'names each pool') or diag $output;
	($output, $status) = $host->ctl('stop');
	is($status, 0, 'stop has nothing to do');
	is($output, "api: is not running\nweb: is not running\njobs: is not running\nhooks: is not running\n", '... and says so');
};

subtest 'start' => sub {
	my ($output, $status) = $host->ctl('start');

	is($output, "hooks: started\napi: started\nweb: started\njobs: started\n", 'starts each pool');
	is($status, 0, '... and exits with 0');
	is(running(), states(), 'status agrees with the pid files');
	like(read_text($host->folder . '/run/provisor/api.pid'), qr/\A\d+\n\z/,
		'a pid file is a number and a newline');
	($output) = $host->in('stat', '-c', '%a %U %G %n', map { "/run/provisor$_" } '',
		'/api.sock', '/web.sock', '/hooks.sock', '/api.pid', '/lock', '/state', '/state/metrics');
	is($output, <<'TEXT', 'only the state belongs to the pools');
755 root root /run/provisor
660 root nginx-of-test /run/provisor/api.sock
660 root nginx-of-test /run/provisor/web.sock
660 provisor provisor /run/provisor/hooks.sock
644 root root /run/provisor/api.pid
600 root root /run/provisor/lock
750 provisor provisor /run/provisor/state
660 provisor provisor /run/provisor/state/metrics
TEXT
	is($addon->provision(uuid => uuid())->status, 200, 'the pools serve');
	($output) = $host->in('sh', '-c', 'tr "\0" "\n" </proc/' . $host->pid('api') . '/environ');
	unlike($output, qr/SUDO|PERL|HOME=\/root/, 'nothing of the shell that typed it is in their environment');
};

subtest 'start, typed again' => sub {
	my $before = running();
	my ($output, $status) = $host->ctl('start');

	is($output, "hooks: is already running\napi: is already running\nweb: is already running\njobs: is already running\n", 'starts nothing');
	is($status, 0, '... and exits with 0');
	is(states(), $before, '... and changes no pid file');
	$host->in('rm', '/run/provisor/api.pid');
	$host->in('sh', '-c', ': >/run/provisor/web.pid');
	$host->in('sh', '-c', 'echo 1 >/run/provisor/jobs.pid');
	$host->ctl('start');
	is(states(), $before, 'missing, empty and wrong pid files are mended');
};

subtest 'check knows these pools' => sub {
	my ($output) = $host->ctl('check');

	like($output, qr/^ok .*running workers: 3 \(api 2, web 1\), as provisor; processes of provisor-jobs: 1/m,
		'it counts the processes');
	like($output, qr{^ok .*/run/provisor/$_\.sock: no other user can replace}m, "... and finds $_.sock")
		for qw(api web);
};

subtest 'restart' => sub {
	my $before = $host->pid('api');
	my $request = provisions();
	my ($output, $status) = $host->ctl('restart');

	is($status, 0, 'exits with 0') or diag $output;
	isnt($host->pid('api'), $before, 'other processes run');
	is(running(), states(), '... all of them');
	is($request->finish, 0, 'a request that was being served is answered');

	my $id = uuid();
	my $calls = Provisor::ChildProcess->start(sub {
		my $failed = 0;

		while (!-e $host->folder . '/enough') {
			$failed = 1 if $addon->provision(uuid => $id)->status != 200;
		}
		POSIX::_exit($failed);
	});

	$host->ctl('restart') for 1 .. 3;
	$host->ctl('restart', 'api') for 1 .. 3;
	$host->in('touch', $host->folder . '/enough');
	is($calls->finish, 0, 'no request is lost meanwhile');
};

subtest 'a pool that would not work does not replace one that does' => sub {
	my $before = running();

	$host->in('mv', $host->folder . '/keys', $host->folder . '/kept');
	my ($output, $status) = $host->ctl('restart');
	$host->in('mv', $host->folder . '/kept', $host->folder . '/keys');
	is($status, 1, 'restart fails without the keys');
	like($output, qr/Nothing has been replaced/, '... says so');
	is(states(), $before, '... and the pools still run');
};

subtest 'reload of one pool' => sub {
	my ($output, $status) = $host->ctl('reload', 'web');

	is($status, 0, 'exits with 0');
	is($output, "workers replaced: 1\n", 'replaces the workers of this pool');
	($output, $status) = $host->ctl('reload', 'wbe');
	is($status, 2, 'another name is refused');
	like($output, qr/no pool "wbe": write hooks, api, web or jobs/, '... with those that there are');
};

subtest 'the hooks pool' => sub {
	my ($output, $status) = $host->ctl('reload', 'hooks');

	is($status, 2, 'has nothing to reload');
	like($output, qr/provisor restart hooks/, '... which names what does it');
	my $request = provisions();
	my $before = $host->pid('hooks');
	is(($host->ctl('restart', 'hooks'))[1], 0, 'restarts');
	isnt($host->pid('hooks'), $before, '... as another process');
	is($request->finish, 0, '... and a hook that runs meanwhile is not disturbed');
	like(($host->in('sh', '-c', "tr '\\0' '\\n' </proc/" . $host->pid('hooks') . '/environ'))[0],
		qr/\A(?!.*PROVISOR)/s, '... which does not know the settings file');
};

subtest 'stop of one pool' => sub {
	my $request = provisions();
	my ($output, $status) = $host->ctl('stop', 'api');

	is($output, "api: stopped\n", 'stops it');
	is($status, 0, '... and exits with 0');
	is($request->finish, 0, 'a request that was being served is answered');
	ok(!-e $host->socket('api'), 'its socket is gone');
	is($host->pid('api'), '', '... and its pid file');
	($output, $status) = $host->ctl('status');
	is($status, 3, 'status exits with 3');
	like($output, qr/^api +stopped +0.*^web +running/ms, '... and shows the others');
	is(($host->ctl('status', 'web'))[1], 0, 'status of the others exits with 0');
	is(($host->ctl('start'))[0], "hooks: is already running\nweb: is already running\njobs: is already running\napi: started\n",
		'start starts what is missing');
};

subtest 'the manager is killed' => sub {
	my $manager = $host->pid('api');

	$host->in('kill', '-KILL', $manager);
	ok(wait_for(10, sub { ($host->ctl('status'))[0] =~ /^api +without manager +2/m }),
		'status shows what is left');
	my ($output, $status) = $host->ctl('start');
	is($status, 1, 'start does not start a second pool');
	like($output, qr/^provisor: api: its manager has ended, and 2 .*: provisor restart api$/m,
		'... and names the remedy');
	is(($host->ctl('restart', 'api'))[1], 0, 'restart ends them');
	ok(wait_for(10, sub { states() =~ /^api running 2/m }), '... and starts the pool');
};

subtest 'the socket is removed' => sub {
	$host->in('rm', '/run/provisor/api.sock');
	my ($output, $status) = $host->ctl('status', 'api');
	is($status, 3, 'status exits with 3');
	like($output, qr/without socket/, '... and says so');
	($output, $status) = $host->ctl('start', 'api');
	like($output, qr/api.sock is missing: provisor restart api/, 'start names the remedy');
	($output, $status) = $host->ctl('restart', 'api');
	is($status, 0, 'restart creates it') or diag $output;
	is($addon->provision(uuid => uuid())->status, 200, '... and it is served');
};

subtest 'a pid that another process has now is left alone' => sub {
	$host->ctl('stop', 'jobs');
	my ($pid) = $host->in('sh', '-c', 'sleep 300 >/dev/null 2>&1 & echo $!');

	chomp $pid;
	$host->in('sh', '-c', "echo $pid >/run/provisor/jobs.pid");
	like(($host->ctl('status', 'jobs'))[0], qr/^jobs +stopped/m, 'it is not the pool');
	is(($host->ctl('stop', 'jobs'))[0], "jobs: is not running\n", 'stop ends nothing');
	is(($host->in('kill', '-0', $pid))[1], 0, '... and the process still runs');
	is(($host->ctl('start', 'jobs'))[0], "jobs: started\n", 'start starts the pool');
	isnt($host->pid('jobs'), $pid, '... and writes its pid');
};

subtest 'a folder that others can change' => sub {
	$host->in('chmod', '777', '/run/provisor');
	my ($output, $status) = $host->ctl('stop');
	is($status, 1, 'is refused');
	like($output, qr{/run/provisor: must be a folder that only root can change}, '... with the remedy');
	$host->in('chmod', '755', '/run/provisor');
};

subtest 'a process that does not end is killed' => sub {
	my ($worker) = $host->in('sh', '-c', 'set -- $(cat /proc/' . $host->pid('web')
		. '/task/*/children); echo $1');

	chomp $worker;
	$host->in('kill', '-STOP', $worker);
	my ($output, $status) = $host->ctl('stop');
	is($status, 1, 'stop exits with 1');
	like($output, qr/^provisor: web: did not end in time, and was killed:(?: \d+)* $worker\b/m,
		'... and names it');
	is(() = $output =~ /^\w+: stopped$/gm, 4, 'all pools are stopped');
	is(($host->ctl('status'))[1], 3, '... as status agrees');
};

subtest 'a host that systemd has booted' => sub {
	my $tools = $host->folder . '/tools';

	$host->in('mkdir', '-p', '/run/systemd/system', $tools);
	$host->in('sh', '-c', "printf '#!/bin/sh\\necho \"\$@\"\\nexit 7\\n' >$tools/systemctl; chmod 755 $tools/systemctl");
	my $units = 'provisor-hooks.service provisor@api.service provisor@web.service provisor-jobs.service';
	my $sockets = 'provisor-hooks.socket provisor@api.socket provisor@web.socket';
	my %passed = (start => "start $sockets $units", stop => "stop $sockets $units",
		restart => "restart $units", status => "status $units");

	for my $command (sort keys %passed) {
		my ($output, $status) = $host->ctl($command);
		is($status, 7, "$command is done by systemctl");
		like($output, qr/^--no-pager --lines=0 \Q$passed{$command}\E$/m, '... with all units')
			or diag $output;
		like($output, qr/^systemd runs the pools: systemctl \Q$passed{$command}\E$/m, '... and said');
	}
	like(($host->ctl('stop', 'api'))[0], qr/ stop provisor\@api\.socket provisor\@api\.service$/m,
		'one pool is its units');
};

done_testing;
