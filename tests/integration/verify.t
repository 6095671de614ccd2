#!/usr/bin/perl
# provisor verify: provisor itself keeps the contract, and each fault of a provider is
# named by the check that is about it.
#
#	perl tests/integration/verify.t [FAULT...]

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Temp 'tempdir';
use IO::Socket::INET;
use JSON::PP ();
use Test::More;

use Provisor::CertificateAuthority;
use Provisor::ScriptedVendor;
use Provisor::Test;
use Provisor::Files qw(read_text write_text);
use Provisor::VerifyProvider;

use constant AT_ONCE => 16; # providers

# What these faults break first is not a rule of their own.
my %named = (
	'credentials.status' => 'credentials.password',
	'time.slow' => 'time.limit',
	'time.hang' => 'time.limit',
	'length.lie' => 'create.status',
	flood => 'create.status',
);
my $folder = tempdir('provisor-verify-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $program = build() . '/provisor';

sub manifest_of {
	my ($version) = @_;

	return {
		id => 'fast-db',
		api => {
			$version eq '3' ? (version => '3') : (),
			password => 'a-password-of-the-test', sso_salt => 'a-salt-of-the-test',
			config_vars => ['FAST_DB_URL'], regions => ['us'],
			production => { base_url => 'https://fast-db.example/heroku/resources',
				sso_url => 'https://fast-db.example/sso/login' },
		},
	};
}

sub write_manifest {
	my ($version) = @_;
	my $path = "$folder/manifest-$version.json";

	write_text($path, JSON::PP::encode_json(manifest_of($version)));
	return $path;
}

my %path = map { $_ => write_manifest($_) } qw(1 3);

# Begins a run.  Returns its process and its output.
sub begin {
	my (@arguments) = @_;
	my $pid = open(my $output, '-|') // die "fork: $!\n";

	return ($pid, $output) if $pid;
	open STDERR, '>&', \*STDOUT;
	exec $program, 'verify', @arguments or die "$program: $!\n";
}

sub start { return (begin(@_))[1] }

# The output and the exit status.
sub finish {
	my ($output) = @_;
	my $text = do { local $/; <$output> };

	close $output;
	return ($text, $? >> 8);
}

sub verify { return finish(start(@_)) }

# The names of the checks with a verdict.
sub checks_of {
	my ($verdict, $text) = @_;

	return $text =~ /^$verdict +(\S+)/mg;
}

sub free_port { return IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)->sockport }

my @plans = qw(--plan basic --plan premium);
my @faults = @ARGV;

# provisor and verify call each other.
sub begin_promises_of_provisor {
	my $port = free_port();
	my $authority = Provisor::CertificateAuthority->new($folder);
	my %tls = $authority->issue('marketplace');

	write_text("$folder/both.pem", join '', map { read_text($_) } values %tls);
	my $host = new_host(workers => { api => 2, web => 1, jobs => 2 }, env => {
		PROVISOR_PLATFORM_URL => "https://localhost:$port",
		PROVISOR_TOKEN_URL => "https://localhost:$port/oauth/token",
		PROVISOR_PLATFORM_CA => $authority->file,
	});
	my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', settings => { provision => 'async', plans => { basic => {}, premium => {} },
		client_secret_file => "$folder/client-secret" });

	$host->start;
	my $run = start($host->url . '/heroku/resources', '--ca-file', $host->certificate,
		'--manifest', $vendor->addon->home . '/addon-manifest.json', @plans, '--wait', '1min',
		'--listen', "https://localhost:$port/", '--certificate', "$folder/both.pem",
		'--client-secret', "$folder/client-secret");

	return ($host, $run);
}

sub check_promises_of_provisor {
	my ($host, $run) = @_;
	my ($text, $status) = finish($run);

	is(join(' ', checks_of('failed', $text)), '', 'no check fails') or diag $text;
	is(scalar(grep { /\Apromise/ } checks_of('passed', $text)), 12, '... of twelve about promises');
	is($status, 0, '... and it succeeds');
	ok(wait_for(30, sub { count_of($host, "resources WHERE state <> 'deprovisioned'") == 0 }), 'nothing is left');
	is_unhurt($host);
	return;
}

write_text("$folder/client-secret", "a-client-secret\n");
chmod 0600, "$folder/client-secret";
# It waits most of the time, while the next one runs.
my @promises = !@faults || $faults[0] eq 'provisor' ? begin_promises_of_provisor() : ();

