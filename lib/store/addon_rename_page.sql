-- List up to $4 resources of add-on $2 at marketplace $1 after the id $3 that have
-- no running job.  Returns the id of each, its identity as JSON
-- (resource_identity.h), and an object with its sealed values by column.
SELECT r.id,
	json_build_object('id', r.id, 'marketplace', r.marketplace, 'addon', r.addon,
		'marketplace_id', r.marketplace_id,
		'former_marketplace_id', r.former_marketplace_id,
		'provider_id', r.provider_id),
	jsonb_strip_nulls(jsonb_build_object('config', r.config,
		'log_input_url', r.log_input_url, 'log_drain_url', r.log_drain_url,
		'grant_code', r.grant_code, 'access_token', r.access_token,
		'refresh_token', r.refresh_token,
		'previous_refresh_token', r.previous_refresh_token,
		'options', r.options, 'logplex_token', r.logplex_token))
FROM resources r
WHERE r.marketplace = $1 AND r.addon = $2 AND r.id > $3
	AND NOT EXISTS (SELECT FROM jobs
		WHERE resource = r.id AND finished_at IS NULL AND lease_until >= now())
ORDER BY r.id
LIMIT $4::integer
