package Provisor::PostgresServer;

# A PostgreSQL server on a loopback port.  It can have a standby.
#
#	my $primary = Provisor::PostgresServer->new($host, 'one');	# used by $host
#	$host->start;
#	my $standby = $primary->standby('two');
#	$primary->waits_for_standby;
#	$primary->kill;
#	$standby->promote;					# now used by $host

use strict;
use warnings;

use parent -norequire, 'Provisor::Postgres';

use Provisor::ChildProcess;
use Provisor::Files qw(own_folder read_text write_env);
use Provisor::Host;
use Provisor::Test 'wait_for';

sub _new {
	my ($class, $host, $name) = @_;
	my $home = $host->home . "/$name";
	my ($port) = Provisor::Host::_free_ports(1);

	own_folder($home, Provisor::Host::folder_mode());
	own_folder("$home/pids", 0700);
	my $self = $class->SUPER::new(
		home => $home,
		folder => "$host->{base}/$name",
		log => $host->log_path($name),
		# Tests kill processes, not machines.
		settings => { %{ $host->{postgres} }, listen_addresses => '127.0.0.1', port => $port, fsync => 'off' },
	);

	@$self{qw(host port)} = ($host, $port);
	Provisor::ChildProcess::at_the_end(sub { $self->kill });
	return $self;
}

sub new {
	my ($class, $host, $name) = @_;

	return $host->{database} = $class->_new($host, $name);
}

# The connection string of a worker for several servers.
sub together {
	my (@servers) = @_;
	my $ports = join ',', map { $_->{port} } @servers;
	my $hosts = join ',', ('127.0.0.1') x @servers;

	return $servers[0]->conninfo('provisor_worker')
		=~ s/host=\S+ port=\S+/host=$hosts port=$ports target_session_attrs=read-write/r;
}

sub conninfo {
	my ($self, $role) = @_;

	return $self->SUPER::conninfo($role) =~ s/host=\S+/host=127.0.0.1 port=$self->{port}/r;
}

sub _superuser {
	my ($self) = @_;

	return { %{ $self->SUPER::_superuser }, PGPORT => $self->{port} };
}

sub _let_in {
	my ($self) = @_;

	$self->SUPER::_let_in;
	open my $file, '>>', "$self->{data}/pg_hba.conf" or die "pg_hba.conf: $!\n";
	print {$file} "local replication postgres peer map=provisor\n",
		"host all all 127.0.0.1/32 scram-sha-256\n";
	close $file or die "pg_hba.conf: $!\n";
	return;
}

# After kill(): its file still says that it is ready.
sub start_again {
	my ($self) = @_;

	$self->start(undef);
	wait_for(30, sub { eval { $self->psql('SELECT 1') } }) or die "the server does not start again\n";
	return;
}

# Starts a copy that follows this server.
sub standby {
	my ($self, $name) = @_;
	my $standby = (ref $self)->_new($self->{host}, $name);

	$standby->{password} = $self->{password};
	$standby->follow($self);
	return $standby;
}

# Deletes the data and follows that server.
sub follow {
	my ($self, $primary) = @_;

	$self->_make_data_folder;
	$self->process->run(Provisor::Postgres::_program('pg_basebackup'),
		'-D', $self->_cluster, '-R', '-X', 'stream', '--no-sync', '-c', 'fast',
		'-h', $primary->{folder}, '-p', $primary->{port}, '-U', 'postgres');
	write_env("$self->{home}/owner.env", {});
	$self->start(undef);
	wait_for(30, sub { $primary->psql('SELECT count(*) FROM pg_stat_replication
		WHERE state = \'streaming\'') > 0 }) or die "the standby does not follow\n";
	return;
}

# Makes each commit wait for the standby.
sub waits_for_standby {
	my ($self) = @_;

	$self->psql(q(ALTER SYSTEM SET synchronous_standby_names = '*'));
	$self->psql('SELECT pg_reload_conf()');
	wait_for(30, sub { $self->psql(q(SELECT count(*) FROM pg_stat_replication
		WHERE sync_state = 'sync')) > 0 }) or die "the standby is not synchronous\n";
	return;
}

# From now on the standby gets no changes, as if the network between both were down.
sub lose_primary {
	my ($self) = @_;

	$self->psql(q(ALTER SYSTEM SET primary_conninfo = ''));
	$self->psql('SELECT pg_reload_conf()');
	wait_for(30, sub { $self->psql('SELECT count(*) FROM pg_stat_wal_receiver') == 0 })
		or die "the standby still follows\n";
	return;
}

sub promote {
	my ($self) = @_;

	$self->psql('SELECT pg_promote()');
	$self->psql(q(ALTER SYSTEM RESET synchronous_standby_names));
	$self->psql('SELECT pg_reload_conf()');
	$self->{host}{database} = $self;
	return;
}

# The postmaster and all its children.
sub pids {
	my ($self) = @_;
	my ($postmaster) = split ' ', read_text($self->process->{file}) // '';

	return unless $postmaster;
	return $postmaster, grep {
		my $stat = read_text("/proc/$_/stat") // '';
		$stat =~ /\) \S $postmaster /;
	} map { m{/proc/(\d+)} } glob '/proc/[0-9]*';
}

# Stops its processes: connections stay open and get no replies.
sub freeze {
	my ($self) = @_;

	kill STOP => $_ for $self->pids; # the postmaster first
	return;
}

sub thaw {
	my ($self) = @_;

	kill CONT => $_ for $self->pids;
	return;
}

sub kill {
	my ($self) = @_;
	my @pids = $self->process->is_alive ? $self->pids : ();

	kill KILL => $_ for @pids;
	# Until it is waited for, a postmaster owns its lock files.
	waitpid $pids[0], 0 if @pids;
	wait_for(10, sub { !grep { -e "/proc/$_/exe" } @pids });
	return;
}

1;