unless (@faults) {
	subtest 'provisor keeps the contract' => sub {
		my $host = new_host();
		my %with_plans = (settings => { plans => { basic => {}, premium => {} } });
		my %of = (3 => addon($host, 'fast-db', %with_plans),
			1 => addon($host, 'old-db', version => '1',
				base_url => 'https://localhost/old/heroku/resources', %with_plans));

		$host->start;
		my %run = map {
			my $url = $host->url . ($_ eq '3' ? '' : '/old') . '/heroku/resources';

			($_ => start($url, '--manifest', $of{$_}->home . '/addon-manifest.json',
				'--ca-file', $host->certificate, @plans, '--seed', "version $_"));
		} 3, 1;

		for my $version (3, 1) {
			my ($text, $status) = finish($run{$version});

			is(join(' ', checks_of('failed', $text)), '', "version $version: no check fails") or diag $text;
			is($status, 0, '... and it succeeds');
			cmp_ok(scalar(() = checks_of('passed', $text)), '>', 45, '... after many');
			is(join(' ', checks_of('skipped', $text)), 'credentials.second', '... and one needs a second password');
		}
		is(count_of($host, "resources WHERE state <> 'deprovisioned'"), 0, 'nothing is left');
		is_unhurt($host);
	};
}

subtest 'provisor keeps what it promises' => \&check_promises_of_provisor, @promises
	if @promises;
done_testing(), exit if "@faults" eq 'provisor';

sub check_fault {
	my ($version, $fault) = @_;
	my $provider = Provisor::VerifyProvider->new(version => $version, fault => $fault,
		manifest => manifest_of($version), delay => 2.5);

	return { version => $version, fault => $fault, provider => $provider,
		run => start($provider->url, '--manifest', $path{$version}, @plans, '--limit', '2s') };
}

sub judge_fault {
	my ($checked) = @_;
	my ($version, $fault, $provider) = @$checked{qw(version fault provider)};
	my ($text, $status) = finish($checked->{run});
	my @failed = checks_of('failed', $text);

	if (defined $fault) {
		my $check = $named{$fault} // $fault;

		ok(scalar(grep { $_ eq $check } @failed), "version $version: $fault is named") or diag $text;
		is($status, 1, '... and makes it fail');
	} else {
		is("@failed", '', "version $version: a correct provider") or diag $text;
		is($status, 0, '... passes');
		is_deeply([ $provider->resources ], [], '... and nothing is left there');
	}
	$provider->stop;
	return;
}

# A provider that promises, and the run against it.
sub check_promise {
	my ($fault) = @_;
	my $provider = Provisor::VerifyProvider->new(version => '3', fault => $fault,
		manifest => manifest_of('3'), promises => 1, client_secret => 'a-client-secret');

	return { version => 3, fault => $fault, provider => $provider,
		run => start($provider->url, '--manifest', $path{3}, @plans, '--limit', '2s', '--wait', '4s',
			'--listen', 'http://127.0.0.1:' . free_port(), '--client-secret', "$folder/client-secret") };
}

{
	my @left = @faults ? grep { /^promise/ } @faults : (undef, Provisor::VerifyProvider::Promise::faults());

	@faults = grep { !/^promise/ } @faults;
	while (my @some = splice @left, 0, AT_ONCE) {
		judge_fault($_) for map { check_promise($_) } @some;
	}
	done_testing(), exit if @ARGV && !@faults;
}

for my $version (qw(3 1)) {
	my @left = @faults ? @faults : (undef, Provisor::VerifyProvider::faults($version));

	while (my @some = splice @left, 0, AT_ONCE) {
		judge_fault($_) for map { check_fault($version, $_) } @some;
	}
}

