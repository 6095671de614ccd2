package Provisor::Eventually;

# Waits for what the jobs of a resource bring about, and reads the resource, its
# jobs and its events.
#
#	my $eventually = Provisor::Eventually->new($host);
#	$eventually->becomes($uuid, 'provisioned', 'the resource is provisioned');
#	$eventually->waits_for_retry($uuid, 'complete') or ...;

use strict;
use warnings;

use Test::More;

use Provisor::Test ();

use constant PATIENCE => 25; # seconds

sub new {
	my ($class, $host) = @_;

	return bless { host => $host }, $class;
}

# Does the condition become true within PATIENCE?
sub is_true {
	my ($self, $condition) = @_;

	return Provisor::Test::wait_for(PATIENCE, $condition);
}

# The row of the resource; empty if there is none.
sub resource {
	my ($self, $uuid) = @_;

	return Provisor::Test::row($self->{host}, "resources WHERE id = '$uuid'") // {};
}

# The row of its newest job of a kind; empty if there is none.
sub job {
	my ($self, $uuid, $kind) = @_;

	return Provisor::Test::row($self->{host},
		"jobs WHERE resource = '$uuid' AND kind = '$kind' ORDER BY id DESC LIMIT 1") // {};
}

# A test: the resource gets into this state.
sub becomes {
	my ($self, $uuid, $state, $name) = @_;

	$self->is_true(sub { $self->resource($uuid)->{state} eq $state });
	return is($self->resource($uuid)->{state}, $state, $name) || $self->_print_jobs($uuid);
}

# A test: all jobs of the resource finish.
sub has_no_jobs_left {
	my ($self, $uuid) = @_;
	my $left = "jobs WHERE resource = '$uuid' AND finished_at IS NULL";

	return ok($self->is_true(sub { Provisor::Test::count_of($self->{host}, $left) == 0 }),
		'all its jobs finish') || $self->_print_jobs($uuid);
}

# Does the newest job of a kind wait for a retry after this many attempts?
sub waits_for_retry {
	my ($self, $uuid, $kind, $attempts) = (@_, 1);

	return $self->is_true(sub {
		my $job = $self->job($uuid, $kind);

		return ($job->{attempts} // 0) >= $attempts
			&& !$job->{finished_at} && !$job->{lease_until};
	});
}

# Unfinished jobs of a kind run now instead of later.  The marketplace has then not
# repeated its request for a plan change in time, so it is undone.
sub make_due {
	my ($self, $uuid, $kind) = @_;

	$self->{host}->psql("UPDATE jobs SET run_at = now(), undo_at = least(undo_at, now())
		WHERE resource = '$uuid' AND kind = '$kind' AND finished_at IS NULL");
	return;
}

# The names of its events, oldest first, with blanks between them.
sub events {
	my ($self, $uuid) = @_;

	return join ' ', map { $_->{event} }
		Provisor::Test::rows($self->{host}, "events WHERE resource = '$uuid' ORDER BY id");
}

sub _print_jobs {
	my ($self, $uuid) = @_;

	diag "$_->{kind}: attempts $_->{attempts}, run at $_->{run_at}, ",
		$_->{finished_at} ? 'finished' : 'not finished', ', ', $_->{last_error} // 'no error'
		for Provisor::Test::rows($self->{host}, "jobs WHERE resource = '$uuid' ORDER BY id");
	return 0;
}

1;
