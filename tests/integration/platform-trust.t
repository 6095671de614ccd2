#!/usr/bin/perl
# Which servers platform.h accepts as the marketplace; it sends nothing to others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::PlatformClient;

my %here = $authority->issue('here');
my $server = https_server('there', %here);
my @false = (
	# certificate                     reason in the log                       TLS options
	[ 'another name',                 qr/does not match|no alternative/,      $authority->issue('elsewhere', host => 'elsewhere.example') ],
	[ 'a self-signed certificate',    qr/certificate/,                        %stranger ],
	[ 'an expired certificate',       qr/certificate has expired/,            $authority->issue('expired', days => [ -9, -1 ]) ],
	[ 'one that is not yet valid',    qr/certificate is not yet valid/,       $authority->issue('not-yet', days => [ 1, 9 ]) ],
	[ 'TLS 1.1',                      qr/./,                                  %here, SSL_version => 'TLSv1_1', SSL_cipher_list => 'ALL:@SECLEVEL=0' ],
);
my %false = map { my ($name, undef, %tls) = @$_; ($name => https_server($name =~ tr/ /-/r, %tls)) } @false;
my $client = client_of($server);

sub refuses_server {
	my ($name, $why, $client) = @_;

	check_verdict(call($client, ENOUGH, 'exchange', CODE, SECRET), 'later', $why, $name);
	is(finish($client), 0, '... and the client ends successfully');
	return;
}

subtest 'a server with a wrong certificate gets no request' => sub {
	for my $row (@false) {
		my ($name, $why) = @$row;
		my $false = $false{$name};

		$false->behave('tokens');
		refuses_server($name, $why, client_of($false));
		is(scalar $false->requests, 0, '... and receives no request');
	}
	refuses_server('a missing file of authorities', qr/certificate/i,
		client_of($server, ca => "$folder/missing"));
	refuses_server('an authority that the system does not know', qr/certificate/i, client_of($server, ca => ''));
};

subtest 'a URL without TLS gets no request' => sub {
	my $plain = silent_listener();
	my $address = 'localhost:' . $plain->sockport;

	refuses_server($_, qr/not supported/, client_of($plain, token => $_))
		for "http://$address/", "ftp://$address/", "$address/", "file://$folder/authority.pem";
	$plain->blocking(0);
	is($plain->accept, undef, 'there is no connection');
};

subtest 'a server with the right certificate is accepted' => sub {
	check_call($client, 'tokens', 'done', qr/\A\z/, 'an exchange succeeds', ENOUGH, 'exchange', CODE, SECRET);
};

check_end($client);
done_testing;
