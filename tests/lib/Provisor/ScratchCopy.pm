package Provisor::ScratchCopy;

# A copy of this checkout and of what it has built, to be changed by a test.  It
# lasts as long as the object.
#
#	my $copy = Provisor::ScratchCopy->new;
#	$copy->append('lib/base/utf8.c', qq(#include "lib/db/db.h"\n));
#	is($copy->run('tests/layers'), '', 'the layers');
#	$copy->restore('lib/base/utf8.c');

use strict;
use warnings;

use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';

my $top = abs_path(dirname(__FILE__) . '/../../..');

# build/ has the release build alone.  cp keeps the times that make compares.
sub new {
	my ($class) = @_;
	my $self = bless { folder => tempdir('provisor-copy-XXXXXX', TMPDIR => 1, CLEANUP => 1) },
		$class;

	_copy($top, $self->{folder}, grep { !m{\A(?:build|tests)/*\z} } map { m{([^/]*)\z} } glob "$top/*");
	mkdir "$self->{folder}/$_" for qw(build tests);
	_copy("$top/build", "$self->{folder}/build", 'release', map { m{([^/]*)\z} } glob "$top/build/*.c");
	_copy("$top/tests", "$self->{folder}/tests", 'layers');
	return $self;
}

sub _copy {
	my ($from, $to, @names) = @_;

	system('cp', '-a', '--', (map { "$from/$_" } @names), $to) == 0 or die "cp failed\n";
	return;
}

sub folder { return $_[0]{folder} }

sub _write {
	my ($self, $mode, $path, $text) = @_;

	open my $file, $mode, "$self->{folder}/$path" or die "$path: $!\n";
	print {$file} $text;
	close $file or die "$path: $!\n";
	return;
}

sub write { my ($self, @what) = @_; return $self->_write('>', @what) }
sub append { my ($self, @what) = @_; return $self->_write('>>', @what) }

sub remove {
	my ($self, $path) = @_;

	unlink "$self->{folder}/$path" or die "$path: $!\n";
	return;
}

# Undo what was changed in a file.  Its time is now, so make sees the change.
sub restore {
	my ($self, $path) = @_;
	my $copy = "$self->{folder}/$path";

	_copy($top, dirname($copy), $path);
	return utime undef, undef, $copy;
}

# Run a command in the copy; return its output, which is empty after a success.
sub run {
	my ($self, @command) = @_;
	my $pid = open(my $output, '-|') // die "cannot fork: $!\n";

	if ($pid == 0) {
		chdir $self->{folder} or die "$self->{folder}: $!\n";
		open STDERR, '>&', \*STDOUT or die "$!\n";
		exec @command or die "$command[0]: $!\n";
	}
	local $/;
	my $text = <$output> // '';
	close $output;
	return $text . ($? && $text eq '' ? "$command[0] failed\n" : '');
}

sub make {
	my ($self, @targets) = @_;

	delete local @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS)};
	return $self->run(qw(make --no-print-directory -s -j2 WERROR=1), @targets);
}

1;
