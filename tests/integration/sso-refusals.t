#!/usr/bin/perl
# Who is not let in: tokens and cookies in every state of disrepair.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::SHA qw(sha1_hex sha256_hex);
use MIME::Base64 qw(decode_base64url encode_base64 encode_base64url);
use Test::More;

use Provisor::Test;
use Provisor::Files qw(random_bytes read_text write_text);
use Provisor::SignOnForm;

my ($addon, $old, $other);
my $host = serving_host({}, sub {
	my ($new) = @_;

	$addon = addon($new, 'fast-db');
	$old = addon($new, 'old-db', version => '1');
	$other = addon($new, 'slow-db');
});
my $worker = fastcgi($host);
my ($id, $old_id, $other_id) = (uuid(), uuid(), uuid());
my $now = time;

$addon->provision(uuid => $id);
$old->provision(uuid => $old_id);
$other->provision(uuid => $other_id);

my $salt = $addon->{manifest}{api}{sso_salt};
my @v3 = sign_on_fields($addon, $id, at => $now);
my @v1 = sign_on_fields($old, $old_id, at => $now);
my %v3 = @v3;
my @weak = without(\@v3, 'user_scoped_resource_token');
my $strong = 'user_scoped_resource_token';

# A weak form of version 3 in which the time reads so, and is signed.
sub timed {
	my ($time) = @_;

	return [ changed(\@weak, timestamp => $time,
		resource_token => weak_token($salt, $id, $time)) ];
}

# A body as it is, or one that a form makes.
sub raw { return \$_[0] }

sub body_of {
	my ($what) = @_;

	return ref $what eq 'SCALAR' ? $$what : encode_form(@$what);
}

my $encoded = encode_form(@v3);

# Are the fields of these names missing, empty, there twice, altered?
my @disrepair = map {
	my ($kind, $name, $fields) = @$_;
	my %is = @$fields;

	(
		[ "$kind: no $name", 403, [ without($fields, $name) ] ],
		[ "$kind: an empty $name", 403, [ changed($fields, $name => '') ] ],
		[ "$kind: $name twice", 403, [ @$fields, $name => $is{$name} ] ],
		[ "$kind: $name and another", 403, [ @$fields, $name => 'x' ] ],
		[ "$kind: another $name ahead", 403, [ $name => 'x', @$fields ] ],
		[ "$kind: $name and a blank", 403, [ changed($fields, $name => "$is{$name} ") ] ],
		[ "$kind: a line's end and $name", 403, [ changed($fields, $name => "\n$is{$name}") ] ],
		[ "$kind: $name and a zero", 403, [ changed($fields, $name => "$is{$name}\0") ] ],
	);
} (
	(map { [ 'strong', $_, \@v3 ] } qw(resource_id timestamp user_id email)),
	(map { [ 'weak', $_, \@weak ] } qw(resource_id timestamp resource_token)),
	(map { [ 'version 1', $_, \@v1 ] } qw(id timestamp token)),
);

