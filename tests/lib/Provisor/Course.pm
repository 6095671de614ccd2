package Provisor::Course;

# What becomes of a resource, and of the jobs that bring it there.
#
#	my $course = Provisor::Course->new($host);
#	$course->becomes($uuid, 'provisioned', 'in the end it is there');
#	$course->is_put_off($uuid, 'complete');

use strict;
use warnings;

use Test::More;

use Provisor::Test ();

use constant PATIENCE => 25; # seconds

sub new {
	my ($class, $host) = @_;

	return bless { host => $host }, $class;
}

# Is it so, sooner or later?
sub soon {
	my ($self, $condition) = @_;

	return Provisor::Test::wait_for(PATIENCE, $condition);
}

sub resource {
	my ($self, $uuid) = @_;

	return Provisor::Test::row($self->{host}, "resources WHERE id = '$uuid'") // {};
}

# Its newest job of a kind.
sub job {
	my ($self, $uuid, $kind) = @_;

	return Provisor::Test::row($self->{host},
		"jobs WHERE resource = '$uuid' AND kind = '$kind' ORDER BY id DESC LIMIT 1") // {};
}

sub becomes {
	my ($self, $uuid, $state, $name) = @_;

	$self->soon(sub { $self->resource($uuid)->{state} eq $state });
	return is($self->resource($uuid)->{state}, $state, $name) || $self->_tell_jobs($uuid);
}

# Nothing is left to do for it.
sub comes_to_rest {
	my ($self, $uuid) = @_;
	my $left = "jobs WHERE resource = '$uuid' AND finished_at IS NULL";

	return ok($self->soon(sub { Provisor::Test::count_of($self->{host}, $left) == 0 }),
		'nothing is left to do') || $self->_tell_jobs($uuid);
}

# Was a job tried, so many times, and is nobody at it now?
sub is_put_off {
	my ($self, $uuid, $kind, $attempts) = (@_, 1);

	return $self->soon(sub {
		my $job = $self->job($uuid, $kind);

		return ($job->{attempts} // 0) >= $attempts
			&& !$job->{finished_at} && !$job->{lease_until};
	});
}

# What is not done is due now.
sub hurry {
	my ($self, $uuid, $kind) = @_;

	$self->{host}->psql("UPDATE jobs SET run_at = now()
		WHERE resource = '$uuid' AND kind = '$kind' AND finished_at IS NULL");
	return;
}

sub events {
	my ($self, $uuid) = @_;

	return join ' ', map { $_->{what} }
		Provisor::Test::rows($self->{host}, "events WHERE resource = '$uuid' ORDER BY id");
}

sub _tell_jobs {
	my ($self, $uuid) = @_;

	diag "$_->{kind}: attempts $_->{attempts}, run at $_->{run_at}, ",
		$_->{finished_at} ? 'done' : 'not done', ', ', $_->{last_error} // 'no error'
		for Provisor::Test::rows($self->{host}, "jobs WHERE resource = '$uuid' ORDER BY id");
	return 0;
}

1;
