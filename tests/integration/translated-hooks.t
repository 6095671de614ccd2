#!/usr/bin/perl
# The sample code of Heroku's legacy guide and of maitre_d's README, each translated
# into hooks: all that a vendor's Ruby class was given and could return.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use MIME::Base64 'decode_base64url';
use Test::More;

use Provisor::Eventually;
use Provisor::Files 'read_text';
use Provisor::SignOnForm;
use Provisor::Test;

# What the hooks share: the call, and widgets or rows in files that are named by number.
my $shared = <<'PERL';
#!/usr/bin/perl
use strict;
use warnings;
use JSON::PP;

my $json = JSON::PP->new->canonical;
my $call = decode_json(do { local $/; <STDIN> });
my $resource = $call->{resource};

sub path { mkdir 'rows'; "rows/$_[0]" }
sub save { open my $file, '>', path($_[0]{id}) or die; print $file $json->encode($_[0]) }
sub find { open my $file, '<', path($_[0]) or die "no row $_[0]\n"; decode_json(<$file>) }
sub known { (grep { $_->{uuid} eq $_[0] } map { find(m{([^/]+)\z}) } glob 'rows/*')[0] }
sub create { my $row = known($resource->{uuid}) // { id => 1 + (() = glob 'rows/*'), @_,
	uuid => $resource->{uuid} }; save($row); $row }
sub answer { print $json->encode({ @_ }) }
PERL

# def provision(heroku_id, plan, region, callback_url, logplex_token, options)
my %maitre_d = (
	provision => <<'PERL',
my $widget = create(
	heroku_id     => $resource->{owner}{heroku_id},
	plan          => $resource->{plan},
	region        => $resource->{region},
	callback_url  => $resource->{callback_url},
	logplex_token => $resource->{logplex_token},
	options       => $resource->{options},
);
answer(
	id      => $widget->{id},
	config  => { WIDGETS_KEY => "key-$widget->{id}" },
	message => 'Add-on provisioned!',
);
PERL
	'change-plan' => <<'PERL',
my $widget = find($resource->{id});
$widget->{plan} = $resource->{plan};
save($widget);
answer(
	config  => { WIDGETS_KEY => "key-$widget->{id}" },
	message => "Changed from $resource->{old_plan} to $widget->{plan}.",
);
PERL
	deprovision => <<'PERL',
unlink path($resource->{id});
PERL
	'sign-on' => <<'PERL',
my $widget = find($resource->{id});
answer(redirect => '/my/dashboard', session => { widget_id => "$widget->{id}" });
PERL
);

# post '/heroku/resources', put, delete and sso of the guide
my %guide = (
	provision => <<'PERL',
my $row = create(plan => $resource->{plan});
answer(id => $row->{id}, config => { GUIDE_URL => 'http://user:pass@guide.example.com' });
PERL
	'change-plan' => <<'PERL',
save({ %{ find($resource->{id}) }, plan => $resource->{plan} });
PERL
	deprovision => <<'PERL',
unlink path($resource->{id});
PERL
	'sign-on' => <<'PERL',
my $row = find($resource->{id});
answer(redirect => "/?id=$row->{id}", session => { email => $call->{user}{email} // '' });
PERL
);

my $host = new_host(workers => { api => 1, web => 1, jobs => 1 });

sub translated {
	my ($name, $var, %hooks) = @_;

	return addon($host, $name, version => '1', template => undef,
		base_url => "https://localhost/$name/heroku/resources", sso_url => "https://localhost/$name/sso",
		api => { config_vars => [$var] },
		files => { map { ("hooks/$_" => "$shared\n$hooks{$_}") } keys %hooks });
}

my $widgets = translated('widgets', 'WIDGETS_KEY', %maitre_d);
my $example = translated('guide', 'GUIDE_URL', %guide);

$host->start_postgres;
$host->migrate;
$host->start_pool($_) for qw(api web);
$host->start_jobs;

my $web = fastcgi($host, 'web');
my $eventually = Provisor::Eventually->new($host);

sub stored { return JSON::PP::decode_json(read_text($_[0]->home . "/rows/$_[1]") // '{}') }

sub session_values {
	my ($answer) = @_;
	my $who = $web->request(method => 'GET', path => '/session', headers => { Cookie => session_of($answer) });

	return JSON::PP::decode_json(decode_base64url($who->header('x-provisor-session') // 'e30'));
}

my %request = (
	heroku_id => 'app123@heroku.com',
	plan => 'basic',
	region => 'amazon-web-services::us-east-1',
	callback_url => 'https://api.heroku.com/vendor/apps/app123%40heroku.com',
	logplex_token => 't.d5c14c65',
	options => { foo => 'bar', baz => 'true' },
);

subtest "maitre_d's listener" => sub {
	my $uuid = uuid();
	my $response = $widgets->provision(uuid => $uuid, %request);

	is_deeply($response->json, { id => '1', config => { WIDGETS_KEY => 'key-1' }, message => 'Add-on provisioned!' },
		'provision returns an id of its own, config and message');
	is_deeply(stored($widgets, 1), { id => 1, uuid => $uuid, %request }, '... and got all six arguments');
	is_deeply($widgets->change_plan(1, 'premium')->json,
		{ config => { WIDGETS_KEY => 'key-1' }, message => 'Changed from basic to premium.' },
		'plan_change finds the widget by its id');
	is(stored($widgets, 1)->{plan}, 'premium', '... and changes it');
	my $answer = post_form($web, '/widgets/sso', sign_on_fields($widgets, 1));
	is($answer->header('location'), '/my/dashboard', 'single_sign_on redirects to a path');
	is_deeply(session_values($answer), { widget_id => '1' }, '... with values for the session');
	is($widgets->deprovision(1)->status, 200, 'deprovision succeeds');
	$eventually->becomes($uuid, 'deprovisioned', '... in the background');
	is_deeply(stored($widgets, 1), {}, '... and destroys the widget');
	is($host->psql("SELECT logplex_token IS NULL FROM resources WHERE id = '$uuid'") =~ /t/, 1,
		'the token of the log is erased');
	unlike($host->psql("SELECT json_agg(r) FROM resources r"), qr/t\.d5c14c65/, 'it was sealed');
};

subtest "the guide's sample" => sub {
	my $uuid = uuid();

	is_deeply($example->provision(uuid => $uuid, %request)->json,
		{ id => '1', config => { GUIDE_URL => 'http://user:pass@guide.example.com' } }, 'POST returns id and config');
	unlike($host->psql("SELECT json_agg(r) FROM resources r"), qr/t\.d5c14c65/, 'the token of the log is sealed');
	is($example->change_plan(1, 'premium')->status, 200, 'PUT');
	is(stored($example, 1)->{plan}, 'premium', '... changes the plan');
	my $answer = post_form($web, '/guide/sso', sign_on_fields($example, 1));
	is($answer->header('location'), '/?id=1', 'the sign-on redirects');
	is($example->deprovision(1)->status, 200, 'DELETE');
	$eventually->becomes($uuid, 'deprovisioned', '... removes the resource');
};

is_unhurt($host);
done_testing;
