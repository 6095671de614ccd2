#!/usr/bin/perl
# A customer moves: from Heroku to the vendor itself, and from DigitalOcean to Heroku.
# The data stays, and the late DELETE of the old marketplace removes nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::AddOn 'json';
use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::Notifications;
use Provisor::ScriptedVendor;
use Provisor::SignOnForm;
use Provisor::Test;

my $host = new_host(workers => { api => 2, web => 1, jobs => 2 });
my $heroku = Provisor::FakeHeroku->new($host);
my $old = Provisor::ScriptedVendor->new($host, 'fast-db', $heroku->settings);
my @plain = (marketplace => 'direct', manifest => json({ id => 'fast-db',
	config_vars => [ 'FAST_DB_URL', 'FAST_DB_TOKEN' ], plans => [ 'basic', 'large' ] }));
# Its objects are those of the home at Heroku, which it finds by the id.
my $direct = Provisor::ScriptedVendor->new($host, 'fast-db', @plain);
my $ocean = Provisor::ScriptedVendor->new($host, 'sea-db', Provisor::Notifications::home(),
	settings => { plans => { basic => {}, premium => {} } });
my $from_ocean = Provisor::Notifications->new($ocean->addon);
my $hooked = Provisor::ScriptedVendor->new($host, 'hooked-db', $heroku->settings,
	base_url => 'https://localhost/hooked/heroku/resources',
	hooks => [qw(provision change-plan deprovision move)]);
my $template = addon($host, 'simple', base_url => 'https://localhost/simple/heroku/resources',
	api => { config_vars => ['SIMPLE_URL'] },
	template => { config => { SIMPLE_URL => 'https://${id}.example/${secret:token}' } });
addon($host, 'simple', marketplace => 'direct',
	manifest => json({ id => 'simple', config_vars => ['SIMPLE_URL'], plans => ['basic'] }),
	template => { config => { SIMPLE_URL => 'https://${id}.example/${secret:token}' } });
addon($host, 'changed', marketplace => 'direct',
	manifest => json({ id => 'changed', config_vars => ['SIMPLE_URL'], plans => ['basic'] }),
	template => { config => { SIMPLE_URL => 'https://${id}.example/' } });
addon($host, 'other', marketplace => 'direct',
	manifest => json({ id => 'other', config_vars => ['OTHER_URL'], plans => ['basic'] }),
	template => { config => { OTHER_URL => 'https://${secret:other}.example' } });
my $eventually = Provisor::Eventually->new($host);

$host->start_postgres;
$host->migrate;
$host->start_pool($_) for qw(api web);
$host->start_jobs;

$direct->behave(deprovision => <<'PERL');
	unlink "../../heroku/fast-db/things/$call->{resource}{id}" or exit 70;
	done();
PERL
$hooked->behave(move => <<'PERL');
	rename "../../$call->{from}{marketplace}/sea-db/things/$call->{from}{uuid}", $thing;
	done(config => { HOOKED_DB_URL => $call->{from}{config}{SEA_DB_URL}, HOOKED_DB_TOKEN => 'same' });
PERL

sub resources { return ctl($host->env, 'resources', @_) }

sub create {
	my ($of, %more) = @_;
	my $id = uuid();

	is($of->provision(uuid => $id, %more)->status, 200, 'there is a resource');
	return $id;
}

sub move {
	my ($id, $addon, $marketplace, @more) = @_;

	return resources('move', $id, '--to-addon', $addon, '--to-marketplace', $marketplace, @more);
}

# Moves a resource, and returns our id of the other one.
sub moved {
	my ($id, @to) = @_;
	my ($output, $ended) = move($id, @to);

	is($ended, 0, 'the command succeeds') or diag $output;
	like($output, qr/^resources move: (\S+)$/m, '... and names the new resource');
	my ($new) = $output =~ /: (\S+)/;
	$eventually->has_no_jobs_left($new);
	return $new;
}

sub config_of {
	my ($id) = @_;
	my ($shown) = resources('show', $id, '--reveal', '--json');

	return JSON::PP::decode_json($shown)->{config};
}

sub state_of { return $eventually->resource($_[0])->{state} }

