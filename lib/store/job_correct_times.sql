-- Correct the times of unfinished jobs that were set later than now: the clock was
-- set back since.  A job waits, and a lease lasts, as if its times had been set now;
-- otherwise until the clock has caught up.  So does the promise of its resource.
-- Returns the number of jobs, and by how many seconds the clock was set back, as far
-- as they show it.
--
-- The resource is locked before its jobs, as everywhere.  If it is locked already,
-- its jobs are left for the next time.
WITH early AS (
	SELECT j.id, j.resource, j.timed_at, j.timed_at - now() AS lead
	FROM jobs j JOIN resources r ON r.id = j.resource
	WHERE j.finished_at IS NULL AND j.timed_at > now() + interval '1 s'
	LIMIT 1000
	FOR NO KEY UPDATE OF r SKIP LOCKED
), corrected AS (
	UPDATE jobs j
	SET run_at = j.run_at - early.lead, lease_until = j.lease_until - early.lead,
		undo_at = j.undo_at - early.lead
	FROM early
	WHERE j.id = early.id AND j.timed_at IS NOT DISTINCT FROM early.timed_at
		AND j.finished_at IS NULL
	RETURNING early.lead
), promised AS (
	UPDATE resources r
	SET promised_at = now(),
		promise_expires_at = r.promise_expires_at - (r.promised_at - now())
	WHERE r.id IN (SELECT resource FROM early)
		AND r.state = 'provisioning' AND r.promised_at > now()
), kept AS (
	UPDATE resources r
	SET kept_until = r.kept_until - (r.deprovisioned_at - now()),
		deprovisioned_at = now()
	WHERE r.id IN (SELECT resource FROM early)
		AND r.state = 'kept' AND r.deprovisioned_at > now()
)
SELECT count(*), coalesce(extract(epoch FROM max(lead)), 0)::bigint
FROM corrected
