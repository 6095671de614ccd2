package Marketplace::Wire::CleverCloud;

# Clever Cloud's add-on provider API.  It sends no plan changes, promises nothing, and
# can remove a resource only with the id of a response, so it repeats a create until it
# has one.

use strict;
use warnings;

use Digest::SHA 'sha512_hex';

use Marketplace::ProviderApi;
use Marketplace::Wire;

sub wire {
	return {
		marketplace => 'clever-cloud',
		resources_path => '',
		api_of => sub { $_[0]{api} // {} },
		user_of => sub { $_[0]{id} },
		headers => {},
		region_of => sub { uc $_[0] },
		key => sub { "addon_$_[0]" },
		path_has_key => 0,
		again => 200,
		otherwise => 422,
		plan => 'plan',
		meaning => {
			create => Marketplace::Wire::meaning(create => 200 => 'made', 410 => 'gone'),
			remove => Marketplace::Wire::meaning(remove => 200 => 'removed'),
		},
		reason => 'message',
		create => \&_create,
		sign_on => {
			fields => \&_fields, token => 'signature',
			max_age => 300, unit => 1000, method => 'POST', refused => 403,
			origin => 'https://console.clever-cloud.com',
		},
		api => 'Marketplace::ProviderApi',
		api_path => '/v2/vendor/apps',
		config_method => 'PUT',
	};
}

sub _create {
	my ($market, $resource) = @_;
	my $origin = $market->origin // 'https://api.clever-cloud.com';

	return {
		addon_id => $resource->{uuid},
		owner_id => "orga_$resource->{app_id}",
		owner_name => $resource->{app},
		user_id => "user_$resource->{user}{id}",
		plan => $resource->{first_plan},
		region => $resource->{region},
		callback_url => "$origin/v2/vendor/apps/$resource->{uuid}",
		options => $resource->{options},
	};
}

# nav-data is always empty.
sub _fields {
	my ($resource, $salt, $timestamp) = @_;
	my $id = $resource->{provider_id};
	my ($user, $email) = ("user_$resource->{user}{id}", $resource->{user}{email});

	return (
		id => $id,
		timestamp => $timestamp,
		'nav-data' => '',
		email => $email,
		user_id => $user,
		signature => sha512_hex("$id:$user:$email\::$salt:$timestamp"),
	);
}

1;
