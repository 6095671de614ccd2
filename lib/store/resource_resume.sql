-- Provision the abandoned resource $1 again: queue and claim a job, and write an
-- event.  Returns the job's id; no row if the resource is not abandoned, or if its
-- listener is being called.
--
-- A verification that has not begun is finished: it would remove what the new job
-- creates, or repeat the same call.
WITH resumed AS (
	UPDATE resources
	SET state = 'provisioning', promised_at = NULL, promise_expires_at = NULL,
		version = version + 1, updated_at = now()
	WHERE id = $1 AND state = 'abandoned'
		AND NOT EXISTS (SELECT FROM jobs WHERE resource = $1
			AND finished_at IS NULL AND lane = 'listener' AND lease_until >= now())
	RETURNING id
), overtaken AS (
	UPDATE jobs
	SET finished_at = now(), claim = NULL, last_error = 'overtaken by a provision'
	WHERE resource = (SELECT id FROM resumed) AND kind = 'verify' AND finished_at IS NULL
		AND (lease_until IS NULL OR lease_until < now())
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
