package Marketplace::ApiResponses;

# What the Platform API answers: JSON, and refusals as it words them.

use strict;
use warnings;

use Exporter 'import';

use Marketplace::HttpMessage 'json';

our @EXPORT_OK = qw(json_answer refuse);

my %refusal = (
	400 => [ 'bad_request', 'The request could not be read.' ],
	401 => [ 'unauthorized', 'There were no good credentials.' ],
	403 => [ 'forbidden', 'You do not have access to this.' ],
	404 => [ 'not_found', 'Couldn\'t find that add-on.' ],
	405 => [ 'method_not_allowed', 'There is no such method here.' ],
	406 => [ 'not_acceptable', 'The version must be 3.' ],
	416 => [ 'requested_range_not_satisfiable', 'There is no such range.' ],
	422 => [ 'invalid_params', 'The request was understood and cannot be done.' ],
	429 => [ 'rate_limit', 'Your account reached the API rate limit.' ],
	500 => [ 'internal_server_error', 'Something went wrong.' ],
	503 => [ 'service_unavailable', 'Please try again later.' ],
);

sub json_answer {
	my ($status, $value, %headers) = @_;

	return { status => $status, body => json($value),
		headers => { 'Content-Type' => 'application/json', %headers } };
}

# With another message, if one is given, and headers.
sub refuse {
	my ($status, %more) = @_;
	my ($id, $message) = @{ $refusal{$status} };

	return json_answer($status, { id => $id, message => $more{message} // $message },
		map { $_ => $more{$_} } grep { $_ ne 'message' } keys %more);
}

1;
