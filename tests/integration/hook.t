#!/usr/bin/perl
# A vendor's own code, as provisor hook test runs it: what it gets, what its
# answers mean, and that nothing of it is left behind, whoever is killed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Fcntl 'F_SETFD';
use File::Path 'make_path';
use IO::Handle;
use POSIX ();
use Test::More;

use Provisor::CGI 'run';
use Provisor::Child;
use Provisor::Test;

my $host = new_host();
my $provisor = build() . '/provisor';
my $patience = 20; # seconds, for what takes the grace of two

# Whatever we were started with.
$SIG{PIPE} = 'DEFAULT';

# A home with this shell script as its hooks/provision.
my $homes = 0;

sub home_with {
	my ($script, %what) = @_;

	return addon($host, 'hook-' . ++$homes, template => undef,
		files => { 'hooks/provision' => "#!/bin/sh\n$script\n" }, %what)->home;
}

# What the test of a hook prints, what it logs, and its exit status; -1, if it
# has none.
sub test_hook {
	my ($home, @arguments) = @_;
	my ($output, $errors, $ended) = run(
		program => [ $provisor, 'hook', 'test', $home,
			@arguments ? @arguments : 'provision' ],
		environment => {},
	);

	return ($output, $errors, $ended & 127 ? -1 : $ended >> 8);
}

sub text_of {
	my ($path) = @_;

	open my $file, '<', $path or return '';
	local $/;
	return scalar <$file> // '';
}

# The processes that a home's code has started, or that run it.
sub living {
	my ($home) = @_;
	my @found;

	for my $process (glob '/proc/[0-9]*') {
		next if $process eq "/proc/$$";
		next if text_of("$process/stat") =~ /\A\d+ \(.*\) [ZX]/s;
		my $environment = "\0" . text_of("$process/environ");
		my $words = text_of("$process/cmdline");

		push @found, $words =~ tr/\0/ /r
			if index("$environment\0", "\0HOME=$home\0") >= 0
			|| index($words, $home) >= 0;
	}
	return @found;
}

sub is_deserted {
	my ($home, $name) = @_;

	return ok(wait_for($patience, sub { !living($home) }), $name)
		|| diag(join "\n", living($home));
}

# ---- what it gets ----

subtest 'a hook is told all there is to know, in one line' => sub {
	my $home = home_with('cat > told; echo {}');
	my $id = '01234567-89AB-cdef-0123-456789abcdef';
	my ($output, $errors, $ended) = test_hook($home, 'provision', '--plan', 'big',
		'--region', 'eu', '--option', 'size=1=2', '--option', 'empty=',
		'--config', 'OLD_URL=https://secret', '--id', $id, '--seconds', '5');

	is($ended, 0, 'it is done');
	is(text_of("$home/told") =~ s/"seconds":\d/"seconds":N/r,
		'{"version":1,"action":"provision","key":"provision:' . lc($id)
		. '","attempt":1,"seconds":N,"resource":{"id":"' . lc($id) . '","uuid":"'
		. lc($id) . '","marketplace":"heroku","addon":"hook-1","plan":"big",'
		. '"region":"eu","options":{"size":"1=2","empty":""},"owner":{},'
		. '"config":{"OLD_URL":"https://secret"}}}' . "\n", 'the document');
	like($output, qr/^asked .*"OLD_URL":"\(hidden\)"/m, 'config vars are hidden');
	unlike($output . $errors, qr/secret/, 'all of them');
	is((stat "$home/told")[2] & 0777, 0600, 'its files are its own');
};

