package Marketplace::HttpsClient;

# Sends many requests at the same time to one HTTPS origin, each on its own connection.
# TLS sessions are resumed.
#
#	my $client = Marketplace::HttpsClient->new(loop => $loop, origin => 'https://host:port',
#		ca => file or undef);
#	$client->send({ method, path, headers, body },
#		limit => 25,		# seconds for the response, from the last byte sent
#		hang_up => 0.1,		# seconds until the connection is closed
#		hold => 30,		# seconds between the halves of the request
#		done => sub { ($answer) ... });
#
# The answer is that of HttpMessage.pm with the times {sent} and {received}.  Without a
# response it has status 0 and {why}: "late", "hung up" (by us) or "no answer" (the
# server closed the connection).

use strict;
use warnings;

use IO::Socket::IP;
use IO::Socket::SSL;
use Socket qw(SOCK_STREAM);
use Time::HiRes 'time';

use Marketplace::HttpMessage qw(encode_request parse_answer);
use Marketplace::TlsStream;

use constant CONNECT_SECONDS => 10;

# Dies if the origin does not accept connections.
sub new {
	my ($class, %self) = @_;
	my ($host, $port) = $self{origin} =~ m{\Ahttps://(\[[^]]+\]|[^:/]+)(?::(\d+))?\z}
		or die "$self{origin}: an address begins with https://HOST\n";
	my $first = IO::Socket::IP->new(PeerHost => $host =~ tr/[]//dr, PeerPort => $port // 443,
		Timeout => CONNECT_SECONDS) or die "$self{origin} does not answer: $@\n";
	my @trust = defined $self{ca} ? (SSL_ca_file => $self{ca}) : ();
	my $context = IO::Socket::SSL::SSL_Context->new(SSL_verify_mode => SSL_VERIFY_PEER,
		@trust, SSL_session_cache_size => 4)
		or die +($self{ca} // 'TLS') . ": $SSL_ERROR\n";
	my $name = $host =~ tr/[]//dr;

	return bless {
		%self,
		host => defined $port ? "$host:$port" : $host,
		address => [ PeerHost => $first->peerhost, PeerPort => $first->peerport ],
		tls => {
			SSL_reuse_ctx => $context,
			SSL_hostname => $name =~ /\A[\d.:a-f]+\z/ ? '' : $name,
			SSL_verifycn_name => $name,
			SSL_verifycn_scheme => 'http',
			SSL_session_key => $self{origin},
		},
		under_way => 0,
	}, $class;
}

sub send {
	my ($self, $request, %how) = @_;
	my $bytes = encode_request(host => $self->{host}, %$request,
		headers => { Connection => 'close', %{ $request->{headers} // {} } });
	my $call = { %how, began => time };

	$self->{under_way}++;
	my $socket = IO::Socket::IP->new(@{ $self->{address} }, Blocking => 0)
		or return $self->{loop}->after(0, sub { $self->_conclude($call, undef, 'no answer') });

	$call->{stream} = Marketplace::TlsStream->new($self->{loop}, $socket,
		tls => $self->{tls},
		open => sub { $self->_give($call, $bytes) },
		text_in => sub { $self->_take($call, 0) },
		ended => sub { $self->_take($call, 1, @_) },
	);
	# This limit ends when the request is sent; then that for the response begins.
	$call->{timer} = $self->{loop}->after($how{limit},
		sub { $self->_conclude($call, undef, 'no answer') });
	return;
}

sub _give {
	my ($self, $call, $bytes) = @_;
	my $send_rest = sub {
		return if $call->{is_over};
		$call->{stream}{sent} = sub { $self->_is_sent($call) };
		$call->{stream}->send($bytes);
	};

	$self->{is_refused} = 0;
	return $send_rest->() unless $call->{hold};
	$self->{loop}->cancel($call->{timer});
	$call->{stream}->send(substr $bytes, 0, length($bytes) / 2, '');
	$call->{timer} = $self->{loop}->after($call->{hold}, $send_rest);
	return;
}

sub _is_sent {
	my ($self, $call) = @_;
	my ($why, $seconds) = defined $call->{hang_up} ? ('hung up', $call->{hang_up})
		: ('late', $call->{limit});

	return if $call->{sent} || $call->{is_over};
	$call->{sent} = time;
	$self->{loop}->cancel($call->{timer});
	$call->{timer} = $self->{loop}->after($seconds,
		sub { $self->_conclude($call, undef, $why) });
	return;
}

sub _take {
	my ($self, $call, $is_closed, $words) = @_;
	my $text = \$call->{stream}{text};

	return if $call->{is_over};
	# After a hang-up nothing is read.
	my $answer = defined $call->{hang_up} ? undef : eval { parse_answer($text, $is_closed) };

	return $self->_conclude($call, $answer) if $answer;
	return unless $is_closed || $@;
	$self->{tls_error} = $words if $words && $words =~ /^TLS/;
	$self->_conclude($call, undef, defined $call->{hang_up} ? 'hung up' : 'no answer');
	return;
}

sub _conclude {
	my ($self, $call, $answer, $why) = @_;

	return if $call->{is_over}++;
	my $now = time;

	$self->{loop}->cancel($call->{timer});
	$call->{stream}->close if $call->{stream};
	delete $call->{stream};
	$self->{under_way}--;
	$answer //= { status => 0, headers => {}, body => '', why => $why };
	$answer->{sent} = $call->{sent} // $call->{began};
	$answer->{received} = $now;
	$call->{done}->($answer);
	return;
}

1;
