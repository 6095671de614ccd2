package Provisor::Disturbances;

# What can happen to a host and its database while customers use it.
#
#	my $place = Provisor::Disturbances->new(host => $host, random => $random, ...);
#	for my $disturbance (Provisor::Disturbances::table()) {
#		my $state = $disturbance->{begin}->($place);
#		...
#		$disturbance->{end}->($place, $state);
#	}
#
# Provisor::Campaign plans when each begins and ends.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::ChildProcess;
use Provisor::Files 'read_text';
use Provisor::Test qw(ctl scaled uuid wait_for);

use constant {
	CLOCK_STEP => 600,            # seconds, of a host
	NEIGHBOURS => scaled(12, 30), # resources of another add-on whose clean-ups hang
	KILL_EVERY => 0.5,            # seconds
};

# host => a Provisor::Host
# random => a Marketplace::SeededRandom
# lease => seconds after which another process takes a job over
# primary, standby => PostgresServers
# host_clock, database_clock => FakeClocks
# neighbour => an add-on whose hooks wait while its home has the file "hangs", or undef
# recovery => a Provisor::Recovery
sub new {
	my ($class, %self) = @_;
	my @ids = $self{neighbour} ? map { uuid() } 1 .. NEIGHBOURS : ();

	$self{neighbour}->provision(uuid => $_) for @ids;
	return bless { %self, neighbours => \@ids }, $class;
}

# --- processes --------------------------------------------------------------

