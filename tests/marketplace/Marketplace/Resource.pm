package Marketplace::Resource;

# One resource as the marketplace sees it.  It gets every response and every call about
# the resource and reports contradictions to the books as findings.
#
# A response describes the state at some time between its request and its arrival; both
# times are used to order events.

use strict;
use warnings;

use List::Util 'max';
use Time::HiRes 'time';

use Marketplace::HttpMessage qw(json object_of);

# books, manifest, wire, limit => seconds, patience => seconds, random, uuid, customer, try,
# plan, region, options
sub new {
	my ($class, %self) = @_;
	my $self = bless {
		state => 'asked',
		config => {},
		at => { asked => time },
		epoch => 0,          # counts what may change config or plan
		open => 0,           # requests under way
		changing => 0,       # plan changes without a response
		is_changing => 0,    # a plan change was promised with a 202, and has no config yet
		quiet_at => {},      # call => time from which no abandoned one can take effect
		suspects => [],      # repeats whose config no response explains so far
		%self,
	}, $class;

	$self->{first_plan} = $self->{plan};
	$self->{name} = "acme-$self->{customer}-" . substr $self->{uuid}, 0, 8;
	$self->{books}->enter($self);
	return $self;
}

sub _finding {
	my ($self, $kind, $words) = @_;

	$self->{books}->finding($kind, $self, $words);
	return;
}

sub is_billed {
	my ($self) = @_;

	return $self->{state} eq 'provisioned' || $self->{state} eq 'provisioning' ? 1 : 0;
}

# Is a plan change under way that was promised with a 202?  After a while, nobody waits
# for it any more.
sub _waits_for_plan {
	my ($self) = @_;

	return $self->{is_changing} && $self->is_billed && !$self->{at}{removing}
		&& time < $self->{change_promised_at} + $self->{patience};
}

# Can no request take effect any more, and is no plan change under way?  Of these calls,
# or of all.
sub is_quiet {
	my ($self, @calls) = @_;

	@calls = keys %{ $self->{wire}{meaning} } unless @calls;
	return !$self->{open} && !$self->{changing}
		&& !$self->_waits_for_plan
		&& time > max(0, grep { defined } @{ $self->{quiet_at} }{@calls});
}

# The id in the path of later requests, or undef if it is not known yet.
sub path_id {
	my ($self) = @_;

	return $self->{wire}{path_has_key} ? $self->{uuid} : $self->{provider_id};
}

