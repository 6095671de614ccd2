package Provisor::CheckCommand;

# Runs "provisor check" on a host without problems, and tests what it prints after a
# problem has been caused.
#
#	my ($status, $lines) = check({ PROVISOR_KEYS => '/missing' });
#	check_error($name, qr/line/, sub { ...; return { PROVISOR_... => ... } }, $undo);

use strict;
use warnings;

use Exporter 'import';
use File::Path 'make_path';
use Test::More;

use Provisor::Test;
use Provisor::Files qw(read_text write_text);

our @EXPORT = qw($host $addon $database $owner %healthy check folder written
	check_error check_warning check_secrets);

# Never through a pooler (PROVISOR_POOLER).
our $host = Provisor::Host->new(build => build(), answer_limit => '2s',
	workers => { api => 2, web => 1, jobs => 1 });
our $addon = addon($host, 'fast-db');

$host->start;
$addon->provision(uuid => uuid()) for 1 .. 3;

our %healthy = %{ $host->env };
our $database = $healthy{PROVISOR_DATABASE};
our $owner = $host->owner_env->{PROVISOR_DATABASE_DIRECT};
my $printed = '';
my $folders = 0;

# Returns the exit status of check and its lines by verdict.
sub check {
	my ($environment, @before) = @_; # --env FILE
	my ($output, $status) = ctl({ %healthy, %$environment }, @before, 'check',
		'--ops', $host->ops_address);
	my %lines = (ok => [], warning => [], error => []);

	$printed .= $output;
	for (split /\n/, $output) {
		my ($verdict, $line) = /\A(ok|warning|error) +(.+)\z/;

		defined $verdict ? push @{ $lines{$verdict} }, $line : fail("check prints only verdicts: $_");
	}
	return ($status, \%lines);
}

# A new folder.
sub folder {
	my $path = $host->home . '/folder-' . ++$folders;

	make_path($path);
	return $path;
}

sub written {
	my ($content, $mode) = @_;
	my $path = folder() . '/file';

	write_text($path, $content);
	chmod $mode, $path if defined $mode;
	return $path;
}

# The function causes a problem and returns settings (and options) for check.  check
# prints one error, with cause and remedy like this.
sub check_error {
	my ($name, $line, $cause, $undo) = @_;
	my ($environment, @before) = $cause->();
	my ($status, $lines) = check($environment, @before);

	subtest $name => sub {
		is($status, 1, 'check exits with 1');
		is(scalar @{ $lines->{error} }, 1, 'it prints one error') or diag explain $lines->{error};
		like($lines->{error}[0] // '', $line, '... with cause and remedy');
	};
	$undo->() if $undo;
	return;
}

# The same for a warning.
sub check_warning {
	my ($name, $line, $cause, $undo) = @_;
	my ($status, $lines) = check($cause->());

	subtest "$name: a warning" => sub {
		is($status, 0, 'check exits with 0');
		is(scalar @{ $lines->{warning} }, 1, 'it prints one warning') or diag explain $lines->{warning};
		like($lines->{warning}[0] // '', $line, '... with cause and remedy');
	};
	$undo->() if $undo;
	return;
}

# Nothing that check has printed so far contains a secret; the arguments are more
# secrets, name => value.
sub check_secrets {
	my %secrets = (
		'the worker\'s password' => ($database =~ /password=(\S+)/)[0],
		'the owner\'s password' => ($owner =~ /password=(\S+)/)[0],
		'a key' => (read_text($healthy{PROVISOR_KEYS}) =~ /:(.+)/)[0],
		'an add-on\'s password' => $addon->password,
		@_,
	);

	subtest 'check prints no secret' => sub {
		ok(index($printed, $secrets{$_}) < 0, $_) for sort keys %secrets;
	};
	return;
}

1;
