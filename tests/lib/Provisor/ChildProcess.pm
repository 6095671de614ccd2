package Provisor::ChildProcess;

# A part of the test that runs beside it, in a process of its own, and ends with
# it however that ends.

use strict;
use warnings;

use POSIX ();
use Time::HiRes qw(sleep time);

# Its end comes after ours: pid files are in its folders.
use Provisor::Test ();

use constant PATIENCE => 10; # seconds

my ($creator, @ends) = ($$);

# What else is to be done before the test ends.
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

# Runs the function; what that dies of is said on standard error.
sub start {
	my ($class, $function) = @_;
	my $pid = fork // die "cannot fork: $!\n";

	if ($pid == 0) {
		# A copy of the test must not end it.
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

# For a child to ask from time to time: a test that was killed leaves it alone.
sub is_orphan {
	return getppid != $creator;
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

# Wait for its end; one that takes too long is killed.  Returns how it ended.
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
