package Provisor::ParentProcess;

# The parent process that waits for this program, usually make.
use strict;
use warnings;
use Provisor::Files qw(read_text);

# SIGHUP, SIGINT, SIGQUIT and SIGTERM in a signal mask of the kernel.
my $ends = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14;

sub new {
	my ($class) = @_;
	return bless { pid => getppid }, $class;
}

# True if the parent has died or has received a signal to end.  A terminal signals
# the whole group; but make, signalled alone, does not pass every signal on: it
# waits for its children inside its handler, which blocks the signal.
sub has_left {
	my ($self) = @_;
	return 1 if getppid != $self->{pid};
	my $status = read_text("/proc/$self->{pid}/status") // '';
	my ($name) = $status =~ /^Name:\s*(\S+)/;
	my ($blocked) = $status =~ /^SigBlk:\s*[0-9a-f]*([0-9a-f]{4})$/m;
	return ($name // '') =~ /\Ag?make\z/ && (hex($blocked // 0) & $ends) != 0;
}

1;
