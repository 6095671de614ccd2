package Provisor::LoadGenerator;

# Many clients that send requests through nginx at the same time.  They run in a
# process of their own and record all responses, so a test can kill and break things
# meanwhile.
#
#	my $load = Provisor::LoadGenerator->start(
#		port    => nginx's port,
#		clients => 8,
#		pause   => 0.1,		# seconds after a 503 or no response
#		repeats => 1,		# after that, the same request again? or the
#					# next one
#		think   => 0,		# seconds after any other response
#		next    => sub { ... },	# returns { id => uuid, request => {} }, or
#					# nothing at the end
#	);
#	...
#	my @answered = $load->finish;
#
# Shorter, for most tests:
#
#	my $load = Provisor::LoadGenerator->under_way($host, $addon, clients => 12);
#	my @answered = Provisor::LoadGenerator->once_more($host, $addon, @ids);
#
# Both return a list of { id, started, ended, answer } in the order of the responses;
# answer is a Provisor::Response.  Without a response its status is 0.

use strict;
use warnings;

use Exporter 'import';
use File::Temp 'tempfile';
use IO::Select;
use IO::Socket::SSL;
use List::Util qw(max min);
use Time::HiRes qw(sleep time);

use Provisor::Response;
use Provisor::ChildProcess;
use Provisor::HttpClient;
use Provisor::Test qw(uuid faults wait_for);

our @EXPORT_OK = qw(creates unexpected median slowest);

use constant {
	PATIENCE => 40,   # seconds to wait for a response
	LONGEST => 300,   # seconds after which a load ends by itself
};

# --- requests ---------------------------------------------------------------

# Each request creates a new resource.
sub creates {
	my ($addon, %members) = @_;

	return sub {
		my $id = uuid();

		return { id => $id, request =>
			{ $addon->provision_request(uuid => $id, %members) } };
	};
}

# Each request repeats the create of one of these.
sub _replays {
	my ($addon, @ids) = @_;

	return sub {
		my $id = shift @ids // return;

		return { id => $id, request => { $addon->provision_request(uuid => $id) } };
	};
}

# --- responses --------------------------------------------------------------

# Describes and counts the responses whose status is none of these, and those with 503
# whose body is not valid JSON.  Returns '' if there are none.
sub unexpected {
	my ($statuses, @answered) = @_;
	my (%is_expected, %unexpected) = (map { $_ => 1 } @$statuses);

	for my $answer (map { $_->{answer} } @answered) {
		my $status = $answer->status;

		if (!$is_expected{$status}) {
			$unexpected{"status $status: " . substr $answer->body, 0, 80}++;
		} elsif ($status == 503) {
			$unexpected{$_}++ for faults($answer, 503);
		}
	}
	return join '; ', map { "$unexpected{$_} times $_" } sort keys %unexpected;
}

sub _seconds {
	return sort { $a <=> $b } map { $_->{ended} - $_->{started} } @_;
}

sub slowest { return max(0, _seconds(@_)) }

sub median {
	my @seconds = _seconds(@_);

	return $seconds[ @seconds / 2 ] // 0;
}

# --- from the test ----------------------------------------------------------

sub start {
	my ($class, %how) = @_;
	my $self = bless { clients => 8, pause => 0.1, think => 0, repeats => 1, %how }, $class;

	($self->{answers}, $self->{path}) = tempfile('provisor-load-XXXXXX',
		TMPDIR => 1, UNLINK => 1);
	$self->{child} = Provisor::ChildProcess->start(sub { $self->_run });
	return $self;
}

# Starts clients that create resources, and returns once they get responses.
sub under_way {
	my ($class, $host, $addon, %how) = @_;
	my $load = $class->start(
		port => $host->port,
		clients => 6,
		pause => 0.05,
		think => 0.02,
		next => creates($addon),
		%how,
	);

	wait_for(30, sub { $load->count > 50 }) or die "the clients get no responses\n";
	return $load;
}

# Repeats the creates of these resources and returns the responses.
sub once_more {
	my ($class, $host, $addon, @ids) = @_;

	return $class->start(port => $host->port, next => _replays($addon, @ids))->wait;
}

# The number of responses so far.
sub count {
	my ($self) = @_;

	return scalar $self->_lines;
}

sub _lines {
	my ($self) = @_;

	open my $file, '<:raw', $self->{path} or die "$self->{path}: $!\n";
	my @lines = grep { /\n\z/ } <$file>;
	return @lines;
}

# Lets each client wait for its current response and returns all of them.
sub finish {
	my ($self) = @_;
	my $ended = $self->{child}->stop(TERM => PATIENCE + 5);

	die "the load has ended with status $ended\n" if $ended != 0;
	return $self->answered;
}

# Waits until there is no next request and returns all responses.
sub wait {
	my ($self) = @_;
	my $ended = $self->{child}->finish(LONGEST + PATIENCE);

	die "the load has ended with status $ended\n" if $ended != 0;
	return $self->answered;
}

