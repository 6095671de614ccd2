-- Finish job $1, claimed under $2: the promised resource has been created, with
-- the config vars $5.  Another job completes it with a call to the marketplace.
-- If keeps is set for job $1, it is set for that job, too.
-- Returns the resource's state; no row if the claim was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET config = $5, message = $6, log_drain_url = $7,
		version = version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id AND r.state <> 'deprovisioned'
), queued AS (
	INSERT INTO jobs (kind, lane, resource, payload)
	SELECT 'complete', 'marketplace', id,
		(SELECT '{"keeps": true}'::jsonb FROM jobs
			WHERE jobs.id = $1 AND payload->>'keeps' = 'true')
	FROM finished
	WHERE state = 'provisioning'
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'created', $3, $4, NULL, NULL
	FROM finished
	WHERE state = 'provisioning'
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
