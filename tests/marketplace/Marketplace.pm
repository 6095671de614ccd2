package Marketplace;

# A marketplace that misbehaves as much as its contract allows: it simulates customers,
# serves its API, and audits all resources at the end.
#
#	my $market = Marketplace->new(Marketplace::Options::parse(@ARGV));
#	$market->run;			# ends by itself, or with end()
#	print $market->table;
#
# The run settles when every customer has finished, every request has a response, and
# no request can take effect any more.  Then the audit repeats each create once: an
# existing resource must be as described before, and a removed one must stay removed.

use strict;
use warnings;

use List::Util 'min';

use Marketplace::Books;
use Marketplace::HttpsClient;
use Marketplace::Customer;
use Marketplace::Delivery;
use Marketplace::Faults;
use Marketplace::HttpMessage qw(json object_of);
use Marketplace::Scenario;
use Marketplace::EventLoop;
use Marketplace::Manifest;
use Marketplace::OAuth;
use Marketplace::SeededRandom;
use Marketplace::Resource;
use Marketplace::HttpsServer;
use Marketplace::SignOnForm;
use Marketplace::Wire;

use constant {
	LOOK => 0.2,      # seconds between two checks whether the run has settled
	AUDIT_TRIES => 12,
	NEW_GRANT => 0.25, # the share of repeated creates with another grant
};

sub new {
	my ($class, $options) = @_;
	my $wire = Marketplace::Wire::named($options->{marketplace});
	my $self = bless {
		wire => $wire,
		options => $options,
		limit => $options->{answer_limit},
		loop => Marketplace::EventLoop->new,
		books => Marketplace::Books->new,
		random => Marketplace::SeededRandom->new($options->{seed}),
		faults => Marketplace::Faults->new(rate => $options->{rate}, only => $options->{only},
			each => $options->{fault}),
		manifest => Marketplace::Manifest->new($wire, @$options{qw(manifest base_url)}),
		born => 0, at_work => 0, waiting => 0,
	}, $class;

	open $self->{chance}, '<:raw', '/dev/urandom' or die "/dev/urandom: $!\n";
	$self->{service} = $self->uuid;
	$self->{client} = Marketplace::HttpsClient->new(loop => $self->{loop},
		origin => $self->{manifest}{origin}, ca => $options->{ca});
	$self->{books}->secret(password => $self->{manifest}{password});
	$self->{books}->secret(salt => $self->{manifest}{salt});
	$self->_serve if defined $options->{listen};
	return $self;
}

sub _serve {
	my ($self) = @_;
	my $options = $self->{options};
	my $platform = $self->{wire}{api}->new(market => $self);
	my $secret = defined $options->{client_secret} ? _first_line($options->{client_secret}) : undef;

	$self->{books}->secret('client secret' => $secret);
	Marketplace::HttpsServer::make_certificate($options->{certificate}, "$options->{certificate}.key");
	$self->{oauth} = Marketplace::OAuth->new(books => $self->{books}, faults => $self->{faults},
		uuid => sub { $self->uuid }, client_secret => $secret, (map { $_ => $self->{wire}{$_} } qw(has_seconds repeats_exchange)),
		map { $_ => $options->{$_} } qw(code_life token_life revoke_at_end));
	$self->{server} = Marketplace::HttpsServer->new(loop => $self->{loop}, port => $options->{listen},
		certificate => $options->{certificate}, key => "$options->{certificate}.key",
		answer => sub { $platform->answer(@_) });
	return;
}

sub _first_line {
	my ($path) = @_;

	open my $file, '<', $path or die "$path: $!\n";
	my $line = <$file> // '';
	return $line =~ s/\s+\z//r;
}

# The URL of its own endpoints, or undef.
sub origin {
	my ($self) = @_;

	return $self->{server} ? $self->{server}->origin : undef;
}

# Not drawn from the seed: a second run must not find the tombstones of the first.
sub uuid {
	my ($self) = @_;

	read($self->{chance}, my $bytes, 16) == 16 or die "/dev/urandom: $!\n";
	vec($bytes, 6, 8) = vec($bytes, 6, 8) & 0x0f | 0x40;
	vec($bytes, 8, 8) = vec($bytes, 8, 8) & 0x3f | 0x80;
	return join '-', unpack 'H8 H4 H4 H4 H12', $bytes;
}

# --- scenarios --------------------------------------------------------------

# The scenarios of all customers, in order.
sub lives {
	my ($options, $random, $regions) = @_;
	my $wire = Marketplace::Wire::named($options->{marketplace});

	return map {
		Marketplace::Scenario::of($random->of('life', $_), $_,
			plans => [ split /,/, $options->{plans} ], regions => $regions, map { ("has_${_}" => !!$wire->{$_}) } qw(change switch));
	} 1 .. $options->{customers};
}

