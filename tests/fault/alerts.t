#!/usr/bin/perl
# A real Prometheus scrapes a loaded host: each query of the dashboard returns data, and
# each fault makes its alert fire, which clears once the fault is corrected.
#
# tests/checks/alerts.t alone shows ProvisorCertificate, which needs the blackbox exporter,
# ProvisorVersions, which needs two releases, and that ProvisorUnauthenticated clears, an
# hour later.  Only make soak waits the five minutes in which ProvisorUnavailable clears.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX ();
use Test::More;

use Provisor::Test;
use Provisor::ChildProcess;
use Provisor::FakeHeroku;
use Provisor::Files qw(read_text write_env write_text);
use Provisor::GrafanaDashboard;
use Provisor::LoadGenerator;
use Provisor::Prometheus;
use Provisor::ScriptedVendor;

our $patience = 30; # seconds

my $host = new_host(reads_file => 1, workers => { api => 2, web => 2, jobs => 1 });
my $heroku = Provisor::FakeHeroku->new($host);
my $addon = addon($host, 'fast-db', $heroku->settings);
my $slow = Provisor::ScriptedVendor->new($host, 'slow-db');
my $held = Provisor::ScriptedVendor->new($host, 'held-db');
my ($prometheus, %has_data);

# ---- alerts ----

# A test: these alerts fire.
sub fire {
	my (@alerts) = @_;
	my %missing;

	wait_for($patience, sub {
		%missing = map { $_ => 1 } @alerts;
		delete @missing{ $prometheus->firing };
		return !%missing;
	});
	return is(join(' ', sort keys %missing), '', "firing: @alerts") || diag join ' ', $prometheus->firing;
}

# A test: they fire no more.
sub clear {
	my (@alerts) = @_;
	my @left;

	wait_for($patience, sub {
		my %firing = map { $_ => 1 } $prometheus->firing;
		return !(@left = grep { $firing{$_} } @alerts);
	});
	return is("@left", '', "cleared: @alerts");
}

# Some queries have data only while something fails.
sub look_at_dashboard {
	for my $query (Provisor::GrafanaDashboard->new->queries('30s')) {
		$has_data{ $query->{title} } ||= $prometheus->query($query->{expr});
	}
	return;
}

# ---- faults ----

sub in_background {
	my ($code) = @_;

	return Provisor::ChildProcess->start(sub { POSIX::_exit($code->()->status == 200 ? 0 : 1) });
}

# An unfinished job of a resource that its customer has removed.
sub add_job {
	my ($columns) = @_;
	my $id = uuid();

	$slow->addon->provision(uuid => $id);
	$slow->addon->deprovision($id);
	$host->psql("UPDATE jobs SET $columns WHERE resource = '$id' AND finished_at IS NULL");
	return $host->psql("SELECT id FROM jobs WHERE resource = '$id' AND finished_at IS NULL") =~ s/\s//gr;
}

sub run_ctl {
	my (@command) = @_;
	my ($output, $status) = ctl($host->env, @command);

	return is($status, 0, "provisor @command") || diag $output;
}

my $keys = $host->home . '/keys';
my $settings = $host->home . '/provisor.env';
my ($id, $changed) = (uuid(), uuid());

write_text($keys, read_text($keys) =~ s/\Ak\d+/k20200101/r);
# The settings have the addresses of the marketplace by now.
write_env($settings, $host->env);
my $valid = read_text($settings);

# provisor-jobs does not run yet.
$host->start_postgres;
$host->migrate;
$host->start_pool($_) for qw(api web);
$host->start_nginx;
$host->wait_until_ready;
$addon->provision(uuid => $id);
$slow->addon->provision(uuid => $changed);

