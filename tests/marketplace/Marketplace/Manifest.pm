package Marketplace::Manifest;

# An add-on as the marketplace sees it: its manifest and its address.

use strict;
use warnings;

use Marketplace::HttpMessage qw(basic object_of);

# Dies with the faulty field and the reason.
sub new {
	my ($class, $path, $base_url) = @_;

	open my $file, '<:raw', $path or die "$path: $!\n";
	my $manifest = object_of(do { local $/; <$file> }) // die "$path: not a JSON object\n";
	my $api = $manifest->{api} // {};
	my $place = $api->{production};

	die "$path: api.version is not \"3\"\n" unless ($api->{version} // '') eq '3';
	defined $manifest->{id} && defined $api->{password} or die "$path: no id or api.password\n";
	$base_url //= ref $place eq 'HASH' ? $place->{base_url} : undef;
	$base_url // die "$path: no api.production.base_url\n";
	$base_url =~ s{/\z}{};
	$base_url .= '/heroku/resources' unless $base_url =~ m{/heroku/resources\z};
	my ($origin, $path_of) = _split($base_url);
	my (undef, $sso_path) = _split(ref $place eq 'HASH' ? $place->{sso_url} // '' : '');

	return bless {
		id => $manifest->{id},
		origin => $origin,
		path => $path_of,
		sso_path => $sso_path,
		salt => $api->{sso_salt},
		password => $api->{password},
		authorization => basic("$manifest->{id}:$api->{password}"),
		config_vars => { map { $_ => 1 } @{ $api->{config_vars} // [] } },
		requires => { map { $_ => 1 } @{ $api->{requires} // [] } },
		regions => [ map { "amazon-web-services::$_" }
			@{ $api->{regions} // [] } ? @{ $api->{regions} } : 'us' ],
	}, $class;
}

sub _split {
	my ($url) = @_;

	return $url =~ m{\A(https?://[^/]+)(/.*)?\z} ? ($1, $2 // '/') : ();
}

1;
