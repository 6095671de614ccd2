package Marketplace::ProviderApi;

# The API of a marketplace that an add-on calls with its own user and password.
#
#	GET  PATH	all resources
#	GET  PATH/ID	one, with its config
#	PUT  PATH/ID	{"config":{...}}; or PATCH
#
# The wire has path and method.
# A resource is there once the add-on's response to its create has arrived.

use strict;
use warnings;

use parent 'Marketplace::PlatformApi';

use Marketplace::ApiResponses qw(json_answer refuse);
use Marketplace::HttpMessage 'object_of';

sub routes {
	my ($self) = @_;
	my ($path, $method) = @{ $self->{market}{wire} }{qw(api_path config_method)};

	return (
		[ GET => qr{$path}, \&_list, 'basic' ],
		[ GET => qr{$path/([^/]+)}, \&_show, 'basic' ],
		[ $method => qr{$path/([^/]+)}, \&_write_config, 'basic' ],
	);
}

# A call about a resource has that resource's faults.
sub caller_of {
	my ($self, $route, $request, $id) = @_;
	my $books = $self->{market}{books};

	return $books->resource($id) unless $self->{market}{wire}{names_app};
	return (grep { $_->{app_id} eq $id } $books->resources)[0];
}

sub refusal_of_caller {
	my ($self, $route, $request) = @_;
	my $is_right = ($request->{headers}{authorization} // '') eq $self->{market}{manifest}{authorization};

	return $is_right ? undef : refuse(401);
}

sub _own {
	my ($self, $resource, $call) = @_;

	return $resource && $resource->is_called($call) && $resource->{state} ne 'asked' ? undef : refuse(404);
}

sub _describe {
	my ($self, $resource) = @_;

	return {
		provider_id => $self->{market}{manifest}{id},
		addon_id => $resource->{uuid},
		callback_url => $resource->{wish}{callback_url},
		plan => $resource->{plan},
		owner_id => $resource->{wish}{owner_id},
	};
}

sub _list {
	my ($self) = @_;

	return json_answer(200, [ map { $self->_describe($_) }
		grep { $_->{state} eq 'provisioned' } $self->{market}{books}->resources ]);
}

sub _show {
	my ($self, $request, $id, $resource) = @_;

	return $self->_own($resource, 'GET') // json_answer(200, $self->_with_config($resource));
}

sub _with_config {
	my ($self, $resource) = @_;

	return { id => $resource->{uuid}, name => $resource->{name}, config => { %{ $resource->{config} } },
		region => $resource->{region}, owner_email => $resource->{user}{email}, domains => [] };
}

sub _write_config {
	my ($self, $request, $id, $resource) = @_;
	my $refusal = $self->_own($resource, 'PUT config');

	return $refusal if $refusal;
	my $config = (object_of($request->{body}) // {})->{config};

	return refuse(400) if ref $config ne 'HASH' || grep { ref } values %$config;
	return refuse(422, message => 'A name is not in the manifest.') if $resource->undeclared($config, 'PUT');
	$resource->tell_config($config, 'PATCH');
	return json_answer(200, $self->_with_config($resource));
}

1;
