#!/usr/bin/perl
# Sign-ons and cookies that are refused.

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

# A form of version 3 with a weak token and this signed timestamp.
sub timed {
	my ($time) = @_;

	return [ changed(\@weak, timestamp => $time,
		resource_token => weak_token($salt, $id, $time)) ];
}

# A raw body, in contrast to the fields of a form.
sub raw { return \$_[0] }

sub body_of {
	my ($what) = @_;

	return ref $what eq 'SCALAR' ? $$what : encode_form(@$what);
}

my $encoded = encode_form(@v3);

# For each signed field: forms in which it is missing, empty, repeated or altered.
my @damaged = map {
	my ($kind, $name, $fields) = @$_;
	my %is = @$fields;

	(
		[ "$kind: no $name", 403, [ without($fields, $name) ] ],
		[ "$kind: an empty $name", 403, [ changed($fields, $name => '') ] ],
		[ "$kind: $name twice", 403, [ @$fields, $name => $is{$name} ] ],
		[ "$kind: $name and a second one", 403, [ @$fields, $name => 'x' ] ],
		[ "$kind: $name after a second one", 403, [ $name => 'x', @$fields ] ],
		[ "$kind: $name and a blank", 403, [ changed($fields, $name => "$is{$name} ") ] ],
		[ "$kind: a newline and $name", 403, [ changed($fields, $name => "\n$is{$name}") ] ],
		[ "$kind: $name and a zero", 403, [ changed($fields, $name => "$is{$name}\0") ] ],
	);
} (
	(map { [ 'strong', $_, \@v3 ] } qw(resource_id timestamp user_id email)),
	(map { [ 'weak', $_, \@weak ] } qw(resource_id timestamp resource_token)),
	(map { [ 'version 1', $_, \@v1 ] } qw(id timestamp token)),
);

