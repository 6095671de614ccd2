package Marketplace::Delivery;

# Delivers one call to the add-on at least once: sends it until it has a final response,
# with the faults that are drawn for it.
#
#	Marketplace::Delivery->new(
#		market   => what sends: see Marketplace.pm,
#		resource => ..., call => 'create', 'change', 'suspend', 'resume' or 'remove',
#		plan     => of a change,
#		name     => of the step, by which faults are drawn,
#		tries    => attempts, or undef for no limit,
#		is_plain => 1,		# no faults
#		done     => sub { my ($word) = @_; ... },
#	)->begin;
#
# The word is that of Resource::heard, or "failed" (no attempt succeeded), "overtaken"
# (by a fault; the request is still under way), "over" (the run has ended).

use strict;
use warnings;

use List::Util 'min';

use constant {
	FIRST_PAUSE => 0.1, # seconds before the first repeat, doubled for each further one
	LONGEST_PAUSE => 2,
};

sub new {
	my ($class, %self) = @_;

	return bless { attempts => 0, open => 0, %self }, $class;
}

sub begin {
	my ($self) = @_;

	$self->{resource}->begins_change if $self->{call} eq 'change';
	$self->_attempt;
	return;
}

sub _after {
	my ($self, $seconds, $function) = @_;

	return $self->{market}{loop}->after($seconds, $function);
}

sub _draw {
	my ($self, @names) = @_;

	return $self->{resource}{random}->draw($self->{name}, $self->{attempts}, @names);
}

sub _conclude {
	my ($self, $word) = @_;

	return if $self->{is_over}++;
	$self->{market}{loop}->cancel($self->{next});
	$self->_end_change unless $self->{open};
	$self->{done}->($word);
	return;
}

sub _end_change {
	my ($self) = @_;

	return if $self->{call} ne 'change' || $self->{is_change_ended}++;
	$self->{resource}->ends_change;
	return;
}

sub _attempt {
	my ($self) = @_;
	my ($market, $resource) = @$self{qw(market resource)};

	return $self->_conclude('over') if $market->{is_time_up};
	return $self->_conclude('failed')
		if defined $self->{tries} && $self->{attempts} >= $self->{tries};
	# The add-on may have reported a failure meanwhile.
	return $self->_conclude('failed')
		if $self->{call} eq 'create' && !$self->{is_plain} && $resource->{state} eq 'deprovisioned';
	$self->{attempts}++;
	my $fault = $self->{is_plain} ? ''
		: $market->{faults}->drawn($resource->{random}, 'delivery', $self->{name}, $self->{attempts});
	# Without the id nothing can overtake a create.
	$fault = 'repeat' if $fault eq 'overtake' && !defined $resource->path_id;
	my $method = "_with_$fault";

	$market->{books}->count("fault: $fault") if $fault;
	$fault ? $self->$method : $self->_send;
	return;
}

sub _with_repeat {
	my ($self) = @_;
	my $pause = $self->_draw('repeat') * 0.6 - 0.2;

	$self->_send;
	# A third of them are sent at the same time.
	$pause <= 0 ? $self->_send : $self->_after($pause, sub { $self->_send_stray });
	return;
}

# A late plan change or suspension must not follow another one: the add-on cannot tell
# them apart.
sub _send_stray {
	my ($self) = @_;

	$self->_send unless $self->{is_over} && $self->{call} =~ /\A(?:change|suspend|resume)\z/
		|| $self->{market}{is_auditing};
	return;
}

sub _with_lost {
	my ($self) = @_;

	$self->_send(hang_up => $self->_draw('hang up') < 0.5 ? 0 : $self->_draw('later') * 0.1);
	return;
}

sub _with_delay {
	my ($self) = @_;

	$self->_send(hold => $self->{market}{limit} * 1.1);
	return;
}

# After a DELETE the create is sent once more.  Other calls are overtaken by a DELETE,
# which sometimes arrives first.
sub _with_overtake {
	my ($self) = @_;
	my $resource = $self->{resource};
	my $pause = $self->_draw('overtake') * 0.05;

	if ($self->{call} eq 'remove') {
		$self->_send;
		return $self->_after($pause * 4, sub { $self->{market}->stray_create($resource) });
	}
	$self->_send($self->_draw('hold') < 0.5 ? (hold => 0.05 + $self->_draw('held') * 0.3) : ());
	$self->_after($pause, sub { $self->_conclude('overtaken') });
	return;
}

sub _send {
	my ($self, %how) = @_;
	my ($market, $resource, $call) = @$self{qw(market resource call)};
	my $sent = $resource->sends($call);

	$self->{open}++;
	$market->{books}->count("requests: $call");
	$market->{client}->send($market->request_of($call, $resource, $self->{plan}),
		limit => $market->{limit}, %how,
		done => sub {
			my ($answer) = @_;

			$market->note_answer($call, $answer);
			$self->_heard($answer, $resource->heard($call, $answer, $sent, $self->{plan}));
		});
	return;
}

sub _heard {
	my ($self, $answer, $word) = @_;

	$self->{open}--;
	if ($self->{is_over}) {
		$self->_end_change unless $self->{open};
		return;
	}
	return $self->_conclude($word) if $word ne 'later';
	# A request that is still under way may bring the response.
	return if $self->{open} || $self->{next} && $self->{next}[1];
	my $pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**$self->{attempts});

	$self->{next} = $self->_after($pause * (0.5 + $self->_draw('pause')), sub {
		undef $self->{next};
		$self->_attempt;
	});
	return;
}

1;
