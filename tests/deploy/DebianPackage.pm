package DebianPackage;

# The Debian packages that tests install, as absolute paths.
#
#	DebianPackage::path();		# of this release: make deb has built it
#	DebianPackage::path_of_next();	# of a later one, with one more migration; the first
#					# test that asks builds it
use strict;
use warnings;
use Cwd qw(abs_path);
use Fcntl qw(LOCK_EX);
use File::Basename qw(dirname);

use constant NEXT => '9.9.9';

my $top = abs_path(dirname(__FILE__) . '/../..');

sub path {
	open my $makefile, '<', "$top/Makefile" or die "Makefile: $!\n";
	my ($version) = map { /^version *:= *(\S+)/ } <$makefile>;
	return _built('build', $version) // die "build has no package of $version: make deb builds it\n";
}

sub path_of_next {
	open my $lock, '>', "$top/build/next.lock" or die "build/next.lock: $!\n";
	flock $lock, LOCK_EX or die "build/next.lock: $!\n";
	my $found = _built('build/next/build', NEXT);
	return $found if defined $found && (stat $found)[9] >= (stat path())[9];
	my $output = qx($top/tests/deploy/next-release @{[NEXT]} 2>&1);
	return _built('build/next/build', NEXT) // die "the package of the next release: $output\n";
}

sub _built {
	my ($folder, $version) = @_;
	return (glob "$top/$folder/provisor_${version}_*.deb")[0];
}

1;
