package Provisor::Host;

# A private host with all files in one folder, its home: PostgreSQL, the pools, and
# nginx with the same site as an installed host.  make run and the tests use it.
#
#	my $host = Provisor::Host->new(port => 8443);	# options: see new
#	$host->start;
#	system 'curl', '--cacert', $host->certificate, $host->url . '/health';
#
# Its processes stop when the object is destroyed or the program exits.
#
#	provisor.env		the settings of the programs
#	owner.env		the settings of provisor migrate
#	keys addons/		as in /etc/provisor
#	log/ pids/ nginx/ postgres/
#	api.sock web.sock hooks.sock vendor.sock	links into the base
#
# The base is a second folder with a short and plain path, because the path of a
# socket has at most 107 bytes, because nginx's files name it, and because
# PostgreSQL's user may not enter the home.
use strict;
use warnings;
use Cwd qw(abs_path);
use Digest::SHA qw(sha1_base64 sha256_hex);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::IP;
use IO::Socket::UNIX;
use MIME::Base64 qw(encode_base64);
use POSIX qw(strftime);
use Provisor::Demo;
use Provisor::Files qw(last_lines own_folder random_bytes random_hex read_text write_env
	write_text);
use Provisor::Postgres;
use Provisor::Process;
use Scalar::Util qw(weaken);
use Time::HiRes qw(sleep time);

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $ready_seconds = 10;

# Settings that all hosts of this program have, unless they are given others.
our %common_env;

# All hosts of this program, to stop them at exit, and the signals that end it.
my %hosts;
my @signals = qw(INT TERM HUP PIPE);

# Settings of the user for other databases and hosts do not apply here.
delete @ENV{grep { /\A(?:PG|PROVISOR_)/ } keys %ENV};

sub new {
	my ($class, %given) = @_;
	my $self = bless {
		home => undef,			# temporary
		build => 'build/release',	# the folder of the programs
		port => 0,			# any free port
		ops_port => 0,			# the same, for the operations server
		console_port => 0,		# and for the console
		operators => {},		# of the console: passwords by name
		proxy => undef,			# an address that names its operators
		answer_limit => '25s',
		workers => { api => 2, web => 1 },	# jobs: none
		env => {},			# additional settings of the programs
		hooks_user => undef,		# of the hooks pool; only root can set it
		reads_file => 0,		# the pools read provisor.env themselves
		postgres => {},			# additional settings of PostgreSQL
		locations => '',		# additional locations of nginx's site
		%given,
		creator => $$,
	}, $class;
	$self->{build} = "$root/$self->{build}" unless $self->{build} =~ m{\A/};
	my @free = _free_ports(3);
	$self->{$_} ||= shift @free for qw(port ops_port console_port);
	$self->{server_key} = random_hex(16);
	$self->_make_home;
	$self->_stop_at_the_end;
	return $self;
}

sub home { $_[0]{home} }
sub port { $_[0]{port} }
sub url { "https://localhost:$_[0]{port}" }
sub addons_dir { "$_[0]{home}/addons" }
sub certificate { "$_[0]{home}/nginx/certificate.pem" }
sub socket { "$_[0]{base}/sockets/$_[1].sock" }
sub vendor_socket { "$_[0]{base}/sockets/vendor/api.sock" }
sub ops_port { $_[0]{ops_port} }
sub ops_address { "127.0.0.1:$_[0]{ops_port}" }
sub console_port { $_[0]{console_port} }
sub console_address { "127.0.0.1:$_[0]{console_port}" }
sub log_path { "$_[0]{home}/log/$_[1].log" }

# The text of a log: worker, nginx-access, nginx-error or postgres.
sub log {
	my ($self, $name) = @_;
	return read_text($self->log_path($name)) // '';
}

# The settings of the programs.
sub env {
	my ($self) = @_;
	return {
		PROVISOR_DATABASE => $self->{database}->conninfo('provisor_worker'),
		PROVISOR_ADDONS => $self->addons_dir,
		PROVISOR_KEYS => "$self->{home}/keys",
		PROVISOR_METRICS => "$self->{home}/metrics",
		PROVISOR_TIMELINE => "$self->{home}/timeline",
		PROVISOR_HOOKS => $self->socket('hooks'),
		PROVISOR_ANSWER_LIMIT => $self->{answer_limit},
		PROVISOR_API_WORKERS => $self->{workers}{api},
		PROVISOR_WEB_WORKERS => $self->{workers}{web},
		PROVISOR_JOB_WORKERS => $self->{workers}{jobs} // 1,
		PROVISOR_SERVER_KEY => $self->{server_key},
		PROVISOR_LOG => 'stderr',
		%common_env,
		%{ $self->{env} },
	};
}

