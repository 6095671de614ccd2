#!/usr/bin/perl
# provisor manifest judges the manifest of an add-on, and exchanges it with Heroku.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Cwd 'abs_path';
use File::Path 'remove_tree';
use File::Temp 'tempdir';
use IPC::Open2;
use JSON::PP ();
use Test::More;

use Provisor::CgiClient 'run';
use Provisor::Test;
use Provisor::ManifestServer;
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

my $token = 'HRKU-a-token-of-the-test';
# An editor that saves the file during a request.
sub save_meanwhile {
	rename 'saved', 'addon-manifest.json' if -e 'saved';
	return;
}

my $heroku = Provisor::ManifestServer->new(token => $token, meanwhile => \&save_meanwhile);
my @remote = ('--token-file', 'token', '--host', $heroku->url . '/', '--ca-file', $heroku->ca_file);

write_text('token', "$token\n");

sub content { return JSON::PP::decode_json(read_text('addon-manifest.json')) }

# No command prints a secret, unless it is told to.
sub is_secret {
	my ($text, $name) = @_;

	unlike($text, qr/[A-Za-z0-9]{32}|\Q$token\E/, "$name: prints no secret");
	return;
}

subtest 'the way of a manifest' => sub {
	my ($text, $status) = manifest('push', @remote);

	is($status, 2, 'a push without a terminal needs --yes');
	like($text, qr/nothing is pushed: add --yes/, '... in words');
	like($text, qr/a push creates it/, '... and explains what it would do');
	is_secret($text, 'an explanation');
	is($heroku->current('fast-db'), undef, '... and does nothing');

	my $before = content();

	chmod 0640, 'addon-manifest.json';
	($text, $status) = manifest('push', '--yes', @remote);
	is($status, 0, 'the first push creates the add-on') or diag $text;
	is_secret($text, 'a push');
	my $base = delete $heroku->current('fast-db')->{'$base'};

	is_deeply(content(), { %$before, '$base' => $base }, 'the file gets $base');
	is_deeply($heroku->current('fast-db'), content(), '... and is what Heroku has');
	is((stat 'addon-manifest.json')[2] & 07777, 0640, '... and keeps its mode');
	like(read_text('addon-manifest.json'), qr/^\{\n  "\$base": .*[^\n]\z/s, '... in the form of Heroku\'s tools');

	my ($pushed) = grep { $_->{method} eq 'POST' } @{ $heroku->requests };

	is($pushed->{headers}{'content-type'}, 'application/json', 'JSON is sent');
	is($pushed->{headers}{accept}, 'application/json', '... and accepted');
	like($pushed->{headers}{'user-agent'}, qr{\Aprovisor/}, '... by provisor');

	($text, $status) = manifest('diff', @remote);
	is($status, 0, 'there is no difference');
	is($text, "addon-manifest.json: is the manifest that Heroku has\n", '... and that is all');
	($text, $status) = manifest('push', @remote);
	is($status, 0, '... so there is nothing to push');

	$heroku->edit('fast-db', sub { push @{ $_[0]{api}{regions} }, 'tokyo'; $_[0]{api}{sso_salt} = 'S' x 32 });
	($text, $status) = manifest('diff', @remote);
	is($status, 1, 'a change at Heroku is a difference');
	like($text, qr/^-\s+"tokyo"$/m, '... which is shown');
	like($text, qr/^-\s+"sso_salt": "\(hidden, that at Heroku\)",?\n\+\s+"sso_salt": "\(hidden, that in the file\)"/m,
		'... even of a secret');
	like($text, qr/^\s+"password": "\(hidden\)"/m, '... while an equal one is none');
	unlike($text, qr/^[-+]\s+"(?:id|name|us|eu)"/m, '... and nothing else');
	is_secret($text, 'a difference');

	my $file = read_text('addon-manifest.json');

	($text, $status) = manifest('pull', @remote);
	is($status, 2, 'a pull that loses something needs --yes');
	like($text, qr/stays as it is: add --yes/, '... in words');
	is(read_text('addon-manifest.json'), $file, '... and changes nothing');
	($text, $status) = manifest('pull', '--yes', @remote);
	is($status, 0, 'a pull');
	is_deeply(content(), $heroku->current('fast-db'), '... replaces the file');
	is_secret($text, 'a pull');

	$heroku->edit('fast-db', sub { $_[0]{cli_plugin_name} = 'heroku-fast-db' });
	($text, $status) = manifest('pull', @remote);
	is($status, 0, 'a pull that only adds needs no --yes') or diag $text;
	is(content()->{cli_plugin_name}, 'heroku-fast-db', '... and adds');
};

# The output of a command on a terminal where this is typed.
sub at_terminal {
	my ($typed, @arguments) = @_;
	my ($output) = run(program => [ qw(script -qec), "$program manifest @arguments --env provisor.env", '/dev/null' ],
		environment => { PATH => $ENV{PATH} }, stdin => $typed);

	return $output;
}

# Starts a command on a terminal and, at its prompt, types this.  Returns the output.
sub types_secret {
	my ($typed, @arguments) = @_;
	local $SIG{INT} = 'DEFAULT'; # a background job ignores it
	my $pid = open2(my $output, my $input, qw(script -qec), "trap : INT; $program manifest @arguments", '/dev/null');
	my $text = '';

	$text .= getc $output until $text =~ /--token-file: \z/ || eof $output;
	print {$input} $typed;
	$input->flush;
	$text .= do { local $/; <$output> } // '';
	waitpid $pid, 0;
	return ($text, $? >> 8);
}

subtest 'a token that is typed' => sub {
	my @typed = ('show', 'fast-db', map { s/\Atoken\z/-/r } @remote);
	my ($text, $status) = types_secret("$token\n", @typed);

	like($text, qr/"id": "fast-db"/, 'is used') or diag $text;
	unlike($text, qr/$token/, '... and not shown');
	is($status, 0, '... and the command succeeds');
	($text, $status) = types_secret("a-tok\x03", @typed);
	is($status, 128 + 2, 'Ctrl-C ends the command');
	unlike($text, qr/a-tok/, '... and what was typed is not shown');
	($text) = types_secret("$token\n", @typed, '; stty -a');
	like($text, qr/ echo /, 'the terminal shows again what is typed') or diag $text;
	($text) = types_secret("\x03", @typed, '; stty -a');
	like($text, qr/ echo /, '... also after Ctrl-C') or diag $text;
};

subtest 'a question' => sub {
	edit(sub { $_[0]{name} = 'Asked' });
	like(at_terminal("n\n", 'push', @remote), qr/Push this manifest\?.*nothing is pushed/s, 'no is an answer');
	isnt($heroku->current('fast-db')->{name}, 'Asked', '... that changes nothing');
	like(at_terminal("y\n", 'push', @remote), qr/fast-db: is pushed/, 'so is yes');
	is($heroku->current('fast-db')->{name}, 'Asked', '... that pushes');
	edit(sub { $_[0]{name} = 'Here' });
	like(at_terminal("n\n", 'pull', @remote), qr/are lost\.\s+Replace\s+the file\?.*stays as it is/s, 'a pull asks');
	is(content()->{name}, 'Here', '... before it replaces');
	like(at_terminal("y\n", 'pull', @remote), qr/is now the manifest that Heroku has/, 'and goes on');
	is(content()->{name}, 'Asked', '... with yes');
};

subtest 'a file that changes meanwhile' => sub {
	my $file = read_text('addon-manifest.json');

	$heroku->edit('fast-db', sub { $_[0]{name} = 'Edited' });
	write_text('saved', "$file\n");
	my ($text, $status) = manifest('pull', '--yes', @remote);

	is($status, 1, 'is not replaced');
	like($text, qr/has changed meanwhile and stays as it is/, '... in words');
	is(read_text('addon-manifest.json'), "$file\n", '... and stays');
	manifest('pull', '--yes', @remote);
};

subtest 'a conflict' => sub {
	edit(sub { $_[0]{name} = 'Faster' });
	$heroku->edit('fast-db', sub { $_[0]{name} = 'Fastest' });
	my $file = read_text('addon-manifest.json');
	my ($text, $status) = manifest('push', '--yes', @remote);

	is($status, 1, 'it is refused');
	like($text, qr/\(status 422\) \("Manifest has been changed by someone else\."\): .*provisor manifest pull/s,
		'... in the words of Heroku, with the remedy');
	is(read_text('addon-manifest.json'), $file, '... and the file stays');
	is($heroku->current('fast-db')->{name}, 'Fastest', '... as Heroku\'s does');
	manifest('pull', '--yes', @remote);
};

subtest 'a rotation' => sub {
	edit(sub { $_[0]{api}{password} = 'P' x 32 });
	my ($text, $status) = manifest('push', '--yes', @remote);

	is($status, 0, 'a new password is pushed');
	like($text, qr/changed password .* at once.*SECRETS/s, '... with what to mind');
	is_secret($text, 'a rotation');
	is($heroku->current('fast-db')->{api}{password}, 'P' x 32, '... and is in force');
};

subtest 'show and list' => sub {
	my ($text, $status) = manifest('show', @remote);

	is($status, 0, 'the present manifest');
	is(JSON::PP::decode_json($text)->{api}{password}, '(hidden)', '... without its password');
	is_secret($text, 'it');
	($text) = manifest('show', 'fast-db', '--reveal', @remote);
	is_deeply(JSON::PP::decode_json($text), $heroku->current('fast-db'), '--reveal shows all');

	($text, $status) = manifest('list', @remote);
	is($status, 0, 'the history');
	like($text, qr/^ID +CREATED AT$/m, '... is a table');
	my @ids = map { JSON::PP::decode_json($_)->{id} } split /\n/, (manifest('list', '--json', @remote))[0];

	cmp_ok(scalar @ids, '>', 4, '... or JSON');
	($text) = manifest('show', '--id', $ids[-1], @remote);
	is(JSON::PP::decode_json($text)->{name}, 'Fast Db', 'an older manifest');
	($text, $status) = manifest('show', '--id', '../x', @remote);
	is($status, 1, 'an unknown one');
	like($text, qr/^provisor: fast-db: it does not exist/, '... does not exist');
	like($heroku->requests->[-1]{path}, qr{/manifests/\.\.%2Fx\z}, '... and its id is no path');
};

subtest 'a pull without a file' => sub {
	unlink 'addon-manifest.json';
	my ($text, $status) = manifest('pull', @remote);

	is($status, 1, 'needs a slug');
	like($text, qr/addon-manifest\.json: does not exist: write the slug of the add-on, or name the manifest/, '... in words');
	($text, $status) = manifest('pull', 'fast-db', @remote);
	is($status, 0, 'makes the file');
	is((stat 'addon-manifest.json')[2] & 07777, 0600, '... a private one');
	is_deeply(content(), $heroku->current('fast-db'), '... with what Heroku has');
	($text, $status) = manifest('pull', 'slow-db', @remote);
	is($status, 1, 'of another add-on');
	like($text, qr/is the manifest of fast-db: name that of slow-db with --manifest/, '... does not replace it');
};

subtest 'a link' => sub {
	rename 'addon-manifest.json', 'other.json';
	symlink 'other.json', 'addon-manifest.json';
	my $file = read_text('other.json');

	$heroku->edit('fast-db', sub { $_[0]{name} = 'Linked' });
	for my $command (qw(pull push)) {
		my $requests = @{ $heroku->requests };
		my ($text, $status) = manifest($command, '--yes', @remote);

		is($status, 1, "$command: a link is refused");
		like($text, qr/is not a regular file.*--manifest/, '... with the remedy');
		is(@{ $heroku->requests }, $requests, '... before anything is sent');
	}
	is(read_text('other.json'), $file, '... and its target stays');
	is((manifest('diff', @remote))[1], 1, 'to compare, it is read');
	unlink 'addon-manifest.json';
	rename 'other.json', 'addon-manifest.json';
	manifest('pull', '--yes', @remote);
};

subtest 'an add-on of the host' => sub {
	my ($text, $status) = manifest('pull', '--addon', 'fast-db', '--yes', @remote);

	is($status, 0, 'its home is changed') or diag $text;
	is(read_text("$folder/addons/heroku/fast-db/addon-manifest.json"), read_text('addon-manifest.json'),
		'... to what Heroku has');
	is(() = glob("$folder/addons/heroku/fast-db/.addon*"), 0, '... and no other file is left');
};

# Each is named in one sentence, and changes nothing.
my @failures = (
	[ 401, { error => 'Invalid credentials provided.' }, qr/the token is not valid \(status 401\) \("Invalid cred/ ],
	[ 403, { error => 'Forbidden.' }, qr/may not do this \(status 403\)/ ],
	[ 404, { error => 'Not found.' }, qr/does not exist, or the account/ ],
	[ 409, { error => { base => ['Conflict.'] } }, qr/refused \(status 409\) \("Conflict\."\)/ ],
	[ 422, { error => { base => ['Bad region.', 'Bad id.'] } }, qr/refused \(status 422\) \("Bad region\."\)/ ],
	[ 429, {}, qr/too many requests \(status 429\): try again in a minute/ ],
	[ 500, "\e]0;x\a", qr/the marketplace failed \(status 500\): try again later/ ],
	[ 503, '<html>', qr/the marketplace failed \(status 503\)/ ],
	[ 302, '', qr/not a response of the marketplace \(status 302\): correct --host/ ],
	[ 200, '<html>', qr/not that of the marketplace: correct --host/ ],
	[ 200, '{"contents": 7}', qr/not that of the marketplace: correct --host/ ],
	[ 200, '{"contents":' . '[' x 100_000, qr/not that of the marketplace/ ],
	[ 0, '', qr/there is no response \(.*\): check the network/ ],
);

for (@failures) {
	my ($failure, $body, $words) = @$_;
	my $file = read_text('addon-manifest.json');
	my ($text, $status);

	subtest "status $failure" => sub {
		for my $command (qw(diff pull show list)) {
			$heroku->fail($failure, $body);
			($text, $status) = manifest($command, @remote);
			is($status, 1, "$command fails");
			like($text, qr/\Aprovisor: fast-db: .*\n\z/, '... in a sentence');
			like($text, $words, '... with the reason');
		}
		is(read_text('addon-manifest.json'), $file, 'the file stays');
	};
}

subtest 'a push that fails' => sub {
	edit(sub { $_[0]{api}{regions} = [] });
	my $requests = @{ $heroku->requests };
	my ($text, $status) = manifest('push', '--yes', @remote);

	is($status, 1, 'of a file with errors');
	like($text, qr/api\.regions must be an array .*nothing is pushed: correct addon-manifest\.json/s, '... names them');
	is(@{ $heroku->requests }, $requests, '... and sends nothing');
	edit(sub { $_[0]{api}{regions} = ['us'] });

	my $edited = read_text('addon-manifest.json');

	$heroku->fail(0, '', 1);
	($text, $status) = manifest('push', '--yes', @remote);
	is($status, 1, 'without a response');
	like($text, qr/no response .*the push may have had an effect: provisor manifest diff/s, '... is uncertain');
	is(read_text('addon-manifest.json'), $edited, '... and the file stays');
	$heroku->fail(503, '', 2);
	($text, $status) = manifest('push', '--yes', @remote);
	is($status, 1, 'halfway');
	like($text, qr/is pushed, but lacks what Heroku has added: provisor manifest pull/, '... says what is missing');
	is(read_text('addon-manifest.json'), $edited, '... and the file stays');
	is((manifest('pull', @remote))[1], 0, '... until it is pulled');
	edit(sub { $_[0]{name} = 'Late' });

	write_text('wrong', "another-token\n");
	my $file = read_text('addon-manifest.json');

	($text, $status) = manifest('push', '--yes', @remote, '--token-file', 'wrong');
	is($status, 1, 'with a wrong token');
	like($text, qr/the token is not valid/, '... in words');
	unlike($text, qr/another-token/, '... that do not have it');
	is(read_text('addon-manifest.json'), $file, '... and the file stays');
};

subtest 'the token' => sub {
	my $text = `echo '$token' | '$program' manifest show --token-file - @remote[2 .. 5] --env provisor.env`;

	like($text, qr/"fast-db"/, 'comes from standard input');
	my @refused = (
		[ 'none', qr/cannot be read/, 'no file' ],
		[ 'empty', qr/must be the secret/, 'an empty file', '' ],
		[ 'blank', qr/must be a token, without blanks/, 'a sentence', 'two words' ],
		[ 'open', qr/users other than the owner .*mode 0644.*chmod 600/, 'a file for all', $token ],
	);

	for (@refused) {
		my ($file, $words, $name, $content) = @$_;

		write_text($file, $content) if defined $content;
		chmod 0644, $file if $file eq 'open';
		my ($answer, $status) = manifest('show', @remote, '--token-file', $file);

		is($status, 1, "$name is refused");
		like($answer, $words, '... in words');
	}
};

subtest 'the host' => sub {
	my ($text, $status) = manifest('show', @remote, '--host', 'http://addons.example.com');

	is($status, 2, 'is not reached in clear');
	like($text, qr/--host: .* must begin with https:/, '... in words');
	($text, $status) = manifest('show', @remote[0 .. 3]);
	is($status, 1, 'needs a certificate that is trusted');
	like($text, qr/no response \(.*certificate/i, '... in words');
	$heroku->stop;
	($text, $status) = manifest('show', @remote);
	is($status, 1, 'may be down');
	like($text, qr/no response/, '... in words');
};

subtest 'a wrong command line' => sub {
	write_text('bad.json', "{\n\"id\": \"fast-db\"\n\"api\": {}}");
	my @refused = (
		[ [qw(lint none.json)], 1, qr/none\.json: cannot be read \(No such file/, 'no file' ],
		[ [qw(lint bad.json)], 1, qr/bad\.json: is not valid JSON: line 3: /, 'a typo' ],
		[ [qw(lint bad.json --addon fast-db)], 2, qr/name two manifests/, 'two manifests' ],
		[ [qw(lint --marketplace nowhere)], 2, qr/write .*heroku/, 'no marketplace' ],
		[ [qw(diff --token-file token --manifest none.json)], 1, qr/none\.json: does not exist: name the manifest/, 'no file to compare' ],
		[ [qw(diff --token-file token --manifest bad.json)], 1, qr/bad\.json: is not valid JSON: line 3: /, 'a typo to compare' ],
		[ [qw(push --manifest bad.json)], 2, qr/needs --token-file FILE/, 'no token' ],
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
