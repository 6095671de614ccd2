package Marketplace::ApiResponses;

# Responses of the Platform API: JSON, and errors with Heroku's ids.

use strict;
use warnings;

use Exporter 'import';

use Marketplace::HttpMessage 'json';

our @EXPORT_OK = qw(json_answer refuse);

my %refusal = (
	400 => [ 'bad_request', 'The request could not be read.' ],
	401 => [ 'unauthorized', 'The credentials are missing or wrong.' ],
	403 => [ 'forbidden', 'You do not have access to this.' ],
	404 => [ 'not_found', 'Couldn\'t find that add-on.' ],
	405 => [ 'method_not_allowed', 'This path has no such method.' ],
	406 => [ 'not_acceptable', 'The version must be 3.' ],
	416 => [ 'requested_range_not_satisfiable', 'The range does not exist.' ],
	422 => [ 'invalid_params', 'The request is valid but cannot be carried out.' ],
	429 => [ 'rate_limit', 'Your account reached the API rate limit.' ],
	500 => [ 'internal_server_error', 'Something went wrong.' ],
	503 => [ 'service_unavailable', 'Please try again later.' ],
);

sub json_answer {
	my ($status, $value, %headers) = @_;

	return { status => $status, body => json($value),
		headers => { 'Content-Type' => 'application/json', %headers } };
}

# The error for a status, optionally with another message and with headers.
sub refuse {
	my ($status, %more) = @_;
	my ($id, $message) = @{ $refusal{$status} };

	return json_answer($status, { id => $id, message => $more{message} // $message },
		map { $_ => $more{$_} } grep { $_ ne 'message' } keys %more);
}

1;
