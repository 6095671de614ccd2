package Marketplace::SignOnForm;

# The marketplace's single sign-on: a form, signed with the manifest's salt, that a
# browser posts to the add-on.
#
# A form is a hash of its fields.  It is "valid", "old" or "forged".

use strict;
use warnings;

use Time::HiRes 'time';

use Marketplace::HttpMessage 'form';

use constant {
	TOO_OLD => 60,           # seconds beyond the longest age that is allowed
	SLOW => 0.8, FAST => 45, # how far a clock may be wrong: share of that age, seconds
};

# With the fault "skew" the time is wrong by as much as is allowed.
sub fields {
	my ($market, $resource, $how, $name) = @_;
	my $form = $market->{wire}{sign_on};
	my $random = $resource->{random}->of('sign-on', $name);
	my $fault = $market->{faults}->drawn($random, 'time');
	my $skew = $fault ? $random->between(-SLOW() * $form->{max_age}, FAST, 'skew') : 0;
	my $seconds = time + ($how eq 'old' ? -$form->{max_age} - TOO_OLD : $skew);

	$market->{books}->count('fault: skew') if $fault;
	my %fields = $form->{fields}->($resource, $market->{manifest}{salt} // '', int($seconds * $form->{unit}));

	$market->{books}->secret('sign-on token' => $fields{$_}) for grep { /(?:token|signature)\z/ } keys %fields;
	# Only the strongest token is wrong: valid weaker ones must not help.
	$fields{ $form->{token} } =~ tr/0-9a-f/1-9a-f0/ if $how eq 'forged';
	return %fields;
}

sub request {
	my ($market, %fields) = @_;

	my $form = $market->{wire}{sign_on};

	return { method => 'GET', headers => {}, path => "$market->{manifest}{sso_path}?" . form(%fields) }
		if $form->{method} eq 'GET';
	return {
		method => 'POST',
		path => $market->{manifest}{sso_path},
		headers => {
			'Content-Type' => 'application/x-www-form-urlencoded',
			'Origin' => $form->{origin},
		},
		body => form(%fields),
	};
}

# The fault of a response in words; "later" for 503; '' if there is none.
sub fault_of {
	my ($resource, $how, $answer) = @_;
	my $status = $answer->{status};
	my $refused = $resource->{wire}{sign_on}{refused};
	my $is_gone = $resource->was(deprovisioned => $answer->{sent});

	return 'later' if $status == 503 || $status == 429 || $status == 0;
	return $status == $refused ? '' : "$status for a form that is $how" if $how ne 'valid';
	return $status == 404 || $status == $refused ? '' : "$status for a removed resource" if $is_gone;
	return '' if $resource->{at}{removing};
	return $status =~ /\A(?:200|302|303)\z/ ? '' : "$status for a valid form";
}

my %escape = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;');

sub _escape {
	my ($text) = @_;

	return $text =~ s/([&<>"])/$escape{$1}/gr;
}

# The page for a browser, which posts the form without a click.
sub page {
	my ($market, %fields) = @_;
	my $url = _escape($market->{manifest}{origin} . $market->{manifest}{sso_path});

	return join '', qq(<!doctype html><title>Signing on</title>\n),
		qq(<form method="post" action="$url">\n),
		(map { sprintf qq(<input type="hidden" name="%s" value="%s">\n), $_, _escape($fields{$_}) }
			sort keys %fields),
		qq(<noscript><button>Go on</button></noscript></form>\n),
		qq(<script>document.forms[0].submit()</script>\n);
}

1;
