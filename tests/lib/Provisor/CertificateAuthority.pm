package Provisor::CertificateAuthority;

# A certificate authority of a test, and the certificates that it issues.
#
#	my $authority = Provisor::CertificateAuthority->new($folder);
#	my %tls = $authority->issue('late', host => 'localhost', days => [-9, -1]);
#	$authority->file;	# its own certificate

use strict;
use warnings;

use IO::Socket::SSL::Utils qw(CERT_create KEY_create_ec PEM_cert2string PEM_key2string);

use Provisor::Test (); # finds the next one
use Provisor::Files 'write_text';

use constant DAY => 86_400;

# A certificate and its key.  Days are the start and end of its validity, from now.
sub _make {
	my ($days, %what) = @_;
	my ($from, $to) = @{ $days // [ -1, 2 ] };

	return CERT_create(key => KEY_create_ec(), not_before => time + $from * DAY,
		not_after => time + $to * DAY, %what);
}

sub new {
	my ($class, $folder) = @_;
	my $self = bless { folder => $folder }, $class;

	$self->{pair} = [ _make(undef, CA => 1, subject => { commonName => 'An authority' }) ];
	write_text($self->file, PEM_cert2string($self->{pair}[0]));
	return $self;
}

sub file { return "$_[0]{folder}/authority.pem" }

# Writes a certificate and key into the folder and returns them as options of
# IO::Socket::SSL.  With is_own it is signed by itself.
sub issue {
	my ($self, $name, %what) = @_;
	my $host = $what{host} // 'localhost';
	my ($certificate, $key) = _make($what{days},
		subject => { commonName => $host }, purpose => 'server',
		subjectAltNames => [ [ DNS => $host ] ],
		$what{is_own} ? () : (issuer => $self->{pair}));
	my ($certificate_file, $key_file) = map { "$self->{folder}/$name.$_" } qw(pem key);

	write_text($certificate_file, PEM_cert2string($certificate));
	write_text($key_file, PEM_key2string($key));
	return (SSL_cert_file => $certificate_file, SSL_key_file => $key_file);
}

# The text of another authority's certificate.
sub certificate {
	my (%what) = @_;

	return PEM_cert2string((_make($what{days}, CA => 1))[0]);
}

1;
