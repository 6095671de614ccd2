package Provisor::SimulatedHost;

# A host with an add-on whose hooks are slow, fail and exceed their limits, and the
# marketplace simulator, which calls the host and is called by it.
#
#	my $simulation = Provisor::SimulatedHost->new(limit => 5, workers => {}, env => {});
#	my $books = $simulation->simulate(sub { ... }, '--seed' => 1);
#	is_deeply($simulation->compare($books), nothing());
#
# The hooks sell folders in things/ of the add-on's home.  They write each config
# value that they return as a line to secrets there.  A folder has a file content, which
# is that of another id after a restore, and a file off while it is suspended.

use strict;
use warnings;

use Cwd 'abs_path';
use File::Basename 'dirname';
use IO::Socket::INET;
use List::Util 'uniq';
use Test::More import => ['diag'];
use Time::HiRes 'sleep';

my $marketplace;

BEGIN { $marketplace = abs_path(dirname(__FILE__) . '/../../marketplace') }
use lib $marketplace;

use Marketplace::Books;
use Marketplace::Compare qw(rows_of things_of);
use Marketplace::HttpsServer;
use Provisor::AddOn 'json';
use Provisor::ChildProcess;
use Provisor::Test qw(count_of ctl new_host rows scaled wait_for);
use Provisor::Files qw(read_text write_text);

use constant {
	PAUSE => 0.05,   # seconds between two calls of the test's function
	LOOKS => 6,      # pauses between two counts of unfinished jobs
	PATIENCE => 120, # seconds for unfinished jobs, once the marketplace has settled
};

# A repeated call makes the same folder with the same content.  A hook holds a lock of its
# resource while it runs.  Two hooks of one resource at the same time are recorded, and
# make a second folder, which compare() finds, unless processes are paused in the test.
my $hook = <<'PERL';
#!/usr/bin/perl
use strict;
use warnings;
use Digest::SHA 'sha256_hex';
use Fcntl qw(LOCK_EX LOCK_NB O_CREAT O_RDWR);
use JSON::PP;
use Time::HiRes 'sleep';

my ($action) = $0 =~ m{([^/]*)\z};
my $call = decode_json(do { local $/; <STDIN> });
my ($id, $plan) = @{ $call->{resource} }{qw(id plan)};
my $chance = hex(substr sha256_hex("$id $action"), 0, 4) / 65_536;

sub answer {
	my ($status, %answer) = @_;
	print encode_json(\%answer);
	exit $status;
}

sub put {
	my ($name, $text) = @_;
	open my $file, '>', "things/$id/$name" or die "$name: $!\n";
	print $file $text;
}

sub overlap {
	my ($other) = @_;
	open my $file, '>>', 'overlaps' or die "overlaps: $!\n";
	syswrite $file, "$id: $action begins during $other\n";
	mkdir "things/$id.1" unless MAY_OVERLAP;
}

