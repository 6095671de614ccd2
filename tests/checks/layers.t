#!/usr/bin/perl
# tests/layers finds violations that are planted in a copy of the checkout, and a
# new dialect needs only a new file.
use strict;
use warnings;
use File::Path 'make_path';
use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../../nginx/local";
use Test::More;

use Provisor::CgiClient 'run';
use Provisor::AddOn;
use Provisor::Files 'read_text';
use Provisor::ScratchCopy;

my $copy = Provisor::ScratchCopy->new;

is($copy->make('all'), '', 'the copy builds');
is($copy->run('tests/layers'), '', 'its layers are in order');

subtest 'an #include in the wrong direction' => sub {
	my @planted = (
		# file, header, reason
		[ 'lib/base/utf8.c', '"lib/addon/addon.h"', qr/lib\/addon comes after lib\/base/ ],
		[ 'lib/db/wait.c', '"lib/store/job.h"', qr/lib\/store comes after lib\/db/ ],
		[ 'lib/reconcile/lost.c', '"cgi/cli/cli.h"', qr/cgi\/cli comes after lib\/reconcile/ ],
		[ 'cgi/web/page.c', '"lib/store/grant.h"', qr/cgi\/web uses lib\/store through lib\/provider/ ],
		[ 'lib/store/grant.c', '<libpq-fe.h>', qr/only lib\/db\/ does/ ],
		[ 'cgi/cli/keys.c', '<openssl/evp.h>', qr/only lib\/crypto\/ does/ ],
		[ 'lib/provider/open.c', '<curl/curl.h>', qr/only lib\/platform\/ does/ ],
	);

	for (@planted) {
		my ($path, $header, $reason) = @$_;

		$copy->append($path, "#include $header\n");
		like($copy->run('tests/layers'),
			qr/\A\Q$path\E must not include \Q$header\E: $reason.*\n\z/, "$path: $header");
		$copy->restore($path);
	}
	is($copy->run('tests/layers'), '', 'without them the layers are in order');
};

subtest 'a comparison with the name of a marketplace' => sub {
	my @planted = map { "bool planted(const char *name)\n{\n\treturn $_;\n}\n" }
		'strcmp(name, "heroku") == 0', 'strncmp("heroku-v3", name, 9) == 0',
		"strcasecmp(name,\n\t\t\"clever-cloud\")\n\t\t== 0";

	for my $path (qw(cgi/cli/init.c lib/provider/open.c)) {
		for my $text (@planted) {
			my ($name) = $text =~ /"(.+)"/;

			$copy->append($path, $text);
			is($copy->run('tests/layers'), "$path must not compare with \"$name\": what is special about a "
				. "marketplace is a member of struct dialect\n", "$path: $name");
			$copy->restore($path);
		}
	}
};

subtest 'a symbol without an #include' => sub {
	my $text = "int planted(void);\nint planted(void)\n{\n\treturn 1;\n}\n";
	my $use = "int planted(void);\nint use_planted(void);\n"
		. "int use_planted(void)\n{\n\treturn planted();\n}\n";
	my @planted = (
		# the definer, and a file that must not use it
		[ 'cgi/main-ctl.c', 'lib/base/clock.c' ],
		[ 'lib/provider/open.c', 'lib/db/wait.c' ],
	);

	for (@planted) {
		my ($definer, $user) = @$_;
		my @objects = map { s{(.*)\.c}{build/release/$1.o}r } $definer, $user;

		$copy->append($definer, $text);
		$copy->append($user, $use);
		is($copy->make(@objects), '', "$definer and $user compile");
		like($copy->run('tests/layers'),
			qr/\A\Q$user\E must not use planted\(\) of \Q$definer\E: .+\n\z/, '... and tests/layers refuses them');
		$copy->restore($_) for $definer, $user;
		is($copy->make(@objects), '', 'without the change they compile');
	}
	is($copy->run('tests/layers'), '', 'and the layers are in order');
};

subtest 'a folder outside the order' => sub {
	mkdir $copy->folder . '/lib/odds';
	$copy->write('lib/odds/end.c', "extern int end;\n");
	like($copy->run('tests/layers'), qr{\Alib/odds/end\.c is in a folder that tests/layers does not know\n\z},
		'is refused');
	$copy->remove('lib/odds/end.c');
	rmdir $copy->folder . '/lib/odds';
};

# ---- a new dialect -----------------------------------------------------------

# The dialect of a marketplace that does not exist.
my $dialect = read_text($copy->folder . '/lib/dialect/cloudcontrol.c') =~ s/cloudcontrol/neighbour/gr;

# The add-ons of the copy's host, and what is wrong with them.
sub addons_list {
	my ($output, $errors) = run(
		program => [ $copy->folder . '/build/release/provisor', 'addons', 'list' ],
		environment => { PROVISOR_ADDONS => $copy->folder . '/addons' },
	);

	return $output . $errors;
}

subtest 'a new dialect is a new file' => sub {
	my $unknown = qr{addons/neighbour: is not the name of a marketplace};

	mkdir $copy->folder . '/addons', 0700;
	Provisor::AddOn->new(
		folder => $copy->folder . '/addons',
		name => 'fast-db',
		marketplace => 'neighbour',
		version => undef,
		base_url => 'https://localhost/neighbour/resources',
	);
	like(addons_list(), $unknown, 'its marketplace is unknown at first');

	$copy->write('lib/dialect/neighbour.c', $dialect);
	is($copy->make('all'), '', 'with the file, the copy builds');
	is($copy->run('tests/layers'), '', '... its layers are in order');
	like(addons_list(), qr{^neighbour +fast-db +/neighbour/resources +\S+ +template\.json +valid\n}m,
		'... and the add-on is valid');

	$copy->remove('lib/dialect/neighbour.c');
	is($copy->make('all'), '', 'without the file, the copy builds');
	is($copy->run('tests/layers'), '', '... its layers are in order');
	like(addons_list(), $unknown, '... and the marketplace is unknown again');
};

# Scalingo's dialect and golden files, with other words.
sub reword {
	my ($text) = @_;

	return $text =~ s/scalingo(?!-manifest)/stranger/gr =~ s/"plan(\\?)"/"tariff$1"/gr
		=~ s/"app_id"/"program"/gr =~ s/"error"/"reason"/gr =~ s/\btoken\b(?=[="])/proof/gr;
}

subtest 'a marketplace is its file and its golden files' => sub {
	my $golden = $copy->folder . '/golden/stranger';

	make_path("$golden/home");
	for my $path (glob('tests/golden/scalingo/*.http'), glob('tests/golden/scalingo/home/*')) {
		$copy->write($path =~ s{.*scalingo/}{golden/stranger/}r, reword(read_text($path)));
	}
	$copy->write('lib/dialect/stranger.c', reword(read_text('lib/dialect/scalingo.c')));
	is($copy->make('all'), '', 'with the file, the copy builds');
	is($copy->run('tests/layers'), '', '... its layers are in order');

	local $ENV{PROVISOR_BUILD} = $copy->folder . '/build/release';
	my $output = qx(perl tests/integration/golden.t $golden 2>&1);

	is($?, 0, '... and all its golden files are right') or diag($output);
	like($output, qr/^ +ok 20 - /m, '... of which there are as many as of Scalingo');
};

done_testing;
