#!/usr/bin/perl
# Calls to a marketplace, made by platform.h: what each asks, what each answer
# means, and what is not done whatever the other side says.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Temp 'tempdir';
use IO::Socket::IP;
use IPC::Open2;
use JSON::PP ();
use MIME::Base64 'encode_base64';
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;

use Provisor::Counterpart;
use Provisor::Test;

use constant {
	ID => '01234567-89ab-cdef-0123-456789abcdef',
	TOKEN => 'HRKU-0f1e2d3c-token',
	CODE => '7c0de7-grant',
	SECRET => 's3cr3t+/= &%ü',
	ENOUGH => 10_000, # ms for what is to end by itself
	SHORT => 700,     # ms for what never does
	PATIENCE => 40,   # seconds until we give up
};

my $folder = tempdir('provisor-platform-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# --- certificates -----------------------------------------------------------

sub certificate {
	my ($name, $host) = @_;

	system('openssl', 'req', '-x509', '-newkey', 'ec', '-nodes', '-days', '2',
		'-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', "/CN=$host",
		'-addext', "subjectAltName=DNS:$host",
		'-keyout', "$folder/$name.key",
		'-out', "$folder/$name.pem") == 0 or die "openssl failed\n";
	return (SSL_cert_file => "$folder/$name.pem", SSL_key_file => "$folder/$name.key");
}

sub write_file {
	my ($name, @parts) = @_;

	open my $file, '>', "$folder/$name" or die "$name: $!\n";
	print {$file} @parts;
	close $file or die "$name: $!\n";
	return "$folder/$name";
}

sub text_of {
	my ($path) = @_;

	open my $file, '<', $path or die "$path: $!\n";
	return do { local $/; <$file> };
}

my %here = certificate(here => 'localhost');
my %elsewhere = certificate(elsewhere => 'elsewhere.example');
my %stranger = certificate(stranger => 'localhost');
my $ca = write_file('ca.pem', map { text_of("$folder/$_.pem") } qw(here elsewhere));

# --- ways to answer ---------------------------------------------------------

sub answer {
	my ($socket, $status, $body, @headers) = @_;

	print {$socket} join "\r\n", "HTTP/1.1 $status Word",
		'Content-Length: ' . length $body, @headers, '', $body;
	return 1;
}

sub json {
	my ($value) = @_;

	return JSON::PP->new->canonical->utf8->encode($value);
}

# Until the other side has gone.
sub hold {
	my ($socket) = @_;

	1 while sysread $socket, my $bytes, 1024;
	return 0;
}

sub pour {
	my ($socket, $bytes) = @_;

	1 while print {$socket} $bytes;
	return 0;
}

my $addon = { id => ID, state => 'provisioned', web_url => undef };
my %tokens = (access_token => TOKEN, refresh_token => 'r-1', expires_in => 28799,
	token_type => 'Bearer', user_id => 'u', session_nonce => undef);

my %ways = (
	good => sub { answer($_[0], 200, json($addon), 'RateLimit-Remaining: 4499') },
	list => sub { answer($_[0], 200, json([{ name => 'A', value => 'b' }])) },
	empty => sub { answer($_[0], 200, '') },
	tokens => sub { answer($_[0], 200, json(\%tokens)) },
	'no-tokens' => sub { answer($_[0], 200, '{"access_token":null}') },
	error => sub {
		my ($socket, $request) = @_;

		# One that quotes what it was sent.
		answer($socket, 401, json({ id => 'unauthorized',
			message => "Wrong: $request->{body}" }), 'Request-Id: 0a1b-2c3d');
	},
	unprocessable => sub { answer($_[0], 422, json({ id => 'invalid_params' })) },
	unknown => sub { answer($_[0], 404, json({ id => 'not_found' })) },
	limited => sub { answer($_[0], 429, json({ id => 'rate_limit' }), 'Retry-After: 17',
		'RateLimit-Remaining: 0') },
	dated => sub { answer($_[0], 503, '', 'Retry-After: Fri, 31 Dec 2055 23:59:59 GMT') },
	page => sub { answer($_[0], 500, '<html>no</html>', 'Content-Type: text/html') },
	'good-page' => sub { answer($_[0], 200, '<html>hello</html>') },
	chunked => sub {
		my $body = json($addon);

		print {$_[0]} "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
			(map { "1\r\n$_\r\n" } split //, $body), "0\r\n\r\n";
	},
	redirect => sub {
		my ($socket, $request) = @_;

		answer($socket, 302, '', "Location: https://$request->{headers}{host}/elsewhere");
	},
	hang => sub { hold($_[0]) },
	drip => sub {
		my ($socket) = @_;

		print {$socket} "HTTP/1.1 200 OK\r\nX: ";
		select undef, undef, undef, 0.05 while print {$socket} 'x';
		return 0;
	},
	endless => sub {
		print {$_[0]} "HTTP/1.1 200 OK\r\n\r\n";
		pour($_[0], ' ' x 16_000);
	},
	'endless-head' => sub {
		print {$_[0]} "HTTP/1.1 200 OK\r\n";
		pour($_[0], 'X: ' . 'x' x 8000 . "\r\n");
	},
	short => sub {
		print {$_[0]} "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}";
		return 0;
	},
	noise => sub { print {$_[0]} "\0\xff\r\n\r\n"; return 0 },
	goodbye => sub { answer($_[0], 200, json($addon)); return 0 },
	'hang-up' => sub { return 0 },
	slam => sub {
		my ($socket) = @_;

		setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0;
		POSIX::_exit(0);
	},
	'full-size' => sub { answer($_[0], 200, json({ x => 'x' x (256 * 1024 - 8) })) },
	'over-size' => sub { answer($_[0], 200, json({ x => 'x' x (256 * 1024 - 7) })) },
);

sub counterpart {
	my ($name, %tls) = @_;

	return Provisor::Counterpart->new("$folder/$name", %tls, ways => \%ways);
}

# All of them before the first caller, whose end they would not let it see.
my $there = counterpart('there', %here);
my @false = (
	[counterpart('other-name', %elsewhere), qr/does not match|no alternative/, 'another name'],
	[counterpart('own', %stranger), qr/certificate/, 'a certificate of its own'],
	[counterpart('old', %here, SSL_version => 'TLSv1_1', SSL_cipher_list => 'ALL:@SECLEVEL=0'),
		qr/./, 'TLS 1.1'],
);
my $place = 'localhost:' . $there->port;

# --- the program that calls -------------------------------------------------

# What would lead it astray if it obeyed its environment.
my $proxy = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 10)
	or die "cannot listen: $!\n";
my $astray = 'http://127.0.0.1:' . $proxy->sockport;

$ENV{$_} = $astray for qw(http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY);
$ENV{HOME} = $folder;
$ENV{NETRC} = write_file('.netrc', "default login netrc-user password netrc-password\n");
$ENV{SSL_CERT_FILE} = $ENV{CURL_CA_BUNDLE} = "$folder/stranger.pem";

my @whys;

sub caller_of {
	my ($to, %options) = @_;
	my $pid = open2(my $out, my $in, build() . '/tests/integration/ask',
		$options{api} // "https://$to", $options{token} // "https://$to/oauth/token",
		$options{ca} // $ca);

	return { pid => $pid, in => $in, out => $out };
}

sub call {
	my ($caller, @words) = @_;

	print { $caller->{in} } join("\t", @words), "\n";
	$caller->{in}->flush;
	local $SIG{ALRM} = sub { kill KILL => $caller->{pid}; die "@words: no answer\n" };
	alarm PATIENCE;
	my $line = readline $caller->{out};
	alarm 0;
	my $answer = JSON::PP::decode_json($line // '{"verdict":"dead"}');

	push @whys, $answer->{why} // ();
	return $answer;
}

# Returns how it ended.
sub finish {
	my ($caller) = @_;

	close $caller->{in};
	waitpid $caller->{pid}, 0;
	return $?;
}

sub verdict_is {
	my ($answer, $verdict, $why, $name) = @_;

	is($answer->{verdict}, $verdict, $name);
	like($answer->{why} // '', $why, '... and why');
	return;
}

my $caller = caller_of($place);

# A call in some way, the verdict, and the line for the log.
sub goes {
	my ($way, $verdict, $why, $name, @words) = @_;

	$there->goes($way);
	my $answer = call($caller, @words ? @words : (ENOUGH, 'read', ID, TOKEN));

	verdict_is($answer, $verdict, $why, $name);
	return $answer;
}

# --- what is asked ----------------------------------------------------------

subtest 'a grant is exchanged' => sub {
	my $answer = goes('tokens', 'done', qr/\A\z/, 'exchange',
		ENOUGH, 'exchange', CODE, SECRET);
	my ($request, @others) = $there->requests;

	is_deeply([@$answer{qw(access refresh expires_in)}], [TOKEN, 'r-1', 28799], 'tokens');
	is(scalar @others, 0, 'one request');
	is("$request->{method} $request->{target}", 'POST /oauth/token', 'there');
	is($request->{body}, 'grant_type=authorization_code&code=7c0de7-grant'
		. '&client_secret=s3cr3t%2B%2F%3D%20%26%25%C3%BC', 'as a form');
	is($request->{headers}{'content-type'}, 'application/x-www-form-urlencoded', '... which it says');
	is($request->{headers}{accept}, 'application/vnd.heroku+json; version=3', 'the version');
	like($request->{headers}{'user-agent'}, qr{\Aprovisor/\d+\.\d+\.\d+\z}, 'who asks');
	is($request->{headers}{authorization}, undef, 'nothing from netrc');
};

subtest 'a token is refreshed' => sub {
	goes('tokens', 'done', qr/\A\z/, 'refresh', ENOUGH, 'refresh', 'r-0', SECRET);
	is(($there->requests)[0]{body}, 'grant_type=refresh_token&refresh_token=r-0'
		. '&client_secret=s3cr3t%2B%2F%3D%20%26%25%C3%BC', 'as a form');
	goes('no-tokens', 'later', qr/\Arefresh of a token: status 200 without an access token\z/,
		'an answer without one', ENOUGH, 'refresh', 'r-0', SECRET);
};

subtest 'the Platform API is asked' => sub {
	my @calls = (
		['read', 'good', 'GET', '', undef],
		['read-config', 'list', 'GET', '/config', undef],
		['write-config', 'list', 'PATCH', '/config',
			'{"config":[{"name":"A_URL","value":"x\u0026\\"y"},{"name":"B","value":null}]}'],
		['provisioned', 'good', 'POST', '/actions/provision', ''],
		['deprovisioned', 'good', 'POST', '/actions/deprovision', ''],
	);

	for my $row (@calls) {
		my ($call, $way, $method, $path, $body) = @$row;

		goes($way, 'done', qr/\A\z/, $call, ENOUGH, $call, uc ID, TOKEN,
			'{"A_URL":"x&\\"y","B":null}');
		my ($request) = $there->requests;
		my $headers = $request->{headers};

		is("$request->{method} $request->{target}", "$method /addons/" . ID . $path, '... there');
		is($headers->{authorization}, 'Bearer ' . TOKEN, '... with its token');
		is($headers->{accept}, 'application/vnd.heroku+json; version=3', '... in version 3');
		is_deeply(length $request->{body} ? JSON::PP::decode_json($request->{body}) : '',
			length $body // '' ? JSON::PP::decode_json($body) : '', '... with that body');
		is($headers->{'content-length'}, defined $body ? length $request->{body} : undef,
			'... of that length');
		is($headers->{'content-type'}, defined $body ? 'application/json' : undef,
			'... of that type');
	}
};

subtest 'what cannot be asked is not' => sub {
	goes('good', 'refused', qr/no UUID/, "an id $_", ENOUGH, 'read', $_, TOKEN)
		for '../apps', 'my-addon', '', ID . '/config';
	goes('good', 'unauthorized', qr/no token/, 'an unfit token', ENOUGH, 'read', ID, $_)
		for '', 'a b', "a\rHost: b", "\xc3\xa4";
	goes('good', 'later', qr/no time left/, 'no time', 0, 'read', ID, TOKEN);
	is(scalar $there->requests, 0, 'nothing was sent');
};

# --- what the answers mean --------------------------------------------------

subtest 'answers are understood' => sub {
	my $read = goes('good', 'done', qr/\A\z/, 'a good answer');

	is_deeply($read->{body}, $addon, 'its body');
	is($read->{remaining}, 4499, 'what remains');
	goes('chunked', 'done', qr/\A\z/, 'one in pieces');
	goes('error', 'unauthorized', qr{\AGET /addons/@{[ID]}: status 401, unauthorized, request 0a1b-2c3d\z},
		'status 401');
	goes('error', 'unauthorized', qr/\Aexchange of a grant: status 401, unauthorized, request 0a1b-2c3d\z/,
		'401 to an exchange', ENOUGH, 'exchange', CODE, SECRET);
	goes('unknown', 'gone', qr/status 404, not_found\z/, 'status 404');
	goes('unprocessable', 'refused', qr/status 422, invalid_params\z/, 'status 422');
	my $limited = goes('limited', 'later', qr/status 429, rate_limit\z/, 'status 429');

	is($limited->{retry_after}, 17, 'when again');
	is($limited->{remaining}, 0, 'nothing remains');
	is(goes('dated', 'later', qr/status 503\z/, 'status 503')->{retry_after}, 86400, 'a day at most');
	my $page = goes('page', 'later', qr/status 500\z/, 'status 500');

	is($page->{retry_after}, 0, 'forgets what was told before');
	is($page->{remaining}, -1, '... all of it');
	goes('good-page', 'later', qr/status 200 without JSON\z/, 'a page');
	goes('good-page', 'later', qr/without JSON\z/, 'a page to POST', ENOUGH, 'provisioned', ID, TOKEN);
	goes('list', 'later', qr/without what was asked for\z/, 'a list instead of an add-on');
	goes('empty', 'later', qr/without what was asked for\z/, 'nothing instead of one');
	goes('empty', 'done', qr/\A\z/, 'nothing to POST', ENOUGH, 'provisioned', ID, TOKEN);
	goes('full-size', 'done', qr/\A\z/, '256 KiB');
	goes('over-size', 'later', qr/too long\z/, '256 KiB and a byte');
};

subtest 'a redirect is not followed' => sub {
	goes('redirect', 'later', qr/status 302\z/, 'the answer');
	is(scalar $there->requests, 1, 'one request');
};

subtest 'nobody takes longer than he may' => sub {
	my $silent = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 10);
	my $mute = caller_of('localhost:' . $silent->sockport);

	goes($_, 'later', qr/timed? ?out/i, $_, SHORT, 'read', ID, TOKEN) for qw(hang drip);
	verdict_is(call($mute, SHORT, 'read', ID, TOKEN), 'later', qr/timed? ?out/i, 'no handshake');
	is(finish($mute), 0, 'ends well');
	goes('endless', 'later', qr/too long\z/, 'an endless body');
	goes('endless-head', 'later', qr/./, 'an endless head');
	goes('good', 'done', qr/\A\z/, 'the next one is as good as any');
};

subtest 'what breaks off is no answer' => sub {
	goes('short', 'later', qr/./, 'half a body');
	goes('noise', 'later', qr/./, 'noise');
	goes('slam', 'later', qr/./, 'a reset', ENOUGH, 'write-config', ID, TOKEN,
		json({ A => 'x' x 200_000 }));
	goes('good', 'done', qr/\A\z/, 'the next one is as good as any');
	my $away = caller_of('localhost:1');

	verdict_is(call($away, ENOUGH, 'read', ID, TOKEN), 'later', qr/connect/i, 'nobody there');
	is(finish($away), 0, 'ends well');
};

# --- connections ------------------------------------------------------------

subtest 'a connection is used again' => sub {
	$there->goes('good');
	is(call($caller, ENOUGH, 'read', ID, TOKEN)->{verdict}, 'done', 'a call') for 1 .. 3;
	is($there->connections, 1, 'three over one connection');
	my $descriptors = call($caller, ENOUGH, 'descriptors');

	cmp_ok($descriptors->{open}, '>', 0, 'it is kept');
	is($descriptors->{inherited}, 0, 'no program would inherit it');
};

subtest 'a connection that was closed meanwhile does no harm' => sub {
	goes('goodbye', 'done', qr/\A\z/, 'a call') for 1 .. 3;
};

subtest 'what gives tokens is asked once' => sub {
	goes('good', 'done', qr/\A\z/, 'a connection is kept');
	goes('hang-up', 'later', qr/./, 'an answer that is lost', ENOUGH, 'refresh', 'r-0', SECRET);
	is(scalar $there->requests, 1, 'one request');
};

# --- who is believed --------------------------------------------------------

sub distrusts {
	my ($name, $why, $caller) = @_;

	verdict_is(call($caller, ENOUGH, 'exchange', CODE, SECRET), 'later', $why, $name);
	is(finish($caller), 0, 'ends well');
	return;
}

subtest 'only the right one is believed' => sub {
	for my $row (@false) {
		my ($false, $why, $name) = @$row;

		$false->goes('tokens');
		distrusts($name, $why, caller_of('localhost:' . $false->port));
		is(scalar $false->requests, 0, '... heard nothing');
	}
	distrusts('a file of authorities that is missing', qr/certificate/i,
		caller_of($place, ca => "$folder/missing"));
	distrusts('the system does not know it', qr/certificate/i, caller_of($place, ca => ''));
};

subtest 'nothing is sent without TLS' => sub {
	my $plain = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 10, Blocking => 0);
	my $address = 'localhost:' . $plain->sockport;

	distrusts($_, qr/not supported/, caller_of($address, token => $_))
		for "http://$address/", "ftp://$address/", "$address/", "file://$folder/ca.pem";
	is($plain->accept, undef, 'nobody came');
};

subtest 'the environment leads nobody astray' => sub {
	$proxy->blocking(0);
	is($proxy->accept, undef, 'nobody asked the proxy');
};

# --- a customer's log -------------------------------------------------------

sub writes {
	my ($verdict, $why, $name, $to, $allowed) = @_;

	$there->goes('empty');
	my $answer = call($caller, ENOUGH, 'log', $to, $allowed, 'app', "one\x07", 'two ✓');

	verdict_is($answer, $verdict, $why, $name);
	return $there->requests;
}

my $credentials = 'token:t.' . ID;
my $log = "https://$credentials\@$place/logs?x=1";

subtest 'lines are written to a log' => sub {
	my ($request, @others) = writes('done', qr/\A\z/, 'two lines', $log, "logplex.io, $place");
	my @frames = map { "<190>1 TIME @{[ID]} app provisor - - $_" } 'one ', 'two ✓';
	my $body = $request->{body};
	my $time = qr/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00/;

	is("$request->{method} $request->{target}", 'POST /logs?x=1', 'there');
	is($request->{headers}{authorization}, 'Basic ' . encode_base64($credentials, ''), 'by its credentials');
	is($request->{headers}{'content-type'}, 'application/logplex-1', 'the type');
	is(scalar @others, 0, 'at once');
	like($body, qr/\A\d+ <190>1 $time /, 'a time');
	$body =~ s/$time/TIME/g;
	is($body, join('', map { length($_) + 21 . " $_" } @frames), 'frames');
};

subtest 'a log elsewhere is not written to' => sub {
	my $port = $there->port;
	my @places = (
		['another host', qr/lacks its host/, $log, 'logplex.io'],
		['another port', qr/lacks its host/, $log, 'localhost:443'],
		['no host', qr/lacks its host/, $log, ''],
		['a private address', qr/no public address/, $log, 'localhost'],
		['one in figures', qr/no public address/, "https://127.0.0.1:$port/", '127.0.0.1'],
		['one in other figures', qr/no public address/, "https://0x7f.1:$port/", '127.0.0.1'],
		['one of IPv6', qr/no public address/, "https://[::1]:$port/", '[::1]'],
		['one mapped', qr/no public address/, "https://[::ffff:127.0.0.1]:$port/",
			'[::ffff:127.0.0.1]'],
		['a host in the credentials', qr/lacks its host/, "https://logplex.io\@$place/", 'logplex.io'],
		['a host in the path', qr/lacks its host/, "https://$place/\@logplex.io", 'logplex.io'],
		['no TLS', qr/not one of https/, "http://$credentials\@$place/logs", $place],
		['no URL', qr/not one of https/, 'logs', $place],
		['nothing', qr/not one of https/, '', $place],
	);

	for my $row (@places) {
		my ($name, $why, $to, $allowed) = @$row;

		is(scalar writes('refused', $why, $name, $to, $allowed), 0, '... and nothing sent');
	}
};

subtest 'a connection for another purpose opens no way' => sub {
	$there->goes('good');
	is(call($caller, ENOUGH, 'read', ID, TOKEN)->{verdict}, 'done', 'one is kept');
	is(scalar writes('refused', qr/no public address/, 'a log', $log, 'localhost'), 0,
		'... and nothing sent');
};

is(finish($caller), 0, 'the caller ends well');
for my $secret (CODE, TOKEN, 's3cr3t', 'r-0', 't.' . ID, $credentials, 'netrc-') {
	is(join("\n", grep { /\Q$secret\E/ } @whys), '', "no line for the log has $secret");
}
done_testing;