# The settings of provisor migrate.
sub owner_env {
	my ($self) = @_;
	return {
		%{ $self->env },
		PROVISOR_DATABASE_DIRECT =>
			$self->{database}->conninfo('provisor_owner'),
	};
}

sub psql {
	my ($self, $sql) = @_;
	return $self->{database}->psql($sql);
}

sub start {
	my ($self) = @_;
	$self->start_postgres;
	$self->migrate;
	$self->start_hooks;
	$self->start_pool($_) for qw(api web);
	$self->start_jobs if $self->{workers}{jobs};
	$self->start_nginx;
}

sub stop {
	my ($self) = @_;
	# An interrupted stop would leave processes running.
	local @SIG{@signals} = ('IGNORE') x @signals;
	$self->stop_nginx;
	$self->stop_pool($_) for qw(web api jobs hooks);
	$self->stop_postgres;
}

# Stops the host and deletes its files.
sub remove {
	my ($self) = @_;
	$self->stop;
	remove_tree($self->{base}, $self->{home});
}

sub start_postgres {
	my ($self) = @_;
	$self->{database}->start("$root/migrations/roles.sql");
}

sub stop_postgres {
	my ($self) = @_;
	$self->{database}->stop;
}

sub migrate {
	my ($self) = @_;
	$self->_process('migrate', 'worker', env => $self->owner_env)
		->run($self->_program('provisor'), 'migrate');
}

# Starts the hooks pool, unless it runs.
sub start_hooks {
	my ($self) = @_;
	my $socket = $self->socket('hooks');
	my $process = $self->_pool('hooks');
	return if $process->is_alive;
	$process->start('spawn-fcgi', '-n', '-s', $socket, '-M', '0600',
		'-b', '1024', $self->_hooks_program);
	$process->wait_until(sub { _is_listening($socket) });
}

# The options of spawn-fcgi that follow the socket.  Another user may not enter the
# folder of the programs, so the program is copied.
sub _hooks_program {
	my ($self) = @_;
	my $program = $self->_program('provisor-hooks');
	my $user = $self->{hooks_user} // return ('--', $program);
	my $copy = "$self->{base}/provisor-hooks";
	system('install', '-m', '0755', $program, $copy) == 0 or die "install failed\n";
	return ('--', '/usr/bin/setpriv', "--reuid=$user", '--regid=' . (getpwnam $user)[3],
		'--clear-groups', $copy);
}

sub start_pool {
	my ($self, $pool) = @_;
	$self->start_hooks;
	my $socket = $self->socket($pool);
	my $process = $self->_pool($pool);
	$process->start('spawn-fcgi', '-n', '-s', $socket, '-M', '0660',
		'-b', '1024', '--', $self->_program('pool'), $pool);
	$process->wait_until(sub { _is_listening($socket) });
}

sub start_jobs {
	my ($self) = @_;
	$self->start_hooks;
	$self->_pool('jobs')->start($self->_program('pool'), 'jobs');
}

sub stop_pool {
	my ($self, $pool) = @_;
	$self->_pool($pool)->stop('TERM');
}

sub start_nginx {
	my ($self) = @_;
	$self->_make_certificate unless -s $self->certificate
		&& -s $self->_certificate_key;
	$self->_write_site;
	$self->_write_operators;
	# After a SIGKILL, nginx leaves its socket, and cannot bind it again.
	unlink $self->vendor_socket;
	my $process = $self->_nginx;
	$process->start('/usr/sbin/nginx', '-e', $self->log_path('nginx-error'),
		'-p', "$self->{home}/", '-c', 'nginx/nginx.conf');
	$process->wait_until(sub { _accepts($self->ops_port) });
}

sub stop_nginx {
	my ($self) = @_;
	$self->_nginx->stop('TERM');
}

# Waits until /ready reports 200 and nginx serves requests.  Dies with the last log
# lines of the workers if that takes too long.
sub wait_until_ready {
	my ($self) = @_;
	my $deadline = time + $ready_seconds;
	while (time < $deadline) {
		return if $self->_answers('http://' . $self->ops_address . '/ready')
			&& $self->_answers('--cacert', $self->certificate,
				$self->url . '/health');
		sleep 0.1;
	}
	die "provisor is not ready after $ready_seconds seconds; the last lines of "
		. $self->log_path('worker') . ":\n"
		. last_lines($self->log_path('worker'));
}

