#!/usr/bin/perl
# A pool that does not work is named by /ready, /ready/api, /ready/web, the metrics and
# provisor check.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Path 'remove_tree';
use Test::More;

use Provisor::CheckCommand;
use Provisor::Files qw(read_text write_text);
use Provisor::HttpClient;
use Provisor::Test;

my $ops = Provisor::HttpClient->new(plain => $host->ops_port);
my $https = Provisor::HttpClient->new(port => $host->port);

sub status_of {
	my ($path) = @_;

	return $ops->request(method => 'GET', path => $path)->status;
}

sub pool_in {
	my ($path) = @_;

	return $ops->request(method => 'GET', path => $path)->json->{pool};
}

sub metric {
	my ($sample) = @_;
	my ($value) = $ops->request(method => 'GET', path => '/metrics')->body
		=~ /^\Q$sample\E (\S+)$/m;

	return $value;
}

sub all_are_ready {
	return !grep { status_of($_) != 200 } qw(/ready /ready/api /ready/web);
}

# Stops a pool and starts it with another setting.
sub restart_pool {
	my ($pool, %setting) = @_;

	$host->stop_pool($pool);
	local $host->{env} = \%setting;
	$host->start_pool($pool);
	return;
}

ok(wait_for(5, \&all_are_ready), 'both pools are ready');

subtest 'the api pool is dead' => sub {
	$host->stop_pool('api');
	is(status_of($_), 503, $_) for qw(/ready /ready/api);
	is(pool_in($_), 'api', "$_ names it") for qw(/ready /ready/api);
	is(status_of('/ready/web'), 200, '/ready/web is ready');
	is(metric('provisor_workers{pool="api"}'), 0, 'it has no worker');
	is(metric('provisor_workers{pool="web"}'), 1, '... and web has one');
	is($https->request(method => 'GET', path => '/health')->status, 503, '/health');
	my ($status, $lines) = check({});
	is($status, 1, 'check fails');
	is(scalar @{ $lines->{error} }, 1, '... with one error');
	like($lines->{error}[0], qr/does not reach the pool api .*: start it/, '... that names it');
	$host->start_pool('api');
	ok(wait_for(5, \&all_are_ready), 'it runs again');
};

subtest 'the hooks pool is dead' => sub {
	my $ready = sub { $ops->request(method => 'GET', path => '/ready')->json };

	ok(!exists $ready->()->{hooks}, 'without hooks, /ready does not ask for it');
	my $home = addon($host, 'by-hooks', template => undef,
		files => { 'hooks/provision' => "#!/bin/sh\necho {}\n" })->home;
	ok(wait_for(5, sub { ($ready->()->{hooks} // '') eq 'ok' }), 'it serves hooks');
	$host->stop_pool('hooks');
	is(status_of($_), 503, $_) for qw(/ready /ready/api /ready/web);
	like($ready->()->{hooks}, qr/the hooks pool does not listen at .*: start provisor-hooks/, '... which say why');
	is($addon->provision(uuid => uuid())->status, 200, 'an add-on without hooks is served');
	my ($status, $lines) = check({});
	is($status, 1, 'check fails');
	like($lines->{error}[0], qr/\Athe hooks pool does not listen at .*: start provisor-hooks/, '... and says why');
	$host->start_hooks;
	ok(wait_for(5, \&all_are_ready), 'it runs again');
	remove_tree($home);
};

subtest 'the api pool has a wrong password' => sub {
	restart_pool('api', PROVISOR_DATABASE => $database =~ s/password=\S+/password=wrong/r);
	ok(wait_for(5, sub { (pool_in('/ready') // '') eq 'api' && status_of('/ready') == 503 }),
		'/ready names the pool');
	is($ops->request(method => 'GET', path => '/ready')->json->{database}, 'away', '... and the database');
	is(status_of('/ready/web'), 200, '/ready/web is ready');
	my ($status, $lines) = check({});
	is($status, 1, 'check fails');
	like("@{ $lines->{error} }", qr/the pool api reports an error .*database: away/, '... and names it');
	restart_pool('api');
	ok(wait_for(5, \&all_are_ready), 'it runs again');
};

subtest 'the web pool is dead' => sub {
	$host->stop_pool('web');
	is(status_of($_), 503, $_) for qw(/ready /ready/web);
	is(pool_in($_), 'web', "$_ names it") for qw(/ready /ready/web);
	is(status_of('/ready/api'), 200, '/ready/api is ready');
	$host->start_pool('web');
	ok(wait_for(5, \&all_are_ready), 'it runs again');
};
subtest 'a changed password of the database' => sub {
	my $file = $host->home . '/provisor.env';
	my $reload = sub { ctl({}, '--env', $file, 'reload') };
	my $create = sub { $addon->provision(uuid => uuid())->status };
	my %old = map { $_ => 1 } workers($host);

	$host->{reads_file} = 1;
	for my $pool (qw(api web)) {
		$host->stop_pool($pool);
		$host->start_pool($pool);
	}
	ok(wait_for(5, \&all_are_ready), 'the pools read their settings from the file');
	is(scalar(my @running = workers($host)), 3, '... and the numbers of workers too');
	%old = map { $_ => 1 } workers($host);

	$host->psql("ALTER ROLE provisor_worker PASSWORD 'changed'");
	my ($output, $status) = $reload->();
	is($status, 1, 'reload refuses while the file has the old one');
	like($output, qr/would not be ready \(PROVISOR_DATABASE: away.*Nothing has been replaced/, '... and says why');
	is_deeply({ map { $_ => 1 } workers($host) }, \%old, '... and replaces no worker');
	is($create->(), 200, '... so creates continue');

	write_text($file, read_text($file) =~ s/password=[^" ]+/password=changed/r);
	my $valid = read_text($file);
	my $log = $host->home . '/missing/log';
	write_text($file, $valid . "PROVISOR_LOG=$log\n");
	($output, $status) = $reload->();
	is($status, 1, 'reload refuses a log that cannot be opened');
	like($output, qr/PROVISOR_LOG: .*\Q$log\E \(No such file.*Nothing has been replaced/, '... and says why');
	is_deeply({ map { $_ => 1 } workers($host) }, \%old, '... and replaces no worker');
	write_text($file, $valid);

	my $finding = qr/\Q$file\E: was changed after 3 of 3 workers started/;
	my (undef, $lines) = check({}, '--env', $file);
	like("@{ $lines->{warning} }", $finding, 'check reports settings that are not in force');
	($output, $status) = $reload->();
	(undef, $lines) = check({}, '--env', $file);
	unlike("@{ $lines->{warning} }", $finding, '... until the reload');
	is($status, 0, 'reload with the new one') or diag $output;
	is((grep { $old{$_} } workers($host)), 0, '... replaces all workers');
	is($create->(), 200, '... which use it');
	ok(wait_for(5, \&all_are_ready), '... and are ready');
};
done_testing;
