-- The indexes of `provisor resources find`.

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
