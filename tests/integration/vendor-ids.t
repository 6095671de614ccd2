#!/usr/bin/perl
# A listener may give a resource an id of the vendor's own.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP 'encode_json';
use Test::More;

use Provisor::Eventually;
use Provisor::FakeHeroku;
use Provisor::ScriptedVendor;
use Provisor::SignOnForm;
use Provisor::Test;

my $host = new_host(
	workers => { api => 2, web => 1, jobs => 1 },
	env => { PROVISOR_REPEAT_HORIZON => '1s' },
);
my $heroku = Provisor::FakeHeroku->new($host);

# A vendor whose systems count resources, beginning with this number.
sub counting_vendor {
	my ($name, $first, %more) = @_;
	my $vendor = Provisor::ScriptedVendor->new($host, $name,
		base_url => "https://localhost/$name/heroku/resources",
		sso_url => "https://localhost/$name/sso", %more);

	$vendor->behave(provision => <<"PERL");
my \$ids = "ids-\$call->{resource}{uuid}";
system "echo >>made";
write_to(\$ids, $first - 1 + (-s 'made')) unless -e \$ids;
open my \$known, '<', \$ids;
done(id => 0 + <\$known>);
PERL
	return $vendor;
}

my $vendor = counting_vendor('fast-db', 4711, $heroku->settings(pending_message => 'It takes a minute.'),
	hooks => [qw(provision change-plan deprovision sign-on)]);
my $old = counting_vendor('old-db', 1, version => '1', $heroku->settings,
	hooks => [qw(provision change-plan deprovision sign-on)]);
my $cloud = counting_vendor('cloud-db', 100, marketplace => 'cloudcontrol', version => undef,
	base_url => 'https://localhost/cloudcontrol/resources');
my $template = addon($host, 'plain', base_url => 'https://localhost/plain/heroku/resources',
	template => {
		id => 'db-${uuid}',
		config => { PLAIN_URL => 'https://${id}.example', PLAIN_TOKEN => '${secret:one}' },
		plan_message => 'From ${old_plan} to ${plan}.',
	});

delete $cloud->addon->{manifest}{api}{regions};
$cloud->addon->write;

$host->start_postgres;
$host->migrate;
$host->start_pool($_) for qw(api web);
$host->start_jobs;

my $web = fastcgi($host, 'web');
my $eventually = Provisor::Eventually->new($host);

sub grant { return (oauth_grant => Provisor::FakeHeroku::grant()) }

sub log_says {
	my ($words, $name) = @_;

	return like($host->log('worker') . $host->log('jobs'), $words, $name);
}

subtest 'a number becomes the id of a resource' => sub {
	my $uuid = uuid();
	my $first = $vendor->addon->provision(uuid => $uuid);

	is($first->json->{id}, '4711', 'the response has it, as text');
	like($first->body, qr/"id":"4711"/, '... in quotes');
	same_bytes($vendor->addon->provision(uuid => $uuid), $first, 'a repeat gets the same response');
	is(scalar $vendor->calls('provision', $uuid), 1, '... without a call');
	is($vendor->addon->change_plan($uuid, 'premium')->status, 200, "the marketplace uses its own id");
	is($vendor->addon->change_plan('4711', 'basic')->status, 200, '... or the vendor\'s');
	is_deeply([ map { "$_->{resource}{id} $_->{resource}{uuid}" } $vendor->calls('change-plan', $uuid) ],
		[ ("4711 $uuid") x 2 ], 'later calls have both');
	is($vendor->addon->deprovision($uuid)->status, 204, 'it is deprovisioned');
	$eventually->becomes($uuid, 'deprovisioned', '... and cleaned up');
	is(($vendor->calls('deprovision', $uuid))[0]{resource}{id}, '4711', '... under its id');
	refuses($vendor->addon->change_plan('4711', 'basic'), 410, 'the tombstone has the id');
};

subtest 'an older API uses only that id' => sub {
	my $response = $old->addon->provision(uuid => uuid());
	my $id = $response->json->{id};

	is($id, '1', 'the response has the id');
	is($old->addon->change_plan($id, 'premium')->status, 200, 'a plan change finds the resource');
	is(post_form($web, '/old-db/sso', sign_on_fields($old->addon, $id))->status, 303,
		'a sign-on, too');
	is(($old->calls('sign-on'))[-1]{resource}{id}, $id, '... and the hook gets it');
	is($old->addon->deprovision($id)->status, 200, 'and a deprovision');
};

