#!/usr/bin/perl
# The example hooks create a database for each resource: from the marketplace's request
# through nginx to the customer's login; and many at the same time, each requested
# twice.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use List::Util 'uniq';
use Test::More;
use Time::HiRes qw(sleep time);

use Provisor::CgiClient 'run';
use Provisor::HttpClient;
use Provisor::Test;
use Provisor::Files 'read_text';

my $count = scaled(12, 50);
my $host = new_host(workers => { api => 6, web => 1, jobs => 2 },
	postgres => { max_connections => 200 });
my $https = Provisor::HttpClient->new(port => $host->port);

$host->start_postgres;
my ($socket) = $host->env->{PROVISOR_DATABASE} =~ /host=(\S+)/;
$host->psql("CREATE ROLE vendor LOGIN CREATEDB CREATEROLE PASSWORD 'of the vendor'");

my $hooks = "$FindBin::Bin/../listeners/postgres/hooks";
my $addon = addon($host, 'fast-db', template => undef, client => $https,
	files => { map { ("hooks/$_" => read_text("$hooks/$_")) }
		qw(provision change-plan deprovision suspend resume restore common.sh) });

chmod 0644, $addon->home . '/hooks/common.sh';
$addon->write_file('pg_service.conf', "[admin]\nhost=$socket\ndbname=postgres\nuser=vendor\n");
$addon->write_file('.pgpass', "*:*:*:vendor:of the vendor\n");
$addon->write_file('host', $socket =~ s{/}{%2F}gr . "\n");
$addon->write_file('plans', "basic 5\npremium 50\n");
$host->migrate;
$host->start_pool($_) for qw(api web);
$host->start_jobs;
$host->start_nginx;

sub as_customer {
	my ($url, $sql) = @_;
	my ($output, $errors) = run(
		program => [ 'psql', '-XqAtw', '-d', $url, '-c', $sql ],
		environment => { PATH => $ENV{PATH} },
	);

	return "$output$errors" =~ s/\n\z//r;
}

sub limit_of { return $host->psql("SELECT rolconnlimit FROM pg_roles WHERE rolname = '$_[0]'") }

sub count_roles_and_databases {
	my $list = join ', ', map { "'$_'" } @_;

	return $host->psql("SELECT (SELECT count(*) FROM pg_roles WHERE rolname IN ($list))
		+ (SELECT count(*) FROM pg_database WHERE datname IN ($list))");
}

sub url_of { return ($_[0]->json // {})->{config}{FAST_DB_URL} }

subtest 'one resource' => sub {
	my $id = uuid();
	my $answer = $addon->provision(uuid => $id);

	is($answer->status, 200, 'the resource is provisioned') or return diag $host->log('worker');
	is(as_customer(url_of($answer), 'SELECT current_user, current_database()'), "$id|$id",
		'the customer can log in with the URL of the response');
	is(limit_of($id), 5, 'the plan sets the connection limit');
	is($addon->change_plan($id, 'premium')->status, 200, 'the plan is changed');
	is(limit_of($id), 50, '... and the connection limit with it');
	refuses($addon->change_plan($id, 'none'), 422, 'an unknown plan is refused', qr/\AThere is no such plan\.\z/);
	is($addon->deprovision($id)->status, 204, 'the resource is deprovisioned');
	ok(wait_for(30, sub { count_roles_and_databases($id) == 0 }), 'its role and database are removed');
};

subtest "$count resources at the same time, each requested twice" => sub {
	my @ids = map { uuid() } 1 .. $count;
	my $began = time;
	my %answers;
	my @open = map { ($_, $_) } @ids;

	# A marketplace repeats a request until it succeeds.
	for (my $round = 1; @open && $round < 20; $round++) {
		my @pending = map { [ $_, $https->begin($addon->provision_request(uuid => $_)) ] } @open;
		@open = ();

		for (@pending) {
			my ($id, $request) = @$_;
			my $answer = $https->finish($request);

			if ($answer->status == 200) {
				push @{ $answers{$id} }, $answer;
			} else {
				push @open, $id;
			}
		}
	}
	figure('%d databases, each requested twice, in %.1f s', $count, time - $began);
	is(scalar @open, 0, 'all requests succeed');
	is(scalar(grep { (uniq map { $_->body } @{ $answers{$_} }) != 1 } @ids), 0,
		'... with the same response both times');
	is(scalar(grep { as_customer(url_of($answers{$_}[0]), 'SELECT current_user') ne $_ } @ids), 0,
		'the customer can log in with each URL');
	is(count_roles_and_databases(@ids), 2 * $count, 'each resource has one role and one database');
	is(scalar(grep { $addon->deprovision($_)->status != 204 } @ids), 0, 'all resources are deprovisioned');
	ok(wait_for(180, sub { count_roles_and_databases(@ids) == 0 }), 'their roles and databases are removed');
};

is_unhurt($host);
done_testing();
