#!/usr/bin/perl
# An add-on's salt is changed while customers sign on: no sign-on fails.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::HttpClient;
use Provisor::LoadGenerator;
use Provisor::SignOnForm;
use Provisor::Test;

my $host = new_host(workers => { api => 1, web => 3 });
my $addon = addon($host, 'fast-db', client => Provisor::HttpClient->new(port => $host->port));
my ($old, $new) = ($addon->{manifest}{api}{sso_salt}, 'the salt that takes its place');

$host->start;
my $id = uuid();
is($addon->provision(uuid => $id)->status, 200, 'a resource is provisioned');

sub also_valid {
	$addon->write_file('settings.json', { also_valid => { salts => [@_] } });
	return;
}

sub click {
	my ($salt) = @_;

	return (
		method => 'POST', path => '/sso/login', type => 'application/x-www-form-urlencoded',
		body => encode_form(sign_on_fields($addon, $id, salt => $salt)),
	);
}

sub load {
	my ($salt) = @_;

	# Slower than nginx's limit for sign-ons from one address.
	return Provisor::LoadGenerator->start(port => $host->port, clients => 1, think => 0.12, repeats => 0,
		next => sub { return { id => $id, request => { click($salt) } } });
}

sub goes_on {
	my ($load) = @_;
	my $count = $load->count;

	return wait_for(30, sub { $load->count > $count + 15 });
}

sub status_of { return $addon->{client}->request(click($_[0]))->status }

is(status_of($new), 403, 'before the rotation the new salt is wrong');
my $load_old = load($old);

also_valid($old, $new);
ok(wait_for(10, sub { status_of($new) == 303 }), 'with also_valid both salts are accepted');
my $load_new = load($new);

ok(goes_on($_), '... and in use') for $load_old, $load_new;
$addon->{manifest}{api}{sso_salt} = $new;
$addon->write_file('addon-manifest.json', $addon->{manifest});
also_valid($old);
ok(goes_on($_), 'the manifest has the new one, and both are accepted') for $load_old, $load_new;
my @answered_old = $load_old->finish;

unlink $addon->home . '/settings.json';
ok(goes_on($load_new), 'the old one is removed, and sign-ons continue');
my @answered_new = $load_new->finish;

is(join(' ', grep { $_ != 303 } map { $_->{answer}->status } @answered_old), '',
	'no sign-on with the old one failed');
is(join(' ', grep { $_ != 303 } map { $_->{answer}->status } @answered_new), '',
	'... and none with the new one');
figure('%d sign-ons with the old one, %d with the new one', scalar @answered_old, scalar @answered_new);
ok(wait_for(10, sub { status_of($old) == 403 }), 'after the rotation the old one is wrong');
is((grep { index($host->log('worker'), $_) >= 0 } $old, $new), 0, 'the log has neither salt');

is_unhurt($host);
done_testing;
