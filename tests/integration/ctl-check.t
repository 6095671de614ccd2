#!/usr/bin/perl
# provisor check: real problems with an operator's files, and the one line for each
# that names cause and remedy.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Path 'make_path';
use JSON::PP ();
use MIME::Base64 'encode_base64';
use Test::More;

use Provisor::CertificateAuthority;
use Provisor::CheckCommand;
use Provisor::Test;
use Provisor::Files 'read_text';

# --- keys --------------------------------------------

sub keys_of_host { return read_text($healthy{PROVISOR_KEYS}) }

sub with_keys {
	return { PROVISOR_KEYS => written(@_) };
}

my ($first_key) = keys_of_host() =~ /\A([^:]+)/;
my $other_key = encode_base64(pack('C*', map { int rand 256 } 1 .. 32), '');

# A file that belongs to another user, or that no user can read.
sub unreadable_keys {
	my $environment = with_keys(keys_of_host());
	my $path = $environment->{PROVISOR_KEYS};

	$> == 0 ? chown 65_534, 65_534, $path : chmod 0, $path;
	return $environment;
}

# --- authorities ---------------------------------

sub authority {
	my (@days) = @_;

	return Provisor::CertificateAuthority::certificate(days => \@days);
}

my @expired = (-9, -1);
my @good = (-1, 9);
my @not_yet = (1, 9);

sub with_authorities {
	return { PROVISOR_PLATFORM_CA => written(join '', @_) };
}

# --- add-ons ----------------------------------------

# A new folder of homes, with that of the add-on that has resources.
sub homes {
	my $folder = folder();

	addon($host, 'fast-db', folder => $folder);
	return $folder;
}

sub with_addon {
	my ($change, %what) = @_;
	my $addon = addon($host, 'slow-db', folder => homes(), %what);

	$change->($addon->home) if $change;
	return { PROVISOR_ADDONS => $addon->{folder} };
}

my %hook = (template => undef, files => { 'hooks/provision' => "#!/bin/sh\n" });
my %so = (template => undef, files => { 'listener.so' => "\x7fELF" });

sub mode {
	my ($mode, $name) = @_;

	return sub { chmod $mode, "$_[0]/$name" };
}

sub twins {
	my $folder = homes();

	addon($host, $_, folder => $folder, manifest => { id => 'same' }) for qw(twin-a twin-b);
	return { PROVISOR_ADDONS => $folder };
}

sub foreign_marketplace {
	my $folder = folder();

	addon($host, 'slow-db', folder => $folder);
	make_path("$folder/nobody/slow-db");
	return { PROVISOR_ADDONS => $folder };
}

# --- the table --------------------------------------------------------------

