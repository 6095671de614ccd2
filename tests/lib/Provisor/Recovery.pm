package Provisor::Recovery;

# What provisor-operate(7) says to do when the database has lost its last changes, for
# a simulated marketplace.
#
#	my $recovery = Provisor::Recovery->new($simulation);
#	my $books = Marketplace::Books->read(...);	# while the simulator runs
#	$recovery->recover($books);			# jobs run, and requests get 503
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

use constant PATIENCE => 60; # seconds for jobs

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
	my $left = "jobs WHERE finished_at IS NULL AND run_at < now() + interval '1 h'";

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
		my (undef, @found) = $compare->('--repair', '--most', 999);

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

# The list of the marketplace at this moment.
sub _take_list {
	my ($self, $books) = @_;

	write_text($self->{list}, join '', map {
		$json->encode({ id => $_->{uuid}, plan => "fast-db:$_->{plan}", state => $_->{state} }) . "\n"
	} billed($books));
	return;
}

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
