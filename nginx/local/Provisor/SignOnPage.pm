package Provisor::SignOnPage;

# Writes a page that signs on to a resource like the marketplace's dashboard.
use strict;
use warnings;
use File::Basename qw(dirname);
use Provisor::Files qw(read_text write_text);

my $source = dirname(__FILE__) . '/../sign-on.html';

# The page contains the manifest's salt, so only the owner may read it.
sub write_page {
	my ($path, $manifest, $resource) = @_;
	my %value = (
		ADDON => $manifest->{id},
		URL => $manifest->{api}{production}{sso_url},
		SALT => $manifest->{api}{sso_salt},
		RESOURCE => $resource,
	);
	my $text = read_text($source) // die "$source: $!\n";
	write_text($path, $text =~ s/\@([A-Z]+)\@/_escape($value{$1})/gre);
}

sub _escape {
	my ($text) = @_;
	return ($text // '') =~ s/([&<>"])/sprintf '&#%d;', ord $1/gre;
}

1;
