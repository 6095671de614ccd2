#!/usr/bin/perl
# provisor check compares this host's clock with that of the marketplace, because
# sign-ons are accepted only for minutes before and after the time that it signs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::CheckCommand;
use Provisor::FakeHeroku;
use Provisor::Test;

my $heroku = Provisor::FakeHeroku->new($host);
my %platform = %{ $host->{env} };
my $url = $platform{PROVISOR_PLATFORM_URL};

sub with_clock {
	my ($behaviour) = @_;

	return sub { $heroku->behave($behaviour); return \%platform };
}

# The lines of check about the marketplace, each with its verdict.
sub findings {
	my ($environment) = @_;
	my ($status, $lines) = check($environment);

	return ($status, map { my $verdict = $_;
			map { /\APROVISOR_PLATFORM_URL: (.+)/ ? "$verdict $1" : () } @{ $lines->{$verdict} } } sort keys %$lines);
}

subtest 'the same time' => sub {
	my ($status, @findings) = findings(with_clock('ahead by 0 s')->());

	is($status, 0, 'check exits with 0');
	is_deeply(\@findings, [ "ok this host's clock agrees with that of $url" ], 'the clocks agree');
	is_deeply([ $heroku->calls ], ['GET /addons'], 'one request was sent');
	ok(!exists(($heroku->requests)[0]{headers}{authorization}), '... without a token');
};

# The marketplace's clock, the difference and the limit in seconds.
for my $case ([ -45, 'ahead of', qr/4[3-7]/, 300 ], [ -270, 'ahead of', qr/2(?:6[89]|7[012])/, 300 ],
		[ 45, 'behind', qr/4[3-7]/, 60 ]) {
	my ($ahead, $words, $seconds, $limit) = @$case;

	check_warning(sprintf('a marketplace at %+d s', $ahead),
		qr{PROVISOR_PLATFORM_URL: this host's clock is $seconds s $words that of \Q$url\E; above $limit s, sign-ons are refused: synchronize this host's clock, with NTP\z},
		with_clock("ahead by $ahead s"));
}
for my $case ([ -600, 'ahead of', 300 ], [ 600, 'behind', 60 ]) {
	my ($ahead, $words, $limit) = @$case;

	check_error(sprintf('a marketplace at %+d s', $ahead),
		qr{PROVISOR_PLATFORM_URL: this host's clock is (?:59[89]|60[012]) s $words that of \Q$url\E, so every sign-on is refused \(limit: $limit s\): synchronize this host's clock, with NTP\z},
		with_clock("ahead by $ahead s"));
}

subtest 'a marketplace that cannot be called' => sub {
	my ($status, @findings) = findings({});

	is($status, 0, 'check exits with 0');
	like("@findings", qr{\Aok no add-on needs it; https://localhost:1 cannot be called \(Failed to connect .*\), so its clock was not compared}, 'the clock was not compared');
	like((findings(with_clock('no date')->()))[1], qr/\Aok .*\(the response has no date\)/, 'a response without a date is the same');
};

# Last, because the add-on stays.
addon($host, 'calling-db', $heroku->settings);
check_warning('a marketplace that jobs call, and that cannot be called',
	qr{PROVISOR_PLATFORM_URL: https://localhost:1 cannot be called \(.+\), which the jobs of add-ons with a client secret need: correct the setting, the network},
	sub { {} });
check_warning('a certificate that is not valid yet',
	qr{PROVISOR_PLATFORM_URL: \Q$url\E cannot be called \(.*certificate.*\), .*: correct .* this host's clock\z},
	sub { $heroku->use_certificate(days => [ 1, 9 ]); return \%platform });

check_secrets('a client secret' => 'the-client-secret');
done_testing;
