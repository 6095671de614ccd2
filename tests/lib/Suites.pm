package Suites;

# The suites of tests: what each needs built, which programs belong to it, and the
# environment in which they run.  tests/all runs suites, tests/check runs one
# program.
#
#	my $suite = Suites::named('integration');
#	Suites::build($suite);
#	local %ENV = (%ENV, Suites::environment($suite));
#	system Suites::command($_) for Suites::programs($suite);
#
# Every program prints TAP.  All paths are relative to the top of the tree.
use strict;
use warnings;
use List::Util qw(uniq);

my %sanitizers = (
	ASAN_OPTIONS => 'detect_leaks=1:abort_on_error=0',
	UBSAN_OPTIONS => 'print_stacktrace=1',
);

# A suite's members:
#
#	make         what to build, as arguments of make
#	build        the folder of the programs under test
#	files        pattern of its test files
#	has_units    do the unit tests belong to it?
#	lanes        how many programs run at the same time: most of them wait most
#	             of the time
#	on_request   run only where it is named
#	environment  more variables for its programs
#
# Two entries of one name run one after the other.
#
# The suite sanitize has the integration tests that send input of every kind;
# sanitize-all has all of them, for make sanitize.
our @all = (
	{ name => 'checks', make => ['all', 'unit-programs', 'helper-programs'], files => 'tests/checks/*.t', lanes => 2 },
	{ name => 'analyze', files => 'tests/checks/analyze.t', on_request => 1 },
	{ name => 'quick', make => ['all', 'unit-programs', 'helper-programs'], build => 'build/release',
		files => 'tests/checks/house.t tests/integration/{life-v3,sso,hook,ctl-jobs}.t',
		has_units => 1, lanes => 2, on_request => 1 },
	{ name => 'unit', make => ['all', 'unit-programs'], build => 'build/release', has_units => 1 },
	{ name => 'integration', make => ['all', 'helper-programs'], build => 'build/release',
		files => 'tests/integration/*.t', lanes => 5 },
	{ name => 'browser', make => ['all'], build => 'build/release', files => 'tests/browser/*.t', lanes => 2 },
	{ name => 'run', make => ['all'], files => 'tests/run/*.t', lanes => 2 },
	{ name => 'deploy', make => ['deb'], files => 'tests/deploy/{install,operate,stranger}.t', lanes => 3 },
	{ name => 'deploy-13', make => ['all'], files => 'tests/deploy/stranger-13.t', on_request => 1 },
	{ name => 'marketplace', make => ['all'], build => 'build/release', files => 'tests/marketplace/*.t', lanes => 4 },
	{ name => 'faults', make => ['all'], build => 'build/release', files => 'tests/fault/*.t', lanes => 4 },
	{ name => 'size', make => ['all'], build => 'build/release', files => 'tests/size/*.t' },
	{ name => 'attack', make => ['all'], build => 'build/release', files => 'tests/attack/*.t' },
	{ name => 'costs', make => ['all'], build => 'build/release', files => 'tests/bench/*.t' },
	{ name => 'crash', make => ['FAULTS=1', 'all'], build => 'build/faults', files => 'tests/crash/*.t', lanes => 3 },
	{ name => 'fuzz', make => ['SANITIZE=fuzz', 'CC=clang', 'fuzz-programs'],
		files => 'tests/fuzz/fuzz.t' },
	{ name => 'sanitize', make => ['SANITIZE=1', 'all', 'unit-programs', 'helper-programs'],
		build => 'build/sanitize', has_units => 1, lanes => 4, environment => \%sanitizers,
		files => 'tests/integration/{bad-requests,config,ctl,ctl-resources,disconnected-client,grants,'
			. 'hook,hook-end,hook-library,import,late-completion,life-cloudcontrol,life-v1,life-v3,listen,'
			. 'listeners,log,platform,platform-log,reconcile,refresh,smuggling,sso,sso-hook,template,tokens}.t' },
	{ name => 'sanitize', make => ['SANITIZE=1', 'all'], build => 'build/sanitize',
		files => 'tests/fault/{late,term}.t', environment => \%sanitizers },
	{ name => 'sanitize-all', make => ['SANITIZE=1', 'all', 'unit-programs', 'helper-programs'], on_request => 1,
		build => 'build/sanitize', has_units => 1, files => 'tests/integration/*.t', lanes => 2,
		environment => \%sanitizers },
	{ name => 'sanitize-all', make => ['SANITIZE=1', 'all'], build => 'build/sanitize', on_request => 1,
		files => 'tests/fault/{late,overload,term}.t', environment => \%sanitizers },
);

sub named {
	my ($name) = @_;
	return grep { $_->{name} eq $name } @all;
}

sub names {
	return uniq map { $_->{name} } @all;
}

# The same suite with programs that count the lines they run.
sub with_coverage {
	my ($suite) = @_;
	return { %$suite, make => ['COVERAGE=1', @{ $suite->{make} }], build => 'build/coverage' };
}

# Does the suite need programs that are built in another way than the usual ones?
sub is_of_flavour {
	my ($suite) = @_;
	return grep { /=/ } @{ $suite->{make} // [] };
}

# Dies when make fails; make itself prints why.
sub build {
	my ($suite) = @_;
	my @what = @{ $suite->{make} // return };
	my $cores = `nproc`;
	chomp $cores;
	system('make', '--no-print-directory', '-s', "-j$cores", 'WERROR=1', @what) == 0
		or die "make @what failed\n";
	return;
}

# In the order in which they run: the longest text first, because it tends to take the
# longest, and no lane should still run it when the others have ended.
sub programs {
	my ($suite) = @_;
	my @files = sort { -s $b <=> -s $a || $a cmp $b } $suite->{files} ? glob $suite->{files} : ();
	return @files unless $suite->{has_units};
	my @units = map { s/\.c$//r } glob 'tests/unit/*.c';
	return ((map { "$suite->{build}/$_" } @units), @files);
}

sub command {
	my ($program) = @_;
	return $program =~ /\.t$/ ? ('perl', $program) : ("./$program");
}

sub environment {
	my ($suite) = @_;
	return (
		CMOCKA_MESSAGE_OUTPUT => 'tap',
		$suite->{build} ? (PROVISOR_BUILD => $suite->{build}) : (),
		%{ $suite->{environment} // {} },
	);
}

1;
