package Clone::MakeProcess;

# A make that runs in a clone, and its output.
use strict;
use warnings;
use IO::Select;
use POSIX qw(_exit);
use Time::HiRes qw(time);

my $patience = 60; # seconds

sub new {
	my ($class, $folder, $user, @what) = @_;
	pipe my $reader, my $writer or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	_become($writer, $folder, $user, @what) if $pid == 0;
	return bless { pid => $pid, reader => $reader, text => '' }, $class;
}

sub pid { $_[0]{pid} }
sub text { $_[0]{text} }

# Waits until the output matches.  Returns false if make ends or hangs before that.
sub read_until {
	my ($self, $pattern) = @_;
	my $deadline = time + $patience;
	while ($self->{text} !~ $pattern) {
		return 0 unless $self->_read($deadline - time);
	}
	return 1;
}

# Closes the pipe that it prints to, as a pager that ends.
sub stop_reading {
	my ($self) = @_;
	close $self->{reader};
}

sub signal {
	my ($self, $signal) = @_;
	kill $signal, $self->{pid};
}

# Waits for its end.  Returns its exit status, or the name of a signal.
sub end {
	my ($self) = @_;
	1 while $self->_read($patience);
	waitpid $self->{pid}, 0;
	my %name = (1 => 'HUP', 2 => 'INT', 9 => 'KILL', 15 => 'TERM');
	return $? & 127 ? $name{$? & 127} : $? >> 8;
}

sub _read {
	my ($self, $seconds) = @_;
	return 0 unless IO::Select->new($self->{reader})->can_read($seconds);
	return sysread $self->{reader}, $self->{text}, 65536, length $self->{text};
}

# Runs make in a process group of its own, as a terminal does, with empty input.
sub _become {
	my ($writer, $folder, $user, @what) = @_;
	setpgrp 0, 0;
	open STDIN, '<', '/dev/null';
	open STDOUT, '>&', $writer;
	open STDERR, '>&', $writer;
	delete @ENV{grep { /\AMAKE|\AMFLAGS/ } keys %ENV};
	$SIG{$_} = 'DEFAULT' for qw(INT TERM HUP PIPE);
	eval {
		chdir $folder or die "$folder: $!\n";
		Provisor::Process::become_user($user) if defined $user;
		@ENV{qw(HOME LC_ALL)} = ($folder, 'C');
		exec 'make', '--no-print-directory', @what;
	};
	print STDERR $@ || "make: $!\n";
	_exit(127);
}

1;
