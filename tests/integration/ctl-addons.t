#!/usr/bin/perl
# provisor addons forget, and provisor jobs cancel for many jobs: the end of an add-on
# that is not sold any more.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Path 'remove_tree';
use Test::More;

use Provisor::CgiClient;
use Provisor::FakeHeroku;
use Provisor::Test;

my $operator = 'operator:' . getpwuid $>;
my (%addon, %resource);
my $host = serving_host({ workers => { api => 2, web => 1 } }, sub {
	my ($new) = @_;

	%addon = map { $_ => addon($new, $_) } qw(fast-db fast-db-staging);
	$addon{app} = addon($new, 'cloud-db', marketplace => 'cloudcontrol', version => undef,
		base_url => 'https://localhost/cloudcontrol/resources', api => { regions => undef });
	delete $addon{app}{manifest}{api}{regions};
	$addon{app}->write;
});

sub provisor { return ctl($host->env, @_) }

sub fails {
	my ($name, $status, $says, @arguments) = @_;
	my ($output, $ended) = provisor(@arguments);

	is($ended, $status, "$name: exit status $status");
	return like($output, $says, '... with the reason');
}

sub create {
	my ($name, $addon, $state) = @_;

	$resource{$name} = uuid();
	$addon{$addon}->provision(uuid => $resource{$name}, name => $name,
		options => { size => 'big' }, oauth_grant => Provisor::FakeHeroku::grant(),
		log_input_url => 'https://token@1.eu.logplex.io/logs');
	force_state($host, $state, "id = '$resource{$name}'") if $state;
	return;
}