subtest 'many faults at once' => sub {
	my ($gave_up, $failing) = map { add_job($_) } "run_at = 'infinity'",
		"attempts = 20, created_at = now() - interval '3 h', run_at = now() + interval '1 day'";
	add_job("run_at = now() - interval '10 min'");
	$host->psql("UPDATE resources SET marketplace_plan = 'premium' WHERE id = '$id';
		UPDATE jobs SET finished_at = now() - interval '40 days'
		WHERE id = (SELECT min(id) FROM jobs WHERE finished_at IS NOT NULL)");
	write_text($settings, "${valid}PROVISOR_ANSWER_LIMIT=soon\n");
	addon($host, 'new-db', manifest => '{');

	# Both workers are busy.
	$slow->behave('change-plan' => 'sleep 11');
	$held->behave(provision => 'wait_while_held()');
	$held->hold;
	my @requests = map { in_background($_) } sub { $slow->addon->change_plan($changed, 'premium') },
		sub { $held->addon->provision(uuid => uuid()) };
	wait_for($patience, sub { $slow->calls('change-plan') && $held->calls('provision') });

	$prometheus = Provisor::Prometheus->start($host);
	my @alerts = map { "Provisor$_" } qw(PoolDown PoolBusy Files HomeMissing KeyOld Retention JobsLate
		JobsNeedAnOperator JobsFail PlansDiffer);
	fire(@alerts);
	look_at_dashboard();

	$held->release;
	write_text($settings, $valid);
	addon($host, 'new-db');
	run_ctl(qw(keys add));
	run_ctl(qw(keys use), (read_text($keys) =~ /^(\w[^:]*):/mg)[-1]);
	$host->psql("UPDATE resources SET marketplace_plan = NULL WHERE id = '$id'");
	$host->start_jobs;
	run_ctl(qw(jobs retry), $_) for $gave_up, $failing;
	clear(@alerts);
	is($_->finish, 0, 'a request that waited succeeds') for @requests;
};

subtest 'slow requests' => sub {
	fire('ProvisorSlow');
	$slow->behave('change-plan' => undef);
	for (1 .. 40) {
		$addon->change_plan($id, $_ % 2 ? 'premium' : 'basic');
		$addon->provision(uuid => uuid());
	}
	clear('ProvisorSlow');
};

subtest 'a marketplace with an outage' => sub {
	$heroku->behave('unavailable');
	$addon->provision(uuid => uuid(), oauth_grant => Provisor::FakeHeroku::grant());
	fire('ProvisorMarketplaceFails');
	$heroku->behave('succeeds');
	$addon->provision(uuid => uuid(), oauth_grant => Provisor::FakeHeroku::grant()) for 1 .. 5;
	clear('ProvisorMarketplaceFails');

	my $missed = uuid();
	$heroku->behave('no-grants');
	$addon->provision(uuid => $missed, oauth_grant => Provisor::FakeHeroku::expired_grant());
	$host->psql("UPDATE resources SET grant_code_expires_at = now() - interval '1 min' WHERE id = '$missed'");
	fire('ProvisorGrantsMissed');
	look_at_dashboard();
	$heroku->behave('succeeds');
	$addon->provision(uuid => $missed, oauth_grant => Provisor::FakeHeroku::grant());
	clear('ProvisorGrantsMissed');
};

subtest 'the wrong password' => sub {
	fastcgi($host)->request($addon->provision_request(uuid => uuid()), as => 'fast-db:wrong') for 1 .. 120;
	fire('ProvisorUnauthenticated');
};

subtest 'a hook that fails' => sub {
	$held->behave(provision => 'exit 1');
	$held->addon->provision(uuid => uuid()) for 1 .. 3;
	fire('ProvisorHooksFail');
	$held->behave(provision => undef);
	$held->addon->provision(uuid => uuid());
	clear('ProvisorHooksFail');
};

subtest 'pools that do not run' => sub {
	$host->stop_pool($_) for qw(hooks api);
	fire(qw(ProvisorHooksDown ProvisorPoolDown));
	$host->start_hooks;
	$host->start_pool('api');
	clear(qw(ProvisorHooksDown ProvisorPoolDown));
};

subtest 'a load, and a database that is away' => sub {
	my $load = Provisor::LoadGenerator->under_way($host, $addon);

	$host->stop_postgres;
	fire(qw(ProvisorDatabase ProvisorUnavailable));
	$host->start_postgres;
	clear('ProvisorDatabase');
	cmp_ok(scalar $load->finish, '>', 50, 'the load was served');
	local $patience = 400; # more than the window of its rate
	clear('ProvisorUnavailable') if scaled(0, 1);
};

subtest 'nginx does not run' => sub {
	$host->stop_nginx;
	fire('ProvisorDown');
	$host->start_nginx;
	clear('ProvisorDown');
};

look_at_dashboard();
is(join('; ', grep { !$has_data{$_} } sort keys %has_data), '', 'each query of the dashboard returns data');
is_unhurt($host);
done_testing();
