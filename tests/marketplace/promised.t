#!/usr/bin/perl
# The same marketplace, against an add-on whose hooks take their time, fail and
# are late: what is promised is completed, whoever is killed meanwhile; and who is
# billed for what exists is the same here, there and at the vendor.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes qw(sleep time);

use Marketplace::Books;
use Marketplace::Compare qw(compare nothing rows_of things_of);
use Marketplace::Server;
use Provisor::Test;
use Provisor::Files qw(read_text write_text);

my $limit = '5s';
my $port = do {
	require IO::Socket::INET;
	IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)->sockport;
};
my $host = new_host(
	workers => { api => 8, web => 1, jobs => 3 },
	answer_limit => $limit,
	env => {
		PROVISOR_REPEAT_HORIZON => '20s',
		PROVISOR_JOB_LIMIT => '5s',
		PROVISOR_LOG_LEVEL => 'debug',
		PROVISOR_PLATFORM_URL => "https://localhost:$port",
		PROVISOR_TOKEN_URL => "https://localhost:$port/oauth/token",
	},
);
my $home = $host->home;
my $certificate = "$home/heroku.pem";

$host->{env}{PROVISOR_PLATFORM_CA} = $certificate;
Marketplace::Server::make_certificate($certificate, "$certificate.key");
write_text("$home/client-secret", "client-secret-of-a-test\n");
chmod 0600, "$home/client-secret";

# A thing is a folder; what it was made of never changes, whoever makes it again.
# Whoever finds somebody at it makes a second one, and that is found out.
my $hook = <<'PERL';
#!/usr/bin/perl
use strict;
use warnings;
use Digest::SHA 'sha256_hex';
use JSON::PP;
use Time::HiRes 'sleep';

my ($action) = $0 =~ m{([^/]*)\z};
my $call = decode_json(do { local $/; <STDIN> });
my ($id, $plan) = @{ $call->{resource} }{qw(id plan)};
my $chance = hex(substr sha256_hex("$id $action"), 0, 4) / 65_536;
my %config = (FAST_DB_URL => "https://$id.example/" . ($plan // ''),
	FAST_DB_TOKEN => sha256_hex("secret of $id"));

sub answer {
	my ($status, %answer) = @_;
	print encode_json(\%answer);
	unlink "busy/$id.$$";
	exit $status;
}

my ($before) = glob "busy/$id.*";
if ($before) {
	my ($pid) = $before =~ /(\d+)\z/;
	mkdir "things/$id.1" if kill 0, $pid;
	unlink $before;
}
open my $busy, '>', "busy/$id.$$" or die "busy: $!\n";
if ($action eq 'deprovision') {
	unlink glob "things/$id/*";
	rmdir "things/$id";
	answer(0);
}
mkdir "things/$id";
answer(1) if $chance < 0.1 && $call->{attempt} < 2;
answer(75, retry_after => 1) if $chance < 0.3 && $call->{attempt} < 3;
sleep 7 if $chance < 0.4 && $call->{attempt} < 2;
sleep $chance;
open my $file, '>', "things/$id/config.json.new" or die "config.json: $!\n";
print $file encode_json(\%config);
close $file;
rename "things/$id/config.json.new", "things/$id/config.json";
answer(0, config => \%config);
PERL

my $place = 'https://localhost:' . $host->port;
my $addon = addon($host, 'fast-db',
	base_url => "$place/heroku/resources",
	sso_url => "$place/sso/login",
	template => undef,
	settings => { client_secret_file => "$home/client-secret" },
	files => { map { ("hooks/$_" => $hook) } qw(provision change-plan deprovision) },
);

mkdir $addon->home . "/$_" for qw(things busy);
$host->start;

# --- who is killed meanwhile --------------------------------------------------

sub victims {
	return grep {
		(readlink "/proc/$_/exe" // '') =~ m{/provisor(?:\.fcgi|-jobs)\z}
			&& (readlink "/proc/$_/cwd" // '') eq $home
	} map { m{(\d+)\z} } glob '/proc/[0-9]*';
}

sub simulate {
	my ($customers, $seed, $kills, @arguments) = @_;
	my ($books, $output) = ("$home/books", "$home/simulated");
	my $pid = fork // die "cannot fork: $!\n";

	if ($pid == 0) {
		open STDOUT, '>', $output;
		open STDERR, '>&', \*STDOUT;
		exec "$FindBin::Bin/simulate",
			'--manifest' => $addon->home . '/addon-manifest.json', '--ca' => $host->certificate,
			'--answer-limit' => $limit, '--time-limit' => scaled('3min', '30min'), '--books' => $books,
			'--listen' => $port, '--certificate' => $certificate,
			'--client-secret' => "$home/client-secret", '--customers' => $customers,
			'--seed' => $seed, @arguments;
	}
	my $killed = 0;
	until (waitpid($pid, 1) == $pid) {
		my @alive = $kills ? victims() : ();

		$killed += kill KILL => $alive[ rand @alive ] if @alive;
		sleep $kills || 0.2;
	}
	return ($? >> 8, $killed, read_text($output), Marketplace::Books->read($books));
}

sub left {
	return count_of($host, 'jobs WHERE finished_at IS NULL');
}

my @seeds = (1 .. scaled(1, 10));
my $customers = scaled(100, 1_000);

for my $seed (@seeds) {
	my ($status, $killed, $text, $told) = simulate($customers, $seed, 0.4);
	my %count = map { $_->{what} => $_->{number} } @{ $told->{count} };

	figure('seed %d: %d customers, %d kills, %.0f s, slowest create %.2f s', $seed, $customers,
		$killed, $told->{run}[0]{seconds}, $count{'slowest answer: create, s'});
	is($status, 0, 'the marketplace finds nothing wrong') or diag $text;
	ok(wait_for(120, sub { left() == 0 }), 'nothing is left to do')
		or diag $host->psql('SELECT * FROM jobs WHERE finished_at IS NULL');
	my %ours = map { $_->{uuid} => 1 } @{ $told->{resource} };
	my $found = compare(
		books => $told,
		rows => [ grep { $ours{ $_->{uuid} } } rows_of(sub { $host->psql($_[0]) }, 'fast-db') ],
		things => [ grep { $ours{ $_->{id} } } things_of($addon->home . '/things') ],
	);

	is_deeply($found, nothing(), 'who is billed has it, here and at the vendor') or diag explain $found;

	my @logs = map { $host->log($_) } qw(worker nginx-access nginx-error postgres);
	my %secrets = map { $_->{value} => $_->{what} } grep { length $_->{value} > 7 } @{ $told->{secret} };
	is(join(' ', map { $secrets{$_} } grep { my $secret = $_; grep { index($_, $secret) >= 0 } @logs }
		sort keys %secrets), '', 'no secret that was given away is in a log');
	my $dump = join '', map { $host->psql("SELECT row_to_json(t) FROM $_ t") }
		qw(resources events jobs grants);
	is(join(' ', map { $secrets{$_} } grep { index($dump, $_) >= 0 } sort keys %secrets), '',
		'... nor in a table');
	cmp_ok(scalar keys %secrets, '>', $customers, '... of which there are many');
}

is_unhurt($host);
ok(!defined $host->casualty, 'all of it still runs') or diag $host->casualty;
done_testing();
