package Provisor::Recovery;

# What provisor-operate(7) says to do when the database has lost its last changes, for
# a simulated marketplace.
#
#	my $recovery = Provisor::Recovery->new($simulation);
#	my $books = Marketplace::Books->read(...);	# while the simulator runs
#	$recovery->recover($books);			# jobs run, and requests get 503
#	$recovery->recover_while_busy;			# instead: customers go on
#	$recovery->check_findings;
#	$recovery->print_figures;
#	$recovery->check_credentials($books);		# while requests are served

use strict;
use warnings;

use JSON::PP ();
use Test::More;

use Marketplace::Compare 'things_of';
use Provisor::Files 'write_text';
use Provisor::Test qw(count_of ctl figure rows wait_for);

use constant {
	PATIENCE => 60, # seconds for jobs
	MOST_ROUNDS => 10,
	REPAIR => 999,  # resources, at most
};

# The list of the marketplace names all resources of this add-on.
my @whole_addon = qw(--marketplace heroku --addon fast-db);

my $json = JSON::PP->new->utf8->canonical;

sub new {
	my ($class, $simulation) = @_;
	my $host = $simulation->host;

	return bless { simulation => $simulation, host => $host, list => $host->home . '/list.jsonl', repairs => {} },
		$class;
}

sub billed {
	my ($books) = @_;

	return grep { $_->{billed} } @{ $books->{resource} };
}

sub provisor {
	my ($self, @arguments) = @_;

	return ctl($self->{host}->env, @arguments);
}

# --- the steps --------------------------------------------------------------

# A test: no job is left that could be carried out.
sub _jobs_end {
	my ($self) = @_;
	my $left = "jobs WHERE finished_at IS NULL AND NOT follows AND run_at < now() + interval '1 h'";

	return ok(wait_for(PATIENCE, sub {
		$self->{simulation}->retry_soon;
		return count_of($self->{host}, $left) == 0;
	}), 'all jobs finish or are left to the operator')
		|| diag explain [ rows($self->{host}, 'jobs WHERE finished_at IS NULL') ];
}

