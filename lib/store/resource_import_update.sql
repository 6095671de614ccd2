-- Update resource $1, whose version is $2, with those of the values $3 to $14
-- that are not NULL, and write an event.  Returns a row; none if the resource
-- has changed or is not provisioned.
WITH old AS (
	SELECT id, plan, region
	FROM resources
	WHERE id = $1 AND version = $2 AND state IN ('provisioned', 'suspended')
	FOR NO KEY UPDATE
), updated AS (
	UPDATE resources r
	SET request_digest = coalesce(decode($3, 'hex'), r.request_digest),
		name = coalesce($4, r.name),
		plan = coalesce($5, r.plan),
		marketplace_plan = CASE WHEN $5 IS NULL THEN r.marketplace_plan END,
		region = coalesce($6, r.region),
		options = coalesce($7, r.options),
		owner = coalesce($8::jsonb, r.owner),
		callback_url = coalesce($9, r.callback_url),
		log_drain_token = coalesce($10, r.log_drain_token),
		log_drain_url = coalesce($11, r.log_drain_url),
		config = coalesce($12, r.config),
		message = coalesce($13, r.message),
		plan_message = coalesce($14, r.plan_message),
		version = r.version + 1, updated_at = now()
	FROM old
	WHERE r.id = old.id
	RETURNING r.id, r.plan, r.region
), event AS (
	INSERT INTO events (resource, event, actor, before, after)
	SELECT old.id, 'imported', $15,
		jsonb_build_object('plan', old.plan, 'region', old.region),
		jsonb_build_object('plan', updated.plan, 'region', updated.region)
	FROM old JOIN updated USING (id)
)
SELECT id
FROM updated
