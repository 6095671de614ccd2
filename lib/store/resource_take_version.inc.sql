-- Increment the version of resource $1, which is $2, so that one of two concurrent
-- requests finds the resource changed.  resource has no row if it has changed, is not
-- provisioned or has a listener job.
WITH resource AS (
	UPDATE resources
	SET version = version + 1
	WHERE id = $1 AND version = $2 AND state IN ('provisioned', 'suspended')
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = $1 AND finished_at IS NULL AND lane = 'listener')
	RETURNING id
)
