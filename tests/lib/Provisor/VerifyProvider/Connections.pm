package Provisor::VerifyProvider::Connections;

# The connections of a VerifyProvider: reads requests and writes responses.  A class
# with the methods _handle(), which returns the response to a request, and _refuse()
# inherits it.

use strict;
use warnings;

use IO::Select;
use List::Util qw(max min);
use Time::HiRes 'time';

use constant {
	LARGEST_BODY => 262_144,   # bytes
	LARGEST_HEAD => 65_536,    # bytes
	BLOCK => 65_536,           # bytes that are read or written at once
	LINGER => 5,               # seconds in which a client may go on sending after its response
};

my %reasons = (200 => 'OK', 202 => 'Accepted', 204 => 'No Content', 303 => 'See Other', 400 => 'Bad Request',
	401 => 'Unauthorized', 403 => 'Forbidden', 404 => 'Not Found',
	405 => 'Method Not Allowed', 409 => 'Conflict', 410 => 'Gone', 413 => 'Content Too Large',
	422 => 'Unprocessable Content', 431 => 'Request Header Fields Too Large',
	500 => 'Internal Server Error');

# One process serves all connections, because it has the resources in memory.  A
# connection is
#
#	socket, input => bytes of the request, output => bytes of the response
#	request  => its request, once its head has arrived
#	response => its response, once there is one
#	is_begun => whether the request has been handled
#	is_ended => whether the client sends nothing more
#	is_sent  => whether the whole response was sent
#	limit    => the time at which it is closed

sub _serve {
	my ($self) = @_;

	$SIG{PIPE} = 'IGNORE';
	$self->{listener}->blocking(0);
	@$self{qw(connections timers by_id by_key tombstones sessions addresses)}
		= ({}, [], {}, {}, {}, {}, {});
	$self->{number} = 0;
	while (1) {
		my ($readable, $writable) = $self->_wait;

		$self->_accept if grep { $_ == $self->{listener} } @$readable;
		$self->_each($readable, \&_read);
		$self->_each($writable, \&_write);
		$self->_run_timers;
		$self->_close_late;
	}
}

