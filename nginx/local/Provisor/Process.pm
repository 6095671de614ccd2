package Provisor::Process;

# A long-running child process.  A file with its pid and start time outlives this
# program: if this program is killed, the next one can stop the child, and a reused
# pid is never signalled.
#
#	my $process = Provisor::Process->new(
#		file   => ...,	# the pid file
#		log    => ...,	# gets standard output and standard error
#		folder => ...,	# the working folder, as a path without links
#		user   => ...,	# optional: the user of the child, if this is root
#		env    => { },	# optional: additional variables
#	);
#	$process->run(@command);		# waits; dies if the command fails
#	$process->start(@command);		# runs in the background
#	$process->wait_until(sub { ... });	# dies if the child exits before
#	$process->stop('TERM');			# also if another program started it
use strict;
use warnings;
use POSIX qw(WNOHANG _exit setpgid setuid);
use Provisor::Files qw(last_lines read_text write_text);
use Time::HiRes qw(sleep time);

my $start_seconds = 30;
my $stop_seconds = 15;
my $look_every = 0.02;

sub new {
	my ($class, %self) = @_;
	return bless { env => {}, %self }, $class;
}

sub run {
	my ($self, @command) = @_;
	my $pid = fork // die "fork: $!\n";
	$self->_become(@command) if $pid == 0;
	waitpid $pid, 0;
	unlink $self->{file};
	die $self->_failure("$command[0] failed") if $? != 0;
}

# The child writes the file itself, so that it never runs without the file.
sub start {
	my ($self, @command) = @_;
	die "$command[0] is already running\n" if $self->is_alive;
	unlink $self->{file};
	$self->{name} = $command[0];
	$self->{pid} = fork // die "fork: $!\n";
	$self->_become(@command) if $self->{pid} == 0;
	$self->wait_until(sub { -e $self->{file} });
}

sub wait_until {
	my ($self, $is_ready) = @_;
	my $deadline = time + $start_seconds;
	until ($is_ready->()) {
		die $self->_failure("$self->{name} exited during startup")
			if waitpid($self->{pid}, WNOHANG) != 0;
		die $self->_failure("$self->{name} is not ready after $start_seconds seconds")
			if time > $deadline;
		sleep $look_every;
	}
}

# Signals the leader, which stops its children.  If the leader was killed, signals
# the children.
sub stop {
	my ($self, $signal) = @_;
	my ($pid) = $self->_remembered or return;
	kill $signal, $self->is_alive ? $pid : $self->_members($pid);
	my $deadline = time + $stop_seconds;
	while ($self->is_alive || $self->_members($pid)) {
		kill 'KILL', $self->_members($pid) if time > $deadline;
		sleep $look_every;
	}
	unlink $self->{file};
}

sub is_alive {
	my ($self) = @_;
	my ($pid, $started) = $self->_remembered or return 0;
	waitpid $pid, WNOHANG;
	my $stat = _stat($pid) or return 0;
	return $stat->{started} == $started;
}

sub _remembered {
	my ($self) = @_;
	return (read_text($self->{file}) // '') =~ /\A(\d+) (\d+)$/;
}

# The live members of the process group that a pid led.  Since pids and groups are
# reused, only processes in our folder count.
sub _members {
	my ($self, $leader) = @_;
	opendir my $proc, '/proc' or die "/proc: $!\n";
	return grep {
		my $stat = _stat($_);
		my $place = readlink("/proc/$_/cwd");
		# Only root can read the folder of a worker.
		$stat && $stat->{group} == $leader
			&& ($> != 0 && !defined $place
				|| index($place // '', $self->{folder}) == 0)
	} grep { /\A\d+\z/ } readdir $proc;
}

# Process group and start time of a live process, or undef.
sub _stat {
	my ($pid) = @_;
	my $line = read_text("/proc/$pid/stat") or return undef;
	# The second field is the name of the program: it can contain anything.
	my @field = split ' ', $line =~ s/.*\)//sr;
	return undef if $field[0] eq 'Z';
	return { group => $field[2], started => $field[19] };
}

# Turns the child into the program.
sub _become {
	my ($self, @command) = @_;
	open STDIN, '<', '/dev/null';
	open STDOUT, '>>', $self->{log} or _exit(126);
	open STDERR, '>&', \*STDOUT;
	eval {
		$self->_enter;
		exec { $command[0] } @command or die "$command[0]: $!\n";
	};
	print STDERR $@;
	_exit(127);
}

sub _enter {
	my ($self) = @_;
	# A shell starts background jobs with INT ignored, and children inherit
	# that.
	$SIG{$_} = 'DEFAULT' for qw(INT TERM HUP QUIT PIPE);
	setpgid(0, 0);
	write_text($self->{file}, "$$ " . _stat($$)->{started} . "\n");
	chdir $self->{folder} or die "$self->{folder}: $!\n";
	@ENV{keys %{ $self->{env} }} = values %{ $self->{env} };
	become_user($self->{user}) if defined $self->{user};
}

# Drops root privileges for good.  A function, not a method.
sub become_user {
	my ($user) = @_;
	my ($uid, $gid) = (getpwnam $user)[2, 3];
	die "the user $user does not exist\n" unless defined $uid;
	$( = $gid;
	$) = "$gid $gid";
	setuid($uid) or die "cannot become $user: $!\n";
}

sub _failure {
	my ($self, $what) = @_;
	return "$what; the last lines of $self->{log}:\n" . last_lines($self->{log});
}

1;
