package Provisor::VerifyProvider;

# A provider of Heroku's add-on partner API, in memory, on a loopback port without TLS.
# It is correct, or it has exactly one fault, which has the name of the check that must
# report it.
#
#	my $provider = Provisor::VerifyProvider->new(version => '3', manifest => $manifest,
#		fault => 'replay.id');
#	$provider->url;		# http://127.0.0.1:PORT/heroku/resources
#	$provider->sso_url;	# http://127.0.0.1:PORT/sso/login
#	$provider->resources;	# the ids of those that are provisioned
#	$provider->stop;
#	Provisor::VerifyProvider::faults('3');
#
# With promises => 1 and the client_secret of the marketplace, it responds to a create with
# 202.  It sells the plans basic and premium.  Of the manifest it uses the id, and of its "api"
# the password, the sso_salt and the config_vars.

use strict;
use warnings;

use Encode 'encode_utf8';
use IO::Socket::IP;
use JSON::PP ();
use MIME::Base64 'decode_base64';
use Time::HiRes 'time';

use parent -norequire, map { "Provisor::VerifyProvider::$_" } qw(Connections Promise SignOn);

use Provisor::ChildProcess;
use Provisor::HttpClient;
use Provisor::Test ();
use Provisor::VerifyProvider::Connections;
use Provisor::VerifyProvider::Promise;
use Provisor::VerifyProvider::SignOn;

use constant {
	RACE => 0.1,               # seconds between look-up and storing, with concurrent.create
	RESOURCES => '/heroku/resources',
};

my @faults = qw(
	credentials.post credentials.put credentials.delete credentials.user
	credentials.password credentials.empty credentials.case credentials.effect
	credentials.status
	body.json body.object body.plan body.key body.unknown body.large
	create.status create.id create.config create.names create.values create.type create.plan
	replay.status replay.id replay.config
	concurrent.create contradiction.plan
	plan.change plan.id plan.same plan.unknown plan.missing plan.body
	delete.status delete.repeat delete.unknown delete.create delete.plan delete.late
	refusal.json refusal.message method.get
	sign-on.valid sign-on.forged sign-on.old sign-on.future sign-on.missing
	sign-on.timestamp sign-on.other sign-on.weaker sign-on.email sign-on.gone sign-on.get
	sign-on.cookie
	time.slow time.hang length.lie flood
);
my %only_v3 = map { $_ => 1 } qw(body.key delete.repeat delete.create delete.late
	sign-on.weaker sign-on.email);

my %plans = map { $_ => 1 } qw(basic premium);
my %members = map { $_ => 1 } qw(callback_url heroku_id log_drain_token log_input_url
	logplex_token name oauth_grant options plan region uuid);
my $hex = qr/[0-9a-f]/i;
my $uuid = qr/\A$hex{8}(?:-$hex{4}){3}-$hex{12}\z/;
my $json = JSON::PP->new->utf8->canonical->allow_nonref;

# The faults that a version can have.
sub faults {
	my ($version) = @_;

	return grep { $version eq '3' || !$only_v3{$_} } @faults;
}

# delay => the seconds that a create takes with time.slow
sub new {
	my ($class, %given) = @_;
	my $self = bless { fault => '', delay => 26, %given, owner => $$ }, $class;

	$self->{fault} //= '';
	die "unknown version\n" unless ($self->{version} // '') =~ /\A[13]\z/;
	die "unknown fault: $self->{fault}\n"
		unless grep { $_ eq $self->{fault} } '', faults($self->{version}), Provisor::VerifyProvider::Promise::faults();
	$self->{listener} = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 100)
		or die "cannot listen: $!\n";
	$self->{port} = $self->{listener}->sockport;
	$self->{child} = Provisor::ChildProcess->start(sub { $self->_serve });
	close delete $self->{listener};
	return $self;
}

sub port { return $_[0]{port} }
sub origin { return "http://127.0.0.1:$_[0]{port}" }
sub url { return $_[0]->origin . RESOURCES }
sub sso_url { return $_[0]->origin . '/sso/login' }

# The sorted ids of the resources that are provisioned, or were when it stopped.
sub resources {
	my ($self) = @_;

	$self->{last_resources} = $self->_ask_resources if $self->{child};
	return @{ $self->{last_resources} };
}

sub _ask_resources {
	my ($self) = @_;
	my $response = Provisor::HttpClient->new(plain => $self->{port})
		->request(method => 'GET', path => '/.state');

	return $json->decode($response->{body})->{resources};
}

