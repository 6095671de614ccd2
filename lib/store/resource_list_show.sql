-- Read the resource with our id $1.  Returns a JSON object and the sealed config
-- vars; no row if the resource does not exist.
SELECT json_build_object('id', id, 'marketplace', marketplace, 'addon', addon,
	'marketplace_id', marketplace_id, 'provider_id', provider_id,
	'name', name, 'state', state, 'plan', plan, 'region', region,
	'options', options, 'owner', owner, 'message', message,
	'plan_message', plan_message, 'callback_url', callback_url,
	'log_drain_token', log_drain_token, 'version', version,
	'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
	'promised_at', to_char(promised_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
	'provisioned_at', to_char(provisioned_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
	'updated_at', to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
	'deprovisioned_at', to_char(deprovisioned_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
	config
FROM resources
WHERE id = $1
