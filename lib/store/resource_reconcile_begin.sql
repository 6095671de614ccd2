-- Claim the right to call the marketplace for resource $1, whose version is $2:
-- queue and claim the exchange of a grant.  Returns the job's id and the
-- resource's new version; no row if the resource has changed or has a
-- marketplace job.  A push that is held after a restore does not count: what it
-- would push is compared first.  Nor does a check of config vars, which waits for
-- minutes.
--
-- The version is incremented, so that one of two concurrent requests finds the
-- resource changed.  If the statement runs again after its reply was lost, it
-- finds its own claim $3.
WITH locked AS (
	UPDATE resources
	SET version = version + 1
	WHERE id = $1 AND version = $2 AND state IN ('provisioned', 'suspended')
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = $1 AND finished_at IS NULL AND lane = 'marketplace'
				AND NOT (kind = 'push-config' AND epoch <> database_epoch())
				AND NOT (kind = 'check-config' AND lease_until IS NULL))
	RETURNING id, version
), job AS (
	INSERT INTO jobs (kind, lane, resource, attempts, claim, lease_until)
	SELECT 'exchange', 'marketplace', id, 1, $3,
		now() + $4::float8 * interval '1 ms'
	FROM locked
	RETURNING id
)
SELECT job.id, locked.version
FROM job, locked
UNION ALL
SELECT j.id, r.version
FROM jobs j JOIN resources r ON r.id = j.resource
WHERE r.id = $1 AND j.claim = $3 AND j.finished_at IS NULL
