#!/usr/bin/perl
# provisor jobs list, show, retry and cancel; provisor reload.  The jobs are rows in
# every state; no process runs them before the last subtests.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::ChildProcess;
use Provisor::Test;

my $operator = 'operator:' . getpwuid $>;
my (%addon, %resource, %job);
my $host = serving_host({ workers => { api => 2, web => 1, jobs => 2 } }, sub {
	my ($new) = @_;

	%addon = map { $_ => addon($new, $_) } qw(fast-db slow-db);
});

sub provisor {
	my (@arguments) = @_;

	return ctl($host->env, 'jobs', @arguments);
}

sub objects {
	my ($output) = provisor(@_, '--json');

	return map { JSON::PP->new->utf8->decode($_) } grep { /\A\{/ } split /\n/, $output;
}

# The names that this test gives the listed jobs, in their order.
sub names {
	my %name = reverse %job;

	return join ' ', map { $name{ $_->{id} } // $_->{id} } objects('list', @_);
}

sub of { return row($host, "jobs WHERE id = $job{$_[0]}") }

sub state_of {
	return $host->psql("SELECT state FROM resources WHERE id = '$resource{$_[0]}'") =~ s/\s//gr;
}

sub event_of {
	my ($name, $what) = @_;

	return row($host, "events WHERE resource = '$resource{$name}' AND event = '$what'");
}

# Create a resource and put it into a state.
sub make_resource {
	my ($name, $state, $addon) = @_;

	$resource{$name} = uuid();
	$addon{ $addon // 'fast-db' }->provision(uuid => $resource{$name}, name => $name,
		oauth_grant => { code => 'a code', type => 'authorization_code' },
		log_input_url => 'https://token@1.eu.logplex.io/logs');
	force_state($host, $state, "id = '$resource{$name}'");
	return;
}

sub make_job {
	my ($name, $resource, $kind, %columns) = @_;

	$columns{$_} //= 'NULL' for qw(payload lease_until claim last_error finished_at);
	$columns{run_at} //= 'now()';
	$columns{attempts} //= 1;
	my @columns = sort keys %columns;

	local $" = ', ';
	($job{$name}) = $host->psql("INSERT INTO jobs (kind, lane, resource, @columns)
		VALUES ('$kind', 'listener', '$resource{$resource}', @columns{@columns}) RETURNING id")
		=~ /(\d+)/;
	return;
}

my $claim = uuid();

make_resource($_, 'provisioning') for qw(new taken);
make_resource($_, 'provisioned') for qw(moved ready);
make_resource($_, 'deprovisioning', 'slow-db') for qw(stuck leaving);
make_resource('refused', 'refused');

make_job('done', 'ready', 'change-plan', finished_at => "now() - interval '1 h'");
make_job('waiting', 'new', 'provision', run_at => "now() + interval '1 h'");
make_job('running', 'taken', 'provision', run_at => "now() - interval '1 s'",
	lease_until => "now() + interval '1 hour'", claim => "'$claim'", attempts => 3);
make_job('blocked', 'taken', 'deprovision', attempts => 0);
make_job('due', 'moved', 'change-plan', run_at => "now() - interval '1 min'",
	lease_until => "now() - interval '1 s'", claim => "'$claim'",
	payload => q('{"plan": "premium", "token": "not for operators"}'));
make_job('gave-up', 'stuck', 'deprovision', run_at => q('infinity'), attempts => 7,
	last_error => q(E'hooks/deprovision\033[1m: exit 70'));
make_job('leaving', 'leaving', 'deprovision');

subtest 'list: newest first, filtered by options' => sub {
	my @cases = (
		# name                        arguments                        which
		[ 'unfinished jobs',           [],                              'leaving gave-up due blocked running waiting' ],
		[ 'all',                        [qw(--all)],                     'leaving gave-up due blocked running waiting done' ],
		[ 'of one kind',                [qw(--kind provision)],          'running waiting' ],
		[ 'jobs that gave up',         [qw(--gave-up)],                 'gave-up' ],
		[ 'of one resource',            [ '--resource', $resource{taken} ], 'blocked running' ],
		[ 'in any case',                [ '--resource', uc $resource{taken} ], 'blocked running' ],
		[ 'of one with finished jobs only',  [ '--resource', $resource{ready} ], '' ],
		[ 'of one, all',                [ '--resource', $resource{ready}, '--all' ], 'done' ],
		[ 'of an unknown resource',                    [qw(--resource no-such-id)],     '' ],
		[ 'two filters',         [ '--kind', 'deprovision', '--resource', $resource{taken} ], 'blocked' ],
	);

	for (@cases) {
		my ($name, $arguments, $expected) = @$_;

		is(names(@$arguments), $expected, $name);
	}
	my ($output, $ended) = provisor('list');
	is($ended, 0, 'exits with 0');
	like($output, qr/\AID +KIND +STATE +AT +ATTEMPTS +ADDON +RESOURCE +LAST ERROR\n/,
		'prints headings');
	like($output, qr/^$job{due} +change-plan +due +20\S+Z +1 +fast-db +$resource{moved} /m,
		'prints columns');
	like($output, qr/^$job{'gave-up'} +deprovision +gave-up +7 .*: exit 70$/m, 'prints the last error');
	unlike($output, qr/\033/, '... without control characters');
};

subtest 'list: by another id of the resource' => sub {
	$host->psql("UPDATE resources SET provider_id = 'ours-1', marketplace_id = 'theirs-1'
		WHERE id = '$resource{moved}'");
	is(names('--resource', $_), 'due', $_) for qw(ours-1 theirs-1);
};

subtest 'list: a limit applies and is mentioned' => sub {
	my ($output, $ended) = provisor(qw(list --limit 2 --json));

	is($ended, 0, 'exits with 0');
	is(() = $output =~ /^\{/mg, 2, 'two of six');
	like($output, qr/^provisor: only 2 of \d+ are shown/m, 'prints that there are more');
	($output) = provisor(qw(list --limit 6));
	unlike($output, qr/only the newest/, 'prints nothing about more when there are none');
};

subtest 'each job has its state' => sub {
	for my $name (qw(done waiting running blocked due gave-up)) {
		my ($shown) = objects('show', $job{$name});

		is($shown->{state}, $name, $name);
	}
	my %at = map { $_->{state} => $_->{at} } objects(qw(list --all));
	my $now = $host->psql(q(SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')));

	cmp_ok($at{$_}, 'lt', $now, "$_: its time is past") for qw(done due);
	cmp_ok($at{$_}, 'gt', $now, "$_: its time is to come") for qw(waiting running);
	is($at{'gave-up'}, undef, 'gave-up: no time');
};

subtest 'show: all members that are for operators' => sub {
	my ($shown) = objects('show', $job{due});

	like(delete $shown->{$_}, qr/\A20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z/, $_)
		for qw(at created_at);
	is_deeply($shown,
		{
			id => $job{due}, kind => 'change-plan', state => 'due',
			marketplace => 'heroku', addon => 'fast-db',
			resource => $resource{moved}, resource_state => 'provisioned',
			plan => 'premium', attempts => 1, blocked_by => undef,
			promised_at => undef, undo_at => undef, last_error => undef,
		},
		'the others, without its claim and the rest of its payload');
	my ($output, $ended) = provisor('show', $job{blocked});
	is($ended, 0, 'exits with 0 without --json');
	like($output, qr/^blocked_by +$job{running}$/m, '... and prints a line for each member');
	is((objects('show', $job{running}))[0]{blocked_by}, undef, 'the first job is behind no other');
};

subtest 'usage errors' => sub {
	my @cases = (
		# arguments               exit       output
		[ [qw(list --kind sell)],   2, qr/--kind must be provision, change-plan, .* or move/ ],
		[ [qw(list --limit 0)],     2, qr/--limit/ ],
		[ [qw(list 7)],             2, qr/usage/ ],
		[ [qw(show)],               2, qr/usage/ ],
		[ [qw(retry)],              2, qr/usage/ ],
		[ [qw(cancel 1 2)],         2, qr/usage/ ],
		[ [qw(show 99)],            1, qr/no job has the id 99/ ],
		[ [qw(show x)],             1, qr/no job has the id x/ ],
		[ [ 'retry', '9' x 30 ],    1, qr/no job has the id 9+;/ ],
		[ [qw(cancel -1)],          2, qr/unknown option -1/ ],
		[ [qw(cancel -- -1)],       1, qr/no job has the id -1/ ],
	);

	for (@cases) {
		my ($arguments, $status, $words) = @$_;
		my ($output, $ended) = provisor(@$arguments);

		is($ended, $status, "@$arguments: exits with $status");
		like($output, $words, "@$arguments: prints the reason");
	}
};

subtest 'jobs that are done, running or behind another are not changed' => sub {
	my $before = fingerprint($host);
	my @cases = (
		# command            job         exit       output
		[ 'retry',             'done',     1, qr/is already done/ ],
		[ 'retry',             'running',  1, qr/is running: its lease ends at 20.*due again/ ],
		[ 'retry',             'blocked',  1, qr/job $job{running} of the same resource comes first: retry that/ ],
		[ 'cancel',            'done',     0, qr/^already done: job $job{done}$/m ],
		[ 'cancel',            'running',  1, qr/is running/ ],
	);

	for (@cases) {
		my ($command, $name, $status, $words) = @$_;
		my ($output, $ended) = provisor($command, $job{$name},
			$command eq 'cancel' ? '--yes' : ());

		is($ended, $status, "$command, $name: exits with $status");
		like($output, $words, "$command, $name: prints the reason");
	}
	is(fingerprint($host), $before, 'nothing has changed');
};

subtest 'retry makes a job due' => sub {
	my %says = (
		'gave-up' => qr/^due now: job $job{'gave-up'}\n.*cleans up/,
		waiting => qr/^due now: job $job{waiting}\n.*undoes it/,
		due => qr/^due now: job $job{due}\n.*back\s+to\s+the\s+plan/s,
	);
	my %of = ('gave-up' => 'stuck', waiting => 'new', due => 'moved');

	for my $name (sort keys %says) {
		my ($output, $ended) = provisor('retry', $job{$name});

		is($ended, 0, "$name: exits with 0");
		like($output, $says{$name}, "$name: explains what happens");
		is((objects('show', $job{$name}))[0]{state}, 'due', "$name: it is due");
		my $event = event_of($of{$name}, 'job-retried');
		is($event->{actor}, $operator, "$name: the event names the operator");
		is($event->{after}{job}, $job{$name}, "$name: ... and the job");
	}
	is(of('gave-up')->{attempts}, 7, 'its attempts are kept');
	is(names('--gave-up'), '', 'no job has given up');
};

subtest 'cancel: explained first' => sub {
	my $before = fingerprint($host);
	my ($output, $ended) = provisor('cancel', $job{'gave-up'});

	is($ended, 2, 'without --yes, exits with 2');
	like($output, qr/^$job{'gave-up'} +deprovision .*would be cancelled.*erased.*--reveal.*--yes/ms,
		'explains what would be done');
	is(fingerprint($host), $before, 'changes nothing');
};

subtest 'cancel: the resource changes its state' => sub {
	make_job('of refused', 'refused', 'deprovision');
	make_resource('overtaken', 'deprovisioning');
	make_job('overtaken', 'overtaken', 'provision', lease_until => "now() - interval '1 s'");
	make_job('clean-up', 'overtaken', 'deprovision');
	my @cases = (
		# job           resource     state before      and after         has config, grant, log input
		[ 'waiting',      'new',       'provisioning',   'abandoned',      0, 1, 1 ],
		[ 'due',          'moved',     'provisioned',    'provisioned',    1, 1, 1 ],
		[ 'gave-up',      'stuck',     'deprovisioning', 'deprovisioned',  0, 0, 0 ],
		[ 'of refused',   'refused',   'refused',        'refused',        0, 1, 1 ],
		[ 'overtaken',    'overtaken', 'deprovisioning', 'deprovisioning', 1, 1, 1 ],
	);

	for (@cases) {
		my ($name, $resource, $was, $is, $config, $grant, $log_input) = @$_;
		my ($output, $ended) = provisor('cancel', $job{$name}, '--yes');

		is($ended, 0, "$name: exits with 0");
		like($output, qr/^cancelled: job $job{$name}; its resource $resource{$resource} is $is$/m,
			"$name: prints the state of the resource");
		is((objects('show', $job{$name}))[0]{state}, 'done', "$name: the job is finished");
		is(of($name)->{last_error}, "cancelled by $operator", "$name: its last error names the operator");
		is(state_of($resource), $is, "$name: its resource is $is");
		my $row = row($host, "resources WHERE id = '$resource{$resource}'");
		is(defined $row->{config} ? 1 : 0, $config, "$name: with config: $config");
		is(defined $row->{log_input_url} ? 1 : 0, $log_input, "$name: with log input: $log_input");
		is(count_of($host, "resources WHERE id = '$resource{$resource}' AND grant_ended_at IS NULL"), $grant,
			"$name: with grant: $grant");
		my $event = event_of($resource, 'job-cancelled');
		is($event->{actor}, $operator, "$name: the event names the operator");
		is_deeply([ $event->{before}{job}, $event->{before}{state}, $event->{after} ],
			[ $job{$name}, $was, { state => $is } ], "$name: ... and the change");
	}
	is((objects('show', $job{'clean-up'}))[0]{state}, 'due', 'the job behind it is due');
	my ($output, $ended) = provisor('cancel', $job{waiting}, '--yes');
	is($ended, 0, 'a repetition exits with 0');
	like($output, qr/^already done/m, '... and prints that');
	is($addon{'fast-db'}->provision(uuid => $resource{moved})->status, 200,
		'a resource that keeps its plan is still served');
};

# The output of a command that waits for another session's change of a row.
sub meanwhile {
	my ($table, $id, $change, @command) = @_;
	my $row = "$table WHERE id = '$id'";
	my $other = Provisor::ChildProcess->start(sub {
		$host->psql("SET synchronous_commit = off; DO \$\$ BEGIN UPDATE $table SET $change WHERE id = '$id'; LOOP
			PERFORM pg_stat_clear_snapshot();
			EXIT WHEN EXISTS (SELECT FROM pg_stat_activity
				WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)));
			PERFORM pg_sleep(0.02); END LOOP; END \$\$");
	});

	wait_for(20, sub { $host->psql("SELECT id FROM $row FOR UPDATE SKIP LOCKED") !~ /\w/ })
		or die "nobody has changed $row\n";
	my @said = provisor(@command);
	$other->finish;
	return @said;
}

subtest 'a concurrent change wins' => sub {
	make_resource('raced', 'provisioning');
	make_job('raced', 'raced', 'provision');
	my $lease = "lease_until = now() + interval '1 min', claim = '$claim'";

	for my $command ([ 'retry', $job{raced} ], [ 'cancel', $job{raced}, '--yes' ]) {
		my ($output, $ended) = meanwhile('jobs', $job{raced}, $lease, @$command);

		is($ended, 1, "$command->[0]: fails if the job is claimed meanwhile");
		like($output, qr/was claimed or finished meanwhile/, '... and prints that');
		is(of('raced')->{claim}, $claim, '... and leaves the claim');
		is(state_of('raced'), 'provisioning', '... and the resource');
		$host->psql("UPDATE jobs SET lease_until = NULL WHERE id = $job{raced}");
	}
	is(count_of($host, "events WHERE resource = '$resource{raced}' AND event LIKE 'job-%'"), 0,
		'writes no event');
	my ($output, $ended) = meanwhile('resources', $resource{raced}, "state = 'deprovisioning'",
		'cancel', $job{raced}, '--yes');
	is($ended, 0, 'cancel: succeeds if the resource is deprovisioned meanwhile');
	like($output, qr/is deprovisioning$/m, '... and prints that');
	my $row = row($host, "resources WHERE id = '$resource{raced}'");
	is($row->{state}, 'deprovisioning', '... and leaves that state');
	isnt($row->{config}, undef, '... and what the clean-up needs');
};

subtest 'a kind that only a newer release knows' => sub {
	make_job('newer', 'ready', 'dance');
	my ($output, $ended) = provisor('cancel', $job{newer}, '--yes');

	is($ended, 0, 'can be cancelled');
	is(state_of('ready'), 'provisioned', 'leaves the resource unchanged');
};

subtest 'reload replaces workers and processes of provisor-jobs' => sub {
	my $reload = sub { ctl($host->env, 'reload') };
	my ($output, $ended) = $reload->();

	is($output, "workers replaced: 2\n", 'only workers if no provisor-jobs runs');
	$host->start_jobs;
	ok(wait_for(10, sub {
		fastcgi($host)->request(method => 'GET', path => '/metrics')->body
			=~ /^provisor_job_workers 2$/m;
	}), 'two processes of provisor-jobs run');
	ok(wait_for(10, sub { names('--kind', 'deprovision') eq 'blocked' }), 'they run due jobs');
	is(state_of('leaving'), 'deprovisioned', '... and clean up');
	my %old = map { $_ => 1 } workers($host), workers($host, 'provisor-jobs');
	($output, $ended) = $reload->();
	is($ended, 0, 'exits with 0');
	is($output, "workers replaced: 2\nprocesses of provisor-jobs replaced: 2\n", 'prints how many');
	is((() = grep { !$old{$_} } workers($host), workers($host, 'provisor-jobs')), 4,
		'all processes are new');
	$host->stop_pool('api');
	is((join ' ', $reload->()), "processes of provisor-jobs replaced: 2\n 0",
		'works on a host without pools');
	$host->stop_pool('jobs');
	like((join ' ', $reload->()), qr/no worker on this host.* 1\z/s, 'fails on a host without any process');
};

subtest 'without a database' => sub {
	my ($output, $ended) = ctl(
		{ %{ $host->env }, PROVISOR_DATABASE => 'host=/nowhere' }, qw(jobs list));

	is($ended, 1, 'fails');
	like($output, qr{/nowhere.*database failed}s, 'prints the reason');
};

is_unhurt($host);

done_testing;
