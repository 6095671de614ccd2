#!/usr/bin/perl
# Kill every process at every step of a provision, a plan change and a deprovision.
# The marketplace repeats a request without a response, or does not.  In the end each
# resource exists once or not at all, in the database and with the vendor.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util qw(shuffle sum);
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::Test;
use Provisor::Files 'read_text';
use Provisor::HttpClient;
use Provisor::ScriptedVendor;

my $rounds = scaled(1, 6);
my $host = new_host(
	workers => { api => 4, web => 1, jobs => 6 },
	answer_limit => '2s',
	# Longer than PostgreSQL takes to come back, whose death press() bridges.
	env => { PROVISOR_REPEAT_HORIZON => '6s', PROVISOR_JOB_LIMIT => '2s' },
);
my $faults = $host->home . '/faults';

mkdir $faults;
$host->{env}{PROVISOR_FAULTS} = $faults;

my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db',
	client => Provisor::HttpClient->new(port => $host->port), api => { requires => ['log_input'] });
my $addon = $vendor->addon;
my $home = $addon->home;

# A hook that is to be held writes its pid, before or after its work, and waits to be
# killed.
for my $action (qw(provision change-plan deprovision)) {
	$vendor->behave($action, <<'PERL');
		my $uuid = $call->{resource}{uuid};
		for my $moment (qw(before after)) {
			if ($moment eq 'after' && -e "hold/$action.$moment.$uuid") {
				$action eq 'deprovision' ? unlink $thing
					: write_to($thing, $call->{resource}{plan});
			}
			if (unlink "hold/$action.$moment.$uuid") {
				write_to("held/$uuid.new", $$);
				rename "held/$uuid.new", "held/$uuid";
				sleep 30;
			}
		}
PERL
}
mkdir "$home/$_" for qw(hold held);
$host->start;

# --- what can die -----------------------------------------------------------

