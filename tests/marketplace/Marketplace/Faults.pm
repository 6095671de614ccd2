package Marketplace::Faults;

# What goes wrong on purpose, and how often.
#
# A fault happens at a site: to a request to the add-on ("delivery"), to a call of
# the marketplace's own API ("api"), to a moment that is told ("time") or to a
# customer's wish ("wish").  The rate is the share of what happens at a site
# that is hit; the kinds of a site have equal parts of it.

use strict;
use warnings;

use List::Util 'sum0';

my %kinds = (
	repeat => [ [qw(delivery)], 'a request is sent twice, at once or a little later' ],
	lost => [ [qw(delivery api)],
		'it hangs up: before it reads the answer; before it answers what it has done' ],
	overtake => [ [qw(delivery)],
		'a DELETE overtakes the create or plan change that is under way, or is'
		. ' followed by the create once more' ],
	delay => [ [qw(delivery api)],
		'a request is on its way for longer than the answer limit; an answer too' ],
	error => [ [qw(api)], 'some calls in a row are answered 500, 502 (HTML) or 503' ],
	throttle => [ [qw(api)], 'some calls in a row are answered 429' ],
	revoke => [ [qw(api)], 'an access token is void before its time: 401' ],
	skew => [ [qw(time)], 'timestamps are wrong by as much as the contract allows' ],
	# Not among the default ones: whoever answers at once makes an orphan then, and
	# only one who asks the marketplace can find it.
	silence => [ [], 'a create is sent once; nobody hears the answer, repeats it or'
		. ' deletes what it made (happens only where it is named)' ],
);
my @sites = qw(delivery api time);

sub kinds { return sort keys %kinds }

sub words {
	my ($kind) = @_;

	return $kinds{$kind}[1];
}

sub _must_be_one {
	my ($kind) = @_;

	$kinds{$kind} or die "there is no fault \"$kind\": there are "
		. join(', ', kinds()) . "\n";
	return;
}

# rate => of each site, only => kind or undef, each => { kind => rate }
sub new {
	my ($class, %how) = @_;
	my %rates = (wish => { silence => 0 });

	_must_be_one($_) for $how{only} // (), keys %{ $how{each} };
	for my $site (@sites) {
		my @here = grep { my $kind = $_;
			(!defined $how{only} || $how{only} eq $kind)
				&& grep { $_ eq $site } @{ $kinds{$kind}[0] };
		} kinds();

		$rates{$site}{$_} = $how{rate} / @here for @here;
	}
	$rates{wish}{silence} = $how{rate} if ($how{only} // '') eq 'silence';
	for my $kind (keys %{ $how{each} }) {
		my @places = @{ $kinds{$kind}[0] } ? @{ $kinds{$kind}[0] } : 'wish';

		$rates{$_}{$kind} = $how{each}{$kind} for @places;
	}
	for my $site (keys %rates) {
		die "faults of $site together happen more often than always\n"
			if sum0(values %{ $rates{$site} }) > 1.000_001;
	}
	return bless { rates => \%rates }, $class;
}

# The kind that happens here, or nothing.
sub drawn {
	my ($self, $random, $site, @names) = @_;

	return $random->one_of($self->{rates}{$site}, 'fault', $site, @names) // '';
}

1;
