#!/usr/bin/perl
# provisor keys: a new key replaces an old one while the pools serve requests, and a
# key that is needed cannot be dropped.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX ();
use JSON::PP ();
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

# The first key has an id that is not a date.
write_keys(keys_of() =~ s/\A[^:]+/1/r);
$host->start;

# The keys file without the keys themselves.
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
	is(keys_of(), $before, '... and leaves the file unchanged');
	return;
}

# Make the file so old that no request can use an earlier version.
sub age {
	my $long_ago = time - 60;

	utime $long_ago, $long_ago, $file;
	return;
}

# How many values each key has sealed, in all sealed columns.
sub sealed {
	my @columns = map { "SELECT $_ AS v FROM resources" } qw(config log_input_url log_drain_url
		grant_code access_token refresh_token previous_refresh_token options);

	return { map { split /\|/ } split /\n/, $host->psql('SELECT split_part(v, \'.\', 2), count(*)
		FROM (' . join(' UNION ALL ', @columns) . ') s WHERE v IS NOT NULL GROUP BY 1') };
}

subtest 'add: a new key is the last one' => sub {
	my $today = 'k' . POSIX::strftime('%Y%m%d', gmtime);

	write_keys("# the first\n" . keys_of() . "\n# who seals, and who sealed\n");
	chmod 0400, $file;
	does(['add'], qr/\Q$today\E added/, 'its id is the date');
	is(shape(), "# the first\n1\n\n# who seals, and who sealed\n$today\n",
		'the other lines are unchanged');
	is((stat $file)[2] & 07777, 0400, 'the mode is unchanged');
	does(['add'], qr/\Q$today-2\E added/, 'a second key on the same day');
	does([qw(add winter)], qr/winter added.*keys use winter/, 'a key with a given id');
	is(() = keys_of() =~ /^[\w-]+:[A-Za-z0-9+\/]{43}=$/gm, 4, 'each key has 32 bytes');
	is($addon->provision(uuid => uuid())->status, 200, 'the pools still serve');
	is((keys %{ sealed() })[0], '1', '... and seal with the same key');
	declines([qw(add winter)], qr/already/, 'an id in use');
	declines(['add', 'a b'], qr/letters/, 'an invalid id');
	declines(['add', 'k:1'], qr/letters/, 'an id with a colon');

	my @children = map {
		my $id = "at-once-$_";
		Provisor::ChildProcess->start(sub {
			POSIX::_exit((ctl($host->env, 'keys', 'add', $id))[1]);
		});
	} 1 .. 5;
	is_deeply([ map { $_->finish } @children ], [ (0) x 5 ], 'five commands at once');
	is(() = keys_of() =~ /^at-once-\d:/gm, 5, '... lose no key');
	is_deeply([ glob "$file.*" ], [], 'no other file is left');
};

subtest 'add: at most 32 keys' => sub {
	my $keys = keys_of();

	does(['add', "more-$_"], qr/added/, "one more: $_") for 10 .. 32;
	declines(['add'], qr/32 keys.*drop one/, 'a thirty-third key');
	chmod 0600, $file;
	write_keys($keys);
};

subtest 'add: creates a missing file' => sub {
	my $path = $host->home . '/new-keys';
	my ($output, $status) = provisor_keys({ PROVISOR_KEYS => $path }, 'add', 'first');

	is($status, 0, 'exits with 0');
	like($output, qr/seals.*Keep a copy/, 'asks to keep a copy');
	is((stat $path)[2] & 07777, 0600, 'only its owner can read it');
	like(keys_of($path), qr/\Afirst:\S{44}\n\z/, 'it contains the key');
	($output, $status) = provisor_keys({ PROVISOR_KEYS => '/nowhere/keys' }, 'add');
	is($status, 1, 'fails without its folder');
	like($output, qr{/nowhere/keys}, '... and prints the reason');
	($output, $status) = provisor_keys({ PROVISOR_KEYS => "$path-2" }, 'use', 'first');
	is($status, 1, 'keys use does not create it');
};

subtest 'an invalid file is not changed' => sub {
	my $keys = keys_of();

	write_keys("${keys}prose\n");
	declines([@$_], qr/line \d+ is not ID:BASE64/, "@$_")
		for ['add'], [qw(use winter)], [qw(drop winter)], ['reseal'];
	write_keys($keys);
};

subtest 'use: another key seals' => sub {
	my $id = uuid();

	age();
	does([qw(use winter)], qr/winter seals/, 'exits with 0');
	like(shape(), qr/\A# the first\nwinter\n1\n/, 'the key is the first one');
	$addon->provision(uuid => $id);
	like($host->psql("SELECT config FROM resources WHERE marketplace_id = '$id'"),
		qr/\A1\.winter\./, 'the pools seal with it');
	does([qw(use winter)], qr/winter seals/, 'a repetition exits with 0');
	declines([qw(use summer)], qr/no key "summer"/, 'an unknown key');
};

subtest 'drop: a key that is needed stays' => sub {
	age();
	declines([qw(drop winter)], qr/the one that seals.*keys use/, 'the key that seals');
	declines([qw(drop summer)], qr/no key "summer"/, 'an unknown key');
	declines([qw(drop 1)], qr/key "1" stays: \d+ values.*keys reseal/, 'a key that values need');
	$host->stop_postgres;
	declines([qw(drop 1)], qr/key "1" stays: the database cannot be searched/,
		'any key while the database does not respond');
	my ($output, $status) = provisor_keys({}, 'reseal');
	is($status, 1, 'reseal fails then, too');
	like($output, qr/keys reseal again/, '... and prints the reason');
	$host->start_postgres;
	wait_for(20, sub { $addon->provision(uuid => uuid())->status == 200 });
	does([qw(drop at-once-1)], qr/at-once-1 dropped/, 'a key that no value needs');
	unlike(keys_of(), qr/at-once-1/, '... is removed');
};

sub provision_with_all {
	my ($id) = @_;

	return $addon->provision(
		uuid => $id,
		options => { admin_password => 'hunter2' },
		log_input_url => 'https://1.us.logplex.io/logs',
		oauth_grant => { code => 'a code', expires_at => '2099-01-01T00:00:00Z', type => 'authorization_code' },
	);
}

subtest 'reseal: all values' => sub {
	my $id = uuid();

	does([qw(add spring)], qr/added/, 'a new key');
	my $first = provision_with_all($id);

	age();
	does([qw(use spring)], qr/seals/, '... is used to seal');
	age();
	my %before = %{ sealed() };
	my $rows = 0;

	$rows += $_ for values %before;
	cmp_ok($before{winter}, '>=', 5, 'config, options, log URLs and grant of a resource are sealed');
	does(['reseal'], qr/^$rows values resealed/m, 'all values are resealed');
	is_deeply(sealed(), { spring => $rows }, '... with the new key');
	same_bytes(provision_with_all($id), $first, 'a repeated create gets the same response');
	is($addon->change_plan($id, 'premium')->status, 200, 'a plan change opens the values');
	does(['reseal'], qr/^0 values resealed/m, 'a repetition reseals nothing');
	age();
	does([qw(drop 1)], qr/1 dropped/, 'the first key is dropped');
	same_bytes(provision_with_all($id), provision_with_all($id), 'requests do not need it');
};

subtest 'reseal: a value that no key opens is reported and kept' => sub {
	my $id = uuid();

	$addon->provision(uuid => $id);
	my $sealed = $host->psql("SELECT config FROM resources WHERE marketplace_id = '$id'");

	for my $broken ($sealed =~ s/\.spring\./.lost./r,
		$sealed =~ s/\.spring\.(.)/'.winter.' . ($1 eq 'A' ? 'B' : 'A')/er) {
		$host->psql("UPDATE resources SET config = '$broken' WHERE marketplace_id = '$id'");
		my ($output, $status) = provisor_keys({}, 'reseal');

		is($status, 1, 'fails');
		like($output, qr/1 values cannot be opened.*--replace-unreadable/, 'prints how many, and the remedy');
		like($output, qr/$id/, 'logs which');
		is($host->psql("SELECT config FROM resources WHERE marketplace_id = '$id'"), $broken,
			'the value is unchanged');
	}
	$host->psql("UPDATE resources SET config = '$sealed' WHERE marketplace_id = '$id'");
};

my @made;

subtest 'reseal: can be interrupted' => sub {
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
	# The command reaches this resource last, and waits for its lock.
	my $locked = Provisor::ChildProcess->start(sub {
		$host->psql('SELECT 1 FROM resources ORDER BY id DESC LIMIT 1 FOR UPDATE;
			SELECT pg_sleep(4)');
	});
	sleep 0.3;
	my $reseal = Provisor::ChildProcess->start(sub {
		%ENV = (%{ $host->env }, PATH => $ENV{PATH});
		exec build() . '/provisor', qw(keys reseal) or POSIX::_exit(127);
	});

	ok(wait_for(10, sub { (sealed()->{winter} // 0) > 100 }), 'some values are resealed');
	$reseal->stop('KILL');
	$locked->finish;
	my $halfway = sealed();

	ok($halfway->{winter} && $halfway->{spring}, 'the command was killed before its end')
		or diag explain $halfway;
	does(['reseal'], qr/^\Q$halfway->{spring}\E values resealed/m, 'the next run reseals the rest');
	is_deeply([ keys %{ sealed() } ], ['winter'], 'all values have the new key');
	my @again = Provisor::LoadGenerator->once_more($host, $addon, @made[ 0 .. 199 ]);

	is((grep { $_->{answer}->text ne $first{ $_->{id} }->text } @again), 0,
		'repeated creates get the same responses');
};

subtest 'the key is replaced under load' => sub {
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
		cmp_ok(time - $began, '>', $limit - 1, '... after waiting for requests without the key');
		does(['reseal'], qr/resealed/, "round $round: reseal");
		does(['drop', $old], qr/dropped/, "round $round: drop");
		is_deeply([ grep { !/\Anew-$round\z/ } keys %{ sealed() } ], [],
			'no value needs another key');
	}
	my @answered = $load->finish;

	figure('%d requests while a key changed', scalar @answered);
	cmp_ok(scalar @answered, '>', 200, 'requests were made');
	is(unexpected([200], @answered), '', 'no request failed');
	my %texts;

	$texts{ $_->{id} }{ $_->{answer}->text }++ for @answered;
	is((grep { keys %{ $texts{$_} } > 1 } keys %texts), 0, 'repeated requests got the same responses');
};

subtest 'a job uses the keys that it began with' => sub {
	my $vendor = Provisor::ScriptedVendor->new($host, 'slow-db', hooks => [qw(provision rotate)]);
	my ($id, $old) = (uuid(), keys_of() =~ /^([\w-]+):/m);

	$vendor->behave(rotate => "sleep $limit + 2;");
	is($vendor->addon->provision(uuid => $id)->status, 200, 'an add-on with hooks');
	does([qw(add last)], qr/added/, 'a new key');
	age();
	$host->start_jobs;
	is((ctl($host->env, qw(config rotate), $id))[1], 0, 'config rotate exits with 0');
	ok(wait_for(20, sub { $vendor->calls('rotate', $id) }), 'its job has called the hook');
	does([qw(use last)], qr/seals/, 'meanwhile, keys use');
	does(['reseal'], qr/resealed/, '... keys reseal');
	does(['drop', $old], qr/dropped/, '... and keys drop');
	ok(wait_for(20, sub { !count_of($host, 'jobs WHERE finished_at IS NULL') }), 'the job ends');
	is_deeply([ keys %{ sealed() } ], ['last'], 'no value needs the dropped key');
	like(($vendor->addon->provision(uuid => $id)->json->{config} // {})->{SLOW_DB_TOKEN},
		qr/\Arotated/, 'the resource has the new credentials');
	$host->stop_pool('jobs');
};

subtest 'list: the age and the use of each key' => sub {
	my $keys = keys_of();
	my %values = %{ sealed() };
	my $seals = (grep { /:/ } split /\n/, $keys)[0] =~ s/:.*//r;
	my $check = sub { (ctl($host->env, 'check'))[0] };

	does(['list'], qr/^ID +ADDED +SEALS +VALUES\n\Q$seals\E +yes +$values{$seals}$/m, 'the key that seals is the first');
	unlike($check->(), qr/has sealed for|no value needs/, 'check warns of none');
	write_keys(join '', "k20200101:${\ ('A' x 42)}8=\n", "k20190101-2:${\ ('B' x 42)}8=\n", $keys);
	does(['list'], qr/^k20200101 +2020-01-01 +yes +0\nk20190101-2 +2019-01-01 +no +0\n/m, 'ids that are dates');
	like($check->(), qr/^warning .*"k20200101" has sealed for more than a year: replace it/m, 'check warns of the old key');
	like($check->(), qr/^warning .*no value needs the old key "k20190101-2": run provisor keys drop/m,
		'... and of the one that is not used');
	write_keys($keys);
	my ($one) = map { JSON::PP::decode_json($_) } split /\n/, (provisor_keys({}, 'list', '--json'))[0];
	is_deeply($one, { id => $seals, added => undef, seals => 'yes', values => "$values{$seals}" }, 'as JSON');
	$host->stop_postgres;
	declines(['list'], qr/database failed/, 'without the database');
	$host->start_postgres;
};

subtest 'no key is printed or logged' => sub {
	cmp_ok(scalar keys %seen, '>', 10, 'there were several keys');
	is((grep { index($told, $_) >= 0 } keys %seen), 0, 'no command printed one');
	is((grep { index($host->log('worker'), $_) >= 0 } keys %seen), 0, 'the log has none');
};

is_unhurt($host);

done_testing;
