package Provisor::FakeClock;

# A clock that a test sets wrong, for programs that are started with its environment.
# Clocks that measure durations stay right, as on a host whose time is set.
#
#	my $clock = Provisor::FakeClock->new("$folder/clock");
#	$clock->run(sub { $host->start });	# the programs that this starts use it
#	$clock->set(600);			# it is ten minutes fast
#	$clock->set(0);

use strict;
use warnings;

use Provisor::ChildProcess;
use Provisor::Files 'write_text';

# All users can read the file, if they may pass through its folder.
sub new {
	my ($class, $path) = @_;
	my ($library) = glob '/usr/lib/*/faketime/libfaketime.so.1';
	my $self = bless { path => $path, library => $library // die "libfaketime is not installed\n" }, $class;

	$self->set(0);
	Provisor::ChildProcess::at_the_end(\&_tidy_up);
	return $self;
}

sub environment {
	my ($self) = @_;

	return (
		LD_PRELOAD => $self->{library},
		FAKETIME_TIMESTAMP_FILE => $self->{path},
		FAKETIME_NO_CACHE => 1, # a new value takes effect at once
		FAKETIME_DONT_RESET => 1,
		DONT_FAKE_MONOTONIC => 1,
		FAKETIME_DONT_FAKE_MONOTONIC => 1, # a later name of the same
		NO_FAKE_STAT => 1,
	);
}

sub run {
	my ($self, $function) = @_;
	local %ENV = (%ENV, $self->environment);

	return $function->();
}

# Sets by how many seconds the clock is fast.
sub set {
	my ($self, $seconds) = @_;

	write_text("$self->{path}.set", sprintf "%+d\n", $seconds);
	chmod 0644, "$self->{path}.set";
	rename "$self->{path}.set", $self->{path} or die "$self->{path}: $!\n";
	return;
}

# The library leaves files of programs that were killed.
sub _tidy_up {
	for my $file (glob '/dev/shm/faketime_shm_* /dev/shm/sem.faketime_sem_*') {
		unlink $file if $file =~ /_(\d+)\z/ && !-e "/proc/$1";
	}
	return;
}

1;
