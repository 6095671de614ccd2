#!/usr/bin/perl
# provisor hook test runs a hook: what the hook gets, and what its answers mean.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Fcntl 'F_SETFD';
use JSON::PP ();
use POSIX ();
use Test::More;

use Provisor::HookTestCommand;
use Provisor::Files 'write_text';
use Provisor::Test 'ctl';

# ---- input ----

subtest 'a hook gets a document in one line' => sub {
	my $home = home_with('cat > told; echo {}');
	my $id = '01234567-89AB-cdef-0123-456789abcdef';
	my ($output, $errors, $ended) = test_hook($home, 'provision', '--plan', 'big',
		'--region', 'eu', '--option', 'size=1=2', '--option', 'empty=',
		'--config', 'OLD_URL=https://secret', '--id', $id, '--seconds', '5');

	is($ended, 0, 'the test succeeds');
	my $told = text_of("$home/told");
	my $shown = $told =~ s/"seconds":\d/"seconds":N/r
		=~ s/"deadline":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/"deadline":"T"/r;

	is($shown,
		'{"version":1,"action":"provision","key":"provision:' . lc($id)
		. '","attempt":1,"seconds":N,"deadline":"T","resource":{"id":"' . lc($id) . '","uuid":"'
		. lc($id) . '","marketplace":"heroku","addon":"hook-1","plan":"big",'
		. '"region":"eu","options":{"size":"1=2","empty":""},"owner":{},'
		. '"config":{"OLD_URL":"https://secret"},"state":"provisioning"}}' . "\n", 'the document');
	like($output, qr/^input .*"OLD_URL":"\(hidden\)"/m, 'config vars are hidden');
	unlike($output . $errors, qr/secret/, 'in the log too');
	is((stat "$home/told")[2] & 0777, 0600, 'other users cannot read its files');
};

