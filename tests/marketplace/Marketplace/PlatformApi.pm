package Marketplace::PlatformApi;

# The marketplace's own endpoints: tokens, Platform API, log input, and pages that sign
# a browser on.
#
#	GET    /addons  /addons/ID  /addons/ID/config  /apps/NAME
#	PATCH  /addons/ID/config
#	POST   /addons/ID/actions/provision  .../deprovision
#	POST   /oauth/token
#	GET    /vendor/resources/ID/oauth-grant	with the manifest's id and password
#	POST   /logs/ID				log_input_url
#	GET    /				links to the sign-on pages
#	GET    /apps/APP/addons/NAME/sign-on	a form that posts itself

use strict;
use warnings;

use Digest::SHA 'sha256_hex';
use POSIX 'strftime';
use Time::HiRes 'time';

use Marketplace::ApiResponses qw(json_answer refuse);
use Marketplace::HttpMessage qw(basic form_of object_of unescape);
use Marketplace::LogInput;
use Marketplace::Paging 'page_of';
use Marketplace::SignOnForm;

use constant { LONGEST_BURST => 3, REFILL => 75 / 60, MESSAGES => 20 };

# Method, path, function and required credentials: a "bearer" token, a "form" with a
# code or token, or "anybody".
my @routes = (
	[ GET => qr{/addons}, \&_list, 'bearer' ],
	[ GET => qr{/addons/([^/]+)}, \&_show, 'bearer' ],
	[ GET => qr{/addons/([^/]+)/config}, \&_show_config, 'bearer' ],
	[ PATCH => qr{/addons/([^/]+)/config}, \&_patch_config, 'bearer' ],
	[ POST => qr{/addons/([^/]+)/actions/provision}, \&_provision, 'bearer' ],
	[ POST => qr{/addons/([^/]+)/actions/deprovision}, \&_deprovision, 'bearer' ],
	[ GET => qr{/apps/([^/]+)}, \&_show_app, 'bearer' ],
	[ POST => qr{/oauth/token}, \&_token, 'form' ],
	[ GET => qr{/vendor/resources/([^/]+)/oauth-grant}, \&_new_grant, 'anybody' ],
	[ POST => qr{/logs/([^/]+)}, \&_log, 'anybody' ],
	[ GET => qr{/}, \&_index, 'anybody' ],
	[ GET => qr{/apps/[^/]+/addons/([^/]+)/sign-on}, \&_sign_on_page, 'anybody' ],
);

# market
sub new {
	my ($class, %self) = @_;

	return bless \%self, $class;
}

# --- a call -----------------------------------------------------------------

# Called by the server.  It answers now, later or not at all.
sub answer {
	my ($self, $request, $reply) = @_;
	my $market = $self->{market};
	my ($route, $id, $is_path) = $self->_route($request);
	my $caller = $route ? $self->caller_of($route, $request, $id) : undef;
	my $fault = $caller ? $self->_fault($caller, $route->[3]) : '';

	$market->{books}->count("api: $request->{method} " . _shape($request->{path}));
	my $answer = $self->_refusal_of($request, $route, $is_path, $caller, $fault)
		// $route->[2]->($self, $request, $id, $caller, $fault eq 'lost');

	$self->_add_headers($request, $answer, $caller);
	return $reply->() if $fault eq 'lost';
	return $reply->($answer) if $fault ne 'delay';
	$market->{loop}->after($market->{limit} * 1.1, sub { $reply->($answer) });
	return;
}

sub routes { return @routes }

