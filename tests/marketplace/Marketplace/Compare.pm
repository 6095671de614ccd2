package Marketplace::Compare;

# Compares what the marketplace bills (its books), what the add-on's table has, and what
# the vendor has (things).
#
#	my $found = compare(
#		books  => Marketplace::Books->read($path),
#		rows   => [ rows_of(sub { $host->psql($_[0]) }, 'fast-db') ],
#		things => [ things_of($folder) ],	# or undef: do not compare
#	);
#	is_deeply($found, nothing());
#
# The result is { lost, doubled, orphaned, revived, differing }, each a list of texts
# that begin with the uuid:
#
#	lost		billed, and missing in the table or among the things
#	doubled		twice in the table or among the things
#	orphaned	exists and is not billed
#	revived		live in the table after its deprovision
#	differing	has another plan, id or config than the books

use strict;
use warnings;

use Exporter 'import';

use Marketplace::HttpMessage qw(json object_of);

our @EXPORT_OK = qw(compare nothing rows_of things_of);

my @kinds = qw(lost doubled orphaned revived differing);

sub nothing {
	return { map { $_ => [] } @kinds };
}

# A row is { uuid, provider_id, plan, state }, optionally with a config.
sub rows_of {
	my ($psql, $addon, $marketplace) = @_;

	$marketplace //= 'heroku';
	/\A[a-z0-9-]+\z/ or die "\"$_\" is not a valid name\n" for $addon, $marketplace;
	return map { object_of($_) } split /\n/, $psql->(qq(
		SELECT json_build_object('uuid', marketplace_id, 'provider_id', provider_id,
			'plan', plan, 'state', state)
		FROM resources WHERE marketplace = '$marketplace' AND addon = '$addon'));
}

# A thing is a folder with the name of the resource's provider id; ID.1 is a second one
# of the same resource.  A config.json in it is compared too.
sub things_of {
	my ($folder) = @_;

	return map {
		my ($path, $name) = m{\A(.*/([^/]+))\z};

		{ id => $name =~ s/\.\d+\z//r, off => -e "$path/off" ? 1 : 0, config => scalar _object_in("$path/config.json") }
	} grep { -d } glob "$folder/*";
}

sub _object_in {
	my ($path) = @_;

	open my $file, '<:raw', $path or return;
	local $/;
	return object_of(<$file>);
}

sub compare {
	my (%sides) = @_;
	my $found = nothing();
	my %told = map { $_->{uuid} => $_ } @{ $sides{books}{resource} };
	my %rows = _by(uuid => $sides{rows});

	for my $uuid (sort keys %told) {
		_compare_row($found, $told{$uuid}, @{ $rows{$uuid} // [] });
	}
	for my $uuid (grep { !$told{$_} } sort keys %rows) {
		push @{ $found->{orphaned} }, "$uuid: the marketplace never heard of it"
			if grep { _is_alive($_) } @{ $rows{$uuid} };
	}
	_compare_things($found, [ values %told ], \%rows, $sides{things}) if $sides{things};
	return $found;
}

sub _by {
	my ($field, $list) = @_;
	my %by;

	push @{ $by{ $_->{$field} // '' } }, $_ for @$list;
	return %by;
}

sub _is_alive {
	my ($row) = @_;

	return $row->{state} =~ /\A(?:provisioning|provisioned|suspended)\z/;
}

sub _compare_row {
	my ($found, $told, @rows) = @_;
	my $uuid = $told->{uuid};
	my @alive = grep { _is_alive($_) } @rows;

	push @{ $found->{doubled} }, "$uuid: " . @alive . ' rows' if @alive > 1;
	push @{ $found->{lost} }, "$uuid: no live row" if $told->{billed} && !@alive;
	push @{ $found->{ $told->{state} eq 'deprovisioned' ? 'revived' : 'orphaned' } },
		"$uuid: $told->{state}, and its row is $alive[0]{state}" if !$told->{billed} && @alive;
	return unless $told->{billed} && @alive;
	my %expected = (%$told, $told->{suspended} ? (state => 'suspended') : ());

	for my $field (qw(plan provider_id state)) {
		my ($ours, $theirs) = map { $_->{$field} // 'nothing' } \%expected, $alive[0];

		push @{ $found->{differing} }, "$uuid: $field $ours, and in its row $theirs"
			if $ours ne $theirs;
	}
	_compare_config($found, $told, $alive[0]{config}, 'its row');
	return;
}

# The names of differing config vars; their values are secret.
sub _compare_config {
	my ($found, $told, $config, $where) = @_;

	return unless $config;
	my %names = map { $_ => 1 } keys %$config, keys %{ $told->{config} };
	my @differing = grep { ($config->{$_} // '') ne ($told->{config}{$_} // '') } sort keys %names;

	push @{ $found->{differing} }, "$told->{uuid}: @differing in $where" if @differing;
	return;
}

sub _id_in {
	my ($rows) = @_;

	return $rows ? $rows->[0]{provider_id} : undef;
}

sub _compare_things {
	my ($found, $told, $rows, $list) = @_;
	my %things = _by(id => $list);
	my %known;

	for my $resource (@$told) {
		# The marketplace may not have the id that a row has.
		my $id = $resource->{provider_id} // _id_in($rows->{ $resource->{uuid} }) // $resource->{uuid};
		my @things = @{ $things{$id} // [] };

		$known{$id} = 1;
		push @{ $found->{doubled} }, "$resource->{uuid}: " . @things . ' things' if @things > 1;
		push @{ $found->{lost} }, "$resource->{uuid}: no thing" if $resource->{billed} && !@things;
		push @{ $found->{orphaned} }, "$resource->{uuid}: $resource->{state}, and its thing is there"
			if !$resource->{billed} && @things;
		for my $thing ($resource->{billed} ? @things : ()) {
			_compare_config($found, $resource, $thing->{config}, 'its thing');
			push @{ $found->{differing} }, "$resource->{uuid}: suspended $resource->{suspended}, and its thing $thing->{off}"
				if ($resource->{suspended} // $thing->{off}) != $thing->{off};
		}
	}
	push @{ $found->{orphaned} }, "$_: a thing of nobody" for grep { !$known{$_} } sort keys %things;
	return;
}

1;