# Did the event happen before this time, by more than the grace?
sub was {
	my ($self, $what, $moment, $grace) = @_;

	return defined $self->{at}{$what} && $self->{at}{$what} + ($grace // 0) < $moment;
}

sub _become {
	my ($self, $state) = @_;

	$self->{state} = $state;
	$self->{at}{$state} //= time;
	my $settled = $state eq 'provisioned' || $state eq 'deprovisioned'
		? delete $self->{when_settled} : undef;
	$settled->($state) if $settled;
	return;
}

# --- requests ---------------------------------------------------------------

# Call it before a request is sent; pass its result with the response to heard().
sub sends {
	my ($self, $call) = @_;

	$self->{open}++;
	if ($call eq 'remove') {
		$self->{at}{removing} //= time;
		$self->{removals}++;
	}
	return { epoch => $self->{epoch} };
}

# From the first request of a plan change to its last response.
sub begins_change {
	my ($self) = @_;

	$self->{changing}++;
	$self->{epoch}++;
	return;
}

sub ends_change {
	my ($self) = @_;

	$self->{changing}--;
	$self->{epoch}++;
	return;
}

# Returns the meaning of a response: made, promised, changed, switched, removed, gone, refused or
# later.
sub heard {
	my ($self, $call, $answer, $sent, $plan) = @_;
	my $status = $answer->{status};
	my $word = $self->{wire}{meaning}{$call}{$status};

	$self->{open}--;
	$self->{quiet_at}{$call} = time + $self->{limit} if $status == 0;
	$self->_finding('late', "$call: no response within $self->{limit} s")
		if ($answer->{why} // '') eq 'late';
	$self->_finding('status', "$call: $status, " . substr $answer->{body}, 0, 80) unless $word;
	$self->_check_message($call, $answer) if $status >= 400;
	$word //= 'later';
	my $method = "_heard_${call}_$word";

	$self->$method($answer, $sent, $plan) if $self->can($method);
	return $word;
}

sub _check_message {
	my ($self, $call, $answer) = @_;
	my $body = object_of($answer->{body}) // {};
	# 503 also comes from nginx, which does not know the marketplace.
	my $message = $body->{ $self->{wire}{reason} } // ($answer->{status} == 503 ? $body->{message} : undef);

	$self->_finding('body', "$call: $answer->{status} without a $self->{wire}{reason}")
		unless defined $message && !ref $message && length $message;
	return;
}

# Was the request sent after the response to the deprovision?
sub _is_after_end {
	my ($self, $answer) = @_;

	return $self->was(deprovisioned => $answer->{sent});
}

sub _body_of {
	my ($self, $call, $answer) = @_;
	my $body = object_of($answer->{body});

	$self->_finding('body', "$call: $answer->{status} without a JSON object") unless $body;
	return $body // {};
}

sub _heard_create_made {
	my ($self, $answer, $sent) = @_;
	my $body = $self->_body_of(create => $answer);

	return $self->_finding('revived', 'create: 200 after the deprovision') if $self->_is_after_end($answer);
	return if $self->{at}{removing};
	return $self->_finding('differs', 'create: 200 after a refusal') if $self->{state} eq 'refused';
	return unless $self->_check_id($body->{id}, $answer);
	$self->_finding('status', "create: $answer->{status} for a repeat")
		if $self->was(told => $answer->{sent}) && $answer->{status} != $self->{wire}{again};
	if ($self->{state} eq 'provisioned') {
		$self->_check_replay($body, $sent);
	} else {
		$self->tell_config($body->{config}, 'create');
		$self->_become('provisioned');
	}
	$self->{at}{told} //= time;
	$self->{replay} = { epoch => $self->{epoch}, text => json($body) };
	return;
}

sub _heard_create_promised {
	my ($self, $answer) = @_;
	my $body = $self->_body_of(create => $answer);

	return $self->_finding('revived', 'create: 202 after the deprovision') if $self->_is_after_end($answer);
	return if $self->{at}{removing};
	$self->_check_id($body->{id}, $answer);
	$self->_finding('status', 'create: 202 without a grant') unless $self->{grant};
	$self->_finding('differs', 'create: 202 after a 200') if $self->was(told => $answer->{sent});
	$self->_become('provisioning') if $self->{state} eq 'asked';
	return;
}

sub _heard_create_gone {
	my ($self) = @_;

	$self->_finding('lost', 'create: 410 without a deprovision')
		unless $self->{at}{removing} || $self->{state} eq 'deprovisioned';
	return;
}

sub _heard_create_refused {
	my ($self, $answer) = @_;

	return $self->_finding('status', 'create: 422 after the deprovision') if $self->_is_after_end($answer);
	return if $self->{at}{removing};
	return $self->_become('refused') if $self->{state} eq 'asked';
	$self->_finding('differs', "create: 422 while $self->{state}") if $self->{state} ne 'refused';
	return;
}

# Does the response have the same id as those before?
sub _check_id {
	my ($self, $id, $answer) = @_;
	my $fault = !defined $id || ref $id || !length $id
		? [ body => "create: $answer->{status} without an id" ]
		: $id ne ($self->{provider_id} //= $id)
		? [ doubled => "create: id $id, and $self->{provider_id} before" ] : undef;

	$fault ? $self->_finding(@$fault) : $self->{books}->claim_provider_id($self, $id);
	return !$fault;
}

# If nothing has changed since the request was sent, a repeat has the same body; its
# config is that of an earlier or a later response.
sub _check_replay {
	my ($self, $body, $sent) = @_;
	my %declared = map { $_ => $body->{config}{$_} }
		grep { $self->{manifest}{config_vars}{$_} } keys %{ $body->{config} // {} };
	my ($config, $text, $before) = (json(\%declared), json($body), $self->{replay});

	return if $self->{changing} || $sent->{epoch} != $self->{epoch};
	if ($config ne json($self->{config})) {
		push @{ $self->{suspects} }, $config;
	} elsif ($before && $before->{epoch} == $self->{epoch} && $before->{text} ne $text) {
		$self->_finding('differs', 'create: a repeat got another response');
	}
	return;
}

sub _heard_change_changed {
	my ($self, $answer, undef, $plan) = @_;

	return $self->_finding('revived', "change: $answer->{status} after the deprovision")
		if $self->_is_after_end($answer);
	return if $self->{at}{removing};
	$self->{plan} = $plan;
	$self->{is_changing} = 0;
	$self->tell_config($self->_body_of(change => $answer)->{config}, 'change');
	return;
}

# The marketplace counts the plan as changed.  The config may have overtaken the
# response.
sub _heard_change_promised {
	my ($self, $answer, undef, $plan) = @_;

	return $self->_finding('revived', 'change: 202 after the deprovision')
		if $self->_is_after_end($answer);
	return if $self->{at}{removing};
	$self->_finding('status', 'change: 202 without a grant') unless $self->{grant};
	$self->_finding('body', 'change: 202 with a config') if $self->_body_of(change => $answer)->{config};
	$self->{plan} = $plan;
	$self->{is_changing} = 1 unless ($self->{patched_at} // 0) > $answer->{sent};
	$self->{change_promised_at} = time;
	return;
}

sub _heard_change_gone { return $_[0]->_is_gone(change => $_[1]) }
sub _heard_suspend_gone { return $_[0]->_is_gone(suspend => $_[1]) }
sub _heard_resume_gone { return $_[0]->_is_gone(resume => $_[1]) }

sub _is_gone {
	my ($self, $call, $answer) = @_;

	$self->_finding('lost', "$call: $answer->{status} while $self->{state}")
		unless $self->{at}{removing};
	return;
}

sub _heard_suspend_switched { return $_[0]->_switch(suspend => $_[1], 1) }
sub _heard_resume_switched { return $_[0]->_switch(resume => $_[1], 0) }

sub _switch {
	my ($self, $call, $answer, $is_suspended) = @_;

	return $self->_finding('revived', "$call: $answer->{status} after the deprovision")
		if $self->_is_after_end($answer) && $self->{wire}{meaning}{$call}{410};
	$self->{is_suspended} = $is_suspended unless $self->{at}{removing};
	return;
}

# The response to the first DELETE must not say that the resource is missing.
sub _heard_remove_removed {
	my ($self, $answer) = @_;

	$self->_finding('lost', "remove: $answer->{status} while $self->{state}")
		if $answer->{status} >= 400 && $self->{removals} == 1 && $self->is_billed;
	$self->_become('deprovisioned') unless $self->{state} eq 'deprovisioned';
	return;
}

# --- config -----------------------------------------------------------------

# Reports config vars that the manifest does not declare.
sub undeclared {
	my ($self, $config, $where) = @_;
	my @names = grep { !$self->{manifest}{config_vars}{$_} } sort keys %$config;

	$self->_finding('undeclared', "$where: $_") for @names;
	return @names;
}

# Takes the config of a response; names that it lacks keep their values.
sub tell_config {
	my ($self, $config, $where) = @_;

	return unless defined $config;
	return $self->_finding('body', "$where: config is not an object of strings")
		if ref $config ne 'HASH' || grep { ref } values %$config;
	my %unknown = map { $_ => 1 } $self->undeclared($config, $where);

	for my $name (grep { !$unknown{$_} } keys %$config) {
		my $value = $config->{$name};

		$self->{books}->secret(config => $value);
		defined $value ? ($self->{config}{$name} = $value) : delete $self->{config}{$name};
	}
	$self->{epoch}++ unless $where eq 'create';
	($self->{patched_at}, $self->{is_changing}) = (time, 0) if $where eq 'PATCH';
	my $now = json($self->{config});

	@{ $self->{suspects} } = grep { $_ ne $now } @{ $self->{suspects} };
	return;
}

sub config_list {
	my ($self) = @_;

	return map { { name => $_, value => $self->{config}{$_} } } sort keys %{ $self->{config} };
}

# At the end: a repeat whose config no response explains is a finding.
sub close_config {
	my ($self) = @_;

	$self->_finding('differs', 'create: a repeat has a config that no other response has')
		for @{ $self->{suspects} };
	$self->{suspects} = [];
	return;
}

# --- calls of the add-on ----------------------------------------------------

# May the add-on still call about it?
sub is_here {
	my ($self) = @_;

	return $self->{state} ne 'deprovisioned' && $self->{state} ne 'refused' && !$self->{is_silent};
}

# Are its grants valid?  After a silent create they stay valid for a while.
sub is_trusted {
	my ($self) = @_;

	return $self->{is_silent} || $self->is_here;
}

# A call that began before the deprovision could be known is tolerated.
sub is_called {
	my ($self, $what) = @_;

	$self->_finding('after-deprovision', $what)
		if $self->was(deprovisioned => time, $self->{limit});
	return $self->is_here;
}

# Returns true if the completion was expected.
sub completes {
	my ($self) = @_;

	return 0 unless $self->{state} eq 'asked' || $self->{state} eq 'provisioning';
	$self->_become('provisioned');
	return 1;
}

sub fails {
	my ($self) = @_;

	return 0 unless $self->{state} eq 'asked' || $self->{state} eq 'provisioning';
	$self->{is_taken_back} = 1;
	$self->_become('deprovisioned');
	return 1;
}

# --- for the books ----------------------------------------------------------

sub line {
	my ($self) = @_;

	return {
		type => 'resource',
		billed => $self->is_billed,
		silent => $self->{is_silent} ? 1 : 0,
		$self->{wire}{switch} ? (suspended => $self->{is_suspended} ? 1 : 0) : (),
		map { $_ => $self->{$_} }
			qw(uuid customer try state plan region provider_id config at name log is_changing),
	};
}

1;
