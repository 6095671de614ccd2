package Marketplace::SignOnForm;

# The marketplace's single sign-on: a form, signed with the manifest's salt, that a
# browser posts to the add-on.
#
# A form is a hash of its fields.  It is "valid", "old" (six minutes) or "forged".

use strict;
use warnings;

use Digest::SHA qw(sha1_hex sha256_hex);
use MIME::Base64 'encode_base64url';
use Time::HiRes 'time';

use Marketplace::HttpMessage qw(form json);

use constant {
	OLD => 360,            # seconds; 300 are allowed
	SLOW => 240, FAST => 45, # seconds by which a clock may be wrong
};

# With the fault "skew" the time is wrong by as much as is allowed.
sub fields {
	my ($market, $resource, $how, $name) = @_;
	my $manifest = $market->{manifest};
	my $random = $resource->{random}->of('sign-on', $name);
	my $fault = $market->{faults}->drawn($random, 'time');
	my $skew = $fault ? $random->between(-SLOW(), FAST, 'skew') : 0;
	my $timestamp = int(time + ($how eq 'old' ? -OLD() : $skew));
	my $salt = $manifest->{salt} // '';
	my ($id, $user) = @$resource{qw(uuid user)};
	my $provider_id = $resource->{provider_id} // $id;

	$market->{books}->count('fault: skew') if $fault;
	my %fields = (
		id => $provider_id,
		resource_id => $id,
		timestamp => $timestamp,
		token => sha1_hex("$provider_id:$salt:$timestamp"),
		resource_token => sha1_hex("$id:$salt:$timestamp"),
		user_scoped_resource_token =>
			sha256_hex("$id:$salt:$timestamp:$user->{id}:$user->{email}"),
		'nav-data' => encode_base64url(json({ appname => $resource->{app} })),
		email => $user->{email},
		user_id => $user->{id},
		app => $resource->{app},
		context_app => $resource->{app},
	);

	$market->{books}->secret('sign-on token' => $fields{$_}) for grep { /token\z/ } keys %fields;
	# Only the strongest token is wrong: valid weaker ones must not help.
	$fields{user_scoped_resource_token} =~ tr/0-9a-f/1-9a-f0/ if $how eq 'forged';
	return %fields;
}

sub request {
	my ($market, %fields) = @_;

	return {
		method => 'POST',
		path => $market->{manifest}{sso_path},
		headers => {
			'Content-Type' => 'application/x-www-form-urlencoded',
			'Origin' => 'https://addons-sso.heroku.com',
		},
		body => form(%fields),
	};
}

# The fault of a response in words; "later" for 503; '' if there is none.
sub fault_of {
	my ($resource, $how, $answer) = @_;
	my $status = $answer->{status};
	my $is_gone = $resource->was(deprovisioned => $answer->{sent});

	return 'later' if $status == 503 || $status == 429 || $status == 0;
	return $status == 403 ? '' : "$status for a form that is $how" if $how ne 'valid';
	return $status == 404 || $status == 403 ? '' : "$status for a removed resource" if $is_gone;
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
