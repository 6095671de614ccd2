#!/usr/bin/perl
# Each alert of nginx/host/prometheus/alerts.yml fires beyond its threshold, not before,
# and clears afterwards: promtool plays time.  tests/fault/alerts.t shows most of them
# with a real Prometheus.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../../nginx/local";

use Cwd 'abs_path';
use File::Temp 'tempdir';
use Test::More;

use Provisor::Files qw(read_text write_text);

my $rules = abs_path("$FindBin::Bin/../../nginx/host/prometheus/alerts.yml");
my $text = read_text($rules);

# The alert; the minutes for which the condition has to last; a series and its values
# before and during the condition.
my @simple = (
	[ ProvisorDown => 2, 'up{job="provisor"}', 1, 0 ],
	[ ProvisorPoolDown => 2, 'provisor_workers{pool="api"}', 1, 0 ],
	[ ProvisorPoolDown => 2, 'provisor_workers{pool="web"}', 1, 0 ],
	[ ProvisorPoolDown => 2, 'provisor_job_workers', 1, 0 ],
	[ ProvisorHooksDown => 1, 'provisor_hooks_up', 1, 0 ],
	[ ProvisorFiles => 1, 'provisor_file_errors{part="addons"}', 0, 1 ],
	[ ProvisorHomeMissing => 1, 'provisor_missing_homes', 0, 1 ],
	[ ProvisorHomeMissing => 1, 'provisor_addons{state="invalid"}', 0, 1 ],
	[ ProvisorKeyOld => 0, 'provisor_sealing_key_age_seconds{key="sealing"}', 34_560_000, 34_560_001 ],
	[ ProvisorDatabase => 1, 'provisor_database_writable', 1, 0 ],
	[ ProvisorHooksFail => 0, 'provisor_listener_failures_in_row{action="provision"}', 2, 3 ],
	[ ProvisorJobsLate => 0, 'provisor_jobs_due_seconds{kind="exchange"}', 300, 301 ],
	[ ProvisorJobsNeedAnOperator => 0, 'provisor_jobs{kind="provision",state="gave-up"}', 0, 1 ],
	[ ProvisorJobsNeedAnOperator => 0, 'provisor_jobs{kind="deprovision",state="held"}', 0, 1 ],
	[ ProvisorJobsFail => 0, 'provisor_failing_jobs{addon="fast-db",kind="exchange"}', 0, 1 ],
	[ ProvisorGrantsMissed => 0, 'provisor_missed_grants', 0, 1 ],
	[ ProvisorPlansDiffer => 0, 'provisor_broken_plan_promises', 0, 1 ],
);

my $bucket = 'provisor_request_duration_seconds_bucket{pool="api",operation="provision"';
my $failing = 'provisor_requests_total{pool="api",operation="provision",outcome="unavailable"}';
my $unknown = 'provisor_requests_total{pool="api",operation="provision",outcome="unauthenticated"}';
my $calls = 'provisor_marketplace_calls_total{marketplace="heroku",addon="fast-db"';

# The alert, the minutes at which it is quiet and at which it fires, and series with one
# value per minute.
my @windows = (
	# A series that ends is seen for five minutes more.
	[ ProvisorDown => [15, 22], [18, 21], 'up{job="provisor"}' => '1x9 _x12 1x9' ],
	[ ProvisorPoolBusy => [18, 44], [26, 40],
		'provisor_busy_workers{pool="api"}' => '0x9 9x30 0x30', 'provisor_workers{pool="api"}' => '10x70' ],
	[ ProvisorPoolBusy => [30, 60], [],
		'provisor_busy_workers{pool="api"}' => '8x70', 'provisor_workers{pool="api"}' => '10x70' ],
	[ ProvisorVersions => [59, 80], [60, 70],
		'provisor_build_info{version="1",instance="a"}' => '1x70', 'provisor_build_info{version="2",instance="b"}' => '1x90' ],
	[ ProvisorVersions => [80], [],
		'provisor_build_info{version="2",instance="a"}' => '1x90', 'provisor_build_info{version="2",instance="b"}' => '1x90' ],
	[ ProvisorCertificate => [10, 21], [11, 20],
		'probe_ssl_earliest_cert_expiry{job="provisor-certificate"}' => (14 * 86_400 + 600) . 'x20 9999999x20' ],
	[ ProvisorRetention => [9, 21], [10, 20],
		'provisor_retention_oldest_seconds{table="events"}' => '87400x9 87401x10 0x9',
		'provisor_retention_keep_seconds{table="events"}' => '1000x40' ],
	[ ProvisorRetention => [15], [], # forever
		'provisor_retention_oldest_seconds{table="events"}' => '87401x40',
		'provisor_retention_keep_seconds{table="events"}' => '0x40' ],
	[ ProvisorUnavailable => [4, 38], [15, 30], $failing => '0+7x30 210x20' ],
	[ ProvisorUnavailable => [15, 30], [], $failing => '0+6x40' ],
	[ ProvisorSlow => [14, 75], [20, 40],
		"$bucket,le=\"10\"}" => '0+94x40 3860+100x40', map { ("$bucket,le=\"$_\"}" => '0+100x80') } qw(25 +Inf) ],
	[ ProvisorSlow => [20, 40], [],
		"$bucket,le=\"10\"}" => '0+95x60', map { ("$bucket,le=\"$_\"}" => '0+100x60') } qw(25 +Inf) ],
	[ ProvisorUnauthenticated => [60, 122], [61, 120], $unknown => '0x60 101x70' ],
	[ ProvisorUnauthenticated => [61, 120], [], $unknown => '0x60 100x70' ],
	[ ProvisorMarketplaceFails => [14, 80], [20, 40],
		"$calls,result=\"later\"}" => '0+6x40 240x40', "$calls,result=\"done\"}" => '0+5x80' ],
	[ ProvisorMarketplaceFails => [20, 40], [],
		"$calls,result=\"forbidden\"}" => '0+5x80', "$calls,result=\"done\"}" => '0+5x80' ],
);

