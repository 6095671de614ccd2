#!/usr/bin/perl
# Which hooks and libraries provisor runs, as which user, and how it refuses others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Path 'make_path';
use Test::More;

use Provisor::HookTestCommand;
use Provisor::Test;

# ---- what can be run ----

my @useless = (
	# name                              what is wrong                                              how
	[ 'a file that is no program',       qr{hooks/provision: is not a program: begin it with a line}, sub { home_with('', files => { 'hooks/provision' => "echo {}\n" }) } ],
	[ 'a missing interpreter',       qr{hooks/provision: its first line names /bin/nothing},   sub { home_with('', files => { 'hooks/provision' => "#! /bin/nothing -x\n" }) } ],
	[ 'a hook that is not executable',   qr{hooks/provision: is not executable: chmod \+x},            sub { mode(home_with(''), 0644, 'hooks/provision') } ],
	[ 'another that is not executable',  qr{hooks/sign-on: is not executable: chmod \+x},              sub { mode(home_with('', files => { map { ("hooks/$_", "#!/bin/sh\n") } qw(provision sign-on) }), 0644, 'hooks/sign-on') } ],
	[ 'no provision',                    qr{hooks/provision: is missing: put a program there},            sub { home_with('', files => { 'hooks/deprovision' => "#!/bin/sh\n" }) } ],
	[ 'a hook that is a folder',         qr{hooks/provision: must be an executable file},                      sub { home_with('', files => { 'hooks/provision/x' => '' }) } ],
	[ 'hooks that are a file',           qr{hooks: must be a folder},                              sub { home_with('', files => { 'hooks' => '' }) } ],
	[ 'a hook that others can change',        qr{hooks/provision: users other .*\(mode 0775\): chmod go-w},  sub { mode(home_with(''), 0775, 'hooks/provision') } ],
	[ 'a file beside it that others can change',   qr{hooks/library: users other .*\(mode 0662\): chmod go-w},    sub { mode(home_with('', files => { map { ("hooks/$_", "#!/bin/sh\n") } qw(provision library) }), 0662, 'hooks/library') } ],
	[ 'hooks others can change',         qr{/hooks: users other .*: chmod go-w},                        sub { mode(home_with(''), 0777, 'hooks') } ],
	[ 'a home others can change',        qr{hook-\d+: users other .*: chmod go-w},                      sub { mode(home_with(''), 0775, '.') } ],
	[ 'a link to where others can write', qr{/tmp: users other .*: chmod go-w},                         sub {
		my $home = home_with('');
		rename "$home/hooks/provision", $host->home . '/provision' or die "$!\n";
		symlink $host->home . '/provision', "$home/hooks/provision" or die "$!\n";
		return $home;
	} ],
	[ 'a link to nowhere',               qr{hooks/provision: is a link to a file that does not exist},                sub {
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

	like($errors, qr/^provisor: .*$words/m, "$name: the error");
	is($output, '', '... is not run');
	is($ended, 1, '... the exit status');
}

subtest 'an executable with another name' => sub {
	my $home = home_with('', files => { map { ("hooks/$_", "#!/bin/sh\n") } qw(provision change_plan) });
	my (undef, $errors, $ended) = test_hook($home);

	is($ended, 0, 'does no harm');
	like($errors, qr{warning: \S+hooks/change_plan: is never run: hooks are called}, 'is a warning');
	mode($home, 0644, 'hooks/change_plan');
	is((test_hook($home))[1], '', 'unless it is not executable');
};

subtest 'wrong arguments' => sub {
	my $home = home_with('');
	my @wrong = (
		[ qr/"upgrade": write provision/, 'upgrade' ],
		[ qr/--id: \.\. must be 1 to 255 characters/, qw(provision --id ..) ],
		[ qr/option --seconds must be a number from 1 to/, qw(provision --seconds 0) ],
		[ qr/--option a: write NAME=VALUE/, qw(provision --option a) ],
		[ qr/--config a=2: .*each NAME once/, qw(provision --config a=1 --config a=2) ],
	);
	for (@wrong) {
		my ($words, @arguments) = @$_;
		my (undef, $errors, $ended) = test_hook($home, @arguments);
		like($errors, $words, "@arguments");
		is($ended, 2, '... the exit status');
	}
};

# ---- as the user of the hooks pool ----

SKIP: {
	skip 'only root can change its user', 4 if $> != 0;
	my $user = getpwnam 'nobody';
	my $other = new_host(hooks_user => 'nobody');
	my $home = mode(home_with('id -u > /dev/stderr; echo {}'), 0755, 'hooks/provision');
	my $environment = { %{ $host->env }, PROVISOR_HOOKS => $other->socket('hooks') };

	$other->start_hooks;
	chmod 0711, $host->home, $host->addons_dir, $host->addons_dir . '/heroku', $home, "$home/hooks";
	my ($output, $ended) = ctl($environment, 'hook', 'test', $home, 'provision');
	is($ended, 0, 'root tests a hook') or diag $output;
	like($output, qr/msg=$user$/m, '... which runs as the user of the pool, and can open /dev/stderr');
	mode($home, 0700, 'hooks/provision');
	($output, $ended) = ctl($environment, 'hook', 'test', $home, 'provision');
	is($ended, 1, 'a hook that this user may not run fails');
	like($output, qr{hooks/provision: cannot be run \(Permission denied\): let the user of the hooks pool}, '... with the remedy');
}

done_testing;
