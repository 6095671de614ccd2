#!/usr/bin/perl
# A host whose keys file has another key under an id that other hosts use: it seals
# nothing that they could not open.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 'encode_base64';
use Test::More;

use Provisor::Test;
use Provisor::Files qw(read_text write_text);

my $host = new_host(is_direct => 1, workers => { api => 2, web => 1 });
my $addon = addon($host, 'fast-db');
my $keys = $host->env->{PROVISOR_KEYS};
my $right = read_text($keys);
my ($id) = $right =~ /\A([^:]+):/;
my $foreign = "$id:" . encode_base64('k' x 32, '') . "\n";
my $message = qr/its key \\?"\Q$id\E\\?" is not the key of that id with which another host has sealed values: copy/;

sub use_keys {
	my ($text) = @_;

	write_text("$keys.new", $text);
	chmod 0600, "$keys.new";
	rename "$keys.new", $keys or die "$keys: $!\n";
	return;
}

sub is_served { return $addon->provision(uuid => uuid())->status == 200 }

$host->start_postgres;
$host->migrate;
$host->start_pool('api');
my $first = uuid();

is($addon->provision(uuid => $first)->status, 200, 'the first host serves');

subtest 'while the workers run' => sub {
	use_keys($foreign);
	ok(wait_for(10, sub { is_served() && $host->log('worker') =~ $message }), 'the foreign key is refused');
	ok(is_served(), '... and the former keys seal');
	my ($output, $status) = ctl($host->env, 'check');
	like($output, qr/^error +\Q$keys\E: the key "\Q$id\E" is not the one that sealed/m, 'check names it');
	like((ctl($host->env, 'resources', 'list'))[0], qr/provisioned/, 'commands that need no key work');
	like((ctl($host->env, 'config', 'rotate', $first))[0], $message, 'others are refused');
	use_keys($right);
	ok(is_served(), 'the right keys are used again');
};

subtest 'at the start' => sub {
	$host->stop_pool('api');
	use_keys($foreign);
	eval { $host->start_pool('api') };
	isnt($addon->provision(uuid => uuid())->status, 200, 'a create is not served') if !$@;
	ok(wait_for(10, sub { $host->log('worker') =~ /$message.*this worker cannot start/s }),
		'the worker does not start');
	use_keys($right);
	ok(wait_for(10, sub { is_served() }), 'with the right keys, it does');
};

subtest 'while the database does not respond' => sub {
	$host->stop_pool('api');
	$host->stop_postgres;
	use_keys($foreign);
	$host->start_pool('api');
	my $sealed = count_lines();
	$host->start_postgres;
	ok(wait_for(30, sub { $addon->provision(uuid => uuid()); count_lines() > $sealed }),
		'the worker ends when the database responds');
	use_keys($right);
	ok(wait_for(20, sub { is_served() }), 'with the right keys, it serves');
};

sub count_lines { return scalar(() = $host->log('worker') =~ /$message/g) }

subtest 'a key of another id' => sub {
	my $new = "later:" . encode_base64('l' x 32, '') . "\n";

	use_keys($right . $new);
	ok(is_served(), 'is accepted');
	is($host->psql("SELECT string_agg(id, ' ' ORDER BY id) FROM key_fingerprints"), join(' ', sort $id, 'later'),
		'... and its fingerprint stored');
	is((ctl($host->env, qw(keys drop later)))[1], 0, 'it is dropped');
	is($host->psql('SELECT string_agg(id, \' \') FROM key_fingerprints'), $id, '... with its fingerprint');
};

unlike($host->psql('SELECT string_agg(fingerprint, \' \') FROM key_fingerprints'),
	qr/\Q@{[ ($right =~ m{:(\S+)})[0] ]}\E/, 'no key is in the database');
is_unhurt($host);
done_testing();
