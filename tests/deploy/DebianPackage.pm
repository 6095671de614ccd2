package DebianPackage;

# The Debian packages that tests install.
#
#	DebianPackage::path();	# of this release: make deb has built it
#	DebianPackage::next();	# of a release 9.9.9 with one more migration; the first
#				# test that asks builds it
#
# Both are absolute paths.
use strict;
use warnings;
use Cwd qw(abs_path);
use Fcntl qw(LOCK_EX);
use File::Basename qw(dirname);

use constant NEXT => '9.9.9';

my $top = abs_path(dirname(__FILE__) . '/../..');

# Only the files that contain the version or the migrations are compiled again.
my $build_next = <<'SH';
set -e
rm -rf build/next
mkdir -p build/next/build
cp -a cgi lib nginx migrations Makefile build/next/
cp -a build/release build/*.c build/next/build/
cd build/next
touch -r Makefile time
sed -i "s/^version .*/version := $1/" Makefile
touch -r time Makefile
touch $(grep -rl PROVISOR_VERSION cgi lib --include='*.c')
sed "1 s/(.*)/($1)/" nginx/host/debian/changelog | cat - nginx/host/debian/changelog >time
mv time nginx/host/debian/changelog
last=$(ls migrations | grep '^[0-9]' | tail -n 1 | cut -c 1-4)
next=$(printf '%04d' "$(expr "$last" + 1)")
echo 'ALTER TABLE resources ADD COLUMN next_release text;' >migrations/${next}_next.sql
unset MAKEFLAGS MFLAGS MAKELEVEL
make -s all manual
nginx/host/deb "$1"
SH

sub path {
	my ($version) = _text("$top/Makefile") =~ /^version *:= *(\S+)/m;
	return _built("$top/build", $version);
}

sub next {
	my $folder = "$top/build/next/build";
	open my $lock, '>', "$top/build/next.lock" or die "build/next.lock: $!\n";
	flock $lock, LOCK_EX or die "build/next.lock: $!\n";
	my ($found) = glob "$folder/provisor_@{[NEXT]}_*.deb";
	return $found if $found && -M $found < -M path();
	system('sh', '-c', 'cd "$0" && { ' . $build_next . '} >build/next.log 2>&1', $top, NEXT) == 0
		or die "the package of the next release cannot be built: see build/next.log\n";
	return _built($folder, NEXT);
}

sub _built {
	my ($folder, $version) = @_;
	my ($path) = glob "$folder/provisor_${version}_*.deb";
	return $path // die "$folder has no package of $version: make deb builds it\n";
}

sub _text {
	my ($path) = @_;
	open my $file, '<', $path or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

1;
