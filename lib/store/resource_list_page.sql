-- List resources for an export, in the order of their ids, after the id $6.  A
-- NULL parameter is ignored: $1 to $4 are columns, $5 is the age in
-- seconds.  Returns for each of up to $8 resources a JSON object and the id; if $7,
-- the object has the id and the sealed values, too.  A resource that is being moved
-- is listed as provisioned.
SELECT json_build_object('id', CASE WHEN $7::boolean THEN id END,
	'marketplace', marketplace, 'addon', addon,
	'marketplace_id', marketplace_id, 'provider_id', provider_id,
	'former_marketplace_id', former_marketplace_id,
	'state', CASE WHEN state = 'moved' AND moved_at IS NULL THEN 'provisioned'
		ELSE state END, 'plan', plan, 'region', region, 'name', name,
	'owner', owner,
	'request_digest', encode(request_digest, 'hex'),
	'message', message, 'plan_message', plan_message,
	'callback_url', callback_url, 'log_drain_token', log_drain_token,
	'log_drain_url', CASE WHEN $7 THEN log_drain_url END,
	'options', CASE WHEN $7 THEN options END,
	'config', CASE WHEN $7 THEN config END,
	'created_at', iso8601(created_at),
	'deprovisioned_at', iso8601(deprovisioned_at),
	'kept_until', iso8601(kept_until)),
	id
FROM resources
WHERE state IN ('provisioned', 'suspended', 'kept', 'moved',
		'deprovisioned')
	AND ($1::text IS NULL OR marketplace = $1)
	AND ($2::text IS NULL OR addon = $2)
	AND ($3::text IS NULL OR state = $3)
	AND ($4::text IS NULL OR plan = $4)
	AND ($5::float8 IS NULL
		OR created_at >= now() - make_interval(secs => $5))
	AND ($6::uuid IS NULL OR id > $6)
ORDER BY id
LIMIT $8::integer
