package Provisor::Pooler;

# PgBouncer in transaction mode between a host's workers and its database.  It has so
# few connections that two statements of a worker may run on different ones.

use strict;
use warnings;

use File::Temp 'tempdir';
use IO::Socket::UNIX;

use Provisor::ChildProcess;
use Provisor::Files qw(own_folder write_text);
use Provisor::Process;

use constant {
	PROGRAM => '/usr/sbin/pgbouncer',
	POOL_SIZE => 2,
};

sub is_installed { return -x PROGRAM }

# Changes the host's settings so that its workers use the pooler.  The database need
# not run yet.
sub new {
	my ($class, $host) = @_;
	my $conninfo = $host->env->{PROVISOR_DATABASE};
	my ($server, $password) = $conninfo =~ /host=(\S+).*password=(\S+)/;
	my $folder = "$host->{base}/pooler";
	my $self = bless { folder => $folder }, $class;

	own_folder($folder, 0700);
	write_text("$folder/users", qq("provisor_worker" "$password"\n));
	write_text("$folder/pgbouncer.ini", <<"EOT");
[databases]
provisor = host=$server dbname=provisor pool_size=${\POOL_SIZE}
[pgbouncer]
listen_addr =
unix_socket_dir = $folder
auth_type = scram-sha-256
auth_file = $folder/users
pool_mode = transaction
max_client_conn = 200
server_login_retry = 0.2
ignore_startup_parameters = extra_float_digits
EOT
	# PgBouncer refuses to run as root.
	my $user = $> == 0 ? 'postgres' : undef;

	if (defined $user) {
		chown +(getpwnam $user)[ 2, 3 ], $folder, glob "$folder/*";
	}
	# The host's folders may be removed before the test ends.
	$self->{process} = Provisor::Process->new(
		file => tempdir(CLEANUP => 1) . '/pid',
		log => $host->log_path('pooler'),
		folder => $folder,
		user => $user,
	);
	Provisor::ChildProcess::at_the_end(sub { $self->stop });
	$self->start;
	$host->{env}{PROVISOR_DATABASE} = $conninfo =~ s/host=\S+/host=$folder port=6432/r;
	$host->{env}{PROVISOR_DATABASE_DIRECT} = $conninfo;
	return $self;
}

sub start {
	my ($self) = @_;

	unlink "$self->{folder}/.s.PGSQL.6432";
	$self->{process}->start(PROGRAM, "$self->{folder}/pgbouncer.ini");
	$self->{process}->wait_until(sub {
		defined IO::Socket::UNIX->new(Peer => "$self->{folder}/.s.PGSQL.6432");
	});
	return;
}

# Does not wait for clients.
sub stop {
	my ($self) = @_;

	$self->{process}->stop('TERM');
	return;
}

1;
