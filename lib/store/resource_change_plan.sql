-- Change the plan of resource $1, whose version is $2, to $3, and write an
-- event.  Returns a row; none if the resource has changed or is not provisioned.
WITH old AS (
	SELECT id, plan
	FROM resources
	WHERE id = $1 AND version = $2 AND state = 'provisioned'
	FOR NO KEY UPDATE
), updated AS (
	UPDATE resources r
	SET plan = $3, config = $4, plan_message = $5, log_drain_url = $6,
		version = r.version + 1, updated_at = now()
	FROM old
	WHERE r.id = old.id
	RETURNING r.id
), event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'plan-changed', $7, $8, jsonb_build_object('plan', plan),
		jsonb_build_object('plan', $3::text)
	FROM old
)
SELECT id
FROM updated
