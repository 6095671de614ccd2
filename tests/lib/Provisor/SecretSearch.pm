package Provisor::SecretSearch;

# Searches a host's logs, database and command lines for secrets.
#
#	my $search = Provisor::SecretSearch->new($host);
#	$search->see_processes;		# many times, while the host runs
#	is($search->found($value => $description, ...), '');

use strict;
use warnings;

use MIME::Base64 'encode_base64';

use Provisor::Test ();
use Provisor::Files qw(own_folder read_text write_text);

use constant SHORTEST => 8; # bytes; a shorter value may occur by chance

sub new {
	my ($class, $host) = @_;
	my $self = bless { host => $host, folder => $host->home . '/secrets', seen => {} }, $class;

	own_folder($self->{folder}, 0700);
	return $self;
}

# Remembers the command lines of all processes in the host's folders.
sub see_processes {
	my ($self) = @_;
	my @folders = @{ $self->{host} }{qw(home base)};

	for my $process (glob '/proc/[0-9]*') {
		my $folder = readlink "$process/cwd" // next;

		next unless grep { index($folder, $_) == 0 } @folders;
		my $line = (read_text("$process/cmdline") // '') =~ tr/\0/ /r;

		$self->{seen}{$line} = 1 if length $line;
	}
	return;
}

sub has_seen {
	my ($self, $pattern) = @_;

	return scalar grep { $_ =~ $pattern } keys %{ $self->{seen} };
}

# Writes all rows of the database to a file and returns its path.
sub dump {
	my ($self) = @_;
	my $database = $self->{host}{database};
	my $path = "$self->{folder}/dump";

	local %ENV = (%ENV, %{ $database->_superuser });
	system(Provisor::Postgres::_program('pg_dump'), '--file', $path, 'provisor') == 0
		or die "pg_dump failed\n";
	return $path;
}

# A value as it is, in hexadecimal, and in base64 at each offset in a text.
sub forms {
	my ($value) = @_;
	my $length = length $value;

	return ($value, unpack('H*', $value), map {
		my $first = int(($_ * 8 + 5) / 6);

		substr encode_base64('x' x $_ . $value, ''), $first, int(($_ + $length) * 8 / 6) - $first;
	} 0 .. 2);
}

# The descriptions of the values that were found, with the places; never a value.
sub found {
	my ($self, %what) = @_;
	my %forms = map { my $value = $_; map { $_ => $what{$value} } forms($value) }
		grep { length >= SHORTEST } keys %what;
	my $lines = "$self->{folder}/command-lines";
	my $wanted = "$self->{folder}/wanted";
	my %found;

	write_text($lines, join '', map { "$_\n" } sort keys %{ $self->{seen} });
	write_text($wanted, join '', map { "$_\n" } keys %forms);
	local $ENV{LC_ALL} = 'C';
	open my $matches, '-|', 'grep', '--text', '--fixed-strings', '--only-matching',
		'--with-filename', "--file=$wanted", '--', $lines, $self->dump,
		glob($self->{host}->home . '/log/*') or die "grep: $!\n";
	while (my $match = <$matches>) {
		my ($place, $form) = $match =~ m{/([^/:]+):(.*)\n\z};

		$found{"$forms{$form} in $place"}++;
	}
	close $matches;
	die "grep failed\n" if $? >> 8 > 1;
	return join ', ', sort keys %found;
}

1;
