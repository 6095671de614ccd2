-- Provision resource $1, whose version is $2, for the actor $3: the marketplace
-- has it.  Finish the job that completes it.  Returns a row; none if the resource
-- has changed, if its listener has a job, or if its completion is under way.
WITH updated AS (
	UPDATE resources
	SET state = 'provisioned', provisioned_at = now(),
		version = version + 1, updated_at = now()
	WHERE id = $1 AND version = $2 AND state = 'provisioning'
		AND EXISTS (SELECT FROM jobs
			WHERE resource = $1 AND finished_at IS NULL AND kind = 'complete')
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = $1 AND finished_at IS NULL
				AND (lane = 'listener' OR lease_until >= now()))
	RETURNING id
), finished AS (
	UPDATE jobs
	SET finished_at = now(), last_error = 'the marketplace has the resource'
	WHERE resource = (SELECT id FROM updated) AND finished_at IS NULL
		AND kind = 'complete'
)
INSERT INTO events (resource, event, actor)
SELECT id, 'provisioned', $3
FROM updated
RETURNING id
