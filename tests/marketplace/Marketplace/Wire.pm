package Marketplace::Wire;

# How one marketplace calls an add-on.  A wire is data, in a module of Wire/:
#
#	marketplace     its name, as in the folder of the add-on's home
#	resources_path  appended to a base_url that does not end with it
#	api_of          sub: the part of a manifest with password, salt and config vars
#	user_of         sub: the user name of Basic authentication
#	headers         of each request
#	region_of       sub: a region of the manifest as requests have it
#	key             sub: the marketplace's id of a resource, from a UUID
#	path_has_key    later requests have that id; otherwise the id of the response
#	again           the status of a repeated create that had a response before
#	otherwise       the status of one that contradicts the first; undef: it
#	                sends none
#	plan            the member of a create with the plan
#	meaning         { call => { status => word } }: the statuses that it allows
#	reason          the member with the reason of a refusal
#	create          sub: the body of a create, from the market and the resource
#	change          sub: the body of a plan change; undef: it sends none
#	switch          sub: path and body of "suspend" or "resume", from the path of the
#	                resources, the call and the resource; undef: it sends neither
#	sign_on         { fields => sub, token => name, max_age => seconds, unit => of the
#	                timestamp in a second, method, refused => status }
#	api             the class of its own API
#	api_path        where a ProviderApi has resources, config_method how it changes config
#	names_app       its API has the id of the app instead of its id of the resource
#	has_grants      creates have a grant
#	repeats_exchange  a code stays valid until one of its tokens is used
#	has_seconds     its expiry is in seconds since 1970

use strict;
use warnings;

my %modules = (
	'heroku' => 'Heroku',
	'clever-cloud' => 'CleverCloud',
	'digitalocean' => 'DigitalOcean',
	'scalingo' => 'Scalingo',
);

sub names { return sort keys %modules }

sub named {
	my ($name) = @_;
	my $module = $modules{$name} // die "there is no marketplace \"$name\": there are "
		. join(', ', names()) . "\n";

	require "Marketplace/Wire/$module.pm";
	return "Marketplace::Wire::$module"->wire;
}

# What every marketplace may get in response to a call, with its own statuses.
sub meaning {
	my ($call, %own) = @_;
	my $refused = $call eq 'remove' ? 'later' : 'refused';

	return { 422 => $refused, 503 => 'later', 0 => 'later', %own };
}

1;
