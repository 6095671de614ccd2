#!/usr/bin/perl
# resources export and resources import: complete, once, or not at all.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Test;
use Provisor::Files qw(read_text write_text);

my $user = getpwuid $>;
my %addon;
my $host = serving_host({}, sub {
	my ($new) = @_;

	%addon = (
		'fast-db' => addon($new, 'fast-db'),
		'slow-db' => addon($new, 'slow-db', version => '1'),
	);
});
my $files = 0;
my $json = JSON::PP->new->utf8->canonical;

sub provisor { return ctl($host->env, @_) }

# A new path.
sub path { return $host->home . '/file-' . ++$files . '.' . ($_[0] // 'jsonl') }

sub written {
	my ($text, $end) = @_;
	my $path = path($end);

	write_text($path, $text);
	return $path;
}

sub lines { return written(join '', map { $json->encode($_) . "\n" } @_) }

sub import_into {
	my ($addon, $path, @more) = @_;

	return provisor(qw(resources import --marketplace heroku --addon), $addon, $path, @more);
}

sub imported { return count_of($host, "events WHERE event = 'imported' AND actor = 'operator:$user'") }

sub of_resource { return row($host, "resources WHERE marketplace_id = '$_[0]'") // {} }

my %whole = (
	marketplace_id => uuid(),
	provider_id => 'their-4711',
	plan => 'premium',
	region => 'amazon-web-services::eu-west-1',
	name => '=HYPERLINK("https://evil.example/")',
	options => { size => '10', backup => 'yes' },
	config => { FAST_DB_URL => "https://old.example/?a=1,2&b=\"x\"", FAST_DB_TOKEN => 'a-very-old-token' },
	message => "'=First line,\nsecond \"line\".",
	log_drain_token => 'd.4711',
	log_drain_url => 'https://logs.example/secret-drain',
	created_at => '2019-05-04T03:02:01Z',
);

subtest 'a resource of another system' => sub {
	my $path = lines(\%whole);
	my $before = fingerprint($host);
	my ($output, $ended) = import_into('fast-db', $path, '--dry-run');

	is($ended, 0, '--dry-run succeeds');
	like($output, qr/^1 would be imported, 0 differ and stay unchanged, 0 exist already$/m, '... and prints what would be done');
	is(fingerprint($host), $before, '... but does nothing');

	($output, $ended) = import_into('fast-db', $path);
	is($ended, 0, 'the import succeeds');
	like($output, qr/^1 imported, 0 differ and stay unchanged, 0 exist already$/m, '... and prints what it did');
	is(imported(), 1, '... with one event');
	my $row = of_resource($whole{marketplace_id});
	is($row->{id}, $whole{marketplace_id}, 'our id is the marketplace\'s');
	is($row->{provider_id}, 'their-4711', 'the id of responses is the vendor\'s');
	like($row->{created_at}, qr/\A2019-05-04T03:02:01/, 'created_at is that of the file');
	unlike($json->encode($row), qr/very-old-token|secret-drain/, 'secrets are sealed');
	is(count_of($host, "resources WHERE id = '$row->{id}' AND grant_ended_at IS NULL"), 1, 'a later grant can be stored');

	$before = fingerprint($host);
	($output, $ended) = import_into('fast-db', $path);
	is($ended, 0, 'a second import succeeds');
	like($output, qr/^0 imported, 0 differ and stay unchanged, 1 exist already$/m, '... and finds the resource');
	is(fingerprint($host), $before, '... and writes nothing');
};

subtest 'requests of the marketplace for an imported resource' => sub {
	my %request = map { $_ => $whole{$_} } qw(plan region name options);

	answers($addon{'fast-db'}->provision(uuid => $whole{marketplace_id}, %request), 200, {
		id => 'their-4711',
		map { $_ => $whole{$_} } qw(config message log_drain_url),
	}, 'the repeat of its create gets a response');
	refuses($addon{'fast-db'}->provision(uuid => $whole{marketplace_id}, %request, plan => 'basic'), 422,
		'another create is refused', qr/another plan/);
};

for my $format (qw(jsonl csv)) {
	subtest "export and import: $format" => sub {
		my $path = path($format);
		my ($output, $ended) = provisor(qw(resources export), $path, qw(--addon fast-db));

		is($ended, 0, 'an export without secrets succeeds');
		unlike(read_text($path), qr/very-old-token|secret-drain/, 'the file has no secret');
		unlike(read_text($path), qr/(?:^|,)"?=/m, '... and no formula') if $format eq 'csv';
		is((stat $path)[2] & 0777, 0600, 'only its owner can read it');
		($output, $ended) = provisor(qw(resources export), $path);
		is($ended, 1, 'an existing file is an error');
		like($output, qr/\Q$path\E: cannot be created/, '... and is not overwritten');

		my $revealed = count_of($host, "events WHERE event = 'config-revealed'");
		$path = path($format);
		($output, $ended) = provisor(qw(resources export), $path, qw(--addon fast-db --reveal));
		is($ended, 0, 'an export with secrets succeeds');
		like(read_text($path), qr/very-old-token/, 'the file has them');
		is(count_of($host, "events WHERE event = 'config-revealed'"), $revealed + 1, '... and an event records it');
		($output, $ended) = import_into('fast-db', $path);
		like($output, qr/^0 imported, .* 1 exist already$/m, 'an import finds the resource unchanged');

		my $gone = $host->psql("BEGIN; DELETE FROM jobs; DELETE FROM events;
			DELETE FROM resources; COMMIT");
		($output, $ended) = import_into('fast-db', $path);
		like($output, qr/^1 imported,/m, 'after a loss it is imported');
		is_deeply({ %{ of_resource($whole{marketplace_id}) }{qw(name message)} },
			{ %whole{qw(name message)} }, '... with the same texts');
		my ($again) = path($format);
		provisor(qw(resources export), $again, qw(--addon fast-db --reveal));
		is(read_text($again), read_text($path), 'a second export has the same bytes');
	};
}

subtest 'an export to a full device' => sub {
	my (undef, $errors, $ended) = Provisor::CgiClient::run(
		program => [ 'sh', '-c', "exec '" . build() . "/provisor' resources export > /dev/full" ],
		environment => $host->env,
	);

	is($ended >> 8, 1, 'fails');
	is($errors, "provisor: cannot write to standard output: No space left on device\n",
		'... with one message');
};

subtest 'a resource that differs' => sub {
	my $path = lines({ %whole, plan => 'basic', config => { FAST_DB_TOKEN => 'newer' } });
	my $before = fingerprint($host);
	my ($output, $ended) = import_into('fast-db', $path);

	is($ended, 1, 'the import fails');
	like($output, qr/\Q$path\E: line 1: plan, config: .*--update/, '... with file, line, members and remedy');
	is(fingerprint($host), $before, '... and writes nothing');

	($output, $ended) = import_into('fast-db', $path, '--update');
	is($ended, 0, 'with --update it succeeds');
	like($output, qr/^0 imported, 1 updated,/m, '... and prints the update');
	is(of_resource($whole{marketplace_id})->{plan}, 'basic', 'the plan is that of the file');
	my $event = row($host, "events WHERE event = 'imported' ORDER BY id DESC LIMIT 1");
	is_deeply([ $event->{before}{plan}, $event->{after}{plan} ], [qw(premium basic)], 'an event records it');
	my $answer = $addon{'fast-db'}->provision(uuid => $whole{marketplace_id}, plan => 'basic',
		map { $_ => $whole{$_} } qw(region options));
	is($answer->status, 200, 'a repeated create is accepted');
	is_deeply($answer->json->{config}, { FAST_DB_TOKEN => 'newer' }, '... and gets the new config');
};

subtest 'members that never change' => sub {
	my ($output, $ended) = import_into('fast-db', lines(
		{ marketplace_id => uuid(), plan => 'basic' },
		{ %whole, provider_id => 'another' }), '--update');

	is($ended, 1, 'a file with another id fails');
	like($output, qr/line 2: provider_id: .*never change/, '... with the member');
	like($output, qr/nothing is imported/, '... and nothing is imported');
	is(count_of($host, 'resources'), 1, 'no other row either');
	$addon{'fast-db'}->deprovision($whole{marketplace_id});
	($output, $ended) = import_into('fast-db', lines(\%whole), '--update');
	is($ended, 1, 'a file with a deprovisioned resource fails');
	like($output, qr/line 1: state: /, '... with the member');
};

subtest 'empty members' => sub {
	my ($output, $ended) = import_into('fast-db', lines({ marketplace_id => uuid(), plan => 'basic', name => '', region => undef }));

	is($ended, 0, 'count as absent');
	($output, $ended) = import_into('fast-db', lines({ marketplace_id => uuid(), plan => '' }));
	like($output, qr/line 1: plan: is missing/, '... also if they are required');
};

subtest 'a deprovisioned resource' => sub {
	my $id = uuid();
	my $path = lines({ marketplace_id => $id, state => 'deprovisioned', plan => 'basic',
		config => { FAST_DB_TOKEN => 'forgotten' } });
	my ($output, $ended) = import_into('fast-db', $path);

	is($ended, 0, 'is imported');
	is(of_resource($id)->{config}, undef, 'without its config');
	is(of_resource($id)->{request_digest}, undef, '... and the digest of its request');
	refuses($addon{'fast-db'}->provision(uuid => $id), 410, '... and cannot be created again', qr/./);
};

subtest 'a suspended resource' => sub {
	my $id = uuid();
	my ($output, $ended) = import_into('fast-db', lines({ marketplace_id => $id, state => 'suspended', plan => 'basic' }));

	is($ended, 0, 'is imported');
	is(of_resource($id)->{state}, 'suspended', '... as suspended');
	($output, $ended) = import_into('fast-db', lines({ marketplace_id => $id, plan => 'premium' }), '--update');
	like($output, qr/^0 imported, 1 updated,/m, '... and updated by a file that does not have its state');
	is(of_resource($id)->{state}, 'suspended', '... which it keeps');
	like((provisor(qw(resources export --state suspended)))[0], qr/^\S*\{.*\Q"$id"\E/m, 'an export has it');
	$host->psql("DELETE FROM events WHERE resource = '$id'; DELETE FROM resources WHERE id = '$id'");
};

subtest 'an add-on without ids of the marketplace' => sub {
	my ($output, $ended) = import_into('slow-db', written(
		"\xef\xbb\xbfprovider_id,plan,config\r\n17,basic,\"{\"\"SLOW_DB_URL\"\":\"\"https://17.example\"\"}\"\r\n", 'csv'));

	is($ended, 0, 'the vendor\'s ids are enough');
	my $row = row($host, "resources WHERE provider_id = '17'");
	is($row->{marketplace_id}, undef, 'marketplace_id stays empty');
	is($addon{'slow-db'}->change_plan('17', 'premium')->status, 200, 'requests find the resource');
	($output, $ended) = import_into('slow-db', lines({ provider_id => '17', marketplace_id => uuid(), plan => 'premium' }));
	like($output, qr/line 1: marketplace_id: .*never change/, 'marketplace_id cannot be added later');
};

subtest 'an id that another add-on has' => sub {
	my ($output, $ended) = import_into('slow-db', lines({ marketplace_id => $whole{marketplace_id}, plan => 'basic' }));

	is($ended, 0, 'does not prevent the import');
	my $row = row($host, "resources WHERE addon = 'slow-db' AND marketplace_id = '$whole{marketplace_id}'");
	isnt($row->{id}, $whole{marketplace_id}, 'the resource gets another id of ours');
};

subtest 'a resource whose plan has changed here' => sub {
	my $id = uuid();
	my $fast = $addon{'fast-db'};

	is($fast->provision(uuid => $id)->status, 200, 'it is provisioned');
	my $config = $fast->change_plan($id, 'premium')->json->{config};
	my ($output, $ended) = import_into('fast-db',
		lines({ marketplace_id => $id, plan => 'premium', name => 'renamed', secrets => { other => 'x' } }), '--update');
	is($ended, 0, 'the update succeeds');
	my $answer = $fast->provision(uuid => $id);
	is($answer->status, 200, 'a repeat of its create is accepted');
	is_deeply($answer->json->{config}, $config, '... with the config, which the file lacks');
};

subtest 'secrets of a template' => sub {
	my $id = uuid();
	my $fast = $addon{'fast-db'};
	my $path = path();

	my $before = $fast->provision(uuid => $id)->json->{config};
	provisor(qw(resources export), $path, qw(--addon fast-db --reveal));
	$host->psql("DELETE FROM events WHERE resource = '$id';
		DELETE FROM resources WHERE id = '$id'");
	my ($output, $ended) = import_into('fast-db', $path);
	like($output, qr/^1 imported,/m, 'are imported with the resource');
	is($fast->change_plan($id, 'premium')->json->{config}{FAST_DB_TOKEN}, $before->{FAST_DB_TOKEN},
		'... and survive a plan change');
};

subtest 'more resources than a statement reads' => sub {
	my $path = path();

	$host->psql("INSERT INTO resources (id, marketplace, addon, provider_id, plan, state)
		SELECT id, 'heroku', 'slow-db', id, 'many', 'provisioned'
		FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 600)) many");
	provisor(qw(resources export), $path, qw(--plan many));
	my %seen = map { $_ => 1 } split /\n/, read_text($path);
	is(scalar keys %seen, 600, 'all are exported once');
	my ($output, $ended) = import_into('slow-db', $path);
	like($output, qr/^0 imported, .* 600 exist already$/m, '... and imported');
};

# 190 lines of 1 MiB each, most of it blanks, in 256 MiB of addresses.
subtest 'a large file' => sub {
	plan skip_all => 'sanitizers need addresses' if build() =~ /sanitize/;
	my $path = written('', 'jsonl');
	my $blanks = ' ' x (2 ** 20 - 200);

	open my $file, '>', $path or die "$path: $!\n";
	print {$file} $json->encode({ marketplace_id => uuid(), plan => 'basic' }), $blanks, "\n" for 1 .. 190;
	close $file or die "$path: $!\n";
	local %ENV = (%ENV, %{ $host->env });
	my $output = `ulimit -v 262144; exec @{[ build() ]}/provisor resources import --dry-run --marketplace heroku --addon fast-db $path 2>&1`;

	like($output, qr/^190 would be imported/m, 'does not need much memory');
	unlink $path;
};

subtest 'a file with bad lines' => sub {
	my $good = $json->encode({ marketplace_id => uuid(), plan => 'basic' });
	my @cases = (
		# name                      line                                          message
		[ 'not JSON',               'plan=basic',                                 qr/line 2: .*correct it/ ],
		[ 'not an object',             '[1]',                                        qr/line 2: it is not an object: correct it/ ],
		[ 'an unknown member',      '{"marketplace_id":"ID","plan":"a","plam":1}', qr/line 2: plam: is unknown: correct/ ],
		[ 'no id',                  '{"plan":"a"}',                               qr/line 2: marketplace_id: is missing/ ],
		[ 'an invalid id',         '{"marketplace_id":"17","plan":"a"}',         qr/line 2: marketplace_id: must be the marketplace's UUID/ ],
		[ 'no plan',                '{"marketplace_id":"ID"}',                    qr/line 2: plan: is missing/ ],
		[ 'a plan too long',        qq({"marketplace_id":"ID","plan":"@{['a' x 65]}"}), qr/line 2: plan: must be a string of 1 to 64/ ],
		[ 'a state in between',     '{"marketplace_id":"ID","plan":"a","state":"provisioning"}', qr/line 2: state: must be/ ],
		[ 'another add-on',         '{"marketplace_id":"ID","plan":"a","addon":"slow-db"}', qr/line 2: addon: must be "fast-db"/ ],
		[ 'options of numbers',     '{"marketplace_id":"ID","plan":"a","options":{"a":1}}', qr/line 2: options: must be an object/ ],
		[ 'config undeclared',      '{"marketplace_id":"ID","plan":"a","config":{"OTHER":"x"}}', qr/line 2: config: OTHER is not declared: add/ ],
		[ 'an invalid time',        '{"marketplace_id":"ID","plan":"a","created_at":"May"}', qr/line 2: created_at: must be a time/ ],
		[ 'a line too long',        '"' . 'a' x 2 ** 20 . '"',                    qr/line 2: it has more than 1 MiB: correct it/ ],
		[ 'a resource twice',       $good,                                        qr/line 2: marketplace_id: is on line 1 too/ ],
	);
	my $before = fingerprint($host);

	for (@cases) {
		my ($name, $line, $words) = @$_;
		my $id = uuid();
		my $path = written("$good\n" . ($line =~ s/"ID"/"$id"/r) . "\n");
		my ($output, $ended) = import_into('fast-db', $path);

		is($ended, 1, "$name: fails");
		like($output, qr/^provisor: \Q$path\E: $words/m, "$name: is reported");
	}
	my @csv = (
		[ 'an unknown column', "marketplace_id,plam\n",               qr/line 1: its column "plam" is unknown/ ],
		[ 'a column twice',    "plan,plan\n",                         qr/line 1: its column "plan" is repeated/ ],
		[ 'many faults',       "provider_id,plan\n" . "1,a,b\n" x 101, qr/there may be more errors: correct these first$/m ],
		[ 'too many fields',  "provider_id,plan\n1,a,b\n",           qr/line 2: it has 3 fields, but the header has 2/ ],
		[ 'an open quote',     "provider_id,plan\n1,\"a\n",           qr/line 2: a quote is not closed/ ],
		[ 'an open quote in a large file', "provider_id,plan\n1,\"a\n" . "2,b\n" x 2 ** 18, qr/line 2: it has more than 1 MiB, perhaps because/ ],
		[ 'a fault behind line breaks', "provider_id,plan\n1,\"a\nb\"\n\n2\n", qr/line 5: it has 1 fields/ ],
		[ 'a stray quote',     "provider_id,plan\n1,a\"b\n",          qr/line 2: a field contains a quote/ ],
		[ 'config not JSON',   "provider_id,plan,config\n1,a,b\n",    qr/line 2: config: must be a JSON object/ ],
		[ 'not UTF-8',         "provider_id,plan\n1,\xff\n",          qr/it is not UTF-8 text/ ],
	);
	for (@csv) {
		my ($name, $text, $words) = @$_;
		my ($output, $ended) = import_into('slow-db', written($text, 'csv'));

		is($ended, 1, "$name: fails");
		like($output, $words, "$name: is reported");
	}
	is(fingerprint($host), $before, 'nothing is written');
};

subtest 'wrong options' => sub {
	for ([ [qw(import /nowhere)], 2, qr/needs --marketplace NAME/ ],
		[ [qw(import /nowhere --marketplace heroku --addon fast-db --format xml)], 2, qr/--format/ ],
		[ [qw(import /nowhere --marketplace heroku --addon fast-db)], 1, qr{/nowhere: cannot be read} ],
		[ [qw(import /nowhere --marketplace heroku --addon other)], 1, qr/no valid home/ ],
		[ [qw(list --state deleted)], 2,
			qr/--state must be provisioning, provisioned, suspended, kept, deprovisioning, deprovisioned, refused, abandoned or moved$/m ],
		[ [qw(export --state refused)], 2, qr/--state/ ]) {
		my ($arguments, $status, $words) = @$_;
		my ($output, $ended) = provisor('resources', @$arguments);

		is($ended, $status, "@$arguments: ends with $status");
		like($output, $words, "@$arguments: says why");
	}
};

is_unhurt($host);

done_testing;
