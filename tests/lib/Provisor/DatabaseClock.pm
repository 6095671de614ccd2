package Provisor::DatabaseClock;

# Sets the clock of a host's database forward or back, as its rows see it.
#
#	set_clock($host, '+1 hour');
#	set_clock($host, '-1 hour');
#
# The real clock does not change.  Instead, every stored time is moved the other way, so
# that each row is as far from now as it would be.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(set_clock);

sub set_clock {
	my ($host, $by) = @_;

	# In this mode no trigger runs.
	$host->psql(<<~SQL);
		SET session_replication_role = replica;
		DO \$\$
		DECLARE
			c record;
		BEGIN
			FOR c IN SELECT table_name AS t, column_name AS name
				FROM information_schema.columns JOIN information_schema.tables
					USING (table_schema, table_name)
				WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
					AND data_type = 'timestamp with time zone'
			LOOP
				EXECUTE format('UPDATE %I SET %I = %2\$I - interval %L
					WHERE %2\$I IS NOT NULL', c.t, c.name, '$by');
			END LOOP;
		END
		\$\$
		SQL
	return;
}

1;