sub stop {
	my ($self) = @_;

	return unless $self->{child};
	$self->resources;
	$self->_end;
	return;
}

sub _end {
	my ($self) = @_;
	my $child = delete $self->{child} or return;

	$child->stop('KILL');
	return;
}

sub DESTROY {
	my ($self) = @_;

	local ($?, $!, $@);
	# Another process of the test may have a copy.
	$self->_end if $self->{owner} == $$;
	return;
}

# --- responses --------------------------------------------------------------

sub _answer {
	my ($status, $value, %more) = @_;

	return { status => $status, type => 'application/json', body => $json->encode($value),
		%more };
}

sub _no_content {
	return { status => 204 };
}

sub _refuse {
	my ($self, $status, $sentence, @headers) = @_;
	my $response = _answer($status, { message => $sentence }, headers => \@headers);

	@$response{qw(type body)} = ('text/plain', $sentence) if $self->_has('refusal.json');
	$response->{body} = $json->encode({ error => $sentence }) if $self->_has('refusal.message');
	return $response;
}

sub _refuse_method {
	my ($self, @allowed) = @_;

	return $self->_refuse(405, 'This method is not allowed here.',
		'Allow: ' . join ', ', @allowed);
}

# Whether the provider has this fault.
sub _has {
	my ($self, $fault) = @_;

	return $self->{fault} eq $fault;
}

# --- the API ----------------------------------------------------------------

sub _handle {
	my ($self, $request) = @_;
	my $path = $request->{path};

	return $self->_handle_resource($request, undef) if $path eq RESOURCES;
	return $self->_handle_resource($request, Provisor::VerifyProvider::SignOn::decode($1))
		if $path =~ m{\A${\RESOURCES}/([^/]+)\z};
	return $self->_handle_sign_on($request) if $path eq '/sso/login';
	return $self->_dashboard($request) if $path eq '/dashboard';
	return _answer(200, { resources => [ $self->_provisioned ] }) if $path eq '/.state';
	return $self->_refuse(404, 'There is nothing at this path.');
}

sub _provisioned {
	my ($self) = @_;

	return map { $_->{id} } grep { !$_->{is_gone} }
		map { $self->{by_id}{$_} } sort keys %{ $self->{by_id} };
}

# The id is undef for the path of all resources.
sub _handle_resource {
	my ($self, $request, $id) = @_;
	my $method = $request->{method};

	return $self->_refuse_credentials($request, $id) unless $self->_is_authorized($request);
	return $self->_refuse(500, 'The provider failed.')
		if $method eq 'GET' && $self->_has('method.get');
	return $self->_refuse_method(defined $id ? qw(PUT DELETE) : 'POST')
		unless $method =~ (defined $id ? qr/\A(?:PUT|DELETE)\z/ : qr/\APOST\z/);
	return $self->_refuse_large if $request->{is_large};
	return $self->_handle_create($request) if $method eq 'POST';
	return $method eq 'PUT' ? $self->_change_plan($request, $id) : $self->_delete($id);
}

sub _refuse_large {
	my ($self) = @_;

	return { is_cut => 1 } if $self->_has('body.large');
	return $self->_refuse(413, 'The body is larger than 256 KiB.');
}

