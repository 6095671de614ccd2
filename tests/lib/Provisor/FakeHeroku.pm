package Provisor::FakeHeroku;

# Heroku's token endpoint and Platform API, for tests of single cases.  The simulator
# in tests/marketplace/ implements more of it.
#
#	my $heroku = Provisor::FakeHeroku->new($host);	# before the host starts
#	$heroku->behave('unavailable');
#	$heroku->has_resources($uuid => { state => 'deprovisioned' });
#	$heroku->use_certificate(days => [ -9, -1 ]);	# an expired one
#	$heroku->calls;		# "POST /addons/ID/actions/provision", ...

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../marketplace";

use JSON::PP ();
use POSIX 'strftime';
use Time::HiRes 'sleep';

use Marketplace::Paging 'page_of';
use Provisor::CertificateAuthority;
use Provisor::HttpsServer;
use Provisor::Files qw(read_text write_text);
use Provisor::Test ();

sub _respond {
	my ($socket, $status, $body, @headers) = @_;
	my ($type, $text) = ref $body ? ('application/json', JSON::PP::encode_json($body))
		: ('text/html', $body);

	push @headers, _date(0) unless grep { /\ADate:/ } @headers;
	print $socket join "\r\n", "HTTP/1.1 $status Reason", "Content-Type: $type",
		'Content-Length: ' . length $text, @headers, '', $text;
	return 1;
}

# The header of a clock that is this many seconds ahead of ours.
sub _date {
	my ($ahead) = @_;

	return strftime('Date: %a, %d %b %Y %H:%M:%S GMT', gmtime(time + $ahead));
}

# The API rejects requests, and its clock differs.
sub _tells_time {
	my ($ahead) = @_;

	return sub { _respond($_[0], 401, { id => 'unauthorized', message => 'No.' }, _date($ahead)) };
}

my $tokens = 0;

sub _token {
	my ($socket, $request) = @_;

	$tokens = "$$-" . ++$tokens;
	return _respond($socket, 200, { access_token => "access-$tokens", expires_in => 28_799,
		refresh_token => "refresh-$tokens", token_type => 'Bearer' });
}

