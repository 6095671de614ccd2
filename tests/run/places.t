#!/usr/bin/perl
# make run works in any folder and for any user.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Clone;
use Provisor::Process;
use Test::More;

# Longer than the path of a socket may be, and with characters that are special in a
# shell, in nginx's configuration and in a connection string.
my $long = "it's a clone/" . 'with a long name/' x 8;

sub runs_and_goes {
	my ($name, $clone) = @_;
	subtest $name => sub {
		my $make = $clone->running('PORT=' . Clone::free_port());
		like($make->text, qr/^provisor is ready/m, 'it gets ready');
		like($clone->text_of('.run/provisor.env'),
			qr/^PROVISOR_DATABASE=".*user=provisor_worker password=\w+/m,
			'the role of the workers has a password');
		is((stat $clone->folder . '/.run/provisor.env')[2] & 0777, 0600,
			'... in a file that only the owner can read');
		$clone->make_to_the_end('stop');
		is($make->end, 0, 'make stop stops it');
		$clone->make_to_the_end('run-clean');
		ok($clone->all_end, 'no process is left');
		is_deeply([$clone->bases], [], '... and no folder');
	};
}

runs_and_goes('below a private folder and with a long path',
	Clone->new(below => $long, mode => 0700));

SKIP: {
	skip 'this is an ordinary user already', 1 if $> != 0;
	runs_and_goes('as an ordinary user', Clone->new(user => 'nobody'));
}

done_testing;
