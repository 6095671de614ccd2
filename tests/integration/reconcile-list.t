#!/usr/bin/perl
# provisor reconcile --against compares with a list of the marketplace in a file.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Test;
use Provisor::Files qw(write_text);
use Provisor::FakeHeroku;

my $host = new_host(workers => { api => 2, web => 1, jobs => 1 }, answer_limit => '4s');
my $heroku = Provisor::FakeHeroku->new($host);
my $new = addon($host, 'fast-db', $heroku->settings);
my $old = addon($host, 'old-db', version => '1', base_url => 'https://localhost/old/heroku/resources');

$host->start_postgres;
$host->migrate;
$host->start_pool('api');

my $json = JSON::PP->new->utf8->canonical;
my $path = $host->home . '/list';

# Reconciles the add-on against a list of this content.  Returns the findings by id, the
# exit status and the output.
sub reconcile {
	my ($addon, $list, @options) = @_;
	my $file = $list =~ /\A[a-z_]+,/ ? "$path.csv" : "$path.jsonl";

	write_text($file, $list);
	my ($output, $status) = ctl($host->env, 'reconcile', '--json', '--marketplace', 'heroku',
		'--addon', $addon->name, '--against', $file, @options);
	my %found;

	push @{ $found{ $_->{id} } }, [ @$_{qw(difference here there repair)} ]
		for map { $json->decode($_) } grep { /\A\{/ } split /\n/, $output;
	return (\%found, $status, $output);
}

sub lines { return join '', map { $json->encode($_) . "\n" } @_ }

sub state_of { return row($host, "resources WHERE id = '$_[0]'")->{state} }

# The file is newer than the resources.
sub are_old {
	return $host->psql("UPDATE resources SET created_at = created_at - interval '1 min', updated_at = updated_at - interval '1 min'");
}

my ($same, $gone, $missing, $plan, $ended) = map { uuid() } 1 .. 5;
my ($lost, $forbidden, $coming) = map { uuid() } 1 .. 3;
$new->provision(uuid => $_) for $same, $gone, $missing, $plan, $ended;
is($new->deprovision($ended)->status, 204, 'a resource is deprovisioned');
are_old();
$heroku->behave('succeeds');

my @listed = (
	{ id => $same, plan => { name => 'fast-db:basic' }, state => 'provisioned', name => 'is ignored' },
	{ uuid => uc $gone, state => 'deprovisioned' },
	{ marketplace_id => $plan, plan => 'premium' },
	{ id => $ended, plan => 'basic' },
	{ id => $lost, plan => 'basic' },
	{ id => $forbidden, plan => 'basic' },
	{ id => $coming, state => 'provisioning' },
);
my %expected = (
	$gone => [ [ 'gone', 'provisioned', 'gone', undef ] ],
	$missing => [ [ 'gone', 'provisioned', 'not in the list', undef ] ],
	$plan => [ [ 'plan', 'basic', 'premium', undef ] ],
	$ended => [ [ 'state', 'deprovisioned', 'provisioned', undef ] ],
	map { $_ => [ [ 'lost', undef, 'provisioned', undef ] ] } $lost, $forbidden,
);

subtest 'without --repair nothing changes' => sub {
	my $events = count_of($host, 'events');
	my ($found, $status, $output) = reconcile($new, lines(@listed));

	is_deeply($found, \%expected, 'differences from lines of JSON') or diag $output;
	is($status, 1, '... make it fail');
	like($output, qr/^provisor: 1 agree, 6 differ, 0 repaired, 0 revoked, 0 unchecked$/m, '... with the numbers');
	is_deeply((reconcile($new, $json->encode(\@listed)))[0], \%expected, '... from an array');
	is_deeply((reconcile($new, join "\r\n", 'id,plan,state,more', "$same,fast-db:basic,,x",
			"$gone,,deprovisioned,", "$plan,premium,provisioned,", "$ended,,,", "$lost,,,", "$forbidden,,,", "$coming,,provisioning,"))[0],
		\%expected, '... and from CSV');
	is(scalar(my @calls = $heroku->calls), 0, 'the marketplace is not queried');
	is(count_of($host, 'events'), $events, 'no event is recorded');
};

subtest 'with --repair' => sub {
	my ($found, $status, $output) = reconcile($new, lines(@listed), qw(--repair --most 1));

	is($status, 1, 'it ends before more removals than --most');
	like($output, qr/^provisor: stopped before deprovisioning more than 1 resources/m, '... with the reason');
	my ($last) = $output =~ /^provisor: ended early: (?:continue with --after (\S+)|start again)$/m;
	$heroku->has_resources($forbidden => { no_grant => 1 }, $lost => { plan => { name => 'fast-db:premium' },
		config => [ { name => 'FAST_DB_URL', value => 'https://there.example/' }, { name => 'FOREIGN', value => 'x' } ] });
	($found, $status, $output) = reconcile($new, lines(@listed), '--repair', $last ? ('--after', $last) : ());
	is(state_of($_), 'deprovisioned', 'a resource that is gone is deprovisioned') for $gone, $missing;
	is(row($host, "resources WHERE id = '$plan'")->{plan}, 'premium', 'the plan is changed');
	is($found->{$lost}[0][3], 'imported', 'a lost resource is imported if the marketplace gives another grant');
	is_deeply($new->provision(uuid => $lost, plan => 'premium')->json->{config}, { FAST_DB_URL => 'https://there.example/' },
		'... with the plan and the config vars that it has there');
	is_deeply($new->provision(uuid => $lost, plan => 'basic', region => 'eu', options => { size => '1' })->json->{config},
		{ FAST_DB_URL => 'https://there.example/' }, '... which a repeat of its create request gets, whatever that was');
	is($found->{$forbidden}[0][3], undef, '... and else it is only named');
	is(state_of($same), 'provisioned', 'one that agrees stays');
	is(state_of($ended), 'deprovisioned', 'one that has ended here stays so');
};

subtest 'a list that cannot be right' => sub {
	my $before = count_of($host, "resources WHERE state = 'provisioned'");
	my %faults = (
		'' => qr/it has no resource: make sure that the list is complete/,
		"{\"name\":\"x\"}\n" => qr/line 1: it has no id/,
		"\n{\"id\":\"$same\",\"state\":\"odd\"}\n" => qr/line 2: its state is unknown/,
		"{\"id\":" => qr/line 1: /,
		"[{}" => qr/list\.jsonl: .*correct it/,
		"[{\"id\":\"$same\"}" => qr/element 1: the array is not closed/,
		"[{\"id\":\"$same\"},{}]" => qr/element 2: it has no id/,
		"[{\"id\":\"$same\"},]" => qr/element 2: /,
		"[{\"id\":\"$same\"}]}" => qr/element 1: the array ends before the file/,
		"id,state\n\"$same" => qr/a quote is not closed/,
		"id\n\xff\n" => qr/not UTF-8/,
	);

	for my $list (sort keys %faults) {
		my ($found, $status, $output) = reconcile($new, $list, '--repair', '--most', '100');

		is($status, 1, 'it fails');
		like($output, $faults{$list}, '... with the place and the remedy');
	}
	is(count_of($host, "resources WHERE state = 'provisioned'"), $before, 'no resource is removed');
	my ($output, $status) = ctl($host->env, 'reconcile', '--against', 'x', '--addon', 'fast-db');
	is($status, 2, 'without --marketplace it is refused');
	($output, $status) = ctl($host->env, qw(reconcile --against x --addon no-db --marketplace heroku));
	is($status, 1, 'an add-on without a home is refused');
};

# 250 elements of 1 MiB each, most of it blanks, in 200 MB of addresses.
subtest 'a large list' => sub {
	plan skip_all => 'sanitizers need addresses' if build() =~ /sanitize/;
	my $blanks = ' ' x (2 ** 20 - 200);

	write_text("$path.json", '[' . join(',', ($json->encode({ id => $same }) . $blanks) x 250) . ']');
	local %ENV = (%ENV, %{ $host->env });
	my $output = `ulimit -v 200000; exec @{[ build() ]}/provisor reconcile --marketplace heroku --addon fast-db --against $path.json 2>&1`;

	like($output, qr/^provisor: \d+ agree, /m, 'does not need much memory');
	unlink "$path.json";
};

subtest 'a resource that is newer than the list' => sub {
	my $young = uuid();

	$new->provision(uuid => $young);
	my ($found, $status) = reconcile($new, lines({ id => $same }), '--repair', '--most', '100');
	is_deeply($found->{$young}, [ [ 'unchecked', undef, 'it is newer than the list', undef ] ], 'is unchecked');
	is(state_of($young), 'provisioned', '... and stays');
	is($status, 1, '... which makes it fail');
};

subtest 'a plan that was changed after the list' => sub {
	my $id = uuid();

	$new->provision(uuid => $id);
	are_old();
	is($new->change_plan($id, 'premium')->status, 200, 'the customer changes it');
	my ($found, $status) = reconcile($new, lines({ id => $id, plan => 'fast-db:basic' }), '--repair', '--most', 100);
	is_deeply($found->{$id}, [ [ 'unchecked', undef, 'it has changed since the list was written', undef ] ], 'is unchecked');
	is(row($host, "resources WHERE id = '$id'")->{plan}, 'premium', '... and stays');
	are_old();
	($found) = reconcile($new, lines({ id => $id, plan => 'fast-db:basic' }), '--repair', '--most', 100);
	is_deeply($found->{$id}, [ [ 'plan', 'premium', 'basic', 'changed' ] ], '... until the list is newer');
};

subtest 'a resource with an unfinished job for the listener' => sub {
	my $id = uuid();

	$new->provision(uuid => $id);
	$host->psql("INSERT INTO jobs (kind, lane, resource, run_at) VALUES ('rotate', 'listener', '$id', 'infinity')");
	are_old();
	for my $list ({ id => $id, plan => 'premium' }, { id => $id, state => 'deprovisioned' }, { id => $same }) {
		my ($found, $status, $output) = reconcile($new, lines($list), '--repair', '--most', 100);

		is_deeply($found->{$id}, [ [ 'busy', undef, 'a job for the listener is unfinished: see provisor jobs list', undef ] ],
			'is reported as busy');
		is($status, 1, '... which makes it fail');
		like($output, qr/ 1 unchecked$/m, '... because it is unchecked');
	}
	is_deeply([ row($host, "resources WHERE id = '$id'")->@{qw(state plan)} ], [qw(provisioned basic)], '... and it stays as it is');
	$host->psql("UPDATE jobs SET finished_at = now() WHERE resource = '$id'");
};

# The marketplace still waits for a resource that is provisioned here.
subtest 'a resource that the marketplace waits for' => sub {
	my ($id, $without_grant) = (uuid(), uuid());
	my $list = lines({ id => $same }, map { { id => $_, plan => 'basic', state => 'provisioning' } } $id, $without_grant);
	my @finding = ('state', 'provisioned', 'provisioning');

	$new->provision(uuid => $id, oauth_grant => Provisor::FakeHeroku::grant());
	$new->provision(uuid => $without_grant);
	my ($found, $status) = reconcile($new, $list);
	is_deeply($found->{$id}, [ [ 'unchecked', undef, 'it has changed since the list was written', undef ] ],
		'is unchecked while the list may be older');
	are_old();
	($found, $status) = reconcile($new, $list);
	is_deeply($found->{$_}, [ [ @finding, undef ] ], 'is a difference') for $id, $without_grant;
	is($status, 1, '... which makes it fail');
	($found, $status) = reconcile($new, $list, '--repair', '--most', 100);
	is_deeply($found->{$id}, [ [ @finding, 'job complete' ] ], 'a job tells the marketplace');
	is_deeply($found->{$without_grant}, [ [ @finding, undef ] ], '... if it can be called about the resource');
	is($status, 1, '... and else it fails');
	is(count_of($host, "jobs WHERE kind = 'complete' AND resource = '$id'"), 1, 'there is one job');
	is(count_of($host, "jobs WHERE kind = 'complete' AND resource = '$without_grant'"), 0, '... and none in vain');
};

subtest 'a marketplace without an API' => sub {
	my $id = $old->provision(heroku_id => 'app1@heroku.com', plan => 'basic')->json->{id};
	my $other = $old->provision(heroku_id => 'app2@heroku.com', plan => 'basic')->json->{id};

	are_old();
	my ($found, $status) = reconcile($old, "provider_id,plan\n$id,premium\n", '--repair');
	is_deeply($found, { $id => [ [ 'plan', 'basic', 'premium', 'changed' ] ],
		$other => [ [ 'gone', 'provisioned', 'not in the list', 'deprovisioned' ] ] },
		'is compared by our ids');
	is($status, 0, 'all is repaired');
	($found, $status) = reconcile($old, "provider_id,plan\n$id,premium\n$other,basic\n");
	is_deeply($found, { $other => [ [ 'state', 'deprovisioned', 'provisioned', undef ] ] }, 'one that we have removed is named');
	my ($output) = ctl($host->env, qw(reconcile --json --addon old-db));
	like($output, qr/"unchecked".*its marketplace has no API for this: add --against/, 'without a list it is unchecked');
};

is_unhurt($host);
done_testing;