# The name of a process that has stopped, or undef.
sub casualty {
	my ($self) = @_;
	my %process = (PostgreSQL => $self->{database}->process,
		nginx => $self->_nginx,
		map { ("the $_ pool" => $self->_pool($_)) } qw(api web hooks),
		$self->{workers}{jobs} ? 'jobs' : ());
	my ($name) = grep { !$process{$_}->is_alive } sort keys %process;
	return $name;
}

# Creates the demo add-ons, or updates the port in existing ones.
sub write_demo_homes {
	my ($self) = @_;
	Provisor::Demo::write_homes($self->addons_dir . '/heroku', $self->url);
}

sub manifest {
	my ($self, $name) = @_;
	return Provisor::Demo::manifest($self->addons_dir . '/heroku', $name);
}

# The mode of home, base and sockets: with root, the users of PostgreSQL and of the
# hooks pool may pass through them.
sub folder_mode {
	return $> == 0 ? 0711 : 0700;
}

sub _make_home {
	my ($self) = @_;
	my $mode = folder_mode();
	$self->{is_temporary} = !defined $self->{home};
	$self->{home} //= tempdir('provisor-XXXXXX', TMPDIR => 1);
	mkdir $self->{home}, $mode;
	my $home = $self->{home} = abs_path($self->{home})
		// die "$self->{home}: $!\n";
	$self->{base} = "/var/tmp/provisor-$>-" . substr sha256_hex($home), 0, 12;
	own_folder($self->{base}, $mode);
	own_folder("$self->{base}/sockets", $mode);
	$self->_make_vendor_folder;
	own_folder($_, 0700) for
		map { "$home/$_" } qw(log pids nginx addons addons/heroku);
	$self->_make_files;
}

# nginx lets every user connect to its socket, so the folder decides who may: its
# owner, and the group of an installed host if root can give it the folder.
sub _make_vendor_folder {
	my ($self) = @_;
	my $folder = "$self->{base}/sockets/vendor";
	my $group = $> == 0 ? getgrnam 'provisor-vendor' : undef;
	own_folder($folder, defined $group ? 0750 : 0700);
	chown 0, $group, $folder if defined $group;
}

sub _make_files {
	my ($self) = @_;
	my $home = $self->{home};
	$self->{database} = Provisor::Postgres->new(home => $home,
		folder => "$self->{base}/postgres",
		log => $self->log_path('postgres'),
		settings => $self->{postgres});
	write_env("$home/provisor.env", $self->env);
	# As provisor keys add does, which may not be built yet.
	write_text("$home/keys", strftime('k%Y%m%d:', gmtime) . encode_base64(random_bytes(32)))
		unless -e "$home/keys";
	unlink "$self->{base}/log";
	symlink "$home/log", "$self->{base}/log";
	my %socket = (vendor => $self->vendor_socket,
		map { ($_ => $self->socket($_)) } qw(api web hooks));
	for my $name (keys %socket) {
		unlink "$home/$name.sock";
		symlink $socket{$name}, "$home/$name.sock";
	}
}

sub _make_certificate {
	my ($self) = @_;
	$self->_process('openssl', 'openssl')->run('openssl', 'req', '-x509',
		'-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
		'-nodes', '-days', '3650', '-subj', '/CN=localhost', '-addext',
		'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1',
		'-keyout', $self->_certificate_key,
		'-out', $self->certificate);
}

sub _certificate_key { "$_[0]{home}/nginx/certificate.key" }

# Without operators there is no file, so nobody can log in.
sub _write_operators {
	my ($self) = @_;
	my $operators = $self->{operators};
	my $path = "$self->{home}/nginx/provisor-console.users";
	my @lines = map { "$_:{SHA}" . sha1_base64($operators->{$_}) . "=\n" } sort keys %$operators;
	@lines ? write_text($path, join '', @lines) : unlink $path;
}