my @rows = (
	[ 'a valid form',               303, \@v3 ],
	[ 'the weak token alone',       303, \@weak ],
	[ 'version 1',                  303, \@v1 ],
	[ 'bytes encoded without need', 303, raw($encoded =~ s/=([a-f])/sprintf '=%%%02x', ord $1/ger) ],

	# if there is a strong token, it decides
	[ 'no strong token, and no weak one',  403, [ without(\@weak, 'resource_token') ] ],
	[ 'a bad strong token',                403, [ changed(\@v3, $strong => 'x' x 64) ] ],
	[ 'an empty strong token',             403, [ changed(\@v3, $strong => '') ] ],
	[ 'a strong token in upper case',      403, [ changed(\@v3, $strong => uc $v3{$strong}) ] ],
	[ 'a strong token cut short',          403, [ changed(\@v3, $strong => substr $v3{$strong}, 0, 63) ] ],
	[ 'a strong token with a digit more',  403, [ changed(\@v3, $strong => "$v3{$strong}0") ] ],
	[ 'a strong token twice',              403, [ @v3, $strong => $v3{$strong} ] ],
	[ 'a strong token of SHA-1',           403, [ changed(\@v3, $strong => $v3{resource_token}) ] ],
	[ 'a weak token of SHA-256',           403, [ changed(\@weak, resource_token => sha256_hex("$id:$salt:$now")) ] ],
	[ "a weak token in version 1's field", 403, [ without(\@weak, 'resource_token') ] ],
	[ "version 1's token with id only",    403, [ id => $id, token => $v3{token}, timestamp => $now ] ],
	[ 'a weak token in upper case',        403, [ changed(\@weak, resource_token => uc $v3{resource_token}) ] ],

	# tokens for others
	[ "another add-on's salt",              404, [ sign_on_fields($addon, $id, salt => "salt of slow-db, long enough") ] ],
	[ 'a salt in upper case',               403, [ sign_on_fields($addon, $id, salt => uc $salt) ] ],
	[ 'an empty salt',                      403, [ sign_on_fields($addon, $id, salt => '') ] ],
	[ 'the password as the salt',           403, [ sign_on_fields($addon, $id, salt => $addon->password) ] ],
	[ "another resource's token",           403, [ changed(\@v3, resource_id => $other_id) ] ],
	[ "another add-on's resource, signed",  404, [ sign_on_fields($addon, $other_id) ] ],
	[ "version 1's resource, signed",       404, [ sign_on_fields($addon, $old_id) ] ],
	[ 'a resource in upper case, unsigned', 403, [ changed(\@v3, resource_id => uc $id) ] ],
	[ 'a resource in upper case, signed',   303, [ sign_on_fields($addon, uc $id) ] ],
	[ 'an id that is not a UUID, signed',   404, [ sign_on_fields($addon, '123') ] ],
	[ 'SQL, signed',                        404, [ sign_on_fields($old, "' OR 1=1 --") ] ],
	[ 'a path, signed',                     404, [ sign_on_fields($old, '../../etc/passwd') ] ],
	[ 'a huge id, signed',                  404, [ sign_on_fields($old, 'x' x 10_000) ] ],
	[ 'an altered e-mail',                  403, [ changed(\@v3, email => 'boss@example.com') ] ],
	[ 'an e-mail in upper case',            403, [ changed(\@v3, email => uc $v3{email}) ] ],
	[ 'an altered user',                    403, [ changed(\@v3, user_id => uuid()) ] ],
	[ "the end of a field moved to the next one", 403, [ changed(\@v3, user_id => "$v3{user_id}:jane", email => 'x',
		$strong => strong_token($salt, $id, $now, "$v3{user_id}:jane", 'x')) ] ],
	[ 'an altered app, which no token signs', 303, [ changed(\@v3, app => 'other') ] ],

	# timestamps; the unit tests have the exact limits
	[ '330 s ago',                   403, timed($now - 330) ],
	[ '270 s ago',                   303, timed($now - 270) ],
	[ 'now',                         303, timed($now) ],
	[ '30 s ahead',                  303, timed($now + 30) ],
	[ '90 s ahead',                  403, timed($now + 90) ],
	[ 'in 1970',                     403, timed(0) ],
	[ 'a negative time',             403, timed(-$now) ],
	[ 'a time with a sign',          403, timed("+$now") ],
	[ 'a time of 19 digits',         403, timed('9' x 19) ],
	[ 'a time of 40 digits',         403, timed('1' x 40) ],
	[ 'a time in milliseconds',      403, timed($now * 1000) ],
	[ 'a time with a fraction',      403, timed("$now.0") ],
	[ 'a hexadecimal time',          403, timed(sprintf '0x%x', $now) ],
	[ 'a time with an exponent',     403, timed('1e9') ],
	[ 'a time and a blank, signed',  403, timed("$now ") ],
	[ 'a time and a letter, signed', 403, timed("${now}x") ],
	[ 'a time in words',             403, timed('now') ],

	# bodies
	[ 'an empty body',                       403, raw('') ],
	[ 'JSON',                                403, raw('{"resource_id":"x"}') ],
	[ 'half of a percent-encoding',          403, raw("$encoded&x=%4") ],
	[ 'an invalid percent-encoding',         403, raw("$encoded&x=%zz") ],
	[ 'a percent sign',                      403, raw("$encoded%") ],
	[ 'an encoded zero in an unknown field', 403, raw("$encoded&x=%00") ],
	[ 'invalid UTF-8',                       403, raw("$encoded&x=%ff") ],
	[ 'a raw newline',                       403, raw("$encoded\r\n") ],
	[ 'the form encoded twice',              403, raw($encoded =~ s/%/%25/gr) ],
	[ 'a plus as a blank',                   403, raw($encoded =~ s/%2B/+/gr) ],
	[ 'semicolons between fields',           403, raw($encoded =~ tr/&/;/r) ],
	[ '64 fields',                           303, raw($encoded . '&x=1' x (64 - @v3 / 2)) ],
	[ '65 fields',                           403, raw($encoded . '&x=1' x (65 - @v3 / 2)) ],
	[ '64 KiB',                              303, raw("$encoded&x=" . 'x' x (65_536 - 3 - length $encoded)) ],
	[ 'one byte more',                       403, raw("$encoded&x=" . 'x' x (65_537 - 3 - length $encoded)) ],
	[ 'a megabyte',                          413, raw("$encoded&x=" . 'x' x 1_000_000) ],
	@damaged,
);

