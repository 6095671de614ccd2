-- List provisioned resources of marketplace $1 and add-on $2, after the id $3.
-- If $5, list those that are being provisioned, too.  A NULL parameter is
-- ignored.  Returns up to $4 ids, in their order, and when each resource was
-- created, in seconds since 1970.
SELECT id, extract(epoch FROM created_at)::bigint
FROM resources
WHERE (state IN ('provisioned', 'suspended') OR ($5::boolean AND state = 'provisioning'))
	AND ($1::text IS NULL OR marketplace = $1)
	AND ($2::text IS NULL OR addon = $2)
	AND id > coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
ORDER BY id
LIMIT $4::integer
