#!/usr/bin/perl
# Guesses of an add-on's password: logged with their address, counted, reported by
# check, and answered slowly by nginx, without a delay of other requests.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::ChildProcess;
use Provisor::HttpClient;
use Provisor::Test;

my ($addon, $other);
my $host = serving_host({ workers => { api => 1, web => 1 } }, sub {
	my ($new) = @_;

	$addon = addon($new, 'fast-db');
	$other = addon($new, 'slow-db');
});
my $worker = fastcgi($host, 'api');
my $https = Provisor::HttpClient->new(port => $host->port);

$host->start_nginx;

sub guess {
	my ($client, $as, $id) = @_;

	return $client->request($addon->provision_request(uuid => uuid()), as => $as, id => $id);
}

sub line_of {
	my ($id) = @_;
	my ($line) = grep { /request_id=\Q$id\E / } split /\n/, $host->log('worker');

	return $line // '';
}

subtest 'the log says who guesses' => sub {
	guess($worker, 'fast-db:wrong', 'wrong');
	like(line_of('wrong'), qr/ addon=fast-db .*reason=wrong-password client=127\.0\.0\.1$/, 'a wrong password');
	guess($worker, 'nobody:wrong', 'nobody');
	like(line_of('nobody'), qr/ reason=unknown-user client=127\.0\.0\.1$/, 'an unknown user');
	guess($worker, undef, 'nothing');
	like(line_of('nothing'), qr/ reason=no-authorization-header$/, 'a request without credentials is not a guess');
	$addon->provision(uuid => my $id = uuid());
	unlike((grep { /resource=$id/ } split /\n/, $host->log('worker'))[0], qr/client=/,
		'the line of a marketplace does not have its address');
};

subtest 'guesses are counted' => sub {
	my $count = sub {
		my ($name) = @_;
		my $text = fastcgi($host)->request(method => 'GET', path => '/metrics')->body;

		return $text =~ /^provisor_wrong_passwords_total\{marketplace="heroku",addon="$name"\} (\d+)$/m ? $1 : undef;
	};
	my $before = $count->('fast-db');

	guess($worker, 'fast-db:wrong');
	is($count->('fast-db'), $before + 1, 'a wrong password counts');
	guess($worker, 'nobody:wrong');
	guess($worker, undef);
	$addon->provision(uuid => uuid());
	is($count->('fast-db'), $before + 1, '... and nothing else');
	is($count->('slow-db'), 0, 'each add-on has its own count');
};

subtest 'check warns of many' => sub {
	my $warning = qr{^warning .*/heroku/fast-db: \d+ requests of one day had a wrong password, .*reason=wrong-password}m;

	unlike((ctl($host->env, 'check'))[0], $warning, 'a few cause no warning');
	guess($worker, 'fast-db:wrong') for 1 .. 100;
	my ($output) = ctl($host->env, 'check');

	like($output, $warning, 'many do');
	unlike($output, qr/slow-db: \d+ requests/, '... only for that add-on');
};

# Returns true if a request with the right password, sent after a guess was
# answered by the worker, gets its response before the guess.
sub is_overtaken {
	my ($try) = @_;
	my $done = $host->home . "/guess-$try";
	my $before = () = $host->log('worker') =~ /reason=wrong-password/g;
	my $guess = Provisor::ChildProcess->start(sub {
		my $response = guess($https, 'fast-db:wrong');

		open my $file, '>', $done or die "$done: $!\n";
		print $file $response->status, $response->header('x-accel-limit-rate') // '';
	});

	wait_for(20, sub { $before < (() = $host->log('worker') =~ /reason=wrong-password/g) }) or return;
	my $is_right = $addon->through($https)->provision(uuid => uuid())->status == 200;
	my $is_first = !-e $done;

	$guess->finish;
	open my $file, '<', $done or return;
	is(scalar <$file>, '401', 'the guess gets 401, and no header for nginx');
	return $is_right && $is_first;
}

ok((grep { is_overtaken($_) } 1 .. 3), 'a guess is answered slowly, and delays no other request');

is_unhurt($host);
done_testing;
