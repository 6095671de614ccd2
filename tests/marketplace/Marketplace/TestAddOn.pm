package Marketplace::TestAddOn;

# An add-on that tests the simulator: a correct one, or one with a single violation of
# the contract.  It sells folders, and its table is a file of JSON lines.
#
#	my $vendor = Marketplace::TestAddOn->new(folder => ..., bad => 'doubled');
#	fork ... $vendor->run;
#
# With is_slow it responds 202, exchanges the grant, sends the config with PATCH and
# completes the create with a call.  The violations are the arguments of is_bad() below.

use strict;
use warnings;

use Digest::SHA 'sha256_hex';

use Marketplace::HttpsClient;
use Marketplace::HttpMessage qw(basic form form_of json object_of);
use Marketplace::EventLoop;
use Marketplace::HttpsServer;

use constant { PAUSE => 0.1, LONG => 3, SALT => 'salt of a test', SECRET => 'the client secret of a test' };

# folder, limit => seconds, is_slow, bad, platform_ca
sub new {
	my ($class, %self) = @_;
	my $self = bless { bad => '', resources => {}, loop => Marketplace::EventLoop->new, %self }, $class;

	mkdir "$self->{folder}/things";
	$self->{certificate} = "$self->{folder}/vendor.pem";
	Marketplace::HttpsServer::make_certificate($self->{certificate}, "$self->{certificate}.key");
	$self->{server} = Marketplace::HttpsServer->new(loop => $self->{loop}, port => 0,
		certificate => $self->{certificate}, key => "$self->{certificate}.key",
		answer => sub { $self->_answer(@_) });
	$self->_write("$self->{folder}/secret", SECRET . "\n");
	$self->_write($self->manifest, json({
		id => 'thing',
		api => {
			version => '3', password => 'password of a test', sso_salt => SALT,
			config_vars => [ 'THING_URL', 'THING_TOKEN' ], requires => ['log_input'],
			production => { base_url => $self->{server}->origin . '/heroku/resources',
				sso_url => $self->{server}->origin . '/sso' },
		},
	}));
	return $self;
}

sub manifest { return "$_[0]{folder}/addon-manifest.json" }
sub certificate { return $_[0]{certificate} }
sub secret { return "$_[0]{folder}/secret" }
sub things { return "$_[0]{folder}/things" }

sub run {
	my ($self) = @_;

	$self->{loop}->run;
	return;
}

sub rows {
	my ($self) = @_;

	open my $file, '<:raw', "$self->{folder}/rows" or return;
	return map { object_of($_) } <$file>;
}

sub is_bad {
	my ($self, $word) = @_;

	return $self->{bad} eq $word;
}

sub _write {
	my ($self, $path, $text) = @_;

	open my $file, '>:raw', "$path.new" or die "$path: $!\n";
	print {$file} $text;
	close $file or die "$path: $!\n";
	rename "$path.new", $path or die "$path: $!\n";
	return;
}

# --- table and folders ------------------------------------------------------

sub _keep {
	my ($self) = @_;

	$self->_write("$self->{folder}/rows", join '', map { json({
		uuid => $_->{uuid}, provider_id => $_->{id}, plan => $_->{plan}, state => $_->{state},
	}) . "\n" } values %{ $self->{resources} });
	return;
}

