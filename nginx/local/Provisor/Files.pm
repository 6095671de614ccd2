package Provisor::Files;

# Reads and writes files that only their owner may read.
use strict;
use warnings;
use Exporter qw(import);
use Fcntl qw(O_CREAT O_EXCL O_WRONLY);

our @EXPORT_OK = qw(last_lines own_folder random_bytes random_hex read_text
	write_env write_text);

# Returns the text of a file, or undef if it cannot be read.
sub read_text {
	my ($path) = @_;
	open my $file, '<', $path or return undef;
	local $/;
	return <$file> // '';
}

# Replaces a file atomically.
sub write_text {
	my ($path, $text) = @_;
	my $new = "$path.new";
	unlink $new;
	sysopen my $file, $new, O_WRONLY | O_CREAT | O_EXCL, 0600
		or die "$new: $!\n";
	print $file $text;
	close $file or die "$new: $!\n";
	rename $new, $path or die "$path: $!\n";
}

# Writes settings in a form that both systemd and a shell can read.
sub write_env {
	my ($path, $env) = @_;
	write_text($path, join '', map {
		qq{$_="} . $env->{$_} =~ s/([\\"\$`])/\\$1/gr . qq{"\n}
	} sort keys %$env);
}

sub last_lines {
	my ($path) = @_;
	my @lines = split /^/, read_text($path) // '';
	splice @lines, 0, -15 if @lines > 15;
	return join '', map { "  $_" } @lines;
}

# Creates a folder, or checks that an existing one belongs to this user.
sub own_folder {
	my ($path, $mode) = @_;
	mkdir $path, $mode;
	my ($owner) = (lstat $path)[4] // die "$path: $!\n";
	die "$path: not a folder, or it belongs to another user\n"
		unless -d _ && $owner == $>;
	chmod $mode, $path or die "$path: $!\n";
}

sub random_bytes {
	my ($count) = @_;
	open my $file, '<:raw', '/dev/urandom' or die "/dev/urandom: $!\n";
	read($file, my $bytes, $count) == $count or die "/dev/urandom: $!\n";
	return $bytes;
}

sub random_hex {
	my ($count) = @_;
	return unpack 'H*', random_bytes($count);
}

1;
