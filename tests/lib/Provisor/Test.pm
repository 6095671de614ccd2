package Provisor::Test;

# Shared by integration and fault tests: a private host that goes when the test ends,
# its rows, and comparisons of whole responses.

use strict;
use warnings;

use Cwd 'abs_path';
use Exporter 'import';
use File::Basename 'dirname';
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);

my ($top, $build, $is_soak, $has_pooler);

BEGIN {
	$top = abs_path(dirname(__FILE__) . '/../../..');
	# Provisor::Host clears the environment of our settings.
	$build = abs_path($ENV{PROVISOR_BUILD} // "$top/build/release");
	$is_soak = $ENV{PROVISOR_SOAK};
	$has_pooler = $ENV{PROVISOR_POOLER};
}
use lib "$top/nginx/local";

use Provisor::AddOn;
use Provisor::CgiClient;
use Provisor::FastCgiClient;
use Provisor::Host;

our @EXPORT = qw(new_host serving_host addon fastcgi plain_cgi ctl uuid
	answers refuses faults same_bytes fingerprint rows row count_of force_state change_ids workers
	is_unhurt wait_for build scaled within figure);

# No test calls a real marketplace.
%Provisor::Host::common_env = (PROVISOR_PLATFORM_URL => 'https://localhost:1',
	PROVISOR_TOKEN_URL => 'https://localhost:1/oauth/token');

# --- scale and figures ------------------------------------------------------

# The first value in make test, the second in make soak.
sub scaled {
	my ($short, $full) = @_;

	return $is_soak ? $full : $short;
}

# A measured value, printed by make soak.
sub figure {
	my ($format, @values) = @_;

	note 'figure: ', sprintf $format, @values;
	return;
}

# A test: it took less than the promised seconds.  In make soak nothing else uses the
# machine; otherwise four times as long is allowed.
sub within {
	my ($seconds, $promised, $name) = @_;

	figure('%s: %.2f s, promised %s s', $name, $seconds, $promised);
	return cmp_ok($seconds, '<', scaled(4, 1) * $promised, $name);
}

# The folder of the programs under test.
sub build { return $build }

# --- hosts ------------------------------------------------------------------

# Options are those of Provisor::Host.  It stops, and its folder goes, when the test
# ends.  With PROVISOR_POOLER=1 its workers use a pooler, except with is_direct.
sub new_host {
	my (%options) = @_;
	my $host = Provisor::Host->new(build => $build, %options);

	if ($has_pooler && !$options{is_direct}) {
		require Provisor::Pooler;
		Provisor::Pooler->new($host);
	}
	return $host;
}

# A host with a database and an api pool.  The function gets the host before it starts,
# to write homes.
sub serving_host {
	my ($options, $write_homes) = @_;
	my $host = new_host(%$options);

	$write_homes->($host);
	$host->start_postgres;
	$host->migrate;
	$host->start_pool('api');
	return $host;
}

sub addon {
	my ($host, $name, %more) = @_;

	return Provisor::AddOn->new(
		folder => $host->addons_dir,
		name => $name,
		client => fastcgi($host),
		%more,
	);
}

sub fastcgi {
	my ($host, $pool) = @_;

	return Provisor::FastCgiClient->new(socket => $host->socket($pool // 'api'));
}

sub plain_cgi {
	my ($host) = @_;

	return Provisor::CgiClient->new(
		program => "$build/provisor.fcgi",
		environment => $host->env,
	);
}

# Runs the command line of provisor.  Returns its output with its errors, and its exit
# status.
sub ctl {
	my ($environment, @arguments) = @_;
	my ($output, $errors, $ended) = Provisor::CgiClient::run(
		program => [ "$build/provisor", @arguments ],
		environment => $environment,
	);

	return ($output . $errors, $ended >> 8);
}

sub uuid {
	return join '-', map { unpack 'H*', join '', map { chr rand 256 } 1 .. $_ }
		4, 2, 2, 2, 6;
}

# Does the condition become true within some seconds?
sub wait_for {
	my ($seconds, $condition) = @_;
	my $end = time + $seconds;

	while (!$condition->()) {
		return 0 if time > $end;
		sleep 0.1;
	}
	return 1;
}

# The sorted process ids of a host's workers, or of its processes of another program.
sub workers {
	my ($host, $program) = (@_, 'provisor.fcgi');
	my $home = $host->home;
	my @found;

	for my $exe (glob '/proc/[0-9]*/exe') {
		my $process = dirname($exe);

		next unless (readlink $exe // '') =~ m{/\Q$program\E( \(deleted\))?\z};
		open my $file, '<', "$process/environ" or next;
		local $/;
		push @found, $process =~ /(\d+)\z/ if index(<$file> // '', $home) >= 0;
	}
	return sort { $a <=> $b } @found;
}

# A test: the workers' log has no report of a sanitizer.
sub is_unhurt {
	my ($host) = @_;
	my @reports = grep { /Sanitizer|runtime error:/ } split /\n/, $host->log('worker');

	return is("@reports", '', 'no sanitizer reports an error');
}

# --- the database -----------------------------------------------------------

sub rows {
	my ($host, $from) = @_;
	my $json = JSON::PP->new->utf8;

	return map { $json->decode($_) } split /\n/,
		$host->psql("SELECT row_to_json(found) FROM (SELECT * FROM $from) found");
}

sub row {
	my ($host, $from) = @_;
	my @rows = rows($host, $from);

	return @rows == 1 ? $rows[0] : undef;
}

sub count_of {
	my ($host, $from) = @_;

	return 0 + $host->psql("SELECT count(*) FROM $from");
}

# Put resources into a state that they cannot reach from the one they are in.
sub force_state {
	my ($host, $state, $condition) = @_;

	$host->psql("SET session_replication_role = replica;
		UPDATE resources SET state = '$state' WHERE $condition");
	return;
}

# Changes the ids of a resource.  Its secrets are sealed for the old ids and therefore
# erased.
sub change_ids {
	my ($host, $where, %ids) = @_;
	my @members = map { "$_ = '$ids{$_}'" } sort keys %ids;

	return $host->psql('UPDATE resources SET '
		. join(', ', @members, map { "$_ = NULL" } qw(config log_input_url log_drain_url))
		. " WHERE $where");
}

# A text that every write to any row changes.
sub fingerprint {
	my ($host) = @_;

	return join ' ', map {
		my $digest = "md5(string_agg(concat(xmin, xmax, ctid, t), '' ORDER BY ctid))";
		$host->psql("SELECT coalesce($digest, 'empty') FROM $_ t") =~ s/\s//gr;
	} qw(resources events jobs);
}

# --- responses --------------------------------------------------------------

# A test: the response has this status and exactly this body.
sub answers {
	my ($answer, $status, $body, $name) = @_;

	return is_deeply(
		{
			status => $answer->status,
			type => $answer->type,
			body => $answer->json // $answer->body,
		},
		{
			status => $status,
			type => defined $body ? 'application/json' : '',
			body => $body // '',
		},
		$name
	);
}

my %required_header = (
	401 => [ 'www-authenticate', qr/\ABasic realm="[^"]+"/ ],
	405 => [ 'allow', qr/\A[A-Z]+(, [A-Z]+)*\z/ ],
	503 => [ 'retry-after', qr/\A[1-9]\d*\z/ ],
);
# What the message for a status contains.
my %words = (
	401 => qr/password/,
	404 => qr/nothing|not|no such/i,
	405 => qr/method|requests of this kind/,
	410 => qr/gone/,
	413 => qr/large/,
	503 => qr/again|available/,
);
my $internals = qr/sql|postgres|libpq|cjson|fcgi|errno|null pointer|\bnil\b
	|PROVISOR_|\.[ch]\b|\w_\w+\(|0x[0-9a-f]{4}|<html/xi;

# The faults of a refusal, in words.  It must have this status, a JSON object with a
# sentence like this as its only member, and the headers of the status.  nginx repeats
# the sentence in "error", which Scalingo reads.
sub faults {
	my ($answer, $status, $pattern) = @_;
	my $message = $answer->message;
	my @faults;

	$pattern //= $words{$status} // qr/./;

	push @faults, 'status ' . $answer->status . " instead of $status"
		if $answer->status != $status;
	push @faults, 'type ' . $answer->type if $answer->type ne 'application/json';
	push @faults, 'body ' . $answer->body
		unless join(',', sort keys %{ $answer->json // {} }) =~ /\A(?:error,)?message\z/
		&& ($answer->json->{error} // $message) eq $message && !ref $message && $message =~ /\A["[:upper:]][^\n]*\.\z/;
	push @faults, "message '$message' is not like $pattern"
		if $message !~ $pattern;
	push @faults, "message '$message' mentions an implementation detail"
		if $message =~ $internals;
	if (my $required = $required_header{$status}) {
		my ($name, $value) = @$required;
		push @faults, "header $name is missing or malformed" if ($answer->header($name) // '') !~ $value;
	}
	return @faults;
}

# A test: the response is a refusal without faults.
sub refuses {
	my ($answer, $status, $name, $pattern) = @_;

	return is(join('; ', faults($answer, $status, $pattern)), '', $name);
}

# A test: both responses have the same status, type and body.
sub same_bytes {
	my ($answer, $other, $name) = @_;

	return is($answer->text, $other->text, $name);
}

1;