# Every request succeeds, except the exchange of a code of expired_grant().
sub _succeed {
	my ($socket, $request, %addon) = @_;

	return _respond($socket, 400, { id => 'invalid_grant', message => 'Expired.' })
		if ($request->{body} // '') =~ /\bcode=expired-/;
	return _token($socket, $request) if $request->{target} eq '/oauth/token';
	return _respond($socket, 200, []) if $request->{target} =~ m{/config\z|\A/addons\z};
	return _respond($socket, 200, { oauth_grant => grant() }) if $request->{target} =~ m{/oauth-grant\z};
	return _respond($socket, 200, { state => 'provisioned', %addon });
}

# The kind of a request.
sub _kind_of {
	my ($request) = @_;

	return 'log' if $request->{target} =~ m{\A/logs/};
	return 'new grant' if $request->{target} =~ m{/oauth-grant\z};
	return 'api' if $request->{target} ne '/oauth/token';
	return $request->{body} =~ /grant_type=refresh_token/ ? 'refresh' : 'exchange';
}

# Every request succeeds, except requests of these kinds.
sub _except {
	my (%instead) = @_;

	return sub { ($instead{ _kind_of($_[1]) } // \&_succeed)->(@_) };
}

my $unavailable = sub { _respond($_[0], 503, { id => 'unavailable', message => 'Unavailable.' }) };
my $invalid_grant = sub { _respond($_[0], 400, { id => 'invalid_grant', message => 'Used.' }) };
my $forbidden = sub { _respond($_[0], 403, { id => 'forbidden', message => 'Not you.' }) };
my $foreign_404 = sub { _respond($_[0], 404, '<html><h1>404 Not Found</h1></html>') };
my $unauthorized = sub { _respond($_[0], 401, { id => 'unauthorized', message => 'No.' }) };
my $not_found = sub { _respond($_[0], 404, { id => 'not_found', message => 'No such add-on.' }) };
my $unprocessable = sub { _respond($_[0], 422, { id => 'invalid_params', message => 'No.' }) };

# Requests for tokens succeed; all others get this response.
sub _tokens_only {
	my ($answer) = @_;

	return _except(map { $_ => $answer } 'api', 'new grant', 'log');
}

# Retry-After is a day.
sub _tomorrow {
	my ($status) = @_;

	return sub { _respond($_[0], $status, {}, 'Retry-After: 86400') };
}

# Rejects the actions "provision" and "deprovision".
sub _rejects_actions {
	my (%addon) = @_;

	return sub {
		my ($socket, $request) = @_;

		return _respond($socket, 422, { id => 'invalid_params', message => 'It is.' })
			if $request->{target} =~ m{/actions/};
		return _succeed($socket, $request, %addon);
	};
}

our @collaborators = map { { id => "c$_", role => $_ == 2 ? undef : 'member',
	user => { email => "$_\@example.com" } } } 1 .. 5;

# Every add-on belongs to the app my-app, whose collaborators are listed in pages of two.
sub _app {
	my ($socket, $request) = @_;
	my ($method, $path) = @$request{qw(method target)};

	return _succeed(@_, app => { id => 'my-app', name => 'acme' }) if $path !~ m{\A/apps/};
	return _respond($socket, 200, { id => 'my-app', owner => { email => 'owner@example.com' } })
		if $path eq '/apps/my-app';
	return _respond($socket, 201, JSON::PP::decode_json($request->{body})) if $method eq 'POST';
	return _respond($socket, 404, { id => 'not_found', message => "Couldn't find that path." })
		if $path ne '/apps/my-app/collaborators';
	my $page = page_of($request->{headers}{range}, 'id', 2, @collaborators, { id => 'c0', role => 'owner',
		user => { email => 'owner@example.com' } });
	return _respond($socket, $page->{status}, $page->{items},
		map { "$_: $page->{headers}{$_}" } sort keys %{ $page->{headers} });
}

my %behaviours = (
	'has-app' => \&_app,
	# The same, but only with a token that was refreshed.
	'has-app-refreshed' => sub {
		my ($socket, $request) = @_;

		return _respond($socket, 200, { access_token => 'trusted', expires_in => 28_799,
			refresh_token => 'refresh-it' }) if $request->{target} eq '/oauth/token';
		return _respond($socket, 401, { id => 'unauthorized', message => 'No.' })
			if $request->{headers}{authorization} ne 'Bearer trusted';
		return _app(@_);
	},
	# The same as has-app, but the second request of a connection comes too soon.
	'has-app-later' => do {
		my $requests = 0;
		sub {
			return _app(@_) if ++$requests != 2;
			return _respond($_[0], 429, { id => 'rate_limit', message => 'Slow down.' }, 'Retry-After: 1');
		};
	},
	'has-app-tomorrow' => _except(api => _tomorrow(429)),
	succeeds => \&_succeed,
	# An app of Clever Cloud or Scalingo, whose config var has another value.
	'other-marketplace' => sub { _respond($_[0], 200, { id => 'app', name => 'acme',
		config => { FAST_DB_URL => 'https://theirs.example' } }) },
	# Clever Cloud has the resource addon_7 with another plan, and one that we lack.
	'clever-cloud' => sub {
		my ($socket, $request) = @_;
		my ($socket_of, $target) = ($socket, $request->{target});

		return _respond($socket_of, 200, [ map { { provider_id => 'fast-db', callback_url => 'https://x',
			owner_id => 'orga_1', addon_id => $_->[0], plan => $_->[1] } }
			['addon_7', 'premium'], ['addon_8', 'basic'], ['addon_9', 'basic'] ]) if $target eq '/v2/vendor/apps';
		return _respond($socket_of, 200, { id => 'app', config => { FAST_DB_URL => 'https://new.example' } });
	},
	# The app has values for these config vars already.
	'has-config' => sub {
		my ($socket, $request) = @_;

		return _succeed(@_) unless $request->{method} eq 'GET' && $request->{target} =~ m{/config\z};
		return _respond($socket, 200, [ map { { name => $_, value => 'there' } }
			qw(FAST_DB_URL FAST_DB_TOKEN FOREIGN) ]);
	},
	(map { ("ahead by $_ s" => _tells_time($_)) } -600, -270, -45, 0, 45, 600),
	'no date' => sub { _respond($_[0], 200, [], 'Date: yesterday') },
	unavailable => $unavailable,
	'hides-list' => sub { $_[1]{target} eq '/addons' ? $forbidden->(@_) : _succeed(@_) },
	gone => _tokens_only($not_found),
	unprocessable => _tokens_only($unprocessable),
	unauthorized => _tokens_only($unauthorized),
	forbidden => _tokens_only($forbidden),
	# A gateway in front of the API responds 404 with its own page.
	'foreign-404' => _tokens_only($foreign_404),
	# Accepts no token of an exchange, only one that was refreshed.
	'accepts-only-refreshed' => sub {
		my ($socket, $request) = @_;
		my $is_token = $request->{target} eq '/oauth/token';

		return _succeed(@_) if $is_token && $request->{body} =~ /grant_type=authorization_code/;
		return _respond($socket, 200, { access_token => 'trusted', expires_in => 28_799,
			refresh_token => 'refresh-it' }) if $is_token;
		return _succeed(@_) if $request->{headers}{authorization} eq 'Bearer trusted';
		return $unauthorized->(@_);
	},
	'unauthorized-without-refresh' => _except(api => $unauthorized, refresh => $unavailable),
	# Refreshes a token, and is unavailable for the new one.
	'refreshes-then-unavailable' => sub {
		my ($socket, $request) = @_;
		my $token = $request->{headers}{authorization} // '';

		return _respond($socket, 200, { access_token => 'unused', refresh_token => 'refresh-unused' })
			if $request->{target} eq '/oauth/token';
		return _respond($socket, 503, { id => 'unavailable', message => 'Unavailable.' }) if $token eq 'Bearer unused';
		return _respond($socket, 401, { id => 'unauthorized', message => 'No.' });
	},
	# Does not know the tokens of that behaviour.
	'forgets-refresh-token' => sub {
		my ($socket, $request) = @_;
		my $is_unused = ($request->{headers}{authorization} // '') =~ /unused/;

		return _respond($socket, 400, { id => 'invalid_grant', message => 'Unknown.' })
			if $request->{body} =~ /refresh-unused/;
		return _respond($socket, 401, { id => 'unauthorized', message => 'No.' }) if $is_unused;
		return _succeed(@_);
	},
	'rejects-actions' => _rejects_actions(),
	deprovisioned => _rejects_actions(state => 'deprovisioned'),
	# Retry-After is an hour.
	'rate-limited' => sub {
		my ($socket, $request) = @_;

		return _respond($socket, 429, { id => 'rate_limit', message => 'Slow down.' }, 'Retry-After: 3600');
	},
	# Rejects the first request of each connection.
	'rate-limited-once' => do {
		my $has_waited;
		sub {
			return _succeed(@_) if $has_waited++;
			return _respond($_[0], 429, { id => 'rate_limit', message => 'Slow down.' }, 'Retry-After: 1');
		};
	},
	'log-rate-limited' => _except(log => _tomorrow(429)),
	'log-unavailable' => _except(log => _tomorrow(503)),
	'used-code' => $invalid_grant,
	'codes-refused' => _except(exchange => $invalid_grant, 'new grant' => $not_found),
	'codes-unauthorized' => _except(exchange => $unauthorized, 'new grant' => $not_found),
	'no-grants' => _except('new grant' => $forbidden),
	# The response to config vars is lost.
	'loses-push' => sub { $_[1]{method} eq 'PATCH' ? 0 : _succeed(@_) },
	# The response to a refresh is lost.
	'loses-refresh' => _except(refresh => sub { return 0 }),
	'refresh-refused' => _except(refresh => $invalid_grant),
	'refresh-unauthorized' => _except(refresh => $unauthorized),
	# As for a resource that is gone.
	revoked => _except(api => $unauthorized, refresh => $unauthorized, 'new grant' => $not_found),
	'refresh-and-grants-refused' => _except(refresh => $invalid_grant, 'new grant' => $forbidden),
);

# Waits until the test removes the file.
sub _wait {
	my ($file) = @_;

	sleep 0.05 while -e $file;
	return;
}

# The resources of has_resources() that have an addon_service, in pages of two.
sub _list {
	my ($views, $socket, $request) = @_;
	my @addons = map { { id => $_, state => 'provisioned', %{ $views->{$_} } } }
		grep { $views->{$_}{addon_service} } keys %$views;
	my $range = ($request->{headers}{range} // 'id ..') =~ s/max=\d+/max=2/r;
	my $page = page_of($range, 'id', 2, @addons)
		or return _respond($socket, 416, { id => 'requested_range_not_satisfiable', message => 'No.' });

	return _respond($socket, $page->{status}, $page->{items},
		map { "$_: $page->{headers}{$_}" } sort keys %{ $page->{headers} });
}

# Responds as has_resources() says.
sub _resources {
	my ($path, $socket, $request) = @_;

	return _list(JSON::PP::decode_json(read_text($path)), $socket, $request)
		if "$request->{method} $request->{target}" eq 'GET /addons';
	my ($uuid, $what) = $request->{target} =~ m{\A/(?:addons|vendor/resources)/([^/]+)(?:/(config|oauth-grant))?\z};
	my $view = $uuid && $request->{method} eq 'GET' && JSON::PP::decode_json(read_text($path))->{$uuid};
	my $is_grant = ($what // '') eq 'oauth-grant';

	return _respond($socket, 403, { id => 'forbidden', message => 'No.' }) if $is_grant && $view && $view->{no_grant};
	return _succeed($socket, $request) if !$view || $is_grant;
	return _respond($socket, $view->{status}, { id => 'not_found', message => 'No.' }) if $view->{status};
	return _respond($socket, 200, $view->{config} // []) if $what;
	return _respond($socket, 200, { state => 'provisioned', %$view });
}

sub new {
	my ($class, $host) = @_;
	my $views = $host->home . '/heroku-resources';

	mkdir $host->home . '/authority';
	my $authority = Provisor::CertificateAuthority->new($host->home . '/authority');
	my $self = bless {
		authority => $authority,
		server => Provisor::HttpsServer->new($host->home . '/heroku',
			$authority->issue('heroku'),
			behaviours => { %behaviours, 'has-resources' => sub { _resources($views, @_) },
				# These two wait while the file "held" exists.
				waits => sub { _wait($host->home . '/held'); _succeed(@_) },
				'waits-then-forbidden' => sub {
					_wait($host->home . '/held') unless $_[1]{target} eq '/oauth/token';
					$behaviours{forbidden}->(@_);
				} }),
		views => $views,
		secret_file => $host->home . '/client-secret',
	}, $class;
	my $url = 'https://localhost:' . $self->{server}->port;

	$host->{env} = {
		%{ $host->{env} },
		PROVISOR_PLATFORM_URL => $url,
		PROVISOR_TOKEN_URL => "$url/oauth/token",
		PROVISOR_PLATFORM_CA => $authority->file,
		PROVISOR_LOG_INPUT_HOSTS => $url =~ s{https://}{}r,
	};
	return $self;
}

# The settings of an add-on that may call it; more members may be given.
sub settings {
	my ($self, %more) = @_;

	write_text($self->{secret_file}, "the-client-secret\n");
	chmod 0600, $self->{secret_file};
	return (settings => { client_secret_file => $self->{secret_file}, %more });
}

# The codes that were sent for an exchange since behave().
sub codes {
	my ($self) = @_;

	return map { ($_->{body} // '') =~ /(?:\A|&)code=([^&]*)/ ? $1 : () } $self->requests;
}

sub behave {
	my ($self, $behaviour) = @_;

	return $self->{server}->behave($behaviour);
}

# From now on it returns these resources: uuid => { plan => { name => ... }, state =>
# ..., config => [ ... ], no_grant => 1, or status => 404 }; any other one is
# provisioned.  The list contains those with an addon_service.
sub has_resources {
	my ($self, %views) = @_;

	write_text($self->{views}, JSON::PP::encode_json(\%views));
	return $self->behave('has-resources');
}

# Replaces its certificate by one with these options of CertificateAuthority.
sub use_certificate {
	my ($self, %what) = @_;

	return $self->{authority}->issue('heroku', %what);
}

# Method and path of each request since behave().  With a uuid only those of a resource,
# without requests for tokens.
sub calls {
	my ($self, $uuid) = @_;

	return grep { !defined $uuid || /\Q$uuid\E/ }
		map { "$_->{method} $_->{target}" } $self->{server}->requests;
}

sub requests { return $_[0]{server}->requests }

# The URL of a customer's log, as a member of a create.
sub log_input {
	my ($self, $uuid) = @_;

	return (log_input_url => 'https://token:t.' . Provisor::Test::uuid() . '@localhost:'
		. $self->{server}->port . "/logs/$uuid");
}

# The config vars that were sent to it since behave(), an object for each request.
sub pushes {
	my ($self, $uuid) = @_;

	return map { +{ map { $_->{name} => $_->{value} } @{ JSON::PP::decode_json($_->{body})->{config} } } }
		grep { $_->{method} eq 'PATCH' && $_->{target} =~ m{\A/addons/\Q$uuid\E/config\z} }
		$self->requests;
}

# An OAuth grant, as a member of a create.
# A grant whose code the marketplace does not accept any more.
sub expired_grant {
	return grant(code => 'expired-' . Provisor::Test::uuid(), @_);
}

sub grant {
	my (%members) = @_;
	my @then = gmtime time + 300;

	return {
		code => Provisor::Test::uuid(),
		type => 'authorization_code',
		expires_at => sprintf('%04d-%02d-%02dT%02d:%02d:%02d-0000',
			$then[5] + 1900, $then[4] + 1, @then[3, 2, 1, 0]),
		%members,
	};
}

1;
