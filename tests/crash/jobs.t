#!/usr/bin/perl
# provisor-jobs ends at each crash point of each kind of job that no request waits for.
# In the end every job has finished, and database, marketplace and vendor agree.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Files qw(read_text write_text);
use Provisor::ScriptedVendor;
use Provisor::Test;

use constant PATIENCE => 90; # seconds; several leases

my $host = new_host(
	workers => { api => 2, web => 1, jobs => 8 },
	env => { PROVISOR_JOB_LIMIT => '2s' },
);
my $heroku = Provisor::FakeHeroku->new($host);
my $eventually = Provisor::Eventually->new($host);
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', $heroku->settings(keep => '7d'),
	hooks => [qw(provision change-plan deprovision rotate suspend resume restore)]);
# Moves its resources to that one.
my $other = Provisor::ScriptedVendor->new($host, 'other', $heroku->settings,
	base_url => 'https://localhost/other/heroku/resources', hooks => [qw(provision change-plan deprovision move)]);
my $later = Provisor::ScriptedVendor->new($host, 'later',
	base_url => 'https://localhost/later/heroku/resources', api => { requires => ['log_input'] },
	$heroku->settings(provision => 'async'));
my $template = addon($host, 'simple', base_url => 'https://localhost/simple/heroku/resources',
	api => { requires => ['log_input'] }, $heroku->settings);
my $faults = $host->home . '/faults';

mkdir $faults;
$host->{env}{PROVISOR_FAULTS} = $faults;

# Each rotation makes other credentials, so the last one counts.
$vendor->behave(rotate => <<'PERL');
	write_to("token-$call->{resource}{uuid}", "token $$ of attempt $call->{attempt}");
	done(config => { %{ config() }, FAST_DB_TOKEN => "token $$ of attempt $call->{attempt}" });
PERL
# What an id has used so far, in order.
$vendor->behave($_ => "write_to(qq(calls.use-\$call->{resource}{uuid}), '$_ ')") for qw(suspend resume);
$vendor->behave(restore => <<'PERL');
	rename "things/$call->{from}{uuid}", $thing;
	print encode_json({ config => { %{ config() }, FAST_DB_TOKEN => "content of $call->{from}{uuid}" } });
	exit 0;
PERL
$other->behave(move => <<'PERL');
	rename "../fast-db/things/$call->{from}{uuid}", $thing;
	done(config => { OTHER_URL => 'https://example.com', OTHER_TOKEN => "content of $call->{from}{uuid}" });
PERL
$later->behave(provision => 'print qq({"message":"Not today."}), exit 65 if $call->{resource}{options}{refuse}');

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

# --- resources --------------------------------------------------------------

sub create {
	my ($of, $status, %more) = @_;
	my $id = uuid();

	is($of->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant(), %more)->status, $status, 'created');
	return $id;
}

sub provisor_succeeds {
	my (@arguments) = @_;
	my ($output, $status) = ctl($host->env, @arguments);

	return is($status, 0, "provisor @arguments[0, 1]") || diag $output;
}

sub rotate { return provisor_succeeds(qw(config rotate --overlap 1h), $_[0]) }

