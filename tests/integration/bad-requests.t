#!/usr/bin/perl
# Bad requests and the response to each: over the worker's socket, as plain CGI, and
# through nginx, which refuses some by itself.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Encode 'encode';
use MIME::Base64 'encode_base64';
use Test::More;

use Provisor::AddOn 'json';
use Provisor::HttpClient;
use Provisor::Http2Client;
use Provisor::Test;

my ($v3, $v1, $colons);
my $host = serving_host({}, sub {
	my ($new) = @_;

	$v3 = addon($new, 'fast-db');
	$v1 = addon($new, 'old-db', version => undef,
		base_url => 'https://localhost/old/heroku/resources');
	$colons = addon($new, 'colons', api => { password => 'a:b::c with more to it:' });
});

my $limit = 256 * 1024;
my $collection = '/heroku/resources';
my $live = uuid();       # a resource of either add-on, on basic in eu
my $unseen = uuid();     # never provisioned
my $member = "$collection/$live";
my $old_member = "/old$collection/$live";

# No response may contain this part of the input.
my $marker = 'xyzzy';

# --- requests ---------------------------------------------------------------

my %members = (uuid => $unseen, plan => 'basic');

sub post { return (method => 'POST', path => $collection, as => $v3->login, body => $_[0]) }
sub put  { return (method => 'PUT', path => $member, as => $v3->login, body => $_[0]) }

# A create, or a plan change, with these members instead.
sub create { return post(json({ %members, @_ })) }
sub change { return put(json({ plan => 'premium', @_ })) }

sub old_create {
	return (post(json({ %members, @_ })), path => "/old$collection", as => $v1->login);
}

sub without {
	my ($member) = @_;

	return post(json({ map { $_ => $members{$_} } grep { $_ ne $member } keys %members }));
}

sub authorized {
	return (create(), as => undef, authorization => $_[0]);
}

