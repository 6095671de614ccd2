package Marketplace::SeededRandom;

# Random decisions that depend only on the seed and on names, not on time or order: the
# same seed makes the same decisions.
#
#	my $random = Marketplace::SeededRandom->new($seed, 'customer 7');
#	$random->draw('step 2', 'pause')	# 0 <= number < 1
#	my $other = $random->of('step 2');	# prefixes all names with "step 2"

use strict;
use warnings;

use Digest::SHA 'sha256';

sub new {
	my ($class, @names) = @_;

	return bless { names => \@names }, $class;
}

sub of {
	my ($self, @names) = @_;

	return (ref $self)->new(@{ $self->{names} }, @names);
}

sub draw {
	my ($self, @names) = @_;

	return unpack('N', sha256(join "\0", @{ $self->{names} }, @names)) / 2**32;
}

sub between {
	my ($self, $low, $high, @names) = @_;

	return $low + ($high - $low) * $self->draw(@names);
}

# A whole number from the first to the second, inclusive.
sub whole {
	my ($self, $low, $high, @names) = @_;

	return int $self->between($low, $high + 1, @names);
}

sub pick {
	my ($self, $list, @names) = @_;

	return $list->[ $self->whole(0, $#$list, @names) ];
}

sub is {
	my ($self, $rate, @names) = @_;

	return $self->draw(@names) < $rate;
}

# One of the outcomes { name => rate }, or none.
sub one_of {
	my ($self, $rates, @names) = @_;
	my $rest = $self->draw(@names);

	for my $name (sort keys %$rates) {
		$rest -= $rates->{$name};
		return $name if $rest < 0;
	}
	return;
}

1;
