package Provisor::CgiClient;

# Runs provisor.fcgi as a plain CGI server does, or any program with a given
# environment and standard input.

use strict;
use warnings;

use Exporter 'import';
use POSIX ();

use Provisor::Response;
use Provisor::Request 'variables';

our @EXPORT_OK = qw(run);

use constant PATIENCE => 30; # seconds

# A temporary file with this content, open at its beginning.
sub _file {
	my ($content) = @_;

	open my $file, '+>', undef or die "no temporary file: $!\n";
	binmode $file;
	print {$file} $content;
	seek $file, 0, 0;
	return $file;
}

sub _become {
	my ($program, $environment, @files) = @_;

	for my $number (0 .. 2) {
		POSIX::dup2(fileno $files[$number], $number);
	}
	%ENV = %$environment;
	exec { $program->[0] } @$program or POSIX::_exit(127);
}

# Returns standard output, standard error and wait status.  stdin is a text or an open
# handle.
sub run {
	my (%how) = @_; # program => [], environment => {}, stdin => ''
	my $stdin = ref $how{stdin} ? $how{stdin} : _file($how{stdin} // '');
	my @files = ($stdin, _file(''), _file(''));
	my $pid = fork // die "cannot fork: $!\n";

	_become($how{program}, $how{environment} // {}, @files) if $pid == 0;
	local $SIG{ALRM} = sub { kill KILL => $pid };
	alarm PATIENCE;
	waitpid $pid, 0;
	my $ended = $?;
	alarm 0;
	return (map { seek $_, 0, 0; local $/; scalar <$_> // '' } @files[ 1, 2 ]),
		$ended;
}

sub new {
	my ($class, %self) = @_; # program => path, environment => {}

	return bless \%self, $class;
}

sub name { return 'plain CGI' }

sub request {
	my ($self, %request) = @_;
	my ($output, $stderr, $ended) = run(
		program => [ $self->{program} ],
		environment => {
			%{ $self->{environment} },
			GATEWAY_INTERFACE => 'CGI/1.1',
			variables(%request),
		},
		stdin => $request{body} // '',
	);

	return Provisor::Response->parse($output, stderr => $stderr, ended => $ended);
}

1;
