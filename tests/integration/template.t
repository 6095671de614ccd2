#!/usr/bin/perl
# The listener kind template: responses follow template.json and settings.json.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Provisor::Test;

my ($words, $plain, $planned, $regional);
my $host = serving_host({}, sub {
	my ($new) = @_;

	$words = addon($new, 'words',
		api => {
			config_vars => [ map { "WORDS_$_" } qw(TEXT URL A_URL SECRET SAME OTHER) ],
			requires => ['syslog_drain'],
		},
		template => {
			config => {
				WORDS_TEXT => '<${id}|${plan}|${region}|${name}|${option.size}|${option.none}>',
				WORDS_URL => 'https://${plan}.example/${region}/${option.size}?n=${name}&o=${option.none}',
				WORDS_SECRET => '${secret:one}',
				WORDS_SAME => 'again ${secret:one}',
				WORDS_OTHER => '${secret:two}',
			},
			message => '${name} is there: ${option.size}.',
			plan_message => 'From now on ${plan}.',
			log_drain_url => 'https://drain.example/${region}/${id}',
		});
	$plain = addon($new, 'plain', template => { config => {} });
	$regional = addon($new, 'regional',
		api => { config_vars => [qw(REGIONAL_URL REGIONAL_NOTE)] },
		template => {
			config => {
				REGIONAL_URL => 'https://${region.host}/${id}',
				REGIONAL_NOTE => '${region.note} ${option.note}',
			},
			plan_message => 'From ${old_plan} to ${plan}.',
			regions => {
				eu => { host => 'eu.db.example:5432', note => 'near you' },
				'amazon-web-services::us-east-1' => { host => 'us.db.example', note => '' },
			},
		});
	$planned = addon($new, 'planned', settings => {
		plans => {
			basic => { to => [ 'premium', 'huge' ] },
			premium => { to => ['huge'] },
			huge => { to => [] },
		},
	});
});

my $secret = qr/\A[A-Za-z0-9_-]{32}\z/;

sub words_config {
	my ($text, $url, $config) = @_;

	return {
		WORDS_TEXT => $text,
		WORDS_URL => $url,
		WORDS_SECRET => $config->{WORDS_SECRET},
		WORDS_SAME => "again $config->{WORDS_SECRET}",
		WORDS_OTHER => $config->{WORDS_OTHER},
	};
}

