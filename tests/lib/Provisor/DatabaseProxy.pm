package Provisor::DatabaseProxy;

# Forwards messages between workers and PostgreSQL and loses those that a test
# chooses.
#
#	my $proxy = Provisor::DatabaseProxy->new($host);	# before the pool starts
#	$proxy->lose(reply => 'resource_create');
#
# lose() applies to the next statement whose name begins like this:
#
#	request   the connection is cut before the statement reaches the server
#	reply     the connection is cut after the server has committed it
#	answer    the reply never arrives, and the connection stays open

use strict;
use warnings;

use Cwd 'abs_path';
use File::Basename 'dirname';
use IO::Select;
use IO::Socket::UNIX;

use Provisor::ChildProcess;
use Provisor::Files qw(read_text write_text);
use Provisor::Test 'wait_for';

my $sources = abs_path(dirname(__FILE__) . '/../../..');

sub new {
	my ($class, $host) = @_;
	my $conninfo = $host->env->{PROVISOR_DATABASE};
	my ($server) = $conninfo =~ /host=(\S+)/;
	my $folder = $host->home . '/proxy';
	my $self = bless {
		server => "$server/.s.PGSQL.5432",
		socket => "$folder/.s.PGSQL.5432",
		orders => "$folder/orders",
		connections => {},
	}, $class;

	mkdir $folder, 0700 or die "$folder: $!\n";
	$self->{listener} = IO::Socket::UNIX->new(Local => $self->{socket}, Listen => 100)
		or die "$self->{socket}: $!\n";
	$self->{child} = Provisor::ChildProcess->start(sub { $self->_serve });
	close $self->{listener};
	$host->{env}{PROVISOR_DATABASE} = $conninfo =~ s{host=\S+}{host=$folder}r;
	return $self;
}

# Dies if there is no such statement.
sub lose {
	my ($self, $what, $statement, $times) = @_;

	my @statements = glob "$sources/lib/*/$statement*.sql"
		or die "no statement has a name like $statement\n";
	write_text($self->{orders}, join ' ', $what, $statement, $times // 1);
	return;
}

# Is everything lost that lose() asked for, within five seconds?
sub has_lost {
	my ($self) = @_;

	return wait_for(5, sub { !-e $self->{orders} });
}

# --- in the child -----------------------------------------------------------

sub _serve {
	my ($self) = @_;
	my $select = $self->{select} = IO::Select->new($self->{listener});

	while (1) {
		for my $socket ($select->can_read(1)) {
			$socket == $self->{listener} ? $self->_accept
				: $self->_forward($socket);
		}
	}
	return;
}

# Each end has its peer and the part of a message that it has sent so far.
sub _accept {
	my ($self) = @_;
	my $worker = $self->{listener}->accept or return;
	my $server = IO::Socket::UNIX->new(Peer => $self->{server}) or return;

	@{ $self->{ends} }{ fileno($worker), fileno($server) } = (
		{ socket => $worker, peer => $server, pending => '', is_worker => 1 },
		{ socket => $server, peer => $worker, pending => '', is_started => 1 },
	);
	$self->{select}->add($worker, $server);
	return;
}

sub _cut {
	my ($self, $end) = @_;

	for my $socket (@$end{qw(socket peer)}) {
		$self->{select}->remove($socket);
		delete $self->{ends}{ fileno $socket };
		close $socket;
	}
	return;
}

sub _forward {
	my ($self, $socket) = @_;
	my $end = $self->{ends}{ fileno($socket) // '' } or return; # it was cut just now

	sysread $socket, $end->{pending}, 65_536, length $end->{pending}
		or return $self->_cut($end);
	while (defined(my $message = _next_message($end))) {
		my $fate = $end->{is_worker} ? $self->_judge($end, $message)
			: $self->_judge_reply($end, $message);

		return $self->_cut($end) if $fate eq 'cut';
		syswrite $end->{peer}, $message if $fate eq 'pass';
	}
	return;
}

# A message has a type, except the first one of a worker.
sub _next_message {
	my ($end) = @_;
	my $head = $end->{is_started} ? 1 : 0;

	return if length $end->{pending} < $head + 4;
	my $length = $head + unpack "x$head N", $end->{pending};

	return if length $end->{pending} < $length;
	$end->{is_started} = 1;
	return substr $end->{pending}, 0, $length, '';
}

# A Bind message has the name of the statement.
sub _judge {
	my ($self, $end, $message) = @_;
	my ($statement) = $message =~ /\AB.{4}[^\0]*\0([^\0]*)\0/s or return 'pass';
	my $what = $self->_order_for($statement) // return 'pass';

	return 'cut' if $what eq 'request';
	$self->{ends}{ fileno $end->{peer} }{loses} = $what;
	return 'pass';
}

# The server sends ReadyForQuery after the commit.
sub _judge_reply {
	my ($self, $end, $message) = @_;

	return 'pass' unless $end->{loses};
	return 'cut' if $end->{loses} eq 'reply' && $message =~ /\AZ/;
	return 'lose';
}

sub _order_for {
	my ($self, $statement) = @_;
	my ($what, $name, $times) = split ' ', read_text($self->{orders}) // '';

	return unless defined $name && index($statement, $name) == 0;
	$times > 1 ? write_text($self->{orders}, join ' ', $what, $name, $times - 1)
		: unlink $self->{orders};
	return $what;
}

1;
