#!/usr/bin/perl
# /metrics counts resources by state and plan, however many plans requests have named, and
# tells the ages of the sealing keys.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX 'strftime';
use Test::More;

use Provisor::Test;
use Provisor::Files qw(read_text write_text);

use constant DAY => 24 * 3600;

my $host = new_host(workers => { api => 1, web => 1 });
my $addon = addon($host, 'fast-db');

$host->start_postgres;
$host->migrate;

# A worker counts once a minute, so another one scrapes.
sub scrape {
	$host->stop_pool('api');
	$host->start_pool('api');
	return fastcgi($host)->request(method => 'GET', path => '/metrics')->body;
}

sub samples {
	my ($text, $name) = @_;

	return { $text =~ /^$name\{marketplace="heroku",addon="fast-db",(\S+)\} (\d+)$/mg };
}

sub create {
	my ($plan, $state, $count) = @_;

	$host->psql("INSERT INTO resources (id, marketplace, addon, provider_id, state, plan, deprovisioned_at)
		SELECT gen_random_uuid(), 'heroku', 'fast-db', gen_random_uuid(), '$state', $plan,
			CASE WHEN '$state' = 'deprovisioned' THEN now() END
		FROM generate_series(1, $count)");
	return;
}

subtest 'a few plans' => sub {
	create(q('basic'), 'provisioned', 3);
	create(q('basic'), 'suspended', 1);
	create(q(E'a "plan" \\\\ of\\nours'), 'provisioned', 2);
	create('NULL', 'deprovisioned', 1);
	my $text = scrape();

	is_deeply(samples($text, 'provisor_plan_resources'), {
		'state="provisioned",plan="basic"' => 3,
		'state="suspended",plan="basic"' => 1,
		'state="deprovisioned",plan="other"' => 1,
	}, 'each plan has its counts');
	like($text, qr/^provisor_plan_resources\{.*,plan="a \\"plan\\" \\\\ of\\nours"\} 2$/m, '... a strange one is escaped');
	my $all = samples($text, 'provisor_resources');
	is($all->{'state="provisioned"'}, 5, '... and a state the count of all plans');
	is($all->{'state="refused"'}, 0, '... also if it has none');
	open my $tool, '|-', 'promtool check metrics >/dev/null' or die "promtool: $!\n";
	print {$tool} $text;
	ok(close $tool, 'promtool accepts the text');
};

subtest 'many plans' => sub {
	# Its resources are gone, so it is not frequent.
	create(q('retired'), 'deprovisioned', 9);
	create("'plan-$_'", 'provisioned', 2) for 1 .. 30;
	my $text = scrape();
	my $of_plans = samples($text, 'provisor_plan_resources');
	my %plans = map { /plan="(.*)"/ ? ($1 => 1) : () } $text =~ /^provisor_plan_resources\{(.*)\} \d+$/mg;

	is(scalar keys %plans, 21, 'the most frequent plans and "other" are listed');
	is($of_plans->{'state="provisioned",plan="basic"'}, 3, '... a frequent one with its count');
	is($of_plans->{'state="provisioned",plan="other"'}, 2 * 12, '... the others together');
	is($of_plans->{'state="deprovisioned",plan="other"'}, 10, '... as those that are gone');
	is(samples($text, 'provisor_resources')->{'state="provisioned"'}, 5 + 60, '... and the state has all');
};

subtest 'a home that was never valid' => sub {
	my ($worker) = workers($host);

	addon($host, 'new-db', manifest => '{');
	my $text = fastcgi($host)->request(method => 'GET', path => '/metrics')->body;
	like($text, qr/^provisor_addons\{state="invalid"\} 1$/m, 'it is counted');
	unlike($text, qr/new-db/, '... and has no samples of its own');
	is((workers($host))[0], $worker, 'the worker lives');
	addon($host, 'new-db');
	like(fastcgi($host)->request(method => 'GET', path => '/metrics')->body,
		qr/^provisor_addon_requests_total\{marketplace="heroku",addon="new-db",/m, 'once it is valid, it has them');
};

subtest 'the ages of the keys' => sub {
	my $keys = $host->home . '/keys';
	my ($secret) = read_text($keys) =~ /:(.*)/;
	my $age = sub {
		my ($text, $key) = @_;
		my ($seconds) = $text =~ /^provisor_sealing_key_age_seconds\{key="$key"\} (\d+)$/m or return;

		return int($seconds / DAY);
	};

	write_text($keys, join '', map { strftime('k%Y%m%d', gmtime(time - $_ * DAY)) . ":$secret\n" } 10, 400);
	my $text = scrape();
	is($age->($text, 'sealing'), 10, 'the one that seals');
	is($age->($text, 'oldest'), 400, 'the oldest');
	write_text($keys, "mine:$secret\n");
	is($age->(scrape(), 'sealing'), undef, 'an id without a day has none');
};

is_unhurt($host);
done_testing();
