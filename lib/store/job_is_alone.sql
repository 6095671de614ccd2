-- Find leased marketplace jobs of resource $1 other than job $2.  Returns a row
-- without columns for each.
SELECT
FROM jobs
WHERE resource = $1 AND id <> $2
	AND finished_at IS NULL AND lease_until >= now() AND lane = 'marketplace'
