package Marketplace::Wire::Heroku;

# Heroku's Add-on Partner API, version 3.

use strict;
use warnings;

use Digest::SHA qw(sha1_hex sha256_hex);
use MIME::Base64 'encode_base64url';

use Marketplace::HttpMessage 'json';
use Marketplace::PlatformApi;
use Marketplace::Wire;

sub wire {
	return {
		marketplace => 'heroku',
		resources_path => '/heroku/resources',
		api_of => \&_api_of,
		user_of => sub { $_[0]{id} },
		headers => { Accept => 'application/vnd.heroku-addons+json; version=3' },
		region_of => sub { "amazon-web-services::$_[0]" },
		key => sub { $_[0] },
		path_has_key => 1,
		again => 200,
		meaning => {
			create => Marketplace::Wire::meaning(create => 200 => 'made', 201 => 'made',
				202 => 'promised', 410 => 'gone'),
			change => Marketplace::Wire::meaning(change => 200 => 'changed', 202 => 'promised',
				404 => 'gone', 410 => 'gone'),
			remove => Marketplace::Wire::meaning(remove =>
				map { $_ => 'removed' } 200, 204, 404, 410),
		},
		reason => 'message',
		create => \&_create,
		change => sub { { plan => $_[0] } },
		sign_on => {
			fields => \&_fields, token => 'user_scoped_resource_token',
			max_age => 300, unit => 1, method => 'POST', refused => 403,
			origin => 'https://addons-sso.heroku.com',
		},
		api => 'Marketplace::PlatformApi',
		has_grants => 1,
	};
}

sub _api_of {
	my ($manifest) = @_;
	my $api = $manifest->{api} // {};

	die "api.version is not \"3\"\n" unless ($api->{version} // '') eq '3';
	return $api;
}

sub _create {
	my ($market, $resource) = @_;
	my $origin = $market->origin // 'https://api.heroku.com';

	return {
		callback_url => "$origin/addons/$resource->{uuid}",
		(map { $_ => $resource->{ $_ eq 'plan' ? 'first_plan' : $_ } } qw(name plan region options uuid)),
		_log_members($market, $resource),
	};
}

sub _log_members {
	my ($market, $resource) = @_;
	my ($requires, $books) = ($market->{manifest}{requires}, $market->{books});
	my %members;

	if ($requires->{log_input} && $market->{server}) {
		$resource->{log_token} = $books->secret('log token' => 't.' . $market->uuid);
		$members{log_input_url} = $market->origin
			=~ s{\Ahttps://}{https://token:$resource->{log_token}@}r . "/logs/$resource->{uuid}";
	}
	$members{log_drain_token} = $books->secret('drain token' => 'd.' . $market->uuid)
		if $requires->{syslog_drain};
	return %members;
}

sub _fields {
	my ($resource, $salt, $timestamp) = @_;
	my ($id, $user) = @$resource{qw(uuid user)};
	my $provider_id = $resource->{provider_id} // $id;

	return (
		id => $provider_id,
		resource_id => $id,
		timestamp => $timestamp,
		token => sha1_hex("$provider_id:$salt:$timestamp"),
		resource_token => sha1_hex("$id:$salt:$timestamp"),
		user_scoped_resource_token =>
			sha256_hex("$id:$salt:$timestamp:$user->{id}:$user->{email}"),
		'nav-data' => encode_base64url(json({ appname => $resource->{app} })),
		email => $user->{email},
		user_id => $user->{id},
		app => $resource->{app},
		context_app => $resource->{app},
	);
}

1;
