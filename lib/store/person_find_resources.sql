-- List the resources of person_resources.inc.sql.  Returns a JSON object for each, whose
-- options are sealed.
SELECT json_build_object('kind', 'resource', 'id', r.id,
	'marketplace', r.marketplace, 'addon', r.addon,
	'marketplace_id', r.marketplace_id,
	'former_marketplace_id', r.former_marketplace_id,
	'provider_id', r.provider_id, 'state', r.state, 'plan', r.plan,
	'region', r.region, 'name', r.name, 'owner', r.owner, 'options', r.options,
	'message', r.message, 'plan_message', r.plan_message,
	'callback_url', r.callback_url, 'created_at', iso8601(r.created_at),
	'deprovisioned_at', iso8601(r.deprovisioned_at))
FROM resources r
WHERE
\ir person_resources.inc.sql
ORDER BY r.id