my @problems = (
	# problem                                    finding                                                      set-up, clean-up
	# Settings
	[ 'an invalid duration',                     qr/PROVISOR_ANSWER_LIMIT: "soon".*: write a duration/,       sub { { PROVISOR_ANSWER_LIMIT => 'soon' } } ],
	[ 'an invalid log level',                    qr/PROVISOR_LOG_LEVEL: "loud".*: write error, warning/,      sub { { PROVISOR_LOG_LEVEL => 'loud' } } ],
	[ 'a marketplace without TLS',               qr/PROVISOR_PLATFORM_URL: ".*: write https:/,                sub { { PROVISOR_PLATFORM_URL => 'http://api.example' } } ],
	[ 'a marketplace with a password',           qr/PROVISOR_TOKEN_URL: its value cannot.*: write https:/,    sub { { PROVISOR_TOKEN_URL => 'https://me:hush:hush@id.example/token' } } ],
	[ 'a log without a folder',                  qr{PROVISOR_LOG: .*/nowhere/log does not exist: create it},  sub { { PROVISOR_LOG => '/nowhere/log' } } ],
	[ 'more workers than can be counted',        qr/PROVISOR_API_WORKERS, .* 257 processes: lower them/,
		sub { { PROVISOR_API_WORKERS => 200, PROVISOR_WEB_WORKERS => 50, PROVISOR_JOB_WORKERS => 7 } } ],
	[ 'no settings file',                        qr{/nowhere: cannot be read .*: .*--env},                    sub { {}, '--env', '/nowhere' } ],
	[ 'settings with a line of prose',           qr{/file: line 2 .*: correct it},                            sub { {}, '--env', written("# mine\nuse the force\n") } ],
	[ 'a setting that is misspelled',            qr{/file: line 1: there is no setting PROVISOR_ADDON: correct}, sub { {}, '--env', written("PROVISOR_ADDON=/srv\n") } ],
	[ 'a world-writable settings file',          qr{/file: every user.*change it.*: chmod},                   sub { {}, '--env', written('', 0666) } ],

	# Keys
	[ 'no keys file',                            qr{/nowhere: cannot be read .*: .*provisor keys add},        sub { { PROVISOR_KEYS => '/nowhere' } } ],
	[ 'a keys file the pools cannot read',       qr{/file: (belongs to .*: chown|cannot be read .*: restore)}, \&unreadable_keys ],
	[ 'a world-readable keys file',              qr{/file: users other .*: chmod 600},                        sub { with_keys(keys_of_host(), 0604) } ],
	[ 'a group-readable keys file',              qr{/file: users other .*: chmod 600},                        sub { with_keys(keys_of_host(), 0640) } ],
	[ 'an empty keys file',                      qr{/file: contains no key: restore},                         sub { with_keys('') } ],
	[ 'a keys file with a line of prose',        qr{/file: line 2 is not ID:BASE64: correct},                 sub { with_keys(keys_of_host() . "hush\n") } ],
	[ 'a key cut short',                         qr{/file: line 2 .*32 bytes: correct},                       sub { with_keys(keys_of_host() . "2:AAAA\n") } ],
	[ 'two keys with the same id',               qr{/file: line 2 repeats .*: correct},                       sub { with_keys(keys_of_host() . "$first_key:$other_key\n") } ],
	[ 'other keys than those of the values',     qr{/file: lacks the key "\Q$first_key\E", .*\b3\b.*: restore its line},   sub { with_keys("2:$other_key\n") } ],
	[ 'another key under the same id',           qr{/file: the key "\Q$first_key\E" is not the one .*: restore the original}, sub { with_keys("$first_key:$other_key\n") } ],

	# Authorities
	[ 'no file of authorities',                  qr{PROVISOR_PLATFORM_CA: /nowhere cannot be read .*\(No such.*: let this user}, sub { { PROVISOR_PLATFORM_CA => '/nowhere' } } ],
	[ 'a folder of authorities',                 qr{PROVISOR_PLATFORM_CA: \S+ cannot be read .*\(Is a dir.*: let this user}, sub { { PROVISOR_PLATFORM_CA => folder() } } ],
	[ 'an empty file of authorities',            qr{PROVISOR_PLATFORM_CA: \S+/file has no cert.*: write the cert}, sub { with_authorities('') } ],
	[ 'authorities in prose',                    qr{PROVISOR_PLATFORM_CA: \S+/file has no cert.*: write the cert}, sub { with_authorities("believe me\n") } ],
	[ 'a broken one among authorities',          qr{PROVISOR_PLATFORM_CA: \S+/file has .* broken: write the cert}, sub { with_authorities(authority(@good), authority(@good) =~ s/\n.{9}/\n/r) } ],
	[ 'authorities that have expired',           qr{PROVISOR_PLATFORM_CA: \S+/file .*\(2 have expired, 0 .*: write current}, sub { with_authorities(map { authority(@expired) } 1, 2) } ],
	[ 'an authority that is not valid yet',      qr{PROVISOR_PLATFORM_CA: \S+/file .*\(0 have expired, 1 .*clock}, sub { with_authorities(authority(@not_yet)) } ],

	# Add-ons
	[ 'no folder of add-ons',                    qr{/nowhere: cannot be read .*: make it},                    sub { { PROVISOR_ADDONS => '/nowhere' } } ],
	[ 'no add-on',                               qr{/folder-\d+: has no add-on: .*provisor init},             sub { { PROVISOR_ADDONS => folder() } } ],
	[ 'an add-on without a home',                qr{heroku/fast-db: has no home on this host .*: put the home back},
		sub { { PROVISOR_ADDONS => addon($host, 'slow-db', folder => folder())->{folder} } } ],
	[ 'an unknown marketplace',                  qr{/nobody: .*: rename or remove},                           \&foreign_marketplace ],
	[ 'no manifest',                             qr{addon-manifest\.json: cannot be read .*: create it},   sub { with_addon(undef, manifest => undef) } ],
	[ 'a manifest with broken JSON at line 3',   qr{addon-manifest\.json: is not valid JSON: line 3: .*: correct}, sub { with_addon(undef, manifest => "{\n\"id\":\n!}") } ],
	[ 'a template with broken JSON at line 2',   qr{template\.json: is not valid JSON: line 2: .*: correct}, sub { with_addon(undef, template => "{\n\"config\" {}}") } ],
	[ 'a misspelled member of the settings',     qr{settings\.json: sesion is unknown: correct its spelling}, sub { with_addon(undef, settings => { sesion => '8h' }) } ],
	[ 'a misspelled member of the template',     qr{template\.json: confg is unknown: correct its spelling},  sub { with_addon(undef, template => { config => {}, confg => {} }) } ],
	[ 'a well-known password',                   qr{addon-manifest\.json: api\.password .*: use a random},    sub { with_addon(undef, api => { password => 'CHANGEME' }) } ],
	[ 'sign-on at a path of provisor',          qr{addon-manifest\.json: .*sso_url .*: use another},         sub { with_addon(undef, sso_url => 'https://localhost/dashboard') } ],
	[ 'two kinds of listener',                   qr{slow-db: has both template\.json and hooks: .*remove},    sub { with_addon(undef, files => $hook{files}) } ],
	[ 'a short password',                        qr{addon-manifest\.json: api\.password .*: use a random},    sub { with_addon(undef, api => { password => 'twelve chars' }) } ],
	[ 'no listener',                             qr{slow-db: has no listener: add template\.json},            sub { with_addon(undef, template => undef) } ],
	[ 'two add-ons with the same id',            qr{twin-a and .*twin-b: both have the id "same", which .*: change or remove one}, \&twins ],
	[ 'a world-writable hook',                   qr{hooks/provision: users other .*\(mode 0757\): chmod go-w},     sub { with_addon(mode(0757, 'hooks/provision'), %hook) } ],
	[ 'a group-writable folder of hooks',        qr{/hooks: users other .*: chmod go-w},                           sub { with_addon(mode(0775, 'hooks'), %hook) } ],
	[ 'a group-writable home with hooks',        qr{slow-db: users other .*: chmod go-w},                          sub { with_addon(sub { chmod 0775, $_[0] }, %hook) } ],
	[ 'a group-writable listener.so',            qr{listener\.so: users other .*: chmod go-w},                     sub { with_addon(mode(0775, 'listener.so'), %so) } ],
	[ 'a world-writable manifest',               qr{addon-manifest\.json: every user .*: chmod o-w},          sub { with_addon(mode(0602, 'addon-manifest.json')) } ],
);

if ($> == 0) {
	push @problems, [ 'a hook of another user', qr{hooks/provision: its owner, user 65534, .*: chown},
		sub { with_addon(sub { chown 65_534, 65_534, "$_[0]/hooks/provision" }, %hook) } ];
}

# Warnings.
my @risks = (
	# problem                                    finding                                                      set-up, clean-up
	[ 'a world-readable settings file',          qr{/file: every user.*read the database's password.*: chmod}, sub { {}, '--env', written('', 0644) } ],
	[ 'a world-readable manifest',               qr{addon-manifest\.json: every user .*: chmod},              sub { with_addon(mode(0644, 'addon-manifest.json')) } ],
	[ 'a short password that is also valid',     qr{settings\.json: also_valid\.passwords .*: remove it},     sub { with_addon(undef, settings => { also_valid => { passwords => ['twelve chars'] } }) } ],
);

# --- the tests --------------------------------------------------------------

subtest 'a healthy host' => sub {
	my ($status, $lines) = check({});

	is($status, 0, 'exits with 0');
	is_deeply([ @$lines{qw(warning error)} ], [ [], [] ], 'finds no error and no warning');
	for my $place ('settings', 'metrics', 'keys', 'fast-db', 'PROVISOR_DATABASE', 'jobs',
			$host->ops_address) {
		ok((grep { /\Q$place\E: / } @{ $lines->{ok} }), "checks $place");
	}
	like("@{ $lines->{ok} }", qr/values sealed with "\Q$first_key\E": 3\b/, 'counts sealed values');
	like("@{ $lines->{ok} }", qr/running workers: 3 \(api 2, web 1\), as \S+; processes of provisor-jobs: 1\b/,
		'counts processes');
};

subtest 'valid authorities are counted' => sub {
	my ($status, $lines) = check(with_authorities("# mine\n",
		map { authority(@$_) } \@expired, \@good, \@good, \@not_yet));

	is($status, 0, 'exits with 0');
	is_deeply($lines->{warning}, [], 'an invalid one beside valid ones is not a warning');
	ok((grep { m{PROVISOR_PLATFORM_CA: \S+/file: valid certificates: 2 of 4\z} } @{ $lines->{ok} }), 'prints how many are valid')
		or diag explain $lines;
};

subtest 'authorities that the pools cannot read' => sub {
	my $environment = with_authorities(authority(@good));
	my $pools = folder();

	$environment->{PROVISOR_METRICS} = "$pools/metrics"; # its folder's owner is taken for theirs
	$> == 0 ? chown 65_534, 65_534, $pools : chmod 0, $environment->{PROVISOR_PLATFORM_CA};
	my (undef, $lines) = check($environment);

	ok((grep { m{PROVISOR_PLATFORM_CA: \S+/file cannot be read by the pools' user \(Perm.*: let this user} }
		@{ $lines->{error} }), 'are an error') or diag explain $lines;
};

cmp_ok(scalar @problems, '>=', 30, @problems . ' problems are tested');
check_error(@$_) for @problems;
check_warning(@$_) for @risks;

subtest 'use of an old password is reported' => sub {
	my $old = 'a password that was good';
	my $home = addon($host, 'fast-db', settings => { also_valid => { passwords => [$old] } });
	my $says = sub { join "\n", grep { /also_valid/ } map { @$_ } values %{ (check({}))[1] } };

	like($says->(), qr/no secret in also_valid has been used/, 'no use');
	for (1, 2) {
		$home->request(method => 'POST', path => $home->path, as => "fast-db:$old",
			body => Provisor::AddOn::json({ uuid => uuid(), plan => 'basic' }));
	}
	like($says->(), qr/used 2 times, last at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: remove it/,
		'the number and the last time');
	unlink $home->home . '/settings.json';
};

subtest '--json prints an object per line' => sub {
	my ($output, $status) = ctl({ %healthy, PROVISOR_LOG_LEVEL => 'loud' }, 'check', '--json',
		'--ops', $host->ops_address);
	my @objects = map { JSON::PP->new->utf8->decode($_) } split /\n/, $output;
	my ($error) = grep { $_->{verdict} eq 'error' } @objects;

	is($status, 1, 'exits with 1');
	is_deeply([ sort keys %$error ], [qw(place text verdict)], 'with verdict, place and text');
	is($error->{place}, 'PROVISOR_LOG_LEVEL', 'the place is a member');
	like($error->{text}, qr/\A"loud".*: write/, 'the text has cause and remedy');
};

check_secrets(
	'another key' => $other_key,
	'an old password' => 'a password that was good',
	'a password in an address' => 'hush:hush',
);
is_unhurt($host);
done_testing;
