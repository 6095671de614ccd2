#!/usr/bin/perl
# The operator's command line, where it needs no database.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;

my @commands = (
	# arguments                    status  what it says
	[ ['help'],                      0, qr/^\s+migrate\s/m ],
	[ [],                            0, qr/^usage: provisor/ ],
	[ ['version'],                   0, qr/\d/ ],
	[ ['no-such-command'],           2, qr/no-such-command.*help/ ],
	[ [qw(migrate sideways)],        2, qr/--dry-run/ ],
	[ [qw(--env /nowhere migrate)],  1, qr{/nowhere} ],
);

for (@commands) {
	my ($arguments, $status, $says) = @$_;
	my ($output, $ended) = ctl({}, @$arguments);
	my $name = join ' ', 'provisor', @$arguments;

	is($ended, $status, "$name: ends with $status");
	like($output, $says, "$name: says what it should");
}

done_testing;