my @rows = (
	[ 'all as it should be',              303, \@v3 ],
	[ 'the weak token alone',             303, \@weak ],
	[ 'version 1',                        303, \@v1 ],
	[ 'bytes encoded that need not be',   303, raw($encoded =~ s/=([a-f])/sprintf '=%%%02x', ord $1/ger) ],

	# a strong token decides, whatever else is there
	[ 'no strong token, and no weak one', 403, [ without(\@weak, 'resource_token') ] ],
	[ 'a bad strong token',               403, [ changed(\@v3, $strong => 'x' x 64) ] ],
	[ 'an empty strong token',            403, [ changed(\@v3, $strong => '') ] ],
	[ 'a strong token in capitals',       403, [ changed(\@v3, $strong => uc $v3{$strong}) ] ],
	[ 'a strong token cut short',         403, [ changed(\@v3, $strong => substr $v3{$strong}, 0, 63) ] ],
	[ 'a strong token made longer',       403, [ changed(\@v3, $strong => "$v3{$strong}0") ] ],
	[ 'a strong token twice',             403, [ @v3, $strong => $v3{$strong} ] ],
	[ 'a strong token of SHA-1',          403, [ changed(\@v3, $strong => $v3{resource_token}) ] ],
	[ 'a weak token of SHA-256',          403, [ changed(\@weak, resource_token => sha256_hex("$id:$salt:$now")) ] ],
	[ "a weak token in version 1's field", 403, [ without(\@weak, 'resource_token') ] ],
	[ "version 1's token with id only",   403, [ id => $id, token => $v3{token}, timestamp => $now ] ],
	[ 'a weak token in capitals',         403, [ changed(\@weak, resource_token => uc $v3{resource_token}) ] ],

	# other people's
	[ "another add-on's salt",            404, [ sign_on_fields($addon, $id, salt => "salt of slow-db, long enough") ] ],
	[ 'a salt in capitals',               403, [ sign_on_fields($addon, $id, salt => uc $salt) ] ],
	[ 'an empty salt',                    403, [ sign_on_fields($addon, $id, salt => '') ] ],
	[ 'the password for a salt',          403, [ sign_on_fields($addon, $id, salt => $addon->password) ] ],
	[ "another resource's token",         403, [ changed(\@v3, resource_id => $other_id) ] ],
	[ "another add-on's resource, signed", 404, [ sign_on_fields($addon, $other_id) ] ],
	[ "version 1's resource, signed",     404, [ sign_on_fields($addon, $old_id) ] ],
	[ 'a resource in capitals, unsigned', 403, [ changed(\@v3, resource_id => uc $id) ] ],
	[ 'a resource in capitals, signed',   303, [ sign_on_fields($addon, uc $id) ] ],
	[ 'no UUID, signed',                  404, [ sign_on_fields($addon, '123') ] ],
	[ 'SQL, signed',                      404, [ sign_on_fields($old, "' OR 1=1 --") ] ],
	[ 'a path, signed',                   404, [ sign_on_fields($old, '../../etc/passwd') ] ],
	[ 'an endless id, signed',            404, [ sign_on_fields($old, 'x' x 10_000) ] ],
	[ 'an altered e-mail',                403, [ changed(\@v3, email => 'boss@example.com') ] ],
	[ 'an e-mail in capitals',            403, [ changed(\@v3, email => uc $v3{email}) ] ],
	[ 'an altered user',                  403, [ changed(\@v3, user_id => uuid()) ] ],
	[ "a field's end in the next one",    403, [ changed(\@v3, user_id => "$v3{user_id}:jane", email => 'x',
		$strong => strong_token($salt, $id, $now, "$v3{user_id}:jane", 'x')) ] ],
	[ 'an altered app, which nobody signs', 303, [ changed(\@v3, app => 'other') ] ],

	# when; the very edges are in the unit tests, where time stands still
	[ '330 s ago',                        403, timed($now - 330) ],
	[ '270 s ago',                        303, timed($now - 270) ],
	[ 'now',                              303, timed($now) ],
	[ '30 s ahead',                       303, timed($now + 30) ],
	[ '90 s ahead',                       403, timed($now + 90) ],
	[ 'at the beginning of time',         403, timed(0) ],
	[ 'a negative time',                  403, timed(-$now) ],
	[ 'a time with a sign',               403, timed("+$now") ],
	[ 'a time of 19 digits',              403, timed('9' x 19) ],
	[ 'a time of 40 digits',              403, timed('1' x 40) ],
	[ 'a time in milliseconds',           403, timed($now * 1000) ],
	[ 'a time with a fraction',           403, timed("$now.0") ],
	[ 'a hexadecimal time',               403, timed(sprintf '0x%x', $now) ],
	[ 'a time with an exponent',          403, timed('1e9') ],
	[ 'a time and a blank, signed',       403, timed("$now ") ],
	[ 'a time and a letter, signed',      403, timed("${now}x") ],
	[ 'a time in words',                  403, timed('now') ],

	# bodies
	[ 'nothing',                          403, raw('') ],
	[ 'JSON',                             403, raw('{"resource_id":"x"}') ],
	[ 'half a byte',                      403, raw("$encoded&x=%4") ],
	[ 'a byte that is none',              403, raw("$encoded&x=%zz") ],
	[ 'a percent sign',                   403, raw("$encoded%") ],
	[ 'an encoded zero in a foreign field', 403, raw("$encoded&x=%00") ],
	[ 'what is no UTF-8',                 403, raw("$encoded&x=%ff") ],
	[ 'a raw line\'s end',                403, raw("$encoded\r\n") ],
	[ 'the form encoded twice',           403, raw($encoded =~ s/%/%25/gr) ],
	[ 'a blank for a plus',               403, raw($encoded =~ s/%2B/+/gr) ],
	[ 'a semicolon between',              403, raw($encoded =~ tr/&/;/r) ],
	[ '64 fields',                        303, raw($encoded . '&x=1' x (64 - @v3 / 2)) ],
	[ '65 fields',                        403, raw($encoded . '&x=1' x (65 - @v3 / 2)) ],
	[ '64 KiB',                           303, raw("$encoded&x=" . 'x' x (65_536 - 3 - length $encoded)) ],
	[ 'a byte more',                      403, raw("$encoded&x=" . 'x' x (65_537 - 3 - length $encoded)) ],
	[ 'a megabyte',                       413, raw("$encoded&x=" . 'x' x 1_000_000) ],
	@disrepair,
);

subtest 'forms' => sub {
	cmp_ok(scalar(grep { $_->[1] == 403 } @rows), '>=', 60, 'there are enough of them');
	for my $row (@rows) {
		my ($name, $status, $what) = @$row;
		my $answer = $worker->request(method => 'POST', path => '/sso/login',
			type => 'application/x-www-form-urlencoded', body => body_of($what));

		is($answer->status, $status, $name);
		next if $status == 303;
		is(cookie_header($answer, '__Host-provisor'), undef, '... no session')
			if $answer->header('set-cookie');
		fail('... a page') unless $answer->type eq 'text/html';
	}
};