sub _make_thing {
	my ($self, $resource, $suffix) = @_;
	my $folder = $self->things . "/$resource->{id}" . ($suffix // '');

	mkdir $folder;
	$self->_write("$folder/config.json", json($resource->{config}));
	return;
}

sub _remove_thing {
	my ($self, $resource) = @_;
	my $folder = $self->things . "/$resource->{id}";

	unlink "$folder/config.json";
	rmdir $folder;
	return;
}

sub _set_plan {
	my ($self, $resource, $plan) = @_;

	$resource->{plan} = $plan;
	$resource->{config} = { THING_URL => "https://thing.example/$resource->{uuid}/$plan",
		THING_TOKEN => "secret of $resource->{uuid}" };
	$self->_make_thing($resource);
	return;
}

# --- responses --------------------------------------------------------------

sub _say {
	my ($status, $value) = @_;
	my $body = $status == 204 ? '' : json($value // { message => 'No.' });

	return { status => $status, headers => { 'Content-Type' => 'application/json' }, body => $body };
}

my %methods = (POST => '_create', PUT => '_change', DELETE => '_remove');

sub _answer {
	my ($self, $request, $reply) = @_;
	my ($uuid) = $request->{path} =~ m{\A/heroku/resources(?:/([^/]+))?\z};
	my $method = $methods{ $request->{method} };
	my $body = object_of($request->{body}) // {};
	my $resource = $self->{resources}{ $uuid // $body->{uuid} // '' };

	return $reply->(_say($self->_sign_on(form_of($request->{body})))) if $request->{path} eq '/sso';
	return $reply->(_say(404)) unless $method && $request->{path} =~ m{\A/heroku};
	my $answer = $self->$method($resource, $body, $uuid);

	$self->_keep;
	return $reply->($answer) unless $self->is_bad('late') && !$self->{was_late}++;
	$self->{loop}->after($self->{limit} * 1.5, sub { $reply->($answer) });
	return;
}

sub _sign_on {
	my ($self, %form) = @_;
	my $resource = $self->{resources}{ $form{resource_id} };
	my $token = sha256_hex(join ':', $form{resource_id}, SALT, @form{qw(timestamp user_id email)});
	my $age = time - $form{timestamp};

	return 303 if $self->is_bad('lets in');
	return 403 if $token ne $form{user_scoped_resource_token} || $age > 300 || $age < -60;
	return 404 if !$resource || $resource->{state} eq 'deprovisioned' || $self->is_bad('keeps out');
	return 303;
}

sub _create {
	my ($self, $resource, $body) = @_;

	return $self->_repeat($resource) if $resource
		&& !($resource->{state} eq 'deprovisioned' && $self->is_bad('revived'));
	my $uuid = $body->{uuid};

	$resource = $self->{resources}{$uuid} = { uuid => $uuid, id => $uuid, state => 'provisioned',
		map { $_ => $body->{$_} } qw(oauth_grant callback_url log_input_url options) };
	$self->_set_plan($resource, $body->{plan});
	$resource->{state} = 'provisioning' if $self->{is_slow};
	$self->_begin_talk($resource) unless $self->is_bad('revived');
	return $self->_promise_or_tell($resource);
}

sub _promise_or_tell {
	my ($self, $resource) = @_;

	return _say(202, { id => $resource->{id}, message => 'Soon.' })
		if $resource->{state} eq 'provisioning';
	my %config = %{ $resource->{config} };

	$config{THING_OTHER} = 'x' if $self->is_bad('undeclared');
	return _say(200, { id => $resource->{id}, config => \%config, message => 'Here.' });
}

sub _repeat {
	my ($self, $resource) = @_;

	return _say(410) if $resource->{state} eq 'deprovisioned' || $self->is_bad('lost');
	if ($self->is_bad('doubled')) {
		$self->_make_thing($resource, '.1');
		return _say(200, { id => "$resource->{id}.1", config => $resource->{config} });
	}
	$resource->{config}{THING_TOKEN} .= ' again' if $self->is_bad('differing');
	return _say(503) if $self->is_bad('deaf');
	return _say(500) if $self->is_bad('broken') && !$resource->{was_broken}++;
	return $self->_promise_or_tell($resource);
}

sub _change {
	my ($self, $resource, $body) = @_;

	return _say(404) unless $resource;
	return _say(410) if $resource->{state} eq 'deprovisioned';
	return _say(422) if $resource->{state} eq 'provisioning';
	my $next = $resource->{next_plan};

	return $body->{plan} eq $next ? _say(202, { message => 'Soon.' }) : _say(422) if defined $next;
	return $self->_promise_change($resource, $body->{plan})
		if $self->{is_slow} && $resource->{options}{slow} && $body->{plan} ne $resource->{plan};
	$self->_set_plan($resource, $body->{plan});
	return _say(200, { config => $resource->{config} });
}

# A plan change that takes as long as the option says, and ends with its config.
sub _promise_change {
	my ($self, $resource, $plan) = @_;

	$resource->{next_plan} = $plan;
	$self->{loop}->after($resource->{options}{slow}, sub {
		return if $resource->{state} eq 'deprovisioned';
		delete $resource->{next_plan};
		$self->_set_plan($resource, $plan);
		$self->_keep;
		my $config = $resource->{config};

		$self->_call($resource, PATCH => '/config',
			{ config => [ map { { name => $_, value => $config->{$_} } } sort keys %$config ] })
			unless $self->is_bad('unchanged');
	});
	return _say(202, { message => 'Soon.' });
}

sub _remove {
	my ($self, $resource, undef, $uuid) = @_;
	my $was = $resource ? $resource->{state} : '';

	# The create may still arrive.
	$resource = $self->{resources}{$uuid} //= { uuid => $uuid, id => $uuid };
	$resource->{state} = 'deprovisioned';
	$self->_remove_thing($resource) unless $self->is_bad('orphaned');
	$self->{loop}->after(LONG, sub { $self->_call($resource, POST => '/actions/provision') })
		if $self->is_bad('after-deprovision');
	return _say($was eq '' || $was eq 'deprovisioned' ? 410 : 204);
}

# --- calls ------------------------------------------------------------------

sub _begin_talk {
	my ($self, $resource) = @_;
	my $grant = $resource->{oauth_grant} // return;
	my $pause = $self->is_bad('code-expired') ? LONG : 0;

	$self->{loop}->after($pause, sub {
		$self->_ask_for_token($resource, { grant_type => 'authorization_code', code => $grant->{code} },
			sub { $self->_talk($resource) });
	});
	return;
}

# The calls for a resource once it has a token, one after another.
sub _talk {
	my ($self, $resource) = @_;

	return unless defined $resource->{refresh};
	my %config = %{ $resource->{config} };
	my $old = $resource->{refresh};
	my %refresh = (grant_type => 'refresh_token');
	my @steps = (
		sub { $self->_log($resource, @_) },
		$self->is_bad('code-reused') ? sub { $self->_ask_for_token($resource,
			{ grant_type => 'authorization_code', code => $resource->{oauth_grant}{code} }, @_) } : (),
		$self->is_bad('old-refresh') ? (
			sub { $self->_ask_for_token($resource, { %refresh, refresh_token => $old }, @_) },
			sub { $self->_call($resource, GET => '', undef, @_) },
			sub { $self->_ask_for_token($resource, { %refresh, refresh_token => $old }, @_) },
		) : (),
		$self->is_bad('patch-undeclared') ? sub { $self->_call($resource, PATCH => '/config',
			{ config => [ { name => 'THING_OTHER', value => 'x' } ] }, @_) } : (),
		$self->{is_slow} && !$self->is_bad('unfinished') ? (
			sub { $self->_call($resource, PATCH => '/config',
				{ config => [ map { { name => $_, value => $config{$_} } } sort keys %config ] }, @_) },
			sub { $self->_call($resource, POST => '/actions/provision', undef, @_) },
			sub {
				$resource->{state} = 'provisioned' if $resource->{state} eq 'provisioning';
				$self->_keep;
			},
		) : (),
	);

	_one_by_one(@steps);
	return;
}

sub _one_by_one {
	my ($first, @rest) = @_;

	$first->(sub { _one_by_one(@rest) }) if $first;
	return;
}

sub _send {
	my ($self, $resource, $request, $done) = @_;
	my ($origin) = $resource->{callback_url} =~ m{\A(https://[^/]+)};

	$self->{client} //= Marketplace::HttpsClient->new(loop => $self->{loop}, origin => $origin,
		ca => $self->{platform_ca});
	$self->{client}->send($request, limit => 5 * $self->{limit}, done => $done);
	return;
}

sub _ask_for_token {
	my ($self, $resource, $form, $then) = @_;

	$self->_send($resource, {
		method => 'POST', path => '/oauth/token', body => form(%$form, client_secret => SECRET),
		headers => { 'Content-Type' => 'application/x-www-form-urlencoded' },
	}, sub {
		my ($answer) = @_;
		my $token = object_of($answer->{body}) // {};

		@$resource{qw(access refresh)} = @$token{qw(access_token refresh_token)}
			if $answer->{status} == 200;
		# A refused grant cannot be used again; other failures are retried.
		return $then->() if $answer->{status} == 200 || $self->{bad};
		$self->{loop}->after(PAUSE, sub { $self->_ask_for_token($resource, $form, $then) })
			unless $answer->{status} == 401;
	});
	return;
}

# Repeats a call, with a new token after a 401, until it succeeds or the resource is
# removed.
sub _call {
	my ($self, $resource, $method, $path, $body, $then) = @_;
	my $again = sub { $self->_call($resource, $method, $path, $body, $then) };

	return if !defined $resource->{access} || $resource->{state} eq 'deprovisioned' && !$self->{bad};
	$self->_send($resource, {
		method => $method, path => "/addons/$resource->{uuid}$path",
		body => $body ? json($body) : undef,
		headers => { Accept => 'application/vnd.heroku+json; version=3',
			Authorization => "Bearer $resource->{access}" },
	}, sub {
		my $status = $_[0]{status};

		return $self->_ask_for_token($resource, { grant_type => 'refresh_token',
			refresh_token => $resource->{refresh} }, $again) if $status == 401 && !$self->{bad};
		return $self->{loop}->after(PAUSE, $again)
			if $status == 0 || $status == 429 || $status >= 500;
		$then->() if $then && $status != 404;
	});
	return;
}

sub _log {
	my ($self, $resource, $then) = @_;
	my ($login, $path) = ($resource->{log_input_url} // '') =~ m{\Ahttps://([^@]+)@[^/]+(/.*)\z}
		or return $then->();
	my @frames = map { "<190>1 2026-01-01T00:00:00Z thing app web - - $_" } 'one', "tw\xc3\xb6";

	$self->_send($resource, {
		method => 'POST', path => $path,
		body => join('', map { (length($_) + ($self->is_bad('log-frame') ? 1 : 0)) . " $_" } @frames),
		headers => { 'Content-Type' => 'application/logplex-1', Authorization => basic($login) },
	}, sub { $then->() });
	return;
}

1;