sub create_job {
	my ($name, $kind, %columns) = @_;

	%columns = (run_at => q('infinity'), attempts => 9, %columns);
	my @columns = sort keys %columns;

	local $" = ', ';
	$host->psql("INSERT INTO jobs (kind, lane, resource, @columns)
		VALUES ('$kind', 'listener', '$resource{$name}', @columns{@columns})");
	return;
}

sub of { return row($host, "resources WHERE id = '$resource{$_[0]}'") }

sub unfinished {
	my ($name) = @_;

	return count_of($host, "jobs WHERE resource = '$resource{$name}' AND finished_at IS NULL");
}

create("ended $_", 'fast-db-staging', 'deprovisioning') for 1 .. 3;
create('live', 'fast-db-staging');
create('refused', 'fast-db-staging', 'refused');
create('customer', 'fast-db');
create('customer gone', 'fast-db', 'deprovisioning');
create_job("ended $_", 'deprovision') for 1 .. 3;
create_job('live', 'rotate', run_at => 'now()');
create_job('customer', 'rotate');
create_job('customer gone', 'deprovision');
$host->psql(q(DELETE FROM jobs WHERE kind = 'exchange'));

subtest 'jobs list by add-on' => sub {
	my ($output) = provisor(qw(jobs list --addon fast-db-staging --gave-up --json));

	is(() = $output =~ /"kind":"deprovision"/g, 3, 'lists its jobs');
	unlike($output, qr/"addon":"fast-db"/, '... and no other');
	is(() = (provisor(qw(jobs list --marketplace cloudcontrol)))[0] =~ /\n/g, 1,
		'a marketplace without jobs has none');
};

subtest 'jobs cancel for many jobs' => sub {
	my @cancel = qw(jobs cancel --addon fast-db-staging --kind deprovision);

	fails('without an add-on', 2, qr/name a job by its ID, or many by --addon/, qw(jobs cancel --gave-up));
	fails('an unknown kind', 2, qr/--kind must be/, qw(jobs cancel --addon fast-db --kind nothing));
	fails('without --yes', 2, qr/^deprovision: 3\n.*counts as cleaned up.*3 jobs would be; add --yes$/ms, @cancel);
	is(unfinished('ended 1'), 1, '... nothing is cancelled');

	$host->psql("UPDATE jobs SET lease_until = now() + interval '1 minute'
		WHERE resource = '$resource{'ended 3'}'");
	fails('with a running job', 1, qr/^cancelled: 2 jobs\n.*1 jobs are running or have ended/ms, @cancel, '--yes');
	is(join(' ', map { of("ended $_")->{state} } 1 .. 3), 'deprovisioned deprovisioned deprovisioning',
		'... the others are cancelled');
	is(row($host, "events WHERE resource = '$resource{'ended 1'}' AND event = 'job-cancelled'")->{actor},
		$operator, '... and the history has it');
	is(unfinished('live') + unfinished('customer gone'), 2, 'other kinds and add-ons stay');
	is((provisor(qw(jobs cancel --addon nothing --yes)))[0], "no unfinished job is selected\n",
		'nothing is selected');

	my ($output) = Provisor::CgiClient::run(
		program => [ qw(script -qec), build() . '/provisor jobs cancel --addon fast-db --kind rotate', '/dev/null' ],
		environment => { %{ $host->env }, PATH => $ENV{PATH} },
		stdin => "y\n",
	);
	like($output, qr/Cancel 1 jobs\?\s+\[y\/N\].*cancelled: 1 jobs/s, 'a terminal is asked');
	is(unfinished('customer'), 0, '... and yes cancels');
};

subtest 'addons forget refuses' => sub {
	my @forget = qw(addons forget fast-db-staging --yes);

	fails('an add-on that is sold', 1, qr{/fast-db-staging: is the home of fast-db-staging.*remove the home first}, @forget);
	remove_tree($addon{'fast-db-staging'}->home);
	fails('an unknown add-on', 1, qr/no resource belongs to an add-on nothing/, qw(addons forget nothing --yes));
	fails('live resources', 1, qr/1 resources of fast-db-staging are live.*--live 1$/m, @forget);
	fails('another number', 1, qr/--live 1$/m, @forget, '--live', 2);
	fails('a running job', 1, qr/1 jobs of fast-db-staging are running/, @forget, '--live', 1);
	$host->psql("UPDATE jobs SET lease_until = NULL");

	mkdir $host->addons_dir . '/heroku/broken';
	fails('a home that cannot be read', 1, qr/a home cannot be read, and may be that of/, @forget, '--live', 1);
	rmdir $host->addons_dir . '/heroku/broken';
	fails('without --yes', 2, qr/^fast-db-staging at heroku: 5 resources \(live: 1, not cleaned up: 2\), 2 unfinished jobs\n.*add --yes$/ms,
		qw(addons forget fast-db-staging --live 1));
	is(of('live')->{state}, 'provisioned', '... and nothing is forgotten');
};

subtest 'addons forget' => sub {
	my $customer = of('customer');

	$host->psql("UPDATE resources SET former_marketplace_id = 'its id' WHERE id = '$resource{'ended 1'}'");
	my ($output, $status) = provisor(qw(addons forget fast-db-staging --live 1 --yes));

	is($status, 0, 'exits with 0') or diag $output;
	like($output, qr/^forgotten: fast-db-staging at heroku, 5 resources$/m, '... and says how many');
	is_deeply([ map { of($_)->{state} } 'ended 1', 'ended 3', 'live', 'refused' ],
		[ ('deprovisioned') x 4 ], 'all are deprovisioned');
	is(count_of($host, "resources WHERE addon = 'fast-db-staging' AND num_nonnulls(config, owner, name,
		options, callback_url, log_input_url, log_drain_url, log_drain_token, message, plan_message, former_marketplace_id) > 0"),
		0, '... without secrets and data of customers');
	is(count_of($host, "resources WHERE addon = 'fast-db-staging' AND grant_ended_at IS NULL"), 0,
		'... without grants');
	is(unfinished('live') + unfinished('ended 3'), 0, '... and without jobs');
	is_deeply([ of('live')->@{qw(marketplace_id plan)} ], [ $resource{live}, 'basic' ],
		'ids and plan stay');
	my $event = row($host, "events WHERE resource = '$resource{live}' AND event = 'forgotten'");
	is_deeply([ $event->@{qw(actor before)} ], [ $operator, { plan => 'basic', state => 'provisioned' } ],
		'... and the history has it');
	is_deeply(of('customer'), $customer, 'another add-on is unchanged');
	is(unfinished('customer gone'), 1, '... with its jobs');

	($output, $status) = provisor(qw(addons forget fast-db-staging --yes));
	is($status, 0, 'a repetition exits with 0');
	like($output, qr/forgotten: .* 0 resources/, '... and changes nothing');
};

subtest 'an add-on that is sold again' => sub {
	$addon{'fast-db-staging'}->write;
	wait_for(10, sub { $addon{'fast-db-staging'}->provision(uuid => uuid())->status == 200 });
	is($addon{'fast-db-staging'}->provision(uuid => $resource{live})->status, 410,
		'a late request does not revive a resource');
	is($addon{'fast-db-staging'}->deprovision($resource{live})->status, 410,
		'... and a deprovision is answered as before');
	is(of('live')->{state}, 'deprovisioned', '... it stays deprovisioned');
};

subtest 'a marketplace that uses its ids again' => sub {
	my %request = (cloudcontrol_id => 'dep1@cloudcontrolled.com',
		callback_url => 'https://api.cloudcontrol.com/vendor/apps/dep1', options => { flavour => 'sweet' });

	$resource{app} = $addon{app}->provision(%request)->json->{id};
	remove_tree($addon{app}->home);
	is((provisor(qw(addons forget cloud-db --live 1 --yes)))[1], 0, 'its add-on is forgotten');
	is(of('app')->{marketplace_id}, undef, '... and the id is free');
	$addon{app}->write;
	ok(wait_for(10, sub { $addon{app}->provision(%request)->status == 201 }),
		'... for a new resource');
};

is_unhurt($host);
done_testing;
