package Provisor::Campaign;

# Disturbs a host while customers use it: begins and ends disturbances as planned from
# a seed, in several lanes at the same time.
#
#	my $campaign = Provisor::Campaign->new(place => ..., random => ..., of_each_lane => 1);
#	$campaign->go_on while ...;		# many times a second
#	$campaign->run_out;			# until all disturbances have ended
#	grep { !$campaign->excuses($_) } @{ $books->{finding} };

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::Disturbances;

use constant {
	QUIET => 3,     # seconds, at most, before each disturbance of a lane
	LONGER => 1,    # seconds by which a pause is longer than a lease
	LOOK => 0.05,   # seconds
	SETTLING => 10, # seconds after its end in which a disturbance may show
};

# place => a Provisor::Disturbances
# random => a Marketplace::SeededRandom
# of_each_lane => how many of each lane; default: all
sub new {
	my ($class, %self) = @_;
	my $self = bless { %self }, $class;

	$self->{planned} = [ map { $self->_plan_lane($_) } _lanes() ];
	return $self;
}

sub _lanes {
	my %is_lane = map { $_->{lane} => 1 } Provisor::Disturbances::table();

	return sort keys %is_lane;
}

# The disturbances of a lane in the order and at the times that the seed draws.
sub _plan_lane {
	my ($self, $lane) = @_;
	my $random = $self->{random}->of('lane', $lane);
	my @all = sort { $random->draw('order', $a->{name}) <=> $random->draw('order', $b->{name}) }
		grep { $_->{lane} eq $lane } Provisor::Disturbances::table();
	my $last = $self->{of_each_lane} && $self->{of_each_lane} < @all ? $self->{of_each_lane} - 1 : $#all;

	return map { {
		%$_,
		lasts => $_->{lasts} eq 'lease' ? $self->{place}{lease} + LONGER : $_->{lasts},
		quiet => $random->between(0, QUIET, 'quiet', $_->{name}),
	} } @all[ 0 .. $last ];
}

sub names {
	my ($self) = @_;

	return map { $_->{name} } @{ $self->{planned} };
}

# Have all disturbances of a lane ended?
sub is_over {
	my ($self, @lanes) = @_;
	my %is_asked = map { $_ => 1 } @lanes ? @lanes : _lanes();

	return !grep { $is_asked{ $_->{lane} } && !$_->{ended} } @{ $self->{planned} };
}

# Begins and ends what is due now.
sub go_on {
	my ($self) = @_;
	my %free_at;

	$self->{began} //= time;
	for my $planned (@{ $self->{planned} }) {
		my $free_at = exists $free_at{ $planned->{lane} } ? $free_at{ $planned->{lane} } : $self->{began};

		$self->_go_on_with($planned, $free_at) if defined $free_at;
		$free_at{ $planned->{lane} } = $planned->{ended};
	}
	return;
}

sub _go_on_with {
	my ($self, $planned, $free_at) = @_;

	if (!$planned->{begun}) {
		return if time < $free_at + $planned->{quiet};
		$planned->{begun} = time;
		$planned->{state} = $planned->{begin}->($self->{place});
	} elsif (!$planned->{ended} && time < $planned->{begun} + $planned->{lasts}) {
		$planned->{during}->($self->{place}, $planned->{state}) if $planned->{during};
	} elsif (!$planned->{ended}) {
		$planned->{end}->($self->{place}, $planned->{state});
		$planned->{ended} = time;
		note sprintf '%.1f s to %.1f s: %s', $planned->{begun} - $self->{began},
			$planned->{ended} - $self->{began}, $planned->{name};
	}
	return;
}

# Until all disturbances have ended.
sub run_out {
	my ($self) = @_;

	until ($self->is_over) {
		$self->go_on;
		sleep LOOK;
	}
	return;
}

# Was the simulator's finding inevitable while one of the disturbances lasted?
sub excuses {
	my ($self, $finding) = @_;

	return scalar grep {
		my $planned = $_;

		grep { $_ eq $finding->{kind} } @{ $planned->{findings} // [] }
			and $finding->{at} >= $planned->{begun} && $finding->{at} <= $planned->{ended} + SETTLING;
	} @{ $self->{planned} };
}

1;