sub _wait {
	my ($self) = @_;
	my @connections = values %{ $self->{connections} };
	my @times = (map({ $_->{time} } @{ $self->{timers} }),
		grep { defined } map { $_->{limit} } @connections);
	my $wait = @times ? max(0, min(@times) - time) : undef;
	my @found = IO::Select->select(
		IO::Select->new($self->{listener},
			map { $_->{socket} } grep { !$_->{is_ended} } @connections),
		IO::Select->new(map { $_->{socket} } grep { length $_->{output} } @connections),
		undef, $wait);

	return ($found[0] // [], $found[1] // []);
}

# Calls the function with each of these sockets' connections that is still open.
sub _each {
	my ($self, $sockets, $function) = @_;

	for my $socket (@$sockets) {
		my $connection = $self->{connections}{$socket} or next;

		$self->$function($connection);
	}
	return;
}

sub _accept {
	my ($self) = @_;

	while (my $socket = $self->{listener}->accept) {
		$socket->blocking(0);
		$self->{connections}{$socket} = { socket => $socket, input => '', output => '' };
	}
	return;
}

sub _close {
	my ($self, $connection) = @_;

	delete $self->{connections}{ $connection->{socket} };
	close $connection->{socket};
	return;
}

sub _close_late {
	my ($self) = @_;
	my $now = time;

	for my $connection (values %{ $self->{connections} }) {
		$self->_close($connection) if ($connection->{limit} // $now + 1) <= $now;
	}
	return;
}

sub _read {
	my ($self, $connection) = @_;
	my $length = sysread $connection->{socket}, my $bytes, BLOCK;

	return if !defined $length && ($!{EAGAIN} || $!{EINTR});
	return $self->_read_end($connection) unless $length;
	return if $connection->{is_begun}; # the rest of a body that is too large
	$connection->{input} .= $bytes;
	$self->_begin($connection) if _has_request($connection);
	return;
}

# A client that has sent its request may still wait for the response.
sub _read_end {
	my ($self, $connection) = @_;

	$connection->{is_ended} = 1;
	$self->_close($connection) if !$connection->{is_begun} || $connection->{is_sent}
		|| $connection->{hangs};
	return;
}

sub _write {
	my ($self, $connection) = @_;
	my $sent = syswrite $connection->{socket}, $connection->{output}, BLOCK;

	if (!defined $sent) {
		$self->_close($connection) unless $!{EAGAIN} || $!{EINTR};
		return;
	}
	substr $connection->{output}, 0, $sent, '';
	$self->_write_end($connection) unless length $connection->{output};
	return;
}

# Closing a socket with unread bytes would reset the connection, and the client could
# lose the response.
sub _write_end {
	my ($self, $connection) = @_;
	my $response = $connection->{response};

	return $connection->{output} = ' ' x BLOCK if $response->{is_endless};
	$connection->{is_sent} = 1;
	return $self->_close($connection) if $connection->{is_ended};
	return if $response->{extra_length};
	shutdown $connection->{socket}, 1;
	$connection->{limit} = time + LINGER;
	return;
}

# Calls the function in so many seconds.
sub _later {
	my ($self, $seconds, $function) = @_;

	push @{ $self->{timers} }, { time => time + $seconds, function => $function };
	return;
}

sub _run_timers {
	my ($self) = @_;
	my $now = time;
	my @due = grep { $_->{time} <= $now } @{ $self->{timers} };

	$self->{timers} = [ grep { $_->{time} > $now } @{ $self->{timers} } ];
	$_->{function}->() for sort { $a->{time} <=> $b->{time} } @due;
	return;
}

# --- requests and responses -------------------------------------------------

# Whether the request has arrived, or as much of it as decides the response.
sub _has_request {
	my ($connection) = @_;
	my $request = $connection->{request} //= _take_head($connection) or return 0;

	return 1 if $request->{error} || $request->{is_large};
	return _has_body($connection, $request) || $request->{is_large};
}

sub _take_head {
	my ($connection) = @_;

	if ($connection->{input} !~ s/\A(.*?)\r\n\r\n//s) {
		return length $connection->{input} > LARGEST_HEAD ? { error => 431 } : undef;
	}
	my ($line, @lines) = split /\r\n/, $1;
	my ($method, $target) = ($line // '') =~ m{\A([A-Z]+) (\S+) HTTP/1\.[01]\z}
		or return { error => 400 };
	my ($path, $query) = split /\?/, $target, 2;
	my $request = { method => $method, path => $path, query => $query, body => '',
		headers => { map { /\A([^:\s]+):\s*(.*?)\s*\z/ ? (lc $1 => $2) : () } @lines } };

	_take_length($connection, $request);
	return $request;
}

sub _take_length {
	my ($connection, $request) = @_;
	my $headers = $request->{headers};
	my $length = $headers->{'content-length'} // 0;

	$request->{is_chunked} = lc($headers->{'transfer-encoding'} // '') eq 'chunked';
	return $request->{error} = 400 if $length !~ /\A[0-9]{1,15}\z/;
	$request->{length} = $length;
	$request->{is_large} = !$request->{is_chunked} && $length > LARGEST_BODY;
	syswrite $connection->{socket}, "HTTP/1.1 100 Continue\r\n\r\n"
		if !$request->{is_large} && lc($headers->{expect} // '') eq '100-continue';
	return;
}

sub _has_body {
	my ($connection, $request) = @_;

	return _has_last_chunk($connection, $request) if $request->{is_chunked};
	return 0 if length $connection->{input} < $request->{length};
	$request->{body} = substr $connection->{input}, 0, $request->{length};
	return 1;
}

sub _has_last_chunk {
	my ($connection, $request) = @_;

	while ($connection->{input} =~ /\A([0-9a-f]{1,8})[^\r\n]*\r\n/i) {
		my ($start, $length) = ($+[0], hex $1);

		$request->{is_large} = length($request->{body}) + $length > LARGEST_BODY;
		return 0 if $request->{is_large}
			|| length $connection->{input} < $start + $length + 2;
		$request->{body} .= substr $connection->{input}, $start, $length;
		substr $connection->{input}, 0, $start + $length + 2, '';
		return 1 if $length == 0;
	}
	$request->{error} = 400 if $connection->{input} =~ /\A[^0-9a-f]/i;
	return defined $request->{error};
}

sub _begin {
	my ($self, $connection) = @_;
	my $request = $connection->{request};

	$connection->{is_begun} = 1;
	$connection->{input} = '';
	$self->_respond($connection, $request->{error}
		? $self->_refuse($request->{error}, 'The request is not valid HTTP.')
		: $self->_handle($request));
	return;
}

# A response is
#
#	status, type, body, headers => [ lines ]
#	extra_length => bytes that Content-Length claims and that are never sent
#	is_endless   => whether the body has no end
#
# or instead
#
#	later => seconds, then => function that returns the response
#	is_silent => 1		there is no response, but the connection stays open
#	is_cut => 1		the connection is closed
sub _respond {
	my ($self, $connection, $response) = @_;

	return $self->_close($connection) if $response->{is_cut};
	return $connection->{hangs} = 1 if $response->{is_silent};
	if ($response->{then}) {
		return $self->_later($response->{later},
			sub { $self->_respond($connection, $response->{then}->()) });
	}
	$connection->{response} = $response;
	$connection->{output} = _encode_response($response,
		($connection->{request}{method} // '') eq 'HEAD');
	return;
}

sub _encode_response {
	my ($response, $is_head) = @_;
	my ($status, $body) = ($response->{status}, $response->{body} // '');
	my $length = length($body) + ($response->{extra_length} // 0);
	my @lines = @{ $response->{headers} // [] };

	push @lines, "Content-Type: $response->{type}" if defined $response->{type};
	push @lines, "Content-Length: $length" unless $status == 204 || $response->{is_endless};
	push @lines, 'Connection: ' . ($response->{extra_length} ? 'keep-alive' : 'close');
	return join "\r\n", "HTTP/1.1 $status $reasons{$status}", @lines, '',
		$is_head ? '' : $body;
}

1;
