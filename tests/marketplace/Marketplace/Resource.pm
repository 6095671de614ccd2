package Marketplace::Resource;

# One resource as the marketplace knows it.  It hears every answer and every call
# that concern it, takes them down, and tells the books what contradicts what it
# has heard before.
#
# What is heard is ordered by two moments: an answer counts for what was so when
# its request was sent, or later.

use strict;
use warnings;

use List::Util 'max';
use Time::HiRes 'time';

use Marketplace::HttpMessage qw(json object_of);

# What a status means as the answer to a call; all others are against the contract.
my %meaning = (
	create => { 200 => 'made', 201 => 'made', 202 => 'promised', 410 => 'gone',
		422 => 'refused', 503 => 'later', 0 => 'later' },
	change => { 200 => 'changed', 202 => 'changed', 404 => 'gone', 410 => 'gone',
		422 => 'refused', 503 => 'later', 0 => 'later' },
	remove => { 200 => 'removed', 204 => 'removed', 404 => 'removed', 410 => 'removed',
		422 => 'later', 503 => 'later', 0 => 'later' },
);

# books, manifest, limit => seconds, random, uuid, customer, try, plan, region,
# options
sub new {
	my ($class, %self) = @_;
	my $self = bless {
		state => 'asked',
		config => {},
		at => { asked => time },
		epoch => 0,          # goes up with what may change config or plan
		open => 0,           # requests under way
		changing => 0,       # plan changes that are not answered yet
		quiet_at => {},      # call => when none that was given up can act any more
		suspects => [],      # replays that no told config explains so far
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

# Can nothing that was sent act any more?  Of these calls, or of all.
sub is_quiet {
	my ($self, @calls) = @_;

	@calls = keys %meaning unless @calls;
	return !$self->{open} && !$self->{changing}
		&& time > max(0, grep { defined } @{ $self->{quiet_at} }{@calls});
}

# Did that happen before the moment, by more than the grace?
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

# Before a request goes out; what comes back goes with the answer to heard().
sub sends {
	my ($self, $call) = @_;

	$self->{open}++;
	if ($call eq 'remove') {
		$self->{at}{removing} //= time;
		$self->{removals}++;
	}
	return { epoch => $self->{epoch} };
}

# From the first request of a plan change to its last answer.
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

# One word for what the answer means: made, promised, changed, removed, gone,
# refused, later.
sub heard {
	my ($self, $call, $answer, $sent, $plan) = @_;
	my $status = $answer->{status};
	my $word = $meaning{$call}{$status};

	$self->{open}--;
	$self->{quiet_at}{$call} = time + $self->{limit} if $status == 0;
	$self->_finding('late', "$call: no answer in $self->{limit} s")
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
	my $message = (object_of($answer->{body}) // {})->{message};

	$self->_finding('body', "$call: $answer->{status} without a message")
		unless defined $message && !ref $message && length $message;
	return;
}

# A request that went out after the end was answered is about something gone.
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

	return $self->_finding('revived', 'create: 200 after the end') if $self->_is_after_end($answer);
	return if $self->{at}{removing};
	return $self->_finding('differs', 'create: refused, then made') if $self->{state} eq 'refused';
	return unless $self->_check_id($body->{id}, $answer);
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

	return $self->_finding('revived', 'create: 202 after the end') if $self->_is_after_end($answer);
	return if $self->{at}{removing};
	$self->_check_id($body->{id}, $answer);
	$self->_finding('status', 'create: 202 without a grant') unless $self->{grant};
	$self->_finding('differs', 'create: 202 after a 200') if $self->was(told => $answer->{sent});
	$self->_become('provisioning') if $self->{state} eq 'asked';
	return;
}

sub _heard_create_gone {
	my ($self) = @_;

	$self->_finding('lost', 'create: 410, and nobody has removed it')
		unless $self->{at}{removing} || $self->{state} eq 'deprovisioned';
	return;
}

sub _heard_create_refused {
	my ($self, $answer) = @_;

	return $self->_finding('status', 'create: 422 after the end') if $self->_is_after_end($answer);
	return if $self->{at}{removing};
	return $self->_become('refused') if $self->{state} eq 'asked';
	$self->_finding('differs', "create: 422 while $self->{state}") if $self->{state} ne 'refused';
	return;
}

# Is it the one it has always been?
sub _check_id {
	my ($self, $id, $answer) = @_;
	my $fault = !defined $id || ref $id || !length $id
		? [ body => "create: $answer->{status} without an id" ]
		: $id ne ($self->{provider_id} //= $id)
		? [ doubled => "create: id $id, and $self->{provider_id} before" ] : undef;

	$fault ? $self->_finding(@$fault) : $self->{books}->claim_provider_id($self, $id);
	return !$fault;
}

# Where nothing changed since the request was sent, nothing may differ; and the
# config is what was told, or what is told later.
sub _check_replay {
	my ($self, $body, $sent) = @_;
	my %declared = map { $_ => $body->{config}{$_} }
		grep { $self->{manifest}{config_vars}{$_} } keys %{ $body->{config} // {} };
	my ($config, $text, $before) = (json(\%declared), json($body), $self->{replay});

	return if $self->{changing} || $sent->{epoch} != $self->{epoch};
	if ($config ne json($self->{config})) {
		push @{ $self->{suspects} }, $config;
	} elsif ($before && $before->{epoch} == $self->{epoch} && $before->{text} ne $text) {
		$self->_finding('differs', 'create: a repeat was answered otherwise');
	}
	return;
}

sub _heard_change_changed {
	my ($self, $answer, undef, $plan) = @_;

	return $self->_finding('revived', "change: $answer->{status} after the end")
		if $self->_is_after_end($answer);
	return if $self->{at}{removing};
	$self->{plan} = $plan;
	$self->tell_config($self->_body_of(change => $answer)->{config}, 'change');
	return;
}

sub _heard_change_gone {
	my ($self, $answer) = @_;

	$self->_finding('lost', "change: $answer->{status} while $self->{state}")
		unless $self->{at}{removing};
	return;
}

# The answer to the only DELETE there was so far must know the resource.
sub _heard_remove_removed {
	my ($self, $answer) = @_;

	$self->_finding('lost', "remove: $answer->{status} while $self->{state}")
		if $answer->{status} >= 400 && $self->{removals} == 1 && $self->is_billed;
	$self->_become('deprovisioned') unless $self->{state} eq 'deprovisioned';
	return;
}

# --- config -----------------------------------------------------------------

# The names that the manifest does not have.
sub undeclared {
	my ($self, $config, $where) = @_;
	my @names = grep { !$self->{manifest}{config_vars}{$_} } sort keys %$config;

	$self->_finding('undeclared', "$where: $_") for @names;
	return @names;
}

# From an answer ({ NAME => value }): what is told is set, the rest stays.
sub tell_config {
	my ($self, $config, $where) = @_;

	return unless defined $config;
	return $self->_finding('body', "$where: config is no object of texts")
		if ref $config ne 'HASH' || grep { ref } values %$config;
	my %unknown = map { $_ => 1 } $self->undeclared($config, $where);

	for my $name (grep { !$unknown{$_} } keys %$config) {
		my $value = $config->{$name};

		$self->{books}->secret(config => $value);
		defined $value ? ($self->{config}{$name} = $value) : delete $self->{config}{$name};
	}
	$self->{epoch}++ unless $where eq 'create';
	my $now = json($self->{config});

	@{ $self->{suspects} } = grep { $_ ne $now } @{ $self->{suspects} };
	return;
}

sub config_list {
	my ($self) = @_;

	return map { { name => $_, value => $self->{config}{$_} } } sort keys %{ $self->{config} };
}

# When all is said: a replay that nothing explains was wrong.
sub close_config {
	my ($self) = @_;

	$self->_finding('differs', 'create: a repeat told a config that was told nowhere else')
		for @{ $self->{suspects} };
	$self->{suspects} = [];
	return;
}

# --- calls of the add-on ----------------------------------------------------

# May the add-on still call for it?
sub is_here {
	my ($self) = @_;

	return $self->{state} ne 'deprovisioned' && $self->{state} ne 'refused' && !$self->{is_silent};
}

# Are its grants good?  The marketplace forgets at once what it heard no answer
# about, and its grants later.
sub is_trusted {
	my ($self) = @_;

	return $self->{is_silent} || $self->is_here;
}

# A call that began before it could know of the end is forgiven.
sub is_called {
	my ($self, $what) = @_;

	$self->_finding('after-deprovision', $what)
		if $self->was(deprovisioned => time, $self->{limit});
	return $self->is_here;
}

# True where that was due.
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
		map { $_ => $self->{$_} }
			qw(uuid customer try state plan region provider_id config at name log),
	};
}

1;
