-- End the suspension of resource $1 for the reason $4, which may be NULL, and write
-- an event.  If $5, a job calls the listener before the state changes.  Returns a
-- row; none if the resource is not suspended, or if such a job is queued.
--
-- A job that would suspend the listener's side, and is not running, is finished.
WITH resumed AS (
	UPDATE resources
	SET state = CASE WHEN $5::boolean THEN 'suspended' ELSE 'provisioned' END,
		version = version + 1, updated_at = now()
	WHERE id = $1 AND state = 'suspended'
		AND (SELECT kind FROM jobs
			WHERE resource = $1 AND finished_at IS NULL
				AND kind IN ('suspend', 'resume')
			ORDER BY id DESC LIMIT 1) IS DISTINCT FROM 'resume'
	RETURNING id
), overtaken AS (
	UPDATE jobs
	SET finished_at = now(), claim = NULL, last_error = 'overtaken by a resumption'
	WHERE resource = (SELECT id FROM resumed) AND finished_at IS NULL
		AND kind = 'suspend' AND (lease_until IS NULL OR lease_until < now())
), queued AS (
	INSERT INTO jobs (kind, lane, resource)
	SELECT 'resume', 'listener', id
	FROM resumed
	WHERE $5::boolean
)
INSERT INTO events (resource, event, actor, request_id, after)
SELECT id, CASE WHEN $5::boolean THEN 'resume-requested' ELSE 'resumed' END, $2, $3,
	jsonb_strip_nulls(jsonb_build_object('reason', $4::text))
FROM resumed
RETURNING id
