package Provisor::ChildProcess;

# A process that runs a function of the test, or a program whose output the test reads.
# It ends with the test, however the test ends: by a signal, or even by KILL.
#
#	my $child = Provisor::ChildProcess->start(sub { ... });
#	my $status = $child->finish;	# or stop('TERM')
#	my $output = Provisor::ChildProcess::open_program('program', @arguments);

use strict;
use warnings;

use POSIX ();
use Time::HiRes qw(sleep time);

require 'syscall.ph';

# Loaded first, so that its END block runs after ours: it removes folders with our pid
# files.
use Provisor::Test ();

use constant {
	PATIENCE => 10, # seconds
	PR_SET_PDEATHSIG => 1,
};

my ($creator, @ends) = ($$);

# Calls a function when the test ends, the last one first.
sub at_the_end {
	my ($end) = @_;

	push @ends, $end;
	return;
}

END {
	if ($$ == $creator) {
		local ($?, $!, $@);
		eval { $_->() } for reverse @ends;
	}
}

# Runs the function in a child.  Its exit status is 0 if the function returns, 1 if it
# dies.
sub start {
	my ($class, $function) = @_;
	my $parent = $$;
	my $pid = fork // die "cannot fork: $!\n";

	if ($pid == 0) {
		end_with($parent);
		# The child must not end what the test has started.
		@ends = ();
		$SIG{$_} = 'DEFAULT' for qw(INT TERM HUP PIPE);
		srand($$ ^ time);
		my $is_done = eval { $function->(); 1 };
		print STDERR $@ unless $is_done;
		POSIX::_exit($is_done ? 0 : 1);
	}
	my $self = bless { pid => $pid }, $class;

	at_the_end(sub { $self->stop('KILL') });
	return $self;
}

# Has the kernel kill this process when its parent ends, because a killed test cannot.
# It stays so across exec.
sub end_with {
	my ($parent) = @_;

	syscall(SYS_prctl(), PR_SET_PDEATHSIG, 9) == 0 or die "prctl: $!\n";
	POSIX::_exit(1) if getppid != $parent;
	return;
}

# Starts a program.  Returns a handle of what it writes to standard output and standard
# error.
sub open_program {
	my (@command) = @_;
	my $parent = $$;
	my $pid = open(my $output, '-|') // die "cannot fork: $!\n";

	if ($pid == 0) {
		end_with($parent);
		open STDERR, '>&', \*STDOUT;
		exec { $command[0] } @command or POSIX::_exit(127);
	}
	# Perl would wait for it.
	at_the_end(sub { kill KILL => $pid if defined fileno $output });
	return $output;
}

sub pid { return $_[0]{pid} }

sub is_alive {
	my ($self) = @_;

	return 0 unless $self->{pid};
	return 1 if waitpid($self->{pid}, POSIX::WNOHANG) == 0;
	$self->{ended} = $?;
	undef $self->{pid};
	return 0;
}

# Waits for its end and kills it after patience seconds.  Returns its wait status.
sub finish {
	my ($self, $patience) = @_;
	my $limit = time + ($patience // PATIENCE);

	while ($self->is_alive) {
		kill KILL => $self->{pid} if time > $limit;
		sleep 0.01;
	}
	return $self->{ended};
}

sub stop {
	my ($self, $signal, $patience) = @_;

	kill $signal => $self->{pid} if $self->is_alive;
	return $self->finish($patience);
}

1;
