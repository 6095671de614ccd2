package Marketplace::Scenario;

# The steps of a customer, drawn from the seed alone.

use strict;
use warnings;

# { customer, steps => [ { do => ..., pause => share of the pace, ... } ] }
#
#	create		with plan, region, options
#	change		to the plan
#	switch		suspend or resume
#	sign-on		"valid"; "forged" and "old" ones must be refused
#	remove		the last step of most; the other customers stay
sub of {
	my ($random, $number, %choice) = @_; # plans => [], regions => [], has_change, has_switch
	my $plan = $random->pick($choice{plans}, 'plan');
	my $switches = 0;
	my @steps = {
		do => 'create',
		plan => $plan,
		region => $random->pick($choice{regions}, 'region'),
		options => $random->is(0.3, 'options')
			? { size => $random->whole(1, 9, 'size') . '0', mode => 'fast' } : {},
	};

	for my $n (1 .. $random->whole(0, 4, 'steps')) {
		my $what = $random->one_of({ 'change' => 0.5, 'sign-on' => 0.5 }, 'do', $n);

		if ($choice{has_switch} && $random->is(0.4, 'switch', $n)) {
			push @steps, { do => 'switch', call => $switches++ % 2 ? 'resume' : 'suspend' };
			next;
		}
		next if $what eq 'change' && !$choice{has_change};
		push @steps, $what eq 'change'
			? { do => 'change', plan => $random->pick($choice{plans}, 'plan', $n) }
			: { do => 'sign-on', how => _manner($random, $n) };
	}
	push @steps, { do => 'remove' } if $random->is(0.7, 'remove');
	push @steps, { do => 'sign-on', how => 'valid' } if $random->is(0.1, 'last look');
	$steps[$_]{pause} = sprintf '%.3f', $random->draw('pause', $_) for 0 .. $#steps;
	return { customer => $number, steps => \@steps };
}

sub _manner {
	my ($random, $n) = @_;

	return $random->one_of({ forged => 0.1, old => 0.1 }, 'manner', $n) // 'valid';
}

1;