sub run {
	my ($self) = @_;
	my $options = $self->{options};

	$self->{lives} = [ lives($options, $self->{random}, $self->{manifest}{regions}) ];
	$self->{loop}->after($options->{time_limit}, sub { $self->end });
	$self->{loop}->after(0, sub { $self->_fill });
	$self->{loop}->run;
	return;
}

# Starts customers until --concurrency is reached.
sub _fill {
	my ($self) = @_;

	while (@{ $self->{lives} } && $self->{at_work} - $self->{waiting} < $self->{options}{concurrency}) {
		my $life = shift @{ $self->{lives} };

		$self->{at_work}++;
		Marketplace::Customer->new(
			market => $self,
			life => $life,
			random => $self->{random}->of('customer', $life->{customer}),
			ended => sub {
				$self->{at_work}--;
				$self->{books}->count('customers');
				$self->{loop}->after(0, sub { $self->_fill });
			},
		)->begin;
	}
	return if $self->{at_work} || @{ $self->{lives} } || $self->{is_settling}++;
	$self->_settle;
	return;
}

sub is_waiting {
	my ($self, $more) = @_;

	$self->{waiting} += $more;
	$self->{loop}->after(0, sub { $self->_fill }) if $more > 0;
	return;
}

# --- requests ---------------------------------------------------------------

sub new_resource {
	my ($self, $customer, $try, $step) = @_;

	return Marketplace::Resource->new(
		books => $self->{books},
		manifest => $self->{manifest},
		wire => $self->{wire},
		limit => $self->{limit},
		patience => $self->{options}{provision_limit},
		random => $customer->{random}->of('try', $try),
		uuid => $self->{wire}{key}->($self->uuid),
		customer => $customer->{number},
		try => $try,
		user => $customer->{user} //= { id => $self->uuid,
			email => "customer.$customer->{number}+heroku\@example.com" },
		app => "app-$customer->{number}",
		app_id => $self->uuid,
		log => [],
		map { $_ => $step->{$_} } qw(plan region options),
	);
}

sub request_of {
	my ($self, $call, $resource, $plan) = @_;
	my ($manifest, $wire) = @$self{qw(manifest wire)};
	my $path = $manifest->{path} . ($call eq 'create' ? '' : '/' . $resource->path_id);
	my %method = (create => 'POST', change => 'PUT', remove => 'DELETE', suspend => 'POST', resume => 'POST');
	my $body = $call eq 'create' ? $self->_wish($resource) : $call eq 'change' ? $wire->{change}->($plan) : undef;

	($path, $body) = $wire->{switch}->($manifest->{path}, $call, $resource) if $call eq 'suspend' || $call eq 'resume';

	return {
		method => $method{$call},
		path => $path,
		headers => {
			'User-Agent' => 'provisor-marketplace-simulator',
			%{ $wire->{headers} },
			Authorization => $manifest->{authorization},
			$body ? ('Content-Type' => 'application/json') : (),
		},
		body => $body ? json($body) : undef,
	};
}

# The body of a create: the same each time, except for the grant.
sub _wish {
	my ($self, $resource) = @_;
	my $oauth = $self->{oauth};
	my $number = ++$resource->{creates};

	$resource->{wish} //= $self->{wire}{create}->($self, $resource);
	return $resource->{wish} unless $self->{wire}{has_grants};
	$resource->{grant} = $oauth->grant($resource, $number)
		if $oauth && defined $oauth->{client_secret} && (!$resource->{grant}
			|| $resource->{state} eq 'asked' && $resource->{random}->is(NEW_GRANT, 'new grant', $number));
	return { %{ $resource->{wish} }, oauth_grant => $resource->{grant} };
}

# Sends an old create out of order.
sub stray_create {
	my ($self, $resource) = @_;
	my $sent = $resource->sends('create');

	$self->{client}->send($self->request_of('create', $resource), limit => $self->{limit},
		done => sub { $resource->heard('create', $_[0], $sent) });
	return;
}

sub sign_on {
	my ($self, $resource, $how, $name, $then) = @_;
	my %fields = Marketplace::SignOnForm::fields($self, $resource, $how, $name);

	$self->{books}->count("sign-ons: $how");
	$self->{client}->send(Marketplace::SignOnForm::request($self, %fields), limit => $self->{limit},
		done => sub {
			my $fault = Marketplace::SignOnForm::fault_of($resource, $how, $_[0]);

			$self->{books}->finding('sign-on', $resource, $fault) if $fault && $fault ne 'later';
			$then->($fault);
		});
	return;
}

# --- records ----------------------------------------------------------------

sub note_answer {
	my ($self, $call, $answer) = @_;

	$self->{books}->count("answers: $call " . ($answer->{status} || $answer->{why}));
	$self->{books}->longest("slowest answer: $call, s", $answer->{received} - $answer->{sent})
		if $answer->{status};
	return;
}

