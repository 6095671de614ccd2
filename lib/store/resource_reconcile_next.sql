-- List provisioned resources, of marketplace $1 and add-on $2 unless NULL, after
-- the id $3.  Returns up to $4 ids, in their order.
SELECT id
FROM resources
WHERE state = 'provisioned'
	AND ($1::text IS NULL OR marketplace = $1)
	AND ($2::text IS NULL OR addon = $2)
	AND id > $3::uuid
ORDER BY id
LIMIT $4::integer
