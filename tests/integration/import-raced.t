#!/usr/bin/perl
# An import fails if a resource changes between the check of the file and the import.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::Test;
use Provisor::Files 'write_text';

my $addon;
my $host = serving_host({}, sub { $addon = addon($_[0], 'fast-db') });
my $path = $host->home . '/resources.jsonl';
my ($new, $there) = (uuid(), uuid());

is($addon->provision(uuid => $there)->status, 200, 'a resource is provisioned');
write_text($path, join '', map { JSON::PP::encode_json($_) . "\n" }
	{ marketplace_id => $new, plan => 'basic', config => { FAST_DB_URL => 'https://old.example' } },
	{ marketplace_id => $there, plan => 'basic' });

# The import of the first row changes the resource of the second row.
$host->psql("CREATE FUNCTION end_the_other() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS \$\$ BEGIN
		UPDATE resources SET state = 'deprovisioned' WHERE marketplace_id = '$there';
		RETURN NULL;
	END \$\$;
	CREATE TRIGGER race AFTER INSERT ON resources FOR EACH ROW EXECUTE FUNCTION end_the_other()");
my ($output, $ended) = ctl($host->env,
	qw(resources import --marketplace heroku --addon fast-db), $path);

is(count_of($host, "resources WHERE marketplace_id = '$new'"), 1, 'the first row is imported');
is($ended, 1, 'the import fails');
like($output, qr/line 2: state: resource $there differs/, '... with the reason');

is_unhurt($host);
done_testing();
