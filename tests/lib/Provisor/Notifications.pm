package Provisor::Notifications;

# What DigitalOcean sends to an add-on: creates of resources, and notifications.
#
#	my $addon = Provisor::Notifications->new(addon($host, 'fast-db',
#		Provisor::Notifications::home()));
#	my $id = $addon->create;
#	$addon->report('resources.suspended', time, $id);

use strict;
use warnings;

use Provisor::AddOn 'json';
use Provisor::FastCgiClient 'encode';
use Provisor::Test 'uuid';

# Where DigitalOcean calls an add-on.
sub home {
	return (
		marketplace => 'digitalocean',
		base_url => 'https://localhost',
		path => '/digitalocean/resources',
	);
}

# DigitalOcean has no manifest as a file; ours is flat.
sub new {
	my ($class, $addon) = @_;
	my $api = $addon->{manifest}{api};

	$addon->write_file('addon-manifest.json', {
		slug => $addon->{manifest}{id},
		plans => [qw(basic premium)],
		map { $_ => $api->{$_} } qw(password sso_salt config_vars production),
	});
	return bless { addon => $addon }, $class;
}

sub path { return '/digitalocean/notifications' }

sub request {
	my ($self, %request) = @_;

	return $self->{addon}->request(%request);
}

sub create_with {
	my ($self, $id) = @_;

	return $self->request(method => 'POST', path => $self->{addon}->path,
		body => json({ uuid => $id, plan_slug => 'basic', app_slug => $self->{addon}->name }));
}

# The id of a new resource.
sub create {
	my ($self) = @_;
	my $id = uuid();
	my $status = $self->create_with($id)->status;

	die "a create got $status\n" if $status != 201;
	return $id;
}

sub body {
	my ($self, $type, $at, @ids) = @_;

	return { type => $type, created_at => $at, payload => { resources_uuids => \@ids } };
}

sub notification {
	my ($self, $body) = @_;

	return (method => 'POST', path => $self->path, as => $self->{addon}->login,
		body => ref $body ? json($body) : $body);
}

sub post {
	my ($self, $body) = @_;

	return $self->{addon}{client}->request($self->notification($body));
}

sub report {
	my ($self, @what) = @_;

	return $self->post($self->body(@what));
}

# Sends a notification without waiting for its response, which finish() returns.
sub begin {
	my ($self, @what) = @_;

	return $self->{addon}{client}->begin(encode($self->notification($self->body(@what))));
}

sub finish {
	my ($self, $begun) = @_;

	return $self->{addon}{client}->finish($begun);
}

sub plan_body {
	my ($self, $at, $id, $plan) = @_;

	return {
		type => 'resources.updated',
		created_at => $at,
		payload => {
			resource => { uuid => $id, name => 'renamed', state => 'provisioned' },
			plan => { slug => $plan, display_name => 'A plan' },
		},
	};
}

sub report_plan {
	my ($self, @what) = @_;

	return $self->post($self->plan_body(@what));
}

1;
