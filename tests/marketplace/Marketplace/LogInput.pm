package Marketplace::LogInput;

# Reads what is written to a customer's log: octet-counted syslog frames without
# anything between them.

use strict;
use warnings;

# The frames' messages, and what is wrong in words ('' is fine).
sub read_frames {
	my ($body) = @_;
	my @messages;

	return ('there is no frame') unless length $body;
	while (length $body) {
		$body =~ s/\A([1-9]\d*) // or return ('no count where a frame begins', @messages);
		my $count = $1;

		return ("a frame of $count bytes has " . length $body, @messages) if length $body < $count;
		my $frame = substr $body, 0, $count, '';
		my ($message) = $frame =~ /\A<\d{1,3}>1 \S+ \S+ \S+ \S+ \S+ (?:-|\[.*?\])(?: (.*))?\z/s
			or return ('a frame that is no syslog of RFC 5424', @messages);

		# A count that is too small leaves the end of its frame.
		return ('a count that is too small', @messages)
			if length $body && $body !~ /\A[1-9]\d* <\d{1,3}>1 /;
		push @messages, $message // '';
	}
	return ('', @messages);
}

1;
