#!/usr/bin/perl
# A vendor's sign-on hook, and how its result changes a sign-on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use MIME::Base64 'decode_base64url';
use Test::More;
use Time::HiRes 'time';

use Provisor::SignOnForm;
use Provisor::Test;
use Provisor::ScriptedVendor;

my $vendor;
my $host = serving_host({ workers => { api => 2, web => 1 } }, sub {
	$vendor = Provisor::ScriptedVendor->new($_[0], 'fast-db', hooks => [qw(provision sign-on)]);
});
my $addon = $vendor->addon;
my $id = uuid();

is($addon->provision(uuid => $id)->status, 200, 'there is a resource');

sub come { return post_form(fastcgi($host), '/sso/login', sign_on_fields($addon, $id)) }

sub session {
	my ($answer) = @_;

	return fastcgi($host)->request(method => 'GET', path => '/session',
		headers => { Cookie => session_of($answer) });
}

subtest 'without a result' => sub {
	my $answer = come();

	is($answer->status, 303, 'the customer is signed in');
	like($answer->header('location'), qr{/dashboard\z}, '... and sent to our page');
	my ($call) = $vendor->calls('sign-on', $id);
	is_deeply($call->{user}, {
		id => $Provisor::SignOnForm::user, email => $Provisor::SignOnForm::email, app => 'myapp',
	}, 'the hook gets the user');
	cmp_ok($call->{seconds}, '<=', 3, '... and a short time limit');
	is_deeply($call->{signed}, JSON::PP::true, '... for whom the marketplace vouches');
	is_deeply($call->{parameters}, { context_app => 'myapp' }, '... and the app from which the user came');
	is($call->{resource}{state}, 'provisioned', '... and the state of the resource');
};

subtest 'with fields that the marketplace passes on' => sub {
	my @fields = sign_on_fields($addon, $id);
	my $answer = post_form(fastcgi($host), '/sso/login', @fields, action => 'backups', 'a b' => "\xc3\xbc",
		action => 'second', long => 'x' x 257, 'y' x 257 => 1, map { ("more-$_" => '') } 1 .. 40);

	is($answer->status, 303, 'the customer is signed in');
	my ($call) = reverse $vendor->calls('sign-on', $id);
	my %got = %{ $call->{parameters} };
	is($got{action}, 'backups', 'the hook gets the action, the first one');
	is($got{'a b'}, "\x{fc}", '... and every other field');
	is(scalar keys %got, 32, '... 32 of them');
	is_deeply([ grep { /long|^y|token|email|nav|user|^id|^app|timestamp|resource/ } keys %got ], [],
		'... none that is long or part of the contract');
};

subtest 'with a user for whom nobody vouches' => sub {
	my @fields = without([ sign_on_fields($addon, $id) ], 'user_scoped_resource_token');

	is(post_form(fastcgi($host), '/sso/login', @fields)->status, 303, 'the customer is signed in');
	my ($call) = reverse $vendor->calls('sign-on', $id);
	is_deeply($call->{signed}, JSON::PP::false, 'the hook is told');
	is_deeply($call->{user}, { app => 'myapp' }, '... and gets no user');
};

subtest 'with a redirect to a path of this host' => sub {
	$vendor->behave('sign-on' => 'done(redirect => q[/my/dashboard/${id}?do=${action}&of=${context_app}])');
	my $answer = post_form(fastcgi($host), '/sso/login', sign_on_fields($addon, $id), action => 'a&b');

	is($answer->header('location'), "/my/dashboard/$id?do=a%26b&of=myapp", 'the references are replaced');
	$vendor->behave('sign-on' => undef);
};

subtest 'with a redirect and session values' => sub {
	$vendor->behave('sign-on' =>
		'done(redirect => "https://app.example.com/enter?code=1", session => { tenant => "t 1" })');
	my $answer = come();

	is($answer->status, 303, 'the customer is signed in');
	is($answer->header('location'), 'https://app.example.com/enter?code=1', '... and sent to the redirect');
	my $who = session($answer);
	is($who->status, 204, 'the session is valid');
	is_deeply(JSON::PP::decode_json(decode_base64url($who->header('x-provisor-session') // 'e30')),
		{ tenant => 't 1' }, '... and has the values');
};

# provisor hook test and the worker agree on a redirect.
subtest 'valid and invalid redirects' => sub {
	for my $row (
		[ 'https://app.example.com/enter?name=O\'Neil', 1, 'a single quote' ],
		[ 'https://[2001:db8::1]:8443/a;b?c[]=d#e!$&()*+,=@', 1, 'every reserved character' ],
		[ 'https://app.example.com/%C3%BC', 1, 'a percent-encoded letter' ],
		[ "https://app.example.com/\xc3\xbc", 0, 'a letter outside ASCII' ],
		[ 'https://app.example.com/%fg', 0, 'half a percent-encoding' ],
		[ 'https://app.example.com/{id}', 0, 'a brace' ],
		[ 'https:///enter', 0, 'no host' ],
		[ 'https://jane:secret@app.example.com/', 0, 'a user and a password' ],
		[ '/enter', 1, 'a path' ],
		[ '//enter', 0, 'the path of another host' ],
		[ 'https://app.example.com${action}/', 0, 'an action in the host' ],
	) {
		my ($redirect, $is_valid, $what) = @$row;
		$vendor->behave('sign-on' => "done(redirect => q[$redirect])");
		my ($output, $ended) = ctl($host->env, qw(hook test), $addon->home, 'sign-on');
		my $answer = come();

		is($ended == 0, $is_valid == 1, "$what: hook test");
		is($answer->status, $is_valid ? 303 : 503, '... and the worker');
		if ($is_valid) {
			is($answer->header('location'), $redirect, '... redirects there');
		} else {
			like($output, qr/redirect must be/, '... names the error');
		}
	}
};

subtest 'refused' => sub {
	$vendor->behave('sign-on' => 'print encode_json({ message => "Your trial is over." }); exit 65');
	my $answer = come();

	is($answer->status, 403, 'the customer is not signed in');
	like($answer->body, qr/Your trial is over\./, '... and sees the message');
	is(session_of($answer), undef, '... without a cookie');
};

subtest 'failed, or too slow' => sub {
	$vendor->behave('sign-on' => 'exit 1');
	is(come()->status, 503, 'after a failure, the customer can retry');
	$vendor->behave('sign-on' => 'sleep 60');
	my $began = time;
	is(come()->status, 503, '... and after a hook that does not end');
	cmp_ok(time - $began, '<', 15, '... which is killed in time');
};

is_unhurt($host);
done_testing();
