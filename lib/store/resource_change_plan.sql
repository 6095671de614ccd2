-- Change the plan of resource $1, whose version is $2, to $3, and write an event.
-- The marketplace has this plan, too.  Returns a row; none if the resource has
-- changed or is not provisioned.
WITH updated AS (
	UPDATE resources
	SET plan = $3, marketplace_plan = NULL, config = $4, plan_message = $5, log_drain_url = $6,
		version = version + 1, updated_at = now()
	WHERE id = $1 AND version = $2 AND state IN ('provisioned', 'suspended')
	RETURNING id
)
INSERT INTO events (resource, event, actor, request_id, before, after)
SELECT id, 'plan-changed', $7, $8, $9::jsonb, $10::jsonb
FROM updated
RETURNING NULL
