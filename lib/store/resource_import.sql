-- Create an imported resource in the state $18 and its event.  A kept one gets the job
-- that cleans up, which is due at $22.  Returns a row; none if one of its ids exists.
WITH created AS (
	INSERT INTO resources (id, marketplace, addon, marketplace_id, provider_id,
		request_digest, name, plan, region, options, owner, callback_url,
		log_drain_token, log_drain_url, config, message, plan_message, state,
		created_at, provisioned_at, deprovisioned_at, grant_ended_at, kept_until,
		former_marketplace_id, moved_at)
	VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, $8, $9, $10, $11, $12,
		$13, $14, $15, $16, $17,
		$18::text,
		coalesce(to_timestamp($19::float8), now()),
		coalesce(to_timestamp($19::float8), now()),
		CASE WHEN $18::text IN ('kept', 'deprovisioned')
			THEN coalesce(to_timestamp($20::float8), now()) END,
		CASE WHEN $18::text IN ('kept', 'deprovisioned') THEN now() END,
		CASE WHEN $18::text = 'kept' THEN to_timestamp($22::float8) END,
		CASE WHEN $18::text = 'kept' THEN $23 END,
		CASE WHEN $18::text = 'moved' THEN now() END)
	ON CONFLICT DO NOTHING
	RETURNING id, state, kept_until
), queued AS (
	INSERT INTO jobs (kind, lane, resource, run_at)
	SELECT 'deprovision', 'listener', id, kept_until
	FROM created
	WHERE state = 'kept'
), event AS (
	INSERT INTO events (resource, event, actor, after)
	SELECT id, 'imported', $21, jsonb_build_object('state', state,
		'plan', $8::text, 'region', $9::text)
	FROM created
)
SELECT id
FROM created
