package Provisor::CheckCommand;

# "provisor check" on a host that is well, and what it says of what befalls one.
#
#	my ($status, $lines) = check({ PROVISOR_KEYS => '/nowhere' });
#	befalls($name, qr/line/, $befall, $undo) for ...;

use strict;
use warnings;

use Exporter 'import';
use File::Path 'make_path';
use Test::More;

use Provisor::Test;
use Provisor::Files qw(read_text write_text);

our @EXPORT = qw($host $addon $database $owner %healthy check folder written
	befalls warns no_secret_is_told);

# Without the pooler that other tests may be run with.
our $host = Provisor::Host->new(build => build(), answer_limit => '2s',
	workers => { api => 2, web => 1, jobs => 1 });
our $addon = addon($host, 'fast-db');

$host->start;
$addon->provision(uuid => uuid()) for 1 .. 3;

our %healthy = %{ $host->env };
our $database = $healthy{PROVISOR_DATABASE};
our $owner = $host->owner_env->{PROVISOR_DATABASE_DIRECT};
my $told = '';
my $folders = 0;

# How check ends, and its lines by verdict.
sub check {
	my ($environment, @before) = @_; # --env FILE
	my ($output, $status) = ctl({ %healthy, %$environment }, @before, 'check',
		'--ops', $host->ops_socket);
	my %lines = (ok => [], warning => [], error => []);

	$told .= $output;
	for (split /\n/, $output) {
		my ($verdict, $line) = /\A(ok|warning|error) +(.+)\z/;

		defined $verdict ? push @{ $lines{$verdict} }, $line : fail("check says: $_");
	}
	return ($status, \%lines);
}

# A folder that nobody has used yet.
sub folder {
	my $path = $host->home . '/unlucky-' . ++$folders;

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

# One error tells of what befell, and its cause and remedy are like this.
sub befalls {
	my ($name, $line, $befall, $undo) = @_;
	my ($environment, @before) = $befall->();
	my ($status, $lines) = check($environment, @before);

	subtest $name => sub {
		is($status, 1, 'check ends with 1');
		is(scalar @{ $lines->{error} }, 1, 'one error') or diag explain $lines->{error};
		like($lines->{error}[0] // '', $line, 'its cause and remedy');
	};
	$undo->() if $undo;
	return;
}

# The same of what works, and might not for ever.
sub warns {
	my ($name, $line, $befall, $undo) = @_;
	my ($status, $lines) = check($befall->());

	subtest "$name: a warning" => sub {
		is($status, 0, 'check ends with 0');
		is(scalar @{ $lines->{warning} }, 1, 'one warning') or diag explain $lines->{warning};
		like($lines->{warning}[0] // '', $line, 'its cause and remedy');
	};
	$undo->() if $undo;
	return;
}

# In all that check has said, nor these.
sub no_secret_is_told {
	my %secrets = (
		'the worker\'s password' => ($database =~ /password=(\S+)/)[0],
		'the owner\'s password' => ($owner =~ /password=(\S+)/)[0],
		'a key' => (read_text($healthy{PROVISOR_KEYS}) =~ /:(.+)/)[0],
		'an add-on\'s password' => $addon->password,
		@_,
	);

	subtest 'no secret is told' => sub {
		ok(index($told, $secrets{$_}) < 0, $_) for sort keys %secrets;
	};
	return;
}

1;
