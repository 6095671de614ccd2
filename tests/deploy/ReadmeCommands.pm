package ReadmeCommands;

# The commands in README.md.
use strict;
use warnings;
use File::Basename qw(dirname);

# The indented blocks of a section, each with the paragraph before it and that
# paragraph's first sentence:
# { says => '1. Build and install. Nothing is started.', name => 'Build and install',
#   text => "make\nmake install\n" }.
sub blocks {
	my ($section) = @_;
	my ($says, @blocks) = '';
	for my $paragraph (split /\n{2,}/, _section($section)) {
		if ($paragraph =~ /\A( {4}| {7})(?=\S)/) {
			my $indent = $1;
			my ($name) = $says =~ /\A(?:\d+\. )?(.*?)(?:[.:] |[.:]?\z)/;
			push @blocks, { says => $says, name => $name,
				text => $paragraph =~ s/^$indent//mgr . "\n" };
		}
		$says = join ' ', split ' ', $paragraph;
	}
	return @blocks;
}

sub _section {
	my ($name) = @_;
	my $path = dirname(__FILE__) . '/../../README.md';
	open my $file, '<', $path or die "$path: $!\n";
	local $/;
	my ($text) = <$file> =~ /^## \Q$name\E\n(.*?)^## /ms;
	return $text // die "README.md has no section $name\n";
}

1;