sub _write_site {
	my ($self) = @_;
	my %value = (
		API_SOCKET => $self->socket('api'),
		WEB_SOCKET => $self->socket('web'),
		OPS_LISTEN => $self->ops_address,
		CONSOLE_LISTEN => $self->console_address,
		VENDOR_SOCKET => $self->vendor_socket,
		LISTEN => "127.0.0.1:$self->{port}",
		LISTEN6 => "[::1]:$self->{port}",
		IPV6 => _has_ipv6() ? '' : '#',
		SERVER_NAME => 'localhost',
		# Relative, because the path of the home can contain any character.
		CERTIFICATE => 'certificate.pem',
		CERTIFICATE_KEY => 'certificate.key',
		ACCESS_LOG => "$self->{base}/log/nginx-access.log",
		READ_TIMEOUT => _milliseconds($self->{answer_limit}) * 0.95 . 'ms',
		USER => $> == 0 ? 'user root;' : '',
	);
	for my $pieces ("$root/nginx", "$root/nginx/local") {
		system("$root/nginx/fill", $pieces, "$self->{home}/nginx",
			map { "$_=$value{$_}" } sort keys %value) == 0
			or die "the configuration of nginx cannot be written\n";
	}
	my $site = "$self->{home}/nginx/provisor-site.conf";
	write_text($site, read_text($site)
		=~ s/(include provisor-browser\.conf;\n)/$1$self->{locations}/r);
	write_text("$self->{home}/nginx/provisor-server-key.conf",
		"fastcgi_param PROVISOR_SERVER_KEY $self->{server_key};\n");
	my $console = "$self->{home}/nginx/provisor-console.conf";
	write_text($console, read_text($console) =~ s/#192\.0\.2\.10\/32/$self->{proxy}/r)
		if defined $self->{proxy};
}

sub _program {
	my ($self, $name) = @_;
	my $path = "$self->{build}/$name";
	die "$path does not exist: run make first\n" unless -x $path;
	return $path;
}

sub _pool {
	my ($self, $pool) = @_;
	my $env = $self->{reads_file}
		? { PROVISOR_ENV => "$self->{home}/provisor.env" } : $self->env;
	return $self->_process($pool, 'worker', env => $env);
}

sub _nginx {
	my ($self) = @_;
	return $self->_process('nginx', 'nginx-error');
}

sub _process {
	my ($self, $name, $log, %more) = @_;
	return Provisor::Process->new(file => "$self->{home}/pids/$name",
		log => $self->log_path($log), folder => $self->{home}, %more);
}

sub _answers {
	my ($self, @request) = @_;
	return system('curl', '--silent', '--fail', '--noproxy', '*',
		'--max-time', 2, '--output', '/dev/null', @request) == 0;
}

sub _is_listening {
	my ($path) = @_;
	return defined IO::Socket::UNIX->new(Peer => $path);
}

sub _accepts {
	my ($port) = @_;
	return defined IO::Socket::IP->new(PeerHost => '127.0.0.1', PeerPort => $port);
}

# Different ones, because all sockets are open at the same time.
sub _free_ports {
	my ($count) = @_;
	my @sockets = map {
		IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 1)
			or die "no free port: $@\n"
	} 1 .. $count;
	return map { $_->sockport } @sockets;
}

sub _has_ipv6 {
	return defined IO::Socket::IP->new(LocalHost => '::1', Listen => 1);
}

sub _milliseconds {
	my ($duration) = @_;
	my %factor = (s => 1_000, min => 60_000, h => 3_600_000);
	my ($number, $unit) = $duration =~ /\A(\d+)(s|min|h)\z/
		or die "$duration: write a duration such as 25s, 2min or 1h\n";
	return $number * $factor{$unit};
}

# A signal would skip END blocks, so it becomes an exit.  PIPE arrives when the
# reader of our output has gone.
sub _stop_at_the_end {
	my ($self) = @_;
	weaken($hosts{$self} = $self);
	on_signals(sub { exit 1 }, grep { !$SIG{$_} } @signals);
}

# Later signals are ignored, so that they cannot interrupt the cleanup.
sub on_signals {
	my ($end, @names) = @_;
	$SIG{$_} = sub {
		@SIG{@signals} = ('IGNORE') x @signals;
		$end->();
	} for @names;
}

# In a forked copy of this program, this does nothing.
sub _end {
	my ($self) = @_;
	return if $self->{creator} != $$ || !exists $hosts{$self};
	# Waiting for children must not change the exit status.
	local ($?, $!, $@);
	$self->{is_temporary} ? $self->remove : $self->_retire;
	delete $hosts{$self};
}

# Removes the base too, unless it contains the database.
sub _retire {
	my ($self) = @_;
	$self->stop;
	remove_tree("$self->{base}/sockets");
	unlink "$self->{base}/log";
	unlink "$self->{base}/provisor-hooks";
	rmdir $_ for "$self->{base}/postgres", $self->{base};
}

sub DESTROY {
	my ($self) = @_;
	$self->_end;
}

END {
	$_->_end for grep { defined } values %hosts;
}

1;
