package Provisor::Simulated;

# A host with an add-on whose hooks take their time, fail and are late; and the
# marketplace simulator against it, which it calls back.
#
#	my $trial = Provisor::Simulated->new(limit => 5, workers => {}, env => {});
#	my $told = $trial->simulate(sub { ... }, '--seed' => 1);
#	is_deeply($trial->compared($told), nothing());
#
# What it sells are folders in the home's things/.  Each config value that a hook
# has made is a line of its secrets, told to the marketplace or not.

use strict;
use warnings;

use Cwd 'abs_path';
use File::Basename 'dirname';
use IO::Socket::INET;
use Time::HiRes 'sleep';

my $marketplace;

BEGIN { $marketplace = abs_path(dirname(__FILE__) . '/../../marketplace') }
use lib $marketplace;

use Marketplace::Books;
use Marketplace::Compare qw(compare rows_of things_of);
use Marketplace::Server;
use Provisor::Test qw(count_of new_host rows scaled);
use Provisor::Files qw(read_text write_text);

use constant {
	PAUSE => 0.05,   # seconds between two calls of what happens meanwhile
	LOOKS => 6,      # pauses between two looks at what is left to do
	PATIENCE => 120, # seconds until we give up, once the marketplace is done
};

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
sleep LATE if $chance < 0.4 && $call->{attempt} < 2;
sleep $chance;
open my $secrets, '>>', 'secrets' or die "secrets: $!\n";
syswrite $secrets, join '', map { "$_\n" } values %config;
open my $file, '>', "things/$id/config.json.new" or die "config.json: $!\n";
print $file encode_json(\%config);
close $file;
rename "things/$id/config.json.new", "things/$id/config.json";
answer(0, config => \%config);
PERL

# limit => seconds in which the marketplace wants its answer, hurries => 1: do not
# wait long to call it again; all else is a host's.
sub new {
	my ($class, %how) = @_;
	my ($limit, $hurries) = delete @how{qw(limit hurries)};
	my $port = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)->sockport;
	my $host = new_host(%how, answer_limit => "${limit}s", env => {
		PROVISOR_JOB_LIMIT => "${limit}s",
		PROVISOR_LOG_LEVEL => 'debug',
		PROVISOR_PLATFORM_URL => "https://localhost:$port",
		PROVISOR_TOKEN_URL => "https://localhost:$port/oauth/token",
		%{ $how{env} },
	});
	my $self = bless { host => $host, limit => $limit, port => $port, hurries => $hurries }, $class;

	$self->_furnish($hook =~ s/\bLATE\b/$limit + 2/er);
	return $self;
}

sub _furnish {
	my ($self, $hook) = @_;
	my ($host, $certificate) = ($self->{host}, $self->_file('heroku.pem'));
	my $place = $host->url;

	$host->{env}{PROVISOR_PLATFORM_CA} = $certificate;
	Marketplace::Server::make_certificate($certificate, "$certificate.key");
	write_text($self->_file('client-secret'), "client-secret-of-a-test\n");
	$self->{addon} = Provisor::Test::addon($host, 'fast-db',
		base_url => "$place/heroku/resources",
		sso_url => "$place/sso/login",
		template => undef,
		settings => { client_secret_file => $self->_file('client-secret') },
		files => { map { ("hooks/$_" => $hook) } qw(provision change-plan deprovision) },
	);
	mkdir $self->{addon}->home . "/$_" for qw(things busy);
	return;
}

sub _file { return $_[0]{host}->home . "/$_[1]" }

sub host { return $_[0]{host} }
sub addon { return $_[0]{addon} }

# Every config value that a hook has made.
sub made { return split /\n/, read_text($_[0]{addon}->home . '/secrets') // '' }

# What the simulator has printed so far.
sub text { return read_text($_[0]->_file('simulated')) // '' }

# Lets it run to its end, and longer until nothing is left to do here either.
# Meanwhile a function is called, many times a second; once with a true value, when
# all is done and the marketplace still there.  Returns the books, and in them as
# well {status}, how it ended, {number}, what => count, and {left}, what is left to
# do nevertheless.
sub simulate {
	my ($self, $meanwhile, @arguments) = @_;
	my $books = $self->_file('books');
	my ($look, $is_done, $give_up) = (0, 0);
	my $pid = fork // die "cannot fork: $!\n";

	$self->_become_marketplace('--books' => $books, @arguments) if $pid == 0;
	until (waitpid($pid, 1) == $pid) {
		$meanwhile->(0);
		if ($look++ % LOOKS == 0) {
			my $left = $self->_work_left;

			$give_up //= time + PATIENCE if $self->text =~ /^settled:/m;
			if ($give_up && ($left == 0 || time > $give_up)) {
				$is_done++ ? kill TERM => $pid : $meanwhile->(1);
			}
		}
		sleep PAUSE;
	}
	my $status = $? >> 8;
	my $told = Marketplace::Books->read($books);

	$told->{status} = $status;
	$told->{number} = { map { $_->{what} => $_->{number} } @{ $told->{count} } };
	$told->{left} = [ rows($self->{host}, 'jobs WHERE finished_at IS NULL') ];
	return $told;
}

sub _become_marketplace {
	my ($self, @arguments) = @_;

	open STDOUT, '>', $self->_file('simulated');
	open STDERR, '>&', \*STDOUT;
	exec "$marketplace/simulate",
		'--manifest' => $self->{addon}->home . '/addon-manifest.json',
		'--ca' => $self->{host}->certificate, '--answer-limit' => "$self->{limit}s",
		'--time-limit' => scaled('3min', '30min'), '--stay',
		'--listen' => $self->{port}, '--certificate' => $self->_file('heroku.pem'),
		'--client-secret' => $self->_file('client-secret'), @arguments;
}

# How much there is.  Who hurries does not wait long between calls of the
# marketplace that have failed.
sub _work_left {
	my ($self) = @_;

	$self->{host}->psql("UPDATE jobs SET run_at = now() WHERE finished_at IS NULL
			AND run_at BETWEEN now() + interval '0.5 s' AND now() + interval '1 d'
			AND kind IN ('exchange', 'complete', 'withdraw', 'push-config')") if $self->{hurries};
	return count_of($self->{host}, 'jobs WHERE finished_at IS NULL');
}

# Who is billed for what exists, by books, table and things; of these books, as
# earlier ones have left theirs.
sub compared {
	my ($self, $told) = @_;
	my %ours = map { $_->{uuid} => 1 } @{ $told->{resource} };

	return compare(
		books => $told,
		rows => [ grep { $ours{ $_->{uuid} } }
			rows_of(sub { $self->{host}->psql($_[0]) }, $self->{addon}->name) ],
		things => [ grep { $ours{ $_->{id} } } things_of($self->{addon}->home . '/things') ],
	);
}

1;
