#!/usr/bin/perl
# provisor: arguments, help and exit statuses, without a database.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;

my @commands = (
	# arguments                        exit    output
	[ ['help'],                          0, qr/^\s+migrate\s/m ],
	[ [],                                0, qr/^usage: provisor/ ],
	[ ['version'],                       0, qr/\d/ ],
	[ ['no-such-command'],               2, qr/no-such-command.*help/ ],
	[ [qw(no-such-command --sideways)],  2, qr/no-such-command.*help/ ],
	[ [qw(migrate sideways)],            2, qr/migrate: unexpected argument "sideways"\n.*--dry-run/ ],
	[ [qw(init heroku)],                 2, qr/init: needs MARKETPLACE SLUG\nusage: / ],
	[ [qw(jobs)],                        2, qr/"jobs" begins several .*:\n  jobs list .*\n  jobs show /s ],
	[ [qw(jobs lits)],                   2, qr/"jobs" begins several .*:\n  jobs list /s ],
	[ [qw(help jobs)],                   0, qr/\A  jobs list .*\n  jobs show /s ],
	[ [qw(help jobs list)],              0, qr/^  --limit N +show only the newest N; default: 100$/m ],
	[ ['help', 'jobs list'],             0, qr/^usage: provisor jobs list / ],
	[ ['help', 'jobs lits'],             2, qr/unknown command "jobs lits"/ ],
	[ [qw(help jobs lits)],              2, qr/"jobs" begins several / ],

	# Options, as getopt_long() reads them
	[ [qw(jobs list --limit=5 --kind=x)], 2, qr/^provisor: option --kind must be / ],
	[ [qw(jobs list --kind x --limit 5)], 2, qr/^provisor: option --kind must be / ],
	[ [qw(jobs list --lim 5 --ki x)],    2, qr/^provisor: option --kind must be / ],
	[ [qw(jobs list -- --limit)],        2, qr/jobs list: unexpected argument "--limit"/ ],
	[ [qw(help -- jobs list)],           0, qr/^usage: provisor jobs list / ],
	[ [qw(-- version)],                  0, qr/\d/ ],
	[ [qw(completion --env x fish)],     2, qr/"fish" is not supported/ ],
	[ [qw(migrate --sideways)],          2, qr/migrate: unknown option --sideways\n.*--dry-run/ ],
	[ [qw(migrate --sideways=1)],        2, qr/migrate: unknown option --sideways\n/ ],
	[ [qw(migrate -x)],                  2, qr/migrate: unknown option -x\n/ ],
	[ [qw(resources list --s x)],        2, qr/resources list: option --s is ambiguous: write --state or --since\nusage: / ],
	[ [qw(jobs list --limit)],           2, qr/jobs list: option --limit needs a value: write --limit N\nusage: / ],
	[ [qw(jobs list --all=yes)],         2, qr/jobs list: option --all takes no value: write --all\nusage: / ],
	[ [qw(jobs list --limit=5x)],        2, qr/jobs list: option --limit must be a number from 1 to 10000\nusage: / ],
	[ [qw(config rotate x --overlap=8d)], 2, qr/config rotate: option --overlap must be a duration such as .* at most 168h\nusage: / ],
	[ [qw(resources import --addon=a x)], 2, qr/resources import: needs --marketplace NAME\nusage: / ],

	# Options of every command
	[ [qw(--sideways)],                  2, qr/unknown option --sideways; see provisor help/ ],
	[ [qw(--env)],                       2, qr/option --env needs a value: write --env FILE/ ],
	[ [qw(--env /nowhere migrate)],      1, qr{/nowhere: cannot be read} ],
	[ [qw(--env=/nowhere migrate)],      1, qr{/nowhere: cannot be read} ],
	[ [qw(--en /nowhere migrate)],       1, qr{/nowhere: cannot be read} ],
	[ [qw(migrate --env=/nowhere)],      1, qr{/nowhere: cannot be read} ],
	[ [qw(--help)],                      0, qr/^usage: provisor/ ],
	[ [qw(-h)],                          0, qr/^usage: provisor/ ],
	[ [qw(jobs --help)],                 0, qr/\A  jobs list / ],
	[ [qw(jobs show --help)],            0, qr/\Ausage: provisor jobs show / ],
	[ [qw(jobs show 7 -h)],              0, qr/\Ausage: provisor jobs show / ],
	[ [qw(--version)],                   0, qr/\Aprovisor \d/ ],
	[ [qw(migrate --vers)],              0, qr/\Aprovisor \d/ ],
);

for (@commands) {
	my ($arguments, $status, $says) = @$_;
	my ($output, $ended) = ctl({}, @$arguments);
	my $name = join ' ', 'provisor', @$arguments;

	is($ended, $status, "$name: exits with $status");
	like($output, $says, "$name: output");
}

subtest 'help fits a screen of 80 columns' => sub {
	my ($all) = ctl({}, 'help');
	my @names = $all =~ /^  ([a-z]+(?: [a-z]+)?)  /mg;

	cmp_ok(scalar @names, '>', 20, 'commands are listed');
	for my $name ('', @names) {
		my ($text) = ctl({}, 'help', split / /, $name);

		is(join("\n", grep { length > 80 } split /\n/, $text), '', "help $name");
	}
};

# Output that is lost is a failure.
my %reason = ('help' => qr/No space left on device/,
	# It is longer than a buffer, so the last write may have nothing left to write.
	'completion bash' => qr/No space left on device|an earlier write failed/);
for my $command (sort keys %reason) {
	my (undef, $errors, $ended) = Provisor::CgiClient::run(
		program => [ 'sh', '-c', "exec '" . build() . "/provisor' $command > /dev/full" ]);

	is($ended >> 8, 1, "provisor $command > /dev/full: exits with 1");
	like($errors, qr/\Aprovisor: cannot write to standard output: (?:$reason{$command})\n\z/, '... and prints the reason');
}

done_testing;
