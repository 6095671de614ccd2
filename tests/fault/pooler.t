#!/usr/bin/perl
# Workers behind PgBouncer in transaction mode: each statement may run on another
# connection, and other programs use the same connections.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Basename qw(basename dirname);
use File::Temp 'tempdir';
use IPC::Open2;
use List::Util 'uniq';
use TAP::Parser;
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::ChildProcess;
use Provisor::Test;
use Provisor::Files qw(read_text write_text);
use Provisor::LoadGenerator qw(unexpected slowest);
use Provisor::Pooler;

plan skip_all => 'pgbouncer is not installed' unless Provisor::Pooler::is_installed();

# --- other test files --------------------------------------------------------

# They run at the same time.
sub pass_behind_a_pooler {
	my (@files) = @_;
	local %ENV = (%ENV, PROVISOR_POOLER => 1, PROVISOR_BUILD => build());
	my @running = map {
		open my $output, '-|', $^X, $_ or die "$_: $!\n";
		[ $_, $output ];
	} @files;

	for (@running) {
		my ($file, $output) = @$_;
		my $parser = TAP::Parser->new({ source => $output });
		my @failed;

		while (my $line = $parser->next) {
			push @failed, $line->as_string if $line->is_test && !$line->is_ok;
		}
		close $output;
		is($?, 0, basename($file) . ' succeeds');
		is(join("\n", @failed, $parser->parse_errors), '', '... without a failed test');
		cmp_ok($parser->tests_run, '>', 1, '... and with more than one test') unless $parser->skip_all;
	}
	return;
}

subtest 'integration tests pass with a pooler' => sub {
	my @all = glob "$FindBin::Bin/../integration/*.t";

	pass_behind_a_pooler(map { "$FindBin::Bin/../integration/$_.t" } qw(life-v1 concurrency)) if scaled(1, 0);
	pass_behind_a_pooler($_) for scaled(0, 1) ? @all : ();
};

# --- a host with one worker of each of two releases --------------------------

# Builds the same sources with one statement changed, so that a message shows which
# release has read it.  Returns the folder of its programs.
sub other_release {
	my $sources = dirname(dirname(build()));
	my $flavour = basename(build());
	my $tree = tempdir(CLEANUP => 1);

	system('cp', '-a', (map { "$sources/$_" } qw(Makefile cgi lib migrations)), $tree) == 0
		or die "the sources cannot be copied\n";
	mkdir "$tree/build";
	system('cp', '-a', glob("$sources/build/*.c"), build(), "$tree/build") == 0
		or die "the build cannot be copied\n";
	my $path = "$tree/lib/store/resource_columns.inc.sql";
	my $changed = read_text($path) =~ s/ r\.message,/ r.message || ' (other)',/r;

	die "resource_columns.inc.sql does not read r.message as this test expects\n" if $changed eq read_text($path);
	write_text($path, $changed);
	system('make', '--no-print-directory', '-s', '-C', $tree,
		$flavour eq 'sanitize' ? 'SANITIZE=1' : (),
		"build/$flavour/provisor.fcgi") == 0 or die "the other release cannot be built\n";
	return "$tree/build/$flavour";
}

my $host = new_host(is_direct => 1, workers => { api => 1, web => 1 }, answer_limit => '5s',
	env => { PROVISOR_LOG_LEVEL => 'debug' });
my $pooler = Provisor::Pooler->new($host);
my $addon = addon($host, 'fast-db');

my $other_build = other_release();

# New workers, and new connections without prepared statements.
sub start_both {
	$host->stop_pool($_) for qw(api web);
	$pooler->stop;
	$pooler->start;
	$host->start_pool('api');
	local $host->{build} = $other_build;
	$host->start_pool('web');
	return;
}

$host->start_postgres;
$host->migrate;

# The releases, and the message that each reads of a resource.
my %release = (
	one => { addon => $addon, message => 'Made with plan basic.' },
	other => {
		addon => $addon->through(fastcgi($host, 'web')),
		message => 'Made with plan basic. (other)',
	},
);

# A program that occupies one of the pooler's free connections, the one that was used
# last.
sub hold {
	my ($folder, $password) = $host->env->{PROVISOR_DATABASE}
		=~ /host=(\S+).*password=(\S+)/;
	local $ENV{PGPASSWORD} = $password;
	my $pid = open2(my $output, my $input, 'psql', '-XqAt', '-h', $folder, '-p', '6432',
		'-U', 'provisor_worker', '-d', 'provisor');

	print {$input} "BEGIN; SELECT 'held';\n";
	$input->flush;
	<$output>;
	return { pid => $pid, input => $input, output => $output };
}

