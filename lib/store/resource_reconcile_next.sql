-- List provisioned resources of marketplace $1 and add-on $2, after the id $3.
-- A NULL parameter is ignored.  Returns up to $4 ids, in their order.
SELECT id
FROM resources
WHERE state = 'provisioned'
	AND ($1::text IS NULL OR marketplace = $1)
	AND ($2::text IS NULL OR addon = $2)
	AND id > coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
ORDER BY id
LIMIT $4::integer
