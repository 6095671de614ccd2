package Provisor::UnbootedHost;

# A host without systemd, for provisor start, stop, restart and status: processes in
# mount and process namespaces of their own, with a private /run, a user "provisor"
# and a copy of the programs.  The database is that of another host.
#
#	my $unbooted = Provisor::UnbootedHost->new($host);	# only root can
#	my ($output, $status) = $unbooted->ctl('start');
#	$unbooted->socket('api');	# from outside
#	$unbooted->in('sh', '-c', '...');

use strict;
use warnings;

use File::Basename 'dirname';
use File::Copy 'cp';
use File::Path qw(make_path remove_tree);
use File::Temp 'tempdir';
use Time::HiRes 'sleep';

use Provisor::CgiClient;
use Provisor::FastCgiClient;
use Provisor::Files qw(read_text write_env write_text);
use Provisor::Test qw(build wait_for);

my $user = 61_234; # of provisor
my $hooks_user = 61_236; # of provisor-hooks, who may run the hooks and read no other file
my @namespaces = qw(--mount --pid --fork --kill-child --mount-proc);

# The first process.  It also reaps what others leave.
my $init = <<'SH';
folder=$1
mount --make-rprivate / && mount --bind "$folder/run" /run &&
mount --bind "$folder/passwd" /etc/passwd && mount --bind "$folder/group" /etc/group || exit 1
: >"$folder/mounted"
while :; do sleep 0.2; done
SH

sub new {
	my ($class, $host, %settings) = @_;
	my $folder = tempdir('unbooted-XXXXXX', TMPDIR => 1);
	my $self = bless { folder => $folder, creator => $$ }, $class;

	chmod 0755, $folder;
	make_path(map { "$folder/$_" } qw(run bin addons log));
	write_text("$folder/passwd", read_text('/etc/passwd') =~ s/^provisor(?:-hooks)?:.*\n//gmr
		. "provisor:x:${user}:${user}::/nonexistent:/usr/sbin/nologin\n"
		. "provisor-hooks:x:${hooks_user}:${hooks_user}::/nonexistent:/usr/sbin/nologin\n");
	write_text("$folder/group", read_text('/etc/group') =~ s/^(?:provisor|provisor-hooks|nginx-of-test):.*\n//gmr
		. "provisor:x:${user}:\nprovisor-hooks:x:${hooks_user}:\nnginx-of-test:x:61235:\n");
	chmod 0644, "$folder/passwd", "$folder/group";
	for my $program (qw(provisor provisor.fcgi provisor-jobs provisor-hooks pool)) {
		cp(build() . "/$program", "$folder/bin/$program") or die "$program: $!\n";
		chmod 0755, "$folder/bin/$program";
	}
	$self->_write_settings($host, %settings);
	$self->_enter;
	return $self;
}

sub _write_settings {
	my ($self, $host, %settings) = @_;
	my $folder = $self->{folder};

	my ($sockets) = $host->env->{PROVISOR_DATABASE} =~ m{host='?(/[^' ]+)};

	chmod 0711, $sockets;
	cp($host->env->{PROVISOR_KEYS}, "$folder/keys") or die "keys: $!\n";
	write_env("$folder/provisor.env", {
		PROVISOR_DATABASE => $host->env->{PROVISOR_DATABASE},
		PROVISOR_ADDONS => "$folder/addons",
		PROVISOR_KEYS => "$folder/keys",
		PROVISOR_API_WORKERS => 2,
		PROVISOR_WEB_WORKERS => 1,
		PROVISOR_JOB_WORKERS => 1,
		PROVISOR_SOCKET_GROUP => 'nginx-of-test',
		PROVISOR_LOG => "$folder/log/worker.log",
		%settings,
	});
	$self->own;
}

# Gives the files to the user of the pools, and lets the user of hooks run them.
sub own {
	my ($self) = @_;

	system('find', $self->addons_dir, '(', '-type', 'd', '-o', '-path', '*/hooks/*', ')',
		'-exec', 'chmod', 'a+rx', '{}', '+') == 0 or die "chmod failed\n";
	chmod 0600, "$self->{folder}/keys";
	chmod 0640, "$self->{folder}/provisor.env";
	system('chown', '-R', "${user}:${user}", map { "$self->{folder}/$_" }
		qw(keys provisor.env addons log)) == 0 or die "chown failed\n";
}

sub _enter {
	my ($self) = @_;
	my $pid = fork // die "fork: $!\n";

	if ($pid == 0) {
		exec 'unshare', @namespaces, 'sh', '-c', $init, 'sh', $self->{folder};
		exit 127;
	}
	$self->{outer} = $pid;
	wait_for(10, sub { -e "$self->{folder}/mounted" }) or die "no namespaces\n";
	($self->{init}) = split ' ', read_text("/proc/$pid/task/$pid/children");
}

sub folder { $_[0]{folder} }
sub addons_dir { "$_[0]{folder}/addons" }
sub socket { "$_[0]{folder}/run/provisor/$_[1].sock" }
sub log { read_text("$_[0]{folder}/log/worker.log") // '' }

sub fastcgi {
	my ($self, $pool) = @_;

	return Provisor::FastCgiClient->new(socket => $self->socket($pool));
}

# Runs a program in the namespaces.  Returns its output with its errors, and its exit
# status.
sub in {
	my ($self, @command) = @_;
	my ($output, $errors, $ended) = Provisor::CgiClient::run(
		program => ['/usr/bin/nsenter', '--target', $self->{init}, '--mount', '--pid', @command],
		environment => { PATH => "$self->{folder}/tools:$ENV{PATH}" },
	);

	return ($output . $errors, $ended >> 8);
}

sub ctl {
	my ($self, @arguments) = @_;

	return $self->in("$self->{folder}/bin/provisor", '--env',
		"$self->{folder}/provisor.env", @arguments);
}

# The pid of a pool, as its pid file has it.
sub pid {
	my ($self, $pool) = @_;

	return (read_text("$self->{folder}/run/provisor/$pool.pid") // '') =~ s/\n\z//r;
}

sub DESTROY {
	my ($self) = @_;

	return if $self->{creator} != $$;
	local ($?, $@, $!);
	if ($self->{outer}) {
		kill 'KILL', $self->{outer};
		waitpid $self->{outer}, 0;
	}
	for (1 .. 50) {
		remove_tree($self->{folder}, { error => \my $errors });
		last unless -e $self->{folder};
		sleep 0.1;
	}
}

1;
