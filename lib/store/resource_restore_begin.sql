-- Queue a job that gives resource $3, whose version is $4, the content of the kept
-- resource $1, whose version is $2.  Write an event.  Returns a row; none if either has
-- changed, if resource $3 is not provisioned or has a listener job, or if resource $1
-- is not kept, is being restored, or its listener is being called.
--
-- Resource $3 is locked first, as in job_result_restored.sql.  The versions are
-- incremented, so that one of two concurrent requests finds the resources changed.
WITH target AS (
	UPDATE resources
	SET version = version + 1
	WHERE id = $3 AND version = $4 AND state = 'provisioned'
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = $3 AND finished_at IS NULL AND lane = 'listener')
	RETURNING id
), source AS (
	UPDATE resources
	SET version = version + 1
	WHERE id = $1 AND version = $2 AND state = 'kept'
		AND EXISTS (SELECT FROM target)
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = $1 AND finished_at IS NULL AND lease_until >= now())
		AND NOT EXISTS (SELECT FROM jobs
			WHERE payload->>'from' = $1::uuid::text AND finished_at IS NULL
				AND kind = 'restore')
	RETURNING id
), overtaken AS (
	UPDATE jobs
	SET finished_at = now(), claim = NULL, last_error = 'overtaken by a restore'
	WHERE resource = (SELECT id FROM source) AND finished_at IS NULL
		AND kind = 'suspend'
), queued AS (
	INSERT INTO jobs (kind, lane, resource, payload)
	SELECT 'restore', 'listener', target.id, jsonb_build_object('from', source.id)
	FROM source, target
)
INSERT INTO events (resource, event, actor, request_id, after)
SELECT target.id, 'restore-requested', $5, $6, jsonb_build_object('from', source.id)
FROM source, target
RETURNING id