subtest 'a change of plan has two plans, a sign-on has a user' => sub {
	my $home = home_with('exit 1', files => { map { ("hooks/$_" =>
		"#!/bin/sh\ncat > told; echo {}\n") } qw(provision change-plan sign-on) });

	is((test_hook($home, qw(change-plan --from small --plan big)))[2], 0, 'done');
	like(text_of("$home/told"), qr/"plan":"big","old_plan":"small"/, 'both are told');
	is((test_hook($home, 'sign-on'))[2], 0, 'done');
	like(text_of("$home/told"), qr/"user":\{"id":".*?","email":".*?@/, 'so is who comes');
};

subtest 'nothing of ours comes with it' => sub {
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
	# SIGFPE is perl's own doing; 32 and 33 are the C library's, and out of reach.
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
	POSIX::sigprocmask(POSIX::SIG_BLOCK(), $blocked, $before);
	my (undef, undef, $ended) = run(
		program => [ $provisor, 'hook', 'test', $home, 'provision' ],
		environment => { PGPASSWORD => 'secret', LD_LIBRARY_PATH => '/nowhere' },
	);
	POSIX::sigprocmask(POSIX::SIG_SETMASK(), $before);

	is($ended, 0, 'it is done');
	is(text_of("$home/told"), <<"TEXT", 'but for three variables');
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

# ---- what it answers ----

my @answers = (
	# name                                     script                                              verdict    what is told
	[ 'nothing is an answer',                  'exit 0',                                           'done',    qr/^ended +exit status 0/m ],
	[ 'a config var that is declared',         'echo {\"config\":{\"PREFIX_URL\":\"https://x\"}}', 'done',    qr/^config +PREFIX_URL=\(hidden\)$/m ],
	[ 'null is as good as absent',             'echo {\"message\":null,\"config\":null}',          'done',    qr/store/ ],
	[ 'a config var that is not declared',     'echo {\"config\":{\"OTHER\":\"v4lue\"}}',          'failed',  qr{hooks/provision: .*config\.OTHER is not in the manifest: add} ],
	[ 'a config var that is a number',         'echo {\"config\":{\"PREFIX_URL\":4711}}',          'failed',  qr/config\.PREFIX_URL must be a text/ ],
	[ 'half an answer',                        'printf %s {\"config\":',                           'failed',  qr/is not proper JSON: line 1/ ],
	[ 'an answer and more',                    'echo {}; echo hello',                              'failed',  qr/is not proper JSON: line 2/ ],
	[ 'an answer that is a list',              'echo []',                                          'failed',  qr/must be a JSON object/ ],
	[ 'a misspelled member',                   'echo {\"confg\":{}}',                              'failed',  qr/confg is unknown: correct its spelling/ ],
	[ 'a message of two lines',                'printf "%s" "{\"message\":\"a\\\\nb\"}"',           'failed',  qr/message must be a sentence/ ],
	[ 'a log drain for nobody',                'echo {\"log_drain_url\":\"https://x\"}',           'failed',  qr/log_drain_url .*syslog_drain/ ],
	[ 'a refusal',                             'echo {\"message\":\"No.\"}; exit 65',              'refused', qr/^message +No\..*422/ms ],
	[ 'a refusal without words',               'exit 65',                                          'refused', qr/^message +The add-on cannot/m ],
	[ 'a refusal in half an answer',           'printf %s {\"message\"; exit 65',                  'failed',  qr/is not proper JSON/ ],
	[ 'not ready, and when to ask again',      'echo {\"retry_after\":30}; exit 75',               'pending', qr/again in 30 s/ ],
	[ 'not ready, whenever we like',           'echo {\"retry_after\":0}; exit 75',                'pending', qr/again after a while/ ],
	[ 'not ready for a day',                   'echo {\"retry_after\":86400}; exit 75',            'failed',  qr/retry_after must be a number of seconds up to 3600/ ],
	[ 'status 75 by itself',                   'exit 75',                                          'failed',  qr/without retry_after/ ],
	[ 'a failure',                             'echo {}; exit 1',                                  'failed',  qr/ended with exit status 1: / ],
	[ 'a failure for good',                    'exit 70',                                          'failed for good', qr/exit status 70.*for good/ ],
	[ 'a death',                               'kill -9 $$',                                       'failed',  qr/was ended by signal 9 \(Killed\)/ ],
	[ 'a hook without standard output',        'exec >&-; sleep 0.1',                              'done',    qr/exit status 0/ ],
	[ 'an answer of 64 KiB',                   'printf "%65536s" {}',                              'done',    qr/exit status 0/ ],
	[ 'one byte more',                         'printf "%65537s" {}',                              'failed',  qr/wrote more than 64 KiB to standard output/ ],
	[ 'an answer without an end',              'exec yes',                                         'failed',  qr/wrote more than 64 KiB to standard output/ ],
	[ 'a hook that has no time',               'trap "" TERM; while :; do sleep 1; done',          'failed',  qr/ended by us, at its deadline.*took too long/s, '--seconds', 1 ],
	[ 'one that ends well when it is told to', 'trap "echo {}; exit 0" TERM; while :; do sleep 0.1; done', 'failed', qr/took too long/, '--seconds', 1 ],
);

for (@answers) {
	my ($name, $script, $verdict, $told, @arguments) = @$_;

	subtest $name => sub {
		my $home = home_with($script =~ s/PREFIX/'HOOK_' . ($homes + 1)/er);
		my ($output, $errors, $ended) = test_hook($home, 'provision', @arguments);
		my $prefix = "HOOK_$homes";

		like($output, qr/^verdict +\Q$verdict\E$/m, $verdict);
		like($output =~ s/$prefix/PREFIX/gr, $told, 'and so it is told');
		is($ended, $verdict eq 'done' ? 0 : 1, 'by the exit status, too');
		unlike($output . $errors, qr/v4lue/, 'without any value');
		like($errors, qr/level=error.*\Q$home\E.*hooks\/provision/, 'the log has it')
			if $verdict =~ /failed/;
		is_deserted($home, 'nothing of it is left');
	};
}

subtest 'an input that nobody reads' => sub {
	my $big = 'x' x 100_000;

	for my $script ('exec 0<&-; sleep 0.1; echo {}', 'echo {}') {
		my ($output, undef, $ended) = test_hook(home_with($script), 'provision',
			'--option', "big=$big");
		is($ended, 0, "is no failure: $script");
	}
	my $home = home_with('wc -c > told; echo {}');
	test_hook($home, 'provision', '--option', "big=$big");
	cmp_ok(text_of("$home/told"), '>', 100_000, 'and who reads gets all of it');
};

subtest 'a hook without a file' => sub {
	my $home = home_with('exit 1');

	is((test_hook($home, $_))[2], 0, "$_ is done") for qw(deprovision sign-on);
	my ($output, undef, $ended) = test_hook($home, 'change-plan');
	is($ended, 1, 'change-plan is not');
	like($output, qr/refused.*The plan of this add-on cannot be changed\./s, 'but refused');
};

subtest 'what it says to the log' => sub {
	my $home = home_with(<<'SH');
seq 1 5000 >&2
echo {}
SH
	my ($output, $errors, $ended) = test_hook($home);
	my @lines = $errors =~ /^.* level=info hook=\Q$home\E\/hooks\/provision message=(.*)$/mg;

	is($ended, 0, 'is no matter how much');
	is_deeply([ @lines[ 0, 99 ] ], [ 1, 100 ], 'is there, line by line');
	is($lines[100], '"4900 more lines were dropped"', 'up to the hundredth');
	is(@lines, 101, 'and no more');

	$home = home_with(<<'SH');
head -c 5000 /dev/zero | tr '\0' x >&2; echo >&2
printf 'a\033[31m\001\377b' >&2
echo {}
SH
	(undef, $errors) = test_hook($home);
	like($errors, qr/message=x{1024}\n.*message="a\\x1b\[31m\\x01\?b"\n/, 'is cut and made safe');
};

# ---- what can be run ----

sub mode {
	my ($home, $mode, $name) = @_;

	chmod $mode, "$home/$name" or die "$name: $!\n";
	return $home;
}

my @useless = (
	# name                              what is wrong                                              how
	[ 'a file that is no program',       qr{hooks/provision: is no program: begin it with a line}, sub { home_with('', files => { 'hooks/provision' => "echo {}\n" }) } ],
	[ 'an interpreter nobody has',       qr{hooks/provision: its first line names /bin/nothing},   sub { home_with('', files => { 'hooks/provision' => "#! /bin/nothing -x\n" }) } ],
	[ 'a hook that is not executable',   qr{hooks/provision: cannot be run: chmod \+x},            sub { mode(home_with(''), 0644, 'hooks/provision') } ],
	[ 'another that is not executable',  qr{hooks/sign-on: cannot be run: chmod \+x},              sub { mode(home_with('', files => { map { ("hooks/$_", "#!/bin/sh\n") } qw(provision sign-on) }), 0644, 'hooks/sign-on') } ],
	[ 'no provision',                    qr{hooks/provision: is missing: put it there},            sub { home_with('', files => { 'hooks/deprovision' => "#!/bin/sh\n" }) } ],
	[ 'a hook that is a folder',         qr{hooks/provision: must be a file},                      sub { home_with('', files => { 'hooks/provision/x' => '' }) } ],
	[ 'hooks that are a file',           qr{hooks: must be a folder},                              sub { home_with('', files => { 'hooks' => '' }) } ],
	[ 'a hook others can change',        qr{hooks/provision: others .*\(mode 0775\): chmod go-w},  sub { mode(home_with(''), 0775, 'hooks/provision') } ],
	[ 'a neighbour others can change',   qr{hooks/library: others .*\(mode 0662\): chmod go-w},    sub { mode(home_with('', files => { map { ("hooks/$_", "#!/bin/sh\n") } qw(provision library) }), 0662, 'hooks/library') } ],
	[ 'hooks others can change',         qr{/hooks: others .*: chmod go-w},                        sub { mode(home_with(''), 0777, 'hooks') } ],
	[ 'a home others can change',        qr{hook-\d+: others .*: chmod go-w},                      sub { mode(home_with(''), 0775, '.') } ],
	[ 'a link to where others can write', qr{/tmp: others .*: chmod go-w},                         sub {
		my $home = home_with('');
		rename "$home/hooks/provision", $host->home . '/provision' or die "$!\n";
		symlink $host->home . '/provision', "$home/hooks/provision" or die "$!\n";
		return $home;
	} ],
	[ 'a link to nowhere',               qr{hooks/provision: is a link to nowhere},                sub {
		my $home = home_with('');
		unlink "$home/hooks/provision";
		symlink '/nowhere', "$home/hooks/provision" or die "$!\n";
		return $home;
	} ],
	[ 'a template',                      qr{template\.json, which runs no code},                   sub { addon($host, 'hook-' . ++$homes)->home } ],
	[ 'no home',                         qr{/nowhere: there is no such folder},                    sub { '/nowhere' } ],
);

push @useless, [ 'a hook of a foreign user', qr{hooks/provision: its owner, user 65534, .*: chown},
	sub { my $home = home_with(''); chown 65_534, 65_534, "$home/hooks/provision"; $home } ]
	if $> == 0;

for (@useless) {
	my ($name, $words, $make) = @$_;
	my ($output, $errors, $ended) = test_hook($make->());

	like($errors, qr/^provisor: .*$words/m, "$name is told");
	is($output, '', '... and not run');
	is($ended, 1, '... which is an error');
}

subtest 'an executable that is no hook' => sub {
	my $home = home_with('', files => { map { ("hooks/$_", "#!/bin/sh\n") } qw(provision change_plan) });
	my (undef, $errors, $ended) = test_hook($home);

	is($ended, 0, 'does no harm');
	like($errors, qr{warning: \S+hooks/change_plan: is never run: hooks are called}, 'but may be misspelled');
	mode($home, 0644, 'hooks/change_plan');
	is((test_hook($home))[1], '', 'if it is executable');
};

subtest 'words that are none' => sub {
	my $home = home_with('');
	my @wrong = (
		[ qr/"upgrade": write provision/, 'upgrade' ],
		[ qr/--id 4711: write a UUID/, qw(provision --id 4711) ],
		[ qr/--seconds 0: write a number/, qw(provision --seconds 0) ],
		[ qr/--option a: write NAME=VALUE/, qw(provision --option a) ],
		[ qr/--config a=2: .*each NAME once/, qw(provision --config a=1 --config a=2) ],
	);
	for (@wrong) {
		my ($words, @arguments) = @$_;
		my (undef, $errors, $ended) = test_hook($home, @arguments);
		like($errors, $words, "@arguments");
		is($ended, 2, '... is a mistake of usage');
	}
};

# ---- what is left behind ----

# They all hold the pipes of the hook open, and the stubborn ones ignore SIGTERM.
my $children = <<'SH';
sleep 1000 &
setsid sleep 1000 &
(setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' &)
perl -MPOSIX -e 'fork and exit; setsid; fork and exit; chdir "/"; sleep 1000'
cat /dev/zero | sleep 1000 &
SH

subtest 'children that go on when the hook has ended' => sub {
	my $home = home_with("$children echo {}");
	my ($output, undef, $ended) = test_hook($home);

	is($ended, 0, 'do not keep the answer');
	like($output, qr/^left behind /m, 'are told');
	is_deserted($home, 'and ended');
};

subtest 'children of a hook that is late' => sub {
	my $home = home_with("$children trap '' TERM; while :; do sleep 1; done");
	my ($output, undef, $ended) = test_hook($home, qw(provision --seconds 1));

	like($output, qr/took too long/, 'it is told');
	is_deserted($home, 'all are ended');
};

subtest 'before they are killed they are told' => sub {
	my $home = home_with(<<'SH');
setsid sh -c 'trap "echo > stray; exit" TERM; echo > ready; while :; do sleep 0.1; done' &
trap 'echo > hook; exit' TERM
while :; do sleep 0.1; done
SH
	test_hook($home, qw(provision --seconds 1));
	is_deserted($home, 'and end');
	ok(-e "$home/$_", "the $_ has heard it") for qw(ready hook stray);
};

subtest 'a hook that forks and forks' => sub {
	my $home = home_with(<<'SH');
bomb() { i=0; while [ $i -lt 6 ]; do setsid "$0" $((${1:-0} + 1)) & i=$((i + 1)); done; }
trap '' TERM
[ "${1:-0}" -lt 3 ] && bomb "$1"
while :; do sleep 1; done
SH
	like((test_hook($home, qw(provision --seconds 1)))[0], qr/took too long/, 'is late');
	is_deserted($home, 'and gone with all its 259 kind');
};

# Starts a test of a hook that writes its parent into "started", and waits for
# that.  Returns the process of the test, and the hook's supervisor.
sub begin {
	my ($home) = @_;
	my $caller = Provisor::Child->start(sub {
		open STDOUT, '>', "$home/output";
		open STDERR, '>', "$home/errors";
		exec $provisor, 'hook', 'test', $home, 'provision', '--seconds', 3600;
	});

	wait_for($patience, sub { text_of("$home/started") =~ /\n/ })
		or die "the hook does not start\n";
	my ($supervisor) = text_of("$home/started") =~ /(\d+)/;
	return ($caller, $supervisor);
}

my $endless = "$children echo \$PPID > started; trap '' TERM; while :; do sleep 1; done";

subtest 'the caller is killed' => sub {
	my $home = home_with($endless);
	my ($caller) = begin($home);

	$caller->stop('KILL');
	is_deserted($home, 'the hook and its children are ended');
};

subtest 'the supervisor is killed' => sub {
	my $home = home_with($endless);
	my ($caller, $supervisor) = begin($home);

	isnt($supervisor, $caller->pid, 'there is one');
	kill KILL => $supervisor;
	is($caller->finish($patience) >> 8, 1, 'the caller notices');
	like(text_of("$home/output"), qr/process that watched over it was killed/, 'says so');
	is_deserted($home, 'and ends the hook and its children');
};

subtest 'both are killed' => sub {
	my $home = home_with('echo $PPID > started; exec sleep 1000');
	my ($caller, $supervisor) = begin($home);

	kill STOP => $caller->pid;
	kill KILL => $supervisor;
	$caller->stop('KILL');
	is_deserted($home, 'the hook itself is ended even so');
};

subtest 'the supervisor holds nothing of its caller' => sub {
	my $home = home_with('echo $PPID > started; while [ ! -e go ]; do sleep 0.1; done; echo {}');
	pipe my $in, my $out or die "$!\n";
	fcntl $_, F_SETFD, 0 for $in, $out;
	my ($caller, $supervisor) = begin($home);
	my $ours;

	ok(wait_for($patience, sub {
		my %held = map { $_ => readlink("/proc/$supervisor/fd/$_") // '' }
			map { m{(\d+)\z} } glob "/proc/$supervisor/fd/*";
		$ours = readlink '/proc/self/fd/' . fileno $in;
		join(' ', @held{0 .. 2}) eq '/dev/null /dev/null /dev/null'
			&& keys %held <= 6 && !grep { $_ eq $ours } values %held;
	}), 'but a lifeline and a way to report');
	open my $go, '>', "$home/go";
	is($caller->finish($patience), 0, 'and the hook ends well');
};

subtest 'the supervisor is told to end' => sub {
	my $home = home_with('echo $PPID > started; while [ ! -e go ]; do sleep 0.1; done; echo {}');
	my ($caller, $supervisor) = begin($home);

	kill $_ => $supervisor for qw(TERM INT HUP QUIT USR1);
	open my $go, '>', "$home/go";
	is($caller->finish($patience), 0, 'it does not, and the hook ends well');
};

# ---- a library ----

my $headers = $host->home . '/include';
make_path("$headers/provisor");
symlink "$FindBin::Bin/../../lib/listener.h", "$headers/provisor/listener.h" or die "$!\n";

# A home with a listener.so of this source.
sub library {
	my ($source) = @_;
	my $addon = addon($host, 'hook-' . ++$homes, template => undef);
	my $home = $addon->home;

	$addon->write_file('listener.c', "#include <provisor/listener.h>\n#include <stdio.h>\n"
		. "#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n$source");
	system('cc', '-shared', '-fPIC', "-I$headers", '-o', "$home/listener.so",
		"$home/listener.c") == 0 or die "cc failed\n";
	chmod 0755, "$home/listener.so";
	return $home;
}

# One whose provision has this body.
sub provisioning {
	my ($body) = @_;

	return library(<<"C");
static enum provisor_verdict provision(const struct provisor_call *call,
		struct provisor_answer *answer)
{
	(void)call, (void)answer;
	$body
}
const struct provisor_listener provisor_listener = {
	.version = PROVISOR_LISTENER_VERSION,
	.provision = provision,
};
C
}

subtest 'a library rotates, if it can' => sub {
	my $rotating = library(<<'C');
static enum provisor_verdict rotate(const struct provisor_call *call,
		struct provisor_answer *answer)
{
	static struct provisor_pair config[2];

	config[0] = (struct provisor_pair){ strdup(call->resource->config->name),
		call->overlap == 7200 ? "new" : "odd" };
	answer->config = config;
	return PROVISOR_DONE;
}
static enum provisor_verdict provision(const struct provisor_call *call,
		struct provisor_answer *answer)
{
	(void)call, (void)answer;
	return PROVISOR_DONE;
}
const struct provisor_listener provisor_listener = {
	.version = PROVISOR_LISTENER_VERSION,
	.provision = provision,
	.rotate = rotate,
};
C
	my $url = "HOOK_${homes}_URL";
	my ($output, $errors, $ended) = test_hook($rotating, 'rotate', '--config', "$url=old", '--reveal');

	is($ended, 0, 'it is done') || diag $output . $errors;
	like($output, qr/^config +$url=new$/m, 'with new credentials');
	($output) = test_hook(provisioning('return PROVISOR_DONE;'), 'rotate');
	like($output, qr/^verdict +refused\nmessage +The credentials of this add-on cannot be rotated\.$/m,
		'where it cannot, it is refused');
	($output) = test_hook(home_with('exit 1'), 'rotate');
	like($output, qr/^verdict +refused\nmessage +The credentials/m, 'as without the hook');
};

subtest 'a library is told what a hook is' => sub {
	my $home = provisioning(<<'C');
	FILE *told = fopen("told", "w");
	const struct provisor_resource *r = call->resource;
	static struct provisor_pair config[3];

	fprintf(told, "%s %s %s %s %s %s %s\n", r->id, r->uuid, r->marketplace,
		r->plan, r->region, r->name ? r->name : "-", call->user ? "user" : "-");
	for (const struct provisor_pair *p = r->options; p->name; p++)
		fprintf(told, "%s=%s\n", p->name, p->value);
	fprintf(told, "%s %d %d\n", call->key, call->attempt, call->seconds > 0);
	fprintf(told, "%s\n", getcwd(malloc(4096), 4096));
	fclose(told);
	puts("noise in the standard output");
	fflush(stdout);
	write(1, "noise\n", 6);
	config[0] = (struct provisor_pair){ getenv("HOME")[0] ? "PREFIX_URL" : "", "https://x" };
	answer->config = config;
	answer->message = "Well \"made\".";
	return PROVISOR_DONE;
C
	my $prefix = "HOOK_$homes";
	my $source = text_of("$home/listener.c") =~ s/PREFIX/$prefix/r;
	open my $file, '>', "$home/listener.c";
	print $file $source;
	close $file;
	system('cc', '-shared', '-fPIC', "-I$headers", '-o', "$home/listener.so", "$home/listener.c");
	my $id = uuid();
	my ($output, $errors, $ended) = test_hook($home, qw(provision --plan big --region eu --option a=b --id), $id);

	is($ended, 0, 'it is done');
	like($output, qr/^config +${prefix}_URL=.*^message +Well "made"\.$/ms, 'and its answer arrives');
	is(text_of("$home/told"), "$id $id heroku big eu - -\na=b\nprovision:$id 1 1\n$home\n", 'it was told all');
	like($errors, qr/message="noise in the.*message=noise/s, 'what it prints goes to the log');
	is((test_hook($home, 'deprovision'))[2], 0, 'a deprovision that it lacks is done');
	like((test_hook($home, 'change-plan'))[0], qr/refused.*cannot be changed/s, '... a change-plan refused');
};

my @libraries = (
	# name                         body                                                                 verdict    what is told
	[ 'a refusal',                  'answer->message = "No."; return PROVISOR_REFUSED;',                  'refused', qr/No\./ ],
	[ 'not ready',                  'answer->retry_after = 30; return PROVISOR_PENDING;',                 'pending', qr/in 30 s/ ],
	[ 'not ready, whenever we like', 'return PROVISOR_PENDING;',                                          'pending', qr/a while/ ],
	[ 'a failure',                  'answer->retry_after = 30; return PROVISOR_FAILED;',                  'failed',  qr/exit status 1/ ],
	[ 'a failure for good',         'return PROVISOR_FAILED_FOR_GOOD;',                                   'failed for good', qr/70/ ],
	[ 'no verdict',                 'return 17;',                                                         'failed',  qr/exit status 1/ ],
	[ 'a text that is no UTF-8',    'answer->message = "\xff"; return PROVISOR_DONE;',                    'failed',  qr/UTF-8/ ],
	[ 'an abort',                   'abort();',                                                           'failed',  qr/signal 6/ ],
	[ 'a crash',                    'raise(11); *(volatile int *)0 = 0; return 0;',                       'failed',  qr/signal 11|ended the process/ ],
	[ 'an end by exit',             'exit(0);',                                                           'failed',  qr/ended the process, with exit status 0: have it return/ ],
	[ 'no end',                     'for (;;) pause();',                                                  'failed',  qr/took too long/, '--seconds', 1 ],
	[ 'a name twice',               'static const struct provisor_pair twice[] = { { "A", "1" }, { "A", "2" }, { 0 } }; answer->config = twice; return PROVISOR_DONE;', 'failed', qr/exit status 1/ ],
);

for (@libraries) {
	my ($name, $body, $verdict, $told, @arguments) = @$_;

	subtest "a library: $name" => sub {
		my $home = provisioning($body =~ s/raise\(11\)/(void)0/r);
		my ($output, undef, $ended) = test_hook($home, 'provision', @arguments);

		like($output, qr/^verdict +\Q$verdict\E$/m, $verdict);
		like($output, $told, 'and so it is told');
		is($ended, 1, 'by the exit status, too');
		is_deserted($home, 'nothing of it is left');
	};
}

my $struct = 'const struct provisor_listener provisor_listener =';
my @unusable = (
	# name                      source                                                                what is wrong
	[ 'another version',         "$struct { .version = 99 };",                                         qr/is of version 99, and this provisor serves version 1: build it anew/ ],
	[ 'no provision',            "$struct { .version = 1 };",                                          qr/its provision is NULL/ ],
	[ 'no symbol',               'int other;',                                                         qr/does not define provisor_listener/ ],
	[ 'a function nobody has',   "extern provisor_function f; $struct { .version = 1, .provision = f };", qr/cannot be loaded \(.*undefined symbol: f\): build it anew/ ],
	[ 'a death while loading',   "__attribute__((constructor)) static void die(void) { abort(); } $struct { .version = 1 };", qr/ends the process that loads it/ ],
	[ 'an exit while loading',   "__attribute__((constructor)) static void die(void) { exit(0); } $struct { .version = 1 };", qr/ends the process that loads it/ ],
	[ 'no end of loading',       "__attribute__((constructor)) static void die(void) { for (;;) pause(); } $struct { .version = 1 };", qr/takes more than 2 s to load/ ],
);

for (@unusable) {
	my ($name, $source, $words) = @$_;
	my $home = library($source);
	my ($output, $errors, $ended) = test_hook($home);

	like($errors, qr{^provisor: \Q$home\E/listener\.so: .*$words}m, "a library: $name is told");
	is($output, '', '... and not asked');
	is_deserted($home, '... and gone');
}

subtest 'a library that is none, or that others can change' => sub {
	my $home = addon($host, 'hook-' . ++$homes, template => undef,
		files => { 'listener.so' => "\x7fELF" })->home;

	like((test_hook($home))[1], qr{listener\.so: cannot be loaded \(.*too short}, 'is told');
	mode($home, 0775, 'listener.so');
	my ($output, $errors) = test_hook($home);
	like($errors, qr{listener\.so: others .*: chmod go-w}, 'is told');
	unlike($errors, qr/loaded/, 'and not even loaded');
};

# ---- as the pools' user ----

SKIP: {
	skip 'only root can be another', 3 if $> != 0;
	my $user = getpwnam 'nobody';
	my $home = home_with('id -u > /proc/self/fd/2; echo $PPID >&2; echo {}');
	my $run = $host->home . '/run-of-nobody';

	make_path($run);
	chown $user, -1, $run;
	chmod 0755, $host->home, $host->addons_dir, $host->addons_dir . '/heroku', $home, "$home/hooks";
	my $environment = { PROVISOR_METRICS => "$run/metrics" };
	my ($output, $ended) = ctl($environment, 'hook', 'test', $home, 'provision');
	is($ended, 0, 'root tests a hook');
	like($output, qr/message=$user$/m, '... as the pools\' user');
	chown $user, -1, "$home/hooks/provision";
	is((ctl($environment, 'hook', 'test', $home, 'provision'))[1], 0, '... whose hook it may be');
}

done_testing;
