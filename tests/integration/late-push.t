#!/usr/bin/perl
# The marketplace does not respond when it gets config vars, and applies them after
# newer ones.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Test;

my $host = new_host(is_direct => 1, workers => { api => 2, web => 1, jobs => 1 });
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $addon = addon($host, 'fast-db', $heroku->settings);

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

sub provision {
	my $id = uuid();

	is($addon->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant())->status, 200, 'provisioned');
	$eventually->has_no_jobs_left($id);
	return $id;
}

sub set_config {
	my ($id, $url) = @_;
	my ($output, $status) = ctl($host->env, 'config', 'set', $id, "FAST_DB_URL=$url");

	return is($status, 0, 'a config var is set') || diag $output;
}

sub config_of { return $addon->provision(uuid => $_[0])->config }

# The marketplace has these config vars for a resource.
sub has {
	my ($id, %config) = @_;

	return $heroku->has_resources($id => {
		config => [ map { { name => $_, value => $config{$_} } } sort keys %config ] });
}

sub checks { return count_of($host, "jobs WHERE resource = '$_[0]' AND kind = 'check-config'") }

subtest 'a push that succeeds is not checked' => sub {
	my $id = provision();

	set_config($id, 'https://example.com/1');
	ok($eventually->is_true(sub { $heroku->pushes($id) == 1 }), 'it is pushed');
	$eventually->has_no_jobs_left($id);
	is(checks($id), 0, 'nothing more is queued');
};

subtest 'a push that is refused at once is not checked' => sub {
	my $id = provision();

	$heroku->behave('rate-limited');
	set_config($id, 'https://example.com/1');
	ok($eventually->waits_for_retry($id, 'push-config'), 'it is retried later');
	is(checks($id), 0, 'nothing more is queued');
};

for my $way (qw(loses-push unavailable)) {
	subtest "the marketplace does not apply a push at once: $way" => sub {
		$heroku->behave('succeeds');
		my $id = provision();
		my $older = config_of($id);

		$heroku->behave($way);
		set_config($id, 'https://example.com/1');
		ok($eventually->waits_for_retry($id, 'push-config'), 'the push is retried later');
		is(checks($id), 1, 'a check is queued');
		my $minutes = $host->psql("SELECT extract(epoch FROM run_at - now()) / 60 FROM jobs
			WHERE resource = '$id' AND kind = 'check-config'");

		cmp_ok($minutes, '>', 2, '... minutes from now');
		$heroku->behave('succeeds');
		$eventually->make_due($id, 'push-config');
		ok($eventually->is_true(sub { $heroku->pushes($id) == 1 }), 'the push succeeds');
		ok($eventually->is_true(sub { $eventually->job($id, 'push-config')->{finished_at} }), '... and ends');

		# Now the first push arrives.
		has($id, %$older);
		$eventually->make_due($id, 'check-config');
		ok($eventually->is_true(sub { $heroku->pushes($id) == 1 }), 'older config vars are replaced');
		is_deeply(($heroku->pushes($id))[0], config_of($id), '... by the present ones');
		$eventually->has_no_jobs_left($id);
		is(checks($id), 1, 'and nothing more is queued');
		like($eventually->events($id), qr/config-pushed config-differed config-pushed\z/, 'the history has the events');
	};
}

subtest 'the marketplace has the right config vars' => sub {
	my $id = provision();

	$heroku->behave('loses-push');
	set_config($id, 'https://example.com/1');
	$eventually->waits_for_retry($id, 'push-config');
	has($id, %{ config_of($id) });
	$eventually->make_due($id, $_) for qw(push-config check-config);
	$eventually->has_no_jobs_left($id);
	is(scalar $heroku->pushes($id), 1, 'the push is repeated, and no other follows');
	unlike($eventually->events($id), qr/differed/, 'the history has no difference');
};

is_unhurt($host);

done_testing;
