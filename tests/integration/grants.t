#!/usr/bin/perl
# A grant is stored until the marketplace needs no more calls.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Test;
use Provisor::ScriptedVendor;

my $host = new_host(
	workers => { api => 2, web => 1, jobs => 1 },
	env => { PROVISOR_JOB_LIMIT => '30s' },
);
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', $heroku->settings);
my $later = Provisor::ScriptedVendor->new($host, 'later', base_url => 'https://localhost/later/heroku/resources',
	$heroku->settings(provision => 'async'));

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

# The member of a request that has a grant, and its code.
sub grant {
	my $grant = Provisor::FakeHeroku::grant(@_);

	return ($grant->{code}, oauth_grant => $grant);
}

sub access { return row($host, "resources WHERE id = '$_[0]'")->{access_token} }

subtest 'a repeated request with the grant that a completion needs' => sub {
	my $id = uuid();
	my (undef, @used) = grant();
	my ($code, @fresh) = grant();

	$heroku->behave('used-code');
	is($later->addon->provision(uuid => $id, @used)->status, 202, 'it is promised');
	ok($eventually->waits_for_retry($id, 'complete'), 'its completion waits');
	is(row($host, "resources WHERE id = '$id'")->{grant_code}, undef, 'its code is deleted');
	$heroku->behave('no-grants');
	is($later->addon->provision(uuid => $id, @fresh)->status, 202, 'a repeated request is promised too');
	$eventually->becomes($id, 'provisioned', 'it is completed');
	is_deeply([ $heroku->codes ], [$code], '... with the grant of the repeated request');
	$eventually->has_no_jobs_left($id);
};

subtest 'a repeated request that continues a provision' => sub {
	my $id = uuid();
	my @expired = (oauth_grant => Provisor::FakeHeroku::expired_grant(expires_at => '2016-03-03T18:01:31-0800'));
	my ($code, @fresh) = grant();

	$heroku->behave('no-grants');
	$vendor->behave(provision => 'exit 75');
	is($vendor->addon->provision(uuid => $id, @expired)->status, 503, 'it is answered 503');
	ok($eventually->is_true(sub { $eventually->job($id, 'exchange')->{finished_at} }), 'its grant is tried');
	$vendor->behave(provision => undef);
	$heroku->behave('no-grants');
	is($vendor->addon->provision(uuid => $id, @fresh)->status, 200, 'a repeated request succeeds');
	ok($eventually->is_true(sub { defined access($id) }), 'a token is stored');
	is_deeply([ $heroku->codes ], [$code], '... in exchange for its code');
};

subtest 'many provisions' => sub {
	my @ids = map { uuid() } 1 .. 5;
	my $is_of_these = join '|', @ids;
	my $kinds = sub { map { /\bkind=(\S+).*\b(?:$is_of_these)\b/ ? $1 : () } split /\n/, $host->log('worker') };

	$heroku->behave('succeeds');
	$host->stop_pool('jobs');
	for my $id (@ids) {
		my (undef, @grant) = grant();

		is($later->addon->provision(uuid => $id, @grant)->status, 202, 'it is promised');
	}
	$host->start_jobs;
	$eventually->has_no_jobs_left($_) for @ids;
	is_deeply([ ($kinds->())[ 0 .. 4 ] ], [ ('exchange') x 5 ], 'grants do not wait for hooks');
};

subtest 'a provision that was withdrawn' => sub {
	my $id = uuid();
	my (undef, @grant) = grant();

	$heroku->behave('succeeds');
	$later->behave(provision => 'exit 65');
	is($later->addon->provision(uuid => $id, @grant)->status, 202, 'it is promised');
	$eventually->becomes($id, 'refused', 'it is refused');
	$eventually->has_no_jobs_left($id);
	is_deeply([ $heroku->calls($id) ], [ "POST /addons/$id/actions/deprovision" ],
		'the marketplace is called');
	is(count_of($host, "resources WHERE id = '$id' AND grant_ended_at IS NULL"), 0, 'its grant is deleted');
	$later->behave(provision => undef);
};

subtest 'a provision about which the marketplace cannot be asked for a day' => sub {
	my $id = uuid();
	my (undef, @grant) = grant();

	$heroku->behave('succeeds');
	$vendor->behave(provision => 'exit 75');
	is($vendor->addon->provision(uuid => $id, @grant)->status, 503, 'it is answered 503');
	ok($eventually->is_true(sub { defined access($id) }), 'it has a token');
	$heroku->behave('unavailable');
	$eventually->make_due($id, 'provision');
	ok($eventually->is_true(sub { ($eventually->job($id, 'provision')->{last_error} // '') =~ /cannot be asked/ }),
		'its job asks again');
	$host->psql("UPDATE jobs SET attempts = 29, run_at = now() WHERE resource = '$id' AND kind = 'provision'");
	ok($eventually->is_true(sub { $eventually->job($id, 'provision')->{run_at} eq 'infinity' }),
		'... and gives up after about a day');
	is($eventually->resource($id)->{state}, 'provisioning', 'nothing is undone');
	$heroku->behave('succeeds');
	$vendor->behave(provision => undef);
	is((ctl($host->env, 'jobs', 'retry', $eventually->job($id, 'provision')->{id}))[1], 0, 'an operator retries it');
	$eventually->becomes($id, 'provisioned', 'it is completed, because the marketplace expects it');
	$eventually->has_no_jobs_left($id);
};

is_unhurt($host);
done_testing();
