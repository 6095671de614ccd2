-- List resources for an export, in the order of their ids, after the id $6.  A
-- NULL parameter is ignored: $1 to $4 are columns, $5 is the age in
-- seconds.  Returns a JSON object for each of up to $7 resources, with its
-- sealed values.
SELECT json_build_object('id', id, 'marketplace', marketplace, 'addon', addon,
	'marketplace_id', marketplace_id, 'provider_id', provider_id,
	'state', state, 'plan', plan, 'region', region, 'name', name,
	'options', options, 'owner', owner,
	'request_digest', encode(request_digest, 'hex'),
	'message', message, 'plan_message', plan_message,
	'callback_url', callback_url, 'log_drain_token', log_drain_token,
	'log_drain_url', log_drain_url, 'config', config,
	'created_at', iso8601(created_at),
	'deprovisioned_at', iso8601(deprovisioned_at))
FROM resources
WHERE state IN ('provisioned', 'deprovisioned')
	AND ($1::text IS NULL OR marketplace = $1)
	AND ($2::text IS NULL OR addon = $2)
	AND ($3::text IS NULL OR state = $3)
	AND ($4::text IS NULL OR plan = $4)
	AND ($5::float8 IS NULL
		OR created_at >= now() - make_interval(secs => $5))
	AND ($6::uuid IS NULL OR id > $6)
ORDER BY id
LIMIT $7::integer
