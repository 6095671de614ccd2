package Marketplace::Manifest;

# An add-on as the marketplace sees it: its manifest and its address.

use strict;
use warnings;

use Marketplace::HttpMessage qw(basic object_of);

# Dies with the faulty field and the reason.
sub new {
	my ($class, $wire, $path, $base_url) = @_;

	open my $file, '<:raw', $path or die "$path: $!\n";
	my $manifest = object_of(do { local $/; <$file> }) // die "$path: not a JSON object\n";
	my $api = eval { $wire->{api_of}->($manifest) } // die "$path: $@";
	my $user = $wire->{user_of}->($manifest);
	my $place = $api->{production};

	defined $user && defined $api->{password} or die "$path: no user or password\n";
	$base_url //= ref $place eq 'HASH' ? $place->{base_url} : undef;
	$base_url // die "$path: no production.base_url\n";
	$base_url =~ s{/\z}{};
	$base_url .= $wire->{resources_path} unless $base_url =~ /\Q$wire->{resources_path}\E\z/;
	my ($origin, $path_of) = _split($base_url);
	my (undef, $sso_path) = _split(ref $place eq 'HASH' ? $place->{sso_url} // '' : '');

	return bless {
		id => $manifest->{id},
		origin => $origin,
		path => $path_of,
		sso_path => $sso_path,
		salt => $api->{sso_salt},
		password => $api->{password},
		authorization => basic("$user:$api->{password}"),
		config_vars => { map { $_ => 1 } @{ $api->{config_vars} // [] } },
		requires => { map { $_ => 1 } @{ $api->{requires} // [] } },
		regions => [ map { $wire->{region_of}->($_) }
			@{ $api->{regions} // [] } ? @{ $api->{regions} } : 'us' ],
	}, $class;
}

sub _split {
	my ($url) = @_;

	return $url =~ m{\A(https?://[^/]+)(/.*)?\z} ? ($1, $2 // '/') : ();
}

1;
