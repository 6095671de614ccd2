-- Release job $1, claimed under $2, for the reason $7.  It is due again in $5 ms
-- or, if that is NULL, when an operator retries it.  If $6, the lease stays.  $3
-- is the actor of the attempt, and $4 its request id.  Returns the resource's
-- state; no row if the claim was lost.
--
-- The clean-up of a resource that is gone waits for this job, so the delay is
-- then a second at most.  The job of a promised resource is due again before
-- the promise expires, unless the job is held (epoch.h).  The clean-up of a kept resource
-- is not due before its time is over, and a suspend of it does not delay that.  A suspend or resume that has failed is finished if the
-- opposite is to follow.  The resource is locked
-- before the job, as everywhere.
--
-- Not every attempt is stored: only the first ten, those up to the hundredth whose
-- reason differs from that of the previous attempt, and later ones whose number is a
-- power of two.
WITH locked AS (
	SELECT r.state, r.promise_expires_at, r.kept_until, j.last_error
	FROM jobs j JOIN resources r ON r.id = j.resource
	WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL
	FOR NO KEY UPDATE OF r
), released AS (
	UPDATE jobs j
	SET finished_at = CASE WHEN j.kind IN ('suspend', 'resume')
			AND EXISTS (SELECT FROM jobs later
				WHERE later.resource = j.resource AND later.finished_at IS NULL
					AND later.id > j.id AND later.kind IN ('suspend', 'resume'))
			THEN now() END,
		run_at = CASE
			WHEN $5::float8 IS NULL AND j.epoch <> database_epoch() THEN 'infinity'
			WHEN j.kind = 'suspend' AND locked.state = 'kept'
			THEN least(locked.kept_until,
				now() + $5::float8 * interval '1 ms')
			WHEN j.kind = 'deprovision' AND locked.state = 'kept'
			THEN greatest(locked.kept_until, coalesce(
				now() + $5::float8 * interval '1 ms', 'infinity'))
			WHEN j.kind NOT IN ('deprovision', 'verify')
				AND locked.state IN ('kept', 'deprovisioning', 'deprovisioned')
			THEN now() + least($5::float8, 1000) * interval '1 ms'
			WHEN j.kind IN ('provision', 'complete')
				AND locked.promise_expires_at > now()
			THEN least(locked.promise_expires_at,
				now() + $5::float8 * interval '1 ms')
			ELSE coalesce(now() + $5::float8 * interval '1 ms', 'infinity')
		END,
		lease_until = CASE WHEN $6::boolean THEN j.lease_until END,
		last_error = $7
	FROM locked
	WHERE j.id = $1 AND j.claim = $2 AND j.finished_at IS NULL
	RETURNING j.id, j.attempts, j.resource, j.kind, locked.state,
		j.run_at = 'infinity' AND j.epoch = database_epoch() AS gave_up,
		j.last_error IS DISTINCT FROM locked.last_error AS is_new
), attempt AS (
	INSERT INTO job_attempts (job, attempt, resource, kind, actor, request_id,
		gave_up, reason)
	SELECT id, attempts, resource, kind, $3, $4, gave_up, $7
	FROM released
	WHERE gave_up OR attempts <= 10 OR (is_new AND attempts <= 100)
		OR attempts & (attempts - 1) = 0
	ON CONFLICT DO NOTHING
)
SELECT state FROM released