subtest 'from Heroku to the vendor itself' => sub {
	my $id = create($old->addon, oauth_grant => Provisor::FakeHeroku::grant(), region => 'eu', options => { size => '10' });

	$eventually->has_no_jobs_left($id);
	my $config = config_of($id);
	my $before = $old->thing($id);
	my $new = moved($id, qw(fast-db direct --as customer-7));
	my $row = $eventually->resource($new);

	is($row->{state}, 'provisioned', 'the new resource is provisioned');
	is($row->{marketplace}, 'direct', '... without a marketplace');
	is($row->{marketplace_id}, 'customer-7', '... under the id that was given');
	is($row->{provider_id}, $id, '... and with the id that the vendor knows');
	is("$row->{plan} $row->{region}", 'basic eu', '... its plan and its region');
	is_deeply(config_of($new), $config, 'it has the config vars of the old one');
	is_deeply([ $direct->calls('provision'), $direct->calls('move') ], [], 'no hook was called');
	is($old->thing($id), $before, "the vendor's object stays");
	is(state_of($id), 'moved', 'the old resource is moved');
	is($eventually->resource($id)->{moved_to}, $new, '... and says where');
	like($eventually->events($id), qr/move-requested moved\z/, '... as its history does');
	like($eventually->events($new), qr/\Amove-requested moved\b/, '... and that of the new one');

	my ($output, $ended) = move($id, qw(fast-db direct --as customer-7 --marketplace heroku));
	is($ended, 0, 'the same command again succeeds');
	like($output, qr/^moved already: \Q$new\E$/m, '... and does nothing');
	my $again = $old->addon->provision(uuid => $id, region => 'eu', options => { size => '10' });
	is($again->status, 200, 'Heroku repeats its request');
	refuses($old->addon->change_plan($id, 'premium'), 422, 'a plan change of the old one');
	is(post_form(fastcgi($host), '/sso/login', sign_on_fields($old->addon, $id))->status, 404,
		'nobody can sign on to the old one');
	for my $act ([ 'resources', 'suspend' ], [ 'resources', 'resume' ]) {
		($output, $ended) = ctl($host->env, @$act, $id, qw(--marketplace heroku));
		is($ended, 1, "the old one is no object of @$act");
		like($output, qr/it is moved: its content belongs to \Q$new\E/, '... for a reason');
	}

	is($old->addon->deprovision($id)->status, 204, 'Heroku removes the old resource');
	is(state_of($id), 'deprovisioned', '... which is a tombstone at once');
	is($eventually->resource($id)->{config}, undef, '... without secrets');
	is_deeply([ $old->calls('deprovision', $id) ], [], '... and no hook cleans up');
	is($old->thing($id), $before, "... so the vendor's object stays");
	refuses($old->addon->deprovision($id), 410, 'a repeat');
	is_deeply(config_of($new), $config, 'the new one keeps its config vars');

	is((resources('change-plan', $new, 'large'))[1], 0, 'its plan can be changed');
	($output, $ended) = resources('deprovision', $new, '--yes');
	is($ended, 0, 'it is deprovisioned') or diag $output;
	$eventually->becomes($new, 'deprovisioned', '... and cleaned up');
	is($old->thing($id), undef, '... by the hook of the new home, which finds the object by its id');
};

subtest 'from DigitalOcean to Heroku' => sub {
	my $id = $from_ocean->create;
	my $at_heroku = create($hooked->addon, oauth_grant => Provisor::FakeHeroku::grant());

	$eventually->has_no_jobs_left($at_heroku);
	my $pushed = @{ [ $heroku->pushes($at_heroku) ] };
	my $before = $ocean->thing($id);
	my $new = moved($id, qw(hooked-db heroku --as), $at_heroku);
	my ($call) = $hooked->calls('move', $at_heroku);

	is($new, $at_heroku, 'the resource that Heroku has');
	is($call->{from}{marketplace}, 'digitalocean', 'the hook learns from where');
	is($call->{from}{uuid}, $id, '... and which');
	is($hooked->thing($at_heroku), 'basic', 'it has the object now');
	is($ocean->thing($id), undef, '... which the old one had');
	is(config_of($at_heroku)->{HOOKED_DB_URL}, $call->{from}{config}{SEA_DB_URL}, '... with the config vars of the hook');
	cmp_ok(scalar(@{ [ $heroku->pushes($at_heroku) ] }), '>', $pushed, 'Heroku gets them');
	is($ocean->addon->deprovision($id)->status, 204, 'DigitalOcean removes the old resource');
	is_deeply([ $ocean->calls('deprovision', $id) ], [], '... and no hook cleans up');
	is($hooked->thing($at_heroku), 'basic', 'the object is still there');
};

subtest 'a template' => sub {
	my $id = create($template);
	my $config = config_of($id);
	my $new = moved($id, qw(simple direct));

	is_deeply(config_of($new), $config, 'renders the same config vars');
	is($eventually->resource($new)->{marketplace_id}, $id, 'by default, the id is the old one');
	is($template->deprovision($id)->status, 204, 'the old marketplace removes it');
	is_deeply(config_of($new), $config, '... which changes nothing');
};

