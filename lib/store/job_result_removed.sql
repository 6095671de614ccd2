-- Finish job $1, claimed under $2: the listener has cleaned up, so the config
-- vars are erased; a deprovisioned resource loses more (0006_personal_data.sql).
-- A resource that the marketplace does not know is abandoned, and the event has
-- the reason of the last attempt.  Returns the resource's state; no row if the
-- claim was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET config = NULL,
		state = CASE r.state WHEN 'deprovisioning' THEN 'deprovisioned'
			WHEN 'provisioning' THEN 'abandoned' ELSE r.state END,
		version = version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id
		AND r.state IN ('deprovisioning', 'provisioning', 'refused')
	RETURNING r.id, r.state, finished.state AS old_state,
		finished.last_error
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, state, $3, $4, NULL,
		CASE WHEN state = 'abandoned' AND last_error IS NOT NULL
			THEN jsonb_build_object('reason', last_error) END
	FROM updated
	WHERE state <> old_state
)
SELECT coalesce((SELECT state FROM updated), state) FROM finished
\ir job_result_repeat.inc.sql
