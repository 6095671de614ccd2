#!/usr/bin/perl
# Homes and keys that change while the workers run: a valid change is in force at the
# next request, and after an invalid one the old version stays in force.  /metrics and
# /ready report both.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Path 'remove_tree';
use List::Util 'uniq';
use MIME::Base64 'encode_base64';
use Test::More;
use Time::HiRes 'sleep';

use Provisor::HttpClient;
use Provisor::Test;
use Provisor::Files 'read_text';

my $host = new_host(workers => { api => 2, web => 1 });
my $ops = Provisor::HttpClient->new(plain => $host->ops_port);
my $https = Provisor::HttpClient->new(port => $host->port);
my $client = fastcgi($host);
my $other = addon($host, 'other');
my $fast = addon($host, 'fast-db');

$host->start;
# provisor-jobs reads homes and keys again too, and logs that in the same file.
$host->stop_pool('jobs');

my @api_workers = api_workers();

# The fields of /proc/PID/stat after the name.
sub stat_of {
	my ($pid) = @_;

	open my $file, '<', "/proc/$pid/stat" or return ('gone', 0);
	return split ' ', <$file> =~ s/.*\)//sr;
}

sub parent {
	my ($pid) = @_;

	return (stat_of($pid))[1];
}

# The workers that answer marketplaces: the children of a pool's multiwatch.
sub api_workers {
	my ($multiwatch) = read_text($host->home . '/pids/api') =~ /\A(\d+)/;

	return grep { parent($_) == $multiwatch } workers($host);
}

# A stopped worker accepts no request, but a worker that has not stopped yet may.
sub stop_workers {
	my (@workers) = @_;

	kill STOP => @workers;
	sleep 0.001 while grep { (stat_of($_))[0] !~ /[TXZ]|gone/ } @workers;
	return;
}

# The response of each worker, while the other one is stopped.
sub of_each {
	my ($ask) = @_;
	my @workers = api_workers();
	my @answers;

	for my $worker (@workers) {
		my @others = grep { $_ != $worker } @workers;

		stop_workers(@others);
		push @answers, eval { $ask->() };
		kill CONT => @others;
		die $@ if $@;
	}
	return @answers;
}

# Compare the response of each worker.
sub each_answers {
	my ($status, $name, $ask) = @_;

	return is(join(' ', map { $_->status } of_each($ask)),
		join(' ', ($status) x @api_workers), $name);
}

# Write the same home again.
sub rewrite {
	my ($addon, %more) = @_;

	remove_tree($addon->home);
	return addon($host, $addon->name, %more);
}

# The lines that the workers have logged meanwhile.
sub logged {
	my ($do) = @_;
	my $length = length $host->log('worker');

	$do->();
	return substr $host->log('worker'), $length;
}

sub create {
	my ($addon, %more) = @_;

	return sub { $addon->provision(uuid => uuid(), %more) };
}

sub ready {
	return $ops->request(method => 'GET', path => '/ready');
}

# The value of a sample of /metrics.
sub metric {
	my ($sample) = @_;
	my $answer = $ops->request(method => 'GET', path => '/metrics');
	my ($value) = $answer->body =~ /^\Q$sample\E (\S+)$/m;

	return $value // 0;
}

# Replace a file by renaming, as the command line and careful editors do.
sub put {
	my ($path, $text) = @_;

	open my $file, '>:raw', "$path.new" or die "$path.new: $!\n";
	print {$file} $text;
	close $file or die "$path.new: $!\n";
	chmod 0600, "$path.new";
	rename "$path.new", $path or die "$path: $!\n";
	return;
}

is(scalar @api_workers, 2, 'two workers run');

# --- homes ------------------------------------------------------------------

subtest 'a new password is in force' => sub {
	my $before = $fast;

	each_answers(200, 'the old one works', create($before));
	$fast = rewrite($fast, api => { password => 'another password, and a longer one' });
	each_answers(200, 'the new one works', create($fast));
	each_answers(401, 'the old one does not', create($before));
};

