-- Look for the index $1 of the table $2, which is defined by $3.  Returns one row:
-- whether the index exists, whether it is complete, whether it is of the kind that $3
-- names, and about how many rows the table has.
SELECT to_regclass($1) IS NOT NULL,
	coalesce((SELECT indisvalid FROM pg_index
		WHERE indexrelid = to_regclass($1)), false),
	coalesce((SELECT a.amname = coalesce(substring($3 from '^USING (\w+)'), 'btree')
		FROM pg_class c JOIN pg_am a ON a.oid = c.relam
		WHERE c.oid = to_regclass($1)), false),
	coalesce((SELECT reltuples::bigint FROM pg_class
		WHERE oid = to_regclass($2)), 0)
