package DeployedHost;

# A Debian host on which a person types the commands of README.md and the manuals.
#
#	my $host = DeployedHost->new;		# dies with one line if that is impossible
#	my $ready = $host->then('nginx is ready', "nginx -t\n");
#	$host->run('booted');			# with systemd; true if all succeed
#	print $host->output($ready);
#
# It runs nginx and PostgreSQL, and has a certificate, and the source of provisor with
# its package in /srv/provisor.  The commands of a run are typed into one shell, one part
# after the other.  Each part is a test.
use strict;
use warnings;
use FindBin;
use DebianPackage;
use DebianSystem;
use File::Basename qw(basename);
use ReadmeCommands;
use Test::More;

# Packages must not start services yet, on the network of this host.
my $packages = <<'SH';
set -e
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/yes
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get -q update
apt-get -q install --no-install-recommends nginx postgresql \
	systemd man-db mandoc @MORE@
rm /usr/sbin/policy-rc.d
SH

# The names and the certificate of the host, and a shell in which curl trusts it.
my $names = <<'SH';
cat >/etc/hosts <<'END'
127.0.0.1 localhost addons.example.com
END
folder=/etc/letsencrypt/live/addons.example.com
mkdir -p $folder
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-subj /CN=addons.example.com -addext subjectAltName=DNS:addons.example.com \
	-keyout $folder/privkey.pem -out $folder/fullchain.pem
SH
my $shell = <<'SH';
export CURL_CA_BUNDLE=/etc/letsencrypt/live/addons.example.com/fullchain.pem
cd /srv/provisor
SH

# Without systemd.  The loopback interface is set up without iproute2, which may be
# missing.
my $services = <<'SH';
perl -MSocket -e '
	socket my $any, AF_INET, SOCK_DGRAM, 0 or die;
	ioctl $any, 0x8914, my $up = pack "a16 s x22", "lo", 1 or die "lo: $!"'
perl -MSocket -e '
	socket my $log, AF_UNIX, SOCK_DGRAM, 0 or die;
	bind $log, sockaddr_un("/dev/log") or die;
	chmod 0666, "/dev/log";
	while (defined recv $log, my $line, 8192, 0) { syswrite STDOUT, "$line\n" }
	' >/srv/syslog &
service postgresql start
service nginx start
SH

# The blocks of Deploy in README.md; the first one builds the package.  Each of its two
# ways to start has one.
my ($build, @deploy) = ReadmeCommands::blocks('Deploy');
my @with_systemd = grep { $_->{says} !~ /Without systemd/ } @deploy;
my @without_systemd = grep { $_->{says} !~ /With systemd/ } @deploy;

sub steps_with_systemd { @with_systemd }
sub steps_without_systemd { @without_systemd }

