#!/usr/bin/perl
# The sign-on checks of kensa, Heroku's former test program, on the version 1 add-on
# of make run: in kensa's order, with its fields.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Digest::SHA 'sha1_hex';
use Test::More;

use Provisor::AddOn 'json';
use Provisor::HttpClient;
use Provisor::SignOnForm 'encode_form';
use Provisor::Test;

my $host = new_host();

$host->write_demo_homes;
$host->start;
$host->wait_until_ready;
my $https = Provisor::HttpClient->new(port => $host->port);
my $api = $host->manifest('demo-legacy')->{api};
my $id = $https->request(method => 'POST', path => '/heroku/resources',
	as => "demo-legacy:$api->{password}", body => json({ heroku_id => 'app1@kensa.heroku.com',
		plan => 'test', region => 'us', uuid => uuid() }))->json->{id};
my $nav_data = 'eyJhZGRvbiI6IllvdXIgQWRkb24iLCJhcHBuYW1lIjoibXlhcHAifQ';

# kensa's fields; for GET the id is in the path.
sub fields {
	my ($at, $token) = @_;

	return (
		token => $token // sha1_hex("$id:$api->{sso_salt}:$at"),
		timestamp => $at,
		'nav-data' => $nav_data,
		email => 'username@example.com',
		app => 'myapp',
	);
}

# Follow redirects; return the last response and all cookies.
sub follow {
	my (%request) = @_;
	my $answer = $https->request(%request);
	my %jar;

	for (1 .. 5) {
		for my $header (grep { $_->[0] eq 'set-cookie' } @{ $answer->{headers} }) {
			$jar{$1} = $2 if $header->[1] =~ /\A([^=]+)=([^;]*)/;
		}
		last if $answer->status !~ /\A30[1237]\z/;
		$answer = $https->request(method => 'GET', path => $answer->header('location'),
			headers => { Cookie => join '; ', map { "$_=$jar{$_}" } sort keys %jar });
	}
	return ($answer, \%jar);
}

my %ways = (
	POST => sub {
		return (method => 'POST', path => '/sso/login',
			type => 'application/x-www-form-urlencoded',
			body => encode_form(@_, id => $id));
	},
	GET => sub {
		return (method => 'GET', path => "/heroku/resources/$id?" . encode_form(@_));
	},
);

for my $way (sort keys %ways) {
	subtest $way => sub {
		my $now = time;
		my ($bad) = follow($ways{$way}->(fields($now, 'invalid')));
		my ($late) = follow($ways{$way}->(fields($now - 6 * 60)));
		my ($good, $jar) = follow($ways{$way}->(fields($now)));

		is($bad->status, 403, 'validates token');
		is($late->status, 403, 'validates timestamp');
		is($good->status, 200, 'logs in');
		is($good->type, 'text/html', '... to a page');
		is($jar->{'heroku-nav-data'}, $nav_data, 'creates the heroku-nav-data cookie');
		like($good->body, qr/<div id="heroku-header">/, 'displays the heroku layout');
	};
}

is_unhurt($host);

done_testing;
