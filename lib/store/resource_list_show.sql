-- Read the resource with our id $1.  Returns a JSON object and the sealed config
-- vars; no row if the resource does not exist.
SELECT json_build_object('id', id, 'marketplace', marketplace, 'addon', addon,
	'marketplace_id', marketplace_id, 'provider_id', provider_id,
	'name', name, 'state', state, 'plan', plan, 'region', region,
	'options', options, 'owner', owner, 'message', message,
	'plan_message', plan_message, 'callback_url', callback_url,
	'log_drain_token', log_drain_token, 'version', version,
	'created_at', iso8601(created_at),
	'promised_at', iso8601(promised_at),
	'provisioned_at', iso8601(provisioned_at),
	'updated_at', iso8601(updated_at),
	'deprovisioned_at', iso8601(deprovisioned_at)),
	config
FROM resources
WHERE id = $1
