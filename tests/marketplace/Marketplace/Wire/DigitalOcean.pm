package Marketplace::Wire::DigitalOcean;

# DigitalOcean's API for SaaS add-ons.  It promises nothing, and reports suspensions as
# notifications, which name resources by its own ids.

use strict;
use warnings;

use Digest::SHA 'hmac_sha256_hex';

use Marketplace::GrantedApi;
use Marketplace::Wire;

sub wire {
	my %switched = (200 => 'switched');

	return {
		marketplace => 'digitalocean',
		resources_path => '/digitalocean/resources',
		api_of => sub { $_[0] },
		user_of => sub { $_[0]{slug} },
		headers => {},
		region_of => sub { $_[0] },
		key => sub { $_[0] },
		path_has_key => 1,
		again => 200,
		otherwise => 422,
		plan => 'plan_slug',
		meaning => {
			create => Marketplace::Wire::meaning(create => 200 => 'made', 201 => 'made', 410 => 'gone'),
			change => Marketplace::Wire::meaning(change => 200 => 'changed', 404 => 'gone', 410 => 'gone'),
			remove => Marketplace::Wire::meaning(remove => map { $_ => 'removed' } 204, 404, 410),
			suspend => Marketplace::Wire::meaning(suspend => %switched),
			resume => Marketplace::Wire::meaning(resume => %switched),
		},
		reason => 'message',
		create => \&_create,
		change => sub { { plan_slug => $_[0] } },
		switch => \&_notification,
		sign_on => {
			fields => \&_fields, token => 'token',
			max_age => 120, unit => 1, method => 'POST', refused => 401,
			origin => 'https://cloud.digitalocean.com',
		},
		api => 'Marketplace::GrantedApi',
		has_grants => 1,
		has_seconds => 1,
		# An assumption: its sources do not say what happens to a code whose response is lost.
		repeats_exchange => 1,
	};
}

sub _create {
	my ($market, $resource) = @_;

	return {
		uuid => $resource->{uuid},
		app_slug => $market->{manifest}{id},
		plan_slug => $resource->{first_plan},
		resource_name => $resource->{name},
		email => $resource->{user}{email},
		creator_id => $resource->{user}{id},
		metadata => $resource->{options},
	};
}

# A repeat is the same notification, so its time is that of the first.
sub _notification {
	my ($path, $call, $resource) = @_;
	my $type = $call eq 'suspend' ? 'resources.suspended' : 'resources.reactivated';

	return ($path =~ s/resources\z/notifications/r, {
		type => $type,
		created_at => int($resource->{switching_at}),
		payload => { resources_uuids => [ $resource->{uuid} ] },
	});
}

# The token does not sign the user.
sub _fields {
	my ($resource, $salt, $timestamp) = @_;

	return (
		resource_uuid => $resource->{uuid},
		timestamp => $timestamp,
		token => hmac_sha256_hex("$timestamp:$resource->{uuid}", $salt),
		user_email => $resource->{user}{email},
		user_id => $resource->{user}{id},
	);
}

1;
