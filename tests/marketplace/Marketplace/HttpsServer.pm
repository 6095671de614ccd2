package Marketplace::HttpsServer;

# An HTTPS server on a port of this machine.
#
#	Marketplace::HttpsServer->new(loop => $loop, port => 0 or number,
#		certificate => file, key => file,
#		answer => sub { my ($request, $reply) = @_; ... $reply->($answer) });
#
# $reply may be called later; without an answer it closes the connection.

use strict;
use warnings;

use IO::Socket::IP;
use IO::Socket::SSL;
use IO::Socket::SSL::Utils qw(CERT_create PEM_cert2file PEM_key2file);

use Marketplace::HttpMessage qw(encode_answer parse_request);
use Marketplace::TlsStream;

sub new {
	my ($class, %self) = @_;
	my $self = bless \%self, $class;

	$self->{socket} = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => $self->{port},
		Listen => 128, ReuseAddr => 1, Blocking => 0) or die "port $self->{port}: $@\n";
	$self->{port} = $self->{socket}->sockport;
	$self->{tls} = {
		SSL_server => 1,
		SSL_reuse_ctx => IO::Socket::SSL::SSL_Context->new(SSL_server => 1,
			SSL_cert_file => $self->{certificate}, SSL_key_file => $self->{key})
			|| die("$self->{certificate}: $SSL_ERROR\n"),
	};
	$self->{loop}->watch($self->{socket}, 'read', sub { $self->_accept });
	return $self;
}

sub origin {
	my ($self) = @_;

	return "https://localhost:$self->{port}";
}

# Creates a self-signed certificate for localhost unless it exists; clients trust the
# first file.
sub make_certificate {
	my ($certificate, $key) = @_;

	return if -s $certificate && -s $key;
	my ($made, $secret) = CERT_create(
		subject => { commonName => 'localhost' },
		subjectAltNames => [ [ DNS => 'localhost' ], [ IP => '127.0.0.1' ] ],
		not_after => time + 3650 * 86_400,
		CA => 1,
		purpose => 'server',
	);
	umask_of(0077, sub { PEM_key2file($secret, $key) });
	PEM_cert2file($made, $certificate);
	return;
}

sub umask_of {
	my ($mask, $function) = @_;
	my $before = umask $mask;
	my $is_done = eval { $function->(); 1 };

	umask $before;
	die $@ unless $is_done;
	return;
}

sub _accept {
	my ($self) = @_;

	while (my $socket = $self->{socket}->accept) {
		my $stream;

		$stream = Marketplace::TlsStream->new($self->{loop}, $socket,
			tls => $self->{tls},
			text_in => sub { $self->_take($stream) },
			ended => sub { undef $stream },
		);
	}
	return;
}

# Serves one request at a time: the next one waits in {text}.
sub _take {
	my ($self, $stream) = @_;

	return if $stream->{is_answering};
	my $request = eval { parse_request(\$stream->{text}) };

	return $stream->close if $@;
	if (!$request) {
		$self->_encourage($stream);
		return;
	}
	$stream->{is_answering} = 1;
	$stream->{is_encouraged} = 0;
	$self->{answer}->($request, sub { $self->_give($stream, $request, @_) });
	return;
}

sub _encourage {
	my ($self, $stream) = @_;

	return if $stream->{is_encouraged} || $stream->{text} !~ /^Expect: *100-continue\r$/mi
		|| $stream->{text} !~ /\r\n\r\n/;
	$stream->{is_encouraged} = 1;
	$stream->send("HTTP/1.1 100 Continue\r\n\r\n");
	return;
}

sub _give {
	my ($self, $stream, $request, $answer) = @_;

	return unless $stream->{socket};
	return $stream->close unless $answer;
	my $is_last = lc($request->{headers}{connection} // '') eq 'close';

	$stream->{is_answering} = 0;
	$stream->{sent} = sub { $stream->close } if $is_last;
	$stream->send(encode_answer($answer));
	$self->_take($stream) if !$is_last && length $stream->{text};
	return;
}

1;
