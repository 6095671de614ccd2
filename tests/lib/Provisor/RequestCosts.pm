package Provisor::RequestCosts;

# What one request costs a worker: the instructions of its own code and of libraries,
# which callgrind counts, and its system calls, which strace counts.  Neither depends
# on how busy the machine is.
#
#	my $costs = Provisor::RequestCosts->measure;
#	$costs->{provision}{instructions}, $costs->{provision}{'system calls'}
#
# One worker serves both pools of a host behind nginx.  Each scenario sends requests
# one after the other; before it is measured, some of each kind are sent.

use strict;
use warnings;

use Exporter 'import';
use IO::Handle;
use Time::HiRes 'sleep';

use Provisor::ChildProcess;
use Provisor::Files qw(read_text write_text);
use Provisor::HttpClient;
use Provisor::SignOnForm;
use Provisor::Test;

our @EXPORT_OK = qw(bench_host read_figures request_of scenarios seed write_figures);

use constant {
	WARM_UP => 10,
	MEASURED => 100,
	SEEDED => 20,      # resources for all scenarios but provision
	ADDRESSES => 20,   # of clients: nginx limits the sign-ons of each
	PATIENCE => 60,    # seconds
};

my @scenarios = qw(provision replay plan sign-on health);

sub scenarios { return @scenarios }

# --- the host and its requests ----------------------------------------------

# The id of a resource that exists before the measurement.
sub seeded {
	my ($i) = @_;

	return sprintf '00000000-0000-4000-8000-%012x', $i % SEEDED;
}

# The members that Heroku sends, as long as its own.  A repeated request has the same.
sub members {
	my ($id) = @_;
	my $code = $id =~ tr/0-9a-f/5-9a-f0-4/r;

	return (
		uuid => $id,
		name => 'acme-inc-primary-database',
		callback_url => "https://api.heroku.com/addons/$id",
		oauth_grant => { code => $code, expires_at => '2030-03-03T18:01:31-0800', type => 'authorization_code' },
		options => { foo => 'bar', baz => 'true' },
		region => 'amazon-web-services::us-east-1',
		log_input_url => 'https://token@logs.example.test/',
		log_drain_token => "d.$code",
	);
}

my %request_of = (
	provision => sub { $_[0]->provision_request(members($_[2])) },
	replay => sub { $_[0]->provision_request(members(seeded($_[1]))) },
	plan => sub { $_[0]->plan_request(seeded($_[1]), "plan-$_[2]") },
	'sign-on' => sub {
		my ($addon, $i) = @_;
		return (method => 'POST', path => '/sso/login', type => 'application/x-www-form-urlencoded',
			body => encode_form(sign_on_fields($addon, seeded($i))));
	},
	health => sub { return (method => 'GET', path => '/health') },
);
my %status_of = ('sign-on' => 303);

