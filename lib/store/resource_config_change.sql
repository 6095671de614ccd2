-- Replace the config vars of resource $1, whose version is $2, and write event
-- $5.  If $4, a job pushes them.  Returns a row; none if the resource has
-- changed, is not provisioned or has a listener job.
WITH updated AS (
	UPDATE resources
	SET config = $3, version = version + 1, updated_at = now()
	WHERE id = $1 AND version = $2 AND state IN ('provisioned', 'suspended')
		AND NOT EXISTS (SELECT FROM jobs
			WHERE resource = $1 AND finished_at IS NULL AND lane = 'listener')
	RETURNING id
), to_push AS (
	SELECT id FROM updated WHERE $4::boolean
),
\ir job_push_config.inc.sql
event AS (
	INSERT INTO events (resource, event, actor, request_id, after)
	SELECT id, $5, $6, $7, $8::jsonb
	FROM updated
)
SELECT id
FROM updated
