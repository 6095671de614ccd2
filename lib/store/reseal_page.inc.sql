-- Select all sealed values of a page of up to $3 resources after the id $1 (if
-- $2, including it), each with the identity of its resource as JSON, the number of
-- its column in enum resource_secret, and the id of the key that sealed it.
WITH page AS MATERIALIZED (
	SELECT r.id, r.marketplace, r.addon, r.provider_id,
		coalesce(r.marketplace_id, r.former_marketplace_id) AS marketplace_id,
		r.config, r.log_input_url, r.log_drain_url,
		r.grant_code, r.access_token, r.refresh_token, r.previous_refresh_token,
		r.options, r.logplex_token
	FROM resources r
	WHERE r.id >= $1 AND (r.id > $1 OR $2::boolean)
	ORDER BY r.id
	LIMIT $3::integer
), sealed AS (
	SELECT id, json_build_object('id', id, 'marketplace', marketplace,
			'addon', addon, 'marketplace_id', marketplace_id,
			'provider_id', provider_id) AS identity,
		number, value, split_part(value, '.', 2) AS key
	FROM page, LATERAL (VALUES (0, config), (1, log_input_url),
		(2, log_drain_url), (3, grant_code), (4, access_token),
		(5, refresh_token), (6, previous_refresh_token),
		(7, options), (8, logplex_token)) columns (number, value)
	WHERE value IS NOT NULL
), last AS (
	SELECT id
	FROM page
	ORDER BY id DESC
	LIMIT 1
)