subtest 'forms' => sub {
	cmp_ok(scalar(grep { $_->[1] == 403 } @rows), '>=', 60, 'there are at least 60 refusals');
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

subtest 'all refusals have the same page' => sub {
	my %pages = map { $_ => 1 } map {
		$worker->request(method => 'POST', path => '/sso', body => body_of($_->[2]))->body;
	} grep { $_->[1] == 403 } @rows;

	is(scalar keys %pages, 1, 'one page');
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
		[ 'a valid cookie',        204, $cookie ],
		[ 'among others',          204, "a=b; $cookie; c=d" ],
		[ 'after an invalid one',  204, "__Host-provisor=x; $cookie" ],
		[ 'with another name',     401, $cookie =~ s/__Host-//r ],
		[ 'in lower case',         401, lc $cookie ],
		[ 'cut short',             401, substr $cookie, 0, -1 ],
		[ 'with a character more', 401, "${cookie}A" ],
		[ 'with padding',          401, "$cookie=" ],
		[ 'without its version',   401, "__Host-provisor=$key.$bytes" ],
		[ 'of another version',    401, "__Host-provisor=2.$key.$bytes" ],
		[ 'of an unknown key',     401, "__Host-provisor=1.k9.$bytes" ],
		[ 'of random bytes',       401, "__Host-provisor=1.$key."
			. encode_base64url(random_bytes(200)) ],
		[ 'of zeros',           401, "__Host-provisor=1.$key." . 'A' x 200 ],
		[ 'with another nonce', 401, "__Host-provisor=1.$key."
			. encode_base64url(random_bytes(12) . substr $raw, 12) ],
		[ 'with another tag',         401, "__Host-provisor=1.$key."
			. encode_base64url(substr($raw, 0, -16) . random_bytes(16)) ],
		[ 'with an altered bit', 401, "__Host-provisor=1.$key."
			. encode_base64url(do { my $x = $raw; vec($x, 300, 1) ^= 1; $x }) ],
		[ 'in plain text',           401, '__Host-provisor={"resource":"' . $id . '"}' ],
		[ 'sealed for the database', 401, '__Host-provisor='
			. $host->psql("SELECT config FROM resources WHERE id = '$id'") =~ s/\s//gr ],
		[ 'a huge one',              401, '__Host-provisor=' . 'A' x 15_000 ],
	);

	is(session_status($_->[2]), $_->[1], $_->[0]) for @cookies;
};

subtest 'a cookie of a removed key' => sub {
	my $path = $host->env->{PROVISOR_KEYS};
	my $key = read_text($path);
	my $new = 'k2:' . encode_base64(random_bytes(32), '') . "\n";

	write_text($path, $new . $key);
	is(session_status($cookie), 204, 'with the old key in the file, the session is valid');
	write_text($path, $new);
	is(session_status($cookie), 401, 'without the key, it is not');
	write_text($path, $new . $key);
	is(session_status($cookie), 204, 'with the key, it is valid again');
};

subtest "a cookie whose add-on has no home" => sub {
	my $home = $addon->home;

	rename $home, "$home.away" or die "$home: $!\n";
	rename "$home.away", $host->home . '/away' or die "$home: $!\n";
	is(session_status($cookie), 204, 'is valid in a worker that still has the add-on');
	$host->stop_pool('api');
	$host->start_pool('api');
	is(session_status($cookie), 503, 'gets 503 from a worker that does not have it');
	is($worker->request(method => 'POST', path => '/sso/login', body => $encoded)->status, 503, '... and so does a sign-on');
	rename $host->home . '/away', $home or die "$home: $!\n";
	is(session_status($cookie), 204, 'is valid once the home is back');
};

subtest 'an expired cookie' => sub {
	$other->write_file('settings.json', { session => '1s' });
	my $short = session_of($worker->request(method => 'POST', path => '/sso',
		body => encode_form(sign_on_fields($other, $other_id))));

	ok(wait_for(5, sub { session_status($short) == 401 }), 'is invalid');
};

subtest 'a new sign-on replaces the session' => sub {
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