subtest 'a move that the listener refuses is undone' => sub {
	my $id = $from_ocean->create;
	my $at_heroku = create($hooked->addon);

	$hooked->behave(move => q(print '{"message":"No room."}'; exit 65));
	moved($id, qw(hooked-db heroku --as), $at_heroku);
	is(state_of($id), 'provisioned', 'the old resource is in use again');
	is($eventually->resource($id)->{moved_to}, undef, '... and not moved');
	is(state_of($at_heroku), 'provisioned', 'the new one stays');
	my ($event) = rows($host, "events WHERE resource = '$id' AND event = 'move-refused'");
	is($event->{after}{reason}, 'No room.', 'the history says why');

	my $simple = create($template);
	moved($simple, qw(other direct --as refused-1));
	is(state_of($simple), 'provisioned', 'a template that has other secrets refuses');
	my $changed = create($template);
	moved($changed, qw(changed direct --as changed-1));
	is(state_of($changed), 'provisioned', 'one that would change a config var refuses, too');
	($event) = rows($host, "events WHERE resource = '$changed' AND event = 'move-refused'");
	like($event->{after}{reason}, qr/SIMPLE_URL would change/, '... and says which');
	moved($simple, qw(simple direct --as refused-1));
	is(state_of($simple), 'moved', '... and the id is free again');
};

subtest 'DELETE while it is being moved' => sub {
	for my $row ([ "done(config => { HOOKED_DB_TOKEN => 'same' })", [], 'moved' ], [ 'exit 70', [1], 'refused' ]) {
		my ($end, $cleaned, $name) = @$row;
		my $id = $from_ocean->create;
		my $at_heroku = create($hooked->addon);

		$hooked->hold;
		$hooked->behave(move => "wait_while_held(); $end");
		my ($output, $ended) = move($id, qw(hooked-db heroku --as), $at_heroku);
		is($ended, 0, 'it is being moved') or diag $output;
		ok($eventually->is_true(sub { scalar $hooked->calls('move', $at_heroku) }), 'the hook runs');
		is($ocean->addon->deprovision($id)->status, 204, 'a DELETE succeeds');
		is(state_of($id), 'deprovisioning', '... and its clean-up waits');
		ok($eventually->waits_for_retry($id, 'deprovision'), '... even if it is tried');
		is_deeply([ $ocean->calls('deprovision', $id) ], [], '... so no hook is called');
		$hooked->release;
		$eventually->becomes($id, 'deprovisioned', "once it is $name, it is a tombstone");
		is(scalar(() = $ocean->calls('deprovision', $id)), scalar @$cleaned,
			@$cleaned ? '... after the clean-up' : '... and nothing is cleaned up');
		$hooked->behave(move => undef);
	}

	# A template needs no clean-up, but its config vars are its content.
	my $id = create($template);
	my $config = config_of($id);

	$host->stop_pool('jobs');
	my ($output) = move($id, qw(simple direct --as waited-1));
	my ($new) = $output =~ /: (\S+)/;
	is($template->deprovision($id)->status, 204, 'a DELETE before a move of a template begins');
	$host->start_jobs;
	$eventually->becomes($new, 'provisioned', '... waits for the move');
	is_deeply(config_of($new), $config, '... which has the config vars');
	$eventually->becomes($id, 'deprovisioned', 'then the old resource is a tombstone');
};

subtest 'DELETE of the new resource' => sub {
	my $id = $from_ocean->create;
	my $at_heroku = create($hooked->addon);

	$host->stop_pool('jobs');
	move($id, qw(hooked-db heroku --as), $at_heroku);
	is($hooked->addon->deprovision($at_heroku)->status, 204, 'before the move begins');
	is(state_of($id), 'provisioned', '... undoes it');
	$host->start_jobs;

	$id = $from_ocean->create;
	$at_heroku = create($hooked->addon);
	$hooked->hold;
	$hooked->behave(move => 'wait_while_held(); exit 1 if $call->{attempt} < 2;'
		. q( done(config => { HOOKED_DB_TOKEN => 'same' })));
	move($id, qw(hooked-db heroku --as), $at_heroku);
	ok($eventually->is_true(sub { scalar $hooked->calls('move', $at_heroku) }), 'while the hook runs');
	is($hooked->addon->deprovision($at_heroku)->status, 204, '... succeeds');
	$hooked->release;
	$eventually->becomes($at_heroku, 'deprovisioned', '... and the new resource is cleaned up');
	is(scalar(() = $hooked->calls('move', $at_heroku)), 2, '... after the move has come to its end');
	is(state_of($id), 'moved', '... so nothing says that the old one is in use');
	$hooked->behave(move => undef);
};