sub _parents {
	my %parent_of;

	for my $stat (map { read_text("/proc/$_/stat") // () } map { m{(\d+)\z} } glob '/proc/[0-9]*') {
		$parent_of{$1} = $2 if $stat =~ /\A(\d+) \(.*\) \S (\d+)/s;
	}
	return %parent_of;
}

# The processes that these have started, and those that they have started, and so on.
sub _descendants {
	my (@found) = @_;
	my %parent_of = _parents();

	for (my $i = 0; $i < @found; $i++) {
		push @found, grep { $parent_of{$_} == $found[$i] } sort { $a <=> $b } keys %parent_of;
	}
	return @found;
}

sub _of_pools {
	my ($self, @pools) = @_;

	return _descendants(map { (read_text($self->{host}->home . "/pids/$_") // '') =~ /\A(\d+)/ } @pools);
}

# The workers of the pools and the processes of provisor-jobs.
sub _serving {
	my ($self) = @_;

	return grep { (read_text("/proc/$_/comm") // '') =~ /\Aprovisor/ } $self->_of_pools(qw(api web jobs));
}

sub _pause {
	my (@pids) = @_;

	return [ grep { kill STOP => $_ } @pids ];
}

sub _pause_half {
	my ($self) = @_;
	my @serving = $self->_serving;

	return _pause(@serving[ grep { $self->{random}->is(0.5, 'paused', $_) } 0 .. $#serving ]);
}

sub _continue {
	my (undef, $pids) = @_;

	kill CONT => @$pids;
	return;
}

sub _kill_sometimes {
	my ($self, $state) = @_;

	return if time < $state->{next};
	my @serving = $self->_serving;

	kill KILL => $self->{random}->pick(\@serving, 'killed', ++$state->{kills}) if @serving;
	$state->{next} = time + KILL_EVERY;
	return;
}

# --- the database -----------------------------------------------------------

# Meanwhile nothing may query the database, so a child waits.
sub _freeze {
	my ($self, $seconds) = @_;
	my $server = $self->{primary};

	return Provisor::ChildProcess->start(sub {
		$server->freeze;
		sleep $seconds;
		$server->thaw;
	})->finish($seconds + 10);
}

sub _restart_database {
	my ($self) = @_;

	$self->{primary}->kill;
	$self->{database_clock}->run(sub { $self->{primary}->start_again });
	return;
}

# No change is lost.
sub _switch_over {
	my ($self) = @_;

	$self->{primary}->waits_for_standby;
	$self->promote_standby;
	return;
}

# The standby becomes the primary, with the changes that it has received.
sub promote_standby {
	my ($self) = @_;

	$self->{primary}->kill;
	$self->{standby}->promote;
	@$self{qw(primary standby)} = @$self{qw(standby primary)};
	return;
}

# The old primary becomes the standby, and an operator releases the jobs.
sub _end_switch_over {
	my ($self) = @_;

	$self->{database_clock}->run(sub { $self->{standby}->follow($self->{primary}) });
	wait_for(10, sub { (ctl($self->{host}->env, qw(restored --release --yes)))[1] == 0 })
		or diag 'held jobs cannot be released';
	return;
}

# The last changes are lost.  The operator sets the clocks right before anything else.
sub _end_fail_over {
	my ($self) = @_;

	$self->promote_standby;
	$self->{$_}->set(0) for qw(host_clock database_clock);
	$self->{standby}->follow($self->{primary});
	$self->{recovery}->recover_while_busy;
	return;
}

# --- a neighbour ------------------------------------------------------------

# The requests may have to wait for what else happens.
sub _begin_hanging {
	my ($self) = @_;

	$self->{neighbour}->write_file('hangs', '');
	return Provisor::ChildProcess->start(sub {
		$self->{neighbour}->deprovision($_) for @{ $self->{neighbours} };
	});
}

sub _end_hanging {
	my ($self, $requests) = @_;

	$requests->stop('KILL');
	unlink $self->{neighbour}->home . '/hangs';
	return;
}

# --- the table --------------------------------------------------------------

# Members of a disturbance:
#
#	name
#	lane      those of a lane come one after the other; lanes are independent
#	lasts     seconds from its begin to its end; "lease": longer than a lease
#	begin     gets the place; returns its state
#	during    gets place and state, many times a second
#	end       gets place and state
#	findings  what the simulator may find meanwhile: nobody could prevent it
my @table = (
	{
		name => 'half of the processes are paused beyond their leases',
		lane => 'processes', lasts => 'lease',
		begin => \&_pause_half,
		end => \&_continue,
	}, {
		name => 'the whole host is paused beyond all leases',
		lane => 'processes', lasts => 'lease',
		begin => sub { _pause($_[0]->_of_pools(qw(nginx api web jobs hooks))) },
		end => \&_continue,
		findings => [ 'late' ],
	}, {
		name => 'hooks are paused beyond the leases of their jobs',
		lane => 'processes', lasts => 'lease',
		begin => sub { _pause($_[0]->_of_pools('hooks')) },
		end => \&_continue,
	}, {
		name => 'processes are killed one after the other',
		lane => 'processes', lasts => 5,
		begin => sub { return { next => 0 } },
		during => \&_kill_sometimes,
		end => sub { },
	}, {
		name => 'the clock of the host is ten minutes fast',
		lane => 'host clock', lasts => 3,
		begin => sub { $_[0]{host_clock}->set(CLOCK_STEP) },
		end => sub { $_[0]{host_clock}->set(0) },
		findings => [ 'sign-on' ],
	}, {
		name => 'the clock of the host is ten minutes slow',
		lane => 'host clock', lasts => 3,
		begin => sub { $_[0]{host_clock}->set(-CLOCK_STEP()) },
		end => sub { $_[0]{host_clock}->set(0) },
		findings => [ 'sign-on' ],
	}, {
		name => 'the clock of the database is fast by more than a lease',
		lane => 'database clock', lasts => 4,
		begin => sub { $_[0]{database_clock}->set(2 * $_[0]{lease}) },
		end => sub { $_[0]{database_clock}->set(0) },
	}, {
		name => 'the clock of the database is slow by more than a lease',
		lane => 'database clock', lasts => 4,
		begin => sub { $_[0]{database_clock}->set(-2 * $_[0]{lease}) },
		end => sub { $_[0]{database_clock}->set(0) },
	}, {
		name => 'the database does not respond for longer than a lease',
		lane => 'database', lasts => 0,
		begin => sub { $_[0]->_freeze($_[0]{lease} + 1) },
		end => sub { },
	}, {
		name => 'the database crashes and starts again',
		lane => 'database', lasts => 0,
		begin => \&_restart_database,
		end => sub { },
	}, {
		name => 'a synchronous standby takes over',
		lane => 'database', lasts => 2,
		begin => \&_switch_over,
		end => \&_end_switch_over,
	}, {
		name => 'an asynchronous standby takes over',
		lane => 'database', lasts => 2,
		begin => sub { $_[0]{standby}->lose_primary },
		end => \&_end_fail_over,
	}, {
		name => 'hooks of another add-on hang',
		lane => 'neighbour', lasts => 10,
		begin => \&_begin_hanging,
		end => \&_end_hanging,
	},
);

sub table { return @table }

1;