subtest 'a marketplace without ids of its own' => sub {
	my %request = (cloudcontrol_id => 'dep1@cloudcontrolled.com');
	my $first = $cloud->addon->provision(%request);

	is($first->json->{id}, '100', 'the response has the id');
	same_bytes($cloud->addon->provision(%request), $first, 'a repeat gets the same response');
	is($cloud->addon->change_plan(100, 'premium')->status, 200, 'a plan change finds the resource');
};

subtest 'a template writes ids' => sub {
	my $uuid = uuid();
	my $response = $template->provision(uuid => $uuid);

	is($response->json->{id}, "db-$uuid", 'the response has the id');
	is($response->json->{config}{PLAIN_URL}, "https://db-$uuid.example", '... and the config var');
	same_bytes($template->provision(uuid => $uuid), $response, 'a repeat gets the same response');
	my $changed = $template->change_plan($uuid, 'premium')->json;
	is($changed->{message}, 'From basic to premium.', 'the message names both plans');
	is($changed->{config}{PLAIN_URL}, "https://db-$uuid.example", 'a plan change keeps the id');
	is($changed->{config}{PLAIN_TOKEN}, $response->json->{config}{PLAIN_TOKEN}, '... and the secret');
	is(post_form($web, '/sso/login', sign_on_fields($template, $uuid))->status, 303,
		'the customer signs on');
};

subtest 'two resources do not have one id' => sub {
	my ($one, $other) = (uuid(), uuid());

	$vendor->behave(provision => q(done(id => 'shared');));
	is($vendor->addon->provision(uuid => $one)->json->{id}, 'shared', 'the first gets it');
	refuses($vendor->addon->provision(uuid => $other), 503, 'the second fails');
	log_says(qr/resource $other: .* has the id shared, which resource $one \(provisioned\) has/,
		'the log names both');
	$vendor->addon->deprovision($one);
	$eventually->becomes($one, 'deprovisioned', 'even when the first is gone');
	refuses($vendor->addon->provision(uuid => $other), 503, '... the id is not used again');
	$vendor->behave(provision => "done(id => '$one');");
	refuses($vendor->addon->provision(uuid => $other), 503, "nor is the marketplace's id of another");
	$vendor->behave(provision => q(done(id => 'free');));
	is($vendor->addon->provision(uuid => $other)->json->{id}, 'free', 'with an id of its own it succeeds');
	is($eventually->resource($other)->{provider_id}, 'free', '... and keeps it');
};

subtest 'a promise tells the id, if the listener knows it by then' => sub {
	my $uuid = uuid();

	$vendor->behave(provision => q(
		if (-e 'held') { print '{"id":"early","retry_after":1,"message":"Half of it is there."}'; exit 75 }
		done(id => 'early');
	));
	$vendor->hold;
	my $first = $vendor->addon->provision(uuid => $uuid, grant());
	is($first->status, 202, 'the create is accepted');
	is_deeply($first->json, { id => 'early', message => 'Half of it is there.' },
		'the response has the id and the message');
	same_bytes($vendor->addon->provision(uuid => $uuid), $first, '... and that to a repeat');
	$vendor->release;
	$eventually->becomes($uuid, 'provisioned', 'the resource is provisioned');
	is(($vendor->calls('provision', $uuid))[-1]{resource}{id}, 'early', 'later attempts have the id');
	ok((grep { $_ eq "POST /addons/$uuid/actions/provision" } $heroku->calls($uuid)),
		"the marketplace is called with its own id");
	is($vendor->addon->provision(uuid => $uuid)->json->{config}{FAST_DB_URL}, 'https://early.example/basic',
		'the config vars can be opened');
};

subtest 'after a promise, another id is not used' => sub {
	my $uuid = uuid();

	$vendor->behave(provision => q(
		if (-e 'held') { print '{"retry_after":1}'; exit 75 }
		done(id => 'late');
	));
	$vendor->hold;
	is_deeply($vendor->addon->provision(uuid => $uuid, grant())->json,
		{ id => $uuid, message => 'It takes a minute.' },
		'the promise has the first id, and the message of the settings');
	$vendor->release;
	$eventually->becomes($uuid, 'provisioned', 'the resource is provisioned');
	log_says(qr/resource $uuid: .* id late, which is not used: the marketplace knows the resource as $uuid/,
		'... and the log says that the id is not used');
	is($eventually->resource($uuid)->{provider_id}, $uuid, 'the id stays');
};

is_unhurt($host);
done_testing;
