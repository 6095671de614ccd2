package Clone;

# A copy of this tree in a private folder, for tests of make.  The folder and the
# processes in it go with the object.
#
#	my $clone = Clone->new(below => 'a/long/path', user => 'nobody');
#	my $make = $clone->make('run');		# in the background
#	my $text = $make->read_until(qr/ready/);
#	$make->signal('INT');
#	is($make->end, ...);
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::IP;
use Time::HiRes qw(sleep time);

use lib dirname(__FILE__) . '/../../nginx/local';
use Clone::MakeProcess;
use Provisor::Files qw(read_text);

my $root = abs_path(dirname(__FILE__) . '/../..');
my $patience = 30; # seconds

sub new {
	my ($class, %how) = @_;
	my $self = bless { below => '', mode => 0755, %how }, $class;
	$self->{outer} = tempdir('clone-XXXXXX', TMPDIR => 1);
	$self->{folder} = "$self->{outer}/$self->{below}/clone" =~ s{//+}{/}gr;
	make_path($self->{folder});
	# cp -a keeps times, so make has nothing to build.
	system('sh', '-c', 'cd "$1" && cp -a Makefile cgi lib migrations nginx'
		. ' build "$2"', 'sh', $root, $self->{folder}) == 0
		or die "the tree could not be copied\n";
	remove_tree("$self->{folder}/build/sanitize");
	system('chown', '-R', $self->{user}, $self->{outer}) if $self->{user};
	chmod $self->{mode}, $self->{outer};
	return $self;
}

sub folder { $_[0]{folder} }

sub text_of {
	my ($self, $path) = @_;
	return read_text("$self->{folder}/$path");
}

sub make {
	my ($self, @what) = @_;
	return Clone::MakeProcess->new($self->{folder}, $self->{user}, @what);
}

# Runs make to its end.  Returns its output and status.
sub make_to_the_end {
	my ($self, @what) = @_;
	my $make = $self->make(@what);
	my $status = $make->end;
	return ($make->text, $status);
}

# Starts make run and waits until it is ready.
sub running {
	my ($self, @what) = @_;
	my $make = $self->make('run', @what);
	$make->read_until(qr/Ctrl-C.*\n/) or die 'make run: ' . $make->text;
	return $make;
}

sub runner_pid {
	my ($self) = @_;
	my ($pid) = ($self->text_of('.run/lock') // '') =~ /\A(\d+)/;
	return $pid;
}

# The processes of the clone whose command line matches.
sub pids_of {
	my ($self, $pattern) = @_;
	return grep { $_ != $$ && $self->_is_ours($_) && _command($_) =~ $pattern }
		_pids();
}

sub processes {
	my ($self) = @_;
	return map { _command($_) . "\n" } $self->pids_of(qr/./);
}

# Do all processes of the clone end?
sub all_end {
	my ($self) = @_;
	return _comes_true(sub { !$self->processes });
}

# Does the output of a make run in this file become complete?  .run/lock may still have
# the address of an earlier one.
sub gets_ready {
	my ($self, $output) = @_;
	return _comes_true(sub { ($self->text_of($output) // '') =~ /Ctrl-C/ });
}

sub _comes_true {
	my ($condition) = @_;
	for (1 .. $patience * 10) {
		return 1 if $condition->();
		sleep 0.1;
	}
	return 0;
}

# The folder with a short path that make run uses for sockets, if it exists.
sub bases {
	my ($self) = @_;
	my $sockets = readlink("$self->{folder}/.run/api.sock") // '';
	my ($base) = $sockets =~ m{\A(/var/tmp/[^/]+)/};
	$self->{base} //= $base;
	return grep { defined && -e } $self->{base};
}

# The next two ports are free too, for the operations server and the console.
sub free_port {
	for (1 .. $patience * 10) {
		my $socket = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 1)
			or die "no port: $@\n";
		my $port = $socket->sockport;
		return $port if 2 == grep {
			IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => $port + $_, Listen => 1)
		} 1, 2;
	}
	die "no three free ports\n";
}

sub _is_ours {
	my ($self, $pid) = @_;
	my @where = ($self->{outer}, $self->bases);
	my $text = join "\n", readlink("/proc/$pid/cwd") // '', _command($pid);
	return grep { index($text, $_) >= 0 } @where;
}

sub _pids {
	opendir my $proc, '/proc' or die "/proc: $!\n";
	return grep { /\A\d+\z/ } readdir $proc;
}

sub _command {
	my ($pid) = @_;
	return (read_text("/proc/$pid/cmdline") // '') =~ tr/\0/ /r;
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@, $!);
	kill 'KILL', $self->pids_of(qr/./);
	remove_tree($self->bases, $self->{outer});
}

1;
