#!/usr/bin/perl
# The dashboard for Grafana has the form that Grafana imports, and its queries are valid
# and name metrics that exist.  tests/fault/alerts.t shows that each returns data.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib", "$FindBin::Bin/../../nginx/local";

use File::Temp 'tempdir';
use List::Util qw(max uniq);
use Test::More;

use Provisor::Files qw(read_text write_text);
use Provisor::GrafanaDashboard;

use constant COLUMNS => 24; # of Grafana's grid

my $dashboard = Provisor::GrafanaDashboard->new;
my $model = $dashboard->model;
my %variables = $dashboard->variables;
my @panels = @{ $model->{panels} };

# The cells of the grid that a panel takes.
sub cells {
	my ($place) = $_[0]{gridPos};

	return map { my $x = $_; map { "$x," . $_ } $place->{y} .. $place->{y} + $place->{h} - 1 }
		$place->{x} .. $place->{x} + $place->{w} - 1;
}

subtest 'the model' => sub {
	is($model->{schemaVersion}, 39, 'it is of Grafana 10 or later');
	is($model->{uid}, 'provisor', 'its id stays the same');
	ok(!exists $model->{id}, '... and Grafana gives it a number');
	is_deeply([ sort keys %variables ], [qw(DS_PROMETHEUS addon instance marketplace)], 'the variables');
	is($variables{DS_PROMETHEUS}{type}, 'datasource', 'the data source can be chosen');
	is($variables{DS_PROMETHEUS}{query}, 'prometheus', '... among those of Prometheus');
};

subtest 'the panels' => sub {
	cmp_ok(scalar $dashboard->panels, '>', 20, 'there are some');
	is(scalar(uniq map { $_->{id} } @panels), scalar @panels, 'each has a number of its own');
	my @cells = map { cells($_) } @panels;
	is(scalar(uniq @cells), scalar @cells, 'none covers another');
	cmp_ok(max(map { $_->{gridPos}{x} + $_->{gridPos}{w} } @panels), '<=', COLUMNS, 'all fit into the width');
	is(join(' ', grep { !/\A(?:row|stat|table|timeseries)\z/ } map { $_->{type} } @panels), '',
		'they are of types that Grafana has');
	my @elsewhere = grep { $_->{datasource}{uid} ne '${DS_PROMETHEUS}' } $dashboard->panels;
	is(scalar @elsewhere, 0, 'they ask the chosen data source');
	is(join(' ', grep { !$variables{$_} } map { $_->{expr} =~ /\$(?!__)(\w+)/g } map { @{ $_->{targets} } }
		$dashboard->panels), '', '... with variables that exist');
};

subtest 'the queries' => sub {
	my $folder = tempdir(CLEANUP => 1);
	my @queries = $dashboard->queries;

	# JSON is YAML, and promtool parses the expression of a rule.
	write_text("$folder/rules.yml", JSON::PP->new->utf8->encode({ groups => [{ name => 'dashboard',
		rules => [ map { { record => "query:$_", expr => $queries[$_]{expr} } } 0 .. $#queries ] }] }));
	my $verdict = qx(promtool check rules $folder/rules.yml 2>&1);
	is($?, 0, 'Prometheus can read them') or diag $verdict;

	my @named = ((map { $_->{expr} } @queries), (map { $_->{definition} // () } values %variables),
		read_text('nginx/host/prometheus/alerts.yml'));
	my $sources = join '', map { read_text($_) } glob 'lib/metrics/*.c lib/provider/*gauges.c';
	my @metrics = uniq map { /\b(provisor_\w+)/g } @named;
	cmp_ok(scalar @metrics, '>', 30, 'they name metrics');
	is(join(' ', grep { my $name = s/_(?:bucket|count)\z//r; $sources !~ /"$name["_]/ } @metrics), '',
		'... that exist, as those in the alerts');
	my @declared = uniq $sources =~ /"(provisor_\w+)"/g;
	is(join(' ', grep { my $name = $_; !grep { /\A$name(?:_bucket|_count)?\z/ } @metrics } @declared), '',
		'each metric is in the dashboard or in an alert');
};
done_testing();
