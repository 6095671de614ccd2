-- Read the resource with our id $1.  Returns a JSON object, the sealed config vars
-- and the sealed options; no row if the resource does not exist.
SELECT json_build_object('id', id, 'marketplace', marketplace, 'addon', addon,
	'marketplace_id', marketplace_id, 'provider_id', provider_id,
	'former_marketplace_id', former_marketplace_id,
	'name', name, 'state', state, 'plan', r.plan,
	'changing_to', change.plan, 'changing_since', iso8601(change.promised_at),
	'marketplace_plan', marketplace_plan, 'region', region,
	'owner', owner, 'message', message,
	'plan_message', plan_message, 'callback_url', callback_url,
	'log_drain_token', log_drain_token, 'version', version,
	'created_at', iso8601(created_at),
	'promised_at', iso8601(r.promised_at),
	'provisioned_at', iso8601(provisioned_at),
	'updated_at', iso8601(updated_at),
	'deprovisioned_at', iso8601(deprovisioned_at),
	'kept_until', iso8601(kept_until),
	'moved_to', moved_to, 'moved_at', iso8601(moved_at)),
	config, options
FROM resources r LEFT JOIN LATERAL (
	SELECT payload->>'plan' AS plan, promised_at
	FROM jobs
	WHERE resource = r.id AND finished_at IS NULL AND
\ir promised_plan_change.inc.sql
	LIMIT 1
) change ON true
WHERE id = $1