# A completion needs a token, which a fault of the marketplace may have lost.
sub note_unfinished {
	my ($self, $resource) = @_;

	$self->{books}->count('promises not kept in time');
	$self->{books}->finding('unfinished', $resource, 'promised with a 202')
		unless $resource->{is_token_lost};
	return;
}

# --- audit and end ----------------------------------------------------------

sub _settle {
	my ($self) = @_;
	my @noisy = grep { !$_->is_quiet } $self->{books}->resources;

	return if $self->{is_time_up};
	return $self->{loop}->after(LOOK, sub { $self->_settle }) if @noisy;
	$self->{is_auditing} = 1;
	$self->{to_audit} = [ grep { !$_->{is_silent} && !$_->{is_taken_back} && $_->{state} ne 'refused' }
		$self->{books}->resources ];
	$self->_audit for 1 .. min($self->{options}{concurrency}, @{ $self->{to_audit} } || 1);
	return;
}

sub _audit {
	my ($self) = @_;
	my $resource = shift @{ $self->{to_audit} };

	return $self->_end_audit unless $resource;
	$self->{audits}++;
	Marketplace::Delivery->new(market => $self, resource => $resource, call => 'create',
		name => 'audit', is_plain => 1, tries => AUDIT_TRIES, done => sub {
			my ($word) = @_;

			$self->{audits}--;
			return $self->_audit_later($resource)
				if $word eq 'promised' && $resource->{state} eq 'provisioned';
			$self->{books}->count('audited');
			$self->{books}->finding('unanswered', $resource, 'repeated at the end')
				if $word eq 'failed' || $word eq 'over';
			$self->_contradict($resource, sub { $self->_audit });
		})->begin;
	return;
}

# Repeats the create of an existing resource with another plan, until it has a response:
# at growing intervals, because a killed pool needs some seconds to start again.
sub _contradict {
	my ($self, $resource, $then, $tries) = @_;
	my $wire = $self->{wire};
	my ($other) = grep { $_ ne $resource->{first_plan} } split /,/, $self->{options}{plans};

	return $then->() unless $wire->{otherwise} && $resource->is_billed && defined $other
		&& !$self->{is_time_up};
	my $request = $self->request_of('create', $resource);

	$request->{body} = json({ %{ object_of($request->{body}) }, $wire->{plan} => $other });
	$self->{client}->send($request, limit => $self->{limit}, done => sub {
		my ($status) = $_[0]{status};

		$tries++;
		return $self->{loop}->after($tries * LOOK, sub { $self->_contradict($resource, $then, $tries) })
			if ($status == 0 || $status == 503) && $tries < AUDIT_TRIES;
		$self->{books}->count('contradictions');
		$self->{books}->finding('differs', $resource, "create: $status for another plan")
			if $status != $wire->{otherwise};
		$then->();
	});
	return;
}

# The add-on may not know yet that it completed the create: a process that was killed
# before it stored the result has to ask the marketplace again.
sub _audit_later {
	my ($self, $resource) = @_;

	push @{ $self->{to_audit} }, $resource;
	$self->{loop}->after(LOOK, sub { $self->_audit });
	return;
}

sub _end_audit {
	my ($self) = @_;

	return if $self->{audits};
	$self->{is_audited} = 1;
	$self->{options}{stay} ? $self->_stay : $self->end;
	return;
}

sub _stay {
	my ($self) = @_;

	return if $self->{is_settled}++;
	$self->write_books;
	print 'settled: ', scalar $self->{books}->findings, " findings\n";
	return;
}

# Ends the run now and reports open requests.
sub end {
	my ($self) = @_;

	return if $self->{is_time_up}++;
	for my $resource (grep { !$_->{is_silent} } $self->{books}->resources) {
		my ($state, $at) = @$resource{qw(state at)};

		$self->{books}->finding('unanswered', $resource, "the last state was $state")
			if $state eq 'asked' || $state ne 'deprovisioned' && $at->{removing};
		$self->{books}->finding('unfinished', $resource, 'the run ended')
			if $state eq 'provisioning' && !$at->{removing};
		$self->{books}->finding('unfinished', $resource, 'its plan is being changed')
			if $resource->{is_changing} && $resource->is_billed && !$at->{removing};
		$resource->close_config;
	}
	$self->{books}->finding('unanswered', undef, 'the run ended before the audit')
		unless $self->{is_audited};
	$self->{books}->count('customers who never came', scalar @{ $self->{lives} })
		if @{ $self->{lives} };
	$self->write_books;
	$self->{loop}->stop;
	return;
}

sub write_books {
	my ($self) = @_;
	my $options = $self->{options};

	$self->{books}->write($options->{books}, map { $_ => $options->{$_} } qw(seed customers rate only))
		if defined $options->{books};
	return;
}

sub is_good {
	my ($self) = @_;

	return !$self->{books}->findings && !@{ $self->{lives} };
}

sub table {
	my ($self) = @_;

	return $self->{books}->table;
}

1;
