#!/usr/bin/perl
# provisor keys: a new key takes the place of an old one while customers are
# served, and none that is still needed can go.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::ChildProcess;
use Provisor::LoadGenerator qw(creates unexpected);
use Provisor::Test;
use Provisor::ScriptedVendor;

my $limit = 2; # seconds for an answer
my $host = new_host(
	answer_limit => "${limit}s",
	workers => { api => 2, web => 1 },
	env => { PROVISOR_JOB_LIMIT => '5s' },
);
my $addon = addon($host, 'fast-db',
	api => { requires => ['syslog_drain'] },
	template => {
		config => { FAST_DB_TOKEN => '${secret:token}' },
		log_drain_url => 'https://logs.example/${id}/${secret:drain}',
	});
my $file = $host->env->{PROVISOR_KEYS};
my $told = '';
my %seen;

$host->start;

sub keys_of {
	my ($path) = @_;

	open my $handle, '<', $path // $file or return '';
	return do { local $/; <$handle> // '' };
}

sub write_keys {
	my ($content) = @_;

	open my $handle, '>', $file or die "$file: $!\n";
	print {$handle} $content;
	close $handle;
	return;
}

# The file with its keys' own text left out.
sub shape {
	return keys_of() =~ s/^([\w-]+):\S{43}=$/$1/gmr;
}

sub provisor_keys {
	my ($environment, @arguments) = @_;
	my ($output, $status) = ctl({ %{ $host->env }, %$environment }, 'keys', @arguments);

	$seen{$_} = 1 for keys_of() =~ /^[\w-]+:(\S+)$/gm;
	$told .= $output;
	return ($output, $status);
}

sub does {
	my ($arguments, $says, $name) = @_;
	my ($output, $status) = provisor_keys({}, @$arguments);

	ok($status == 0 && $output =~ $says, $name) or diag "$status: $output";
	return;
}

sub declines {
	my ($arguments, $says, $name, $environment) = @_;
	my $before = keys_of();
	my ($output, $status) = provisor_keys($environment // {}, @$arguments);

	ok($status == 1 && $output =~ $says, $name) or diag "$status: $output";
	is(keys_of(), $before, '... and changes nothing');
	return;
}

# A file as old as this has been taken up by every request.
sub age {
	my $long_ago = time - 60;

	utime $long_ago, $long_ago, $file;
	return;
}

# How many values each key has sealed, in every sealed column.
sub sealed {
	my @columns = ((map { "SELECT $_ AS v FROM resources" } qw(config log_input_url log_drain_url)),
		map { "SELECT $_ FROM grants" } qw(code access_token refresh_token previous_refresh_token));

	return { map { split /\|/ } split /\n/, $host->psql('SELECT split_part(v, \'.\', 2), count(*)
		FROM (' . join(' UNION ALL ', @columns) . ') s WHERE v IS NOT NULL GROUP BY 1') };
}

subtest 'a key is added behind the others' => sub {
	my $today = 'k' . POSIX::strftime('%Y%m%d', gmtime);

	write_keys("# the first\n" . keys_of() . "\n# who seals, and who sealed\n");
	chmod 0400, $file;
	does(['add'], qr/\Q$today\E added/, 'named after the day');
	is(shape(), "# the first\n1\n\n# who seals, and who sealed\n$today\n",
		'the rest stays as it was');
	is((stat $file)[2] & 07777, 0400, '... and the mode');
	does(['add'], qr/\Q$today-2\E added/, 'another on the same day');
	does([qw(add winter)], qr/winter added.*keys use winter/, 'one that was given a name');
	is(() = keys_of() =~ /^[\w-]+:[A-Za-z0-9+\/]{43}=$/gm, 4, 'each of 32 bytes');
	is($addon->provision(uuid => uuid())->status, 200, 'the pools go on');
	is((keys %{ sealed() })[0], '1', '... and seal as before');
	declines([qw(add winter)], qr/already/, 'a name that is taken');
	declines(['add', 'a b'], qr/letters/, 'a name that cannot be');
	declines(['add', 'k:1'], qr/letters/, 'nor one with a colon');

	my @children = map {
		my $id = "at-once-$_";
		Provisor::ChildProcess->start(sub {
			POSIX::_exit((ctl($host->env, 'keys', 'add', $id))[1]);
		});
	} 1 .. 5;
	is_deeply([ map { $_->finish } @children ], [ (0) x 5 ], 'five at once');
	is(() = keys_of() =~ /^at-once-\d:/gm, 5, '... lose none of each other');
	is_deeply([ glob "$file.*" ], [], 'nothing is left beside the file');
};

subtest 'there is an end to keys' => sub {
	my $keys = keys_of();

	does(['add', "more-$_"], qr/added/, "one more: $_") for 10 .. 32;
	declines(['add'], qr/32 keys.*drop one/, 'not a thirty-third');
	chmod 0600, $file;
	write_keys($keys);
};

subtest 'a file that is missing is made' => sub {
	my $path = $host->home . '/new-keys';
	my ($output, $status) = provisor_keys({ PROVISOR_KEYS => $path }, 'add', 'first');

	is($status, 0, 'by keys add');
	like($output, qr/seals.*Keep a copy/, '... which says that it is precious');
	is((stat $path)[2] & 07777, 0600, 'it is nobody else\'s');
	like(keys_of($path), qr/\Afirst:\S{44}\n\z/, 'and holds the key');
	($output, $status) = provisor_keys({ PROVISOR_KEYS => '/nowhere/keys' }, 'add');
	is($status, 1, 'where there is no folder it is not');
	like($output, qr{/nowhere/keys}, '... and that is said');
	($output, $status) = provisor_keys({ PROVISOR_KEYS => "$path-2" }, 'use', 'first');
	is($status, 1, 'nor by keys use');
};

subtest 'a broken file is left to its owner' => sub {
	my $keys = keys_of();

	write_keys("${keys}prose\n");
	declines([@$_], qr/line \d+ is not ID:BASE64/, "@$_")
		for ['add'], [qw(use winter)], [qw(drop winter)], ['reseal'];
	write_keys($keys);
};

subtest 'another key seals' => sub {
	my $id = uuid();

	age();
	does([qw(use winter)], qr/winter seals/, 'it is used');
	like(shape(), qr/\A# the first\nwinter\n1\n/, 'it stands before the others');
	$addon->provision(uuid => $id);
	like($host->psql("SELECT config FROM resources WHERE marketplace_id = '$id'"),
		qr/\A1\.winter\./, 'the pools take it up');
	does([qw(use winter)], qr/winter seals/, 'to use it again changes nothing');
	declines([qw(use summer)], qr/no key "summer"/, 'one that is not there');
};

subtest 'a key that is needed stays' => sub {
	age();
	declines([qw(drop winter)], qr/the one that seals.*keys use/, 'the one that seals');
	declines([qw(drop summer)], qr/no key "summer"/, 'one that is not there');
	declines([qw(drop 1)], qr/key "1" stays: \d+ values.*keys reseal/, 'one that rows need');
	$host->stop_postgres;
	declines([qw(drop 1)], qr/key "1" stays: the database cannot be searched/,
		'any, while the database is away');
	my ($output, $status) = provisor_keys({}, 'reseal');
	is($status, 1, 'then nothing is sealed anew either');
	like($output, qr/keys reseal again/, '... and that is said');
	$host->start_postgres;
	wait_for(20, sub { $addon->provision(uuid => uuid())->status == 200 });
	does([qw(drop at-once-1)], qr/at-once-1 dropped/, 'one that nothing needs can go');
	unlike(keys_of(), qr/at-once-1/, '... and does');
};

sub provision_with_all {
	my ($id) = @_;

	return $addon->provision(
		uuid => $id,
		log_input_url => 'https://1.us.logplex.io/logs',
		oauth_grant => { code => 'a code', expires_at => '2099-01-01T00:00:00Z', type => 'authorization_code' },
	);
}

subtest 'everything is sealed anew' => sub {
	my $id = uuid();

	does([qw(add spring)], qr/added/, 'a new key');
	my $first = provision_with_all($id);

	age();
	does([qw(use spring)], qr/seals/, '... is used');
	age();
	my %before = %{ sealed() };
	my $rows = 0;

	$rows += $_ for values %before;
	cmp_ok($before{winter}, '>=', 4, 'a resource has config, log URLs and grant sealed');
	does(['reseal'], qr/^$rows values resealed/m, 'all values are');
	is_deeply(sealed(), { spring => $rows }, '... with the new key');
	same_bytes(provision_with_all($id), $first, 'a repeat is answered as before');
	is($addon->change_plan($id, 'premium')->status, 200, 'a plan change still opens it');
	does(['reseal'], qr/^0 values resealed/m, 'then there is nothing to do');
	age();
	does([qw(drop 1)], qr/1 dropped/, 'and the first key can go');
	same_bytes(provision_with_all($id), provision_with_all($id), 'it is not missed');
};

subtest 'what no key opens is told, and stays' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	my $sealed = $host->psql("SELECT config FROM resources WHERE marketplace_id = '$id'");

	for my $broken ($sealed =~ s/\.spring\./.lost./r,
		$sealed =~ s/\.spring\.(.)/'.winter.' . ($1 eq 'A' ? 'B' : 'A')/er) {
		$host->psql("UPDATE resources SET config = '$broken' WHERE marketplace_id = '$id'");
		my ($output, $status) = provisor_keys({}, 'reseal');

		is($status, 1, 'it fails');
		like($output, qr/1 values do not open/, 'and says how many');
		like($output, qr/$id/, '... and which');
		is($host->psql("SELECT config FROM resources WHERE marketplace_id = '$id'"), $broken,
			'it is left alone');
	}
	$host->psql("UPDATE resources SET config = '$sealed' WHERE marketplace_id = '$id'");
};

my @made;

subtest 'it may be interrupted' => sub {
	my $count = scaled(600, 5000);
	my $load = Provisor::LoadGenerator->start(
		port => $host->port,
		clients => 8,
		next => do { my ($next, $left) = (creates($addon), $count); sub { $left-- > 0 ? $next->() : () } },
	);
	my %first = map { $_->{id} => $_->{answer} } $load->wait;

	@made = keys %first;
	is(scalar @made, $count, "$count resources");
	age();
	does([qw(use winter)], qr/seals/, 'another key');
	age();
	# It comes to this one last, and waits there.
	my $locked = Provisor::ChildProcess->start(sub {
		$host->psql('SELECT 1 FROM resources ORDER BY id DESC LIMIT 1 FOR UPDATE;
			SELECT pg_sleep(4)');
	});
	sleep 0.3;
	my $reseal = Provisor::ChildProcess->start(sub {
		%ENV = (%{ $host->env }, PATH => $ENV{PATH});
		exec build() . '/provisor', qw(keys reseal) or POSIX::_exit(127);
	});

	ok(wait_for(10, sub { (sealed()->{winter} // 0) > 100 }), 'some are sealed anew');
	$reseal->stop('KILL');
	$locked->finish;
	my $halfway = sealed();

	ok($halfway->{winter} && $halfway->{spring}, 'it was killed on its way')
		or diag explain $halfway;
	does(['reseal'], qr/^\Q$halfway->{spring}\E values resealed/m, 'it goes on from there');
	is_deeply([ keys %{ sealed() } ], ['winter'], 'to the end');
	my @again = Provisor::LoadGenerator->once_more($host, $addon, @made[ 0 .. 199 ]);

	is((grep { $_->{answer}->text ne $first{ $_->{id} }->text } @again), 0,
		'and repeats are answered as before');
};

subtest 'a key changes while customers are served' => sub {
	my ($create, @replayed) = (creates($addon), @made[ 0 .. 99 ]);
	my $turn = 0;
	my $load = Provisor::LoadGenerator->start(
		port => $host->port,
		clients => 6,
		think => 0.01,
		repeats => 0,
		next => sub {
			my $id = $replayed[ $turn++ / 2 % @replayed ];

			return $turn % 2 ? $create->()
				: { id => $id, request => { $addon->provision_request(uuid => $id) } };
		},
	);

	for my $round (1 .. scaled(1, 5)) {
		my ($old) = keys_of() =~ /^([\w-]+):/m;

		does(['add', "new-$round"], qr/added/, "round $round: add");
		my $began = time;
		does(['use', "new-$round"], qr/seals/, "round $round: use");
		cmp_ok(time - $began, '>', $limit - 1, '... once nobody can be without it');
		does(['reseal'], qr/resealed/, "round $round: reseal");
		does(['drop', $old], qr/dropped/, "round $round: drop");
		is_deeply([ grep { !/\Anew-$round\z/ } keys %{ sealed() } ], [],
			'no value needs another');
	}
	my @answered = $load->finish;

	figure('%d requests while a key changed', scalar @answered);
	cmp_ok(scalar @answered, '>', 200, 'there was a load');
	is(unexpected([200], @answered), '', 'no request failed');
	my %texts;

	$texts{ $_->{id} }{ $_->{answer}->text }++ for @answered;
	is((grep { keys %{ $texts{$_} } > 1 } keys %texts), 0, 'every repeat was the same');
};

subtest 'a job goes on with the keys that it began with' => sub {
	my $vendor = Provisor::ScriptedVendor->new($host, 'slow-db', hooks => [qw(provision rotate)]);
	my ($id, $old) = (uuid(), keys_of() =~ /^([\w-]+):/m);

	$vendor->behave(rotate => "sleep $limit + 2;");
	is($vendor->addon->provision(uuid => $id)->status, 200, 'an add-on with hooks');
	does([qw(add last)], qr/added/, 'a new key');
	age();
	$host->start_jobs;
	is((ctl($host->env, qw(config rotate), $id))[1], 0, 'new credentials are asked for');
	ok(wait_for(20, sub { $vendor->calls('rotate', $id) }), '... and are being made');
	does([qw(use last)], qr/seals/, 'meanwhile the new key is used');
	does(['reseal'], qr/resealed/, '... all is sealed anew');
	does(['drop', $old], qr/dropped/, '... and the old one dropped');
	ok(wait_for(20, sub { !count_of($host, 'jobs WHERE finished_at IS NULL') }), 'the job ends');
	is_deeply([ keys %{ sealed() } ], ['last'], 'and no value needs what was dropped');
	like(($vendor->addon->provision(uuid => $id)->json->{config} // {})->{SLOW_DB_TOKEN},
		qr/\Arotated/, 'the new credentials are there');
	$host->stop_pool('jobs');
};

subtest 'no key is told' => sub {
	cmp_ok(scalar keys %seen, '>', 10, 'there were some');
	is((grep { index($told, $_) >= 0 } keys %seen), 0, 'by no command');
	is((grep { index($host->log('worker'), $_) >= 0 } keys %seen), 0, 'nor in the log');
};

is_unhurt($host);

done_testing;
