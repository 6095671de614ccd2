#!/usr/bin/perl
# provisor check names processes whose program an upgrade has replaced, but not those of
# another installation.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Temp 'tempdir';
use Test::More;

use Provisor::Test;

# Installs the programs into a folder.
sub install {
	my ($folder) = @_;

	for my $name (qw(provisor provisor.fcgi provisor-jobs provisor-hooks pool)) {
		system('cp', build() . "/$name", "$folder/$name.new") == 0 or die "$name cannot be copied\n";
		rename "$folder/$name.new", "$folder/$name" or die "$name: $!\n";
	}
	return $folder;
}

sub host_of {
	my ($build) = @_;
	my $host = Provisor::Host->new(build => $build, workers => { api => 2, web => 1, jobs => 1 });

	addon($host, 'fast-db');
	$host->start;
	return $host;
}

# What it says about programs.
sub check {
	my ($host, $build) = @_;
	local %ENV = (%ENV, %{ $host->env });
	open my $output, '-|', "$build/provisor", 'check', '--ops', $host->ops_address or die "check: $!\n";
	my @lines = grep { /no longer installed/ } <$output>;

	close $output;
	return join '', @lines;
}

# Other users may use the programs.
my ($one, $other) = map { chmod 0755, $_; install($_) } map { tempdir('provisor-XXXXXX', TMPDIR => 1, CLEANUP => 1) } 1, 2;
my ($host, $neighbour) = map { host_of($_) } $one, $other;

is(check($host, $one), '', 'processes run the programs that are installed');
install($one);
is(check($host, $one), <<'END', 'after an upgrade, each program is named with the command that starts the new one');
warning  provisor.fcgi: 3 processes run a version that is no longer installed: run provisor reload
warning  provisor-jobs: 1 processes run a version that is no longer installed: run provisor reload
warning  provisor-hooks: 1 processes run a version that is no longer installed: run provisor restart hooks
END
is(check($neighbour, $other), '', 'another installation is not concerned');

is_unhurt($_) for $host, $neighbour;
done_testing;
