-- The indexes of `provisor resources find`.

-- PostgreSQL's module pg_trgm finds a part of a text by an index.  Without it, only
-- the beginning of a text is found.  The owner of the database may create it, unless
-- the server does not have it or does not trust it.  It can be installed later.
DO $$
BEGIN
	IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
		CREATE EXTENSION IF NOT EXISTS pg_trgm;
	END IF;
EXCEPTION WHEN insufficient_privilege OR feature_not_supported
		OR undefined_file THEN
	RAISE NOTICE 'pg_trgm cannot be created: %', SQLERRM;
END
$$;

-- The pending list of a GIN index is merged into the index by the request that
-- fills it, so it is kept short.
SELECT 'resources_search', 'resources', CASE
	WHEN EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')
		THEN 'USING gin (search_text(name, owner) gin_trgm_ops)'
			' WITH (gin_pending_list_limit = 1024)'
	ELSE '(search_text(name, owner) text_pattern_ops)'
END
UNION ALL
SELECT 'resources_log_drain_token', 'resources',
	'(log_drain_token text_pattern_ops) WHERE log_drain_token IS NOT NULL'
