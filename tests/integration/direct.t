#!/usr/bin/perl
# Customers without a marketplace: an operator creates, changes and deprovisions
# their resources, with the same guarantees.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::AddOn;
use Provisor::ScriptedVendor;
use Provisor::Test;

my $host = new_host(workers => { api => 1, web => 1, jobs => 1 });
my %manifest = (config_vars => [ 'FAST_DB_URL' ], plans => [ { name => 'basic' }, 'premium' ]);

addon($host, 'fast-db', marketplace => 'direct', manifest => Provisor::AddOn::json({ id => 'fast-db', %manifest }),
	template => { config => { FAST_DB_URL => 'https://${id}.example/${plan}' }, message => 'Made.' });
my $vendor = Provisor::ScriptedVendor->new($host, 'slow-db', marketplace => 'direct',
	manifest => Provisor::AddOn::json({ id => 'slow-db', config_vars => [ 'SLOW_DB_URL', 'SLOW_DB_TOKEN' ] }));
my $sold = addon($host, 'fast-db');

$host->start;

sub provisor { return ctl($host->env, @_) }

sub resource {
	my ($key) = @_;

	return row($host, "resources WHERE marketplace = 'direct' AND marketplace_id = '$key'");
}

my $id;

subtest 'a resource is created once' => sub {
	my ($output, $ended) = provisor(qw(resources create fast-db customer-7 basic --name Acme --option disk=large));

	is($ended, 0, 'the command succeeds') or diag $output;
	like($output, qr/^created: (\S+)\nconfig vars: FAST_DB_URL\nMade\.$/m, '... and shows the names of config vars');
	$id = resource('customer-7')->{id};
	is(resource('customer-7')->{name}, 'Acme', '... with its name');
	is(row($host, "events WHERE resource = '$id' AND event = 'provisioned'")->{actor} =~ s/:.*//r, 'operator',
		'the event names the operator');

	($output, $ended) = provisor(qw(resources create fast-db customer-7 basic --name Acme --option disk=large));
	is($ended, 0, 'the same command succeeds again');
	like($output, qr/^exists already: /, '... and creates nothing');
	is(count_of($host, "resources WHERE marketplace = 'direct'"), 1, '... so there is one resource');

	($output, $ended) = provisor(qw(resources create fast-db customer-7 premium));
	is($ended, 1, 'another plan under the same id is refused');
	like($output, qr/was first requested with another plan/, '... with the reason');
};

subtest 'what cannot be created is refused in words' => sub {
	my @refused = (
		[ [ qw(fast-db customer-8 gold) ], qr/There is no such plan/, 'an unknown plan' ],
		[ [ qw(fast-bd customer-8 basic) ], qr/no such add-on in the folder direct/, 'an unknown add-on' ],
		[ [ 'fast-db', 'x' x 256, 'basic' ], qr/"id" must be a string of 1 to 255 characters/, 'a long id' ],
		[ [ qw(fast-db customer-8 basic --option disk) ], qr/write NAME=VALUE/, 'a malformed option' ],
	);

	for my $row (@refused) {
		my ($arguments, $words, $name) = @$row;
		my ($output, $ended) = provisor(qw(resources create), @$arguments);

		isnt($ended, 0, $name);
		like($output, $words, '... with the reason');
	}
	is(count_of($host, "resources WHERE marketplace_id = 'customer-8'"), 0, 'nothing is created');
};

subtest 'its plan changes' => sub {
	my ($output, $ended) = provisor(qw(resources change-plan customer-7 premium));

	is($ended, 0, 'the command succeeds') or diag $output;
	is(resource('customer-7')->{plan}, 'premium', 'the plan is changed');
	($output) = provisor(qw(resources show customer-7 --reveal));
	like($output, qr{https://\S+/premium}, 'the config var has its new value');

	my $uuid = uuid();

	is($sold->provision(uuid => $uuid)->status, 200, 'Heroku creates a resource');
	($output, $ended) = provisor(qw(resources change-plan), $uuid, 'premium');
	is($ended, 1, 'its plan cannot be changed so');
	like($output, qr/its marketplace does this/, '... with the reason');
};

subtest 'a hook is called as for a marketplace' => sub {
	my ($output, $ended) = provisor(qw(resources create slow-db c-1 basic));

	is($ended, 0, 'the command succeeds') or diag $output;
	is(resource('c-1')->{state}, 'provisioned', 'the resource is provisioned');
	($output, $ended) = provisor(qw(resources change-plan c-1 premium));
	is($ended, 0, 'its plan changes') or diag $output;
	($output, $ended) = provisor(qw(resources deprovision c-1 --yes));
	is($ended, 0, 'it is deprovisioned') or diag $output;
	ok(wait_for(20, sub { (resource('c-1')->{state} // '') eq 'deprovisioned' }), '... and cleaned up');
	($output, $ended) = provisor(qw(resources create slow-db c-1 basic));
	is($ended, 1, 'its id does not return');
	like($output, qr/is deprovisioned: choose another id/, '... with the reason');
};

subtest 'nobody calls it' => sub {
	my ($output) = provisor(qw(addons list));

	like($output, qr/direct/, 'it is listed');
	for my $path ('/direct/fast-db', '/', '/fast-db') {
		my $answer = $sold->{client}->request(method => 'POST', path => $path, as => 'fast-db:', body => '{}');

		is($answer->status, 404, "POST $path finds nothing");
	}
	is($sold->{client}->request(method => 'POST', path => '/heroku/resources', as => 'slow-db:', body => '{}')->status,
		401, 'its id is no user name');
	my ($found, $ended) = provisor('check');
	like($found, qr/whose resources operators create/, 'check says whose it is');
};

is_unhurt($host);
done_testing;