sub answered {
	my ($self) = @_;

	return map {
		my ($id, $started, $ended, $status, $type, $retry, $body) = split /\t|\n/;
		{
			id => $id,
			started => $started,
			ended => $ended,
			answer => Provisor::Response->new(
				status => $status,
				headers => [
					[ 'content-type', $type ],
					length $retry ? [ 'retry-after', $retry ] : (),
				],
				body => $body // '',
			),
		}
	} $self->_lines;
}

# --- in the child -----------------------------------------------------------

sub _run {
	my ($self) = @_;
	my $is_over = 0;

	$self->{http} = Provisor::HttpClient->new(port => $self->{port});
	$self->{answers}->autoflush;
	$self->{select} = IO::Select->new;
	local $SIG{TERM} = sub { $is_over = 1 };
	local $SIG{PIPE} = 'IGNORE';
	my @clients = map { { due => 0 } } 1 .. $self->{clients};
	my $limit = time + LONGEST;

	# All are connected before the first one sends a request.
	$self->_connect($_) for @clients;
	while (1) {
		my $now = time;

		$is_over = 1 if $now > $limit;
		for my $client (grep { !$_->{job} || $_->{due} } @clients) {
			next if $is_over || $client->{due} > $now;
			$client->{due} = 0;
			$client->{job} //= $self->{next}->();
			$self->_send($client) if $client->{job};
		}
		my @waiting = grep { $_->{job} && !$_->{due} } @clients;
		my @pausing = grep { $_->{due} } @clients;

		last unless @waiting || @pausing && !$is_over;
		$self->_listen($now, min(0.2, map { max(0, $_->{due} - $now) } @pausing));
		for my $client (grep { $_->{started} < $now - PATIENCE } @waiting) {
			$self->_conclude($client) if $client->{job} && !$client->{due};
		}
	}
	return;
}

sub _connect {
	my ($self, $client) = @_;

	$client->{socket} = $self->{http}->connect or die "cannot connect to nginx: $!\n";
	$client->{socket}->blocking(0);
	$self->{select}->add($client->{socket});
	$self->{by_socket}{ fileno $client->{socket} } = $client;
	return;
}

sub _hang_up {
	my ($self, $client) = @_;
	my $socket = delete $client->{socket} or return;

	$self->{select}->remove($socket);
	delete $self->{by_socket}{ fileno $socket };
	close $socket;
	return;
}

# A request fits into the buffer of its socket.
sub _send {
	my ($self, $client) = @_;
	my %request = %{ $client->{job}{request} };

	$self->_connect($client) unless $client->{socket};
	@$client{qw(text started)} = ('', time);
	syswrite $client->{socket}, Provisor::HttpClient::encode(
		%request, headers => { Connection => 'keep-alive' });
	return;
}

sub _listen {
	my ($self, $now, $seconds) = @_;

	for my $socket ($self->{select}->can_read($seconds)) {
		my $client = $self->{by_socket}{ fileno $socket };
		my $count;

		1 while $count = sysread $socket, $client->{text}, 65_536,
			length($client->{text} // '');
		my $is_closed = defined $count || $SSL_ERROR != SSL_WANT_READ;

		# An idle connection may be closed at any time.
		if (!$client->{job} || $client->{due}) {
			$self->_hang_up($client) if $is_closed;
		} elsif ($is_closed || _is_whole($client->{text})) {
			$self->_conclude($client);
		}
	}
	return;
}

sub _is_whole {
	my ($text) = @_;
	my ($head, $body) = $text =~ /\A(.*?)\r\n\r\n(.*)\z/s or return 0;

	return 1 if $head =~ m{\AHTTP/1.1 204};
	return $body =~ /(?:\A|\r\n)0\r\n\r\n\z/
		if $head =~ /^Transfer-Encoding: chunked/mi;
	return $head =~ /^Content-Length: (\d+)/mi && length $body >= $1;
}

# Records the response; an incomplete one counts as none.
sub _conclude {
	my ($self, $client) = @_;
	my $is_whole = _is_whole($client->{text});
	my $answer = $is_whole ? Provisor::Response->parse($client->{text})
		: Provisor::Response->new;
	my $body = $answer->body;

	$body = Provisor::HttpClient::_unchunk($body)
		if ($answer->header('transfer-encoding') // '') eq 'chunked';
	print { $self->{answers} } join("\t",
		$client->{job}{id}, sprintf('%.6f', $client->{started}),
		sprintf('%.6f', time), $answer->status, $answer->type,
		$answer->header('retry-after') // '', $body =~ s/[\t\n]/ /gr), "\n";
	$self->_hang_up($client) if !$is_whole
		|| ($answer->header('connection') // '') eq 'close';
	my $is_refused = $answer->status == 503 || $answer->status == 0;

	my $rest = $is_refused ? $self->{pause} : $self->{think};

	$client->{due} = $rest ? time + $rest : 0;
	undef $client->{job} unless $is_refused && $self->{repeats};
	return;
}

1;
