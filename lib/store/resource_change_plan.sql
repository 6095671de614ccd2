-- Change the plan of resource $1, whose version is $2, to $3, and write an event.
-- The marketplace has this plan, too.  If $11 is not NULL, a job writes this line into
-- the log of the customer's app.  Returns a row; none if the resource has changed or is
-- not provisioned.
WITH updated AS (
	UPDATE resources
	SET plan = $3, marketplace_plan = NULL, config = $4, plan_message = $5, log_drain_url = $6,
		version = version + 1, updated_at = now()
	WHERE id = $1 AND version = $2 AND state IN ('provisioned', 'suspended')
	RETURNING id
), logged AS (
	INSERT INTO jobs (kind, lane, resource, payload)
	SELECT 'write-log', 'marketplace', id, jsonb_build_object('line', $11::text)
	FROM updated
	WHERE $11::text IS NOT NULL
)
INSERT INTO events (resource, event, actor, request_id, before, after)
SELECT id, 'plan-changed', $7, $8, $9::jsonb, $10::jsonb
FROM updated
RETURNING NULL
