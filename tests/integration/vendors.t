#!/usr/bin/perl
# A log add-on and a database add-on with integer ids, each a short program, go
# through the life of a resource.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Eventually;
use Provisor::Files 'read_text';
use Provisor::Test;

my $listeners = "$FindBin::Bin/../listeners";
my $host = new_host(workers => { api => 1, web => 1, jobs => 1 });

# An add-on whose hooks are all the program of this folder.
sub vendor {
	my ($name, $folder, %more) = @_;
	my $program = read_text("$listeners/$folder/hook");

	cmp_ok($program =~ tr/\n//, '<', 40, "the hooks of $name have less than 40 lines");
	return addon($host, $name, template => undef, base_url => "https://localhost/$name/heroku/resources",
		api => { config_vars => [ uc($name =~ tr/-/_/r) . '_URL' ], %more },
		files => { map { ("hooks/$_" => $program) } qw(provision change-plan deprovision rotate) });
}

my $logs = vendor('log-box', 'logs', requires => ['syslog_drain']);
my $databases = vendor('count-db', 'numbered');

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
$host->start_jobs;

my $eventually = Provisor::Eventually->new($host);

# A step of a life: what the marketplace or an operator does.
my %steps = (
	create => sub {
		my ($life) = @_;

		$life->{response} = $life->{addon}->provision(uuid => $life->{uuid}, %{ $life->{request} });
		return is($life->{response}->status, 200, 'it is created');
	},
	repeat => sub {
		my ($life) = @_;

		return same_bytes($life->{addon}->provision(uuid => $life->{uuid}, %{ $life->{request} }),
			$life->{response}, 'a repeat gets the same response');
	},
	'change plan' => sub {
		my ($life) = @_;

		$life->{response} = $life->{addon}->change_plan($life->{uuid}, '30');
		return is($life->{response}->status, 200, 'its plan is changed');
	},
	rotate => sub {
		my ($life) = @_;

		is((ctl($host->env, 'config', 'rotate', $life->{uuid}))[1], 0, 'its credentials are rotated');
		return $eventually->has_no_jobs_left($life->{uuid});
	},
	delete => sub {
		my ($life) = @_;

		is($life->{addon}->deprovision($life->{uuid})->status, 204, 'it is deleted');
		return $eventually->becomes($life->{uuid}, 'deprovisioned', '... and cleaned up');
	},
);

sub file_of { return read_text($_[0]{addon}->home . "/$_[1]") // '' }

# The present config var, as a repeated create returns it.
sub url_of {
	my ($life) = @_;
	my ($url) = values %{ $life->{addon}->provision(uuid => $life->{uuid}, %{ $life->{request} })->json->{config} };

	return $url;
}

# Each row is a step and what is true after it.
my @log_life = (
	[ create => sub {
		my ($life) = @_;

		is($life->{response}->json->{log_drain_url}, 'https://logs.example.com/drain', 'it has a log drain');
		is(file_of($life, "logs/$life->{uuid}.drain"), 'd.0123', 'the vendor knows whose lines arrive');
		is($life->{response}->json->{message}, 'Logs are kept for 7 days.', 'the customer is told the plan');
	} ],
	[ repeat => sub { } ],
	[ 'change plan' => sub { is(file_of($_[0], "logs/$_[0]{uuid}.plan"), '30', 'the vendor knows the plan') } ],
	[ rotate => sub {
		my ($life) = @_;

		isnt(url_of($life), (values %{ $life->{response}->json->{config} })[0], 'the URL has another key');
		is(file_of($life, "logs/$life->{uuid}.drain"), 'd.0123', 'the drain stays');
	} ],
	[ delete => sub { is(file_of($_[0], "logs/$_[0]{uuid}.drain"), '', 'the vendor has forgotten it') } ],
);

my @database_life = (
	[ create => sub {
		my ($life) = @_;

		is($life->{response}->json->{id}, $life->{number}, 'it has a number');
		like(url_of($life), qr{/$life->{number}\z}, '... which is in its URL');
	} ],
	[ repeat => sub { } ],
	[ 'change plan' => sub {
		is($_[0]{response}->json->{message}, 'From 7 to 30.', 'the customer is told both plans');
		is(file_of($_[0], "databases/$_[0]{number}/plan"), '30', 'the database has the new one');
	} ],
	[ rotate => sub {
		isnt(url_of($_[0]), (values %{ $_[0]{response}->json->{config} })[0], 'the URL has another password');
	} ],
	[ delete => sub { is(file_of($_[0], "databases/$_[0]{number}/plan"), '', 'the database is gone') } ],
);

sub live {
	my ($name, $life, @rows) = @_;

	subtest $name => sub {
		for (@rows) {
			my ($step, $holds) = @$_;
			$steps{$step}->($life);
			$holds->($life);
		}
	};
	return;
}

live('a log add-on', { addon => $logs, uuid => uuid(),
	request => { plan => '7', log_drain_token => 'd.0123' } }, @log_life);
live('a database add-on', { addon => $databases, uuid => uuid(), number => 1, request => { plan => '7' } },
	@database_life);
live('its next database', { addon => $databases, uuid => uuid(), number => 2, request => { plan => '7' } },
	@database_life);

is_unhurt($host);
done_testing;
