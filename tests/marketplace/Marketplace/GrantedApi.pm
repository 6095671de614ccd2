package Marketplace::GrantedApi;

# The API of a marketplace that gives grants and can only be told config vars.
#
#	POST   /oauth/token			JSON
#	PATCH  /resources/ID/config		{"config":{...}}

use strict;
use warnings;

use parent 'Marketplace::PlatformApi';

use Marketplace::ApiResponses qw(json_answer refuse);
use Marketplace::HttpMessage 'object_of';

my @routes = (
	[ POST => qr{/oauth/token}, \&_token, 'form' ],
	[ PATCH => qr{/resources/([^/]+)/config}, \&_write_config, 'bearer' ],
);

sub routes { return @routes }

# The body of a request for tokens.
sub token_form { return %{ object_of($_[1]{body}) // {} } }

sub refusal_of_caller {
	my ($self, $route, $request, $caller, $fault) = @_;

	return unless $route->[3] eq 'bearer';
	$self->revoke($request) if $fault eq 'revoke';
	return $caller && $fault ne 'revoke' ? undef : refuse(401);
}

sub _token {
	my ($self, $request, undef, undef, $is_lost) = @_;

	return $self->{market}{oauth}->answer($is_lost, $self->token_form($request));
}

sub _write_config {
	my ($self, $request, $id, $caller) = @_;
	my $resource = $self->{market}{books}->resource($id) // return refuse(404);

	if ($resource != $caller) {
		$self->{market}{books}->finding('foreign', $resource, "PATCH config by $caller->{uuid}");
		return refuse(403);
	}
	return refuse(404) unless $resource->is_called('PATCH config');
	my $config = (object_of($request->{body}) // {})->{config};

	return refuse(400) if ref $config ne 'HASH' || grep { ref } values %$config;
	return refuse(422, message => 'A name is not in the manifest.') if $resource->undeclared($config, 'PATCH');
	$resource->tell_config($config, 'PATCH');
	return json_answer(200, { config => { %{ $resource->{config} } } });
}

1;
