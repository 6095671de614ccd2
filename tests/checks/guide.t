#!/usr/bin/perl
# tests/README.md and lib/README.md name what there is, and the example in the first
# is a test that passes.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Suites;
use Test::More;

use lib 'nginx/local';
use Provisor::Files 'read_text';

sub missing_paths {
	my ($text) = @_;
	return join ' ', grep { !-e } $text =~ m{`((?:cgi|lib|tests|nginx|migrations)/[^`A-Z]*)`}g;
}

subtest 'tests/README.md' => sub {
	my $guide = read_text('tests/README.md');
	my @helpers = map { m{([^/]*)\.pm$} } glob 'tests/lib/Provisor/*.pm';

	is(join(' ', grep { $guide !~ /^\| `$_` \|/m } Suites::names()), '', 'it describes every suite');
	is(join(' ', grep { $guide !~ /`$_`/ } @helpers), '', 'it names every helper');
	is(missing_paths($guide), '', 'the paths in it exist');
};

subtest 'the example in tests/README.md' => sub {
	my ($example) = read_text('tests/README.md') =~ /```perl\n(.*?)```/s;
	my $path = "tests/integration/example-$$.t";

	open my $file, '>', $path or die "$path: $!\n";
	print {$file} $example;
	close $file;
	my $output = `perl $path 2>&1`;
	unlink $path;
	is($?, 0, 'it passes') or diag $output;
	like($output, qr/^1\.\.4$/m, '... with four tests');
};

subtest 'lib/README.md' => sub {
	my $guide = read_text('lib/README.md');
	my ($order) = $guide =~ /^((?:    .*\n)+)/m;
	my @folders = map { s{.*/}{}r } (read_text('tests/layers') =~ /\@folders = qw\((.*?)\)/s)[0] =~ /\S+/g;
	my @named = $order =~ /(\w+)/g;

	$folders[-1] = 'programs'; # cgi itself
	is("@named", "@folders", 'its order of folders is that of tests/layers');
	is(join(' ', grep { $guide !~ /^\| `$_` \|/m } grep { -d } glob 'lib/* cgi/*'), '', 'it describes every folder');
	is(missing_paths($guide), '', 'the paths in it exist');
	my @functions = $guide =~ /`(\w+_\w+)(?:\(\))?`/g;
	is(join(' ', grep { system("grep -rqw --include='*.[ch]' $_ cgi lib") != 0 } @functions), '', 'the functions in it exist');
};

done_testing;
