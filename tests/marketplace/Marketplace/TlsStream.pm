package Marketplace::TlsStream;

# One TLS connection on the event loop, of a client or a server.
#
#	Marketplace::TlsStream->new($loop, $socket,
#		tls   => { ... },	# of IO::Socket::SSL; SSL_server => 1 accepts
#		open  => sub { ... },	# the handshake is complete
#		sent  => sub { ... },	# all data is sent
#		text_in => sub { ... },	# {text} has more data; the owner removes it
#		ended => sub { ... },	# the connection has ended; the reason in words
#	);
#
# The socket is connected or connecting, and does not block.

use strict;
use warnings;

use IO::Socket::SSL;

sub new {
	my ($class, $loop, $socket, %self) = @_;
	my $self = bless {
		loop => $loop,
		socket => $socket,
		text => '',
		unsent => '',
		(map { $_ => sub { } } qw(open sent text_in ended)),
		%self,
	}, $class;

	$socket->blocking(0);
	$self->_wait($self->{tls}{SSL_server} ? 'read' : 'write');
	return $self;
}

sub send {
	my ($self, $bytes) = @_;

	$self->{unsent} .= $bytes;
	$self->_flush if $self->{is_open};
	return;
}

# Closes the connection without a TLS alert.
sub close {
	my ($self) = @_;
	my $socket = delete $self->{socket} or return;

	$self->{loop}->forget(fileno $socket);
	$self->{is_open}
		? $socket->close(SSL_no_shutdown => 1, SSL_fast_shutdown => 1)
		: CORE::close($socket);
	$self->{$_} = sub { } for qw(open sent text_in ended);
	return;
}

sub _wait {
	my ($self, $wants) = @_;

	$self->{loop}->watch($self->{socket}, $wants, sub { $self->_ready });
	return;
}

sub _end {
	my ($self, $words) = @_;
	my $ended = $self->{ended};

	$self->close;
	$ended->($words);
	return;
}

sub _ready {
	my ($self) = @_;

	return $self->_shake unless $self->{is_open};
	$self->_flush if length $self->{unsent};
	$self->_read if $self->{socket};
	return;
}

# OpenSSL would take an error of another connection for one of this.
sub _forget_errors {
	Net::SSLeay::ERR_clear_error();
	return;
}

sub _shake {
	my ($self) = @_;

	if (!$self->{is_tls}) {
		my $error = $self->{socket}->sockopt(IO::Socket::SO_ERROR());

		return $self->_end('no connection') if $error;
		IO::Socket::SSL->start_SSL($self->{socket}, SSL_startHandshake => 0, %{ $self->{tls} })
			or return $self->_end('no TLS');
		$self->{is_tls} = 1;
	}
	_forget_errors();
	my $is_done = $self->{tls}{SSL_server}
		? $self->{socket}->accept_SSL : $self->{socket}->connect_SSL;

	return $self->_try_again("TLS: $SSL_ERROR") unless $is_done;
	$self->{is_open} = 1;
	$self->{open}->();
	$self->_flush if $self->{socket};
	return;
}

# After a step that failed: waits if TLS wants that, else ends.
sub _try_again {
	my ($self, $words) = @_;

	return $self->_wait('read') if $SSL_ERROR == SSL_WANT_READ;
	return $self->_wait('write') if $SSL_ERROR == SSL_WANT_WRITE;
	return $self->_end($words);
}

sub _flush {
	my ($self) = @_;
	my $had = length $self->{unsent};

	_forget_errors();
	while (length $self->{unsent}) {
		my $count = syswrite $self->{socket}, $self->{unsent}, 16_384;

		return $self->_try_again('the connection broke') unless $count;
		substr $self->{unsent}, 0, $count, '';
	}
	$self->_wait('read');
	$self->{sent}->() if $had;
	return;
}

# Reads until TLS has no more data: it buffers more than the socket shows.
sub _read {
	my ($self) = @_;
	my $count;

	_forget_errors();
	while (1) {
		$count = sysread $self->{socket}, $self->{text}, 65_536, length $self->{text};
		last unless $count;
	}
	my $is_closed = defined $count || $SSL_ERROR != SSL_WANT_READ && $SSL_ERROR != SSL_WANT_WRITE;

	$self->{text_in}->() if length $self->{text};
	$self->_end('the peer closed the connection') if $is_closed && $self->{socket};
	return;
}

1;