subtest 'all who are refused read the same' => sub {
	my %pages = map { $_ => 1 } map {
		$worker->request(method => 'POST', path => '/sso', body => body_of($_->[2]))->body;
	} grep { $_->[1] == 403 } @rows;

	is(scalar keys %pages, 1, 'one page for all of them');
};

# --- cookies ----------------------------------------------------------------

my $cookie = session_of($worker->request(method => 'POST', path => '/sso', body => encode_form(@v3)));
my ($value) = $cookie =~ /=(.*)/;

sub session_status {
	my ($header) = @_;

	return $worker->request(method => 'GET', path => '/session',
		headers => { Cookie => $header })->status;
}

subtest 'cookies' => sub {
	my ($version, $key, $bytes) = split /\./, $value;
	my $raw = decode_base64url($bytes);
	my @cookies = (
		[ 'as it should be',          204, $cookie ],
		[ 'among others',             204, "a=b; $cookie; c=d" ],
		[ 'behind a bad one',         204, "__Host-provisor=x; $cookie" ],
		[ 'of another name',          401, $cookie =~ s/__Host-//r ],
		[ 'in small letters',         401, lc $cookie ],
		[ 'cut short',                401, substr $cookie, 0, -1 ],
		[ 'made longer',              401, "${cookie}A" ],
		[ 'with padding',             401, "$cookie=" ],
		[ 'without its version',      401, "__Host-provisor=$key.$bytes" ],
		[ 'of another version',       401, "__Host-provisor=2.$key.$bytes" ],
		[ 'of an unknown key',        401, "__Host-provisor=1.k9.$bytes" ],
		[ 'of random bytes',          401, "__Host-provisor=1.$key."
			. encode_base64url(random_bytes(200)) ],
		[ 'of zeros',                 401, "__Host-provisor=1.$key." . 'A' x 200 ],
		[ 'with another nonce',       401, "__Host-provisor=1.$key."
			. encode_base64url(random_bytes(12) . substr $raw, 12) ],
		[ 'with another tag',         401, "__Host-provisor=1.$key."
			. encode_base64url(substr($raw, 0, -16) . random_bytes(16)) ],
		[ 'with a bit of its middle', 401, "__Host-provisor=1.$key."
			. encode_base64url(do { my $x = $raw; vec($x, 300, 1) ^= 1; $x }) ],
		[ 'in plain words',           401, '__Host-provisor={"resource":"' . $id . '"}' ],
		[ 'sealed for the database',  401, '__Host-provisor='
			. $host->psql("SELECT config FROM resources WHERE id = '$id'") =~ s/\s//gr ],
		[ 'without end',              401, '__Host-provisor=' . 'A' x 15_000 ],
	);

	is(session_status($_->[2]), $_->[1], $_->[0]) for @cookies;
};

subtest 'a cookie of a key that is gone' => sub {
	my $path = $host->env->{PROVISOR_KEYS};
	my $key = read_text($path);
	my $new = 'k2:' . encode_base64(random_bytes(32), '') . "\n";

	write_text($path, $new . $key);
	is(session_status($cookie), 204, 'while the key opens, it is good');
	write_text($path, $new);
	is(session_status($cookie), 401, 'then it is not');
	write_text($path, $new . $key);
	is(session_status($cookie), 204, 'the key makes all the difference');
};

subtest "a cookie whose add-on's home has gone" => sub {
	my $home = $addon->home;

	rename $home, "$home.away" or die "$home: $!\n";
	rename "$home.away", $host->home . '/away' or die "$home: $!\n";
	is(session_status($cookie), 401, 'is of nobody');
	rename $host->home . '/away', $home or die "$home: $!\n";
	is(session_status($cookie), 204, 'until it is back');
};

subtest 'a cookie that has expired' => sub {
	$other->write_file('settings.json', { session => '1s' });
	my $short = session_of($worker->request(method => 'POST', path => '/sso',
		body => encode_form(sign_on_fields($other, $other_id))));

	ok(wait_for(5, sub { session_status($short) == 401 }), 'is of nobody');
};

subtest 'a new sign-on takes the place of any session' => sub {
	my $fixed = "__Host-provisor=$value";
	my $answer = $worker->request(method => 'POST', path => '/sso', headers => { Cookie => $fixed },
		body => encode_form(sign_on_fields($old, $old_id)));
	my $session = $worker->request(method => 'GET', path => '/session',
		headers => { Cookie => session_of($answer) });

	isnt(session_of($answer), $fixed, 'with another cookie');
	is($session->header('x-provisor-resource'), $old_id, '... of another resource');
};

is_unhurt($host);

done_testing;