unless (@faults) {
	my $provider = Provisor::VerifyProvider->new(version => '3', manifest => manifest_of('3'));

	subtest 'for programs' => sub {
		my ($text, $status) = verify($provider->url, '--manifest', $path{3}, @plans, '--json', '--junit', "$folder/junit.xml");
		my @lines = map { JSON::PP::decode_json($_) } split /\n/, $text;

		is($status, 0, 'it succeeds');
		is(scalar(grep { $_->{verdict} eq 'passed' && $_->{rule} && $_->{source} } @lines), @lines - 1,
			'--json prints an object for each check');
		is(scalar(() = read_text("$folder/junit.xml") =~ /<testcase /g), scalar @lines, '--junit writes as many');
		is(system("xmllint --noout $folder/junit.xml 2>&1"), 0, '... as XML') if -x '/usr/bin/xmllint';
	};

	subtest 'a second password' => sub {
		write_text("$folder/also", "another\n");
		my ($text) = verify($provider->url, '--manifest', $path{3}, '--plan', 'basic', '--also-valid', "$folder/also");

		is(join(' ', checks_of('failed', $text)), 'credentials.second', 'that is not valid');
		write_text("$folder/also", "a-password-of-the-test\n");
		($text) = verify($provider->url, '--manifest', $path{3}, '--plan', 'basic', '--also-valid', "$folder/also");
		is(join(' ', checks_of('failed', $text)), '', 'that is valid');
	};

	subtest 'a run that ends early leaves nothing' => sub {
		my $slow = Provisor::VerifyProvider->new(version => '3', fault => 'promise.end',
			manifest => manifest_of('3'), promises => 1, client_secret => 'a-client-secret');
		my @run = ($slow->url, '--manifest', $path{3}, @plans);
		my $begin = sub {
			my ($pid, $output) = begin(@run, '--listen', 'http://127.0.0.1:' . free_port(), '--wait', @_);

			ok(wait_for(25, sub { $slow->resources > 0 }), 'a resource is provisioned slowly');
			return ($pid, $output);
		};

		local @SIG{qw(INT HUP)} = ('DEFAULT') x 2; # nohup and a background job ignore them
		for my $signal (qw(INT TERM HUP)) {
			my ($pid, $output) = $begin->('5min');

			kill $signal => $pid;
			my ($text, $status) = finish($output);

			is($status, 1, "SIG$signal ends the run");
			like($text, qr/^provisor: interrupted: /m, '... in words');
			is(join(' ', $slow->resources), '', '... and nothing is left');
		}
		my (undef, $output) = $begin->('1s');

		close $output;
		is($? >> 8, 1, 'a reader that closes the output ends the run');
		is(join(' ', $slow->resources), '', '... and nothing is left');
		$slow->stop;
	};

	subtest 'a wrong command line' => sub {
		write_text("$folder/bad.json", '{"id":"a"');
		write_text("$folder/empty.json", '{"id":"a","api":{}}');
		my @refused = (
			[ [ $provider->url, '--manifest', $path{3} ], qr/needs --plan PLAN/, 'no plan' ],
			[ [ 'http://fast-db.example/x', '--manifest', $path{3}, @plans ], qr{must begin with https://}, 'a password in clear' ],
			[ [ 'fast-db', '--manifest', $path{3}, @plans ], qr/must be a URL/, 'no URL' ],
			[ [ 'https://fast-db.example/heroku/resources', '--manifest', $path{3}, @plans ], qr/add --production/,
				'the address of production' ],
			[ [ $provider->url, '--manifest', $path{1}, @plans, '--listen', 'http://localhost:9' ], qr/provision at once/,
				'a marketplace for version 1' ],
			[ [ $provider->url, '--manifest', $path{3}, @plans, '--listen', 'http://fast-db.example:9' ],
				qr{must begin with https://}, 'a marketplace without TLS' ],
			[ [ $provider->url, '--manifest', $path{3}, @plans, '--listen', 'https://localhost:9' ],
				qr/needs --certificate FILE/, 'a marketplace without a certificate' ],
			[ [ $provider->url, '--manifest', $path{3}, @plans, '--listen', 'https://localhost:' . free_port(), '--certificate',
				$path{3} ], qr/the certificate and the key cannot be used/, 'no certificate' ],
			[ [ $provider->url, '--manifest', $path{3}, @plans, '--listen', 'http://localhost:' . $provider->port ],
				qr/cannot be served: Address already in use/, 'a port that is in use' ],
			[ [ $provider->url, '--manifest', $path{3}, @plans, '--client-secret', "$folder/client-secret" ],
				qr/need --listen URL/, 'a client secret without a marketplace' ],
			[ [ $provider->url, '--manifest', "$folder/none", @plans ], qr/cannot be read/, 'no manifest' ],
			[ [ $provider->url, '--manifest', "$folder/bad.json", @plans ], qr/is not valid JSON/, 'a typo in the manifest' ],
			[ [ $provider->url, '--manifest', "$folder/empty.json", @plans ], qr/api\.password is missing/, 'no password' ],
		);

		for my $row (@refused) {
			my ($arguments, $words, $name) = @$row;
			my ($text, $status) = verify(@$arguments);

			isnt($status, 0, $name);
			like($text, $words, '... is refused in words');
		}
	};
	$provider->stop;

	my ($text, $status) = verify($provider->url, '--manifest', $path{3}, @plans);
	is($status, 1, 'a provider that does not run');
	is(join(' ', checks_of('failed', $text)), 'transport.reach', '... fails in one check');
}

done_testing;
