#!/usr/bin/perl
# An add-on's password is changed while customers are served: no request fails,
# and provisor check tells whose old one is still used.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::LoadGenerator qw(creates unexpected);
use Provisor::Test;

my $host = new_host(workers => { api => 3, web => 1 });
my $addon = addon($host, 'fast-db');
my $other = addon($host, 'slow-db',
	settings => { also_valid => { passwords => ['what it was before'] } });
my ($old, $new) = ($addon->password, 'the password that takes its place');

$host->start;

sub also_valid {
	$addon->write_file('settings.json', { also_valid => { passwords => [@_] } });
	return;
}

sub load {
	my ($password) = @_;
	my $next = creates($addon);

	return Provisor::LoadGenerator->under_way($host, $addon, clients => 4, next => sub {
		my $job = $next->();

		$job->{request}{as} = "fast-db:$password";
		return $job;
	});
}

sub goes_on {
	my ($load) = @_;
	my $count = $load->count;

	return wait_for(30, sub { $load->count > $count + 50 });
}

sub status_as {
	my ($password) = @_;

	return $addon->request($addon->provision_request(uuid => uuid()),
		as => "fast-db:$password")->status;
}

# What provisor check says of an add-on's rotation.
sub checked {
	my ($name) = @_;
	my ($said) = ctl($host->env, 'check', '--ops', $host->ops_address);
	my ($line) = grep { m{/\Q$name\E/settings\.json} && /also_valid/ } split /\n/, $said;

	return $line // '';
}

sub uses {
	return checked('fast-db') =~ /was used (\d+) times/ ? $1 : 0;
}

is(status_as($new), 401, 'at first the new password is wrong');
unlike($host->log('worker'), qr/ secret=old/, '... and the old one is the password');

my $load_old = load($old);

also_valid($old, $new);
my $load_new = load($new);

ok(goes_on($load_old), 'both are served');
$addon->{manifest}{api}{password} = $new;
$addon->write_file('addon-manifest.json', $addon->{manifest});
is(status_as($new), 200, 'the manifest has the new one');
also_valid($old);
ok(goes_on($_), '... and each goes on') for $load_old, $load_new;

like(checked('fast-db'), qr/\Awarning\b.*was used \d+ times, last at .*: remove it when/,
	'the old one is still used, says check');
like(checked('slow-db'), qr/no secret in also_valid has been used/, '... of this add-on alone');
my $before = uses();

ok(goes_on($load_old), 'while it is used');
cmp_ok(uses(), '>=', $before + 50, '... its uses grow');

my @answered_old = $load_old->finish;
my $last = uses();

ok(goes_on($load_new), 'when nobody uses it any more');
is(uses(), $last, '... they do not');
unlink $addon->home . '/settings.json';
ok(goes_on($load_new), 'then it can go');
my @answered_new = $load_new->finish;

is(unexpected([200], @answered_old), '', 'no request with the old one has failed');
is(unexpected([200], @answered_new), '', '... nor any with the new one');
figure('%d requests with the old one, %d with the new one', scalar @answered_old,
	scalar @answered_new);
is(status_as($old), 401, 'now the old one is wrong');
is(status_as($new), 200, '... and the new one right');
is((grep { index($host->log('worker'), $_) >= 0 } $old, $new), 0, 'the log tells neither');

is_unhurt($host);

done_testing;
