-- Find what keeps host $2 from carrying out the claimed job $1: another leased job
-- that calls the marketplace for the same resource, or $3 leased jobs of its
-- add-on on the host (no limit if $3 is NULL).  $4 has the pids of the processes
-- that run there: leases of others do not count for the add-on.  All count if it is
-- NULL.  Returns a row for each.
SELECT 1
FROM jobs j JOIN jobs other ON other.resource = j.resource
	AND other.lane = j.lane AND other.id <> j.id
	AND other.finished_at IS NULL AND other.lease_until >= now()
WHERE j.id = $1 AND j.lane = 'marketplace'
UNION ALL
SELECT 1
FROM jobs j JOIN jobs other ON other.addon = j.addon AND other.id <> j.id
	AND other.finished_at IS NULL AND other.lease_until >= now()
	AND other.host = $2
	AND ($4::integer[] IS NULL OR other.process = ANY ($4))
WHERE j.id = $1
HAVING count(*) >= $3::integer