subtest 'a new template is in force' => sub {
	my $id = uuid();
	my $first = $fast->provision(uuid => $id);
	my $made = $first->config->{FAST_DB_URL};

	$fast->write_file('template.json',
		{ config => { FAST_DB_URL => 'https://new.example/${plan}' } });
	my @new = of_each(create($fast));

	is_deeply([ map { $_->config } @new ],
		[ ({ FAST_DB_URL => 'https://new.example/basic' }) x 2 ],
		'what is made now is made by it');
	same_bytes($_, $first, 'an earlier resource gets its first response')
		for of_each(sub { $fast->provision(uuid => $id) });
	is($fast->change_plan($id, 'premium')->config->{FAST_DB_URL},
		'https://new.example/premium', 'a plan change uses the new template');
	isnt($made, undef, 'the first one had a token');
};

subtest 'new plans are in force' => sub {
	each_answers(200, 'any plan is good at first', create($fast, plan => 'gold'));
	$fast->write_file('settings.json', { plans => { basic => {} } });
	each_answers(422, 'then not one that is not listed', create($fast, plan => 'gold'));
	each_answers(200, 'but one that is', create($fast));
	unlink $fast->home . '/settings.json';
	each_answers(200, 'without settings.json any is again', create($fast, plan => 'gold'));
};

subtest 'a new client secret is in force' => sub {
	my $file = $host->home . '/client-secret';
	my ($good, $bad) = ('the-client-secret-that-serves', "one line\nand another\n");

	put($file, "$good\n");
	$fast->write_file('settings.json', { client_secret_file => $file });
	each_answers(200, 'its home serves', create($fast));
	is(ready()->json->{addons}, 'ok', '... and the host is ready');
	for (['one that cannot be', sub { put($file, $bad) }], ['none', sub { unlink $file }]) {
		my ($name, $break) = @$_;

		$break->();
		my $log = logged(sub { each_answers(200, "$name: its home serves on", create($fast)) });

		is(scalar(grep { /settings\.json: client_secret_file/ } split /\n/, $log), 2,
			'... each worker says what is wrong') or diag $log;
		unlike($log, qr/\Q$good\E|and another/, '... and the log has no secret');
		like(ready()->json->{addons}, qr/not in force/, '... and /ready reports it');
		put($file, "another-$good\n");
		each_answers(200, '... a valid one is', create($fast));
		is(ready()->json->{addons}, 'ok', '... and the host is ready');
	}
	unlink $fast->home . '/settings.json';
	each_answers(200, 'it is needed no more', create($fast));
};

subtest 'a home is added' => sub {
	my $new = addon($host, 'new-db', base_url => 'https://localhost/new/heroku/resources');

	each_answers(200, 'it serves', create($new));
	each_answers(200, 'so do the others', create($other));
	is(ready()->json->{addons}, 'ok', '... and the host is ready');
	remove_tree($new->home);
	each_answers(200, 'it is removed, and serves as before', create($new));
	each_answers(200, 'the others stay', create($other));
	like(ready()->json->{addons}, qr/^ok, but/, '... and the host reports it');
	$new->write;
	each_answers(200, 'it comes back', create($new));
	is(ready()->json->{addons}, 'ok', '... and the add-ons are in order');
};

subtest 'a home that was removed comes back' => sub {
	my $id = uuid();
	my $first = $fast->provision(uuid => $id);

	rename $fast->home, $host->home . '/aside';
	my $log = logged(sub { each_answers(200, 'it serves as before', create($fast)) });
	like($log, qr{/fast-db: is missing, and fast-db stays in force}, '... and the log names it');
	same_bytes($_, $first, 'its resources get their first response')
		for of_each(sub { $fast->provision(uuid => $id) });
	rename $host->home . '/aside', $fast->home;
	same_bytes($_, $first, 'its resources get their first response')
		for of_each(sub { $fast->provision(uuid => $id) });
};

