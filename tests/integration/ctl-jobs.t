#!/usr/bin/perl
# What an operator sees of jobs, and does to them.  Until the end nothing does
# them here: they are rows, in every state.

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

# Our names of those jobs, in their order.
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

# A resource in a state, as the listeners' use cases leave it.
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
	lease_until => "now() + interval '1 min'", claim => "'$claim'", attempts => 3);
make_job('behind', 'taken', 'deprovision', attempts => 0);
make_job('due', 'moved', 'change-plan', run_at => "now() - interval '1 min'",
	lease_until => "now() - interval '1 s'", claim => "'$claim'",
	payload => q('{"plan": "premium", "token": "not for everybody"}'));
make_job('gave-up', 'stuck', 'deprovision', run_at => q('infinity'), attempts => 7,
	last_error => q(E'hooks/deprovision\033[1m: exit 70'));
make_job('leaving', 'leaving', 'deprovision');

subtest 'list: newest first, and as asked for' => sub {
	my @cases = (
		# name                        arguments                        which
		[ 'what is not done',           [],                              'leaving gave-up due behind running waiting' ],
		[ 'all',                        [qw(--all)],                     'leaving gave-up due behind running waiting done' ],
		[ 'of one kind',                [qw(--kind provision)],          'running waiting' ],
		[ 'those that gave up',         [qw(--gave-up)],                 'gave-up' ],
		[ 'of one resource',            [ '--resource', $resource{taken} ], 'behind running' ],
		[ 'in any case',                [ '--resource', uc $resource{taken} ], 'behind running' ],
		[ 'of one that has only done',  [ '--resource', $resource{ready} ], '' ],
		[ 'of one, all',                [ '--resource', $resource{ready}, '--all' ], 'done' ],
		[ 'of none',                    [qw(--resource no-such-id)],     '' ],
		[ 'two things at once',         [ '--kind', 'deprovision', '--resource', $resource{taken} ], 'behind' ],
	);

	for (@cases) {
		my ($name, $arguments, $expected) = @$_;

		is(names(@$arguments), $expected, $name);
	}
	my ($output, $ended) = provisor('list');
	is($ended, 0, 'it ends well');
	like($output, qr/\AID +KIND +STATE +AT +ATTEMPTS +ADDON +RESOURCE +LAST ERROR\n/,
		'people get a heading');
	like($output, qr/^$job{due} +change-plan +due +20\S+Z +1 +fast-db +$resource{moved} /m,
		'and columns');
	like($output, qr/^$job{'gave-up'} +deprovision +gave-up +7 .*: exit 70$/m, 'and why');
	unlike($output, qr/\033/, '... which their terminal does not obey');
};

