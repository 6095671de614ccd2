-- Release job $1, claimed under $2.  It is due again in $3 ms or, if that is
-- NULL, when an operator retries it.  If $4, the lease stays.
--
-- The clean-up of a resource that is gone waits for this job, so the delay is
-- then a second at most.  The job of a promised resource is due again before
-- the promise expires.  The resource is locked before the job, as everywhere.
WITH locked AS (
	SELECT r.state, r.promise_expires_at
	FROM jobs j JOIN resources r ON r.id = j.resource
	WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL
	FOR NO KEY UPDATE OF r
)
UPDATE jobs j
SET run_at = CASE
		WHEN j.kind <> 'deprovision'
			AND locked.state IN ('deprovisioning', 'deprovisioned')
		THEN now() + least($3::float8, 1000) * interval '1 ms'
		WHEN j.kind IN ('provision', 'complete')
			AND locked.promise_expires_at > now()
		THEN least(locked.promise_expires_at,
			now() + $3::float8 * interval '1 ms')
		ELSE coalesce(now() + $3::float8 * interval '1 ms', 'infinity')
	END,
	lease_until = CASE WHEN $4::boolean THEN j.lease_until END,
	last_error = $5
FROM locked
WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL
