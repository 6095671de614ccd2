package Provisor::Postgres;

# A private PostgreSQL server on a Unix socket, with provisor's roles and database.
#
#	my $postgres = Provisor::Postgres->new(
#		home     => ...,	# the home of the host
#		folder   => ...,	# with a short path that the server's user can enter
#		log      => ...,
#		settings => { },	# in addition to postgresql.conf
#	);
#
# The cluster is in home/postgres, which is a link if the server's user cannot enter
# the home.  It is complete once home/owner.env exists, which is written last.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Path qw(remove_tree);
use POSIX qw(_exit);
use Provisor::Files qw(random_hex read_text write_env);
use Provisor::Process;

sub new {
	my ($class, %self) = @_;
	my $self = bless { %self }, $class;
	# The server refuses to run as root.
	$self->{user} = $> == 0 ? 'postgres' : undef;
	$self->{data} = "$self->{home}/postgres";
	mkdir $self->{folder}, 0700;
	$self->_give_away($self->{folder});
	return $self;
}

# $roles is the path of the SQL file that creates the roles.
sub start {
	my ($self, $roles) = @_;
	my $is_whole = -e "$self->{home}/owner.env"
		&& -e "$self->{data}/PG_VERSION";
	$self->_make_cluster unless $is_whole;
	$self->_start_server;
	$self->_make_roles($roles) unless $is_whole;
}

# A fast shutdown: it disconnects clients and keeps committed data.
sub stop {
	my ($self) = @_;
	$self->process->stop('INT');
}

sub conninfo {
	my ($self, $role) = @_;
	return "host=$self->{folder} dbname=provisor user=$role password="
		. $self->_password($role);
}

# Runs statements as superuser and returns their rows, unaligned and without headers.
sub psql {
	my ($self, $sql) = @_;
	local %ENV = (%ENV, %{ $self->_superuser });
	# Debian's psql is a script that finds the program.
	open my $output, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', _program('psql'),
		'-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', 'provisor', '-c', $sql
		or die "psql: $!\n";
	my $text = do { local $/; <$output> } // '';
	close $output or die "psql: $text";
	return $text =~ s/\n\z//r;
}

sub _start_server {
	my ($self) = @_;
	my %settings = (
		listen_addresses => '',
		unix_socket_directories => $self->{folder},
		%{ $self->{settings} },
	);
	my $process = $self->process;
	$process->start(_program('postgres'), '-D', $self->_cluster,
		map { ('-c', "$_=$settings{$_}") } sort keys %settings);
	$process->wait_until(sub { $self->_is_ready });
}

# pg_ctl waits for the same line.
sub _is_ready {
	my ($self) = @_;
	my $text = read_text("$self->{data}/postmaster.pid") // '';
	return ((split /\n/, $text)[7] // '') =~ /\A(?:ready|standby)/;
}

# --no-sync: a crash of the machine within seconds loses only an empty database.
# Later commits are synced as usual.
sub _make_cluster {
	my ($self) = @_;
	unlink "$self->{home}/owner.env";
	$self->_make_data_folder;
	$self->process->run(_program('initdb'), '-D', $self->_cluster,
		'-U', 'postgres', '-A', 'peer', '-E', 'UTF8', '--locale=C',
		'--no-sync', '--no-instructions');
	$self->_let_in;
}

sub _make_data_folder {
	my ($self) = @_;
	my $inside = "$self->{folder}/data";
	unlink $self->{data};
	remove_tree($self->{data}, $inside);
	mkdir $self->{data}, 0700 or die "$self->{data}: $!\n";
	$self->_give_away($self->{data});
	return if $self->_may_enter($self->{data});

	rmdir $self->{data};
	mkdir $inside, 0700 or die "$inside: $!\n";
	$self->_give_away($inside);
	symlink $inside, $self->{data} or die "$self->{data}: $!\n";
}

# The user of the server is superuser without a password; other roles need one.
sub _let_in {
	my ($self) = @_;
	my @ours = grep { defined } scalar getpwuid $>, $self->{user};
	_overwrite("$self->{data}/pg_hba.conf",
		"local all postgres peer map=provisor\n",
		"local all all scram-sha-256\n");
	_overwrite("$self->{data}/pg_ident.conf",
		map { qq{provisor "$_" postgres\n} } @ours);
}

# Writes in place, so that the owner of the file does not change.
sub _overwrite {
	my ($path, @lines) = @_;
	open my $file, '>', $path or die "$path: $!\n";
	print $file @lines;
	close $file or die "$path: $!\n";
}

sub _make_roles {
	my ($self, $roles) = @_;
	my %env = (
		%{ $self->_superuser },
		PROVISOR_OWNER_PASSWORD => $self->_password('provisor_owner'),
		PROVISOR_WORKER_PASSWORD => $self->_password('provisor_worker'),
	);
	$self->process(file => "$self->{home}/pids/psql", user => undef,
		env => \%env)->run('psql', '-X', '-d', 'postgres', '-f', $roles);
	write_env("$self->{home}/owner.env", {
		PROVISOR_DATABASE_DIRECT => $self->conninfo('provisor_owner') });
}

sub _superuser {
	my ($self) = @_;
	return {
		PGHOST => $self->{folder}, PGUSER => 'postgres',
		PGOPTIONS => '-c client_min_messages=error',
	};
}

# Each password is stored only in the settings file of the role that uses it.
sub _password {
	my ($self, $role) = @_;
	return $self->{password}{$role} //= do {
		my $file = $role eq 'provisor_owner' ? 'owner' : 'provisor';
		my $text = read_text("$self->{home}/$file.env") // '';
		$text =~ /password=(\w+)/ ? $1 : random_hex(16);
	};
}

sub process {
	my ($self, %more) = @_;
	return Provisor::Process->new(
		file => "$self->{home}/pids/postgres", log => $self->{log},
		folder => $self->_cluster, user => $self->{user}, %more);
}

# The target of the link, because the server's user cannot follow the link.
sub _cluster {
	my ($self) = @_;
	return abs_path($self->{data}) // $self->{data};
}

sub _give_away {
	my ($self, $folder) = @_;
	return unless defined $self->{user};
	my ($uid, $gid) = (getpwnam $self->{user})[2, 3];
	die "the user $self->{user} does not exist\n" unless defined $uid;
	chown $uid, $gid, $folder or die "$folder: $!\n";
}

sub _may_enter {
	my ($self, $folder) = @_;
	return 1 unless defined $self->{user};
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		my $may = eval {
			Provisor::Process::become_user($self->{user});
			-x $folder;
		};
		_exit($may ? 0 : 1);
	}
	waitpid $pid, 0;
	return $? == 0;
}

# Debian installs the server's programs outside PATH, by version; use the newest.
sub _program {
	my ($name) = @_;
	my ($newest) = sort { _version($b) <=> _version($a) }
		glob "/usr/lib/postgresql/*/bin/$name";
	return $newest // die "PostgreSQL's $name is not installed\n";
}

sub _version {
	my ($path) = @_;
	return $path =~ m{/(\d+)/bin/} ? $1 : 0;
}

1;
