-- Queue a job of kind $2 in lane $3 for resource $1 and write an event.
-- Returns a row; none if the resource has an unfinished job of that kind or is
-- not provisioned.
WITH queued AS (
	INSERT INTO jobs (kind, lane, resource)
	SELECT $2, $3, id
	FROM resources
	WHERE id = $1 AND state IN ('provisioned', 'suspended') AND NOT EXISTS (SELECT FROM jobs
		WHERE resource = $1 AND kind = $2 AND finished_at IS NULL)
	RETURNING resource
)
INSERT INTO events (resource, event, actor, after)
SELECT resource, 'reconciled', $4, jsonb_build_object('job', $2::text)
FROM queued
RETURNING id