sub parent_of {
	my ($pid) = @_;

	return undef unless defined $pid;
	return (split ' ', (read_text("/proc/$pid/stat") // '') =~ s/.*\)//sr)[1];
}

# Kill PostgreSQL with all its processes: one that outlives the postmaster keeps
# another postmaster from starting.
sub kill_postgres {
	my ($postmaster) = split ' ', read_text($host->{database}->process->{file});
	my @all = ($postmaster, grep { (parent_of($_) // 0) == $postmaster } map { m{(\d+)\z} } glob '/proc/[0-9]*');

	kill KILL => @all;
	wait_for(30, sub { !grep { -e "/proc/$_/exe" } @all });
	wait_for(60, sub { eval { $host->start_postgres; 1 } });
	return wait_for(60, sub { eval { $host->psql('SELECT 1') } });
}

# The worker or process of provisor-jobs that reads the reports of a supervisor.
sub client_of {
	my ($supervisor) = @_;

	return undef unless defined $supervisor;
	my %pipes = map { $_ => 1 } grep { /\Apipe:/ } map { readlink $_ // '' }
		glob "/proc/$supervisor/fd/*";
	my ($client) = grep { m{\A/proc/(\d+)/} && $1 != $supervisor && $pipes{ readlink $_ // '' } }
		glob '/proc/[0-9]*/fd/*';

	return ($client // '') =~ m{\A/proc/(\d+)/} ? $1 : undef;
}

# As a service manager would, start it again.
sub kill_hooks_pool {
	my ($server) = split ' ', read_text("$host->{home}/pids/hooks");

	kill KILL => $server;
	return wait_for(30, sub {
		eval { $host->start_hooks; 1 } && (split ' ', read_text("$host->{home}/pids/hooks"))[0] != $server;
	});
}

# It may have ended before.
sub kill_process {
	my ($pid) = @_;

	return unless defined $pid;
	note "kill $pid: ", readlink("/proc/$pid/exe") // '';
	kill KILL => $pid;
	return;
}

# How to kill each victim; the argument is the pid of the held hook.
my %victims = (
	hook => sub { kill_process($_[0]) },
	supervisor => sub { kill_process(parent_of($_[0])) },
	'call process' => sub { kill_process(parent_of(parent_of($_[0]))) },
	'hooks pool' => sub { kill_hooks_pool() },
	client => sub { kill_process(client_of(parent_of($_[0]))) },
	PostgreSQL => sub { kill_postgres(); kill_process($_[0]) },
);

# --- the cases --------------------------------------------------------------

# The crash points of each job.
my %places = (
	provision => [qw(asking asked settled)],
	'change-plan' => [qw(asking asked settled)],
	deprovision => [qw(marked claimed asking asked settled)],
);

sub cases {
	my @cases;

	for my $action (qw(provision change-plan deprovision)) {
		my @repeats = $action eq 'deprovision' ? 1 : (0, 1);

		for my $repeats (@repeats) {
			for my $place (@{ $places{$action} }) {
				push @cases, { action => $action, place => $place, repeats => $repeats },
					{ action => $action, place => $place, repeats => $repeats,
						stops => 1 };
			}
			for my $moment (qw(before after)) {
				push @cases, map { {
					action => $action, moment => $moment, victim => $_,
					repeats => $repeats,
				} } sort keys %victims;
			}
		}
	}
	return @cases;
}

sub name_of {
	my ($case) = @_;

	return join ', ',
		$case->{place}
			? ($case->{stops} ? 'PostgreSQL' : 'the caller') . " at $case->{action}.$case->{place}"
			: "the $case->{victim} $case->{moment} the $case->{action}",
		$case->{repeats} ? 'repeated' : 'never repeated';
}

# The customer's app has a log, at a host that gets no lines.
sub provision_request {
	my ($case) = @_;

	return $addon->provision_request(uuid => $case->{id}, log_input_url => 'https://token@logs.example.test/');
}

sub request_of {
	my ($case) = @_;

	return provision_request($case) if $case->{action} eq 'provision';
	return $addon->plan_request($case->{id}, 'premium') if $case->{action} eq 'change-plan';
	return $addon->deprovision_request($case->{id});
}

sub touch {
	my ($path, $text) = @_;

	open my $file, '>', "$path.new" or die "$path: $!\n";
	print $file $text // '';
	close $file;
	return rename "$path.new", $path;
}

# --- one death --------------------------------------------------------------

# Send the request, and again after a 503: PostgreSQL may not have recovered from the
# previous case.  A clean-up may begin long after its response, when provisor-jobs has a
# connection again.
sub press {
	my ($case, $is_hit) = @_;

	for (1 .. 10) {
		$case->{pending} = $addon->{client}->begin(request_of($case));
		return 1 if wait_for($_ < 10 ? 3 : 30, $is_hit);
		receive($case);
		return wait_for(30, $is_hit) if $case->{answer}->status != 503;
	}
	return 0;
}

# Receive the response of the pending request, if that has not been done.
sub receive {
	my ($case) = @_;
	my $pending = delete $case->{pending};

	$case->{answer} = $addon->{client}->finish($pending) if $pending;
	return;
}

sub answer_of {
	my ($case) = @_;

	return $case->{answer} ? ' (the answer was ' . $case->{answer}->status . ')' : '';
}

sub die_at_place {
	my ($case) = @_;
	my $path = "$faults/$case->{action}.$case->{place}";

	touch($path, $case->{stops} ? 'stop' : '');
	press($case, sub { glob "$path.*" })
		or return 'no process reached the crash point' . answer_of($case);
	my ($hit) = glob "$path.*";
	my ($pid) = $hit =~ /(\d+)\z/;

	if ($case->{stops}) {
		wait_for(10, sub { (read_text("/proc/$pid/stat") // '') =~ /\) T/ });
		kill_postgres();
		kill CONT => $pid;
	}
	receive($case);
	unlink $hit;
	return;
}

sub die_at_hook {
	my ($case) = @_;
	my $held = "$home/held/$case->{id}";

	touch("$home/hold/$case->{action}.$case->{moment}.$case->{id}");
	press($case, sub { -e $held }) or return 'no hook was called' . answer_of($case);
	my $hook = read_text($held);

	$victims{ $case->{victim} }->($hook);
	receive($case);
	wait_for(10, sub { !-e "/proc/$hook" }) or return 'the hook lives on';
	return;
}

# --- and after --------------------------------------------------------------

sub has_ended {
	my ($case) = @_;
	my $status = $case->{answer}->status;

	return $status == 200 || $status == 204 || $status == 410;
}

sub repeat {
	my ($case) = @_;

	$case->{answer} = $addon->request(request_of($case)) unless has_ended($case);
	return has_ended($case);
}

sub is_at_rest {
	my ($case) = @_;

	return count_of($host, "jobs WHERE resource = '$case->{id}' AND finished_at IS NULL") == 0
		&& count_of($host, "resources WHERE id = '$case->{id}'"
			. " AND state IN ('provisioning', 'deprovisioning')") == 0;
}

# The lines for the log of the customer's app.
sub lines_of {
	my ($case) = @_;

	return join ', ', split /\n/, $host->psql("SELECT payload->>'line' FROM jobs
		WHERE resource = '$case->{id}' AND kind = 'write-log' ORDER BY id");
}

# Return what is wrong in the end.
sub faults_of {
	my ($case) = @_;
	my $row = row($host, "resources WHERE id = '$case->{id}'") // { state => 'none' };
	my $thing = $vendor->thing($case->{id}) // 'nothing';
	my $was_answered = has_ended($case);
	my ($state, $plan, $left) =
		$case->{action} eq 'deprovision' ? ('deprovisioned', undef, 'nothing')
		: $case->{action} eq 'change-plan'
			? ('provisioned', ($was_answered ? 'premium' : 'basic') x 2)
		: $was_answered ? ('provisioned', 'basic', 'basic')
		: ('abandoned|none', undef, 'nothing');
	my @faults;

	# The result was stored before its response was lost: a repeated request would
	# return it.
	($state, $plan, $left) = ('provisioned', ($case->{action} eq 'provision' ? 'basic' : 'premium') x 2)
		if !$was_answered && ($case->{place} // '') eq 'settled';
	push @faults, "it is $row->{state} instead of $state" if $row->{state} !~ /\A(?:$state)\z/;
	push @faults, "its plan is $row->{plan} instead of $plan" if $plan && $row->{plan} ne $plan;
	push @faults, "the vendor has $thing instead of $left" if $thing ne $left;
	return @faults if $row->{state} ne 'provisioned';

	my $wanted = join ', ', 'provisioned', $row->{plan} eq 'premium' ? 'plan changed to premium' : ();
	my $lines = lines_of($case);
	push @faults, "the customer reads '$lines' instead of '$wanted'" if $lines ne $wanted;

	my $first = $addon->provision(uuid => $case->{id});
	my $again = $addon->provision(uuid => $case->{id});
	push @faults, 'it is replayed with ' . $first->status if $first->status != 200;
	push @faults, 'two replays differ' if $first->body ne $again->body;
	push @faults, 'it is replayed with another config'
		if $was_answered && ($first->json // {})->{config}{FAST_DB_TOKEN}
			ne ($case->{answer}->json // {})->{config}{FAST_DB_TOKEN};
	return @faults;
}

sub zombies {
	return grep { (read_text("$_/stat") // '') =~ /\((?:provisor|hook)[^)]*\) Z/ }
		glob '/proc/[0-9]*';
}

my ($kills, $began) = (0, time);

for my $round (1 .. $rounds) {
	my @cases = shuffle(cases());

	for my $case (@cases) {
		$case->{id} = uuid();
		next if $case->{action} eq 'provision';
		$addon->request(provision_request($case))->status == 200 or BAIL_OUT('no provision');
	}
	for my $case (@cases) {
		my $fault = $case->{place} ? die_at_place($case) : die_at_hook($case);

		fail(name_of($case) . ": $fault") if $fault;
		$kills++;
	}
	my @repeated = grep { $_->{repeats} } @cases;

	# Repeat each request until it has a response.
	ok(wait_for(60, sub {
		my @open = grep { !repeat($_) } @repeated;
		sleep 0.5 if @open;
		return !@open;
	}), 'all repeated requests have a response') or diag join "\n",
		map { name_of($_) . ': ' . $_->{answer}->status } grep { !has_ended($_) } @repeated;
	ok(wait_for(90, sub { !grep { !is_at_rest($_) } @cases }), 'no job is left')
		or diag $host->psql('SELECT * FROM jobs WHERE finished_at IS NULL');
	is(join('; ', faults_of($_)), '', name_of($_)) for @cases;
}
figure('%d deaths in %.0f s', $kills, time - $began);

my @provisioned = split /\n/, $host->psql(q(SELECT id FROM resources
	WHERE state = 'provisioned' ORDER BY id));

is_deeply([ sort $vendor->things ], [ sort @provisioned ], 'the vendor has exactly the provisioned resources');
is($host->psql(q(SELECT count(*) FROM (SELECT resource FROM events WHERE event = 'provisioned'
	GROUP BY resource HAVING count(*) > 1) twice)), 0, 'no resource was provisioned twice');
is($host->psql(q(SELECT count(*) FROM pg_stat_activity WHERE usename = 'provisor_worker'
	AND state LIKE 'idle in transaction%')), 0, 'no transaction is left open');
ok(wait_for(10, sub { !zombies() }), 'no zombie is left') or diag join ' ', zombies();
ok(!defined $host->casualty, 'all started processes run') or diag $host->casualty;
is_unhurt($host);
done_testing();
