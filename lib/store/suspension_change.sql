-- If $6, suspend resource $1, otherwise end its suspension, for the reason $4, which
-- may be NULL, and write an event.  If $5, a job calls the listener: after the state
-- has changed to suspended, and before it changes back.  Returns a row; none if the
-- resource is not provisioned, if it is in that state and no job is to end that, or if
-- another actor than $7 (NULL: any) has begun the suspension that is to end.
--
-- A job in the other direction that is not running is finished.  One that is running
-- comes first; if it would end the suspension, it leaves the resource suspended
-- (job_result_resumed.sql).
WITH changed AS (
	UPDATE resources
	SET state = CASE WHEN $5::boolean OR $6::boolean THEN 'suspended'
			ELSE 'provisioned' END,
		version = version + 1, updated_at = now()
	WHERE id = $1 AND state IN ('provisioned', 'suspended')
		AND $6 <> (state = 'suspended' AND (SELECT kind FROM jobs
			WHERE resource = $1 AND finished_at IS NULL
				AND kind IN ('suspend', 'resume')
			ORDER BY id DESC LIMIT 1) IS DISTINCT FROM 'resume')
		AND ($6 OR coalesce($7 = (SELECT actor FROM events
			WHERE resource = $1 AND event = 'suspended'
			ORDER BY id DESC LIMIT 1), true))
	RETURNING id
), overtaken AS (
	UPDATE jobs
	SET finished_at = now(), claim = NULL,
		last_error = CASE WHEN $6 THEN 'overtaken by a suspension'
			ELSE 'overtaken by a resumption' END
	WHERE resource = (SELECT id FROM changed) AND finished_at IS NULL
		AND kind = CASE WHEN $6 THEN 'resume' ELSE 'suspend' END
		AND (lease_until IS NULL OR lease_until < now())
), queued AS (
	INSERT INTO jobs (kind, lane, resource)
	SELECT 'suspend', 'listener', id
	FROM changed
	WHERE $5 AND $6
	UNION ALL
	SELECT 'resume', 'listener', id
	FROM changed
	WHERE $5 AND NOT $6
)
INSERT INTO events (resource, event, actor, request_id, after)
SELECT id, CASE WHEN $6 THEN 'suspended' WHEN $5 THEN 'resume-requested'
		ELSE 'resumed' END, $2, $3,
	jsonb_strip_nulls(jsonb_build_object('reason', $4::text))
FROM changed
RETURNING id
