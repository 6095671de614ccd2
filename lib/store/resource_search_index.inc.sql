-- True if the index is there that finds any part of a name.  Without the module
-- pg_trgm, an index of another kind has its name.
EXISTS (SELECT
	FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		JOIN pg_am a ON a.oid = c.relam
	WHERE i.indexrelid = to_regclass('resources_search')
		AND i.indisvalid AND a.amname = 'gin')
