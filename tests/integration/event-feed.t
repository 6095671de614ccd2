#!/usr/bin/perl
# The feed of events: a program that follows it sees every event once and in order,
# whatever the transactions do that write them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;
use Provisor::Backup;
use Provisor::HttpClient;

use constant {
	WRITERS => 50,
	ROUNDS => 20,   # transactions of a writer
	PATIENCE => 30, # seconds until a wait fails
};

my $plain;
my $host = serving_host({ postgres => { max_connections => 150, max_prepared_transactions => 5 } },
	sub { $plain = addon($_[0], 'fast-db') });
$host->start_pool('web');
$host->start_nginx;

my $local = Provisor::HttpClient->new(socket => $host->vendor_socket);
my $resource = uuid();
$plain->provision(uuid => $resource);

sub page {
	my ($after, $more) = @_;

	return $local->request(method => 'GET', path => "/v1/events?after=$after" . ($more // ''))->json;
}

# A psql that stays connected, for a transaction that stays open.
sub session {
	my ($database) = @_;
	local %ENV = (%ENV, %{ $host->{database}->_superuser });

	open my $session, '|-', 'psql', '-XqAt', '-o', '/dev/null', '-d', $database // 'provisor'
		or die "psql: $!\n";
	$session->autoflush;
	return $session;
}

sub insert {
	my ($name) = @_;

	return "INSERT INTO events (resource, event, actor) VALUES ('$resource', '$name', 'test');\n";
}

subtest 'fifty writers that commit late' => sub {
	my $after = page(0, '&limit=1000')->{next};
	my $start = $after;
	my $gate = session();
	print $gate "SELECT pg_advisory_lock(1);\n";
	my $advisory = "pg_locks WHERE locktype = 'advisory'";
	wait_for(PATIENCE, sub { count_of($host, $advisory) == 1 });
	my @writers = map { my $number = $_; my $session = session();
		print $session "SELECT pg_advisory_lock_shared(1);\n";
		for my $round (1 .. ROUNDS) {
			print $session 'BEGIN; ', insert("w$number-$round"), 'SELECT pg_sleep(random() * 0.2);',
				$round % 5 ? 'COMMIT;' : 'ROLLBACK;', "\n";
		}
		print $session insert('end');
		$session } 1 .. WRITERS;
	ok(wait_for(PATIENCE, sub { count_of($host, $advisory) == 1 + WRITERS }), 'fifty writers are ready');
	close $gate;
	my (@seen, $ended);
	my $end = time + 4 * PATIENCE;
	until ($ended || time > $end) {
		my $page = page($after, '&limit=1000');
		push @seen, @{ $page->{events} };
		$after = $page->{next};
		$ended = grep({ $_->{event} eq 'end' } @seen) == WRITERS;
	}
	my @written = map { $_->{id} } rows($host, "events WHERE id > $start ORDER BY id");
	is(scalar @written, WRITERS * (1 + ROUNDS * 4 / 5), 'the writers have written');
	is(scalar @seen, scalar @written, 'every event is seen once');
	is(join(' ', map { $_->{id} } @seen), join(' ', @written), '... in the order of their numbers');
	my $again = $start;
	my @again;
	while (1) {
		my $page = page($again, '&limit=100');
		last unless @{ $page->{events} };
		push @again, map { $_->{id} } @{ $page->{events} };
		$again = $page->{next};
	}
	is("@again", join(' ', map { $_->{id} } @seen), '... which is the same for another follower');
};

subtest 'what delays the feed' => sub {
	my $after = $host->psql('SELECT max(id) FROM events');
	my $idle = session();
	print $idle "BEGIN; SELECT count(*) FROM events; CREATE TEMPORARY TABLE t (x int); SELECT pg_current_xact_id();\n";
	my $foreign = session('postgres');
	print $foreign "BEGIN; SELECT pg_current_xact_id();\n";
	ok(wait_for(PATIENCE, sub { count_of($host, "pg_stat_activity WHERE state = 'idle in transaction'") == 2 }),
		'two transactions are open that write no event');
	$host->psql(insert('free'));
	is_deeply([ map { $_->{event} } @{ page($after)->{events} } ], ['free'], 'they delay nothing');
	$after = page($after)->{next};

	my $writer = session();
	print $writer 'BEGIN; ', insert('late');
	ok(wait_for(PATIENCE, sub { count_of($host, "pg_locks WHERE relation = 'events'::regclass
		AND mode = 'RowExclusiveLock'") == 1 }), 'a third one has written an event');
	$host->psql(insert('early'));
	my $page = page($after);
	is_deeply([ $page->{events}, $page->{next} ], [ [], $after ], 'the events after it wait for it');
	print $writer "COMMIT;\n";
	ok(wait_for(PATIENCE, sub { @{ page($after)->{events} } == 2 }), 'both come once it has committed');
	$page = page($after);
	is_deeply([ map { $_->{event} } @{ $page->{events} } ], [qw(late early)], '... in the order of their numbers');
	$after = $page->{next};

	print $writer 'BEGIN; ', insert('prepared'), "PREPARE TRANSACTION 'one';\n";
	ok(wait_for(PATIENCE, sub { count_of($host, 'pg_prepared_xacts') == 1 }), 'a transaction is prepared');
	$host->psql(insert('after'));
	is_deeply(page($after)->{events}, [], 'it delays the feed, too');
	$host->psql("ROLLBACK PREPARED 'one'");
	is_deeply([ map { $_->{event} } @{ page($after)->{events} } ], ['after'], '... until it is over');
	close $_ for $idle, $foreign, $writer;
};

subtest 'a dump that is restored' => sub {
	my $before = page(0, '&limit=1');
	my $last = $host->psql('SELECT max(id) FROM events') + 0;
	my $backup = Provisor::Backup->new($host);
	$backup->restore;
	my $after = page($last);
	is_deeply($after->{events}, [], 'the numbers are those of the dump');
	isnt($after->{epoch}, $before->{epoch}, 'its epoch is another one');
	$plain->change_plan($resource, 'premium');
	my $page = page($last);
	is_deeply([ map { $_->{event} } @{ $page->{events} } ], ['plan-changed'],
		'a new event has a higher number than those of the dump');
};

is_unhurt($host);
done_testing;
