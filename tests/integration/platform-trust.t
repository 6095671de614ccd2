#!/usr/bin/perl
# Whom platform.h believes to be the marketplace, and that it says nothing to
# anybody else.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Asking;

my %here = $authority->issue('here');
my $there = counterpart('there', %here);
my @false = (
	# what it shows                   why not                                 how
	[ 'another name',                 qr/does not match|no alternative/,      $authority->issue('elsewhere', host => 'elsewhere.example') ],
	[ 'a certificate of its own',     qr/certificate/,                        %stranger ],
	[ 'one that has expired',         qr/certificate has expired/,            $authority->issue('expired', days => [ -9, -1 ]) ],
	[ 'one that is not valid yet',    qr/certificate is not yet valid/,       $authority->issue('not-yet', days => [ 1, 9 ]) ],
	[ 'TLS 1.1',                      qr/./,                                  %here, SSL_version => 'TLSv1_1', SSL_cipher_list => 'ALL:@SECLEVEL=0' ],
);
my %false = map { my ($name, undef, %tls) = @$_; ($name => counterpart($name =~ tr/ /-/r, %tls)) } @false;
my $caller = caller_of($there);

sub distrusts {
	my ($name, $why, $caller) = @_;

	verdict_is(call($caller, ENOUGH, 'exchange', CODE, SECRET), 'later', $why, $name);
	is(finish($caller), 0, 'ends well');
	return;
}

subtest 'only the right one is believed' => sub {
	for my $row (@false) {
		my ($name, $why) = @$row;
		my $false = $false{$name};

		$false->behave('tokens');
		distrusts($name, $why, caller_of($false));
		is(scalar $false->requests, 0, '... heard nothing');
	}
	distrusts('a file of authorities that is missing', qr/certificate/i,
		caller_of($there, ca => "$folder/missing"));
	distrusts('the system does not know it', qr/certificate/i, caller_of($there, ca => ''));
};

subtest 'nothing is sent without TLS' => sub {
	my $plain = nobody();
	my $address = 'localhost:' . $plain->sockport;

	distrusts($_, qr/not supported/, caller_of($plain, token => $_))
		for "http://$address/", "ftp://$address/", "$address/", "file://$folder/authority.pem";
	$plain->blocking(0);
	is($plain->accept, undef, 'nobody came');
};

subtest 'who shows what is right is believed' => sub {
	goes($caller, 'tokens', 'done', qr/\A\z/, 'an exchange', ENOUGH, 'exchange', CODE, SECRET);
};

ends_well($caller);
done_testing;
