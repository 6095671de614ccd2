#!/usr/bin/perl
# provisor init creates the home of an add-on; provisor completion.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Path 'remove_tree';
use JSON::PP ();
use Test::More;

use Provisor::CgiClient 'run';
use Provisor::Test;
use Provisor::Files 'read_text';

my $host = new_host();
$host->start_hooks;
my $heroku = $host->addons_dir . '/heroku';

sub provisor {
	my (@arguments) = @_;

	return ctl($host->env, @arguments);
}

# All files below the folder of the homes, including hidden ones.
sub files {
	my $found = `cd '@{[ $host->addons_dir ]}' && find . | sort`;

	return $found;
}

sub mode { return sprintf '%04o', (stat $_[0])[2] & 07777 }

my @commands = (
	# name                          arguments
	[ 'an unknown marketplace',   qw(elsewhere fast-db) ],
	[ 'a slug with capitals',         qw(heroku Fast-Db) ],
	[ 'a slug that is a number',      qw(heroku 4711) ],
	[ 'a slug that is a path',        qw(heroku ../fast-db) ],
	[ 'a slug that is too long',      'heroku', 'a' x 65 ],
	[ 'a slug too long for staging',  'heroku', 'a' x 60, '--staging' ],
	[ 'an unknown listener',      qw(heroku fast-db --listener hooks) ],
	[ 'a URL without TLS',            qw(heroku fast-db --url http://localhost) ],
	[ 'a URL without a host',         qw(heroku fast-db --url https://) ],
	[ 'a URL that would break JSON',  qw(heroku fast-db --url), 'https://a"b' ],
	[ 'an unknown version',           qw(heroku fast-db --version 2) ],
	[ 'a version of another marketplace', qw(cloudcontrol fast-db --version 3) ],
	[ 'a staging add-on without an address', qw(heroku fast-db --url https://db.example.com --staging) ],
	[ 'a staging address without TLS', qw(heroku fast-db --staging-url http://localhost) ],
	map({ [ "production's address as $_", qw(heroku fast-db --url https://db.example.com --staging-url), $_ ] }
		'https://db.example.com', 'https://db.example.com/', 'https://DB.example.com', 'https://db.example.com:443//'),
);

for (@commands) {
	my ($name, @arguments) = @$_;
	my $before = files();
	my ($output, $ended) = provisor('init', @arguments);

	is($ended, 2, "$name: is a usage error");
	like($output, qr/^provisor: .*: write /, "$name: prints how to write it");
	is(files(), $before, "$name: writes nothing");
}

subtest 'a home' => sub {
	my ($output, $ended) = provisor(qw(init heroku fast-db --url https://db.example.com/));
	my $home = "$heroku/fast-db";
	my $text = read_text("$home/addon-manifest.json");
	my %secret = $text =~ /"(password|sso_salt)": "([A-Za-z0-9]{32})"/g;

	is($ended, 0, 'is written');
	isnt($secret{password}, $secret{sso_salt}, 'the password and the salt differ');
	is($text =~ s/[A-Za-z0-9]{32}/SECRET/gr, <<'JSON' =~ s/\n\z//r,
{
  "id": "fast-db",
  "api": {
    "config_vars_prefix": "FAST_DB",
    "config_vars": [
      "FAST_DB_URL"
    ],
    "password": "SECRET",
    "sso_salt": "SECRET",
    "regions": [
      "us",
      "eu"
    ],
    "requires": [],
    "production": {
      "base_url": "https://db.example.com/heroku/resources",
      "sso_url": "https://db.example.com/sso/login"
    },
    "version": "3"
  },
  "name": "Fast Db"
}
JSON
		'the manifest is the one that Heroku generates');
	is(read_text("$home/settings.json"), "{}\n", 'the settings are empty');
	is(mode($_), '0600', "$_ is private")
		for map { "$home/$_" } qw(addon-manifest.json template.json settings.json);
	is(mode($home), '0700', 'the home is private');
	unlike($output, qr/[A-Za-z0-9]{32}/, 'prints no secret');
	like($output, qr/"plans".*manifest push/s, 'prints the next steps');

	my ($list, $valid) = provisor(qw(addons list));
	is($valid, 0, 'the home is valid at once');
	like($list, qr{^heroku +fast-db +/heroku/resources +3 +template\.json +valid$}m,
		'addons list shows it');
	unlike($list, qr/warning/, 'prints no warning');
};

# The kept resource must stay until the vendor has written the code.
sub refuses_to_restore {
	my ($home) = @_;
	my ($output, $ended) = provisor(qw(hook test), $home, 'restore');

	is($ended, 1, 'restore refuses');
	like($output, qr/^verdict +refused\nmessage +This add-on cannot restore a resource yet\.$/m, '... with a sentence');
	return like($output, qr/msg="not implemented: give /, '... and the log says that it is to be written');
}

subtest 'a home with hooks' => sub {
	my ($output, $ended) = provisor(qw(init heroku by-hooks --listener exec));
	my $home = "$heroku/by-hooks";
	my ($list, $valid) = provisor(qw(addons list));

	is($ended, 0, 'is written');
	like($output, qr{provisor hook test \Q$home\E provision}, 'prints how to test them');
	is($valid, 0, 'the home is valid at once');
	like($list, qr{ by-hooks +/heroku/resources +3 +hooks +valid$}m, 'addons list shows it');
	unlike($list, qr/warning/, 'prints no warning');
	for (qw(provision change-plan deprovision sign-on suspend resume)) {
		is(mode("$home/hooks/$_"), '0700', "$_ is private and executable");
		is((provisor(qw(hook test), $home, $_))[1], 0, "... and succeeds");
	}
	refuses_to_restore($home);
	like((provisor(qw(hook test), $home, qw(provision --reveal)))[0],
		qr{^config +BY_HOOKS_URL=https://\S+\?token=\w{48}\n.*^message +Your By Hooks is ready\.$}ms,
		'it returns the config var of the manifest');
	ok(!-e "$home/template.json", 'the home has no template');
};

subtest 'a home with a library' => sub {
	my ($output, $ended) = provisor(qw(init heroku by-library --listener so));
	my $home = "$heroku/by-library";
	my $headers = $host->home . '/include';
	my ($command) = $output =~ /^  (cd .*cc .*)$/m;

	is($ended, 0, 'is written');
	like((provisor(qw(addons list)))[0], qr/by-library: has listener\.c and no listener\.so: build it/,
		'the home is invalid before the library is built');
	mkdir $_ for $headers, "$headers/provisor";
	symlink "$FindBin::Bin/../../lib/listener/provisor_listener.h", "$headers/provisor/listener.h" or die "$!\n";
	$command =~ s/ -o / -Werror -I$headers -o /;
	is(scalar `$command 2>&1`, '', 'the printed command builds it');
	is((provisor(qw(addons list)))[1], 0, '... which makes the home valid');
	is((provisor(qw(hook test), $home, $_))[1], 0, "$_ succeeds")
		for qw(provision change-plan deprovision sign-on suspend resume);
	refuses_to_restore($home);
};

subtest 'an existing home stays unchanged' => sub {
	my $manifest = read_text("$heroku/fast-db/addon-manifest.json");
	my ($output, $ended) = provisor(qw(init heroku fast-db));

	is($ended, 1, 'fails');
	like($output, qr/exists already/, 'prints the reason');
	is(read_text("$heroku/fast-db/addon-manifest.json"), $manifest, 'the manifest is unchanged');
};

subtest '--staging creates both homes or none' => sub {
	my $before = files();

	mkdir "$heroku/twice-staging";
	my ($output, $ended) = provisor(qw(init heroku twice --staging));
	is($ended, 1, 'fails if the second home exists');
	rmdir "$heroku/twice-staging";
	is(files(), $before, 'removes the first home then');

	($output, $ended) = provisor(qw(init heroku twice --staging));
	is($ended, 0, 'creates both otherwise');
	my ($list, $valid) = provisor(qw(addons list));
	is($valid, 0, 'both are valid');
	like($list, qr/ twice .* twice-staging /s, 'addons list shows it');
	like($output, qr/replace twice\.example\.com with\s+the\s+name\s+of\s+your\s+host/,
		'without --url, prints which host to replace');
};

sub base_url { return JSON::PP::decode_json(read_text("$heroku/$_[0]/addon-manifest.json"))->{api}{production}{base_url} }

subtest 'a staging add-on has its own address' => sub {
	my ($output, $ended) = provisor(qw(init heroku tested --url https://db.example.com),
		'--staging-url', 'https://staging.example.com:8443/');

	is($ended, 0, '--staging-url creates both homes');
	is(base_url('tested'), 'https://db.example.com/heroku/resources', 'one has the address of production');
	is(base_url('tested-staging'), 'https://staging.example.com:8443/heroku/resources', '... and one that of staging');
	unlike($output, qr/replace/, 'no address is left to replace');
	($output) = provisor(qw(init heroku sampled --staging));
	like($output, qr/replace sampled-staging\.example\.com with\s+the\s+name/, 'without addresses, prints both to replace');
	remove_tree(map { ("$heroku/$_", "$heroku/$_-staging") } qw(tested sampled));
};

# Types a line at a terminal, and returns what is printed and the exit status.
sub at_terminal {
	my ($line, @arguments) = @_;
	my ($output, undef, $ended) = run(
		program => [ qw(script -qec), join(' ', build() . '/provisor', @arguments), '/dev/null' ],
		environment => { %{ $host->env }, PATH => $ENV{PATH} },
		stdin => "$line\n",
	);

	return ($output, $ended >> 8);
}

subtest 'at a terminal, the staging address is asked for' => sub {
	my @init = qw(init heroku asked --url https://db.example.com --staging);
	my ($output, $ended) = at_terminal('https://db.example.com', @init);

	like($output, qr/The address at which the marketplace reaches the staging add-on/, 'prints the question');
	is($ended, 2, "production's is refused");
	like($output, qr/is the address of production: write one of its own/, '... with the remedy');
	ok(!-e "$heroku/asked", '... and nothing is written');
	($output, $ended) = at_terminal(' https://staging.example.com ', @init);
	is($ended, 0, 'another one is taken') or diag $output;
	is(base_url('asked-staging'), 'https://staging.example.com/heroku/resources', '... for the second home');
	remove_tree("$heroku/asked", "$heroku/asked-staging");
};

subtest 'a home of version 1' => sub {
	my ($output, $ended) = provisor(qw(init heroku older --version 1 --url https://db.example.com));
	my $api = JSON::PP::decode_json(read_text("$heroku/older/addon-manifest.json"))->{api};

	is($ended, 0, 'is written') or diag $output;
	is($api->{version}, '1', 'the manifest has the version');
	is_deeply($api->{test}, { base_url => 'http://localhost:4567/heroku/resources',
		sso_url => 'http://localhost:4567/sso/login' }, '... and what kensa requires');
	my ($list) = provisor(qw(addons list));
	like($list, qr{^heroku +older +/heroku/resources +1 +template\.json +valid$}m, 'addons list shows it');
	unlike($list, qr/warning/, 'prints no warning');
	remove_tree("$heroku/older");
	is((provisor(qw(init heroku older --version 3)))[1], 0, '--version 3 is the newest');
	is(JSON::PP::decode_json(read_text("$heroku/older/addon-manifest.json"))->{api}{version}, '3', '... which is the default');
	remove_tree("$heroku/older");
	like((provisor('--version'))[0], qr/^provisor \d/, 'before a command, --version prints that of provisor');
	like((provisor(qw(check --version)))[0], qr/^provisor \d/, '... as after one without such an option');
};

subtest 'an id that another home uses' => sub {
	rename "$heroku/fast-db", "$heroku/elsewhere";
	my $before = files();
	my ($output, $ended) = provisor(qw(init heroku fast-db));

	is($ended, 1, 'fails');
	like($output, qr/both have the id "fast-db"/, 'prints the reason');
	is(files(), $before, 'leaves nothing');
	rename "$heroku/elsewhere", "$heroku/fast-db";
};

subtest 'a full disk' => sub {
	my $before = files();
	my ($output) = run(
		program => [ 'bash', '-c', 'set -o pipefail
			(trap "" XFSZ; ulimit -f 0; exec "$@" 2>&1) | cat; echo "ended $?"',
			'bash', build() . '/provisor',
			qw(init cloudcontrol no-room --staging) ],
		environment => { %{ $host->env }, PATH => $ENV{PATH} },
	);

	like($output, qr/no-room: cannot be created \(File too large\); nothing is left.*ended 1/s, 'prints the reason');
	is(files(), $before, 'leaves nothing, not even the folder');
};

# What init writes for each marketplace with a manifest of its own.
my @others = (
	{
		marketplace => 'clever-cloud',
		path => '/clever-cloud/resources',
		config => 'PRIME_DB_URL',
		step => qr/upload it in Clever Cloud's console/,
		manifest => {
			id => 'prime-db',
			name => 'Prime Db',
			api => {
				config_vars => ['PRIME_DB_URL'],
				regions => ['eu'],
				(map { $_ => {
					base_url => 'https://db.example.com/clever-cloud/resources',
					sso_url => 'https://db.example.com/clever-cloud/sso',
				} } qw(production test)),
			},
		},
	},
	{
		marketplace => 'digitalocean',
		path => '/digitalocean/resources',
		config => 'URL',
		step => qr/those of\s+DigitalOcean's vendor\s+portal/,
		manifest => {
			slug => 'prime-db',
			config_vars => ['URL'],
			plans => [ { name => 'basic' } ],
			production => {
				base_url => 'https://db.example.com/digitalocean/resources',
				sso_url => 'https://db.example.com/digitalocean/sso',
			},
		},
	},
	{
		marketplace => 'scalingo',
		path => '/scalingo/resources',
		config => 'PRIME_DB_URL',
		step => qr/send the file to\s+Scalingo/,
		manifest => {
			name => 'Prime Db',
			username => 'prime-db',
			logo_url => 'https://db.example.com/logo.svg',
			short_description => 'Prime Db',
			description => 'Prime Db',
			log_drain => JSON::PP::false,
			config_vars => ['PRIME_DB_URL'],
			(map { $_ => {
				base_url => 'https://db.example.com/scalingo/resources',
				sso_url => 'https://db.example.com/scalingo/sso',
			} } qw(production test)),
			plans => [ { name => 'basic', display_name => 'Basic', price => 10, description => 'Basic' } ],
		},
	},
);

for my $other (@others) {
	my $marketplace = $other->{marketplace};

	subtest "a home for $marketplace" => sub {
		my $home = $host->addons_dir . "/$marketplace/prime-db";
		my ($output, $ended) = provisor('init', $marketplace, qw(prime-db --listener exec --url https://db.example.com));
		my $manifest = eval { JSON::PP->new->decode(read_text("$home/addon-manifest.json")) } // {};
		my $secrets = $manifest->{api} // $manifest;

		is($ended, 0, 'is written') or diag($output);
		like(delete $secrets->{$_}, qr/\A[A-Za-z0-9]{32}\z/, "$_ is random") for qw(password sso_salt);
		is_deeply($manifest, $other->{manifest}, 'the manifest has what this marketplace needs');
		like($output, $other->{step}, 'the next steps have what to do with it');
		unlike($output, qr/heroku/i, '... and nothing about another one');
		like((provisor(qw(addons list)))[0],
			qr{^\Q$marketplace\E +prime-db +\Q$other->{path}\E +1 +hooks +valid$}m, 'addons list shows it');
		my ($test, $done) = provisor(qw(hook test), $home, qw(provision --plan basic --reveal));

		is($done, 0, 'hook test runs its hook') or diag($test);
		like($test, qr/\b\Q$other->{config}\E\b/, '... which sets the config var that is declared');
		remove_tree($home);
	};
}

subtest 'a home without a marketplace' => sub {
	my $home = $host->addons_dir . '/direct/prime-db';
	my ($output, $ended) = provisor(qw(init direct prime-db --listener exec));

	is($ended, 0, 'is written') or diag($output);
	is_deeply(JSON::PP->new->decode(read_text("$home/addon-manifest.json")),
		{ id => 'prime-db', config_vars => ['PRIME_DB_URL'], plans => [ { name => 'basic' } ] },
		'its manifest has neither a password nor URLs');
	like($output, qr/provisor resources create/, 'the next steps have the command');
	unlike($output, qr/your host/, '... and no address to replace');
	like((provisor(qw(addons list)))[0], qr{^direct +prime-db .*valid$}m, 'addons list shows it');
	remove_tree($home);
};

subtest 'a marketplace without a folder' => sub {
	my ($output, $ended) = provisor(qw(init cloudcontrol fast-db));

	is($ended, 0, 'the folder is created');
	like((provisor(qw(addons list)))[0],
		qr{^cloudcontrol +fast-db +/cloudcontrol/resources +1 .* valid$}m,
		'the home has the version of that marketplace');
	($output, $ended) = ctl({ %{ $host->env }, PROVISOR_ADDONS => '/nowhere' },
		qw(init heroku fast-db));
	is($ended, 1, 'the folder of all homes is not created');
	like($output, qr/PROVISOR_ADDONS/, 'the error names the setting');
};

SKIP: {
	skip 'only root can write for another user', 1 if $> != 0;
	my ($uid, $gid) = (getpwnam 'nobody')[ 2, 3 ];
	my $owner = sub { join ':', (lstat $_[0])[ 4, 5 ] };
	my $is_readable = sub {
		my ($home, @code) = @_;

		for ('', map { "/$_" } @code) {
			is($owner->("$heroku/$home$_"), "0:$gid", "$home$_ belongs to root");
			is(mode("$heroku/$home$_"), '0755', '... and the pools can enter or run it');
		}
		for (map { "/$_" } qw(addon-manifest.json settings.json)) {
			is($owner->("$heroku/$home$_"), "0:$gid", "$home$_ belongs to root");
			is(mode("$heroku/$home$_"), '0640', "... and only the pools' group can read it");
		}
	};

	subtest "homes for another user, who owns the keys file" => sub {
		chown $uid, $gid, $host->home . '/keys';
		is((provisor(qw(init heroku kept --listener exec)))[1], 0, 'a home is written and valid');
		chown 0, 0, $host->home . '/keys';
		$is_readable->('kept', 'hooks', 'hooks/provision', 'hooks/sign-on');
	};
	subtest 'homes for another user, who owns the folder of all homes' => sub {
		my $elsewhere = $host->home . '/elsewhere';

		chown $uid, $gid, $host->addons_dir;
		is((provisor(qw(init heroku given)))[1], 0, 'a home is written and valid');
		$is_readable->('given');
		mkdir $elsewhere or die "$elsewhere: $!\n";
		rename "$heroku", "$heroku.away" or die "$heroku: $!\n";
		symlink $elsewhere, $heroku or die "$heroku: $!\n";
		my ($output, $ended) = provisor(qw(init heroku linked));

		is($ended, 1, 'a link in place of the folder of a marketplace is refused');
		like($output, qr{/heroku: cannot be opened .*: it must be a folder and}, '... with the remedy');
		is_deeply([ glob "$elsewhere/{*,.[!.]*}" ], [], '... and nothing is written where it leads');
		chown 0, 0, $host->addons_dir;
		is((provisor(qw(init heroku linked)))[1], 0, 'a link of root is followed') or diag $output;
		ok(-d "$elsewhere/linked", '... to its folder');
		unlink $heroku;
		rename "$heroku.away", $heroku or die "$heroku: $!\n";
		remove_tree("$heroku/kept", $elsewhere);
	};
}

# What bash offers for a line; the last word is the one being typed.
sub offers {
	my (@words) = @_;
	my ($script) = ctl({}, qw(completion bash));
	my ($output, $errors) = run(
		program => [ 'bash', '-u', '-c', $script . <<'BASH', 'bash', 'provisor', @words ],
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_provisor
echo "${COMPREPLY[*]-}"
BASH
		environment => { PATH => $ENV{PATH} },
	);

	chomp $output;
	return $output . $errors;
}

subtest 'completion' => sub {
	my @cases = (
		# name                       typed so far                       offered
		[ 'a command',                 [qw(mig)],                         'migrate' ],
		[ 'a first word, once',             [qw(reso)],                        'resources' ],
		[ 'a second word',      [qw(resources d)],                 'deprovision' ],
		[ 'an option',                 [qw(resources show x --r)],        '--reveal' ],
		[ 'no option of another command',       [qw(resources list --r)],          '' ],
		[ 'no value of an option',     [ qw(resources list --state), '' ], '' ],
		[ 'help for a command',        [qw(help resources hi)],           'history' ],
		[ 'after --env',              [qw(--env /dev/null reso)],        'resources' ],
		[ 'a first word that begins others',           [qw(hook)],                        'hook' ],
		[ 'a file after --env',       [qw(--env /dev/nul)],              '/dev/null' ],
	);

	for (@cases) {
		my ($name, $words, $expected) = @$_;

		is(offers(@$words), $expected, $name);
	}
	my ($help) = ctl({}, 'help');
	my %first = map { $_ => 1 } $help =~ /^  (\w+)/mg;
	my %offered = map { $_ => 1 } split ' ', offers('');
	is(join(' ', grep { !$offered{$_} } sort keys %first), '',
		'every command is offered');
	is((ctl({}, qw(completion fish)))[1], 2, 'another shell is a usage error');
};

done_testing;
