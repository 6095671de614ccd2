package Provisor::Request;

# A request as a hash, and the CGI variables that a web server makes of it.
#
#	method => 'POST', path => '/heroku/resources?query',
#	as => 'user:password', or authorization => the header,
#	type => content type, headers => { Name => value }, body => bytes,
#	id => nginx's request id, received => seconds since 1970,
#	variables => { NAME => value, or undef for none }
#
# The last three apply to FastCgiClient and CgiClient only.

use strict;
use warnings;

use Exporter 'import';
use MIME::Base64 'encode_base64';

our @EXPORT_OK = qw(authorization variables);

sub authorization {
	my (%request) = @_;

	return $request{authorization} unless defined $request{as};
	return 'Basic ' . encode_base64($request{as}, '');
}

sub variables {
	my (%request) = @_;
	my $body = $request{body} // '';
	my ($query) = $request{path} =~ /\?(.*)\z/s;
	my %headers = %{ $request{headers} // {} };
	my %variables = (
		REQUEST_METHOD => $request{method},
		REQUEST_URI => $request{path},
		QUERY_STRING => $query // '',
		CONTENT_TYPE => $request{type} // 'application/json',
		CONTENT_LENGTH => length $body || '',
		HTTP_AUTHORIZATION => authorization(%request),
		REMOTE_ADDR => '127.0.0.1',
		PROVISOR_REQUEST_ID => $request{id},
		PROVISOR_RECEIVED => $request{received},
		(map { ('HTTP_' . uc tr/-/_/r => $headers{$_}) } keys %headers),
		%{ $request{variables} // {} },
	);

	delete @variables{ grep { !defined $variables{$_} } keys %variables };
	return %variables;
}

1;
