package Provisor::PlatformClient;

# Tests of lib/platform/: a program that calls the marketplace through platform.h,
# and an HTTPS server with every kind of response.
#
#	my $server = https_server('server', %tls);
#	my $client = client_of($server);
#	$server->behave('succeeds');
#	check_verdict(call($client, ENOUGH, 'read', ID, TOKEN), 'done', qr/\A\z/, 'a call');
#	check_end($client, @secrets);
#
# The environment names a proxy, a netrc file and certificates that a client must
# not use.

use strict;
use warnings;

use Exporter 'import';
use File::Temp 'tempdir';
use IO::Socket::IP;
use IPC::Open2;
use JSON::PP ();
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;

use Provisor::CertificateAuthority;
use Provisor::HttpsServer;
use Provisor::Files qw(read_text write_text);
use Provisor::Test ();

use constant {
	ID => '01234567-89ab-cdef-0123-456789abcdef',
	TOKEN => 'HRKU-0f1e2d3c-token',
	CODE => '7c0de7-grant',
	SECRET => 's3cr3t+/= &%ü',
	ENOUGH => 10_000, # ms for a call that ends by itself
	SHORT => 700,     # ms for a call that runs into its time limit
	PATIENCE => 40,   # seconds until the test gives up
};

our @EXPORT = qw(ID TOKEN CODE SECRET ENOUGH SHORT $folder $authority %stranger $addon json
	silent_listener https_server client_of call check_call check_verdict finish check_end);

our $folder = tempdir('provisor-platform-XXXXXX', TMPDIR => 1, CLEANUP => 1);
our $authority = Provisor::CertificateAuthority->new($folder);

# --- responses --------------------------------------------------------------

sub respond {
	my ($socket, $status, $body, @headers) = @_;

	print {$socket} join "\r\n", "HTTP/1.1 $status Word",
		'Content-Length: ' . length $body, @headers, '', $body;
	return 1;
}

sub json {
	my ($value) = @_;

	return JSON::PP->new->canonical->utf8->encode($value);
}

# Reads until the client closes the connection.
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
	succeeds => sub { respond($_[0], 200, json($addon), 'RateLimit-Remaining: 4499') },
	list => sub { respond($_[0], 200, json([{ name => 'A', value => 'b' }])) },
	app => sub { respond($_[0], 200, json({ id => 'app-1', name => 'acme', config => { A => 'b' } })) },
	empty => sub { respond($_[0], 200, '') },
	tokens => sub { respond($_[0], 200, json(\%tokens)) },
	'no-tokens' => sub { respond($_[0], 200, '{"access_token":null}') },
	error => sub {
		my ($socket, $request) = @_;

		# The message repeats the request's body, and with it a secret.
		respond($socket, 401, json({ id => 'unauthorized',
			message => "Wrong: $request->{body}" }), 'Request-Id: 0a1b-2c3d');
	},
	unprocessable => sub { respond($_[0], 422, json({ id => 'invalid_params' })) },
	unknown => sub { respond($_[0], 404, json({ id => 'not_found' })) },
	limited => sub { respond($_[0], 429, json({ id => 'rate_limit' }), 'Retry-After: 17',
		'RateLimit-Remaining: 0') },
	dated => sub { respond($_[0], 503, '', 'Retry-After: Fri, 31 Dec 2055 23:59:59 GMT') },
	page => sub { respond($_[0], 500, '<html>no</html>', 'Content-Type: text/html') },
	'html-page' => sub { respond($_[0], 200, '<html>hello</html>') },
	chunked => sub {
		my $body = json($addon);

		print {$_[0]} "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
			(map { "1\r\n$_\r\n" } split //, $body), "0\r\n\r\n";
	},
	redirect => sub {
		my ($socket, $request) = @_;

		respond($socket, 302, '', "Location: https://$request->{headers}{host}/elsewhere");
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
	'long-line' => sub {
		print {$_[0]} "HTTP/1.1 200 OK\r\nX: ";
		pour($_[0], 'x' x 16_000);
	},
	short => sub {
		print {$_[0]} "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}";
		return 0;
	},
	noise => sub { print {$_[0]} "\0\xff\r\n\r\n"; return 0 },
	'closes-connection' => sub { respond($_[0], 200, json($addon)); return 0 },
	'hang-up' => sub { return 0 },
	slam => sub {
		my ($socket) = @_;

		setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0;
		POSIX::_exit(0);
	},
	'full-size' => sub { respond($_[0], 200, json({ x => 'x' x (256 * 1024 - 8) })) },
	'over-size' => sub { respond($_[0], 200, json({ x => 'x' x (256 * 1024 - 7) })) },
);

# --- the marketplace --------------------------------------------------------

# Start every server before the first client: its process would inherit the pipe to
# the client, and the client would never see the end of its input.
sub https_server {
	my ($name, %tls) = @_;

	return Provisor::HttpsServer->new("$folder/$name", %tls, behaviours => \%behaviours);
}

# Accepts connections and sends nothing.
sub silent_listener {
	return IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 10) // die "cannot listen: $!\n";
}