# release: of Debian, by default that of this host; packages: more that the host has;
# later: those that it installs later.  Another release needs packages of its own.
sub new {
	my ($class, %is) = @_;
	my $self = bless { system => DebianSystem->new($is{release}), parts => [], next => 0 }, $class;
	my ($template) = map { $_->{text} } grep { $_->{text} =~ /\A\{/ }
		ReadmeCommands::blocks('Your add-on');

	$self->{system}->copy("$FindBin::Bin/../..", '/srv/provisor');
	$self->{system}->put('/srv/provisor/template.json', $template);
	$self->_install($packages =~ s/\@MORE\@/@{ $is{packages} \/\/ [] }/r);
	$is{release} ? $self->_build_packages : $self->_copy_packages;
	$self->_download(@{ $is{later} // [] });
	return $self;
}

# That of the next release has the name that README.md and the manual give it.
sub next_package { '/srv/provisor/provisor_0.2.0_amd64.deb' }

sub _copy_packages {
	my ($self) = @_;
	my $package = DebianPackage::path();
	$self->{system}->copy_file($package, '/srv/provisor/build/' . basename($package));
	$self->{system}->copy_file($package, '/srv/provisor/' . basename($package));
	$self->{system}->copy_file(DebianPackage::path_of_next(), next_package());
}

sub _build_packages {
	my ($self) = @_;
	$self->_install("set -e\napt-get install make\ncd /srv/provisor\n$build->{text}"
		. "cp build/*.deb .\ncp \"\$(tests/deploy/next-release 9.9.9)\" " . next_package() . "\n");
}

sub system { $_[0]{system} }

sub _install {
	my ($self, $script) = @_;
	$self->{system}->put('/srv/host', $script);
	return if $self->{system}->run('online', '/srv/host');
	my ($why) = $self->{system}->text_of('/srv/output') =~ /(.*)\n*\z/;
	die "no packages: $why\n";
}

# There is no network later.
sub _download {
	my ($self, @more) = @_;
	my ($install) = $deploy[0]{text} =~ /^(apt-get install .*\n)/;
	my $fetch = ($install // "false\n") =~ s/install/install --download-only/r;
	$fetch .= "apt-get install --download-only @more\n" if @more;
	$self->{system}->put('/srv/fetch', "set -e\ncd /srv/provisor\n$fetch");
	ok($self->{system}->run('online', '/srv/fetch'), 'the packages in README.md are available')
		or diag($self->{system}->text_of('/srv/output'));
}

# ---- what is typed ----

# Adds a part, and returns its number.
sub then {
	my ($self, $name, $text) = @_;
	push @{ $self->{parts} }, { name => $name, text => $text };
	return $#{ $self->{parts} };
}

# Adds blocks, whose names get this suffix.  Returns the number of the last one.  A
# person needs a second to type a block; nginx reloads in this time.
sub then_typed {
	my ($self, $suffix, @blocks) = @_;
	for my $block (@blocks) {
		my $number = $self->then($block->{name} . $suffix, $block->{text});
		$self->{parts}[$number]{pause} = 1;
	}
	return $#{ $self->{parts} };
}

# The host as it was before provisor.  Without systemd, its services start.
sub then_begin {
	my ($self, $how) = @_;
	return $self->then('the host is as it was',
		$names . $shell . ($how eq 'booted' ? '' : $services));
}

# A shell after a boot.
sub then_log_in {
	my ($self) = @_;
	return $self->then('systemd runs the services of the host',
		"${shell}systemctl is-active postgresql nginx\n");
}

# Each part writes its output to a file, which shows how far the script came.
sub _script {
	my ($self, @numbers) = @_;
	my $script = "set -e\n";
	for my $i (@numbers) {
		my $part = $self->{parts}[$i];
		$script .= "sleep 1\n" if $part->{pause};
		$script .= "{ : >/srv/part.$i\n$part->{text}} >/srv/part.$i 2>/srv/errors.$i\n"
			. "mv /srv/part.$i /srv/done.$i\n";
	}
	return $script;
}

# ---- the run ----

# Types the parts that have not been typed yet, up to this number or, without it, all.
# Returns true if all succeed.
sub run {
	my ($self, $how, $last) = @_;
	my @numbers = $self->{next} .. $last // $#{ $self->{parts} };
	$self->{next} = $numbers[-1] + 1;
	$self->{system}->put('/srv/script', $self->_script(@numbers));
	my $is_done = $self->{system}->run($how, '/srv/script');
	for my $i (@numbers) {
		next if ok($self->is_done($i), $self->{parts}[$i]{name});
		diag("$self->{parts}[$i]{text}\n", map { $self->{system}->text_of("/srv/$_") }
			"part.$i", "errors.$i", 'output', 'syslog');
		last;
	}
	return $is_done;
}

sub is_done { -e $_[0]{system}->root . "/srv/done.$_[1]" }
sub output { $_[0]{system}->text_of("/srv/done.$_[1]") }
sub errors { $_[0]{system}->text_of("/srv/errors.$_[1]") }

1;
