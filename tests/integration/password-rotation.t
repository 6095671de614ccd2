#!/usr/bin/perl
# An add-on's password is changed under load: no request fails, and provisor check
# prints which add-on's old password is still in use.

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

# The line of provisor check about the rotation of an add-on.
sub checked {
	my ($name) = @_;
	my ($said) = ctl($host->env, 'check', '--ops', $host->ops_address);
	my ($line) = grep { m{/\Q$name\E/settings\.json} && /also_valid/ } split /\n/, $said;

	return $line // '';
}

sub uses {
	return checked('fast-db') =~ /was used (\d+) times/ ? $1 : 0;
}

is(status_as($new), 401, 'before the rotation the new password is wrong');
unlike($host->log('worker'), qr/ secret=old/, '... and the old one is not reported as old');

my $load_old = load($old);

also_valid($old, $new);
my $load_new = load($new);

ok(goes_on($load_old), 'with also_valid both passwords are accepted');
$addon->{manifest}{api}{password} = $new;
$addon->write_file('addon-manifest.json', $addon->{manifest});
is(status_as($new), 200, 'the manifest has the new one');
also_valid($old);
ok(goes_on($_), '... and both are accepted') for $load_old, $load_new;

like(checked('fast-db'), qr/\Awarning\b.*was used \d+ times, last at .*: remove it when/,
	'check prints that the old one is in use');
like(checked('slow-db'), qr/no secret in also_valid has been used/, '... and that the one of another add-on is not');
my $before = uses();

ok(goes_on($load_old), 'requests use the old one');
cmp_ok(uses(), '>=', $before + 50, '... and check counts them');

my @answered_old = $load_old->finish;
my $last = uses();

ok(goes_on($load_new), 'no request uses the old one any more');
is(uses(), $last, '... and check counts no more');
unlink $addon->home . '/settings.json';
ok(goes_on($load_new), 'the old one is removed, and requests continue');
my @answered_new = $load_new->finish;

is(unexpected([200], @answered_old), '', 'no request with the old one failed');
is(unexpected([200], @answered_new), '', '... and none with the new one');
figure('%d requests with the old one, %d with the new one', scalar @answered_old,
	scalar @answered_new);
is(status_as($old), 401, 'after the rotation the old one is wrong');
is(status_as($new), 200, '... and the new one is accepted');
is((grep { index($host->log('worker'), $_) >= 0 } $old, $new), 0, 'the log has neither password');

is_unhurt($host);

done_testing;