subtest 'a hook has moved, and the manifest lacks a config var' => sub {
	my $id = $from_ocean->create;
	my $at_heroku = create($hooked->addon);

	$hooked->behave(move => 'done()');
	move($id, qw(hooked-db heroku --as), $at_heroku);
	ok($eventually->is_true(sub { ($eventually->job($at_heroku, 'move')->{run_at} // '') eq 'infinity' }),
		'the job waits for an operator');
	like($eventually->job($at_heroku, 'move')->{last_error}, qr/SEA_DB_\w+ is not in config_vars/, '... and says why');
	is(state_of($id), 'moved', 'the move is not undone');
	$hooked->behave(move => q(done(config => { HOOKED_DB_TOKEN => 'same' })));
	is((ctl($host->env, qw(jobs retry), $eventually->job($at_heroku, 'move')->{id}))[1], 0, 'a retry');
	$eventually->has_no_jobs_left($at_heroku);
	is(config_of($at_heroku)->{HOOKED_DB_TOKEN}, 'same', '... completes it');
	$hooked->behave(move => undef);
};

subtest 'an operator cancels a move' => sub {
	my $id = create($old->addon);

	$direct->addon->write_file('hooks/move', "#!/bin/sh\nexit 1\n");
	chmod 0700, $direct->addon->home . '/hooks/move';
	my ($output) = move($id, qw(fast-db direct --as customer-8));
	my ($new) = $output =~ /: (\S+)/;

	ok($eventually->waits_for_retry($new, 'move'), 'the hook fails');
	($output, my $ended) = resources('deprovision', $new, '--yes');
	is($ended, 1, 'the new resource cannot be deprovisioned then');
	like($output, qr/another resource is being moved into it/, '... for a reason');
	($output, $ended) = ctl($host->env, qw(addons forget fast-db --yes --live 99));
	is($ended, 1, 'nor can the add-on be forgotten') or diag $output;
	($output, $ended) = ctl($host->env, qw(jobs cancel --yes), $eventually->job($new, 'move')->{id});
	is($ended, 0, 'the job is cancelled') or diag $output;
	is(state_of($id), 'provisioned', 'the old resource is in use again');
	is(state_of($new), 'deprovisioned', 'the new one is a tombstone');
	is($old->addon->change_plan($id, 'premium')->status, 200, 'the old one can be changed');
	unlink $direct->addon->home . '/hooks/move';
};

subtest 'an installation that takes over' => sub {
	my $id = create($old->addon);

	moved($id, qw(fast-db direct --as customer-9));
	my ($output, $ended) = resources(qw(export --state moved --addon fast-db));
	is($ended, 0, 'moved resources are exported') or diag $output;
	my $line = (grep { /\Q$id\E/ } split /\n/, $output)[0];
	like($line, qr/"state":"moved"/, '... as such');

	my $copy = uuid();
	$ocean->addon->write_file('moved.jsonl', $line =~ s/\Q$id\E/$copy/gr);
	($output, $ended) = resources('import', $ocean->addon->home . '/moved.jsonl', qw(--addon fast-db --marketplace heroku));
	is($ended, 0, '... and can be imported') or diag $output;
	is($old->addon->deprovision($copy)->status, 204, 'the late DELETE');
	is(state_of($copy), 'deprovisioned', '... leaves a tombstone');
	is_deeply([ $old->calls('deprovision', $copy) ], [], '... and no hook cleans up there either');
};

subtest 'what cannot be moved is refused in words' => sub {
	my $id = create($old->addon);
	my $ocean_id = $from_ocean->create;
	my $suspended = create($template);

	resources('suspend', $suspended);
	resources(qw(create simple taken-1 basic));
	my @refused = (
		[ [ $id, qw(fast-db heroku) ], qr/belongs to this add-on already/, 'to its own add-on' ],
		[ [ $id, qw(fast-bd direct) ], qr/fast-bd at direct has no valid home/, 'to an unknown add-on' ],
		[ [ $ocean_id, qw(hooked-db heroku), '--as', uuid() ], qr/heroku has no resource \S+ of this add-on: have the customer/,
			'to a resource that the marketplace does not have' ],
		[ [ $ocean_id, qw(fast-db heroku), '--as', $id ], qr{hooks/move: is missing}, 'in place of content, without a hook' ],
		[ [ $id, qw(simple direct --as taken-1) ], qr/the resource \S+ has the id taken-1 already: name another/,
			'in place of a resource without a marketplace' ],
		[ [ $id, qw(fast-db direct --plan gold) ], qr/does not have the plan gold/, 'to an unknown plan' ],
		[ [ $suspended, qw(simple direct) ], qr/is suspended: resume it first/, 'a suspended resource' ],
		[ [ uuid(), qw(fast-db direct) ], qr/no resource has the id/, 'an unknown resource' ],
	);

	for my $row (@refused) {
		my ($arguments, $words, $name) = @$row;
		my ($output, $ended) = move(@$arguments);

		is($ended, 1, $name);
		like($output, $words, '... with the reason');
	}
	is(state_of($id), 'provisioned', 'nothing has changed');
};

is_unhurt($host);
done_testing;
