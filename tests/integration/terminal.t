#!/usr/bin/perl
# Commands print texts of customers, files and arguments so that no terminal obeys
# them: as a question mark in tables and messages, escaped in JSON.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Encode ();
use JSON::PP ();
use Test::More;

use Provisor::CgiClient 'run';
use Provisor::Test;
use Provisor::Files 'write_text';

my ($addon, $vendor);
my $host = serving_host({ workers => { api => 1, web => 1 } }, sub {
	my ($new) = @_;

	$addon = addon($new, 'fast-db');
	$vendor = addon($new, 'slow-db', template => undef, files => {
		map { ("hooks/$_" => "#!/bin/sh\nprintf '{\"config\":{},\"message\":\"\\302\\2332J \\177\"}'\n") }
			qw(provision change-plan deprovision),
	});
});

# ESC, BEL, DEL, CSI and OSC of C1, and a change of direction.
my $evil = "\x1b]0;x\x07\x1b[2J\x7f\x{9b}2J\x{9d}x\x{202e}y";
my $controls = qr/[\x00-\x08\x0b-\x1f\x7f\x{80}-\x9f\x{202e}]/;
my $bytes = Encode::encode('UTF-8', $evil);

sub is_harmless {
	my ($name, @command) = @_;
	my ($output, $status) = ctl($host->env, @command);
	my $text = Encode::decode('UTF-8', $output, Encode::FB_DEFAULT);

	unlike($text, $controls, $name);
	return wantarray ? ($text, $status) : $text;
}

my $id = uuid();

is($addon->provision(uuid => $id)->status, 200, 'a resource is created');
$host->psql("UPDATE resources SET name = U&'\\001b]0;x\\0007\\001b[2J\\007f\\009b2J\\009dx\\202ey'
	WHERE id = '$id'");

subtest 'tables' => sub {
	like(is_harmless('a list', qw(resources list)), qr/\?\]0;x\?\?\[2J\?\?2J\?x\?y/, '... marks each');
	is_harmless('one resource', qw(resources show), $id);
	is_harmless('the history', qw(resources history), $id);
};

subtest 'JSON' => sub {
	my ($list) = JSON::PP->new->decode(is_harmless('a list', qw(resources list --json)));

	is($list->{name}, $evil, '... has the same text');
	my ($shown) = JSON::PP->new->decode(is_harmless('one resource', qw(resources show), $id, '--json'));

	is($shown->{name}, $evil, '... has the same text');
	is_harmless('an export', qw(resources export));
};

subtest 'CSV' => sub {
	my ($output) = run(
		program => [ 'script', '-qec', build() . '/provisor resources export --format csv', '/dev/null' ],
		environment => { %{ $host->env }, PATH => $ENV{PATH} },
	);
	my $text = Encode::decode('UTF-8', $output, Encode::FB_DEFAULT) =~ s/\r\n/\n/gr;

	like($text, qr/^heroku,fast-db,|,heroku,fast-db,/m, 'an export to a terminal has the resource');
	unlike($text, $controls, '... without control characters');
	like((ctl($host->env, qw(resources export --format csv)))[0], qr/\x1b\]0;x\x07/, 'a file has them as they are');
};

subtest 'messages' => sub {
	for my $arguments ([ 'resources', 'show', $bytes ], [ $bytes ], [ 'resources', 'list', "--$bytes" ],
		[ 'init', 'heroku', $bytes ], [ 'hook', 'test', $bytes, 'provision' ], [ 'keys', 'drop', $bytes ],
		[ '--env', $bytes, 'check' ], [ 'resources', 'export', "/nonexistent/$bytes" ], [ 'help', $bytes ])
	{
		my (undef, $status) = is_harmless("@$arguments[0 .. $#$arguments - 1] ...", @$arguments);

		isnt($status, 0, '... fails');
	}
};

subtest 'files' => sub {
	my $file = $host->home . '/resources.jsonl';

	write_text($file, "{\"marketplace_id\":\"$bytes\",\"plan\":\"$bytes\",\"$bytes\":1}\n$bytes\n");
	is_harmless('an import', qw(resources import --marketplace heroku --addon fast-db), $file);
	$addon->write_file('settings.json', "{\"$bytes\":\"$bytes\"}");
	is_harmless('addons list', qw(addons list));
	is_harmless('check', 'check');
	is_harmless('check as JSON', qw(check --json));
};

subtest 'hooks' => sub {
	is_harmless('hook test', qw(hook test), $vendor->home, 'provision');
};

done_testing;