sub queue {
	my ($id, $kind, $lane, $payload) = @_;

	return $host->psql("INSERT INTO jobs (kind, lane, resource, payload)
		VALUES ('$kind', '$lane', '$id', $payload)");
}

# The config vars here, which a repeated create gets.
sub config_of {
	my ($id) = @_;
	my $addon = $eventually->resource($id)->{addon};
	my %of = (later => $later->addon, other => $other->addon, simple => $template, 'fast-db' => $vendor->addon);

	return $of{$addon}->provision(uuid => $id)->config;
}

# --- checks -----------------------------------------------------------------

sub has_pushed {
	my ($id, $name) = @_;
	my ($last) = reverse $heroku->pushes($id);

	return is_deeply($last, config_of($id), "$name: the marketplace has the config vars that are here");
}

sub has_rotated {
	my ($id, $name) = @_;

	is(config_of($id)->{FAST_DB_TOKEN}, read_text($vendor->addon->home . "/token-$id"),
		"$name: the vendor's last credentials are here");
	return has_pushed($id, $name);
}

sub is_complete {
	my ($id, $name) = @_;

	is($eventually->resource($id)->{state}, 'provisioned', "$name: the resource is provisioned");
	ok((grep { m{ /addons/\Q$id\E/actions/provision\z} } $heroku->calls($id)), '... and the marketplace knows');
	is(count_of($host, "jobs WHERE resource = '$id' AND payload->>'line' = 'provisioned'"), 1, '... and the customer, once');
	return has_pushed($id, $name);
}

sub is_withdrawn {
	my ($id, $name) = @_;

	is($later->thing($id), undef, "$name: the vendor has nothing");
	return ok((grep { m{ /addons/\Q$id\E/actions/deprovision\z} } $heroku->calls($id)), '... and the marketplace knows');
}

sub is_undone {
	my ($id, $name) = @_;

	is($eventually->resource($id)->{state}, 'deprovisioned', "$name: the resource is deprovisioned");
	return is(count_of($host, "events WHERE resource = '$id' AND event = 'deprovisioned'"), 1, '... once');
}

sub provisor_suspends { return provisor_succeeds(qw(resources suspend), $_[0]) }

# The vendor's last call agrees with the state of the resource.
sub is_in_use {
	my ($id, $state, $last, $name) = @_;

	is($eventually->resource($id)->{state}, $state, "$name: the resource is $state");
	return like(read_text($vendor->addon->home . "/calls.use-$id"), qr/\b$last \z/, '... as the vendor knows');
}

my %old_of; # the id of the resource that gets a content => that of the kept one

sub is_restored {
	my ($id, $name) = @_;

	is($eventually->resource($old_of{$id})->{state}, 'deprovisioned', "$name: the old resource is a tombstone");
	is(scalar($vendor->calls('deprovision', $old_of{$id})), 0, '... without a clean-up');
	is($vendor->thing($old_of{$id}), undef, '... whose content');
	ok(defined $vendor->thing($id), '... belongs to the new one');
	is(config_of($id)->{FAST_DB_TOKEN}, "content of $old_of{$id}", '... with its config vars');
	is(count_of($host, "events WHERE resource = '$id' AND event = 'restored'"), 1, '... once');
	return has_pushed($id, $name);
}

# The old resource stays until its marketplace deprovisions it.
sub is_moved {
	my ($id, $name) = @_;
	my $old = $old_of{$id};

	is($eventually->resource($old)->{moved_to}, $id, "$name: the old resource is moved");
	is($vendor->addon->deprovision($old)->status, 204, '... until its marketplace says DELETE');
	is($eventually->resource($old)->{state}, 'deprovisioned', '... and then a tombstone');
	is(scalar($vendor->calls('deprovision', $old)), 0, '... without a clean-up');
	ok(defined $other->thing($id), '... its content belongs to the new one');
	is(config_of($id)->{OTHER_TOKEN}, "content of $old", '... with its config vars');
	is(count_of($host, "events WHERE resource = '$id' AND event = 'moved'"), 1, '... once');
	return has_pushed($id, $name);
}

# --- the kinds --------------------------------------------------------------

my @listener = qw(claimed asking asked settled);
my @marketplace = qw(claimed calling called settled);

# For each crash point of a kind, prepare makes a resource, begin queues the job when
# the other jobs have finished, and check tests what is there in the end.
my @kinds = (
	{
		kind => 'rotate', places => \@listener,
		prepare => sub { create($vendor->addon, 200) },
		begin => \&rotate,
		check => \&has_rotated,
	}, {
		kind => 'verify', places => \@listener,
		prepare => sub {
			my $id = create($vendor->addon, 200);

			rotate($id);
			return $id;
		},
		begin => sub {
			my ($id) = @_;
			my $rotation = $eventually->job($id, 'rotate')->{id};

			queue($id, 'verify', 'listener', qq('{"kind": "rotate", "job": $rotation, "overlap": 3600}'));
		},
		check => \&has_rotated,
	}, {
		kind => 'suspend', places => \@listener,
		prepare => sub { create($vendor->addon, 200) },
		begin => \&provisor_suspends,
		check => sub { is_in_use($_[0], 'suspended', 'suspend', $_[1]) },
	}, {
		kind => 'resume', places => \@listener,
		prepare => sub {
			my $id = create($vendor->addon, 200);

			provisor_suspends($id);
			return $id;
		},
		begin => sub { provisor_succeeds(qw(resources resume), $_[0]) },
		check => sub { is_in_use($_[0], 'provisioned', 'resume', $_[1]) },
	}, {
		kind => 'restore', places => \@listener,
		prepare => sub {
			my $old = create($vendor->addon, 200);
			my $id = create($vendor->addon, 200);

			is($vendor->addon->deprovision($old)->status, 204, 'the old resource is deprovisioned');
			$old_of{$id} = $old;
			return $id;
		},
		begin => sub { provisor_succeeds(qw(resources restore), $old_of{ $_[0] }, $_[0]) },
		check => \&is_restored,
	}, {
		kind => 'move', places => \@listener,
		prepare => sub {
			my $old = create($vendor->addon, 200);
			my $id = create($other->addon, 200);

			$old_of{$id} = $old;
			return $id;
		},
		begin => sub {
			provisor_succeeds(qw(resources move), $old_of{ $_[0] }, qw(--to-addon other --to-marketplace heroku --as), $_[0]);
		},
		check => \&is_moved,
	}, {
		kind => 'deprovision', places => [ 'begun', @listener ],
		prepare => sub {
			my $id = create($vendor->addon, 200);

			is($vendor->addon->deprovision($id)->status, 204, 'it is kept');
			return $id;
		},
		begin => sub {
			my ($id) = @_;

			$host->psql("UPDATE resources SET kept_until = now() WHERE id = '$id'");
			$eventually->make_due($id, 'deprovision');
		},
		check => sub {
			my ($id, $name) = @_;

			is($vendor->thing($id), undef, "$name: the vendor has nothing");
			is_undone($id, $name);
		},
	}, {
		kind => 'push-config', places => \@marketplace,
		prepare => sub { create($template, 200) },
		begin => sub { provisor_succeeds(qw(config set), $_[0], 'SIMPLE_URL=https://example.com/new') },
		check => \&has_pushed,
	}, {
		kind => 'check-config', places => \@marketplace,
		prepare => sub { create($template, 200) },
		begin => sub { queue($_[0], 'check-config', 'marketplace', "'{}'") },
		check => \&has_pushed,
	}, {
		kind => 'confirm', places => [qw(claimed calling called undone)],
		prepare => sub { create($template, 200) },
		begin => sub { queue($_[0], 'confirm', 'marketplace', "'{}'") },
		view => { state => 'deprovisioned' },
		check => \&is_undone,
	}, {
		kind => 'complete', places => \@marketplace,
		begin => sub { create($later->addon, 202, $heroku->log_input(uuid())) },
		check => \&is_complete,
	}, {
		kind => 'withdraw', places => \@marketplace,
		begin => sub { create($later->addon, 202, options => { refuse => 'yes' }) },
		check => \&is_withdrawn,
	}, {
		kind => 'exchange', places => ['claimed'],
		begin => sub { create($template, 200) },
		check => sub {
			my ($id, $name) = @_;

			is(count_of($host, "resources WHERE id = '$id' AND access_token IS NOT NULL"), 1, "$name: there is a token");
		},
	}, {
		kind => 'write-log', places => ['claimed'],
		prepare => sub { create($template, 200, $heroku->log_input(uuid())) },
		begin => sub { $template->change_plan($_[0], 'premium') },
		check => sub { is($eventually->resource($_[0])->{plan}, 'premium', "$_[1]: the plan is changed") },
	},
);

my @cases = map { my $kind = $_; map { { %$kind, place => $_ } } @{ $kind->{places} } } @kinds;

sub name_of { return "$_[0]{kind}.$_[0]{place}" }

# --- the deaths -------------------------------------------------------------

sub all_jobs_finish {
	my $left = "jobs WHERE finished_at IS NULL AND run_at < now() + interval '1 day'";

	return ok(wait_for(PATIENCE, sub { count_of($host, $left) == 0 }), 'all jobs finish')
		|| diag explain [ rows($host, $left) ];
}

$_->{id} = $_->{prepare}->() for grep { $_->{prepare} } @cases;
all_jobs_finish();
$heroku->has_resources(map { $_->{id} => $_->{view} // {} } grep { $_->{id} } @cases);
write_text("$faults/" . name_of($_), '') for @cases;
for my $case (@cases) {
	my $id = $case->{begin}->($case->{id});

	$case->{id} //= $id;
}
all_jobs_finish();
is(join(' ', map { name_of($_) } grep { -e "$faults/" . name_of($_) } @cases), '',
	'a process ended at each crash point');
$_->{check}->($_->{id}, name_of($_)) for @cases;

is_unhurt($host);
done_testing;
