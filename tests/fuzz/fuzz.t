#!/usr/bin/perl
# Runs each target fuzz_NAME.c under libFuzzer for FUZZ_SECONDS (default: 4).  A
# target asserts what is true for every input.
#
#	make fuzz SECONDS=60 TARGETS="json url"
#
# A run begins with the inputs in seeds/NAME/ and with those that earlier runs
# have added to build/fuzz/corpus/.  An input that breaks a target is stored in
# build/fuzz/found/.  To try it alone, pass it to
# build/fuzz/tests/fuzz/fuzz_NAME.  After the fix, make it a seed.
use strict;
use warnings;
use File::Path 'make_path';
use File::Temp 'tempdir';
use Test::More;

my $seconds = $ENV{FUZZ_SECONDS} // 4;
my $found = 'build/fuzz/found';
my $scratch = tempdir('provisor-fuzz-XXXXXX', CLEANUP => 1,
	DIR => -w '/dev/shm' ? '/dev/shm' : '/tmp');
$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

sub options_of {
	my ($name) = @_;
	my $words = "tests/fuzz/$name.dict";
	return ("-max_total_time=$seconds", '-timeout=10',
		'-print_final_stats=1', "-artifact_prefix=$found/$name-",
		-e $words ? "-dict=$words" : ());
}

# A process that fuzzes; its output is read when it has ended.
sub start {
	my ($name) = @_;
	make_path("$scratch/$name", "build/fuzz/corpus/$name", $found);
	my $pid = open my $output, '-|';
	die "$!\n" unless defined $pid;
	return { name => $name, output => $output } if $pid;
	$ENV{TMPDIR} = "$scratch/$name";
	open STDERR, '>&', \*STDOUT;
	exec "build/fuzz/tests/fuzz/fuzz_$name", options_of($name),
		"build/fuzz/corpus/$name", "tests/fuzz/seeds/$name";
	die "fuzz_$name: $!\n";
}

sub judge {
	my ($target) = @_;
	my $name = $target->{name};
	my $said = join '', readline $target->{output};
	my ($runs) = $said =~ /^stat::number_of_executed_units: (\d+)/m;
	my ($edges) = $said =~ /.* cov: (\d+)/s;
	close $target->{output};
	return note("$runs runs, $edges edges")
		if ok($? == 0 && $runs, "$name holds for every input");
	diag(join "\n", $said =~ /^(.*(?:rror:|ERROR|Assertion|SUMMARY).*)/mg,
		$said =~ /Test unit written to (\S+)/);
}

my @names = @ARGV ? @ARGV
	: map { m{fuzz_(\w+)\.c$} } glob 'tests/fuzz/fuzz_*.c';
my $cores = `nproc`;
my @running;

for my $name (@names) {
	push @running, start($name);
	judge(shift @running) if @running >= $cores;
}
judge($_) for @running;
done_testing;
