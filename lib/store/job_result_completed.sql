-- Finish job $1, claimed under $2: the marketplace knows that the resource
-- is provisioned.  If $5 is not NULL, a job writes this line into the log of the
-- customer's app.  Returns the resource's state; no row if the claim was lost.
\ir job_result_finish.inc.sql
updated AS (
	UPDATE resources r
	SET state = 'provisioned', provisioned_at = now(),
		version = version + 1, updated_at = now()
	FROM finished
	WHERE r.id = finished.id AND r.state = 'provisioning'
	RETURNING r.id, r.state
), logged AS (
	INSERT INTO jobs (kind, lane, resource, payload)
	SELECT 'write-log', 'marketplace', id, jsonb_build_object('line', $5::text)
	FROM finished
	WHERE $5::text IS NOT NULL AND state IN ('provisioning', 'provisioned', 'suspended')
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, state, $3, $4, NULL, NULL
	FROM updated
)
SELECT coalesce((SELECT state FROM updated), state) FROM finished
\ir job_result_repeat.inc.sql
