#!/usr/bin/perl
# Behind PgBouncer in transaction mode: each statement may run on another
# connection than the one before, and other programs share them all.

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

# --- the other tests ---------------------------------------------------------

# Started together; each takes its time.
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
		is($?, 0, basename($file) . ' ends well');
		is(join("\n", @failed, $parser->parse_errors), '', '... with nothing failed');
		cmp_ok($parser->tests_run, '>', 1, '... and something tested') unless $parser->skip_all;
	}
	return;
}

subtest 'what passes without a pooler passes with one' => sub {
	my @all = glob "$FindBin::Bin/../integration/*.t";

	pass_behind_a_pooler(map { "$FindBin::Bin/../integration/$_.t" } qw(life-v1 concurrency)) if scaled(1, 0);
	pass_behind_a_pooler($_) for scaled(0, 1) ? @all : ();
};

# --- a host with one worker of each of two releases --------------------------

# The same sources, but for one statement: what it finds tells who has asked.
sub other_release {
	my $sources = dirname(dirname(build()));
	my $flavour = basename(build());
	my $tree = tempdir(CLEANUP => 1);

	system('cp', '-a', (map { "$sources/$_" } qw(Makefile cgi lib migrations)), $tree) == 0
		or die "the sources cannot be copied\n";
	mkdir "$tree/build";
	system('cp', '-a', glob("$sources/build/*.c"), build(), "$tree/build") == 0
		or die "the build cannot be copied\n";
	my $path = "$tree/lib/store/resource.c";
	my $changed = read_text($path) =~ s/ r\.message,/ r.message || ' (other)',/r;

	die "lib/store/resource.c does not read messages as it did\n" if $changed eq read_text($path);
	write_text($path, $changed);
	system('make', '--no-print-directory', '-s', '-C', $tree,
		$flavour eq 'sanitize' ? 'SANITIZE=1' : (),
		"build/$flavour/provisor.fcgi") == 0 or die "the other release cannot be built\n";
	return "$tree/build/$flavour";
}

my $host = new_host(is_direct => 1, workers => { api => 1, web => 1 }, answer_limit => '5s');
my $pooler = Provisor::Pooler->new($host);
my $addon = addon($host, 'fast-db');

my $other_build = other_release();

# New workers, with connections that nobody has prepared anything on.
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

# Release and what it says of a resource that it has found.
my %release = (
	one => { addon => $addon, message => 'Made with plan basic.' },
	other => {
		addon => $addon->through(fastcgi($host, 'web')),
		message => 'Made with plan basic. (other)',
	},
);

# A program that holds one of the pooler's connections; it is given one that is
# free, of several the one that was used last.
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

sub let_go {
	my ($holder) = @_;

	print { $holder->{input} } "COMMIT; SELECT 'free';\n\\q\n";
	$holder->{input}->flush;
	readline $holder->{output};
	close $holder->{input};
	waitpid $holder->{pid}, 0;
	return;
}

subtest 'of two releases each runs its own statements' => sub {
	my $id = uuid();
	my $tells = sub {
		my ($name, $where) = @_;

		is($release{$name}{addon}->provision(uuid => $id)->message, $release{$name}{message},
			"release $name, $where");
	};

	start_both();
	$addon->provision(uuid => $id);
	start_both();
	my $first = hold();

	$tells->(one => 'on the second connection');
	my $second = hold();

	let_go($first);
	$tells->(other => 'on the first connection');
	$first = hold();
	let_go($second);
	$tells->(other => 'where the other one has prepared its own');
	$second = hold();
	let_go($first);
	$tells->(one => 'where the other one has prepared its own');
	let_go($second);
	like($host->log('worker'), qr/a pooler is between/, 'statements have moved');
};

subtest 'both at once' => sub {
	my @ids = map { uuid() } 1 .. scaled(10, 100);

	start_both();
	$addon->provision(uuid => $_) for @ids;
	my %children = map {
		my ($addon, $message) = @{ $release{$_} }{qw(addon message)};

		$_ => Provisor::ChildProcess->start(sub {
			for my $round (1 .. scaled(10, 100)) {
				for my $id (@ids) {
					my $said = $addon->provision(uuid => $id);

					die 'status ', $said->status, ': ', $said->body, "\n"
						if $said->message ne $message;
				}
			}
		});
	} sort keys %release;

	is($children{$_}->finish(120), 0, "release $_ is always right") for sort keys %children;
};

subtest 'what one release has made the other changes' => sub {
	my ($one, $other) = map { $release{$_}{addon} } qw(one other);
	my $id = uuid();
	my $made = $other->provision(uuid => $id);

	is($made->status, 200, 'a create by the other');
	is($one->provision(uuid => $id)->config->{FAST_DB_TOKEN}, $made->config->{FAST_DB_TOKEN},
		'a repeat to the one');
	is($one->change_plan($id, 'premium')->config->{FAST_DB_URL}, $addon->url($id, 'premium'),
		'a plan change by the one');
	is($other->deprovision($id)->status, 204, 'a deprovision by the other');
	refuses($one->deprovision($id), 410, 'the one knows');
};

# --- trouble -----------------------------------------------------------------

$host->stop_pool($_) for qw(api web);
$host->{workers} = { api => 4, web => 1 };
$host->start_pool($_) for qw(api web);
$host->start_nginx;

sub survives {
	my ($harm) = @_;
	my $load = Provisor::LoadGenerator->under_way($host, $addon);

	$harm->();
	my $back = time;

	wait_for(30, sub { $addon->provision(uuid => uuid())->status == 200 });
	figure('served again after %.2f s', time - $back);
	sleep 0.5;
	my @answered = $load->finish;
	my %first = map { $_->{id} => $_->{answer} }
		grep { $_->{answer}->status == 200 } @answered;
	my @replayed = Provisor::LoadGenerator->once_more($host, $addon, keys %first);

	figure('%d answered, %d told to come again, the slowest in %.2f s', scalar keys %first,
		@answered - keys %first, slowest(@answered));
	is(unexpected([ 200, 503 ], @answered), '', 'answers are good, or ask to come again');
	is(scalar(grep { $_->{answer}->text ne $first{ $_->{id} }->text } @replayed), 0,
		'whatever was answered is answered again with the same bytes');
	is($host->psql('SELECT count(*) FROM (SELECT resource FROM events GROUP BY resource
		HAVING count(*) > 1) twice'), 0, 'none was made twice');
	return;
}

$host->psql(q(DELETE FROM grants));
$host->psql(q(DELETE FROM events));
$host->psql(q(DELETE FROM resources));

subtest 'the pooler is restarted under load' => sub {
	survives(sub { $pooler->stop; sleep scaled(0.5, 5); $pooler->start });
};

subtest 'PostgreSQL is restarted behind it under load' => sub {
	survives(sub { $host->stop_postgres; sleep scaled(0.5, 5); $host->start_postgres });
};

subtest 'its connections are terminated under load' => sub {
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