sub _is_authorized {
	my ($self, $request) = @_;

	return 1 if $self->_has('credentials.' . lc $request->{method});
	my ($encoded) = ($request->{headers}{authorization} // '') =~ /\ABasic +(\S+)\z/i
		or return 0;
	my ($name, $password) = split /:/, decode_base64($encoded), 2;

	return 0 unless defined $password;
	return 0 unless $self->_has('credentials.user')
		|| $name eq encode_utf8($self->{manifest}{id});
	return $self->_is_password($password);
}

sub _is_password {
	my ($self, $password) = @_;
	my $right = encode_utf8($self->{manifest}{api}{password});

	return $password eq $right || $self->_has('credentials.password')
		|| $self->_has('credentials.empty') && $password eq ''
		|| $self->_has('credentials.case') && lc $password eq lc $right;
}

sub _refuse_credentials {
	my ($self, $request, $id) = @_;

	$self->_handle_create($request) if $self->_has('credentials.effect')
		&& $request->{method} eq 'POST' && !defined $id && !$request->{is_large};
	return $self->_refuse($self->_has('credentials.status') ? 403 : 401,
		'The credentials are wrong.', 'WWW-Authenticate: Basic realm="add-on"');
}

# Returns the body, or undef and a refusal.
sub _read_body {
	my ($self, $request) = @_;
	my $body = eval { $json->decode($request->{body}) };
	my $is_create = $request->{method} eq 'POST';
	# With body.plan, there is no refusal that could have another status.
	my ($status, $sentence, $fault) =
		$@ ? (400, 'The body is not valid JSON.', 'body.json')
		: ref $body ne 'HASH' ? (422, 'The body is not an object.', 'body.object')
		: $self->_is_plan_missing($body, $is_create) ? (422, 'The plan is missing.', 'none')
		: return $body;

	$fault = 'plan.body' unless $is_create;
	return (undef, $self->_refuse($self->_has($fault) ? 500 : $status, $sentence));
}

sub _is_text {
	my ($value) = @_;

	return defined $value && !ref $value && length $value
		&& $json->encode($value) =~ /\A"/;
}

sub _is_plan_missing {
	my ($self, $body, $is_create) = @_;

	return 0 if $is_create && $self->_has('body.plan') && !exists $body->{plan};
	return !_is_text($body->{plan});
}

sub _handle_create {
	my ($self, $request) = @_;
	my ($body, $refusal) = $self->_read_body($request);

	$refusal //= $self->_refuse_members($body);
	return $refusal if $refusal;
	return { is_silent => 1 } if $self->_has('time.hang');
	return $self->_create_in_race($body) if $self->_has('concurrent.create');
	my $response = $self->_create($body);

	return $response unless $self->_has('time.slow');
	return { later => $self->{delay}, then => sub { $response } };
}

# Returns a refusal of a create, or undef.
sub _refuse_members {
	my ($self, $body) = @_;
	my $key = $self->{version} eq '3' ? 'uuid' : 'heroku_id';

	return $self->_refuse($self->_has('body.key') ? 500 : 422, "The $key is missing.")
		unless _is_text($body->{$key});
	return $self->_refuse(422, 'The uuid is not valid.')
		if defined $body->{uuid} && (!_is_text($body->{uuid}) || $body->{uuid} !~ $uuid);
	return $self->_refuse(422, 'A member is unknown.')
		if $self->_has('body.unknown') && grep { !$members{$_} } keys %$body;
	return undef;
}

# Version 1 knows an app by its heroku_id, and in later years the resource by its uuid.
sub _key_of {
	my ($body) = @_;

	return $body->{uuid} // $body->{heroku_id};
}

sub _create {
	my ($self, $body) = @_;
	my $key = _key_of($body);
	my $plan = $body->{plan} // 'basic';
	my $resource = $self->{by_key}{$key};
	my $is_old = $resource && !$resource->{is_gone};

	return $self->_repeat($resource, $plan) if $is_old;
	return $self->_refuse(410, 'The resource was removed.') if $self->_is_removed($key);
	return $self->_refuse(422, 'There is no such plan.')
		unless $plans{$plan} || $self->_has('create.plan');
	my $made = $self->_store($key, $plan);

	return $self->{promises} ? $self->_promise($body, $made) : $self->_created($made);
}

# A resource of version 1 can be made again, with another id.
sub _is_removed {
	my ($self, $key) = @_;

	return 0 if $self->{version} eq '1';
	return $self->{tombstones}{$key}
		|| $self->{by_key}{$key} && !$self->_has('delete.create');
}

sub _new_id {
	my ($self) = @_;

	return $self->{version} eq '3' ? Provisor::Test::uuid() : '' . ++$self->{number};
}

sub _store {
	my ($self, $key, $plan) = @_;
	my $other = $self->{by_id}{$key};
	my $id = $self->{version} eq '3' && (!$other || $other->{is_gone}) ? $key : $self->_new_id;
	my $resource = { id => $id, plan => $plan };

	$self->{by_id}{$id} = $resource;
	$self->{by_key}{$key} = $resource
		if !$self->{by_key}{$key} || $self->{by_key}{$key}{is_gone};
	return $resource;
}

# Stores a resource without looking whether another create has stored one meanwhile.
sub _create_in_race {
	my ($self, $body) = @_;
	my ($key, $plan) = (_key_of($body), $body->{plan});

	return $self->_create($body)
		if $self->{by_key}{$key} || $self->{tombstones}{$key} || !$plans{$plan};
	return { later => RACE, then => sub { $self->_created($self->_store($key, $plan)) } };
}

sub _repeat {
	my ($self, $resource, $plan) = @_;

	return $self->_refuse(422, 'The resource has another plan.')
		unless $plan eq $resource->{plan} || $self->_has('contradiction.plan');
	return $self->_refuse(422, 'The resource exists.') if $self->_has('replay.status');
	my $id = $self->_has('replay.id') || $self->_has('promise.repeat') ? $self->_new_id : $resource->{id};
	return $self->_promised($id) if $self->{promises};
	my $config = $self->_config($resource);

	$config->{ $self->_first_name } .= '/' . ++$self->{repeats} if $self->_has('replay.config');
	return $self->_created($resource, id => $id, config => $config);
}

# The response to a create, with other members if given.
sub _created {
	my ($self, $resource, %other) = @_;
	my $body = { id => $resource->{id}, config => $self->_config($resource),
		message => 'The resource is ready.', %other };

	return _no_content() if $self->_has('create.status');
	delete $body->{id} if $self->_has('create.id');
	$body->{config} = $self->_wrong_config($body->{config});
	my $response = _answer(200, $body);

	$response->{type} = 'text/html' if $self->_has('create.type');
	$response->{extra_length} = 100 if $self->_has('length.lie');
	# JSON may end with white space.
	$response->{is_endless} = 1 if $self->_has('flood');
	return $response;
}

sub _first_name {
	my ($self) = @_;

	return $self->{manifest}{api}{config_vars}[0];
}

sub _config {
	my ($self, $resource) = @_;

	return { $self->_first_name => "https://$resource->{id}.example/$resource->{plan}" };
}

sub _wrong_config {
	my ($self, $config) = @_;
	my $name = $self->_first_name;

	return [ { name => $name, value => $config->{$name} } ] if $self->_has('create.config');
	return { %$config, "${name}_UNDECLARED" => 'value' } if $self->_has('create.names');
	return { %$config, $name => 4711 } if $self->_has('create.values');
	return $config;
}

# Version 1 has the provider's id in the path; a uuid is understood, too.
sub _find {
	my ($self, $id) = @_;

	return $self->{by_id}{$id} // $self->{by_key}{$id};
}

sub _change_plan {
	my ($self, $request, $id) = @_;
	my ($body, $refusal) = $self->_read_body($request);

	return $refusal if $refusal;
	my $resource = $self->_find($id);
	my $plan = $body->{plan};

	return $self->_refuse_change($id, $plan) unless $resource;
	return $self->_refuse(410, 'The resource was removed.')
		if $resource->{is_gone} && !$self->_has('delete.plan');
	return $self->_refuse(422, 'There is no such plan.')
		unless $plans{$plan} || $self->_has('plan.unknown');
	return $self->_refuse(422, 'The resource has this plan.')
		if $plan eq $resource->{plan} && $self->_has('plan.same');
	return $self->_refuse(500, 'The provider failed.')
		if $plan ne $resource->{plan} && $self->_has('plan.change');
	$resource->{plan} = $plan;
	return $self->_changed($resource, $self->_has('plan.id') ? (id => $self->_new_id) : ());
}

sub _changed {
	my ($self, $resource, %more) = @_;

	return _answer(200, { config => $self->_config($resource),
		message => "The resource has the plan $resource->{plan}.", %more });
}

# The response for a resource that never was.
sub _refuse_change {
	my ($self, $id, $plan) = @_;

	return $self->_changed({ id => $id, plan => $plan }) if $self->_has('plan.missing');
	return $self->_refuse(410, 'The resource was removed.') if $self->{tombstones}{$id};
	return $self->_refuse(404, 'There is no such resource.');
}

sub _delete {
	my ($self, $id) = @_;
	my $resource = $self->_find($id) or return $self->_delete_unknown($id);
	my $was_gone = $resource->{is_gone};

	return $self->_refuse(409, 'The resource is being created.')
		if $resource->{is_pending} && $self->_has('promise.delete');
	$resource->{is_gone} = 1;
	return $self->_refuse(410, 'The resource was removed.')
		if $was_gone && !$self->_has('delete.repeat');
	return $self->_refuse(500, 'The provider failed.') if $self->_has('delete.status');
	return $self->_deleted;
}

sub _deleted {
	my ($self) = @_;

	return $self->{version} eq '3' ? _no_content()
		: _answer(200, { message => 'The resource was removed.' });
}

# The create that belongs to a delete may arrive after it.  Version 1 cannot know it.
sub _delete_unknown {
	my ($self, $id) = @_;
	my $is_v3 = $self->{version} eq '3';

	$self->{tombstones}{$id} = 1 if $is_v3 && !$self->_has('delete.late');
	return $self->_deleted if $self->_has('delete.unknown');
	return $self->_refuse($is_v3 ? (410, 'The resource was removed.')
		: (404, 'There is no such resource.'));
}

1;
