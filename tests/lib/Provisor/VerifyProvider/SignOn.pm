package Provisor::VerifyProvider::SignOn;

# The sign-on of a VerifyProvider, which inherits it.

use strict;
use warnings;

use Digest::SHA qw(sha1_hex sha256_hex);
use Encode 'encode_utf8';
use Time::HiRes 'time';

use constant {
	OLDEST => 300,             # seconds
	NEWEST => 60,              # seconds ahead
};

my $hex = qr/[0-9a-f]/i;

sub _page {
	my ($status, $sentence, @headers) = @_;

	return { status => $status, type => 'text/html; charset=utf-8', headers => \@headers,
		body => "<!DOCTYPE html>\n<html lang=\"en\"><title>Add-on</title>"
			. "<p>$sentence</p></html>\n" };
}

sub decode {
	my ($text) = @_;

	return $text =~ tr/+/ /r =~ s/%($hex{2})/chr hex $1/ger;
}

# The fields of a form, as bytes.
sub _fields {
	my ($form) = @_;

	return { map { my ($name, $value) = split /=/, $_, 2;
			(decode($name) => decode($value // '')) }
		grep { length } split /&/, $form };
}

sub _handle_sign_on {
	my ($self, $request) = @_;
	my ($method, $query) = @$request{qw(method query)};

	return $self->_sign_on(_fields($query))
		if $method eq 'GET' && defined $query && $self->_has('sign-on.get');
	return _page(405, 'Sign on from the dashboard of Heroku.', 'Allow: POST')
		if $method ne 'POST';
	return _page(413, 'The form is too large.') if $request->{is_large};
	return $self->_sign_on(_fields($request->{body}));
}

sub _sign_on {
	my ($self, $fields) = @_;
	my $id = $fields->{ $self->{version} eq '3' ? 'resource_id' : 'id' };
	my $at = $fields->{timestamp};

	return _page(403, 'A field is missing.') unless length($id // '') && defined $at;
	return _page($self->_has('sign-on.timestamp') ? 500 : 403, 'The time is not a number.')
		if $at !~ /\A[0-9]{1,15}\z/;
	return _page(403, 'The token is wrong.') unless $self->_is_token($fields, $id);
	return _page(403, 'The token has expired.')
		if time - $at > OLDEST && !$self->_has('sign-on.old');
	return _page(403, 'The token is of the future.')
		if $at - time > NEWEST && !$self->_has('sign-on.future');
	my $resource = $self->{by_id}{$id};

	return _page(404, 'There is no such resource.')
		if !$resource || $resource->{is_gone} && !$self->_has('sign-on.gone');
	return _page(500, 'The provider failed.') if $self->_has('sign-on.valid');
	return $self->_signed_on;
}

sub _signed_on {
	my ($self) = @_;
	my $session = sha1_hex(rand() . time . $$);
	my $attributes = $self->_has('sign-on.cookie') ? '' : '; Secure; HttpOnly';

	$self->{sessions}{$session} = 1;
	return _page(303, 'Go to the dashboard.', 'Location: /dashboard',
		"Set-Cookie: session=$session; Path=/$attributes; SameSite=Lax");
}

sub _dashboard {
	my ($self, $request) = @_;
	my ($session) = ($request->{headers}{cookie} // '') =~ /\bsession=($hex+)/;

	return _page(405, 'This page can only be read.', 'Allow: GET, HEAD')
		unless $request->{method} =~ /\A(?:GET|HEAD)\z/;
	return _page(401, 'You are not signed on.')
		unless defined $session && $self->{sessions}{$session};
	return _page(200, 'Your resource.');
}

# The name of the field with the token that decides, or undef if there is none.
sub _token_field {
	my ($self, $fields) = @_;
	my @names = $self->{version} eq '1' ? 'token'
		: qw(user_scoped_resource_token resource_token);

	@names = reverse @names if $self->_has('sign-on.weaker');
	my ($name) = grep { exists $fields->{$_} } @names;
	return $name;
}

sub _is_token {
	my ($self, $fields, $id) = @_;
	my $name = $self->_token_field($fields);

	return $self->_has('sign-on.missing') unless defined $name && length $fields->{$name};
	return 1 if $self->_has('sign-on.forged');
	my @tokens = map { $self->_tokens($name, $fields, $_) } $self->_signed_ids($fields, $id);

	return scalar grep { $_ eq $fields->{$name} } @tokens;
}

# The tokens of a resource that the provider accepts in a field.
sub _tokens {
	my ($self, $name, $fields, $id) = @_;
	my $salt = encode_utf8($self->{manifest}{api}{sso_salt});
	my $text = "$id:$salt:$fields->{timestamp}";
	my $user = $fields->{user_id} // '';

	return sha1_hex($text) if $name ne 'user_scoped_resource_token';
	return map { sha256_hex("$text:$user:$_") } $self->_signed_addresses($fields);
}

# A token does not show its text.  With the fault, the resource may be any that the
# provider knows.
sub _signed_ids {
	my ($self, $fields, $id) = @_;

	return $id unless $self->_has('sign-on.other');
	return ($id, (map { keys %$_ } @$self{qw(by_id by_key tombstones)}),
		grep { defined } @$fields{qw(id resource_id)});
}

# Likewise, the address may be any that an earlier form had.
sub _signed_addresses {
	my ($self, $fields) = @_;
	my $address = $fields->{email} // '';

	return $address unless $self->_has('sign-on.email');
	$self->{addresses}{$address} = 1;
	return keys %{ $self->{addresses} };
}

1;