subtest 'a marketplace is added' => sub {
	my $folder = $host->addons_dir . '/herokuu';

	mkdir $folder;
	my $log = logged(sub { each_answers(200, 'of a wrong name: the others serve', create($fast)) });

	like($log, qr/herokuu: .*not the name of a marketplace.*rename/, 'the log has the remedy');
	rmdir $folder;
	each_answers(401, 'it is gone', sub {
		$client->request(method => 'POST', path => $fast->path,
			as => 'stranger:and a password', body => '{}');
	});
};

# Ways to break a home, with the log line: file, field and remedy.
my @broken = (
	[ 'a weak password', qr/addon-manifest\.json: api\.password .*use a random string/,
		sub { rewrite($fast, api => { password => 'CHANGEME' }) } ],
	[ 'half a manifest', qr/addon-manifest\.json: .*not valid JSON: line 1/,
		sub { $fast->write_file('addon-manifest.json', '{"id":"fast-db",') } ],
	[ 'no manifest', qr/addon-manifest\.json: cannot be read/,
		sub { unlink $fast->home . '/addon-manifest.json' } ],
	[ 'a misspelled setting', qr/settings\.json: sesion .*correct its spelling/,
		sub { $fast->write_file('settings.json', { sesion => '8h' }) } ],
	[ 'an unknown reference', qr/template\.json: message .*\$\{planet\}/,
		sub { $fast->write_file('template.json', '{"message":"on ${planet}"}') } ],
	[ 'an undeclared config var', qr/template\.json: config\.OTHER_URL .*config_vars/,
		sub { $fast->write_file('template.json', { config => { OTHER_URL => 'https://x' } }) } ],
	[ 'no listener', qr/heroku\/fast-db: .*add template\.json/,
		sub { unlink $fast->home . '/template.json' } ],
	[ 'a second listener', qr/heroku\/fast-db: .*both template\.json and hooks/,
		sub { $fast->write_file('hooks/provision', "#!/bin/sh\n", 0755) } ],
);

my $password = $fast->password;

for (@broken) {
	my ($name, $words, $break) = @$_;

	subtest "$name: the old version stays in force" => sub {
		my ($id, $of_other) = (uuid(), uuid());
		my $first = $fast->provision(uuid => $id);

		$break->();
		my $log = logged(sub { each_answers(200, 'provisions succeed', create($fast)) });

		is(scalar(grep { /$words/ } split /\n/, $log), 2,
			'each worker says once where, what and how to mend it') or diag $log;
		unlike($log, qr/CHANGEME|\Q$password\E/, 'the log has no secret');
		same_bytes($_, $first, 'a repeated request gets its first response')
			for of_each(sub { $fast->provision(uuid => $id) });
		is($fast->change_plan($id, 'premium')->status, 200, 'a plan change succeeds');
		is($fast->deprovision($id)->status, 204, 'a deprovision succeeds');
		each_answers(401, 'a wrong password stays wrong', sub {
			$client->request($fast->provision_request(uuid => uuid()), as => 'fast-db:CHANGEME');
		});
		each_answers(200, 'the other home serves', create($other));

		my $ready = ready();

		is($ready->status, 200, 'the host is ready');
		like($ready->json->{addons}, qr/\Aok, but a change is not in force: /,
			'... and tells of a change that is broken');

		$fast = rewrite($fast, api => { password => $password });
		each_answers(200, 'repaired it serves', create($fast));
		is_deeply(ready()->json, { status => 'ok', database => 'ok', settings => 'ok', addons => 'ok',
			keys => 'ok', listeners => 'ok', jobs => 'ok' },
			'... and the host is ready');
	};
}

subtest 'a repaired home is in force' => sub {
	my $before = $fast;

	$fast->write_file('addon-manifest.json', '{');
	each_answers(200, 'the old password works', create($before));
	$fast = rewrite($fast, api => { password => 'the password after the repair, of some length' });
	each_answers(200, 'the new one works', create($fast));
	each_answers(401, 'the old one does not', create($before));
};

