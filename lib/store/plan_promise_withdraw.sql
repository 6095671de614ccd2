-- Record that the marketplace has the plan of resource $1 again, and write an event.
WITH old AS (
	SELECT id, plan, marketplace_plan
	FROM resources
	WHERE id = $1 AND marketplace_plan IS NOT NULL
	FOR NO KEY UPDATE
), updated AS (
	UPDATE resources r
	SET marketplace_plan = NULL, version = version + 1, updated_at = now()
	FROM old
	WHERE r.id = old.id
)
INSERT INTO events (resource, event, actor, request_id, before, after)
SELECT id, 'plan-change-withdrawn', $2, $3,
	jsonb_build_object('plan', marketplace_plan), jsonb_build_object('plan', plan)
FROM old
