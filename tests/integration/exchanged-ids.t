#!/usr/bin/perl
# Secrets are sealed for the ids of their resource: a program that can write rows
# but has no keys cannot give those of one customer to another.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;
use Provisor::FakeHeroku;
use Provisor::ScriptedVendor;
use Provisor::SignOnForm;

my ($addon, $other, $vendor);
my $host = serving_host({ workers => { api => 1, web => 1, jobs => 1 } }, sub {
	my ($new) = @_;

	$addon = addon($new, 'fast-db');
	$other = addon($new, 'slow-db');
	$vendor = Provisor::ScriptedVendor->new($new, 'cloud-db',
		marketplace => 'cloudcontrol',
		version => undef,
		base_url => 'https://localhost/cloudcontrol/resources',
		api => { regions => undef });
	delete $vendor->addon->{manifest}{api}{regions};
	$vendor->addon->write;
});

$host->start_jobs;

sub as_worker { return $host->psql("SET ROLE provisor_worker; $_[0]") }

sub provision {
	my $id = uuid();
	my $response = $addon->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant());

	is($response->status, 200, 'a resource is created') or die;
	return ($id, $response->json->{config}{FAST_DB_TOKEN});
}

# Which members of a row an attacker changes to give it to resource $theirs.
my %exchanges = (
	'the id of the marketplace' => sub { "marketplace_id = '$_[0]'" },
	'the id of the response'    => sub { "marketplace_id = NULL, provider_id = '$_[0]'" },
	'both ids'                  => sub { "marketplace_id = '$_[0]', provider_id = '$_[0]'" },
	'the former id'             => sub { "marketplace_id = '$_[0]', former_marketplace_id = marketplace_id" },
);

for my $what (sort keys %exchanges) {
	subtest "the values of a row that gets $what of another do not open" => sub {
		my ($mine) = provision();
		my ($theirs, $secret) = provision();

		as_worker("UPDATE resources SET marketplace_id = NULL, provider_id = gen_random_uuid()
				WHERE id = '$mine';
			UPDATE resources SET " . $exchanges{$what}->($mine) . " WHERE id = '$theirs'");
		my $repeated = $addon->provision(uuid => $mine);

		is($repeated->status, 503, 'a repeated create is not answered with them');
		unlike($repeated->body, qr/\Q$secret\E/, '... nor in part');
		my ($shown, $status) = ctl($host->env, 'resources', 'show', $theirs, '--reveal');

		isnt($status, 0, 'the command cannot show them');
		unlike($shown, qr/\Q$secret\E/, '... nor in part');
	};
}

subtest 'the values of a row that is given to another add-on do not open' => sub {
	my ($id, $secret) = provision();

	as_worker("UPDATE resources SET addon = 'slow-db' WHERE id = '$id'");
	my $repeated = $other->provision(uuid => $id);

	is($repeated->status, 503, 'a repeated create is not answered with them');
	unlike($repeated->body, qr/\Q$secret\E/, '... nor in part');
};

subtest 'a customer does not sign on to the row of another' => sub {
	my ($mine) = provision();
	my ($theirs) = provision();

	as_worker("UPDATE resources SET marketplace_id = NULL WHERE id = '$mine';
		UPDATE resources SET marketplace_id = '$mine' WHERE id = '$theirs'");

	is(post_form(fastcgi($host), '/sso/login', sign_on_fields($addon, $mine))->status, 503,
		'a sign-on to the row fails');
};

subtest 'a clean-up has the values of a resource whose id may be used again' => sub {
	my %members = (cloudcontrol_id => 'dep1@cloudcontrolled.com');
	my $id = $vendor->addon->provision(%members)->json->{id};

	$vendor->behave(deprovision => 'exit 75');
	is($vendor->addon->deprovision($id)->status, 204, 'it is deprovisioned');
	ok(wait_for(20, sub { $vendor->calls('deprovision') }), 'the clean-up is tried');
	is(row($host, "resources WHERE provider_id = '$id'")->{marketplace_id}, undef, 'the id is free');
	my ($shown) = ctl($host->env, 'resources', 'show', $id, '--reveal');

	like($shown, qr/CLOUD_DB_TOKEN +attempt 1$/m, 'its values open');
	is($vendor->addon->provision(%members)->status, 201, 'the id is used again');
	$vendor->behave(deprovision => 'done()');
	ok(wait_for(40, sub { !count_of($host, "resources WHERE provider_id = '$id' AND config IS NOT NULL") }),
		'the clean-up ends');
	my ($call) = reverse $vendor->calls('deprovision');

	is($call->{resource}{config}{CLOUD_DB_TOKEN}, 'attempt 1', '... with the values');
	is(row($host, "resources WHERE provider_id = '$id'")->{former_marketplace_id}, undef,
		'... and the former id is erased with them');
};

is_unhurt($host);
done_testing;
