-- Create an imported resource (a tombstone if $18), its event and its grant.
-- Returns a row; none if one of its ids exists.
WITH created AS (
	INSERT INTO resources (id, marketplace, addon, marketplace_id, provider_id,
		request_digest, name, plan, region, options, owner, callback_url,
		log_drain_token, log_drain_url, config, message, plan_message, state,
		created_at, provisioned_at, deprovisioned_at)
	VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, $8, $9, $10, $11, $12,
		$13, $14, $15, $16, $17,
		CASE WHEN $18::boolean THEN 'deprovisioned' ELSE 'provisioned' END,
		coalesce(to_timestamp($19::float8), now()),
		coalesce(to_timestamp($19::float8), now()),
		CASE WHEN $18::boolean
			THEN coalesce(to_timestamp($20::float8), now()) END)
	ON CONFLICT DO NOTHING
	RETURNING id, state
), event AS (
	INSERT INTO events (resource, event, actor, after)
	SELECT id, 'imported', $21, jsonb_build_object('state', state,
		'plan', $8::text, 'region', $9::text, 'name', $7::text)
	FROM created
), new_grant AS (
	INSERT INTO grants (resource)
	SELECT id
	FROM created
	WHERE state = 'provisioned'
)
SELECT id
FROM created
