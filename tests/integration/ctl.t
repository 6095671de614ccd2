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
	[ [qw(migrate sideways)],        2, qr/migrate has no place for sideways\n.*--dry-run/ ],
	[ [qw(migrate --sideways)],      2, qr/migrate has no option --sideways\n.*--dry-run/ ],
	[ [qw(jobs list --limit)],       2, qr/jobs list needs a value behind --limit\nusage: / ],
	[ [qw(init heroku)],             2, qr/init needs MARKETPLACE SLUG\nusage: / ],
	[ [qw(jobs)],                    2, qr/"jobs" is the beginning .*:\n  jobs list .*\n  jobs show /s ],
	[ [qw(jobs lits)],               2, qr/"jobs" is the beginning .*:\n  jobs list /s ],
	[ [qw(help jobs)],               0, qr/\A  jobs list .*\n  jobs show /s ],
	[ [qw(help jobs list)],          0, qr/^  --limit N +the newest N/m ],
	[ [qw(help jobs lits)],          2, qr/"jobs" is the beginning / ],
	[ [qw(--sideways)],              2, qr/no option --sideways.*help/ ],
	[ [qw(--env)],                   2, qr/--env FILE/ ],
	[ [qw(--help)],                  0, qr/^usage: provisor/ ],
	[ [qw(--env /nowhere migrate)],  1, qr{/nowhere} ],
);

for (@commands) {
	my ($arguments, $status, $says) = @$_;
	my ($output, $ended) = ctl({}, @$arguments);
	my $name = join ' ', 'provisor', @$arguments;

	is($ended, $status, "$name: ends with $status");
	like($output, $says, "$name: says what it should");
}

# What could not be printed was not told.
for my $command ('help', 'completion bash') {
	my (undef, $errors, $ended) = Provisor::CGI::run(
		program => [ 'sh', '-c', "exec '" . build() . "/provisor' $command > /dev/full" ]);

	is($ended >> 8, 1, "provisor $command > /dev/full: ends with 1");
	is($errors, "provisor: standard output cannot be written: No space left on device\n", '... and says why');
}

done_testing;
