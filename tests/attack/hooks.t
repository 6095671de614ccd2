#!/usr/bin/perl
# Attacks by a hook, which runs as a user other than that of the pools, and attacks on the
# socket of the hooks pool.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use IO::Socket::UNIX;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::Test;
use Provisor::Files 'read_text';
use Provisor::UnbootedHost;

plan skip_all => 'only root can start pools as another user' if $> != 0;

# ---- a hostile hook ----

# It tries to do each thing, and writes what it could do as JSON.
my $thief = <<'PERL';
#!/usr/bin/perl
use strict;
use warnings;
use IO::Socket::UNIX;
use JSON::PP;

my ($folder) = $ENV{HOME} =~ m{\A(.*)/addons/};
my %could;

sub could_read {
	my ($path) = @_;
	open my $file, '<', $path or return 0;
	return sysread($file, my $byte, 1) ? 1 : 0;
}

sub pids_of {
	my ($program) = @_;
	return grep {
		my $is_open = open my $file, '<', "/proc/$_/cmdline";
		$is_open && (<$file> // "") =~ m{\A[^\0]*/\Q$program\E\0};
	} map { m{(\d+)\z} } glob '/proc/[0-9]*';
}

$could{"read $_"} = could_read("$folder/$_") for qw(keys provisor.env
	addons/heroku/thief/addon-manifest.json addons/heroku/thief/settings.json
	addons/heroku/other/addon-manifest.json addons/heroku/other/settings.json
	run/provisor/state/metrics);
for my $program (qw(provisor.fcgi provisor-jobs provisor-hooks)) {
	my @pids = pids_of($program);
	$could{"see $program"} = @pids > 0 ? 1 : 0;
	for my $file (qw(environ mem maps auxv)) {
		$could{"read $file of $program"} = grep { could_read("/proc/$_/$file") } @pids;
	}
	$could{"list files of $program"} = grep { opendir my $list, "/proc/$_/fd" } @pids;
	$could{"signal $program"} = grep { kill 0, $_ } @pids if $program ne 'provisor-hooks';
}
for my $pool (qw(api web hooks)) {
	$could{"connect to $pool"} = IO::Socket::UNIX->new(Peer => "/run/provisor/$pool.sock") ? 1 : 0;
}
$could{'replace a socket'} = unlink('/run/provisor/api.sock') ? 1 : 0;
$could{'change its code'} = open(my $code, '>>', $0) ? 1 : 0;
$could{'write to its home'} = open(my $file, '>', "$ENV{HOME}/hooks/sign-on") ? 1 : 0;
chomp(my $database = do { open my $text, '<', "$folder/database"; <$text> });
$could{'connect to the database'} = system("psql -XwqAt -c 'SELECT 1' '$database' >/dev/null 2>&1") == 0 ? 1 : 0;
$could{'know the settings'} = grep { /\APROVISOR/ } keys %ENV;
$could{'run as'} = $<;
open my $told, '>', "$folder/told/could" or die "told: $!\n";
print $told encode_json(\%could);
print "{}\n";
PERL

my $database = new_host();

$database->start_postgres;
$database->migrate;

my $host = Provisor::UnbootedHost->new($database, PROVISOR_ANSWER_LIMIT => '20s');
my $folder = $host->folder;

for my $name (qw(thief other)) {
	Provisor::AddOn->new(folder => $host->addons_dir, name => $name, settings => {},
		template => undef, files => { 'hooks/provision' => $thief });
}
$host->own;
mkdir "$folder/told";
chmod 0777, "$folder/told";
open my $file, '>', "$folder/database" or die "$!\n";
print $file $database->env->{PROVISOR_DATABASE} =~ s/ *password=\S+//r, "\n";
close $file;
is(($host->ctl('start'))[1], 0, 'the pools start, each as its user');

my ($output) = $host->ctl('hook', 'test', "$folder/addons/heroku/thief", 'provision');
my $could = JSON::PP::decode_json(read_text("$folder/told/could") // '{}');

is(delete $could->{'run as'}, 61_236, 'a hook runs as the user of hooks') or diag $output;
is(delete $could->{"see $_"}, 1, "it sees the processes of $_") for qw(provisor.fcgi provisor-jobs provisor-hooks);
cmp_ok(scalar keys %$could, '>', 20, 'it tried everything');
is($could->{$_}, 0, "it could not $_") for sort keys %$could;

my ($checked) = $host->ctl('check');
like($checked, qr{^ok +\S+hooks\.sock: runs hooks as provisor-hooks$}m, 'check agrees');
unlike($checked, qr/hooks can read/, '... and finds nothing that hooks can read');
chmod 0644, "$folder/keys";
chmod 0700, "$folder/addons/heroku/other/hooks/provision";
($checked) = $host->ctl('check');
like($checked, qr{^error +\S+/keys: hooks can read it, because they run as provisor-hooks: chmod o=}m,
	'check names a file that hooks can read');
like($checked, qr{^error +\S+/other/hooks/provision: provisor-hooks, who runs hooks, cannot read it \(Permission denied\): chmod a\+rx}m,
	'... and a hook that it cannot run');
$host->ctl('stop', 'hooks');
($checked) = $host->ctl('check');
like($checked, qr{^error +the hooks pool does not listen at /run/provisor/hooks\.sock .*: start provisor-hooks$}m,
	'... and a pool that does not run');
$host->ctl('stop');

# ---- the socket ----

my $private = new_host();
my $addon = addon($private, 'fast-db', template => undef, files => {
	'hooks/provision' => "#!/bin/sh\necho {}\n" });

$private->start_hooks;

sub hook_works {
	my ($when) = @_;
	my ($text, $status) = ctl($private->env, 'hook', 'test', $addon->home, 'provision');

	return is($status, 0, "a hook runs $when") || diag $text;
}

sub connect_to_pool {
	return IO::Socket::UNIX->new(Peer => $private->socket('hooks')) // die "connect: $!\n";
}

# Waits until the pool closes the connection.
sub is_closed {
	my ($connection, $name) = @_;
	my $bytes;

	local $SIG{ALRM} = sub { die "it stays open\n" };
	alarm 30;
	my $end = eval { sysread $connection, $bytes, 1 };
	alarm 0;
	return ok(!$end, $name);
}

sub header {
	my ($version, $length, $grace, $arguments, $variables) = @_;

	return pack 'L L q l S S', $version, $length, 0, $grace, $arguments, $variables;
}

my $version = 0x50560001;
my %messages = (
	'another protocol' => "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
	'half a header' => substr(header($version, 10, 0, 1, 0), 0, 9),
	'a header without texts' => header($version, 10, 0, 1, 0),
	'a length of 4 GiB' => header($version, 0xffffffff, 0, 1, 0) . 'A' x 60_000,
	'half of the texts' => header($version, 60_000, 0, 1, 0) . 'A' x 30_000,
	'texts without an end' => header($version, 8, 0, 1, 0) . 'AAAAAAAA',
	'65535 arguments' => header($version, 65_535, 0, 65_535, 65_535) . "\0" x 65_535,
	'random bytes' => join('', map { chr rand 256 } 1 .. 10_000),
);

for my $name (sort keys %messages) {
	my @held = map { connect_to_pool() } 1 .. 30;

	local $SIG{PIPE} = 'IGNORE';
	syswrite $_, $messages{$name} for @held;
	hook_works("while $name is in 30 connections");
	is_closed($held[0], '... which the pool closes');
}

subtest 'another user' => sub {
	my $socket = $private->socket('hooks');
	my $as_nobody = "$^X -MIO::Socket::UNIX -e '"
		. q(my $s = IO::Socket::UNIX->new(Peer => shift) or exit 3; exit(sysread($s, my $byte, 1) ? 4 : 0)') . " $socket";
	my @command = ('setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', 'sh', '-c', $as_nobody);

	system @command;
	is($? >> 8, 3, 'cannot open the socket');
	chmod 0666, $socket;
	system @command;
	is($? >> 8, 0, 'where it can, the pool closes the connection');
	like($private->log('worker'), qr/refused a call from user 65534: only root and the owner of the socket, user 0, may call/,
		'... and logs it');
	chmod 0600, $socket;
	hook_works('afterwards');
};
done_testing;
