#!/usr/bin/perl
# A marketplace with an invalid certificate: nothing is sent, and its jobs remain
# due, with the reason, until the certificate is valid.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;
use Provisor::Files 'write_text';
use Provisor::FakeHeroku;
use Provisor::ScriptedVendor;

my $host = new_host(workers => { api => 2, web => 1, jobs => 1 });
my $heroku = Provisor::FakeHeroku->new($host);
my $secret = $host->home . '/client-secret';
my $addon = Provisor::ScriptedVendor->new($host, 'fast-db',
	settings => { client_secret_file => $secret, provision => 'async' })->addon;

write_text($secret, "the-client-secret\n");
$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

sub jobs { return "jobs WHERE resource = '$_[0]' AND finished_at IS NULL" }

my @faults = (
	# its certificate          why it is not good                    how it is made
	[ 'has expired',           qr/certificate has expired/,          days => [ -9, -1 ] ],
	[ 'is not valid yet',      qr/certificate is not yet valid/,     days => [ 1, 9 ] ],
);

for (@faults) {
	my ($name, $why, %certificate) = @$_;

	subtest "its certificate $name" => sub {
		my $id = uuid();

		$heroku->behave('succeeds');
		$heroku->use_certificate(%certificate);
		is($addon->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant())->status, 202,
			'a create is promised');
		ok(wait_for(20, sub { count_of($host, jobs($id) . ' AND last_error IS NOT NULL') }),
			'the marketplace is called');
		my ($job) = rows($host, jobs($id) . ' AND last_error IS NOT NULL');
		my ($shown) = ctl($host->env, 'jobs', 'show', $job->{id});

		like($job->{last_error}, $why, 'the job has the reason');
		like($shown, $why, '... and an operator sees it');
		isnt($job->{run_at}, 'infinity', 'it stays due');
		is(scalar $heroku->requests, 0, 'nothing was sent to the marketplace');
		$heroku->use_certificate;
		ok(wait_for(25, sub { count_of($host, jobs($id)) == 0 }), 'the jobs finish once the certificate is valid');
		is(row($host, "resources WHERE id = '$id'")->{state}, 'provisioned', 'the resource is provisioned');
	};
}

is(join(' ', grep { /the-client-secret|access-\d|refresh-\d/ } $host->log('worker')), '',
	'no secret is in the log');
is_unhurt($host);
done_testing;