sub release {
	my ($holder) = @_;

	print { $holder->{input} } "COMMIT; SELECT 'free';\n\\q\n";
	$holder->{input}->flush;
	readline $holder->{output};
	close $holder->{input};
	waitpid $holder->{pid}, 0;
	return;
}

subtest 'each of two releases runs its own statements' => sub {
	my $id = uuid();
	my $check_message = sub {
		my ($name, $where) = @_;

		is($release{$name}{addon}->provision(uuid => $id)->message, $release{$name}{message},
			"release $name, $where");
	};

	start_both();
	$addon->provision(uuid => $id);
	start_both();
	my $first = hold();

	$check_message->(one => 'on the second connection');
	my $second = hold();

	release($first);
	$check_message->(other => 'on the first connection');
	$first = hold();
	release($second);
	$check_message->(other => 'a connection with the statements of the other release works');
	$second = hold();
	release($first);
	$check_message->(one => 'a connection with the statements of the other release works');
	release($second);
	like($host->log('worker'), qr/connected through a pooler/, 'statements have run on several connections');
};

subtest 'both releases at the same time' => sub {
	my @ids = map { uuid() } 1 .. scaled(10, 100);

	start_both();
	$addon->provision(uuid => $_) for @ids;
	my %children = map {
		my ($addon, $message) = @{ $release{$_} }{qw(addon message)};

		$_ => Provisor::ChildProcess->start(sub {
			for my $round (1 .. scaled(10, 100)) {
				for my $id (@ids) {
					my $answer = $addon->provision(uuid => $id);

					die 'status ', $answer->status, ': ', $answer->body, "\n"
						if $answer->message ne $message;
				}
			}
		});
	} sort keys %release;

	is($children{$_}->finish(120), 0, "release $_ always reads its own message") for sort keys %children;
};

subtest 'one release changes a resource that the other created' => sub {
	my ($one, $other) = map { $release{$_}{addon} } qw(one other);
	my $id = uuid();
	my $created = $other->provision(uuid => $id);

	is($created->status, 200, 'a create by the other');
	is($one->provision(uuid => $id)->config->{FAST_DB_TOKEN}, $created->config->{FAST_DB_TOKEN},
		'a repeat by the one');
	is($one->change_plan($id, 'premium')->config->{FAST_DB_URL}, $addon->url($id, 'premium'),
		'a plan change by the one');
	is($other->deprovision($id)->status, 204, 'a deprovision by the other');
	refuses($one->deprovision($id), 410, 'the one finds it gone');
};

# --- faults ------------------------------------------------------------------

$host->stop_pool($_) for qw(api web);
$host->{workers} = { api => 4, web => 1 };
$host->start_pool($_) for qw(api web);
$host->start_nginx;

sub survives {
	my ($cause_fault) = @_;
	my $load = Provisor::LoadGenerator->under_way($host, $addon);

	$cause_fault->();
	my $back = time;

	wait_for(30, sub { $addon->provision(uuid => uuid())->status == 200 });
	figure('the first success after %.2f s', time - $back);
	sleep 0.5;
	my @answered = $load->finish;
	my %first = map { $_->{id} => $_->{answer} }
		grep { $_->{answer}->status == 200 } @answered;
	my @replayed = Provisor::LoadGenerator->once_more($host, $addon, keys %first);

	figure('%d creates, %d times 503, the slowest in %.2f s', scalar keys %first,
		@answered - keys %first, slowest(@answered));
	is(unexpected([ 200, 503 ], @answered), '', 'every response has status 200 or 503');
	is(scalar(grep { $_->{answer}->text ne $first{ $_->{id} }->text } @replayed), 0,
		'a repeat of each success gets the same bytes');
	is($host->psql('SELECT count(*) FROM (SELECT resource FROM events GROUP BY resource
		HAVING count(*) > 1) twice'), 0, 'no resource has two events');
	return;
}

$host->psql(q(DELETE FROM events));
$host->psql(q(DELETE FROM resources));

subtest 'the pooler is restarted under load' => sub {
	survives(sub { $pooler->stop; sleep scaled(0.5, 5); $pooler->start });
};

subtest 'PostgreSQL is restarted behind it under load' => sub {
	survives(sub { $host->stop_postgres; sleep scaled(0.5, 5); $host->start_postgres });
};

subtest 'PostgreSQL terminates its connections under load' => sub {
	survives(sub {
		for (1 .. scaled(5, 50)) {
			$host->psql(q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE usename = 'provisor_worker'));
			sleep 0.1;
		}
	});
};

is_unhurt($host);

done_testing;
