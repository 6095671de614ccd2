-- List the resources of resource_list_where.inc.sql, newest first, after the one
-- with the id $13 unless that is NULL.  Returns a JSON object for each of up to $14
-- resources.
SELECT json_build_object('id', r.id, 'marketplace', r.marketplace,
	'addon', r.addon, 'name', r.name, 'plan', r.plan, 'state', r.state,
	'created_at', iso8601(r.created_at), 'kept_until', iso8601(r.kept_until),
	'marketplace_id', r.marketplace_id, 'provider_id', r.provider_id)
FROM resources r
\ir resource_list_where.inc.sql
	AND ($13::uuid IS NULL OR (r.created_at, r.id) <
		(SELECT a.created_at, a.id FROM resources a WHERE a.id = $13))
ORDER BY r.created_at DESC, r.id DESC
LIMIT $14::integer
