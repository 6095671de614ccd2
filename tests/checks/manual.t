#!/usr/bin/perl
# The manual pages are well formed and complete.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../deploy";
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use ManualCommands;
use Test::More;

use lib 'nginx/local';
use Provisor::Files 'read_text';

my $folder = 'build/release/man';

sub write_text {
	my ($path, $text) = @_;
	open my $file, '>', $path or die "$path: $!\n";
	print $file $text;
	close $file or die "$path: $!\n";
}

# The texts in the first list that no item of the page names.
sub missing_items {
	my ($page, @names) = @_;
	my $text = read_text("$folder/$page");
	return join ' ', grep { $text !~ /^\.It .*\b\Q$_\E(?![\w-])/m } @names;
}

sub names_in {
	my ($paths, $pattern) = @_;
	my @paths = ref $paths ? @$paths : $paths;
	my %names = map { $_ => 1 } map { read_text($_) =~ /$pattern/mg } @paths;
	cmp_ok(scalar keys %names, '>=', 5, "names can be found in @paths");
	return sort keys %names;
}

# What fill-manual prints about a page that has these lines.
sub error_of {
	my (@lines) = @_;
	my $page = join '', map { "$_\\n" } @lines;
	return scalar qx(printf '$page' | nginx/host/fill-manual build/release/provisor 2>&1 >/dev/null);
}

is(qx(make --no-print-directory -s manual 2>&1), '', 'the pages can be filled');
my @pages = map { s{.*/}{}r } glob "$folder/*";
cmp_ok(scalar @pages, '>=', 7, 'there are some');

for my $page (@pages) {
	my @found = grep { !/referenced manual not found|outdated mandoc\.db/ }
		qx(mandoc -T lint $folder/$page 2>&1);
	is(join('', @found), '', "$page has the right form");
	my @references = read_text("$folder/$page") =~ /^\.Xr (provisor\S*) (\d)/mg;
	my %page = map { $_ => 1 } @pages;
	my @lost;
	while (my ($name, $section) = splice @references, 0, 2) {
		push @lost, "$name($section)" unless $page{"$name.$section"};
	}
	is("@lost", '', '... and refers to pages that exist');
}

my ($readme, @named) = (read_text('README.md'));
push @named, "$1.$2" while $readme =~ /`(provisor[\w.-]*)\((\d)\)`/g;
is(join(' ', grep { my $page = $_; !grep { $_ eq $page } @named } @pages), '',
	'README.md names each page');
is(join(' ', grep { !-e "$folder/$_" } @named), '', '... and no other');

my @settings = qx(build/release/provisor settings) =~ /^(PROVISOR_\w+)/mg;
cmp_ok(scalar @settings, '>', 5, 'the settings can be listed');
is(missing_items('provisor.env.5', @settings), '', 'provisor.env(5) has each of them');
like(error_of('@SETTING PROVISOR_LOG@'), qr/lacks \@SETTING PROVISOR_ADDONS\@/,
	'a page that lacks a setting is refused');
like(error_of('@COMMAND check@'), qr/lacks \@COMMAND /,
	'a page that lacks a command is refused');
like(error_of('@COMMAND chek@'), qr/line 1: provisor has no command "chek"/,
	'so is one with an unknown command');
like(error_of('@COMMAND check@', '@COMMAND check@'), qr/line 2: .* twice/,
	'so is one that describes a command twice');

is(missing_items('provisor-listener.3',
		names_in('lib/listener/hook_call.c', 'json_put\w*\((?:\w+, )*"(\w+)"'),
		names_in('lib/listener/hook_answer.c', '^\t\{ "(\w+)", (?:FOR|~)')),
	'', 'provisor-listener(3) has each member of input and result');
is(missing_items('provisor-addon.5',
		names_in('lib/addon/settings_file.c', '^\t\t\{ "(\w+)", read_')),
	'', 'provisor-addon(5) has each member of settings.json');
my @marketplaces = names_in([ glob 'lib/dialect/*.c' ], '^\t\.marketplace = "([\w-]+)",');
for my $page (qw(provisor-addon.5 provisor-marketplaces.7)) {
	my $text = read_text("$folder/$page");

	is(join(' ', grep { $text !~ /^\.Cm \Q$_\E(?: |$)/m } @marketplaces), '', "$page has each marketplace");
}
is(missing_items('provisor-jobs.8',
		names_in('lib/store/job_kind.c', '^\t\t"([a-z-]+)", JOB_LANE')),
	'', 'provisor-jobs(8) has each kind of job');
is(missing_items('provisor.fcgi.8',
		names_in('cgi/web/exchange_log.c', '^\t\t\{ "([a-z_]+)",')),
	'', 'provisor.fcgi(8) has each key of the log');
my $http = read_text("$folder/provisor-http.7");
is(join(' ', grep { $http !~ /[ ,]$_\b/ }
		names_in('lib/base/outcome.h', '\[OUTCOME_\w+\] = "([\w-]+)"')),
	'', 'provisor-http(7) has each outcome');
is(missing_items('provisor-http.7',
		names_in([qw(lib/metrics/prometheus.c lib/metrics/prometheus_addons.c
			lib/provider/gauges.c lib/provider/resource_gauges.c)], '"(provisor_[a-z_]+)"')),
	'', 'provisor-http(7) has each metric');

# tests/deploy/operate.t types the commands of provisor-operate(7); this block of it is a
# file of Prometheus.
my ($scrapes) = map { $_->{text} } grep { $_->{task} eq 'Metrics and alerts' }
	ManualCommands::blocks('provisor-operate.7');
my $prometheus = tempdir(CLEANUP => 1);
my $alerts = abs_path('nginx/host/prometheus/alerts.yml');
write_text("$prometheus/prometheus.yml", $scrapes =~ s{/usr/local/share/provisor/alerts\.yml}{$alerts}r);
my $verdict = qx(promtool check config $prometheus/prometheus.yml 2>&1);
is($?, 0, 'Prometheus accepts the configuration in provisor-operate(7)') or diag $verdict;
like($verdict, qr/SUCCESS: \d+ rules found/, '... with the alerts');
done_testing;
