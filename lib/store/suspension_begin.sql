-- Suspend resource $1 for the reason $4, which may be NULL, and write an event.  If
-- $5, a job calls the listener.  Returns a row; none if the resource is not
-- provisioned, or is suspended and no job is to end that.
--
-- A job that would end the suspension, and is not running, is finished.  One that is
-- running comes first, and leaves the resource suspended (job_result_resumed.sql).
WITH suspended AS (
	UPDATE resources
	SET state = 'suspended', version = version + 1, updated_at = now()
	WHERE id = $1 AND (state = 'provisioned' OR state = 'suspended'
		AND (SELECT kind FROM jobs
			WHERE resource = $1 AND finished_at IS NULL
				AND kind IN ('suspend', 'resume')
			ORDER BY id DESC LIMIT 1) = 'resume')
	RETURNING id
), overtaken AS (
	UPDATE jobs
	SET finished_at = now(), claim = NULL, last_error = 'overtaken by a suspension'
	WHERE resource = (SELECT id FROM suspended) AND finished_at IS NULL
		AND kind = 'resume' AND (lease_until IS NULL OR lease_until < now())
), queued AS (
	INSERT INTO jobs (kind, lane, resource)
	SELECT 'suspend', 'listener', id
	FROM suspended
	WHERE $5::boolean
)
INSERT INTO events (resource, event, actor, request_id, after)
SELECT id, 'suspended', $2, $3,
	jsonb_strip_nulls(jsonb_build_object('reason', $4::text))
FROM suspended
RETURNING id