subtest 'list: by another id of the resource' => sub {
	$host->psql("UPDATE resources SET provider_id = 'ours-1', marketplace_id = 'theirs-1'
		WHERE id = '$resource{moved}'");
	is(names('--resource', $_), 'due', $_) for qw(ours-1 theirs-1);
};

subtest 'list: a limit is kept and told' => sub {
	my ($output, $ended) = provisor(qw(list --limit 2 --json));

	is($ended, 0, 'it ends well');
	is(() = $output =~ /^\{/mg, 2, 'two of six');
	like($output, qr/^provisor: only the newest 2 are shown/m, 'it is said');
	($output) = provisor(qw(list --limit 6));
	unlike($output, qr/only the newest/, 'six of six are all');
};

subtest 'each is in its state' => sub {
	for my $name (qw(done waiting running behind due gave-up)) {
		my ($shown) = objects('show', $job{$name});

		is($shown->{state}, $name, $name);
	}
	my %at = map { $_->{state} => $_->{at} } objects(qw(list --all));
	my $now = $host->psql(q(SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')));

	cmp_ok($at{$_}, 'lt', $now, "$_ since then") for qw(done due);
	cmp_ok($at{$_}, 'gt', $now, "$_ until then") for qw(waiting running);
	is($at{'gave-up'}, undef, 'gave up, for good');
};

subtest 'show: all of it, but what is nobody\'s' => sub {
	my ($shown) = objects('show', $job{due});

	like(delete $shown->{$_}, qr/\A20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z/, $_)
		for qw(at created_at);
	is_deeply($shown,
		{
			id => $job{due}, kind => 'change-plan', state => 'due',
			marketplace => 'heroku', addon => 'fast-db',
			resource => $resource{moved}, resource_state => 'provisioned',
			plan => 'premium', attempts => 1, behind => undef,
			last_error => undef,
		},
		'the rest, and neither its claim nor what else is in its payload');
	my ($output, $ended) = provisor('show', $job{behind});
	is($ended, 0, 'for people it ends well');
	like($output, qr/^behind +$job{running}$/m, '... with a line for each');
	is((objects('show', $job{running}))[0]{behind}, undef, 'the first is behind none');
};

subtest 'what cannot be read is refused' => sub {
	my @cases = (
		# arguments               ends with  what it says
		[ [qw(list --kind sell)],   2, qr/--kind must be provision, change-plan, .* or write-log/ ],
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

		is($ended, $status, "@$arguments: ends with $status");
		like($output, $words, "@$arguments: says why");
	}
};

subtest 'nobody touches what is done, in hand, or not first' => sub {
	my $before = fingerprint($host);
	my @cases = (
		# command            job         ends with  what it says
		[ 'retry',             'done',     1, qr/is already done/ ],
		[ 'retry',             'running',  1, qr/is running: its lease ends at 20.*due again/ ],
		[ 'retry',             'behind',   1, qr/job $job{running} of the same resource comes first: retry that/ ],
		[ 'cancel',            'done',     0, qr/^already done: job $job{done}$/m ],
		[ 'cancel',            'running',  1, qr/is running/ ],
	);

	for (@cases) {
		my ($command, $name, $status, $words) = @$_;
		my ($output, $ended) = provisor($command, $job{$name},
			$command eq 'cancel' ? '--yes' : ());

		is($ended, $status, "$command, $name: ends with $status");
		like($output, $words, "$command, $name: says so");
	}
	is(fingerprint($host), $before, 'nothing is changed');
};

subtest 'retry: due now' => sub {
	my %says = (
		'gave-up' => qr/^due now: job $job{'gave-up'}\n.*cleans up/,
		waiting => qr/^due now: job $job{waiting}\n.*takes it back/,
		due => qr/^due now: job $job{due}\n.*back to the plan/s,
	);
	my %of = ('gave-up' => 'stuck', waiting => 'new', due => 'moved');

	for my $name (sort keys %says) {
		my ($output, $ended) = provisor('retry', $job{$name});

		is($ended, 0, "$name: ends well");
		like($output, $says{$name}, "$name: says what that means");
		is((objects('show', $job{$name}))[0]{state}, 'due', "$name: it is due");
		my $event = event_of($of{$name}, 'job-retried');
		is($event->{actor}, $operator, "$name: the event tells who");
		is($event->{after}{job}, $job{$name}, "$name: ... and which");
	}
	is(of('gave-up')->{attempts}, 7, 'its attempts are still counted');
	is(names('--gave-up'), '', 'none has given up any more');
};

subtest 'cancel: told first' => sub {
	my $before = fingerprint($host);
	my ($output, $ended) = provisor('cancel', $job{'gave-up'});

	is($ended, 2, 'without --yes it ends with 2');
	like($output, qr/^$job{'gave-up'} +deprovision .*would be cancelled.*erased.*--reveal.*--yes/ms,
		'says what it would do');
	is(fingerprint($host), $before, 'and does nothing');
};

subtest 'cancel: the resource is settled' => sub {
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

		is($ended, 0, "$name: ends well");
		like($output, qr/^cancelled: job $job{$name}; its resource $resource{$resource} is $is$/m,
			"$name: says so");
		is((objects('show', $job{$name}))[0]{state}, 'done', "$name: nobody does it any more");
		is(of($name)->{last_error}, "cancelled by $operator", "$name: why");
		is(state_of($resource), $is, "$name: its resource is $is");
		my $row = row($host, "resources WHERE id = '$resource{$resource}'");
		is(defined $row->{config} ? 1 : 0, $config, "$name: with config: $config");
		is(defined $row->{log_input_url} ? 1 : 0, $log_input, "$name: with log input: $log_input");
		is(count_of($host, "grants WHERE resource = '$resource{$resource}'"), $grant,
			"$name: with grant: $grant");
		my $event = event_of($resource, 'job-cancelled');
		is($event->{actor}, $operator, "$name: the event tells who");
		is_deeply([ $event->{before}{job}, $event->{before}{state}, $event->{after} ],
			[ $job{$name}, $was, { state => $is } ], "$name: ... and what");
	}
	is((objects('show', $job{'clean-up'}))[0]{state}, 'due', 'what was behind one is due now');
	my ($output, $ended) = provisor('cancel', $job{waiting}, '--yes');
	is($ended, 0, 'again it ends well');
	like($output, qr/^already done/m, 'and says so');
	is($addon{'fast-db'}->provision(uuid => $resource{moved})->status, 200,
		'what keeps its plan is served as ever');
};

# What a command says that comes while somebody else changes a row, and must wait
# for that.
sub meanwhile {
	my ($table, $id, $change, @command) = @_;
	my $row = "$table WHERE id = '$id'";
	my $other = Provisor::ChildProcess->start(sub {
		$host->psql("DO \$\$ BEGIN UPDATE $table SET $change WHERE id = '$id'; LOOP
			PERFORM pg_stat_clear_snapshot();
			EXIT WHEN EXISTS (SELECT FROM pg_stat_activity
				WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)));
			PERFORM pg_sleep(0.02); END LOOP; END \$\$");
	});

	wait_for(5, sub { $host->psql("SELECT id FROM $row FOR UPDATE SKIP LOCKED") !~ /\w/ })
		or die "nobody has changed $row\n";
	my @said = provisor(@command);
	$other->finish;
	return @said;
}

subtest 'whoever comes first wins' => sub {
	make_resource('raced', 'provisioning');
	make_job('raced', 'raced', 'provision');
	my $lease = "lease_until = now() + interval '1 min', claim = '$claim'";

	for my $command ([ 'retry', $job{raced} ], [ 'cancel', $job{raced}, '--yes' ]) {
		my ($output, $ended) = meanwhile('jobs', $job{raced}, $lease, @$command);

		is($ended, 1, "$command->[0]: fails where it was claimed");
		like($output, qr/was claimed or finished meanwhile/, '... and says so');
		is(of('raced')->{claim}, $claim, '... for whom it stays');
		is(state_of('raced'), 'provisioning', '... with its resource');
		$host->psql("UPDATE jobs SET lease_until = NULL WHERE id = $job{raced}");
	}
	is(count_of($host, "events WHERE resource = '$resource{raced}' AND event LIKE 'job-%'"), 0,
		'that is no event');
	my ($output, $ended) = meanwhile('resources', $resource{raced}, "state = 'deprovisioning'",
		'cancel', $job{raced}, '--yes');
	is($ended, 0, 'cancel: goes on where the resource was deprovisioned');
	like($output, qr/is deprovisioning$/m, '... and says so');
	my $row = row($host, "resources WHERE id = '$resource{raced}'");
	is($row->{state}, 'deprovisioning', '... which it stays');
	isnt($row->{config}, undef, '... with all that its clean-up needs');
};

subtest 'of a kind that a newer release knows' => sub {
	make_job('newer', 'ready', 'dance');
	my ($output, $ended) = provisor('cancel', $job{newer}, '--yes');

	is($ended, 0, 'it can be cancelled');
	is(state_of('ready'), 'provisioned', 'and means nothing for the resource');
};

subtest 'reload: the processes that do jobs, too' => sub {
	my $reload = sub { ctl($host->env, 'reload') };
	my ($output, $ended) = $reload->();

	is($output, "2 workers replaced\n", 'where there are none, of the pools alone');
	$host->start_jobs;
	ok(wait_for(10, sub {
		fastcgi($host)->request(method => 'GET', path => '/metrics')->body
			=~ /^provisor_job_workers 2$/m;
	}), 'two count');
	ok(wait_for(10, sub { names('--kind', 'deprovision') eq 'behind' }), 'they do what is due');
	is(state_of('leaving'), 'deprovisioned', '... and clean up');
	my %old = map { $_ => 1 } workers($host), workers($host, 'provisor-jobs');
	($output, $ended) = $reload->();
	is($ended, 0, 'it ends well');
	is($output, "2 workers replaced\n2 processes of provisor-jobs replaced\n", 'it says how many');
	is((() = grep { !$old{$_} } workers($host), workers($host, 'provisor-jobs')), 4,
		'all are others');
	$host->stop_pool('api');
	is((join ' ', $reload->()), "2 processes of provisor-jobs replaced\n 0",
		'a host may have no pools');
	$host->stop_pool('jobs');
	like((join ' ', $reload->()), qr/no worker on this host.* 1\z/s, 'but something');
};

subtest 'without a database' => sub {
	my ($output, $ended) = ctl(
		{ %{ $host->env }, PROVISOR_DATABASE => 'host=/nowhere' }, qw(jobs list));

	is($ended, 1, 'it fails');
	like($output, qr{/nowhere.*database failed}s, 'and says why');
};

is_unhurt($host);

done_testing;
