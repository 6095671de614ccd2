package Provisor::HttpClient;

# An HTTP/1.1 client: over TLS to a port of this machine, or without TLS to a port or a
# Unix socket.  A response can be read later than its request is sent, so one process
# can have hundreds of requests under way.

use strict;
use warnings;

use IO::Socket::INET;
use IO::Socket::SSL;
use IO::Socket::UNIX;
use Socket qw(SOL_SOCKET SO_RCVTIMEO);

use Provisor::Response;
use Provisor::Request 'authorization';

use constant PATIENCE => 60; # seconds

sub new {
	# port => TLS port, or socket => path, or plain => port;
	# from => our address, if not 127.0.0.1
	my ($class, %self) = @_;

	return bless \%self, $class;
}

sub name { return 'HTTPS' }

# Extra arguments go to IO::Socket::SSL.
sub connect {
	my ($self, %tls) = @_;
	my $socket =
		$self->{socket} ? IO::Socket::UNIX->new(Peer => $self->{socket})
		: IO::Socket::INET->new(
			PeerAddr => '127.0.0.1',
			PeerPort => $self->{port} // $self->{plain},
			LocalAddr => $self->{from},
		);

	return unless $socket;
	setsockopt $socket, SOL_SOCKET, SO_RCVTIMEO, pack 'l! l!', PATIENCE, 0;
	return $socket unless $self->{port};
	my @unverified = (SSL_verify_mode => SSL_VERIFY_NONE);

	# Creating a context takes longer than a handshake.
	$self->{context} //= IO::Socket::SSL::SSL_Context->new(@unverified);
	return IO::Socket::SSL->start_SSL(
		$socket,
		SSL_hostname => 'localhost',
		%tls ? (@unverified, %tls) : (SSL_reuse_ctx => $self->{context}),
	);
}

sub encode {
	my (%request) = @_;
	my $body = $request{body} // '';
	my %headers = (
		Host => 'localhost',
		Connection => 'close',
		Authorization => authorization(%request),
		%{ $request{headers} // {} },
	);

	if (defined $request{body}) {
		$headers{'Content-Type'} //= $request{type} // 'application/json';
		$headers{'Content-Length'} //= length $body;
	}
	return join "\r\n", "$request{method} $request{path} HTTP/1.1",
		(map { "$_: $headers{$_}" } grep { defined $headers{$_} } sort keys %headers),
		'', $body;
}

sub _unchunk {
	my ($chunked) = @_;
	my $body = '';

	while ($chunked =~ s/\A([0-9a-f]+)\r\n//i && hex $1) {
		$body .= substr $chunked, 0, hex($1), '';
		$chunked =~ s/\A\r\n//;
	}
	return $body;
}

# Sends the request and returns what finish() takes.
sub begin {
	my ($self, %request) = @_;
	my $bytes = $request{raw} // encode(%request);
	my $socket = $self->connect or return;

	local $SIG{PIPE} = 'IGNORE';
	while (length $bytes) {
		my $sent = syswrite $socket, $bytes, 16_384 or last;
		substr $bytes, 0, $sent, '';
	}
	return $socket;
}

sub finish {
	my ($self, $socket) = @_;
	my $text = '';

	return Provisor::Response->new unless $socket;
	1 while sysread $socket, $text, 65_536, length $text;
	close $socket;
	my $answer = Provisor::Response->parse($text);

	$answer->{body} = _unchunk($answer->{body})
		if ($answer->header('transfer-encoding') // '') eq 'chunked';
	return $answer;
}

sub request {
	my ($self, %request) = @_;

	return $self->finish($self->begin(%request));
}

1;
