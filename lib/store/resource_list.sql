-- List resources, newest first.  A NULL parameter is ignored: $1 to $4 are
-- columns, $5 is the age in seconds, $6 is one of the ids (also in $7 if it is
-- a UUID), and $8 is a text to search for.  Returns a JSON object for each of
-- up to $9 resources.
SELECT json_build_object('id', r.id, 'marketplace', r.marketplace,
	'addon', r.addon, 'name', r.name, 'plan', r.plan, 'state', r.state,
	'created_at', iso8601(r.created_at),
	'marketplace_id', r.marketplace_id, 'provider_id', r.provider_id)
FROM resources r
WHERE ($1::text IS NULL OR r.marketplace = $1)
	AND ($2::text IS NULL OR r.addon = $2)
	AND ($3::text IS NULL OR r.state = $3)
	AND ($4::text IS NULL OR r.plan = $4)
	AND ($5::float8 IS NULL
		OR r.created_at >= now() - make_interval(secs => $5))
	AND ($6::text IS NULL OR r.id = $7::uuid
		OR r.marketplace_id IN ($6, $7::text)
		OR r.provider_id IN ($6, $7::text))
	AND ($8::text IS NULL OR strpos(lower(concat_ws(E'\n',
		r.id, r.marketplace_id, r.provider_id, r.name, r.log_drain_token,
		(SELECT string_agg(o.value, E'\n')
			FROM jsonb_each_text(r.owner) o))), lower($8)) > 0)
ORDER BY r.created_at DESC, r.id
LIMIT $9::integer
