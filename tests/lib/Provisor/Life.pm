package Provisor::Life;

# What the life of a resource must look like in every dialect; the statuses
# are the dialect's own.

use strict;
use warnings;

use Exporter 'import';
use Test::More;

use Provisor::AddOn 'json';
use Provisor::Test;

our @EXPORT = qw(lives_once answers_by_state digests_what_was_asked);

sub _config {
	my ($addon, $id, $plan, $token) = @_;
	my $prefix = $addon->prefix;

	return {
		"${prefix}_URL" => "https://$id.example/$plan",
		"${prefix}_TOKEN" => $token,
	};
}

# The whole life, with what each step answers; a status alone stands for a
# refusal.
sub lives_once {
	my ($host, $addon, @statuses) = @_;
	my $id = uuid();
	my $token = qr/\A[A-Za-z0-9_-]{32}\z/;
	my $basic = sub { $addon->provision(uuid => $id, region => 'eu') };
	my $premium = sub { $addon->change_plan($id, 'premium') };
	my $delete = sub { $addon->deprovision($id) };

	my $first = $basic->();
	my $secret = $first->config->{ $addon->prefix . '_TOKEN' } // '';
	my $made = {
		id => $id,
		config => _config($addon, $id, 'basic', $secret),
		message => 'Made with plan basic.',
	};
	my $changed = {
		config => _config($addon, $id, 'premium', $secret),
		message => 'Now on plan premium.',
	};
	my $current = { %$made, config => $changed->{config} };
	my $other = sub { $addon->provision(uuid => $id, plan => 'other', region => 'eu') };
	my $gone = $statuses[6] == 204 ? undef : {};
	my @steps = (
		# name                                     call      answer
		[ 'a create is answered whole',            sub { $first }, $made ],
		[ 'a repeat gets the same answer',         $basic,   $made ],
		[ 'a plan change answers the whole config', $premium, $changed ],
		[ 'so does its repeat',                    $premium, $changed ],
		[ 'a late first create gets what is now',  $basic,   $current ],
		[ 'a repeat with another plan is refused', $other ],
		[ 'a deprovision is answered',             $delete,  $gone ],
		[ 'so is its repeat',                      $delete,  $gone ],
		[ 'a create comes too late',               $basic ],
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
		'made, changed and removed: three events');
	return;
}

# What POST, PUT and DELETE answer in each state; '-' is not asked.
sub answers_by_state {
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
				$host->psql("UPDATE resources SET state = '$state'
					WHERE marketplace_id = '$id'");
			}
			my $answer = $call{$method}->();
			my $name = "$method, $state: $expected{$method}";

			$expected{$method} < 400
				? is($answer->status, $expected{$method}, $name)
				: refuses($answer, $expected{$method}, $name);
		}
	}
	return;
}

# A repeat is compared with what was first asked, and with nothing else.
sub digests_what_was_asked {
	my ($addon) = @_;
	my %asked = (
		region => 'eu',
		options => { size => '10', foo => 'bar' },
		name => 'acme-primary',
	);
	my @repeats = (
		# name                                status  other members
		[ 'another plan contradicts',           422, plan => 'premium' ],
		[ 'another region contradicts',         422, region => 'us' ],
		[ 'no region contradicts',              422, region => undef ],
		[ 'another option value contradicts',   422, options => { size => '11', foo => 'bar' } ],
		[ 'one option less contradicts',        422, options => { size => '10' } ],
		[ 'no options contradict',              422, options => undef ],
		[ 'another name does not',              200, name => 'acme-secondary' ],
		[ 'a member that nobody knows does not', 200, colour => [ 'blue' ] ],
		[ 'another callback URL does not',      200, callback_url => 'https://api.example/2' ],
	);

	for my $repeat (@repeats) {
		my ($name, $status, %other) = @$repeat;
		my $id = uuid();

		$addon->provision(uuid => $id, %asked);
		is($addon->provision(uuid => $id, %asked, %other)->status, $status,
			"in a repeat, $name");
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
		'the order of options means nothing');
	same_bytes($text->('{"a":"1","b":"2"}', ',"region":null'), $first,
		'a null region is no region');
	return;
}

1;
