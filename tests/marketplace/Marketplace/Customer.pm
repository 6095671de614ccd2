package Marketplace::Customer;

# Carries out the steps of one scenario.  After a failed create it tries another
# resource; Delivery repeats requests without a response.

use strict;
use warnings;

use List::Util 'max';

use Marketplace::Delivery;
use Marketplace::SignOnForm;

use constant {
	TRIES => 5,          # attempts of a create
	RESOURCES => 3,      # resources that a customer tries to create
	SIGN_ON_PAUSE => 1,  # seconds between two attempts to sign on
	SIGN_ONS => 60,      # attempts to sign on
};

# market, life, random, ended => sub
sub new {
	my ($class, %self) = @_;

	return bless { %self, number => $self{life}{customer}, tried => 0, step => -1 }, $class;
}

sub begin {
	my ($self) = @_;

	$self->_go_on;
	return;
}

sub _go_on {
	my ($self) = @_;
	my $step = $self->{life}{steps}[ ++$self->{step} ];
	my $market = $self->{market};

	return $self->_end if !$step || $market->{is_time_up};
	my $method = "_do_$step->{do}" =~ tr/-/_/r;

	$market->{loop}->after($step->{pause} * $market->{options}{pace}, sub { $self->$method($step) });
	return;
}

sub _end {
	my ($self) = @_;

	$self->_wait_no_more;
	$self->{ended}->($self);
	return;
}

# A customer who waits for the add-on does not count as one at work.
sub _wait {
	my ($self) = @_;

	$self->{waits} = 1;
	$self->{market}->is_waiting(+1);
	return;
}

sub _wait_no_more {
	my ($self) = @_;

	$self->{market}->is_waiting(-1) if delete $self->{waits};
	return;
}

sub _deliver {
	my ($self, $call, %more) = @_;

	Marketplace::Delivery->new(
		market => $self->{market},
		resource => $self->{resource},
		call => $call,
		name => "step $self->{step}: $call",
		%more,
	)->begin;
	return;
}

# --- create -----------------------------------------------------------------

sub _do_create {
	my ($self, $step) = @_;
	my $market = $self->{market};
	my $resource = $self->{resource} = $market->new_resource($self, ++$self->{tried}, $step);
	my $fault = $market->{faults}->drawn($resource->{random}, 'wish');

	return $self->_ask_in_silence if $fault eq 'silence';
	$self->_slow_down if $fault eq 'slow';
	$self->_deliver('create', tries => $market->{wire}{path_has_key} ? TRIES : undef, done => sub {
		my ($word) = @_;
		my $method = "_create_is_$word";

		$self->$method($step);
	});
	return;
}

# Plan changes of the resource take long.
sub _slow_down {
	my ($self) = @_;
	my ($market, $resource) = @$self{qw(market resource)};

	$market->{books}->count('fault: slow');
	$resource->{options} = { %{ $resource->{options} },
		slow => sprintf('%.1f', $resource->{random}->draw('slow') * $market->{options}{longest_change}) };
	return;
}

# The customer leaves without the response, and nothing repeats or removes it.
sub _ask_in_silence {
	my ($self) = @_;
	my ($market, $resource) = @$self{qw(market resource)};
	my $sent = $resource->sends('create');

	$resource->{is_silent} = 1;
	$market->{books}->count('fault: silence');
	$market->{client}->send($market->request_of('create', $resource), limit => $market->{limit},
		hang_up => 0.2, done => sub {
			$resource->heard('create', $_[0], $sent);
			$self->_end;
		});
	return;
}

sub _create_is_made { return $_[0]->_go_on }
sub _create_is_over { return $_[0]->_end }
sub _create_is_overtaken { return $_[0]->_remove(sub { $_[0]->_end }) }

sub _create_is_promised {
	my ($self, $step) = @_;
	my ($market, $resource) = @$self{qw(market resource)};

	return $self->_go_on if $resource->{state} eq 'provisioned';
	return $self->_try_another($step) if $resource->{state} eq 'deprovisioned';
	my $is_impatient = $market->{faults}->drawn($resource->{random}, 'delivery', 'promised')
		eq 'overtake';
	my $seconds = $is_impatient ? $resource->{random}->draw('impatience') * $market->{limit} * 0.5
		: $market->{options}{provision_limit};
	my $limit;

	$market->{books}->count($is_impatient ? 'fault: overtake' : 'promised');
	$self->_wait;
	$limit = $market->{loop}->after($seconds, sub {
		delete $resource->{when_settled};
		$self->_wait_no_more;
		$market->note_unfinished($resource) unless $is_impatient;
		$self->_remove(sub { $is_impatient ? $self->_end : $self->_try_another($step) });
	});
	$resource->{when_settled} = sub {
		my ($state) = @_;

		$market->{loop}->cancel($limit);
		$self->_wait_no_more;
		$state eq 'provisioned' ? $self->_go_on : $self->_try_another($step);
	};
	return;
}

sub _create_is_refused {
	my ($self, $step) = @_;

	$self->{market}{books}->count('creates refused');
	return $self->_try_another($step);
}

# Removes what the create may have made meanwhile.
sub _create_is_failed {
	my ($self, $step) = @_;
	my $is_gone = $self->{resource}{state} eq 'deprovisioned';

	$self->{market}{books}->count('creates given up');
	return $is_gone ? $self->_try_another($step) : $self->_remove(sub { $self->_try_another($step) });
}

# It is missing although it was not removed, so a finding exists already.
sub _create_is_gone { return $_[0]->_create_is_failed($_[1]) }

sub _try_another {
	my ($self, $step) = @_;

	return $self->_end if $self->{tried} >= RESOURCES || $self->{market}{is_time_up};
	return $self->_do_create($step);
}

# --- other steps ------------------------------------------------------------

# An abandoned request may still take effect, and the add-on cannot tell it from a newer
# one.  So the next request waits until that is impossible, and no change is under way.
sub _do_change {
	my ($self, $step) = @_;
	my ($market, $resource) = @$self{qw(market resource)};
	my $is_ready = $resource->is_quiet('change');

	if (!$is_ready && !$market->{is_time_up}) {
		$market->{loop}->after(0.2, sub { $self->_do_change($step) });
		return;
	}
	$self->_deliver('change', plan => $step->{plan}, done => sub {
		my ($word) = @_;

		$market->{books}->count('plan changes refused') if $word eq 'refused';
		return $self->_remove(sub { $self->_end }) if $word eq 'overtaken';
		$word eq 'promised' ? $self->_change_is_promised($step) : $self->_go_on;
	});
	return;
}

# Some customers leave while their plan is being changed, and some choose another one or
# the same again.  The next change waits.
sub _change_is_promised {
	my ($self, $step) = @_;
	my ($market, $resource) = @$self{qw(market resource)};
	my $mood = $resource->{random}->draw('mood', $self->{step});

	$market->{books}->count('plan changes promised');
	return $self->_remove(sub { $self->_end }) if $mood < 0.2;
	return $self->_go_on if $mood > 0.6;
	$self->_deliver('change', plan => $mood < 0.4 ? $step->{plan} : 'other', done => sub {
		my ($word) = @_;

		$market->{books}->count('plan changes refused') if $word eq 'refused';
		return $self->_remove(sub { $self->_end }) if $word eq 'overtaken';
		$self->_go_on;
	});
	return;
}

# Like a plan change, it waits until no earlier one can take effect.
sub _do_switch {
	my ($self, $step) = @_;
	my ($market, $resource) = @$self{qw(market resource)};

	if (!$resource->is_quiet(qw(suspend resume)) && !$market->{is_time_up}) {
		$market->{loop}->after(0.2, sub { $self->_do_switch($step) });
		return;
	}
	# Times are in seconds, and order what they switch.
	$resource->{switching_at} = max(time, ($resource->{switching_at} // 0) + 1);
	$self->_deliver($step->{call}, done => sub {
		$_[0] eq 'overtaken' ? $self->_remove(sub { $self->_end }) : $self->_go_on;
	});
	return;
}

sub _do_remove {
	my ($self) = @_;

	return $self->_remove(sub { $self->_go_on });
}

sub _remove {
	my ($self, $then) = @_;

	$self->_deliver('remove', done => sub { $then->($self) });
	return;
}

sub _do_sign_on {
	my ($self, $step, $try) = @_;
	my ($market, $resource) = @$self{qw(market resource)};

	return $self->_go_on if $market->{options}{no_sign_on} || !defined $market->{manifest}{sso_path};
	$market->sign_on($resource, $step->{how}, "step $self->{step}", sub {
		my ($fault) = @_;

		$try++;
		return $self->_go_on if $fault ne 'later' || $market->{is_time_up};
		return $market->{loop}->after(SIGN_ON_PAUSE, sub { $self->_do_sign_on($step, $try) })
			if $try < SIGN_ONS;
		$market->{books}->finding('unanswered', $resource, 'sign-on: every attempt got 503');
		$self->_go_on;
	});
	return;
}

1;
