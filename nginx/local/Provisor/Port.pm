package Provisor::Port;

# Checks whether a port, and the next two for the operations server and the console,
# are free on the loopback addresses.
use strict;
use warnings;
use Errno qw(EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT);
use IO::Socket::IP;
use Provisor::Files qw(read_text);

sub must_be_one {
	my ($port) = @_;
	die "PORT=$port: write a number from 1 to 65533\n"
		unless $port =~ /\A[1-9]\d{0,4}\z/ && $port < 65534;
}

sub must_be_free {
	my ($port) = @_;
	for my $address ('127.0.0.1', '::1') {
		next if IO::Socket::IP->new(LocalHost => $address,
			LocalPort => $port, Listen => 1, ReuseAddr => 1);
		# The host may lack IPv6.
		next if $! == EADDRNOTAVAIL || $! == EAFNOSUPPORT;
		die "port $port: $!\n" if $! != EADDRINUSE;
		die "port $port is in use by ", _owner($port),
			"; choose another one with make run PORT=...\n";
	}
}

sub _owner {
	my ($port) = @_;
	my %is_socket = map { ("socket:[$_]" => 1) } _listening_inodes($port);
	for my $descriptor (glob '/proc/[0-9]*/fd/*') {
		next unless $is_socket{readlink($descriptor) // ''};
		my ($pid) = $descriptor =~ m{\A/proc/(\d+)/};
		my $name = read_text("/proc/$pid/comm") // '';
		return $name =~ s/\n//r . " (pid $pid)";
	}
	return "a program of another user";
}

# From the kernel's socket tables; state 0A is LISTEN.
sub _listening_inodes {
	my ($port) = @_;
	my $local = sprintf '%04X', $port;
	return map { (split)[9] }
		grep { /\A\s*\d+: [0-9A-F]+:$local \S+ 0A / }
		map { split /\n/, read_text($_) // '' }
		'/proc/net/tcp', '/proc/net/tcp6';
}

1;
