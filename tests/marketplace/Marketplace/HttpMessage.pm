package Marketplace::HttpMessage;

# Converts HTTP/1.1 messages between bytes and hashes; reads no socket.
#
# A request is { method, path, query, headers => { lower case => value }, body },
# an answer { status, headers, body }.  parse_* returns nothing while the message is
# incomplete, removes a complete one from the text, and dies if it is not HTTP.

use strict;
use warnings;

use Exporter 'import';
use JSON::PP ();
use MIME::Base64 'encode_base64';

our @EXPORT_OK = qw(json object_of basic form form_of unescape encode_request encode_answer
	parse_request parse_answer);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;

sub json {
	my ($value) = @_;

	return $json->encode($value);
}

# The JSON object in a text, or undef.
sub object_of {
	my ($text) = @_;
	my $value = eval { $json->decode($text // '') };

	return ref $value eq 'HASH' ? $value : undef;
}

sub basic {
	my ($login) = @_;

	return 'Basic ' . encode_base64($login, '');
}

sub _escape {
	my ($text) = @_;

	return $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger;
}

sub unescape {
	my ($text) = @_;

	return $text =~ tr/+/ /r =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger;
}

sub form {
	my (%fields) = @_;

	return join '&', map { _escape($_) . '=' . _escape($fields{$_}) } sort keys %fields;
}

sub form_of {
	my ($text) = @_;

	return map { unescape($_) } map { /\A([^=]*)=?(.*)\z/s } split /&/, $text // '';
}

sub _message {
	my ($first, $headers, $body) = @_;

	return join "\r\n", $first,
		(map { "$_: $headers->{$_}" } grep { defined $headers->{$_} } sort keys %$headers),
		'', $body // '';
}

# method, path, host, headers, body
sub encode_request {
	my (%request) = @_;
	my %headers = (Host => $request{host}, %{ $request{headers} // {} });

	$headers{'Content-Length'} = length $request{body} if defined $request{body};
	return _message("$request{method} $request{path} HTTP/1.1", \%headers, $request{body});
}

sub encode_answer {
	my ($answer) = @_;
	my %headers = %{ $answer->{headers} // {} };
	my $has_body = $answer->{status} != 204 && $answer->{status} != 304;

	$headers{'Content-Length'} = length($answer->{body} // '') if $has_body;
	return _message("HTTP/1.1 $answer->{status} Reason", \%headers,
		$has_body ? $answer->{body} : '');
}

sub parse_request {
	my ($text) = @_;
	my ($first, $headers, $rest) = _head($$text) or return;
	my ($method, $path, $query) = $first =~ m{\A([A-Z]+) ([^ ?]+)(?:\?(\S*))? HTTP/1\.1\z}
		or die "not a request of HTTP/1.1: $first\n";
	my ($body, $left) = _body($headers, $rest, 'at once') or return;

	$$text = $left;
	return {
		method => $method,
		path => $path,
		query => $query // '',
		headers => $headers,
		body => $body,
	};
}

# At the end of the connection, a body without a length is complete.
sub parse_answer {
	my ($text, $is_closed) = @_;
	my ($first, $headers, $rest) = _head($$text) or return;
	my ($status) = $first =~ m{\AHTTP/1\.[01] (\d{3})} or die "not a response of HTTP/1: $first\n";
	my ($body, $left) = $status == 204 || $status == 304 ? ('', $rest)
		: _body($headers, $rest, $is_closed ? 'here' : 'later') or return;

	$$text = $left;
	return { status => $status, headers => $headers, body => $body };
}

sub _head {
	my ($text) = @_;
	my ($head, $rest) = $text =~ /\A(.*?)\r\n\r\n(.*)\z/s or return;
	my ($first, @lines) = split /\r\n/, $head;
	my %headers;

	for (@lines) {
		my ($name, $value) = /\A([^:\s]+):\s*(.*?)\s*\z/ or die "not a header: $_\n";
		$headers{ lc $name } = $value;
	}
	return ($first // '', \%headers, $rest);
}

# Without a length a request has no body, and that of a response ends with the
# connection.
sub _body {
	my ($headers, $rest, $ends) = @_;

	return _unchunk($rest) if ($headers->{'transfer-encoding'} // '') eq 'chunked';
	my $length = $headers->{'content-length'}
		// { 'at once' => 0, 'here' => length $rest }->{$ends} // return;

	return if length $rest < $length;
	return (substr($rest, 0, $length), substr $rest, $length);
}

sub _unchunk {
	my ($rest) = @_;
	my $body = '';

	while ($rest =~ s/\A([0-9a-fA-F]+)[^\r\n]*\r\n//) {
		my $length = hex $1;

		return if length $rest < $length + 2;
		$body .= substr $rest, 0, $length, '';
		$rest =~ s/\A\r\n// or die "no chunk\n";
		return ($body, $rest) if $length == 0;
	}
	return;
}

1;
