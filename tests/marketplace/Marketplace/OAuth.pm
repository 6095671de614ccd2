package Marketplace::OAuth;

# Grants and tokens.  A code is valid once and for a limited time, an access token for a
# limited time, a refresh token until the access token of its successor is used.
#
# Answers are those of HttpMessage.pm.

use strict;
use warnings;

use POSIX 'strftime';
use Time::HiRes 'time';

use Marketplace::HttpMessage qw(json);

# The share of a code's life by which its stated expiry may be wrong, and by which a
# late use is tolerated.
use constant SKEW => 0.2;

# books, faults, uuid => sub, client_secret, has_seconds, repeats_exchange, code_life, token_life, revoke_at_end
sub new {
	my ($class, %self) = @_;

	return bless { codes => {}, access => {}, refresh => {}, %self }, $class;
}

# --- grants -----------------------------------------------------------------

sub grant {
	my ($self, $resource, $name) = @_;
	my $code = $self->{books}->secret(code => $self->{uuid}->());
	my $random = $resource->{random}->of('grant', $name);
	my $ends = time + $self->{code_life};

	$self->{codes}{$code} = { resource => $resource, ends => $ends };
	if ($self->{faults}->drawn($random, 'time')) {
		$ends += $self->{code_life} * SKEW * $random->between(-1, 1, 'skew');
		$self->{books}->count('fault: skew');
	}
	$self->{books}->count('grants');
	return {
		code => $code,
		expires_at => $self->{has_seconds} ? int $ends : _moment($ends, $random->whole(0, 2, 'form')),
		type => 'authorization_code',
	};
}

# In one of three formats, in Heroku's time zone or in UTC.
sub _moment {
	my ($seconds, $form) = @_;
	my $offset = (qw(-0800 -08:00 Z))[$form];

	return strftime('%Y-%m-%dT%H:%M:%S', gmtime($seconds - ($form < 2 ? 8 * 3600 : 0))) . $offset;
}

# --- the token endpoint -----------------------------------------------------

# The resource of a code or refresh token, or undef.
sub owner {
	my ($self, %form) = @_;
	my $found = $self->{codes}{ $form{code} // '' } // $self->{refresh}{ $form{refresh_token} // '' };

	return $found ? $found->{resource} : undef;
}

sub _refusal {
	my ($status, $id, $message) = @_;

	return { status => $status, headers => { 'Content-Type' => 'application/json' },
		body => json({ id => $id, message => $message }) };
}

my %kind = (authorization_code => '_exchange', refresh_token => '_refresh');

# If the response will be lost, a later use of the old code or token is tolerated.
sub answer {
	my ($self, $is_lost, %form) = @_;
	my $method = $kind{ $form{grant_type} // '' }
		// return _refusal(400, 'bad_request', 'Unknown grant type.');

	return _refusal(401, 'unauthorized', 'The client secret is wrong.')
		if !defined $self->{client_secret} || ($form{client_secret} // '') ne $self->{client_secret};
	return $self->$method($is_lost, %form);
}

sub _exchange {
	my ($self, $is_lost, %form) = @_;
	my $code = $self->{codes}{ $form{code} // '' }
		// return _refusal(401, 'unauthorized', 'The code is unknown.');
	my $resource = $code->{resource};
	# Without new grants, a code stays valid until one of its tokens is used.
	delete $code->{used} if $self->{repeats_exchange} && !$code->{is_spent};
	my $late = time - $code->{ends};
	my $why = $code->{used} ? 'was used before' : $late > 0 ? 'has expired'
		: $resource->is_trusted ? '' : 'belongs to a removed resource';

	$self->{books}->finding('code-reused', $resource, 'a code whose exchange had a response')
		if ($code->{used} // '') eq 'answered';
	$self->{books}->finding('code-expired', $resource, sprintf '%.1f s late', $late)
		if !$code->{used} && $late > $self->{code_life} * SKEW;
	return _refusal(401, 'unauthorized', "The code $why.") if $why;
	$code->{used} = $is_lost ? 'lost' : 'answered';
	$self->{books}->count('codes exchanged');
	$resource->{is_token_lost} = $is_lost;
	my $answer = $self->_pair($resource);

	$self->{access}{ $self->{newest} }{code} = $code;
	return $answer;
}

sub _refresh {
	my ($self, $is_lost, %form) = @_;
	my $refresh = $self->{refresh}{ $form{refresh_token} // '' }
		// return _refusal(401, 'unauthorized', 'The refresh token is unknown.');
	my $resource = $refresh->{resource};

	$self->{books}->finding('old-refresh', $resource, 'its successor was in use')
		if $refresh->{is_void} && $resource->is_here;
	return _refusal(401, 'unauthorized', 'The refresh token is not valid any more.')
		if $refresh->{is_void} || !$resource->is_trusted;
	$self->{books}->count('tokens refreshed');
	return $self->_pair($resource, $refresh);
}

sub _pair {
	my ($self, $resource, $before) = @_;
	my $access = $self->{books}->secret(access => 'HRKU-' . $self->{uuid}->());
	my $refresh = $self->{books}->secret(refresh => $self->{uuid}->());

	$self->{newest} = $access;
	$self->{refresh}{$refresh} = { resource => $resource };
	$self->{access}{$access} = { resource => $resource, ends => time + $self->{token_life},
		before => $before };
	return { status => 200, headers => { 'Content-Type' => 'application/json' }, body => json({
		access_token => $access,
		refresh_token => $refresh,
		expires_in => int $self->{token_life},
		token_type => 'Bearer',
		user_id => $self->{uuid}->(),
		session_nonce => undef,
	}) };
}

# --- use --------------------------------------------------------------------

# The resource of a valid access token, or undef.
sub bearer {
	my ($self, $token) = @_;
	my $access = $self->{access}{ $token // '' } or return;

	return if $access->{is_void} || time > $access->{ends};
	return if $self->{revoke_at_end} && !$access->{resource}->is_trusted;
	$access->{before}{is_void} = 1 if $access->{before};
	$access->{code}{is_spent} = 1 if $access->{code};
	return $access->{resource};
}

sub revoke {
	my ($self, $token) = @_;
	my $access = $self->{access}{ $token // '' };

	$access->{is_void} = 1 if $access;
	return;
}

1;
