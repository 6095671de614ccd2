package Provisor::Http2Attacker;

# An HTTP/2 connection that observes no limit but flow control: it opens as many
# streams as the test wants, and leaves their bodies incomplete.
#
#	my $attacker = Provisor::Http2Attacker->new($https);
#	$attacker->open_stream(POST => '/session/end', 261_001);
#	$attacker->send_bodies(1);	# all but the last byte, as far as flow control allows
#	$attacker->reset_streams;

use strict;
use warnings;

use List::Util qw(min);
use Time::HiRes qw(time);

use constant {
	DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4, WINDOW_UPDATE => 8,
	INITIAL_WINDOW => 65_535,
	INITIAL_WINDOW_SIZE => 4, # the setting
	LARGEST_DATA => 16_000,
	CANCEL => 8,
};

sub new {
	my ($class, $https) = @_;
	my $socket = $https->connect(SSL_alpn_protocols => ['h2']) or die "no connection: $!\n";
	my $self = bless { socket => $socket, window => INITIAL_WINDOW, streams => {},
		next_id => 1, stream_window => INITIAL_WINDOW, received => '' }, $class;

	$self->_send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . _frame(SETTINGS, 0, 0, ''));
	return $self;
}

# The stream stays open: its body never ends.
sub open_stream {
	my ($self, $method, $path, $length) = @_;
	my $id = $self->{next_id};

	$self->{next_id} += 2;
	$self->{streams}{$id} = { window => $self->{stream_window}, left => $length - 1 };
	my $end_headers = 4;
	$self->_send(_frame(HEADERS, $end_headers, $id, join '', map { _literal(@$_) }
		[ ':method', $method ], [ ':scheme', 'https' ], [ ':authority', 'localhost' ],
		[ ':path', $path ], [ 'content-length', $length ]));
	return;
}

# Cancels all streams.
sub reset_streams {
	my ($self) = @_;

	$self->_send(join '', map { _frame(RST_STREAM, 0, $_, pack 'N', CANCEL) }
		sort { $a <=> $b } keys %{ $self->{streams} });
	$self->{streams} = {};
	return;
}

sub send_bodies {
	my ($self, $seconds) = @_;
	my $end = time + $seconds;

	while (time < $end && grep { $_->{left} > 0 } values %{ $self->{streams} }) {
		$self->_send_data($_) for sort { $a <=> $b } keys %{ $self->{streams} };
		$self->_receive;
	}
	return;
}

sub _send_data {
	my ($self, $id) = @_;
	my $stream = $self->{streams}{$id};
	my $count = min(LARGEST_DATA, $stream->{window}, $self->{window}, $stream->{left});

	return if $count <= 0;
	$self->_send(_frame(DATA, 0, $id, 'x' x $count));
	$_ -= $count for @$stream{qw(window left)}, $self->{window};
	return;
}

# Reads what has arrived: more window, and the ends of streams.
sub _receive {
	my ($self) = @_;
	my $bits = '';

	vec($bits, fileno $self->{socket}, 1) = 1;
	return unless $self->{socket}->pending || select $bits, undef, undef, 0.02;
	sysread $self->{socket}, $self->{received}, 65_536, length $self->{received};
	while (length $self->{received} >= 9) {
		my ($high, $low, $type, undef, $id) = unpack 'CnCCN', $self->{received};
		my $length = ($high << 16) + $low;

		last if length $self->{received} < 9 + $length;
		my $payload = substr substr($self->{received}, 0, 9 + $length, ''), 9;
		$self->_heed($type, $id, $payload);
	}
	return;
}

sub _heed {
	my ($self, $type, $id, $payload) = @_;

	delete $self->{streams}{$id} if $type == RST_STREAM;
	$self->_take_settings($payload) if $type == SETTINGS;
	return if $type != WINDOW_UPDATE;
	my $stream = $id ? $self->{streams}{$id} : $self;
	$stream->{window} += unpack 'N', $payload if $stream;
	return;
}

sub _take_settings {
	my ($self, $payload) = @_;

	while ($payload =~ s/\A(.{6})//s) {
		my ($setting, $value) = unpack 'nN', $1;

		next if $setting != INITIAL_WINDOW_SIZE;
		$_->{window} += $value - $self->{stream_window} for values %{ $self->{streams} };
		$self->{stream_window} = $value;
	}
	return;
}

sub _send {
	my ($self, $bytes) = @_;

	local $SIG{PIPE} = 'IGNORE';
	while (length $bytes) {
		my $sent = syswrite $self->{socket}, $bytes, 16_384 or return;
		substr $bytes, 0, $sent, '';
	}
	return;
}

sub _frame {
	my ($type, $flags, $id, $payload) = @_;

	return pack('CnCCN', 0, length $payload, $type, $flags, $id) . $payload;
}

# A header outside the tables; name and value are shorter than 127 bytes.
sub _literal {
	my ($name, $value) = @_;

	return pack 'C C/a C/a', 0, $name, $value;
}

1;
