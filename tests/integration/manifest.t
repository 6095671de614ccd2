#!/usr/bin/perl
# provisor manifest judges the manifest of an add-on, and exchanges it with Heroku.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Cwd 'abs_path';
use File::Path 'remove_tree';
use File::Temp 'tempdir';
use JSON::PP ();
use Test::More;

use Provisor::Test;
use Provisor::Files qw(read_text write_env write_text);

my $folder = tempdir('provisor-manifest-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $program = abs_path(build() . '/provisor');

chdir $folder or die "$folder: $!\n";
mkdir 'addons', 0700;
write_env('provisor.env', { PROVISOR_ADDONS => "$folder/addons", PROVISOR_KEYS => "$folder/keys",
	PROVISOR_METRICS => "$folder/metrics" });

sub manifest { return provisor('manifest', @_) }

# The output and the exit status of a command.
sub provisor {
	my (@arguments) = @_;
	my $pid = open(my $output, '-|') // die "fork: $!\n";

	unless ($pid) {
		open STDERR, '>&', \*STDOUT;
		exec $program, @arguments, '--env', 'provisor.env' or die "$program: $!\n";
	}
	my $text = do { local $/; <$output> };

	close $output;
	return ($text // '', $? >> 8);
}

# Changes a member of the manifest in the current folder.
sub edit {
	my ($change) = @_;
	my $document = JSON::PP::decode_json(read_text('addon-manifest.json'));

	$change->($document);
	write_text('addon-manifest.json', JSON::PP->new->pretty->encode($document));
	return;
}

# A new manifest in the current folder, and another one in the home of the host.
sub init {
	remove_tree("$folder/addons/heroku");
	provisor(qw(init heroku fast-db --url https://addons.example.com));
	write_text('addon-manifest.json', read_text("$folder/addons/heroku/fast-db/addon-manifest.json"));
	return;
}

provisor(qw(keys add));
init();

subtest 'lint' => sub {
	my ($text, $status) = manifest('lint');

	is($status, 0, 'a manifest of provisor init passes');
	is($text, "ok       addon-manifest.json: is in order\n", '... and is clean');

	edit(sub { $_[0]{api}{regions} = ['amazon-web-services::us-east-1']; delete $_[0]{api}{config_vars}; $_[0]{id} = 'Fast DB' });
	($text, $status) = manifest('lint');
	is($status, 1, 'a manifest with errors fails');
	like($text, qr/^error +addon-manifest\.json: id must be the add-on's slug/m, '... with file, member and remedy');
	like($text, qr/^error .* api\.regions: "amazon-web-services::us-east-1" is the region of a request: write its name/m,
		'... of errors');
	like($text, qr/^warning .* api\.config_vars names no config var/m, '... and warnings');

	my @found = map { JSON::PP::decode_json($_) } split /\n/, (manifest(qw(lint --json)))[0];

	is_deeply([ grep { $_->{field} eq 'id' } @found ], [ { verdict => 'error', place => 'addon-manifest.json', field => 'id',
		text => "id must be the add-on's slug, with which the marketplace logs in: 1 to 64 lower-case letters, digits, - and _" } ],
		'--json names verdict, file and member');

	($text, $status) = manifest(qw(lint --addon fast-db));
	is($status, 0, '--addon names an add-on of the host');
	is($text, "ok       $folder/addons/heroku/fast-db/addon-manifest.json: is in order\n", '... and its file');
	init();
};

subtest 'a wrong command line' => sub {
	write_text('bad.json', "{\n\"id\": \"fast-db\"\n\"api\": {}}");
	my @refused = (
		[ [qw(lint none.json)], 1, qr/none\.json: cannot be read \(No such file/, 'no file' ],
		[ [qw(lint bad.json)], 1, qr/bad\.json: is not valid JSON: line 3: /, 'a typo' ],
		[ [qw(lint bad.json --addon fast-db)], 2, qr/name two manifests/, 'two manifests' ],
		[ [qw(lint --marketplace nowhere)], 2, qr/write .*heroku/, 'no marketplace' ],
		[ [qw(lint --addon slow-db)], 1, qr/has no home of slow-db at heroku/, 'no add-on' ],
	);

	for (@refused) {
		my ($arguments, $expected, $words, $name) = @$_;
		my ($text, $status) = manifest(@$arguments);

		is($status, $expected, "$name: the exit status");
		like($text, $words, "$name: the reason");
	}
};

subtest 'the older name' => sub {
	rename 'addon-manifest.json', 'addon_manifest.json';
	my ($text, $status) = manifest('lint');

	is($status, 0, 'it is used');
	like($text, qr/older name.*^ok +addon_manifest\.json/ms, '... with a warning');

	write_text('addon-manifest.json', '{}');
	($text, $status) = manifest('lint');
	is($status, 1, 'both names together are refused');
	like($text, qr/has both .* the first is in force/, '... with the reason');
	rename 'addon_manifest.json', 'addon-manifest.json';
};

done_testing;
