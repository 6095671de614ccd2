-- Claim the right to call the marketplace for resource $1: queue and claim, under
-- $2 for $3 ms, the exchange of a grant.  Returns the job's id; no row if another
-- job calls it at present, or if the grant has ended.
--
-- The job comes first among the marketplace jobs of the resource.  If the statement
-- runs again after its reply was lost, it finds its own claim.
WITH locked AS (
	SELECT id
	FROM resources
	WHERE id = $1 AND grant_ended_at IS NULL
	FOR NO KEY UPDATE
), mine AS (
	SELECT id
	FROM jobs
	WHERE resource = $1 AND claim = $2 AND finished_at IS NULL
), job AS (
	INSERT INTO jobs (kind, lane, resource, attempts, claim, lease_until)
	SELECT 'exchange', 'marketplace', id, 1, $2,
		now() + $3::float8 * interval '1 ms'
	FROM locked
	WHERE NOT EXISTS (SELECT FROM jobs
		WHERE resource = $1 AND finished_at IS NULL AND lane = 'marketplace'
			AND lease_until >= now())
	RETURNING id
)
SELECT id FROM mine
UNION ALL
SELECT id FROM job
