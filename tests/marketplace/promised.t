#!/usr/bin/perl
# The same marketplace, against an add-on whose hooks take their time, fail and
# are late: what is promised is completed, whoever is killed meanwhile; who is
# billed for what exists is the same here, there and at the vendor; and no secret
# is left lying about.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes 'time';

use Marketplace::Compare 'nothing';
use Provisor::Secrets;
use Provisor::Simulated;
use Provisor::Test;
use Provisor::Files 'read_text';

use constant KILL_EVERY => 0.4; # seconds

# Each log is as talkative as somebody might have it.
my $trial = Provisor::Simulated->new(
	limit => 5,
	# A seed is as long as its most unlucky customer.
	hurries => scaled(0, 1),
	workers => { api => 8, web => 1, jobs => 3 },
	env => { PROVISOR_REPEAT_HORIZON => '20s' },
	postgres => { log_statement => 'all', log_error_verbosity => 'verbose',
		log_parameter_max_length_on_error => -1 },
	locations => "error_log log/nginx-info.log info;\n",
);
my $host = $trial->host;
my $places = Provisor::Secrets->new($host);

$host->start;

sub victims {
	return grep {
		(readlink "/proc/$_/exe" // '') =~ m{/provisor(?:\.fcgi|-jobs)\z}
			&& (readlink "/proc/$_/cwd" // '') eq $host->home
	} map { m{(\d+)\z} } glob '/proc/[0-9]*';
}

my ($killed, $next_kill) = (0, 0);

sub harm {
	my @alive = time < $next_kill ? () : victims();

	if (@alive) {
		$killed += kill KILL => $alive[ rand @alive ];
		$next_kill = time + KILL_EVERY;
	}
	$places->see_processes;
	return;
}

# What the marketplace and the hooks have given away, and whatever else nobody may
# read.  A value and what it is.
sub secrets_of {
	my ($told) = @_;
	my ($key) = read_text($host->home . '/keys') =~ /:(.*)/;

	return ($key => 'the key', (map { $_ => 'config value' } $trial->made),
		(map { $_->{value} => $_->{what} } @{ $told->{secret} }),
		(map { $host->{database}->_password($_) => "password of $_" } qw(provisor_owner provisor_worker)));
}

# The search finds what is there, and there is something to search.
sub is_searched {
	my ($told) = @_;
	my %found = map { $_ => 1 } split /, /, $places->found((map { $_->{uuid} => 'id' } @{ $told->{resource} }),
		map { $_ => 'word' } 'provisor-jobs', 'hooks/provision', 'level=debug', 'parameters: $1 = ',
		'server: localhost');

	is(join(', ', grep { !$found{$_} } 'id in dump', 'id in nginx-access.log', 'id in postgres.log',
		'id in worker.log', 'word in command-lines', 'word in dump', 'word in nginx-info.log',
		'word in postgres.log', 'word in worker.log'), '', 'what is no secret is found everywhere');
	is(scalar(grep { !$places->has_seen($_) } qr{/provisor\.fcgi }, qr{/provisor-jobs }, qr{hooks/provision },
		qr{hooks/deprovision }, qr{\Anginx: }, qr{\Apostgres: provisor_worker }, qr{multiwatch }), 0,
		'... and every kind of process was seen');
	return;
}

my $customers = scaled(100, 1_000);

for my $seed (1 .. scaled(1, 10)) {
	$killed = 0;
	my $told = $trial->simulate(\&harm, '--customers' => $customers, '--seed' => $seed);
	my $found = $trial->compared($told);
	my %secrets = secrets_of($told);

	figure('seed %d: %d customers, %d kills, %.0f s, slowest create %.2f s', $seed, $customers,
		$killed, $told->{run}[0]{seconds}, $told->{number}{'slowest answer: create, s'});
	is($told->{status}, 0, 'the marketplace finds nothing wrong') or diag $trial->text;
	is_deeply($told->{left}, [], 'nothing is left to do') or diag explain $told->{left};
	is_deeply($found, nothing(), 'who is billed has it, here and at the vendor') or diag explain $found;
	cmp_ok(scalar keys %secrets, '>', $customers, 'there are many secrets');
	is($places->found(%secrets), '', '... of which none is in a log, the database or a command line');
	is_searched($told);
}

is_unhurt($host);
ok(!defined $host->casualty, 'all of it still runs') or diag $host->casualty;
done_testing();
