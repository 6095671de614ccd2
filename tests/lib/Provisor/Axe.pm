package Provisor::Axe;

# axe-core, which examines a page for faults that keep people out.  It comes with
# Chromium: its developer tools contain Lighthouse, which contains axe-core.
#
#	my $axe = Provisor::Axe->new($browser);
#	$browser->open(...);
#	is($axe->faults, '', 'nothing serious');

use strict;
use warnings;

use JSON::PP ();

use constant BUNDLE => 'devtools://devtools/bundled/third_party/lighthouse/lighthouse-dt-bundle.js';

# Leaves the browser's page, to read axe-core.
sub new {
	my ($class, $browser) = @_;

	return bless { browser => $browser, source => _source($browser) }, $class;
}

# The serious and critical faults of the browser's page, a line for each.
sub faults {
	my ($self) = @_;

	$self->{browser}->value($self->{source});
	my $found = JSON::PP::decode_json($self->{browser}->value_of_promise(<<'JS'));
axe.run().then(r => JSON.stringify({
	passes: r.passes.length,
	violations: r.violations.filter(v => v.impact === 'serious' || v.impact === 'critical')
		.map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.target.join(' ')).join(', ')}`),
}))
JS
	die "axe has examined nothing\n" if $found->{passes} < 10;
	return join "\n", @{ $found->{violations} };
}

# In the bundle, axe-core is a string between backticks.
sub _source {
	my ($browser) = @_;

	$browser->open(BUNDLE);
	my $literal = $browser->value(
		'(document.body.textContent.match(/`\\/\\*! axe v(?:[^`\\\\]|\\\\[^])*`/) || [])[0]')
		// die "this Chromium contains no axe-core: see Provisor::Axe\n";
	return $browser->value($literal);
}

1;
