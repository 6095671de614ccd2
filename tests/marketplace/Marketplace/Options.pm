package Marketplace::Options;

# The command line.  One table has the options and the text of --help.

use strict;
use warnings;

use Getopt::Long 'GetOptionsFromArray';

use Marketplace::Faults;
use Marketplace::Wire;

# name, argument, kind, default, words
my @table = (
	[ 'manifest', 'FILE', 'text', undef, 'the addon-manifest.json; Heroku\'s api.version must be "3"' ],
	[ 'marketplace', 'NAME', 'text', 'heroku', 'the marketplace that it plays: ' . join ', ', Marketplace::Wire::names() ],
	[ 'base-url', 'URL', 'text', undef, 'the URL of the resources; default: the manifest\'s base_url' ],
	[ 'ca', 'FILE', 'text', undef, 'certificate authorities for it; default: the system\'s' ],
	[ 'plans', 'A,B,..', 'text', 'basic,premium', 'plans that customers choose from' ],
	[ 'no-sign-on', '', 'flag', 0, 'customers do not sign on' ],
	[],
	[ 'seed', 'N', 'number', 1, 'the same seed makes the same decisions' ],
	[ 'customers', 'N', 'number', 100, 'number of customers' ],
	[ 'concurrency', 'N', 'number', 50, 'customers that act at the same time' ],
	[ 'pace', 'TIME', 'time', '500ms', 'the longest pause of a customer between two steps' ],
	[ 'show-lives', '', 'flag', 0, 'only print the steps of the customers, a line of JSON each' ],
	[],
	[ 'rate', 'R', 'rate', 0.2, 'the share of requests, calls and timestamps with a fault' ],
	[ 'only', 'FAULT', 'text', undef, 'only this kind of fault, at the full rate' ],
	[ 'fault', 'FAULT=R', 'rates', {}, 'the rate of this kind; may be given for several kinds' ],
	[ 'longest-change', 'TIME', 'time', '3s', 'the longest plan change of the fault "slow"' ],
	[ 'away', 'FROM+FOR', 'text', undef, 'its API returns 503 for the time FOR, FROM after the start' ],
	[],
	[ 'listen', 'PORT', 'number', undef,
		'serve token endpoint, Platform API, log input and sign-on pages on'
		. ' https://localhost:PORT; 0: any free port. Without this option creates have'
		. ' no grants' ],
	[ 'certificate', 'FILE', 'text', undef,
		'the certificate for that, with its key in FILE.key; both are created if'
		. ' missing; the add-on must trust FILE' ],
	[ 'client-secret', 'FILE', 'text', undef, 'a file with the client secret, required for grants' ],
	[ 'revoke-at-end', '', 'flag', 0,
		'the tokens of a resource are valid until its deprovision; default: until they'
		. ' expire' ],
	[ 'no-new-grants', '', 'flag', 0, 'give no grant but those of creates' ],
	[ 'rate-limit', 'N', 'number', 4500, 'calls of a resource in a burst; 75 more per minute' ],
	[ 'page-size', 'N', 'number', 200, 'items of a list without a Range' ],
	[],
	[ 'answer-limit', 'TIME', 'time', '25s', 'the time limit for responses' ],
	[ 'time-scale', 'X', 'positive', 1, 'multiplies the next three times' ],
	[ 'code-life', 'TIME', 'time', '5min', 'how long a grant code is valid' ],
	[ 'token-life', 'TIME', 'time', '8h', 'how long an access token is valid' ],
	[ 'provision-limit', 'TIME', 'time', '12h', 'how long after a 202 a resource must be provisioned' ],
	[ 'time-limit', 'TIME', 'time', '30min', 'the time limit of the run; open requests then count as unanswered' ],
	[],
	[ 'books', 'FILE', 'text', undef, 'write the books there, as lines of JSON; they contain secrets' ],
	[ 'stay', '', 'flag', 0, 'keep serving after the audit, until INT or TERM' ],
	[ 'help', '', 'flag', 0, 'print this help' ],
);

my %factor = (ms => 0.001, s => 1, min => 60, h => 3600);
my %reader = (
	text => sub { $_[0] },
	flag => sub { $_[0] },
	rates => sub { return { map { $_ => _rate($_[0]{$_}) } keys %{ $_[0] } } },
	number => sub { _like($_[0], qr/\A\d+\z/, 'a whole number') },
	positive => sub { _like($_[0], qr/\A(?=.*[1-9])\d*\.?\d+\z/, 'a number above 0') },
	rate => \&_rate,
	time => \&seconds,
);

sub _like {
	my ($text, $pattern, $words) = @_;

	$text =~ $pattern or die "\"$text\" is not $words\n";
	return $text;
}

sub _rate {
	my ($text) = @_;

	_like($text, qr/\A\d*\.?\d+\z/, 'a rate, from 0 to 1');
	return $text <= 1 ? $text : die "\"$text\" is not a rate, from 0 to 1\n";
}

sub seconds {
	my ($text) = @_;
	my ($number, $unit) = $text =~ /\A(\d+(?:\.\d+)?)(ms|s|min|h)\z/
		or die "\"$text\" is not a time, such as 500ms, 25s, 2min or 1h\n";

	return $number * $factor{$unit};
}

# The values by name, with _ for -; times are in seconds, scaled.
sub parse {
	my (@arguments) = @_;
	my %given;
	my @known = grep { @$_ } @table;

	local $SIG{__WARN__} = sub { die $_[0] };
	GetOptionsFromArray(\@arguments, \%given, map {
		$_->[0] . ($_->[2] eq 'flag' ? '' : $_->[2] eq 'rates' ? '=s%' : '=s')
	} @known) or die "see --help\n";
	@arguments and die "unknown argument \"$arguments[0]\"; see --help\n";
	my %value;

	for (@known) {
		my ($name, undef, $kind, $default) = @$_;
		my $text = $given{$name} // $default;

		$value{ $name =~ tr/-/_/r } = defined $text
			? eval { $reader{$kind}->($text) } // die "--$name: $@" : undef;
	}
	$value{$_} *= $value{time_scale} for qw(code_life token_life provision_limit);
	die "--manifest FILE is required; see --help\n"
		unless $value{help} || $value{show_lives} || defined $value{manifest};
	die "--listen requires --certificate FILE\n"
		if defined $value{listen} && !defined $value{certificate};
	$value{away} = [ map { seconds($_) } split /\+/, $value{away} ] if defined $value{away};
	return \%value;
}

# Wraps the text at 50 columns beside its heading.
sub _entry {
	my ($heading, $words) = @_;
	my @lines = $words =~ /\G\s*(.{1,50})(?:\s|\z)/g;

	return join '', map { sprintf "  %-25s %s\n", $_ ? '' : $heading, $lines[$_] } 0 .. $#lines;
}

sub help {
	my $text = '';

	for (@table) {
		my ($name, $argument, $kind, $default, $words) = @$_;

		$text .= $name ? _entry("--$name" . ($argument ? " $argument" : ''),
			$words . (defined $default && $default && !ref $default ? " ($default)" : ''))
			: "\n";
	}
	return $text . "\nFaults:\n"
		. join '', map { _entry($_, Marketplace::Faults::words($_)) } Marketplace::Faults::kinds();
}

1;
