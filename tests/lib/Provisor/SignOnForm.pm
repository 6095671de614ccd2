package Provisor::SignOnForm;

# The forms with which a marketplace's dashboard signs customers on.
#
#	my @fields = sign_on_fields($addon, $id, at => time - 60);
#	my $answer = post_form($client, '/sso/login', @fields);
#	my $cookie = session_of($answer);
#
# Fields are a list of names and values in the order of the form.

use strict;
use warnings;

use Digest::SHA qw(sha1_hex sha256_hex);
use Exporter 'import';

our @EXPORT = qw(sign_on_fields strong_token weak_token encode_form post_form
	session_of cookie_header changed without);

our $user = '9f8e7d6c-5b4a-4321-8765-0123456789ab';
our $email = 'jane.doe+heroku@example.com';

sub salt_of {
	my ($addon) = @_;

	return $addon->{manifest}{api}{sso_salt};
}

sub weak_token {
	my ($salt, $id, $at) = @_;

	return sha1_hex("$id:$salt:$at");
}

sub strong_token {
	my ($salt, $id, $at, $who, $address) = @_;

	return sha256_hex("$id:$salt:$at:$who:$address");
}

# The fields that Heroku sends: every token for version 3, only the old one for
# version 1.
sub sign_on_fields {
	my ($addon, $id, %given) = @_;
	my %is = (at => time, salt => salt_of($addon), user => $user,
		email => $email, app => 'myapp', %given);
	my @old = (
		id => $id,
		token => weak_token($is{salt}, $id, $is{at}),
		timestamp => $is{at},
		'nav-data' => 'eyJhZGRvbiI6IllvdXIgQWRkb24ifQ',
		email => $is{email},
		app => $is{app},
	);

	return @old if ($addon->{version} // '1') ne '3';
	return (
		@old,
		resource_id => $id,
		resource_token => weak_token($is{salt}, $id, $is{at}),
		user_id => $is{user},
		user_scoped_resource_token =>
			strong_token($is{salt}, $id, $is{at}, $is{user}, $is{email}),
		context_app => $is{app},
	);
}

# The fields with new values; new names are added at the end.
sub changed {
	my ($fields, %new) = @_;
	my @result;

	for (my $i = 0; $i < @$fields; $i += 2) {
		my ($name, $value) = @$fields[ $i, $i + 1 ];
		push @result, $name, delete $new{$name} // $value;
	}
	return (@result, %new);
}

sub without {
	my ($fields, @names) = @_;
	my %gone = map { $_ => 1 } @names;
	my @result;

	for (my $i = 0; $i < @$fields; $i += 2) {
		push @result, @$fields[ $i, $i + 1 ] unless $gone{ $fields->[$i] };
	}
	return @result;
}

sub _encode {
	my ($text) = @_;

	return $text =~ s/([^A-Za-z0-9*._-])/sprintf '%%%02X', ord $1/ger;
}

sub encode_form {
	my @fields = @_;
	my @pairs;

	while (my ($name, $value) = splice @fields, 0, 2) {
		push @pairs, _encode($name) . '=' . _encode($value);
	}
	return join '&', @pairs;
}

sub post_form {
	my ($client, $path, @fields) = @_;

	return $client->request(
		method => 'POST',
		path => $path,
		type => 'application/x-www-form-urlencoded',
		body => encode_form(@fields),
	);
}

sub _cookies {
	my ($answer) = @_;

	return map { $_->[1] } grep { $_->[0] eq 'set-cookie' } @{ $answer->{headers} };
}

# The Set-Cookie header of a cookie, or undef.
sub cookie_header {
	my ($answer, $name) = @_;
	my ($line) = grep { index($_, "$name=") == 0 } _cookies($answer);

	return $line;
}

# The Cookie header that a browser sends after this response.
sub session_of {
	my ($answer) = @_;
	my $line = cookie_header($answer, '__Host-provisor') // return;

	return (split /;/, $line)[0];
}

1;
