#!/usr/bin/perl
# Processes are stopped during a call of the listener, and continue after the lease of
# their job has ended: as after a pause of the whole host, and one process of a call at a
# time.  In the end, the vendor's records agree with the responses.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util 'first';
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::ChildProcess;
use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Files 'read_text';
use Provisor::ScriptedVendor;
use Provisor::Test;

my $host = new_host(is_direct => 1, workers => { api => 8, web => 1, jobs => 8 },
	# Long enough to begin five calls, one after the other, on a busy machine.
	answer_limit => '9s',
	env => { PROVISOR_JOB_LIMIT => '8s', PROVISOR_REPEAT_HORIZON => '1s' });
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', $heroku->settings,
	hooks => [qw(provision change-plan deprovision rotate)]);
my $addon = $vendor->addon;
my $home = $addon->home;

# Each credential that the vendor has made is a file, and so is each overlap of two
# hooks of a resource.  A hook waits while there is a file "held-UUID".
my $behaviour = <<'PERL';
use Fcntl ':flock';
my $uuid = $call->{resource}{uuid};
open my $lock, '>>', "busy-$uuid" or die;
flock $lock, LOCK_EX | LOCK_NB or write_to("overlap-$uuid", '');
if (-e "held-$uuid") {
	write_to("begun-$uuid", "$$ " . getppid() . "\n");
	sleep 0.02 while -e "held-$uuid";
}
if ($action eq 'deprovision') {
	unlink "token-$uuid";
	done();
}
my $token = "$action $$";
$token = text_of("token-$uuid") if $action ne 'rotate' && -e "token-$uuid";
write_to("token-$uuid", $token);
done(config => { FAST_DB_URL => "https://$uuid.example/$call->{resource}{plan}",
	FAST_DB_TOKEN => $token });
sub text_of { open my $file, '<', $_[0] or die; local $/; <$file> }
PERL

$vendor->behave($_ => $behaviour) for qw(provision change-plan deprovision rotate);
$heroku->has_resources;
$host->start_postgres;
$host->migrate;
$host->start_hooks;
$host->start_pool('api');

