package Provisor::FastCgiClient;

# A FastCGI client for a worker's socket.  It makes the records itself, so that a test
# can also send malformed and forged ones.

use strict;
use warnings;

use Exporter 'import';
use IO::Socket::UNIX;
use Socket qw(SOL_SOCKET SO_RCVTIMEO SO_SNDTIMEO);

use Provisor::Response;
use Provisor::Request 'variables';

our @EXPORT_OK = qw(encode);

use constant {
	FCGI_BEGIN => 1,
	FCGI_END => 3,
	FCGI_PARAMS => 4,
	FCGI_STDIN => 5,
	FCGI_STDOUT => 6,
	FCGI_STDERR => 7,
	RESPONDER => 1,
	LONGEST_CONTENT => 65_528,
	PATIENCE => 30, # seconds
};

sub record {
	my ($type, $content) = @_;
	my $padding = -length($content) % 8;

	return pack('C C n n C x', 1, $type, 1, length $content, $padding)
		. $content . "\0" x $padding;
}

# Records for content of any length, and the empty record that ends a stream.
sub stream {
	my ($type, $content) = @_;
	my @pieces = unpack '(a' . LONGEST_CONTENT . ')*', $content;

	return join '', map { record($type, $_) } @pieces, '';
}

sub _length {
	my ($length) = @_;

	return $length < 128 ? pack 'C', $length : pack 'N', $length | 1 << 31;
}

sub pairs {
	my (%variables) = @_;

	return join '', map {
		my $value = $variables{$_};
		_length(length) . _length(length $value) . $_ . $value;
	} sort keys %variables;
}

# The bytes of a request; keep => 1 asks the worker to keep the connection.
sub encode {
	my (%request) = @_;

	return record(FCGI_BEGIN, pack 'n C x5', RESPONDER, $request{keep} ? 1 : 0)
		. stream(FCGI_PARAMS, pairs(variables(%request)))
		. stream(FCGI_STDIN, $request{body} // '');
}

sub new {
	my ($class, %self) = @_; # socket => its path

	return bless \%self, $class;
}

sub name { return 'FastCGI' }

sub _connect {
	my ($self) = @_;
	my $socket = IO::Socket::UNIX->new(Peer => $self->{socket}) or return;

	setsockopt $socket, SOL_SOCKET, $_, pack 'l! l!', PATIENCE, 0
		for SO_RCVTIMEO, SO_SNDTIMEO;
	return $socket;
}

# Connects and sends these bytes.  Returns what finish() takes.
sub begin {
	my ($self, $bytes) = @_;
	my $socket = $self->_connect or return;

	local $SIG{PIPE} = 'IGNORE';
	while (length $bytes) {
		my $sent = syswrite $socket, $bytes or last;
		substr $bytes, 0, $sent, '';
	}
	return $socket;
}

# Reads records until the connection or the request ends.
sub finish {
	my ($self, $socket) = @_;
	my ($input, %output) = ('', FCGI_STDOUT, '', FCGI_STDERR, '');

	while (sysread $socket, $input, 65_536, length $input) {
		while (length $input >= 8) {
			my ($type, $length, $padding) = unpack 'x C x2 n C', $input;
			last if length $input < 8 + $length + $padding;
			$output{$type} .= substr $input, 8, $length;
			substr $input, 0, 8 + $length + $padding, '';
		}
		last if defined $output{ +FCGI_END };
	}
	return Provisor::Response->parse($output{ +FCGI_STDOUT },
		stderr => $output{ +FCGI_STDERR });
}

sub exchange {
	my ($self, $bytes) = @_;
	my $socket = $self->begin($bytes) or return Provisor::Response->new;

	return $self->finish($socket);
}

sub request {
	my ($self, %request) = @_;

	return $self->exchange(encode(%request));
}

1;
