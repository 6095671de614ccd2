package Provisor::ManifestServer;

# Heroku's API for manifests, by HTTPS on a loopback port.
#
#	my $heroku = Provisor::ManifestServer->new(token => 'a-token',
#		meanwhile => sub { ... });	# during each request; optional
#	$heroku->url;			# https://localhost:PORT
#	$heroku->ca_file;		# its authority
#	$heroku->current('fast-db');	# what it has, or undef
#	$heroku->edit('fast-db', sub { $_[0]{name} = 'Fast' });	# as another vendor would
#	$heroku->fail(503, 'text');	# the next request; 0: no response
#	$heroku->fail(503, 'text', 1);	# the one after it
#	$heroku->requests;		# [ { method, path, headers, body }, ... ]
#
# A push gets a new $base, and is refused unless its $base is the present one.

use strict;
use warnings;

use File::Temp 'tempdir';
use IO::Socket::IP;
use IO::Socket::SSL;
use JSON::PP ();

use Provisor::CertificateAuthority;
use Provisor::ChildProcess;
use Provisor::Files qw(read_text write_text);

my $json = JSON::PP->new->utf8->canonical;

sub new {
	my ($class, %given) = @_;
	my $folder = tempdir('provisor-heroku-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my $authority = Provisor::CertificateAuthority->new($folder);
	my $self = bless { %given, owner => $$, state => "$folder/state", ca_file => $authority->file }, $class;
	my %tls = $authority->issue('heroku');
	my $listener = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 10)
		or die "cannot listen: $!\n";

	$self->_store({ requests => [], failures => [], histories => {}, base => 152951532282013 });
	$self->{port} = $listener->sockport;
	$self->{child} = Provisor::ChildProcess->start(sub {
		$SIG{PIPE} = 'IGNORE';
		while (my $client = $listener->accept) {
			IO::Socket::SSL->start_SSL($client, SSL_server => 1, %tls) and $self->_serve($client);
		}
	});
	close $listener;
	return $self;
}

sub url { return "https://localhost:$_[0]{port}" }
sub ca_file { return $_[0]{ca_file} }
sub requests { return $_[0]->_load->{requests} }

sub current {
	my ($self, $slug) = @_;
	my $history = $self->_load->{histories}{$slug} or return undef;

	return $history->[0]{contents};
}

sub edit {
	my ($self, $slug, $change) = @_;
	my $state = $self->_load;
	my $contents = $json->decode($json->encode($state->{histories}{$slug}[0]{contents}));

	$change->($contents);
	_add($state, $slug, $contents);
	return $self->_store($state);
}

sub fail {
	my ($self, $status, $body, $before) = @_;
	my @failures = ((undef) x ($before // 0), [ $status, $body ]);

	return $self->_store({ %{ $self->_load }, failures => \@failures });
}

sub stop {
	my ($self) = @_;
	my $child = delete $self->{child} or return;

	$child->stop('KILL');
	return;
}

sub DESTROY {
	my ($self) = @_;

	local ($?, $!, $@);
	$self->stop if $self->{owner} == $$;
	return;
}

# --- state, which the test and the server share -------------------------------

sub _load { return $json->decode(read_text($_[0]{state})) }

sub _store {
	my ($self, $state) = @_;

	write_text($self->{state}, $json->encode($state));
	return;
}

sub _add {
	my ($state, $slug, $contents) = @_;

	$contents->{'$base'} = ++$state->{base};
	unshift @{ $state->{histories}{$slug} },
		{ id => "manifest-$state->{base}", created_at => '2026-11-30T12:00:00Z', contents => $contents };
	return;
}

# --- requests -----------------------------------------------------------------

sub _read {
	my ($client) = @_;
	my ($method, $path) = split ' ', <$client> // return;
	my (%headers, $body);

	while ((<$client> // return) =~ /\A(.*?):\s*(.*?)\r\n\z/) { $headers{ lc $1 } = $2 }
	read $client, $body, $headers{'content-length'} if $headers{'content-length'};
	return { method => $method, path => $path, headers => \%headers, body => $body };
}

sub _serve {
	my ($self, $client) = @_;
	my $request = _read($client) or return;
	my $state = $self->_load;

	$self->{meanwhile}->() if $self->{meanwhile};
	push @{ $state->{requests} }, $request;
	my $failure = shift @{ $state->{failures} };
	my ($status, $body) = $failure ? @$failure : $self->_answer($state, $request);

	$self->_store($state);
	return unless $status;
	$body = $json->encode($body) if ref $body;
	print $client join "\r\n", "HTTP/1.1 $status Reason", 'Content-Type: application/json',
		'Content-Length: ' . length $body, 'Connection: close', '', $body;
	return;
}

sub _answer {
	my ($self, $state, $request) = @_;
	my ($slug, $what) = $request->{path} =~ m{\A/api/v3/addons/([^/]+)/(.+)\z}
		or return (404, { error => 'Not found.' });
	my $history = $state->{histories}{$slug} // [];

	return (401, { error => 'Invalid credentials provided.' })
		unless ($request->{headers}{authorization} // '') eq "Bearer $self->{token}";
	return $self->_push($state, $slug, $request) if "$request->{method} $what" eq 'POST manifests';
	return (404, { error => 'Add-on not found.' }) unless @$history;
	return (200, $history->[0]) if $what eq 'current_manifest';
	return (200, [ map { { id => $_->{id}, created_at => $_->{created_at} } } @$history ]) if $what eq 'manifests';
	my ($found) = grep { "manifests/$_->{id}" eq $what } @$history;

	return $found ? (200, $found) : (404, { error => 'Manifest not found.' });
}

sub _push {
	my ($self, $state, $slug, $request) = @_;
	my $contents = $json->decode($request->{body})->{contents};
	my $history = $state->{histories}{$slug};

	return (422, { error => { base => [ 'Manifest has been changed by someone else.' ] } })
		if $history && ($contents->{'$base'} // '') ne $history->[0]{contents}{'$base'};
	_add($state, $slug, $contents);
	return (201, {});
}

1;