sub of_process { return (split ' ', (read_text("/proc/$_[0]/stat") // ') ? 0') =~ s/.*\)//sr)[1] }

# The worker or the process of provisor-jobs that reads the output of a hook.
sub caller_of {
	my ($hook) = @_;
	my $pipe = readlink "/proc/$hook/fd/1";

	return first {
		my $process = $_;
		grep { (readlink // '') eq $pipe } glob "/proc/$process/fd/*";
	} workers($host), workers($host, 'provisor-jobs');
}

# Lets something call a hook of a resource that waits.  Returns the processes of this
# call, by name.
sub begin {
	my ($id, $start) = @_;

	unlink "$home/begun-$id";
	$addon->write_file("held-$id", '');
	my $request = Provisor::ChildProcess->start($start);

	wait_for(20, sub { (read_text("$home/begun-$id") // '') =~ /\n/ }) or die "no hook begins\n";
	my ($hook, $supervisor) = split ' ', read_text("$home/begun-$id");

	my %of = (
		hook => $hook,
		supervisor => $supervisor,
		process => of_process($supervisor),
		caller => caller_of($hook),
	);

	# A signal to process 0 would reach this test.
	$of{$_} or die "the $_ of a call has ended\n" for sort keys %of;
	return { %of, request => $request };
}

sub let_go {
	my ($id) = @_;

	return unlink "$home/held-$id";
}

sub provision {
	return $addon->provision(uuid => $_[0], oauth_grant => Provisor::FakeHeroku::grant());
}

# A repeated create succeeds, at the latest once the lease has ended.
sub provision_until_answered {
	my ($id) = @_;
	my $answer;

	return wait_for(20, sub { ($answer = provision($id))->status == 200 }) && $answer;
}

sub has_token {
	my ($id, $config) = @_;
	my $token = read_text("$home/token-$id") // 'none';

	return $token eq ($config->{FAST_DB_TOKEN} // '');
}

# Tests: the vendor has what a repeated create answers.
sub agrees {
	my ($id, $plan, $name) = @_;
	my $answer = provision_until_answered($id) or return fail("$name: it is provisioned");

	is($vendor->thing($id), $plan, "$name: the vendor has the plan");
	return ok(has_token($id, $answer->config), '... and the credentials of the answer');
}

sub is_removed {
	my ($id, $name) = @_;

	is($vendor->thing($id), undef, "$name: the vendor has removed it");
	return is($eventually->resource($id)->{state}, 'deprovisioned', '... and it is deprovisioned here');
}

sub count_jobs { return count_of($host, "jobs WHERE resource = '$_[0]' AND $_[1]") }

sub has_no_jobs_left {
	my (@ids) = @_;
	my $list = join ', ', map { "'$_'" } @ids;

	return ok(wait_for(30, sub { count_of($host, "jobs WHERE finished_at IS NULL
		AND kind <> 'exchange' AND resource IN ($list)") == 0 }), 'all jobs end')
		|| diag explain [ rows($host, "jobs WHERE finished_at IS NULL AND resource IN ($list)") ];
}

my @names = qw(removed repeated plan rotated deprovisioned);
my %id = map { $_ => uuid() } @names;

subtest 'a host is paused beyond the lease of its jobs' => sub {
	my %of;

	is(provision($id{$_})->status, 200, 'provisioned') for qw(plan rotated deprovisioned);
	for my $name (qw(removed repeated)) {
		$of{$name} = begin($id{$name}, sub { provision($id{$name}) });
	}
	$of{plan} = begin($id{plan}, sub { $addon->change_plan($id{plan}, 'premium') });
	$host->start_jobs;
	$of{rotated} = begin($id{rotated}, sub {
		ctl($host->env, qw(config rotate --overlap 1h), $id{rotated});
	});
	$of{deprovisioned} = begin($id{deprovisioned}, sub { $addon->deprovision($id{deprovisioned}) });

	# The host that is paused has this pool; the others get a new one.
	my $pool = of_process($of{plan}{process}) or die "the plan change has ended\n";
	my @paused = map { @$_{qw(hook supervisor process caller)} } values %of;

	kill STOP => $pool, @paused;
	rename $host->socket('hooks'), $host->socket('hooks') . '-paused';
	my $other = Provisor::ChildProcess->start(sub {
		exec 'spawn-fcgi', '-n', '-s', $host->socket('hooks'), '-M', '0600', '-b', '1024',
			'--', build() . '/provisor-hooks';
	});

	wait_for(10, sub { -S $host->socket('hooks') });
	let_go($_) for values %id;

	# Meanwhile, others continue.
	is($addon->deprovision($id{removed})->status, 204, 'a resource is deprovisioned');
	ok(provision_until_answered($id{repeated}), 'a create is repeated');
	$eventually->becomes($_, 'deprovisioned', '... and cleaned up') for @id{qw(removed deprovisioned)};
	has_no_jobs_left(values %id);
	is($eventually->resource($id{plan})->{plan}, 'basic', 'a plan change is undone');

	# The host continues: first of all the hooks.
	$heroku->behave('has-resources');
	kill CONT => map { $_->{hook} } values %of;
	sleep 0.5;
	ok(defined $vendor->thing($id{removed}), 'a late hook creates a resource that is gone');
	is($vendor->thing($id{plan}), 'premium', 'another one changes the plan');
	kill CONT => @paused, $pool;
	ok(wait_for(20, sub { count_jobs($_, "kind = 'verify'") }), 'a verification is queued')
		for @id{qw(removed repeated plan rotated)};
	has_no_jobs_left(values %id);
	is(count_jobs($_, "kind = 'verify'"), 1, 'one') for @id{qw(removed repeated plan rotated)};
	is(count_of($host, "events WHERE event = 'claim-lost' AND resource = '$_'"), 1, '... which an event records')
		for @id{qw(removed repeated plan rotated)};

	is_removed($id{removed}, 'create');
	is_removed($id{deprovisioned}, 'deprovision');
	agrees($id{repeated}, 'basic', 'repeated create');
	agrees($id{plan}, 'basic', 'plan change');
	agrees($id{rotated}, 'basic', 'rotation');
	my ($last) = reverse $heroku->pushes($id{rotated});

	ok(has_token($id{rotated}, $last), '... which the marketplace has, too');
	$_->{request}->finish(20) for values %of;
	kill TERM => $pool;
};

subtest 'one process of a call is stopped beyond the lease' => sub {
	my @stopped = qw(hook supervisor process caller);
	my @cases;

	for my $action (qw(provision plan deprovision rotate)) {
		for my $which ($action eq 'provision' ? @stopped : qw(supervisor caller)) {
			push @cases, { action => $action, which => $which, id => uuid(),
				name => "the $which of a $action" };
		}
	}
	for my $case (grep { $_->{action} ne 'provision' } @cases) {
		is(provision($case->{id})->status, 200, 'provisioned');
	}
	my %start = (
		provision => \&provision,
		plan => sub { $addon->change_plan($_[0], 'premium') },
		deprovision => sub { $addon->deprovision($_[0]) },
		rotate => sub { ctl($host->env, qw(config rotate --overlap 1h), $_[0]) },
	);

	for my $case (@cases) {
		my $of = $case->{of} = begin($case->{id}, sub { $start{ $case->{action} }->($case->{id}) });

		kill STOP => $of->{ $case->{which} };
		let_go($case->{id}) if $case->{which} eq 'caller';
	}
	# A hook that was not ended would now write.
	sleep 9;
	let_go($_->{id}) for @cases;
	provision_until_answered($_->{id}) for grep { $_->{action} eq 'provision' } @cases;
	has_no_jobs_left(map { $_->{id} } @cases);
	kill CONT => map { $_->{of}{ $_->{which} } } @cases;
	$_->{of}{request}->finish(20) for @cases;
	has_no_jobs_left(map { $_->{id} } @cases);
	for my $case (@cases) {
		my ($id, $name) = @$case{qw(id name)};

		ok(!-e "$home/overlap-$id", "$name: no two hooks ran at the same time");
		$case->{action} eq 'deprovision' ? is_removed($id, $name)
			: agrees($id, $eventually->resource($id)->{plan}, $name);
	}
};

subtest 'a create is repeated while its verification waits' => sub {
	my $id = uuid();

	is(provision($id)->status, 200, 'provisioned');
	force_state($host, 'abandoned', "id = '$id'");
	my $job = $host->psql("INSERT INTO jobs (kind, lane, resource, run_at, lease_until)
		VALUES ('verify', 'listener', '$id', 'infinity', now() + interval '1 h') RETURNING id");

	is(provision($id)->status, 503, 'while its hook runs, no other begins');
	$host->psql("UPDATE jobs SET lease_until = NULL WHERE id = $job");
	is(provision($id)->status, 200, 'otherwise the create is carried out');
	like($eventually->job($id, 'verify')->{last_error}, qr/overtaken/, '... and the verification is not');
	is($eventually->resource($id)->{state}, 'provisioned', 'the resource is provisioned');
};

is_unhurt($host);

done_testing;
