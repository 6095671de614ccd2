package Provisor::FakeHeroku;

# The side of Heroku that provisor calls: tokens and the Platform API, as far as
# one test after the other needs them.  marketplace/ has one that lives by itself.
#
#	my $heroku = Provisor::FakeHeroku->new($host);	# before the host starts
#	$heroku->behave('away');
#	$heroku->tells($uuid => { state => 'deprovisioned' });
#	$heroku->shows(days => [ -9, -1 ]);	# a certificate that has expired
#	$heroku->calls;		# "POST /addons/ID/actions/provision", ...

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../marketplace";

use JSON::PP ();
use Time::HiRes 'sleep';

use Marketplace::Paging 'page_of';
use Provisor::CertificateAuthority;
use Provisor::HttpsServer;
use Provisor::Files qw(read_text write_text);
use Provisor::Test ();

sub _say {
	my ($socket, $status, $body, @headers) = @_;
	my ($type, $text) = ref $body ? ('application/json', JSON::PP::encode_json($body))
		: ('text/html', $body);

	print $socket join "\r\n", "HTTP/1.1 $status Whatever", "Content-Type: $type",
		'Content-Length: ' . length $text, @headers, '', $text;
	return 1;
}

my $tokens = 0;

sub _token {
	my ($socket, $request) = @_;

	$tokens = "$$-" . ++$tokens;
	return _say($socket, 200, { access_token => "access-$tokens", expires_in => 28_799,
		refresh_token => "refresh-$tokens", token_type => 'Bearer' });
}

# What is asked for is done.
sub _good {
	my ($socket, $request, %addon) = @_;

	return _token($socket, $request) if $request->{target} eq '/oauth/token';
	return _say($socket, 200, []) if $request->{target} =~ m{/config\z|\A/addons\z};
	return _say($socket, 200, { oauth_grant => grant() }) if $request->{target} =~ m{/oauth-grant\z};
	return _say($socket, 200, { state => 'provisioned', %addon });
}

# What somebody wants with a request.
sub _matter {
	my ($request) = @_;

	return 'log' if $request->{target} =~ m{\A/logs/};
	return 'new grant' if $request->{target} =~ m{/oauth-grant\z};
	return 'api' if $request->{target} ne '/oauth/token';
	return $request->{body} =~ /grant_type=refresh_token/ ? 'refresh' : 'exchange';
}

