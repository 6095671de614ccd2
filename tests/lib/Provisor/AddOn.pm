package Provisor::AddOn;

# An add-on: its home, with a manifest and a listener, and the marketplace's requests
# to it.

use strict;
use warnings;

use Exporter 'import';
use File::Path 'make_path';
use JSON::PP ();

our @EXPORT_OK = qw(json);

my $json = JSON::PP->new->utf8->canonical;

sub json {
	my ($value) = @_;

	return $json->encode($value);
}

# Writes the home.  A file is given as a text, as a value that becomes JSON, or as
# undef if there is none.
#
#	name     => 'fast-db'      also the user name, unless the manifest has another id
#	version  => '3', '1', or undef for a manifest without one
#	base_url, sso_url          of production
#	api      => {}             members added to the manifest's "api"
#	manifest => {} or text     members added to the manifest, or its text
#	settings, template => {} or text
#	files    => { 'hooks/provision' => text }, executable
#	client   =>                sends requests, such as a FastCgiClient
sub new {
	my ($class, %self) = @_; # folder => the folder of all homes, and the above
	my $self = bless {
		version => '3',
		marketplace => 'heroku',
		base_url => 'https://localhost/heroku/resources',
		sso_url => 'https://localhost/sso/login',
		api => {},
		manifest => {},
		%self,
	}, $class;

	$self->{template} = $self->_template unless exists $self->{template};
	$self->{manifest} = $self->_manifest unless ref $self->{manifest} ne 'HASH';
	$self->write;
	return $self;
}

sub home {
	my ($self) = @_;

	return "$self->{folder}/$self->{marketplace}/$self->{name}";
}

sub prefix {
	my ($self) = @_;

	return uc $self->{name} =~ tr/-/_/r;
}

sub _manifest {
	my ($self) = @_;
	my $prefix = $self->prefix;
	my $production = { base_url => $self->{base_url}, sso_url => $self->{sso_url} };

	return {
		id => $self->{name},
		name => 'An add-on',
		%{ $self->{manifest} },
		api => {
			defined $self->{version} ? (version => $self->{version}) : (),
			config_vars_prefix => $prefix,
			config_vars => [ map { "${prefix}_$_" } qw(URL TOKEN) ],
			password => "password of $self->{name}",
			sso_salt => "salt of $self->{name}, long enough",
			regions => [qw(us eu)],
			requires => [],
			production => $production,
			%{ $self->{api} },
		},
	};
}

sub _template {
	my ($self) = @_;
	my $prefix = $self->prefix;

	return {
		config => {
			"${prefix}_URL" => 'https://${id}.example/${plan}',
			"${prefix}_TOKEN" => '${secret:token}',
		},
		message => 'Made with plan ${plan}.',
		plan_message => 'Now on plan ${plan}.',
	};
}

sub write_file {
	my ($self, $name, $content, $mode) = @_;
	my $path = $self->home . "/$name";

	make_path($path =~ s{/[^/]*\z}{}r);
	open my $file, '>:raw', $path or die "$path: $!\n";
	print {$file} ref $content ? json($content) : $content;
	close $file or die "$path: $!\n";
	chmod $mode // 0600, $path;
	return;
}

sub write {
	my ($self) = @_;
	my %files = (
		'addon-manifest.json' => $self->{manifest},
		'settings.json' => $self->{settings},
		'template.json' => $self->{template},
	);

	for my $name (grep { defined $files{$_} } sort keys %files) {
		$self->write_file($name, $files{$name});
	}
	for my $name (sort keys %{ $self->{files} // {} }) {
		$self->write_file($name, $self->{files}{$name}, 0755);
	}
	return;
}

sub name { return $_[0]{name} }

sub password {
	my ($self) = @_;

	return $self->{manifest}{api}{password};
}

# User and password for Basic authentication.
sub login {
	my ($self) = @_;

	return "$self->{manifest}{id}:" . $self->password;
}

# The path at which the add-on is mounted.
sub path {
	my ($self) = @_;

	return $self->{path} // $self->{base_url} =~ s{\Ahttps?://[^/]+}{}r;
}

# The same add-on, called by another client.
sub through {
	my ($self, $client) = @_;

	return bless { %$self, client => $client }, ref $self;
}

sub request {
	my ($self, %request) = @_;

	return $self->{client}->request(as => $self->login, %request);
}

sub provision_request {
	my ($self, %members) = @_;

	return (
		method => 'POST',
		path => $self->path,
		as => $self->login,
		body => json({ plan => 'basic', %members }),
	);
}

sub plan_request {
	my ($self, $id, $plan) = @_;

	return (
		method => 'PUT',
		path => $self->path . "/$id",
		as => $self->login,
		body => json({ plan => $plan }),
	);
}

sub deprovision_request {
	my ($self, $id) = @_;

	return (
		method => 'DELETE',
		path => $self->path . "/$id",
		as => $self->login,
	);
}

sub provision {
	my ($self, %members) = @_;

	return $self->{client}->request($self->provision_request(%members));
}

sub change_plan {
	my ($self, $id, $plan) = @_;

	return $self->{client}->request($self->plan_request($id, $plan));
}

sub deprovision {
	my ($self, $id) = @_;

	return $self->{client}->request($self->deprovision_request($id));
}

# The value of the config var ..._URL of a resource.
sub url {
	my ($self, $id, $plan) = @_;

	return "https://$id.example/$plan";
}

1;
