package Provisor::Backup;

# A dump of a host's database, which replaces the database again.
#
#	my $backup = Provisor::Backup->new($host);
#	$backup->restore;	# while the pools are stopped

use strict;
use warnings;

use Provisor::Test ();

sub new {
	my ($class, $host) = @_;
	my $self = bless { host => $host, file => $host->home . '/backup-' . ++$host->{backups} . '.sql' },
		$class;

	$self->_run(Provisor::Postgres::_program('pg_dump'), '-Fp', '-C', '-f', $self->{file}, 'provisor');
	return $self;
}

# Connections that are still open are closed.
sub restore {
	my ($self) = @_;

	$self->_run('psql', '-Xq', '-d', 'postgres', '-c', 'DROP DATABASE provisor WITH (FORCE)');
	$self->_run('psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', 'postgres', '-o', '/dev/null',
		'-f', $self->{file});
	return;
}

sub _run {
	my ($self, @command) = @_;
	local %ENV = (%ENV, %{ $self->{host}{database}->_superuser });

	system(@command) == 0 or die "@command: status $?\n";
	return;
}

1;
