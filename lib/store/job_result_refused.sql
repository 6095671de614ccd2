-- Finish job $1, claimed under $2: the resource is refused with the message
-- $5, for the reason $7, which may be NULL.  If $6, a job cleans up.  If the resource
-- was promised, another job withdraws the promise, and config vars need no check.
-- Returns the resource's state; no row if the claim was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET state = 'refused', message = $5,
		version = version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id AND r.state = 'provisioning'
	RETURNING r.id, r.state, r.promised_at
), unneeded AS (
	UPDATE jobs j
	SET finished_at = now(), last_error = 'the resource is refused'
	WHERE j.resource = (SELECT id FROM updated) AND j.kind = 'check-config'
		AND j.finished_at IS NULL
), queued AS (
	INSERT INTO jobs (kind, lane, resource)
	SELECT 'deprovision', 'listener', id FROM updated
		WHERE $6::boolean
	UNION ALL
	SELECT 'withdraw', 'marketplace', id FROM updated
		WHERE promised_at IS NOT NULL
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, state, $3, $4, NULL, jsonb_strip_nulls(
		jsonb_build_object('message', $5::text, 'reason', $7::text))
	FROM updated
)
SELECT coalesce((SELECT state FROM updated), state) FROM finished
\ir job_result_repeat.inc.sql
