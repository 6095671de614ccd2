package Provisor::Asking;

# What platform.h does, seen from the other side: a program that asks what it is
# told to, and a marketplace that answers in every way there is.
#
#	my $there = counterpart('there', %tls);
#	my $caller = caller_of($there);
#	$there->behave('good');
#	verdict_is(call($caller, ENOUGH, 'read', ID, TOKEN), 'done', qr/\A\z/, 'a call');
#	ends_well($caller, @secrets);
#
# Whatever is asked, the environment would lead astray who obeyed it.

use strict;
use warnings;

use Exporter 'import';
use File::Temp 'tempdir';
use IO::Socket::IP;
use IPC::Open2;
use JSON::PP ();
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;

use Provisor::Authority;
use Provisor::HttpsServer;
use Provisor::Files qw(read_text write_text);
use Provisor::Test ();

use constant {
	ID => '01234567-89ab-cdef-0123-456789abcdef',
	TOKEN => 'HRKU-0f1e2d3c-token',
	CODE => '7c0de7-grant',
	SECRET => 's3cr3t+/= &%ü',
	ENOUGH => 10_000, # ms for what is to end by itself
	SHORT => 700,     # ms for what never does
	PATIENCE => 40,   # seconds until we give up
};

our @EXPORT = qw(ID TOKEN CODE SECRET ENOUGH SHORT $folder $authority %stranger $addon json
	nobody counterpart caller_of call goes verdict_is finish ends_well);

our $folder = tempdir('provisor-platform-XXXXXX', TMPDIR => 1, CLEANUP => 1);
our $authority = Provisor::Authority->new($folder);

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

our $addon = { id => ID, state => 'provisioned', web_url => undef };
my %tokens = (access_token => TOKEN, refresh_token => 'r-1', expires_in => 28799,
	token_type => 'Bearer', user_id => 'u', session_nonce => undef);

my %behaviours = (
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

# --- who is asked -----------------------------------------------------------

# Before the first caller, whose end it would not let it see.
sub counterpart {
	my ($name, %tls) = @_;

	return Provisor::HttpsServer->new("$folder/$name", %tls, behaviours => \%behaviours);
}

# A place to knock at.
sub nobody {
	return IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 10) // die "cannot listen: $!\n";
}

# --- who asks ---------------------------------------------------------------

# Of those who are not to be believed, one that vouches for itself.
our %stranger = $authority->issue('stranger', is_own => 1);

# What would lead it astray if it obeyed its environment.
my $proxy = nobody();
my $astray = 'http://127.0.0.1:' . $proxy->sockport;

$ENV{$_} = $astray for qw(http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY);
# A system that would take old TLS.
$ENV{OPENSSL_CONF} = "$folder/openssl.cnf";
write_text($ENV{OPENSSL_CONF}, "openssl_conf = all\n[all]\nssl_conf = ssl\n"
	. "[ssl]\nsystem_default = old\n[old]\nMinProtocol = TLSv1\nCipherString = ALL:\@SECLEVEL=0\n");
$ENV{HOME} = $folder;
$ENV{NETRC} = "$folder/.netrc";
$ENV{SSL_CERT_FILE} = $ENV{CURL_CA_BUNDLE} = "$folder/astray.pem";
write_text($ENV{NETRC}, "default login netrc-user password netrc-password\n");
write_text($ENV{SSL_CERT_FILE}, join '', map { read_text($_) } $stranger{SSL_cert_file}, $authority->file);

my @whys;

sub caller_of {
	my ($there, %options) = @_;
	my $place = 'localhost:' . (ref $there eq 'Provisor::HttpsServer' ? $there->port : $there->sockport);
	my $pid = open2(my $out, my $in, Provisor::Test::build() . '/tests/integration/ask',
		$options{api} // "https://$place", $options{token} // "https://$place/oauth/token",
		$options{ca} // $authority->file);

	return { pid => $pid, in => $in, out => $out, there => $there };
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

sub verdict_is {
	my ($answer, $verdict, $why, $name) = @_;

	is($answer->{verdict}, $verdict, $name);
	like($answer->{why} // '', $why, '... and why');
	return;
}

# A call in some way, the verdict, and the line for the log.
sub goes {
	my ($caller, $way, $verdict, $why, $name, @words) = @_;

	$caller->{there}->behave($way);
	my $answer = call($caller, @words ? @words : (ENOUGH, 'read', ID, TOKEN));

	verdict_is($answer, $verdict, $why, $name);
	return $answer;
}

# Returns how it ended.
sub finish {
	my ($caller) = @_;

	close $caller->{in};
	waitpid $caller->{pid}, 0;
	return $?;
}

# Of the whole test: nothing that it asked for went elsewhere, or into the log.
sub ends_well {
	my ($caller, @secrets) = @_;

	is(finish($caller), 0, 'the caller ends well');
	$proxy->blocking(0);
	is($proxy->accept, undef, 'the environment led nobody astray');
	for my $secret (CODE, TOKEN, 's3cr3t', 'r-0', 'netrc-', @secrets) {
		is(join("\n", grep { /\Q$secret\E/ } @whys), '', "no line for the log has $secret");
	}
	return;
}

1;
