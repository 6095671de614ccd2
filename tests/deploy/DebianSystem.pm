package DebianSystem;

# A private Debian host in a temporary folder, which is deleted with the object.
#
#	my $system = DebianSystem->new;		# dies with one line if that is impossible
#	my $system = DebianSystem->new('trixie');	# another release than this host's
#	$system->put('/srv/script', $text);
#	$system->run('online', '/srv/script');	# with the network of this host
#	$system->run('alone', '/srv/script');	# with a private loopback only
#	$system->run('booted', '/srv/script');	# the same, with systemd
#	print $system->text_of('/srv/output');
#
# A script runs as root in private namespaces: its processes and mounts disappear
# when it exits, and its ports are private.  Packages come from the archives of this
# host; those of another release from its main archive alone.
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Find qw(finddepth);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use Time::HiRes qw(sleep);

my @namespaces = qw(--mount --pid --fork --kill-child);

my %network = (online => [], alone => ['--net'], booted => ['--net', '--cgroup']);
my $patience = 600; # seconds, for one script

# The first process of the namespace runs this.
my $mount = <<'SH';
system=$1 script=$2
mount --bind "$system" "$system" &&
mount -t proc proc "$system/proc" &&
mount -t tmpfs -o mode=755 dev "$system/dev" || exit 125
for name in null zero full random urandom tty; do
	: >"$system/dev/$name"
	mount --bind "/dev/$name" "$system/dev/$name" || exit 125
done
ln -s /proc/self/fd "$system/dev/fd"
mkdir -m 1777 "$system/dev/shm"
SH

# It waits for the script, and reaps orphans.
my $enter = $mount . <<'SH';
chroot "$system" /usr/bin/env -i HOME=/srv TERM=dumb LC_ALL=C.UTF-8 \
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	DEBIAN_FRONTEND=noninteractive /bin/sh "$script" </dev/null
SH

# Or it becomes systemd, in a private control group.
my $boot = $mount . <<'SH';
mkdir "$system/dev/pts" && ln -s pts/ptmx "$system/dev/ptmx" &&
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$system/dev/pts" &&
mount -t sysfs -o ro sysfs "$system/sys" &&
mount -t cgroup2 none "$system/sys/fs/cgroup" &&
mount -t tmpfs -o mode=755 run "$system/run" &&
mkdir "$system/run/lock" || exit 125
exec chroot "$system" /usr/bin/env -i container=chroot \
	PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --show-status=no
SH

# Runs the script after all other units, and stops systemd after the script.
my $service = <<'UNIT';
[Unit]
After=multi-user.target
SuccessAction=exit-force
FailureAction=exit-force
SuccessActionExitStatus=0
FailureActionExitStatus=1
[Service]
Type=oneshot
ExecStart=/bin/sh @SCRIPT@
StandardOutput=file:/srv/output
StandardError=inherit
UNIT

sub new {
	my ($class, $release) = @_;
	die "only root can create a private host\n" if $> != 0;
	system('sh', '-c', 'command -v debootstrap >/dev/null') == 0
		or die "debootstrap is not installed\n";
	system("unshare @namespaces --net mount -t tmpfs none /mnt 2>/dev/null") == 0
		or die "namespaces cannot be created\n";
	my $self = bless { outer => tempdir('deploy-XXXXXX', TMPDIR => 1) }, $class;
	chmod 0755, $self->{outer};
	$self->{root} = "$self->{outer}/tree";
	my ($own, $address) = _archive();
	$release //= $own;
	$self->_debootstrap($release, $address);
	$self->_copy_apt;
	$self->_use_archive($release, $address) if $release ne $own;
	return $self;
}

sub root { $_[0]{root} }

sub put {
	my ($self, $path, $text) = @_;
	make_path(dirname("$self->{root}$path"));
	open my $file, '>', "$self->{root}$path" or die "$path: $!\n";
	print $file $text;
	close $file or die "$path: $!\n";
}

sub text_of {
	my ($self, $path) = @_;
	open my $file, '<', "$self->{root}$path" or return '';
	local $/;
	return scalar <$file> // '';
}

# Copies a folder of this host into the tree, without build results.
sub copy {
	my ($self, $from, $to) = @_;
	make_path("$self->{root}$to");
	system('sh', '-c', 'cd "$1" && tar -c --exclude ./build --exclude ./.run'
		. ' --exclude ./.git --no-same-owner --owner 0 --group 0 .'
		. ' | tar -x -C "$2"', 'sh', $from, "$self->{root}$to") == 0
		or die "$from cannot be copied\n";
}

sub copy_file {
	my ($self, $from, $to) = @_;
	make_path(dirname("$self->{root}$to"));
	system('cp', $from, "$self->{root}$to") == 0 or die "$from cannot be copied\n";
}

# Copies what was built from a folder that copy() has copied, so that make there has
# nothing to compile.
sub copy_build {
	my ($self, $from, $to) = @_;
	make_path("$self->{root}$to/build");
	system('sh', '-c', 'cp -a "$1"/build/release "$1"/build/*.c "$2"/build/', 'sh', $from,
		"$self->{root}$to") == 0 or die "$from/build cannot be copied\n";
}

