package Provisor::GrafanaDashboard;

# The dashboard for Grafana, nginx/host/grafana/provisor.json.
#
#	my $dashboard = Provisor::GrafanaDashboard->new;
#	for my $query ($dashboard->queries) { print "$query->{title}: $query->{expr}\n" }

use strict;
use warnings;

use Cwd 'abs_path';
use File::Basename 'dirname';
use JSON::PP ();

my $path = abs_path(dirname(__FILE__) . '/../../../nginx/host/grafana/provisor.json');

sub new {
	my ($class) = @_;

	open my $file, '<:raw', $path or die "$path: $!\n";
	local $/;
	return bless { model => JSON::PP->new->utf8->decode(scalar <$file>) }, $class;
}

sub model { return $_[0]{model} }

# Those that show something, not the titles of rows.
sub panels {
	my ($self) = @_;

	return grep { $_->{type} ne 'row' } @{ $self->{model}{panels} };
}

# The variables by name.
sub variables {
	my ($self) = @_;

	return map { $_->{name} => $_ } @{ $self->{model}{templating}{list} };
}

# The queries of all panels as Grafana sends them while all hosts and add-ons are
# selected, with the rates of this window.
sub queries {
	my ($self, $window) = (@_, '5m');

	return map {
		my $panel = $_;
		map { { title => "$panel->{title}, $_->{refId}",
			expr => $_->{expr} =~ s/\$__rate_interval/$window/gr =~ s/\$\w+/.*/gr } } @{ $panel->{targets} };
	} $self->panels;
}

1;
