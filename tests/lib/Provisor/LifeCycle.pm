package Provisor::LifeCycle;

# Tests of a resource's life cycle that hold in every dialect.  The caller gives the
# statuses of its dialect.

use strict;
use warnings;

use Exporter 'import';
use Test::More;

use Provisor::AddOn 'json';
use Provisor::Test;

our @EXPORT = qw(check_life_cycle check_statuses_by_state check_repeats);

sub _config {
	my ($addon, $id, $plan, $token) = @_;
	my $prefix = $addon->prefix;

	return {
		"${prefix}_URL" => "https://$id.example/$plan",
		"${prefix}_TOKEN" => $token,
	};
}

# Provisions a resource, changes its plan and deprovisions it, each twice and late.
# A step without an expected body is refused.
sub check_life_cycle {
	my ($host, $addon, @statuses) = @_;
	my $id = uuid();
	my $token = qr/\A[A-Za-z0-9_-]{32}\z/;
	my $basic = sub { $addon->provision(uuid => $id, region => 'eu') };
	my $premium = sub { $addon->change_plan($id, 'premium') };
	my $delete = sub { $addon->deprovision($id) };

	my $first = $basic->();
	my $secret = $first->config->{ $addon->prefix . '_TOKEN' } // '';
	my $created = {
		id => $id,
		config => _config($addon, $id, 'basic', $secret),
		message => 'Made with plan basic.',
	};
	my $changed = {
		config => _config($addon, $id, 'premium', $secret),
		message => 'Now on plan premium.',
	};
	my $current = { %$created, config => $changed->{config} };
	my $other = sub { $addon->provision(uuid => $id, plan => 'other', region => 'eu') };
	my $gone = $statuses[6] == 204 ? undef : {};
	my @steps = (
		# name                                         call      body
		[ 'a create returns the resource',             sub { $first }, $created ],
		[ 'a repeated create gets the same response',  $basic,   $created ],
		[ 'a plan change returns the whole config',    $premium, $changed ],
		[ 'a repeated plan change does too',           $premium, $changed ],
		[ 'a repeat of the create returns the current config', $basic, $current ],
		[ 'a repeat with another plan is refused',     $other ],
		[ 'a deprovision succeeds',                    $delete,  $gone ],
		[ 'a repeated deprovision',                    $delete,  $gone ],
		[ 'a create after the deprovision is refused', $basic ],
	);

	like($secret, $token, 'a secret is 24 random bytes as base64url');
	for my $i (0 .. $#steps) {
		my ($name, $call, $body) = @{ $steps[$i] };
		my $status = $statuses[$i];
		my $answer = $call->();

		$status < 400 ? answers($answer, $status, $body, "$name: $status")
			: refuses($answer, $status, "$name: $status");
		same_bytes($answer, $first, "$name: byte for byte") if $i == 1;
	}
	is(count_of($host, "events WHERE resource = '$id'"), 3,
		'create, plan change and deprovision leave three events');
	return;
}

# Each line of the table: a state and the statuses of POST, PUT and DELETE in it; '-'
# sends no request.
sub check_statuses_by_state {
	my ($host, $addon, @table) = @_;

	for my $line (@table) {
		my ($state, %expected) = ($line->[0]);
		@expected{qw(POST PUT DELETE)} = @$line[ 1 .. 3 ];

		for my $method (grep { $expected{$_} ne '-' } qw(POST PUT DELETE)) {
			my $id = uuid();
			my %call = (
				POST => sub { $addon->provision(uuid => $id) },
				PUT => sub { $addon->change_plan($id, 'premium') },
				DELETE => sub { $addon->deprovision($id) },
			);

			if ($state ne 'never seen') {
				$addon->provision(uuid => $id);
				force_state($host, $state, "marketplace_id = '$id'");
			}
			my $answer = $call{$method}->();
			my $name = "$method of a resource in state '$state' gets $expected{$method}";

			$expected{$method} < 400
				? is($answer->status, $expected{$method}, $name)
				: refuses($answer, $expected{$method}, $name);
		}
	}
	return;
}

# A repeated create is compared with the first create and with nothing else.
sub check_repeats {
	my ($addon) = @_;
	my %first = (
		region => 'eu',
		options => { size => '10', foo => 'bar' },
		name => 'acme-primary',
	);
	my @repeats = (
		# name                    status  other members
		[ 'another plan',           422, plan => 'premium' ],
		[ 'another region',         422, region => 'us' ],
		[ 'no region',              422, region => undef ],
		[ 'another option value',   422, options => { size => '11', foo => 'bar' } ],
		[ 'one option less',        422, options => { size => '10' } ],
		[ 'no options',             422, options => undef ],
		[ 'another name',           200, name => 'acme-secondary' ],
		[ 'an unknown member',      200, colour => [ 'blue' ] ],
		[ 'another callback URL',   200, callback_url => 'https://api.example/2' ],
	);

	for my $repeat (@repeats) {
		my ($name, $status, %other) = @$repeat;
		my $id = uuid();

		$addon->provision(uuid => $id, %first);
		is($addon->provision(uuid => $id, %first, %other)->status, $status,
			"a repeat with $name gets $status");
	}

	my $id = uuid();
	my $text = sub {
		my ($options, $region) = @_;

		return $addon->request(
			method => 'POST',
			path => $addon->path,
			body => qq({"uuid":"$id","plan":"basic","options":$options$region}),
		);
	};
	my $first = $text->('{"a":"1","b":"2"}', '');

	same_bytes($text->('{"b":"2","a":"1"}', ''), $first,
		'options are compared without regard to their order');
	same_bytes($text->('{"a":"1","b":"2"}', ',"region":null'), $first,
		'a null region equals an absent one');
	return;
}

1;