subtest 'an id of the vendor' => sub {
	my $home = home_with('cat > told; echo "{\"id\":4711}"');

	like((test_hook($home))[0], qr/^verdict +done\nid +4711$/m, 'is printed');
	is((test_hook($home, 'provision', '--id', 'db-1'))[2], 0, 'a call can have one');
	like(text_of("$home/told"), qr/"resource":\{"id":"db-1","uuid":"[0-9a-f-]{36}"/, '... and a uuid');
};

subtest 'a plan change has two plans, and a sign-on has a user' => sub {
	my $home = home_with('exit 1', files => { map { ("hooks/$_" =>
		"#!/bin/sh\ncat > told; echo {}\n") } qw(provision change-plan sign-on) });

	is((test_hook($home, qw(change-plan --from small --plan big)))[2], 0, 'done');
	like(text_of("$home/told"), qr/"plan":"big","old_plan":"small"/, 'the document has both plans');
	is((test_hook($home, 'sign-on'))[2], 0, 'done');
	like(text_of("$home/told"), qr/"user":\{"id":".*?","email":".*?@/, 'the document has a user');
};

subtest 'a made-up token, if settings.json wants one' => sub {
	my $secret = $host->home . '/client-secret';

	write_text($secret, "the-client-secret\n");
	my $home = home_with('', settings => { client_secret_file => $secret, platform => JSON::PP::true() },
		files => { map { ("hooks/$_" => "#!/bin/sh\ncat > told; echo {}\n") } qw(provision deprovision) });
	my ($output) = test_hook($home);
	my $platform = qr{"platform":\{"url":"https://localhost:1","access_token":"HRKU-01234567-89ab-cdef-0123-456789abcdef","expires_at":"20[0-9TZ:-]+"\}};

	like(text_of("$home/told"), $platform, 'the hook gets it');
	like($output, qr/^input .*$platform/m, '... and the output shows it');
	is((test_hook($home, 'deprovision'))[2], 0, 'a deprovision');
	unlike(text_of("$home/told"), qr/platform/, '... has none: the grant has ended');
};

subtest 'a hook inherits nothing from the pool and the caller' => sub {
	my $home = home_with('', files => { 'hooks/provision' => <<'PERL' });
#!/usr/bin/perl
opendir my $list, '/proc/self/fd';
my @open = readdir $list;
closedir $list;
@open = sort grep { readlink "/proc/self/fd/$_" } @open;
open my $status, '<', '/proc/self/status';
my %status = map { /^(\w+):\s+(.*)/ } <$status>;
open my $told, '>', "$ENV{HOME}/told";
print $told join("\n", map({ "$_=$ENV{$_}" } sort keys %ENV),
	"descriptors @open",
	"blocked " . hex($status{SigBlk}),
	# Perl itself ignores SIGFPE, and the C library reserves 32 and 33.
	"ignored " . (hex($status{SigIgn}) & ~0x180000080),
	"terminal " . (open(my $tty, '<', '/dev/tty') ? 'yes' : 'no'),
	"folder " . (readlink('/proc/self/cwd') eq $ENV{HOME} ? 'home' : 'other'),
	"words @ARGV"), "\n";
print "{}\n";
PERL
	pipe my $in, my $out or die "$!\n";
	fcntl $_, F_SETFD, 0 for $in, $out;
	local $SIG{PIPE} = 'IGNORE';
	my $blocked = POSIX::SigSet->new(POSIX::SIGTERM(), POSIX::SIGUSR1());
	my $before = POSIX::SigSet->new;
	$host->stop_pool('hooks');
	POSIX::sigprocmask(POSIX::SIG_BLOCK(), $blocked, $before);
	local @ENV{qw(PGPASSWORD LD_LIBRARY_PATH)} = qw(secret /nowhere);
	$host->start_hooks;
	my (undef, undef, $ended) = test_hook($home);
	POSIX::sigprocmask(POSIX::SIG_SETMASK(), $before);

	is($ended, 0, 'the test succeeds');
	delete @ENV{qw(PGPASSWORD LD_LIBRARY_PATH)};
	$host->stop_pool('hooks');
	$host->start_hooks;
	is(text_of("$home/told"), <<"TEXT", 'except three variables');
HOME=$home
LANG=C.UTF-8
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
descriptors 0 1 2
blocked 0
ignored 0
terminal no
folder home
words 
TEXT
};

# ---- limits ----

subtest 'the limits are those of the pools' => sub {
	my $home = home_with('', files => { map { ("hooks/$_" =>
		"#!/bin/sh\ncat > told; echo {}\n") } qw(provision change-plan deprovision sign-on rotate) });
	my %limits = (provision => 30, 'change-plan' => 30, deprovision => 120, rotate => 120, 'sign-on' => 3);

	for my $action (sort keys %limits) {
		my ($output) = ctl({ %{ $host->env }, PROVISOR_ANSWER_LIMIT => '40s', PROVISOR_JOB_LIMIT => '2min' },
			'hook', 'test', $home, $action);
		my ($seconds) = text_of("$home/told") =~ /"seconds":(\d+)/;
		ok(defined $seconds && $seconds <= $limits{$action} && $seconds >= $limits{$action} - 1,
			"$action has $limits{$action} s") or diag $output;
	}
};

# ---- answers ----

my @answers = (
	# name                                     script                                              verdict    output
	[ 'an empty answer',                  'exit 0',                                           'done',    qr/^ended +exit status 0.*^missing +config var PREFIX_URL, which/ms ],
	[ 'a config var that is declared',         'echo {\"config\":{\"PREFIX_URL\":\"https://x\"}}', 'done',    qr/^config +PREFIX_URL=\(hidden\)$/m ],
	[ 'null instead of a value',             'echo {\"message\":null,\"config\":null}',          'done',    qr/store/ ],
	[ 'a config var that is not declared',     'echo {\"config\":{\"OTHER\":\"v4lue\"}}',          'failed',  qr{hooks/provision: .*config\.OTHER is not in config_vars of .*addon-manifest\.json: add} ],
	[ 'a config var that is a number',         'echo {\"config\":{\"PREFIX_URL\":4711}}',          'failed',  qr/config\.PREFIX_URL must be a string/ ],
	[ 'an incomplete answer',                        'printf %s {\"config\":',                           'failed',  qr/is not valid JSON: line 1/ ],
	[ 'an answer and another line',                    'echo {}; echo hello',                              'failed',  qr/is not valid JSON: line 2/ ],
	[ 'an answer that is a list',              'echo []',                                          'failed',  qr/must be a JSON object/ ],
	[ 'a misspelled member',                   'echo {\"confg\":{}}',                              'failed',  qr/confg is unknown: correct its spelling/ ],
	[ 'a message of two lines',                'printf "%s" "{\"message\":\"a\\\\nb\"}"',           'failed',  qr/message must be a sentence/ ],
	[ 'a log drain without syslog_drain',                'echo {\"log_drain_url\":\"https://x\"}',           'failed',  qr/log_drain_url .*syslog_drain/ ],
	[ 'a refusal',                             'echo {\"message\":\"No.\"}; exit 65',              'refused', qr/^message +No\..*422/ms ],
	[ 'a refusal without a message',               'exit 65',                                          'refused', qr/^message +The add-on cannot/m ],
	[ 'a refusal with an incomplete answer',           'printf %s {\"message\"; exit 65',                  'failed',  qr/is not valid JSON/ ],
	[ 'pending with a time',      'echo {\"retry_after\":30}; exit 75',               'pending', qr/^retry after +30 s\n/m ],
	[ 'pending without a preference',           'echo {\"retry_after\":0}; exit 75',                'pending', qr/^verdict +pending\nthen /m ],
	[ 'pending for a day',                   'echo {\"retry_after\":86400}; exit 75',            'failed',  qr/retry_after must be a number of seconds up to 3600/ ],
	[ 'status 75 without retry_after',                   'exit 75',                                          'failed',  qr/without retry_after/ ],
	[ 'a failure',                             'echo {}; exit 1',                                  'failed',  qr/ended with exit status 1: / ],
	[ 'a failure for good',                    'exit 70',                                          'failed for good', qr/exit status 70.*for good/ ],
	[ 'a signal',                               'kill -9 $$',                                       'failed',  qr/was ended by signal 9 \(Killed\)/ ],
	[ 'a hook without standard output',        'exec >&-; sleep 0.1',                              'done',    qr/exit status 0/ ],
	[ 'an answer of 64 KiB',                   'printf "%65536s" {}',                              'done',    qr/exit status 0/ ],
	[ 'one byte more',                         'printf "%65537s" {}',                              'failed',  qr/wrote more than 64 KiB to standard output/ ],
	[ 'an endless answer',              'exec yes',                                         'failed',  qr/wrote more than 64 KiB to standard output/ ],
	[ 'a hook that misses its deadline',               'trap "" TERM; while :; do sleep 1; done',          'failed',  qr/ended by provisor, at its deadline.*took too long/s, '--seconds', 1 ],
	[ 'a hook that answers after SIGTERM', 'trap "echo {}; exit 0" TERM; while :; do sleep 0.1; done', 'failed', qr/took too long/, '--seconds', 1 ],
);

for (@answers) {
	my ($name, $script, $verdict, $told, @arguments) = @$_;

	subtest $name => sub {
		my $home = home_with($script =~ s/PREFIX/'HOOK_' . ($homes + 1)/er);
		my ($output, $errors, $ended) = test_hook($home, 'provision', @arguments);
		my $prefix = "HOOK_$homes";

		like($output, qr/^verdict +\Q$verdict\E$/m, $verdict);
		like($output =~ s/$prefix/PREFIX/gr, $told, 'the output explains it');
		is($ended, $verdict eq 'done' ? 0 : 1, 'the exit status agrees');
		unlike($output . $errors, qr/v4lue/, 'no value is printed');
		like($errors, qr/level=error.*\Q$home\E.*hooks\/provision/, 'the log has it')
			if $verdict =~ /failed/;
		has_no_processes($home, 'no process is left');
	};
}

subtest 'a hook that does not read its input' => sub {
	my $big = 'x' x 100_000;

	for my $script ('exec 0<&-; sleep 0.1; echo {}', 'echo {}') {
		my ($output, undef, $ended) = test_hook(home_with($script), 'provision',
			'--option', "big=$big");
		is($ended, 0, "succeeds: $script");
	}
	my $home = home_with('wc -c > told; echo {}');
	test_hook($home, 'provision', '--option', "big=$big");
	cmp_ok(text_of("$home/told"), '>', 100_000, 'a hook that reads gets all of it');
};

subtest 'a hook that is missing' => sub {
	my $home = home_with('exit 1');

	is((test_hook($home, $_))[2], 0, "$_ is done") for qw(deprovision sign-on);
	my ($output, undef, $ended) = test_hook($home, 'change-plan');
	is($ended, 1, 'change-plan fails');
	like($output, qr/refused.*The plan of this add-on cannot be changed\./s, 'as refused');
};

subtest 'the consequence of an answer depends on the action' => sub {
	my %statuses = (failed => 1, 'failed for good' => 70, pending => '75 {"retry_after":9}');

	for my $row (
		[ 'sign-on',     'failed',          'answer 503, and not repeat the call' ],
		[ 'sign-on',     'failed for good', 'answer 503, and not repeat the call' ],
		[ 'sign-on',     'pending',         'answer 503, and not repeat the call' ],
		[ 'provision',   'pending',         'answer 503, and repeat the call when the marketplace repeats its request' ],
		[ 'provision',   'failed',          'answer 503, and repeat the call when the marketplace repeats its request' ],
		[ 'change-plan', 'pending',         'answer 503, repeat the call, and change back unless the marketplace repeats its request' ],
		[ 'change-plan', 'failed',          'answer 503, and repeat the call when the marketplace repeats its request' ],
		[ 'deprovision', 'pending',         'repeat the call in 9 s' ],
		[ 'deprovision', 'failed',          'repeat the call, at growing intervals' ],
		[ 'rotate',      'pending',         'repeat the call in 9 s' ],
		[ 'provision',   'failed for good', 'answer 422, and call deprovision to clean up' ],
		[ 'change-plan', 'failed for good', 'answer 422, and leave the plan as it is' ],
		[ 'deprovision', 'failed for good', 'leave it to an operator' ],
		[ 'rotate',      'failed for good', 'leave the config vars as they are' ],
	) {
		my ($action, $verdict, $consequence) = @$row;
		my ($status, $answer) = split ' ', $statuses{$verdict}, 2;
		my $script = "#!/bin/sh\necho '" . ($answer // '{}') . "'; exit $status\n";
		my $home = home_with('exit 1', files => { map { ("hooks/$_" => $script) } 'provision', $action });

		like((test_hook($home, $action))[0], qr/^verdict +$verdict\n.*^then +provisor would \Q$consequence\E$/ms,
			"$action $verdict");
	}
};

subtest 'the time limit is that of the action' => sub {
	my $script = "#!/bin/sh\nexit 1\n";
	my $home = home_with('exit 1', files => { map { ("hooks/$_" => $script) } qw(provision sign-on rotate) });

	for ([ provision => 18 ], [ 'sign-on' => 3 ], [ rotate => 60 ]) {
		my ($action, $seconds) = @$_;

		like((test_hook($home, $action))[0], qr/^input .*"seconds":$seconds,/, "$action: $seconds s");
	}
	like((test_hook($home, qw(sign-on --seconds 5)))[0], qr/^input .*"seconds":5,/, 'unless --seconds is given');
};

subtest 'the overlap of a rotation' => sub {
	my $home = home_with('exit 1', files => { map { ("hooks/$_" => "#!/bin/sh\nexit 1\n") } qw(provision rotate) });

	like((test_hook($home, 'rotate'))[0], qr/^input .*"overlap":7200\}/m, 'it is that of provisor config rotate');
	like((test_hook($home, qw(rotate --overlap 90min)))[0], qr/^input .*"overlap":5400\}/m, 'unless --overlap is given');
};

subtest 'standard error in the log' => sub {
	my $home = home_with(<<'SH');
seq 1 5000 >&2
echo {}
SH
	my ($output, $errors, $ended) = test_hook($home);
	my $call = qr/action=provision attempt=1 addon=\S+ resource=\S+/;
	my @lines = $errors =~ /^.* level=info $call hook=\Q$home\E\/hooks\/provision msg=(.*)$/mg;

	is($ended, 0, 'a long output does no harm');
	is_deeply([ @lines[ 0, 99 ] ], [ 1, 100 ], 'each line is logged');
	is($lines[100], '"4900 more lines were dropped"', 'after the hundredth the rest is counted');
	is(@lines, 101, 'there are no more lines');

	$home = home_with(<<'SH');
head -c 5000 /dev/zero | tr '\0' x >&2; echo >&2
printf 'a\033[31m\001\377b' >&2
echo {}
SH
	(undef, $errors) = test_hook($home);
	like($errors, qr/msg=x{1024}\n.*msg="a\\x1b\[31m\\x01\?b"\n/, 'long lines are cut, and control characters are escaped');
};

done_testing;