sub login { return (create(), as => encode('UTF-8', $_[0])) }
sub to    { return (create(), method => $_[0], path => $_[1], as => $_[2] // $v3->login) }
sub at    { return (create(), path => $_[0]) }

# A create with one more member, whose value has these bytes.
sub value { return post(qq({"uuid":"$unseen","plan":"basic","more":$_[0]})) }
sub text  { return value(qq("$marker$_[0]")) }

sub nested {
	my ($open, $close, $levels) = @_;

	return value($open x $levels . ($open =~ /:/ ? '1' : '') . $close x $levels);
}

sub padded { return (post(json(\%members) . ' ' x ($_[0] - length json(\%members)))) }

# A body and another Content-Length.
sub declared {
	my ($length, $body) = @_;

	return (post($body // json(\%members)), variables => { CONTENT_LENGTH => $length });
}

sub oauth_grant {
	my (%more) = @_;
	my %grant = (
		code => 'e5bbb1b4-6a35-4a3a-b4ef-2f3e2bd4c4a9',
		expires_at => '2031-03-03T18:01:31Z',
		type => 'authorization_code',
		%more,
	);

	return (oauth_grant => \%grant);
}

my $password = $v3->password;
my @not_json = (400, qr/JSON/);

# --- the tables: name, status, message, request -----------------------------
#
# Without a message, the usual one of the status is expected.  For 405 it is Allow.

my @credentials = map { [ $_->[0], 401, undef, @$_[ 1 .. $#$_ ] ] } (
	[ 'no credentials',                    authorized(undef) ],
	[ 'no credentials to change a plan',   change(), as => undef ],
	[ 'no credentials to deprovision',     to('DELETE', $member, ''), as => undef ],
	[ 'an empty header',                   authorized('') ],
	[ 'a blank',                           authorized(' ') ],
	[ 'a scheme alone',                    authorized('Basic') ],
	[ 'a scheme and a blank',              authorized('Basic ') ],
	[ 'the scheme Bearer',                 authorized("Bearer $password") ],
	[ 'the scheme Digest',                 authorized("Digest username=\"$marker\"") ],
	[ 'the scheme Basics',                 authorized('Basics ' . encode_base64($v3->login, '')) ],
	[ 'no blank after the scheme',         authorized('Basic' . encode_base64($v3->login, '')) ],
	[ 'credentials without a scheme',      authorized(encode_base64($v3->login, '')) ],
	[ 'credentials that are not base64',   authorized('Basic !!!!') ],
	[ 'base64 of an impossible length',    authorized('Basic YWRkb') ],
	[ 'base64 with a byte in the middle',  authorized('Basic ' . encode_base64($v3->login, '') =~ s/(....)/$1*/r) ],
	[ 'text after the base64',             authorized('Basic ' . encode_base64($v3->login, '') . ' x') ],
	[ 'two credentials in one header',     authorized(join ', ', ('Basic ' . encode_base64($v3->login, '')) x 2) ],
	[ 'credentials without base64',        authorized('Basic ' . $v3->login) ],
	[ 'no colon',                          login("fast-db$password") ],
	[ 'a colon only',                      login(':') ],
	[ 'no user name',                      login(":$password") ],
	[ 'no password',                       login('fast-db:') ],
	[ 'a wrong password',                  login("fast-db:$marker") ],
	[ 'a password cut short',              login('fast-db:' . substr $password, 0, -1) ],
	[ 'the first letter of a password',    login('fast-db:' . substr $password, 0, 1) ],
	[ 'a password and more',               login("fast-db:${password}x") ],
	[ 'a password in upper case',          login('fast-db:' . uc $password) ],
	[ 'a password and a newline',          login("fast-db:$password\n") ],
	[ 'a password and a blank',            login("fast-db:$password ") ],
	[ 'a password after a blank',          login("fast-db: $password") ],
	[ 'a password and a NUL',              login("fast-db:$password\0") ],
	[ 'a password and a NUL and more',     login("fast-db:$password\0$marker") ],
	[ 'a password in another alphabet',    login("fast-db:pässwörd of fäst-db") ],
	[ 'an over-long password',             login('fast-db:' . $password x 3000) ],
	[ 'an over-long user name',            login('fast-db' x 8000 . ":$password") ],
	[ 'an over-long header',               authorized('Basic ' . 'QUFB' x 20_000) ],
	[ 'a user name and a NUL',             login("fast-db\0:$password") ],
	[ 'an unknown user',                   login("$marker:$password") ],
	[ 'a user name in upper case',         login("FAST-DB:$password") ],
	[ 'a user name and a blank',           login("fast-db :$password") ],
	[ "another add-on's password",         login('fast-db:' . $colons->password) ],
	[ 'an add-on of another path',         login($v1->login) ],
	[ 'the salt as the password',          login('fast-db:salt of fast-db, long enough') ],
	[ 'a password cut at a colon',         login('colons:a') ],
	[ 'a wrong password, and invalid JSON', login("fast-db:$marker"), body => '{' ],
	[ 'a wrong password, and no body',     login("fast-db:$marker"), body => '' ],
	[ 'a wrong password, and a huge body', login("fast-db:$marker"), body => ' ' x 300_000 ],
	[ 'a wrong password, and a short body', login("fast-db:$marker"), variables => { CONTENT_LENGTH => 500 } ],
	[ 'a wrong password, to change',       change(), as => "fast-db:$marker" ],
	[ 'a wrong password, to deprovision',  to('DELETE', $member, "fast-db:$marker") ],
	[ 'a wrong password, and an unseen id', to('DELETE', "$collection/$unseen", "fast-db:$marker") ],
	[ 'a wrong password, and an invalid id',      to('DELETE', "$collection/1", "fast-db:$marker") ],
	[ 'a wrong password in a query',       at("$collection?password=$password"), as => undef ],
);

my @other_methods = (qw(GET OPTIONS PATCH TRACE CONNECT BREW post Put), 'POST ', 'M' x 2000);
my @methods = (
	(map { [ substr("$_ on the collection", 0, 60), 405, 'POST', to($_, $collection) ] }
		@other_methods, qw(PUT DELETE)),
	(map { [ substr("$_ on a resource", 0, 60), 405, 'DELETE, PUT', to($_, $member) ] }
		@other_methods, qw(POST)),
	[ 'PUT on the collection with a slash', 405, 'POST', to('PUT', "$collection/") ],
	[ 'GET on an unseen resource', 405, 'DELETE, PUT', to('GET', "$collection/$unseen") ],
	[ 'GET without credentials', 405, 'DELETE, PUT', to('GET', $member), as => undef ],
	[ 'GET with a token', 405, 'DELETE, PUT', to('GET', "$member?token=$marker") ],
	[ 'POST on /health', 405, 'GET, HEAD', to('POST', '/health') ],
);

my @paths = (
	(map { [ "the path $_", 404, undef, at($_) ] } (
		'/', '//', '/heroku', '/heroku/', '/heroku/resource', '/heroku/resourcesx',
		'/heroku/resources;x', '/heroku/resources%20', '/Heroku/Resources',
		'/HEROKU/RESOURCES', '//heroku/resources', '/heroku//resources',
		'/heroku/resources//', '/./heroku/resources', '/heroku/./resources',
		'/heroku/resources/.', '/heroku/resources/..', '/x/../heroku/resources',
		'/heroku/resources/../resources', '/heroku/%2e%2e/heroku/resources',
		'/heroku/%2E/resources', '/heroku%2Fresources', '/heroku/resources%2F',
		'/heroku/resources%3Fx', '/heroku/resources%25', '/heroku/resources/x/y',
		'heroku/resources', '*', '/%2568eroku/resources', '/.error.json',
		"/$marker", '/%F0%9F%92%A9', '/%FF', "/\xff\xfe",
	)),
	[ 'a path of 8 KiB', 404, undef, at('/' . 'x' x 8192) ],
	[ 'a path of 4000 segments', 404, undef, at('/x' x 4000) ],
	[ 'an empty path', 404, undef, at('') ],
	(map { [ "the path $_", 400, undef, at($_) ] } (
		'/heroku/resources%00', '/heroku/res%00urces', '/nowhere%00', '/%',
		'/heroku/resources%', '/heroku/resources%4', '/heroku/resources%zz',
		'/heroku/resources%%41', '/nowhere/%g1', "$collection/%00",
		"$member%00", "$collection/%u0041", "$member%",
	)),
	(map { [ "PUT on $_", 404, undef, to('PUT', $_) ] } (
		"$member/", "$member//", "$member/x", "$member%2F", "/$live",
		"/heroku/resource/$live", "/heroku/resources//$live",
		"$collection/1", "$collection/not-a-uuid", "$collection/{$live}",
		"$collection/%7B$live%7D", "$collection/" . $live =~ tr/-//dr,
		"$collection/%20$live", "$collection/$live%20", "$collection/$live%0A",
		"$collection/urn:uuid:$live", "${member}0", substr($member, 0, -1),
		"$collection/" . $live =~ s/\A./g/r, "$collection/" . $live =~ s/(.)-/-$1/r,
		"$collection/" . '-' x 36, "$collection/" . '0' x 36,
		"$collection/" . '%EF%BC%90' x 12, "$collection/'%3B--",
		"$collection/$unseen",
	)),
	[ 'DELETE of an id that is not a UUID', 404, undef, to('DELETE', "$collection/1") ],
	(map { [ "DELETE of $_ in version 1", 404, undef, to('DELETE', "/old$collection/$_", $v1->login) ] } (
		$unseen, '1', "{$live}", '%FF', '%C0%AF', '%ED%A0%80', '%01', '%0A', "'%3B--", '%22', '%5C',
		"%25s%25n", '%F0%9F%92%A9',
	)),
	[ 'an id of 8 KiB in version 1', 404, undef, to('PUT', "/old$collection/" . 'x' x 8192, $v1->login) ],
);

my @sizes = (
	[ 'one byte more than 256 KiB',       413, undef, padded($limit + 1) ],
	[ 'twice 256 KiB',                    413, undef, padded(2 * $limit) ],
	[ 'one byte more, to change a plan',  413, undef, put(' ' x ($limit + 1)) ],
	[ 'one byte more, to deprovision',    413, undef, to('DELETE', $member), body => ' ' x ($limit + 1) ],
	[ 'a short body for an unknown path', 404, undef, at('/nowhere'), variables => { CONTENT_LENGTH => 500 } ],
	[ 'a huge body for an unknown path',  404, undef, at('/nowhere'), body => ' ' x 300_000 ],
	[ 'a huge body for another method',   405, 'POST', to('PUT', $collection), body => ' ' x 300_000 ],
	[ 'a body shorter than declared',     400, undef, declared(200) ],
	[ 'no body where one is declared',    400, undef, declared(20, '') ],
	[ 'a length of 30 digits',            413, undef, declared('9' x 30) ],
	[ 'a length of 2^64 + 1',             413, undef, declared('18446744073709551617') ],
	(map { [ "a length of '$_'", 400, undef, declared($_) ] }
		'x', '-1', '+5', '1e2', '0x10', '5,5', '5 5', ' 5', '5 ', '5x', '.', encode('UTF-8', '٣')),
);

my @encodings = (
	[ 'a byte order mark',              400, qr/JSON: .*byte order mark/, post("\xef\xbb\xbf" . json(\%members)) ],
	[ 'only a byte order mark',         @not_json, post("\xef\xbb\xbf") ],
	(map { [ "$_ instead of UTF-8",     @not_json, post(encode($_, json(\%members))) ] }
		qw(UTF-16LE UTF-16BE UTF-16 UTF-32LE UTF-32BE)),
	[ 'Latin-1',                        @not_json, text("\xe9") ],
	[ 'a lone continuation byte',       @not_json, text("\x80") ],
	[ 'a sequence cut short by the quote', @not_json, text("\xe2\x82") ],
	[ 'a sequence cut short by a letter', @not_json, text("\xf0\x9f\x92x") ],
	[ 'a slash in two bytes',           @not_json, text("\xc0\xaf") ],
	[ 'a NUL in two bytes',             @not_json, text("\xc0\x80") ],
	[ 'a slash in three bytes',         @not_json, text("\xe0\x80\xaf") ],
	[ 'a slash in four bytes',          @not_json, text("\xf0\x80\x80\xaf") ],
	[ 'half of a surrogate pair',       @not_json, text("\xed\xa0\x80") ],
	[ 'a surrogate pair in UTF-8',      @not_json, text("\xed\xa0\xbd\xed\xb2\xa9") ],
	[ 'a code point past the last',     @not_json, text("\xf4\x90\x80\x80") ],
	[ 'a sequence of five bytes',       @not_json, text("\xf8\x88\x80\x80\x80") ],
	[ 'a byte that UTF-8 never has',    @not_json, text("\xff") ],
	[ 'bad UTF-8 in a name',            @not_json, post("{\"uuid\":\"$unseen\",\"plan\":\"basic\",\"\xff\":1}") ],
	[ 'bad UTF-8 between members',      @not_json, post("{\"uuid\":\"$unseen\",\xa0\"plan\":\"basic\"}") ],
	[ 'a no-break space between members', @not_json, post("{\"uuid\":\"$unseen\",\xc2\xa0\"plan\":\"basic\"}") ],
	(map { [ sprintf('the byte %02X in a text', $_), @not_json, text(chr) ] } 0x00, 0x01, 0x08, 0x09, 0x0a, 0x0d, 0x1f),
	(map { [ sprintf('the byte %02X between members', $_), @not_json,
		post("{\"uuid\":\"$unseen\"," . chr($_) . '"plan":"basic"}') ] } 0x00, 0x0b, 0x0c, 0x1f, 0x7f),
	[ 'a NUL after the body',           @not_json, post(json(\%members) . "\0") ],
	[ 'an escaped NUL',                 @not_json, text('\u0000') ],
	[ 'an escaped NUL in a plan',       @not_json, post("{\"uuid\":\"$unseen\",\"plan\":\"basic\\u0000x\"}") ],
	[ 'an escaped NUL in a name',       @not_json, post("{\"uuid\":\"$unseen\",\"plan\":\"basic\",\"a\\u0000\":1}") ],
	[ 'a high surrogate alone',         @not_json, text('\ud83d') ],
	[ 'a low surrogate alone',          @not_json, text('\udca9') ],
	[ 'a pair in the wrong order',      @not_json, text('\udca9\ud83d') ],
	[ 'a high surrogate and a letter',  @not_json, text('\ud83d\u0041') ],
	[ 'two high surrogates',            @not_json, text('\ud83d\ud83d') ],
	(map { [ "the escape $_",           @not_json, text($_) ] }
		'\x41', "\\'", '\u12', '\u12g4', '\U0041', '\a', '\0', '\u{41}', '\ '),
	[ 'a form instead of JSON',         @not_json, post("uuid=$unseen&plan=basic"), type => 'application/x-www-form-urlencoded' ],
	[ 'compressed JSON',                400, qr/JSON: .*compressed, which is not supported/, post("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03") ],
);

my $twice = qq("uuid":"$unseen","plan":"basic");
my @json = (
	[ 'no body',                        @not_json, post('') ],
	[ 'no body, to change a plan',      @not_json, put('') ],
	[ 'only blanks',                    @not_json, post(" \n\t\r") ],
	(map { [ "the body $_",             @not_json, post($_) ] }
		'[]', '[{}]', 'null', 'true', 'false', '42', '""', qq("$marker"), '{', '}', '[', '{]', '{"a"', '{"a":',
		'{"a":}', '{"a":1', '{"a":1,', '{,}', '{"a":1,}', '{,"a":1}', '{"a" 1}', '{"a"::1}', '{"a":1;"b":2}',
		'{"a":1 "b":2}', '{a:1}', "{'a':1}", '{1:1}', '{null:1}', '{"a"}', '{{}}', '"{}"', '({})', '{}}', '{}{}',
		'{},', '{} x', '{} null', '{}//', '{}/**/', '/**/{}', '#{}', 'x{}', '={}', "\\{}"),
	(map { [ "the value $_",            @not_json, value($_) ] }
		'01', '-01', '00', '1.', '.5', '-.5', '+1', '-', '--1', '1e', '1e+', '1.e1', '1.5.5', '0x1F', '1_000', '1,000.5',
		'NaN', 'nan', 'Infinity', '-Infinity', 'inf', 'undefined', 'None', 'True', 'TRUE', 'nul', 'nulll', 'tru', 'yes',
		'[1,]', '[,1]', '[1 2]', '[1', '[1}', '{"a":[}]', '"', '"\\"', "'x'", '`x`', '"a" "b"', '/* */1', '1//',
		'1/2', '$x', '@', '"\\'),
	[ 'a trailing comma',               @not_json, post('{' . $twice . ',}') ],
	[ 'a comment between members',      @not_json, post("{$twice/* $marker */}") ],
	[ 'a second body',                  @not_json, post("{$twice}{$twice}") ],
	[ 'a plan twice',                   @not_json, post("{$twice,\"plan\":\"basic\"}") ],
	[ 'a uuid twice',                   @not_json, post("{\"uuid\":\"$live\",$twice}") ],
	[ 'a plan twice, once escaped',     @not_json, post("{$twice,\"pl\\u0061n\":\"basic\"}") ],
	[ 'an unknown member twice',        @not_json, post("{$twice,\"x\":1,\"x\":1}") ],
	[ 'an option twice',                @not_json, post("{$twice,\"options\":{\"a\":\"1\",\"a\":\"1\"}}") ],
	[ 'a member twice, deep inside',    @not_json, value('[[{"a":[{"b":1,"b":2}]}]]') ],
	[ 'an empty name twice',            @not_json, value('{"":1,"":2}') ],
	[ 'arrays 33 deep',                 @not_json, nested('[', ']', 32) ],
	[ 'objects 33 deep',                @not_json, nested('{"a":', '}', 32) ],
	[ 'arrays 100,000 deep',            @not_json, nested('[', ']', 100_000) ],
	[ 'arrays 200,000 deep, left open', @not_json, value('[' x 200_000) ],
	[ 'objects 20,000 deep, left open', @not_json, value('{"a":' x 20_000) ],
	[ 'invalid JSON, to change a plan', @not_json, put('{"plan":"premium"') ],
	[ 'an array, to change a plan',     @not_json, put('["premium"]') ],
	[ 'two plans, to change a plan',     @not_json, put('{"plan":"basic","plan":"premium"}') ],
	[ 'invalid JSON, to change an unknown resource', @not_json, put('{'), path => "$collection/$unseen" ],
);

# Values of wrong types.
my %wrong = (
	text => [ [ 'a number', 42 ], [ 'true', \1 ], [ 'an array', ['basic'] ], [ 'an object', {} ] ],
	object => [ [ 'a text', 'x' ], [ 'a number', 42 ], [ 'false', \0 ], [ 'an array', [] ] ],
);

sub wrong_types {
	my ($member, $type) = @_;

	return map { [ "$_->[0] as $member", 422, qr/\b$member\b/, create($member => $_->[1]) ] }
		@{ $wrong{$type} };
}

sub wrong_types_in_grant {
	my ($member) = @_;

	return map { [ "$_->[0] as a grant's $member", 422, qr/\bgrant|\b$member\b/,
		create(oauth_grant($member => $_->[1])) ] } @{ $wrong{text} };
}

my @members = (
	[ 'an object with nothing in it', 422, undef, post('{}') ],
	[ 'no uuid',                422, qr/\buuid\b/, without('uuid') ],
	[ 'a null uuid',            422, qr/\buuid\b/, create(uuid => undef) ],
	[ 'a uuid in capitals',     422, qr/\buuid\b/, post("{\"UUID\":\"$unseen\",\"plan\":\"basic\"}") ],
	(map { [ "the uuid '$_'",   422, qr/\buuid\b/, create(uuid => $_) ] }
		'', ' ', '1', $marker, "{$unseen}", $unseen =~ tr/-//dr, " $unseen", "$unseen ", "$unseen\n",
		"urn:uuid:$unseen", "${unseen}0", substr($unseen, 1), $unseen =~ s/\A./g/r, $unseen =~ s/(.)-/-$1/r,
		$unseen =~ tr/-/_/r, '-' x 36, "\x{ff10}" x 36, "\x{ff10}" x 12),
	wrong_types(uuid => 'text'),
	[ 'no plan',                422, qr/\bplan\b/, without('plan') ],
	[ 'a null plan',            422, qr/\bplan\b/, create(plan => undef) ],
	[ 'an empty plan',          422, qr/\bplan\b/, create(plan => '') ],
	[ 'a plan in upper case',   422, qr/\bplan\b/, post("{\"uuid\":\"$unseen\",\"Plan\":\"basic\"}") ],
	[ 'a plan of 65 letters',   422, qr/\bplan\b/, create(plan => 'x' x 65) ],
	[ 'a plan of 65 umlauts',   422, qr/\bplan\b/, create(plan => 'ü' x 65) ],
	[ 'a plan of 65 symbols past 16 bits', 422, qr/\bplan\b/, create(plan => "\x{1f4a9}" x 65) ],
	[ 'a plan of 100 kB',       422, qr/\bplan\b/, create(plan => $marker x 20_000) ],
	wrong_types(plan => 'text'),
	[ 'a region of 256 letters', 422, qr/\bregion\b/, create(region => 'x' x 256) ],
	[ 'a region of 256 umlauts', 422, qr/\bregion\b/, create(region => 'ü' x 256) ],
	wrong_types(region => 'text'),
	[ 'a name of 256 letters',  422, qr/\bname\b/, create(name => 'x' x 256) ],
	[ 'a name of 256 umlauts',  422, qr/\bname\b/, create(name => 'ü' x 256) ],
	wrong_types(name => 'text'),
	wrong_types(callback_url => 'text'),
	wrong_types(log_input_url => 'text'),
	wrong_types(log_drain_token => 'text'),
	wrong_types(options => 'object'),
	(map { [ "$_->[0] as an option", 422, qr/option/, create(options => { size => $_->[1] }) ] }
		@{ $wrong{text} }, [ 'null', undef ]),
	[ '65 options',             422, qr/option/, create(options => { map { $_ => 'x' } 1 .. 65 }) ],
	wrong_types(oauth_grant => 'object'),
	wrong_types_in_grant('code'),
	wrong_types_in_grant('expires_at'),
	wrong_types_in_grant('type'),
	(map { [ "a grant that expires '$_'", 422, qr/\bgrant|\bexpires_at\b/, create(oauth_grant(expires_at => $_)) ] }
		'', $marker, 'tomorrow', '2031-03-03', '2031-13-03T18:01:31Z', '2031-02-30T18:01:31Z', '2031-03-03T25:01:31Z',
		'2031-03-03T18:61:31Z', '2031-03-03T18:01:31+25:00', '2031-03-03T18:01:31Zx', '1930000000', 'infinity', 'now'),
	[ 'no plan to change to',   422, qr/\bplan\b/, put('{}') ],
	[ 'a null plan to change to', 422, qr/\bplan\b/, change(plan => undef) ],
	[ 'an empty plan to change to', 422, qr/\bplan\b/, change(plan => '') ],
	[ 'a long plan to change to', 422, qr/\bplan\b/, change(plan => 'x' x 65) ],
	(map { [ "$_->[0] as a plan to change to", 422, qr/\bplan\b/, change(plan => $_->[1]) ] } @{ $wrong{text} }),
	[ 'another plan in a repeat',   422, undef, create(uuid => $live, plan => $marker, region => 'eu') ],
	[ 'another region in a repeat', 422, undef, create(uuid => $live, region => $marker) ],
	[ 'options in a repeat',        422, undef, create(uuid => $live, region => 'eu', options => { $marker => '1' }) ],
	[ 'no plan, in version 1',      422, qr/\bplan\b/, old_create(plan => undef) ],
	[ 'a uuid without dashes, in version 1', 422, qr/\buuid\b/, old_create(uuid => $unseen =~ tr/-//dr) ],
	[ 'an empty uuid, in version 1', 422, qr/\buuid\b/, old_create(uuid => '') ],
	[ 'a number as uuid, in version 1', 422, qr/\buuid\b/, old_create(uuid => 42) ],
	[ 'a number as log_input_url, in version 1', 422, qr/\blog_input_url\b/, old_create(log_input_url => 42) ],
	[ 'a number as logplex_token, in version 1', 422, qr/\blogplex_token\b/, old_create(logplex_token => 42) ],
	[ 'an array as options, in version 1', 422, qr/\boptions\b/, old_create(options => []) ],
	[ 'no plan to change to, in version 1', 422, qr/\bplan\b/, put('{}'), path => $old_member, as => $v1->login ],
);

my @bad = (@credentials, @methods, @paths, @sizes, @encodings, @json, @members);

# Only FastCGI: a plain CGI program reads no more than CONTENT_LENGTH.
my @bad_over_fastcgi = (
	[ 'a body longer than declared',         400, undef, declared(5) ],
	[ 'a body where none is declared',       400, undef, declared(0) ],
	[ 'a body past 256 KiB, declared short', 413, undef, padded(2 * $limit), variables => { CONTENT_LENGTH => 5 } ],
);

# Valid requests that resemble the bad ones: creates, and changes of the live resource.
my @good = (
	[ 'the scheme in lower case',       authorized('basic ' . encode_base64($v3->login, '')) ],
	[ 'the scheme in upper case',       authorized('BASIC ' . encode_base64($v3->login, '')) ],
	[ 'a password with colons',         login($colons->login) ],
	[ 'the collection with a slash',    at("$collection/") ],
	[ 'a letter percent-encoded',       at('/%68eroku/resources') ],
	[ 'a query',                        at("$collection?x=%00%&y") ],
	[ 'an id percent-encoded',          put('{"plan":"basic"}'), path => "$collection/%" . unpack('H2', $live) . substr $live, 1 ],
	[ 'an id in upper case',            put('{"plan":"basic"}'), path => "$collection/\U$live" ],
	[ '256 KiB',                        padded($limit) ],
	[ 'blanks around everything',       post(" \r\n\t{ \"uuid\" : \"$unseen\" , \"plan\" : \"basic\" } \n") ],
	[ 'escapes in a name and a value',  post("{\"uuid\":\"$unseen\",\"pl\\u0061n\":\"b\\u0061sic\"}") ],
	[ 'a pair of surrogate escapes',    text('\ud83d\udca9\/\b\f\n\r\t\"\\\\') ],
	[ 'every length of UTF-8',          text(encode('UTF-8', "\x7f\x{e9}\x{20ac}\x{1f4a9}\x{10ffff}")) ],
	[ 'every number',                   value('[0,-0,1,-1,0.5,1e5,1E+5,1.5e-5,123456789012345678901234567890]') ],
	[ 'arrays 32 deep',                 nested('[', ']', 31) ],
	[ 'objects 32 deep',                nested('{"a":', '}', 31) ],
	[ 'one name in two objects',        value('[{"a":1},{"a":1}]') ],
	[ 'names that differ in case',      post("{$twice,\"Plan\":\"x\",\"PLAN\":1}") ],
	[ 'null for every optional member', create(map { $_ => undef } qw(name region options callback_url log_input_url log_drain_token oauth_grant)) ],
	[ 'an empty grant',                 create(oauth_grant => {}) ],
	[ 'a grant with null members',      create(oauth_grant(map { $_ => undef } qw(code expires_at type))) ],
	[ 'a plan of 64 umlauts',           create(plan => 'ü' x 64) ],
	[ 'a plan of 64 symbols past 16 bits', create(plan => "\x{1f4a9}" x 64) ],
	[ 'a region of 255 umlauts',        create(region => 'ü' x 255) ],
	[ 'a name of 255 umlauts',          create(name => 'ü' x 255) ],
	[ '64 options',                     create(options => { map { $_ => 'x' } 1 .. 64 }) ],
	[ 'an option without a value',      create(options => { size => '' }) ],
	[ 'another content type',           create(), type => 'text/plain' ],
	[ 'no content type',                create(), variables => { CONTENT_TYPE => undef } ],
	[ 'an Accept header with another version', create(), headers => { Accept => 'application/vnd.heroku-addons+json; version=1' } ],
	[ 'the path in CGI variables',      create(), variables => { REQUEST_URI => undef, SCRIPT_NAME => '/heroku', PATH_INFO => '/resources' } ],
);

# --- running them -----------------------------------------------------------

sub wrongs {
	my ($answer, $row) = @_;
	my (undef, $status, $expected) = @$row;
	my @faults = faults($answer, $status, $status == 405 ? undef : $expected);
	my $allowed = join ', ', sort split /, /, $answer->header('allow') // '';

	push @faults, "Allow: $allowed" if $status == 405 && $allowed ne $expected;
	push @faults, 'the response contains the input' if $answer->body =~ /$marker/;
	push @faults, "ended with $answer->{ended}" if $answer->{ended};
	return join '; ', @faults;
}

sub refuses_all {
	my ($client, @table) = @_;

	for my $row (@table) {
		my ($name, $status, undef, %request) = @$row;

		is(wrongs($client->request(%request), $row), '',
			$client->name . ": $status for " . $name =~ s/[^ -~]/?/gr);
	}
	return;
}

my $fastcgi = fastcgi($host);
my $plain = plain_cgi($host);

is($_->provision(uuid => $live, region => 'eu')->status, 200, 'a resource is provisioned')
	for $v3, $v1;
my $before = fingerprint($host);
my @workers = workers($host);

cmp_ok(scalar @bad, '>=', 150, scalar(@bad) . ' bad requests');

subtest 'over FastCGI' => sub { refuses_all($fastcgi, @bad, @bad_over_fastcgi) };
subtest 'as plain CGI' => sub { refuses_all($plain, @bad) };
subtest 'HEAD is refused without a body' => sub {
	for my $client ($fastcgi, $plain) {
		for my $path ($collection, $member) {
			my $answer = $client->request(to('HEAD', $path));

			is($answer->status . $answer->body, '405', $client->name . ": $path");
		}
	}
};

is(fingerprint($host), $before, 'no bad request changes a table');

subtest 'valid requests' => sub {
	for my $client ($fastcgi, $plain) {
		for my $row (@good) {
			my ($name, %request) = @$row;
			my $uuid = uuid();

			$request{body} =~ s/\Q$unseen\E/$uuid/;
			is($client->request(%request)->status, 200, $client->name . ": $name");
		}
	}
};

# --- through nginx ----------------------------------------------------------

$host->start_pool('web');
$host->start_nginx;

my $https = Provisor::HttpClient->new(port => $host->port);
my $http2 = Provisor::Http2Client->new(port => $host->port);
my $login = 'Authorization: Basic ' . encode_base64($v3->login, '');
my $body = json(\%members);
my $length = 'Content-Length: ' . length $body;

# A request as bytes.
sub bytes {
	my ($first, $headers, $content) = @_;

	return join "\r\n", $first, 'Connection: close', @$headers, '', $content // '';
}

sub created { return bytes("POST $collection HTTP/1.1", [ 'Host: localhost', @_ ], $body) }

my @bytes = (
	[ 'a body past 256 KiB',            413, created($login, 'Content-Length: 262145') ],
	[ 'a path longer than all buffers', 414, bytes('POST /' . 'x' x 40_000 . ' HTTP/1.1', ['Host: localhost']) ],
	[ 'a header longer than all buffers', 431, created($login, 'X-Long: ' . 'x' x 40_000) ],
	[ 'more headers than buffers',      431, created($login, $length, map { "X-$_: " . 'x' x 7000 } 1 .. 12) ],
	[ 'two Authorization headers',      400, created($login, $login, $length) ],
	[ 'two lengths',                    400, created($login, $length, $length) ],
	[ 'a length that is not a number',  400, created($login, 'Content-Length: x') ],
	[ 'a negative length',              400, created($login, 'Content-Length: -1') ],
	[ 'a length over 64 bits',          400, created($login, 'Content-Length: ' . '9' x 30) ],
	[ 'a length and chunks',            400, created($login, $length, 'Transfer-Encoding: chunked') ],
	[ 'an unknown encoding',            501, created($login, 'Transfer-Encoding: gzip') ],
	[ 'malformed chunks',               400, created($login, 'Transfer-Encoding: chunked') ],
	[ 'no host',                        400, bytes("POST $collection HTTP/1.1", [ $login, $length ], $body) ],
	[ 'two hosts',                      400, created('Host: localhost', $login, $length) ],
	[ 'a malformed host',               400, bytes("POST $collection HTTP/1.1", [ 'Host: a/b', $login, $length ], $body) ],
	[ 'a NUL in a header',              400, created($login, $length, "X-Nul: a\0b") ],
	[ 'a NUL in the path',              400, bytes("POST $collection\0 HTTP/1.1", [ 'Host: localhost', $login, $length ], $body) ],
	[ '%00 in the path',                400, bytes("POST $collection%00 HTTP/1.1", [ 'Host: localhost', $login, $length ], $body) ],
	[ 'a broken percent in the path',   400, bytes("POST $collection%zz HTTP/1.1", [ 'Host: localhost', $login, $length ], $body) ],
	[ 'a path above the root',          400, bytes('POST /../heroku/resources HTTP/1.1', [ 'Host: localhost', $login, $length ], $body) ],
	[ 'a method in lower case',         400, bytes("post $collection HTTP/1.1", [ 'Host: localhost', $login, $length ], $body) ],
	[ 'the method TRACE',               405, bytes("TRACE $collection HTTP/1.1", ['Host: localhost']) ],
	[ 'the method CONNECT',             405, bytes("CONNECT $collection HTTP/1.1", ['Host: localhost']) ],
	[ 'an unsupported version',         505, bytes("POST $collection HTTP/3.0", [ 'Host: localhost', $login, $length ], $body) ],
	[ 'a malformed version',            400, bytes("POST $collection HTTP/x", [ 'Host: localhost', $login, $length ], $body) ],
	[ 'bytes that are not a request',   400, "\x16\x03\x01\x02\x00\r\n\r\n" ],
);

sub nginx_refuses {
	my ($answer, $status, $name) = @_;
	my @faults = grep { !/allow/ } faults($answer, $status);

	push @faults, 'the response contains the input' if $answer->body =~ /$marker/;
	return is(join('; ', @faults), '', "nginx: $status for $name");
}

$before = fingerprint($host);
subtest 'nginx refuses in JSON' => sub {
	nginx_refuses($https->request(raw => $_->[2]), $_->[1], $_->[0]) for @bytes;

	nginx_refuses(
		Provisor::HttpClient->new(plain => $host->port)->request(create()),
		400, 'HTTP on the port of HTTPS');
	nginx_refuses($http2->request(padded($limit + 1)), 413, 'a body past 256 KiB, HTTP/2');
	nginx_refuses($http2->request(at("$collection%00")), 400, '%00 in the path, HTTP/2');
};

# Requests that nginx passes to the worker.
my @passed = (
	[ 'an unknown method',         405, 'POST', to('BREW', $collection) ],
	[ 'a path with empty segments', 404, undef, at('//heroku/resources') ],
	[ 'a path with dot segments',  404, undef, at('/heroku/./resources') ],
	[ 'an encoded slash',          404, undef, at('/heroku%2Fresources') ],
	[ 'a trailing slash',          404, undef, to('PUT', "$member/") ],
	[ 'no credentials',            401, undef, authorized(undef) ],
	[ 'not JSON',                  @not_json, post('{') ],
	[ 'no body',                   @not_json, post('') ],
	[ 'a wrong type',              422, qr/\bplan\b/, create(plan => 42) ],
	[ 'an unknown path',           404, undef, at('/nowhere') ],
	[ 'GET with a token',          405, 'DELETE, PUT', to('GET', "$member?token=$marker"), body => undef ],
);

subtest 'through nginx' => sub {
	for my $client ($https, $http2) {
		refuses_all($client, @passed);
	}
};
is(fingerprint($host), $before, 'no request through nginx changes a table');

subtest 'valid requests through nginx' => sub {
	my $absolute = uuid();
	my $chunked = uuid();
	my $chunk = json({ uuid => $chunked, plan => 'basic' });
	my %request = $v3->provision_request(uuid => $absolute);

	is($https->request(%request, path => "https://localhost$collection")->status, 200,
		'an absolute URI');
	is($https->request(raw => bytes("POST $collection HTTP/1.1",
		[ 'Host: localhost', $login, 'Transfer-Encoding: chunked' ],
		sprintf "%x\r\n%s\r\n0\r\n\r\n", length $chunk, $chunk))->status, 200, 'chunks');
	is($https->request(padded($limit))->status, 200, '256 KiB');
	is($http2->request(padded($limit))->status, 200, '256 KiB, HTTP/2');
};

is_deeply([ grep { my $pid = $_; grep { $_ == $pid } workers($host) } @workers ], \@workers,
	'no worker has died');
is_unhurt($host);

done_testing;
