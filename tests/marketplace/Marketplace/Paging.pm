package Marketplace::Paging;

# Lists in pages, by Range and Next-Range:
#
#	Range: FIELD [FIRST]..[LAST][; max=N]	"]" before FIRST leaves it out

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(page_of);

use constant LARGEST => 1000;

# Returns { status, items, headers }, sorted by the field; nothing for a malformed range.
sub page_of {
	my ($range, $field, $max, @items) = @_;
	my ($is_open, $first, $last, $rest) = ($range // "$field ..")
		=~ /\A$field (\])?([^.;]*)\.\.([^;]*)(;.*)?\z/ or return;

	$max = $1 if ($rest // '') =~ /\bmax=(\d+)/;
	return if $max < 1 || $max > LARGEST;
	my @found = grep { _is_in($_->{$field}, $is_open, $first, $last) }
		sort { $a->{$field} cmp $b->{$field} } @items;
	my @page = splice @found, 0, $max;
	my %headers = @page ? ('Content-Range' => "$field $page[0]{$field}..$page[-1]{$field}") : ();

	$headers{'Next-Range'} = "$field ]$page[-1]{$field}..$last; max=$max" if @found;
	return { status => @found ? 206 : 200, items => \@page, headers => \%headers };
}

sub _is_in {
	my ($key, $is_open, $first, $last) = @_;

	return 0 if length $first && ($key lt $first || $is_open && $key eq $first);
	return !length $last || $key le $last;
}

1;
