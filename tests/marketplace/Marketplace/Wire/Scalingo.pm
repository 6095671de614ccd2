package Marketplace::Wire::Scalingo;

# Scalingo's add-on provider API.  An app has one resource here, because its API cannot
# tell two apart.  It promises nothing, and repeats a create until it has an id.

use strict;
use warnings;

use Digest::SHA 'sha1_hex';

use Marketplace::ProviderApi;
use Marketplace::Wire;

sub wire {
	my %switched = (204 => 'switched', 404 => 'gone', 410 => 'gone');

	return {
		marketplace => 'scalingo',
		resources_path => '',
		api_of => sub { $_[0] },
		user_of => sub { $_[0]{username} },
		headers => {},
		region_of => sub { 'osc-fr1' },
		key => sub { $_[0] },
		path_has_key => 0,
		again => 200,
		otherwise => 422,
		plan => 'plan',
		meaning => {
			create => Marketplace::Wire::meaning(create => 200 => 'made', 201 => 'made', 410 => 'gone'),
			change => Marketplace::Wire::meaning(change => 200 => 'changed', 404 => 'gone', 410 => 'gone'),
			remove => Marketplace::Wire::meaning(remove => 204 => 'removed'),
			suspend => Marketplace::Wire::meaning(suspend => %switched),
			resume => Marketplace::Wire::meaning(resume => %switched),
		},
		reason => 'error',
		create => \&_create,
		change => sub { { plan => $_[0] } },
		switch => sub {
			my ($path, $call, $resource) = @_;

			return ("$path/" . $resource->path_id . "/$call", undef);
		},
		sign_on => {
			fields => \&_fields, token => 'token',
			max_age => 300, unit => 1, method => 'GET', refused => 403,
		},
		api => 'Marketplace::ProviderApi',
		api_path => '/v1/provider/apps',
		config_method => 'PATCH',
		names_app => 1,
	};
}

sub _create {
	my (undef, $resource) = @_;

	return {
		uuid => $resource->{uuid},
		app_id => $resource->{app_id},
		plan => $resource->{first_plan},
		region => $resource->{region},
		options => $resource->{options},
	};
}

# It does not say who signs on.
sub _fields {
	my ($resource, $salt, $timestamp) = @_;
	my $id = $resource->{provider_id};

	return (id => $id, timestamp => $timestamp, token => sha1_hex("$id:$salt:$timestamp"));
}

1;
