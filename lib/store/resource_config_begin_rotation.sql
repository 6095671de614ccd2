-- Queue a rotation of the credentials of resource $1, whose version is $2, and
-- write an event.  Returns a row; none if the resource has changed, is not
-- provisioned or has a listener job.
--
-- The version is incremented, so that one of two concurrent requests finds the
-- resource changed.
WITH resource AS (
	UPDATE resources
	SET version = version + 1
	WHERE id = $1 AND version = $2 AND state IN ('provisioned', 'suspended')
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = $1 AND finished_at IS NULL AND lane = 'listener')
	RETURNING id
), event AS (
	INSERT INTO events (resource, event, actor, request_id, after)
	SELECT id, 'rotation-requested', $4, $5,
		jsonb_build_object('overlap', $3::integer)
	FROM resource
)
INSERT INTO jobs (kind, lane, resource, payload)
SELECT 'rotate', 'listener', id, jsonb_build_object('overlap', $3::integer)
FROM resource
RETURNING id
