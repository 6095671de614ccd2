-- Look for the index $1 of the table $2.  Returns one row: whether the index
-- exists, whether it is complete, and about how many rows the table has.
SELECT to_regclass($1) IS NOT NULL,
	coalesce((SELECT indisvalid FROM pg_index
		WHERE indexrelid = to_regclass($1)), false),
	coalesce((SELECT reltuples::bigint FROM pg_class
		WHERE oid = to_regclass($2)), 0)