# --- the client -------------------------------------------------------------

# A certificate that is not signed by the authority but by itself.
our %stranger = $authority->issue('stranger', is_own => 1);

# The client must obey none of these variables.
my $proxy = silent_listener();
my $proxy_url = 'http://127.0.0.1:' . $proxy->sockport;

$ENV{$_} = $proxy_url for qw(http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY);
# A system that allows old versions of TLS.
$ENV{OPENSSL_CONF} = "$folder/openssl.cnf";
write_text($ENV{OPENSSL_CONF}, "openssl_conf = all\n[all]\nssl_conf = ssl\n"
	. "[ssl]\nsystem_default = old\n[old]\nMinProtocol = TLSv1\nCipherString = ALL:\@SECLEVEL=0\n");
$ENV{HOME} = $folder;
$ENV{NETRC} = "$folder/.netrc";
$ENV{SSL_CERT_FILE} = $ENV{CURL_CA_BUNDLE} = "$folder/untrusted.pem";
write_text($ENV{NETRC}, "default login netrc-user password netrc-password\n");
write_text($ENV{SSL_CERT_FILE}, join '', map { read_text($_) } $stranger{SSL_cert_file}, $authority->file);

my @log_lines;

# A client of this server.  Options: URLs api and token; ca, a file or '' for the
# authorities of the system; marketplace, without which it is version 3 of Heroku's.
sub client_of {
	my ($server, %options) = @_;
	my $port = ref $server eq 'Provisor::HttpsServer' ? $server->port : $server->sockport;
	my $origin = "https://localhost:$port";
	my $pid = open2(my $out, my $in, Provisor::Test::build() . '/tests/integration/platform_client',
		$options{api} // $origin, $options{token} // "$origin/oauth/token",
		$options{ca} // $authority->file, $options{marketplace} // ());

	return { pid => $pid, in => $in, out => $out, server => $server };
}

# One call, as a line of platform_client.c.  Returns what the client reports of the
# response.
sub call {
	my ($client, @words) = @_;

	print { $client->{in} } join("\t", @words), "\n";
	$client->{in}->flush;
	local $SIG{ALRM} = sub { kill KILL => $client->{pid}; die "@words: the client hangs\n" };
	alarm PATIENCE;
	my $line = readline $client->{out};
	alarm 0;
	my $report = JSON::PP::decode_json($line // '{"verdict":"dead"}');

	push @log_lines, $report->{why} // ();
	return $report;
}

# Two tests: the verdict, and the line for the log.
sub check_verdict {
	my ($report, $verdict, $why, $name) = @_;

	is($report->{verdict}, $verdict, $name);
	like($report->{why} // '', $why, '... and the log has the reason');
	return;
}

# A call while the server behaves like this, and its verdict.
sub check_call {
	my ($client, $behaviour, $verdict, $why, $name, @words) = @_;

	$client->{server}->behave($behaviour);
	my $report = call($client, @words ? @words : (ENOUGH, 'read', ID, TOKEN));

	check_verdict($report, $verdict, $why, $name);
	return $report;
}

# Returns the client's wait status.
sub finish {
	my ($client) = @_;

	close $client->{in};
	waitpid $client->{pid}, 0;
	return $?;
}

# Tests at the end of a file: no request used the proxy, and no line for the log
# contains a secret.
sub check_end {
	my ($client, @secrets) = @_;

	is(finish($client), 0, 'the client ends successfully');
	$proxy->blocking(0);
	is($proxy->accept, undef, 'no request uses the proxy of the environment');
	for my $secret (CODE, TOKEN, 's3cr3t', 'r-0', 'netrc-', @secrets) {
		is(join("\n", grep { /\Q$secret\E/ } @log_lines), '', "no line for the log contains $secret");
	}
	return;
}

1;