sub _route {
	my ($self, $request) = @_;
	my @here = grep { $request->{path} =~ /\A$_->[1]\z/ } $self->routes;
	my ($route) = grep { $_->[0] eq $request->{method} } @here;
	my ($id) = $route ? $request->{path} =~ /\A$route->[1]\z/ : ();

	return ($route, unescape($id // ''), scalar @here);
}

sub _shape {
	my ($path) = @_;

	return $path =~ s{[0-9a-f]{8}-[0-9a-f-]{27}}{ID}gr;
}

sub _token_of {
	my ($request) = @_;

	return ($request->{headers}{authorization} // '') =~ /\ABearer (\S+)\z/ ? $1 : undef;
}

sub revoke { return $_[0]{market}{oauth}->revoke(_token_of($_[1])) }

# The body of a request for tokens.
sub token_form { return form_of($_[1]{body}) }

# The resource whose credentials the call has, if any.
sub caller_of {
	my ($self, $route, $request) = @_;
	my $oauth = $self->{market}{oauth};

	return $oauth->bearer(_token_of($request)) if $route->[3] eq 'bearer';
	return $oauth->owner($self->token_form($request)) if $route->[3] eq 'form';
	return;
}

# The fault of this call.  Some faults hit several calls in a row.
sub _fault {
	my ($self, $resource, $kind) = @_;
	my $market = $self->{market};
	my $burst = $resource->{burst};
	my $number = ++$resource->{api_calls};

	return $burst->{fault} if $burst && $burst->{rest}-- > 0;
	my $fault = $market->{faults}->drawn($resource->{random}, 'api', $number);

	# Two revoked tokens in a row would never let a call succeed.
	$fault = '' if $fault eq 'revoke' && ($kind ne 'bearer' || ($resource->{last_fault} // '') eq $fault);
	$market->{books}->count("fault: api $fault") if $fault;
	$resource->{burst} = { fault => $fault,
		rest => $resource->{random}->whole(0, LONGEST_BURST - 1, 'burst', $number) }
		if $fault eq 'error' || $fault eq 'throttle';
	$resource->{last_fault} = $fault;
	return $fault;
}

# The refusal of a call, or nothing.
sub _refusal_of {
	my ($self, $request, $route, $is_path, $caller, $fault) = @_;

	return refuse($is_path ? 405 : 404, message => 'The path or method does not exist.') unless $route;
	return refuse(503, 'Retry-After' => 1) if $self->_is_away && $route->[3] ne 'anybody';
	return _error($caller) if $fault eq 'error';
	return refuse(429, $caller->{api_calls} % 2 ? ('Retry-After' => 1) : ()) if $fault eq 'throttle';
	return $self->refusal_of_caller($route, $request, $caller, $fault);
}

sub refusal_of_caller {
	my ($self, $route, $request, $caller, $fault) = @_;

	return unless $route->[3] eq 'bearer';
	if ($fault eq 'revoke') {
		$self->revoke($request);
		return refuse(401);
	}
	return refuse(401) unless $caller;
	return refuse(429) unless $self->_has_tokens($caller);
	return if ($request->{headers}{accept} // '') =~ m{\Aapplication/vnd\.heroku\+json; *version=3\b};
	$self->{market}{books}->finding('no-version', $caller, _shape($request->{path}));
	return refuse(406);
}

# The gateway in front of the API responds with HTML.
sub _error {
	my ($resource) = @_;
	my $number = $resource->{api_calls} % 3;

	return refuse(500) if $number == 0;
	return refuse(503, 'Retry-After' => 1) if $number == 1;
	return { status => 502, headers => { 'Content-Type' => 'text/html' },
		body => '<html><h1>Bad Gateway</h1></html>' };
}

sub _is_away {
	my ($self) = @_;
	my ($from, $seconds) = @{ $self->{market}{options}{away} // return 0 };
	my $now = time - $self->{market}{books}{began};

	return $now >= $from && $now < $from + $seconds;
}

# A token bucket.
sub _has_tokens {
	my ($self, $resource) = @_;
	my $most = $self->{market}{options}{rate_limit};
	my $bucket = $resource->{bucket} //= { at => time, rest => $most };
	my $now = time;

	$bucket->{rest} += ($now - $bucket->{at}) * REFILL;
	$bucket->{rest} = $most if $bucket->{rest} > $most;
	$bucket->{at} = $now;
	return 0 if $bucket->{rest} < 1;
	$bucket->{rest}--;
	return 1;
}

sub _add_headers {
	my ($self, $request, $answer, $caller) = @_;
	my $headers = $answer->{headers};

	$headers->{'Request-Id'} = $self->{market}->uuid;
	$headers->{'RateLimit-Remaining'} = int $caller->{bucket}{rest} if $caller && $caller->{bucket};
	return unless $request->{method} eq 'GET' && $answer->{status} == 200;
	$headers->{ETag} = '"' . substr(sha256_hex($answer->{body}), 0, 32) . '"';
	@$answer{qw(status body)} = (304, '')
		if ($request->{headers}{'if-none-match'} // '') eq $headers->{ETag};
	return;
}

# --- add-ons ----------------------------------------------------------------

# The add-on of an id or name, if the caller may see it; else a refusal.
sub _own {
	my ($self, $id, $caller, $call) = @_;
	my $resource = $self->{market}{books}->resource($id)
		// (grep { $_->{name} eq $id } $caller)[0] // return (undef, refuse(404));

	if ($resource != $caller) {
		$self->{market}{books}->finding('foreign', $resource, "$call by $caller->{uuid}");
		return (undef, refuse(403));
	}
	return ($resource, $resource->is_called($call) ? undef : _gone($resource, $call));
}

# Refuses some changes because of the add-on's state.
sub _gone {
	my ($resource, $call) = @_;

	return refuse($call !~ /\AGET/ && $resource->{random}->is(0.3, 'gone') ? 422 : 404);
}

sub _describe {
	my ($self, $resource) = @_;
	my $id = $self->{market}{manifest}{id};

	return {
		actions => [],
		addon_service => { id => $self->{market}{service}, name => $id },
		app => { id => $resource->{app_id}, name => $resource->{app} },
		config_vars => [ sort keys %{ $resource->{config} } ],
		created_at => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $resource->{at}{asked}),
		id => $resource->{uuid},
		name => $resource->{name},
		plan => { id => undef, name => "$id:$resource->{plan}" },
		provider_id => $resource->{provider_id} // '',
		state => $resource->{state} eq 'asked' ? 'provisioning' : $resource->{state},
		web_url => undef,
	};
}

sub _page {
	my ($self, $request, $field, @items) = @_;
	my $page = page_of($request->{headers}{range}, $field,
		$self->{market}{options}{page_size}, @items) // return refuse(416);

	return json_answer($page->{status}, $page->{items}, %{ $page->{headers} });
}

sub _list {
	my ($self, $request, undef, $caller) = @_;
	my @seen = $caller->is_here ? $self->_describe($caller) : ();

	return $self->_page($request, id => @seen);
}

sub _show {
	my ($self, $request, $id, $caller) = @_;
	my ($resource, $refusal) = $self->_own($id, $caller, 'GET');

	return $refusal // json_answer(200, $self->_describe($resource));
}

sub _show_app {
	my ($self, $request, $name, $caller) = @_;

	return refuse(404) if $name ne $caller->{app} && $name ne $caller->{app_id};
	return json_answer(200, { id => $caller->{app_id}, name => $caller->{app},
		owner => $caller->{user}, region => { name => $caller->{region} } });
}

sub _complete {
	my ($self, $id, $caller, $call, $method) = @_;
	my ($resource, $refusal) = $self->_own($id, $caller, $call);

	return $refusal if $refusal;
	my $is_repeat = $resource->{completed_by} && $resource->{completed_by} eq $call
		&& $resource->{random}->is(0.5, 'lenient');

	return refuse(422, message => "The add-on is $resource->{state} already.")
		unless $resource->$method || $is_repeat;
	$resource->{completed_by} = $call;
	return json_answer(200, $self->_describe($resource));
}

sub _provision { return $_[0]->_complete(@_[ 2, 3 ], 'actions/provision', 'completes') }
sub _deprovision { return $_[0]->_complete(@_[ 2, 3 ], 'actions/deprovision', 'fails') }

# --- config -----------------------------------------------------------------

sub _show_config {
	my ($self, $request, $id, $caller) = @_;
	my ($resource, $refusal) = $self->_own($id, $caller, 'GET config');

	return $refusal // $self->_page($request, name => $resource->config_list);
}

sub _patch_config {
	my ($self, $request, $id, $caller) = @_;
	my ($resource, $refusal) = $self->_own($id, $caller, 'PATCH config');

	return $refusal if $refusal;
	my $list = (object_of($request->{body}) // return refuse(400))->{config};

	return refuse(422, message => 'config must be an array of names and values.')
		if ref $list ne 'ARRAY' || grep { ref ne 'HASH' || !defined $_->{name} || ref $_->{value} } @$list;
	my %config = map { $_->{name} => $_->{value} } @$list;

	my @unknown = $resource->undeclared(\%config, 'PATCH');

	return refuse(422, message => "$unknown[0] is not in the manifest.") if @unknown;
	$resource->tell_config(\%config, 'PATCH');
	return json_answer(200, [ $resource->config_list ]);
}

# --- tokens and logs --------------------------------------------------------

sub _token {
	my ($self, $request, undef, undef, $is_lost) = @_;

	return $self->{market}{oauth}->answer($is_lost, form_of($request->{body}));
}

# A new grant for a resource whose first one was lost.
sub _new_grant {
	my ($self, $request, $id) = @_;
	my $market = $self->{market};
	my $resource = $market->{books}->resource($id);

	return refuse(401) if ($request->{headers}{authorization} // '') ne $market->{manifest}{authorization};
	return refuse(404) unless $resource && $resource->is_here && !$market->{options}{no_new_grants};
	return json_answer(200, { oauth_grant => $market->{oauth}->grant($resource, 'again ' . ++$resource->{grants}) });
}

sub _log {
	my ($self, $request, $id) = @_;
	my $books = $self->{market}{books};
	my $resource = $books->resource($id) // return refuse(404);
	my $type = $request->{headers}{'content-type'} // '';

	return refuse(401) if ($request->{headers}{authorization} // '')
		ne basic('token:' . ($resource->{log_token} // ''));
	my ($fault, @messages) = Marketplace::LogInput::read_frames($request->{body});

	$fault = "type $type" if $type !~ m{\Aapplication/logplex-1\b};
	$books->count('log frames', scalar @messages);
	splice @{ $resource->{log} }, MESSAGES if push(@{ $resource->{log} }, @messages) > MESSAGES;
	return { status => 204, headers => {} } unless $fault;
	$books->finding('log-frame', $resource, $fault);
	return refuse(400, message => $fault);
}

# --- pages ------------------------------------------------------------------

sub _html {
	my ($text) = @_;

	return { status => 200, headers => { 'Content-Type' => 'text/html; charset=utf-8' }, body => $text };
}

sub _index {
	my ($self) = @_;

	return _html(join "\n", '<!doctype html><title>Add-ons</title><ul>',
		(map { qq(<li><a href="/apps/$_->{app}/addons/$_->{uuid}/sign-on">$_->{name}</a> $_->{state}) }
			grep { $_->is_billed } $self->{market}{books}->resources), '</ul>');
}

sub _sign_on_page {
	my ($self, $request, $id) = @_;
	my $market = $self->{market};
	my $resource = $market->{books}->resource($id) // return refuse(404);

	return _html(Marketplace::SignOnForm::page($market,
		Marketplace::SignOnForm::fields($market, $resource, 'valid', 'page')));
}

1;
