#!/usr/bin/perl
# The folder of the local API on a host without systemd: provisor start makes it, and
# removes only what a killed nginx has left there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use IO::Socket::UNIX;
use Test::More;

use Provisor::Test;
use Provisor::UnbootedHost;

plan skip_all => 'only root can start pools as another user' if $> != 0;

my $database = new_host();

$database->start_postgres;
$database->migrate;

my $host = Provisor::UnbootedHost->new($database);
my $addon = Provisor::AddOn->new(folder => $host->addons_dir, name => 'fast-db', client => $host->fastcgi('api'));

$host->own;

my $folder = '/run/provisor/vendor';
my $link = '/run/provisor/vendor.sock';
my $socket = "$folder/api.sock";

sub shell { return ($host->in('sh', '-c', "cd /run/provisor; $_[0]"))[0] }

# A test: provisor start prints nothing about the folder.
sub starts {
	my ($name) = @_;
	my ($output, $status) = $host->ctl('start');

	is($status, 0, $name);
	unlike($output, qr/vendor/, '... without a word about the folder') or diag $output;
	return;
}

# A test: provisor start refuses what the shell has done, and starts the pools.
sub refused {
	my ($name, $before, $pattern, $unchanged) = @_;

	shell("rm -rf vendor vendor.sock; $before");
	my $state = shell($unchanged);
	my ($output, $status) = $host->ctl('start');
	is($status, 1, $name);
	like($output, $pattern, '... by its name, with the remedy');
	is(shell($unchanged), $state, '... and leaves it');
	like(($host->ctl('status'))[0], qr/^api +running/m, '... and the pools run');
	return;
}

sub folder { return shell('stat -c "%U:%G %a %F" vendor; readlink vendor.sock') }

my $right = "root:provisor-vendor 750 directory\nvendor/api.sock\n";

starts('without the group');
is(shell('ls -d vendor vendor.sock 2>/dev/null'), '', '... there is no folder');

shell('echo provisor-vendor:x:61240: >>/etc/group');
starts('with it');
is(folder(), $right, '... there is one that only root and the group can enter, and a link to the socket');
starts('again');
is(folder(), $right, '... there still is');

shell('chmod 0777 vendor; chown provisor:nginx-of-test vendor');
starts('with a folder that others can enter');
is(folder(), $right, '... it is closed');
shell('rm vendor.sock');
starts('without the link');
is(folder(), $right, '... it is made');

my $listening = IO::Socket::UNIX->new(Local => $host->folder . '/run/provisor/vendor/api.sock', Listen => 1);
starts('while a process listens');
is(shell("stat -c %F $socket"), "socket\n", '... the socket stays');
close $listening;
starts('when none does');
is(shell("ls -A vendor"), '', '... the socket is removed');
shell("echo notes >$socket");
starts('with a file in its place');
is(shell("cat $socket"), "notes\n", '... the file stays');

refused('a file', 'echo text >vendor', qr/$folder: is not a folder: remove it/, 'cat vendor; ls -d vendor*');
refused('a link to a folder', 'mkdir -m 0700 other; ln -s other vendor', qr/$folder: is not a folder: remove it/,
	'stat -c "%U:%G %a" other; readlink vendor; ls other');
refused('a link to nothing', 'ln -s nothing vendor', qr/$folder: is not a folder: remove it/, 'readlink vendor');
refused('a file in the place of the link', 'echo text >vendor.sock',
	qr{$link: is not a link to vendor/api\.sock: remove it}, 'cat vendor.sock');
refused('a link to elsewhere', 'ln -s /tmp/api.sock vendor.sock',
	qr{$link: is not a link to vendor/api\.sock: remove it}, 'readlink vendor.sock');
refused('a folder that cannot be changed', 'mkdir vendor; mount -t tmpfs -o ro none vendor',
	qr{$folder: cannot be given to root and provisor-vendor \(Read-only file system\)}, 'stat -c "%U:%G %a" vendor');
shell('umount vendor; rm -rf vendor vendor.sock');
starts('after the remedy');
is(folder(), $right, '... all is well');

$host->ctl('stop');
done_testing;