# The condition begins at minute 10 and lasts five minutes longer than it has to.
sub in_minutes {
	my ($alert, $lasts, $series, $before, $during) = @_;
	my $longer = $lasts + 5;

	return [ $alert, [9 + $lasts, 11 + $longer], [10 + $lasts, 10 + $longer],
		$series => "${before}x9 ${during}x$longer ${before}x9" ];
}

sub at {
	my ($alert, $minute, $is_firing) = @_;
	my $firing = $is_firing ? "[{labels: '{}', value: 1}]" : '[]';

	return "      - {eval_time: ${minute}m, exp_samples: $firing,\n"
		. "         expr: 'count(count(ALERTS{alertname=\"$alert\",alertstate=\"firing\"}))'}\n";
}

# A case in the language of promtool.  The host is there, so that it is not missed.
sub case_of {
	my ($alert, $quiet, $firing, %series) = @_;

	$series{'up{job="provisor",instance="here"}'} //= '1x200' if $alert ne 'ProvisorDown';
	return join '', "  - interval: 1m\n    input_series:\n",
		(map { "      - {series: '$_', values: '$series{$_}'}\n" } sort keys %series),
		"    promql_expr_test:\n",
		(map { at($alert, $_, 0) } @$quiet), (map { at($alert, $_, 1) } @$firing);
}

sub passes {
	my ($name, $case) = @_;
	my $folder = tempdir(CLEANUP => 1);

	write_text("$folder/test.yml", "rule_files: ['$rules']\ntests:\n$case");
	my $output = qx(promtool test rules $folder/test.yml 2>&1);
	return ok($? == 0, $name) || diag $output;
}

sub play {
	my (@case) = @_;

	return passes("$case[0]: $case[3]", case_of(@case));
}

# What ProvisorDown says if Prometheus has this series of up.
sub says_down {
	my ($who, $series, $labels) = @_;

	return passes("ProvisorDown names $who", <<"END");
  - interval: 1m
    input_series: [{series: '$series', values: '0x20'}]
    alert_rule_test:
      - eval_time: 10m
        alertname: ProvisorDown
        exp_alerts:
          - exp_labels: {job: provisor, severity: page$labels}
            exp_annotations:
              summary: 'Prometheus gets no metrics of $who.'
              description: 'nginx or the web pool does not run: provisor status'
END
}

my @cases = ((map { in_minutes(@$_) } @simple), @windows);
my @alerts = $text =~ /^ +- alert: (\w+)$/mg;
my $manual = read_text("$FindBin::Bin/../../nginx/host/man/provisor-operate.7");

play(@$_) for @cases;
says_down('host-7', 'up{job="provisor",instance="host-7"}', ', instance: host-7');
says_down('any host', 'up{job="another"}', '');
is(join(' ', grep { my $alert = $_; !grep { $_->[0] eq $alert && @{ $_->[2] } } @cases } @alerts), '',
	'each alert has a case in which it fires');
is(join(' ', grep { $manual !~ /^\.It Li $_$/m } @alerts), '', 'provisor-operate(7) says what to do about each');
is(join(' ', grep { my $name = $_; !grep { $_ eq $name } @alerts } $manual =~ /^\.It Li (Provisor[A-Z]\w+)$/mg), '',
	'... and names no other');
done_testing();