sysopen my $busy, "busy/$id", O_RDWR | O_CREAT or die "busy: $!\n";
overlap(scalar <$busy> // 'another hook') unless flock $busy, LOCK_EX | LOCK_NB;
truncate $busy, 0;
sysseek $busy, 0, 0;
syswrite $busy, "$action of process $$";
if ($action eq 'deprovision') {
	unlink glob "things/$id/*";
	rmdir "things/$id";
	answer(0);
}
mkdir "things/$id";
if ($action eq 'suspend' || $action eq 'resume') {
	put('off', '') if $action eq 'suspend';
	unlink "things/$id/off" if $action eq 'resume';
	answer(0);
}
put('content', $id) unless -e "things/$id/content";
if ($action eq 'change-plan' && (my $slow = $call->{resource}{options}{slow})) {
	my $begun = "things/$id/begun.$call->{key}";

	open my $file, '>>', $begun or die "$begun: $!\n";
	answer(75, retry_after => 1) if time - (stat $file)[10] < $slow;
}
answer(1) if $chance < 0.1 && $call->{attempt} < 2;
answer(75, retry_after => 1) if $chance < 0.3 && $call->{attempt} < 3;
sleep LATE if $chance < 0.4 && $call->{attempt} < 2;
sleep $chance;
if ($action eq 'restore') {
	my $from = "things/$call->{from}{id}";

	rename "$from/content", "things/$id/content";
	unlink glob "$from/*";
	rmdir $from;
}
if ($action eq 'rotate' || $action eq 'restore') {
	open my $rotation, '>>', "things/$id/rotations" or die "rotations: $!\n";
	syswrite $rotation, '.';
}
my %config = (FAST_DB_URL => "https://$id.example/" . ($plan // ''),
	FAST_DB_TOKEN => sha256_hex("secret of $id after " . (-s "things/$id/rotations" // 0)));
open my $secrets, '>>', 'secrets' or die "secrets: $!\n";
syswrite $secrets, join '', map { "$_\n" } values %config;
open my $file, '>', "things/$id/config.json.new" or die "config.json: $!\n";
print $file encode_json(\%config);
close $file;
rename "things/$id/config.json.new", "things/$id/config.json";
answer(0, config => \%config);
PERL

my %secrets = (password => 'a password of 32 characters, say',
	sso_salt => 'a salt of at least 32 characters', config_vars => [qw(FAST_DB_URL FAST_DB_TOKEN)]);

# The home of the add-on for each marketplace, from the URL of the host and that of the
# marketplace.
my %homes = (
	'heroku' => sub { { base_url => "$_[0]/heroku/resources", sso_url => "$_[0]/sso/login" } },
	'clever-cloud' => sub { {
		settings => { platform_url => $_[1] },
		manifest => json({ id => 'fast-db', api => { %secrets, regions => ['eu'],
			production => { base_url => "$_[0]/clever", sso_url => "$_[0]/clever/sso" } } }),
	} },
	'digitalocean' => sub { {
		settings => { platform_url => $_[1], token_url => "$_[1]/oauth/token" },
		manifest => json({ slug => 'fast-db', %secrets, plans => [qw(basic premium other)],
			production => { base_url => $_[0], sso_url => "$_[0]/digitalocean/sso" } }),
	} },
	'scalingo' => sub { {
		settings => { platform_url => $_[1] },
		manifest => json({ username => 'fast-db-user', %secrets,
			plans => [ map { { name => $_ } } qw(basic premium other) ],
			production => { base_url => "$_[0]/scalingo", sso_url => "$_[0]/scalingo/sso" } }),
	} },
);

# Options, besides those of a host:
#
#	limit         the marketplace's time limit for responses, in seconds
#	retries_soon  true: failed calls of the marketplace are retried at once
#	may_overlap   true: two calls for one resource at the same time are no fault
#	marketplace   which one is simulated; default: heroku
#	keep          for how long deprovisioned resources are kept, such as "6s"
sub new {
	my ($class, %how) = @_;
	my ($limit, $retries_soon, $may_overlap, $keep, $marketplace)
		= delete @how{qw(limit retries_soon may_overlap keep marketplace)};
	my $port = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)->sockport;
	my $host = new_host(%how, answer_limit => "${limit}s", env => {
		PROVISOR_JOB_LIMIT => "${limit}s",
		PROVISOR_LOG_LEVEL => 'debug',
		PROVISOR_PLATFORM_URL => "https://localhost:$port",
		PROVISOR_TOKEN_URL => "https://localhost:$port/oauth/token",
		%{ $how{env} },
	});
	my $self = bless { host => $host, limit => $limit, port => $port, retries_soon => $retries_soon,
		keep => $keep, marketplace => $marketplace // 'heroku' }, $class;

	my %value = (LATE => $limit + 2, MAY_OVERLAP => $may_overlap ? 1 : 0);

	$self->_write_homes($hook =~ s/\b(LATE|MAY_OVERLAP)\b/$value{$1}/gr);
	return $self;
}

sub _write_homes {
	my ($self, $hook) = @_;
	my ($host, $certificate) = ($self->{host}, $self->_file('heroku.pem'));
	my $home = $homes{ $self->{marketplace} }->($host->url, "https://localhost:$self->{port}");
	my $settings = delete $home->{settings} // {};

	$host->{env}{PROVISOR_PLATFORM_CA} = $certificate;
	Marketplace::HttpsServer::make_certificate($certificate, "$certificate.key");
	write_text($self->_file('client-secret'), "client-secret-of-a-test\n");
	$self->{addon} = Provisor::Test::addon($host, 'fast-db',
		marketplace => $self->{marketplace},
		%$home,
		template => undef,
		settings => { %$settings,
			$self->{marketplace} =~ /heroku|digitalocean/
				? (client_secret_file => $self->_file('client-secret')) : (),
			$self->{keep} ? (keep => $self->{keep}) : () },
		files => { map { ("hooks/$_" => $hook) }
			qw(provision change-plan deprovision rotate suspend resume restore) },
	);
	mkdir $self->{addon}->home . "/$_" for qw(things busy);
	return;
}

sub _file { return $_[0]{host}->home . "/$_[1]" }

sub host { return $_[0]{host} }
sub addon { return $_[0]{addon} }

sub _lines_of { return split /\n/, read_text($_[0]{addon}->home . "/$_[1]") // '' }

# The number of hooks that began while another one of the resource ran.
sub overlaps { return scalar(my @ids = $_[0]->_lines_of('overlaps')) }

# Pairs of a secret and what it is: those that the marketplace and the hooks sent, the
# sealing key, and passwords.
sub secrets {
	my ($self, $books) = @_;
	my $host = $self->{host};
	my ($key) = read_text($host->home . '/keys') =~ /:(.*)/;

	return ($key => 'the key', (map { $_ => 'config value' } $self->_lines_of('secrets')),
		(map { $_->{value} => $_->{what} } @{ $books->{secret} }),
		(map { $host->{database}->_password($_) => "password of $_" } qw(provisor_owner provisor_worker)));
}

# The simulator's output so far.
sub output { return read_text($_[0]->_file('simulator-output')) // '' }

# Runs the simulator until it has settled and all jobs have finished.  Meanwhile it calls
# a function many times a second with a false argument, and once with a true one when all
# is done and the simulator still runs.  Returns the simulator's books with these
# additional members: status (its exit status), number (what => count) and left (the
# unfinished jobs).
sub simulate {
	my ($self, $meanwhile, @arguments) = @_;
	my $path = $self->_file('books');
	my ($looks, $is_done, $give_up) = (0, 0);
	my $parent = $$;
	my $pid = fork // die "cannot fork: $!\n";

	$self->_become_marketplace($parent, '--books' => $path, @arguments) if $pid == 0;
	$self->{simulator} = $pid;
	until (waitpid($pid, 1) == $pid) {
		$meanwhile->(0);
		if ($looks++ % LOOKS == 0) {
			$self->retry_soon;
			my $left = count_of($self->{host}, 'jobs WHERE finished_at IS NULL');

			$give_up //= time + PATIENCE if $self->output =~ /^settled:/m;
			if ($give_up && ($left == 0 || time > $give_up)) {
				$is_done++ ? kill TERM => $pid : $meanwhile->(1);
			}
		}
		sleep PAUSE;
	}
	my $status = $? >> 8;
	my $books = Marketplace::Books->read($path);

	$books->{status} = $status;
	$books->{number} = { map { $_->{what} => $_->{number} } @{ $books->{count} } };
	$books->{left} = [ rows($self->{host}, 'jobs WHERE finished_at IS NULL') ];
	return $books;
}

# The books at this moment, while the simulator runs.
sub present_books {
	my ($self) = @_;
	my $path = $self->_file('books');

	unlink $path;
	kill USR1 => $self->{simulator};
	wait_for(10, sub { -e $path }) or die "the simulator writes no books\n";
	return Marketplace::Books->read($path);
}

sub _become_marketplace {
	my ($self, $parent, @arguments) = @_;

	Provisor::ChildProcess::end_with($parent);
	open STDOUT, '>', $self->_file('simulator-output');
	open STDERR, '>&', \*STDOUT;
	exec "$marketplace/simulate",
		'--marketplace' => $self->{marketplace},
		'--manifest' => $self->{addon}->home . '/addon-manifest.json',
		'--ca' => $self->{host}->certificate, '--answer-limit' => "$self->{limit}s",
		'--time-limit' => scaled('3min', '30min'), '--stay',
		'--listen' => $self->{port}, '--certificate' => $self->_file('heroku.pem'),
		'--client-secret' => $self->_file('client-secret'), @arguments;
}

# Makes jobs due that wait for a retry, if the option says so, and checks of config vars,
# which wait five minutes.  What is put off for longer is left to an operator.
sub retry_soon {
	my ($self) = @_;
	my @kinds = ('check-config', $self->{retries_soon}
		? qw(exchange complete withdraw push-config confirm verify) : ());
	my $kinds = join ', ', map { "'$_'" } @kinds;
	my $has_asked = $self->{retries_soon} ? q(last_error LIKE 'the marketplace cannot be asked %') : 'false';

	$self->{host}->psql("UPDATE jobs SET run_at = now() WHERE finished_at IS NULL
			AND run_at BETWEEN now() + interval '0.5 s' AND now() + interval '1 h'
			AND (kind IN ($kinds) OR $has_asked)");
	return;
}

# The differences between the books, the table and the hooks' folders, as
# Marketplace::Compare returns them.  Resources of earlier books do not count.
sub compare {
	my ($self, $books) = @_;
	my %is_ours = map { $_->{uuid} => 1 } @{ $books->{resource} };
	my @rows = grep { $is_ours{ $_->{uuid} } } rows_of(sub { $self->{host}->psql($_[0]) },
		$self->{addon}->name, $self->{marketplace});
	my %is_theirs = %is_ours;

	$is_theirs{ $_->{provider_id} } = 1 for @rows;
	return Marketplace::Compare::compare(
		books => $books,
		rows => \@rows,
		things => [ grep { $is_theirs{ $_->{id} } } things_of($self->{addon}->home . '/things') ],
	);
}

# Prints what is known about these resources: events, jobs and lines of the log.
sub print_histories {
	my ($self, @ids) = @_;
	my $host = $self->host;

	for my $id (uniq(@ids)) {
		diag grep { /\Q$id\E/ } map { "$_\n" } $self->_lines_of('overlaps');
		diag +(ctl($host->env, qw(resources history), $id))[0],
			(ctl($host->env, qw(jobs list --all --resource), $id))[0],
			grep { /\Q$id\E/ } split /^/, $host->log('worker');
	}
	return;
}

1;
