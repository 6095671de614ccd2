-- Create a resource in state $22 with its event, its grant and its first jobs.
-- $26 is how long a promised resource may take.  Returns the id of its
-- provision job, or NULL; no row if one of its ids exists.
WITH created AS (
	INSERT INTO resources (id, marketplace, addon, marketplace_id, provider_id,
		request_digest, name, plan, region, options, owner, callback_url,
		log_input_url, log_drain_token, log_drain_url, config, message, state,
		provisioned_at, promised_at, promise_expires_at)
	VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, $8, $9, $10, $11, $12,
		$13, $14, $15, $16, $17, $22,
		CASE WHEN $22 = 'provisioned' THEN now() END,
		CASE WHEN $26::interval IS NOT NULL THEN now() END,
		now() + $26::interval)
	ON CONFLICT DO NOTHING
	RETURNING id, state
), event AS (
	INSERT INTO events (resource, event, actor, request_id, after)
	SELECT id, state, $18, $19, jsonb_build_object('plan', $8::text,
		'region', $9::text, 'name', $7::text)
	FROM created
), new_grant AS (
	INSERT INTO grants (resource, code, code_expires_at)
	SELECT id, $20, CASE WHEN $20::text IS NOT NULL
		THEN coalesce(to_timestamp($21::float8),
			now() + interval '5 minutes') END
	FROM created
), exchange AS (
	INSERT INTO jobs (kind, lane, resource)
	SELECT 'exchange', 'marketplace', id
	FROM created
	WHERE $27::boolean AND $20::text IS NOT NULL
), provision AS (
	INSERT INTO jobs (kind, lane, resource, attempts, claim, lease_until, run_at)
	SELECT 'provision', 'listener', id,
		CASE WHEN $23::uuid IS NULL THEN 0 ELSE 1 END, $23::uuid,
		now() + $24::float8 * interval '1 ms',
		now() + coalesce($25::float8, 0) * interval '1 ms'
	FROM created
	WHERE state = 'provisioning'
	RETURNING id
)
SELECT (SELECT id FROM provision)
FROM created