subtest 'references have the values of the request' => sub {
	my $id = uuid();
	my $size = qq(10 GB/"\x{fc}"?&#%+\${id}~);
	my $answer = $words->provision(
		uuid => $id,
		region => 'amazon::us-1',
		name => 'acme-primary',
		options => { size => $size },
	);
	my $config = $answer->config;

	answers($answer, 200, {
		id => $id,
		config => words_config(
			"<$id|basic|amazon::us-1|acme-primary|$size|>",
			'https://basic.example/amazon%3A%3Aus-1/'
				. '10%20GB%2F%22%C3%BC%22%3F%26%23%25%2B%24%7Bid%7D~'
				. '?n=acme-primary&o=',
			$config),
		message => "acme-primary is there: $size.",
		log_drain_url => "https://drain.example/amazon%3A%3Aus-1/$id",
	}, 'plain in texts, percent-encoded in URLs, and empty if absent');
	like($config->{$_}, $secret, "$_ is 24 random bytes") for qw(WORDS_SECRET WORDS_OTHER);
	isnt($config->{WORDS_OTHER}, $config->{WORDS_SECRET}, 'each name has a secret of its own');

	answers($words->change_plan($id, 'premium'), 200, {
		config => words_config(
			"<$id|premium|amazon::us-1|acme-primary|$size|>",
			$config->{WORDS_URL} =~ s/basic/premium/r,
			$config),
		message => 'From now on premium.',
		log_drain_url => "https://drain.example/amazon%3A%3Aus-1/$id",
	}, 'a plan change keeps the secrets');
};

subtest 'references to absent values are empty' => sub {
	my $id = uuid();
	my $answer = $words->provision(uuid => $id, region => undef);
	my $config = $answer->config;

	answers($answer, 200, {
		id => $id,
		config => words_config("<$id|basic||||>", 'https://basic.example//?n=&o=', $config),
		message => ' is there: .',
		log_drain_url => "https://drain.example//$id",
	}, 'region, name and option');
};

subtest 'two resources have different secrets' => sub {
	my %seen;

	$seen{ $words->provision(uuid => uuid())->config->{WORDS_SECRET} }++ for 1 .. 10;
	is(keys %seen, 10, 'ten of ten differ');
};

subtest 'each region has its own values' => sub {
	my $id = uuid();

	is_deeply($regional->provision(uuid => $id, region => 'eu', options => { note => 'x' })->config,
		{ REGIONAL_URL => "https://eu.db.example:5432/$id", REGIONAL_NOTE => 'near you x' }, 'of the region');
	is($regional->change_plan($id, 'premium')->json->{message}, 'From basic to premium.',
		'a plan change has both plans');
	my $far = uuid();
	refuses($regional->provision(uuid => $far, region => 'mars'), 422, 'another region', qr/not available in the region mars/);
	refuses($regional->provision(uuid => $far, region => undef), 422, 'no region', qr/needs a region/);
	is(count_of($host, "resources WHERE marketplace_id = '$far'"), 0, 'nothing is stored');
	is($regional->provision(uuid => $far, region => 'eu')->status, 200, '... and the id can be used');
};

subtest 'options that make a value too long' => sub {
	my $id = uuid();

	refuses($regional->provision(uuid => $id, region => 'eu', options => { note => 'x' x 32_768 }), 422,
		'a provision', qr/too long/);
	is(count_of($host, "resources WHERE marketplace_id = '$id'"), 0, 'nothing is stored');
};

subtest 'only config is required' => sub {
	my $id = uuid();

	answers($plain->provision(uuid => $id), 200, { id => $id, config => {} },
		'a provision without a message');
	answers($plain->change_plan($id, 'premium'), 200, { config => {} },
		'a plan change without one');
	is($plain->change_plan($id, 'whatever')->status, 200, 'without a list any plan is accepted');
};

subtest 'settings list the plans' => sub {
	my @changes = (
		# from       to         status
		[ 'basic',   'premium', 200 ],
		[ 'basic',   'huge',    200 ],
		[ 'basic',   'basic',   200 ],
		[ 'basic',   'gold',    422 ],
		[ 'premium', 'huge',    200 ],
		[ 'premium', 'premium', 200 ],
		[ 'premium', 'basic',   422 ],
		[ 'huge',    'huge',    200 ],
		[ 'huge',    'premium', 422 ],
		[ 'huge',    'Huge',    422 ],
	);

	refuses($planned->provision(uuid => uuid(), plan => 'gold'), 422,
		'a plan that is not listed', qr/plan/i);
	for my $change (@changes) {
		my ($from, $to, $status) = @$change;
		my $id = uuid();

		$planned->provision(uuid => $id, plan => $from);
		my $before = fingerprint($host);
		my $answer = $planned->change_plan($id, $to);

		if ($status == 200) {
			is($answer->config->{PLANNED_URL}, "https://$id.example/$to", "$from to $to");
		} else {
			refuses($answer, $status, "$from to $to, with a message", qr/plan/i);
			is(fingerprint($host), $before, '... and nothing is stored');
		}
	}
};

subtest 'a changed template is in force for later requests' => sub {
	my ($id, $gone) = (uuid(), uuid());
	my $first = $plain->provision(uuid => $id);
	my $of_plan = $planned->provision(uuid => $gone, plan => 'huge');

	$host->stop_pool('api');
	$plain->write_file('template.json', {
		config => { PLAIN_URL => 'https://${plan}.example', PLAIN_TOKEN => '${secret:new}' },
		message => 'New.',
		plan_message => 'Changed.',
	});
	$planned->write_file('settings.json', { plans => { basic => { to => [] } } });
	$host->start_pool('api');

	same_bytes($plain->provision(uuid => $id), $first, 'a repeated request gets the stored response');
	same_bytes($planned->provision(uuid => $gone, plan => 'huge'), $of_plan,
		'also if its plan is not listed any more');
	my $changed = $plain->change_plan($id, 'premium');

	answers($changed, 200, {
		config => {
			PLAIN_URL => 'https://premium.example',
			PLAIN_TOKEN => $changed->config->{PLAIN_TOKEN},
		},
		message => 'Changed.',
	}, 'a plan change uses the new template');
	like($changed->config->{PLAIN_TOKEN}, $secret, 'a new name has a new secret');
};

is_unhurt($host);

done_testing;
