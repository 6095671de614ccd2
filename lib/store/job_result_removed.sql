-- Finish job $1, claimed under $2: the listener has cleaned up, so the config
-- vars are erased.  A resource that the marketplace does not know is abandoned.
-- Returns the resource's state; no row if the claim was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET config = NULL,
		log_input_url = CASE WHEN r.state <> 'deprovisioning'
			THEN r.log_input_url END,
		state = CASE r.state WHEN 'deprovisioning' THEN 'deprovisioned'
			WHEN 'provisioning' THEN 'abandoned' ELSE r.state END,
		version = version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id
		AND r.state IN ('deprovisioning', 'provisioning', 'refused')
	RETURNING r.id, r.state, finished.state AS old_state
), erased AS (
	DELETE FROM grants
	USING updated
	WHERE grants.resource = updated.id
		AND updated.old_state = 'deprovisioning'
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, state, $3, $4, NULL, NULL
	FROM updated
	WHERE state <> old_state
)
SELECT coalesce((SELECT state FROM updated), state) FROM finished
\ir job_result_repeat.inc.sql