# What is asked for is done, but of these matters something else.
sub _but {
	my (%instead) = @_;

	return sub { ($instead{ _matter($_[1]) } // \&_good)->(@_) };
}

my $is_away = sub { _say($_[0], 503, { id => 'unavailable', message => 'Away.' }) };
my $refuses = sub { _say($_[0], 400, { id => 'invalid_grant', message => 'Used.' }) };
my $forbids = sub { _say($_[0], 403, { id => 'forbidden', message => 'Not you.' }) };
my $is_lost = sub { _say($_[0], 404, '<html><h1>404 Not Found</h1></html>') };
my $distrusts = sub { _say($_[0], 401, { id => 'unauthorized', message => 'No.' }) };
my $knows_none = sub { _say($_[0], 404, { id => 'not_found', message => 'No such add-on.' }) };
my $refuses_all = sub { _say($_[0], 422, { id => 'invalid_params', message => 'No.' }) };

# Tokens are given; all else is answered so.
sub _but_tokens {
	my ($answer) = @_;

	return _but(map { $_ => $answer } 'api', 'new grant', 'log');
}

# A day, as far as a log is concerned.
sub _waits {
	my ($status) = @_;

	return sub { _say($_[0], $status, {}, 'Retry-After: 86400') };
}

# It will not be told how it has ended.
sub _wants_no_action {
	my (%addon) = @_;

	return sub {
		my ($socket, $request) = @_;

		return _say($socket, 422, { id => 'invalid_params', message => 'It is.' })
			if $request->{target} =~ m{/actions/};
		return _good($socket, $request, %addon);
	};
}

my %behaviours = (
	good => \&_good,
	# It has values for these already.
	'has-config' => sub {
		my ($socket, $request) = @_;

		return _good(@_) unless $request->{method} eq 'GET' && $request->{target} =~ m{/config\z};
		return _say($socket, 200, [ map { { name => $_, value => 'there' } }
			qw(FAST_DB_URL FAST_DB_TOKEN FOREIGN) ]);
	},
	away => $is_away,
	'lists-nothing' => sub { $_[1]{target} eq '/addons' ? $forbids->(@_) : _good(@_) },
	gone => _but_tokens($knows_none),
	refuses => _but_tokens($refuses_all),
	'trusts-none' => _but_tokens($distrusts),
	# It may not be told, nor asked.
	forbids => _but_tokens($forbids),
	# Something before it does not know the way.
	'is-behind-a-gateway' => _but_tokens($is_lost),
	# Only a token that was refreshed will do.
	distrusts => sub {
		my ($socket, $request) = @_;
		my $is_token = $request->{target} eq '/oauth/token';

		return _good(@_) if $is_token && $request->{body} =~ /grant_type=authorization_code/;
		return _say($socket, 200, { access_token => 'trusted', expires_in => 28_799,
			refresh_token => 'refresh-it' }) if $is_token;
		return _good(@_) if $request->{headers}{authorization} eq 'Bearer trusted';
		return $distrusts->(@_);
	},
	# It does not trust any, and cannot give another now.
	'distrusts-all' => _but(api => $distrusts, refresh => $is_away),
	# It gives another token for the one that it distrusts, and is away then.
	'renews-and-leaves' => sub {
		my ($socket, $request) = @_;
		my $token = $request->{headers}{authorization} // '';

		return _say($socket, 200, { access_token => 'unused', refresh_token => 'refresh-unused' })
			if $request->{target} eq '/oauth/token';
		return _say($socket, 503, { id => 'unavailable', message => 'Away.' }) if $token eq 'Bearer unused';
		return _say($socket, 401, { id => 'unauthorized', message => 'No.' });
	},
	# ... of which it knows nothing any more.
	forgot => sub {
		my ($socket, $request) = @_;
		my $is_unused = ($request->{headers}{authorization} // '') =~ /unused/;

		return _say($socket, 400, { id => 'invalid_grant', message => 'Unknown.' })
			if $request->{body} =~ /refresh-unused/;
		return _say($socket, 401, { id => 'unauthorized', message => 'No.' }) if $is_unused;
		return _good(@_);
	},
	# It has heard that already; and has removed it since.
	knows => _wants_no_action(),
	removed => _wants_no_action(state => 'deprovisioned'),
	busy => sub {
		my ($socket, $request) = @_;

		return _say($socket, 429, { id => 'rate_limit', message => 'Slow down.' }, 'Retry-After: 3600');
	},
	# The first call of each connection comes too soon.
	hurried => do {
		my $has_waited;
		sub {
			return _good(@_) if $has_waited++;
			return _say($_[0], 429, { id => 'rate_limit', message => 'Slow down.' }, 'Retry-After: 1');
		};
	},
	'has-busy-log' => _but(log => _waits(429)),
	'has-log-away' => _but(log => _waits(503)),
	# It comes back in an hour.
	storm => sub {
		return _say($_[0], 429, { id => 'rate_limit', message => 'Slow down.' }, 'Retry-After: 3600');
	},
	'used-code' => $refuses,
	# A code that came with a create is all there is.
	'no-grants' => _but('new grant' => $forbids),
	# The refresh is done, and nobody hears of it.
	'loses-refresh' => _but(refresh => sub { return 0 }),
	# The refresh token was used before.
	strict => _but(refresh => $refuses),
	'cut-off' => _but(refresh => $refuses, 'new grant' => $forbids),
);

# Waits until somebody removes the file.
sub _hold {
	my ($file) = @_;

	sleep 0.05 while -e $file;
	return;
}

# All that was set with tells() and names its service, in pages of two.
sub _list {
	my ($views, $socket, $request) = @_;
	my @addons = map { { id => $_, state => 'provisioned', %{ $views->{$_} } } }
		grep { $views->{$_}{addon_service} } keys %$views;
	my $range = ($request->{headers}{range} // 'id ..') =~ s/max=\d+/max=2/r;
	my $page = page_of($range, 'id', 2, @addons)
		or return _say($socket, 416, { id => 'requested_range_not_satisfiable', message => 'No.' });

	return _say($socket, $page->{status}, $page->{items},
		map { "$_: $page->{headers}{$_}" } sort keys %{ $page->{headers} });
}

# What was set with tells() for the resource that is asked for.
sub _told {
	my ($path, $socket, $request) = @_;

	return _list(JSON::PP::decode_json(read_text($path)), $socket, $request)
		if "$request->{method} $request->{target}" eq 'GET /addons';
	my ($uuid, $what) = $request->{target} =~ m{\A/(?:addons|vendor/resources)/([^/]+)(?:/(config|oauth-grant))?\z};
	my $view = $uuid && $request->{method} eq 'GET' && JSON::PP::decode_json(read_text($path))->{$uuid};
	my $is_grant = ($what // '') eq 'oauth-grant';

	return _say($socket, 403, { id => 'forbidden', message => 'No.' }) if $is_grant && $view && $view->{no_grant};
	return _good($socket, $request) if !$view || $is_grant;
	return _say($socket, $view->{status}, { id => 'not_found', message => 'No.' }) if $view->{status};
	return _say($socket, 200, $view->{config} // []) if $what;
	return _say($socket, 200, { state => 'provisioned', %$view });
}

sub new {
	my ($class, $host) = @_;
	my $told = $host->home . '/heroku-tells';

	mkdir $host->home . '/authority';
	my $authority = Provisor::CertificateAuthority->new($host->home . '/authority');
	my $self = bless {
		authority => $authority,
		server => Provisor::HttpsServer->new($host->home . '/heroku',
			$authority->issue('heroku'),
			behaviours => { %behaviours, tells => sub { _told($told, @_) },
				holds => sub { _hold($host->home . '/held'); _good(@_) },
				# Tokens are given; the rest waits, and is forbidden then.
				'holds-and-forbids' => sub {
					_hold($host->home . '/held') unless $_[1]{target} eq '/oauth/token';
					$behaviours{forbids}->(@_);
				} }),
		told => $told,
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

# What settings.json has for an add-on that may call it.
sub settings {
	my ($self, %more) = @_;

	write_text($self->{secret_file}, "the-client-secret\n");
	chmod 0600, $self->{secret_file};
	return (settings => { client_secret_file => $self->{secret_file}, %more });
}

# The codes that somebody wanted to exchange since behave().
sub codes {
	my ($self) = @_;

	return map { ($_->{body} // '') =~ /(?:\A|&)code=([^&]*)/ ? $1 : () } $self->requests;
}

sub behave {
	my ($self, $behaviour) = @_;

	return $self->{server}->behave($behaviour);
}

# From now on it has these resources so: uuid => { plan => { name => ... }, state => ...,
# config => [ ... ], no_grant => 1, or status => 404 }; others as well. Where it has an
# addon_service it is in the list of all.
sub tells {
	my ($self, %views) = @_;

	write_text($self->{told}, JSON::PP::encode_json(\%views));
	return $self->behave('tells');
}

# Whoever comes from now on is shown a certificate like this, as CertificateAuthority.pm has it.
sub shows {
	my ($self, %what) = @_;

	return $self->{authority}->issue('heroku', %what);
}

# Since behave(); of one resource, if a uuid is given: tokens then are not told.
sub calls {
	my ($self, $uuid) = @_;

	return grep { !defined $uuid || /\Q$uuid\E/ }
		map { "$_->{method} $_->{target}" } $self->{server}->requests;
}

sub requests { return $_[0]{server}->requests }

# Where a customer's log is, as a provision request has it.
sub log_input {
	my ($self, $uuid) = @_;

	return (log_input_url => 'https://token:t.' . Provisor::Test::uuid() . '@localhost:'
		. $self->{server}->port . "/logs/$uuid");
}

# The config vars it was sent since behave(), an object for each time.
sub pushes {
	my ($self, $uuid) = @_;

	return map { +{ map { $_->{name} => $_->{value} } @{ JSON::PP::decode_json($_->{body})->{config} } } }
		grep { $_->{method} eq 'PATCH' && $_->{target} =~ m{\A/addons/\Q$uuid\E/config\z} }
		$self->requests;
}

# An OAuth grant, as a provision request has it.
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
