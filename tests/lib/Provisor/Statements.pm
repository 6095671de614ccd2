package Provisor::Statements;

# The statements that are embedded in the programs, and the kinds of jobs.
use strict;
use warnings;
use Exporter 'import';
use Provisor::Test;

our @EXPORT = qw(embedded);

# The lanes by kind of job, and for each statement its name, the number of its
# parameters and its SQL.
sub embedded {
	open my $output, '-|', Provisor::Test::build() . '/tests/integration/statements'
		or die "statements: $!\n";
	local $/ = '';
	my %lane = map { split /\t/ } split /\n/, <$output>;
	return \%lane, map { chomp; [ /\A(\w+)\t(\d+)\n(.*)\z/s ] } <$output>;
}

1;
