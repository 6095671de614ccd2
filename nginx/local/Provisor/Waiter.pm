package Provisor::Waiter;

# Who started this program and waits for it: make, mostly.
use strict;
use warnings;
use Provisor::Files qw(read_text);

# SIGHUP, SIGINT, SIGQUIT and SIGTERM in the kernel's masks.
my $ends = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14;

sub new {
	my ($class) = @_;
	return bless { pid => getppid }, $class;
}

# Has it died, or does it want to?  make that is told alone to end (a terminal
# tells the whole group) does not pass every signal on, but waits for us inside
# its handler, which blocks the signal.
sub has_left {
	my ($self) = @_;
	return 1 if getppid != $self->{pid};
	my $status = read_text("/proc/$self->{pid}/status") // '';
	my ($name) = $status =~ /^Name:\s*(\S+)/;
	my ($blocked) = $status =~ /^SigBlk:\s*[0-9a-f]*([0-9a-f]{4})$/m;
	return ($name // '') =~ /\Ag?make\z/ && (hex($blocked // 0) & $ends) != 0;
}

1;
