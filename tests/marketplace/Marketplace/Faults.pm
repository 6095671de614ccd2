package Marketplace::Faults;

# The faults that the marketplace causes, and their rates.
#
# A fault happens at a site: a request to the add-on ("delivery"), a call of the
# marketplace's API ("api"), a timestamp ("time") or a customer's create ("wish").  The
# rate is the share of events at a site that are hit; the kinds of a site have equal
# parts of it.

use strict;
use warnings;

use List::Util 'sum0';

my %kinds = (
	repeat => [ [qw(delivery)], 'a request is sent twice, at the same time or a little later' ],
	lost => [ [qw(delivery api)],
		'a connection is closed before the response: the add-on\'s, or its own after it'
		. ' has carried out the call' ],
	overtake => [ [qw(delivery)],
		'a DELETE overtakes the create or plan change that is under way, or the create'
		. ' is sent again after it' ],
	delay => [ [qw(delivery api)],
		'a request or a response takes longer than the time limit' ],
	error => [ [qw(api)], 'some calls in a row get 500, 502 (HTML) or 503' ],
	throttle => [ [qw(api)], 'some calls in a row get 429' ],
	revoke => [ [qw(api)], 'an access token is revoked before it expires: 401' ],
	skew => [ [qw(time)], 'timestamps are wrong by as much as the contract allows' ],
	# Not default faults.  Of a slow resource, the option "slow" says how many seconds
	# its plan changes take, which hooks must obey.
	slow => [ [], 'plan changes of a resource take long, and its customer is impatient'
		. ' (happens only if it is named)' ],
	# The add-on is left with an orphan, which it finds only by
	# asking the marketplace.
	silence => [ [], 'a create is sent once; its response is lost, and nothing repeats or'
		. ' removes it (happens only if it is named)' ],
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
	my %rates = (wish => {});

	_must_be_one($_) for $how{only} // (), keys %{ $how{each} };
	for my $site (@sites) {
		my @here = grep { my $kind = $_;
			(!defined $how{only} || $how{only} eq $kind)
				&& grep { $_ eq $site } @{ $kinds{$kind}[0] };
		} kinds();

		$rates{$site}{$_} = $how{rate} / @here for @here;
	}
	$rates{wish}{ $how{only} } = $how{rate} if defined $how{only} && !@{ $kinds{ $how{only} }[0] };
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

# The kind of fault that happens at a site now, or nothing.
sub drawn {
	my ($self, $random, $site, @names) = @_;

	return $random->one_of($self->{rates}{$site}, 'fault', $site, @names) // '';
}

1;