subtest 'a second home for the same path and user is refused' => sub {
	my $twin = addon($host, 'a-twin', manifest => { id => 'fast-db' });
	my $log = logged(sub { each_answers(200, 'the first one serves', create($fast)) });

	like($log, qr/a-twin and \S*fast-db: .*remove one/, 'the log names both');
	each_answers(503, 'the second one gets 503', create($twin));
	remove_tree($twin->home);
	each_answers(401, 'it is removed', create($twin));
	each_answers(200, 'the first one still serves', create($fast));
};

subtest 'without the folder of homes all of them stay in force' => sub {
	my $log = logged(sub {
		rename $host->addons_dir, $host->home . '/aside';
		each_answers(200, 'one', create($fast));
		each_answers(200, 'and the other', create($other));
	});

	like($log, qr{/addons: cannot be read}, 'the log has the reason');
	is(ready()->status, 200, 'the host is ready');
	rename $host->home . '/aside', $host->addons_dir;
	each_answers(200, 'when it is back all is as before', create($fast));
	is(ready()->json->{addons}, 'ok', 'all homes are valid');
};

subtest 'workers that start with a broken home' => sub {
	$fast->write_file('template.json', '{');
	each_answers(200, 'the workers know it', create($fast));

	my %before = map { $_ => 1 } workers($host);

	kill KILL => keys %before;
	ok(wait_for(10, sub { 3 == grep { !$before{$_} } workers($host) }),
		'other workers take their place');
	@api_workers = api_workers();
	is(scalar @api_workers, 2, 'two workers run');
	refuses($_, 503, 'the broken home is answered 503') for of_each(create($fast));
	each_answers(401, 'a wrong password is wrong', sub {
		$client->request($fast->provision_request(uuid => uuid()), as => 'fast-db:wrong');
	});
	each_answers(200, 'the other home serves', create($other));
	ok(wait_for(5, sub { ready()->status == 503 }), 'the host is not ready');
	like(ready()->json->{addons}, qr/1 of 3 invalid/, '/ready reports it');
	$fast = rewrite($fast, api => { password => $fast->password });
	each_answers(200, 'repaired it serves, without restart', create($fast));
	is(ready()->status, 200, 'the host is ready');
	is_deeply([ sort { $a <=> $b } api_workers() ], [ sort { $a <=> $b } @api_workers ],
		'by the same workers');
};

# --- keys -------------------------------------------------------------------

my $keys = $host->env->{PROVISOR_KEYS};

# The id of the key that seals the config of a resource.
sub key_of {
	my ($id) = @_;
	my $row = row($host, "resources WHERE marketplace_id = '$id'");

	return (split /\./, $row->{config})[1];
}

sub key {
	my ($id) = @_;

	return "$id:" . encode_base64(join '', map { chr rand 256 } 1 .. 32);
}

# Provision a resource with each worker.  Return the responses by id.
sub make_one_each {
	my %made;

	of_each(sub {
		my $id = uuid();

		return $made{$id} = $fast->provision(uuid => $id);
	});
	return %made;
}

sub each_opens {
	my (%made) = @_;

	for my $id (sort keys %made) {
		same_bytes($_, $made{$id}, '... a worker opens its config')
			for of_each(sub { $fast->provision(uuid => $id) });
	}
	return;
}

sub sealed_with {
	my (%made) = @_;

	return join ' ', uniq map { key_of($_) } keys %made;
}

my %of_first = make_one_each();

subtest 'a new first key seals' => sub {
	my ($first_key) = read_text($keys) =~ /\A([^:]+)/;

	is(sealed_with(%of_first), $first_key, 'the first key has sealed');
	put($keys, key(2) . read_text($keys));
	my %made;
	my $log = logged(sub { %made = make_one_each() });

	is(sealed_with(%made), '2', 'key 2 seals');
	like($log, qr/keys file is read again/, 'the log has the reason');
	each_opens(%made);
	each_opens(%of_first);
	%of_first = (%of_first, %made);
};

