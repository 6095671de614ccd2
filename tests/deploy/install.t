#!/usr/bin/perl
# make install and make uninstall: which files they create, keep and remove.  The Debian
# package has the same files.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use DebianPackage;
use File::Find qw(find);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

chdir "$FindBin::Bin/../.." or die "$!\n";
delete @ENV{grep { /\AMAKE|\AMFLAGS|\APROVISOR_/ } keys %ENV};

my $outer = tempdir('install-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# The output of make, with a folder of this name as DESTDIR.
sub make {
	my ($root, @what) = @_;
	my $text = qx(make -s DESTDIR=$outer/$root @what 2>&1);
	return $? == 0 ? $text : "$text(status $?)";
}

sub text_of {
	my ($path) = @_;
	open my $file, '<', $path or return '';
	local $/;
	return scalar <$file> // '';
}

sub write_text {
	my ($path, $text) = @_;
	open my $file, '>', $path or die "$path: $!\n";
	print $file $text;
	close $file or die "$path: $!\n";
}

# All files in it: "mode path".
sub files {
	my ($root) = @_;
	my @files;
	find({ no_chdir => 1, wanted => sub {
		push @files, sprintf '%o %s', (stat)[2] & 07777,
			s{\A\Q$outer/$root\E}{}r if -f;
	} }, "$outer/$root");
	return join "\n", sort @files;
}

# The text of all its files except programs.
sub contents {
	my ($root) = @_;
	return join "\n", map { text_of("$outer/$root" . s/\A\d+ //r) }
		grep { !m{/provisor(?:\.fcgi|-jobs|-hooks)?\z} || m{\A\d+ /etc/} }
		split /\n/, files($root);
}

# ---- what is installed ----

is(make('host', 'install'), '', 'make install prints nothing');
my @placed = split /\n/, files('host');
my $prefix = '/usr/local';
for my $line ("755 $prefix/bin/provisor", "755 $prefix/lib/provisor/provisor.fcgi",
		"755 $prefix/lib/provisor/provisor-jobs",
		"755 $prefix/lib/provisor/provisor-hooks",
		"755 $prefix/lib/provisor/pool", "755 $prefix/share/provisor/init.d", "644 $prefix/share/provisor/roles.sql",
		"644 $prefix/share/provisor/alerts.yml", "644 $prefix/share/provisor/grafana.json",
		"755 $prefix/sbin/provisor-create-database", '644 /etc/logrotate.d/provisor',
		"644 $prefix/share/man/man1/provisor.1",
		"644 $prefix/share/man/man5/provisor.env.5",
		"644 $prefix/share/man/man3/provisor-listener.3",
		"644 $prefix/include/provisor/listener.h",
		"644 $prefix/share/man/man8/provisor-jobs.8",
		"644 $prefix/lib/systemd/system/provisor\@.socket",
		"644 $prefix/lib/systemd/system/provisor-jobs.service",
		"644 $prefix/lib/systemd/system/provisor-hooks.service",
		"644 $prefix/lib/systemd/system/provisor-hooks.socket",
		"644 $prefix/share/man/man8/provisor-hooks.8",
		"644 $prefix/lib/sysusers.d/provisor.conf",
		'600 /etc/provisor/provisor.env',
		'644 /etc/nginx/sites-available/provisor',
		'644 /etc/nginx/sites-available/provisor-console') {
	is((grep { $_ eq $line } @placed), 1, $line);
}
is((grep { m{sites-enabled|conf\.d|multi-user|sockets\.target} } @placed), 0,
	'nothing is enabled');
is(join(' ', contents('host') =~ /\@[A-Z][A-Z_0-9]+\@/g), '',
	'no placeholder is left');

my $before = contents('host');
is(make('host', 'install'), '', 'it can be repeated');
is(files('host'), join("\n", @placed), '... and adds no file');
is(contents('host'), $before, '... and changes none');

# ---- edited files ----

my $site = "$outer/host/etc/nginx/sites-available/provisor";
my $last = "$outer/host$prefix/share/provisor/etc/nginx/provisor-site.conf";
my $released = text_of($site);

write_text($_, "of the release before\n") for $site, $last;
is(make('host', 'install'), '', 'a new release');
is(text_of($site), $released, 'replaces a file that was not edited');

write_text($site, "edited\n");
is(make('host', 'install'), '', 'the same release');
is(text_of($site), "edited\n", 'keeps an edited file');
ok(!-e "$site.new", '... and puts nothing beside it');

write_text($last, "of the release before\n");
like(make('host', 'install'), qr{sites-available/provisor was edited and is kept},
	'another release reports an edited file');
is(text_of($site), "edited\n", '... keeps it');
is(text_of("$site.new"), $released, '... and puts the new version beside it');

# ---- make uninstall ----

make_path("$outer/host/etc/provisor/addons/heroku");
write_text("$outer/host/etc/provisor/keys", "k1:x\n");
like(make('host', 'uninstall'), qr/The configuration in .* is not removed/, 'make uninstall');
is((grep { !m{^\d+ /etc/} } split /\n/, files('host')), 0,
	'removes what was installed');
ok(!-e "$outer/host$prefix/$_/provisor", '... its folders too') for qw(lib include);
like(files('host'), qr{/etc/provisor/keys}, '... and no configuration');
unlike(make('host', 'uninstall'), qr/status|enabled/, 'it can be repeated');

my $enabled = '/etc/nginx/sites-enabled/provisor';
make_path("$outer/host/etc/nginx/sites-enabled");
symlink '../sites-available/provisor', "$outer/host$enabled" or die "$!\n";
like(make('host', 'uninstall'), qr/rm \Q$enabled\E && nginx -s reload\n\z/,
	'it reports a site that is still enabled');
make_path("$outer/host/etc/init.d");
write_text("$outer/host/etc/init.d/provisor", "#!/bin/sh\n");
like(make('host', 'uninstall'), qr{rm /etc/init\.d/provisor && update-rc\.d provisor remove\n\z},
	'... and an init script that was copied');

# ---- other folders ----

is(make('package', qw(install PREFIX=/usr NGINX_GROUP=http)), '', 'PREFIX=/usr');
like(text_of("$outer/package/usr/lib/systemd/system/provisor\@.service"),
	qr{^ExecStart=/usr/lib/provisor/pool %i$}m, 'is in the units');
like(text_of("$outer/package/usr/lib/systemd/system/provisor-jobs.service"),
	qr{^ExecStart=/usr/lib/provisor/pool jobs$}m, '... in each of them');
like(text_of("$outer/package/usr/lib/systemd/system/provisor\@.socket"),
	qr{^SocketGroup=http$}m, '... like the group of nginx');
like(text_of("$outer/package/etc/provisor/provisor.env"), qr/^PROVISOR_SOCKET_GROUP=http$/m,
	'... which is in the settings too');

like(text_of("$outer/package/usr/share/provisor/init.d"),
	qr{^DAEMON=/usr/bin/provisor$}m, '... and in the init script');

is(listens('package'), '443 [::]:443 127.0.0.1:918', 'only root can occupy the ports of nginx');
is(listens('package', 'provisor-console'), '127.0.0.1:919', '... and that of the console');
make('ports', 'install', 'OPS_LISTEN=127.0.0.9:9180', 'CONSOLE_LISTEN=127.0.0.9:9190', 'IPV6=#');
is(listens('ports'), '443 127.0.0.9:9180', 'OPS_LISTEN is the address for operations');
is(listens('ports', 'provisor-console'), '127.0.0.9:9190', 'CONSOLE_LISTEN is that of the console');

make('opt', qw(install PREFIX=/opt/p SYSCONFDIR=/opt/p/etc SYSTEMDDIR=/etc));
like(text_of("$outer/opt/etc/systemd/system/provisor\@.service"),
	qr{^Environment=PROVISOR_ENV=/opt/p/etc/provisor/provisor\.env$}m,
	'SYSCONFDIR is in the units');
like(text_of("$outer/opt/etc/systemd/system/provisor\@.service"),
	qr{^ExecReload=/opt/p/bin/provisor --env /opt/p/etc/provisor/provisor\.env reload %i$}m,
	'... with the settings file of its reload');
like(text_of("$outer/opt/opt/p/etc/provisor/provisor.env"),
	qr{^PROVISOR_KEYS=/opt/p/etc/provisor/keys$}m, '... and in the settings');

# ---- the Debian package ----

sub output_of {
	my ($command) = @_;
	return scalar qx($command 2>&1);
}

my $package = DebianPackage::path();
my $changes = $package =~ s{([^/]+)\.deb\z}{deb/$1.changes}r;
is(output_of("lintian --fail-on error,warning,info --allow-root $changes"), '', 'lintian has nothing to say about the package');

# The packages that a list of the Makefile names, and those of its own lists in it.
sub packages_of {
	my ($list) = @_;
	my ($names) = text_of('Makefile') =~ /^\Q$list\E *:= *((?:.*\\\n)*.*)/m;
	return map { /\A\$\((\w+)\)\z/ ? packages_of($1) : /\\/ ? () : $_ } split ' ', $names;
}

# Every build of a Debian package has a compiler and perl.
my ($needed) = text_of('nginx/host/debian/control') =~ /^Build-Depends: debhelper-compat \(= 13\),\n((?: .*\n)+)/m;
is(join(' ', sort(split /[\s,]+/, "build-essential debhelper gcc libc6-dev perl$needed")), join(' ', sort(packages_of('deb_packages'))),
	'the package needs what the Makefile installs to build it');

# Where the package has files that make install puts elsewhere, or leaves to the operator.
my %moved = (
	'755 /usr/share/provisor/init.d' => '755 /etc/init.d/provisor',
	'600 /etc/provisor/provisor.env' => '644 /usr/share/provisor/provisor.env',
);
my @expected = grep { !m{ /usr/share/provisor/etc/} } map { $moved{$_} // $_ } map { s{(/share/man/.*)}{$1.gz}r }
	split /\n/, do { make(qw(same install PREFIX=/usr IPV6=)); files('same') };
system('dpkg-deb', '-x', $package, "$outer/deb") == 0 or die "$package cannot be unpacked\n";
my @packed = map { s{ /lib/}{ /usr/lib/}r } grep { !m{/usr/share/doc/} } split /\n/, files('deb');
is(join("\n", sort @packed), join("\n", sort @expected), 'the package has the files of make install');
is(output_of("dpkg-deb --ctrl-tarfile $package | tar -xO ./conffiles") =~ s/^/644 /mgr =~ s/^644 (.*init\.d.*)/755 $1/mr,
	join('', map { "$_\n" } sort { (split / /, $a)[1] cmp (split / /, $b)[1] } grep { m{ /etc/} } @expected),
	'... and those in /etc are conffiles');
is(readlink "$outer/deb/lib/systemd/system/provisor.service", '/dev/null', 'with systemd, the init script is hidden');
like(output_of('nginx/host/deb 0.0.0'), qr{\Anginx/host/debian/changelog: its first entry is for .*write an entry for it$}m,
	'make deb refuses a version without an entry in the changelog');

# ---- the pools ----

my $tools = "$outer/tools";
make_path($tools);
write_text("$tools/multiwatch", "#!/bin/sh\necho \"\$@\"\n");
write_text("$tools/nproc", "#!/bin/sh\necho 5\n");
write_text("$tools/sleep", "#!/bin/sh\n");
chmod 0755, glob "$tools/*";

# The addresses of the installed site.
sub listens {
	my ($host, $site) = (@_, 'provisor');
	return join ' ', text_of("$outer/$host/etc/nginx/sites-available/$site")
		=~ /^\s*listen (\S+?);?(?: .*)?$/mg;
}

sub pool {
	my ($settings, $name) = @_;
	return scalar qx(PATH=$tools:\$PATH $settings nginx/host/pool $name 2>&1);
}

my $rest = "-- nginx/host/provisor.fcgi api\n";
my $web = "-- nginx/host/provisor.fcgi web\n";
my $jobs = "-- nginx/host/provisor-jobs jobs\n";
is(pool('', 'api'), "-r 1000000 -f 15 $rest", 'three api workers per core');
is(pool('', 'web'), "-r 1000000 -f 10 $web", '... and two web');
is(pool('', 'jobs'), "-r 1000000 -f 10 $jobs", '... and two processes of provisor-jobs');
is(pool('PROVISOR_API_WORKERS=7 PROVISOR_WEB_WORKERS=', 'api'),
	"-r 1000000 -f 7 $rest", 'or as many as in the settings');
is(pool('PROVISOR_JOB_WORKERS=2', 'jobs'), "-r 1000000 -f 2 $jobs", '... each theirs');
is(pool('PROVISOR_WEB_WORKERS=many', 'web'),
	"provisor pool: PROVISOR_WEB_WORKERS is \"many\": it must be a number of at least 1\n",
	'the setting must be a number');
for ([ 'as it is', 'PROVISOR_API_WORKERS=7' ], [ 'with blanks', "\t PROVISOR_API_WORKERS = 7 " ],
	[ 'in quotes', 'PROVISOR_API_WORKERS="7"' ], [ 'with leading zeros', 'PROVISOR_API_WORKERS=007' ],
	[ 'twice', "PROVISOR_API_WORKERS=8\nPROVISOR_API_WORKERS=7" ],
	[ 'after a comment', "#PROVISOR_API_WORKERS=8\nPROVISOR_API_WORKERS=7" ]) {
	my ($how, $lines) = @$_;

	write_text("$tools/settings", "$lines\n");
	is(pool("PROVISOR_ENV=$tools/settings", 'api'), "-r 1000000 -f 7 $rest", "a number in the settings file $how");
	is(qx(env -i build/release/provisor --env $tools/settings check) =~ /PROVISOR_API_WORKERS/ ? 1 : 0, 0,
		'... is valid for the programs');
}
is(pool('', ''), "provisor pool: the argument must be api, web, jobs or hooks\n", 'a pool has a name');

# A drop-in for one is a drop-in for the other.
sub sandbox {
	my ($unit) = @_;
	my ($text) = text_of("nginx/host/$unit") =~ /^(ProtectSystem=.*?)^\[Install\]/ms;
	return $text;
}

is(sandbox('provisor-jobs.service'), sandbox('provisor@.service'),
	'provisor-jobs has the sandbox of the pools');

# ---- the settings file ----

my %setting = map { /^(PROVISOR_\w+)\s+(\S+)/ ? ($1, $2) : () }
	split /\n/, qx(build/release/provisor settings);
my %file = map { /^#(PROVISOR_\w+)=(.*)/ ? ($1, $2) : () }
	split /\n/, text_of("$outer/host/etc/provisor/provisor.env");
is(join(' ', grep { !exists $file{$_} } sort keys %setting), '',
	'provisor.env has every setting');
is(join(' ', grep { ($setting{$_} // '') ne ($file{$_} || '-') }
		grep { exists $setting{$_} && $_ ne 'PROVISOR_DATABASE' } sort keys %file),
	'', '... with its default');
done_testing;
