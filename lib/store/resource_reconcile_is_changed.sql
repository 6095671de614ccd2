-- Return a row if resource $1 was changed at $2 or later, in seconds since 1970.
SELECT id
FROM resources
WHERE id = $1 AND updated_at >= to_timestamp($2::float8)