subtest 'a new last key opens' => sub {
	put($keys, read_text($keys) . key(3));
	my %made = make_one_each();

	is(sealed_with(%made), '2', 'key 2 seals');
	each_opens(%of_first);
};

# Ways to break the keys file, with the log line.
my @bad_keys = (
	[ 'a bad line', qr/keys: line 1 .*: correct the line/,
		sub { put($keys, "4:short\n" . $_[0]) } ],
	[ 'an empty file', qr/keys: contains no key/, sub { put($keys, '') } ],
	[ 'no file', qr/keys: cannot be read/, sub { unlink $keys } ],
	[ 'a file that all users can read', qr/keys: .*chmod 600/, sub { chmod 0644, $keys } ],
	[ 'keys of one id', qr/keys: line 4 /, sub { put($keys, $_[0] . key(2)) } ],
);

my $repaired = 4; # each host has one key of an id, so each repair has another id

for (@bad_keys) {
	my ($name, $words, $break) = @$_;

	subtest "$name: the old keys stay in force" => sub {
		my $good = read_text($keys);
		my %made;

		$break->($good);
		my $log = logged(sub { %made = make_one_each() });

		is(join(' ', uniq map { $_->status } values %made), 200, 'provisions succeed');
		is(sealed_with(%made), '2', '... and are sealed with the same key');
		is(scalar(grep { /$words/ } split /\n/, $log), 2,
			'each worker says once what is wrong') or diag $log;
		unlike($log, qr/\Q$_\E/, 'the log has no key')
			for map { /:(.*)=/ } split /\n/, $good;
		each_opens(%of_first, %made);
		put($keys, key($repaired) . $good);
		%made = make_one_each();
		is(sealed_with(%made), $repaired++, 'the repaired file is in force');
		each_opens(%of_first);
		put($keys, read_text($keys) =~ s/\A4:.*\n//r);
		put($keys, $good);
		of_each(create($other));
	};
}

# --- a rotation -------------------------------------------------------------

my $uses = 'provisor_old_secret_uses_total{marketplace="heroku",addon="fast-db"}';

# The log line of a request to each worker.
sub lines_of {
	my ($id, $ask) = @_;
	my $log = logged(sub { of_each($ask) });

	return grep { /\b\Q$id\E\b/ } split /\n/, $log;
}

subtest 'during a rotation both passwords are valid' => sub {
	my $before = $fast;
	my $uses_before = metric($uses);
	my $as = sub {
		my ($addon, $id) = @_;

		return sub {
			$client->request($addon->provision_request(uuid => uuid()), id => $id);
		};
	};

	$fast = rewrite($fast,
		api => { password => 'the password that is rotated in' },
		settings => { also_valid => { passwords => [ $before->password ] } });
	each_answers(200, 'the new one', create($fast));
	is(metric($uses), $uses_before, '... which is not counted');
	each_answers(200, 'the old one', create($before));
	is(metric($uses), $uses_before + 2, '... which is counted');
	each_answers(401, 'no other', sub {
		$client->request($fast->provision_request(uuid => uuid()), as => 'fast-db:wrong');
	});
	is(metric($uses), $uses_before + 2, '... which is not counted');

	my @new = lines_of('with-the-new', $as->($fast, 'with-the-new'));
	my @old = lines_of('with-the-old', $as->($before, 'with-the-old'));

	is(scalar(grep { / secret=old\b/ } @old), 2, 'the log line reports the old password') or diag @old;
	is(scalar @new, 2, 'the new password has log lines');
	is(scalar(grep { / secret=/ } @new), 0, '... without a note') or diag @new;
	is(metric($uses), $uses_before + 4, 'both uses are counted');

	unlink $fast->home . '/settings.json';
	each_answers(401, 'at the end the old one does not work', create($before));
	each_answers(200, 'the new one does', create($fast));
	is(metric($uses), $uses_before + 4, '... and the count is kept');
};

# --- metrics ----------------------------------------------------------------

subtest '/metrics has the format of Prometheus' => sub {
	my $answer = $ops->request(method => 'GET', path => '/metrics');
	my @lines = split /\n/, $answer->body;
	my $number = qr/[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf)/;
	my $label = qr/[a-z]+="(?:[^"\\\n]|\\[\\"n])*"/;
	my @odd = grep {
		!/\A# (?:HELP|TYPE) provisor_[a-z_]+ \S/
		&& !/\Aprovisor_[a-z_]+(?:\{$label(?:,$label)*\})? $number\z/;
	} @lines;

	is($answer->status, 200, 'the status');
	like($answer->header('content-type'), qr{\Atext/plain; version=0\.0\.4\b}, '... the type');
	is("@odd", '', '... and every line is well-formed');
	like($answer->body, qr/\n\z/, '... also the last one');
	is(scalar(uniq map { s/ \S+\z//r } grep { !/\A#/ } @lines), scalar(grep { !/\A#/ } @lines),
		'no sample stands twice');
	for my $edge (qw(3 25 +Inf)) {
		like($answer->body, qr/_bucket\{pool="api",operation="provision",le="\Q$edge\E"\} \d+$/m,
			"it has the edge $edge");
	}
	is($ops->request(method => 'HEAD', path => '/metrics')->body, '', 'HEAD has no body');
	is($https->request(method => 'GET', path => '/metrics')->status, 404,
		'the public cannot see it');
};

subtest 'promtool accepts /metrics' => sub {
	plan skip_all => 'promtool is not installed'
		if system('command -v promtool >/dev/null') != 0;
	my $answer = $ops->request(method => 'GET', path => '/metrics');

	open my $tool, '|-', 'promtool check metrics >/dev/null' or die "promtool: $!\n";
	print {$tool} $answer->body;
	ok(close $tool, 'its exit status');
};

subtest 'the requests of both pools are counted' => sub {
	my %sample = (
		provisioned => 'provisor_requests_total{pool="api",operation="provision",outcome="ok"}',
		refused => 'provisor_requests_total{pool="api",operation="provision",outcome="unauthenticated"}',
		gone => 'provisor_requests_total{pool="api",operation="deprovision",outcome="gone"}',
		timed => 'provisor_request_duration_seconds_count{pool="api",operation="provision"}',
		soon => 'provisor_request_duration_seconds_bucket{pool="api",operation="provision",le="25"}',
		elsewhere => 'provisor_requests_total{pool="web",operation="other",outcome="not-found"}',
	);
	my $id = uuid();
	my %before = map { $_ => metric($sample{$_}) } keys %sample;

	of_each(sub { $fast->provision(uuid => $id) }) for 1 .. 5;
	of_each(sub { $client->request($fast->provision_request(uuid => $id), as => 'fast-db:wrong') });
	$fast->deprovision($id) for 1 .. 3;
	$https->request(method => 'GET', path => '/nowhere');

	my %more = map { $_ => metric($sample{$_}) - $before{$_} } keys %sample;

	is_deeply(\%more, { provisioned => 10, refused => 2, gone => 2, timed => 12,
		soon => 12, elsewhere => 1 }, 'each request once');
};

subtest 'the counts of a worker outlive it' => sub {
	my $sample = 'provisor_requests_total{pool="api",operation="provision",outcome="ok"}';
	my $before = metric($sample);
	my %old = map { $_ => 1 } api_workers();

	is(metric('provisor_workers{pool="api"}'), 2, 'two workers of api run');
	is(metric('provisor_workers{pool="web"}'), 1, '... and one of web');
	kill KILL => keys %old;
	ok(wait_for(10, sub { 2 == grep { !$old{$_} } api_workers() }), 'two are replaced');
	each_answers(200, 'they serve', create($fast));
	is(metric($sample), $before + 2, 'they continue the counts');
	is(metric('provisor_workers{pool="api"}'), 2, 'two workers of api run');
	is(metric('provisor_workers{pool="web"}'), 1, '... and one of web');
};

is_unhurt($host);

done_testing;
