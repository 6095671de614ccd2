-- Make job $1 due now, for the operator $2, and write an event with the request id
-- $3.  Returns a row; none if the job is leased or finished.
WITH retried AS (
	UPDATE jobs
	SET run_at = now()
	WHERE id = $1 AND finished_at IS NULL
		AND (lease_until IS NULL OR lease_until < now())
	RETURNING id, kind, resource, attempts
)
INSERT INTO events (resource, event, actor, request_id, after)
SELECT resource, 'job-retried', $2, $3,
	jsonb_build_object('job', id, 'kind', kind, 'attempts', attempts)
FROM retried
RETURNING id
