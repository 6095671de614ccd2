-- Look for the index that finds any part of a name.  Returns one row: whether it is
-- there.  Without the module pg_trgm, an index of another kind has its name.
SELECT EXISTS (SELECT
	FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		JOIN pg_am a ON a.oid = c.relam
	WHERE i.indexrelid = to_regclass('resources_search')
		AND i.indisvalid AND a.amname = 'gin')
