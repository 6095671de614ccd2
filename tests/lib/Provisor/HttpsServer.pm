package Provisor::HttpsServer;

# An HTTPS server on a loopback port.  It behaves as the test chooses and records
# the requests.
#
#	my $server = Provisor::HttpsServer->new($folder, %tls, behaviours => {
#		succeeds => sub { my ($socket, $request) = @_; ...; return $goes_on },
#	});
#	$server->behave('succeeds');
#	my ($request) = $server->requests;	# since behave()
#
# %tls are options of IO::Socket::SSL.  A behaviour writes a response to the socket
# and returns true to read the next request from the same connection.

use strict;
use warnings;

use Fcntl ':flock';
use IO::Select;
use IO::Socket::IP;
use IO::Socket::SSL;
use JSON::PP ();
use MIME::Base64 qw(decode_base64 encode_base64);
use POSIX ();

use Provisor::ChildProcess;
use Provisor::Files qw(read_text write_text);

use constant LONGEST => 60; # seconds that a connection may last

# The first behaviour is "succeeds".
sub new {
	my ($class, $folder, %options) = @_;
	my $self = bless { folder => $folder, behaviours => delete $options{behaviours},
		tls => \%options }, $class;

	mkdir $folder, 0700 or die "$folder: $!\n";
	$self->{listener} = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 100)
		or die "cannot listen: $!\n";
	$self->{port} = $self->{listener}->sockport;
	$self->behave('succeeds');
	$self->{child} = Provisor::ChildProcess->start(sub { $self->_serve });
	close $self->{listener};
	return $self;
}

sub port { return $_[0]{port} }

# Changes the behaviour from now on and forgets the recorded requests.
sub behave {
	my ($self, $behaviour) = @_;

	die "unknown behaviour: $behaviour\n" unless $self->{behaviours}{$behaviour};
	write_text("$self->{folder}/behaviour", $behaviour);
	write_text("$self->{folder}/requests", '');
	return;
}

# A list of { method, target, headers => { lower case => value }, body }.
sub requests {
	my ($self) = @_;

	return map { my $request = JSON::PP::decode_json($_);
			$request->{body} = decode_base64($request->{body});
			$request } split /\n/, read_text("$self->{folder}/requests");
}

# The number of connections that the recorded requests came over.
sub connections {
	my ($self) = @_;
	my %seen = map { $_->{connection} => 1 } $self->requests;

	return scalar keys %seen;
}

# --- in the child -----------------------------------------------------------

# Starts a process for each connection, which ends with it.
sub _serve {
	my ($self) = @_;

	$SIG{CHLD} = 'IGNORE';
	$SIG{PIPE} = 'IGNORE';
	$self->{listener}->blocking(0);
	my $waiting = IO::Select->new($self->{listener});

	while (1) {
		$waiting->can_read(1);
		my $connection = $self->{listener}->accept or next;
		my $pid = fork // die "cannot fork: $!\n";

		if ($pid == 0) {
			alarm LONGEST;
			close $self->{listener};
			$connection->blocking(1);
			eval { $self->_serve_connection($connection) };
			POSIX::_exit(0);
		}
		close $connection;
	}
}

sub _serve_connection {
	my ($self, $connection) = @_;
	my $socket = IO::Socket::SSL->start_SSL($connection,
		SSL_server => 1, %{ $self->{tls} }) or return;

	while (my $request = _read_request($socket)) {
		my $behaviour = read_text("$self->{folder}/behaviour");

		$self->_record($request);
		last unless $self->{behaviours}{$behaviour}->($socket, $request);
	}
	return;
}

sub _read_request {
	my ($socket) = @_;
	my $line = <$socket> // return;
	my ($method, $target) = split ' ', $line;
	my %headers;

	while (($line = <$socket> // return) =~ /\A(.*?):\s*(.*?)\r\n\z/) {
		$headers{ lc $1 } = $2;
	}
	my $length = $headers{'content-length'} // 0;
	my $body = '';

	read $socket, $body, $length if $length; # a read of 0 bytes would wait
	return { method => $method, target => $target, headers => \%headers, body => $body };
}

sub _record {
	my ($self, $request) = @_;
	my $text = JSON::PP::encode_json({ %$request,
		connection => $$, body => encode_base64($request->{body}, '') });

	open my $file, '>>', "$self->{folder}/requests" or die "requests: $!\n";
	flock $file, LOCK_EX;
	syswrite $file, "$text\n";
	close $file;
	return;
}

1;
