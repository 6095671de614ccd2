package Provisor::Counterpart;

# An HTTPS server on a loopback port that does as it is told, and remembers what
# it was asked.
#
#	my $there = Provisor::Counterpart->new($folder, %tls, ways => {
#		good => sub { my ($socket, $request) = @_; ... true: go on },
#	});
#	$there->goes('good');
#	my ($request) = $there->requests;	# since goes()

use strict;
use warnings;

use Fcntl ':flock';
use IO::Select;
use IO::Socket::IP;
use IO::Socket::SSL;
use JSON::PP ();
use MIME::Base64 qw(decode_base64 encode_base64);
use POSIX ();

use Provisor::Child;
use Provisor::Files qw(read_text write_text);

sub new {
	my ($class, $folder, %options) = @_;
	my $self = bless { folder => $folder, ways => delete $options{ways}, tls => \%options }, $class;

	mkdir $folder, 0700 or die "$folder: $!\n";
	$self->{listener} = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 100)
		or die "cannot listen: $!\n";
	$self->{port} = $self->{listener}->sockport;
	$self->goes('good');
	$self->{child} = Provisor::Child->start(sub { $self->_serve });
	close $self->{listener};
	return $self;
}

sub port { return $_[0]{port} }

# From now on, in that way; what it was asked before is forgotten.
sub goes {
	my ($self, $way) = @_;

	die "$way is no way\n" unless $self->{ways}{$way};
	write_text("$self->{folder}/way", $way);
	write_text("$self->{folder}/requests", '');
	return;
}

sub requests {
	my ($self) = @_;

	return map { my $request = JSON::PP::decode_json($_);
			$request->{body} = decode_base64($request->{body});
			$request } split /\n/, read_text("$self->{folder}/requests");
}

# How many it has been asked since goes(), and over how many connections.
sub connections {
	my ($self) = @_;
	my %seen = map { $_->{connection} => 1 } $self->requests;

	return scalar keys %seen;
}

# --- in the child -----------------------------------------------------------

# A process for each connection; they end with it.
sub _serve {
	my ($self) = @_;

	$SIG{CHLD} = 'IGNORE';
	$SIG{PIPE} = 'IGNORE';
	$self->{listener}->blocking(0);
	my $waiting = IO::Select->new($self->{listener});

	until (Provisor::Child::is_orphan()) {
		$waiting->can_read(1);
		my $connection = $self->{listener}->accept or next;
		my $pid = fork // die "cannot fork: $!\n";

		if ($pid == 0) {
			alarm 60; # whoever forgets to end it
			close $self->{listener};
			$connection->blocking(1);
			eval { $self->_converse($connection) };
			POSIX::_exit(0);
		}
		close $connection;
	}
}

sub _converse {
	my ($self, $connection) = @_;
	my $socket = IO::Socket::SSL->start_SSL($connection,
		SSL_server => 1, %{ $self->{tls} }) or return;

	while (my $request = _read_request($socket)) {
		my $way = read_text("$self->{folder}/way");

		$self->_remember($request);
		last unless $self->{ways}{$way}->($socket, $request);
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

	read $socket, $body, $length if $length; # reading nothing would wait
	return { method => $method, target => $target, headers => \%headers, body => $body };
}

sub _remember {
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
