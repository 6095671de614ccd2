#!/usr/bin/perl
# A log add-on and a database add-on with integer ids, each a short program, go
# through the life of a resource.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Test;
use Provisor::Files qw(read_text write_text);

my $listeners = "$FindBin::Bin/../listeners";
my $host = new_host(workers => { api => 1, web => 1, jobs => 2 });
my $heroku = Provisor::FakeHeroku->new($host);

# An add-on whose hooks are all the program of this folder.
sub vendor {
	my ($name, $folder, %more) = @_;
	my $program = read_text("$listeners/$folder/hook");

	cmp_ok($program =~ tr/\n//, '<', 40, "the hooks of $name have less than 40 lines");
	return addon($host, $name, template => undef, base_url => "https://localhost/$name/heroku/resources",
		$heroku->settings(keep => '7d'),
		api => { config_vars => [ uc($name =~ tr/-/_/r) . '_URL' ], %more },
		files => { map { ("hooks/$_" => $program) }
			qw(provision change-plan deprovision rotate suspend resume restore) });
}

my $logs = vendor('log-box', 'logs', requires => ['syslog_drain']);
my $databases = vendor('count-db', 'numbered');

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;
$heroku->behave('succeeds');

my $eventually = Provisor::Eventually->new($host);

# --- what there is ----------------------------------------------------------

# The folder in which the vendor has what belongs to a resource.
sub folder_of {
	my ($life, $uuid) = @_;
	my ($kind) = $life->{addon} == $logs ? 'logs' : 'databases';
	my $path = $life->{addon}->home . "/$kind/" . ($uuid // $life->{uuid});

	return -l $path ? $life->{addon}->home . "/$kind/" . readlink $path : $path;
}

sub file_of { return read_text(folder_of(@_[ 0, 2 ]) . "/$_[1]") // '' }
sub is_off { return -e folder_of(@_) . '/off' ? 1 : 0 }

# The present config vars, as a repeated create returns them, and the URL in them.
sub config_of { return $_[0]{addon}->provision(uuid => $_[0]{uuid}, %{ $_[0]{request} })->json->{config} }
sub url_of { return (values %{ config_of(@_) })[0] }

sub has_told_marketplace {
	my ($life) = @_;
	my ($last) = reverse $heroku->pushes($life->{uuid});

	return is_deeply($last, config_of($life), '... and the marketplace has the config vars');
}

sub provisor_succeeds {
	my (@arguments) = @_;
	my ($output, $status) = ctl($host->env, @arguments);

	return is($status, 0, "provisor @arguments[0, 1]") || diag $output;
}

# --- the steps of a life ----------------------------------------------------

sub create {
	my ($life) = @_;

	$life->{uuid} = uuid();
	$life->{request} = { %{ $life->{wish} }, oauth_grant => Provisor::FakeHeroku::grant() };
	$life->{response} = $life->{addon}->provision(uuid => $life->{uuid}, %{ $life->{request} });
	is($life->{response}->status, 200, 'it is created');
	return $eventually->has_no_jobs_left($life->{uuid});
}

# What the marketplace or an operator does.
my %steps = (
	create => \&create,
	repeat => sub {
		my ($life) = @_;

		return same_bytes($life->{addon}->provision(uuid => $life->{uuid}, %{ $life->{request} }),
			$life->{response}, 'a repeat gets the same response');
	},
	'change plan' => sub {
		my ($life) = @_;

		is($life->{addon}->change_plan($life->{uuid}, '30')->status, 202, 'a slow change of its plan is promised');
		$eventually->has_no_jobs_left($life->{uuid});
		is($eventually->resource($life->{uuid})->{plan}, '30', 'then it has the plan');
		return is(file_of($life, 'plan'), '30', '... as the vendor knows') && has_told_marketplace($life);
	},
	rotate => sub {
		my ($life) = @_;
		my $before = url_of($life);

		provisor_succeeds(qw(config rotate), $life->{uuid});
		$eventually->has_no_jobs_left($life->{uuid});
		isnt(url_of($life), $before, 'the URL has other credentials');
		return has_told_marketplace($life);
	},
	suspend => sub {
		my ($life) = @_;

		for ([ suspend => 1 ], [ resume => 0 ]) {
			provisor_succeeds('resources', $_->[0], $life->{uuid});
			$eventually->has_no_jobs_left($life->{uuid});
			is(is_off($life), $_->[1], '... as the vendor knows');
		}
		return is($eventually->resource($life->{uuid})->{state}, 'provisioned', 'in the end it is in use');
	},
	# The customer removes it by accident; $life->{content} is what would be lost.
	delete => sub {
		my ($life) = @_;

		write_text(folder_of($life) . "/$life->{content}", "of $life->{uuid}");
		is($life->{addon}->deprovision($life->{uuid})->status, 204, 'it is deleted');
		is($eventually->resource($life->{uuid})->{state}, 'kept', '... and kept');
		ok($eventually->is_true(sub { is_off($life) }), '... out of use');
		return is(file_of($life, $life->{content}), "of $life->{uuid}", 'nothing is lost');
	},
	# The customer creates another one, which gets its content.
	restore => sub {
		my ($life) = @_;
		my $old = $life->{uuid};

		create($life);
		provisor_succeeds(qw(resources restore), $old, $life->{uuid});
		$eventually->has_no_jobs_left($life->{uuid});
		is(file_of($life, $life->{content}), "of $old", 'the new one has what the old one was');
		is(file_of($life, $life->{content}, $old), '', '... which has it no longer');
		is($eventually->resource($old)->{state}, 'deprovisioned', '... and is gone');
		is(is_off($life), 0, 'the new one is in use');
		return has_told_marketplace($life);
	},
	'delete for good' => sub {
		my ($life) = @_;

		provisor_succeeds(qw(resources deprovision --now --yes), $life->{uuid});
		return $eventually->becomes($life->{uuid}, 'deprovisioned', 'it is deleted and cleaned up');
	},
);

# Each row is a step, and what else is true after it.
my @log_life = (
	[ create => sub {
		my ($life) = @_;

		is($life->{response}->json->{log_drain_url}, 'https://logs.example.com/drain', 'it has a log drain');
		is(file_of($life, 'drain'), 'd.0123', 'the vendor knows whose lines arrive');
		is($life->{response}->json->{message}, 'Logs are kept for 7 days.', 'the customer is told the plan');
	} ],
	[ 'repeat' ],
	[ 'change plan' ],
	[ rotate => sub { is(file_of($_[0], 'drain'), 'd.0123', 'the drain stays') } ],
	[ 'suspend' ],
	[ 'delete' ],
	[ restore => sub { is(file_of($_[0], 'drain'), 'd.0123', 'the new drain counts') } ],
	[ 'delete for good' => sub { is(file_of($_[0], 'drain'), '', 'the vendor has forgotten it') } ],
);

my @database_life = (
	[ create => sub {
		my ($life) = @_;

		is($life->{response}->json->{id}, $life->{number}, 'it has a number');
		like(url_of($life), qr{/$life->{number}\z}, '... which is in its URL');
	} ],
	[ 'repeat' ],
	[ 'change plan' => sub {
		is($_[0]{addon}->change_plan($_[0]{uuid}, '30')->json->{message}, 'From 7 to 30.', 'the customer can read both plans');
	} ],
	[ 'rotate' ],
	[ 'suspend' ],
	[ 'delete' ],
	[ restore => sub { like(url_of($_[0]), qr{/@{[ $_[0]{number} + 1 ]}\z}, 'it has a number of its own') } ],
	[ 'delete for good' => sub { is(file_of($_[0], 'plan'), '', 'the database is gone') } ],
);

sub live {
	my ($name, $life, @rows) = @_;

	subtest $name => sub {
		for (@rows) {
			my ($step, $holds) = @$_;
			$steps{$step}->($life);
			$holds->($life) if $holds;
		}
	};
	return;
}

live('a log add-on', { addon => $logs, content => 'lines', wish => { plan => '7', log_drain_token => 'd.0123' } }, @log_life);
live('a database add-on', { addon => $databases, content => 'tables', number => 1, wish => { plan => '7' } },
	@database_life);
live('its next databases', { addon => $databases, content => 'tables', number => 3, wish => { plan => '7' } },
	@database_life);

is_unhurt($host);
done_testing;
