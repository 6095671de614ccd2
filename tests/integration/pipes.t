#!/usr/bin/perl
# A named pipe in place of a file does not make the operator's commands wait: another
# user may be able to write to its folder.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use POSIX ();
use Test::More;

use Provisor::CgiClient 'run';
use Provisor::Test;

my $host = new_host();
my $template = addon($host, 'fast-db')->home;
my $hooks = addon($host, 'slow-db', template => undef, files => {
	map { ("hooks/$_" => "#!/bin/sh\necho {}\n") } qw(provision change-plan deprovision),
})->home;
my $resources = $host->home . '/resources.jsonl';

# Runs a command with a pipe in place of the file; returns its exit status.
sub status_with_pipe {
	my ($path, $environment, @arguments) = @_;

	rename $path, "$path.away" if -e $path;
	POSIX::mkfifo($path, 0600) or die "$path: $!\n";
	my ($output) = run(
		program => [ 'bash', '-c', 'timeout --kill-after=1 60 "$@" >/dev/null 2>&1; echo "ended $?"',
			'bash', build() . '/provisor', @arguments ],
		environment => { %{ $host->env }, %$environment, PATH => $ENV{PATH} },
	);

	unlink $path;
	rename "$path.away", $path if -e "$path.away";
	return $output =~ /^ended (\d+)$/m ? $1 : undef;
}

my @reads = (
	# file                                 environment  command
	[ "$template/addon-manifest.json",     {},          qw(addons list) ],
	[ "$template/settings.json",           {},          qw(addons list) ],
	[ "$template/template.json",           {},          qw(addons list) ],
	[ "$hooks/hooks/provision",            {},          qw(addons list) ],
	[ $host->home . '/keys',               {},          qw(keys use winter) ],
	[ $host->home . '/keys',               {},          qw(check) ],
	[ $host->home . '/ca',                 { PROVISOR_PLATFORM_CA => $host->home . '/ca' }, qw(check) ],
	[ $resources,                          {},          qw(resources import --marketplace heroku --addon fast-db), $resources ],
);

for (@reads) {
	my ($path, $environment, @command) = @$_;
	my ($name) = $path =~ m{([^/]+)\z};
	my $status = status_with_pipe($path, $environment, @command);

	isnt($status, 124, "$command[0] with a pipe as $name ends");
}

done_testing;
