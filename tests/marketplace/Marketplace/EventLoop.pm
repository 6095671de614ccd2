package Marketplace::EventLoop;

# Waits for many sockets and timers in one process.
#
#	$loop->watch($socket, $wants, $sub)	# $wants: 'read' or 'write'
#	$loop->after($seconds, $sub)		# returns what cancel() takes
#	$loop->run				# until stop()

use strict;
use warnings;

use Time::HiRes 'time';

sub new {
	my ($class) = @_;

	return bless {
		watched => {},             # descriptor => [ wants, function ]
		bits => { read => '', write => '' },
		timers => [],              # [ time, function ]; the last one is due next
	}, $class;
}

# Replaces an earlier watch of the same socket.
sub watch {
	my ($self, $socket, $wants, $function) = @_;
	my $descriptor = fileno $socket;

	$self->forget($descriptor);
	$self->{watched}{$descriptor} = [ $wants, $function ];
	vec($self->{bits}{$wants}, $descriptor, 1) = 1;
	return;
}

sub forget {
	my ($self, $descriptor) = @_;
	my $watched = delete $self->{watched}{$descriptor} or return;

	vec($self->{bits}{ $watched->[0] }, $descriptor, 1) = 0;
	return;
}

sub after {
	my ($self, $seconds, $function) = @_;
	my $timers = $self->{timers};
	my $timer = [ time + $seconds, $function ];
	my ($low, $high) = (0, scalar @$timers);

	while ($low < $high) {
		my $middle = int(($low + $high) / 2);

		$timers->[$middle][0] > $timer->[0] ? ($low = $middle + 1) : ($high = $middle);
	}
	splice @$timers, $low, 0, $timer;
	return $timer;
}

# A timer may be cancelled after it has fired or was cancelled.
sub cancel {
	my ($self, $timer) = @_;

	undef $timer->[1] if $timer;
	return;
}

sub stop {
	my ($self) = @_;

	$self->{is_over} = 1;
	return;
}

sub run {
	my ($self) = @_;

	# A write to a closed connection fails instead.
	local $SIG{PIPE} = 'IGNORE';
	$self->{is_over} = 0;
	$self->_turn until $self->{is_over};
	return;
}

sub _turn {
	my ($self) = @_;

	$self->_ring;
	return if $self->{is_over};
	my $next = $self->{timers}[-1];
	my $rest = $next ? $next->[0] - time : 1;
	my ($read, $write) = @{ $self->{bits} }{qw(read write)};

	# At least once a second, so that signals are handled.
	$rest = 1 if $rest > 1;
	my %watched = %{ $self->{watched} };

	return if select($read, $write, undef, $rest > 0 ? $rest : 0) <= 0;
	for my $descriptor (keys %watched) {
		my $watched = $watched{$descriptor};
		my $ready = $watched->[0] eq 'read' ? $read : $write;

		# A descriptor that was closed meanwhile may be in use by another socket.
		$watched->[1]->() if vec($ready, $descriptor, 1)
			&& ($self->{watched}{$descriptor} // 0) == $watched;
	}
	return;
}

sub _ring {
	my ($self) = @_;
	my $timers = $self->{timers};
	my $now = time;

	while (@$timers && $timers->[-1][0] <= $now) {
		my $function = (pop @$timers)->[1];

		$function->() if $function;
	}
	return;
}

1;
