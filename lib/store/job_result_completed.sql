-- Finish job $1, claimed under $2: the marketplace knows that the resource
-- is provisioned.  Returns the resource's state; no row if the claim was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET state = 'provisioned', provisioned_at = now(),
		version = version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id AND r.state = 'provisioning'
	RETURNING r.id, r.state
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, state, $3, $4, NULL, NULL
	FROM updated
)
SELECT coalesce((SELECT state FROM updated), state) FROM finished
\ir job_result_repeat.inc.sql
