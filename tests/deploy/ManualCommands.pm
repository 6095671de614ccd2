package ManualCommands;

# The commands in a manual page.
use strict;
use warnings;
use File::Basename qw(dirname);

# The literal blocks of a page, in their order, each with the section or subsection
# that it is in: { task => 'Sealing key', text => "provisor keys add k2\n" }.
sub blocks {
	my ($page) = @_;
	my $path = dirname(__FILE__) . "/../../nginx/host/man/$page";
	open my $file, '<', $path or die "$path: $!\n";
	my ($task, $block, @blocks) = '';
	while (my $line = <$file>) {
		if (defined $block && $line eq ".Ed\n") {
			push @blocks, { task => $task, text => $block };
			undef $block;
		} elsif (defined $block) {
			$block .= _plain($line);
		} elsif ($line =~ /^\.S[hs] (.+)$/) {
			$task = _plain($1) =~ s/\A"(.*)"\z/$1/r;
		} elsif ($line =~ /^\.Bd -literal/) {
			$block = '';
		}
	}
	return @blocks;
}

# A line without the escapes of mdoc.
sub _plain {
	my ($line) = @_;
	return $line =~ s/\\([e&])/$1 eq 'e' ? '\\' : ''/ger;
}

1;