# The i-th request of a scenario, as clients take it.
sub request_of {
	my ($scenario, $addon, $i, $id) = @_;

	return $request_of{$scenario}->($addon, $i, $id // uuid());
}

# A host with nginx and one add-on, but without workers: it has a template, so no hook
# runs.
sub bench_host {
	my (%options) = @_;
	my $host = new_host(is_direct => 1, %options);
	my $addon = addon($host, 'bench', base_url => $host->url . '/heroku/resources',
		sso_url => $host->url . '/sso/login');

	$host->start_postgres;
	$host->migrate;
	$host->start_nginx;
	return ($host, $addon);
}

sub send_requests {
	my ($self, $scenario, $count) = @_;
	my $expected = $status_of{$scenario} // 200;

	for my $i (0 .. $count - 1) {
		my $client = $self->{clients}[ $i % ADDRESSES ];
		my $status = $client->request(request_of($scenario, $self->{addon}, $i))->status;
		die "$scenario: status $status\n", $self->{host}->log('worker') if $status != $expected;
	}
	return;
}

# Make the resources of seeded().
sub seed {
	my ($host, $addon) = @_;

	$host->start_pool('api');
	wait_for(PATIENCE, sub { $addon->provision(members(seeded(0)))->status == 200 });
	$addon->provision(members(seeded($_))) for 1 .. SEEDED - 1;
	$host->stop_pool('api');
	return;
}

# --- one worker under a tool ------------------------------------------------

# Start a worker that serves both pools, run by a command, and warm it up.
sub start_worker {
	my ($self, @tool) = @_;
	my $host = $self->{host};
	my ($socket, $other) = map { $host->socket($_) } qw(api web);
	my $program = "$host->{build}/provisor.fcgi";

	unlink $socket, $other;
	symlink $socket, $other or die "$other: $!\n";
	my $worker = Provisor::ChildProcess->start(sub {
		%ENV = (%ENV, %{ $host->env });
		open STDOUT, '>>', $host->log_path('worker') or die "the worker's log: $!\n";
		open STDERR, '>&', \*STDOUT;
		exec 'spawn-fcgi', '-n', '-s', $socket, '-b', 64, '--', @tool, $program, 'api' or die "spawn-fcgi: $!\n";
	});
	# Under a tool it takes a while to read many homes.
	wait_for(PATIENCE, sub {
		-S $socket && $self->{clients}[0]->request(request_of('health'))->status == 200;
	});
	$self->send_requests(provision => WARM_UP);
	$self->send_requests($_ => WARM_UP) for @scenarios;
	return $worker;
}

# callgrind writes the instructions since its last dump, a numbered file each time.
sub dump_instructions {
	my ($self, $worker) = @_;
	my $file = "$self->{profile}." . ++$self->{dumps};

	system("callgrind_control -d $worker->{pid} >/dev/null 2>&1") == 0 or die "callgrind_control failed\n";
	wait_for(PATIENCE, sub { (read_text($file) // '') =~ /^totals: /m });
	my ($count) = read_text($file) =~ /^totals: (\d+)/m;
	return $count;
}

sub count_instructions {
	my ($self) = @_;

	$self->{profile} = "$self->{traces}/callgrind";
	my $worker = $self->start_worker('/usr/bin/valgrind', '--tool=callgrind', "--callgrind-out-file=$self->{profile}");
	my %count;

	$self->dump_instructions($worker);
	for my $scenario (@scenarios) {
		$self->send_requests($scenario, MEASURED);
		$count{$scenario} = $self->dump_instructions($worker) / MEASURED;
	}
	$worker->stop('TERM');
	return %count;
}

# The file has a line for each system call.
sub count_system_calls {
	my ($self) = @_;
	my $trace = "$self->{traces}/strace";
	my $worker = $self->start_worker('/usr/bin/strace', '-D', '-f', '-qq', '-o', $trace);
	my %count;

	for my $scenario (@scenarios) {
		my $before = () = read_text($trace) =~ /\n/g;
		$self->send_requests($scenario, MEASURED);
		my $after = () = read_text($trace) =~ /\n/g;
		$count{$scenario} = ($after - $before) / MEASURED;
	}
	$worker->stop('TERM');
	return %count;
}

# Options: addons => how many more add-ons the host has.
sub measure {
	my ($class, %option) = @_;
	my ($host, $addon) = bench_host();
	# A folder of its own: workers watch the one with their keys.
	my $traces = $host->home . '/traces';
	my $self = bless { host => $host, addon => $addon, dumps => 0, traces => $traces,
		clients => [ map { Provisor::HttpClient->new(port => $host->port, from => "127.0.0.$_") } 1 .. ADDRESSES ],
	}, $class;

	addon($host, "more-$_") for 1 .. $option{addons} // 0;
	mkdir $traces;
	seed($host, $addon);
	my %instructions = $option{addons} ? () : $self->count_instructions;
	my %calls = $self->count_system_calls;
	$host->stop;
	return { map { $_ => { instructions => $instructions{$_}, 'system calls' => $calls{$_} } } @scenarios };
}

# --- the recorded figures ---------------------------------------------------

my $figures = 'tests/bench/figures';

# The same structure as measure() returns, from the file.
sub read_figures {
	my %figure;

	for (split /\n/, read_text($figures) // die "$figures: $!\n") {
		my ($scenario, $instructions, $calls) = /^([a-z][a-z-]*)\s+(\d+)\s+(\d+)\z/ or next;
		$figure{$scenario} = { instructions => $instructions, 'system calls' => $calls };
	}
	return \%figure;
}

# Replaces the figures and keeps the comments.
sub write_figures {
	my ($costs) = @_;
	my $comments = join '', (read_text($figures) // '') =~ /^#.*\n/mg;

	write_text($figures, $comments . join '', map {
		sprintf "%-10s %8.0f %4.0f\n", $_, @{ $costs->{$_} }{ 'instructions', 'system calls' }
	} @scenarios);
	chmod 0644, $figures;
	return;
}

1;
