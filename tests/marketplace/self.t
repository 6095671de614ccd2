#!/usr/bin/perl
# The marketplace simulator on itself: it finds nothing wrong with a good add-on
# whatever it does to it, and with each bad one what is bad.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";

use File::Temp 'tempdir';
use List::Util 'uniq';
use Test::More;

use Marketplace::Books;
use Marketplace::Compare qw(compare nothing);
use Marketplace::Faults;
use Marketplace::LogInput;
use Marketplace::Paging 'page_of';
use Marketplace::HttpsServer;
use Marketplace::TestAddOn;
use Provisor::ChildProcess;

use constant {
	LIMIT => 2,    # seconds for an answer
	TOGETHER => 4, # trials at a time: most of them wait
};

# What it prints, on either output, is read from what this returns.
sub begin {
	my (@arguments) = @_;

	open my $output, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', "$FindBin::Bin/simulate", @arguments
		or die "simulate: $!\n";
	return $output;
}

# All of it, and the status.
sub end {
	my ($output) = @_;
	my $text = do { local $/; <$output> } // '';

	close $output;
	return ($text, $? >> 8);
}

sub simulate {
	my (@arguments) = @_;

	return end(begin(@arguments));
}

# Against a vendor of its own.
sub begin_trial {
	my ($vendor_is, @arguments) = @_;
	my $folder = tempdir('provisor-vendor-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my $certificate = "$folder/marketplace.pem";

	Marketplace::HttpsServer::make_certificate($certificate, "$certificate.key");
	my $vendor = Marketplace::TestAddOn->new(folder => $folder, limit => LIMIT,
		platform_ca => $certificate, %$vendor_is);

	return {
		vendor => $vendor,
		books => "$folder/books",
		child => Provisor::ChildProcess->start(sub { $vendor->run }),
		output => begin('--manifest' => $vendor->manifest,
			'--ca' => $vendor->certificate, '--listen' => 0, '--certificate' => $certificate,
			'--client-secret' => $vendor->secret, '--books' => "$folder/books",
			'--answer-limit' => LIMIT . 's', '--pace' => '50ms', '--time-limit' => '2min',
			@arguments),
	};
}

# What is printed, the status, the books, and who is billed for what exists.
sub end_trial {
	my ($trial) = @_;
	my ($vendor, $child) = @$trial{qw(vendor child)};
	my ($output, $status) = end($trial->{output});

	$child->stop('KILL');
	my $books = Marketplace::Books->read($trial->{books});

	return {
		output => $output,
		status => $status,
		books => $books,
		kinds => join(' ', uniq sort map { $_->{kind} } @{ $books->{finding} }),
		three => compare(books => $books, rows => [ $vendor->rows ],
			things => [ Marketplace::Compare::things_of($vendor->things) ]),
	};
}

# In the order of what is asked for: [ vendor, arguments ].
sub trials {
	my (@wanted) = @_;
	my @ended;

	while (my @some = splice @wanted, 0, TOGETHER) {
		push @ended, map { end_trial($_) } map { begin_trial(@$_) } @some;
	}
	return @ended;
}

sub is_fine {
	my ($trial, $name) = @_;

	is($trial->{kinds}, '', "$name: nothing is found wrong") or diag $trial->{output};
	is($trial->{status}, 0, '... which the status says');
	is_deeply($trial->{three}, nothing(), '... and who is billed has it') or diag explain $trial->{three};
	return;
}

sub count_in {
	my ($trial, $pattern) = @_;
	my $sum = 0;

	$sum += $_->{number} for grep { $_->{what} =~ $pattern } @{ $trial->{books}{count} };
	return $sum;
}

# --- a good one -------------------------------------------------------------

my @faults = qw(repeat lost overtake delay error throttle revoke skew);
my ($at_once, $promised, $everything, @only) = trials(
	[ {}, '--rate' => 0, '--customers' => 10 ],
	[ { is_slow => 1 }, '--rate' => 0, '--customers' => 10 ],
	[ { is_slow => 1 }, '--rate' => 0.4, '--customers' => 30, '--seed' => 4,
		'--provision-limit' => '15s' ],
	map { [ { is_slow => 1 }, '--only' => $_, '--rate' => 0.5, '--customers' => 8,
		'--provision-limit' => $_ eq 'delay' ? '12s' : '5s' ] } @faults,
);

is_fine($at_once, 'a good one that answers at once');
is_fine($promised, 'a good one that promises');
is(count_in($promised, qr/^promised$/), 10, '... each');
is(count_in($promised, qr/^log frames$/), 20, '... and writes to the log');
is(count_in($promised, qr/^codes exchanged$/), 10, '... and uses its grants');
is_fine($everything, 'a good one, through all faults');
for my $fault (@faults) {
	my $only = shift @only;

	is_fine($only, "a good one, and only $fault");
	cmp_ok(count_in($only, qr/^fault: .*\b$fault$/), '>', 0, '... which happened');
	is(count_in($only, qr/^fault: (?!.*\b$fault$)/), 0, '... and nothing else');
}

# --- bad ones ---------------------------------------------------------------

my @bad = (
	# badness             slow  found by its own books     on three sides   more
	[ 'lost',              0, 'lost',              '' ],
	[ 'doubled',           0, 'doubled',           'doubled' ],
	[ 'orphaned',          0, '',                  'orphaned' ],
	[ 'revived',           0, 'revived',           'orphaned revived' ],
	[ 'late',              0, 'late',              '' ],
	[ 'differing',         0, 'differs',           '' ],
	[ 'broken',            0, 'status',            '' ],
	[ 'deaf',              0, 'unanswered',        '' ],
	[ 'undeclared',        0, 'undeclared',        '' ],
	[ 'code-expired',      0, 'code-expired',      '', '--code-life' => '1s', '--pace' => '6s' ],
	[ 'code-reused',       0, 'code-reused',       '' ],
	[ 'old-refresh',       0, 'old-refresh',       '' ],
	[ 'patch-undeclared',  0, 'undeclared',        '' ],
	[ 'unfinished',        1, 'unfinished',        '', '--provision-limit' => '1s' ],
	[ 'after-deprovision', 0, 'after-deprovision', '', '--pace' => '6s' ],
	[ 'log-frame',         0, 'log-frame',         '' ],
	[ 'keeps out',         0, 'sign-on',           '', '--customers' => 12 ],
	[ 'lets in',           0, 'sign-on',           '', '--customers' => 12 ],
);

my @caught = trials(map {
	my ($bad, $is_slow, undef, undef, @more) = @$_;

	[ { bad => $bad, is_slow => $is_slow }, '--rate' => 0, '--customers' => 6, @more ];
} @bad);

for my $case (@bad) {
	my ($bad, undef, $kinds, $three) = @$case;
	my $trial = shift @caught;
	my $found = join ' ', grep { @{ $trial->{three}{$_} } } sort keys %{ $trial->{three} };

	is($trial->{kinds}, $kinds, "a bad one, $bad: found") or diag $trial->{output};
	is($trial->{status}, $kinds ? 1 : 0, '... which the status says');
	is($found, $three, '... and who is billed for what exists, too') or diag explain $trial->{three};
}

# --- its parts --------------------------------------------------------------

my @lives = map { (simulate('--show-lives', '--customers' => 50, '--seed' => $_))[0] } 7, 7, 8;

is($lives[0], $lives[1], 'the same seed makes the same lives');
isnt($lives[0], $lives[2], 'another one makes others');

my @items = map { { id => $_ } } qw(c a d b);
my $page = page_of(undef, 'id', 3, @items);

is_deeply([ $page->{status}, map { $_->{id} } @{ $page->{items} } ], [ 206, qw(a b c) ], 'a list has pages');
is($page->{headers}{'Next-Range'}, 'id ]c..; max=3', '... and says where the next one begins');
$page = page_of($page->{headers}{'Next-Range'}, 'id', 200, @items);
is_deeply([ $page->{status}, map { $_->{id} } @{ $page->{items} } ], [ 200, 'd' ], '... which is the last');
is(page_of('name ..', 'id', 3, @items), undef, 'a range of something else is none');

my %frames = (
	'89 <190>1 2026-01-01T00:00:00Z host app web - - 88' => 'more than there is',
	'10 <190>1 2026-01-01T00:00:00Z host app web - - x' => 'less than there is',
	'<190>1 2026-01-01T00:00:00Z host app web - - x' => 'no count',
	'5 hello' => 'no syslog',
	'' => 'nothing',
);

for my $body (sort keys %frames) {
	isnt((Marketplace::LogInput::read_frames($body))[0], '', "log input is refused: $frames{$body}");
}

my ($help) = simulate('--help');

is(join(' ', grep { $help !~ /^  \Q$_\E /m } Marketplace::Faults::kinds()), '', '--help has every fault');
is((simulate('--only' => 'fire', '--manifest' => '/nonexistent'))[1], 2, 'what cannot begin ends with 2');

done_testing;
