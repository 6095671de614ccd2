-- Provision the abandoned resource $1 again: queue and claim a job, and write an
-- event.  Returns the job's id; no row if the resource is not abandoned.
WITH resumed AS (
	UPDATE resources
	SET state = 'provisioning', promised_at = NULL, promise_expires_at = NULL,
		version = version + 1, updated_at = now()
	WHERE id = $1 AND state = 'abandoned'
	RETURNING id
), event AS (
	INSERT INTO events (resource, event, actor, request_id)
	SELECT id, 'provisioning', $2, $3
	FROM resumed
)
INSERT INTO jobs (kind, lane, resource, attempts, claim, lease_until, run_at)
SELECT 'provision', 'listener', id, 1, $4,
	now() + $5::float8 * interval '1 ms',
	now() + $6::float8 * interval '1 ms'
FROM resumed
RETURNING id
