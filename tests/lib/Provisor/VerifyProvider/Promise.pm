package Provisor::VerifyProvider::Promise;

# What a VerifyProvider does after it has promised a resource with 202: it exchanges the
# grant, sets config vars and marks the resource as provisioned.  The marketplace is at
# the address of the callback_url.  A class with the methods _has(), which says whether
# the provider has a fault, _later(), and _config() inherits it.

use strict;
use warnings;

use IO::Socket::IP;
use JSON::PP ();
use Time::HiRes 'sleep';

use Provisor::ChildProcess;
use Provisor::HttpClient;

use constant {
	DELAY => 0.2, # seconds from the response to the first call
	PAUSE => 0.3, # seconds before a call is repeated
	TRIES => 10,
};

my $json = JSON::PP->new->utf8->canonical;

# The faults that only a provider has that promises.
sub faults {
	return map { "promise.$_" } qw(grant secret once version token body order end expired busy repeat delete);
}

# The response to a create; what it promises is done later.
sub _promise {
	my ($self, $body, $resource) = @_;

	$resource->{is_pending} = 1;
	$self->_later(DELAY, sub { $self->_keep_promise($body, $resource) });
	return $self->_promised($resource->{id});
}

sub _promised {
	my ($self, $id) = @_;

	return { status => 202, type => 'application/json',
		body => $json->encode({ id => $id, message => 'The resource is being created.' }) };
}

# A process of its own calls the marketplace, so that requests are served meanwhile.
sub _keep_promise {
	my ($self, $body, $resource) = @_;
	my $parent = $$;

	delete $resource->{is_pending};
	return if $resource->{is_gone};
	local $SIG{CHLD} = 'IGNORE';
	my $pid = fork // die "fork: $!\n";

	return if $pid;
	Provisor::ChildProcess::end_with($parent);
	$self->_complete($body, $self->_config($resource));
	exit 0;
}

sub _complete {
	my ($self, $body, $config) = @_;
	my ($port, $path) = $body->{callback_url} =~ m{\Ahttp://127\.0\.0\.1:(\d+)(/.*)\z} or return;
	my $calls = { port => $port, path => $path, grant => $body->{oauth_grant}{code} };
	my @steps = ([ PATCH => '/config', { config => [ map { { name => $_, value => $config->{$_} } } sort keys %$config ] } ],
		[ POST => '/actions/provision' ]);

	return if $self->_has('promise.grant');
	$self->_exchange($calls) or return;
	$self->_call_wrongly($calls, $config);
	@steps = reverse @steps if $self->_has('promise.order');
	pop @steps if $self->_has('promise.end');
	for my $step (@steps) {
		$self->_call_until_done($calls, @$step) or return;
	}
	return;
}

sub _exchange {
	my ($self, $calls) = @_;
	my @form = (grant_type => 'authorization_code', code => $calls->{grant});

	_ask_tokens($calls, @form, client_secret => 'wrong') if $self->_has('promise.secret');
	_ask_tokens($calls, @form, client_secret => $self->{client_secret}) or return 0;
	_ask_tokens($calls, @form, client_secret => $self->{client_secret}) if $self->_has('promise.once');
	return 1;
}

sub _ask_tokens {
	my ($calls, %form) = @_;
	my $response = Provisor::HttpClient->new(plain => $calls->{port})->request(method => 'POST',
		path => '/oauth/token', headers => { 'Content-Type' => 'application/x-www-form-urlencoded' },
		body => join '&', map { "$_=$form{$_}" } sort keys %form);

	return 0 unless $response->{status} == 200;
	@$calls{qw(access refresh)} = @{ $json->decode($response->{body}) }{qw(access_token refresh_token)};
	return 1;
}

# One wrong call, which is then made rightly.
sub _call_wrongly {
	my ($self, $calls, $config) = @_;

	_call({ %$calls, accept => 'application/json' }, 'GET', '') if $self->_has('promise.version');
	_call({ %$calls, access => 'wrong' }, 'GET', '') if $self->_has('promise.token');
	_call($calls, 'PATCH', '/config', { config => $config }) if $self->_has('promise.body');
	return;
}

sub _call {
	my ($calls, $method, $path, $body) = @_;

	return Provisor::HttpClient->new(plain => $calls->{port})->request(method => $method,
		path => "$calls->{path}$path",
		headers => { Accept => $calls->{accept} // 'application/vnd.heroku+json; version=3',
			Authorization => "Bearer $calls->{access}",
			$body ? ('Content-Type' => 'application/json') : () },
		$body ? (body => $json->encode($body)) : ())->{status};
}

sub _call_until_done {
	my ($self, $calls, @call) = @_;

	for (1 .. TRIES) {
		my $status = _call($calls, @call);

		return 1 if $status == 200;
		return 0 if $self->_has($status == 401 ? 'promise.expired' : 'promise.busy');
		_ask_tokens($calls, grant_type => 'refresh_token', refresh_token => $calls->{refresh},
			client_secret => $self->{client_secret}) if $status == 401;
		sleep PAUSE if $status != 401;
	}
	return 0;
}

1;
