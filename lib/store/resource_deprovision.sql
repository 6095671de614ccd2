-- Deprovision resource $1 and write an event.  If $5, a job cleans up before
-- config vars and grant are erased.  If $4, the marketplace's id may be used
-- again.  Returns a row; none if the resource is gone already.
--
-- Other jobs of the resource are finished.  A leased one becomes due when its
-- lease is over, so that the clean-up need not wait longer.  If the statement
-- runs again after its reply was lost, it finds its own event.
WITH old AS (
	SELECT id, plan, state
	FROM resources
	WHERE id = $1 AND state NOT IN ('deprovisioning', 'deprovisioned')
	FOR NO KEY UPDATE
), updated AS (
	UPDATE resources r
	SET state = CASE WHEN $5::boolean THEN 'deprovisioning'
			ELSE 'deprovisioned' END,
		marketplace_id = CASE WHEN NOT $4::boolean THEN r.marketplace_id END,
		config = CASE WHEN $5::boolean THEN r.config END,
		log_input_url = CASE WHEN $5::boolean THEN r.log_input_url END,
		callback_url = NULL, log_drain_token = NULL, log_drain_url = NULL,
		message = NULL, plan_message = NULL,
		version = r.version + 1, updated_at = now(), deprovisioned_at = now()
	FROM old
	WHERE r.id = old.id
	RETURNING r.id, r.state
), overtaken AS (
	UPDATE jobs
	SET finished_at = CASE WHEN lease_until >= now() THEN NULL ELSE now() END,
		claim = CASE WHEN lease_until >= now() THEN claim END,
		run_at = now(), last_error = 'overtaken by a deprovision'
	FROM old
	WHERE resource = old.id AND finished_at IS NULL
), queued AS (
	INSERT INTO jobs (kind, lane, resource)
	SELECT 'deprovision', 'listener', id
	FROM old
	WHERE $5::boolean
), erased AS (
	DELETE FROM grants
	USING old
	WHERE grants.resource = old.id AND NOT $5::boolean
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before)
	SELECT old.id, updated.state, $2, $3,
		jsonb_build_object('plan', old.plan, 'state', old.state)
	FROM old JOIN updated USING (id)
)
SELECT id
FROM updated
UNION ALL
SELECT resource
FROM events
WHERE resource = $1 AND event IN ('deprovisioning', 'deprovisioned')
	AND request_id = $3