# The findings of a comparison, and its exit status.
sub _reconcile {
	my ($self, @options) = @_;
	my ($output, $status) = $self->provisor('reconcile', '--json', @options);

	$self->{output} = $output;
	return ($status, map { $json->decode($_) } grep { /\A\{/ } split /\n/, $output);
}

sub _reconcile_with_list {
	my ($self, @options) = @_;

	return $self->_reconcile(@whole_addon, '--against', $self->{list}, @options);
}

sub _repair {
	my ($self) = @_;

	for my $compare (sub { $self->_reconcile_with_list(@_) }, sub { $self->_reconcile(@_, '--config', 'theirs') }) {
		my (undef, @found) = $compare->('--repair', '--most', REPAIR);

		$self->{repairs}{"$_->{difference} " . ($_->{repair} // 'not repaired')}++ for @found;
		$self->_jobs_end;
	}
	return;
}

# No change is so new that the marketplace may not know of it.
sub _pass_time {
	my ($self) = @_;

	$self->{host}->psql(q(UPDATE resources SET created_at = created_at - interval '1 min',
		updated_at = updated_at - interval '1 min'));
	return;
}

# The vendor's own records have what the marketplace does not reveal.
sub _import_lost {
	my ($self, $books) = @_;
	my (undef, @found) = $self->_reconcile_with_list;
	my %is_lost = map { $_->{id} => 1 } grep { $_->{difference} eq 'lost' } @found;
	my %config = map { $_->{id} => $_->{config} } things_of($self->{simulation}->addon->home . '/things');
	my $file = $self->{host}->home . '/lost.jsonl';

	$self->{repairs}{'lost imported from the vendor\'s records'} = keys %is_lost;
	return unless %is_lost;
	write_text($file, join '', map {
		$json->encode({ marketplace_id => $_->{uuid}, provider_id => $_->{provider_id}, plan => $_->{plan},
			config => $config{ $_->{provider_id} } }) . "\n";
	} grep { $is_lost{ $_->{uuid} } } billed($books));
	is(($self->provisor('resources', 'import', @whole_addon, $file))[1], 0, 'the rest is imported');
	return;
}

# The list of the marketplace at this moment.  It has a resource from the request on.
sub _take_list {
	my ($self, $books) = @_;

	write_text($self->{list}, join '', map {
		$json->encode({ id => $_->{uuid}, plan => "fast-db:$_->{plan}",
			state => $_->{state} eq 'asked' ? 'provisioning' : $_->{state} }) . "\n"
	} grep { $_->{billed} || $_->{state} eq 'asked' } @{ $books->{resource} });
	return;
}

# --- while customers go on --------------------------------------------------

# Resources whose end the database lost: until the last comparison, it takes a repeated
# create for a new one.  If it lost all of a resource, it does not know of what is left
# of it at the vendor.
sub _note_lost_ends {
	my ($self, $books) = @_;
	my %state_of = map { $_->{marketplace_id} => $_->{state} } rows($self->{host}, q(resources WHERE addon = 'fast-db'));

	for my $id (map { $_->{uuid} } grep { $_->{state} eq 'deprovisioned' } @{ $books->{resource} }) {
		my $state = $state_of{$id};

		$self->{forgotten}{$id} = 1 unless defined $state;
		$self->{lost_ends}{$id} = 1 if !defined $state || $state =~ /\Aprovision(?:ing|ed)\z/;
	}
	return;
}

# Repairs what a new list shows.  Returns whether resources that customers have are lost.
sub _repair_busy {
	my ($self) = @_;
	my $books = $self->{simulation}->present_books;
	my %state_of = map { $_->{uuid} => $_->{state} } @{ $books->{resource} };

	$self->_note_lost_ends($books);
	# A released plan change sends no config vars: the marketplace may have newer ones.
	$self->{broken_promises}{ $_->{uuid} } = 1 for grep { $_->{is_changing} } @{ $books->{resource} };
	$self->_take_list($books);
	my (undef, @found) = $self->_reconcile_with_list('--repair', '--most', REPAIR);

	$self->{repairs}{"$_->{difference} " . ($_->{repair} // 'not repaired') . ' while customers were busy'}++
		for @found;
	my @lost = grep { $_->{difference} eq 'lost' && !$_->{repair} } @found;

	$self->{lost_promises}{ $_->{id} } = 1 for grep { ($state_of{ $_->{id} } // '') eq 'provisioning' } @lost;
	$self->_reconcile('--repair', '--config', 'theirs', '--most', REPAIR);
	return scalar grep { ($state_of{ $_->{id} } // '') eq 'provisioned' } @lost;
}

# The marketplace waits for promises that are lost until it gives them up.
sub recover_while_busy {
	my ($self) = @_;
	my $rounds = 0;

	# Calls that began before the failover may still complete something.
	while (++$rounds <= MOST_ROUNDS) {
		last if !$self->_repair_busy && $rounds > 1;
	}
	$rounds <= MOST_ROUNDS or diag 'resources stay lost: ' . $self->{output};
	wait_for(10, sub { ($self->provisor(qw(restored --release --yes)))[1] == 0 })
		or diag 'held jobs cannot be released';
	$self->_repair_busy;
	return;
}

# The consequences of a failover, as the simulator finds them.  The deprovision of a
# resource that is lost is responded to as if it had been gone before.
my %consequences = (
	unfinished => [qw(broken_promises lost_promises)],
	lost => [qw(lost_promises)],
	revived => [qw(lost_ends)],
);

# Is the simulator's finding such a consequence?
sub excuses {
	my ($self, $finding) = @_;

	return scalar grep { $self->{$_}{ $finding->{uuid} // '' } } @{ $consequences{ $finding->{kind} } // [] };
}

# The differences of Marketplace::Compare without what only the vendor knows.
sub without_forgotten {
	my ($self, $differences) = @_;

	return { %$differences, orphaned => [ grep { !$self->{forgotten}{ substr $_, 0, 36 } }
		@{ $differences->{orphaned} } ] };
}

# --- after all customers have finished --------------------------------------

sub recover {
	my ($self, $books) = @_;

	is(($self->provisor('restored'))[1], 1, 'provisor restored lists what is held');
	$self->_pass_time;
	$self->_take_list($books);
	$self->_repair;
	$self->_import_lost($books);
	is(($self->provisor(qw(restored --release --yes)))[1], 0, 'held jobs are released');
	$self->_jobs_end;
	$self->_pass_time;
	$self->_take_list($books);
	$self->_repair;
	return;
}

# A marketplace whose API fails now and then may not list its resources.
sub _reconcile_whole {
	my ($self) = @_;
	my @result;

	for (1 .. 10) {
		@result = $self->_reconcile;
		last if $self->{output} !~ /^provisor: cannot look for lost resources/m;
	}
	return @result;
}

# --- at the end -------------------------------------------------------------

# Tests: no differences are left but resources without a token.  Returns their number.
sub check_findings {
	my ($self) = @_;
	my ($status, @found) = $self->_reconcile_with_list;

	is_deeply(\@found, [], 'the list shows no difference') or diag explain \@found;
	is($status, 0, '... and the exit status says so');
	($status, @found) = $self->_reconcile_whole;
	is_deeply([ grep { $_->{difference} !~ /\A(?:unchecked|revoked)\z/ } @found ], [], 'tokens show no difference')
		or diag explain \@found;
	is($status, @found ? 1 : 0, '... and the exit status says whether one is missing') or diag $self->{output};
	is(($self->provisor('restored'))[1], 0, 'no job is held');
	return scalar @found;
}

# A test: the response to a plan change has the config vars that the customer has.
sub check_credentials {
	my ($self, $books) = @_;
	my @broken;

	for my $resource (grep { $_->{state} eq 'provisioned' } billed($books)) {
		my $answer = $self->{simulation}->addon->change_plan($resource->{uuid}, $resource->{plan});

		push @broken, "$resource->{uuid}: " . $answer->status if $answer->status != 200
			|| $json->encode($answer->json->{config}) ne $json->encode($resource->{config});
	}
	return is_deeply(\@broken, [], 'the marketplace gets the config vars that customers have');
}

sub print_figures {
	my ($self) = @_;

	figure('%d %s', $self->{repairs}{$_}, $_) for sort keys %{ $self->{repairs} };
	return;
}

1;
