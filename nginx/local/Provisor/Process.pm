package Provisor::Process;

# A long-running child, known by a file that outlives us: it holds the pid and
# the start time, so that whoever is killed, the next one can stop what is left,
# and a pid that was given to somebody else is never signalled.
#
#	my $process = Provisor::Process->new(
#		file   => ...,	# where the pid is kept
#		log    => ...,	# standard output and error are appended here
#		folder => ...,	# where it runs, as a path without links
#		user   => ...,	# optional: whom root becomes for it
#		env    => { },	# optional: variables on top of our own
#	);
#	$process->run(@command);		# to its end, which must be a good one
#	$process->start(@command);		# in the background
#	$process->wait_until(sub { ... });	# dies if it ends before that
#	$process->stop('TERM');			# also what another program started
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

# The child writes the file itself: so there is no moment at which it runs and
# nobody knows.
sub start {
	my ($self, @command) = @_;
	die "$command[0] is running already\n" if $self->is_alive;
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
		die $self->_failure("$self->{name} ended as it was started")
			if waitpid($self->{pid}, WNOHANG) != 0;
		die $self->_failure("$self->{name} does not get ready")
			if time > $deadline;
		sleep $look_every;
	}
}

# The leader is asked, and ends its children in its own way.  Where it was
# killed, they are asked themselves.
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

# What still runs of the group that a pid led.  A pid can be somebody else's by
# now, and so can a group, but not one that lives in our folder.
sub _members {
	my ($self, $leader) = @_;
	opendir my $proc, '/proc' or die "/proc: $!\n";
	return grep {
		my $stat = _stat($_);
		$stat && $stat->{group} == $leader
			&& index(readlink("/proc/$_/cwd") // '', $self->{folder}) == 0
	} grep { /\A\d+\z/ } readdir $proc;
}

# Process group and start time of what has not ended; undef for all else.
sub _stat {
	my ($pid) = @_;
	my $line = read_text("/proc/$pid/stat") or return undef;
	# The second field is the program's name and may hold anything.
	my @field = split ' ', $line =~ s/.*\)//sr;
	return undef if $field[0] eq 'Z';
	return { group => $field[2], started => $field[19] };
}

# The rest of the child's life, up to the program.
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
	# A shell that puts us in the background has INT ignored, also by those
	# whom we start.
	$SIG{$_} = 'DEFAULT' for qw(INT TERM HUP QUIT PIPE);
	setpgid(0, 0);
	write_text($self->{file}, "$$ " . _stat($$)->{started} . "\n");
	chdir $self->{folder} or die "$self->{folder}: $!\n";
	@ENV{keys %{ $self->{env} }} = values %{ $self->{env} };
	become_user($self->{user}) if defined $self->{user};
}

# Let go of root for good; a function, not a method.
sub become_user {
	my ($user) = @_;
	my ($uid, $gid) = (getpwnam $user)[2, 3];
	die "there is no user $user\n" unless defined $uid;
	$( = $gid;
	$) = "$gid $gid";
	setuid($uid) or die "becoming $user: $!\n";
}

sub _failure {
	my ($self, $what) = @_;
	return "$what; $self->{log} ends with\n" . last_lines($self->{log});
}

1;