# Returns true if the script succeeds.  Its output is in /srv/output.
sub run {
	my ($self, $how, $script) = @_;
	my $group = $self->{group} =
		$how eq 'booted' ? $self->_prepare_boot($script) : undef;
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		open STDOUT, '>', "$self->{root}/srv/output" or die "$!\n";
		open STDERR, '>&', \*STDOUT;
		_join_group($group) if defined $group;
		exec 'unshare', @namespaces, @{ $network{$how} }, 'sh', '-c',
			defined $group ? $boot : $enter, 'sh', $self->{root}, $script;
	}
	my $status = $self->_wait_for($pid);
	$self->_remove_group;
	die "the private host cannot be mounted\n" if $status >> 8 == 125;
	return $status == 0;
}

# Returns true if systemd can run here.
sub can_boot {
	my ($self) = @_;
	return defined _group_folder();
}

# Processes and mounts that are left in the tree.
sub left {
	my ($self) = @_;
	my @mounts = grep { index($_, $self->{outer}) >= 0 } _lines('/proc/mounts');
	my @running = grep {
		index(readlink($_) // '', $self->{root}) == 0
	} glob '/proc/[0-9]*/root /proc/[0-9]*/exe';
	return @mounts, @running;
}

sub _wait_for {
	my ($self, $pid) = @_;
	$self->{running} = $pid;
	local $SIG{ALRM} = sub { kill 'KILL', $pid };
	alarm $patience;
	waitpid $pid, 0;
	my $status = $?;
	alarm 0;
	delete $self->{running};
	return $status;
}

# The folder in which control groups (version 2) can be created: our own group.
sub _group_folder {
	my ($mount) = map { (split)[1] } grep { (split)[2] eq 'cgroup2' }
		_lines('/proc/mounts');
	my ($own) = map { /^0::(.*)/ ? $1 : () } _lines('/proc/self/cgroup');
	return defined $mount && -w "$mount$own" ? "$mount$own" : undef;
}

sub _prepare_boot {
	my ($self, $script) = @_;
	my $units = '/etc/systemd/system';
	$self->put("$units/deploy.service", $service =~ s/\@SCRIPT\@/$script/r);
	make_path("$self->{root}$units/default.target.wants");
	symlink '../deploy.service',
		"$self->{root}$units/default.target.wants/deploy.service";
	my $group = (_group_folder() // die "no control groups\n") . "/deploy-$$";
	mkdir $group or die "$group: $!\n";
	return $group;
}

sub _join_group {
	my ($group) = @_;
	open my $processes, '>', "$group/cgroup.procs" or die "$group: $!\n";
	print $processes $$;
	close $processes or die "$group: $!\n";
}

sub _remove_group {
	my ($self) = @_;
	my $group = delete $self->{group} // return;
	finddepth({ no_chdir => 1, wanted => sub { rmdir if -d } }, $group);
}

# The URL and codename of the main archive of this host's release.
sub _archive {
	my ($release) = grep { s/^VERSION_CODENAME=// } _lines('/etc/os-release');
	my @indexes = qx(apt-get indextargets --format \\
		'\$(CODENAME) \$(COMPONENT) \$(REPO_URI)' 'Created-By: Packages');
	chomp(@indexes, $release //= '');
	my ($address) = map { s/^\Q$release\E main //r }
		grep { /^\Q$release\E main / } @indexes;
	return $release, $address // die "apt knows no archive of Debian\n";
}

sub _debootstrap {
	my ($self, $release, $address) = @_;
	my $log = "$self->{outer}/debootstrap.log";
	system('sh', '-c', 'exec debootstrap --variant=minbase "$@" >"$0" 2>&1',
		$log, $release, $self->{root}, $address) == 0
		or die 'debootstrap: ', ((_lines($log))[-1] // 'failed'), "\n";
}

# Copies the package sources of this host, but not its hooks.
sub _copy_apt {
	my ($self) = @_;
	my $apt = "$self->{root}/etc/apt";
	unlink "$apt/sources.list";
	for my $name (qw(sources.list sources.list.d auth.conf auth.conf.d
			trusted.gpg trusted.gpg.d keyrings preferences.d)) {
		system 'cp', '-a', "/etc/apt/$name", "$apt/" if -e "/etc/apt/$name";
	}
	for my $file (glob '/etc/apt/apt.conf.d/*') {
		system 'cp', $file, "$apt/apt.conf.d/"
			unless grep { /Post-Invoke|Pre-Install|Dir::/i } _lines($file);
	}
	system 'cp', '-L', '/etc/resolv.conf', "$self->{root}/etc/resolv.conf";
}

# In place of the package sources of this host.
sub _use_archive {
	my ($self, $release, $address) = @_;
	my $apt = "$self->{root}/etc/apt";
	remove_tree("$apt/sources.list.d", { keep_root => 1 });
	unlink glob "$apt/preferences.d/*";
	$self->put('/etc/apt/sources.list', "deb $address $release main\n");
}

sub _lines {
	my ($path) = @_;
	open my $file, '<', $path or return;
	chomp(my @lines = <$file>);
	return @lines;
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@, $!);
	if ($self->{running}) {
		kill 'KILL', $self->{running};
		waitpid $self->{running}, 0;
	}
	for (1 .. 50) {
		last unless $self->left;
		sleep 0.1;
	}
	$self->_remove_group;
	# Never delete a mounted folder: it belongs to this host.
	remove_tree($self->{outer}) unless $self->left;
}

1;
