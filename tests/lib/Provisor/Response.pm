package Provisor::Response;

# A response of any client: status, headers, body, and the program's standard error.
# Without a response the status is 0.

use strict;
use warnings;

use JSON::PP ();

sub new {
	my ($class, %self) = @_;

	return bless { status => 0, headers => [], body => '', stderr => '', %self },
		$class;
}

# From the head and body of an HTTP or a CGI response.
sub parse {
	my ($class, $text, %more) = @_;
	my ($head, $body) = $text =~ /\A(.*?)\r?\n\r?\n(.*)\z/s
		or return $class->new(%more);
	my ($status) = $head =~ m{\AHTTP/[\d.]+ (\d{3})};
	my @headers;

	for (split /\r?\n/, $head) {
		push @headers, [ lc $1, $2 ] if /\A([^:\s]+):\s*(.*)\z/;
	}
	my $self = $class->new(head => $head, headers => \@headers, body => $body, %more);

	($status) = ($self->header('status') // '200') =~ /\A(\d{3})/
		unless defined $status;
	$self->{status} = $status // 0;
	return $self;
}

sub status { return $_[0]{status} }
sub body   { return $_[0]{body} }
sub head   { return $_[0]{head} // '' } # status line and headers, as received
sub stderr { return $_[0]{stderr} }

sub header {
	my ($self, $name) = @_;
	my @values = map { $_->[1] } grep { $_->[0] eq lc $name } @{ $self->{headers} };

	return @values ? join(', ', @values) : undef;
}

sub type {
	my ($self) = @_;

	return (split /;/, $self->header('content-type') // '')[0] // '';
}

# The body as a JSON object, or undef.
sub json {
	my ($self) = @_;
	my $value = eval { JSON::PP->new->utf8->decode($self->{body}) };

	return ref $value eq 'HASH' ? $value : undef;
}

sub message {
	my ($self) = @_;

	return ($self->json // {})->{message} // '';
}

sub config {
	my ($self) = @_;

	return ($self->json // {})->{config} // {};
}

# Equal for responses with the same status, type and bytes.
sub text {
	my ($self) = @_;

	return join "\n", $self->{status}, $self->type, $self->{body};
}

1;
