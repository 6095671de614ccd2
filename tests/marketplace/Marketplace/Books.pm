package Marketplace::Books;

# The marketplace's records: resources, findings (violations of the contract), counts,
# and the secrets that it has sent.
#
# A file of books is lines of JSON, each with a "type":
#
#	run		seed, customers, rate, seconds
#	resource	uuid, customer, try, state, billed, plan, region, provider_id,
#			config { NAME => value } of the last response, silent
#			(see the fault "silence"), at { what => time }
#	finding		kind, uuid, customer, words, at
#	count		what, number
#	secret		what, value: must not get into a log
#
# States: asked, provisioning (promised with a 202), provisioned, refused,
# deprovisioned.  A resource is billed while it is provisioning or provisioned.

use strict;
use warnings;

use List::Util 'uniq';
use Time::HiRes 'time';

use Marketplace::HttpMessage 'json';

# The kinds of findings, in words.
my %kinds = (
	'lost' => 'an existing resource was reported as missing',
	'doubled' => 'one resource has two ids, or two have the same',
	'revived' => 'created or changed after its deprovision',
	'differs' => 'a repeated request got another response',
	'late' => 'no response within the limit',
	'status' => 'a status that the contract does not allow there',
	'body' => 'a body that the contract does not allow there',
	'undeclared' => 'a config var that the manifest does not declare',
	'unanswered' => 'no final response before the run ended',
	'unfinished' => 'promised with a 202 and not completed in time',
	'sign-on' => 'accepted or refused wrongly',
	'code-reused' => 'a grant code was used again',
	'code-expired' => 'a grant code was used after it expired',
	'old-refresh' => 'a refresh token was used after its successor was in use',
	'after-deprovision' => 'called for a resource that was removed long before',
	'foreign' => 'called for a resource with the token of another',
	'no-version' => 'called the API without Accept: ...; version=3',
	'log-frame' => 'log input that is not octet-counted syslog frames',
);

sub new {
	my ($class) = @_;

	return bless {
		began => time,
		resources => {}, in_order => [], by_provider_id => {},
		findings => [], counts => {}, secrets => {},
	}, $class;
}

sub enter {
	my ($self, $resource) = @_;

	$self->{resources}{ $resource->{uuid} } = $resource;
	push @{ $self->{in_order} }, $resource;
	return;
}

sub resource {
	my ($self, $uuid) = @_;

	return $self->{resources}{ lc $uuid };
}

sub resources {
	my ($self) = @_;

	return @{ $self->{in_order} };
}

sub count {
	my ($self, $what, $number) = @_;

	$self->{counts}{$what} += $number // 1;
	return;
}

# Keeps the maximum of a duration.
sub longest {
	my ($self, $what, $seconds) = @_;
	my $longest = \$self->{counts}{$what};

	$$longest = $seconds + 0 if ($$longest // 0) < $seconds;
	return;
}

sub secret {
	my ($self, $what, $value) = @_;

	$self->{secrets}{$value} = $what if length($value // '');
	return $value;
}

# The resource may be unknown.
sub finding {
	my ($self, $kind, $resource, $words) = @_;

	die "a finding \"$kind\" has no meaning\n" unless $kinds{$kind};
	push @{ $self->{findings} }, {
		kind => $kind,
		uuid => $resource ? $resource->{uuid} : undef,
		customer => $resource ? $resource->{customer} : undef,
		words => $words,
		at => time,
	};
	return;
}

sub findings {
	my ($self) = @_;

	return @{ $self->{findings} };
}

# Two resources must not have the same id.
sub claim_provider_id {
	my ($self, $resource, $id) = @_;
	my $owner = $self->{by_provider_id}{$id} //= $resource;

	$self->finding('doubled', $resource, "id $id is that of $owner->{uuid}")
		if $owner != $resource;
	return;
}

# --- at the end -------------------------------------------------------------

sub _lines {
	my ($self, %run) = @_;

	return { type => 'run', %run, seconds => time - $self->{began} },
		(map { $_->line } $self->resources),
		(map { { type => 'finding', %$_ } } $self->findings),
		(map { { type => 'count', what => $_, number => $self->{counts}{$_} } }
			sort keys %{ $self->{counts} }),
		(map { { type => 'secret', what => $self->{secrets}{$_}, value => $_ } }
			sort keys %{ $self->{secrets} });
}

sub write {
	my ($self, $path, %run) = @_;
	my $new = "$path.new";
	my $before = umask 0077;
	my $is_open = open my $file, '>:raw', $new;

	umask $before;
	$is_open or die "$new: $!\n";
	print {$file} json($_), "\n" for $self->_lines(%run);
	close $file or die "$new: $!\n";
	rename $new, $path or die "$path: $!\n";
	return;
}

# Reads a file of books: { run => [], resource => [], finding => [], count => [], secret => [] }
sub read {
	my ($class, $path) = @_;
	my %lines = map { $_ => [] } qw(run resource finding count secret);

	open my $file, '<:raw', $path or die "$path: $!\n";
	while (my $line = <$file>) {
		my $object = Marketplace::HttpMessage::object_of($line) // die "$path: no JSON object\n";

		push @{ $lines{ $object->{type} } }, $object;
	}
	return \%lines;
}

sub table {
	my ($self) = @_;
	my (%states, %found);

	$states{ $_->{state} }++ for $self->resources;
	$found{ $_->{kind} }++ for $self->findings;
	return join '', $self->_part('Resources', \%states), $self->_part('Counts', $self->{counts}),
		$self->_part('Found wrong', \%found, \%kinds),
		map { sprintf "  %s %s: %s\n", $_->{kind}, $_->{uuid} // '-', $_->{words} }
		grep { defined } ($self->findings)[ 0 .. 19 ];
}

sub _part {
	my ($self, $title, $numbers, $words) = @_;
	my @names = sort keys %$numbers;

	return "$title: nothing\n" unless @names;
	return join '', "$title:\n", map {
		my $number = $numbers->{$_};

		sprintf "  %-36s %s%s\n", $_, $number == int $number ? $number : sprintf('%.3f', $number),
			$words ? "  $words->{$_}" : '';
	} @names;
}

1;
