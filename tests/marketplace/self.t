#!/usr/bin/perl
# The marketplace simulator against add-ons of its own: it finds no violation by a
# correct one, with all its faults, and finds the violation of each incorrect one.

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
	LIMIT => 2,    # seconds for a response
	TOGETHER => 4, # runs at the same time: most of them wait
};

# Starts the simulator.  Returns a handle for its output.
sub begin {
	my (@arguments) = @_;

	return Provisor::ChildProcess::open_program("$FindBin::Bin/simulate", @arguments);
}

# Waits for its end.  Returns output and exit status.
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

# Starts the simulator and an add-on for it.
sub begin_trial {
	my ($options, @arguments) = @_;
	my $folder = tempdir('provisor-vendor-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my $certificate = "$folder/marketplace.pem";

	Marketplace::HttpsServer::make_certificate($certificate, "$certificate.key");
	my $vendor = Marketplace::TestAddOn->new(folder => $folder, limit => LIMIT,
		platform_ca => $certificate, %$options);

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

# Returns output, status, books, kinds of findings, and the differences between books,
# table and folders.
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
		differences => compare(books => $books, rows => [ $vendor->rows ],
			things => [ Marketplace::Compare::things_of($vendor->things) ]),
	};
}

# Runs [ options of the add-on, arguments ] and returns the results in this order.
sub trials {
	my (@wanted) = @_;
	my @ended;

	while (my @some = splice @wanted, 0, TOGETHER) {
		push @ended, map { end_trial($_) } map { begin_trial(@$_) } @some;
	}
	return @ended;
}

sub finds_nothing {
	my ($trial, $name) = @_;

	is($trial->{kinds}, '', "$name: no finding") or diag $trial->{output};
	is($trial->{status}, 0, '... and exit status 0');
	is_deeply($trial->{differences}, nothing(), '... and every billed resource exists once') or diag explain $trial->{differences};
	return;
}

sub count_in {
	my ($trial, $pattern) = @_;
	my $sum = 0;

	$sum += $_->{number} for grep { $_->{what} =~ $pattern } @{ $trial->{books}{count} };
	return $sum;
}

# --- a correct add-on -------------------------------------------------------

my @faults = qw(repeat lost overtake delay error throttle revoke skew slow);
my ($at_once, $promised, $everything, @only) = trials(
	[ {}, '--rate' => 0, '--customers' => 10 ],
	[ { is_slow => 1 }, '--rate' => 0, '--customers' => 10 ],
	[ { is_slow => 1 }, '--rate' => 0.4, '--customers' => 30, '--seed' => 4,
		'--provision-limit' => '15s' ],
	map { [ { is_slow => 1 }, '--only' => $_, '--rate' => 0.5, '--customers' => 8,
		'--provision-limit' => '15s' ] } @faults,
);

finds_nothing($at_once, 'a correct add-on that responds 200');
finds_nothing($promised, 'a correct add-on that responds 202');
is(count_in($promised, qr/^promised$/), 10, '... to each create');
is(count_in($promised, qr/^log frames$/), 20, '... and writes log lines');
is(count_in($promised, qr/^codes exchanged$/), 10, '... and exchanges its grants');
finds_nothing($everything, 'a correct add-on with all faults');
for my $fault (@faults) {
	my $only = shift @only;

	finds_nothing($only, "a correct add-on with the fault \"$fault\"");
	cmp_ok(count_in($only, qr/^fault: .*\b$fault$/), '>', 0, '... which happens');
	is(count_in($only, qr/^fault: (?!.*\b$fault$)/), 0, '... as the only one');
}

# --- incorrect add-ons ------------------------------------------------------

my @bad = (
	# violation           slow  finding              difference   more arguments
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
	[ 'unchanged',         1, 'unanswered unfinished', 'differing', '--only' => 'slow', '--rate' => 1,
		'--time-limit' => '20s', '--seed' => 3 ],
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
	my ($bad, undef, $kinds, $differences) = @$case;
	my $trial = shift @caught;
	my $found = join ' ', grep { @{ $trial->{differences}{$_} } } sort keys %{ $trial->{differences} };

	is($trial->{kinds}, $kinds, "the violation \"$bad\" has its finding") or diag $trial->{output};
	is($trial->{status}, $kinds ? 1 : 0, '... and its exit status');
	is($found, $differences, '... and its difference') or diag explain $trial->{differences};
}

# --- parts ------------------------------------------------------------------

my @lives = map { (simulate('--show-lives', '--customers' => 50, '--seed' => $_))[0] } 7, 7, 8;

is($lives[0], $lives[1], 'the same seed makes the same scenarios');
isnt($lives[0], $lives[2], 'another seed makes other ones');

my @items = map { { id => $_ } } qw(c a d b);
my $page = page_of(undef, 'id', 3, @items);

is_deeply([ $page->{status}, map { $_->{id} } @{ $page->{items} } ], [ 206, qw(a b c) ], 'a list is returned in pages');
is($page->{headers}{'Next-Range'}, 'id ]c..; max=3', '... with the range of the next one');
$page = page_of($page->{headers}{'Next-Range'}, 'id', 200, @items);
is_deeply([ $page->{status}, map { $_->{id} } @{ $page->{items} } ], [ 200, 'd' ], '... up to the last');
is(page_of('name ..', 'id', 3, @items), undef, 'a range of an unknown field is refused');

my %frames = (
	'89 <190>1 2026-01-01T00:00:00Z host app web - - 88' => 'a count that is too large',
	'10 <190>1 2026-01-01T00:00:00Z host app web - - x' => 'a count that is too small',
	'<190>1 2026-01-01T00:00:00Z host app web - - x' => 'a frame without a count',
	'5 hello' => 'a frame that is not syslog',
	'' => 'an empty body',
);

for my $body (sort keys %frames) {
	isnt((Marketplace::LogInput::read_frames($body))[0], '', "log input is refused: $frames{$body}");
}

my ($help) = simulate('--help');

is(join(' ', grep { $help !~ /^  \Q$_\E /m } Marketplace::Faults::kinds()), '', '--help lists every fault');
is((simulate('--only' => 'fire', '--manifest' => '/nonexistent'))[1], 2, 'an unknown fault ends it with status 2');

done_testing;
