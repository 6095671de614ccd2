#!/usr/bin/perl
# make run works wherever a clone lies, and whoever it belongs to.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Clone;
use Provisor::Process;
use Test::More;

# Longer than the path of a socket may be, and with what a shell, nginx or a
# conninfo might trip over.
my $long = "it's a clone/" . 'with a long name/' x 8;

sub runs_and_goes {
	my ($name, $clone) = @_;
	subtest $name => sub {
		my $make = $clone->running('PORT=' . Clone::free_port());
		like($make->text, qr/^provisor is ready/m, 'it gets ready');
		like($clone->text_of('.run/provisor.env'),
			qr/^PROVISOR_DATABASE=".*user=provisor_worker password=\w+/m,
			'the workers have a password');
		is((stat $clone->folder . '/.run/provisor.env')[2] & 0777, 0600,
			'... that only the owner reads');
		$clone->make_to_the_end('stop');
		is($make->end, 0, 'it stops');
		$clone->make_to_the_end('run-clean');
		ok($clone->falls_silent, 'nothing is left running');
		is_deeply([$clone->bases], [], 'nor lying about');
	};
}

runs_and_goes('below a private folder and with a long path',
	Clone->new(below => $long, mode => 0700));

SKIP: {
	skip 'this is an ordinary user already', 1 if $> != 0;
	runs_and_goes('as an ordinary user', Clone->new(user => 'nobody'));
}

done_testing;
