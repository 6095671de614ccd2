-- If job $1 is no longer claimed under $2, queue a verification of what its
-- listener has done, and write an event.  Returns the new job; no row if the claim
-- is held, or if such a job is queued that no process has begun.
--
-- A verification whose claim was lost is queued again as it was.
WITH lost AS (
	SELECT r.id AS resource, j.id AS job, j.kind, CASE j.kind
		WHEN 'verify' THEN j.payload
		ELSE jsonb_strip_nulls(jsonb_build_object('job', j.id, 'kind', j.kind,
			'plan', j.payload->'plan', 'overlap', j.payload->'overlap',
			'from', j.payload->'from'))
		END AS payload
	FROM jobs j JOIN resources r ON r.id = j.resource
	WHERE j.id = $1 AND j.claim IS DISTINCT FROM $2
	FOR NO KEY UPDATE OF r
), queued AS (
	INSERT INTO jobs (kind, lane, resource, payload)
	SELECT 'verify', 'listener', resource, payload
	FROM lost
	WHERE NOT EXISTS (SELECT FROM jobs other
		WHERE other.resource = (SELECT resource FROM lost)
			AND other.finished_at IS NULL
			AND other.kind = 'verify' AND other.lease_until IS NULL
			AND other.payload->'kind' = lost.payload->'kind')
	RETURNING id, resource
)
INSERT INTO events (resource, event, actor, request_id, before, after)
SELECT resource, 'claim-lost', $3, $4, NULL, jsonb_build_object('job', lost.job,
	'kind', lost.kind, 'verification', queued.id)
FROM queued JOIN lost USING (resource)
RETURNING after->>'verification'
