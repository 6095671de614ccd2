package Provisor::Http2Client;

# An HTTP/2 client for a TLS port on this machine.  It runs curl.

use strict;
use warnings;

use Provisor::Response;
use Provisor::CgiClient 'run';
use Provisor::Request 'authorization';

sub new {
	my ($class, %self) = @_; # port => TLS port

	return bless \%self, $class;
}

sub name { return 'HTTP/2' }

sub request {
	my ($self, %request) = @_;
	my $authorization = authorization(%request);
	my ($output, $stderr) = run(
		program => [
			qw(curl --disable --http2 --insecure --silent --show-error),
			qw(--include --path-as-is --max-time 30 --header Expect:),
			'--request', $request{method},
			defined $authorization
			? ('--header', "Authorization: $authorization") : (),
			defined $request{body} ? qw(--data-binary @-) : (),
			"https://localhost:$self->{port}$request{path}",
		],
		environment => { PATH => $ENV{PATH} },
		stdin => $request{body},
	);

	return Provisor::Response->parse($output, stderr => $stderr);
}

1;
