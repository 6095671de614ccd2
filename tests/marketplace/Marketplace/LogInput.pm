package Marketplace::LogInput;

# Reads the body of log input: octet-counted syslog frames, one directly after another.

use strict;
use warnings;

# Returns the fault, '' if there is none, and the messages of the frames.
sub read_frames {
	my ($body) = @_;
	my @messages;

	return ('there is no frame') unless length $body;
	while (length $body) {
		$body =~ s/\A([1-9]\d*) // or return ('a frame does not begin with a count', @messages);
		my $count = $1;

		return ("a frame of $count bytes has " . length $body, @messages) if length $body < $count;
		my $frame = substr $body, 0, $count, '';
		my ($message) = $frame =~ /\A<\d{1,3}>1 \S+ \S+ \S+ \S+ \S+ (?:-|\[.*?\])(?: (.*))?\z/s
			or return ('a frame is not syslog of RFC 5424', @messages);

		# A count that is too small leaves a rest of its frame.
		return ('a count is too small', @messages)
			if length $body && $body !~ /\A[1-9]\d* <\d{1,3}>1 /;
		push @messages, $message // '';
	}
	return ('', @messages);
}

1;
