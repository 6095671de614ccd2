-- Create a resource with its grant.  The statement that includes this continues with
-- the values of state, provisioned_at, promised_at and promise_expires_at.
WITH created AS (
	INSERT INTO resources (id, marketplace, addon, marketplace_id, provider_id,
		request_digest, name, plan, region, options, owner, callback_url,
		log_input_url, logplex_token, log_drain_token, log_drain_url, config, message,
		grant_code, grant_code_expires_at,
		state, provisioned_at, promised_at, promise_expires_at)
	VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, $8, $9, $10, $11, $12,
		$13, $14, $15, $16, $17, $18, $19,
		CASE WHEN $19::text IS NOT NULL THEN coalesce(
			to_timestamp($20::float8), now() + interval '5 minutes') END,
